# %% [markdown]
r"""
## Q42. Do abilities emerge?

*Hard · 60 minutes · needs cross-entropy (question 1) and standard errors (question 28)*
"""

# %% [markdown]
r"""
### Say it

> Wei and others (2022) called an ability emergent if small models do not have it and larger ones do, so that
> the curve of the small ones does not foretell it. Schaeffer and others (2023) answered that many of these
> jumps come from the metric: an answer of L tokens that must be right as a whole is right with about p^L, which
> is flat and then steep while p rises smoothly, and a small test set shows the flat part as exact zero. Du and
> others (2024) find that some tasks leave chance level only below a certain pre-training loss, with continuous
> metrics too. So it is contested, and "emergence" names several things. What I do with a curve that jumps: I look
> at a continuous measure of the same answers, at the size of the test set, and at which part of the answer jumps.
"""

# %% [markdown]
r"""
### See it

**All or nothing.** A model gives each token of an answer rightly with probability $p$, whatever it
gave before. The whole answer of $L$ tokens is then right with probability $p^L$. Here is that without a
formula: 20,000 answers for each point, drawn token by token.
"""

# %% tags=["demo"]
from course import figures

draws = np.random.default_rng(42)
p_token = np.array([0.5, 0.7, 0.85, 0.95, 0.99])
print("right tokens  ", "".join(f"{p:8.2f}" for p in p_token))
share = {}
for L in (1, 5, 20):
    share[L] = [(draws.random((20_000, L)) < p).all(axis=1).mean() for p in p_token]
    print(f"L = {L:2}: whole  ", "".join(f"{s:8.3f}" for s in share[L]))

# %% [markdown]
r"""
Read the last line: most of the way, from half of the tokens right to 85 %, next to nothing happens, and
the last few percent bring nearly everything. Nothing in this "model" changed its nature. If scale moves $p$
smoothly, exact match on long answers looks like a sudden gift.

That is the argument of Schaeffer, Miranda and Koyejo (2023), and it is an argument about *what can happen*. Whether
it explains a given curve has to be looked at. So let us look.

#### One training run, sixteen checkpoints

The lab's `draft` is a Llama of 0.2 million parameters. Its run was kept at 16 points between 0.1 and 24 million
tokens. We ask 300 questions about facts that its training asks about ("Where is the house of ...?"), and read
two things off each checkpoint: is the right token the likeliest one, after the right tokens before it; and how
probable is it? One forward pass over question and right answer gives both. (It runs on the tensors: a server of
chats does not give the probabilities of a given answer, and checkpoints are not served.)
"""

# %% tags=["demo"]
from course import lab
from course.lab import assess, probes, use
from course.lab.corpus import weigh

tokenizer = lab.tokenizer("draft")
cases = assess.draw(probes.known, 300, "learning curves")
parts = [weigh([(text, 0.0) for text in c.prompt] + [(f" {c.gold}<|end|>", 1.0)]) for c in cases]
start = [weights.index(1.0) for _, weights in parts]
lengths = np.array([len(ids) for ids, _ in parts]) - start
batch = torch.nn.utils.rnn.pad_sequence([torch.tensor(ids) for ids, _ in parts], batch_first=True)
print(cases[0].prompt[1], "->", cases[0].gold, f"({lengths[0]} tokens with the end token)")
print(f"lengths: {lengths.min()} to {lengths.max()}, mean {lengths.mean():.1f}")


# %% tags=["demo"]
@torch.inference_mode()
def read_off(model) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """For each right answer: which of its tokens are the likeliest, and their log-probabilities."""
    logp = model(input_ids=batch).logits[:, :-1].float().log_softmax(-1)
    wanted = batch[:, 1:]
    hit = (logp.argmax(-1) == wanted).numpy()
    given = logp.gather(-1, wanted[..., None])[..., 0].double().numpy()
    spans = [slice(s - 1, s - 1 + n) for s, n in zip(start, lengths, strict=True)]
    return [h[s] for h, s in zip(hit, spans, strict=True)], [
        g[s] for g, s in zip(given, spans, strict=True)
    ]


folder = lab.path("draft")
run = {tokens: read_off(use.load_folder(folder, tokens)) for tokens in use.kept(folder)}

# %% [markdown]
r"""
If every token of the right answer is the likeliest one after those before it, then the greedy answer *is* the right
answer; and the other way round. So exact match needs no generation. We add what $p^L$ would say: the
share of right tokens $p$, raised to each answer's own length, averaged over the answers.
"""

# %% tags=["demo"]
seen = np.array(list(run))
token = np.array([np.concatenate(hits).mean() for hits, _ in run.values()])
whole = np.array([[h.all() for h in hits] for hits, _ in run.values()])  # (16, 300)
exact = whole.mean(axis=1)
predicted = np.array([np.mean([p ** int(n) for n in lengths]) for p in token])
loss = np.array([-np.concatenate(logp).mean() for _, logp in run.values()])
print("million tokens   token right   p^L   exact match   loss (nats a token)")
for row in zip(seen / 1e6, token, predicted, exact, loss, strict=True):
    print("{:14.2f} {:12.2f} {:8.3f} {:10.3f} {:13.2f}".format(*row))

