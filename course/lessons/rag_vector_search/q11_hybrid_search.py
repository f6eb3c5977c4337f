# %% [markdown]
r"""
## Q11. Semantic or keyword search?

*Easy · 80 minutes · needs logarithms, cosine similarity; question 12 helps*
"""

# %% [markdown]
r"""
### Say it

> Keyword search, usually BM25, scores the words that a query and a document share: rare words count more,
> repetitions count less and less, and long documents are not favoured. Semantic search compares one vector
> of the query with one of the document, so it can match words that differ. Each wins somewhere: vectors on
> paraphrases of the kind they were trained on; words on codes, names and numbers, and often on text from a
> domain that the embedding model never saw. A hybrid runs both and fuses the two lists, most simply by
> reciprocal rank fusion, which looks at ranks and never at scores. Fusion insures against the worse of the
> two; it does not always beat the better one, so I measure it on each kind of query that I have.
"""

# %% [markdown]
r"""
### See it

**Keyword search, by hand.** An *inverted index* lists for every word the documents that have it. A query
looks up its words and touches nothing else, which is why it is fast.
"""

# %% tags=["demo"]
import re
from collections import Counter

library = {
    "a": "the red kettle is listed as KX-4821",
    "b": "the kettle comes in red and the cup comes in red",
    "c": "the crimson pot is sold at the market in Dorby",
    "d": "the ship carries kettles over the sea",
}
words_of = {name: re.findall(r"[\w-]+", text.lower()) for name, text in library.items()}
index = {}
for name, words in words_of.items():
    for word, count in Counter(words).items():
        index.setdefault(word, {})[name] = count
for word in ("the", "red", "kettle", "kx-4821", "scarlet"):
    print(f"{word:8} -> {index.get(word, {})}")

# %% [markdown]
r"""
"kettles" is not "kettle", "crimson" is not "red", and "scarlet" finds nothing: only the same word counts
(real engines bring words to their stem first, which mends the first of the three). "the" is everywhere and
tells nothing.

**BM25** (Robertson and Zaragoza, 2009) turns the counts into a score, a sum over the query's words $w$:

$$\sum_w \underbrace{\ln\Big(1 + \frac{N - n_w + 0.5}{n_w + 0.5}\Big)}_{\text{idf}} \cdot
\frac{tf \cdot (k_1 + 1)}{tf + k_1 \cdot (1 - b + b \cdot \frac{\text{length}}{\text{mean length}})}$$

$N$ documents, $n_w$ of them with the word, which stands $tf$ times in this one. The first factor is large for
rare words. The second rises with $tf$, but never above $k_1 + 1$; $b$ says how much of the document's length
is held against it.
"""

# %% tags=["demo"]
from course import figures

tf = np.linspace(0, 15, 151)
fig, axes = figures.subplots(1, 2, sharey=True, size=(7.4, 2.9))
for k1 in (0.5, 1.5, 4.0):
    axes[0].plot(tf, tf * (k1 + 1) / (tf + k1), label=f"k1 = {k1}")
for length in (0.5, 1.0, 3.0):
    axes[1].plot(
        tf, tf * 2.5 / (tf + 1.5 * (0.25 + 0.75 * length)), label=f"{length} × mean length"
    )
axes[0].set(title="average length", xlabel="times the word occurs", ylabel="factor", ylim=(0, 5))
axes[1].set(title="k1 = 1.5, b = 0.75", xlabel="times the word occurs")
for ax in axes:
    ax.legend(frameon=False, fontsize=9, loc="upper left")
figures.show(
    fig,
    "Two charts of the second factor of BM25 against the number of occurrences; all curves rise from "
    "0 and flatten. Left: the larger k1, the later and higher. Right: at the same count a short "
    "document gets more than a long one.",
)

# %% [markdown]
r"""
#### Five kinds of questions

Now two real searchers: `bm25s`, a small BM25 library, and the lab's `embedder` (question 12 shows what it
is). They search the same passages for the same questions, of five kinds:

- *known wordings*: questions about a world that no model has read, in the forms that the embedder's
  training used;
- *new wordings*: the same in forms that it never saw;
- *documents*: questions about whole documents, several of which may be right;
- *codes*: "What is listed as KX-4821?";
- *another domain*: a paragraph's first sentence is to find the rest of the paragraph, in Python's own manual.
"""

# %% tags=["demo"]
import random

from course import lab
from course.lab import relevant


def part(name: str, size: int, n: int = 100) -> relevant.Task:
    """Take n questions of one of the lab's tasks, and `size` passages, the right ones among them."""
    task = relevant.tasks(only=[name])[0].first(n)
    must = dict.fromkeys(i for places in task.relevant for i in sorted(places))
    others = random.Random(0).sample(range(len(task.passages)), len(task.passages))
    kept = list(must | dict.fromkeys(others))[: max(size, len(must))]
    new = {old: place for place, old in enumerate(kept)}
    right = tuple(frozenset(new[i] for i in places) for places in task.relevant)
    return relevant.Task(name, tuple(task.passages[i] for i in kept), task.queries, right)


tasks = {
    "known wordings": part("trained wordings, unseen world", 800),
    "new wordings": part("held-out wordings, unseen world", 800),
    "documents": part("library, unseen world", 250),
    "codes": part("product codes", 800),
    "another domain": part("out of domain", 180),
}
for name, task in tasks.items():
    passage = task.passages[min(task.relevant[0])]
    print(f"{name}, {len(task.passages)} passages\n   ? {task.queries[0]}\n   > {passage[:90]}")

# %% [markdown]
r"""
*Recall@k* is the share of a question's right passages that stand among the first k (of those that could: with
three right ones and k = 1, one is all that can be asked for). Which of the two will win where?
"""

# %% tags=["demo"]
try:
    import bm25s
except ImportError:
    print("This section's demonstrations need bm25s: pip install bm25s")
by_words = {name: relevant.bm25(task.queries, task.passages) for name, task in tasks.items()}
by_cosine = {name: lab.embed(t.queries) @ lab.embed(t.passages).T for name, t in tasks.items()}


