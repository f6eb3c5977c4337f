# %% right: pairs of score and place, sorted by both
def retrieve_then_rerank(q, D, score, k1, k2):
    products = D @ q
    rows = sorted(range(len(D)), key=lambda i: (-products[i], i))[:k1]
    pairs = [(-score(i), place, i) for place, i in enumerate(rows)]
    return [i for _, _, i in sorted(pairs)[:k2]]


# %% right: lexsort and NumPy throughout
def retrieve_then_rerank(q, D, score, k1, k2):
    products = np.einsum("nd,d->n", D, q)
    rows = np.lexsort((np.arange(len(D)), -products))[: min(k1, len(D))]
    scores = np.array([score(int(i)) for i in rows])
    return rows[np.argsort(-scores, kind="stable")][:k2].tolist()


# %% right: takes the best out again and again
def retrieve_then_rerank(q, D, score, k1, k2):
    left = [float(x @ q) for x in D]
    shortlist = []
    while len(shortlist) < min(k1, len(D)):
        i = max(range(len(D)), key=lambda i: left[i])
        shortlist.append(i)
        left[i] = -math.inf
    scores = [score(i) for i in shortlist]
    result = []
    while len(result) < min(k2, len(shortlist)):
        place = scores.index(max(scores))
        result.append(shortlist[place])
        scores[place] = -math.inf
    return result


# %% wrong (q19-two-stages-hidden-ids): returns places in the shortlist
def retrieve_then_rerank(q, D, score, k1, k2):
    rows = np.argsort(-(D @ q), kind="stable")[:k1]
    scores = np.array([score(int(i)) for i in rows])
    return np.argsort(-scores, kind="stable")[:k2].tolist()


# %% wrong (q19-two-stages-hidden-ids): sorts ascending, the worst first
def retrieve_then_rerank(q, D, score, k1, k2):
    rows = np.argsort(-(D @ q), kind="stable")[:k1]
    return sorted((int(i) for i in rows), key=score)[:k2]


# %% wrong (q19-two-stages-hidden-ids): the first stage takes cosines
def retrieve_then_rerank(q, D, score, k1, k2):
    cosine = D @ q / np.maximum(np.linalg.norm(D, axis=1), 1e-12)
    rows = [int(i) for i in np.argsort(-cosine, kind="stable")[:k1]]
    return sorted(rows, key=score, reverse=True)[:k2]


# %% wrong (q19-two-stages-hidden-ids): keeps k2 before reranking
def retrieve_then_rerank(q, D, score, k1, k2):
    rows = [int(i) for i in np.argsort(-(D @ q), kind="stable")[:k1]][:k2]
    return sorted(rows, key=score, reverse=True)


# %% wrong (q19-two-stages-hidden-calls): scores every document and looks the candidates up
def retrieve_then_rerank(q, D, score, k1, k2):
    scores = [score(i) for i in range(len(D))]
    rows = [int(i) for i in np.argsort(-(D @ q), kind="stable")[:k1]]
    return sorted(rows, key=lambda i: scores[i], reverse=True)[:k2]


# %% wrong (q19-two-stages-hidden-calls): scores each candidate once to sort and once to report
def retrieve_then_rerank(q, D, score, k1, k2):
    rows = [int(i) for i in np.argsort(-(D @ q), kind="stable")[:k1]]
    best = sorted(rows, key=score, reverse=True)[:k2]
    pairs = [(i, score(i)) for i in best]
    return [i for i, _ in pairs]


# %% wrong (q19-two-stages-hidden-ceiling): reranks the whole collection
def retrieve_then_rerank(q, D, score, k1, k2):
    rows = [int(i) for i in np.argsort(-(D @ q), kind="stable")]
    return sorted(rows, key=score, reverse=True)[: min(k1, k2)]


# %% wrong (q19-two-stages-hidden-ceiling): argpartition with a k1 beyond N raises
def retrieve_then_rerank(q, D, score, k1, k2):
    products = D @ q
    rows = np.argpartition(-products, k1 - 1)[:k1]
    rows = [int(i) for i in rows[np.argsort(-products[rows], kind="stable")]]
    return sorted(rows, key=score, reverse=True)[:k2]


# %% wrong (q19-two-stages-hidden-ties): equal scores in the order of row numbers
def retrieve_then_rerank(q, D, score, k1, k2):
    rows = [int(i) for i in np.argsort(-(D @ q), kind="stable")[:k1]]
    return [i for _, i in sorted((-score(i), i) for i in rows)][:k2]


# %% wrong (q19-two-stages-hidden-ties): ascending order turned round, so that equals come last first
def retrieve_then_rerank(q, D, score, k1, k2):
    rows = [int(i) for i in np.argsort(D @ q, kind="stable")[::-1][:k1]]
    return sorted(rows, key=score, reverse=True)[:k2]


# %% wrong (q19-two-stages-hidden-ties): equal scores turned round in the second stage
def retrieve_then_rerank(q, D, score, k1, k2):
    rows = [int(i) for i in np.argsort(-(D @ q), kind="stable")[:k1]]
    return sorted(rows, key=score)[::-1][:k2]


# %% wrong (q19-two-stages-hidden-ceiling): the best by score always stands first, found or not
def retrieve_then_rerank(q, D, score, k1, k2):
    rows = [int(i) for i in np.argsort(-(D @ q), kind="stable")[:k1]]
    best = max(range(len(D)), key=score)
    rest = sorted((i for i in rows if i != best), key=score, reverse=True)
    return [best, *rest][:k2]
