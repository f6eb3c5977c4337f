# %% right: a list that shrinks
def needed_citations(claim, ids, docs, entails):
    def shown(names):
        return bool(names) and entails("\n".join(docs[n] for n in names), claim)

    if not shown(ids):
        return []
    kept = list(ids)
    for name in ids[::-1]:
        rest = [k for k in kept if k != name]
        if shown(rest):
            kept = rest
    return kept


# %% right: by position
def needed_citations(claim, ids, docs, entails):
    keep = [True] * len(ids)
    if len(ids) == 0 or not entails("\n".join([docs[i] for i in ids]), claim):
        return []
    for j in range(len(ids) - 1, -1, -1):
        keep[j] = False
        rest = [docs[i] for i, k in zip(ids, keep) if k]
        if len(rest) == 0 or not entails("\n".join(rest), claim):
            keep[j] = True
    return [i for i, k in zip(ids, keep) if k]


# %% right: recursive
def needed_citations(claim, ids, docs, entails):
    def shrink(head, tail):
        if not head:
            return tail
        rest = head[:-1] + tail
        if rest and entails("\n".join(docs[i] for i in rest), claim):
            return shrink(head[:-1], tail)
        return shrink(head[:-1], [head[-1], *tail])

    if not ids or not entails("\n".join(docs[i] for i in ids), claim):
        return []
    return shrink(list(ids), [])


# %% wrong (q22-needed-citations-hidden-minimal): asks of the original list
def needed_citations(claim, ids, docs, entails):
    if not ids or not entails("\n".join(docs[i] for i in ids), claim):
        return []
    kept = []
    for i in ids:
        rest = [j for j in ids if j != i]
        if not rest or not entails("\n".join(docs[j] for j in rest), claim):
            kept.append(i)
    return kept


# %% wrong (q22-needed-citations-hidden-minimal): from the first to the last
def needed_citations(claim, ids, docs, entails):
    if not ids or not entails("\n".join(docs[i] for i in ids), claim):
        return []
    kept = list(ids)
    for i in ids:
        rest = [j for j in kept if j != i]
        if rest and entails("\n".join(docs[j] for j in rest), claim):
            kept = rest
    return kept


# %% wrong (q22-needed-citations-hidden-minimal): the first document that suffices alone, or all
def needed_citations(claim, ids, docs, entails):
    if not ids or not entails("\n".join(docs[i] for i in ids), claim):
        return []
    for i in ids:
        if entails(docs[i], claim):
            return [i]
    return list(ids)


# %% wrong (q22-needed-citations-hidden-minimal): keeps what entails alone
def needed_citations(claim, ids, docs, entails):
    if not ids or not entails("\n".join(docs[i] for i in ids), claim):
        return []
    return [i for i in ids if entails(docs[i], claim)] or list(ids)


# %% wrong (q22-needed-citations-hidden-edges): drops the last one too where the judge is generous
def needed_citations(claim, ids, docs, entails):
    if not entails("\n".join(docs[i] for i in ids), claim):
        return []
    kept = list(ids)
    for i in reversed(ids):
        rest = [j for j in kept if j != i]
        if entails("\n".join(docs[j] for j in rest), claim):
            kept = rest
    return kept


# %% wrong (q22-needed-citations-hidden-edges): returns all where the claim is not shown
def needed_citations(claim, ids, docs, entails):
    kept = list(ids)
    for i in reversed(ids):
        rest = [j for j in kept if j != i]
        if rest and entails("\n".join(docs[j] for j in rest), claim):
            kept = rest
    return kept


# %% wrong (q22-needed-citations-hidden-minimal): the smallest set that suffices
from itertools import combinations


def needed_citations(claim, ids, docs, entails):
    for n in range(1, len(ids) + 1):
        for some in combinations(ids, n):
            if entails("\n".join(docs[i] for i in some), claim):
                return list(some)
    return []


# %% wrong (q22-needed-citations-hidden-edges): shrinks the caller's list
def needed_citations(claim, ids, docs, entails):
    if not ids or not entails("\n".join(docs[i] for i in ids), claim):
        return []
    for i in list(reversed(ids)):
        rest = [j for j in ids if j != i]
        if rest and entails("\n".join(docs[j] for j in rest), claim):
            ids.remove(i)
    return list(ids)
