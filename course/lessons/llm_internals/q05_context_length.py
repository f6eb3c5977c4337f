# %% [markdown]
r"""
## Q5. What limits the context length?

*Easy · 110 minutes · needs softmax (self-test 3), attention (question 2), sums of logarithms (self-test 4)*

The label rates the spoken answer; exercise 5.3 is harder than that.
"""

# %% [markdown]
r"""
### Say it

> Four different things. Attention compares every token with every other, so its arithmetic grows with
> the square of the length. The keys and values of all tokens have to be kept, so memory grows
> linearly, and how fast depends on the model: a million tokens are 131 GB for Llama 3.1 8B and 524 GB
> for Llama 2 7B. The positions have to be of a kind the model met in training: plain RoPE fails beyond
> the trained length, which is what interpolation, NTK scaling and YaRN repair. And even where all of
> this works, a model may use a long context badly. FlashAttention helps with the memory of the score
> matrix; it computes the same products and leaves the square as it is.
"""

# %% [markdown]
r"""
### See it

#### The square

Attention scores are one number for each pair of tokens. Written out for one head in 16 bits, and for
a model of 32 layers and 32 heads:
"""

# %% tags=["demo"]
for n in (1_000, 10_000, 100_000, 1_000_000):
    one_head = 2 * n * n
    flop = 32 * 32 * 4 * n * n * 128  # q.k and the sum of values, head dimension 128, no mask
    print(f"{n:9,} tokens: scores of one head {one_head / 1e9:10.3f} GB, attention {flop:.1e} FLOP")

# %% [markdown]
r"""
Ten times the tokens is a hundred times the scores and a hundred times the work. The two are not
equally bad. The work has to be done. The scores need not be *stored*: they are used once.
"""

# %% [markdown]
r"""
#### Softmax in pieces

A softmax seems to need all scores at once, for the maximum and for the sum. It does not. Keep three
things while walking over the keys in blocks: the largest score so far, m; the sum of exp(s − m) so
far, l; and the sum of exp(s − m) · v so far. When a block brings a larger maximum, everything summed
so far was measured against the old one, and is multiplied by exp(m_old − m_new).

By hand, with the scores 1, 3, 2 in blocks of one:
"""

# %% tags=["demo"]
m, total = -np.inf, 0.0
for score in (1.0, 3.0, 2.0):
    new = max(m, score)
    total = total * math.exp(m - new) + math.exp(score - new)
    m = new
    print(f"score {score}: m = {m}, l = {total:.4f}, l exp(m) = {total * math.exp(m):.4f}")
print(f"at once: {sum(math.exp(s) for s in (1.0, 3.0, 2.0)):.4f}")

# %% [markdown]
r"""
Now for whole matrices, with a counter for the numbers held at any one time and for the multiplications
and exponentials. "Full" keeps all scores of n queries; "tiled" handles 64 queries against 64 keys at
a time, as FlashAttention does (Dao et al., 2022), without a causal mask.
"""


# %% tags=["demo"]
def full(q: np.ndarray, k: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, int, int]:
    n, d = q.shape
    s = q @ k.T / math.sqrt(d)
    e = np.exp(s - s.max(axis=1, keepdims=True))
    operations = 2 * n * n * d + 2 * n * n  # two products; scale and exponential of each score
    return e @ v / e.sum(axis=1, keepdims=True), n * n, operations


def tiled(q: np.ndarray, k: np.ndarray, v: np.ndarray, size: int = 64):
    n, d = q.shape
    out, operations = np.zeros_like(v), 0
    for i in range(0, n, size):
        rows = min(size, n - i)
        m, total, acc = np.full((rows, 1), -np.inf), np.zeros((rows, 1)), np.zeros((rows, d))
        for j in range(0, n, size):
            s = q[i : i + size] @ k[j : j + size].T / math.sqrt(d)
            new = np.maximum(m, s.max(axis=1, keepdims=True))
            e, shrink = np.exp(s - new), np.exp(m - new)
            total = total * shrink + e.sum(axis=1, keepdims=True)
            acc, m = acc * shrink + e @ v[j : j + size], new
            operations += 2 * s.size * d + 2 * s.size + rows * (d + 2)  # the last term: rescaling
        out[i : i + size] = acc / total
    return out, size * size + size * (d + 2), operations


# %% tags=["demo"]
from course import figures

lengths = (128, 256, 512, 1024)
held, done = {"full": [], "tiled": []}, {"full": [], "tiled": []}
for n in lengths:
    q, k, v = np.random.default_rng(n).normal(size=(3, n, 64))
    results = {"full": full(q, k, v), "tiled": tiled(q, k, v)}
    for name, (_, numbers, operations) in results.items():
        held[name].append(numbers)
        done[name].append(operations)
    print(
        f"n = {n:4}: largest difference {abs(results['full'][0] - results['tiled'][0]).max():.1e}"
    )
fig, axes = figures.subplots(1, 2, size=(7.4, 2.8))
for ax, counts, title in zip(axes, (held, done), ("numbers held", "operations"), strict=True):
    for name, style in (("full", "-"), ("tiled", "--")):
        ax.loglog(lengths, counts[name], linestyle=style, marker="o", color="black", label=name)
    ax.set(title=title, xlabel="tokens")
    ax.set_xticks(lengths, [str(n) for n in lengths])
    ax.minorticks_off()
    ax.legend(frameon=False)
figures.show(
    fig,
    "Two charts against the number of tokens, on logarithmic axes. Numbers held beside the inputs: "
    "full attention rises with the square, tiled stays level. Operations: the two lines lie on top "
    "of each other and both rise with the square.",
)
print(f"operations, tiled over full, at n = 1024: {done['tiled'][-1] / done['full'][-1]:.4f}")

# %% [markdown]
r"""
The same result, no n × n array, and about one per cent more operations for the rescaling. On a GPU it
is nevertheless faster, because what a GPU waits for here is memory, not multiplications: training GPT-2
became 3 times as fast (the paper's abstract). The square is still there.
"""

# %% [markdown]
r"""
#### Positions

Attention by itself does not know the order of tokens. RoPE (Su et al., 2021) takes the components of
a query or key in pairs and turns each pair, like the hand of a clock, by an angle proportional to the
token's position. There are d/2 clocks, the first fast, the last very slow:

$$\alpha_i(p) = p \cdot \theta^{-2i/d}, \quad i = 0, \dots, d/2 - 1$$

The score of a query at position m and a key at position n then depends on m − n alone, since only the
angle between two hands counts:
"""


# %% tags=["demo"]
def turn(x: np.ndarray, position: float, theta: float = 10_000.0) -> np.ndarray:
    """Rotate one vector (d,): component i is paired with component i + d/2."""
    half = len(x) // 2
    angle = position * theta ** (-np.arange(half) / half)
    a, b = x[:half], x[half:]
    return np.concatenate(
        [a * np.cos(angle) - b * np.sin(angle), b * np.cos(angle) + a * np.sin(angle)]
    )


q, k = np.random.default_rng(0).normal(size=(2, 64))
for m, n in [(7, 2), (105, 100), (10_005, 10_000), (7, 3)]:
    print(f"query at {m:6,}, key at {n:6,}: score {turn(q, m) @ turn(k, n):9.5f}")

# %% [markdown]
r"""
**If only the difference counts, why does a model fail on longer texts?** Because it has never seen
the larger differences. How many of the clocks have gone round at least once within the trained
length? One turn takes $2\pi\,\theta^{2i/d}$ positions. For d = 128, θ = 10,000 and 4,096 trained
tokens (Llama 2):
"""

# %% tags=["demo"]
i = np.arange(64)
turn_length = 2 * np.pi * 10_000.0 ** (2 * i / 128)
fig, ax = figures.subplots(size=(5.4, 2.8))
ax.semilogy(i, turn_length, color="black")
ax.axhline(4096, linestyle="--", linewidth=1, color="black")
ax.annotate("trained length 4,096", (1, 5200))
ax.set(xlabel="pair i", ylabel="positions for one turn")
figures.show(
    fig,
    "Positions that one turn of each of 64 pairs takes, on a logarithmic axis: a straight rise from 6 "
    "to over 50,000. It crosses the dashed line of the trained length, 4,096, at pair 45.",
)
print(f"{int((turn_length > 4096).sum())} of 64 pairs never went round within 4,096 positions")

