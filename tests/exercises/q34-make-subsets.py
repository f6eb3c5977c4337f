# %% right: rejection with a list of ids and rng.choice
def make_subsets(clusters, m, rng):
    pools = [sorted(set(c)) for c in clusters]
    if any(len(p) == 0 for p in pools):
        raise ValueError("every cluster needs a document.")
    total = 1
    for p in pools:
        total *= len(p)
    chosen, seen = [], set()
    while len(chosen) < min(m, total):
        subset = tuple(str(rng.choice(p)) for p in pools)
        if subset not in seen:
            seen.add(subset)
            chosen.append(subset)
    return chosen


# %% right: numbers of combinations in mixed radix, without repetition
def make_subsets(clusters, m, rng):
    pools = [list(dict.fromkeys(c)) for c in clusters]
    if min(map(len, pools)) == 0:
        raise ValueError("an empty cluster")
    total = math.prod(map(len, pools))
    codes = set()
    while len(codes) < min(m, total):
        code = 0
        for p in pools:
            code = code * len(p) + int(rng.integers(len(p)))
        codes.add(code)
    result = []
    for code in codes:
        digits = []
        for p in reversed(pools):
            code, digit = divmod(code, len(p))
            digits.append(p[digit])
        result.append(tuple(reversed(digits)))
    return result


# %% right: lists a small product and takes a sample, draws where it is large
def make_subsets(clusters, m, rng):
    import itertools

    pools = []
    for c in clusters:
        pool = []
        for doc in c:
            if doc not in pool:
                pool.append(doc)
        if not pool:
            raise ValueError("a cluster has no documents")
        pools.append(pool)
    total = math.prod(len(p) for p in pools)
    if total <= 4096:
        grid = list(itertools.product(*pools))
        return [grid[int(i)] for i in rng.permutation(total)[:m]]
    seen = {}
    while len(seen) < m:
        seen[tuple(p[rng.integers(0, len(p))] for p in pools)] = True
    return [*seen]


# %% right: many draws at once, unequal ones kept in order
def make_subsets(clusters, m, rng):
    pools = [np.array(list(dict.fromkeys(c)), dtype=object) for c in clusters]
    if not all(p.size for p in pools):
        raise ValueError("empty")
    wanted = min(m, math.prod(p.size for p in pools))
    found = []
    while len(found) < wanted:
        block = np.stack([p[rng.integers(p.size, size=wanted)] for p in pools], axis=1)
        for row in block.tolist():
            if tuple(row) not in found and len(found) < wanted:
                found.append(tuple(row))
    return found


# %% wrong (q34-make-subsets-hidden-one-each): one cluster per subset, the popular mechanism
def make_subsets(clusters, m, rng):
    if not all(clusters):
        raise ValueError("empty cluster")
    order = rng.permutation(len(clusters))[:m]
    return [tuple(dict.fromkeys(clusters[int(i)])) for i in order]


# %% wrong (q34-make-subsets-hidden-one-each): draws from all documents, clusters forgotten
def make_subsets(clusters, m, rng):
    if not all(clusters):
        raise ValueError("empty cluster")
    flat = [doc for c in clusters for doc in dict.fromkeys(c)]
    wanted = min(m, math.prod(len(set(c)) for c in clusters))
    seen = set()
    for _ in range(1000 * m):
        if len(seen) < wanted:
            seen.add(tuple(str(d) for d in rng.choice(flat, size=len(clusters), replace=False)))
    return list(seen)


# %% wrong (q34-make-subsets-hidden-one-each): the same subset may come twice
def make_subsets(clusters, m, rng):
    pools = [list(dict.fromkeys(c)) for c in clusters]
    if not all(pools):
        raise ValueError("empty cluster")
    wanted = min(m, math.prod(map(len, pools)))
    return [tuple(p[int(rng.integers(len(p)))] for p in pools) for _ in range(wanted)]


# %% wrong (q34-make-subsets-hidden-one-each): shuffles the callers' lists
def make_subsets(clusters, m, rng):
    if not all(clusters):
        raise ValueError("empty cluster")
    wanted = min(m, math.prod(len(set(c)) for c in clusters))
    seen = {}
    while len(seen) < wanted:
        for c in clusters:
            rng.shuffle(c)
        seen[tuple(c[0] for c in clusters)] = None
    return list(seen)


