# %% [markdown]
r"""
## Q47. What does test-time compute buy?

*Hard · 95 minutes · needs probability, logarithms, what sampling at a temperature is (question 4); question 32,
the section before this one, helps*
"""

# %% [markdown]
r"""
### Say it

> Test-time compute is what is spent on a question after training: a longer chain of thought, several answers in
> parallel, a search over steps. More samples raise coverage, the chance that *some* answer is right: one minus
> (1 − p) to the n for a question with success rate p. A user sees one answer, so somebody has to pick it, and
> that is where the gains go or get lost. With a perfect verifier accuracy equals coverage. With a verifier that
> passes some wrong answers it rises to a ceiling that no budget moves. With a vote it goes to the model's most
> frequent answer, right or wrong. Accuracy is often close to a straight line against the *logarithm* of
> compute, in the middle of its range. A power law in compute it cannot be, since it ends at 1.
"""

# %% [markdown]
r"""
### See it

**Two ways to spend tokens.** The lab's `instruct` knows who is mayor of which town and who lives where. Asked
at once for the home of the mayor of a town, it has to do both look-ups in one pass, and it was never trained on
the pairs that are asked here. So: thirty such questions. We can draw sixteen direct answers to each. Or one
answer in steps. (More than five hundred answers over HTTP in all: the cell that asks takes a while.)
"""

# %% tags=["demo"]
import os
import random
from collections import Counter

try:
    from openai import OpenAI
except ImportError:
    print("This section's demonstrations need the openai client: pip install openai")
from course import lab, serve, world
from course.lab import adder, probes
from course.world import chats

home = world.make_world()
chains = random.Random(1).sample(probes.heldout_chains(), 30)
asked = {
    steps: [
        chats.two_hop_chat(home, random.Random(i), chain, steps=steps).messages[0]["content"]
        for i, chain in enumerate(chains)
    ]
    for steps in (False, True)
}
wanted = [second.value for _, second in chains]
print(asked[False][0], "|", asked[True][0], "|", wanted[0])


# %% tags=["demo"]
def ask(client, questions: list[str], model: str = "instruct", **settings) -> tuple[list, float]:
    """Lists of answers, one for each question, and the tokens written for a question."""
    found, tokens = [], 0
    for number, question in enumerate(questions):
        done = client.chat.completions.create(
            model=model,
            messages=[{"role": "user", "content": question}],
            seed=number,
            max_completion_tokens=60,
            **settings,
        )
        found.append([choice.message.content for choice in done.choices])
        tokens += done.usage.completion_tokens
    return found, tokens / len(questions)


def value(answer: str) -> str:
    """What a sentence such as "The home of the mayor of Dorby is Arton." ends in."""
    return answer.strip().rstrip(".").rpartition(" is ")[2]


with serve.background() as client:
    at_once, cost_once = ask(client, asked[False], temperature=0)
    sixteen, cost_sixteen = ask(client, asked[False], temperature=1, n=16)
    in_steps, cost_steps = ask(client, asked[True], temperature=0)
print(in_steps[0][0])

# %% [markdown]
r"""
The same code talks to any other endpoint of this kind. Only the client changes, and the model's name:
"""


# %% tags=["demo"]
def elsewhere() -> "OpenAI":
    """A client of another endpoint; its address and key stand in the environment."""
    return OpenAI(base_url=os.environ["OPENAI_BASE_URL"], api_key=os.environ["OPENAI_API_KEY"])


# ask(elsewhere(), asked[False], model="a-model-that-is-served-there", temperature=1, n=16)

# %% [markdown]
r"""
*Coverage* (also pass@n) is the share of questions with at least one right answer among the n. Beside it stands
somebody who knows nothing: who draws sixteen values at random from the facts of the kind that is asked for
(towns for a home, years for a founding), each as often as it occurs.
"""

# %% tags=["demo"]
values = [[value(text) for text in texts] for texts in sixteen]
common = {
    f.relation: Counter(g.value for g in home.facts() if g.relation == f.relation)
    for _, f in chains
}
blind = [common[f.relation][f.value] / common[f.relation].total() for _, f in chains]


def agreeing(given: list[str]) -> float:
    return float(np.mean([g == w for g, w in zip(given, wanted, strict=True)]))


likeliest = agreeing([value(text) for [text] in at_once])
stepwise = agreeing([value(text) for [text] in in_steps])
voted = agreeing([Counter(row).most_common(1)[0][0] for row in values])
covered = float(np.mean([w in row for row, w in zip(values, wanted, strict=True)]))
guessed = float(np.mean(1 - (1 - np.array(blind)) ** 16))
for name, tokens, share in [
    ("at once, likeliest", cost_once, likeliest),
    ("at once, 16 samples: most frequent", cost_sixteen, voted),
    ("at once, 16 samples: any right", cost_sixteen, covered),
    ("16 blind guesses: any right", 0, guessed),
    ("in steps, likeliest", cost_steps, stepwise),
]:
    print(f"{name:36} {tokens:6.0f} tokens a question   right {share:.2f}")
different = np.mean([len(set(row)) for row in values])
print(f"different values among the 16 samples of a question, on average: {different:.1f}")

# %% [markdown]
r"""
Begin at the bottom of the table. One answer in steps costs little more than a direct one and is nearly always
right: here the sequential way is the better buy by far, because the model can do each step and was trained to
write steps. Sixteen direct answers cost many times as much. Coverage rises above the single answer. But the
blind guesser covers *more*: where few answers are possible, many different tries hit by luck, and the model
comes back to the same wrong values (the last line counts how many different ones it tried). And the vote, which
is what a user would see, gains nothing. What remains is the question of this section: *how does one get from
"some answer is right" to "this one is"?*

#### Coverage and selection

Hundreds of samples are needed now, and a task that can be checked: sums of four digits, by the lab's `adder` at
an early stage of its training, answering at once. It is used directly, not over HTTP (`Drafts`, from the
recorded run below, writes many answers side by side at temperature 1). A hundred sums, 64 samples each:
"""

# %% tags=["demo"]
from scipy.stats import hypergeom

from course import figures, recorded
from course.recorded import q47_search as search

early, pairs, N = search.model(), adder.sums(4, 100), 64
drafts = search.Drafts(early, [adder.prompt(*pair) for pair in pairs], seed=1)
drafts.keep(np.repeat(np.arange(len(pairs)), N))
drafts.write(6)
answers = np.array([search.answer(text) for text in drafts.texts]).reshape(len(pairs), N)
sums = np.array([a + b for a, b in pairs])
right = answers == sums.astype(str)[:, None]
for row in (0, 1):
    print(pairs[row], sums[row], Counter(answers[row].tolist()).most_common(4))
print(f"one sample {right.mean():.3f}, any of {N} {right.any(axis=1).mean():.3f}")

# %% [markdown]
r"""
Four ways to pick one answer out of n:

- a **perfect verifier** accepts what is right and nothing else: then accuracy *is* coverage;
- **casting out nines**, a real verifier of schoolchildren: a sum is accepted if it leaves the same remainder as
  it should when divided by 9. It never rejects a right answer, and passes some wrong ones;
- a **noisy verifier**, planted: it accepts nine in ten right answers and one in ten wrong ones, at random;
- **no verifier**: the most frequent answer.

Of the accepted answers one is shown at random; if none is accepted, any.
"""

