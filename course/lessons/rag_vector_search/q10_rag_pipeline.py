# %% [markdown]
r"""
## Q10. What are the steps of RAG?

*Easy · 150 minutes · needs cosine similarity; questions 9, 11 and 12 explain the parts*
"""

# %% [markdown]
r"""
### Say it

> Retrieval-augmented generation finds text that bears on a question and puts it into the prompt. Offline:
> load the documents, cut them into chunks, embed the chunks, store vectors, text and source. For each
> question: embed it, retrieve the nearest chunks, perhaps rerank them, build a prompt that numbers them
> and allows "I do not know", let the model answer, and map its citations back to documents. Every step can fail
> by itself, so I measure each: was it found, was it in the prompt, was it read, was it cited. RAG gives a
> model what its weights do not have. It does not stop it from misreading, and whatever it retrieves,
> an outdated page too, it tends to believe.
"""

# %% [markdown]
r"""
### See it

**A library, and questions to it.** The documents speak of a world that no model here has read: its names stand in no
training text. For each person, town, ship there are an article, a short note in other words and a
register's entry.
"""

# %% tags=["demo"]
import random
import re

from course import lab, world
from course.world.documents import library
from course.world.questions import fact_question

strange = world.make_world(12, pool="heldout", scale=0.2)
shelf = library(strange)
changed = {(history[0].subject, history[0].relation) for history in strange.revised()}
steady = [f for f in strange.facts() if (f.subject, f.relation) not in changed]
rng = random.Random(1)
asked = [fact_question(fact, rng) for fact in rng.sample(steady, 24)]
print(len(shelf), "documents, for example")
for document in shelf[:3]:
    print(f"  {document.id}, {document.title}: {document.text}")
print(len(asked), "questions, for example\n ", asked[0].text, "->", asked[0].value)

# %% [markdown]
r"""
**Closed-book first.** Without this number nobody knows what retrieval brings. The lab's chat model gets the bare
question; the same for two dozen questions about the *home* world, which it learned by heart.
"""


# %% tags=["demo"]
def outcome(question, answer: str) -> str:
    """Whether an answer is right, wrong, or says that it is not known."""
    if "not known" in answer or "not stated" in answer:
        return "refused"
    plain = re.sub(r" \[\d+\]", "", answer).lower()
    said = question.value.lower() in plain and question.facts[0].subject.lower() in plain
    return "right" if said else "wrong"


def count(questions, answers: list[str]) -> str:
    found = [outcome(q, a) for q, a in zip(questions, answers, strict=True)]
    return "   ".join(f"{name} {found.count(name):2}" for name in ("right", "wrong", "refused"))


home = world.make_world()
known = [fact_question(f, rng) for f in rng.sample([f for f in home.facts() if world.asked(f)], 24)]
closed = [lab.chat(q.text, max_new_tokens=40) for q in asked]
print("closed-book, home world:    ", count(known, [lab.chat(q.text) for q in known]))
print("closed-book, this library:  ", count(asked, closed))
print("\n", asked[0].text, "\n ", closed[0])

# %% [markdown]
r"""
What it learned it knows; of this world it knows nothing, and says so (it was trained to; many models would
make something up). Now the pipeline, step by step, with nothing but NumPy.

**1. Load and chunk.** A chunk is what is embedded, found, and put into the prompt. Here: one sentence, with the id
of the document it comes from. Lose the id now, and no answer can be cited later.
"""

# %% tags=["demo"]
chunks = [(d.id, f"{sentence}.") for d in shelf for sentence in d.sentences]
print(len(chunks), "chunks")
for chunk_ in chunks[:3]:
    print(" ", chunk_)

# %% [markdown]
r"""
**2. Embed and store.** A vector database of a thousand rows is a matrix. (Question 9 is about the day on which that no
longer does.)
"""

# %% tags=["demo"]
vectors = lab.embed([text for _, text in chunks])
print("vectors", vectors.shape, vectors.dtype, f"{vectors.nbytes / 1e6:.1f} MB")

# %% [markdown]
r"""
**3. Retrieve.** Embed the question with the *same* model, take the chunks with the largest dot products (the vectors have
unit length, so these are cosines).
"""


# %% tags=["demo"]
def retrieve(question: str, k: int = 5) -> list[tuple[str, float, str]]:
    """The k nearest chunks: (document id, cosine, text), best first."""
    scores = vectors @ lab.embed([question])[0]
    best = np.argsort(-scores, kind="stable")[:k]
    return [(chunks[i][0], float(scores[i]), chunks[i][1]) for i in best]


for doc_id, score, text in retrieve(asked[0].text):
    print(f"{score:.2f}  {doc_id}  {text}")

# %% [markdown]
r"""
**4. Build the prompt.** Each chunk gets a number; the number, not the id, is what the model will cite. The lab's
model was trained on this layout, with the number on every sentence, and on saying "not stated in the documents"; other
models have to be told in words what to do when nothing fits.
"""


# %% tags=["demo"]
def prompt_for(question: str, hits: list[tuple[str, float, str]]) -> str:
    lines = [f"Document {n}: {text[:-1]} [{n}]." for n, (_, _, text) in enumerate(hits, 1)]
    return "\n".join([*lines, f"Question: {question}"])


print(prompt_for(asked[0].text, retrieve(asked[0].text)))


# %% [markdown]
r"""
**5. Answer, and map the citations back.** `[2]` means nothing outside this prompt. What the user needs is the
document's id.
"""


# %% tags=["demo"]
def ask_library(question: str, k: int = 5) -> tuple[str, list[str], list[tuple[str, float, str]]]:
    """The model's answer, the ids it cites, and what was retrieved."""
    hits = retrieve(question, k)
    answer = lab.chat(prompt_for(question, hits), max_new_tokens=40)
    numbers = [int(n) for n in re.findall(r"\[(\d+)\]", answer)]
    return answer, [hits[n - 1][0] for n in numbers if 1 <= n <= len(hits)], hits


answer, cited, _ = ask_library(asked[0].text)
print(asked[0].text, "\n ", answer, "\n  sources:", cited)

# %% [markdown]
r"""
**6. Measure each link.** For all questions: did a retrieved chunk state the answer? Was the answer right? Does the
document that it cites state it? The world is known, so these are counts and not opinions.
"""

# %% tags=["demo"]
states = {(d.id, f"{s}."): f for d in shelf for s, f in zip(d.sentences, d.facts, strict=True)}
stating = {}
for (doc_id, _), fact in states.items():
    stating.setdefault(fact, set()).add(doc_id)
rows = []
for q in asked:
    answer, cited, hits = ask_library(q.text)
    found = any(states[doc_id, text] == q.facts[0] for doc_id, _, text in hits)
    sound = bool(cited) and all(c in stating.get(q.facts[0], ()) for c in cited)
    rows.append((q, answer, found, outcome(q, answer), sound))
