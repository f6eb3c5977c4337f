# %% [markdown]
r"""
## Q12. What makes an embedding good?

*Easy · 85 minutes · needs matrix products, softmax and cross-entropy*
"""

# %% [markdown]
r"""
### Say it

> An embedding model turns a text into one vector, so that texts which belong together have a high
> cosine and others a low one. It is trained by contrast: a query has to find its own text among all
> the other texts of the batch. Two things make the result good, and it needs both: *alignment*, pairs
> lie close together, and *uniformity*, everything else is spread evenly over the sphere. The word for
> the second is *isotropic*; a space that has collapsed into a cone is anisotropic. But neither is the
> goal: I would choose a model by its recall on my own queries and documents, look at what it costs per
> vector, and read a leaderboard for its date, its tasks and its version.
"""

# %% [markdown]
r"""
### See it

**One text, one vector.** `lab.embed` is the course's own embedding model: an encoder of three layers
that read nothing but the little world (its card, `course/lab/models/embedder/README.md`, says how it was
trained and what it cannot do). It returns vectors of length 1, so their dot product is their cosine.
Which of these sentences will be nearest to the question?
"""

# %% tags=["demo"]
import random

from course import figures, lab, world
from course.world.generate import near_miss
from course.world.language import ask, state
from course.world.relations import BY_NAME

home = world.make_world()
person, other = home.of_kind("person")[3:5]
lives, has = home.fact(person, "person.home"), home.fact(person, "person.pet")
almost = near_miss(home, person, random.Random(0))
question = ask(BY_NAME["person.home"], person, 0)
sentences = {
    "the answer": state(lives, 1),
    "the answer in other words": state(lives, 5),
    "another fact of the same person": state(has, 1),
    "a name that is close": state(lives, 1).replace(person, almost),
    "somebody else": state(home.fact(other, "person.trade"), 1),
}
vectors = lab.embed([question, *(f"{text}." for text in sentences.values())])
print(f"{question}  ->  {vectors.shape[1]} numbers, length {np.linalg.norm(vectors[0]):.3f}")
for (what, text), cosine in zip(sentences.items(), vectors[1:] @ vectors[0], strict=True):
    print(f"{cosine:6.2f}  {what:32} {text}.")

# %% [markdown]
r"""
A cosine has no meaning by itself: how high is high? It is worth something beside the cosines of texts that
do *not* belong together. That is what most of this section is about.
"""

# %% [markdown]
r"""
#### From token vectors to one vector

The encoder returns a vector for every token. The usual way to one vector is the mean over the tokens.
Texts of one batch have different lengths, so the short ones are padded, and the padding has vectors too.
The same sentence, alone and beside a long one:
"""

# %% tags=["demo"]
encoder, tokenizer = lab.load("embedder"), lab.tokenizer("embedder")


@torch.inference_mode()
def token_vectors(model, texts: list[str]) -> tuple[Tensor, Tensor]:
    """Every layer's token vectors (layers + 1, B, T, D), and the mask of real tokens (B, T)."""
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    found = model(**batch, output_hidden_states=True).hidden_states
    return torch.stack(found), batch["attention_mask"]


def masked_mean(h: Tensor, mask: Tensor) -> Tensor:
    return (h * mask[..., None]).sum(dim=-2) / mask.sum(dim=-1, keepdim=True)


short, long = sentences["the answer"] + ".", " ".join(f"{s}." for s in sentences.values())
ways = {
    "mean over real tokens": masked_mean,
    "sum over real tokens / T": lambda h, mask: (h * mask[..., None]).mean(dim=-2),
    "mean over all T places": lambda h, mask: h.mean(dim=-2),
}
print(f"{'the short text alone and in a batch':36} cosine  ratio of lengths")
for name, pool in ways.items():
    (alone, mask1), (padded, mask2) = (
        token_vectors(encoder, [short]),
        token_vectors(encoder, [short, long]),
    )
    a, b = pool(alone[-1], mask1)[0], pool(padded[-1], mask2)[0]
    print(f"{name:36} {torch.cosine_similarity(a, b, dim=0):6.3f} {b.norm() / a.norm():10.3f}")

# %% [markdown]
r"""
Averaged over all places, a text's vector depends on its neighbours in the batch. The middle way has only the
length wrong. Whoever compares by cosine never notices, and whoever compares by dot product or by distance
gets neighbours that change with the batch.

Other poolings are in use: the vector of a special first token (BERT's CLS), or the *last* token's, where the
encoder is a causal language model and only the last token has read everything. A model works with the
pooling that it was trained with.
"""

# %% [markdown]
r"""
#### The cone

Does one need a special model at all? A language model has vectors as well. Here are the vectors of the lab's
`base`, which was trained to predict the next token and nothing else, layer by layer. The task: 150 questions
about a world whose names no model has read, in wordings that no training text had; 500 sentences, one of
which answers. *Recall@1* is the share of questions whose nearest sentence is the right one.
"""

# %% tags=["demo"]
from course.lab import relevant

task = relevant.tasks(only=["held-out wordings, unseen world"])[0].first(150)
right = [min(r) for r in task.relevant]
kept = dict.fromkeys(right) | dict.fromkeys(random.Random(0).sample(range(len(task.passages)), 500))
kept = list(kept)[:500]
answers = [kept.index(i) for i in right]  # where the right sentence of each question stands
questions, passages = list(task.queries), [task.passages[i] for i in kept]


def unit(X: np.ndarray) -> np.ndarray:
    return X / np.linalg.norm(X, axis=-1, keepdims=True)


def recall_at_1(Q: np.ndarray, P: np.ndarray) -> float:
    return float(np.mean((unit(Q) @ unit(P).T).argmax(axis=1) == answers))


def cosines(X: np.ndarray) -> np.ndarray:
    """The cosines of all pairs of different rows."""
    return (unit(X) @ unit(X).T)[np.triu_indices(len(X), 1)]


# %% tags=["demo"]
def all_layers(model, texts: list[str]) -> np.ndarray:
    """Mean-pooled vectors of every layer: (layers + 1, len(texts), D)."""
    parts = []
    for start in range(0, len(texts), 50):
        h, mask = token_vectors(model, texts[start : start + 50])
        parts.append(torch.stack([masked_mean(layer, mask) for layer in h]))
    return torch.cat(parts, dim=1).double().numpy()


base = lab.load("base").model  # without its head: token vectors instead of logits
Q_base, P_base = all_layers(base, questions), all_layers(base, passages)
Q, P = (lab.embed(texts).astype(float) for texts in (questions, passages))
print("                                      the mean subtracted:")
print("                 mean cosine  recall@1    mean cosine  recall@1")
for name, q, p in [
    *((f"base, layer {i}", q, p) for i, (q, p) in enumerate(zip(Q_base, P_base, strict=True))),
    ("embedder", Q, P),
]:
    flat_q, flat_p = q - q.mean(axis=0), p - p.mean(axis=0)
    print(
        f"{name:16} {cosines(p).mean():9.2f} {recall_at_1(q, p):10.2f}"
        f" {abs(cosines(flat_p).mean()):18.2f} {recall_at_1(flat_q, flat_p):10.2f}"
    )