def recall(scores: np.ndarray, task: relevant.Task, k: int) -> float:
    found = relevant.ranking(scores)[:, :k].tolist()
    pairs = zip(found, task.relevant, strict=True)
    return float(np.mean([len(right & set(top)) / min(k, len(right)) for top, right in pairs]))


def table(systems: dict[str, dict[str, np.ndarray]], depths: tuple[int, ...] = (1, 5, 10)) -> None:
    print(f"{'recall@':28}", "".join(f"{k:7}" for k in depths))
    for name, task in tasks.items():
        for system, scores in systems.items():
            row = "".join(f"{recall(scores[name], task, k):7.2f}" for k in depths)
            print(f"{name:16}{system:12} {row}")


table({"words": by_words, "vectors": by_cosine})

# %% [markdown]
r"""
Each recall rests on 100 questions: differences below a tenth may be chance. Read down the lines.

- *Known wordings*: the vectors find nearly everything, since they learned which wordings ask for what. BM25
  is led astray by every other sentence about the same name.
- *New wordings* and *documents*: the two are closer. Names are shared words too, and they do most of the
  work.
- *Codes*: BM25 finds every one. To the vectors a code is a handful of digits.
- *Another domain*: both get worse, and the vectors collapse. The embedder has read nothing but the little
  world; a large one fails more mildly. That dense retrievers often do *worse* than BM25 outside
  their domain is the finding of BEIR, on 18 data sets (Thakur et al., 2021).

What a code is to either of them can be looked at:
"""

# %% tags=["demo"]
code = "What is listed as KX-4821?"
tokenizer = lab.tokenizer("embedder")
print("words:", *bm25s.tokenize(code, return_ids=False, show_progress=False)[0], sep="  ")
print("vector's tokens:", *tokenizer.tokenize(code)[-8:], sep="  ")
near = lab.embed([code, code.replace("KX-4821", "KX-4812"), code.replace("KX-4821", "TB-9036")])
print("cosine with KX-4812: {:.2f}, with TB-9036: {:.2f}".format(*(near[1:] @ near[0])))

# %% [markdown]
r"""
The rare token "4821" has the largest idf there is. The average over all tokens of a sentence, on the other
hand, hardly notices four digits. The same goes for part numbers, error codes, function names, and surnames
that training never met.

#### Typos

"Vectors forgive typos" is often said. Two neighbouring letters of the name are swapped in every question:
"""


# %% tags=["demo"]
def with_typo(question: str, rng: random.Random) -> str:
    """Swap two letters inside the longest capitalised word after the first."""
    parts = question.rstrip("?").split()
    i = max(range(1, len(parts)), key=lambda i: (parts[i][0].isupper(), len(parts[i])))
    at = rng.randrange(1, len(parts[i]) - 2)
    letters = list(parts[i])
    letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return " ".join([*parts[:i], "".join(letters), *parts[i + 1 :]]) + "?"


def trigrams(texts: list[str]) -> list[str]:
    """Every word as its overlapping pieces of three letters."""
    split = [[f"_{w}_" for w in re.findall(r"\w+", text.lower())] for text in texts]
    return [" ".join(w[i : i + 3] for w in ws for i in range(len(w) - 2)) for ws in split]


task, rng = tasks["new wordings"], random.Random(0)
spoilt = [with_typo(question, rng) for question in task.queries]
print(task.queries[0], "->", spoilt[0])
vectors = lab.embed(task.passages)
for name, search in {
    "words": lambda q: relevant.bm25(q, task.passages),
    "trigrams": lambda q: relevant.bm25(trigrams(q), trigrams(task.passages)),
    "vectors": lambda q: lab.embed(q) @ vectors.T,
}.items():
    clean, typo = (recall(search(list(q)), task, 5) for q in (task.queries, spoilt))
    print(f"{name:9} recall@5 {clean:.2f}, with a typo {typo:.2f}")

# %% [markdown]
r"""
Whole words lose most: with a letter swapped it is another word. The vectors lose too, but less, since the
subword tokens around the typo stay the same. An index of letter trigrams does much the same for keyword
search, without a model. So "somewhat" is right, and no privilege of vectors.

#### Fusing two lists

Why not add the two scores? Look at their sizes:
"""

# %% tags=["demo"]
for name in tasks:
    best_words, best_cosine = by_words[name].max(axis=1), by_cosine[name].max(axis=1)
    print(
        f"{name:16} best BM25 score {best_words.min():5.2f} to {best_words.max():5.2f}   "
        f"best cosine {best_cosine.min():.2f} to {best_cosine.max():.2f}"
    )

# %% [markdown]
r"""
BM25 has no upper end, and its size depends on the number of words and on the collection. A cosine lies
between −1 and 1. Added up, the larger scale decides nearly alone.

**Reciprocal rank fusion** (RRF; Cormack, Clarke and Büttcher, 2009) does not look at scores. A document
gets $1/(k + \text{rank})$ from every list that it stands in, with ranks from 1 and $k = 60$ in the paper,
and the sum decides:
"""


# %% tags=["demo"]
def places(scores: np.ndarray) -> np.ndarray:
    """The rank of every passage, from 1."""
    return 1 + relevant.ranking(scores).argsort(axis=-1)


def fused(name: str, k: float, depth: int = 100) -> np.ndarray:
    """RRF of both lists, each at most `depth` long; BM25's ends where no word is shared."""
    r, s = places(by_words[name]), places(by_cosine[name])
    from_words = np.where((r <= depth) & (by_words[name] > 0), 1 / (k + r), 0)
    return from_words + np.where(s <= depth, 1 / (k + s), 0)


systems = {"words": by_words, "vectors": by_cosine} | {
    f"RRF, k = {k}": {name: fused(name, k) for name in tasks} for k in (60, 1)
}
table(systems)
print("\nrecall@1 and recall@5, mean of the five kinds; worst kind")
for system, scores in systems.items():
    rows = [[recall(scores[name], task, k) for name, task in tasks.items()] for k in (1, 5)]
    print(f"{system:12}", "  ".join(f"{np.mean(row):.2f}; {min(row):.2f}" for row in rows))

