# %% [markdown]
r"""
## Q16. How does LoRA work?

*Medium · 110 minutes · needs matrix products (self-test 2), gradients (self-test 6)*
"""

# %% [markdown]
r"""
### Say it

> LoRA freezes the weights and learns, for chosen matrices, a change of low rank: the layer
> computes Wx + (α/r) B A x, where A brings the k inputs down to r numbers and B brings these up
> to the d outputs. So r(d + k) numbers train instead of d·k, and only they need gradients and
> optimizer states, which are most of the memory of training. A starts random and B at zero:
> nothing is changed at the start, and yet B gets a gradient; with both at zero neither ever
> would. After training the product can be added into W, and the model is as fast as before; or
> adapters stay apart, a few megabytes each, and one base serves many. QLoRA also keeps the frozen
> weights in 4 bits. How much rank is enough is a question about the data, to be measured.
"""

# %% [markdown]
r"""
### See it

**The change, not the weights.** Fine-tuning turns a matrix W, of d outputs and k inputs, into W +
ΔW. LoRA (Hu et al., 2021) writes the change as a product of two thin matrices,

$$\Delta W = \frac{\alpha}{r}\, B A, \qquad B: (d, r), \quad A: (r, k),$$

which can be any matrix of *rank* at most r: all its rows are mixtures of the r rows of A. For a
matrix of 4,096 by 4,096, how many numbers are that? Guess for r = 16, and guess from which r on it
saves nothing.
"""