# %% [markdown]
r"""
Look at the first column. Two sentences of `base` that have nothing to do with each other have a high cosine:
all its vectors point more or less the same way. That is a **cone**, and the word for it is **anisotropy**.
Ethayarajh (2019) found it in ELMo, BERT and GPT-2, in every layer above the input. Vectors that fill all
directions evenly are **isotropic**, with a mean cosine near 0.

Now the right half. Subtracting the mean vector (of the questions from the questions, of the sentences from
the sentences) removes the cone at once; it is worth trying, since it costs a line. It makes no good
embedding of `base`, though: the last row is far away. **The cone is a symptom. What was missing is training
for the task.**
"""

# %% tags=["demo"]
cone = int(np.argmax([cosines(p).mean() for p in P_base]))
fig, axes = figures.subplots(1, 3, size=(9.6, 2.9))
for X, label in ((P_base[cone], f"base, layer {cone}"), (P, "embedder")):
    axes[0].hist(cosines(X), bins=80, range=(-0.5, 1), histtype="step", density=True, label=label)
axes[0].patches[1].set_linestyle("--")
axes[0].set(title="cosines of two sentences", xlabel="cosine", ylabel="density")
axes[0].legend(frameon=False, fontsize=9, loc="upper left")
for ax, X, label in zip(
    axes[1:], (P_base[cone], P), (f"base, layer {cone}", "embedder"), strict=True
):
    mean = unit(X).mean(axis=0)
    across = np.linalg.svd(unit(X) - mean, full_matrices=False)[2][0]  # the first principal axis
    ax.scatter(unit(X) @ across, unit(X) @ unit(mean), s=4, color=figures.GREY)
    ax.plot(0, 0, marker="+", markersize=12, color=figures.INK)
    ax.set(title=label, xlabel="first principal axis", xlim=(-1, 1), ylim=(-1, 1))
axes[1].set_ylabel("along the mean")
means = cosines(P_base[cone]).mean(), cosines(P).mean()
figures.show(
    fig,
    f"Left: cosines of pairs of sentences; a hump around {means[0]:.2f} for base, one around "
    f"{means[1]:.2f} for the embedder. Middle and right: the sentences as points, the origin a cross. "
    "All points of base lie in a clump far above the origin; those of the embedder lie around it.",
)

# %% [markdown]
r"""
A plot by PCA alone cannot show a cone: PCA subtracts the mean first. So the two pictures on the right have
the direction of the mean as their vertical axis, and the first principal axis across it. The cross is the
origin.
"""

# %% [markdown]
r"""
#### Training by contrast

Take B questions and their B texts. Each question has to pick its own text among all B, by cosine, through a
softmax with temperature $\tau$:

$$L = -\frac1B \sum_{i=1}^{B} \log \frac{e^{\cos(q_i, d_i)/\tau}}{\sum_{j} e^{\cos(q_i, d_j)/\tau}}$$

This is **InfoNCE** (van den Oord et al., 2018): cross-entropy, with the diagonal of a (B, B) matrix of
cosines as the right classes. The wrong texts cost nothing, since they are other questions' right ones:
*in-batch negatives*. Small cosines differ little, so $\tau$ stretches them: 0.05 is a common value.

The encoder below is as simple as can be: a text's vector is the mean of its tokens' embeddings, which start
as those of `base` (layer 0 of the table). It is trained for a few seconds on questions and sentences of other
worlds.
"""

# %% tags=["demo"]
from course.lab import pairs


class Bag(torch.nn.Module):
    """A text's vector is the mean of its tokens' embeddings."""

    def __init__(self):
        super().__init__()
        self.table = torch.nn.Embedding.from_pretrained(
            base.get_input_embeddings().weight.detach().clone(), freeze=False
        )

    def forward(self, texts: list[str]) -> Tensor:
        batch = tokenizer(texts, padding=True, return_tensors="pt")
        return masked_mean(self.table(batch["input_ids"]), batch["attention_mask"])

    def embed(self, texts: list[str]) -> np.ndarray:
        with torch.inference_mode():
            return self(texts).double().numpy()


def contrast(q: Tensor, d: Tensor, tau: float = 0.05) -> Tensor:
    q, d = (torch.nn.functional.normalize(x, dim=-1) for x in (q, d))
    return torch.nn.functional.cross_entropy(q @ d.T / tau, torch.arange(len(q)))


# %% tags=["demo"]
def train(loss, steps: int = 100, batch: int = 96) -> tuple[Bag, list[float]]:
    """Train a fresh Bag with this loss of (queries, texts)."""
    bag, losses, rng = Bag(), [], random.Random(0)
    optimizer = torch.optim.Adam(bag.parameters(), lr=0.01)
    for step in range(steps):
        if step % 10 == 0:
            somewhere = world.make_world(step, pool="train")
        texts = pairs.sentence_triples(somewhere, rng, batch)
        found = loss(bag([query for query, _, _ in texts]), bag([text for _, text, _ in texts]))
        optimizer.zero_grad()
        found.backward()
        optimizer.step()
        losses.append(found.item())
    return bag, losses


bag, losses = train(contrast)
before, after = Bag(), bag
print("loss:", "  ".join(f"{np.mean(losses[i : i + 10]):.2f}" for i in range(0, len(losses), 20)))
for name, model in (("before", before), ("after", after)):
    q, p = model.embed(questions), model.embed(passages)
    print(f"{name:7} mean cosine {cosines(p).mean():5.2f}   recall@1 {recall_at_1(q, p):.2f}")

# %% [markdown]
r"""
Nobody told the model to leave the cone. It left it because a question can only tell its own text from the
others if the others lie elsewhere. (This encoder cannot read word order, and it has seen only a few thousand
pairs; the embedder's card has what a longer run of a real encoder reaches.)
"""

# %% [markdown]
r"""
#### Alignment and uniformity

Wang and Isola (2020) showed that the contrastive loss, with many negatives, works on two things, and gave a
measure of each, on vectors of length 1:

- **alignment**, the mean of $\lVert q_i - d_i \rVert^2$ over the pairs: near 0 if what belongs together
  lies together;
- **uniformity**, $\ln$ of the mean of $e^{-2\lVert x_i - x_j \rVert^2}$ over all pairs of different
  texts: 0 if all lie on one spot, the lower the more evenly they are spread.

Lower is better in both. Two models that are worthless, one perfect in each, show why one number is not
enough: one returns the same vector for every text, the other a random one.
"""


