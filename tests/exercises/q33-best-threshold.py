# %% right: tries each candidate
def best_threshold(confidences, correct, penalty):
    def score(t):
        total = 0
        for c, ok in zip(confidences, correct):
            if c >= t:
                total += 1 if ok else -penalty
        return total / len(confidences)

    candidates = sorted({*confidences, math.inf}, reverse=True)
    best = max(candidates, key=score)  # the first of equals, so the highest
    return best, score(best)


# %% right: numpy
def best_threshold(confidences, correct, penalty):
    c, ok = np.array(confidences), np.array(correct)
    worth = np.where(ok, 1.0, -float(penalty))
    candidates = np.append(np.unique(c), np.inf)[::-1]
    scores = np.array([worth[c >= t].sum() / len(c) for t in candidates])
    i = int(scores.argmax())
    return float(candidates[i]), float(scores[i])


# %% right: one pass over the sorted answers, groups at once
def best_threshold(confidences, correct, penalty):
    rows = sorted(zip(confidences, correct), key=lambda row: -row[0])
    best_t, best_sum, running = math.inf, 0.0, 0.0
    for i, (c, ok) in enumerate(rows):
        running += 1.0 if ok else -penalty
        last = i + 1 == len(rows) or rows[i + 1][0] != c
        if last and running > best_sum:
            best_t, best_sum = c, running
    return best_t, best_sum / len(rows)


# %% wrong (q33-best-threshold-hidden-choice): the formula instead of the data
def best_threshold(confidences, correct, penalty):
    t = penalty / (1 + penalty)
    above = [c for c in confidences if c >= t]
    t = min(above) if above else math.inf
    given = [ok for c, ok in zip(confidences, correct) if c >= t]
    return t, sum(1 if ok else -penalty for ok in given) / len(confidences)


# %% wrong (q33-best-threshold-hidden-choice): the mean of what is given
def best_threshold(confidences, correct, penalty):
    best = (math.inf, 0.0)
    for t in sorted(set(confidences), reverse=True):
        given = [ok for c, ok in zip(confidences, correct) if c >= t]
        score = sum(1 if ok else -penalty for ok in given) / len(given)
        if score > best[1]:
            best = (t, score)
    return best


# %% wrong (q33-best-threshold-hidden-choice): points in all instead of a question
def best_threshold(confidences, correct, penalty):
    best = (math.inf, 0.0)
    for t in sorted(set(confidences), reverse=True):
        given = [ok for c, ok in zip(confidences, correct) if c >= t]
        score = sum(1 if ok else -penalty for ok in given)
        if score > best[1]:
            best = (t, score)
    return best


# %% wrong (q33-best-threshold-hidden-choice): stops at the first fall
def best_threshold(confidences, correct, penalty):
    best = (math.inf, 0.0)
    for t in sorted(set(confidences), reverse=True):
        given = [ok for c, ok in zip(confidences, correct) if c >= t]
        score = sum(1 if ok else -penalty for ok in given) / len(confidences)
        if score < best[1]:
            break
        if score > best[1]:
            best = (t, score)
    return best


# %% wrong (q33-best-threshold-hidden-choice): strictly above the threshold
def best_threshold(confidences, correct, penalty):
    best = (math.inf, 0.0)
    for t in sorted(set(confidences), reverse=True):
        given = [ok for c, ok in zip(confidences, correct) if c > t]
        score = sum(1 if ok else -penalty for ok in given) / len(confidences)
        if score > best[1]:
            best = (t, score)
    return best


# %% wrong (q33-best-threshold-hidden-choice): withheld answers cost too
def best_threshold(confidences, correct, penalty):
    best = (math.inf, 0.0)
    for t in sorted(set(confidences), reverse=True):
        right = sum(ok and c >= t for c, ok in zip(confidences, correct))
        score = (right - penalty * (len(correct) - right)) / len(confidences)
        if score > best[1]:
            best = (t, score)
    return best


# %% wrong (q33-best-threshold-hidden-ties): one pass, a threshold inside a group
def best_threshold(confidences, correct, penalty):
    rows = sorted(zip(confidences, correct), key=lambda row: -row[0])
    best_t, best_sum, running = math.inf, 0.0, 0.0
    for c, ok in rows:
        running += 1.0 if ok else -penalty
        if running > best_sum:
            best_t, best_sum = c, running
    return best_t, best_sum / len(rows)


# %% wrong (q33-best-threshold-hidden-ties): a dictionary keeps one answer of a group
def best_threshold(confidences, correct, penalty):
    rows = sorted(dict(zip(confidences, correct)).items(), reverse=True)
    best_t, best_sum, running = math.inf, 0.0, 0.0
    for c, ok in rows:
        running += 1.0 if ok else -penalty
        if running > best_sum:
            best_t, best_sum = c, running
    return best_t, best_sum / len(confidences)


# %% wrong (q33-best-threshold-hidden-edges): the lowest of equally good ones
def best_threshold(confidences, correct, penalty):
    best = (math.inf, 0.0)
    for t in sorted(set(confidences), reverse=True):
        given = [ok for c, ok in zip(confidences, correct) if c >= t]
        score = sum(1 if ok else -penalty for ok in given) / len(confidences)
        if score >= best[1]:
            best = (t, score)
    return best


# %% wrong (q33-best-threshold-hidden-edges): infinity is no candidate
def best_threshold(confidences, correct, penalty):
    best = None
    for t in sorted(set(confidences), reverse=True):
        given = [ok for c, ok in zip(confidences, correct) if c >= t]
        score = sum(1 if ok else -penalty for ok in given) / len(confidences)
        if best is None or score > best[1]:
            best = (t, score)
    return best


# %% wrong (q33-best-threshold-hidden-edges): sorts the list that it was given
def best_threshold(confidences, correct, penalty):
    order = sorted(range(len(confidences)), key=lambda i: -confidences[i])
    correct[:] = [correct[i] for i in order]
    confidences.sort(reverse=True)
    best = (math.inf, 0.0)
    for t in dict.fromkeys(confidences):
        given = [ok for c, ok in zip(confidences, correct) if c >= t]
        score = sum(1 if ok else -penalty for ok in given) / len(confidences)
        if score > best[1]:
            best = (t, score)
    return best
