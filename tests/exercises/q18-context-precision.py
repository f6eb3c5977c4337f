# %% right: a counter of hits
def context_precision(relevance):
    hits, total = 0, 0.0
    for rank, yes in enumerate(relevance, start=1):
        if yes:
            hits += 1
            total += hits / rank
    return total / hits if hits else 0.0


# %% right: cumulative sums
def context_precision(relevance):
    rel = np.array(relevance, dtype=float)
    if rel.sum() == 0:
        return 0.0
    precision = np.cumsum(rel) / np.arange(1, len(rel) + 1)
    return float((precision * rel).sum() / rel.sum())


# %% right: from the ranks of the relevant ones
def context_precision(relevance):
    ranks = [i for i, yes in enumerate(relevance, 1) if yes]
    if not ranks:
        return 0.0
    return sum(k / rank for k, rank in enumerate(ranks, 1)) / len(ranks)


# %% right: the formula as it stands, in torch
def context_precision(relevance):
    rel = torch.tensor(relevance, dtype=torch.float64)
    if not rel.any():
        return 0.0
    at = torch.stack([rel[: i + 1].mean() for i in range(len(rel))])
    return float((at * rel).sum() / rel.sum())


# %% wrong (q18-context-precision-hidden-rank): the plain share of relevant chunks
def context_precision(relevance):
    return sum(relevance) / len(relevance) if relevance else 0.0


# %% wrong (q18-context-precision-hidden-rank): divides by all chunks
def context_precision(relevance):
    hits, total = 0, 0.0
    for rank, yes in enumerate(relevance, start=1):
        if yes:
            hits += 1
            total += hits / rank
    return total / len(relevance) if relevance else 0.0


# %% wrong (q18-context-precision-hidden-rank): averages the precision over all ranks
def context_precision(relevance):
    if not any(relevance):
        return 0.0
    at = [sum(relevance[: i + 1]) / (i + 1) for i in range(len(relevance))]
    return sum(at) / len(at)


# %% wrong (q18-context-precision-hidden-rank): the reciprocal rank of the first
def context_precision(relevance):
    return 1 / (relevance.index(True) + 1) if any(relevance) else 0.0


# %% wrong (q18-context-precision-hidden-rank): counts the hits before the rank only
def context_precision(relevance):
    if not any(relevance):
        return 0.0
    at = [sum(relevance[:i]) / (i + 1) for i, yes in enumerate(relevance) if yes]
    return sum(at) / len(at)


# %% wrong (q18-context-precision-hidden-order): the share up to the last relevant one
def context_precision(relevance):
    ranks = [i for i, yes in enumerate(relevance, 1) if yes]
    return len(ranks) / ranks[-1] if ranks else 0.0


# %% wrong (q18-context-precision-hidden-none): divides by zero where nothing is relevant raises
def context_precision(relevance):
    at = [sum(relevance[: i + 1]) / (i + 1) for i, yes in enumerate(relevance) if yes]
    return sum(at) / len(at)


# %% wrong (q18-context-precision-hidden-none): nothing relevant is perfect
def context_precision(relevance):
    at = [sum(relevance[: i + 1]) / (i + 1) for i, yes in enumerate(relevance) if yes]
    return sum(at) / len(at) if at else 1.0
