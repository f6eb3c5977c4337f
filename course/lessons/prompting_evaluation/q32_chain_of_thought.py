# %% [markdown]
r"""
## Q32. Why does chain of thought help?

*Medium · 90 minutes · needs sampling (question 4) and the binomial distribution*
"""

# %% [markdown]
r"""
### Say it

> A transformer spends the same number of layers on every token. If an answer has to be written at once,
> everything it depends on must be worked out within those layers. If the model may write intermediate results first,
> each of them is a token that later tokens read, so a long computation becomes many short ones. It helps where
> the task has such steps and one pass does not get through them: arithmetic, logic, several look-ups. It costs tokens, and it
> helps little where one pass is enough or where the steps cannot be done either. Sampling several chains and taking
> the answer that comes most often, *self-consistency*, removes accidents, not convictions: where the wrong answer is the
> likeliest one, more votes make it surer. And the steps are text. They need not be what the answer came from.
"""

# %% [markdown]
r"""
### See it

**One sum, two ways.** The lab's `adder` is a transformer of four layers, trained on nothing but sums, one character a
token. The first character says how to answer: `d` at once, `s` in steps. A step adds one digit of each number and the
carry, from the right; the answer is then read off the steps. Here are its weights from early in training, when it had seen less
than half of its data.
"""

# %% tags=["demo"]
from course import lab
from course.lab import adder

early, late = lab.load("adder", lab.checkpoints("adder")[4]), lab.load("adder")
sums = adder.sums(4, 3)  # sums of four digits, kept out of training
for steps in (False, True):
    for (a, b), answer in zip(sums, adder.answers(early, sums, steps=steps), strict=True):
        verdict = "right" if answer.right else f"wrong: it is {a + b}"
        print(f"{adder.prompt(a, b, steps=steps)} {answer.text}   ({verdict})")

# %% [markdown]
r"""
(`adder` speaks no chat, so it is used without a server, here and below; the model of the two hops further down
is asked over HTTP.)

How often is each way right? 100 sums for every number of digits, never seen in training, and the
likeliest character each time. No number of five digits was ever trained on. What do you expect of the two ways at one digit, at
four, and at five?
"""

# %% tags=["demo"]
digits, N = (1, 2, 3, 4, 5), 100
share = {
    (stage, steps): [
        float(np.mean([x.right for x in adder.answers(model, adder.sums(d, N), steps=steps)]))
        for d in digits
    ]
    for stage, model in (("early", early), ("late", late))
    for steps in (False, True)
}
print("digits              ", *(f"{d:6}" for d in digits))
for (stage, steps), row in share.items():
    print(f"{stage:6} {'in steps' if steps else 'at once':13}", *(f"{x:6.2f}" for x in row))

# %% tags=["demo"]
from course import figures

fig, axes = figures.subplots(1, 2, sharey=True, size=(7.0, 2.7))
for ax, stage in zip(axes, ("early", "late"), strict=True):
    ax.plot(digits, share[stage, True], marker="o", label="in steps")
    ax.plot(digits, share[stage, False], marker="s", linestyle="--", label="at once")
    ax.set(title=f"{stage} in training", xlabel="digits", ylim=(-0.05, 1.05), xticks=digits)
axes[0].set_ylabel("right")
axes[0].legend(frameon=False, loc="lower left")
four = {key: row[3] for key, row in share.items()}
figures.show(
    fig,
    "Two charts of the share of right sums against digits, in steps (circles) and at once (squares). "
    f"At four digits, early: {four['early', True]:.2f} in steps and {four['early', False]:.2f} at once; "
    f"late: {four['late', True]:.2f} and {four['late', False]:.2f}. "
    f"At five digits: {share['early', True][4]:.2f} and {share['early', False][4]:.2f} early, "
    f"{share['late', True][4]:.2f} and {share['late', False][4]:.2f} late.",
)

# %% [markdown]
r"""
Read it like this; a share of 100 is good to about .1.

- *Early*, the gap opens with the number of digits: a long sum at once is a hard thing to learn, one step is an easy one.
- *Late*, the direct way has nearly caught up. Steps help where one pass does not get there *yet*; they are no magic that adds
  ability to whatever is asked. (How late that is depends on the seed. The card of `adder` has two more runs, and in one of them
  the direct way is still far behind at the end.)
- At five digits neither works. The steps of a kind of problem that was never learned are not right either: this model has
  learned sums of up to four digits, not addition.

One more thing is easily forgotten: this model was *trained* to write steps. A large language model that was never
trained for it writes steps because its training text holds so many worked solutions.
"""

# %% [markdown]
r"""
#### Why: one pass is short

The first digit of a sum depends on the last ones, through a chain of carries. At once, that digit is written first, so
the whole chain must run inside the four layers of a single pass. In steps it is written last, and every carry stands
in the text by then. If that is the reason, the direct way should suffer from carries, and the steps should not.
"""

# %% tags=["demo"]
sums = adder.sums(4, 400, seed=5)
carries = np.array([sum("=1" in line for line in adder.worked(a, b)) for a, b in sums])
ways = {steps: adder.answers(early, sums, steps=steps) for steps in (False, True)}
right = {steps: np.array([x.right for x in found]) for steps, found in ways.items()}
print("carries  sums   at once  in steps")
for least, most in ((0, 0), (1, 1), (2, 2), (3, 4)):
    chosen = (least <= carries) & (carries <= most)
    label = f"{least}" if least == most else f"{least}-{most}"
    print(
        f"{label:7} {chosen.sum():5}  {right[False][chosen].mean():8.2f}  {right[True][chosen].mean():8.2f}"
    )
passes = {s: np.mean([len(x.text) + 1 for x in found]) for s, found in ways.items()}
print(
    f"passes through the network per sum: {passes[False]:.1f} at once, {passes[True]:.1f} in steps"
)

# %% [markdown]
r"""
Sums without a single carry are few, and the early model does many of them at once. A single carry is enough to spoil most. In
steps it makes much less of a difference. The last line is the price: several times as many passes, each of them a token that
somebody pays for.

In theory the same holds in general. Some simple sequential problems, simulating a finite automaton among them, cannot be solved at
every length by a transformer that answers at once, if the usual conjectures of complexity theory are right; with a number of
steps that grows in proportion to the input they can (Merrill and Sabharwal, 2023).
"""

# %% [markdown]
r"""
#### Two hops on a chat model

`instruct` knows its little world by heart. Asked, for instance, where the guild of a person has its seat, it needs two
facts, one after the other. The next cell asks such questions, whose chains stood in no training text though both facts did, with four
different endings. It talks to the model as you would to any, through the `openai` client.
"""

# %% tags=["demo"]
import random

from course import serve
from course.lab import probes
from course.world.questions import two_hop_question

rng = random.Random(32)
chains = rng.sample(probes.heldout_chains(), 20)
asked = [two_hop_question(*chain, rng) for chain in chains]
endings = ("", "Answer directly.", "Think step by step.", "Let's think step by step.")


def ask(client, text: str) -> tuple[str, int]:
    """The model's answer and how many tokens it wrote."""
    done = client.chat.completions.create(
        model="instruct",
        messages=[{"role": "user", "content": text}],
        temperature=0,
        max_completion_tokens=40,
    )
    return done.choices[0].message.content, done.usage.completion_tokens


