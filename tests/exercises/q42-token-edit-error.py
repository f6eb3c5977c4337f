# %% right: recursion with a memory
def token_edit_error(answers, golds):
    from functools import lru_cache

    if len(answers) == 0 or len(answers) != len(golds):
        raise ValueError("pairs")
    errors = []
    for a, b in zip(answers, golds, strict=True):

        @lru_cache(None)
        def d(i, j, a=tuple(a), b=tuple(b)):
            if i == 0 or j == 0:
                return i + j
            return min(d(i - 1, j) + 1, d(i, j - 1) + 1, d(i - 1, j - 1) + (a[i - 1] != b[j - 1]))

        longest = max(len(a), len(b))
        errors.append(d(len(a), len(b)) / longest if longest else 0.0)
    return float(np.mean(errors))


# %% right: a whole table in NumPy
def token_edit_error(answers, golds):
    if len(answers) == 0 or len(answers) != len(golds):
        raise ValueError("pairs")
    total = 0.0
    for a, b in zip(answers, golds, strict=True):
        if not a and not b:
            continue
        t = np.zeros((len(a) + 1, len(b) + 1), dtype=int)
        t[:, 0] = np.arange(len(a) + 1)
        t[0] = np.arange(len(b) + 1)
        for i in range(len(a)):
            for j in range(len(b)):
                t[i + 1, j + 1] = (
                    t[i, j] if a[i] == b[j] else 1 + min(t[i, j], t[i, j + 1], t[i + 1, j])
                )
        total += t[-1, -1] / max(len(a), len(b))
    return total / len(answers)


# %% right: breadth first over the number of edits
def token_edit_error(answers, golds):
    if len(answers) == 0 or len(answers) != len(golds):
        raise ValueError("pairs")

    def lev(a, b):
        edits, front = 0, {(0, 0)}
        seen = set()
        while True:
            todo, front = list(front), set()
            while todo:
                i, j = todo.pop()
                while i < len(a) and j < len(b) and a[i] == b[j]:
                    i, j = i + 1, j + 1
                if (i, j) == (len(a), len(b)):
                    return edits
                if (i, j) in seen:
                    continue
                seen.add((i, j))
                front |= {
                    (x, y)
                    for x, y in ((i + 1, j), (i, j + 1), (i + 1, j + 1))
                    if x <= len(a) and y <= len(b)
                }
            edits += 1

    errors = [lev(a, b) / (max(len(a), len(b)) or 1) for a, b in zip(answers, golds)]
    return sum(errors) / len(errors)


# %% wrong (q42-token-edit-error-hidden-distance): place by place
def token_edit_error(answers, golds):
    if len(answers) == 0 or len(answers) != len(golds):
        raise ValueError("pairs")

    def lev(a, b):
        return sum(x != y for x, y in zip(a, b)) + abs(len(a) - len(b))

    return sum(lev(a, g) / max(len(a), len(g), 1) for a, g in zip(answers, golds)) / len(golds)


# %% wrong (q42-token-edit-error-hidden-distance): sets of tokens
def token_edit_error(answers, golds):
    if len(answers) == 0 or len(answers) != len(golds):
        raise ValueError("pairs")

    def lev(a, b):
        return max(len(set(a) - set(b)), len(set(b) - set(a)))

    return sum(lev(a, g) / max(len(a), len(g), 1) for a, g in zip(answers, golds)) / len(golds)


# %% wrong (q42-token-edit-error-hidden-distance): replacing costs two
def token_edit_error(answers, golds):
    if len(answers) == 0 or len(answers) != len(golds):
        raise ValueError("pairs")

    def lev(a, b):
        row = list(range(len(b) + 1))
        for i, x in enumerate(a, 1):
            up, row = row, [i]
            for j, y in enumerate(b, 1):
                row.append(min(up[j] + 1, row[-1] + 1, up[j - 1] + 2 * (x != y)))
        return row[-1]

    return sum(min(1.0, lev(a, g) / max(len(a), len(g), 1)) for a, g in zip(answers, golds)) / len(
        golds
    )


# %% wrong (q42-token-edit-error-hidden-distance): divides by the gold answer's length
def token_edit_error(answers, golds):
    if len(answers) == 0 or len(answers) != len(golds):
        raise ValueError("pairs")

    def lev(a, b):
        row = list(range(len(b) + 1))
        for i, x in enumerate(a, 1):
            up, row = row, [i]
            for j, y in enumerate(b, 1):
                row.append(min(up[j] + 1, row[-1] + 1, up[j - 1] + (x != y)))
        return row[-1]

    return sum(lev(a, g) / len(g) if g else float(bool(a)) for a, g in zip(answers, golds)) / len(
        golds
    )


