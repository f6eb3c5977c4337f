# %% [markdown]
r"""
## Q46. When do merged models work?

*Hard · 90 minutes · needs LoRA (question 16)*
"""

# %% [markdown]
r"""
### Say it

> Merging adds up what several fine-tunings have changed, without training again. Take models tuned from
> the *same* base, subtract the base from each, add a scaled sum of the changes to the base: one model, of
> the size of one, that may have all the skills. It works while the changes are small and start from one
> point, because then what lies between the models works too; models that were trained from different
> starts have no common coordinates, and their average knows nothing. A plain average halves every change,
> so task arithmetic leaves the scale free; TIES trims small changes and settles conflicts of sign, DARE
> drops changes at random and rescales the rest, SLERP goes along an arc between two models. Which one is
> best, at which scale, is measured: every skill by itself, and what was there before.
"""

# %% [markdown]
r"""
### See it

**Two skills of one model.** `instruct`, the course's small chat model, is tuned twice with LoRA, each time
from the same weights: once to talk like a merchant, about facts it knows; once on facts about people it
has never heard of, mixed with old facts and with names to refuse. Both trainings take some seconds. The
functions come from `course/recorded/q46_merging.py`, which also made the recorded run further down.
"""

# %% tags=["demo"]
from course import figures, lab, recorded
from course.recorded import q46_merging as merging

try:
    tuned = {skill: merging.tuned(skill, seed=0, progress=True) for skill in ("style", "facts")}
except ImportError:
    print("The demonstrations of this section need PEFT: pip install peft")
else:
    for skill in tuned:
        one = merging.training(skill, seed=0)[0].messages
        print(
            f"{skill}, {len(merging.training(skill, seed=0))} texts: {one[0]['content']}\n    {one[1]['content']}"
        )

# %% [markdown]
r"""
Five shares tell what a model can do. `style`: answers that end like a merchant's. `new`: new facts right, in
wordings that training did not use. `both`: new facts right *and* in the style, which no training text shows
together. `known`: facts that `instruct` knew before. `refused`: unknown names not answered.
"""


# %% tags=["demo"]
def show(name: str, delta: dict[str, Tensor]) -> None:
    shares = merging.measure(merging.changed(delta))
    print(f"{name:36}", "  ".join(f"{share:7.2f}" for share in shares.values()))


style, facts = merging.change(tuned["style"]), merging.change(tuned["facts"])
print(f"{'':36}", "  ".join(f"{name:>7}" for name in ("style", "new", "both", "known", "refused")))
show("instruct", {})
show("style", style)
show("facts", facts)

# %% [markdown]
r"""
Each share rests on about sixty answers, so differences below a tenth or so may be chance. Each skill is there,
and each model lacks the other's.
"""

# %% [markdown]
r"""
**A skill is a direction.** What a tuning has done is a vector, the *task vector*: tuned weights minus base
weights (Ilharco et al., 2022). For LoRA it is $\frac{\alpha}{r} BA$ in every matrix. How long are the two, compared
with the weights, and what is the angle between them?
"""


# %% tags=["demo"]
def flat(weights: dict[str, Tensor]) -> Tensor:
    return torch.cat([weights[name].flatten() for name in style])


base = lab.load("instruct").state_dict()
a, b, w = flat(style), flat(facts), flat(base)
print(f"length over the base's: style {a.norm() / w.norm():.3f}, facts {b.norm() / w.norm():.3f}")
print(f"cosine of the two changes: {torch.cosine_similarity(a, b, dim=0):.3f}")
print(f"entries in which they pull in opposite directions: {(a * b < 0).double().mean():.2f}")

# %% [markdown]
r"""
Small changes, nearly at right angles. Opposite signs at about half of the entries are what two *unrelated*
vectors have; a conflict of sign is not yet a conflict of skills.
"""

# %% [markdown]
r"""
#### The average, and the sum

The average of the two models is the base plus *half* of each change:

$$\tfrac12(W + \Delta_1) + \tfrac12(W + \Delta_2) = W + \tfrac12\Delta_1 + \tfrac12\Delta_2$$

Task arithmetic adds them with a scale of its own, $W + \lambda(\Delta_1 + \Delta_2)$. Which skill will suffer more from being
halved? And what may the whole sum, $\lambda = 1$, cost?
"""

# %% tags=["demo"]
show("average (scale 0.5)", merging.combined([style, facts], [0.5, 0.5]))
show("sum (scale 1)", merging.combined([style, facts], [1.0, 1.0]))
record = recorded.load("q46_merging")
row = next(
    r for r in record.rows if (r["method"], r["scale"], r["seed"]) == ("task arithmetic", 1, 0)
)
shares = [row[name] for name in ("style", "new", "both", "known", "refused")]
print(f"{'the same, as recorded':36}", "  ".join(f"{share:7.2f}" for share in shares))

# %% [markdown]
r"""
Half of the style's change is enough to talk like a merchant; half of the facts' change is not enough to know
all facts. The sum knows them again, and says them in the style, though nothing was ever trained on both. It
pays with what was there before: look at the last two columns. The last line is the sum's row of a recorded
run with three seeds, made by the same functions; next, its other scales.
"""

# %% tags=["demo"]
print(record)


def over_seeds(method: str, density: float = 1.0, scale: float = 1.0, seeds=merging.SEEDS) -> dict:
    rows = [
        r
        for r in record.rows
        if (r["method"], r["density"], r["scale"]) == (method, density, scale)
        and r["seed"] in seeds
    ]
    return {q: float(np.mean([r[q] for r in rows])) for q in ("style", "new", "known", "refused")}


by_scale = {scale: over_seeds("task arithmetic", scale=scale) for scale in merging.SCALES}
fig, ax = figures.subplots(size=(6, 3))
for quantity, marker in zip(("style", "new", "known", "refused"), "os^d", strict=True):
    ax.plot(
        merging.SCALES,
        [by_scale[s][quantity] for s in merging.SCALES],
        marker=marker,
        label=quantity,
    )
ax.set(xlabel="scale of both changes", ylim=(-0.03, 1.05), title="three seeds, mean")
ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(1, 0))
ends = [
    f"{q} {by_scale[0.25][q]:.2f}, {by_scale[0.7][q]:.2f} and {by_scale[1.5][q]:.2f}"
    for q in by_scale[1]
]
figures.show(fig, "Shares against the scale; at 0.25, 0.7 and 1.5: " + "; ".join(ends) + ".")

# %% [markdown]
r"""
The new facts rise and fall again: beyond a scale of 1 the sum leaves the region in which the model works at
all, and what it knew before goes first. The scale is the one knob of task arithmetic, and it has to be set
on questions that are not those of the final test.
"""

# %% [markdown]
r"""
#### TIES, on six numbers

TIES (Yadav et al., 2023) says: most entries of a change hardly matter, and where two changes have opposite signs
their sum serves neither. So: **t**r**i**m the small entries, **e**lect a **s**ign for each place, and take the mean
of those that have it.
"""

# %% tags=["demo"]
one = np.array([4.0, 0.5, -3.0, 2.0, 0.25, 1.0])
two = np.array([-1.0, 2.0, -1.0, 0.5, 3.0, -0.25])


def largest(x: np.ndarray, k: int) -> np.ndarray:
    return np.where(abs(x) >= np.sort(abs(x))[-k], x, 0)


