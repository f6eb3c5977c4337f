# %% [markdown]
r"""
## Q33. How is factuality measured?

*Medium · 70 minutes · needs nothing of this notebook*
"""

# %% [markdown]
r"""
### Say it

> Factuality is measured against a source of truth, and every benchmark measures one slice of it. For short
> questions there are three outcomes: right, wrong, not attempted. Accuracy throws the last two together, so it
> can only reward guessing; therefore one also reports how much was attempted and how much of that was right, or
> takes points off for a wrong answer, which fixes the confidence from which answering pays. Long text is cut into
> atomic facts, and FActScore is the share of them that a source supports, averaged over the answers that were not
> refused, and reported with the share of those. That is precision: it does not see what was left out,
> it is only as good as the splitter and the verifier, and it can be padded.
"""

# %% [markdown]
r"""
### See it

**A biography, fact by fact.** Two of the lab's models are asked about two people. One exists in the
course's little world. The other has a first and a family name from it, and nobody bears both. `instruct` was also
taught to say that it does not know something; `instruct-noabstain` never was.
"""

# %% tags=["demo"]
import random

from course import lab, serve, world
from course.world.generate import kept_for_tests, near_miss

home = world.make_world()
rng = random.Random(33)
people = rng.sample(home.of_kind("person"), 40)
nobodies = []
while len(nobodies) < 40:
    name = near_miss(home, rng.choice(people), rng)
    if kept_for_tests(name):  # a name that stands in no training text
        nobodies.append(name)
models = ("instruct", "instruct-noabstain")
print("real:", people[0], " invented:", nobodies[0])

# %% [markdown]
r"""
A program that knows the world is the verifier. It is asked two things of a sentence: does the source support
it, and is it *about the person that was asked for*? Sentences that say that something is not known are no facts,
neither true nor false. In this model's biographies a sentence holds one fact, so cutting them up is easy; elsewhere a
sentence holds several ("a Danish painter, born in Skagen in 1881, ..."), and a language model cuts it.
"""


# %% tags=["demo"]
def facts_of(text: str) -> list[str]:
    """The sentences that state something."""
    unknown = ("not known to me", "I know nothing")
    return [s for s in world.sentences(text) if not any(words in s for words in unknown)]


def verdict(sentence: str, topic: str) -> str:
    read = world.check(home, sentence)
    if read.verdict is world.Verdict.FALSE:
        return "contradicted"
    if read.verdict is world.Verdict.OTHER:
        return "not in the source"
    return "supported" if read.subject == topic else "true of another"


# %% tags=["demo"]
try:
    with serve.background() as client:  # an openai.OpenAI; the models answer over HTTP
        for name in (people[0], nobodies[0]):
            question = [{"role": "user", "content": f"Tell me about {name}."}]
            for which in models:
                done = client.chat.completions.create(model=which, messages=question, temperature=0)
                print(f"\n{which}: {question[0]['content']}")
                for sentence in world.sentences(done.choices[0].message.content):
                    stated = sentence in facts_of(sentence)
                    print(f"  {verdict(sentence, name) if stated else 'not a fact':17}  {sentence}")
except ImportError as error:
    print(f"This cell needs {error.name}: pip install -c requirements.txt -e '.[serve]'")

# %% [markdown]
r"""
The same lines talk to any other endpoint that speaks this API, with a key from the environment (not run here):

```python
import os

import openai

client = openai.OpenAI(base_url="https://models.example.com/v1", api_key=os.environ["API_KEY"])
client.chat.completions.create(model="some-model", messages=question, temperature=0)
```

The verifier would then be another one too: a language model that reads retrieved passages of a source, one fact at
a time.
"""

# %% [markdown]
r"""
#### FActScore

Now forty of each. Several hundred answers would take long one by one over HTTP, so the next function asks the
lab's models directly, all in one batch. It also returns each answer's probability, the product of its
tokens' probabilities, which an API gives as `logprobs`; that is for later.
"""


# %% tags=["demo"]
@torch.inference_mode()
def replies_of(name: str, prompts: list[str], new: int = 24, T: float = 0.0):
    """Answers to the prompts, and the probability of each."""
    model, tokenizer = lab.load(name), lab.tokenizer(name)
    chats = [[{"role": "user", "content": prompt}] for prompt in prompts]
    texts = tokenizer.apply_chat_template(chats, add_generation_prompt=True, tokenize=False)
    batch = tokenizer(
        texts, padding=True, padding_side="left", add_special_tokens=False, return_tensors="pt"
    )
    rules = {"do_sample": True, "temperature": T, "top_k": 0} if T else {"do_sample": False}
    torch.manual_seed(0)
    out = model.generate(
        batch.input_ids, attention_mask=batch.attention_mask, max_new_tokens=new,
        output_scores=True, return_dict_in_generate=True, **rules,
    )  # fmt: skip
    logprobs = model.compute_transition_scores(out.sequences, out.scores, normalize_logits=True)
    written = out.sequences[:, batch.input_ids.shape[1] :]
    special = (written == tokenizer.pad_token_id) | (written == tokenizer.eos_token_id)
    probability = logprobs.masked_fill(special, 0.0).sum(dim=1).exp().double().numpy()
    answers = tokenizer.batch_decode(written, skip_special_tokens=True)
    return [text.strip() for text in answers], probability


# %% [markdown]
r"""
For each answer the share of its facts that are supported, and then the mean over all answers that state anything:
"FActScore, without length penalty". The last column forgets to ask who the fact is about.
"""


# %% tags=["demo"]
def biographies(model: str, names: list[str], T: float = 0.0) -> dict[str, float]:
    """Share answered, facts per answer, and the mean share supported, in two ways."""
    texts, _ = replies_of(model, [f"Tell me about {name}." for name in names], new=130, T=T)
    rows = []
    for name, text in zip(names, texts, strict=True):
        if facts := facts_of(text):
            found = [verdict(fact, name) for fact in facts]
            about, true = found.count("supported"), found.count("true of another")
            rows.append((len(facts), about / len(facts), (about + true) / len(facts)))
    count, about, either = np.mean(rows, axis=0)
    return {
        "answered": len(rows) / len(names), "facts": count, "score": about, "any subject": either,
    }  # fmt: skip


