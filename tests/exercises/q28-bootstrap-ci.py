# %% right: rng.choice along the rows
def bootstrap_ci(x, stat, B=2000, seed=0, level=0.95):
    if len(x) < 1 or B < 1 or level <= 0 or level >= 1:
        raise ValueError("arguments")
    rng = np.random.default_rng(seed)
    values = [stat(rng.choice(x, size=len(x), axis=0)) for _ in range(B)]
    outside = (1 - level) / 2
    return tuple(np.quantile(values, [outside, 1 - outside]))


# %% right: all row numbers at once, percentiles
def bootstrap_ci(x, stat, B=2000, seed=0, level=0.95):
    x = np.array(x, dtype=float)
    n = x.shape[0]
    if n == 0 or B <= 0 or not (0.0 < level < 1.0):
        raise ValueError("arguments")
    rows = np.random.default_rng(seed).integers(0, n, (B, n))
    values = np.empty(B)
    for i, row in enumerate(rows):
        values[i] = stat(x.take(row, axis=0))
    cut = 50 * (1 - level)
    return float(np.percentile(values, cut)), float(np.percentile(values, 100 - cut))


# %% right: sorted and interpolated by hand, floors of uniform numbers
def bootstrap_ci(x, stat, B=2000, seed=0, level=0.95):
    if len(x) == 0:
        raise ValueError("no rows")
    if B < 1:
        raise ValueError("no resample")
    if not 0 < level < 1:
        raise ValueError("level")
    generator, n = np.random.default_rng(seed), len(x)
    found = sorted(float(stat(x[np.floor(generator.random(n) * n).astype(int)])) for _ in range(B))

    def at(q):
        place = q * (B - 1)
        i = int(place)
        j = min(i + 1, B - 1)
        return found[i] + (place - i) * (found[j] - found[i])

    return [at((1 - level) / 2), at((1 + level) / 2)]


# %% right: how often each row comes, drawn as counts
def bootstrap_ci(x, stat, B=2000, seed=0, level=0.95):
    n = len(x)
    if n == 0 or B < 1 or not 0 < level < 1:
        raise ValueError("arguments")
    counts = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=B)
    values = [stat(np.repeat(x, times, axis=0)) for times in counts]
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


# %% wrong (q28-bootstrap-ci-hidden-rows): without replacement
def bootstrap_ci(x, stat, B=2000, seed=0, level=0.95):
    if len(x) == 0 or B < 1 or not 0 < level < 1:
        raise ValueError("arguments")
    rng = np.random.default_rng(seed)
    values = [stat(rng.permutation(x)) for _ in range(B)]
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


# %% wrong (q28-bootstrap-ci-hidden-rows): each column is resampled by itself
def bootstrap_ci(x, stat, B=2000, seed=0, level=0.95):
    if len(x) == 0 or B < 1 or not 0 < level < 1:
        raise ValueError("arguments")
    rng, n = np.random.default_rng(seed), len(x)
    values = []
    for _ in range(B):
        rows = rng.integers(n, size=x.shape)
        values.append(stat(np.take_along_axis(x, rows, axis=0)))
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


# %% wrong (q28-bootstrap-ci-hidden-rows): a new generator for every resample
def bootstrap_ci(x, stat, B=2000, seed=0, level=0.95):
    if len(x) == 0 or B < 1 or not 0 < level < 1:
        raise ValueError("arguments")
    n = len(x)
    values = [stat(x[np.random.default_rng(seed).integers(n, size=n)]) for _ in range(B)]
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


# %% wrong (q28-bootstrap-ci-hidden-rows): the estimate itself is among the resampled ones
def bootstrap_ci(x, stat, B=2000, seed=0, level=0.95):
    if len(x) == 0 or B < 1 or not 0 < level < 1:
        raise ValueError("arguments")
    rng, n = np.random.default_rng(seed), len(x)
    values = [stat(x)] + [stat(x[rng.integers(n, size=n)]) for _ in range(B)]
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


# %% wrong (q28-bootstrap-ci-hidden-width): all that lies outside is cut off at each end
def bootstrap_ci(x, stat, B=2000, seed=0, level=0.95):
    if len(x) == 0 or B < 1 or not 0 < level < 1:
        raise ValueError("arguments")
    rng, n = np.random.default_rng(seed), len(x)
    values = [stat(x[rng.integers(n, size=n)]) for _ in range(B)]
    return tuple(np.quantile(values, [1 - level, level]))


