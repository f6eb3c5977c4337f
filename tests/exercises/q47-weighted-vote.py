# %% right: a defaultdict and an explicit search for the best
from collections import defaultdict


def weighted_vote(answers, weights):
    if len(answers) != len(weights):
        raise ValueError("as many weights as answers")
    totals = defaultdict(float)
    for answer, weight in zip(answers, weights):
        if weight < 0:
            raise ValueError("negative weight")
        if answer is not None:
            totals[answer] += weight
    best, most = None, -1.0
    for answer, total in totals.items():
        if round(total, 12) > most:
            best, most = answer, round(total, 12)
    return best


# %% right: sums for each different answer with NumPy, argmax takes the first
def weighted_vote(answers, weights):
    w = np.asarray(weights, dtype=float)
    if w.shape != (len(answers),) or (w < 0).any():
        raise ValueError("weights do not fit")
    names = [x for x in dict.fromkeys(answers) if x is not None]
    if not names:
        return None
    sums = [sum(v for x, v in zip(answers, w.tolist()) if x == name) for name in names]
    return names[int(np.argmax(np.round(sums, 12)))]


# %% right: sorted by sum and place
def weighted_vote(answers, weights):
    try:
        votes = list(zip(answers, weights, strict=True))
    except ValueError as error:
        raise ValueError("unequal lengths") from error
    if any(weight < 0 for _, weight in votes):
        raise ValueError("weights are 0 or more")
    kept = [(a, w) for a, w in votes if a is not None]
    places = {a: i for i, (a, _) in reversed(list(enumerate(kept)))}
    totals = {a: math.fsum(w for b, w in kept if b == a) for a in places}
    ranked = sorted(totals, key=lambda a: (-round(totals[a], 12), places[a]))
    return ranked[0] if ranked else None


# %% wrong (q47-weighted-vote-hidden-sums): counts votes, weights ignored where several agree
from collections import Counter


def weighted_vote(answers, weights):
    if len(answers) != len(weights) or any(w < 0 for w in weights):
        raise ValueError("weights do not fit")
    counts = Counter(a for a in answers if a is not None)
    totals = {}
    for a, w in zip(answers, weights):
        if a is not None:
            totals[a] = totals.get(a, 0.0) + w
    return max(totals, key=lambda a: (counts[a], round(totals[a], 12)), default=None)


# %% wrong (q47-weighted-vote-hidden-sums): best-of-N, the answer of the heaviest sample
def weighted_vote(answers, weights):
    if len(answers) != len(weights) or any(w < 0 for w in weights):
        raise ValueError("weights do not fit")
    votes = [(a, w) for a, w in zip(answers, weights) if a is not None]
    return max(votes, key=lambda vote: vote[1])[0] if votes else None


# %% wrong (q47-weighted-vote-hidden-sums): the mean weight of an answer
def weighted_vote(answers, weights):
    if len(answers) != len(weights) or any(w < 0 for w in weights):
        raise ValueError("weights do not fit")
    groups = {}
    for a, w in zip(answers, weights):
        if a is not None:
            groups.setdefault(a, []).append(w)
    return max(groups, key=lambda a: round(sum(groups[a]) / len(groups[a]), 12), default=None)


# %% wrong (q47-weighted-vote-hidden-unread): None is an answer like the others
def weighted_vote(answers, weights):
    if len(answers) != len(weights) or any(w < 0 for w in weights):
        raise ValueError("weights do not fit")
    totals = {}
    for a, w in zip(answers, weights):
        totals[a] = totals.get(a, 0.0) + w
    return max(totals, key=lambda a: round(totals[a], 12), default=None)


# %% wrong (q47-weighted-vote-hidden-unread): an answer of weight 0 is dropped
def weighted_vote(answers, weights):
    if len(answers) != len(weights) or any(w < 0 for w in weights):
        raise ValueError("weights do not fit")
    if not answers:
        return None
    totals = {}
    for a, w in zip(answers, weights):
        if a is not None and w > 0:
            totals[a] = totals.get(a, 0.0) + w
    return max(totals, key=lambda a: round(totals[a], 12), default=None)


