# %% [markdown]
r"""
## Q37. Causal or masked language modelling?

*Hard · 85 minutes · needs cross-entropy, softmax (self-test 3), autograd (self-test 6)*
"""

# %% [markdown]
r"""
### Say it

> Both train one network with one loss, cross-entropy on tokens of raw text; they differ in who may
> look where, and in which positions count. *Causal* language modelling (GPT) predicts every token
> from the tokens before it: attention is cut off towards the right, and a sequence of n tokens
> gives n − 1 targets in one pass. *Masked* language modelling (BERT) chooses about 15 % of the
> tokens, replaces most of them by a mask symbol, and predicts those from both sides: about 0.15 n
> targets. A causal model gives probabilities of whole texts and writes them token by token. A
> masked model gives every token a representation that has seen both neighbours, which suits
> classification, tagging and retrieval, but no direct way to score or write a text.
"""

# %% [markdown]
r"""
### See it

**A language small enough to know everything about.** Four families of words, with the vowels a, i,
o and u. An article, an adjective, a noun and its verb agree in their vowel; so do the object's
article, adjective and noun, in a vowel of their own. Everything else is free.
"""

# %% tags=["demo"]
PATTERN = ["article", "adjective", "noun", "verb", "article", "adjective", "noun", "stop"]
STEMS = {"article": ["d"], "adjective": ["mil", "tor", "sen"], "noun": ["kat", "bol", "ren"]}
STEMS |= {"verb": ["vid", "lum"], "stop": ["."]}
VOWELS = "aiou"
words = [stem + v for kind in STEMS if kind != "stop" for stem in STEMS[kind] for v in VOWELS]
words += [".", "▢"]  # the last one is the mask symbol
number = {word: i for i, word in enumerate(words)}
MASK = number["▢"]


def sentences(n: int, rng: np.random.Generator) -> Tensor:
    """Draw n sentences of eight words, (n, 8)."""
    drawn = []
    for subject, object_ in rng.integers(4, size=(n, 2)):
        vowels = [VOWELS[subject]] * 4 + [VOWELS[object_]] * 3 + [""]
        stems = [STEMS[kind][rng.integers(len(STEMS[kind]))] for kind in PATTERN]
        drawn.append([number[s + v] for s, v in zip(stems, vowels, strict=True)])
    return torch.tensor(drawn)


for row in sentences(4, np.random.default_rng(0)).tolist():
    print(" ".join(words[i] for i in row))

# %% [markdown]
r"""
Because the rules are known, so is the best possible prediction. Read from the left, an article is
one of four: no model can do better than $\log 4$ nats there. After the article the vowel is known;
an adjective is then one of three, $\log 3$, a verb one of two. Read from *both* sides, the article
is certain: the adjective after it has told the vowel.
"""

# %% tags=["demo"]
choices = np.array([len(STEMS[kind]) for kind in PATTERN])
floor_causal = np.log(choices * np.array([4, 1, 1, 1, 4, 1, 1, 1]))
floor_masked = np.log(choices)
for kind, left, both in zip(PATTERN, floor_causal, floor_masked, strict=True):
    print(f"{kind:10} best loss from the left {left:.3f}, from both sides {both:.3f}")

# %% [markdown]
r"""
**Who may look where.** Here is one sentence under both objectives. A row is a position; its filled
squares are the positions it may look at. Below the pictures stand the inputs, at the right what
has to be predicted. Two of the eight words are hidden (two, to have something to see; 15 % would be
one).
"""

# %% tags=["demo"]
from course import figures

example = ["da", "mila", "kata", "vida", "do", "toro", "reno", "."]
hidden = {2, 5}
tasks = [
    ("causal", np.tril(np.ones((8, 8))), example, [*example[1:], ""]),
    (
        "masked",
        np.ones((8, 8)),
        ["▢" if i in hidden else w for i, w in enumerate(example)],
        [w if i in hidden else "" for i, w in enumerate(example)],
    ),
]
fig, axes = figures.subplots(1, 2, size=(9.6, 4))
for ax, (name, allowed, inputs, targets) in zip(axes, tasks, strict=True):
    ax.pcolormesh(allowed[::-1], cmap="Greys", vmin=0, vmax=2, edgecolor=figures.INK, linewidth=0.5)
    places = np.arange(8) + 0.5
    ax.set_xticks(places, inputs, rotation=60)
    ax.set_yticks(places[::-1], [f"→ {t}" if t else "" for t in targets])
    ax.yaxis.tick_right()
    ax.tick_params(length=0)
    ax.set_title(f"{name}: {sum(map(bool, targets))} targets")
figures.show(
    fig,
    "Two grids of eight by eight squares, one row for each position of the sentence da mila kata vida "
    "do toro reno, stop. Causal: the lower triangle is filled, so each position sees itself and what "
    "is left of it, and seven rows have a target, the next word. Masked: all squares are filled, two "
    "inputs are replaced by the mask symbol, and only their two rows have a target, the hidden word.",
)

# %% [markdown]
r"""
The diagonal matters. A causal position sees its own token, since it predicts the *next* one. A
masked model sees everything, so the token to be predicted must be taken out of the input, or it
would only copy.

**One network for both.** The only difference in the network is the mask handed to attention.
"""


# %% tags=["demo"]
class Tiny(torch.nn.Module):
    """Two transformer blocks; causal or not is a flag."""

    def __init__(self, causal: bool, width: int = 32) -> None:
        super().__init__()
        self.causal = causal
        self.embed = torch.nn.Embedding(len(words), width)
        self.place = torch.nn.Parameter(0.02 * torch.randn(8, width))
        options = {"dropout": 0.0, "batch_first": True, "norm_first": True}
        self.blocks = torch.nn.ModuleList(
            torch.nn.TransformerEncoderLayer(width, 4, 2 * width, **options) for _ in range(2)
        )
        self.head = torch.nn.Sequential(
            torch.nn.LayerNorm(width), torch.nn.Linear(width, len(words))
        )

    def forward(self, ids: Tensor) -> Tensor:
        """Return logits (B, T, V) for ids (B, T)."""
        h = self.embed(ids) + self.place[: ids.shape[1]]
        future = torch.ones(ids.shape[1], ids.shape[1], dtype=torch.bool).triu(1)
        for block in self.blocks:
            h = block(h, src_mask=future if self.causal else None)
        return self.head(h)