# %% [markdown]
r"""
What fusion does here:

- It is better than the worse of the two lists, everywhere.
- Where both are good and fail on different questions it is better than both, by a little (*documents*; *new
  wordings* from the fifth place on). Such differences are within chance here.
- Where one list is far better it is **worse than that list alone**: on codes, in the other domain, and with
  known wordings (a little). RRF cannot see that one list is guessing: its first place is worth as much as
  the other's.
- With the small $k$ it loses less on codes and in the other domain. So $k$ is no formality.

Why? First what two middling places are worth beside one first place; then two lists, and two values of $k$:
"""

# %% tags=["demo"]
for k in (60, 1):
    both, one = 1 / (k + 5) + 1 / (k + 8), 1 / (k + 1)
    print(f"k = {k:2}: places 5 and 8 give {both:.3f}, place 1 in one list alone {one:.3f}")
lists = ["xyzw", "wyzx"]
for k in (60, 1):
    score = {d: sum(1 / (k + 1 + ranking.index(d)) for ranking in lists) for d in "wxyz"}
    order = sorted(score, key=lambda d: (-score[d], d))
    print(f"k = {k:2}:", "  ".join(f"{d} {score[d]:.4f}" for d in order))

# %% [markdown]
r"""
At a large $k$ all places are worth nearly the same, and being in both lists is what counts; at a small one
the first place is (first lines). In the two lists "y" is second twice; "x" and "w" are first once and last
once. There, at the large $k$, a good place in both beats one first place.

**With a little tuning data, scores can be used.** Bring both to the range from 0 to 1 for each question,
and weigh: $\alpha \cdot \text{words} + (1 - \alpha) \cdot \text{vectors}$. Bruch et al. (2023) find this
better than RRF, and RRF sensitive to its parameters. On our five kinds:
"""


# %% tags=["demo"]
def scaled(scores: np.ndarray) -> np.ndarray:
    low, high = scores.min(axis=1, keepdims=True), scores.max(axis=1, keepdims=True)
    return (scores - low) / np.where(high > low, high - low, 1)


alphas = np.linspace(0, 1, 11)
curves = {
    name: [
        recall(a * scaled(by_words[name]) + (1 - a) * scaled(by_cosine[name]), task, 1)
        for a in alphas
    ]
    for name, task in tasks.items()
}
fig, ax = figures.subplots(size=(6.6, 3.2))
for marker, (name, values) in zip("osv^D", curves.items(), strict=True):
    ax.plot(alphas, values, marker=marker, markersize=5, label=name)
ax.set(xlabel="weight of the words", ylabel="recall@1", ylim=(0, 1.05), xlim=(0, 1.45))
ax.set_xticks([0, 0.5, 1], ["0: vectors", "0.5", "1: words"])
ax.legend(frameon=False, fontsize=9, loc="center right")
ends = "; ".join(f"{n} {v[0]:.2f}, {v[5]:.2f} and {v[10]:.2f}" for n, v in curves.items())
figures.show(fig, f"Recall@1 by weight of the words, at 0, one half and 1, a line a kind: {ends}.")
best = alphas[int(np.argmax(np.mean(list(curves.values()), axis=0)))]
print(f"best weight on average over the five kinds: {best:.1f}; RRF has none to choose")

# %% [markdown]
r"""
No weight is best for every kind. If you know what your users ask, choose by that; if you can tell a code
from a sentence (a regular expression can), route it.

#### In a real engine

Qdrant holds a dense and a sparse vector for each point, searches both and fuses: one call. A sparse vector
is just {word number: weight}; with the modifier IDF Qdrant multiplies in the idf itself.
"""

# %% tags=["demo"]
try:
    from qdrant_client import QdrantClient, models
except ImportError:
    client = None
    print("This demo needs qdrant-client: pip install qdrant-client")
else:
    task = tasks["documents"]
    tokens = bm25s.tokenize(list(task.passages), return_ids=False, show_progress=False)
    number = {w: i for i, w in enumerate(sorted({w for doc in tokens for w in doc}))}
    mean_length = np.mean([len(doc) for doc in tokens])

    def sparse(doc: list[str], document: bool) -> models.SparseVector:
        counts = {number[w]: c for w, c in Counter(doc).items() if w in number}
        norm = 1.5 * (0.25 + 0.75 * len(doc) / mean_length)
        values = [c * 2.5 / (c + norm) if document else float(c) for c in counts.values()]
        return models.SparseVector(indices=list(counts), values=values)

    client = QdrantClient(":memory:")
    client.create_collection(
        "library",
        vectors_config={"dense": models.VectorParams(size=128, distance=models.Distance.COSINE)},
        sparse_vectors_config={"words": models.SparseVectorParams(modifier=models.Modifier.IDF)},
    )
    both = zip(lab.embed(task.passages).tolist(), tokens, strict=True)
    points = [{"dense": vector, "words": sparse(doc, True)} for vector, doc in both]
    client.upsert("library", [models.PointStruct(id=i, vector=p) for i, p in enumerate(points)])
    print("points:", client.count("library").count)

# %% tags=["demo"]
if client is not None:
    question = task.queries[0]
    query = sparse(bm25s.tokenize(question, return_ids=False, show_progress=False)[0], False)
    vector = lab.embed([question])[0].tolist()
    two_searches = [
        models.Prefetch(query=query, using="words", limit=20),
        models.Prefetch(query=vector, using="dense", limit=20),
    ]
    print(question, " right:", sorted(task.relevant[0]))
    for name, fusion in {
        "RRF as it comes": models.FusionQuery(fusion=models.Fusion.RRF),
        "RRF, k = 60": models.RrfQuery(rrf=models.Rrf(k=60)),
        "RRF, k = 61": models.RrfQuery(rrf=models.Rrf(k=61)),
    }.items():
        found = client.query_points("library", prefetch=two_searches, query=fusion, limit=4).points
        print(f"{name:16}", "  ".join(f"{point.id}: {point.score:.4f}" for point in found))

