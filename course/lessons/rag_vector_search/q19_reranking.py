# %% [markdown]
r"""
## Q19. Bi-encoder or cross-encoder?

*Medium · 110 minutes · needs dot products (notebook 1, self-test 2), what an embedding is (question 12)*
"""

# %% [markdown]
r"""
### Say it

> A bi-encoder reads query and document separately and turns each into a vector, so documents are encoded
> once, in advance, and a search is a comparison of vectors. A cross-encoder reads both at once and returns
> one score: every word of the query can look at every word of the document, but nothing can be computed
> in advance, so each query costs one pass for each document. Hence two stages: the bi-encoder finds k1
> candidates among all documents, the cross-encoder puts those in order. The second stage can only
> reorder: what the first has not found is lost, so its recall at k1 is the ceiling. Late interaction, as
> in ColBERT, lies in between: one vector for each token, kept in advance, compared by maxima. Whether a
> reranker helps is measured on your data; it can also make a good order worse.
"""

# %% [markdown]
r"""
### See it

**Two ways to compare two texts.** The course has one small model of each kind, both trained on questions
and sentences about invented worlds. Here they judge the same passages, about a world whose names neither
of them has seen. The question and the passages are in wordings that were kept out of training too.
"""

# %% tags=["demo"]
import random
import time

from course import figures, lab, world
from course.world.language import varied
from course.world.questions import fact_question

unseen = world.make_world(1, pool="heldout")
facts = unseen.facts()
dice = random.Random(19)
passages = [f"{varied(fact, dice, forms='heldout', synonyms=1.0)}." for fact in facts]
right = dice.sample(range(len(facts)), 100)  # the one passage that answers question i
questions = [fact_question(facts[i], dice, "heldout").text for i in right]

kept = lab.embed(passages)  # once, for all questions to come
asked = lab.embed(questions)
print(f"{len(passages):,} passages, kept as {kept.shape}; {len(questions)} questions")

# %% tags=["demo"]
similarity = asked @ kept.T
order = np.argsort(-similarity, axis=1, kind="stable")
example = next(i for i in range(100) if 1 <= list(order[i]).index(right[i]) <= 4)
shortlist = order[example, :6]
scores = lab.rerank(questions[example], [passages[j] for j in shortlist])
print(questions[example])
print("  cosine   score")
for j, s in zip(shortlist, scores, strict=True):
    mark = "<- the answer" if j == right[example] else ""
    print(f"  {similarity[example, j]:6.2f} {s:7.2f}  {passages[j]} {mark}")

# %% [markdown]
r"""
The example was picked because the bi-encoder has the right passage among its first, but not at the top.
Did the cross-encoder put it there? One example proves nothing, in either direction; we count below.

Look at the two columns as well. A cosine lies between −1 and 1. The score is a *logit*: higher is better,
and that is all it says.
"""

# %% [markdown]
r"""
#### What each of them costs

How many times more arithmetic is it to score twenty passages with the cross-encoder than to encode the
question once? (The cross-encoder reads question and passage, so its texts are about twice as long.) torch
counts the operations of the matrix products.
"""

# %% tags=["demo"]
from torch.utils.flop_counter import FlopCounterMode


def operations(call) -> int:
    call()  # loads the model
    with FlopCounterMode(display=False) as counter:
        call()
    return counter.get_total_flops()


twenty = [passages[j] for j in order[0, :20]]
encode = operations(lambda: lab.embed(questions[:1]))
compare = 2 * kept.size
cross = operations(lambda: lab.rerank(questions[0], twenty))
print(f"encode the question              {encode / 1e6:8.1f} million operations")
print(f"compare with {len(passages):,} vectors      {compare / 1e6:8.1f}")
print(
    f"cross-encode 20 passages         {cross / 1e6:8.1f}, {cross / encode:.0f} times the question"
)
print(f"cross-encode all {len(passages):,} would be  {cross / 20 * len(passages) / 1e6:8.0f}")

# %% [markdown]
r"""
So nobody cross-encodes a whole collection. The price of the second stage grows with the number of
candidates k1 and with every query; the bi-encoder's price was paid when the documents were stored.
(Finding the closest pair among 10,000 sentences takes a BERT cross-encoder about 50 million passes, 65
hours on the authors' machine, and a bi-encoder about 5 seconds: Reimers and Gurevych, 2019.)
"""

# %% [markdown]
r"""
#### Counting with ranks

Where does the right passage stand? **nDCG@10** turns a rank into a number: with one right passage it is
$1/\log_2(\text{rank} + 1)$, so 1 at the top, 0.63 at rank 2, and 0 from rank 11 on. (With several right
ones, or degrees of right, see exercise 19.2.) Now rerank the first 1, 2, 5, 10 and 20 passages of each
question and see how the order gets better or worse. For comparison there is an *oracle*, a reranker
that knows the answer and puts it first whenever it is among the candidates.
"""

# %% tags=["demo"]
some, depth = 100, 20
second = [lab.rerank(questions[i], [passages[j] for j in order[i, :depth]]) for i in range(some)]


def ranks(k1: int, rerank: str) -> np.ndarray:
    """Rank of the right passage (from 1) of each question after its first k1 were reranked."""
    found = []
    for i in range(some):
        head, tail = order[i, :k1], order[i, k1:]
        key = {"none": -np.arange(k1), "lab": second[i][:k1], "oracle": head == right[i]}[rerank]
        new = np.concatenate([head[np.argsort(-key.astype(float), kind="stable")], tail])
        found.append(int(np.flatnonzero(new == right[i])[0]) + 1)
    return np.array(found)


def gain(rank: np.ndarray) -> np.ndarray:
    return np.where(rank <= 10, 1 / np.log2(rank + 1), 0.0)


