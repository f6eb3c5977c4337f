# %% right: expanded squares, lexsort
def ivf_search(X, centroids, assign, q, nprobe, k):
    if nprobe < 1 or k < 1:
        raise ValueError("nprobe and k start at 1")

    def gaps(A):
        return (A * A).sum(axis=1) - 2 * A @ q + q @ q

    c = gaps(centroids)
    cells = np.lexsort((np.arange(len(c)), c))[:nprobe]
    mask = np.zeros(len(centroids), bool)
    mask[cells] = True
    ids = np.nonzero(mask[assign])[0]
    d = gaps(X[ids])
    order = np.lexsort((ids, d))[: min(k, len(ids))]
    return ids[order], d[order]


# %% right: inverted lists and one heap
def ivf_search(X, centroids, assign, q, nprobe, k):
    import heapq

    if min(nprobe, k) < 1:
        raise ValueError("nprobe < 1 or k < 1")
    lists = {}
    for i, c in enumerate(assign.tolist()):
        lists.setdefault(c, []).append(i)
    near = sorted(range(len(centroids)), key=lambda c: (float(((centroids[c] - q) ** 2).sum()), c))
    found = [(float(((X[i] - q) ** 2).sum()), i) for c in near[:nprobe] for i in lists.get(c, [])]
    best = heapq.nsmallest(k, found)
    return np.array([i for _, i in best], dtype=np.int64), np.array([d for d, _ in best])


# %% right: all distances, infinity outside the cells
def ivf_search(X, centroids, assign, q, nprobe, k):
    if nprobe < 1 or k < 1:
        raise ValueError("too small")
    cells = np.argsort(np.square(centroids - q).sum(1), kind="stable")[:nprobe].tolist()
    d = np.square(X - q).sum(1)
    d[[c not in cells for c in assign.tolist()]] = np.inf
    order = np.argsort(d, kind="stable")
    order = order[np.isfinite(d[order])][:k]
    return order, d[order]


# %% right: torch, sorted twice
def ivf_search(X, centroids, assign, q, nprobe, k):
    if nprobe < 1 or k < 1:
        raise ValueError("nprobe, k")
    X, centroids, q = (torch.tensor(a) for a in (X, centroids, q))
    assign = torch.tensor(assign)
    _, cells = torch.sort(((centroids - q) ** 2).sum(1), stable=True)
    ids = torch.nonzero(torch.isin(assign, cells[:nprobe]))[:, 0]
    dist, order = torch.sort(((X[ids] - q) ** 2).sum(1), stable=True)
    return ids[order][:k].numpy(), dist[:k].numpy()


# %% wrong (q09-ivf-search-hidden-ids): places among the candidates instead of row numbers
def ivf_search(X, centroids, assign, q, nprobe, k):
    if nprobe < 1 or k < 1:
        raise ValueError("nprobe, k")
    cells = np.argsort(((centroids - q) ** 2).sum(axis=1), kind="stable")[:nprobe]
    part = X[np.isin(assign, cells)]
    dist = ((part - q) ** 2).sum(axis=1)
    order = np.argsort(dist, kind="stable")[:k]
    return order, dist[order]


# %% wrong (q09-ivf-search-hidden-ids): distances with the root
def ivf_search(X, centroids, assign, q, nprobe, k):
    if nprobe < 1 or k < 1:
        raise ValueError("nprobe, k")
    cells = np.argsort(np.linalg.norm(centroids - q, axis=1), kind="stable")[:nprobe]
    ids = np.flatnonzero(np.isin(assign, cells))
    dist = np.linalg.norm(X[ids] - q, axis=1)
    order = np.argsort(dist, kind="stable")[:k]
    return ids[order], dist[order]


# %% wrong (q09-ivf-search-hidden-ids): ranks by dot product without normalising
def ivf_search(X, centroids, assign, q, nprobe, k):
    if nprobe < 1 or k < 1:
        raise ValueError("nprobe, k")
    cells = np.argsort(((centroids - q) ** 2).sum(axis=1), kind="stable")[:nprobe]
    ids = np.flatnonzero(np.isin(assign, cells))
    order = np.argsort(-(X[ids] @ q), kind="stable")[:k]
    return ids[order], ((X[ids[order]] - q) ** 2).sum(axis=1)


# %% wrong (q09-ivf-search-hidden-probes): cells by dot product
def ivf_search(X, centroids, assign, q, nprobe, k):
    if nprobe < 1 or k < 1:
        raise ValueError("nprobe, k")
    cells = np.argsort(-(centroids @ q), kind="stable")[:nprobe]
    ids = np.flatnonzero(np.isin(assign, cells))
    dist = ((X[ids] - q) ** 2).sum(axis=1)
    order = np.argsort(dist, kind="stable")[:k]
    return ids[order], dist[order]