# %% [markdown]
r"""
The fastest pairs have shown the model every angle hundreds of times. The slow ones have only ever been
in the first part of their circle. At position 8,000 they show angles that no training example had,
and nobody knows what the trained weights make of them. There are two kinds of cure:

- **Position interpolation** (Chen et al., 2023): divide all positions by s = new length / trained
  length. Every angle is one that was met, but neighbours now lie s times closer together.
- **NTK-aware scaling** (published on a forum in 2023, described in the YaRN paper): raise θ to
  $\theta\, s^{d/(d-2)}$. The fastest pair stays as it is, the slowest is slowed down by exactly s, those
  between by something in between. YaRN (Peng et al., 2023) refines this pair by pair.
"""

# %% [markdown]
r"""
**See it fail.** The course's model `base` (question 1 introduces it) writes about a small invented world, and
was trained with plain RoPE on texts of a certain length. Here it reads four times as much: pages of prose
whose sentences do not depend on each other, so that nothing about the text gets harder with its length.
"""

# %% tags=["demo"]
import random

from course import lab, world
from course.world.pages import prose_page

home, tokenizer = world.make_world(), lab.tokenizer("base")
config = lab.load("base").config
trained, theta = config.max_position_embeddings, config.rope_parameters["rope_theta"]
length = 4 * trained


def prose(seed: int) -> list[int]:
    """Pages one after the other, as in training, to `length` tokens and one more."""
    rng, ids = random.Random(seed), []
    while len(ids) <= length:
        page = f"{tokenizer.bos_token} {prose_page(home, rng)}{tokenizer.eos_token}"
        ids += tokenizer(page, add_special_tokens=False).input_ids
    return ids[: length + 1]


long_texts = torch.tensor([prose(seed) for seed in range(2)])
print(f"trained on up to {trained:,} tokens; two texts of {length:,}, the first of which begins")
print(tokenizer.decode(long_texts[0, 1:40]), "...")
pairs = np.arange(config.head_dim // 2)
slow = int((2 * np.pi * theta ** (pairs / len(pairs)) > trained).sum())
print(f"{slow} of {len(pairs)} pairs never went round within {trained:,} positions")

# %% [markdown]
r"""
The same weights are loaded four times, with other positions: this is how one does it with a downloaded
model as well. (transformers knows NTK scaling by the name `dynamic`, which chooses the base anew for every
length; here the base is given outright.) What do you expect of each, within the trained length and
beyond?
"""

# %% tags=["demo"]
from transformers import AutoModelForCausalLM
from transformers.utils import logging

logging.disable_progress_bar()  # it takes milliseconds
s, d = length / trained, config.head_dim
kinds = {
    "plain": {"rope_type": "default", "rope_theta": theta},
    "interpolated": {"rope_type": "linear", "factor": s, "rope_theta": theta},
    "NTK": {"rope_type": "default", "rope_theta": theta * s ** (d / (d - 2))},
    "YaRN": {
        "rope_type": "yarn",
        "factor": s,
        "rope_theta": theta,
        "original_max_position_embeddings": trained,
    },
}


@torch.inference_mode()
def losses(model, text: Tensor) -> Tensor:
    """The loss of every token after the first, (T,)."""
    logits = model(text[None, :-1], use_cache=False).logits[0]
    return torch.nn.functional.cross_entropy(logits, text[1:], reduction="none")


curves = {}
for name, rope_parameters in kinds.items():
    model = AutoModelForCausalLM.from_pretrained(
        lab.path("base"), rope_parameters=rope_parameters, dtype=torch.float32
    ).eval()
    curves[name] = torch.stack([losses(model, text) for text in long_texts]).mean(dim=0)

# %% tags=["demo"]
from itertools import pairwise

ends = [round(trained * x) for x in (0, 0.5, 1, 1.5, 2, 3, 4)]
print("perplexity at tokens" + "".join(f"{f'{a}-{b}':>11}" for a, b in pairwise(ends)))
for name, curve in curves.items():
    row = "".join(f"{curve[a:b].mean().exp():11.2f}" for a, b in pairwise(ends))
    print(f"{name:20}{row}")

# %% tags=["demo"]
fig, ax = figures.subplots(size=(6.4, 3.2))
smooth = {name: curve.unfold(0, 256, 64).mean(dim=1).exp() for name, curve in curves.items()}
for (name, curve), (style, color) in zip(
    smooth.items(), [("-", "black"), (":", "black"), ("--", "grey"), ("-.", "black")], strict=True
):
    ax.semilogy(128 + 64 * np.arange(len(curve)), curve, linestyle=style, color=color, label=name)
ax.axvline(trained, linewidth=0.8, color="grey")
ax.set_yticks([2, 3, 5, 10, 20], ["2", "3", "5", "10", "20"])
ax.minorticks_off()
ax.set(xlabel="token (grey line: trained length)", ylabel="perplexity")
ax.legend(frameon=False, ncols=4, loc="upper center", bbox_to_anchor=(0.5, 1.2), fontsize=9)
figures.show(
    fig,
    f"Perplexity against the token's place up to {length:,}, on a logarithmic axis, averaged over 256 "
    f"tokens; a grey line marks the trained {trained:,}. First and last values: "
    + "; ".join(f"{name} {curve[0]:.1f} and {curve[-1]:.1f}" for name, curve in smooth.items())
    + ".",
)

# %% [markdown]
r"""
How to read it. **Plain** RoPE is what the weights were trained with. It serves up to the trained length;
see in the picture how far beyond it still does, and that it then fails the worse the longer the text gets,
although the text stays of the same kind. **Interpolation** alone, without the up to 1,000 steps of
*fine-tuning* that its authors give it, can disturb a model everywhere, also at the beginning (see the first
column): neighbours are now a fraction of a position apart, and the fast pairs that told them from each other
were squeezed. **NTK** scaling and **YaRN** leave the fast pairs alone and slow the others down, and need no
training to help. Compare their rows with the first one's beginning: how much of the loss is undone, and up
to where?
"""

# %% [markdown]
r"""
One thing this measurement cannot say. The sentences do not depend on each other, so a low perplexity at
token 4,000 says that the positions do not *disturb* the model there, not that it *uses* what stands at
token 10. Use has to be measured by itself: below, after the memory.
"""

# %% [markdown]
r"""
#### Memory

What stays in memory for each token is its keys and values (question 36): 2 × layers × KV heads × head
dimension numbers, or, in MLA, one latent and one small key per layer. For a million tokens in 16 bits
(the models' published configurations, read in November 2026; none of them was made for such a length):
"""

# %% tags=["demo"]
numbers_per_token = {
    "Llama 2 7B": 2 * 32 * 32 * 128,
    "Llama 3.1 8B": 2 * 32 * 8 * 128,
    "Llama 3.1 70B": 2 * 80 * 8 * 128,
    "GPT-3 175B": 2 * 96 * 96 * 128,
    "DeepSeek-V3": 61 * (512 + 64),
}
for name, numbers in numbers_per_token.items():
    print(
        f"{name:14}{2 * numbers:10,} bytes a token,{2 * numbers * 10**6 / 1e9:8,.1f} GB for a million"
    )

# %% [markdown]
r"""
#### Using it

Does it matter *where* in its context a model finds a fact? Liu et al. (2023) gave large models sets of
documents, one of which held the answer, and found answers often best when it stood at the beginning or the
end: "lost in the middle". Whether another model does the same has to be measured on that model. Ours is
`instruct`, trained to answer from documents and to name the document's number. This is one question, about
names that it has never met:
"""

# %% tags=["demo"]
from course.world.documents import reading_set
from course.world.questions import stated_questions
from course.world.reading import ask_documents, unseen_world

reader, strange = lab.load("instruct"), unseen_world(0)


def one_of_each(rng: random.Random, number: int, sentences: int) -> list[tuple[str, str]]:
    """Draw documents, and a question with its answer for each of them in turn."""
    documents = reading_set(strange, rng, number, sentences=sentences)
    found = {q.sources[0]: q for q in stated_questions(documents, rng)}
    asked = [found[n] for n in range(1, number + 1)]
    return [(ask_documents(documents, q.text), q.answer) for q in asked]


message, answer = one_of_each(random.Random(1), 3, 3)[1]
print(message)
print("model:", lab.chat(message), "\ntruth:", answer)

# %% [markdown]
r"""
To ask about *each* of the documents, they need to be read only once: every question goes on from the same
keys and values (question 36). And the answer need not be written out. The likeliest token at every step
makes the right answer exactly if, along the right answer, the model's likeliest next token is always the
next one. So one pass over question and answer tells.
"""


# %% tags=["demo"]
@torch.inference_mode()
def found_at(rng: random.Random, number: int, sentences: int) -> tuple[list[bool], int]:
    """Whether the answer in each of the documents is found, and how many tokens were read."""
    prompts, rights = [], []
    for message, answer in one_of_each(rng, number, sentences):
        chat = [{"role": "user", "content": message}]
        text = tokenizer.apply_chat_template(chat, add_generation_prompt=True, tokenize=False)
        prompts.append(tokenizer(text, add_special_tokens=False).input_ids)
        rights.append(tokenizer(f" {answer}", add_special_tokens=False).input_ids)
    shared = next(i for i, column in enumerate(zip(*prompts, strict=False)) if len({*column}) > 1)
    cache = reader(torch.tensor([prompts[0][:shared]]), logits_to_keep=1).past_key_values
    cache.batch_repeat_interleave(number)  # one row for each question
    rows = [torch.tensor(p[shared:] + r) for p, r in zip(prompts, rights, strict=True)]
    padded = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)  # the padding comes last
    likeliest = reader(padded, past_key_values=cache).logits.argmax(dim=-1)
    hits = []
    for row, right, best in zip(rows, rights, likeliest, strict=True):
        begin, end = len(row) - len(right), len(row)
        after = tokenizer.decode(best[end - 1])  # the answer ends here: a source follows
        hits.append(torch.equal(best[begin - 1 : end - 1], row[begin:]) and "[" in after)
    return hits, max(map(len, prompts))


