"""Question 9: recall against work of IVF, HNSW and PQ on up to 100,000 vectors (FAISS).

Two kinds of data, since an index is as good as the structure it finds: *clustered* vectors lie near
a space of twelve dimensions and around a hundred centres, *even* ones fill all 64 dimensions.

``python -m course.recorded.q09_index`` takes about a minute.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import numpy as np

from course.recorded import record

SEED, DIM, QUERIES, K = 0, 64, 500, 10
LISTS, NEIGHBOURS, EF_CONSTRUCTION = 256, 16, 64
PROBES = (1, 2, 4, 8, 16, 32, 64)
WIDTHS = (10, 16, 32, 64, 128, 256)
CODES = (8, 16, 32)  # bytes a vector
REFINED = 100


def vectors(data: str, n: int, seed: int = SEED) -> tuple[np.ndarray, np.ndarray]:
    """Draw stored vectors (n, 64) and 500 queries like them (500, 64), float32 of unit length."""
    rng = np.random.default_rng([seed, n])
    rows = n + QUERIES
    if data == "even":
        x = rng.normal(size=(rows, DIM))
    elif data == "clustered":
        plane = np.random.default_rng(seed)  # the same centres for every n
        basis, centres = plane.normal(size=(12, DIM)), plane.normal(size=(100, 12))
        inner = centres[rng.integers(100, size=rows)] + 0.7 * rng.normal(size=(rows, 12))
        x = inner @ basis + 0.3 * rng.normal(size=(rows, DIM))
    else:
        raise ValueError(f"data is 'clustered' or 'even', not {data!r}.")
    x = (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)
    return x[:n], x[n:]


def build(kind: str, X: np.ndarray, code: int = 8):
    """Build a FAISS index ("flat", "ivf", "hnsw" or "pq") of vectors X (n, d)."""
    import faiss

    faiss.omp_set_num_threads(1)
    d = X.shape[1]
    if kind == "flat":
        index = faiss.IndexFlatL2(d)
    elif kind == "ivf":
        index = faiss.IndexIVFFlat(faiss.IndexFlatL2(d), d, LISTS)
        index.cp.niter, index.cp.max_points_per_centroid = 10, 100
    elif kind == "hnsw":
        index = faiss.IndexHNSWFlat(d, NEIGHBOURS)
        index.hnsw.efConstruction = EF_CONSTRUCTION
    elif kind == "pq":
        index = faiss.IndexPQ(d, code, 8)
        index.pq.cp.niter, index.pq.cp.max_points_per_centroid = 10, 64
    else:
        raise ValueError(f"kind is 'flat', 'ivf', 'hnsw' or 'pq', not {kind!r}.")
    if not index.is_trained:
        index.train(X)
    index.add(X)
    return index


def recall(found: np.ndarray, truth: np.ndarray) -> float:
    """Return the mean share of the true neighbours that were found; -1 is nothing."""
    pairs = zip(found.tolist(), truth.tolist(), strict=True)
    return float(np.mean([len(set(a) & set(b) - {-1}) / len(b) for a, b in pairs]))


def refine(X: np.ndarray, Q: np.ndarray, found: np.ndarray, k: int) -> np.ndarray:
    """Order candidates found (Q, m) by their exact distances and keep the k nearest."""
    exact = ((X[found] - Q[:, None]) ** 2).sum(axis=-1)
    return np.take_along_axis(found, exact.argsort(axis=1)[:, :k], axis=1)


def measure(index, Q: np.ndarray, truth: np.ndarray, setting: int) -> dict[str, Any]:
    """Search with nprobe or efSearch at `setting`: recall@10, distances and time of a query."""
    import faiss

    counters = faiss.cvar.indexIVF_stats, faiss.cvar.hnsw_stats
    for counter in counters:
        counter.reset()
    inverted = isinstance(index, faiss.IndexIVF)
    if inverted:
        index.nprobe = setting
    elif isinstance(index, faiss.IndexHNSW):
        index.hnsw.efSearch = setting
    start = time.process_time()
    found = index.search(Q, truth.shape[1])[1]
    seconds = time.process_time() - start
    counted = sum(counter.ndis for counter in counters) / len(Q)
    return {
        "setting": setting,
        "recall": recall(found, truth),
        "distances": (counted or index.ntotal) + (index.nlist if inverted else 0),
        "microseconds": 1e6 * seconds / len(Q),
    }


def rows() -> Iterator[dict[str, Any]]:
    """Measure everything, one row a setting."""
    import faiss

    for data in ("clustered", "even"):
        for n in (1_000, 10_000, 100_000):
            X, Q = vectors(data, n)
            truth = build("flat", X).search(Q, K)[1]
            variants = [("flat", 0, (0,)), ("ivf", 0, PROBES), ("hnsw", 0, WIDTHS)]
            variants += [("pq", code, (0,)) for code in CODES]
            for kind, code, settings in variants if n == 100_000 else [("hnsw", 0, WIDTHS)]:
                start = time.process_time()
                index = build(kind, X, code)
                built = time.process_time() - start
                size = len(faiss.serialize_index(index)) / n
                for setting in settings:
                    row = {"data": data, "n": n, "index": kind, "code": code}
                    row |= measure(index, Q, truth, setting)
                    if kind == "pq":
                        candidates = index.search(Q, REFINED)[1]
                        row["refined"] = recall(refine(X, Q, candidates, K), truth)
                    yield row | {"build_seconds": built, "bytes": size}


if __name__ == "__main__":
    print(record("q09_index", rows(), seed=SEED, faiss=version("faiss-cpu"), dim=DIM, k=K))
