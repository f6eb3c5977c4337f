# %% [markdown]
r"""
## Q36. What does the KV cache store?

*Hard · 150 minutes · needs causal attention (question 2), shapes (self-test 1 and 2)*
"""

# %% [markdown]
r"""
### Say it

> In a causal model a token's keys and values never change when more tokens come, so a decoder keeps
> them: for every layer, every key-value head and every token, one key and one value vector. Each new
> token then costs one token's forward pass instead of the whole sequence's. The price is memory: 2 ×
> layers × KV heads × head dimension × bytes for each token of each sequence, 320 KiB a token for
> Llama 3.1 70B in 16 bits, exactly 40 GiB for a context of 131,072. And every step has to read all of
> it, so long contexts and large batches are limited by memory and bandwidth, not by arithmetic.
> Fewer KV heads (GQA, MQA), a compressed latent (MLA), windows and fewer bits make it smaller; paging
> wastes less of the memory around it, and prefix sharing stores common beginnings once.
"""

# %% [markdown]
r"""
### See it

**What changes when a token is added?** Attention lets a token look back at the keys and values of
all tokens before it. If these were different each time, nothing could be kept. Here are two layers
of attention on 5 tokens, and then on 6, once causal and once where every token sees all. The table
says how much the keys of the first five tokens moved.
"""

# %% tags=["demo"]
rng = np.random.default_rng(0)
two_layers = [rng.normal(size=(3, 8, 8)) / math.sqrt(8) for _ in range(2)]


def keys_of_layers(x: np.ndarray, causal: bool) -> list[np.ndarray]:
    """Run tokens x (T, 8) through two attention layers; return each layer's keys."""
    keys = []
    for Wq, Wk, Wv in two_layers:
        keys.append(x @ Wk)
        scores = (x @ Wq) @ keys[-1].T / math.sqrt(8)
        if causal:
            scores = np.where(np.tri(len(x)) > 0, scores, -np.inf)
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        x = x + weights / weights.sum(axis=-1, keepdims=True) @ (x @ Wv)
    return keys


six = rng.normal(size=(6, 8))
for causal in (True, False):
    moved = [
        abs(after[:5] - before).max()
        for before, after in zip(
            keys_of_layers(six[:5], causal), keys_of_layers(six, causal), strict=True
        )
    ]
    print(f"causal={causal!s:5}: layer 1 moved by {moved[0]:.3f}, layer 2 by {moved[1]:.3f}")

# %% [markdown]
r"""
With the causal mask nothing moves, in no layer: token 3 cannot see token 6, so nothing about it can
depend on token 6. Without the mask the second layer's keys change, because its inputs do. That is why
decoders have such a cache and BERT has none.

**Why keys and values, and not queries?** The old tokens' queries asked their questions when it was
their turn; only the newest token still has one to ask. It asks all old keys and takes from all old
values.
"""

# %% [markdown]
r"""
#### What it saves

Suppose a prompt of 1,000 tokens and an answer of 500. How many tokens go through the model in all,
without a cache and with one? Decide before you run.
"""

# %% tags=["demo"]
prompt_length, new = 1000, 500
without = sum(prompt_length + i for i in range(new))  # the whole sequence, for each new token
with_cache = prompt_length + (new - 1)  # the prompt once, then one token at a time
print(f"without {without:,} tokens, with {with_cache:,}: {without / with_cache:.0f} times fewer")

# %% [markdown]
r"""
(The last token of the answer is never fed back, hence 499.) The first pass over the prompt is called
*prefill*, the passes of one token each *decode*. Now the same on `base`, the course's own small model
of an invented world (question 1), which goes on after a page of prose or two. torch counts the
floating-point operations of the matrix products while it decodes.
"""

# %% tags=["demo"]
import random
import time

from course import lab, world
from course.world.pages import prose_page

home = world.make_world()
base, tokenizer = lab.load("base"), lab.tokenizer("base")
prose = "\n".join(prose_page(home, random.Random(seed)) for seed in range(2))
pages = tokenizer(f"{tokenizer.bos_token} {prose}", add_special_tokens=False, return_tensors="pt")
pages = pages.input_ids[:, :150]


@torch.no_grad()
def decode(model, prompt: Tensor, cached: bool, new: int) -> tuple[Tensor, int, object]:
    """Greedy decoding: the new tokens, how many tokens were computed, and the cache."""
    sequence = feed = prompt
    cache, computed = None, 0
    for _ in range(new):
        out = model(feed, past_key_values=cache, use_cache=cached)
        computed += feed.shape[1]
        token = out.logits[:, -1:].argmax(dim=-1)
        sequence = torch.cat([sequence, token], dim=1)
        feed, cache = (token, out.past_key_values) if cached else (sequence, None)
    return sequence[0, prompt.shape[1] :], computed, cache


# %% tags=["demo"]
from torch.utils.flop_counter import FlopCounterMode

texts = []
for cached in (False, True):
    start = time.perf_counter()
    text, computed, cache = decode(base, pages, cached, new=50)
    seconds = time.perf_counter() - start
    with FlopCounterMode(display=False) as counter:
        decode(base, pages, cached, new=50)
    flops = counter.get_total_flops() / 1e9
    name = "with the cache" if cached else "without"
    print(f"{name:15} {computed:6,} tokens, {flops:6.2f} GFLOP, {seconds:.2f} s")
    texts.append(text)
print("the same tokens:", torch.equal(*texts))
print("..." + tokenizer.decode(texts[1], skip_special_tokens=True))

# %% [markdown]
r"""
The operations fall as the tokens do; the seconds fall much less. A pass of one token reads all
weights for little arithmetic, and at this size the Python around it takes longer than the products.
On a large model the same holds for another reason, further down.
"""

# %% [markdown]
r"""
**At full size.** A token's pass costs about 2 FLOP for every weight in a matrix product, and in each
layer about 4 · D FLOP for every token it attends to (q · k, and the sum of values). For Llama 3.1 8B
(D = 4,096, 32 layers), a prompt of one token and an answer of n:
"""

# %% tags=["demo"]
from course import figures

D, L, ff, vocab, kv_width = 4096, 32, 14_336, 128_256, 1024
weights_8b = L * (2 * D * D + 2 * D * kv_width + 3 * D * ff) + D * vocab  # no look-ups, no norms


def flop(token_count: np.ndarray, attended: np.ndarray) -> np.ndarray:
    return 2.0 * weights_8b * token_count + 4.0 * L * D * attended


n = np.unique(np.geomspace(1, 131_072, 80).astype(int)).astype(float)
with_cache = flop(n, n * (n + 1) / 2)
without = flop(n * (n + 1) / 2, n * (n + 1) * (n + 2) / 6)
fig, ax = figures.subplots(size=(5.6, 3.2))
ax.loglog(n, without, linestyle="--", label="without a cache")
ax.loglog(n, with_cache, linestyle="-", label="with a cache")
ax.loglog(n, flop(n, 0 * n), linestyle=":", color="black", label="with a cache, attention left out")
ax.set(xlabel="tokens written", ylabel="FLOP, in all")
ax.legend(frameon=False)
figures.show(
    fig,
    "Floating-point operations against tokens written, on logarithmic axes. Without a cache the line "
    "is steeper and lies a factor of n/3 to n/2 above. With a cache it is straight at first, and from "
    "about 10,000 tokens on it rises above the dotted line, which leaves attention out.",
)
for length in (1_000, 10_000, 100_000):
    share = 4 * L * D * length / (2 * weights_8b + 4 * L * D * length)
    print(f"attention's share of one step at {length:7,} tokens: {share:.0%}")

# %% [markdown]
r"""
The cache does not make a step's cost constant. It takes away one factor of n, and what is left grows
linearly per token: at 1,000 tokens attention is a few per cent of a step, at 100,000 most of it.
"""

# %% [markdown]
r"""
#### What it costs

Here is what a cache holds, layer by layer: keys and values of shape (batch, KV heads, tokens, head
dimension). First `base`'s after the text above, then that of a tiny untrained Llama with 8 query heads;
count those in its cache.
"""

# %% tags=["demo"]
try:
    from transformers import LlamaConfig, LlamaForCausalLM
except ImportError:
    print("These demos need transformers: pip install transformers")
    tiny = None
else:
    torch.manual_seed(0)
    sizes = {"hidden_size": 128, "intermediate_size": 344, "num_hidden_layers": 3}
    heads = {"num_attention_heads": 8, "num_key_value_heads": 2}
    tiny = LlamaForCausalLM(
        LlamaConfig(vocab_size=500, **sizes, **heads, attn_implementation="eager")
    ).eval()


def bytes_held(cache) -> int:
    return sum(layer.keys.nbytes + layer.values.nbytes for layer in cache.layers)


layer = cache.layers[0]
print(
    f"base: keys {tuple(layer.keys.shape)}, values {tuple(layer.values.shape)} in each of "
    f"{len(cache.layers)} layers, {bytes_held(cache):,} bytes"
)
if tiny is not None:
    _, _, cache = decode(tiny, torch.arange(50)[None], cached=True, new=30)
    for i, layer in enumerate(cache.layers):
        print(
            f"tiny, layer {i}: keys {tuple(layer.keys.shape)}, values {tuple(layer.values.shape)}"
        )
    print(f"{bytes_held(cache):,} bytes = 3 layers x 2 x 2 KV heads x 16 x 79 tokens x 4 bytes")

# %% [markdown]
r"""
So the size per token is

$$2 \times \text{layers} \times \text{KV heads} \times \text{head dimension} \times \text{bytes per number}$$

and then times the tokens, times the sequences in the batch. The 2 is for keys and values. By hand for
Llama 3.1 70B (80 layers, 64 query heads, 8 KV heads, head dimension 128) in 16 bits:
"""

# %% tags=["demo"]
per_token = 2 * 80 * 8 * 128 * 2
print(f"one token: {per_token:,} bytes = {per_token / 1024:.0f} KiB = {per_token / 1000:.2f} kB")
for tokens in (128_000, 131_072):
    size = per_token * tokens
    print(f"{tokens:,} tokens: {size:,} bytes = {size / 1e9:.2f} GB = {size / 2**30:.2f} GiB")

# %% [markdown]
r"""
**Mind the units.** A kB is 1,000 bytes and a KiB 1,024; a GB is $10^9$ and a GiB $2^{30}$ bytes, 7 %
more. "128K of context" is mostly 131,072 = 128 · 1,024 tokens. A token here is 320 KiB, and the whole
context 40 GiB, both exactly, because every factor is a power of two, or 80 = 5 · 16. It is
42.95 GB.
"""

# %% [markdown]
r"""
#### Making it smaller

**Fewer KV heads.** In multi-head attention (MHA) every query head has keys and values of its own. In
*grouped-query* attention (GQA; Ainslie et al., 2023) a group of query heads shares them, in
*multi-query* attention (MQA; Shazeer, 2019) all of them do. The same tiny model built in three ways:
"""

# %% tags=["demo"]
if tiny is not None:
    for kv_heads, name in [(8, "MHA"), (2, "GQA"), (1, "MQA")]:
        config = LlamaConfig(
            vocab_size=500, **sizes, num_attention_heads=8, num_key_value_heads=kv_heads
        )
        with torch.no_grad():
            cache = LlamaForCausalLM(config).eval()(torch.arange(100)[None]).past_key_values
        print(
            f"{name}: 8 query heads, {kv_heads} KV heads, {bytes_held(cache):8,} bytes for 100 tokens"
        )