# %% wrong (q09-ivf-search-hidden-probes): assigns the vectors anew
def ivf_search(X, centroids, assign, q, nprobe, k):
    if nprobe < 1 or k < 1:
        raise ValueError("nprobe, k")
    member = ((X[:, None] - centroids) ** 2).sum(axis=2).argmin(axis=1)
    cells = np.argsort(((centroids - q) ** 2).sum(axis=1), kind="stable")[:nprobe]
    ids = np.flatnonzero(np.isin(member, cells))
    dist = ((X[ids] - q) ** 2).sum(axis=1)
    order = np.argsort(dist, kind="stable")[:k]
    return ids[order], dist[order]


# %% wrong (q09-ivf-search-hidden-probes): only the nearest cell, whatever nprobe says
def ivf_search(X, centroids, assign, q, nprobe, k):
    if nprobe < 1 or k < 1:
        raise ValueError("nprobe, k")
    cell = ((centroids - q) ** 2).sum(axis=1).argmin()
    ids = np.flatnonzero(assign == cell)
    dist = ((X[ids] - q) ** 2).sum(axis=1)
    order = np.argsort(dist, kind="stable")[:k]
    return ids[order], dist[order]


# %% wrong (q09-ivf-search-hidden-few): passes over empty cells
def ivf_search(X, centroids, assign, q, nprobe, k):
    if nprobe < 1 or k < 1:
        raise ValueError("nprobe, k")
    near = np.argsort(((centroids - q) ** 2).sum(axis=1), kind="stable")
    cells = [c for c in near if (assign == c).any()][:nprobe]
    ids = np.flatnonzero(np.isin(assign, cells))
    dist = ((X[ids] - q) ** 2).sum(axis=1)
    order = np.argsort(dist, kind="stable")[:k]
    return ids[order], dist[order]


# %% wrong (q09-ivf-search-hidden-few): fills up with -1, as FAISS does
def ivf_search(X, centroids, assign, q, nprobe, k):
    if nprobe < 1 or k < 1:
        raise ValueError("nprobe, k")
    cells = np.argsort(((centroids - q) ** 2).sum(axis=1), kind="stable")[:nprobe]
    ids = np.flatnonzero(np.isin(assign, cells))
    dist = ((X[ids] - q) ** 2).sum(axis=1)
    order = np.argsort(dist, kind="stable")[:k]
    missing = k - len(order)
    return (
        np.concatenate([ids[order], np.full(missing, -1)]),
        np.concatenate([dist[order], np.full(missing, np.inf)]),
    )


# %% wrong (q09-ivf-search-hidden-ties): cell after cell, so equal distances are in cell order
def ivf_search(X, centroids, assign, q, nprobe, k):
    if nprobe < 1 or k < 1:
        raise ValueError("nprobe, k")
    cells = np.argsort(((centroids - q) ** 2).sum(axis=1), kind="stable")[:nprobe]
    ids = np.concatenate([np.flatnonzero(assign == c) for c in cells])
    dist = ((X[ids] - q) ** 2).sum(axis=1)
    order = np.argsort(dist, kind="stable")[:k]
    return ids[order], dist[order]


# %% wrong (q09-ivf-search-hidden-ties): takes the largest of the negated distances from the end
def ivf_search(X, centroids, assign, q, nprobe, k):
    if nprobe < 1 or k < 1:
        raise ValueError("nprobe, k")
    cells = np.argsort(((centroids - q) ** 2).sum(axis=1), kind="stable")[:nprobe]
    ids = np.flatnonzero(np.isin(assign, cells))
    dist = ((X[ids] - q) ** 2).sum(axis=1)
    order = np.argsort(-dist, kind="stable")[::-1][:k]
    return ids[order], dist[order]


# %% wrong (q09-ivf-search-hidden-errors): no check, so that a negative k cuts from the end
def ivf_search(X, centroids, assign, q, nprobe, k):
    cells = np.argsort(((centroids - q) ** 2).sum(axis=1), kind="stable")[:nprobe]
    ids = np.flatnonzero(np.isin(assign, cells))
    dist = ((X[ids] - q) ** 2).sum(axis=1)
    order = np.argsort(dist, kind="stable")[:k]
    return ids[order], dist[order]


# %% wrong (q09-ivf-search-hidden-errors): nprobe of 0 is silently taken as 1
def ivf_search(X, centroids, assign, q, nprobe, k):
    if k < 1:
        raise ValueError("k")
    cells = np.argsort(((centroids - q) ** 2).sum(axis=1), kind="stable")[: max(nprobe, 1)]
    ids = np.flatnonzero(np.isin(assign, cells))
    dist = ((X[ids] - q) ** 2).sum(axis=1)
    order = np.argsort(dist, kind="stable")[:k]
    return ids[order], dist[order]
