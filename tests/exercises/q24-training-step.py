# %% right: torch's own clipping, in place on copies
def training_step(
    params,
    grads,
    n_tokens,
    state,
    *,
    lr,
    betas=(0.9, 0.95),
    eps=1e-8,
    weight_decay=0.0,
    max_norm=1.0,
):
    total = sum(n_tokens)
    leaves = {}
    for name, p in params.items():
        leaf = p.detach().clone()
        leaf.grad = torch.zeros_like(leaf)
        for micro, n in zip(grads, n_tokens):
            if n > 0:
                leaf.grad += micro[name] * n / total
        leaves[name] = leaf
    norm = torch.nn.utils.clip_grad_norm_(list(leaves.values()), max_norm)
    t = state.get("t", 0) + 1
    m = {k: x.clone() for k, x in state.get("m", {}).items()}
    v = {k: x.clone() for k, x in state.get("v", {}).items()}
    for name, p in leaves.items():
        g = p.grad
        m.setdefault(name, torch.zeros_like(p)).mul_(betas[0]).add_(g, alpha=1 - betas[0])
        v.setdefault(name, torch.zeros_like(p)).mul_(betas[1]).addcmul_(g, g, value=1 - betas[1])
        if p.ndim > 1:
            p.mul_(1 - lr * weight_decay)
        root = v[name].sqrt() / math.sqrt(1 - betas[1] ** t)
        p.addcdiv_(m[name], root + eps, value=-lr / (1 - betas[0] ** t))
        p.grad = None
    return leaves, {"t": t, "m": m, "v": v}, float(norm)


