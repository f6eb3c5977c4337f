# %% right: the hint, a dict's keys
def factscore(facts, supported, gamma=10):
    if isinstance(facts, str):
        raise TypeError("a list, please")
    unique = list(dict.fromkeys(facts))
    if len(unique) == 0:
        return None
    verdicts = [supported(fact) for fact in unique]
    score = verdicts.count(True) / len(unique)
    if len(unique) < gamma:
        score *= math.exp(1 - gamma / len(unique))
    return score


# %% right: numpy, and a minimum in the exponent
def factscore(facts, supported, gamma=10):
    if type(facts) is str:
        raise TypeError("facts must be a list")
    seen = []
    for fact in facts:
        if fact not in seen:
            seen.append(fact)
    if not seen:
        return None
    n = len(seen)
    return np.mean([supported(f) is True for f in seen]) * np.exp(min(0.0, 1 - gamma / n))


# %% right: verdicts in a dictionary
def factscore(facts, supported, gamma=10):
    if not isinstance(facts, list):
        raise TypeError("facts must be a list")
    known = {}
    for fact in facts:
        if fact not in known:
            known[fact] = supported(fact) == True  # noqa: E712
    if not known:
        return None
    penalty = 1.0 if len(known) >= gamma else math.e ** (1 - gamma / len(known))
    return penalty * sum(known.values()) / len(known)


# %% wrong (q33-factscore-hidden-penalty): the sign of the exponent
def factscore(facts, supported, gamma=10):
    if isinstance(facts, str):
        raise TypeError("a list, please")
    unique = list(dict.fromkeys(facts))
    if not unique:
        return None
    score = sum(supported(f) is True for f in unique) / len(unique)
    if len(unique) < gamma:
        score *= math.exp(gamma / len(unique) - 1)
    return score


# %% wrong (q33-factscore-hidden-penalty): always applied, a bonus for long answers
def factscore(facts, supported, gamma=10):
    if isinstance(facts, str):
        raise TypeError("a list, please")
    unique = list(dict.fromkeys(facts))
    if not unique:
        return None
    n = len(unique)
    return sum(supported(f) is True for f in unique) / n * math.exp(1 - gamma / n)


# %% wrong (q33-factscore-hidden-penalty): no penalty at all
def factscore(facts, supported, gamma=10):
    if isinstance(facts, str):
        raise TypeError("a list, please")
    unique = list(dict.fromkeys(facts))
    if not unique:
        return None
    return sum(supported(f) is True for f in unique) / len(unique)


# %% wrong (q33-factscore-hidden-penalty): a linear penalty
def factscore(facts, supported, gamma=10):
    if isinstance(facts, str):
        raise TypeError("a list, please")
    unique = list(dict.fromkeys(facts))
    if not unique:
        return None
    n = len(unique)
    share = sum(supported(f) is True for f in unique) / n
    return share * n / gamma if n < gamma else share


# %% wrong (q33-factscore-hidden-penalty): the exponent upside down
def factscore(facts, supported, gamma=10):
    if isinstance(facts, str):
        raise TypeError("a list, please")
    unique = list(dict.fromkeys(facts))
    if not unique:
        return None
    n = len(unique)
    share = sum(supported(f) is True for f in unique) / n
    return share * math.exp(1 - n / gamma) if n < gamma else share


# %% wrong (q33-factscore-hidden-penalty): the number of supported facts in the penalty
def factscore(facts, supported, gamma=10):
    if isinstance(facts, str):
        raise TypeError("a list, please")
    unique = list(dict.fromkeys(facts))
    if not unique:
        return None
    right = sum(supported(f) is True for f in unique)
    if not right:
        return 0.0
    share = right / len(unique)
    return share * math.exp(1 - gamma / right) if right < gamma else share


# %% wrong (q33-factscore-hidden-repeated): repeated facts count each time
def factscore(facts, supported, gamma=10):
    if isinstance(facts, str):
        raise TypeError("a list, please")
    if not facts:
        return None
    n = len(facts)
    share = sum(supported(f) is True for f in facts) / n
    return share * math.exp(1 - gamma / n) if n < gamma else share


# %% wrong (q33-factscore-hidden-repeated): the penalty looks at the long list
def factscore(facts, supported, gamma=10):
    if isinstance(facts, str):
        raise TypeError("a list, please")
    unique = list(dict.fromkeys(facts))
    if not unique:
        return None
    n = len(facts)
    share = sum(supported(f) is True for f in unique) / len(unique)
    return share * math.exp(1 - gamma / n) if n < gamma else share


# %% wrong (q33-factscore-hidden-repeated): a sorted set, asked in another order
def factscore(facts, supported, gamma=10):
    if isinstance(facts, str):
        raise TypeError("a list, please")
    unique = sorted(set(facts))
    if not unique:
        return None
    n = len(unique)
    share = sum(supported(f) is True for f in unique) / n
    return share * math.exp(1 - gamma / n) if n < gamma else share


