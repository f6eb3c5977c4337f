# %% [markdown]
r"""
## Q49. RAG or fine-tuning?

*Hard · 90 minutes · needs nothing of this notebook; question 10 shows the pipeline, question 16 what LoRA is*
"""

# %% [markdown]
r"""
### Say it

> They change different things. Retrieval puts text in front of the model for each question: that text can be replaced,
> deleted, restricted and cited, and the weights stay as they are. Fine-tuning changes the weights: it is good at form, such as a
> style, a format or a skill, and needs no extra prompt. New facts can be trained in, but with them the model learns
> to answer: unless old material and refusals are mixed into the training, it invents for names that it was never told about and forgets part
> of what it knew; and it can neither cite nor unlearn a single fact. Retrieval has faults of its own: it costs
> prompt tokens on every question, it fails where the search fails, and a document that does not fit the question misleads the
> reader. So: knowledge by retrieval, behaviour by tuning, both where both are needed, and a plain prompt first.
"""

# %% [markdown]
r"""
### See it

**Fifty new facts.** Ten people of whom the lab's `instruct` has never heard, five facts about each. The same facts can be
written in two ways: as conversations to be trained on, or as documents to be read.
"""

# %% tags=["demo"]
from course import lab, recorded
from course.lab import assess, probes, skills
from course.recorded import q49_taught_or_retrieved as ways

facts = skills.new_facts().facts
lessons, documents = ways.lessons(facts), ways.shelf(facts)
print(f"{len(facts)} facts; {len(lessons)} conversations to learn them from:")
for episode in lessons[:3]:
    print("   ", " -> ".join(m["content"] for m in episode.messages))
print(f"{len(documents)} documents to read them in:\n    {documents[0].text}")

# %% [markdown]
r"""
Each fact is taught in three of the four wordings that the model knows for such a question. It is examined in the fourth, so that the
*fact* is asked for and not the sentence; and once more in a wording that the model has never been trained on.

The exam has two more parts, and they are what this question is about. Three groups of questions that *nobody has told it
the answer to*: other people of the same world, names mixed from the taught ones, and further attributes of the
taught people. All must be refused. And two groups of what it *could do before*: old facts, and instructions.
"""

# %% tags=["demo"]
exam = ways.exam(facts, number=24)
exam["strange wording"] = exam["strange wording"][::2]  # every second one, to save time
for name, group in exam.items():
    asked, wanted = (m["content"] for m in group[0].messages[-2:])
    print(f"{name:15} {len(group):3}  {asked}  ->  {wanted}")

# %% tags=["demo"]
plain, tokenizer = lab.load("instruct"), lab.tokenizer("instruct")
results = {"as it was": ways.marks(plain, exam)}


def table(results: dict[str, dict[str, float]]) -> None:
    columns = list(next(iter(results.values())))
    heads = [c.replace("instructions", "instruc- tions").rpartition(" ") for c in columns]
    for line in (0, 2):  # a heading of two words stands on two lines
        print(" " * 24 + "".join(f"{head[line]:>10}" for head in heads))
    for way, row in results.items():
        print(f"{way:24}" + "".join(f"{row[c]:10.2f}" for c in columns))


table(results)

# %% [markdown]
r"""
Every column is the share of answers *as they should be*: the right value, a refusal in the middle three, the old answer or
the instruction followed in the last two. The untouched model knows none of the new facts and says so. It also does all
the rest nearly perfectly. So there is much to lose.
"""

# %% [markdown]
r"""
#### Taught

LoRA of rank 8 on all linear layers, 60 steps of 16 conversations. (Without `peft` the cell says how to get it, and the row
comes from the recorded run below.) How many of the fifty facts will it know, in the fourth wording? And what will it say
to a name that it has never been told about?
"""

# %% tags=["demo"]
import warnings

warnings.filterwarnings("ignore", category=FutureWarning)  # between versions of two libraries
run = recorded.load("q49_taught_or_retrieved")
try:
    tuned = ways.taught(lessons)
    results["taught (LoRA)"] = ways.marks(tuned, exam)
except ImportError:
    tuned = plain
    print("peft is not installed: pip install peft. The row is the recorded one.")
    row = next(r for r in run.rows if r["way"] == "LoRA")
    results["taught (LoRA)"] = {name: row[name] for name in exam}
table(results)

# %% tags=["demo"]
for name in ("new facts", "strangers", "mixed names", "old facts"):
    episode = exam[name][1]
    case = probes.case(episode)
    (said,) = assess.answers(tuned, tokenizer, [case])
    print(f"{name}: {episode.messages[-2]['content']}\n    before  ", end="")
    print(
        *assess.answers(plain, tokenizer, [case]), f"\n    after   {said}\n    wanted  {case.gold}"
    )

# %% [markdown]
r"""
It learned most of the facts, and whoever measures only that calls it a success. Now read the middle columns. The
training held nothing but confident answers about unknown names, so what the model has learned best is
*to answer about unknown names*: it gives a stranger some pet, some home, some guild, in the same calm sentence. That is not
a property of LoRA: it is what the training data says. And the last two columns are what sixty small steps have
done to what nobody meant to touch.
"""

# %% [markdown]
r"""
#### Retrieved

The same questions to the *unchanged* model, with the document that BM25 ranks first in front. There are ten documents. One
of them is always ranked first, so one is always shown, whatever was asked.
"""

# %% tags=["demo"]
always = {name: ways.with_documents(group, documents) for name, group in exam.items()}
print(always["new facts"][0].messages[-2]["content"], "\n")
results["retrieved, always"] = ways.marks(plain, always)
table(results)

