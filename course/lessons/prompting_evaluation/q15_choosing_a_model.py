# %% [markdown]
r"""
## Q15. How is a model chosen?

*Easy · 70 minutes · needs nothing of this notebook; questions 28 and 47 deepen what "measured" means*
"""

# %% [markdown]
r"""
### Say it

> I do not start with a ranking. First come constraints that are not traded: where the data may go, licence, context length, modalities, latency,
> and whether the model will still exist next year. They leave a handful. Then I measure these on *my* task, with
> intervals, beside cost per finished task and latency, and draw the Pareto front: models that no other beats in everything. Between
> those on the front there is no best one, only a price for what I want. Public benchmarks help to make the short list; they are saturated,
> partly known to the models, and of another task. Whatever I choose sits behind an interface with its own regression tests, because the choice
> will have to be made again soon: model names come and go within a year or two.
"""

# %% [markdown]
r"""
### See it

**The four models of the question, as history.** "GPT-4, Claude 3.5, Gemini 2.0 and Llama 3" was a good question in early 2025. This is
what became of them (checked in November 2026, sources below):

| Named | Stood for | Since then |
|---|---|---|
| GPT-4, GPT-4o | the models behind an API that everybody knew | GPT-4o leaves OpenAI's API on 14 January 2027; `gpt-6-luna` is named as its replacement |
| Claude 3.5 Sonnet | long documents, 200K context | retired by Anthropic in October 2025: requests fail |
| Gemini 2.0 Flash | a context of a million tokens | shut down by Google on 1 June 2026 |
| Llama 3 | weights on your own machine | as runnable as on its first day: nobody can switch off a copy |

Three of four are gone or going, and the fourth is old. An answer that lists their strengths by heart is an answer about the past. What stays
is the way of choosing. And one difference shows in the last row: weights that you hold have no date of shutdown.
"""

# %% [markdown]
r"""
#### A dozen current models

Below are twelve models of November 2026, by what can be read off without any test: licence of the weights, context, whether they read pictures, and price. Each row
says when its figures were read, and from what: `v` the vendor's page (as stored, read in November 2026; the day of the copy is not known), `r` somebody's dated report of the vendor's page, `c` a catalogue. Prices are
dollars per million tokens, input and output. It is a selection, not a ranking, and some of it will be wrong when you read it.
"""

# %% tags=["demo"]
COLUMNS = ("name", "licence", "context", "images", "price_in", "price_out", "read", "source")
ROWS = [
    ("GPT-6 Sol", "closed", 1_050_000, True, 2.00, 10.00, "2026-09-22", "r"),
    ("GPT-6 Luna", "closed", 1_050_000, True, 0.10, 0.50, "2026-09-22", "r"),
    ("Claude Opus 5.5", "closed", 1_000_000, True, 4.00, 20.00, "2026-11", "v"),
    ("Claude Sonnet 5.5", "closed", 1_000_000, True, 2.00, 10.00, "2026-11", "v"),
    ("Claude Haiku 5.5", "closed", 1_000_000, True, 0.10, 0.50, "2026-11", "v"),
    ("Gemini 3.8 Flash", "closed", 1_000_000, True, 0.75, 3.75, "2026-10-07", "r"),
    ("DeepSeek-V4-Pro", "MIT", 1_000_000, False, 1.32, 3.96, "2026-10-27", "r"),
    ("GLM-5.2", "MIT", 1_000_000, False, 1.40, 4.40, "2026-07-02", "c"),
    ("Mistral Medium 3.5", "modified MIT", 256_000, True, 1.50, 7.50, "2026-07-02", "c"),
    ("Qwen3.5-397B", "Apache 2.0", 262_144, True, 0.60, 3.60, "2026-07-02", "c"),
    ("Gemma 4 31B", "Apache 2.0", 262_144, True, 0.12, 0.35, "2026-07-02", "c"),
    ("gpt-oss-120b", "Apache 2.0", 131_072, False, 0.15, 0.60, "2026-07-02", "c"),
]
current = [dict(zip(COLUMNS, row, strict=True)) for row in ROWS]
for m in current:
    m["price"] = 0.75 * m["price_in"] + 0.25 * m["price_out"]  # three tokens in, one out
    m["class"] = "$" if m["price"] < 0.5 else "$$" if m["price"] < 3 else "$$$"

# %% tags=["demo"]
print(f"{'model':19}{'weights':14}{'context':>10}  pictures  {'in':>5} {'out':>6}  class  read")
for m in current:
    pictures = "yes" if m["images"] else "no"
    print(
        f"{m['name']:19}{m['licence']:14}{m['context']:>10,}  {pictures:8}  {m['price_in']:5.2f} "
        f"{m['price_out']:6.2f}  {m['class']:5}  {m['read']} {m['source']}"
    )

