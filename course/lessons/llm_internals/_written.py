# %% [markdown]
r"""
## In writing

One answer of this notebook is written rather than programmed, since in an interview you say it with a
pen in your hand. A person grades it, by the rubric below; studying alone, grade yourself by it
before you read the model answer in `source/`.
"""

# %% [markdown]
r"""
### What does a context of 128K tokens cost?

●●● · 40 minutes · 10 points · extra

A sceptical colleague says: "The model accepts 128K tokens, so let us always send all our documents.
Tokens are cheap." Write to them, on about a page, what one request with a context of 128K (131,072)
tokens costs to *serve*, in memory, in computation and in time, and when it is worth it.

Choose a model whose configuration is published and say which: its layers, its key/value heads, its
head dimension, its parameters, the bytes per number. Round as an engineer does; the reader must be
able to redo every figure from what you wrote. Name your assumptions about the hardware.

**Rubric**

| Points | For |
|---|---|
| 2 | The KV cache per token and for the whole context, from the configuration, with the factor 2 for keys and values and the *key/value* heads rather than the query heads; in bytes, with the unit said (GB or GiB) |
| 2 | The prefill's computation in two parts, the one that grows with the tokens (about 2 FLOPs per parameter and token) and the one of attention that grows with their square; which of the two is larger at this length |
| 2 | Decoding: what has to be read from memory for each new token (weights and cache), and why bandwidth rather than arithmetic sets its pace |
| 1 | What it does to the others: how many such requests fit beside the weights, against short ones |
| 1 | What lowers the cost and what it does not lower: grouped heads or latent attention, prefix caching, FlashAttention (memory, not FLOPs), a quantised cache |
| 1 | Whether the model *uses* such a context: a claim about quality with its evidence, or how you would measure it on your own documents |
| 1 | A recommendation the colleague can act on, with the condition under which you would change your mind |

Half the points of a row for a right method with one wrong figure; none for a figure whose source
nobody could find.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "written-long-context", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
**Model.** Llama 3.1 70B: 80 layers, 64 query heads, 8 key/value heads of dimension 128, model
dimension 8,192, 70.6 billion parameters, bfloat16 (2 bytes). Hardware: eight H100 with 80 GB,
3.35 TB/s and 989 dense bfloat16 TFLOP/s each by the data sheet; I assume 40 % of the peak in prefill.

**Memory.** Keys and values of one token: 2 · 80 layers · 8 heads · 128 · 2 bytes = 327,680 bytes, 320
KiB. For 131,072 tokens: 42.9 GB (40 GiB), *for one request*. The weights take 141 GB once. Of the 640
GB, about 450 remain after weights and buffers: ten such requests at a time. Requests of 2,000 tokens
take 0.66 GB each: nearly seven hundred of them fit. That is the price that does not stand in the
price list: one long request displaces some sixty-five short ones.

**Prefill.** The matrices: 2 · 70.6e9 · 131,072 = 1.9e16 FLOPs. Attention: scores and weighted sums
are 4 · T² · 8,192 per layer, half of it with the causal mask: 2 · 80 · 131,072² · 8,192 = 2.3e16 FLOPs.
So at this length the quadratic part has overtaken the linear one; at 2,000 tokens it is less than two
per cent of it. Together 4.1e16; on eight cards at 40 %, 3.2e15 FLOP/s, that is 13 s before the first
token.

**Decoding.** Every new token reads the weights and the request's whole cache: 141 + 43 GB. At 8 · 3.35
= 26.8 TB/s that is at least 7 ms a token, against 5.3 ms with a short context. The arithmetic of a
token, 0.14 TFLOPs for the matrices and 0.34 for attention, would take less than a tenth of a
millisecond: reading is the bottleneck. Batching shares the reading of the weights among requests, but
every request brings a cache of its own, so long contexts batch badly.

**What helps.** Grouped key/value heads have already divided the cache by eight (64 to 8 heads);
latent attention goes further. An 8-bit cache halves it. Prefix caching saves the prefill when the
same documents come again in the same order, and nothing else. FlashAttention avoids the T × T matrix in
memory; the FLOPs stay.

**Is it used?** Published tests disagree by model and task, and a single planted sentence is an easy
case. On our own questions I would place the answering document at ten positions in contexts of 8K,
32K and 128K and plot accuracy: an afternoon's work.

**Recommendation.** Retrieve, rerank, and send at most 8K tokens: 1/256 of the attention's computation,
2.7 GB of cache, a first token in about 0.4 s. Keep 128K for single long documents that must be read
whole, with prefix caching where they recur. I would change my mind if our recall at 8K were below that
of the long context by more than the cost justifies.
### END SOLUTION
"""