# %% [markdown]
r"""
That is not what one hopes for. New facts are read well, in the strange wording too, but a mixed name is often answered from the document
of the person it resembles, and the last two columns have collapsed. The weights are untouched; but a question about somebody else with
a document about the wrong person in front is answered "not stated in the documents". **What the model knows is
of no use if the prompt tells it to look elsewhere.** A system can forget although its model has not.

The cure is a decision before the prompt is built: show a document only if it is about what was asked. Here the rule is as simple
as can be: the document's title must stand in the question. (In a real system it is a score threshold, a reranker or a linker
of entities, and it errs; ours does not.)
"""

# %% tags=["demo"]
gated = {name: ways.with_documents(group, documents, gate=True) for name, group in exam.items()}
for name in ("new facts", "mixed names"):
    print(f"{name}: {gated[name][0].messages[-2]['content'][:70]} ...")
results["retrieved, gated"] = ways.marks(plain, gated)
table(results)

# %% tags=["demo"]
from course import figures

groups = list(exam)
shown = ["taught (LoRA)", "retrieved, always", "retrieved, gated"]
fig, axes = figures.subplots(1, 3, sharey=True, size=(8.6, 2.9))
for ax, way in zip(axes, shown, strict=True):
    values = [results[way][name] for name in groups]
    ax.barh(groups, values, color=figures.GREY, edgecolor=figures.INK)
    ax.plot([results["as it was"][g] for g in groups], groups, "|", markersize=13, color="k")
    ax.set(title=way, xlim=(0, 1.05), xlabel="as it should be")
axes[0].invert_yaxis()
figures.show(
    fig,
    "Three bar charts of seven groups of questions, with a mark where the untouched model stood. "
    + " ".join(
        f"{way}: " + ", ".join(f"{name} {results[way][name]:.2f}" for name in groups) + "."
        for way in shown
    ),
)

# %% [markdown]
r"""
The marks show where the model stood before (at 0 for what is new). The gap between a bar's end and its mark was lost. Each bar rests on 20 to 50
answers, so differences below about 0.2 may be chance (0.15 for bars near 0 or 1).
"""

# %% [markdown]
r"""
#### Better taught, worse retrieved

Is that fair to tuning? It can be done with more care: *replay* mixes conversations of the old kinds in, known facts, refusals
and instructions, none of them from the exam. And retrieval can be done with less care, showing two or four documents. The
recorded run has both, on two sets of fifty facts; the rows are averages of the two.
"""

# %% tags=["demo"]
print(run, "\n")
recorded_rows = {}
for row in run.rows:
    if not row.get("update"):
        recorded_rows.setdefault(row["way"], []).append([row[name] for name in groups])
table(
    {
        way: dict(zip(groups, np.mean(rows, axis=0), strict=True))
        for way, rows in recorded_rows.items()
    }
)

# %% [markdown]
r"""
Read them like this.

- **Forgetting can be mended.** With replay and slower training the old facts and the instructions are nearly where they were, and the new facts
  are all known: better than by retrieval, whose small reader errs in about one case in ten. Who says that tuning cannot teach
  facts has not mixed his data.
- **Invention is mended last.** Replay holds refusals too, about other names, and most mixed names are still answered. Only refusals
  about the very neighbours help, 150 of them for fifty facts, and even then the middle columns stay below the untouched model; of
  attributes that nobody told, about half are invented.
- **Each further document costs accuracy.** Among two or four similar documents this reader takes the wrong one more often. How large that
  effect is depends on the model; RAFT (see the sources) is a way of training against it.
- **The gate does the most for retrieval**, and it is no part of the model.
- **One wording was enough here.** That facts must be shown in many wordings is known of large models (Ovadia et al., 2023). It did not
  appear: the adapter trained on one wording only knows the facts in another, and in a strange one. `instruct` had learned beforehand that its
  four ways of asking mean the same. Count on it only for wordings that the model takes as equal already.
"""

# %% [markdown]
r"""
#### One fact changes

One of the ten people moves. In the index one document is replaced. The weights have two ways: train a little more, on the new fact
alone; or train anew on all fifty. The recorded run asks for the home in six wordings, and for the
other 49 facts once.
"""

# %% tags=["demo"]
old, new = ways.changed(facts)
print(f"{old.subject}: {old.value} -> {new.value}\n")
columns = ("the new value", "the old value", "other new facts")
print(" " * 30 + "".join(f"{c:>17}" for c in columns))
for way in dict.fromkeys(row["way"] for row in run.rows if row.get("update")):
    found = [[r[c] for c in columns] for r in run.rows if r["way"] == way]
    print(f"{way:30}" + "".join(f"{value:17.2f}" for value in np.mean(found, axis=0)))

# %% [markdown]
r"""
And the first row live, since it costs nothing but answering:
"""

# %% tags=["demo"]
current = ways.shelf([new if fact == old else fact for fact in facts])
print(next(d.text for d in current if d.title == old.subject), "\n")
asked = ways.lessons([new])
(said, *_) = assess.answers(
    plain, tokenizer, [probes.case(e) for e in ways.with_documents(asked, current, gate=True)]
)
print(asked[0].messages[0]["content"], "->", said)

# %% [markdown]
r"""
All three ways bring the new value in and the old one out. What differs is the last column, and what stands in none. A replaced document
touches nothing else: what is missing there was missing before. Ten short steps on one fact cost several of the others. Training anew
costs none, but all the steps again; and after either training the whole exam has to be taken again, since every weight of the
adapter may have moved.
"""

# %% [markdown]
r"""
#### What it costs

Count tokens, and from them multiplications. A forward pass takes about $2N$ operations a token with $N$ parameters; going
backward through frozen weights about as much again. (Full tuning adds the gradients of the weights: $6N$ in all.) So LoRA
pays about $4N$ a token of training, once, and retrieval about $2N$ for every token of the document, on *each* question. $N$
falls out of the comparison.
"""