# %% [markdown]
r"""
Two things to know about Qdrant's RRF (version 1.20 of its client, and its documentation, November 2026):
its default $k$ is 2, and it counts ranks *from 0*. So the paper's 60 is 61 there: a document that is first
in both lists has $2/61 \approx 0.0328$.
"""

# %% [markdown]
r"""
### Build it

Three exercises: BM25, RRF, and the repair of a hybrid search that loses documents.
"""

# %% [markdown]
r"""
### Exercise 11.1 · `bm25_scores`

●●○ · 20 minutes · 5 points · core

Write `bm25_scores(query, docs, k1=1.5, b=0.75)`: the BM25 score of every document.

- `query` is a list of words, `docs` a list of N documents, each a list of words. Words are compared as they
  are: no lower-casing, no stems. Return a float64 array of shape (N,), in the order of `docs`.
- With $n_w$ the number of *documents* that have the word at least once, the idf of a word is
  $\ln(1 + (N - n_w + 0.5)/(n_w + 0.5))$.
- A document in which the word stands tf times gets from it idf · tf · (k1 + 1) / (tf + k1 · (1 − b + b ·
  length / avglen)). The length is the number of its words, repeated ones too; avglen is the mean length of
  all N documents, empty ones among them.
- The score is the sum over the words of the query, **with repeats**: a word that stands twice in the query
  counts twice. A word that a document does not have adds 0; an empty query gives zeros.
- `k1` is 0 or more, `b` between 0 and 1. With k1 = 0 the factor beside the idf is 1 if the word is there,
  and 0 if not.
- An empty document scores 0. If all are empty, the result is zeros. Without documents it is an empty array,
  shape (0,).
- The arguments are not changed.

By hand, with k1 = 1 and b = 0: the documents are `["a", "a", "b"]` and `["b"]`. For the query `["a"]`, N =
2 and n = 1, so the idf is ln 2; the first document gets ln 2 · 2 · 2 / (2 + 1), the second 0.

<details><summary>Hint 1</summary>

`collections.Counter` counts a document's words, and gives 0 for one that is not there. n_w is a count over
documents, not over occurrences. Which two divisions can have a zero below?

</details>

<details><summary>Hint 2</summary>

Start with an array of zeros, and return it if the total length is 0 (or there are no documents). For each
word of the query: the tf of every document, n_w as the number of tfs above 0; the term is
added for the documents that have the word, and for no others. That also settles k1 = 0.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q11-bm25", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bm25_scores(
    query: list[str], docs: list[list[str]], k1: float = 1.5, b: float = 0.75
) -> np.ndarray:
    """Score documents, lists of words, against the words of a query. Returns float64 (N,)."""
    ### BEGIN SOLUTION
    N = len(docs)
    scores = np.zeros(N)
    total = sum(map(len, docs))
    if total == 0:
        return scores
    length = np.array([len(doc) for doc in docs]) * N / total  # in units of the mean
    for word in query:
        tf = np.array([doc.count(word) for doc in docs])
        has = tf > 0
        n = has.sum()
        idf = math.log(1 + (N - n + 0.5) / (n + 0.5))
        below = tf + k1 * (1 - b + b * length)
        scores[has] += idf * tf[has] * (k1 + 1) / below[has]
    return scores
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q11-bm25-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
docs = [["a", "a", "b"], ["b"]]
testing.agree(
    bm25_scores,
    [
        ((["a"], docs, 1.0, 0.0), np.array([math.log(2) * 4 / 3, 0.0])),
        ((["b"], docs, 1.0, 0.0), np.array([math.log(1.2), math.log(1.2)])),
        ((["a", "b"], docs, 1.0, 0.0), np.array([math.log(2) * 4 / 3, 0]) + math.log(1.2)),
    ],
    "with b = 0: idf times tf (k1 + 1) / (tf + k1), summed over the words of the query",
)
testing.agree(
    bm25_scores,
    [((["b"], docs, 1.0, 1.0), math.log(1.2) * np.array([2 / 2.5, 2 / 1.5]))],
    "with b = 1 k1 is multiplied by length / mean length: here 3/2 and 1/2",
)

# %% nbgrader={"grade": true, "grade_id": "q11-bm25-hidden-score", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: scores of random documents, with the default settings (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def slowly(query: list[str], docs: list[list[str]], k1: float, b: float) -> list[float]:
    """The definition, word by word, for documents that are not all empty."""
    mean = math.fsum(len(doc) for doc in docs) / len(docs)
    found = []
    for doc in docs:
        parts = []
        for word in query:
            tf = sum(1 for w in doc if w == word)
            n = sum(1 for other in docs if any(w == word for w in other))
            if tf:
                idf = math.log(1 + (len(docs) - n + 0.5) / (n + 0.5))
                below = tf + k1 * (1 - b + b * len(doc) / mean)
                parts.append(idf * tf * (k1 + 1) / below)
        found.append(math.fsum(parts))
    return found


letters = ["sea", "Sea", "seas", "ship", "harbour", "of", "the"]
for n_docs in (1, 2, 5, 12):
    docs = []
    for _ in range(n_docs):
        size = int(rng.integers(1, 9))
        docs.append([letters[int(i)] for i in rng.integers(0, 7, size=size)])
    for size in (1, 2, 4):
        query = [letters[int(i)] for i in rng.permutation(7)[:size]]
        testing.agree(
            bm25_scores,
            [((query, docs), np.array(slowly(query, docs, 1.5, 0.75)))],
            "the sum over the query's words of idf times the saturated tf; n counts documents, "
            "lengths are in words, and words are compared as they are",
        )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q11-bm25-hidden-idf", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: words that most documents have (1 point)
### BEGIN HIDDEN TESTS
for N, n in [(1, 1), (4, 4), (4, 3), (10, 6), (10, 9), (7, 4)]:
    docs = [["the", "cat"] if i < n else ["a", "cat"] for i in range(N)]
    idf = math.log(1 + (N - n + 0.5) / (n + 0.5))
    testing.agree(
        bm25_scores,
        [((["the"], docs), np.array([idf] * n + [0.0] * (N - n)))],
        "the idf has 1 + inside the logarithm: without it a word that most documents have gets a "
        "negative weight, and with a floor at 0 it says nothing at all",
    )
    repeated = [["the"] * 3 if i < n else ["a"] * 3 for i in range(N)]
    tf = 3 * 2.5 / (3 + 1.5)
    testing.agree(
        bm25_scores,
        [((["the"], repeated), np.array([idf * tf] * n + [0.0] * (N - n)))],
        "n is the number of documents that have the word, not how often it occurs in all",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q11-bm25-hidden-settings", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: k1 and b, their ends included (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
docs = [["x"] * int(a) + ["y"] * int(c) for a, c in rng.integers(1, 9, size=(6, 2))]
docs += [["y", "y"], ["z"]]
mean = sum(len(doc) for doc in docs) / len(docs)
idf = math.log(1 + (8 - 6 + 0.5) / (6 + 0.5))
for k1, b in [(1.5, 0.0), (1.5, 1.0), (0.4, 0.5), (0, 0.75), (0.0, 0.0), (20.0, 0.75), (1.2, 0.25)]:
    want = []
    for doc in docs:
        tf = sum(word == "x" for word in doc)
        below = tf + k1 * (1 - b + b * len(doc) / mean)
        want.append(idf * tf * (k1 + 1) / below if tf else 0.0)
    testing.agree(
        bm25_scores,
        [((["x"], docs, k1, b), np.array(want))],
        "k1 bounds what repetitions add (k1 = 0: being there is all that counts, and no 0/0 where "
        "the word is not), b is how much of the relative length counts",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q11-bm25-hidden-edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: repeated and unknown words, empty documents (1 point)
### BEGIN HIDDEN TESTS
docs = [["a", "b", "b"], ["c"], [], ["a", "a", "a", "a"]]
once = [
    math.log(1 + 2.5 / 2.5) * tf * 2.5 / (tf + 1.5 * (0.25 + 0.75 * n / 2))
    for tf, n in [(1, 3), (4, 4)]
]
a = np.array([once[0], 0.0, 0.0, once[1]])
testing.agree(
    bm25_scores,
    [((["a", "a"], docs), 2 * a), ((["a", "q", "a", "a"], docs), 3 * a), ((["a"], docs), a)],
    "a word that stands twice in the query counts twice, an unknown one adds 0; an empty document "
    "scores 0 and counts in N and in the mean length",
)
testing.agree(
    bm25_scores,
    [
        ((["a"], []), np.zeros(0)),
        (([], []), np.zeros(0)),
        (([], docs), np.zeros(4)),
        ((["a"], [[], [], []]), np.zeros(3)),
        ((["q"], docs), np.zeros(4)),
    ],
    "no documents: an empty array; nothing but empty ones, or nothing asked: zeros, not NaN",
)
assert bm25_scores(["a"], docs).dtype == np.float64, "the scores are a float64 array"
assert testing.leaves_arguments(bm25_scores, ["a", "b", "a"], [["b", "a"], ["c", "a"]]), (
    "query and docs belong to the caller"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
#### Your BM25 against the library

The same words, the same settings: do the two agree?
"""

