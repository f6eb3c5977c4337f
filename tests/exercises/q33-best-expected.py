# %% right: the larger of two values
def best_expected(confidences, right=1.0, wrong=0.0, abstain=0.0):
    if right <= wrong or len(confidences) == 0:
        raise ValueError("right must be larger than wrong, and there must be a question")
    total = 0.0
    for p in confidences:
        total += max(p * right + (1 - p) * wrong, abstain)
    return (abstain - wrong) / (right - wrong), total / len(confidences)


# %% right: by the threshold, in numpy
def best_expected(confidences, right=1.0, wrong=0.0, abstain=0.0):
    p = np.asarray(confidences, dtype=float)
    if not right > wrong:
        raise ValueError("right must be larger than wrong")
    if p.size == 0:
        raise ValueError("no confidences")
    t = (abstain - wrong) / (right - wrong)
    return t, np.where(p > t, wrong + p * (right - wrong), abstain).mean()


# %% wrong (q33-best-expected-hidden-threshold): the penalty's formula, as if not answering gave 0
def best_expected(confidences, right=1.0, wrong=0.0, abstain=0.0):
    if right <= wrong or not confidences:
        raise ValueError("no")
    values = [max(p * right + (1 - p) * wrong, abstain) for p in confidences]
    return -wrong / (right - wrong), sum(values) / len(values)


# %% wrong (q33-best-expected-hidden-threshold): cut off at 0 and 1
def best_expected(confidences, right=1.0, wrong=0.0, abstain=0.0):
    if right <= wrong or not confidences:
        raise ValueError("no")
    values = [max(p * right + (1 - p) * wrong, abstain) for p in confidences]
    t = min(1.0, max(0.0, (abstain - wrong) / (right - wrong)))
    return t, sum(values) / len(values)


# %% wrong (q33-best-expected-hidden-threshold): a right answer is taken for one point
def best_expected(confidences, right=1.0, wrong=0.0, abstain=0.0):
    if right <= wrong or not confidences:
        raise ValueError("no")
    values = [max(p * right + (1 - p) * wrong, abstain) for p in confidences]
    return (abstain - wrong) / ((1 - wrong) or 1), sum(values) / len(values)


# %% wrong (q33-best-expected-hidden-expected): the mean of the questions that are answered
def best_expected(confidences, right=1.0, wrong=0.0, abstain=0.0):
    if right <= wrong or not confidences:
        raise ValueError("no")
    t = (abstain - wrong) / (right - wrong)
    values = [p * right + (1 - p) * wrong for p in confidences if p >= t]
    return t, sum(values) / len(values) if values else abstain


# %% wrong (q33-best-expected-hidden-expected): answers everything
def best_expected(confidences, right=1.0, wrong=0.0, abstain=0.0):
    if right <= wrong or not confidences:
        raise ValueError("no")
    mean = sum(confidences) / len(confidences)
    return (abstain - wrong) / (right - wrong), max(mean * right + (1 - mean) * wrong, abstain)


# %% wrong (q33-best-expected-hidden-expected): what is left out gives nothing
def best_expected(confidences, right=1.0, wrong=0.0, abstain=0.0):
    if right <= wrong or not confidences:
        raise ValueError("no")
    t = (abstain - wrong) / (right - wrong)
    values = [p * right + (1 - p) * wrong for p in confidences if p >= t]
    return t, sum(values) / len(confidences)


# %% wrong (q33-best-expected-hidden-expected): forgets what wrong answers cost
def best_expected(confidences, right=1.0, wrong=0.0, abstain=0.0):
    if right <= wrong or not confidences:
        raise ValueError("no")
    t = (abstain - wrong) / (right - wrong)
    values = [p * right if p > t else abstain for p in confidences]
    return t, sum(values) / len(values)


# %% wrong (q33-best-expected-hidden-errors): only equal points are refused
def best_expected(confidences, right=1.0, wrong=0.0, abstain=0.0):
    if right == wrong or not confidences:
        raise ValueError("no")
    values = [max(p * right + (1 - p) * wrong, abstain) for p in confidences]
    return (abstain - wrong) / (right - wrong), sum(values) / len(values)


# %% wrong (q33-best-expected-hidden-errors): no questions are worth nothing
def best_expected(confidences, right=1.0, wrong=0.0, abstain=0.0):
    if right <= wrong:
        raise ValueError("no")
    values = [max(p * right + (1 - p) * wrong, abstain) for p in confidences]
    return (abstain - wrong) / (right - wrong), sum(values) / max(1, len(values))


# %% wrong (q33-best-expected-hidden-errors): refuses right answers that cost something
def best_expected(confidences, right=1.0, wrong=0.0, abstain=0.0):
    if right <= 0 or right <= wrong or not confidences:
        raise ValueError("no")
    values = [max(p * right + (1 - p) * wrong, abstain) for p in confidences]
    return (abstain - wrong) / (right - wrong), sum(values) / len(values)


# %% wrong (q33-best-expected-hidden-expected): equal confidences count once
def best_expected(confidences, right=1.0, wrong=0.0, abstain=0.0):
    if right <= wrong or not confidences:
        raise ValueError("no")
    values = [max(p * right + (1 - p) * wrong, abstain) for p in set(confidences)]
    return (abstain - wrong) / (right - wrong), sum(values) / len(values)