# %% [markdown]
r"""
**A latent instead of heads.** Multi-head latent attention (MLA; DeepSeek-V2, 2024) stores one short
vector c per token and makes every head's keys and values from it, $k_h = c\,U_h$ and $v_h = c\,W_h$.
That would be slow if all keys were written out at each step. They need not be, because

$$q_h \cdot (c\,U_h) = (q_h U_h^\top) \cdot c$$

so the up-projection is applied to the one query, and attention runs on the latents themselves.
"""

# %% tags=["demo"]
rng = np.random.default_rng(0)
n_heads, d, rank, tokens = 16, 32, 64, 200
c = rng.normal(size=(tokens, rank))  # all that is stored
U = rng.normal(size=(n_heads, rank, d)) / math.sqrt(rank)
q = rng.normal(size=(n_heads, 1, d))
written_out = q @ (c @ U).swapaxes(1, 2)  # keys of every head: (16, 200, 32)
absorbed = (q @ U.swapaxes(1, 2)) @ c.T
print("scores differ by", abs(written_out - absorbed).max())
print(f"numbers stored: {c.size:,} instead of {2 * tokens * n_heads * d:,} for keys and values")

# %% [markdown]
r"""
One thing is in the way. RoPE rotates a key by its position, and a rotation between $q$ and $U_h$
would have to be redone for every token. So MLA keeps one more small key per token, shared by all
heads, that carries the position alone: 512 + 64 numbers per layer in DeepSeek-V3. Each of its 128
heads has a key of 128 + 64 numbers and a value of 128, so a cache of the ordinary kind would need
128 · (192 + 128) = 40,960. transformers stores it so:
"""

# %% tags=["demo"]
try:
    from transformers import DeepseekV3Config, DeepseekV3Model
except ImportError:
    print("This demo needs transformers: pip install transformers")
else:
    small = {"num_hidden_layers": 1, "first_k_dense_replace": 1, "hidden_size": 64}
    mla = {"kv_lora_rank": 16, "qk_rope_head_dim": 4, "qk_nope_head_dim": 8, "v_head_dim": 8}
    config = DeepseekV3Config(vocab_size=50, num_attention_heads=8, **small, **mla, q_lora_rank=16)
    with torch.no_grad():
        layer = DeepseekV3Model(config)(torch.arange(40)[None]).past_key_values.layers[0]
    print(
        "8 heads; stored as keys", tuple(layer.keys.shape), "as values", tuple(layer.values.shape)
    )

# %% [markdown]
r"""
**A window.** In sliding-window attention a layer looks back W tokens only (Mistral 7B v0.1: 4,096),
and what has left the window is dropped. The cache stops growing. (transformers keeps W − 1 tokens
between two steps: the next one brings its own.) Information still travels farther,
one window per layer, but only as far as earlier layers passed it on.

**Fewer bits.** 8-bit numbers halve the cache, 4-bit ones quarter it, a little less with the scales
that go with them. Keys and values behave differently: keys have a few channels with large values, so
they are scaled per channel, values per token (KIVI, Liu et al., 2024).
"""

# %% [markdown]
r"""
#### Memory decides how many can be served

The weights are there once, the cache once for each sequence. Llama 3.1 8B in 16 bits on a card with
80 GB, if nothing else needed memory:
"""

# %% tags=["demo"]
weight_bytes = 2 * (weights_8b + D * vocab)  # the table of input embeddings as well
cache_per_token = 2 * 32 * 8 * 128 * 2
free = 80e9 - weight_bytes
print(f"weights {weight_bytes / 1e9:.1f} GB, free {free / 1e9:.1f} GB")
for length in (1_000, 8_000, 32_000, 128_000):
    one = cache_per_token * length
    print(f"{length:7,} tokens: {one / 1e9:5.2f} GB each, {int(free // one):3} sequences fit")

# %% [markdown]
r"""
**And it has to be read.** A decode step computes about 2 FLOP for each weight and sequence, and has
to fetch each weight once, whatever the batch. So a larger batch makes better use of every byte of
weights. The cache is different: every sequence has its own, and all of it is read for a single token.
Bytes that one step reads, by batch size, at 8,000 tokens each:
"""

# %% tags=["demo"]
for batch in (1, 8, 32, 60):
    cache_read = batch * cache_per_token * 8_000
    total = weight_bytes + cache_read
    print(
        f"batch {batch:2}: {total / 1e9:5.1f} GB read for {batch:2} tokens, "
        f"{total / batch / 1e9:5.2f} GB a token, cache {cache_read / total:.0%}"
    )

# %% [markdown]
r"""
At batch 1 nearly all traffic is weights. At 60 it is mostly cache, and the bytes per token hardly
fall any more: here the cache limits the speed as well as the number of users. Prefill is the opposite
case. It handles thousands of tokens per fetched weight and is limited by arithmetic.
"""

# %% [markdown]
r"""
#### Paging

Nobody knows how long an answer will be. A server that wants each sequence in one piece has to reserve
the maximum. *PagedAttention* (Kwon et al., 2023) cuts the cache into blocks of, say, 16 tokens that
may lie anywhere, and keeps a table per sequence, as an operating system does with memory pages. Below
is a memory for 4,096 tokens with a maximum of 512 a request, filled in both ways. Requests come and
go; their lengths are drawn so that most are short (an assumption; yours will differ).
"""


# %% tags=["demo"]
def request_length(rng: np.random.Generator) -> int:
    return int(min(512, 16 + rng.exponential(110)))