# %% tags=["demo"]
fig, axes = figures.subplots(1, 2, size=(7.6, 3.0))
axes[0].plot(seen, token, marker="o", markersize=4, label="tokens right")
axes[0].plot(seen, exact, marker="s", markersize=4, label="answers right")
axes[0].set(xscale="log", xlabel="tokens of training", ylabel="share", ylim=(-0.03, 1.05))
axes[1].plot(token, exact, marker="s", markersize=4, linestyle="none", label="the run")
axes[1].plot(token, predicted, linestyle=":", label="p to the power L")
axes[1].set(xlabel="tokens right", ylabel="answers right", ylim=(-0.03, 1.05))
for ax in axes:
    ax.legend(frameon=False, fontsize=9, loc="upper left")
zeros = int((exact == 0).sum())
figures.show(
    fig,
    "Two charts of one training run. Left, against the tokens of training on a logarithmic axis: the share of "
    f"right tokens rises from {token[0]:.2f} to {token[-1]:.2f}, most of it early; the share of right answers "
    f"is 0 at the first {zeros} checkpoints and then rises to {exact[-1]:.2f}. Right: answers right against "
    "tokens right; the run's points lie on or below the curve of p to the power L in the middle, and on it at "
    "the top.",
)

# %% [markdown]
r"""
Read them like this. At nearly half of the checkpoints a test that counts whole answers says that *nothing is
being learned*. The tokens say that learning began early and was fast. Nobody who has only the second curve of
the left panel could tell when it will leave zero; with the first one has at least a warning.

But look at the middle of the table too: there $p^L$ promises clearly more right answers than there are. The formula
assumes that all tokens are equally hard. Are they?

#### Which part of the answer is late?

"The home of Selamir Garquist is Bernewick." Up to "is", the answer repeats the question in a fixed form. Behind
it stand what must be *known*, the period and the end token. We cut each answer there.
"""

# %% tags=["demo"]
is_token = tokenizer.convert_tokens_to_ids("Ġis")
cut = [ids.index(is_token, s) - s + 1 for (ids, _), s in zip(parts, start, strict=True)]
print("million tokens   whole frame   whole rest   both    loss in the frame, in the rest")
for tokens, (hits, logp) in run.items():
    frame = np.mean([h[:c].all() for h, c in zip(hits, cut, strict=True)])
    rest = np.mean([h[c:].all() for h, c in zip(hits, cut, strict=True)])
    both = np.mean([h.all() for h in hits])
    losses = [-np.concatenate([g[:c] for g, c in zip(logp, cut, strict=True)]).mean()]
    losses += [-np.concatenate([g[c:] for g, c in zip(logp, cut, strict=True)]).mean()]
    print(
        f"{tokens / 1e6:14.2f} {frame:13.2f} {rest:12.2f} {both:7.2f} {losses[0]:15.2f} {losses[1]:10.2f}"
    )

# %% [markdown]
r"""
Two things were hidden in one curve. First the *frame* is learned, then the *facts*; once the frame is right,
exact match is the share of facts known, and the length of the whole answer hardly matters. So the slow climb in
the middle, and the steep rise after it, owe little to $p^L$ over the whole answer. In the last column the loss on the facts shows
it as well: it falls slowly for a while, and then, over three checkpoints, by about half and more each time. That
is a phase of the learning itself, visible in a continuous measure. How far it would be seen elsewhere is open:
this is one run of one small model, and its learning rate falls along the run, which may have a part in it.

So this run has both: zeros that the metric makes, and a steep part that also stands in the loss. Which of the two a
published jump is, a plot of exact match alone cannot say.

#### Below zero there is something to measure

Greedy answers are right or wrong. The *probability* that the model gives to the whole right answer is a number
at every checkpoint: the exponential of the sum of its log-probabilities. It is also the chance that one sample
at temperature 1 is exactly right.
"""

# %% tags=["demo"]
chance = np.array(
    [np.mean([math.exp(g.sum()) for g in logp]) for _, logp in run.values()]
)  # of the exact answer, when sampled
fig, ax = figures.subplots(size=(6.2, 3.0))
ax.plot(seen, chance, marker="o", markersize=4, label="chance of the right answer, sampled")
ax.plot(seen[exact > 0], exact[exact > 0], marker="s", markersize=4, label="exact match, greedy")
ax.set(xscale="log", yscale="log", xlabel="tokens of training", ylabel="share, logarithmic")
ax.legend(frameon=False, fontsize=9, loc="lower right")
figures.show(
    fig,
    "On two logarithmic axes against the tokens of training: the mean probability of the whole right answer rises "
    f"from {chance[0]:.0e} to {chance[zeros - 1]:.0e} over the first {zeros} checkpoints, where exact match has no "
    f"point, since zero has no logarithm; then both rise more slowly on this axis, to {chance[-1]:.2f} and {exact[-1]:.2f}.",
)
for tokens, c, e in list(zip(seen, chance, exact, strict=True))[: zeros + 1]:
    print(f"{tokens / 1e6:5.2f} million tokens: exact match {e:.3f}, chance when sampled {c:.0e}")