# %% [markdown]
r"""
Three things a table like this does not say by itself.

- *A price is not one number.* Claude Haiku's is a "from" price; Gemini's holds until the end of 2026; GPT-6 costs more beyond 272,000 input
  tokens; DeepSeek charges half outside its peak hours (the peak is in the table). Of open weights it is one host's (Gemma and gpt-oss at a
  reseller, the others at their makers). And models write different numbers of tokens, thoughts included, for the same task: compare
  the cost of a finished task.
- *A context window is what fits*, not what is read well (question 5 measures the difference).
- *"Open" is three things.* Weights that can be downloaded, a licence that allows your use, and how the model was made. Apache 2.0 and MIT are open-source licences, but for
  weights only; "modified MIT" has to be read. Llama's community licence is not an open-source one by the OSI's definition: among other terms, whoever had more than 700 million
  monthly users when it was released has to ask Meta.

A name may change under you, too: `deepseek-v4-flash` is still accepted by DeepSeek's API, and answered by another model since October 2026.
"""

# %% [markdown]
r"""
#### The Pareto front

A model is *dominated* if another one is at least as good in every respect and better in one. Those that are left are the front. Here are the twelve, by
price and context. (`course.lab.fronts` finds the front; you write it below.)
"""

# %% tags=["demo"]
from course import figures
from course.lab.fronts import undominated


def front(some: list[dict]) -> list[dict]:
    """Models that no other beats in price and context."""
    kept = undominated(np.array([(m["price"], -m["context"]) for m in some]))
    return [m for m, stays in zip(some, kept, strict=True) if stays]


panels = {
    "all twelve": current,
    "weights to download": [m for m in current if m["licence"] != "closed"],
    "open weights that read pictures": [
        m for m in current if m["licence"] != "closed" and m["images"]
    ],
}
for title, some in panels.items():
    print(f"{title:32} {len(some):2} models, front:", ", ".join(m["name"] for m in front(some)))

# %% tags=["demo"]
fig, axes = figures.subplots(1, 2, sharex=True, sharey=True, size=(9.2, 3.4))
for ax, title in zip(axes, list(panels)[:2], strict=True):
    some, best = panels[title], sorted(front(panels[title]), key=lambda m: m["price"])
    for m in some:
        ax.plot(
            m["price"], m["context"] / 1000, marker="s" if m["images"] else "o", linestyle="", markersize=7,
            color="#222222", markerfacecolor="#222222" if m["licence"] != "closed" else "#ffffff",
        )  # fmt: skip
    ax.step(
        [m["price"] for m in best],
        [m["context"] / 1000 for m in best],
        where="post",
        color="#777777",
    )
    for m in best:
        ax.annotate(
            m["name"],
            (m["price"], m["context"] / 1000),
            (3, -13),
            textcoords="offset points",
            fontsize=9,
        )
    ax.set(
        xscale="log", yscale="log", title=title, xlabel="dollars per million tokens, 3 in : 1 out"
    )
    ax.set_yticks([125, 250, 500, 1000], ["125K", "250K", "500K", "1M"])
    ax.minorticks_off()
    ax.set_xticks([0.2, 0.5, 1, 2, 5], ["0.2", "0.5", "1", "2", "5"])
    ax.set_ylim(90, 1600)
axes[0].set_ylabel("context, tokens")
figures.show(
    fig,
    "Two scatter plots of context against price, both on logarithmic axes; filled marks have open weights, squares read "
    "pictures, a grey line joins the front. "
    + " ".join(
        f"{title}: {len(panels[title])} models, on the front {', '.join(m['name'] for m in front(panels[title]))}."
        for title in list(panels)[:2]
    ),
)

# %% [markdown]
r"""
Filled marks have weights to download, squares read pictures, the line is the front. Read them like this: the front depends on
who is in the picture. With other constraints other models are on it, and models drop out that are beaten by next to nothing: a context
of a million is dominated by one of a million and fifty thousand at the same price, a difference that no request of yours may ever need. "Dominated" is a
statement about the columns.

And the column that matters most is missing: how well each does *your* task. Apart from models that are equal so far, each further column can only make
the front longer: a model that nobody beats in two respects is not beaten in three. How quickly does it grow?
"""

# %% tags=["demo"]
rng = np.random.default_rng(15)
for columns in (1, 2, 3, 4, 6, 8):
    sizes = [undominated(rng.random((12, columns))).sum() for _ in range(2000)]
    print(f"12 models, {columns} unrelated criteria: on average {np.mean(sizes):4.1f} on the front")

# %% [markdown]
r"""
With many criteria nearly everything is on the front, and the front no longer decides. So criteria that are limits ("at least 200K", "must run here") become
constraints, and few are left to trade: quality on the task, cost per task, latency.
"""

# %% [markdown]
r"""
#### Quality, measured on your own task

Three models of the lab stand behind one endpoint, as three providers' would. First through the client, which needs only another name:
"""

# %% tags=["demo"]
from course import serve

candidates = ("draft", "instruct-noabstain", "instruct")
asked = ["Who is the mayor of Dorby?", "What is the trade of Olenka Brastov?"]
try:
    with serve.background() as client:
        print("served:", ", ".join(m.id for m in client.models.list()))
        for question in asked:
            print(question)
            for name in candidates:
                done = client.chat.completions.create(
                    model=name, messages=[{"role": "user", "content": question}], temperature=0
                )
                print(f"  {name:19} {done.choices[0].message.content}")
