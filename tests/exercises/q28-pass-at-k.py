# %% right: binomial coefficients of integers
def pass_at_k(n, c, k):
    if k < 1 or k > n or c < 0 or c > n:
        raise ValueError("arguments")
    return 1 - math.comb(n - c, k) / math.comb(n, k)


# %% right: a product over the k draws
def pass_at_k(n, c, k):
    if not 0 < k <= n or not 0 <= c <= n:
        raise ValueError("arguments")
    missed = 1.0
    for i in range(k):
        missed *= max(0, n - c - i) / (n - i)
    return 1.0 - missed


# %% right: logarithms of factorials
def pass_at_k(n, c, k):
    if not 0 < k <= n or not 0 <= c <= n:
        raise ValueError("arguments")
    if c == 0:
        return 0.0
    if n - c < k:
        return 1.0
    f = math.lgamma
    return -math.expm1(f(n - c + 1) - f(n - c - k + 1) - f(n + 1) + f(n - k + 1))


# %% wrong (q28-pass-at-k-hidden-value): with replacement
def pass_at_k(n, c, k):
    if not 0 < k <= n or not 0 <= c <= n:
        raise ValueError("arguments")
    if n - c < k:
        return 1.0
    return 1 - (1 - c / n) ** k


# %% wrong (q28-pass-at-k-hidden-value): the expected number of right samples
def pass_at_k(n, c, k):
    if not 0 < k <= n or not 0 <= c <= n:
        raise ValueError("arguments")
    if n - c < k:
        return 1.0
    return min(1.0, k * c / n)


# %% wrong (q28-pass-at-k-hidden-value): all k are right
def pass_at_k(n, c, k):
    if not 0 < k <= n or not 0 <= c <= n:
        raise ValueError("arguments")
    return math.comb(c, k) / math.comb(n, k)


# %% wrong (q28-pass-at-k-hidden-value): exactly one is right
def pass_at_k(n, c, k):
    if not 0 < k <= n or not 0 <= c <= n:
        raise ValueError("arguments")
    if n - c < k:
        return 1.0
    return c * math.comb(n - c, k - 1) / math.comb(n, k)


# %% wrong (q28-pass-at-k-hidden-large): the coefficients are made floats first
def pass_at_k(n, c, k):
    if not 0 < k <= n or not 0 <= c <= n:
        raise ValueError("arguments")
    return 1 - float(math.comb(n - c, k)) / float(math.comb(n, k))


# %% wrong (q28-pass-at-k-hidden-edges): more tries than samples are cut down to the samples
def pass_at_k(n, c, k):
    if k < 1 or not 0 <= c <= n or n == 0:
        raise ValueError("arguments")
    k = min(k, n)
    return 1 - math.comb(n - c, k) / math.comb(n, k)


# %% wrong (q28-pass-at-k-hidden-edges): the published code, which does not look at k
def pass_at_k(n, c, k):
    if n - c < k:
        return 1.0
    return 1.0 - np.prod(1.0 - k / np.arange(n - c + 1, n + 1))


# %% wrong (q28-pass-at-k-hidden-large): with replacement, where there are many samples
def pass_at_k(n, c, k):
    if not 0 < k <= n or not 0 <= c <= n:
        raise ValueError("arguments")
    if n - c < k:
        return 1.0
    if n > 1000:
        return 1 - (1 - c / n) ** k
    return 1 - math.comb(n - c, k) / math.comb(n, k)
