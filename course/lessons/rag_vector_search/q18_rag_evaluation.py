# %% [markdown]
r"""
## Q18. How is RAG evaluated?

*Medium · 60 minutes · needs nothing of this notebook; question 10, in this notebook, shows the pipeline that is measured here*
"""

# %% [markdown]
r"""
### Say it

> A RAG system has two parts that fail separately, so each gets its own measure. The retriever is held
> against a *reference* answer: context recall is the share of the reference's claims that the retrieved
> text supports, and context precision asks whether the chunks that help stand above those that do not.
> The generator is held against what it was *given*: faithfulness is the share of the answer's claims
> that the retrieved text supports. Answer relevancy only asks whether the answer is about the question.
> None of the four is correctness: an answer can be faithful to an outdated page and false, or right
> from memory and unfaithful. And all of them are verdicts of a judge that splits claims and decides
> what supports what, so the judge is measured on labelled cases before its numbers are believed.
"""

# %% [markdown]
r"""
### See it

**Two verdicts are all it takes.** Three of the four measures count claims, and ask of each: does this
text support it? In practice a language model answers both questions, what the claims are and
whether they are supported. Here the world's own checker does, which reads the sentences of the little
world and cannot be talked into anything. So whatever goes wrong below is the measure's doing and
not the judge's.
"""

# %% tags=["demo"]
from course import lab, world

home = world.make_world()


def stated(sentence: str) -> tuple | None:
    """What a sentence states: attribute, subject and value, however it is worded."""
    found = world.check(home, sentence)
    return (found.relation, found.subject, found.claimed.lower()) if found.relation else None


def claims_of(text: str) -> list[str]:
    return [s for s in world.sentences(text) if stated(s)]


def supports(premise: str, claim: str) -> bool:
    return stated(claim) in [stated(s) for s in claims_of(premise)]


# %% tags=["demo"]
person = home.of_kind("person")[0]
facts = {f.relation: f for f in home.facts(person)}
home_town = facts["person.home"].value
print(supports(f"{person} lives in {home_town}.", f"The home of {person} is {home_town}."))
print(supports(f"{person} lives in {home_town}.", f"The home of {person} is Nowhere."))
print(supports(f"{person} has visited {home_town}.", f"The home of {person} is {home_town}."))

# %% [markdown]
r"""
Other words for the same fact are support; another value is not; and a sentence that merely names the
same things is not, however close its embedding may be. That is *entailment*, and it has a
direction: premise first, claim second.
"""

# %% [markdown]
r"""
**Faithfulness and context recall are the same fraction of different things.** Both count claims that the
retrieved text supports. Faithfulness takes them from the answer, recall from the reference. Nothing else
distinguishes them, which is why they are so easily confused.
"""


# %% tags=["demo"]
from course.lab.grounded import average_precision, supported_share


def scores(answer: str, contexts: list[str], reference: str) -> tuple[float, float, float]:
    wanted = claims_of(reference)
    helpful = [any(supports(text, c) for c in wanted) for text in contexts]
    return (
        supported_share(claims_of(answer), contexts, supports),
        supported_share(wanted, contexts, supports),
        average_precision(helpful),
    )


# %% [markdown]
r"""
Now one question, "Where does the person live, and whom do they learn from?", and seven ways it can go. Cover the
numbers that the cell prints and predict them, row by row.
"""

# %% tags=["demo"]
live = f"{person} lives in {home_town}."
teacher = f"The teacher of {person} is {facts['person.teacher'].value}."
wrong = f"The home of {person} is Elsewhere Bay."
noise = "A bell hangs in the tower."
both = f"{live} {teacher}"
outcomes = {
    "right, from the documents": (both, [live, teacher, noise]),
    "the same, helpful ones last": (both, [noise, live, teacher]),
    "right, from memory": (both, [noise]),
    "half retrieved, half remembered": (f"{live} {teacher}", [live, noise]),
    "wrong, with all it needed": (wrong, [live, teacher]),
    "faithful to a wrong page": (wrong, [wrong]),
    "refuses, with all it needed": ("The documents do not say.", [live, teacher]),
}
print(f"{'':34} faithful  recall  precision  answer")
for name, (answer, contexts) in outcomes.items():
    verdicts = {c.verdict for c in world.check_text(home, answer)} - {world.Verdict.OTHER}
    truth = " and ".join(sorted(v.value for v in verdicts)) or "none"
    f, r, p = scores(answer, contexts, reference=both)
    print(f"{name:34} {f:8.2f} {r:7.2f} {p:10.2f}  {truth}")

# %% [markdown]
r"""
Read them as a diagnosis.

- *The same, helpful ones last*: only precision saw it. It is the one measure here that looks at order.
- *Right, from memory*: a perfect answer scores zero on all three. The measures see a system that worked by
  luck, and luck is what they should see.
- *Wrong, with all it needed*: the retriever is above suspicion, and recall and precision say so. **Context
  recall does not look at the answer at all.**
- *Faithful to a wrong page*: faithfulness is perfect and the answer is false. Only a reference notices.
- *Refuses*: there is no claim to be faithful or unfaithful. The share is 0/0, and whoever writes 0 or 1 there
  rewards or punishes every refusal. It is left out and *counted apart*.
"""