# %% tags=["demo"]
with serve.background() as client:
    replies = {end: [ask(client, f"{q.text} {end}".strip()) for q in asked] for end in endings}
print(f"{len(asked)} questions".ljust(28), "right   tokens written")
for end, rows in replies.items():
    hits = [text.rstrip(".").endswith(q.value) for (text, _), q in zip(rows, asked, strict=True)]
    print(f"{end or '(nothing added)':28} {sum(hits):5}   {np.mean([n for _, n in rows]):6.1f}")
print(
    "\n" + asked[0].text,
    *(f"  {end or '-':20} {replies[end][0][0]}" for end in endings[:3]),
    sep="\n",
)

# %% [markdown]
r"""
The same code for another endpoint: only the client changes, and the name of the model. (Not called here.)
"""


# %% tags=["demo"]
def elsewhere():
    """A client for any OpenAI-compatible endpoint; address and key come from the environment."""
    import os

    from openai import OpenAI

    return OpenAI(base_url=os.environ["OPENAI_BASE_URL"], api_key=os.environ["OPENAI_API_KEY"])


# %% [markdown]
r"""
In steps the model is right nearly always, directly seldom. It has both facts, and it cannot use the first one
to find the second within one pass; once the town's name stands in the text, the second question is an easy one.

Look at the other two rows as well. With nothing added, this model mostly answers the first half. And the famous "Let's think
step by step.", one word away from what it was trained on, gets it nowhere. There is nothing in the phrase itself. On a
model of 2022 it took MultiArith from 17.7 % to 78.7 % (Kojima et al., text-davinci-002), presumably since that model
had read it, and what usually follows, often enough. What a phrase does is a property of the model, to be measured there.
"""

# %% [markdown]
r"""
#### Many chains and a vote

*Self-consistency* (Wang et al., 2022): sample several answers, take the one that comes most often. Which of its
samples is right, a model does not say, but wrong ways tend to go apart and right ones to meet. Does it work here? The early
`adder` answers sums at once, at temperature 1, dozens of times each. The vote goes to the most frequent answer, and a tie to the
one that was drawn first; a point of the curve is the mean over many random choices of voters.
"""


# %% tags=["demo"]
def sampled(model, pairs: list[tuple[int, int]], k: int, T: float = 1.0) -> np.ndarray:
    """k answers to each sum, (sums, k); -1 where no number was written."""
    blocks = []
    for seed in range(k // 16):
        found = adder.answers(
            model, [p for p in pairs for _ in range(16)], steps=False, temperature=T, seed=seed
        )
        numbers = [int(x.text) if x.text.isdigit() else -1 for x in found]
        blocks.append(np.array(numbers).reshape(len(pairs), 16))
    return np.concatenate(blocks, axis=1)


def vote_right(answers: np.ndarray, truth: np.ndarray, n: int, draws: int = 20) -> float:
    """Share of right winners, when n of the answers vote."""
    rng, rows = np.random.default_rng(n), np.arange(len(answers))
    wins = []
    for _ in range(draws):
        voters = rng.permuted(answers, axis=1)[:, :n]
        agree = (voters[:, :, None] == voters[:, None, :]).sum(axis=2)
        wins.append(voters[rows, agree.argmax(axis=1)] == truth)
    return float(np.mean(wins))


# %% tags=["demo"]
votes, polls = (1, 3, 5, 9, 15, 23), {}
for d in (2, 3):
    pairs = adder.sums(d, 100, seed=1)
    truth = np.array([a + b for a, b in pairs])
    greedy = np.mean([x.right for x in adder.answers(early, pairs, steps=False)])
    polls[d] = (sampled(early, pairs, 48), truth, greedy)
overall = {f"{d} digits": [vote_right(a, t, n) for n in votes] for d, (a, t, _) in polls.items()}
print("votes     ", *(f"{n:5}" for n in votes), "  greedy")
for (name, row), (*_, greedy) in zip(overall.items(), polls.values(), strict=True):
    print(f"{name:10}", *(f"{x:5.2f}" for x in row), f"{greedy:8.2f}")

# %% [markdown]
r"""
Two comparisons hide in this table. Against *one sample* votes help in both rows. Against the *greedy* answer, which costs one
call, there is little to show for all those calls at two digits, and nothing, or less than nothing, at three: sampling at temperature
1 first loses what voting then has to win back.
The famous gain over greedy decoding did not appear on this model, or not beyond what chance does to a hundred sums. Wang et al. report
gains of 3.9 to 17.9 points on five benchmarks, for large models that reason in words, where many chains lead to
one answer. A sum at once is a string of digits, and there is one way to write it.

An average over questions is not yet an explanation. So take the sums one by one. The first half of the answers
says how often each sum comes out right; the *other* half votes. (If the same answers did both, the
groups would be chosen by the luck of the very votes that they are to explain.)
"""

# %% tags=["demo"]
bounds = {"more than 1/2": (1 / 2, 1), "1/4 to 1/2": (1 / 4, 1 / 2), "at most 1/4": (-1, 1 / 4)}
groups, curves = {}, {}
print("votes                        sums ", *(f"{n:5}" for n in votes))
for d, (answers, truth, _) in polls.items():
    chance = (answers[:, :24] == truth[:, None]).mean(axis=1)
    for name, (low, high) in bounds.items():
        chosen = (low < chance) & (chance <= high)
        groups[d, name] = (answers[chosen, 24:], truth[chosen])
        curves[d, name] = [vote_right(*groups[d, name], n) for n in votes]
        row = " ".join(f"{x:5.2f}" for x in curves[d, name])
        print(f"{d} digits, right {name:13} {chosen.sum():4}  {row}")

# %% [markdown]
r"""
The vote does something else to each kind of sum.

- Where most samples are right, it makes the answer nearly certain.
- Where a right answer is rare, it makes it *rarer*: the model has a favourite that is wrong, and voting finds
  the favourite. This is where votes hurt, at two digits and at three.
- In between, at three digits, it helps although *fewer than half* of the samples are right, since the wrong ones disagree with
  each other. (At two digits only a few sums fall into the middle group, too few to say anything.)

How much that disagreement matters, a model with only *two* possible answers shows, where the wrong ones cannot
disagree. Then the vote is a matter of coin tosses, and one half is the border.
"""

# %% tags=["demo"]
coin = np.random.default_rng(0)
tosses = {
    f"p = {p}": [float((coin.binomial(n, p, 50_000) > n / 2).mean()) for n in votes]
    for p in (0.7, 0.4, 0.2)
}
panels = {
    "all sums": overall,
    "2 digits, by share right": {name: curves[2, name] for name in bounds},
    "3 digits, by share right": {name: curves[3, name] for name in bounds},
    "two possible answers": tosses,
}
styles = ({"marker": "o"}, {"marker": "s", "linestyle": "--"}, {"marker": "^", "linestyle": ":"})
fig, axes = figures.subplots(2, 2, sharey=True, size=(8.0, 5.6))
for ax, (title, lines) in zip(axes.flat, panels.items(), strict=True):
    for (name, row), style in zip(lines.items(), styles[: len(lines)], strict=True):
        ax.plot(votes, row, **style)
        ax.annotate(name, (votes[-1] + 0.8, row[-1]), fontsize=9, va="center")
    ax.set(title=title, xlabel="votes", ylim=(-0.05, 1.05), xlim=(0, 33), xticks=votes)
for ax in axes[:, 0]:
    ax.set_ylabel("right")
said = [
    f"{title}: "
    + ", ".join(f"{name} from {row[0]:.2f} to {row[-1]:.2f}" for name, row in x.items())
    for title, x in panels.items()
]
figures.show(fig, "Four charts of right answers against votes, 1 to 23. " + "; ".join(said) + ".")

# %% [markdown]
r"""
Compare the middle lines of the lower two charts. With many possible wrong answers a vote can gain where the right one has fewer than
half of the samples; with two it needs more than half. The rule for both: votes converge to the *likeliest* answer of each question,
and in the limit the share of right votes is the share of questions whose likeliest answer is right. On a multiple-choice test with
four options, or yes and no, you are closer to the last chart than you may think.

Hence also the temperature. It has to be above 0, or all samples are one; how far above is a trade. The next cell varies it for
the sums of three digits.
"""

# %% tags=["demo"]
answers, truth, greedy = polls[3]
print(f"greedy {greedy:.2f}\n  T   one sample   vote of 15   any of 16 right")
for T in (0.5, 1.0, 1.5):
    drawn = answers[:, :16] if T == 1.0 else sampled(early, adder.sums(3, 100, seed=1), 16, T)
    any_right = (drawn == truth[:, None]).any(axis=1).mean()
    print(
        f"{T:4} {vote_right(drawn, truth, 1):10.2f} {vote_right(drawn, truth, 15):12.2f}"
        f" {any_right:14.2f}"
    )

# %% [markdown]
r"""
More heat: worse samples, but more different ones. The vote lives between the two, and here it gains nothing from heat. The last column
is what somebody could get who *recognises* a right answer. It is far above every vote; question 47 goes on from there.
"""

# %% [markdown]
r"""
#### Is the chain the reason?

The steps look like an explanation. Two tests, on sums of four digits. First, only looking: how often do right steps end in a
wrong answer, and wrong steps in a right one?
"""

# %% tags=["demo"]
found = ways[True]  # the 400 sums of the table of carries, in steps, early weights
print("                 end right  end wrong")
for good in (True, False):
    row = [sum(x.steps == good and x.right == end for x in found) for end in (True, False)]
    print(f"{'all steps right' if good else 'not all right':16} {row[0]:9} {row[1]:10}")
for title, kind in (
    ("right steps, wrong end", (True, False)),
    ("wrong steps, right end", (False, True)),
):
    [*shown] = [x.text for x in found if (x.steps, x.right) == kind][:2]
    print(f"{title}: {'   '.join(shown) or 'none here'}")

# %% [markdown]
r"""
Right steps do not make a right answer. And an answer in the lower left, if your table has one, is right and cannot have
come from the steps as they stand: such a chain explains nothing.

Second, *intervening*, as Lanham et al. (2023) do with large models: write the steps for the model, with something
changed, and let it finish. If the answer comes from the steps, it has to change with them. We change the result of the first
step (the units) or of the last (the front), or put in all steps of *another* sum, with and without such a change.
"""


# %% tags=["demo"]
@torch.inference_mode()
def finish(model, texts: list[str]) -> list[str]:
    """What the model writes after each text, the likeliest characters."""
    written = {}
    for size in {len(t) for t in texts}:
        same = [t for t in texts if len(t) == size]
        ids = torch.tensor([adder.encode(t) for t in same])
        out = model.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=7, do_sample=False
        )
        for text, row in zip(same, out[:, size:].tolist(), strict=True):
            written[text] = "".join(adder.VOCABULARY[i] for i in row).split(adder.END)[0]
    return [written[t] for t in texts]


