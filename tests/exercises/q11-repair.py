# %% right: ranks in dictionaries, a union of both
def hybrid(keyword, dense, k=60):
    hits = {doc: score for doc, score in keyword.items() if score != 0}
    by_keyword = sorted(hits, key=lambda doc: (-hits[doc], doc))
    by_dense = sorted(dense, key=lambda doc: (-dense[doc], doc))
    fused = {}
    for doc in hits.keys() | dense.keys():
        fused[doc] = 0.0
        if doc in hits:
            fused[doc] += 1 / (k + 1 + by_keyword.index(doc))
        if doc in dense:
            fused[doc] += 1 / (k + 1 + by_dense.index(doc))
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


# %% right: a rank is one more than the number of better documents
def hybrid(keyword, dense, k=60):
    def gain(doc, scores):
        if doc not in scores:
            return 0.0
        mine = (-scores[doc], doc)
        return 1 / (k + 1 + sum((-s, other) < mine for other, s in scores.items()))

    keyword = {doc: s for doc, s in keyword.items() if s > 0}
    docs = sorted({*keyword, *dense})
    both = [(doc, gain(doc, keyword) + gain(doc, dense)) for doc in docs]
    both.sort(key=lambda item: -round(item[1], 12))
    return both


# %% right: sorted pairs, twice
def hybrid(keyword, dense, k=60):
    fused = {}
    for scores in ({d: s for d, s in keyword.items() if s > 0.0}, dense):
        ordered = sorted((-s, d) for d, s in scores.items())
        for i in range(len(ordered)):
            doc = ordered[i][1]
            fused[doc] = fused.get(doc, 0) + 1.0 / (k + i + 1)
    return [(d, -s) for s, d in sorted((-s, d) for d, s in fused.items())]


# %% wrong (q11-repair-hidden-ranks): the other two mended, ranks from 0 kept
def hybrid(keyword, dense, k=60):
    hits = [doc for doc in keyword if keyword[doc] > 0]
    fused = {}
    for ranking in (
        sorted(hits, key=lambda doc: (-keyword[doc], doc)),
        sorted(dense, key=lambda doc: (-dense[doc], doc)),
    ):
        for doc in ranking:
            below = k + ranking.index(doc)
            fused[doc] = fused.get(doc, 0.0) + (1 / below if below else 1.0)
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


# %% wrong (q11-repair-hidden-ranks): only the keyword search counts from 1
def hybrid(keyword, dense, k=60):
    hits = [doc for doc in keyword if keyword[doc] > 0]
    fused = {}
    for start, ranking in (
        (1, sorted(hits, key=lambda doc: (-keyword[doc], doc))),
        (0, sorted(dense, key=lambda doc: (-dense[doc], doc))),
    ):
        for rank, doc in enumerate(ranking, start=start):
            below = k + rank
            fused[doc] = fused.get(doc, 0.0) + (1 / below if below else 1.0)
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


# %% wrong (q11-repair-hidden-ranks): ascending cosines, as if they were distances
def hybrid(keyword, dense, k=60):
    hits = [doc for doc in keyword if keyword[doc] > 0]
    fused = {}
    for ranking in (
        sorted(hits, key=lambda doc: (-keyword[doc], doc)),
        sorted(dense, key=lambda doc: (dense[doc], doc)),
    ):
        for rank, doc in enumerate(ranking, start=1):
            fused[doc] = fused.get(doc, 0.0) + 1 / (k + rank)
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


# %% wrong (q11-repair-hidden-missing): the other two mended, only what both found
def hybrid(keyword, dense, k=60):
    hits = [doc for doc in keyword if keyword[doc] > 0]
    by_keyword = sorted(hits, key=lambda doc: (-keyword[doc], doc))
    by_dense = sorted(dense, key=lambda doc: (-dense[doc], doc))
    fused = {}
    for doc in by_keyword:
        if doc in dense:
            fused[doc] = 1 / (k + 1 + by_keyword.index(doc)) + 1 / (k + 1 + by_dense.index(doc))
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


# %% wrong (q11-repair-hidden-missing): what only the vector search found is still lost
def hybrid(keyword, dense, k=60):
    hits = [doc for doc in keyword if keyword[doc] > 0]
    by_keyword = sorted(hits, key=lambda doc: (-keyword[doc], doc))
    by_dense = sorted(dense, key=lambda doc: (-dense[doc], doc))
    fused = {}
    for doc in by_keyword:
        fused[doc] = 1 / (k + 1 + by_keyword.index(doc))
        if doc in dense:
            fused[doc] += 1 / (k + 1 + by_dense.index(doc))
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


# %% wrong (q11-repair-hidden-missing): a document with a negative cosine is thrown out
def hybrid(keyword, dense, k=60):
    fused = {}
    for scores in (keyword, dense):
        hits = [doc for doc in scores if scores[doc] > 0]
        for rank, doc in enumerate(sorted(hits, key=lambda d: (-scores[d], d)), start=1):
            fused[doc] = fused.get(doc, 0.0) + 1 / (k + rank)
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


