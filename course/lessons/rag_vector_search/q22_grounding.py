# %% [markdown]
r"""
## Q22. What is a grounded answer?

*Medium · 85 minutes · needs nothing of this notebook; the next section, question 18, measures whole systems
with the same two verdicts*
"""

# %% [markdown]
r"""
### Say it

> An answer is grounded if everything it states is supported by sources that it was given, and cited if it says
> which ones. That is a property to measure, not a promise: split the answer into sentences, and for
> each ask whether the documents it cites, taken together, entail it. Citation recall is the share of
> sentences for which they do; citation precision is the share of citations that are needed for it. A number in
> brackets proves nothing by itself, since a model writes it like any other token. And a grounded
> answer can still be false, if its source is, and a citation can be right although the model never used the
> document: then it decorates what the model knew anyway.
"""

# %% [markdown]
r"""
### See it

**A report with sources.** Four documents about towns that the lab's model has never heard of, and six
questions to them. Its answers in a row make a little report. The world that the documents come from is known, so
every sentence can be traced.
"""

# %% tags=["demo"]
import random

from course import lab, world
from course.lab import assess, probes
from course.world.chats import Episode
from course.world.documents import reading_set
from course.world.questions import stated_questions
from course.world.reading import ask_documents, reading_answer

rng = random.Random(8)
strange = probes.unseen(2)  # a world whose names stand in no training text
sources = reading_set(strange, rng, 4)
asked = stated_questions(sources, rng)[:6]
talks = [Episode("r").turn(ask_documents(sources, q.text), reading_answer(q)) for q in asked]
model, tokenizer = lab.load("instruct"), lab.tokenizer("instruct")
report = " ".join(assess.answers(model, tokenizer, [probes.case(t) for t in talks]))
for number, document in enumerate(sources, 1):
    print(f"[{number}] {document.text}")
print("\nReport:", report)

# %% [markdown]
r"""
**Tracing it.** Two tools are needed. The first takes a text apart: sentences, and for each the numbers that it cites.
The second is a judge of entailment: does this text state what the sentence says? A program that reads the
world's language is the judge here; elsewhere it is a language model, and has to be checked itself
(question 18, the next section).
"""

# %% tags=["demo"]
import re


def cited_sentences(text: str) -> list[tuple[str, list[str]]]:
    """Each sentence without its citations, and the numbers cited in it."""
    found = []
    for sentence in world.sentences(text):
        plain = re.sub(r"\s*\[\d+\]", "", sentence)
        found.append((plain, re.findall(r"\[(\d+)\]", sentence)))
    return found


def reading_of(sentence: str) -> tuple | None:
    """What a sentence states: attribute, subject and value, however it is worded."""
    read = world.check(strange, sentence)
    return (read.relation, read.subject, read.claimed.lower()) if read.relation else None


def backs(premise: str, claim: str) -> bool:
    return reading_of(claim) in [reading_of(s) for s in world.sentences(premise) if reading_of(s)]


# %% tags=["demo"]
texts = {str(number): document.text for number, document in enumerate(sources, 1)}
for sentence, numbers in cited_sentences(report):
    union = "\n".join(texts.get(n, "") for n in numbers)
    verdict = "supported" if backs(union, sentence) else "NOT SUPPORTED"
    print(f"{verdict:13}  {numbers}  {sentence}")

# %% [markdown]
r"""
Similar words would not have done as a judge. The next cell measures word overlap between a sentence and each of three
premises: one that states the same thing in other words, one that states something else about the same subject, and one
with another value.
"""

# %% tags=["demo"]
person = next(f.subject for f in strange.facts() if f.relation == "person.home")
living = next(f.value for f in strange.facts(person) if f.relation == "person.home")
claim = f"The home of {person} is {living}."


def overlap(premise: str, claim: str) -> float:
    words, wanted = (set(re.findall(r"\w+", x.lower())) for x in (premise, claim))
    return len(words & wanted) / len(wanted)


for premise in (
    f"{person} lives in {living}.",
    f"The birthplace of {person} is {living}.",
    f"The home of {person} is Elsewhere Bay.",
):
    print(f"overlap {overlap(premise, claim):.2f}  entails {backs(premise, claim)}  {premise}")
print("claim:", claim)

# %% [markdown]
r"""
#### Recall over sentences, precision over citations

With these two tools the measures of ALCE (Gao et al., 2023) are two counts.

- **Citation recall**: the share of *sentences* that the documents they cite, taken *together*, entail.
- **Citation precision**: the share of *citations* that do something. A citation is idle if its document alone does not entail
  the sentence *and* the sentence would stand without it; and where the sentence is not supported, none of its citations
  counts.

Two things here are easily done otherwise. A sentence may need two documents, so recall must not ask each of them
alone. And a citation may be one half of a proof: alone it entails nothing, and yet without it the rest does not.
In the toy below a document is a set of letters, and a sentence is supported if all its letters are there.
"""


# %% tags=["demo"]
def letters(premise: str, claim: str) -> bool:
    return set(claim) <= set(premise)


from course.lab.grounded import judged

for claim, cited in [
    ("ab", ["abx"]),
    ("ab", ["a", "b"]),
    ("ab", ["ab", "xy"]),
    ("ab", ["ab", "ab"]),
    ("ab", ["a", "b", "ab"]),
    ("ab", ["a", "x"]),
    ("ab", []),
]:
    together, counts = judged(claim, cited, letters)
    print(f"{claim} from {cited!s:20} supported {together!s:5}  citations {counts}")