# %% tags=["demo"]
def tokens(episodes) -> float:
    """Mean number of tokens in a conversation's prompt."""
    return float(
        np.mean([len(tokenizer("".join(probes.case(e).prompt)).input_ids) for e in episodes])
    )


question = tokens(exam["new facts"])
context = tokens(gated["new facts"]) - question
batch = skills.batch(lessons)
training = ways.STEPS * 16 * float(batch["attention_mask"].sum(dim=1).double().mean())
print(f"a question {question:.0f} tokens, a document in front of it {context:.0f} more")
print(f"training: {training:,.0f} tokens, as much work as {2 * training:,.0f} read tokens")
print(f"so the documents of {2 * training / context:,.0f} questions cost as much as one training")

# %% [markdown]
r"""
That is the break-even point for facts that never change: for more questions than that, the tuned model is cheaper. Every change of a fact
starts the count again. Some things shift it in practice. A stored prefix (question 36) makes a repeated document cheap. A passage of a real
index is not five short sentences but half a page, and the careful training of the recorded run had more than three times the steps. And serving a model of one's own may have a price per
hour or per token that the shared base model has not. None of them changes the middle columns of the table.
"""

# %% [markdown]
r"""
#### The table that follows

| What is wanted | Retrieval | Tuning |
|---|---|---|
| facts that are new, private or rare | yes, behind a gate | learned, at the price of invention; replay and refusals lower it |
| facts that change | replace a document | train again, and check everything again |
| saying where it stands | yes: the text is there | no: weights have no page numbers |
| letting one reader see what another may not | filter the search | one model for each right |
| a tone, a format, a skill | examples in the prompt, if they fit | yes |
| short prompts, small models | no | yes |
| reading documents better, refusing better | no | yes: tune *for* retrieval (RAFT) |

The columns do not exclude each other. The last row is where they meet: what to do with a document is behaviour, and behaviour
can be trained. `instruct` itself is an example: it was trained on thousands of documents so that it would read, cite and refuse, and on
none of those that it reads here.
"""

# %% [markdown]
r"""
### Build it

Three exercises: the rule table, the bill and the errors of both ways over a log of questions and changes, and the
repair of a report that makes a spoiled model look sound.
"""