depths = (1, 2, 5, 10, 20)
print("reranked   none   lab's   oracle   in the first k1")
curves = {
    name: [float(gain(ranks(k1, name)).mean()) for k1 in depths]
    for name in ("none", "lab", "oracle")
}
inside = [float((ranks(1, "none") <= k1).mean()) for k1 in depths]
for k1, *row, share in zip(depths, *curves.values(), inside, strict=True):
    print(f"{k1:8}  " + "  ".join(f"{value:6.3f}" for value in row) + f"  {share:10.3f}")

# %% tags=["demo"]
fig, ax = figures.subplots(size=(5.6, 3.2))
for (name, curve), mark in zip(curves.items(), ("", "o", "s"), strict=True):
    ax.plot(
        depths,
        curve,
        marker=mark or None,
        label={"none": "not reranked", "lab": "lab's reranker"}.get(name, name),
    )
ax.set(xlabel="passages reranked (k1)", ylabel="nDCG@10", ylim=(0, 1.03), xticks=depths)
ax.legend(frameon=False, loc="lower left")
figures.show(
    fig,
    f"nDCG at 10 against the number of passages reranked. Not reranked: {curves['none'][0]:.2f} "
    f"throughout. The lab's reranker: {curves['lab'][0]:.2f} at 1, {curves['lab'][-1]:.2f} at 20. "
    f"The oracle: {curves['oracle'][0]:.2f} at 1, {curves['oracle'][-1]:.2f} at 20.",
)

# %% [markdown]
r"""
**The ceiling.** Even the oracle does not reach 1. It wins every question whose passage is among the k1
candidates and cannot touch the others; its share of right answers at the top is exactly the last column, the first
stage's recall at k1. A better reranker does not move that line. A better first stage, or a larger k1,
does.

**And the lab's own reranker?** A hundred questions are few, so ask whether the difference could be chance:
draw a hundred questions from the hundred, again and again, and see how the mean difference moves.
"""

# %% tags=["demo"]
difference = gain(ranks(depth, "lab")) - gain(ranks(depth, "none"))
again = np.random.default_rng(0).choice(difference, size=(2000, some)).mean(axis=1)
low, high = np.percentile(again, [2.5, 97.5])
verdict = (
    "the famous effect did not appear here: reranking made the order worse"
    if high < 0
    else "reranking made the order better, as the textbooks say"
    if low > 0
    else "a hundred questions do not show a difference"
)
print(
    f"nDCG@10 reranked minus not: {difference.mean():+.3f} (95 % interval {low:+.3f} to {high:+.3f})"
)
print(verdict)

# %% [markdown]
r"""
Whichever way it went: the well-known gain of cross-encoders was measured with large models that had been
trained on billions of words before they learned to rank (BERT; Nogueira and Cho, 2019). Ours is small and
knows only what its card says (`course/lab/models/reranker/README.md`), and the passages here are in wordings
that neither model was trained on. What holds for every reranker is the question: *is my second stage better
than my first, on my queries?* If not, each further candidate is one more chance to put a wrong one on top.
Jacob et al. (2024) report of published rerankers that quality rises with k1 at first, and can fall again
beyond some point.

**What kind of mistake?** The passage at the top, if it is wrong, may be about the right subject (and
another attribute of it), or about the right attribute of somebody else.
"""


# %% tags=["demo"]
def kinds(tops: list[int]) -> dict[str, int]:
    """Count what stands at the top of each question's list."""
    counts = {"right": 0, "right subject, other attribute": 0, "right attribute, other subject": 0}
    counts["neither"] = 0
    for i, top in enumerate(tops):
        got, want = facts[top], facts[right[i]]
        if top == right[i]:
            counts["right"] += 1
        elif got.subject == want.subject:
            counts["right subject, other attribute"] += 1
        elif got.relation == want.relation:
            counts["right attribute, other subject"] += 1
        else:
            counts["neither"] += 1
    return counts


before = kinds([int(order[i, 0]) for i in range(some)])
after = kinds([int(order[i, second[i].argmax()]) for i in range(some)])
print("                                 bi-encoder  reranked")
for kind in before:
    print(f"{kind:32} {before[kind]:10} {after[kind]:9}")

# %% [markdown]
r"""
Such counts tell what to train on: the mistakes that remain are the *hard negatives* that the next round
should be shown. A reranker that was only shown passages about other subjects never had to look at the attribute.
"""

# %% [markdown]
r"""
#### In between: late interaction

A bi-encoder squeezes a passage into one vector before it knows the question. A cross-encoder waits for the question.
*Late interaction* (ColBERT; Khattab and Zaharia, 2020) keeps one vector for every token. For each token of the
question it looks for the most similar token of the passage, and adds up:

$$\text{MaxSim}(Q, D) = \sum_{i} \max_{j} \; q_i \cdot d_j$$

The token vectors of passages can be kept in advance; only the maxima wait for the question. In numbers:
"""

# %% tags=["demo"]
words_q = np.array([[1.0, 0.0], [0.0, 1.0]])  # a question of two tokens
words_d = np.array([[0.9, 0.1], [0.2, 0.3], [0.5, 0.5]])  # a passage of three
table = words_q @ words_d.T
print(table, "\nbest for each token of the question:", table.max(axis=1))
print("MaxSim", table.max(axis=1).sum(), " means compared:", words_q.mean(0) @ words_d.mean(0))

# %% [markdown]
r"""
Our bi-encoder averages its token vectors into one; before the average they are there. It was never
trained to compare single tokens, so take this as a try: the first 20 passages of each question in the
order of MaxSim over unit-length token vectors.
"""


# %% tags=["demo"]
@torch.inference_mode()
def token_vectors(texts: list[str]) -> list[np.ndarray]:
    """Unit vectors of the tokens of each text, one array (tokens, 128) a text."""
    model, tokenizer, found = lab.load("embedder"), lab.tokenizer("embedder"), []
    for start in range(0, len(texts), 64):
        batch = tokenizer(
            texts[start : start + 64], padding=True, truncation=True, return_tensors="pt"
        )
        hidden = model(**batch).last_hidden_state
        hidden = torch.nn.functional.normalize(hidden, dim=-1)
        found += [h[m.bool()].numpy() for h, m in zip(hidden, batch["attention_mask"], strict=True)]
    return found


