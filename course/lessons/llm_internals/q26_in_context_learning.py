# %% [markdown]
r"""
## Q26. How does in-context learning work?

*Medium · 80 minutes · needs attention, cross-entropy, a gradient step (self-test 6)*
"""

# %% [markdown]
r"""
### Say it

> In-context learning means that a model does a new task from examples in its prompt, without any
> change to its weights. What the examples do is two things: they tell the model *which* of the
> tasks it already knows is meant (the labels' names, the kind of input, the format), and they can
> teach it a mapping it did not have. That is why random labels in the examples often cost little,
> while consistently *flipped* labels turn the answers of large models round. The best understood
> mechanism is the induction head: find an earlier occurrence of what stands here, and copy what
> followed it. That attention can do a step of gradient descent on the examples is proven for
> linear attention on regression, and is a hypothesis for language models.
"""

# %% [markdown]
r"""
### See it

**One model, fixed weights, two tasks.** The lab's `icl` model is a small Llama that has read nothing
but lists of tiny reviews with labels, such as `warm bright : good ; cold stale : bad`. In two of every
five lists the labels are usual words (good/bad, positive/negative, yes/no, up/down). In the others they
are invented ones, whose meaning is drawn anew for every list: what `dax` means can only be read off the
list.
"""

# %% tags=["demo"]
from course import lab
from course.lab import icl

reader = lab.load("icl")


def ask(prompt: str, *options: str) -> dict[str, float]:
    """Return the probability of each option as the next word."""
    ids = torch.tensor([[icl.ID[word] for word in prompt.split()]])
    with torch.inference_mode():
        p = reader(ids).logits[0, -1].softmax(-1)
    return {word: round(p[icl.ID[word]].item(), 3) for word in options}


examples = "warm bright : dax ; cold stale : wug ; tidy neat : dax ; weak rainy : wug ; "
swapped = examples.replace("dax", "?").replace("wug", "dax").replace("?", "wug")
for context in ("", examples, swapped):
    print(
        f"{context or '(no examples)'}\n    clear honest :",
        ask(context + "clear honest :", "dax", "wug"),
    )

# %% [markdown]
r"""
Without examples the invented words get little probability. With four, the model sorts a review
whose words do not occur in them, and with the labels exchanged it sorts the other way round. No
weight has changed: the prompt is all that differs. (`dax` and `wug` never stood together in its
training, so it has not learned this pair by heart.) Change the examples and run it again.
"""

# %% [markdown]
r"""
#### True, random, flipped and no labels

Now the usual words, about which the model has an opinion of its own. Four kinds of prompts: the
examples' labels are *true*; each is *random*, a fair coin; all are *flipped*; there are *none*. The
answer to the last review is always compared with the truth.

Before you run: which of random and flipped labels hurts more, and at how many examples?
"""

# %% tags=["demo"]
from course import figures

SHOTS = [0, 1, 2, 4, 8, 16]
accuracy = {
    kind: [icl.answered(reader, *icl.prompts(kind, k, 200))[0].mean() for k in SHOTS]
    for kind in ("true", "random", "flipped", "absent")
}
print("examples      " + "".join(f"{k:7}" for k in SHOTS))
for kind, row in accuracy.items():
    print(f"{kind:14}" + "".join(f"{share:7.0%}" for share in row))

# %% tags=["demo"]
fig, ax = figures.subplots(size=(5.6, 3))
for (kind, row), marker in zip(accuracy.items(), "os^x", strict=True):
    ax.plot(range(len(SHOTS)), row, marker=marker, label=kind)