# %% tags=["demo"]
def alignment(Q: np.ndarray, P: np.ndarray) -> float:
    return float(((unit(Q) - unit(P[answers])) ** 2).sum(axis=1).mean())


def uniformity(X: np.ndarray) -> float:
    return float(np.log(np.exp(-2 * (2 - 2 * cosines(X))).mean()))


rng = np.random.default_rng(0)
shape = len(questions), len(passages), P.shape[1]
models = {
    "the same for all": tuple(np.tile(np.eye(1, shape[2]), (n, 1)) for n in shape[:2]),
    "random": (rng.normal(size=(shape[0], shape[2])), rng.normal(size=(shape[1], shape[2]))),
    f"base, layer {cone}": (Q_base[cone], P_base[cone]),
    "bag before": (before.embed(questions), before.embed(passages)),
    "bag after": (after.embed(questions), after.embed(passages)),
    "embedder": (Q, P),
}
print("                   alignment  uniformity  mean cosine  recall@1")
for name, (q, p) in models.items():
    print(
        f"{name:18} {alignment(q, p):9.2f} {uniformity(p):11.2f} {abs(cosines(p).mean()):12.2f}"
        f" {recall_at_1(q, p):9.2f}"
    )

# %% [markdown]
r"""
(Where all vectors are equal, everything ties, and the first sentence wins.) The random model is as
isotropic as can be and finds nothing. Compare the bag before and after: it was spread out, and its pairs
came nearer to each other all the same. A measure of shape tells that something is *wrong*, never that all
is well. For that there is recall.
"""

# %% [markdown]
r"""
#### Shorter vectors

Memory and search time grow with the number of coordinates. Can one simply keep the first m? The usual
answer: only if the model was trained for it. **Matryoshka** training (Kusupati et al., 2022) computes the
loss on the first 16, the first 32, the first 64 coordinates and so on, and adds up. The embedder was
trained so, at 16, 32, 64 and 128.

As a control, the same vectors *rotated* by a random rotation: all cosines at full length stay what they are,
only the coordinates are mixed. And rotated in the best way, by the principal axes of the sentences, which can
be done with any model afterwards.
"""

# %% tags=["demo"]
rotation = np.linalg.qr(rng.normal(size=(P.shape[1], P.shape[1])))[0]
axes_of_P = np.linalg.svd(P, full_matrices=False)[2].T
dims = (128, 64, 32, 16, 8, 4)
turned = {"as trained": np.eye(P.shape[1]), "rotated": rotation, "principal axes": axes_of_P}
kept_recall = {
    name: [recall_at_1((Q @ turn)[:, :m], (P @ turn)[:, :m]) for m in dims]
    for name, turn in turned.items()
}
print("coordinates      ", "".join(f"{m:7}" for m in dims))
print("bytes in float32 ", "".join(f"{4 * m:7}" for m in dims))
for name, values in kept_recall.items():
    print(f"{name:17}", "".join(f"{value:7.2f}" for value in values))

# %% tags=["demo"]
fig, ax = figures.subplots(size=(5.2, 2.8))
for marker, (name, values) in zip("osv", kept_recall.items(), strict=True):
    ax.semilogx(dims, values, marker=marker, label=name, base=2)
ax.set(xlabel="coordinates kept", ylabel="recall@1", ylim=(0, 1))
ax.set_xticks(dims, [str(m) for m in dims])
ax.legend(frameon=False, loc="lower right")
ends = "; ".join(
    f"{name} {values[0]:.2f} at 128, {values[3]:.2f} at 16, {values[5]:.2f} at 4"
    for name, values in kept_recall.items()
)
figures.show(fig, f"Recall@1 against the number of coordinates kept, three lines: {ends}.")

# %% [markdown]
r"""
The rotated vectors hold the same cosines at 128 coordinates, and lose recall soonest when cut: where the
coordinates are all alike, cutting throws away a share of everything (at half the length that costs them
little here: 128 coordinates are more than this task needs). As trained, the first coordinates carry most.
Here the principal axes do about as well, which need no training: what Matryoshka training adds on top does
not show on this model. It still has a practical side: the maker of a model can promise the lengths, and
nobody has to ship a rotation with the index.

Cut vectors are no longer of length 1. Where scores are dot products (a database set to "dot", FAISS's
inner product) they have to be **normalised again**. Here is what happens if they are not, beside the
same vectors with it:
"""

# %% tags=["demo"]
print("coordinates            ", "".join(f"{m:7}" for m in dims))
for name, extreme in (("shortest passage", np.min), ("longest passage", np.max)):
    row = (extreme(np.linalg.norm(P[:, :m], axis=1)) for m in dims)
    print(f"{name:23}", "".join(f"{length:7.2f}" for length in row))
for name, scale in (("dot product, as cut", lambda X: X), ("dot product, normalised", unit)):
    found = [(Q[:, :m] @ scale(P[:, :m]).T).argmax(axis=1) == answers for m in dims]
    print(f"{name:23}", "".join(f"{np.mean(hits):7.2f}" for hits in found))

# %% [markdown]
r"""
(The length of the *question* does not matter, since it is the same for all its passages.)
"""

# %% [markdown]
r"""
#### Which model?

Facts about products age; these were looked up in November 2026, and each carries its own date.

- OpenAI gave `text-embedding-3-large` (up to 3,072 coordinates, which may be cut by the parameter
  `dimensions`) 64.6 on MTEB when it appeared, in January 2024.
- The card of `gte-Qwen2-7B-instruct` compares on the same 56 English tasks in June 2024: itself 70.2,
  `e5-mistral-7b-instruct` 66.6. It takes texts of up to 32,000 tokens; the 131,072 that one reads is
  a field of its configuration, the number of positions of the language model that it was made from.
- The card of `e5-mistral-7b-instruct` does not recommend texts of more than 4,096 tokens, though its
  configuration says 32,768.

So of these three the best-known name had the lowest score, and E5-Mistral was not on top in that table
either. Since then others have followed. **MTEB**
(Muennighoff et al., 2022) covers eight kinds of tasks: classification, clustering, pair classification,
reranking, retrieval, semantic similarity, bitext mining, summarisation; the English scores above are means
over 56 data sets of seven of them (no bitext mining). Its versions (the first English one, the second, and
the multilingual MMTEB of 2025) have different tasks, and their scores cannot be compared. If what you build
is retrieval, read the retrieval column, and then measure on your own questions.
"""

# %% [markdown]
r"""
### Build it

Five short exercises: the pooling, the loss, two functions for looking at vectors and cutting them, and
the repair of a measurement.
"""

