# %% right: a score for each survivor, max with a key
def choose_model(models, require, weights):
    left = []
    for m in models:
        if all(k in m for k in require) and all(f(m[k]) for k, f in require.items()):
            left.append(m)
    if not left:
        return None
    low = {k: min(m[k] for m in left) for k in weights}
    span = {k: max(m[k] for m in left) - low[k] for k in weights}

    def score(m):
        return sum(w * (m[k] - low[k]) / span[k] for k, w in weights.items() if span[k])

    return max(left, key=score)["name"]


# %% right: with arrays
import numpy as np


def choose_model(models, require, weights):
    keys = list(require)
    left = [m for m in models if set(keys) <= set(m)]
    for k in keys:
        left = [m for m in left if bool(require[k](m[k]))]
    if len(left) == 0:
        return None
    total = np.zeros(len(left))
    for k, w in weights.items():
        x = np.array([m[k] for m in left], dtype=float)
        width = x.max() - x.min()
        if width > 0:
            total += w * (x - x.min()) / width
    return left[int(np.argmax(total))]["name"]


# %% right: one pass that remembers the best
def choose_model(models, require, weights):
    survivors = list(filter(lambda m: all(k in m and f(m[k]) for k, f in require.items()), models))
    best, best_score = None, None
    for m in survivors:
        total = 0.0
        for k, w in weights.items():
            values = [s[k] for s in survivors]
            lo, hi = min(values), max(values)
            total += w * ((m[k] - lo) / (hi - lo) if hi != lo else 0)
        if best_score is None or total > best_score:
            best, best_score = m["name"], total
    return best


# %% wrong (q15-choose-model-hidden-survivors): normalised over all models
def choose_model(models, require, weights):
    left = [m for m in models if all(k in m and f(m[k]) for k, f in require.items())]
    if not left:
        return None

    def score(m):
        total = 0.0
        for k, w in weights.items():
            column = [x[k] for x in models if k in x]
            if max(column) > min(column):
                total += w * (m[k] - min(column)) / (max(column) - min(column))
        return total

    return max(left, key=score)["name"]


# %% wrong (q15-choose-model-hidden-survivors): the best of all, and None if it breaks a constraint
def choose_model(models, require, weights):
    if not models:
        return None

    def score(m):
        total = 0.0
        for k, w in weights.items():
            column = [x.get(k, 0) for x in models]
            if max(column) > min(column):
                total += w * (m.get(k, 0) - min(column)) / (max(column) - min(column))
        return total

    best = max(models, key=score)
    fits = all(k in best and f(best[k]) for k, f in require.items())
    return best["name"] if fits else None


# %% wrong (q15-choose-model-hidden-survivors): a broken constraint costs a point
def choose_model(models, require, weights):
    known = [m for m in models if all(k in m for k in require)]
    if not known or not any(all(f(m[k]) for k, f in require.items()) for m in known):
        return None

    def score(m):
        total = -1.0 * sum(not f(m[k]) for k, f in require.items())
        for k, w in weights.items():
            column = [x[k] for x in known]
            if max(column) > min(column):
                total += w * (m[k] - min(column)) / (max(column) - min(column))
        return total

    return max(known, key=score)["name"]


# %% wrong (q15-choose-model-hidden-survivors): one constraint is enough
def choose_model(models, require, weights):
    left = [m for m in models if not require or any(k in m and f(m[k]) for k, f in require.items())]
    if not left:
        return None
    low = {k: min(m[k] for m in left) for k in weights}
    span = {k: max(m[k] for m in left) - low[k] for k in weights}
    return max(
        left,
        key=lambda m: sum(w * (m[k] - low[k]) / span[k] for k, w in weights.items() if span[k]),
    )["name"]


# %% wrong (q15-choose-model-hidden-missing): a missing value is given to the function as None
def choose_model(models, require, weights):
    left = [m for m in models if all(f(m.get(k)) for k, f in require.items())]
    if not left:
        return None
    low = {k: min(m.get(k, 0) for m in left) for k in weights}
    span = {k: max(m.get(k, 0) for m in left) - low[k] for k in weights}
    return max(
        left,
        key=lambda m: sum(
            w * (m.get(k, 0) - low[k]) / span[k] for k, w in weights.items() if span[k]
        ),
    )["name"]


# %% wrong (q15-choose-model-hidden-missing): what lacks a key passes
def choose_model(models, require, weights):
    left = [m for m in models if all(k not in m or f(m[k]) for k, f in require.items())]
    if not left:
        return None
    low = {k: min(m.get(k, 0) for m in left) for k in weights}
    span = {k: max(m.get(k, 0) for m in left) - low[k] for k in weights}
    return max(
        left,
        key=lambda m: sum(
            w * (m.get(k, 0) - low[k]) / span[k] for k, w in weights.items() if span[k]
        ),
    )["name"]


# %% wrong (q15-choose-model-hidden-missing): None and 0 count as missing
def choose_model(models, require, weights):
    left = [m for m in models if all(m.get(k) and f(m[k]) for k, f in require.items())]
    if not left:
        return None
    low = {k: min(m[k] for m in left) for k in weights}
    span = {k: max(m[k] for m in left) - low[k] for k in weights}
    return max(
        left,
        key=lambda m: sum(w * (m[k] - low[k]) / span[k] for k, w in weights.items() if span[k]),
    )["name"]