# %% [markdown]
r"""
**The two losses**, in the simplest form: the causal model reads all but the last word and is asked
for all but the first; the masked one gets about 15 % of the words hidden (all by the mask symbol;
BERT's mixture is exercise 37.3). How well a model does is measured on new sentences, at every
place: for the causal model in one pass, for the masked one by hiding one place at a time.
"""


# %% tags=["demo"]
def loss_of(model: Tiny, ids: Tensor, rng: np.random.Generator) -> tuple[Tensor, int]:
    """Return the training loss and the number of targets."""
    if model.causal:
        logits, targets = model(ids[:, :-1]), ids[:, 1:]
    else:
        chosen = torch.from_numpy(rng.random(ids.shape) < 0.15)
        logits, targets = model(ids.masked_fill(chosen, MASK))[chosen], ids[chosen]
    loss = torch.nn.functional.cross_entropy(logits.reshape(-1, len(words)), targets.reshape(-1))
    return loss, targets.numel()


@torch.no_grad()
def loss_by_place(model: Tiny, ids: Tensor) -> np.ndarray:
    """Return the mean loss at each of the eight places; the causal model has none at the first."""
    losses = np.full(8, np.nan)
    for place in range(1 if model.causal else 0, 8):
        seen = ids.clone()
        seen[:, place] = MASK
        at = place - 1 if model.causal else place  # the causal model never sees the place itself
        losses[place] = torch.nn.functional.cross_entropy(model(seen)[:, at], ids[:, place])
    return losses


# %% tags=["demo"]
new_sentences = sentences(100, np.random.default_rng(99))


