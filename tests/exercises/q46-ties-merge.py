# %% right: entry by entry, with loops
def ties_merge(base, models, weights, density, lam=1.0):
    if any(w < 0 for w in weights) or density <= 0 or density > 1:
        raise ValueError("weights or density")
    flat = np.asarray(base, dtype=float).reshape(-1)
    n = len(flat)
    keep = max(1, int(density * n + 0.5))
    changes = []
    for model in models:
        d = [float(m) - float(b) for m, b in zip(np.asarray(model).reshape(-1), flat, strict=True)]
        best = set(sorted(range(n), key=lambda i: (-abs(d[i]), i))[:keep])
        changes.append([d[i] if i in best else 0.0 for i in range(n)])
    out = []
    for i in range(n):
        total = sum(w * c[i] for w, c in zip(weights, changes, strict=True))
        above = below = 0.0
        for w, c in zip(weights, changes, strict=True):
            if w * c[i] * total > 0:
                above += w * c[i]
                below += w
        out.append(flat[i] + lam * (above / below if below > 0 else 0.0))
    return np.array(out).reshape(np.shape(base))


# %% right: torch inside, a threshold and the first of those that tie
def ties_merge(base, models, weights, density, lam=1.0):
    if min(weights) < 0:
        raise ValueError("negative weight")
    if density > 1 or density <= 0:
        raise ValueError("density")
    b = torch.tensor(np.array(base, dtype=float))
    k = max(1, int(np.floor(density * b.numel() + 0.5)))
    total = torch.zeros_like(b)
    kept = []
    for m, w in zip(models, weights, strict=True):
        d = (torch.tensor(np.array(m, dtype=float)) - b).flatten()
        order = torch.sort(d.abs(), descending=True, stable=True).indices[:k]
        mask = torch.zeros(d.shape, dtype=torch.bool)
        mask[order] = True
        d = torch.where(mask, d, torch.zeros_like(d)).reshape(b.shape)
        kept.append((w, d))
        total = total + w * d
    top, bottom = torch.zeros_like(b), torch.zeros_like(b)
    for w, d in kept:
        same = (w * d) * total > 0
        top += torch.where(same, w * d, 0.0)
        bottom += torch.where(same, w, 0.0)
    merged = torch.where(bottom > 0, top / bottom.clamp(min=1e-300), torch.zeros_like(b))
    return (b + lam * merged).numpy()