# %% tags=["demo"]
task = tasks["documents"]
tokens = bm25s.tokenize([*task.passages, *task.queries[:20]], return_ids=False, show_progress=False)
docs, queries = tokens[: len(task.passages)], tokens[len(task.passages) :]
try:
    mine = np.stack([bm25_scores(query, docs) for query in queries])
except NotImplementedError:
    print("Not yet: bm25_scores (exercise 11.1) is not written.")
else:
    theirs = by_words["documents"][:20]
    ratio = mine[theirs > 0] / theirs[theirs > 0]
    print("same first document:", np.mean(mine.argmax(axis=1) == theirs.argmax(axis=1)))
    print(f"your score / its score: {ratio.min():.3f} to {ratio.max():.3f}")

# %% [markdown]
r"""
The scores differ by a constant factor, k1 + 1: Lucene's variant, which `bm25s` follows by default, leaves
it out, since a factor common to all changes no order. It does change every *sum* with another score, and
every threshold. "BM25" is a family; never compare scores of two engines.
"""

# %% [markdown]
r"""
### Exercise 11.2 · `rrf`

●○○ · 10 minutes · 4 points · core

Write `rrf(rankings, k=60)`: reciprocal rank fusion of any number of rankings.

- `rankings` is a list of lists of document ids (strings), each best first. A list may be empty, and a
  document may be missing from some lists.
- A document at rank r of a list, counted from 1, gets 1/(k + r) from it, and nothing from a list in which
  it does not stand. If it stands in one list more than once, its first place counts alone; the later places
  stay where they are, so what comes after them is not moved up.
- Return a list of (id, score) of all documents of any list, best first. Scores are compared after rounding
  to 12 decimals; equal ones are in the order of their ids. The score that is returned may be rounded or
  not.
- `k` is 0 or more. The arguments are not changed.

By hand: `rrf([["a", "b"], ["b"]], k=1)` gives b 1/3 + 1/2 and a 1/2.

<details><summary>Hint 1</summary>

`enumerate(ranking, start=1)`. A dictionary collects the sums; a set for each list remembers who has been
seen in it.

</details>

<details><summary>Hint 2</summary>

Why the rounding? 1/61 + 1/62 + 1/67 is not the same float in every order of addition, so two documents with
the same three ranks could differ in the last bit. Sort with the key `(-round(score, 12), id)`.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q11-rrf", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rrf(rankings: list[list[str]], k: float = 60) -> list[tuple[str, float]]:
    """Fuse rankings of ids, best first, by the sum of 1 / (k + rank). Returns (id, score)."""
    ### BEGIN SOLUTION
    scores: dict[str, float] = {}
    for ranking in rankings:
        seen = set()
        for rank, doc in enumerate(ranking, start=1):
            if doc not in seen:
                seen.add(doc)
                scores[doc] = scores.get(doc, 0.0) + 1 / (k + rank)
    return sorted(scores.items(), key=lambda item: (-round(item[1], 12), item[0]))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q11-rrf-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    rrf,
    [
        (([["a", "b"], ["b"]], 1), [("b", 1 / 3 + 1 / 2), ("a", 1 / 2)]),
        (([["a", "b", "c"]], 60), [("a", 1 / 61), ("b", 1 / 62), ("c", 1 / 63)]),
        (([["a"], ["b"]], 60), [("a", 1 / 61), ("b", 1 / 61)]),
    ],
    "1 / (k + rank) with ranks from 1, summed over the lists; equal scores in the order of ids",
)

# %% nbgrader={"grade": true, "grade_id": "q11-rrf-hidden-sum", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the sum over lists, documents that are missing from some (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()
pool = [f"d{i:02}" for i in range(9)]
for k in (60, 1, 0, 2.5):
    for sizes in ([4, 4], [9, 3, 6], [1], [5, 0, 2], [7, 7, 7, 7]):
        lists = [[pool[int(i)] for i in rng.permutation(9)[:size]] for size in sizes]
        want = []
        for doc in {doc for ranking in lists for doc in ranking}:
            terms = [1 / (k + 1 + ranking.index(doc)) for ranking in lists if doc in ranking]
            want.append((doc, math.fsum(terms)))
        want.sort(key=lambda item: (-round(item[1], 12), item[0]))
        testing.agree(
            rrf,
            [((lists, k), want)],
            "every document of any list is in the result, with 1 / (k + rank) from each list that "
            "it stands in and nothing from the others; best first",
        )
testing.agree(
    rrf, [(([],), []), (([[], []],), [])], "without any document the result is an empty list"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q11-rrf-hidden-ties", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: equal scores (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for k in (60, 1, 7):
    triples = [(i, j, m) for m in range(9) for j in range(m) for i in range(j)]
    uneven = []  # places whose three terms give another float in another order of addition
    for places_of in triples:
        x, y, z = (1 / (k + 1 + r) for r in places_of)
        if len({x + y + z, y + z + x, z + x + y}) > 1:
            uneven.append(places_of)
    for pick in rng.permutation(len(uneven))[:4]:
        ranks = uneven[int(pick)]
        for one, other in (("a", "b"), ("b", "a")):
            for turn in (1, 2):
                lists = [[f"f{place}{i}" for i in range(9)] for place in range(3)]
                for at in range(3):
                    lists[at][ranks[at]], lists[at][ranks[(at + turn) % 3]] = one, other
                total = math.fsum(1 / (k + 1 + r) for r in ranks)
                both = [(doc, score) for doc, score in rrf(lists, k) if doc in "ab"]
                testing.check(
                    testing.close(both, [("a", total), ("b", total)]),
                    "documents with the same three ranks have the same score, whatever the order "
                    "of addition: compare after rounding to 12 decimals, then by id",
                    inputs=(lists, k),
                    got=both,
                    expected=[("a", total), ("b", total)],
                )
testing.agree(
    rrf,
    [(([["c", "a"], ["b"], ["a", "c"]], 3), [("a", 9 / 20), ("c", 9 / 20), ("b", 1 / 4)])],
    "equal scores are in the order of the ids, not in that of their appearance",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q11-rrf-hidden-repeats", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a document twice in one list, unchanged arguments (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    rrf,
    [
        (([["a", "a", "b"]], 1), [("a", 1 / 2), ("b", 1 / 4)]),
        (([["c", "b", "c", "b", "a"]], 0), [("c", 1.0), ("b", 1 / 2), ("a", 1 / 5)]),
        (([["a", "a"], ["a", "b", "b"]], 2), [("a", 2 / 3), ("b", 1 / 4)]),
    ],
    "the first place of a document in a list counts, once; what stands behind a repeated one keeps "
    "its own place",
)
rng = testing.rng()
lists = [[f"d{int(i)}" for i in rng.integers(0, 4, size=6)] for _ in range(3)]
assert testing.leaves_arguments(rrf, lists, 60), "the rankings belong to the caller"
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 11.3 · repair `hybrid`

●●○ · 12 minutes · 3 points · core

This function fuses a keyword search and a vector search. Where both know every document, its order is
nearly always right. There are three mistakes in it.

`hybrid(keyword, dense, k=60)`:

- `keyword` is a dictionary from document id to BM25 score, which is 0 or more. A score of 0 means that no
  word is shared: such a document was **not found** by the keyword search and has no rank there.
- `dense` is a dictionary from id to cosine, of the documents that the vector search returned: perhaps some,
  perhaps all. A cosine may be negative; every document in it was found.
- In each search documents are ranked by falling score, equal scores by id, from rank 1. A document gets
  1/(k + rank) from each search that found it. Return (id, score) of all documents that at least one search
  found, by falling score, equal scores by id (compared after rounding to 12 decimals, as in 11.2, or not:
  the tests do not depend on it).
- `k` is 0 or more. The arguments are not changed.

<details><summary>Hint 1</summary>

Take `keyword = {"a": 2.0, "b": 0.0}` and `dense = {"c": 0.9}` and write down what should come out. Then run
it.

</details>

<details><summary>Hint 2</summary>

One clue for each. What does `list.index` say of the first element? Which documents does the loop look at?
And where does a document with a BM25 score of 0 stand in `by_keyword`?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q11-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def hybrid(
#     keyword: dict[str, float], dense: dict[str, float], k: float = 60
# ) -> list[tuple[str, float]]:
#     """Fuse a keyword search with a vector search by RRF. Returns (id, score), best first."""
#     by_keyword = sorted(keyword, key=lambda doc: (-keyword[doc], doc))
#     by_dense = sorted(dense, key=lambda doc: (-dense[doc], doc))
#     fused = {}
#     for doc in by_keyword:
#         if doc in dense:
#             fused[doc] = 1 / (k + by_keyword.index(doc)) + 1 / (k + by_dense.index(doc))
#     return sorted(fused.items(), key=lambda item: (-item[1], item[0]))
### END REPAIR
### BEGIN SOLUTION
def hybrid(
    keyword: dict[str, float], dense: dict[str, float], k: float = 60
) -> list[tuple[str, float]]:
    """Fuse a keyword search with a vector search by RRF. Returns (id, score), best first."""
    found = [doc for doc in keyword if keyword[doc] > 0]
    by_keyword = sorted(found, key=lambda doc: (-keyword[doc], doc))
    by_dense = sorted(dense, key=lambda doc: (-dense[doc], doc))
    fused: dict[str, float] = {}
    for ranking in (by_keyword, by_dense):
        for rank, doc in enumerate(ranking, start=1):
            fused[doc] = fused.get(doc, 0.0) + 1 / (k + rank)
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q11-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
found = hybrid({"a": 3.0, "b": 2.0, "c": 1.0}, {"a": 0.9, "b": -0.1, "c": 0.2})
testing.check(
    [doc for doc, _ in found] == ["a", "b", "c"],
    "this worked before the repair: both searches found all three; a is first in both, and b and c "
    "have ranks 2 and 3, so the id decides",
    got=found,
    expected="a, then b and c with equal scores",
)

# %% nbgrader={"grade": true, "grade_id": "q11-repair-hidden-ranks", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: ranks count from 1 (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for n in (1, 2, 6):
    for k in (60, 0, 3):
        names = [f"d{i}" for i in range(n)]
        ranks = rng.permutation(n), rng.permutation(n)
        keyword = {doc: float(n - r) for doc, r in zip(names, ranks[0], strict=True)}
        dense = {doc: (n - 2 * float(r)) / 9 for doc, r in zip(names, ranks[1], strict=True)}
        want = [
            (doc, 1 / (k + 1 + int(r)) + 1 / (k + 1 + int(s)))
            for doc, r, s in zip(names, *ranks, strict=True)
        ]
        testing.agree(
            hybrid,
            [((keyword, dense, k), sorted(want, key=lambda item: (-item[1], item[0])))],
            "the best document of a search has rank 1: with 0, k = 0 divides by zero and every "
            "score is that of another k",
        )
first, second = {"b": 1.0, "a": 1.0}, {"b": 0.75, "a": 0.875}
testing.agree(
    hybrid,
    [
        ((first, second, 0), [("a", 2.0), ("b", 1.0)]),
        ((second, first, 0), [("a", 2.0), ("b", 1.0)]),
    ],
    "equal scores within one search are ranked by id, and the second of them has rank 2",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q11-repair-hidden-missing", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: documents that only one search found (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for n, shared in [(2, 0), (3, 1), (5, 3)]:
    pool = [f"d{int(i):02}" for i in rng.permutation(40)[: 2 * n - shared]]
    only_words, only_dense = pool[:n], pool[n - shared :]
    keyword = {doc: 9.0 - i for i, doc in enumerate(only_words)}
    dense = {doc: 0.5 - i / 8 for i, doc in enumerate(only_dense)}
    names = [doc for doc, _ in hybrid(keyword, dense)]
    testing.check(
        sorted(names) == sorted(pool),
        "a document that only one of the searches found is in the result as well: that is what a "
        "hybrid is for",
        inputs=(keyword, dense),
        got=sorted(names),
        expected=sorted(pool),
    )
for keyword, dense, want in [
    ({"a": 1.0}, {}, ["a"]),
    ({}, {"b": -0.5, "c": -0.4}, ["c", "b"]),
    ({}, {}, []),
    ({"x": 5.0, "z": 2.0}, {"y": 0.9, "z": 0.8}, ["z", "x", "y"]),
]:
    names = [doc for doc, _ in hybrid(keyword, dense)]
    testing.check(
        names == want,
        "from a search that did not find it a document gets nothing; one that both found comes "
        "before one that only one did, here",
        inputs=(keyword, dense),
        got=names,
        expected=want,
    )
assert testing.leaves_arguments(hybrid, {"a": 1.0, "b": 2.0}, {"b": 0.1, "a": 0.3}), (
    "the dictionaries belong to the caller"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q11-repair-hidden-unmatched", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a BM25 score of 0 is no find (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for n, hits in [(3, 1), (6, 2), (6, 0), (8, 7)]:
    names = [f"d{i}" for i in range(n)]
    order = [names[int(i)] for i in rng.permutation(n)]
    keyword = dict.fromkeys(names, 0.0)
    keyword |= {doc: 5.0 / 4**i for i, doc in enumerate(order[:hits])}  # small ones too
    turn = [names[int(i)] for i in rng.permutation(n)]
    dense = {doc: 0.9 - i / 10 for i, doc in enumerate(turn)}
    scores = dict(hybrid(keyword, dense))
    want = {doc: 1 / (61 + i) for i, doc in enumerate(turn)}
    for i, doc in enumerate(order[:hits]):
        want[doc] += 1 / (61 + i)
    testing.check(
        testing.close(scores, want),
        "a document with a BM25 score of 0 shares no word with the query: it has no rank in the "
        "keyword search and gets nothing from it (or it is one of the other mistakes)",
        inputs=(keyword, dense),
        got=scores,
        expected=want,
    )
names = [doc for doc, _ in hybrid({"a": 0.0, "b": 0.0, "c": 0.1}, {"c": 0.2})]
assert names == ["c"], "a document that neither search found is not in the result"
assert testing.leaves_arguments(hybrid, {"a": 1.0, "b": 0.0, "c": 0.1}, {"b": 0.1, "a": 0.3}), (
    "the dictionaries belong to the caller: do not delete the unmatched documents from them"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

**"Dense retrieval handles domain shift better."** The other way round, more often than not. The table above
has it for a tiny model; BEIR had it for large ones in 2021: "BM25 is a robust baseline", and dense
(and learned sparse) models "often underperform other approaches". Later models, trained on far more text,
have overtaken BM25 on BEIR's average (E5, of December 2022, calls itself the first to do so without labelled
data). *Your* domain may still be new to them. BM25 has no training that could be missing.

**"RRF combines the scores."** It never sees them. Stretch one list's scores, or let its first hit win by a
mile: nothing changes, and a sure first place counts no more than a lucky one.
"""