# %% tags=["demo"]
chance = np.random.default_rng(0)
verifiers = {
    "perfect": right,
    "nines": np.vectorize(lambda text, total: text.isdigit() and (int(text) - total) % 9 == 0)(
        answers, sums[:, None]
    ),
    "noisy": chance.random(right.shape) < np.where(right, 0.9, 0.1),
    "none": np.zeros_like(right),
}
for name, accepts in verifiers.items():
    print(f"{name:8} accepts {accepts[right].mean():.2f} of the right, {accepts[~right].mean():.2f} "
          f"of the wrong answers")  # fmt: skip


def shown_right(accepts: np.ndarray, n: int, rounds: int = 30) -> float:
    """How often the answer that is shown is right, over random choices of n of the samples."""
    hits = 0.0
    for _ in range(rounds):
        order = chance.permuted(np.tile(np.arange(N), (len(right), 1)), axis=1)[:, :n]
        verdict, truth = (np.take_along_axis(x, order, axis=1) for x in (accepts, right))
        hits += truth[np.arange(len(right)), verdict.argmax(axis=1)].mean()
    return hits / rounds


def vote_right(n: int, rounds: int = 15) -> float:
    hits = []
    for _ in range(rounds):
        order = chance.permutation(N)[:n]
        winners = [Counter(row).most_common(1)[0][0] for row in answers[:, order].tolist()]
        hits.append(np.mean(winners == sums.astype(str)))
    return float(np.mean(hits))


# %% tags=["demo"]
sizes = [1, 2, 4, 8, 16, 32, 64]
curves = {
    "coverage": [float(hypergeom.sf(0, N, right.sum(axis=1), n).mean()) for n in sizes],
    **{f"{name} verifier": [shown_right(verifiers[name], n) for n in sizes] for name in verifiers},
    "vote": [vote_right(n) for n in sizes],
}
curves["one at random"] = curves.pop("none verifier")
print(f"{'n':18}", "".join(f"{n:6}" for n in sizes))
for name, row in curves.items():
    print(f"{name:18}", "".join(f"{x:6.2f}" for x in row))

# %% tags=["demo"]
fig, ax = figures.subplots(size=(5.8, 3.2))
marks = {"perfect verifier": "o", "nines verifier": "s", "noisy verifier": "^", "vote": "x"}
for name, mark in marks.items():
    ax.plot(sizes, curves[name], marker=mark, label=name)
ax.set_xscale("log", base=2)
ax.set_xticks(sizes, sizes)
ax.set(xlabel="samples", ylabel="right", ylim=(0, 0.75))
ax.legend(frameon=False, fontsize=9, loc="upper left")
figures.show(
    fig,
    "Share of sums answered right against the number of samples on a logarithmic axis, for four ways to "
    "choose. At 1 and at 64 samples: "
    + "; ".join(f"{name} {curves[name][0]:.2f} and {curves[name][-1]:.2f}" for name in marks),
)

# %% [markdown]
r"""
One set of samples, and the curves have little in common. The perfect verifier goes on rising. Both imperfect
ones flatten, although they reject nine wrong answers of ten: when one sample in ten is right and nine are
wrong, even one tenth of the wrong ones is about as much as all the right ones. The vote gains least. Drawing
many samples and showing one at random gains nothing at all.

#### Where each of them ends

For one sum with success rate p the answer shown after *very* many samples is right with probability

$$\frac{p \cdot \text{tpr}}{p \cdot \text{tpr} + (1 - p) \cdot \text{fpr}}$$

with tpr and fpr the shares of right and wrong answers that the verifier accepts: no n stands in it. The p of
each sum need not be estimated: it is the product of the probabilities of the right characters.
"""

# %% tags=["demo"]
texts = [f"{adder.prompt(*pair)}{sum(pair)}" for pair in pairs]
rates = np.zeros(len(pairs))
for row, text in enumerate(texts):
    start = text.index("=")
    with torch.inference_mode():
        log_p = early(torch.tensor([adder.encode(text)])).logits[0].log_softmax(dim=-1)
    target = [*adder.encode(text[start + 1 :]), adder.ID[adder.END]]
    rates[row] = log_p[start:].gather(1, torch.tensor(target)[:, None]).sum().exp()
print(f"mean p {rates.mean():.3f} (sampled {right.mean():.3f})")
print("p of the sums at", {q: f"{np.quantile(rates, q):.4f}" for q in (0, 0.1, 0.5, 0.9, 1)})
passed = verifiers["nines"].sum(axis=1)
ends = {
    "perfect": (rates > 0).mean(),
    "noisy": (0.9 * rates / (0.9 * rates + 0.1 * (1 - rates))).mean(),
    "nines (of the 64)": (right.sum(axis=1) / np.maximum(passed, 1)).mean(),
    "vote (of the 64)": curves["vote"][-1],
}
print("with ever more samples:", {name: f"{x:.2f}" for name, x in ends.items()})

# %% [markdown]
r"""
The rates p spread over orders of magnitude. The ceiling is a mean over them, and it is low *because most of
these sums are hard*: the smaller p, the more of what passes is wrong. So what a verifier is worth is no
property of its own: with the same error rates it is good for easy questions and useless for hard ones. Stroebl,
Kapoor and Narayanan (2024) show this for code that is checked with incomplete unit tests: a weaker model passes
with more wrong programs, and no number of samples lifts it to a strong one.

Note also how casting out nines errs: it passes the *same* wrong answer each time, so its mistakes are not
independent draws. A second look by the same check is worth nothing.

**Stop when one is accepted.** Nobody has to draw all 64. Draw one at a time, up to the limit, and stop at the
first that passes: with a verifier, that gives the accuracy of best-of-64, up to chance, for less.
"""

# %% tags=["demo"]
for name in ("perfect", "nines", "noisy"):
    accepts = verifiers[name]
    first = np.where(accepts.any(axis=1), accepts.argmax(axis=1) + 1, N)
    accuracy = right[np.arange(len(right)), np.where(accepts.any(axis=1), first - 1, 0)].mean()
    print(f"{name:8} {first.mean():5.1f} samples a sum instead of {N}, right {accuracy:.2f}; "
          f"on the hardest tenth {first[rates <= np.quantile(rates, 0.1)].mean():.1f} samples")  # fmt: skip

# %% [markdown]
r"""
That is the simplest way to give hard questions more compute than easy ones: with the perfect verifier the
hardest sums take (nearly) all that is allowed. The imperfect ones stop early on hard sums too, and not because
they are solved. Exercise 47.3 divides a fixed budget among questions whose rates are known.

#### A tree instead of whole drafts

If there is something to say about an *unfinished* answer, one need not finish what is lost. The same early
`adder`, working in steps, writes `7+8+0=15;4+5+1=10;3+0+1=04;405`. Two ways to spend the same number of
characters:

- **best of N**: N whole drafts, then choose one;
- **tree**: N candidates for the first step, keep the √N best, N candidates for the next step from those, and so
  on (a beam search over steps).

What is "best" is said by a *value function*: how many of the segments so far, four steps and the answer, a
judge accepts. The judges are rules and stand in for a trained process reward model: a perfect one; a noisy one
that is wrong about every tenth segment; and one that looks only whether a step adds up, not whether it adds the
right digits. Or the model's own probability of the draft, which needs no judge. Two hundred sums and up to 64
drafts are too many to compute while you read: they are recorded, and one point is computed here again.
"""