# %% [markdown]
r"""
**Context precision is an average precision.** Under that name information retrieval knows it for decades: at
each relevant rank, the precision so far, then the mean over the relevant ranks. With two relevant chunks among four, the
plain share is one half in any order. The rank-aware measure is not:
"""

# %% tags=["demo"]
import itertools

for order in sorted(set(itertools.permutations([True, True, False, False])), reverse=True):
    drawn = " ".join("+" if is_relevant else "." for is_relevant in order)
    print(f"{drawn}   average precision {average_precision(list(order)):.3f}   plain share 0.5")

# %% [markdown]
r"""
#### Answer relevancy

The fourth measure asks whether the answer is about the question, and does it backwards: from the *answer*
several questions are generated, and their embeddings are compared with that of the real question. Here the world's
language generates them, and the lab's `embedder` compares.
"""

# %% tags=["demo"]
from course.world.relations import BY_NAME


def questions_for(answer: str) -> list[str]:
    """Questions that the answer's first claim would answer, in three wordings."""
    relation, subject, _ = stated(claims_of(answer)[0])
    return [wording.format(s=subject) for wording in BY_NAME[relation].questions[1:4]]


def relevancy(question: str, answer: str) -> float:
    vectors = lab.embed([question, *questions_for(answer)])  # unit vectors
    return float((vectors[1:] @ vectors[0]).mean())


question = BY_NAME["person.home"].questions[0].format(s=person)
neighbour = home.of_kind("person")[1]
print(question)
for answer in (live, wrong, teacher, f"{neighbour} lives in {home_town}."):
    print(f"{relevancy(question, answer):6.2f}  {answer}")

# %% [markdown]
r"""
The false answer scores exactly as the true one does, since both answer the same question. So it should:
relevancy notices answers that evade or wander, and nothing else. How low the other two come out
depends on the embedding model and says little by itself; compare only scores of one model.
"""

# %% [markdown]
r"""
#### A system, measured

Sixty questions about the world; fifteen of them about things that changed, of which the library also holds outdated
notices. BM25 retrieves three documents each, and `instruct` answers from them. (Question 10 builds
such a system; here it only has to make mistakes.)
"""

# %% tags=["demo"]
import random

from course.lab import assess, probes, relevant
from course.world.chats import Episode
from course.world.documents import library
from course.world.questions import fact_question
from course.world.reading import ask_documents, reading_answer

rng = random.Random(3)
shelf = library(home)
changed = {(f.subject, f.relation) for history in home.revised() for f in history}
old, fixed = [], []
for fact in home.facts():
    (old if (fact.subject, fact.relation) in changed else fixed).append(fact)
asked = [fact_question(f, rng, "heldout") for f in rng.sample(fixed, 45) + rng.sample(old, 15)]
ranked = relevant.ranking(relevant.bm25([q.text for q in asked], [d.text for d in shelf]))[:, :3]

# %% tags=["demo"]
model, tokenizer = lab.load("instruct"), lab.tokenizer("instruct")
found = [[shelf[i] for i in row] for row in ranked]
talks = [
    Episode("rag").turn(ask_documents(documents, q.text), reading_answer(q))
    for q, documents in zip(asked, found, strict=True)
]
answers = assess.answers(model, tokenizer, [probes.case(talk) for talk in talks])
rows = []
for q, documents, answer in zip(asked, found, answers, strict=True):
    f, r, p = scores(answer, [d.text for d in documents], f"{q.answer}.")
    true = world.check(home, answer).verdict is world.Verdict.TRUE
    rows.append((f, r, p, true))
print(asked[0].text, answers[0], sep="\n")

# %% tags=["demo"]
f, r, p, true = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
refused = np.isnan(f)
print(f"faithfulness {np.nanmean(f):.2f} (of the {int((~refused).sum())} that answered)")
print(f"context recall {r.mean():.2f}   context precision {p.mean():.2f}")
print(f"right {true.mean():.2f}   refused {refused.mean():.2f}\n")
print(f"refused although the claim was retrieved: {int((refused & (r == 1)).sum())}")
print(f"refused, and it was not there:            {int((refused & (r == 0)).sum())}")
print(f"faithful and false:                       {int(((f == 1) & (true == 0)).sum())}")
for i in np.flatnonzero((f == 1) & (true == 0))[:1]:
    print("\n", asked[i].text, "\n", answers[i], *(f"\n  {d.text}" for d in found[i]))

# %% [markdown]
r"""
The averages look fine, and the system is right far less often than any of them suggests. Faithfulness near 1
says that what it says stands in its documents. It does not say how often it dares to say something, nor
whether the page is still true: look at the faithful false answer, if your run has one, and at the date in
its documents. Recall says that retrieval is not the bottleneck here; the refusals with the claim in front of
them say who is.
"""

# %% [markdown]
r"""
**A picture for the team.** Not four averages but what happened to each question:
"""

# %% tags=["demo"]
from course import figures

