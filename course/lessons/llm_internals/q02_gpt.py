# %% [markdown]
r"""
## Q2. What happens inside a GPT?

*Easy · 150 minutes · needs matrix products and broadcasting (self-test 1 and 2), softmax (self-test 3), `torch.nn.Module`*

The label rates the spoken answer; the three extra exercises come on top, with 55 minutes more.
"""

# %% [markdown]
r"""
### Say it

> A GPT is a stack of identical blocks between an embedding and an unembedding. Each token's vector
> runs through it as a *residual stream*: every block reads the stream, normalised, and adds something
> to it. First comes *causal self-attention*, which moves information between positions: each token
> compares its query with the keys of itself and of the tokens before it, the scores are divided by
> the square root of the head's width and go through a softmax, and the token receives that weighted
> average of the values; several heads do this side by side. Then an *MLP* works on each position
> alone; it holds about two thirds of a block's weights. At the end a norm and one matrix turn the
> stream into logits for the next token, at all positions at once.
"""

# %% [markdown]
r"""
### See it

**The whole thing in one picture.** The line is the residual stream of one position. Everything else
reads from it through a normalisation and adds its result back.
"""


# %% tags=["demo"]
from course import figures


def box(ax, x: float, y: float, text: str) -> None:
    frame = {"boxstyle": "round,pad=0.4", "fc": "white", "ec": figures.INK}
    ax.text(x, y, text, ha="center", va="center", bbox=frame, zorder=3)


fig, ax = figures.subplots(size=(7.6, 2.9))
ax.plot([0.9, 9.3], [0, 0], color=figures.INK, linestyle="-")
for x, text in [(0.5, "id\n↓\nembedding"), (9.6, "norm\n↓\nlogits")]:
    box(ax, x, 0, text)
for x, text in [(3.2, "norm → attention"), (6.8, "norm → MLP")]:
    box(ax, x, 1.3, text)
    for start, end in [((x - 0.5, 0), (x - 0.5, 1.1)), ((x + 0.5, 1.1), (x + 0.5, 0.12))]:
        ax.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": figures.INK})
    ax.text(x + 0.5, 0, "+", ha="center", va="center", bbox={"boxstyle": "circle", "fc": "white"})
ax.text(3.2, 1.8, "looks at other positions", ha="center", style="italic")
ax.text(6.8, 1.8, "works on this position alone", ha="center", style="italic")
ax.annotate("", (1.6, -0.75), (8.4, -0.75), arrowprops={"arrowstyle": "<->", "color": figures.GREY})
ax.text(5.0, -1.15, "one block, repeated L times", ha="center")
ax.set(xlim=(-0.4, 10.4), ylim=(-1.4, 2.1))
ax.axis("off")
figures.show(
    fig,
    "A horizontal line, the residual stream, runs from the embedding on the left to norm and "
    "logits on the right. Two boxes above it, norm then attention and norm then MLP, each take a "
    "copy from the line and add their result back at a plus sign. Together they are one block, "
    "repeated L times.",
)

# %% [markdown]
r"""
#### Attention by hand, on six tokens

*Anna met Tom and she smiled.* To predict what follows, the model should know who "she" is. Attention
is a soft look-up: every token offers a **key** (what I am), asks with a **query** (what I look for)
and hands over a **value** (what you get from me).

Here the vectors are written by hand, with two features: *person*, and *feminine* (+1) or *masculine*
(−1). In a model they come out of learned matrices, and nobody names the features.
"""

# %% tags=["demo"]
tokens = ["Anna", "met", "Tom", "and", "she", "smiled"]
keys = np.array([[1, 1], [0, 0], [1, -1], [0, 0], [0, 0], [0, 0]], dtype=float)
values = keys.copy()  # who looks a person up learns the same two features
queries = np.array([[0, 0], [3, 0], [0, 0], [0, 0], [3, 3], [3, 0]], dtype=float)
# "met" and "smiled" look for a person, "she" for a feminine one, the others for nothing

# %% [markdown]
r"""
Slowly, with loops. For each token: the dot product of its query with every key, divided by
$\sqrt{d}$ (here $\sqrt 2$; why, comes below), a softmax over the keys, and the average of the values
with these weights.
"""


# %% tags=["demo"]
def attend_slowly(q: np.ndarray, k: np.ndarray, v: np.ndarray, causal: bool = False):
    out, weights = np.zeros((len(q), v.shape[1])), np.zeros((len(q), len(k)))
    for i in range(len(q)):
        seen = range(i + 1) if causal else range(len(k))
        scores = {j: sum(q[i] * k[j]) / math.sqrt(len(q[i])) for j in seen}
        total = sum(math.exp(s) for s in scores.values())
        for j in seen:
            weights[i, j] = math.exp(scores[j]) / total
            out[i] += weights[i, j] * v[j]
    return out, weights


out, weights = attend_slowly(queries, keys, values)
for name, row, result in zip(tokens, weights, out, strict=True):
    print(f"{name:7}", " ".join(f"{w:.2f}" for w in row), "  receives", result.round(2))

# %% [markdown]
r"""
Check one number: the query of "she" is (3, 3), Anna's key (1, 1), so the score is
$6/\sqrt 2 = 4.24$ and its exponential 69.6. The other five scores are 0 and their exponentials 1. So
"she" gives Anna 69.6/74.6 = 0.93, and receives nearly Anna's value (1, 1). "Anna", "Tom" and "and"
look for nothing: equal weights on everything. A softmax cannot say "nothing here".
"""

# %% [markdown]
r"""
#### The causal mask

A language model must not look ahead: at "and" it is asked to predict "she". So the scores of later
positions are set to $-\infty$ *before* the softmax, and they get weight 0. The remaining
weights sum to 1, since the softmax runs after the mask.
"""

# %% tags=["demo"]
_, causal = attend_slowly(queries, keys, values, causal=True)
fig, axes = figures.subplots(1, 2, size=(8.2, 3.6), sharey=True)
for ax, w, title in zip(axes, (weights, causal), ("without a mask", "causal mask"), strict=True):
    ax.imshow(w, cmap="Greys", vmin=0, vmax=1.6)
    for i, j in np.ndindex(w.shape):
        masked = w is causal and j > i
        ax.text(j, i, "×" if masked else f"{w[i, j]:.2f}", ha="center", va="center", fontsize=8)
    ax.set_xticks(range(6), tokens, rotation=35, ha="right")
    ax.set_yticks(range(6), tokens)
    ax.set(title=title, xlabel="key")
axes[0].set_ylabel("query")
figures.show(
    fig,
    "Two six by six tables of attention weights, one row for each query. Without a mask every row "
    "is full, and she gives Anna 0.93. With the causal mask everything right of the diagonal is "
    "crossed out, each row sums to 1 over what is left, the first row is 1.00 on Anna itself, and "
    "she gives Anna 0.95.",
)

# %% [markdown]
r"""
The diagonal is *not* masked: a token attends to itself and to what stands before it. The first row
has only itself and so gets weight 1.
"""

# %% [markdown]
r"""
The mask makes one thing exact: what a position computes cannot depend on later tokens. Change the
last token, and the first five outputs stay as they were. Without the mask they do not.
"""

# %% tags=["demo"]
other_keys, other_values = keys.copy(), values.copy()
other_keys[5] = other_values[5] = [1, 1]  # another last word: "Anna met Tom and she, Eve"
for name, mask in [("without a mask", False), ("causal mask", True)]:
    before, _ = attend_slowly(queries, keys, values, causal=mask)
    after, _ = attend_slowly(queries, other_keys, other_values, causal=mask)
    print(f"{name:15} largest change at the first five tokens: {abs(after - before)[:5].max():.3f}")

# %% [markdown]
r"""
Two things follow. In training *every* position is a prediction task of its own, all solved in one
pass. In generation the keys and values of old tokens never change, so they can be kept (question
36).
"""

# %% [markdown]
r"""
#### Why divide by √d?

Let the entries of $q$ and $k$ be independent with mean 0 and variance 1. Then $q \cdot k$ is a sum
of $d$ products, each of variance 1, so it has variance $d$ and standard deviation $\sqrt d$. At
$d = 512$ two scores differ by about 30, and a softmax of such scores is all on one key. Dividing by
$\sqrt d$ brings the variance back to 1. Dividing by $d$ overshoots.
"""

# %% tags=["demo"]
rng = np.random.default_rng(0)
print("   d    variance of q·k    of q·k/√d    of q·k/d")
for d in (16, 64, 512):
    dots = (rng.normal(size=(4000, d)) * rng.normal(size=(4000, d))).sum(axis=1)
    print(f"{d:4} {dots.var():18.1f} {dots.var() / d:12.2f} {dots.var() / d**2:11.4f}")

# %% [markdown]
r"""
What that does to attention: here is the largest of 64 weights, averaged over random queries. 1/64 =
0.016 would be "all equal", 1 is "one key only".
"""

# %% tags=["demo"]
widths = 2 ** np.arange(2, 11)
fig, ax = figures.subplots(size=(6, 2.9))
for name, divisor in [("not divided", lambda d: 1.0), ("by √d", np.sqrt), ("by d", float)]:
    largest = []
    for d in widths:
        scores = rng.normal(size=(200, d)) @ rng.normal(size=(d, 64)) / divisor(d)
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        largest.append((e.max(axis=1) / e.sum(axis=1)).mean())
    ax.semilogx(widths, largest, base=2)
    ax.annotate(name, (widths[-1] * 1.1, largest[-1]), va="center", annotation_clip=False)
ax.set(xlabel="width d of query and key", ylabel="largest weight", ylim=(-0.04, 1))
figures.show(
    fig,
    "The largest of 64 attention weights against the width d. Not divided, it climbs from 0.2 at "
    "width 4 to above 0.9 at width 1024. Divided by the root of d it stays at 0.1 throughout. Divided "
    "by d it falls to 0.02, which is uniform.",
)

# %% [markdown]
r"""
Why it matters: the Jacobian of a softmax has $p_i(1-p_i)$ on its diagonal and $-p_i p_j$ elsewhere.
With all weight on one key all of that is nearly 0, and the layer stops learning. With all weights
equal at the start the head averages everything, whatever it reads.
"""

# %% [markdown]
r"""
#### Heads

One softmax is one distribution: a head that looks at Anna cannot also look at the word before
without mixing the two. So there are several heads, each with queries, keys, values and softmax of its
own. Beside the head from above, here is one that asks by *position*: the query of place t points at
the key of place t − 1.
"""

# %% tags=["demo"]
place_keys = np.eye(6)
place_queries = 12 * np.eye(6, k=-1)  # row t has its 12 in column t - 1
_, previous = attend_slowly(place_queries, place_keys, place_keys, causal=True)
fig, axes = figures.subplots(1, 2, size=(8.2, 3.6), sharey=True)
for ax, w, title in zip(
    axes, (causal, previous), ("head 0: who?", "head 1: what came before?"), strict=True
):
    ax.imshow(np.where(np.tri(6), w, 0), cmap="Greys", vmin=0, vmax=1.6)
    for i, j in zip(*np.tril_indices(6), strict=True):
        ax.text(j, i, f"{w[i, j]:.2f}", ha="center", va="center", fontsize=8)
    ax.set_xticks(range(6), tokens, rotation=35, ha="right")
    ax.set_yticks(range(6), tokens)
    ax.set(title=title, xlabel="key")
axes[0].set_ylabel("query")
figures.show(
    fig,
    "Two tables of causal attention weights on the same six tokens. Head 0 has its large weights "
    "where a person is looked for: met and she look at Anna. In head 1 every token but the first "
    "gives 0.96 or more to the token right before it.",
)

# %% [markdown]
r"""
"she" now receives two things, Anna from one head and "and" from the other, in separate columns.
"""

# %% [markdown]
r"""
**Heads that nobody wrote.** `base` is the course's own small model, trained on texts about an invented
world (question 1). Where do its heads look? On pages of prose we measure how much weight a head gives
to the token just before, and to the very first one. And we let it read beginnings such as *Anna Tol
lives in* for fifty people: at *in* it must predict the town, so it has to find out whose.
"""

# %% tags=["demo"]
import random

from course import lab, world
from course.world.pages import prose_page

home = world.make_world()
base, tokenizer = lab.load("base"), lab.tokenizer("base")
n_layers, n_heads = base.config.num_hidden_layers, base.config.num_attention_heads


def tokens_of(text: str) -> Tensor:
    """The token that begins every text, then the text's, which start with a space: (1, T)."""
    ids = tokenizer(" " + text, add_special_tokens=False).input_ids
    return torch.tensor([[tokenizer.bos_token_id, *ids]])


@torch.no_grad()
def look(ids: Tensor) -> np.ndarray:
    """Attention weights of every head: (layers, heads, T, T)."""
    return torch.cat(base(ids, output_attentions=True).attentions).numpy()


people = home.of_kind("person")[:50]
pages = [tokens_of(prose_page(home, random.Random(seed)))[:, :64] for seed in range(20)]

# %% tags=["demo"]
before, first, whose = [], [], []  # one item a text: weights (layers, heads), and an even spread's
for ids in pages:
    w, even = look(ids), (1 / np.arange(3, ids.shape[1] + 1)).mean()
    before.append((w.diagonal(-1, 2, 3)[..., 1:].mean(axis=-1), even))
    first.append((w[:, :, 2:, 0].mean(axis=-1), even))
for person in people:
    name, ids = tokens_of(person).shape[1] - 1, tokens_of(f"{person} lives in")
    whose.append((look(ids)[:, :, -1, 1 : 1 + name].sum(axis=-1), name / ids.shape[1]))
groups = [[np.mean(part, axis=0) for part in zip(*g, strict=True)] for g in (before, first, whose)]
titles = ("the token before", "the first token", "at 'in': the name")
print(" " * 10, *(f"{title:{6 * n_heads}}" for title in titles), sep="  ")
for i in range(n_layers):
    rows = ("".join(f"{x:6.2f}" for x in share[i]) for share, _ in groups)
    print(f"layer {i}   ", *rows, sep="  ")
print(
    "spread evenly",
    *(f"{even:{4 if i == 0 else 6 * n_heads}.2f}" for i, (_, even) in enumerate(groups)),
)

# %% [markdown]
r"""
Every group has one column for each head. Compare with an even spread: the farther a head is above it,
the more of its work is what the group is about. In the first group that is to look one token back; such
heads matter (question 26). In the second it is to rest on the first token, which says nothing: this is
where a head can put weight that it has no use for, and large models do so too (Xiao et al., 2023). In the
third it is to find whose home is wanted. A head may do none of these, or a little of each. Here is the
layer with the head that looks most at the name, on one sentence:
"""

# %% tags=["demo"]
person = people[0]
text = f"{person} lives in {home.fact(person, 'person.home').value}."
ids = tokens_of(text)
pieces = ["(begin)", *(tokenizer.decode([i]).strip() for i in ids[0, 1:])]
name, at = tokens_of(person).shape[1] - 1, tokens_of(f"{person} lives in").shape[1] - 1
layer = int(groups[2][0].max(axis=1).argmax())
weights = look(ids)[layer]
fig, axes = figures.subplots(1, n_heads, size=(2.6 * n_heads, 3.2), sharey=True)
for h, ax in enumerate(axes):
    ax.imshow(weights[h], cmap="Greys", vmin=0, vmax=1)
    ax.plot(np.array([0, name, name, 0, 0]) + 0.5, np.array([0, 0, 1, 1, 0]) + at - 0.5, lw=1)
    ax.set_xticks(range(len(pieces)), pieces, rotation=90, fontsize=8)
    ax.set_yticks(range(len(pieces)), pieces, fontsize=8)
    ax.set(title=f"head {h}: {weights[h, at, 1 : 1 + name].sum():.2f} in the box", xlabel="key")
axes[0].set_ylabel("query")
in_box = ", ".join(f"{weights[h, at, 1 : 1 + name].sum():.2f}" for h in range(n_heads))
figures.show(
    fig,
    f"Attention weights of the {n_heads} heads of layer {layer} on the sentence '{text}' "
    "Dark is a large weight; everything right of the diagonal is empty. A box marks the row of the "
    f"word in and the columns of the name. The weights inside it sum to {in_box}.",
)

# %% [markdown]
r"""
The picture shows where a head *reads*. What it makes of that is another question (see "If they push").
"""

# %% [markdown]
r"""
In a model the width $D$ is cut into $n$ heads of $d = D/n$. Head $h$ owns the columns $h d$ to
$(h+1) d$ of the projected vectors. The results are laid next to each other again, and a last matrix
$W_o$ mixes them:
"""

# %% tags=["demo"]
T, D, n_heads = 6, 8, 2
d = D // n_heads
x = rng.normal(size=(T, D))
Wq, Wk, Wv, Wo = (rng.normal(size=(D, D)) / math.sqrt(D) for _ in range(4))
heads = []
for h in range(n_heads):
    mine = slice(h * d, (h + 1) * d)
    out, _ = attend_slowly((x @ Wq)[:, mine], (x @ Wk)[:, mine], (x @ Wv)[:, mine], causal=True)
    heads.append(out)
y = np.concatenate(heads, axis=1) @ Wo
print(
    "each head", heads[0].shape, "  all heads", y.shape, "  weights", 4 * D * D, "for any n_heads"
)

