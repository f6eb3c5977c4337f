# %% right: searches the floor on grids that are refined, the rest is a line in logarithms
def fit_power_law(x, y, with_floor=False):
    u = np.log(x)

    def line(c):
        v = np.log(y - c)
        b = ((u - u.mean()) * (v - v.mean())).sum() / ((u - u.mean()) ** 2).sum()
        a = v.mean() - b * u.mean()
        return float(((a + b * u - v) ** 2).sum()), float(np.exp(a)), float(-b)

    if not with_floor:
        _, a, b = line(0.0)
        return a, b, 0.0
    low, high = 0.0, 1.0  # as a share of the smallest y
    for _ in range(8):
        shares = np.linspace(low, min(high, 1 - 1e-9), 81)
        errors = [line(s * y.min())[0] for s in shares]
        i = int(np.argmin(errors))
        step = shares[1] - shares[0]
        low, high = max(0.0, shares[i] - step), shares[i] + step
    c = float(shares[i] * y.min())
    _, a, b = line(c)
    return a, b, c


# %% right: Gauss-Newton on ln a, b and ln c, from several starts
def fit_power_law(x, y, with_floor=False):
    u, v = np.log(x), np.log(y)
    middle = u.mean()
    rows = np.stack([np.ones_like(u), -u], axis=1)
    (k, b), *_ = np.linalg.lstsq(rows, v, rcond=None)
    plain = (float(np.exp(k)), float(b), 0.0)
    if not with_floor:
        return plain

    def residual(p):
        return np.log(np.exp(p[0] - p[1] * (u - middle)) + np.exp(p[2])) - v

    best, best_error = None, np.inf
    for start in (0.1, 0.5, 0.9):
        for b0 in (0.2, 0.6, 1.2):
            c0 = start * y.min()
            p = np.array([np.mean(np.log(y - c0)), b0, np.log(c0)])
            damp, r = 1e-2, residual(p)
            for _ in range(200):
                s = np.exp(p[0] - p[1] * (u - middle))
                whole = s + np.exp(p[2])
                J = np.stack([s / whole, -(u - middle) * s / whole, np.exp(p[2]) / whole], axis=1)
                step = np.linalg.solve(J.T @ J + damp * np.eye(3), -J.T @ r)
                if np.abs(step).max() > 20:
                    damp *= 10
                    continue
                new = residual(p + step)
                if new @ new < r @ r:
                    p, r, damp = p + step, new, max(damp / 5, 1e-15)
                else:
                    damp *= 5
                if r @ r < 1e-24 or damp > 1e8:
                    break
            if r @ r < best_error:
                best, best_error = p, r @ r
            if best_error < 1e-22:
                break
        if best_error < 1e-22:
            break
    c = float(np.exp(best[2]))
    if c < 1e-3 * y.min():
        return plain
    return float(np.exp(best[0] + best[1] * middle)), float(best[1]), c


# %% right: searches b with absolute errors, in torch
def fit_power_law(x, y, with_floor=False):
    u = torch.log(torch.tensor(x, dtype=torch.float64))
    v = torch.tensor(y, dtype=torch.float64)
    du = u - u.mean()
    b = -(du * v.log()).sum() / (du**2).sum()
    plain = (float(torch.exp(v.log().mean() + b * u.mean())), float(b), 0.0)
    if not with_floor:
        return plain
    bs = torch.linspace(0.01, 2.5, 250, dtype=torch.float64)
    for _ in range(6):
        z = torch.exp(-bs[:, None] * du)  # (bs, n)
        zc = z - z.mean(1, keepdim=True)
        a = (zc * v).sum(1) / (zc**2).sum(1)
        c = v.mean() - a * z.mean(1)
        error = ((a[:, None] * z + c[:, None] - v) ** 2).sum(1)
        i = int(error.argmin())
        step = float(bs[1] - bs[0])
        centre = float(bs[i])
        best = float(a[i]), centre, float(c[i])
        bs = torch.linspace(max(centre - step, 1e-4), centre + step, 41, dtype=torch.float64)
    a, b, c = best
    if c < 5e-4 * float(v.min()):
        return plain
    return a * math.exp(b * float(u.mean())), b, c


