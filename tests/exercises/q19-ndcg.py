# %% right: NumPy, padded with zeros
def ndcg_at_k(rels, k, all_rels=None):
    discount = 1 / np.log2(np.arange(2, k + 2))

    def dcg(values):
        row = np.zeros(k)
        row[: min(k, len(values))] = values[:k]
        return float(row @ discount)

    every = rels if all_rels is None else all_rels
    best = dcg(sorted(every)[::-1])
    return 0.0 if best == 0 else dcg(rels) / best


# %% right: natural logarithms, which cancel in the quotient
def ndcg_at_k(rels, k, all_rels=None):
    if all_rels is None:
        all_rels = rels
    got = want = 0.0
    best = sorted(all_rels, key=lambda r: -r)
    for rank in range(1, k + 1):
        if rank <= len(rels):
            got += rels[rank - 1] / math.log(rank + 1)
        if rank <= len(best):
            want += best[rank - 1] / math.log(rank + 1)
    return got / want if want else 0.0


# %% right: heapq for the ideal, fsum
def ndcg_at_k(rels, k, all_rels=None):
    import heapq

    best = heapq.nlargest(k, rels if all_rels is None else all_rels)

    def dcg(values):
        return math.fsum(r * math.log(2) / math.log1p(n) for n, r in zip(range(1, k + 1), values))

    ideal = dcg(best)
    if ideal <= 0:
        return 0.0
    return dcg(rels) / ideal


# %% wrong (q19-ndcg-hidden-value): the exponential gain
def ndcg_at_k(rels, k, all_rels=None):
    def dcg(values):
        return sum((2**r - 1) / math.log2(n + 2) for n, r in enumerate(values[:k]))

    best = dcg(sorted(rels if all_rels is None else all_rels, reverse=True))
    return dcg(rels) / best if best > 0 else 0.0


# %% wrong (q19-ndcg-hidden-value): the old discount, log2(rank) from rank 2 on
def ndcg_at_k(rels, k, all_rels=None):
    def dcg(values):
        return sum(r / max(1.0, math.log2(n + 1)) for n, r in enumerate(values[:k]))

    best = dcg(sorted(rels if all_rels is None else all_rels, reverse=True))
    return dcg(rels) / best if best > 0 else 0.0


# %% wrong (q19-ndcg-hidden-value): discounts by the rank itself
def ndcg_at_k(rels, k, all_rels=None):
    def dcg(values):
        return sum(r / (n + 1) for n, r in enumerate(values[:k]))

    best = dcg(sorted(rels if all_rels is None else all_rels, reverse=True))
    return dcg(rels) / best if best > 0 else 0.0


# %% wrong (q19-ndcg-hidden-all): the ideal from what was returned, always
def ndcg_at_k(rels, k, all_rels=None):
    def dcg(values):
        return sum(r / math.log2(n + 2) for n, r in enumerate(values[:k]))

    best = dcg(sorted(rels, reverse=True))
    return dcg(rels) / best if best > 0 else 0.0


# %% wrong (q19-ndcg-hidden-all): the ideal in the order in which all_rels was given
def ndcg_at_k(rels, k, all_rels=None):
    def dcg(values):
        return sum(r / math.log2(n + 2) for n, r in enumerate(values[:k]))

    best = dcg(sorted(rels, reverse=True) if all_rels is None else all_rels)
    return dcg(rels) / best if best > 0 else 0.0


# %% wrong (q19-ndcg-hidden-cut): the ideal is not cut at k
def ndcg_at_k(rels, k, all_rels=None):
    def dcg(values):
        return sum(r / math.log2(n + 2) for n, r in enumerate(values))

    best = dcg(sorted(rels if all_rels is None else all_rels, reverse=True))
    return dcg(rels[:k]) / best if best > 0 else 0.0


# %% wrong (q19-ndcg-hidden-cut): cuts first and sorts what is left, so later relevant ones vanish
def ndcg_at_k(rels, k, all_rels=None):
    def dcg(values):
        return sum(r / math.log2(n + 2) for n, r in enumerate(values))

    best = dcg(sorted((rels if all_rels is None else all_rels)[:k], reverse=True))
    return dcg(rels[:k]) / best if best > 0 else 0.0


# %% wrong (q19-ndcg-hidden-nothing): divides by zero where nothing is relevant
def ndcg_at_k(rels, k, all_rels=None):
    def dcg(values):
        return sum(r / math.log2(n + 2) for n, r in enumerate(values[:k]))

    best = np.float64(dcg(sorted(rels if all_rels is None else all_rels, reverse=True)))
    with np.errstate(all="ignore"):
        return float(dcg(rels) / best)


# %% wrong (q19-ndcg-hidden-nothing): nothing to find counts as perfect
def ndcg_at_k(rels, k, all_rels=None):
    def dcg(values):
        return sum(r / math.log2(n + 2) for n, r in enumerate(values[:k]))

    best = dcg(sorted(rels if all_rels is None else all_rels, reverse=True))
    return dcg(rels) / best if best > 0 else 1.0


# %% wrong (q19-ndcg-hidden-nothing): relevance as yes or no
def ndcg_at_k(rels, k, all_rels=None):
    def dcg(values):
        return sum((r > 0) / math.log2(n + 2) for n, r in enumerate(values[:k]))

    best = dcg(sorted(rels if all_rels is None else all_rels, reverse=True))
    return dcg(rels) / best if best > 0 else 0.0
