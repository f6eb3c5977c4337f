# %% [markdown]
r"""
## Q28. How are outputs evaluated at scale?

*Medium · 140 minutes · needs nothing of this notebook; question 18, in notebook 3, measures RAG systems with the
same tools*
"""

# %% [markdown]
r"""
### Say it

> I begin with a fixed set of examples from real traffic and the cheapest check that is sound: exact match, a unit
> test, a schema. Where only a reading judge will do, I use a language model, and measure it first: I show each pair
> in both orders and count a disagreement as a tie, control for length, and hold its labels against people's, with
> kappa and not with raw agreement. What fails stays in the table, as a row with score zero and the name of the
> error. And a score is an estimate: I give it an interval, and compare two systems on the *same* examples, example
> by example, because most of the noise is the examples and cancels. Sampled many times, a task gets the unbiased
> pass@k, not one minus a power of the share that passed.
"""

# %% [markdown]
r"""
### See it

**Answers of known quality.** Three systems take one exam about the course's world: a small model half-way through
its training, the same model at the end of it (`draft`), and a model five times its size (`instruct`). The questions
are worded as no training text worded them, so none of the three is perfect. An answer is right if it contains the
true sentence; nobody has to judge that. Many hundred answers are needed below, so they are computed in batches; how
the same is done over HTTP comes in a moment.
"""

# %% tags=["demo"]
import random

from course import lab, world
from course.lab import assess, probes
from course.world.chats import Episode
from course.world.questions import fact_question

home, tokenizer, dice = world.make_world(), lab.tokenizer("instruct"), random.Random(28)
systems = {
    "early": lab.load("draft", lab.checkpoints("draft")[-3]),
    "late": lab.load("draft"),
    "instruct": lab.load("instruct"),
}


def exam(number: int, forms: str = "heldout") -> list:
    return [fact_question(f, dice, forms) for f in dice.sample(home.facts(), number)]


def answers_of(name: str, questions: list) -> list[str]:
    cases = [probes.case(Episode("exam").turn(q.text, f"{q.answer}.")) for q in questions]
    return assess.answers(systems[name], tokenizer, cases)


# %% tags=["demo"]
pilot, full = exam(40), exam(150)
said = {name: answers_of(name, full) for name in systems}


def scores(questions: list, texts: list[str]) -> np.ndarray:
    return np.array([q.answer in text for q, text in zip(questions, texts, strict=True)], float)


score = {name: scores(full, texts) for name, texts in said.items()}
print(full[0].text, "  truth:", full[0].answer)
for name in systems:
    print(f"  {name:8} right {score[name].mean():.2f}   says here: {said[name][0]}")

# %% [markdown]
r"""
#### A harness

An evaluation is a loop, and what distinguishes a good one is what it does when something goes wrong. Here is the
loop over HTTP, with the real `openai` client, on six questions and one that does not fit into the context.
"""

# %% tags=["demo"]
try:
    import openai

    from course import serve
except ImportError as error:
    serve = None
    print(f"These cells need {error.name}: pip install -c requirements.txt -e '.[serve]'")


def chat(client, model: str, text: str):
    return client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": text}],
        temperature=0,
        max_completion_tokens=40,
    )


# %% tags=["demo"]
if serve is not None:
    texts = [(q.text, q.answer) for q in pilot[:6]] + [("Where? " * 1000, "nowhere")]
    with serve.background() as client:
        for number, (text, truth) in enumerate(texts):
            try:
                done = chat(client, "draft", text)
                wrote = done.choices[0].message.content
                note = f"{done.usage.total_tokens:3} tokens, {done.choices[0].finish_reason}"
            except openai.APIError as error:
                wrote, note = None, type(error).__name__
            print(number, int(truth in (wrote or "")), f"{note:20}", wrote)

# %% [markdown]
r"""
The last row is a failure of the system: whoever asked it got no answer. A loop that skips it reports the mean over
what went well, and the system that fails on the hard questions looks better for it. A loop without `try` loses the
other six. So: one row for every example, score 0, and the error's name beside it, because "wrong" and "timed out"
are mended by different people.

Nothing in that code knows that the model is a small one on this machine. Pointed at another endpoint it reads (not
run here):

```python
client = openai.OpenAI(base_url="https://api.example.com/v1", api_key=os.environ["EXAMPLE_API_KEY"])
chat(client, "name-of-a-model", text)
```

There one adds a timeout, retries for the error 429, and the date: a hosted model may change under its name, so a
score belongs to a day.
"""

# %% [markdown]
r"""
#### A judge with a favourite seat

Most outputs cannot be checked by a string. Then a language model is asked which of two answers is better. The lab's
models are too small to judge, so the judges here are *programs*: they know the truth about each answer, to which a
little noise is added, and we plant a bias in them. That has an advantage over any real judge: we can see what the
bias does, because we know what the verdict should have been.
"""

# %% tags=["demo"]
gold = {q.text: q.answer for q in full}


def make_judge(position: float = 0.0, per_word: float = 0.0, noise: float = 0.3):
    """A judge that sees quality, likes the first seat, and likes words."""

    def judge(prompt: str, x: str, y: str) -> str:
        lead = float(gold[prompt] in x) - float(gold[prompt] in y)
        lead += position + per_word * (len(x.split()) - len(y.split()))
        lead += random.Random(f"{prompt}|{x}|{y}").gauss(0, noise)
        return "x" if lead > 0.5 else "y" if lead < -0.5 else "tie"

    return judge


judges = {
    "fair": make_judge(),
    "first seat": make_judge(position=0.6),
    "verbose": make_judge(per_word=0.08),
}

# %% [markdown]
r"""
`instruct` against `early`, 150 pairs. The *win rate* is the share of pairs won, a tie counting half. It is taken
three times: with `instruct` always in the first seat, always in the second, and in both, where a pair is decided
only if both orders agree. What the third should come to is known: computed from the truth.
"""

# %% tags=["demo"]
WORTH = {"x": 1.0, "tie": 0.5, "y": 0.0}


def win_rates(judge, ours: list[str], theirs: list[str]) -> tuple[float, float, float, float]:
    """Our win rate in the first seat, in the second, in both; share of pairs judged alike."""
    rows = list(zip(full, ours, theirs, strict=True))
    first = np.array([WORTH[judge(q.text, a, b)] for q, a, b in rows])
    second = np.array([1 - WORTH[judge(q.text, b, a)] for q, a, b in rows])
    same = first == second
    return first.mean(), second.mean(), np.where(same, first, 0.5).mean(), same.mean()


truth = float(((score["instruct"] - score["early"]) / 2 + 0.5).mean())
print(f"truth {truth:.2f}      first  second    both   judged alike")
plain = {}
for name, judge in judges.items():
    plain[name] = win_rates(judge, said["instruct"], said["early"])
    print(f"{name:11}", *(f"{r:8.2f}" for r in plain[name]))
itself = win_rates(judges["first seat"], said["late"], said["late"])
print(f"\n{'late against itself, first seat':34} {itself[0]:.2f}   both orders {itself[2]:.2f}")

# %% [markdown]
r"""
Read the second row first. One and the same pair of systems: seated first, `instruct` seems to win by far; seated
second, it seems to *lose*. In both orders the contradictions become ties, and the rate comes back to the truth's
side of one half, a little closer to the middle than the truth, since bias has turned some real differences into
ties. The last line is the cheapest test of a judge that there is: let a system play against itself. Any rate but
one half is bias.

Large models have this bias too. Zheng et al. (2023), who made "LLM as a judge" popular, measured it, and proposed
exactly this remedy as the conservative one: ask twice, and call it a win only if both agree.
"""

# %% [markdown]
r"""
#### A judge that likes words

Now `early` learns to talk. Behind each of its answers come sentences that say nothing, and no answer becomes better
or worse by it. What does each judge make of that?
"""

# %% tags=["demo"]
from course.world.drafts import PADDING


def padded(text: str, number: int, rng: random.Random) -> str:
    return " ".join([text, *rng.sample(PADDING, number)])


rng = random.Random(1)
talkative = [padded(text, 2, rng) for text in said["early"]]
print(talkative[0], "\n")
print(f"truth {truth:.2f}      first  second    both   judged alike")
chatty = {}
for name, judge in judges.items():
    chatty[name] = win_rates(judge, said["instruct"], talkative)
    print(f"{name:11}", *(f"{r:8.2f}" for r in chatty[name]))

# %% tags=["demo"]
from course import figures

fig, axes = figures.subplots(1, 2, sharey=True, size=(8.2, 2.9))
for ax, table, title in zip(axes, (plain, chatty), ("as written", "early padded"), strict=True):
    for place, (shift, hatch, label) in enumerate(
        [(-0.27, "", "first seat"), (0.0, "////", "second seat"), (0.27, "....", "both orders")]
    ):
        heights = [table[name][place] for name in judges]
        ax.bar(
            np.arange(3) + shift,
            heights,
            0.25,
            color="white",
            edgecolor="black",
            hatch=hatch,
            label=label,
        )
    ax.axhline(truth, linestyle=":", linewidth=1.2)
    ax.set(
        title=title, ylim=(0, 1.2), yticks=(0, 0.5, 1), xticks=range(3), xticklabels=list(judges)
    )
axes[0].set_ylabel("win rate of instruct")
axes[0].legend(frameon=False, ncols=3, fontsize=8, loc="upper center")
axes[1].annotate("truth", (2.42, truth + 0.02), fontsize=9)
figures.show(
    fig,
    "Two bar charts of the win rate of instruct against early by three judges, in the first seat, the second, and both "
    + "; ".join(
        f"{title}: "
        + ", ".join(f"{name} {a:.2f}, {b:.2f}, {c:.2f}" for name, (a, b, c, _) in table.items())
        for title, table in (("as written", plain), ("with early's answers padded", chatty))
    )
    + f". A dotted line marks the truth, {truth:.2f}.",
)

# %% [markdown]
r"""
The verbose judge was harmless as long as both sides wrote alike. On padded answers it turns the result round, **and
the swap does not help**: length travels with the answer into the other seat. It even judges consistently; a bias
may be perfectly consistent. Two remedies exist. Say in the rubric what length is worth, and look whether it worked.
Or measure how the verdict depends on length, and compute what it would be at equal length.
"""

# %% [markdown]
r"""
**Length-controlled.** Dubois et al. (2024) fit a logistic regression of the verdicts that has length as one of its
terms, and read off the win rate at length difference zero; so corrected, the AlpacaEval ranking agrees better with
people's (a rank correlation with Chatbot Arena of 0.98 instead of 0.94, in their abstract). Here is the smallest
version: both sides are padded, `early` more than `instruct`, and the only terms are a constant and the difference
in words.
"""


# %% tags=["demo"]
def at_equal_length(verdicts: np.ndarray, difference: np.ndarray) -> float:
    """Fit verdict ~ sigmoid(a + b * difference) by Newton's method; return sigmoid(a)."""
    X, w = np.stack([np.ones_like(difference), difference / 10], axis=1), np.zeros(2)
    for _ in range(20):
        p = 1 / (1 + np.exp(-X @ w))
        w += np.linalg.solve((X.T * (p * (1 - p))) @ X, X.T @ (verdicts - p))
    return 1 / (1 + math.exp(-w[0]))