# %% tags=["demo"]
run = recorded.load("q47_search")
table = {(row["search"], row["way"], row["n"]): row["right"] for row in run.rows}
print(run)
now = search.tree(early, adder.sums(4, 200), 4, "perfect")
print(f"tree, perfect judge, N = 4: now {now:.3f}, recorded {table['tree', 'perfect', 4]:.3f}")
budgets = sorted({row["n"] for row in run.rows})
print(f"\n{'':38}", "".join(f"{n:6}" for n in budgets))
for way in ("perfect", "noisy", "arithmetic", "likelihood"):
    for kind in ("best of N", "tree"):
        shares = "".join(f"{table[kind, way, n]:6.2f}" for n in budgets)
        print(f"{'segments, ' * (way != 'likelihood') + way:24} {kind:13} {shares}")
for way in ("final", "vote", "any"):
    label = {"final": "whole answer, noisy", "vote": "vote", "any": "coverage"}[way]
    shares = "".join(f"{table['best of N', way, n]:6.2f}" for n in budgets)
    print(f"{label:24} {'best of N':13} {shares}")

# %% tags=["demo"]
fig, axes = figures.subplots(1, 3, sharey=True, size=(8.6, 2.9))
for ax, way in zip(axes, ("perfect", "noisy", "likelihood"), strict=True):
    for kind, mark in (("best of N", "o"), ("tree", "s")):
        ax.plot(budgets, [table[kind, way, n] for n in budgets], marker=mark, label=kind)
    ax.set_xscale("log", base=4)
    ax.set_xticks(budgets, budgets)
    ax.minorticks_off()
    title = {"perfect": "perfect judge", "noisy": "noisy judge", "likelihood": "own probability"}
    ax.set(title=title[way], xlabel="N (42 characters each)", ylim=(0.5, 1.02))
axes[0].set_ylabel("right")
axes[2].legend(frameon=False, loc="lower right")
figures.show(
    fig,
    "Three charts of the share of sums answered right against N, for best of N and for the tree at the same "
    "number of characters. At N = 4: "
    + "; ".join(
        f"{way}: best of N {table['best of N', way, 4]:.2f}, tree {table['tree', way, 4]:.2f}"
        for way in ("perfect", "noisy", "likelihood")
    )
    + ". At N = 64 the two differ by at most "
    + f"{max(abs(table['best of N', w, 64] - table['tree', w, 64]) for w in title):.2f}.",
)

# %% [markdown]
r"""
Each share rests on 200 sums; a few hundredths may be chance. Best of N with the perfect judge can fall a little
short of coverage, since the judge counts segments: a right answer with a wrong step before it may lose.

- At a small budget the tree is ahead with the perfect judge and with the noisy one: it repairs a draft at the
  step where it fails, instead of starting anew. At larger budgets the lead is gone. Best of N has found whole
  right drafts by then; and what a noisy judge has thrown away early is lost to a tree. The famous advantage of
  search appears here in a corner only: the drafts are short, and most steps succeed. In theory it grows with
  the number of steps that must *all* succeed, since a whole draft is right with the product of their rates.
- Compare *segments, noisy* with *whole answer, noisy*, both best of N: five verdicts on a draft are ahead of
  one at the largest budget. Some of what is credited to "search" may be just a verifier that was asked more
  often. Equal compute in characters is not equal compute in calls.
- The half-blind judge of arithmetic helps up to a point. Drafts that copied a digit wrongly and added it
  correctly pass, in either way.
- The model's own probability gains at first and then stops: what it finds likely is not what is right.

#### Accuracy against the logarithm of compute

Everything on one axis: characters written for a sum. Two ways to answer, each with a perfect verifier and with
none.
"""

# %% tags=["demo"]
characters = np.mean([len(text) + 1 for text in answers.ravel()])
lines = {
    "at once, perfect": ([n * characters for n in sizes], curves["coverage"]),
    "at once, vote": ([n * characters for n in sizes], curves["vote"]),
    "in steps, perfect": (
        [42 * n for n in budgets],
        [table["best of N", "any", n] for n in budgets],
    ),
    "in steps, vote": ([42 * n for n in budgets], [table["best of N", "vote", n] for n in budgets]),
}
fig, axes = figures.subplots(1, 2, sharey=True, size=(8.2, 3.1))
for ax, scale in zip(axes, ("linear", "log"), strict=True):
    for (name, (x, y)), mark in zip(lines.items(), "oxs^", strict=True):
        ax.plot(x, y, marker=mark, label=name)
    ax.set_xscale(scale)
    ax.set(xlabel=f"characters a sum ({scale} axis)", ylim=(0, 1.02))
axes[0].set_ylabel("right")
axes[1].legend(frameon=False, fontsize=8, loc="upper left")
figures.show(
    fig,
    "The share of sums answered right against the characters written, twice: on a linear axis all four "
    "curves rise steeply and flatten; on a logarithmic axis the curve of direct answers with a perfect "
    "verifier is nearly straight. Largest budgets: "
    + "; ".join(f"{name} {y[-1]:.2f}" for name, (_, y) in lines.items())
    + ".",
)

# %% [markdown]
r"""
On the linear axis every curve says "the first tokens buy nearly everything". On the logarithmic one the direct
answers with a perfect verifier make a line that is nearly straight from 4 samples on: each *doubling* buys about
the same. That is the form in which such results are usually drawn; Brown et al. (2024) call coverage "often log-linear" in the number
of samples. And note what stands between the curves. At some forty characters one answer in steps is right more
often than the eight direct answers that one could have instead, even if a perfect verifier chooses among those.
And without a verifier, all further samples together gain less than the change from one way to the other.
"""

# %% [markdown]
r"""
### Build it

Four exercises: the accuracy that a verifier of known quality leaves of n samples; a vote with weights; the
division of a budget among easy and hard questions; and the repair of a report that made a product look better
than it was.
"""

