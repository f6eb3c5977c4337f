# %% right: all parabolas in one call, natural logarithms
def isoflop(C, N, loss):
    N_opt = np.empty(len(C))
    for i in range(len(C)):
        p2, p1, _ = np.polyfit(np.log(N[i]), loss[i], 2)
        N_opt[i] = np.exp(-p1 / 2 / p2)
    slope, _ = np.polyfit(np.log(C), np.log(N_opt), 1)
    return N_opt, C / 6 / N_opt, float(slope)


# %% right: logarithms to base 10 throughout
def isoflop(C, N, loss):
    u_opt = []
    for sizes, losses in zip(np.log10(N), loss):
        q = np.polynomial.Polynomial.fit(sizes, losses, 2).convert().coef
        u_opt.append(-q[1] / (2 * q[2]))
    u_opt = np.array(u_opt)
    N_opt = 10**u_opt
    exponent = np.polyfit(np.log10(C), u_opt, 1)[0]
    return N_opt, C / (6 * N_opt), float(exponent)


# %% right: centred, normal equations by hand
def isoflop(C, N, loss):
    u = np.log(N)
    mid = u.mean(axis=1, keepdims=True)
    v = u - mid
    best = []
    for row, losses in zip(v, loss):
        X = np.stack([row**2, row, np.ones_like(row)], axis=1)
        p = np.linalg.solve(X.T @ X, X.T @ losses)
        best.append(-p[1] / (2 * p[0]))
    u_opt = np.array(best) + mid[:, 0]
    k = np.log(C) - np.log(C).mean()
    return np.exp(u_opt), C / 6 * np.exp(-u_opt), float((k * u_opt).sum() / (k**2).sum())


# %% wrong (q40-repair-hidden-size): the parabola still in N
def isoflop(C, N, loss):
    best = []
    for sizes, losses in zip(N, loss):
        p = np.polyfit(sizes, losses, 2)
        best.append(abs(-p[1] / (2 * p[0])))
    N_opt = np.array(best)
    return N_opt, C / (6 * N_opt), float(np.polyfit(np.log(C), np.log(N_opt), 1)[0])


# %% wrong (q40-repair-hidden-size): takes the best run instead of the lowest point of the parabola
def isoflop(C, N, loss):
    N_opt = N[np.arange(len(C)), loss.argmin(axis=1)]
    return N_opt, C / (6 * N_opt), float(np.polyfit(np.log(C), np.log(N_opt), 1)[0])


# %% wrong (q40-repair-hidden-size): fits in base 10 and goes back with exp
def isoflop(C, N, loss):
    best = []
    for sizes, losses in zip(N, loss):
        p = np.polyfit(np.log10(sizes), losses, 2)
        best.append(np.exp(-p[1] / (2 * p[0])))
    N_opt = np.array(best)
    return N_opt, C / (6 * N_opt), float(np.polyfit(np.log(C), np.log(N_opt), 1)[0])


# %% wrong (q40-repair-hidden-tokens): a token still costs one operation per parameter
def isoflop(C, N, loss):
    best = []
    for sizes, losses in zip(N, loss):
        p = np.polyfit(np.log(sizes), losses, 2)
        best.append(np.exp(-p[1] / (2 * p[0])))
    N_opt = np.array(best)
    return N_opt, C / N_opt, float(np.polyfit(np.log(C), np.log(N_opt), 1)[0])


# %% wrong (q40-repair-hidden-tokens): 20 tokens for each parameter, whatever the budget says
def isoflop(C, N, loss):
    best = []
    for sizes, losses in zip(N, loss):
        p = np.polyfit(np.log(sizes), losses, 2)
        best.append(np.exp(-p[1] / (2 * p[0])))
    N_opt = np.array(best)
    return N_opt, 20 * N_opt, float(np.polyfit(np.log(C), np.log(N_opt), 1)[0])


# %% wrong (q40-repair-hidden-exponent): the line still in C, not in its logarithm
def isoflop(C, N, loss):
    best = []
    for sizes, losses in zip(N, loss):
        p = np.polyfit(np.log(sizes), losses, 2)
        best.append(np.exp(-p[1] / (2 * p[0])))
    N_opt = np.array(best)
    return N_opt, C / (6 * N_opt), float(np.polyfit(C, N_opt, 1)[0])


# %% wrong (q40-repair-hidden-exponent): only one side of the line in logarithms
def isoflop(C, N, loss):
    best = []
    for sizes, losses in zip(N, loss):
        p = np.polyfit(np.log(sizes), losses, 2)
        best.append(np.exp(-p[1] / (2 * p[0])))
    N_opt = np.array(best)
    return N_opt, C / (6 * N_opt), float(np.polyfit(np.log(C), N_opt, 1)[0])


# %% wrong (q40-repair-hidden-exponent): base 10 on one axis, e on the other
def isoflop(C, N, loss):
    best = []
    for sizes, losses in zip(N, loss):
        p = np.polyfit(np.log(sizes), losses, 2)
        best.append(np.exp(-p[1] / (2 * p[0])))
    N_opt = np.array(best)
    return N_opt, C / (6 * N_opt), float(np.polyfit(np.log10(C), np.log(N_opt), 1)[0])


# %% wrong (q40-repair-hidden-exponent): the exponent from the first and the last budget only
def isoflop(C, N, loss):
    best = []
    for sizes, losses in zip(N, loss):
        p = np.polyfit(np.log(sizes), losses, 2)
        best.append(np.exp(-p[1] / (2 * p[0])))
    N_opt = np.array(best)
    exponent = np.log(N_opt[-1] / N_opt[0]) / np.log(C[-1] / C[0])
    return N_opt, C / (6 * N_opt), float(exponent)


# %% wrong (q40-repair-hidden-exponent): the exponent of the tokens instead
def isoflop(C, N, loss):
    best = []
    for sizes, losses in zip(N, loss):
        p = np.polyfit(np.log(sizes), losses, 2)
        best.append(np.exp(-p[1] / (2 * p[0])))
    N_opt = np.array(best)
    D_opt = C / (6 * N_opt)
    return N_opt, D_opt, float(np.polyfit(np.log(C), np.log(D_opt), 1)[0])