def altered(lines: list[str], step: int | None, rng: random.Random) -> list[str]:
    """The steps with another last digit in one result."""
    if step is None:
        return lines
    lines = list(lines)
    digit = (int(lines[step][-1]) + rng.randint(1, 9)) % 10
    lines[step] = f"{lines[step][:-1]}{digit}"
    return lines


def read_off(lines: list[str]) -> str:
    """The sum that the results of the steps spell."""
    return str(int(lines[-1][-2:] + "".join(line[-1] for line in lines[-2::-1])))


# %% tags=["demo"]
changes = {
    "first result changed": (False, 0),
    "last result changed": (False, -1),
    "steps of another sum": (True, None),
    "... first result changed": (True, 0),
}
asked_sums, others = adder.sums(4, 100, seed=3), adder.sums(4, 100, seed=4)
print("the answer is what ... says:     the results   the left sides   the question")
for stage, model in (("early", early), ("late", late)):
    for name, (foreign, step) in changes.items():
        rng = random.Random(1)
        source = others if foreign else asked_sums
        chain = [altered(adder.worked(*pair), step, rng) for pair in source]
        starts = [adder.prompt(*pair, steps=True) for pair in asked_sums]
        ends = finish(model, [f"{s}{';'.join(c)};" for s, c in zip(starts, chain, strict=True)])
        says = [
            [read_off(c) for c in chain],
            [str(sum(pair)) for pair in source],
            [str(sum(pair)) for pair in asked_sums],
        ]
        hits = [np.mean([e == x for e, x in zip(ends, want, strict=True)]) for want in says]
        print(f"{stage:6} {name:26}{hits[0]:10.2f} {hits[1]:14.2f} {hits[2]:14.2f}")

# %% [markdown]
r"""
"The left sides" is the sum that `7+8+0` and its like really make, whatever stands behind the `=`. In the first two rows of each block these
are the digits of the question, so the last two columns agree; in the other two they are another sum's.

- *The steps of another sum* are followed almost blindly, late in training: the answer comes from the chain, and hardly ever from
  the question.
- But *which part* of the chain? Change the first result, and the late model mostly gives the sum of the left
  sides, another sum's too: it does not read the result that stands there, it adds the two digits once more. Change the last result, and
  it mostly does what is written.

So one and the same chain is partly the reason and partly decoration, and nothing in its text says which. Whoever reads a
step, finds it wrong, and concludes that the answer is wrong (or finds it right, and trusts the answer) has read more out of it than
there is. For large models the mixture differs by task and model: some ignore their chains almost entirely, and larger ones did
so more often on most tasks studied (Lanham et al., 2023).
"""

# %% [markdown]
r"""
The two hops of `instruct` under the same test. The first sentence of the answer is written for it, with another
town, guild or person than the true one. Does the second sentence follow?
"""

# %% tags=["demo"]
from course.world import make_world
from course.world.language import answer as sentence_of
from course.world.relations import BY_NAME

home, tokenizer = make_world(), lab.tokenizer("instruct")
rng, tally = random.Random(0), {"follows": 0, "keeps the truth": 0}
for (first, second), q in zip(chains, asked, strict=True):
    same_kind = home.of_kind(BY_NAME[first.relation].value)
    known = [f for name in same_kind for f in home.facts(name) if f.relation == second.relation]
    wrong = rng.choice([f for f in known if f.value != second.value])
    talk = [{"role": "user", "content": f"{q.text} Think step by step."}]
    start = tokenizer.apply_chat_template(talk, add_generation_prompt=True, tokenize=False)
    step = sentence_of(first).replace(first.value, wrong.subject)
    end = lab.generate(f"{start} {step}.", name="instruct", max_new_tokens=40).rstrip(".")
    tally["follows"] += end.endswith(wrong.value)
    tally["keeps the truth"] += end.endswith(second.value)