# %% wrong (q47-weighted-vote-hidden-ties): the alphabet breaks ties
def weighted_vote(answers, weights):
    if len(answers) != len(weights) or any(w < 0 for w in weights):
        raise ValueError("weights do not fit")
    totals = {}
    for a, w in zip(answers, weights):
        if a is not None:
            totals[a] = totals.get(a, 0.0) + w
    return max(sorted(totals), key=lambda a: round(totals[a], 12), default=None)


# %% wrong (q47-weighted-vote-hidden-ties): whoever reaches the sum first wins
def weighted_vote(answers, weights):
    if len(answers) != len(weights) or any(w < 0 for w in weights):
        raise ValueError("weights do not fit")
    totals, best, most = {}, None, -1.0
    for a, w in zip(answers, weights):
        if a is not None:
            totals[a] = totals.get(a, 0.0) + w
            if round(totals[a], 12) > most:
                best, most = a, round(totals[a], 12)
    return best


# %% wrong (q47-weighted-vote-hidden-ties): sums are compared to the last bit
def weighted_vote(answers, weights):
    if len(answers) != len(weights) or any(w < 0 for w in weights):
        raise ValueError("weights do not fit")
    totals = {}
    for a, w in zip(answers, weights):
        if a is not None:
            totals[a] = totals.get(a, 0.0) + w
    return max(totals, key=totals.get, default=None)


# %% wrong (q47-weighted-vote-hidden-errors): zip cuts the longer list off
def weighted_vote(answers, weights):
    totals = {}
    for a, w in zip(answers, weights):
        if w < 0:
            raise ValueError("negative weight")
        if a is not None:
            totals[a] = totals.get(a, 0.0) + w
    return max(totals, key=lambda a: round(totals[a], 12), default=None)


# %% wrong (q47-weighted-vote-hidden-errors): a negative weight is found only in a sum
def weighted_vote(answers, weights):
    if len(answers) != len(weights):
        raise ValueError("unequal lengths")
    totals = {}
    for a, w in zip(answers, weights):
        if a is not None:
            totals[a] = totals.get(a, 0.0) + w
    if any(total < 0 for total in totals.values()):
        raise ValueError("negative weight")
    return max(totals, key=lambda a: round(totals[a], 12), default=None)


# %% wrong (q47-weighted-vote-hidden-unread): takes the unread samples out of the caller's lists
def weighted_vote(answers, weights):
    if len(answers) != len(weights) or any(w < 0 for w in weights):
        raise ValueError("weights do not fit")
    while None in answers:
        i = answers.index(None)
        del answers[i], weights[i]
    totals = {}
    for a, w in zip(answers, weights):
        totals[a] = totals.get(a, 0.0) + w
    return max(totals, key=lambda a: round(totals[a], 12), default=None)


# %% wrong (q47-weighted-vote-hidden-unread): the empty string is dropped with None
def weighted_vote(answers, weights):
    if len(answers) != len(weights) or any(w < 0 for w in weights):
        raise ValueError("weights do not fit")
    totals = {}
    for a, w in zip(answers, weights):
        if a:
            totals[a] = totals.get(a, 0.0) + w
    return max(totals, key=lambda a: round(totals[a], 12), default=None)


# %% wrong (q47-weighted-vote-hidden-ties): rounded to 6 decimals
def weighted_vote(answers, weights):
    if len(answers) != len(weights) or any(w < 0 for w in weights):
        raise ValueError("weights do not fit")
    totals = {}
    for a, w in zip(answers, weights):
        if a is not None:
            totals[a] = totals.get(a, 0.0) + w
    return max(totals, key=lambda a: round(totals[a], 6), default=None)


# %% wrong (q47-weighted-vote-hidden-ties): rounded to 9 decimals
def weighted_vote(answers, weights):
    if len(answers) != len(weights) or any(w < 0 for w in weights):
        raise ValueError("weights do not fit")
    totals = {}
    for a, w in zip(answers, weights):
        if a is not None:
            totals[a] = totals.get(a, 0.0) + w
    return max(totals, key=lambda a: round(totals[a], 9), default=None)


# %% wrong (q47-weighted-vote-hidden-ties): rounded to 15 decimals
def weighted_vote(answers, weights):
    if len(answers) != len(weights) or any(w < 0 for w in weights):
        raise ValueError("weights do not fit")
    totals = {}
    for a, w in zip(answers, weights):
        if a is not None:
            totals[a] = totals.get(a, 0.0) + w
    return max(totals, key=lambda a: round(totals[a], 15), default=None)