def train(causal: bool, steps: int) -> tuple[Tiny, list[tuple[int, int, float]]]:
    """Train; every 25 steps note sentences read, targets met, and nats above the floor."""
    torch.manual_seed(0)
    model, rng = Tiny(causal), np.random.default_rng(1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    targets, history = 0, []
    for step in range(1, steps + 1):
        loss, n = loss_of(model, sentences(32, rng), rng)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        targets += n
        if step % 25 == 0:
            excess = loss_by_place(model, new_sentences) - (
                floor_causal if causal else floor_masked
            )
            history.append((32 * step, targets, float(np.nanmean(excess))))
    return model, history


causal_model, causal_history = train(True, steps=200)
masked_model, masked_history = train(False, steps=500)
for name, (read, targets, excess) in [
    ("causal", causal_history[-1]),
    ("masked", masked_history[-1]),
]:
    print(f"{name}: {read:,} sentences, {targets:,} targets, {excess:.2f} nats above the floor")

# %% [markdown]
r"""
Same architecture, same number of parameters, same text. What has each learned, place by place?
"""

# %% tags=["demo"]
by_place = {
    "causal": loss_by_place(causal_model, new_sentences),
    "masked": loss_by_place(masked_model, new_sentences),
}
print("place        causal (best)      masked (best)")
for i, kind in enumerate(PATTERN):
    left = "    no target" if i == 0 else f"{by_place['causal'][i]:.2f} ({floor_causal[i]:.2f})"
    print(f"{kind:10} {left:>13}      {by_place['masked'][i]:.2f} ({floor_masked[i]:.2f})")

# %% [markdown]
r"""
The second article is the point. The causal model stays at $\log 4 \approx 1.39$: the object's
vowel is not in what it has read, and no training can change that. The masked model, which sees the
words behind it, is nearly certain. That is what "bidirectional" buys. What it costs is in the
pictures: on the left the mean excess over the best possible loss against *sentences read*, on the
right against *targets met*.
"""

# %% tags=["demo"]
fig, axes = figures.subplots(1, 2, size=(8.4, 3), sharey=True)
for column, ax in enumerate(axes):
    for name, history in (("causal", causal_history), ("masked", masked_history)):
        ax.loglog([h[column] for h in history], [h[2] for h in history], label=name)
    ax.set(xlabel=["sentences read", "targets met"][column])
axes[0].set(ylabel="nats above the floor")
axes[0].legend(frameon=False)
figures.show(
    fig,
    "Mean loss above the best possible against sentences read (left) and against targets met (right), "
    "both axes logarithmic. On the left the causal curve falls far earlier: the masked model needs "
    "several times as many sentences for the same excess. On the right the masked curve lies lower "
    "at first; from about 10,000 targets on the two lie close together.",
)

# %% [markdown]
r"""
Per sentence the causal objective gives 7 targets, the masked one 8 × 0.15 = 1.2, and so the masked
model needs several times as many sentences. Per *target* the masked model is ahead at first (for the
same number of targets it has taken about six times as many, smaller steps); from about 10,000 targets
on the two are level here, in one run on a toy language. Do not expect curves this tidy elsewhere. The
count of targets holds for any text. It is why ELECTRA (Clark et al., 2020) asks a question at *every*
position (was this token replaced?), and why 15 % is not sacred: 40 % was better than 15 % for a model
of BERT-large's size (Wettig et al., 2023).
"""

# %% [markdown]
r"""
#### Scoring and writing

By the chain rule, $\log p(x_1 \ldots x_n) = \sum_i \log p(x_i \mid x_{<i})$: a causal model's
losses *add up* to the negative log-probability of the text. The masked model's losses at each
place, given all others, do not add up to anything of the kind. Take the words after the first one:
"""

# %% tags=["demo"]
truth = floor_causal[1:].sum()
print(f"entropy of seven words, given the first: {truth:.2f} nats")
print(f"sum of the causal losses:                {by_place['causal'][1:].sum():.2f}")
print(f"sum of the masked losses:                {by_place['masked'][1:].sum():.2f}")

# %% [markdown]
r"""
A sum below the entropy would be impossible for a probability of the sentence. The masked sum
counts the vowel of the object nowhere: at each place it is known from the others. So perplexities
of masked and causal models must not be compared.

Writing shows the same. The causal model draws word by word. The masked model may fill in all eight
places at once, each by itself, or one at a time, reading what it has filled in so far:
"""


# %% tags=["demo"]
def agrees(row: list[int]) -> bool:
    """Tell whether a row is a sentence of the language."""
    said = [words[i] for i in row]
    fits = all(w[:-1] in STEMS[k] for w, k in zip(said[:7], PATTERN, strict=False))
    return (
        fits
        and said[7] == "."
        and len({w[-1] for w in said[:4]}) == 1 == len({w[-1] for w in said[4:7]})
    )


@torch.no_grad()
def write(model: Tiny, n: int, places_at_once: int) -> Tensor:
    """Fill in n rows of masks from the left; the causal model is given its first word."""
    generator = torch.Generator().manual_seed(0)
    rows = torch.full((n, 8), MASK)
    if model.causal:
        rows[:, 0] = torch.randint(4, (n,), generator=generator)  # the four articles
    for first in range(1 if model.causal else 0, 8, places_at_once):
        at = torch.arange(first, min(first + places_at_once, 8))
        logits = model(rows)[:, at - 1 if model.causal else at, :MASK]
        drawn = torch.multinomial(logits.softmax(dim=-1).flatten(0, 1), 1, generator=generator)
        rows[:, at] = drawn.view(n, -1)
    return rows


for name, model, at_once in [
    ("causal, word by word", causal_model, 1),
    ("masked, one at a time", masked_model, 1),
    ("masked, all at once", masked_model, 8),
]:
    rows = write(model, 200, at_once).tolist()
    share = np.mean([agrees(row) for row in rows])
    print(f"{name:22} {share:4.0%} are sentences, e.g.", " ".join(words[i] for i in rows[0]))

# %% [markdown]
r"""
All at once, each place draws a vowel of its own, and most rows do not agree. If the four vowels were
equally likely everywhere, one row in 4⁵ = 1,024 would agree by chance. It is far more, because a row
of nothing but masks hardly ever occurs in training (each word is hidden with probability 0.15, all
eight with 0.15⁸), and this model happens to answer it with one and the same vowel nearly everywhere:
the rows that agree are mostly rows of that vowel.

One at a time it works far better in a language this small, though rows with so many masks hardly ever
occur when 15 % are hidden. Training with *all* rates of masking, from none to everything, makes a
masked model a generator: that is the idea of masked diffusion language models such as LLaDA (Nie et
al., 2025).
"""

# %% [markdown]
r"""
### Build it

Four exercises: the causal loss, its gradient by hand, BERT's corruption, and the repair of an
evaluation loop.
"""

# %% [markdown]
r"""
### Exercise 37.1 · `clm_loss`

●●○ · 10 minutes · 4 points · core

Write `clm_loss(logits, ids, pad)`, the loss that nearly every language model is trained with.

- `logits` is a float Tensor of shape (B, T, V): at position t the scores for the token at position
  t + 1. `ids` is a LongTensor (B, T) with the tokens, `pad` the id of the padding token, which may
  lie outside 0 … V − 1, as −100 does.
- The targets are `ids[:, 1:]`, except those that are `pad`. Return the mean, *over all targets of
  the batch*, of the negative log-probability (softmax, natural logarithm) that the logits one
  position earlier give to the target. Every target counts the same, however long its row is. What
  stands *before* a target does not matter, also if it is padding.
- The result is a 0-dimensional Tensor with the dtype of the logits (float32 or float64), and
  gradients flow through it. Without any target, for T = 1 for instance, it is 0, with zero
  gradients (not NaN; whether it still hangs on the graph does not matter).
- Logits may be as large as 1000; the arguments are not changed.

By hand: if all logits are equal, the loss is log V.

<details><summary>Hint 1</summary>

Cut first, then compare: `logits[:, :-1]` belongs to `ids[:, 1:]`. `torch.log_softmax` does not
overflow.

</details>

<details><summary>Hint 2</summary>

`torch.nn.functional.cross_entropy` has `ignore_index` and `reduction="sum"`, and wants (N, V) and
(N,). Divide the sum by the number of targets, but by no less than 1.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q37-clm-loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def clm_loss(logits: Tensor, ids: Tensor, pad: int) -> Tensor:
    """Mean next-token cross-entropy over all targets that are not padding.

    logits: (B, T, V), ids: (B, T). Returns a 0-dimensional tensor, in nats.
    """
    ### BEGIN SOLUTION
    targets = ids[:, 1:].flatten()
    total = torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), targets, ignore_index=pad, reduction="sum"
    )
    return total / (targets != pad).sum().clamp(min=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q37-clm-loss-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
level = torch.zeros(2, 3, 5, dtype=torch.float64)
ids = torch.tensor([[1, 2, 3], [4, 1, 0]])
testing.agree(
    clm_loss,
    [((level, ids, 0), math.log(5))],
    "equal logits give every token the probability 1/V",
)
sure = torch.full((1, 3, 4), -20.0, dtype=torch.float64)
sure[0, 0, 2] = sure[0, 1, 3] = sure[0, 2, 1] = 20.0  # position 0 says 2, position 1 says 3
testing.agree(
    clm_loss,
    [((sure, torch.tensor([[1, 2, 3]]), 0), 0.0), ((sure, torch.tensor([[2, 3, 1]]), 0), 40.0)],
    "the logits at position t are about the token at position t + 1",
    atol=1e-6,
)

# %% nbgrader={"grade": true, "grade_id": "q37-clm-loss-hidden-shift", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: which logits belong to which token (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
cases = []
for B, T, V in [(1, 2, 3), (2, 5, 7), (3, 4, 4)]:
    logits = 3 * torch.randn(B, T, V, generator=generator, dtype=torch.float64)
    ids = torch.randint(V, (B, T), generator=generator)
    log_p = torch.log_softmax(logits, dim=-1)
    want = -sum(log_p[b, t, ids[b, t + 1]] for b in range(B) for t in range(T - 1)) / (B * (T - 1))
    cases.append(((logits, ids, -100), want))
testing.agree(
    clm_loss,
    cases,
    "the target of position t is the token at t + 1, and the last position has none; the mean is over "
    "the B (T - 1) targets",
)
moved = 3 * torch.randn(2, 4, 6, generator=generator, dtype=torch.float64)
other = moved.clone()
other[:, -1] += torch.randn(2, 6, generator=generator, dtype=torch.float64)
ids = torch.randint(6, (2, 4), generator=generator)
assert testing.close(clm_loss(moved.clone(), ids, -1), clm_loss(other, ids, -1)), (
    "the logits of the last position predict a token that is not there: they do not count"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q37-clm-loss-hidden-padding", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: padding (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
logits = 3 * torch.randn(3, 6, 8, generator=generator, dtype=torch.float64)
for pad in (0, 7, -100, 50):
    ids = torch.randint(1, 7, (3, 6), generator=generator)
    ids[0, 2:] = pad  # one target
    ids[1, 5:] = pad  # four
    ids[2, :3] = pad  # padded on the left: three, the first of them predicted from padding
    log_p = torch.log_softmax(logits, dim=-1)
    losses = [
        -log_p[b, t, ids[b, t + 1]] for b in range(3) for t in range(5) if ids[b, t + 1] != pad
    ]
    testing.agree(
        clm_loss,
        [((logits, ids, pad), sum(losses) / 8)],
        "padding is no target and is not counted in the mean; every other target counts the same, "
        "in rows of any length, and whatever stands before it",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q37-clm-loss-hidden-none", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: no target at all, and large logits (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for T, pad in [(1, -100), (1, 0), (3, 2)]:
    logits = torch.randn(2, T, 4, generator=generator, dtype=torch.float64)
    ids = torch.full((2, T), 2 if T > 1 else 1)
    loss, grad = testing.value_and_grad(clm_loss, logits, ids, pad)
    testing.check(
        testing.close(loss, 0.0) and testing.close(grad, torch.zeros_like(logits)),
        "without any target the loss is 0 and so is the gradient: 0 divided by 0 is NaN",
        inputs=(logits, ids, pad),
        got=(loss, grad),
        expected=0.0,
    )
large = torch.tensor([[[1000.0, 0.0, 998.0], [0.0, 0.0, 0.0]]], dtype=torch.float64)
testing.agree(
    clm_loss,
    [
        ((large, torch.tensor([[0, 0]]), -1), math.log1p(math.exp(-2))),
        ((large, torch.tensor([[0, 1]]), -1), 1000 + math.log1p(math.exp(-2))),
    ],
    "large logits overflow exp, and the logarithm of a probability that underflowed is -inf",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q37-clm-loss-hidden-gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: gradient, dtype, unchanged arguments (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
logits = torch.randn(2, 4, 5, generator=generator, dtype=torch.float64)
ids = torch.tensor([[1, 2, 0, 0], [3, 4, 2, 1]])
want = torch.zeros_like(logits)
for b, t in [(0, 0), (1, 0), (1, 1), (1, 2)]:
    want[b, t] = torch.softmax(logits[b, t], dim=-1) / 4
    want[b, t, ids[b, t + 1]] -= 1 / 4
loss, grad = testing.value_and_grad(clm_loss, logits, ids, 0)
testing.check(
    testing.close(grad, want),
    "the gradient is (softmax - one-hot) / number of targets at the positions that have a target, and "
    "0 elsewhere: stay in torch, and leave padding out",
    inputs=(logits, ids, 0),
    got=grad,
    expected=want,
)
for dtype in (torch.float32, torch.float64):
    loss = clm_loss(logits.to(dtype), ids, 0)
    assert loss.dtype == dtype and loss.shape == (), (
        "the loss is a 0-dimensional tensor with the dtype of the logits"
    )
fresh = torch.tensor([[1, 2, 0, 0], [3, 4, 2, 1]])  # a second call would change nothing more
assert testing.leaves_arguments(clm_loss, logits.clone(), fresh, 0), (
    "logits and ids belong to the caller: do not write into them"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 37.2 · `softmax_xent`

●●○ · 12 minutes · 4 points · core

The backward pass of that loss is asked at the whiteboard. In NumPy, without autograd, write
`softmax_xent(logits, y)`, which returns a pair `(loss, dlogits)`.

- `logits` is float64 (N, V), `y` holds N ints in 0 … V − 1, N ≥ 1.
- `loss` is a number: the mean over the N rows of $-\log p_{i, y_i}$, where $p_i$ is the softmax of
  row i.
- `dlogits`, float64 (N, V), is the gradient of `loss` with respect to `logits`.
- Logits may be as large as 1000 in size, both ways, and the result stays exact: no infinity, no
  NaN. The arguments are not changed.

Derive it before you write: with $L = -z_y + \log \sum_j e^{z_j}$ for one row, what is
$\partial L / \partial z_k$ for $k = y$, and for $k \neq y$? What does the mean over rows do to it?

By hand: two equal logits and target 0 give the loss log 2 and the gradient (−1/2, 1/2).

<details><summary>Hint 1</summary>

$\partial L/\partial z_k = p_k - [k = y]$, divided by N. Subtract each row's maximum before `exp`.

</details>

<details><summary>Hint 2</summary>

Compute log-probabilities, `z - log(sum(exp(z)))` with z already shifted, and take the loss from
*them*: the logarithm of a probability that underflowed to 0 is −inf. `np.arange(len(y)), y`
indexes one entry per row.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q37-softmax-xent", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_xent(logits: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean softmax cross-entropy and its gradient, by hand.

    logits: (N, V), y: (N,). Returns the loss in nats and dlogits (N, V).
    """
    ### BEGIN SOLUTION
    rows = np.arange(len(y))
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    dlogits = np.exp(log_p)
    dlogits[rows, y] -= 1
    return float(-log_p[rows, y].mean()), dlogits / len(y)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q37-softmax-xent-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    softmax_xent,
    [((np.zeros((1, 2)), np.array([0])), (math.log(2), np.array([[-0.5, 0.5]])))],
    "two equal logits: each has probability 1/2; the gradient is p minus the one-hot target",
)
quarter = np.log([[0.25, 0.75], [0.5, 0.5]])
testing.agree(
    softmax_xent,
    [
        (
            (quarter, np.array([1, 0])),
            (
                -(math.log(0.75) + math.log(0.5)) / 2,
                np.array([[0.125, -0.125], [-0.25, 0.25]]),
            ),
        )
    ],
    "loss and gradient are those of the mean over rows: divide by N, both",
)