# %% [markdown]
r"""
Look at the fourth row and the fifth. Two equal documents both count, since each alone suffices: precision does not punish
repetition as such. In the fifth the halves have become idle, because a third document makes each of them
dispensable.
"""

# %% [markdown]
r"""
**Planting faults.** Now reports of which everything is known: true sentences about ten sets of documents, each with the one
citation that is right. Into them faults are planted: extra citations beside the right one; citations of another document; no citation;
and another value in the sentence, with its citation left as it was. Which of the two measures falls in each case? Decide first.
"""

# %% tags=["demo"]
from course.world.drafts import corrupt
from course.world.language import answer as sentence_of

shelves, planted = [], []
for number in range(10):
    documents = reading_set(strange, random.Random(number), 5)
    shelves.append({str(n): d.text for n, d in enumerate(documents, 1)})
    for q in stated_questions(documents, random.Random(number))[:4]:
        planted.append((number, q.facts[0], [str(q.sources[0])]))
print(len(planted), "sentences")


def spoil(fact, right: list[str], fault: str, rng) -> tuple[str, list[str]]:
    """A sentence and its citations, with a fault planted."""
    text = f"{sentence_of(fact)}."
    others = [n for n in "12345" if n not in right]
    if fault == "extra citation":
        return text, [*right, rng.choice(others)]
    if fault == "wrong citation":
        return text, [rng.choice(others)]
    if fault == "no citation":
        return text, []
    return f"{sentence_of(corrupt(strange, fact, rng))}.", right


def spoiled(fault: str, share: float) -> list[tuple[int, str, list[str]]]:
    """All sentences: the number of their shelf, the text, what it cites; a share with the fault."""
    rng = random.Random(1)
    chosen = set(rng.sample(range(len(planted)), round(share * len(planted))))
    rows = []
    for i, (number, fact, right) in enumerate(planted):
        sound = (f"{sentence_of(fact)}.", right)
        rows.append((number, *(spoil(fact, right, fault, rng) if i in chosen else sound)))
    return rows


# %% tags=["demo"]
def measured(fault: str, share: float) -> tuple[float, float]:
    """Citation precision and recall of the sentences."""
    supported, counting = [], []
    for number, claim, cited in spoiled(fault, share):
        together, counts = judged(claim, [shelves[number][n] for n in cited], backs)
        supported.append(together)
        counting += counts
    return (sum(counting) / len(counting) if counting else 0.0), sum(supported) / len(supported)


# %% tags=["demo"]
from course import figures

shares = (0.0, 0.25, 0.5, 0.75, 1.0)
faults = ("extra citation", "wrong citation", "no citation", "wrong value")
curves = {fault: [measured(fault, share) for share in shares] for fault in faults}
fig, axes = figures.subplots(1, 4, sharey=True, size=(8.4, 2.5))
for ax, fault in zip(axes, faults, strict=True):
    precision, recall = zip(*curves[fault], strict=True)
    ax.plot(shares, recall, marker="o", label="recall")
    ax.plot(shares, precision, marker="s", linestyle="--", label="precision")
    ax.set(title=fault, xlabel="share planted", ylim=(-0.05, 1.05))
axes[0].legend(frameon=False, loc="lower left")
half = {fault: curves[fault][2] for fault in faults}
figures.show(
    fig,
    "Four charts of citation recall (solid, circles) and precision (dashed, squares) against the share "
    "of sentences with a planted fault. At one half: "
    + "; ".join(f"{fault}: recall {r:.2f}, precision {p:.2f}" for fault, (p, r) in half.items())
    + ".",
)

# %% [markdown]
r"""
Extra citations cost precision only, missing ones recall only: that is why one needs both, and why a system may be
pushed along either of them (cite everything, or hardly anything). (Where all citations are gone, precision would
be 0/0, and is 0 by convention.) A wrong citation and a wrong value cost both, and *look
the same*: the measures say that sentence and source do not belong together, not which of them is to blame.
"""

# %% [markdown]
r"""
#### Right citation, unused document

A citation can be correct without being the reason. If a model knows the answer by heart, it may write it
down and put a number beside it that happens to fit: *post-rationalization*. Wallat et al. (2024) report it of up to 57 % of the
citations in their experiments. Support cannot tell the two apart. A *counterfactual* can: change the fact in the document and
see whether the answer follows. Here are questions about the home world, which `instruct` knows by heart, with
documents in which the facts have been changed.
"""

# %% tags=["demo"]
home = world.make_world()
draws = [probes.contradicted(random.Random(i)) for i in range(60)]
written = assess.answers(model, tokenizer, draws)
follows, sticks = 0, 0
for case, text in zip(draws, written, strict=True):
    plain = re.sub(r"\s*\[\d+\]", "", text)
    follows += plain == re.sub(r"\s*\[\d+\]", "", case.gold)
    sticks += world.check(home, plain).verdict is world.Verdict.TRUE
print(
    f"of {len(draws)} answers: {follows} follow the changed document, {sticks} keep what was learned"
)
print("document says:", draws[0].gold, "  model:", written[0])

