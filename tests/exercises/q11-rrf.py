# %% right: fractions, exact until the end
def rrf(rankings, k=60):
    exact = Fraction(k)
    scores = {}
    for ranking in rankings:
        for doc in set(ranking):
            scores[doc] = scores.get(doc, 0) + 1 / (exact + 1 + ranking.index(doc))
    return [(doc, float(s)) for doc, s in sorted(scores.items(), key=lambda x: (-x[1], x[0]))]


from fractions import Fraction


# %% right: rounded scores are returned
def rrf(rankings, k=60):
    docs = sorted({doc for ranking in rankings for doc in ranking})
    found = []
    for doc in docs:
        terms = (1 / (k + ranking.index(doc) + 1) for ranking in rankings if doc in ranking)
        found.append((doc, round(sum(terms), 12)))
    return sorted(found, key=lambda pair: pair[1], reverse=True)


# %% right: later places overwritten by going through each list from its end
def rrf(rankings, k=60):
    total = {}
    for ranking in rankings:
        first = {}
        for i in range(len(ranking) - 1, -1, -1):
            first[ranking[i]] = 1.0 / (k + i + 1)
        for doc, gain in first.items():
            total.setdefault(doc, []).append(gain)
    scores = [(doc, math.fsum(gains)) for doc, gains in total.items()]
    scores.sort(key=lambda pair: (-round(pair[1], 12), pair[0]))
    return scores


# %% wrong (q11-rrf-hidden-sum): ranks from 0
def rrf(rankings, k=60):
    scores = {}
    for ranking in rankings:
        for doc in dict.fromkeys(ranking):
            rank = ranking.index(doc)
            scores[doc] = scores.get(doc, 0.0) + (1 / (k + rank) if k + rank else 1.0)
    return sorted(scores.items(), key=lambda item: (-round(item[1], 12), item[0]))


# %% wrong (q11-rrf-hidden-sum): only documents that all lists have
def rrf(rankings, k=60):
    if not rankings:
        return []
    common = set(rankings[0]).intersection(*rankings)
    scores = {doc: sum(1 / (k + 1 + r.index(doc)) for r in rankings) for doc in common}
    return sorted(scores.items(), key=lambda item: (-round(item[1], 12), item[0]))


# %% wrong (q11-rrf-hidden-sum): a missing document gets the rank behind the last
def rrf(rankings, k=60):
    scores = {}
    for doc in {doc for ranking in rankings for doc in ranking}:
        terms = [
            1 / (k + 1 + (r.index(doc) if doc in r else len(r))) for r in rankings if len(r) > 0
        ]
        scores[doc] = sum(terms)
    return sorted(scores.items(), key=lambda item: (-round(item[1], 12), item[0]))


# %% wrong (q11-rrf-hidden-sum): the mean over the lists that have it
def rrf(rankings, k=60):
    scores = {}
    for doc in {doc for ranking in rankings for doc in ranking}:
        terms = [1 / (k + 1 + r.index(doc)) for r in rankings if doc in r]
        scores[doc] = sum(terms) / len(terms)
    return sorted(scores.items(), key=lambda item: (-round(item[1], 12), item[0]))


# %% wrong (q11-rrf-hidden-sum): k is 60 whatever is asked
def rrf(rankings, k=60):
    scores = {}
    for ranking in rankings:
        for doc in dict.fromkeys(ranking):
            scores[doc] = scores.get(doc, 0.0) + 1 / (61 + ranking.index(doc))
    return sorted(scores.items(), key=lambda item: (-round(item[1], 12), item[0]))


# %% wrong (q11-rrf-hidden-sum): keeps the best place of a document instead of the sum
def rrf(rankings, k=60):
    scores = {}
    for ranking in rankings:
        for doc in dict.fromkeys(ranking):
            scores[doc] = max(scores.get(doc, 0.0), 1 / (k + 1 + ranking.index(doc)))
    return sorted(scores.items(), key=lambda item: (-round(item[1], 12), item[0]))


# %% wrong (q11-rrf-hidden-ties): compares the floats as they are
def rrf(rankings, k=60):
    scores = {}
    for ranking in rankings:
        for doc in dict.fromkeys(ranking):
            scores[doc] = scores.get(doc, 0.0) + 1 / (k + 1 + ranking.index(doc))
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


# %% wrong (q11-rrf-hidden-ties): equal scores in the order of appearance
def rrf(rankings, k=60):
    scores = {}
    for ranking in rankings:
        for doc in dict.fromkeys(ranking):
            scores[doc] = scores.get(doc, 0.0) + 1 / (k + 1 + ranking.index(doc))
    return sorted(scores.items(), key=lambda item: -round(item[1], 12))


# %% wrong (q11-rrf-hidden-ties): reverse=True turns the ids round as well
def rrf(rankings, k=60):
    scores = {}
    for ranking in rankings:
        for doc in dict.fromkeys(ranking):
            scores[doc] = scores.get(doc, 0.0) + 1 / (k + 1 + ranking.index(doc))
    return sorted(scores.items(), key=lambda item: (round(item[1], 12), item[0]), reverse=True)


# %% wrong (q11-rrf-hidden-repeats): a document counts at each of its places
def rrf(rankings, k=60):
    scores = {}
    for ranking in rankings:
        for rank, doc in enumerate(ranking, start=1):
            scores[doc] = scores.get(doc, 0.0) + 1 / (k + rank)
    return sorted(scores.items(), key=lambda item: (-round(item[1], 12), item[0]))


# %% wrong (q11-rrf-hidden-repeats): repeated places are closed up
def rrf(rankings, k=60):
    scores = {}
    for ranking in rankings:
        for rank, doc in enumerate(dict.fromkeys(ranking), start=1):
            scores[doc] = scores.get(doc, 0.0) + 1 / (k + rank)
    return sorted(scores.items(), key=lambda item: (-round(item[1], 12), item[0]))


# %% wrong (q11-rrf-hidden-repeats): the last place of a document counts
def rrf(rankings, k=60):
    scores = {}
    for ranking in rankings:
        last = {doc: rank for rank, doc in enumerate(ranking, start=1)}
        for doc, rank in last.items():
            scores[doc] = scores.get(doc, 0.0) + 1 / (k + rank)
    return sorted(scores.items(), key=lambda item: (-round(item[1], 12), item[0]))


# %% wrong (q11-rrf-hidden-repeats): empties the caller's lists
def rrf(rankings, k=60):
    scores = {}
    for ranking in rankings:
        rank, seen = 0, set()
        while ranking:
            doc, rank = ranking.pop(0), rank + 1
            if doc not in seen:
                seen.add(doc)
                scores[doc] = scores.get(doc, 0.0) + 1 / (k + rank)
    return sorted(scores.items(), key=lambda item: (-round(item[1], 12), item[0]))