ax.set_xticks(range(len(SHOTS)), SHOTS)
ax.set(xlabel="examples in the prompt", ylabel="answers that are true", ylim=(-0.03, 1.03))
ax.legend(title="labels", frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
figures.show(
    fig,
    "Share of true answers against the number of examples, from 0 to 16. True labels: rises at once "
    "to nearly 1 and stays. Random labels: stays well above one half, around three "
    "quarters. Flipped labels: about a half at one example, 0 from two on. No labels: low throughout.",
)

# %% [markdown]
r"""
Random and flipped labels are different things. Random ones are a poor teacher: they contradict the
model's opinion half of the time and confirm it the other half, so it *mostly* keeps its opinion (about
three answers in four here), with less confidence. On this model they cost more than Min et al. found on
language models, of which more below. Flipped ones are a consistent teacher of another task, and enough
of them win.

Without any labels, and without any examples, the model does badly for a third reason: it cannot know
whether *good*, *yes* or *up* is asked for. Compare only the true label with its opposite, and it
turns out that it knew the review:
"""

# %% tags=["demo"]
ids, answers = icl.prompts("absent", 8, 200)
partner = {icl.ID[a]: icl.ID[b] for pair in icl.USUAL for a, b in (pair, pair[::-1])}
others = np.array([partner[int(answer)] for answer in answers])
with torch.inference_mode():
    scores = reader(torch.from_numpy(ids)).logits[:, -1].numpy()
rows = np.arange(len(ids))
likeliest = scores.argmax(-1) == answers
likelier = scores[rows, answers] > scores[rows, others]
print("8 examples without labels: the true label is")
print(f"    the likeliest of all words {likeliest.mean():.0%}")
print(f"    likelier than its opposite {likelier.mean():.0%}")

# %% [markdown]
r"""
The lists that this model was trained on were *made* so: noisy labels are common in them, flipped
ones rare. The best possible reader of such lists applies Bayes' rule (Xie et al., 2021, read
in-context learning this way), and both findings follow from it; its accuracy can be computed:
"""

# %% tags=["demo"]
for kind in ("true", "random", "flipped"):
    best = "".join(f"{icl.bayes(kind, k)[0]:7.0%}" for k in SHOTS[1:])
    print(f"{kind:8} Bayes {best}    model " + "".join(f"{a:7.0%}" for a in accuracy[kind][1:]))

# %% [markdown]
r"""
From two examples on the model agrees with Bayes' rule, or nearly, on true and on flipped labels. On random
ones it falls short of it, and a single example it trusts too much: it has learned to read lists well, not
as well as possible.

So our curves show how it *can* be, not how it is in language models. What was measured there:

- *Random*: "randomly replacing labels in the demonstrations barely hurts performance" on
  classification and multiple choice, in 12 models including GPT-3 (Min et al., 2022). What did matter:
  the label words, the kind of input, the format.
- *Flipped*: small models go on with their prior, large ones follow the flipped labels (Wei et al.,
  2023; GPT-3, InstructGPT, Codex, PaLM, Flan-PaLM).
- It depends: how much a wrong label costs differs by task, template and model size (Yoo et al.,
  2022).
"""

# %% [markdown]
r"""
#### Induction: look up, then copy

The simplest thing to learn from a context is: what came after this last time?
"""


# %% tags=["demo"]
def guess(tokens: list) -> object:
    """Find the latest earlier occurrence of the last token; return what followed it."""
    for place in range(len(tokens) - 2, -1, -1):
        if tokens[place] == tokens[-1]:
            return tokens[place + 1]
    return None


print(guess(list("abcxab")), guess(["Mira", "Tol", "sells", "rope", ".", "Mira"]))
print(guess([7, 3, 9, 1, 7, 3]), guess([7, 3, 9, 1]))

# %% [markdown]
r"""
One attention head cannot do it. It can find an earlier *Mira*, by comparing tokens, but what it
must bring back is the token *after* that. Two layers can: a head in the first writes into every
position which token stands before it; a head in the second looks for the position where that note
says *Mira*, and copies the token there. The pair is called an **induction head** (Elhage et al.,
2021; Olsson et al., 2022). Nobody builds it in; training finds it.

The lab's `induction` model has two layers of four heads, no MLPs, and was trained on random numbers
in blocks that repeat. Here is its loss on blocks of 32, each written twice:
"""

# %% tags=["demo"]
from course.lab import induction

copier = lab.load("induction")
V, P = copier.config.vocab_size, 32
blocks = induction.repeated(np.random.default_rng(0), rows=64, length=2 * P, vocab=V, period=P)
by_place = induction.losses(copier, blocks).mean(0)
fig, ax = figures.subplots(size=(5.6, 2.8))
ax.plot(range(2, 2 * P + 1), by_place)
ax.axhline(math.log(V), color=figures.GREY, linestyle=":", linewidth=1)
ax.annotate(f"ln {V} = {math.log(V):.2f}, guessing", (1, math.log(V) - 0.4), fontsize=9)
ax.axvline(P + 0.5, color=figures.GREY, linestyle="--", linewidth=1)  # the second block begins
ax.set(xlabel="position", ylabel="loss (nats)", ylim=(0, None))
figures.show(
    fig,
    "Loss against position for a block of 32 random tokens written twice. In the first block and on "
    "the first token of the second, just right of a dashed line, it is near or above the dotted line of "
    "guessing, 4.16 nats; then it drops, and from the third token of the second block on it stays "
    "below half a nat.",
)
print(
    f"first block {by_place[: P - 1].mean():.2f} nats, second block {by_place[P:].mean():.2f} nats"
)

# %% [markdown]
r"""
The tokens are random, so nothing in the weights can know them: all that is gained in the second
block is learned in the context. (In the first block the loss is *above* guessing. In training most
tokens were repetitions, so the model bets on one.)

**What do its heads look at?** On a block of ten, written twice: rows are positions that look,
columns what they look at.
"""

# %% tags=["demo"]
look = induction.look(copier, rows=16)
first = int(look["previous"][0].argmax())
second = int(look["prefix"].mean(0)[1].argmax())
row = np.tile(np.random.default_rng(5).permutation(V)[:10], (1, 2))  # ten different tokens
pattern = induction.patterns(copier, row)[:, 0]  # (layers, heads, T, T)
fig, axes = figures.subplots(1, 2, size=(9, 4.3))
for ax, (layer, head, what) in zip(
    axes, [(0, first, "the token before"), (1, second, "what followed last time")], strict=True
):
    ax.pcolormesh(pattern[layer, head], cmap="Greys", vmin=0, vmax=1)
    ax.set_xticks(np.arange(20) + 0.5, row[0], fontsize=7)
    ax.set_yticks(np.arange(20) + 0.5, row[0], fontsize=7)
    ax.invert_yaxis()
    ax.axhline(10, linestyle=":", linewidth=1)
    ax.set_title(f"layer {layer + 1}, head {head + 1}: {what}")
figures.show(
    fig,
    "Two attention patterns of 20 by 20 squares on ten tokens written twice. Left, a head of layer 1: "
    "the darkest squares lie just below the diagonal, each position looks mostly at the one before. Right, a head of "
    "layer 2: in the lower half a dark diagonal nine columns to the left of the main one, each "
    "position looks at the token after its first occurrence.",
)

# %% [markdown]
r"""
The right picture is the signature, below the dotted line. Its dark diagonal is not ten to the left
(that would be the same token) but nine: the token *after* it. (In the first block nothing has come
before, and the head looks mostly at its own position.) How dark it is on average is the head's
**prefix-matching score**, between 0 and 1.

**When does it form?** The model's weights were kept 32 times along its training. Half of them, with
the loss on the second block and the score of the best head in each layer:
"""

# %% tags=["demo"]
marks = lab.checkpoints("induction")[::2]
along = [induction.look(lab.load("induction", checkpoint=mark), rows=8) for mark in marks]
millions = np.array(marks) / 1e6
fig, axes = figures.subplots(1, 2, size=(8.6, 2.9))
axes[0].plot(millions, [a["second"].mean() for a in along], label="second block")
axes[0].plot(millions, [a["first"].mean() for a in along], label="first block")
axes[0].set(ylabel="loss (nats)", ylim=(0, None))
for layer in (1, 0):
    best = [a["prefix"].mean(0)[layer].max() for a in along]
    axes[1].plot(millions, best, label=f"best of layer {layer + 1}")
axes[1].set(ylabel="prefix-matching score", ylim=(0, 1))
for ax in axes:
    ax.set(xlabel="tokens of training (millions)")
    ax.legend(frameon=False)
figures.show(
    fig,
    "Two panels along 8 million tokens of training. Left: the loss on the second block sinks slowly "
    "from 4.2 to 3.7 nats in the first 2.8 million tokens, then falls below 1 within the next 1.5 "
    "million, and creeps to about 0.25; the first block's stays above 4. Right: the best "
    "prefix-matching score of layer 2 is near 0 until the same moment and then rises to about 0.8; that "
    "of layer 1 stays at 0.",
)

# %% [markdown]
r"""
Little for nearly three million tokens, then both within a short stretch: the *phase change* that Olsson et
al. saw in language models, at the moment when these begin to use their context. Two curves that
move together are still only a correlation. So cut heads out and see what happens:
"""


# %% tags=["demo"]
def without(heads: list[tuple[int, int]]) -> float:
    """Return the loss on the second block when these (layer, head) write nothing."""
    model = lab.load("induction")
    d = model.config.hidden_size // model.config.num_attention_heads
    with torch.no_grad():
        for layer, head in heads:
            model.blocks[layer].attn.o_proj.weight[:, head * d : (head + 1) * d] = 0
    return float(induction.losses(model, blocks)[:, P:].mean())


print(f"all heads in place            {without([]):.2f} nats")
for layer in (0, 1):
    singles = [f"{without([(layer, head)]):.2f}" for head in range(4)]
    together = without([(layer, head) for head in range(4)])
    print(f"layer {layer + 1}: one cut {', '.join(singles)}; all four cut {together:.2f}")

# %% [markdown]
r"""
Without its second layer, or without its first, the model does worse than guessing. Cutting a single
head costs far less, and one in layer 1 costs nothing: several share the work. This is the kind of
evidence that a mechanism needs, and it is evidence about *this* model. In language models of up to 7
billion parameters, cutting other heads cost more few-shot accuracy than cutting induction heads, and
many of those had begun as induction heads (Yin and Steinhardt, 2025).
"""

# %% [markdown]
r"""
#### Attention as a step of learning

The examples of a prompt are pairs $(x_i, y_i)$, like a training set. What would *training* on them
do? Take a linear model $\hat y = W x$ that knows nothing, $W = 0$, and let it take one step of
gradient descent on $L(W) = \tfrac12 \sum_i \lVert W x_i - y_i \rVert^2$:
"""

# %% tags=["demo"]
X = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], dtype=torch.float64)  # three examples
Y = torch.tensor([[2.0], [-1.0], [1.0]], dtype=torch.float64)
query = torch.tensor([3.0, 1.0], dtype=torch.float64)