# %% [markdown]
r"""
While exact match stands at zero, this chance rises by many powers of ten. Hu and others (2024) build on it:
they sample until an answer passes, so that their measure has no smallest step. On code generation they predict
a larger model's score that way. They also report tasks whose rise is faster than a usual scaling law, so in
their account not all emergence is a matter of resolution.

#### Small test sets make jumps

How many questions stand behind a zero? We draw small test sets from our 300 questions and watch each along the run.
"""

# %% tags=["demo"]
pick = np.random.default_rng(7)
million = seen / 1e6
print("exact match on ten questions, six test sets; the last line: all 300")
print("million tokens ", " ".join(f"{m:5.1f}" for m in million[6:]))
for i in range(6):
    chosen = pick.choice(300, size=10, replace=False)
    print(f"test set {i + 1}     ", " ".join(f"{s:5.1f}" for s in whole[6:, chosen].mean(axis=1)))
print("all            ", " ".join(f"{s:5.2f}" for s in exact[6:]))

# %% tags=["demo"]
print("of 2,000 test sets, the share that shows exactly zero")
print("questions  ", " ".join(f"{m:5.1f}" for m in million[6:13]), "  million tokens")
for n in (10, 50, 200):
    sets = np.array([pick.choice(300, size=n, replace=False) for _ in range(2000)])
    nothing = [(~row[sets]).all(axis=1).mean() for row in whole[6:13]]
    print(f"{n:9}  ", " ".join(f"{s:5.2f}" for s in nothing))

# %% [markdown]
r"""
With ten questions the model "acquires" its knowledge at a place that depends on the ten questions, and by steps
that can be no smaller than a tenth. Larger test sets tend to show the first right answer earlier. At a
checkpoint where not one of the 300 is right, no choice among them helps: there only a continuous measure does.

A zero is an observation with an interval, too. With $n$ questions and none right, a true share $a$ is still
compatible as long as zero hits would not be too unlikely under it. Exercise 42.2 works that out.

#### What the three papers say

| | claim | evidence | does not say |
|---|---|---|---|
| Wei et al. (2022) | abilities that are not in smaller models and are in larger ones; not predicted by extrapolating the small ones | a survey of published curves over training compute: few-shot tasks, and prompting methods that help only large models | that there is one threshold for all: the paper's table has a scale for each row |
| Schaeffer et al. (2023) | for fixed outputs, nonlinear or discontinuous metrics make the jump; linear or continuous ones show smooth change | the GPT-3 family on tasks with claimed emergence, an analysis of BIG-Bench's metrics, jumps made at will in vision models | that large models cannot have emergent abilities: the authors say so themselves |
| Du et al. (2024) | on some tasks performance stays at chance until the *pre-training loss* falls below a threshold, with continuous metrics too | models of several sizes trained on the same data; same loss, same performance | that size itself is what matters: at the same loss it did not |

**Contested**: whether any jump is left when metric and resolution are taken care of. Du and others say yes for
some tasks; Schaeffer and others report that the abilities which they re-examined evaporate with other metrics
or with better statistics. Not contested: predicting *when* a given task will be solved, from small models, is
hard. Even a smooth curve does not say where it will bend.
"""