# %% wrong (q15-choose-model-hidden-missing): asks whether the result is True itself
def choose_model(models, require, weights):
    left = [m for m in models if all(k in m and f(m[k]) is True for k, f in require.items())]
    if not left:
        return None
    low = {k: min(m[k] for m in left) for k in weights}
    span = {k: max(m[k] for m in left) - low[k] for k in weights}
    return max(
        left,
        key=lambda m: sum(w * (m[k] - low[k]) / span[k] for k, w in weights.items() if span[k]),
    )["name"]


# %% wrong (q15-choose-model-hidden-scale): nothing is normalised
def choose_model(models, require, weights):
    left = [m for m in models if all(k in m and f(m[k]) for k, f in require.items())]
    if not left:
        return None
    return max(left, key=lambda m: sum(w * m[k] for k, w in weights.items()))["name"]


# %% wrong (q15-choose-model-hidden-scale): divided by the largest value only
def choose_model(models, require, weights):
    left = [m for m in models if all(k in m and f(m[k]) for k, f in require.items())]
    if not left:
        return None
    top = {k: max(m[k] for m in left) or 1 for k in weights}
    return max(left, key=lambda m: sum(w * m[k] / top[k] for k, w in weights.items()))["name"]


# %% wrong (q15-choose-model-hidden-scale): the sign of a weight is ignored
def choose_model(models, require, weights):
    left = [m for m in models if all(k in m and f(m[k]) for k, f in require.items())]
    if not left:
        return None
    low = {k: min(m[k] for m in left) for k in weights}
    span = {k: max(m[k] for m in left) - low[k] for k in weights}
    return max(
        left,
        key=lambda m: sum(
            abs(w) * (m[k] - low[k]) / span[k] for k, w in weights.items() if span[k]
        ),
    )["name"]


# %% wrong (q15-choose-model-hidden-scale): equal values are divided by zero
def choose_model(models, require, weights):
    left = [m for m in models if all(k in m and f(m[k]) for k, f in require.items())]
    if not left:
        return None
    low = {k: min(m[k] for m in left) for k in weights}
    span = {k: max(m[k] for m in left) - low[k] for k in weights}
    return max(left, key=lambda m: sum(w * (m[k] - low[k]) / span[k] for k, w in weights.items()))[
        "name"
    ]


# %% wrong (q15-choose-model-hidden-ties): of equal scores the last
def choose_model(models, require, weights):
    left = [m for m in models if all(k in m and f(m[k]) for k, f in require.items())]
    best, top = None, float("-inf")
    for m in left:
        total = 0.0
        for k, w in weights.items():
            column = [x[k] for x in left]
            if max(column) > min(column):
                total += w * (m[k] - min(column)) / (max(column) - min(column))
        if total >= top:
            best, top = m["name"], total
    return best


# %% wrong (q15-choose-model-hidden-ties): only scores above zero are looked at
def choose_model(models, require, weights):
    left = [m for m in models if all(k in m and f(m[k]) for k, f in require.items())]
    if len(left) == 1:
        return left[0]["name"]
    best, top = None, 0.0
    for m in left:
        total = 0.0
        for k, w in weights.items():
            column = [x[k] for x in left]
            if max(column) > min(column):
                total += w * (m[k] - min(column)) / (max(column) - min(column))
        if total > top:
            best, top = m["name"], total
    return best


# %% wrong (q15-choose-model-hidden-ties): of equal scores the first by name
def choose_model(models, require, weights):
    left = [m for m in models if all(k in m and f(m[k]) for k, f in require.items())]
    if not left:
        return None
    low = {k: min(m[k] for m in left) for k in weights}
    span = {k: max(m[k] for m in left) - low[k] for k in weights}

    def score(m):
        return sum(w * (m[k] - low[k]) / span[k] for k, w in weights.items() if span[k])

    return min(left, key=lambda m: (-score(m), m["name"]))["name"]


# %% wrong (q15-choose-model-hidden-ties): normalises in the models themselves
def choose_model(models, require, weights):
    left = [m for m in models if all(k in m and f(m[k]) for k, f in require.items())]
    if not left:
        return None
    for k in weights:
        column = [m[k] for m in left]
        width = max(column) - min(column)
        for m in left:
            m[k] = (m[k] - min(column)) / width if width else 0.0
    return max(left, key=lambda m: sum(w * m[k] for k, w in weights.items()))["name"]


# %% wrong (q15-choose-model-hidden-scale): a score below zero is no offer
def choose_model(models, require, weights):
    left = [m for m in models if all(k in m and f(m[k]) for k, f in require.items())]
    if not left:
        return None
    low = {k: min(m[k] for m in left) for k in weights}
    span = {k: max(m[k] for m in left) - low[k] for k in weights}
    scores = [
        sum(w * (m[k] - low[k]) / span[k] for k, w in weights.items() if span[k]) for m in left
    ]
    if max(scores) < 0:
        return None
    return left[scores.index(max(scores))]["name"]


# %% wrong (q15-choose-model-hidden-scale): a narrow column counts as equal
def choose_model(models, require, weights):
    left = [m for m in models if all(k in m and f(m[k]) for k, f in require.items())]
    if not left:
        return None
    low = {k: min(m[k] for m in left) for k in weights}
    span = {k: max(m[k] for m in left) - low[k] for k in weights}
    scores = [
        sum(w * (m[k] - low[k]) / span[k] for k, w in weights.items() if span[k] > 1e-6)
        for m in left
    ]
    return left[scores.index(max(scores))]["name"]