# %% tags=["demo"]
stretched = {name: by_words[name] ** 3 * 1000 for name in tasks}
same = {name: np.array_equal(places(stretched[name]), places(by_words[name])) for name in tasks}
print("same ranks after cubing all BM25 scores, times 1,000:", all(same.values()))
for name, scores in (("close", [7.1, 7.0, 6.9]), ("a mile ahead", [70.0, 7.0, 6.9])):
    ranked = np.argsort(-np.array(scores)) + 1
    print(f"{name:13} {scores} -> RRF sees ranks {ranked.tolist()}")

# %% [markdown]
r"""
**"idf is log((N − n + 0.5)/(n + 0.5))."** So it stands in the classic papers, and it is negative for a word
that more than half of the documents have. A document that matches one word more then scores *less*:
"""

# %% tags=["demo"]
N = 10
print("documents with the word   1      4      5      6      9     10   of", N)
for name, idf in {
    "without the 1 +": lambda n: np.log((N - n + 0.5) / (n + 0.5)),
    "with it": lambda n: np.log(1 + (N - n + 0.5) / (n + 0.5)),
}.items():
    print(f"{name:20}", "".join(f"{idf(n):7.2f}" for n in (1, 4, 5, 6, 9, 10)))

# %% [markdown]
r"""
In a small collection that is an everyday event: test your BM25 on five documents, and half the words are
"common". Lucene adds the 1. Other libraries set a floor; look at yours.

**"Hybrid is best practice, so switch it on."** In the table above, plain RRF lost on codes and in the other
domain what BM25 alone had. How often is the right passage first in one list, and not first after fusion?
"""