# %% wrong (q33-factscore-hidden-repeated): facts that differ in case or spaces are one
def factscore(facts, supported, gamma=10):
    if isinstance(facts, str):
        raise TypeError("a list, please")
    unique = {}
    for f in facts:
        unique.setdefault(" ".join(f.lower().split()), f)
    if not unique:
        return None
    n = len(unique)
    share = sum(supported(f) is True for f in unique.values()) / n
    return share * math.exp(1 - gamma / n) if n < gamma else share


# %% wrong (q33-factscore-hidden-silent): what is not denied is supported
def factscore(facts, supported, gamma=10):
    if isinstance(facts, str):
        raise TypeError("a list, please")
    unique = list(dict.fromkeys(facts))
    if not unique:
        return None
    n = len(unique)
    share = sum(supported(f) is not False for f in unique) / n
    return share * math.exp(1 - gamma / n) if n < gamma else share


# %% wrong (q33-factscore-hidden-silent): unverifiable facts are left out
def factscore(facts, supported, gamma=10):
    if isinstance(facts, str):
        raise TypeError("a list, please")
    unique = list(dict.fromkeys(facts))
    verdicts = [v for v in map(supported, unique) if v is not None]
    if not unique or not verdicts:
        return None
    n = len(verdicts)
    share = sum(verdicts) / n
    return share * math.exp(1 - gamma / n) if n < gamma else share


# %% wrong (q33-factscore-hidden-silent): adds up None raises
def factscore(facts, supported, gamma=10):
    if isinstance(facts, str):
        raise TypeError("a list, please")
    unique = list(dict.fromkeys(facts))
    if not unique:
        return None
    n = len(unique)
    share = sum(supported(f) for f in unique) / n
    return share * math.exp(1 - gamma / n) if n < gamma else share


# %% wrong (q33-factscore-hidden-edges): no facts are a zero
def factscore(facts, supported, gamma=10):
    if isinstance(facts, str):
        raise TypeError("a list, please")
    unique = list(dict.fromkeys(facts))
    n = len(unique)
    if n == 0:
        return 0.0
    share = sum(supported(f) is True for f in unique) / n
    return share * math.exp(1 - gamma / n) if n < gamma else share


# %% wrong (q33-factscore-hidden-edges): divides by zero
def factscore(facts, supported, gamma=10):
    if isinstance(facts, str):
        raise TypeError("a list, please")
    unique = list(dict.fromkeys(facts))
    n = len(unique)
    share = sum(supported(f) is True for f in unique) / n
    return share * math.exp(1 - gamma / n) if n < gamma else share


# %% wrong (q33-factscore-hidden-edges): loops over a string
def factscore(facts, supported, gamma=10):
    unique = list(dict.fromkeys(facts))
    if not unique:
        return None
    n = len(unique)
    share = sum(supported(f) is True for f in unique) / n
    return share * math.exp(1 - gamma / n) if n < gamma else share


# %% wrong (q33-factscore-hidden-edges): the empty string is taken for an empty list
def factscore(facts, supported, gamma=10):
    if not facts:
        return None
    if isinstance(facts, str):
        raise TypeError("a list, please")
    unique = list(dict.fromkeys(facts))
    n = len(unique)
    share = sum(supported(f) is True for f in unique) / n
    return share * math.exp(1 - gamma / n) if n < gamma else share


# %% wrong (q33-factscore-hidden-edges): takes repetitions out of the list that it was given
def factscore(facts, supported, gamma=10):
    if isinstance(facts, str):
        raise TypeError("a list, please")
    if not facts:
        return None
    facts[:] = list(dict.fromkeys(facts))
    n = len(facts)
    share = sum(supported(f) is True for f in facts) / n
    return share * math.exp(1 - gamma / n) if n < gamma else share


# %% wrong (q33-factscore-hidden-repeated): spaces at the ends do not count
def factscore(facts, supported, gamma=10):
    if isinstance(facts, str):
        raise TypeError("a list, please")
    unique = list(dict.fromkeys(f.strip() for f in facts))
    if not unique:
        return None
    n = len(unique)
    share = sum(supported(f) is True for f in unique) / n
    return share * math.exp(1 - gamma / n) if n < gamma else share


# %% wrong (q33-factscore-hidden-repeated): an empty fact is none
def factscore(facts, supported, gamma=10):
    if isinstance(facts, str):
        raise TypeError("a list, please")
    unique = list(dict.fromkeys(f for f in facts if f))
    if not unique:
        return None
    n = len(unique)
    share = sum(supported(f) is True for f in unique) / n
    return share * math.exp(1 - gamma / n) if n < gamma else share