x = np.stack([largest(one, 4), largest(two, 4)])
sign = np.sign(x.sum(axis=0))
agree = np.sign(x) == sign
print("trimmed to four     ", *x, sep="\n   ")
print("elected sign        ", sign)
print("mean of those agreed", (x * agree).sum(axis=0) / np.maximum(agree.sum(axis=0), 1))
print("plain sum           ", one + two)

# %% [markdown]
r"""
At the first place the 4 wins against the −1 and stays whole; at the third both agree and are averaged; at the
places where trimming has left only one, its change stays whole, where an average would have halved it. As a whole
the change is longer than the average and shorter than the sum.
"""

# %% [markdown]
r"""
#### DARE: drop, and rescale

DARE (Yu et al., 2023) drops entries at *random*, each with probability p, and divides the others by 1 − p, as
dropout does. Every entry keeps its expected value. Without the division, which popular accounts leave out,
what remains is a smaller change:
"""

# %% tags=["demo"]
rng = np.random.default_rng(0)
change = rng.normal(size=100_000)
for p in (0.5, 0.9):
    stays = rng.random(change.shape) >= p
    for name, y in [("dropped", change * stays), ("and rescaled", change * stays / (1 - p))]:
        along = (y @ change) / (change @ change)
        aside = np.linalg.norm(y - along * change) / np.linalg.norm(change)
        print(f"p = {p} {name:13} along the change {along:.2f}, noise beside it {aside:.2f}")

# %% [markdown]
r"""
Rescaled, it points as far in the change's direction as before, and brings noise with it: $\sqrt{p/(1-p)}$ times the
length of the change, three times at p = 0.9. Whether a model bears that depends on how long its change is. The
authors dropped 90 and even 99 %, of changes that were mostly within 0.002 of zero, from models of billions of
weights. Our recorded run:
"""

# %% tags=["demo"]
print(f"of our changes' entries lie within 0.002 of zero: style {(a.abs() < 0.002).double().mean():.2f}, "
      f"facts {(b.abs() < 0.002).double().mean():.2f}")  # fmt: skip
fig, axes = figures.subplots(1, 2, sharey=True, size=(7.4, 2.9))
words = []
for ax, method in zip(axes, ("dare", "dare, not rescaled"), strict=True):
    by_p = {0.0: over_seeds("task arithmetic")} | {p: over_seeds(method, p) for p in merging.DROPS}
    for quantity, marker in zip(("style", "new", "known", "refused"), "os^d", strict=True):
        ax.plot(list(by_p), [by_p[p][quantity] for p in by_p], marker=marker, label=quantity)
    ax.set(xlabel="share dropped", title=method, ylim=(-0.03, 1.05))
    words += [f"{method}, new and known facts: "
              + ", ".join(f"{m['new']:.2f} and {m['known']:.2f} at {p}" for p, m in by_p.items())]  # fmt: skip
axes[0].legend(frameon=False, loc="lower left")
figures.show(fig, "Shares against the share of entries dropped. " + ". ".join(words) + ".")

# %% [markdown]
r"""
A third dropped costs little, a half more. Nine tenths destroy our model, even what it knew before: the
famous effect **did not appear here**. The likely reasons: our changes are not small, and a matrix of 128 by
128 has few entries over which the noise could average out. Without rescaling the old facts are safe at every p, for the
dull reason that hardly any change is left: nor are the new facts there.
"""

# %% [markdown]
r"""
#### SLERP: along the arc

The midpoint of two unit vectors at right angles has the length 0.71; interpolated along the arc, 1. Hence
spherical interpolation, for *two* models, with a share t of the way. On weights, as it is usually done,
how large is the angle?
"""

# %% tags=["demo"]
x, y = np.array([1.0, 0.0]), np.array([0.0, 1.0])
arc = (np.sin(np.pi / 4) * x + np.sin(np.pi / 4) * y) / np.sin(np.pi / 2)
print(f"line {np.linalg.norm((x + y) / 2):.3f}, arc {np.linalg.norm(arc):.3f}")

cosine = torch.cosine_similarity(w + a, w + b, dim=0)
line, curve = merging.combined([style, facts], [0.5, 0.5]), merging.slerp_models(style, facts)
apart = (flat(curve) - flat(line)).norm() / flat(line).norm()
print(f"angle between the two models' weights: {math.degrees(math.acos(cosine)):.1f} degrees")
print(f"SLERP of the models differs from the average's change by {apart:.1%}")

# %% [markdown]
r"""
Both models are the base plus a little, so the angle is small and the arc is nearly a line: SLERP of models is
the average here, but for a few per cent. Between the *changes*, which are nearly at right angles, it differs: there it is about
0.71 times the sum, which is task arithmetic at another scale.
"""

# %% [markdown]
r"""
#### Tuned against tuned

Each method has knobs, so a fair comparison tunes each one on the same questions and measures on others. Here
each method's setting is chosen on seed 0, by the *worst* of its four shares, and reported on seeds 1 and 2:
other facts, other trainings.
"""

# %% tags=["demo"]
settings = {}
for r in record.rows:
    if r["method"] not in ("neither", "style alone", "facts alone"):
        settings.setdefault(r["method"], set()).add((r["density"], r["scale"]))
print(f"{'':20} chosen           style      new    known  refused   worst")
for method, choices in settings.items():
    best = max(sorted(choices), key=lambda c: min(over_seeds(method, *c, seeds=(0,)).values()))
    m = over_seeds(method, *best, seeds=(1, 2))
    name = "p" if method.startswith("dare") else "density"
    print(f"{method:20} {name} {best[0]:<4} scale {best[1]:<4}",
          "  ".join(f"{v:7.2f}" for v in m.values()), f"{min(m.values()):7.2f}")  # fmt: skip
m = over_seeds("task arithmetic", scale=1.0, seeds=(1, 2))
print(
    "the plain sum:".ljust(38),
    "  ".join(f"{v:7.2f}" for v in m.values()),
    f"{min(m.values()):7.2f}",
)

# %% [markdown]
r"""
The methods that keep the new facts lie within a tenth of one another: after tuning, *which* method hardly
matters, and the untuned sum is behind. What TIES gained over the plain sum is mostly a smaller step. With two skills, one
model and 60 answers a share that is no verdict on the methods. It is a reason to tune the simplest one
before you reach for another.
"""

# %% [markdown]
r"""
#### The same base

Now the condition. Two models to interpolate with `instruct`, from t = 0 (`instruct`) to t = 1:

- `instruct-noabstain`, which was trained from the same `base` for millions of tokens, on other conversations;
- a *reordered* `instruct`: in each layer the 384 hidden units of the MLP are shuffled, rows of two matrices
  and columns of the third alike. It computes exactly the same function.
"""

# %% tags=["demo"]
generator = torch.Generator().manual_seed(0)
shuffled = dict(base)
for layer in range(4):
    order, mlp = torch.randperm(384, generator=generator), f"model.layers.{layer}.mlp."
    shuffled[mlp + "gate_proj.weight"] = base[mlp + "gate_proj.weight"][order]
    shuffled[mlp + "up_proj.weight"] = base[mlp + "up_proj.weight"][order]
    shuffled[mlp + "down_proj.weight"] = base[mlp + "down_proj.weight"][:, order]