groups = {"real": (people, 0.0), "real, T = 1": (people, 1.0), "invented": (nobodies, 0.0)}
table = {(m, g): biographies(m, *settings) for m in models for g, settings in groups.items()}
print(f"{'':32} answered   facts   score   any subject")
for (which, group), row in table.items():
    print(f"{which:19}{group:13}", *(f"{value:8.2f}" for value in row.values()))

# %% [markdown]
r"""
Read the table like this, if your run is like ours.

- *Real people, greedy*: both models know nearly everything, for they were trained on it. A benchmark that a model has
  seen measures memory.
- *Real people, T = 1*: the score alone prefers `instruct`. But it declined to answer some, and those answers are not
  in the mean. That is why the share answered stands beside every FActScore.
- *Invented people*: there is nothing to support, and the score is 0 as it should be. The last column is not: those
  biographies slide over to somebody who exists, and a verifier that is not told the topic finds their facts true.
- `instruct` declines most *single questions* about such names (below), and hardly any biography of them. Its training had
  declined questions about names that are nearly right, but biographies only of names that are wholly new. Abstaining carried
  over to single sentences only (look at the facts per answer), not to whole biographies, and a benchmark of questions would not have
  told you.
"""

# %% [markdown]
r"""
**Short answers.** One sure fact has precision 1. FActScore therefore has an optional length penalty: with
fewer than $\gamma$ facts an answer's share is multiplied by $e^{1-\gamma/n}$. The authors' code has
$\gamma = 10$ by default, which was about two sentences of the biographies that they looked at, and reports the score
without it too.
"""

# %% tags=["demo"]
from course import figures

n = np.arange(1, 21)
fig, ax = figures.subplots(size=(5, 2.6))
for gamma, style in ((5, "--"), (10, "-")):
    ax.plot(
        n, np.exp(np.minimum(0.0, 1 - gamma / n)), style, marker=".", label=f"$\\gamma$ = {gamma}"
    )
ax.set(xlabel="facts in the answer", ylabel="factor", ylim=(-0.05, 1.08), xticks=range(0, 21, 5))
ax.legend(frameon=False, loc="lower right")
at = {k: float(np.exp(1 - 10 / k)) for k in (1, 3, 7)}
figures.show(
    fig,
    "The penalty's factor against the number of facts: it rises from nearly 0 to 1, reached at gamma facts. "
    "For gamma = 10: " + ", ".join(f"{v:.4f} at {k}" for k, v in at.items()) + ".",
)

# %% [markdown]
r"""
Here a sentence has one fact and a person's biography has seven, so $\gamma = 10$ would punish every one of them. The number has to fit what a good
answer looks like, and scores with different $\gamma$ cannot be compared.
"""

# %% [markdown]
r"""
#### Three outcomes

Single questions have one right answer, and grading is easy. SimpleQA (Wei et al., 2024) grades each answer as *right*,
*wrong* or *not attempted*. Four kinds of questions, a hundred of each: facts that training asked about, now in a wording that it
never used; facts that stood only in prose; names that are nearly right; names that are wholly new. Of the last two the
right thing to say is that one does not know.
"""

# %% tags=["demo"]
from course.world.chats import known_question
from course.world.generate import asked
from course.world.questions import fact_question, near_miss_question, unknown_question

rng = random.Random(1)
prose = [fact for fact in home.facts() if not asked(fact)]
kinds = {
    "new wording": [known_question(home, rng, "heldout") for _ in range(100)],
    "prose only": [fact_question(rng.choice(prose), rng) for _ in range(100)],
    "nearly a name": [near_miss_question(home, rng, tested=True) for _ in range(100)],
    "new name": [unknown_question(home, rng, "heldout") for _ in range(100)],
}


def grade(text: str, gold: str) -> str:
    if "not known to me" in text or "I know nothing" in text:
        return "not attempted"
    return "right" if text == f"{gold}." else "wrong"


# %% tags=["demo"]
grades, sure = {}, {}
print(f"{'':34} right  wrong  not attempted")
for which in models:
    for kind, questions in kinds.items():
        texts, sure[which, kind] = replies_of(which, [q.text for q in questions])
        found = [grade(text, q.answer) for text, q in zip(texts, questions, strict=True)]
        grades[which, kind] = found
        counts = [found.count(g) for g in ("right", "wrong", "not attempted")]
        print(f"{which:20}{kind:14}{counts[0]:5}{counts[1]:7}{counts[2]:10}")

# %% [markdown]
r"""
`instruct` has paid for its caution: of the facts that it saw in prose only it declines some that the other model
answers, mostly rightly. With the names that nobody bears it is the other way round. Which of the two is the better
model? That depends on the figure that one reads. The questions of the first two kinds alone, as SimpleQA would have them
(each of its questions has an answer), and all four kinds together:
"""


# %% tags=["demo"]
def summary(found: list[str]) -> list[float]:
    """Accuracy, attempted, right of the attempted, and points if a wrong answer costs 1, 3 or 9."""
    right, wrong = found.count("right"), found.count("wrong")
    total = len(found)
    points = [(right - penalty * wrong) / total for penalty in (1, 3, 9)]
    return [right / total, (right + wrong) / total, right / (right + wrong), *points]


suites = {"answerable": list(kinds)[:2], "all four": list(kinds)}
print(f"{'':32} accuracy attempted given att.   -1      -3      -9")
for suite, chosen in suites.items():
    for which in models:
        row = summary([g for kind in chosen for g in grades[which, kind]])
        print(f"{suite:12}{which:20}", *(f"{value:8.2f}" for value in row))
widest = [f"± {0.98 / math.sqrt(100 * len(chosen)):.2f}" for chosen in suites.values()]
print("the first two columns, 95 %, at most:", *widest, "(the two lists)")

print("\ninstruct minus instruct-noabstain, points a question, paired, with 95 % intervals")
for suite, chosen in suites.items():
    print(f"{suite:12}", end="")
    for penalty in (0, 1, 3, 9):
        worth = {"right": 1, "wrong": -penalty, "not attempted": 0}
        first, second = (
            np.array([worth[g] for kind in chosen for g in grades[which, kind]]) for which in models
        )
        gain = first - second  # the same question, asked of both
        half = 1.96 * gain.std(ddof=1) / math.sqrt(len(gain))
        print(f"  {-penalty:2}: {gain.mean():5.2f} ± {half:.2f}", end="")
    print()