rng = random.Random(2)
ours = [padded(text, rng.randrange(3), rng) for text in said["instruct"]]
theirs = [padded(text, 1 + rng.randrange(3), rng) for text in said["early"]]
rows = list(zip(full, ours, theirs, strict=True))
words = np.array([len(a.split()) - len(b.split()) for _, a, b in rows], float)
for name in ("fair", "verbose"):
    points = np.array(
        [
            (WORTH[judges[name](q.text, a, b)] + 1 - WORTH[judges[name](q.text, b, a)]) / 2
            for q, a, b in rows
        ]
    )
    print(
        f"{name:8} raw {points.mean():.2f}   at equal length {at_equal_length(points, words):.2f}"
        f"   truth {truth:.2f}"
    )

# %% [markdown]
r"""
It works because length and quality were padded independently of each other here. Where longer answers *are* better,
because they answer more of the question, the regression takes that away as well. A correction needs a view of what
causes what.
"""

# %% [markdown]
r"""
#### Agreement, and agreement by chance

"The judge agrees with people in 80 % of the cases." How good is that? It depends on how often two raters would
agree who do not look at all. If both say "good" to a share $p$ of everything, by chance they agree on $p_e = p^2 +
(1-p)^2$. **Cohen's kappa** (1960) is how much of the way from there to perfection has been gone: $\kappa = (p_o -
p_e)/(1 - p_e)$, with $p_o$ the observed agreement.
"""

# %% tags=["demo"]
p = np.linspace(0.5, 0.97, 95)
by_chance = p**2 + (1 - p) ** 2
fig, ax = figures.subplots(size=(5.2, 2.8))
for observed, style in ((0.8, "-"), (0.9, "--"), (0.95, ":")):
    kappa = (observed - by_chance) / (1 - by_chance)
    ax.plot(p, kappa, linestyle=style, label=f"agreement {observed:.2f}")
ax.axhline(0, linewidth=0.8)
ax.set(xlabel="share that both call good", ylabel="kappa", ylim=(-0.4, 1))
ax.legend(frameon=False, loc="lower left", fontsize=9)
ends = {s: (0.8 - (s**2 + (1 - s) ** 2)) / (1 - (s**2 + (1 - s) ** 2)) for s in (0.5, 0.8, 0.9)}
figures.show(
    fig,
    "Kappa against the share that both raters call good, for agreements of 0.80, 0.90 and 0.95: three falling curves. "
    "At agreement 0.80: " + ", ".join(f"{k:.2f} at a share of {s}" for s, k in ends.items()) + ".",
)
print("agreement 0.80:", {s: round(k, 3) for s, k in ends.items()})

# %% [markdown]
r"""
The same 80 % are decent where half of the answers are good, and *worse than chance* where nine in ten are. In
production most answers are good. That is where agreement says least, and the *Trap* below shows what it hides.
"""

# %% [markdown]
r"""
#### Intervals that change the conclusion

Back to the exam. Before the 150 questions there was a pilot with 40. Here is each system's score in both, with a 95
% interval by the **bootstrap**: draw as many questions as there are, with replacement, take the mean, repeat 2,000
times, and cut 2.5 % off each end (Efron, 1979). `scipy` does it here; you write it below.
"""

# %% tags=["demo"]
try:
    from scipy import stats
except ImportError:
    stats = None
    print("These cells need scipy: pip install -c requirements.txt -e '.[retrieval]'")


def interval(*samples: np.ndarray, statistic=np.mean, **options) -> tuple[float, float]:
    found = stats.bootstrap(
        samples, statistic, n_resamples=2000, method="percentile", rng=0, **options
    )
    return found.confidence_interval


trial = {name: scores(pilot, answers_of(name, pilot)) for name in systems}
if stats is not None:
    for title, table in (("pilot, 40", trial), ("exam, 150", score)):
        for name, right in table.items():
            low, high = interval(right)
            print(f"{title}  {name:8} {right.mean():.3f}  [{low:.3f}, {high:.3f}]")

# %% [markdown]
r"""
Look at early and late. In the pilot they are nearly alike: whoever reads only the means takes further training for
useless. Their intervals say something else, namely that 40 questions cannot tell. In the exam the late one is
ahead. Do those two intervals settle it? They overlap as well. But two intervals answer another question than the
one that was asked: how large is the *difference*?
"""


# %% tags=["demo"]
def difference(a, b, axis=-1):
    return np.mean(a, axis=axis) - np.mean(b, axis=axis)


if stats is not None:
    compared = {}
    for one, other in (("late", "early"), ("instruct", "late")):
        for title, table in (("pilot", trial), ("exam", score)):
            a, b = table[one], table[other]
            for kind, paired in (("unpaired", False), ("paired", True)):
                low, high = interval(a, b, statistic=difference, paired=paired, vectorized=True)
                compared[f"{one} - {other}", title, kind] = (a.mean() - b.mean(), low, high)
    for (pair, title, kind), (d, low, high) in compared.items():
        verdict = "0 inside" if low <= 0 <= high else "0 OUTSIDE"
        print(f"{pair:15} {title:5} {kind:8} {d:+.3f} [{low:+.3f}, {high:+.3f}] {verdict}")
    both = np.corrcoef(score["late"], score["early"])[0, 1]
    print(f"correlation of the two systems' scores over the exam's questions: {both:.2f}")

# %% tags=["demo"]
if stats is not None:
    fig, ax = figures.subplots(size=(6.2, 2.3))
    shown = {f"{t}, {kind}": x for (pair, t, kind), x in compared.items() if "early" in pair}
    for place, (name, (d, low, high)) in enumerate(shown.items()):
        ax.plot([low, high], [place, place], color="black", linestyle="-", linewidth=1.5)
        ax.plot(d, place, marker="s" if "unpaired" in name else "o", color="black")
    ax.axvline(0, linestyle=":", linewidth=1.2)
    ax.set(
        yticks=range(4),
        yticklabels=list(shown),
        xlabel="late minus early, share of right answers",
    )
    ax.invert_yaxis()
    figures.show(
        fig,
        "Four intervals of the difference late minus early, and a dotted line at zero. "
        + "; ".join(
            f"{name}: {d:+.2f} from {a:+.2f} to {b:+.2f}" for name, (d, a, b) in shown.items()
        )
        + ".",
    )

# %% [markdown]
r"""
Unpaired, the questions of the two systems are drawn apart, as if each had had an exam of its own. Paired, a
question that is drawn is drawn for both. A hard question is hard for both, so its effect cancels in the difference,
and the interval becomes narrower at no cost: the more the two systems' scores correlate, the narrower. Where the
data are paired (same questions!) the paired interval is the right one.

In the exam that changes the conclusion about early and late: the same answers, one interval with zero inside and
one without. (With other questions both may lie on one side of zero: we kept a seed with which they do not. That the
paired one is narrower holds wherever the scores correlate positively.) The other comparison changed as well: the
pilot showed `instruct` far ahead of late, the exam only a little. Small sets make large differences, in both
directions, and the one that gets reported is often one that came out large.

Was that pilot bad luck? Draw pilots from the 150 questions, many times, and count how often they would *not* have
had the late checkpoint ahead:
"""

# %% tags=["demo"]
rng = np.random.default_rng(0)
gap = score["late"] - score["early"]
for size in (10, 20, 40, 80):
    drawn = np.array([rng.choice(gap, size, replace=False).mean() for _ in range(2000)])
    print(
        f"{size:3} questions: the late checkpoint not ahead in {(drawn <= 0).mean():.2f} of the pilots"
    )

# %% [markdown]
r"""
**Rows that hang together.** Forty facts, each asked in all six wordings, answered by the late checkpoint: 240 rows.
They are not 240 independent pieces of evidence: who does not know a fact tends to miss it in every wording. The
interval has to resample what was *sampled*, the facts with all their rows. Miller (2024), who puts this and the
pairing together for language models, calls it clustering.
"""

# %% tags=["demo"]
from course.world.language import answer as sentence_of
from course.world.relations import BY_NAME

facts = random.Random(3).sample(home.facts(), 40)
cases = [
    probes.case(Episode("exam").turn(form.format(s=f.subject), f"{sentence_of(f)}."))
    for f in facts
    for form in BY_NAME[f.relation].questions
]
right = np.array(
    [
        c.gold in text
        for c, text in zip(cases, assess.answers(systems["late"], tokenizer, cases), strict=True)
    ],
    float,
)
grouped = right.reshape(len(facts), -1)
if stats is not None:
    for name, data in (("240 rows", right), ("40 facts", grouped.mean(axis=1))):
        low, high = interval(data)
        print(
            f"resampling {name}: {right.mean():.3f}  [{low:.3f}, {high:.3f}]  width {high - low:.3f}"
        )

# %% [markdown]
r"""
#### pass@k

Where an answer can be checked, as code by its tests, a model may try several times. **pass@k** is the probability
that at least one of k tries is right. It is estimated from n ≥ k samples of which c were right, and there is a
tempting formula, $1-(1-c/n)^k$. Take n = 5 and c = 2, and simply look at all ways to choose three of the five:
"""

# %% tags=["demo"]
import itertools

samples = [True, True, False, False, False]
groups = list(itertools.combinations(samples, 3))
print("groups of three:", len(groups), "  with a right one:", sum(any(g) for g in groups))
print(
    "share:",
    sum(any(g) for g in groups) / len(groups),
    "  1-(1-c/n)^k:",
    round(1 - (1 - 2 / 5) ** 3, 3),
)

# %% [markdown]
r"""
The formula draws *with* replacement, the same wrong answer twice or three times. The share over all groups is an
unbiased estimate: its expectation is what one wants, $1-(1-p)^k$ with the true $p$. That can be checked without any
luck, by averaging each estimate over all outcomes c of n = 20 samples:
"""

# %% tags=["demo"]
if stats is not None:
    n, p = 20, 0.1
    weights = stats.binom.pmf(np.arange(n + 1), n, p)
    print("k     truth   unbiased   1-(1-c/n)^k    (n = 20, p = 0.1: expectations)")
    for k in (1, 5, 10, 20):
        by_groups = 1 - stats.hypergeom.pmf(0, n, np.arange(n + 1), k)
        by_power = 1 - (1 - np.arange(n + 1) / n) ** k
        print(
            f"{k:2} {1 - (1 - p) ** k:8.3f} {weights @ by_groups:10.3f} {weights @ by_power:11.3f}"
        )

# %% [markdown]
r"""
And the lab's model: thirty questions that take two hops, answered without steps, which `instruct` seldom does;
twenty samples of each at temperature 1. (600 samples, in batches.)
"""

# %% tags=["demo"]
rng = random.Random(6)
hops = [probes.two_hop(rng, steps=False) for _ in range(30)]
repeated = [case for case in hops for _ in range(20)]
tries = assess.answers(systems["instruct"], tokenizer, repeated, temperature=1.0)
right = [assess.exact(text, case) for text, case in zip(tries, repeated, strict=True)]
counts = np.array(right).reshape(30, 20).sum(axis=1)
print("right among 20, question by question:", *np.sort(counts))