# %% wrong (q28-bootstrap-ci-hidden-width): always 95 per cent
def bootstrap_ci(x, stat, B=2000, seed=0, level=0.95):
    if len(x) == 0 or B < 1 or not 0 < level < 1:
        raise ValueError("arguments")
    rng, n = np.random.default_rng(seed), len(x)
    values = [stat(x[rng.integers(n, size=n)]) for _ in range(B)]
    return tuple(np.quantile(values, [0.025, 0.975]))


# %% wrong (q28-bootstrap-ci-hidden-width): the spread of the rows, not of their mean
def bootstrap_ci(x, stat, B=2000, seed=0, level=0.95):
    if len(x) == 0 or B < 1 or not 0 < level < 1:
        raise ValueError("arguments")
    rng, n = np.random.default_rng(seed), len(x)
    values = [stat(x[rng.integers(n, size=1)]) for _ in range(B)]
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


# %% wrong (q28-bootstrap-ci-hidden-percentile): a normal interval from the bootstrap's spread
def bootstrap_ci(x, stat, B=2000, seed=0, level=0.95):
    from statistics import NormalDist

    if len(x) == 0 or B < 1 or not 0 < level < 1:
        raise ValueError("arguments")
    rng, n = np.random.default_rng(seed), len(x)
    values = [stat(x[rng.integers(n, size=n)]) for _ in range(B)]
    z = NormalDist().inv_cdf((1 + level) / 2)
    middle, spread = np.mean(values), np.std(values)
    return float(middle - z * spread), float(middle + z * spread)


# %% wrong (q28-bootstrap-ci-hidden-percentile): reflected at the estimate
def bootstrap_ci(x, stat, B=2000, seed=0, level=0.95):
    if len(x) == 0 or B < 1 or not 0 < level < 1:
        raise ValueError("arguments")
    rng, n = np.random.default_rng(seed), len(x)
    values = [stat(x[rng.integers(n, size=n)]) for _ in range(B)]
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return 2 * stat(x) - high, 2 * stat(x) - low


# %% wrong (q28-bootstrap-ci-hidden-percentile): the mean, whatever the statistic
def bootstrap_ci(x, stat, B=2000, seed=0, level=0.95):
    if len(x) == 0 or B < 1 or not 0 < level < 1:
        raise ValueError("arguments")
    rng, n = np.random.default_rng(seed), len(x)
    values = []
    for _ in range(B):
        sample = x[rng.integers(n, size=n)]
        stat(sample)
        values.append(sample.mean())
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


# %% wrong (q28-bootstrap-ci-hidden-seed): the global generator, seeded
def bootstrap_ci(x, stat, B=2000, seed=0, level=0.95):
    if len(x) == 0 or B < 1 or not 0 < level < 1:
        raise ValueError("arguments")
    np.random.seed(seed)
    n = len(x)
    values = [stat(x[np.random.randint(n, size=n)]) for _ in range(B)]
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


# %% wrong (q28-bootstrap-ci-hidden-seed): the seed is not used
def bootstrap_ci(x, stat, B=2000, seed=0, level=0.95):
    if len(x) == 0 or B < 1 or not 0 < level < 1:
        raise ValueError("arguments")
    rng, n = np.random.default_rng(), len(x)
    values = [stat(x[rng.integers(n, size=n)]) for _ in range(B)]
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


# %% wrong (q28-bootstrap-ci-hidden-seed): the level in per cent is taken as it comes
def bootstrap_ci(x, stat, B=2000, seed=0, level=0.95):
    if len(x) == 0 or B < 1:
        raise ValueError("arguments")
    if level > 1:
        level /= 100
    rng, n = np.random.default_rng(seed), len(x)
    values = [stat(x[rng.integers(n, size=n)]) for _ in range(B)]
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


# %% wrong (q28-bootstrap-ci-hidden-seed): x is shuffled in its place
def bootstrap_ci(x, stat, B=2000, seed=0, level=0.95):
    if len(x) == 0 or B < 1 or not 0 < level < 1:
        raise ValueError("arguments")
    rng, n = np.random.default_rng(seed), len(x)
    rng.shuffle(x)
    values = [stat(x[rng.integers(n, size=n)]) for _ in range(B)]
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


# %% wrong (q28-bootstrap-ci-hidden-rows): the last row is never drawn
def bootstrap_ci(x, stat, B=2000, seed=0, level=0.95):
    if len(x) == 0 or B < 1 or not 0 < level < 1:
        raise ValueError("arguments")
    rng, n = np.random.default_rng(seed), len(x)
    values = [stat(x[rng.integers(0, max(1, n - 1), size=n)]) for _ in range(B)]
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))