# %% [markdown]
r"""
How often does this model decorate? Hardly ever, if your run is like ours: it was trained on hundreds of worlds
that contradict each other, so that only reading could help. Large models that are asked about well-known
things have had no such schooling. Whoever relies on citations runs this experiment on the model
in question.
"""

# %% [markdown]
r"""
### Build it

Three exercises: taking a cited text apart, the two measures, and the repair of a check that lets nearly
everything through. A fourth is extra: leaving out the citations that are not needed.
"""

# %% [markdown]
r"""
### Exercise 22.1 · `split_citations`

●●○ · 20 minutes · 4 points · core

Write `split_citations(answer)`. It takes an answer apart into a list of `(sentence, numbers)`: each
sentence without its citations, and the numbers cited in it, as strings.

- A citation is `[` + one or more numbers separated by commas + `]`; numbers are one or more digits, and spaces may
  stand around them: `[3]`, `[12]`, `[1, 2]`, `[ 4,5 ]`. Anything else in brackets, such as `[sic]` or `[a1]`,
  is ordinary text.
- A sentence ends with `.`, `!` or `?`, when after it the text ends, or a space or a citation follows. (So the stop
  in `3.5` ends nothing. Abbreviations do not occur.) The last sentence may lack its stop.
- Citations stand anywhere inside a sentence, or right after its stop, with or without spaces
  before them: `It rains.[2] [3] It snows.` has 2 and 3 in the first sentence. After such citations comes a space or the
  end of the text.
- In the sentence that is returned, each citation is removed together with the spaces directly before it, and spaces
  at both ends are stripped; all else stays as it is.
- Numbers come in the order of the text; one that is repeated in a sentence counts once, at its first place.
- An empty answer, or one of spaces only, gives `[]`. Answers are one line, do not begin with a citation, and contain no
  whitespace but spaces.

By hand: `"A is B [1]. C is D.[2][1] Is it?"` gives
`[("A is B.", ["1"]), ("C is D.", ["2", "1"]), ("Is it?", [])]`.

<details><summary>Hint 1</summary>

Decide first where sentences end, and let the citations that follow a stop belong to what ends there. Only then
take the citations out.

</details>

<details><summary>Hint 2</summary>

One pattern for a citation: a bracket, numbers with commas between, a bracket, spaces allowed. One for the end of a
sentence: a stop, followed by all citations that come next, or by a space or the end of the text. What remains after the last
end is the last sentence. Then take numbers and text out of each piece.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q22-split-citations", "locked": false, "schema_version": 3, "solution": true, "task": false}
import re


def split_citations(answer: str) -> list[tuple[str, list[str]]]:
    """Return each sentence without its citations, and the numbers that it cites."""
    ### BEGIN SOLUTION
    mark = r"\[ *\d+(?: *, *\d+)* *\]"
    # the end of a sentence: a stop, the citations after it, and then a space or the end
    end = re.compile(rf"[.!?](?:(?: *{mark})+|(?= |$))")
    pieces, start = [], 0
    for found in end.finditer(answer):
        pieces.append(answer[start : found.end()])
        start = found.end()
    pieces.append(answer[start:])
    result = []
    for piece in pieces:
        numbers = [n for m in re.findall(mark, piece) for n in re.findall(r"\d+", m)]
        sentence = re.sub(rf" *{mark}", "", piece).strip(" ")
        if sentence:
            result.append((sentence, list(dict.fromkeys(numbers))))
    return result
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q22-split-citations-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    split_citations,
    [
        (("A is B [1].",), [("A is B.", ["1"])]),
        (("A is B. C is D [2].",), [("A is B.", []), ("C is D.", ["2"])]),
    ],
    "sentences without their citations, each with the numbers that stood in it",
)
testing.agree(
    split_citations,
    [
        (
            ("A is B [1]. C is D.[2][1] Is it?",),
            [("A is B.", ["1"]), ("C is D.", ["2", "1"]), ("Is it?", [])],
        )
    ],
    "citations right after a stop belong to the sentence that ends there",
)

# %% nbgrader={"grade": true, "grade_id": "q22-split-citations-hidden-numbers", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: numbers of several digits, several in one bracket, repeated ones (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
c, b, a = (str(n) for n in np.sort(rng.choice(np.arange(10, 400), 3, replace=False)))
testing.agree(
    split_citations,
    [
        ((f"It is so [{a}].",), [("It is so.", [a])]),
        ((f"It is so [{a}, {b}].",), [("It is so.", [a, b])]),
        ((f"It is so [ {c},{a} ][{b}].",), [("It is so.", [c, a, b])]),
        ((f"It [{a}] is [{b}] so [{a}].",), [("It is so.", [a, b])]),
        (
            (f"It is so [{a}, {a}]. It was so [{a}].",),
            [("It is so.", [a]), ("It was so.", [a])],
        ),
    ],
    "a number may have several digits, a bracket several numbers; one that is repeated in a sentence "
    "counts once, at its first place",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q22-split-citations-hidden-after", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: citations after the stop (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
a, b, c = (str(n) for n in rng.choice(np.arange(1, 60), 3, replace=False))
testing.agree(
    split_citations,
    [
        ((f"It rains.[{a}]",), [("It rains.", [a])]),
        ((f"It rains. [{a}] It snows.",), [("It rains.", [a]), ("It snows.", [])]),
        (
            (f"It rains.[{a}] [{b}] It snows! [{c}]",),
            [("It rains.", [a, b]), ("It snows!", [c])],
        ),
        (
            (f"It rains [{a}].[{b}] Does it [{c}]?",),
            [("It rains.", [a, b]), ("Does it?", [c])],
        ),
    ],
    "citations that stand after a stop, with or without spaces, belong to the sentence before them, not "
    "to the next one, and are no sentence of their own",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q22-split-citations-hidden-stops", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: where sentences end (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
n = int(rng.integers(2, 9))
testing.agree(
    split_citations,
    [
        ((f"It is {n}.5 feet [1]. So!",), [(f"It is {n}.5 feet.", ["1"]), ("So!", [])]),
        (("Yes. No stop here [2]",), [("Yes.", []), ("No stop here", ["2"])]),
        (("",), []),
        (("   ",), []),
        (("  Yes [1].   No.  ",), [("Yes.", ["1"]), ("No.", [])]),
        (
            (f"Read v{n}.{n} [{n}]? Yes! Why",),
            [(f"Read v{n}.{n}?", [str(n)]), ("Yes!", []), ("Why", [])],
        ),
    ],
    "a stop inside a number ends nothing, `!` and `?` end a sentence too, the last one may lack its "
    "stop, and spaces around sentences go",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q22-split-citations-hidden-text", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what is no citation, and what stays of the text (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    split_citations,
    [
        (("He said [sic] so [3].",), [("He said [sic] so.", ["3"])]),
        (("See [a1] and [1a] [2].",), [("See [a1] and [1a].", ["2"])]),
        (("Empty [] and [,] stay [4].",), [("Empty [] and [,] stay.", ["4"])]),
        (("Two  spaces stay [5] here.",), [("Two  spaces stay here.", ["5"])]),
        (("Gone   [6].",), [("Gone.", ["6"])]),
        (("In (1) and 2 nothing is cited.",), [("In (1) and 2 nothing is cited.", [])]),
    ],
    "only numbers in square brackets are citations; a citation goes with the spaces before it, and all "
    "other text stays as it is",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
Your function on the report of the lab's model, with a citation of two documents planted: (The cell raises
`NotImplementedError` until you have solved the exercise.)
"""