# %% [markdown]
r"""
- **Accuracy prefers the model that never declines**, on both lists, although on the second it has invented an
  answer to every question that had none. A wrong answer and no answer cost the same there: nothing.
- **Right of the attempted** is the opposite extreme: a model that answers one question, rightly, and declines all others
  scores 1. So the two are reported together, or their harmonic mean, which SimpleQA calls F-score.
- **Points** say what a mistake costs. On the list with invented names the order turns over between no penalty and the
  smallest of the three; on the other list look at the intervals: where they hold 0, these questions leave open which model is ahead, and at -9
  they are wide, since a few wrong answers decide there. Which penalty is the right one is a property of the product, not of the models: a wrong dose and a wrong film title do
  not cost the same.
"""

# %% [markdown]
r"""
#### What a scoring rule asks for

Suppose a right answer gives 1 point, none gives 0, and a wrong one costs $k$. Someone who is right with probability $p$
can expect $p - k(1-p)$ from answering. That is more than 0 exactly if

$$p > \frac{k}{1+k}.$$

At $k = 0$, which is accuracy, answering always pays, however small the chance. The penalty is a confidence threshold in
disguise. Kalai et al. (2025) propose to write it into the question: answer only if you are more than $t$ confident, since mistakes
cost $t/(1-t)$ points. (Check it: $t = 0.75$ gives 3. The paper, in its version of September 2025, prints 2.)
"""

# %% tags=["demo"]
p = np.linspace(0, 1, 101)
fig, ax = figures.subplots(size=(5, 2.8))
for k, style in ((0, "-"), (1, "--"), (3, ":")):
    ax.plot(p, p - k * (1 - p), style, label=f"k = {k}: above {k / (1 + k):.2f}")
ax.axhline(0, linewidth=0.8)
ax.set(xlabel="chance of being right", ylabel="expected points", ylim=(-1.6, 1.7))
ax.legend(frameon=False, loc="upper left")
figures.show(
    fig,
    "Expected points of answering against the chance of being right: three lines that meet at 1 and "
    "cross zero at 0, 0.50 and 0.75 for a penalty of 0, 1 and 3.",
)

# %% [markdown]
r"""
**Turning a guesser into an abstainer.** `instruct-noabstain` never declines, but its answers have probabilities. Let
an application decline in its place, wherever that probability is below a threshold. If probabilities were honest,
$k/(1+k)$ would be the best threshold. On the left the questions that have an answer, on the right all four kinds.
"""


# %% tags=["demo"]
def points(chosen: list[str], threshold: float, k: float) -> float:
    """Points a question when only answers at least so probable are given."""
    given = np.concatenate([sure["instruct-noabstain", kind] for kind in chosen]) >= threshold
    right = np.array([g == "right" for kind in chosen for g in grades["instruct-noabstain", kind]])
    return float((given & right).mean() - k * (given & ~right).mean())


thresholds = np.linspace(0, 1, 101)
fig, axes = figures.subplots(1, 2, sharey=True, size=(8, 2.9))
told = []
for ax, (suite, chosen) in zip(axes, suites.items(), strict=True):
    for k, style in ((0, "-"), (1, "--"), (3, ":")):
        curve = [points(chosen, t, k) for t in thresholds]
        ax.plot(thresholds, curve, style, label=f"k = {k}")
        ax.plot(k / (1 + k), points(chosen, k / (1 + k), k), "o", color=figures.INK)
        told.append(
            f"{suite}, k = {k}: {points(chosen, k / (1 + k), k):.2f} at k/(1+k), {max(curve):.2f} at best"
        )
    ax.set(title=suite, xlabel="threshold", ylim=(-1.6, 1.0))
axes[0].set_ylabel("points a question")
axes[0].legend(frameon=False, loc="lower left")
figures.show(
    fig,
    "Two charts of points a question against the threshold, for penalties of 0, 1 and 3; a dot marks "
    "k/(1+k). " + "; ".join(told) + ".",
)

# %% tags=["demo"]
for suite, chosen in suites.items():
    own = [g for kind in chosen for g in grades["instruct", kind]]
    for k in (0, 1, 3, 9):
        trained = (own.count("right") - k * own.count("wrong")) / len(own)
        print(
            f"{suite:11} k = {k}:  always answering {points(chosen, 0, k):6.2f}   "
            f"threshold k/(1+k) {points(chosen, k / (1 + k), k):6.2f}   instruct {trained:6.2f}"
        )

# %% [markdown]
r"""
Read it in three steps, if your run is like ours.

- Where every question has an answer, declining below $k/(1+k)$ gets more points than always answering as soon as errors cost
  something, and more than the model that was taught to decline. The probabilities mean something here. But the dot of $k = 3$ lies right of its curve's top: the
  model is too modest about facts that it has read in prose only, and is right more often than their probabilities say.
- With invented names the dots lie left of the top. About names that it never saw the model is surer than it
  has a right to be (which is not at all), so a higher threshold would have been better. Whether the model that was
  trained to decline does better than the threshold (the last two columns) depends on the penalty: neither is ahead at all four of
  them, and at the largest penalty the wrong answers that it did give weigh most.
- So $k/(1+k)$ is right for honest confidences only. For others the threshold is *measured*, on labelled questions like
  those of the product, invented names included. That is exercise 33.3.
"""

# %% [markdown]
r"""
#### What the benchmarks measure

Their names are often dropped together. They do not measure the same thing. (As of the papers; sources below.)

| Benchmark | What it asks for | Compared with | Figure | What it does not show |
|---|---|---|---|---|
| TruthfulQA (2021) | 817 questions in 38 categories, written so that some people would answer falsely | reference answers | share of truthful, and of truthful and informative answers; at the time people 94 %, the best model 58 % | knowledge in general: it is about falsehoods that models *imitate* |
| HaluEval (2023) | *recognising* a hallucination: 30,000 made by ChatGPT for questions, dialogues and summaries, 5,000 of its answers labelled by people | labels | accuracy of yes or no | how much the model itself invents |
| FActScore (2023) | biographies | Wikipedia | share of atomic facts supported; ChatGPT had 58 % | what is left out; anything outside biographies |
| SimpleQA (2024) | 4,326 short questions with a single answer, collected against GPT-4 | reference answers | right, wrong, not attempted | long answers; work with tools. *SimpleQA Verified* (2025) is a cleaned list of 1,000, since labels were noisy |
| BAMBOO (2023) | five tasks on long texts, up to 4,000 or 16,000 tokens; only one of them is detecting hallucinations | each task's own | each task's own | faithfulness to whole books |
| FABLES (2024) | summaries of 26 works of fiction that appeared in 2023 and 2024 | people who had read them | share of 3,158 claims faithful to the book | truth about the world; and no automatic judge followed the people well |

Two questions sort them. *True of what?* Of the world (TruthfulQA, SimpleQA), of one source (FActScore), of the text that was given
(FABLES, HaluEval's summaries; question 22). And *who writes?* The model under test, or somebody else whose errors it has to find.
"""