groups = {
    "right": true == 1,
    "false, in the documents": (true == 0) & (f == 1),
    "false, not in them": (true == 0) & ~refused & (f < 1),
    "refused, was there": refused & (r == 1),
    "refused, was not": refused & (r == 0),
}
counts = [int(group.sum()) for group in groups.values()]
fig, ax = figures.subplots(size=(6.4, 2.4))
ax.barh(list(groups), counts)
for place, count in enumerate(counts):
    ax.annotate(str(count), (count + 0.5, place), va="center")
ax.invert_yaxis()
ax.set(xlabel="questions", xlim=(0, max(counts) + 5))
figures.show(
    fig,
    "Horizontal bars: "
    + ", ".join(f"{name}: {count}" for name, count in zip(groups, counts, strict=True))
    + f", of {len(rows)} questions.",
)

# %% [markdown]
r"""
#### And the judge?

So far the judge was perfect. Let it err: of supported claims it recognises a share *a* (its sensitivity), of
unsupported ones a share *b* (its specificity). What it reports is then
$m = a f + (1 - b)(1 - f)$, not $f$. With *a* = 0.9 and *b* = 0.8:
"""

# %% tags=["demo"]
a, b = 0.9, 0.8
print("true   reported   solved for the truth")
for share in (0.99, 0.95, 0.90, 0.70):
    m = a * share + (1 - b) * (1 - share)
    print(f"{share:.2f} {m:9.3f} {(m + b - 1) / (a + b - 1):14.2f}")

# %% [markdown]
r"""
Every difference shrinks by the factor $a + b - 1$, here 0.7, and the best system there is would report 0.90. If
*a* and *b* are known from labelled claims, the line can be solved for the truth (Rogan and Gladen,
1978; the last column). If they are not, two systems may be compared under one judge, but a number like
"0.89 faithful" means nothing by itself. And a judge that prefers one system's style has another *a* for
it: then not even the comparison holds.
"""

# %% [markdown]
r"""
#### The same with `ragas`

The library that gave the measures their names does it with prompts. In version 0.4.3 (checked in November 2026)
metrics are classes of `ragas.metrics.collections`, `ascore` is awaited, and an `llm` object has one method that
matters, `agenerate(prompt, response_model)`. So our checker can be its judge, and the library's numbers can be
held against ours. It is an optional extra with its own lock file; without it the cell says how to get
it and goes on.
"""

# %% tags=["demo"]
try:
    import os

    os.environ["RAGAS_DO_NOT_TRACK"] = "true"
    from ragas.llms.base import InstructorBaseRagasLLM
    from ragas.metrics.collections import ContextPrecision, ContextRecall, Faithfulness
except ImportError:
    InstructorBaseRagasLLM = None
    print(
        "ragas is not installed: pip install -r requirements-eval.txt, in an environment of its own"
    )

# %% [markdown]
r"""
The judge reads the input that the library's prompt ends with, and answers in the form that the
library asks for:
"""

# %% tags=["demo"]
import json


def verdicts_on(data: dict, wanted: set[str]) -> dict:
    """What the checker says to one of the library's prompts, in the form it wants."""
    if "verdict" in wanted:  # context precision: one chunk, and the reference
        helps = any(supports(data["context"], c) for c in claims_of(data["answer"]))
        return {"reason": "", "verdict": int(helps)}
    if "classifications" in wanted:  # context recall: the claims of the reference
        judged = [(c, supports(data["context"], c)) for c in claims_of(data["answer"])]
        return {
            "classifications": [
                {"statement": c, "reason": "", "attributed": int(ok)} for c, ok in judged
            ]
        }
    if "answer" in data:  # faithfulness, first step: split the answer
        return {"statements": claims_of(data["answer"])}
    judged = [(c, supports(data["context"], c)) for c in data["statements"]]
    return {"statements": [{"statement": c, "reason": "", "verdict": int(ok)} for c, ok in judged]}


# %% tags=["demo"]
if InstructorBaseRagasLLM is not None:

    class WorldJudge(InstructorBaseRagasLLM):
        """The world's checker in the place of a language model."""

        def generate(self, prompt: str, response_model):
            data = json.loads(prompt.rsplit("input: ", 1)[1].rsplit("Output:", 1)[0])
            return response_model(**verdicts_on(data, set(response_model.model_fields)))

        async def agenerate(self, prompt: str, response_model):
            return self.generate(prompt, response_model)

    judge = WorldJudge()
    for name, (answer, contexts) in outcomes.items():
        told = {"user_input": "?", "retrieved_contexts": contexts}
        theirs = (
            (await Faithfulness(llm=judge).ascore(response=answer, **told)).value,
            (await ContextRecall(llm=judge).ascore(reference=both, **told)).value,
            (await ContextPrecision(llm=judge).ascore(reference=both, **told)).value,
        )
        ours = scores(answer, contexts, both)
        same = np.allclose(theirs, ours, atol=1e-6, equal_nan=True)
        print(f"{name:34}", *(f"{x:6.2f}" for x in theirs), "  as ours" if same else "  DIFFERENT")

# %% [markdown]
r"""
With the extra installed all seven rows agreed when this was written: the definitions are the library's own, what
cannot be divided included. One difference: the library refuses an *empty* list of contexts with a
`ValueError`, where the exercise below wants 0.
"""

