# %% right: one row at a time, with loops and sets
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    if temperature < 0:
        raise ValueError("temperature must be at least 0")
    logits = np.asarray(logits, dtype=float)
    if logits.ndim > 1:
        rows = [filter_probs(row, temperature, top_k, top_p, min_p) for row in logits]
        return np.array(rows)
    V = len(logits)
    if max(logits) == -math.inf:
        raise ValueError("no token is possible")
    if temperature == 0:
        best = [1.0 if i == int(np.argmax(logits)) else 0.0 for i in range(V)]
        return np.array(best)
    kept = [i for i in range(V) if logits[i] > -math.inf]
    if 0 < top_k < V:
        kth = sorted(logits, reverse=True)[top_k - 1]
        kept = [i for i in kept if logits[i] >= kth]
    m = max(logits)
    weight = {i: math.exp((logits[i] - m) / temperature) for i in kept}
    total = math.fsum(weight.values())
    p = {i: w / total for i, w in weight.items()}
    if top_p < 1:
        nucleus, mass = [], 0.0
        for i in sorted(kept, key=lambda i: (-p[i], i)):
            if nucleus and mass >= top_p:
                break
            nucleus.append(i)
            mass += p[i]
        kept = nucleus
    top = max(p[i] for i in kept)
    kept = [i for i in kept if p[i] >= min_p * top]
    out = np.zeros(V)
    total = math.fsum(p[i] for i in kept)
    for i in kept:
        out[i] = p[i] / total
    return out


# %% right: torch inside, probabilities set to zero instead of logits to -inf
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    if temperature < 0:
        raise ValueError("temperature")
    z = torch.tensor(np.asarray(logits), dtype=torch.float64)
    V = z.shape[-1]
    if (z.max(dim=-1).values == -torch.inf).any():
        raise ValueError("nothing to sample")
    if temperature == 0:
        best = np.argmax(np.asarray(logits), axis=-1)
        return torch.nn.functional.one_hot(torch.tensor(best), V).double().numpy()
    z = z / temperature
    if 0 < top_k < V:
        z = z.masked_fill(z < z.topk(top_k, dim=-1).values[..., -1:], -torch.inf)
    p = z.softmax(dim=-1)
    ranked, order = p.sort(dim=-1, descending=True, stable=True)
    before = ranked.cumsum(dim=-1) - ranked
    cut = before >= top_p if top_p < 1 else torch.zeros_like(before, dtype=torch.bool)
    cut[..., 0] = False
    p = p.masked_fill(torch.zeros_like(cut).scatter(-1, order, cut), 0)
    p = p.masked_fill(p < min_p * p.amax(dim=-1, keepdim=True), 0)
    return (p / p.sum(dim=-1, keepdim=True)).numpy()


# %% right: sorts once, works on ranks, in log space
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    if temperature < 0:
        raise ValueError("negative temperature")
    z = np.asarray(logits, dtype=np.float64)
    shape, V = z.shape, z.shape[-1]
    z = z.reshape(-1, V)
    if not np.isfinite(z.max(axis=1)).all():
        raise ValueError("a row has no finite logit")
    order = np.argsort(-z, axis=1, kind="stable")
    s = np.take_along_axis(z, order, axis=1)
    if temperature == 0:
        q = np.zeros_like(s)
        q[:, 0] = 1
    else:
        s = s / temperature
        k = V if top_k <= 0 else min(top_k, V)
        keep = s >= s[:, k - 1 : k]
        with np.errstate(divide="ignore"):
            logp = s - s[:, :1]
            logp = logp - np.log(np.sum(np.exp(logp), axis=1, where=keep, keepdims=True))
        q = np.where(keep, np.exp(logp), 0.0)
        if top_p < 1:
            before = np.concatenate([np.zeros((len(q), 1)), q.cumsum(axis=1)[:, :-1]], axis=1)
            keep = keep & (before < top_p)
            keep[:, 0] = True
        keep = keep & (q >= min_p * q[:, :1])
        q = np.where(keep, q, 0)
        q = q / q.sum(axis=1, keepdims=True)
    out = np.zeros_like(q)
    np.put_along_axis(out, order, q, axis=1)
    return out.reshape(shape)


# %% right: ascending order, as transformers does it, with apply_along_axis
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    if temperature < 0:
        raise ValueError("temperature < 0")

    def one(z):
        z = z.copy()
        V = z.size
        if np.all(z == -np.inf):
            raise ValueError("all -inf")
        if temperature == 0:
            out = np.zeros(V)
            out[int(z.argmax())] = 1.0
            return out
        z /= temperature
        if 0 < top_k < V:
            z[z < np.partition(z, V - top_k)[V - top_k]] = -np.inf
        p = np.exp(z - z.max())
        p /= p.sum()
        if top_p < 1:
            order = np.lexsort(
                (-np.arange(V), p)
            )  # ascending; among equals the highest index first
            above = p[order][::-1].cumsum()[::-1] - p[order]  # mass of what ranks higher
            drop = order[above >= top_p]
            best = order[-1]
            p[np.setdiff1d(drop, [best])] = 0
        p[p < min_p * p.max()] = 0
        return p / p.sum()

    return np.apply_along_axis(one, -1, np.asarray(logits, dtype=np.float64))