# %% [markdown]
r"""
### Exercise 47.1 · `best_of_n_accuracy`

●●○ · 20 minutes · 4 points · core

Write `best_of_n_accuracy(p, tpr, fpr, n)`: the probability that the answer which is shown is right.

- n answers are drawn, independently; each is right with probability `p`.
- A verifier accepts each right one with probability `tpr` and each wrong one with probability `fpr`,
  independently.
- If at least one answer is accepted, one of the accepted ones is shown, each with equal probability. If none
  is, one of all n is shown, each with equal probability.
- Return a float. It is exact (a formula, or a sum over all cases), not simulated: no randomness.
- `p`, `tpr` and `fpr` are numbers from 0 to 1, both ends allowed; `n` is an integer, tested up to 300. A
  probability outside of that range, or n below 1, raises `ValueError`.

By hand: with p = 0.5, tpr = 1, fpr = 0, n = 3 an answer is wrong only if all three are: 0.875. With n = 1 the
one answer is shown, whatever the verifier says: p.

<details><summary>Hint 1</summary>

By symmetry it does not matter *which* of the accepted answers is shown. Given that an answer was accepted, how
probable is it that it is right? And given that it was rejected?

</details>

<details><summary>Hint 2</summary>

Let a be the probability that one answer is accepted: it is right and passes, or wrong and passes. Split by
whether any of the n was accepted, and write down the probability of that. Multiply each case by the answer of
hint 1 (Bayes' rule). Then look at what is divided by what, and when that is 0.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q47-best-of-n-accuracy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def best_of_n_accuracy(p: float, tpr: float, fpr: float, n: int) -> float:
    """Probability that the answer shown is right, of n samples with a verifier.

    p: a sample is right; tpr, fpr: a right one, a wrong one is accepted. All in [0, 1].
    """
    ### BEGIN SOLUTION
    if not all(0 <= x <= 1 for x in (p, tpr, fpr)):
        raise ValueError("p, tpr and fpr are probabilities, from 0 to 1.")
    if n < 1:
        raise ValueError("n must be at least 1.")
    accepted = p * tpr + (1 - p) * fpr
    rejected = p * (1 - tpr) + (1 - p) * (1 - fpr)
    none = rejected**n
    right = 0.0
    if accepted > 0:
        right += (1 - none) * p * tpr / accepted
    if rejected > 0:
        right += none * p * (1 - tpr) / rejected
    return float(right)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q47-best-of-n-accuracy-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    best_of_n_accuracy,
    [((0.5, 1.0, 0.0, 1), 0.5), ((0.5, 1.0, 0.0, 3), 0.875)],
    "a perfect verifier: right unless all n are wrong",
)
testing.agree(
    best_of_n_accuracy,
    [((0.5, 1.0, 0.5, 1), 0.5), ((0.5, 1.0, 0.5, 2), 0.625)],
    "tpr 1, fpr 1/2, two samples: with probability 1/16 none is accepted, and then both are wrong; of "
    "what is accepted two thirds are right",
)

# %% nbgrader={"grade": true, "grade_id": "q47-best-of-n-accuracy-hidden-accepted", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: among the accepted ones (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = []
for n in (2, 3, 8, 40, 300):
    p, fpr = (float(x) for x in rng.uniform(0.05, 0.6, 2))
    accepted = p + (1 - p) * fpr
    cases.append(((p, 1.0, fpr, n), (1 - (1 - accepted) ** n) * p / accepted))
testing.agree(
    best_of_n_accuracy,
    cases,
    "a verifier that accepts every right answer and some wrong ones: what is shown is right as often as "
    "an accepted answer is, which no n changes; that some answer is right (coverage) is something else",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q47-best-of-n-accuracy-hidden-none", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: when none is accepted (1 point)
### BEGIN HIDDEN TESTS
import itertools


def counted(p: float, tpr: float, fpr: float, n: int) -> float:
    """Go through all 4^n cases: each sample right or wrong, accepted or not."""
    kinds = [
        (True, True, p * tpr),
        (True, False, p * (1 - tpr)),
        (False, True, (1 - p) * fpr),
        (False, False, (1 - p) * (1 - fpr)),
    ]
    total = 0.0
    for drawn in itertools.product(kinds, repeat=n):
        pool = [right for right, accepted, _ in drawn if accepted] or [d[0] for d in drawn]
        total += math.prod(chance for *_, chance in drawn) * sum(pool) / len(pool)
    return total


rng = testing.rng()
cases = []
for n in (1, 2, 3, 5):
    for low, high in [(0.05, 0.4), (0.4, 0.95)]:
        p, fpr = (float(x) for x in rng.uniform(0.1, 0.8, 2))
        tpr = float(rng.uniform(low, high))
        cases.append(((p, tpr, fpr, n), counted(p, tpr, fpr, n)))
        cases.append(((p, tpr, 0.0, n), counted(p, tpr, 0.0, n)))
missed = (0.01 * 0.5 + 0.99 * 0.99) ** 300  # rare, but not never
among, left = 0.005 / (0.005 + 0.0099), 0.005 / (0.005 + 0.9801)
cases.append(((0.01, 0.5, 0.01, 300), (1 - missed) * among + missed * left))
testing.agree(
    best_of_n_accuracy,
    cases,
    "if none is accepted one of all is shown, and it may be right: a rejected answer is right with "
    "probability p (1 - tpr) / (1 - a), where a is the share that is accepted",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q47-best-of-n-accuracy-hidden-ends", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: verifiers that accept everything or nothing, and sure answers (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = []
for n in (1, 2, 7):
    p, tpr, fpr = (float(x) for x in rng.uniform(0.1, 0.9, 3))
    cases += [((p, 0.0, 0.0, n), p), ((p, 1.0, 1.0, n), p)]
    cases += [((0.0, tpr, fpr, n), 0.0), ((1.0, tpr, fpr, n), 1.0)]
    cases += [((1.0, 0.0, fpr, n), 1.0), ((1.0, 1.0, fpr, n), 1.0)]
    cases += [((0.0, tpr, 0.0, n), 0.0), ((0.0, tpr, 1.0, n), 0.0)]
    cases += [((p, 0.0, 1.0, n), p**n), ((p, 1.0, 0.0, n), 1 - (1 - p) ** n)]
testing.agree(
    best_of_n_accuracy,
    cases,
    "a verifier that accepts all or nothing leaves p; where p is 0 or 1 there is nothing to choose; one "
    "that accepts exactly the wrong ones shows a right one only if all are right",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q47-best-of-n-accuracy-hidden-errors", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: impossible arguments (1 point)
### BEGIN HIDDEN TESTS
for args in [
    (-0.1, 0.5, 0.5, 2),
    (1.5, 0.5, 0.5, 2),
    (0.5, -0.25, 0.5, 2),
    (0.5, 1.25, 0.5, 2),
    (0.5, 0.5, -1.0, 2),
    (0.5, 0.5, 1.125, 2),
    (0.5, 0.5, 0.5, 0),
    (0.5, 0.5, 0.5, -3),
]:
    testing.check(
        testing.raises(ValueError, best_of_n_accuracy, *args),
        "a probability below 0 or above 1, or n below 1, raises ValueError",
        inputs=args,
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 47.2 · `weighted_vote`

●○○ · 12 minutes · 4 points · core

Write `weighted_vote(answers, weights)`: a vote in which each sample counts with a weight, a verifier's score,
say.

- `answers` is a list of strings, or `None` where no answer could be read from the sample; `weights` is a list
  of as many numbers, 0 or more.
- Return the answer with the largest *sum* of weights. `None` takes no part, whatever its weight.
- Two sums count as equal if they are equal after `round(total, 12)`. Of equal ones the answer wins whose first
  occurrence in the list is earlier (also if that occurrence has weight 0).
- An answer whose sum is 0 can win too, if no other has more.
- Without any answer (an empty list, or only `None`) the result is `None`.
- Lists of unequal length, or a negative weight (wherever it stands), raise `ValueError`. The arguments are not
  changed.

By hand: `weighted_vote(["a", "b", "b"], [0.75, 0.5, 0.5])` is `"b"`: 1 against 0.75.

<details><summary>Hint 1</summary>

With all weights 1 it is the plain majority vote. What do you need to keep for each different answer?

</details>

<details><summary>Hint 2</summary>

Two passes. In the first, one sum for each different answer; keep the answers in an order that you will need
later. In the second, choose: when is a total "larger", and what does your way of finding the largest do with
equal ones? What must be checked before either?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q47-weighted-vote", "locked": false, "schema_version": 3, "solution": true, "task": false}
def weighted_vote(answers: list[str | None], weights: list[float]) -> str | None:
    """Return the answer with the largest sum of weights, the earliest of equal ones."""
    ### BEGIN SOLUTION
    if len(answers) != len(weights):
        raise ValueError(f"{len(answers)} answers, but {len(weights)} weights.")
    if any(weight < 0 for weight in weights):
        raise ValueError("a weight must not be negative.")
    totals: dict[str, float] = {}
    for answer, weight in zip(answers, weights, strict=True):
        if answer is not None:
            totals[answer] = totals.get(answer, 0.0) + weight
    return max(totals, key=lambda answer: round(totals[answer], 12), default=None)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q47-weighted-vote-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    weighted_vote,
    [((["a", "b", "b"], [0.75, 0.5, 0.5]), "b"), ((["a", "b"], [0.25, 0.5]), "b")],
    "the weights of equal answers are added up, and the largest sum wins",
)
testing.agree(weighted_vote, [(([], []), None)], "without an answer the result is None")

# %% nbgrader={"grade": true, "grade_id": "q47-weighted-vote-hidden-sums", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: sums of weights (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
names = [str(int(x)) for x in rng.choice(np.arange(100, 1000), 4, replace=False)]
a, b, c, d = names
cases = [
    (([a, b, b, b], [5.0, 1.0, 1.0, 1.0]), a),  # the most frequent is not the heaviest
    (([a, b, b, b], [2.5, 1.0, 1.0, 1.0]), b),  # nor is the heaviest sample
    (([a, a, a, b], [0.5, 0.5, 0.5, 1.25]), a),  # nor the best mean
    (([a, b, a, c, b, d], [0.125, 0.5, 0.0, 0.25, 0.0, 0.375]), b),
    (([a, b, c, b], [0.0, 0.0, 0.0, 0.125]), b),
    (([a, b, c, c, a], [1, 3, 2, 2, 0]), c),
]
testing.agree(
    weighted_vote,
    cases,
    "sums decide: neither the number of votes, nor the heaviest single vote, nor the mean weight",
)
assert testing.leaves_arguments(weighted_vote, [b, a, b], [1.0, 0.5, 0.25]), (
    "the lists belong to the caller"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q47-weighted-vote-hidden-unread", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: samples without an answer (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
a, b = (str(int(x)) for x in rng.choice(np.arange(100, 1000), 2, replace=False))
testing.agree(
    weighted_vote,
    [
        (([None, a, None, b], [3.0, 0.5, 2.0, 0.75]), b),
        (([None, None, a], [1.0, 1.0, 0.0]), a),
        (([a, None], [0.0, 4.0]), a),
        (([None, None], [1.0, 2.0]), None),
        (([None], [0.0]), None),
    ],
    "None is no answer: it never wins against one, whatever it weighs, and without any answer the "
    "result is None",
)
testing.agree(
    weighted_vote,
    [((["", a, ""], [1, 1.5, 1]), ""), ((["", None], [0.5, 2.0]), "")],
    "the empty string is an answer like any other: only None takes no part",
)
assert testing.leaves_arguments(weighted_vote, [None, a, None], [1.0, 0.5, 0.25]), (
    "the lists belong to the caller: do not take the unread samples out of them"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q47-weighted-vote-hidden-ties", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: equal sums (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
low, high = (str(int(x)) for x in np.sort(rng.choice(np.arange(100, 1000), 2, replace=False)))
cases = []
for first, second in [(low, high), (high, low)]:
    cases += [
        (([first, second], [0.5, 0.5]), first),
        (([first, second, second], [0.5, 0.25, 0.25]), first),
        (([first, second, first], [0.0, 0.5, 0.5]), first),
        (([first, second], [0.0, 0.0]), first),
        (([None, first, second, first], [0.5, 0.25, 0.5, 0.25]), first),
        (([first, second, second], [0.3, 0.1, 0.2]), first),  # 0.1 + 0.2 > 0.3 in floats
    ]
testing.agree(
    weighted_vote,
    cases,
    "of equal sums (equal after rounding to 12 decimals) the answer wins that occurs first in the list, "
    "even if its first occurrence weighs nothing",
)
testing.agree(
    weighted_vote,
    [
        (([low, high], [0.5, 0.5 + 2**-38]), high),  # 4e-12 more: not equal
        (([low, high], [0.5, 0.5 + 2**-42]), low),  # 2e-13 more: equal
        (([low] * 100 + [high], [0.1] * 100 + [10.0]), low),  # 10 but for 2e-14
    ],
    "sums are equal if they are after `round(total, 12)`: to neither more nor fewer decimals",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q47-weighted-vote-hidden-errors", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: lists that do not fit, negative weights (1 point)
### BEGIN HIDDEN TESTS
for args in [
    (["a", "b"], [1.0]),
    (["a"], [1.0, 2.0]),
    ([], [1.0]),
    (["a"], []),
    (["a", "b"], [1.0, -0.5]),
    (["a", "a"], [2.0, -0.5]),
    (["a", None], [1.0, -1.0]),
    ([None], [-1.0]),
]:
    testing.check(
        testing.raises(ValueError, weighted_vote, *args),
        "lists of unequal length, and a negative weight anywhere, raise ValueError",
        inputs=args,
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 47.3 · `allocate`

●●○ · 20 minutes · 4 points · core

A budget of samples is to be divided among questions, some easy, some hard. There is a perfect verifier: a
question is solved if any of its samples is right. Write `allocate(ps, budget)`.

- `ps` is a list with one probability for each question: how likely one sample of it is right. Samples are
  independent. The number of samples that may be drawn in all is `budget`, an integer.
- Return a list with one count (an integer, 0 or more) for each question, at most `budget` in all, such that the
  *expected number of solved questions* is as large as possible. Where several divisions are best, any of them
  is accepted.
- A sample that cannot raise this expectation is not drawn: none of a question with p = 0, one at most where p =
  1, even if budget remains. As long as some sample would raise it, the budget is used.
- A budget of 0 is allowed. A negative budget, or a probability outside of 0 to 1, raises `ValueError`: the
  arguments are checked first, whatever the budget. No questions: `[]` (the budget is checked all the same). The
  arguments are not changed.
- Tests have up to 60 questions and budgets up to 400. Tests use no case in which a gain is below 1e-12 and not 0.

By hand: for p = 0.5 and p = 0.125 and a budget of 3 the best is `[2, 1]`: 0.75 + 0.125. All three on the first
give 0.875 too, so `[3, 0]` is accepted as well. With a budget of 4 only `[3, 1]` is best.

<details><summary>Hint 1</summary>

How much does the *next* sample of a question add, if it has had m of them already? For which question is that
largest?

</details>

<details><summary>Hint 2</summary>

Write the gain of hint 1 as a formula in p and m. How does it change as m grows? Then ask whether a sample that
was given where it added most can ever be regretted later. When is there nothing left to give?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q47-allocate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def allocate(ps: list[float], budget: int) -> list[int]:
    """Return how many samples each question gets, so that the most are solved in expectation."""
    ### BEGIN SOLUTION
    if budget < 0:
        raise ValueError("the budget must not be negative.")
    if not all(0 <= p <= 1 for p in ps):
        raise ValueError("each p is a probability, from 0 to 1.")
    counts, gains = [0] * len(ps), list(ps)  # the gain of the next sample
    for _ in range(budget):
        best = max(range(len(ps)), key=gains.__getitem__, default=None)
        if best is None or gains[best] <= 0:
            break
        counts[best] += 1
        gains[best] *= 1 - ps[best]
    return counts
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q47-allocate-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(allocate, [(([0.5, 0.5], 2), [1, 1])], "two equal questions share two samples")
testing.agree(
    allocate,
    [(([0.5, 0.125], 4), [3, 1])],
    "the gains of the first question are 1/2, 1/4, 1/8, 1/16; the first gain of the second is 1/8",
)

# %% nbgrader={"grade": true, "grade_id": "q47-allocate-hidden-best", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: small budgets, against all divisions (1 point)
### BEGIN HIDDEN TESTS
import itertools


def solved(ps: list[float], counts: list[int]) -> float:
    return sum(1 - (1 - p) ** m for p, m in zip(ps, counts, strict=True))


rng = testing.rng()
for k, budget in [(1, 3), (2, 1), (2, 5), (3, 2), (3, 4), (3, 7), (4, 5)]:
    for low, high in [(0.02, 0.3), (0.05, 0.9), (0.6, 0.95)]:
        ps = [float(x) for x in rng.uniform(low, high, k)]
        best = max(
            solved(ps, counts)
            for counts in itertools.product(range(budget + 1), repeat=k)
            if sum(counts) == budget
        )
        counts = [int(m) for m in allocate(list(ps), budget)]
        testing.check(
            len(counts) == k and min(counts) >= 0 and sum(counts) == budget,
            "one count for each question, none below 0, and the budget used up, since every sample of "
            "these questions adds something",
            inputs=(ps, budget),
            got=counts,
        )
        testing.check(
            abs(solved(ps, counts) - best) < 1e-9,
            "another division solves more questions in expectation: what counts is what the next sample "
            "adds, p (1 - p)^m after m samples",
            inputs=(ps, budget),
            got=f"{counts}: {solved(ps, counts):.6f} solved",
            expected=f"{best:.6f} solved",
        )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q47-allocate-hidden-many", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: many questions, from easy to nearly hopeless (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for k, budget in [(30, 12), (40, 200), (60, 400)]:
    ps = [float(x) for x in np.exp(rng.uniform(math.log(0.002), math.log(0.6), k))]
    gains = sorted((p * (1 - p) ** m for p in ps for m in range(budget)), reverse=True)
    counts = [int(m) for m in allocate(list(ps), budget)]
    testing.check(
        len(counts) == k and min(counts) >= 0 and sum(counts) == budget,
        "one count for each question, none below 0, and the budget used up, since every sample of these "
        "questions adds something",
        got=counts,
    )
    reached = sum(1 - (1 - p) ** m for p, m in zip(ps, counts, strict=True))
    testing.check(
        abs(reached - sum(gains[:budget])) < 1e-9,
        "another division solves more: neither equal shares, nor most for the hardest, nor most for the "
        "easiest. Give each sample where it adds most",
        inputs=f"{k} questions, p from {min(ps):.4f} to {max(ps):.4f}, budget {budget}",
        got=f"{reached:.6f} solved",
        expected=f"{sum(gains[:budget]):.6f} solved",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q47-allocate-hidden-useless", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: samples that add nothing (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    allocate,
    [
        (([0.0, 0.0], 5), [0, 0]),
        (([1.0], 3), [1]),
        (([1.0, 0.0, 1.0], 4), [1, 0, 1]),
        (([0.0, 0.5], 3), [0, 3]),
        (([0.5, 1.0, 0.0], 6), [5, 1, 0]),
        (([0.25, 1.0], 1), [0, 1]),
        (([1.0, 0.125, 0.0], 0), [0, 0, 0]),
        (([], 3), []),
        (([], 0), []),
    ],
    "no sample of a question that none can solve, and no second one where the first is sure; what "
    "remains goes to the others, or is not spent",
)
testing.agree(
    allocate,
    [(([0.5], 30), [30]), (([0.5, 0.75], 54), [36, 18]), (([0.75, 0.0, 0.5], 51), [17, 0, 34])],
    "however small a gain has become, the budget is used as long as it is more than 0",
)
assert testing.leaves_arguments(allocate, [0.5, 0.25, 1.0], 5), "the list belongs to the caller"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q47-allocate-hidden-errors", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: impossible arguments (1 point)
### BEGIN HIDDEN TESTS
for args in [
    ([0.5, 0.25], -1),
    ([], -2),
    ([0.5, 1.25], 3),
    ([-0.125, 0.5], 3),
    ([1.5], 0),
]:
    testing.check(
        testing.raises(ValueError, allocate, *args),
        "a negative budget, or a probability outside of 0 to 1, raises ValueError",
        inputs=args,
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
#### Your division of a budget

The hundred direct sums from above, whose rates are known, with a perfect verifier. Either each sum gets the
same number of samples, or your function divides the same total. To the right, how many it gives to a sum on
average, by how hard the sum is.
"""

