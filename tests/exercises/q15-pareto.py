# %% right: plain loops
def pareto(models, cost, benefit):
    names = []
    for a in models:
        beaten = False
        for b in models:
            worse = any(b[k] > a[k] for k in cost) or any(b[k] < a[k] for k in benefit)
            better = any(b[k] < a[k] for k in cost) or any(b[k] > a[k] for k in benefit)
            if better and not worse:
                beaten = True
        if not beaten:
            names.append(a["name"])
    return names


# %% right: with arrays
import numpy as np


def pareto(models, cost, benefit):
    if not models or not (cost or benefit):
        return [m["name"] for m in models]
    table = np.array([[m[k] for k in cost] + [-m[k] for k in benefit] for m in models], float)
    no_worse = (table[:, None, :] <= table[None, :, :]).all(axis=2)
    better = (table[:, None, :] < table[None, :, :]).any(axis=2)
    dominated = (no_worse & better).any(axis=0)
    return [m["name"] for m, gone in zip(models, dominated) if not gone]


# %% right: distinct points; no worse and different means better somewhere
def pareto(models, cost, benefit):
    points = [tuple([m[k] for k in cost] + [-m[k] for k in benefit]) for m in models]
    distinct = set(points)

    def stays(p):
        return not any(q != p and all(x <= y for x, y in zip(q, p)) for q in distinct)

    return [m["name"] for m, p in zip(models, points) if stays(p)]


# %% wrong (q15-pareto-hidden-equal): dominated only by what is better in everything
def pareto(models, cost, benefit):
    def beats(b, a):
        keys = [b[k] < a[k] for k in cost] + [b[k] > a[k] for k in benefit]
        return bool(keys) and all(keys)

    return [a["name"] for a in models if not any(beats(b, a) for b in models)]


# %% wrong (q15-pareto-hidden-equal): equal models throw each other out
def pareto(models, cost, benefit):
    def beats(b, a):
        return all(b[k] <= a[k] for k in cost) and all(b[k] >= a[k] for k in benefit)

    return [
        a["name"]
        for i, a in enumerate(models)
        if not any(beats(b, a) for j, b in enumerate(models) if j != i)
    ]


# %% wrong (q15-pareto-hidden-equal): of equal models only the first stays
def pareto(models, cost, benefit):
    kept = []
    for i, a in enumerate(models):
        gone = False
        for j, b in enumerate(models):
            no_worse = all(b[k] <= a[k] for k in cost) and all(b[k] >= a[k] for k in benefit)
            better = any(b[k] < a[k] for k in cost) or any(b[k] > a[k] for k in benefit)
            gone = gone or (no_worse and (better or j < i))
        if not gone:
            kept.append(a["name"])
    return kept


# %% wrong (q15-pareto-hidden-equal): models are told apart by their names
def pareto(models, cost, benefit):
    points = {m["name"]: [m[k] for k in cost] + [-m[k] for k in benefit] for m in models}

    def dominated(p):
        return any(
            all(x <= y for x, y in zip(q, p)) and any(x < y for x, y in zip(q, p))
            for q in points.values()
        )

    return [name for name, p in points.items() if not dominated(p)]


# %% wrong (q15-pareto-hidden-front): benefits are treated as costs
def pareto(models, cost, benefit):
    points = [[m[k] for k in [*cost, *benefit]] for m in models]

    def dominated(p):
        return any(
            all(x <= y for x, y in zip(q, p)) and any(x < y for x, y in zip(q, p)) for q in points
        )

    return [m["name"] for m, p in zip(models, points) if not dominated(p)]


# %% wrong (q15-pareto-hidden-front): better in one key is enough
def pareto(models, cost, benefit):
    def beats(b, a):
        no_worse_cost = all(b[k] <= a[k] for k in cost)
        better = any(b[k] > a[k] for k in benefit)
        return no_worse_cost and (better or (not benefit and any(b[k] < a[k] for k in cost)))

    return [a["name"] for a in models if not any(beats(b, a) for b in models)]


# %% wrong (q15-pareto-hidden-front): compares only with those that came before
def pareto(models, cost, benefit):
    points = [[m[k] for k in cost] + [-m[k] for k in benefit] for m in models]
    names = []
    for i, p in enumerate(points):
        if not any(
            all(x <= y for x, y in zip(q, p)) and any(x < y for x, y in zip(q, p))
            for q in points[:i]
        ):
            names.append(models[i]["name"])
    return names


# %% wrong (q15-pareto-hidden-front): sorted by price
def pareto(models, cost, benefit):
    points = [([m[k] for k in cost] + [-m[k] for k in benefit], m["name"]) for m in models]
    points.sort(key=lambda pair: pair[0])
    return [
        name
        for p, name in points
        if not any(
            all(x <= y for x, y in zip(q, p)) and any(x < y for x, y in zip(q, p))
            for q, _ in points
        )
    ]


# %% wrong (q15-pareto-hidden-front): beaten in each key by somebody
def pareto(models, cost, benefit):
    def best(a):
        return any(all(a[k] <= b[k] for b in models) for k in cost) or any(
            all(a[k] >= b[k] for b in models) for k in benefit
        )

    return [a["name"] for a in models if best(a) or not (cost or benefit)]


# %% wrong (q15-pareto-hidden-arguments): turns the signs in the models themselves
def pareto(models, cost, benefit):
    for m in models:
        for k in benefit:
            m[k] = -m[k]
    keys = [*cost, *benefit]
    return [
        a["name"]
        for a in models
        if not any(
            all(b[k] <= a[k] for k in keys) and any(b[k] < a[k] for k in keys) for b in models
        )
    ]


# %% wrong (q15-pareto-hidden-arguments): larger benefit by dividing
def pareto(models, cost, benefit):
    points = [
        [m[k] for k in cost] + [1 / m[k] if m[k] else float("inf") for k in benefit] for m in models
    ]
    return [
        m["name"]
        for m, p in zip(models, points)
        if not any(
            all(x <= y for x, y in zip(q, p)) and any(x < y for x, y in zip(q, p)) for q in points
        )
    ]


# %% wrong (q15-pareto-hidden-equal): skips itself by its name
def pareto(models, cost, benefit):
    def beats(b, a):
        no_worse = all(b[k] <= a[k] for k in cost) and all(b[k] >= a[k] for k in benefit)
        return no_worse and any(b[k] != a[k] for k in [*cost, *benefit])

    return [
        a["name"] for a in models if not any(b["name"] != a["name"] and beats(b, a) for b in models)
    ]


# %% wrong (q15-pareto-hidden-arguments): numbers of half the precision
import numpy as np


def pareto(models, cost, benefit):
    points = [np.array([m[k] for k in cost] + [-m[k] for k in benefit], np.float32) for m in models]
    return [
        m["name"]
        for m, p in zip(models, points)
        if not any((q <= p).all() and (q < p).any() for q in points)
    ]


# %% wrong (q15-pareto-hidden-arguments): nearly equal counts as equal
import math


def pareto(models, cost, benefit):
    points = [[m[k] for k in cost] + [-m[k] for k in benefit] for m in models]

    def beats(q, p):
        less = [x < y and not math.isclose(x, y, rel_tol=1e-6) for x, y in zip(q, p)]
        more = [x > y and not math.isclose(x, y, rel_tol=1e-6) for x, y in zip(q, p)]
        return any(less) and not any(more)

    return [m["name"] for m, p in zip(models, points) if not any(beats(q, p) for q in points)]