W = torch.zeros(1, 2, dtype=torch.float64, requires_grad=True)
loss = 0.5 * ((X @ W.T - Y) ** 2).sum()
loss.backward()
after = W.detach() - 0.1 * W.grad  # learning rate 0.1
print("gradient", W.grad.tolist(), "  W after one step", after.numpy().round(3).tolist())
print("prediction for the query:", round((after @ query).item(), 3))

# %% [markdown]
r"""
The prediction is a sum of the examples' labels, each with a weight. Work it out on paper: how does
the weight of example $i$ depend on $x_i$ and the query? You have met that expression in attention.
Von Oswald et al. (2023) built a layer of linear attention from this observation, and found that
layers *trained* on such regression tasks come out close to it. Exercise 26.1 is that layer.
"""

# %% [markdown]
r"""
### Build it

Three exercises: gradient descent done by attention, an induction head built by hand, and the
repair of an experiment with flipped labels.
"""

# %% [markdown]
r"""
### Exercise 26.1 · `linear_attention_gd`

●●○ · 12 minutes · 4 points · core

Write `linear_attention_gd(X, Y, xq, eta)`: what a linear model predicts for a query after one step
of gradient descent on the examples.

- `X` is a float64 array of shape (n, d), the examples' inputs, one per row; `Y`, shape (n, m),
  their targets; `xq`, shape (d,), the query; `eta` the learning rate, a float.
- The model is $\hat y = W x$ with $W$ of shape (m, d), and starts at $W = 0$. It takes *one* step,
  $W \leftarrow W - \eta\, \nabla L(W)$, on the loss
  $L(W) = \tfrac12 \sum_{i=1}^{n} \lVert W x_i - y_i \rVert^2$: a *sum* over the examples, not a
  mean.
- Return $W x_q$ after the step, shape (m,).
- With no example (n = 0) nothing is learned: zeros. The arguments are not changed.

Any correct way will do. The one to find needs no $W$: the query against every $x_i$, and a sum of
the $y_i$.

<details><summary>Hint 1</summary>

The gradient at $W$ is $\sum_i (W x_i - y_i)\, x_i^\top$. What is left of it at $W = 0$?

</details>

<details><summary>Hint 2</summary>

After the step $W = \eta \sum_i y_i x_i^\top$, and $W x_q = \eta \sum_i y_i\, (x_i \cdot x_q)$.
With keys $x_i$, values $y_i$ and the query $x_q$ this is attention whose scores go through no
softmax: scores first, shape (n,), then their product with `Y`.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q26-linear-attention", "locked": false, "schema_version": 3, "solution": true, "task": false}
def linear_attention_gd(X: np.ndarray, Y: np.ndarray, xq: np.ndarray, eta: float) -> np.ndarray:
    """X (n, d), Y (n, m), xq (d,). Returns the prediction (m,) after one step from W = 0."""
    ### BEGIN SOLUTION
    scores = X @ xq  # (n,): every key against the query, no softmax
    return eta * (scores @ Y)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q26-linear-attention-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
three = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
targets = np.array([[2.0], [-1.0], [1.0]])
testing.agree(
    linear_attention_gd,
    [((np.array([[2.0]]), np.array([[3.0]]), np.array([5.0]), 0.1), [3.0])],
    "one example: the step leads to W = eta y x = 0.1 * 3 * 2, and W times the query 5 is 3",
)
testing.agree(
    linear_attention_gd,
    [((three, targets, np.array([3.0, 1.0]), 0.1), [0.9])],
    "0.9 is the prediction after one step with the learning rate 0.1: see the demonstration above",
)

# %% nbgrader={"grade": true, "grade_id": "q26-linear-attention-hidden-step", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: equal to one step of gradient descent (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = []
for n, d, m in [(1, 1, 1), (2, 3, 1), (5, 2, 4), (7, 7, 7), (4, 6, 2)]:
    X, Y, xq = rng.normal(size=(n, d)), rng.normal(size=(n, m)), rng.normal(size=d)
    eta = float(rng.uniform(0.05, 0.5))
    W = np.zeros((m, d))
    for x, y in zip(X, Y, strict=True):
        W += eta * np.outer(y, x)
    cases.append(((X, Y, xq, eta), W @ xq))
testing.agree(
    linear_attention_gd,
    cases,
    "the result is not W xq after one gradient step from W = 0 on half the sum of squared errors",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q26-linear-attention-hidden-sum", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a sum over the examples, also over none (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
X, Y, xq = rng.normal(size=(3, 4)), rng.normal(size=(3, 2)), rng.normal(size=4)
once = sum(0.25 * y * (x @ xq) for x, y in zip(X, Y, strict=True))
testing.agree(
    linear_attention_gd,
    [((np.tile(X, (k, 1)), np.tile(Y, (k, 1)), xq, 0.25), k * once) for k in (1, 2, 5)],
    "examples shown k times pull k times as hard: the loss is a sum over the examples, not a mean, "
    "and the weights of the examples need not sum to 1",
)
testing.agree(
    linear_attention_gd,
    [
        ((np.zeros((0, 3)), np.zeros((0, 2)), np.ones(3), 0.5), np.zeros(2)),
        ((np.ones((2, 3)), np.zeros((2, 2)), np.ones(3), 0.5), np.zeros(2)),
    ],
    "without an example, or with targets of 0, W stays 0 and so does the prediction, shape (m,)",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q26-linear-attention-hidden-linear", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: linear in the query, the targets and the learning rate (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
X, Y, xq = rng.normal(size=(6, 3)), rng.normal(size=(6, 2)), rng.normal(size=3)
base = sum(0.5 * y * (x @ xq) for x, y in zip(X, Y, strict=True))
testing.agree(
    linear_attention_gd,
    [
        ((X, Y, 4 * xq, 0.5), 4 * base),
        ((X, Y, -xq, 0.5), -base),
        ((X, 3 * Y, xq, 0.5), 3 * base),
        ((X, Y, xq, 1.5), 3 * base),
        ((10 * X, Y, 100 * xq, 0.5), 1000 * base),
    ],
    "four times the query gives four times the prediction, and minus the query its negative: the "
    "scores are plain dot products, neither put through a softmax nor scaled nor normalised",
)
across = np.array([[1.0, 0.0, 2.0], [0.0, 0.0, 1.0]])
testing.agree(
    linear_attention_gd,
    [((across, np.array([[5.0], [7.0]]), np.array([0.0, 3.0, 0.0]), 0.5), [0.0])],
    "an example at right angles to the query has no say: its weight is 0",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q26-linear-attention-hidden-pairs", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: which label belongs to which input matters, their order does not (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
X, Y, xq = rng.normal(size=(5, 3)), rng.normal(size=(5, 2)), rng.normal(size=3)
want = sum(0.2 * y * (x @ xq) for x, y in zip(X, Y, strict=True))
turn = np.array([3, 0, 4, 1, 2])
testing.agree(
    linear_attention_gd,
    [((X, Y, xq, 0.2), want), ((X[turn], Y[turn], xq, 0.2), want)],
    "the examples are a set: pairs in another order give the same step",
)
shuffled = sum(0.2 * y * (x @ xq) for x, y in zip(X, Y[turn], strict=True))
testing.agree(
    linear_attention_gd,
    [((X, Y[turn], xq, 0.2), shuffled), ((X, -Y, xq, 0.2), -want)],
    "with the labels handed to the wrong inputs the step is another one; flipped, its opposite",
)
assert testing.leaves_arguments(linear_attention_gd, X, Y, xq, 0.2), (
    "the examples belong to the caller: do not write into them"
)
got = linear_attention_gd(X, Y, xq, 0.2)
assert getattr(got, "dtype", None) == np.float64, "the prediction is a float64 array"
### END HIDDEN TESTS

# %% [markdown]
r"""
Your function beside PyTorch's gradients on random examples, and beside attention as language
models have it, with a softmax. (Until you have solved the exercise the cell raises
`NotImplementedError`.)
"""

# %% tags=["demo"]
rng = np.random.default_rng(0)
X, Y, xq = rng.normal(size=(8, 5)), rng.normal(size=(8, 3)), rng.normal(size=5)
W = torch.zeros(3, 5, dtype=torch.float64, requires_grad=True)
(0.5 * ((torch.from_numpy(X) @ W.T - torch.from_numpy(Y)) ** 2).sum()).backward()
by_gradient = -0.1 * W.grad.numpy() @ xq
by_attention = linear_attention_gd(X, Y, xq, 0.1)
weights = np.exp(X @ xq) / np.exp(X @ xq).sum()
print("gradient step    ", by_gradient)
print(
    "linear attention ",
    by_attention,
    f" largest difference {abs(by_gradient - by_attention).max():.0e}",
)
print("softmax attention", weights @ Y)

# %% [markdown]
r"""
### Exercise 26.2 · `induction_head`

