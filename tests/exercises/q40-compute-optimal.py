# %% right: the balance solved in logarithms
def compute_optimal(C, A, B, alpha, beta):
    # ln(alpha A) - alpha n = ln(beta B) - beta d,  n + d = ln(C / 6)
    total = math.log(C / 6)
    n = (math.log(alpha * A) - math.log(beta * B) + beta * total) / (alpha + beta)
    return math.exp(n), math.exp(total - n)


# %% right: bisection on the derivative
def compute_optimal(C, A, B, alpha, beta):
    low, high = -50.0, 120.0
    for _ in range(200):
        n = (low + high) / 2
        d = math.log(C / 6) - n
        if alpha * A * math.exp(-alpha * n) > beta * B * math.exp(-beta * d):
            low = n
        else:
            high = n
    return math.exp(low), C / 6 / math.exp(low)


# %% right: tokens first
def compute_optimal(C, A, B, alpha, beta):
    a, b = beta / (alpha + beta), alpha / (alpha + beta)
    G = np.power(alpha * A / beta / B, 1.0 / (alpha + beta))
    D = np.power(C / 6.0, b) / G
    N = G * np.power(C / 6.0, a)
    return N, D


# %% right: a linear system for ln N and ln D
def compute_optimal(C, A, B, alpha, beta):
    rows = np.array([[1.0, 1.0], [alpha, -beta]])
    n, d = np.linalg.solve(rows, [np.log(C / 6), np.log(alpha * A / (beta * B))])
    return float(np.exp(n)), float(np.exp(d))


# %% wrong (q40-compute-optimal-hidden-budget): counts the forward pass only, 2 N D
def compute_optimal(C, A, B, alpha, beta):
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    N = G * (C / 2) ** (beta / (alpha + beta))
    return N, C / (2 * N)


# %% wrong (q40-compute-optimal-hidden-budget): spends the budget as N D, the 6 forgotten
def compute_optimal(C, A, B, alpha, beta):
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    return G * C ** (beta / (alpha + beta)), C ** (alpha / (alpha + beta)) / G


# %% wrong (q40-compute-optimal-hidden-budget): G in both results, so the product is not C / 6
def compute_optimal(C, A, B, alpha, beta):
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    return G * (C / 6) ** (beta / (alpha + beta)), G * (C / 6) ** (alpha / (alpha + beta))


# %% wrong (q40-compute-optimal-hidden-budget): rounds to whole parameters and tokens
def compute_optimal(C, A, B, alpha, beta):
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return round(N), round(C / (6 * N))


# %% wrong (q40-compute-optimal-hidden-optimum): 20 tokens per parameter, whatever the constants
def compute_optimal(C, A, B, alpha, beta):
    N = (C / 120) ** 0.5
    return N, 20 * N


# %% wrong (q40-compute-optimal-hidden-optimum): balances the two terms instead of their derivatives
def compute_optimal(C, A, B, alpha, beta):
    G = (A / B) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / (6 * N)


# %% wrong (q40-compute-optimal-hidden-optimum): the ratio upside down
def compute_optimal(C, A, B, alpha, beta):
    G = (beta * B / (alpha * A)) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / (6 * N)


# %% wrong (q40-compute-optimal-hidden-optimum): the exponent of G forgotten
def compute_optimal(C, A, B, alpha, beta):
    N = alpha * A / (beta * B) * (C / 6) ** (beta / (alpha + beta))
    return N, C / (6 * N)


# %% wrong (q40-compute-optimal-hidden-growth): the exponents swapped
def compute_optimal(C, A, B, alpha, beta):
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (alpha / (alpha + beta))
    return N, C / (6 * N)


# %% wrong (q40-compute-optimal-hidden-growth): model and data always grow as the square root
def compute_optimal(C, A, B, alpha, beta):
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    N = G * (C / 6) ** 0.5
    return N, C / (6 * N)


# %% wrong (q40-compute-optimal-hidden-optimum): the best of a coarse grid of sizes
def compute_optimal(C, A, B, alpha, beta):
    N = np.geomspace(1e-3, 1e15, 2000)
    D = C / (6 * N)
    best = int(np.argmin(A / N**alpha + B / D**beta))
    return float(N[best]), float(D[best])


# %% wrong (q40-compute-optimal-hidden-optimum): a grid of sizes, exact to a hundredth of a per cent
def compute_optimal(C, A, B, alpha, beta):
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    N = math.exp(round(math.log(N) / 2e-4) * 2e-4)
    return N, C / (6 * N)
