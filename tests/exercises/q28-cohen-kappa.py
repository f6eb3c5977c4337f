# %% right: counters, in floats
def cohen_kappa(a, b):
    from collections import Counter

    if len(a) != len(b) or len(a) == 0:
        raise ValueError("two lists of equal length, please")
    n = len(a)
    ca, cb = Counter(a), Counter(b)
    if len(ca) == 1 and ca == cb:
        return 1.0
    po = sum(x == y for x, y in zip(a, b, strict=True)) / n
    pe = sum(ca[k] / n * cb[k] / n for k in ca)
    return (po - pe) / (1 - pe)


# %% right: a table of counts
def cohen_kappa(a, b):
    if not len(a) or len(a) != len(b):
        raise ValueError("lengths")
    number = {}
    for label in [*a, *b]:
        number.setdefault(label, len(number))
    table = np.zeros((len(number), len(number)))
    for x, y in zip(a, b, strict=True):
        table[number[x], number[y]] += 1
    table /= table.sum()
    chance = table.sum(axis=1) @ table.sum(axis=0)
    if len(number) == 1:
        return 1.0
    return (np.trace(table) - chance) / (1 - chance)


# %% right: every item of a against every item of b
def cohen_kappa(a, b):
    from fractions import Fraction

    n = len(a)
    if n != len(b) or n < 1:
        raise ValueError("unequal or empty")
    expected = Fraction(sum(x == y for x in a for y in b), n * n)
    observed = Fraction(sum(a[i] == b[i] for i in range(n)), n)
    return 1.0 if expected == 1 else float((observed - expected) / (1 - expected))


# %% wrong (q28-cohen-kappa-hidden-chance): raw agreement
def cohen_kappa(a, b):
    if not a or len(a) != len(b):
        raise ValueError("lengths")
    return sum(x == y for x, y in zip(a, b, strict=True)) / len(a)


# %% wrong (q28-cohen-kappa-hidden-value): chance is one over the number of labels
def cohen_kappa(a, b):
    if not a or len(a) != len(b):
        raise ValueError("lengths")
    po = sum(x == y for x, y in zip(a, b, strict=True)) / len(a)
    labels = len(set(a) | set(b))
    if labels == 1:
        return 1.0
    return (po - 1 / labels) / (1 - 1 / labels)


# %% wrong (q28-cohen-kappa-hidden-value): both raters' labels pooled, which is Scott's pi
def cohen_kappa(a, b):
    if not a or len(a) != len(b):
        raise ValueError("lengths")
    n = len(a)
    po = sum(x == y for x, y in zip(a, b, strict=True)) / n
    both = [*a, *b]
    pe = sum((both.count(k) / (2 * n)) ** 2 for k in set(both))
    return 1.0 if pe == 1 else (po - pe) / (1 - pe)


# %% wrong (q28-cohen-kappa-hidden-value): the shares of the first rater, squared
def cohen_kappa(a, b):
    if not a or len(a) != len(b):
        raise ValueError("lengths")
    n = len(a)
    po = sum(x == y for x, y in zip(a, b, strict=True)) / n
    pe = sum((a.count(k) / n) ** 2 for k in set(a))
    if pe == 1:
        return 1.0 if a == b else 0.0
    return (po - pe) / (1 - pe)


# %% wrong (q28-cohen-kappa-hidden-chance): cut off at zero
def cohen_kappa(a, b):
    if not a or len(a) != len(b):
        raise ValueError("lengths")
    n = len(a)
    po = sum(x == y for x, y in zip(a, b, strict=True)) / n
    pe = sum(a.count(k) * b.count(k) for k in set(a)) / n**2
    return 1.0 if pe == 1 else max(0.0, (po - pe) / (1 - pe))


# %% wrong (q28-cohen-kappa-hidden-edges): one label only gives zero
def cohen_kappa(a, b):
    if not a or len(a) != len(b):
        raise ValueError("lengths")
    n = len(a)
    po = sum(x == y for x, y in zip(a, b, strict=True)) / n
    pe = sum(a.count(k) * b.count(k) for k in set(a)) / n**2
    return 0.0 if pe == 1 else (po - pe) / (1 - pe)


# %% wrong (q28-cohen-kappa-hidden-edges): the longer list is cut off in silence
def cohen_kappa(a, b):
    if not a or not b:
        raise ValueError("empty")
    pairs = list(zip(a, b, strict=False))
    n = len(pairs)
    po = sum(x == y for x, y in pairs) / n
    pe = sum(a[:n].count(k) * b[:n].count(k) for k in set(a)) / n**2
    return 1.0 if pe == 1 else (po - pe) / (1 - pe)


# %% wrong (q28-cohen-kappa-hidden-chance): labels are compared as text
def cohen_kappa(a, b):
    if not a or len(a) != len(b):
        raise ValueError("lengths")
    a, b, n = [str(x) for x in a], [str(x) for x in b], len(a)
    po = sum(x == y for x, y in zip(a, b, strict=True)) / n
    pe = sum(a.count(k) * b.count(k) for k in set(a)) / n**2
    return 1.0 if pe == 1 else (po - pe) / (1 - pe)


# %% wrong (q28-cohen-kappa-hidden-chance): nearly certain is taken for certain
def cohen_kappa(a, b):
    if not a or len(a) != len(b):
        raise ValueError("lengths")
    n = len(a)
    po = sum(x == y for x, y in zip(a, b, strict=True)) / n
    pe = sum(a.count(k) * b.count(k) for k in set(a)) / n**2
    return 1.0 if 1 - pe < 0.05 else (po - pe) / (1 - pe)