# %% tags=["demo"]
print("of the questions whose right passage is first in at least one of the two lists,")
for name in ("known wordings", "new wordings", "codes", "another domain"):  # one right passage each
    right = np.array([min(found) for found in tasks[name].relevant])
    rows = np.arange(len(right))
    ranks = [places(scores[name])[rows, right] for scores in (by_words, by_cosine)]
    first = np.minimum(*ranks) == 1
    lost = [(first & (places(fused(name, k))[rows, right] > 1)).sum() for k in (60, 1)]
    print(
        f"{name:15} {first.sum():3}, not first after RRF: {lost[0]:2} at k = 60, {lost[1]:2} at k = 1"
    )

# %% [markdown]
r"""
### If they push

<details><summary>When would you use keyword search alone?</summary>

When queries are identifiers, error messages, names or quotations; when the domain is far from what public
embedding models were trained on and there is nothing to train with; when every result must be explainable
by its words; when there is no budget for embedding the corpus again at every change of model.

</details>

<details><summary>How does the size of the lists that you fuse matter?</summary>

A document below the cut gets nothing from that list, as if it had not been found. With short lists (10 and
10) fusion decides mostly by "in both or in one"; with long ones the far tail of a bad list can still lift a
document. Something like 50 to 200 each is common; then rerank the fused head (question 19).

</details>

<details><summary>RRF or a weighted sum of scores?</summary>

RRF if there is nothing to tune on: it needs no scales, and takes any number of lists. With a few dozen
labelled queries a weighted sum of normalised scores is usually better (Bruch et al., 2023). It has two
things to watch: min-max depends on what else was retrieved, and the weight has to be chosen again with
every new model.

</details>

<details><summary>Is a sparse vector always BM25?</summary>

No. Learned sparse models (SPLADE; Formal et al., 2021) predict weights for words of a vocabulary, also for
words that the text does not have: an inverted index with synonyms. They need a model at indexing, and in
most variants at query time, and they can miss a new code just as dense ones do.

</details>

<details><summary>Is BM25 faster than vector search?</summary>

It reads the lists of the query's words only, so it is fast on a CPU and needs no model for the query.
"Slower" for vectors is mostly the embedding call: an approximate index answers in milliseconds (question
9). Long queries, a whole paragraph pasted in, are BM25's bad case: many words, many long lists.

</details>

<details><summary>How would you handle synonyms in keyword search?</summary>

Stemming for word forms, a curated list of synonyms at query time, or an expansion of the documents with
predicted questions (doc2query; Nogueira et al., 2019). And vectors: that is what the second list is for.

</details>

<details><summary>How do you find out which of the two your users need?</summary>

Sort a sample of real queries into kinds (codes, names, questions, keywords), label some of each, and read
recall by kind, as in the table above. A mean over all hides that one kind fails completely.

</details>
"""

