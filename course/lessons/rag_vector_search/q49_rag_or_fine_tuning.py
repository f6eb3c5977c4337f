# %% [markdown]
r"""
## Q49. RAG or fine-tuning?

*Hard · 70 minutes · needs nothing of this notebook; question 10 shows the pipeline, question 16 what LoRA is*
"""

# %% [markdown]
r"""
### Say it

> x
"""

# %% [markdown]
r"""
### See it
"""

# %% tags=["demo"]
x = 1

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
keys = "needs_citations changes_daily needs_style knowledge_fits_prompt has_training_data".split()
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
  `"index"`, `"train"`.
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
What does your function say of a month? A log of 20,000 questions about fifty facts, of which two change in every hundred
questions; the prices are the multiplications counted above, in units of one short question.
"""

# %% tags=["demo"]
pass

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
### Trap

x
"""

# %% [markdown]
r"""
### If they push

<details><summary>x</summary>

y

</details>
"""

# %% [markdown]
r"""
### Sources

- x
"""