needed = sorted({int(j) for i in range(some) for j in order[i, :depth]})
of_passage = dict(zip(needed, token_vectors([passages[j] for j in needed]), strict=True))
of_question = token_vectors(questions[:some])
tops = [
    max(
        order[i, :depth].tolist(),
        key=lambda j: (of_question[i] @ of_passage[j].T).max(axis=1).sum(),
    )
    for i in range(some)
]
late = kinds(tops)
numbers = np.mean([v.size for v in of_passage.values()])
for name, counts in (("one vector", before), ("MaxSim", late), ("cross-encoder", after)):
    print(f"{name:14} right at the top: {counts['right']} of {some}")
print(
    f"kept for a passage: {kept.shape[1]} numbers, or {numbers:.0f} with a vector for every token"
)

# %% [markdown]
r"""
The last line is the price: storage grows with the length of the text. ColBERTv2 (Santhanam et al., 2021)
compresses it by six to ten times.
"""

# %% [markdown]
r"""
### Build it

Four exercises: the two stages, the measure, MaxSim, and the repair of a batched MaxSim in which padding
wins.
"""

# %% [markdown]
r"""
### Exercise 19.1 · `retrieve_then_rerank`

●●○ · 20 minutes · 4 points · core

Write `retrieve_then_rerank(q, D, score, k1, k2)`, a search in two stages.

- `q` (d,): the query's vector. `D` (N, d), N >= 1: the documents' vectors. They need not have unit
  length.
- `score`: a function that takes the row number of a document, an int, and returns a float, higher is
  better. It is expensive: call it **exactly once for each candidate, and for no other document.**
- `k1 >= 1`, `k2 >= 1`: ints, possibly larger than N or than each other.

Steps:

1. The candidates are the `k1` documents with the largest dot product with `q`, or all N if there are fewer; of equal
   products the lower row number comes first.
2. Score each candidate. Return the row numbers of the `k2` best by score, best first, as a list of ints;
   all candidates if there are fewer than `k2`. Equal scores keep the order of step 1.

`q` and `D` are not changed. Ties of dot products are tested with whole numbers only.

By hand: the products of documents 0, 1, 2 are 5, 9, 7, and their scores 0.9, 0.1, 0.6. With `k1=2, k2=1`
the candidates are 1 and 2, and the result is `[2]`: document 0, the best by score, was not found.

<details><summary>Hint 1</summary>

Three kinds of numbers are about: row numbers, places in the shortlist, scores. Only row numbers go into
`score` and into the result.

</details>

<details><summary>Hint 2</summary>

`np.argsort(-(D @ q), kind="stable")[:k1]` are the candidates in order. Compute all scores into a list,
and sort the candidates by them; Python's `sorted` is stable, also with `reverse=True`.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q19-two-stages", "locked": false, "schema_version": 3, "solution": true, "task": false}
def retrieve_then_rerank(q: np.ndarray, D: np.ndarray, score, k1: int, k2: int) -> list[int]:
    """Find k1 documents by dot product and return the k2 best of them by score.

    q: (d,). D: (N, d). score: int -> float. Returns row numbers, best first.
    """
    ### BEGIN SOLUTION
    candidates = [int(i) for i in np.argsort(-(D @ q), kind="stable")[:k1]]
    scores = {i: score(i) for i in candidates}
    return sorted(candidates, key=scores.__getitem__, reverse=True)[:k2]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q19-two-stages-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
three, unit = np.array([[5.0], [9.0], [7.0]]), np.array([1.0])
quality = [0.9, 0.1, 0.6]
got = retrieve_then_rerank(unit, three, lambda i: quality[i], 2, 1)
assert testing.close(got, [2]), "1 and 2 are found, 2 is better: document 0 was not found"
got = retrieve_then_rerank(unit, three, lambda i: quality[i], 3, 2)
assert testing.close(got, [0, 2]), "with k1 = 3 document 0 is found, and is the best"
got = retrieve_then_rerank(unit, three, lambda i: quality[i], 9, 9)
assert testing.close(got, [0, 2, 1]), "k1 and k2 may be larger than what there is"

# %% nbgrader={"grade": true, "grade_id": "q19-two-stages-hidden-ids", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: row numbers, the best first, among the candidates only (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for n, k1, k2 in [(12, 5, 3), (30, 10, 10), (30, 4, 1), (25, 24, 6)]:
    D, q = rng.normal(size=(n, 4)) * rng.uniform(0.2, 4, size=(n, 1)), rng.normal(size=4)
    value = rng.permutation(n).astype(float)
    found = sorted(range(n), key=lambda i: -float(D[i] @ q))[:k1]
    want = sorted(found, key=lambda i: -value[i])[:k2]
    got = retrieve_then_rerank(q, D, lambda i, value=value: float(value[i]), k1, k2)
    testing.check(
        testing.close(list(got), want),
        "return row numbers of D (not places in the shortlist), best score first, chosen among the k1 "
        "largest dot products (not cosines: the vectors have different lengths)",
        inputs=(q, D, "scores " + str(value.tolist()), k1, k2),
        got=got,
        expected=want,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q19-two-stages-hidden-calls", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the expensive function is called once for each candidate (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for n, k1, k2 in [(20, 6, 3), (9, 40, 2), (15, 1, 5)]:
    D, q, calls = rng.normal(size=(n, 3)), rng.normal(size=3), []

    def counted(i: int, calls: list = calls) -> float:
        calls.append(int(i))
        return float(i % 4)

    retrieve_then_rerank(q, D, counted, k1, k2)
    found = sorted(range(n), key=lambda i: -float(D[i] @ q))[:k1]
    testing.check(
        sorted(calls) == sorted(found),
        "score is called once for each of the k1 candidates, with its row number, and for no other "
        "document",
        inputs=(q, D, "score", k1, k2),
        got=f"called with {sorted(calls)}",
        expected=f"called with {sorted(found)}",
    )
assert testing.leaves_arguments(retrieve_then_rerank, q, D, testing.Always(1.0), 3, 2), (
    "the vectors belong to the caller"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q19-two-stages-hidden-ceiling", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the ceiling, and k1 and k2 beyond what there is (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
n = 10
D, q = rng.normal(size=(n, 3)), rng.normal(size=3)
ranked = sorted(range(n), key=lambda i: -float(D[i] @ q))
for k1 in (1, 3, 9, 10, 11, 99):
    for place in (0, 2, 8, 9):
        best = ranked[place]  # the oracle likes one document above all, the others in order
        value = [-0.01 * ranked.index(i) + float(i == best) for i in range(n)]
        got = retrieve_then_rerank(q, D, lambda i, value=value: value[i], k1, 1)
        want = [best] if place < k1 else [ranked[0]]
        testing.check(
            testing.close(list(got), want),
            "what is not among the k1 candidates cannot be returned, however good its score; what is "
            "among them can",
            inputs=(q, D, f"scores {value}", k1, 1),
            got=got,
            expected=want,
        )
for k1, k2 in [(4, 9), (50, 3), (50, 50), (10, 10)]:
    got = retrieve_then_rerank(q, D, lambda i: -float(i), k1, k2)
    want = sorted(ranked[:k1])[:k2]
    assert testing.close(list(got), want), (
        "fewer than k2 candidates: all of them come back, in order"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q19-two-stages-hidden-ties", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: ties (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for _ in range(5):
    D = rng.integers(0, 3, size=(24, 2)).astype(float)
    q = np.array([1.0, 2.0])
    first = np.argsort(-(D @ q), kind="stable")
    value = rng.integers(0, 3, size=24).astype(float)
    for k1, k2 in [(5, 5), (11, 4), (24, 24)]:
        want = sorted(first[:k1].tolist(), key=lambda i: -value[i])[:k2]
        got = retrieve_then_rerank(q, D, lambda i, value=value: float(value[i]), k1, k2)
        testing.check(
            testing.close(list(got), want),
            "equal dot products: the lower row number first; equal scores: as the first stage had them",
            inputs=(q, D, "scores " + str(value.tolist()), k1, k2),
            got=got,
            expected=want,
        )
### END HIDDEN TESTS

# %% [markdown]
r"""
#### Your two stages on the lab's models