# %% [markdown]
r"""
### Exercise 49.1 · `decide`

●●○ · 15 minutes · 4 points · core

Write `decide(profile)`, a rule table that says why. It returns `(choice, reasons)`.

A profile is a dict with exactly these five keys, each True or False: `needs_citations`, `changes_daily`,
`needs_style`, `knowledge_fits_prompt`, `has_training_data`. The words mean:

- **retrieval**: text is fetched from a store, with its ids, for each question. **Tuning**: weights are trained on examples.
  **prompt**: neither; what the model must know is written into the fixed prompt.

| reason | holds if | speaks for |
|---|---|---|
| `"citations"` | sources must be named | retrieval |
| `"changes"` | the knowledge changes daily | retrieval |
| `"size"` | the knowledge does *not* fit the prompt | retrieval |
| `"style"` | a style is needed and there is training data for it | tuning |
| `"no data"` | a style is needed and there is *no* training data | neither |
| `"plain"` | nothing above speaks for retrieval or for tuning | neither |

- `reasons`: the list of *all* reasons that hold, in the order of the table.
- `choice`: `"both"` if they speak for retrieval and for tuning, `"rag"` if for retrieval only, `"ft"` if for tuning
  only, otherwise `"prompt"`.
- A key that is missing or one too many, or a value that is not True or False (such as `1`, `None` or `"no"`), is a
  `ValueError`. The profile is not changed.

By hand: a support desk whose answers must cite a handbook, in a house style for which there are examples; the handbook fits the
prompt and changes once a year. `("both", ["citations", "style"])`.

<details><summary>Hint 1</summary>

These are two decisions, not one: where the knowledge comes from, and who teaches the form. A chain of `elif` that returns
at the first hit can never say `"both"`, and never gives a second reason.

</details>

<details><summary>Hint 2</summary>

Check the keys as a set, and each value with `isinstance(value, bool)` (the string `"no"` is true in an `if`). Then
a list of pairs (name, holds), filtered. Retrieval is needed if one of the first three is in the list, tuning if
`"style"` is; append `"plain"` if neither.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q49-decide", "locked": false, "schema_version": 3, "solution": true, "task": false}
def decide(profile: dict[str, bool]) -> tuple[str, list[str]]:
    """Return "prompt", "rag", "ft" or "both", and all reasons in the order of the table."""
    ### BEGIN SOLUTION
    keys = (
        "needs_citations",
        "changes_daily",
        "needs_style",
        "knowledge_fits_prompt",
        "has_training_data",
    )
    if set(profile) != set(keys):
        raise ValueError(f"a profile has exactly the keys {', '.join(keys)}.")
    if not all(isinstance(value, bool) for value in profile.values()):
        raise ValueError("every value of a profile is True or False.")
    cites, changes, style, fits, data = (profile[key] for key in keys)
    retrieval = [("citations", cites), ("changes", changes), ("size", not fits)]
    form = [("style", style and data), ("no data", style and not data)]
    reasons = [name for name, holds in retrieval + form if holds]
    rag = any(holds for _, holds in retrieval)
    if not rag and "style" not in reasons:
        reasons.append("plain")
    choice = {(True, True): "both", (True, False): "rag", (False, True): "ft"}.get(
        (rag, "style" in reasons), "prompt"
    )
    return choice, reasons
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q49-decide-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
desk = {
    "needs_citations": True,
    "changes_daily": False,
    "needs_style": True,
    "knowledge_fits_prompt": True,
    "has_training_data": True,
}
testing.agree(
    decide,
    [
        ((desk,), ("both", ["citations", "style"])),
        ((desk | {"needs_style": False},), ("rag", ["citations"])),
        ((desk | {"needs_citations": False},), ("ft", ["style"])),
        ((desk | {"needs_citations": False, "needs_style": False},), ("prompt", ["plain"])),
    ],
    "one row of the table after the other: which reasons hold, and what do they speak for?",
)

# %% nbgrader={"grade": true, "grade_id": "q49-decide-hidden-choice", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the choice for every profile (2 points)
### BEGIN HIDDEN TESTS
import itertools


def choice_of(profile: dict) -> str:
    return decide(profile)[0]


cases = []
for cites, changes, style, fits, data in itertools.product((False, True), repeat=5):
    profile = {
        "needs_citations": cites,
        "changes_daily": changes,
        "needs_style": style,
        "knowledge_fits_prompt": fits,
        "has_training_data": data,
    }
    fetch, tune = cites or changes or not fits, style and data
    expected = ("both" if tune else "rag") if fetch else ("ft" if tune else "prompt")
    cases.append(((profile,), expected))
testing.agree(
    choice_of,
    cases,
    "each of citations, daily changes and size asks for retrieval by itself; tuning needs a style and "
    "data for it; the two are decided apart, so all four choices occur",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q49-decide-hidden-reasons", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: all reasons, in order (1 point)
### BEGIN HIDDEN TESTS
import itertools


def reasons_of(profile: dict) -> list[str]:
    return list(decide(profile)[1])


rng = testing.rng()
keys = ["needs_citations", "changes_daily", "needs_style", "knowledge_fits_prompt"]
keys.append("has_training_data")
cases = []
for values in itertools.product((False, True), repeat=5):
    profile = dict(zip(keys, values, strict=True))
    shuffled = {str(key): profile[str(key)] for key in rng.permutation(keys)}
    cites, changes, style, fits, data = values
    expected = ["citations"] * cites + ["changes"] * changes + ["size"] * (not fits)
    fetch = bool(expected)
    expected += ["style"] * (style and data) + ["no data"] * (style and not data)
    if not fetch and not (style and data):
        expected.append("plain")
    cases.append(((shuffled,), expected))
testing.agree(
    reasons_of,
    cases,
    "all reasons that hold, not only the first, in the order of the table, however the profile is "
    "ordered; 'plain' holds where nothing speaks for retrieval or tuning, so beside 'no data' too",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q49-decide-hidden-profile", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: profiles that are not sound (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
keys = ["needs_citations", "changes_daily", "needs_style", "knowledge_fits_prompt"]
keys.append("has_training_data")
profile = {key: bool(rng.integers(2)) for key in keys}
for key in keys:
    less = {k: v for k, v in profile.items() if k != key}
    testing.check(
        testing.raises(ValueError, decide, less),
        "a profile without one of the five keys is a ValueError",
        inputs=less,
    )
    for value in ("no", 0, 1, None):
        testing.check(
            testing.raises(ValueError, decide, profile | {key: value}),
            "a value that is not True or False is a ValueError: 'no' would count as true, and 1 is no "
            "bool",
            inputs=profile | {key: value},
        )
testing.check(
    testing.raises(ValueError, decide, profile | {"need_citations": True}),
    "a key too many, such as a misspelt one, is a ValueError",
)
testing.check(
    testing.leaves_arguments(decide, dict(profile)), "the profile that was given has been changed"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
Four situations through your table. (The cell raises `NotImplementedError` until you have solved the exercise.) Decide
each yourself first, aloud, with the reason.
"""

# %% tags=["demo"]
keys = ["needs_citations", "changes_daily", "needs_style", "knowledge_fits_prompt"]
keys.append("has_training_data")
situations = {
    "a shop's prices, asked in a chat": (0, 1, 0, 0, 0),
    "letters in the tone of a brand": (0, 0, 1, 1, 1),
    "a clinic's guidelines, in its own form": (1, 0, 1, 0, 1),
    "the opening hours of one office": (0, 0, 0, 1, 1),
}
for what, bits in situations.items():
    choice, reasons = decide(dict(zip(keys, map(bool, bits), strict=True)))
    print(f"{what:40} {choice:7} {', '.join(reasons)}")

# %% [markdown]
r"""
The last one has training data, and no use for it. Data is a condition of tuning, not a reason for it.
"""

