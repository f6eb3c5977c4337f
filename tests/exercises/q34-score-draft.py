# %% right: fsum and list.index
def score_draft(lp_draft, lp_self_consistency, lp_self_reflection):
    return math.fsum([lp_draft, lp_self_consistency, lp_self_reflection])


def best_draft(scores):
    if len(scores) == 0:
        raise ValueError("no drafts")
    return scores.index(max(scores))


# %% right: NumPy
def score_draft(lp_draft, lp_self_consistency, lp_self_reflection):
    return float(np.sum([lp_draft, lp_self_consistency, lp_self_reflection]))


def best_draft(scores):
    return int(np.argmax(scores))


# %% right: a loop that keeps the first of equals
def score_draft(lp_draft, lp_self_consistency, lp_self_reflection):
    total = lp_self_reflection
    total += lp_self_consistency
    return total + lp_draft


def best_draft(scores):
    place = None
    for i, score in enumerate(scores):
        if place is None or score > scores[place]:
            place = i
    if place is None:
        raise ValueError("no drafts")
    return place


# %% wrong (q34-score-draft-hidden-sum): out of the logarithm and back
def score_draft(lp_draft, lp_self_consistency, lp_self_reflection):
    p = math.exp(lp_draft) * math.exp(lp_self_consistency) * math.exp(lp_self_reflection)
    return math.log(p) if p > 0 else -math.inf


def best_draft(scores):
    return max(range(len(scores)), key=lambda i: scores[i])


# %% wrong (q34-score-draft-hidden-sum): the mean of the three
def score_draft(lp_draft, lp_self_consistency, lp_self_reflection):
    return (lp_draft + lp_self_consistency + lp_self_reflection) / 3


def best_draft(scores):
    return int(np.argmax(scores))


# %% wrong (q34-score-draft-hidden-sum): the logarithms are multiplied
def score_draft(lp_draft, lp_self_consistency, lp_self_reflection):
    return lp_draft * lp_self_consistency * lp_self_reflection


def best_draft(scores):
    return scores.index(max(scores))


# %% wrong (q34-score-draft-hidden-sum): minus infinity counts as missing
def score_draft(lp_draft, lp_self_consistency, lp_self_reflection):
    parts = [lp_draft, lp_self_consistency, lp_self_reflection]
    return sum(x for x in parts if x > -math.inf)


def best_draft(scores):
    return scores.index(max(scores))


# %% wrong (q34-score-draft-hidden-best): the smallest, as if scores were losses
def score_draft(lp_draft, lp_self_consistency, lp_self_reflection):
    return lp_draft + lp_self_consistency + lp_self_reflection


def best_draft(scores):
    return scores.index(min(scores))


# %% wrong (q34-score-draft-hidden-best): the last of equals
def score_draft(lp_draft, lp_self_consistency, lp_self_reflection):
    return lp_draft + lp_self_consistency + lp_self_reflection


def best_draft(scores):
    if not scores:
        raise ValueError("no drafts")
    return max((score, i) for i, score in enumerate(scores))[1]


# %% wrong (q34-score-draft-hidden-best): starts from a score that nothing beats
def score_draft(lp_draft, lp_self_consistency, lp_self_reflection):
    return lp_draft + lp_self_consistency + lp_self_reflection


def best_draft(scores):
    if not scores:
        raise ValueError("no drafts")
    best, place = -1000.0, 0
    for i, score in enumerate(scores):
        if score > best:
            best, place = score, i
    return place


# %% wrong (q34-score-draft-hidden-best): an empty list gives no draft
def score_draft(lp_draft, lp_self_consistency, lp_self_reflection):
    return lp_draft + lp_self_consistency + lp_self_reflection


def best_draft(scores):
    return max(range(len(scores)), key=lambda i: scores[i], default=-1)


# %% wrong (q34-score-draft-hidden-together): compares probabilities in the end
def score_draft(lp_draft, lp_self_consistency, lp_self_reflection):
    return lp_draft + lp_self_consistency + lp_self_reflection


def best_draft(scores):
    return int(np.argmax(np.exp(scores)))


# %% wrong (q34-score-draft-hidden-together): the verifier's two factors only
def score_draft(lp_draft, lp_self_consistency, lp_self_reflection):
    return lp_self_consistency + lp_self_reflection


def best_draft(scores):
    return scores.index(max(scores))