# %% [markdown]
r"""
### Build it

#### 42.1 `exact_match_curve`

●○○ · 6 minutes · 2 points · core

`exact_match_curve(p_token, L)`: the chance that an answer of `L` tokens is right as a whole, if each of its
tokens is right with probability `p_token`, independently of the others.

- `p_token` is an array of any shape, values from 0 to 1 (0 and 1 included). The result is an array of the same shape.
- `L` is an int, 0 or more. An answer of no tokens is always right: 1, also where `p_token` is 0.
- `L` below 0 raises `ValueError`. `p_token` is not changed.

<details><summary>Hint 1</summary>

Two tokens, each right half of the time: in how many of four equally likely cases are both right?

</details>

<details><summary>Hint 2</summary>

Refuse a negative `L` first. Then one expression for the whole array will do; no loop. What does NumPy make
of zero to the power zero?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q42-exact-match-curve", "locked": false, "schema_version": 3, "solution": true, "task": false}
def exact_match_curve(p_token: np.ndarray, L: int) -> np.ndarray:
    """Chance that all L independent tokens are right. p_token: any shape; returns that shape."""
    ### BEGIN SOLUTION
    if L < 0:
        raise ValueError("an answer cannot have fewer than 0 tokens")
    return np.asarray(p_token, dtype=np.float64) ** L
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q42-exact-match-curve-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
curve = exact_match_curve(np.array([0.0, 0.5, 1.0]), 2)
testing.check(
    testing.close(curve, np.array([0.0, 0.25, 1.0])),
    "two tokens, each right half of the time: both are right in one case of four",
    inputs=([0.0, 0.5, 1.0], 2),
    got=curve,
    expected=[0.0, 0.25, 1.0],
)
assert testing.close(exact_match_curve(np.array([0.25]), 1), np.array([0.25])), (
    "an answer of one token is right as often as its token"
)

# %% nbgrader={"grade": true, "grade_id": "q42-exact-match-curve-hidden-power", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the curve, for several lengths and shapes (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = []
for L, shape in [(1, (4,)), (3, (5,)), (20, (6,)), (7, (2, 3)), (20, ())]:
    p = 0.5 + rng.random(shape) / 2
    want = np.ones(shape)
    for _ in range(L):
        want = want * p
    cases.append(((np.asarray(p), L), want))
testing.agree(
    exact_match_curve,
    cases,
    "all L tokens have to be right: their chances are multiplied (not added, and errors are not just "
    "counted), for every element of p_token, and the result has the shape of p_token",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q42-exact-match-curve-hidden-edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: no tokens, certain tokens, negative lengths (1 point)
### BEGIN HIDDEN TESTS
edge = np.array([0.0, 0.5, 1.0])
testing.agree(
    exact_match_curve,
    [
        ((edge, 0), np.ones(3)),
        ((np.full((2, 3), 0.5), 0), np.ones((2, 3))),
        ((np.asarray(0.25), 0), np.asarray(1.0)),
        ((edge, 5), np.array([0.0, 0.03125, 1.0])),
        ((edge, 1), edge),
    ],
    "an answer of no tokens is always right, in every place of an array of whatever shape; p = 0 gives 0 for any "
    "other length, and p = 1 gives 1",
)
assert testing.raises(ValueError, exact_match_curve, np.array([0.5]), -1), (
    "a negative length raises ValueError"
)
assert testing.leaves_arguments(exact_match_curve, np.array([0.25, 0.75]), 3), (
    "p_token belongs to the caller: return a new array"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
#### 42.2 `read_zero`

●●○ · 12 minutes · 3 points · core

A model answered `n` questions and not one was right. What does that say?

`read_zero(n, accuracy, level=0.95)` returns a tuple of two floats, (chance, upper). Questions are drawn
independently.

- `chance`: if the true share of right answers is `accuracy` (0 to 1), the probability that `n` questions show
  exactly zero.
- `upper`: the upper end of the exact one-sided interval at confidence `level` (0 or more, below 1) after a
  zero: the largest true share under which a zero still has probability 1 − `level` or more. It does not depend
  on `accuracy`. With `n` = 0 it is 1, and `chance` is 1.
- `n` is an int. `n` below 0, `accuracy` outside [0, 1], or `level` outside [0, 1) raises `ValueError`.
- `upper` is exact, not the usual formula with a standard error: that has width 0 at zero hits.

<details><summary>Hint 1</summary>

Each question is missed with probability 1 − accuracy. What is the chance of missing two?

</details>

<details><summary>Hint 2</summary>

You have an equation between an unknown share, n and the chance of a zero. Set that chance to 1 − level and
solve for the share. Treat n = 0 apart.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q42-read-zero", "locked": false, "schema_version": 3, "solution": true, "task": false}
def read_zero(n: int, accuracy: float, level: float = 0.95) -> tuple[float, float]:
    """Return (chance of no hit in n questions, largest share that no hit leaves possible)."""
    ### BEGIN SOLUTION
    if n < 0 or not 0 <= accuracy <= 1 or not 0 <= level < 1:
        raise ValueError("n is at least 0, accuracy within [0, 1], level within [0, 1)")
    chance = (1.0 - accuracy) ** n
    upper = 1.0 if n == 0 else 1.0 - (1.0 - level) ** (1 / n)
    return chance, upper
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q42-read-zero-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    read_zero,
    [((2, 0.25, 0.75), (0.5625, 0.5)), ((1, 0.5, 0.5), (0.5, 0.5))],
    "two questions, each missed with probability .75: both missed with .5625. And a model that is right half of "
    "the time misses two with probability .25, which is 1 − level, so .5 is the upper end",
)

# %% nbgrader={"grade": true, "grade_id": "q42-read-zero-hidden-chance", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the chance of a zero (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = [(0, 0.5), (1, 0.0), (7, 0.0), (3, 1.0), (0, 1.0), (50, 0.0625), (300, 0.0078125)]
cases += [(int(rng.integers(2, 40)), float(rng.integers(1, 13)) / 64) for _ in range(6)]
for n, accuracy in cases:
    want = 1.0
    for _ in range(n):
        want *= 1.0 - accuracy
    result = read_zero(n, accuracy)
    testing.check(
        testing.close(len(result), 2) and testing.close(result[0], want),
        "all n questions have to be missed: multiply the chance of a miss n times (with no question a zero is "
        "certain; at accuracy 1 and with questions it is impossible)",
        inputs=(n, accuracy),
        got=result,
        expected=(want, "..."),
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q42-read-zero-hidden-upper", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the interval after a zero (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for n, level in [(1, 0.75), (3, 0.875), (4, 0.0), (20, 0.95), (300, 0.99)]:
    accuracy = float(rng.integers(1, 16)) / 16
    result = read_zero(n, accuracy, level)
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 - middle) ** n >= 1 - level else (low, middle)
    testing.check(
        testing.close(result[1], low, rtol=1e-6, atol=1e-9),
        "under the upper end a zero has probability exactly 1 − level: solve for the share. It is neither 3/n nor "
        "a standard error, uses the level given (one side only), and does not depend on accuracy",
        inputs=(n, accuracy, level),
        got=result,
        expected=("...", low),
    )
assert testing.close(read_zero(50, 0.5)[1], 0.05815510), "level is .95 if it is not given"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q42-read-zero-hidden-edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: no questions, and arguments that make no sense (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    read_zero,
    [((0, 0.5), (1.0, 1.0)), ((0, 0.25, 0.5), (1.0, 1.0)), ((0, 0.0, 0.0), (1.0, 1.0))],
    "without questions nothing is excluded: the chance of a zero is 1, and so is the upper end",
)
for wrong in [(-1, 0.5), (5, -0.25), (5, 1.25), (5, 0.5, 1.0), (5, 0.5, -0.25), (5, 0.5, 1.5)]:
    testing.check(
        testing.raises(ValueError, read_zero, *wrong),
        "n below 0, accuracy outside [0, 1] and level outside [0, 1) raise ValueError (level 1 would exclude nothing)",
        inputs=wrong,
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
What your function says about zeros (the cell raises `NotImplementedError` until you have solved 42.2):
"""

