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
    (alone, mask1), (padded, mask2) = token_vectors(encoder, [short]), token_vectors(
        encoder, [short, long]
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
kept = dict.fromkeys(right) | dict.fromkeys(
    random.Random(0).sample(range(len(task.passages)), 500)
)
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
print("                 mean cosine  recall@1    after subtracting the mean")
for name, q, p in [
    *((f"base, layer {i}", q, p) for i, (q, p) in enumerate(zip(Q_base, P_base, strict=True))),
    ("embedder", Q, P),
]:
    flat_q, flat_p = q - q.mean(axis=0), p - p.mean(axis=0)
    print(
        f"{name:16} {cosines(p).mean():9.2f} {recall_at_1(q, p):10.2f}"
        f" {cosines(flat_p).mean():14.2f} {recall_at_1(flat_q, flat_p):8.2f}"
    )

# %% [markdown]
r"""
Look at the first column. Two sentences of `base` that have nothing to do with each other have a high cosine:
all its vectors point more or less the same way. That is a **cone**, and the word for it is **anisotropy**.
Ethayarajh (2019) found it in every layer of ELMo, BERT and GPT-2 above the input. Vectors that fill all
directions evenly are **isotropic**, with a mean cosine near 0.

Now the right half. Subtracting the mean vector removes the cone at once; it is worth trying, since it costs a
line. It makes no good embedding of `base`, though: the last row is far away. **The cone is a symptom. What
was missing is training for the task.**
"""

# %% tags=["demo"]
cone = int(np.argmax([cosines(p).mean() for p in P_base]))
fig, axes = figures.subplots(1, 3, size=(9.6, 2.9))
for X, label in ((P_base[cone], f"base, layer {cone}"), (P, "embedder")):
    axes[0].hist(cosines(X), bins=80, range=(-0.5, 1), histtype="step", density=True, label=label)
axes[0].patches[1].set_linestyle("--")
axes[0].set(title="cosines of two sentences", xlabel="cosine", ylabel="density")
axes[0].legend(frameon=False, fontsize=9, loc="upper right")
for ax, X, label in zip(axes[1:], (P_base[cone], P), (f"base, layer {cone}", "embedder"), strict=True):
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

This is **InfoNCE** (van den Oord et al., 2018): cross-entropy, with the diagonal of a (B, B) matrix of cosines
as the right classes. The wrong texts cost nothing, since they are other questions' right ones: *in-batch
negatives*. Small cosines differ little, so $\tau$ stretches them: 0.05 is a common value.

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
def train(loss, steps: int = 150, batch: int = 96) -> tuple[Bag, list[float]]:
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
print("loss:", "  ".join(f"{np.mean(losses[i : i + 10]):.2f}" for i in range(0, len(losses), 30)))
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
    "the same for all": (np.ones((shape[0], shape[2])), np.ones((shape[1], shape[2]))),
    "random": (rng.normal(size=(shape[0], shape[2])), rng.normal(size=(shape[1], shape[2]))),
    f"base, layer {cone}": (Q_base[cone], P_base[cone]),
    "bag before": (before.embed(questions), before.embed(passages)),
    "bag after": (after.embed(questions), after.embed(passages)),
    "embedder": (Q, P),
}
print("                   alignment  uniformity  mean cosine  recall@1")
for name, (q, p) in models.items():
    print(
        f"{name:18} {alignment(q, p):9.2f} {uniformity(p):11.2f} {cosines(p).mean():12.2f}"
        f" {recall_at_1(q, p):9.2f}"
    )

# %% [markdown]
r"""
(Where all vectors are equal, everything ties, and the first sentence wins.) The random model is as isotropic
as can be and finds nothing. Compare the bag before and after: uniformity got much better, and alignment
too or at least not much worse. A measure of shape tells that something is *wrong*, never that all is well. For that there is
recall.
"""

# %% [markdown]
r"""
#### Shorter vectors

Memory and search time grow with the number of coordinates. Can one simply keep the first m? Only if the model
was trained for it: **Matryoshka** training (Kusupati et al., 2022) computes the loss on the first 16, the first
32, the first 64 coordinates and so on, and adds up. The embedder was trained so, at 16, 32, 64 and 128.

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