# %% tags=["demo"]
for sentence, numbers in split_citations(report.replace(" [1].", ".[1, 2]")):
    print(numbers, sentence)

# %% [markdown]
r"""
### Exercise 22.2 · `citation_precision_recall`

●●● · 25 minutes · 6 points · core

Write `citation_precision_recall(sentences, citations, docs, entails)`. It returns `(precision, recall)` after
ALCE:

- `sentences`: a list of texts. `citations[i]`: the list of ids that sentence i cites. `docs`: a dict from id to text.
  `entails(premise, claim)` tells whether a text entails a sentence. `citations` is as long as `sentences`, no text in
  `docs` is empty, and no argument is changed.
- An id that is repeated within one sentence counts once, at its first place.
- A sentence is **supported** if it cites something, *all* its ids are in `docs`, and their texts, joined by a newline
  (`"\n"`) in the order cited, entail it. **Recall** is the share of supported sentences.
- A citation **counts** if its sentence is supported and either its document alone entails the sentence, or the joined
  texts of the sentence's *other* citations, in the order cited, do not. **Precision** is the share of counting citations among all
  citations of all sentences. (Citations of unknown ids are among them; they never count, since their sentence is
  not supported.)
- The only citation of a supported sentence counts. No sentences: `(0.0, 0.0)`. No citations at all: precision `0.0`.
- `entails` is never asked about an empty premise.

By hand: three sentences; the first cites two documents that prove it together only, the second cites a document that
proves it and another that has nothing to do with it, the third cites nothing. Recall 2/3, precision 3/4.

<details><summary>Hint 1</summary>

Two averages over different things: write down what each is divided by. In the example above there are three of one and four
of the other.

</details>

<details><summary>Hint 2</summary>

Three counters: supported sentences, citations that count, citations. The last one grows with every sentence, supported or
not. For a supported sentence two questions are asked of each citation; one of them makes no sense for an only one.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q22-citation-measures", "locked": false, "schema_version": 3, "solution": true, "task": false}
def citation_precision_recall(
    sentences: list[str], citations: list[list[str]], docs: dict[str, str], entails
) -> tuple[float, float]:
    """Return (precision over citations, recall over sentences), after ALCE (Gao et al., 2023)."""
    ### BEGIN SOLUTION
    supported, counting, total = 0, 0, 0
    for sentence, ids in zip(sentences, citations, strict=True):
        ids = list(dict.fromkeys(ids))
        total += len(ids)
        if not ids or any(i not in docs for i in ids):
            continue
        texts = [docs[i] for i in ids]
        if not entails("\n".join(texts), sentence):
            continue
        supported += 1
        for j, text in enumerate(texts):
            others = texts[:j] + texts[j + 1 :]
            needed = not others or entails(text, sentence)
            counting += bool(needed or not entails("\n".join(others), sentence))
    recall = supported / len(sentences) if sentences else 0.0
    return (counting / total if total else 0.0), recall
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q22-citation-measures-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
def all_letters(premise: str, claim: str) -> bool:
    return set(claim) <= set(premise)


library_of = {"1": "a", "2": "b", "3": "cd", "4": "x"}
testing.agree(
    citation_precision_recall,
    [
        ((["ab", "c", "e"], [["1", "2"], ["3", "4"], []], library_of, all_letters), (3 / 4, 2 / 3)),
        ((["c"], [["3"]], library_of, all_letters), (1.0, 1.0)),
        ((["e"], [["3"]], library_of, all_letters), (0.0, 0.0)),
    ],
    "recall: supported sentences over sentences; precision: citations that count over citations",
)

# %% nbgrader={"grade": true, "grade_id": "q22-citation-measures-hidden-recall", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: recall (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def all_letters(premise: str, claim: str) -> bool:
    return set(claim) <= set(premise)


def recall(*args) -> float:
    return citation_precision_recall(*args)[1]


p, q, r, s = (str(x) for x in rng.permutation(list("pqrs")))
docs = {"k": p, "l": q, "m": f"{p}{q}", "n": r}
testing.agree(
    recall,
    [
        (([f"{p}{q}"], [["k", "l"]], docs, all_letters), 1.0),
        (([f"{p}{q}"], [["k"]], docs, all_letters), 0.0),
        (([p, s], [["k"], ["n"]], docs, all_letters), 0.5),
        (([p, q, r, s], [["k", "n"], ["l"], [], ["n"]], docs, all_letters), 0.5),
        (([p, f"{q}{r}"], [["k", "l", "m", "n"], ["l", "n"]], docs, all_letters), 1.0),
    ],
    "a sentence is supported if the texts it cites entail it together; the share goes over sentences, "
    "however many citations each has",
)


def in_order(premise: str, claim: str) -> bool:
    return premise == claim


testing.agree(
    recall,
    [
        (([f"{r}\n{p}\n{q}"], [["n", "k", "l"]], docs, in_order), 1.0),
        (([f"{r}\n{p}"], [["n", "k", "n"]], docs, in_order), 1.0),
    ],
    "the texts are joined by a newline in the order cited, each once",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q22-citation-measures-hidden-precision", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: precision (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def all_letters(premise: str, claim: str) -> bool:
    return set(claim) <= set(premise)


def precision(*args) -> float:
    return citation_precision_recall(*args)[0]


p, q, r, s = (str(x) for x in rng.permutation(list("pqrs")))
docs = {"k": p, "l": q, "m": f"{p}{q}", "n": r, "o": f"{q}{p}{s}"}
testing.agree(
    precision,
    [
        (([f"{p}{q}"], [["k", "l"]], docs, all_letters), 1.0),
        (([f"{p}{q}"], [["m", "n"]], docs, all_letters), 0.5),
        (([f"{p}{q}"], [["m", "o"]], docs, all_letters), 1.0),
        (([f"{p}{q}"], [["k", "l", "m"]], docs, all_letters), 1 / 3),
        (([f"{p}{q}"], [["k", "l", "n"]], docs, all_letters), 2 / 3),
    ],
    "a citation counts if it alone entails the sentence, or if the others do not: half of a proof counts, "
    "a second proof counts, what changes nothing does not",
)
testing.agree(
    precision,
    [
        (([p, q], [["k", "n", "l"], ["l"]], docs, all_letters), 2 / 4),
        (([p, s], [["k"], ["k", "l", "n"]], docs, all_letters), 1 / 4),
        (([p, s], [["k", "k"], ["n"]], docs, all_letters), 1 / 2),
        (([f"{p}{q}"], [["k", "l", "k"]], docs, all_letters), 1.0),
    ],
    "the average goes over all citations of all sentences, those of unsupported sentences included, "
    "and a repeated one counts once",
)


def holds(premise: str, claim: str) -> bool:
    return claim in premise


testing.agree(
    precision,
    [(([f"{p}\n{q}"], [["n", "k", "l"]], docs, holds), 2 / 3)],
    "the texts of the other citations are joined by a newline in the order cited, too",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q22-citation-measures-hidden-edges", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: unknown ids, no citations, no sentences (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def generous(premise: str, claim: str) -> bool:
    return True  # only a premise that may be asked about


a, b = (str(x) for x in rng.choice(np.arange(10, 99), 2, replace=False))
docs = {a: "text", b: "more"}
testing.agree(
    citation_precision_recall,
    [
        ((["s"], [["0"]], docs, generous), (0.0, 0.0)),
        ((["s"], [[a, "0"]], docs, generous), (0.0, 0.0)),
        ((["s", "t"], [[a, "0"], [b]], docs, generous), (1 / 3, 0.5)),
        ((["s", "t"], [[], [a, b]], docs, generous), (1.0, 0.5)),
    ],
    "one unknown id leaves its sentence unsupported, and its citations stay in the total; a sentence "
    "without citations is unsupported, whatever the judge says",
)
testing.agree(
    citation_precision_recall,
    [(([], [], docs, generous), (0.0, 0.0)), ((["s"], [[]], docs, generous), (0.0, 0.0))],
    "no sentences or no citations: shares of 0, no division by zero",
)
args = (["s"], [[a, b, a]], docs, generous)
citation_precision_recall(*args)
testing.check(
    args[1] == [[a, b, a]] and args[2] == {a: "text", b: "more"},
    "the arguments are changed: take repeated ids out of a list of your own",
)
premises = []


def listening(premise: str, claim: str) -> bool:
    premises.append(premise)
    return premise == "text"


citation_precision_recall(["s", "t", "u"], [[a], [], ["0"]], docs, listening)
testing.check(
    "" not in premises and all("0" not in p for p in premises),
    "the judge was asked about an empty text, or about an unknown document",
    got=premises,
)
### END HIDDEN TESTS

# %% [markdown]
r"""
Your function on the planted reports, beside the numbers of the picture: half of the sentences have an extra citation, then a wrong
one.
"""

# %% tags=["demo"]
for fault in ("extra citation", "wrong citation"):
    rows = spoiled(fault, 0.5)
    named = {f"{n}-{i}": shelves[n][i] for n in range(10) for i in shelves[n]}
    cites = [[f"{n}-{i}" for i in cited] for n, _, cited in rows]
    mine = citation_precision_recall([text for _, text, _ in rows], cites, named, backs)
    print(fault, "yours:", np.round(mine, 3), " of the picture:", np.round(measured(fault, 0.5), 3))

# %% [markdown]
r"""
### Exercise 22.3 · repair `is_grounded`