# %% tags=["demo"]
fifths = np.array_split(rates.argsort(), 5)
try:
    divided = {n: np.array(allocate(rates.tolist(), n * len(rates))) for n in sizes[:5]}
except NotImplementedError:
    print("Not yet: allocate (exercise 47.3) is not written.")
else:
    print("samples     solved                  yours, a sum of the ... fifth")
    print("a sum   equal   yours      hardest   second   middle   fourth  easiest")
    for n, counts in divided.items():
        equal, yours = (np.mean(1 - (1 - rates) ** m) for m in (n, counts))
        row = "".join(f"{counts[fifth].mean():9.1f}" for fifth in fifths)
        print(f"{n:5}   {equal:5.2f}   {yours:5.2f}    {row}")

# %% [markdown]
r"""
The same total solves more if it goes where it adds most. That is *not* where the questions are hardest: the
hardest fifth gets nothing at any of these budgets. At the smallest budget the easiest sums get most; as it grows
they need little more, and the bulk moves on to harder ones. So the best division depends on the budget, and somebody
whose question is hard pays for the others. Two things here were for free that are not in practice: the rates, and
the verifier.
"""

# %% [markdown]
r"""
### Exercise 47.4 · repair `report`

●●○ · 15 minutes · 3 points · core

This function wrote the evaluation report of a best-of-n product. Users saw fewer right answers than the report
promised, and the bill was several times what it said. There are three mistakes in it.

`report(questions, n)`:

- `questions` is a list of one question or more; each is a list of at least n draws, in the order in which they
  were drawn. A draw is a dictionary: `right` (a truth value: is the answer right?), `accepted` (a truth value:
  did the verifier accept it?), `tokens` (an integer). n is 1 or more.
- Only the first n draws of each question count.
- The product shows the *first accepted* of them, or the first of all if none is accepted. It cannot look at
  `right`.
- Return a dictionary: `coverage`, the share of questions with at least one right draw; `accuracy`, the share of
  *all* questions whose shown answer is right; `tokens`, what a question costs: the mean over all questions of
  the tokens of all its n draws.
- The arguments are not changed.

<details><summary>Hint 1</summary>

Read it with the eyes of the product: at the moment of choosing, what does it know? And whom does the report
leave out?

</details>

<details><summary>Hint 2</summary>

One clue for each. Two accepted draws, one of them right: which one does the sorting put where it is taken from,
and why? A question of which nothing was accepted: where does it turn up in `accuracy`? And who pays for the
draws that nobody sees?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q47-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def report(questions: list[list[dict]], n: int) -> dict[str, float]:
#     """Coverage, accuracy and mean tokens of best-of-n on questions with n draws or more."""
#     covered = judged = right = tokens = 0
#     for draws in questions:
#         drawn = draws[:n]
#         covered += any(draw["right"] for draw in drawn)
#         best = sorted(drawn, key=lambda draw: (draw["accepted"], draw["right"]))[-1]
#         if best["accepted"]:
#             judged += 1
#             right += best["right"]
#             tokens += best["tokens"]
#     judged = max(judged, 1)
#     return {
#         "coverage": covered / len(questions),
#         "accuracy": right / judged,
#         "tokens": tokens / judged,
#     }
### END REPAIR
### BEGIN SOLUTION
def report(questions: list[list[dict]], n: int) -> dict[str, float]:
    """Coverage, accuracy and mean tokens of best-of-n on questions with n draws or more."""
    covered = right = tokens = 0
    for draws in questions:
        drawn = draws[:n]
        covered += any(draw["right"] for draw in drawn)
        shown = next((draw for draw in drawn if draw["accepted"]), drawn[0])
        right += bool(shown["right"])
        tokens += sum(draw["tokens"] for draw in drawn)
    count = len(questions)
    return {"coverage": covered / count, "accuracy": right / count, "tokens": tokens / count}


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q47-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
draws = [
    [
        {"right": True, "accepted": True, "tokens": 30},
        {"right": True, "accepted": True, "tokens": 9},
    ],
    [
        {"right": False, "accepted": True, "tokens": 10},
        {"right": True, "accepted": True, "tokens": 9},
    ],
]
testing.agree(
    report,
    [((draws, 1), {"coverage": 0.5, "accuracy": 0.5, "tokens": 20.0})],
    "this worked before the repair: one accepted draw a question; draws beyond the first n do not count",
)

# %% nbgrader={"grade": true, "grade_id": "q47-repair-hidden-choice", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the choice does not know what is right (1 point)
### BEGIN HIDDEN TESTS
import copy

rng = testing.rng()
for n, k in [(2, 1), (2, 4), (4, 6), (6, 10)]:
    questions, hits = [], 0
    for i in range(k):
        accepted = rng.random(n + 2) < 0.5
        first = int(rng.integers(n - 1))
        accepted[:first], accepted[first : first + 2] = False, True
        right = rng.random(n + 2) < 0.5
        right[first], right[first + 1] = i % 3 == 2, i % 3 != 2  # mostly wrong, then right
        hits += i % 3 == 2
        questions.append(
            [
                {"right": bool(r), "accepted": bool(a), "tokens": 5}
                for r, a in zip(right, accepted, strict=True)
            ]
        )
    before = copy.deepcopy(questions)
    got = report(questions, n)["accuracy"]
    testing.check(
        testing.close(got, hits / k),
        "of several accepted draws the first one is shown, be it right or not: whoever breaks ties with "
        "the solution in hand turns any verifier into a perfect one",
        inputs=(before, n),
        got=got,
        expected=hits / k,
    )
fresh = [
    [
        {"right": r, "accepted": a, "tokens": 5}
        for r, a in ((False, True), (True, True), (True, False))
    ]
]
numbers = [
    [{"right": 1, "accepted": 0, "tokens": 4}, {"right": 0, "accepted": 1, "tokens": 6}],
    [{"right": 1, "accepted": 1, "tokens": 4}, {"right": 0, "accepted": 0, "tokens": 6}],
]
testing.agree(
    report,
    [((numbers, 2), {"coverage": 1.0, "accuracy": 0.5, "tokens": 10.0})],
    "a truth value may be 1 or 0 as well: ask whether it is true, not whether it is the object True",
)
assert testing.leaves_arguments(report, fresh, 2), (
    "the draws belong to the caller: do not sort them"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q47-repair-hidden-none", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: questions of which nothing is accepted (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for n, k in [(1, 2), (2, 4), (3, 9), (5, 12)]:
    questions, hits = [], 0
    for i in range(k):
        right = rng.random(n + 1) < 0.5
        place = int(rng.integers(n)) if i % 3 == 1 else n  # beyond the first n, or nowhere
        right[0 if place == n else place] = i % 2 == 0
        hits += i % 2 == 0
        questions.append(
            [{"right": bool(r), "accepted": j == place, "tokens": 5} for j, r in enumerate(right)]
        )
    got = report([[dict(draw) for draw in draws] for draws in questions], n)["accuracy"]
    testing.check(
        testing.close(got, hits / k),
        "a question of which nothing is accepted still gets an answer, its first draw, and counts in the "
        "share like any other; a draw beyond the first n cannot be accepted",
        inputs=(questions, n),
        got=got,
        expected=hits / k,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q47-repair-hidden-tokens", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what a question costs (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for n, k in [(1, 3), (3, 4), (4, 8)]:
    tokens = rng.integers(10, 200, (k, n + 2))
    right, accepted = rng.random((2, k, n + 2)) < 0.5
    accepted[0, :n] = False
    right[0, :n], right[0, n:] = False, True  # right ones that nobody drew
    questions = [
        [
            {"right": bool(r), "accepted": bool(a), "tokens": int(t)}
            for r, a, t in zip(*rows, strict=True)
        ]
        for rows in zip(right, accepted, tokens, strict=True)
    ]
    result = report([[dict(draw) for draw in draws] for draws in questions], n)
    got = {name: result[name] for name in ("coverage", "tokens")}
    want = {
        "coverage": float(right[:, :n].any(axis=1).mean()),
        "tokens": float(tokens[:, :n].sum(axis=1).mean()),
    }
    testing.check(
        testing.close(got, want),
        "all n draws are paid for, shown or not, accepted or not, and none beyond the first n; and "
        "coverage is the share of questions with a right one among these n",
        inputs=(questions, n),
        got=got,
        expected=want,
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

**"Performance ∝ C^α, with α between 0.2 and 0.4."** We found no source for this law, and as an accuracy it
cannot be: it passes 1. Here are three forms, each fitted to the coverage of the direct sums at 1 to 16 samples
and then asked about more. The true values are known, since the success rate p of each sum is.
"""

