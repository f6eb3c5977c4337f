# %% right: what is left for the data term, step by step
def break_even_tokens(N, D, n, A, B, alpha, beta):
    if not n < N:
        raise ValueError("n must be smaller than N")
    target = A * N**-alpha + B * D**-beta
    rest = target - A * n**-alpha
    if rest <= 0:
        return float("inf")
    d = (rest / B) ** (-1 / beta)
    more = 6 * n * d - 6 * N * D
    return 0.0 if more <= 0 else more / (2 * (N - n))


# %% right: relative to the large model's data term
def break_even_tokens(N, D, n, A, B, alpha, beta):
    if n >= N:
        raise ValueError("not smaller")
    share = (A / n**alpha - A / N**alpha) / (B / D**beta)  # of the data term, to be made up
    if share >= 1:
        return math.inf
    d = D * (1 - share) ** (-1 / beta)
    return max(3 * (n * d - N * D) / (N - n), 0.0)


# %% right: finds the tokens by bisection
def break_even_tokens(N, D, n, A, B, alpha, beta):
    if n >= N:
        raise ValueError("not smaller")
    goal = A / N**alpha + B / D**beta
    if A / n**alpha >= goal:
        return np.inf
    low, high = math.log(D), math.log(D) + 1
    while A / n**alpha + B / math.exp(high) ** beta > goal:
        high += 1
    for _ in range(100):
        middle = (low + high) / 2
        if A / n**alpha + B / math.exp(middle) ** beta > goal:
            low = middle
        else:
            high = middle
    extra = 6 * (n * math.exp(high) - N * D)
    return max(0.0, extra / (2 * N - 2 * n))


# %% wrong (q40-break-even-hidden-tokens): serving a token costs as much as training on one
def break_even_tokens(N, D, n, A, B, alpha, beta):
    if n >= N:
        raise ValueError("not smaller")
    left = A / N**alpha + B / D**beta - A / n**alpha
    if left <= 0:
        return math.inf
    d = (B / left) ** (1 / beta)
    return max(0.0, (n * d - N * D) / (N - n))


# %% wrong (q40-break-even-hidden-tokens): the small model trained for the same compute, not to the same loss
def break_even_tokens(N, D, n, A, B, alpha, beta):
    if n >= N:
        raise ValueError("not smaller")
    if A / N**alpha + B / D**beta <= A / n**alpha:
        return math.inf
    d = N * D / n
    return max(0.0, 3 * (n * d - N * D) / (N - n))


# %% wrong (q40-break-even-hidden-tokens): the whole cost of the small model's training, not the extra
def break_even_tokens(N, D, n, A, B, alpha, beta):
    if n >= N:
        raise ValueError("not smaller")
    left = A / N**alpha + B / D**beta - A / n**alpha
    if left <= 0:
        return math.inf
    d = (B / left) ** (1 / beta)
    return 0.0 if n * d <= N * D else 3 * n * d / (N - n)


# %% wrong (q40-break-even-hidden-ends): a negative number where the small model is cheaper at once
def break_even_tokens(N, D, n, A, B, alpha, beta):
    if n >= N:
        raise ValueError("not smaller")
    left = A / N**alpha + B / D**beta - A / n**alpha
    if left <= 0:
        return math.inf
    return 3 * (n * (B / left) ** (1 / beta) - N * D) / (N - n)


# %% wrong (q40-break-even-hidden-ends): does not notice that the loss cannot be reached
def break_even_tokens(N, D, n, A, B, alpha, beta):
    if n >= N:
        raise ValueError("not smaller")
    left = abs(A / N**alpha + B / D**beta - A / n**alpha)
    d = (B / max(left, 1e-12)) ** (1 / beta)
    return max(0.0, 3 * (n * d - N * D) / (N - n))


# %% wrong (q40-break-even-hidden-ends): swaps the models where the small one is not smaller
def break_even_tokens(N, D, n, A, B, alpha, beta):
    left = A / N**alpha + B / D**beta - A / n**alpha
    if left <= 0:
        return math.inf
    d = (B / left) ** (1 / beta)
    if n == N:
        return 0.0
    return max(0.0, 3 * (n * d - N * D) / abs(N - n))


# %% wrong (q40-break-even-hidden-tokens): less than 1e-9 left for the data term counts as nothing
def break_even_tokens(N, D, n, A, B, alpha, beta):
    if n >= N:
        raise ValueError("not smaller")
    left = A / N**alpha + B / D**beta - A / n**alpha
    if left < 1e-9:
        return math.inf
    d = (B / left) ** (1 / beta)
    return max(0.0, 3 * (n * d - N * D) / (N - n))