●●○ · 15 minutes · 3 points · core

A gate before answers are shown, as it is often written. It lets nearly everything through; it has three faults.

`is_grounded(sentences, documents, entails)` takes the sentences of an answer with their citations in them, such as
`"It rains [2][11]."`, and the list of the documents' texts; citation `[n]` means the n-th document, counted from
1. It returns True if *every* sentence is grounded: it cites at least one document, every number that it cites is one
of the documents', and the cited texts, joined by `"\n"` in the order cited, entail the sentence *without its citations*
(removed together with the spaces before them). Otherwise False; also for an answer without sentences.

Every citation is one number in brackets, of one or more digits, and none is repeated within a sentence. The documents may be
more than nine. Nothing is changed.

<details><summary>Hint 1</summary>

Try the gate on a sentence without citations, on one that cites document 12, on one that cites document 99 of 12. What should
each be, and what comes out?

</details>

<details><summary>Hint 2</summary>

One fault is in the pattern, one in what happens to a sentence without numbers, one in the filter on numbers, which has a
hole at either end: what is `documents[-1]`?

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q22-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
import re


### BEGIN REPAIR
# def is_grounded(sentences: list[str], documents: list[str], entails) -> bool:
#     """Whether the documents that each sentence cites entail it."""
#     if not sentences:
#         return False
#     for sentence in sentences:
#         numbers = [int(n) for n in re.findall(r"\[(\d)\]", sentence)]
#         if not numbers:
#             continue
#         claim = re.sub(r" *\[\d+\]", "", sentence)
#         cited = [documents[n - 1] for n in numbers if n <= len(documents)]
#         if not entails("\n".join(cited), claim):
#             return False
#     return True
### END REPAIR
### BEGIN SOLUTION
def is_grounded(sentences: list[str], documents: list[str], entails) -> bool:
    """Whether the documents that each sentence cites entail it."""
    if not sentences:
        return False
    for sentence in sentences:
        numbers = [int(n) for n in re.findall(r"\[(\d+)\]", sentence)]
        if not numbers or not all(1 <= n <= len(documents) for n in numbers):
            return False
        claim = re.sub(r" *\[\d+\]", "", sentence)
        if not entails("\n".join(documents[n - 1] for n in numbers), claim):
            return False
    return True


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q22-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
def within(premise: str, claim: str) -> bool:
    return claim.rstrip(".") in premise.split("\n")