others = {
    "noabstain": lab.load("instruct-noabstain").state_dict(),
    "reordered": shuffled,
}
for name, other in others.items():
    print(f"{name:10} cosine with instruct {torch.cosine_similarity(w, flat(other), dim=0):.2f}")

# %% tags=["demo"]
from course.lab import skills

familiar = merging.questions(0)["known"][:30]
line = {}
for name, other in others.items():
    line[name] = []
    for t in (0, 0.25, 0.5, 0.75, 1):
        between = lab.load("instruct")
        between.load_state_dict({k: (1 - t) * base[k] + t * other[k] for k in base})
        right = skills.share_right(between, lab.tokenizer("instruct"), familiar, inside=True)
        line[name].append(right["value"])

# %% tags=["demo"]
fig, ax = figures.subplots(size=(5.6, 2.8))
for (name, values), marker in zip(line.items(), "s^", strict=True):
    ax.plot((0, 0.25, 0.5, 0.75, 1), values, marker=marker, label=name)
ax.set(xlabel="t: from instruct to the other", ylabel="known facts right", ylim=(-0.03, 1.05))
ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
ways = [f"{name} " + ", ".join(f"{v:.2f}" for v in values) for name, values in line.items()]
figures.show(
    fig, "Known facts right at five points between instruct and another model: " + "; ".join(ways)
)

# %% [markdown]
r"""
With the reordered copy both ends know everything and the middle knows nothing: unit 17 of one is averaged with an
unrelated unit of the other. Two models trained from *different* random weights differ by such an unknown
reordering, and by more. `instruct-noabstain` is far from `instruct` as well, much farther than our two tuned
models, but its units are still the same units; between the two the facts hardly suffer. It is the common
start that counts, not the distance alone. (Finding the reordering first can mend it: Ainsworth et al., 2022.)
"""

# %% [markdown]
r"""
#### The same merge in mergekit

mergekit merges from a YAML file. This one is TIES with our two adapters (`model+adapter` means that the adapter
is added to the model first). mergekit itself is not installed here, so a small checker stands in for it, made
after its source (`config.py`, `merge_methods/`, version of June 2026): what must be there, and what is
never read.
"""

# %% tags=["demo"]
ties_yaml = """
merge_method: ties
base_model: ./instruct
models:
  - model: ./instruct+./style
    parameters: {weight: 1.0, density: 0.5}
  - model: ./instruct+./facts
    parameters: {weight: 1.0, density: 0.5}
parameters:
  normalize: true   # divide by the weights that agree: the default of ties
  lambda: 1.0
dtype: float32
"""

# %% tags=["demo"]
import yaml

TOP = {"merge_method", "base_model", "models", "slices", "modules", "parameters", "dtype",
       "out_dtype", "tokenizer", "tokenizer_source", "chat_template"}  # fmt: skip
VECTORS = {"weight", "density", "normalize", "rescale", "lambda", "int8_mask"}
READ = {"linear": {"weight", "normalize"}, "slerp": {"t"}, "task_arithmetic": VECTORS,
        "ties": VECTORS, "dare_ties": VECTORS, "dare_linear": VECTORS}  # fmt: skip


def problems(text: str) -> list[str]:
    """What is wrong with a mergekit file that merges whole models."""
    config = yaml.safe_load(text)
    method, base, models = (config.get(k) for k in ("merge_method", "base_model", "models"))
    if method not in READ or not models:
        return [f"merge_method {method!r} and models: one is unknown to this checker"]
    found = [f"key {key!r} is not read" for key in config.keys() - TOP]
    if method != "linear" and base is None:
        found.append(f"{method} needs base_model")
    if method == "slerp" and (len(models) != 2 or base not in [m["model"] for m in models]):
        found.append("slerp takes two models, one of them the base_model")
    common = config.get("parameters", {})
    for model in models:
        own = model.get("parameters", {})
        found += [f"{model['model']}: {key!r} is not read" for key in own.keys() - READ[method]]
        if READ[method] is VECTORS and model["model"] == base and own:
            found.append(f"{base}: the base has no change, so its parameters do nothing")
        elif "weight" in READ[method] and "weight" not in own | common:
            found.append(f"{model['model']}: weight is missing")
    return found + ["slerp needs t"] * (method == "slerp" and "t" not in common)


print(problems(ties_yaml) or "nothing found")

# %% [markdown]
r"""
### Build it

Four exercises: TIES, DARE and SLERP for one tensor, and the repair of a merge of LoRA adapters.
"""