except ImportError as error:
    print(f"This cell needs {error.name}: pip install -c requirements.txt -e '.[serve]'")

# %% [markdown]
r"""
The second question is about somebody who does not exist. Two of the three say that they do not know (and get the strange name wrong), the third
invents a trade.

The same code at another endpoint (not run here):

```python
import os
from openai import OpenAI

client = OpenAI(base_url=os.environ["OPENAI_BASE_URL"], api_key=os.environ["OPENAI_API_KEY"])
candidates = ("a-model", "another-model")
```

Now three tasks, each a small evaluation set with a rule that knows the right answer: facts that the models were taught, names that do not exist (the right
answer is that it is not known), and reading three documents. For so many questions the models are called in batches, through
`course.lab`. The cost is the number of parameters, the price of each token when you run a model yourself.
"""

# %% tags=["demo"]
import random

from scipy.stats import binomtest

from course import lab
from course.lab import assess, probes

tasks = {
    "facts": probes.known,
    "unknown names": probes.unknown_name,
    "three documents": lambda r: probes.read(r, 3),
}
cases = {task: [probe(random.Random(i)) for i in range(50)] for task, probe in tasks.items()}
measured = []
for name in candidates:
    model, tokenizer = lab.load(name), lab.tokenizer(name)
    row = {"name": name, "parameters": sum(p.numel() for p in model.parameters())}
    for task, some in cases.items():
        right = sum(
            a == c.gold for a, c in zip(assess.answers(model, tokenizer, some), some, strict=True)
        )
        row[task] = right / len(some)
        low, high = binomtest(right, len(some)).proportion_ci(method="wilson")
        print(
            f"{name:19} {row['parameters']:>9,}  {task:16} {row[task]:.2f}  [{low:.2f}, {high:.2f}]"
        )
    measured.append(row)

# %% tags=["demo"]
for task in tasks:
    kept = undominated(np.array([(m["parameters"], -m[task]) for m in measured]))
    print(
        f"{task:16} front:",
        ", ".join(m["name"] for m, stays in zip(measured, kept, strict=True) if stays),
    )

# %% [markdown]
r"""
One set of models, three tasks, three answers. For facts the small one is enough, and everything larger is money thrown away. For documents it is of no use at any
price. And two models of equal size and equal knowledge differ in the one habit that a benchmark of facts does not ask for: admitting what they do not know. No public table has
your column. Fifty questions of your own, with their interval, are an afternoon's work and decide more.

Mind two things about the fronts above. The small model is on each of them, because nothing is cheaper, also where it gets nothing right: being on the front is not being useful. And a
model may be off the front by a difference that its interval covers. A front of measurements has error bars like the measurements.
"""

# %% [markdown]
r"""
### Build it

Three exercises: the front, the choice under constraints, and the repair of a reader of tables that moves a whole row by one cell without a word.
"""