slots, longest, block = 4096, 512, 16
rng = np.random.default_rng(1)
whole = np.zeros(slots)  # 0 free, 1 reserved but empty, 2 a token's keys and values
lengths = [request_length(rng) for _ in range(slots // longest)]
for i, length in enumerate(lengths):
    whole[i * longest : (i + 1) * longest] = 1
    whole[i * longest : i * longest + length] = 2

free_blocks, tables = list(range(slots // block)), []
waiting = request_length(rng)
for _ in range(400):  # a request enters if it fits, else one that runs ends and frees its blocks
    need = -(-waiting // block)
    if need <= len(free_blocks):
        tables.append((waiting, [free_blocks.pop(0) for _ in range(need)]))
        waiting = request_length(rng)
    else:
        free_blocks += tables.pop(int(rng.integers(len(tables))))[1]
paged = np.zeros((slots // block, block))
for length, table in tables:
    for j, number in enumerate(table):
        paged[number] = 1
        paged[number, : max(0, min(block, length - j * block))] = 2

# %% tags=["demo"]
fig, axes = figures.subplots(1, 3, size=(10.5, 3.2))
one_table = np.zeros((slots // block, block))
one_table[max((table for _, table in tables), key=len)] = 2
pictures = [
    (whole, f"one piece each: {len(lengths)} requests"),
    (paged, f"blocks of {block}: {len(tables)} requests"),
    (one_table, "one request's blocks"),
]
for ax, (memory, title) in zip(axes, pictures, strict=True):
    ax.imshow(memory.reshape(64, 64), cmap="Greys", vmin=0, vmax=2, aspect="auto")
    ax.set(title=title, xticks=[], yticks=[])
figures.show(
    fig,
    "Three maps of the same memory. In one piece each, eight requests fill black bands, most of them "
    "narrow, at the start of eight grey reserved regions. With blocks nearly everything is black, with "
    "thin grey ends of blocks. The third map shows one request's blocks lying scattered.",
)
for name, memory, count in [("one piece", whole, len(lengths)), ("blocks", paged, len(tables))]:
    used, empty = (memory == 2).mean(), (memory == 1).mean()
    print(f"{name:9} {count:2} requests: {used:.0%} holds tokens, {empty:.0%} reserved and empty")

# %% [markdown]
r"""
Black is a token's keys and values, grey is reserved and empty, white is free. In one piece most of
the memory waits for tokens that never come. With blocks only the end of each request's last block is
wasted, less than 16 tokens. vLLM's authors found 60 to 80 % of the memory wasted in the systems of
their time, and under 4 % in theirs (their announcement of June 2023).

Paging makes no token smaller. It lets more sequences fit into the same memory, and because a table
only points to blocks, two sequences with the same beginning can point to the same ones.
"""

# %% [markdown]
r"""
### Build it

Four exercises: the size, the cache inside one attention layer, the cache that requests share, and
the repair of a function that works for the prompt and fails for every token after it.
"""

# %% [markdown]
r"""
### Exercise 36.1 · `kv_bytes`

●○○ · 10 minutes · 4 points · core

Write `kv_bytes(cfg, tokens, batch=1, dtype_bytes=2)`, the bytes that the cache of a model takes
when every one of `batch` sequences has `tokens` tokens. It returns an `int`.

`cfg` is a dict with keys as in a model's published `config.json`. A key that may be missing may
also be there with the value `None`, which means the same. Other keys may be present; ignore them.

- `num_hidden_layers`: every layer has a cache of its own.
- `num_attention_heads`: the query heads.
- `hidden_size`: the width of the model; may be missing where `head_dim` is given.
- `num_key_value_heads`, may be missing: then there are as many as query heads.
- `head_dim`, may be missing: then it is `hidden_size // num_attention_heads`. (Where it is given,
  it counts, also when it differs from that quotient.)
- `sliding_window`, may be missing: with a window of `W`, a layer holds the keys and values of at
  most `W` tokens of a sequence. All layers have the same window here.
- `kv_lora_rank` and `qk_rope_head_dim`, may be missing, both together: where they are given the
  model uses MLA. A layer then stores, for each token, one latent vector of `kv_lora_rank` numbers,
  from which both keys and values are made, and one rotated key of `qk_rope_head_dim` numbers for
  all heads. Head counts and `head_dim` do not matter then. MLA together with a window is not tested.

`tokens`, `batch` and `dtype_bytes` (the bytes of one stored number) are ints, 0 or more. Nothing is
rounded, and `cfg` is not changed.

By hand: 2 layers, 4 query heads, 2 KV heads, head dimension 8, 3 tokens, 2 bytes: keys and values
are 2 · 2 · 8 = 32 numbers a layer and token, so 2 · 32 · 3 · 2 = 384 bytes.

<details><summary>Hint 1</summary>

Count the numbers of one token in one layer first; everything else multiplies.

</details>

<details><summary>Hint 2</summary>

`cfg.get("num_key_value_heads")` is None both for a missing key and for a null. A window changes the
number of tokens, `min(tokens, window)`; MLA changes the numbers per token, and has no factor 2.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q36-kv-bytes", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kv_bytes(cfg: dict, tokens: int, batch: int = 1, dtype_bytes: int = 2) -> int:
    """Size of a model's KV cache, in bytes.

    cfg: keys as in config.json. tokens: length of each of the `batch` sequences.
    """
    ### BEGIN SOLUTION
    if cfg.get("kv_lora_rank") is not None:
        numbers = cfg["kv_lora_rank"] + cfg["qk_rope_head_dim"]
    else:
        kv_heads = cfg.get("num_key_value_heads")
        if kv_heads is None:
            kv_heads = cfg["num_attention_heads"]
        head_dim = cfg.get("head_dim")
        if head_dim is None:
            head_dim = cfg["hidden_size"] // cfg["num_attention_heads"]
        numbers = 2 * kv_heads * head_dim
    window = cfg.get("sliding_window")
    held = tokens if window is None else min(tokens, window)
    return cfg["num_hidden_layers"] * numbers * held * batch * dtype_bytes
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q36-kv-bytes-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
small = {
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
}
testing.agree(
    kv_bytes,
    [((small, 3), 384)],
    "2 layers x 2 (keys and values) x 2 KV heads x 8 x 3 tokens x 2 bytes = 384",
)
testing.agree(
    kv_bytes,
    [((small, 3, 5), 1920), ((small, 3, 1, 4), 768)],
    "every sequence of the batch has its own cache, and dtype_bytes is the size of one number",
)

# %% nbgrader={"grade": true, "grade_id": "q36-kv-bytes-hidden-heads", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: which heads are counted, and their dimension (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for _ in range(4):
    layers, kv, groups, d, tokens = (int(n) for n in rng.integers(2, 9, size=5))
    mha = {"num_hidden_layers": layers, "num_attention_heads": kv * groups, "head_dim": d}
    testing.agree(
        kv_bytes,
        [
            (({**mha, "num_key_value_heads": kv}, tokens), 4 * layers * kv * d * tokens),
            (({**mha, "num_key_value_heads": 1}, tokens), 4 * layers * d * tokens),
        ],
        "the cache holds keys and values (a factor 2) of the KV heads; query heads are not stored",
    )
    full = 4 * layers * kv * groups * d * tokens
    testing.agree(
        kv_bytes,
        [((mha, tokens), full), (({**mha, "num_key_value_heads": None}, tokens), full)],
        "without num_key_value_heads, or with None there, each query head has its own keys",
    )
    wide = {
        "num_hidden_layers": layers,
        "num_attention_heads": groups,
        "num_key_value_heads": 1,
        "hidden_size": groups * d,
        "vocab_size": 77,
    }
    testing.agree(
        kv_bytes,
        [
            ((wide, tokens), 4 * layers * d * tokens),
            (({**wide, "head_dim": None}, tokens), 4 * layers * d * tokens),
            (({**wide, "head_dim": d + 3}, tokens), 4 * layers * (d + 3) * tokens),
        ],
        "head_dim is hidden_size // num_attention_heads only where the config does not say it",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q36-kv-bytes-hidden-window", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a sliding window (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
layers, kv, d = (int(n) for n in rng.integers(2, 9, size=3))
cfg = {
    "num_hidden_layers": layers,
    "num_attention_heads": 2 * kv,
    "num_key_value_heads": kv,
    "head_dim": d,
    "sliding_window": 64,
}
one = 4 * layers * kv * d
testing.agree(
    kv_bytes,
    [((cfg, n), one * held) for n, held in [(0, 0), (1, 1), (63, 63), (64, 64)]],
    "below the window the cache grows as without one",
)
testing.agree(
    kv_bytes,
    [((cfg, n), one * 64) for n in (65, 100, 10**6)],
    "beyond the window the cache stays as large as the window",
)
testing.agree(
    kv_bytes,
    [((cfg, 100, 3), one * 64 * 3), (({**cfg, "sliding_window": None}, 100), one * 100)],
    "each sequence has its own window, and a window of None is no window",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q36-kv-bytes-hidden-mla", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: MLA (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for _ in range(3):
    layers, heads, rank, rope_dim, tokens = (int(n) for n in rng.integers(3, 40, size=5))
    cfg = {
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": heads,
        "head_dim": 16,
        "hidden_size": 16 * heads,
        "kv_lora_rank": rank,
        "qk_rope_head_dim": rope_dim,
    }
    testing.agree(
        kv_bytes,
        [((cfg, tokens), 2 * layers * (rank + rope_dim) * tokens)],
        "MLA stores one latent and one rotated key for all heads: no heads, and no factor 2, since "
        "keys and values are made from the same latent",
    )
    off = {**cfg, "kv_lora_rank": None, "qk_rope_head_dim": None, "sliding_window": None}
    testing.agree(
        kv_bytes,
        [((off, tokens), 4 * layers * heads * 16 * tokens)],
        "kv_lora_rank of None is a model without MLA",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q36-kv-bytes-hidden-exact", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: batch, dtype and whole bytes (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cfg = {"num_hidden_layers": 3, "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 5}
for tokens, batch, width in [(7, 1, 1), (7, 4, 2), (11, 3, 4), (0, 5, 2), (9, 0, 2)]:
    testing.agree(
        kv_bytes,
        [
            ((cfg, tokens, batch, width), 60 * tokens * batch * width),
            ((cfg, tokens), {"dtype_bytes": width, "batch": batch}, 60 * tokens * batch * width),
        ],
        "the size is proportional to the batch and to the bytes of one number",
    )
tokens = 10**12 + 2 * int(rng.integers(1000)) + 1
big = {"num_hidden_layers": 126, "num_attention_heads": 128, "head_dim": 127}
size = kv_bytes(big, tokens, 1001)
testing.check(
    type(size) is int and size == 4 * 126 * 128 * 127 * tokens * 1001,
    "the result is a whole number of bytes, as an int: multiply ints, do not go through floats",
    inputs=(big, tokens, 1001),
    got=size,
    expected=4 * 126 * 128 * 127 * tokens * 1001,
)
assert testing.leaves_arguments(kv_bytes, cfg, 3), "the config belongs to the caller"
### END HIDDEN TESTS

# %% [markdown]
r"""
#### Your formula on real models

Six published configurations, copied key by key (Falcon's `multi_query: true` written as one KV
head), read in November 2026. Sizes for one sequence, 2 bytes a number. (These cells raise
`NotImplementedError` until you have solved the exercise.)
"""

# %% tags=["demo"]
layers32 = {"num_hidden_layers": 32, "num_attention_heads": 32, "hidden_size": 4096}
configs = {
    "Llama 2 7B (MHA)": {**layers32, "num_key_value_heads": 32},
    "Llama 3.1 8B (GQA)": {**layers32, "num_key_value_heads": 8},
    "Llama 3.1 70B (GQA)": {
        "num_hidden_layers": 80,
        "num_attention_heads": 64,
        "hidden_size": 8192,
        "num_key_value_heads": 8,
    },
    "Falcon 7B (MQA)": {
        "num_hidden_layers": 32,
        "num_attention_heads": 71,
        "hidden_size": 4544,
        "num_key_value_heads": 1,
    },
    "Mistral 7B v0.1 (GQA, window)": {
        **layers32,
        "num_key_value_heads": 8,
        "sliding_window": 4096,
    },
    "DeepSeek-V3 (MLA)": {
        "num_hidden_layers": 61,
        "num_attention_heads": 128,
        "hidden_size": 7168,
        "kv_lora_rank": 512,
        "qk_rope_head_dim": 64,
    },
}
print(f"{'':31}{'bytes/token':>12}{'8,192 tokens':>14}{'131,072 tokens':>16}")
for name, cfg in configs.items():
    sizes = [kv_bytes(cfg, n) for n in (1, 8192, 131_072)]
    print(f"{name:31}{sizes[0]:12,}{sizes[1] / 2**30:10.2f} GiB{sizes[2] / 2**30:12.2f} GiB")

# %% [markdown]
r"""
Llama 2, Falcon and Mistral were not trained for 131,072 tokens; their rows say what the memory
would be. Sharing keys among query heads takes Llama 3.1 8B to a quarter of Llama 2 7B, with the same
number of layers and heads. DeepSeek-V3 has 128 heads and 61 layers, and its token costs about half
as much as that of the 8B model.
"""

# %% tags=["demo"]
lengths = np.unique(np.geomspace(256, 131_072, 60).astype(int))
styles = [("-", 1), ("-", 2.5), ("--", 2.5), (":", 2.5), ("-.", 1.5), ("--", 1)]
fig, ax = figures.subplots(size=(7, 3.8))
for (name, cfg), (style, width) in zip(configs.items(), styles, strict=True):
    gib = [kv_bytes(cfg, int(n)) / 2**30 for n in lengths]
    ax.loglog(lengths, gib, linestyle=style, linewidth=width, color="black", label=name)
ax.set(xlabel="tokens in the sequence", ylabel="KV cache (GiB)")
ax.set_xticks([256, 1024, 4096, 16_384, 65_536], ["256", "1,024", "4,096", "16,384", "65,536"])
ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=9)
figures.show(
    fig,
    "Cache size against sequence length on logarithmic axes for six models. Five are straight "
    "parallel lines, from top to bottom Llama 2 7B, Llama 3.1 70B, Llama 3.1 8B, DeepSeek-V3 and, "
    "far below, Falcon 7B. Mistral 7B lies on Llama 3.1 8B up to 4,096 tokens "
    "and is flat from there on.",
)

# %% [markdown]
r"""
### Exercise 36.2 · `CachedAttention`

●●● · 35 minutes · 6 points · core

Write a class `CachedAttention(Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None)`: one causal
attention layer that is fed token by token and remembers keys and values.

`Wq` and `Wo` have shape (D, D), `Wk` and `Wv` shape (D, n_kv · d) with the head dimension
d = D // n_heads; D is a multiple of `n_heads`. A linear layer is `x @ W`; head h uses the columns h·d
to (h+1)·d. `n_heads` is a multiple of `n_kv`, and query head h uses KV head `h // (n_heads // n_kv)`.
Everything is NumPy float64. Neither the weights nor `x_t` are changed, by you or, later, by the caller.

`.step(x_t)` takes the next token's vector, shape (D,), and returns the layer's output for it, shape
(D,): each query head attends to the tokens seen so far, the current one included, with the scores
q · k / √d and a softmax; the heads' results are put side by side and multiplied by `Wo`. Scores may be
as large as 1000.

- **window**: with `window=W` (at least 1) a token attends to itself and the W − 1 tokens before it.
- **theta**: without it, no positions. With `theta`, query and key of the token at position p are
  rotated by RoPE before they meet, values are not. p is the number of tokens that came before it,
  *all* of them, also those that have left the window. Component i and component i + d/2 of a head
  form a pair, for i = 0 ... d/2 − 1, and with the angle α = p · theta^(−2i/d)

  new_i = x_i cos α − x_{i+d/2} sin α,  new_{i+d/2} = x_{i+d/2} cos α + x_i sin α.

  d is even then.

Two attributes, both up to date after every step:

- `.length`: the number of tokens seen, an int; 0 before the first step.
- `.nbytes`: the bytes that the cache needs now, an int: 8 for each number in the keys and values of
  the n_kv KV heads, for the last min(length, W) tokens (for all of them without a window). It is what
  `kv_bytes` says of one layer with 8 bytes a number.

Each object has a cache of its own. A result that was returned does not change when later tokens come.

<details><summary>Hint 1</summary>

Keep two arrays of shape (n_kv, tokens, d), and append to both in each step. No mask is needed:
what is in the cache is what the token may see. Store the keys rotated; an old token's position never
changes.

</details>

<details><summary>Hint 2</summary>

In `step`: project, reshape to heads, rotate, append, give up what left the window, attend. Two things
depend on the order: the token sees itself, and its position is what `length` was before it. With the
queries in the shape (n_kv, n_heads // n_kv, d) the scores of all heads are one matrix product.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q36-cached-attention", "locked": false, "schema_version": 3, "solution": true, "task": false}
class CachedAttention:
    """One causal attention layer, fed one token at a time."""

    def __init__(
        self,
        Wq: np.ndarray,
        Wk: np.ndarray,
        Wv: np.ndarray,
        Wo: np.ndarray,
        n_heads: int,
        n_kv: int,
        window: int | None = None,
        theta: float | None = None,
    ) -> None:
        """Wq, Wo: (D, D). Wk, Wv: (D, n_kv * d), d = D // n_heads."""
        ### BEGIN SOLUTION
        self.weights = (Wq, Wk, Wv, Wo)
        self.n_kv, self.d = n_kv, len(Wq) // n_heads
        self.window, self.theta = window, theta
        self.keys = np.zeros((n_kv, 0, self.d))
        self.values = np.zeros((n_kv, 0, self.d))
        self.length = 0
        ### END SOLUTION

    def step(self, x_t: np.ndarray) -> np.ndarray:
        """x_t: (D,), the next token. Returns the layer's output for it, (D,)."""
        ### BEGIN SOLUTION
        Wq, Wk, Wv, Wo = self.weights
        q = self._rotated((x_t @ Wq).reshape(self.n_kv, -1, self.d))
        k = self._rotated((x_t @ Wk).reshape(self.n_kv, 1, self.d))
        v = (x_t @ Wv).reshape(self.n_kv, 1, self.d)
        first = 0 if self.window is None else max(0, self.keys.shape[1] + 1 - self.window)
        self.keys = np.concatenate([self.keys, k], axis=1)[:, first:]
        self.values = np.concatenate([self.values, v], axis=1)[:, first:]
        self.length += 1
        scores = q @ self.keys.swapaxes(1, 2) / math.sqrt(self.d)
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        return (weights @ self.values).reshape(-1) @ Wo
        ### END SOLUTION

    @property
    def nbytes(self) -> int:
        """Bytes of the keys and values held."""
        ### BEGIN SOLUTION
        return self.keys.nbytes + self.values.nbytes

    def _rotated(self, x: np.ndarray) -> np.ndarray:
        if self.theta is None:
            return x
        half = self.d // 2
        angle = self.length * self.theta ** (-np.arange(half) / half)
        a, b = x[..., :half], x[..., half:]
        return np.concatenate(
            [a * np.cos(angle) - b * np.sin(angle), b * np.cos(angle) + a * np.sin(angle)], axis=-1
        )

    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q36-cached-attention-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
eye = np.eye(2)
layer = testing.make(CachedAttention, 0 * eye, eye, eye, eye, 1, 1)
outputs = [layer.step(np.array(x)) for x in ([2.0, 0.0], [4.0, 6.0], [0.0, 3.0])]
testing.check(
    testing.close(outputs, [[2.0, 0.0], [3.0, 3.0], [2.0, 3.0]]),
    "with queries of 0 all scores are equal: the output is the mean of the values so far",
    inputs="Wq = 0, Wk = Wv = Wo = identity, one head, tokens [2, 0], [4, 6], [0, 3]",
    got=outputs,
    expected=[[2.0, 0.0], [3.0, 3.0], [2.0, 3.0]],
)
testing.check(
    testing.close([layer.length, layer.nbytes], [3, 96]),
    "after 3 tokens: length 3, and 2 (keys and values) x 1 head x 2 numbers x 3 tokens x 8 bytes",
    got=[layer.length, layer.nbytes],
    expected=[3, 96],
)
layer = testing.make(CachedAttention, 0 * eye, eye, eye, eye, 1, 1, window=2)
outputs = [layer.step(np.array(x)) for x in ([2.0, 0.0], [4.0, 6.0], [0.0, 3.0])]
testing.check(
    testing.close(outputs[2], [2.0, 4.5]),
    "with window 2 the third token sees itself and the second one",
    got=outputs[2],
    expected=[2.0, 4.5],
)

# %% nbgrader={"grade": true, "grade_id": "q36-cached-attention-hidden-pass", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: step by step as in one pass (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def one_pass(x: np.ndarray, Wq: np.ndarray, Wk: np.ndarray, Wv: np.ndarray, Wo: np.ndarray, H: int):
    """Causal attention with H heads over the whole sequence, without a cache."""
    T, D = x.shape
    q, k, v = ((x @ W).reshape(T, H, D // H).swapaxes(0, 1) for W in (Wq, Wk, Wv))
    scores = np.where(np.tri(T) > 0, q @ k.swapaxes(1, 2) / math.sqrt(D // H), -np.inf)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    return (weights @ v).swapaxes(0, 1).reshape(T, D) @ Wo


for heads, D, T in [(1, 4, 6), (3, 6, 5), (2, 8, 7)]:
    W = rng.normal(size=(4, D, D))
    x = rng.normal(size=(T, D))
    layer = testing.make(CachedAttention, *W, heads, heads)
    other = testing.make(CachedAttention, *W, heads, heads)
    got = []
    for x_t in x:
        got.append(layer.step(x_t))
        other.step(-x_t)
    testing.check(
        testing.close(np.array(got), one_pass(x, *W, heads)),
        "fed one by one, the tokens must give what one causal pass over all of them gives, and "
        "two layers must not share a cache",
        inputs=(W, heads, x),
        got=np.array(got),
        expected=one_pass(x, *W, heads),
    )
    given = [W.copy(), x.copy()]
    last = testing.make(CachedAttention, *W, heads, heads).step(100 * x[0])
    assert testing.close([W, x], given), "weights and tokens belong to the caller"
    assert np.shape(last) == (D,), "step returns a vector of shape (D,)"
big = testing.make(CachedAttention, np.eye(2), np.eye(2), np.eye(2), np.eye(2), 1, 1)
got = [big.step(np.array(v)) for v in ([37.0, 0.0], [0.0, 37.0])]
assert testing.close(got, [[37.0, 0.0], [0.0, 37.0]]), (
    "scores near 1000 overflow exp: subtract the maximum first"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q36-cached-attention-hidden-gqa", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: fewer KV heads than query heads (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for heads, kv in [(4, 2), (6, 3), (6, 2), (4, 1)]:
    d, T = 2, 5
    D = heads * d
    Wq, Wo = rng.normal(size=(2, D, D))
    Wk, Wv = rng.normal(size=(2, D, kv * d))
    x = rng.normal(size=(T, D))
    want = np.zeros((T, D))
    for h in range(heads):
        mine = slice((h // (heads // kv)) * d, (h // (heads // kv) + 1) * d)
        q, k, v = (x @ Wq)[:, h * d : (h + 1) * d], (x @ Wk)[:, mine], (x @ Wv)[:, mine]
        weights = np.exp(q @ k.T / math.sqrt(d)) * np.tri(T)
        want[:, h * d : (h + 1) * d] = weights @ v / weights.sum(axis=1, keepdims=True)
    layer = testing.make(CachedAttention, Wq, Wk, Wv, Wo, heads, kv)
    got = [layer.step(x_t) for x_t in x]
    testing.check(
        testing.close(np.array(got), want @ Wo),
        "query head h shares the keys and values of KV head h // (n_heads // n_kv): neighbours "
        "share, so KV heads are repeated one by one, not as a block",
        inputs=(Wq, Wk, Wv, Wo, heads, kv, x),
        got=np.array(got),
        expected=want @ Wo,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q36-cached-attention-hidden-rope", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: positions go on from the cache (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def with_rope(x: np.ndarray, Wq, Wk, Wv, Wo, H: int, theta: float, window: int) -> np.ndarray:
    """Causal attention with RoPE and a window over the whole sequence, without a cache."""
    T, D = x.shape
    q, k, v = ((x @ W).reshape(T, H, D // H).swapaxes(0, 1) for W in (Wq, Wk, Wv))
    half = D // H // 2
    angle = np.arange(T)[:, None] * theta ** (-np.arange(half) / half)
    turn = np.exp(1j * angle)
    q, k = (z[..., :half] + 1j * z[..., half:] for z in (q, k))  # a pair is a complex number
    scores = ((q * turn) @ (k * turn).conj().swapaxes(1, 2)).real / math.sqrt(2 * half)
    i, j = np.indices((T, T))
    weights = np.exp(scores) * ((j <= i) & (j > i - window))
    weights /= weights.sum(axis=-1, keepdims=True)
    return (weights @ v).swapaxes(0, 1).reshape(T, D) @ Wo


for heads, D, theta, window in [
    (1, 4, 10.0, 99),
    (2, 8, 100.0, 99),
    (2, 12, 1e4, 99),
    (2, 8, 5.0, 3),
]:
    T = 9
    W = rng.normal(size=(4, D, D)) / math.sqrt(D) * 1.5
    x = rng.normal(size=(T, D))
    settings = {"theta": theta} if window == 99 else {"theta": theta, "window": window}
    layer = testing.make(CachedAttention, *W, heads, heads, **settings)
    got = [layer.step(x_t) for x_t in x]
    want = with_rope(x, *W, heads, theta, window)
    testing.check(
        testing.close(np.array(got), want),
        "the token's position is the number of all tokens before it, also of those that left the "
        "window; queries and keys are rotated in the pairs (i, i + d/2), values are not, and a "
        "stored key is not rotated again",
        inputs=(W, heads, x, settings),
        got=np.array(got),
        expected=want,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q36-cached-attention-hidden-window", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the window (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
T, D, heads, kv = 8, 8, 4, 2
d = D // heads
Wq, Wo = rng.normal(size=(2, D, D))
Wk, Wv = rng.normal(size=(2, D, kv * d))
x = rng.normal(size=(T, D))


def last_output(seen: np.ndarray) -> np.ndarray:
    """Attention of the last token over all of these, without positions."""
    q = (seen[-1] @ Wq).reshape(kv, heads // kv, d)
    k, v = ((seen @ W).reshape(-1, kv, d).swapaxes(0, 1) for W in (Wk, Wv))
    weights = np.exp(q @ k.swapaxes(1, 2) / math.sqrt(d))
    return (weights @ v / weights.sum(axis=-1, keepdims=True)).reshape(D) @ Wo


for window in (1, 2, 3, T - 1, T, T + 5):
    want = np.array([last_output(x[max(0, t + 1 - window) : t + 1]) for t in range(T)])
    layer = testing.make(CachedAttention, Wq, Wk, Wv, Wo, heads, kv, window=window)
    got = [layer.step(x_t) for x_t in x]
    testing.check(
        testing.close(np.array(got), want),
        "a window of W is the current token and the W - 1 before it; what left the window must not "
        "be attended to",
        inputs=f"window={window}, {T} tokens",
        got=np.array(got),
        expected=want,
    )
one = testing.make(CachedAttention, Wq, Wk, Wv, Wo, heads, kv, window=1)
mine = np.repeat((x @ Wv).reshape(T, kv, d), heads // kv, axis=1).reshape(T, D) @ Wo
assert testing.close(np.array([one.step(x_t) for x_t in x]), mine), (
    "with window 1 a token sees itself alone: its output is its own value times Wo"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q36-cached-attention-hidden-size", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: length and size of the cache (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for heads, kv, d, window in [
    (4, 4, 2, None),
    (4, 2, 6, None),
    (6, 1, 4, None),
    (4, 2, 4, 3),
    (2, 2, 2, 1),
]:
    D = heads * d
    Wq, Wo = rng.normal(size=(2, D, D))
    Wk, Wv = rng.normal(size=(2, D, kv * d))
    layer = testing.make(CachedAttention, Wq, Wk, Wv, Wo, heads, kv, window=window)
    sizes = [(layer.length, layer.nbytes)]
    for x_t in rng.normal(size=(5, D)):
        layer.step(x_t)
        sizes.append((layer.length, layer.nbytes))
    want = [(n, 2 * kv * d * 8 * min(n, window or n)) for n in range(6)]
    testing.check(
        testing.close([n for n, _ in sizes], [n for n, _ in want]),
        "length counts every token ever seen, also those that left the window",
        inputs=f"n_heads={heads}, n_kv={kv}, d={d}, window={window}, 5 tokens",
        got=sizes,
        expected=want,
    )
    testing.check(
        testing.close(sizes, want),
        "nbytes is that of keys and values of the KV heads alone (repeat heads when you attend, "
        "not in the cache), and tokens that left the window are given up",
        inputs=f"n_heads={heads}, n_kv={kv}, d={d}, window={window}, 5 tokens",
        got=sizes,
        expected=want,
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
Does your layer agree with a real one? Here a randomly initialised Llama layer of transformers, with
its own weights copied into your class.
"""

# %% tags=["demo"]
try:
    from transformers import LlamaConfig, LlamaModel
except ImportError:
    print("This demo needs transformers: pip install transformers")
else:
    torch.manual_seed(0)
    shape = {"hidden_size": 64, "intermediate_size": 8, "num_attention_heads": 8}
    config = LlamaConfig(**shape, num_hidden_layers=1, num_key_value_heads=2, vocab_size=50)
    block = LlamaModel(config).double().layers[0].self_attn
    linears = (block.q_proj, block.k_proj, block.v_proj, block.o_proj)
    weights = [linear.weight.detach().numpy().T for linear in linears]
    mine = CachedAttention(*weights, n_heads=8, n_kv=2, theta=10_000.0)
    x = torch.randn(20, 64, dtype=torch.float64)
    position, pair = (torch.arange(n, dtype=torch.float64) for n in (20, 4))
    angles = position[:, None] * 10_000.0 ** (-pair / 4)
    angles = torch.cat([angles, angles], dim=-1)[None]
    mask = torch.full((20, 20), -torch.inf, dtype=torch.float64).triu(1)[None, None]
    with torch.no_grad():
        theirs = block(x[None], (angles.cos(), angles.sin()), attention_mask=mask)[0][0].numpy()
    steps = np.array([mine.step(x_t) for x_t in x.numpy()])
    print("largest difference over 20 tokens:", abs(steps - theirs).max())

# %% [markdown]
r"""
**In the lab's model.** And layers that were trained: all those of `instruct`, the course's small model
that answers questions (question 1). PyTorch's hooks note what goes into each layer's attention and
what comes out, while the model reads a question. Your class gets the same weights and the same inputs,
token by token.
"""


# %% tags=["demo"]
instruct, chat_tokenizer = lab.load("instruct"), lab.tokenizer("instruct")
person = next(f.subject for f in home.facts() if f.relation == "person.home" and world.asked(f))
question = [{"role": "user", "content": f"Where does {person} live?"}]
written = chat_tokenizer.apply_chat_template(question, add_generation_prompt=True, tokenize=False)
chat_ids = chat_tokenizer(written, add_special_tokens=False).input_ids


def yours(block) -> CachedAttention:
    """Your class with the weights of one of the model's layers."""
    config, attention = instruct.config, block.self_attn
    linears = (attention.q_proj, attention.k_proj, attention.v_proj, attention.o_proj)
    weights = (linear.weight.detach().double().numpy().T for linear in linears)
    theta = config.rope_parameters["rope_theta"]
    return CachedAttention(
        *weights, config.num_attention_heads, config.num_key_value_heads, theta=theta
    )


# %% tags=["demo"]
noted, hooks = {}, []


def note(key: str):
    return lambda module, inputs, output: noted.update(
        {key: (output[0] if isinstance(output, tuple) else output)[0].double().numpy()}
    )


for i, block in enumerate(instruct.model.layers):
    hooks.append(block.input_layernorm.register_forward_hook(note(f"into {i}")))
    hooks.append(block.self_attn.register_forward_hook(note(f"out of {i}")))
with torch.no_grad():
    instruct(torch.tensor([chat_ids]))
for hook in hooks:
    hook.remove()
try:
    for i, block in enumerate(instruct.model.layers):
        layer = yours(block)
        mine = np.array([layer.step(x_t) for x_t in noted[f"into {i}"]])
        gap = abs(mine - noted[f"out of {i}"]).max()
        print(
            f"layer {i}: {layer.length} tokens, differs by {gap:.0e}, holds {layer.nbytes:,} bytes"
        )
except NotImplementedError:
    print("Not yet: CachedAttention (exercise 36.2) is not written.")

# %% [markdown]
r"""
Rounding: `instruct` computes with 32 bits, your class with 64, and so it holds 8 bytes a number.
"""

# %% [markdown]
r"""
#### Everything you built speaks

Now let your attention, with its cache, run the model. Embedding, norms, MLPs and unembedding are the
model's own; every look back at earlier tokens goes through your `step`.
"""


# %% tags=["demo"]
class Speaker:
    """The lab's model with your attention: all tokens so far -> logits of the next one."""

    def __init__(self) -> None:
        self.attention = [yours(block) for block in instruct.model.layers]
        self.computed = 0

    @torch.no_grad()
    def __call__(self, tokens: list[int]) -> np.ndarray:
        body = instruct.model
        for token in tokens[self.computed :]:  # the others are in the caches
            x = body.embed_tokens(torch.tensor(token))
            for block, attention in zip(body.layers, self.attention, strict=True):
                seen = attention.step(block.input_layernorm(x).double().numpy())
                x = x + torch.from_numpy(seen).float()
                x = x + block.mlp(block.post_attention_layernorm(x))
            self.computed += 1
        return instruct.lm_head(body.norm(x)).numpy()


# %% [markdown]
r"""
The loop and the sampler are question 4's. If you have written `generate` and `filter_probs` there and
run them in this session, yours are used, and otherwise the plain ones of this cell.
"""


# %% tags=["demo"]
def plain_probs(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    if temperature == 0:
        return np.eye(len(logits))[logits.argmax()]
    e = np.exp((logits.astype(float) - logits.max()) / temperature)
    return e / e.sum()


def plain_loop(next_logits, prompt, rng, probs, *, max_new_tokens, eos=None, **settings):
    new = []
    while len(new) < max_new_tokens:
        token = int(rng.choice(len(p := probs(next_logits(prompt + new), **settings)), p=p))
        if token == eos:
            break
        new.append(token)
    return new


def of_question_4(name: str, plain, *args, **settings):
    """Your function of this name, if it is there and written, else the plain one."""
    try:
        globals()[name](*args, **settings)
    except (KeyError, NotImplementedError):
        return plain
    print("with your own", name)
    return globals()[name]


# %% tags=["demo"]
eos = instruct.config.eos_token_id
rng = np.random.default_rng(0)
sampler = of_question_4("filter_probs", plain_probs, np.zeros(2), temperature=1.0)
loop = of_question_4("generate", plain_loop, None, [0], rng, sampler, max_new_tokens=0)
print(question[0]["content"], " The world says:", home.fact(person, "person.home").value)
try:
    for temperature in (0, 1.0):
        speaker = Speaker()
        new = loop(
            speaker, chat_ids, rng, sampler, max_new_tokens=40, eos=eos, temperature=temperature
        )
        said = chat_tokenizer.decode(new, skip_special_tokens=True).strip()
        print(f"temperature {temperature}: {said}")
        print(f"    {speaker.computed} tokens went through your layers")
        if temperature == 0:
            print(
                "    the same as transformers' answer:",
                said == lab.chat(question, max_new_tokens=40),
            )
except NotImplementedError:
    print("Not yet: CachedAttention (exercise 36.2) is not written.")

# %% [markdown]
r"""
The prompt went through token by token, since `step` takes one; a server prefills it in one pass. What
is drawn last (the end token, where the model ends its answer) is never fed back, so it is not among
those that were computed.
"""

# %% [markdown]
r"""
### Exercise 36.3 · `PrefixCache`

●●● · 30 minutes · 5 points · core

Many requests begin alike: the same system prompt, the same document, the same conversation so far.
The keys and values of a common prefix are the same, so a server keeps those of finished requests and
looks every new prompt up. Write the book-keeping: a class `PrefixCache(capacity)`.

It holds token sequences, each with a *handle* (whatever tells the server where the keys and values
lie; here any int or str). `tokens` is always a list of ints, and is not changed.

**`.size`**, an int: the number of tokens whose keys and values are held. A prefix that several held
sequences share is held once. In other words: the number of *different non-empty prefixes* of the
held sequences. [1, 2, 3] and [1, 2, 4, 5] together have size 5.

**`.insert(tokens, handle)`** adds a sequence (of at least one token) and returns None.
- If exactly this sequence is held already, its handle is replaced.
- Either way the sequence is now the most recently *used* one.
- Then, while `size > capacity`, the least recently used sequence is dropped. What it shares with
  others stays; so dropping may free few tokens or none, and then the next one goes as well.
- A sequence longer than `capacity` is a `ValueError`, and changes nothing.

**`.match(tokens)`** returns `(length, handle)`: the largest `length` such that the first `length`
tokens of the argument are also the first `length` tokens of a held sequence, and the handle of such
a sequence. The match may end in the middle of the held sequence, and in the middle of the argument:
keys and values depend on nothing that comes later.
- If several held sequences share those `length` tokens, it is the one that was used most recently.
- That sequence, and no other, is now the most recently used one.
- If not even the first token is found, or `tokens` is empty, the result is `(0, None)`, and nothing
  counts as used.

By hand, with capacity 6: insert [1, 2, 3] as "a" and [1, 2, 4, 5] as "b"; size 5. Match
[1, 2, 4, 9]: (3, "b"). Match [1, 2, 8]: both share 2 tokens, "b" was used last: (2, "b"). Insert
[7, 7] as "c": size would be 7, "a" is the least recently used, and dropping it frees one token: size
6. Match [1, 2, 3]: (2, "b").

How you store the sequences is up to you; the tests hold some dozens of them. Servers use a tree.

<details><summary>Hint 1</summary>

A tree with one node for each different prefix has `size` nodes. A dict keeps the order in which its
keys were put in: taking a key out and putting it in again makes it the newest.

</details>

<details><summary>Hint 2</summary>

What must a match know in the node it ends in, and dropping in each node of a path? One dict a node,
beside its children, answers both. "Use a sequence" and "drop a sequence" are two helpers that walk
along its path; `insert` and `match` are short then.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q36-prefix-cache", "locked": false, "schema_version": 3, "solution": true, "task": false}
class PrefixCache:
    """Finds the longest prefix of a prompt whose keys and values are held."""

    def __init__(self, capacity: int) -> None:
        """capacity: how many tokens may be held."""
        ### BEGIN SOLUTION
        self.capacity, self.size = capacity, 0
        self.numbers: dict[tuple, int] = {}  # each held sequence's number ...
        self.held: dict[int, tuple] = {}  # ... and for each number the sequence and its handle
        self.root: dict = {"next": {}, "users": {}}
        ### END SOLUTION

    def insert(self, tokens: list[int], handle: int | str) -> None:
        """Hold a sequence; drop the least recently used ones beyond the capacity."""
        ### BEGIN SOLUTION
        sequence = tuple(tokens)
        if len(sequence) > self.capacity:
            raise ValueError(f"{len(sequence)} tokens do not fit a capacity of {self.capacity}")
        number = self.numbers.setdefault(sequence, max(self.held, default=0) + 1)
        self.held[number] = (sequence, handle)
        self._use(number)
        while self.size > self.capacity:
            self._drop(next(iter(self.root["users"])))
        ### END SOLUTION

    def match(self, tokens: list[int]) -> tuple[int, int | str | None]:
        """The longest held prefix of tokens: its length, and a sequence's handle."""
        ### BEGIN SOLUTION
        node, length = self.root, 0
        for token in tokens:
            if token not in node["next"]:
                break
            node, length = node["next"][token], length + 1
        if length == 0:
            return 0, None
        number = next(reversed(node["users"]))
        self._use(number)
        return length, self.held[number][1]

    def _use(self, number: int) -> None:
        """Make a sequence the newest along its path; make the path where it is new."""
        node = self.root
        node["users"].pop(number, None)
        node["users"][number] = None
        for token in self.held[number][0]:
            if token not in node["next"]:
                node["next"][token] = {"next": {}, "users": {}}
                self.size += 1
            node = node["next"][token]
            node["users"].pop(number, None)
            node["users"][number] = None

    def _drop(self, number: int) -> None:
        sequence, _ = self.held.pop(number)
        del self.numbers[sequence], self.root["users"][number]
        node = self.root
        for i, token in enumerate(sequence):
            child = node["next"][token]
            del child["users"][number]
            if not child["users"]:  # then nobody passes further down either
                del node["next"][token]
                self.size -= len(sequence) - i
                return
            node = child

    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q36-prefix-cache-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
cache = testing.make(PrefixCache, 6)
cache.insert([1, 2, 3], "a")
cache.insert([1, 2, 4, 5], "b")
assert testing.close(cache.size, 5), "[1, 2] is shared and counts once: 5 tokens are held"
assert testing.close(cache.match([1, 2, 4, 9]), (3, "b")), (
    "the longest common prefix with a held sequence counts, also where neither ends there"
)
assert testing.close(cache.match([1, 2, 8]), (2, "b")), "among equals the last used one is taken"
assert testing.close(cache.match([2, 1]), (0, None)), "a prefix begins at the first token"
cache.insert([7, 7], "c")
assert testing.close(cache.size, 6), "7 tokens are too many: a is dropped, which frees one token"
assert testing.close(cache.match([1, 2, 3]), (2, "b")), (
    "a is gone, but its start is still held by b"
)

# %% nbgrader={"grade": true, "grade_id": "q36-prefix-cache-hidden-match", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the longest common prefix (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cache = testing.make(PrefixCache, 1000)
held = {}
for number in range(20):
    tokens = [number % 4, *(int(t) for t in rng.integers(2, size=rng.integers(1, 9)))]
    cache.insert(list(tokens), number)
    held[tuple(tokens)] = number
for number in range(30):
    query = [number % 5, *(int(t) for t in rng.integers(2, size=rng.integers(0, 12)))]
    shared = {
        seq: next(
            (i for i, (a, b) in enumerate(zip(seq, query, strict=False)) if a != b),
            min(len(seq), len(query)),
        )
        for seq in held
    }
    longest = max(shared.values())
    fitting = [held[seq] for seq in held if shared[seq] == longest] if longest else [None]
    length, handle = cache.match(list(query))
    testing.check(
        testing.close(length, longest) and handle in fitting,
        "a match is the longest common prefix with any held sequence, also where it ends in the "
        "middle of that sequence or of the prompt, with the handle of a sequence that begins so",
        inputs=(sorted(map(list, held)), query),
        got=(length, handle),
        expected=(longest, f"one of {fitting}"),
    )
assert testing.close(cache.match([]), (0, None)), "an empty prompt matches nothing"
zero = testing.make(PrefixCache, 5)
assert testing.close(zero.match([3]), (0, None)), "an empty cache matches nothing"
zero.insert([0, 0], 0)
assert testing.close(zero.match([0]), (1, 0)), "token 0 is a token, and 0 may be a handle"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q36-prefix-cache-hidden-size", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what is shared counts once (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cache = testing.make(PrefixCache, 10_000)
prefixes = set()
assert testing.close(cache.size, 0), "an empty cache holds no token"
for number in range(25):
    tokens = [int(t) for t in rng.integers(3, size=rng.integers(1, 7))]
    cache.insert(list(tokens), number)
    prefixes |= {tuple(tokens[: i + 1]) for i in range(len(tokens))}
    testing.check(
        testing.close(cache.size, len(prefixes)),
        "size is the number of different prefixes held: a shared prefix counts once, a sequence "
        "inserted twice counts once",
        inputs=f"{number + 1} sequences, the last one {tokens}",
        got=cache.size,
        expected=len(prefixes),
    )
cache.match([9, 9, 9])
cache.match([int(t) for t in rng.integers(3, size=20)])
assert testing.close(cache.size, len(prefixes)), "looking a prompt up holds nothing new"
nested = testing.make(PrefixCache, 6)
nested.insert([1, 2], "short")
nested.insert([1, 2, 3, 4], "long")
assert testing.close(nested.size, 4), "a sequence that begins another one adds nothing"
nested.insert([8, 8, 8], "new")
testing.check(
    testing.close(
        (nested.size, nested.match([1, 2, 3]), nested.match([8])), (3, (0, None), (1, "new"))
    ),
    "dropping what others share frees nothing, so the next least recently used one goes too: drop "
    "until the size fits",
    inputs="capacity 6: insert [1, 2], [1, 2, 3, 4], [8, 8, 8]; size, match [1, 2, 3], match [8]",
    got=(nested.size, nested.match([1, 2, 3]), nested.match([8])),
    expected=(3, (0, None), (1, "new")),
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q36-prefix-cache-hidden-recent", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: least recent use (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
names = [int(t) for t in rng.permutation(50)[:4]]  # first tokens of four sequences
a, b, c, d = names


def filled(capacity: int = 6):
    """A cache that holds a, b, c, two tokens each, a being the oldest."""
    fresh = testing.make(PrefixCache, capacity)
    for name in (a, b, c):
        fresh.insert([name, name], f"s{name}")
    return fresh


def held(cache) -> list[bool]:
    return [cache.match([name])[0] == 1 for name in names]


plain = filled()
plain.insert([d, d], "new")
testing.check(
    testing.close(held(plain), [False, True, True, True]),
    "the sequence that was inserted first, and not used since, is dropped first",
    inputs="capacity 6: insert a, b, c, d, of two tokens each",
    got=held(plain),
    expected=[False, True, True, True],
)
for query in ([a], [a, a], [a, a, a], [a, d]):
    used = filled()
    used.match(query)
    used.insert([d, d], "new")
    testing.check(
        testing.close(held(used), [True, False, True, True]),
        "a match counts as use, also one that ends early: what was matched last is dropped last",
        inputs=f"insert a, b, c; match {query}, which begins as a does; insert d",
        got=held(used),
        expected=[True, False, True, True],
    )
again = filled()
again.insert([a, a], "again")
again.match([d])
again.insert([d, d], "new")
assert testing.close(held(again), [True, False, True, True]), (
    "inserting a held sequence again counts as use, and a match of length 0 does not"
)
shared = testing.make(PrefixCache, 7)
shared.insert([a, b, 1], "one")
shared.insert([a, b, 2], "two")
got = [shared.match([a, b, 9])]
shared.match([a, b, 1])
got.append(shared.match([a, b, 9]))
got.append(shared.match([a]))
testing.check(
    testing.close(got, [(2, "two"), (2, "one"), (1, "one")]),
    "where several sequences share the match, it is the one that was used most recently",
    inputs="insert [a, b, 1], [a, b, 2]; match [a, b, 9]; match [a, b, 1]; match [a, b, 9]; match [a]",
    got=got,
    expected=[(2, "two"), (2, "one"), (1, "one")],
)
only = testing.make(PrefixCache, 5)
only.insert([a, b, 1], "one")
only.insert([a, b, 2], "two")
only.insert([c], "three")
only.match([a, b, 9])  # returns two; the order of use is now one, three, two
only.insert([d], "four")
got = [only.size, only.match([a, b, 1]), only.match([c])]
testing.check(
    testing.close(got, [5, (2, "two"), (1, "three")]),
    "a match makes only the returned sequence recent, not all that share its prefix",
    inputs="capacity 5: insert [a, b, 1], [a, b, 2], [c]; match [a, b, 9]; insert [d]; "
    "size, match [a, b, 1], match [c]",
    got=got,
    expected=[5, (2, "two"), (1, "three")],
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q36-prefix-cache-hidden-edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a new handle, and what does not fit (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
x, y = (int(t) for t in rng.permutation(90)[:2])
cache = testing.make(PrefixCache, 4)
cache.insert([x, y, x], "old")
assert cache.insert([x, y, x], "new") is None, "insert returns None"
testing.check(
    testing.close((cache.match([x, y, x]), cache.size), ((3, "new"), 3)),
    "inserting a held sequence again replaces its handle and holds no more tokens",
    got=(cache.match([x, y, x]), cache.size),
    expected=((3, "new"), 3),
)
assert testing.raises(ValueError, cache.insert, [y] * 5, "long"), (
    "a sequence longer than the capacity is a ValueError"
)
testing.check(
    testing.close((cache.match([x, y]), cache.match([y]), cache.size), ((2, "new"), (0, None), 3)),
    "a sequence that cannot fit changes nothing: check before you drop anything",
    got=(cache.match([x, y]), cache.match([y]), cache.size),
    expected=((2, "new"), (0, None), 3),
)
assert not testing.raises(ValueError, cache.insert, [y] * 4, "whole"), (
    "a sequence exactly as long as the capacity fits"
)
testing.check(
    testing.close(
        (cache.match([y] * 9), cache.match([x]), cache.size), ((4, "whole"), (0, None), 4)
    ),
    "a sequence as long as the capacity fits, alone",
    got=(cache.match([y] * 9), cache.match([x]), cache.size),
    expected=((4, "whole"), (0, None), 4),
)
prompt = [x, x, y]
testing.make(PrefixCache, 9).insert(prompt, 1)
assert prompt == [x, x, y], "the tokens belong to the caller"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q36-prefix-cache-hidden-long-run", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a long run of mixed requests (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for capacity in (5, 12):
    cache = testing.make(PrefixCache, capacity)
    order: dict[tuple, int] = {}  # the held sequences with their handles, least recently used first
    for number in range(60):
        tokens = [int(t) for t in rng.integers(2, size=rng.integers(1, 6))]
        if rng.random() < 0.5:
            cache.insert(list(tokens), number)
            order.pop(tuple(tokens), None)
            order[tuple(tokens)] = number
            while len({s[: i + 1] for s in order for i in range(len(s))}) > capacity:
                del order[next(iter(order))]
            got, want = cache.size, len({s[: i + 1] for s in order for i in range(len(s))})
        else:
            got, want = cache.match(list(tokens)), (0, None)
            for n in range(len(tokens), 0, -1):
                fitting = [s for s in order if s[:n] == tuple(tokens[:n])]
                if fitting:
                    handle = order.pop(fitting[-1])
                    order[fitting[-1]] = handle
                    want = (n, handle)
                    break
        testing.check(
            testing.close(got, want),
            "after many inserts, matches and drops the cache answers differently from its "
            "description: a dropped sequence must leave no trace, and a shared prefix must stay",
            inputs=f"capacity {capacity}, request {number} with {tokens}",
            got=got,
            expected=want,
        )
### END HIDDEN TESTS

# %% [markdown]
r"""
Your cache under a day of chats. Three assistants have system prompts of 400 tokens; every
conversation sends its whole history with each turn, so a turn's prompt begins with all that came
before. Without a cache, every token of every prompt is computed.
"""


# %% tags=["demo"]
def share_found(capacity: int) -> float:
    """Share of all prompt tokens that were found in the cache."""
    rng = np.random.default_rng(0)
    systems = [[int(t) for t in rng.integers(1000, size=400)] for _ in range(3)]
    chats = [list(systems[i % 3]) for i in range(12)]
    cache, found, total = PrefixCache(capacity), 0, 0
    for turn in range(60):
        chat = chats[int(rng.integers(12))]
        chat += [int(t) for t in rng.integers(1000, size=60)]  # the question
        found, total = found + cache.match(chat)[0], total + len(chat)
        chat += [int(t) for t in rng.integers(1000, size=90)]  # the answer
        cache.insert(chat, turn)
    return found / total


for capacity in (1_500, 3_000, 6_000, 12_000, 24_000):
    print(f"capacity {capacity:6,} tokens: {share_found(capacity):.0%} of the prompt tokens found")

# %% [markdown]
r"""
The requests are the same in every row. A small cache forgets a conversation before its next turn; in
a large one the new questions and each assistant's first prompt are all that has to be computed.

A server's cache differs in two points. It drops blocks from the end of a sequence rather than the
sequence at once, and it never drops what a running request uses. vLLM finds prefixes by hashing whole
blocks, each hash including the one before, so a match is a multiple of the block's size; SGLang keeps
a radix tree (both documentations read in November 2026).
"""

# %% [markdown]
r"""
### Exercise 36.4 · repair `cached_attention`

●●○ · 15 minutes · 3 points · core

This function runs one attention layer over `T` new tokens, after tokens that earlier calls have
seen. Fed with a whole prompt in one call, and with as many KV heads as query heads, it is right, and
that is what its author tested. The mistakes in it are found in many repositories. There are three.

`cached_attention(q, k, v, past=None, theta=10000.0)`:

- `q` is a Tensor of shape (n_heads, T, d), `k` and `v` have shape (n_kv, T, d), with n_heads a
  multiple of n_kv, d even, T at least 1; float32 or float64. They are the projections of the new
  tokens, not yet rotated.
- `past` is None for the first call. Later it is the second result of the call before. What it holds
  is up to you; tests only hand it on.
- The first result has shape (n_heads, T, d) and the dtype of `q`. New token i (0, 1, ...) stands at
  position P + i, where P is the number of tokens of all earlier calls, and attends to all tokens at
  positions up to and including its own. Query head h uses KV head `h // (n_heads // n_kv)`. Query and
  key are rotated by RoPE, in pairs (i, i + d/2) as the code does it; scores are q · k / √d.

However a sequence is cut into calls, the results, put side by side, are those of one call with all of
it. Neither the arguments nor an earlier `past` are changed: two calls may go on from the same one.

<details><summary>Hint 1</summary>

Cut a sequence of three tokens into calls of 2 and 1, and write down for each new token: its position,
and the keys that it may see. Then do the same for what the code does.

</details>

<details><summary>Hint 2</summary>

One clue for each. At which position does a lone new token stand in the code? At which corner does
`is_causal=True` line the triangle up when there are more keys than queries (the documentation of
`scaled_dot_product_attention` says it), and which other argument takes a mask of your own? In which
order does `torch.arange(3).repeat(2)` put its numbers, and in which would the prompt have them?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q36-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def cached_attention(
#     q: Tensor, k: Tensor, v: Tensor, past: tuple | None = None, theta: float = 10000.0
# ) -> tuple[Tensor, tuple]:
#     """q: (n_heads, T, d); k, v: (n_kv, T, d). Returns (n_heads, T, d), and the new past."""
#     n_heads, T, d = q.shape
#     position = torch.arange(T)
#     inv_freq = theta ** (-torch.arange(0, d, 2, dtype=torch.float64) / d)
#     angle = torch.outer(position, inv_freq)
#     cos, sin = angle.cos().to(q), angle.sin().to(q)  # dtype and device of q
#
#     def rotate(x: Tensor) -> Tensor:
#         a, b = x.chunk(2, dim=-1)
#         return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)
#
#     q, k = rotate(q), rotate(k)
#     if past is not None:
#         k = torch.cat([past[0], k], dim=1)
#         v = torch.cat([past[1], v], dim=1)
#     past = (k, v)
#     groups = n_heads // k.shape[0]
#     k, v = k.repeat(groups, 1, 1), v.repeat(groups, 1, 1)
#     out = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
#     return out, past
### END REPAIR
### BEGIN SOLUTION
def cached_attention(
    q: Tensor, k: Tensor, v: Tensor, past: tuple | None = None, theta: float = 10000.0
) -> tuple[Tensor, tuple]:
    """q: (n_heads, T, d); k, v: (n_kv, T, d). Returns (n_heads, T, d), and the new past."""
    n_heads, T, d = q.shape
    seen = 0 if past is None else past[0].shape[1]
    position = seen + torch.arange(T)
    inv_freq = theta ** (-torch.arange(0, d, 2, dtype=torch.float64) / d)
    angle = torch.outer(position, inv_freq)
    cos, sin = angle.cos().to(q), angle.sin().to(q)  # dtype and device of q

    def rotate(x: Tensor) -> Tensor:
        a, b = x.chunk(2, dim=-1)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)

    q, k = rotate(q), rotate(k)
    if past is not None:
        k = torch.cat([past[0], k], dim=1)
        v = torch.cat([past[1], v], dim=1)
    past = (k, v)
    groups = n_heads // k.shape[0]
    k, v = k.repeat_interleave(groups, dim=0), v.repeat_interleave(groups, dim=0)
    mask = (torch.arange(seen + T) <= position[:, None]).to(q.device)
    out = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    return out, past


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q36-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
v = torch.tensor([[[2.0, 0.0], [4.0, 6.0], [0.0, 3.0]]], dtype=torch.float64)
out, _ = cached_attention(torch.zeros_like(v), v, v)
testing.check(
    testing.close(out, torch.tensor([[[2.0, 0.0], [3.0, 3.0], [2.0, 3.0]]], dtype=torch.float64)),
    "this worked before the repair: with queries of 0 the result is the mean of the values so far",
    got=out,
    expected=[[[2.0, 0.0], [3.0, 3.0], [2.0, 3.0]]],
)
q = torch.tensor([[[1.0, 0.0], [1.0, 0.0]]], dtype=torch.float64)
k = torch.tensor([[[3.0, 0.0], [5.0, 0.0]]], dtype=torch.float64)
out, _ = cached_attention(q, k, torch.tensor([[[1.0, 0.0], [0.0, 1.0]]], dtype=torch.float64))
w = math.exp(3 * math.cos(1) / math.sqrt(2)), math.exp(5 / math.sqrt(2))
testing.check(
    testing.close(out[0, 1], torch.tensor([w[0], w[1]], dtype=torch.float64) / sum(w)),
    "this worked before the repair: one step apart, a pair is turned by one radian",
    got=out[0, 1],
    expected=[w[0] / sum(w), w[1] / sum(w)],
)

# %% nbgrader={"grade": true, "grade_id": "q36-repair-hidden-mask", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what a new token sees (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for dtype in (torch.float64, torch.float32):
    for cuts in ([3, 1], [1, 1, 1, 1], [2, 3], [4, 2, 3], [5]):
        total = sum(cuts)
        v = torch.randn(2, total, 4, generator=generator, dtype=dtype)
        flat = torch.zeros(2, total, 4, dtype=dtype)  # keys of 0: all that is seen counts the same
        want = v.cumsum(dim=1) / torch.arange(1, total + 1, dtype=dtype)[:, None]
        q = torch.randn(2, total, 4, generator=generator, dtype=dtype)
        parts, past, start = [], None, 0
        for T in cuts:
            piece = slice(start, start + T)
            out, past = cached_attention(q[:, piece], flat[:, piece], v[:, piece], past)
            parts.append(out)
            start += T
        testing.check(
            testing.close(torch.cat(parts, dim=1), want),
            "a new token sees all cached tokens and the new ones up to itself: the causal mask of "
            "T queries and P + T keys is lined up at the lower right corner",
            inputs=f"keys of 0, calls of {cuts} tokens, {dtype}",
            got=torch.cat(parts, dim=1),
            expected=want,
        )
        assert parts[-1].dtype == dtype, "the result has the dtype of q"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q36-repair-hidden-heads", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: which KV head a query head uses (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for n_heads, n_kv in [(4, 2), (6, 3), (6, 2), (3, 1), (2, 2)]:
    q = torch.randn(n_heads, 5, 4, generator=generator, dtype=torch.float64)
    k, v = torch.randn(2, n_kv, 5, 4, generator=generator, dtype=torch.float64)
    out, _ = cached_attention(q, k, v)
    alone = []
    for h in range(n_heads):
        mine = slice(h // (n_heads // n_kv), h // (n_heads // n_kv) + 1)
        alone.append(cached_attention(q[h : h + 1], k[mine], v[mine])[0])
    testing.check(
        testing.close(out, torch.cat(alone)),
        "query head h shares the keys and values of KV head h // (n_heads // n_kv): neighbouring "
        "query heads share one",
        inputs=f"n_heads={n_heads}, n_kv={n_kv}, one call",
        got=out,
        expected=torch.cat(alone),
    )
half, n_kv = 2, 2
q = torch.randn(4, 4, 4, generator=generator, dtype=torch.float64)
k, v = torch.randn(2, n_kv, 4, 4, generator=generator, dtype=torch.float64)
turn = torch.polar(
    torch.ones(4, half), torch.arange(4.0)[:, None] * 9.0 ** (-torch.arange(2.0) / 2)
)
qc, kc = (torch.complex(z[..., :half], z[..., half:]) * turn for z in (q, k))
scores = (qc.view(2, 2, 4, half) @ kc[:, None].conj().transpose(-1, -2)).real / 2
weights = scores.masked_fill(torch.ones(4, 4).triu(1).bool(), -torch.inf).softmax(dim=-1)
out, _ = cached_attention(q, k, v, theta=9.0)
assert testing.close(out, (weights @ v[:, None]).view(4, 4, 4), rtol=1e-5, atol=1e-6), (
    "within one call, the rest is as it was: scores over the square root of d, pairs (i, i + d/2)"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q36-repair-hidden-positions", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: positions go on, however the sequence is cut (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
n_heads, n_kv, total, d = 2, 2, 8, 6
for theta in (10000.0, 20.0):
    q = torch.randn(n_heads, total, d, generator=generator, dtype=torch.float64)
    k, v = torch.randn(2, n_kv, total, d, generator=generator, dtype=torch.float64)
    whole, _ = cached_attention(q, k, v, theta=theta)
    for cuts in ([5, 1, 1, 1], [1] * 8, [4, 4], [1, 7], [3, 2, 3]):
        parts, past, start = [], None, 0
        for T in cuts:
            piece = slice(start, start + T)
            out, past = cached_attention(q[:, piece], k[:, piece], v[:, piece], past, theta)
            parts.append(out)
            start += T
        testing.check(
            testing.close(torch.cat(parts, dim=1), whole),
            "cut into calls, the sequence gives something else than in one call: positions go on "
            "from the number of cached tokens, and a cached key is not rotated again (or it is the "
            "mask: see the first hidden test)",
            inputs=f"calls of {cuts} tokens, theta={theta}",
            got=torch.cat(parts, dim=1),
            expected=whole,
        )
    _, past = cached_attention(q[:, :5], k[:, :5], v[:, :5], None, theta)
    one, _ = cached_attention(q[:, 5:6], k[:, 5:6], v[:, 5:6], past, theta)
    cached_attention(q[:, 6:], k[:, 6:], v[:, 6:], past, theta)
    two, _ = cached_attention(q[:, 5:6], k[:, 5:6], v[:, 5:6], past, theta)
    assert testing.close(one, two) and testing.close(one, whole[:, 5:6]), (
        "two calls may go on from the same past: do not write into it"
    )
assert testing.leaves_arguments(cached_attention, q, k, v), "q, k and v belong to the caller"
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

**"With the cache, `is_causal=True` still does the right thing."** Only while there are as many
queries as keys. torch lines the causal triangle up at the upper left corner (its documentation says
so): the first query sees the first key. In a decode step the one query is the *last* token, so it
sees the first token alone, and the output is that token's value, again and again. No error, fluent
nonsense.
"""

# %% tags=["demo"]
attend = torch.nn.functional.scaled_dot_product_attention
generator = torch.Generator().manual_seed(0)
q, k, v = torch.randn(3, 1, 6, 4, generator=generator)
right = attend(q, k, v, is_causal=True)[0, -1]
last = q[:, -1:]
print("the last token in a full pass:      ", right.numpy().round(2))
print(
    "one query, is_causal=True:          ",
    attend(last, k, v, is_causal=True)[0, 0].numpy().round(2),
)
print("the first token's value:            ", v[0, 0].numpy().round(2))
print("one query, no mask (all is past):   ", attend(last, k, v)[0, 0].numpy().round(2))

# %% [markdown]
r"""
**"320 KB times 128,000 is 40 GB."** Three conventions in one line. 327,680 bytes are 320 KiB, not
320 kB; 128K of context are 131,072 tokens, not 128,000; and 40 is the number of GiB, not GB. The
errors nearly cancel, so the answer looks right. With the units kept straight:
"""

# %% tags=["demo"]
for label, size in [
    ("320 kB  x 128,000", 320_000 * 128_000),
    ("320 KiB x 128,000", 320 * 1024 * 128_000),
    ("320 KiB x 131,072", 320 * 1024 * 131_072),
]:
    print(f"{label} = {size / 1e9:5.2f} GB = {size / 2**30:5.2f} GiB")

# %% [markdown]
r"""
**"Take the number of heads from the config."** Take the number of *KV* heads, and make sure that the
model uses it. Llama 3.1 70B has 64 heads; multiplied out, that gives 2.5 MiB a token, eight times too
much. And a Falcon 7B configuration, as transformers saves it, says `num_kv_heads: 71`, while
`multi_query: true` makes the model ignore that number. The shape of what is stored cannot be wrong.
Falcon's default configuration, made small:
"""

# %% tags=["demo"]
try:
    from transformers import FalconConfig, FalconModel
except ImportError:
    print("This demo needs transformers: pip install transformers")
else:
    config = FalconConfig(vocab_size=50, hidden_size=64, num_hidden_layers=1, num_attention_heads=8)
    with torch.no_grad():
        cache = FalconModel(config)(torch.arange(10)[None]).past_key_values
    print(f"multi_query={config.multi_query}, num_kv_heads={config.num_kv_heads}")
    print("KV heads in the cache:", cache.layers[0].keys.shape[1])

# %% [markdown]
r"""
**"A document's cache can be reused wherever the document appears."** Only where everything *before*
it is the same. Keys hold the position, and from the second layer on, keys and values hold what the
tokens before said. The same thirty tokens in `base`, after two different beginnings of equal length:
"""

# %% tags=["demo"]
document = pages[0, 100:130]
caches = []
for first in (pages[0, :20], torch.cat([pages[0, :1], pages[0, 50:69]])):
    with torch.no_grad():
        caches.append(base(torch.cat([first, document])[None]).past_key_values)
for i in range(len(caches[0].layers)):
    a, b = (cache.layers[i].values[0, :, 20:] for cache in caches)
    print(f"layer {i}: the document's values differ by {(a - b).abs().max() / a.abs().max():.0%}")

# %% [markdown]
r"""
So a prefix cache may only ever match from the first token on. Put what is always the same first (the
system prompt, the tools), and what changes last: a date in the first line of a prompt makes every
day's cache worthless.

**"The cache is exact, so the logits are the same."** The mathematics is the same; the rounding is
not, since other shapes of products add up in another order. Where two tokens nearly tie, the text can
differ. The tiny Llama from above:
"""

# %% tags=["demo"]
if tiny is not None:
    ids = torch.arange(100, 160)[None]
    for dtype in (torch.float32, torch.bfloat16):
        model = tiny.to(dtype)
        with torch.no_grad():
            whole, cache, steps = model(ids).logits[0], None, []
            for t in range(60):
                out = model(ids[:, t : t + 1], past_key_values=cache)
                cache = out.past_key_values
                steps.append(out.logits[0, 0])
        difference = (whole - torch.stack(steps)).abs().max() / whole.abs().max()
        print(f"{dtype}: logits differ by up to {difference:.0e} of the largest")
    tiny.float()

# %% [markdown]
r"""
### If they push

<details><summary>Why is the first token slow and the others fast?</summary>

Prefill computes the whole prompt in one pass, limited by arithmetic; its time grows with the prompt,
and for long prompts faster than that. Every later token is one small pass that reads all weights and
the cache, limited by bandwidth. Servers measure the two apart, as time to first token and time per
output token, and some run them on different machines.

</details>

<details><summary>The memory is full and forty requests are running. What now?</summary>

Somebody has to wait. vLLM's paper (2023) describes two ways: copy a sequence's blocks to the host's
memory and back later, or drop them and compute them anew from the text, which is a prefill and often
cheaper than it sounds. A scheduler preempts the newest request first, so that the oldest finish.

</details>

<details><summary>Can I bound the cache of a trained model by simply dropping the oldest tokens?</summary>

Not if it was trained without a window. Attention puts much weight on the very first tokens, whatever
they say; drop them, and the quality collapses. Keeping a handful of first tokens besides the window
keeps such models fluent on endless text (StreamingLLM, Xiao et al., 2023). What was dropped is still
forgotten.

</details>

<details><summary>Some models mix windows with full attention. What is their cache?</summary>

Count layer by layer. In Gemma 3 1B (its `config.json`, read in November 2026) 22 of 26 layers look
back at most 512 tokens, and every sixth sees everything. For long contexts the cache approaches 4/26
of the full one; it still grows without bound.

</details>

<details><summary>What do beam search and "four samples of one prompt" mean for the cache?</summary>

The prompt is common, so it is stored once and shared; each sample adds blocks of its own. When a
sample must write into a block that others share, it gets a copy first (copy-on-write). In beam search
whole beams are dropped and doubled at each step, which with tables means copying pointers.

</details>

<details><summary>What happens to the cache when speculative decoding rejects tokens?</summary>

The verifying pass has already appended the keys and values of all drafted tokens. Those of rejected
ones have to be cut off again, and the next position is the length after cutting. Forgetting it gives
a text that is conditioned on words that are not there.

</details>

<details><summary>Is a shared prefix cache safe between customers?</summary>

The contents do not leak: a match needs the same tokens. But a hit is faster, and so the time to the
first token tells whether somebody has asked this before. vLLM takes a `cache_salt` per request that
keeps groups apart (its documentation, read in November 2026). A cache shared by all tenants is a
decision, not a default to inherit.

</details>

<details><summary>What can be cached if the prompt differs only in its second token?</summary>

One token. Then nothing: every key after the change sits behind a different past. Editing near the end
of a prompt is cheap, editing near its beginning costs a full prefill.

</details>
"""

# %% [markdown]
r"""
### Sources

- Shazeer (2019), *Fast Transformer Decoding: One Write-Head is All You Need*, arXiv 1911.02150: MQA,
  and why decoding is limited by memory bandwidth.
- Ainslie et al. (2023), *GQA: Training Generalized Multi-Query Transformer Models from Multi-Head
  Checkpoints*, arXiv 2305.13245.
- Kwon et al. (2023), *Efficient Memory Management for Large Language Model Serving with
  PagedAttention*, arXiv 2309.06180; the figures on waste are from the project's announcement, *vLLM:
  Easy, Fast, and Cheap LLM Serving with PagedAttention*, 20 June 2023.
- Zheng et al. (2023), *Efficiently Programming Large Language Models using SGLang*, arXiv 2312.07104:
  the radix tree with least recent use. vLLM's documentation, "Automatic Prefix Caching": hashed
  blocks and `cache_salt`.
- DeepSeek-AI (2024), *DeepSeek-V2*, arXiv 2405.04434: MLA. Its abstract reports a cache 93.3 %
  smaller than that of DeepSeek 67B.
- Jiang et al. (2023), *Mistral 7B*, arXiv 2310.06825: the sliding window. Later versions of the model
  have none.
- Liu et al. (2024), *KIVI: A Tuning-Free Asymmetric 2bit Quantization for KV Cache*, arXiv 2402.02750.
- Xiao et al. (2023), *Efficient Streaming Language Models with Attention Sinks*, arXiv 2309.17453.
- Pope et al. (2022), *Efficiently Scaling Transformer Inference*, arXiv 2211.05102: the arithmetic of
  prefill and decode.
- PyTorch's documentation of `scaled_dot_product_attention` (2.13), and issues 108108 and 144858: how
  `is_causal` is lined up.
- Configurations: the models' `config.json` and `transformers` 5.23 (`LlamaConfig`, `MistralConfig`,
  `FalconConfig`, `DeepseekV3Config`), read in November 2026.
"""
