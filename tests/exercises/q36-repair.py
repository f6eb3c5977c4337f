# %% right: mended where the faults stand, the mask by tril
def cached_attention(q, k, v, past=None, theta=10000.0):
    n_heads, T, d = q.shape
    seen = 0 if past is None else past[0].shape[1]
    position = torch.arange(seen, seen + T)
    inv_freq = theta ** (-torch.arange(0, d, 2) / d)
    angle = torch.outer(position, inv_freq).to(q.dtype)
    cos, sin = angle.cos(), angle.sin()

    def rotate(x):
        a, b = x.chunk(2, dim=-1)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)

    q, k = rotate(q), rotate(k)
    if past is not None:
        k = torch.cat([past[0], k], dim=1)
        v = torch.cat([past[1], v], dim=1)
    past = (k, v)
    groups = n_heads // k.shape[0]
    k, v = k.repeat_interleave(groups, dim=0), v.repeat_interleave(groups, dim=0)
    mask = torch.ones(T, k.shape[1], dtype=torch.bool).tril(diagonal=seen)
    out = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    return out, past


# %% right: enable_gqa, and a causal flag only where nothing is cached
def cached_attention(q, k, v, past=None, theta=10000.0):
    n_heads, T, d = q.shape
    seen = 0 if past is None else past[0].shape[1]
    position = torch.arange(seen, seen + T)
    inv_freq = theta ** (-torch.arange(0, d, 2) / d)
    angle = torch.outer(position, inv_freq).to(q.dtype)
    cos, sin = angle.cos(), angle.sin()

    def rotate(x):
        a, b = x.chunk(2, dim=-1)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)

    q, k = rotate(q), rotate(k)
    if past is not None:
        k = torch.cat([past[0], k], dim=1)
        v = torch.cat([past[1], v], dim=1)
    past = (k, v)
    mask = None if seen == 0 else ~torch.ones(T, seen + T).triu(diagonal=seen + 1).bool()
    out = torch.nn.functional.scaled_dot_product_attention(
        q[None], k[None], v[None], attn_mask=mask, is_causal=seen == 0, enable_gqa=True
    )
    return out[0], past


# %% right: by hand, in groups, the cache a dict with the number of tokens
def cached_attention(q, k, v, past=None, theta=10000.0):
    n_kv, T, d = k.shape
    start = past["length"] if past else 0
    rate = torch.tensor([theta ** (-2 * i / d) for i in range(d // 2)], dtype=torch.float64)
    angle = torch.arange(start, start + T, dtype=torch.float64)[:, None] * rate
    cos, sin = torch.cos(angle).to(q.dtype), torch.sin(angle).to(q.dtype)

    def rope(x):
        first, second = x[..., : d // 2], x[..., d // 2 :]
        return torch.cat((first * cos - second * sin, second * cos + first * sin), -1)

    keys, values = rope(k), v
    if past:
        keys = torch.cat((past["keys"], keys), 1)
        values = torch.cat((past["values"], v), 1)
    grouped = rope(q).reshape(n_kv, -1, T, d)
    scores = grouped @ keys[:, None].transpose(-1, -2) / math.sqrt(d)
    later = torch.arange(start + T)[None, :] > torch.arange(start, start + T)[:, None]
    weights = scores.masked_fill(later, float("-inf")).softmax(-1)
    out = (weights @ values[:, None]).reshape(q.shape)
    return out, {"keys": keys, "values": values, "length": start + T}


# %% right: keys kept unrotated and rotated anew in each call
def cached_attention(q, k, v, past=None, theta=10000.0):
    n_heads, T, d = q.shape
    seen = 0 if past is None else past[0].shape[1]
    inv_freq = theta ** (-torch.arange(0, d, 2) / d)

    def rotate(x, start):
        angle = torch.outer(torch.arange(start, start + x.shape[1]), inv_freq).to(x.dtype)
        cos, sin = angle.cos(), angle.sin()
        a, b = x.chunk(2, dim=-1)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)

    if past is not None:
        k = torch.cat([past[0], k], dim=1)
        v = torch.cat([past[1], v], dim=1)
    past = (k, v)
    q = rotate(q, seen)
    k = rotate(k, 0)
    groups = n_heads // k.shape[0]
    k, v = k.repeat_interleave(groups, dim=0), v.repeat_interleave(groups, dim=0)
    mask = torch.ones(T, k.shape[1], dtype=torch.bool).tril(diagonal=seen)
    out = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    return out, past


# %% wrong (q36-repair-hidden-mask): the causal flag as it was
def cached_attention(q, k, v, past=None, theta=10000.0):
    n_heads, T, d = q.shape
    seen = 0 if past is None else past[0].shape[1]
    position = torch.arange(seen, seen + T)
    inv_freq = theta ** (-torch.arange(0, d, 2) / d)
    angle = torch.outer(position, inv_freq).to(q.dtype)
    cos, sin = angle.cos(), angle.sin()

    def rotate(x):
        a, b = x.chunk(2, dim=-1)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)

    q, k = rotate(q), rotate(k)
    if past is not None:
        k = torch.cat([past[0], k], dim=1)
        v = torch.cat([past[1], v], dim=1)
    past = (k, v)
    groups = n_heads // k.shape[0]
    k, v = k.repeat_interleave(groups, dim=0), v.repeat_interleave(groups, dim=0)
    out = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    return out, past


# %% wrong (q36-repair-hidden-mask): causal for a prompt, no mask for whatever comes later
def cached_attention(q, k, v, past=None, theta=10000.0):
    n_heads, T, d = q.shape
    seen = 0 if past is None else past[0].shape[1]
    position = torch.arange(seen, seen + T)
    inv_freq = theta ** (-torch.arange(0, d, 2) / d)
    angle = torch.outer(position, inv_freq).to(q.dtype)
    cos, sin = angle.cos(), angle.sin()

    def rotate(x):
        a, b = x.chunk(2, dim=-1)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)

    q, k = rotate(q), rotate(k)
    if past is not None:
        k = torch.cat([past[0], k], dim=1)
        v = torch.cat([past[1], v], dim=1)
    past = (k, v)
    groups = n_heads // k.shape[0]
    k, v = k.repeat_interleave(groups, dim=0), v.repeat_interleave(groups, dim=0)
    out = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=seen == 0)
    return out, past