# %% tags=["demo"]
few, more = np.array([1, 2, 4, 8, 16]), np.array([16, 64, 256, 1024, 4096])


def coverage(n: np.ndarray) -> np.ndarray:
    return np.mean(1 - (1 - rates[:, None]) ** n, axis=0)


y = coverage(few)
alpha, log_c = np.polyfit(np.log(few), np.log(y), 1)
slope, level = np.polyfit(np.log(few), y, 1)
b, log_a = np.polyfit(np.log(few), np.log(-np.log(y)), 1)
forms = {
    "measured": coverage(more),
    f"power law, n^{alpha:.2f}": np.exp(log_c) * more**alpha,
    "a line in log n": level + slope * np.log(more),
    f"exp(-a n^{b:.2f})": np.exp(-np.exp(log_a) * more**b),
}
print(f"{'samples':20}", "".join(f"{n:7}" for n in more))
for name, values_at in forms.items():
    print(f"{name:20}", "".join(f"{v:7.2f}" for v in values_at))

# %% [markdown]
r"""
The power law soon promises more than all questions solved. The line in the logarithm does better for a while
and then leaves the range as well. The third form, which Brown et al. (2024) fit to coverage, cannot leave it,
since it is the *negative logarithm* of coverage that falls as a power. But it is no law of nature either: every
single question is solved at an exponential rate, 1 − (1 − p)^n, and a power appears only in the mean over
questions, if very hard ones are frequent enough (Schaeffer et al., 2025). Among these sums they are not, so
coverage overtakes that form too. An extrapolation of such a curve is a statement about the hardest questions of
the set.

**"pass@64 is 0.6, so the product is right in 60 % of cases."** Coverage needs an oracle. The table under
*Coverage and selection* has the same samples with real ways of choosing, at half of it and less; and the blind
guesser of the first demonstration had coverage without knowing anything. A coverage belongs beside what
guessing would cover, and an accuracy beside what chose.

**"More samples never hurt."** With a verifier that only accepts or rejects, and accepts right answers more
readily than wrong ones, they do not. With one that gives *scores*, of which the highest is taken, they can: the
more answers, the likelier that one of them happens to fool it. Planted below: right answers score one higher on
average than wrong ones, but two wrong ones in a hundred look perfect.
"""

