# %% right: halves, concatenated
def rope(x, pos, theta=10000.0):
    d = x.shape[-1]
    if d % 2 == 1:
        raise ValueError("odd dimension")
    freq = theta ** (-np.arange(0, d, 2) / d)
    angle = np.asarray(pos)[:, None] * freq
    cos, sin = np.cos(angle), np.sin(angle)
    a, b = x[..., : d // 2], x[..., d // 2 :]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)


# %% right: complex numbers
def rope(x, pos, theta=10000.0):
    *_, T, d = x.shape
    if d % 2:
        raise ValueError("pairs")
    half = d // 2
    z = x[..., :half] + 1j * x[..., half:]
    rates = np.exp(-math.log(theta) * np.arange(half) / half)
    z = z * np.exp(1j * np.multiply.outer(np.array(pos, dtype=float), rates))
    return np.concatenate((z.real, z.imag), axis=-1)


# %% right: rotate_half, as transformers writes it, in torch
def rope(x, pos, theta=10000.0):
    x = torch.tensor(x)
    d = x.shape[-1]
    if d % 2 != 0:
        raise ValueError("d must be even")
    inv_freq = 1.0 / theta ** (torch.arange(0, d, 2, dtype=torch.float64) / d)
    freqs = torch.tensor(np.asarray(pos), dtype=torch.float64)[:, None] * inv_freq
    emb = torch.cat([freqs, freqs], dim=-1)
    rotated = torch.cat([-x[..., d // 2 :], x[..., : d // 2]], dim=-1)
    return (x * emb.cos() + rotated * emb.sin()).numpy()


# %% right: loops over positions and pairs
def rope(x, pos, theta=10000.0):
    d = x.shape[-1]
    if d % 2:
        raise ValueError("cannot pair")
    out = np.empty_like(x)
    for t, p in enumerate(pos):
        for i in range(d // 2):
            alpha = float(p) * theta ** (-2 * i / d)
            c, s = math.cos(alpha), math.sin(alpha)
            out[..., t, i] = x[..., t, i] * c - x[..., t, i + d // 2] * s
            out[..., t, i + d // 2] = x[..., t, i + d // 2] * c + x[..., t, i] * s
    return out


# %% wrong (q05-rope-hidden-angles): pairs of neighbours, as in the paper
def rope(x, pos, theta=10000.0):
    d = x.shape[-1]
    if d % 2 == 1:
        raise ValueError("odd dimension")
    freq = theta ** (-np.arange(0, d, 2) / d)
    angle = np.asarray(pos)[:, None] * freq
    cos, sin = np.cos(angle), np.sin(angle)
    a, b = x[..., ::2], x[..., 1::2]
    return np.stack([a * cos - b * sin, b * cos + a * sin], axis=-1).reshape(x.shape)


# %% wrong (q05-rope-hidden-angles): turns clockwise
def rope(x, pos, theta=10000.0):
    d = x.shape[-1]
    if d % 2 == 1:
        raise ValueError("odd dimension")
    freq = theta ** (-np.arange(0, d, 2) / d)
    angle = np.asarray(pos)[:, None] * freq
    cos, sin = np.cos(angle), np.sin(angle)
    a, b = x[..., : d // 2], x[..., d // 2 :]
    return np.concatenate([a * cos + b * sin, b * cos - a * sin], axis=-1)


# %% wrong (q05-rope-hidden-angles): exponent i / d
def rope(x, pos, theta=10000.0):
    d = x.shape[-1]
    if d % 2 == 1:
        raise ValueError("odd dimension")
    freq = theta ** (-np.arange(d // 2) / d)
    angle = np.asarray(pos)[:, None] * freq
    cos, sin = np.cos(angle), np.sin(angle)
    a, b = x[..., : d // 2], x[..., d // 2 :]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)


# %% wrong (q05-rope-hidden-angles): counts 0, 1, 2 instead of the given positions
def rope(x, pos, theta=10000.0):
    d = x.shape[-1]
    if d % 2 == 1:
        raise ValueError("odd dimension")
    freq = theta ** (-np.arange(0, d, 2) / d)
    angle = np.arange(len(pos))[:, None] * freq
    cos, sin = np.cos(angle), np.sin(angle)
    a, b = x[..., : d // 2], x[..., d // 2 :]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)


# %% wrong (q05-rope-hidden-angles): whole positions only
def rope(x, pos, theta=10000.0):
    d = x.shape[-1]
    if d % 2 == 1:
        raise ValueError("odd dimension")
    freq = theta ** (-np.arange(0, d, 2) / d)
    angle = np.asarray(pos, dtype=int)[:, None] * freq
    cos, sin = np.cos(angle), np.sin(angle)
    a, b = x[..., : d // 2], x[..., d // 2 :]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)


# %% wrong (q05-rope-hidden-angles): theta is always 10000
def rope(x, pos, theta=10000.0):
    d = x.shape[-1]
    if d % 2 == 1:
        raise ValueError("odd dimension")
    freq = 10000.0 ** (-np.arange(0, d, 2) / d)
    angle = np.asarray(pos)[:, None] * freq
    cos, sin = np.cos(angle), np.sin(angle)
    a, b = x[..., : d // 2], x[..., d // 2 :]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)


# %% wrong (q05-rope-hidden-angles): angles in float32
def rope(x, pos, theta=10000.0):
    d = x.shape[-1]
    if d % 2 == 1:
        raise ValueError("odd dimension")
    freq = theta ** (-np.arange(0, d, 2) / d)
    angle = (np.asarray(pos)[:, None] * freq).astype(np.float32)
    cos, sin = np.cos(angle), np.sin(angle)
    a, b = x[..., : d // 2], x[..., d // 2 :]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)


# %% wrong (q05-rope-hidden-angles): slow pairs first
def rope(x, pos, theta=10000.0):
    d = x.shape[-1]
    if d % 2 == 1:
        raise ValueError("odd dimension")
    freq = theta ** (-np.arange(0, d, 2)[::-1] / d)
    angle = np.asarray(pos)[:, None] * freq
    cos, sin = np.cos(angle), np.sin(angle)
    a, b = x[..., : d // 2], x[..., d // 2 :]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)


# %% wrong (q05-rope-hidden-relative): adds sines and cosines instead of turning
def rope(x, pos, theta=10000.0):
    d = x.shape[-1]
    if d % 2 == 1:
        raise ValueError("odd dimension")
    freq = theta ** (-np.arange(0, d, 2) / d)
    angle = np.asarray(pos)[:, None] * freq
    cos, sin = np.cos(angle), np.sin(angle)
    return x + np.concatenate([sin, cos], axis=-1)


# %% wrong (q05-rope-hidden-relative): forgets one of the two products with the sine
def rope(x, pos, theta=10000.0):
    d = x.shape[-1]
    if d % 2 == 1:
        raise ValueError("odd dimension")
    freq = theta ** (-np.arange(0, d, 2) / d)
    angle = np.asarray(pos)[:, None] * freq
    cos, sin = np.cos(angle), np.sin(angle)
    a, b = x[..., : d // 2], x[..., d // 2 :]
    return np.concatenate([a * cos - b * sin, b * cos], axis=-1)


# %% wrong (q05-rope-hidden-shape): positions along the first axis
def rope(x, pos, theta=10000.0):
    d = x.shape[-1]
    if d % 2 == 1:
        raise ValueError("odd dimension")
    freq = theta ** (-np.arange(0, d, 2) / d)
    if len(pos) != x.shape[0]:
        pos = np.resize(pos, x.shape[0])
    angle = np.asarray(pos).reshape(-1, *[1] * (x.ndim - 1)) * freq
    cos, sin = np.cos(angle), np.sin(angle)
    a, b = x[..., : d // 2], x[..., d // 2 :]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)


# %% wrong (q05-rope-hidden-shape): writes into its argument
def rope(x, pos, theta=10000.0):
    d = x.shape[-1]
    if d % 2 == 1:
        raise ValueError("odd dimension")
    freq = theta ** (-np.arange(0, d, 2) / d)
    angle = np.asarray(pos)[:, None] * freq
    cos, sin = np.cos(angle), np.sin(angle)
    a, b = x[..., : d // 2], x[..., d // 2 :]
    x[...] = np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)
    return x


# %% wrong (q05-rope-hidden-shape): leaves an odd last component alone
def rope(x, pos, theta=10000.0):
    d = x.shape[-1] - x.shape[-1] % 2
    if d == 0:
        return x.copy()
    freq = theta ** (-np.arange(0, d, 2) / d)
    angle = np.asarray(pos)[:, None] * freq
    cos, sin = np.cos(angle), np.sin(angle)
    a, b = x[..., : d // 2], x[..., d // 2 : d]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin, x[..., d:]], axis=-1)


# %% wrong (q05-rope-hidden-shape): result in float32
def rope(x, pos, theta=10000.0):
    d = x.shape[-1]
    if d % 2 == 1:
        raise ValueError("odd dimension")
    freq = theta ** (-np.arange(0, d, 2) / d)
    angle = np.asarray(pos)[:, None] * freq
    cos, sin = np.cos(angle), np.sin(angle)
    a, b = x[..., : d // 2], x[..., d // 2 :]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1).astype(np.float32)