# %% tags=["demo"]
if stats is not None:
    ks = np.arange(1, 21)
    by_groups = [float(np.mean(1 - stats.hypergeom.pmf(0, 20, counts, k))) for k in ks]
    by_power = [float(np.mean(1 - (1 - counts / 20) ** k)) for k in ks]
    fig, ax = figures.subplots(size=(5.2, 2.7))
    ax.plot(ks, by_groups, marker="o", markersize=4, label="unbiased")
    ax.plot(ks, by_power, marker="s", markersize=4, label="1-(1-c/n)^k")
    ax.set(xlabel="k", ylabel="pass@k", ylim=(0, None), xticks=(1, 5, 10, 15, 20))
    ax.legend(frameon=False, loc="lower right")
    figures.show(
        fig,
        "pass@k of instruct on two-hop questions without steps, by two estimates that begin at the same "
        f"value, {by_groups[0]:.2f}: the unbiased one reaches {by_groups[9]:.2f} at k = 10 and "
        f"{by_groups[-1]:.2f} at 20, the other {by_power[9]:.2f} and {by_power[-1]:.2f}.",
    )

# %% [markdown]
r"""
The power lies below, and the more so the closer k comes to n. And mind what pass@k says: somebody is there who
*knows* which try was right. Without a verifier it is not an accuracy (question 47).
"""

# %% [markdown]
r"""
#### What the judge writes first

A judge's verdict comes as JSON, and two things about that JSON are often overlooked. The first: **valid JSON is not
the JSON you asked for.** "JSON mode" (`response_format={"type": "json_object"}`) guarantees syntax. A schema
(`json_schema`, with `strict`) constrains keys and types; then there remains what no schema says, such as whether
the number is right.
"""

# %% tags=["demo"]
import json

import jsonschema

schema = {
    "type": "object",
    "properties": {
        "reasoning": {"type": "string"},
        "score": {"type": "integer", "minimum": 1, "maximum": 5},
    },
    "required": ["reasoning", "score"],
    "additionalProperties": False,
}
for reply in (
    '{"reasoning": "Same value as the reference.", "score": 5}',
    '{"reasoning": "Good.", "score": "5"}',
    '{"reasoning": "Good.", "score": 11}',
    '{"rating": 5}',
    'Score: 5. {"reasoning": "Good.", "score": 5}',
):
    try:
        fits = jsonschema.Draft202012Validator(schema).is_valid(json.loads(reply))
        print("JSON      ", "fits the schema " if fits else "not the schema  ", reply)
    except json.JSONDecodeError:
        print("not JSON  ", 16 * " ", reply)

# %% [markdown]
r"""
The second is **order**. A model writes from left to right, and every token is computed from those before it. In
`{"score": 4, "reasoning": ...}` the reasoning stands behind the number and cannot have had a part in it: it is a
justification. Put `reasoning` first. (Constrained decoding usually follows the order of the schema's keys; OpenAI's
guide says so of its Structured Outputs. Do not rely on sorted keys.)

The lab has no judge to show this on. It has the same situation elsewhere: a question that takes two steps, with the
result demanded at once, and after the steps.
"""

# %% tags=["demo"]
for steps, order in ((False, "result first"), (True, "steps first ")):
    rng = random.Random(9)
    cases = [probes.two_hop(rng, steps) for _ in range(60)]
    texts = assess.answers(systems["instruct"], tokenizer, cases)
    ends = [assess.last_sentence(text, case) for text, case in zip(texts, cases, strict=True)]
    print(f"{order}  right {np.mean(ends):.2f}   {texts[0]}")

# %% [markdown]
r"""
Same model, same facts. What it needs for the result has to stand there before the result is written. How much a
large judge gains from reasoning first depends on the task; that a reason which comes later cannot help does not.
(And a reason that comes first need not be the cause of the verdict either: question 32.)
"""

# %% [markdown]
r"""
### Build it

Six exercises: kappa, a win rate without a favourite seat, the bootstrap, pass@k, a whole evaluation with a paired
comparison, and the repair of a judge as it is often written.
"""

# %% [markdown]
r"""
### Exercise 28.1 · `cohen_kappa`

●○○ · 10 minutes · 3 points · core

Write `cohen_kappa(a, b)`. `a` and `b` are lists of labels that two raters gave to the same items, in the same
order. The result is a float,

$$\kappa = \frac{p_o - p_e}{1 - p_e},$$

where $p_o$ is the share of items on which they agree and $p_e = \sum_l p_a(l)\,p_b(l)$ is the agreement expected by
chance: over all labels $l$, the share of items that rater a gave that label times the share that rater b gave it.

- There may be any number of labels. Labels are hashable (strings, numbers, tuples, `None`) and compared with `==`;
  one list may hold different kinds of them. A label that only one rater uses is a label.
- $p_e = 1$ happens only if both give one and the same label to everything. Then the result is `1.0`.
- Empty lists, or lists of different lengths: `ValueError`.

By hand: `["g", "g", "b", "b"]` against `["g", "b", "b", "b"]`: $p_o = 3/4$, $p_e = 1/2 \cdot 1/4 + 1/2 \cdot 3/4 =
1/2$, so $\kappa = 1/2$.

<details><summary>Hint 1</summary>

Chance is not 1 over the number of labels. It depends on how often each of the two raters uses each label, and the
two may differ.

</details>

<details><summary>Hint 2</summary>

Refuse what cannot be compared. Count the items on which they agree. Count each rater's labels by themselves; for
every label that both use multiply the two counts, and add up: that sum, over n squared, is $p_e$. If it is 1, return
1.0; else the formula. (With whole numbers until the division, "is it 1?" has an exact answer.)

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q28-cohen-kappa", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cohen_kappa(a: list, b: list) -> float:
    """Return Cohen's kappa of two raters' labels, item by item."""
    ### BEGIN SOLUTION
    if not a or len(a) != len(b):
        raise ValueError("kappa needs two lists of labels of the same length, not empty.")
    n = len(a)
    agree = sum(x == y for x, y in zip(a, b, strict=True))
    by_chance = sum(a.count(label) * b.count(label) for label in set(a))  # times n * n
    if by_chance == n * n:
        return 1.0
    return (agree * n - by_chance) / (n * n - by_chance)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q28-cohen-kappa-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    cohen_kappa,
    [
        ((["g", "g", "b", "b"], ["g", "b", "b", "b"]), 0.5),
        ((["g", "b"], ["g", "b"]), 1.0),
        ((["g", "b"], ["b", "g"]), -1.0),
    ],
    "agreement beyond chance, over what is possible beyond chance",
)

# %% nbgrader={"grade": true, "grade_id": "q28-cohen-kappa-hidden-value", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the value, with several labels and unequal raters (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def reference(a: list, b: list) -> float:
    n = len(a)
    observed = sum(x == y for x, y in zip(a, b, strict=True)) / n
    chance = sum(a.count(x) / n * (b.count(x) / n) for x in set(a) | set(b))
    return (observed - chance) / (1 - chance)


kinds = ["good", "bad", 3, ("a", 1), None]
cases = []
for n, used in ((8, 2), (12, 3), (30, 4), (30, 5)):
    weights = rng.dirichlet(np.ones(used) * 2)
    a = [kinds[i] for i in rng.choice(used, n, p=weights)]
    b = [
        kinds[i] if rng.random() < 0.4 else x
        for i, x in zip(rng.integers(used, size=n), a, strict=True)
    ]
    a[0], b[0], a[1], b[1] = kinds[0], kinds[1], kinds[1], kinds[1]
    cases.append(((a, b), reference(a, b)))
    cases.append(((b, a), reference(b, a)))
strict, mild = ["bad"] * 7 + ["good"], ["bad"] * 3 + ["good"] * 5
cases += [((strict, mild), reference(strict, mild)), ((["x", "x", "y"], ["x", "z", "y"]), 0.5)]
testing.agree(
    cohen_kappa,
    cases,
    "chance agreement is the sum over labels of rater a's share times rater b's own share: neither 1 over "
    "the number of labels, nor the square of one rater's shares, nor of both pooled",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q28-cohen-kappa-hidden-chance", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: high agreement that is chance (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
n = int(rng.integers(12, 40))
people = ["good"] * (n - 4) + ["bad"] * 4
never_looks = ["good"] * n
testing.agree(
    cohen_kappa,
    [((people, never_looks), 0.0), ((never_looks, people), 0.0)],
    "a rater who gives one label to everything agrees by chance only, however often: kappa is 0",
)
a = ["good"] * 80 + ["good"] * 10 + ["bad"] * 10
b = ["good"] * 80 + ["bad"] * 10 + ["good"] * 10
rare = [["bad" if i == place else "good" for i in range(200)] for place in (n, n + 1)]
testing.agree(
    cohen_kappa,
    [((a, b), -1 / 9), (tuple(rare), -1 / 199)],
    "agreement may lie below chance, also where chance is nearly 1: then kappa is negative, and neither cut "
    "off at 0 nor set to 1",
)
testing.agree(
    cohen_kappa,
    [((["x"] * 3, ["y"] * 3), 0.0)],
    "one label each, but not the same one: they agree nowhere, and by chance nowhere either; kappa is 0",
)
testing.agree(
    cohen_kappa,
    [(([1, "1"], ["1", 1]), -1.0)],
    'labels are compared with ==, not as text: 1 and "1" are two labels',
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q28-cohen-kappa-hidden-edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: one label only, empty, unequal (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    cohen_kappa,
    [((["g"] * 7, ["g"] * 7), 1.0), (([None], [None]), 1.0), (([0, 0, 0], [0, 0, 0]), 1.0)],
    "both give the same single label to everything: expected agreement is 1, and the result is 1.0",
)
for a, b in (([], []), (["g"], []), (["g", "b"], ["g"]), (["g"], ["g", "g", "g"])):
    testing.check(
        testing.raises(ValueError, cohen_kappa, a, b),
        "empty lists and lists of different lengths are refused with ValueError",
        inputs=(a, b),
        expected="ValueError",
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 28.2 · `pairwise_winrate`

●●○ · 15 minutes · 4 points · core

Write `pairwise_winrate(judge, triples)`. It compares system A with system B.

- `triples` is a list of `(prompt, a, b)`: a prompt, A's answer and B's answer.
- `judge(prompt, x, y)` returns `"x"` if the answer in the first seat is better, `"y"` if that in the second is, or
  `"tie"`.
- Ask the judge exactly twice about each triple: with A's answer in the first seat and with B's in the first seat.
- A triple is a *win* if both verdicts say that A is better, a *loss* if both say that B is, and a *tie* in every
  other case (the two contradict each other, or at least one of them is `"tie"`).
- The result is `(wins, ties, losses, rate)`, three ints and `rate = (wins + ties / 2) / n`, `n` being the number of
  triples.
- If the judge returns anything else than these three strings (such as `"X"` or `None`), or `triples` is empty:
  `ValueError`.

By hand: a judge that always says `"x"` gives, on three triples, `(0, 3, 0, 0.5)`.

<details><summary>Hint 1</summary>

`"x"` means another system in the second call than in the first.

</details>

<details><summary>Hint 2</summary>

Refuse an empty list. For each triple: ask with A first, ask with B first, refuse a verdict that is none of the
three. The pair of verdicts that means "A both times" adds to the wins, its mirror image to the losses; write down
first which two pairs these are. Ties are what is left of n, and the rate follows from the counts.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q28-pairwise-winrate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pairwise_winrate(judge, triples: list[tuple[str, str, str]]) -> tuple[int, int, int, float]:
    """Return A's wins, ties and losses against B, judged in both orders, and A's win rate."""
    ### BEGIN SOLUTION
    if not triples:
        raise ValueError("there is no triple to judge.")
    wins = losses = 0
    for prompt, a, b in triples:
        verdicts = judge(prompt, a, b), judge(prompt, b, a)
        for verdict in verdicts:
            if verdict not in ("x", "y", "tie"):
                raise ValueError(f"the judge said {verdict!r}: it may say 'x', 'y' or 'tie'.")
        wins += verdicts == ("x", "y")
        losses += verdicts == ("y", "x")
    n = len(triples)
    ties = n - wins - losses
    return wins, ties, losses, (wins + ties / 2) / n
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q28-pairwise-winrate-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
def longer(prompt: str, x: str, y: str) -> str:
    return "x" if len(x) > len(y) else "y" if len(y) > len(x) else "tie"


three = [("?", "aaa", "b"), ("?", "aa", "b"), ("?", "a", "bb")]
testing.agree(
    pairwise_winrate,
    [
        ((longer, three), (2, 0, 1, 2 / 3)),
        ((testing.Always("x"), three), (0, 3, 0, 0.5)),
        ((testing.Always("tie"), three), (0, 3, 0, 0.5)),
    ],
    "both orders; a win only if both verdicts name A",
)

# %% nbgrader={"grade": true, "grade_id": "q28-pairwise-winrate-hidden-orders", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what the judge is asked (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
asked = []


def listening(prompt: str, x: str, y: str) -> str:
    asked.append((prompt, x, y))
    return "tie" if prompt < "p3" else "x" if x > y else "y"


words = [f"w{i}" for i in rng.permutation(12)]
triples = [(f"p{i}", words[2 * i], words[2 * i + 1]) for i in range(6)]
triples += [triples[5], ("p6", "the same", "the same")]
pairwise_winrate(listening, list(triples))
wanted = sorted([*triples, *((p, b, a) for p, a, b in triples)])
testing.check(
    sorted(map(tuple, asked)) == wanted,
    "each triple is judged twice, once with A's and once with B's answer in the first seat, and no more; "
    "a tie in one order says nothing about the other, and triples that come again, or hold the same answer "
    "twice, are asked about like all",
    inputs=triples,
    got=sorted(map(tuple, asked)),
    expected=wanted,
)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q28-pairwise-winrate-hidden-counts", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: wins, losses and the rate (1 point)
### BEGIN HIDDEN TESTS
def longer(prompt: str, x: str, y: str) -> str:
    return "x" if len(x) > len(y) else "y" if len(y) > len(x) else "tie"


rng = testing.rng()
cases = []
for n in (1, 5, 9, 14):
    sizes = rng.integers(1, 5, size=(n, 2))
    triples = [("?", "a" * int(i), "b" * int(j)) for i, j in sizes]
    w, lost = int((sizes[:, 0] > sizes[:, 1]).sum()), int((sizes[:, 0] < sizes[:, 1]).sum())
    t = n - w - lost
    cases.append(((longer, triples), (w, t, lost, (w + t / 2) / n)))
cases += [
    ((longer, [("?", "aa", "b")] * 3 + [("?", "a", "bb")]), (3, 0, 1, 0.75)),
    ((longer, [("?", "a", "bb")] * 3 + [("?", "a", "b")]), (0, 1, 3, 0.125)),
]
testing.agree(
    pairwise_winrate,
    cases,
    "a judge without position bias decides as always: wins and losses are A's, and a tie counts half in the "
    "rate, over all triples",
)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q28-pairwise-winrate-hidden-ties", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: verdicts that do not agree (1 point)
### BEGIN HIDDEN TESTS
def seated(prompt: str, x: str, y: str) -> str:
    """The prompt says what to answer: first with A in the first seat, then with B."""
    first, second = prompt.split()
    return first if x.startswith("a") else second


testing.agree(
    pairwise_winrate,
    [
        ((seated, [(f"{first} {second}", "a", "b")]), want)
        for first, second, want in (
            ("x", "y", (1, 0, 0, 1.0)),
            ("y", "x", (0, 0, 1, 0.0)),
            ("x", "x", (0, 1, 0, 0.5)),
            ("y", "y", (0, 1, 0, 0.5)),
            ("x", "tie", (0, 1, 0, 0.5)),
            ("tie", "y", (0, 1, 0, 0.5)),
            ("tie", "x", (0, 1, 0, 0.5)),
            ("y", "tie", (0, 1, 0, 0.5)),
            ("tie", "tie", (0, 1, 0, 0.5)),
        )
    ],
    "a win needs both verdicts for A, a loss both for B; a contradiction is a tie, and so is a verdict "
    "beside a tie",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q28-pairwise-winrate-hidden-refused", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: verdicts that are none, and nothing to judge (1 point)
### BEGIN HIDDEN TESTS
for verdict in ("X", "A", "", None, "the first one", 1):
    testing.check(
        testing.raises(ValueError, pairwise_winrate, testing.Always(verdict), [("?", "a", "b")]),
        "a verdict that is none of the three is refused with ValueError: counted as a tie or a loss it "
        "would hide that the judge does not work",
        inputs=f"a judge that returns {verdict!r}",
        expected="ValueError",
    )


def tired(prompt: str, x: str, y: str) -> str:
    return "x" if x == "a" else "?"


testing.check(
    testing.raises(ValueError, pairwise_winrate, tired, [("?", "a", "b")]),
    "the second verdict of a pair is checked like the first",
)
testing.check(
    testing.raises(ValueError, pairwise_winrate, testing.Always("X"), [("?", "a", "a")]),
    "also where both answers are the same the judge is asked, and its verdict checked",
)
testing.check(
    testing.raises(ValueError, pairwise_winrate, testing.Always("x"), []),
    "without a triple there is no rate: ValueError",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
Your function on the judge with the favourite seat: (The cell raises `NotImplementedError` until you have solved the
exercise.)
"""

