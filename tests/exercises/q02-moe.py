# %% right: expert by expert
def moe_forward(x, Wr, experts, k):
    E = len(experts)
    if k < 1 or k > E:
        raise ValueError("k")
    logits = x @ Wr
    idx = np.argsort(-logits, axis=1, kind="stable")[:, :k]
    top = np.take_along_axis(logits, idx, axis=1)
    top = np.exp(top - top.max(axis=1, keepdims=True))
    w = top / top.sum(axis=1, keepdims=True)
    y = np.zeros_like(x)
    for e in range(E):
        token, place = np.where(idx == e)
        if token.size == 0:
            continue
        y[token] += w[token, place][:, None] * experts[e](x[token])
    return y, idx, w


# %% right: a dense matrix of weights
def moe_forward(x, Wr, experts, k):
    if not 0 < k <= Wr.shape[1]:
        raise ValueError("k lies between 1 and E")
    logits = x @ Wr
    idx = np.lexsort((np.arange(Wr.shape[1]) + 0 * logits, -logits), axis=-1)[:, :k]
    kept = np.full(logits.shape, -np.inf)
    np.put_along_axis(kept, idx, np.take_along_axis(logits, idx, 1), 1)
    dense = np.exp(kept - kept.max(axis=1, keepdims=True))
    dense /= dense.sum(axis=1, keepdims=True)
    y = np.zeros(x.shape)
    routed = np.zeros(logits.shape, dtype=bool)
    np.put_along_axis(routed, idx, True, 1)
    for e, expert in enumerate(experts):
        if routed[:, e].any():
            y[routed[:, e]] += dense[routed[:, e], e, None] * expert(x[routed[:, e]])
    return y, idx, np.take_along_axis(dense, idx, 1)


