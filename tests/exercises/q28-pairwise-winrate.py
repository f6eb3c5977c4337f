# %% right: points of one half, summed
def pairwise_winrate(judge, triples):
    if len(triples) == 0:
        raise ValueError("no triples")
    forward, backward = {"x": 1, "tie": 0, "y": -1}, {"x": -1, "tie": 0, "y": 1}
    counts = {1: 0, 0: 0, -1: 0}
    for prompt, a, b in triples:
        first, second = judge(prompt, a, b), judge(prompt, b, a)
        if first not in forward or second not in backward:
            raise ValueError("unknown verdict")
        f, s = forward[first], backward[second]
        counts[f if f == s else 0] += 1
    return counts[1], counts[0], counts[-1], (counts[1] + 0.5 * counts[0]) / len(triples)


# %% right: all calls of one order first, then those of the other; a list comes back
def pairwise_winrate(judge, triples):
    n = len(triples)
    if n < 1:
        raise ValueError("nothing to judge")
    one = [judge(p, a, b) for p, a, b in triples]
    two = [judge(p, b, a) for p, a, b in triples]
    if any(v not in ("x", "y", "tie") for v in one + two):
        raise ValueError("verdict")
    pairs = list(zip(one, two, strict=True))
    w, lost = pairs.count(("x", "y")), pairs.count(("y", "x"))
    return [w, n - w - lost, lost, 0.5 + (w - lost) / (2 * n)]


# %% right: B sits in the first seat first
def pairwise_winrate(judge, triples):
    outcome = []
    for prompt, a, b in triples:
        named = set()
        for x, y, names in ((b, a, {"x": "B", "y": "A"}), (a, b, {"x": "A", "y": "B"})):
            verdict = judge(prompt, x, y)
            if verdict == "tie":
                named.add(None)
            elif verdict == "x" or verdict == "y":
                named.add(names[verdict])
            else:
                raise ValueError(f"{verdict!r} is no verdict")
        outcome.append(named.pop() if len(named) == 1 else None)
    if not outcome:
        raise ValueError("empty")
    w, t, lost = (outcome.count(k) for k in ("A", None, "B"))
    return w, t, lost, (w + t / 2) / (w + t + lost)


# %% wrong (q28-pairwise-winrate-hidden-orders): one order only
def pairwise_winrate(judge, triples):
    if not triples:
        raise ValueError("empty")
    found = [judge(p, a, b) for p, a, b in triples]
    if any(v not in ("x", "y", "tie") for v in found):
        raise ValueError("verdict")
    w, t, lost = found.count("x"), found.count("tie"), found.count("y")
    return w, t, lost, (w + t / 2) / len(found)


# %% wrong (q28-pairwise-winrate-hidden-orders): the second call only where the first was no tie
def pairwise_winrate(judge, triples):
    if not triples:
        raise ValueError("empty")
    w = t = lost = 0
    for p, a, b in triples:
        first = judge(p, a, b)
        if first == "tie":
            t += 1
            continue
        second = judge(p, b, a)
        if first not in ("x", "y") or second not in ("x", "y", "tie"):
            raise ValueError("verdict")
        if (first, second) == ("x", "y"):
            w += 1
        elif (first, second) == ("y", "x"):
            lost += 1
        else:
            t += 1
    return w, t, lost, (w + t / 2) / len(triples)


# %% wrong (q28-pairwise-winrate-hidden-orders): the seat is drawn by lot
def pairwise_winrate(judge, triples):
    if not triples:
        raise ValueError("empty")
    rng = np.random.default_rng(0)
    w = t = lost = 0
    for p, a, b in triples:
        swap = rng.random() < 0.5
        v = judge(p, b, a) if swap else judge(p, a, b)
        if v not in ("x", "y", "tie"):
            raise ValueError("verdict")
        if v == "tie":
            t += 1
        elif (v == "x") != swap:
            w += 1
        else:
            lost += 1
    return w, t, lost, (w + t / 2) / len(triples)


# %% wrong (q28-pairwise-winrate-hidden-counts): "x" is taken for A in both orders
def pairwise_winrate(judge, triples):
    if not triples:
        raise ValueError("empty")
    w = t = lost = 0
    for p, a, b in triples:
        both = (judge(p, a, b), judge(p, b, a))
        if any(v not in ("x", "y", "tie") for v in both):
            raise ValueError("verdict")
        w += both == ("x", "x")
        lost += both == ("y", "y")
        t += both not in (("x", "x"), ("y", "y"))
    return w, t, lost, (w + t / 2) / len(triples)