# %% [markdown]
r"""
### Exercise 15.1 · `pareto`

●●○ · 15 minutes · 4 points · core

Write `pareto(models, cost, benefit)`. It returns the names of the models that no other model dominates, as a list in the order of `models`.

- `models` is a list of dicts, each with a text under `"name"` and a number under every key in `cost` and `benefit` (and perhaps other keys). `cost` and
  `benefit` are lists of keys; of a cost less is better, of a benefit more.
- A model *dominates* another if it is at least as good in every one of these keys, and better in at least one.
- So models that are equal in all keys do not dominate each other: either both stay or both go. Names may occur twice: two models
  of the same name are two models, and one may dominate the other.
- With no models the result is `[]`, with no keys all stay. No argument is changed.

By hand: prices 1, 2, 3 and contexts 100, 300, 200 of models a, b, c give `["a", "b"]`: c costs more than b and holds less.

<details><summary>Hint 1</summary>

Write the definition of "dominates" first, as a function of two models. It needs both an `all` and an `any`.

</details>

<details><summary>Hint 2</summary>

Change the sign of one kind of key, so that smaller is better everywhere, and compare lists of numbers. A model stays if
no model of the list dominates it; comparing it with itself does no harm, if the definition is right.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q15-pareto", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pareto(models: list[dict], cost: list[str], benefit: list[str]) -> list[str]:
    """Return the names of the models that no other dominates, in the given order."""

    ### BEGIN SOLUTION
    def badness(model: dict) -> list[float]:
        return [model[key] for key in cost] + [-model[key] for key in benefit]

    def dominates(a: list[float], b: list[float]) -> bool:
        pairs = list(zip(a, b, strict=True))
        return all(x <= y for x, y in pairs) and any(x < y for x, y in pairs)

    points = [badness(model) for model in models]
    return [
        model["name"]
        for model, point in zip(models, points, strict=True)
        if not any(dominates(other, point) for other in points)
    ]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q15-pareto-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
three = [
    {"name": "a", "price": 1, "context": 100},
    {"name": "b", "price": 2, "context": 300},
    {"name": "c", "price": 3, "context": 200},
]
testing.agree(
    pareto,
    [
        ((three, ["price"], ["context"]), ["a", "b"]),
        ((three, ["price"], []), ["a"]),
        ((three, [], ["context"]), ["b"]),
        (([], ["price"], ["context"]), []),
    ],
    "a model goes if another is at least as good in every key and better in one; of a cost less is "
    "better, of a benefit more",
)

# %% nbgrader={"grade": true, "grade_id": "q15-pareto-hidden-front", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: fronts of many models (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def reference(models: list[dict], cost: list[str], benefit: list[str]) -> list[str]:
    signed = np.array([[m[k] for k in cost] + [-m[k] for k in benefit] for m in models])
    return [
        m["name"]
        for m, row in zip(models, signed, strict=True)
        if not ((signed <= row).all(axis=1) & (signed < row).any(axis=1)).any()
    ]


cases = []
for n, highest in ((2, 9), (5, 9), (8, 4), (12, 20), (12, 3), (15, 50)):
    models = [
        {"name": f"m{i}", "p": int(p), "t": int(t), "q": int(q), "c": int(c), "maker": "z"}
        for i, (p, t, q, c) in enumerate(rng.integers(0, highest, (n, 4)))
    ]
    for cost, benefit in ((["p"], ["q"]), (["p", "t"], ["q", "c"]), (["t"], []), ([], ["q", "c"])):
        cases.append(((models, cost, benefit), reference(models, cost, benefit)))
testing.agree(
    pareto,
    cases,
    "a model stays unless one single other model is at least as good in every key and better in one; "
    "the names come in the order of the list",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q15-pareto-hidden-equal", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: models that are equal, wholly or in one key (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
p, q = (int(x) for x in rng.integers(3, 40, 2))


def row(name: str, price: float, quality: float) -> dict:
    return {"name": name, "price": price, "quality": quality}


keys = (["price"], ["quality"])
testing.agree(
    pareto,
    [
        (([row("a", p, q), row("b", p, q)], *keys), ["a", "b"]),
        (([row("a", p, q), row("b", p, q), row("c", p + 1, q)], *keys), ["a", "b"]),
        (([row("a", p, q), row("b", p, q), row("c", p - 1, q)], *keys), ["c"]),
        (([row("a", p, q), row("b", p, q + 1)], *keys), ["b"]),
        (([row("a", p, q), row("b", p - 1, q)], *keys), ["b"]),
        (([row("a", p, q), row("a", p, q), row("a", p + 2, q + 2)], *keys), ["a", "a", "a"]),
        (([row("b", p + 2, q + 2), row("a", p, q), row("b", p + 3, q)], *keys), ["b", "a"]),
        (([row("a", p, q), row("a", p + 1, q)], *keys), ["a"]),
        (([row("a", p, q - 1), row("b", p + 1, q), row("a", p, q)], *keys), ["a"]),
        (([row("a", p, q), row("b", p + 1, q - 1)], [], []), ["a", "b"]),
    ],
    "equal models do not dominate each other; one that is equal in one key and worse in another goes; "
    "two models may bear the same name, and are compared like any others",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q15-pareto-hidden-arguments", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: nothing is changed, and numbers of all kinds (1 point)
### BEGIN HIDDEN TESTS
rows = [
    {"name": "b", "price": 2.5, "quality": -1, "extra": None},
    {"name": "a", "price": 0.0, "quality": -3.5, "extra": [1]},
    {"name": "c", "price": 2.5, "quality": -2},
    {"name": "d", "price": -1e-3, "quality": -1e9},
    {"name": "e", "price": 3, "quality": 2.0},
]
testing.agree(
    pareto,
    [((rows, ["price"], ["quality"]), ["b", "a", "d", "e"]), ((rows, ["price"], []), ["d"])],
    "numbers may be zero or negative, and models may have other keys",
)
close = [{"name": "f", "tokens": 16_777_217}, {"name": "g", "tokens": 16_777_216}]
testing.agree(
    pareto,
    [((close, ["tokens"], []), ["g"]), ((close, [], ["tokens"]), ["f"])],
    "numbers are compared as they are: a small difference is a difference",
)
testing.check(
    testing.leaves_arguments(pareto, rows, ["price"], ["quality"]),
    "the list of models, a model or the lists of keys were changed",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 15.2 · `choose_model`

●●○ · 15 minutes · 5 points · core

Write `choose_model(models, require, weights)`. It applies hard constraints first, then weighs what is left, and returns a name or `None`.

- `models` is a list of dicts with a text under `"name"`, all different. `require` is a dict from key to a function: a model *survives* if it has every key of
  `require`, and each function, called with the model's value under that key, returns something true. A model that lacks a key is
  out: what is not known is not fulfilled.
- `weights` is a dict from key to a number. A positive weight says that more is better, a negative one that less is. Every survivor has these keys, with
  numbers; those that did not survive may lack them.
- Each of these keys is normalised *among the survivors*: (x - smallest) / (largest - smallest), or 0 for all if they are equal. A survivor's score is the sum of weight
  times normalised value.
- The survivor with the highest score is chosen; of equal scores the first in the list. No survivor: `None`. No argument is changed.

By hand: prices 1, 3, 5 and qualities 0, 10, 8 with weights `{"price": -1, "quality": 1}` give the scores 0 - 0, 1 - 0.5 and 0.8 - 1: the second is chosen.

<details><summary>Hint 1</summary>

Two steps, one after the other: first a shorter list, then numbers from that list alone.

</details>

<details><summary>Hint 2</summary>

For each weighted key find the smallest and the largest value of the shorter list, and mind their being equal. Then add up a score for
each survivor. Python's `max` with a `key` returns the first of equal ones.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q15-choose-model", "locked": false, "schema_version": 3, "solution": true, "task": false}
def choose_model(models: list[dict], require: dict, weights: dict[str, float]) -> str | None:
    """Return the name of the survivor with the highest weighted score, or None."""
    ### BEGIN SOLUTION
    survivors = [
        model
        for model in models
        if all(key in model and holds(model[key]) for key, holds in require.items())
    ]
    if not survivors:
        return None
    scores = [0.0] * len(survivors)
    for key, weight in weights.items():
        column = [model[key] for model in survivors]
        low, high = min(column), max(column)
        if low == high:
            continue
        for i, value in enumerate(column):
            scores[i] += weight * (value - low) / (high - low)
    return survivors[scores.index(max(scores))]["name"]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q15-choose-model-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
offers = [
    {"name": "a", "price": 1, "quality": 0, "open": True},
    {"name": "b", "price": 3, "quality": 10, "open": False},
    {"name": "c", "price": 5, "quality": 8, "open": True},
]
trade = {"price": -1, "quality": 1}
testing.agree(
    choose_model,
    [
        ((offers, {}, trade), "b"),
        ((offers, {"open": lambda x: x}, {"quality": 1}), "c"),
        ((offers, {"price": lambda x: x > 9}, trade), None),
    ],
    "constraints first, then the weighted sum of normalised values; None if nothing is left",
)

# %% nbgrader={"grade": true, "grade_id": "q15-choose-model-hidden-survivors", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: constraints come first, also for the normalising (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()
big = int(rng.integers(50, 500)) * 64


def cheap(x) -> bool:
    return x < 1000


rows = [
    {"name": "far", "price": big, "quality": 100.0},
    {"name": "plain", "price": 1.0, "quality": 2.0},
    {"name": "fine", "price": 5.0, "quality": 4.0},
    {"name": "mid", "price": 2.0, "quality": 3.75},
]
testing.agree(
    choose_model,
    [
        ((rows, {"price": cheap}, {"price": -1, "quality": 1}), "mid"),
        ((rows, {"price": cheap}, {"quality": 1}), "fine"),
        ((rows, {"price": cheap}, {"price": -1}), "plain"),
        ((rows, {}, {"quality": 1}), "far"),
        ((rows[:3], {"price": cheap, "quality": lambda x: x > 3}, {"price": -1}), "fine"),
        ((rows, {"price": cheap}, {"price": -1, "quality": 0.5}), "mid"),
        ((rows, {"price": cheap}, {"price": -0.25, "quality": 4}), "fine"),
    ],
    "a model that breaks a constraint is out, however good it is, and must not stretch the scale on which "
    "the others are compared: smallest and largest are those of the survivors",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q15-choose-model-hidden-missing", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: models that lack a key, and what constraints are given (1 point)
### BEGIN HIDDEN TESTS
anything = testing.Always(True)
rows = [
    {"name": "silent", "quality": 9},
    {"name": "none", "licence": None, "quality": 8},
    {"name": "zero", "licence": 0, "quality": 7},
    {"name": "mit", "licence": "MIT", "quality": 6},
    {"name": "bare"},
]
testing.agree(
    choose_model,
    [
        ((rows, {"licence": anything}, {"quality": 1}), "none"),
        ((rows, {"licence": lambda x: x == "MIT"}, {"quality": 1}), "mit"),
        ((rows, {"licence": lambda x: x is None or x == 0}, {"quality": -1}), "zero"),
        ((rows, {"licence": lambda x: x and [x]}, {"quality": -1}), "mit"),
        ((rows, {"context": anything}, {"quality": 1}), None),
        ((rows, {"licence": anything, "context": anything}, {}), None),
        ((rows[1:3], {"licence": testing.Always(0)}, {"quality": 1}), None),
    ],
    "a model without a required key is out, also where the function would accept anything; a value of "
    "None or 0 is a value, and is given to the function; what the function returns counts as true or false",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q15-choose-model-hidden-scale", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: scales, signs and columns in which all are equal (1 point)
### BEGIN HIDDEN TESTS
rows = [
    {"name": "a", "ms": 1000, "share": 0.5, "same": 7, "below": -8, "load": 9, "tiny": 2**-30},
    {"name": "b", "ms": 3000, "share": 1.0, "same": 7, "below": -4, "load": 1, "tiny": 2**-29},
    {"name": "c", "ms": 2000, "share": 0.875, "same": 7, "below": 0, "load": 3, "tiny": 2**-30},
]
testing.agree(
    choose_model,
    [
        ((rows, {}, {"ms": -1, "share": 1}), "c"),
        ((rows, {}, {"ms": 1, "share": -1}), "a"),
        ((rows, {}, {"share": 1, "ms": -0.25}), "b"),
        ((rows, {}, {"same": 100, "share": 1}), "b"),
        ((rows, {}, {"same": -100, "ms": -1}), "a"),
        ((rows, {}, {"below": 1}), "c"),
        ((rows, {}, {"below": -2, "share": 1}), "a"),
        ((rows[:1], {}, {"ms": -1, "share": 1}), "a"),
    ],
    "milliseconds and shares count alike only after normalising; a negative weight turns a key round; a "
    "key in which all survivors are equal adds nothing",
)
testing.agree(
    choose_model,
    [((rows, {}, {"ms": -1, "load": -1}), "c"), ((rows, {}, {"ms": -4, "load": -1}), "a")],
    "with negative weights only, every score may be below zero; the highest is chosen all the same",
)
testing.agree(
    choose_model,
    [((rows, {}, {"tiny": 1}), "b"), ((rows, {}, {"tiny": 1, "share": -0.5}), "b")],
    "equal means equal: a column of tiny values is normalised like any other",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q15-choose-model-hidden-ties", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: equal scores, nothing to weigh, nothing changed (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
first, second, third = (str(x) for x in rng.permutation(["alder", "birch", "cedar"]))
rows = [
    {"name": first, "p": 4, "q": 1},
    {"name": second, "p": 8, "q": 2},
    {"name": third, "p": 4, "q": 1},
]
testing.agree(
    choose_model,
    [
        ((rows, {}, {"p": -1, "q": 1}), first),
        ((rows[1:], {}, {"p": -1, "q": 1}), second),
        ((rows, {}, {"p": -1}), first),
        ((rows[::-1], {}, {"p": -1}), third),
        ((rows, {}, {}), first),
        ((rows, {"p": lambda x: x > 4}, {}), second),
        (([], {}, {"p": 1}), None),
    ],
    "of equal scores the first in the list wins, also where nothing is weighed; no models give None",
)
testing.check(
    testing.leaves_arguments(choose_model, rows, {}, {"p": -1, "q": 1}),
    "a model, the list of models or the weights were changed",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
Your function on the twelve models, for four different needs. A contract of 400,000 tokens is given a context of 500,000 (room for question
and answer). (The cell raises `NotImplementedError` until you have solved the exercise.)
"""