# %% right: log-softmax throughout
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    z = np.array(logits, dtype=np.float64)
    if temperature < 0:
        raise ValueError("temperature is negative")
    if np.isneginf(z).all(axis=-1).any():
        raise ValueError("nothing to draw from")
    size = z.shape[-1]
    if temperature == 0:
        return np.eye(size)[z.argmax(axis=-1)]
    z = z / temperature
    if 0 < top_k < size:
        kth = np.sort(z, axis=-1)[..., -top_k, None]
        z = np.where(z >= kth, z, -np.inf)
    top = z.max(axis=-1, keepdims=True)
    log_p = z - (top + np.log(np.exp(z - top).sum(axis=-1, keepdims=True)))
    p = np.exp(log_p)
    if top_p < 1:
        order = np.argsort(-p, axis=-1, kind="stable")
        ranked = np.take_along_axis(p, order, axis=-1)
        stays = np.cumsum(ranked, axis=-1) - ranked < top_p
        stays[..., 0] = True
        keep = np.zeros_like(stays)
        np.put_along_axis(keep, order, stays, axis=-1)
        p = np.where(keep, p, 0.0)
    if min_p > 0:
        p = np.where(p >= min_p * p.max(axis=-1, keepdims=True), p, 0.0)
    return p / p.sum(axis=-1, keepdims=True)