# %% right: the reference's search, sums written out
def fit_power_law(x, y, with_floor=False):
    p = np.polyfit(np.log(x), np.log(y), deg=1)
    if not with_floor:
        return math.exp(p[1]), -p[0], 0.0
    g = math.exp(float(np.mean(np.log(x))))
    w = 1 / y**2

    def attempt(b):
        z = (x / g) ** -b
        S, Sz, Szz = w.sum(), (w * z).sum(), (w * z * z).sum()
        T, Tz = (w * y).sum(), (w * z * y).sum()
        det = S * Szz - Sz * Sz
        a, c = (S * Tz - Sz * T) / det, (Szz * T - Sz * Tz) / det
        return (w * (a * z + c - y) ** 2).sum(), a, c

    low, high = 0.03, 2.0
    while high - low > 1e-7:
        grid = np.linspace(low, high, 41)
        i = int(np.argmin([attempt(b)[0] for b in grid]))
        low, high = grid[max(i - 1, 0)], grid[min(i + 1, 40)]
    b = (low + high) / 2
    _, a, c = attempt(b)
    if c < 0 or c < 5e-4 * y.min():
        return math.exp(p[1]), -p[0], 0.0
    return a * g**b, b, c


# %% wrong (q40-fit-power-law-hidden-line): a least-squares fit to y itself, not to its logarithm
def fit_power_law(x, y, with_floor=False):
    unit = np.exp(np.log(x).mean())

    def solve(b):
        z = (x / unit) ** -b
        columns = np.stack([z, np.ones_like(z)], axis=1) if with_floor else z[:, None]
        p, *_ = np.linalg.lstsq(columns, y, rcond=None)
        return float(((columns @ p - y) ** 2).sum()), b, p[0], p[1] if with_floor else 0.0

    low, high = -2.0, 3.0
    for _ in range(8):
        grid = np.linspace(low, high, 51)
        _, b, a, c = min(map(solve, grid))
        low, high = b - (grid[1] - grid[0]), b + (grid[1] - grid[0])
    if c <= 1e-4 * y.min():
        c = 0.0
    return float(a * unit**b), float(b), float(c)


# %% wrong (q40-fit-power-law-hidden-line): the slope itself, so that b is negative
def fit_power_law(x, y, with_floor=False):
    slope, intercept = np.polyfit(np.log(x), np.log(y), 1)
    return float(np.exp(intercept)), float(slope), 0.0


# %% wrong (q40-fit-power-law-hidden-line): logarithms to base 10, undone with exp
def fit_power_law(x, y, with_floor=False):
    slope, intercept = np.polyfit(np.log10(x), np.log10(y), 1)
    return float(np.exp(intercept)), float(-slope), 0.0


# %% wrong (q40-fit-power-law-hidden-line): the line through the two outermost points
def fit_power_law(x, y, with_floor=False):
    i, j = int(np.argmin(x)), int(np.argmax(x))
    b = -np.log(y[j] / y[i]) / np.log(x[j] / x[i])
    return float(y[i] * x[i] ** b), float(b), 0.0


# %% wrong (q40-fit-power-law-hidden-floor): forgets the floor
def fit_power_law(x, y, with_floor=False):
    slope, intercept = np.polyfit(np.log(x), np.log(y), 1)
    return float(np.exp(intercept)), float(-slope), 0.0


# %% wrong (q40-fit-power-law-hidden-floor): the smallest loss seen is taken for the floor
def fit_power_law(x, y, with_floor=False):
    c = 0.999 * float(y.min()) if with_floor else 0.0
    slope, intercept = np.polyfit(np.log(x), np.log(y - c), 1)
    return float(np.exp(intercept)), float(-slope), c