# %% tags=["demo"]
print("questions   chance of zero at a true .05   upper end after a zero   a standard error says")
hits = 0.0
for n in (10, 50, 300, 3000):
    normal = hits / n + 1.96 * math.sqrt(hits / n * (1 - hits / n) / n)
    print("{:9} {:25.3f} {:26.4f} {:20.4f}".format(n, *read_zero(n, 0.05), normal))

# %% [markdown]
r"""
#### 42.3 `token_edit_error`

●●○ · 15 minutes · 4 points · core

A metric that gives part marks. `token_edit_error(answers, golds)` compares each answer with its gold answer,
both lists of token ids.

- The distance of a pair is the smallest number of insertions, deletions and replacements of single tokens that
  make one of the other (Levenshtein). One token left out costs 1, not "everything behind it is wrong".
- The error of a pair is its distance divided by the length of the *longer* of the two, so from 0 to 1. If both
  are empty it is 0.
- Returned is the mean of these errors over the pairs, a float: every pair counts the same, however long it is.
- No pairs, or lists of different numbers of answers and gold answers, raise `ValueError`. Arguments are not
  changed. Answers have up to 40 tokens.

<details><summary>Hint 1</summary>

The distance of two lists whose last tokens are equal is that of the lists without them. If they differ, there
are three ways to go on.

</details>

<details><summary>Hint 2</summary>

A table with a row for each prefix of one list and a column for each prefix of the other. The first row and
column are known. Each further field follows from its left, upper and upper left neighbour. The last field is
the distance. Plain recursion without a memory is far too slow for 40 tokens.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q42-token-edit-error", "locked": false, "schema_version": 3, "solution": true, "task": false}
def token_edit_error(answers: list[list[int]], golds: list[list[int]]) -> float:
    """Mean over pairs of edit distance / length of the longer of the pair: 0 equal, 1 nothing alike."""
    ### BEGIN SOLUTION
    if not answers or len(answers) != len(golds):
        raise ValueError("there must be as many answers as gold answers, and at least one")
    errors = []
    for answer, gold in zip(answers, golds, strict=True):
        row = list(range(len(gold) + 1))
        for i, token in enumerate(answer, start=1):
            above, row = row, [i]
            for j, wanted in enumerate(gold, start=1):
                row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (token != wanted)))
        errors.append(row[-1] / max(len(answer), len(gold), 1))
    return sum(errors) / len(errors)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q42-token-edit-error-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    token_edit_error,
    [
        (([[1, 2, 3, 4]], [[1, 2, 3, 4]]), 0.0),
        (([[1, 9, 3, 4]], [[1, 2, 3, 4]]), 0.25),
        (([[2, 3, 4]], [[1, 2, 3, 4]]), 0.25),
    ],
    "equal lists have error 0; one replaced token of four costs a quarter, and so does one left out at the front",
)

# %% nbgrader={"grade": true, "grade_id": "q42-token-edit-error-hidden-distance", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the distance of one pair (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = [
    (([[1, 2, 3, 4]], [[2, 3, 4, 1]]), 0.5),  # delete one, insert one
    (([[5, 1, 2, 3]], [[1, 2, 3]]), 0.25),
    (([[1, 2]], [[2, 1]]), 1.0),  # no operation "swap"
    (([[7, 8]], [[1, 2, 3, 4]]), 1.0),
    (([[1, 1, 1, 1]], [[1]]), 0.75),
    (([[1, 3, 2, 4]], [[1, 2, 3, 4]]), 0.5),
    (([[1, 2, 3, 4, 5, 6, 7, 8]], [[1, 3, 4, 9, 5, 6, 7, 2]]), 0.375),
]
for size in (12, 40):
    gold = [int(t) + 100 for t in rng.permutation(size)]  # all different
    answer = list(gold)
    answer[size // 2] = 1
    del answer[1]
    cases.append((([answer], [gold]), 2 / size))
    cases.append((([gold], [answer]), 2 / size))
cases.append((([[5, 5]], [[6, 5]]), 0.5))
for kinds, size in [(3, 10), (4, 12), (5, 24)]:
    answer, gold = ([int(t) for t in rng.integers(kinds, size=size)] for _ in range(2))
    table = np.zeros((size + 1, size + 1))
    table[0], table[:, 0] = range(size + 1), range(size + 1)
    for i in range(1, size + 1):
        for j in range(1, size + 1):
            replaced = table[i - 1, j - 1] + (answer[i - 1] != gold[j - 1])
            table[i, j] = min(replaced, table[i - 1, j] + 1, table[i, j - 1] + 1)
    cases.append((([answer], [gold]), table[size, size] / size))
testing.agree(
    token_edit_error,
    cases,
    "the distance is the smallest number of insertions, deletions and replacements: not a comparison place by place, "
    "not of sets, replacing costs 1, swapping is no operation of its own; divide by the longer of the two",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q42-token-edit-error-hidden-mean", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: pairs of different lengths (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = []
for short, long in [(2, 16), (1, 4), (4, 32)]:
    right = [int(t) + 10 for t in rng.permutation(long)]
    wrong = [[1] * short, [2] * short]
    cases.append((([right, wrong[0]], [right, wrong[1]]), 0.5))
    cases.append((([wrong[0], right, right, right], [wrong[1], right, right, right]), 0.25))
    cases.append((([right[: long // 2], wrong[0]], [right, wrong[0]]), 0.25))
testing.agree(
    token_edit_error,
    cases,
    "divide each pair's distance by its own longer length, then average over the pairs: a sum of distances over a sum of "
    "lengths lets long answers count more, and a mean of raw distances is no share",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q42-token-edit-error-hidden-edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: empty answers, no pairs, unequal numbers (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    token_edit_error,
    [
        (([[]], [[]]), 0.0),
        (([[]], [[1, 2]]), 1.0),
        (([[1, 2]], [[]]), 1.0),
        (([[], [3]], [[], [4]]), 0.5),
    ],
    "an empty answer to an empty gold answer has error 0 and counts in the mean; to any other it has error 1",
)
for wrong in [([], []), ([[1]], [[1], [2]]), ([[1], [2]], [[1]])]:
    testing.check(
        testing.raises(ValueError, token_edit_error, *wrong),
        "no pairs, or unequal numbers of answers and gold answers, raise ValueError",
        inputs=wrong,
    )
assert testing.leaves_arguments(token_edit_error, [[1, 2, 3], [4]], [[1, 3], [4, 5]]), (
    "the lists belong to the caller"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
Your metric on real greedy answers, 100 questions at every checkpoint (the cell raises `NotImplementedError`
until you have solved 42.3). Early answers repeat one word until the room is used up, so an error of nearly 1 is
deserved there.
"""