The encoder finds, the cross-encoder orders, your function does both. (Needs exercise 19.1.)
"""

# %% tags=["demo"]
for i in range(3):
    calls = []

    def cross_score(row: int, i: int = i, calls: list = calls) -> float:
        calls.append(row)
        return float(lab.rerank(questions[i], [passages[row]])[0])

    best = retrieve_then_rerank(asked[i].astype(float), kept.astype(float), cross_score, 8, 2)
    print(questions[i], f"({len(calls)} pairs scored)")
    for row in best:
        print("   ", passages[row], "<- the answer" if row == right[i] else "")

# %% [markdown]
r"""
One pair at a time, as here, wastes the machine; a real reranker takes all candidates in one batch.
"""

# %% [markdown]
r"""
### Exercise 19.2 · `ndcg_at_k`

●●○ · 20 minutes · 4 points · core

Write `ndcg_at_k(rels, k, all_rels=None)`, the normalised discounted cumulative gain.

- `rels`: a list of floats, 0 or more: how relevant the returned documents are, in the order in which
  they were returned. It may be shorter than `k`, or empty.
- `k >= 1`.
- `all_rels`: a list of floats, 0 or more, in any order: the relevances of *all* relevant documents of
  the collection, returned or not (zeros may be among them). None means that `rels` holds them all.

With ranks counted from 1,

$$\text{DCG@}k = \sum_{r=1}^{k} \frac{rel_r}{\log_2(r + 1)}$$

where a list that is shorter than k has nothing more to add. The ideal is the DCG@k of `all_rels` sorted
from the largest down. Return DCG@k of `rels` divided by the ideal, a float; 0.0 if the ideal is 0.

The gain is the relevance itself. (Another common form has $2^{rel} - 1$ in its place. It is the same for relevances 0 and
1; say which one you use.) The lists are not changed.

By hand: `rels = [0, 1]`, `k = 2`: DCG is 1/log2(3) = 0.631, the ideal 1/log2(2) = 1, so 0.631. With
`all_rels = [1, 1]` the ideal is 1 + 0.631, so 0.387: a second document was missed.

<details><summary>Hint 1</summary>

Write one small function for DCG@k of a list and call it twice.

</details>

<details><summary>Hint 2</summary>

With places counted from 0 the divisor is `math.log2(place + 2)`. Where do you cut at k: before sorting or
after it? Which list is the ideal made of when `all_rels` is None? And when must you not divide?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q19-ndcg", "locked": false, "schema_version": 3, "solution": true, "task": false}
def ndcg_at_k(rels: list[float], k: int, all_rels: list[float] | None = None) -> float:
    """Normalised discounted cumulative gain at k, linear gain.

    rels: relevance in returned order. all_rels: of all relevant documents, any order.
    """
    ### BEGIN SOLUTION

    def dcg(values: list[float]) -> float:
        return sum(rel / math.log2(place + 2) for place, rel in enumerate(values[:k]))

    ideal = dcg(sorted(rels if all_rels is None else all_rels, reverse=True))
    return dcg(rels) / ideal if ideal > 0 else 0.0
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q19-ndcg-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    ndcg_at_k,
    [(([1.0, 0.0, 0.0], 3), 1.0), (([0.0, 0.0, 1.0], 3), 0.5)],
    "the only relevant document at rank 3 gives 1 / log2(4) = 0.5",
)
testing.agree(
    ndcg_at_k,
    [(([0.0, 1.0], 2, [1.0, 1.0]), (1 / math.log2(3)) / (1 + 1 / math.log2(3)))],
    "the ideal counts all relevant documents, also one that was not returned",
)
testing.agree(
    ndcg_at_k,
    [(([1.0, 3.0, 0.0], 3), (1 + 3 / math.log2(3)) / (3 + 1 / math.log2(3)))],
    "graded relevance: the ideal has the 3 first, and the gain is the relevance itself",
)