# %% [markdown]
r"""
### Exercise 12.1 · `mean_pool`

●○○ · 8 minutes · 3 points · core

Write `mean_pool(h, mask)`: the mean of each text's token vectors, over its real tokens only.

- `h` is a Tensor of shape (B, T, D), float32 or float64. At padded places it holds any finite numbers.
- `mask` is a Tensor of shape (B, T): 1 or True at real tokens, 0 or False at padding. Its dtype is bool
  or int64. The real tokens of a text may stand anywhere: padding may be on the right, on the left or
  in between.
- Return shape (B, D), in the dtype of `h`. A text without any real token gets a row of zeros.
- Gradients flow back to `h`: 1 / (number of real tokens) to each real token, 0 to padding. They are
  finite for a text without tokens, too (all 0).
- The arguments are not changed.

<details><summary>Hint 1</summary>

The mask, with a last axis added, multiplies padded vectors away. By what do you then divide?

</details>

<details><summary>Hint 2</summary>

`weights = mask[..., None].to(h.dtype)`; the sum of `h * weights` over the tokens, divided by the sum of
`weights`. A count of 0 would give 0/0, and `torch.where` afterwards does not help: the NaN comes back in the
gradient. Raise the count to at least 1 instead (`clamp`).

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q12-mean-pool", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mean_pool(h: Tensor, mask: Tensor) -> Tensor:
    """Average token vectors over real tokens.

    h: (B, T, D); mask: (B, T), bool or int64. Returns (B, D).
    """
    ### BEGIN SOLUTION
    weights = mask[..., None].to(h.dtype)
    return (h * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q12-mean-pool-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
h = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [9.0, 9.0]]], dtype=torch.float64)
for mask, want in [
    ([1, 1, 0], [[2.0, 3.0]]),
    ([1, 0, 0], [[1.0, 2.0]]),
    ([0, 1, 1], [[6.0, 6.5]]),
]:
    testing.agree(
        mean_pool,
        [((h, torch.tensor([mask])), torch.tensor(want, dtype=torch.float64))],
        "average over the places where the mask is 1, and divide by how many there are",
    )

# %% nbgrader={"grade": true, "grade_id": "q12-mean-pool-hidden-padding", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: padding, wherever it stands, changes nothing (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for dtype in (torch.float64, torch.float32):
    for kind in (torch.int64, torch.bool):
        h = torch.randn(4, 6, 3, generator=generator, dtype=dtype)
        mask = torch.zeros(4, 6, dtype=kind)
        mask[0, :2] = mask[1, 3:] = mask[2, [0, 2, 5]] = mask[3] = 1
        rows = [h[i][mask[i].bool()].mean(dim=0) for i in range(4)]
        h = torch.where(mask[..., None].bool(), h, 50 * torch.ones_like(h))
        testing.agree(
            mean_pool,
            [((h, mask), torch.stack(rows))],
            "a text's vector is the mean over its real tokens: what stands at padded places must "
            "not count, nor how many there are, nor whether they stand left or right",
        )
        assert mean_pool(h, mask).dtype == dtype, "the result has the dtype of h"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q12-mean-pool-hidden-empty", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a text without tokens (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for kind in (torch.int64, torch.bool):
    h = torch.randn(3, 4, 2, generator=generator, dtype=torch.float64)
    mask = torch.ones(3, 4, dtype=kind)
    mask[1] = 0
    want = h.mean(dim=1)
    want[1] = 0
    testing.agree(
        mean_pool,
        [((h, mask), want), ((h[1:2], mask[1:2]), want[1:2])],
        "a text without any real token gets a row of zeros, not NaN; the others keep their means",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q12-mean-pool-hidden-gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: gradients, unchanged arguments (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for tokens in ([1, 1, 1, 0, 0], [0, 0, 1, 0, 1], [0, 0, 0, 0, 1], [0, 0, 0, 0, 0]):
    h = torch.randn(1, 5, 1, generator=generator, dtype=torch.float64)
    mask = torch.tensor([tokens])
    _, gradient = testing.value_and_grad(mean_pool, h, mask)
    want = (mask / max(1, sum(tokens))).double()[..., None]
    testing.check(
        testing.close(gradient, want),
        "each real token gets 1 / (number of real tokens) of the gradient and padding none; 0/0 "
        "leaves a NaN in the gradient even where torch.where takes another value",
        inputs=(h, mask),
        got=gradient,
        expected=want,
    )
    batch = torch.randn(2, 5, 3, generator=generator)
    assert testing.leaves_arguments(mean_pool, batch, mask.repeat(2, 1)), (
        "h and mask belong to the caller: do not write into them"
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 12.2 · `info_nce`

●●○ · 15 minutes · 5 points · core

Write `info_nce(Q, D, tau)`: the contrastive loss of a batch.

- `Q` is a Tensor of shape (B, d), the queries; `D` has shape (M, d) with M ≥ B, the texts. The text of
  query i is `D[i]`. Every other row of `D` is a negative for it: the other queries' texts, and the rows
  from B on, which belong to no query (*hard negatives* are put there). Both are float32 or float64, of the
  same dtype.
- Rows may have any length (0, or at least 1e-6). They are normalised inside, so that scores are cosines. A row
  of zeros stays zero: its cosine with everything is 0. The gradient at a row of zeros is not tested.
- The loss is the mean over the B queries of −ln of the softmax, over all M texts, of the cosines divided by
  `tau`, taken at the query's own text. One direction only: texts do not look for their queries.
- Return a 0-dimensional tensor in the dtype of `Q`, through which gradients flow to `Q` and to `D`. `tau`
  is a float, as small as 0.001, and the loss stays finite.
- `ValueError` if M < B, or if `tau` is not above 0. The arguments are not changed.

By hand: if all vectors are equal, every text is equally likely, and the loss is ln M, whatever `tau` is.

<details><summary>Hint 1</summary>

Normalised, `Q @ D.T` is the (B, M) matrix of cosines. Divided by tau it holds logits: each row is a
classification with M classes. Which class is right in row i?

</details>

<details><summary>Hint 2</summary>

`torch.nn.functional.normalize(x, dim=-1)` leaves zeros as zeros. `torch.nn.functional.cross_entropy(logits,
targets)` with `targets = torch.arange(B)` is the mean of −log softmax at the targets, and is stable. By hand
you would take `logsumexp` of each row minus the logit on the diagonal.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q12-info-nce", "locked": false, "schema_version": 3, "solution": true, "task": false}
def info_nce(Q: Tensor, D: Tensor, tau: float) -> Tensor:
    """Contrast each query's own text, the row of the same number, with all other texts.

    Q: (B, d); D: (M, d) with M >= B. Returns a 0-d loss.
    """
    ### BEGIN SOLUTION
    if len(D) < len(Q):
        raise ValueError(f"{len(Q)} queries need at least as many texts, not {len(D)}")
    if tau <= 0:
        raise ValueError(f"tau must be above 0, not {tau}")
    Q, D = (torch.nn.functional.normalize(x, dim=-1) for x in (Q, D))
    targets = torch.arange(len(Q), device=Q.device)
    return torch.nn.functional.cross_entropy(Q @ D.T / tau, targets)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q12-info-nce-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
same = torch.ones(3, 4, dtype=torch.float64)
testing.agree(
    info_nce,
    [((same, same, 0.05), math.log(3)), ((same[:2], same, 1.0), math.log(3))],
    "equal vectors: every one of the M texts is equally likely, so the loss is ln M",
)
Q = torch.tensor([[1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
testing.agree(
    info_nce,
    [
        ((Q, Q, 1.0), math.log(1 + math.exp(-1))),
        ((Q, Q.flip(0), 1.0), math.log(1 + math.e)),
        ((Q, Q, 0.5), math.log(1 + math.exp(-2))),
    ],
    "the right text of query i is row i of D, and cosines are divided by tau",
)

# %% nbgrader={"grade": true, "grade_id": "q12-info-nce-hidden-value", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the value, dtype and errors (2 points)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()


def slowly(Q: Tensor, D: Tensor, tau: float) -> float:
    """The definition, in plain numbers of vectors of any length but 0."""
    total = 0.0
    for i, q in enumerate(Q.double()):
        scores = [float(q @ d / (q.norm() * d.norm())) / tau for d in D.double()]
        total += math.log(math.fsum(math.exp(s - scores[i]) for s in scores))
    return total / len(Q)


for dtype in (torch.float64, torch.float32):
    for B, M in [(1, 1), (2, 2), (5, 5), (1, 4), (4, 9), (6, 7)]:
        Q = torch.randn(B, 3, generator=generator, dtype=dtype)
        D = torch.randn(M, 3, generator=generator, dtype=dtype)
        testing.agree(
            info_nce,
            [((Q, D, tau), torch.tensor(slowly(Q, D, tau), dtype=dtype)) for tau in (0.1, 0.5, 2)],
            "for each query: minus the log of the softmax over all M texts at its own one, then the "
            "mean over the B queries; no second direction",
        )
        assert info_nce(Q, D, 0.5).dtype == dtype, "the loss has the dtype of Q"
for B, M, tau in [(3, 2, 0.1), (1, 0, 1.0), (3, 3, 0.0), (3, 3, -0.5)]:
    assert testing.raises(ValueError, info_nce, torch.ones(B, 2), torch.ones(M, 2), tau), (
        "fewer texts than queries, and a tau that is not above 0, are a ValueError"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q12-info-nce-hidden-length", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the lengths of the vectors do not matter (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
Q = torch.randn(4, 3, generator=generator, dtype=torch.float64)
D = torch.randn(6, 3, generator=generator, dtype=torch.float64)
plain = info_nce(Q.clone(), D.clone(), 0.2)
scale = torch.tensor([0.5, 3.0, 70.0, 1.0, 5.0, 0.5], dtype=torch.float64)[:, None]
testing.agree(
    info_nce,
    [((scale[:4] * Q, D, 0.2), plain), ((Q, scale * D, 0.2), plain)],
    "queries and texts are both normalised inside: a longer vector is not a more similar one",
)
zero = torch.zeros(1, 2, dtype=torch.float64)
east = torch.tensor([[1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
testing.agree(
    info_nce,
    [
        ((zero, east, 0.1), math.log(2)),
        ((east[:1], torch.cat([zero, east]), 1.0), math.log(2 + math.e)),
    ],
    "a row of zeros stays zero, with cosine 0 to everything: no NaN",
)
assert testing.leaves_arguments(info_nce, 3 * Q, 3 * D, 0.5), (
    "Q and D belong to the caller: do not normalise them in place"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q12-info-nce-hidden-stable", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a very small temperature (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for dtype in (torch.float32, torch.float64):
    ring = torch.eye(4, dtype=dtype)
    testing.agree(
        info_nce,
        [
            ((ring, -ring, 0.001), torch.tensor(1000 + math.log(3), dtype=dtype)),
            ((ring, ring.roll(1, 0), 0.001), torch.tensor(1000.0, dtype=dtype)),
            ((ring, ring, 0.001), torch.tensor(0.0, dtype=dtype)),
        ],
        "logits of 1000 overflow exp, and a softmax that underflows has log 0: use a stable "
        "log-softmax, or subtract each row's maximum",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q12-info-nce-hidden-gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: gradients flow to queries and texts (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for B, M, tau in [(3, 3, 0.5), (2, 5, 0.1)]:
    Q = torch.randn(B, 4, generator=generator, dtype=torch.float64, requires_grad=True)
    D = torch.randn(M, 4, generator=generator, dtype=torch.float64, requires_grad=True)
    cosine = torch.cosine_similarity(Q[:, None], D[None], dim=-1) / tau
    loss = (cosine.logsumexp(dim=1) - cosine.diagonal()).mean()
    want = [x.detach() for x in torch.autograd.grad(loss, (Q, D))]
    _, got = testing.value_and_grad(info_nce, Q.detach(), D.detach(), tau, wrt=(0, 1))
    for x, y in zip(got, want, strict=True):
        testing.check(
            testing.close(x, y, rtol=1e-4, atol=1e-6),
            "the gradient goes to the queries and to every text, through the normalisation too; "
            "a loss that went through .item() or numpy teaches nothing",
            inputs=(Q.detach(), D.detach(), tau),
            got=x,
            expected=y,
        )
### END HIDDEN TESTS

# %% [markdown]
r"""
#### Your loss trains