# %% wrong (q28-pairwise-winrate-hidden-ties): a verdict beside a tie decides
def pairwise_winrate(judge, triples):
    if not triples:
        raise ValueError("empty")
    w = t = lost = 0
    for p, a, b in triples:
        one, two = judge(p, a, b), judge(p, b, a)
        if one not in ("x", "y", "tie") or two not in ("x", "y", "tie"):
            raise ValueError("verdict")
        lead = (one == "x") - (one == "y") + (two == "y") - (two == "x")
        w += lead > 0
        lost += lead < 0
        t += lead == 0
    return w, t, lost, (w + t / 2) / len(triples)


# %% wrong (q28-pairwise-winrate-hidden-ties): what is no win is a loss
def pairwise_winrate(judge, triples):
    if not triples:
        raise ValueError("empty")
    w = t = lost = 0
    for p, a, b in triples:
        one, two = judge(p, a, b), judge(p, b, a)
        if one not in ("x", "y", "tie") or two not in ("x", "y", "tie"):
            raise ValueError("verdict")
        if (one, two) == ("x", "y"):
            w += 1
        elif one == two == "tie":
            t += 1
        else:
            lost += 1
    return w, t, lost, (w + t / 2) / len(triples)


# %% wrong (q28-pairwise-winrate-hidden-counts): ties are left out of the rate
def pairwise_winrate(judge, triples):
    if not triples:
        raise ValueError("empty")
    w = lost = 0
    for p, a, b in triples:
        both = (judge(p, a, b), judge(p, b, a))
        if any(v not in ("x", "y", "tie") for v in both):
            raise ValueError("verdict")
        w += both == ("x", "y")
        lost += both == ("y", "x")
    return w, len(triples) - w - lost, lost, w / (w + lost) if w + lost else 0.5


# %% wrong (q28-pairwise-winrate-hidden-refused): a verdict that is none counts as a tie
def pairwise_winrate(judge, triples):
    if not triples:
        raise ValueError("empty")
    both = [(judge(p, a, b), judge(p, b, a)) for p, a, b in triples]
    w, lost = both.count(("x", "y")), both.count(("y", "x"))
    n = len(both)
    return w, n - w - lost, lost, (w + (n - w - lost) / 2) / n


# %% wrong (q28-pairwise-winrate-hidden-refused): only the first verdict is checked
def pairwise_winrate(judge, triples):
    if not triples:
        raise ValueError("empty")
    both = []
    for p, a, b in triples:
        first = judge(p, a, b)
        if first not in ("x", "y", "tie"):
            raise ValueError("verdict")
        both.append((first, judge(p, b, a)))
    w, lost, n = both.count(("x", "y")), both.count(("y", "x")), len(both)
    return w, n - w - lost, lost, (w + (n - w - lost) / 2) / n


# %% wrong (q28-pairwise-winrate-hidden-orders): verdicts on a triple that comes again are remembered
def pairwise_winrate(judge, triples):
    from functools import cache

    if not triples:
        raise ValueError("empty")
    remembered = cache(judge)
    both = [(remembered(p, a, b), remembered(p, b, a)) for p, a, b in triples]
    if any(v not in ("x", "y", "tie") for pair in both for v in pair):
        raise ValueError("verdict")
    w, lost, n = both.count(("x", "y")), both.count(("y", "x")), len(both)
    return w, n - w - lost, lost, (w + (n - w - lost) / 2) / n


# %% wrong (q28-pairwise-winrate-hidden-orders): the same answer twice is a tie without asking
def pairwise_winrate(judge, triples):
    if not triples:
        raise ValueError("empty")
    both = [("tie", "tie") if a == b else (judge(p, a, b), judge(p, b, a)) for p, a, b in triples]
    if any(v not in ("x", "y", "tie") for pair in both for v in pair):
        raise ValueError("verdict")
    w, lost, n = both.count(("x", "y")), both.count(("y", "x")), len(both)
    return w, n - w - lost, lost, (w + (n - w - lost) / 2) / n


# %% wrong (q28-pairwise-winrate-hidden-refused): verdicts on the same answer twice are not looked at
def pairwise_winrate(judge, triples):
    if not triples:
        raise ValueError("empty")
    w = lost = 0
    for p, a, b in triples:
        pair = judge(p, a, b), judge(p, b, a)
        if a == b:
            continue
        if any(v not in ("x", "y", "tie") for v in pair):
            raise ValueError("verdict")
        w += pair == ("x", "y")
        lost += pair == ("y", "x")
    n = len(triples)
    return w, n - w - lost, lost, (w + (n - w - lost) / 2) / n