# %% wrong (q04-filter-probs-hidden-boundary): keeps one token too many when the mass is met exactly
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    if temperature < 0:
        raise ValueError("temperature")
    z = np.array(logits, dtype=float)
    if np.isneginf(z).all(-1).any():
        raise ValueError("all -inf")
    if temperature == 0:
        return np.eye(z.shape[-1])[z.argmax(-1)]

    def softmax(z):
        e = np.exp(z - z.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    z /= temperature
    if 0 < top_k < z.shape[-1]:
        z = np.where(z < np.sort(z, -1)[..., -top_k, None], -np.inf, z)
    p = softmax(z)
    if top_p < 1:
        order = np.argsort(-p, -1, kind="stable")
        ranked = np.take_along_axis(p, order, -1)
        keep = ranked.cumsum(-1) - ranked <= top_p
        keep[..., 0] = True
        z = np.where(np.take_along_axis(keep, np.argsort(order, -1), -1), z, -np.inf)
        p = softmax(z)
    z = np.where(p < min_p * p.max(-1, keepdims=True), -np.inf, z)
    return softmax(z)


# %% wrong (q04-filter-probs-hidden-boundary): cuts where the cumulative sum exceeds top_p, so the token that completes the nucleus is lost
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    if temperature < 0:
        raise ValueError("temperature")
    z = np.array(logits, dtype=float)
    if np.isneginf(z).all(-1).any():
        raise ValueError("all -inf")
    if temperature == 0:
        return np.eye(z.shape[-1])[z.argmax(-1)]

    def softmax(z):
        e = np.exp(z - z.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    z /= temperature
    if 0 < top_k < z.shape[-1]:
        z = np.where(z < np.sort(z, -1)[..., -top_k, None], -np.inf, z)
    p = softmax(z)
    if top_p < 1:
        order = np.argsort(-p, -1, kind="stable")
        keep = np.take_along_axis(p, order, -1).cumsum(-1) < top_p
        keep[..., 0] = True
        z = np.where(np.take_along_axis(keep, np.argsort(order, -1), -1), z, -np.inf)
        p = softmax(z)
    z = np.where(p < min_p * p.max(-1, keepdims=True), -np.inf, z)
    return softmax(z)


# %% wrong (q04-filter-probs-hidden-boundary): forgets that one token always stays
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    if temperature < 0:
        raise ValueError("temperature")
    z = np.array(logits, dtype=float)
    if np.isneginf(z).all(-1).any():
        raise ValueError("all -inf")
    if temperature == 0:
        return np.eye(z.shape[-1])[z.argmax(-1)]
    z /= temperature
    if 0 < top_k < z.shape[-1]:
        z = np.where(z < np.sort(z, -1)[..., -top_k, None], -np.inf, z)
    p = np.exp(z - z.max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    if top_p < 1:
        order = np.argsort(-p, -1, kind="stable")
        ranked = np.take_along_axis(p, order, -1)
        keep = ranked.cumsum(-1) - ranked < top_p
        p = np.where(np.take_along_axis(keep, np.argsort(order, -1), -1), p, 0)
    p = np.where(p < min_p * p.max(-1, keepdims=True), 0, p)
    with np.errstate(invalid="ignore"):
        return p / p.sum(-1, keepdims=True)


# %% wrong (q04-filter-probs-hidden-temperature): temperature 0 as a very small number
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    if temperature < 0:
        raise ValueError("temperature")
    z = np.array(logits, dtype=float)
    if np.isneginf(z).all(-1).any():
        raise ValueError("all -inf")

    def softmax(z):
        e = np.exp(z - z.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    z /= max(temperature, 1e-8)
    if 0 < top_k < z.shape[-1]:
        z = np.where(z < np.sort(z, -1)[..., -top_k, None], -np.inf, z)
    p = softmax(z)
    if top_p < 1:
        order = np.argsort(-p, -1, kind="stable")
        ranked = np.take_along_axis(p, order, -1)
        keep = ranked.cumsum(-1) - ranked < top_p
        keep[..., 0] = True
        z = np.where(np.take_along_axis(keep, np.argsort(order, -1), -1), z, -np.inf)
        p = softmax(z)
    z = np.where(p < min_p * p.max(-1, keepdims=True), -np.inf, z)
    return softmax(z)


# %% wrong (q04-filter-probs-hidden-temperature): divides by zero and hopes for the best
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    z = np.array(logits, dtype=float)
    with np.errstate(all="ignore"):
        z = z / np.float64(temperature)
        if 0 < top_k < z.shape[-1]:
            z = np.where(z < np.sort(z, -1)[..., -top_k, None], -np.inf, z)
        p = np.exp(z - z.max(-1, keepdims=True))
        p = p / p.sum(-1, keepdims=True)
        if top_p < 1:
            order = np.argsort(-p, -1, kind="stable")
            ranked = np.take_along_axis(p, order, -1)
            keep = ranked.cumsum(-1) - ranked < top_p
            keep[..., 0] = True
            p = np.where(np.take_along_axis(keep, np.argsort(order, -1), -1), p, 0)
        p = np.where(p < min_p * p.max(-1, keepdims=True), 0, p)
        return p / p.sum(-1, keepdims=True)


# %% wrong (q04-filter-probs-hidden-temperature): no maximum subtracted, so exp overflows
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    if temperature < 0:
        raise ValueError("temperature")
    z = np.array(logits, dtype=float)
    if np.isneginf(z).all(-1).any():
        raise ValueError("all -inf")
    if temperature == 0:
        return np.eye(z.shape[-1])[z.argmax(-1)]
    z /= temperature
    if 0 < top_k < z.shape[-1]:
        z = np.where(z < np.sort(z, -1)[..., -top_k, None], -np.inf, z)
    with np.errstate(all="ignore"):
        p = np.exp(z)
        p /= p.sum(-1, keepdims=True)
        if top_p < 1:
            order = np.argsort(-p, -1, kind="stable")
            ranked = np.take_along_axis(p, order, -1)
            keep = ranked.cumsum(-1) - ranked < top_p
            keep[..., 0] = True
            p = np.where(np.take_along_axis(keep, np.argsort(order, -1), -1), p, 0)
        p = np.where(p < min_p * p.max(-1, keepdims=True), 0, p)
        return p / p.sum(-1, keepdims=True)


# %% wrong (q04-filter-probs-hidden-temperature): at temperature 0 shares the mass among equals
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    if temperature < 0:
        raise ValueError("temperature")
    z = np.array(logits, dtype=float)
    if np.isneginf(z).all(-1).any():
        raise ValueError("all -inf")
    if temperature == 0:
        best = z == z.max(-1, keepdims=True)
        return best / best.sum(-1, keepdims=True)

    def softmax(z):
        e = np.exp(z - z.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    z /= temperature
    if 0 < top_k < z.shape[-1]:
        z = np.where(z < np.sort(z, -1)[..., -top_k, None], -np.inf, z)
    p = softmax(z)
    if top_p < 1:
        order = np.argsort(-p, -1, kind="stable")
        ranked = np.take_along_axis(p, order, -1)
        keep = ranked.cumsum(-1) - ranked < top_p
        keep[..., 0] = True
        z = np.where(np.take_along_axis(keep, np.argsort(order, -1), -1), z, -np.inf)
        p = softmax(z)
    z = np.where(p < min_p * p.max(-1, keepdims=True), -np.inf, z)
    return softmax(z)


# %% wrong (q04-filter-probs-hidden-top-k): keeps exactly k, dropping tokens that tie
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    if temperature < 0:
        raise ValueError("temperature")
    z = np.array(logits, dtype=float)
    if np.isneginf(z).all(-1).any():
        raise ValueError("all -inf")
    if temperature == 0:
        return np.eye(z.shape[-1])[z.argmax(-1)]

    def softmax(z):
        e = np.exp(z - z.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    z /= temperature
    if 0 < top_k < z.shape[-1]:
        order = np.argsort(-z, -1, kind="stable")
        np.put_along_axis(z, order[..., top_k:], -np.inf, -1)
    p = softmax(z)
    if top_p < 1:
        order = np.argsort(-p, -1, kind="stable")
        ranked = np.take_along_axis(p, order, -1)
        keep = ranked.cumsum(-1) - ranked < top_p
        keep[..., 0] = True
        z = np.where(np.take_along_axis(keep, np.argsort(order, -1), -1), z, -np.inf)
        p = softmax(z)
    z = np.where(p < min_p * p.max(-1, keepdims=True), -np.inf, z)
    return softmax(z)


# %% wrong (q04-filter-probs-hidden-top-k): hands a top_k beyond the vocabulary to torch.topk
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    if temperature < 0:
        raise ValueError("temperature")
    z = torch.tensor(np.array(logits, dtype=float))
    if (z == -torch.inf).all(-1).any():
        raise ValueError("all -inf")
    if temperature == 0:
        return np.eye(z.shape[-1])[np.argmax(np.asarray(logits), axis=-1)]
    z = z / temperature
    if top_k > 0:
        z = z.masked_fill(z < z.topk(top_k).values[..., -1:], -torch.inf)
    p = z.softmax(-1)
    if top_p < 1:
        ranked, order = p.sort(-1, descending=True, stable=True)
        cut = ranked.cumsum(-1) - ranked >= top_p
        cut[..., 0] = False
        p = p.masked_fill(torch.zeros_like(cut).scatter(-1, order, cut), 0)
    p = p.masked_fill(p < min_p * p.amax(-1, keepdim=True), 0)
    return (p / p.sum(-1, keepdim=True)).numpy()


# %% wrong (q04-filter-probs-hidden-order): counts the nucleus before the temperature is applied
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    if temperature < 0:
        raise ValueError("temperature")
    z = np.array(logits, dtype=float)
    if np.isneginf(z).all(-1).any():
        raise ValueError("all -inf")
    if temperature == 0:
        return np.eye(z.shape[-1])[z.argmax(-1)]

    def softmax(z):
        e = np.exp(z - z.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    if 0 < top_k < z.shape[-1]:
        z = np.where(z < np.sort(z, -1)[..., -top_k, None], -np.inf, z)
    p = softmax(z)
    if top_p < 1:
        order = np.argsort(-p, -1, kind="stable")
        ranked = np.take_along_axis(p, order, -1)
        keep = ranked.cumsum(-1) - ranked < top_p
        keep[..., 0] = True
        z = np.where(np.take_along_axis(keep, np.argsort(order, -1), -1), z, -np.inf)
        p = softmax(z)
    z = np.where(p < min_p * p.max(-1, keepdims=True), -np.inf, z)
    return softmax(z / temperature)


# %% wrong (q04-filter-probs-hidden-order): all masks from the plain distribution, none renormalised in between
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    if temperature < 0:
        raise ValueError("temperature")
    z = np.array(logits, dtype=float)
    if np.isneginf(z).all(-1).any():
        raise ValueError("all -inf")
    if temperature == 0:
        return np.eye(z.shape[-1])[z.argmax(-1)]
    z /= temperature
    p = np.exp(z - z.max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    keep = p >= min_p * p.max(-1, keepdims=True)
    if 0 < top_k < z.shape[-1]:
        keep &= z >= np.sort(z, -1)[..., -top_k, None]
    if top_p < 1:
        order = np.argsort(-p, -1, kind="stable")
        ranked = np.take_along_axis(p, order, -1)
        nucleus = ranked.cumsum(-1) - ranked < top_p
        nucleus[..., 0] = True
        keep &= np.take_along_axis(nucleus, np.argsort(order, -1), -1)
    p = np.where(keep, p, 0)
    return p / p.sum(-1, keepdims=True)


# %% wrong (q04-filter-probs-hidden-order): min-p before top-p, which then counts on a smaller mass
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    if temperature < 0:
        raise ValueError("temperature")
    z = np.array(logits, dtype=float)
    if np.isneginf(z).all(-1).any():
        raise ValueError("all -inf")
    if temperature == 0:
        return np.eye(z.shape[-1])[z.argmax(-1)]

    def softmax(z):
        e = np.exp(z - z.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    z /= temperature
    if 0 < top_k < z.shape[-1]:
        z = np.where(z < np.sort(z, -1)[..., -top_k, None], -np.inf, z)
    p = softmax(z)
    z = np.where(p < min_p * p.max(-1, keepdims=True), -np.inf, z)
    p = softmax(z)
    if top_p < 1:
        order = np.argsort(-p, -1, kind="stable")
        ranked = np.take_along_axis(p, order, -1)
        keep = ranked.cumsum(-1) - ranked < top_p
        keep[..., 0] = True
        z = np.where(np.take_along_axis(keep, np.argsort(order, -1), -1), z, -np.inf)
    return softmax(z)


# %% wrong (q04-filter-probs-hidden-order): min-p as an absolute threshold
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    if temperature < 0:
        raise ValueError("temperature")
    z = np.array(logits, dtype=float)
    if np.isneginf(z).all(-1).any():
        raise ValueError("all -inf")
    if temperature == 0:
        return np.eye(z.shape[-1])[z.argmax(-1)]

    def softmax(z):
        e = np.exp(z - z.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    z /= temperature
    if 0 < top_k < z.shape[-1]:
        z = np.where(z < np.sort(z, -1)[..., -top_k, None], -np.inf, z)
    p = softmax(z)
    if top_p < 1:
        order = np.argsort(-p, -1, kind="stable")
        ranked = np.take_along_axis(p, order, -1)
        keep = ranked.cumsum(-1) - ranked < top_p
        keep[..., 0] = True
        z = np.where(np.take_along_axis(keep, np.argsort(order, -1), -1), z, -np.inf)
        p = softmax(z)
    low = p < min_p
    low &= p < p.max(-1, keepdims=True)
    return softmax(np.where(low, -np.inf, z))


# %% wrong (q04-filter-probs-hidden-batch): filters the sorted row and forgets to bring it back
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    if temperature < 0:
        raise ValueError("temperature")
    z = np.array(logits, dtype=float)
    if np.isneginf(z).all(-1).any():
        raise ValueError("all -inf")
    if temperature == 0:
        return np.eye(z.shape[-1])[z.argmax(-1)]

    def softmax(z):
        e = np.exp(z - z.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    z /= temperature
    if 0 < top_k < z.shape[-1]:
        z = np.where(z < np.sort(z, -1)[..., -top_k, None], -np.inf, z)
    if top_p < 1:
        z = -np.sort(-z, -1)
        p = softmax(z)
        keep = p.cumsum(-1) - p < top_p
        keep[..., 0] = True
        z = np.where(keep, z, -np.inf)
    p = softmax(z)
    z = np.where(p < min_p * p.max(-1, keepdims=True), -np.inf, z)
    return softmax(z)


# %% wrong (q04-filter-probs-hidden-batch): brings the mask back with the order instead of its inverse
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    if temperature < 0:
        raise ValueError("temperature")
    z = np.array(logits, dtype=float)
    if np.isneginf(z).all(-1).any():
        raise ValueError("all -inf")
    if temperature == 0:
        return np.eye(z.shape[-1])[z.argmax(-1)]

    def softmax(z):
        e = np.exp(z - z.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    z /= temperature
    if 0 < top_k < z.shape[-1]:
        z = np.where(z < np.sort(z, -1)[..., -top_k, None], -np.inf, z)
    p = softmax(z)
    if top_p < 1:
        order = np.argsort(-p, -1, kind="stable")
        ranked = np.take_along_axis(p, order, -1)
        keep = ranked.cumsum(-1) - ranked < top_p
        keep[..., 0] = True
        p = np.where(np.take_along_axis(keep, order, -1), p, 0)
    p = np.where(p < min_p * p.max(-1, keepdims=True), 0, p)
    return p / np.maximum(p.sum(-1, keepdims=True), 1e-300)


# %% wrong (q04-filter-probs-hidden-batch): softmax over the whole array instead of each row
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    if temperature < 0:
        raise ValueError("temperature")
    z = np.array(logits, dtype=float)
    if np.isneginf(z).all():
        raise ValueError("all -inf")
    if temperature == 0:
        return np.eye(z.shape[-1])[z.argmax(-1)]
    z /= temperature
    if 0 < top_k < z.shape[-1]:
        z = np.where(z < np.sort(z, -1)[..., -top_k, None], -np.inf, z)

    def softmax(z):
        e = np.exp(z - z.max())
        return e / e.sum()

    p = softmax(z)
    if top_p < 1:
        order = np.argsort(-p, -1, kind="stable")
        ranked = np.take_along_axis(p, order, -1)
        keep = ranked.cumsum(-1) - ranked < top_p
        keep[..., 0] = True
        z = np.where(np.take_along_axis(keep, np.argsort(order, -1), -1), z, -np.inf)
        p = softmax(z)
    z = np.where(p < min_p * p.max(-1, keepdims=True), -np.inf, z)
    return softmax(z)


# %% wrong (q04-filter-probs-hidden-batch): skips the division at temperature 1, and with it the copy
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    if temperature < 0:
        raise ValueError("temperature")
    if np.isneginf(logits).all(-1).any():
        raise ValueError("all -inf")
    if temperature == 0:
        return np.eye(logits.shape[-1])[logits.argmax(-1)]

    def softmax(z):
        e = np.exp(z - z.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    z = logits if temperature == 1 else logits / temperature
    if 0 < top_k < z.shape[-1]:
        z[z < np.sort(z, -1)[..., -top_k, None]] = -np.inf
    p = softmax(z)
    if top_p < 1:
        order = np.argsort(-p, -1, kind="stable")
        ranked = np.take_along_axis(p, order, -1)
        keep = ranked.cumsum(-1) - ranked < top_p
        keep[..., 0] = True
        z[~np.take_along_axis(keep, np.argsort(order, -1), -1)] = -np.inf
        p = softmax(z)
    z[p < min_p * p.max(-1, keepdims=True)] = -np.inf
    return softmax(z)


# %% wrong (q04-filter-probs-hidden-batch): sorts ascending and reverses, so equals come last index first
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    if temperature < 0:
        raise ValueError("temperature")
    z = np.array(logits, dtype=float)
    if np.isneginf(z).all(-1).any():
        raise ValueError("all -inf")
    if temperature == 0:
        return np.eye(z.shape[-1])[z.argmax(-1)]

    def softmax(z):
        e = np.exp(z - z.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    z /= temperature
    if 0 < top_k < z.shape[-1]:
        z = np.where(z < np.sort(z, -1)[..., -top_k, None], -np.inf, z)
    p = softmax(z)
    if top_p < 1:
        order = np.argsort(p, -1)[..., ::-1]
        ranked = np.take_along_axis(p, order, -1)
        keep = ranked.cumsum(-1) - ranked < top_p
        keep[..., 0] = True
        z = np.where(np.take_along_axis(keep, np.argsort(order, -1), -1), z, -np.inf)
        p = softmax(z)
    z = np.where(p < min_p * p.max(-1, keepdims=True), -np.inf, z)
    return softmax(z)


# %% wrong (q04-filter-probs-hidden-top-k): drops the ties of the k-th and the k-th itself
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    z = np.array(logits, dtype=np.float64)
    if temperature < 0:
        raise ValueError("temperature is negative")
    if np.isneginf(z).all(axis=-1).any():
        raise ValueError("nothing to draw from")
    size = z.shape[-1]
    if temperature == 0:
        return np.eye(size)[z.argmax(axis=-1)]
    z = z / temperature
    if 0 < top_k < size:
        kth = np.sort(z, axis=-1)[..., -top_k, None]
        z = np.where(z > kth, z, -np.inf)
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    p = p / p.sum(axis=-1, keepdims=True)
    if top_p < 1:
        order = np.argsort(-p, axis=-1, kind="stable")
        ranked = np.take_along_axis(p, order, axis=-1)
        stays = np.cumsum(ranked, axis=-1) - ranked < top_p
        stays[..., 0] = True
        keep = np.zeros_like(stays)
        np.put_along_axis(keep, order, stays, axis=-1)
        p = np.where(keep, p, 0.0)
    if min_p > 0:
        p = np.where(p >= min_p * p.max(axis=-1, keepdims=True), p, 0.0)
    return p / p.sum(axis=-1, keepdims=True)


# %% wrong (q04-filter-probs-hidden-top-k): clamps k to V - 1
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    z = np.array(logits, dtype=np.float64)
    if temperature < 0:
        raise ValueError("temperature is negative")
    if np.isneginf(z).all(axis=-1).any():
        raise ValueError("nothing to draw from")
    size = z.shape[-1]
    if temperature == 0:
        return np.eye(size)[z.argmax(axis=-1)]
    z = z / temperature
    top_k = min(top_k, size - 1)
    if top_k > 0:
        kth = np.sort(z, axis=-1)[..., -top_k, None]
        z = np.where(z >= kth, z, -np.inf)
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    p = p / p.sum(axis=-1, keepdims=True)
    if top_p < 1:
        order = np.argsort(-p, axis=-1, kind="stable")
        ranked = np.take_along_axis(p, order, axis=-1)
        stays = np.cumsum(ranked, axis=-1) - ranked < top_p
        stays[..., 0] = True
        keep = np.zeros_like(stays)
        np.put_along_axis(keep, order, stays, axis=-1)
        p = np.where(keep, p, 0.0)
    if min_p > 0:
        p = np.where(p >= min_p * p.max(axis=-1, keepdims=True), p, 0.0)
    return p / p.sum(axis=-1, keepdims=True)


# %% wrong (q04-filter-probs-hidden-batch): writes -inf into the caller's array at temperature 1
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    z = np.asarray(logits, dtype=np.float64)
    if temperature < 0:
        raise ValueError("temperature is negative")
    if np.isneginf(z).all(axis=-1).any():
        raise ValueError("nothing to draw from")
    size = z.shape[-1]
    if temperature == 0:
        return np.eye(size)[z.argmax(axis=-1)]
    if temperature != 1:
        z = z / temperature
    if 0 < top_k < size:
        kth = np.sort(z, axis=-1)[..., -top_k, None]
        z[z < kth] = -np.inf
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    p = p / p.sum(axis=-1, keepdims=True)
    if top_p < 1:
        order = np.argsort(-p, axis=-1, kind="stable")
        ranked = np.take_along_axis(p, order, axis=-1)
        stays = np.cumsum(ranked, axis=-1) - ranked < top_p
        stays[..., 0] = True
        keep = np.zeros_like(stays)
        np.put_along_axis(keep, order, stays, axis=-1)
        p = np.where(keep, p, 0.0)
    if min_p > 0:
        p = np.where(p >= min_p * p.max(axis=-1, keepdims=True), p, 0.0)
    return p / p.sum(axis=-1, keepdims=True)


# %% wrong (q04-filter-probs-hidden-batch): divides in place
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    z = np.asarray(logits, dtype=np.float64)
    if temperature < 0:
        raise ValueError("temperature is negative")
    if np.isneginf(z).all(axis=-1).any():
        raise ValueError("nothing to draw from")
    size = z.shape[-1]
    if temperature == 0:
        return np.eye(size)[z.argmax(axis=-1)]
    z /= temperature
    if 0 < top_k < size:
        kth = np.sort(z, axis=-1)[..., -top_k, None]
        z = np.where(z >= kth, z, -np.inf)
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    p = p / p.sum(axis=-1, keepdims=True)
    if top_p < 1:
        order = np.argsort(-p, axis=-1, kind="stable")
        ranked = np.take_along_axis(p, order, axis=-1)
        stays = np.cumsum(ranked, axis=-1) - ranked < top_p
        stays[..., 0] = True
        keep = np.zeros_like(stays)
        np.put_along_axis(keep, order, stays, axis=-1)
        p = np.where(keep, p, 0.0)
    if min_p > 0:
        p = np.where(p >= min_p * p.max(axis=-1, keepdims=True), p, 0.0)
    return p / p.sum(axis=-1, keepdims=True)


# %% wrong (q04-filter-probs-hidden-batch): looks for the k-th largest in the whole batch
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    z = np.array(logits, dtype=np.float64)
    if temperature < 0:
        raise ValueError("temperature is negative")
    if np.isneginf(z).all(axis=-1).any():
        raise ValueError("nothing to draw from")
    size = z.shape[-1]
    if temperature == 0:
        return np.eye(size)[z.argmax(axis=-1)]
    z = z / temperature
    if 0 < top_k < size:
        kth = np.sort(z.ravel())[-top_k]
        z = np.where(z >= kth, z, -np.inf)
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    p = p / p.sum(axis=-1, keepdims=True)
    if top_p < 1:
        order = np.argsort(-p, axis=-1, kind="stable")
        ranked = np.take_along_axis(p, order, axis=-1)
        stays = np.cumsum(ranked, axis=-1) - ranked < top_p
        stays[..., 0] = True
        keep = np.zeros_like(stays)
        np.put_along_axis(keep, order, stays, axis=-1)
        p = np.where(keep, p, 0.0)
    if min_p > 0:
        p = np.where(p >= min_p * p.max(axis=-1, keepdims=True), p, 0.0)
    return p / p.sum(axis=-1, keepdims=True)


# %% wrong (q04-filter-probs-hidden-batch): one-hot at the argmax of the flattened batch
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    z = np.array(logits, dtype=np.float64)
    if temperature < 0:
        raise ValueError("temperature is negative")
    if np.isneginf(z).all(axis=-1).any():
        raise ValueError("nothing to draw from")
    size = z.shape[-1]
    if temperature == 0:
        hot = np.zeros_like(z)
        hot.flat[z.argmax()] = 1
        return hot
    z = z / temperature
    if 0 < top_k < size:
        kth = np.sort(z, axis=-1)[..., -top_k, None]
        z = np.where(z >= kth, z, -np.inf)
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    p = p / p.sum(axis=-1, keepdims=True)
    if top_p < 1:
        order = np.argsort(-p, axis=-1, kind="stable")
        ranked = np.take_along_axis(p, order, axis=-1)
        stays = np.cumsum(ranked, axis=-1) - ranked < top_p
        stays[..., 0] = True
        keep = np.zeros_like(stays)
        np.put_along_axis(keep, order, stays, axis=-1)
        p = np.where(keep, p, 0.0)
    if min_p > 0:
        p = np.where(p >= min_p * p.max(axis=-1, keepdims=True), p, 0.0)
    return p / p.sum(axis=-1, keepdims=True)


# %% wrong (q04-filter-probs-hidden-batch): refuses a batch only if every row is impossible
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    z = np.array(logits, dtype=np.float64)
    if temperature < 0:
        raise ValueError("temperature is negative")
    if np.isneginf(z).all():
        raise ValueError("nothing to draw from")
    size = z.shape[-1]
    if temperature == 0:
        return np.eye(size)[z.argmax(axis=-1)]
    z = z / temperature
    if 0 < top_k < size:
        kth = np.sort(z, axis=-1)[..., -top_k, None]
        z = np.where(z >= kth, z, -np.inf)
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    p = p / p.sum(axis=-1, keepdims=True)
    if top_p < 1:
        order = np.argsort(-p, axis=-1, kind="stable")
        ranked = np.take_along_axis(p, order, axis=-1)
        stays = np.cumsum(ranked, axis=-1) - ranked < top_p
        stays[..., 0] = True
        keep = np.zeros_like(stays)
        np.put_along_axis(keep, order, stays, axis=-1)
        p = np.where(keep, p, 0.0)
    if min_p > 0:
        p = np.where(p >= min_p * p.max(axis=-1, keepdims=True), p, 0.0)
    return p / p.sum(axis=-1, keepdims=True)


# %% wrong (q04-filter-probs-hidden-batch): returns float32
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    z = np.array(logits, dtype=np.float64)
    if temperature < 0:
        raise ValueError("temperature is negative")
    if np.isneginf(z).all(axis=-1).any():
        raise ValueError("nothing to draw from")
    size = z.shape[-1]
    if temperature == 0:
        return np.eye(size)[z.argmax(axis=-1)]
    z = z / temperature
    if 0 < top_k < size:
        kth = np.sort(z, axis=-1)[..., -top_k, None]
        z = np.where(z >= kth, z, -np.inf)
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    p = p / p.sum(axis=-1, keepdims=True)
    if top_p < 1:
        order = np.argsort(-p, axis=-1, kind="stable")
        ranked = np.take_along_axis(p, order, axis=-1)
        stays = np.cumsum(ranked, axis=-1) - ranked < top_p
        stays[..., 0] = True
        keep = np.zeros_like(stays)
        np.put_along_axis(keep, order, stays, axis=-1)
        p = np.where(keep, p, 0.0)
    if min_p > 0:
        p = np.where(p >= min_p * p.max(axis=-1, keepdims=True), p, 0.0)
    return (p / p.sum(axis=-1, keepdims=True)).astype(np.float32)


# %% wrong (q04-filter-probs-hidden-order): top-p before top-k
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    z = np.array(logits, dtype=np.float64)
    if temperature < 0:
        raise ValueError("temperature is negative")
    if np.isneginf(z).all(axis=-1).any():
        raise ValueError("nothing to draw from")
    size = z.shape[-1]
    if temperature == 0:
        return np.eye(size)[z.argmax(axis=-1)]
    z = z / temperature
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    p = p / p.sum(axis=-1, keepdims=True)
    if top_p < 1:
        order = np.argsort(-p, axis=-1, kind="stable")
        ranked = np.take_along_axis(p, order, axis=-1)
        stays = np.cumsum(ranked, axis=-1) - ranked < top_p
        stays[..., 0] = True
        keep = np.zeros_like(stays)
        np.put_along_axis(keep, order, stays, axis=-1)
        p = np.where(keep, p, 0.0)
    if 0 < top_k < size:
        kth = np.sort(p, axis=-1)[..., -top_k, None]
        p = np.where(p >= kth, p, 0.0)
    if min_p > 0:
        p = np.where(p >= min_p * p.max(axis=-1, keepdims=True), p, 0.0)
    return p / p.sum(axis=-1, keepdims=True)


# %% wrong (q04-filter-probs-hidden-order): does not renormalise at the end
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    z = np.array(logits, dtype=np.float64)
    if temperature < 0:
        raise ValueError("temperature is negative")
    if np.isneginf(z).all(axis=-1).any():
        raise ValueError("nothing to draw from")
    size = z.shape[-1]
    if temperature == 0:
        return np.eye(size)[z.argmax(axis=-1)]
    z = z / temperature
    if 0 < top_k < size:
        kth = np.sort(z, axis=-1)[..., -top_k, None]
        z = np.where(z >= kth, z, -np.inf)
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    p = p / p.sum(axis=-1, keepdims=True)
    if top_p < 1:
        order = np.argsort(-p, axis=-1, kind="stable")
        ranked = np.take_along_axis(p, order, axis=-1)
        stays = np.cumsum(ranked, axis=-1) - ranked < top_p
        stays[..., 0] = True
        keep = np.zeros_like(stays)
        np.put_along_axis(keep, order, stays, axis=-1)
        p = np.where(keep, p, 0.0)
    if min_p > 0:
        p = np.where(p >= min_p * p.max(axis=-1, keepdims=True), p, 0.0)
    return p


# %% wrong (q04-filter-probs-hidden-order): min-p with > , so the best token goes at min_p = 1
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    z = np.array(logits, dtype=np.float64)
    if temperature < 0:
        raise ValueError("temperature is negative")
    if np.isneginf(z).all(axis=-1).any():
        raise ValueError("nothing to draw from")
    size = z.shape[-1]
    if temperature == 0:
        return np.eye(size)[z.argmax(axis=-1)]
    z = z / temperature
    if 0 < top_k < size:
        kth = np.sort(z, axis=-1)[..., -top_k, None]
        z = np.where(z >= kth, z, -np.inf)
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    p = p / p.sum(axis=-1, keepdims=True)
    if top_p < 1:
        order = np.argsort(-p, axis=-1, kind="stable")
        ranked = np.take_along_axis(p, order, axis=-1)
        stays = np.cumsum(ranked, axis=-1) - ranked < top_p
        stays[..., 0] = True
        keep = np.zeros_like(stays)
        np.put_along_axis(keep, order, stays, axis=-1)
        p = np.where(keep, p, 0.0)
    if min_p > 0:
        p = np.where(p > min_p * p.max(axis=-1, keepdims=True), p, 0.0)
    return p / p.sum(axis=-1, keepdims=True)


# %% wrong (q04-filter-probs-hidden-order): min-p on the logits instead of the probabilities
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    z = np.array(logits, dtype=np.float64)
    if temperature < 0:
        raise ValueError("temperature is negative")
    if np.isneginf(z).all(axis=-1).any():
        raise ValueError("nothing to draw from")
    size = z.shape[-1]
    if temperature == 0:
        return np.eye(size)[z.argmax(axis=-1)]
    z = z / temperature
    if 0 < top_k < size:
        kth = np.sort(z, axis=-1)[..., -top_k, None]
        z = np.where(z >= kth, z, -np.inf)
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    p = p / p.sum(axis=-1, keepdims=True)
    if top_p < 1:
        order = np.argsort(-p, axis=-1, kind="stable")
        ranked = np.take_along_axis(p, order, axis=-1)
        stays = np.cumsum(ranked, axis=-1) - ranked < top_p
        stays[..., 0] = True
        keep = np.zeros_like(stays)
        np.put_along_axis(keep, order, stays, axis=-1)
        p = np.where(keep, p, 0.0)
    if min_p > 0:
        p = np.where(z >= min_p * z.max(axis=-1, keepdims=True), p, 0.0)
    return p / p.sum(axis=-1, keepdims=True)


# %% wrong (q04-filter-probs-hidden-temperature): takes the last of the largest at temperature 0
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    z = np.array(logits, dtype=np.float64)
    if temperature < 0:
        raise ValueError("temperature is negative")
    if np.isneginf(z).all(axis=-1).any():
        raise ValueError("nothing to draw from")
    size = z.shape[-1]
    if temperature == 0:
        return np.eye(size)[size - 1 - z[..., ::-1].argmax(axis=-1)]
    z = z / temperature
    if 0 < top_k < size:
        kth = np.sort(z, axis=-1)[..., -top_k, None]
        z = np.where(z >= kth, z, -np.inf)
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    p = p / p.sum(axis=-1, keepdims=True)
    if top_p < 1:
        order = np.argsort(-p, axis=-1, kind="stable")
        ranked = np.take_along_axis(p, order, axis=-1)
        stays = np.cumsum(ranked, axis=-1) - ranked < top_p
        stays[..., 0] = True
        keep = np.zeros_like(stays)
        np.put_along_axis(keep, order, stays, axis=-1)
        p = np.where(keep, p, 0.0)
    if min_p > 0:
        p = np.where(p >= min_p * p.max(axis=-1, keepdims=True), p, 0.0)
    return p / p.sum(axis=-1, keepdims=True)


# %% wrong (q04-filter-probs-hidden-temperature): answers temperature 0 before it looks for impossible rows
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    z = np.array(logits, dtype=np.float64)
    if temperature < 0:
        raise ValueError("temperature is negative")
    size = z.shape[-1]
    if temperature == 0:
        return np.eye(size)[z.argmax(axis=-1)]
    if np.isneginf(z).all(axis=-1).any():
        raise ValueError("nothing to draw from")
    z = z / temperature
    if 0 < top_k < size:
        kth = np.sort(z, axis=-1)[..., -top_k, None]
        z = np.where(z >= kth, z, -np.inf)
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    p = p / p.sum(axis=-1, keepdims=True)
    if top_p < 1:
        order = np.argsort(-p, axis=-1, kind="stable")
        ranked = np.take_along_axis(p, order, axis=-1)
        stays = np.cumsum(ranked, axis=-1) - ranked < top_p
        stays[..., 0] = True
        keep = np.zeros_like(stays)
        np.put_along_axis(keep, order, stays, axis=-1)
        p = np.where(keep, p, 0.0)
    if min_p > 0:
        p = np.where(p >= min_p * p.max(axis=-1, keepdims=True), p, 0.0)
    return p / p.sum(axis=-1, keepdims=True)


# %% wrong (q04-filter-probs-hidden-temperature): gives a uniform distribution to an impossible row
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    z = np.array(logits, dtype=np.float64)
    if temperature < 0:
        raise ValueError("temperature is negative")
    if np.isneginf(z).all(axis=-1).any():
        z = np.where(np.isneginf(z).all(axis=-1, keepdims=True), 0.0, z)
    size = z.shape[-1]
    if temperature == 0:
        return np.eye(size)[z.argmax(axis=-1)]
    z = z / temperature
    if 0 < top_k < size:
        kth = np.sort(z, axis=-1)[..., -top_k, None]
        z = np.where(z >= kth, z, -np.inf)
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    p = p / p.sum(axis=-1, keepdims=True)
    if top_p < 1:
        order = np.argsort(-p, axis=-1, kind="stable")
        ranked = np.take_along_axis(p, order, axis=-1)
        stays = np.cumsum(ranked, axis=-1) - ranked < top_p
        stays[..., 0] = True
        keep = np.zeros_like(stays)
        np.put_along_axis(keep, order, stays, axis=-1)
        p = np.where(keep, p, 0.0)
    if min_p > 0:
        p = np.where(p >= min_p * p.max(axis=-1, keepdims=True), p, 0.0)
    return p / p.sum(axis=-1, keepdims=True)


# %% wrong (q04-filter-probs-hidden-boundary): takes top_p <= 0 for 'off'
def filter_probs(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    z = np.array(logits, dtype=np.float64)
    if temperature < 0:
        raise ValueError("temperature is negative")
    if np.isneginf(z).all(axis=-1).any():
        raise ValueError("nothing to draw from")
    size = z.shape[-1]
    if temperature == 0:
        return np.eye(size)[z.argmax(axis=-1)]
    z = z / temperature
    if 0 < top_k < size:
        kth = np.sort(z, axis=-1)[..., -top_k, None]
        z = np.where(z >= kth, z, -np.inf)
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    p = p / p.sum(axis=-1, keepdims=True)
    if 0 < top_p < 1:
        order = np.argsort(-p, axis=-1, kind="stable")
        ranked = np.take_along_axis(p, order, axis=-1)
        stays = np.cumsum(ranked, axis=-1) - ranked < top_p
        stays[..., 0] = True
        keep = np.zeros_like(stays)
        np.put_along_axis(keep, order, stays, axis=-1)
        p = np.where(keep, p, 0.0)
    if min_p > 0:
        p = np.where(p >= min_p * p.max(axis=-1, keepdims=True), p, 0.0)
    return p / p.sum(axis=-1, keepdims=True)
