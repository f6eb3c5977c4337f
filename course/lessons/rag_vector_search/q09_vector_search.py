# %% [markdown]
r"""
## Q9. What does a vector database do?

*Easy · 120 minutes · needs dot products (notebook 1, self-test 2), what an embedding is (question 12)*
"""

# %% [markdown]
r"""
### Say it

> A vector database keeps vectors under ids, each with a payload, and answers one question: which k of
> the stored vectors that pass a filter are nearest to this one? Comparing with all of them is exact, and
> for tens of thousands of vectors nothing else is needed. Beyond that an index looks at a part of them: IVF
> at the cells next to the query, HNSW along the edges of a graph of neighbours, product quantization at
> short codes instead of vectors. The answer is then approximate, and each index has a knob (nprobe, ef)
> that buys recall with work, so a speed without its recall says nothing. What makes it a database
> is the rest: upserts, deletions, filters, and data that are still there tomorrow.
"""

# %% [markdown]
r"""
### See it

**Search without any database.** The library of the course's little world has more than a thousand
documents. The course's encoder (question 12) turns each into a vector of unit length. A question becomes
a vector too, one matrix product compares it with all of them, and a sort does the rest.
"""

# %% tags=["demo"]
import random
import time

from course import figures, lab, world
from course.world.documents import library
from course.world.questions import fact_question

home = world.make_world()
documents = library(home)
vectors = lab.embed([document.text for document in documents])
print(f"{len(documents):,} documents, vectors {vectors.shape}, {vectors.nbytes:,} bytes")


def nearest(query: np.ndarray, k: int) -> np.ndarray:
    """Rows of the k documents with the largest dot product, best first."""
    return np.argsort(-(vectors @ query), kind="stable")[:k]


dice = random.Random(9)
question = fact_question(dice.choice(home.facts()), dice).text
query = lab.embed([question])[0]
print("\n" + question)
for row in nearest(query, 3):
    print(f"  {vectors[row] @ query:.2f}  {documents[row].id}  {documents[row].text[:75]}")

# %% [markdown]
r"""
That is the whole service, in two lines. It is *exact*: no document with a larger product exists. Hold
every index below against it.

**Which distance?** Cosine looks at directions only, the dot product also rewards length, and Euclidean
distance (L2) asks where the points lie. For unit vectors all three give the same order, because
$\lVert q - x \rVert^2 = 2 - 2\, q \cdot x$. Here are the library's vectors, and then the same ones
stretched by random factors. Which of the three will not notice the stretching?
"""

# %% tags=["demo"]
stretch = np.random.default_rng(0).uniform(0.5, 2, size=(len(vectors), 1)).astype(np.float32)
for name, X in (("unit length", vectors), ("stretched", vectors * stretch)):
    orders = {
        "cosine": -(X @ query) / np.linalg.norm(X, axis=1),
        "dot": -(X @ query),
        "L2": ((X - query) ** 2).sum(axis=1),
    }
    print(name, {rule: np.argsort(score)[:5].tolist() for rule, score in orders.items()})

# %% [markdown]
r"""
So normalise once, when you store, and again when you ask; then the choice does not matter. If your
model's vectors are not of unit length, use the distance it was trained with.
"""

# %% [markdown]
r"""
#### What makes it a database

Qdrant runs inside this process when it is given `:memory:` or a folder instead of an address. The calls
are those of the server. Mind one difference: this local mode has no index and compares with everything.
A *point* is an id, a vector and a payload.
"""

# %% tags=["demo"]
try:
    from qdrant_client import QdrantClient, models
except ImportError:
    print("These demos need Qdrant's client: pip install qdrant-client")
    client = None
else:
    client = QdrantClient(":memory:")
    rules = models.VectorParams(size=vectors.shape[1], distance=models.Distance.COSINE)
    client.create_collection("library", vectors_config=rules)
    points = [
        models.PointStruct(
            id=row,  # a whole number or a UUID; the library's own id goes into the payload
            vector=vector.tolist(),
            payload={"doc": doc.id, "kind": home.entities[doc.facts[0].subject].kind}
            | ({"year": doc.date.year} if doc.date else {}),
        )
        for row, (doc, vector) in enumerate(zip(documents, vectors, strict=True))
    ]
    client.upsert("library", points=points)
    hits = client.query_points("library", query=query.tolist(), limit=3).points
    print([(hit.payload["doc"], round(hit.score, 2)) for hit in hits], client.count("library"))

# %% [markdown]
r"""
**Filters.** Some facts of the world have changed, and a dated notice tells each state. Near in meaning is
both the old notice and the new one; only the payload can tell them apart.
"""

# %% tags=["demo"]
old, new = home.revised()[0][-2:]
dated_question = fact_question(new, random.Random(0)).text
dated_query = lab.embed([dated_question])[0]
if client is not None:
    print(dated_question, f"(the answer changed in {new.since.year})")
    recent = models.FieldCondition(key="year", range=models.Range(gte=new.since.year))
    for rule in (None, models.Filter(must=[recent])):
        hits = client.query_points(
            "library", query=dated_query.tolist(), limit=3, query_filter=rule
        ).points
        print("  filtered:" if rule else "  all:")
        for hit in hits:
            print(f"    {hit.score:.2f} {documents[hit.id].text[:80]}")

# %% [markdown]
r"""
**Upsert and delete.** An upsert under a known id replaces the point, payload and all; it does not add a
second one. That is what makes an import repeatable: run it twice, and nothing is there twice. Look also
at what comes back of the vector (0, 2, 0, ...).
"""

# %% tags=["demo"]
if client is not None:
    two = [0.0, 2.0] + [0.0] * (vectors.shape[1] - 2)
    client.upsert("library", points=[models.PointStruct(id=7, vector=two, payload={"doc": "new"})])
    point = client.retrieve("library", ids=[7], with_vectors=True)[0]
    print(client.count("library"), "stored:", point.vector[:3], point.payload)
    client.delete("library", points_selector=[7])
    print(client.count("library"), "after deleting; retrieve:", client.retrieve("library", ids=[7]))

# %% [markdown]
r"""
With `Distance.COSINE` Qdrant brings vectors to unit length when they are stored. The lengths are gone:
whoever needs the originals keeps them elsewhere.

**Still there tomorrow.** With a folder instead of `:memory:` the points are on disk. One process at a
time may open it.
"""

# %% tags=["demo"]
import tempfile

if client is not None:
    with tempfile.TemporaryDirectory() as folder:
        disk = QdrantClient(path=folder)
        disk.create_collection("library", vectors_config=rules)
        disk.upsert("library", points=points[:100])
        try:
            QdrantClient(path=folder)
        except RuntimeError as error:
            print("a second client:", str(error).split(folder)[-1].strip()[:60])
        disk.close()
        again = QdrantClient(path=folder)
        print("opened again:", again.count("library"))
        again.close()

# %% [markdown]
r"""
#### What exact search costs

One query against N vectors of d numbers is N · d multiplications. For the library that is nothing. For a
table of what an index is worth we need more vectors than our world has sentences: 100,000 synthetic ones
of 64 numbers, drawn around a hundred centres, which is roughly how real embeddings lie (we check that
below). From here on FAISS does the work, a library of indexes without the database around them. Every
table shows the *number of distances* a query computes, because your machine's microseconds are its own.
"""

# %% tags=["demo"]
from course.recorded import q09_index

try:
    import faiss
except ImportError:
    print("These demos need faiss: pip install faiss-cpu")
    faiss = None
else:
    X, Q = q09_index.vectors("clustered", 100_000)
    flat = q09_index.build("flat", X)
    truth = flat.search(Q, 10)[1]  # the ten nearest of each query, exactly
    row = q09_index.measure(flat, Q, truth, 0)
    print(f"{len(Q)} queries on {X.shape}: {row['distances']:,} distances each")
    print(f"{row['microseconds']:.0f} microseconds of processor time a query, here")

# %% [markdown]
r"""
**Recall@k** of an index is the share of the k true neighbours that it finds, averaged over queries. It
needs the exact answer to compare with, which is one slow run over a sample of your queries. It is the
number that belongs beside every speed.
"""

# %% [markdown]
r"""
#### IVF: look in a few cells

An *inverted file* clusters the vectors once (k-means), keeps a list of members for each centre, and
searches only the lists of the `nprobe` centres nearest to the query. In the plane one sees what goes
wrong: a query near a border has neighbours on the other side, and with `nprobe = 1` they are missed.
"""