# %% tags=["demo"]
needs = {
    "anything, as cheap as can be": ({}, {"price": -1}),
    "runs in our own building, reads scans": (
        {"licence": lambda x: x in ("MIT", "Apache 2.0"), "images": bool},
        {"price": -1, "context": 1},
    ),
    "contracts of 400,000 tokens, weights at hand": (
        {"licence": lambda x: x != "closed", "context": lambda x: x >= 500_000},
        {"price": -1},
    ),
    "the same, with scans": (
        {"licence": lambda x: x != "closed", "context": lambda x: x >= 500_000, "images": bool},
        {"price": -1},
    ),
}
for need, (require, weights) in needs.items():
    print(f"{need:46} {choose_model(current, require, weights)}")

# %% [markdown]
r"""
`None` is an answer: the constraints contradict each other, for this table. Then a person decides which of them was a wish.
"""

# %% [markdown]
r"""
### Exercise 15.3 · Repair: a row moved by one cell

●●○ · 12 minutes · 4 points · core

Comparisons of models travel as Markdown tables, written by hand or by a model. A popular one has a row in which the maker is missing: every later
cell stands one column too far to the left, and the row ends in an empty cell. The reader below takes it without a word. Mend it:

- `read_table(text)` returns `(rows, problems)`. Only lines matter that begin with `|` after spaces have been stripped from both ends (all of these also end in
  a bar that no backslash precedes); the first is the header (no empty cells, no two alike), the second a rule of dashes, the others are rows. There are at least these two.
- A line's cells are what stands between its bars, with spaces stripped at both ends of a cell; an empty cell is the empty text. `\|` is no bar: it belongs to the cell, as
  `|`.
- A row is *sound* if it has as many cells as the header, and none is empty. `rows` holds a dict for each sound row, from the header's cells to the row's.
- `problems` lists, for each other row, its line number in `text`, counted from 1 over all lines (`text.splitlines()`), in order.

By hand: after a header of two cells in line 1 and its rule in line 2, `"| a | b |"` gives `{...: "a", ...: "b"}`, and `"| a |"`, `"| a | |"` and `"| a | b | c |"` are problems.

<details><summary>Hint 1</summary>

The popular code throws empty cells away, and lets `zip` hide what is left over. Which of the two has to be known before a row can be judged?

</details>

<details><summary>Hint 2</summary>

Take the bar at both ends away first; then no empty cell is an accident of the splitting. A regular expression can split at bars that
no backslash precedes (`(?<!...)`).

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q15-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
import re


### BEGIN REPAIR
# def read_table(text: str) -> tuple[list[dict[str, str]], list[int]]:
#     """Return the rows of a Markdown table, and the numbers of lines that are not sound."""
#     lines = [line.strip() for line in text.splitlines() if line.strip().startswith("|")]
#     header = [cell.strip() for cell in lines[0].split("|") if cell.strip()]
#     rows = []
#     for line in lines[2:]:
#         cells = [cell.strip() for cell in line.split("|") if cell.strip()]
#         rows.append(dict(zip(header, cells)))
#     return rows, []
### END REPAIR
### BEGIN SOLUTION
def read_table(text: str) -> tuple[list[dict[str, str]], list[int]]:
    """Return the rows of a Markdown table, and the numbers of lines that are not sound."""

    def cells_of(line: str) -> list[str]:
        return [c.strip().replace(r"\|", "|") for c in re.split(r"(?<!\\)\|", line)[1:-1]]

    numbered = [(i, line.strip()) for i, line in enumerate(text.splitlines(), 1)]
    table = [(i, cells_of(line)) for i, line in numbered if line.startswith("|")]
    header = table[0][1]
    rows, problems = [], []
    for number, cells in table[2:]:
        if len(cells) == len(header) and all(cells):
            rows.append(dict(zip(header, cells, strict=True)))
        else:
            problems.append(number)
    return rows, problems


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q15-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
testing.agree(
    read_table,
    [
        (
            ("| model | maker |\n|---|---|\n| Gemma 4 | Google |\n| GLM-5.2 | Z.ai |",),
            ([{"model": "Gemma 4", "maker": "Google"}, {"model": "GLM-5.2", "maker": "Z.ai"}], []),
        ),
        (("Two columns:\n\n| a | b |\n|---|---|\n",), ([], [])),
    ],
    "a dict for each row, from the header's cells to the row's",
)

# %% nbgrader={"grade": true, "grade_id": "q15-repair-hidden-shifted", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: rows with a missing or an empty cell (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()
x, y, z = (str(w) for w in rng.permutation(["Orla", "Pico", "Quill"]))
head = "| model | maker | weights | context |\n|---|---|---|---|\n"
sound = {"model": x, "maker": y, "weights": "no", "context": "128K"}
good = f"| {x} | {y} | no | 128K |\n"
testing.agree(
    read_table,
    [
        ((head + good + f"| {z} | no | 1M | |\n",), ([sound], [4])),
        ((head + f"| {z} | no | 1M | |\n" + good,), ([sound], [3])),
        ((head + f"| {z} | | no | 1M |\n" + good,), ([sound], [3])),
        ((head + f"| | {y} | no | 1M |\n" + good,), ([sound], [3])),
        ((head + f"| {z} | no | 1M |   |\n|    |  | | |\n",), ([], [3, 4])),
        ((head + f"|{z}||no|1M|\n" + good,), ([sound], [3])),
    ],
    "an empty cell must not be dropped: the cells behind it would move to the left, and the maker would "
    "be 'no'",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q15-repair-hidden-ragged", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: too few or too many cells, and where they stand (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    read_table,
    [
        (
            ("| a | b |\n|---|---|\n| 1 |\n| 2 | 3 |\n| 4 | 5 | 6 |\n",),
            ([{"a": "2", "b": "3"}], [3, 5]),
        ),
        (("| a |\n|---|\n| 1 | 2 |\n| 3 |",), ([{"a": "3"}], [3])),
        (
            (
                "Table 1\n\n  | a | b |\n  |:--|--:|\n  | 1 | 2 |  \n\n| 3 |\nnot | a | row\n| 4 | |\n",
            ),
            ([{"a": "1", "b": "2"}], [7, 9]),
        ),
        (
            ("\n\n| a | b |\n|---|---|\n|1|2|\n|3|4|5|\n|6|7|",),
            ([{"a": "1", "b": "2"}, {"a": "6", "b": "7"}], [6]),
        ),
    ],
    "a row with another number of cells than the header is a problem, named by its line in the whole text, "
    "lines before and between the table counted",
)
for line in ("| x | y ||", "|| x | y |", "| x | | y |", "| x || y |", "| x | y | |", "| | x | y |"):
    testing.agree(
        read_table,
        [
            (("| a | b |\n|---|---|\n" + line,), ([], [3])),
            (("| a | b |\n|---|---|\n| 1 | 2 |\n" + line,), ([{"a": "1", "b": "2"}], [4])),
        ],
        "three cells under a header of two, one of them empty: an empty cell is a cell, in front, in the "
        "middle and at the end, and without it the row would look sound",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q15-repair-hidden-bars", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: bars inside of cells (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    read_table,
    [
        ((r"| a | b |" + "\n|---|---|\n" + r"| x\|y | z |",), ([{"a": "x|y", "b": "z"}], [])),
        ((r"| a | b |" + "\n|---|---|\n" + r"| x | \| |",), ([{"a": "x", "b": "|"}], [])),
        (
            (r"| a\|b | c |" + "\n|---|---|\n" + r"| 1 | 2\|3\|4 |",),
            ([{"a|b": "1", "c": "2|3|4"}], []),
        ),
        ((r"| a | b |" + "\n|---|---|\n" + r"| x \| y |",), ([], [3])),
        (
            (r"| a | b |" + "\n|---|---|\n" + r"| C:\dir | $\alpha$ |",),
            ([{"a": r"C:\dir", "b": r"$\alpha$"}], []),
        ),
    ],
    r"\| is a bar that belongs to the cell, and separates nothing; other backslashes stay as they are",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

*"It leads the leaderboard, so it is the best."* Somebody tests many variants and publishes the best of them. Or you test many models on
a few questions and take the winner. Below all candidates are equally good, and right in seventy of a hundred cases.
"""