# %% [markdown]
r"""
### Exercise 46.1 · `ties_merge`

●●● · 25 minutes · 6 points · core

Write `ties_merge(base, models, weights, density, lam=1.0)` for one tensor, as NumPy arrays. (A whole
model is merged by calling it for each of its tensors, as mergekit does; mergekit rounds k down and
breaks ties otherwise.)

`base` has any shape, `models` is a list of arrays of the same shape, one or more, and `weights` has
one number for each of them. Return the merged array, float64, of that shape.

1. **Changes.** Each model's change is the model minus the base.
2. **Trim.** Of each change keep the `k` entries of the largest absolute value and set the others to 0,
   where `k` is `density` times the number of entries, rounded to the nearest integer, a half upwards,
   and at least 1. Of equally large entries those with the lower index in the flattened array (row by
   row) are kept first.
3. **Weigh.** Multiply each trimmed change by its model's weight.
4. **Elect.** For each entry, add the weighted changes of all models. The sign of that sum is elected.
5. **Average those that agree.** A model agrees at an entry where its weighted change has the elected
   sign; where it is 0, because it was trimmed or its weight is 0, the model does not agree. The merged
   change is the sum of the agreeing weighted changes divided by the sum of the agreeing *weights*.
   Where the sum of step 4 is 0, the merged change is 0.
6. Return base plus `lam` times the merged change.

A negative weight, and a density that is not above 0 and at most 1, is a `ValueError`. The arguments are
not changed. Sums that are exactly 0 are tested only with numbers that floating point adds exactly.

By hand: base 0, changes (4, −1, 0.5) and (−3, −2, 0.25), weights 1, density 2/3. Two entries of three
stay: (4, −1, 0) and (−3, −2, 0). The sums are 1, −3 and 0. At the first entry only the 4 agrees, at
the second both: the merged change is (4, −1.5, 0).

<details><summary>Hint 1</summary>

`np.argsort(-abs(x), kind="stable")` puts the largest first and equal ones in the order of their index.
Stack the weighted changes in one array with the models along the first axis; the rest is sums along it.

</details>

<details><summary>Hint 2</summary>

Trim each model by itself: the flattened change, zeros everywhere but at the first k places of its order. The
election looks at what is left after trimming and weighing, nothing else. Agreement is a mask of the stack's
shape; the same mask picks the changes of the numerator and the weights of the divisor. Divide only where the
divisor is positive.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q46-ties-merge", "locked": false, "schema_version": 3, "solution": true, "task": false}
def ties_merge(
    base: np.ndarray,
    models: list[np.ndarray],
    weights: list[float],
    density: float,
    lam: float = 1.0,
) -> np.ndarray:
    """Merge fine-tuned versions of one tensor with TIES.

    base and every model: the same shape. Returns float64 of that shape.
    """
    ### BEGIN SOLUTION
    if min(weights) < 0:
        raise ValueError("weights must not be negative")
    if not 0 < density <= 1:
        raise ValueError(f"density must be above 0 and at most 1, not {density}")
    base = np.asarray(base, dtype=np.float64)
    k = max(1, math.floor(density * base.size + 0.5))
    weighted = []
    for model, weight in zip(models, weights, strict=True):
        change = (np.asarray(model, dtype=np.float64) - base).ravel()
        kept = np.argsort(-abs(change), kind="stable")[:k]
        trimmed = np.zeros_like(change)
        trimmed[kept] = change[kept]
        weighted.append(weight * trimmed.reshape(base.shape))
    x = np.stack(weighted)
    agree = np.sign(x) == np.sign(x.sum(axis=0))
    w = np.asarray(weights, dtype=np.float64).reshape(-1, *[1] * base.ndim)
    divisor = (w * agree).sum(axis=0)
    merged = (x * agree).sum(axis=0) / np.where(divisor > 0, divisor, 1.0)
    return base + lam * merged
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q46-ties-merge-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
zero = np.zeros(3)
testing.agree(
    ties_merge,
    [((zero, [np.array([1.0, -2.0, 3.0])], [1.0], 1.0), [1.0, -2.0, 3.0])],
    "one model at density 1 comes back as it is",
)
testing.agree(
    ties_merge,
    [((zero, [np.array([4.0, -1.0, 0.5]), np.array([-3.0, -2.0, 0.25])], [1.0, 1.0], 2 / 3),
      [4.0, -1.5, 0.0])],
    "the example of the prompt",
)  # fmt: skip
testing.agree(
    ties_merge,
    [((np.array([10.0, 0.0]), [np.array([11.0, 2.0])], [1.0], 0.5), [10.0, 2.0])],
    "what is trimmed is the change, not the weight: the base's 10 stays",
)
testing.agree(
    ties_merge,
    [((np.zeros(1), [np.array([4.0]), np.array([1.0])], [3.0, 1.0], 1.0), [13 / 4])],
    "divide by the sum of the agreeing weights, not by how many agree",
)

# %% nbgrader={"grade": true, "grade_id": "q46-ties-merge-hidden-trim", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: trimming (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()
base = 100 * rng.choice([-1.0, 1.0], size=16)  # large weights, small changes
order = rng.permutation(16)
change = np.zeros(16)
change[order] = np.arange(1, 17) * rng.choice([-1.0, 1.0], size=16)
for density, k in [(0.25, 4), (0.5, 8), (0.75, 12), (1.0, 16), (5 / 64, 1), (7 / 64, 2), (0.03125, 1),
                   (1 / 512, 1), (5 / 32, 3)]:  # fmt: skip
    kept = np.where(abs(change) > 16 - k, change, 0.0)
    testing.agree(
        ties_merge,
        [((base, [base + change], [1.0], density), base + kept)],
        "keep the largest changes, by absolute value: density times the size, rounded to the nearest "
        "integer with a half upwards, and at least one",
    )
tied = np.array([1.0, -2.0, 2.0, -1.0, 2.0, 1.0, 0.5, 2.0])
for density, kept in [(0.25, [1, 2]), (0.5, [1, 2, 4, 7]), (0.625, [0, 1, 2, 4, 7]),
                      (0.75, [0, 1, 2, 3, 4, 7])]:  # fmt: skip
    want = np.where(np.isin(np.arange(8), kept), tied, 0.0)
    testing.agree(
        ties_merge,
        [((np.zeros(8), [tied], [1.0], density), want),
         ((np.zeros((2, 4)), [tied.reshape(2, 4)], [1.0], density), want.reshape(2, 4))],
        "of equally large changes exactly so many stay, the lower flat index first; a matrix is trimmed "
        "as one vector, not row by row",
    )  # fmt: skip
big, small = np.array([8.0, 7.0, 6.0, 5.0]), np.array([0.25, 0.5, 0.75, 1.0])
testing.agree(
    ties_merge,
    [((np.zeros(4), [big, small], [1.0, 1.0], 0.5), [8.0, 7.0, 0.75, 1.0])],
    "each model is trimmed by itself: one that has moved little keeps its share too",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q46-ties-merge-hidden-sign", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: electing the sign (1 point)
### BEGIN HIDDEN TESTS
one = lambda *values: [np.array([v]) for v in values]  # noqa: E731
testing.agree(
    ties_merge,
    [
        ((np.zeros(1), one(5.0, -1.0, -2.0), [1.0, 1.0, 1.0], 1.0), [5.0]),
        ((np.zeros(1), one(-5.0, 1.0, 2.0), [1.0, 1.0, 1.0], 1.0), [-5.0]),
        ((np.zeros(1), one(2.0, -1.0, -2.0), [1.0, 1.0, 1.0], 1.0), [-1.5]),
    ],
    "the sign is that of the sum, not of the majority, and not always that of the largest",
)
testing.agree(
    ties_merge,
    [
        ((np.zeros(1), one(2.0, -1.0), [1.0, 4.0], 1.0), [-1.0]),
        ((np.zeros(1), one(2.0, -1.0), [1.0, 1.0], 1.0), [2.0]),
        ((np.zeros(1), one(2.0, -1.0, -8.0), [1.0, 1.0, 0.0], 1.0), [2.0]),
    ],
    "the weights take part in the election",
)
testing.agree(
    ties_merge,
    [
        ((np.array([3.0]), one(5.0, 1.0), [1.0, 1.0], 1.0), [3.0]),
        ((np.array([3.0]), one(4.0, 4.0), [0.0, 0.0], 1.0), [3.0]),
        ((np.array([3.0]), one(3.0), [1.0], 1.0), [3.0]),
    ],
    "where the sum is 0 the entry stays at the base",
)
moves = [np.array([1.0, 0.0]), np.array([-0.75, 5.0]), np.array([-0.75, 5.0])]
testing.agree(
    ties_merge,
    [
        ((np.zeros(2), moves, [1.0, 1.0, 1.0], 0.5), [1.0, 5.0]),
        ((np.zeros(2), [-x for x in moves], [1.0, 1.0, 1.0], 0.5), [-1.0, -5.0]),
    ],
    "trim first, then elect: an entry that was trimmed away has no vote",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q46-ties-merge-hidden-mean", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the average of those that agree (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()
one = lambda *values: [np.array([v]) for v in values]  # noqa: E731
testing.agree(
    ties_merge,
    [
        ((np.zeros(1), one(4.0, 2.0, -1.0), [1.0, 1.0, 1.0], 1.0), [3.0]),
        ((np.zeros(1), one(4.0, 2.0, -1.0), [0.5, 0.25, 2.0], 1.0), [2.5 / 0.75]),
        ((np.zeros(1), one(4.0, 2.0), [0.25, 0.25], 1.0), [3.0]),
    ],
    "divide by the weights of the models that agree, and by nothing else: not by all weights, not by "
    "their number",
)
testing.agree(
    ties_merge,
    [
        ((np.zeros(2), [np.array([8.0, 1.0]), np.array([2.0, 6.0])], [1.0, 1.0], 0.5), [8.0, 6.0]),
        ((np.zeros(2), [np.array([8.0, 1.0]), np.array([2.0, 6.0])], [1.0, 1.0], 1.0), [5.0, 3.5]),
        ((np.zeros(1), one(4.0, 2.0), [1.0, 0.0], 1.0), [4.0]),
    ],
    "a change that was trimmed away, or has weight 0, takes no part in the average",
)
for count in (2, 3, 5):
    base, size = rng.normal(size=(4, 3)), rng.normal(size=(count, 4, 3))
    weights = rng.uniform(0.2, 2.0, size=count)
    x = weights[:, None, None] * size
    agree = np.sign(x) == np.sign(x.sum(axis=0))
    mean = (x * agree).sum(axis=0) / (weights[:, None, None] * agree).sum(axis=0)
    testing.agree(
        ties_merge,
        [((base, list(base + size), weights.tolist(), 1.0), base + mean)],
        "at density 1 the merged change is the weighted mean of the changes that have the sign of the "
        "weighted sum",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q46-ties-merge-hidden-contract", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: scale, shapes, errors, unchanged arguments (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for lam in (0.0, 0.5, 2.0, -1.0):
    base, moved = rng.normal(size=6), rng.normal(size=6)
    testing.agree(
        ties_merge,
        [((base, [base + moved], [1.0], 1.0, lam), base + lam * moved),
         ((base, [base + moved, base + moved], [1.0, 3.0], 1.0), {"lam": lam}, base + lam * moved)],
        "lam scales the merged change, not the base",
    )  # fmt: skip
for shape in [(2, 3, 4), (5, 1), (1,)]:
    base, moved = rng.normal(size=shape), rng.normal(size=shape)
    assert testing.close(ties_merge(base, [base + moved], [2.0], 1.0), base + moved), (
        "the result has the shape of the base, and the weight of a single model cancels"
    )
for weights, density in [([1.0, -0.5], 0.5), ([-1.0, -1.0], 1.0), ([1.0, 1.0], 0.0), ([1.0, 1.0], -0.5),
                         ([1.0, 1.0], 1.5)]:  # fmt: skip
    base, moved = np.zeros(3), np.ones(3)
    assert testing.raises(ValueError, ties_merge, base, [moved, moved], weights, density), (
        "a negative weight, or a density outside (0, 1], is a ValueError"
    )
base, models = rng.normal(size=(3, 3)), [rng.normal(size=(3, 3)) for _ in range(2)]
assert testing.leaves_arguments(ties_merge, base, models, [1.0, 0.5], 0.5), (
    "base and models belong to the caller: do not write into them"
)
merged = ties_merge(base, models, [1.0, 0.5], 0.5)
assert getattr(merged, "dtype", None) == np.float64, "the result is float64"
### END HIDDEN TESTS

# %% [markdown]
r"""
Your function on the lab model, every matrix by itself, with the two skills from above: run the cells of
*See it* first. (The cell raises `NotImplementedError` until you have solved the exercise.)
"""

# %% tags=["demo"]
start = {name: w.double().numpy() for name, w in lab.load("instruct").state_dict().items()}
merged = {}
for name in style:
    pair = [start[name] + delta[name].double().numpy() for delta in (style, facts)]
    merged[name] = ties_merge(start[name], pair, [1.0, 1.0], 0.5) - start[name]
show("your TIES, density 0.5, scale 1", {k: torch.tensor(v).float() for k, v in merged.items()})

# %% [markdown]
r"""
### Exercise 46.2 · `dare`