# %% [markdown]
r"""
More heads cost no more weights: the same four $D \times D$ matrices are cut into more slices. The
price is width: each head has fewer numbers to compare with.

**Grouped-query attention** (Ainslie et al., 2023) saves memory instead: several query heads share
one head of keys and values. With 8 query heads:
"""

# %% tags=["demo"]
for n_kv in (8, 2, 1):
    uses = [h // (8 // n_kv) for h in range(8)]
    print(f"{n_kv} KV heads: query heads 0-7 use KV heads {uses}, cache {n_kv}/8")

# %% [markdown]
r"""
The first row is ordinary multi-head attention, the last *multi-query* attention (Shazeer, 2019).
Neighbouring query heads share: 0 0 0 0 1 1 1 1, not 0 1 0 1 0 1 0 1. Weights trained in one order
are useless in the other.
"""

# %% [markdown]
r"""
#### A whole GPT-2, built and checked

Now everything together, in PyTorch, with the names that GPT-2's checkpoints use. First the weights:
three blocks of width 32 with random numbers.
"""

# %% tags=["demo"]
L, D, n_heads, V, n_ctx = 3, 32, 4, 50, 16
shapes = {"wte.weight": (V, D), "wpe.weight": (n_ctx, D), "ln_f.weight": (D,), "ln_f.bias": (D,)}
for i in range(L):
    for name, size in [
        ("attn.c_attn", (D, 3 * D)), ("attn.c_proj", (D, D)), ("mlp.c_fc", (D, 4 * D)),
        ("mlp.c_proj", (4 * D, D)), ("ln_1", (D,)), ("ln_2", (D,)),
    ]:  # fmt: skip
        shapes[f"h.{i}.{name}.weight"], shapes[f"h.{i}.{name}.bias"] = size, size[-1:]
g = torch.Generator().manual_seed(0)
p = {name: 0.2 * torch.randn(size, generator=g) for name, size in shapes.items()}
for name in p:
    if "ln_" in name and name.endswith("weight"):
        p[name] += 1  # a norm's scale is near 1
print(len(p), "tensors,", sum(w.numel() for w in p.values()), "numbers")

# %% [markdown]
r"""
The parts. `norm` is LayerNorm: subtract the mean, divide by the standard deviation, scale and shift.
`linear` is $xW + b$. The attention is the loop over heads from above, with PyTorch's fused attention
in place of the inner loops.
"""


# %% tags=["demo"]
import torch.nn.functional as F


def norm(x: Tensor, name: str) -> Tensor:
    return F.layer_norm(x, x.shape[-1:], p[f"{name}.weight"], p[f"{name}.bias"], eps=1e-5)


def linear(x: Tensor, name: str) -> Tensor:
    return x @ p[f"{name}.weight"] + p[f"{name}.bias"]


def attention_part(x: Tensor, at: str) -> Tensor:
    q, k, v = linear(x, f"{at}.attn.c_attn").split(D, dim=-1)  # one matrix for all three
    heads = []
    for cut in torch.arange(D).split(D // n_heads):
        one = F.scaled_dot_product_attention(q[..., cut], k[..., cut], v[..., cut], is_causal=True)
        heads.append(one)
    return linear(torch.cat(heads, dim=-1), f"{at}.attn.c_proj")


def mlp_part(x: Tensor, at: str) -> Tensor:
    return linear(F.gelu(linear(x, f"{at}.mlp.c_fc"), approximate="tanh"), f"{at}.mlp.c_proj")


# %% [markdown]
r"""
And the model. Two lines make a block, and both begin with `stream +`. The unembedding is the
embedding matrix once more: GPT-2 *ties* the two.
"""


# %% tags=["demo"]
def gpt2(ids: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """ids (B, T) -> logits (B, T, V), and everything that was written into the stream."""
    written = {"embedding": p["wte.weight"][ids] + p["wpe.weight"][: ids.shape[1]]}
    stream = written["embedding"]
    for i in range(L):
        written[f"attention {i}"] = attention_part(norm(stream, f"h.{i}.ln_1"), f"h.{i}")
        stream = stream + written[f"attention {i}"]
        written[f"MLP {i}"] = mlp_part(norm(stream, f"h.{i}.ln_2"), f"h.{i}")
        stream = stream + written[f"MLP {i}"]
    return norm(stream, "ln_f") @ p["wte.weight"].T, written


ids = torch.randint(V, (2, 10), generator=g)
logits, written = gpt2(ids)
print("ids", tuple(ids.shape), "-> logits", tuple(logits.shape))

# %% [markdown]
r"""
Is that really GPT-2? The same weights in transformers' own class:
"""

# %% tags=["demo"]
try:
    from transformers import GPT2Config, GPT2LMHeadModel
except ImportError:
    print("This demo needs transformers: pip install transformers")
else:
    sizes = {"n_layer": L, "n_embd": D, "n_head": n_heads, "vocab_size": V, "n_positions": n_ctx}
    theirs = GPT2LMHeadModel(GPT2Config(**sizes, bos_token_id=0, eos_token_id=0)).eval()
    theirs.transformer.load_state_dict(p)
    with torch.no_grad():
        difference = (theirs(ids).logits - logits).abs().max().item()
    print(f"largest difference {difference:.1e}, below 1e-5: {difference < 1e-5}")

# %% [markdown]
r"""
**The stream is a sum.** Nothing is ever overwritten. What arrives at the last norm is the embedding
plus the output of every attention and every MLP:
"""

# %% tags=["demo"]
total = sum(written.values())
from_sum = norm(total, "ln_f") @ p["wte.weight"].T
print("logits from the plain sum, largest difference:", f"{(from_sum - logits).abs().max():.1e}")
for name, part in written.items():
    print(f"{name:12} mean length {part.norm(dim=-1).mean():5.2f}")

# %% [markdown]
r"""
The same in a trained model: PyTorch's *hooks* note down what each part of `base` writes while it reads
a page.
"""

# %% tags=["demo"]
noted = {}


def note(name: str):
    return lambda module, inputs, output: noted.update(
        {name: output[0] if isinstance(output, tuple) else output}
    )


hooks = [base.model.embed_tokens.register_forward_hook(note("embedding"))]
for i, block in enumerate(base.model.layers):
    hooks.append(block.self_attn.register_forward_hook(note(f"attention {i}")))
    hooks.append(block.mlp.register_forward_hook(note(f"MLP {i}")))
with torch.no_grad():
    at_the_norm = base.model.norm.register_forward_pre_hook(
        lambda module, inputs: noted.update(stream=inputs[0])
    )
    base(pages[0])
for hook in [*hooks, at_the_norm]:
    hook.remove()
stream = noted.pop("stream")
difference = (sum(noted.values()) - stream).abs().max() / stream.abs().max()
print(f"embedding and {len(noted) - 1} parts, added up, against the stream at the last norm:")
print(f"largest difference {difference:.0e} of the largest number")

# %% tags=["demo"]
so_far = torch.stack(list(noted.values())).cumsum(dim=0)[:, 0, 1:].norm(dim=-1).mean(dim=-1)
alone = torch.stack(list(noted.values()))[:, 0, 1:].norm(dim=-1).mean(dim=-1)
fig, ax = figures.subplots(size=(6.6, 3.1))
ax.bar(range(len(noted)), alone, color=figures.GREY, edgecolor=figures.INK, label="written")
ax.plot(range(len(noted)), so_far, marker="o", label="the stream after it")
ax.set_xticks(range(len(noted)), list(noted), rotation=45, ha="right", fontsize=9)
ax.set(ylabel="mean length")
ax.legend(frameon=False)
figures.show(
    fig,
    f"Bars: the mean length of what each part writes into the stream. It begins with the embedding, "
    f"{alone[0]:.1f}; the longest is that of {list(noted)[int(alone.argmax())]}, {alone.max():.1f}. A "
    f"line: the length of the stream after each part, from {so_far[0]:.1f} to {so_far[-1]:.1f}.",
)

# %% [markdown]
r"""
In pre-norm models the stream usually gets longer with depth: every part adds, and nothing brings the
sum back to a fixed length. The norm in front of each part hides the length from it. So what a late
part writes has to be long to count.
"""

# %% [markdown]
r"""
So a gradient at the end reaches every part directly, through the plus signs. And one can ask how
much each part contributed to a logit, which is where interpretability begins (question 41).
"""

# %% [markdown]
r"""
#### Where the weights are

Models can be built on PyTorch's *meta* device: shapes without memory. So we can count the weights of
GPT-3 on a laptop. `sum(p.numel())`, by part:
"""

# %% tags=["demo"]
try:
    from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM
except ImportError:
    print("This demo needs transformers: pip install transformers")
else:
    gpt3 = {"n_layer": 96, "n_embd": 12288, "n_head": 96, "n_positions": 2048}
    llama = {
        "vocab_size": 128256, "hidden_size": 4096, "intermediate_size": 14336,
        "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
    }  # fmt: skip
    with torch.device("meta"):
        models = {
            "GPT-2 (124M)": GPT2LMHeadModel(GPT2Config()),
            "GPT-3 shape": GPT2LMHeadModel(GPT2Config(**gpt3)),
            "Llama 3 8B": LlamaForCausalLM(LlamaConfig(**llama, tie_word_embeddings=False)),
        }
    for name, model in models.items():
        share = {"attn": 0, "mlp": 0, "embedding": 0}
        total = sum(w.numel() for w in model.parameters())
        for key, w in model.named_parameters():
            part = next((s for s in ("attn", "mlp") if s in key), "embedding")
            share[part] += w.numel() / total
        print(f"{name:13} {total:15,}", {k: f"{v:.1%}" for k, v in share.items()})

# %% [markdown]
r"""
(The few norms are counted with the embeddings. GPT-3's weights are not public: this is GPT-2's class
in the shape that the paper gives, Brown et al., 2020, Table 2.1.)

In the small model a third of the weights is embedding. In GPT-3 nearly everything sits in the
blocks, in Llama 3 8B about seven eighths (its vocabulary is large, and the embedding is not tied).
Of the blocks the MLP has two thirds (GPT) or four fifths (Llama 3, whose shared KV heads make
attention smaller and whose MLP is wider).
"""

# %% [markdown]
r"""
### Build it

Attention, in steps: one head in NumPy, the mask, the batched version in PyTorch, heads, the whole
multi-head block in NumPy and as a module. Then a repair, a whole Llama, and counting. The last three
exercises (a mixture of experts, its balance loss, attention backwards) are extra.
"""

# %% [markdown]
r"""
### Exercise 2.1 · `single_head`

●○○ · 5 minutes · 3 points · core

Write `single_head(q, k, v)` in NumPy, without loops.

- `q` has shape (T, d), `k` (S, d), `v` (S, dv): T queries look at S keys, and each key has a value.
- The score of a query and a key is their dot product divided by $\sqrt d$. A softmax over the keys
  turns each query's scores into weights. The output is the average of the values with these weights.
- Return `(out, weights)` of shapes (T, dv) and (T, S), float64. Every row of `weights` sums to 1.
- Scores may be as large as 10,000, either way. The arguments are not changed. There is no mask.

By hand: with `q = [[2 ln 3, 0, 0, 0]]` and two keys `[1, 0, 0, 0]` and `[0, 1, 0, 0]` the scores are
$(2 \ln 3)/2 = \ln 3$ and 0, the weights 3/4 and 1/4.

<details><summary>Hint 1</summary>

All scores at once are one matrix product: (T, d) times (d, S).

</details>

<details><summary>Hint 2</summary>

`scores = q @ k.T / math.sqrt(d)`. Subtract each row's maximum (`axis=-1, keepdims=True`) before
`np.exp`, divide by each row's sum, multiply with `v`.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q02-single-head", "locked": false, "schema_version": 3, "solution": true, "task": false}
def single_head(q: np.ndarray, k: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scaled dot-product attention of one head, without a mask.

    q: (T, d), k: (S, d), v: (S, dv). Returns the output (T, dv) and the weights (T, S).
    """
    ### BEGIN SOLUTION
    scores = q @ k.T / math.sqrt(q.shape[-1])
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = e / e.sum(axis=-1, keepdims=True)
    return weights @ v, weights
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q02-single-head-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
two_keys = np.array([[1.0, 0, 0, 0], [0, 1.0, 0, 0]])
testing.agree(
    single_head,
    [((np.zeros((1, 4)), two_keys, np.array([[4.0], [8.0]])), ([[6.0]], [[0.5, 0.5]]))],
    "a query of zeros scores every key 0: equal weights, and the output is the mean of the values",
)
testing.agree(
    single_head,
    [
        (
            (np.array([[2 * math.log(3), 0, 0, 0]]), two_keys, np.array([[4.0], [8.0]])),
            ([[5.0]], [[0.75, 0.25]]),
        )
    ],
    "the score is the dot product divided by the square root of d, here by 2; then a softmax",
)

# %% nbgrader={"grade": true, "grade_id": "q02-single-head-hidden-scores", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: scores, weights and output (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for T, S, d, dv in [(1, 2, 1, 1), (2, 3, 4, 5), (4, 4, 3, 3), (5, 3, 16, 2)]:
    q, k, v = rng.normal(size=(T, d)), rng.normal(size=(S, d)), rng.normal(size=(S, dv))
    raw = np.exp([[float(np.dot(a, b)) / d**0.5 for b in k] for a in q])
    weights = np.array([row / row.sum() for row in raw])
    testing.agree(
        single_head,
        [((q, k, v), (weights @ v, weights))],
        "the scores are divided by the square root of the width of queries and keys, the last axis "
        "of q; the softmax runs over the keys",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-single-head-hidden-rows", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: every query is on its own (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for T, S in [(3, 3), (2, 6), (6, 2)]:
    q, k, v = rng.normal(size=(T, 4)), rng.normal(size=(S, 4)), rng.normal(size=(S, 3))
    out, weights = single_head(q.copy(), k.copy(), v.copy())
    assert testing.close(weights.sum(axis=-1), np.ones(T)), (
        "each query's weights sum to 1 over the keys: the softmax runs along the last axis"
    )
    turn = rng.permutation(S)
    testing.agree(
        single_head,
        [((q, k[turn], v[turn]), (out, weights[:, turn]))],
        "the order of the keys does not matter to the output",
    )
    for i in range(T):
        testing.agree(
            single_head,
            [((q[i : i + 1], k, v), (out[i : i + 1], weights[i : i + 1]))],
            "what a query receives does not depend on the other queries",
        )
    assert testing.leaves_arguments(single_head, q, k, v), "the arguments belong to the caller"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-single-head-hidden-large", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: large scores (1 point)
### BEGIN HIDDEN TESTS
unit = np.array([[1.0], [0.0]])
values = np.array([[1.0, 2.0], [3.0, 5.0]])
share = 1 / (1 + math.exp(-1))
testing.agree(
    single_head,
    [
        ((np.array([[1e4]]), unit, values), ([[1.0, 2.0]], [[1.0, 0.0]])),
        ((np.array([[-1e4]]), unit, values), ([[3.0, 5.0]], [[0.0, 1.0]])),
        (
            (np.array([[1.0]]), np.array([[1e4], [1e4 - 1]]), values),
            ([[3 - 2 * share, 5 - 3 * share]], [[share, 1 - share]]),
        ),
        (
            (np.array([[1.0]]), np.array([[-1e4], [-1e4 - 1]]), values),
            ([[3 - 2 * share, 5 - 3 * share]], [[share, 1 - share]]),
        ),
        ((np.array([[1e4], [-1e4]]), np.ones((2, 1)), values), ([[2, 3.5]] * 2, [[0.5, 0.5]] * 2)),
    ],
    "exp of a large score overflows, and exp of very negative ones gives 0/0: subtract the maximum "
    "of each row first",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 2.2 · `causal_mask`

●○○ · 5 minutes · 3 points · core

Write `causal_mask(n_queries, n_keys=None, window=None)`, which returns a boolean NumPy array of
shape (n_queries, n_keys): **True means "may attend"**.

- The keys stand at positions 0 to `n_keys - 1`. The queries are the *last* `n_queries` of these
  positions. That is the situation with a cache: 100 tokens have been read, 3 new ones come in, and
  `causal_mask(3, 103)` says what the new ones may see. `n_keys=None` means as many keys as queries.
- A query at position p may attend to the keys at positions j ≤ p: itself and what stands before it.
- With a sliding `window` of W it sees W positions at most: itself and the W − 1 before it.
- `n_queries > n_keys` and `window < 1` are a `ValueError`. `n_queries` is at least 1.

By hand: `causal_mask(2, 4)` is `[[True, True, True, False], [True, True, True, True]]`.

<details><summary>Hint 1</summary>

Query i stands at position `n_keys - n_queries + i`. Write the positions of the queries as a column
and those of the keys as a row, and compare.

</details>

<details><summary>Hint 2</summary>

`j <= p` with `p` of shape (n_queries, 1) and `j` of shape (n_keys,) broadcasts to the mask. A window
adds the condition `j > p - window`.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q02-causal-mask", "locked": false, "schema_version": 3, "solution": true, "task": false}
def causal_mask(n_queries: int, n_keys: int | None = None, window: int | None = None) -> np.ndarray:
    """Which keys each query may attend to.

    Returns bool (n_queries, n_keys), True = may attend; the queries are the last positions.
    """
    ### BEGIN SOLUTION
    n_keys = n_queries if n_keys is None else n_keys
    if n_queries > n_keys:
        raise ValueError(f"{n_queries} queries cannot be the last of {n_keys} positions")
    if window is not None and window < 1:
        raise ValueError(f"a window holds at least the token itself, so not {window}")
    p = np.arange(n_keys - n_queries, n_keys)[:, None]
    j = np.arange(n_keys)
    mask = j <= p
    return mask if window is None else mask & (j > p - window)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q02-causal-mask-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    causal_mask,
    [((3,), np.array([[1, 0, 0], [1, 1, 0], [1, 1, 1]], dtype=bool))],
    "True on and below the diagonal: a token may attend to itself",
)
testing.agree(
    causal_mask,
    [((2, 4), np.array([[1, 1, 1, 0], [1, 1, 1, 1]], dtype=bool))],
    "the queries are the last positions: the last query sees every key",
)

# %% nbgrader={"grade": true, "grade_id": "q02-causal-mask-hidden-square", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the diagonal, and what True means (1 point)
### BEGIN HIDDEN TESTS
for n in (1, 2, 5, 8):
    want = np.array([[j <= i for j in range(n)] for i in range(n)])
    testing.agree(
        causal_mask,
        [((n,), want), ((n, n), want), ((n, None, None), want)],
        "a boolean array, True where a query may attend: at itself and before, never after",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-causal-mask-hidden-offset", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: fewer queries than keys (1 point)
### BEGIN HIDDEN TESTS
for n, m in [(1, 1), (1, 7), (2, 3), (3, 9), (5, 6)]:
    want = np.array([[j <= m - n + i for j in range(m)] for i in range(n)])
    testing.agree(
        causal_mask,
        [((n, m), want)],
        "the queries are the last of the positions, so the triangle ends in the lower right corner",
    )
for n, m in [(2, 1), (5, 4), (1, 0)]:
    assert testing.raises(ValueError, causal_mask, n, m), (
        "more queries than positions is a ValueError, also where there are 0 positions: 0 is not None"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-causal-mask-hidden-window", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the sliding window (1 point)
### BEGIN HIDDEN TESTS
for n, m, window in [(4, 4, 1), (5, 5, 2), (6, 6, 3), (1, 6, 2), (3, 8, 4), (4, 4, 4), (3, 5, 99)]:
    want = np.array([[m - n + i - window < j <= m - n + i for j in range(m)] for i in range(n)])
    testing.agree(
        causal_mask,
        [((n, m, window), want)],
        "a window of W is the token itself and the W - 1 before it",
    )
for window in (0, -1):
    assert testing.raises(ValueError, causal_mask, 3, 3, window), (
        "a window below 1 is a ValueError: a token always sees itself"
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 2.3 · `attention`

●●○ · 15 minutes · 6 points · core

The function that everything else calls. Write `attention(q, k, v, mask=None)` in PyTorch.

- `q` has shape (..., T, d), `k` (..., S, d), `v` (..., S, dv), with equal leading axes (batch and
  heads, say; perhaps none), float32 or float64.
- `mask` is boolean and broadcasts to (..., T, S). **True means "may attend".** `None` allows
  everything.
- The scores are scaled by $1/\sqrt d$; the softmax runs over the keys that may be attended to; masked
  keys get a weight of exactly 0.
- Return `(out, weights)`, of shapes (..., T, dv) and (..., T, S) and of the dtype of `q`.
- A query whose mask row holds no True (padding, for instance) gets weights 0 and output 0.
- Scores may be as large as 10,000, either way, masked ones too.
- Gradients flow to `q`, `k` and `v`, and they are finite: also when a mask row holds no True (such a
  row contributes 0).
- The arguments are not changed. `torch.nn.functional.scaled_dot_product_attention` does not return
  the weights: use plain operations.

<details><summary>Hint 1</summary>

`scores.masked_fill(~mask, -torch.inf)` before the softmax takes care of everything but the empty
rows: there the softmax is 0/0, NaN. Overwriting a NaN in the result is one thing, its gradient
another: the backward pass of the softmax multiplies with its own NaN output. Look whether anything
stops that on its way to q and k.

</details>

<details><summary>Hint 2</summary>

It is safest to let no NaN arise. For instance: fill masked scores with the lowest finite number of the dtype,
`torch.finfo(scores.dtype).min`, take the softmax, and set the masked weights to 0 with
`masked_fill`. In a row with at least one True they are 0 already; an empty row was uniform and
becomes 0.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q02-attention", "locked": false, "schema_version": 3, "solution": true, "task": false}
def attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Scaled dot-product attention.

    q: (..., T, d), k: (..., S, d), v: (..., S, dv); mask: bool, broadcasts to (..., T, S), True =
    may attend. Returns the output (..., T, dv) and the weights (..., T, S).
    """
    ### BEGIN SOLUTION
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1).masked_fill(~mask, 0.0)
    return weights @ v, weights
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q02-attention-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
q = torch.tensor([[2 * math.log(3), 0, 0, 0]], dtype=torch.float64)
k = torch.tensor([[1, 0, 0, 0], [0, 1, 0, 0], [9, 0, 0, 0]], dtype=torch.float64)
v = torch.tensor([[4.0], [8.0], [100.0]], dtype=torch.float64)
testing.agree(
    attention,
    [((q, k, v, torch.tensor([[True, True, False]])), ([[5.0]], [[0.75, 0.25, 0.0]]))],
    "scores ln 3 and 0, the third key masked: weights 3/4 and 1/4, divide by the square root of d",
)
testing.agree(
    attention,
    [((q, k[:2], v[:2]), ([[5.0]], [[0.75, 0.25]]))],
    "without a mask every key may be attended to",
)
testing.agree(
    attention,
    [((q, k, v, torch.zeros(1, 3, dtype=torch.bool)), ([[0.0]], [[0.0, 0.0, 0.0]]))],
    "a query that may attend to nothing receives 0, not NaN",
)

# %% nbgrader={"grade": true, "grade_id": "q02-attention-hidden-shapes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: leading axes and dtypes (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for lead in [(), (3,), (2, 3), (2, 1, 2)]:
    for dtype in (torch.float32, torch.float64):
        q = torch.randn(*lead, 4, 6, generator=g, dtype=dtype)
        k = torch.randn(*lead, 5, 6, generator=g, dtype=dtype)
        v = torch.randn(*lead, 5, 3, generator=g, dtype=dtype)
        weights = torch.softmax(torch.einsum("...td,...sd->...ts", q, k) / 6**0.5, dim=-1)
        testing.agree(
            attention,
            [((q, k, v), (weights @ v, weights))],
            "divide by the square root of d; work on the last two axes and leave those before alone; "
            "compute in the precision of q, not in a lower one",
        )
        out, weights = attention(q, k, v)
        assert out.dtype == weights.dtype == dtype, "the results have the dtype of q"
    assert testing.leaves_arguments(attention, q, k, v, torch.ones(4, 5, dtype=torch.bool)), (
        "the arguments belong to the caller"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-attention-hidden-mask", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: masked keys (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for shape in [(4, 5), (1, 5), (5,), (2, 1, 1, 5), (2, 1, 4, 5), (1, 3, 4, 5), (2, 3, 4, 5)]:
    q, k, v = (torch.randn(2, 3, n, 6, generator=g, dtype=torch.float64) for n in (4, 5, 5))
    mask = torch.rand(shape, generator=g) < 0.5
    mask[..., 1] = True  # no empty row here
    full = mask.expand(2, 3, 4, 5)
    e = torch.exp(q @ k.transpose(-1, -2) / 6**0.5) * full
    weights = e / e.sum(dim=-1, keepdim=True)
    testing.agree(
        attention,
        [((q, k, v, mask), (weights @ v, weights))],
        "the softmax runs over the allowed keys alone: mask the scores before it, True = may attend "
        "(or has it been computed in a lower precision than q's?)",
    )
    _, got = attention(q, k, v, mask)
    assert testing.close(got.sum(dim=-1), torch.ones(2, 3, 4, dtype=torch.float64)), (
        "also with a mask the weights of a query sum to 1"
    )
    assert not got[~full].any(), "a masked key has a weight of exactly 0"
    assert testing.leaves_arguments(attention, q, k, v, mask), "the arguments belong to the caller"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-attention-hidden-empty", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a query that may attend to nothing (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for dtype in (torch.float32, torch.float64):
    q, k, v = (torch.randn(2, n, 3, generator=g, dtype=dtype) for n in (4, 5, 5))
    mask = torch.rand(2, 4, 5, generator=g) < 0.5
    mask[:, :, 2] = True
    mask[0, 1] = mask[1, 3] = mask[1, 0] = False
    e = torch.exp(q @ k.transpose(-1, -2) / 3**0.5) * mask
    weights = e / e.sum(dim=-1, keepdim=True).clamp(min=1e-30)
    nothing = torch.zeros(5, dtype=torch.bool)
    testing.agree(
        attention,
        [
            ((q, k, v, mask), (weights @ v, weights)),
            ((q, k, v, nothing), (torch.zeros(2, 4, 3), torch.zeros(2, 4, 5))),
        ],
        "a row of the mask without True gives weights 0 and output 0, and leaves other rows alone "
        "(or have they been computed in a lower precision than q's?)",
    )
    assert testing.leaves_arguments(attention, q, k, v, mask), (
        "the mask belongs to the caller: an empty row of it is not filled in place"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-attention-hidden-large", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: large scores, masked and not (1 point)
### BEGIN HIDDEN TESTS
one = torch.ones(1, 1)
values = torch.tensor([[1.0], [2.0], [4.0]])
all_of_them, but_first = torch.tensor([True, True, True]), torch.tensor([False, True, True])
for sign, first in [(1.0, 2.0), (-1.0, 4.0)]:
    keys = sign * torch.tensor([[1e4], [8e3], [5e3]])
    top = 0 if sign > 0 else 2
    testing.agree(
        attention,
        [
            ((one, keys, values), (values[top : top + 1], torch.eye(3)[top : top + 1])),
            (
                (one, keys, values, all_of_them),
                (values[top : top + 1], torch.eye(3)[top : top + 1]),
            ),
            ((one, keys, values, but_first), ([[first]], torch.eye(3)[1 if sign > 0 else 2][None])),
        ],
        "scores of 10,000: a masked key must lose against them, however low they are, and must not "
        "take part in the maximum that is subtracted",
    )
low = torch.tensor([[1e4], [-1e4], [-1e4]])
testing.agree(
    attention,
    [((one, low, values, but_first), ([[3.0]], [[0.0, 0.5, 0.5]]))],
    "two allowed keys with equal scores of -10,000 share the weight, whatever the masked score is",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-attention-hidden-gradient", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: gradients, also past an empty row (2 points)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
q, k, v = (torch.randn(size, generator=g, dtype=torch.float64) for size in [(1, 4), (5, 4), (5, 1)])
for row in ([1, 1, 1, 1, 1], [0, 1, 0, 1, 1], [0, 0, 1, 0, 0]):
    mask = torch.tensor([row], dtype=torch.bool)
    leaves = [t.clone().requires_grad_(True) for t in (q, k, v)]
    scores = (leaves[0] @ leaves[1].T / 2).masked_fill(~mask, -torch.inf)
    want = torch.autograd.grad((scores.softmax(dim=-1) @ leaves[2]).sum(), leaves)
    _, got = testing.value_and_grad(attention, q, k, v, mask, wrt=(0, 1, 2))
    assert testing.close(got, want), (
        "the gradient to q, k or v is wrong: has something been detached, or computed outside torch, "
        "or computed in a lower precision?"
    )
empty = torch.zeros(1, 5, dtype=torch.bool)
_, got = testing.value_and_grad(attention, q, k, v, empty, wrt=(0, 1, 2))
assert testing.close(got, [torch.zeros_like(t) for t in (q, k, v)]), (
    "an empty row contributes a gradient of 0, not NaN: overwriting the NaN of its softmax mends the "
    "result, but the backward pass meets it again"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
Your function against PyTorch's fused one, with a causal mask, four sequences and eight heads. (The
cell raises `NotImplementedError` until you have solved the exercise.)
"""

# %% tags=["demo"]
q, k, v = (torch.randn(4, 8, 20, 16, generator=torch.Generator().manual_seed(i)) for i in range(3))
mine, weights = attention(q, k, v, torch.ones(20, 20, dtype=torch.bool).tril())
fused = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
print(f"largest difference {(mine - fused).abs().max():.1e}; weights", tuple(weights.shape))

# %% [markdown]
r"""
### Exercise 2.4 · `split_heads` and `merge_heads`

●○○ · 5 minutes · 3 points · core

Two NumPy functions that cut a projection into heads and put it together again.

- `split_heads(x, n_heads)`: `x` has shape (..., T, D). Return shape (..., n_heads, T, d) with
  d = D / n_heads. Head h holds the columns h·d to (h+1)·d of `x`. If `n_heads` does not divide D, it
  is a `ValueError`.
- `merge_heads(x)` goes back: (..., n_heads, T, d) to (..., T, n_heads·d).

By hand: `split_heads([[1, 2, 3, 4], [5, 6, 7, 8]], 2)` has the heads `[[1, 2], [5, 6]]` and
`[[3, 4], [7, 8]]`.

<details><summary>Hint 1</summary>

A reshape keeps the numbers in the order in which they lie in memory. In `x` the numbers of one token
lie together, so a reshape can only split the last axis. What else has to happen?

</details>

<details><summary>Hint 2</summary>

Reshape to (..., T, n_heads, d), then swap the axes T and n_heads. Merging swaps them back first and
reshapes then.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q02-heads", "locked": false, "schema_version": 3, "solution": true, "task": false}
def split_heads(x: np.ndarray, n_heads: int) -> np.ndarray:
    """x: (..., T, D). Returns (..., n_heads, T, D // n_heads)."""
    ### BEGIN SOLUTION
    *lead, T, D = x.shape
    if D % n_heads:
        raise ValueError(f"{n_heads} heads do not divide a width of {D}")
    return x.reshape(*lead, T, n_heads, D // n_heads).swapaxes(-3, -2)
    ### END SOLUTION


def merge_heads(x: np.ndarray) -> np.ndarray:
    """x: (..., n_heads, T, d). Returns (..., T, n_heads * d)."""
    ### BEGIN SOLUTION
    *lead, n_heads, T, d = x.shape
    return x.swapaxes(-3, -2).reshape(*lead, T, n_heads * d)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q02-heads-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
x = np.array([[1.0, 2, 3, 4], [5, 6, 7, 8]])
heads = np.array([[[1.0, 2], [5, 6]], [[3, 4], [7, 8]]])
testing.agree(
    split_heads,
    [((x, 2), heads), ((x, 1), x[None])],
    "head 0 holds the first columns of every token, not the first tokens",
)
testing.agree(
    merge_heads, [((heads,), x)], "merging lays the heads of each token next to each other"
)

# %% nbgrader={"grade": true, "grade_id": "q02-heads-hidden-split", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: which columns a head holds (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for T, D, n_heads in [(3, 6, 3), (5, 8, 2), (4, 4, 4), (1, 6, 2), (2, 12, 4)]:
    x, d = rng.normal(size=(T, D)), D // n_heads
    want = np.stack([x[:, h * d : (h + 1) * d] for h in range(n_heads)])
    testing.agree(
        split_heads,
        [((x, n_heads), want)],
        "head h holds the columns h*d to (h+1)*d of every token; a reshape alone mixes tokens",
    )
for D, n_heads in [(6, 4), (5, 2), (4, 8)]:
    assert testing.raises(ValueError, split_heads, np.zeros((2, D)), n_heads), (
        "a number of heads that does not divide the width is a ValueError"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-heads-hidden-merge", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: merging (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for n_heads, T, d in [(2, 3, 4), (3, 3, 2), (4, 1, 2), (1, 5, 3), (2, 2, 2)]:
    heads = rng.normal(size=(n_heads, T, d))
    testing.agree(
        merge_heads,
        [((heads,), np.concatenate(list(heads), axis=-1))],
        "the row of a token is its slice from head 0, then from head 1, and so on: swap before "
        "you reshape",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-heads-hidden-batch", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: leading axes (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for lead in [(3,), (2, 3), (1, 2, 2)]:
    x = rng.normal(size=(*lead, 5, 6))
    want = np.stack([x[..., :2], x[..., 2:4], x[..., 4:]], axis=-3)
    testing.agree(
        split_heads,
        [((x, 3), want)],
        "axes before the tokens stay where they are: count from the end",
    )
    testing.agree(
        merge_heads, [((want,), x)], "axes before the heads stay where they are: count from the end"
    )
assert testing.leaves_arguments(split_heads, x, 2), "the arguments belong to the caller"
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 2.5 · `causal_self_attention`

●●○ · 20 minutes · 6 points · core

The question that is asked most: multi-head causal self-attention from scratch. In NumPy, with grouped
KV heads.

Write `causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None)`.

- `x` has shape (T, D) or (B, T, D); the result has the shape of `x`.
- Linear layers are `x @ W`: `Wq` (D, D), `Wk` and `Wv` (D, n_kv·d), `Wo` (D, D), with
  d = D / n_heads. No biases, no position encoding, no dropout.
- Heads are contiguous blocks of columns: query head h has the columns h·d to (h+1)·d of `x @ Wq`,
  and likewise for the KV heads. `n_kv=None` means `n_kv = n_heads`. Query head h uses KV head
  h // (n_heads / n_kv): with 4 and 2, heads 0 and 1 use KV head 0, heads 2 and 3 use KV head 1.
- Each head: scores scaled by $1/\sqrt d$, causal mask (a token sees itself and the tokens before
  it), softmax over the keys, average of the values. The heads' results are laid next to each other
  in their order, and multiplied with `Wo`.
- `D % n_heads != 0` or `n_heads % n_kv != 0` is a `ValueError`.
- Scores may be as large as 10,000, either way. The arguments are not changed.

So the output at position t depends on `x[:t+1]` alone. And the first token can only look at itself:
with `n_kv = n_heads` its output is `x[0] @ Wv @ Wo`.

<details><summary>Hint 1</summary>

Exercises 2.1, 2.2 and 2.4 with two new lines: one brings the KV heads to the number of query heads,
the other applies the mask. (Sections' cells stand alone: paste what you need from your other
solutions into this cell.) Use `swapaxes(-1, -2)` where 2.1 had `.T`.

</details>

<details><summary>Hint 2</summary>

q is (..., n_heads, T, d), k and v are (..., n_kv, T, d). `np.repeat(k, n_heads // n_kv, axis=-3)`
repeats each head next to itself; `np.tile` would interleave them. `np.where(mask, scores, -np.inf)`,
softmax, `@ v`, merge the heads, `@ Wo`.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q02-self-attention", "locked": false, "schema_version": 3, "solution": true, "task": false}
def causal_self_attention(
    x: np.ndarray,
    Wq: np.ndarray,
    Wk: np.ndarray,
    Wv: np.ndarray,
    Wo: np.ndarray,
    n_heads: int,
    n_kv: int | None = None,
) -> np.ndarray:
    """Multi-head causal self-attention with grouped KV heads.

    x: (T, D) or (B, T, D); Wq, Wo: (D, D); Wk, Wv: (D, n_kv * d). Returns the shape of x.
    """
    ### BEGIN SOLUTION
    n_kv = n_heads if n_kv is None else n_kv
    *lead, T, D = x.shape
    if D % n_heads or n_heads % n_kv:
        raise ValueError(
            f"width {D}, {n_heads} heads, {n_kv} KV heads: each divides the one before"
        )

    def split(y: np.ndarray, n: int) -> np.ndarray:
        return y.reshape(*lead, T, n, D // n_heads).swapaxes(-3, -2)

    q = split(x @ Wq, n_heads)
    k, v = (np.repeat(split(x @ W, n_kv), n_heads // n_kv, axis=-3) for W in (Wk, Wv))
    scores = q @ k.swapaxes(-1, -2) / math.sqrt(D // n_heads)
    scores = np.where(np.tri(T, dtype=bool), scores, -np.inf)
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    heads = e / e.sum(axis=-1, keepdims=True) @ v
    return heads.swapaxes(-3, -2).reshape(x.shape) @ Wo
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q02-self-attention-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
x = np.array([[1.0, 2, 3, 4], [5, 6, 7, 8], [3, 1, 2, 0]])
eye, zero = np.eye(4), np.zeros((4, 4))
testing.agree(
    causal_self_attention,
    [((x, zero, zero, eye, eye, 2), np.array([[1.0, 2, 3, 4], [3, 4, 5, 6], [3, 3, 4, 4]]))],
    "queries and keys of 0 score every key 0, so each position receives the mean of the tokens up "
    "to and including itself",
)
testing.agree(
    causal_self_attention,
    [((x[:1], eye, eye, 2 * eye, 3 * eye, 2), np.array([[6.0, 12, 18, 24]]))],
    "a single token looks at itself: x @ Wv @ Wo",
)

# %% nbgrader={"grade": true, "grade_id": "q02-self-attention-hidden-heads", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: several heads (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def reference(x, Wq, Wk, Wv, Wo, n_heads):
    q, k, v, d, T = x @ Wq, x @ Wk, x @ Wv, x.shape[1] // n_heads, len(x)
    out = np.zeros_like(x)
    for h in range(n_heads):
        cut = slice(h * d, (h + 1) * d)
        for t in range(T):
            e = np.exp(k[: t + 1, cut] @ q[t, cut] / d**0.5)
            out[t, cut] = e @ v[: t + 1, cut] / e.sum()
    return out @ Wo


for T, D, n_heads in [(4, 6, 1), (5, 6, 2), (4, 8, 4), (3, 3, 3), (2, 8, 2)]:
    x = rng.normal(size=(T, D))
    weights = [rng.normal(size=(D, D)) / D**0.5 for _ in range(4)]
    weights[0] *= 2
    testing.agree(
        causal_self_attention,
        [((x, *weights, n_heads), reference(x, *weights, n_heads))],
        "head h owns the columns h*d to (h+1)*d, its scores are divided by the root of d = "
        "D/n_heads, and the heads go next to each other before Wo",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-self-attention-hidden-causal", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what a position can see (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for n_heads in (1, 2):
    x = rng.normal(size=(6, 4))
    Wq, Wk, Wv, Wo = (rng.normal(size=(4, 4)) for _ in range(4))
    before = causal_self_attention(x.copy(), Wq, Wk, Wv, Wo, n_heads)
    assert testing.close(before[0], x[0] @ Wv @ Wo), (
        "the first token attends to itself with weight 1: its output is x[0] @ Wv @ Wo"
    )
    for t in (1, 3, 5):
        changed = x.copy()
        changed[t:] += rng.normal(size=changed[t:].shape)
        after = causal_self_attention(changed, Wq, Wk, Wv, Wo, n_heads)
        assert testing.close(after[:t], before[:t], rtol=0, atol=1e-12), (
            "an output changed although only later tokens did: they reach it, perhaps through the "
            "softmax's denominator"
        )
        assert not testing.close(after[t], before[t]), "a token attends to itself too"
        short = causal_self_attention(x[: t + 1].copy(), Wq, Wk, Wv, Wo, n_heads)
        assert testing.close(short, before[: t + 1]), "a prefix alone gives the same outputs"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-self-attention-hidden-groups", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: grouped KV heads (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for D, n_heads, n_kv in [(8, 4, 2), (8, 4, 1), (12, 6, 2), (12, 6, 3), (8, 4, 4)]:
    d, share = D // n_heads, n_heads // n_kv
    x, Wq, Wo = rng.normal(size=(5, D)), rng.normal(size=(D, D)), rng.normal(size=(D, D))
    Wk, Wv = rng.normal(size=(2, D, n_kv * d))
    columns = [h // share * d + c for h in range(n_heads) for c in range(d)]
    want = causal_self_attention(x, Wq, Wk[:, columns], Wv[:, columns], Wo, n_heads)
    testing.agree(
        causal_self_attention,
        [((x, Wq, Wk, Wv, Wo, n_heads, n_kv), want)],
        "query head h uses KV head h // (n_heads // n_kv): neighbours share; it equals ordinary "
        "attention with each KV head's columns written down once for each query head that uses it",
    )
    first = np.concatenate([(x[0] @ Wv)[h // share * d :][:d] for h in range(n_heads)]) @ Wo
    assert testing.close(causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv)[0], first), (
        "the first token receives its own values, each KV head repeated for its query heads"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-self-attention-hidden-batch", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a batch (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for B, T in [(3, 4), (4, 4), (1, 2), (2, 1)]:
    x = rng.normal(size=(B, T, 8))
    weights = [rng.normal(size=size) for size in [(8, 8), (8, 4), (8, 4), (8, 8)]]
    rows = [causal_self_attention(row.copy(), *weights, 4, 2) for row in x]
    testing.agree(
        causal_self_attention,
        [((x, *weights, 4, 2), np.stack(rows))],
        "every sequence of a batch is on its own: transpose the last two axes, not all of them",
    )
    assert testing.leaves_arguments(causal_self_attention, x, *weights, 4, 2), (
        "the arguments belong to the caller"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-self-attention-hidden-edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: large scores, impossible numbers of heads (1 point)
### BEGIN HIDDEN TESTS
eye = np.eye(2)
x = np.array([[100.0, 0.0], [100.0, 1.0], [0.0, 100.0]])
testing.agree(
    causal_self_attention,
    [
        (
            (x, eye, eye, eye, eye, 2),
            np.array([[100.0, 0], [100.0, 1 / (1 + math.exp(-1))], [200 / 3, 100]]),
        ),
        (
            (x, eye, -eye, eye, eye, 2),
            np.array([[100.0, 0], [100.0, 1 / (1 + math.e)], [200 / 3, 0]]),
        ),
    ],
    "scores of 10,000 overflow exp, and all of -10,000 give 0/0: subtract the largest score that "
    "the mask leaves, then mask with -inf rather than with a number",
)
for D, n_heads, n_kv in [(6, 4, None), (8, 3, 1), (8, 4, 3)]:
    W = np.zeros((D, D))
    kv = np.zeros((D, D // n_heads * (n_kv or n_heads)))
    assert testing.raises(
        ValueError, causal_self_attention, np.zeros((2, D)), W, kv, kv, W, n_heads, n_kv
    ), "heads that do not divide the width, or KV heads that do not divide the heads: ValueError"
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 2.6 · `CausalSelfAttention`

●●○ · 10 minutes · 4 points · core

The same block as it stands in a real code base: a PyTorch module, batched, with the fused attention.
Write the class `CausalSelfAttention(d_model, n_heads, n_kv=None)`, a `torch.nn.Module`.

- It has four `torch.nn.Linear` layers without bias: `q_proj`, `k_proj`, `v_proj`, `o_proj`, and
  nothing else in its `state_dict()`. With d = d_model / n_heads their weights have, as always in
  PyTorch, the shape (outputs, inputs): `q_proj` and `o_proj` (d_model, d_model), `k_proj` and
  `v_proj` (n_kv·d, d_model). `n_kv=None` means `n_kv = n_heads`.
- `forward(x)` takes (B, T, d_model) and returns (B, T, d_model): what exercise 2.5 describes, with
  the same order of heads and the same sharing of KV heads.
- `d_model % n_heads != 0` or `n_heads % n_kv != 0` is a `ValueError` when the object is made.

You may use `torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True,
enable_gqa=True)`, which takes (B, heads, T, d) and does scaling, mask, softmax, average and the
sharing of KV heads.

<details><summary>Hint 1</summary>

In `__init__` remember the numbers of heads and make the layers. In `forward`: project, cut into
heads, attend, merge, project.

</details>

<details><summary>Hint 2</summary>

`self.q_proj(x).view(B, T, n_heads, d).transpose(1, 2)` is (B, n_heads, T, d). After attention
`.transpose(1, 2).reshape(B, T, n_heads * d)`: a `view` would complain, since a transposed tensor is
not contiguous.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q02-module", "locked": false, "schema_version": 3, "solution": true, "task": false}
class CausalSelfAttention(torch.nn.Module):
    """Multi-head causal self-attention with grouped KV heads: (B, T, d_model) -> the same."""

    def __init__(self, d_model: int, n_heads: int, n_kv: int | None = None) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        n_kv = n_heads if n_kv is None else n_kv
        if d_model % n_heads or n_heads % n_kv:
            raise ValueError(f"width {d_model}, {n_heads} heads, {n_kv} KV heads do not fit")
        self.d = d_model // n_heads
        self.q_proj = torch.nn.Linear(d_model, d_model, bias=False)
        self.k_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.v_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.o_proj = torch.nn.Linear(d_model, d_model, bias=False)
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, T, d_model). Returns (B, T, d_model)."""
        ### BEGIN SOLUTION
        q, k, v = (
            layer(x).unflatten(-1, (-1, self.d)).transpose(1, 2)
            for layer in (self.q_proj, self.k_proj, self.v_proj)
        )
        heads = torch.nn.functional.scaled_dot_product_attention(
            q, k, v, is_causal=True, enable_gqa=True
        )
        return self.o_proj(heads.transpose(1, 2).flatten(-2))
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q02-module-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
layer = testing.make(CausalSelfAttention, 4, 2)
shapes = {name: tuple(w.shape) for name, w in layer.state_dict().items()}
assert shapes == {f"{name}_proj.weight": (4, 4) for name in "qkvo"}, (
    "four linear layers without bias, with the names q_proj, k_proj, v_proj, o_proj"
)
eye, zero = torch.eye(4), torch.zeros(4, 4)
layer.load_state_dict(
    {"q_proj.weight": zero, "k_proj.weight": zero, "v_proj.weight": eye, "o_proj.weight": eye}
)
x = torch.tensor([[[1.0, 2, 3, 4], [5, 6, 7, 8], [3, 1, 2, 0]]])
testing.check(
    testing.close(layer(x), torch.tensor([[[1.0, 2, 3, 4], [3, 4, 5, 6], [3, 3, 4, 4]]])),
    "with queries of 0 every position receives the mean of the tokens up to and including itself",
    inputs="q_proj and k_proj 0, v_proj and o_proj the identity, x = [[1,2,3,4],[5,6,7,8],[3,1,2,0]]",
    got=layer(x),
    expected="[[1,2,3,4],[3,4,5,6],[3,3,4,4]]",
)

# %% nbgrader={"grade": true, "grade_id": "q02-module-hidden-parameters", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: parameters and their shapes (1 point)
### BEGIN HIDDEN TESTS
for D, n_heads, n_kv in [(6, 3, None), (8, 4, 2), (12, 6, 1), (8, 2, 2)]:
    layer = testing.make(CausalSelfAttention, D, n_heads, n_kv)
    kv = (n_kv or n_heads) * (D // n_heads)
    want = {"q_proj": (D, D), "k_proj": (kv, D), "v_proj": (kv, D), "o_proj": (D, D)}
    got = {name: tuple(w.shape) for name, w in layer.state_dict().items()}
    assert got == {f"{name}.weight": shape for name, shape in want.items()}, (
        "the state_dict holds the four weights, shape (outputs, inputs), and nothing else"
    )
for D, n_heads, n_kv in [(6, 4, None), (8, 3, 1), (8, 4, 3)]:
    assert testing.raises(ValueError, CausalSelfAttention, D, n_heads, n_kv), (
        "heads that do not divide the width, or KV heads that do not divide the heads: ValueError"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-module-hidden-forward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the forward pass (2 points)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for B, T, D, n_heads in [(1, 4, 6, 1), (2, 5, 8, 2), (3, 3, 6, 3), (2, 4, 8, 4)]:
    x, d = torch.randn(B, T, D, generator=g), D // n_heads
    W = {n: torch.randn(D, D, generator=g) / D**0.5 for n in "qkvo"}
    W["q"] = 3 * W["q"]
    layer = testing.make(CausalSelfAttention, D, n_heads)
    layer.load_state_dict({f"{n}_proj.weight": w for n, w in W.items()})
    q, k, v = (x @ W[n].T for n in "qkv")
    want = torch.zeros_like(x)
    for h in range(n_heads):
        cut = slice(h * d, (h + 1) * d)
        scores = torch.einsum("btc,bsc->bts", q[..., cut], k[..., cut]) / d**0.5
        scores = scores.masked_fill(torch.ones(T, T).triu(1) > 0, -torch.inf)
        want[..., cut] = scores.softmax(dim=-1) @ v[..., cut]
    testing.check(
        testing.close(layer(x), want @ W["o"].T),
        "causal attention in every head, head h in the columns h*d to (h+1)*d, scaled by the root "
        "of d, then o_proj",
        inputs=f"random weights, x of shape {(B, T, D)}, {n_heads} heads",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-module-hidden-groups", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: grouped KV heads (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for D, n_heads, n_kv in [(8, 4, 2), (8, 4, 1), (12, 6, 3), (12, 6, 2)]:
    x, d = torch.randn(2, 5, D, generator=g), D // n_heads
    W = {n: torch.randn(D, D, generator=g) / D**0.5 for n in "qo"}
    W |= {n: torch.randn(n_kv * d, D, generator=g) / D**0.5 for n in "kv"}
    few = testing.make(CausalSelfAttention, D, n_heads, n_kv)
    few.load_state_dict({f"{n}_proj.weight": w for n, w in W.items()})
    rows = [h // (n_heads // n_kv) * d + c for h in range(n_heads) for c in range(d)]
    q, k, v = x @ W["q"].T, x @ W["k"][rows].T, x @ W["v"][rows].T
    q, k, v = (t.reshape(2, 5, n_heads, d).transpose(1, 2) for t in (q, k, v))
    heads = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    testing.check(
        testing.close(few(x), heads.transpose(1, 2).reshape(2, 5, D) @ W["o"].T),
        "query head h uses KV head h // (n_heads // n_kv): neighbours share",
        inputs=f"random weights, width {D}, {n_heads} heads, {n_kv} KV heads",
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 2.7 · repair `multi_head_attention`

●●○ · 10 minutes · 3 points · core

This function runs, returns the right shape, and its loss goes down in training. It has three
mistakes, each of which people really make. Find them and mend them.

`multi_head_attention(x, w_qkv, w_o, n_heads)` is multi-head causal self-attention as in exercises
2.5 and 2.6, with one fused matrix:

- `x` (B, T, D), float32 or float64; the result has its shape and dtype. `w_qkv` has shape (3D, D):
  the rows of q, then of k, then of v, as in `torch.nn.Linear`; `w_o` has shape (D, D). D is a
  multiple of `n_heads`, and there are as many KV heads.
- Head h owns the columns h·d to (h+1)·d, d = D / n_heads.

What is right in it must stay right. Errors are not tested.

<details><summary>Hint 1</summary>

Ask three things. Which numbers are in head 0? What is the width of the vectors that are multiplied?
And do the weights of a position sum to 1: does a later token really have no say?

</details>

<details><summary>Hint 2</summary>

A `view` never moves numbers (exercise 2.4). The scale belongs to the head's width. And a mask that
multiplies the weights leaves the later tokens in the softmax's denominator.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q02-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def multi_head_attention(x: Tensor, w_qkv: Tensor, w_o: Tensor, n_heads: int) -> Tensor:
#     """x: (B, T, D), w_qkv: (3D, D), w_o: (D, D). Returns (B, T, D)."""
#     B, T, D = x.shape
#     q, k, v = (x @ w_qkv.T).chunk(3, dim=-1)
#     q, k, v = (t.reshape(B, n_heads, T, D // n_heads) for t in (q, k, v))
#     scores = q @ k.transpose(-2, -1) / math.sqrt(D)
#     weights = scores.softmax(dim=-1)
#     weights = weights * torch.ones(T, T, dtype=x.dtype).tril()
#     heads = weights @ v
#     return heads.transpose(1, 2).reshape(B, T, D) @ w_o.T
### END REPAIR
### BEGIN SOLUTION
def multi_head_attention(x: Tensor, w_qkv: Tensor, w_o: Tensor, n_heads: int) -> Tensor:
    """x: (B, T, D), w_qkv: (3D, D), w_o: (D, D). Returns (B, T, D)."""
    B, T, D = x.shape
    q, k, v = (x @ w_qkv.T).chunk(3, dim=-1)
    q, k, v = (t.reshape(B, T, n_heads, D // n_heads).transpose(1, 2) for t in (q, k, v))
    scores = q @ k.transpose(-2, -1) / math.sqrt(D // n_heads)
    later = torch.ones(T, T, dtype=torch.bool).triu(1)
    weights = scores.masked_fill(later, -torch.inf).softmax(dim=-1)
    heads = weights @ v
    return heads.transpose(1, 2).reshape(B, T, D) @ w_o.T


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q02-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the mistakes.
x = torch.tensor([[[1.0, 2, 3, 4]], [[5, 6, 7, 8]]])
fused = torch.cat([torch.eye(4), torch.eye(4), 2 * torch.eye(4)])
testing.agree(
    multi_head_attention,
    [((x, fused, 3 * torch.eye(4), 2), 6 * x), ((x, fused, 3 * torch.eye(4), 1), 6 * x)],
    "this worked before the repair: a single token receives its own value, times w_o",
)

# %% nbgrader={"grade": true, "grade_id": "q02-repair-hidden-mask", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: one head (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for B, T, D in [(1, 2, 3), (2, 5, 4), (1, 4, 4)]:
    x = torch.randn(B, T, D, generator=g, dtype=torch.float64)
    w_qkv, w_o = (torch.randn(n * D, D, generator=g, dtype=torch.float64) for n in (3, 1))
    q, k, v = (x @ w_qkv.T).chunk(3, dim=-1)
    want = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True) @ w_o.T
    testing.agree(
        multi_head_attention,
        [((x, w_qkv, w_o, 1), want), ((x.float(), w_qkv.float(), w_o.float(), 1), want.float())],
        "with a single head: the weights of a position sum to 1 over itself and the tokens before "
        "it, and later tokens are in no numerator and no denominator",
    )
assert multi_head_attention(x, w_qkv, w_o, 1).dtype == torch.float64, (
    "the result has the dtype of x, as before"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-repair-hidden-heads", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: several heads (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for B, T, D, n_heads in [(1, 3, 4, 2), (2, 4, 6, 3), (2, 4, 8, 4)]:
    x, w_v = torch.randn(B, T, D, generator=g), torch.randn(D, D, generator=g)
    w_qkv = torch.cat([torch.zeros(2 * D, D), w_v])  # every score is 0, whatever it is divided by
    last = multi_head_attention(x, w_qkv, torch.eye(D), n_heads)[:, -1]
    testing.check(
        testing.close(last, (x @ w_v.T).mean(dim=1)),
        "with scores of 0 the last token receives the mean of all values, column by column: a head "
        "holds columns of every token, not some of the tokens",
        inputs=f"q and k 0, x of shape {(B, T, D)}, {n_heads} heads",
        got=last,
        expected=(x @ w_v.T).mean(dim=1),
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-repair-hidden-scale", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: all together (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for B, T, D, n_heads in [(1, 2, 4, 2), (2, 5, 6, 3), (3, 4, 8, 2), (1, 4, 8, 8)]:
    x, d = torch.randn(B, T, D, generator=g), D // n_heads
    w_qkv, w_o = 1.5 * torch.randn(3 * D, D, generator=g) / D**0.5, torch.randn(D, D, generator=g)
    q, k, v = (x @ w_qkv.T).chunk(3, dim=-1)
    heads = [
        torch.nn.functional.scaled_dot_product_attention(
            q[..., h * d :][..., :d],
            k[..., h * d :][..., :d],
            v[..., h * d :][..., :d],
            is_causal=True,
        )
        for h in range(n_heads)
    ]
    testing.agree(
        multi_head_attention,
        [((x, w_qkv, w_o, n_heads), torch.cat(heads, dim=-1) @ w_o.T)],
        "everything together: which columns a head holds, scores divided by the square root of the "
        "width of a head, mask before the softmax",
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 2.8 · `gpt_forward`

●●● · 30 minutes · 6 points · core

A whole language model. Not GPT-2 this time, which you have seen built above, but the block that most
open models use since Llama: the same skeleton with four parts exchanged (RMSNorm, rotary positions,
a gated MLP, grouped KV heads) and no biases.

Write `gpt_forward(params, ids, cfg)`: logits for every position. `ids` is a LongTensor (B, T);
return a Tensor (B, T, V) of the dtype of the weights. `params` is a dict of tensors with the names
of a Llama checkpoint (`LlamaForCausalLM.state_dict()`); D is the model's width, M the MLP's, d the
head's, and every matrix stands as (outputs, inputs), so a layer is `x @ W.T`. In the table `...`
stands for the prefix of the name before it:

| Name | Shape |
|---|---|
| `model.embed_tokens.weight` | (V, D) |
| `model.layers.{i}.input_layernorm.weight`, `...post_attention_layernorm.weight` | (D,) |
| `model.layers.{i}.self_attn.q_proj.weight` | (n_heads·d, D) |
| `model.layers.{i}.self_attn.k_proj.weight`, `...v_proj.weight` | (n_kv·d, D) |
| `model.layers.{i}.self_attn.o_proj.weight` | (D, n_heads·d) |
| `model.layers.{i}.mlp.gate_proj.weight`, `...up_proj.weight` | (M, D) |
| `model.layers.{i}.mlp.down_proj.weight` | (D, M) |
| `model.norm.weight` | (D,) |
| `lm_head.weight` | (V, D); missing in a tied model, which uses the embedding |

`cfg` is a dict with these keys (among others, perhaps): `num_hidden_layers`, `num_attention_heads`
(n_heads), `num_key_value_heads` (n_kv), `head_dim` (d, which need not be D / n_heads),
`rms_norm_eps`, `rope_theta`.

The model, with `stream` of shape (B, T, D):

1. `stream` = the rows of the embedding for `ids`. No position is added.
2. In each layer: `stream` = `stream` + attention(RMSNorm(`stream`)) with `input_layernorm`, then
   `stream` = `stream` + MLP(RMSNorm(`stream`)) with `post_attention_layernorm`.
3. RMSNorm with `model.norm`, then the product with `lm_head`.

- **RMSNorm**: $x / \sqrt{\text{mean}(x^2) + \text{eps}} \cdot \text{weight}$, the mean over the last
  axis. Nothing is subtracted.
- **Attention**: causal, as in exercise 2.5, with biasless projections, but queries and keys are
  rotated by their positions 0, 1, 2, ... before they are compared. The function `rope(x, theta)` in
  the cell does that for x of shape (..., T, d); question 5 explains it. Values are not rotated. The
  scale is $1/\sqrt d$.
- **MLP** (SwiGLU): down(silu(gate(x)) · up(x)), elementwise product, silu(z) = z·sigmoid(z).

Each hidden test takes one part by itself: no layers at all, layers whose attention writes 0, layers
whose MLP writes 0, the whole with small random weights, and the whole with the weights of the lab's
`base`. Results are compared to 1e-4.

<details><summary>Hint 1</summary>

Work in the order of the tests. With no layers it is three lines. Then the MLP. For attention, cut
into heads (2.4 in PyTorch: `view` and `transpose`), rotate q and k, and reuse your `attention` or
PyTorch's `scaled_dot_product_attention`.

</details>

<details><summary>Hint 2</summary>

Inner functions keep it readable: `W(i, name)` for `params[f"model.layers.{i}.{name}.weight"]`,
`norm(x, w)`, and `heads(y, n)` for `y.view(B, T, n, d).transpose(1, 2)`. With
`is_causal=True, enable_gqa=True` the fused attention does the rest; then
`.transpose(1, 2).reshape(B, T, n_heads * d)` and `o_proj`. The MLP is
`(F.silu(x @ gate.T) * (x @ up.T)) @ down.T` with `F = torch.nn.functional`.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q02-gpt-forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rope(x: Tensor, theta: float) -> Tensor:
    """Rotate queries or keys by their positions 0, 1, 2, ...; given, leave it as it is.

    x: (..., T, d) with d even. Number i is paired with number i + d/2, as in Llama.
    """
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64, device=x.device) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64, device=x.device)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params: dict[str, Tensor], ids: Tensor, cfg: dict) -> Tensor:
    """Logits of a Llama-style language model.

    params: see the table; ids: (B, T). Returns (B, T, V).
    """
    ### BEGIN SOLUTION
    B, T = ids.shape
    n_heads, n_kv, d = (
        cfg[key] for key in ("num_attention_heads", "num_key_value_heads", "head_dim")
    )

    def norm(x: Tensor, name: str) -> Tensor:
        scale = torch.rsqrt(x.square().mean(dim=-1, keepdim=True) + cfg["rms_norm_eps"])
        return x * scale * params[f"{name}.weight"]

    stream = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        at = f"model.layers.{i}"

        def linear(x: Tensor, name: str, at: str = at) -> Tensor:
            return x @ params[f"{at}.{name}_proj.weight"].T

        x = norm(stream, f"{at}.input_layernorm")
        q, k, v = (
            linear(x, f"self_attn.{name}").view(B, T, n, d).transpose(1, 2)
            for name, n in (("q", n_heads), ("k", n_kv), ("v", n_kv))
        )
        q, k = rope(q, cfg["rope_theta"]), rope(k, cfg["rope_theta"])
        k, v = (t.repeat_interleave(n_heads // n_kv, dim=1) for t in (k, v))
        scores = q @ k.transpose(-2, -1) / math.sqrt(d)
        later = torch.ones(T, T, dtype=torch.bool, device=ids.device).triu(1)
        heads = scores.masked_fill(later, -torch.inf).softmax(dim=-1) @ v
        stream = stream + linear(heads.transpose(1, 2).reshape(B, T, n_heads * d), "self_attn.o")

        x = norm(stream, f"{at}.post_attention_layernorm")
        gate = torch.nn.functional.silu(linear(x, "mlp.gate"))
        stream = stream + linear(gate * linear(x, "mlp.up"), "mlp.down")
    head = params.get("lm_head.weight", params["model.embed_tokens.weight"])
    return norm(stream, "model.norm") @ head.T
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q02-gpt-forward-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
cfg = {"num_attention_heads": 1, "num_key_value_heads": 1, "head_dim": 2, "rms_norm_eps": 0.0}
cfg |= {"num_hidden_layers": 0, "rope_theta": 10000.0}
params = {"model.embed_tokens.weight": torch.tensor([[3.0, 4.0], [1.0, -1.0], [0.0, 2.0]])}
params |= {"model.norm.weight": torch.tensor([1.0, 2.0]), "lm_head.weight": torch.eye(2)}
root = 12.5**0.5  # of the mean of 9 and 16
testing.agree(
    gpt_forward,
    [
        ((params, torch.tensor([[0, 1]]), cfg), torch.tensor([[[3 / root, 8 / root], [1, -2]]])),
        ((params, torch.tensor([[2], [1]]), cfg), torch.tensor([[[0, 8**0.5]], [[1, -2]]])),
    ],
    "without layers: embedding, RMSNorm (divide by the root of the mean square), lm_head",
)
layer = {"input_layernorm": torch.ones(2), "post_attention_layernorm": torch.ones(2)}
layer |= {f"self_attn.{n}_proj": torch.zeros(2, 2) for n in "qkvo"}
layer |= {"mlp.gate_proj": torch.tensor([[2.0, 0.0]]), "mlp.up_proj": torch.tensor([[0.0, 3.0]])}
layer |= {"mlp.down_proj": torch.tensor([[1.0], [0.0]])}
whole = params | {f"model.layers.0.{name}.weight": w for name, w in layer.items()}
# token 1 is (1, -1): gate 2, up -3, silu(2) * -3 is added to its first number
first = 1 - 6 / (1 + math.exp(-2))
root = ((first**2 + 1) / 2) ** 0.5
testing.agree(
    gpt_forward,
    [
        (
            (whole, torch.tensor([[1]]), cfg | {"num_hidden_layers": 1}),
            torch.tensor([[[first / root, -2 / root]]]),
        )
    ],
    "one layer whose attention writes 0: stream + down(silu(gate(x)) * up(x)), x normalised",
)

# %% nbgrader={"grade": true, "grade_id": "q02-gpt-forward-hidden-ends", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: no layers: embedding, final norm, head, tied or not (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
cfg = {"num_hidden_layers": 0, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 4}
for D, eps, dtype in [(6, 1e-6, torch.float32), (8, 0.5, torch.float32), (5, 0.1, torch.float64)]:
    table = torch.randn(9, D, generator=g, dtype=dtype) + 0.5
    scale = 1 + 0.3 * torch.randn(D, generator=g, dtype=dtype)
    head = torch.randn(9, D, generator=g, dtype=dtype)
    ids = torch.randint(9, (3, 4), generator=g)
    x = table[ids] / (table[ids].square().sum(dim=-1, keepdim=True) / D + eps).sqrt() * scale
    tied = {"model.embed_tokens.weight": table, "model.norm.weight": scale}
    setting = cfg | {"rms_norm_eps": eps, "rope_theta": 1e4, "hidden_size": D, "vocab_size": 9}
    for params, want in [(tied | {"lm_head.weight": head}, x @ head.T), (tied, x @ table.T)]:
        testing.agree(
            gpt_forward,
            [((params, ids, setting), want)],
            "RMSNorm divides by the root of the mean square plus eps (cfg's), times the weight, and "
            "subtracts nothing; without lm_head.weight the embedding is the head",
            rtol=1e-4,
            atol=1e-4,
        )
    assert testing.leaves_arguments(gpt_forward, tied, ids, setting), (
        "the weights belong to the caller: do not write into them, nor into the dict"
    )
    assert gpt_forward(tied, ids, setting).dtype == dtype, "logits have the dtype of the weights"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-gpt-forward-hidden-mlp", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: layers whose attention writes 0: MLP, norms, residual stream (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
D, width, V = 6, 10, 7


def unit(x: Tensor, weight: Tensor) -> Tensor:
    return x / (x.square().mean(dim=-1, keepdim=True) + 0.05).sqrt() * weight


cfg = {"num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 4, "rms_norm_eps": 0.05}
cfg |= {"rope_theta": 1e4, "hidden_size": D, "intermediate_size": width, "vocab_size": V}
for n_layers in (1, 2):
    params = {"model.embed_tokens.weight": torch.randn(V, D, generator=g)}
    params |= {"lm_head.weight": torch.randn(V, D, generator=g)}
    params |= {"model.norm.weight": 1 + 0.3 * torch.randn(D, generator=g)}
    for i in range(n_layers):
        shapes = {"self_attn.q_proj": (8, D), "self_attn.k_proj": (4, D)}
        shapes |= {"self_attn.v_proj": (4, D), "mlp.gate_proj": (width, D)}
        shapes |= {"mlp.up_proj": (width, D), "mlp.down_proj": (D, width)}
        made = {name: torch.randn(size, generator=g) / 2 for name, size in shapes.items()}
        made["self_attn.o_proj"] = torch.zeros(D, 8)
        for name in ("input_layernorm", "post_attention_layernorm"):
            made[name] = 1 + 0.3 * torch.randn(D, generator=g)
        params |= {f"model.layers.{i}.{name}.weight": w for name, w in made.items()}
    ids = torch.randint(V, (2, 3), generator=g)

    stream = params["model.embed_tokens.weight"][ids]
    for i in range(n_layers):
        gate, up, down = (
            params[f"model.layers.{i}.mlp.{n}_proj.weight"] for n in ("gate", "up", "down")
        )
        x = unit(stream, params[f"model.layers.{i}.post_attention_layernorm.weight"])
        z = x @ gate.T
        stream = stream + (z * torch.sigmoid(z) * (x @ up.T)) @ down.T
    want = unit(stream, params["model.norm.weight"]) @ params["lm_head.weight"].T
    testing.agree(
        gpt_forward,
        [((params, ids, cfg | {"num_hidden_layers": n_layers}), want)],
        "attention writes 0 here: the MLP reads the stream through post_attention_layernorm and adds "
        "down(silu(gate) * up) to the stream itself, not to the normalised one",
        rtol=1e-4,
        atol=1e-4,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-gpt-forward-hidden-attention", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: layers whose MLP writes 0: rotated, grouped, causal attention (2 points)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
D, V, T = 6, 7, 5


def unit(x: Tensor, weight: Tensor) -> Tensor:
    return x / (x.square().mean(dim=-1, keepdim=True) + 0.05).sqrt() * weight


cfg = {"num_hidden_layers": 1, "rms_norm_eps": 0.05, "hidden_size": D, "vocab_size": V}
for n_heads, n_kv, d, theta in [(1, 1, 6, 1e4), (4, 2, 2, 50.0), (6, 2, 4, 1e4), (4, 1, 4, 1e3)]:
    cfg |= {"num_attention_heads": n_heads, "num_key_value_heads": n_kv, "head_dim": d}
    at = "model.layers.0"
    params = {"model.embed_tokens.weight": torch.randn(V, D, generator=g)}
    params |= {"lm_head.weight": torch.randn(V, D, generator=g)}
    for name in ("model.norm", f"{at}.input_layernorm", f"{at}.post_attention_layernorm"):
        params[f"{name}.weight"] = 1 + 0.3 * torch.randn(D, generator=g)
    for name, rows in [("q", n_heads * d), ("k", n_kv * d), ("v", n_kv * d)]:
        params[f"{at}.self_attn.{name}_proj.weight"] = torch.randn(rows, D, generator=g) * 0.7
    params[f"{at}.self_attn.o_proj.weight"] = torch.randn(D, n_heads * d, generator=g)
    params |= {f"{at}.mlp.{n}_proj.weight": torch.randn(3, D, generator=g) for n in ("gate", "up")}
    params[f"{at}.mlp.down_proj.weight"] = torch.zeros(D, 3)
    ids = torch.randint(V, (2, T), generator=g)

    stream = params["model.embed_tokens.weight"][ids]
    x = unit(stream, params[f"{at}.input_layernorm.weight"])
    q, k, v = (x @ params[f"{at}.self_attn.{n}_proj.weight"].T for n in "qkv")
    turn = torch.outer(torch.arange(T) * 1.0, theta ** (-2 * torch.arange(d // 2) / d))
    turn = torch.polar(torch.ones_like(turn), turn)
    heads = []
    for h in range(n_heads):
        mine, shared = slice(h * d, h * d + d), h // (n_heads // n_kv) * d
        a, b = q[..., mine], k[..., shared : shared + d]
        a, b = (torch.complex(t[..., : d // 2], t[..., d // 2 :]) * turn for t in (a, b))
        scores = (a @ b.conj().transpose(-1, -2)).real / d**0.5
        weights = scores.masked_fill(torch.ones(T, T).triu(1) > 0, -torch.inf).softmax(dim=-1)
        heads.append(weights @ v[..., shared : shared + d])
    stream = stream + torch.cat(heads, dim=-1) @ params[f"{at}.self_attn.o_proj.weight"].T
    testing.agree(
        gpt_forward,
        [
            (
                (params, ids, cfg | {"rope_theta": theta}),
                unit(stream, params["model.norm.weight"]) @ params["lm_head.weight"].T,
            )
        ],
        "the MLP writes 0 here: attention reads the stream through input_layernorm, is causal, "
        "rotates queries and keys but no values, shares KV heads between neighbours, divides by the "
        "root of head_dim, and is added to the stream",
        rtol=1e-4,
        atol=1e-4,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-gpt-forward-hidden-whole", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the whole model (1 point)
### BEGIN HIDDEN TESTS
F = torch.nn.functional
g = testing.torch_generator()


def rotate(x: Tensor, turn: Tensor) -> Tensor:
    a, b = (t.contiguous() for t in x.chunk(2, dim=-1))
    z = torch.complex(a, b) * turn
    return torch.cat([z.real, z.imag], dim=-1)


D, width, V, n_heads, n_kv, d, theta, eps = 8, 12, 11, 4, 2, 6, 100.0, 1e-3
cfg = {"num_attention_heads": n_heads, "num_key_value_heads": n_kv, "head_dim": d}
cfg |= {"rms_norm_eps": eps, "rope_theta": theta, "hidden_size": D, "vocab_size": V}
shapes = {"input_layernorm": (D,), "post_attention_layernorm": (D,)}
shapes |= {"self_attn.q_proj": (n_heads * d, D), "self_attn.o_proj": (D, n_heads * d)}
shapes |= {"self_attn.k_proj": (n_kv * d, D), "self_attn.v_proj": (n_kv * d, D)}
shapes |= {"mlp.gate_proj": (width, D), "mlp.up_proj": (width, D), "mlp.down_proj": (D, width)}
for n_layers, B, T in [(1, 2, 4), (3, 2, 6), (2, 1, 1)]:
    p = {"model.embed_tokens.weight": torch.randn(V, D, generator=g)}
    p["model.norm.weight"] = 1 + 0.3 * torch.randn(D, generator=g)
    for i in range(n_layers):
        for name, size in shapes.items():
            w = torch.randn(size, generator=g)
            p[f"model.layers.{i}.{name}.weight"] = 1 + 0.3 * w if len(size) == 1 else 0.5 * w
    ids = torch.randint(V, (B, T), generator=g)
    turn = torch.outer(torch.arange(T) * 1.0, theta ** (-2 * torch.arange(d // 2) / d))
    turn = torch.polar(torch.ones_like(turn), turn)

    x = p["model.embed_tokens.weight"][ids]
    for i in range(n_layers):
        W = {name: p[f"model.layers.{i}.{name}.weight"] for name in shapes}
        y = F.rms_norm(x, (D,), W["input_layernorm"], eps)
        q, k, v = (
            (y @ W[f"self_attn.{n}_proj"].T).unflatten(-1, (-1, d)).transpose(1, 2) for n in "qkv"
        )
        y = F.scaled_dot_product_attention(
            rotate(q, turn), rotate(k, turn), v, is_causal=True, enable_gqa=True
        )
        x = x + y.transpose(1, 2).flatten(-2) @ W["self_attn.o_proj"].T
        y = F.rms_norm(x, (D,), W["post_attention_layernorm"], eps)
        x = x + (F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)) @ W["mlp.down_proj"].T
    want = F.rms_norm(x, (D,), p["model.norm.weight"], eps) @ p["model.embed_tokens.weight"].T
    testing.agree(
        gpt_forward,
        [((p, ids, cfg | {"num_hidden_layers": n_layers}), want)],
        "the parts together: attention is added before the MLP reads the stream, each layer has its "
        "own weights, and the last norm comes once, at the end",
        rtol=1e-4,
        atol=1e-4,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-gpt-forward-hidden-lab", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the whole model, with the weights of the lab's model (1 point)
### BEGIN HIDDEN TESTS
from course import lab

F = torch.nn.functional
g = testing.torch_generator()
params, cfg = lab.raw("base")
n_layers, d, theta, eps = (
    cfg[key] for key in ("num_hidden_layers", "head_dim", "rope_theta", "rms_norm_eps")
)
B, T, D = 2, 12, cfg["hidden_size"]
ids = torch.randint(cfg["vocab_size"], (B, T), generator=g)
turn = torch.outer(torch.arange(T) * 1.0, theta ** (-2 * torch.arange(d // 2).double() / d))
turn = torch.polar(torch.ones_like(turn), turn)


def rotate(x: Tensor) -> Tensor:
    a, b = (t.contiguous() for t in x.chunk(2, dim=-1))
    z = torch.complex(a, b) * turn
    return torch.cat([z.real, z.imag], dim=-1)


p = {name: w.double() for name, w in params.items()}
x = p["model.embed_tokens.weight"][ids]
for i in range(n_layers):
    at = f"model.layers.{i}"
    y = F.rms_norm(x, (D,), p[f"{at}.input_layernorm.weight"], eps)
    q, k, v = (
        (y @ p[f"{at}.self_attn.{n}_proj.weight"].T).unflatten(-1, (-1, d)).transpose(1, 2)
        for n in "qkv"
    )
    y = F.scaled_dot_product_attention(rotate(q), rotate(k), v, is_causal=True, enable_gqa=True)
    x = x + y.transpose(1, 2).flatten(-2) @ p[f"{at}.self_attn.o_proj.weight"].T
    y = F.rms_norm(x, (D,), p[f"{at}.post_attention_layernorm.weight"], eps)
    gate, up, down = (p[f"{at}.mlp.{n}_proj.weight"].T for n in ("gate", "up", "down"))
    x = x + (F.silu(y @ gate) * (y @ up)) @ down
want = F.rms_norm(x, (D,), p["model.norm.weight"], eps) @ p["model.embed_tokens.weight"].T
testing.agree(
    gpt_forward,
    [((params, ids, cfg), want.float())],
    "with a trained model's weights the logits are that model's own; where all else passes, look for "
    "a number of your own (eps, theta, scale, a longest length) that should come from cfg or ids",
    rtol=1e-4,
    atol=1e-4,
)
### END HIDDEN TESTS

# %% [markdown]
r"""
Your function against transformers' `LlamaForCausalLM`, three layers with random weights. (It raises
`NotImplementedError` until you have solved the exercise.)
"""

# %% tags=["demo"]
try:
    from transformers import LlamaConfig, LlamaForCausalLM
except ImportError:
    print("This demo needs transformers: pip install transformers")
else:
    sizes = {
        "vocab_size": 100, "hidden_size": 64, "intermediate_size": 160, "num_hidden_layers": 3,
        "num_attention_heads": 8, "num_key_value_heads": 2, "head_dim": 8, "rms_norm_eps": 1e-5,
    }  # fmt: skip
    torch.manual_seed(0)
    config = LlamaConfig(**sizes, initializer_range=0.1, tie_word_embeddings=False)
    theirs = LlamaForCausalLM(config).eval()
    theta = config.rope_parameters["rope_theta"]
    ids = torch.randint(100, (2, 40))
    with torch.no_grad():
        want = theirs(ids).logits
        mine = gpt_forward(theirs.state_dict(), ids, {**sizes, "rope_theta": theta})
    print(
        f"largest difference {(mine - want).abs().max():.1e} on logits up to {want.abs().max():.1f}"
    )

# %% [markdown]
r"""
**Your code is this model.** Now the weights that the course trained: `base`, whose heads you have
seen. With only the first n blocks your function must give what transformers reads off the stream there
(with norm and unembedding put behind block n). So the first line with a large difference names the
block to look at. The last column is the token that your function finds likeliest after *lives in*.
"""


# %% tags=["demo"]
def not_yet(error: NotImplementedError) -> None:
    """Say which exercise is still open."""
    import traceback

    print(f"Not yet: {traceback.extract_tb(error.__traceback__)[-1].name} is not written.")


trained = base.state_dict()
settings = base.config.to_dict()
settings["rope_theta"] = settings["rope_parameters"]["rope_theta"]
beginning = f"{person} lives in"
ids = tokens_of(beginning)
print(f"{beginning!r} ... {home.fact(person, 'person.home').value!r}")
try:
    with torch.no_grad():
        out = base(ids, output_hidden_states=True)
        last = len(base.model.layers)
        for n in range(last + 1):
            mine = gpt_forward(trained, ids, settings | {"num_hidden_layers": n})
            theirs = (
                out.logits if n == last else base.lm_head(base.model.norm(out.hidden_states[n]))
            )
            p, i = mine[0, -1].softmax(dim=-1).max(dim=-1)
            gap = (mine - theirs).abs().max()
            print(f"{n} blocks: differs by {gap:.0e}, says {tokenizer.decode([i])!r} ({p:.2f})")
except NotImplementedError as error:
    not_yet(error)

# %% [markdown]
r"""
Differences below 1e-4 are rounding: two programs that add the same numbers in another order. Without
any block the likeliest token is usually the last one itself, since embedding and unembedding are tied.

**Your attention, too.** Exercises 2.2 to 2.4 in the first block: your weights against those that
transformers reports, and what your heads write, merged and through $W_o$, against what its layer
writes.
"""

# %% tags=["demo"]
block, n_heads = base.model.layers[0], base.config.num_attention_heads
theirs = block.self_attn
hook = theirs.register_forward_hook(note("written"))
want = look(ids)[0]
hook.remove()
try:
    with torch.no_grad():
        x = block.input_layernorm(base.model.embed_tokens(ids))[0]
        q = torch.from_numpy(split_heads(theirs.q_proj(x).numpy(), n_heads))
        k, v = (
            torch.from_numpy(split_heads(project(x).numpy(), base.config.num_key_value_heads))
            for project in (theirs.k_proj, theirs.v_proj)
        )
        k, v = (t.repeat_interleave(n_heads // len(t), dim=0) for t in (k, v))
        q, k = (rope(t, settings["rope_theta"]) for t in (q, k))
        out, w = attention(q, k, v, torch.from_numpy(causal_mask(ids.shape[1])))
        written = theirs.o_proj(torch.from_numpy(merge_heads(out.numpy())))
    print(
        f"weights differ by {abs(w.numpy() - want).max():.0e}, what is written by "
        f"{(written - noted['written'][0]).abs().max():.0e}"
    )
except NotImplementedError as error:
    not_yet(error)

# %% [markdown]
r"""
**And it writes.** A sampler is all that is missing: the likeliest token at temperature 0, else one
drawn from the softmax (question 4). First greedily, against transformers with the same weights; then
a little text, whose sentences a program checks against the world.
"""


# %% tags=["demo"]
def write(text: str, n: int, temperature: float, seed: int = 0) -> str:
    """Go on with a text by up to n tokens; the whole sequence goes through the model each time."""
    ids, g = tokens_of(text), torch.Generator().manual_seed(seed)
    start = ids.shape[1]
    for _ in range(n):
        logits = gpt_forward(trained, ids, settings)[0, -1]
        if temperature == 0:
            token = logits.argmax()[None]
        else:
            token = torch.multinomial((logits / temperature).softmax(dim=-1), 1, generator=g)
        if token == base.config.eos_token_id:
            break
        ids = torch.cat([ids, token[None]], dim=1)
    return tokenizer.decode(ids[0, start:]).strip()


try:
    mine = write(beginning, 30, temperature=0)
    theirs = lab.generate(f"{tokenizer.bos_token} {beginning}", max_new_tokens=30)
    print("greedy:", beginning, mine)
    print("the same as transformers writes:", mine == theirs)
    mine = f"{people[1]} {write(people[1], 80, temperature=0.8)}"
    print("sampled:", mine)
    verdicts = [world.check(home, s).verdict.value for s in world.sentences(mine)[:-1]]
    print({v: verdicts.count(v) for v in verdicts}, "(without the last, which may be cut off)")
except NotImplementedError as error:
    not_yet(error)

# %% [markdown]
r"""
From the ids to the logits every number came out of your code. It is slow on purpose: each new token
sends the whole text through the model again. With the cache of question 36 it need not.
"""

# %% [markdown]
r"""
### Exercise 2.9 · `gpt_param_count`

●○○ · 5 minutes · 2 points · core

"175 billion: where are they?" is answered with a pencil. Write
`gpt_param_count(L, d, V, n_ctx, tied=True)`, an `int`: the number of weights of a GPT-2 or GPT-3
with L layers, width d, V tokens and n_ctx positions.

- Per layer: four d × d matrices of attention (query, key, value, output), and an MLP of width 4d
  (one matrix in, one out).
- One embedding row for each token and one for each position.
- The unembedding is the token embedding once more if `tied`, else a matrix of its own.
- Biases and LayerNorms are left out.

By hand: `gpt_param_count(1, 2, 5, 3)` is 48 + 10 + 6 = 64.

<details><summary>Hint 1</summary>

Write down every matrix of one layer with its shape, and add up.

</details>

<details><summary>Hint 2</summary>

Attention has 4d², the MLP 8d², so a layer has 12d². Then V·d, once or twice, and n_ctx·d.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q02-param-count", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gpt_param_count(L: int, d: int, V: int, n_ctx: int, tied: bool = True) -> int:
    """Weights of a GPT with L layers of width d, without biases and norms."""
    ### BEGIN SOLUTION
    embeddings = V * d * (1 if tied else 2) + n_ctx * d
    return 12 * L * d * d + embeddings
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q02-param-count-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    gpt_param_count,
    [((1, 2, 5, 3), 64), ((0, 2, 5, 3), 16)],
    "one layer of width 2: 48, tokens 10, positions 6; and no layers: 10 and 6",
)

# %% nbgrader={"grade": true, "grade_id": "q02-param-count-hidden-shapes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: published shapes, exactly (1 point)
### BEGIN HIDDEN TESTS
for shape, want in [
    ((12, 768, 50257, 1024), 124_318_464),
    ((48, 1600, 50257, 1024), 1_556_609_600),
    ((96, 12288, 50257, 2048), 174_588_899_328),
]:
    got = gpt_param_count(*shape)
    testing.check(
        isinstance(got, int) and got == want,
        "attention, MLP of width 4d, token and position embeddings, without biases and norms, as "
        "an int",
        inputs=shape,
        got=got,
        expected=want,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-param-count-hidden-untied", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: tied and untied (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for L, d, V, n_ctx in rng.integers(1, 50, size=(5, 4)).tolist():
    tied, untied = gpt_param_count(L, d, V, n_ctx), gpt_param_count(L, d, V, n_ctx, tied=False)
    assert untied - tied == V * d, "an unembedding of its own is one more V x d matrix"
    assert tied == gpt_param_count(L, d, V, n_ctx, tied=True), "tied is the default"
    more = gpt_param_count(L + 1, d, V, n_ctx, False) - untied
    assert more == 12 * d * d, "a further layer adds its own 12 d**2, tied or not"
### END HIDDEN TESTS

# %% [markdown]
r"""
Formula against model. What separates them is biases and LayerNorms: 13d per layer and 2d at the end,
a ten-thousandth of GPT-3. For a Llama the formula has to know about KV heads and the gated MLP, and
it is exact, since there are no biases. (The cell raises `NotImplementedError` until you have solved
the exercise.)
"""

# %% tags=["demo"]
try:
    from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM
except ImportError:
    print("This demo needs transformers: pip install transformers")
else:
    for name, L, d, n_ctx in [("GPT-2", 12, 768, 1024), ("GPT-3 shape", 96, 12288, 2048)]:
        with torch.device("meta"):
            sizes = {"n_layer": L, "n_embd": d, "n_head": d // 64, "n_positions": n_ctx}
            model = GPT2LMHeadModel(GPT2Config(**sizes))
        real, formula = (
            sum(w.numel() for w in model.parameters()),
            gpt_param_count(L, d, 50257, n_ctx),
        )
        print(f"{name:12} formula {formula:,}  model {real:,}  the rest {real - formula:,}")
        print(f"{'':12} biases and norms: {13 * L * d + 2 * d:,}")
    V, d, F_, L, n_heads, n_kv = 128256, 4096, 14336, 32, 32, 8
    attention_weights = 2 * d * d + 2 * d * (d // n_heads * n_kv)
    formula = L * (attention_weights + 3 * d * F_ + 2 * d) + d + 2 * V * d
    with torch.device("meta"):
        sizes = {"vocab_size": V, "hidden_size": d, "intermediate_size": F_, "num_hidden_layers": L}
        sizes |= {"num_attention_heads": n_heads, "num_key_value_heads": n_kv}
        model = LlamaForCausalLM(LlamaConfig(**sizes, tie_word_embeddings=False))
    real = sum(w.numel() for w in model.parameters())
    print(f"{'Llama 3 8B':12} formula {formula:,}  model {real:,}  the rest {real - formula:,}")

# %% [markdown]
r"""
#### Extra: experts, and attention backwards

A **mixture of experts** replaces the MLP of a block by E of them and a *router*, a small linear layer
that picks k for each token. Weights grow with E, the work per token with k: Mixtral 8x7B has 47
billion weights and uses 13 billion per token (Jiang et al., 2024). Attention stays as it is.
"""

# %% [markdown]
r"""
### Exercise 2.10 · `moe_forward`

●●○ · 20 minutes · 4 points · extra

Write `moe_forward(x, Wr, experts, k)` in NumPy. It returns `(y, idx, w)`.

- `x` has shape (N, D): N tokens. `Wr` has shape (D, E); the router's logits are `x @ Wr`.
- `experts` is a list of E functions, each (n, D) → (n, D), row by row.
- `idx` (N, k), integers: each token's k experts with the largest logits, best first; equal logits go
  to the lower index first.
- `w` (N, k): the softmax over *these k logits alone*, so that each row sums to 1. Logits may be as
  large as 10,000, either way.
- `y` (N, D): for each token the sum of its k experts' outputs, weighted with `w`.
- An expert is called once, with all rows that are routed to it; one that got no row is not called.
- `k` outside 1 to E is a `ValueError`. The arguments are not changed.

<details><summary>Hint 1</summary>

Sort the negated logits: the largest comes first. Which sort leaves equal entries in their order?

</details>

<details><summary>Hint 2</summary>

`np.argsort(-logits, axis=-1, kind="stable")[:, :k]` gives `idx`. Then loop over the experts, not
over the tokens: `rows, slot = np.nonzero(idx == e)` says which tokens chose expert e and in which
place. Skip it if `rows` is empty, else
`y[rows] += w[rows, slot, None] * experts[e](x[rows])`.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q02-moe", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Callable


def moe_forward(
    x: np.ndarray, Wr: np.ndarray, experts: list[Callable[[np.ndarray], np.ndarray]], k: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Route each token to its k best experts and mix what they return.

    x: (N, D), Wr: (D, E). Returns y (N, D), idx (N, k) and w (N, k).
    """
    ### BEGIN SOLUTION
    if not 1 <= k <= Wr.shape[1]:
        raise ValueError(f"k lies between 1 and the {Wr.shape[1]} experts, not at {k}")
    logits = x @ Wr
    idx = np.argsort(-logits, axis=-1, kind="stable")[:, :k]
    chosen = np.take_along_axis(logits, idx, axis=-1)
    e = np.exp(chosen - chosen[:, :1])  # the first is the largest
    w = e / e.sum(axis=-1, keepdims=True)
    y = np.zeros_like(x)
    for number, expert in enumerate(experts):
        rows, slot = np.nonzero(idx == number)
        if len(rows):
            y[rows] += w[rows, slot, None] * expert(x[rows])
    return y, idx, w
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q02-moe-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
def times(factor: float):
    def expert(rows: np.ndarray) -> np.ndarray:
        return factor * rows

    return expert


x = np.array([[1.0, 0.0], [0.0, 1.0]])
Wr = np.array([[math.log(3), 0.0, -5.0], [-5.0, 0.0, 0.0]])
y, idx, w = moe_forward(x, Wr, [times(4), times(8), times(0)], 2)
testing.check(
    testing.close(idx, [[0, 1], [1, 2]]),
    "each token's two largest router logits, best first, the lower index first among equals",
    inputs="router logits [[ln 3, 0, -5], [-5, 0, 0]], k=2",
    got=idx,
    expected=[[0, 1], [1, 2]],
)
testing.check(
    testing.close(w, [[0.75, 0.25], [0.5, 0.5]]) and testing.close(y, [[5.0, 0], [0, 4.0]]),
    "the weights are a softmax over the two chosen logits: 3/4 and 1/4 for the first token, so it "
    "receives 3/4 * 4 + 1/4 * 8",
    inputs="router logits [[ln 3, 0, -5], [-5, 0, 0]], k=2, experts times 4, 8 and 0",
    got=(w, y),
    expected=([[0.75, 0.25], [0.5, 0.5]], [[5, 0], [0, 4]]),
)

# %% nbgrader={"grade": true, "grade_id": "q02-moe-hidden-routing", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: which experts are chosen (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def same(rows: np.ndarray) -> np.ndarray:
    return rows


for N, E, k in [(5, 4, 1), (6, 5, 2), (4, 3, 3), (7, 8, 4)]:
    x = np.eye(N)
    Wr = rng.integers(-2, 3, size=(N, E)).astype(float)  # many ties
    want = [sorted(range(E), key=lambda e, row=row: (-row[e], e))[:k] for row in Wr.tolist()]
    _, idx, _ = moe_forward(x.copy(), Wr.copy(), [same] * E, k)
    testing.check(
        testing.close(idx, np.array(want)),
        "the k largest logits, best first, equal ones by index",
        inputs=f"router logits {Wr.tolist()}, k={k}",
        got=idx,
        expected=want,
    )
for k in (0, -1, 4):
    assert testing.raises(ValueError, moe_forward, np.eye(2), np.zeros((2, 3)), [same] * 3, k), (
        "k outside 1 to the number of experts is a ValueError"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-moe-hidden-weights", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the weights (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def same(rows: np.ndarray) -> np.ndarray:
    return rows


for N, E, k in [(4, 6, 2), (5, 4, 4), (3, 5, 1)]:
    x, Wr = rng.normal(size=(N, 3)), rng.normal(size=(3, E))
    top = -np.sort(-(x @ Wr), axis=-1)[:, :k]
    want = np.exp(top) / np.exp(top).sum(axis=-1, keepdims=True)
    y, _, w = moe_forward(x.copy(), Wr.copy(), [same] * E, k)
    assert testing.close(w, want), (
        "the softmax is over the k chosen logits alone, so a token's weights sum to 1"
    )
    assert testing.close(y, x), "experts that return their input give back x: the weights sum to 1"
_, _, w = moe_forward(np.array([[1e4], [-1e4]]), np.array([[1.0, 0.5, -1.0]]), [same] * 3, 2)
assert testing.close(w, [[1.0, 0.0], [1.0, 0.0]]), (
    "logits of 10,000 overflow exp: subtract the largest first"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-moe-hidden-mix", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: each token gets its own experts' outputs (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def layer(W: np.ndarray, number: int):
    def expert(rows: np.ndarray) -> np.ndarray:
        return np.tanh(rows @ W) + number

    return expert


for N, E, k in [(6, 3, 1), (8, 4, 2), (5, 4, 3)]:
    x, Wr, W = rng.normal(size=(N, 4)), rng.normal(size=(4, E)), rng.normal(size=(E, 4, 4))

    y, idx, w = moe_forward(x.copy(), Wr.copy(), [layer(W[e], e) for e in range(E)], k)
    logits = x @ Wr
    want = np.zeros_like(x)
    for n in range(N):
        chosen = np.argsort(-logits[n])[:k]
        share = np.exp(logits[n][chosen]) / np.exp(logits[n][chosen]).sum()
        for e, s in zip(chosen, share, strict=True):
            want[n] += s * (np.tanh(x[n] @ W[e]) + e)
    assert testing.close(y, want), (
        "row n is the weighted sum of what the experts of token n return for token n: give each "
        "expert's rows back to their tokens, and add where several experts share a token"
    )
assert testing.leaves_arguments(moe_forward, x, Wr, [layer(W[e], e) for e in range(E)], 2), (
    "the arguments belong to the caller"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-moe-hidden-calls", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: experts see the tokens routed to them, once (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
seen: list[tuple[int, list]] = []


def watched(number: int):
    def expert(rows: np.ndarray) -> np.ndarray:
        seen.append((number, sorted(np.array(rows).tolist())))
        return rows

    return expert


for N, E, k in [(6, 3, 1), (5, 4, 2), (1, 6, 2)]:
    x, Wr = rng.normal(size=(N, 3)), rng.normal(size=(3, E))
    Wr[:, 1] = 0
    x[:, 2], Wr[2, 1] = 1.0, -1e3  # nobody wants expert 1
    seen.clear()
    moe_forward(x.copy(), Wr.copy(), [watched(e) for e in range(E)], k)
    order = np.argsort(-(x @ Wr), axis=-1)[:, :k]
    want = [(e, sorted(x[(order == e).any(axis=1)].tolist())) for e in range(E)]
    assert testing.close(sorted(seen), [case for case in want if case[1]]), (
        "each expert is called once, with exactly the rows routed to it; one without rows is not "
        "called: that is where the work is saved"
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 2.11 · `load_balance_loss`

●○○ · 10 minutes · 3 points · extra

A router that likes an expert sends it more tokens, which train it further: a few experts get
everything. The usual cure is an auxiliary loss (Fedus et al., 2021). Write
`load_balance_loss(probs, idx)` in PyTorch:

$$E \cdot \sum_e f_e P_e$$

- `probs` is a Tensor (N, E): the router's softmax over all E experts, for each of N tokens. `idx` is
  a LongTensor (N, k): the experts chosen for each token.
- $f_e$ is the share of the N·k assignments that went to expert e, $P_e$ the mean of column e of
  `probs`.
- Return a 0-dimensional tensor of the dtype of `probs`. The gradient flows through `probs`; $f$ is a
  count and has none.

By hand: two tokens, two experts, all mass and all tokens on expert 0: $f = P = (1, 0)$ and the loss
is 2. Evenly spread it is 1, whatever E and k.

<details><summary>Hint 1</summary>

`torch.bincount(idx.flatten(), minlength=E)` counts, for experts without a token too.

</details>

<details><summary>Hint 2</summary>

`f = counts.to(probs.dtype) / idx.numel()`, `P = probs.mean(dim=0)`, and `E * (f * P).sum()`.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q02-balance", "locked": false, "schema_version": 3, "solution": true, "task": false}
def load_balance_loss(probs: Tensor, idx: Tensor) -> Tensor:
    """probs: (N, E), idx: (N, k). Returns E * sum_e f_e P_e, a 0-dimensional tensor."""
    ### BEGIN SOLUTION
    E = probs.shape[1]
    f = torch.bincount(idx.flatten(), minlength=E).to(probs.dtype) / idx.numel()
    return E * (f * probs.mean(dim=0)).sum()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q02-balance-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    load_balance_loss,
    [
        ((torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([[0], [0]])), 2.0),
        ((torch.tensor([[0.5, 0.5], [0.5, 0.5]]), torch.tensor([[0], [1]])), 1.0),
        ((torch.tensor([[0.75, 0.25], [0.5, 0.5]]), torch.tensor([[0], [0]])), 1.25),
    ],
    "E times the sum over experts of share times mean probability",
)

# %% nbgrader={"grade": true, "grade_id": "q02-balance-hidden-value", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: one expert per token (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for N, E in [(6, 3), (5, 8), (1, 4)]:
    for dtype in (torch.float32, torch.float64):
        probs = torch.randn(N, E, generator=g, dtype=dtype).softmax(dim=-1)
        idx = torch.randint(E - 1, (N, 1), generator=g)  # nobody chooses the last expert
        share = torch.nn.functional.one_hot(idx[:, 0], E).to(dtype).mean(dim=0)
        testing.agree(
            load_balance_loss,
            [((probs, idx), E * (share @ probs.mean(dim=0)))],
            "E * sum of f_e * P_e over all E experts, those without a token too",
        )
        assert load_balance_loss(probs, idx).dtype == dtype, "the loss has the dtype of probs"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-balance-hidden-several", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: several experts per token (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for N, E, k in [(4, 4, 2), (6, 5, 3), (3, 3, 3)]:
    probs = torch.randn(N, E, generator=g, dtype=torch.float64).softmax(dim=-1)
    idx = probs.topk(k, dim=-1).indices
    counts = sum(torch.nn.functional.one_hot(idx[:, j], E).sum(dim=0) for j in range(k))
    testing.agree(
        load_balance_loss,
        [
            ((probs, idx), E * (counts / (N * k) * probs.mean(dim=0)).sum()),
            ((torch.full((N, E), 1 / E, dtype=torch.float64), idx), 1.0),
        ],
        "the shares are of all N*k assignments, so they sum to 1, and the balanced loss is 1 for "
        "every k",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-balance-hidden-gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the gradient (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for N, E, k in [(4, 3, 1), (5, 4, 2)]:
    probs = torch.randn(N, E, generator=g, dtype=torch.float64).softmax(dim=-1)
    idx = torch.randint(E, (N, k), generator=g)
    share = torch.bincount(idx.flatten(), minlength=E) / (N * k)
    _, grad = testing.value_and_grad(load_balance_loss, probs, idx)
    assert testing.close(grad, (E / N * share).expand(N, E).double()), (
        "the gradient to every row of probs is E/N times the shares: it flows through P, and pushes "
        "down the experts that got more than their part"
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 2.12 · `attention_backward`

●●● · 25 minutes · 4 points · extra

Attention backwards, by hand. With `scores = q @ k.T / √d`, `w = softmax(scores)` over the keys and
`out = w @ v`, and a loss whose gradient with respect to `out` is `dout`: what are its gradients with
respect to q, k and v?

Write `attention_backward(q, k, v, dout, mask=None)` in NumPy, returning `(dq, dk, dv)`.

- `q` (T, d), `k` (S, d), `v` (S, dv), `dout` (T, dv), all float64. The gradients have the shapes of q,
  k and v.
- `mask` is a boolean array (T, S), True = may attend, with at least one True in every row; `None`
  allows everything. Masked scores count as $-\infty$.
- Scores may be as large as 10,000, either way, masked ones too. The arguments are not changed.
- Without autograd: NumPy is all you need.

The one step that is not a matrix product: the gradient of a softmax. With
$\partial w_i/\partial s_j = w_i(\delta_{ij} - w_j)$ and a gradient $g$ with respect to $w$,

$$\frac{\partial}{\partial s_j} = \sum_i g_i w_i (\delta_{ij} - w_j) = w_j \Big(g_j - \sum_i g_i w_i\Big)$$

<details><summary>Hint 1</summary>

Compute w once more, then go backwards through the three lines. For `out = w @ v` with gradient `dout`
the gradients are `dout @ v.T` (of w) and `w.T @ dout` (of v).

</details>

<details><summary>Hint 2</summary>

`ds = w * (dw - (dw * w).sum(axis=-1, keepdims=True))`, row by row. Then
`dq = ds @ k / √d` and `dk = ds.T @ q / √d`. Masked entries have w = 0 and so ds = 0.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q02-backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def attention_backward(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, dout: np.ndarray, mask: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of scaled dot-product attention.

    q: (T, d), k: (S, d), v: (S, dv), dout: (T, dv), mask: bool (T, S). Returns dq, dk, dv.
    """
    ### BEGIN SOLUTION
    scale = 1 / math.sqrt(q.shape[-1])
    scores = q @ k.T * scale
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    w = e / e.sum(axis=-1, keepdims=True)
    dw = dout @ v.T
    ds = w * (dw - (dw * w).sum(axis=-1, keepdims=True)) * scale
    return ds @ k, ds.T @ q, w.T @ dout
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q02-backward-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# w is (1/2, 1/2), dw = v = (0, 4), their weighted mean is 2, so ds = (-1, 1), divided by root 4
q, k = np.array([[1.0, 0, 0, 0]]), np.array([[0.0, 1, 0, 0], [0, 3, 0, 0]])
testing.agree(
    attention_backward,
    [
        (
            (q, k, np.array([[0.0], [4.0]]), np.array([[1.0]])),
            ([[0, 1.0, 0, 0]], [[-0.5, 0, 0, 0], [0.5, 0, 0, 0]], [[0.5], [0.5]]),
        )
    ],
    "one query, two keys: the score gradients are -1 and 1 before the division by √d",
)

# %% nbgrader={"grade": true, "grade_id": "q02-backward-hidden-values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the gradient to the values (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for T, S, d, dv in [(1, 3, 2, 1), (4, 3, 5, 2), (3, 3, 4, 6)]:
    q, k, v = rng.normal(size=(T, d)), rng.normal(size=(S, d)), rng.normal(size=(S, dv))
    dout = rng.normal(size=(T, dv))
    e = np.exp(q @ k.T / d**0.5)
    got = attention_backward(q.copy(), k.copy(), v.copy(), dout.copy())
    assert testing.close(got[2], (e / e.sum(axis=1, keepdims=True)).T @ dout), (
        "dv: every query hands dout back to the values it took from, in proportion to its weights"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-backward-hidden-scores", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the gradients to queries and keys (2 points)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for T, S, d, dv in [(1, 2, 1, 1), (1, 3, 2, 4), (4, 3, 5, 2), (3, 3, 4, 3)]:
    leaves = [
        torch.randn(size, generator=g, dtype=torch.float64, requires_grad=True)
        for size in [(T, d), (S, d), (S, dv)]
    ]
    dout = torch.randn(T, dv, generator=g, dtype=torch.float64)
    out = (leaves[0] @ leaves[1].T / d**0.5).softmax(dim=-1) @ leaves[2]
    want = torch.autograd.grad(out, leaves, dout)
    arrays = [t.detach().numpy() for t in leaves]
    testing.agree(
        attention_backward,
        [((*arrays, dout.numpy()), tuple(t.numpy() for t in want))],
        "dq and dk: back through the softmax, whose gradient subtracts the weighted mean of dw in "
        "each row, and through the division by the root of d",
    )
    assert testing.leaves_arguments(attention_backward, *arrays, dout.numpy()), (
        "the arguments belong to the caller"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q02-backward-hidden-mask", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: masks and large scores (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
cases = []
for T, S, first in [(3, 3, 0.5), (4, 5, 1.0), (2, 4, 100.0), (3, 4, -100.0)]:
    q, k, v = (torch.randn(n, generator=g, dtype=torch.float64) for n in [(T, 2), (S, 2), (S, 3)])
    q[:, 0], k[:, 0] = first, abs(first)  # scores around first**2 / sqrt(2), up to 7,071 either way
    cases.append((q, k, v, torch.ones(T, S, dtype=torch.bool).tril(S - T)))
q, k, v = torch.ones(1, 1), torch.tensor([[0.0], [0.5], [1e4]]), torch.tensor([[0.0], [4.0], [9.0]])
cases.append((q.double(), k.double(), v.double(), torch.tensor([[True, True, False]])))
for q, k, v, mask in cases:
    leaves = [t.requires_grad_(True) for t in (q, k, v)]
    dout = torch.randn(len(q), v.shape[1], generator=g, dtype=torch.float64)
    scores = (leaves[0] @ leaves[1].T / q.shape[1] ** 0.5).masked_fill(~mask, -torch.inf)
    want = torch.autograd.grad(scores.softmax(dim=-1) @ leaves[2], leaves, dout)
    arrays = [t.detach().numpy() for t in leaves]
    testing.agree(
        attention_backward,
        [((*arrays, dout.numpy(), mask.numpy()), tuple(t.numpy() for t in want))],
        "masked keys take no part, however high their scores: neither in the weights nor in any "
        "gradient; and large scores need their maximum subtracted",
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

**"Each token attends only to previous tokens."** To previous tokens *and itself*. Take the sentence
at its word (j < i) and the first token has nobody: its row of scores is $-\infty$ throughout, the
softmax is 0/0, and NaN spreads to every position in the next layer.
"""

# %% tags=["demo"]
scores = torch.zeros(4, 4)
for name, mask in [
    ("j <  i", torch.ones(4, 4, dtype=torch.bool).tril(-1)),
    ("j <= i", torch.ones(4, 4, dtype=torch.bool).tril()),
]:
    weights = scores.masked_fill(~mask, -torch.inf).softmax(dim=-1)
    print(f"{name}: row 0 {weights[0].tolist()}, row 1 {weights[1].tolist()}")

# %% [markdown]
r"""
PyTorch's fused attention hides the mistake: in version 2.13 it returns 0 for a row without any key.
Then nothing crashes, the first token reads nothing, and every token misses itself.
"""

# %% tags=["demo"]
x = torch.randn(1, 4, 8, generator=torch.Generator().manual_seed(0))
strict = torch.ones(4, 4, dtype=torch.bool).tril(-1)
out = torch.nn.functional.scaled_dot_product_attention(x, x, x, attn_mask=strict)
print("row 0 of the fused attention:", out[0, 0].tolist())

# %% [markdown]
r"""
**"Mask the weights: multiply them with a triangle of ones."** The softmax has run by then, and the
later tokens stand in its denominator. The weights no longer sum to 1, and they *leak*: here the
outputs 0 to 2 change when only the last token does.
"""

# %% tags=["demo"]
triangle = torch.ones(4, 4, dtype=torch.float64).tril()


def attend(x: Tensor, after: bool) -> Tensor:
    scores = x @ x.T / math.sqrt(x.shape[1])
    if after:
        return scores.softmax(dim=-1) * triangle @ x
    return scores.masked_fill(triangle == 0, -torch.inf).softmax(dim=-1) @ x


one = torch.randn(4, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
two = one.clone()
two[3] *= -2
for name, after in [("mask after the softmax", True), ("mask before", False)]:
    change = (attend(one, after) - attend(two, after))[:3].abs().max()
    print(f"{name:22}: outputs 0 to 2 change by up to {change:.3f}")

# %% [markdown]
r"""
How much does a leak matter? Train two tiny models on *noise*: four symbols drawn at random. Nothing can
be predicted, so no honest model gets below a loss of $\ln 4 = 1.386$, except by the luck of a batch.
One layer of attention and an MLP, 120 steps, once with the mask before the softmax and once after it:
"""


# %% tags=["demo"]
class Tiny(torch.nn.Module):
    def __init__(self, after: bool) -> None:
        super().__init__()
        nn, self.after = torch.nn, after
        self.token, self.place = nn.Embedding(4, 32), nn.Embedding(8, 32)
        self.qkv = nn.Linear(32, 96)
        self.mlp = nn.Sequential(nn.Linear(32, 64), nn.GELU(), nn.Linear(64, 4))

    def forward(self, ids: Tensor) -> Tensor:
        x = self.token(ids) + self.place.weight
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        scores, seen = q @ k.mT / math.sqrt(32), torch.ones(8, 8).tril()
        if self.after:
            weights = scores.softmax(dim=-1) * seen
        else:
            weights = scores.masked_fill(seen == 0, -torch.inf).softmax(dim=-1)
        return self.mlp(x + weights @ v)


# %% tags=["demo"]
for name, after in [("mask before the softmax", False), ("mask after", True)]:
    torch.manual_seed(0)
    model = Tiny(after)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(120):
        ids = torch.randint(4, (64, 9))
        logits = model(ids[:, :-1])
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"{name:24} loss {loss.item():.3f}, possible is {math.log(4):.3f}")

# %% [markdown]
r"""
The leaking model reads the next symbol off the denominator, and its loss is "better" than possible.
Nothing crashes, and the loss curve looks fine. In generation the next token does not exist yet, and
what this model has learned is worth nothing. So when a loss looks too good, change a future token and
see whether the past moves.
"""

# %% [markdown]
r"""
**"`is_causal=True` is the causal mask."** Only when there are as many queries as keys. PyTorch
aligns the triangle with the *upper left* corner. With a cache, one new query meets five keys and
sees only the first. (FlashAttention changed its own meaning to lower right in version 2.1; PyTorch
offers both in `torch.nn.attention.bias`.)
"""

# %% tags=["demo"]
q, k = torch.zeros(1, 1, 8), torch.zeros(1, 5, 8)  # equal scores: the mean of what may be seen
v = torch.tensor([[[0.0], [1.0], [2.0], [3.0], [4.0]]])
fused = torch.nn.functional.scaled_dot_product_attention
print(
    "the newest token, is_causal=True:", fused(q, k, v, is_causal=True).item(), "(sees key 0 only)"
)
print("the newest token, no mask:       ", fused(q, k, v).item(), "(the mean of all five)")

# %% [markdown]
r"""
**"Attention is what costs in a Transformer."** Per token and layer of a GPT, the weights cost
$2 \cdot 12 d^2$ operations, scores and averages $4 T d$ (without using that the mask makes half of
them unnecessary). The second overtakes the first at $T = 6d$. For GPT-3 that is far beyond its 2,048
tokens:
"""

# %% tags=["demo"]
for name, d, T in [("GPT-2", 768, 1024), ("GPT-3", 12288, 2048), ("GPT-3, 128k", 12288, 131072)]:
    matrices, scores = 24 * d * d, 4 * T * d
    share = scores / (matrices + scores)
    print(f"{name:12} T = {T:7,}: scores and averages {share:4.0%} of a layer; equal at {6 * d:,}")

# %% [markdown]
r"""
**"GPT-4 is eight experts, 128K context, RLHF and DPO."** Of this list only RLHF stands in OpenAI's
report (2023). It says: Transformer-style, trained to predict the next token, fine-tuned with RLHF, and
"no further details about the architecture (including model size)". Numbers of experts are rumours, and
there are several. In an interview say what is published and what is guessed; and where something *is*
published, say it: GPT-3's layers are not all dense, but alternate dense and locally banded sparse
attention (Brown et al., 2020, section 2.1), which most drawings of it leave out.
"""

# %% [markdown]
r"""
### If they push

<details><summary>Why √d_head and not √d_model? Does it matter in training?</summary>

The scores of a head are sums of d_head products, so that is the variance to undo. With √d_model the
scores of n heads start out √n times too small, and the heads nearly uniform. The matrices can learn
to make up for it, so the model still trains, which is why the mistake survives; but weights from a
correct implementation give wrong results, and the start is worse.

</details>

<details><summary>Why several heads, if one of the same width has the same weights?</summary>

One softmax is one distribution per position: to fetch two things, a single head has to average
them. Heads fetch independently and keep the results in separate columns. And each head's
query-key product is a low-rank comparison (rank d_head), a bias that has worked well. How many are
needed is empirical; many can be removed from a trained model without much loss (Michel et al.,
2019).

</details>

<details><summary>Why pre-norm? What was wrong with the original?</summary>

The original normalises *after* adding, so the stream itself is rescaled at every block and there is
no straight path from the loss to the embedding. Xiong et al. (2020) show that then the gradients
near the output are large at the start, which is why such models need a learning-rate warm-up; with
the norm inside the branch they are well-behaved. The price: the stream grows with depth, late blocks
change it relatively less, and a final norm is needed.

</details>

<details><summary>What changed between GPT-2 and a Llama?</summary>

LayerNorm → RMSNorm (no mean, no shift: cheaper); learned positions added at the input → rotary
positions inside each attention; GELU MLP of width 4d → SwiGLU with three matrices, of about 8d/3 for
the same number of weights (Llama 3 8B takes 3.5d); as many KV heads as query heads → fewer; biases →
none; tied embeddings → often untied. The skeleton, pre-norm residual blocks with
causal attention, is the same.

</details>

<details><summary>Is there any position information without position encoding?</summary>

In an encoder, none: attention treats its keys as a set. In a decoder the causal mask breaks the
symmetry (position 5 averages over six tokens, position 0 over one), and models without any position
encoding learn usable positions from that (Haviv et al., 2022). Whether it is *better* to leave the
encoding out, for length generalisation for instance, is contested: Kazemnejad et al. (2023) find so,
on small models and on tasks of reasoning and mathematics.

</details>

<details><summary>Why is the output of the first layers' MLP not simply attention again?</summary>

Attention's output is a weighted average of linear maps of other positions: it moves information,
and what it does *to* it is linear in the values. The MLP is where a position's own vector goes
through a non-linearity. Without MLPs a model can still copy and compare (two-layer attention-only
models do in-context copying, question 26), but has little to transform what it has fetched.

</details>

<details><summary>Mixture of experts: what do you save, and what not?</summary>

Work per token, not memory: all experts have to be loaded, since the next token may want any of them.
A batch of many tokens touches nearly all experts. The router needs a balance loss or a similar
mechanism; the paper's version counts the top-1 choice, for k > 1 some divide by k (here) and some do
not (transformers' Mixtral in 5.23), so that "balanced" reads 1 or k.

</details>

<details><summary>The simple generation loop "call the model, take the last logits, append" is right.
What is wrong with it in practice?</summary>

It computes everything for the whole prefix again at every step (question 36 keeps keys and values);
it runs past the trained context length without noticing; it usually divides by temperature 0; it has
no batch; and it often returns the end token as part of the text (question 4).

</details>

<details><summary>Do attention weights explain what the model does?</summary>

Contested. They show where a head reads, not what it makes of it, nor whether a later layer uses it.
Jain and Wallace (2019) found different weights with the same predictions; Wiegreffe and Pinter
(2019) answer that this depends on what counts as an explanation, and on better tests. Both studied
recurrent networks with one attention layer. For Transformers the safer tool is intervention
(question 41).

</details>
"""

# %% [markdown]
r"""
### Sources

- Vaswani et al. (2017), *Attention Is All You Need*, arXiv 1706.03762: scaled dot-product attention
  (section 3.2.1, with the variance argument in a footnote), heads, post-norm.
- Radford et al. (2019), *Language Models are Unsupervised Multitask Learners*: GPT-2, pre-norm and a
  final norm. Brown et al. (2020), *Language Models are Few-Shot Learners*, arXiv 2005.14165: GPT-3;
  Table 2.1 has the shapes, section 2.1 the alternating sparse layers.
- Xiong et al. (2020), *On Layer Normalization in the Transformer Architecture*, arXiv 2002.04745.
- Zhang, Sennrich (2019), *Root Mean Square Layer Normalization*, arXiv 1910.07467. Shazeer (2020),
  *GLU Variants Improve Transformer*, arXiv 2002.05202. Su et al. (2021), *RoFormer*, arXiv
  2104.09864. Grattafiori et al. (2024), *The Llama 3 Herd of Models*, arXiv 2407.21783: Table 3 has
  the shapes.
- Shazeer (2019), *Fast Transformer Decoding: One Write-Head is All You Need*, arXiv 1911.02150;
  Ainslie et al. (2023), *GQA*, arXiv 2305.13245.
- Fedus, Zoph, Shazeer (2021), *Switch Transformers*, arXiv 2101.03961: the balance loss. Jiang et al.
  (2024), *Mixtral of Experts*, arXiv 2401.04088: softmax over the top k.
- Xiao et al. (2023), *Efficient Streaming Language Models with Attention Sinks*, arXiv 2309.17453: the
  weight on the first token.
- Michel, Levy, Neubig (2019), *Are Sixteen Heads Really Better than One?*, arXiv 1905.10650.
- Haviv et al. (2022), *Transformer Language Models without Positional Encodings Still Learn
  Positional Information*, arXiv 2203.16634. Kazemnejad et al. (2023), *The Impact of Positional
  Encoding on Length Generalization in Transformers*, arXiv 2305.19466.
- **Contested:** Jain, Wallace (2019), *Attention is not Explanation*, arXiv 1902.10186; Wiegreffe,
  Pinter (2019), *Attention is not not Explanation*, arXiv 1908.04626.
- OpenAI (2023), *GPT-4 Technical Report*, arXiv 2303.08774, section 2.
- PyTorch 2.13, `scaled_dot_product_attention`: the meaning of masks and of `is_causal`. transformers
  5.23, `models/llama`, `models/mixtral`. Read in November 2026.
"""