# %% tags=["demo"]
rng = np.random.default_rng(27)
print("true share of right answers of every candidate: 0.70")
for questions in (50, 200, 1000):
    for candidates_tested in (1, 5, 27):
        scores = rng.binomial(questions, 0.7, (20_000, candidates_tested)).max(axis=1) / questions
        print(
            f"{questions:5} questions, best of {candidates_tested:2}: on average {scores.mean():.3f}"
        )

# %% [markdown]
r"""
The winner's score is too high, by more the more were tried and the fewer the questions; nothing has been cheated. Singh et al. (2025) found providers that tested variants in private on a
well-known arena and published the best, one of them 27 before a release, and other asymmetries. It is the same at your desk: choose on one set of questions and report on another.

The other well-known figures have aged in their own ways. MMLU and HumanEval are saturated, both have been on the web for years, and Gema et al. (2024)
estimated that 6.5 % of MMLU's questions contain an error. They say that a model is not from 2022.
"""

# %% [markdown]
r"""
### If they push

**"So which one is the best today?"**

<details><summary>Answer</summary>

For what? Name the task, the constraint and the date, and give your short list with the numbers you measured. "I would start with two from different makers and
one with open weights, on two hundred of our own cases" is a better answer than a name, and survives the next release.

</details>

**"Open weights or API?"**

<details><summary>Answer</summary>

API: nothing to run, the newest models, paid by use; the data leave the house under a contract, versions end by the provider's calendar, limits are shared. Weights: they stay, can be
tuned and looked into, and run where the data are; you pay for GPUs also at night, and for people. Break-even is utilisation: compute it (question 6 does for fine-tuning). And
read the licence: for your use, your number of users, and what you do with the outputs.

</details>

**"How do you prepare for a model's retirement?"**

<details><summary>Answer</summary>

Pin dated versions instead of aliases, keep prompts and tests beside the version, read the deprecation page by a job (OpenAI's list of models carries a `shutdown_date`; notices are half a year
for its general models, at least 60 days at Anthropic, as of November 2026), and keep a second model passing the tests. A swap is a release: evaluate, shadow, ramp up.

</details>

**"Weighted sums: who sets the weights?"**

<details><summary>Answer</summary>

Whoever pays for the consequences; and then vary them. If the choice flips within the range that people argue about, it is not decided by the data. A weighted sum with
normalised columns also depends on who takes part: an absurdly expensive candidate squeezes the others' price differences, which is why
constraints come first. Better still are real units: dollars per solved case.

</details>

**"The cheap model is right in 90 of 100 cases, the expensive one in 95. Which?"**

<details><summary>Answer</summary>

First the interval: with a hundred cases that difference is within chance if the cases are unpaired (question 28 does the paired comparison). Then the cost of an error: if a wrong
answer costs five dollars of somebody's time, five in a hundred are 25 cents per case. Then a cascade: the cheap one first, the expensive one where a check fails
(question 35).

</details>
"""