The bag of tokens again, this time with your `info_nce`. With the third member of each triple, a text made
to be taken for the right one, appended to the texts, the same code has *hard negatives*. Do they help here?
"""

# %% tags=["demo"]
try:
    for name, negatives in (("in-batch only", False), ("with hard negatives", True)):
        bag, rng = Bag(), random.Random(0)
        optimizer = torch.optim.Adam(bag.parameters(), lr=0.01)
        for step in range(60):
            if step % 10 == 0:
                somewhere = world.make_world(step, pool="train")
            queries, texts, hard = zip(*pairs.sentence_triples(somewhere, rng, 64), strict=True)
            loss = info_nce(bag(list(queries)), bag(list(texts + hard * negatives)), 0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        found = recall_at_1(bag.embed(questions), bag.embed(passages))
        print(f"{name:20} recall@1 {found:.2f}")
except NotImplementedError:
    print("Not yet: info_nce (exercise 12.2) is not written.")

# %% [markdown]
r"""
A difference of less than about a tenth may be chance: 150 questions, one seed. In the literature hard
negatives help retrievers (Karpukhin et al., 2020; Xiong et al., 2021), above all when the random ones have
become too easy.
"""

# %% [markdown]
r"""
### Exercise 12.3 · `mean_cosine`

●○○ · 8 minutes · 3 points · core

