# %% right: one head and one token after the other
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    if n_kv is None:
        n_kv = n_heads
    D = x.shape[-1]
    if D % n_heads or n_heads % n_kv:
        raise ValueError("sizes")
    if x.ndim == 3:
        return np.stack([causal_self_attention(y, Wq, Wk, Wv, Wo, n_heads, n_kv) for y in x])
    d = D // n_heads
    q, k, v = x @ Wq, x @ Wk, x @ Wv
    out = np.empty((len(x), D))
    for h in range(n_heads):
        g = h // (n_heads // n_kv)
        mine, shared = slice(h * d, (h + 1) * d), slice(g * d, (g + 1) * d)
        for t in range(len(x)):
            s = k[: t + 1, shared] @ q[t, mine] / d**0.5
            e = np.exp(s - s.max())
            out[t, mine] = e @ v[: t + 1, shared] / e.sum()
    return out @ Wo


# %% right: einsum with an axis for the group, nothing repeated
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_heads if n_kv is None else n_kv
    T, D = x.shape[-2:]
    if D % n_heads or n_heads % n_kv:
        raise ValueError("sizes")
    d, g = D // n_heads, n_heads // n_kv
    lead = x.shape[:-2]
    q = (x @ Wq).reshape(*lead, T, n_kv, g, d)
    k = (x @ Wk).reshape(*lead, T, n_kv, d)
    v = (x @ Wv).reshape(*lead, T, n_kv, d)
    s = np.einsum("...tngd,...snd->...ngts", q, k) / math.sqrt(d)
    s[..., np.triu(np.ones((T, T), dtype=bool), 1)] = -np.inf
    w = np.exp(s - np.logaddexp.reduce(s, axis=-1, keepdims=True))
    return np.einsum("...ngts,...snd->...tngd", w, v).reshape(x.shape) @ Wo