# %% tags=["demo"]
some = assess.draw(probes.known, 100, "learning curves")
gold_ids = [tokenizer(c.gold).input_ids for c in some]
print("million tokens   edit error   exact match   the first answer")
for tokens in use.kept(folder):
    said = assess.answers(use.load_folder(folder, tokens), tokenizer, some)
    error = token_edit_error([tokenizer(s).input_ids for s in said], gold_ids)
    hits = np.mean([assess.exact(s, c) for s, c in zip(said, some, strict=True)])
    print(f"{tokens / 1e6:14.2f} {error:12.2f} {hits:13.2f}   {said[0][:48]}")

# %% [markdown]
r"""
Part marks do give a warning: the error falls while exact match still stands at zero. But they are no cure-all. At the
first five checkpoints the error hardly moves, though the table above has the loss falling all the time: the
model writes its *own* tokens here, and one wrong word leads all that follow astray. A measure on
generated text can have a flat part of its own. And from the point where the frame is right, most of the error is (by the table of frame and rest above) the
facts.
"""

# %% [markdown]
r"""
#### 42.4 Repair `metric_report`

●●○ · 12 minutes · 3 points · core

Does $p^L$ explain the exact match of a test set? This function is to report it. On answers that all have the
same length and are all right it does well. There are three mistakes in it.

`metric_report(hits)`: `hits` is a list of lists of bools, one list for each answer: is this token right? The
lists have different lengths, none is empty, and there is at least one. Return a dictionary of three floats:

- `"token"`: the share of right tokens among *all* tokens of the test set;
- `"exact"`: the share of answers whose tokens are all right;
- `"predicted"`: what exact match would be if every token of the test set were right with probability `"token"`,
  independently: for each answer the chance that *its own* number of tokens is right, averaged over the answers.

`hits` is not changed.

<details><summary>Hint 1</summary>

Two answers, `[True]` and `[False, False, False]`. Write down the three numbers by hand, then run it.

</details>

<details><summary>Hint 2</summary>

One clue for each. Does a token in a long answer count as much as one in a short answer? What is `p * L` at p =
0.5 and L = 4, and what should it be? And is the power of a mean the mean of the powers?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q42-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def metric_report(hits: list[list[bool]]) -> dict[str, float]:
#     """Report token accuracy, exact match, and the exact match that p^L predicts."""
#     n = len(hits)
#     token = sum(sum(answer) / len(answer) for answer in hits) / n
#     exact = sum(all(answer) for answer in hits) / n
#     length = sum(len(answer) for answer in hits) / n
#     predicted = min(1.0, token * length)
#     return {"token": token, "exact": exact, "predicted": predicted}
### END REPAIR
### BEGIN SOLUTION
def metric_report(hits: list[list[bool]]) -> dict[str, float]:
    """Report token accuracy, exact match, and the exact match that p^L predicts."""
    n = len(hits)
    token = sum(sum(answer) for answer in hits) / sum(len(answer) for answer in hits)
    exact = sum(all(answer) for answer in hits) / n
    predicted = sum(token ** len(answer) for answer in hits) / n
    return {"token": token, "exact": exact, "predicted": predicted}


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q42-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
testing.agree(
    metric_report,
    [(([[True, True], [True, True]],), {"token": 1.0, "exact": 1.0, "predicted": 1.0})],
    "this worked before the repair: all tokens of both answers are right",
)

# %% nbgrader={"grade": true, "grade_id": "q42-repair-hidden-token", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the share of right tokens, and of right answers (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
tests = [[[True], [False, False, False]], [[False], [True] * 7], [[True, False], [True, True]]]
for sizes in [(1, 15), (2, 6, 8), (16, 4, 4, 8)]:
    tests.append([[bool(b) for b in rng.random(n) < 0.75] for n in sizes] + [[True], [False] * 3])
for hits in tests:
    flat = [hit for answer in hits for hit in answer]
    right = [False not in answer for answer in hits]
    got = metric_report([list(answer) for answer in hits])
    testing.check(
        testing.close(sorted(got), ["exact", "predicted", "token"])
        and testing.close(got["token"], flat.count(True) / len(flat)),
        "every token of the test set counts the same: a mean of the answers' means gives a token of a short answer more weight",
        inputs=(hits,),
        got=got,
        expected={"token": flat.count(True) / len(flat)},
    )
    testing.check(
        testing.close(got["exact"], right.count(True) / len(right)),
        "exact match was right before the repair: the share of answers without a wrong token",
        inputs=(hits,),
        got=got,
        expected={"exact": right.count(True) / len(right)},
    )
for hits in [[[True], [True, False]], [[False, True, True], [True]]]:
    assert testing.leaves_arguments(metric_report, hits), "hits belong to the caller"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q42-repair-hidden-power", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the prediction, all answers equally long (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for L, n in [(1, 4), (2, 2), (4, 4), (8, 2), (16, 3)]:
    wrong = int(rng.integers(1, L * n))
    flat = [False] * wrong + [True] * (L * n - wrong)
    flat = [flat[int(i)] for i in rng.permutation(L * n)]
    hits = [flat[L * i : L * (i + 1)] for i in range(n)]
    want = (1 - wrong / (L * n)) ** L
    got = metric_report(hits)["predicted"]
    testing.check(
        testing.close(got, want),
        "the chance that all L tokens are right is a product of L factors; p · L is the number of tokens that are right on average",
        inputs=(hits,),
        got=got,
        expected=want,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q42-repair-hidden-lengths", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the prediction, answers of different lengths (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for sizes in [(1, 3), (1, 15), (2, 6, 8), (16, 1, 7, 8)]:
    total = sum(sizes)
    wrong = total // 4
    flat = [False] * wrong + [True] * (total - wrong)
    flat = [flat[int(i)] for i in rng.permutation(total)]
    hits, at = [], 0
    for size in sizes:
        hits.append(flat[at : at + size])
        at += size
    p = (total - wrong) / total
    want = math.fsum(p**size for size in sizes) / len(sizes)
    got = metric_report(hits)["predicted"]
    testing.check(
        testing.close(got, want),
        "p is the share of all tokens; raise it to each answer's own length and average the results: the power of the mean "
        "length is less",
        inputs=(hits,),
        got=got,
        expected=want,
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

**"Wei et al. showed sharp transitions in seven abilities at 10 billion parameters."** Neither number is the
paper's. Its Table 1 gives each ability its own scale, in training compute and parameters, from tens of millions
of parameters to 540 billion; Wei's own list counts 137 abilities, 67 of them from BIG-Bench. (The seven may
come from elsewhere; we found no such count in this paper.) One threshold at one size is what the evidence does
*not* say.

**"With a smooth metric the jump is gone, so it was an illusion."** Two mistakes. A smooth metric can hide a
jump as well as a sharp one can make it: when few tokens of many matter, the average over all barely moves while
the task goes from unsolved to solved. And users need whole answers. Three models, all with about the same
token accuracy:
"""