# %% wrong (q40-fit-power-law-hidden-floor): solves for the floor from first, middle and last point as if x were a geometric series
def fit_power_law(x, y, with_floor=False):
    c = 0.0
    if with_floor:
        y1, y2, y3 = y[0], y[len(y) // 2], y[-1]
        c = (y1 * y3 - y2**2) / (y1 + y3 - 2 * y2 + 1e-12)
        c = float(min(max(c, 0.0), 0.999 * y.min()))
    slope, intercept = np.polyfit(np.log(x), np.log(y - c), 1)
    return float(np.exp(intercept)), float(-slope), c


# %% wrong (q40-fit-power-law-hidden-floor): a floor chosen from ten candidates only
def fit_power_law(x, y, with_floor=False):
    best = None
    for share in np.arange(10) / 10 if with_floor else [0.0]:
        c = float(share * y.min())
        p, residual, *_ = np.polyfit(np.log(x), np.log(y - c), 1, full=True)
        error = float(residual[0]) if len(residual) else 0.0
        if best is None or error < best[0]:
            best = error, float(np.exp(p[1])), float(-p[0]), c
    return best[1:]


# %% wrong (q40-fit-power-law-hidden-units): gradient descent on raw x, which starts in one unit only
def fit_power_law(x, y, with_floor=False):
    slope, intercept = np.polyfit(np.log(x), np.log(y), 1)
    if not with_floor:
        return float(np.exp(intercept)), float(-slope), 0.0
    a, b, c = 1.0, 0.5, 0.5
    for _ in range(300):
        z = x**-b
        r = a * z + c - y
        a -= 0.1 * float(np.mean(r * z))
        b -= 0.01 * float(np.mean(r * -a * z * np.log(x)))
        c -= 0.1 * float(np.mean(r))
    return float(a), float(b), float(c)


# %% wrong (q40-fit-power-law-hidden-units): looks for the floor between 0 and 3 nats only
def fit_power_law(x, y, with_floor=False):
    def line(c):
        p, residual, *_ = np.polyfit(np.log(x), np.log(y - c), 1, full=True)
        return (float(residual[0]) if len(residual) else 0.0), float(np.exp(p[1])), float(-p[0]), c

    if not with_floor:
        return line(0.0)[1:]
    low, high = 0.0, 3.0
    for _ in range(12):
        grid = [c for c in np.linspace(low, high, 31) if c < y.min() * (1 - 1e-9)]
        best = min(map(line, grid))
        step = (high - low) / 30
        low, high = max(0.0, best[3] - step), best[3] + step
    return best[1:]


# %% wrong (q40-fit-power-law-hidden-units): divides y in place to normalise it
def fit_power_law(x, y, with_floor=False):
    slope, intercept = np.polyfit(np.log(x), np.log(y), 1)
    line = float(np.exp(intercept)), float(-slope), 0.0
    if not with_floor:
        return line
    scale = float(y.mean())
    y /= scale
    unit = float(np.exp(np.log(x).mean()))

    def solve(b):
        columns = np.stack([(x / unit) ** -b, np.ones_like(x)], axis=1) / y[:, None]
        (a, c), *_ = np.linalg.lstsq(columns, np.ones_like(y), rcond=None)
        return float(np.sum((columns @ [a, c] - 1) ** 2)), a, b, c

    low, high = 0.02, 3.0
    for _ in range(8):
        grid = np.linspace(low, high, 31)
        _, a, b, c = min(map(solve, grid))
        step = grid[1] - grid[0]
        low, high = max(b - 1.5 * step, 1e-3), b + 1.5 * step
    if c <= 1e-4 * y.min():
        return line
    return float(a * scale * unit**b), float(b), float(c * scale)


# %% wrong (q40-fit-power-law-hidden-zero): lets the floor be negative
def fit_power_law(x, y, with_floor=False):
    slope, intercept = np.polyfit(np.log(x), np.log(y), 1)
    if not with_floor:
        return float(np.exp(intercept)), float(-slope), 0.0
    unit = float(np.exp(np.log(x).mean()))

    def solve(b):
        columns = np.stack([(x / unit) ** -b, np.ones_like(x)], axis=1) / y[:, None]
        (a, c), *_ = np.linalg.lstsq(columns, np.ones_like(y), rcond=None)
        return float(np.sum((columns @ [a, c] - 1) ** 2)), a, b, c

    low, high = 0.02, 3.0
    for _ in range(8):
        grid = np.linspace(low, high, 31)
        _, a, b, c = min(map(solve, grid))
        step = grid[1] - grid[0]
        low, high = max(b - 1.5 * step, 1e-3), b + 1.5 * step
    return float(a * unit**b), float(b), float(c)


# %% wrong (q40-fit-power-law-hidden-zero): always finds a floor, at least 1 % of the smallest value
def fit_power_law(x, y, with_floor=False):
    u = np.log(x)

    def line(c):
        p, residual, *_ = np.polyfit(u, np.log(y - c), 1, full=True)
        return (float(residual[0]) if len(residual) else 0.0), float(np.exp(p[1])), float(-p[0]), c

    if not with_floor:
        return line(0.0)[1:]
    low, high = 0.01, 0.999
    for _ in range(10):
        shares = np.linspace(low, high, 31)
        best = min(map(line, shares * float(y.min())))
        step = shares[1] - shares[0]
        low = max(0.01, best[3] / y.min() - step)
        high = min(0.9999, best[3] / y.min() + step)
    return best[1], best[2], float(best[3])


# %% right: Levenberg-Marquardt of scipy on relative errors, the floor as a share of the smallest y
def fit_power_law(x, y, with_floor=False):
    from scipy.optimize import least_squares

    u = np.log(x) - np.log(x).mean()
    slope, intercept = np.polyfit(u, np.log(y), 1)
    plain = float(np.exp(intercept + slope * -np.log(x).mean())), float(-slope), 0.0
    if not with_floor:
        return plain

    def residual(p):
        return np.log(np.exp(p[0] - p[1] * u) + np.exp(p[2])) - np.log(y)

    best = None
    for b in (0.1, 0.4, 1.2):
        for share in (0.05, 0.5, 0.95):
            c = share * y.min()
            start = [float(np.log(y - c + 1e-3 * c).mean()), b, float(np.log(c))]
            found = least_squares(residual, start, xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=300)
            if best is None or found.cost < best.cost:
                best = found
        if best.cost < 1e-20:
            break
    k, b, floor = map(float, best.x)
    if math.exp(floor) < 5e-4 * y.min():
        return plain
    return math.exp(k + b * float(np.log(x).mean())), b, math.exp(floor)


# %% right: b by golden section, columns in their own units
def fit_power_law(x, y, with_floor=False):
    slope, intercept = np.polyfit(np.log(x), np.log(y), 1)
    plain = float(np.exp(intercept)), float(-slope), 0.0
    if not with_floor:
        return plain

    def solve(b):
        z = np.exp(-b * (np.log(x) - np.log(x).min()))  # between 0 and 1
        M = np.stack([z / y, 1 / y], axis=1)
        scale = np.linalg.norm(M, axis=0)
        p = np.linalg.lstsq(M / scale, np.ones_like(y), rcond=None)[0] / scale
        return float(((M @ p - 1) ** 2).sum()), float(p[0]), float(p[1])

    grid = np.geomspace(0.02, 3, 60)
    i = int(np.argmin([solve(b)[0] for b in grid]))
    low, high = grid[max(i - 1, 0)], grid[min(i + 1, 59)]
    golden = (5**0.5 - 1) / 2
    for _ in range(60):
        one, two = high - golden * (high - low), low + golden * (high - low)
        if solve(one)[0] < solve(two)[0]:
            high = two
        else:
            low = one
    b = float(low + high) / 2
    _, a, c = solve(b)
    if c < 2e-4 * y.min():
        return plain
    return a * float(x.min()) ** b, b, c


# %% wrong (q40-fit-power-law-hidden-floor): one grid of b with steps of 0.005, never refined
def fit_power_law(x, y, with_floor=False):
    slope, intercept = np.polyfit(np.log(x), np.log(y), 1)
    line = float(np.exp(intercept)), float(-slope), 0.0
    if not with_floor:
        return line
    unit = float(np.exp(np.log(x).mean()))

    def solve(b):
        columns = np.stack([(x / unit) ** -b, np.ones_like(x)], axis=1) / y[:, None]
        (a, c), *_ = np.linalg.lstsq(columns, np.ones_like(y), rcond=None)
        return float(np.sum((columns @ [a, c] - 1) ** 2)), a, b, c

    _, a, b, c = min(map(solve, np.linspace(0.05, 1.6, 311)))
    if c <= 1e-4 * y.min():
        return line
    return float(a * unit**b), float(b), float(c)


# %% wrong (q40-fit-power-law-hidden-floor): one grid of b with steps of 0.001, errors absolute
def fit_power_law(x, y, with_floor=False):
    slope, intercept = np.polyfit(np.log(x), np.log(y), 1)
    line = float(np.exp(intercept)), float(-slope), 0.0
    if not with_floor:
        return line
    bs = np.arange(0.05, 1.6, 0.001)
    z = x ** -bs[:, None]
    zc = z - z.mean(axis=1, keepdims=True)
    a = (zc * y).sum(axis=1) / (zc**2).sum(axis=1)
    c = y.mean() - a * z.mean(axis=1)
    i = int(((a[:, None] * z + c[:, None] - y) ** 2).sum(axis=1).argmin())
    if c[i] <= 1e-4 * y.min():
        return line
    return float(a[i]), float(bs[i]), float(c[i])


# %% wrong (q40-fit-power-law-hidden-units): x**-b as it is, so small that lstsq takes it for zero
def fit_power_law(x, y, with_floor=False):
    slope, intercept = np.polyfit(np.log(x), np.log(y), 1)
    line = float(np.exp(intercept)), float(-slope), 0.0
    if not with_floor:
        return line

    def solve(b):
        columns = np.stack([x**-b, np.ones_like(x)], axis=1) / y[:, None]
        (a, c), *_ = np.linalg.lstsq(columns, np.ones_like(y), rcond=None)
        return float(np.sum((columns @ [a, c] - 1) ** 2)), a, b, c

    low, high = 0.02, 3.0
    for _ in range(8):
        grid = np.linspace(low, high, 31)
        _, a, b, c = min(map(solve, grid))
        step = grid[1] - grid[0]
        low, high = max(b - 1.5 * step, 1e-3), b + 1.5 * step
    if c <= 1e-4 * y.min():
        return line
    return float(a), float(b), float(c)