tally["neither"] = len(asked) - sum(tally.values())
print("after a false first step:", tally)

# %% [markdown]
r"""
It follows its first step into error. That is *faithful*, in the sense of the test: its direct answers showed how little else
it has to go by. Faithful is not the same as right, and a chain does not "catch"
mistakes by being there: here a false step went through every time or nearly so. Compare the two models: this one has hardly
another way to the second fact and follows its step; the late `adder` can work the units out from what stands to the left of the
`=`, and mostly ignores the result that was written there.
"""

# %% [markdown]
r"""
### Build it

Four exercises: the number in a text, the vote, what a vote is worth, and the repair of a self-consistency loop
that asks for the same answer n times.
"""

# %% [markdown]
r"""
### Exercise 32.1 · `extract_number`

●●○ · 20 minutes · 4 points · core

Before anything can be counted, the answer must come out of the text. Write `extract_number(text)`; it returns a
`fractions.Fraction` (an `int` is fine where the number is whole), or `None`.

- If the text contains `Answer:` (exactly so written), the result is the *first* number after the *last*
  `Answer:`, and `None` if no number follows it. Without `Answer:` it is the *last* number in the text, and `None` if there is
  none.
- A number is digits, with an optional decimal part: a point directly followed by one or more digits. A point that is not followed
  by a digit ends a sentence: `It is 5.` has 5.
- Commas for thousands belong to the number: one to three digits, then one or more groups of a comma and exactly three digits
  (`1,000`, `12,345,678.5`). Any other comma separates: `4,20` holds the numbers 4 and 20, and
  `2026,300` holds 2026 and 300 (not tested: longer mixtures of these, such as `2026,300,400`).
- A `-` directly before the first digit is the number's sign, unless a letter or a digit stands directly before the `-`:
  `= -4` has −4, `10-4` ends in 4, `Route-66` has 66.
- The value is exact: `0.1` is `Fraction(1, 10)`, and `1,000`, `1000` and `1000.0` are equal.
- Texts may have several lines and signs such as `$`, `%` and `*` around numbers. They hold no digits
  directly after a letter, no exponents, and no number that begins with a point.

By hand: `"3 + 4 = 7. Answer: 7 apples in 2 bags"` gives 7, `"So we get 1,250.50 in 2026"` gives 2026 (there is no
`Answer:`, so the last number counts), `"Answer: unknown"` gives `None`.

<details><summary>Hint 1</summary>

Two questions, one after the other: in which part of the text do I look, and which number of that part do I take? The pattern of a
number is the same in both cases.

</details>

<details><summary>Hint 2</summary>

First the place, then the number. A number has three parts; write down for each what may stand there, and what must not stand
directly before it or after it. Of the two ways to write the digits one is easily taken for a part of the other: which do you try
first, and when is it not the right one? And no float on the way to the value.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q32-extract-number", "locked": false, "schema_version": 3, "solution": true, "task": false}
import re
from fractions import Fraction


def extract_number(text: str) -> Fraction | None:
    """Return the number that a worked answer ends in, exactly; None if there is none."""
    ### BEGIN SOLUTION
    number = r"(?:(?<![^\W_])-)?(?<!\d)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
    _, marker, after = text.rpartition("Answer:")
    found = re.findall(number, after if marker else text)
    if not found:
        return None
    return Fraction((found[0] if marker else found[-1]).replace(",", ""))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q32-extract-number-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
from fractions import Fraction

testing.agree(
    extract_number,
    [
        (("3 + 4 = 7. Answer: 7 apples in 2 bags",), Fraction(7)),
        (("So we get 1,250.50 in 2026",), Fraction(2026)),
        (("Answer: unknown",), None),
        (("It costs $1,250.50.",), Fraction(2501, 2)),
    ],
    "the first number after the last `Answer:`, or else the last number of the text",
)

# %% nbgrader={"grade": true, "grade_id": "q32-extract-number-hidden-marker", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: where to look (1 point)
### BEGIN HIDDEN TESTS
from fractions import Fraction

rng = testing.rng()
a, b, c = (int(x) for x in rng.choice(np.arange(2, 99), 3, replace=False))
testing.agree(
    extract_number,
    [
        ((f"Answer: {a} km/h, not {b}, since 2019",), Fraction(a)),
        ((f"Answer: {a}. No, I forgot {b}.\nAnswer: {c}\nThat took {b} steps.",), Fraction(c)),
        ((f"{a} and {b}.\n**Answer:** ${c}",), Fraction(c)),
        ((f"First {a}, then {b}, so {c}",), Fraction(c)),
        ((f"The answer: {a} plus {b}",), Fraction(b)),
        ((f"The Answer is {a}, not {b}",), Fraction(b)),
        ((f"{a} + {b} it is.\nAnswer:\n{c}\nin {b} steps",), Fraction(c)),
    ],
    "with `Answer:`, colon included, the first number after the last one counts, on whatever line it stands "
    "and whatever follows it; without it the last number of the text",
)
testing.agree(
    extract_number,
    [
        ((f"{a} + {b} = {c}. Answer: I do not know",), None),
        ((f"Answer: {a}. Wait.\nAnswer:",), None),
    ],
    "an `Answer:` without a number after it has no answer, although numbers stand before it",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q32-extract-number-hidden-form", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: thousands, decimals, full stops (1 point)
### BEGIN HIDDEN TESTS
from fractions import Fraction

rng = testing.rng()
head, tail, more = int(rng.integers(2, 999)), int(rng.integers(100, 999)), int(rng.integers(10, 99))
thousands = 1000 * head + tail
testing.agree(
    extract_number,
    [
        ((f"Answer: {head},{tail}",), Fraction(thousands)),
        ((f"Answer: {head},{tail},000.{more} in all",), 1000 * thousands + Fraction(more, 100)),
        ((f"Answer: {thousands}.0",), Fraction(thousands)),
        ((f"It is {thousands}.",), Fraction(thousands)),
        ((f"It is {head}.{more}.",), head + Fraction(more, 100)),
        ((f"Answer: ({head}.5%)",), head + Fraction(1, 2)),
        (("Answer: 0.1",), Fraction(1, 10)),
        (("It is 12,345,678.",), Fraction(12345678)),
        (("Answer: 3.14159",), Fraction(314159, 100000)),
        ((f"Answer: {head},000km",), Fraction(1000 * head)),
        ((f"Answer: {head},{tail}, as before",), Fraction(thousands)),
    ],
    "commas for thousands and decimals belong to the number, a full stop does not, and the value is exact: "
    "a Fraction of the text, not of a float",
)
testing.agree(
    extract_number,
    [
        ((f"Answer: {more},{more + 1}",), Fraction(more)),
        ((f"The digits are {more},2",), Fraction(2)),
        ((f"Answer: {more}, {tail} or {head}",), Fraction(more)),
        ((f"We saw {more}, {tail}",), Fraction(tail)),
        (("Answer: 4,20",), Fraction(4)),
        (("They are 7,1000",), Fraction(1000)),
        ((f"Answer: {thousands},{tail} of them",), Fraction(thousands)),
    ],
    "a comma with more than three digits before it, or not exactly three after it, separates two numbers",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q32-extract-number-hidden-sign", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: signs (1 point)
### BEGIN HIDDEN TESTS
from fractions import Fraction

rng = testing.rng()
a, b = (int(x) for x in rng.choice(np.arange(2, 99), 2, replace=False))
testing.agree(
    extract_number,
    [
        ((f"Answer: -{a}",), Fraction(-a)),
        ((f"{a} = -{b}.25",), -b - Fraction(1, 4)),
        ((f"Answer:-{a},{b + 100}",), Fraction(-1000 * a - b - 100)),
        ((f"(-{a})",), Fraction(-a)),
        ((f"({a})-{b}",), Fraction(-b)),
    ],
    "a minus directly before the first digit belongs to the number, unless a letter or a digit stands "
    "before it",
)
testing.agree(
    extract_number,
    [
        ((f"{a}-{b}",), Fraction(b)),
        ((f"in 2019-20{b + 100}",), Fraction(int(f"20{b + 100}"))),
        ((f"Answer: Route-{a}",), Fraction(a)),
        ((f"Answer: {a}-{b}",), Fraction(a)),
        ((f"{a} - {b}",), Fraction(b)),
    ],
    "a minus after a letter or a digit, or one with a space after it, is no sign",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q32-extract-number-hidden-none", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: no number, and zero (1 point)
### BEGIN HIDDEN TESTS
from fractions import Fraction

testing.agree(
    extract_number,
    [
        (("",), None),
        (("I do not know.",), None),
        (("Answer:",), None),
        (("No - not one, ...",), None),
        (("Answer: nothing, -",), None),
    ],
    "a text without a number gives None, not an error",
)
testing.agree(
    extract_number,
    [
        (("Answer: 0",), Fraction(0)),
        (("5 - 5 = 0.00",), Fraction(0)),
        (("Nothing is left: 0.",), Fraction(0)),
    ],
    "0 is a number",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
Your function beside the pattern that many scripts use: all `\d+` of the text, and then the last one. (The cell raises
`NotImplementedError` until you have solved the exercise.)
"""