●●○ · 18 minutes · 4 points · core

Build an induction head by hand: two attention layers with weights so simple that they need no
training. Write `induction_head(tokens, vocab, beta)`.

- `tokens` is an integer array of shape (T,), T ≥ 1, with values in 0 … `vocab` − 1. It is not
  changed. Every token's embedding is its one-hot vector, shape (`vocab`,).
- **Layer 1**, a previous-token head, writes into position $t$ the embedding of token $t - 1$. Before
  position 0 stands nothing: it gets the zero vector.
- **Layer 2** looks with the query $q_t$ = embedding of token $t$, the keys $k_s$ = what layer 1
  wrote into position $s$, and the values $v_s$ = embedding of token $s$. The score of $s$ for $t$ is
  `beta` $\, q_t \cdot k_s$, with no other scaling. Position $t$ looks at all $s \le t$, *itself
  included*, and at no later one; a softmax over these gives its attention.
- Return `(pattern, logits)`, float64: `pattern` of shape (T, T), row $t$ the attention of position
  $t$, 0 for later positions; `logits` of shape (T, `vocab`), row $t$ the sum of the values, each
  times its attention.
- `beta` ≥ 0 is a float and may be large, such as 1000: the result must stay finite.

So where the token has come before, the attention goes to what followed it, evenly if that happened
several times; where it has not, it spreads evenly over all positions up to $t$.

<details><summary>Hint 1</summary>

`np.eye(vocab)[tokens]` gives the embeddings, (T, `vocab`). The keys are the same rows one place
further down, with zeros on top. `np.roll` brings the last row to the top: that is the future.

</details>

<details><summary>Hint 2</summary>

Scores (T, T) as a matrix product; `-np.inf` above the diagonal (`np.triu(..., k=1)`); subtract each
row's maximum before `exp`; divide by the row's sum; `pattern @ values`.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q26-induction-head", "locked": false, "schema_version": 3, "solution": true, "task": false}
def induction_head(tokens: np.ndarray, vocab: int, beta: float) -> tuple[np.ndarray, np.ndarray]:
    """tokens (T,) ints. Returns the second layer's pattern (T, T) and the logits (T, vocab)."""
    ### BEGIN SOLUTION
    T = len(tokens)
    embeddings = np.eye(vocab)[tokens]  # (T, vocab)
    before = np.zeros_like(embeddings)  # what layer 1 writes
    before[1:] = embeddings[:-1]
    scores = beta * embeddings @ before.T  # (T, T)
    scores[np.triu(np.ones((T, T), bool), k=1)] = -np.inf
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    pattern = weights / weights.sum(axis=1, keepdims=True)
    return pattern, pattern @ embeddings
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q26-induction-head-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
pattern, logits = induction_head(np.array([0, 1, 2, 0]), 4, 100.0)
testing.check(
    testing.close(pattern[3], [0, 1, 0, 0]) and testing.close(logits[3], [0, 1, 0, 0]),
    "after 0 1 2 0 the attention goes to position 1, what followed the first 0, and predicts 1",
    inputs=(np.array([0, 1, 2, 0]), 4, 100.0),
    got=(pattern[3], logits[3]),
    expected=([0, 1, 0, 0], [0, 1, 0, 0]),
)
pattern, logits = induction_head(np.array([0, 1, 2]), 3, 5.0)
testing.check(
    testing.close(pattern, [[1, 0, 0], [1 / 2, 1 / 2, 0], [1 / 3, 1 / 3, 1 / 3]]),
    "a token that never came before matches nothing: even attention to all positions up to its own",
    inputs=(np.array([0, 1, 2]), 3, 5.0),
    got=pattern,
    expected=[[1, 0, 0], [1 / 2, 1 / 2, 0], [1 / 3, 1 / 3, 1 / 3]],
)

# %% nbgrader={"grade": true, "grade_id": "q26-induction-head-hidden-match", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the token after the earlier occurrence, at any sharpness (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = []
for T, vocab, beta in [(1, 3, 2.0), (9, 4, 0.0), (9, 4, 1.5), (12, 3, 4.0), (7, 11, 2.5)]:
    tokens = rng.integers(vocab, size=T)
    pattern = np.zeros((T, T))
    for t in range(T):
        for s in range(t + 1):
            pattern[t, s] = math.exp(beta * (s > 0 and tokens[s - 1] == tokens[t]))
    pattern /= pattern.sum(axis=1, keepdims=True)
    logits = np.zeros((T, vocab))
    for s in range(T):
        logits[:, tokens[s]] += pattern[:, s]
    cases.append(((tokens, vocab, beta), (pattern, logits)))