# %% [markdown]
r"""
### Build it

Three exercises: the two shares that are so easily confused, the average precision, and the repair of an
evaluation as it is often written. A fourth is extra: answer relevancy. The judge is always an
argument, `entails(premise, claim) -> bool`, so your functions work with any.
"""

# %% [markdown]
r"""
### Exercise 18.1 · `faithfulness` and `context_recall`

●●○ · 12 minutes · 4 points · core

Write both in one cell:

- `faithfulness(answer_claims, contexts, entails)`: the share of the answer's claims that the contexts
  support;
- `context_recall(reference_claims, contexts, entails)`: the share of the reference's claims that the
  contexts support.

`contexts` is a list of texts. A claim is supported if `entails(premise, claim)` is true, where the premise is
*all* contexts, joined by a newline (`"\n"`) in their order; a claim may need two of them. Ask once for each claim, premise
first.

- No claims: `None`, whatever the contexts are. There is nothing to be faithful about.
- Claims, but `contexts` is empty: `0.0`, whatever `entails` would say of an empty premise.
- A claim that stands twice counts twice.
- Otherwise a float between 0 and 1.

By hand: of the claims "a", "b", "c" the contexts "a b" and "d" support two: 2/3. That the second
context supports none of them changes nothing.

<details><summary>Hint 1</summary>

Only one thing is different between the two: where the claims come from. What else you write once serves both.

</details>

<details><summary>Hint 2</summary>

First the two special cases, in the order in which they stand above; then join, ask in a loop over the
*claims*, and divide by their number. If you find yourself looping over contexts, you are computing something else.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q18-faithfulness", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Callable

Entails = Callable[[str, str], bool]


def faithfulness(answer_claims: list[str], contexts: list[str], entails: Entails) -> float | None:
    """Return the share of the answer's claims that the joined contexts entail."""
    ### BEGIN SOLUTION
    return _supported(answer_claims, contexts, entails)
    ### END SOLUTION


def context_recall(
    reference_claims: list[str], contexts: list[str], entails: Entails
) -> float | None:
    """Return the share of the reference's claims that the joined contexts entail."""
    ### BEGIN SOLUTION
    return _supported(reference_claims, contexts, entails)


def _supported(claims: list[str], contexts: list[str], entails: Entails) -> float | None:
    if not claims:
        return None
    if not contexts:
        return 0.0
    premise = "\n".join(contexts)
    return sum(bool(entails(premise, claim)) for claim in claims) / len(claims)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q18-faithfulness-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
def contains(premise: str, claim: str) -> bool:
    return claim in premise.split()


testing.agree(
    faithfulness,
    [
        ((["a", "b", "c"], ["a b", "d"], contains), 2 / 3),
        ((["d"], ["a b", "d"], contains), 1.0),
        ((["c"], ["a b", "d"], contains), 0.0),
    ],
    "the share of claims that the contexts support: count claims, not contexts",
)
testing.agree(
    context_recall,
    [((["a", "c"], ["a b", "d"], contains), 0.5)],
    "the share of the reference's claims that the contexts support",
)

# %% nbgrader={"grade": true, "grade_id": "q18-faithfulness-hidden-share", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the share of the answer's claims (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def contains(premise: str, claim: str) -> bool:
    return claim in premise.split()


letters = list("abcdefghij")
cases = []
for n in (1, 3, 7):
    claims = [str(c) for c in rng.choice(letters, n)]
    claims += claims[:1]  # stands twice
    contexts = [" ".join(map(str, rng.choice(letters, 3))) for _ in range(3)]
    known = set(" ".join(contexts).split())
    cases.append(((claims, contexts, contains), sum(c in known for c in claims) / len(claims)))
