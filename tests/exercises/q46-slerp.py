# %% right: with an orthogonal direction and the sine rule written out
def slerp(a, b, t):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    na, nb = math.sqrt((a * a).sum()), math.sqrt((b * b).sum())
    if na == 0 or nb == 0:
        return a * (1 - t) + b * t
    c = float((a * b).sum()) / (na * nb)
    if c > 1 - 1e-6 or c < -1 + 1e-6:
        return a * (1 - t) + b * t
    theta = math.acos(c)
    return (
        math.sin((1 - t) * theta) / math.sin(theta) * a + math.sin(t * theta) / math.sin(theta) * b
    )


# %% right: torch, normalised first
def slerp(a, b, t):
    x = torch.tensor(np.array(a, dtype=float)).flatten()
    y = torch.tensor(np.array(b, dtype=float)).flatten()
    if x.norm() == 0 or y.norm() == 0:
        out = (1 - t) * x + t * y
    else:
        cos = (x / x.norm()) @ (y / y.norm())
        if cos.abs() > 1 - 1e-6:
            out = (1 - t) * x + t * y
        else:
            angle = cos.arccos()
            out = (((1 - t) * angle).sin() * x + (t * angle).sin() * y) / angle.sin()
    return out.reshape(np.shape(a)).numpy()


# %% right: by addition theorem
def slerp(a, b, t):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    u, v = a.ravel(), b.ravel()
    scale = np.linalg.norm(u) * np.linalg.norm(v)
    if scale == 0 or abs(u @ v / scale) > 1 - 1e-6:
        return (1 - t) * a + t * b
    c = u @ v / scale
    s = math.sqrt(1 - c * c)
    theta = math.atan2(s, c)
    first = math.cos(t * theta) - c * math.sin(t * theta) / s
    return first * a + math.sin(t * theta) / s * b


# %% wrong (q46-slerp-hidden-arc): a cosine that forgets the lengths
def slerp(a, b, t):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    c = np.clip(np.vdot(a, b), -1, 1)
    if abs(c) > 1 - 1e-6 or not a.any() or not b.any():
        return (1 - t) * a + t * b
    theta = np.arccos(c)
    return (np.sin((1 - t) * theta) * a + np.sin(t * theta) * b) / np.sin(theta)


# %% wrong (q46-slerp-hidden-arc): normalises both and returns a unit vector
def slerp(a, b, t):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    na, nb = np.linalg.norm(a.ravel()), np.linalg.norm(b.ravel())
    if na == 0 or nb == 0 or abs(np.vdot(a, b) / (na * nb)) > 1 - 1e-6:
        return (1 - t) * a + t * b
    if t in (0, 1):
        return a * (1 - t) + b * t
    theta = np.arccos(np.vdot(a, b) / (na * nb))
    return (np.sin((1 - t) * theta) * a / na + np.sin(t * theta) * b / nb) / np.sin(theta)


# %% wrong (q46-slerp-hidden-arc): an angle for each row of a matrix
def slerp(a, b, t):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.ndim > 1:
        return np.stack([slerp(x, y, t) for x, y in zip(a, b, strict=True)])
    n = np.linalg.norm(a) * np.linalg.norm(b)
    if n == 0 or abs(a @ b / n) > 1 - 1e-6:
        return (1 - t) * a + t * b
    theta = np.arccos(a @ b / n)
    return (np.sin((1 - t) * theta) * a + np.sin(t * theta) * b) / np.sin(theta)


# %% wrong (q46-slerp-hidden-arc): the straight line, brought back to a length in between
def slerp(a, b, t):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    na, nb = np.linalg.norm(a.ravel()), np.linalg.norm(b.ravel())
    line = (1 - t) * a + t * b
    if na == 0 or nb == 0 or abs(np.vdot(a, b) / (na * nb)) > 1 - 1e-6:
        return line
    return line / np.linalg.norm(line.ravel()) * ((1 - t) * na + t * nb)


# %% wrong (q46-slerp-hidden-arc): t and 1 - t exchanged
def slerp(a, b, t):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    n = np.linalg.norm(a.ravel()) * np.linalg.norm(b.ravel())
    if n == 0 or abs(np.vdot(a, b) / n) > 1 - 1e-6:
        return (1 - t) * a + t * b
    theta = np.arccos(np.vdot(a, b) / n)
    return (np.sin(t * theta) * a + np.sin((1 - t) * theta) * b) / np.sin(theta)