# %% [markdown]
r"""
### Sources

Figures of models, with the day on which they were read or reported; nothing here was tested by us.

- Anthropic, model pages and *Model deprecations* (platform.claude.com), in stored copies of an unknown day, read in November 2026 in excerpts: context, prices and retirements of Claude models. On the day
  of Claude 3.5 Sonnet's retirement sources disagree (22 or 28 October 2025).
- OpenAI: prices and context of GPT-6 Sol and Luna as LiteLLM's documentation gave them on 22 September 2026; dates of shutdown from OpenAI's *Deprecations* page as reported on 28 October 2026. OpenAI's own pages were
  seen in excerpts only.
- Google: *Gemini deprecations* and Firebase's notice that Gemini 2.0 Flash was shut down on 1 June 2026; prices of Gemini 3.8 Flash as API Evangelist read them on Google's page on 7 October 2026.
  Gemma 4 under Apache 2.0: ai.google.dev, LiteRT-LM pages.
- DeepSeek, *Models & Pricing* (api-docs.deepseek.com), as reported on 27 October 2026; MIT licence of the V4 weights of April 2026 as reported in July 2026 (whether later versions of the API have published
  weights was not verified).
- models.dev (github.com/anomalyco/models.dev), state of 2 July 2026: GLM-5.2, Mistral Medium 3.5, Qwen3.5-397B-A17B, Gemma 4 31B (price at OpenRouter), gpt-oss-120b (price at Groq). Licences of GLM-5.2 and Qwen3.5 as reported
  by others; of gpt-oss from its card.
- Meta, *Llama 3 Community License Agreement* (2024). Open Source Initiative, *The Open Source Definition*.
- Singh et al. (2025), *The Leaderboard Illusion*, arXiv 2504.20879. The arena's operators disputed some of its conclusions.
- Gema et al. (2024), *Are We Done with MMLU?*, arXiv 2406.04127. Chiang et al. (2024), *Chatbot Arena*, arXiv 2403.04132.
"""
