# %% [markdown]
r"""
## Q24. How is a model fine-tuned from start to end?

*Medium · 90 minutes*
"""

# %% [markdown]
r"""
### Say it

### See it
"""

# %% [markdown]
r"""
### Build it

Five exercises: packing, the learning rate, the mean over micro-batches, one whole training step by hand,
and the repair of a training loop that many people have written.
"""

# %% [markdown]
r"""
### Exercise 24.1 · `pack_sequences`

●●○ · 25 minutes · 6 points · core

Write two functions.

**`pack_sequences(seqs, max_len, eos_id)`** lays documents end to end in rows of at most `max_len` tokens.
`seqs` is a list of documents, each a list of token ids (an empty one is allowed). The result is a list of
packs, each a dict of three lists of ints of equal length:

- `"input_ids"`: the documents of this pack, one after the other, each followed by `eos_id`. It is appended
  to *every* document, also to an empty one and to one that happens to end with `eos_id`.
- `"position_ids"`: 0, 1, 2, ... *within each document*; the appended end counts as part of it.
- `"doc_ids"`: the number of the document within its pack, counted from 0 in each pack.

Documents are taken in their order. Each goes into the **first** pack that still has room for it together with its
end, at that pack's end; where none has, a new pack is opened after the others. A pack may be exactly full.
Nothing is padded, cut or dropped. A document that is longer than `max_len`, its end included, is a
`ValueError`. No documents give `[]`. The argument is not changed.

**`pack_mask(doc_ids)`** takes the `"doc_ids"` of a pack, T of them, as a list, and returns the
attention mask as a NumPy array of bool of shape (T, T): entry `[i, j]` says whether token i may attend to token j. It may if
j is not after i *and* both belong to the same document.

By hand: `pack_sequences([[5, 6, 7], [8], [9, 9], [4]], max_len=6, eos_id=0)` needs 4, 2, 3 and 2 places. The
first two fill a pack exactly, the others share a second one:
`{"input_ids": [5, 6, 7, 0, 8, 0], "position_ids": [0, 1, 2, 3, 0, 1], "doc_ids": [0, 0, 0, 0, 1, 1]}` and
`{"input_ids": [9, 9, 0, 4, 0], "position_ids": [0, 1, 2, 0, 1], "doc_ids": [0, 0, 0, 1, 1]}`.

<details><summary>Hint 1</summary>

Keep all packs open until the end: a short document may still fit into the first one. How many documents a pack
already holds is one more than its last `doc_ids` entry.

</details>

<details><summary>Hint 2</summary>

For each document: `doc = [*seq, eos_id]`; raise if it is too long; look for the first pack with
`len(pack["input_ids"]) + len(doc) <= max_len` (`next(..., None)`), or append an empty one; then extend its three lists.
For the mask, compare a column of document numbers with a row of them, and `np.tril` the result.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q24-pack-sequences", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pack_sequences(seqs: list[list[int]], max_len: int, eos_id: int) -> list[dict[str, list[int]]]:
    """Lay documents end to end, each with its end token, in packs of at most max_len tokens.

    Each pack has the lists input_ids, position_ids and doc_ids. First fit, in input order.
    """
    ### BEGIN SOLUTION
    packs: list[dict[str, list[int]]] = []
    for seq in seqs:
        doc = [*seq, eos_id]
        if len(doc) > max_len:
            raise ValueError(f"a document takes {len(doc)} tokens, more than max_len = {max_len}")
        pack = next((p for p in packs if len(p["input_ids"]) + len(doc) <= max_len), None)
        if pack is None:
            pack = {"input_ids": [], "position_ids": [], "doc_ids": []}
            packs.append(pack)
        number = pack["doc_ids"][-1] + 1 if pack["doc_ids"] else 0
        pack["input_ids"] += doc
        pack["position_ids"] += range(len(doc))
        pack["doc_ids"] += [number] * len(doc)
    return packs
    ### END SOLUTION


def pack_mask(doc_ids: list[int]) -> np.ndarray:
    """Return the attention mask of a pack, bool (T, T): causal, and within a document."""
    ### BEGIN SOLUTION
    number = np.array(doc_ids)
    return np.tril(number[:, None] == number[None, :])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q24-pack-sequences-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
packs = pack_sequences([[5, 6, 7], [8], [9, 9], [4]], 6, 0)
assert len(packs) == 2, "4, 2, 3 and 2 tokens fit into two packs of 6"
assert testing.close(packs[0]["input_ids"], [5, 6, 7, 0, 8, 0]), (
    "every document is followed by eos_id, also the last of a pack"
)
assert testing.close(packs[0]["position_ids"], [0, 1, 2, 3, 0, 1]), (
    "positions begin at 0 in every document"
)
assert testing.close(packs[0]["doc_ids"], [0, 0, 0, 0, 1, 1]), "doc_ids number the documents"
assert testing.close(packs[1]["input_ids"], [9, 9, 0, 4, 0]), "the last pack may be shorter"
assert testing.close(packs[1]["doc_ids"], [0, 0, 0, 1, 1]), "doc_ids count from 0 in each pack"
mask = pack_mask([0, 0, 1])
assert testing.close(
    mask, np.array([[True, False, False], [True, True, False], [False, False, True]])
), "a token attends to itself and to what stands before it in its own document"

# %% nbgrader={"grade": true, "grade_id": "q24-pack-sequences-hidden-first-fit", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the first pack with room (1 point)
### BEGIN HIDDEN TESTS
for sizes, max_len, wanted in [
    ([3, 5, 1], 8, [[0, 2], [1]]),
    ([4, 4, 2], 8, [[0, 2], [1]]),
    ([3, 6, 1, 3], 8, [[0, 2], [1], [3]]),
    ([1, 1, 1, 1, 1], 4, [[0, 1], [2, 3], [4]]),
    ([6, 2, 4, 0, 0], 8, [[0, 3], [1, 2], [4]]),
    ([1, 5, 6], 9, [[0, 1], [2]]),
]:
    docs = [[10 * i + 1] * size for i, size in enumerate(sizes)]
    got = [p["input_ids"] for p in pack_sequences(docs, max_len, 0)]
    expected = [[token for i in pack for token in (*docs[i], 0)] for pack in wanted]
    testing.check(
        testing.close(got, expected),
        "each document goes, in input order, into the first pack that still has room for it",
        inputs=(docs, max_len, 0),
        got=got,
        expected=expected,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-pack-sequences-hidden-nothing-lost", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: every document is there, once, with its end (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for count, longest, max_len in [(1, 6, 9), (7, 6, 9), (20, 12, 16), (25, 6, 32)]:
    docs = [
        rng.integers(0, 5, size=rng.integers(0, longest)).tolist() for _ in range(count)
    ]  # 0 occurs inside, and at the end
    packs = pack_sequences(docs, max_len, 0)
    total = sum(len(p["input_ids"]) for p in packs)
    testing.check(
        total == sum(len(doc) + 1 for doc in docs),
        "every document counts with exactly one appended end: none is dropped, padded or left "
        "without (an empty one and one that ends with eos_id too)",
        inputs=(docs, max_len, 0),
        got=f"{total} tokens",
        expected=f"{sum(len(doc) + 1 for doc in docs)} tokens",
    )
    found = []
    for p in packs:
        for number in sorted(set(p["doc_ids"])):
            found.append(
                [t for t, d in zip(p["input_ids"], p["doc_ids"], strict=True) if d == number]
            )
    testing.check(
        sorted(found) == sorted([*doc, 0] for doc in docs),
        "the tokens with one number in doc_ids are one document with its end",
        inputs=(docs, max_len, 0),
        got=found,
        expected=[[*doc, 0] for doc in docs],
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-pack-sequences-hidden-positions", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: positions and numbers begin anew (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng(1)
for _ in range(4):
    docs = [rng.integers(1, 9, size=rng.integers(1, 6)).tolist() for _ in range(11)]
    for p in pack_sequences(docs, 13, 0):
        ids, lengths = p["input_ids"], []
        starts = [i for i in range(len(ids)) if i == 0 or ids[i - 1] == 0]
        for a, b in zip(starts, [*starts[1:], len(ids)], strict=True):
            lengths.append(b - a)
        testing.check(
            testing.close(p["position_ids"], [i for n in lengths for i in range(n)]),
            "positions begin at 0 with every document, and its end has one of them",
            inputs=(docs, 13, 0),
            got=p,
        )
        testing.check(
            testing.close(p["doc_ids"], [i for i, n in enumerate(lengths) for _ in range(n)]),
            "doc_ids count the documents of this pack, from 0",
            inputs=(docs, 13, 0),
            got=p,
        )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-pack-sequences-hidden-limits", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: exactly full, too long, nothing (1 point)
### BEGIN HIDDEN TESTS
full = pack_sequences([[1, 2, 3], [4, 5, 6]], 4, 7)
assert testing.close([p["input_ids"] for p in full], [[1, 2, 3, 7], [4, 5, 6, 7]]), (
    "a document that fills a pack exactly, its end included, is allowed"
)
pair = pack_sequences([[1, 2], [3, 4, 5]], 7, 9)
assert testing.close([p["input_ids"] for p in pair], [[1, 2, 9, 3, 4, 5, 9]]), (
    "a document that just fits fills the pack"
)
for docs, max_len in [([[1, 2, 3]], 3), ([[1], [2, 3, 4, 5, 6]], 5), ([[1, 2], [], [1] * 9], 6)]:
    assert testing.raises(ValueError, pack_sequences, docs, max_len, 0), (
        "a document that is longer than max_len, its end included, is a ValueError"
    )
assert testing.close(pack_sequences([], 8, 0), []), "no documents give no packs"
docs = [[3, 1], [2], [], [5, 5, 5]]
assert testing.leaves_arguments(pack_sequences, docs, 5, 0), (
    "the documents were changed: append the end to a copy"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-pack-sequences-hidden-mask", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the attention mask (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng(2)
cases = []
for _ in range(6):
    lengths = rng.integers(1, 5, size=rng.integers(1, 6)).tolist()
    wanted = np.zeros((sum(lengths), sum(lengths)), dtype=bool)
    start = 0
    for n in lengths:
        for i in range(start, start + n):
            wanted[i, start : i + 1] = True
        start += n
    numbers = [i for i, n in enumerate(lengths) for _ in range(n)]
    cases.append(((numbers,), wanted))
testing.agree(
    pack_mask,
    cases,
    "True, as bool, where the row's token may attend: not after it, and in the same document only",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 24.2 · `learning_rate`

●○○ · 10 minutes · 3 points · core

Write `learning_rate(step, total, peak, warmup, floor=0.0)`: the rate of update number `step`, counted from 0, in a
training of `total` updates. It returns a float.

- `warmup` tells how many updates the warm-up lasts: w. A value of 1 or more is that number (a whole one). A value
  below 1 is a share of `total`, rounded *up* to whole updates; 0 means no warm-up. (This is how transformers 5 reads
  `warmup_steps`.)
- For `step < w` the rate rises in a straight line from 0 at step 0, so that it would reach `peak` at step w:
  $\text{peak}\cdot\text{step}/w$.
- From step w on it falls along half a cosine, from `peak` at step w to `floor` at step `total`:
  $\text{floor} + (\text{peak}-\text{floor})\cdot\tfrac12\left(1+\cos\left(\pi\,\frac{\text{step}-w}{\text{total}-w}\right)\right)$.
- For `step >= total` it is `floor`, also where the warm-up took all updates.

Shares are tested only where `warmup * total` is exact: halves, quarters, eighths.

By hand, with `total=10`, `peak=1`, `warmup=2`: 0, 0.5, 1 for steps 0, 1, 2; 0.5 at step 6, halfway down; 0 at step 10.

<details><summary>Hint 1</summary>

Find w first, as an int: `math.ceil` of a share. Then there are three cases: before w, from `total` on, and between.

</details>

<details><summary>Hint 2</summary>

Look at `step >= total` first: then the division by `total - w` can never be by zero, because a step between w and `total`
exists only if they differ.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q24-learning-rate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def learning_rate(step: int, total: int, peak: float, warmup: float, floor: float = 0.0) -> float:
    """Return the learning rate of update `step` (from 0): linear warm-up, then half a cosine."""
    ### BEGIN SOLUTION
    if step >= total:
        return floor
    w = int(warmup) if warmup >= 1 else math.ceil(warmup * total)
    if step < w:
        return peak * step / w
    progress = (step - w) / (total - w)
    return floor + (peak - floor) * 0.5 * (1 + math.cos(math.pi * progress))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q24-learning-rate-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    learning_rate,
    [((0, 10, 1.0, 2), 0.0), ((1, 10, 1.0, 2), 0.5), ((2, 10, 1.0, 2), 1.0)],
    "the warm-up rises from 0 at step 0 to the peak at step 2",
)
testing.agree(
    learning_rate,
    [((6, 10, 1.0, 2), 0.5), ((10, 10, 1.0, 2), 0.0)],
    "half a cosine from the peak at step 2 to 0 at step 10: halfway at step 6",
)
testing.agree(
    learning_rate, [((1, 8, 1.0, 0.25), 0.5)], "a warm-up of 0.25 is a quarter of 8 steps"
)

# %% nbgrader={"grade": true, "grade_id": "q24-learning-rate-hidden-warmup", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: warm-up in steps and as a share (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    learning_rate,
    [((s, 40, 3e-4, 8), 3e-4 * s / 8) for s in range(9)],
    "during the warm-up the rate is peak * step / w, and the peak at step w",
)
testing.agree(
    learning_rate,
    [((s, 40, 3e-4, 8, 1e-4), 3e-4 * s / 8) for s in range(9)],
    "the warm-up begins at 0, whatever the floor",
)
testing.agree(
    learning_rate,
    [((1, 16, 1.0, 0.125), 0.5), ((1, 9, 1.0, 0.25), 1 / 3), ((2, 21, 1.0, 0.125), 2 / 3)],
    "a warm-up below 1 is a share of all updates, rounded up",
)
testing.agree(
    learning_rate,
    [
        ((0, 12, 2.0, 0), 2.0),
        ((0, 12, 2.0, 1), 0.0),
        ((1, 12, 2.0, 1), 2.0),
        ((0, 12, 2.0, 0.5), 0.0),
    ],
    "0 is no warm-up, 1 is one update, 0.5 is half of them",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-learning-rate-hidden-cosine", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the cosine (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for _ in range(4):
    total, w = int(rng.integers(30, 90)), int(rng.integers(2, 20))
    peak, floor = float(rng.uniform(0.5, 2)), float(rng.uniform(0.01, 0.3))
    for share, height in [(0.0, 1.0), (1 / 3, 0.75), (0.5, 0.5), (2 / 3, 0.25)]:
        length = 6 * total  # a whole number of steps at each of these shares
        testing.agree(
            learning_rate,
            [((w + round(share * length), w + length, peak, w), peak * height)],
            "the cosine runs over the updates after the warm-up: total - w of them",
        )
        testing.agree(
            learning_rate,
            [
                (
                    (w + round(share * length), w + length, peak, w, floor),
                    floor + (peak - floor) * height,
                )
            ],
            "the cosine falls from the peak to the floor, not from peak to 0 and then cut",
        )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-learning-rate-hidden-ends", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: at the end and beyond (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    learning_rate,
    [((s, 20, 1.0, 5, 0.1), 0.1) for s in (20, 21, 35, 1000)],
    "from step `total` on the rate is the floor: the cosine must not rise again",
)
testing.agree(
    learning_rate,
    [((s, 6, 1.0, 6), s / 6) for s in range(6)]
    + [((6, 6, 1.0, 6), 0.0), ((9, 6, 1.0, 6, 0.25), 0.25)],
    "a warm-up of all updates never falls, and nothing is divided by zero",
)
testing.agree(
    learning_rate, [((0, 1, 1.0, 0), 1.0), ((1, 1, 1.0, 0), 0.0)], "one update, without warm-up"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 24.3 · `token_mean_over_microbatches`

●○○ · 10 minutes · 3 points · core

A large batch is computed in M micro-batches, because it does not fit into memory at once. Write
`token_mean_over_microbatches(losses, n_tokens)`: the mean loss per token *of the large batch*.

`losses` is a Tensor of shape (M,), each entry the mean loss over the counted tokens of one micro-batch.
`n_tokens` is a list of M ints, how many tokens each of them counted. Return a 0-dimensional Tensor of the
same dtype through which gradients flow into `losses`.

A micro-batch that counted no token (all of its labels were −100) adds nothing, and its loss may then be NaN, which is
what `cross_entropy` gives: neither the result nor the gradients become NaN by it; the gradient
at that entry is 0. If no micro-batch counted any, the result is 0. Lists of another length than `losses` are a
`ValueError`. The arguments are not changed.

By hand: losses 1 and 3 over 1 and 3 tokens: (1 · 1 + 3 · 3) / 4 = 2.5. Their plain mean would be 2.

<details><summary>Hint 1</summary>

A mean times its number of tokens is a sum, and sums can be added up.

</details>

<details><summary>Hint 2</summary>

0 · NaN is NaN, so leave the empty micro-batches out before you multiply: index `losses` with a mask of those with
tokens. The sum over an empty tensor is 0, and it still has a gradient.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q24-token-mean", "locked": false, "schema_version": 3, "solution": true, "task": false}
def token_mean_over_microbatches(losses: Tensor, n_tokens: list[int]) -> Tensor:
    """Return the mean loss per token over all micro-batches, 0-dimensional.

    losses: (M,) the mean loss of each micro-batch; n_tokens: how many tokens each one counted.
    """
    ### BEGIN SOLUTION
    if len(n_tokens) != len(losses):
        raise ValueError(f"{len(losses)} losses, but {len(n_tokens)} numbers of tokens")
    n = torch.tensor(n_tokens, dtype=losses.dtype, device=losses.device)
    counted = n > 0
    return (losses[counted] * n[counted]).sum() / n.sum().clamp(min=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q24-token-mean-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    token_mean_over_microbatches,
    [((torch.tensor([1.0, 3.0]), [1, 3]), torch.tensor(2.5))],
    "each token counts once: (1 * 1 + 3 * 3) / 4, not the mean of the two means",
)
testing.agree(
    token_mean_over_microbatches,
    [((torch.tensor([1.0, 3.0]), [5, 5]), torch.tensor(2.0))],
    "with equally many tokens the two means have equal weight",
)

# %% nbgrader={"grade": true, "grade_id": "q24-token-mean-hidden-weights", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: micro-batches of unequal size (1 point)
### BEGIN HIDDEN TESTS
generator, rng = testing.torch_generator(), testing.rng()
cases = []
for size in (1, 2, 5, 8):
    parts = [
        torch.rand(int(n), generator=generator, dtype=torch.float64)
        for n in rng.integers(1, 40, size=size)
    ]
    means = torch.stack([part.mean() for part in parts])
    cases.append(((means, [len(part) for part in parts]), torch.cat(parts).mean()))
testing.agree(
    token_mean_over_microbatches,
    cases,
    "the result is the mean over all tokens together: weight each mean by its number of tokens",
)
for dtype in (torch.float32, torch.float64):
    got = token_mean_over_microbatches(torch.tensor([1.0, 2.0], dtype=dtype), [3, 1])
    assert got.dtype == dtype and got.dim() == 0, "a 0-dimensional Tensor of the losses' dtype"
for short in ([1], [1, 2, 3], []):
    assert testing.raises(
        ValueError, token_mean_over_microbatches, torch.tensor([1.0, 2.0]), short
    ), "as many numbers of tokens as losses, else a ValueError"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-token-mean-hidden-empty", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: micro-batches without a counted token (1 point)
### BEGIN HIDDEN TESTS
nan = math.nan
testing.agree(
    token_mean_over_microbatches,
    [
        ((torch.tensor([2.0, nan, 4.0]), [1, 0, 3]), torch.tensor(3.5)),
        ((torch.tensor([2.0, 7.0]), [4, 0]), torch.tensor(2.0)),
        ((torch.tensor([nan, 0.5]), [0, 2]), torch.tensor(0.5)),
    ],
    "a micro-batch that counted no token adds nothing, even if its loss is NaN",
)
testing.agree(
    token_mean_over_microbatches,
    [
        ((torch.tensor([nan, nan]), [0, 0]), torch.tensor(0.0)),
        ((torch.tensor([3.0]), [0]), torch.tensor(0.0)),
    ],
    "without any counted token the mean is 0, not 0 / 0",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-token-mean-hidden-gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: gradients (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator(1)
for counts in ([1, 3], [4, 4, 2, 6], [5]):
    means = torch.rand(len(counts), generator=generator, dtype=torch.float64)
    value, grad = testing.value_and_grad(token_mean_over_microbatches, means, counts)
    want = torch.tensor(counts, dtype=torch.float64) / sum(counts)
    testing.check(
        testing.close(grad, want),
        "the gradient of each mean is its share of the tokens; a result made of Python numbers has none",
        inputs=(means, counts),
        got=grad,
        expected=want,
    )
value, grad = testing.value_and_grad(
    token_mean_over_microbatches, torch.tensor([2.0, math.nan, 4.0]), [1, 0, 3]
)
assert testing.close(grad, torch.tensor([0.25, 0.0, 0.75])), (
    "an empty micro-batch has gradient 0, and spoils no other: leave it out before you multiply"
)
means = torch.tensor([2.0, math.nan, 4.0])
assert testing.leaves_arguments(token_mean_over_microbatches, means, [1, 0, 3]), (
    "the losses were changed"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 24.4 · `training_step`

●●● · 40 minutes · 6 points · core

One update of a model, by hand: everything that happens between the backward passes and the new weights. Write
`training_step(params, grads, n_tokens, state, *, lr, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.0, max_norm=1.0)`.

- `params`: a dict from names to Tensors of any shape.
- `grads`: a list with one dict for each micro-batch, same names and shapes: the gradients of *that micro-batch's mean loss
  per token*. `n_tokens`: a list of ints, how many tokens each counted. A micro-batch that counted none is left out (its
  gradients may be NaN, where a sum was divided by its zero tokens). At least one counts some.
- `state`: what the optimizer remembers. `{}` before the first update, later what the last one returned:
  `{"t": number of updates made, "m": dict of Tensors, "v": dict of Tensors}`.

Return `(params, state, norm)`, all new; the arguments are not changed. In this order:

1. **Accumulate.** $g$ is the gradient of the mean loss over all tokens of all micro-batches.
2. **Clip.** `norm`, returned as a float, is the Euclidean norm of *all* entries of *all* gradients $g$ together. If it is
   greater than `max_norm`, every gradient is multiplied by `max_norm / norm`. (`math.inf` never clips.)
3. **AdamW.** t goes up by one, and with the clipped $g$, for each parameter (m and v begin at 0):
   $m \leftarrow \beta_1 m + (1-\beta_1)\,g$, $\;v \leftarrow \beta_2 v + (1-\beta_2)\,g^2$,
   $\;\hat m = m/(1-\beta_1^t)$, $\;\hat v = v/(1-\beta_2^t)$,
   $\;p \leftarrow p - \text{lr}\cdot\lambda\,p - \text{lr}\cdot\hat m/(\sqrt{\hat v}+\epsilon)$,
   where $p$ on the right is the old parameter. $\lambda$ is `weight_decay` for parameters with two or more dimensions, and 0
   for others (biases and norms are not decayed). The decay goes neither through g nor through m and v.

The dtype of each parameter is kept. Compared to 4 digits, so that the 1e-6 which `clip_grad_norm_` adds to the norm
is allowed.

By hand: one parameter [1.0], one micro-batch with gradient [0.5], `lr=0.1`, no decay: m̂ = 0.5 and √v̂ = 0.5, so the first
update is lr · 1 and the parameter becomes 0.9. With gradient [4.0] the norm is 4 and the gradient is clipped to 1; the
parameter becomes 0.9 as well, since Adam's first step has the size lr whatever the gradient's.

<details><summary>Hint 1</summary>

Write it as three small parts: a dict of summed gradients, each times its `n / total`; a norm, from the sum of squares over
all of them; and the update in a loop over names. `state.get("t", 0)` serves the first call.

</details>

<details><summary>Hint 2</summary>

`g = {k: sum(n / total * micro[k] for micro, n in zip(grads, n_tokens) if n) for k in params}`;
`norm = math.sqrt(sum(float((x**2).sum()) for x in g.values()))`; then `scale = min(1.0, max_norm / norm)` if the norm is not 0.
Never write `+=` on a Tensor that you were given: `m = b1 * m + (1 - b1) * g` makes a new one.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q24-training-step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def training_step(
    params: dict[str, Tensor],
    grads: list[dict[str, Tensor]],
    n_tokens: list[int],
    state: dict,
    *,
    lr: float,
    betas: tuple[float, float] = (0.9, 0.95),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    max_norm: float = 1.0,
) -> tuple[dict[str, Tensor], dict, float]:
    """Accumulate, clip and update with AdamW.

    grads: for each micro-batch the gradients of its mean loss; state: {} or {"t", "m", "v"}.
    Returns new params, new state and the gradient's norm before clipping.
    """
    ### BEGIN SOLUTION
    total = sum(n_tokens)
    g = {
        name: sum(micro[name] * (n / total) for micro, n in zip(grads, n_tokens, strict=True) if n)
        for name in params
    }
    norm = math.sqrt(sum(float(x.square().sum()) for x in g.values()))
    scale = max_norm / norm if norm > max_norm else 1.0
    t, (b1, b2) = state.get("t", 0) + 1, betas
    new, m, v = {}, {}, {}
    for name, p in params.items():
        x = g[name] * scale
        m[name] = b1 * state["m"][name] + (1 - b1) * x if state else (1 - b1) * x
        v[name] = b2 * state["v"][name] + (1 - b2) * x**2 if state else (1 - b2) * x**2
        step = (m[name] / (1 - b1**t)) / ((v[name] / (1 - b2**t)).sqrt() + eps)
        decay = weight_decay if p.dim() >= 2 else 0.0
        new[name] = p - lr * decay * p - lr * step
    return new, {"t": t, "m": m, "v": v}, norm
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q24-training-step-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
one = {"w": torch.tensor([1.0])}
after, memory, norm = training_step(one, [{"w": torch.tensor([0.5])}], [8], {}, lr=0.1)
assert testing.close(after["w"], [0.9]), (
    "in the first update m-hat / sqrt(v-hat) is 1: without the bias correction it is not"
)
assert testing.close(norm, 0.5), "the norm is that of the gradient"
assert memory["t"] == 1 and testing.close(memory["m"]["w"], [0.05]), "m = (1 - 0.9) * 0.5"
assert testing.close(memory["v"]["w"], [0.0125]), "v = (1 - 0.95) * 0.25"
after, memory, norm = training_step(one, [{"w": torch.tensor([4.0])}], [8], {}, lr=0.1)
assert testing.close(norm, 4.0), "the norm that is returned is that before clipping"
assert testing.close(memory["m"]["w"], [0.1], rtol=1e-4), "the gradient of norm 4 is clipped to 1"

# %% nbgrader={"grade": true, "grade_id": "q24-training-step-hidden-accumulate", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the mean over all tokens (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()


def draw(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


params = {"w": draw(3, 2), "b": draw(3)}
for counts in ([5], [1, 3], [7, 2, 30], [4, 4]):
    grads = [{"w": draw(3, 2), "b": draw(3)} for _ in counts]
    _, memory, norm = training_step(params, grads, counts, {}, lr=0.1, max_norm=math.inf)
    for name in params:
        mean = sum(g[name] * n for g, n in zip(grads, counts, strict=True)) / sum(counts)
        testing.check(
            testing.close(memory["m"][name], 0.1 * mean, rtol=1e-4),
            "weight each micro-batch's gradient by its number of tokens",
            inputs=(grads, counts),
            got=memory["m"][name],
            expected=0.1 * mean,
        )
broken = {"w": torch.full((3, 2), math.nan).double(), "b": torch.full((3,), math.nan).double()}
good = {"w": draw(3, 2), "b": draw(3)}
alone, _, norm = training_step(params, [good], [6], {}, lr=0.1)
mixed, _, same = training_step(params, [broken, good, broken], [0, 6, 0], {}, lr=0.1)
assert testing.close(mixed, alone) and testing.close(norm, same), (
    "a micro-batch that counted no token is left out, even if its gradients are NaN"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-training-step-hidden-clip", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: clipping (1 point)
### BEGIN HIDDEN TESTS
params = {"a": torch.ones(2, 2), "b": torch.ones(2), "c": torch.ones(1)}
grad = {
    "a": torch.tensor([[2.0, 0.0], [0.0, 4.0]]),
    "b": torch.tensor([0.0, 4.0]),
    "c": torch.tensor([8.0]),
}  # 4 + 16 + 16 + 64 = 100
for max_norm, scale in [(1.0, 0.1), (5.0, 0.5), (10.5, 1.0), (20.0, 1.0), (math.inf, 1.0)]:
    _, memory, norm = training_step(params, [grad], [3], {}, lr=0.1, max_norm=max_norm)
    assert testing.close(norm, 10.0, rtol=1e-4), (
        "the norm is taken over all gradients together, before clipping"
    )
    for name, g in grad.items():
        testing.check(
            testing.close(memory["m"][name], 0.1 * scale * g, rtol=1e-4),
            "all gradients are multiplied by one and the same number, and only if the norm is too large",
            inputs=(params, [grad], [3], {"max_norm": max_norm}),
            got=memory["m"][name],
            expected=0.1 * scale * g,
        )
opposite = {name: -g for name, g in grad.items()}
half = {name: 0.5 * g for name, g in grad.items()}
_, memory, norm = training_step(params, [grad, opposite, half], [1, 1, 2], {}, lr=0.1)
assert testing.close(norm, 2.5, rtol=1e-4), "clip once, after the micro-batches are added up"
assert testing.close(memory["v"]["c"], [0.05 * 0.64], rtol=1e-4), (
    "v is made of the clipped gradient"
)
none = {name: torch.zeros_like(g) for name, g in grad.items()}
same, _, norm = training_step(params, [none], [1], {}, lr=0.1)
assert testing.close(norm, 0.0) and testing.close(same, params), "no gradient, no change, no NaN"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-training-step-hidden-adam", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: several updates (2 points)
### BEGIN HIDDEN TESTS
for dtype in (torch.float64, torch.float32):
    generator = testing.torch_generator(1)
    params = {
        name: torch.randn(shape, generator=generator, dtype=dtype)
        for name, shape in {"w": (4, 3), "b": (4,), "scale": ()}.items()
    }
    twins = [p.clone().requires_grad_() for p in params.values()]
    adam = torch.optim.AdamW(twins, lr=1.0, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.0)
    state: dict = {}
    for step in range(5):
        lr = 0.02 * (step + 1)
        grad = {
            name: 0.3 * torch.randn(p.shape, generator=generator, dtype=dtype)
            for name, p in params.items()
        }
        for twin, g in zip(twins, grad.values(), strict=True):
            twin.grad = g.clone()
        adam.param_groups[0]["lr"] = lr
        torch.nn.utils.clip_grad_norm_(twins, 0.75)
        adam.step()
        params, state, _ = training_step(
            params, [grad], [9], state, lr=lr, betas=(0.8, 0.9), eps=1e-3, max_norm=0.75
        )
        assert state["t"] == step + 1, "state counts the updates"
        for (name, p), twin in zip(params.items(), twins, strict=True):
            testing.check(
                testing.close(p, twin.detach(), rtol=1e-3, atol=1e-5),
                "m, v and the count t go on from update to update; both are divided by 1 - beta**t, "
                "and eps is added to the root",
                inputs=f"update {step + 1} of 5, parameter {name!r}",
                got=p,
                expected=twin.detach(),
            )
        assert all(p.dtype == dtype for p in params.values()), "each parameter keeps its dtype"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-training-step-hidden-decay", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: weight decay (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator(2)
params = {
    "w": torch.randn(3, 3, generator=generator),
    "conv": torch.randn(2, 2, 2, generator=generator),
    "b": torch.randn(3, generator=generator),
    "s": torch.randn((), generator=generator),
}
grad = {name: torch.randn(p.shape, generator=generator) for name, p in params.items()}
plain, without, _ = training_step(params, [grad], [4], {}, lr=0.5)
decayed, state, _ = training_step(params, [grad], [4], {}, lr=0.5, weight_decay=0.25)
for name in ("w", "conv"):
    testing.check(
        testing.close(decayed[name], plain[name] - 0.125 * params[name], rtol=1e-3, atol=1e-5),
        "the decay takes lr * weight_decay * p off the old parameter, apart from Adam's step",
        inputs=(params[name], {"lr": 0.5, "weight_decay": 0.25}),
        got=decayed[name],
        expected=plain[name] - 0.125 * params[name],
    )
for name in ("b", "s"):
    assert testing.close(decayed[name], plain[name]), (
        "parameters of one dimension or none (biases, norms) are not decayed"
    )
assert testing.close(state["m"], without["m"]) and testing.close(state["v"], without["v"]), (
    "the decay is no part of the gradient: m and v do not know of it"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-training-step-hidden-arguments", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: nothing that was given is changed (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator(3)
params = {"w": torch.randn(2, 3, generator=generator), "b": torch.randn(2, generator=generator)}
grads = [
    {name: torch.randn(p.shape, generator=generator) for name, p in params.items()}
    for _ in range(3)
]
_, state, _ = training_step(params, grads[:1], [2], {}, lr=0.1)
again = [training_step(params, grads, [2, 5, 1], state, lr=0.1, weight_decay=0.1) for _ in range(2)]
assert testing.close(again[0], again[1]), (
    "the same call twice gives two results: the state of the first one was changed by it"
)
fresh = {name: p.clone() for name, p in params.items()}
memory = {"t": 1, "m": {k: torch.zeros_like(p) for k, p in params.items()}}
memory["v"] = {k: torch.ones_like(p) for k, p in params.items()}
copies = [{k: g.clone() for k, g in micro.items()} for micro in grads]
assert testing.leaves_arguments(
    training_step, fresh, copies, [2, 5, 1], memory, lr=0.1, weight_decay=0.1
), "parameters, gradients and state that were handed over stay as they are"
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 24.5 · repair `train_epoch`

●●○ · 20 minutes · 4 points · extra

This loop stands, in one form or another, in many repositories. It trains the smallest of all language models, a table
`W` of shape (V, V): row a holds the logits of the token that follows token a. Nothing crashes on usual
data, and the loss goes down. It has mistakes all the same. Mend them.

`train_epoch(W, batches, *, accumulate, lr, max_norm)` goes once over `batches`, a list of pairs `(ids, labels)` of
LongTensors of shape (B, T), which may differ from pair to pair. The prediction from `ids[:, t]` is compared with
`labels[:, t + 1]`, so the first column of `labels` plays no part; a label of −100 is not counted. It returns the new table, detached. What it should do:

- `accumulate` pairs in a row make one update; the last update of the epoch may have fewer.
- The gradient of an update is that of the **mean loss over all counted tokens of its pairs**, as if they had been one batch. A
  pair may have no counted token; if none of an update's pairs has any, that update is left out.
- That gradient is clipped **once**: if its norm is greater than `max_norm`, it is multiplied by `max_norm / norm`.
- The update is plain gradient descent, `W - lr * gradient`.
- `W` itself is not changed, and no gradient is left in it.

Compared to 4 digits, so that what `clip_grad_norm_` adds to the norm is allowed.

<details><summary>Hint 1</summary>

Work out on paper what two pairs with 1 and 9 counted tokens give. Then count how often the loop updates for five
pairs and `accumulate = 2`. Then ask what is clipped.

</details>

<details><summary>Hint 2</summary>

Cut `batches` into groups first. For a group, count its labels other than −100, without the first column. Let `cross_entropy` *sum*, divide each
sum by the group's number, and add up by calling `backward` for each pair. Clip and update after the group. Begin with
`W = W.detach().clone()`.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q24-repair-epoch", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def train_epoch(
#     W: Tensor,
#     batches: list[tuple[Tensor, Tensor]],
#     *,
#     accumulate: int,
#     lr: float,
#     max_norm: float,
# ) -> Tensor:
#     """Train the table of logits W (V, V) for one epoch of pairs ids, labels: each (B, T)."""
#     W = W.requires_grad_()
#     optimizer = torch.optim.SGD([W], lr=lr)
#     for i, (ids, labels) in enumerate(batches):
#         logits = W[ids[:, :-1]]
#         loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels[:, 1:].flatten())
#         (loss / accumulate).backward()
#         torch.nn.utils.clip_grad_norm_([W], max_norm)
#         if (i + 1) % accumulate == 0:
#             optimizer.step()
#             optimizer.zero_grad()
#     return W.detach()
### END REPAIR
### BEGIN SOLUTION
def train_epoch(
    W: Tensor,
    batches: list[tuple[Tensor, Tensor]],
    *,
    accumulate: int,
    lr: float,
    max_norm: float,
) -> Tensor:
    """Train the table of logits W (V, V) for one epoch of pairs ids, labels: each (B, T)."""
    W = W.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([W], lr=lr)
    for start in range(0, len(batches), accumulate):
        group = batches[start : start + accumulate]
        counted = sum(int((labels[:, 1:] != -100).sum()) for _, labels in group)
        if not counted:
            continue
        optimizer.zero_grad()
        for ids, labels in group:
            loss = torch.nn.functional.cross_entropy(
                W[ids[:, :-1]].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum"
            )
            (loss / counted).backward()
        torch.nn.utils.clip_grad_norm_([W], max_norm)
        optimizer.step()
    return W.detach()


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q24-repair-epoch-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
flat = torch.zeros(2, 2, dtype=torch.float64)
pair = (torch.tensor([[0, 1]]), torch.tensor([[-100, 1]]))  # after 0 comes 1: one counted token
moved = train_epoch(flat.clone(), [pair], accumulate=1, lr=1.0, max_norm=9.0)
assert testing.close(
    moved, torch.tensor([[-0.5, 0.5], [0.0, 0.0]]).double(), rtol=1e-4, atol=1e-6
), "p - onehot = [0.5, -0.5] in row 0, times lr, taken off"
moved = train_epoch(flat.clone(), [pair, pair], accumulate=2, lr=1.0, max_norm=9.0)
assert testing.close(
    moved, torch.tensor([[-0.5, 0.5], [0.0, 0.0]]).double(), rtol=1e-4, atol=1e-6
), "two equal pairs in one update have the mean of one of them"

# %% nbgrader={"grade": true, "grade_id": "q24-repair-epoch-hidden-mean", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the mean over all counted tokens (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
W = torch.randn(5, 5, generator=generator, dtype=torch.float64)


def draw_pair(rows: int, columns: int, counted: int) -> tuple[Tensor, Tensor]:
    """A pair in which the last `counted` places of the first row have a label that counts."""
    ids = torch.randint(5, (rows, columns), generator=generator)
    labels = torch.full_like(ids, -100)
    labels[:, 0] = ids[:, 0]  # compared with nothing
    if counted:
        labels[0, -counted:] = ids[0, -counted:]
    return ids, labels


def gradient(W: Tensor, group: list[tuple[Tensor, Tensor]]) -> Tensor:
    """Of the mean loss over the counted tokens, by its formula: softmax minus one-hot."""
    total, grad = 0, torch.zeros_like(W)
    for ids, labels in group:
        for row, wanted in zip(ids.tolist(), labels.tolist(), strict=True):
            for a, b in zip(row[:-1], wanted[1:], strict=True):
                if b != -100:
                    total += 1
                    grad[a] += torch.softmax(W[a], dim=-1)
                    grad[a, b] -= 1
    return grad / max(total, 1)


for counts in ([1, 9], [6, 2, 1], [3, 3]):
    group = [draw_pair(2, 12, n) for n in counts]
    want = W - 0.5 * gradient(W, group)
    got = train_epoch(W.clone(), group, accumulate=len(group), lr=0.5, max_norm=99.0)
    testing.check(
        testing.close(got, want, rtol=1e-4, atol=1e-6),
        "every counted token has the same weight, in whichever pair it stands",
        inputs=(W, group, {"accumulate": len(group), "lr": 0.5}),
        got=got,
        expected=want,
    )
group = [draw_pair(1, 4, 0), draw_pair(2, 5, 4), draw_pair(1, 3, 0)]
want = W - 0.5 * gradient(W, group)
got = train_epoch(W.clone(), group, accumulate=3, lr=0.5, max_norm=99.0)
assert testing.close(got, want, rtol=1e-4, atol=1e-6), (
    "a pair without any counted token adds nothing: beware of a mean over no token"
)
got = train_epoch(W.clone(), [draw_pair(1, 4, 0)], accumulate=1, lr=0.5, max_norm=99.0)
assert testing.close(got, W), "an update without any counted token is left out"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-repair-epoch-hidden-clip", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: clipping once (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator(1)
W = torch.randn(4, 4, generator=generator, dtype=torch.float64)
rows = [torch.randint(4, (2, 6), generator=generator) for _ in range(3)]
leaf, together = W.clone().requires_grad_(), torch.cat(rows)
torch.nn.functional.cross_entropy(
    leaf[together[:, :-1]].flatten(0, 1), together[:, 1:].flatten()
).backward()
free = leaf.grad
for max_norm in (0.05, 0.1, 99.0):
    scale = min(1.0, max_norm / float(free.norm()))
    got = train_epoch(W.clone(), [(x, x) for x in rows], accumulate=3, lr=2.0, max_norm=max_norm)
    testing.check(
        testing.close(got, W - 2.0 * scale * free, rtol=1e-4, atol=1e-6),
        "clip the gradient of the whole update, once, after its last pair",
        inputs=(W, [(x, x) for x in rows], {"accumulate": 3, "lr": 2.0, "max_norm": max_norm}),
        got=got,
        expected=W - 2.0 * scale * free,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-repair-epoch-hidden-tail", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the last pairs of an epoch, and one update after the other (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator(2)
W = torch.randn(4, 4, generator=generator, dtype=torch.float64)
pairs = [(x, x) for x in torch.randint(4, (5, 1, 7), generator=generator)]
for accumulate in (1, 2, 3, 4, 8):
    want = W
    for start in range(0, 5, accumulate):
        x = torch.cat([ids for ids, _ in pairs[start : start + accumulate]])
        leaf = want.clone().requires_grad_()
        torch.nn.functional.cross_entropy(
            leaf[x[:, :-1]].flatten(0, 1), x[:, 1:].flatten()
        ).backward()
        want = want - 0.3 * leaf.grad
    got = train_epoch(W.clone(), pairs, accumulate=accumulate, lr=0.3, max_norm=99.0)
    testing.check(
        testing.close(got, want, rtol=1e-4, atol=1e-6),
        "the pairs that are left over at the end make an update of their own, divided by their own "
        "tokens, and nothing of one update is left for the next",
        inputs=(W, pairs, {"accumulate": accumulate, "lr": 0.3}),
        got=got,
        expected=want,
    )
moved = train_epoch(W.clone(), pairs[:1], accumulate=4, lr=0.3, max_norm=99.0)
assert not testing.close(moved, W), "one pair with accumulate = 4 makes an update too"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-repair-epoch-hidden-argument", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the caller's table stays (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator(3)
W = torch.randn(3, 3, generator=generator)
x = torch.randint(3, (2, 6), generator=generator)
assert testing.leaves_arguments(
    train_epoch, W, [(x, x), (x, x)], accumulate=1, lr=0.5, max_norm=1.0
), "the table that was handed over changed, or began to require gradients: work on a copy"
result = train_epoch(torch.zeros(3, 3), [(x, x)], accumulate=1, lr=0.5, max_norm=1.0)
assert result.dtype == torch.float32 and result.shape == (3, 3), "a table like the one given"
assert not testing.close(result, torch.zeros(3, 3)), "the table that is returned has been trained"
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

### If they push

### Sources
"""