# %% nbgrader={"grade": true, "grade_id": "q19-ndcg-hidden-value", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: gain, discount and the ideal order (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for n in (2, 5, 9):
    rels = rng.integers(0, 5, size=n).astype(float)
    rels[int(rng.integers(n))] = 4.0
    discount = 1 / np.log2(np.arange(2, n + 2))
    want = float(rels @ discount / (np.sort(rels)[::-1] @ discount))
    testing.agree(
        ndcg_at_k,
        [((rels.tolist(), n), want), (((rels / 4).tolist(), n), want)],
        "each relevance, as it is, over log2(rank + 1), ranks from 1; the ideal is the same list "
        "sorted downwards",
    )
for rank in (1, 2, 3, 7, 15):
    one = [0.0] * (rank - 1) + [1.0]
    testing.agree(
        ndcg_at_k,
        [((one, 20), 1 / math.log2(rank + 1))],
        "a single relevant document at rank r gives 1 / log2(r + 1)",
    )
assert testing.leaves_arguments(ndcg_at_k, [0.0, 2.0, 1.0], 3, [1.0, 2.0, 3.0]), (
    "sort a copy: the lists belong to the caller"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q19-ndcg-hidden-all", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: relevant documents that were not returned (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for n, missing, k in [(3, 2, 5), (6, 4, 6), (4, 9, 4)]:
    rels = rng.integers(0, 4, size=n).astype(float)
    every = rng.permutation(np.concatenate([rels, rng.integers(1, 4, size=missing)]))
    discount = 1 / np.log2(np.arange(2, k + 2))
    best = np.sort(every)[::-1][:k]
    want = float(rels[:k] @ discount[: len(rels[:k])] / (best @ discount[: len(best)]))
    testing.agree(
        ndcg_at_k,
        [((rels.tolist(), k, every.tolist()), want)],
        "the ideal comes from all relevant documents: a list that misses some must not score as well "
        "as one that has them",
    )
testing.agree(
    ndcg_at_k,
    [(([1.0], 10, [1.0] * 4), 1 / sum(1 / math.log2(r + 1) for r in range(1, 5)))],
    "a short list that holds one of four relevant documents is not perfect",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q19-ndcg-hidden-cut", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the cut at k (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
rels = [0.0, 1.0, 0.0, 1.0, 1.0, 1.0]
two = 1 / math.log2(3)
testing.agree(
    ndcg_at_k,
    [
        ((rels, 1), 0.0),
        ((rels, 2), two / (1 + two)),
        ((rels, 3), two / (1 + two + 0.5)),
        (([1.0] * 8, 3), 1.0),
        (([1.0] * 3, 3, [1.0] * 50), 1.0),
    ],
    "both the list and the ideal end at rank k: k relevant documents at the top are perfect, and no "
    "list can hold more",
)
tail = rng.integers(0, 3, size=5).astype(float).tolist()
testing.agree(
    ndcg_at_k,
    [(([2.0, 1.0, *tail], 2, [2.0, 1.0]), 1.0), (([2.0, 1.0], 50, [2.0, 1.0, 0.0, 0.0]), 1.0)],
    "what stands after rank k does not matter, and k may be larger than the lists",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q19-ndcg-hidden-nothing", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: nothing relevant, nothing returned (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    ndcg_at_k,
    [(([0.0, 0.0], 2), 0.0), (([], 5), 0.0), (([], 5, []), 0.0), (([0.0], 1, [0.0, 0.0]), 0.0)],
    "without any relevant document the ideal is 0: return 0.0 and do not divide",
)
testing.agree(
    ndcg_at_k,
    [(([], 3, [1.0, 2.0]), 0.0), (([0.0, 0.0], 2, [1.0]), 0.0)],
    "nothing relevant was returned, though there is something: 0.0",
)
testing.agree(
    ndcg_at_k,
    [(([0.25], 4, [0.25, 0.5]), 0.25 / (0.5 + 0.25 / math.log2(3)))],
    "relevance may be a fraction, and counts as it is",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 19.3 · `maxsim`

●○○ · 10 minutes · 3 points · core

Write `maxsim(Q, D)`. `Q` (m, d) holds the token vectors of a query, `D` (n, d) those of a document,
m >= 1 and n >= 1. Return a float: for each query token the largest dot product with any document token,
summed over the query tokens. Nothing is normalised, neither the vectors nor the sum. Largest products
may be negative, and count as they are.

By hand: `Q = [[1, 0], [0, 1]]`, `D = [[2, -3], [1, -1]]`: the first token finds 2, the second −1, so 1.

<details><summary>Hint 1</summary>

`Q @ D.T` holds all dot products. Which axis belongs to the query's tokens?

</details>

<details><summary>Hint 2</summary>

The maximum along the document's axis leaves one number for each query token; their sum is the result.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q19-maxsim", "locked": false, "schema_version": 3, "solution": true, "task": false}
def maxsim(Q: np.ndarray, D: np.ndarray) -> float:
    """Late-interaction score of a query Q (m, d) and a document D (n, d)."""
    ### BEGIN SOLUTION
    return float((Q @ D.T).max(axis=1).sum())
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q19-maxsim-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    maxsim,
    [((np.eye(2), np.array([[2.0, -3.0], [1.0, -1.0]])), 1.0)],
    "the first query token finds 2, the second finds -1: 1 in all",
)
testing.agree(
    maxsim,
    [((np.array([[3.0]]), np.array([[1.0], [4.0], [2.0]])), 12.0)],
    "one query token, three document tokens: only the largest product counts",
)

# %% nbgrader={"grade": true, "grade_id": "q19-maxsim-hidden-value", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a maximum for each query token, then the sum (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for m, n, d in [(2, 5, 3), (6, 2, 4), (4, 4, 1), (1, 7, 8)]:
    Q, D = rng.normal(size=(m, d)), rng.normal(size=(n, d))
    want = sum(max(float(q @ x) for x in D) for q in Q)
    testing.agree(
        maxsim,
        [((Q, D), want)],
        "take the largest product over the document's tokens, for each query token, and add these up",
    )
assert testing.leaves_arguments(maxsim, Q, D), "the vectors belong to the caller"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q19-maxsim-hidden-scale", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: nothing is normalised, negative products count (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
Q, D = rng.uniform(1, 3, size=(3, 4)), rng.uniform(1, 3, size=(5, 4))
want = sum(max(float(q @ x) for x in D) for q in Q)
testing.agree(
    maxsim,
    [((2 * Q, D), 2 * want), ((Q, 3 * D), 3 * want), ((np.concatenate([Q, Q]), D), 2 * want)],
    "longer vectors and more query tokens give larger scores: no unit length, no mean",
)
least = sum(min(float(q @ x) for x in D) for q in Q)
testing.agree(
    maxsim,
    [((-Q, D), -least)],
    "where all products are negative the largest of them counts, not 0",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q19-maxsim-hidden-roles", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: query and document play different parts (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
Q, D = np.eye(3), np.concatenate([np.eye(3), rng.uniform(0, 0.5, size=(4, 3))])
testing.agree(
    maxsim,
    [((Q, D), 3.0)],
    "each of three query tokens is in the document: the document's further tokens change nothing",
)
testing.agree(
    maxsim,
    [((D, Q), 3.0 + float(D[3:].max(axis=1).sum()))],
    "with the roles exchanged every token of the longer text looks for its best partner",
)
both = rng.permutation(D)
testing.agree(maxsim, [((Q, both), 3.0)], "the order of the document's tokens does not matter")
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 19.4 · Repair: padding that wins

●●○ · 20 minutes · 4 points · core

`late_interaction(Q, q_mask, D, d_mask)` scores one query against a whole batch of documents. Documents have different
lengths, so they are padded. There are three faults in it, and none of them raises. Mend them.

What it should do:

- `Q` (m, d): token vectors of the query, padded; `q_mask` (m,), bool: True where a token is real. At
  least one is.
- `D` (B, n, d): token vectors of B documents, padded; `d_mask` (B, n), bool.
- Return a tensor (B,), of the dtype of `Q`: for each document the sum over the *real* query tokens of the
  largest dot product with a *real* token of that document. It is the sum, not the mean.
- A document without any real token scores `-inf`.

`Q` and `D` are both float32 or both float64. What stands in padded places is arbitrary, though finite: it
may be zeros or large numbers. Arguments are not changed, not even in padded places.

By hand: query token (1), documents [(−2), (−3)] with both real, and [(−1), padding]: scores −2 and −1. A
padded zero in the second must not make it 0.

<details><summary>Hint 1</summary>

A zero is not nothing: against negative products it wins. What number never wins a maximum?

</details>

<details><summary>Hint 2</summary>

`similarity.masked_fill(~d_mask[:, None, :], -torch.inf)` keeps padding from winning. Then two questions
are left: which axis is the document's, and which query tokens may add to the sum?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q19-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def late_interaction(Q: Tensor, q_mask: Tensor, D: Tensor, d_mask: Tensor) -> Tensor:
#     """Q: (m, d). q_mask: (m,). D: (B, n, d). d_mask: (B, n). Returns (B,)."""
#     similarity = Q @ D.transpose(-1, -2)  # (B, m, n)
#     similarity = similarity * d_mask[:, None, :]
#     best = similarity.max(dim=1).values
#     return best.sum(dim=-1)
### END REPAIR
### BEGIN SOLUTION
def late_interaction(Q: Tensor, q_mask: Tensor, D: Tensor, d_mask: Tensor) -> Tensor:
    """Q: (m, d). q_mask: (m,). D: (B, n, d). d_mask: (B, n). Returns (B,)."""
    similarity = Q @ D.transpose(-1, -2)  # (B, m, n)
    similarity = similarity.masked_fill(~d_mask[:, None, :], -torch.inf)
    best = similarity.max(dim=-1).values
    return best[:, q_mask].sum(dim=-1)


### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "q19-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
one, yes = torch.tensor([[1.0]]), torch.tensor([True])
docs = torch.tensor([[[-2.0], [-3.0]], [[-1.0], [0.0]]])
real = torch.tensor([[True, True], [True, False]])
testing.agree(
    late_interaction,
    [((one, yes, docs, real), torch.tensor([-2.0, -1.0]))],
    "the padded zero of the second document is no token, and must not win against -1",
)
testing.agree(
    late_interaction,
    [
        (
            (
                torch.eye(2),
                torch.tensor([True, True]),
                torch.tensor([[[2.0, -3.0], [1.0, -1.0], [0.0, -2.0]]]),
                torch.ones(1, 3, dtype=torch.bool),
            ),
            torch.tensor([1.0]),
        )
    ],
    "two query tokens find 2 and -1: a maximum over the document's tokens for each query token",
)

# %% nbgrader={"grade": true, "grade_id": "q19-repair-hidden-axis", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: without padding (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for m, n, B, d in [(2, 5, 3, 4), (5, 2, 4, 3), (3, 3, 1, 2)]:
    Q = torch.randn(m, d, generator=generator, dtype=torch.float64)
    D = torch.randn(B, n, d, generator=generator, dtype=torch.float64)
    want = torch.stack([torch.stack([(x @ q).max() for q in Q]).sum() for x in D])
    whole = (torch.ones(m, dtype=torch.bool), torch.ones(B, n, dtype=torch.bool))
    testing.agree(
        late_interaction,
        [((Q, whole[0], D, whole[1]), want)],
        "for each query token the maximum over the document's tokens, then the sum over query tokens",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q19-repair-hidden-documents", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: padding of documents (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
Q = torch.rand(3, 4, generator=generator, dtype=torch.float64) + 0.5
lengths = [1, 2, 3, 6]
D = -torch.rand(4, 6, 4, generator=generator, dtype=torch.float64) - 0.5  # all products negative
d_mask = torch.arange(6) < torch.tensor(lengths)[:, None]
d_mask[1] = d_mask[1].flip(0)  # padding may stand in front
want = torch.stack(
    [(x[keep] @ Q.T).max(dim=0).values.sum() for x, keep in zip(D, d_mask, strict=True)]
)
for filling in (0.0, 50.0, -50.0):
    padded = torch.where(d_mask[..., None], D, torch.full_like(D, filling))
    testing.agree(
        late_interaction,
        [((Q, torch.ones(3, dtype=torch.bool), padded, d_mask), want)],
        "a padded place takes no part in the maximum, whatever stands in it: 0 would win against "
        "negative products",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q19-repair-hidden-query", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: padding of the query (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
Q = torch.randn(6, 3, generator=generator, dtype=torch.float64)
D = torch.randn(5, 4, 3, generator=generator, dtype=torch.float64)
d_mask = torch.ones(5, 4, dtype=torch.bool)
for real in ([0, 1, 2], [0], [2, 5], [0, 1, 2, 3, 4, 5]):
    q_mask = torch.zeros(6, dtype=torch.bool)
    q_mask[real] = True
    want = torch.stack([(x @ Q[real].T).max(dim=0).values.sum() for x in D])
    for filling in (0.0, 30.0):
        padded = torch.where(q_mask[:, None], Q, torch.full_like(Q, filling))
        testing.agree(
            late_interaction,
            [((padded, q_mask, D, d_mask), want)],
            "padded query tokens add nothing to the sum, and it is a sum, not a mean",
        )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q19-repair-hidden-edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: empty documents, both paddings at once, float32, arguments (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for dtype in (torch.float32, torch.float64):
    Q = torch.randn(4, 5, generator=generator, dtype=dtype)
    D = torch.randn(3, 6, 5, generator=generator, dtype=dtype)
    q_mask = torch.tensor([True, True, False, True])
    d_mask = torch.arange(6) < torch.tensor([4, 0, 6])[:, None]
    want = torch.stack(
        [
            (x[keep] @ Q[q_mask].T).max(dim=0).values.sum()
            if keep.any()
            else Q.new_tensor(-torch.inf)
            for x, keep in zip(D, d_mask, strict=True)
        ]
    )
    given = (Q, q_mask, D, d_mask)  # padded places hold numbers other than 0
    copies = [x.clone() for x in given]
    got = late_interaction(Q, q_mask, D, d_mask)
    testing.check(
        testing.close(got, want),
        "a document without a real token scores -inf, the others as ever",
        inputs=(Q, q_mask, D, d_mask),
        got=got,
        expected=want,
    )
    assert got.dtype == dtype, "the scores have the dtype of the query"
    short = torch.tensor([False, True, False, False])  # several finfo.min would sum up to -inf
    testing.agree(
        late_interaction,
        [((Q, short, D, torch.zeros_like(d_mask)), Q.new_full((3,), -torch.inf))],
        "a document without a real token scores -inf, also for a single query token",
    )
    assert all(map(torch.equal, given, copies)), (
        "vectors and masks belong to the caller, padded places too: change nothing in place"
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
(ColBERT itself pads *queries* with mask tokens on purpose and lets them take part; its authors call it
query augmentation. That is a decision of the model, made in training. Padding documents so is a mistake in any case.)
"""

# %% [markdown]
r"""
### Trap

**"A good reranker makes up for a weak retriever."** It cannot return what it was not given. The first stage below is
deliberately weak, the same vectors cut to 8 numbers. Beside it stands the best that any second
stage could make of it, the oracle.
"""

# %% tags=["demo"]
print("                     right at the top, if the k1 candidates are ordered by")
print("first stage   k1       itself   an oracle")
for size in (128, 8):
    short = kept[:, :size] / np.linalg.norm(kept[:, :size], axis=1, keepdims=True)
    ranked = np.argsort(-(asked[:, :size] @ short.T), axis=1, kind="stable")
    place = np.array(
        [int(np.flatnonzero(row == want)[0]) for row, want in zip(ranked, right, strict=True)]
    )
    for k1 in (5, 20, 100):
        print(f"{size:4} numbers  {k1:4}  {np.mean(place == 0):11.2f}  {np.mean(place < k1):10.2f}")

# %% [markdown]
r"""
So look at the first stage's recall at k1 *before* you buy a second stage. If it is low, more candidates,
a second retriever beside the first (question 11) or a better encoder is what helps.
"""

# %% [markdown]
r"""
**"The cross-encoder reads the whole document."** It reads what fits. Question and passage share one
context, 256 tokens here and 512 in many published rerankers; the rest is cut off, without a word. Three
long documents: the answer at the end, no answer, the answer at the start.
"""

# %% tags=["demo"]
filler = " ".join(passages[j] for j in order[0, 100:140])
fact = passages[right[0]]
ends = {
    "answer at the end": f"{filler} {fact}",
    "no answer": filler,
    "answer at the start": f"{fact} {filler}",
}
tokenizer = lab.tokenizer("reranker")
print(questions[0])
for name, s in zip(ends, lab.rerank(questions[0], list(ends.values())), strict=True):
    print(
        f"  {name:20} {len(tokenizer(questions[0], ends[name], verbose=False)['input_ids'])} tokens, score {s:.3f}"
    )

# %% [markdown]
r"""
The first two get the same score: what made the difference was never read. Rerank passages, not documents
(question 10 cuts them), or score a document by its best passage.
"""

# %% [markdown]
r"""
**"A score above 0 means relevant."** A ranking loss compares passages of *one* question. Add any number
to all scores of a question, a different one for each, and every ranking and every nDCG stay as they are, so
neither the loss of a group nor the measure would notice. Two questions, the same order, one threshold:
"""

# %% tags=["demo"]
made = {"question A": np.array([2.0, -1.0, -3.0]), "question B": np.array([-4.0, -6.0, -9.0])}
for name, s in made.items():
    print(f"{name}: order {np.argsort(-s).tolist()}, above 0: {int((s > 0).sum())} passages")
first = np.array([s.max() for s in second])
has = np.array([right[i] in order[i, :depth] for i in range(some)])
true = [second[i][list(order[i, :depth]).index(right[i])] for i in np.flatnonzero(has)]
false = [
    np.delete(second[i], list(order[i, :depth]).index(right[i])).max() for i in np.flatnonzero(has)
]
print("\nthe lab's reranker, smallest, quartiles, largest:")
print("  score of the right passage     ", np.percentile(true, [0, 25, 50, 75, 100]).round(1))
print("  best score of a wrong passage  ", np.percentile(false, [0, 25, 50, 75, 100]).round(1))

# %% [markdown]
r"""
As far as the two rows overlap, no threshold tells right from wrong. If you need a threshold, calibrate it
on questions *with and without* an answer, and again when the model changes. A sigmoid alone does not turn
a score into a probability.
"""

# %% [markdown]
r"""
**"`cosine_similarity_topk` from sentence-transformers does the first stage."** There is no such function.
The library has `util.semantic_search`, `encode_query` and `encode_document` on its models, and
`CrossEncoder.rank` for the second stage. Many retrievers, those with an instruction or a prefix for queries, do badly when
queries and documents are encoded alike; these two methods apply what the model's card asks for.
"""

# %% tags=["demo"]
import importlib.util
from pathlib import Path

spec = importlib.util.find_spec("sentence_transformers")
if spec is None:
    print("This demo needs sentence-transformers: pip install sentence-transformers")
else:  # importing it takes long; its source says the same
    source = "\n".join(
        path.read_text(encoding="utf-8") for path in Path(spec.origin).parent.rglob("*.py")
    )
    for name in (
        "cosine_similarity_topk",
        "semantic_search",
        "encode_query",
        "encode_document",
        "rank",
    ):
        print(f"{name:24} {'defined' if f'def {name}(' in source else 'not there'}")

# %% [markdown]
r"""
### If they push

<details><summary>How large should k1 be?</summary>

As large as the recall of the first stage still rises and the time allows, and no larger than the point
where measured quality stops rising. Draw the curve: recall at k1 of the first stage, nDCG after the
second, and the time. For a weak reranker the best k1 can be quite small.

</details>

<details><summary>Why is a cross-encoder usually more accurate?</summary>

It can compare: attention runs between the words of both texts in every layer, so "is it the same name?"
and "is this the attribute that was asked for?" can be answered word by word. A bi-encoder has to write down
everything that any question might ask, before it knows the question, into a vector of fixed size.

</details>

<details><summary>How do you get a bi-encoder as good as the cross-encoder?</summary>

By distillation: the cross-encoder scores many pairs, and the bi-encoder is trained towards these scores; the
price is paid in training and not at each query. The cross-encoder also serves to find hard negatives and to throw out false ones,
passages that were labelled wrong and are right.

</details>

<details><summary>Could a large language model be the reranker?</summary>

Yes: it is asked for a relevance grade of each passage, or gets the whole list and returns an order. A
list lets it compare passages with each other, but the result depends on the order in which they were
shown, and it costs far more. Measure it like any other second stage; shuffle the candidates to see how much the order matters.

</details>

<details><summary>Is nDCG the right measure for RAG?</summary>

Partly. A reader that gets five passages needs the answer *among* them, so recall at 5 says more than
whether it stands first or third. nDCG matters more where one passage is shown, where few fit, or where
the reader attends more to what stands first. In the end measure the answers (question 18).

</details>

<details><summary>The relevance labels are incomplete. Whom does that favour?</summary>

The system that the labels came from. Passages that nobody judged count as wrong, so a new retriever
that finds other right passages looks worse than it is. Judge the top of every system that you compare.

</details>

<details><summary>Where is the time going in such a pipeline?</summary>

Mostly into the second stage: passes grow with k1, and with the length of question and passage. Batch
the candidates, sort them by length so that little is padded, cut passages to what the model reads anyway, and use a smaller
model before a larger one: a cascade is the same idea once more.

</details>
"""

# %% [markdown]
r"""
### Sources

- Reimers, Gurevych (2019), *Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks*, arXiv
  1908.10084: bi-encoders; 65 hours against 5 seconds is from its abstract.
- Nogueira, Cho (2019), *Passage Re-ranking with BERT*, arXiv 1901.04085: the cross-encoder as second stage;
  27 % (relative) better in MRR@10 than the best before it.
- Khattab, Zaharia (2020), *ColBERT: Efficient and Effective Passage Search via Contextualized Late
  Interaction over BERT*, arXiv 2004.12832. Santhanam et al. (2021), *ColBERTv2*, arXiv 2112.01488: six to
  ten times smaller.
- Jacob, Lindgren, Zaharia, Carbin, Khattab, Drozdov (2024), *Drowning in Documents: Consequences of Scaling
  Reranker Inference*, arXiv 2411.11767: rerankers that get worse with more candidates. That cross-encoders
  are simply "more accurate" is therefore **contested**.
- Järvelin, Kekäläinen (2002), *Cumulated Gain-Based Evaluation of IR Techniques*, ACM TOIS 20(4): DCG and
  nDCG.
- sentence-transformers 6.2, source and documentation, read in November 2026.
"""