●○○ · 10 minutes · 3 points · core

Write `dare(delta, p, rng)`: **d**rop **a**nd **re**scale.

`delta` is a NumPy array of any shape, `p` the probability with which an entry is *dropped*, and `rng` a
`numpy.random.Generator`. Return a new float64 array of that shape in which each entry, independently
of all others, is 0 with probability `p`, and otherwise the entry divided by `1 - p`. So every entry
keeps its expected value.

`p = 0` returns a copy. A `p` below 0, or of 1 and more, is a `ValueError`. `delta` is not changed. All
chance comes from `rng`: two calls in a row drop different entries, and the same generator state drops
the same ones.

By hand: with p = 0.75 the entry 2 becomes 8 in a quarter of the cases, and 0 in the others.

<details><summary>Hint 1</summary>

`rng.random(delta.shape)` gives an independent uniform number from [0, 1) for each entry.

</details>

<details><summary>Hint 2</summary>

First check `p`. Compare the random numbers with `p`, so that a share of `1 - p` stays on average, also where
`p` is 0. Build a new array from that mask, rather than writing zeros into `delta`.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q46-dare", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dare(delta: np.ndarray, p: float, rng: np.random.Generator) -> np.ndarray:
    """Drop entries with probability p, rescale the others by 1 / (1 - p).

    delta: any shape. Returns float64 of that shape.
    """
    ### BEGIN SOLUTION
    if not 0 <= p < 1:
        raise ValueError(f"p must be at least 0 and below 1, not {p}")
    stays = rng.random(np.shape(delta)) >= p
    return np.where(stays, np.asarray(delta, dtype=np.float64) / (1 - p), 0.0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q46-dare-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
delta = np.array([[1.0, -2.0], [0.5, 4.0]])
assert testing.close(dare(delta, 0.0, testing.rng()), delta), "p = 0 drops nothing"
thinned = dare(delta, 0.5, testing.rng())
assert all(testing.close(t, 0.0) or testing.close(t, 2 * d) for t, d in zip(thinned.ravel(), delta.ravel(), strict=True)), (
    "at p = 0.5 every entry is dropped or doubled"
)  # fmt: skip

# %% nbgrader={"grade": true, "grade_id": "q46-dare-hidden-rate", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: how many are dropped, and the expected value (1 point)
### BEGIN HIDDEN TESTS
for p in (0.1, 0.5, 0.75, 0.9):
    thinned = dare(np.full((200, 100), 3.0), p, testing.rng())
    stayed = int((thinned != 0).sum())
    spread = math.sqrt(20_000 * p * (1 - p))
    testing.check(
        abs(stayed - 20_000 * (1 - p)) < 6 * spread,
        "p is the probability of being dropped, not of being kept",
        inputs=("20,000 entries of 3.0", p),
        got=f"{stayed} entries stay",
        expected=f"about {20_000 * (1 - p):.0f}",
    )
    assert testing.close(thinned[thinned != 0], np.full(stayed, 3.0 / (1 - p))), (
        "what stays is divided by 1 - p, so that the expected value is kept: dividing by p, or by the "
        "share that happened to stay, is something else"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q46-dare-hidden-independent", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: each entry by itself, all chance from rng (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
draws = np.stack(testing.repeat(dare, 400, np.ones((3, 4)), 0.5, rng)) != 0
counts = draws.reshape(400, -1).sum(axis=1)
assert counts.min() != counts.max(), (
    "entries are dropped independently: how many stay varies from call to call"
)
share = draws.reshape(400, -1).mean(axis=0)
assert (abs(share - 0.5) < 6 * math.sqrt(0.25 / 400)).all(), (
    "every entry is dropped with the same probability, at each call anew"
)
together = np.corrcoef(draws.reshape(400, -1).T) - np.eye(12)
assert (abs(together) < 6 / math.sqrt(400)).all(), (
    "entries are dropped independently, not by rows or columns"
)
first, second = (dare(np.ones(60), 0.5, testing.rng(1)) for _ in range(2))
assert testing.close(first, second), "the same generator state drops the same entries"
assert testing.leaves_globals(dare, np.ones(10), 0.5, testing.rng()), (
    "draw from rng, and from no other source"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q46-dare-hidden-contract", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: shapes, errors, a copy (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for p in (1.0, 1.5, -0.25):
    assert testing.raises(ValueError, dare, np.ones(4), p, rng), (
        "p of 1 or more would divide by zero, and a negative one means nothing: a ValueError"
    )
for shape in [(7,), (2, 3, 2), ()]:
    x = rng.normal(size=shape)
    assert testing.close(dare(x, 0.0, rng), x), "p = 0 returns the entries as they are"
    first, second = testing.repeat(dare, 2, x, 0.0, rng)
    assert not np.shares_memory(first, second), "p = 0 returns a copy, not delta itself"
    assert np.shape(dare(x, 0.5, rng)) == shape, "the result has the shape of delta"
for p in (0.0, 0.5):
    x = 1 + rng.random(20)
    assert testing.leaves_arguments(dare, x, p, rng), "delta belongs to the caller"
for p in (0.0, 0.5):
    result = dare(np.array([1, 2, 3]), p, rng)
    assert getattr(result, "dtype", None) == np.float64, "the result is float64, also for integers"
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 46.3 · `slerp`

●●○ · 15 minutes · 4 points · extra

Write `slerp(a, b, t)`, the spherical linear interpolation between two NumPy arrays of one shape, taken
as vectors (a matrix is flattened, not handled row by row). Return float64 of that shape.

With $\theta$ the angle between `a` and `b`,

$$\mathrm{slerp}(a, b, t) = \frac{\sin((1-t)\,\theta)}{\sin\theta}\,a + \frac{\sin(t\,\theta)}{\sin\theta}\,b$$

The angle comes from the *directions*, $\cos\theta = a \cdot b \,/\, (\lVert a\rVert \lVert b\rVert)$; the formula is
applied to `a` and `b` themselves, whatever their lengths. Where it breaks down, when
$|\cos\theta| > 1 - 10^{-6}$ or one of the vectors is zero, return $(1-t)\,a + t\,b$. `t` may lie outside [0, 1]. The
arguments are not changed.

By hand: halfway between (1, 0) and (0, 1) lies $(\sqrt{1/2}, \sqrt{1/2})$, of length 1. The straight line's
midpoint, (0.5, 0.5), has the length 0.71.

<details><summary>Hint 1</summary>

`np.vdot(a, b)` flattens both, and `np.linalg.norm(a)` of a flattened array is its length. Two vectors
that are nearly parallel make $\sin\theta$ nearly 0.

</details>

<details><summary>Hint 2</summary>

Three cases end in the straight line: a vector without length, a cosine near 1, and one near −1. Decide them
in this order, so that nothing is divided by 0, and use the formula only after that.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q46-slerp", "locked": false, "schema_version": 3, "solution": true, "task": false}
def slerp(a: np.ndarray, b: np.ndarray, t: float) -> np.ndarray:
    """Interpolate between two arrays of one shape along the arc between their directions.

    a, b: the same shape. Returns float64 of that shape.
    """
    ### BEGIN SOLUTION
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    lengths = np.linalg.norm(a.ravel()) * np.linalg.norm(b.ravel())
    cosine = np.vdot(a, b) / lengths if lengths > 0 else 1.0
    if abs(cosine) > 1 - 1e-6:
        return (1 - t) * a + t * b
    theta = np.arccos(cosine)
    return (np.sin((1 - t) * theta) * a + np.sin(t * theta) * b) / np.sin(theta)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q46-slerp-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
x, y = np.array([1.0, 0.0]), np.array([0.0, 1.0])
testing.agree(
    slerp,
    [((x, y, 0.0), x), ((x, y, 1.0), y), ((x, y, 0.5), [math.sqrt(0.5), math.sqrt(0.5)])],
    "from a to b along the unit circle",
)
testing.agree(
    slerp,
    [((x, y, 1 / 3), [math.cos(math.pi / 6), math.sin(math.pi / 6)])],
    "a third of the way is a third of the angle: 30 degrees",
)
testing.agree(slerp, [((x, 3 * x, 0.5), [2.0, 0.0])], "parallel vectors: the straight line")

# %% nbgrader={"grade": true, "grade_id": "q46-slerp-hidden-arc", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: angles and lengths (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for _ in range(5):
    frame = np.linalg.qr(rng.normal(size=(8, 2)))[0].T  # two orthogonal unit vectors
    theta = rng.uniform(0.3, 2.8)
    a, b = frame[0], math.cos(theta) * frame[0] + math.sin(theta) * frame[1]
    cases = [
        ((a, b, t), math.cos(t * theta) * frame[0] + math.sin(t * theta) * frame[1])
        for t in (0.1, 0.5, 0.8, -0.25, 1.2)
    ]
    testing.agree(
        slerp, cases, "between unit vectors the angle grows in proportion to t, and the length is 1"
    )
    for one, two in [(5.0, 0.2), (0.5, 0.5), (3.0, 1.0)]:
        cases = [
            (
                (one * a, two * b, t),
                (math.sin((1 - t) * theta) * one * a + math.sin(t * theta) * two * b)
                / math.sin(theta),
            )
            for t in (0.25, 0.5, 0.9)
        ]
        testing.agree(
            slerp,
            cases,
            "the angle is that of the directions, and the formula is applied to a and b themselves: "
            "neither normalise the result nor forget the lengths in the cosine",
        )
matrix, other = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
testing.agree(
    slerp,
    [((matrix, other, 0.3), slerp(matrix.ravel(), other.ravel(), 0.3).reshape(3, 4))],
    "a matrix is one vector: there is one angle, not one for each row",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q46-slerp-hidden-parallel", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: nearly parallel, opposite and zero vectors (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
a = rng.normal(size=6)
nearly = a + 1e-9 * rng.normal(size=6)
for b in (a.copy(), 4 * a, nearly, -a, -2 * a, -nearly):
    testing.agree(
        slerp,
        [((a, b, t), (1 - t) * a + t * b) for t in (0.0, 0.25, 0.5, 1.0)],
        "where the angle is 0 or 180 degrees up to rounding, the formula divides by zero: take the "
        "straight line",
    )
frame = np.linalg.qr(rng.normal(size=(6, 2)))[0].T
for short in (2e-7, 1e-8, 2e-9):  # the cosine is this much above -1
    b = -3 * ((1 - short) * frame[0] + math.sqrt(short * (2 - short)) * frame[1])
    testing.agree(
        slerp,
        [((frame[0], b, t), (1 - t) * frame[0] + t * b) for t in (0.25, 0.5, 0.75)],
        "take the straight line as soon as the cosine's absolute value is above 1 - 1e-6, and not only still "
        "nearer to 1",
    )
zero = np.zeros(6)
testing.agree(
    slerp,
    [((zero, a, 0.25), 0.25 * a), ((a, zero, 0.25), 0.75 * a), ((zero, zero, 0.5), zero)],
    "a zero vector has no direction: take the straight line",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q46-slerp-hidden-contract", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: ends, shapes, unchanged arguments (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for shape in [(4,), (3, 5), (2, 2, 3)]:
    a, b = rng.normal(size=shape), 10 * rng.normal(size=shape)
    testing.agree(
        slerp, [((a, b, 0), a), ((a, b, 1), b)], "t = 0 gives a, and t = 1 gives b, with its length"
    )
    assert np.shape(slerp(a, b, 0.5)) == shape, "the result has the arguments' shape"
    assert testing.leaves_arguments(slerp, a, b, 0.5), "a and b belong to the caller"
close_by = rng.normal(size=50)
aside = close_by + 0.01 * rng.normal(size=50)  # about half a degree: still an arc
theta = math.acos(
    float(np.vdot(close_by, aside))
    / math.sqrt(float(np.vdot(close_by, close_by) * np.vdot(aside, aside)))
)
half = math.sin(theta / 2) / math.sin(theta)
assert testing.close(slerp(close_by, aside, 0.5), half * (close_by + aside)), (
    "only above 1 - 1e-6 is the cosine too near to 1"
)
frame = np.linalg.qr(rng.normal(size=(6, 2)))[0].T
for short in (3e-6, 1e-4):  # the cosine is this much above -1: still an arc
    theta = math.pi - 2 * math.asin(math.sqrt(short / 2))
    a, b = frame[0], math.cos(theta) * frame[0] + math.sin(theta) * frame[1]
    testing.agree(
        slerp,
        [
            ((a, b, t), math.cos(t * theta) * frame[0] + math.sin(t * theta) * frame[1])
            for t in (0.25, 0.5)
        ],
        "only above 1 - 1e-6 is the cosine's absolute value too near to 1",
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 46.4 · repair `merge_loras`

●●○ · 15 minutes · 4 points · core

A LoRA adapter adds $\frac{\alpha}{r} B A$ to a weight matrix $W$. To have two skills at once, somebody adds the adapters'
matrices: all the $A$, all the $B$. With equal ranks it runs and both skills come out damaged; with different
ranks it does not run at all. Mend `merge_loras(W, adapters, weights)` so that it returns

$$W + \sum_i w_i \,\frac{\alpha_i}{r_i}\, B_i A_i$$

- `W` has shape (d, k). Each adapter is a tuple `(A, B, alpha)` with `A` of shape (r, k), `B` of shape (d, r) and
  a number `alpha`. Ranks and alphas may differ from adapter to adapter; adapters have the dtype of `W`.
- `weights` has one number for each adapter. It may be negative, to take a skill away.
- With no adapter at all the result equals `W`.
- The result is a new tensor with the dtype of `W`; `W` is not changed, nor is any adapter.

<details><summary>Hint 1</summary>

Multiply out $(B_1 + B_2)(A_1 + A_2)$. Which of the four terms were wanted? What does a weight of 2 become?

</details>

<details><summary>Hint 2</summary>

Multiply first, then add: one product for each adapter, with a scale that is made of its own weight, alpha and rank.
`W += ...` writes into the caller's tensor, and what is returned must be new even if no adapter comes.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q46-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def merge_loras(
#     W: Tensor, adapters: list[tuple[Tensor, Tensor, float]], weights: list[float]
# ) -> Tensor:
#     """W: (d, k); adapters: tuples of A (r, k), B (d, r), alpha. Returns the merged weight (d, k)."""
#     A = sum(w * a for w, (a, b, alpha) in zip(weights, adapters))
#     B = sum(w * b for w, (a, b, alpha) in zip(weights, adapters))
#     first_A, first_B, alpha = adapters[0]
#     W += alpha / first_A.shape[0] * B @ A
#     return W
### END REPAIR
### BEGIN SOLUTION
def merge_loras(
    W: Tensor, adapters: list[tuple[Tensor, Tensor, float]], weights: list[float]
) -> Tensor:
    """W: (d, k); adapters: tuples of A (r, k), B (d, r), alpha. Returns the merged weight (d, k)."""
    merged = W.clone()
    for weight, (A, B, alpha) in zip(weights, adapters, strict=True):
        merged += weight * alpha / A.shape[0] * (B @ A)
    return merged


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q46-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# The first passes before the repair too: it looks for what must stay.
testing.agree(
    merge_loras,
    [((torch.zeros(2, 2), [(torch.ones(1, 2), torch.ones(2, 1), 2.0)], [1.0]), torch.full((2, 2), 2.0))],
    "one adapter of rank 1 with alpha 2 adds 2 B A",
)  # fmt: skip
left = (torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0], [0.0]]), 1.0)
right = (torch.tensor([[0.0, 1.0]]), torch.tensor([[0.0], [1.0]]), 1.0)
testing.agree(
    merge_loras,
    [((torch.zeros(2, 2), [left, right], [1.0, 1.0]), torch.eye(2))],
    "one adapter changes the first entry of the diagonal, the other the second; nothing else changes",
)

# %% nbgrader={"grade": true, "grade_id": "q46-repair-hidden-products", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the sum of the products (2 points)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
draw = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)  # noqa: E731
for count in (2, 3, 4):
    W, pairs = draw(4, 5), [(draw(3, 5), draw(4, 3)) for _ in range(count)]
    want = W + sum(B @ A for A, B in pairs)
    testing.agree(
        merge_loras,
        [((W, [(A, B, 3.0) for A, B in pairs], [1.0] * count), want)],
        "multiply each pair before you add: the product of sums has cross terms B_i A_j, which no "
        "adapter has learned",
    )
for weight in (0.5, 2.0, -1.0, 0.0):
    W, A, B = draw(4, 5), draw(2, 5), draw(4, 2)
    testing.agree(
        merge_loras,
        [((W, [(A, B, 2.0)], [weight]), W + weight * B @ A)],
        "the weight counts once: on both factors it is squared, and a negative one loses its sign",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q46-repair-hidden-scales", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: each adapter's own rank and alpha (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
draw = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)  # noqa: E731
for ranks, alphas in [((2, 2), (2.0, 8.0)), ((1, 4), (1.0, 4.0)), ((4, 1, 2), (8.0, 8.0, 8.0)),
                      ((2, 3), (3.0, 1.0)), ((4,), (6.5,))]:  # fmt: skip
    W = draw(4, 6)
    adapters = [(draw(r, 6), draw(4, r), alpha) for r, alpha in zip(ranks, alphas, strict=True)]
    weights = [0.5, 1.5, -1.0][: len(ranks)]
    want = W + sum(
        w * alpha / r * B @ A for w, r, (A, B, alpha) in zip(weights, ranks, adapters, strict=True)
    )
    testing.agree(
        merge_loras,
        [((W, adapters, weights), want)],
        "each adapter has its own alpha and its own rank, and so its own scale",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q46-repair-hidden-copy", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a new tensor, its dtype, no adapter (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
draw = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)  # noqa: E731
W, A, B = draw(3, 3), draw(2, 3), draw(3, 2)
assert testing.leaves_arguments(merge_loras, W, [(A, B, 2.0)], [1.0]), (
    "the weight belongs to the caller: merging twice must not add twice"
)
single = draw(3, 3).float()
result = merge_loras(single, [(draw(2, 3).float(), draw(3, 2).float(), 2.0)], [1.0])
assert getattr(result, "dtype", None) == torch.float32, "the result has the dtype of W"
result = merge_loras(W, [(A, B, 2.0)], [1.0])
assert getattr(result, "dtype", None) == torch.float64, "the result has the dtype of W"
empty = draw(2, 4)
testing.agree(merge_loras, [((empty, [], []), empty)], "without adapters nothing is added")
assert testing.leaves_arguments(merge_loras, empty, [], []), "without adapters W stays as it is too"
first, second = testing.repeat(merge_loras, 2, empty, [], [])
assert first.data_ptr() != second.data_ptr(), "the result is a new tensor, without adapters too"
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

**"Task arithmetic: `merge_method: ties`."** Popular examples carry one method's name in a comment and another's
in the file, give the base a weight, and misspell a parameter without noticing:
"""

# %% tags=["demo"]
popular_yaml = """
# Task arithmetic with DARE
merge_method: ties
base_model: ./instruct
models:
  - model: ./instruct
    parameters: {weight: 1.0}
  - model: ./instruct+./style
    parameters: {weight: 0.7, densty: 0.5}
  - model: ./instruct+./facts
    parameters: {weight: 0.5, density: 0.5}
"""
for problem in problems(popular_yaml):
    print("-", problem)

# %% [markdown]
r"""
In mergekit (source read in November 2026) `task_arithmetic` adds scaled changes and trims nothing; `ties` keeps the
*largest* share `density` and elects signs; `dare_linear` and `dare_ties` keep a *random* share `density`. The base
is skipped when changes are made, so its weight does nothing. With `normalize`, the default of `ties`, the
weights 0.7 and 0.5 are divided by the sum of those that agree: where only one model has moved, its change
arrives whole, whatever its weight. A key that is not known is ignored in silence.
"""

# %% [markdown]
r"""
**"To merge LoRA adapters, average their matrices."** $(B_1 + B_2)(A_1 + A_2)$ is $B_1A_1 + B_2A_2$ plus $B_1A_2 + B_2A_1$, products
that nobody trained. PEFT's `add_weighted_adapter` does this with `combination_type="linear"`, its `"cat"` does
not (version 0.21.2):
"""

# %% tags=["demo"]
from peft import get_peft_model_state_dict, set_peft_model_state_dict

both = tuned["style"]
if "facts" not in both.peft_config:
    both.add_adapter("facts", tuned["facts"].peft_config["default"])
    set_peft_model_state_dict(both, get_peft_model_state_dict(tuned["facts"]), adapter_name="facts")
total = flat(merging.combined([style, facts], [1.0, 1.0]))
for kind in ("cat", "linear"):
    both.add_weighted_adapter(["default", "facts"], [1.0, 1.0], kind, combination_type=kind)
    made = {
        f"{name.removeprefix('base_model.model.')}.weight": module.get_delta_weight(kind).detach()
        for name, module in both.named_modules()
        if hasattr(module, "get_delta_weight")
    }
    print(f"{kind}: off the sum of the changes by {(flat(made) - total).norm() / total.norm():.0%}")
    show(f"PEFT, {kind}", made)

# %% [markdown]
r"""
**"Similar models can be merged."** *Same base* is the condition. The reordered copy above is not similar to
`instruct` but equal to it in everything it says, and still cannot be averaged with it.

**"DARE divides by 1 − p" in every tool.** The paper does. mergekit's `rescale` (June 2026) multiplies by whatever
brings the sum of absolute values back to what it was, PEFT divides by the density. For large
matrices the two agree closely; know which one you run.
"""

# %% [markdown]
r"""
### If they push

<details><summary>Why can straight lines between fine-tuned models work at all, in so crooked a landscape?
</summary>

While the changes are small, the model's outputs are nearly linear in the weights, and adding changes adds
effects. For longer ones it is an observation: from some point of training on, runs that share their past end in
one basin, and the loss along the line between them does not rise (*linear mode connectivity*; Frankle et al.,
2020). Fine-tunings share a long past.

</details>

<details><summary>Merge two skills, or train on both data sets?</summary>

If you have both data sets and the compute, train on both: the loss then sees the interaction, which a merge
can only hope for. Merging is for when you do not: the data are elsewhere, the models exist already, or many
combinations are wanted. It needs no gradient, only a search over a few scales, and that needs an
evaluation set for each skill.

</details>

<details><summary>Merge the adapters, or load them one at a time?</summary>

If each request needs one skill, keep the adapters apart and choose: no interference, and a server can hold many
(question 16). Merge when one answer needs several at once, as a new fact in the merchant's style does, or
when the serving stack takes plain weights only.

</details>

<details><summary>Can a skill be taken away?</summary>

Subtract its change: W − λΔ. Ilharco et al. (2022) made a language model produce less toxic text that way, with
little change elsewhere. It removes what that tuning added; what the model knew before is not addressed. Try
it: `show("minus style", merging.combined([style, facts], [-1.0, 1.0]))`.

</details>

<details><summary>The two models have different tokenizers. Now what?</summary>

Row i of the embedding means another token in each, so averaging them is the reordering trap again. Only rows of
shared tokens can be matched, and mergekit has settings for it; models that were trained on different
tokenizers rarely share a base anyway. Otherwise distil (question 29).

</details>

<details><summary>What is a "frankenmerge"?</summary>

Layers of several models stacked into a deeper one (mergekit's `passthrough`). That is not averaging: no weights
are combined, and the result usually wants further training. Evidence is mostly anecdotal.

</details>

<details><summary>A merge tops a leaderboard. What do you ask?</summary>

How its scale, density and ingredients were chosen. A merge is cheap, so hundreds are tried, and choosing the
best of hundreds on the benchmark is training on it. Ask for a test that played no part in the choice, and
whether an ingredient had seen the benchmark.

</details>
"""

# %% [markdown]
r"""
### Sources

- Wortsman et al. (2022), *Model soups*, arXiv 2203.05482: averages of models tuned from one base.
- Ilharco et al. (2022), *Editing Models with Task Arithmetic*, arXiv 2212.04089: task vectors, their sums and
  differences.
- Yadav, Tam, Choshen, Raffel, Bansal (2023), *TIES-Merging: Resolving Interference When Merging Models*, arXiv
  2306.01708. Its authors' code trims the whole model as one vector; mergekit and the exercise trim each tensor.
- Yu, Yu, Yu, Huang, Li (2023), *Language Models are Super Mario*, arXiv 2311.03099: DARE; that 90 or 99 % can be
  dropped, more so in large models. **Not seen here.**
- Shoemake (1985), *Animating Rotation with Quaternion Curves*, SIGGRAPH: SLERP.
- Frankle, Dziugaite, Roy, Carbin (2020), *Linear Mode Connectivity and the Lottery Ticket Hypothesis*, arXiv
  1912.05671; Ainsworth, Hayase, Srinivasa (2022), *Git Re-Basin*, arXiv 2209.04836: common starts, and permutations
  of units.
- Goddard et al. (2024), *Arcee's MergeKit*, arXiv 2403.13257; its source of June 2026 (`config.py`, `sparsify.py`,
  `merge_methods/generalized_task_arithmetic.py`), and PEFT 0.21.2, `utils/merge_utils.py`, read in November 2026.
- Whether any method beats tuned task arithmetic in general is **contested**: comparisons differ in the models, in the
  number of skills, and in how carefully each method was tuned.
"""