# %% right: assignments sorted by expert, results added up with np.add.at
def moe_forward(x, Wr, experts, k):
    E = Wr.shape[1]
    if k not in range(1, E + 1):
        raise ValueError(f"k = {k}")
    logits = x @ Wr
    idx = np.array([sorted(range(E), key=lambda e: (-row[e], e))[:k] for row in logits])
    top = np.take_along_axis(logits, idx, axis=-1)
    w = np.exp(top - np.logaddexp.reduce(top, axis=-1, keepdims=True))
    flat = idx.ravel()
    order = np.argsort(flat, kind="stable")
    y = np.zeros_like(x)
    for e in np.unique(flat):
        mine = order[flat[order] == e]
        np.add.at(y, mine // k, w.ravel()[mine, None] * experts[e](x[mine // k]))
    return y, idx, w


# %% wrong (q02-moe-hidden-routing): equal logits: the higher index first
def moe_forward(x, Wr, experts, k):
    E = len(experts)
    if k < 1 or k > E:
        raise ValueError("k")
    logits = x @ Wr
    idx = np.argsort(logits, axis=1, kind="stable")[:, ::-1][:, :k]
    top = np.take_along_axis(logits, idx, axis=1)
    top = np.exp(top - top.max(axis=1, keepdims=True))
    w = top / top.sum(axis=1, keepdims=True)
    y = np.zeros_like(x)
    for e in range(E):
        token, place = np.where(idx == e)
        if token.size == 0:
            continue
        y[token] += w[token, place][:, None] * experts[e](x[token])
    return y, idx, w


# %% wrong (q02-moe-hidden-routing): best last
def moe_forward(x, Wr, experts, k):
    E = len(experts)
    if k < 1 or k > E:
        raise ValueError("k")
    logits = x @ Wr
    idx = np.argsort(-logits, axis=1, kind="stable")[:, :k][:, ::-1]
    top = np.take_along_axis(logits, idx, axis=1)
    top = np.exp(top - top.max(axis=1, keepdims=True))
    w = top / top.sum(axis=1, keepdims=True)
    y = np.zeros_like(x)
    for e in range(E):
        token, place = np.where(idx == e)
        if token.size == 0:
            continue
        y[token] += w[token, place][:, None] * experts[e](x[token])
    return y, idx, w


# %% wrong (q02-moe-hidden-routing): the smallest logits
def moe_forward(x, Wr, experts, k):
    E = len(experts)
    if k < 1 or k > E:
        raise ValueError("k")
    logits = x @ Wr
    idx = np.argsort(logits, axis=1, kind="stable")[:, :k]
    top = np.take_along_axis(logits, idx, axis=1)
    top = np.exp(top - top.max(axis=1, keepdims=True))
    w = top / top.sum(axis=1, keepdims=True)
    y = np.zeros_like(x)
    for e in range(E):
        token, place = np.where(idx == e)
        if token.size == 0:
            continue
        y[token] += w[token, place][:, None] * experts[e](x[token])
    return y, idx, w


# %% wrong (q02-moe-hidden-routing): ascending by index
def moe_forward(x, Wr, experts, k):
    E = len(experts)
    if k < 1 or k > E:
        raise ValueError("k")
    logits = x @ Wr
    idx = np.argsort(-logits, axis=1, kind="stable")[:, :k]
    idx = np.sort(idx, axis=1)
    top = np.take_along_axis(logits, idx, axis=1)
    top = np.exp(top - top.max(axis=1, keepdims=True))
    w = top / top.sum(axis=1, keepdims=True)
    y = np.zeros_like(x)
    for e in range(E):
        token, place = np.where(idx == e)
        if token.size == 0:
            continue
        y[token] += w[token, place][:, None] * experts[e](x[token])
    return y, idx, w


# %% wrong (q02-moe-hidden-routing): clamps k
def moe_forward(x, Wr, experts, k):
    E = len(experts)
    k = max(1, min(k, E))
    logits = x @ Wr
    idx = np.argsort(-logits, axis=1, kind="stable")[:, :k]
    top = np.take_along_axis(logits, idx, axis=1)
    top = np.exp(top - top.max(axis=1, keepdims=True))
    w = top / top.sum(axis=1, keepdims=True)
    y = np.zeros_like(x)
    for e in range(E):
        token, place = np.where(idx == e)
        if token.size == 0:
            continue
        y[token] += w[token, place][:, None] * experts[e](x[token])
    return y, idx, w


# %% wrong (q02-moe-hidden-weights): softmax over all experts, not renormalised
def moe_forward(x, Wr, experts, k):
    E = len(experts)
    if k < 1 or k > E:
        raise ValueError("k")
    logits = x @ Wr
    idx = np.argsort(-logits, axis=1, kind="stable")[:, :k]
    top = np.take_along_axis(logits, idx, axis=1)
    top = np.exp(top - top.max(axis=1, keepdims=True))
    w = top / np.exp(logits - logits.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)
    y = np.zeros_like(x)
    for e in range(E):
        token, place = np.where(idx == e)
        if token.size == 0:
            continue
        y[token] += w[token, place][:, None] * experts[e](x[token])
    return y, idx, w


# %% wrong (q02-moe-hidden-weights): the logits themselves, normalised
def moe_forward(x, Wr, experts, k):
    E = len(experts)
    if k < 1 or k > E:
        raise ValueError("k")
    logits = x @ Wr
    idx = np.argsort(-logits, axis=1, kind="stable")[:, :k]
    top = np.take_along_axis(logits, idx, axis=1)
    w = top / top.sum(axis=1, keepdims=True)
    y = np.zeros_like(x)
    for e in range(E):
        token, place = np.where(idx == e)
        if token.size == 0:
            continue
        y[token] += w[token, place][:, None] * experts[e](x[token])
    return y, idx, w


# %% wrong (q02-moe-hidden-weights): equal weights
def moe_forward(x, Wr, experts, k):
    E = len(experts)
    if k < 1 or k > E:
        raise ValueError("k")
    logits = x @ Wr
    idx = np.argsort(-logits, axis=1, kind="stable")[:, :k]
    top = np.take_along_axis(logits, idx, axis=1)
    top = np.exp(top - top.max(axis=1, keepdims=True))
    w = np.full(top.shape, 1 / k)
    y = np.zeros_like(x)
    for e in range(E):
        token, place = np.where(idx == e)
        if token.size == 0:
            continue
        y[token] += w[token, place][:, None] * experts[e](x[token])
    return y, idx, w


# %% wrong (q02-moe-hidden-weights): no maximum subtracted
def moe_forward(x, Wr, experts, k):
    E = len(experts)
    if k < 1 or k > E:
        raise ValueError("k")
    logits = x @ Wr
    idx = np.argsort(-logits, axis=1, kind="stable")[:, :k]
    top = np.take_along_axis(logits, idx, axis=1)
    np.seterr(all="ignore")
    top = np.exp(top)
    w = top / top.sum(axis=1, keepdims=True)
    y = np.zeros_like(x)
    for e in range(E):
        token, place = np.where(idx == e)
        if token.size == 0:
            continue
        y[token] += w[token, place][:, None] * experts[e](x[token])
    return y, idx, w


# %% wrong (q02-moe-hidden-mix): overwrites what another expert gave the same token
def moe_forward(x, Wr, experts, k):
    E = len(experts)
    if k < 1 or k > E:
        raise ValueError("k")
    logits = x @ Wr
    idx = np.argsort(-logits, axis=1, kind="stable")[:, :k]
    top = np.take_along_axis(logits, idx, axis=1)
    top = np.exp(top - top.max(axis=1, keepdims=True))
    w = top / top.sum(axis=1, keepdims=True)
    y = np.zeros_like(x)
    for e in range(E):
        token, place = np.where(idx == e)
        if token.size == 0:
            continue
        y[token] = w[token, place][:, None] * experts[e](x[token])
    return y, idx, w


# %% wrong (q02-moe-hidden-mix): takes the weights in the order of the experts
def moe_forward(x, Wr, experts, k):
    E = len(experts)
    if k < 1 or k > E:
        raise ValueError("k")
    logits = x @ Wr
    idx = np.argsort(-logits, axis=1, kind="stable")[:, :k]
    top = np.take_along_axis(logits, idx, axis=1)
    top = np.exp(top - top.max(axis=1, keepdims=True))
    w = top / top.sum(axis=1, keepdims=True)
    y = np.zeros_like(x)
    for e in range(E):
        token, place = np.where(idx == e)
        if token.size == 0:
            continue
        y[token] += w[token, e % k][:, None] * experts[e](x[token])
    return y, idx, w


# %% wrong (q02-moe-hidden-mix): puts the results back in the order of the call
def moe_forward(x, Wr, experts, k):
    E = len(experts)
    if k < 1 or k > E:
        raise ValueError("k")
    logits = x @ Wr
    idx = np.argsort(-logits, axis=1, kind="stable")[:, :k]
    top = np.take_along_axis(logits, idx, axis=1)
    top = np.exp(top - top.max(axis=1, keepdims=True))
    w = top / top.sum(axis=1, keepdims=True)
    y = np.zeros_like(x)
    for e in range(E):
        token, place = np.where(idx == e)
        if token.size == 0:
            continue
        y[: len(token)] += w[token, place][:, None] * experts[e](x[token])
    return y, idx, w


# %% wrong (q02-moe-hidden-mix): writes the weighted rows into x
def moe_forward(x, Wr, experts, k):
    E = len(experts)
    if k < 1 or k > E:
        raise ValueError("k")
    logits = x @ Wr
    idx = np.argsort(-logits, axis=1, kind="stable")[:, :k]
    top = np.take_along_axis(logits, idx, axis=1)
    top = np.exp(top - top.max(axis=1, keepdims=True))
    w = top / top.sum(axis=1, keepdims=True)
    y = np.zeros_like(x)
    x *= 1.5
    for e in range(E):
        token, place = np.where(idx == e)
        if token.size == 0:
            continue
        y[token] += w[token, place][:, None] * experts[e](x[token] / 1.5)
    return y, idx, w


# %% wrong (q02-moe-hidden-calls): every expert on every token
def moe_forward(x, Wr, experts, k):
    E = len(experts)
    if k < 1 or k > E:
        raise ValueError("k")
    logits = x @ Wr
    idx = np.argsort(-logits, axis=1, kind="stable")[:, :k]
    top = np.take_along_axis(logits, idx, axis=1)
    top = np.exp(top - top.max(axis=1, keepdims=True))
    w = top / top.sum(axis=1, keepdims=True)
    y = np.zeros_like(x)
    for e in range(E):
        token, place = np.where(idx == e)
        y[token] += w[token, place][:, None] * experts[e](x)[token]
    return y, idx, w


# %% wrong (q02-moe-hidden-calls): one call for each token
def moe_forward(x, Wr, experts, k):
    E = len(experts)
    if k < 1 or k > E:
        raise ValueError("k")
    logits = x @ Wr
    idx = np.argsort(-logits, axis=1, kind="stable")[:, :k]
    top = np.take_along_axis(logits, idx, axis=1)
    top = np.exp(top - top.max(axis=1, keepdims=True))
    w = top / top.sum(axis=1, keepdims=True)
    y = np.zeros_like(x)
    for e in range(E):
        token, place = np.where(idx == e)
        if token.size == 0:
            continue
        y[token] += w[token, place][:, None] * np.concatenate(
            [experts[e](x[t : t + 1]) for t in token]
        )
    return y, idx, w


# %% wrong (q02-moe-hidden-calls): calls experts with an empty batch
def moe_forward(x, Wr, experts, k):
    E = len(experts)
    if k < 1 or k > E:
        raise ValueError("k")
    logits = x @ Wr
    idx = np.argsort(-logits, axis=1, kind="stable")[:, :k]
    top = np.take_along_axis(logits, idx, axis=1)
    top = np.exp(top - top.max(axis=1, keepdims=True))
    w = top / top.sum(axis=1, keepdims=True)
    y = np.zeros_like(x)
    for e in range(E):
        token, place = np.where(idx == e)
        y[token] += w[token, place][:, None] * experts[e](x[token])
    return y, idx, w
