# %% [markdown]
r"""
## Q4. What do temperature, top-k and top-p do?

*Easy · 90 minutes · needs softmax (self-test 3), probability (self-test 4), NumPy's `argsort`*
"""

# %% [markdown]
r"""
### Say it

> The model's output is a score, a *logit*, for every token in the vocabulary. Temperature divides
> the logits before the softmax: below 1 it sharpens the distribution, above 1 it flattens it, and
> the ranking of the tokens never changes. Top-k, top-p and min-p then cut the tail off: top-k keeps
> a fixed number of tokens, top-p the smallest set that holds at least a share p of the probability,
> min-p every token that has at least a given fraction of the best token's probability. What is left
> is renormalised, and one token is drawn. Temperature 0 is a special case, not a division: it means
> taking the most likely token.
"""

# %% [markdown]
r"""
### See it

**The last step of a language model.** A model reads "The cat sat on the" and returns one logit for
every token it knows. Ours knows five. Softmax turns logits into probabilities, and a random number
picks the token.
"""

# %% tags=["demo"]
tokens = ["mat", "sofa", "roof", "moon", "law"]
logits = np.array([3.0, 2.0, 1.0, 0.0, -1.0])


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max())  # subtracting the maximum changes nothing, and exp cannot overflow
    return e / e.sum()


for token, p in zip(tokens, softmax(logits), strict=True):
    print(f"{token:5} {p:.3f}")

# %% [markdown]
r"""
Drawing from these probabilities takes one uniform random number: walk along the cumulative sum
until it passes the number. Run the cell a few times.
"""

# %% tags=["demo"]
cumulative = softmax(logits).cumsum()
u = np.random.default_rng().random() * cumulative[-1]  # the sum is 1 up to rounding only
chosen = int((cumulative <= u).sum())  # the first token whose cumulative value is above u
print("cumulative", np.round(cumulative, 3), f" u = {u:.3f}  ->  {tokens[chosen]}")

# %% [markdown]
r"""
#### Temperature

Divide every logit by $T$ before the softmax:

$$p_i(T) = \frac{e^{z_i/T}}{\sum_j e^{z_j/T}}$$

The ratio of two probabilities is $p_i/p_j = e^{(z_i - z_j)/T}$. So $T = \tfrac12$ squares every
ratio and $T = 2$ takes its square root. Order is kept at every $T > 0$: the most likely token stays
the most likely one.
"""

# %% [markdown]
r"""
With logits 3 and 2 the first token is $e \approx 2.7$ times as likely as the second. What is the
ratio at $T = 0.5$, and at $T = 2$? Decide before you run.
"""

# %% tags=["demo"]
for T in (0.5, 1.0, 2.0):
    p = softmax(logits / T)
    print(f"T = {T}: {np.round(p, 3)}  ratio of the first two: {p[0] / p[1]:.2f}")

# %% tags=["demo"]
from course import figures

fig, axes = figures.subplots(1, 3, sharey=True)
for ax, T in zip(axes, (0.5, 1.0, 2.0), strict=True):
    figures.bars(ax, softmax(logits / T), labels=tokens)
    ax.set_title(f"T = {T}")
figures.show(
    fig,
    "Three bar charts of the same five tokens. At T = 0.5 mat has 0.86 of the probability, "
    "at T = 1 it has 0.64, at T = 2 it has 0.43; the order of the bars never changes.",
)

# %% [markdown]
r"""
**How random is it?** Entropy measures it, in bits: 0 when one token has everything, $\log_2 V$ when
all $V$ tokens are equally likely. Temperature moves the distribution along one curve from the first
end (if one logit is the largest) to the other.
"""


# %% tags=["demo"]
def entropy_bits(p: np.ndarray) -> float:
    p = p[p > 0]
    return float(-(p * np.log2(p)).sum())


T = np.geomspace(0.05, 50, 200)
fig, ax = figures.subplots(size=(5, 2.6))
ax.semilogx(T, [entropy_bits(softmax(logits / t)) for t in T])
ax.axhline(np.log2(len(tokens)), linestyle=":", linewidth=1)
ax.annotate("log2(5) = 2.32 bits", (0.06, 2.4))
ax.set(xlabel="temperature", ylabel="entropy (bits)", ylim=(0, 2.7))
figures.show(
    fig,
    "Entropy against temperature on a logarithmic axis: an S-shaped curve that rises from 0 bits "
    "at low temperature to the dotted line at 2.32 bits, the entropy of five equal tokens.",
)

# %% [markdown]
r"""
#### Truth and variety

What does that do to the *texts*? The course's own two models can tell, because everything they may
speak about is known: `instruct`, which answers questions about a small invented world, and `base`,
which continues text about it (question 1 introduces them). The next cell draws several continuations
of each prompt. It switches transformers' own top-k off, which would otherwise keep 50 tokens.
"""

# %% tags=["demo"]
import random

from course import lab, world

home, tokenizer = world.make_world(), lab.tokenizer("base")
answerer, writer = lab.load("instruct"), lab.load("base")