# %% [markdown]
r"""
Here are 32 sets of 5 short documents, and 32 of 8 long ones, which take most of the context. Every place of
a set is asked about once. With so few questions shares scatter, and the best of eight places always looks
better than the worst. So the gap between them is compared with *luck*: shuffle the results within each set,
so that places mean nothing, and see which gap 19 of 20 shuffles do not exceed.
"""

# %% tags=["demo"]
from course.lab.measure import share

by_place, luck = {}, np.random.default_rng(0)
for number, sentences in ((5, 4), (8, 9)):
    rng = random.Random(number)
    results, sizes = zip(*(found_at(rng, number, sentences) for _ in range(32)), strict=True)
    hits = np.array(results)
    by_place[number] = [share(int(column.sum()), len(hits)) for column in hits.T]
    gap = np.ptp(hits.mean(axis=0))
    chance = [np.ptp(luck.permuted(hits, axis=1).mean(axis=0)) for _ in range(1000)]
    ends, middle = hits[:, [0, -1]].mean(axis=1), hits[:, 1:-1].mean(axis=1)
    spread = 1.96 * (ends - middle).std(ddof=1) / math.sqrt(len(hits))
    print(f"{number} documents, {min(sizes)} to {max(sizes)} tokens; right: {hits.mean():.2f}")
    print(
        "   by place  ",
        "  ".join(f"{p['value']:.2f} ± {p['spread']:.2f}" for p in by_place[number]),
    )
    print(
        f"   best minus worst {gap:.2f}; 19 of 20 shuffles at most {np.quantile(chance, 0.95):.2f}"
    )
    print(f"   the ends minus the middle {(ends - middle).mean():+.2f} ± {spread:.2f}")

# %% tags=["demo"]
fig, ax = figures.subplots(size=(6, 2.9))
for (number, places), style, mark in zip(by_place.items(), ("--", "-"), ("s", "o"), strict=True):
    values, spreads = (np.array([p[key] for p in places]) for key in ("value", "spread"))
    arms = np.minimum(spreads, [values, 1 - values])  # a share lies between 0 and 1
    where = np.arange(1, number + 1) + (0.06 if mark == "s" else 0)
    ax.errorbar(
        where, values, arms, linestyle=style, marker=mark, color="black", linewidth=1.2,
        capsize=3, label=f"{number} documents",
    )  # fmt: skip
ax.set(xlabel="document that holds the answer", ylabel="right", ylim=(0, 1.02))
ax.legend(frameon=False, ncols=2, loc="upper center", bbox_to_anchor=(0.5, 1.2))
figures.show(
    fig,
    "Share of right answers against the place of the document that holds the answer, with intervals of "
    "95 %. "
    + " ".join(
        f"{number} documents: " + ", ".join(f"{p['value']:.2f}" for p in places) + "."
        for number, places in by_place.items()
    ),
)

# %% [markdown]
r"""
**How to read it.** Position matters here if the gap is larger than that of the shuffles, and it is *lost in
the middle* if, beyond that, the ends minus the middle are above 0 by more than their spread. If neither
holds, this model does not show the effect, or 32 sets are too few to see it. A finding about large models of
2023 need not hold for a small one of today, nor the other way round.

Then compare the two lines: the same model, every position one that it was trained on, but more text to
choose from. How much accuracy does the longer context cost, wherever the fact stands?
"""

# %% [markdown]
r"""
### Build it

Four exercises: attention in pieces that can be put together, RoPE, beam search, and the repair of the
scaling formulas above. (Beam search keeps several texts at once, so it multiplies the memory that this
question is about.)
"""