# %% wrong (q36-repair-hidden-mask): causal where there are several new tokens, none for a single one
def cached_attention(q, k, v, past=None, theta=10000.0):
    n_heads, T, d = q.shape
    seen = 0 if past is None else past[0].shape[1]
    position = torch.arange(seen, seen + T)
    inv_freq = theta ** (-torch.arange(0, d, 2) / d)
    angle = torch.outer(position, inv_freq).to(q.dtype)
    cos, sin = angle.cos(), angle.sin()

    def rotate(x):
        a, b = x.chunk(2, dim=-1)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)

    q, k = rotate(q), rotate(k)
    if past is not None:
        k = torch.cat([past[0], k], dim=1)
        v = torch.cat([past[1], v], dim=1)
    past = (k, v)
    groups = n_heads // k.shape[0]
    k, v = k.repeat_interleave(groups, dim=0), v.repeat_interleave(groups, dim=0)
    out = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=T > 1)
    return out, past


# %% wrong (q36-repair-hidden-mask): the mask's diagonal one too far
def cached_attention(q, k, v, past=None, theta=10000.0):
    n_heads, T, d = q.shape
    seen = 0 if past is None else past[0].shape[1]
    position = torch.arange(seen, seen + T)
    inv_freq = theta ** (-torch.arange(0, d, 2) / d)
    angle = torch.outer(position, inv_freq).to(q.dtype)
    cos, sin = angle.cos(), angle.sin()

    def rotate(x):
        a, b = x.chunk(2, dim=-1)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)

    q, k = rotate(q), rotate(k)
    if past is not None:
        k = torch.cat([past[0], k], dim=1)
        v = torch.cat([past[1], v], dim=1)
    past = (k, v)
    groups = n_heads // k.shape[0]
    k, v = k.repeat_interleave(groups, dim=0), v.repeat_interleave(groups, dim=0)
    mask = torch.ones(T, k.shape[1], dtype=torch.bool).tril(diagonal=seen + 1)
    out = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    return out, past


# %% wrong (q36-repair-hidden-heads): the block of KV heads repeated
def cached_attention(q, k, v, past=None, theta=10000.0):
    n_heads, T, d = q.shape
    seen = 0 if past is None else past[0].shape[1]
    position = torch.arange(seen, seen + T)
    inv_freq = theta ** (-torch.arange(0, d, 2) / d)
    angle = torch.outer(position, inv_freq).to(q.dtype)
    cos, sin = angle.cos(), angle.sin()

    def rotate(x):
        a, b = x.chunk(2, dim=-1)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)

    q, k = rotate(q), rotate(k)
    if past is not None:
        k = torch.cat([past[0], k], dim=1)
        v = torch.cat([past[1], v], dim=1)
    past = (k, v)
    groups = n_heads // k.shape[0]
    k, v = k.repeat(groups, 1, 1), v.repeat(groups, 1, 1)
    mask = torch.ones(T, k.shape[1], dtype=torch.bool).tril(diagonal=seen)
    out = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    return out, past