# %% nbgrader={"grade": true, "grade_id": "q37-softmax-xent-hidden-loss", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the loss (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for N, V in [(1, 1), (1, 6), (4, 3), (7, 10)]:
    logits, y = rng.normal(scale=3, size=(N, V)), rng.integers(V, size=N)
    want = torch.nn.functional.cross_entropy(torch.from_numpy(logits), torch.from_numpy(y))
    loss = softmax_xent(logits.copy(), y.copy())[0]
    testing.check(
        testing.close(loss, want),
        "the loss is the mean over rows of minus the log-probability of the row's own target",
        inputs=(logits, y),
        got=loss,
        expected=want,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q37-softmax-xent-hidden-gradient", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the gradient (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for N, V in [(1, 1), (1, 5), (3, 4), (8, 6)]:
    logits, y = rng.normal(scale=2, size=(N, V)), rng.integers(V, size=N)
    z = torch.from_numpy(logits).requires_grad_()
    torch.nn.functional.cross_entropy(z, torch.from_numpy(y)).backward()
    dlogits = softmax_xent(logits.copy(), y.copy())[1]
    testing.check(
        testing.close(dlogits, z.grad),
        "the gradient is the softmax minus the one-hot target, divided by the number of rows",
        inputs=(logits, y),
        got=dlogits,
        expected=z.grad.numpy(),
    )
same = softmax_xent(np.zeros((3, 2)), np.array([1, 1, 0]))[1]
assert testing.close(same, np.array([[1, -1], [1, -1], [-1, 1]]) / 6), (
    "each row has a target of its own, also where several rows have the same one"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q37-softmax-xent-hidden-extreme", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: large logits, unchanged arguments (1 point)
### BEGIN HIDDEN TESTS
far = np.array([[1000.0, 0.0, 999.0], [-1000.0, -1000.0, -1000.0], [0.0, -1000.0, 1000.0]])
e = math.exp(-1)
want = (
    ((1000 + math.log1p(e)) + math.log(3) + 1000) / 3,
    np.array([[1 / (1 + e), -1, e / (1 + e)], [-2 / 3, 1 / 3, 1 / 3], [-1, 0, 1]]) / 3,
)
testing.agree(
    softmax_xent,
    [((far, np.array([1, 0, 0])), want)],
    "exp(1000) overflows, a row of -1000 sums to 0, and log(0) is -inf: subtract each row's maximum, and "
    "take the loss from log-probabilities",
)
logits = testing.rng().normal(size=(3, 4))
assert testing.leaves_arguments(softmax_xent, logits, np.array([0, 3, 3])), (
    "the logits belong to the caller: do not write into them"
)
assert softmax_xent(logits, np.array([0, 3, 3]))[1].dtype == np.float64, "the gradient is float64"
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 37.3 · `mlm_corrupt`

●●○ · 15 minutes · 5 points · core

BERT's preparation of a text (Devlin et al., 2018). Write
`mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15)`, which returns `(inputs, labels)`.

- `ids` is an int array of shape (T,), a text; T may be 0, and then it is an int array too. `special` is
  a set of ids (beginning, separator, padding, mask); `mask_id` is one of them. `vocab` is the number of
  ids, 0 … vocab − 1; at least one of them is not special.
- Every position whose id is *not* special is **chosen** with probability `p`, independently of the
  others. Special positions are never chosen.
- Of the chosen positions, each independently: with probability 0.8 the input is `mask_id`; with
  0.1 it is an id drawn uniformly from all ids that are *not special* (it may happen to be the old
  one); with 0.1 it stays as it is.
- `labels` holds the old id at *every* chosen position, also where the input stayed as it is, and
  −100 elsewhere. At positions that were not chosen, `inputs` equals `ids`.
- Both are int64 arrays of shape (T,), new ones: `ids` and `special` are not changed.
  `rng` is the only source of chance.

Tests compare shares over many positions. By hand: with p = 1 and no special ids in the text, all
labels are the ids, and about 80 % of the inputs are the mask.

<details><summary>Hint 1</summary>

One uniform number for each position decides whether it is chosen. A second one, from 0 to 1,
decides what happens to it: below 0.8, below 0.9, or above.

</details>

<details><summary>Hint 2</summary>

`np.isin(ids, list(special))` finds the special positions, `np.setdiff1d(np.arange(vocab),
list(special))` lists the ids to draw from, and `np.where` puts it together.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q37-mlm-corrupt", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mlm_corrupt(
    ids: np.ndarray,
    special: set[int],
    vocab: int,
    mask_id: int,
    rng: np.random.Generator,
    p: float = 0.15,
) -> tuple[np.ndarray, np.ndarray]:
    """Corrupt a text for masked language modelling.

    ids: (T,). Returns inputs and labels, int64 (T,); labels are -100 where nothing is predicted.
    """
    ### BEGIN SOLUTION
    ids = np.asarray(ids, dtype=np.int64)
    chosen = (rng.random(ids.shape) < p) & ~np.isin(ids, list(special))
    fate = rng.random(ids.shape)
    others = rng.choice(np.setdiff1d(np.arange(vocab), list(special)), size=ids.shape)
    inputs = np.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = np.where(chosen & (fate >= 0.8) & (fate < 0.9), others, inputs)
    return inputs, np.where(chosen, ids, -100)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q37-mlm-corrupt-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
text = np.array([0, 5, 6, 7, 8, 9, 1])  # 0 begins, 1 ends, 2 is the mask
inputs, labels = mlm_corrupt(text, {0, 1, 2}, 10, 2, testing.rng(), 0.0)
assert testing.close(inputs, text) and testing.close(labels, np.full(7, -100)), (
    "with p = 0 nothing is chosen: the inputs are the text, and every label is -100"
)
inputs, labels = mlm_corrupt(text, {0, 1, 2}, 10, 2, testing.rng(), 1.0)
assert testing.close(labels, np.array([-100, 5, 6, 7, 8, 9, -100])), (
    "with p = 1 every position is chosen except the special ones; labels hold the old ids"
)
assert testing.close(inputs[[0, 6]], np.array([0, 1])), "special tokens stay in the input"

# %% nbgrader={"grade": true, "grade_id": "q37-mlm-corrupt-hidden-special", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: special tokens (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
special = {0, 3, 11, 7}
ids = testing.rng(1).integers(12, size=4000)
for p in (0.15, 0.5, 1.0):
    inputs, labels = mlm_corrupt(ids.copy(), set(special), 12, 7, rng, p)
    is_special = np.isin(ids, list(special))
    assert testing.close(labels[is_special], np.full(is_special.sum(), -100)), (
        "a special token is never chosen, not even with p = 1"
    )
    assert testing.close(inputs[is_special], ids[is_special]), "special tokens stay as they are"
    drawn = inputs[~is_special]
    assert not np.isin(drawn, [0, 3, 11]).any(), (
        "a random replacement is drawn from the ids that are not special"
    )
    assert testing.close(inputs[labels == -100], ids[labels == -100]), (
        "where nothing was chosen, nothing is changed"
    )
everything = np.array([3, 0, 11, 7, 3])
inputs, labels = mlm_corrupt(everything, set(special), 12, 7, rng, 1.0)
assert testing.close(inputs, everything) and testing.close(labels, np.full(5, -100)), (
    "a text of special tokens alone stays as it is"
)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q37-mlm-corrupt-hidden-shares", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: 15 per cent, and 80, 10 and 10 of those (2 points)
### BEGIN HIDDEN TESTS
def share_is(count: int, n: int, q: float, message: str) -> None:
    testing.check(
        abs(count / n - q) <= 6 * math.sqrt(q * (1 - q) / n),
        message,
        inputs=f"{n} positions",
        got=round(count / n, 4),
        expected=f"{q} within {6 * math.sqrt(q * (1 - q) / n):.4f}",
    )


rng = testing.rng()
n = 150_000
ids = testing.rng(1).integers(4, 104, size=n)  # 100 ordinary ids, of which none is special
for p in (0.15, 0.4):
    inputs, labels = mlm_corrupt(ids, {0, 1, 2, 3}, 104, 2, rng, p)
    chosen = labels != -100
    share_is(int(chosen.sum()), n, p, "each position is chosen with probability p")
    k = int(chosen.sum())
    masked = int((inputs[chosen] == 2).sum())
    other = int(((inputs[chosen] != 2) & (inputs[chosen] != ids[chosen])).sum())
    share_is(masked, k, 0.8, "of the chosen positions 80 % become the mask, not of all positions")
    share_is(
        other,
        k,
        0.1 * 0.99,
        "of the chosen positions 10 % get a random id, and 10 % stay: both are shares of all "
        "chosen positions, not of those that the mask left over",
    )
    both = int((chosen[1:] & chosen[:-1]).sum())
    assert abs(both / (n - 1) - p * p) <= 6 * math.sqrt(3 * p * p * (1 - p * p) / n), (
        "positions are chosen independently: whether one is chosen tells nothing about the next"
    )
    after = (inputs == 2)[1:][(inputs == 2)[:-1] & chosen[1:]]
    share_is(
        int(after.sum()), len(after), 0.8, "what happens to one position is independent of others"
    )
counts = [
    int((labels != -100).sum())
    for _, labels in testing.repeat(mlm_corrupt, 40, ids[:500], {0, 1, 2, 3}, 104, 2, rng, 0.15)
]
assert len(set(counts)) > 3, (
    "each position is chosen by a draw of its own: the number of chosen positions varies"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q37-mlm-corrupt-hidden-random", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the random replacements are uniform (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
special = {0, 4, 9}
ordinary = [1, 2, 3, 5, 6, 7, 8]
ids = np.full(60_000, 5)
inputs, labels = mlm_corrupt(ids, set(special), 10, 9, rng, 1.0)
assert testing.close(np.unique(inputs), np.array([*ordinary, 9])), (
    "every id that is not special can be drawn, the first, the last and the old one included, and "
    "no others"
)
for value in ordinary:
    q = 0.1 / 7 + (0.1 if value == 5 else 0.0)
    share = float((inputs == value).mean())
    assert abs(share - q) <= 6 * math.sqrt(q * (1 - q) / len(ids)), (
        "the random ids are uniform over all ids that are not special, the old one included"
    )
drawn = inputs[(inputs != 9) & (inputs != 5)]
repeats = float((drawn[1:] == drawn[:-1]).mean())
assert abs(repeats - 1 / 6) <= 6 * math.sqrt(5 / 36 / len(drawn)), (
    "each position gets a random id of its own, not one id for the whole text"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q37-mlm-corrupt-hidden-clean", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: labels, dtype, and where the chance comes from (1 point)
### BEGIN HIDDEN TESTS
ids = testing.rng(1).integers(3, 50, size=300)
inputs, labels = mlm_corrupt(ids.copy(), {0, 1, 2}, 50, 2, testing.rng(), 0.5)
chosen = labels != -100
assert testing.close(labels[chosen], ids[chosen]), "a label is the old id, not the corrupted one"
assert (chosen & (inputs == ids)).any(), (
    "a chosen position that stays as it is has a label too: the loss counts it"
)
assert inputs.dtype == labels.dtype == np.int64 and inputs.shape == labels.shape == (300,), (
    "inputs and labels are int64 arrays of the text's shape"
)
empty = mlm_corrupt(np.zeros(0, dtype=np.int64), {0, 1, 2}, 50, 2, testing.rng())
assert empty[0].shape == empty[1].shape == (0,), "an empty text gives two empty arrays"
assert testing.leaves_arguments(mlm_corrupt, ids, {0, 1, 2}, 50, 2, testing.rng(), 0.9), (
    "the text belongs to the caller: corrupt a copy"
)
again = mlm_corrupt(ids.copy(), {0, 1, 2}, 50, 2, testing.rng(), 0.5)
assert testing.close(again, (inputs, labels)), "the same generator state gives the same corruption"
one = testing.rng()
first = mlm_corrupt(ids.copy(), {0, 1, 2}, 50, 2, one, 0.5)
second = mlm_corrupt(ids.copy(), {0, 1, 2}, 50, 2, one, 0.5)
assert not testing.close(first[1], second[1]), "each call draws anew: do not seed inside"
quiet = testing.leaves_globals(mlm_corrupt, ids, {0, 1, 2}, 50, 2, testing.rng())
assert quiet, "global random state changed: draw from rng and nothing else"
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 37.4 · repair `mean_nll`

●●○ · 8 minutes · 4 points · core

This loop evaluates a causal language model on a test set, batch by batch. It runs, and its numbers
look plausible. It has three faults. Mend them.

`mean_nll(batches, pad)` is meant to return the mean negative log-likelihood *per target, over the
whole test set*, in nats, as a 0-dimensional Tensor with the dtype of the logits.

- `batches` is a list of pairs `(logits, ids)` as in exercise 37.1, of any shapes (B, T, V) and (B,
  T), which may differ from pair to pair; at least one pair.
- Which targets there are, and which logits belong to them, is as in exercise 37.1; `pad` is an id
  within 0 … V − 1.
- Every target of the test set counts the same, in whichever batch it stands. If there is none at
  all, the result is 0. A batch without a target changes nothing.

<details><summary>Hint 1</summary>

Give it three things: a model that always predicts the *current* token; a batch that is mostly
padding; a long batch and a short one.

</details>

<details><summary>Hint 2</summary>

Work out by hand what each of the three should give. For the last one, compare the weight that one
target gets in the short batch with the weight it gets in the long one.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q37-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def mean_nll(batches: list[tuple[Tensor, Tensor]], pad: int) -> Tensor:
#     """batches: pairs of logits (B, T, V) and ids (B, T). Returns nats per target."""
#     losses = []
#     for logits, ids in batches:
#         log_probs = torch.log_softmax(logits, dim=-1)
#         nll = -log_probs.gather(-1, ids.unsqueeze(-1)).squeeze(-1)
#         nll = nll * (ids != pad)
#         losses.append(nll.mean())
#     return torch.stack(losses).mean()
### END REPAIR
### BEGIN SOLUTION
def mean_nll(batches: list[tuple[Tensor, Tensor]], pad: int) -> Tensor:
    """batches: pairs of logits (B, T, V) and ids (B, T). Returns nats per target."""
    total, count = batches[0][0].new_zeros(()), 0
    for logits, ids in batches:
        log_probs = torch.log_softmax(logits[:, :-1], dim=-1)
        targets = ids[:, 1:]
        nll = -log_probs.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
        total = total + nll[targets != pad].sum()
        count += int((targets != pad).sum())
    return total / max(count, 1)


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q37-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
level = torch.zeros(2, 4, 5, dtype=torch.float64)
biased = torch.log(torch.tensor([0.5, 0.25, 0.25], dtype=torch.float64)).expand(1, 4, 3)
testing.agree(
    mean_nll,
    [
        (([(level, torch.tensor([[1, 2, 3, 4], [4, 3, 2, 1]]))], 0), math.log(5)),
        (([(biased, torch.tensor([[1, 2, 1, 2]]))], 0), math.log(4)),
        (([(level, torch.ones(2, 4, dtype=torch.long))] * 3, 0), math.log(5)),
    ],
    "this worked before the repair: softmax, logarithm, and a mean over positions without padding",
)

# %% nbgrader={"grade": true, "grade_id": "q37-repair-hidden-shift", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a model that copies its input is not good (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
ids = torch.tensor([[1, 2, 3, 4, 1], [2, 4, 1, 3, 2]])
copies = 8.0 * torch.nn.functional.one_hot(ids, 5).double()
foresees = torch.zeros(2, 5, 5, dtype=torch.float64)
foresees[:, :-1] = 8.0 * torch.nn.functional.one_hot(ids[:, 1:], 5).double()
rest = math.log(math.exp(8) + 4)
testing.agree(
    mean_nll,
    [(([(copies, ids)], 0), rest), (([(foresees, ids)], 0), rest - 8)],
    "the logits at position t are compared with the token at position t, which the model has seen; "
    "what counts is the token after it",
)
logits = torch.randn(3, 6, 7, generator=generator, dtype=torch.float64)
ids = torch.randint(1, 7, (3, 6), generator=generator)
want = torch.nn.functional.cross_entropy(logits[:, :-1].reshape(-1, 7), ids[:, 1:].reshape(-1))
testing.agree(
    mean_nll, [(([(logits, ids)], 0), want)], "one batch without padding: the mean over B (T - 1)"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q37-repair-hidden-padding", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: padding makes a model look good (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for pad in (0, 4):
    logits = 2 * torch.randn(2, 5, 6, generator=generator, dtype=torch.float64)
    ids = torch.tensor([[1, 2, 3, pad, pad], [5, 1, pad, pad, pad]])
    log_p = torch.log_softmax(logits, dim=-1)
    want = -(log_p[0, 0, 2] + log_p[0, 1, 3] + log_p[1, 0, 1]) / 3
    testing.agree(
        mean_nll,
        [(([(logits, ids)], pad), want)],
        "padding was set to 0 and then counted in the mean: divide by the number of targets",
    )
left = torch.tensor([[0, 0, 3, 1]])
logits = torch.randn(1, 4, 5, generator=generator, dtype=torch.float64)
log_p = torch.log_softmax(logits, dim=-1)
testing.agree(
    mean_nll,
    [(([(logits, left)], 0), -(log_p[0, 1, 3] + log_p[0, 2, 1]) / 2)],
    "a token after padding is a target too: look at the target, not at the token before it",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q37-repair-hidden-batches", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: batches of different size (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
sizes = [(1, 2), (4, 9), (2, 5)]
batches = [
    (
        3 * torch.randn(B, T, 6, generator=generator, dtype=torch.float64),
        torch.randint(1, 6, (B, T), generator=generator),
    )
    for B, T in sizes
]
batches[1][1][2, 3:] = 0
losses = torch.cat(
    [
        -torch.log_softmax(logits[:, :-1], dim=-1)
        .gather(-1, ids[:, 1:].unsqueeze(-1))
        .squeeze(-1)[ids[:, 1:] != 0]
        for logits, ids in batches
    ]
)
testing.agree(
    mean_nll,
    [((batches, 0), losses.mean()), ((batches[::-1], 0), losses.mean())],
    "every target counts the same: a mean of the batches' means gives a short batch the weight of a "
    "long one",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q37-repair-hidden-none", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: batches without a target (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
full = (
    torch.randn(2, 3, 4, generator=generator, dtype=torch.float64),
    torch.tensor([[1, 2, 3], [3, 2, 1]]),
)
padding = (torch.ones(2, 3, 4, dtype=torch.float64), torch.zeros(2, 3, dtype=torch.long))
short = (torch.ones(3, 1, 4, dtype=torch.float64), torch.ones(3, 1, dtype=torch.long))
want = torch.nn.functional.cross_entropy(full[0][:, :-1].reshape(-1, 4), full[1][:, 1:].reshape(-1))
testing.agree(
    mean_nll,
    [
        (([padding], 0), 0.0),
        (([short, padding], 0), 0.0),
        (([padding, full, short], 0), want),
    ],
    "a batch without targets adds nothing to the sum and nothing to the count; with no target at all "
    "the result is 0, not NaN",
)
for dtype in (torch.float32, torch.float64):
    result = mean_nll([(full[0].to(dtype), full[1])], 0)
    assert isinstance(result, Tensor) and result.dtype == dtype and result.shape == (), (
        "the result is a 0-dimensional tensor with the dtype of the logits"
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

**"Shift the labels, then call the model with them."** In transformers a causal model shifts
*inside*: `labels=ids` is right. Who shifts them before, too, trains the model to predict the token
after the next one. The loss falls nicely; only the text it writes is strange. A tiny model with
random weights shows which pairs are compared:
"""

# %% tags=["demo"]
try:
    from transformers import GPT2Config, GPT2LMHeadModel, logging
except ImportError:
    print("This demo needs transformers: pip install transformers")
else:
    logging.set_verbosity_error()  # it would remark on a configuration this small
    torch.manual_seed(0)
    shape = {"vocab_size": 50, "n_embd": 16, "n_layer": 1, "n_head": 2, "n_positions": 16}
    gpt = GPT2LMHeadModel(GPT2Config(**shape)).eval()
    ids = torch.randint(50, (2, 9), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        logits = gpt(ids).logits
        theirs = gpt(ids, labels=ids).loss
        twice = gpt(ids[:, :-1], labels=ids[:, 1:]).loss

    def loss_at_distance(d: int) -> float:
        log_p = logits[:, :-d].log_softmax(dim=-1)
        return float(-log_p.gather(-1, ids[:, d:, None]).mean())

    print(f"labels=ids: {theirs:.5f}, next token by hand: {loss_at_distance(1):.5f}")
    print(f"shifted twice: {twice:.5f}, next but one by hand: {loss_at_distance(2):.5f}")

# %% [markdown]
r"""
**"BERT masks 15 % of the tokens."** It *chooses* 15 %, and replaces 80 % of those, 12 % of all, by
the mask. The loss counts all 15 %, also the tokens that were left as they are. BERT's reason:
`[MASK]` never occurs when the model is used later; if only masked positions mattered, the model
could treat every visible token as settled. Whether the mixture is needed for that is contested
(Wettig et al., 2023, take it up again).
"""

# %% tags=["demo"]
for name, share in [("[MASK]", 0.8), ("random", 0.1), ("unchanged", 0.1)]:
    print(
        f"{name:10} {share * 0.15:.1%} of all tokens; in 512 tokens about {share * 0.15 * 512:.0f}"
    )
print(f"targets in 512 tokens: causal 511, masked about {0.15 * 512:.0f}")

# %% [markdown]
r"""
**"Causal models understand slightly less, but their abilities emerge."** Neither half is
established as it stands. On representation tasks at equal size and data, encoders trained with
masks were better in controlled comparisons (Weller et al., 2025; Gisserot-Boukhlef et al., 2025),
and the second study found the causal models more data-efficient, and causal training followed by
masked training the best. That is a measured difference on named tasks, not "understanding". And
whether abilities *emerge*, and what that means, is question 42.
"""

# %% [markdown]
r"""
### If they push

<details><summary>Why can a causal model be trained on all positions at once, although it writes one token at a
time?</summary>

Because in training the true text is known: every position reads true tokens, never its own guesses
(teacher forcing), and the mask keeps each from its future. So one pass computes n − 1 predictions
that would be n − 1 passes when writing. The price: in use the model reads its own tokens, a
situation that it was not trained on.

</details>

<details><summary>Why not simply mask 50 % and get more targets?</summary>

Each target then has less context. The two effects pull in opposite directions, and 15 % is a
choice, not an optimum: Wettig et al. (2023) found 40 % better for a model of BERT-large's size.

</details>

<details><summary>What is ELECTRA's answer?</summary>

A small masked model fills in the hidden places with plausible words, and the real model says for
*every* token whether it was replaced. All n positions teach something, and no mask symbol is in
the real model's input (Clark et al., 2020).

</details>

<details><summary>What does T5 do?</summary>

It hides spans, puts one sentinel for each span in the encoder's input, and lets a *causal* decoder
write the hidden spans (Raffel et al., 2019). Encoder in both directions, decoder to the left: a
mixture of the two. A *prefix* language model does it in one stack: full attention within the
prompt, causal after it.

</details>

<details><summary>Can a causal model fill in the middle?</summary>

If it has been trained on documents whose middle was moved to the end: prefix, suffix, then middle,
with marks between (Bavarian et al., 2022). It is still causal; the order of the text has changed.
Code completion in editors needs this.

</details>

<details><summary>Can I make an embedding model of a decoder?</summary>

Yes, and many are made so: take the last token's state, or lift the causal mask and train on with
masks and pairs. With a causal mask only the last position has seen the whole text, so a mean over
positions mixes states that know little with states that know much.

</details>

<details><summary>Which would you choose for classifying ten million tickets a day?</summary>

An encoder of some hundred million parameters, fine-tuned on labels: one pass a ticket, no writing,
and cheap on small hardware. A large causal model by prompt where there are no labels yet, to make
them. The choice is one of cost, once both are accurate enough; measure that first.

</details>

<details><summary>Your loss is far below what others report. What do you suspect?</summary>

That the target leaks: no shift, or an attention mask that lets position t see t + 1. Or that
padding is counted, which pulls the mean towards 0. Or another tokenizer: nats per token are
comparable only with the same one; per byte is safe.

</details>

<details><summary>With gradient accumulation your loss differs from one large batch. Why?</summary>

The mean over each small batch, averaged, is not the mean over all targets when the numbers of
targets differ: the fault of exercise 37.4. transformers' Trainer had it until October 2024. Sum
over the targets, and divide by their number in the whole accumulated batch.

</details>
"""

# %% [markdown]
r"""
### Sources

- Devlin, Chang, Lee, Toutanova (2018), *BERT*, arXiv 1810.04805: 15 %, and 80, 10, 10. Radford,
  Narasimhan, Salimans, Sutskever (2018), *Improving Language Understanding by Generative
  Pre-Training*: the causal side.
- Clark, Luong, Le, Manning (2020), *ELECTRA*, arXiv 2003.10555. Raffel et al. (2019), *Exploring
  the Limits of Transfer Learning* (T5), arXiv 1910.10683.
- Wettig, Gao, Zhong, Chen (2023), *Should You Mask 15% in Masked Language Modeling?*, arXiv
  2202.08005. Warner et al. (2024), *ModernBERT*, arXiv 2412.13663: an encoder of 2024.
- Weller et al. (2025), *Seq vs Seq: An Open Suite of Paired Encoders and Decoders*, arXiv
  2507.11412; Gisserot-Boukhlef et al. (2025), *Should We Still Pretrain Encoders with Masked
  Language Modeling?*, arXiv 2507.00994. **Contested**: whether a decoder can be turned into an
  equally good encoder; the two read it differently.
- Bavarian et al. (2022), *Efficient Training of Language Models to Fill in the Middle*, arXiv
  2207.14255.
- Nie et al. (2025), *Large Language Diffusion Models* (LLaDA), arXiv 2502.09992.
- Hugging Face (2024), *Fixing Gradient Accumulation*, 16 October 2024.
"""