@torch.inference_mode()
def sampled(model, prompts: list[str], T: float, *, new: int = 24, **rules) -> list[list[str]]:
    """Draw four continuations of each prompt, all in one batch."""
    batch = tokenizer(
        prompts, padding=True, padding_side="left", add_special_tokens=False, return_tensors="pt"
    )
    copies = 4 if T else 1  # at T = 0 all four are the same
    ids, mask = (
        x.repeat_interleave(copies, dim=0) for x in (batch.input_ids, batch.attention_mask)
    )
    rules = {"do_sample": True, "temperature": T, "top_k": 0} | rules if T else {"do_sample": False}
    torch.manual_seed(0)
    out = model.generate(ids, attention_mask=mask, max_new_tokens=new, **rules)
    texts = [
        t.strip() for t in tokenizer.batch_decode(out[:, ids.shape[1] :], skip_special_tokens=True)
    ]
    return [texts[i : i + copies] * (4 // copies) for i in range(0, len(texts), copies)]


# %% [markdown]
r"""
Two tasks. **Questions** whose answers `instruct` was taught, four answers to each; one is right if it is
the true answer word for word. And **prose**: `base` goes on after a person's name, four times, and a
program checks every complete sentence against the world.
"""

# %% tags=["demo"]
from course.world.chats import known_question

rng = random.Random(4)
known = [known_question(home, rng) for _ in range(30)]
people = rng.sample(home.of_kind("person"), 8)


def as_chats(texts: list[str]) -> list[str]:
    """The questions, laid out as `instruct` was trained on them."""
    chats = [[{"role": "user", "content": text}] for text in texts]
    return tokenizer.apply_chat_template(chats, add_generation_prompt=True, tokenize=False)


for T in (0.0, 1.0, 2.0):
    print(
        f"T = {T}, question: {known[0].text}",
        *sampled(answerer, as_chats([known[0].text]), T)[0][:2],
        sep="\n    ",
    )
    written = sampled(writer, [f"{tokenizer.bos_token} {people[0]}"], T)[0]
    print("  prose", *(f"{people[0]} {text} ..." for text in written[:2]), sep="\n    ")

# %% [markdown]
r"""
**Variety** is counted in the same way for both: 0 if the four answers (or first sentences) are all alike,
1 if no two are. For prose a third number is worth having, the share of sentences that are true *and* that
none of the four texts has said before. What do you expect of each between $T = 0$ and $T = 2$?
"""


# %% tags=["demo"]
def variety(groups: list[list[str]]) -> float:
    return float(np.mean([(len(set(group)) - 1) / (len(group) - 1) for group in groups]))


def on_questions(T: float, **rules) -> tuple[float, float]:
    """Truth and variety of the answers."""
    groups = sampled(answerer, as_chats([q.text for q in known]), T, **rules)
    pairs = [(text, q.answer) for group, q in zip(groups, known, strict=True) for text in group]
    return float(np.mean([text == f"{answer}." for text, answer in pairs])), variety(groups)


def on_prose(T: float, **rules) -> tuple[float, float, float]:
    """Truth and variety of the prose, and the share of its sentences that are new truths."""
    starts = [f"{tokenizer.bos_token} {name}" for name in people]
    total, true, new, firsts = 0, 0, 0, []
    for name, group in zip(people, sampled(writer, starts, T, new=48, **rules), strict=True):
        texts = [
            world.sentences(f"{name} {text}")[:-1] for text in group
        ]  # the last may be cut off
        lines = [line for text in texts for line in text]
        truths = [x for x in lines if world.check(home, x).verdict is world.Verdict.TRUE]
        total, true, new = total + len(lines), true + len(truths), new + len(set(truths))
        firsts.append([text.split(".")[0] for text in group])
    return true / total, variety(firsts), new / total


# %% tags=["demo"]
temperatures = (0.0, 0.5, 1.0, 1.5, 2.0)
questions = {T: on_questions(T) for T in temperatures}
prose = {T: on_prose(T) for T in temperatures}
print("       questions          prose")
print("  T    right  variety     true  variety  new truths")
for T in temperatures:
    (right, varied), (true, differ, new) = questions[T], prose[T]
    print(f"{T:4}  {right:6.2f} {varied:7.2f}  {true:8.2f} {differ:7.2f} {new:10.2f}")

# %% tags=["demo"]
fig, axes = figures.subplots(1, 2, sharey=True, size=(7.4, 2.9))
for ax, measured, title in zip(
    axes, (questions, prose), ("questions with one answer", "prose"), strict=True
):
    truth, varied = zip(*(measured[T][:2] for T in temperatures), strict=True)
    ax.plot(temperatures, truth, marker="o", label="truth")
    ax.plot(temperatures, varied, marker="s", label="variety")
    ax.set(title=title, xlabel="temperature", ylim=(-0.05, 1.05))
axes[0].legend(frameon=False, loc="center left")
ends = [
    f"{m[0.0][i]:.2f} at T = 0, {m[1.0][i]:.2f} at 1, {m[2.0][i]:.2f} at 2"
    for m in (questions, prose)
    for i in (0, 1)
]
figures.show(
    fig,
    "Two charts of truth (solid, circles) and variety (dashed, squares) against temperature. "
    f"Questions: truth {ends[0]}; variety {ends[1]}. Prose: truth {ends[2]}; variety {ends[3]}.",
)

# %% [markdown]
r"""
Each share of questions rests on 120 answers, each share of prose on about a hundred sentences:
differences below a tenth may be chance. Read three things off.

- A question that the model knows has *one* right answer. Variety there is not creativity: every answer
  that differs from it is wrong.
- For prose there are many true things to say. Compare $T = 0$ with $T = 0.5$: how much variety comes, and
  how much truth does it cost? The new truths are what one wants of both, and their maximum lies
  somewhere in between: at $T = 0$ the four texts say the same, at
  $T = 2$ hardly anything true.
- A high temperature does not make the model know less; the scores are the same. But a sentence is about
  ten draws, and one that goes wrong spoils it. Look at the examples of $T = 2$.
"""

# %% [markdown]
r"""
#### Cutting the tail

A real vocabulary has 50,000 to 250,000 tokens. Nearly all are nonsense at any given place, each with a
tiny probability; together they can hold several per cent. A tail of, say, 2 % at every place is met ten
times on average in a text of 500 tokens, and one nonsense token is enough to derail what follows. So
samplers cut the tail off before they draw. The three common rules differ in *where* they cut.

How heavy is the tail of our `base`? Call a token unlikely where it has less than a thousandth of the
probability at $T = 1$. All unlikely tokens together, on fresh prose, at three temperatures:
"""

# %% tags=["demo"]
from course.world.pages import prose_page

pages = " ".join(prose_page(home, random.Random(seed), sentences=10) for seed in range(4))
ids = tokenizer(
    f"{tokenizer.bos_token} {pages}", add_special_tokens=False, return_tensors="pt"
).input_ids
with torch.inference_mode():
    z = writer(ids).logits[0]
unlikely = z.softmax(dim=-1) < 1e-3
print(
    f"of {z.shape[1]:,} tokens {unlikely.sum(dim=-1).double().mean():,.0f} are unlikely on average"
)
for T in (1.0, 1.5, 2.0):
    mass = float(((z / T).softmax(dim=-1) * unlikely).sum(dim=-1).mean())
    print(
        f"T = {T}: together {mass:.3f}; in 20 tokens at least one with {1 - (1 - mass) ** 20:.2f}"
    )

# %% [markdown]
r"""
**Top-k** (Fan et al., 2018): keep the k most likely tokens. **Top-p**, or *nucleus* sampling
(Holtzman et al., 2019): go down the sorted list and stop as soon as the tokens taken hold a mass of
at least p. **Min-p** (Nguyen et al., 2024): keep the tokens that have at least `min_p` times the
probability of the best one. Here are all three, slowly, on the five words.
"""


# %% tags=["demo"]
def keep_top_k(p: np.ndarray, k: int) -> set[int]:
    return {int(i) for i in np.argsort(-p)[:k]}


def keep_top_p(p: np.ndarray, top_p: float) -> set[int]:
    kept, mass = set(), 0.0
    for i in np.argsort(-p):
        kept.add(int(i))
        mass += p[i]
        if mass >= top_p:  # these tokens hold enough: stop
            break
    return kept


def keep_min_p(p: np.ndarray, min_p: float) -> set[int]:
    return {i for i in range(len(p)) if p[i] >= min_p * p.max()}


# %% tags=["demo"]
p = softmax(logits)
print("probabilities", np.round(p, 3))
print("top-k, k=2    ", [tokens[i] for i in sorted(keep_top_k(p, 2))])
print("top-p, p=0.9  ", [tokens[i] for i in sorted(keep_top_p(p, 0.9))])
print("min-p, 0.04   ", [tokens[i] for i in sorted(keep_min_p(p, 0.04))])

# %% [markdown]
r"""
**Why not simply top-k?** Because the right number of tokens depends on the place in the text. After
"The capital of France is" one token is right; after "She looked at the" a hundred are. Below are a
sure and an unsure model over 50 tokens, under the same three settings. Solid bars are kept, hatched
ones are cut off; the two rows have different scales.
"""

# %% tags=["demo"]
sure = softmax(-1.6 * np.arange(50.0) ** 0.6)
unsure = softmax(-0.03 * np.arange(50.0))
rules = [
    ("top-k 10", keep_top_k, 10),
    ("top-p 0.9", keep_top_p, 0.9),
    ("min-p 0.1", keep_min_p, 0.1),
]
fig, axes = figures.subplots(2, 3, sharex=True, sharey="row")
for row, (name, p) in zip(axes, [("sure", sure), ("unsure", unsure)], strict=True):
    for ax, (rule, keep, setting) in zip(row, rules, strict=True):
        kept = keep(p, setting)
        figures.bars(ax, p, kept=np.isin(np.arange(50), list(kept)))
        mass = sum(p[i] for i in kept)
        ax.set_title(f"{name}, {rule}: {len(kept)} kept, {mass:.0%}")
figures.show(
    fig,
    "Six bar charts of 50 tokens. Top-k 10 keeps 10 tokens of both models: all the mass of the "
    "sure one, a third of the unsure one. Top-p 0.9 keeps 3 and 41, min-p 0.1 keeps 2 and all 50.",
)

# %% [markdown]
r"""
Top-k keeps ten tokens of both. For the sure model that is seven more than hold 92 %, and every one
of them is a way to go wrong; for the unsure one it throws two thirds of the mass away. Top-p and
min-p follow the model: they keep few tokens where it is sure and many where it is not. Min-p cuts
nothing at all from the unsure model here, since no token falls below a tenth of the best one.
"""

# %% [markdown]
r"""
A model is not either sure or unsure: it is both within one sentence. Here are the first words of the fresh
prose again, each with the number of tokens among which top-p 0.9 would have let `base` choose there:
"""

# %% tags=["demo"]
ranked = z.softmax(dim=-1).sort(dim=-1, descending=True).values
kept = (ranked.cumsum(dim=-1) - ranked < 0.9).sum(dim=-1)
print(
    "  ".join(
        f"{tokenizer.decode([i])!r}:{n}" for i, n in zip(ids[0, 1:31], kept[:30], strict=True)
    )
)
print(f"kept over {len(kept)} places: median {int(kept.median())}, at most {int(kept.max())}")
print(f"one token is enough at {float((kept == 1).double().mean()):.0%} of the places")

# %% [markdown]
r"""
A name can begin in many ways, and once it has begun there is little left to choose. No fixed k fits both.

**Does cutting give truth back?** $T = 1.5$ has cost truth. Here are the same questions and beginnings at
that temperature with a narrower and narrower nucleus, and with min-p:
"""

# %% tags=["demo"]
rules = {f"top-p {p}": {"top_p": p} for p in (0.9, 0.7, 0.5)} | {"min-p 0.1": {"min_p": 0.1}}
cut = {name: (on_questions(1.5, **rule), on_prose(1.5, **rule)) for name, rule in rules.items()}
print("           questions          prose")
print("T = 1.5    right  variety     true  variety  new truths")
for name, (q, x) in {"no cut": (questions[1.5], prose[1.5]), **cut}.items():
    print(f"{name:9} {q[0]:6.2f} {q[1]:7.2f}  {x[0]:8.2f} {x[1]:7.2f} {x[2]:10.2f}")

# %% [markdown]
r"""
Cutting gives truth back where the columns of truth rise from the first line to the others. It teaches the
model nothing: it takes away again what the temperature had lifted. So the fair question is not "more truth
than without the cut?" but "more than a lower temperature gives, without any cut?". Measured by new truths:
"""

# %% tags=["demo"]
bars = {f"T = {T:g}": prose[T][2] for T in temperatures} | {n: x[2] for n, (_, x) in cut.items()}
fig, ax = figures.subplots(size=(6.4, 2.8))
plain = np.arange(len(bars)) < len(temperatures)
figures.bars(ax, list(bars.values()), kept=plain, labels=list(bars))
ax.set(ylabel="new truths per sentence", title="solid: no cut; hatched: T = 1.5, cut")
figures.show(
    fig,
    "Bars of the share of sentences that are true and new. Without a cut, solid: "
    + ", ".join(f"{n} {v:.2f}" for n, v in bars.items() if n.startswith("T"))
    + ". At T = 1.5 with a cut, hatched: "
    + ", ".join(f"{n} {v:.2f}" for n, v in bars.items() if not n.startswith("T"))
    + ".",
)

# %% [markdown]
r"""
A hatched bar is worth something if it stands above *every* solid one, by more than the tenth that may be
chance. If it only reaches the best of them, then for this model and this measure the cut is a lower
temperature by another name. On your task, compare tuned with tuned: the quarrel about min-p below turns
on just that.
"""

# %% [markdown]
r"""
#### The order matters

The filters do not commute. Temperature changes the probabilities on which top-p counts its mass, so
it matters which comes first. The same logits with $p = 0.9$:
"""

# %% tags=["demo"]
for T in (0.5, 1.0, 2.0):
    first = keep_top_p(softmax(logits / T), 0.9)
    last = keep_top_p(softmax(logits), 0.9)
    print(f"T = {T}: temperature first keeps {sorted(first)}, temperature last {sorted(last)}")

# %% [markdown]
r"""
Both orders are in use. transformers 5.23 applies temperature, then top-k, top-p and min-p, with
rarer filters between and after them. llama.cpp's default chain applies penalties, then the filters
(top-n-sigma, top-k, typical, top-p, min-p, XTC), and the temperature last (both sources read in
November 2026). The same settings mean different things in the two programs: at high temperature
transformers lets more of the tail in.
"""

# %% [markdown]
r"""
Top-k before top-p matters as well, because of the renormalisation in between. With probabilities
0.4, 0.2, 0.15, 0.13, 0.12 and k = 3, what is left sums to 0.75. Renormalised, the first token alone
holds 0.53, which is enough for top-p = 0.5. Counted on the original mass it holds 0.4, and a second
token would be needed. transformers renormalises; so do we.
"""

# %% tags=["demo"]
try:
    from transformers import TopKLogitsWarper, TopPLogitsWarper
except ImportError:
    print("This demo needs transformers: pip install transformers")
else:
    z = torch.log(torch.tensor([[0.4, 0.2, 0.15, 0.13, 0.12]], dtype=torch.float64))
    z = TopPLogitsWarper(0.5)(None, TopKLogitsWarper(3)(None, z))
    print("renormalised, as transformers does:", torch.softmax(z, dim=-1).numpy().round(3))
print(
    "counted on the original mass: tokens",
    sorted(keep_top_p(np.array([0.4, 0.2, 0.15, 0.13, 0.12]), 0.5)),
)

# %% [markdown]
r"""
### Build it

Three exercises: the filters, the loop that samples with them, and the repair of a sampler that many
people have written.
"""

# %% [markdown]
r"""
### Exercise 4.1 · `filter_probs`

●●○ · 30 minutes · 6 points · core

Write `filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0)`.

`logits` is a NumPy array of shape (V,) or (..., V): any number of leading axes, and every row along
the last axis is a distribution of its own. Return the probabilities as float64 of the same shape,
each row summing to 1. The argument is not changed.

The steps, in this order:

1. **Temperature.** Divide the logits by `temperature`. A negative temperature is a `ValueError`.
   At temperature 0 all the probability goes to the largest logit, the *lowest index* if several are
   equal; the other settings are then ignored.
2. **Top-k.** Keep the `top_k` largest logits. Tokens that *tie* with the k-th largest all stay, so
   there may be more than k. `top_k <= 0` and `top_k >= V` keep everything.
3. **Softmax** over what is left.
4. **Top-p.** Sort what is left from most to least likely, equal ones by index. Keep a token while
   the mass *before* it is smaller than `top_p`. So the tokens kept are the smallest set that holds
   at least `top_p`. At least one token always stays, also for `top_p <= 0`; `top_p >= 1` cuts
   nothing.
5. **Min-p.** On what is left, keep the tokens whose probability is at least `min_p` times that of
   the most likely one, with `0 <= min_p <= 1`. `min_p = 0` cuts nothing.
6. **Renormalise.**

Logits are finite or `-inf`, and may be as large as 1000. A token with logit `-inf` has probability 0
at every setting. A row that is `-inf` throughout is a `ValueError`, at every temperature, also as
one row among others.

Mind that ties are treated in three ways: top-k and min-p keep all equal tokens, top-p takes them in
the order of their index, temperature 0 takes the first. Tests meet the threshold of top-p exactly
only with 2, 4 or 8 equally likely tokens, where floating-point sums are exact. Positive temperatures
below 0.01 are not tested.

By hand: with probabilities 0.5, 0.25, 0.125, 0.125 and `top_p=0.7`, the masses before the tokens are
0, 0.5, 0.75, 0.875; two tokens stay, with 2/3 and 1/3.

<details><summary>Hint 1</summary>

`np.argsort(-p, axis=-1, kind="stable")` sorts every row, equal entries by index. The mass before a
token is the cumulative sum minus the token's own probability. To bring a mask in sorted order back
to the original order, index it with `np.argsort(order, axis=-1)`, the inverse of the permutation.

</details>

<details><summary>Hint 2</summary>

Work on a copy of the logits as float64. Cutting a token off means setting its logit to `-inf`. For
top-k compare with the k-th largest value of the row, for top-p make the mask of kept tokens in sorted
order and bring it back with `np.take_along_axis`, for min-p compare with the row's maximum. A softmax
at the end renormalises. Deal with `ValueError` and temperature 0 first.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q04-filter-probs", "locked": false, "schema_version": 3, "solution": true, "task": false}
def filter_probs(
    logits: np.ndarray,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    min_p: float = 0.0,
) -> np.ndarray:
    """Turn logits into the probabilities that a sampler draws from.

    logits: (..., V), finite or -inf. Returns float64 (..., V); every row sums to 1.
    """
    ### BEGIN SOLUTION
    if temperature < 0:
        raise ValueError(f"temperature must not be negative, not {temperature}")
    z = np.array(logits, dtype=np.float64)  # a copy: the caller's array stays as it is
    if np.isneginf(z).all(axis=-1).any():
        raise ValueError("a row of logits is -inf throughout: there is nothing to sample")
    if temperature == 0:
        return np.eye(z.shape[-1])[z.argmax(axis=-1)]

    def softmax(z: np.ndarray) -> np.ndarray:
        e = np.exp(z - z.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    z = z / temperature
    if 0 < top_k < z.shape[-1]:
        kth = np.sort(z, axis=-1)[..., -top_k, None]
        z = np.where(z < kth, -np.inf, z)
    p = softmax(z)
    if top_p < 1:
        order = np.argsort(-p, axis=-1, kind="stable")
        ranked = np.take_along_axis(p, order, axis=-1)
        keep = ranked.cumsum(axis=-1) - ranked < top_p
        keep[..., 0] = True
        z = np.where(np.take_along_axis(keep, np.argsort(order, axis=-1), axis=-1), z, -np.inf)
        p = softmax(z)
    z = np.where(p < min_p * p.max(axis=-1, keepdims=True), -np.inf, z)
    return softmax(z)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q04-filter-probs-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
four = np.log([0.5, 0.25, 0.125, 0.125])
testing.agree(
    filter_probs,
    [((four,), [0.5, 0.25, 0.125, 0.125])],
    "with the default settings the result is the plain softmax",
)
testing.agree(
    filter_probs,
    [((four,), {"temperature": 0.5}, np.array([16, 4, 1, 1]) / 22)],
    "T = 0.5 squares the ratios of the probabilities: divide the logits, not the probabilities",
)
testing.agree(
    filter_probs,
    [((four,), {"top_k": 1}, [1, 0, 0, 0]), ((four,), {"top_k": 2}, [2 / 3, 1 / 3, 0, 0])],
    "top-k keeps the k largest logits and renormalises",
)
testing.agree(
    filter_probs,
    [
        ((four,), {"top_p": 0.7}, [2 / 3, 1 / 3, 0, 0]),
        ((four,), {"top_p": 0.8}, [4 / 7, 2 / 7, 1 / 7, 0]),
    ],
    "top-p keeps a token while the mass before it is smaller than top_p",
)
testing.agree(
    filter_probs,
    [((four,), {"min_p": 0.4}, [2 / 3, 1 / 3, 0, 0])],
    "min-p compares with min_p times the largest probability, not with min_p itself",
)
testing.agree(
    filter_probs,
    [((four,), {"temperature": 0}, [1, 0, 0, 0])],
    "temperature 0 is no division: all the probability goes to the largest logit",
)

# %% nbgrader={"grade": true, "grade_id": "q04-filter-probs-hidden-boundary", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the boundary of the nucleus (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for n_live in (2, 4, 8):
    for eighths in (1, 2, 4, 6):
        row = np.full(13, -np.inf)
        row[rng.permutation(13)[:n_live]] = 0.0  # n_live tokens of exactly equal probability
        mass = eighths / 8
        kept = (filter_probs(row, top_p=mass) > 0).sum()
        testing.check(
            kept == max(1, math.ceil(mass * n_live)),
            "the nucleus is the smallest set that holds at least top_p: when the mass is met "
            "exactly, the next token stays out, and one token always stays in",
            inputs=(row, {"top_p": mass}),
            got=f"{kept} tokens kept",
            expected=f"{max(1, math.ceil(mass * n_live))} tokens kept",
        )
for top_p in (0.0, -1.0, 1e-9):
    kept = (filter_probs(np.array([0.0, 2.0, 1.0]), top_p=top_p) > 0).tolist()
    assert kept == [False, True, False], "the most likely token stays, however small top_p is"
spread = rng.normal(size=9)
for top_p in (1.0, 2.0):
    assert testing.close(filter_probs(spread, top_p=top_p), filter_probs(spread)), (
        "top_p of 1 or more keeps every token"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q04-filter-probs-hidden-temperature", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: temperature 0, negative temperature, impossible tokens (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
row = rng.integers(-5, 5, size=12).astype(float)
row[[3, 7, 10]] = 9.0
testing.agree(
    filter_probs,
    [
        ((row,), {"temperature": 0}, np.eye(12)[3]),
        ((row,), {"temperature": 0.0, "top_k": 2, "top_p": 0.1, "min_p": 1.0}, np.eye(12)[3]),
        ((np.array([-np.inf, 1.0, 1.0]),), {"temperature": 0}, [0, 1, 0]),
    ],
    "at temperature 0 everything goes to one token, the lowest index among equals",
)
for temperature in (-1.0, -1e-3):
    assert testing.raises(ValueError, filter_probs, row, temperature), (
        "a negative temperature turns the ranking round; refuse it with a ValueError"
    )
dead = np.full(4, -np.inf)
for temperature in (0.0, 0.5, 1.0):
    assert testing.raises(ValueError, filter_probs, dead, temperature), (
        "a row without any possible token is a ValueError, at every temperature"
    )
for settings in ({}, {"top_k": 4}, {"top_p": 0.999}, {"temperature": 5.0}, {"min_p": 0.01}):
    masked = rng.normal(size=9)
    masked[[0, 4, 5]] = -np.inf
    probs = filter_probs(masked, **settings)
    assert testing.close(probs[[0, 4, 5]], np.zeros(3)), "a logit of -inf means probability 0"
    assert testing.close(probs.sum(), 1.0), "the probabilities sum to 1"
hot = np.array([1000.0, 999.0, 0.0])
testing.agree(
    filter_probs,
    [((hot,), [1 / (1 + math.exp(-1)), 1 / (1 + math.e), 0.0])],
    "large logits overflow exp: subtract the maximum first",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q04-filter-probs-hidden-top-k", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: top-k beyond the vocabulary, and ties (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
plain = rng.normal(size=6)
testing.agree(
    filter_probs,
    [((plain, 1.0, k), np.exp(plain) / np.exp(plain).sum()) for k in (0, -1, 6, 7, 50)],
    "top_k of 0 or less, or of the vocabulary's size or more, keeps everything",
)
tied = np.array([0.0, 1.0, 0.0, 2.0, 0.0, 1.0])
weights = np.exp(tied)
for k, kept in [(1, [3]), (2, [1, 3, 5]), (3, [1, 3, 5]), (4, range(6)), (5, range(6))]:
    mask = np.isin(np.arange(6), list(kept))
    testing.agree(
        filter_probs,
        [((tied,), {"top_k": k}, np.where(mask, weights, 0) / weights[mask].sum())],
        "tokens that tie with the k-th largest all stay",
    )
long = rng.permutation(40).astype(float)
for k in (1, 7, 39):
    kept = np.flatnonzero(filter_probs(long, 4.0, k) > 0)
    assert testing.close(kept, np.flatnonzero(long >= 40 - k)), (
        "without ties top-k keeps the k largest logits, wherever they stand"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q04-filter-probs-hidden-order", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the order of the filters (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()
shuffle = rng.permutation(5)


def expect(p: list[float], kept: int, message: str, **settings: float) -> None:
    """The first `kept` of the sorted probabilities p stay; the tokens are shuffled."""
    p, mask = np.array(p), np.arange(5) < kept
    hot = p ** (1 / settings.get("temperature", 1.0))
    want = np.where(mask, hot, 0) / hot[mask].sum()
    testing.agree(filter_probs, [((np.log(p[shuffle]),), settings, want[shuffle])], message)


steps = np.exp([3.0, 2.0, 1.0, 0.0, -1.0])
for temperature, kept in [(0.5, 2), (1.0, 3), (2.0, 4)]:
    expect(
        steps / steps.sum(),
        kept,
        "the nucleus is counted on the probabilities after the temperature",
        temperature=temperature,
        top_p=0.9,
    )
expect(
    [0.4, 0.2, 0.15, 0.13, 0.12],
    1,
    "after top-k the probabilities are renormalised, and top-p counts on those",
    top_k=3,
    top_p=0.5,
)
expect(
    [0.5, 0.3, 0.1, 0.06, 0.04],
    3,
    "min-p comes after top-p: it must not change the mass that top-p counts",
    top_p=0.85,
    min_p=0.15,
)
expect([0.5, 0.3, 0.1, 0.06, 0.04], 2, "min-p cuts what top-p left", top_p=0.85, min_p=0.4)
expect(
    [0.5, 0.25, 0.125, 0.0625, 0.0625],
    3,
    "min-p is a fraction of the largest probability after temperature and top-k",
    temperature=2.0,
    top_k=4,
    min_p=0.45,
)
testing.agree(
    filter_probs,
    [((np.array([0.0, 2.0, 2.0]),), {"min_p": 1.0}, [0, 0.5, 0.5])],
    "a token that has exactly min_p times the largest probability stays",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q04-filter-probs-hidden-batch", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: leading axes, original order, unchanged argument (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for settings in ({}, {"top_k": 3}, {"top_p": 0.6}, {"min_p": 0.3}, {"temperature": 0}):
    batch = rng.normal(scale=2, size=(2, 3, 7))
    rows = [filter_probs(row.copy(), **settings) for row in batch.reshape(6, 7)]
    testing.agree(
        filter_probs,
        [((batch,), settings, np.stack(rows).reshape(2, 3, 7))],
        "every row along the last axis is a distribution of its own, and the shape stays",
    )
for settings in ({"top_k": 2}, {"top_p": 0.5}, {"min_p": 0.5}, {"temperature": 0.5}):
    batch = rng.normal(scale=2, size=(4, 6))  # a new one each time: a second call changes nothing
    assert testing.leaves_arguments(filter_probs, batch, **settings), (
        "the logits belong to the caller: do not write into them (also not at temperature 1)"
    )
result = filter_probs(batch.copy(), top_k=3)
assert getattr(result, "dtype", None) == np.float64, "the probabilities are a float64 array"
row = rng.normal(scale=2, size=11)
turn = rng.permutation(11)
for settings in ({"top_k": 4}, {"top_p": 0.7}, {"top_k": 6, "top_p": 0.8, "min_p": 0.1}):
    assert testing.close(
        filter_probs(row[turn], **settings), filter_probs(row.copy(), **settings)[turn]
    ), "tokens keep their places: bring the sorted result back to the original order"
four = np.array([0.05, 0.6, 0.25, 0.1])  # sorted order 1, 2, 3, 0: not its own inverse
testing.agree(
    filter_probs,
    [((np.log(four),), {"top_p": 0.7}, np.array([0, 0.6, 0.25, 0]) / 0.85)],
    "tokens keep their places: bring the sorted result back to the original order",
)
equal = np.zeros((2, 8))
testing.agree(
    filter_probs,
    [((equal,), {"top_p": 0.5}, np.tile([0.25] * 4 + [0] * 4, (2, 1)))],
    "equally likely tokens are taken in the order of their index: sort stably",
)
assert testing.raises(ValueError, filter_probs, np.array([[0.0, 1.0], [-np.inf, -np.inf]])), (
    "one impossible row among possible ones is a ValueError too"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
Your filter against transformers' own, on random logits: the same tokens stay. (The cell raises
`NotImplementedError` until you have solved the exercise.)
"""


# %% tags=["demo"]
batch = np.random.default_rng(0).normal(scale=3, size=(1000, 100))
mine = filter_probs(batch, temperature=0.8, top_k=40, top_p=0.9, min_p=0.05)
try:
    from transformers.generation import logits_process as warp
except ImportError:
    print("This demo needs transformers: pip install transformers")
else:
    scores = warp.TemperatureLogitsWarper(0.8)(None, torch.from_numpy(batch))
    for step in (
        warp.TopKLogitsWarper(40),
        warp.TopPLogitsWarper(0.9),
        warp.MinPLogitsWarper(0.05),
    ):
        scores = step(None, scores)
    theirs = scores.softmax(dim=-1).numpy()
    print("tokens kept:", int((mine > 0).sum()), "and", int((theirs > 0).sum()))
    print("largest difference:", abs(mine - theirs).max())

# %% [markdown]
r"""
### Exercise 4.2 · `generate`

●○○ · 10 minutes · 5 points · core

A filter gives the distribution of one token. A text is a loop. Write

`generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings)`

which returns the list of new tokens, as Python ints.

- `next_logits(tokens)` is the model: it takes the list of all tokens so far, the prompt and what has
  been drawn, and returns the logits of the next one, shape (V,). Call it once for each token drawn
  (`eos` is drawn too), and not more often. Give it a list of its own each time: it may keep it.
- `filter_probs(logits, **settings)` turns them into probabilities that sum to 1. It arrives as an
  argument, so it need not be yours; call it once for each token drawn, and pass on all `settings`
  that you were given.
- Draw each token from these probabilities with `rng`, a `numpy.random.Generator`, and with no other
  source of chance. A token of probability 0 is never drawn. The same generator state gives the same
  tokens.
- Stop when `eos` has been drawn (one that stands in the prompt does not count), or after
  `max_new_tokens` tokens. `eos` itself is not part of the result; `eos=None` means that no token ends
  the text. `max_new_tokens=0` gives `[]`, and a negative number is a `ValueError`.
- `prompt` is a list of ints, and is not changed.

<details><summary>Hint 1</summary>

`rng.choice(len(p), p=p)` draws one index with the probabilities `p`.

</details>

<details><summary>Hint 2</summary>

Keep one list `tokens = list(prompt)` that grows, hand copies of it to the model, and return its
tail. Check for `eos` right after drawing, before anything is appended.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q04-generate", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Callable


def generate(
    next_logits: Callable[[list[int]], np.ndarray],
    prompt: list[int],
    rng: np.random.Generator,
    filter_probs: Callable[..., np.ndarray],
    *,
    max_new_tokens: int,
    eos: int | None = None,
    **settings: float,
) -> list[int]:
    """Continue a prompt token by token.

    next_logits: all tokens so far -> logits (V,). Returns the new tokens, without eos.
    """
    ### BEGIN SOLUTION
    if max_new_tokens < 0:
        raise ValueError(f"max_new_tokens must not be negative, not {max_new_tokens}")
    tokens = list(prompt)
    for _ in range(max_new_tokens):
        p = filter_probs(next_logits(list(tokens)), **settings)
        token = int(rng.choice(len(p), p=p))
        if token == eos:
            break
        tokens.append(token)
    return tokens[len(prompt) :]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q04-generate-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
def counts_up(tokens: list[int]) -> np.ndarray:
    """A model that is certain: the next token is the last one plus 1."""
    return np.where(np.arange(10) == tokens[-1] + 1, 0.0, -np.inf)


def plain_softmax(logits: np.ndarray) -> np.ndarray:
    return np.exp(logits) / np.exp(logits).sum()


new = generate(counts_up, [1, 2], testing.rng(), plain_softmax, max_new_tokens=3)
testing.check(
    testing.close(new, [3, 4, 5]),
    "the result is the new tokens only, each drawn after the model has seen the ones before",
    inputs="a model that counts up, prompt [1, 2], max_new_tokens=3",
    got=new,
    expected=[3, 4, 5],
)
new = generate(counts_up, [1], testing.rng(), plain_softmax, max_new_tokens=9, eos=4)
testing.check(
    testing.close(new, [2, 3]),
    "drawing eos ends the text, and eos is not part of it",
    inputs="a model that counts up, prompt [1], max_new_tokens=9, eos=4",
    got=new,
    expected=[2, 3],
)

# %% nbgrader={"grade": true, "grade_id": "q04-generate-hidden-distribution", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the tokens have the filter's probabilities (2 points)
### BEGIN HIDDEN TESTS
wanted = np.array([0.05, 0.0, 0.6, 0.0, 0.25, 0.1])
n = 2000
flat_model = testing.Always(np.zeros(6))  # it travels whole: no call comes back for each token
fixed_filter = testing.Always(wanted)
drawn = generate(flat_model, [0], testing.rng(), fixed_filter, max_new_tokens=n)
assert len(drawn) == n, "without eos, max_new_tokens tokens are drawn"
share = np.bincount(drawn, minlength=6) / n
assert len(share) == 6, "a token is an index into the vocabulary"
assert share[1] == share[3] == 0, "a token of probability 0 is never drawn"
bound = 6 * np.sqrt(wanted * (1 - wanted) / n)
testing.check(
    np.all(np.abs(share - wanted) <= bound),
    "the tokens' frequencies are not the probabilities that the filter returned: draw from its "
    "result, not from the logits, and do not always take the most likely token",
    inputs=f"{n} tokens with the probabilities {wanted.tolist()}",
    got=share.round(3).tolist(),
    expected=f"each within {bound.round(3).tolist()}",
)
again = np.array(drawn)
pairs = np.mean((again[:-1] == 2) & (again[1:] == 2))
assert abs(pairs - 0.36) <= 6 * math.sqrt(0.36 * 0.64 / n * 3), (
    "successive tokens depend on each other although the model ignores its context"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q04-generate-hidden-context", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what the model and the filter are given (1 point)
### BEGIN HIDDEN TESTS
contexts: list[list[int]] = []
given: list[dict] = []


def remember(tokens: list[int]) -> np.ndarray:
    contexts.append(list(tokens))
    return np.arange(8.0)


def remember_settings(logits: np.ndarray, **settings: float) -> np.ndarray:
    given.append({"logits": np.array(logits), **settings})
    return np.full(8, 0.125)


prompt = [5, 6]
settings = {"temperature": 0.7, "top_p": 0.9}
new = generate(remember, prompt, testing.rng(), remember_settings, max_new_tokens=6, **settings)
assert testing.close(contexts, [[5, 6, *new[:i]] for i in range(6)]), (
    "the model is called once for each token, with the prompt and all tokens drawn so far"
)
assert testing.close(given, [{"logits": np.arange(8.0), **settings}] * 6), (
    "the filter is called once for each token, with the model's logits and all settings"
)
assert prompt == [5, 6], "the prompt belongs to the caller: do not append to it"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q04-generate-hidden-stop", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: where a text ends (1 point)
### BEGIN HIDDEN TESTS
calls = []


def up(tokens: list[int]) -> np.ndarray:
    calls.append(tokens)
    return np.where(np.arange(20) == tokens[-1] + 1, 0.0, -np.inf)


def exact(logits: np.ndarray, **settings: float) -> np.ndarray:
    return np.where(np.isneginf(logits), 0.0, 1.0)


def run(prompt: list[int], **options: int) -> list[int]:
    return generate(up, prompt, testing.rng(), exact, **options)


assert testing.close(run([3], max_new_tokens=0), []), "max_new_tokens=0 gives an empty list"
assert not calls, "with max_new_tokens=0 there is no token to ask the model for"
assert testing.close(run([3], max_new_tokens=5, eos=4), []), (
    "when the first token drawn is eos, the text is empty"
)
assert testing.close(run([4], max_new_tokens=3, eos=4), [5, 6, 7]), (
    "an eos in the prompt does not end the text: only one that is drawn does"
)
assert testing.close(run([3], max_new_tokens=3, eos=7), [4, 5, 6]), (
    "max_new_tokens counts the tokens of the result"
)
zero = generate(lambda tokens: np.zeros(1), [0], testing.rng(), exact, max_new_tokens=2, eos=0)
assert testing.close(zero, []), "token 0 may be eos as well: compare with None, not with truth"
zeros = generate(lambda tokens: np.zeros(1), [], testing.rng(), exact, max_new_tokens=2)
assert testing.close(zeros, [0, 0]), "eos=None ends nothing, not even at token 0"
assert testing.raises(ValueError, run, [3], max_new_tokens=-1), (
    "a negative max_new_tokens is a ValueError"
)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q04-generate-hidden-chance", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: where the chance comes from (1 point)
### BEGIN HIDDEN TESTS
even = testing.Always(np.zeros(16))
sixteenth = testing.Always(np.full(16, 1 / 16))


def draw(generator: np.random.Generator) -> list[int]:
    return generate(even, [0], generator, sixteenth, max_new_tokens=30)


one = testing.rng()
first, second = draw(one), draw(one)
assert testing.close(draw(testing.rng()), first), (
    "the same generator state gives the same tokens: draw from rng and nothing else"
)
assert not testing.close(second, first), (
    "the generator goes on from where the last call left it: do not seed a new one inside"
)
assert not testing.close(draw(testing.rng(1)), first), (
    "another generator gives other tokens: draw from the rng that is passed in"
)
assert len(set(first)) > 1, "each token is drawn anew"
quiet = testing.leaves_globals(generate, even, [0], testing.rng(), sixteenth, max_new_tokens=30)
assert quiet, "global random state changed: draw from rng and nothing else"
### END HIDDEN TESTS

# %% [markdown]
r"""
Your loop and your filter, and `base` between them: a sampler of your own. (The cell raises
`NotImplementedError` until you have solved 4.1 and 4.2.)
"""


# %% tags=["demo"]
def next_logits(sequence: list[int]) -> np.ndarray:
    with torch.inference_mode():
        return writer(torch.tensor([sequence])).logits[0, -1].double().numpy()


start = tokenizer(f"{tokenizer.bos_token} {people[0]}", add_special_tokens=False).input_ids
for settings in ({"temperature": 0}, {"temperature": 0.8, "top_p": 0.9}):
    new = generate(
        next_logits,
        start,
        np.random.default_rng(0),
        filter_probs,
        max_new_tokens=40,
        eos=tokenizer.eos_token_id,
        **settings,
    )
    print(settings, people[0] + tokenizer.decode(new), sep="\n    ")

# %% [markdown]
r"""
### Exercise 4.3 · repair `next_token_probs`

●●○ · 15 minutes · 3 points · core

This function is on many blogs and in many repositories, more or less as it stands here. It works
in the demonstration that comes with it. It has three faults that show with settings it claims to
support. Find them and mend them.

`next_token_probs(logits, temperature=1.0, top_k=50, top_p=0.9)` takes a Tensor of shape (V,), float32
or float64, and returns a Tensor of the same shape and dtype: the probabilities that the next token
is drawn from. It is meant to do what exercise 4.1 describes, without min-p and for one row, with its
own defaults:

- temperature 0 puts all the probability on the largest logit, the lowest index among equals, and
  ignores the other settings;
- `top_k <= 0` or `top_k >= V` keeps everything; ties with the k-th largest stay;
- the nucleus is the smallest set of most likely tokens that holds at least `top_p`, and `top_p >= 1`
  keeps everything;
- `logits` is not changed.

Some of this list it does already; what is right in it must stay right. Errors are not tested here, nor
are logits of `-inf` throughout, `top_p <= 0`, or *which* of several equally likely tokens top-p keeps
at its edge.

<details><summary>Hint 1</summary>

Call it at the edges of its settings: the smallest temperature, a small vocabulary, a nucleus whose
mass is met exactly.

</details>

<details><summary>Hint 2</summary>

The first needs a branch of its own, the second a `min`, the third one character. Whatever you skip,
ask what else it did: `logits / temperature` makes a new tensor, and later lines write into it.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q04-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def next_token_probs(
#     logits: Tensor, temperature: float = 1.0, top_k: int = 50, top_p: float = 0.9
# ) -> Tensor:
#     """logits: (V,). Returns the probabilities to draw the next token from, (V,)."""
#     scaled = logits / temperature
#     if top_k > 0:
#         smallest_kept = torch.topk(scaled, top_k).values[-1]
#         scaled[scaled < smallest_kept] = -torch.inf
#     if top_p < 1:
#         ranked, order = scaled.sort(descending=True)
#         probs = ranked.softmax(dim=-1)
#         mass_before = probs.cumsum(dim=-1) - probs
#         ranked[mass_before > top_p] = -torch.inf
#         scaled[order] = ranked
#     return scaled.softmax(dim=-1)
### END REPAIR
### BEGIN SOLUTION
def next_token_probs(
    logits: Tensor, temperature: float = 1.0, top_k: int = 50, top_p: float = 0.9
) -> Tensor:
    """logits: (V,). Returns the probabilities to draw the next token from, (V,)."""
    if temperature == 0:
        certain = torch.zeros_like(logits)
        certain[logits == logits.max()] = 1
        certain[certain.cumsum(dim=-1) > 1] = 0  # the lowest index among equals
        return certain
    scaled = logits / temperature
    if top_k > 0:
        smallest_kept = torch.topk(scaled, min(top_k, len(scaled))).values[-1]
        scaled[scaled < smallest_kept] = -torch.inf
    if top_p < 1:
        ranked, order = scaled.sort(descending=True)
        probs = ranked.softmax(dim=-1)
        mass_before = probs.cumsum(dim=-1) - probs
        ranked[mass_before >= top_p] = -torch.inf
        scaled[order] = ranked
    return scaled.softmax(dim=-1)


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q04-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
three = torch.log(torch.tensor([0.2, 0.7, 0.1], dtype=torch.float64))
testing.agree(
    next_token_probs,
    [
        ((three,), {"top_k": 0, "top_p": 1.0}, torch.tensor([0.2, 0.7, 0.1], dtype=torch.float64)),
        ((three,), {"top_k": 2, "top_p": 1.0}, torch.tensor([2, 7, 0], dtype=torch.float64) / 9),
        ((three,), {"top_k": 0, "top_p": 0.8}, torch.tensor([2, 7, 0], dtype=torch.float64) / 9),
    ],
    "this worked before the repair: plain softmax, top-k and top-p away from the edges",
)

# %% nbgrader={"grade": true, "grade_id": "q04-repair-hidden-zero", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: temperature 0, and the caller's tensor (1 point)
### BEGIN HIDDEN TESTS
for dtype in (torch.float32, torch.float64):
    row = torch.tensor([1.0, 4.0, -2.0, 4.0, 0.0], dtype=dtype)
    for settings in (
        {"top_k": 0, "top_p": 1.0},
        {"top_k": 5, "top_p": 0.9},
        {"top_k": 1, "top_p": 0.1},
    ):
        testing.agree(
            next_token_probs,
            [((row, 0), settings, torch.eye(5)[1]), ((row, 0.0), settings, torch.eye(5)[1])],
            "temperature 0 means the most likely token with certainty, the first among equals; "
            "division by 0 gives infinities and then NaN",
        )
    assert next_token_probs(row, 0, 0, 1.0).dtype == dtype, "the result has the dtype of the logits"
generator = testing.torch_generator()
for temperature in (0, 0.5, 1.0, 1, 2.0):
    row = torch.randn(30, generator=generator)
    assert testing.leaves_arguments(next_token_probs, row, temperature, 3, 0.5), (
        "the logits were written into: dividing by the temperature made a copy, so if you skip "
        "the division, copy"
    )
    if temperature:
        plain = torch.softmax(row / temperature, dim=-1)
        assert testing.close(next_token_probs(row, temperature, 0, 1.0), plain), (
            "other temperatures divide the logits, as before the repair"
        )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q04-repair-hidden-top-k", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: top-k beyond the vocabulary (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for size in (1, 2, 7, 49):
    row = torch.randn(size, generator=generator, dtype=torch.float64)
    plain = torch.softmax(row, dim=-1)
    cases = [((row, 1.0, k, 1.0), plain) for k in (0, -3, size, size + 1, 50, 10**6)]
    testing.agree(
        next_token_probs,
        cases,
        "a top_k of the vocabulary's size or more, the default 50 for instance, keeps everything",
    )
row = torch.tensor([0.0, 2.0, 1.0, 2.0, 1.0, -1.0], dtype=torch.float64)
assert next_token_probs(row.float(), 1.0, 50, 1.0).dtype == torch.float32, (
    "the result has the dtype of the logits"
)
for k, least in [(1, 2.0), (2, 2.0), (3, 1.0), (5, 0.0), (6, -1.0)]:
    kept = torch.where(row >= least, row, -torch.inf)
    testing.agree(
        next_token_probs,
        [((row, 1.0, k, 1.0), torch.softmax(kept, dim=-1))],
        "within the vocabulary top-k keeps the k largest and what ties with the k-th, as before",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q04-repair-hidden-nucleus", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the boundary of the nucleus (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for live, eighths in [(2, 4), (4, 2), (4, 4), (4, 6), (8, 1), (8, 4), (8, 7)]:
    row = torch.full((11,), -torch.inf)
    row[torch.randperm(11, generator=generator)[:live]] = 0.0
    kept = int((next_token_probs(row, 1.0, 0, eighths / 8) > 0).sum())
    testing.check(
        kept == math.ceil(live * eighths / 8),
        "when the tokens before one hold top_p exactly, the nucleus is complete without it",
        inputs=(row, {"temperature": 1.0, "top_k": 0, "top_p": eighths / 8}),
        got=f"{kept} tokens kept",
        expected=f"{math.ceil(live * eighths / 8)} tokens kept",
    )
for top_p in (0.05, 0.3, 0.55, 0.8, 0.95):
    p = torch.softmax(2 * torch.randn(40, generator=generator, dtype=torch.float64), dim=-1)
    ranked = p.sort(descending=True).values
    enough = int((ranked.cumsum(dim=-1) < top_p).sum()) + 1
    kept = torch.where(p >= ranked[enough - 1], p, 0)
    testing.agree(
        next_token_probs,
        [((torch.log(p), 1.0, 0, top_p), kept / kept.sum())],
        "away from the boundary the nucleus is what it was before the repair",
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

**"T = 0 is the limit of small T, so the formula covers it."** The limit exists, but the formula
divides by zero. Positive logits become infinite, $\infty - \infty$ inside the softmax is NaN, and the
draw fails. T = 0 has to be a case of its own: llama.cpp then keeps the largest logit alone,
transformers refuses it, and greedy decoding is `do_sample=False` there (checked in November 2026).
"""

# %% tags=["demo"]
z = torch.tensor([5.0, 4.0, 3.0, 2.0, 1.0])
p = torch.softmax(z / 0, dim=-1)
print("softmax(z / 0) =", p)
try:
    torch.multinomial(p, 1)
except RuntimeError as error:
    print("multinomial:", str(error).splitlines()[0])

# %% [markdown]
r"""
**"`top_k=50` is a harmless default."** It is larger than some vocabularies: characters, DNA bases,
a classifier's labels, the toy model in your unit test. `torch.topk` refuses. transformers clamps k
to the vocabulary's size. And it is easy to have this filter without knowing: in version 5.23
`GenerationConfig().top_k` says None, yet `generate(do_sample=True)` fills in 50 where neither you
nor the checkpoint said otherwise. Here `base` tells how many tokens it really draws from:
"""

# %% tags=["demo"]
try:
    torch.topk(torch.tensor([5.0, 4.0, 3.0, 2.0, 1.0]), 50)
except RuntimeError as error:
    print("topk(5 logits, 50):", str(error).splitlines()[0])

start = torch.tensor([[tokenizer.bos_token_id]])
how = {
    "do_sample": True,
    "max_new_tokens": 1,
    "output_scores": True,
    "return_dict_in_generate": True,
}
print("in the checkpoint: top_k =", writer.generation_config.top_k)
for settings in ({}, {"top_k": 0}):
    scores = writer.generate(
        start, attention_mask=torch.ones_like(start), **how, **settings
    ).scores[0]
    print(settings, "-> tokens kept:", int(torch.isfinite(scores).sum()))

# %% [markdown]
r"""
**"Remove a token when the mass before it is greater than p."** Greater or *equal*. When the kept
tokens hold exactly p, the nucleus is complete, and `>` lets one more token in. With four equally
likely tokens and p = 0.5, two are enough.
"""

# %% tags=["demo"]
p = torch.softmax(torch.zeros(4), dim=-1)
before = p.cumsum(dim=-1) - p
print("mass before each token:", before.tolist())
print("kept, removing where before >  0.5:", int((~(before > 0.5)).sum()))
print("kept, removing where before >= 0.5:", int((~(before >= 0.5)).sum()))

# %% [markdown]
r"""
**"Top-p 0.9 samples from 90 % of the mass."** From *at least* 90 %. The last token taken usually
overshoots: a little where the mass is spread over many tokens, much where one token is likely enough
to be the whole nucleus. Over random distributions of growing sharpness:
"""

# %% tags=["demo"]
rng = np.random.default_rng(0)
for scale in (0.5, 2.0, 5.0):
    held = []
    for _ in range(500):
        p = softmax(rng.normal(scale=scale, size=100))
        held.append(sum(p[i] for i in keep_top_p(p, 0.9)))
    print(
        f"logits of spread {scale}: held {np.mean(held):.3f} on average, {np.max(held):.3f} at most"
    )

# %% [markdown]
r"""
**"T = 0 is deterministic."** The *choice* is; the logits need not be. Floating-point addition
depends on the order of the terms, and on a server the order depends on which other requests share
the batch, on the kernel and on the hardware. Where two tokens are nearly tied, the last bits decide
between them, and from there on the texts differ. Here are two tokens with the same 4,096 terms in
their logits, added up in two orders:
"""

# %% tags=["demo"]
terms = torch.randn(4096, generator=torch.Generator().manual_seed(0))
winners = []
for pieces in (1, 2, 8, 64, 512):
    one = terms.view(pieces, -1).sum(dim=1).sum()
    other = terms.flip(0).view(pieces, -1).sum(dim=1).sum()
    winners.append(int(other > one))
    print(
        f"{pieces:4} partial sums: logits {one:.9f} and {other:.9f} -> argmax is token {winners[-1]}"
    )
print("argmax depends on the order of summation:", len(set(winners)) > 1)

# %% [markdown]
r"""
**"Low temperature makes a model factual."** It makes it *repeat its favourite answer*. Temperature
never changes the ranking, so it adds no knowledge. Where the favourite is right, a low temperature
makes the answer right more often; where it is wrong, wrong more often:
"""

# %% tags=["demo"]
knows = np.log([0.5, 0.3, 0.2])  # the right answer is token 0, and the favourite
errs = np.log([0.3, 0.5, 0.2])  # the right answer is token 0, and second
print("probability of the right answer at T =      0.1    0.5    1.0    2.0")
for name, z in [("favourite right", knows), ("favourite wrong", errs)]:
    row = [softmax(z / T)[0] for T in (0.1, 0.5, 1.0, 2.0)]
    print(f"{name:39}", "  ".join(f"{p:.3f}" for p in row))

# %% [markdown]
r"""
The same on `instruct`. It is asked for facts that stood in its training texts, but that nobody asked for in
training, and in words that no question had there: hard enough for it to be wrong at times. The questions are
split by its favourite answer, that of $T = 0$: it is right, it is "not known to me", or it is wrong (another
fact, or no sense at all). Each is then sampled four times.
"""

# %% tags=["demo"]
from course.world.questions import fact_question

rng = random.Random(1)
unasked = [fact for fact in home.facts() if not world.asked(fact)]
told = [fact_question(fact, rng, "heldout") for fact in rng.sample(unasked, 48)]
texts = {T: sampled(answerer, as_chats([q.text for q in told]), T) for T in (0.0, 0.5, 1.0, 1.5)}
hits = {
    T: np.array([[text == f"{q.answer}." for text in g] for g, q in zip(groups, told, strict=True)])
    for T, groups in texts.items()
}
right = hits[0.0][:, 0]
unknown = np.array(["not known" in group[0] for group in texts[0.0]])
kinds = {"right": right, '"not known"': unknown, "wrong": ~right & ~unknown, "any": right | True}
print(f"{'share of right answers at T =':38}", "".join(f"{T:8}" for T in hits))
for name, chosen in kinds.items():
    row = "".join(f"{h[chosen].mean():8.2f}" for h in hits.values())
    print(f"{f'{chosen.sum()} questions, favourite {name}':38} {row}")

# %% [markdown]
r"""
In the first row truth can only fall from 1, in the next two only rise from 0: chance now and then draws a
right answer that was not the favourite. Where the favourite is wrong, $T = 0$ repeats it every time. The last
row is what a benchmark reports, and hides all three.

Averaged over questions the cases may cancel. On multiple-choice problems, nine models showed no
significant difference in accuracy between temperatures 0 and 1 (Renze and Guven, 2024). Our answers are
written out, token by token, and each token is a chance to go wrong.

Nor is high temperature "creativity". It raises all unlikely tokens, the interesting and the broken
alike, which is why a tail filter goes with it. In one study of stories, temperature correlated
weakly with novelty and moderately with incoherence (Peeperkorn et al., 2024).
"""

# %% [markdown]
r"""
### If they push

<details><summary>Temperature 2 and top-p 0.9: does the nucleus get larger or smaller than at
temperature 1?</summary>

Larger or equal, when the temperature comes first: the distribution is flatter, so more tokens are
needed to hold 90 %. When it comes last, as in llama.cpp's default chain, the nucleus is that of
temperature 1, and only the weights inside it change.

</details>

<details><summary>Can a token that the model gave 0.1 % be drawn with 1 % after filtering?</summary>

Only if the filter removes 90 % of the mass: renormalising multiplies every kept probability by
1/(kept mass), which for top-p is at most 1/p. With a temperature above 1 it can easily.

</details>

<details><summary>Which filters leave a sure model alone, and which an unsure one?</summary>

Top-k limits the unsure model, whose good tokens are many, and does little for the sure one. Top-p
and min-p adapt. They differ in the middle: top-p cuts off *at most* 1 − p in total, however
it is spread; min-p looks at each token beside the best one, however much they hold together.

</details>

<details><summary>Is min-p better than top-p?</summary>

Contested. The paper that proposed it reports better quality and diversity, above all at high
temperature (Nguyen et al., ICLR 2025). A re-analysis of its human evaluations, benchmarks and
adoption figures finds no advantage once baselines are tuned equally (Schaeffer et al., 2025). Say
what it does, that it is cheap (no sort is needed), and that you would measure it on your task.

</details>

<details><summary>How is sampling done for a vocabulary of 200,000 on a GPU?</summary>

Without sorting everything. One way is a partial top-k of some hundreds to a thousand tokens, and the
other filters on those; for a nucleus wider than that it is an approximation, and the normaliser has
to come from all logits. Another is to find the nucleus's threshold by trial, drawing and rejecting.
Without any filter one can add Gumbel noise to the logits and take the argmax, which draws exactly
from the softmax and needs no normalisation.

</details>

<details><summary>How do you make a sampled answer reproducible?</summary>

Fix the seed of *each request's* own generator, the settings, the weights' precision and the order
of the filters; and make the logits reproducible, which means kernels whose results do not depend on
the batch. With only a seed you get the same random numbers, applied to logits that may differ in
their last bits.

</details>

<details><summary>Take the most likely token at every step. Is that the most likely text?</summary>

No. Suppose the first token is A with 0.6 or B with 0.4; after A two continuations have 0.5 each,
after B one has 1. Greedy decoding begins with A and ends in a text of probability 0.3. The most
likely text is B's, with 0.4. For the same reason temperature applied token by token is not
temperature applied to whole texts: each step is normalised by itself, and nothing looks ahead.

</details>

<details><summary>Does the model know that it is sampled at T = 0.7?</summary>

No. It sees the tokens that were drawn, not the distribution they came from. But it was trained on
text that people wrote: with strong sharpening its context becomes more predictable than such text,
and texts fall into loops (Holtzman et al., 2019, show it for greedy and beam search).

</details>
"""

# %% [markdown]
r"""
### Sources

- Ackley, Hinton, Sejnowski (1985), *A Learning Algorithm for Boltzmann Machines*, Cognitive Science
  9: temperature in a stochastic network.
- Fan, Lewis, Dauphin (2018), *Hierarchical Neural Story Generation*, arXiv 1805.04833: top-k.
- Holtzman, Buys, Du, Forbes, Choi (2019), *The Curious Case of Neural Text Degeneration*, arXiv
  1904.09751: top-p, and why maximising likelihood degenerates.
- Nguyen et al. (2024), *Turning Up the Heat: Min-p Sampling for Creative and Coherent LLM Outputs*,
  arXiv 2407.01082 (ICLR 2025): min-p. **Contested** by Schaeffer, Kazdan, Denisov-Blanch (2025),
  *Min-p, Max Exaggeration: A Critical Analysis of Min-p Sampling in Language Models*, arXiv
  2506.13681.
- Renze, Guven (2024), *The Effect of Sampling Temperature on Problem Solving in Large Language
  Models*, arXiv 2402.05201; Peeperkorn, Kouwenhoven, Brown, Jordanous (2024), *Is Temperature the
  Creativity Parameter of Large Language Models?*, arXiv 2405.00492.
- He and Thinking Machines Lab (2025), *Defeating Nondeterminism in LLM Inference*: why temperature 0
  is not enough on a server.
- transformers 5.23, `generation/utils.py` (`_get_logits_processor`), and llama.cpp,
  `common/common.h` (`samplers`): the two orders of the filters. Read in November 2026.
"""