# %% tags=["demo"]
d = k = 4096
print("   r     r(d+k)   share of d*k")
for r in (1, 4, 16, 64, 256, d * k // (d + k), 4096):
    print(f"{r:4} {r * (d + k):10,}   {r * (d + k) / (d * k):8.2%}")

# %% [markdown]
r"""
#### Is the change of low rank?

Nobody promised that. So look: here *all* numbers of the linear layers of `instruct` are trained,
the course's own small chat model, on fifty facts about ten people it has never heard of. Each fact
is taught in four wordings and asked in two others. What LoRA never touches, embeddings and norms,
stays frozen here too.
"""

# %% tags=["demo"]
from course import figures, lab
from course.lab import skills

tokenizer = lab.tokenizer("instruct")
facts, old = skills.new_facts(), skills.kept(60)["known facts"]
example = facts.train[0].messages
print(f"{len(facts.train)} conversations to learn from, such as")
print(f"    {example[0]['content']}  ->  {example[1]['content']}")


def score(model) -> tuple[float, float]:
    """Share of new facts that are right, and share of facts known before that are still right."""
    return tuple(
        skills.share_right(model, tokenizer, episodes)["value"] for episodes in (facts.test, old)
    )


model = lab.load("instruct")
print("before: new facts {:.2f}, old facts {:.2f}".format(*score(model)))

# %% tags=["demo"]
linear = {name: w for name, w in model.named_parameters() if "_proj" in name}
before = {name: w.detach().clone() for name, w in linear.items()}
for name, w in model.named_parameters():
    w.requires_grad_(name in linear)
losses = skills.fine_tune(model, facts.train, steps=60, lr=1e-3)
change = {name: w.detach() - before[name] for name, w in linear.items()}
print(f"{sum(w.numel() for w in linear.values()):,} numbers trained in {len(linear)} matrices")
print(f"loss {losses[0]:.2f} -> {losses[-1]:.3f}")
print("after: new facts {:.2f}, old facts {:.2f}".format(*score(model)))

# %% [markdown]
r"""
The new facts are learned, and many of the old ones are lost: we come back to that. Now the changes
themselves. A matrix's *singular values* say how much of it lies in its strongest direction, in the
second strongest and so on; the squares sum to the squared size of the matrix. Its rank is how many
are not zero.
"""

# %% tags=["demo"]
svd = {name: torch.linalg.svd(dW, full_matrices=False) for name, dW in change.items()}


def share_in_first(singular_values: Tensor) -> np.ndarray:
    squares = singular_values.double() ** 2
    return (squares.cumsum(0) / squares.sum()).numpy()


torch.manual_seed(0)
noise = torch.linalg.svdvals(torch.randn(128, 128))
chosen = {f"{kind}_proj": f"model.layers.0.self_attn.{kind}_proj.weight" for kind in "qv"}
chosen["down_proj"] = "model.layers.0.mlp.down_proj.weight"
print("share of the squared size in the first r    r = 1     4    16    64   (rank)")
kinds = {f"change of layer 0's {label}": svd[name].S for label, name in chosen.items()}
for label, S in (kinds | {"random numbers, 128 by 128": noise}).items():
    shares = "  ".join(f"{share_in_first(S)[r - 1]:.2f}" for r in (1, 4, 16, 64))
    print(f"  {label:42} {shares}   {int((S / S[0] > 1e-5).sum())}")

# %% tags=["demo"]
fig, ax = figures.subplots(size=(5.6, 3.0))
places = np.arange(1, 129)
for (label, name), style in zip(chosen.items(), ("-", "--", "-."), strict=True):
    ax.plot(places, share_in_first(svd[name].S), linestyle=style, label=f"change of {label}")
ax.plot(places, share_in_first(noise), linestyle=":", label="random matrix")
ax.set(
    xscale="log", xlabel="first r singular values", ylabel="share of squared size", ylim=(0, 1.02)
)
ax.legend(frameon=False)
ends = ", ".join(f"{label} {share_in_first(svd[name].S)[7]:.2f}" for label, name in chosen.items())
figures.show(
    fig,
    "Share of the squared size held by the first r singular values, r from 1 to 128 on a logarithmic "
    f"axis. At r = 8: {ends}, a random matrix {share_in_first(noise)[7]:.2f}. All curves end at 1; those "
    "of the changes lie above the random one.",
)

# %% [markdown]
r"""
So the honest answer is: *concentrated, not of low rank*. The change has full rank, as nearly every
matrix of real numbers has, but much more of it lies in a few directions than in a random matrix.
What do the small ones contribute? Cut every change down to its first r singular values, the best
approximation of rank r there is, put it into the original weights, and ask again:
"""


# %% tags=["demo"]
@torch.no_grad()
def cut_to(r: int) -> None:
    for name, w in linear.items():
        U, S, Vh = svd[name]
        w.copy_(before[name] + (U[:, :r] * S[:r]) @ Vh[:r])


cut = {}
for r in (0, 1, 4, 8, 16, 32, 128):
    cut_to(r)
    cut[r] = skills.share_right(model, tokenizer, facts.test)["value"]
    print(f"first {r:3} directions kept: new facts {cut[r]:.2f}")

# %% [markdown]
r"""
Here a cut to rank 4 spoils most of what was learned, and it takes a few dozen directions to keep it
all. Hold that against what *training within* a small rank reaches, next.
"""

# %% [markdown]
r"""
#### An adapter

`peft` puts the two thin matrices beside every linear layer. The same model again, with r = 8:
"""

# %% tags=["demo"]
import warnings

try:
    from peft import LoraConfig, get_peft_model
except ImportError:
    print("These demos need peft: pip install peft")
    get_peft_model = None


def adapted(r: int, base=None):
    """Put LoRA of rank r on all linear layers of a model, fresh `instruct` by default."""
    config = LoraConfig(r=r, lora_alpha=2 * r, target_modules="all-linear", task_type="CAUSAL_LM")
    torch.manual_seed(0)
    return get_peft_model(base or lab.load("instruct"), config)


if get_peft_model:
    warnings.filterwarnings("ignore", category=FutureWarning)  # between versions of two libraries
    tuned = adapted(8)
    tuned.print_trainable_parameters()
    layer = tuned.base_model.model.model.layers[0].mlp.down_proj
    A, B = layer.lora_A["default"].weight, layer.lora_B["default"].weight
    shapes = [tuple(M.shape) for M in (layer.base_layer.weight, A, B)]
    print("down_proj: W {}, A {}, B {}".format(*shapes))
    print(f"largest entry of A {A.abs().max():.3f}, of B {B.abs().max():.3f}")

# %% [markdown]
r"""
**B is zero at the start**, so the adapted model is the old one, exactly. Is it not dead, then? The
gradient of B contains A, and that of A contains B:

$$\frac{\partial L}{\partial B} = \frac{\alpha}{r}\, G\, (A x)^\top, \qquad
  \frac{\partial L}{\partial A} = \frac{\alpha}{r}\, (B^\top G)\, x^\top, \qquad
  G = \frac{\partial L}{\partial (Wx + \ldots)}.$$

B moves first; A follows as soon as B is not zero. What if both began at zero?
"""


# %% tags=["demo"]
def first_gradients(model) -> tuple[float, float]:
    """Size of the gradients of all A and of all B on one batch."""
    model(**skills.batch(facts.train[:8])).loss.backward()
    sizes = []
    for which in ("lora_A", "lora_B"):
        grads = [p.grad for name, p in model.named_parameters() if which in name]
        sizes.append(float(torch.cat([g.flatten() for g in grads]).norm()))
    return tuple(sizes)


if get_peft_model:
    batch = skills.batch(facts.train[:8])
    with torch.no_grad():
        moved = (tuned(**batch).logits - lab.load("instruct")(**batch).logits).abs().max()
    print("largest difference of the logits from the base:", float(moved))
    print("A random, B zero: gradient of A {:.4f}, of B {:.4f}".format(*first_gradients(tuned)))
    dead = adapted(8)
    with torch.no_grad():
        for name, p in dead.named_parameters():
            if "lora_" in name:
                p.zero_()
    print("both zero:        gradient of A {:.4f}, of B {:.4f}".format(*first_gradients(dead)))

# %% [markdown]
r"""
With both at zero both gradients are exactly zero, at this step and so at every later one. With both
random the model would be damaged before it has learned anything. One of each is the way out. (Which
one is zero is a convention. PEFT's `init_lora_weights` has others, such as starting from W's own
singular vectors.)
"""

# %% [markdown]
r"""
#### What is α/r for?

α is a volume knob, and dividing by r is meant to let you change the rank without turning it. Does
it? Take one layer, one example, one step of training, and see how far the layer's output on that
example moves, with the scale α/r and with α/√r, which is called *rank-stabilised* LoRA
(Kalajdzievski, 2023). Once the step is plain gradient descent; once it is Adam's first one, which
moves every number of B by the same amount, whatever the gradient's size.
"""

# %% tags=["demo"]
g = torch.Generator().manual_seed(0)
x, G = torch.randn(512, generator=g), torch.randn(512, generator=g)  # an input, and the gradient
alpha = 16
print("how far one step moves the output, compared with r = 4")
print("   r    SGD: alpha/r  alpha/sqrt(r)    Adam: alpha/r  alpha/sqrt(r)")
for r in (4, 16, 64, 256):
    moves = []
    for _ in range(100):  # of A; the mean is shown
        low = torch.randn(r, 512, generator=g) / math.sqrt(512) @ x  # A x
        for rule in ("SGD", "Adam"):
            for scale in (alpha / r, alpha / math.sqrt(r)):
                gradient = scale * torch.outer(G, low)  # of B, which is zero
                B = -gradient if rule == "SGD" else -gradient.sign()
                moves.append((scale * B @ low).norm())
    mean = torch.stack(moves).reshape(100, 4).mean(dim=0)
    first = mean if r == 4 else first
    print("{:4} {:15.3f} {:14.3f} {:16.3f} {:14.3f}".format(r, *(mean / first).tolist()))

# %% [markdown]
r"""
With gradient descent, α/r makes large ranks slow, by 1/r, and α/√r holds the pace; that is the
argument for rsLoRA. With Adam's first step it is α/r that holds it, and α/√r grows with √r. Later
steps depend on more than that. So what is right is **contested**: the paper finds that larger ranks
pay only with α/√r, Schulman et al. (2025) find with α/r that the best learning rate hardly depends
on the rank. What both agree on: α, the rank and the learning rate are one knob in three parts.
Whoever changes the rank with α fixed has changed two things. Below, α = 2r throughout, so that α/r
is 2.
"""

# %% [markdown]
r"""
#### How much rank is enough?

As much as the data needs. Two things to teach, one easy and one not: a *style*, in which every
answer ends with "Buy now, my good friend!", and 150 *new facts* about 30 people. A recorded run:
"""

# %% tags=["demo"]
from course import recorded

run = recorded.load("q16_lora_rank")
print(run, "\n")
lr_lora, lr_all = run.settings["lr_lora"], run.settings["lr_all"]


def shares(skill: str, r: int, what: str = "learned") -> list[float]:
    """What each seed learned or kept, at the learning rate that the sweep used."""
    lr = lr_lora if r else lr_all
    return [x[what] for x in run.rows if (x["skill"], x["r"], x["lr"]) == (skill, r, lr)]


trained = {row["r"]: row["trained"] for row in run.rows}
print("two seeds each                  after the style:            after the facts:")
print("   r    trained   style learned   instructions kept   new facts learned")
for r in [*run.settings["ranks"], 0]:
    wanted = [("style", "learned"), ("style", "instructions"), ("new facts", "learned")]
    row = [" ".join(f"{x:.2f}" for x in shares(skill, r, what)) for skill, what in wanted]
    print(f"{r or 'all':>4} {trained[r]:10,}      {row[0]}         {row[1]}           {row[2]}")

# %% tags=["demo"]
ranks = run.settings["ranks"]
fig, ax = figures.subplots(size=(5.6, 3.0))
for skill, style, mark in (("style", "--", "s"), ("new facts", "-", "o")):
    means = [np.mean(shares(skill, r)) for r in ranks]
    ax.plot(ranks, means, linestyle=style, marker=mark, color="black", label=skill)
    line = ax.axhline(np.mean(shares(skill, 0)), linestyle=":", linewidth=1.5, color="grey")
line.set_label("all parameters")
ax.set_xscale("log", base=2)
ax.set_xticks(ranks, [str(r) for r in ranks])
ax.set(xlabel="rank", ylabel="test questions right", ylim=(0, 1.05))
ax.legend(frameon=False, loc="lower right")
one, last = ([float(np.mean(shares(s, r))) for s in ("style", "new facts")] for r in (1, ranks[-1]))
figures.show(
    fig,
    f"Share of test questions right against the rank. Style, dashed: {one[0]:.2f} at rank 1 and "
    f"{last[0]:.2f} at rank {ranks[-1]}. New facts, solid: {one[1]:.2f} at rank 1, rising to {last[1]:.2f}. "
    "Dotted lines: all parameters trained.",
)

# %% [markdown]
r"""
A style is little information, and rank 1 holds it. Facts are many bits, and rank 1 has no room for
150 of them in so many steps; from some rank on, more buys little. Nor is it free. The middle column
asks with *instructions* that `instruct` knew how to follow ("Answer in JSON.", "Talk like a
pirate."): the share of answers that still have what was wanted in them, after the style was
learned. It falls with the rank, at the same learning rate. So a rank is chosen like any capacity:
as small as the task allows, and measured on what is to be kept.

One row of the record, computed now (your figures may differ a little):
"""

# %% tags=["demo"]
if get_peft_model:
    from course.recorded import q16_lora_rank

    stylish, _ = q16_lora_rank.train("style", 1, lr_lora, seed=0, progress=True)
    now = q16_lora_rank.measure(stylish, "style")
    then = next(x for x in run.rows if x["skill"] == "style" and x["r"] == 1 and x["seed"] == 0)
    for what, share in now.items():
        print(f"{what:14} recorded {then[what]:.2f}   now {share:.2f}")

# %% [markdown]
r"""
#### Does LoRA forget less?

"LoRA learns less and forgets less" (Biderman et al., 2024) is what was found for code and
mathematics taught to a 7B model. A comparison at one learning rate each says little, because a
method that is pushed less hard learns less *and* forgets less. So here are several learning rates
of both, on the new facts, written beside their points: to the right is learned, upwards is kept.
"""

# %% tags=["demo"]
points = {
    name: sorted(
        {(x["lr"], x["learned"], x["known facts"]) for x in run.rows
         if x["skill"] == "new facts" and x["r"] == r and x["seed"] == 0}
    )
    for r, name in ((8, "LoRA, r = 8"), (0, "all parameters"))
}  # fmt: skip
fig, ax = figures.subplots(size=(5.6, 3.2))
for (name, row), style, mark in zip(points.items(), ("-", "--"), "os", strict=True):
    ax.plot([p[1] for p in row], [p[2] for p in row], style, marker=mark, color="black", label=name)
    for lr, x, y in row:
        ax.annotate(f"{lr:g}", (x, y), textcoords="offset points", xytext=(5, 4), fontsize=9)
ax.set(xlabel="new facts right", ylabel="old facts still right", xlim=(0, 1.08), ylim=(0, 1.08))
ax.legend(frameon=False, loc="lower left")
said = "; ".join(
    f"{name}: " + ", ".join(f"{x:.2f} learned and {y:.2f} kept at {lr:g}" for lr, x, y in row)
    for name, row in points.items()
)
figures.show(
    fig, f"Old facts still right against new facts right, one point a learning rate. {said}."
)

# %% [markdown]
r"""
**It did not appear here.** For as many new facts, the model of which *all* parameters were trained
has kept more of the old ones. LoRA at a low learning rate has learned little and forgotten much; at
a high one it has learned as much and forgotten more.

Why not? We can only offer guesses. A million parameters have few directions to spare, so that a
change along eight of them per matrix hits what is stored there. Training all parameters moves the
embeddings too, where a new name can be told apart without touching what others mean. And another α,
or adapters on fewer layers, may do better. What holds at any size is the method: compare curves,
not one setting each, and measure forgetting on what you want to keep.
"""

# %% [markdown]
r"""
#### Merging

After training, W + (α/r) B A is one matrix again. The model that has just learned to talk like a
merchant, before and after `merge_and_unload`:
"""

# %% tags=["demo"]
if get_peft_model:
    question = skills.style("merchant").test[:1]
    with torch.no_grad():
        logits = stylish(**batch).logits
    print("apart: ", skills.answers(stylish, tokenizer, question)[0])
    merged = stylish.merge_and_unload()
    with torch.no_grad():
        moved = (merged(**batch).logits - logits).abs().max()
    print("merged:", skills.answers(merged, tokenizer, question)[0])
    print(f"the logits are of size {logits.abs().max():.0f}; merging moved them by {moved:.1e}")
    print("a linear layer is now a", type(merged.model.layers[0].mlp.down_proj).__name__, "again")

# %% [markdown]
r"""
Merged and unmerged are the same function up to rounding, and the merged model is a plain one of the
old size.

**When not to merge**: when one base serves many adapters at once. Then W x is computed for the
whole batch, and each request adds its own B A x; servers have kernels for that (S-LoRA and Punica,
2023; vLLM and SGLang take adapters per request, documentation read in November 2026). "No extra
latency" holds for merged adapters only.
"""

# %% [markdown]
r"""
#### QLoRA: the frozen weights in four bits

With LoRA the memory of gradients and optimizer is nearly gone, and what is left is the frozen
model. QLoRA (Dettmers et al., 2023) stores its linear layers in 4 bits. Sixteen values have to
stand for all weights. Which? Weights look like draws from a normal distribution, so take values
that normal draws use about equally often: *quantiles* of the normal distribution, scaled to end at
±1. One of the sixteen is zero itself; the positive side gets eight, the negative seven. That is
NF4.
"""

# %% tags=["demo"]
normal = torch.distributions.Normal(0.0, 1.0)
end = torch.tensor((1 - 1 / 32 + 1 - 1 / 30) / 2, dtype=torch.float64)  # between 16 and 15 levels
positive = normal.icdf(torch.linspace(end, 0.5, 9, dtype=torch.float64)[:-1])
negative = -normal.icdf(torch.linspace(end, 0.5, 8, dtype=torch.float64)[:-1])
nf4 = torch.cat([negative, torch.zeros(1), positive]).sort().values.float()
nf4 = nf4 / nf4.max()
int4 = torch.arange(-7, 8) / 7  # evenly spaced, symmetric
print(len(nf4), "levels:", " ".join(f"{level:.4f}" for level in nf4.tolist()))

# %% [markdown]
r"""
These are the sixteen numbers of bitsandbytes' table, up to rounding in the last digit. A block of
64 weights shares one *scale*, its largest absolute value; a weight is stored as the number of the
nearest level. Evenly spaced levels beside it, for comparison, on the weights of `instruct`:
"""


# %% tags=["demo"]
def rounded(w: Tensor, levels: Tensor, block: int = 64) -> Tensor:
    """Round to the nearest level times the block's scale, as 4-bit storage does."""
    blocks = w.reshape(-1, block)
    scale = blocks.abs().amax(dim=1, keepdim=True)
    nearest = (blocks[..., None] / scale[..., None] - levels).abs().argmin(dim=-1)
    return (levels[nearest] * scale).reshape(w.shape)


@torch.no_grad()
def quantised(levels: Tensor):
    """Return `instruct` with all linear layers rounded, and their mean relative error."""
    model, errors = lab.load("instruct"), []
    for name, w in model.named_parameters():
        if "_proj" in name:
            new = rounded(w, levels)
            errors.append(float((new - w).norm() / w.norm()))
            w.copy_(new)
    return model, np.mean(errors)


for label, levels in (("NF4", nf4), ("even", int4)):
    small, error = quantised(levels)
    kept = skills.share_right(small, tokenizer, old)["value"]
    print(f"{label:4}: relative error {error:.3f}; old facts still right {kept:.2f}")

# %% tags=["demo"]
fig, axes = figures.subplots(2, 1, size=(6.4, 3.2), sharex=True)
weights = before["model.layers.0.mlp.up_proj.weight"].reshape(-1, 64)
shares = (weights / weights.abs().amax(dim=1, keepdim=True)).flatten().numpy()
for ax, (label, levels) in zip(axes, (("NF4", nf4), ("evenly spaced", int4)), strict=True):
    ax.hist(shares, bins=80, density=True, color="lightgrey")
    ax.vlines(levels, 0, 1.3, color="black", linewidth=1)
    ax.set(title=label, yticks=[])
axes[1].set_xlabel("weight divided by its block's scale")
figures.show(
    fig,
    "Twice the same histogram of weights divided by their block's largest: a bell around zero, and a "
    "small spike at each end, where every block's largest weight lies. Above, the sixteen NF4 levels "
    "stand close together around zero and far apart at the ends. Below, fifteen even levels.",
)

# %% [markdown]
r"""
At four bits the error is about a tenth, with the even levels a little more, and this model keeps
its facts with either. (How far down one can go, and how GPTQ rounds better, is question 38.) The
scales cost memory too: in 32 bits for every 64 weights, half a bit a weight. QLoRA stores the
scales themselves in 8 bits, with a second scale for every 256 of them: *double quantisation*.
"""

# %% tags=["demo"]
plain = 4 + 32 / 64
double = 4 + 8 / 64 + 32 / (64 * 256)
print(f"bits a weight: {plain} with plain scales, {double:.3f} with double quantisation")

# %% [markdown]
r"""
Now train through it: the frozen weights are rounded, the adapter beside them is not. Gradients pass
through the rounded weights to earlier adapters, none is needed *for* them. Afterwards: what becomes
of the facts if the adapter is merged into the original weights instead, or if the merged matrix is
rounded to 4 bits again?
"""

# %% tags=["demo"]
if get_peft_model:
    base = quantised(nf4)[0]
    on_rounded = {n: w.detach().clone() for n, w in base.named_parameters() if "_proj" in n}
    tuned = adapted(8, base)
    skills.fine_tune(tuned, facts.train, steps=60, lr=5e-3)
    print("as trained, beside the rounded weights: new {:.2f}, old {:.2f}".format(*score(tuned)))
    print(f"(the best cut to rank 8 of the full change, above: new {cut[8]:.2f})")
    merged = tuned.merge_and_unload()
    update = {
        n: w.detach() - on_rounded[n] for n, w in merged.named_parameters() if n in on_rounded
    }
    with torch.no_grad():
        for name, w in merged.named_parameters():
            if name in update:
                w.copy_(before[name] + update[name])
        print(
            "merged into the original weights:       new {:.2f}, old {:.2f}".format(*score(merged))
        )
        for name, w in merged.named_parameters():
            if name in update:
                w.copy_(rounded(on_rounded[name] + update[name], nf4))
        print(
            "merged, then rounded to 4 bits again:   new {:.2f}, old {:.2f}".format(*score(merged))
        )

# %% [markdown]
r"""
Two things to read off. Training *within* rank 8 reaches far more than cutting the full change down
to rank 8, even on rounded weights: it has looked for a change of rank 8 that works. So "fine-tuning
changes have low rank" is not why LoRA works; that *some* change of low rank does the job is enough.

And the adapter was trained to work with the rounded weights. Any other base is another network, and
whether it still works is to be measured, as here; differences below a tenth may be chance with a
hundred questions. For the same reason the tests before release run on exactly what will be served.
"""

# %% [markdown]
r"""
### Build it

Six exercises: the forward pass, the merge, the count, the module, the memory of training, and the
repair of an adapter that merges wrongly. In all of them $A$ has shape (r, k), $B$ shape (d, r) and
the frozen $W$ shape (d, k), as in `torch.nn.Linear`: d outputs, k inputs.
"""

# %% [markdown]
r"""
### Exercise 16.1 · `lora_forward`

●○○ · 8 minutes · 3 points · core

Write `lora_forward(x, W, A, B, alpha, r)`: what a linear layer with a LoRA adapter computes,

$$x W^\top + \frac{\alpha}{r}\, x A^\top B^\top .$$

- All arguments but the last two are Tensors of one dtype, float32 or float64: `x` (..., k) with any
  number of leading axes, also none; `W` (d, k); `A` (r, k); `B` (d, r). `alpha` is a number above
  0, `r` the rank as an int. Return (..., d) in the same dtype.
- `W` is frozen: no gradient reaches it, even if it asks for one. Gradients reach `x`, `A` and `B`.
- No argument is changed.

By hand: with W = [[1, 0], [0, 1]], A = [[1, 1]], B = [[1], [2]], α = 3, r = 1 and x = [1, 2], the
frozen part gives [1, 2], and A x = 3 becomes 3 · [3, 6]; together [10, 20].

<details><summary>Hint 1</summary>

`x @ A.T` has r numbers for each row of `x`. That is the narrow place; what comes after it costs
little.

</details>

<details><summary>Hint 2</summary>

Python multiplies from left to right: with `x` in front, no (d, k) product is ever formed. A Tensor
that is detached lets no gradient through to where it came from.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q16-lora-forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lora_forward(x: Tensor, W: Tensor, A: Tensor, B: Tensor, alpha: float, r: int) -> Tensor:
    """x: (..., k), W: (d, k), A: (r, k), B: (d, r). Returns (..., d); no gradient reaches W."""
    ### BEGIN SOLUTION
    return x @ W.detach().T + (alpha / r) * (x @ A.T @ B.T)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q16-lora-forward-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
x, A, B = torch.tensor([1.0, 2.0]), torch.tensor([[1.0, 1.0]]), torch.tensor([[1.0], [2.0]])
testing.agree(
    lora_forward,
    [((x, torch.eye(2), A, B, 3.0, 1), torch.tensor([10.0, 20.0]))],
    "the frozen part [1, 2] plus alpha/r = 3 times [3, 6]",
)
testing.agree(
    lora_forward,
    [((x, torch.eye(2), A, 0 * B, 3.0, 1), x)],
    "with B = 0 the layer is the frozen one",
)

# %% nbgrader={"grade": true, "grade_id": "q16-lora-forward-hidden-value", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: values for all shapes of x (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for lead, d, k, r in [((), 3, 5, 2), ((4,), 5, 3, 3), ((2, 3), 4, 4, 2), ((2, 1, 3), 6, 2, 1)]:
    for dtype in (torch.float64, torch.float32):
        x = torch.randn(*lead, k, generator=g, dtype=dtype)
        W = torch.randn(d, k, generator=g, dtype=dtype)
        A, B = (
            torch.randn(r, k, generator=g, dtype=dtype),
            torch.randn(d, r, generator=g, dtype=dtype),
        )
        want = torch.einsum("...k,dk->...d", x, W)
        want = want + torch.einsum("...k,rk,dr->...d", x, A, B)  # alpha = r: the factor is 1
        testing.agree(
            lora_forward,
            [((x, W, A, B, float(r), r), want)],
            "x W^T + x A^T B^T when alpha = r: A brings k numbers to r, B brings r numbers to d, for "
            "any leading axes of x",
            **({} if dtype == torch.float64 else {"rtol": 1e-3, "atol": 1e-4}),
        )
        got = lora_forward(x, W, A, B, float(r), r)
        assert got.dtype == dtype, "the result keeps the dtype of x"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q16-lora-forward-hidden-scale", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the scale alpha/r (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for r, alpha in [(4, 4.0), (4, 8), (4, 1.0), (2, 16.0), (3, 0.5), (1, 2)]:
    x, W = (torch.randn(*s, generator=g, dtype=torch.float64) for s in [(3, 5), (6, 5)])
    A, B = (torch.randn(*s, generator=g, dtype=torch.float64) for s in [(r, 5), (6, r)])
    testing.agree(
        lora_forward,
        [((x, W, A, B, alpha, r), x @ W.T + x @ (B @ A).T * (alpha / r))],
        "the adapter's part, and only that, is multiplied by alpha / r (alpha / sqrt(r) is another "
        "method, rsLoRA)",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q16-lora-forward-hidden-frozen", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what gradients reach, and what stays unchanged (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for r in (1, 3):
    x, W = (torch.randn(*s, generator=g, dtype=torch.float64) for s in [(4,), (1, 4)])
    A, B = (torch.randn(*s, generator=g, dtype=torch.float64) for s in [(r, 4), (1, r)])
    alpha = 2.0 * r
    _, (dx, dW, dA, dB) = testing.value_and_grad(
        lora_forward, x, W, A, B, alpha, r, wrt=(0, 1, 2, 3)
    )
    assert testing.close(dW, torch.zeros(1, 4)), "W is frozen: detach it"
    assert testing.close(dA, 2 * B.T @ x[None]), "the gradient reaches A, through the scale and B"
    assert testing.close(dB, 2 * (A @ x)[None]), "the gradient reaches B, through the scale"
    assert testing.close(dx, (W + 2 * B @ A)[0]), (
        "the gradient reaches x by both paths: earlier layers are trained through the frozen W"
    )
x, W, A, B = (torch.randn(*s, generator=g) for s in [(2, 4), (3, 4), (2, 4), (3, 2)])
assert testing.leaves_arguments(lora_forward, x, W, A, B, 4.0, 2), "arguments are not changed"
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 16.2 · `merge`

●○○ · 5 minutes · 2 points · core

After training the two paths can become one. Write `merge(W, A, B, alpha, r)`, which returns the one
matrix M of shape (d, k) with x Mᵀ equal to what exercise 16.1 computes, for every x.

- Shapes as in 16.1, but d, k and r may be any sizes. All of one dtype, as in 16.1, and the result
  too.
- No argument is changed: the frozen weights may be in use elsewhere.

By hand: with the numbers of 16.1, M = [[1, 0], [0, 1]] + 3 · [[1, 1], [2, 2]] = [[4, 3], [6, 7]].

<details><summary>Hint 1</summary>

Which product of a (d, r) and an (r, k) matrix is (d, k)?

</details>

<details><summary>Hint 2</summary>

`W + (alpha / r) * (B @ A)`. With `+=` you would write into the caller's W.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q16-merge", "locked": false, "schema_version": 3, "solution": true, "task": false}
def merge(W: Tensor, A: Tensor, B: Tensor, alpha: float, r: int) -> Tensor:
    """W: (d, k), A: (r, k), B: (d, r). Returns the weights that do both parts at once, (d, k)."""
    ### BEGIN SOLUTION
    return W + (alpha / r) * (B @ A)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q16-merge-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
A, B = torch.tensor([[1.0, 1.0]]), torch.tensor([[1.0], [2.0]])
testing.agree(
    merge,
    [((torch.eye(2), A, B, 3.0, 1), torch.tensor([[4.0, 3.0], [6.0, 7.0]]))],
    "W plus alpha/r times the (d, k) product of B and A",
)

# %% nbgrader={"grade": true, "grade_id": "q16-merge-hidden-same", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: merged and unmerged layer are the same (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for d, k, r, alpha in [
    (3, 5, 2, 2.0),
    (5, 3, 4, 16),
    (4, 4, 4, 1.0),
    (1, 6, 3, 32.0),
    (6, 1, 2, 8),
]:
    for dtype in (torch.float64, torch.float32):
        x, W, A, B = (
            torch.randn(*s, generator=g, dtype=dtype) for s in [(7, k), (d, k), (r, k), (d, r)]
        )
        want = W + torch.einsum("dr,rk->dk", B, A) * alpha / r
        apart = x @ W.T + (alpha / r) * (x @ A.T @ B.T)
        testing.agree(
            merge,
            [((W, A, B, alpha, r), want)],
            "W + (alpha/r) B A: B on the left, and the scale in it",
            **({} if dtype == torch.float64 else {"rtol": 1e-3, "atol": 1e-4}),
        )
        M = merge(W.clone(), A.clone(), B.clone(), alpha, r)
        assert M.dtype == dtype, "the result keeps the dtype of W"
        close = testing.close(x @ M.T, apart, rtol=1e-4, atol=1e-3)
        assert close, "x times the merged weights equals the frozen part plus the adapter's part"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q16-merge-hidden-arguments", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the frozen weights stay as they are (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for alpha in (4.0, 2.0, 1.0):
    W, A, B = (torch.randn(*s, generator=g) for s in [(3, 4), (2, 4), (3, 2)])
    assert testing.leaves_arguments(merge, W, A, B, alpha, 2), (
        "W, A and B belong to the caller: return a new matrix"
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 16.3 · `lora_param_count`

●○○ · 5 minutes · 2 points · core

Write `lora_param_count(shapes, r)`: how many parameters LoRA of rank `r` trains, as an int.

`shapes` is a list of pairs `(d, k)`, outputs and inputs of each adapted matrix; it may be empty. `r
< 1` is a `ValueError`, with an empty list too. A rank larger than d or k is a waste, but it is
allowed, and A and B then have just as many numbers as their shapes say.

By hand: one matrix with d = 3 and k = 5 has, at rank 2, an A of 2 · 5 and a B of 3 · 2 numbers: 16.

<details><summary>Hint 1</summary>

Count the numbers in A and in B, for one matrix.

</details>

<details><summary>Hint 2</summary>

Each matrix brings r · (d + k). Only where d = k is that 2 · d · r.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q16-param-count", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lora_param_count(shapes: list[tuple[int, int]], r: int) -> int:
    """shapes: (outputs d, inputs k) of each adapted matrix. Returns the trained parameters."""
    ### BEGIN SOLUTION
    if r < 1:
        raise ValueError(f"the rank must be at least 1, not {r}")
    return sum(r * (d + k) for d, k in shapes)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q16-param-count-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    lora_param_count,
    [(([(3, 5)], 2), 16), (([(4, 4), (4, 4)], 1), 16)],
    "A has r * k numbers and B has d * r, for each matrix",
)

# %% nbgrader={"grade": true, "grade_id": "q16-param-count-hidden-shapes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: matrices that are not square (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for _ in range(5):
    shapes = [tuple(int(n) for n in rng.integers(1, 50, size=2)) for _ in range(4)]
    shapes = [(d, k + 50) for d, k in shapes]  # never square
    r = int(rng.integers(1, 9))
    want = sum(torch.empty(r, k).numel() + torch.empty(d, r).numel() for d, k in shapes)
    testing.agree(
        lora_param_count,
        [((shapes, r), want), (([(k, d) for d, k in shapes], r), want)],
        "a matrix that is not square brings r * d and r * k numbers, which differ",
    )
testing.agree(
    lora_param_count,
    [(([(3, 5)], 4), 32), (([(2, 7), (6, 1)], 9), 144)],
    "A is (r, k) and B is (d, r) also where the rank is larger than d or k",
)
got = lora_param_count([(3, 5), (4, 2)], 2)
assert isinstance(got, (int, np.integer)), "a number of parameters is an int"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q16-param-count-hidden-llama", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a real model's shapes, no matrix at all, no rank at all (1 point)
### BEGIN HIDDEN TESTS
block = [(4096, 4096), (1024, 4096), (1024, 4096), (4096, 4096)]
block += [(14_336, 4096), (14_336, 4096), (4096, 14_336)]
testing.agree(
    lora_param_count,
    [((32 * block, 16), 41_943_040), ((32 * block, 1), 41_943_040 // 16)],
    "the count is proportional to the rank, and the shapes are taken as they are given",
)
testing.agree(lora_param_count, [(([], 8), 0)], "no matrix, no parameters")
for r in (0, -1):
    assert testing.raises(ValueError, lora_param_count, [(3, 5)], r), "r below 1 is a ValueError"
    assert testing.raises(ValueError, lora_param_count, [], r), (
        "r below 1 is a ValueError, whatever the matrices: check it first"
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 16.4 · `LoRALinear`

●●○ · 20 minutes · 5 points · core

Now as a module that can take the place of a `torch.nn.Linear` in any model. Write the class
`LoRALinear(base, r, alpha)`, a `torch.nn.Module`.

- `base` is a `torch.nn.Linear` with weight (d, k), with or without a bias. Keep it as `self.base`,
  and freeze it: its parameters get no gradient any more.
- `self.A` (r, k) and `self.B` (d, r) are `torch.nn.Parameter`s of the dtype of `base.weight`. They
  are all that trains. So `state_dict()` has the keys `A`, `B`, `base.weight` and, where there is
  one, `base.bias`, and no other.
- **At the start the layer computes exactly what `base` computes, and yet it can learn**: `B` is
  zero, and `A` is random. Which distribution is up to you, with independent entries of mean 0; two
  layers get different ones. `torch.nn.init.kaiming_uniform_(A, a=math.sqrt(5))`, what
  `torch.nn.Linear` does for itself, is what PEFT takes.
- `forward(x)` takes (..., k) and returns `base(x)` plus α/r times the adapter's part, (..., d).
- `r < 1` is a `ValueError` when the object is made.

Below the class stand two small functions. The tests make your layer and take gradients with them;
leave them as they are.

<details><summary>Hint 1</summary>

`self.base.requires_grad_(False)` freezes a whole module. `torch.nn.Parameter(torch.zeros(...))`
registers itself when it is assigned to an attribute.

</details>

<details><summary>Hint 2</summary>

In `__init__`: check r, call `super().__init__()`, keep and freeze `base`, make `A` with
`torch.empty(r, k, dtype=base.weight.dtype)` and fill it, make `B` of zeros, remember `alpha / r`.
In `forward`: `self.base(x) + self.scale * (x @ self.A.T @ self.B.T)`.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q16-lora-linear", "locked": false, "schema_version": 3, "solution": true, "task": false}
class LoRALinear(torch.nn.Module):
    """A frozen linear layer and a trainable update of rank r: (..., k) -> (..., d)."""

    def __init__(self, base: torch.nn.Linear, r: int, alpha: float) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        if r < 1:
            raise ValueError(f"the rank must be at least 1, not {r}")
        d, k = base.weight.shape
        self.base = base.requires_grad_(False)
        self.A = torch.nn.Parameter(torch.empty(r, k, dtype=base.weight.dtype))
        torch.nn.init.kaiming_uniform_(self.A, a=math.sqrt(5))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=base.weight.dtype))
        self.scale = alpha / r
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """x: (..., k). Returns (..., d)."""
        ### BEGIN SOLUTION
        return self.base(x) + self.scale * (x @ self.A.T @ self.B.T)
        ### END SOLUTION


def lora_over(weight: Tensor, bias: Tensor | None, r: int, alpha: float) -> LoRALinear:
    """Put a LoRALinear over a linear layer with this weight and bias (given)."""
    d, k = weight.shape
    base = torch.nn.Linear(k, d, bias=bias is not None, dtype=weight.dtype)
    base.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return LoRALinear(base, r, alpha)


def weighted_sum(layer: LoRALinear, x: Tensor, weights: Tensor) -> Tensor:
    """Return one number, so that there is a gradient (given)."""
    return (layer(x) * weights).sum()


# %% nbgrader={"grade": true, "grade_id": "q16-lora-linear-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
layer = testing.make(lora_over, torch.eye(2), None, 1, 3.0)
shapes = {name: tuple(w.shape) for name, w in layer.state_dict().items()}
assert shapes == {"A": (1, 2), "B": (2, 1), "base.weight": (2, 2)}, (
    "the module holds A (r, k), B (d, r) and the frozen layer as base, and nothing else"
)
x = torch.tensor([1.0, 2.0])
assert testing.close(layer(x), x), "before training the layer computes what base computes"
layer.load_state_dict(
    {"A": torch.ones(1, 2), "B": torch.tensor([[1.0], [2.0]]), "base.weight": torch.eye(2)}
)
testing.check(
    testing.close(layer(x), torch.tensor([10.0, 20.0])),
    "the frozen part [1, 2] plus alpha/r = 3 times [3, 6]",
    inputs="W the identity, A = [[1, 1]], B = [[1], [2]], alpha = 3, r = 1, x = [1, 2]",
    got=layer(x),
    expected="[10, 20]",
)

# %% nbgrader={"grade": true, "grade_id": "q16-lora-linear-hidden-start", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: at the start it is the frozen layer, and can learn (2 points)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for d, k, r in [(6, 8, 3), (8, 6, 4), (5, 5, 1)]:
    W, x, w = (torch.randn(*s, generator=g) for s in [(d, k), (4, k), (4, d)])
    layer = testing.make(lora_over, W, None, r, 2.0 * r)
    testing.check(
        testing.close(layer(x), x @ W.T),
        "before training the layer computes what base computes: one factor starts at zero",
        inputs=f"a fresh layer with d = {d}, k = {k}, r = {r}",
    )
    assert testing.close(layer.state_dict()["B"], torch.zeros(d, r)), "B starts at zero"
    A = layer.state_dict()["A"]
    assert int(torch.linalg.matrix_rank(A)) == r, (
        "A starts with random entries: with both factors at zero both gradients are zero for ever, "
        "and with a constant the ranks are all alike"
    )
    _, (dA, dB) = testing.value_and_grad(weighted_sum, layer, x, w, wrt=("A", "B"))
    assert testing.close(dB, 2 * w.T @ x @ A.T, rtol=1e-3, atol=1e-4), (
        "the first gradient goes to B"
    )
    assert testing.close(dA, torch.zeros(r, k)), "and none to A, while B is zero"
    other = testing.make(lora_over, W, None, r, 2.0 * r).state_dict()["A"]
    assert not testing.close(other, A), "each layer draws an A of its own: fix no seed inside"
A = testing.make(lora_over, torch.zeros(2, 256), None, 16, 16.0).state_dict()["A"]
testing.check(
    abs(A.mean()) <= 6 * A.std() / A.numel() ** 0.5,
    "A's entries have mean 0: with positive ones only, all ranks see nearly the same",
    got=f"a mean of {A.mean():.4f}, with a standard deviation of {A.std():.4f}",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q16-lora-linear-hidden-forward", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the forward pass, with and without a bias (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for lead, d, k, r, alpha in [((3,), 4, 6, 2, 8.0), ((2, 3), 6, 4, 3, 1.0), ((), 5, 5, 4, 16)]:
    for dtype in (torch.float32, torch.float64):
        x, W, bias = (torch.randn(*s, generator=g, dtype=dtype) for s in [(*lead, k), (d, k), (d,)])
        A, B = (torch.randn(*s, generator=g, dtype=dtype) for s in [(r, k), (d, r)])
        for b in (None, bias):
            layer = testing.make(lora_over, W, b, r, alpha)
            start = layer.state_dict()
            want_keys = {"A", "B", "base.weight"} | (set() if b is None else {"base.bias"})
            assert set(start) == want_keys, (
                "the state_dict has A, B and what base has, and nothing else"
            )
            assert all(v.dtype == dtype for v in start.values()), "A and B have base's dtype"
            layer.load_state_dict({**start, "A": A, "B": B})
            want = x @ W.T + (alpha / r) * (x @ A.T @ B.T) + (0 if b is None else b)
            testing.check(
                testing.close(layer(x), want, rtol=1e-3, atol=1e-3),
                "base(x), its bias included, plus alpha/r times x A^T B^T",
                inputs=f"x {tuple(x.shape)}, d = {d}, k = {k}, r = {r}, alpha = {alpha}, "
                f"{'no bias' if b is None else 'a bias'}",
                got=layer(x),
                expected=want,
            )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q16-lora-linear-hidden-frozen", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what trains and what is frozen (2 points)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for r, alpha in [(2, 8.0), (3, 3.0)]:
    x, w, W, bias = (torch.randn(*s, generator=g) for s in [(5, 4), (5, 3), (3, 4), (3,)])
    A, B = (torch.randn(*s, generator=g) for s in [(r, 4), (3, r)])
    layer = testing.make(lora_over, W, bias, r, alpha)
    layer.load_state_dict({"A": A, "B": B, "base.weight": W, "base.bias": bias})
    names = ("A", "B", "base.weight", "base.bias")
    _, (dA, dB, dW, dbias) = testing.value_and_grad(weighted_sum, layer, x, w, wrt=names)
    assert testing.close(dA, alpha / r * B.T @ w.T @ x, rtol=1e-3, atol=1e-3), (
        "A trains: the gradient of the loss reaches it"
    )
    assert testing.close(dB, alpha / r * w.T @ x @ A.T, rtol=1e-3, atol=1e-3), (
        "B trains: the gradient of the loss reaches it"
    )
    assert testing.close(dW, torch.zeros(3, 4)) and testing.close(dbias, torch.zeros(3)), (
        "base is frozen: neither its weight nor its bias gets a gradient"
    )
    _, dx = testing.value_and_grad(weighted_sum, layer, x, w, wrt=1)
    assert testing.close(dx, w @ (W + alpha / r * B @ A), rtol=1e-3, atol=1e-4), (
        "gradients pass through the frozen layer to x: without them no earlier layer could learn"
    )
for r in (0, -2):
    assert testing.raises(ValueError, lora_over, torch.eye(3), None, r, 1.0), (
        "a rank below 1 is a ValueError"
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 16.5 · `training_memory`

●●○ · 20 minutes · 5 points · core

How much memory does training need before the first token has been read? Write

`training_memory(cfg, optimizer, dtype, method)`

for a Llama-type model. It returns a dict of ints, in bytes: `weights`, `gradients`, `optimizer` and
`total`, the sum of the three. Activations, and what a program needs beside, are not in it.

**The model.** `cfg` has the keys of a Hugging Face config: `vocab_size` V, `hidden_size` D,
`intermediate_size` F, `num_hidden_layers` L, `num_attention_heads`; and possibly
`num_key_value_heads` (default: as many as attention heads), `head_dim` (default: D divided by the
number of attention heads) and `tie_word_embeddings` (default: False). With h = heads · head_dim and
kv = KV heads · head_dim, there are

- in each of the L blocks seven matrices, shape (outputs, inputs): q (h, D), k and v (kv, D), o (D,
  h), gate and up (F, D), down (D, F), and two norms of D numbers;
- the embedding (V, D), a last norm of D numbers, and an output matrix (V, D), unless the embeddings
  are tied: then the embedding does both.

No layer has a bias.

**`method`** says what is trained.

| `method` | the model's own numbers | trained |
|---|---|---|
| `"full"` | all in `dtype` | all of them |
| `"lora"` | all in `dtype`, frozen | an A and a B of rank `cfg["r"]` on each of the 7 · L matrices, in `dtype` |
| `"qlora"` | the 7 · L matrices in 4 bits, the rest in `dtype`, frozen | the same as with `"lora"` |

`weights` counts the model's own numbers and the adapters. A matrix of n numbers in 4 bits takes
half a byte for each number; one byte for each block of 64 numbers, its scale; and four bytes for
each group of 256 scales, which have been quantised themselves. Round each of the three up, for
every matrix by itself.

**`dtype`** is `"float32"` (4 bytes a number), `"bfloat16"` or `"float16"` (2 bytes).
**`gradients`**: one number in `dtype` for each trained parameter.

**`optimizer`** is `"sgd"`, which keeps nothing, `"adamw"`, which keeps two numbers of 4 bytes for
each trained parameter, or `"adamw8bit"`, which keeps two of 1 byte. Where `dtype` has 2 bytes, a
copy of each trained parameter in 4 bytes is kept as well, with every optimizer: steps smaller than
the rounding of 16 bits would otherwise be lost. It counts under `optimizer`.

Any other `method`, `dtype` or `optimizer` is a `ValueError`. `cfg` is not changed; it has `r` where
it is needed, and may have other keys.

By hand: with V = 10, D = 4, F = 6, L = 1 and 2 heads a block has 4 · 16 + 3 · 24 + 8 = 144 numbers,
and the model 144 + 2 · 40 + 4 = 228. In float32 with AdamW: 912 bytes of weights, 912 of gradients,
1,824 for the optimizer.

<details><summary>Hint 1</summary>

Make the list of the seven shapes first. The number of trained parameters and the bytes of the model
follow from it, and everything else follows from these two.

</details>

<details><summary>Hint 2</summary>

`n = d * k`; `-(-n // 2)` rounds up. In 4 bits: half = ⌈n/2⌉, blocks = ⌈n/64⌉, groups =
⌈blocks/256⌉, so half + blocks + 4 · groups bytes. The rest is V·D once or twice, and D · (2L + 1).
Trained: all of it, or r · (d + k) summed over the shapes, times L.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q16-training-memory", "locked": false, "schema_version": 3, "solution": true, "task": false}
def training_memory(cfg: dict, optimizer: str, dtype: str, method: str) -> dict[str, int]:
    """Return bytes of weights, gradients, optimizer and their total; activations are left out."""
    ### BEGIN SOLUTION
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 2 * 4, "adamw8bit": 2 * 1}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError(f"cannot count {method!r} with {optimizer!r} in {dtype!r}")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim") or D // heads
    h, kv = heads * head_dim, (cfg.get("num_key_value_heads") or heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n: int) -> int:
        blocks = -(-n // 64)
        return -(-n // 2) + blocks + 4 * -(-blocks // 256)

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4 if size == 2 else 0
    found = {
        "weights": own + (rest + adapters) * size,
        "gradients": trained * size,
        "optimizer": trained * (states[optimizer] + copy),
    }
    return found | {"total": sum(found.values())}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q16-training-memory-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
small = {"vocab_size": 10, "hidden_size": 4, "intermediate_size": 6}
small |= {"num_hidden_layers": 1, "num_attention_heads": 2}
testing.agree(
    training_memory,
    [
        (
            (small, "adamw", "float32", "full"),
            {"weights": 912, "gradients": 912, "optimizer": 1824, "total": 3648},
        )
    ],
    "228 numbers of 4 bytes, as many gradients, twice as many numbers for AdamW",
)
testing.agree(
    training_memory,
    [
        (
            ({**small, "r": 1}, "sgd", "float32", "lora"),
            {"weights": 912 + 248, "gradients": 248, "optimizer": 0, "total": 1408},
        )
    ],
    "rank 1 on the seven matrices is 4 * 8 + 3 * 10 = 62 numbers; only they have gradients",
)

# %% nbgrader={"grade": true, "grade_id": "q16-training-memory-hidden-full", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a whole model, its heads and its tied embeddings (1 point)
### BEGIN HIDDEN TESTS
cases = []
for heads, kv_heads, head_dim, tied in [
    (4, None, None, False), (4, 2, None, False), (4, 1, 6, False), (2, None, 3, True),
    (4, 4, None, True),
]:  # fmt: skip
    cfg = {"vocab_size": 30, "hidden_size": 8, "intermediate_size": 20, "num_hidden_layers": 3}
    cfg |= {"num_attention_heads": heads, "model_type": "llama"}
    cfg |= {} if kv_heads is None else {"num_key_value_heads": kv_heads}
    cfg |= {} if head_dim is None else {"head_dim": head_dim}
    cfg |= {"tie_word_embeddings": True} if tied else {}
    one = head_dim or 8 // heads
    h, kv = heads * one, (kv_heads or heads) * one
    block = 2 * h * 8 + 2 * kv * 8 + 3 * 8 * 20 + 2 * 8
    n = 3 * block + 8 + 30 * 8 * (1 if tied else 2)
    want = {"weights": 4 * n, "gradients": 4 * n, "optimizer": 0, "total": 8 * n}
    cases.append(((cfg, "sgd", "float32", "full"), want))
testing.agree(
    training_memory,
    cases,
    "count every number once: keys and values by the KV heads, o's inputs by the heads, two norms a "
    "block and one at the end, and tied embeddings once",
)
counts = training_memory(cases[0][0][0], "adamw", "bfloat16", "full")
assert all(isinstance(n, (int, np.integer)) for n in counts.values()), "bytes are counted in ints"
assert testing.leaves_arguments(training_memory, {**cases[0][0][0]}, "sgd", "float32", "full"), (
    "cfg belongs to the caller"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q16-training-memory-hidden-optimizer", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: optimizers, precisions and what is refused (1 point)
### BEGIN HIDDEN TESTS
cfg = {"vocab_size": 50, "hidden_size": 8, "intermediate_size": 24, "num_hidden_layers": 2}
cfg |= {"num_attention_heads": 2, "num_key_value_heads": 1, "r": 3}
n = 2 * (2 * 64 + 2 * 32 + 3 * 192 + 16) + 8 + 2 * 400
cases = []
for dtype, size, extra in [("float32", 4, 0), ("bfloat16", 2, 4), ("float16", 2, 4)]:
    for optimizer, states in [("sgd", 0), ("adamw", 8), ("adamw8bit", 2)]:
        want = {
            "weights": size * n,
            "gradients": size * n,
            "optimizer": (states + extra) * n,
            "total": (2 * size + states + extra) * n,
        }
        cases.append(((cfg, optimizer, dtype, "full"), want))
testing.agree(
    training_memory,
    cases,
    "AdamW keeps two numbers of 4 bytes a parameter whatever the dtype, in 8 bits two of 1 byte, and "
    "training in 16 bits keeps a copy in 4 bytes: 16 bytes a parameter in all for adamw in bfloat16",
)
for wrong in [("adam", "float32", "full"), ("adamw", "int8", "full"), ("adamw", "float32", "Lora")]:
    assert testing.raises(ValueError, training_memory, cfg, *wrong), (
        "a name that the table does not have is a ValueError"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q16-training-memory-hidden-lora", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: LoRA trains the adapters and nothing else (1 point)
### BEGIN HIDDEN TESTS
cases = []
for r, heads, kv_heads, head_dim, tied in [
    (1, 2, 2, 4, False), (4, 4, 1, 2, False), (16, 2, 1, 6, True),
]:  # fmt: skip
    cfg = {"vocab_size": 40, "hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 2}
    cfg |= {"num_attention_heads": heads, "num_key_value_heads": kv_heads, "head_dim": head_dim}
    cfg |= {"tie_word_embeddings": tied, "r": r}
    h, kv = heads * head_dim, kv_heads * head_dim
    adapters = 2 * r * (2 * (h + 8) + 2 * (kv + 8) + 3 * (8 + 12))
    own = 2 * (16 * h + 16 * kv + 288 + 16) + 8 + 40 * 8 * (1 if tied else 2)
    for dtype, size, states in [("float32", 4, 8), ("bfloat16", 2, 12)]:
        want = {
            "weights": size * (own + adapters),
            "gradients": size * adapters,
            "optimizer": states * adapters,
            "total": size * own + (2 * size + states) * adapters,
        }
        cases.append(((cfg, "adamw", dtype, "lora"), want))
testing.agree(
    training_memory,
    cases,
    "with LoRA the weights are the frozen model and the adapters, while gradients and optimizer "
    "belong to the adapters alone: r * (d + k) for each of the seven matrices of each block",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q16-training-memory-hidden-qlora", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: QLoRA's four bits (2 points)
### BEGIN HIDDEN TESTS
cases = []
for D, F, heads, kv_heads, head_dim, L in [
    (512, 1024, 8, 2, 64, 3), (128, 256, 2, 2, 64, 2),  # nothing to round
    (64, 256, 4, 2, 16, 2), (5, 9, 1, 1, 3, 2), (256, 384, 2, 1, 96, 1),
]:  # fmt: skip
    cfg = {"vocab_size": 100, "hidden_size": D, "intermediate_size": F, "num_hidden_layers": L}
    cfg |= {"num_attention_heads": heads, "num_key_value_heads": kv_heads, "head_dim": head_dim}
    cfg |= {"r": 8}
    h, kv = heads * head_dim, kv_heads * head_dim
    own = 0
    for n in (h * D, kv * D, kv * D, D * h, F * D, F * D, D * F):
        own += math.ceil(n / 2) + math.ceil(n / 64) + 4 * math.ceil(math.ceil(n / 64) / 256)
    adapters = L * 8 * (2 * (h + D) + 2 * (kv + D) + 3 * (F + D))
    rest = 2 * 100 * D + (2 * L + 1) * D
    weights = L * own + 2 * (rest + adapters)
    want = {"weights": weights, "gradients": 2 * adapters, "optimizer": 12 * adapters}
    want |= {"total": weights + 14 * adapters}
    cases.append(((cfg, "adamw", "bfloat16", "qlora"), want))
testing.agree(
    training_memory,
    cases[:2],
    "only the seven matrices of each block are in 4 bits, with a byte for every 64 numbers and four "
    "bytes for every 256 of those; embeddings, norms and adapters stay in dtype, the adapters train",
)
for args, want in cases[2:]:
    got = training_memory(*args)
    testing.check(
        testing.close(got, want),
        "round each of the three up (the numbers' bytes, the blocks of 64, the groups of 256 blocks), "
        "for every matrix by itself: not their sum, and not all matrices together",
        inputs=args,
        got=got,
        expected=want,
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 16.6 · repair `Adapter`

●●○ · 15 minutes · 4 points · core

A server holds one model and switches adapters on and off: merged while one is in heavy use,
unmerged between. This class is meant for it, and a short test of its forward pass succeeds. It has
four faults, each of them found in real code. Find them and mend them.

`Adapter(weight, r, alpha)` is a `torch.nn.Module` around a frozen `weight` (d, k), float32 or
float64:

- `state_dict()` has `weight`, a buffer, and the parameters `A` (r, k) and `B` (d, r), in the dtype
  of the weight. The weight that was handed over stays as it is, whatever is merged: the model has
  other uses for it.
- A fresh adapter changes nothing and can learn, as in exercise 16.4: `B` is zero, `A` random with
  independent entries of mean 0.
- `forward(x)`, x (..., k), is x Wᵀ + (α/r) x Aᵀ Bᵀ **whether merged or not**, up to rounding, W
  being the weight without the adapter.
- `merge()` puts the update, with its scale, into the buffer `weight`; `unmerge()` takes it out
  again, up to rounding. Merging what is merged and unmerging what is not changes nothing.
- `merged` says which of the two it is.

Both return nothing, and neither is part of what is differentiated: the buffer has no gradient, and
after `unmerge()` `A` and `B` can be trained on. They are not changed between a merge and its
unmerge. What is right must stay right. Errors are not tested.

Below the class stand two small functions. The tests use them to look at the weight that was handed
over and at gradients; leave them as they are.

<details><summary>Hint 1</summary>

Two of the four show only after `merge()`, one when `merge()` or `unmerge()` is called where there
is nothing to do. The fourth shows in the gradients of a fresh adapter.

</details>

<details><summary>Hint 2</summary>

What are the gradients of A and B where both are zero? Which factor does `forward` have that `merge`
lacks? How often does the update count in `forward` after a merge? And what does a second `merge()`
do?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q16-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# class Adapter(torch.nn.Module):
#     """A frozen weight (d, k) with an update of rank r that can be merged and unmerged."""
#
#     def __init__(self, weight: Tensor, r: int, alpha: float) -> None:
#         super().__init__()
#         d, k = weight.shape
#         self.register_buffer("weight", weight.detach().clone())
#         self.A = torch.nn.Parameter(torch.zeros(r, k, dtype=weight.dtype))
#         self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=weight.dtype))
#         self.scale = alpha / r
#         self.merged = False
#
#     def forward(self, x: Tensor) -> Tensor:
#         """x: (..., k). Returns (..., d)."""
#         return x @ self.weight.T + self.scale * (x @ self.A.T @ self.B.T)
#
#     @torch.no_grad()
#     def merge(self) -> None:
#         self.weight += self.B @ self.A
#         self.merged = True
#
#     @torch.no_grad()
#     def unmerge(self) -> None:
#         self.weight -= self.B @ self.A
#         self.merged = False
### END REPAIR
### BEGIN SOLUTION
class Adapter(torch.nn.Module):
    """A frozen weight (d, k) with an update of rank r that can be merged and unmerged."""

    def __init__(self, weight: Tensor, r: int, alpha: float) -> None:
        super().__init__()
        d, k = weight.shape
        self.register_buffer("weight", weight.detach().clone())
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=weight.dtype))
        self.scale = alpha / r
        self.merged = False

    def forward(self, x: Tensor) -> Tensor:
        """x: (..., k). Returns (..., d)."""
        y = x @ self.weight.T
        return y if self.merged else y + self.scale * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self) -> None:
        if not self.merged:
            self.weight += self.scale * (self.B @ self.A)
        self.merged = True

    @torch.no_grad()
    def unmerge(self) -> None:
        if self.merged:
            self.weight -= self.scale * (self.B @ self.A)
        self.merged = False


### END SOLUTION


def merged_over(weight: Tensor, A: Tensor, B: Tensor, r: int, alpha: float) -> Adapter:
    """Put an Adapter with these A and B over a weight and merge it (given)."""
    layer = Adapter(weight, r, alpha)
    layer.load_state_dict({"weight": weight, "A": A, "B": B})
    layer.merge()
    return layer


def summed(layer: Adapter, x: Tensor) -> Tensor:
    """Return one number, so that there is a gradient (given)."""
    return layer(x).sum()


# %% nbgrader={"grade": true, "grade_id": "q16-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
x = torch.tensor([1.0, 2.0])
layer = testing.make(Adapter, torch.eye(2), 1, 3.0)
assert testing.close(layer(x), x), "a fresh adapter changes nothing"
layer.load_state_dict(
    {"weight": torch.eye(2), "A": torch.ones(1, 2), "B": torch.tensor([[1.0], [2.0]])}
)
testing.check(
    testing.close(layer(x), torch.tensor([10.0, 20.0])),
    "this worked before the repair: the frozen part [1, 2] plus 3 times [3, 6]",
    inputs="weight the identity, A = [[1, 1]], B = [[1], [2]], alpha = 3, r = 1, x = [1, 2]",
    got=layer(x),
    expected="[10, 20]",
)

# %% nbgrader={"grade": true, "grade_id": "q16-repair-hidden-start", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a fresh adapter can learn (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for d, k, r in [(3, 6, 2), (2, 5, 1), (4, 6, 3)]:
    W, x = torch.randn(d, k, generator=g), torch.randn(3, k, generator=g)
    layer = testing.make(Adapter, W.clone(), r, 2.0 * r)
    state = layer.state_dict()
    assert testing.close(layer(x), x @ W.T), "a fresh adapter changes nothing"
    assert testing.close(state["B"], torch.zeros(d, r)), "B starts at zero"
    assert int(torch.linalg.matrix_rank(state["A"])) == r, (
        "with A and B both zero both gradients are zero for ever: A starts random"
    )
other = testing.make(Adapter, W.clone(), r, 2.0 * r).state_dict()["A"]
assert not testing.close(other, state["A"]), "each adapter draws an A of its own"
A = testing.make(Adapter, torch.zeros(2, 256), 16, 16.0).state_dict()["A"]
testing.check(
    abs(A.mean()) <= 6 * A.std() / A.numel() ** 0.5,
    "A's entries have mean 0: with positive ones only, all ranks see nearly the same",
    got=f"a mean of {A.mean():.4f}, with a standard deviation of {A.std():.4f}",
)
W, x = (torch.randn(*s, generator=g, dtype=torch.float64) for s in [(3, 5), (4, 5)])
layer = testing.make(Adapter, W.clone(), 2, 4.0)
for name, w in layer.state_dict().items():
    testing.check(
        w.dtype == torch.float64,
        "weight, A and B have the dtype of the weight",
        inputs="a weight of float64",
        got=f"{name} of {w.dtype}",
        expected="torch.float64",
    )
assert testing.close(layer(x), x @ W.T), "a fresh adapter changes nothing, in float64 too"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q16-repair-hidden-scale", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what is merged is the scaled update (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for r, alpha in [(2, 8.0), (3, 1.0), (4, 2.0)]:
    W, A, B = (torch.randn(*s, generator=g) for s in [(5, 6), (r, 6), (5, r)])
    layer = testing.make(Adapter, W.clone(), r, alpha)
    layer.load_state_dict({"weight": W, "A": A, "B": B})
    layer.merge()
    assert testing.close(
        layer.state_dict()["weight"], W + (alpha / r) * (B @ A), rtol=1e-4, atol=1e-4
    ), "merge() adds the update as forward uses it, with its scale alpha/r"
    layer.unmerge()
    assert testing.close(layer.state_dict()["weight"], W, rtol=1e-4, atol=1e-4), (
        "unmerge() takes out just what merge() has put in"
    )
    assert testing.leaves_arguments(merged_over, W.clone(), A, B, r, alpha), (
        "merge() wrote into the weight that was handed over: the buffer is a copy of it"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q16-repair-hidden-once", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the update counts once, merged or not (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for lead, r in [((), 1), ((4,), 2), ((2, 3), 3)]:
    x, W, A, B = (torch.randn(*s, generator=g) for s in [(*lead, 6), (5, 6), (r, 6), (5, r)])
    layer = testing.make(Adapter, W.clone(), r, float(r))  # alpha = r: the scale is 1
    layer.load_state_dict({"weight": W, "A": A, "B": B})
    want = x @ (W + B @ A).T
    assert testing.close(layer(x), want, rtol=1e-4, atol=1e-4), "unmerged: W x plus the update"
    layer.merge()
    assert layer.merged, "after merge() the flag says so"
    testing.check(
        testing.close(layer(x), want, rtol=1e-4, atol=1e-4),
        "the output after merge() is that before it: the update is in the weight already",
        inputs=f"alpha = r = {r}, one merge, then forward",
        got=layer(x),
        expected=want,
    )
    layer.unmerge()
    assert not layer.merged, "after unmerge() the flag says so"
    assert testing.close(layer(x), want, rtol=1e-4, atol=1e-4), (
        "after unmerge() the adapter counts again"
    )
x, W, A, B = (torch.randn(*s, generator=g) for s in [(3, 6), (5, 6), (2, 6), (5, 2)])
layer = testing.make(Adapter, W.clone(), 2, 2.0)
layer.load_state_dict({"weight": W, "A": A, "B": B})
layer.merge()
layer.unmerge()


def two_steps() -> None:
    for _ in range(2):
        testing.value_and_grad(summed, layer, x, wrt=("A", "B"))


assert not testing.raises(RuntimeError, two_steps), (
    "after merge() and unmerge() the second backward pass fails: both change the buffer under "
    "torch.no_grad(), or it carries the graph of B A along"
)
_, (dA, dB) = testing.value_and_grad(summed, layer, x, wrt=("A", "B"))
ones = torch.ones(3, 5)
assert testing.close(dA, B.T @ ones.T @ x, rtol=1e-3, atol=1e-3) and testing.close(
    dB, ones.T @ x @ A.T, rtol=1e-3, atol=1e-3
), "after unmerge() A and B are trained on as before"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q16-repair-hidden-twice", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: merging twice, unmerging what is not merged (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
W, A, B = (torch.randn(*s, generator=g) for s in [(4, 5), (2, 5), (4, 2)])


def after(*steps: str) -> Tensor:
    """Make the adapter, do the steps, return its buffer."""
    layer = testing.make(Adapter, W.clone(), 2, 2.0)  # the scale is 1
    layer.load_state_dict({"weight": W, "A": A, "B": B})
    for step in steps:
        getattr(layer, step)()
    return layer.state_dict()["weight"]


merged = W + B @ A
for steps, want in [
    (("merge", "merge"), merged),
    (("merge", "merge", "merge"), merged),
    (("merge", "merge", "unmerge"), W),
    (("unmerge",), W),
    (("merge", "unmerge", "unmerge"), W),
    (("unmerge", "merge"), merged),
    (("merge", "unmerge", "merge"), merged),
]:
    got = after(*steps)
    testing.check(
        testing.close(got, want, rtol=1e-4, atol=1e-4),
        "merging what is merged, and unmerging what is not, changes nothing",
        inputs=", then ".join(steps),
        got=got,
        expected=want,
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
Your `LoRALinear` in the real thing: it takes the place of every linear layer of `instruct`, and the
model learns the style. (The cell raises `NotImplementedError` until you have solved 16.4.)
"""

# %% tags=["demo"]
torch.manual_seed(0)
mine = lab.load("instruct").requires_grad_(False)
for block in mine.model.layers:
    for part in (block.self_attn, block.mlp):
        for name, layer in list(part.named_children()):
            if isinstance(layer, torch.nn.Linear):
                setattr(part, name, LoRALinear(layer, 1, 2.0))
style = skills.style("merchant")
skills.fine_tune(mine, style.train, steps=30, lr=5e-3)
trained_by_me = sum(p.numel() for p in mine.parameters() if p.requires_grad)
print(f"{trained_by_me:,} numbers trained at rank 1")
print(skills.answers(mine, tokenizer, style.test[:1])[0])
print("style right:", skills.share_right(mine, tokenizer, style.test[:50])["value"])

# %% [markdown]
r"""
And your `training_memory` on Llama 3 8B, at rank 16 (raises `NotImplementedError` until 16.5 is
solved):
"""

# %% tags=["demo"]
llama3_8b = {"vocab_size": 128_256, "hidden_size": 4096, "intermediate_size": 14_336, "r": 16}
llama3_8b |= {"num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8}
for method in ("full", "lora", "qlora"):
    memory = training_memory(llama3_8b, "adamw", "bfloat16", method)
    print(f"{method:5}", "  ".join(f"{what} {n / 1e9:6.2f} GB" for what, n in memory.items()))

# %% [markdown]
r"""
Read the columns. LoRA does away with gradients and optimizer, QLoRA with most of the weights as
well. What no row contains are the activations: they grow with batch and length, and the adapters
need them too.
"""

# %% [markdown]
r"""
### Trap

**"`trainable params: 41,943,040 || all params: 8,072,228,864 || 0.52%`".** The line stands in many
answers, as what PEFT prints for Llama 3 8B at rank 16. The model need not be downloaded to check
it: on the *meta* device tensors have shapes and no contents.
"""

# %% tags=["demo"]
if get_peft_model:
    from transformers import LlamaConfig, LlamaForCausalLM

    targets = [f"{name}_proj" for name in ("q", "k", "v", "o", "gate", "up", "down")]
    with torch.device("meta"):
        shape = LlamaForCausalLM(LlamaConfig(**{k: v for k, v in llama3_8b.items() if k != "r"}))
        shape = get_peft_model(shape, LoraConfig(r=16, target_modules=targets))
    shape.print_trainable_parameters()
    adapters, everything = shape.get_nb_trainable_parameters()
    print(f"base {everything - adapters:,} + adapters {adapters:,} = {everything:,}")
    print(f"the line claims {8_072_228_864 - everything:,} more")
    square = 32 * 16 * (4 * (4096 + 4096) + 3 * (4096 + 14_336))
    print(f"with keys and values taken as wide as queries: {square:,} adapters")

# %% [markdown]
r"""
The trained number is right, the total is not: nobody has printed that line. A sum that one can
check in one's head, base plus adapters, should be checked. The last line is the slip that people
make by hand: Llama 3 has 8 key-value heads to 32 query heads, so k and v have 1,024 outputs and not
4,096. (The name that often stands above such lines, `Llama-3-8b-hf`, is not the repository's
either: the ending belongs to Llama 2, and the repository was published as
`meta-llama/Meta-Llama-3-8B`.)
"""

# %% [markdown]
r"""
**"QLoRA fine-tunes a 70B model on a single A100."** There are two A100s, with 40 and with 80 GB.
The paper says 65B on one GPU of 48 GB. In bytes, before any activation:
"""


# %% tags=["demo"]
def four_bit_base(layers: int, D: int, kv: int, F: int, vocab: int) -> tuple[float, float]:
    """Bytes of the linear layers in 4 bits with double quantisation, and of the rest in 16 bits."""
    in_layers = layers * (2 * D * D + 2 * D * kv + 3 * D * F)
    return in_layers * double / 8, 2 * (2 * vocab * D + (2 * layers + 1) * D)


for name, sizes in (
    ("LLaMA 65B (2023)", (80, 8192, 8192, 22_016, 32_000)),
    ("Llama 3 70B (2024)", (80, 8192, 1024, 28_672, 128_256)),
):
    small, rest = four_bit_base(*sizes)
    layers, D, kv, F, _ = sizes
    adapters = 16 * layers * (2 * (D + D) + 2 * (D + kv) + 3 * (D + F))
    total = small + rest + 16 * adapters
    print(f"{name}: 4-bit layers {small / 1e9:.1f} GB, embeddings and norms {rest / 1e9:.1f} GB,")
    print(f"    adapters of rank 16 with gradients and AdamW {16 * adapters / 1e9:.1f} GB")
    print(f"    together {total / 1e9:.1f} GB of 40, 48 or 80, and no activation yet")

# %% [markdown]
r"""
The 70B model's weights alone fill a card of 40 GB to the brim. On 80 GB there is room to train. Say
which card, which model, which length and which batch, or the sentence means nothing. (Paged
optimizers, the paper's third device, let optimizer states move to the computer's memory at peaks.
They help over a peak; they do not make the sum smaller.)
"""

# %% [markdown]
r"""
### If they push

<details><summary>On which layers do you put adapters?</summary>

On all linear layers, unless measurements say otherwise. The original paper adapted attention only,
mostly the query and value matrices. Later work finds that adapters on the MLP matter most, and that
attention-only ones fall behind even with as many parameters (Biderman et al., 2024; Schulman et
al., 2025). New tokens are another matter: their embeddings have to be trained themselves
(`modules_to_save` in PEFT).

</details>

<details><summary>Does LoRA make training faster?</summary>

Somewhat. A step costs about 2 FLOP a weight forward, 2 backward to the inputs and 2 backward to the
weights; for frozen weights the last third falls away. Gradients still pass through every frozen
layer to the adapters before it, and activations still have to be kept, or computed again with
checkpointing. The large saving is memory: gradients and optimizer states of frozen weights do not
exist, and so a smaller machine or a larger batch does.

</details>

<details><summary>You double r and leave α. What else has changed?</summary>

The scale α/r is halved, so the adapter's part is weaker and effectively learns at another rate; any
difference you see may be that. Keep α/r fixed (α = 2r, say), or tune the learning rate anew at
every rank.

</details>

<details><summary>Which learning rate?</summary>

A larger one than for all parameters. About ten times is what Schulman et al. (2025) report over
many models; the record above used ten times as well. It is a starting point for a sweep, not a law.

</details>

<details><summary>How large is an adapter's file, for 8B at rank 16?</summary>

41,943,040 numbers, in 16 bits 84 MB; the model itself is 16 GB. So a hundred customers' adapters
need 8.4 GB beside one base, not 1,600 GB.

</details>

<details><summary>Two people trained adapters of the same base. Can you average the A's and the B's?</summary>

Not separately. B A = (B M)(M⁻¹ A) for every invertible M, so the factors are not determined, and
the mean of the B's times the mean of the A's has cross terms that belong to neither. Average the
products B A (the result has a rank of up to 2r), which is where question 46 begins.

</details>

<details><summary>Is LoRA with a high enough rank the same as full fine-tuning?</summary>

It can express every change of the matrices it adapts once r reaches the smaller of d and k. It is
still not the same training: the product of two factors has other gradients than one matrix, one
factor starts at zero, and embeddings and norms stay frozen. Whether the outcomes are equivalent is
**contested**: Schulman et al. (2025) find equal learning curves as long as the adapter has room for
the data; Shuttleworth et al. (2024) find new singular directions in LoRA-tuned weights that fully
tuned ones lack, and tie forgetting to them.

</details>

<details><summary>Why does QLoRA compute in 16 bits if the weights have 4?</summary>

Four bits are how weights are *stored*. For each product a layer's weights are looked up in the
table of levels, multiplied by their scales, used in bfloat16, and thrown away. That costs time:
QLoRA saves memory, not computation, and is as a rule slower per step than LoRA on 16-bit weights.

</details>
"""

# %% [markdown]
r"""
### Sources

- Hu, Shen, Wallis, Allen-Zhu, Li, Wang, Wang, Chen (2021), *LoRA: Low-Rank Adaptation of Large
  Language Models*, arXiv 2106.09685: the method, its start, its merge.
- Dettmers, Pagnoni, Holtzman, Zettlemoyer (2023), *QLoRA: Efficient Finetuning of Quantized LLMs*,
  arXiv 2305.14314: NF4, double quantisation, paged optimizers; 65B on one 48 GB GPU. The levels:
  bitsandbytes, `functional.py`, `create_normal_map`, read in November 2026.
- Kalajdzievski (2023), *A Rank Stabilization Scaling Factor for Fine-Tuning with LoRA*, arXiv
  2312.03732: α/√r. **Contested** in effect by Schulman and Thinking Machines Lab (2025), *LoRA
  Without Regret*, who work with α/r (known here from several summaries, not from the article
  itself).
- Biderman et al. (2024), *LoRA Learns Less and Forgets Less*, arXiv 2405.09673; Shuttleworth,
  Andreas, Torralba, Sharma (2024), *LoRA vs Full Fine-tuning: An Illusion of Equivalence*, arXiv
  2410.21228.
- Rajbhandari, Rasley, Ruwase, He (2019), *ZeRO: Memory Optimizations Toward Training Trillion
  Parameter Models*, arXiv 1910.02054: 16 bytes a parameter for mixed-precision Adam. Dettmers,
  Lewis, Shleifer, Zettlemoyer (2021), *8-bit Optimizers via Block-wise Quantization*, arXiv
  2110.02861.
- Sheng et al. (2023), *S-LoRA: Serving Thousands of Concurrent LoRA Adapters*, arXiv 2311.03285;
  Chen et al. (2023), *Punica: Multi-Tenant LoRA Serving*, arXiv 2310.18547.
- PEFT 0.21.2, `tuners/lora/layer.py`: the start of A and B, merging and unmerging.
"""