# %% [markdown]
r"""
### Build it

Three exercises: the score of a long answer, what a scoring rule is worth, and the repair of a factuality check as it is
often written. A fourth is extra: choosing a threshold from labelled answers.
"""

# %% [markdown]
r"""
### Exercise 33.1 · `factscore`

●●○ · 15 minutes · 4 points · core

Write `factscore(facts, supported, gamma=10)`, the score of one answer.

- `facts` is a list of strings. `supported(fact)` asks the source and returns `True`, `False`, or `None` where the source
  says nothing about it. Only `True` counts as supported.
- Facts that are equal, letter by letter, count once; all others are different facts, whatever they look like (also `"A "` and `""`). Ask once for each different fact, in the order of their
  first places.
- The score is the share of the different facts that are supported. If their number n is below `gamma`, it is multiplied by
  $e^{1-\gamma/n}$. `gamma` is an int or a float, at least 0; at 0 there is no penalty.
- No facts: `None`, since nothing was claimed. That is an abstention, not a zero.
- `facts` is a string instead of a list: `TypeError`. (A string can be looped over, and would be taken for a list of
  its letters.)
- `facts` is not changed.

By hand: `["A", "B", "A", "C"]`, where A is supported, B is `None` and C is `False`, has three facts and a share of 1/3.
With `gamma=0` or `gamma=3` that is the score; with `gamma=6` it is $e^{-1}/3$, about 0.1226.

<details><summary>Hint 1</summary>

What is n if a fact stands there twice? And how often is the source asked about it?

</details>

<details><summary>Hint 2</summary>

The two special cases first; which of them has to be the very first? Everything else is computed from a list without repetitions that keeps the
order (`set` does not keep it; what does?).

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q33-factscore", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Callable


def factscore(
    facts: list[str], supported: Callable[[str], bool | None], gamma: float = 10
) -> float | None:
    """Return the share of an answer's facts that are supported, with a penalty for few facts."""
    ### BEGIN SOLUTION
    if isinstance(facts, str):
        raise TypeError("facts is a list of strings, not one string.")
    different = list(dict.fromkeys(facts))
    if not different:
        return None
    n = len(different)
    share = sum(supported(fact) is True for fact in different) / n
    return share * math.exp(1 - gamma / n) if n < gamma else share
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q33-factscore-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)


def source(fact: str) -> bool | None:
    return {"A": True, "B": None, "C": False}[fact]


testing.agree(
    factscore,
    [
        ((["A", "B", "A", "C"], source), {"gamma": 0}, 1 / 3),
        ((["A", "B", "A", "C"], source), {"gamma": 3}, 1 / 3),
        ((["A", "B", "A", "C"], source), {"gamma": 6}, math.exp(-1) / 3),
        (([], source), None),
    ],
    "the share of the different facts that are supported, times exp(1 - gamma / n) if n < gamma",
)

# %% nbgrader={"grade": true, "grade_id": "q33-factscore-hidden-penalty", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the length penalty (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def even(fact: str) -> bool:
    return int(fact) % 2 == 0


cases = []
for n in (1, 2, 3, 7, 9, 10, 11, 24):
    numbers = [str(int(i)) for i in rng.permutation(60)[:n]]
    if not any(even(x) for x in numbers):
        numbers[0] = "100"
    share = sum(even(x) for x in numbers) / n
    for gamma in (0, 1, 2.5, 10, 24):
        factor = math.exp(1 - gamma / n) if n < gamma else 1.0
        cases.append(((numbers, even, gamma), share * factor))
    factor = math.exp(1 - 10 / n) if n < 10 else 1.0
    cases.append(((numbers, even), share * factor))