# %% [markdown]
r"""
### Exercise 5.1 · `online_softmax_attention` and `merge_states`

●●○ · 30 minutes · 5 points · core

Write two functions for one query. With the scores $s_i = q \cdot k_i / \sqrt{d}$, the *state* of a set of
keys and values is the triple (out, m, l) of

$$m = \max_i s_i, \quad l = \sum_i e^{s_i - m}, \quad \text{out} = \frac{1}{l} \sum_i e^{s_i - m} v_i$$

`online_softmax_attention(q, K, V, block)` returns the state of all n keys. `q` has shape (d,), `K`
(n, d), `V` (n, dv); the result is an array of shape (dv,) and two floats. It handles `block` keys at a
time, in order; the last block may be shorter, and `block` may be larger than n. It is not causal: all
keys count. `n = 0` or `block < 1` is a `ValueError`. (That no array of n scores is made cannot be tested
from outside; it is the point all the same.)

`merge_states(a, b)` takes the states of two disjoint sets of keys and returns the state of their union,
as a triple. It has nothing but the two triples. The order of the arguments does not matter, and merged
states can be merged again.

Scores may be as large as ±10,000 (the two sets may differ by that much too). Arguments are not changed.

By hand, with the scores 0 and log 3, and values 4 and 8: m = log 3, l = 1/3 + 1 = 4/3, and out =
(4/3 + 8) / (4/3) = 7.

<details><summary>Hint 1</summary>

`merge_states` is the whole secret: the state of one block is easy, and the loop merges it into the
state so far.

</details>

<details><summary>Hint 2</summary>

With M = max(m_a, m_b) the weights of the two sides are l_a · exp(m_a − M) and l_b · exp(m_b − M). Their
sum is the new l, and the new out is the mean of the two outs with these weights.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q05-online-softmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
State = tuple[np.ndarray, float, float]


def online_softmax_attention(q: np.ndarray, K: np.ndarray, V: np.ndarray, block: int) -> State:
    """Attention of one query, over blocks of keys.

    q: (d,), K: (n, d), V: (n, dv). Returns out (dv,), the maximum m, the sum l.
    """
    ### BEGIN SOLUTION
    if len(K) == 0 or block < 1:
        raise ValueError("attention needs at least one key, and blocks of at least one")
    state = None
    for start in range(0, len(K), block):
        scores = K[start : start + block] @ q / math.sqrt(len(q))
        m = float(scores.max())
        weights = np.exp(scores - m)
        total = float(weights.sum())
        part = (weights @ V[start : start + block] / total, m, total)
        state = part if state is None else merge_states(state, part)
    return state
    ### END SOLUTION


def merge_states(a: State, b: State) -> State:
    """Combine the states of two sets of keys into that of their union."""
    ### BEGIN SOLUTION
    (out_a, m_a, l_a), (out_b, m_b, l_b) = a, b
    m = max(m_a, m_b)
    w_a, w_b = l_a * math.exp(m_a - m), l_b * math.exp(m_b - m)
    return (w_a * out_a + w_b * out_b) / (w_a + w_b), m, w_a + w_b
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q05-online-softmax-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
K = np.array([[0.0], [math.log(3)]])
V = np.array([[4.0], [8.0]])
testing.agree(
    online_softmax_attention,
    [
        ((np.ones(1), K, V, 2), (np.array([7.0]), math.log(3), 4 / 3)),
        ((np.ones(1), K, V, 1), (np.array([7.0]), math.log(3), 4 / 3)),
    ],
    "scores 0 and log 3: m = log 3, l = 1/3 + 1, out = 7, in one block or in two",
)
testing.agree(
    merge_states,
    [
        (
            ((np.array([4.0]), 0.0, 1.0), (np.array([8.0]), math.log(3), 1.0)),
            (np.array([7.0]), math.log(3), 4 / 3),
        )
    ],
    "the union of the two keys, each a state of its own",
)

# %% nbgrader={"grade": true, "grade_id": "q05-online-softmax-hidden-blocks", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the same result for every block size (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for n, d, dv in [(1, 3, 2), (7, 4, 3), (12, 2, 5)]:
    q, K, V = rng.normal(size=d) * 3, rng.normal(size=(n, d)), rng.normal(size=(n, dv))
    for order in (np.arange(n), np.argsort(K @ q), np.argsort(-(K @ q))):
        s = K[order] @ q / math.sqrt(d)
        want = np.exp(s - s.max()) @ V[order] / np.exp(s - s.max()).sum()
        for block in (1, 2, 5, n, n + 4):
            got = online_softmax_attention(q, K[order].copy(), V[order].copy(), block)[0]
            testing.check(
                testing.close(got, want),
                "cut into blocks, the result differs from the softmax over all keys: when the "
                "maximum grows, both the sum and the accumulated values are rescaled; the scale is "
                "1 / sqrt(d); the last block may be short",
                inputs=(q, K[order], V[order], block),
                got=got,
                expected=want,
            )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q05-online-softmax-hidden-state", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: maximum and sum, and what is refused (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for shift in (0.0, -30.0, 30.0):
    q, K, V = np.ones(4), rng.normal(size=(9, 4)) + shift, rng.normal(size=(9, 2))
    s = K.sum(axis=1) / 2
    for block in (1, 4, 9):
        _, m, total = online_softmax_attention(q, K.copy(), V.copy(), block)
        testing.check(
            testing.close((float(m), float(total)), (s.max(), np.exp(s - s.max()).sum())),
            "m is the largest score (scores may all be negative: do not start at 0), and l is the sum "
            "of exp(s - m) against that final maximum",
            inputs=(q, K, V, block),
            got=(float(m), float(total)),
            expected=(s.max(), np.exp(s - s.max()).sum()),
        )
for keys, block in [(0, 1), (0, 5), (3, 0), (3, -1)]:
    K, V = np.ones((keys, 2)), np.ones((keys, 2))
    assert testing.raises(ValueError, online_softmax_attention, np.ones(2), K, V, block), (
        "no keys, or blocks of less than one key, are a ValueError"
    )
q, K, V = rng.normal(size=3), rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
assert testing.leaves_arguments(online_softmax_attention, q, K, V, 2), "q, K, V are the caller's"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q05-online-softmax-hidden-merge", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: merging states (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def state(s: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, float, float]:
    """The state of the scores s (n,) and values v (n, dv), computed at once."""
    m = float(s.max())
    return np.exp(s - m) @ v / np.exp(s - m).sum(), m, float(np.exp(s - m).sum())


for sizes in [(1, 1), (5, 2), (1, 8)]:
    for gap in (-3.0, 0.0, 4.0):
        s, v = rng.normal(size=sum(sizes)), rng.normal(size=(sum(sizes), 3))
        s[: sizes[0]] += gap
        a, b = state(s[: sizes[0]], v[: sizes[0]]), state(s[sizes[0] :], v[sizes[0] :])
        testing.agree(
            merge_states,
            [((a, b), state(s, v)), ((b, a), state(s, v))],
            "the union's state, whichever side has the larger maximum: each side's l is measured "
            "against its own m and has to be brought to the common one, then it weights that side's "
            "out",
        )
s, v = rng.normal(size=12) * 3, rng.normal(size=(12, 2))
parts = [state(s[i : i + 3], v[i : i + 3]) for i in range(0, 12, 3)]
pairs = merge_states(merge_states(parts[3], parts[0]), merge_states(parts[2], parts[1]))
chain = merge_states(merge_states(merge_states(parts[0], parts[1]), parts[2]), parts[3])
assert testing.close(tuple(pairs), state(s, v)) and testing.close(tuple(chain), state(s, v)), (
    "merged states can be merged again, in any order, with the same result"
)
assert testing.leaves_arguments(merge_states, parts[0], parts[1]), "the states are the caller's"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q05-online-softmax-hidden-large", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: large scores (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
v = rng.normal(size=(4, 2))
for scores in ([1e4, 9999.0, 0.0, -1e4], [-1e4, -9999.0, -1e4, -9998.0], [0.0, 1e4, 1e4, -1e4]):
    s = np.array(scores)
    e = np.exp(s - s.max())
    want = (e @ v / e.sum(), float(s.max()), float(e.sum()))
    testing.agree(
        online_softmax_attention,
        [((np.ones(1), s[:, None], v, block), want) for block in (1, 2, 3, 4)],
        "large scores overflow exp, or vanish: everything is measured against the maximum so far",
    )
    singles = [(v[i], float(s[i]), 1.0) for i in range(4)]
    merged = merge_states(
        merge_states(singles[0], singles[1]), merge_states(singles[2], singles[3])
    )
    testing.check(
        testing.close(tuple(merged), want),
        "merging states whose maxima are 10,000 apart: use the larger maximum as the reference, so "
        "that no exponent is positive",
        inputs=f"scores {scores}",
        got=merged,
        expected=want,
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
With `merge_states` a long context can be spread over several machines: each attends to its own part
of the keys, and three small things per query travel. Eight "machines" with 1,000 keys each
(the cell raises `NotImplementedError` until you have solved the exercise):
"""

# %% tags=["demo"]
rng = np.random.default_rng(0)
q, K, V = rng.normal(size=64), rng.normal(size=(8000, 64)), rng.normal(size=(8000, 64))
states = [
    online_softmax_attention(q, K[i : i + 1000], V[i : i + 1000], 128) for i in range(0, 8000, 1000)
]
merged = states[0]
for other in states[1:]:
    merged = merge_states(merged, other)
whole = torch.nn.functional.scaled_dot_product_attention(*map(torch.tensor, (q[None], K, V)))
print("difference to torch's attention over all keys:", abs(merged[0] - whole[0].numpy()).max())