# %% tags=["demo"]
chance = np.random.default_rng(0)
truth = chance.random((4000, 512)) < 0.3
scores = truth + chance.normal(size=truth.shape)
scores[~truth & (chance.random(truth.shape) < 0.02)] += 5
for n in (1, 2, 4, 8, 16, 32, 64, 128, 512):
    best = scores[:, :n].argmax(axis=1)
    print(f"best of {n:3}: right {truth[np.arange(len(truth)), best].mean():.2f}")

# %% [markdown]
r"""
It rises, turns, and ends below the single sample. Cobbe et al. (2021), who trained the first such verifiers for
school mathematics, saw a milder form: better up to 400 completions, worse beyond. Optimising against a score
that is not the goal is question 25's subject.

**"Ask the model to check itself."** Huang et al. (2024) find that models asked to review their reasoning,
*without* new information from outside, do not get better and often get worse; earlier gains had used the right
answer to decide when to stop. A test that runs, a look-up or a second source is new information. "Are you
sure?" is not.

**"o1 and o3 search a tree of thoughts."** OpenAI has not published how they work. What it wrote about o1 (12
September 2024, with o1-preview; o1 followed in December 2024, o3 on 16 April 2025) is: reinforcement learning
on a chain of thought, and a performance that "consistently improves" with more of it in training and with more
time spent thinking; a formula it did not give. DeepSeek-R1 (January 2025), whose makers did publish, writes one
long chain; their report lists process reward models and Monte Carlo tree search under what they tried without
success.
"""