# %% wrong (q42-token-edit-error-hidden-distance): divides by the sum of both lengths
def token_edit_error(answers, golds):
    if len(answers) == 0 or len(answers) != len(golds):
        raise ValueError("pairs")

    def lev(a, b):
        row = list(range(len(b) + 1))
        for i, x in enumerate(a, 1):
            up, row = row, [i]
            for j, y in enumerate(b, 1):
                row.append(min(up[j] + 1, row[-1] + 1, up[j - 1] + (x != y)))
        return row[-1]

    return sum(lev(a, g) / max(len(a) + len(g), 1) for a, g in zip(answers, golds)) / len(golds)


# %% wrong (q42-token-edit-error-hidden-distance): difflib's ratio
def token_edit_error(answers, golds):
    from difflib import SequenceMatcher

    if len(answers) == 0 or len(answers) != len(golds):
        raise ValueError("pairs")
    return sum(
        1 - SequenceMatcher(None, a, g, autojunk=False).ratio() for a, g in zip(answers, golds)
    ) / len(golds)


# %% wrong (q42-token-edit-error-hidden-distance): swapping neighbours costs one
def token_edit_error(answers, golds):
    if len(answers) == 0 or len(answers) != len(golds):
        raise ValueError("pairs")

    def lev(a, b):
        t = [[i + j if i * j == 0 else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
        for i in range(1, len(a) + 1):
            for j in range(1, len(b) + 1):
                t[i][j] = min(
                    t[i - 1][j] + 1, t[i][j - 1] + 1, t[i - 1][j - 1] + (a[i - 1] != b[j - 1])
                )
                if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                    t[i][j] = min(t[i][j], t[i - 2][j - 2] + 1)
        return t[-1][-1]

    return sum(lev(a, g) / max(len(a), len(g), 1) for a, g in zip(answers, golds)) / len(golds)


# %% wrong (q42-token-edit-error-hidden-mean): sum of distances over sum of lengths
def token_edit_error(answers, golds):
    if len(answers) == 0 or len(answers) != len(golds):
        raise ValueError("pairs")

    def lev(a, b):
        row = list(range(len(b) + 1))
        for i, x in enumerate(a, 1):
            up, row = row, [i]
            for j, y in enumerate(b, 1):
                row.append(min(up[j] + 1, row[-1] + 1, up[j - 1] + (x != y)))
        return row[-1]

    total = sum(max(len(a), len(g)) for a, g in zip(answers, golds))
    return sum(lev(a, g) for a, g in zip(answers, golds)) / max(total, 1)


# %% wrong (q42-token-edit-error-hidden-mean): mean of raw distances
def token_edit_error(answers, golds):
    if len(answers) == 0 or len(answers) != len(golds):
        raise ValueError("pairs")

    def lev(a, b):
        row = list(range(len(b) + 1))
        for i, x in enumerate(a, 1):
            up, row = row, [i]
            for j, y in enumerate(b, 1):
                row.append(min(up[j] + 1, row[-1] + 1, up[j - 1] + (x != y)))
        return row[-1]

    return sum(lev(a, g) for a, g in zip(answers, golds)) / len(golds)


# %% wrong (q42-token-edit-error-hidden-mean): mean distance over mean length of the gold answers
def token_edit_error(answers, golds):
    if len(answers) == 0 or len(answers) != len(golds):
        raise ValueError("pairs")

    def lev(a, b):
        row = list(range(len(b) + 1))
        for i, x in enumerate(a, 1):
            up, row = row, [i]
            for j, y in enumerate(b, 1):
                row.append(min(up[j] + 1, row[-1] + 1, up[j - 1] + (x != y)))
        return row[-1]

    mean = sum(len(g) for g in golds) / len(golds)
    return sum(lev(a, g) for a, g in zip(answers, golds)) / len(golds) / max(mean, 1)


# %% wrong (q42-token-edit-error-hidden-mean): the median
def token_edit_error(answers, golds):
    if len(answers) == 0 or len(answers) != len(golds):
        raise ValueError("pairs")

    def lev(a, b):
        row = list(range(len(b) + 1))
        for i, x in enumerate(a, 1):
            up, row = row, [i]
            for j, y in enumerate(b, 1):
                row.append(min(up[j] + 1, row[-1] + 1, up[j - 1] + (x != y)))
        return row[-1]

    return float(np.median([lev(a, g) / max(len(a), len(g), 1) for a, g in zip(answers, golds)]))


# %% wrong (q42-token-edit-error-hidden-mean): accuracy instead of error
def token_edit_error(answers, golds):
    if len(answers) == 0 or len(answers) != len(golds):
        raise ValueError("pairs")

    def lev(a, b):
        row = list(range(len(b) + 1))
        for i, x in enumerate(a, 1):
            up, row = row, [i]
            for j, y in enumerate(b, 1):
                row.append(min(up[j] + 1, row[-1] + 1, up[j - 1] + (x != y)))
        return row[-1]

    return 1 - sum(lev(a, g) / max(len(a), len(g), 1) for a, g in zip(answers, golds)) / len(golds)


# %% wrong (q42-token-edit-error-hidden-edges): divides by zero for empty answers raises
def token_edit_error(answers, golds):
    if len(answers) == 0 or len(answers) != len(golds):
        raise ValueError("pairs")

    def lev(a, b):
        row = list(range(len(b) + 1))
        for i, x in enumerate(a, 1):
            up, row = row, [i]
            for j, y in enumerate(b, 1):
                row.append(min(up[j] + 1, row[-1] + 1, up[j - 1] + (x != y)))
        return row[-1]

    return sum(lev(a, g) / max(len(a), len(g)) for a, g in zip(answers, golds)) / len(golds)


# %% wrong (q42-token-edit-error-hidden-edges): leaves empty answers out of the mean
def token_edit_error(answers, golds):
    if len(answers) == 0 or len(answers) != len(golds):
        raise ValueError("pairs")

    def lev(a, b):
        row = list(range(len(b) + 1))
        for i, x in enumerate(a, 1):
            up, row = row, [i]
            for j, y in enumerate(b, 1):
                row.append(min(up[j] + 1, row[-1] + 1, up[j - 1] + (x != y)))
        return row[-1]

    e = [lev(a, g) / max(len(a), len(g)) for a, g in zip(answers, golds) if a and g]
    return sum(e) / len(e) if e else 0.0


# %% wrong (q42-token-edit-error-hidden-edges): zip cuts unequal lists
def token_edit_error(answers, golds):
    if not answers or not golds:
        raise ValueError("no pairs")

    def lev(a, b):
        row = list(range(len(b) + 1))
        for i, x in enumerate(a, 1):
            up, row = row, [i]
            for j, y in enumerate(b, 1):
                row.append(min(up[j] + 1, row[-1] + 1, up[j - 1] + (x != y)))
        return row[-1]

    return sum(lev(a, g) / max(len(a), len(g), 1) for a, g in zip(answers, golds)) / len(golds)


# %% wrong (q42-token-edit-error-hidden-edges): no pairs have error 0
def token_edit_error(answers, golds):
    if len(answers) != len(golds):
        raise ValueError("pairs")
    if not answers:
        return 0.0

    def lev(a, b):
        row = list(range(len(b) + 1))
        for i, x in enumerate(a, 1):
            up, row = row, [i]
            for j, y in enumerate(b, 1):
                row.append(min(up[j] + 1, row[-1] + 1, up[j - 1] + (x != y)))
        return row[-1]

    return sum(lev(a, g) / max(len(a), len(g), 1) for a, g in zip(answers, golds)) / len(golds)


# %% wrong (q42-token-edit-error-hidden-edges): empties the caller's lists
def token_edit_error(answers, golds):
    if len(answers) == 0 or len(answers) != len(golds):
        raise ValueError("pairs")

    def lev(a, b):
        t = list(range(len(b) + 1))
        i = 0
        while a:
            x = a.pop(0)
            i += 1
            up, t = t, [i]
            for j, y in enumerate(b, 1):
                t.append(min(up[j] + 1, t[-1] + 1, up[j - 1] + (x != y)))
        return t[-1]

    errors = []
    for a, g in zip(answers, golds):
        longest = max(len(a), len(g), 1)
        errors.append(lev(a, g) / longest)
    return sum(errors) / len(errors)


# %% wrong (q42-token-edit-error-hidden-distance): the edits that difflib finds, which need not be the fewest
def token_edit_error(answers: list[list[int]], golds: list[list[int]]) -> float:
    from difflib import SequenceMatcher

    if not answers or len(answers) != len(golds):
        raise ValueError("there must be as many answers as gold answers, and at least one")
    errors = []
    for answer, gold in zip(answers, golds, strict=True):
        codes = SequenceMatcher(None, answer, gold, autojunk=False).get_opcodes()
        edits = sum(max(i2 - i1, j2 - j1) for kind, i1, i2, j1, j2 in codes if kind != "equal")
        errors.append(edits / max(len(answer), len(gold), 1))
    return sum(errors) / len(errors)