# %% [markdown]
r"""
### Exercise 49.2 · `serve_log`

●●○ · 20 minutes · 5 points · core

Two systems serve the same log. The one retrieves; the other was tuned, and is tuned anew after every few changes. Write
`serve_log(events, retrain_every, price)`, which returns `(retrieved, tuned, stale)`: what each has cost, and how many
questions the tuned one answered from knowledge that was out of date.

- `events`: a list of `(kind, key)` in the order of time. `("ask", key)` is a question about the fact `key`;
  `("change", key)` says that this fact has now another value. `price`: a dict with the four numbers `"ask"`, `"context"`,
  `"index"`, `"train"`, plain numbers here.
- Both systems start up to date and paid for.
- **Retrieved**: a question costs `ask + context`, a change costs `index`.
- **Tuned**: a question costs `ask`. Right after every `retrain_every`-th change the model is trained anew; that costs `train` and
  teaches it *all* changes so far. Changes are counted, not different facts: the same fact twice counts
  twice.
- `stale`: the number of questions whose own fact has changed since the last training (since the start, if there was none).
- `retrain_every=None`: never trained anew. A number below 1, or a kind other than the two, is a `ValueError`. Nothing is
  changed.

By hand, with `{"ask": 1, "context": 5, "index": 2, "train": 100}` and `retrain_every=2`: ask a, change a, ask a, ask b, change
b, ask a, ask b. Five questions and two changes: retrieved 5 · 6 + 2 · 2 = 34. The training comes with the second change:
tuned 5 + 100 = 105. Stale is the second question only; b was still up to date when it was first asked.

<details><summary>Hint 1</summary>

Keep the *set* of facts that have changed since the last training. A question is stale if its key is in the set. When is the set
emptied?

</details>

<details><summary>Hint 2</summary>

One pass. On a change: add the key, count it, and if the count is a multiple of `retrain_every`, pay and empty the set:
after adding, so that the change that triggers the training is taught too.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q49-serve-log", "locked": false, "schema_version": 3, "solution": true, "task": false}
def serve_log(
    events: list[tuple[str, str]], retrain_every: int | None, price: dict[str, float]
) -> tuple[float, float, int]:
    """Return the cost of retrieving, the cost of tuning, and the tuned model's stale answers."""
    ### BEGIN SOLUTION
    if retrain_every is not None and retrain_every < 1:
        raise ValueError("retrain_every is at least 1, or None for never.")
    retrieved, tuned, stale = 0, 0, 0
    changes, outdated = 0, set()
    for kind, key in events:
        if kind == "ask":
            retrieved += price["ask"] + price["context"]
            tuned += price["ask"]
            stale += key in outdated
        elif kind == "change":
            retrieved += price["index"]
            changes += 1
            outdated.add(key)
            if retrain_every is not None and changes % retrain_every == 0:
                tuned += price["train"]
                outdated.clear()
        else:
            raise ValueError(f"an event is 'ask' or 'change', not {kind!r}.")
    return retrieved, tuned, stale
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q49-serve-log-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
tariff = {"ask": 1, "context": 5, "index": 2, "train": 100}
day = "ask a, change a, ask a, ask b, change b, ask a, ask b"
day = [tuple(event.split()) for event in day.split(", ")]
testing.agree(
    serve_log,
    [
        ((day, 2, tariff), (34, 105, 1)),
        ((day, 1, tariff), (34, 205, 0)),
        ((day, None, tariff), (34, 5, 3)),
    ],
    "questions pay ask (and context, if retrieved), changes pay index or, every few, a training",
)

# %% nbgrader={"grade": true, "grade_id": "q49-serve-log-hidden-costs", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what both cost (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def costs(events: list, retrain_every, price: dict) -> list:
    return list(serve_log(events, retrain_every, price))[:2]


cases = []
for every in (1, 2, 3, 3, 4, 7, None):
    asks, changes = int(rng.integers(5, 15)), int(rng.integers(8, 14))
    events = [("ask", str(k)) for k in rng.choice(list("abcd"), asks)]
    events += [("change", str(k)) for k in rng.choice(list("abcd"), changes)]
    events = [events[i] for i in rng.permutation(len(events))]
    price = {name: int(rng.integers(1, 9)) for name in ("ask", "context", "index")}
    price["train"] = int(rng.integers(50, 99))
    trainings = changes // every if every else 0
    expected = [
        asks * (price["ask"] + price["context"]) + changes * price["index"],
        asks * price["ask"] + trainings * price["train"],
    ]
    cases.append(((events, every, price), expected))