# %% tags=["demo"]
rows = np.random.default_rng(3)
n, L = 5000, 14
for name, p in {
    "all tokens equally hard": np.full(L, 0.95),
    "one hard token, 13 easy": np.array([1.0] * 13 + [0.30]),
}.items():
    hits = rows.random((n, L)) < p
    print(f"{name}: tokens right {hits.mean():.2f}, answers right {hits.all(axis=1).mean():.2f}")
same = rows.random(n) < 0.95
hits = np.repeat(same[:, None], L, axis=1)
print(f"all right or all wrong : tokens right {hits.mean():.2f}, answers right {same.mean():.2f}")

# %% [markdown]
r"""
All three have nearly the same share of right tokens, and exact match lies anywhere between. $p^L$ needs equal
tokens and independence. Unequal tokens make exact match lower than $p^L$ (the run above, in its middle), errors
that come together make it higher. So $p^L$ is a warning of what a metric *can* do, not a law of what it did.

**"It is settled by now: emergence is a measurement artifact, but planning needs a minimum size."** The second
half contradicts the first, and neither is a consensus. Say which jump you mean, and by which metric.
"""

# %% [markdown]
r"""
### If they push

<details><summary>Which continuous metric would you use for a task with exact answers?</summary>

The log-probability of the right answer, per question: it needs one forward pass, has no smallest step, and its
exponential is the chance of sampling that answer. For multiple choice look at the probability of the right
option *and* of the wrong ones: accuracy depends on their order, and the wrong ones move too. Edit distance is
for outputs of models whose probabilities you do not see.

</details>

<details><summary>Then why report exact match at all?</summary>

Since that is what the user gets. A sum with one wrong digit is worth nothing. The metric is right for the
question "is it useful?" and bad for the question "when will it be?". Report both.

</details>

<details><summary>Is a low loss all that matters, and size nothing?</summary>

Du et al. (2024) report the same performance at the same pre-training loss for different sizes, with data,
tokenizer and architecture held fixed. Loss is not comparable across tokenizers or data, so it is no universal
scale. And a small model may never reach the loss at which a task begins to work.

</details>

<details><summary>Are there jumps that nobody calls an artifact?</summary>

Some sudden changes during training are seen inside the network: the formation of induction heads shows as a
bump in the loss itself (Olsson et al., 2022), and grokking on small algorithmic tasks is a late, fast rise of
test accuracy (Power et al., 2022), before which continuous "progress measures" of the circuit already move
(Nanda et al., 2023). These are changes over training time; the argument about emergence was mostly about size.

</details>

<details><summary>What does it mean for safety?</summary>

If a dangerous capability can look absent and be near, then "0 of 50" is no evidence of distance. Measure
probabilities and not only successes, give partial marks to partial steps, use enough tries (42.2), and elicit
well: fine-tuning on a task moved the point at which it is solved to less capable models (Snell et al., 2024),
so a zero without elicitation is a statement about the prompt too.

</details>

<details><summary>How many questions do I need?</summary>

To see a share a at all: about 3/a questions for a 95 % chance of one hit. To see a *change*, more: see the
intervals of question 28.

</details>
"""