# %% tags=["demo"]
for text in (
    "40 km/h. Answer: 40 km/h on both legs together, 6 hours in all",
    "Answer: 1,250",
    "Answer: -3",
    "Answer: 2.50",
    "Answer: 18. (As of 2026.)",
):
    popular = re.findall(r"\d+", text)[-1]
    print(f"popular {popular:>5}   yours {float(extract_number(text)):7}   {text}")

# %% [markdown]
r"""
### Exercise 32.2 · `majority_vote`

●○○ · 12 minutes · 4 points · core

Write `majority_vote(samples, extract)`. `samples` is a list of texts, `extract(text)` returns the answer of
one, or `None` if it has none. The result is the answer that comes most often.

- Answers are compared with `==`. They are of any kind, and need not be hashable: an answer may be a list.
- Texts without an answer (`None`) do not vote. Every other value does, also `0`, `False` and `""`.
- The most frequent answer wins even if it has fewer than half of the votes.
- A tie goes to the answer that was *first seen*, that is, whose first occurrence comes earliest.
- Without any vote the result is `None`. `samples` is not changed.

By hand: if the answers are 5, `None`, 7, 7, `None`, `None`, the result is 7; for 7, 5, 5, 7 it is 7.

<details><summary>Hint 1</summary>

What is counted, and what is not? Take the answers out first, and look at what is left before you count.

</details>

<details><summary>Hint 2</summary>

A list of the answers that are not `None`, in order. For each, how many of them are equal to it? Of the largest counts you want the
earliest: check what your way of finding a maximum does with ties.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q32-majority-vote", "locked": false, "schema_version": 3, "solution": true, "task": false}
def majority_vote(samples: list[str], extract):
    """Return the most frequent answer, the first seen among equals; None without votes."""
    ### BEGIN SOLUTION
    answers = [a for a in (extract(text) for text in samples) if a is not None]
    return max(answers, key=answers.count, default=None)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q32-majority-vote-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
def in_brackets(text: str) -> int | None:
    return int(text.strip("[]")) if text.startswith("[") else None


testing.agree(
    majority_vote,
    [
        ((["[5]", "?", "[7]", "[7]", "?", "?"], in_brackets), 7),
        ((["[7]", "[5]", "[5]", "[7]"], in_brackets), 7),
        ((["?"], in_brackets), None),
    ],
    "the most frequent answer, the first seen among equals; texts without an answer do not vote",
)

# %% nbgrader={"grade": true, "grade_id": "q32-majority-vote-hidden-equal", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: equal answers in different texts (1 point)
### BEGIN HIDDEN TESTS
from fractions import Fraction

rng = testing.rng()


def money(text: str) -> Fraction:
    return Fraction(text.strip("$ ").replace(",", ""))


def picked(text: str) -> list[str]:
    return sorted(text.replace(",", " ").split())


def number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


n = int(rng.integers(2, 9))
testing.agree(
    majority_vote,
    [
        ((["99", "99", f"{n},000", f"{n}000.0", f"${n}000"], money), Fraction(1000 * n)),
        (([f"{n}", f"{n}.5", f"${n}.50", f"{n} "], money), Fraction(n)),
        ((["$0.5", "1", "0.50", "1.0", ".50"], money), Fraction(1, 2)),
    ],
    "count equal answers, not equal texts: 1,000 and 1000.0 are one answer",
)
testing.agree(
    majority_vote,
    [
        ((["A", "B, A", "A,B", "B"], picked), ["A", "B"]),
        ((["C", "A B", "D", "C"], picked), ["C"]),
    ],
    "answers need not be hashable: lists that are equal are one answer",
)
other = str(n + 10)
testing.agree(
    majority_vote,
    [
        (([other, f"{n}", other, f"{n}.0", f"{n}"], number), n),
        (([other, f"{n}.0", f"{n}", other, f"{n}.0"], number), n),
    ],
    "answers are compared with ==, which calls 2 and 2.0 equal: not by their type, nor as they are printed",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q32-majority-vote-hidden-none", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: texts without an answer, and answers that look like nothing (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def integer(text: str) -> int | None:
    return int(text) if text.lstrip("-").isdigit() else None


a = str(int(rng.integers(3, 90)))
texts = ["?", a, "?", "-1", "?", a, "?"]
testing.agree(
    majority_vote,
    [
        ((texts, integer), int(a)),
        ((["?", "?", a], integer), int(a)),
        ((["?"] * 4, integer), None),
        (([], integer), None),
    ],
    "texts without an answer do not vote, however many they are; without any vote the result is None",
)
testing.agree(
    majority_vote,
    [
        ((["0", a, "0"], integer), 0),
        ((["?", "0", "?"], integer), 0),
        ((["x", "", ""], str), ""),
    ],
    "0 and the empty text are answers: only None is none",
)
assert testing.leaves_arguments(majority_vote, list(texts), integer), (
    "the list of samples was changed: take the answers into a list of your own"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q32-majority-vote-hidden-ties", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: ties (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
low, mid, high = (int(x) for x in np.sort(rng.choice(np.arange(10, 99), 3, replace=False)))
testing.agree(
    majority_vote,
    [
        (([str(x) for x in order], int), order[0])
        for order in (
            [high, low, low, high],
            [low, high, high, low],
            [mid, low, high],
            [high, low, mid, low, high],
            [low, mid],
            [mid, low],
        )
    ]
    + [(([str(x) for x in (low, high, mid, mid, high)], int), high)],
    "a tie goes to the answer whose first occurrence comes earliest: not to the smallest, nor to the one "
    "that reached the count first",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q32-majority-vote-hidden-plurality", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the most frequent answer, with or without half of the votes (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = []
for size in (5, 9, 14, 25):
    names = rng.permutation(np.arange(100, 100 + size))
    counts = np.ones(size, int)
    counts[size // 2] = 3  # the winner, with fewer than half of the votes
    drawn = rng.permutation(np.repeat(names, counts))
    cases.append((([str(x) for x in drawn], int), int(names[size // 2])))
drawn = rng.permutation(np.repeat([3, 1, 2], [6, 5, 4]))
cases.append((([str(x) for x in drawn], int), 3))
testing.agree(
    majority_vote,
    cases,
    "the most frequent answer wins, also with fewer than half of the votes",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
Your function on chains of the early `adder`, sampled in steps at temperature 1. The answer is what follows the last step.
"""