testing.agree(
    is_grounded,
    [
        ((["It rains [1].", "It snows [2]."], ["It rains", "It snows"], within), True),
        ((["It rains [2]."], ["It rains", "It snows"], within), False),
        (([], ["It rains"], within), False),
    ],
    "every sentence must be entailed by what it cites",
)

# %% nbgrader={"grade": true, "grade_id": "q22-repair-hidden-digits", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: numbers of more than one digit (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def within(premise: str, claim: str) -> bool:
    return claim.rstrip(".") in premise.split("\n")


def whole(premise: str, claim: str) -> bool:
    return premise == claim


documents = [f"It is {w}" for w in rng.permutation(120)]
n, m, k = (int(i) for i in rng.choice(np.arange(10, 99), 3, replace=False))
testing.agree(
    is_grounded,
    [
        (([f"{documents[n - 1]} [{n}]."], documents, within), True),
        (([f"{documents[n - 1]} [{m}]."], documents, within), False),
        (([f"{documents[111]} [112]."], documents, within), True),
        (([f"{documents[m - 1]} [2][{m}]."], documents, within), True),
        (([f"{documents[2]} [3].", f"{documents[n - 1]} [{k}]."], documents, within), False),
        (([f"{documents[n - 1]}\n{documents[4]} [{n}] [5]"], documents, whole), True),
        (([f"{documents[n - 1]}   [{n}]\n{documents[4]}  [5]"], documents, whole), True),
    ],
    "documents beyond the ninth are cited with two or three digits: each must be found and used",
)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q22-repair-hidden-uncited", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: sentences that cite nothing (1 point)
### BEGIN HIDDEN TESTS
def within(premise: str, claim: str) -> bool:
    return claim.rstrip(".") in premise.split("\n")


def generous(premise: str, claim: str) -> bool:
    return True