# %% [markdown]
r"""
### If they push

<details><summary>Parallel or sequential?</summary>

Parallel samples are independent, finish at the same time, and need somebody to choose. A longer chain needs
nobody, can build on and correct what it has, and costs latency. Where steps build on each other and the model
can do each of them, length wins (the first demonstration). Where one try is a lucky draw and checking is cheap,
samples win. In practice both: some chains, each long.

</details>

<details><summary>A small model with much test-time compute, or a large one?</summary>

It depends on difficulty and on traffic. Snell et al. (2024) report that on problems where a small model has
some success, compute at test time can outperform a model fourteen times as large at equal FLOPs, and that the
gain shrinks on the hardest. Where p is nearly 0 there is nothing to multiply. And training is paid once, test
time with every question.

</details>

<details><summary>What is compute-optimal test-time scaling?</summary>

To choose the amount and the kind (parallel, sequential, search) by the difficulty of the question, instead of
best-of-N for all. Snell et al. report a gain of more than four times in efficiency over best-of-N. The
difficulty has to be estimated, which costs samples, too. Exercise 47.3 is the case where it is known.

</details>

<details><summary>Outcome or process reward model?</summary>

An outcome model scores finished answers, a process model each step. Lightman et al. (2023) found process
supervision better on competition mathematics; it can also steer a search. The price: labels for steps, and a
definition of what a step is. And it is as good as what it looks at: the judge above that only checks the
arithmetic of a step passes digits that were copied wrongly.

</details>

<details><summary>Why does a vote help at all?</summary>

If the right answer is the most frequent one, a vote finds it where a single sample may miss it, and wrong
answers scatter. If a wrong answer is the most frequent, more votes make it certain. Question 32 computes both.
A vote weighted by a verifier's scores lies between vote and best-of-N; Snell et al. choose in this way.

</details>

<details><summary>How do reasoning models change this?</summary>

They move the spending into the chain: the model was trained, with rewards that a program can check, to write
long and useful ones. The budget becomes a parameter of the call. s1 (Muennighoff et al., 2025) sets it from
outside: cut the chain off at a limit, or write "Wait" where it wants to end. Sampling and choosing still work
on top.

</details>

<details><summary>What would you measure before buying n = 16?</summary>

Accuracy of what users see against n, with an interval and with the verifier that will be in production; the
verifier's tpr and fpr on *this* generator's answers, by difficulty; cost and latency per question at each n;
and the same budget spent another way: a longer chain, or a larger model.

</details>
"""

# %% [markdown]
r"""
### Sources

- Snell, Lee, Xu, Kumar (2024), *Scaling LLM Test-Time Compute Optimally can be More Effective than Scaling
  Model Parameters*, arXiv 2408.03314.
- Brown, Juravsky, Ehrlich, Clark, Le, Ré, Mirhoseini (2024), *Large Language Monkeys: Scaling Inference Compute
  with Repeated Sampling*, arXiv 2407.21787: coverage over four orders of magnitude; voting and reward models
  "plateau beyond several hundred samples".
- Schaeffer et al. (2025), *How Do Large Language Monkeys Get Their Power (Laws)?*, ICML, arXiv 2502.17578.
- Stroebl, Kapoor, Narayanan (2024), *Inference Scaling fLaws: The Limits of LLM Resampling with Imperfect
  Verifiers*, arXiv 2411.17501; since its third version (2026) *The Limits of Inference Scaling Through
  Resampling*.
- Cobbe et al. (2021), *Training Verifiers to Solve Math Word Problems*, arXiv 2110.14168. Lightman et al.
  (2023), *Let's Verify Step by Step*, arXiv 2305.20050.
- Wang et al. (2022), *Self-Consistency Improves Chain of Thought Reasoning in Language Models*, arXiv
  2203.11171.
- Huang et al. (2024), *Large Language Models Cannot Self-Correct Reasoning Yet*, ICLR, arXiv 2310.01798.
  **Contested**: others report gains with suitable prompts or training; with feedback from outside they are not
  in dispute.
- OpenAI, *Learning to reason with LLMs*, 12 September 2024, and *Introducing OpenAI o3 and o4-mini*, 16 April
  2025: read in November 2026, as stored copies.
- DeepSeek-AI (2025), *DeepSeek-R1: Incentivizing Reasoning Capability in LLMs via Reinforcement Learning*,
  arXiv 2501.12948.
- Muennighoff et al. (2025), *s1: Simple test-time scaling*, arXiv 2501.19393.
"""