# %% wrong (q36-repair-hidden-heads): repeat_interleave for the keys alone
def cached_attention(q, k, v, past=None, theta=10000.0):
    n_heads, T, d = q.shape
    seen = 0 if past is None else past[0].shape[1]
    position = torch.arange(seen, seen + T)
    inv_freq = theta ** (-torch.arange(0, d, 2) / d)
    angle = torch.outer(position, inv_freq).to(q.dtype)
    cos, sin = angle.cos(), angle.sin()

    def rotate(x):
        a, b = x.chunk(2, dim=-1)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)

    q, k = rotate(q), rotate(k)
    if past is not None:
        k = torch.cat([past[0], k], dim=1)
        v = torch.cat([past[1], v], dim=1)
    past = (k, v)
    groups = n_heads // k.shape[0]
    k, v = k.repeat_interleave(groups, dim=0), v.repeat(groups, 1, 1)
    mask = torch.ones(T, k.shape[1], dtype=torch.bool).tril(diagonal=seen)
    out = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    return out, past


# %% wrong (q36-repair-hidden-heads): leaves the rotation out, so every cut agrees with the whole
def cached_attention(q, k, v, past=None, theta=10000.0):
    n_heads, T, d = q.shape
    seen = 0 if past is None else past[0].shape[1]
    position = torch.arange(seen, seen + T)
    inv_freq = theta ** (-torch.arange(0, d, 2) / d)
    angle = torch.outer(position, inv_freq).to(q.dtype)
    cos, sin = angle.cos(), angle.sin()

    def rotate(x):
        a, b = x.chunk(2, dim=-1)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)

    if past is not None:
        k = torch.cat([past[0], k], dim=1)
        v = torch.cat([past[1], v], dim=1)
    past = (k, v)
    groups = n_heads // k.shape[0]
    k, v = k.repeat_interleave(groups, dim=0), v.repeat_interleave(groups, dim=0)
    mask = torch.ones(T, k.shape[1], dtype=torch.bool).tril(diagonal=seen)
    out = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    return out, past


# %% wrong (q36-repair-hidden-positions): positions restart at every call
def cached_attention(q, k, v, past=None, theta=10000.0):
    n_heads, T, d = q.shape
    seen = 0 if past is None else past[0].shape[1]
    position = torch.arange(T)
    inv_freq = theta ** (-torch.arange(0, d, 2) / d)
    angle = torch.outer(position, inv_freq).to(q.dtype)
    cos, sin = angle.cos(), angle.sin()

    def rotate(x):
        a, b = x.chunk(2, dim=-1)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)

    q, k = rotate(q), rotate(k)
    if past is not None:
        k = torch.cat([past[0], k], dim=1)
        v = torch.cat([past[1], v], dim=1)
    past = (k, v)
    groups = n_heads // k.shape[0]
    k, v = k.repeat_interleave(groups, dim=0), v.repeat_interleave(groups, dim=0)
    mask = torch.ones(T, k.shape[1], dtype=torch.bool).tril(diagonal=seen)
    out = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    return out, past


# %% wrong (q36-repair-hidden-positions): positions go on for the query only
def cached_attention(q, k, v, past=None, theta=10000.0):
    n_heads, T, d = q.shape
    seen = 0 if past is None else past[0].shape[1]
    position = torch.arange(seen, seen + T)
    inv_freq = theta ** (-torch.arange(0, d, 2) / d)
    angle = torch.outer(position, inv_freq).to(q.dtype)
    cos, sin = angle.cos(), angle.sin()

    def rotate(x):
        a, b = x.chunk(2, dim=-1)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)

    q = rotate(q)
    angle = torch.outer(torch.arange(T), inv_freq).to(q.dtype)
    cos, sin = angle.cos(), angle.sin()
    k = rotate(k)
    if past is not None:
        k = torch.cat([past[0], k], dim=1)
        v = torch.cat([past[1], v], dim=1)
    past = (k, v)
    groups = n_heads // k.shape[0]
    k, v = k.repeat_interleave(groups, dim=0), v.repeat_interleave(groups, dim=0)
    mask = torch.ones(T, k.shape[1], dtype=torch.bool).tril(diagonal=seen)
    out = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    return out, past