# %% [markdown]
r"""
### Sources

- Robertson, Zaragoza (2009), *The Probabilistic Relevance Framework: BM25 and Beyond*, Foundations and
  Trends in Information Retrieval 3. Lucene, `BM25Similarity` (its idf with 1 +, the factor k1 + 1 removed
  by a change of November 2018): read in November 2026.
- Cormack, Clarke, Büttcher (2009), *Reciprocal Rank Fusion Outperforms Condorcet and Individual Rank
  Learning Methods*, SIGIR.
- Thakur, Reimers, Rücklé, Srivastava, Gurevych (2021), *BEIR: A Heterogeneous Benchmark for Zero-shot
  Evaluation of Information Retrieval Models*, NeurIPS, arXiv 2104.08663.
- Bruch, Gai, Ingber (2023), *An Analysis of Fusion Functions for Hybrid Retrieval*, ACM Transactions on
  Information Systems, arXiv 2210.11934. **Contested**: it finds RRF sensitive to its parameters and a
  convex combination better, against earlier reports that RRF needs no tuning.
- Wang et al. (2022), *Text Embeddings by Weakly-Supervised Contrastive Pre-training*, arXiv 2212.03533: E5.
- Karpukhin et al. (2020), *Dense Passage Retrieval for Open-Domain Question Answering*, EMNLP, arXiv
  2004.04906: where dense retrieval beats BM25.
- Formal, Piwowarski, Clinchant (2021), *SPLADE: Sparse Lexical and Expansion Model for First Stage
  Ranking*, SIGIR, arXiv 2107.05720; Nogueira, Yang, Lin, Cho (2019), *Document Expansion by Query
  Prediction*, arXiv 1904.08375.
- Qdrant's documentation, *Hybrid and Multi-Stage Queries* and *How to Tune Hybrid Search* (default k = 2,
  ranks from 0), and `qdrant-client` 1.20, run: November 2026.
"""
