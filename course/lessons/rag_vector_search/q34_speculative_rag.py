# %% [markdown]
r"""
## Q34. What is speculative RAG?

*Medium · 45 minutes · needs logarithms of probabilities; question 10 shows plain RAG*
"""

# %% [markdown]
r"""
### Say it

> Placeholder.
"""

# %% [markdown]
r"""
### See it
"""

# %% [markdown]
r"""
### Build it
"""

# %% [markdown]
r"""
### Exercise 34.1 · `make_subsets`

●●○ · 20 minutes · 4 points · core

Write `make_subsets(clusters, m, rng)`: the document sets for the drafts.

- `clusters` is a list of at least one cluster; a cluster is a list of document ids (strings). An id that is repeated within
  a cluster counts once. No id stands in two clusters.
- Return a list of **distinct** tuples. Each has **one id from every cluster**, in the order of the clusters.
- How many: `m` (0 or more), but never more than there are, which is the product of the clusters' sizes. Where there
  are fewer, all of them. It must end in every case.
- Every combination is equally likely, and so is every set of that many combinations. In which order the list
  has them is up to you.
- `rng` is a `numpy.random.Generator`, the only source of chance: the same state gives the same result.
- An empty cluster raises `ValueError`. The arguments are not changed (but for `rng`, which moves on).

There may be thirty clusters of forty documents. So don't list all combinations, and mind the size of their
number: $40^{30}$ is too large for a 64-bit integer. `m` is at most a few hundred.

By hand: `[["a", "b"], ["x"]]` has two combinations, ("a", "x") and ("b", "x"). With m = 5 both come back.

<details><summary>Hint 1</summary>

One combination is easy: draw one id from each cluster. Draw again when you have it already. When would that
go on for ever?

</details>

<details><summary>Hint 2</summary>

`dict.fromkeys` takes repeated ids out and keeps the order. `math.prod` of the sizes is exact, however large.
Then draw while the list is shorter than `min(m, product)`, with a set of what was seen.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q34-make-subsets", "locked": false, "schema_version": 3, "solution": true, "task": false}
def make_subsets(
    clusters: list[list[str]], m: int, rng: np.random.Generator
) -> list[tuple[str, ...]]:
    """Draw up to m distinct combinations of one id from each cluster, in cluster order."""
    ### BEGIN SOLUTION
    choices = [list(dict.fromkeys(cluster)) for cluster in clusters]
    if not all(choices):
        raise ValueError("a cluster is empty: there is no combination with one id from each.")
    wanted = min(m, math.prod(len(ids) for ids in choices))
    subsets: dict[tuple[str, ...], None] = {}
    while len(subsets) < wanted:
        subsets[tuple(ids[int(rng.integers(len(ids)))] for ids in choices)] = None
    return list(subsets)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q34-make-subsets-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
found = make_subsets([["a", "b"], ["x"]], 5, np.random.default_rng(0))
testing.check(
    sorted(found) == [("a", "x"), ("b", "x")],
    "there are two combinations of one id from each cluster, and five were asked for: return both",
    inputs=([["a", "b"], ["x"]], 5),
    got=found,
    expected=[("a", "x"), ("b", "x")],
)
found = make_subsets([["a", "b"], ["x", "y"], ["p", "q"]], 3, np.random.default_rng(0))
testing.check(
    len(found) == len(set(found)) == 3 and all(len(subset) == 3 for subset in found),
    "three different tuples, each with one id from each of the three clusters",
    inputs=([["a", "b"], ["x", "y"], ["p", "q"]], 3),
    got=found,
)

# %% nbgrader={"grade": true, "grade_id": "q34-make-subsets-hidden-one-each", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: one document from every cluster, no subset twice (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for sizes, m in [((3,), 2), ((4, 2), 5), ((2, 5, 3), 12), ((3, 3, 3, 3), 40), ((1, 6, 1), 4)]:
    names = [f"d{int(i):03}" for i in rng.permutation(500)[: sum(sizes)]]
    ends = np.cumsum(sizes).tolist()
    clusters = [names[end - size : end] for size, end in zip(sizes, ends, strict=True)]
    found = make_subsets(clusters, m, np.random.default_rng(int(rng.integers(10**6))))
    ok = all(
        isinstance(subset, tuple)
        and len(subset) == len(clusters)
        and all(doc in cluster for doc, cluster in zip(subset, clusters, strict=True))
        for subset in found
    )
    testing.check(
        ok,
        "a subset is a tuple with exactly one id from every cluster, in the order of the clusters: it is "
        "no cluster by itself, and no free draw from all documents",
        inputs=(clusters, m),
        got=found,
    )
    testing.check(
        len(set(found)) == len(found) == m,
        "m different subsets: a draw that came before is no second perspective",
        inputs=(clusters, m),
        got=found,
    )
    assert testing.leaves_arguments(make_subsets, clusters, m, np.random.default_rng(1)), (
        "the clusters belong to the caller: they were changed"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q34-make-subsets-hidden-count", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: as many as there are, repeated ids, empty clusters, large numbers (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for clusters, m, expected in [
    ([["a"]], 3, 1),
    ([["a", "a"], ["x", "x", "x"]], 4, 1),
    ([["a", "b", "a"], ["x", "y", "y"]], 9, 4),
    ([["a", "b", "c"], ["x", "y"]], 6, 6),
    ([["a", "b", "c"], ["x", "y"]], 0, 0),
    ([[f"a{i}" for i in range(4)], [f"b{i}" for i in range(5)], ["c", "d", "e"]], 60, 60),
    ([[f"a{i}" for i in range(4)], [f"b{i}" for i in range(5)], ["c", "d", "e"]], 59, 59),
]:
    found = make_subsets(clusters, m, np.random.default_rng(int(rng.integers(10**6))))
    testing.check(
        len(found) == len(set(found)) == expected,
        "the number of subsets is m or the number of different combinations, whichever is less; a "
        "repeated id makes no new one",
        inputs=(clusters, m),
        got=found,
        expected=f"{expected} different subsets",
    )
many = [[f"c{i}d{j}" for j in range(40)] for i in range(30)]
try:
    found = make_subsets(many, 5, np.random.default_rng(int(rng.integers(10**6))))
except NotImplementedError:
    raise
except Exception as error:
    found = [error]
testing.check(
    len(found) == 5 and len(set(map(str, found))) == 5,
    "thirty clusters of forty: the number of combinations does not fit 64 bits, so count in Python's "
    "integers, and draw without listing them",
    inputs="30 clusters of 40 ids, m = 5",
    got=found[:1],
    expected="5 subsets",
)
for clusters in ([["a"], []], [[]], [["a", "b"], [], ["x"]]):
    testing.check(
        testing.raises(ValueError, make_subsets, clusters, 2, np.random.default_rng(0)),
        "a cluster without documents is a ValueError: nothing has one id from it",
        inputs=(clusters, 2),
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q34-make-subsets-hidden-uniform", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: every combination is equally likely (1 point)
### BEGIN HIDDEN TESTS
runs = 600


def spread(p: float) -> float:
    return 6 * math.sqrt(runs * p * (1 - p))


# one subset at a time; a repeated id must not be drawn more often
for stream, clusters in enumerate([[["a", "a", "a", "b"], ["x", "y"]], [["a", "b", "c"], ["x"]]]):
    sizes = [len(set(cluster)) for cluster in clusters]
    p = 1 / math.prod(sizes)
    drawn = testing.repeat(make_subsets, runs, clusters, 1, testing.rng(stream))
    for combination in [(a, x) for a in set(clusters[0]) for x in set(clusters[1])]:
        count = sum(found == [combination] for found in drawn)
        testing.check(
            abs(count - runs * p) < spread(p),
            "some combinations come more often than others: draw from the different ids of each "
            "cluster, with equal chances",
            inputs=(clusters, 1),
            got=f"{combination} {count} times in {runs} runs",
            expected=f"about {runs * p:.0f} times",
        )
# two of four: each of the six pairs of subsets, those that share a document too
clusters = [["a", "b"], ["x", "y"]]
drawn = testing.repeat(make_subsets, runs, clusters, 2, testing.rng(2))
four = [(a, x) for a in "ab" for x in "xy"]
for pair in [{s, t} for i, s in enumerate(four) for t in four[:i]]:
    count = sum(set(found) == pair for found in drawn)
    testing.check(
        abs(count - runs / 6) < spread(1 / 6),
        "some sets of two subsets come more often than others, or never: two subsets may share a "
        "document, as long as they are not the same",
        inputs=(clusters, 2),
        got=f"{sorted(pair)} {count} times in {runs} runs",
        expected=f"about {runs / 6:.0f} times",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q34-make-subsets-hidden-rng", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: rng is the only source of chance (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
clusters = [[f"c{i}d{j}" for j in range(9)] for i in range(6)]
for m in (1, 4, 20):
    seed = int(rng.integers(10**6))
    first, second = (make_subsets(clusters, m, np.random.default_rng(seed)) for _ in range(2))
    testing.check(
        first == second,
        "the same state of rng gave two results: another source of chance is at work",
        inputs=(clusters, m),
        got=second,
        expected=first,
    )
going_on = np.random.default_rng(int(rng.integers(10**6)))
runs = testing.repeat(make_subsets, 8, clusters, 4, going_on)
assert len({tuple(sorted(found)) for found in runs}) == 8, (
    "called again with the same generator, the draws are the same: take the chance from rng as it "
    "is handed over, and don't seed a new one"
)
assert testing.leaves_globals(make_subsets, clusters, 4, np.random.default_rng(2)), (
    "the global random state was touched: only rng may be used"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 34.2 · `score_draft` and `best_draft`

●○○ · 8 minutes · 3 points · core

The verifier's side. All probabilities come as natural logarithms, as every library returns them.

`score_draft(lp_draft, lp_self_consistency, lp_self_reflection)` takes three log-probabilities (floats, 0 or
less) of one draft:

- how likely the *drafter* found its answer and rationale, given the question and its documents;
- how likely the *verifier* finds answer and rationale, given the question alone;
- how likely the verifier says yes, asked whether the rationale supports the answer.

The score is the **product of the three probabilities, as a logarithm**. A draft of some hundred tokens may
well have a log-probability of −2,000. A probability of 0 arrives as `-math.inf`, and gives `-math.inf`.

`best_draft(scores)` takes the list of such scores and returns the **position** of the best draft. Equal scores:
the first of them, also where all are `-math.inf`. No score at all raises `ValueError`.

By hand: probabilities 1/2, 1/4 and 1/2 have the score log(1/16) ≈ −2.77.

<details><summary>Hint 1</summary>

What is log(a · b · c) in terms of log a, log b and log c? Then nothing needs to be taken to the power of e.

</details>

<details><summary>Hint 2</summary>

`max(range(len(scores)), key=...)` returns the first of equals. Minus infinity plus anything finite is minus
infinity, without any case of its own.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q34-score-draft", "locked": false, "schema_version": 3, "solution": true, "task": false}
def score_draft(lp_draft: float, lp_self_consistency: float, lp_self_reflection: float) -> float:
    """Return the log of the product of three probabilities, given as logs."""
    ### BEGIN SOLUTION
    return lp_draft + lp_self_consistency + lp_self_reflection
    ### END SOLUTION


def best_draft(scores: list[float]) -> int:
    """Return the position of the highest score, the first of equals."""
    ### BEGIN SOLUTION
    if not scores:
        raise ValueError("there is no draft to choose from.")
    return max(range(len(scores)), key=lambda i: scores[i])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q34-score-draft-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    score_draft,
    [
        ((math.log(1 / 2), math.log(1 / 4), math.log(1 / 2)), math.log(1 / 16)),
        ((0.0, 0.0, 0.0), 0.0),
    ],
    "the log of a product is the sum of the logs",
)
testing.agree(
    best_draft,
    [(([-5.0, -2.0, -9.0],), 1), (([-3.0],), 0)],
    "the position of the highest score: of negative numbers that is the one closest to 0",
)

# %% nbgrader={"grade": true, "grade_id": "q34-score-draft-hidden-sum", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the score, for long drafts too (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for size in (1.0, 30.0, 2000.0, 1e6):
    for _ in range(4):
        a, b, c = (-size * rng.random(3)).tolist()
        testing.agree(
            score_draft,
            [((a, b, c), a + b + c)],
            "a long draft has a probability that a float cannot hold: add the logarithms and never "
            "leave them",
        )
for place in range(3):
    logs = (-rng.random(3)).tolist()
    logs[place] = -math.inf
    testing.agree(
        score_draft,
        [(tuple(logs), -math.inf)],
        "one factor of probability 0 makes the product 0, whose logarithm is minus infinity",
    )
testing.agree(
    score_draft,
    [((-math.inf, -math.inf, 0.0), -math.inf), ((-math.inf, 0.0, 0.0), -math.inf)],
    "a probability of 0 times one of 1 is 0, not NaN and no error",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q34-score-draft-hidden-best", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the best of the drafts (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = []
for n in (1, 2, 5, 9):
    for _ in range(3):
        scores = [-float(x) for x in rng.permutation(1000)[:n]]
        cases.append(((scores,), scores.index(max(scores))))
cases += [(([-math.inf, -5000.0],), 1), (([-math.inf, -1.0, -math.inf],), 1)]
testing.agree(
    best_draft, cases, "the position of the highest score, not the score and not the lowest"
)
testing.agree(
    best_draft,
    [
        (([-2.0, -1.0, -1.0],), 1),
        (([-4.0, -4.0],), 0),
        (([-math.inf, -math.inf, -math.inf],), 0),
    ],
    "of equal scores the first draft is taken, also where all of them are minus infinity",
)
for scores in ([-3.0, -1.0, -2.0], [-math.inf, -7.0]):
    assert testing.leaves_arguments(best_draft, list(scores)), "the scores belong to the caller"
testing.check(testing.raises(ValueError, best_draft, []), "without any draft: ValueError")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q34-score-draft-hidden-together", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: both together choose the draft with the largest product (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for size in (1, 40, 700):
    for n in (2, 3, 6):
        eighths = rng.integers(0, 64, size=(n, 3)) / 8  # sums of eighths are exact
        rows = (-size * eighths - np.arange(n)[::-1, None] / 8).tolist()
        scores = testing.each(score_draft, [tuple(row) for row in rows])
        sums = [math.fsum(row) for row in rows]
        testing.check(
            best_draft(scores) == sums.index(max(sums)),
            "the draft with the largest product of its three probabilities wins; where every product "
            "becomes 0 or infinite on the way, the first one would",
            inputs=rows,
            got=best_draft(scores),
            expected=sums.index(max(sums)),
        )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 34.3 · repair `speculative_rag`

●●○ · 15 minutes · 3 points · core

This is speculative RAG as it is often explained: a draft for every cluster, the verifier looks at the
sources, the highest probability wins. On small examples it runs. There are three mistakes in it.

`speculative_rag(question, clusters, m, sample, draft, verify)` returns the answer (a string) of the best draft:

- `clusters` is a list of lists of document ids. `sample(clusters, m)` returns the list of the drafts' document
  sets, tuples with one id from each cluster (exercise 34.1 with the generator built in). There is at least one.
- `draft(question, docs)`, with such a tuple, returns `(answer, rationale, lp_draft)`. It is called once for each
  set.
- `verify(question, answer, rationale)` returns `(lp_self_consistency, lp_self_reflection)`. It is called once for
  each draft. The verifier is the expensive model: it reads **the rationale, never the documents**.
- The best draft has the largest product of the three probabilities. All three come as logarithms, and may be
  so low (−2,000) that the probability itself is no longer a float. Equal scores: the first draft. `-math.inf` is
  allowed, for all drafts too.
- In which order drafts and verdicts are asked for is up to you. The arguments are not changed.

<details><summary>Hint 1</summary>

Which of the six parameters does the function never use? And what is `math.exp(-2000)`?

</details>

<details><summary>Hint 2</summary>

One clue for each. `sample` knows which documents go together. Compare what `draft` returns with what
`verify` is given. Compare sums of logarithms, and mind what the first of them is compared with: is minus
infinity greater than minus infinity?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q34-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Callable


### BEGIN REPAIR
# def speculative_rag(
#     question: str,
#     clusters: list[list[str]],
#     m: int,
#     sample: Callable[[list[list[str]], int], list[tuple[str, ...]]],
#     draft: Callable[[str, tuple[str, ...]], tuple[str, str, float]],
#     verify: Callable[[str, str, str], tuple[float, float]],
# ) -> str:
#     """Draft from several sets of documents, verify the drafts, return the best answer."""
#     best_answer, best_score = "", 0.0
#     for cluster in clusters[:m]:
#         answer, rationale, lp = draft(question, tuple(cluster))
#         lp_consistency, lp_reflection = verify(question, answer, " ".join(cluster))
#         score = math.exp(lp) * math.exp(lp_consistency) * math.exp(lp_reflection)
#         if score > best_score:
#             best_answer, best_score = answer, score
#     return best_answer
### END REPAIR
### BEGIN SOLUTION
def speculative_rag(
    question: str,
    clusters: list[list[str]],
    m: int,
    sample: Callable[[list[list[str]], int], list[tuple[str, ...]]],
    draft: Callable[[str, tuple[str, ...]], tuple[str, str, float]],
    verify: Callable[[str, str, str], tuple[float, float]],
) -> str:
    """Draft from several sets of documents, verify the drafts, return the best answer."""
    answers, scores = [], []
    for docs in sample(clusters, m):
        answer, rationale, lp = draft(question, docs)
        answers.append(answer)
        scores.append(lp + sum(verify(question, answer, rationale)))
    return answers[scores.index(max(scores))]


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q34-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
only = speculative_rag(
    "Who leads?",
    [["one"]],
    1,
    testing.Always([("one",)]),
    testing.Always(("Ann leads", "one", -0.5)),
    testing.Always((-1.0, -0.25)),
)
testing.check(
    only == "Ann leads",
    "this worked before the repair: with one document there is one draft, and its answer is returned",
    got=only,
    expected="Ann leads",
)

# %% nbgrader={"grade": true, "grade_id": "q34-repair-hidden-subsets", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: each draft has a document of every cluster (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for sizes, m in [((2, 3), 3), ((1, 4, 2), 5), ((3,), 2), ((2, 2, 2), 1)]:
    clusters = [[f"c{i}d{j}" for j in range(size)] for i, size in enumerate(sizes)]
    grid = [()]
    for cluster in clusters:
        grid = [(*docs, doc) for docs in grid for doc in cluster]
    subsets = [grid[int(i)] for i in rng.permutation(len(grid))[:m]]
    drafted, asked = [], []

    def draft(question, docs, drafted=drafted):
        drafted.append(tuple(docs))
        return "+".join(docs), "because", -0.5

    def sample(given, number, asked=asked, subsets=subsets):
        asked.append((given, number))
        return subsets

    speculative_rag("Why?", clusters, m, sample, draft, testing.Always((-0.5, -0.25)))
    testing.check(
        sorted(drafted) == sorted(subsets),
        "each of the sampled sets is drafted from, once: they have one document of every cluster, and a "
        "draft from one cluster sees one side only",
        inputs=f"clusters {clusters}, m = {m}",
        got=sorted(drafted),
        expected=sorted(subsets),
    )
    testing.check(
        all(call == (clusters, m) for call in asked) and asked,
        "sample is given all the clusters and the number of drafts",
        got=asked,
        expected=[(clusters, m)],
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q34-repair-hidden-verifier", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the verifier reads the rationale (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for n in (1, 2, 4):
    subsets = [(f"doc {int(i)}",) for i in rng.permutation(90)[:n]]
    verified = []

    def draft(question, docs):
        return f"answer of {docs[0]}", f"rationale of {docs[0]}", -0.5

    def verify(question, answer, rationale, verified=verified):
        verified.append((question, answer, rationale))
        return -0.5, -0.5

    clusters = [[doc for (doc,) in subsets]]
    speculative_rag("Why?", clusters, n, testing.Always(subsets), draft, verify)
    want = [("Why?", f"answer of {d}", f"rationale of {d}") for (d,) in subsets]
    rationales = [rationale for _, _, rationale in verified]
    testing.check(
        all(str(r).startswith("rationale of doc") for r in rationales) and rationales,
        "the verifier is given the draft's rationale: reading documents again is what it is spared",
        got=rationales,
        expected=[rationale for _, _, rationale in want],
    )
    if n == 1:
        testing.check(
            verified == want,
            "question, answer and rationale of the same draft, each draft once",
            got=verified,
            expected=want,
        )
    elif len(verified) == n:
        testing.check(
            sorted(verified) == sorted(want),
            "question, answer and rationale of the same draft, each draft once",
            got=sorted(verified),
            expected=sorted(want),
        )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q34-repair-hidden-logs", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the best product of three, however small (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def best_of(rows: list[list[float]]) -> str:
    """Run the function on drafts with these log-probabilities, one document each, one cluster."""
    subsets = [(f"d{i}",) for i in range(len(rows))]
    place = {f"d{i}": i for i in range(len(rows))}

    def draft(question, docs):
        return docs[0], docs[0], rows[place[docs[0]]][0]

    def verify(question, answer, rationale):
        return tuple(rows[place[answer]][1:])

    clusters = [[doc for (doc,) in subsets]]
    return speculative_rag("Why?", clusters, len(rows), testing.Always(subsets), draft, verify)


tables = []
for size in (1, 40, 700):
    for n in (2, 4):
        eighths = -size * rng.integers(1, 64, size=(n, 3)) / 8
        tables.append((eighths - np.arange(n)[::-1, None] / 8).tolist())
tables += [
    [[-2.0, -1.0, -1.0], [-1.0, -1.0, -1.0], [-1.0, -1.0, -1.0]],
    [[-1.0, -9.0, -1.0], [-2.0, -1.0, -1.0]],  # the drafter is surer of the first
    [[-1.0, -1.0, -9.0], [-2.0, -1.0, -1.0]],
    [[-math.inf, -1.0, 0.0], [-3000.0, -1.0, -1.0]],
    [[-1.0, -math.inf, 0.0], [-1.0, 0.0, -math.inf]],
]
for rows in tables:
    sums = [sum(row) for row in rows]
    want, got = f"d{sums.index(max(sums))}", best_of(rows)
    testing.check(
        got == want,
        "the draft with the largest product of all three probabilities wins, the first of equals; "
        "products of tiny probabilities are 0 in floating point, so compare sums of logarithms (or it is "
        "one of the other mistakes)",
        inputs=rows,
        got=got,
        expected=want,
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap
"""

# %% [markdown]
r"""
### If they push

<details><summary>a</summary>

b

</details>

<details><summary>a2</summary>

b

</details>

<details><summary>a3</summary>

b

</details>
"""

# %% [markdown]
r"""
### Sources

- Wang et al. (2024).
"""