# %% [markdown]
r"""
### Exercise 5.2 · `rope`

●●○ · 15 minutes · 4 points · core

Write `rope(x, pos, theta=10000.0)`, rotary position embedding for vectors at given positions.

`x` is a float64 array of shape (..., T, d): T vectors along the second-last axis, any number of leading
axes. `pos` has shape (T,): the position of each vector, ints or floats, in any order, at most 10^6 in
absolute value. All leading axes share the positions. The result has the shape of `x`, float64; `x` is
not changed. An odd `d` is a `ValueError`.

Component i and component i + d/2 form a pair, for i = 0 ... d/2 − 1 (as in Llama's weights on the Hub,
and not neighbours 2i and 2i + 1). With α = pos · theta^(−2i/d):

new_i = x_i cos α − x_{i+d/2} sin α,  new_{i+d/2} = x_{i+d/2} cos α + x_i sin α.

Compute the angles in float64: at position 10^6 float32 is wrong in the second decimal.

By hand, for d = 2: the vector (1, 0) at position π/2 becomes (0, 1).

<details><summary>Hint 1</summary>

`np.outer(pos, rates)` has shape (T, d/2), and broadcasts against `x[..., : d // 2]`.

</details>

<details><summary>Hint 2</summary>

Split x into its two halves, compute two new halves, `np.concatenate` them along the last axis.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q05-rope", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rope(x: np.ndarray, pos: np.ndarray, theta: float = 10000.0) -> np.ndarray:
    """Rotate the pairs (i, i + d/2) of each vector by its position.

    x: (..., T, d), pos: (T,). Returns float64 (..., T, d).
    """
    ### BEGIN SOLUTION
    d = x.shape[-1]
    if d % 2:
        raise ValueError(f"RoPE turns pairs, and {d} components cannot be paired")
    half = d // 2
    angle = np.outer(np.asarray(pos, dtype=np.float64), theta ** (-np.arange(half) / half))
    a, b = x[..., :half], x[..., half:]
    cos, sin = np.cos(angle), np.sin(angle)
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q05-rope-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    rope,
    [((np.array([[1.0, 0.0]]), np.array([math.pi / 2])), np.array([[0.0, 1.0]]))],
    "a quarter turn takes (1, 0) to (0, 1)",
)
testing.agree(
    rope,
    [((np.array([[1.0, 2.0, 3.0, 4.0]]), np.array([0])), np.array([[1.0, 2.0, 3.0, 4.0]]))],
    "at position 0 nothing is turned",
)
testing.agree(
    rope,
    [
        (
            (np.array([[0.0, 1.0, 0.0, 0.0]]), np.array([100])),
            np.array([[0.0, math.cos(1), 0.0, math.sin(1)]]),
        )
    ],
    "for d = 4 component 1 pairs with component 3, and turns 1/100 of a radian per position",
)

# %% nbgrader={"grade": true, "grade_id": "q05-rope-hidden-angles", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: pairs, rates and positions (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = [
    (2, [0, 1, 2], 10000.0),
    (6, [5, 3, 3, 0], 10000.0),
    (8, [-2.5, 0.125, 7.75], 10000.0),
    (8, [10, 11], 50.0),
    (4, [999_983, 10**6], 500_000.0),
]
for d, pos, theta in cases:
    x = rng.normal(size=(len(pos), d))
    pairs = x[:, : d // 2] + 1j * x[:, d // 2 :]
    rates = np.array([theta ** (-2 * i / d) for i in range(d // 2)])
    turned = pairs * np.exp(1j * np.array(pos)[:, None] * rates)
    settings = {} if theta == 10000.0 else {"theta": theta}
    testing.agree(
        rope,
        [((x, np.array(pos)), settings, np.concatenate([turned.real, turned.imag], axis=1))],
        "the pair (i, i + d/2) turns by pos * theta ** (-2i/d), counter-clockwise, by the positions "
        "that are given (they need not be 0, 1, 2, nor whole), with angles in float64",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q05-rope-hidden-relative", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: only differences of positions count (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
q, k = rng.normal(size=(2, 1, 16))
for m, n, shift in [(5, 2, 7), (100, 40, 1000), (3, 3, 50_000), (0, 9, 12)]:
    here = rope(q.copy(), np.array([m])) @ rope(k.copy(), np.array([n])).T
    there = rope(q.copy(), np.array([m + shift])) @ rope(k.copy(), np.array([n + shift])).T
    testing.check(
        testing.close(here, there, rtol=1e-6, atol=1e-7),
        "moving query and key by the same number of positions leaves their product as it is",
        inputs=f"query at {m}, key at {n}; both moved by {shift}",
        got=np.asarray(there),
        expected=np.asarray(here),
    )
x = rng.normal(size=(6, 10))
pos = rng.integers(0, 5000, size=6)
once = rope(x.copy(), pos.copy())
assert testing.close((once**2).sum(axis=1), (x**2).sum(axis=1)), "a rotation keeps every length"
assert testing.close(rope(once.copy(), -pos), x), (
    "turning back by the same position undoes the rotation"
)
assert not testing.close(once, x), "something has to turn"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q05-rope-hidden-shape", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: leading axes, unchanged argument, odd dimension (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
pos = np.array([4, 0, 9])
for lead in [(2,), (2, 5), (3, 1, 2), (3,)]:
    x = rng.normal(size=(*lead, 3, 4))
    rows = [rope(row.copy(), pos) for row in x.reshape(-1, 3, 4)]
    testing.agree(
        rope,
        [((x, pos), np.stack(rows).reshape(x.shape))],
        "the positions run along the second-last axis; all leading axes share them",
    )
x = rng.normal(size=(2, 3, 4))
assert testing.leaves_arguments(rope, x, pos), "x and pos are the caller's: return a new array"
assert getattr(rope(x.copy(), pos), "dtype", None) == np.float64, "the result is float64"
for d in (1, 3, 7):
    assert testing.raises(ValueError, rope, np.ones((2, d)), np.arange(2)), (
        "an odd number of components cannot be paired: a ValueError"
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 5.3 · `beam_search`

●●● · 30 minutes · 5 points · core

Write `beam_search(step, bos, eos, width, max_len, length_penalty=0.0)`, which looks for probable
texts and keeps `width` of them at a time. It returns a list of pairs (tokens, score), best score first.

A *hypothesis* is a list of tokens (ints) that were chosen so far, without `bos`. It is *finished* when
its last token is `eos`, which is part of it. The search begins with one empty hypothesis, which is not
finished, also where `bos` and `eos` are the same id.

One round:
1. Each unfinished hypothesis is extended by every token of the vocabulary, `eos` included; tokens with
   log-probability −inf are left out, however much room the beam has. `step([bos, *tokens])` returns the
   log-probabilities of the next token, an array of shape (V,). It is called with a list, once for each
   unfinished hypothesis in each round.
2. Finished hypotheses stay in the running as they are.
3. Of all of these together the `width` with the best *scores* are kept (all, if there are fewer).

A score is the sum of the tokens' log-probabilities (that of `eos` too), divided by
`len(tokens) ** length_penalty`, with `eos` counted in the length. The same score decides in every round
and at the end.

The search ends when all kept hypotheses are finished, or after `max_len` rounds; unfinished ones are
returned as well. `width < 1` or `max_len < 1` is a `ValueError`. Equal scores, and a hypothesis
without any possible continuation, are not tested. `length_penalty` is 0 or more.

By hand: the first token is 1 with probability 0.6 or 2 with 0.4; after 1 comes 3 with 0.6 or 4 with
0.4, after 2 comes 3 with certainty; then always `eos`. With `width=1` the result is [1, 3, eos], with
probability 0.36. With `width=2` the best is [2, 3, eos], with 0.4, and [1, 3, eos] comes second.

<details><summary>Hint 1</summary>

Keep a list of (tokens, sum of log-probabilities), and compute the score when you sort.

</details>

<details><summary>Hint 2</summary>

Each round builds a new list of candidates: finished pairs are copied over, unfinished ones give up to
V new pairs. Sort by score, largest first, cut after `width`. Stop before calling `step` when nothing is
unfinished.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q05-beam-search", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Callable


def beam_search(
    step: Callable[[list[int]], np.ndarray],
    bos: int,
    eos: int,
    width: int,
    max_len: int,
    length_penalty: float = 0.0,
) -> list[tuple[list[int], float]]:
    """Search for probable texts, `width` at a time.

    step: [bos, *tokens] -> log-probabilities (V,). Returns (tokens, score), best first.
    """
    ### BEGIN SOLUTION
    if width < 1 or max_len < 1:
        raise ValueError("a beam has at least one hypothesis, of at least one token")

    def score(hypothesis: tuple[list[int], float]) -> float:
        tokens, total = hypothesis
        return total / len(tokens) ** length_penalty

    beam: list[tuple[list[int], float]] = [([], 0.0)]
    for _ in range(max_len):
        if all(tokens and tokens[-1] == eos for tokens, _ in beam):
            break
        candidates = []
        for tokens, total in beam:
            if tokens and tokens[-1] == eos:
                candidates.append((tokens, total))
                continue
            log_probs = step([bos, *tokens])
            candidates += [
                ([*tokens, token], total + float(log_probs[token]))
                for token in np.flatnonzero(np.asarray(log_probs) > -np.inf).tolist()
            ]
        beam = sorted(candidates, key=score, reverse=True)[:width]
    return [(hypothesis[0], score(hypothesis)) for hypothesis in beam]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q05-beam-search-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
def by_hand(tokens: list[int]) -> np.ndarray:
    """The example of the prompt; bos and eos are both token 0."""
    probs = {(0,): [0, 0.6, 0.4, 0, 0], (0, 1): [0, 0, 0, 0.6, 0.4], (0, 2): [0, 0, 0, 1, 0]}
    with np.errstate(divide="ignore"):
        return np.log(np.array(probs.get(tuple(tokens), [1, 0, 0, 0, 0]), dtype=float))


both = [([2, 3, 0], math.log(0.4)), ([1, 3, 0], math.log(0.36))]
testing.check(
    testing.close(beam_search(by_hand, 0, 0, 1, 5), both[1:]),
    "with width 1 the more probable first token is taken, and the other one is never looked at",
    inputs="the example, width=1, max_len=5",
    got=beam_search(by_hand, 0, 0, 1, 5),
    expected=both[1:],
)
testing.check(
    testing.close(beam_search(by_hand, 0, 0, 2, 5), both),
    "the most probable text begins with the less probable token",
    inputs="the example, width=2, max_len=5",
    got=beam_search(by_hand, 0, 0, 2, 5),
    expected=both,
)
testing.check(
    testing.close(beam_search(by_hand, 0, 0, 1, 1), [([1], math.log(0.6))]),
    "after max_len rounds an unfinished hypothesis is returned as it is",
    inputs="the example, width=1, max_len=1",
    got=beam_search(by_hand, 0, 0, 1, 1),
    expected=[([1], math.log(0.6))],
)

# %% nbgrader={"grade": true, "grade_id": "q05-beam-search-hidden-widths", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: from greedy to exhaustive (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
V, longest = 4, 3
table = {}


def model(tokens: list[int]) -> np.ndarray:
    if tuple(tokens) not in table:
        p = rng.dirichlet(np.ones(V))
        table[tuple(tokens)] = np.log(p)
    return table[tuple(tokens)]


for bos in (0, 2, 3):
    eos = 3
    greedy, total = [], 0.0
    while len(greedy) < longest and greedy[-1:] != [eos]:
        log_probs = model([bos, *greedy])
        greedy.append(int(log_probs.argmax()))
        total += log_probs.max()
    testing.check(
        testing.close(beam_search(model, bos, eos, 1, longest), [(greedy, total)]),
        "with width 1 the search is greedy",
        inputs=f"bos={bos}, eos={eos}, width=1, max_len={longest}",
        got=beam_search(model, bos, eos, 1, longest),
        expected=[(greedy, total)],
    )
    texts, unfinished = [], [([], 0.0)]
    for _ in range(longest):
        grown = [([*t, v], s + model([bos, *t])[v]) for t, s in unfinished for v in range(V)]
        texts += [pair for pair in grown if pair[0][-1] == eos]
        unfinished = [pair for pair in grown if pair[0][-1] != eos]
    ranked = sorted(texts + unfinished, key=lambda pair: -pair[1])
    got = beam_search(model, bos, eos, V**longest, longest)
    testing.check(
        testing.close(got, ranked),
        "a beam wide enough for everything finds all texts, the most probable first, each once, "
        "without bos and with its eos",
        inputs=f"bos={bos}, eos={eos}, width={V**longest}, max_len={longest}",
        got=got[:3],
        expected=ranked[:3],
    )

met: list[list[int]] = []


def sparse(tokens: list[int]) -> np.ndarray:
    """Four texts are possible: [0], [1, 0], [1, 2, 0] and [2, 1, 0]; bos is 3, eos 0."""
    met.append(list(tokens))
    probs = {(3,): [0.1, 0.6, 0.3], (3, 1): [0.3, 0, 0.7], (3, 2): [0, 1, 0]}
    with np.errstate(divide="ignore"):
        return np.log(np.array(probs.get(tuple(tokens), [1, 0, 0]), dtype=float))


want = [([1, 2, 0], 0.42), ([2, 1, 0], 0.3), ([1, 0], 0.18), ([0], 0.1)]
want = [(tokens, math.log(p)) for tokens, p in want]
got = beam_search(sparse, 3, 0, 50, 5)
testing.check(
    testing.close(got, want)
    and testing.close(sorted(met), [[3], [3, 1], [3, 1, 2], [3, 2], [3, 2, 1]]),
    "a token with log-probability -inf is no continuation: it does not fill up a wide beam, and the model "
    "is never asked what comes after it",
    inputs="four possible texts, with probability 0.42, 0.3, 0.18 and 0.1; width=50, max_len=5",
    got=(got, met),
    expected=(want, "calls with prefixes of these texts only"),
)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q05-beam-search-hidden-finished", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: finished hypotheses stay and compete (1 point)
### BEGIN HIDDEN TESTS
def fading(tokens: list[int]) -> np.ndarray:
    """Token 1 or eos (0), and from the third token on nothing is likely."""
    return np.log(
        [0.4, 0.6] if len(tokens) == 1 else [0.3, 0.7] if len(tokens) == 2 else [0.5, 0.5]
    )


want = [([0], math.log(0.4)), ([1, 1, 0], math.log(0.6 * 0.7 * 0.5))]
got = beam_search(fading, 5, 0, 2, 3)
testing.check(
    testing.close([got[0]], [want[0]]) and testing.close([s for _, s in got], [s for _, s in want]),
    "a text that is finished early stays in the running, is not extended, and may win in the end",
    inputs="eos has 0.4, then 0.3, then 0.5; width=2, max_len=3",
    got=got,
    expected="[0] with log 0.4, then a text of three tokens with log 0.21",
)


def crowding(tokens: list[int]) -> np.ndarray:
    """Finishing at once has 0.2; two better beginnings push it out of a beam of two."""
    return np.log([0.2, 0.45, 0.35] if len(tokens) == 1 else [0.3, 0.36, 0.34])


got = beam_search(crowding, 5, 0, 2, 2)
want = [([1, 1], math.log(0.45 * 0.36)), ([1, 2], math.log(0.45 * 0.34))]
testing.check(
    testing.close(got, want),
    "finished hypotheses take places in the beam as all others do, and one that leaves it is gone",
    inputs="first token: 0.2 (eos), 0.45, 0.35; then 0.3 (eos), 0.36, 0.34; width=2, max_len=2",
    got=got,
    expected=want,
)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q05-beam-search-hidden-penalty", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the length penalty (1 point)
### BEGIN HIDDEN TESTS
def choose(tokens: list[int]) -> np.ndarray:
    """eos at once has 0.5; else token 1, then 1, then eos, with 0.5, 0.8, 0.8."""
    return np.log(
        [[0.5, 0.49, 0.01], [0.19, 0.8, 0.01], [0.8, 0.19, 0.01]][min(len(tokens), 3) - 1]
    )


short, long = math.log(0.5), math.log(0.49) + 2 * math.log(0.8)
for penalty, first, score in [
    (0.0, [0], short),
    (0.25, [0], short),
    (1.0, [1, 1, 0], long / 3),
    (2.0, [1, 1, 0], long / 9),
]:
    got = beam_search(choose, 7, 0, 4, 3, penalty)
    testing.check(
        testing.close(got[0], (first, score)),
        "a score is the sum of log-probabilities divided by len ** length_penalty, eos counted and "
        "bos not",
        inputs=f"[0] has probability 0.5, [1, 1, 0] has 0.3136; length_penalty={penalty}",
        got=got[0],
        expected=(first, score),
    )


def narrow(tokens: list[int]) -> np.ndarray:
    """Finishing at once is likelier than the first token of a long, then certain text."""
    return np.log([0.6, 0.4]) if len(tokens) == 1 else np.log([0.01, 0.99])


got = beam_search(narrow, 7, 0, 2, 6, 1.0)
sums = [math.log(0.6), math.log(0.4) + 5 * math.log(0.99)]
testing.check(
    testing.close(got, [([1] * 6, sums[1] / 6), ([0], sums[0])]),
    "the same score decides in every round and at the end: unfinished texts are normalised by their "
    "length as well",
    inputs="eos at once has 0.6; else 0.4, and then 0.99 for each token; width=2, max_len=6, penalty 1",
    got=got,
    expected=[([1] * 6, sums[1] / 6), ([0], sums[0])],
)


def pruned(tokens: list[int]) -> np.ndarray:
    """Where sums and means disagree while the search runs."""
    if len(tokens) == 1:
        return np.log([0.35, 0.33, 0.32])
    return np.log([0.02, 0.9, 0.08]) if tokens[1] == 1 else np.log([0.04, 0.48, 0.48])


got = beam_search(pruned, 7, 0, 3, 2, 1.0)
want = [
    ([1, 1], math.log(0.33 * 0.9) / 2),
    ([2, 1], math.log(0.32 * 0.48) / 2),
    ([2, 2], math.log(0.32 * 0.48) / 2),
]
testing.check(
    testing.close(got[0], want[0]) and testing.close([s for _, s in got], [s for _, s in want]),
    "with a penalty of 1 a finished text of one token has the score log 0.35, below the mean of two "
    "likelier tokens: it leaves the beam although its sum is larger",
    inputs="width=3, max_len=2, length_penalty=1",
    got=got,
    expected=want,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q05-beam-search-hidden-calls", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what the model is asked, and when the search ends (1 point)
### BEGIN HIDDEN TESTS
asked: list[list[int]] = []


def remember(tokens: list[int]) -> np.ndarray:
    asked.append(list(tokens))
    if len(tokens) < 3:
        return np.log([0.1, 0.3, 0.6] if tokens[-1] == 2 else [0.1, 0.5, 0.4])
    return np.array([0.0, -np.inf, -np.inf])


got = beam_search(remember, 9, 0, 2, 50)
want = [[9], [9, 1], [9, 1, 1], [9, 2], [9, 2, 2]]
testing.check(
    testing.close(asked[:1], [[9]]) and testing.close(sorted(asked), want),
    "the model is asked once for each unfinished kept hypothesis in each round, with bos in front, and "
    "no more once all are finished",
    inputs="a model that ends every text after two tokens; bos=9, width=2, max_len=50",
    got=sorted(asked),
    expected=want,
)
assert testing.close(got[0], ([1, 1, 0], math.log(0.25))), "the result does not include bos"
asked.clear()
beam_search(remember, 9, 8, 1, 4)
assert len(asked) == 4, "there are max_len rounds, and so at most max_len tokens"


def early(tokens: list[int]) -> np.ndarray:
    asked.append(list(tokens))
    return np.log([0.4, 0.6] if len(tokens) == 1 else [0.1, 0.9])


asked.clear()
beam_search(early, 9, 0, 2, 4)
testing.check(
    testing.close(asked, [[9], [9, 1], [9, 1, 1], [9, 1, 1, 1]]),
    "a finished hypothesis has no next token: do not ask for one",
    inputs="eos at once has 0.4, later 0.1; bos=9, eos=0, width=2, max_len=4",
    got=asked,
    expected=[[9], [9, 1], [9, 1, 1], [9, 1, 1, 1]],
)
for width, max_len in [(0, 3), (-1, 3), (2, 0), (2, -2)]:
    assert testing.raises(ValueError, beam_search, remember, 9, 0, width, max_len), (
        "width and max_len of less than 1 are a ValueError"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q05-beam-search-hidden-pruning", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what a narrow beam keeps (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
V, longest, eos = 5, 5, 4
for width in (2, 3, 7, 2, 4):
    weights = rng.normal(size=(longest + 1, V, V)) * 1.5  # by place and last token
    weights -= np.log(np.exp(weights).sum(axis=-1, keepdims=True))

    def after(tokens: list[int], weights: np.ndarray = weights) -> np.ndarray:
        return weights[len(tokens), tokens[-1]]

    for penalty in (0.0, 1.0):
        beam = [([], 0.0)]
        for _ in range(longest):
            pool = [pair for pair in beam if pair[0][-1:] == [eos]]
            for tokens, total in beam:
                if tokens[-1:] != [eos]:
                    row = weights[len(tokens) + 1, [0, *tokens][-1]]
                    pool += [([*tokens, v], total + row[v]) for v in range(V)]
            beam = sorted(pool, key=lambda pair: -pair[1] / len(pair[0]) ** penalty)[:width]
        want = [(tokens, total / len(tokens) ** penalty) for tokens, total in beam]
        got = beam_search(after, 0, eos, width, longest, penalty)
        testing.check(
            testing.close(got, want),
            "the best `width` of all candidates together are kept in each round, not the best of each "
            "hypothesis, and not those of another score",
            inputs=f"a random model of {V} tokens; width={width}, penalty={penalty}",
            got=got,
            expected=want,
        )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 5.4 · repair `rope_angles`

●●○ · 10 minutes · 3 points · extra

This function should give the angles of RoPE for a context longer than the trained one. Each of its
three branches has been published like this somewhere. At the trained length it is right. There are
three mistakes.

`rope_angles(pos, d, trained, length, method="plain", theta=10000.0)` returns the angles, a float64 array
of shape (T, d/2), for the positions `pos` (shape (T,), ints or floats), head dimension d (even, at least
4), a model trained on `trained` tokens and a text of `length` tokens. Column i belongs to the pair i.
With the scale factor s = length / trained, but at least 1 (a shorter text needs no scaling):

- `"plain"`: pos · θ^(−2i/d), whatever s is;
- `"linear"`, position interpolation: positions are divided by s;
- `"ntk"`: instead of θ the base is θ · s^(d/(d−2)), so that the fastest pair keeps its angles and the
  slowest is slowed down by exactly s.

`pos` is not changed. Other methods are not tested.

<details><summary>Hint 1</summary>

After interpolation, which position has the last token of the longest text? It should be one that the
model was trained on.

</details>

<details><summary>Hint 2</summary>

For "ntk" compute the angles of the last pair, i = d/2 − 1, with and without scaling: their ratio should
be s. For the scale factor try `length` of half, and of one and a half times `trained`.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q05-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def rope_angles(
#     pos: np.ndarray,
#     d: int,
#     trained: int,
#     length: int,
#     method: str = "plain",
#     theta: float = 10000.0,
# ) -> np.ndarray:
#     """pos: (T,). Returns the angles of RoPE, (T, d // 2)."""
#     scale = length // trained
#     if method == "linear":
#         pos = pos * scale
#     elif method == "ntk":
#         theta = theta * scale
#     inv_freq = theta ** (-np.arange(0, d, 2) / d)
#     return np.outer(pos, inv_freq)
### END REPAIR
### BEGIN SOLUTION
def rope_angles(
    pos: np.ndarray,
    d: int,
    trained: int,
    length: int,
    method: str = "plain",
    theta: float = 10000.0,
) -> np.ndarray:
    """pos: (T,). Returns the angles of RoPE, (T, d // 2)."""
    scale = max(1.0, length / trained)
    if method == "linear":
        pos = pos / scale
    elif method == "ntk":
        theta = theta * scale ** (d / (d - 2))
    inv_freq = theta ** (-np.arange(0, d, 2) / d)
    return np.outer(pos, inv_freq)


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q05-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
want = np.array([[0.0, 0.0], [1.0, 0.01], [5.0, 0.05]])
testing.agree(
    rope_angles,
    [
        ((np.array([0, 1, 5]), 4, 100, 100, "plain"), want),
        ((np.array([0, 1, 5]), 4, 100, 100, "linear"), want),
        ((np.array([0, 1, 5]), 4, 100, 100, "ntk"), want),
        ((np.array([0, 1, 5]), 4, 100, 900), want),
    ],
    "this worked before the repair: at the trained length, and without scaling, angles are plain",
)

# %% nbgrader={"grade": true, "grade_id": "q05-repair-hidden-linear", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: position interpolation (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for d, trained, s, theta in [(4, 8, 2, 10000.0), (8, 100, 4, 10000.0), (6, 64, 8, 500.0)]:
    pos = rng.integers(0, s * trained, size=5)
    plain = np.outer(pos / s, [theta ** (-2 * i / d) for i in range(d // 2)])
    settings = {"theta": theta}
    testing.agree(
        rope_angles,
        [((pos, d, trained, s * trained, "linear"), settings, plain)],
        "interpolation squeezes the long text into the trained positions: divide them by the scale",
    )
    assert testing.leaves_arguments(rope_angles, pos, d, trained, s * trained, "linear"), (
        "pos is the caller's"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q05-repair-hidden-ntk", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: NTK-aware scaling (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for d, trained, s, theta in [(4, 8, 2, 10000.0), (8, 100, 4, 10000.0), (64, 64, 8, 500.0)]:
    pos = rng.integers(1, s * trained, size=5)
    settings = {"theta": theta}
    base = theta * s ** (d / (d - 2))
    want = np.outer(pos, [base ** (-2 * i / d) for i in range(d // 2)])
    testing.agree(
        rope_angles,
        [((pos, d, trained, s * trained, "ntk"), settings, want)],
        "the base is multiplied by s ** (d / (d - 2)): then the fastest pair is unchanged, and the "
        "slowest turns exactly s times slower",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q05-repair-hidden-scale", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the scale factor (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
d, trained = 6, 100
pos = rng.integers(0, 60, size=4)
rates = np.array([10000.0 ** (-2 * i / d) for i in range(d // 2)])
for length in (1, 60, 99, 100):
    testing.agree(
        rope_angles,
        [
            ((pos, d, trained, length, method), np.outer(pos, rates))
            for method in ("linear", "ntk", "plain")
        ],
        "a text shorter than the trained length is not scaled: the factor is at least 1",
    )
for length in (150, 199, 275):
    s = length / trained
    slow = np.array([(10000.0 * s ** (d / (d - 2))) ** (-2 * i / d) for i in range(d // 2)])
    testing.agree(
        rope_angles,
        [
            ((pos, d, trained, length, "linear"), np.outer(pos / s, rates)),
            ((pos, d, trained, length, "ntk"), np.outer(pos, slow)),
        ],
        "the scale factor is a quotient, not a whole number: 150 tokens after 100 are a factor of 1.5",
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
Your angles in `base`, on a text of twice the trained length. The model's own positions are taken out, and
yours put in. If you run it before the repair as well, compare the two cures:
"""


# %% tags=["demo"]
class Positions(torch.nn.Module):
    def __init__(self, method: str, limit: int) -> None:
        super().__init__()
        self.method, self.limit = method, limit

    def forward(self, x: Tensor, position_ids: Tensor) -> tuple[Tensor, Tensor]:
        pos, base = position_ids[0].numpy(), config.rope_parameters["rope_theta"]
        angles = rope_angles(pos, config.head_dim, self.limit, 2 * self.limit, self.method, base)
        both = torch.tensor(angles, dtype=x.dtype).repeat(1, 2)[None]  # components i and i + d/2
        return both.cos(), both.sin()


model, limit = lab.load("base"), config.max_position_embeddings
model.set_attn_implementation("sdpa")  # without a T x T array, as above
for method in ("plain", "linear", "ntk"):
    model.model.rotary_emb = Positions(method, limit)
    loss = losses(model, long_texts[0, : 2 * limit + 1])
    within, beyond = loss[:limit].mean().exp(), loss[limit:].mean().exp()
    print(f"{method:7} perplexity {within:6.2f} within {limit:,} tokens, {beyond:6.2f} beyond")

# %% [markdown]
r"""
### Trap

**"A million tokens of cache are about 100 GB."** Of which model? The factor between the lightest and the
heaviest row of the table above is 67, and none of them comes to 100. Anybody who says the number has to
say layers, KV heads, head dimension and bytes with it. What would 100 GB mean?
"""

# %% tags=["demo"]
per_token = 100e9 / 1e6
print(f"100 GB for a million tokens: {per_token:,.0f} bytes a token = {per_token / 1024:.1f} KiB")
for name, numbers in numbers_per_token.items():
    print(f"{name:14} {2 * numbers / per_token:6.2f} times as much")

# %% [markdown]
r"""
**"FlashAttention makes attention linear."** Its *memory*. The counts above say it: the same
multiplications, plus a little. Count the pairs of tokens that are compared in the causal case:
"""

# %% tags=["demo"]
for n in (1_000, 2_000, 4_000):
    blocks_used = sum(-(-(i + 1) // 64) for i in range(0, n, 64))  # tiles on and below the diagonal
    print(f"{n:5,} tokens: {n * (n + 1) // 2:10,} pairs, {blocks_used:5,} tiles of 64 x 64 or less")

# %% [markdown]
r"""
Pairs and tiles both grow about four times from row to row.

**"The model has a context of 128K, so it reads 128K."** The number in the configuration says what is
accepted. Whether what stands there is *used* is measured. RULER (Hsieh et al., 2024) tests 13 tasks at
growing lengths. Of the 17 models in the paper's final version, all of which claim 32K or more, only
half were satisfactory at 32K. In the table that its authors keep, Llama 3.1 70B claims 128K and is
effective up to 64K, with 66.6 % at 128K; newer models there do better (README read in November 2026).
*Lost in the middle* (Liu et al., 2023) found answers often best when the fact stood at the beginning or
the end. Measure yours, on your task, at several places in the text.

**"Llama 3 has 128K."** Llama 3 (April 2024) has 8,192; 131,072 came with Llama 3.1 (July 2024), together
with scaled RoPE. A version number is part of the answer.
"""

# %% [markdown]
r"""
**"RoPE is relative, so it extrapolates."** It is, and it does not; `base` above is the counterexample. What
is relative is the *formula*. What the weights make of a distance they never met is not part of the formula.
"""

# %% tags=["demo"]
limit, curve = config.max_position_embeddings, curves["plain"]
within, beyond = curve[:limit].mean().exp(), curve[-limit:].mean().exp()
print(f"plain RoPE, trained on {limit:,} tokens: perplexity {within:.1f} within,")
print(f"and {beyond:.1f} in the last {limit:,} of {len(curve):,}, on the same kind of text")

# %% [markdown]
r"""
### If they push

<details><summary>What is the difference between prompt length and context length?</summary>

The context window holds both, the prompt and what is generated. A model with 8,192 positions and a
prompt of 8,000 tokens can write 192. Many interfaces also limit the output separately.

</details>

<details><summary>Does RAG make long context unnecessary, or the other way round?</summary>

They answer different questions. Retrieval chooses what the model sees, costs a search and can miss;
a long context skips the choice, costs a prefill of everything at each question (unless the prefix is
cached) and can overlook. Many systems retrieve generously into a long context.

</details>

<details><summary>How do sparse and linear attention get rid of the square?</summary>

By computing something else. A window looks at W tokens, block-sparse patterns at chosen blocks; linear
attention and state-space models keep a state of fixed size and cannot look an arbitrary old token up
exactly. Hybrids keep some full layers for that. FlashAttention, in contrast, is exact.

</details>

<details><summary>What does a larger RoPE base from the start do?</summary>

It slows the clocks, so that more of them stay within their first turn at long distances. Llama 2 uses
10,000, Llama 3 uses 500,000 (their published configurations). It is chosen before training or before
a long-context phase of training; NTK scaling changes it afterwards.

</details>

<details><summary>How is a model trained for long contexts without paying the square all the time?</summary>

Most of the training runs at a moderate length, and a last phase, a small share of the tokens, at growing
lengths with adjusted positions. Attention is then a large part of the cost of that phase only. The
sequence is spread over several devices; each holds a part of the keys, and states are merged as in
exercise 5.1 (ring attention does that).

</details>

<details><summary>Why not always use a wide beam?</summary>

It costs width times the computation and the cache beyond the common prefix, and the most probable text
is often not a good one: short, generic or repetitive (Holtzman et al., 2019). Translation uses small
beams; open-ended chat samples. Length normalisation is needed because every further token can only
lower the sum.

</details>

<details><summary>Is YaRN just NTK scaling?</summary>

It treats the pairs by how often they turn within the trained length: those that turn many times stay
as they are, those that never complete a turn are interpolated, those between are blended; and it
sharpens attention with a temperature on the scores. It is then fine-tuned briefly (Peng et al., 2023).

</details>
"""

# %% [markdown]
r"""
### Sources

- Milakov, Gimelshein (2018), *Online normalizer calculation for softmax*, arXiv 1805.02867.
- Dao, Fu, Ermon, Rudra, Ré (2022), *FlashAttention: Fast and Memory-Efficient Exact Attention with
  IO-Awareness*, arXiv 2205.14135.
- Su et al. (2021), *RoFormer: Enhanced Transformer with Rotary Position Embedding*, arXiv 2104.09864.
- Chen, Wong, Chen, Tian (2023), *Extending Context Window of Large Language Models via Positional
  Interpolation*, arXiv 2306.15595.
- Peng, Quesnelle, Fan, Shippole (2023), *YaRN: Efficient Context Window Extension of Large Language
  Models*, arXiv 2309.00071; it also describes NTK-aware scaling and where that came from.
- Liu et al. (2023), *Lost in the Middle: How Language Models Use Long Contexts*, arXiv 2307.03172.
- Hsieh et al. (2024), *RULER: What's the Real Context Size of Your Long-Context Language Models?*,
  arXiv 2404.06654, and the table in its repository's README.
- Liu, Zaharia, Abbeel (2023), *Ring Attention with Blockwise Transformers for Near-Infinite Context*,
  arXiv 2310.01889.
- Holtzman et al. (2019), *The Curious Case of Neural Text Degeneration*, arXiv 1904.09751.
- Configurations: the models' `config.json`, read in November 2026; GPT-3's from Brown et al. (2020),
  table 2.1.
"""
