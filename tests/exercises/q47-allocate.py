# %% right: a heap of next gains
import heapq


def allocate(ps, budget):
    if budget < 0 or any(p < 0 or p > 1 for p in ps):
        raise ValueError("out of range")
    counts = [0] * len(ps)
    heap = [(-p, i) for i, p in enumerate(ps) if p > 0]
    heapq.heapify(heap)
    while budget and heap:
        gain, i = heapq.heappop(heap)
        counts[i] += 1
        budget -= 1
        if ps[i] < 1:
            heapq.heappush(heap, (gain * (1 - ps[i]), i))
    return counts


# %% right: all gains in one table, the largest ones taken
def allocate(ps, budget):
    p = np.asarray(ps, dtype=float)
    if budget < 0 or ((p < 0) | (p > 1)).any():
        raise ValueError("out of range")
    if budget == 0 or len(p) == 0:
        return [0] * len(p)
    gains = p[:, None] * (1 - p[:, None]) ** np.arange(budget)
    order = np.argsort(-gains, axis=None, kind="stable")[:budget]
    order = order[gains.ravel()[order] > 0]
    return np.bincount(order // budget, minlength=len(p)).tolist()


# %% right: exact, by dynamic programming over the questions
def allocate(ps, budget):
    if budget < 0:
        raise ValueError("budget")
    if not all(0 <= p <= 1 for p in ps):
        raise ValueError("probability")
    limit = [0 if p == 0 else 1 if p == 1 else budget for p in ps]
    best, choices = np.zeros(budget + 1), []
    for p, most in zip(ps, limit):
        gain = 1 - (1 - p) ** np.arange(min(most, budget) + 1)
        table = np.full((len(gain), budget + 1), -1.0)
        for m in range(len(gain)):
            table[m, m:] = best[: budget + 1 - m] + gain[m]
        choices.append(table.argmax(axis=0))
        best = table.max(axis=0)
    counts, left = [], budget
    for choice in reversed(choices):
        counts.append(int(choice[left]))
        left -= counts[-1]
    return counts[::-1]


# %% wrong (q47-allocate-hidden-best): equal shares
def allocate(ps, budget):
    if budget < 0 or any(p < 0 or p > 1 for p in ps):
        raise ValueError("out of range")
    counts = [0] * len(ps)
    while budget and any(p > 0 and (p < 1 or not c) for p, c in zip(ps, counts)):
        for i, p in enumerate(ps):
            if budget and p > 0 and (p < 1 or not counts[i]):
                counts[i] += 1
                budget -= 1
    return counts


# %% wrong (q47-allocate-hidden-best): everything for the easiest question
def allocate(ps, budget):
    if budget < 0 or any(p < 0 or p > 1 for p in ps):
        raise ValueError("out of range")
    counts = [0] * len(ps)
    for i in sorted(range(len(ps)), key=lambda i: -ps[i]):
        take = 0 if ps[i] == 0 else min(budget, 1) if ps[i] == 1 else budget
        counts[i] = take
        budget -= take
    return counts


# %% wrong (q47-allocate-hidden-best): the question least likely to be solved so far gets the next sample
def allocate(ps, budget):
    if budget < 0 or any(p < 0 or p > 1 for p in ps):
        raise ValueError("out of range")
    counts = [0] * len(ps)
    for _ in range(budget):
        open_ = [i for i, p in enumerate(ps) if p > 0 and (p < 1 or not counts[i])]
        if not open_:
            break
        counts[max(open_, key=lambda i: (1 - ps[i]) ** counts[i])] += 1
    return counts


# %% wrong (q47-allocate-hidden-many): in proportion to the expected number of tries, 1/p
def allocate(ps, budget):
    if budget < 0 or any(p < 0 or p > 1 for p in ps):
        raise ValueError("out of range")
    counts = [0] * len(ps)
    for _ in range(budget):
        open_ = [i for i, p in enumerate(ps) if p > 0 and (p < 1 or not counts[i])]
        if not open_:
            break
        counts[min(open_, key=lambda i: counts[i] * ps[i])] += 1
    return counts


# %% wrong (q47-allocate-hidden-best): the gain falls as 1/m instead of as a power of 1 - p
def allocate(ps, budget):
    if budget < 0 or any(p < 0 or p > 1 for p in ps):
        raise ValueError("out of range")
    counts = [0] * len(ps)
    for _ in range(budget):
        open_ = [i for i, p in enumerate(ps) if p > 0 and (p < 1 or not counts[i])]
        if not open_:
            break
        counts[max(open_, key=lambda i: ps[i] / (counts[i] + 1))] += 1
    return counts


# %% wrong (q47-allocate-hidden-useless): spends the whole budget, whether it helps or not
def allocate(ps, budget):
    if budget < 0 or any(p < 0 or p > 1 for p in ps):
        raise ValueError("out of range")
    counts = [0] * len(ps)
    if not ps:
        return counts
    for _ in range(budget):
        counts[max(range(len(ps)), key=lambda i: ps[i] * (1 - ps[i]) ** counts[i])] += 1
    return counts


# %% wrong (q47-allocate-hidden-useless): no questions
def allocate(ps, budget):
    if budget < 0 or any(p < 0 or p > 1 for p in ps):
        raise ValueError("out of range")
    counts = [0] * len(ps)
    for _ in range(budget):
        i = max(range(len(ps)), key=lambda i: ps[i] * (1 - ps[i]) ** counts[i])
        if ps[i] * (1 - ps[i]) ** counts[i] == 0:
            break
        counts[i] += 1
    return counts


# %% wrong (q47-allocate-hidden-errors): a negative budget divides nothing, silently
def allocate(ps, budget):
    if any(p < 0 or p > 1 for p in ps):
        raise ValueError("out of range")
    counts, gains = [0] * len(ps), list(ps)
    for _ in range(budget):
        if not gains or max(gains) == 0:
            break
        i = gains.index(max(gains))
        counts[i] += 1
        gains[i] *= 1 - ps[i]
    return counts


# %% wrong (q47-allocate-hidden-useless): counts the gains down in the caller's list
def allocate(ps, budget):
    if budget < 0 or any(p < 0 or p > 1 for p in ps):
        raise ValueError("out of range")
    counts, start = [0] * len(ps), list(ps)
    for _ in range(budget):
        if not ps or max(ps) == 0:
            break
        i = ps.index(max(ps))
        counts[i] += 1
        ps[i] *= 1 - start[i]
    return counts


# %% wrong (q47-allocate-hidden-useless): stops once a sample adds less than a thousandth
def allocate(ps, budget):
    if budget < 0 or any(p < 0 or p > 1 for p in ps):
        raise ValueError("out of range")
    counts, gains = [0] * len(ps), list(ps)
    for _ in range(budget):
        if not gains or max(gains) <= 1e-3:
            break
        i = gains.index(max(gains))
        counts[i] += 1
        gains[i] *= 1 - ps[i]
    return counts


# %% wrong (q47-allocate-hidden-useless): stops at a tolerance, however much of the budget is left
def allocate(ps, budget):
    if budget < 0 or any(p < 0 or p > 1 for p in ps):
        raise ValueError("out of range")
    counts, gains = [0] * len(ps), list(ps)
    for _ in range(budget):
        if not gains or max(gains) <= 1e-9:
            break
        i = gains.index(max(gains))
        counts[i] += 1
        gains[i] *= 1 - ps[i]
    return counts


# %% wrong (q47-allocate-hidden-errors): returns before it has looked at the arguments
def allocate(ps, budget):
    if not ps or budget == 0:
        return [0] * len(ps)
    if budget < 0 or any(p < 0 or p > 1 for p in ps):
        raise ValueError("out of range")
    counts, gains = [0] * len(ps), list(ps)
    for _ in range(budget):
        if max(gains) == 0:
            break
        i = gains.index(max(gains))
        counts[i] += 1
        gains[i] *= 1 - ps[i]
    return counts