# %% right: positive and negative parts kept apart
def ties_merge(base, models, weights, density, lam=1.0):
    w = np.asarray(weights, dtype=float)
    if (w < 0).any():
        raise ValueError("weights must be at least 0")
    if not (0.0 < density <= 1.0):
        raise ValueError("density must be in (0, 1]")
    base = np.asarray(base, dtype=float)
    d = np.stack([np.asarray(m, dtype=float) - base for m in models]).reshape(len(w), -1)
    k = max(1, math.floor(density * d.shape[1] + 0.5))
    rank = np.lexsort((np.tile(np.arange(d.shape[1]), (len(w), 1)), -np.abs(d)), axis=1)
    mask = np.zeros_like(d, dtype=bool)
    np.put_along_axis(mask, rank[:, :k], True, axis=1)
    x = w[:, None] * np.where(mask, d, 0)
    up, down = np.clip(x, 0, None).sum(0), np.clip(x, None, 0).sum(0)
    wup, wdown = (w[:, None] * (x > 0)).sum(0), (w[:, None] * (x < 0)).sum(0)
    s = x.sum(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        merged = np.where(s > 0, up / wup, np.where(s < 0, down / wdown, 0.0))
    return base + lam * merged.reshape(base.shape)


# %% wrong (q46-ties-merge-hidden-trim): trims the models' weights, not their changes
def ties_merge(base, models, weights, density, lam=1.0):
    if min(weights) < 0 or not 0 < density <= 1:
        raise ValueError("weights or density")
    base = np.asarray(base, dtype=float)
    k = max(1, math.floor(density * base.size + 0.5))
    x = []
    for m, w in zip(models, weights, strict=True):
        order = np.argsort(-abs(np.asarray(m, dtype=float).ravel()), kind="stable")[:k]
        d = np.zeros(base.size)
        d[order] = (np.asarray(m) - base).ravel()[order]
        x.append(w * d.reshape(base.shape))
    x = np.stack(x)
    agree = (np.sign(x) == np.sign(x.sum(0))) & (x != 0)
    w = np.asarray(weights, dtype=float).reshape(-1, *[1] * base.ndim)
    below = (w * agree).sum(0)
    return base + lam * (x * agree).sum(0) / np.where(below > 0, below, 1)


# %% wrong (q46-ties-merge-hidden-trim): a threshold, so that all entries that tie are kept
def ties_merge(base, models, weights, density, lam=1.0):
    if min(weights) < 0 or not 0 < density <= 1:
        raise ValueError("weights or density")
    base = np.asarray(base, dtype=float)
    k = max(1, math.floor(density * base.size + 0.5))
    x = []
    for m, w in zip(models, weights, strict=True):
        d = np.asarray(m, dtype=float) - base
        least = np.sort(abs(d).ravel())[-k]
        x.append(w * np.where(abs(d) >= least, d, 0))
    x = np.stack(x)
    agree = (np.sign(x) == np.sign(x.sum(0))) & (x != 0)
    w = np.asarray(weights, dtype=float).reshape(-1, *[1] * base.ndim)
    below = (w * agree).sum(0)
    return base + lam * (x * agree).sum(0) / np.where(below > 0, below, 1)


# %% wrong (q46-ties-merge-hidden-trim): rounds the number of kept entries down, as mergekit does
def ties_merge(base, models, weights, density, lam=1.0):
    if min(weights) < 0 or not 0 < density <= 1:
        raise ValueError("weights or density")
    base = np.asarray(base, dtype=float)
    k = max(1, int(density * base.size))
    x = []
    for m, w in zip(models, weights, strict=True):
        d = (np.asarray(m, dtype=float) - base).ravel()
        d[np.argsort(-abs(d), kind="stable")[k:]] = 0
        x.append(w * d.reshape(base.shape))
    x = np.stack(x)
    agree = (np.sign(x) == np.sign(x.sum(0))) & (x != 0)
    w = np.asarray(weights, dtype=float).reshape(-1, *[1] * base.ndim)
    below = (w * agree).sum(0)
    return base + lam * (x * agree).sum(0) / np.where(below > 0, below, 1)


# %% wrong (q46-ties-merge-hidden-trim): keeps the smallest changes: sorted the wrong way round
def ties_merge(base, models, weights, density, lam=1.0):
    if min(weights) < 0 or not 0 < density <= 1:
        raise ValueError("weights or density")
    base = np.asarray(base, dtype=float)
    k = max(1, math.floor(density * base.size + 0.5))
    x = []
    for m, w in zip(models, weights, strict=True):
        d = (np.asarray(m, dtype=float) - base).ravel()
        d[np.argsort(abs(d), kind="stable")[k:]] = 0
        x.append(w * d.reshape(base.shape))
    x = np.stack(x)
    agree = (np.sign(x) == np.sign(x.sum(0))) & (x != 0)
    w = np.asarray(weights, dtype=float).reshape(-1, *[1] * base.ndim)
    below = (w * agree).sum(0)
    return base + lam * (x * agree).sum(0) / np.where(below > 0, below, 1)


# %% wrong (q46-ties-merge-hidden-trim): Python's round, which takes halves to the even number
def ties_merge(base, models, weights, density, lam=1.0):
    if min(weights) < 0 or not 0 < density <= 1:
        raise ValueError("weights or density")
    base = np.asarray(base, dtype=float)
    k = max(1, round(density * base.size))
    x = []
    for m, w in zip(models, weights, strict=True):
        d = (np.asarray(m, dtype=float) - base).ravel()
        d[np.argsort(-abs(d), kind="stable")[k:]] = 0
        x.append(w * d.reshape(base.shape))
    x = np.stack(x)
    agree = (np.sign(x) == np.sign(x.sum(0))) & (x != 0)
    w = np.asarray(weights, dtype=float).reshape(-1, *[1] * base.ndim)
    below = (w * agree).sum(0)
    return base + lam * (x * agree).sum(0) / np.where(below > 0, below, 1)


# %% wrong (q46-ties-merge-hidden-sign): elects the sign that most models have
def ties_merge(base, models, weights, density, lam=1.0):
    if min(weights) < 0 or not 0 < density <= 1:
        raise ValueError("weights or density")
    base = np.asarray(base, dtype=float)
    k = max(1, math.floor(density * base.size + 0.5))
    x = []
    for m, w in zip(models, weights, strict=True):
        d = (np.asarray(m, dtype=float) - base).ravel()
        d[np.argsort(-abs(d), kind="stable")[k:]] = 0
        x.append(w * d.reshape(base.shape))
    x = np.stack(x)
    agree = (np.sign(x) == np.sign(np.sign(x).sum(0))) & (x != 0)
    w = np.asarray(weights, dtype=float).reshape(-1, *[1] * base.ndim)
    below = (w * agree).sum(0)
    return base + lam * (x * agree).sum(0) / np.where(below > 0, below, 1)


# %% wrong (q46-ties-merge-hidden-sign): a sum of 0 counts as positive, as in mergekit
def ties_merge(base, models, weights, density, lam=1.0):
    if min(weights) < 0 or not 0 < density <= 1:
        raise ValueError("weights or density")
    base = np.asarray(base, dtype=float)
    k = max(1, math.floor(density * base.size + 0.5))
    x = []
    for m, w in zip(models, weights, strict=True):
        d = (np.asarray(m, dtype=float) - base).ravel()
        d[np.argsort(-abs(d), kind="stable")[k:]] = 0
        x.append(w * d.reshape(base.shape))
    x = np.stack(x)
    agree = np.sign(x) == np.where(x.sum(0) >= 0, 1, -1)
    w = np.asarray(weights, dtype=float).reshape(-1, *[1] * base.ndim)
    below = (w * agree).sum(0)
    return base + lam * (x * agree).sum(0) / np.where(below > 0, below, 1)


# %% wrong (q46-ties-merge-hidden-sign): elects before it weighs, as PEFT does
def ties_merge(base, models, weights, density, lam=1.0):
    if min(weights) < 0 or not 0 < density <= 1:
        raise ValueError("weights or density")
    base = np.asarray(base, dtype=float)
    k = max(1, math.floor(density * base.size + 0.5))
    x = []
    for m in models:
        d = (np.asarray(m, dtype=float) - base).ravel()
        d[np.argsort(-abs(d), kind="stable")[k:]] = 0
        x.append(d.reshape(base.shape))
    x = np.stack(x)
    agree = (np.sign(x) == np.sign(x.sum(0))) & (x != 0)
    w = np.asarray(weights, dtype=float).reshape(-1, *[1] * base.ndim)
    below = (w * agree).sum(0)
    return base + lam * (w * x * agree).sum(0) / np.where(below > 0, below, 1)


# %% wrong (q46-ties-merge-hidden-mean): divides by how many agree
def ties_merge(base, models, weights, density, lam=1.0):
    if min(weights) < 0 or not 0 < density <= 1:
        raise ValueError("weights or density")
    base = np.asarray(base, dtype=float)
    k = max(1, math.floor(density * base.size + 0.5))
    x = []
    for m, w in zip(models, weights, strict=True):
        d = (np.asarray(m, dtype=float) - base).ravel()
        d[np.argsort(-abs(d), kind="stable")[k:]] = 0
        x.append(w * d.reshape(base.shape))
    x = np.stack(x)
    agree = (np.sign(x) == np.sign(x.sum(0))) & (x != 0)
    return base + lam * (x * agree).sum(0) / np.maximum(agree.sum(0), 1)


# %% wrong (q46-ties-merge-hidden-mean): divides by the weights of all models
def ties_merge(base, models, weights, density, lam=1.0):
    if min(weights) < 0 or not 0 < density <= 1:
        raise ValueError("weights or density")
    base = np.asarray(base, dtype=float)
    k = max(1, math.floor(density * base.size + 0.5))
    x = []
    for m, w in zip(models, weights, strict=True):
        d = (np.asarray(m, dtype=float) - base).ravel()
        d[np.argsort(-abs(d), kind="stable")[k:]] = 0
        x.append(w * d.reshape(base.shape))
    x = np.stack(x)
    agree = (np.sign(x) == np.sign(x.sum(0))) & (x != 0)
    return base + lam * (x * agree).sum(0) / max(sum(weights), 1e-12)


# %% wrong (q46-ties-merge-hidden-mean): task arithmetic after the election: a sum, not a mean
def ties_merge(base, models, weights, density, lam=1.0):
    if min(weights) < 0 or not 0 < density <= 1:
        raise ValueError("weights or density")
    base = np.asarray(base, dtype=float)
    k = max(1, math.floor(density * base.size + 0.5))
    x = []
    for m, w in zip(models, weights, strict=True):
        d = (np.asarray(m, dtype=float) - base).ravel()
        d[np.argsort(-abs(d), kind="stable")[k:]] = 0
        x.append(w * d.reshape(base.shape))
    x = np.stack(x)
    agree = (np.sign(x) == np.sign(x.sum(0))) & (x != 0)
    return base + lam * (x * agree).sum(0)


# %% wrong (q46-ties-merge-hidden-mean): those that were trimmed away take part in the average
def ties_merge(base, models, weights, density, lam=1.0):
    if min(weights) < 0 or not 0 < density <= 1:
        raise ValueError("weights or density")
    base = np.asarray(base, dtype=float)
    k = max(1, math.floor(density * base.size + 0.5))
    x = []
    for m, w in zip(models, weights, strict=True):
        d = (np.asarray(m, dtype=float) - base).ravel()
        d[np.argsort(-abs(d), kind="stable")[k:]] = 0
        x.append(w * d.reshape(base.shape))
    x = np.stack(x)
    agree = x * np.sign(x.sum(0)) >= 0
    agree &= x.sum(0) != 0
    w = np.asarray(weights, dtype=float).reshape(-1, *[1] * base.ndim)
    below = (w * agree).sum(0)
    return base + lam * (x * agree).sum(0) / np.where(below > 0, below, 1)


# %% wrong (q46-ties-merge-hidden-contract): lam scales the whole result
def ties_merge(base, models, weights, density, lam=1.0):
    if min(weights) < 0 or not 0 < density <= 1:
        raise ValueError("weights or density")
    base = np.asarray(base, dtype=float)
    k = max(1, math.floor(density * base.size + 0.5))
    x = []
    for m, w in zip(models, weights, strict=True):
        d = (np.asarray(m, dtype=float) - base).ravel()
        d[np.argsort(-abs(d), kind="stable")[k:]] = 0
        x.append(w * d.reshape(base.shape))
    x = np.stack(x)
    agree = (np.sign(x) == np.sign(x.sum(0))) & (x != 0)
    w = np.asarray(weights, dtype=float).reshape(-1, *[1] * base.ndim)
    below = (w * agree).sum(0)
    return lam * (base + (x * agree).sum(0) / np.where(below > 0, below, 1))


# %% wrong (q46-ties-merge-hidden-contract): turns the caller's models into changes, and refuses nothing
def ties_merge(base, models, weights, density, lam=1.0):
    base = np.asarray(base, dtype=float)
    k = max(1, math.floor(density * base.size + 0.5))
    for m, w in zip(models, weights, strict=True):
        m -= base
        flat = m.reshape(-1)
        flat[np.argsort(-abs(flat), kind="stable")[k:]] = 0
        m *= w
    x = np.stack(models)
    agree = (np.sign(x) == np.sign(x.sum(0))) & (x != 0)
    w = np.asarray(weights, dtype=float).reshape(-1, *[1] * base.ndim)
    below = (w * agree).sum(0)
    return base + lam * (x * agree).sum(0) / np.where(below > 0, below, 1)


# %% wrong (q46-ties-merge-hidden-sign): elects from the changes before they are trimmed
def ties_merge(base, models, weights, density, lam=1.0):
    if min(weights) < 0 or not 0 < density <= 1:
        raise ValueError("weights or density")
    base = np.asarray(base, dtype=float)
    k = max(1, math.floor(density * base.size + 0.5))
    x, whole = [], 0
    for m, w in zip(models, weights, strict=True):
        d = (np.asarray(m, dtype=float) - base).ravel()
        whole = whole + w * d.reshape(base.shape)
        d[np.argsort(-abs(d), kind="stable")[k:]] = 0
        x.append(w * d.reshape(base.shape))
    x = np.stack(x)
    agree = (np.sign(x) == np.sign(whole)) & (x != 0)
    w = np.asarray(weights, dtype=float).reshape(-1, *[1] * base.ndim)
    below = (w * agree).sum(0)
    return base + lam * (x * agree).sum(0) / np.where(below > 0, below, 1)


# %% wrong (q46-ties-merge-hidden-contract): returns float32
def ties_merge(base, models, weights, density, lam=1.0):
    if min(weights) < 0 or not 0 < density <= 1:
        raise ValueError("weights or density")
    base = np.asarray(base, dtype=float)
    k = max(1, math.floor(density * base.size + 0.5))
    x = []
    for m, w in zip(models, weights, strict=True):
        d = (np.asarray(m, dtype=float) - base).ravel()
        d[np.argsort(-abs(d), kind="stable")[k:]] = 0
        x.append(w * d.reshape(base.shape))
    x = np.stack(x)
    agree = (np.sign(x) == np.sign(x.sum(0))) & (x != 0)
    w = np.asarray(weights, dtype=float).reshape(-1, *[1] * base.ndim)
    below = (w * agree).sum(0)
    return (base + lam * (x * agree).sum(0) / np.where(below > 0, below, 1)).astype(np.float32)