# %% tags=["demo"]
for name, judge in judges.items():
    triples = [
        (q.text, a, b) for q, a, b in zip(full, said["instruct"], said["early"], strict=True)
    ]
    print(f"{name:11}", pairwise_winrate(judge, triples), f"  truth {truth:.3f}")

# %% [markdown]
r"""
### Exercise 28.3 · `bootstrap_ci`

●●○ · 20 minutes · 4 points · core

Write `bootstrap_ci(x, stat, B=2000, seed=0, level=0.95)`, the percentile bootstrap. It returns `(low, high)`, two
floats.

- `x` is an array of shape (n,) or (n, m): n rows, one for each example. `stat` takes an array of the shape of `x`
  and returns a number.
- A resample consists of n *rows* of `x`, drawn independently, uniformly and with replacement. A row stays whole.
- `stat` is called once for each of `B` resamples, and for nothing else.
- `low` and `high` are the quantiles of these `B` numbers at `(1 - level) / 2` and `1 - (1 - level) / 2`, as
  `np.quantile` gives them.
- All chance comes from `np.random.default_rng(seed)`: the same call gives the same interval, another seed another
  one, and NumPy's global random state is left alone.
- No rows, `B < 1`, or a `level` that does not lie strictly between 0 and 1: `ValueError`.
- `x` is not changed.

By hand: if all rows are alike, every resample is, and for the mean of three fives the interval is (5.0, 5.0).

<details><summary>Hint 1</summary>

Draw row *numbers*, n of them, and let NumPy's indexing pick the rows; then it does not matter how many columns
there are.

</details>

<details><summary>Hint 2</summary>

Check the arguments. Make the generator *once*, before the loop. B times: draw n row numbers from 0 to n - 1, both
ends included, index `x` with them, put the statistic into a list. Then one call of `np.quantile` on that list, with
two positions: of what lies outside the level, one half is below and one half above.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q28-bootstrap-ci", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bootstrap_ci(
    x: np.ndarray, stat, B: int = 2000, seed: int = 0, level: float = 0.95
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of `stat`; the rows of `x`, (n,) or (n, m), are resampled."""
    ### BEGIN SOLUTION
    n = len(x)
    if n == 0 or B < 1 or not 0 < level < 1:
        raise ValueError(
            "a bootstrap needs rows, at least one resample, and a level between 0 and 1."
        )
    rng = np.random.default_rng(seed)
    values = [stat(x[rng.integers(n, size=n)]) for _ in range(B)]
    low, high = np.quantile(values, [(1 - level) / 2, 1 - (1 - level) / 2])
    return float(low), float(high)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q28-bootstrap-ci-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
mean = testing.Statistic("mean")  # np.mean, in a form that travels
testing.agree(
    bootstrap_ci,
    [((np.full(3, 5.0), mean), (5.0, 5.0))],
    "all rows are alike, so every resample is",
)
low, high = bootstrap_ci(np.arange(100.0), mean)
assert 40 < low < 47 and 52 < high < 59, "the mean of 0 to 99 is 49.5, give or take six"

# %% nbgrader={"grade": true, "grade_id": "q28-bootstrap-ci-hidden-rows", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what is resampled, and how often (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
seen = []


def listening(sample) -> float:
    seen.append(np.array(sample))
    return float(len(seen))


