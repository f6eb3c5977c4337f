# %% right: the closed formula, powers of the share rejected
def best_of_n_accuracy(p, tpr, fpr, n):
    for x in (p, tpr, fpr):
        if x < 0 or x > 1:
            raise ValueError(f"{x} is no probability")
    if n < 1:
        raise ValueError("at least one sample")
    a = p * tpr + (1 - p) * fpr
    r = 1 - a
    if a == 0 or a == 1:
        return float(p)
    return (1 - r**n) * p * tpr / a + r ** (n - 1) * p * (1 - tpr)


# %% right: a sum over the number of accepted answers
def best_of_n_accuracy(p, tpr, fpr, n):
    if min(p, tpr, fpr) < 0 or max(p, tpr, fpr) > 1 or n < 1:
        raise ValueError("p, tpr, fpr lie in [0, 1], n is at least 1")
    good, bad = p * tpr, (1 - p) * fpr
    a = good + bad
    total = 0.0
    for k in range(n + 1):
        weight = math.comb(n, k) * a**k * (1 - a) ** (n - k)
        if k:
            total += weight * (good / a if a else 0.0)
        else:
            total += weight * (p * (1 - tpr) / (1 - a) if a < 1 else 0.0)
    return total


# %% right: the state of one slot, sample after sample, in NumPy
def best_of_n_accuracy(p, tpr, fpr, n):
    numbers = np.array([p, tpr, fpr], dtype=float)
    if ((numbers < 0) | (numbers > 1)).any():
        raise ValueError("not a probability")
    if n <= 0:
        raise ValueError("n must be positive")
    joint = np.array([[p * (1 - tpr), p * tpr], [(1 - p) * (1 - fpr), (1 - p) * fpr]])
    rejected, accepted = joint.sum(axis=0)
    # the first accepted answer is as good as a random accepted one
    reached = np.power(rejected, np.arange(n)).sum()
    value = joint[0, 1] * reached
    value += joint[0, 0] * np.power(rejected, n - 1)
    return np.float64(value)


# %% wrong (q47-best-of-n-accuracy-hidden-accepted): coverage reported as accuracy
def best_of_n_accuracy(p, tpr, fpr, n):
    if not all(0 <= x <= 1 for x in (p, tpr, fpr)) or n < 1:
        raise ValueError("out of range")
    return 1 - (1 - p) ** n


# %% wrong (q47-best-of-n-accuracy-hidden-accepted): coverage of what the verifier lets through
def best_of_n_accuracy(p, tpr, fpr, n):
    if not all(0 <= x <= 1 for x in (p, tpr, fpr)) or n < 1:
        raise ValueError("out of range")
    return 1 - (1 - p * tpr) ** n


# %% wrong (q47-best-of-n-accuracy-hidden-none): nothing accepted counts as wrong
def best_of_n_accuracy(p, tpr, fpr, n):
    if not all(0 <= x <= 1 for x in (p, tpr, fpr)) or n < 1:
        raise ValueError("out of range")
    a = p * tpr + (1 - p) * fpr
    return (1 - (1 - a) ** n) * p * tpr / a if a else 0.0


# %% wrong (q47-best-of-n-accuracy-hidden-none): a rejected answer is taken to be right with probability p
def best_of_n_accuracy(p, tpr, fpr, n):
    if not all(0 <= x <= 1 for x in (p, tpr, fpr)) or n < 1:
        raise ValueError("out of range")
    a = p * tpr + (1 - p) * fpr
    none = (1 - a) ** n
    return none * p + ((1 - none) * p * tpr / a if a else 0.0)


# %% wrong (q47-best-of-n-accuracy-hidden-none): the miss is counted with the joint, not the conditional probability
def best_of_n_accuracy(p, tpr, fpr, n):
    if not all(0 <= x <= 1 for x in (p, tpr, fpr)) or n < 1:
        raise ValueError("out of range")
    a = p * tpr + (1 - p) * fpr
    none = (1 - a) ** n
    return none * p * (1 - tpr) + ((1 - none) * p * tpr / a if a else 0.0)


# %% wrong (q47-best-of-n-accuracy-hidden-accepted): the limit of many samples for every n
def best_of_n_accuracy(p, tpr, fpr, n):
    if not all(0 <= x <= 1 for x in (p, tpr, fpr)) or n < 1:
        raise ValueError("out of range")
    a = p * tpr + (1 - p) * fpr
    return p * tpr / a if a and n > 1 else p


# %% wrong (q47-best-of-n-accuracy-hidden-accepted): fpr taken as the share of wrong answers rejected
def best_of_n_accuracy(p, tpr, fpr, n):
    if not all(0 <= x <= 1 for x in (p, tpr, fpr)) or n < 1:
        raise ValueError("out of range")
    a = p * tpr + (1 - p) * (1 - fpr)
    none = (1 - a) ** n
    good = (1 - none) * p * tpr / a if a else 0.0
    return good + (none * p * (1 - tpr) / (1 - a) if a < 1 else 0.0)


# %% wrong (q47-best-of-n-accuracy-hidden-ends): divides by the share accepted even if it is 0
def best_of_n_accuracy(p, tpr, fpr, n):
    if not all(0 <= x <= 1 for x in (p, tpr, fpr)) or n < 1:
        raise ValueError("out of range")
    a = p * tpr + (1 - p) * fpr
    none = (1 - a) ** n
    return (1 - none) * p * tpr / a + none * p * (1 - tpr) / (1 - a)


# %% wrong (q47-best-of-n-accuracy-hidden-ends): a verifier that accepts nothing is taken to leave nothing right
def best_of_n_accuracy(p, tpr, fpr, n):
    if not all(0 <= x <= 1 for x in (p, tpr, fpr)) or n < 1:
        raise ValueError("out of range")
    a = p * tpr + (1 - p) * fpr
    if a == 0:
        return 0.0
    good = (1 - (1 - a) ** n) * p * tpr / a
    return good + (1 - a) ** (n - 1) * p * (1 - tpr)


# %% wrong (q47-best-of-n-accuracy-hidden-errors): n = 0 slips through
def best_of_n_accuracy(p, tpr, fpr, n):
    if not all(0 <= x <= 1 for x in (p, tpr, fpr)) or n < 0:
        raise ValueError("out of range")
    a = p * tpr + (1 - p) * fpr
    if a in (0, 1):
        return float(p)
    none = (1 - a) ** n
    return (1 - none) * p * tpr / a + none * p * (1 - tpr) / (1 - a)


# %% wrong (q47-best-of-n-accuracy-hidden-errors): only p is checked
def best_of_n_accuracy(p, tpr, fpr, n):
    if not 0 <= p <= 1 or n < 1:
        raise ValueError("out of range")
    a = p * tpr + (1 - p) * fpr
    if a in (0, 1):
        return float(p)
    none = (1 - a) ** n
    return (1 - none) * p * tpr / a + none * p * (1 - tpr) / (1 - a)


# %% wrong (q47-best-of-n-accuracy-hidden-none): with many samples some are taken to be accepted
def best_of_n_accuracy(p, tpr, fpr, n):
    if not all(0 <= x <= 1 for x in (p, tpr, fpr)) or n < 1:
        raise ValueError("out of range")
    a = p * tpr + (1 - p) * fpr
    if a in (0, 1):
        return float(p)
    none = (1 - a) ** n
    missed = none * p * (1 - tpr) / (1 - a) if n <= 50 or fpr in (0, 1) else 0.0
    return (1 - none) * p * tpr / a + missed