# %% tags=["demo"]
plane = np.random.default_rng(4)
dots = plane.uniform(0, 1, size=(150, 2))
centres = dots[:9].copy()
for _ in range(20):  # k-means
    cell = ((dots[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    centres = np.array([dots[cell == c].mean(axis=0) for c in range(9)])
grid = np.stack(np.meshgrid(*[np.linspace(0, 1, 200)] * 2), axis=-1)
areas = ((grid[:, :, None] - centres) ** 2).sum(axis=3).argmin(axis=2)
border = np.sort(((grid[:, :, None] - centres) ** 2).sum(axis=3) ** 0.5, axis=2)
y, x = np.unravel_index(
    (border[..., 1] - border[..., 0] + (border[..., 2] > 0.35)).argmin(), (200, 200)
)
asked = grid[y, x]
five = ((dots - asked) ** 2).sum(axis=1).argsort()[:5]
inside = cell[five] == areas[y, x]

fig, ax = figures.subplots(size=(4.6, 4.4))
for c in range(9):
    ax.contour(
        grid[0, :, 0], grid[:, 0, 1], areas == c, levels=[0.5], colors="#999999", linewidths=1
    )
ax.plot(*dots.T, ".", color="#777777", markersize=4)
ax.plot(*centres.T, "x", color="#777777", markersize=7)
ax.plot(*dots[five[inside]].T, "o", color="#222222", markersize=7)
ax.plot(*dots[five[~inside]].T, "s", color="#222222", fillstyle="none", markersize=8)
ax.plot(*asked, "*", color="#222222", markersize=14)
ax.set(xticks=[], yticks=[], title="star: query; open squares: missed")
figures.show(
    fig,
    f"Nine cells of 150 points in the plane. The query, a star, lies on a border. Of its five nearest "
    f"points {inside.sum()} lie in its own cell (filled circles) and {5 - inside.sum()} beyond the "
    f"border (open squares).",
)

# %% [markdown]
r"""
On the 100,000 vectors, with 256 cells. How many cells of 256 do you expect to need for 95 % of the
neighbours? And what do the distances say then? (Those to the 256 centres are counted too.)
"""

# %% tags=["demo"]
if faiss is not None:
    start = time.process_time()
    ivf = q09_index.build("ivf", X)
    print(f"built in {time.process_time() - start:.2f} s")
    print("nprobe  recall@10  distances  microseconds")
    for nprobe in q09_index.PROBES:
        row = q09_index.measure(ivf, Q, truth, nprobe)
        print(
            f"{nprobe:6}  {row['recall']:9.3f}  {row['distances']:9,.0f}  {row['microseconds']:12.0f}"
        )

# %% [markdown]
r"""
The knob is turned when you *ask*, not when you build: one index serves a quick preview and a careful
search. Each doubling of `nprobe` doubles the cells that are read, and what it
still adds to recall gets smaller and smaller.
"""

# %% [markdown]
r"""
#### HNSW: walk along a graph

Link every vector with some near ones. To search, start anywhere, go to the neighbour that is nearest to
the query, and on, until no neighbour is nearer. Below is such a walk, on 60 points with links to the three
nearest of each.
"""


# %% tags=["demo"]
def walk(links: list[set[int]], points: np.ndarray, q: np.ndarray, entry: int) -> list[int]:
    """Go to the nearest neighbour as long as that is nearer."""
    path, gap = [entry], ((points - q) ** 2).sum(axis=1)
    while gap[best := min(links[path[-1]], key=gap.__getitem__)] < gap[path[-1]]:
        path.append(best)
    return path


towns = np.random.default_rng(3).uniform(0, 1, size=(60, 2))
gaps = ((towns[:, None] - towns) ** 2).sum(axis=2)
links: list[set[int]] = [set() for _ in towns]
for i, row in enumerate(gaps.argsort(axis=1)[:, 1:4]):
    for j in row.tolist():
        links[i].add(j)
        links[j].add(i)
goals = np.random.default_rng(0).uniform(0, 1, size=(200, 2))
ends = np.array([[walk(links, towns, goal, entry)[-1] for entry in (0, 1)] for goal in goals])
right = ends == ((goals[:, None] - towns) ** 2).sum(axis=2).argmin(axis=1)[:, None]
print(f"of 200 queries {right[:, 0].sum()} walks from one entry end at the true nearest point,")
print(
    f"{right[:, 1].sum()} from another one, {right.any(axis=1).sum()} from at least one of the two"
)

# %% tags=["demo"]
stuck = goals[np.flatnonzero(~right[:, 0] & right[:, 1])[0]]
fig, axes = figures.subplots(1, 2, size=(8.4, 4))
told = []
for ax, entry in zip(axes, (0, 1), strict=True):
    for i, near in enumerate(links):
        for j in near:
            ax.plot(*towns[[i, j]].T, "-", color="#cccccc", linewidth=0.8)
    path = walk(links, towns, stuck, entry)
    ax.plot(*towns.T, ".", color="#777777", markersize=5)
    ax.plot(*towns[path].T, "-o", color="#222222", markersize=6)
    ax.plot(*stuck, "*", color="#222222", markersize=14)
    ax.annotate("start", towns[entry], xytext=(6, -14), textcoords="offset points")
    missed = ((towns - stuck) ** 2).sum(axis=1).argmin() != path[-1]
    told.append(f"{len(path) - 1} steps, {'stuck' if missed else 'found'}")
    ax.set(xticks=[], yticks=[], title=f"entry {entry}: {told[-1]}")
figures.show(
    fig,
    "Twice the same graph of 60 points, each linked to near ones, and a query, a star. The walk from "
    f"entry 0: {told[0]}. The walk from entry 1: {told[1]}.",
)

# %% [markdown]
r"""
A walk can get *stuck*: no neighbour is nearer, and the nearest point is elsewhere. HNSW (Malkov and
Yashunin, 2016) does three things about it.

- It keeps not one place but the best **ef** found so far, and goes on from each of them. That is the
  knob, and exercise 9.3.
- It links not simply the nearest ones but near ones in different directions, so that the graph hangs
  together (`M` links a node).
- It puts a random few of the points on sparser layers above, whose long steps lead into the right
  region first.
"""

# %% tags=["demo"]
if faiss is not None:
    few, few_q = q09_index.vectors("clustered", 10_000)
    few_truth = q09_index.build("flat", few).search(few_q, 10)[1]
    start = time.process_time()
    hnsw = q09_index.build("hnsw", few)
    print(f"10,000 vectors, built in {time.process_time() - start:.2f} s")
    layers = np.bincount(faiss.vector_to_array(hnsw.hnsw.levels) - 1)
    print("points whose top layer is 0, 1, ...:", layers.tolist())
    print("  ef  recall@10  distances")
    for ef in q09_index.WIDTHS:
        row = q09_index.measure(hnsw, few_q, few_truth, ef)
        print(f"{ef:4}  {row['recall']:9.3f}  {row['distances']:9,.0f}")

# %% [markdown]
r"""
For all 100,000 vectors the graph takes too long to build while you read. The picture is a *recorded*
run; each point is one setting of the knob. Look at it twice: first at the left panel alone.
"""

# %% tags=["demo"]
from course import recorded

run = recorded.load("q09_index")
print(run)
fig, axes = figures.subplots(1, 2, sharex=True, sharey=True, size=(8.6, 3.4))
words = []
for ax, data in zip(axes, ("clustered", "even"), strict=True):
    for kind, mark in (("hnsw", "o"), ("ivf", "s")):
        line = [r for r in run.rows if (r["data"], r["index"], r["n"]) == (data, kind, 100_000)]
        ax.semilogx(
            [r["distances"] for r in line],
            [r["recall"] for r in line],
            marker=mark,
            label=kind.upper(),
        )
        at = min(line, key=lambda r: abs(r["distances"] - 2000))
        words.append(
            f"{data}, {kind.upper()}: {at['recall']:.2f} at {at['distances']:,.0f} distances"
        )
    ax.set(title=f"{data} vectors", xlabel="distances a query", ylim=(0, 1.03))
axes[0].set_ylabel("recall@10")
axes[0].legend(frameon=False, loc="lower right")
figures.show(
    fig,
    "Recall at 10 against distances a query, on 100,000 vectors, for HNSW (circles) and IVF (squares). "
    + "; ".join(words)
    + ". On the clustered vectors both rise steeply to 1, on the even ones slowly.",
)
for kind in ("ivf", "hnsw"):
    one = next(r for r in run.rows if (r["index"], r["n"]) == (kind, 100_000))
    print(
        f"{kind.upper():4} {one['bytes']:.0f} bytes a vector, built in {one['build_seconds']:.1f} s"
    )

# %% [markdown]
r"""
Left: for the same recall HNSW computes several times fewer distances than IVF. It pays with memory, and
with the time to build. Right: the same programs, the same size, the same settings, on vectors that fill all 64
dimensions evenly. There is no structure to use, and neither index is worth much. An index is as good as
the structure it finds, so figures from somebody else's data tell little about yours.

**Where do real embeddings lie?** The sentences of our library, asked with questions, beside both
synthetic sorts at the same size and the same ef:
"""

# %% tags=["demo"]
if faiss is not None:
    sentences = list(dict.fromkeys(s for document in documents for s in document.sentences))[:2000]
    facts = random.Random(9).sample(home.facts(), 200)
    asked_all = lab.embed([fact_question(fact, dice, "heldout").text for fact in facts])
    sorts = {"sentences": (lab.embed(sentences), asked_all)} | {
        data: q09_index.vectors(data, len(sentences)) for data in ("clustered", "even")
    }
    for name, (stored, asked_by) in sorts.items():
        exact = q09_index.build("flat", stored).search(asked_by, 10)[1]
        row = q09_index.measure(q09_index.build("hnsw", stored), asked_by, exact, 16)
        print(f"{name:9}  ef 16: recall {row['recall']:.3f}, {row['distances']:.0f} distances")

# %% [markdown]
r"""
Our encoder's sentences behave like the clustered vectors. That is a finding about one small encoder;
measure it on yours.
"""

# %% [markdown]
r"""
#### Deleting

From a list one can strike an entry. From a graph one cannot: others walk over that node. Both indexes are asked to
forget the nearest neighbours of the first query:
"""

# %% tags=["demo"]
if faiss is not None:
    for name, index, stored_ids in (("IVF", ivf, truth[0]), ("HNSW", hnsw, few_truth[0])):
        try:
            removed = index.remove_ids(stored_ids)
            print(f"{name}: {removed} removed, {index.ntotal:,} left")
        except RuntimeError as error:
            print(f"{name}: {str(error).split(': ')[-1]}")

# %% [markdown]
r"""
#### PQ: store less

Ten million vectors of 1,536 numbers, a common size, and what they need in memory:
"""

# %% tags=["demo"]
n, d, M = 10_000_000, 1536, 16
for name, size in [
    ("float32", 4 * d),
    ("float32 and HNSW's lowest layer", 4 * d + 4 * 2 * M),
    ("int8, one byte a number", d),
    ("PQ, 96 bytes", 96),
]:
    print(f"{name:32} {size:6,} bytes each  {n * size / 1e9:6.2f} GB")

# %% [markdown]
r"""
*Product quantization* (Jégou et al., 2011) cuts a vector into pieces and replaces each piece by the
number of the nearest of 256 typical ones: one byte a piece. Distances are added up from a table for
each piece. They are rough. So one takes more candidates than needed and orders them by their exact
vectors, which may lie on disk.
"""

# %% tags=["demo"]
if faiss is not None:
    pq = q09_index.build("pq", X, code=8)
    found = pq.search(Q, 100)[1]
    print(f"64 floats, {X[0].nbytes} bytes; as a code, {pq.code_size} bytes")
    print(
        f"the best 10 by code:               recall@10 {q09_index.recall(found[:, :10], truth):.3f}"
    )
    best = q09_index.refine(X, Q, found, 10)
    print(f"the best 100 by code, 10 by vector: recall@10 {q09_index.recall(best, truth):.3f}")

# %% [markdown]
r"""
Codes lose the order among the very near, and keep who is near at all. They combine with either index; IVF
with PQ is the classic pair (Jégou et al., 2011).
"""

# %% [markdown]
r"""
### Build it

Four exercises: the measure, the two indexes, and the repair of a small vector store that forgets which
vector was whose.
"""

# %% [markdown]
r"""
### Exercise 9.1 · `recall_at_k`

●○○ · 10 minutes · 3 points · core

Write `recall_at_k(approx, exact)`, the recall of an approximate search.

`exact` is an integer array of shape (Q, k), Q >= 1 and k >= 1: for each of Q queries the ids of its k
true neighbours. `approx` is an integer array of shape (Q, m) with 0 <= m <= k: what the index has
returned. Both hold ids, best first, and −1 where there was no result (FAISS fills rows up with it).

Return a float: the mean over the queries of

$$\frac{|\{\text{ids in the approx row}\} \cap \{\text{ids in the exact row}\}|}{k}$$

- The order within a row does not matter.
- −1 is never a match, even if both rows have it. The divisor is k, whatever a row holds.
- An id that an `approx` row holds twice counts once; `exact` rows hold no id but −1 twice.

By hand: `approx = [[4, 7], [1, 2]]`, `exact = [[7, 5], [2, 1]]`: the first query found one of two, the
second both, so 0.75.

<details><summary>Hint 1</summary>

Rows belong together: the ids of query 3 say nothing about query 5.

</details>

<details><summary>Hint 2</summary>

Turn the two rows of a query into sets, intersect them, take −1 out, and divide the size by
`exact.shape[1]`.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q09-recall-at-k", "locked": false, "schema_version": 3, "solution": true, "task": false}
def recall_at_k(approx: np.ndarray, exact: np.ndarray) -> float:
    """Mean share of the true neighbours found.

    approx: int (Q, m), m <= k. exact: int (Q, k). -1 stands for no result.
    """
    ### BEGIN SOLUTION
    found = [
        len((set(a) & set(e)) - {-1}) for a, e in zip(approx.tolist(), exact.tolist(), strict=True)
    ]
    return sum(found) / (len(found) * exact.shape[1])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q09-recall-at-k-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    recall_at_k,
    [((np.array([[4, 7], [1, 2]]), np.array([[7, 5], [2, 1]])), 0.75)],
    "the first query found one of its two neighbours, the second both: (1/2 + 1) / 2",
)
testing.agree(
    recall_at_k,
    [((np.array([[3, 1, 2]]), np.array([[1, 2, 3]])), 1.0)],
    "the order within a row does not matter",
)
testing.agree(
    recall_at_k,
    [((np.array([[5]]), np.array([[5, 6, 7, 8]])), 0.25)],
    "one of four neighbours was found: divide by k, not by how many came back",
)

# %% nbgrader={"grade": true, "grade_id": "q09-recall-at-k-hidden-rows", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: every query by itself, in any order (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for n, k in [(1, 3), (2, 4), (5, 8)]:
    exact = np.array([rng.permutation(20)[:k] for _ in range(n)])
    others = np.array([np.setdiff1d(np.arange(20), row)[:k] for row in exact])
    swap = rng.random(exact.shape) < 0.5
    approx = rng.permuted(np.where(swap, others, exact), axis=1)
    testing.agree(
        recall_at_k,
        [((approx, exact), 1 - float(swap.mean()))],
        "compare the sets of one query's row: an id that another query was looking for is no match, "
        "and the place within the row does not matter",
    )
same = np.arange(12).reshape(3, 4)
testing.agree(
    recall_at_k,
    [((same, same[[1, 2, 0]]), 0.0), ((same, same[:, ::-1].copy()), 1.0)],
    "row i of approx belongs to row i of exact",
)
assert testing.leaves_arguments(recall_at_k, same, same[::-1].copy()), (
    "leave both arrays as they are"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q09-recall-at-k-hidden-short", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: fewer results than neighbours (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
exact = np.array([rng.permutation(30)[:8] for _ in range(4)])
testing.agree(
    recall_at_k,
    [((exact[:, :m].copy(), exact), m / 8) for m in (0, 1, 4, 7)],
    "the divisor is the number of true neighbours, k: an index that returns little has found little",
)
testing.agree(
    recall_at_k,
    [((exact[:, :2] + np.array([0, 100]), exact), 1 / 8)],
    "what came back and is not a neighbour does not count",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q09-recall-at-k-hidden-missing", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: no result, and ids that come twice (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
a, b, c = (int(i) for i in rng.permutation(50)[:3])
testing.agree(
    recall_at_k,
    [
        ((np.array([[a, -1, -1, -1]]), np.array([[a, b, -1, -1]])), 0.25),
        ((np.array([[-1, -1]]), np.array([[-1, -1]])), 0.0),
        ((np.array([[-1, a], [b, -1]]), np.array([[a, -1], [c, -1]])), 0.25),
    ],
    "-1 means that there was no result: two times nothing is no match",
)
testing.agree(
    recall_at_k,
    [
        ((np.array([[a, a, a]]), np.array([[a, b, c]])), 1 / 3),
        ((np.array([[b, b, -1]]), np.array([[a, b, c]])), 1 / 3),
    ],
    "an id that came back twice has been found once",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 9.2 · `ivf_search`

●●○ · 25 minutes · 5 points · core

Write `ivf_search(X, centroids, assign, q, nprobe, k)`, the search of an inverted file.

- `X` (N, d): the stored vectors, N >= 1. A vector's *id* is its row number.
- `centroids` (C, d): the centres of C >= 1 cells.
- `assign` (N,), ints: the cell of each vector. Use it as given. A cell may be empty.
- `q` (d,): the query.

Steps:

1. Take the `nprobe` cells whose centroids are nearest to `q`; among equally near ones, those with the
   lower number. If `nprobe` is larger than C, take all. An empty cell that is near is taken like any other.
2. The candidates are all vectors in these cells.
3. Return `(ids, dist)`: the k nearest candidates, nearest first, equally near ones by id; all of them if
   there are fewer than k. `ids` is an int64 array of row numbers of `X`, `dist` a float64 array of the
   same length (which may be 0).

Everywhere, distance means **squared** Euclidean distance, in step 1 as well. `nprobe < 1` or `k < 1` is a
`ValueError`. Arguments are not changed. Ties are tested only with numbers for which
$\sum_i (x_i - q_i)^2$ and $\lVert x \rVert^2 - 2\, q \cdot x + \lVert q \rVert^2$ are both exact.

The point of it is that distances are computed for candidates only. No test can see that; do it anyway.

By hand: `X = [[0], [1], [10], [11]]`, `centroids = [[0.5], [10.5]]`, `assign = [0, 0, 1, 1]`, `q = [9]`,
`nprobe = 1`, `k = 3`: cell 1 is nearer (2.25 against 72.25), its vectors have the distances 1 and 4, so
`([2, 3], [1, 4])`.

<details><summary>Hint 1</summary>

`np.flatnonzero(np.isin(assign, cells))` gives the candidates' row numbers in ascending order. Keep them:
after sorting the distances, a position among the candidates has to be turned back into a row number.

</details>

<details><summary>Hint 2</summary>

Sort both times with `kind="stable"`: then equal distances keep the ascending order of the numbers.
`order = np.argsort(dist, kind="stable")[:k]`, and the result is `rows[order], dist[order]`. An array that is sliced to
more than its length simply ends earlier.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q09-ivf-search", "locked": false, "schema_version": 3, "solution": true, "task": false}
def ivf_search(
    X: np.ndarray, centroids: np.ndarray, assign: np.ndarray, q: np.ndarray, nprobe: int, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Search the nprobe cells nearest to q.

    X: (N, d). centroids: (C, d). assign: int (N,). q: (d,).
    Returns ids int64 (k',) and squared distances (k',), nearest first, k' <= k.
    """
    ### BEGIN SOLUTION
    if nprobe < 1 or k < 1:
        raise ValueError(f"nprobe and k must be at least 1, not {nprobe} and {k}")
    to_centroids = ((centroids - q) ** 2).sum(axis=1)
    cells = np.argsort(to_centroids, kind="stable")[:nprobe]
    ids = np.flatnonzero(np.isin(assign, cells))  # ascending, so that equal distances stay in order
    dist = ((X[ids] - q) ** 2).sum(axis=1)
    order = np.argsort(dist, kind="stable")[:k]
    return ids[order].astype(np.int64), dist[order].astype(np.float64)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q09-ivf-search-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
line = np.array([[0.0], [1.0], [10.0], [11.0]])
middles, halves = np.array([[0.5], [10.5]]), np.array([0, 0, 1, 1])
testing.agree(
    ivf_search,
    [((line, middles, halves, np.array([9.0]), 1, 3), ([2, 3], [1.0, 4.0]))],
    "only the nearer cell is searched; ids are row numbers of X, distances are squared",
)
testing.agree(
    ivf_search,
    [((line, middles, halves, np.array([9.0]), 2, 3), ([2, 3, 1], [1.0, 4.0, 64.0]))],
    "with nprobe = 2 both cells are searched",
)
testing.agree(
    ivf_search,
    [((line, middles, halves, np.array([5.5]), 1, 1), ([1], [20.25]))],
    "both centroids are equally near: take the lower cell",
)

# %% nbgrader={"grade": true, "grade_id": "q09-ivf-search-hidden-ids", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: row numbers and squared distances (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
X = rng.normal(size=(60, 5)) * rng.uniform(0.3, 3, size=(60, 1))
centroids = rng.normal(size=(6, 5))
assign = ((X[:, None] - centroids) ** 2).sum(axis=2).argmin(axis=1)
for _ in range(6):
    q = rng.normal(size=5)
    cell = ((centroids - q) ** 2).sum(axis=1).argmin()
    rows = np.flatnonzero(assign == cell)
    true = ((X[rows] - q) ** 2).sum(axis=1)
    order = true.argsort()[:4]
    ids, dist = ivf_search(X, centroids, assign, q, 1, 4)
    testing.check(
        testing.close(np.asarray(ids), rows[order]) and np.asarray(ids).dtype == np.int64,
        "return row numbers of X as int64, nearest first: not the place within the cell, and not "
        "ranked by cosine or dot product (these vectors have different lengths)",
        inputs=(X, centroids, assign, q, 1, 4),
        got=ids,
        expected=rows[order],
    )
    testing.check(
        testing.close(np.asarray(dist), true[order]),
        "dist is the squared Euclidean distance of each returned vector, without a root",
        inputs=(X, centroids, assign, q, 1, 4),
        got=dist,
        expected=true[order],
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q09-ivf-search-hidden-probes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: which cells are searched (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
X = rng.normal(size=(80, 4))
centroids = rng.normal(size=(8, 4)) * np.array([[0.5], [2.0]] * 4)
assign = rng.integers(0, 8, size=80)  # as given: not always the nearest centroid
for nprobe in (1, 2, 3, 5, 7, 8, 9, 50):
    q = rng.normal(size=4)
    near = ((centroids - q) ** 2).sum(axis=1).argsort()[:nprobe]
    dist = ((X - q) ** 2).sum(axis=1)
    rows = np.array([i for i in dist.argsort() if assign[i] in near][:10])
    testing.agree(
        ivf_search,
        [((X, centroids, assign, q, nprobe, 10), (rows, dist[rows]))],
        "search the nprobe cells whose centroids are nearest by Euclidean distance, each vector in "
        "the cell that assign names; with nprobe of C or more the result is exact",
    )
assert testing.leaves_arguments(ivf_search, X, centroids, assign, X[0], 2, 3), (
    "the arrays belong to the caller"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q09-ivf-search-hidden-few", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: empty cells, and fewer candidates than k (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
X = rng.integers(-9, 10, size=(12, 3)).astype(float)
centroids = np.array([[0.0, 0.0, 0.0], [100.0, 0.0, 0.0], [0.0, 200.0, 0.0]])
assign = np.where(np.arange(12) < 7, 1, 2)  # nothing in cell 0
q = np.array([0.5, 0.25, -0.5])
none = ivf_search(X, centroids, assign, q, 1, 4)
testing.check(
    len(none) == 2 and all(np.asarray(part).shape == (0,) for part in none),
    "an empty cell is searched like any other: with nprobe = 1 nothing comes back, two empty arrays",
    inputs=(X, centroids, assign, q, 1, 4),
    got=none,
    expected=(np.zeros(0, np.int64), np.zeros(0)),
)
dist = ((X - q) ** 2).sum(axis=1)
seven = np.argsort(dist[:7], kind="stable")
testing.agree(
    ivf_search,
    [
        ((X, centroids, assign, q, 2, 4), (seven[:4], dist[seven[:4]])),
        ((X, centroids, assign, q, 2, 7), (seven, dist[seven])),
        ((X, centroids, assign, q, 2, 40), (seven, dist[seven])),
    ],
    "the empty cell counts as one of the nprobe, and where there are fewer than k candidates all of "
    "them come back, without filling up",
)
every = np.argsort(dist, kind="stable")
testing.agree(
    ivf_search,
    [((X, centroids, assign, q, 9, 40), (every, dist[every]))],
    "nprobe and k may be larger than what there is",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q09-ivf-search-hidden-ties", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: ties (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for _ in range(6):
    X = rng.integers(0, 3, size=(40, 2)).astype(float)
    centroids = np.array([[1.0, 3.0], [3.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [9.0, 9.0]])
    assign = rng.integers(0, 5, size=40)
    q = np.array([1.0, 1.0])  # four centroids are equally near
    dist = ((X - q) ** 2).sum(axis=1)
    for nprobe in (1, 2, 3):
        rows = [i for i in np.argsort(dist, kind="stable") if assign[i] < nprobe][:9]
        testing.agree(
            ivf_search,
            [((X, centroids, assign, q, nprobe, 9), (np.array(rows), dist[rows]))],
            "of equally near cells those with the lower number, of equally near vectors the lower "
            "ids, over all cells together",
        )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q09-ivf-search-hidden-errors", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: nprobe and k below 1 (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
X = rng.normal(size=(9, 2))
for nprobe, k in [(0, 1), (-1, 1), (1, 0), (1, -3), (0, 0)]:
    assert testing.raises(ValueError, ivf_search, X, X[:3], np.arange(9) % 3, X[0], nprobe, k), (
        "nprobe and k must be at least 1; a negative slice would silently cut from the other end"
    )
testing.agree(
    ivf_search,
    [((X, X[:3], np.arange(9) % 3, X[0], 1, 1), ([0], [0.0]))],
    "nprobe and k of 1 are allowed",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
#### Your index on the library

Now your two functions search the library, which k-means has cut into 32 cells. Two different recalls
stand in the table, and people mix them up. *Index recall* asks whether the five documents that exact
search finds were found. *Answer found* asks whether one of the five states the fact that was asked for,
which the world knows. (This raises `NotImplementedError` until you have solved both exercises.)
"""

# %% tags=["demo"]
cells = vectors[::36].astype(float)
for _ in range(10):  # k-means
    member = ((vectors[:, None] - cells) ** 2).sum(axis=2).argmin(axis=1)
    cells = np.array([vectors[member == c].mean(axis=0) for c in range(len(cells))])

dice = random.Random(3)
sampled = dice.sample(home.facts(), 200)
queries = lab.embed([fact_question(fact, dice, "heldout").text for fact in sampled]).astype(float)
five_exact = np.array([nearest(q, 5) for q in queries])


def answered(found: list[np.ndarray]) -> float:
    """Share of the questions with the fact in one of the documents found."""
    pairs = zip(found, sampled, strict=True)
    return float(np.mean([any(fact in documents[i].facts for i in ids) for ids, fact in pairs]))


# %% tags=["demo"]
stored = vectors.astype(float)
print(f"{len(cells)} cells\nnprobe  index recall@5  answer found")
for nprobe in (1, 2, 4, 8, 16, 32):
    found = [ivf_search(stored, cells, member, q, nprobe, 5)[0] for q in queries]
    rows = np.array([np.pad(ids, (0, 5 - len(ids)), constant_values=-1) for ids in found])
    print(f"{nprobe:6}  {recall_at_k(rows, five_exact):14.3f}  {answered(found):12.3f}")
print(f" exact  {1:14.3f}  {answered(list(five_exact)):12.3f}")

# %% [markdown]
r"""
With all cells the index loses nothing, and the second column still shows what the *embedding* misses: no index can be
better than that. A fact stands in several documents here, so missing one of them need not cost the
answer. Measure both: the first tells you whether to turn the knob, the second whether to change the model.
"""

# %% [markdown]
r"""
### Exercise 9.3 · `hnsw_search`

●●● · 35 minutes · 5 points · core

Write `hnsw_search(graph, X, q, entry, ef, k)`: the search in one layer of HNSW (Algorithm 2 of the
paper).

- `graph`: a list of N lists; `graph[i]` holds the ids that node i has links to. Links go one way unless
  the other node has one too. A list may be empty, and may name a node twice or node i itself.
- `X` (N, d): the vectors; ids are row numbers. `q` (d,): the query. `entry`: the node to start at.
- Distance is **squared** Euclidean distance. If `ef < k`, use `ef = k`.

Keep a list of *candidates* to go on from, a list of the best *results*, at most `ef`, and the set of
nodes *seen*. All three begin with `entry`. Then repeat:

1. Take the nearest candidate out; among equally near ones, the one with the lowest id. If there is none, stop.
2. If it is farther from `q` than the worst result, stop.
3. For each node it links to that has not been seen, in any order: mark it as seen, and if there are fewer
   than `ef` results, *or* it is strictly nearer than the worst result, add it to candidates and results.
   If there are now more than `ef` results, drop the worst; among equally bad ones, the one with the highest id.

At the end return `(ids, dist)`: the k nearest results, nearest first, equally near ones by id; all if
there are fewer than k. `ids` is int64, `dist` float64.

`k < 1` is a `ValueError` (so `ef` ends up at 1 or more). Arguments are not changed. Ties are tested with
small whole numbers only, and only where the order in step 3 makes no difference.

By hand: nodes at 0, 1, 2, 3 on a line, linked as a chain 0 – 1 – 2 – 3, `q = 2.25`, `entry = 0`, `ef = 1`,
`k = 1`: the walk goes 0, 1, 2; node 3 (0.5625) is not nearer than node 2 (0.0625), so `([2], [0.0625])`.

<details><summary>Hint 1</summary>

Two heaps (`heapq`): one of candidates with the nearest on top, one of results with the *worst* on top.
Python's heaps have the smallest on top, so the second one holds negated numbers.

</details>

<details><summary>Hint 2</summary>

Candidates are tuples `(d, i)`, results are `(-d, -i)`. With these, `heappop` takes the right one among
equals in both heaps. `-results[0][0]` is the worst result's distance. Mark a node as seen when you look
at it first, whether or not it is added.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q09-hnsw-search", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hnsw_search(
    graph: list[list[int]], X: np.ndarray, q: np.ndarray, entry: int, ef: int, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Best-first search in one layer of a neighbour graph.

    graph: N lists of ids. X: (N, d). q: (d,).
    Returns ids int64 (k',) and squared distances (k',), nearest first, k' <= k.
    """
    ### BEGIN SOLUTION
    import heapq

    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    ef = max(ef, k)

    def distance(i: int) -> float:
        return float(((X[i] - q) ** 2).sum())

    seen = {entry}
    start = distance(entry)
    candidates = [(start, entry)]  # nearest on top
    results = [(-start, -entry)]  # worst on top
    while candidates:
        d, node = heapq.heappop(candidates)
        if d > -results[0][0]:
            break
        for i in graph[node]:
            if i in seen:
                continue
            seen.add(i)
            d = distance(i)
            if len(results) < ef or d < -results[0][0]:
                heapq.heappush(candidates, (d, i))
                heapq.heappush(results, (-d, -i))
                if len(results) > ef:
                    heapq.heappop(results)
    best = sorted((-d, -i) for d, i in results)[:k]
    return np.array([i for _, i in best], np.int64), np.array([d for d, _ in best], float)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q09-hnsw-search-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
chain, four = [[1], [0, 2], [1, 3], [2]], np.array([[0.0], [1.0], [2.0], [3.0]])
testing.agree(
    hnsw_search,
    [((chain, four, np.array([2.25]), 0, 1, 1), ([2], [0.0625]))],
    "with ef = 1 the walk goes 0, 1, 2 and ends where no link leads nearer",
)
testing.agree(
    hnsw_search,
    [((chain, four, np.array([2.25]), 0, 3, 3), ([2, 3, 1], [0.0625, 0.5625, 1.5625]))],
    "the results come back sorted by distance; node 0 is the fourth and drops out",
)
valley = np.array([[0.0], [-1.0], [5.0]])  # the way from 0 to 2 leads over 1, away from the query
testing.agree(
    hnsw_search,
    [
        (([[1], [0, 2], [1]], valley, np.array([4.0]), 0, 1, 1), ([0], [16.0])),
        (([[1], [0, 2], [1]], valley, np.array([4.0]), 0, 2, 1), ([2], [1.0])),
    ],
    "with ef = 1 the search is stuck at node 0; with ef = 2 it goes on from node 1 as well",
)

# %% nbgrader={"grade": true, "grade_id": "q09-hnsw-search-hidden-stuck", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: how far a search with ef gets (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
# a path that leads away from the query for `hill` steps before it comes near
for hill in (1, 2, 4):
    away = -np.arange(hill + 1.0)  # 0, -1, -2, ...
    X = np.concatenate([away, [3.0, 9.0]])[:, None]
    n = len(X)
    path = [[j for j in (i - 1, i + 1) if 0 <= j < n] for i in range(n)]
    q = np.array([3.25])
    for ef in range(1, hill + 4):
        over = ef > hill  # room for the entry and all of the hill
        want = n - 2 if over else 0
        testing.agree(
            hnsw_search,
            [((path, X, q, 0, ef, 1), ([want], [float((X[want, 0] - 3.25) ** 2)]))],
            "the search goes on from every node that is among the ef best, also where the way leads "
            "away from the query first, and it does not go on from others",
        )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q09-hnsw-search-hidden-graphs", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: random graphs (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def reference(graph: list[list[int]], gap: np.ndarray, entry: int, ef: int, k: int) -> list[int]:
    """The contract, slowly: sorted lists instead of heaps."""
    ef, seen, todo, best = max(ef, k), {entry}, [entry], [entry]
    while todo:
        node = min(todo, key=lambda i: (gap[i], i))
        todo.remove(node)
        if gap[node] > max(gap[i] for i in best):
            break
        for i in graph[node]:
            if i not in seen:
                seen.add(i)
                if len(best) < ef or gap[i] < max(gap[j] for j in best):
                    todo.append(i)
                    best = sorted([*best, i], key=lambda j: (gap[j], j))[:ef]
    return sorted(best, key=lambda i: (gap[i], i))[:k]


for n, degree in [(12, 2), (30, 3), (60, 4)]:
    X = rng.normal(size=(n, 3))
    graph = [[int(j) for j in rng.integers(0, n, size=degree)] for _ in range(n)]
    for i in range(n):  # some near links beside the random ones
        graph[i].append(int(((X - X[i]) ** 2).sum(axis=1).argsort()[1]))
    for ef, k in [(1, 1), (2, 1), (3, 3), (5, 2), (12, 5), (n, n)]:
        q, entry = rng.normal(size=3), int(rng.integers(n))
        gap = ((X - q) ** 2).sum(axis=1)
        want = reference(graph, gap, entry, ef, k)
        testing.agree(
            hnsw_search,
            [((graph, X, q, entry, ef, k), (np.array(want), gap[want]))],
            "each node is looked at once; what is nearer than the worst of the ef results goes in; "
            "the search ends when the nearest candidate is farther than the worst result",
        )
assert testing.leaves_arguments(hnsw_search, graph, X, X[0], 0, 5, 3), (
    "the graph and the vectors belong to the caller"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q09-hnsw-search-hidden-ties", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: ties (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
n = int(rng.integers(6, 10))
q = np.array([0.0, 0.0])
ring = rng.permutation(np.array([[3.0, 4.0], [5.0, 0.0], [0.0, -5.0], [-4.0, 3.0]] * n))[:n]
full = [[j for j in range(n) if j != i] for i in range(n)]
testing.agree(
    hnsw_search,
    [((full, ring, q, 0, n, k), (np.arange(k), np.full(k, 25.0))) for k in (1, 3, n)],
    "equally near results come back in the order of their ids",
)
# nodes: 0 entry, 1 and 2 equally far; only node 1 leads on to 3, only node 2 to 4
X = np.array([[6.0, 0.0], [5.0, 0.0], [0.0, 5.0], [1.0, 0.0], [0.0, 2.0]])
testing.agree(
    hnsw_search,
    [
        (([[1], [2], [4], [], []], X, q, 0, 1, 1), ([1], [25.0])),
        (([[1], [2, 3], [4], [], []], X, q, 0, 1, 1), ([3], [1.0])),
        (([[1], [2], [4], [], []], X, q, 0, 2, 2), ([4, 1], [4.0, 25.0])),
    ],
    "into a full list goes only what is strictly nearer than its worst; of equally bad results the "
    "highest id drops out",
)
# node 1, as near as the entry, is the worst of the results, and still has to be gone on from
Y = np.array([[5.0, 0.0], [0.0, 5.0], [1.0, 1.0]])
testing.agree(
    hnsw_search,
    [(([[1], [2], []], Y, q, 0, 2, 1), ([2], [2.0]))],
    "stop when the nearest candidate is farther than the worst result, not when it is as far",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q09-hnsw-search-hidden-edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: ef below k, nodes out of reach, errors (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
X = np.sort(rng.permutation(50)[:9]).astype(float)[:, None]
line = [[j for j in (i - 1, i + 1) if 0 <= j < 9] for i in range(9)]
gap = (X[:, 0] - X[4, 0]) ** 2
want = np.argsort(gap, kind="stable")
testing.agree(
    hnsw_search,
    [((line, X, X[4], 4, 1, 9), (want, gap[want])), ((line, X, X[4], 4, 0, 1), ([4], [0.0]))],
    "an ef below k is raised to k",
)
island = [[0, 1, 1], [0, 2], [], [4], [3], [6], [7], [8], [5]]
reach = np.argsort(gap[:3], kind="stable")
testing.agree(
    hnsw_search,
    [
        ((island, X, X[4], 0, 20, 9), (reach, gap[reach])),
        ((island, X, X[4], 2, 20, 9), ([2], [float(gap[2])])),
    ],
    "only what links lead to can be found, once each, in the direction of the links; where less than "
    "k is found, less comes back",
)
for k in (0, -1):
    assert testing.raises(ValueError, hnsw_search, line, X, X[4], 4, 5, k), (
        "k below 1 is a ValueError"
    )
ids, dist = hnsw_search(line, X, X[4], 0, 5, 3)
assert np.asarray(ids).dtype == np.int64 and np.asarray(dist).dtype == np.float64, (
    "ids are an int64 array, distances a float64 array"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
#### Your search on a real graph

FAISS keeps the links of its graph in one long array. Here your function walks the lowest layer of the
graph that was built above, with 10,000 vectors, from FAISS's own entry point. It does without the layers above.
How much do they matter? FAISS's own recall, with all layers, stands beside. (This needs exercises 9.1 and 9.3.)
"""

# %% tags=["demo"]
if faiss is not None:
    inner = hnsw.hnsw
    flat_links, offset = (faiss.vector_to_array(a) for a in (inner.neighbors, inner.offsets))
    lowest = inner.cum_nb_neighbors(1)  # places for links in layer 0
    graph = [
        [int(j) for j in flat_links[start : start + lowest] if j >= 0]
        for start in offset[:-1].astype(int)
    ]
    some, wanted = few_q[:60].astype(float), few_truth[:60]
    print("  ef   yours  FAISS (recall@10, 60 queries)")
    for ef in (10, 16, 32, 64):
        yours = np.array([hnsw_search(graph, few, q, inner.entry_point, ef, 10)[0] for q in some])
        inner.efSearch = ef
        theirs = hnsw.search(few_q[:60], 10)[1]
        print(f"{ef:4}  {recall_at_k(yours, wanted):6.3f}  {recall_at_k(theirs, wanted):5.3f}")

# %% [markdown]
r"""
Where the two columns are close, the layers above find a better entry but not better results: once the
search is in the right region, ef decides. Whether the hierarchy is needed at all in high dimensions is
**contested** (Munyampirwa et al., 2024).
"""

# %% [markdown]
r"""
### Exercise 9.4 · Repair: a small vector store

●●○ · 25 minutes · 4 points · core

`VectorStore(dim)` is what people write before they reach for a database. It runs, and its first search with
`k = 1` looks right. There are five faults in it. Mend them; method names and arguments stay.

What it should do:

- `upsert(ids, vectors, payloads)`: store points. `ids` are strings, all different within a call; `vectors`
  is an array (n, dim), `payloads` a list of n dicts. A new id adds a point. Under a known id the vector
  *and* the payload are replaced, the payload as a whole; no second point comes into being.
- `delete(ids)`: remove these points. An unknown id is passed over. Every other id keeps its own vector and
  payload.
- `count()`: the number of stored points.
- `search(q, k, where=None)`: a list of at most k tuples `(id, score)`, best first. `score` is the cosine
  of `q` and the vector, a float; if either is a zero vector, 0.0. `where` is a dict: only points whose
  payload has each of its keys with an equal value take part, and k of those come back if there are as
  many. None and `{}` let all take part. An empty store gives `[]`.

`q` is an array (dim,), `k >= 1`. Equal scores are not tested. Arguments are not changed, neither by the
call nor by a later one.

By hand (arrays written as lists): after `upsert(["a", "b"], [[1, 0], [3, 4]], [{}, {}])`,
`search([0, 2], 2)` gives `[("b", 0.8), ("a", 0.0)]`.

<details><summary>Hint 1</summary>

Four things have to stay together: id, vector, payload and place. After each method ask which of them
has moved. And write `search` down for k = 1 and three points: which one comes back?

</details>

<details><summary>Hint 2</summary>

`upsert`: look the id up first. `delete`: the row of the matrix has to go too (`np.delete`). `search`:
divide by both lengths, except where one is 0; decide which rows take part *before* you take k; sort from
the largest down.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q09-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# class VectorStore:
#     """Points with an id, a vector and a payload; search by cosine."""
#
#     def __init__(self, dim: int) -> None:
#         self.ids: list[str] = []
#         self.payloads: list[dict] = []
#         self.vectors = np.zeros((0, dim))
#
#     def count(self) -> int:
#         return len(self.ids)
#
#     def upsert(self, ids: list[str], vectors: np.ndarray, payloads: list[dict]) -> None:
#         """vectors: (n, dim)."""
#         self.ids.extend(ids)
#         self.payloads.extend(payloads)
#         self.vectors = np.vstack([self.vectors, vectors])
#
#     def delete(self, ids: list[str]) -> None:
#         for id in ids:
#             if id in self.ids:
#                 row = self.ids.index(id)
#                 del self.ids[row]
#                 del self.payloads[row]
#
#     def search(self, q: np.ndarray, k: int, where: dict | None = None) -> list[tuple[str, float]]:
#         """q: (dim,). The k best ids with their scores."""
#         scores = self.vectors @ q
#         best = np.argsort(scores)[-k:]
#         hits = [(self.ids[row], float(scores[row]), self.payloads[row]) for row in best]
#         return [
#             (id, score)
#             for id, score, payload in hits
#             if all(key in payload and payload[key] == v for key, v in (where or {}).items())
#         ]
### END REPAIR
### BEGIN SOLUTION
class VectorStore:
    """Points with an id, a vector and a payload; search by cosine."""

    def __init__(self, dim: int) -> None:
        self.ids: list[str] = []
        self.payloads: list[dict] = []
        self.vectors = np.zeros((0, dim))

    def count(self) -> int:
        return len(self.ids)

    def upsert(self, ids: list[str], vectors: np.ndarray, payloads: list[dict]) -> None:
        """vectors: (n, dim)."""
        for id, vector, payload in zip(ids, vectors, payloads, strict=True):
            if id in self.ids:
                row = self.ids.index(id)
                self.vectors[row] = vector
                self.payloads[row] = payload
            else:
                self.ids.append(id)
                self.payloads.append(payload)
                self.vectors = np.vstack([self.vectors, vector])

    def delete(self, ids: list[str]) -> None:
        for id in ids:
            if id in self.ids:
                row = self.ids.index(id)
                del self.ids[row]
                del self.payloads[row]
                self.vectors = np.delete(self.vectors, row, axis=0)

    def search(self, q: np.ndarray, k: int, where: dict | None = None) -> list[tuple[str, float]]:
        """q: (dim,). The k best ids with their scores."""
        lengths = np.linalg.norm(self.vectors, axis=1) * np.linalg.norm(q)
        scores = self.vectors @ q / np.where(lengths > 0, lengths, 1.0)
        hits = [
            (id, float(score))
            for id, score, payload in zip(self.ids, scores, self.payloads, strict=True)
            if all(key in payload and payload[key] == v for key, v in (where or {}).items())
        ]
        return sorted(hits, key=lambda hit: -hit[1])[:k]


### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "q09-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
store = testing.make(VectorStore, 2)
store.upsert(["a", "b"], np.array([[1.0, 0.0], [3.0, 4.0]]), [{"kind": "x"}, {"kind": "y"}])
assert testing.close(store.search(np.array([0.0, 2.0]), 2), [("b", 0.8), ("a", 0.0)]), (
    "cosine of (3, 4) and (0, 2) is 8 / (5 * 2) = 0.8; the best comes first"
)
assert testing.close(store.search(np.array([0.0, 2.0]), 1, {"kind": "x"}), [("a", 0.0)]), (
    "only a is of kind x: it is the best of those that take part"
)
store.upsert(["a"], np.array([[0.0, 1.0]]), [{}])
assert store.count() == 2, "an upsert under a known id replaces the point"
store.delete(["a"])
assert testing.close(store.search(np.array([4.0, 3.0]), 5), [("b", 0.96)]), (
    "after a is gone, b is still (3, 4)"
)

# %% nbgrader={"grade": true, "grade_id": "q09-repair-hidden-cosine", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: cosine, best first, zero vectors (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for n, dim in [(1, 3), (8, 4), (25, 6)]:
    X, q = rng.normal(size=(n, dim)) * rng.uniform(0.1, 10, size=(n, 1)), rng.normal(size=dim)
    names = [f"p{i}" for i in rng.permutation(n)]
    store = testing.make(VectorStore, dim)
    store.upsert(names, X, [{} for _ in names])
    cosine = X @ q / np.linalg.norm(X, axis=1) / np.linalg.norm(q)
    want = [(names[i], float(cosine[i])) for i in np.argsort(-cosine)]
    for k in {1, max(1, n // 2), n, n + 3}:
        got = store.search(q, k)
        testing.check(
            testing.close(got, want[:k]),
            "the k largest cosines come back, best first: divide by both lengths, and sort downwards",
            inputs=(X, q, k),
            got=got,
            expected=want[:k],
        )
store = testing.make(VectorStore, 2)
assert store.search(np.array([1.0, 2.0]), 3) == [], "an empty store has nothing to find"
store.upsert(["zero", "back", "on"], np.array([[0.0, 0], [-2, 0], [5, 0]]), [{}, {}, {}])
assert testing.close(
    store.search(np.array([3.0, 0.0]), 3), [("on", 1.0), ("zero", 0.0), ("back", -1.0)]
), "a zero vector has no direction: its score is 0, without a division by 0"
scores = sorted(score for _, score in store.search(np.zeros(2), 3))
assert testing.close(scores, [0.0, 0.0, 0.0]), "a zero query scores 0 with everything"
q = rng.normal(size=2)
before = q.copy()
store.search(q, 2)
assert np.array_equal(q, before), "the query belongs to the caller: divide a copy of it"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q09-repair-hidden-upsert", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: an upsert under a known id (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
eye = np.eye(4)
store = testing.make(VectorStore, 4)
names = [f"doc{i}" for i in rng.permutation(100)[:4]]
store.upsert(names[:3], eye[:3], [{"v": 1, "old": True} for _ in range(3)])
store.upsert([names[3], names[1]], eye[[3, 0]], [{"v": 2}, {"v": 2}])  # one new, one known
assert store.count() == 4, "a known id is replaced, a new one is added: four points in all"
got = [name for name, _ in store.search(np.array([1.0, 0.5, 0.25, 0.1]), 9)]
assert sorted(got) == sorted(names), "every id comes back once"
assert testing.close(store.search(eye[1], 1, {"v": 2})[0][1], 0.0), (
    "after the upsert the vector is the new one"
)
assert sorted(name for name, _ in store.search(eye[0], 9, {"v": 2})) == sorted(
    [names[1], names[3]]
), "the payload is replaced together with the vector"
left = [name for name, _ in store.search(eye[0] + 0.5 * eye[2], 9, {"old": True})]
assert left == [names[0], names[2]], "the payload is replaced as a whole: old keys are gone"
store = testing.make(VectorStore, 4)
first, second = rng.normal(size=(2, 2, 4))
copies = first.copy(), second.copy()
batches = [(store, names[:2], first, [{}, {}]), (store, names[1:3], second, [{}, {}])]
testing.each(VectorStore.upsert, batches)  # the second replaces a point of the first
assert np.array_equal(first, copies[0]) and np.array_equal(second, copies[1]), (
    "the arrays belong to the caller: store a copy, which later upserts may change"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q09-repair-hidden-delete", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: every id keeps its own vector after a deletion (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
X = rng.normal(size=(9, 5))
names = [f"n{i}" for i in range(9)]
store = testing.make(VectorStore, 5)
store.upsert(names, X, [{"row": i} for i in range(9)])
store.delete([names[0], "nobody", names[4]])
assert store.count() == 7, "two of the nine are gone; the unknown id is passed over"
stay = [i for i in range(9) if i not in (0, 4)]
for i in stay:
    (found, score), *_ = store.search(X[i], 1)
    assert found == names[i] and testing.close(score, 1.0), (
        "after a deletion the vectors have moved against the ids: remove the row of the matrix too"
    )
    assert [name for name, _ in store.search(X[0], 9, {"row": i})] == [names[i]], (
        "after a deletion every id still has its own payload"
    )
store.upsert([names[4]], X[4:5], [{"row": 4}])
store.delete(names[5:])
(found, score), *_ = store.search(X[4], 1)
assert store.count() == 4 and found == names[4] and testing.close(score, 1.0), (
    "a deleted id can be stored again, with its new vector"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q09-repair-hidden-filter", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the filter decides who takes part (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
X, q = rng.normal(size=(30, 4)), rng.normal(size=4)
names = [f"n{i}" for i in rng.permutation(30)]
kinds = [["ship", "book", "town"][i % 3] for i in range(30)]
years = [400 + i % 2 for i in range(30)]
payloads = [{"kind": a, "year": y} for a, y in zip(kinds, years, strict=True)]
payloads[5], payloads[7] = {"year": 401}, {"kind": None}
store = testing.make(VectorStore, 4)
store.upsert(names, X, payloads)
cosine = X @ q / np.linalg.norm(X, axis=1) / np.linalg.norm(q)
order = np.argsort(-cosine)
cases = [{"kind": "ship"}, {"kind": "book", "year": 401}, {"year": 400}, {}, {"kind": "cat"}]
cases += [{"kind": None}, {"colour": None}]
for where in cases:
    fits = [
        i for i in order if all(f in payloads[i] and payloads[i][f] == v for f, v in where.items())
    ]
    for k in (1, 4, 30):
        got = store.search(q, k, where)
        want = [(names[i], float(cosine[i])) for i in fits[:k]]
        testing.check(
            testing.close(got, want),
            "the filter comes first: the k best of the points that fit, all keys together, where a "
            "key that a payload lacks never fits",
            inputs=(q, k, where),
            got=got,
            expected=want,
        )
### END HIDDEN TESTS

# %% [markdown]
r"""
#### Your store beside Qdrant

The same points, the same filter, the same question. (Needs exercise 9.4.)
"""

# %% tags=["demo"]
if client is not None:
    client.upsert("library", points=points)  # point 7 comes back
    mine = VectorStore(vectors.shape[1])
    payloads = [point.payload for point in points]
    mine.upsert([payload["doc"] for payload in payloads], vectors.astype(float), payloads)
    for kind in (None, "ship", "book"):
        rule = None
        if kind:
            wanted_kind = models.FieldCondition(key="kind", match=models.MatchValue(value=kind))
            rule = models.Filter(must=[wanted_kind])
        hits = client.query_points(
            "library", query=query.tolist(), limit=4, query_filter=rule
        ).points
        yours = mine.search(query.astype(float), 4, {"kind": kind} if kind else None)
        print(f"{kind or 'all':5} yours  {[name for name, _ in yours]}")
        print(f"      Qdrant {[hit.payload['doc'] for hit in hits]}")

# %% [markdown]
r"""
### Trap

**"HNSW finds the nearest neighbours in O(log n)."** Two words are missing: *approximately*, and
*observed*. The paper reports logarithmic scaling; nothing guarantees it, and inputs are known on which HNSW
needs time linear in n for a reasonable accuracy (Indyk and Xu, 2023). Above all, a cost at a fixed
ef says nothing without the recall at that ef. The recorded run again, at ef = 64:
"""

# %% tags=["demo"]
print("             n  distances  recall@10")
for data in ("clustered", "even"):
    for row in run.rows:
        if (row["data"], row["index"], row["setting"]) == (data, "hnsw", 64):
            print(f"{data:9} {row['n']:7,}  {row['distances']:9,.0f}  {row['recall']:9.3f}")
    if faiss is not None:
        small, small_q = q09_index.vectors(data, 1_000)
        nearest_ten = q09_index.build("flat", small).search(small_q, 10)[1]
        row = q09_index.measure(q09_index.build("hnsw", small), small_q, nearest_ten, 64)
        print(f"     the first of them, live  {row['distances']:7,.0f}  {row['recall']:9.3f}")

# %% [markdown]
r"""
A hundred times the data cost less than three times the distances, on both sorts. On the clustered
vectors the answers stay right: there the slogan holds. On the even ones the search stays cheap *because
it stops finding*. A benchmark that reports only the time would call both the same.
"""

# %% [markdown]
r"""
**"Search the ten best, then filter."** The ten best of all may not have one that fits. Here every
question is asked of the ships alone: once by filtering the ten best afterwards, once by letting only
ships take part.
"""

# %% tags=["demo"]
is_ship = np.array([home.entities[d.facts[0].subject].kind == "ship" for d in documents])
after = [int(is_ship[nearest(q, 10)].sum()) for q in queries]
print(f"{is_ship.sum()} of {len(documents):,} documents are about ships")
print(f"filtered afterwards: {np.mean(after):.2f} of 10 left on average,", end=" ")
print(f"none at all for {np.mean(np.array(after) == 0):.0%} of {len(after)} questions")
allowed = np.where(is_ship, queries @ vectors.T, -np.inf)  # who does not fit cannot win
before = is_ship[np.argsort(-allowed, axis=1)[:, :10]].sum(axis=1)
print(f"filtered first: at least {before.min()} of 10 for every question")

# %% [markdown]
r"""
And with an index the filter has a price. It stays cheap if nearly everything fits, and exact search
among the few is cheap if hardly anything fits. In between the graph falls apart when nodes are left out.
Engines differ here: Qdrant adds links for indexed payload fields and chooses by the filter's estimated
size; pgvector filters after the index scan, and since 0.8.0 can go on scanning until there are enough
(Qdrant's documentation and pgvector's README, read in November 2026).
"""

# %% [markdown]
r"""
**"Use `client.search(...)`; HNSW is what Pinecone, Qdrant and Weaviate use."** The method is gone from
Qdrant's client; `query_points` is its successor. And Pinecone says of itself that it does *not* use HNSW:
it picks one of several methods of its own by the size of a slab of data, among them IVF with quantization
(its page on indexing algorithms, read in November 2026). Qdrant and Weaviate do use HNSW by default.
"""

# %% tags=["demo"]
if client is not None:
    print("search:", hasattr(client, "search"), " query_points:", hasattr(client, "query_points"))

# %% [markdown]
r"""
**"The best score tells whether the answer is there."** A nearest neighbour always exists. Half of these
questions are about names of the world, half about names that nobody bears. Best score of each, in fifths
of the questions:
"""

# %% tags=["demo"]
from course.world.questions import near_miss_question

nobody = [near_miss_question(home, dice, "heldout").text for _ in range(200)]
best = {
    "somebody": (queries @ vectors.T).max(axis=1),
    "nobody": (lab.embed(nobody) @ vectors.T).max(axis=1),
}
for name, scores in best.items():
    print(f"{name:9}", np.percentile(scores, [0, 20, 40, 60, 80, 100]).round(2))
for threshold in np.percentile(best["somebody"], [5, 20]):
    passed = np.mean(best["nobody"] >= threshold)
    kept = np.mean(best["somebody"] >= threshold)
    print(
        f"threshold {threshold:.2f}: keeps {kept:.0%} of the first and {passed:.0%} of the second"
    )

# %% [markdown]
r"""
The two overlap: a threshold that keeps nearly all good questions lets bad ones pass, and the right
threshold differs from model to model. Whether a document *answers* has to be read off the document
(questions 10 and 22).
"""

# %% [markdown]
r"""
### If they push

<details><summary>From how many vectors on do I need an index?</summary>

Measure exact search first; a cell above did it for 100,000 vectors of 64 numbers on your machine, and
the time grows with N · d. As long as the embedding
of the query takes longer than the search, an index saves nothing. Exact search also has no build, no
knob, no recall to watch, and takes any filter.

</details>

<details><summary>How do you choose nprobe or ef?</summary>

Take a few hundred real queries, compute their true neighbours by exact search once, and raise the knob
until recall@k is what your task needs; then look at the tail, the queries with the lowest recall, not at the
mean alone. Repeat it when the data have grown or the model has changed, since both move the curve. ANN-Benchmarks
(Aumüller et al., 2018) draws such curves for many indexes and data sets.

</details>

<details><summary>How do you delete from HNSW?</summary>

Not really. A node that is taken out leaves the walks of others without a bridge, so a deleted point is
usually marked, skipped in results, still walked over, and removed when the graph is rebuilt. FAISS's HNSW has no
`remove_ids`: it raises. Qdrant marks points and rebuilds a segment when too many have been marked (its
documentation, "Vacuum Optimizer"). An IVF list has no such trouble. If data must be gone by law, ask
when they are gone from disk, not only from results.

</details>

<details><summary>We change the embedding model. What now?</summary>

Everything is embedded again. Vectors of two models share no axes, even with the same dimension, and
comparing them gives numbers without any meaning or error. Build a second collection beside the first,
switch over when it is complete, and keep the model's name and version with the collection.

</details>

<details><summary>Why not simply PostgreSQL?</summary>

Often there is no reason not to. With pgvector the vectors sit beside the data they belong to, under the same
transactions and rights, with exact search, HNSW and IVF. A system of its own earns its keep when vectors
outgrow one machine, when filters and vector search have to be planned together, or when load on one must
not hurt the other. The question to ask a vendor is recall at *your* filters, not vectors a second.

</details>

<details><summary>Is ScaNN an index like HNSW, or "Google's production system"?</summary>

An open-source library. Its idea is a quantization that punishes the error *along* a vector's direction more than the
error across it, because that is what changes large inner products (Guo et al., 2020). It combines with
partitioning as PQ does with IVF.

</details>

<details><summary>Why does the same index give different answers on two machines?</summary>

The graph depends on the order of insertion and on random layers, k-means on its start, and parallel
builds on timing. Recall is a property of the index that you built, not of its type. Near ties can also
flip with the rounding of another processor.

</details>

<details><summary>Many customers, one collection?</summary>

A filter on the customer's id is enough for correctness only if it can never be forgotten: put it into one
place that all queries go through. For speed, a separate partition for each large customer keeps graphs
small and makes "delete everything of this customer" one operation.

</details>
"""

# %% [markdown]
r"""
### Sources

- Malkov, Yashunin (2016), *Efficient and robust approximate nearest neighbor search using Hierarchical
  Navigable Small World graphs*, arXiv 1603.09320 (IEEE TPAMI, 2018): HNSW; exercise 9.3 is its Algorithm 2.
- Indyk, Xu (2023), *Worst-case Performance of Popular Approximate Nearest Neighbor Search
  Implementations: Guarantees and Limitations*, arXiv 2310.19126: inputs on which HNSW takes linear time.
- Munyampirwa, Lakshman, Coleman (2024), *Down with the Hierarchy: The 'H' in HNSW Stands for "Hubs"*,
  arXiv 2412.01940: a flat graph does as well on high-dimensional data. **Contested** with the first.
- Jégou, Douze, Schmid (2011), *Product Quantization for Nearest Neighbor Search*, IEEE TPAMI 33(1): PQ,
  and IVF with it.
- Johnson, Douze, Jégou (2017), *Billion-scale similarity search with GPUs*, arXiv 1702.08734; Douze et
  al. (2024), *The Faiss library*, arXiv 2401.08281. FAISS issues 1784 and 3339: why HNSW has no removal.
- Guo et al. (2020), *Accelerating Large-Scale Inference with Anisotropic Vector Quantization*, arXiv
  1908.10396: ScaNN.
- Aumüller, Bernhardsson, Faithfull (2018), *ANN-Benchmarks: A Benchmarking Tool for Approximate Nearest
  Neighbor Algorithms*, arXiv 1807.05614.
- Qdrant's documentation ("Indexing", "Optimizer", "Distance metrics"), Pinecone's page "Pinecone
  indexing algorithms", Weaviate's documentation ("Vector indexing"), pgvector's README ("Filtering",
  "Iterative Index Scans"; state of August 2026): read in November 2026. qdrant-client 1.20 and faiss-cpu 1.15, as run here.
"""