# %% wrong (q34-make-subsets-hidden-one-each): the order of the clusters is lost
def make_subsets(clusters, m, rng):
    pools = [list(dict.fromkeys(c)) for c in clusters]
    if not all(pools):
        raise ValueError("empty cluster")
    wanted = min(m, math.prod(map(len, pools)))
    seen = set()
    while len(seen) < wanted:
        seen.add(frozenset(p[int(rng.integers(len(p)))] for p in pools))
    return [tuple(sorted(s)) for s in seen]


# %% wrong (q34-make-subsets-hidden-count): gives up after ten tries a subset
def make_subsets(clusters, m, rng):
    pools = [list(dict.fromkeys(c)) for c in clusters]
    if not all(pools):
        raise ValueError("empty cluster")
    seen = {}
    for _ in range(2 * m):
        if len(seen) < m:
            seen[tuple(p[int(rng.integers(len(p)))] for p in pools)] = None
    return list(seen)


# %% wrong (q34-make-subsets-hidden-count): the product in 64-bit integers
def make_subsets(clusters, m, rng):
    pools = [list(dict.fromkeys(c)) for c in clusters]
    if not all(pools):
        raise ValueError("empty cluster")
    wanted = min(m, int(np.prod([len(p) for p in pools])))
    seen = {}
    while len(seen) < wanted:
        seen[tuple(p[int(rng.integers(len(p)))] for p in pools)] = None
    return list(seen)


# %% wrong (q34-make-subsets-hidden-count): an empty cluster is left out
def make_subsets(clusters, m, rng):
    pools = [list(dict.fromkeys(c)) for c in clusters if c]
    wanted = min(m, math.prod(map(len, pools)))
    seen = {}
    while len(seen) < wanted:
        seen[tuple(p[int(rng.integers(len(p)))] for p in pools)] = None
    return list(seen)


# %% wrong (q34-make-subsets-hidden-count): no document used twice, so few subsets
def make_subsets(clusters, m, rng):
    pools = [list(dict.fromkeys(c)) for c in clusters]
    if not all(pools):
        raise ValueError("empty cluster")
    shuffled = [[p[int(i)] for i in rng.permutation(len(p))] for p in pools]
    return list(zip(*shuffled, strict=False))[:m]


# %% wrong (q34-make-subsets-hidden-uniform): repeated ids are drawn more often
def make_subsets(clusters, m, rng):
    if not all(clusters):
        raise ValueError("empty cluster")
    wanted = min(m, math.prod(len(set(c)) for c in clusters))
    seen = {}
    while len(seen) < wanted:
        seen[tuple(c[int(rng.integers(len(c)))] for c in clusters)] = None
    return list(seen)


# %% wrong (q34-make-subsets-hidden-uniform): the first m combinations, without chance
def make_subsets(clusters, m, rng):
    pools = [list(dict.fromkeys(c)) for c in clusters]
    if not all(pools):
        raise ValueError("empty cluster")
    subsets = []
    for number in range(min(m, math.prod(map(len, pools)))):
        digits = []
        for p in reversed(pools):
            number, digit = divmod(number, len(p))
            digits.append(p[digit])
        subsets.append(tuple(reversed(digits)))
    return subsets


# %% wrong (q34-make-subsets-hidden-uniform): one random start, then neighbours
def make_subsets(clusters, m, rng):
    pools = [list(dict.fromkeys(c)) for c in clusters]
    if not all(pools):
        raise ValueError("empty cluster")
    total = math.prod(map(len, pools))
    start = 0
    for p in pools:
        start = start * len(p) + int(rng.integers(len(p)))
    subsets = []
    for step in range(min(m, total)):
        number, digits = (start + step) % total, []
        for p in reversed(pools):
            number, digit = divmod(number, len(p))
            digits.append(p[digit])
        subsets.append(tuple(reversed(digits)))
    return subsets


# %% wrong (q34-make-subsets-hidden-rng): Python's random instead of rng
def make_subsets(clusters, m, rng):
    import random

    pools = [list(dict.fromkeys(c)) for c in clusters]
    if not all(pools):
        raise ValueError("empty cluster")
    wanted = min(m, math.prod(map(len, pools)))
    seen = {}
    while len(seen) < wanted:
        seen[tuple(random.choice(p) for p in pools)] = None
    return list(seen)


# %% wrong (q34-make-subsets-hidden-rng): a new generator with a fixed seed
def make_subsets(clusters, m, rng):
    rng = np.random.default_rng(0)
    pools = [list(dict.fromkeys(c)) for c in clusters]
    if not all(pools):
        raise ValueError("empty cluster")
    wanted = min(m, math.prod(map(len, pools)))
    seen = {}
    while len(seen) < wanted:
        seen[tuple(p[int(rng.integers(len(p)))] for p in pools)] = None
    return list(seen)