Write `mean_cosine(X)`: the mean cosine over all pairs of *different* rows, the usual measure of how narrow
a cone is.

- `X` is a NumPy array of shape (N, d), float64, rows of any length (0, or at least 1e-6). It is not changed.
- The mean is over the N(N − 1)/2 pairs i < j. Return a float.
- A row of zeros stays zero when it is normalised: its cosine with any row is 0, and its pairs count.
- Fewer than two rows are a `ValueError`.

By hand: rows (1, 0), (0, 2), (−3, 0) have cosines 0, −1, 0; the mean is −1/3.

<details><summary>Hint 1</summary>

`unit @ unit.T` holds every pair twice, and on its diagonal each row with itself. The diagonal must not count.

</details>

<details><summary>Hint 2</summary>

`np.triu_indices(N, 1)` gives the places above the diagonal. Divide by the lengths where they are not 0:
`np.where(length > 0, length, 1)`.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q12-mean-cosine", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mean_cosine(X: np.ndarray) -> float:
    """Average the cosine over all pairs of different rows of X, shape (N, d)."""
    ### BEGIN SOLUTION
    if len(X) < 2:
        raise ValueError("a pair needs two rows")
    length = np.linalg.norm(X, axis=1, keepdims=True)
    unit = X / np.where(length > 0, length, 1)
    return float((unit @ unit.T)[np.triu_indices(len(X), 1)].mean())
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q12-mean-cosine-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    mean_cosine,
    [
        ((np.array([[1.0, 0.0], [0.0, 2.0], [-3.0, 0.0]]),), -1 / 3),
        ((np.array([[1.0, 1.0], [2.0, 2.0]]),), 1.0),
        ((np.array([[3.0, 4.0], [1.0, 0.0]]),), 0.6),
    ],
    "the mean over pairs of different rows of their cosine: lengths do not matter",
)

# %% nbgrader={"grade": true, "grade_id": "q12-mean-cosine-hidden-pairs", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: all pairs of different rows, of any length (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for n, d in [(2, 2), (2, 5), (3, 2), (7, 4), (20, 3)]:
    for offset in (0.0, 2.0):
        X = (rng.normal(size=(n, d)) + offset) * rng.uniform(0.5, 9, size=(n, 1))
        norms = [math.sqrt(math.fsum(x * x for x in row)) for row in X]
        pairs_of_rows = [(i, j) for j in range(n) for i in range(j)]
        total = math.fsum(float(X[i] @ X[j]) / (norms[i] * norms[j]) for i, j in pairs_of_rows)
        testing.agree(
            mean_cosine,
            [((X,), total / len(pairs_of_rows))],
            "every pair of different rows counts once and no row with itself; each row is divided "
            "by its own length",
        )