testing.agree(
    induction_head,
    cases,
    "a position scores beta if the token BEFORE it is the present token, else 0; the logits are the "
    "attention that falls on each token of the vocabulary",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q26-induction-head-hidden-causal", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: nothing comes from the future (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
tokens = np.concatenate([rng.permutation(5), rng.integers(5, size=6)])
for beta in (0.5, 3.0):
    whole, whole_logits = induction_head(tokens.copy(), 5, beta)
    testing.check(
        testing.close(whole * np.triu(np.ones((11, 11)), k=1), np.zeros((11, 11)))
        and testing.close(whole.sum(axis=1), np.ones(11)),
        "each row is a distribution over the positions up to its own: mask the scores with -inf "
        "before the softmax",
        inputs=(tokens, 5, beta),
        got=whole,
    )
    for n in (4, 6, 8):
        part, part_logits = induction_head(tokens[:n].copy(), 5, beta)
        testing.check(
            testing.close(part, whole[:n, :n]) and testing.close(part_logits, whole_logits[:n]),
            "later tokens change earlier rows: does position 0 hold the LAST token as its 'token "
            "before', as np.roll makes it?",
            inputs=(tokens[:n], 5, beta),
            got=part,
            expected=whole[:n, :n],
        )
ring = np.array([1, 0, 2, 1])
testing.agree(
    lambda *args: induction_head(*args)[0][3],
    [((ring, 3, 50.0), [0, 1, 0, 0])],
    "before position 0 stands nothing: its key is zero and matches no token",
)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q26-induction-head-hidden-several", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: several earlier occurrences, and the token itself (1 point)
### BEGIN HIDDEN TESTS
def last_row(tokens: np.ndarray, vocab: int, beta: float) -> tuple[np.ndarray, np.ndarray]:
    pattern, logits = induction_head(tokens, vocab, beta)
    return pattern[-1], logits[-1]


a, b, c, d = (int(x) for x in testing.rng().permutation(4))
testing.agree(
    last_row,
    [
        ((np.array([a, b, a, c, a]), 4, 200.0), ([0, 0.5, 0, 0.5, 0], np.eye(4)[[b, c]].mean(0))),
        (
            (np.array([a, b, d, a, b, a, c, a]), 4, 200.0),
            (np.array([0, 1, 0, 0, 1, 0, 1, 0]) / 3, np.eye(4)[[b, b, c]].mean(0)),
        ),
    ],
    "every earlier occurrence counts the same, not only the first or the latest",
)
testing.agree(
    last_row,
    [
        ((np.array([b, a, a]), 4, 200.0), ([0, 0, 1], np.eye(4)[a])),
        ((np.array([a, a, a]), 4, 200.0), ([0, 0.5, 0.5], np.eye(4)[a])),
        ((np.array([b]), 4, 200.0), ([1], np.eye(4)[b])),
    ],
    "a position may look at itself: in 'b a a' the last a stands behind an a, and looks at itself",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q26-induction-head-hidden-form", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: sharp scores, shapes, unchanged tokens (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
block = rng.permutation(6)
tokens = np.concatenate([block, block])
for beta in (1000.0, 100_000.0):
    pattern, logits = induction_head(tokens.copy(), 9, beta)
    testing.check(
        np.isfinite(pattern).all() and np.isfinite(logits).all(),
        "a row is not finite: scores that are too large overflow exp, and scores that all are too small "
        "leave a sum of 0; subtract each row's own maximum first",
        inputs=(tokens, 9, beta),
        got=pattern,
    )
    testing.check(
        testing.close(logits[6:11], np.eye(9)[block[1:]]),
        "in a repeated block a sharp head predicts every token after the first repeated one",
        inputs=(tokens, 9, beta),
        got=logits[6:11],
        expected=np.eye(9)[block[1:]],
    )
assert pattern.shape == (12, 12) and logits.shape == (12, 9), (
    "pattern is (T, T), logits are (T, vocab), also where some tokens of the vocabulary are absent"
)
assert pattern.dtype == logits.dtype == np.float64, "both results are float64"
assert testing.leaves_arguments(induction_head, tokens, 9, 3.0), "the tokens were changed"
### END HIDDEN TESTS

# %% [markdown]
r"""
Yours beside the trained model of above, on the same blocks of 32 written twice: how often is the
likeliest token right?
"""

# %% tags=["demo"]
with torch.inference_mode():
    trained = copier(torch.from_numpy(blocks)).logits.argmax(-1).numpy()
by_hand = np.array([induction_head(tokens, V, 50.0)[1].argmax(-1) for tokens in blocks])
for name, predicted in (("trained", trained), ("by hand", by_hand)):
    right = predicted[:, :-1] == blocks[:, 1:]
    print(
        f"{name}: first block {right[:, : P - 1].mean():.0%}, second block {right[:, P:].mean():.0%}"
    )

# %% [markdown]
r"""
Where a token occurs twice *within* the block, yours has two candidates at the first place, and three at
the second, two of which show what followed the first: there it is nearly always wrong. The trained
model is nearly always right even there, so it must tell the places apart by something more than the
last token, such as the tokens before it.
"""

# %% [markdown]
r"""
### Exercise 26.3 · repair `few_shot_accuracy`

●●○ · 12 minutes · 4 points · core

This function measures few-shot accuracy with true, random and flipped labels in the examples, the
experiment of Min et al. and Wei et al. It runs, and its numbers tell a story. The story is wrong, by three
faults. Mend them.

`few_shot_accuracy(predict, texts, labels, k, condition, rng)` is meant to do this:

- `texts` is a list of n different strings, `labels` the list of their true labels: strings, of
  exactly two kinds. 0 ≤ k ≤ n − 1. Neither list is changed.
- Every text is the query once: `predict(examples, query)` is called once for each, with a list of
  `k` pairs (text, shown label), and returns a label.
- The examples of a query are `k` *different other* texts, drawn anew for each query with `rng`, so
  that every choice of `k` other texts is equally likely; their order does not matter. The query is
  never among them.
- The shown labels depend on `condition`. `"true"`: the true ones. `"flipped"`: of each the other
  one. `"random"`: each is one of the two labels with probability ½ each, whatever the true label,
  the other labels shown with it, and how common the labels are; drawn with `rng`.
  (Draw it for each text once, or for each prompt anew, as you like.)
- The result is the share of the queries, a float, for which `predict` returned the query's *true*
  label, whatever the condition.

Chance is tested over many calls, with six standard deviations: how often each text is an example, how
often two texts are together, and how many labels of a prompt are true with `"random"`, its mean and its
variance.

<details><summary>Hint 1</summary>

Try three predictors: one that knows every true label; one that returns the label of the example
that is the query, if there is one; one that writes down what it is shown.

</details>

<details><summary>Hint 2</summary>

Which label does the answer get compared with when `condition` is `"flipped"`? With two labels, what
is "a random wrong label"? And from which texts may the examples be drawn for query `i`?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q26-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Callable


### BEGIN REPAIR
# def few_shot_accuracy(
#     predict: Callable[[list[tuple[str, str]], str], str],
#     texts: list[str],
#     labels: list[str],
#     k: int,
#     condition: str,
#     rng: np.random.Generator,
# ) -> float:
#     """condition: "true", "random" or "flipped". Returns the share of true answers."""
#     classes = sorted(set(labels))
#     if condition == "random":
#         labels = [rng.choice([c for c in classes if c != label]).item() for label in labels]
#     elif condition == "flipped":
#         labels = [classes[1 - classes.index(label)] for label in labels]
#     hits = 0
#     for query, label in zip(texts, labels):
#         chosen = rng.choice(len(texts), size=k, replace=False)
#         examples = [(texts[j], labels[j]) for j in chosen]
#         hits += predict(examples, query) == label
#     return hits / len(texts)
### END REPAIR
### BEGIN SOLUTION
def few_shot_accuracy(
    predict: Callable[[list[tuple[str, str]], str], str],
    texts: list[str],
    labels: list[str],
    k: int,
    condition: str,
    rng: np.random.Generator,
) -> float:
    """condition: "true", "random" or "flipped". Returns the share of true answers."""
    classes = sorted(set(labels))

    def shown(label: str) -> str:
        if condition == "random":
            return classes[rng.integers(2)]
        return classes[1 - classes.index(label)] if condition == "flipped" else label

    hits = 0
    for i, (query, label) in enumerate(zip(texts, labels, strict=True)):
        others = [j for j in range(len(texts)) if j != i]
        chosen = rng.choice(others, size=k, replace=False)
        examples = [(texts[j], shown(labels[j])) for j in chosen]
        hits += predict(examples, query) == label
    return hits / len(texts)


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q26-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
def knows(examples: list[tuple[str, str]], query: str) -> str:
    return "even" if int(query) % 2 == 0 else "odd"


def always_odd(examples: list[tuple[str, str]], query: str) -> str:
    return "odd"


texts = [str(i) for i in range(12)]
labels = [knows([], text) for text in texts]
for predictor, share in ((knows, 1.0), (always_odd, 0.5)):
    got = few_shot_accuracy(predictor, texts, labels, 3, "true", testing.rng())
    testing.check(
        testing.close(got, share),
        "with true labels the result is the share of the texts that are answered right",
        inputs=f"a predictor that is right on {share:.0%} of 12 texts",
        got=got,
        expected=share,
    )

# %% nbgrader={"grade": true, "grade_id": "q26-repair-hidden-truth", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: answers are compared with the truth (1 point)
### BEGIN HIDDEN TESTS
truth = {f"text {i}": "ab"[i % 3 == 0] for i in range(18)}


def all_knowing(examples: list[tuple[str, str]], query: str) -> str:
    return truth[query]


def contrary(examples: list[tuple[str, str]], query: str) -> str:
    return "a" if truth[query] == "b" else "b"


def obedient(examples: list[tuple[str, str]], query: str) -> str:
    """Follow the examples: if the first one's label is flipped, flip the answer too."""
    text, shown = examples[0]
    return (all_knowing if shown == truth[text] else contrary)(examples, query)


for predictor, condition, share in [
    (all_knowing, "true", 1.0),
    (all_knowing, "random", 1.0),
    (all_knowing, "flipped", 1.0),
    (contrary, "flipped", 0.0),
    (obedient, "flipped", 0.0),
    (obedient, "true", 1.0),
]:
    got = few_shot_accuracy(
        predictor, list(truth), list(truth.values()), 4, condition, testing.rng()
    )
    testing.check(
        testing.close(got, share),
        "only the examples' labels are changed: the answer is compared with the query's true label, "
        "so a model that knows better than flipped examples is right",
        inputs=f"a predictor that answers {predictor.__name__}, condition {condition!r}",
        got=got,
        expected=share,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q26-repair-hidden-leak", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: whom the examples are drawn from (1 point)
### BEGIN HIDDEN TESTS
texts = [f"review {i}" for i in range(12)]
labels = ["yes", "no", "no"] * 4
seen: list[tuple[list[str], str]] = []


def note(examples: list[tuple[str, str]], query: str) -> str:
    seen.append(([text for text, _ in examples], query))
    return "yes"


for k in (0, 3, 11):
    for condition in ("true", "random", "flipped"):
        seen.clear()
        few_shot_accuracy(note, list(texts), list(labels), k, condition, testing.rng())
        assert sorted(query for _, query in seen) == sorted(texts), "every text is the query once"
        for shown, query in seen:
            testing.check(
                query not in shown,
                "the query stands among its own examples, with its label: that tests copying",
                inputs=f"12 texts, k = {k}, condition {condition!r}",
                got=f"{query!r} with examples {shown}",
            )
            testing.check(
                len(shown) == k == len(set(shown)) and set(shown) <= set(texts),
                "a query gets exactly k examples, all different",
                inputs=f"12 texts, k = {k}, condition {condition!r}",
                got=shown,
            )
        used = {text for shown, _ in seen for text in shown}
        assert k != 3 or len(used) > 5, "the examples are drawn anew for each query, from all texts"
texts, labels, k, runs = [f"review {i}" for i in range(8)], ["yes", "no"] * 4, 3, 60
together = np.zeros((8, 8))  # prompts with both texts; on the diagonal, with one
for run in range(runs):
    seen.clear()
    condition = ("true", "random", "flipped")[run % 3]
    few_shot_accuracy(note, list(texts), list(labels), k, condition, testing.rng(run))
    for shown, _ in seen:
        at = [texts.index(text) for text in shown]
        together[np.ix_(at, at)] += 1
once, twice = np.eye(8, dtype=bool), np.triu(np.ones((8, 8), dtype=bool), k=1)
for counts, n, p, message in [
    (together[once], runs * 7, k / 7, "every text is an example of the others equally often: a choice "
     "that is sorted and then cut prefers those in front"),
    (together[twice], runs * 6, k * (k - 1) / (7 * 6), "any two texts are together equally often: "
     "neighbours in the list are no random choice"),
]:  # fmt: skip
    testing.check(
        bool((abs(counts - n * p) <= 6 * math.sqrt(n * p * (1 - p))).all()),
        message,
        inputs=f"8 texts, k = {k}, {runs} calls",
        got=f"between {counts.min():.0f} and {counts.max():.0f} times",
        expected=f"about {n * p:.0f} times",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q26-repair-hidden-random", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: random is not flipped (1 point)
### BEGIN HIDDEN TESTS
import contextlib

texts = [f"sentence {i}" for i in range(60)]
shown: dict[str, str] = {}  # the first label that each text was shown with
prompts: list[list[tuple[str, str]]] = []


def note(examples: list[tuple[str, str]], query: str) -> str:
    prompts.append(examples)
    for text, label in examples:
        shown.setdefault(text, label)
    return "left"


for labels, k in [(["left", "right"] * 30, 8), (["left"] * 30 + ["right"] * 30, 5)]:
    shown.clear()
    prompts.clear()
    few_shot_accuracy(note, list(texts), labels, k, "random", testing.rng())
    true = dict(zip(texts, labels, strict=True))
    kept = np.mean([label == true[text] for text, label in shown.items()])
    testing.check(
        abs(kept - 0.5) <= 6 * 0.5 / math.sqrt(len(shown)),
        "a random label is the true one half of the time: one that is always wrong is a flipped one, "
        "and labels that are only shuffled or partly changed are not random either",
        inputs=f"60 texts, two labels equally common, k = {k}",
        got=f"{kept:.0%} of the shown labels are true",
        expected="about 50%",
    )
    same = np.mean([len({label == true[text] for text, label in p}) == 1 for p in prompts])
    assert same < 0.5, "each label is drawn by itself: not one coin for the whole prompt"
rare = ["right"] + ["left"] * 59
shown.clear()
few_shot_accuracy(note, list(texts), rare, 8, "random", testing.rng())
left = np.mean([label == "left" for label in shown.values()])
testing.check(
    abs(left - 0.5) <= 6 * 0.5 / math.sqrt(len(shown)),
    "both labels are equally likely however rare one is in the data: draw from the two labels, not "
    "from the list of all labels",
    inputs="60 texts, one of them 'right', the rest 'left', k = 8",
    got=f"{left:.0%} are shown with 'left'",
    expected="about 50%",
)


class Enough(Exception):
    pass


def note_one(examples: list[tuple[str, str]], query: str) -> str:
    prompts.append(examples)
    raise Enough  # one prompt of each call is looked at: those of one call may share their labels


for k, runs in [(1, 64), (3, 120), (8, 80)]:
    texts, labels = [f"sentence {i}" for i in range(k + 1)], (["left", "right"] * 5)[: k + 1]
    true = dict(zip(texts, labels, strict=True))
    kept = []  # how many labels are true, in one prompt of each call
    for run in range(runs):
        prompts.clear()
        with contextlib.suppress(Enough):
            few_shot_accuracy(note_one, list(texts), list(labels), k, "random", testing.rng(run))
        kept.append(sum(label == true[text] for text, label in prompts[0]))
    mean, variance = np.mean(kept), np.mean((np.array(kept) - k / 2) ** 2)
    noise = k / 4 * (1 + 3 * (k - 2) / 4) - k**2 / 16  # of one squared deviation
    testing.check(
        abs(mean - k / 2) <= 6 * math.sqrt(k / 4 / runs)
        and abs(variance - k / 4) <= 6 * math.sqrt(noise / runs) + 1e-9,
        "the number of true labels in a prompt is that of heads among k fair coins: it varies, from "
        "none to all, and is not a fixed half",
        inputs=f"{k + 1} texts, k = {k}, {runs} calls",
        got=f"mean {mean:.2f}, variance {variance:.2f}",
        expected=f"mean about {k / 2}, variance about {k / 4}",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q26-repair-hidden-labels", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: all true, all flipped; lists and generator (1 point)
### BEGIN HIDDEN TESTS
texts = [f"item {i}" for i in range(14)]
labels = ["spam", "ham", "ham", "ham", "spam", "ham", "ham"] * 2
true = dict(zip(texts, labels, strict=True))
other = {"spam": "ham", "ham": "spam"}
asked: list[tuple[str, list[tuple[str, str]]]] = []
seen: list[list[tuple[str, str]]] = []


def note(examples: list[tuple[str, str]], query: str) -> str:
    seen.append([tuple(pair) for pair in examples])
    asked.append((query, seen[-1]))
    return "ham"


for condition in ("true", "flipped"):
    for k in (1, 5, 13):
        seen.clear()
        few_shot_accuracy(note, list(texts), list(labels), k, condition, testing.rng())
        want = [
            [(text, true[text] if condition == "true" else other[true[text]]) for text, _ in p]
            for p in seen
        ]
        testing.check(
            seen == want,
            "with 'true' every example has its true label, with 'flipped' every example the other "
            "one, however many there are",
            inputs=f"14 texts, k = {k}, condition {condition!r}",
            got=seen[0],
            expected=want[0],
        )
for query, examples in asked[-14:]:  # of the last call, with k = 13
    rest = sorted((text, other[label]) for text, label in true.items() if text != query)
    testing.check(
        sorted(examples) == rest,
        "with k = n - 1 the examples are all other texts, each with its label",
        inputs=f"14 texts, k = 13, condition 'flipped', the query {query!r}",
        got=sorted(examples),
        expected=rest,
    )
runs = []
for _ in range(2):
    seen.clear()
    few_shot_accuracy(note, texts, labels, 5, "random", testing.rng())
    runs.append(list(seen))
assert runs[0] == runs[1], "the same generator state gives the same examples: draw from rng only"
assert labels == [true[text] for text in texts], "the lists belong to the caller: they were changed"
### END HIDDEN TESTS

# %% [markdown]
r"""
Your experiment on the lab's `icl` model: 30 reviews, no word of which occurs twice, with good and bad.
Run the cell before the repair and after it, and compare the lines *random* and *flipped*.

<details><summary>What you see</summary>

Before, the two lines are the same, since every "random" label was the wrong one, and both look good,
since the answer was compared with the flipped label and the query could stand among its examples. After,
they part: with random labels far more answers stay true than with flipped ones. With 30 queries a share
is uncertain by up to ±18 percentage points (two standard errors), and by more if you draw each text's
label once for all prompts: then one draw decides about all of them.

</details>
"""

# %% tags=["demo"]
reviews = [
    " ".join(words[i : i + 2]) for words in (icl.POSITIVE, icl.NEGATIVE) for i in range(0, 30, 2)
]
sentiments = ["good"] * 15 + ["bad"] * 15


def answer(examples: list[tuple[str, str]], query: str) -> str:
    prompt = "".join(f"{text} : {label} ; " for text, label in examples)
    p = ask(f"{prompt}{query} :", "good", "bad")
    return max(p, key=p.get)


for condition in ("true", "random", "flipped"):
    shares = [
        few_shot_accuracy(answer, reviews, sentiments, k, condition, np.random.default_rng(0))
        for k in (1, 4, 16)
    ]
    print(f"{condition:8} 1, 4, 16 examples: " + ", ".join(f"{share:.0%}" for share in shares))

# %% [markdown]
r"""
### Trap

**"Label noise in the examples degrades performance significantly."** This throws two things
together. Take eight examples and make a given number of them wrong, from none (true labels) to all
eight (flipped):
"""

# %% tags=["demo"]
ids, answers = icl.prompts("true", 8, 300, pair=("good", "bad"))
places = np.arange(8) * 5 + 3  # where the examples' labels stand
exchange = np.arange(len(icl.VOCABULARY))
exchange[[icl.ID["good"], icl.ID["bad"]]] = icl.ID["bad"], icl.ID["good"]
rng = np.random.default_rng(0)
true_share, certainty = [], []
for wrong in range(9):
    turned = ids.copy()
    for row in turned:
        chosen = rng.choice(places, size=wrong, replace=False)
        row[chosen] = exchange[row[chosen]]
    right, p = icl.answered(reader, turned, answers)
    true_share.append(right.mean())
    certainty.append(p.mean())

# %% tags=["demo"]
fig, ax = figures.subplots(size=(5.6, 2.9))
ax.plot(range(9), true_share, marker="o", label="answers that are true")
ax.plot(range(9), certainty, marker="s", label="probability of the true answer")
ax.set(xlabel="wrong labels among eight examples", ylim=(-0.03, 1.03))
ax.legend(frameon=False, loc="lower left")
figures.show(
    fig,
    "Share of true answers, and mean probability of the true answer, against the number of wrong labels "
    "among eight examples. The share of true answers is near 1 up to two wrong labels, still high at four, and near 0 "
    "with eight; the probability falls from the start and more evenly.",
)
print("true answers: " + " ".join(f"{share:.0%}" for share in true_share))

# %% [markdown]
r"""
With half of the labels wrong, which is what random labels are on average, most answers are still true;
what goes first is the certainty. The answers turn where most labels are wrong: there the examples no
longer are a noisy version of the usual task, but a cleaner version of another. So the answer is:
*random is not flipped; and whether flipped labels are followed depends on the model.* On ours it
follows from how its lists were made; on language models it is what Min et al. (2022) and Wei et al.
(2023) measured, with Yoo et al. (2022) as the warning that some tasks and templates are more sensitive.
"""

# %% [markdown]
r"""
**"More examples help, with diminishing returns after about ten."** How many examples are useful
depends on how much there is to learn from them. The same learner, least squares, on a target with
few and with many unknowns:
"""

# %% tags=["demo"]
rng = np.random.default_rng(1)
counts = [5, 10, 20, 50, 100, 200]
for d in (3, 80):
    errors = []
    for n in counts:
        trials = []
        for _ in range(20):
            truth, X = rng.normal(size=d) / math.sqrt(d), rng.normal(size=(n, d))
            y = X @ truth + 0.1 * rng.normal(size=n)
            fitted = np.linalg.lstsq(X, y, rcond=None)[0]
            trials.append(((fitted - truth) ** 2).sum())
        errors.append(np.mean(trials))
    print(
        f"{d:2} unknowns: "
        + "  ".join(f"n={n}: {e:.3f}" for n, e in zip(counts, errors, strict=True))
    )

# %% [markdown]
r"""
For three unknowns ten examples are nearly all one needs. For eighty they achieve little (the error
starts at about 1), and most of the gain comes after them. For language models with long contexts,
Agarwal et al. (2024) report significant gains from hundreds and thousands of examples over few, on many
tasks. What does stop you is the price: every example is paid for in every call (question 35), and
cached if it stands at the front (question 36).
"""

# %% [markdown]
r"""
**"Attention heads act as gradient descent steps."** Exercise 26.1 shows what is true: *linear*
attention, with the right weights, equals a step on a *linear regression*. The softmax of real
attention changes the numbers, as the cell after it shows. Whether pretrained language models do
anything like it is contested: Shen et al. (2024) found that on LLaMA-7B in-context learning and gradient
descent react differently to the order of the examples, and call the equivalence an open hypothesis.
"""

# %% [markdown]
r"""
### If they push

<details><summary>Does in-context learning change the model?</summary>

No. The weights are read, never written. What the examples change are the activations: keys and
values of the prompt, in the KV cache (question 36). When the request is over, everything "learned"
is gone, so the examples must be sent, and paid for, every time.

</details>

<details><summary>What do examples tell a model, if not the mapping?</summary>

Which words count as answers, what inputs look like, and the format: in Min et al. (2022) these
carried most of the gain on tasks that the models knew. For a task with labels of your own
invention there is no prior to fall back on, and the mapping is all there is: the `dax` demonstration, and
the "semantically unrelated labels" of Wei et al. (2023).

</details>

<details><summary>Does the order of the examples matter?</summary>

Yes, more than it should. Between orders of the *same* examples accuracy went from near the state of
the art to chance (Lu et al., 2021), and a good order for one model was not good for another. Among
the causes: a pull towards the label that comes last, and towards the most frequent one (Zhao et
al., 2021). Balance the labels, mix their order, and report the spread over several orders. "The most similar
example next to the query" is a heuristic to test, not a rule.

</details>

<details><summary>What is contextual calibration?</summary>

Ask the model with the same examples and an empty query such as "N/A". What it answers there is its
bias; divide the answer's probabilities by it (Zhao et al., 2021). It costs one extra call per
prompt and needs the probabilities of the labels.

</details>

<details><summary>Why do two layers make an induction head, and one cannot?</summary>

A head's attention is decided by the stream at the two positions, and in the first layer that is only
the tokens themselves (and their distance). "The token *before* position s is mine" is a fact about two
positions. A head of an earlier layer has to bring it to s first. This is called K-composition: the
second head's keys are made of the first head's output (Elhage et al., 2021).

</details>

<details><summary>Are induction heads all of in-context learning?</summary>

No. They explain copying, and Olsson et al. (2022) give strong evidence in small attention-only models,
and correlational evidence in large ones. On few-shot tasks other heads matter more: they carry a
compact *function vector* of the task, which triggers the task in another context too (Todd et al.,
2023). Cutting those cost more than cutting induction heads in 12 models of up to 7 billion parameters
(Yin and Steinhardt, 2025).

</details>

<details><summary>What does the Bayesian view predict?</summary>

That examples are evidence about *which* task this is, weighed against how common each task was in
training (Xie et al., 2021). Noise that the training data contained is shrugged off, rare tasks need
more evidence. Our `icl` model was built so that this can be computed. On language models the prior
is not known, so it is a way to think rather than a formula to apply; and Kossen et al. (2023) found
that prediction preferences from pretraining are not fully overcome.

</details>

<details><summary>Few-shot prompt or fine-tuning?</summary>

A prompt while the task changes, data are few, or many tasks share a model; fine-tuning when the
same long list of examples is sent millions of times, or when it no longer fits. Many-shot prompts can come
close to fine-tuning on some tasks (Agarwal et al., 2024). Question 6 does the arithmetic.

</details>

<details><summary>Your few-shot accuracy looks too good. What do you check?</summary>

That the query, or a near duplicate, is not among its own examples; that the test set was not used
to choose examples and order; that the answer is parsed the same way for right and wrong; and what the
same prompt gives with random labels. If that control is as good, the examples did not teach the
mapping.

</details>
"""

# %% [markdown]
r"""
### Sources

- Brown et al. (2020), *Language Models are Few-Shot Learners*, arXiv 2005.14165: the term.
- Min, Lyu, Holtzman, Artetxe, Lewis, Hajishirzi, Zettlemoyer (2022), *Rethinking the Role of
  Demonstrations*, arXiv 2202.12837. Yoo et al. (2022), *Ground-Truth Labels Matter*, arXiv
  2205.12685. **Contested** between them: how much a wrong label costs.
- Wei et al. (2023), *Larger Language Models Do In-Context Learning Differently*, arXiv 2303.03846.
  Kossen, Gal, Rainforth (2023), *In-Context Learning Learns Label Relationships but Is Not
  Conventional Learning*, arXiv 2307.12375.
- Elhage et al. (2021), *A Mathematical Framework for Transformer Circuits*. Olsson et al. (2022),
  *In-context Learning and Induction Heads*, arXiv 2209.11895. Todd et al. (2023), *Function Vectors
  in Large Language Models*, arXiv 2310.15213. Yin, Steinhardt (2025), *Which Attention Heads Matter
  for In-Context Learning?*, arXiv 2502.14010.
- von Oswald et al. (2023), *Transformers Learn In-Context by Gradient Descent*, arXiv 2212.07677.
  **Contested** for language models: Shen, Mishra, Khashabi (2024), *Do Pretrained Transformers
  Learn In-Context by Gradient Descent?*, arXiv 2310.08540.
- Xie, Raghunathan, Liang, Ma (2021), *An Explanation of In-context Learning as Implicit Bayesian
  Inference*, arXiv 2111.02080.
- Lu et al. (2021), *Fantastically Ordered Prompts and Where to Find Them*, arXiv 2104.08786. Zhao
  et al. (2021), *Calibrate Before Use*, arXiv 2102.09690.
- Agarwal et al. (2024), *Many-Shot In-Context Learning*, arXiv 2404.11018.
"""