x = rng.integers(0, 1000, size=(12, 2)).astype(float) + np.arange(12)[:, None] * 1000
bootstrap_ci(x.copy(), listening, B=100)
testing.check(
    len(seen) == 100,
    "stat is called once for each of the B resamples, and for nothing else",
    got=len(seen),
    expected=100,
)
testing.check(
    all(s.shape == x.shape for s in seen),
    "a resample has as many rows as x, and all its columns",
    got=[s.shape for s in seen[:3]],
    expected=x.shape,
)
rows = {tuple(row) for row in x}
testing.check(
    all(tuple(row) in rows for s in seen for row in s),
    "a row stays whole: draw rows, not entries of each column by themselves",
    inputs=x[:2],
    got=seen[0][:2],
)
distinct = [len({tuple(row) for row in s}) for s in seen]
testing.check(
    np.mean(distinct) < 9,  # 7.8, give or take 0.1
    "rows are drawn with replacement: without it every resample is x in another order",
)
testing.check(
    len({s.tobytes() for s in seen}) > 90, "each resample is drawn anew: make the generator once"
)
drawn = [
    sum(int((s[:, 0] == row[0]).sum()) for s in seen) for row in x
]  # 100 each, give or take 9.6
testing.check(
    all(40 < times < 160 for times in drawn),
    "every row is drawn with the same probability, the first and the last too (the upper end of "
    "rng.integers is left out)",
    got=drawn,
    expected="about 100 times each",
)
flat = x[:, 0].copy()
seen.clear()
bootstrap_ci(flat, listening, B=4)
testing.check(
    len(seen) == 4 and all(s.shape == (12,) for s in seen),
    "for x of shape (n,), resamples have it too",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q28-bootstrap-ci-hidden-width", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the interval of a mean, at several levels (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
mean = testing.Statistic("mean")
x = rng.normal(3.0, 2.0, size=400)
error = x.std() / 20  # of the mean of 400
# standard normal quantile, and six standard errors of the bootstrap's own quantile at B = 2000
for level, z, slack in ((0.5, 0.674, 0.19), (0.8, 1.282, 0.24), (0.95, 1.96, 0.38)):
    low, high = bootstrap_ci(x, mean, level=level)
    want = (float(x.mean() - z * error), float(x.mean() + z * error))
    testing.check(
        abs(low - want[0]) < slack * error and abs(high - want[1]) < slack * error,
        "the share `level` of the resampled means lies inside, and half of the rest on each side",
        inputs=f"400 numbers, level {level}",
        got=(low, high),
        expected=want,
    )
low, high = bootstrap_ci(x, mean, B=800, level=0.8)
testing.check(
    abs(low - (x.mean() - 1.282 * error)) < 0.38 * error,
    "B resamples of n rows each, whatever B is",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q28-bootstrap-ci-hidden-percentile", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: an interval that is not symmetric (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
x = rng.permutation(np.concatenate([np.arange(40.0), [100.0]]))
low, high = bootstrap_ci(x, testing.Statistic("max"))
testing.check(
    high == 100.0 and 34 < low < 39,
    "the ends are quantiles of the resampled statistics: neither mean plus and minus 1.96 standard errors, "
    "nor reflected at the estimate, nor of the mean where stat is another",
    inputs="0 to 39 and 100, stat max",
    got=(low, high),
    expected="(about 37, 100.0)",
)
values = []


def counting(sample) -> float:
    values.append(None)
    return float(2 ** len(values))


testing.agree(
    lambda level: (values.clear(), bootstrap_ci(np.arange(5.0), counting, B=5, level=level))[1],
    [((0.5,), (4.0, 16.0)), ((0.75,), (3.0, 24.0))],
    "np.quantile of the B numbers, interpolated as it does by default",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q28-bootstrap-ci-hidden-seed", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: seeds, arguments, refusals (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
mean = testing.Statistic("mean")
x = rng.random(50)
first, again = (bootstrap_ci(x, mean, B=200, seed=7) for _ in range(2))
testing.check(testing.close(list(first), list(again)), "the same seed gives the same interval")
others = [bootstrap_ci(x, mean, B=200, seed=s) for s in (8, 9)]
testing.check(
    not all(testing.close(list(first), list(o)) for o in others),
    "another seed gives another interval",
)
testing.check(
    testing.leaves_globals(bootstrap_ci, x, mean, 20),
    "NumPy's global random state is not touched: use a generator of your own",
)
testing.check(testing.leaves_arguments(bootstrap_ci, rng.random(30), mean, 20), "x is changed")
for args, options in (
    ((np.zeros(0), mean), {}),
    ((np.zeros((0, 2)), mean), {}),
    ((x, mean), {"B": 0}),
    ((x, mean), {"level": 1.0}),
    ((x, mean), {"level": 0.0}),
    ((x, mean), {"level": 95}),
):
    testing.check(
        testing.raises(ValueError, bootstrap_ci, *args, **options),
        "no rows, B < 1, or a level outside (0, 1), are refused with ValueError",
        inputs=(len(args[0]), options),
        expected="ValueError",
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 28.4 · `pass_at_k`

●○○ · 10 minutes · 3 points · core

Write `pass_at_k(n, c, k)`, the unbiased estimate of pass@k for one task: of `n` samples `c` were right; the result
is the share, a float, of all choices of `k` *different* samples among the `n` that contain at least one right one.
(Order does not matter. The estimate for several tasks is the mean of theirs.)

- If fewer than `k` samples were wrong, every choice contains a right one: exactly `1.0`. If none was right: `0.0`.
- `k < 1`, `k > n`, or `c` not between 0 and `n`: `ValueError`.
- It has to work for thousands of samples: n = 20,000 with k = 5,000 neither overflows nor takes long.

By hand: n = 5, c = 2, k = 3. There are 10 choices of three, and one of them consists of the three wrong samples:
0.9.

<details><summary>Hint 1</summary>

Count the choices without a right sample instead. In how many ways are k samples chosen among the wrong ones?

</details>

<details><summary>Hint 2</summary>

One minus a quotient of two binomial coefficients. Python's integers do not overflow, its floats do: when is the
division done? Or write the quotient as a product of factors that all lie between 0 and 1.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q28-pass-at-k", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pass_at_k(n: int, c: int, k: int) -> float:
    """Return the share of choices of k among n samples that contain one of the c right ones."""
    ### BEGIN SOLUTION
    if not (1 <= k <= n and 0 <= c <= n):
        raise ValueError("pass@k needs 1 <= k <= n and 0 <= c <= n.")
    if n - c < k:
        return 1.0
    missed = np.arange(n - c + 1, n + 1, dtype=float)
    return float(1 - np.prod(1 - k / missed))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q28-pass-at-k-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    pass_at_k,
    [((5, 2, 3), 0.9), ((4, 1, 1), 0.25), ((4, 0, 2), 0.0)],
    "the share of choices of k that contain a right sample",
)

# %% nbgrader={"grade": true, "grade_id": "q28-pass-at-k-hidden-value", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the value, against counting all choices (1 point)
### BEGIN HIDDEN TESTS
from itertools import combinations

rng = testing.rng()
cases = []
for n in (1, 2, 3, 5, 7, 8):
    for c in range(n + 1):
        k = int(rng.integers(1, n + 1))
        groups = list(combinations([True] * c + [False] * (n - c), k))
        cases.append(((n, c, k), sum(any(g) for g in groups) / len(groups)))
cases += [((20, 2, 10), 29 / 38), ((2, 1, 2), 1.0), ((10, 5, 2), 7 / 9), ((100, 1, 30), 0.3)]
testing.agree(
    pass_at_k,
    cases,
    "choose k different samples: 1 - (1 - c/n)^k draws with replacement and comes out too low",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q28-pass-at-k-hidden-large", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: thousands of samples (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
n = 20_000
k = int(rng.integers(4000, 6000))
testing.agree(
    lambda n, c, k: not math.isnan(pass_at_k(n, c, k)),
    [((n, 1, k), True), ((n, n // 2, k), True), ((2000, 1, 500), True)],
    "large binomial coefficients do not fit into a float: divide integers, or multiply factors below 1",
)
testing.agree(
    pass_at_k,
    [
        ((n, 1, k), k / n),
        ((n, 2, k), 1 - (n - k) * (n - k - 1) / (n * (n - 1))),
        ((n, 0, k), 0.0),
        ((n, n - k, k), 1.0),
        ((2000, 1, 500), 0.25),
    ],
    "the share of choices of k that contain a right sample, with thousands of samples too",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q28-pass-at-k-hidden-edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: where the choice is certain, and what is refused (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    pass_at_k,
    [((10, 8, 3), 1.0), ((10, 10, 1), 1.0), ((6, 1, 6), 1.0), ((3, 3, 3), 1.0), ((6, 0, 6), 0.0)],
    "fewer than k wrong samples: every choice holds a right one, 1.0; without a right one 0.0",
)
for args in (
    (5, 2, 6),
    (5, 5, 6),
    (5, 0, 7),
    (5, 2, 0),
    (5, 2, -1),
    (5, 6, 2),
    (5, -1, 2),
    (0, 0, 1),
):
    testing.check(
        testing.raises(ValueError, pass_at_k, *args),
        "k lies between 1 and n and c between 0 and n: pass@k for more tries than were made cannot be estimated",
        inputs=args,
        expected="ValueError",
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 28.5 · `evaluate` and `paired_diff`

●●● · 40 minutes · 8 points · core

Write both in one cell. `Report` is given, a dataclass of three fields (`Report(rows, mean, ci)`).

**`evaluate(model, dataset, scorer, seed=0)`** returns a `Report`. `dataset` is a list of dicts with at least the
keys `"id"` (hashable), `"input"` and `"reference"`.

- For each example, in order: `output = model(example["input"])`, once; then `scorer(output, example["reference"])`,
  once, a number or a bool.
- `rows` is a list with one dict for each example, in order, with exactly these keys: `"id"`, `"output"`, `"score"`
  (a float) and `"error"`.
- Without a failure `"error"` is `None`.
- If the model raises an exception (any subclass of `Exception`; what is none, such as `SystemExit` or
  `KeyboardInterrupt`, ends the run): `"output"` is `None`, `"score"` is `0.0`,
  `"error"` is the name of the exception's type, such as `"TimeoutError"`; the scorer is not called for this
  example, and the run goes on.
- If the scorer raises one: `"output"` is kept, `"score"` is `0.0`, `"error"` the name of its type, and the run goes
  on.
- A model that returns `None` has not failed: `None` is its output, and is scored like any other.
- `mean` is the mean of *all* scores, those of rows with errors included.
- `ci` is `(low, high)`: the percentile bootstrap of that mean over rows, 95 %, with 2,000 resamples, from
  `np.random.default_rng(seed)`, drawn from that generator in whatever way.
- An empty dataset, or two examples with the same id: `ValueError`, before the model is called at all. (`1` and `"1"`
  are two ids.)

**`paired_diff(a, b, seed=0)`** takes two Reports and returns `(diff, low, high)`, three floats, for the score of a
*minus* that of b.

- Rows belong together if they have the same `"id"`; they may stand in another order in b than in a. If the two do
  not have the same ids: `ValueError`.
- `diff` is the mean over *all* ids of a's score minus b's, rows with errors included.
- `low`, `high`: the percentile bootstrap of that mean, 95 %, 2,000 resamples of *ids*; both scores of an id stay
  together.

In both: the same seed gives the same interval, another seed another one, NumPy's global random state is left alone, and no argument is
changed, neither the dataset nor a dict in it nor a report. The tests compare intervals over several seeds with
what theory says.

By hand: if a's scores are 1, 1, 0 and b's scores of the same ids 0.75, 0.75, -0.25, then every difference is 0.25,
and so are diff, low and high.

<details><summary>Hint 1</summary>

Where does the `try` begin and where does it end? Two things can fail, and what is kept differs. For the comparison:
first make one list of differences, then forget that there were two systems.

</details>

<details><summary>Hint 2</summary>

`evaluate`: look at the ids first. For each example start from output None, score 0.0, error None; try model, then
scorer, and overwrite what you get; on an exception note its type's name. Interval: a matrix of row numbers, 2,000
by n, picks all resamples at once; mean along the rows, two quantiles. `paired_diff`: a dict from id to score for b,
compare the sets of ids, differences in the order of a, and the same interval.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q28-evaluate", "locked": false, "schema_version": 3, "solution": true, "task": false}
from course.evaluation import Report


def evaluate(model, dataset: list[dict], scorer, seed: int = 0) -> Report:
    """Run a model on a dataset; one row for each example, the mean score and its 95 % interval."""
    ### BEGIN SOLUTION
    ids = [example["id"] for example in dataset]
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("a dataset needs at least one example, and every id only once.")
    rows = []
    for example in dataset:
        row = {"id": example["id"], "output": None, "score": 0.0, "error": None}
        try:
            row["output"] = model(example["input"])
            row["score"] = float(scorer(row["output"], example["reference"]))
        except Exception as error:  # whatever it was: the run goes on, and the row says what
            row["error"] = type(error).__name__
        rows.append(row)
    scores = np.array([row["score"] for row in rows])
    return Report(rows, float(scores.mean()), _interval(scores, seed))
    ### END SOLUTION


def paired_diff(a: Report, b: Report, seed: int = 0) -> tuple[float, float, float]:
    """Return the mean difference a - b over ids, and the ends of its 95 % interval."""
    ### BEGIN SOLUTION
    theirs = {row["id"]: row["score"] for row in b.rows}
    if {row["id"] for row in a.rows} != set(theirs):
        raise ValueError("the two reports do not have the same ids: nothing to pair.")
    difference = np.array([row["score"] - theirs[row["id"]] for row in a.rows])
    return float(difference.mean()), *_interval(difference, seed)


def _interval(values: np.ndarray, seed: int) -> tuple[float, float]:
    n = len(values)
    drawn = np.random.default_rng(seed).integers(n, size=(2000, n))
    low, high = np.quantile(values[drawn].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q28-evaluate-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
from course.evaluation import Report


def shout(text: str) -> str:
    if not text:
        raise TimeoutError("no answer")
    return text.upper()


def same(output: str, reference: str) -> bool:
    return output == reference


dataset = [
    {"id": 1, "input": "a", "reference": "A"},
    {"id": 2, "input": "", "reference": "B"},
]
report = evaluate(shout, dataset, same)
testing.check(
    testing.close(
        report.rows,
        [
            {"id": 1, "output": "A", "score": 1.0, "error": None},
            {"id": 2, "output": None, "score": 0.0, "error": "TimeoutError"},
        ],
    ),
    "one row for each example, in order; an example that failed keeps its row",
    got=report.rows,
)
assert testing.close(report.mean, 0.5), "the mean of all scores, errors included"
rows = [{"id": i, "output": "", "score": s, "error": None} for i, s in enumerate((1.0, 1.0, 0.0))]
less = [{**row, "score": row["score"] - 0.25} for row in rows]
testing.agree(
    paired_diff,
    [((Report(rows, 0.0, (0.0, 0.0)), Report(less, 0.0, (0.0, 0.0))), (0.25, 0.25, 0.25))],
    "every id differs by 0.25, so every resample of ids does",
)

# %% nbgrader={"grade": true, "grade_id": "q28-evaluate-hidden-rows", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: rows and calls (2 points)
### BEGIN HIDDEN TESTS
import copy

rng = testing.rng()
calls = []


def model(text: str) -> str:
    calls.append(("model", text))
    return text[::-1]


def scorer(output: str, reference: str) -> float:
    calls.append(("scorer", output, reference))
    return 1 if output == reference else 0.25


keys = [int(i) for i in rng.permutation(100)[:8]]
dataset = [
    {
        "id": k,
        "input": f"in{k}",
        "reference": f"{k}ni" if k % 2 else f"{k}"[::-1] + "ni",
        "topic": "t",
    }
    for k in keys
]
wanted = [
    {
        "id": e["id"],
        "output": e["input"][::-1],
        "score": 1.0 if e["input"][::-1] == e["reference"] else 0.25,
        "error": None,
    }
    for e in dataset
]
before = copy.deepcopy(dataset)
report = evaluate(model, dataset, scorer)
rows = list(report.rows)
place = next(
    (i for i, w in enumerate(wanted) if i >= len(rows) or not testing.close(rows[i], w)), 0
)
testing.check(
    testing.close(rows, wanted),
    "one row for each example in the order of the dataset, with id, output, score and error, and nothing else",
    inputs=before[place],
    got=rows[place] if place < len(rows) else f"{len(rows)} rows",
    expected=wanted[place],
)
testing.check(
    all(type(row["score"]) is not int for row in report.rows),
    "scores are floats, also where the scorer counts",
)
order = [c for e, w in zip(before, wanted, strict=True) for c in (
    ("model", e["input"]), ("scorer", w["output"], e["reference"])
)]  # fmt: skip
testing.check(
    sorted(calls) == sorted(order),
    "the model is called once for each example, with its input, and the scorer once, with output and "
    "reference in this order",
    got=calls[:4],
    expected=order[:4],
)
testing.check(
    [c for c in calls if c[0] == "model"] == [c for c in order if c[0] == "model"],
    "examples are run in the order of the dataset",
)
testing.check(
    testing.close(report.mean, sum(w["score"] for w in wanted) / 8),
    "mean is the mean of the scores",
)
testing.check(dataset == before, "the dataset, or a dict in it, is changed: make rows of your own")
testing.check(
    testing.close(
        evaluate(
            str.upper, [{"id": "a", "input": "x", "reference": "X"}], lambda o, r: o == r
        ).mean,
        1.0,
    ),
    "a scorer may return a bool",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q28-evaluate-hidden-errors", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what fails stays in the table (2 points)
### BEGIN HIDDEN TESTS
KINDS = {"t": TimeoutError, "v": ValueError, "k": KeyError, "o": OSError, "r": RuntimeError}
scored = []


def model(text: str) -> str:
    if text.startswith("m"):
        raise KINDS[text[1]]("the model failed")
    return text


def scorer(output: str, reference: str) -> float:
    scored.append(output)
    if output.startswith("s"):
        raise KINDS[output[1]]("the scorer failed")
    return 1.0


rng = testing.rng()
inputs = ["mt", "mv", "sk", "a", "so", "mr", "b", "sv"]
inputs = [inputs[i] for i in rng.permutation(8)]
dataset = [{"id": f"e{i}", "input": text, "reference": ""} for i, text in enumerate(inputs)]
wanted = [
    {
        "id": f"e{i}",
        "output": None if text[0] == "m" else text,
        "score": 1.0 if len(text) == 1 else 0.0,
        "error": KINDS[text[1]].__name__ if len(text) == 2 else None,
    }
    for i, text in enumerate(inputs)
]
try:
    report = evaluate(model, dataset, scorer)
except NotImplementedError:
    raise
except Exception as error:
    testing.check(
        False,
        "an exception of the model or the scorer, of whatever type, ends one example and not the run",
        inputs=inputs,
        got=type(error).__name__,
    )
for got, want in zip(report.rows, wanted, strict=False):
    testing.check(
        testing.close(got, want),
        "an example that failed keeps its row: score 0.0, the name of the exception's type, and the output "
        "if there was one; what came before it leaves no trace in it",
        got=got,
        expected=want,
    )
testing.check(len(report.rows) == 8, "every example has a row, whatever happened to it")
testing.check(
    testing.close(report.mean, 0.25),
    "errors count as 0 in the mean: leaving them out rewards failing on the hard examples",
    got=report.mean,
    expected=0.25,
)
low, high = report.ci
testing.check(
    testing.close(low, 0.0) and 0.5 - 1e-9 <= high <= 0.625 + 1e-9,
    "the interval is that of the same mean: rows with errors are resampled like all others",
    inputs="two scores 1 and six errors",
    got=(low, high),
    expected="(0.0, 0.5 to 0.625)",
)
testing.check(
    sorted(map(str, scored)) == sorted(t for t in inputs if t[0] != "m"),
    "where the model failed there is nothing to score: the scorer is not called",
)


def broken(text: str) -> str:
    raise ConnectionError("down")


report = evaluate(broken, dataset[:3], scorer)
testing.check(
    testing.close([report.mean, *report.ci], [0.0, 0.0, 0.0])
    and [row["error"] for row in report.rows] == ["ConnectionError"] * 3,
    "if the model fails on all examples, there is still a report: a row for each, mean 0, interval (0, 0)",
    inputs=f"{len(dataset[:3])} examples",
    got=report,
)


def about_nothing(output: str, reference: str) -> float:
    return 0.5 if output is None and reference == "" else 0.0


report = evaluate(testing.Always(None), dataset[:2], about_nothing)
wanted = [{"id": f"e{i}", "output": None, "score": 0.5, "error": None} for i in range(2)]
testing.check(
    testing.close(list(report.rows), wanted),
    "a model that returns None has not failed: its output is scored like any other",
    got=report.rows,
    expected=wanted,
)


def leaving(text: str) -> str:
    raise SystemExit("stopped")


testing.check(
    testing.raises(SystemExit, evaluate, leaving, dataset[:2], scorer),
    "catch Exception and no more: SystemExit, or the KeyboardInterrupt of whoever wants to stop the run, "
    "is no failure of an example",
    expected="SystemExit",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q28-evaluate-hidden-interval", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the interval of the mean (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
one = int(rng.integers(10))
# str and int, by their names, are called where the learner's code lives: int("1", 10) is a score
skewed = [{"id": i, "input": str(int(i == one)), "reference": 10} for i in range(10)]
low, high = evaluate(str, skewed, int).ci
testing.check(
    testing.close(low, 0.0) and 0.3 - 1e-9 <= high <= 0.4 + 1e-9,
    "the ends are quantiles of the means of resampled rows, not the mean plus and minus a multiple of its "
    "standard error: no resample has a mean below its lowest score",
    inputs="one score 1 and nine scores 0",
    got=(low, high),
    expected="(0.0, 0.3 to 0.4)",
)
n = 12
half = np.linspace(0.1, 0.5, n // 2) + 0.04 * rng.random(n // 2)
x = rng.permutation(np.concatenate([1 + half, 1 - half]))  # symmetric: theory is sharp here
dataset = [{"id": i, "input": str(round(1e6 * v)), "reference": 10} for i, v in enumerate(x)]
start = int(rng.integers(1000))
reports = testing.each(evaluate, [(str, dataset, int, start + i) for i in range(24)])
ends = np.array([report.ci for report in reports], float) / 1e6
error = x.std() / math.sqrt(n)  # of the mean
flat = ((x - 1) ** 4).mean() / x.var() ** 2 - 3  # excess kurtosis
z = 1.96 + (1.96**3 - 3 * 1.96) / 24 * flat / n
# over 24 seeds: mean width to 0.5 % of itself, so six standard errors are 3 %
testing.check(
    abs((ends[:, 1] - ends[:, 0]).mean() / (2 * z * error) - 1) < 0.03
    and abs(ends.mean() - 1) < 0.15 * error,
    "the ends are the 2.5 % and the 97.5 % quantile of the means of resampled rows",
    inputs="12 scores, 24 seeds",
    got=ends.mean(axis=0),
    expected=[1 - z * error, 1 + z * error],
)
testing.check(
    np.ptp(ends, axis=0).min() > 0,
    "another seed gives another interval: the resamples come from np.random.default_rng(seed)",
    got=ends[:2],
)
# from seed to seed an end varies by 0.057 standard errors with 2,000 resamples, by 0.17 with 200
testing.check(
    math.sqrt(ends.var(axis=0, ddof=1).mean()) < 0.1 * error,
    "with 2,000 resamples the ends hardly depend on the seed",
    got=ends[:4],
)
few = [{"id": i, "input": "x", "reference": float(r)} for i, r in enumerate(rng.random(30))]


def given(output: str, reference: float) -> float:
    return reference


first, again = (evaluate(testing.Always("x"), few, given, 3).ci for _ in range(2))
testing.check(testing.close(list(first), list(again)), "the same seed gives the same interval")
testing.check(
    testing.leaves_globals(evaluate, testing.Always("x"), few, given),
    "NumPy's global random state is not touched",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q28-evaluate-hidden-pairs", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the difference, example by example (2 points)
### BEGIN HIDDEN TESTS
import copy

from course.evaluation import Report

rng = testing.rng()


def report_of(ids: list, scores: list) -> Report:
    rows = [
        {"id": i, "output": "", "score": float(s), "error": None}
        for i, s in zip(ids, scores, strict=True)
    ]
    return Report(rows, float(np.mean(scores)), (0.0, 1.0))


n = 120
ids = [f"q{i}" for i in rng.permutation(n)]
theirs = rng.integers(0, 9, size=n) / 8
shuffled = rng.permutation(n)
a = report_of(ids, theirs + 0.125)
b = report_of([ids[i] for i in shuffled], theirs[shuffled])
testing.agree(
    paired_diff,
    [((a, b), (0.125, 0.125, 0.125)), ((b, a), (-0.125, -0.125, -0.125))],
    "every id differs by the same, so there is nothing to be unsure of: match rows by id and not by place, "
    "resample ids with both their scores, and subtract b from a",
)
ours = np.clip(theirs + rng.choice([-0.25, 0.0, 0.0, 0.25, 0.25], size=n), 0, 1)
a = report_of(ids, ours)
gap = ours - theirs
got = paired_diff(Report(a.rows, 0.5, (0.0, 1.0)), Report(b.rows, 0.5, (0.0, 1.0)))
testing.check(
    testing.close(got[0], gap.mean()),
    "diff is the mean of a's scores minus b's, worked out from the rows",
    got=got[0],
    expected=gap.mean(),
)
one = rng.permutation(10) == 0
low, high = paired_diff(report_of(range(10), 0.25 + one), report_of(range(10), np.full(10, 0.25)))[
    1:
]
testing.check(
    testing.close(low, 0.0) and 0.3 - 1e-9 <= high <= 0.4 + 1e-9,
    "the ends are quantiles of the means of resampled differences, not the mean plus and minus a multiple "
    "of its standard error",
    inputs="one difference 1 and nine differences 0",
    got=(low, high),
    expected="(0.0, 0.3 to 0.4)",
)
n = 12
half = np.linspace(0.1, 0.5, n // 2) + 0.04 * rng.random(n // 2)
gap = rng.permutation(np.concatenate([half, -half]))  # symmetric: theory is sharp here
base = 3 * rng.random(n)
few, start = [f"q{i}" for i in range(n)], int(rng.integers(1000))
pair = report_of(few, base + gap), report_of(few[::-1], base[::-1])
ends = np.array(testing.each(paired_diff, [(*pair, start + i) for i in range(24)]), float)[:, 1:]
error = gap.std() / math.sqrt(n)  # of the mean
flat = (gap**4).mean() / gap.var() ** 2 - 3  # excess kurtosis
z = 1.96 + (1.96**3 - 3 * 1.96) / 24 * flat / n
# over 24 seeds: mean width to 0.5 % of itself, so six standard errors are 3 %
testing.check(
    abs((ends[:, 1] - ends[:, 0]).mean() / (2 * z * error) - 1) < 0.03
    and abs(ends.mean()) < 0.15 * error,
    "the interval is that of the mean of the differences, 2.5 % cut off on each side; resampling the two "
    "systems apart makes it too wide",
    inputs="12 ids, 24 seeds",
    got=ends.mean(axis=0),
    expected=[-z * error, z * error],
)
testing.check(
    np.ptp(ends, axis=0).min() > 0,
    "another seed gives another interval: the resamples come from np.random.default_rng(seed)",
    got=ends[:2],
)
# from seed to seed an end varies by 0.057 standard errors with 2,000 resamples, by 0.17 with 200
testing.check(
    math.sqrt(ends.var(axis=0, ddof=1).mean()) < 0.1 * error,
    "with 2,000 resamples the ends hardly depend on the seed",
    got=ends[:4],
)
lost = {"output": None, "score": 0.0, "error": "TimeoutError"}
done = {"output": "x", "error": None}
testing.agree(
    lambda a, b: paired_diff(a, b)[0],
    [
        (
            (
                Report(
                    [
                        {"id": 1, **lost},
                        {"id": 2, **lost},
                        {"id": 3, "score": 1.0, **done},
                        {"id": 4, "score": 0.5, **done},
                    ],
                    0.375,
                    (0.0, 1.0),
                ),
                Report(
                    [
                        {"id": 1, "score": 1.0, **done},
                        {"id": 2, "score": 1.0, **done},
                        {"id": 3, **lost},
                        {"id": 4, "score": 0.5, **done},
                    ],
                    0.625,
                    (0.0, 1.0),
                ),
            ),
            -0.25,
        )
    ],
    "a row with an error counts with its score 0: leaving it out compares the systems on what went well",
)
a = report_of(ids, rng.random(len(ids)))
testing.check(
    testing.close(list(paired_diff(a, b, 5)), list(paired_diff(a, b, 5))),
    "the same seed, the same interval",
)
testing.check(
    testing.leaves_globals(paired_diff, a, b), "NumPy's global random state is not touched"
)
c, d = report_of(["x", "y", "z"], [1, 0, 1]), report_of(["z", "x", "y"], [0, 0, 1])
before = copy.deepcopy((c, d))
testing.check(
    testing.leaves_arguments(paired_diff, c, d) and (c, d) == before,
    "a report is changed: sort or match copies of its rows",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q28-evaluate-hidden-refused", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what cannot be evaluated or paired (1 point)
### BEGIN HIDDEN TESTS
from course.evaluation import Report

called = []


def model(text: str) -> str:
    called.append(text)
    return text


def one(output: str, reference: str) -> float:
    return 1.0


example = {"id": 1, "input": "x", "reference": "x"}
for dataset in ([], [example, {**example, "input": "y"}], [example, {**example, "id": 2}, example]):
    testing.check(
        testing.raises(ValueError, evaluate, model, dataset, one),
        "an empty dataset and repeated ids are refused with ValueError",
        inputs=dataset,
        expected="ValueError",
    )
testing.check(not called, "look at the dataset before the first call: calls cost money")
two = [example, {**example, "id": "1"}]
testing.check(
    not testing.raises(ValueError, evaluate, model, two, one),
    'ids are compared as they are: 1 and "1" are two ids',
    inputs=two,
    got="ValueError",
)


def report_of(*ids) -> Report:
    rows = [{"id": i, "output": "", "score": 1.0, "error": None} for i in ids]
    return Report(rows, 1.0, (1.0, 1.0))


for a, b in (
    ((1, 2), (1, 3)),
    ((1, 2), (1, 2, 3)),
    ((1, 2, 3), (1, 2)),
    ((1,), (2,)),
    ((1,), ("1",)),
):
    testing.check(
        testing.raises(ValueError, paired_diff, report_of(*a), report_of(*b)),
        "reports of different examples cannot be paired, also where one holds all of the other's: ValueError",
        inputs=(list(a), list(b)),
        expected="ValueError",
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
Your harness on the endpoint: the pilot's first 24 questions and one that is too long, two models, through the
`openai` client. (`NotImplementedError` until you have solved the exercise.)
"""

# %% tags=["demo"]
if serve is not None:
    from functools import partial

    questions = [
        {"id": i, "input": q.text, "reference": q.answer} for i, q in enumerate(pilot[:24])
    ]
    questions.append({"id": 24, "input": "Where? " * 1000, "reference": "nowhere"})

    def answer_of(client, model: str, text: str) -> str:
        return chat(client, model, text).choices[0].message.content

    def contains(output: str, reference: str) -> bool:
        return reference in output

    with serve.background() as client:
        reports = {
            name: evaluate(partial(answer_of, client, name), questions, contains)
            for name in ("draft", "instruct")
        }
    for name, report in reports.items():
        print(f"{name:9}", report, {row["error"] for row in report.rows} - {None})
    gap, low, high = paired_diff(reports["instruct"], reports["draft"])
    print(f"instruct - draft {gap:+.3f} [{low:+.3f}, {high:+.3f}]")

# %% [markdown]
r"""
### Exercise 28.6 · repair `rate`

●●○ · 15 minutes · 3 points · core

A judge that gives marks, as one often meets it. It runs on every reply there is, and it has three faults.

`rate(ask, question, answer, reference)` lets a model rate an answer from 1 to 5. `ask(prompt, schema)` is that
model: it gets a prompt and a JSON schema, and returns text. It is called once.

- **The prompt** contains the three lines `Question: ...`, `Reference: ...` and `Answer: ...`, with the three texts
  exactly as they were given, whatever they contain (braces, say, or spaces at their ends). The texts are of one
  line each.
- **The schema** describes an object with two properties, both required and no others allowed: `"reasoning"`, a
  string, and `"score"`, an integer from 1 to 5 (by `"minimum"` and `"maximum"` or by an `"enum"`). Replies are written in the order of the schema's `properties`, so
  their order is such that the judge can *use* its reasoning for its score.
- **The result** is the score, an int, if the reply is a JSON object (and nothing besides it) in which `"score"` is
  an integer from 1 to 5; what else the object holds does not matter. In every other case `ValueError`: not JSON, no
  object, no score, a score that is text (`"4"`), a fraction (4.5; 4.0 is not tested), `true`, or outside 1 to 5. A
  guess in place of a verdict would be a made-up measurement, and so would be a second try that nobody asked for.
  (`evaluate`, above, turns it into a row with an error.)

<details><summary>Hint 1</summary>

Try three things in your head: an answer that consists of `{reference}`; a reasoning that mentions a number, such as
"2 of 3 facts are right"; a reply that is not JSON.

</details>

<details><summary>Hint 2</summary>

Prompt: replace all three at once, or do not replace at all. Schema: which of the two keys should be written first?
Reply: parse it as JSON instead of searching it, and check type and range; mind that `True` is an `int` in Python.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q28-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
import json
import re


### BEGIN REPAIR
# TEMPLATE = """Rate the answer from 1 to 5.
# Question: {question}
# Reference: {reference}
# Answer: {answer}
# Reply in JSON."""
#
#
# def rate(ask, question: str, answer: str, reference: str) -> int:
#     """Let a model rate an answer from 1 to 5."""
#     schema = {
#         "type": "object",
#         "properties": {
#             "score": {"type": "integer", "minimum": 1, "maximum": 5},
#             "reasoning": {"type": "string"},
#         },
#         "required": ["score", "reasoning"],
#         "additionalProperties": False,
#     }
#     prompt = TEMPLATE.replace("{question}", question)
#     prompt = prompt.replace("{answer}", answer).replace("{reference}", reference)
#     reply = ask(prompt, schema)
#     found = re.search(r"\d+", reply)
#     return min(5, int(found.group())) if found else 1
### END REPAIR
### BEGIN SOLUTION
def rate(ask, question: str, answer: str, reference: str) -> int:
    """Let a model rate an answer from 1 to 5."""
    schema = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["reasoning", "score"],
        "additionalProperties": False,
    }
    prompt = (
        f"Rate the answer from 1 to 5.\nQuestion: {question}\nReference: {reference}\n"
        f"Answer: {answer}\nReply in JSON."
    )
    verdict = json.loads(ask(prompt, schema))  # JSONDecodeError is a ValueError
    score = verdict.get("score") if isinstance(verdict, dict) else None
    if type(score) is not int or not 1 <= score <= 5:
        raise ValueError(f"the judge's reply holds no score from 1 to 5: {verdict!r}")
    return score


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q28-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
told = []


def generous(prompt: str, schema: dict) -> str:
    told.append((prompt, schema))
    return '{"reasoning": "As the reference has it.", "score": 4}'


testing.agree(rate, [((generous, "Who?", "Ann.", "Ann"), 4)], "the score of the reply")
prompt, schema = told[0]
for line in ("Question: Who?", "Reference: Ann", "Answer: Ann."):
    assert line in prompt.splitlines(), f"the prompt has the line {line!r}"
assert set(schema["properties"]) == {"reasoning", "score"}, "the schema has two properties"

# %% nbgrader={"grade": true, "grade_id": "q28-repair-hidden-order", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: reasoning before the score (1 point)
### BEGIN HIDDEN TESTS
told = []


def asked(prompt: str, schema: dict) -> str:
    told.append(schema)
    return '{"reasoning": "Fine", "score": 3}'


testing.check(rate(asked, "Who?", "Ann", "Bea") == 3, "the score of the reply")
testing.check(len(told) == 1, "the model is asked once", got=len(told), expected=1)
schema = told[0]
names = schema.get("properties") if isinstance(schema, dict) else None
testing.check(
    isinstance(names, dict) and sorted(names) == ["reasoning", "score"],
    "the schema is a dict whose properties are reasoning and score",
    got=schema,
)
testing.check(
    list(names) == ["reasoning", "score"],
    "a judge that writes its score first has not reasoned yet: what comes behind the number cannot have "
    "had a part in it",
    got=schema,
    expected=["reasoning", "score"],
)
testing.check(
    schema.get("type") == "object"
    and isinstance(schema.get("required"), (list, tuple))
    and sorted(schema["required"]) == ["reasoning", "score"]
    and schema.get("additionalProperties") is False,
    "what the schema demanded before must stay: an object, with both keys, and no others",
    got=schema,
)


def allowed(spec: dict) -> list[int]:
    """Which whole numbers near the scale a subschema lets through."""
    low, high = spec.get("minimum", -99), spec.get("maximum", 99)
    above, below = spec.get("exclusiveMinimum", -99), spec.get("exclusiveMaximum", 99)
    among = [n for n in spec.get("enum", range(-9, 20)) if type(n) is int]
    return sorted(n for n in among if low <= n <= high and above < n < below)


reasoning, score = names["reasoning"], names["score"]
testing.check(
    isinstance(reasoning, dict) and reasoning.get("type") == "string",
    "what the schema demanded before must stay: the reasoning is a string",
    got=schema,
)
try:
    scale = allowed(score) if "enum" in score or score.get("type") == "integer" else "any type"
except (AttributeError, TypeError):  # what the learner wrote is no schema
    scale = "no schema"
testing.check(
    scale == [1, 2, 3, 4, 5] and score.get("type", "integer") == "integer",
    "what the schema demanded before must stay: the score is an integer, from 1 to 5",
    inputs=schema,
    got=scale,
    expected=[1, 2, 3, 4, 5],
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q28-repair-hidden-reply", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: which replies are a verdict (1 point)
### BEGIN HIDDEN TESTS
import json

rng = testing.rng()
a, b = (int(i) for i in rng.permutation([1, 2, 3, 4, 5])[:2])
testing.agree(
    rate,
    [
        ((testing.Always(json.dumps({"reasoning": text, "score": s})), "q", "a", "r"), s)
        for text, s in (
            (f"{b} of 5 facts are right", a),
            ("Founded in 1204, as the reference says", a),
            ('The answer says "score": 5', b),
            ("", 1),
            ("{}", 5),
        )
    ]
    + [
        ((testing.Always(json.dumps(verdict)), "q", "a", "r"), verdict["score"])
        for verdict in ({"score": a}, {"score": b, "reasoning": ["x"], "mood": None})
    ],
    "read the score out of the parsed object: the reasoning may mention numbers, and comes first; what else "
    "the object holds does not matter",
)
bad = [
    "",
    "5",
    "Score: 4",
    'Here it is: {"reasoning": "x", "score": 4}',
    '{"reasoning": "x", "score": 4} Done.',
    '{"reasoning": "x", "score": 4}{"reasoning": "x", "score": 2}',
    '{"reasoning": "x", "score": 4',
    "[4]",
    '[{"reasoning": "x", "score": 4}]',
    "null",
    '{"reasoning": "4 of 5"}',
    '{"reasoning": "x", "score": "4"}',
    '{"reasoning": "x", "score": 3.5}',
    '{"reasoning": "x", "score": true}',
    '{"reasoning": "x", "score": null}',
    '{"reasoning": "x", "score": 0}',
    '{"reasoning": "x", "score": 6}',
    '{"reasoning": "x", "score": 10}',
    '{"reasoning": "x", "score": -2}',
]
for reply in bad:
    testing.check(
        testing.raises(ValueError, rate, testing.Always(reply), "q", "a", "r"),
        "a reply without a valid score is refused with ValueError: no default, no clipping, no search for "
        "digits, no conversion, and nothing beside the object",
        inputs=reply,
        expected="ValueError",
    )
asked = []


def babbling(prompt: str, schema: dict) -> str:
    asked.append(prompt)
    return replies[min(len(asked), len(replies)) - 1]


good = '{"reasoning": "x", "score": 2}'
for reply in ("Score: 4", "[4]", '{"reasoning": "x"}', '{"reasoning": "x", "score": 9}'):
    asked.clear()
    replies = [reply, good]
    refused = testing.raises(ValueError, rate, babbling, "q", "a", "r")
    testing.check(
        refused and len(asked) == 1,
        "the model is asked once, also where its reply is no verdict: whoever calls may try again",
        inputs=reply,
        got=f"{len(asked)} calls, {'ValueError' if refused else 'no ValueError'}",
        expected="1 call, ValueError",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q28-repair-hidden-prompt", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: texts that look like placeholders (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
secret = f"value {int(rng.integers(1000, 10000))}"
prompts = []


def listening(prompt: str, schema: dict) -> str:
    prompts.append(prompt)
    return '{"reasoning": "x", "score": 1}'


for question, answer, reference in (
    ("Who?", "{reference}", secret),
    ("Is it {answer}?", "no", secret),
    ("{reference}", "{question}", secret),
    ("What is {}?", "{0} and {{x}} and \\1", "100 %s {y}"),
    ("What does {question} mean?", "{answer}", "{question} {answer}"),
    ("  Who, then? ", " Ann  ", f" {secret}  "),
):
    prompts.clear()
    rate(listening, question, answer, reference)
    lines = [f"Question: {question}", f"Reference: {reference}", f"Answer: {answer}"]
    testing.check(
        len(prompts) == 1 and all(line in prompts[0].splitlines() for line in lines),
        "texts go into the prompt literally: an answer that says {reference} must not be filled with the "
        "reference, or it earns full marks; spaces stay too",
        inputs=(question, answer, reference),
        got=prompts,
        expected=lines,
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

*"LLM-as-a-judge is reliable: about 80 % agreement with humans."* Here are three judges of `instruct`'s answers to
150 questions in trained wordings, and how often each agrees with the truth. One has a look at nothing at all.
"""

# %% tags=["demo"]
easy = exam(150, "train")
replies = answers_of("instruct", easy)
people = scores(easy, replies) == 1
coin = np.random.default_rng(1).random(len(easy)) < 0.1
raters = {
    "says good to all": np.ones(len(easy), bool),
    "good if it names the subject": np.array(
        [q.facts[0].subject in text for q, text in zip(easy, replies, strict=True)]
    ),
    "reads, errs in one of ten": people ^ coin,
}
print(f"right answers: {people.mean():.2f}")
print("                              agreement   by chance   kappa   wrong answers found")
for name, verdict in raters.items():
    observed = (verdict == people).mean()
    chance = people.mean() * verdict.mean() + (1 - people.mean()) * (1 - verdict.mean())
    found = (~verdict & ~people).sum()
    print(
        f"{name:30} {observed:8.2f} {chance:11.2f} {(observed - chance) / (1 - chance):8.2f}"
        f"   {found} of {(~people).sum()}"
    )

# %% [markdown]
r"""
The judge that never looks agrees more often than 80 %, and it has found no wrong answer. Nearly the same agreement
belongs to a judge that finds most of them. What did the 80 % say? Zheng et al. (2023) found that a strong judge
agrees with people in over 80 % of the cases, as often as people agree with each other, on *pairs* of answers to
their benchmark, counting only votes that were no ties. It is a result about one judge, one task and one
distribution of answers. Whoever uses another judge, task or distribution has to measure again: label a few hundred
cases by hand, enough of them bad, and report kappa, and how many of the bad ones are found.
"""

# %% [markdown]
r"""
### If they push

**"How many examples do you need?"**

<details><summary>Answer</summary>

For a difference $d$ between two systems, at the usual 5 % and a power of 80 %: $n \approx (1.96 + 0.84)^2\,\sigma^2
/ d^2$, where $\sigma^2$ is the variance of the per-example *difference*. If the systems disagree on a fifth of the
examples, $\sigma^2 \approx 0.2$: for $d = 0.1$ about 160 examples, for $d = 0.03$ about 1,700. Half the difference
costs four times the examples. If that is not affordable, say that you cannot tell.

</details>

**"We tried twenty prompts and took the best. Its interval excludes zero."**

<details><summary>Answer</summary>

Of twenty prompts that are no better and no worse, one has a 95 % interval without zero on average; and the best of
twenty scores looks better than it is, because it was chosen for its luck. Choose on one set, report on another that
was not touched. For the same reason a set that has been used for a year of decisions is worn out, and one that
stands on the web may be in the training data.

</details>

**"And at temperature 1?"**

<details><summary>Answer</summary>

Then there is a second source of noise: the same question gets another answer. Take several samples of each question
and average them first; that removes part of this noise, and the interval over questions stays as it is, with the
averages as rows. Do not count the samples as independent rows: that is the clustering of *See it*. And temperature
0 is no remedy, since it measures another system than the one that users get.

</details>

**"What runs in production, where nobody has references?"**

<details><summary>Answer</summary>

Layers. On every request what is cheap: schema, length, refusals, latency, cost, errors. On a sample a judge,
calibrated against people, whose sample is drawn at random, plus one drawn where trouble is likely (reported apart,
for it is not representative). Signals of users: edits, repeats, complaints; thumbs are few and biased. Changes
behind an A/B test. And every failure that is understood becomes an example of the fixed set, so that it stays
repaired.

</details>

**"May a model judge its own answers?"**

<details><summary>Answer</summary>

Better not alone. Panickssery, Bowman and Feng (2024) found that models such as GPT-4 and Llama 2 recognise their
own texts better than by chance, and that the preference for them grows with that ability. Position and length can
be swapped or controlled; here take a judge of another family, or several, and look whether the ranking stays the
same.

</details>

**"Why not simply the cosine of embeddings to a reference answer?"**

<details><summary>Answer</summary>

It measures the topic. "The contract ends in May" and "The contract does not end in May" are close neighbours; a
right answer in other words may be further away (question 12). As a cheap alarm for answers that are off the topic
it is useful, as a measure of correctness not.

</details>
"""

# %% [markdown]
r"""
### Sources

- Cohen (1960), *A Coefficient of Agreement for Nominal Scales*, Educational and Psychological Measurement 20.
  Feinstein, Cicchetti (1990), *High agreement but low kappa*, Journal of Clinical Epidemiology 43: kappa's
  dependence on the base rate, which they call a paradox; whether it is a fault of kappa or its point is
  **contested**.
- Efron (1979), *Bootstrap Methods: Another Look at the Jackknife*, The Annals of Statistics 7.
- Chen et al. (2021), *Evaluating Large Language Models Trained on Code*, arXiv 2107.03374: the unbiased pass@k;
  HumanEval.
- Zheng et al. (2023), *Judging LLM-as-a-Judge with MT-Bench and Chatbot Arena*, arXiv 2306.05685: agreement;
  position, verbosity and self-enhancement bias.
- Dubois, Galambosi, Liang, Hashimoto (2024), *Length-Controlled AlpacaEval*, arXiv 2404.04475.
- Panickssery, Bowman, Feng (2024), *LLM Evaluators Recognize and Favor Their Own Generations*, arXiv 2404.13076.
- Miller (2024), *Adding Error Bars to Evals*, arXiv 2411.00640: clustered errors, paired differences, planning.
- OpenAI, *Structured model outputs* (guide): JSON mode against schemas, order of keys. The order is cited after
  reports that quote the guide, seen in November 2026.
"""