# %% wrong (q36-repair-hidden-positions): the whole cache is rotated again in every call
def cached_attention(q, k, v, past=None, theta=10000.0):
    n_heads, T, d = q.shape
    seen = 0 if past is None else past[0].shape[1]
    position = torch.arange(seen, seen + T)
    inv_freq = theta ** (-torch.arange(0, d, 2) / d)
    angle = torch.outer(position, inv_freq).to(q.dtype)
    cos, sin = angle.cos(), angle.sin()

    def rotate(x):
        a, b = x.chunk(2, dim=-1)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)

    q = rotate(q)
    if past is not None:
        k = torch.cat([past[0], k], dim=1)
        v = torch.cat([past[1], v], dim=1)
    angle = torch.outer(torch.arange(k.shape[1]), inv_freq).to(q.dtype)
    cos, sin = angle.cos(), angle.sin()
    k = rotate(k)
    past = (k, v)
    groups = n_heads // k.shape[0]
    k, v = k.repeat_interleave(groups, dim=0), v.repeat_interleave(groups, dim=0)
    mask = torch.ones(T, k.shape[1], dtype=torch.bool).tril(diagonal=seen)
    out = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    return out, past


# %% wrong (q36-repair-hidden-positions): the position is that of the last new token for all of them
def cached_attention(q, k, v, past=None, theta=10000.0):
    n_heads, T, d = q.shape
    seen = 0 if past is None else past[0].shape[1]
    position = torch.full((T,), seen + T - 1)
    inv_freq = theta ** (-torch.arange(0, d, 2) / d)
    angle = torch.outer(position, inv_freq).to(q.dtype)
    cos, sin = angle.cos(), angle.sin()

    def rotate(x):
        a, b = x.chunk(2, dim=-1)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)

    q, k = rotate(q), rotate(k)
    if past is not None:
        k = torch.cat([past[0], k], dim=1)
        v = torch.cat([past[1], v], dim=1)
    past = (k, v)
    groups = n_heads // k.shape[0]
    k, v = k.repeat_interleave(groups, dim=0), v.repeat_interleave(groups, dim=0)
    mask = torch.ones(T, k.shape[1], dtype=torch.bool).tril(diagonal=seen)
    out = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    return out, past


# %% wrong (q36-repair-hidden-positions): grows the cache it was handed
def cached_attention(q, k, v, past=None, theta=10000.0):
    n_heads, T, d = q.shape
    past = [[], []] if past is None else past
    seen = sum(x.shape[1] for x in past[0])
    position = torch.arange(seen, seen + T)
    inv_freq = theta ** (-torch.arange(0, d, 2) / d)
    angle = torch.outer(position, inv_freq).to(q.dtype)
    cos, sin = angle.cos(), angle.sin()

    def rotate(x):
        a, b = x.chunk(2, dim=-1)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)

    past[0].append(rotate(k))
    past[1].append(v)
    groups = n_heads // k.shape[0]
    k = torch.cat(past[0], dim=1).repeat_interleave(groups, dim=0)
    v = torch.cat(past[1], dim=1).repeat_interleave(groups, dim=0)
    mask = torch.ones(T, k.shape[1], dtype=torch.bool).tril(diagonal=seen)
    out = torch.nn.functional.scaled_dot_product_attention(rotate(q), k, v, attn_mask=mask)
    return out, past


# %% wrong (q36-repair-hidden-mask): nothing mended
def cached_attention(q, k, v, past=None, theta=10000.0):
    n_heads, T, d = q.shape
    position = torch.arange(T)
    inv_freq = theta ** (-torch.arange(0, d, 2) / d)
    angle = torch.outer(position, inv_freq).to(q.dtype)
    cos, sin = angle.cos(), angle.sin()

    def rotate(x):
        a, b = x.chunk(2, dim=-1)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)

    q, k = rotate(q), rotate(k)
    if past is not None:
        k = torch.cat([past[0], k], dim=1)
        v = torch.cat([past[1], v], dim=1)
    past = (k, v)
    groups = n_heads // k.shape[0]
    k, v = k.repeat(groups, 1, 1), v.repeat(groups, 1, 1)
    out = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    return out, past