# %% tags=["demo"]
def last_part(text: str) -> int | None:
    end = text.split(";")[-1]
    return int(end) if end.isdigit() else None


for a, b in adder.sums(4, 4, seed=7):
    drawn = adder.answers(early, [(a, b)] * 9, steps=True, temperature=1.0)
    texts = [x.text for x in drawn]
    print(
        f"{a}+{b}={a + b}: vote {majority_vote(texts, last_part)}  of {[last_part(t) for t in texts]}"
    )

# %% [markdown]
r"""
### Exercise 32.3 · `vote_accuracy`

●●○ · 20 minutes · 4 points · core

What is a vote worth, if there are only two possible answers? Write `vote_accuracy(p, n)`: each of n independent
samples is right with probability `p`, and all wrong ones agree. Return the probability, a float, that the vote is right:
the probability that *more than half* of the samples are right, plus *half* the probability that exactly half of them
are (a tie is decided by a fair coin).

- $0 \le p \le 1$, both ends included; $n \ge 1$ is an integer, odd or even, up to 2,000 in the tests.
- It is the exact value, not a simulation: relative error at most one in a million wherever the value is above
  $10^{-9}$. With n = 2,000 a binomial coefficient no longer fits into a float, and a power of p may be
  smaller than the smallest one.

By hand: `vote_accuracy(0.6, 1)` is 0.6; with three votes $0.6^3 + 3 \cdot 0.6^2 \cdot 0.4 = 0.648$; with two votes
$0.36 + \tfrac12 \cdot 0.48 = 0.6$, so the second vote is worth nothing.

<details><summary>Hint 1</summary>

A sum over the number of right samples. From where on does it count fully, and which term counts half? Then: what is the size of the
factors of one term for n = 2,000, and of their product?

</details>

<details><summary>Hint 2</summary>

Add the logarithms of coefficient and powers and take the exponential at the end (`math.lgamma` gives log n!), with p = 0 and p = 1 as
cases of their own. Or go through the samples one by one, keeping an array of the probabilities of each number of right ones so far.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q32-vote-accuracy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def vote_accuracy(p: float, n: int) -> float:
    """Return the probability that a vote of n is right, each sample being right with p."""
    ### BEGIN SOLUTION
    if p in (0, 1):
        return float(p)
    total = 0.0
    for k in range((n + 1) // 2, n + 1):
        ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        term = math.exp(ways + k * math.log(p) + (n - k) * math.log1p(-p))
        total += term / 2 if 2 * k == n else term
    return total
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q32-vote-accuracy-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    vote_accuracy,
    [((0.6, 1), 0.6), ((0.6, 3), 0.648), ((0.6, 2), 0.6), ((0.4, 3), 0.352)],
    "more than half of the samples right, plus half of a tie",
)

# %% nbgrader={"grade": true, "grade_id": "q32-vote-accuracy-hidden-odd", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: odd numbers of votes (1 point)
### BEGIN HIDDEN TESTS
from itertools import product

rng = testing.rng()


def enumerated(p: float, n: int) -> float:
    total = 0.0
    for outcome in product((0, 1), repeat=n):
        k = sum(outcome)
        total += p**k * (1 - p) ** (n - k) * (1.0 if 2 * k > n else 0.5 if 2 * k == n else 0.0)
    return total


cases = [((float(p), n), enumerated(float(p), n)) for n in (1, 3, 5, 7, 9) for p in rng.random(2)]
testing.agree(
    vote_accuracy,
    cases,
    "add up the probabilities of every number of right samples above one half, each with the number of "
    "ways in which it comes about",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q32-vote-accuracy-hidden-even", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: even numbers of votes (1 point)
### BEGIN HIDDEN TESTS
from itertools import product

rng = testing.rng()


def enumerated(p: float, n: int) -> float:
    total = 0.0
    for outcome in product((0, 1), repeat=n):
        k = sum(outcome)
        total += p**k * (1 - p) ** (n - k) * (1.0 if 2 * k > n else 0.5 if 2 * k == n else 0.0)
    return total


cases = [((float(p), n), enumerated(float(p), n)) for n in (2, 4, 6, 8) for p in rng.random(2)]
testing.agree(
    vote_accuracy,
    cases,
    "an exact tie counts half: neither as won nor as lost",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q32-vote-accuracy-hidden-ends", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: certain samples, and fair coins (1 point)
### BEGIN HIDDEN TESTS
sizes = (1, 2, 3, 8, 51, 400)
testing.agree(
    vote_accuracy,
    [((0.0, n), 0.0) for n in sizes]
    + [((1.0, n), 1.0) for n in sizes]
    + [((0.5, n), 0.5) for n in sizes],
    "p = 0 gives 0, p = 1 gives 1, and p = 1/2 gives 1/2 at any number of votes",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q32-vote-accuracy-hidden-large", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: many votes (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def by_recursion(p: float, n: int) -> float:
    """The distribution of right samples, built up one by one."""
    odds = np.zeros(n + 1)  # odds[k]: k of the samples so far are right
    odds[0] = 1.0
    for _ in range(n):
        odds[1:], odds[0] = odds[1:] * (1 - p) + odds[:-1] * p, odds[0] * (1 - p)
    k = np.arange(n + 1)
    return float(odds[2 * k > n].sum() + odds[2 * k == n].sum() / 2)


small, large = 0.45 + 0.04 * rng.random(), 0.51 + 0.04 * rng.random()
testing.agree(
    vote_accuracy,
    [((p, n), by_recursion(p, n)) for p in (small, large, 0.999) for n in (300, 1001, 2000)],
    "with many votes the coefficients overflow and the powers underflow: work with logarithms, or build the "
    "distribution up sample by sample",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
Now the groups of sums once more, with your function beside them. If the wrong answers all agreed, a group's vote would be
the mean of `vote_accuracy(p, n)` over its sums. (Not `vote_accuracy` of the group's mean p: the curve bends.)
"""