# %% wrong (q46-slerp-hidden-parallel): only clips the cosine, and divides by the sine of nothing
def slerp(a, b, t):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    with np.errstate(all="ignore"):
        c = np.vdot(a, b) / (np.linalg.norm(a.ravel()) * np.linalg.norm(b.ravel()))
        theta = np.arccos(np.clip(c, -1, 1))
        return (np.sin((1 - t) * theta) * a + np.sin(t * theta) * b) / np.sin(theta)


# %% wrong (q46-slerp-hidden-parallel): looks after parallel vectors, not after opposite ones
def slerp(a, b, t):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    n = np.linalg.norm(a.ravel()) * np.linalg.norm(b.ravel())
    if n == 0 or np.vdot(a, b) / n > 1 - 1e-6:
        return (1 - t) * a + t * b
    with np.errstate(all="ignore"):
        theta = np.arccos(max(np.vdot(a, b) / n, -1.0))
        return (np.sin((1 - t) * theta) * a + np.sin(t * theta) * b) / np.sin(theta)


# %% wrong (q46-slerp-hidden-parallel): refuses a zero vector
def slerp(a, b, t):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    n = np.linalg.norm(a.ravel()) * np.linalg.norm(b.ravel())
    with np.errstate(all="ignore"):
        c = np.vdot(a, b) / n
        if abs(c) > 1 - 1e-6:
            return (1 - t) * a + t * b
        theta = np.arccos(c)
        return (np.sin((1 - t) * theta) * a + np.sin(t * theta) * b) / np.sin(theta)


# %% wrong (q46-slerp-hidden-contract): mergekit's threshold, half a degree too generous
def slerp(a, b, t):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    n = np.linalg.norm(a.ravel()) * np.linalg.norm(b.ravel())
    if n == 0 or abs(np.vdot(a, b) / n) > 0.9995:
        return (1 - t) * a + t * b
    theta = np.arccos(np.vdot(a, b) / n)
    return (np.sin((1 - t) * theta) * a + np.sin(t * theta) * b) / np.sin(theta)


# %% wrong (q46-slerp-hidden-contract): hands back a flat vector
def slerp(a, b, t):
    a, b = np.asarray(a, dtype=float).ravel(), np.asarray(b, dtype=float).ravel()
    n = np.linalg.norm(a) * np.linalg.norm(b)
    if n == 0 or abs(a @ b / n) > 1 - 1e-6:
        return (1 - t) * a + t * b
    theta = np.arccos(a @ b / n)
    return (np.sin((1 - t) * theta) * a + np.sin(t * theta) * b) / np.sin(theta)


# %% wrong (q46-slerp-hidden-parallel): a threshold of 1 - 1e-7
def slerp(a, b, t):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    n = np.linalg.norm(a.ravel()) * np.linalg.norm(b.ravel())
    if n == 0 or abs(np.vdot(a, b) / n) > 1 - 1e-7:
        return (1 - t) * a + t * b
    theta = np.arccos(np.vdot(a, b) / n)
    return (np.sin((1 - t) * theta) * a + np.sin(t * theta) * b) / np.sin(theta)


# %% wrong (q46-slerp-hidden-parallel): a threshold of 1 - 1e-9
def slerp(a, b, t):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    n = np.linalg.norm(a.ravel()) * np.linalg.norm(b.ravel())
    if n == 0 or abs(np.vdot(a, b) / n) > 1 - 1e-9:
        return (1 - t) * a + t * b
    theta = np.arccos(np.vdot(a, b) / n)
    return (np.sin((1 - t) * theta) * a + np.sin(t * theta) * b) / np.sin(theta)


# %% wrong (q46-slerp-hidden-contract): a threshold of 1 - 1e-5
def slerp(a, b, t):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    n = np.linalg.norm(a.ravel()) * np.linalg.norm(b.ravel())
    if n == 0 or abs(np.vdot(a, b) / n) > 1 - 1e-5:
        return (1 - t) * a + t * b
    theta = np.arccos(np.vdot(a, b) / n)
    return (np.sin((1 - t) * theta) * a + np.sin(t * theta) * b) / np.sin(theta)