documents = ["It rains", "It snows"]
testing.agree(
    is_grounded,
    [
        ((["It rains."], documents, within), False),
        ((["It rains."], documents, generous), False),
        ((["It rains [1].", "It snows."], documents, within), False),
        ((["So it is.", "It rains [1]."], documents, within), False),
        ((["It rains [1].", "It snows [2]."], documents, within), True),
    ],
    "a sentence without citations is not grounded, however true it is",
)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q22-repair-hidden-unknown", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: numbers that no document has (1 point)
### BEGIN HIDDEN TESTS
def within(premise: str, claim: str) -> bool:
    return claim.rstrip(".") in premise.split("\n")


documents = ["It rains", "It snows", "It hails"]
testing.agree(
    is_grounded,
    [
        ((["It rains [1][4]."], documents, within), False),
        ((["It hails [0]."], documents, within), False),
        ((["It snows [2][0]."], documents, within), False),
        ((["It rains [9]."], documents, within), False),
        ((["It hails [3]."], documents, within), True),
        ((["It rains [1][3]."], documents, within), True),
    ],
    "a citation of a document that does not exist is not grounded, even beside one that does; numbers "
    "begin at 1, and Python counts index -1 from the end",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 22.4 · `needed_citations`

●●○ · 12 minutes · 3 points · extra

Write `needed_citations(claim, ids, docs, entails)`. It returns the citations that are left when those that are not
needed have been dropped:

- `ids` are different and all in `docs`; `ids` is not changed. Texts are joined by `"\n"` in the order of `ids`.
- If all of them together do not entail the claim (or there are none): `[]`.
- Otherwise go through the ids *from the last to the first*, and drop each one if what is kept so far without it still entails
  the claim. What remains is returned in the original order. At least one always remains; `entails` is never asked
  about an empty premise.

By hand: if "ab" is to be shown, documents `1: a`, `2: b`, `3: ab` give `["1", "2"]` for the order 1, 2, 3 (the last was
not needed) and `["3"]` for 3, 1, 2. Both are minimal, and they are not equally short.

<details><summary>Hint 1</summary>

Keep a list that only shrinks. Whether an id may go is asked of the *current* list without it, not of the original one.

</details>

<details><summary>Hint 2</summary>

Start with a copy of the ids. For each id from the last: what would be left without it? If that is not empty and still
entails the claim, it is the new list.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q22-needed-citations", "locked": false, "schema_version": 3, "solution": true, "task": false}
def needed_citations(claim: str, ids: list[str], docs: dict[str, str], entails) -> list[str]:
    """Return the ids without which the claim would no longer be entailed."""
    ### BEGIN SOLUTION
    if not ids or not entails("\n".join(docs[i] for i in ids), claim):
        return []
    kept = list(ids)
    for i in reversed(ids):
        rest = [j for j in kept if j != i]
        if rest and entails("\n".join(docs[j] for j in rest), claim):
            kept = rest
    return kept
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q22-needed-citations-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
def all_letters(premise: str, claim: str) -> bool:
    return set(claim) <= set(premise)


three = {"1": "a", "2": "b", "3": "ab"}
testing.agree(
    needed_citations,
    [
        (("ab", ["1", "2", "3"], three, all_letters), ["1", "2"]),
        (("ab", ["3", "1", "2"], three, all_letters), ["3"]),
        (("c", ["1", "2"], three, all_letters), []),
    ],
    "drop from the last to the first what is not needed",
)

# %% nbgrader={"grade": true, "grade_id": "q22-needed-citations-hidden-minimal", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what remains (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def all_letters(premise: str, claim: str) -> bool:
    return set(claim) <= set(premise)


def reference(claim: str, ids: list[str], docs: dict) -> list[str]:
    if not set(claim) <= set("".join(docs[i] for i in ids)):
        return []
    kept = ids
    for i in ids[::-1]:
        rest = [j for j in kept if j != i]
        if rest and set(claim) <= set("".join(docs[j] for j in rest)):
            kept = rest
    return kept


cases = []
for n in (1, 2, 3, 4, 5, 5, 6, 6):
    docs = {f"d{i}": "".join(rng.choice(list("abcde"), 2)) for i in range(n)}
    claim = "".join(map(str, rng.choice(list("abcde"), int(rng.integers(1, 4)))))
    ids = [str(i) for i in rng.permutation(list(docs))]
    cases.append(((claim, ids, docs, all_letters), reference(claim, ids, docs)))
doubled = {"x": "ab", "y": "ab", "z": "b"}
cases += [
    (("ab", ["x", "y"], doubled, all_letters), ["x"]),
    (("ab", ["y", "x", "z"], doubled, all_letters), ["y"]),
    (("ab", ["z", "y", "x"], doubled, all_letters), ["y"]),
]
parts = {"1": "a", "2": "b", "3": "ab", "4": "abc"}
cases += [
    (("ab", ["1", "2", "3"], parts, all_letters), ["1", "2"]),
    (("ab", ["1", "2", "4", "3"], parts, all_letters), ["1", "2"]),
    (("ab", ["2", "3", "1"], parts, all_letters), ["3"]),
    (("ba", ["4", "2", "1"], parts, all_letters), ["4"]),
]
testing.agree(
    needed_citations,
    cases,
    "go from the last to the first and ask, of what is kept so far, whether the claim still stands "
    "without this one; two equal documents must not drop each other",
)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q22-needed-citations-hidden-edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: nothing to cite, and the order of texts (1 point)
### BEGIN HIDDEN TESTS
def generous(premise: str, claim: str) -> bool:
    return True


def joined(premise: str, claim: str) -> bool:
    return premise == claim


docs = {"a": "one", "b": "two", "c": "six"}
testing.agree(
    needed_citations,
    [
        (("s", [], docs, generous), []),
        (("s", ["b"], docs, generous), ["b"]),
        (("s", ["b", "c", "a"], docs, generous), ["b"]),
        (("two\none", ["b", "a"], docs, joined), ["b", "a"]),
        (("one\ntwo", ["b", "a"], docs, joined), []),
    ],
    "an empty premise is never asked about, at least one citation remains of a supported claim, and texts "
    "are joined by a newline in the order of the ids",
)
given = ["b", "c", "a"]
needed_citations("s", given, docs, generous)
testing.check(given == ["b", "c", "a"], "the list of ids is changed: shrink a list of your own")
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

*"Our answers are grounded: every sentence has a source."* Below are four versions of one answer. A check that looks for
brackets passes three of them.
"""

# %% tags=["demo"]
good = report.split(" The mayor")[0]
versions = {
    "as the model wrote it": good,
    "citations shuffled": re.sub(r"\[(\d)\]", lambda m: f"[{int(m[1]) % 4 + 1}]", good),
    "values invented": re.sub(r"is (the )?\w+ ?\w* \[", "is Nowhere [", good),
    "without citations": re.sub(r" \[\d\]", "", good),
}
for name, text in versions.items():
    parts = cited_sentences(text)
    bracketed = all(numbers for _, numbers in parts)
    supported = [bool(n) and backs("\n".join(texts[i] for i in n), s) for s, n in parts]
    print(f"{name:22} has brackets {bracketed!s:5}  supported {sum(supported)} of {len(parts)}")

# %% [markdown]
r"""
Brackets are text, and text is what a model produces. Asking for them in the prompt ("cite your sources")
raises the number of brackets. Whether the claims are supported afterwards is a question for a
measurement, and the answer for real systems was sobering: in an audit of four search engines with generated answers, people
found 51.5 % of the sentences fully supported and 74.5 % of the citations to support their sentence (Liu et al., 2023; the
engines of spring 2023).
"""

# %% [markdown]
r"""
### If they push

**"Is a grounded answer true?"**

<details><summary>Answer</summary>

No. Grounded means supported by the sources (Rashkin et al., 2023, call it attributable to identified sources); if these are outdated, wrong or planted, so is the answer. Truth needs
good sources, and for those one looks at dates, versions, who may write to the index, and contradictions between
retrieved documents. (Question 23, in notebook 5, plants a document on purpose.)

</details>

**"And a true answer, is it grounded?"**

<details><summary>Answer</summary>

Not necessarily: the model may know it from training. It is then true and, to the reader, unverifiable. Whether to show
such sentences is a decision of the product, not of the measure: a medical assistant leaves them out, a writing assistant
marks them.

</details>

**"'The documents do not say' has no citation. Is it unsupported?"**

<details><summary>Answer</summary>

By the letter of recall, yes. It is a statement about the *set* of documents, and no single one entails it. Count
refusals apart, and check them with the opposite question: is there a document that does entail an answer? In the report
above the last sentence is such a refusal, and document 4 says who governs the town, in words that the model did not
read as an answer.

</details>

**"How are citations produced?"**

<details><summary>Answer</summary>

Three ways. In the prompt, by numbering the documents and asking for the numbers (the lab's model was trained to; others are
asked). Afterwards, by splitting the answer and searching a support for each sentence; this finds support that the
model never used. Or by constraining: the application lets the model copy spans, or an API returns citations as
structured objects whose spans it has checked to exist in the source, which rules out invented quotations, though not a
wrong inference from a true one.

</details>

**"Which entailment model do you use as the judge, and how do you know it is good enough?"**

<details><summary>Answer</summary>

ALCE used a T5 model of 11 billion parameters trained on entailment (TRUE; Honovich et al., 2022); today mostly a large
language model with a prompt. Long premises, tables, numbers and "partially supported" are where judges err. Label two hundred
pairs by hand, look at errors in both directions, and correct for them (question 18 does the arithmetic).

</details>
"""

# %% [markdown]
r"""
### Sources

- Gao, Yen, Yu, Chen (2023), *Enabling Large Language Models to Generate Text with Citations* (ALCE), arXiv 2305.14627. Its
  script (`eval.py`) leaves all citations of a sentence with an unknown number out of the count, keeps repetitions, looks at
  the first three of a sentence, and averages over answers; here inventing sources is not free, and all sentences of a call
  count the same.
- Rashkin et al. (2023), *Measuring Attribution in Natural Language Generation Models* (AIS), Computational Linguistics
  49(4); arXiv 2112.12870.
- Liu, Zhang, Liang (2023), *Evaluating Verifiability in Generative Search Engines*, arXiv 2304.09848.
- Wallat, Heuss, de Rijke, Anand (2024), *Correctness is not Faithfulness in RAG Attributions*, arXiv 2412.18004; ICTIR 2025.
- Honovich et al. (2022), *TRUE: Re-evaluating Factual Consistency Evaluation*, arXiv 2204.04991.
"""