testing.agree(
    faithfulness,
    cases,
    "supported claims over all claims; a claim that stands twice counts twice, and a context "
    "that supports nothing changes nothing",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q18-faithfulness-hidden-premise", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what the judge is asked (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
contexts = [f"line {i}" for i in rng.permutation(5)[:3]]
asked = []


def listen(premise: str, claim: str) -> bool:
    asked.append((premise, claim))
    return True


for f in (faithfulness, context_recall):
    asked.clear()
    f(["x", "y"], list(contexts), listen)
    testing.check(
        asked == [("\n".join(contexts), "x"), ("\n".join(contexts), "y")],
        "ask entails(premise, claim) once for each claim: the premise is all contexts joined by a "
        "newline in their order, since a claim may need two of them, and it comes first",
        inputs=(["x", "y"], contexts),
        got=asked,
        expected=[("\n".join(contexts), "x"), ("\n".join(contexts), "y")],
    )
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q18-faithfulness-hidden-nothing", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: no claims, no contexts (1 point)
### BEGIN HIDDEN TESTS
def always(premise: str, claim: str) -> bool:
    return True


for f in (faithfulness, context_recall):
    testing.check(
        f([], ["a text"], always) is None,
        "without claims there is no share: None, so that averages leave it out",
        inputs=([], ["a text"]),
        expected=None,
    )
    testing.check(
        f([], [], always) is None,
        "without claims there is no share, with no contexts either: None",
        inputs=([], []),
        expected=None,
    )
    testing.agree(
        f,
        [((["a"], [], always), 0.0)],
        "nothing was retrieved, so nothing is supported: 0.0, whatever a judge says of an empty text",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q18-faithfulness-hidden-recall", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the share of the reference's claims (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def both_lines(premise: str, claim: str) -> bool:
    return all(word in premise.split() for word in claim.split("+"))


p, q, r, s = (str(w) for w in rng.permutation(["oak", "elm", "ash", "fir"]))
testing.agree(
    context_recall,
    [
        (([p], [p], both_lines), 1.0),
        (([p, r], [p, q], both_lines), 0.5),
        (([f"{p}+{q}"], [p, q], both_lines), 1.0),
        (([p, q, r, s], [p, "", "", ""], both_lines), 0.25),
        (([p, p, r], [q, p], both_lines), 2 / 3),
    ],
    "claims of the reference that all contexts together support, over all its claims: contexts that "
    "help nothing do not lower it, and a claim may be put together from two of them",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
Your functions on the case that separates them, a wrong answer with all it needed: (The cell raises
`NotImplementedError` until you have solved the exercise.)
"""

# %% tags=["demo"]
answer, contexts = outcomes["wrong, with all it needed"]
print("faithfulness  ", faithfulness(claims_of(answer), contexts, supports))
print("context recall", context_recall(claims_of(both), contexts, supports))

# %% [markdown]
r"""
### Exercise 18.2 · `context_precision`

●●○ · 10 minutes · 3 points · core

Write `context_precision(relevance)`. `relevance` is a list of bools, one for each retrieved chunk, best-ranked
first: whether the chunk is relevant. The result is the average precision over what was retrieved:

$$\frac{\sum_i P@i \cdot \mathrm{rel}_i}{\sum_i \mathrm{rel}_i},$$

where $i$ counts ranks from 1, $\mathrm{rel}_i$ is 1 or 0, and $P@i$ is the share of relevant chunks among
the first $i$.

- No relevant chunk, or no chunk at all: `0.0`.
- Relevant chunks that were never retrieved are not known here and do not count.

By hand: [yes, no] gives 1, [no, yes] gives 1/2, and [yes, no, yes] gives (1/1 + 2/3)/2 = 5/6.

<details><summary>Hint 1</summary>

Only relevant ranks contribute. At the second relevant one, how many of the chunks so far are relevant?

</details>

<details><summary>Hint 2</summary>

Walk down the list and count the relevant ones so far. What is added at a relevant rank, and by what is the sum divided in the
end?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q18-context-precision", "locked": false, "schema_version": 3, "solution": true, "task": false}
def context_precision(relevance: list[bool]) -> float:
    """Return the average precision of a ranking; `relevance[i]` belongs to rank i + 1."""
    ### BEGIN SOLUTION
    hits, total = 0, 0.0
    for rank, is_relevant in enumerate(relevance, 1):
        if is_relevant:
            hits += 1
            total += hits / rank
    return total / hits if hits else 0.0
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q18-context-precision-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    context_precision,
    [
        (([True, False],), 1.0),
        (([False, True],), 0.5),
        (([True, False, True],), 5 / 6),
    ],
    "the precision at each relevant rank, averaged over the relevant ranks",
)

# %% nbgrader={"grade": true, "grade_id": "q18-context-precision-hidden-rank", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the value for every ranking of up to five chunks (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
lists = [[bool(n >> i & 1) for i in range(m)] for m in range(1, 6) for n in range(1, 2**m)]
order = rng.permutation(len(lists))
cases = []
for j in order:
    relevance = lists[int(j)]
    ranks = [i + 1 for i, yes in enumerate(relevance) if yes]
    cases.append(((relevance,), sum((h + 1) / k for h, k in enumerate(ranks)) / len(ranks)))
got = testing.each(context_precision, [args for args, _ in cases])
for (args, want), value in sorted(zip(cases, got, strict=True), key=lambda c: len(c[0][0][0])):
    testing.check(
        testing.close(value, want),
        "at a relevant rank i the precision is the number of relevant chunks among the first i, over "
        "i; the mean goes over relevant ranks only",
        inputs=args,
        got=value,
        expected=want,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q18-context-precision-hidden-order", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: moving a relevant chunk up raises it (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
pairs = []
while len(pairs) < 20:
    relevance = [bool(x) for x in rng.random(8) < 0.4]
    i = int(rng.integers(7))
    if not relevance[i] and relevance[i + 1]:
        better = relevance.copy()
        better[i], better[i + 1] = True, False
        pairs.append((relevance, better))
flat = [(x,) for pair in pairs for x in pair]
values = testing.each(context_precision, flat)
for (relevance, better), before, after in zip(pairs, values[::2], values[1::2], strict=True):
    testing.check(
        after > before + 1e-9,
        "a relevant chunk was moved one rank up and the precision did not rise: order must matter, "
        "at every rank",
        inputs=f"{relevance} against {better}",
        got=(before, after),
        expected="the second higher than the first",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q18-context-precision-hidden-none", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: nothing relevant (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    context_precision,
    [(([],), 0.0), (([False],), 0.0), (([False] * 4,), 0.0)],
    "nothing relevant was retrieved: 0.0, neither an error nor None",
)
testing.agree(
    context_precision,
    [(([False, False, True, False, False],), 1 / 3), (([True, True, True],), 1.0)],
    "irrelevant chunks below the last relevant one do not count",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 18.3 · repair `evaluate_rag`

●●○ · 15 minutes · 3 points · core

An evaluation script as one often meets it. It runs, its numbers lie between 0 and 1, and it has three
faults: each of the three measures has one.

`evaluate_rag(samples, entails)` takes a list of dicts, each with `"answer_claims"`, `"reference_claims"` and
`"contexts"`, lists of strings, contexts best-ranked first. It returns a dict of three means over the samples:

- `"faithfulness"`: of the answer's claims, the share that all contexts together (joined by `"\n"`) entail; a
  sample *without answer claims*, a refusal, has no faithfulness and is left out of this mean;
- `"context_recall"`: of the *reference's* claims, the share that all contexts together entail;
- `"context_precision"`: the average precision of the ranking, as in 18.2; a context is relevant if it alone
  entails at least one of the reference's claims.

Every sample of the tests has at least one reference claim and at least one context. A mean over no sample is
`None`. There is at least one sample. The samples are not changed. (Calling your functions of 18.1 and 18.2 is not possible
here: every exercise is judged alone. What you need of them stands below or is quickly written.)

<details><summary>Hint 1</summary>

Take the cases of *See it* one by one: what should a refusal, a right answer from memory, and the helpful chunk in last place
score? The script gives something else for each.

</details>

<details><summary>Hint 2</summary>

Faithfulness: which number is appended for a refusal? Recall: whose claims are counted? Precision: does the
order of the contexts change it?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q18-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def evaluate_rag(samples: list[dict], entails) -> dict[str, float | None]:
#     """Mean faithfulness, context recall and context precision of the samples."""
#     faithful, recall, precision = [], [], []
#     for sample in samples:
#         contexts = sample["contexts"]
#         text = "\n".join(contexts)
#         supported = [entails(text, claim) for claim in sample["answer_claims"]]
#         faithful.append(sum(supported) / max(1, len(supported)))
#         covered = [entails(text, claim) for claim in sample["answer_claims"]]
#         recall.append(sum(covered) / max(1, len(covered)))
#         relevant = [
#             any(entails(context, claim) for claim in sample["reference_claims"])
#             for context in contexts
#         ]
#         precision.append(sum(relevant) / len(relevant))
#     means = {"faithfulness": faithful, "context_recall": recall, "context_precision": precision}
#     return {name: sum(v) / len(v) if v else None for name, v in means.items()}
### END REPAIR
### BEGIN SOLUTION
def evaluate_rag(samples: list[dict], entails) -> dict[str, float | None]:
    """Mean faithfulness, context recall and context precision of the samples."""
    faithful, recall, precision = [], [], []
    for sample in samples:
        contexts = sample["contexts"]
        text = "\n".join(contexts)
        supported = [entails(text, claim) for claim in sample["answer_claims"]]
        if supported:
            faithful.append(sum(supported) / len(supported))
        covered = [entails(text, claim) for claim in sample["reference_claims"]]
        recall.append(sum(covered) / len(covered))
        relevant = [
            any(entails(context, claim) for claim in sample["reference_claims"])
            for context in contexts
        ]
        at_hits = [sum(relevant[: i + 1]) / (i + 1) for i, hit in enumerate(relevant) if hit]
        precision.append(sum(at_hits) / len(at_hits) if at_hits else 0.0)
    means = {"faithfulness": faithful, "context_recall": recall, "context_precision": precision}
    return {name: sum(v) / len(v) if v else None for name, v in means.items()}


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q18-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
def contains(premise: str, claim: str) -> bool:
    return claim in premise.split()


sample = {"answer_claims": ["a", "b"], "reference_claims": ["a", "b"], "contexts": ["a x", "b y"]}
result = evaluate_rag([sample], contains)
assert set(result) == {"faithfulness", "context_recall", "context_precision"}, "three measures"
assert all(v == 1 for v in result.values()), "a perfect sample scores 1 on all three"

# %% nbgrader={"grade": true, "grade_id": "q18-repair-hidden-faithfulness", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: faithfulness, and refusals (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def contains(premise: str, claim: str) -> bool:
    return claim in premise.split()


def drawn(answers: int) -> dict:
    words = [str(w) for w in rng.permutation(list("abcdefgh"))]
    claims = [str(w) for w in rng.choice(list("abcdefgh"), answers)]
    contexts = [" ".join(words[2 * i : 2 * i + 2]) for i in range(2)]
    return {"answer_claims": claims, "reference_claims": words[:3], "contexts": contexts}


def share(sample: dict) -> float:
    known = " ".join(sample["contexts"]).split()
    return sum(c in known for c in sample["answer_claims"]) / len(sample["answer_claims"])


samples = [drawn(n) for n in (1, 2, 4, 3)]
testing.agree(
    lambda s: evaluate_rag(s, contains)["faithfulness"],
    [
        ((samples[:1],), share(samples[0])),
        ((samples,), sum(map(share, samples)) / 4),
    ],
    "faithfulness counts the answer's claims that the joined contexts entail, sample by sample",
)
strict = {"answer_claims": ["x\ny"], "reference_claims": ["x\ny"], "contexts": ["x", "y"]}
testing.agree(
    lambda s: evaluate_rag(s, lambda premise, claim: premise == claim)["faithfulness"],
    [(([strict],), 1.0)],
    "a claim may need two contexts: they are joined by a newline, in their order",
)
testing.agree(
    lambda s: evaluate_rag(s, contains)["faithfulness"],
    [(([drawn(0), *samples, drawn(0)],), sum(map(share, samples)) / 4), (([drawn(0)],), None)],
    "a refusal makes no claim: it is left out of the mean, neither 0 nor 1, and with nothing but "
    "refusals there is no mean",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q18-repair-hidden-recall", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: context recall does not look at the answer (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def contains(premise: str, claim: str) -> bool:
    return all(w in premise.split() for w in claim.split("+"))


words = [str(w) for w in rng.permutation(list("abcdefgh"))]
wrong = {"answer_claims": words[6:], "reference_claims": words[:2], "contexts": words[:3]}
memory = {"answer_claims": words[:2], "reference_claims": words[:2], "contexts": words[5:]}
joined = {
    "answer_claims": [],
    "reference_claims": [f"{words[0]}+{words[1]}"],
    "contexts": words[:2],
}
part = {"answer_claims": words[:1], "reference_claims": words[:4], "contexts": words[:1]}
testing.agree(
    lambda s: evaluate_rag(s, contains)["context_recall"],
    [
        (([wrong],), 1.0),
        (([memory],), 0.0),
        (([joined],), 1.0),
        (([part],), 0.25),
        (([wrong, memory, joined, part],), 2.25 / 4),
    ],
    "recall asks which claims of the *reference* the contexts support together; what was answered "
    "does not matter",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q18-repair-hidden-precision", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: context precision looks at the order (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def contains(premise: str, claim: str) -> bool:
    return all(w in premise.split() for w in claim.split("+"))


good, other, bad = (str(w) for w in rng.permutation(["oak", "elm", "ash"]))


def ranked(*contexts: str) -> dict:
    return {"answer_claims": [bad], "reference_claims": [good, other], "contexts": list(contexts)}


pair = {"answer_claims": [], "reference_claims": [f"{good}+{other}"], "contexts": [good, other]}
testing.agree(
    lambda s: evaluate_rag(s, contains)["context_precision"],
    [
        (([ranked(good, bad, bad)],), 1.0),
        (([ranked(bad, good)],), 0.5),
        (([ranked(bad, bad, other, good)],), (1 / 3 + 2 / 4) / 2),
        (([ranked(bad, bad)],), 0.0),
        (([ranked(good, bad), ranked(bad, bad)],), 0.5),
        (([pair],), 0.0),
    ],
    "the average precision: at each relevant rank the share of relevant chunks so far, averaged over "
    "relevant ranks; a chunk is relevant if it alone entails a claim of the reference",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 18.4 · `answer_relevancy`

●○○ · 8 minutes · 2 points · extra

Write `answer_relevancy(question, generated, noncommittal)`, the score of `ragas` 0.4.3:

- `question`, shape (d,): the embedding of the question that was asked;
- `generated`, shape (n, d): embeddings of n questions generated from the answer;
- `noncommittal`, a list of n bools: whether the answer looked evasive when each of them was generated.

The result is the mean cosine similarity between `question` and the rows of `generated`. It is `0.0` if *all* of the
flags are true, or if n = 0. Vectors have any length but zero; the result may be negative.

<details><summary>Hint 1</summary>

A cosine is a dot product of *unit* vectors. Which axis of `generated` holds the coordinates?

</details>

<details><summary>Hint 2</summary>

Two zero cases first; Python's `all` of an empty list may surprise you. Then n dot products, each to be divided by two
lengths, and their mean.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q18-answer-relevancy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def answer_relevancy(
    question: np.ndarray, generated: np.ndarray, noncommittal: list[bool]
) -> float:
    """Mean cosine of a question (d,) with generated questions (n, d); 0.0 if all are evasive."""
    ### BEGIN SOLUTION
    if all(noncommittal):  # also when there is none
        return 0.0
    lengths = np.linalg.norm(generated, axis=1) * np.linalg.norm(question)
    return float((generated @ question / lengths).mean())
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q18-answer-relevancy-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    answer_relevancy,
    [
        ((np.array([2.0, 0.0]), np.array([[3.0, 0.0], [0.0, 1.0]]), [False, False]), 0.5),
        ((np.array([1.0, 0.0]), np.array([[-1.0, 0.0]]), [False]), -1.0),
    ],
    "the mean of the cosines: dot products of vectors brought to unit length",
)

# %% nbgrader={"grade": true, "grade_id": "q18-answer-relevancy-hidden-cosine", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the mean cosine (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = []
for n, d in [(1, 2), (3, 4), (5, 8)]:
    q = rng.normal(size=d) * 3
    rows = rng.normal(size=(n, d)) * rng.uniform(0.2, 5, (n, 1))
    units = [row / math.sqrt(sum(x * x for x in row)) for row in rows]
    cosines = [float(u @ q) / math.sqrt(sum(x * x for x in q)) for u in units]
    flags = [False] + [bool(f) for f in rng.random(n - 1) < 0.5]
    cases.append(((q, rows, flags), sum(cosines) / n))
testing.agree(
    answer_relevancy,
    cases,
    "bring every generated vector and the question to unit length, then average the dot products; "
    "one flag that is false is enough to keep all of them",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q18-answer-relevancy-hidden-evasive", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: evasive answers, and no questions (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
q = rng.normal(size=3)
testing.agree(
    answer_relevancy,
    [
        ((q, np.stack([q, 2 * q]), [True, True]), 0.0),
        ((q, np.zeros((0, 3)), []), 0.0),
        ((q, np.stack([q, 2 * q]), [True, False]), 1.0),
        ((q, np.stack([q, -q, q]), [True, True, False]), 1 / 3),
        ((q, np.stack([2 * q]), [False]), 1.0),
    ],
    "0.0 where all flags say evasive or nothing was generated; a single evasive flag changes nothing",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

*"Context recall: check whether the facts of the answer are in the context."* That is faithfulness. A script
that computes it under the name of recall prints the same number twice, and nobody notices as long as all goes
well. Here are both definitions on the two cases in which they differ most, and what an engineer would
conclude from each:
"""

# %% tags=["demo"]
for name in ("right, from memory", "wrong, with all it needed"):
    answer, contexts = outcomes[name]
    popular = supported_share(claims_of(answer), contexts, supports)
    recall = supported_share(claims_of(both), contexts, supports)
    print(f"{name:28} 'recall' of the answer {popular:.2f}   of the reference {recall:.2f}")

# %% [markdown]
r"""
For the wrong answer the popular number blames the retriever, which had delivered everything; the team goes
and tunes chunk sizes, and nothing improves. In the other row the two happen to agree, so testing the
script on good answers does not find the fault. One needs a case in which the parts disagree.
"""

# %% [markdown]
r"""
### If they push

**"Our faithfulness is 0.98, and users complain. How can that be?"**

<details><summary>Answer</summary>

Faithfulness says that what is said stands in the documents. Users may get refusals (left out of the average:
count them), answers from outdated or wrong documents (faithful and false), answers to another question (relevancy), or the
two per cent may be the questions that matter. Look at the picture of *what happened to each question*, and
read thirty transcripts before building another metric.

</details>

**"We have no reference answers. What can still be measured?"**

<details><summary>Answer</summary>

Faithfulness and relevancy need none (RAGChecker, Ru et al., 2024, has more of this kind, claim by claim); `ragas` offers a precision held against the *answer* instead
(`ContextUtilization`), which measures what the generator used and is blind for what it should have used. Recall
cannot be had without somebody who knows what should have been found. A hundred questions with the passages that
answer them, written by somebody who knows the subject, are usually two days' work and outlast
every prompt. Questions that a model wrote *from* a passage are easier to retrieve than those people
ask: they share its words.

</details>

**"How do you check the judge?"**

<details><summary>Answer</summary>

Draw a few hundred (claim, context) pairs, have people label them without seeing the verdict, and report
sensitivity and specificity, for each system apart. Then either correct the
reported share (last table of *The judge*; its uncertainty grows with $1/(a + b - 1)$), or use the labelled
part to correct the large unlabelled one, as ARES does with prediction-powered inference (Saad-Falcon et
al., 2023). Keep the judge's version and prompt fixed: another judge is another unit of measurement.

</details>

**"Retrieved chunks became twice as long. Which measures move, though the search is unchanged?"**

<details><summary>Answer</summary>

Longer chunks contain more, so recall and faithfulness tend to rise and more chunks count as relevant, which
raises precision too. It looks like progress and may only be more text in the prompt. Compare at an equal budget of
tokens, and look at right answers as well.

</details>

**"Is the paper's RAGAS the library's ragas?"**

<details><summary>Answer</summary>

The paper (Es et al., 2023) defines three measures without references: faithfulness, answer relevance and context
*relevance* (how much of the context is needed, sentence by sentence). Context precision and context recall, held against a
reference, came with the library. Whoever cites the paper for them cites the wrong source.

</details>
"""

# %% [markdown]
r"""
### Sources

- Es, James, Espinosa-Anke, Schockaert (2023), *RAGAS: Automated Evaluation of Retrieval Augmented Generation*,
  arXiv 2309.15217: faithfulness, answer relevance, context relevance.
- `ragas` 0.4.3, `ragas/metrics/collections`: the definitions of context precision and recall, and of what is
  undefined. Read and run in November 2026.
- Ru et al. (2024), *RAGChecker*, arXiv 2408.08067: measures for each part, by claims.
- Saad-Falcon, Khattab, Potts, Zaharia (2023), *ARES*, arXiv 2311.09476: judges corrected with a labelled sample.
- Rogan, Gladen (1978), *Estimating prevalence from the results of a screening test*, American Journal of
  Epidemiology 107(1).
- Manning, Raghavan, Schütze (2008), *Introduction to Information Retrieval*, chapter 8: average precision.
"""