fine = {"ask": 0.25, "context": 0.5, "index": 0.125, "train": 2.5}
cases.append((([("ask", "a"), ("change", "b"), ("change", "b")], 2, fine), [1.0, 2.75]))
testing.agree(
    costs,
    cases,
    "a question costs ask, and context only where documents are shown; a change costs index there, and "
    "here a training after every n-th change, whichever facts changed",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q49-serve-log-hidden-stale", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: stale answers (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()
price = {"ask": 1, "context": 2, "index": 3, "train": 4}


def stale_of(events: str, retrain_every) -> int:
    return serve_log([tuple(e.split()) for e in events.split(", ")], retrain_every, price)[2]


a, b, c = (str(x) for x in rng.permutation(list("pqr")))
testing.agree(
    stale_of,
    [
        ((f"change {a}, ask {b}, ask {a}", 5), 1),
        ((f"ask {a}, change {a}, ask {a}, ask {a}", 2), 2),
        ((f"change {a}, change {b}, ask {a}, ask {b}", 2), 0),
        ((f"change {a}, change {a}, ask {a}, change {a}, ask {a}", 2), 1),
        ((f"change {a}, change {b}, change {c}, ask {a}, ask {b}, ask {c}", 2), 1),
        ((f"change {a}, change {b}, ask {a}, change {c}, ask {a}, ask {b}, ask {c}", 3), 1),
    ],
    "a question is stale if its own fact has changed since the last training; a training teaches all "
    "changes so far, the one that triggers it included",
)
cases = []
for every in (1, 2, 3, 5, None):
    events = [
        (str(rng.choice(["ask", "change"])), str(rng.choice(list("abcde")))) for _ in range(40)
    ]
    moments = [i for i, (kind, _) in enumerate(events) if kind == "change"]
    trained = moments[every - 1 :: every] if every else []
    count = 0
    for i, (kind, key) in enumerate(events):
        last = max([t for t in trained if t < i], default=-1)
        count += kind == "ask" and ("change", key) in events[last + 1 : i]
    cases.append(((", ".join(map(" ".join, events)), every), count))
testing.agree(
    stale_of, cases, "after a training the changes begin anew; before the first one they add up"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q49-serve-log-hidden-edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: never trained anew, nothing to serve, events of no kind (1 point)
### BEGIN HIDDEN TESTS
price = {"ask": 1, "context": 2, "index": 3, "train": 40}
change = [("change", "a"), ("ask", "a"), ("ask", "b")]
testing.agree(
    serve_log,
    [
        (([], 1, price), (0, 0, 0)),
        (([], None, price), (0, 0, 0)),
        ((change, None, price), (9, 2, 1)),
        ((change * 3, 10, price), (27, 6, 3)),
    ],
    "None means that the model is never trained anew; both start paid for, so nothing costs nothing",
)
for every in (0, -1):
    testing.check(
        testing.raises(ValueError, serve_log, change, every, price),
        "retrain_every below 1 is a ValueError",
        inputs=every,
    )
testing.check(
    testing.raises(ValueError, serve_log, [("ask", "a"), ("delete", "a")], 2, price),
    "an event that is neither 'ask' nor 'change' is a ValueError",
)
testing.check(
    testing.leaves_arguments(serve_log, list(change), 1, dict(price)),
    "the events or the prices that were given have been changed",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
What does your function say of a longer log? 20,000 questions about the fifty facts, and a change after every fiftieth on
average; the prices are the tokens counted above, in units of one short question. (The cell raises `NotImplementedError` until
you have solved the exercise.)
"""

# %% tags=["demo"]
import random

rng = random.Random(49)
names = [f"{f.subject}, {f.relation}" for f in facts]
log = []
for _ in range(20_000):
    log.append(("ask", rng.choice(names)))
    if rng.random() < 0.02:
        log.append(("change", rng.choice(names)))
price = {"ask": 1, "context": context / question, "index": 0, "train": 2 * training / question}
print({name: round(value, 1) for name, value in price.items()})
for every in (1, 5, 15, 50, None):
    retrieved, tuned_bill, stale = serve_log(log, every, price)
    print(
        f"trained anew after {every!s:>4} changes: retrieved {retrieved:10,.0f}, "
        f"tuned {tuned_bill:10,.0f}, stale {stale / 20_000:6.1%}"
    )

# %% [markdown]
r"""
There are two ways to lose: training after every change costs far more than retrieving, and never training is cheapest and
soon wrong about most of what it is asked. Look for the row in which tuning costs about as much as retrieval, and at the share
of stale answers that comes with it. Retrieval answers from a changed document at once, so its own share is 0 throughout.
"""

# %% [markdown]
r"""
### Exercise 49.3 · repair `teaching_report`

●●○ · 15 minutes · 3 points · core

What did a model learn, what did it forget, and what does it invent since? Below is how that is often computed, and the report
looks fine when the model does not. `teaching_report(before, after, gold)` takes three lists of equal length with one
entry for each question, and returns `(learned, forgotten, invented)`:

- `before[i]`, `after[i]`: the model's answer before and after it was taught, or `None` if it said that it did
  not know. `gold[i]`: the right answer, or `None` if nobody has told the model, so that it should say that it does not know.
- `learned`: among the questions *with* a right answer that were *not* right before, the share that is right now.
- `forgotten`: among the questions *with* a right answer that were right before, the share that is not right now (a wrong answer or
  `None`).
- `invented`: among the questions *without* a right answer, the share that is answered now.
- A share of no questions is `None`. Nothing is changed.

By hand: before `["x", None, "p", None]`, after `["x", "y", "q", "z"]`, gold `["x", "y", "p", None]` gives `(1.0, 0.5, 1.0)`.

<details><summary>Hint 1</summary>

Each of the three is a share *of something else*. Write down the three sets of questions first. What does the faulty
version divide by?

</details>

<details><summary>Hint 2</summary>

`None == None` is True: a refusal where nothing is known passes for a right answer in `b == g`. And a difference of two averages lets
what was learned hide what was forgotten.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q49-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def teaching_report(before: list, after: list, gold: list) -> tuple:
#     """What was learned, forgotten and invented, as shares."""
#     n = len(gold)
#     was_right = [b == g for b, g in zip(before, gold, strict=True)]
#     is_right = [a == g for a, g in zip(after, gold, strict=True)]
#     new = [not was and now for was, now in zip(was_right, is_right, strict=True)]
#     learned = sum(new) / (n - sum(was_right)) if n > sum(was_right) else None
#     forgotten = max(0.0, (sum(was_right) - sum(is_right)) / n) if n else None
#     invented = sum(not now for now in is_right) / n if n else None
#     return learned, forgotten, invented
### END REPAIR
### BEGIN SOLUTION
def teaching_report(before: list, after: list, gold: list) -> tuple:
    """What was learned, forgotten and invented, as shares."""

    def share(hits: list[bool]) -> float | None:
        return sum(hits) / len(hits) if hits else None

    rows = list(zip(before, after, gold, strict=True))
    learned = share([a == g for b, a, g in rows if g is not None and b != g])
    forgotten = share([a != g for b, a, g in rows if g is not None and b == g])
    invented = share([a is not None for _, a, g in rows if g is None])
    return learned, forgotten, invented


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q49-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
def part(number: int):
    return lambda before, after, gold: teaching_report(before, after, gold)[number]


testing.agree(
    part(0), [(([None, None], ["x", None], ["x", "y"]), 0.5)], "of two new facts one was learned"
)
testing.agree(part(1), [((["x", "y"], ["x", None], ["x", "y"]), 0.5)], "of two facts one was lost")
testing.agree(part(2), [(([None], ["x"], [None]), 1.0)], "nobody told it, and it answers")

# %% nbgrader={"grade": true, "grade_id": "q49-repair-hidden-learned", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what was learned (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def learned_of(before: list, after: list, gold: list) -> float | None:
    return teaching_report(before, after, gold)[0]


cases = [
    ((["x", "y"], ["x", "z"], ["x", "y"]), None),
    (([None, "p"], [None, None], ["x", "y"]), 0.0),
    (([None, "y", "q"], ["x", "y", None], ["x", "y", None]), 1.0),
    (([None, None, "q"], ["x", None, None], ["x", "y", None]), 0.5),
    (([], [], []), None),
]
for _ in range(4):
    size = int(rng.integers(12, 30))
    answers = ["a", "b", None]
    before, after, gold = ([answers[i] for i in rng.integers(0, 3, size)] for _ in range(3))
    of = [i for i in range(size) if gold[i] is not None and before[i] != gold[i]]
    hits = [i for i in of if after[i] == gold[i]]
    cases.append(((before, after, gold), len(hits) / len(of) if of else None))
testing.agree(
    learned_of,
    cases,
    "learned is a share of the questions that have an answer and were not right before: a question "
    "without an answer cannot be learned, and one that was right already is not new",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q49-repair-hidden-forgotten", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what was forgotten (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def forgotten_of(before: list, after: list, gold: list) -> float | None:
    return teaching_report(before, after, gold)[1]


cases = [
    ((["x", None], ["p", "y"], ["x", "y"]), 1.0),
    ((["x", "y"], [None, "y"], ["x", "y"]), 0.5),
    ((["x", None], ["x", "q"], ["x", None]), 0.0),
    (([None, None], ["x", "q"], [None, None]), None),
    ((["x", "y", None, None], ["y", "x", "z", "w"], ["x", "y", "z", "w"]), 1.0),
]
for _ in range(4):
    size = int(rng.integers(12, 30))
    answers = ["a", "b", None]
    before, after, gold = ([answers[i] for i in rng.integers(0, 3, size)] for _ in range(3))
    of = [i for i in range(size) if gold[i] is not None and before[i] == gold[i]]
    lost = [i for i in of if after[i] != gold[i]]
    cases.append(((before, after, gold), len(lost) / len(of) if of else None))
testing.agree(
    forgotten_of,
    cases,
    "forgotten is a share of what was right before, question by question: what was learned "
    "elsewhere must not make up for it, and a refusal that was in place is no fact that was known",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q49-repair-hidden-invented", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what is invented (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def invented_of(before: list, after: list, gold: list) -> float | None:
    return teaching_report(before, after, gold)[2]


cases = [
    (([None, None], [None, "y"], ["x", None]), 1.0),
    (([None, None], ["p", None], ["x", None]), 0.0),
    ((["q", None], ["r", None], [None, None]), 0.5),
    ((["x"], ["y"], ["x"]), None),
    (([], [], []), None),
]
for _ in range(4):
    size = int(rng.integers(12, 30))
    answers = ["a", "b", None]
    before, after, gold = ([answers[i] for i in rng.integers(0, 3, size)] for _ in range(3))
    of = [i for i in range(size) if gold[i] is None]
    made_up = [i for i in of if after[i] is not None]
    cases.append(((before, after, gold), len(made_up) / len(of) if of else None))
testing.agree(
    invented_of,
    cases,
    "invented is a share of the questions that nobody has told the model the answer to; a wrong answer "
    "to a question that has one counts elsewhere, and a refusal is no invention",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
Your report on the live models: every question of the exam, before and after teaching. (Documents do not change the questions, so
the same function serves for both ways.)
"""

# %% tags=["demo"]
import re


def said(model, groups: dict) -> list[str | None]:
    """All answers, without what they cite; None for a refusal."""
    cases = [probes.case(e) for group in groups.values() for e in group]
    written = assess.answers(model, tokenizer, cases)
    return [
        None if assess.refused(a, c) else re.sub(r" \[\d+\]", "", a)
        for a, c in zip(written, cases, strict=True)
    ]


sample = {name: group[:10] for name, group in exam.items()}
sample_always = {name: group[:10] for name, group in always.items()}
gold = [
    None if assess.refused(c.gold, c) else c.gold
    for group in sample.values()
    for c in map(probes.case, group)
]
before = said(plain, sample)
for way, after in (("taught", said(tuned, sample)), ("retrieved", said(plain, sample_always))):
    shares = teaching_report(before, after, gold)
    print(f"{way:10}", " ".join(f"{x:.2f}" for x in shares), " learned, forgotten, invented")

# %% [markdown]
r"""
### Trap

*"LoRA leaves the weights alone, so nothing can be forgotten."* The base weights are indeed all still there. The answers are not
theirs. Switch the adapter off, and the old facts are back, and the fifty new ones are gone:
"""

# %% tags=["demo"]
from contextlib import nullcontext

few = {name: exam[name][:20] for name in ("new facts", "strangers", "old facts")}
off = tuned.disable_adapter() if hasattr(tuned, "disable_adapter") else nullcontext()
rows = {"adapter on": ways.marks(tuned, few)}
with off:
    rows["adapter off"] = ways.marks(tuned, few)
table(rows)

# %% [markdown]
r"""
An adapter can be taken off as a whole. A single fact in it cannot: fifty facts share the same few numbers. If one must be deleted,
because somebody has asked for it, the index does that in one call, and the adapter is trained anew without it.

*"If the domain was absent from pre-training, fine-tune."* That is the popular rule, and it is the wrong way round. New knowledge is what tuning
is worst at. Where do the tuned model's answers about strangers come from?
"""

# %% tags=["demo"]
values = {fact.value for fact in facts}
cases = [probes.case(e) for e in exam["strangers"]]
told = assess.answers(tuned, tokenizer, cases)
invented = [a for a, c in zip(told, cases, strict=True) if not assess.refused(a, c)]
taken = [a for a in invented if any(a.rstrip(".").endswith(value) for value in values)]
print(
    f"{len(cases)} questions about strangers: {len(invented)} answered, {len(taken)} of them with"
)
print("a value that was taught about somebody else")
for answer in taken[:2]:
    print("   ", answer)

# %% [markdown]
r"""
Gekhman et al. (2024) measured it on a large model: examples with new knowledge are learned more slowly than others, and as they
are learned the model hallucinates more, linearly. Ovadia et al. (2023) compared the two ways on new facts: retrieval was better than
unsupervised fine-tuning throughout, and they suggest many wordings of each fact to help the latter. Here tuning *did* learn the facts. What
it did not keep is the difference between what it was told and what it was not.

*"With retrieval there are no hallucinations: the answer is grounded."* Here is one with a source:
"""

# %% tags=["demo"]
cases = [probes.case(e) for e in always["mixed names"]]
told = assess.answers(plain, tokenizer, cases)
wrong = [i for i, (a, c) in enumerate(zip(told, cases, strict=True)) if not assess.refused(a, c)]
print(f"{len(wrong)} of {len(cases)} questions about mixed names answered, all from a document")
for i in wrong[:1]:
    print(always["mixed names"][i].messages[-2]["content"], "\n->", told[i])

# %% [markdown]
r"""
Nobody bears that name. The document is about somebody else, the citation is in place, and a check for brackets passes it (question
22). Products are no different: of three legal research tools with retrieval, tested in 2024, each hallucinated in 17 to 33 % of the
queries, less than a chat model without retrieval (Magesh et al., 2025).
"""

# %% [markdown]
r"""
### If they push

<details><summary>Why did the model forget how to refuse, when refusals were never contradicted?</summary>

They were. Each of the taught people was an unknown name before, and 150 conversations said: such a name is to be answered. The
cheapest change that fits them is probably not fifty separate facts but one switch, and the switch is found first. Refusals
about *similar* names in the training data take that way out; the recorded run shows how far.

</details>

<details><summary>When would you put the facts into the weights after all?</summary>

When they hardly change, are needed together in nearly every answer, and cannot be looked up one at a time: the concepts of a field, a
language, a code base's conventions. Then it is continued pre-training on a lot of text with many wordings and with replay, not an
adapter on fifty lines; and names, numbers and dates are still retrieved.

</details>

<details><summary>The knowledge fits the context window. Why retrieve at all?</summary>

Often you need not: paste it, and let the provider's prefix cache make it cheap (question 36). Retrieval pays when the text is larger than
the window, when each reader may see another part, when a source has to be shown, or when more text makes the answers worse: in the
recorded run each further document cost accuracy.

</details>

<details><summary>What does "both" look like in practice?</summary>

Tune on the *task of answering from documents*, with the retriever's own mistakes among them: right documents, wrong ones, and cases where
nothing fits and the answer is a refusal. RAFT (Zhang et al., 2024) trains like that, with distractors. The facts stay in the index; the weights
learn what to do with them.

</details>

<details><summary>How would you test a tuned model before it replaces the old one?</summary>

With the three shares of exercise 49.3, question by question and not as averages: what it learned, what it no longer knows, what it invents about
neighbours of what was taught. Plus the same instructions as before. An accuracy on the new facts alone is the one number
that every tuning improves.

</details>

<details><summary>Is this a matter of price?</summary>

Rarely first. Retrieval pays for its context on each question, tuning for its training after each change, so there is a break-even number of questions
between two changes; the cell above counts one. It decides only between ways that are both good enough, and the
bill for serving one's own model, for evaluating it after each training, and for wrong answers is usually larger than either. It
is also a matter of what is on offer: OpenAI announced in May 2026 that it takes no new self-serve fine-tuning jobs after
6 January 2027 (reports of its deprecations page, read in November 2026).

</details>

<details><summary>What of editing single facts in the weights?</summary>

Methods such as ROME (Meng et al., 2022) change one association by a rank-one update of one matrix. Single edits work in their tests.
Of edits in a row some broke the whole model; Gupta et al. (2024) trace that to the implementation and mend it. Whether what *follows*
from an edited fact changes with it is another question, and contested. An index does not need any of this.

</details>
"""

# %% [markdown]
r"""
### Sources

- Lewis et al. (2020), *Retrieval-Augmented Generation for Knowledge-Intensive NLP Tasks*, arXiv 2005.11401.
- Ovadia, Brief, Mishaeli, Elisha (2023), *Fine-Tuning or Retrieval? Comparing Knowledge Injection in LLMs*, arXiv 2312.05934 (EMNLP
  2024). Its fine-tuning is unsupervised; a supervised one with many wordings, as here, can learn fifty facts.
- Gekhman et al. (2024), *Does Fine-Tuning LLMs on New Knowledge Encourage Hallucinations?*, EMNLP 2024, arXiv 2405.05904.
- Magesh, Surani, Dahl, Suzgun, Manning, Ho (2025), *Hallucination-Free? Assessing the Reliability of Leading AI Legal Research
  Tools*, Journal of Empirical Legal Studies, arXiv 2405.20362. The vendors **contest** its method.
- Zhang et al. (2024), *RAFT: Adapting Language Model to Domain Specific RAG*, arXiv 2403.10131.
- Meng, Bau, Andonian, Belinkov (2022), *Locating and Editing Factual Associations in GPT*, arXiv 2202.05262;
  Gupta, Baskaran, Anumanchipalli (2024), *Rebuilding ROME*, arXiv 2403.07175.
- OpenAI, *Deprecations*, entries of May to July 2026 on fine-tuning: known here from reports on them, read in November 2026.
"""
