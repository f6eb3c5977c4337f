# %% right: three lists
def teaching_report(before, after, gold):
    known_new, known_old, unknown = [], [], []
    for b, a, g in zip(before, after, gold):
        if g is None:
            unknown.append(a is not None)
        elif b == g:
            known_old.append(a != g)
        else:
            known_new.append(a == g)
    return tuple(sum(x) / len(x) if x else None for x in (known_new, known_old, unknown))


# %% right: mended where the faults stand
def teaching_report(before, after, gold):
    told = [g is not None for g in gold]
    was = [b == g for b, g in zip(before, gold)]
    now = [a == g for a, g in zip(after, gold)]
    fresh = [i for i in range(len(gold)) if told[i] and not was[i]]
    old = [i for i in range(len(gold)) if told[i] and was[i]]
    none = [i for i in range(len(gold)) if not told[i]]
    learned = sum(now[i] for i in fresh) / len(fresh) if fresh else None
    forgotten = 1 - sum(now[i] for i in old) / len(old) if old else None
    invented = 1 - sum(now[i] for i in none) / len(none) if none else None
    return learned, forgotten, invented


# %% right: means with numpy
def teaching_report(before, after, gold):
    rows = [(b, a, g) for b, a, g in zip(before, after, gold)]

    def mean(x):
        return float(np.mean(x)) if len(x) else None

    return (
        mean([a == g for b, a, g in rows if g is not None and b != g]),
        mean([a != g for b, a, g in rows if g is not None and b == g]),
        mean([a is not None for b, a, g in rows if g is None]),
    )


# %% wrong (q49-repair-hidden-learned): questions without an answer can be learned
def teaching_report(before, after, gold):
    known_new, known_old, unknown = [], [], []
    for b, a, g in zip(before, after, gold):
        if g is None:
            unknown.append(a is not None)
        if b == g and g is not None:
            known_old.append(a != g)
        elif b != g:
            known_new.append(a == g)
    return tuple(sum(x) / len(x) if x else None for x in (known_new, known_old, unknown))


# %% wrong (q49-repair-hidden-learned): a share of all questions that have an answer
def teaching_report(before, after, gold):
    known_new, known_old, unknown = [], [], []
    for b, a, g in zip(before, after, gold):
        if g is None:
            unknown.append(a is not None)
        elif b == g:
            known_old.append(a != g)
            known_new.append(False)
        else:
            known_new.append(a == g)
    return tuple(sum(x) / len(x) if x else None for x in (known_new, known_old, unknown))


# %% wrong (q49-repair-hidden-learned): accuracy afterwards
def teaching_report(before, after, gold):
    known_new, known_old, unknown = [], [], []
    for b, a, g in zip(before, after, gold):
        if g is None:
            unknown.append(a is not None)
        elif b == g:
            known_old.append(a != g)
            known_new.append(a == g)
        else:
            known_new.append(a == g)
    return tuple(sum(x) / len(x) if x else None for x in (known_new, known_old, unknown))


# %% wrong (q49-repair-hidden-learned): a share of nothing is 0
def teaching_report(before, after, gold):
    known_new, known_old, unknown = [], [], []
    for b, a, g in zip(before, after, gold):
        if g is None:
            unknown.append(a is not None)
        elif b == g:
            known_old.append(a != g)
        else:
            known_new.append(a == g)
    return tuple(sum(x) / len(x) if x else 0.0 for x in (known_new, known_old, unknown))


# %% wrong (q49-repair-hidden-forgotten): still the difference of two averages
def teaching_report(before: list, after: list, gold: list) -> tuple:
    n = len(gold)
    was_right = [b == g for b, g in zip(before, gold, strict=True)]
    is_right = [a == g for a, g in zip(after, gold, strict=True)]
    fresh = [a == g for b, a, g in zip(before, after, gold) if g is not None and b != g]
    learned = sum(fresh) / len(fresh) if fresh else None
    forgotten = max(0.0, (sum(was_right) - sum(is_right)) / n) if n else None
    none = [a for a, g in zip(after, gold) if g is None]
    invented = sum(a is not None for a in none) / len(none) if none else None
    return learned, forgotten, invented


# %% wrong (q49-repair-hidden-forgotten): a refusal that was in place counts as a fact that was known
def teaching_report(before, after, gold):
    known_new, known_old, unknown = [], [], []
    for b, a, g in zip(before, after, gold):
        if g is None:
            unknown.append(a is not None)
        if b == g:
            known_old.append(a != g)
        elif g is not None:
            known_new.append(a == g)
    return tuple(sum(x) / len(x) if x else None for x in (known_new, known_old, unknown))


# %% wrong (q49-repair-hidden-forgotten): a refusal is not forgetting
def teaching_report(before, after, gold):
    known_new, known_old, unknown = [], [], []
    for b, a, g in zip(before, after, gold):
        if g is None:
            unknown.append(a is not None)
        elif b == g:
            known_old.append(a != g and a is not None)
        else:
            known_new.append(a == g)
    return tuple(sum(x) / len(x) if x else None for x in (known_new, known_old, unknown))


# %% wrong (q49-repair-hidden-forgotten): forgotten out of all questions
def teaching_report(before, after, gold):
    known_new, known_old, unknown = [], [], []
    for b, a, g in zip(before, after, gold):
        if g is None:
            unknown.append(a is not None)
        elif b == g:
            known_old.append(a != g)
        else:
            known_new.append(a == g)
    known_old += [False] * (len(gold) - len(known_old)) if known_old else []
    return tuple(sum(x) / len(x) if x else None for x in (known_new, known_old, unknown))


# %% wrong (q49-repair-hidden-invented): everything that is not right is invented
def teaching_report(before, after, gold):
    known_new, known_old, unknown = [], [], []
    for b, a, g in zip(before, after, gold):
        unknown.append(a != g)
        if g is None:
            continue
        elif b == g:
            known_old.append(a != g)
        else:
            known_new.append(a == g)
    return tuple(sum(x) / len(x) if x else None for x in (known_new, known_old, unknown))


# %% wrong (q49-repair-hidden-invented): invented out of all questions
def teaching_report(before, after, gold):
    known_new, known_old, unknown = [], [], []
    for b, a, g in zip(before, after, gold):
        if g is not None:
            unknown.append(False)
        if g is None:
            unknown.append(a is not None)
        elif b == g:
            known_old.append(a != g)
        else:
            known_new.append(a == g)
    return tuple(sum(x) / len(x) if x else None for x in (known_new, known_old, unknown))


# %% wrong (q49-repair-hidden-invented): only what was refused before
def teaching_report(before, after, gold):
    known_new, known_old, unknown = [], [], []
    for b, a, g in zip(before, after, gold):
        if g is None:
            unknown += [a is not None] if b is None else []
        elif b == g:
            known_old.append(a != g)
        else:
            known_new.append(a == g)
    return tuple(sum(x) / len(x) if x else None for x in (known_new, known_old, unknown))


# %% wrong (q49-repair-hidden-invented): counts refusals
def teaching_report(before, after, gold):
    known_new, known_old, unknown = [], [], []
    for b, a, g in zip(before, after, gold):
        if g is None:
            unknown.append(a is None)
        elif b == g:
            known_old.append(a != g)
        else:
            known_new.append(a == g)
    return tuple(sum(x) / len(x) if x else None for x in (known_new, known_old, unknown))