# %% [markdown]
r"""
### Sources

- Wei, Tay, Bommasani et al. (2022), *Emergent Abilities of Large Language Models*, TMLR, arXiv 2206.07682. Wei,
  *137 emergent abilities of large language models*, blog post, read November 2026.
- Schaeffer, Miranda, Koyejo (2023), *Are Emergent Abilities of Large Language Models a Mirage?*, NeurIPS, arXiv
  2304.15004. **Contested** by the next.
- Du, Zeng, Dong, Tang (2024), *Understanding Emergent Abilities of Language Models from the Loss Perspective*,
  NeurIPS, arXiv 2403.15796. Its abstract was read for this section; the details of its tasks were not.
- Hu, Liu, Han et al. (2024), *Predicting Emergent Abilities with Infinite Resolution Evaluation*, ICLR, arXiv
  2310.03262: sampling until an answer passes.
- Snell, Wallace, Klein, Levine (2024), *Predicting Emergent Capabilities by Finetuning*, arXiv 2411.16035.
- Srivastava et al. (2022), *Beyond the Imitation Game* (BIG-Bench), arXiv 2206.04615.
- Olsson et al. (2022), *In-context Learning and Induction Heads*, arXiv 2209.11895; Power et al. (2022),
  *Grokking*, arXiv 2201.02177; Nanda et al. (2023), *Progress Measures for Grokking via Mechanistic
  Interpretability*, ICLR, arXiv 2301.05217.
- Levenshtein (1966), *Binary Codes Capable of Correcting Deletions, Insertions, and Reversals*, Soviet Physics
  Doklady 10.
"""