print("closed-book:", count(asked, closed))
print("with RAG:   ", count(asked, [answer for _, answer, *_ in rows]))
print(f"found in the first five: {sum(found for _, _, found, _, _ in rows)} of {len(rows)}")
print(f"right answers with a right citation: {sum(r == 'right' and s for *_, r, s in rows)}")
for q, answer, found, result, _ in rows:
    if result != "right":
        print(f"\n{result}, {'found' if found else 'not found'}: {q.text} -> {q.value}\n  {answer}")

# %% [markdown]
r"""
Retrieval turned refusals into answers, and brought a few that are wrong, which the model alone did not give. They are
worth reading one by one, since each says which link broke. *Not found* is the retriever's fault, and no better model will
help. *Found* and not right is the reader's: this one was trained on two thirds of the world's wordings, refuses what it
cannot read, or takes the value of somebody with a similar name.

#### The same with LangChain and Qdrant

The names of these packages have moved more than once; these are current in November 2026 (`langchain-core` 1.7,
`langchain-text-splitters` 1.1, `langchain-qdrant` 1.1). Two adapters make the lab's models look like anybody's: an
embedding has two methods, a chat model one.
"""

# %% tags=["demo"]
try:
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings
    from langchain_core.language_models.chat_models import SimpleChatModel
    from langchain_core.output_parsers import StrOutputParser
    from langchain_core.prompts import ChatPromptTemplate
    from langchain_core.runnables import RunnablePassthrough
    from langchain_qdrant import QdrantVectorStore
    from langchain_text_splitters import RecursiveCharacterTextSplitter
except ImportError:
    QdrantVectorStore = None
    print("This demo needs: pip install langchain langchain-text-splitters langchain-qdrant")