# %% tags=["demo"]
print("votes                                 ", *(f"{n:5}" for n in votes))
for (d, name), (drawn, true) in groups.items():
    own = (drawn == true[:, None]).mean(axis=1)
    exact = [np.mean([vote_accuracy(float(p), n) for p in own]) for n in votes]
    print(f"{d} digits, {name:13} measured       ", *(f"{x:5.2f}" for x in curves[d, name]))
    print(f"{'':24} if wrong agree ", *(f"{x:5.2f}" for x in exact))

# %% [markdown]
r"""
How far the measured row is above the other one is what the wrong answers lose by disagreeing: much at three digits, little at
two (but for the middle group there, a dozen sums). In the middle group of three digits it turns a loss into a gain. Where both rows fall, the model has a favourite that is
wrong.
"""

# %% [markdown]
r"""
### Exercise 32.4 · repair `self_consistency`

●●○ · 12 minutes · 3 points · core

The loop below is meant to do self-consistency, and to say how far the samples agree. As it stands, it pays for n answers and gets
one. It has three faults.

`self_consistency(model, prompt, n, extract, temperature, seed)` returns `(answer, agreement)`:

- It calls `model(prompt, temperature, seed)`, which returns a text, exactly `n` times ($n \ge 1$): with the prompt as given, the given
  temperature, and the seeds `seed`, `seed + 1`, ..., `seed + n - 1`, in this order.
- `extract(text)` is the answer of a text, or `None` if it has none. `None` is no answer and cannot win. Answers are hashable, and
  `0` is one.
- The answer is the most frequent one; a tie goes to the one that was first seen.
- `agreement` is the winner's votes divided by `n`: a sample without an answer agrees with nobody.
- If no sample has an answer, the result is `(None, 0.0)`.

<details><summary>Hint 1</summary>

Print what the model is called with. Then try a model whose samples are mostly without an answer, and one whose samples are
7, 5, 5, 7.

</details>

<details><summary>Hint 2</summary>

What changes from call to call in the loop, and what should? Which values may stand among the candidates for the winner? And in which
order does a `set` hand out its elements?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q32-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def self_consistency(model, prompt: str, n: int, extract, temperature: float, seed: int):
#     """Sample n answers; return the most frequent one and the share of samples that agree."""
#     answers = []
#     for _ in range(n):
#         text = model(prompt, 0.0, seed)
#         answers.append(extract(text))
#     best = max(set(answers), key=answers.count)
#     return best, answers.count(best) / n
### END REPAIR
### BEGIN SOLUTION
def self_consistency(model, prompt: str, n: int, extract, temperature: float, seed: int):
    """Sample n answers; return the most frequent one and the share of samples that agree."""
    answers = []
    for i in range(n):
        answer = extract(model(prompt, temperature, seed + i))
        if answer is not None:
            answers.append(answer)
    if not answers:
        return None, 0.0
    best = max(answers, key=answers.count)
    return best, answers.count(best) / n


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q32-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
def certain(prompt: str, temperature: float, seed: int) -> str:
    return "12"


testing.agree(
    self_consistency,
    [((certain, "6 + 6?", n, int, 0.7, 0), (12, 1.0)) for n in (1, 4)],
    "all samples agree on 12",
)

# %% nbgrader={"grade": true, "grade_id": "q32-repair-hidden-calls", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what the model is called with (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
start, n = int(rng.integers(10, 90)), int(rng.integers(4, 8))
temperature, prompt = 0.5 + float(rng.integers(1, 4)) / 8, f" {start} + {n}?\n"
calls = []


def listening(prompt: str, temperature: float, seed: int) -> str:
    calls.append((prompt, temperature, seed))
    return str(seed // 2)


self_consistency(listening, prompt, n, int, temperature, start)
testing.check(
    [c[2] for c in calls] == list(range(start, start + n)),
    "n calls with n different seeds, counted up from the one given: with one seed all samples are the same",
    got=[c[2] for c in calls],
    expected=list(range(start, start + n)),
)
testing.check(
    all(c[:2] == (prompt, temperature) for c in calls),
    "every call has the prompt as given and the temperature that was asked for: at 0 the samples do not differ",
    got=[c[:2] for c in calls],
    expected=[(prompt, temperature)] * n,
)


def drifting(prompt: str, temperature: float, seed: int) -> str:
    return "3" if temperature == 0 or seed == 40 else "8"


testing.agree(
    self_consistency,
    [((drifting, prompt, 5, int, temperature, 40), (8, 4 / 5))],
    "the votes of the different samples decide",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q32-repair-hidden-none", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: samples without an answer (1 point)
### BEGIN HIDDEN TESTS
import contextlib

rng = testing.rng()


def integer(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def in_turn(*texts: str):
    def model(prompt: str, temperature: float, seed: int) -> str:
        return texts[seed % len(texts)]

    return model


a = str(int(rng.integers(10, 99)))
b = str(int(a) + 1)
testing.agree(
    self_consistency,
    [
        ((in_turn("?", a, "?", b, "?", a), "q", 6, integer, 1.0, 0), (int(a), 2 / 6)),
        ((in_turn("?", "?", "?", a), "q", 4, integer, 1.0, 8), (int(a), 1 / 4)),
        ((in_turn("0", "?", "0", a), "q", 4, integer, 1.0, 4), (0, 2 / 4)),
        ((in_turn("?"), "q", 3, integer, 1.0, 0), (None, 0.0)),
    ],
    "None is no answer and cannot win (0 can); agreement is the winner's votes over all n samples, and "
    "without any answer the result is (None, 0.0)",
)


def seeds_asked(*texts: str) -> list[int]:
    """The seeds of the calls to a model that writes these texts in turn."""
    seeds = []

    def model(prompt: str, temperature: float, seed: int) -> str:
        seeds.append(seed)
        if len(seeds) > 50:
            raise RuntimeError("the model was called more than 50 times")
        return texts[(seed - 3) % len(texts)]

    with contextlib.suppress(RuntimeError):
        self_consistency(model, "q", 5, integer, 1.0, 3)
    return seeds


for texts in (("?", a, "?", b, "?"), (a, "?"), ("?",)):
    seeds = seeds_asked(*texts)
    testing.check(
        seeds == [3, 4, 5, 6, 7],
        "the model is called exactly n times: a sample without an answer is not drawn again",
        inputs=f"n = 5, seed = 3, a model that writes {' '.join(texts)} in turn",
        got=seeds,
        expected=[3, 4, 5, 6, 7],
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q32-repair-hidden-ties", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: ties (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def in_turn(*texts: str):
    def model(prompt: str, temperature: float, seed: int) -> str:
        return texts[seed % len(texts)]

    return model


low, mid, high = (str(x) for x in np.sort(rng.choice(np.arange(1, 8), 3, replace=False)))
cases = []
for order in ([high, low, low, high], [low, high, high, low], [mid, low, high], [high, mid, low]):
    agreed = order.count(order[0]) / len(order)
    cases.append(((in_turn(*order), "q", len(order), int, 1.0, 0), (int(order[0]), agreed)))
cases.append(((in_turn(low, mid, mid, high, high), "q", 5, int, 1.0, 10), (int(mid), 2 / 5)))
testing.agree(
    self_consistency,
    cases,
    "a tie goes to the answer first seen: a set has an order of its own",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

**The example that cannot catch the mistake.** The popular question to demonstrate "Let's think step by step" is a train that goes
120 km in 2 hours and then 180 km in 3 hours. Its average speed is 60 km/h. The mistake that steps
are to prevent is to average the two speeds. What does that give here?
"""