# %% wrong (q11-repair-hidden-missing): deletes the unmatched from the caller's dictionary
def hybrid(keyword, dense, k=60):
    fused = {}
    for scores in (keyword, dense):
        for doc in [d for d in scores if scores is keyword and scores[d] == 0]:
            del scores[doc]
        for rank in range(1, len(scores) + 1):
            doc = min(scores, key=lambda d: (-scores[d], d))
            del scores[doc]
            fused[doc] = fused.get(doc, 0.0) + 1 / (k + rank)
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


# %% wrong (q11-repair-hidden-unmatched): the other two mended, unmatched documents still ranked
def hybrid(keyword, dense, k=60):
    fused = {}
    for scores in (keyword, dense):
        for rank, doc in enumerate(sorted(scores, key=lambda d: (-scores[d], d)), start=1):
            fused[doc] = fused.get(doc, 0.0) + 1 / (k + rank)
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


# %% wrong (q11-repair-hidden-unmatched): unmatched documents left out of the result altogether
def hybrid(keyword, dense, k=60):
    fused = {}
    zero = {doc for doc in keyword if keyword[doc] == 0}
    for scores in (keyword, dense):
        ranking = [d for d in sorted(scores, key=lambda d: (-scores[d], d)) if d not in zero]
        for rank, doc in enumerate(ranking, start=1):
            fused[doc] = fused.get(doc, 0.0) + 1 / (k + rank)
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


# %% wrong (q11-repair-hidden-unmatched): unmatched documents stay in the result with a score of 0
def hybrid(keyword, dense, k=60):
    fused = dict.fromkeys([*keyword, *dense], 0.0)
    hits = [doc for doc in keyword if keyword[doc] > 0]
    for rank, doc in enumerate(sorted(hits, key=lambda d: (-keyword[d], d)), start=1):
        fused[doc] += 1 / (k + rank)
    for rank, doc in enumerate(sorted(dense, key=lambda d: (-dense[d], d)), start=1):
        fused[doc] += 1 / (k + rank)
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


# %% wrong (q11-repair-hidden-ranks): equal BM25 scores in the order of the dictionary
def hybrid(keyword, dense, k=60):
    hits = [doc for doc in keyword if keyword[doc] > 0]
    by_keyword = sorted(hits, key=lambda doc: -keyword[doc])
    by_dense = sorted(dense, key=lambda doc: (-dense[doc], doc))
    fused = {}
    for ranking in (by_keyword, by_dense):
        for rank, doc in enumerate(ranking, start=1):
            fused[doc] = fused.get(doc, 0.0) + 1 / (k + rank)
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


# %% wrong (q11-repair-hidden-ranks): equal cosines in the order of the dictionary
def hybrid(keyword, dense, k=60):
    hits = [doc for doc in keyword if keyword[doc] > 0]
    by_keyword = sorted(hits, key=lambda doc: (-keyword[doc], doc))
    by_dense = sorted(dense, key=lambda doc: -dense[doc])
    fused = {}
    for ranking in (by_keyword, by_dense):
        for rank, doc in enumerate(ranking, start=1):
            fused[doc] = fused.get(doc, 0.0) + 1 / (k + rank)
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


# %% wrong (q11-repair-hidden-ranks): equal scores share a rank
def hybrid(keyword, dense, k=60):
    fused = {}
    for scores in ({doc: s for doc, s in keyword.items() if s > 0}, dense):
        for doc, score in scores.items():
            rank = 1 + sum(other > score for other in scores.values())
            fused[doc] = fused.get(doc, 0.0) + 1 / (k + rank)
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


# %% wrong (q11-repair-hidden-unmatched): deletes the unmatched from the caller's dictionary, and nothing else
def hybrid(keyword, dense, k=60):
    for doc in [doc for doc in keyword if keyword[doc] == 0]:
        del keyword[doc]
    hits = keyword
    by_keyword = sorted(hits, key=lambda doc: (-keyword[doc], doc))
    by_dense = sorted(dense, key=lambda doc: (-dense[doc], doc))
    fused = {}
    for ranking in (by_keyword, by_dense):
        for rank, doc in enumerate(ranking, start=1):
            fused[doc] = fused.get(doc, 0.0) + 1 / (k + rank)
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


# %% wrong (q11-repair-hidden-unmatched): small BM25 scores are no find either
def hybrid(keyword, dense, k=60):
    hits = [doc for doc in keyword if keyword[doc] > 0.5]
    by_keyword = sorted(hits, key=lambda doc: (-keyword[doc], doc))
    by_dense = sorted(dense, key=lambda doc: (-dense[doc], doc))
    fused = {}
    for ranking in (by_keyword, by_dense):
        for rank, doc in enumerate(ranking, start=1):
            fused[doc] = fused.get(doc, 0.0) + 1 / (k + rank)
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))