else:

    class LabEmbeddings(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return lab.embed(texts).tolist()

        def embed_query(self, text: str) -> list[float]:
            return lab.embed([text])[0].tolist()

    class LabChat(SimpleChatModel):
        @property
        def _llm_type(self) -> str:
            return "lab"

        def _call(self, messages, stop=None, run_manager=None, **kwargs) -> str:
            return lab.chat(messages[-1].content, max_new_tokens=40)


# %% [markdown]
r"""
Split, embed, store; then a chain of retriever, prompt, model and parser, joined with `|`. To keep it short the store
gets the documents that the first eight questions need, and as many others.
"""

# %% tags=["demo"]
if QdrantVectorStore is not None:
    needed = [d for d in shelf if any(d.id in stating[q.facts[0]] for q in asked[:8])]
    some = {d.id: d for d in [*needed, *shelf[: len(needed)]]}.values()
    splitter = RecursiveCharacterTextSplitter(
        chunk_size=60, chunk_overlap=0, separators=[". "], keep_separator="end"
    )
    pieces = splitter.split_documents([Document(d.text, metadata={"id": d.id}) for d in some])
    store = QdrantVectorStore.from_documents(
        pieces, LabEmbeddings(), location=":memory:", collection_name="library"
    )
    retriever = store.as_retriever(search_kwargs={"k": 5})
    print(len(some), "documents,", len(pieces), "chunks; the first:", pieces[0].page_content)
    print("metadata of a hit:", sorted(retriever.invoke(asked[0].text)[0].metadata))

# %% tags=["demo"]
if QdrantVectorStore is not None:

    def numbered(hits: list[Document]) -> str:
        texts = [hit.page_content.rstrip(".") for hit in hits]
        return "\n".join(f"Document {n}: {text} [{n}]." for n, text in enumerate(texts, 1))

    template = ChatPromptTemplate.from_messages([("human", "{documents}\nQuestion: {question}")])
    chain = (
        {"documents": retriever | numbered, "question": RunnablePassthrough()}
        | template
        | LabChat()
        | StrOutputParser()
    )
    by_chain = [chain.invoke(q.text) for q in asked[:8]]
    print("LangChain, first eight:  ", count(asked[:8], by_chain))
    print("own parts, first eight:  ", count(asked[:8], [answer for _, answer, *_ in rows[:8]]))
    print(asked[0].text, "->", by_chain[0])

# %% [markdown]
r"""
Same steps, same kind of result (the stores differ in size and the splitter cuts a little differently, so single answers
may differ). What a framework gives is adapters to many stores and models. What it does not give: the chain
returns a string, and the ids are gone. To cite, keep the hits beside the answer, as `ask_library` does.

#### What the chunk size does

Chunks of so many characters, cut wherever they end, at an equal budget of 200 characters in the prompt. Counted are
questions for which a *whole* sentence with the answer lies in what was retrieved. Cover the table and guess which size
wins.
"""


# %% tags=["demo"]
def recall_at_budget(pieces: list[str], k: int) -> int:
    """For how many questions the k nearest pieces hold a whole sentence with the answer."""
    nearest = np.argsort(-(queries @ lab.embed(pieces).T), axis=1)[:, :k]
    answers = [[t for (_, t), f in states.items() if f == q.facts[0]] for q in asked]
    shown = [[pieces[i] for i in row] for row in nearest]
    pairs = zip(answers, shown, strict=True)
    return sum(any(t in p for t in texts for p in row) for texts, row in pairs)


part = [d for d in shelf if any(d.id in stating[q.facts[0]] for q in asked)]
part = list({d.id: d for d in [*part, *shelf[:60]]}.values())
queries = lab.embed([q.text for q in asked])
print("size       chunks  in the prompt  answer there, of", len(asked))
for size in (25, 50, 100, 200):
    cut = [d.text[i : i + size] for d in part for i in range(0, len(d.text), size)]
    print(f"{size:4} {len(cut):12} {200 // size:14} {recall_at_budget(cut, 200 // size):14}")
whole = [f"{s}." for d in part for s in d.sentences]
k = 200 // max(map(len, whole))  # so many of the longest sentence fit
print(f"sentences {len(whole):7} {k:14} {recall_at_budget(whole, k):14}")

# %% [markdown]
r"""
Small chunks cut sentences in two, and half a sentence answers nothing. Large ones keep more of them whole, but few fit
into the prompt, and one vector has to stand for everything in them. Cutting where the text itself has a
border avoids both. It is that easy here because each sentence of this library names its subject. Sentences in real text lean on
their neighbours ("It was founded in 249": what was?); overlap, titles in front of chunks, and chunks of whole paragraphs are for
that.

#### When nothing is there

Two kinds of questions without an answer: about names close to real ones that nobody bears, and about what the
library leaves out (for that, the chunks that state the answer are taken away). Does the score of the best chunk
tell?
"""

# %% tags=["demo"]
from course import figures
from course.world.questions import near_miss_question

near = [near_miss_question(strange, random.Random(i), "train", tested=True) for i in range(24)]
newly = [
    fact_question(q.facts[0], rng, "heldout") for q in asked
]  # in wordings of no training text
other = [fact_question(f, rng) for f in rng.sample(home.facts(), 24)]  # the home world: not in here
cosines = queries @ vectors.T
answering = np.array([[states[c] == q.facts[0] for c in chunks] for q in asked])
best = {
    "answer is there": cosines.max(axis=1),
    "there, new wording": (lab.embed([q.text for q in newly]) @ vectors.T).max(axis=1),
    "answer taken away": np.where(answering, -1, cosines).max(axis=1),
    "name nearly known": (lab.embed([q.text for q in near]) @ vectors.T).max(axis=1),
    "another world": (lab.embed([q.text for q in other]) @ vectors.T).max(axis=1),
}
fig, ax = figures.subplots(size=(6.4, 2.8))
for place, scores in enumerate(best.values()):
    ax.plot(scores, [place] * len(scores), "oDsv^"[place], alpha=0.6)
ax.set_yticks(range(5), list(best))
ax.set(xlabel="cosine of the best chunk", ylim=(4.5, -0.5))
figures.show(
    fig,
    "Five rows of dots, the cosine of the best chunk for each question; lowest, median and highest: "
    + "; ".join(
        f"{name} {s.min():.2f}, {np.median(s):.2f}, {s.max():.2f}" for name, s in best.items()
    )
    + ".",
)
for asked_as in ("answer is there", "there, new wording"):
    least = float(best[asked_as].min())
    passing = ", ".join(f"{name} {(scores >= least).sum()}" for name, scores in best.items())
    print(f"lowest of '{asked_as}' is {least:.2f}; of 24 so many reach it: {passing}")


# %% tags=["demo"]
def five_at_random() -> list[tuple[str, float, str]]:
    return [(chunks[i][0], 0.0, chunks[i][1]) for i in rng.sample(range(len(chunks)), 5)]


def refused(answers: list[str]) -> int:
    return sum("not stated" in a or "not known" in a for a in answers)


bare = [lab.chat(q.text, max_new_tokens=40) for q in near[:16]]
by_chance = [lab.chat(prompt_for(q.text, five_at_random())) for q in near[:16]]
with_hits = [lab.chat(prompt_for(q.text, retrieve(q.text))) for q in near[:16]]
print("names nearly known, refused by the model, of", len(bare))
print("  closed-book:          ", refused(bare))
print("  five chunks at random:", refused(by_chance))
print("  the five best chunks: ", refused(with_hits))
i = next((i for i, a in enumerate(with_hits) if "not stated" not in a), 0)
print("\n", near[i].text, "\n ", retrieve(near[i].text, 1)[0][2], "\n ", with_hits[i])

# %% [markdown]
r"""
A top-k search always finds k chunks. With questions in wordings that the embedder knows, a threshold sorts well here: little
that has no answer reaches the lowest score of what has one. But that threshold was read off the answers, which nobody has
beforehand; and the second line of the print shows what happens to it when people ask in words of their own. A
threshold low enough for those lets a good part of the rest through.

The last cell is the uncomfortable one. Asked about a name that does not exist, the model alone refuses, and mostly so with
chunks that have nothing to do with the question. With the five best it answers more often, about somebody else: retrieval
has picked the text that is easiest to confuse. So abstention needs three things: a threshold; leave to
say "I do not know", which the prompt gives and the model has learned to use; and a check afterwards whether the
answer speaks of what was asked. The capstone below needs the check, at least.
"""

# %% [markdown]
r"""
### Build it

Four exercises: the chunks, the prompt, the repair of a pipeline that cites what it never used, and the
notebook's capstone, a whole system that is examined on a world nobody has seen.
"""

# %% [markdown]
r"""
### Exercise 10.1 · `chunk`

●●○ · 20 minutes · 5 points · core

Write `chunk(text, size, overlap, length=len)`. It cuts a text into overlapping chunks and returns a list of
`(start, end, piece)` with `piece == text[start:end]`, in the order of the text.

- `length` measures a string: `len` counts characters; another function may count bytes, words or tokens. It
  gives an integer, 0 for the empty string, and for a longer slice never less than for a slice inside it.
- The first chunk starts at 0. A chunk ends at the **largest** `end` with `length(text[start:end]) <= size`.
- A chunk that reaches the end of the text is the last one.
- Otherwise the next one starts at the **smallest** `s` with `s > start` and
  `length(text[s:end]) <= overlap`. If a chunk from there would not end beyond `end`, its start advances,
  character by character, until it does.
- The empty text gives `[]`.
- ValueError if `size` is below 1, `overlap` is negative, or `overlap` is `size` or more; these three for every
  text, the empty one too. ValueError also if a single character of the text is longer than `size`.

By hand: `chunk("abcdefgh", 4, 1)` gives `[(0, 4, "abcd"), (3, 7, "defg"), (6, 8, "gh")]`.

<details><summary>Hint 1</summary>

Write two small searches, for the end and for the next start, and leave the arithmetic with `size - overlap`
alone: it only holds where every character has the length 1. What ends the loop?

</details>

<details><summary>Hint 2</summary>

`fit(start)` moves `end` up from `start` while the longer slice still has at most `size`. Loop: append the chunk; if `end`
is `len(text)`, stop; move `s` up from `start + 1` while the slice to `end` is longer than `overlap`; then
move it on while `fit(s) <= end`. If `fit` cannot take in even one character, that character is too long.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q10-chunk", "locked": false, "schema_version": 3, "solution": true, "task": false}
def chunk(text: str, size: int, overlap: int, length=len) -> list[tuple[int, int, str]]:
    """Cut a text into chunks of at most `size`, as (start, end, text[start:end])."""
    ### BEGIN SOLUTION
    if size < 1 or not 0 <= overlap < size:
        raise ValueError("size must be at least 1, and overlap at least 0 and below size.")

    def fit(start: int) -> int:
        end = start
        while end < len(text) and length(text[start : end + 1]) <= size:
            end += 1
        if end == start:
            raise ValueError(f"one character is longer than {size}.")
        return end

    chunks: list[tuple[int, int, str]] = []
    start = 0
    while start < len(text):
        end = fit(start)
        chunks.append((start, end, text[start:end]))
        if end == len(text):
            break
        start += 1
        while length(text[start:end]) > overlap:
            start += 1
        while fit(start) <= end:
            start += 1
    return chunks
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q10-chunk-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    chunk,
    [
        (("abcdefgh", 4, 1), [(0, 4, "abcd"), (3, 7, "defg"), (6, 8, "gh")]),
        (("abcdefgh", 4, 0), [(0, 4, "abcd"), (4, 8, "efgh")]),
        (("abc", 4, 2), [(0, 3, "abc")]),
    ],
    "each chunk takes in as much as fits; the next one begins with the last `overlap` characters of it",
)

# %% nbgrader={"grade": true, "grade_id": "q10-chunk-hidden-offsets", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: nothing lost, overlaps exact (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = []
for n, size, overlap in [(23, 7, 3), (40, 9, 0), (17, 5, 4), (5, 1, 0), (30, 8, 1)]:
    text = "".join(rng.choice(list("abcd .\n"), n))
    starts = [0]
    while starts[-1] + size < n:
        starts.append(starts[-1] + size - overlap)
    cases.append(
        ((text, size, overlap), [(s, min(s + size, n), text[s : s + size]) for s in starts])
    )
testing.agree(
    chunk,
    cases,
    "with `len` every chunk but the last has `size` characters, starts `size - overlap` after the one "
    "before, and is text[start:end] unchanged, spaces and line breaks too",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q10-chunk-hidden-last", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the last chunk, and short texts (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
a, b, c, d, e, f = (str(x) for x in rng.permutation(list("abcdef")))
testing.agree(
    chunk,
    [
        (("", 4, 2), []),
        ((a, 4, 2), [(0, 1, a)]),
        ((a + b + c + d, 4, 2), [(0, 4, a + b + c + d)]),
        ((a + b + c + d + e, 4, 2), [(0, 4, a + b + c + d), (2, 5, c + d + e)]),
        ((a + b + c + d + e + f, 4, 2), [(0, 4, a + b + c + d), (2, 6, c + d + e + f)]),
        ((a + b + c + d + e + f, 5, 4), [(0, 5, a + b + c + d + e), (1, 6, b + c + d + e + f)]),
    ],
    "the first chunk that reaches the end of the text is the last one: no piece that lies inside "
    "it follows, and a short rest is not dropped",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q10-chunk-hidden-length", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: another measure of length (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def in_bytes(piece: str) -> int:
    return len(piece.encode())


def in_words(piece: str) -> int:
    return len(piece.split())


def expected(text: str, size: int, overlap: int, length) -> list[tuple[int, int, str]]:
    n, start, rows = len(text), 0, []
    while start < n:
        end = max(e for e in range(start + 1, n + 1) if length(text[start:e]) <= size)
        rows.append((start, end, text[start:end]))
        if end == n:
            break
        start = min(s for s in range(start + 1, n) if length(text[s:end]) <= overlap)
    return rows


cases = []
for size, overlap in [(5, 2), (7, 3)]:
    text = "".join(rng.choice(list("aéab"), 14))
    cases.append(((text, size, overlap, in_bytes), expected(text, size, overlap, in_bytes)))
names = [str(w) for w in rng.permutation(["oak", "elm", "ash", "fir", "yew", "box"])]
for size, overlap in [(2, 1), (3, 1)]:
    text = " ".join(names)
    cases.append(((text, size, overlap, in_words), expected(text, size, overlap, in_words)))
testing.agree(
    chunk,
    cases,
    "size and overlap are measured by `length`; start and end are positions in the text all the same, "
    "and a chunk takes in all that fits, spaces after the last word too",
)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q10-chunk-hidden-progress", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: always forward (1 point)
### BEGIN HIDDEN TESTS
def in_bytes(piece: str) -> int:
    return len(piece.encode())


testing.agree(
    chunk,
    [
        (("abéc", 2, 1, in_bytes), [(0, 2, "ab"), (2, 3, "é"), (3, 4, "c")]),
        (("aaé", 3, 2, in_bytes), [(0, 2, "aa"), (1, 3, "aé")]),
        (("aaaé", 3, 2, in_bytes), [(0, 3, "aaa"), (2, 4, "aé")]),
        (("éaé", 3, 2, in_bytes), [(0, 2, "éa"), (1, 3, "aé")]),
    ],
    "a chunk that would end where the last one ended brings nothing new: its start moves on until it "
    "ends beyond",
)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q10-chunk-hidden-errors", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what cannot be cut (1 point)
### BEGIN HIDDEN TESTS
def in_bytes(piece: str) -> int:
    return len(piece.encode())


for size, overlap in [(0, 0), (-3, -5), (4, 4), (4, 6), (4, -1)]:
    for text in ("abcdefgh", ""):
        assert testing.raises(ValueError, chunk, text, size, overlap), (
            "size below 1, overlap negative, or overlap not below size: ValueError, whatever the text is"
        )
for text in ("é", "ab€", "a€bcd"):
    assert testing.raises(ValueError, chunk, text, 1 if text == "é" else 2, 0, in_bytes), (
        "a character that is longer than `size` fits into no chunk: ValueError"
    )
assert not testing.raises(ValueError, chunk, "ab", 1, 0), "size 1 without overlap is allowed"
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 10.2 · `build_prompt`

●●○ · 20 minutes · 5 points · core

Write `build_prompt(question, hits, budget, count)`. It returns `(prompt, used_ids)`.

- `hits` is a list of `(doc_id, score, text)` in any order; the same id may occur more than once, as two chunks
  of one document.
- The prompt is lines joined by `"\n"`, without a line break at its end. The first is
  `INSTRUCTION` (given in the cell), then one line for each document that is used, `[1] ` and its text,
  `[2] ` and its text and so on, and last `Question: ` and the question.
- Inside a document's text every run of whitespace, line breaks too, becomes **one space**, and whitespace at
  its ends goes. So a document is one line, and cannot pretend to be two.
- `count(prompt)` measures a whole prompt, in tokens for instance; it is an integer, and need not be the sum over its
  lines. A longer list of documents never counts less.
- Take hits by falling score, equal scores in the order of `hits`. Each is used if the prompt with it, numbered, still
  counts at most `budget`; one that does not fit is **skipped**, and the next is tried. Numbers have no gaps.
- `used_ids` are the ids in the order of the numbers. The arguments are not changed.
- ValueError if even the prompt without documents counts more than `budget`.

By hand, with `count = len`, `budget = 1000`, question `"Who?"` and hits `[("a", 0.1, "x"), ("b", 0.9, "y\nz")]`: the
lines between `INSTRUCTION` and `Question: Who?` are `[1] y z` and `[2] x`, and the ids `["b", "a"]`.

<details><summary>Hint 1</summary>

A helper that makes the prompt from a list of texts saves all arithmetic about budgets: build it, count it, keep it or
not.

</details>

<details><summary>Hint 2</summary>

`sorted(hits, key=lambda hit: -hit[1])` keeps equal scores in order. For each hit: the texts so far plus this
one; if the prompt of that fits, they become the texts so far. `" ".join(text.split())` does the
whitespace.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q10-build-prompt", "locked": false, "schema_version": 3, "solution": true, "task": false}
INSTRUCTION = (
    "Answer from the documents and cite them, as [1]. If they do not say, answer: I do not know."
)


def build_prompt(
    question: str, hits: list[tuple[str, float, str]], budget: int, count
) -> tuple[str, list[str]]:
    """Return a prompt with the best hits that fit, numbered, and the ids by number."""
    ### BEGIN SOLUTION

    def laid_out(texts: list[str]) -> str:
        lines = [f"[{n}] {text}" for n, text in enumerate(texts, 1)]
        return "\n".join([INSTRUCTION, *lines, f"Question: {question}"])

    if count(laid_out([])) > budget:
        raise ValueError("the question alone does not fit into the budget.")
    texts: list[str] = []
    used: list[str] = []
    for doc_id, _, text in sorted(hits, key=lambda hit: -hit[1]):
        longer = [*texts, " ".join(text.split())]
        if count(laid_out(longer)) <= budget:
            texts = longer
            used.append(doc_id)
    return laid_out(texts), used
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q10-build-prompt-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
prompt, used = build_prompt("Who?", [("a", 0.1, "x"), ("b", 0.9, "y\nz")], 1000, len)
testing.check(
    prompt.split("\n")[1:] == ["[1] y z", "[2] x", "Question: Who?"],
    "after the instruction one line a document, best first, and then the question",
    got=prompt,
)
assert "I do not know" in prompt.split("\n")[0], "the first line is INSTRUCTION"
assert used == ["b", "a"], "the ids, in the order of the numbers"

# %% nbgrader={"grade": true, "grade_id": "q10-build-prompt-hidden-order", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: order, ties, numbers (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
head = "Answer from the documents and cite them, as [1]. If they do not say, answer: I do not know."
for scores in [(0.25, 0.75, 0.5), (0.5, 0.25, 0.5, 0.75), (-0.5, -0.25, 0.0), (0.5,) * 12, ()]:
    names = [f"D-{int(i)}" for i in rng.permutation(90)[: len(scores)]]
    hits = [(name, s, f"text of {name}") for name, s in zip(names, scores, strict=True)]
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], i))
    lines = [f"[{n}] {hits[i][2]}" for n, i in enumerate(order, 1)]
    want = "\n".join([head, *lines, "Question: Where is it?"]), [names[i] for i in order]
    testing.agree(
        build_prompt,
        [(("Where is it?", hits, 10_000, len), want)],
        "documents stand by falling score, equal ones in the order of `hits`, numbered from 1 without "
        "gaps; `used_ids` has the same order, and the question stands at the end",
    )
twice = [("a", 0.5, "one"), ("b", 0.25, "two"), ("a", 0.75, "three")]
testing.check(
    build_prompt("Who?", twice, 1000, len)[1] == ["a", "a", "b"],
    "two chunks of one document are two hits with two numbers",
)
assert testing.leaves_arguments(
    build_prompt, "Who?", [("a", 0.25, "x"), ("b", 0.5, "y")], 500, len
), "the list of hits belongs to the caller: sort a copy"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q10-build-prompt-hidden-skip", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what does not fit is skipped (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def words(prompt: str) -> int:
    return len(prompt.split())


def filler(n: int) -> str:
    return " ".join(str(w) for w in rng.choice(["oak", "elm", "ash", "fir"], n))


base = words(build_prompt("Who is it?", [], 1000, len)[0])
for sizes, room, want in [
    ((5, 40, 6), 20, [0, 2]),
    ((40, 3), 12, [1]),
    ((8, 30, 8, 30, 2), 24, [0, 2, 4]),
    ((9, 9, 3), 15, [0, 2]),
]:
    hits = [(f"d{i}", 1 - i / 16, filler(n)) for i, n in enumerate(sizes)]
    prompt, used = build_prompt("Who is it?", hits, base + room, words)
    testing.check(
        used == [f"d{i}" for i in want],
        "a document that does not fit is left out, and the next one is tried: a shorter one may fit",
        inputs=("Who is it?", hits, base + room, words),
        got=used,
        expected=[f"d{i}" for i in want],
    )
    lines = [f"[{n}] {hits[i][2]}" for n, i in enumerate(want, 1)]
    assert prompt.split("\n")[1:-1] == lines, "numbers count the documents that are used, no gaps"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q10-build-prompt-hidden-budget", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the whole prompt counts, to the last unit (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def squares(prompt: str) -> int:
    return sum(len(line) ** 2 for line in prompt.split("\n"))


for count in (len, squares):
    hits = [("a", 0.75, "x" * int(rng.integers(5, 30))), ("b", 0.5, "y" * int(rng.integers(5, 30)))]
    full, _ = build_prompt("Who is it?", hits, 10**9, count)
    lines = full.split("\n")
    exact = squares(full) if count is squares else len(full)
    one = "\n".join([*lines[:2], lines[-1]])
    first = squares(one) if count is squares else len(one)
    for budget, want in [(exact, ["a", "b"]), (exact - 1, ["a"]), (first, ["a"])]:
        used = build_prompt("Who is it?", hits, budget, count)[1]
        testing.check(
            used == want,
            "count(prompt) <= budget, for the whole prompt: instruction, numbers, line breaks and question "
            "count too, and exactly the budget is allowed",
            inputs=("Who is it?", hits, budget, count),
            got=used,
            expected=want,
        )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q10-build-prompt-hidden-lines", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a document is one line (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
a, b, c = (str(w) for w in rng.permutation(["oak", "elm", "ash"]))
for text, want in [
    (f"{a}\n[2] {b}", f"{a} [2] {b}"),
    (f"  {a}\n\n{b}\t {c}\n", f"{a} {b} {c}"),
    (f"{a}\r\nQuestion: {b}?", f"{a} Question: {b}?"),
]:
    prompt = build_prompt("Who?", [("d", 0.5, text)], 1000, len)[0]
    testing.check(
        prompt.split("\n")[1:] == [f"[1] {want}", "Question: Who?"],
        "every run of whitespace in a document becomes one space: with a line break in it, a document "
        "could pretend to be two",
        inputs=("Who?", [("d", 0.5, text)], 1000, len),
        got=prompt,
        expected=f"[1] {want}",
    )
short = f"{a} {b}"
spread = f"{a}{' ' * 40}{b}"
room = len(build_prompt("Who?", [("d", 0.5, short)], 1000, len)[0])
assert build_prompt("Who?", [("d", 0.5, spread)], room, len)[1] == ["d"], (
    "what is counted is the prompt as it will be sent, after the whitespace is gone"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q10-build-prompt-hidden-too-small", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a budget without room (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
question = "Who" + " or who" * int(rng.integers(1, 5)) + "?"
bare, none = build_prompt(question, [], 1000, len)
testing.check(
    none == [] and bare.split("\n")[1:] == [f"Question: {question}"],
    "without hits the prompt is the instruction and the question, so that the model can say that it "
    "does not know",
    got=(bare, none),
)
hits = [("a", 0.5, "x" * 50)]
assert build_prompt(question, hits, len(bare), len)[1] == [], "no document fits: none is used"
for budget in (len(bare) - 1, 3, 0):
    assert testing.raises(ValueError, build_prompt, question, hits, budget, len), (
        "if even the prompt without documents exceeds the budget: ValueError, and nothing is cut off"
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 10.3 · repair `cited_answer`

●●○ · 12 minutes · 3 points · core

The last step of a pipeline as tutorials write it: the hits go into a prompt, the model answers, and the hits
are shown as "sources". There are three mistakes in it.

`cited_answer(question, hits, read, least=0.25)` returns a dictionary with `answer`, `citations` and
`abstained`.

- `hits` is a list of `(doc_id, score, text)`, best first. Only hits with a score of `least` **or more** are used.
  If there is none, `read` is not called, and the result is
  `{"answer": None, "citations": [], "abstained": True}`.
- `read(prompt)` is the model. The prompt that the function builds is right; leave it as it is.
- If `I do not know` stands anywhere in the reply, the result is the same dictionary as without hits.
- Otherwise `answer` is the reply, `abstained` is False, and `citations` are the ids of the documents that the
  reply **cites**, as `[2]` for the second document of the prompt: in the order in which they are first cited, each
  id once. A number that no document of the prompt has is ignored. A reply may cite nothing.

<details><summary>Hint 1</summary>

Compare three things: what was found, what stood in the prompt, and what the reply points at. Which of them does the code
report?

</details>

<details><summary>Hint 2</summary>

`re.findall(r"\[(\d+)\]", reply)` gives the numbers as texts. They count from 1. `list.index` and negative
positions are no help here: look whether `1 <= n <= len(kept)`.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q10-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
import re

### BEGIN REPAIR
# def cited_answer(
#     question: str, hits: list[tuple[str, float, str]], read, least: float = 0.25
# ) -> dict:
#     """Answer a question from hits (id, score, text), with the ids that the answer cites."""
#     kept = hits
#     lines = [f"[{n}] {text}" for n, (_, _, text) in enumerate(kept, 1)]
#     instruction = "Answer from the documents, or say: I do not know."
#     reply = read("\n".join([instruction, *lines, f"Question: {question}"]))
#     sources = [doc_id for doc_id, _, _ in kept]
#     return {"answer": reply, "citations": sources, "abstained": reply == ""}
### END REPAIR
### BEGIN SOLUTION


def cited_answer(
    question: str, hits: list[tuple[str, float, str]], read, least: float = 0.25
) -> dict:
    """Answer a question from hits (id, score, text), with the ids that the answer cites."""
    kept = [hit for hit in hits if hit[1] >= least]
    if not kept:
        return {"answer": None, "citations": [], "abstained": True}
    lines = [f"[{n}] {text}" for n, (_, _, text) in enumerate(kept, 1)]
    instruction = "Answer from the documents, or say: I do not know."
    reply = read("\n".join([instruction, *lines, f"Question: {question}"]))
    if "I do not know" in reply:
        return {"answer": None, "citations": [], "abstained": True}
    numbers = [int(n) for n in re.findall(r"\[(\d+)\]", reply)]
    sources = [kept[n - 1][0] for n in numbers if 1 <= n <= len(kept)]
    return {"answer": reply, "citations": list(dict.fromkeys(sources)), "abstained": False}


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q10-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
testing.agree(
    cited_answer,
    [
        (
            ("Who?", [("D-7", 0.5, "It is Mira.")], testing.Always("Mira [1].")),
            {"answer": "Mira [1].", "citations": ["D-7"], "abstained": False},
        )
    ],
    "this worked before the repair: one good hit, and a reply that cites it",
)

# %% nbgrader={"grade": true, "grade_id": "q10-repair-hidden-citations", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what is cited, not what was found (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
names = [f"D-{int(i)}" for i in rng.permutation(900)[:12]]
hits = [(name, 1 - i / 32, f"text {i}") for i, name in enumerate(names)]
a, b, c = names[1], names[10], names[0]
testing.agree(
    lambda reply, hits: cited_answer("Who?", hits, testing.Always(reply))["citations"],
    [
        (("It is so [2].", hits), [a]),
        (("It is so [11] [2]. And so [1].", hits), [b, a, c]),
        (("It is so [2]. And so [1]. And so [2].", hits), [a, c]),
        (("It is so [2] [99].", hits), [a]),
        (("It is so [0].", hits), []),
        (("It is so [13].", hits), []),
        (("It is so [2] [12].", [*hits[:11], (a, 0.5, "more")]), [a]),
        (("It is so.", hits), []),
    ],
    "the citations are those of the reply: [1] is the first document of the prompt, each id comes once, "
    "in the order of the reply, and a number that no document has cites nothing",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q10-repair-hidden-nothing-found", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: weak hits, and none (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
nothing = {"answer": None, "citations": [], "abstained": True}
name = f"D-{int(rng.integers(900))}"
prompts = []


def read(prompt: str) -> str:
    prompts.append(prompt)
    return "It is so [1]."


for hits in ([], [(name, 0.1875, "weak")], [(name, 0.0, "weak"), ("D-x", -0.5, "weaker")]):
    testing.check(
        cited_answer("Who?", hits, read) == nothing,
        "without a hit of at least `least` there is nothing to answer from: abstain",
        inputs=("Who?", hits, read),
        expected=nothing,
    )
assert not prompts, "where nothing was found the model is not asked: it would answer from memory"
hits = [("a", 0.75, "good"), (name, 0.5, "just"), ("b", 0.4375, "weak")]
testing.check(
    cited_answer("Who?", hits, read, 0.5)["citations"] == ["a"] and len(prompts) == 1,
    "a score of exactly `least` is enough, and the model is asked once",
    inputs=("Who?", hits, read, 0.5),
)
lines = prompts[0].split("\n")[1:] if prompts else None
testing.check(
    lines == ["[1] good", "[2] just", "Question: Who?"],
    "hits below `least` are not in the prompt",
    got=lines,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q10-repair-hidden-refusal", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the model says that it does not know (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
hits = [(f"D-{int(i)}", 0.75, "text") for i in rng.permutation(900)[:2]]
for reply in ("I do not know.", "I do not know [1].", "Sorry, but I do not know", "I do not know"):
    testing.agree(
        cited_answer,
        [
            (
                ("Who?", hits, testing.Always(reply)),
                {"answer": None, "citations": [], "abstained": True},
            )
        ],
        "'I do not know' is no answer, and has no sources: it is reported as an abstention",
    )
testing.agree(
    lambda reply: cited_answer("Who?", hits, testing.Always(reply))["abstained"],
    [(("You know [1].",), False), (("They do not know Mira [1].",), False)],
    "only the agreed words are a refusal",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 10.4 · capstone `rag_answer`

●●● · 60 minutes · 10 points · core

Join everything into one system: write `rag_answer(question, corpus, embed, read)`. It is examined on a corpus from a
world that nobody has seen; `course.world.rag.make_exam(seed)` makes such examinations, and you may practise on as
many as you like.

- `corpus` is a list of dictionaries with `id`, `text` (a few sentences, each ends with a stop) and `date`:
  `None` for a document that holds **today**, else when it was written, such as `"0416-07-13"`. Where documents
  contradict each other, one that holds today is right; among dated ones the newest.
- `embed(texts)` takes a list of strings and returns unit vectors, shape (N, d). Text that says the same is
  close. It averages over words, so that a long text blurs.
- `read(prompt)` is the model. It must be called **at most once** for a question. It expects lines: an instruction,
  documents as `[1] text`, `[2] text`, ... from 1 without gaps, and last `Question: ` and the question.
  - It sees the last **600 characters** of a prompt, and of the documents in them the first **five**, starting with `[1]`.
  - It understands whole sentences of the corpus only. It believes the **first** document that states
    what is asked, and replies `name, attribute: value [number].`, the value as that document words it.
  - If none does, and nobody of that name stands in the documents, it takes somebody with a similar name
    for the one who was asked about, and replies with *that* name.
  - Otherwise it replies `I do not know.`, **if** its prompt says so (`I do not know` stands in what it sees). If not,
    it makes something up, with a citation.
  - In most replies it cites one document too many: one that does not have both the name and the value,
    or a number that does not exist.
- Return a dictionary: `answer`, the reply of `read` (or None); `citations`, the ids of the documents that you stand
  for, each once; `abstained`, whether no answer is given: then `answer` is None and `citations` is empty. With an
  empty corpus it abstains without calling `read`. The corpus is not changed.

It is graded by five measures:

| Measure | What is counted | at least |
|---|---|---|
| recall@5 | answerable questions for which `read` saw a sentence that states the answer | 0.78 |
| citation precision | citations whose document states the right answer, of all | 0.75 |
| citation recall | questions with the right answer and a citation that states it | 0.75 |
| abstention | questions without an answer (an unknown name, an attribute that no document has) for which the system abstains, while answering at least half of the others (`answered`) | 0.80 |
| form | as above | all |

The thresholds are 80 % of what the reference solution reached on average over 150 worlds (recall@5 0.98, citation precision
0.95, citation recall 0.94, abstention 1.00), rounded down. Precision and recall of citations are measured where most
questions have outdated documents, which is harder than `make_exam(seed)` by itself; `make_exam(seed, plain=2, outdated=14)`
makes such worlds. The reference has some 35 lines, and no tuning.

<details><summary>Hint 1</summary>

A sentence is the safe unit of retrieval: five of them fit, where whole documents have to be cut to 600 characters. The order
in the prompt need not be the order of the scores. And what comes back from `read` is a claim to be checked against
the text that it cites.

</details>

<details><summary>Hint 2</summary>

Sentences of all documents with their id and date; of repeated ones keep a copy that holds
today, or the newest. Embed question and sentences in one
call; keep the best five by dot product. Put those without a date first, then the newest. After the reply: the name is what
stands before the first comma, the value between `: ` and ` [`. Abstain if the name is not in the question
(compare in lower case). Of the cited numbers keep those that exist and whose sentence has name and value; if none is left,
abstain.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q10-rag-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
import re


def rag_answer(question: str, corpus: list[dict], embed, read) -> dict:
    """Answer a question from a corpus, with the ids of the documents that support the answer."""
    ### BEGIN SOLUTION
    nothing = {"answer": None, "citations": [], "abstained": True}
    passages: dict[str, dict] = {}  # from a sentence to the document that it is first found in
    for document in corpus:
        for sentence in re.split(r"(?<=\.)\s+", document["text"].strip()):
            passages.setdefault(sentence, document)
    if not passages:
        return nothing

    texts = list(passages)
    vectors = np.asarray(embed([question, *texts]))
    scores = vectors[1:] @ vectors[0]
    best = [texts[i] for i in np.argsort(-scores, kind="stable")[:5]]
    best.sort(key=lambda text: passages[text]["date"] or "9999", reverse=True)

    prompt = "\n".join(
        [
            "Answer from the documents and cite them. If they do not say: I do not know.",
            *(f"[{n}] {text}" for n, text in enumerate(best, 1)),
            f"Question: {question}",
        ]
    )
    reply = read(prompt)
    name, _, rest = reply.partition(",")
    value = rest.partition(": ")[2].partition(" [")[0]
    if "I do not know" in reply or name.lower() not in question.lower():
        return nothing
    numbers = [int(n) for n in re.findall(r"\[(\d+)\]", reply)]
    cited = [best[n - 1] for n in numbers if 1 <= n <= len(best)]
    sound = [t for t in cited if name.lower() in t.lower() and value.lower() in t.lower()]
    if not sound:
        return nothing
    ids = list(dict.fromkeys(passages[text]["id"] for text in sound))
    return {"answer": reply, "citations": ids, "abstained": False}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q10-rag-answer-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
from course.world import rag

exam = rag.make_exam(4)
results = testing.each(rag_answer, [(q, exam.corpus, rag.embed, exam.read) for q in exam.questions])
for measure, value in exam.score(results).items():
    print(f"{measure:19} {value:.2f}")
testing.check(
    all(set(r) == {"answer", "citations", "abstained"} for r in results),
    "a result has an answer, citations, and whether the system abstained",
    got=results[0],
)

# %% nbgrader={"grade": true, "grade_id": "q10-rag-answer-hidden-recall", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: recall@5 (2 points)
### BEGIN HIDDEN TESTS
from course.world import rag

exam = rag.make_exam(int(testing.rng().integers(10**9)), plain=40, outdated=0, near=0, missing=0)
results = testing.each(rag_answer, [(q, exam.corpus, rag.embed, exam.read) for q in exam.questions])
testing.check(
    exam.score(results)["recall@5"] >= 0.78,
    "too often the sentence that answers the question does not stand in what the model sees: look at the "
    "size of what is retrieved, at the five documents and at the 600 characters",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q10-rag-answer-hidden-precision", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: citation precision (2 points)
### BEGIN HIDDEN TESTS
from course.world import rag

exam = rag.make_exam(int(testing.rng().integers(10**9)), plain=4, outdated=44, near=6, missing=0)
results = testing.each(rag_answer, [(q, exam.corpus, rag.embed, exam.read) for q in exam.questions])
testing.check(
    exam.score(results)["citation precision"] >= 0.75,
    "too many citations point at documents that do not state the right answer: check each of them against its "
    "text, and look which of two contradicting documents holds",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q10-rag-answer-hidden-citation-recall", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: citation recall, where documents are outdated (2 points)
### BEGIN HIDDEN TESTS
from course.world import rag

exam = rag.make_exam(int(testing.rng().integers(10**9)), plain=4, outdated=44, near=0, missing=0)
results = testing.each(rag_answer, [(q, exam.corpus, rag.embed, exam.read) for q in exam.questions])
testing.check(
    exam.score(results)["citation recall"] >= 0.75,
    "too few questions have the right answer together with a citation that states it: the model believes the "
    "first document that says something; which should be first?",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q10-rag-answer-hidden-abstention", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: abstention (2 points)
### BEGIN HIDDEN TESTS
from course.world import rag

exam = rag.make_exam(int(testing.rng().integers(10**9)), plain=12, outdated=0, near=28, missing=8)
results = testing.each(rag_answer, [(q, exam.corpus, rag.embed, exam.read) for q in exam.questions])
scores = exam.score(results)
testing.check(
    scores["abstention"] >= 0.8,
    "too many questions are answered that no document answers: about somebody with a similar name, or with "
    "something made up",
)
testing.check(scores["answered"] >= 0.5, "it abstains where it could answer, more often than not")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q10-rag-answer-hidden-form", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the form, and an empty corpus (2 points)
### BEGIN HIDDEN TESTS
from course.world import rag

exam = rag.make_exam(int(testing.rng().integers(10**9)), plain=6, outdated=2, near=4, missing=2)
results = testing.each(rag_answer, [(q, exam.corpus, rag.embed, exam.read) for q in exam.questions])
ids = {document["id"] for document in exam.corpus}
for result in results:
    given = result["citations"]
    testing.check(
        set(result) == {"answer", "citations", "abstained"}
        and isinstance(given, list)
        and set(given) <= ids
        and len(set(given)) == len(given),
        "the result has answer, citations and abstained; citations are ids of the corpus, each once",
        got=result,
    )
    testing.check(
        (result["answer"] is None and given == [])
        if result["abstained"]
        else bool(result["answer"]),
        "abstaining means answer None and no citations; otherwise there is an answer",
        got=result,
    )
assert all(len(prompts) == 1 for prompts in exam.prompts.values()), (
    "the model is called at most once for a question"
)
asked = []


def read(prompt: str) -> str:
    asked.append(prompt)
    return "Nobody, home: Nowhere [1]."


testing.check(
    rag_answer("Who is it?", [], rag.embed, read)
    == {"answer": None, "citations": [], "abstained": True}
    and not asked,
    "in an empty corpus nothing is found: abstain, without calling the model",
)
assert testing.leaves_arguments(
    rag_answer, exam.questions[0], exam.corpus[:8], rag.embed, testing.Always("I do not know.")
), "the corpus belongs to the caller"
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

**"chunk_size=500 makes chunks of 500 tokens."** The splitters of LangChain count with `length_function`, and that is
`len` unless you change it: characters.
"""

# %% tags=["demo"]
article = max(shelf, key=lambda d: len(d.text)).text
tokenizer = lab.tokenizer("embedder")
first = article[:300]
print(len(first), "characters are", len(tokenizer.tokenize(first)), "tokens of the lab's tokenizer")
if QdrantVectorStore is not None:
    splitter = RecursiveCharacterTextSplitter(chunk_size=100, chunk_overlap=0)
    print(
        "chunk_size=100, longest chunk:", max(map(len, splitter.split_text(article))), "characters"
    )

# %% [markdown]
r"""
How many characters a token has depends on the tokenizer and the language. A model with a limit of 512 tokens cuts
off what is longer, in most libraries without a word; that part of the chunk is then in the store and cannot be found.

**"from langchain.text_splitter import ..., then retriever.get_relevant_documents(query)."** So it stands in many
tutorials and popular answers. Run it:
"""

# %% tags=["demo"]
import importlib

for module, name in [
    ("langchain.text_splitter", "RecursiveCharacterTextSplitter"),
    ("langchain_community.vectorstores", "Qdrant"),
    ("langchain.chains", "RetrievalQA"),
    ("langchain_text_splitters", "RecursiveCharacterTextSplitter"),
    ("langchain_qdrant", "QdrantVectorStore"),
]:
    try:
        getattr(importlib.import_module(module), name)
        verdict = "is there"
    except (ImportError, AttributeError) as error:
        verdict = type(error).__name__
    print(f"{module}.{name}: {verdict}")
if QdrantVectorStore is not None:
    for method in ("get_relevant_documents", "invoke"):
        print(f"retriever.{method}:", "is there" if hasattr(retriever, method) else "is gone")

# %% [markdown]
r"""
The first three are names from before LangChain 1.0 (2025; its migration guide lists what moved to
`langchain-classic`). `langchain_community` is a package of its own, and has to be installed by itself where old code
needs it. The steps have not changed; learn those.

**"The retrieved documents are the sources."** They are what was *offered*. Here is what the model cited, beside what a
"sources" box with all hits would have claimed:
"""

# %% tags=["demo"]
claimed, correct, cites, sound = 0, 0, 0, 0
for q in asked[:12]:
    _, cited, hits = ask_library(q.text)
    ids = {doc_id for doc_id, _, _ in hits}
    claimed += len(ids)
    correct += len(ids & stating[q.facts[0]])
    cites += len(cited)
    sound += sum(c in stating[q.facts[0]] for c in cited)
print(f"all that was retrieved: {claimed} documents, {correct} of them state the answer")
print(f"all that was cited:     {cites} documents, {sound} of them state the answer")

# %% [markdown]
r"""
### If they push

**"RAG stops hallucination, doesn't it?"**

<details><summary>Answer</summary>

It removes one cause, missing knowledge. Misreading, mixing two documents, answering past what they say, and believing a
wrong document remain. A preregistered study of commercial legal research tools with retrieval found that each
hallucinated between 17 % and 33 % of the time, less than GPT-4 alone and far from never (Magesh et al., 2025, of tools of
2024). Measure faithfulness and abstention on your own questions (questions 18 and 22).

</details>

**"Is this what the RAG paper does?"**

<details><summary>Answer</summary>

No. Lewis et al. (2020) trained the retriever's query encoder together with a generator (BART), the documents' vectors
staying as they were, and summed over the retrieved passages as a latent variable. Today's pipeline uses two
frozen models and a prompt. It has kept the name.

</details>

**"How do you choose the chunk size?"**

<details><summary>Answer</summary>

By measuring recall at a fixed *token budget* of the prompt, on questions of your own, as in the table above; recall at fixed
k favours large chunks. Start from the borders the text has (sentences, paragraphs, sections, rows of a table), prepend
title and section, and separate what is embedded from what is shown: find by the sentence, show the paragraph around it.

</details>

**"An answer is wrong. Where do you look?"**

<details><summary>Answer</summary>

From left to right, with one transcript: is the fact in the corpus at all, and current? In which chunk, whole? At which rank
was that chunk? Was it in the prompt, or cut by the budget? Did the model answer from it? Was the citation mapped to the right id? The
first "no" is the fault. Changing the prompt repairs none of the first four.

</details>

**"Documents change every day. What follows for the pipeline?"**

<details><summary>Answer</summary>

Chunks need stable ids made from the document's id, so that an update replaces and a deletion removes *all* chunks of it;
a date or version in the payload, to filter or to prefer the newer; and a record of which embedding model made
the vectors, since those of two models cannot be mixed. A new model means embedding everything again.

</details>

**"With a context of a million tokens, why retrieve?"**

<details><summary>Answer</summary>

If everything fits and is asked often, a cached long prompt is a fair choice. Retrieval remains for corpora that do
not fit, for rights (who may read what), for cost and time for each question, and because many models use facts in a long
context less well than in a short one (question 5).

</details>

**"What may go wrong that is not a wrong answer?"**

<details><summary>Answer</summary>

Documents are input from others: an instruction in one may be obeyed (question 23; the lab's model does). Access
rights must hold at retrieval, by a filter, and not by asking the model to keep a secret.

</details>
"""

# %% [markdown]
r"""
### Sources

- Lewis, Perez, Piktus et al. (2020), *Retrieval-Augmented Generation for Knowledge-Intensive NLP Tasks*, NeurIPS,
  arXiv 2005.11401.
- Gao, Xiong, Gao et al. (2023), *Retrieval-Augmented Generation for Large Language Models: A Survey*, arXiv
  2312.10997.
- Magesh, Surani, Dahl et al. (2025), *Hallucination-Free? Assessing the Reliability of Leading AI Legal Research
  Tools*, Journal of Empirical Legal Studies; as a preprint arXiv 2405.20362 (2024).
- Gao, Yen, Yu, Chen (2023), *Enabling Large Language Models to Generate Text with Citations*, EMNLP, arXiv
  2305.14627: citation precision and recall.
- LangChain, *v1 migration guide*, read in November 2026. `langchain-core` 1.7, `langchain-text-splitters` 1.1, `langchain-qdrant` 1.1 and `qdrant-client` 1.20: run in
  November 2026.
"""