# %% tags=["demo"]
from fractions import Fraction as Exact


def both(first: tuple[int, int], second: tuple[int, int]) -> tuple[Exact, Exact]:
    """The average speed of two legs (km, hours), and the mean of their speeds."""
    (d1, t1), (d2, t2) = first, second
    return Exact(d1 + d2, t1 + t2), (Exact(d1, t1) + Exact(d2, t2)) / 2


for legs in (((120, 2), (180, 3)), ((120, 2), (60, 2)), ((120, 2), (120, 4))):
    right_way, shortcut = both(*legs)
    verdict = "tells nothing" if right_way == shortcut else "tells them apart"
    print(f"{legs}: right {right_way}, shortcut {shortcut}   {verdict}")

# %% [markdown]
r"""
Both legs were driven at 60 km/h, so the wrong way gives 60 as well: a model that does not reason passes. Equal *times* hide
the mistake just as well. The third version tells the two apart. The difference of the results is $(v_1 - v_2)(t_1 - t_2) /
(2 (t_1 + t_2))$, so both must differ, the speeds and the times. Before you use an example, run the mistake on it. Over a grid
of such questions:
"""

# %% tags=["demo"]
grid = [(60 * v * t, t) for v in (1, 2, 3) for t in (1, 2, 3)]
blind = [(x, y) for x in grid for y in grid if len(set(both(x, y))) == 1]
same = [(x, y) for x in grid for y in grid if x[1] == y[1] or x[0] * y[1] == y[0] * x[1]]
print(
    f"{len(blind)} of {len(grid) ** 2} questions cannot catch it; equal times or speeds: {len(same)}"
)
print("the same questions:", blind == same)

# %% [markdown]
r"""
**"Steps allow the model to detect its errors."** They allow *you* to look for errors. Whether the model does is
another matter: after a false first step, the two hops above ran on to the end. Nor is the chain a window: models that were
nudged towards an answer by the order of the options wrote plausible chains for it and did not mention the order; accuracy
fell by up to 36 % on 13 tasks (Turpin et al., 2023; GPT-3.5 and Claude 1.0).

**"More votes, better answers."** Up to the likeliest answer. Of two answers, with p = 0.4 for the right one:
"""

# %% tags=["demo"]
for p in (0.6, 0.4):
    flips = np.random.default_rng(1).binomial(41, p, 200_000)
    print(f"p = {p}: one sample {p}, vote of 41: {(flips > 20).mean():.2f}")

# %% [markdown]
r"""
### If they push

**"Does 'think step by step' help a reasoning model?"**

<details><summary>Answer</summary>

Such models (o1 in 2024, DeepSeek-R1 in 2025, and what came after) are trained by reinforcement learning to write long chains before they
answer, so the phrase asks for what they do anyway. OpenAI's guide for its reasoning models says to avoid
chain-of-thought prompts and calls them unnecessary (as quoted in 2025 and 2026). Effort is set by a parameter or a budget instead.
Measure it, as any change of a prompt.

</details>

**"Is it the content of the steps, or just more computation?"**

<details><summary>Answer</summary>

In general both are possible. Transformers can be *trained* to use meaningless filler tokens for some problems, with
difficulty (Pfau et al., 2024). In the large models that Lanham et al. (2023) tested, filler in place of the chain did not bring its
gain. In our `adder` the content matters: with another sum's steps it gave that sum's answer.

</details>

**"For which tasks does it help?"**

<details><summary>Answer</summary>

In a meta-analysis of over a hundred papers and tests of 14 models on 20 datasets, gains were large in mathematics and
symbolic tasks and small elsewhere; on MMLU nearly all of the gain came from questions with an equals sign in question or answer (Sprague
et al., 2024). For those, a tool (a calculator, a solver) is often better still.

</details>

**"Are the n samples independent votes?"**

<details><summary>Answer</summary>

Given the question, yes: they are drawn independently from one distribution. Over questions, no: they share the model's convictions.
That is why the binomial with the *average* p misleads, and why accuracy may rise with votes and then fall, when
easy questions are settled first and hard ones are lost slowly (Chen et al., 2024).

</details>

**"What would you use instead of counting?"**

<details><summary>Answer</summary>

Something that knows more than the samples: a test to run, a checker, a trained verifier. Question 47 measures it. Also useful is the
agreement itself: where samples disagree, ask a larger model or a person.

</details>

**"Can chains be read for safety?"**

<details><summary>Answer</summary>

They help and do not suffice. Reasoning models that used a hint from the prompt often did not say so: in most settings the
rate at which they revealed it was at least 1 % and often below 20 % (Chen et al., 2025; Claude 3.7 Sonnet and DeepSeek-R1 among
the models). A chain that the task cannot do without should be the better witness, as with the two hops above. A hard question
alone does not make it one: the reported faithfulness was lower on the harder of two test sets.

</details>

**"Few-shot or zero-shot?"**

<details><summary>Answer</summary>

Wei et al. (2022) put worked examples before the question, Kojima et al. (2022) one sentence after it. Examples also fix the form of the
answer, which makes it easier to extract. They cost input tokens, and their mistakes are copied. The popular examples of tennis
balls and parked cars come from the former paper.

</details>
"""

# %% [markdown]
r"""
### Sources

- Nye et al. (2021), *Show Your Work: Scratchpads for Intermediate Computation with Language Models*, arXiv 2112.00114: addition in
  steps, as here.
- Wei et al. (2022), *Chain-of-Thought Prompting Elicits Reasoning in Large Language Models*, arXiv 2201.11903; Kojima et al.
  (2022), *Large Language Models are Zero-Shot Reasoners*, arXiv 2205.11916.
- Wang et al. (2022), *Self-Consistency Improves Chain of Thought Reasoning in Language Models*, arXiv 2203.11171 (ICLR 2023):
  temperature 0.5 for UL2 and LaMDA, 0.7 for PaLM and GPT-3, 40 samples.
- Merrill, Sabharwal (2023), *The Expressive Power of Transformers with Chain of Thought*, arXiv 2310.07923 (ICLR 2024): under
  standard conjectures of complexity theory.
- Turpin, Michael, Perez, Bowman (2023), *Language Models Don't Always Say What They Think*, arXiv 2305.04388; Lanham et al. (2023),
  *Measuring Faithfulness in Chain-of-Thought Reasoning*, arXiv 2307.13702; Y. Chen et al. (2025), *Reasoning Models Don't
  Always Say What They Think*, arXiv 2505.05410. How much chains can be relied on is **contested**, and differs by task and model.
- Pfau, Merrill, Bowman (2024), *Let's Think Dot by Dot*, arXiv 2404.15758; Sprague et al. (2024), *To CoT or not to CoT?*,
  arXiv 2409.12183; L. Chen et al. (2024), *Are More LLM Calls All You Need?*, arXiv 2403.02419.
- Condorcet (1785), *Essai sur l'application de l'analyse à la probabilité des décisions*: votes of more and less than one half.
"""