# %% right: torch's AdamW with its state put in
def training_step(
    params,
    grads,
    n_tokens,
    state,
    *,
    lr,
    betas=(0.9, 0.95),
    eps=1e-8,
    weight_decay=0.0,
    max_norm=1.0,
):
    total = sum(n_tokens)
    leaves = {k: p.detach().clone().requires_grad_() for k, p in params.items()}
    for name, leaf in leaves.items():
        parts = [micro[name] * n for micro, n in zip(grads, n_tokens) if n]
        leaf.grad = torch.stack(parts).sum(dim=0) / total
    norm = torch.sqrt(sum((leaf.grad**2).sum() for leaf in leaves.values()))
    if norm > max_norm:
        for leaf in leaves.values():
            leaf.grad = leaf.grad * (max_norm / norm)
    groups = [
        {"params": [p for p in leaves.values() if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [p for p in leaves.values() if p.ndim < 2], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    adam = torch.optim.AdamW(groups, lr=lr, betas=betas, eps=eps)
    for name, leaf in leaves.items():
        if state:
            adam.state[leaf] = {
                "step": torch.tensor(float(state["t"])),
                "exp_avg": state["m"][name].clone(),
                "exp_avg_sq": state["v"][name].clone(),
            }
    adam.step()
    new_state = {
        "t": state.get("t", 0) + 1,
        "m": {k: adam.state[p]["exp_avg"] for k, p in leaves.items()},
        "v": {k: adam.state[p]["exp_avg_sq"] for k, p in leaves.items()},
    }
    return {k: p.detach() for k, p in leaves.items()}, new_state, float(norm)


# %% right: one flat vector of everything
def training_step(
    params,
    grads,
    n_tokens,
    state,
    *,
    lr,
    betas=(0.9, 0.95),
    eps=1e-8,
    weight_decay=0.0,
    max_norm=1.0,
):
    names = list(params)

    def flat(d):
        return torch.cat([d[k].reshape(-1) for k in names])

    def unflat(x):
        parts = x.split([params[k].numel() for k in names])
        return {k: part.reshape(params[k].shape).clone() for k, part in zip(names, parts)}

    p = flat(params)
    g = torch.zeros_like(p)
    for micro, n in zip(grads, n_tokens):
        if n:
            g = g + flat(micro) * (n / sum(n_tokens))
    norm = float(torch.linalg.vector_norm(g))
    g = g * min(1.0, max_norm / max(norm, 1e-12))
    m = flat(state["m"]) if state else torch.zeros_like(p)
    v = flat(state["v"]) if state else torch.zeros_like(p)
    t = (state["t"] if state else 0) + 1
    m = torch.lerp(g, m, betas[0])
    v = torch.lerp(g * g, v, betas[1])
    step = m / (1 - betas[0] ** t) / ((v / (1 - betas[1] ** t)) ** 0.5 + eps)
    lam = flat(
        {k: torch.full_like(x, weight_decay if x.ndim > 1 else 0) for k, x in params.items()}
    )
    return unflat(p - lr * lam * p - lr * step), {"t": t, "m": unflat(m), "v": unflat(v)}, norm


# %% wrong (q24-training-step-hidden-accumulate): the mean of the micro-batches' means
def training_step(
    params,
    grads,
    n_tokens,
    state,
    *,
    lr,
    betas=(0.9, 0.95),
    eps=1e-8,
    weight_decay=0.0,
    max_norm=1.0,
):
    g = {
        name: sum(
            micro[name] / sum(k > 0 for k in n_tokens) for micro, n in zip(grads, n_tokens) if n
        )
        for name in params
    }
    norm = math.sqrt(sum(float((x**2).sum()) for x in g.values()))
    if norm > max_norm:
        g = {name: x * (max_norm / norm) for name, x in g.items()}
    t, (b1, b2) = state.get("t", 0) + 1, betas
    new, m, v = {}, {}, {}
    for name, p in params.items():
        x = g[name]
        m[name] = b1 * (state["m"][name] if state else 0) + (1 - b1) * x
        v[name] = b2 * (state["v"][name] if state else 0) + (1 - b2) * x**2
        step = (m[name] / (1 - b1**t)) / ((v[name] / (1 - b2**t)).sqrt() + eps)
        decay = weight_decay if p.dim() >= 2 else 0.0
        new[name] = p - lr * decay * p - lr * step
    return new, {"t": t, "m": m, "v": v}, norm


# %% wrong (q24-training-step-hidden-accumulate): multiplies NaN by zero tokens
def training_step(
    params,
    grads,
    n_tokens,
    state,
    *,
    lr,
    betas=(0.9, 0.95),
    eps=1e-8,
    weight_decay=0.0,
    max_norm=1.0,
):
    total = sum(n_tokens)
    g = {
        name: sum(micro[name] * (n / total) for micro, n in zip(grads, n_tokens)) for name in params
    }
    norm = math.sqrt(sum(float((x**2).sum()) for x in g.values()))
    if norm > max_norm:
        g = {name: x * (max_norm / norm) for name, x in g.items()}
    t, (b1, b2) = state.get("t", 0) + 1, betas
    new, m, v = {}, {}, {}
    for name, p in params.items():
        x = g[name]
        m[name] = b1 * (state["m"][name] if state else 0) + (1 - b1) * x
        v[name] = b2 * (state["v"][name] if state else 0) + (1 - b2) * x**2
        step = (m[name] / (1 - b1**t)) / ((v[name] / (1 - b2**t)).sqrt() + eps)
        decay = weight_decay if p.dim() >= 2 else 0.0
        new[name] = p - lr * decay * p - lr * step
    return new, {"t": t, "m": m, "v": v}, norm


# %% wrong (q24-training-step-hidden-accumulate): adds the sums without dividing by the tokens
def training_step(
    params,
    grads,
    n_tokens,
    state,
    *,
    lr,
    betas=(0.9, 0.95),
    eps=1e-8,
    weight_decay=0.0,
    max_norm=1.0,
):
    g = {name: sum(micro[name] * n for micro, n in zip(grads, n_tokens) if n) for name in params}
    norm = math.sqrt(sum(float((x**2).sum()) for x in g.values()))
    if norm > max_norm:
        g = {name: x * (max_norm / norm) for name, x in g.items()}
    t, (b1, b2) = state.get("t", 0) + 1, betas
    new, m, v = {}, {}, {}
    for name, p in params.items():
        x = g[name]
        m[name] = b1 * (state["m"][name] if state else 0) + (1 - b1) * x
        v[name] = b2 * (state["v"][name] if state else 0) + (1 - b2) * x**2
        step = (m[name] / (1 - b1**t)) / ((v[name] / (1 - b2**t)).sqrt() + eps)
        decay = weight_decay if p.dim() >= 2 else 0.0
        new[name] = p - lr * decay * p - lr * step
    return new, {"t": t, "m": m, "v": v}, norm


# %% wrong (q24-training-step-hidden-clip): clips each parameter by its own norm
def training_step(
    params,
    grads,
    n_tokens,
    state,
    *,
    lr,
    betas=(0.9, 0.95),
    eps=1e-8,
    weight_decay=0.0,
    max_norm=1.0,
):
    total = sum(n_tokens)
    g = {
        name: sum(micro[name] * (n / total) for micro, n in zip(grads, n_tokens) if n)
        for name in params
    }
    norm = math.sqrt(sum(float((x**2).sum()) for x in g.values()))
    if norm > max_norm:
        g = {name: x * min(1.0, max_norm / float(x.norm())) for name, x in g.items()}
    t, (b1, b2) = state.get("t", 0) + 1, betas
    new, m, v = {}, {}, {}
    for name, p in params.items():
        x = g[name]
        m[name] = b1 * (state["m"][name] if state else 0) + (1 - b1) * x
        v[name] = b2 * (state["v"][name] if state else 0) + (1 - b2) * x**2
        step = (m[name] / (1 - b1**t)) / ((v[name] / (1 - b2**t)).sqrt() + eps)
        decay = weight_decay if p.dim() >= 2 else 0.0
        new[name] = p - lr * decay * p - lr * step
    return new, {"t": t, "m": m, "v": v}, norm


# %% wrong (q24-training-step-hidden-clip): clips each entry
def training_step(
    params,
    grads,
    n_tokens,
    state,
    *,
    lr,
    betas=(0.9, 0.95),
    eps=1e-8,
    weight_decay=0.0,
    max_norm=1.0,
):
    total = sum(n_tokens)
    g = {
        name: sum(micro[name] * (n / total) for micro, n in zip(grads, n_tokens) if n)
        for name in params
    }
    norm = math.sqrt(sum(float((x**2).sum()) for x in g.values()))
    if norm > max_norm:
        g = {name: x.clamp(-max_norm, max_norm) for name, x in g.items()}
    t, (b1, b2) = state.get("t", 0) + 1, betas
    new, m, v = {}, {}, {}
    for name, p in params.items():
        x = g[name]
        m[name] = b1 * (state["m"][name] if state else 0) + (1 - b1) * x
        v[name] = b2 * (state["v"][name] if state else 0) + (1 - b2) * x**2
        step = (m[name] / (1 - b1**t)) / ((v[name] / (1 - b2**t)).sqrt() + eps)
        decay = weight_decay if p.dim() >= 2 else 0.0
        new[name] = p - lr * decay * p - lr * step
    return new, {"t": t, "m": m, "v": v}, norm


# %% wrong (q24-training-step-hidden-clip): clips every micro-batch before adding
def training_step(
    params,
    grads,
    n_tokens,
    state,
    *,
    lr,
    betas=(0.9, 0.95),
    eps=1e-8,
    weight_decay=0.0,
    max_norm=1.0,
):
    total = sum(n_tokens)
    clipped = []
    for micro in grads:
        size = math.sqrt(sum(float((x**2).sum()) for x in micro.values()))
        scale = max_norm / size if size > max_norm else 1.0
        clipped.append({name: x * scale for name, x in micro.items()})
    grads = clipped
    g = {
        name: sum(micro[name] * (n / total) for micro, n in zip(grads, n_tokens) if n)
        for name in params
    }
    norm = math.sqrt(sum(float((x**2).sum()) for x in g.values()))
    if norm > max_norm:
        g = {name: x * (max_norm / norm) for name, x in g.items()}
    t, (b1, b2) = state.get("t", 0) + 1, betas
    new, m, v = {}, {}, {}
    for name, p in params.items():
        x = g[name]
        m[name] = b1 * (state["m"][name] if state else 0) + (1 - b1) * x
        v[name] = b2 * (state["v"][name] if state else 0) + (1 - b2) * x**2
        step = (m[name] / (1 - b1**t)) / ((v[name] / (1 - b2**t)).sqrt() + eps)
        decay = weight_decay if p.dim() >= 2 else 0.0
        new[name] = p - lr * decay * p - lr * step
    return new, {"t": t, "m": m, "v": v}, norm


# %% wrong (q24-training-step-hidden-clip): returns the norm after clipping
def training_step(
    params,
    grads,
    n_tokens,
    state,
    *,
    lr,
    betas=(0.9, 0.95),
    eps=1e-8,
    weight_decay=0.0,
    max_norm=1.0,
):
    total = sum(n_tokens)
    g = {
        name: sum(micro[name] * (n / total) for micro, n in zip(grads, n_tokens) if n)
        for name in params
    }
    norm = math.sqrt(sum(float((x**2).sum()) for x in g.values()))
    if norm > max_norm:
        g = {name: x * (max_norm / norm) for name, x in g.items()}
        norm = max_norm
    t, (b1, b2) = state.get("t", 0) + 1, betas
    new, m, v = {}, {}, {}
    for name, p in params.items():
        x = g[name]
        m[name] = b1 * (state["m"][name] if state else 0) + (1 - b1) * x
        v[name] = b2 * (state["v"][name] if state else 0) + (1 - b2) * x**2
        step = (m[name] / (1 - b1**t)) / ((v[name] / (1 - b2**t)).sqrt() + eps)
        decay = weight_decay if p.dim() >= 2 else 0.0
        new[name] = p - lr * decay * p - lr * step
    return new, {"t": t, "m": m, "v": v}, norm


# %% wrong (q24-training-step-hidden-clip): always scales to max_norm, also small gradients
def training_step(
    params,
    grads,
    n_tokens,
    state,
    *,
    lr,
    betas=(0.9, 0.95),
    eps=1e-8,
    weight_decay=0.0,
    max_norm=1.0,
):
    total = sum(n_tokens)
    g = {
        name: sum(micro[name] * (n / total) for micro, n in zip(grads, n_tokens) if n)
        for name in params
    }
    norm = math.sqrt(sum(float((x**2).sum()) for x in g.values()))
    if 0 < norm and max_norm < math.inf:
        g = {name: x * (max_norm / norm) for name, x in g.items()}
    t, (b1, b2) = state.get("t", 0) + 1, betas
    new, m, v = {}, {}, {}
    for name, p in params.items():
        x = g[name]
        m[name] = b1 * (state["m"][name] if state else 0) + (1 - b1) * x
        v[name] = b2 * (state["v"][name] if state else 0) + (1 - b2) * x**2
        step = (m[name] / (1 - b1**t)) / ((v[name] / (1 - b2**t)).sqrt() + eps)
        decay = weight_decay if p.dim() >= 2 else 0.0
        new[name] = p - lr * decay * p - lr * step
    return new, {"t": t, "m": m, "v": v}, norm


# %% wrong (q24-training-step-hidden-adam): no bias correction
def training_step(
    params,
    grads,
    n_tokens,
    state,
    *,
    lr,
    betas=(0.9, 0.95),
    eps=1e-8,
    weight_decay=0.0,
    max_norm=1.0,
):
    total = sum(n_tokens)
    g = {
        name: sum(micro[name] * (n / total) for micro, n in zip(grads, n_tokens) if n)
        for name in params
    }
    norm = math.sqrt(sum(float((x**2).sum()) for x in g.values()))
    if norm > max_norm:
        g = {name: x * (max_norm / norm) for name, x in g.items()}
    t, (b1, b2) = state.get("t", 0) + 1, betas
    new, m, v = {}, {}, {}
    for name, p in params.items():
        x = g[name]
        m[name] = b1 * (state["m"][name] if state else 0) + (1 - b1) * x
        v[name] = b2 * (state["v"][name] if state else 0) + (1 - b2) * x**2
        step = m[name] / (v[name].sqrt() + eps)
        decay = weight_decay if p.dim() >= 2 else 0.0
        new[name] = p - lr * decay * p - lr * step
    return new, {"t": t, "m": m, "v": v}, norm


# %% wrong (q24-training-step-hidden-adam): corrects with the t of the last update
def training_step(
    params,
    grads,
    n_tokens,
    state,
    *,
    lr,
    betas=(0.9, 0.95),
    eps=1e-8,
    weight_decay=0.0,
    max_norm=1.0,
):
    total = sum(n_tokens)
    g = {
        name: sum(micro[name] * (n / total) for micro, n in zip(grads, n_tokens) if n)
        for name in params
    }
    norm = math.sqrt(sum(float((x**2).sum()) for x in g.values()))
    if norm > max_norm:
        g = {name: x * (max_norm / norm) for name, x in g.items()}
    t, (b1, b2) = state.get("t", 0) + 1, betas
    new, m, v = {}, {}, {}
    for name, p in params.items():
        x = g[name]
        m[name] = b1 * (state["m"][name] if state else 0) + (1 - b1) * x
        v[name] = b2 * (state["v"][name] if state else 0) + (1 - b2) * x**2
        s = max(t - 1, 1)
        step = (m[name] / (1 - b1**s)) / ((v[name] / (1 - b2**s)).sqrt() + eps)
        decay = weight_decay if p.dim() >= 2 else 0.0
        new[name] = p - lr * decay * p - lr * step
    return new, {"t": t, "m": m, "v": v}, norm


# %% wrong (q24-training-step-hidden-adam): eps inside the root
def training_step(
    params,
    grads,
    n_tokens,
    state,
    *,
    lr,
    betas=(0.9, 0.95),
    eps=1e-8,
    weight_decay=0.0,
    max_norm=1.0,
):
    total = sum(n_tokens)
    g = {
        name: sum(micro[name] * (n / total) for micro, n in zip(grads, n_tokens) if n)
        for name in params
    }
    norm = math.sqrt(sum(float((x**2).sum()) for x in g.values()))
    if norm > max_norm:
        g = {name: x * (max_norm / norm) for name, x in g.items()}
    t, (b1, b2) = state.get("t", 0) + 1, betas
    new, m, v = {}, {}, {}
    for name, p in params.items():
        x = g[name]
        m[name] = b1 * (state["m"][name] if state else 0) + (1 - b1) * x
        v[name] = b2 * (state["v"][name] if state else 0) + (1 - b2) * x**2
        step = (m[name] / (1 - b1**t)) / (v[name] / (1 - b2**t) + eps).sqrt()
        decay = weight_decay if p.dim() >= 2 else 0.0
        new[name] = p - lr * decay * p - lr * step
    return new, {"t": t, "m": m, "v": v}, norm


# %% wrong (q24-training-step-hidden-adam): counts t once for each parameter
def training_step(
    params,
    grads,
    n_tokens,
    state,
    *,
    lr,
    betas=(0.9, 0.95),
    eps=1e-8,
    weight_decay=0.0,
    max_norm=1.0,
):
    total = sum(n_tokens)
    g = {
        name: sum(micro[name] * (n / total) for micro, n in zip(grads, n_tokens) if n)
        for name in params
    }
    norm = math.sqrt(sum(float((x**2).sum()) for x in g.values()))
    if norm > max_norm:
        g = {name: x * (max_norm / norm) for name, x in g.items()}
    t, (b1, b2) = state.get("t", 0) + 1, betas
    new, m, v = {}, {}, {}
    for name, p in params.items():
        x = g[name]
        t += bool(new)
        m[name] = b1 * (state["m"][name] if state else 0) + (1 - b1) * x
        v[name] = b2 * (state["v"][name] if state else 0) + (1 - b2) * x**2
        step = (m[name] / (1 - b1**t)) / ((v[name] / (1 - b2**t)).sqrt() + eps)
        decay = weight_decay if p.dim() >= 2 else 0.0
        new[name] = p - lr * decay * p - lr * step
    return new, {"t": t, "m": m, "v": v}, norm


# %% wrong (q24-training-step-hidden-adam): swaps the two betas
def training_step(
    params,
    grads,
    n_tokens,
    state,
    *,
    lr,
    betas=(0.9, 0.95),
    eps=1e-8,
    weight_decay=0.0,
    max_norm=1.0,
):
    total = sum(n_tokens)
    g = {
        name: sum(micro[name] * (n / total) for micro, n in zip(grads, n_tokens) if n)
        for name in params
    }
    norm = math.sqrt(sum(float((x**2).sum()) for x in g.values()))
    if norm > max_norm:
        g = {name: x * (max_norm / norm) for name, x in g.items()}
    t, (b2, b1) = state.get("t", 0) + 1, betas
    new, m, v = {}, {}, {}
    for name, p in params.items():
        x = g[name]
        m[name] = b1 * (state["m"][name] if state else 0) + (1 - b1) * x
        v[name] = b2 * (state["v"][name] if state else 0) + (1 - b2) * x**2
        step = (m[name] / (1 - b1**t)) / ((v[name] / (1 - b2**t)).sqrt() + eps)
        decay = weight_decay if p.dim() >= 2 else 0.0
        new[name] = p - lr * decay * p - lr * step
    return new, {"t": t, "m": m, "v": v}, norm


# %% wrong (q24-training-step-hidden-decay): the decay is added to the gradient, as in Adam with L2
def training_step(
    params,
    grads,
    n_tokens,
    state,
    *,
    lr,
    betas=(0.9, 0.95),
    eps=1e-8,
    weight_decay=0.0,
    max_norm=1.0,
):
    total = sum(n_tokens)
    g = {
        name: sum(micro[name] * (n / total) for micro, n in zip(grads, n_tokens) if n)
        for name in params
    }
    norm = math.sqrt(sum(float((x**2).sum()) for x in g.values()))
    if norm > max_norm:
        g = {name: x * (max_norm / norm) for name, x in g.items()}
    t, (b1, b2) = state.get("t", 0) + 1, betas
    new, m, v = {}, {}, {}
    for name, p in params.items():
        x = g[name] + (weight_decay * p if p.dim() >= 2 else 0)
        m[name] = b1 * (state["m"][name] if state else 0) + (1 - b1) * x
        v[name] = b2 * (state["v"][name] if state else 0) + (1 - b2) * x**2
        step = (m[name] / (1 - b1**t)) / ((v[name] / (1 - b2**t)).sqrt() + eps)
        new[name] = p - lr * step
    return new, {"t": t, "m": m, "v": v}, norm


# %% wrong (q24-training-step-hidden-decay): decays biases too
def training_step(
    params,
    grads,
    n_tokens,
    state,
    *,
    lr,
    betas=(0.9, 0.95),
    eps=1e-8,
    weight_decay=0.0,
    max_norm=1.0,
):
    total = sum(n_tokens)
    g = {
        name: sum(micro[name] * (n / total) for micro, n in zip(grads, n_tokens) if n)
        for name in params
    }
    norm = math.sqrt(sum(float((x**2).sum()) for x in g.values()))
    if norm > max_norm:
        g = {name: x * (max_norm / norm) for name, x in g.items()}
    t, (b1, b2) = state.get("t", 0) + 1, betas
    new, m, v = {}, {}, {}
    for name, p in params.items():
        x = g[name]
        m[name] = b1 * (state["m"][name] if state else 0) + (1 - b1) * x
        v[name] = b2 * (state["v"][name] if state else 0) + (1 - b2) * x**2
        step = (m[name] / (1 - b1**t)) / ((v[name] / (1 - b2**t)).sqrt() + eps)
        decay = weight_decay
        new[name] = p - lr * decay * p - lr * step
    return new, {"t": t, "m": m, "v": v}, norm


# %% wrong (q24-training-step-hidden-decay): decays by weight_decay without the learning rate
def training_step(
    params,
    grads,
    n_tokens,
    state,
    *,
    lr,
    betas=(0.9, 0.95),
    eps=1e-8,
    weight_decay=0.0,
    max_norm=1.0,
):
    total = sum(n_tokens)
    g = {
        name: sum(micro[name] * (n / total) for micro, n in zip(grads, n_tokens) if n)
        for name in params
    }
    norm = math.sqrt(sum(float((x**2).sum()) for x in g.values()))
    if norm > max_norm:
        g = {name: x * (max_norm / norm) for name, x in g.items()}
    t, (b1, b2) = state.get("t", 0) + 1, betas
    new, m, v = {}, {}, {}
    for name, p in params.items():
        x = g[name]
        m[name] = b1 * (state["m"][name] if state else 0) + (1 - b1) * x
        v[name] = b2 * (state["v"][name] if state else 0) + (1 - b2) * x**2
        step = (m[name] / (1 - b1**t)) / ((v[name] / (1 - b2**t)).sqrt() + eps)
        decay = weight_decay if p.dim() >= 2 else 0.0
        new[name] = p - decay * p - lr * step
    return new, {"t": t, "m": m, "v": v}, norm


# %% wrong (q24-training-step-hidden-decay): decays the new parameter
def training_step(
    params,
    grads,
    n_tokens,
    state,
    *,
    lr,
    betas=(0.9, 0.95),
    eps=1e-8,
    weight_decay=0.0,
    max_norm=1.0,
):
    total = sum(n_tokens)
    g = {
        name: sum(micro[name] * (n / total) for micro, n in zip(grads, n_tokens) if n)
        for name in params
    }
    norm = math.sqrt(sum(float((x**2).sum()) for x in g.values()))
    if norm > max_norm:
        g = {name: x * (max_norm / norm) for name, x in g.items()}
    t, (b1, b2) = state.get("t", 0) + 1, betas
    new, m, v = {}, {}, {}
    for name, p in params.items():
        x = g[name]
        m[name] = b1 * (state["m"][name] if state else 0) + (1 - b1) * x
        v[name] = b2 * (state["v"][name] if state else 0) + (1 - b2) * x**2
        step = (m[name] / (1 - b1**t)) / ((v[name] / (1 - b2**t)).sqrt() + eps)
        decay = weight_decay if p.dim() >= 2 else 0.0
        new[name] = (p - lr * step) * (1 - lr * decay)
    return new, {"t": t, "m": m, "v": v}, norm


# %% wrong (q24-training-step-hidden-arguments): updates m and v in place
def training_step(
    params,
    grads,
    n_tokens,
    state,
    *,
    lr,
    betas=(0.9, 0.95),
    eps=1e-8,
    weight_decay=0.0,
    max_norm=1.0,
):
    total = sum(n_tokens)
    g = {
        name: sum(micro[name] * (n / total) for micro, n in zip(grads, n_tokens) if n)
        for name in params
    }
    norm = math.sqrt(sum(float((x**2).sum()) for x in g.values()))
    if norm > max_norm:
        g = {name: x * (max_norm / norm) for name, x in g.items()}
    t, (b1, b2) = state.get("t", 0) + 1, betas
    new, m, v = {}, {}, {}
    for name, p in params.items():
        x = g[name]
        m[name] = state["m"][name] if state else torch.zeros_like(x)
        v[name] = state["v"][name] if state else torch.zeros_like(x)
        m[name].mul_(b1).add_(x, alpha=1 - b1)
        v[name].mul_(b2).add_(x**2, alpha=1 - b2)
        step = (m[name] / (1 - b1**t)) / ((v[name] / (1 - b2**t)).sqrt() + eps)
        decay = weight_decay if p.dim() >= 2 else 0.0
        new[name] = p - lr * decay * p - lr * step
    return new, {"t": t, "m": m, "v": v}, norm


# %% wrong (q24-training-step-hidden-arguments): writes into the parameters
def training_step(
    params,
    grads,
    n_tokens,
    state,
    *,
    lr,
    betas=(0.9, 0.95),
    eps=1e-8,
    weight_decay=0.0,
    max_norm=1.0,
):
    total = sum(n_tokens)
    g = {
        name: sum(micro[name] * (n / total) for micro, n in zip(grads, n_tokens) if n)
        for name in params
    }
    norm = math.sqrt(sum(float((x**2).sum()) for x in g.values()))
    if norm > max_norm:
        g = {name: x * (max_norm / norm) for name, x in g.items()}
    t, (b1, b2) = state.get("t", 0) + 1, betas
    new, m, v = {}, {}, {}
    for name, p in params.items():
        x = g[name]
        m[name] = b1 * (state["m"][name] if state else 0) + (1 - b1) * x
        v[name] = b2 * (state["v"][name] if state else 0) + (1 - b2) * x**2
        step = (m[name] / (1 - b1**t)) / ((v[name] / (1 - b2**t)).sqrt() + eps)
        decay = weight_decay if p.dim() >= 2 else 0.0
        p -= lr * decay * p + lr * step
        new[name] = p
    return new, {"t": t, "m": m, "v": v}, norm


# %% wrong (q24-training-step-hidden-arguments): adds the micro-batches up in the first one
def training_step(
    params,
    grads,
    n_tokens,
    state,
    *,
    lr,
    betas=(0.9, 0.95),
    eps=1e-8,
    weight_decay=0.0,
    max_norm=1.0,
):
    total = sum(n_tokens)
    g = next(micro for micro, n in zip(grads, n_tokens) if n)
    first = next(i for i, n in enumerate(n_tokens) if n)
    for name in params:
        g[name] *= n_tokens[first] / total
        for micro, n in list(zip(grads, n_tokens))[first + 1 :]:
            if n:
                g[name] += micro[name] * (n / total)
    norm = math.sqrt(sum(float((x**2).sum()) for x in g.values()))
    if norm > max_norm:
        g = {name: x * (max_norm / norm) for name, x in g.items()}
    t, (b1, b2) = state.get("t", 0) + 1, betas
    new, m, v = {}, {}, {}
    for name, p in params.items():
        x = g[name]
        m[name] = b1 * (state["m"][name] if state else 0) + (1 - b1) * x
        v[name] = b2 * (state["v"][name] if state else 0) + (1 - b2) * x**2
        step = (m[name] / (1 - b1**t)) / ((v[name] / (1 - b2**t)).sqrt() + eps)
        decay = weight_decay if p.dim() >= 2 else 0.0
        new[name] = p - lr * decay * p - lr * step
    return new, {"t": t, "m": m, "v": v}, norm


# %% wrong (q24-training-step-hidden-clip): the norm as a Tensor
def training_step(
    params,
    grads,
    n_tokens,
    state,
    *,
    lr,
    betas=(0.9, 0.95),
    eps=1e-8,
    weight_decay=0.0,
    max_norm=1.0,
):
    total = sum(n_tokens)
    g = {
        name: sum(micro[name] * (n / total) for micro, n in zip(grads, n_tokens) if n)
        for name in params
    }
    norm = torch.sqrt(sum((x**2).sum() for x in g.values()))
    if norm > max_norm:
        g = {name: x * (max_norm / norm) for name, x in g.items()}
    t, (b1, b2) = state.get("t", 0) + 1, betas
    new, m, v = {}, {}, {}
    for name, p in params.items():
        x = g[name]
        m[name] = b1 * (state["m"][name] if state else 0) + (1 - b1) * x
        v[name] = b2 * (state["v"][name] if state else 0) + (1 - b2) * x**2
        step = (m[name] / (1 - b1**t)) / ((v[name] / (1 - b2**t)).sqrt() + eps)
        decay = weight_decay if p.dim() >= 2 else 0.0
        new[name] = p - lr * decay * p - lr * step
    return new, {"t": t, "m": m, "v": v}, norm