assert testing.leaves_arguments(mean_cosine, 5 * X), "X belongs to the caller"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q12-mean-cosine-hidden-edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: rows of zeros, too few rows (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
x = rng.normal(size=4)
zero = np.zeros(4)
testing.agree(
    mean_cosine,
    [
        ((np.stack([x, zero, 2 * x]),), 1 / 3),
        ((np.stack([zero, x, -x, zero]),), -1 / 6),
        ((np.stack([zero, zero]),), 0.0),
    ],
    "a row of zeros has cosine 0 with every row, itself included, and its pairs count",
)
for rows in (0, 1):
    assert testing.raises(ValueError, mean_cosine, np.ones((rows, 3))), (
        "fewer than two rows make no pair: a ValueError"
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 12.4 · `truncate_matryoshka`

●○○ · 5 minutes · 3 points · core

Write `truncate_matryoshka(X, m)`: the first m coordinates of every row, at length 1.

- `X` is a NumPy array of shape (N, d), float64, with N ≥ 0; `m` is an int. Rows may have any length, and so
  may their first m coordinates (0, or at least 1e-6).
- Return a float64 array of shape (N, m) whose rows have length 1. A row whose first m coordinates are all 0
  stays 0. With m = d the rows are normalised as well.
- m < 1 and m > d are a `ValueError`. `X` is not changed.

By hand: (3, 4, 12) cut to two coordinates is (0.6, 0.8).

<details><summary>Hint 1</summary>

Cut first. Of what then is the length taken?

</details>

<details><summary>Hint 2</summary>

`X[:, :m]` is a view of `X`: dividing it in place would write into the caller's array, so divide into a new
one. Zero lengths as in the exercise before.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q12-truncate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def truncate_matryoshka(X: np.ndarray, m: int) -> np.ndarray:
    """Keep the first m coordinates of rows and give them length 1: (N, d) to (N, m)."""
    ### BEGIN SOLUTION
    if not 1 <= m <= X.shape[1]:
        raise ValueError(f"m must lie between 1 and {X.shape[1]}, not {m}")
    head = X[:, :m]
    length = np.linalg.norm(head, axis=1, keepdims=True)
    return head / np.where(length > 0, length, 1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q12-truncate-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
X = np.array([[3.0, 4.0, 12.0], [0.0, 2.0, 0.0]])
testing.agree(
    truncate_matryoshka,
    [((X, 2), np.array([[0.6, 0.8], [0.0, 1.0]])), ((X[1:], 3), np.array([[0.0, 1.0, 0.0]]))],
    "cut to the first m coordinates, then divide each row by the length of what is left",
)

# %% nbgrader={"grade": true, "grade_id": "q12-truncate-hidden-length", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the right coordinates, at length 1 (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for n, d in [(1, 1), (3, 4), (6, 8), (0, 3)]:
    X = rng.choice([-1.0, 1.0], size=(n, d)) * rng.uniform(0.3, 5, size=(n, d))
    for m in range(1, d + 1):
        norms = [math.sqrt(math.fsum(x * x for x in row[:m])) for row in X]
        want = np.array([row[:m] / norm for row, norm in zip(X, norms, strict=True)])
        testing.agree(
            truncate_matryoshka,
            [((X, m), want.reshape(n, m))],
            "the first m coordinates of each row, divided by the length of these m (not of all d), "
            "also at m = d",
        )
assert truncate_matryoshka(np.ones((2, 3)), 2).dtype == np.float64, "the result is float64"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q12-truncate-hidden-edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: zeros, lengths that do not exist, unchanged argument (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
X = rng.normal(size=(3, 5))
X[1, :2] = 0
want = X[:, :2].copy()
want[[0, 2]] /= np.sqrt((want[[0, 2]] ** 2).sum(axis=1))[:, None]
testing.agree(
    truncate_matryoshka,
    [((X, 2), want), ((np.zeros((1, 4)), 4), np.zeros((1, 4)))],
    "where the first m coordinates are all 0 the row stays 0, not NaN",
)
for m in (0, -1, 6, 128):
    assert testing.raises(ValueError, truncate_matryoshka, X, m), (
        "m below 1 or above d is a ValueError: slicing would silently take something else"
    )
for m in (2, 5):
    assert testing.leaves_arguments(truncate_matryoshka, rng.normal(size=(4, 5)), m), (
        "a slice is a view: normalising it in place writes into the caller's vectors"
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 12.5 · repair `shape_of`

●●○ · 12 minutes · 3 points · core

This function measures alignment and uniformity. Its author tried it on vectors of length 1 that were all
alike and found what the definition says. There are three mistakes in it.

`shape_of(X, Y, t=2.0)`:

- `X` and `Y` are NumPy arrays of shape (N, d), float64, N ≥ 2; no row is zero. Row i of `X` and row i of `Y`
  belong together. Rows may have any length (at least 1e-6); both measures are taken on the rows brought to
  length 1.
- Return `(alignment, uniformity)`, two floats. Alignment is the mean over i of ‖x_i − y_i‖². Uniformity
  looks at `X` alone: ln of the mean, over the pairs i < j, of exp(−t ‖x_i − x_j‖²). `t` is above 0.
- The arguments are not changed.

<details><summary>Hint 1</summary>

Take two rows, (1, 0) and (0, 1): their squared distance is 2, there is one pair, and uniformity is −2t.
What does the code say? Then add a third row (1, 0), and compute by hand what the
definition gives and what the code gives.

</details>

<details><summary>Hint 2</summary>

One clue for each. How many pairs are there in an N × N matrix, and what is the distance of a row from
itself? Is the logarithm of a mean the mean of the logarithms? What happens to alignment if everything is
twice as long?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q12-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def shape_of(X: np.ndarray, Y: np.ndarray, t: float = 2.0) -> tuple[float, float]:
#     """X, Y: (N, d), row i of both belong together. Returns (alignment, uniformity)."""
#     alignment = ((X - Y) ** 2).sum(axis=1).mean()
#     squared = ((X[:, None] - X[None]) ** 2).sum(axis=-1)  # (N, N)
#     uniformity = np.log(np.exp(-t * squared)).mean()
#     return float(alignment), float(uniformity)
### END REPAIR
### BEGIN SOLUTION
def shape_of(X: np.ndarray, Y: np.ndarray, t: float = 2.0) -> tuple[float, float]:
    """X, Y: (N, d), row i of both belong together. Returns (alignment, uniformity)."""
    X = X / np.linalg.norm(X, axis=1, keepdims=True)
    Y = Y / np.linalg.norm(Y, axis=1, keepdims=True)
    alignment = ((X - Y) ** 2).sum(axis=1).mean()
    squared = ((X[:, None] - X[None]) ** 2).sum(axis=-1)[np.triu_indices(len(X), 1)]
    uniformity = np.log(np.exp(-t * squared).mean())
    return float(alignment), float(uniformity)


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q12-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
east, north = np.array([[1.0, 0.0]] * 3), np.array([[0.0, 1.0]] * 3)
testing.agree(
    shape_of,
    [((east, east), (0.0, 0.0)), ((east, north), (2.0, 0.0)), ((east, -east), (4.0, 0.0))],
    "this worked before the repair: on unit vectors that are all alike, uniformity is 0 and "
    "alignment the squared distance of a pair",
)

# %% nbgrader={"grade": true, "grade_id": "q12-repair-hidden-length", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: rows of any length (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for d in (2, 3, 6):
    x, y = rng.normal(size=(2, d))
    X = np.outer(rng.uniform(0.2, 5, size=4), x)  # all in one direction
    Y = np.outer(rng.uniform(0.2, 5, size=4), y)
    cosine = float(x @ y) / math.sqrt(float(x @ x) * float(y @ y))
    before = X.copy(), Y.copy()
    testing.agree(
        shape_of,
        [((X, Y), (2 - 2 * cosine, 0.0)), ((X, 3 * X), (0.0, 0.0))],
        "both measures are taken on vectors of length 1: bring X and Y there first",
    )
assert testing.leaves_arguments(shape_of, 2 * X, 3 * Y), "X and Y belong to the caller"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q12-repair-hidden-pairs", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: which pairs count (1 point)
### BEGIN HIDDEN TESTS
for d in (2, 3, 5):
    for t in (2.0, 0.5, 7.0):
        axes_only = np.eye(d)  # all pairs at the same distance: log and mean may stand in any order
        testing.agree(
            shape_of,
            [((axes_only, axes_only), {"t": t}, (0.0, -2 * t))],
            "uniformity is over pairs of different rows: the diagonal of the matrix, each row with "
            "itself at distance 0, must not count",
        )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q12-repair-hidden-order", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the logarithm of the mean (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for n, d in [(3, 2), (5, 3), (8, 4)]:
    X, Y = rng.normal(size=(2, n, d))
    X, Y = (Z / np.sqrt((Z**2).sum(axis=1, keepdims=True)) for Z in (X, Y))
    for t in (2.0, 0.7):
        terms = [
            math.exp(-t * float(((X[i] - X[j]) ** 2).sum())) for j in range(n) for i in range(j)
        ]
        alignment, once, pairs_ij = float(((X - Y) ** 2).sum()) / n, math.fsum(terms), len(terms)
        want = alignment, math.log(once / pairs_ij)
        means = [  # the right one, then those with the diagonal, which is the other test's point
            once / pairs_ij,
            (2 * once + n) / n**2,
            (once + n) / (pairs_ij + n),
            2 * once / n**2,
        ]
        got = shape_of(X.copy(), Y.copy(), t)
        testing.check(
            any(testing.close(got, (alignment, math.log(mean))) for mean in means),
            "uniformity is the logarithm of the mean over the pairs i < j, not the mean of the "
            "logarithms, which is only the mean squared distance again",
            inputs=(X, Y, t),
            got=got,
            expected=want,
        )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

**"Good embeddings are anisotropic: they fill the space evenly."** The word is the other way round.
*Isotropic* means the same in all directions; *an*isotropic is the cone. Three clouds of vectors, and what
the usual measure says of them:
"""

# %% tags=["demo"]
rng = np.random.default_rng(0)
even = rng.normal(size=(500, 32))
cone_shaped = even + 20 * unit(rng.normal(size=32))
for name, X in (
    ("isotropic", even),
    ("anisotropic: the same, moved away from the origin", cone_shaped),
    ("moved back: its mean subtracted", cone_shaped - cone_shaped.mean(axis=0)),
):
    print(f"mean cosine {abs(cosines(X).mean()):.2f}   {name}")

# %% [markdown]
r"""
**"Mean cosine 0, so the space is isotropic."** It only says that the mean vector is short. Two opposite
bundles have it too, and so has a flat disc in a space of many dimensions:
"""

# %% tags=["demo"]
bundles = np.repeat([[1.0], [-1.0]], 250, axis=0) * unit(np.ones(32)) + 0.02 * even
disc = even * (np.arange(32) < 2)
for name, X in (("isotropic", even), ("two opposite bundles", bundles), ("a flat disc", disc)):
    spread = np.linalg.svd(X, compute_uv=False) ** 2
    print(
        f"{name:21} mean cosine {abs(cosines(X).mean()):.2f}   uniformity {uniformity(X):6.2f}   "
        f"share of the first two axes {spread[:2].sum() / spread.sum():.2f}"
    )

# %% [markdown]
r"""
Uniformity sees the difference, and so do the principal axes. And more isotropy is not always better: texts
that form groups cannot lie evenly, and Mickus et al. (2024) show that strict isotropy conflicts with
clusters and with linear classifiers. Whether the cone does harm at all is **contested**; in our table
above, subtracting the mean helped `base` a little, and did not make it an embedding model.

**"Cosine above 0.8 means: the same."** A threshold belongs to one model. The share of *wrong* sentences that
a threshold of 0.8 lets through, over all questions:
"""

# %% tags=["demo"]
wrong = np.ones((len(questions), len(passages)), bool)
wrong[np.arange(len(questions)), answers] = False
for name in (f"base, layer {cone}", "bag after", "embedder"):
    q, p = (unit(X) for X in models[name])
    similar = q @ p.T
    print(
        f"{name:14} wrong ones above 0.8: {np.mean(similar[wrong] > 0.8):6.2%}"
        f"   right ones above 0.8: {np.mean(similar[~wrong] > 0.8):4.0%}"
    )

# %% [markdown]
r"""
**"InfoNCE only needs more negatives."** It takes every other text of the batch for wrong. If two queries of
a batch have the same answer, each is punished for finding the other's text: *false negatives*. With one
vector for all copies the loss cannot fall below the logarithm of their number:
"""

# %% tags=["demo"]
best = torch.eye(8)  # eight different questions, each exactly at its own text: as good as can be
for copies in (1, 2, 4):
    batch = best[: 8 // copies].repeat(copies, 1)  # every text stands in the batch `copies` times
    print(
        f"{copies} copies of each text: loss {contrast(batch, batch):.3f}, ln {copies} = {np.log(copies):.3f}"
    )

# %% [markdown]
r"""
### If they push

<details><summary>Cosine, dot product or Euclidean distance?</summary>

On vectors of length 1 they give the same order: ‖a − b‖² = 2 − 2 a·b. On others they do not, and the right
one is the one that the model was trained with. A database that normalises for you (Qdrant's "Cosine")
stores other numbers than it was given; one that does not needs you to do it, after every cut.

</details>

<details><summary>What does the temperature do in InfoNCE?</summary>

It says how much the nearest wrong text matters. The gradient weighs each negative with its softmax
probability: at a small τ almost all weight lies on the hardest ones, at a large τ all are pushed alike. Too
small, and false negatives and noise rule the training. Values between 0.01 and 0.1 are common; some models
learn it.

</details>

<details><summary>Why do some models want "query: " and "passage: " in front?</summary>

Because a question and its answer are not paraphrases: the two sides play different parts, and the model was
told in training which is which (E5 with prefixes, newer ones with an instruction on the query's side). Left
out, recall drops without any error. The course's embedder was trained without prefixes.

</details>

<details><summary>Your corpus has ten million vectors of 3,072 numbers. What do you do about memory?</summary>

In float32 that is 10,000,000 × 3,072 × 4 bytes, about 123 GB, before any index. Cut them if the model was
trained for it (256 coordinates: 10 GB); store int8 (a quarter) or bits (a thirty-second); search with the
short ones and rescore the best few hundred with the long ones. Measure recall against exact search at each
step.

</details>

<details><summary>May I compare vectors of two models, or of two versions of one?</summary>

No. Coordinates mean nothing across models; even the same recipe with another seed gives a rotated space. A
new model means embedding the corpus again; keep the model's name and version beside the vectors.

</details>

<details><summary>How long may a text be?</summary>

There are three numbers: what the architecture can take, what training used, and what still works. The first
is in the configuration and is the largest; cards often recommend less. And one vector for a long text
averages its topics away, so chunk (question 10).

</details>

<details><summary>How would you choose an embedding model?</summary>

Fifty to a few hundred real questions with their right documents; recall@k of every candidate and of BM25 on
them; then cost per million tokens, memory per vector, latency, licence, languages. The leaderboard makes
the list of candidates, no more: models may have been trained on data like its tests.

</details>
"""

# %% [markdown]
r"""
### Sources

- van den Oord, Li, Vinyals (2018), *Representation Learning with Contrastive Predictive Coding*, arXiv
  1807.03748: InfoNCE.
- Ethayarajh (2019), *How Contextual are Contextualized Word Representations?*, EMNLP, arXiv 1909.00512; Gao
  et al. (2019), *Representation Degeneration Problem in Training Natural Language Generation Models*, ICLR,
  arXiv 1907.12009: the cone.
- Wang, Isola (2020), *Understanding Contrastive Representation Learning through Alignment and Uniformity on
  the Hypersphere*, ICML, arXiv 2005.10242.
- **Contested**, whether isotropy is to be wished for: Mickus, Grönroos, Attieh (2024), *Isotropy, Clusters,
  and Classifiers*, ACL, arXiv 2402.03191, which also sums up the evidence on both sides.
- Kusupati et al. (2022), *Matryoshka Representation Learning*, NeurIPS, arXiv 2205.13147.
- Karpukhin et al. (2020), *Dense Passage Retrieval for Open-Domain Question Answering*, EMNLP, arXiv
  2004.04906: in-batch negatives; Xiong et al. (2021), *Approximate Nearest Neighbor Negative Contrastive
  Learning for Dense Text Retrieval*, ICLR, arXiv 2007.00808: hard ones.
- Muennighoff et al. (2022), *MTEB: Massive Text Embedding Benchmark*, arXiv 2210.07316; Enevoldsen et al.
  (2025), *MMTEB: Massive Multilingual Text Embedding Benchmark*, arXiv 2502.13595.
- Wang et al. (2023), *Improving Text Embeddings with Large Language Models*, arXiv 2401.00368 (E5-Mistral).
  Model cards of `Alibaba-NLP/gte-Qwen2-7B-instruct` and `intfloat/e5-mistral-7b-instruct`; OpenAI (January
  2024), *New embedding models and API updates*. Looked up in November 2026.
"""
