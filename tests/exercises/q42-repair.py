# %% right: NumPy over the flattened tokens
def metric_report(hits):
    flat = np.concatenate([np.asarray(a, dtype=float) for a in hits])
    lengths = np.array([len(a) for a in hits])
    p = flat.mean()
    return {
        "token": p,
        "exact": np.mean([all(a) for a in hits]),
        "predicted": np.mean(p**lengths),
    }


# %% right: lengths counted first
def metric_report(hits):
    from collections import Counter

    flat = [x for a in hits for x in a]
    p = flat.count(True) / len(flat)
    counts = Counter(len(a) for a in hits)
    predicted = sum(c * p**n for n, c in counts.items()) / len(hits)
    exact = sum(1 for a in hits if False not in a) / len(hits)
    return dict(predicted=predicted, exact=exact, token=p)


# %% right: loops
def metric_report(hits):
    right = tokens = 0
    exact = 0.0
    for answer in hits:
        tokens += len(answer)
        good = 0
        for hit in answer:
            good += 1 if hit else 0
        right += good
        exact += good == len(answer)
    token = right / tokens
    predicted = 0.0
    for answer in hits:
        product = 1.0
        for _ in answer:
            product *= token
        predicted += product
    return {"token": token, "exact": exact / len(hits), "predicted": predicted / len(hits)}


# %% wrong (q42-repair-hidden-token): mean of the answers' means stays
def metric_report(hits):
    token = sum(sum(a) / len(a) for a in hits) / len(hits)
    exact = sum(map(all, hits)) / len(hits)
    predicted = sum(token ** len(a) for a in hits) / len(hits)
    return {"token": token, "exact": exact, "predicted": predicted}


# %% wrong (q42-repair-hidden-token): exact match counts answers with any right token
def metric_report(hits):
    token = sum(map(sum, hits)) / sum(map(len, hits))
    exact = sum(map(any, hits)) / len(hits)
    predicted = sum(token ** len(a) for a in hits) / len(hits)
    return {"token": token, "exact": exact, "predicted": predicted}


# %% wrong (q42-repair-hidden-token): exact match only if every answer is right
def metric_report(hits):
    token = sum(map(sum, hits)) / sum(map(len, hits))
    exact = float(all(map(all, hits)))
    predicted = sum(token ** len(a) for a in hits) / len(hits)
    return {"token": token, "exact": exact, "predicted": predicted}


# %% wrong (q42-repair-hidden-token): empties the caller's lists
def metric_report(hits):
    token = sum(map(sum, hits)) / sum(map(len, hits))
    exact = sum(map(all, hits)) / len(hits)
    predicted = sum(token ** len(a) for a in hits) / len(hits)
    for a in hits:
        a.clear()
    return {"token": token, "exact": exact, "predicted": predicted}


# %% wrong (q42-repair-hidden-power): p times L stays
def metric_report(hits):
    token = sum(map(sum, hits)) / sum(map(len, hits))
    exact = sum(map(all, hits)) / len(hits)
    predicted = min(1.0, token * sum(map(len, hits)) / len(hits))
    return {"token": token, "exact": exact, "predicted": predicted}


# %% wrong (q42-repair-hidden-power): one minus L errors
def metric_report(hits):
    token = sum(map(sum, hits)) / sum(map(len, hits))
    exact = sum(map(all, hits)) / len(hits)
    predicted = sum(max(0.0, 1 - len(a) * (1 - token)) for a in hits) / len(hits)
    return {"token": token, "exact": exact, "predicted": predicted}


# %% wrong (q42-repair-hidden-power): the chance that at least one token is right
def metric_report(hits):
    token = sum(map(sum, hits)) / sum(map(len, hits))
    exact = sum(map(all, hits)) / len(hits)
    predicted = sum(1 - (1 - token) ** len(a) for a in hits) / len(hits)
    return {"token": token, "exact": exact, "predicted": predicted}


# %% wrong (q42-repair-hidden-power): the power of the number of answers
def metric_report(hits):
    token = sum(map(sum, hits)) / sum(map(len, hits))
    exact = sum(map(all, hits)) / len(hits)
    predicted = token ** len(hits)
    return {"token": token, "exact": exact, "predicted": predicted}


# %% wrong (q42-repair-hidden-lengths): the power of the mean length
def metric_report(hits):
    token = sum(map(sum, hits)) / sum(map(len, hits))
    exact = sum(map(all, hits)) / len(hits)
    predicted = token ** (sum(map(len, hits)) / len(hits))
    return {"token": token, "exact": exact, "predicted": predicted}


# %% wrong (q42-repair-hidden-lengths): each answer's own accuracy to its own length
def metric_report(hits):
    token = sum(map(sum, hits)) / sum(map(len, hits))
    exact = sum(map(all, hits)) / len(hits)
    predicted = sum((sum(a) / len(a)) ** len(a) for a in hits) / len(hits)
    return {"token": token, "exact": exact, "predicted": predicted}


# %% wrong (q42-repair-hidden-lengths): the longest answer's length for all
def metric_report(hits):
    token = sum(map(sum, hits)) / sum(map(len, hits))
    exact = sum(map(all, hits)) / len(hits)
    predicted = token ** max(map(len, hits))
    return {"token": token, "exact": exact, "predicted": predicted}


# %% wrong (q42-repair-hidden-lengths): weighted by length
def metric_report(hits):
    token = sum(map(sum, hits)) / sum(map(len, hits))
    exact = sum(map(all, hits)) / len(hits)
    predicted = sum(len(a) * token ** len(a) for a in hits) / sum(map(len, hits))
    return {"token": token, "exact": exact, "predicted": predicted}


# %% wrong (q42-repair-hidden-token): sorts the caller's answers by length
def metric_report(hits: list[list[bool]]) -> dict[str, float]:
    hits.sort(key=len)
    n = len(hits)
    token = sum(sum(answer) for answer in hits) / sum(len(answer) for answer in hits)
    exact = sum(all(answer) for answer in hits) / n
    predicted = sum(token ** len(answer) for answer in hits) / n
    return {"token": token, "exact": exact, "predicted": predicted}