# %% right: torch and its fused attention
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_heads if n_kv is None else n_kv
    D = x.shape[-1]
    if D % n_heads or n_heads % n_kv:
        raise ValueError("sizes")
    y, *W = (torch.tensor(np.asarray(a), dtype=torch.float64) for a in (x, Wq, Wk, Wv, Wo))
    batch = y if y.ndim == 3 else y[None]
    q, k, v = ((batch @ M).unflatten(-1, (-1, D // n_heads)).transpose(1, 2) for M in W[:3])
    out = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
    return (out.transpose(1, 2).flatten(-2) @ W[3]).reshape(x.shape).numpy()


# %% right: a mask of -1e9, and the columns of the KV heads written down again
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    if D % n_heads != 0 or n_heads % n_kv != 0:
        raise ValueError("heads do not fit")
    d = D // n_heads

    def heads(y):
        return y.reshape(*y.shape[:-1], -1, d).swapaxes(-3, -2)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    owner = np.arange(n_heads) // (n_heads // n_kv)
    k, v = k[..., owner, :, :], v[..., owner, :, :]
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d)
    scores = np.where(np.tril(np.ones((T, T))) == 1, scores, -1e9)
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    out = (weights @ v).swapaxes(-3, -2)
    return out.reshape(x.shape) @ Wo


# %% wrong (q02-self-attention-hidden-heads): divides by the root of the model width
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    if D % n_heads != 0 or n_heads % n_kv != 0:
        raise ValueError("heads do not fit")
    d = D // n_heads

    def heads(y):
        return y.reshape(*y.shape[:-1], -1, d).swapaxes(-3, -2)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    k = np.repeat(k, n_heads // n_kv, axis=-3)
    v = np.repeat(v, n_heads // n_kv, axis=-3)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(D)
    scores = np.where(np.tril(np.ones((T, T))) == 1, scores, -np.inf)
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    out = (weights @ v).swapaxes(-3, -2)
    return out.reshape(x.shape) @ Wo


# %% wrong (q02-self-attention-hidden-heads): divides by the width of a head
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    if D % n_heads != 0 or n_heads % n_kv != 0:
        raise ValueError("heads do not fit")
    d = D // n_heads

    def heads(y):
        return y.reshape(*y.shape[:-1], -1, d).swapaxes(-3, -2)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    k = np.repeat(k, n_heads // n_kv, axis=-3)
    v = np.repeat(v, n_heads // n_kv, axis=-3)
    scores = q @ k.swapaxes(-1, -2) / d
    scores = np.where(np.tril(np.ones((T, T))) == 1, scores, -np.inf)
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    out = (weights @ v).swapaxes(-3, -2)
    return out.reshape(x.shape) @ Wo


# %% wrong (q02-self-attention-hidden-heads): reshapes to heads without swapping
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    if D % n_heads != 0 or n_heads % n_kv != 0:
        raise ValueError("heads do not fit")
    d = D // n_heads

    def heads(y):
        return y.reshape(*y.shape[:-2], -1, T, d)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    k = np.repeat(k, n_heads // n_kv, axis=-3)
    v = np.repeat(v, n_heads // n_kv, axis=-3)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d)
    scores = np.where(np.tril(np.ones((T, T))) == 1, scores, -np.inf)
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    out = (weights @ v).swapaxes(-3, -2)
    return out.reshape(x.shape) @ Wo


# %% wrong (q02-self-attention-hidden-heads): merges the heads without swapping back
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    if D % n_heads != 0 or n_heads % n_kv != 0:
        raise ValueError("heads do not fit")
    d = D // n_heads

    def heads(y):
        return y.reshape(*y.shape[:-1], -1, d).swapaxes(-3, -2)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    k = np.repeat(k, n_heads // n_kv, axis=-3)
    v = np.repeat(v, n_heads // n_kv, axis=-3)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d)
    scores = np.where(np.tril(np.ones((T, T))) == 1, scores, -np.inf)
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    out = weights @ v
    return out.reshape(x.shape) @ Wo


# %% wrong (q02-self-attention-hidden-heads): forgets Wo
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    if D % n_heads != 0 or n_heads % n_kv != 0:
        raise ValueError("heads do not fit")
    d = D // n_heads

    def heads(y):
        return y.reshape(*y.shape[:-1], -1, d).swapaxes(-3, -2)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    k = np.repeat(k, n_heads // n_kv, axis=-3)
    v = np.repeat(v, n_heads // n_kv, axis=-3)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d)
    scores = np.where(np.tril(np.ones((T, T))) == 1, scores, -np.inf)
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    out = (weights @ v).swapaxes(-3, -2)
    return out.reshape(x.shape)


# %% wrong (q02-self-attention-hidden-heads): a single wide head
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    if D % n_heads != 0 or n_heads % n_kv != 0:
        raise ValueError("heads do not fit")
    d = D // n_heads

    def heads(y):
        return y[..., None, :, :]

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d)
    scores = np.where(np.tril(np.ones((T, T))) == 1, scores, -np.inf)
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    out = (weights @ v).swapaxes(-3, -2)
    return out.reshape(x.shape) @ Wo


# %% wrong (q02-self-attention-hidden-heads): every n-th column belongs to a head
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    if D % n_heads != 0 or n_heads % n_kv != 0:
        raise ValueError("heads do not fit")
    d = D // n_heads

    def heads(y):
        return np.moveaxis(y.reshape(*y.shape[:-1], d, -1), -1, -3)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    k = np.repeat(k, n_heads // n_kv, axis=-3)
    v = np.repeat(v, n_heads // n_kv, axis=-3)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d)
    scores = np.where(np.tril(np.ones((T, T))) == 1, scores, -np.inf)
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    out = (weights @ v).swapaxes(-3, -2)
    return out.reshape(x.shape) @ Wo


# %% wrong (q02-self-attention-hidden-causal): masks the diagonal
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    if D % n_heads != 0 or n_heads % n_kv != 0:
        raise ValueError("heads do not fit")
    d = D // n_heads

    def heads(y):
        return y.reshape(*y.shape[:-1], -1, d).swapaxes(-3, -2)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    k = np.repeat(k, n_heads // n_kv, axis=-3)
    v = np.repeat(v, n_heads // n_kv, axis=-3)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d)
    scores = np.where(np.tril(np.ones((T, T)), -1) == 1, scores, -np.inf)
    np.seterr(all="ignore")
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    with np.errstate(all="ignore"):
        weights = np.nan_to_num(weights / weights.sum(axis=-1, keepdims=True))
    out = (weights @ v).swapaxes(-3, -2)
    return out.reshape(x.shape) @ Wo


# %% wrong (q02-self-attention-hidden-causal): no mask
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    if D % n_heads != 0 or n_heads % n_kv != 0:
        raise ValueError("heads do not fit")
    d = D // n_heads

    def heads(y):
        return y.reshape(*y.shape[:-1], -1, d).swapaxes(-3, -2)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    k = np.repeat(k, n_heads // n_kv, axis=-3)
    v = np.repeat(v, n_heads // n_kv, axis=-3)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d)
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    out = (weights @ v).swapaxes(-3, -2)
    return out.reshape(x.shape) @ Wo


# %% wrong (q02-self-attention-hidden-causal): multiplies the weights with the triangle after the softmax
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    if D % n_heads != 0 or n_heads % n_kv != 0:
        raise ValueError("heads do not fit")
    d = D // n_heads

    def heads(y):
        return y.reshape(*y.shape[:-1], -1, d).swapaxes(-3, -2)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    k = np.repeat(k, n_heads // n_kv, axis=-3)
    v = np.repeat(v, n_heads // n_kv, axis=-3)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d)
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    out = (np.tril(weights) @ v).swapaxes(-3, -2)
    return out.reshape(x.shape) @ Wo


# %% wrong (q02-self-attention-hidden-causal): sets masked scores to 0
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    if D % n_heads != 0 or n_heads % n_kv != 0:
        raise ValueError("heads do not fit")
    d = D // n_heads

    def heads(y):
        return y.reshape(*y.shape[:-1], -1, d).swapaxes(-3, -2)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    k = np.repeat(k, n_heads // n_kv, axis=-3)
    v = np.repeat(v, n_heads // n_kv, axis=-3)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d)
    scores = np.where(np.tril(np.ones((T, T))) == 1, scores, 0.0)
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    out = (weights @ v).swapaxes(-3, -2)
    return out.reshape(x.shape) @ Wo


# %% wrong (q02-self-attention-hidden-causal): the triangle the wrong way round: the past is hidden
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    if D % n_heads != 0 or n_heads % n_kv != 0:
        raise ValueError("heads do not fit")
    d = D // n_heads

    def heads(y):
        return y.reshape(*y.shape[:-1], -1, d).swapaxes(-3, -2)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    k = np.repeat(k, n_heads // n_kv, axis=-3)
    v = np.repeat(v, n_heads // n_kv, axis=-3)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d)
    scores = np.where(np.triu(np.ones((T, T))) == 1, scores, -np.inf)
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    out = (weights @ v).swapaxes(-3, -2)
    return out.reshape(x.shape) @ Wo


# %% wrong (q02-self-attention-hidden-causal): softmax over the queries
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    if D % n_heads != 0 or n_heads % n_kv != 0:
        raise ValueError("heads do not fit")
    d = D // n_heads

    def heads(y):
        return y.reshape(*y.shape[:-1], -1, d).swapaxes(-3, -2)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    k = np.repeat(k, n_heads // n_kv, axis=-3)
    v = np.repeat(v, n_heads // n_kv, axis=-3)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d)
    scores = np.where(np.tril(np.ones((T, T))) == 1, scores, -np.inf)
    scores = scores - scores.max(axis=-2, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-2, keepdims=True)
    out = (weights @ v).swapaxes(-3, -2)
    return out.reshape(x.shape) @ Wo


# %% wrong (q02-self-attention-hidden-groups): tiles the KV heads: 0 1 0 1 instead of 0 0 1 1
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    if D % n_heads != 0 or n_heads % n_kv != 0:
        raise ValueError("heads do not fit")
    d = D // n_heads

    def heads(y):
        return y.reshape(*y.shape[:-1], -1, d).swapaxes(-3, -2)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    k = np.concatenate([k] * (n_heads // n_kv), axis=-3)
    v = np.concatenate([v] * (n_heads // n_kv), axis=-3)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d)
    scores = np.where(np.tril(np.ones((T, T))) == 1, scores, -np.inf)
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    out = (weights @ v).swapaxes(-3, -2)
    return out.reshape(x.shape) @ Wo


# %% wrong (q02-self-attention-hidden-groups): query heads take turns with h % n_kv
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    if D % n_heads != 0 or n_heads % n_kv != 0:
        raise ValueError("heads do not fit")
    d = D // n_heads

    def heads(y):
        return y.reshape(*y.shape[:-1], -1, d).swapaxes(-3, -2)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    k, v = (t[..., [h % n_kv for h in range(n_heads)], :, :] for t in (k, v))
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d)
    scores = np.where(np.tril(np.ones((T, T))) == 1, scores, -np.inf)
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    out = (weights @ v).swapaxes(-3, -2)
    return out.reshape(x.shape) @ Wo


# %% wrong (q02-self-attention-hidden-groups): repeats along the tokens raises
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    if D % n_heads != 0 or n_heads % n_kv != 0:
        raise ValueError("heads do not fit")
    d = D // n_heads

    def heads(y):
        return y.reshape(*y.shape[:-1], -1, d).swapaxes(-3, -2)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    k = np.repeat(k, n_heads // n_kv, axis=-2)
    v = np.repeat(v, n_heads // n_kv, axis=-2)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d)
    scores = np.where(np.tril(np.ones((T, k.shape[-2]))) == 1, scores, -np.inf)
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    out = (weights @ v).swapaxes(-3, -2)
    return out.reshape(x.shape) @ Wo


# %% wrong (q02-self-attention-hidden-batch): one softmax maximum and sum for the whole batch
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    if D % n_heads != 0 or n_heads % n_kv != 0:
        raise ValueError("heads do not fit")
    d = D // n_heads

    def heads(y):
        return y.reshape(*y.shape[:-1], -1, d).swapaxes(-3, -2)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    k = np.repeat(k, n_heads // n_kv, axis=-3)
    v = np.repeat(v, n_heads // n_kv, axis=-3)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d)
    scores = np.where(np.tril(np.ones((T, T))) == 1, scores, -np.inf)
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / (
        weights.sum(axis=-1, keepdims=True)
        if x.ndim == 2
        else weights.sum(axis=(0, -1), keepdims=True)
    )
    out = (weights @ v).swapaxes(-3, -2)
    return out.reshape(x.shape) @ Wo


# %% wrong (q02-self-attention-hidden-batch): counts axes from the front raises
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    if D % n_heads != 0 or n_heads % n_kv != 0:
        raise ValueError("heads do not fit")
    d = D // n_heads

    def heads(y):
        return y.reshape(*y.shape[:-1], -1, d).swapaxes(0, -2)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    k = np.repeat(k, n_heads // n_kv, axis=0)
    v = np.repeat(v, n_heads // n_kv, axis=0)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d)
    scores = np.where(np.tril(np.ones((T, T))) == 1, scores, -np.inf)
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    out = (weights @ v).swapaxes(0, -2)
    return out.reshape(x.shape) @ Wo


# %% wrong (q02-self-attention-hidden-batch): writes into x
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    if D % n_heads != 0 or n_heads % n_kv != 0:
        raise ValueError("heads do not fit")
    d = D // n_heads

    def heads(y):
        return y.reshape(*y.shape[:-1], -1, d).swapaxes(-3, -2)

    x -= 0.5
    x += 0.25
    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    k = np.repeat(k, n_heads // n_kv, axis=-3)
    v = np.repeat(v, n_heads // n_kv, axis=-3)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d)
    scores = np.where(np.tril(np.ones((T, T))) == 1, scores, -np.inf)
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    out = (weights @ v).swapaxes(-3, -2)
    return out.reshape(x.shape) @ Wo


# %% wrong (q02-self-attention-hidden-edges): no maximum subtracted
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    if D % n_heads != 0 or n_heads % n_kv != 0:
        raise ValueError("heads do not fit")
    d = D // n_heads

    def heads(y):
        return y.reshape(*y.shape[:-1], -1, d).swapaxes(-3, -2)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    k = np.repeat(k, n_heads // n_kv, axis=-3)
    v = np.repeat(v, n_heads // n_kv, axis=-3)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d)
    scores = np.where(np.tril(np.ones((T, T))) == 1, scores, -np.inf)
    np.seterr(all="ignore")
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    out = (weights @ v).swapaxes(-3, -2)
    return out.reshape(x.shape) @ Wo


# %% wrong (q02-self-attention-hidden-edges): masks with -1e4
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    if D % n_heads != 0 or n_heads % n_kv != 0:
        raise ValueError("heads do not fit")
    d = D // n_heads

    def heads(y):
        return y.reshape(*y.shape[:-1], -1, d).swapaxes(-3, -2)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    k = np.repeat(k, n_heads // n_kv, axis=-3)
    v = np.repeat(v, n_heads // n_kv, axis=-3)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d)
    scores = np.where(np.tril(np.ones((T, T))) == 1, scores, -1e4)
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    out = (weights @ v).swapaxes(-3, -2)
    return out.reshape(x.shape) @ Wo


# %% wrong (q02-self-attention-hidden-edges): subtracts the maximum before masking
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    if D % n_heads != 0 or n_heads % n_kv != 0:
        raise ValueError("heads do not fit")
    d = D // n_heads

    def heads(y):
        return y.reshape(*y.shape[:-1], -1, d).swapaxes(-3, -2)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    k = np.repeat(k, n_heads // n_kv, axis=-3)
    v = np.repeat(v, n_heads // n_kv, axis=-3)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d)
    scores = scores - scores.max(axis=-1, keepdims=True)
    scores = np.where(np.tril(np.ones((T, T))) == 1, scores, -np.inf)
    np.seterr(all="ignore")
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    out = (weights @ v).swapaxes(-3, -2)
    return out.reshape(x.shape) @ Wo


# %% wrong (q02-self-attention-hidden-edges): shares KV heads unevenly when they do not divide the heads
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    if D % n_heads != 0:
        raise ValueError("heads do not fit")
    d = D // n_heads

    def heads(y):
        return y.reshape(*y.shape[:-1], -1, d).swapaxes(-3, -2)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    owner = np.arange(n_heads) * n_kv // n_heads
    k, v = k[..., owner, :, :], v[..., owner, :, :]
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d)
    scores = np.where(np.tril(np.ones((T, T))) == 1, scores, -np.inf)
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    out = (weights @ v).swapaxes(-3, -2)
    return out.reshape(x.shape) @ Wo


# %% wrong (q02-self-attention-hidden-edges): an assert instead of a ValueError
def causal_self_attention(x, Wq, Wk, Wv, Wo, n_heads, n_kv=None):
    n_kv = n_kv or n_heads
    T, D = x.shape[-2:]
    assert D % n_heads == 0
    assert n_heads % n_kv == 0
    d = D // n_heads

    def heads(y):
        return y.reshape(*y.shape[:-1], -1, d).swapaxes(-3, -2)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    k = np.repeat(k, n_heads // n_kv, axis=-3)
    v = np.repeat(v, n_heads // n_kv, axis=-3)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(d)
    scores = np.where(np.tril(np.ones((T, T))) == 1, scores, -np.inf)
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    out = (weights @ v).swapaxes(-3, -2)
    return out.reshape(x.shape) @ Wo