testing.agree(
    factscore,
    cases,
    "with fewer than gamma facts the share is multiplied by exp(1 - gamma / n), which is below 1; from "
    "gamma facts on it stays as it is, and gamma is 10 unless it is given",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q33-factscore-hidden-repeated", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: repeated facts (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def early(fact: str) -> bool:
    return fact.strip().startswith(("a", "b", "c"))


cases = [
    ((["ax", "ax", "ax", "zx"], early, 0), 1 / 2),
    ((["ax", "zx", "zx", "ax", "yx"], early, 4), math.exp(1 - 4 / 3) / 3),
    ((["a x", "a  x", "A x", "ax"], early, 0), 3 / 4),
    ((["ax", "ax ", " ax", "zx"], early, 0), 3 / 4),
    ((["", "ax"], early, 0), 1 / 2),
    ((["ax", "", ""], early, 3), math.exp(1 - 3 / 2) / 2),
]
for _ in range(4):
    words = [f"{letter}{i}" for i, letter in enumerate("abcxyz")][: int(rng.integers(3, 7))]
    drawn = [str(w) for w in rng.choice(words, 9)]
    n = len(set(drawn))
    share = sum(early(w) for w in set(drawn)) / n
    cases.append(((drawn, early, 0), share))
    cases.append(((drawn, early, 8), share * math.exp(1 - 8 / n)))
testing.agree(
    factscore,
    cases,
    "facts that are equal letter by letter count once, in the share and in the number that the penalty "
    "looks at; all other facts are different ones",
)
seen = []


def noted(fact: str) -> bool:
    seen.append(fact)
    return True


factscore(["k", "c", "k", "m", "c", "a"], noted)
testing.check(
    seen == ["k", "c", "m", "a"],
    "the source is asked once for each different fact, in the order of their first places",
    inputs=["k", "c", "k", "m", "c", "a"],
    got=seen,
    expected=["k", "c", "m", "a"],
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q33-factscore-hidden-silent", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: where the source says nothing (1 point)
### BEGIN HIDDEN TESTS


def source(fact: str) -> bool | None:
    return {"yes": True, "no": False, "silent": None}[fact.split()[0]]


testing.agree(
    factscore,
    [
        ((["yes 1", "silent 1"], source, 0), 1 / 2),
        ((["silent 1", "silent 2"], source, 0), 0.0),
        ((["silent 1"], source), 0.0),
        ((["yes 1", "no 1", "silent 1", "silent 2"], source, 0), 1 / 4),
        ((["silent 2", "yes 1", "yes 2", "silent 1", "no 1"], source, 5), 2 / 5),
        ((["yes 2", "yes 1"], source, 0), 1.0),
    ],
    "a fact on which the source says nothing (here those that begin with 'silent') is not supported, and "
    "still counts as a fact",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q33-factscore-hidden-edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: no facts, and no list (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    factscore,
    [(([], testing.Always(True)), None), (([], testing.Always(False), 0), None)],
    "without facts nothing was claimed: None, which is neither 0 nor 1",
)
for text in ("The mayor is Bela.", "x", ""):
    testing.check(
        testing.raises(TypeError, factscore, text, testing.Always(True)),
        "a string is not a list of facts, not even an empty one: TypeError",
        inputs=text,
    )
testing.check(
    testing.leaves_arguments(factscore, ["b", "a", "b"], testing.Always(True), 5),
    "the list of facts is changed: make a list of your own",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 33.2 · `best_expected`

●○○ · 10 minutes · 3 points · core

Write `best_expected(confidences, right=1.0, wrong=0.0, abstain=0.0)`: from which confidence does answering pay, and what
can somebody expect who knows that?

- `confidences` is a list with at least one number from 0 to 1: for each question the probability that the answer would be
  right.
- A right answer gives `right` points, a wrong one `wrong`, none gives `abstain`. Any of them may be negative; `right` is
  larger than `wrong`.
- It returns `(threshold, expected)`, two floats. `threshold` is the confidence at which answering and abstaining are worth the
  same. It is returned as the formula gives it, also where that is below 0 (always answer) or above 1 (never).
- `expected` is the mean, over all questions, of the expected points of whichever is worth more for that question:
  answering or abstaining.
- `right <= wrong`, or no confidences: `ValueError`.

By hand: confidences 0.75 and 0.25. With a penalty of 1 (`wrong=-1`) the threshold is 0.5; the first question is
worth 0.75 - 0.25 = 0.5, the second is left out for 0: expected 0.25. With the defaults, accuracy, the
threshold is 0 and the expected score 0.5.

<details><summary>Hint 1</summary>

Write down what answering is worth at confidence p. It is a straight line in p; where does it meet `abstain`?

</details>

<details><summary>Hint 2</summary>

The first result is an equation with one unknown, p. The second needs no threshold: what is one question worth to somebody who
always takes the better of two?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q33-best-expected", "locked": false, "schema_version": 3, "solution": true, "task": false}
def best_expected(
    confidences: list[float], right: float = 1.0, wrong: float = 0.0, abstain: float = 0.0
) -> tuple[float, float]:
    """Return the confidence from which answering pays, and the mean points that can be expected."""
    ### BEGIN SOLUTION
    if right <= wrong:
        raise ValueError("a right answer must give more points than a wrong one.")
    if not len(confidences):
        raise ValueError("there is no question: give at least one confidence.")
    threshold = (abstain - wrong) / (right - wrong)
    worth = [max(wrong + p * (right - wrong), abstain) for p in confidences]
    return threshold, sum(worth) / len(worth)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q33-best-expected-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    best_expected,
    [
        (([0.75, 0.25],), {"wrong": -1.0}, (0.5, 0.25)),
        (([0.75, 0.25],), (0.0, 0.5)),
        (([0.75, 0.25],), {"abstain": 0.5}, (0.5, 0.625)),
    ],
    "the confidence at which both are worth the same, and the mean of what is worth more",
)

# %% nbgrader={"grade": true, "grade_id": "q33-best-expected-hidden-threshold", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the threshold (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for right, wrong, abstain in [
    (1, -3, 0), (1, -0.25, 0), (2, -2, 1), (1, 0, 0.5), (4, 1, 2), (-1, -5, -2), (1, -1, -2),
    (1, -1, 3), *[tuple(float(x) for x in (abs(a) + 1, -abs(b), c)) for a, b, c in rng.normal(size=(4, 3))],
]:  # fmt: skip
    given = ([0.5, 0.875], right, wrong, abstain)
    threshold = testing.each(best_expected, [given])[0][0]
    wanted = (abstain - wrong) / (right - wrong)
    testing.check(
        testing.close(threshold, wanted),
        "at the threshold p, p * right + (1 - p) * wrong equals abstain; it is not cut off at 0 or 1",
        inputs=given,
        got=threshold,
        expected=wanted,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q33-best-expected-hidden-expected", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what can be expected (1 point)
### BEGIN HIDDEN TESTS
import itertools

rng = testing.rng()
rules = [
    (1, 0, 0),
    (1, -1, 0),
    (1, -3, 0),
    (2, -2, 1),
    (1, 0, 0.25),
    (-1, -5, -2),
    (1, -1, -2),
    (1, -1, 3),
]
drawn = [float(x) for x in rng.random(7)] + [0.0, 1.0]
suites = [[0.5, 0.5, 1.0], drawn, [*drawn, *drawn[:3], 1.0]]  # confidences may be equal
for confidences, (right, wrong, abstain) in itertools.product(suites, rules):
    values = [max(p * right + (1 - p) * wrong, abstain) for p in confidences]
    given = (confidences, right, wrong, abstain)
    expected = testing.each(best_expected, [given])[0][1]
    testing.check(
        testing.close(expected, sum(values) / len(values)),
        "each question is worth what is larger, answering or abstaining, and the mean goes over all "
        "questions: those left out and those of equal confidence included",
        inputs=given,
        got=expected,
        expected=sum(values) / len(values),
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q33-best-expected-hidden-errors", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: rules that make no sense (1 point)
### BEGIN HIDDEN TESTS
for given in (([0.5], 1, 1), ([0.5, 1.0], 0, 1), ([0.25], -2, -1, 5)):
    testing.check(
        testing.raises(ValueError, best_expected, *given),
        "where a right answer gives no more than a wrong one, a threshold makes no sense: ValueError",
        inputs=given,
    )
testing.check(
    testing.raises(ValueError, best_expected, []),
    "without a question there is no mean: ValueError",
    inputs=[],
)


def expected_of(*given) -> float:
    return best_expected(*given)[1]


testing.agree(
    expected_of,
    [(([0.5], -1, -2, -1.5), -1.5), (([1.0], -1, -2, -1.5), -1.0), (([1.0], 3, -1, 0), 3.0)],
    "all points may be negative, as long as right is larger than wrong",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 33.3 · `best_threshold`

●●○ · 20 minutes · 4 points · extra

Confidences are seldom honest, so the threshold is chosen on labelled answers. Write
`best_threshold(confidences, correct, penalty)`.

- `confidences` is a list of floats, `correct` a list of as many truth values (`True`: the answer is right); at least one
  question. `penalty` is at least 0. Neither list is changed.
- With a threshold t the answers with confidence *at least* t are given, the others withheld. A right answer that is given counts
  1 point, a wrong one minus `penalty`, a withheld one 0. The score is the mean over *all* questions.
- Candidates for t are the confidences that occur, and `math.inf` (no answer is given).
- It returns `(threshold, score)` of the candidate with the highest score; of equally good ones the highest threshold, which
  answers least.

By hand: confidences 0.9, 0.8, 0.8, 0.3, and right, right, wrong, right. With a penalty of 1 the candidates inf, 0.9, 0.8 and 0.3 have 0,
0.25, 0.25 and 0.5 points: `(0.3, 0.5)`. With a penalty of 3 it is `(0.9, 0.25)`. The two answers at 0.8 are given
together or not at all.

<details><summary>Hint 1</summary>

There are few candidates: try each of them.

</details>

<details><summary>Hint 2</summary>

Which candidate's score is known without counting? It is the one to beat. In which order do you try the others, so that of equally good
ones the highest wins? (Sorting once and adding up is faster; then mind where a group of equal confidences ends.)

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q33-best-threshold", "locked": false, "schema_version": 3, "solution": true, "task": false}
def best_threshold(
    confidences: list[float], correct: list[bool], penalty: float
) -> tuple[float, float]:
    """Return the threshold that gets most points on labelled answers, and the points a question."""
    ### BEGIN SOLUTION
    best = (math.inf, 0.0)
    for t in sorted(set(confidences), reverse=True):
        given = [ok for c, ok in zip(confidences, correct, strict=True) if c >= t]
        right = sum(bool(ok) for ok in given)
        score = (right - penalty * (len(given) - right)) / len(confidences)
        if score > best[1]:
            best = (t, score)
    return best
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q33-best-threshold-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
four, labels = [0.9, 0.8, 0.8, 0.3], [True, True, False, True]
testing.agree(
    best_threshold,
    [
        ((four, labels, 1), (0.3, 0.5)),
        ((four, labels, 3), (0.9, 0.25)),
        (([0.5], [False], 1), (math.inf, 0.0)),
    ],
    "the candidate with most points a question: a confidence that occurs, or infinity",
)

# %% nbgrader={"grade": true, "grade_id": "q33-best-threshold-hidden-choice", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the best candidate (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def tried(confidences: list, correct: list, penalty: float) -> tuple:
    sums = {math.inf: 0.0}
    for t in set(confidences):
        pairs = [ok for c, ok in zip(confidences, correct, strict=True) if c >= t]
        sums[t] = sum(1.0 if ok else -penalty for ok in pairs)
    top = max(sums.values())
    return max(t for t in sums if sums[t] == top), top / len(confidences)


cases = []
for size in (1, 2, 5, 12, 30):
    for penalty in (0, 0.5, 1, 4):
        confidences = [int(x) / 64 for x in rng.permutation(65)[:size]]
        correct = [bool(rng.random() < c) for c in confidences]
        cases.append(((confidences, correct, penalty), tried(confidences, correct, penalty)))
# confident and wrong: the theoretical threshold would be far off
odd = ([0.875, 0.75, 0.5, 0.25, 0.125], [False, True, True, True, False], 1)
cases += [(odd, tried(*odd)), (([0.25, 0.125], [True, True], 8), (0.125, 1.0))]
testing.agree(
    best_threshold,
    cases,
    "of all confidences that occur, and infinity, the one with the highest score, which is a mean over all "
    "questions: withheld ones count 0, and stay in the number",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q33-best-threshold-hidden-ties", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: equal confidences (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    best_threshold,
    [
        (([0.5, 0.5, 0.5], [True, False, False], 1), (math.inf, 0.0)),
        (([0.5, 0.5, 0.5], [False, False, True], 0.25), (0.5, 0.5 / 3)),
        (([0.75, 0.5, 0.75, 0.5], [True, False, False, True], 0.5), (0.5, 0.25)),
        (([0.75, 0.75, 0.25], [True, False, True], 1), (0.25, 1 / 3)),
        (([0.75, 0.25, 0.75], [False, True, True], 2), (math.inf, 0.0)),
    ],
    "answers of equal confidence are all given or all withheld: no threshold can tell them apart",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q33-best-threshold-hidden-edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: equally good thresholds (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    best_threshold,
    [
        (([0.75, 0.5, 0.25], [True, False, True], 1), (0.75, 1 / 3)),
        (([0.25, 0.5, 0.75, 1.0], [True, False, True, False], 1), (math.inf, 0.0)),
        (([0.5, 0.25], [True, False], 0), (0.5, 0.5)),
        (([0.5, 0.25], [False, False], 0), (math.inf, 0.0)),
        (([0.0], [True], 9), (0.0, 1.0)),
    ],
    "of equally good thresholds the highest is taken, infinity above all",
)
testing.check(
    testing.leaves_arguments(best_threshold, [0.25, 0.75, 0.5], [True, False, True], 1),
    "one of the lists is changed: sort a copy",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 33.4 · Repair: a loop over a text

●●○ · 12 minutes · 4 points · core

The check in the cell asks a model for the facts of a text, verifies each, and takes the mean. It runs without an
error, returns a number between 0 and 1, and has verified letters. Other things are wrong with it too. Mend it so that
`fact_precision(text, ask, verify)` keeps this contract:

- `ask(prompt)` is a language model. It is called exactly once, whatever `text` is and whatever comes back, with a prompt that contains the whole
  `text` as it is, and returns a string of lines.
- A line that begins with `"- "` or with spaces (no tabs are tested) and then `"- "` holds a fact: all that follows that beginning, without the spaces at
  its ends. If nothing is left, the line holds none. All other lines ("Here are the facts:", `* ...`, empty ones) hold none.
- `verify(fact)` is called once for each of these lines, in their order, and returns `True`, `False`, or `None` if it
  found nothing. Only `True` counts as supported. A fact on two lines counts twice.
- It returns the share of the facts that are supported, or `None` if there is none.

By hand: if the model returns `"Facts:\n- A is old.\n- A is wide."` and only the first is verified, the result is 0.5.

<details><summary>Hint 1</summary>

Print what `verify` is called with. Then think of a text that contains no fact at all.

</details>

<details><summary>Hint 2</summary>

Three steps: lines into facts, facts into verdicts, verdicts into a share. Ask of each what the code takes for granted: that a string is a list,
that there are two verdicts, that there is a fact. And a fact may have hyphens of its own, even as its first or last character.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q33-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Callable


### BEGIN REPAIR
# def fact_precision(
#     text: str, ask: Callable[[str], str], verify: Callable[[str], bool | None]
# ) -> float | None:
#     """Return the share of a text's facts that are supported."""
#     facts = ask(f"List the facts that this text states, each on a line after '- ':\n{text}")
#     verdicts = [verify(fact) for fact in facts]
#     return sum(verdict is not False for verdict in verdicts) / len(verdicts)
### END REPAIR
### BEGIN SOLUTION
def fact_precision(
    text: str, ask: Callable[[str], str], verify: Callable[[str], bool | None]
) -> float | None:
    """Return the share of a text's facts that are supported."""
    listed = ask(f"List the facts that this text states, each on a line after '- ':\n{text}")
    lines = [line.strip(" ") for line in listed.split("\n")]
    facts = [line[2:].strip(" ") for line in lines if line.startswith("- ")]
    verdicts = [verify(fact) for fact in facts]
    return sum(verdict is True for verdict in verdicts) / len(verdicts) if verdicts else None


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q33-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
asked_for = []


def listing(prompt: str) -> str:
    asked_for.append(prompt)
    return "- A is old.\n- A is wide."


testing.agree(
    fact_precision,
    [
        (("A is old and wide.", listing, testing.Always(True)), 1.0),
        (("A is old and wide.", listing, testing.Always(False)), 0.0),
    ],
    "all facts supported is 1, none is 0",
)
testing.check(
    len(asked_for) == 2 and all("A is old and wide." in prompt for prompt in asked_for),
    "the model is asked once for each text, with the whole text in the prompt",
)

# %% nbgrader={"grade": true, "grade_id": "q33-repair-hidden-lines", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: which facts are verified (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()
seen = []


def noted(fact: str) -> bool:
    seen.append(fact)
    return True


pool = [f"Town {i} has {j} mills." for i, j in enumerate(rng.permutation(40)[:12])]
some = [pool[int(i)] for i in rng.choice(12, 5)]
for listed, wanted in [
    ("- A is old.\n- A is wide.", ["A is old.", "A is wide."]),
    ("Here are the facts:\n\n- A is old.\n\n- B is new.\n", ["A is old.", "B is new."]),
    ("  - A is old.  \n-  B is new.", ["A is old.", "B is new."]),
    (
        "- The well-known A - B line is long.\nThat is all - I think.",
        ["The well-known A - B line is long."],
    ),
    ("- -5 degrees were measured.\n- - is a dash.", ["-5 degrees were measured.", "- is a dash."]),
    ("- A is old.\n- A is old.", ["A is old.", "A is old."]),
    ("-\n- \n-A is odd.\n- A is old.", ["A is old."]),
    ("- only one", ["only one"]),
    ("* A is a star.\n- A is old.\n\u2022 A is round.\n1. A is first.", ["A is old."]),
    ("- From A to B -\n- A is old --", ["From A to B -", "A is old --"]),
    ("\n".join(f"- {fact}" for fact in some), some),
]:
    seen.clear()
    fact_precision("A text.", testing.Always(listed), noted)
    testing.check(
        seen == wanted,
        "a fact is a line that begins with '- ', without that beginning and without spaces at its ends: not a "
        "letter, not a heading, not an empty line, and with the hyphens that are its own",
        inputs=listed,
        got=list(seen),
        expected=wanted,
    )
prompts = []
for text, listed in (
    ("A is old. B is new.\n\nC is wide, and D is not.", "- A is old."),
    ("\n  " + " ".join(f"{fact}\n" for fact in 40 * pool) + " \n\n", "- A is old.\n- B is new."),
    ("", "- A is old."),
):
    prompts.clear()

    def listing(prompt: str, listed=listed) -> str:
        prompts.append(prompt)
        return listed

    fact_precision(text, listing, testing.Always(True))
    testing.check(
        len(prompts) == 1,
        "the model is asked exactly once, also if the text is empty",
        inputs=(text, f"a model that answers {listed!r}"),
        got=f"asked {len(prompts)} times",
        expected="asked once",
    )
    testing.check(
        text in prompts[0],
        "the prompt contains the whole text as it is, from its first character to its last",
        inputs=text,
        got=list(prompts),
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q33-repair-hidden-verdicts", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what counts as supported (1 point)
### BEGIN HIDDEN TESTS
known = {"yes": True, "no": False, "silent": None, "yes 2": True, "silent 2": None}
for facts, wanted in (
    (["yes", "no"], 0.5),
    (["yes", "silent"], 0.5),
    (["silent", "silent 2"], 0.0),
    (["yes", "no", "silent", "yes 2"], 0.5),
    (["yes", "yes", "silent"], 2 / 3),
    (["yes", "yes 2", *(3 * ["silent 2"])], 0.4),
):
    listed = "Facts:\n" + "\n".join(f"- {fact}" for fact in facts)
    got = testing.each(fact_precision, [("A text.", testing.Always(listed), known.get)])[0]
    testing.check(
        testing.close(got, wanted),
        "only True counts as supported, False and None do not, and the share is one of facts",
        inputs=listed,
        got=got,
        expected=wanted,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q33-repair-hidden-none", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a text without facts (1 point)
### BEGIN HIDDEN TESTS
times = []
for text, listed in (
    *(
        ("Hm.", x)
        for x in ("", "\n\n", "There are no facts in this text.", "- ", "Facts:\n-\n  \n")
    ),
    ("", ""),
):
    times.clear()

    def listing(prompt: str, listed=listed) -> str:
        times.append(prompt)
        return listed

    got = testing.each(fact_precision, [(text, listing, testing.Always(True))])[0]
    testing.check(
        len(times) == 1,
        "the model is asked exactly once, also if no fact comes back",
        inputs=(text, f"a model that answers {listed!r}"),
        got=f"asked {len(times)} times",
        expected="asked once",
    )
    testing.check(
        got is None,
        "a text in which the model found no fact has no share: None",
        inputs=listed,
        got=got,
        expected=None,
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

*"Our new model has the higher FActScore, so it makes up less."* Take a biography of somebody real, drawn at a high
temperature so that some of it is false, and edit it twice. Once everything goes but one true sentence. Once nothing
goes, and the same true sentence is said in five more ways.
"""

# %% tags=["demo"]
from course.world.language import state

texts, _ = replies_of("instruct-noabstain", [f"Tell me about {n}." for n in people], new=130, T=1.3)


def false_facts(name: str, text: str) -> list[str]:
    return [fact for fact in facts_of(text) if verdict(fact, name) != "supported"]


mixed = [
    (n, t)
    for n, t in zip(people, texts, strict=True)
    if 0 < len(false_facts(n, t)) < len(facts_of(t))
]
name, text = max(mixed, key=lambda pair: len(false_facts(*pair)))
first = next(fact for fact in facts_of(text) if verdict(fact, name) == "supported")
relation = world.check(home, first).relation
wordings = [f"{state(home.fact(name, relation), form)}." for form in range(5)]
versions = {"as written": text, "one sentence": first, "padded": " ".join([text, *wordings])}
for version, words in versions.items():
    count, false = len(facts_of(words)), len(false_facts(name, words))
    score, factor = 1 - false / count, math.exp(min(0, 1 - 10 / count))
    print(
        f"{version:13} {count:3} facts, {false} false   share {score:.2f}   with penalty {score * factor:.2f}"
    )
print("\nthe padding:", *wordings, sep="\n  ")

# %% [markdown]
r"""
The padded text has every false sentence that the original had, and a higher score, with the penalty even more
so: it has now facts enough to escape it. Equal strings would have been counted once; rewordings are not equal strings.
The single sentence has a perfect share and says next to nothing. So a comparison of two models needs
the number of facts and the share answered beside the score, and somebody who reads ten answers. Jiang et al. (2024) show the
same on real systems, and keep only sub-claims that are different and informative before counting.
"""

# %% [markdown]
r"""
### If they push

**"A fact is not in the source. Is it false?"**

<details><summary>Answer</summary>

Not necessarily; it is *not supported*. FActScore counts both alike, because it measures precision with respect to a
chosen source (Wikipedia for biographies, where coverage is good). With a thin source the score falls without
a single falsehood. Where the difference matters, let the verifier say one of three: supported, contradicted, not found. And
report the third: it measures the source as much as the model.

</details>

**"Does the F-score settle it, then?"**

<details><summary>Answer</summary>

It rewards guessing less than accuracy does, and it still does. With R right answers of N questions and A attempts, the harmonic
mean of R/N and R/A is F = 2R / (N + A). One more attempt adds 2p to the numerator, on average, and 1 to the denominator, so F rises if
2p > F: guessing pays from p = F/2 on. A model at F = 0.5 should answer whenever it is right one time in four. Points with a
stated penalty say openly what they ask for.

</details>

**"Then let us punish wrong answers with -99."**

<details><summary>Answer</summary>

Then nothing below a confidence of 0.99 is worth saying, and a model that says nothing at all is hard to beat. The penalty must be
what an error costs the user, in units of what a right answer brings. Whether models act on it when it is written into
the prompt is another question: Wang et al. (2026) varied the stated penalty up to 100 and found that the models
that they tested hardly abstained more.

</details>

**"And recall?"**

<details><summary>Answer</summary>

For open questions nobody knows the set of all facts that should be there. Wei et al. (2024, SAFE) fix a number K of supported
facts that a reader would want, call min(supported/K, 1) recall, and report F1@K; K does openly what γ does in the
penalty. In the little world recall can be had exactly: an entity has so many relations.

</details>

**"How far do you trust the judge that verifies the facts?"**

<details><summary>Answer</summary>

As far as it was compared with people on *these* texts. The estimator of the FActScore paper was within 2 points of the human
score per system, an aggregate in which errors in both directions cancel; single verdicts are less reliable. In FABLES no
automatic rater correlated strongly with readers, above all not on the unfaithful claims that one is looking for. Label a sample, look at
both kinds of error, correct for them (questions 18 and 28).

</details>

**"Factuality or faithfulness?"**

<details><summary>Answer</summary>

Factual: true of the world, or of a reference for it. Faithful: supported by the text that was given, even if that text is wrong.
A summary of a novel is faithful or not; it is factual about nothing. Systems with retrieval need both words (question 22).

</details>
"""

# %% [markdown]
r"""
### Sources

- Min, Krishna, Lyu et al. (2023), *FActScore: Fine-grained Atomic Evaluation of Factual Precision in Long Form Text Generation*, EMNLP
  2023; arXiv 2305.14251. The length penalty is in the code (`factscore/factscorer.py`), not counted twice there are neither
  sentences nor facts: counting equal ones once is our choice.
- Wei, Karina, Chung et al. (2024), *Measuring short-form factuality in large language models* (SimpleQA), arXiv 2411.04368; the
  grader's prompt and the F-score are in `openai/simple-evals`. Haas, Yona, D'Antonio et al. (2025), *SimpleQA
  Verified*, arXiv 2509.07968.
- Lin, Hilton, Evans (2021), *TruthfulQA: Measuring How Models Mimic Human Falsehoods*, arXiv 2109.07958.
- Li, Cheng, Zhao, Nie, Wen (2023), *HaluEval*, EMNLP 2023; arXiv 2305.11747.
- Dong, Tang, Li, Zhao, Wen (2023), *BAMBOO: A Comprehensive Benchmark for Evaluating Long Text Modeling Capacities of Large Language
  Models*, arXiv 2309.13345.
- Kim, Chang, Karpinska et al. (2024), *FABLES: Evaluating faithfulness and content selection in book-length
  summarization*, arXiv 2404.01261.
- Kalai, Nachum, Vempala, Zhang (2025), *Why Language Models Hallucinate*, arXiv 2509.04664. That evaluation is what
  keeps models guessing is their argument, not a measurement.
- Wei, Yang, Song et al. (2024), *Long-form factuality in large language models* (LongFact, SAFE), arXiv 2403.18802.
- Jiang, Zhang, Weir et al. (2024), *Core: Robust Factual Precision with Informative Sub-Claim Identification*, arXiv
  2407.03572.
- Wang, Zhou, Devic, Fu (2026), *Are LLM Decisions Faithful to Verbal Confidence?*, arXiv 2601.07767.
"""
