# %% right: the three faults mended where they stand
def next_token_probs(logits, temperature=1.0, top_k=50, top_p=0.9):
    if temperature == 0:
        probs = torch.zeros_like(logits)
        probs[int(np.argmax(logits.numpy()))] = 1.0
        return probs
    scaled = logits / temperature
    if 0 < top_k < logits.numel():
        smallest_kept = torch.topk(scaled, top_k).values[-1]
        scaled[scaled < smallest_kept] = -torch.inf
    if top_p < 1:
        ranked, order = scaled.sort(descending=True)
        probs = ranked.softmax(dim=-1)
        mass_before = probs.cumsum(dim=-1) - probs
        ranked[mass_before >= top_p] = -torch.inf
        scaled[order] = ranked
    return scaled.softmax(dim=-1)


# %% right: written anew on probabilities, without in-place writes
def next_token_probs(logits, temperature=1.0, top_k=50, top_p=0.9):
    V = logits.shape[-1]
    if temperature == 0:
        first = (logits == logits.max()).nonzero()[0, 0]
        return torch.nn.functional.one_hot(first, V).to(logits.dtype)
    z = logits / temperature
    if top_k > 0:
        z = z.masked_fill(z < z.sort(descending=True).values[min(top_k, V) - 1], -torch.inf)
    p = z.softmax(0)
    if top_p < 1:
        ranked, order = p.sort(descending=True, stable=True)
        before = torch.cat([ranked.new_zeros(1), ranked.cumsum(0)[:-1]])
        p = torch.where((before < top_p)[order.argsort()], p, 0)
    return p / p.sum()


# %% right: a copy first, then loops
def next_token_probs(logits, temperature=1.0, top_k=50, top_p=0.9):
    values = [float(x) for x in logits]
    if temperature == 0:
        best = values.index(max(values))
        return torch.tensor([float(i == best) for i in range(len(values))], dtype=logits.dtype)
    p = torch.softmax(logits.clone() / temperature, 0)
    ranked = sorted(range(len(values)), key=lambda i: -values[i])
    if 0 < top_k < len(ranked):
        least = values[ranked[top_k - 1]]
        ranked = [i for i in ranked if values[i] >= least]
    total = sum(float(p[i]) for i in ranked)
    kept, mass = [], 0.0
    for i in ranked:
        if mass >= top_p and top_p < 1:
            break
        kept.append(i)
        mass += float(p[i]) / total
    out = torch.zeros_like(logits)
    out[kept] = p[kept] / p[kept].sum()
    return out


# %% right: log-softmax
def next_token_probs(logits, temperature=1.0, top_k=50, top_p=0.9):
    if temperature == 0:
        certain = torch.zeros_like(logits)
        certain[logits.argmax()] = 1
        return certain
    scaled = logits / temperature
    if top_k > 0:
        kth = torch.topk(scaled, min(top_k, len(scaled))).values[-1]
        scaled[scaled < kth] = -torch.inf
    if top_p < 1:
        ranked, order = scaled.sort(descending=True)
        probs = ranked.log_softmax(dim=-1).exp()
        mass_before = probs.cumsum(dim=-1) - probs
        ranked[mass_before >= top_p] = -torch.inf
        scaled[order] = ranked
    return scaled.softmax(dim=-1)


# %% wrong (q04-repair-hidden-zero): replaces temperature 0 by a small number
def next_token_probs(logits, temperature=1.0, top_k=50, top_p=0.9):
    scaled = logits / max(temperature, 1e-5)
    if top_k > 0:
        smallest_kept = torch.topk(scaled, min(top_k, len(scaled))).values[-1]
        scaled[scaled < smallest_kept] = -torch.inf
    if top_p < 1:
        ranked, order = scaled.sort(descending=True)
        probs = ranked.softmax(dim=-1)
        mass_before = probs.cumsum(dim=-1) - probs
        ranked[mass_before >= top_p] = -torch.inf
        scaled[order] = ranked
    return scaled.softmax(dim=-1)


# %% wrong (q04-repair-hidden-zero): skips the division at temperature 1 and writes into the caller's tensor
def next_token_probs(logits, temperature=1.0, top_k=50, top_p=0.9):
    if temperature == 0:
        return torch.eye(len(logits), dtype=logits.dtype)[int(np.argmax(logits.numpy()))]
    scaled = logits / temperature if temperature != 1 else logits
    if top_k > 0:
        smallest_kept = torch.topk(scaled, min(top_k, len(scaled))).values[-1]
        scaled[scaled < smallest_kept] = -torch.inf
    if top_p < 1:
        ranked, order = scaled.sort(descending=True)
        probs = ranked.softmax(dim=-1)
        mass_before = probs.cumsum(dim=-1) - probs
        ranked[mass_before >= top_p] = -torch.inf
        scaled[order] = ranked
    return scaled.softmax(dim=-1)


# %% wrong (q04-repair-hidden-zero): shares the mass at temperature 0 among equals
def next_token_probs(logits, temperature=1.0, top_k=50, top_p=0.9):
    if temperature == 0:
        best = (logits == logits.max()).to(logits.dtype)
        return best / best.sum()
    scaled = logits / temperature
    if top_k > 0:
        smallest_kept = torch.topk(scaled, min(top_k, len(scaled))).values[-1]
        scaled[scaled < smallest_kept] = -torch.inf
    if top_p < 1:
        ranked, order = scaled.sort(descending=True)
        probs = ranked.softmax(dim=-1)
        mass_before = probs.cumsum(dim=-1) - probs
        ranked[mass_before >= top_p] = -torch.inf
        scaled[order] = ranked
    return scaled.softmax(dim=-1)


# %% wrong (q04-repair-hidden-zero): mends the other two and forgets temperature 0
def next_token_probs(logits, temperature=1.0, top_k=50, top_p=0.9):
    scaled = logits / temperature
    if top_k > 0:
        smallest_kept = torch.topk(scaled, min(top_k, len(scaled))).values[-1]
        scaled[scaled < smallest_kept] = -torch.inf
    if top_p < 1:
        ranked, order = scaled.sort(descending=True)
        probs = ranked.softmax(dim=-1)
        mass_before = probs.cumsum(dim=-1) - probs
        ranked[mass_before >= top_p] = -torch.inf
        scaled[order] = ranked
    return scaled.softmax(dim=-1)


# %% wrong (q04-repair-hidden-top-k): lowers the default and leaves the crash
def next_token_probs(logits, temperature=1.0, top_k=5, top_p=0.9):
    if temperature == 0:
        return torch.eye(len(logits), dtype=logits.dtype)[int(np.argmax(logits.numpy()))]
    scaled = logits / temperature
    if top_k > 0:
        smallest_kept = torch.topk(scaled, top_k).values[-1]
        scaled[scaled < smallest_kept] = -torch.inf
    if top_p < 1:
        ranked, order = scaled.sort(descending=True)
        probs = ranked.softmax(dim=-1)
        mass_before = probs.cumsum(dim=-1) - probs
        ranked[mass_before >= top_p] = -torch.inf
        scaled[order] = ranked
    return scaled.softmax(dim=-1)


# %% wrong (q04-repair-hidden-top-k): cuts to exactly k and loses what ties with the k-th
def next_token_probs(logits, temperature=1.0, top_k=50, top_p=0.9):
    if temperature == 0:
        return torch.eye(len(logits), dtype=logits.dtype)[int(np.argmax(logits.numpy()))]
    scaled = logits / temperature
    if top_k > 0:
        best = torch.topk(scaled, min(top_k, len(scaled))).indices
        scaled = torch.full_like(scaled, -torch.inf).scatter(0, best, scaled[best])
    if top_p < 1:
        ranked, order = scaled.sort(descending=True)
        probs = ranked.softmax(dim=-1)
        mass_before = probs.cumsum(dim=-1) - probs
        ranked[mass_before >= top_p] = -torch.inf
        scaled[order] = ranked
    return scaled.softmax(dim=-1)


# %% wrong (q04-repair-hidden-top-k): clamps k to one less than the vocabulary
def next_token_probs(logits, temperature=1.0, top_k=50, top_p=0.9):
    if temperature == 0:
        return torch.eye(len(logits), dtype=logits.dtype)[int(np.argmax(logits.numpy()))]
    scaled = logits / temperature
    if top_k > 0 and len(scaled) > 1:
        smallest_kept = torch.topk(scaled, min(top_k, len(scaled) - 1)).values[-1]
        scaled[scaled < smallest_kept] = -torch.inf
    if top_p < 1:
        ranked, order = scaled.sort(descending=True)
        probs = ranked.softmax(dim=-1)
        mass_before = probs.cumsum(dim=-1) - probs
        ranked[mass_before >= top_p] = -torch.inf
        scaled[order] = ranked
    return scaled.softmax(dim=-1)


# %% wrong (q04-repair-hidden-nucleus): leaves the boundary as it was
def next_token_probs(logits, temperature=1.0, top_k=50, top_p=0.9):
    if temperature == 0:
        return torch.eye(len(logits), dtype=logits.dtype)[int(np.argmax(logits.numpy()))]
    scaled = logits / temperature
    if top_k > 0:
        smallest_kept = torch.topk(scaled, min(top_k, len(scaled))).values[-1]
        scaled[scaled < smallest_kept] = -torch.inf
    if top_p < 1:
        ranked, order = scaled.sort(descending=True)
        probs = ranked.softmax(dim=-1)
        mass_before = probs.cumsum(dim=-1) - probs
        ranked[mass_before > top_p] = -torch.inf
        scaled[order] = ranked
    return scaled.softmax(dim=-1)


# %% wrong (q04-repair-hidden-nucleus): removes by the mass up to and with the token
def next_token_probs(logits, temperature=1.0, top_k=50, top_p=0.9):
    if temperature == 0:
        return torch.eye(len(logits), dtype=logits.dtype)[int(np.argmax(logits.numpy()))]
    scaled = logits / temperature
    if top_k > 0:
        smallest_kept = torch.topk(scaled, min(top_k, len(scaled))).values[-1]
        scaled[scaled < smallest_kept] = -torch.inf
    if top_p < 1:
        ranked, order = scaled.sort(descending=True)
        remove = ranked.softmax(dim=-1).cumsum(dim=-1) > top_p
        remove[0] = False
        ranked[remove] = -torch.inf
        scaled[order] = ranked
    return scaled.softmax(dim=-1)


# %% wrong (q04-repair-hidden-nucleus): forgets to bring the sorted logits back
def next_token_probs(logits, temperature=1.0, top_k=50, top_p=0.9):
    if temperature == 0:
        return torch.eye(len(logits), dtype=logits.dtype)[int(np.argmax(logits.numpy()))]
    scaled = logits / temperature
    if top_k > 0:
        smallest_kept = torch.topk(scaled, min(top_k, len(scaled))).values[-1]
        scaled[scaled < smallest_kept] = -torch.inf
    if top_p < 1:
        scaled = scaled.sort(descending=True).values
        probs = scaled.softmax(dim=-1)
        mass_before = probs.cumsum(dim=-1) - probs
        scaled[mass_before >= top_p] = -torch.inf
    return scaled.softmax(dim=-1)


# %% wrong (q04-repair-hidden-top-k): float64 whatever came in
def next_token_probs(logits, temperature=1.0, top_k=50, top_p=0.9):
    if temperature == 0:
        certain = torch.zeros_like(logits)
        certain[logits.argmax()] = 1
        return certain
    scaled = logits / temperature
    if top_k > 0:
        kth = torch.topk(scaled, min(top_k, len(scaled))).values[-1]
        scaled[scaled < kth] = -torch.inf
    if top_p < 1:
        ranked, order = scaled.sort(descending=True)
        probs = ranked.softmax(dim=-1)
        mass_before = probs.cumsum(dim=-1) - probs
        ranked[mass_before >= top_p] = -torch.inf
        scaled[order] = ranked
    return scaled.double().softmax(dim=-1)


# %% wrong (q04-repair-hidden-top-k): ignores top_k
def next_token_probs(logits, temperature=1.0, top_k=50, top_p=0.9):
    if temperature == 0:
        certain = torch.zeros_like(logits)
        certain[logits.argmax()] = 1
        return certain
    scaled = logits / temperature
    if False:
        kth = torch.topk(scaled, min(top_k, len(scaled))).values[-1]
        scaled[scaled < kth] = -torch.inf
    if top_p < 1:
        ranked, order = scaled.sort(descending=True)
        probs = ranked.softmax(dim=-1)
        mass_before = probs.cumsum(dim=-1) - probs
        ranked[mass_before >= top_p] = -torch.inf
        scaled[order] = ranked
    return scaled.softmax(dim=-1)


# %% wrong (q04-repair-hidden-zero): argmax after the division
def next_token_probs(logits, temperature=1.0, top_k=50, top_p=0.9):
    scaled = logits / temperature
    if temperature == 0:
        certain = torch.zeros_like(logits)
        certain[scaled.argmax()] = 1
        return certain
    if top_k > 0:
        kth = torch.topk(scaled, min(top_k, len(scaled))).values[-1]
        scaled[scaled < kth] = -torch.inf
    if top_p < 1:
        ranked, order = scaled.sort(descending=True)
        probs = ranked.softmax(dim=-1)
        mass_before = probs.cumsum(dim=-1) - probs
        ranked[mass_before >= top_p] = -torch.inf
        scaled[order] = ranked
    return scaled.softmax(dim=-1)


# %% wrong (q04-repair-hidden-zero): writes the one-hot into the logits
def next_token_probs(logits, temperature=1.0, top_k=50, top_p=0.9):
    if temperature == 0:
        certain = logits
        best = logits.argmax()
        certain[:] = 0
        certain[best] = 1
        return certain
    scaled = logits / temperature
    if top_k > 0:
        kth = torch.topk(scaled, min(top_k, len(scaled))).values[-1]
        scaled[scaled < kth] = -torch.inf
    if top_p < 1:
        ranked, order = scaled.sort(descending=True)
        probs = ranked.softmax(dim=-1)
        mass_before = probs.cumsum(dim=-1) - probs
        ranked[mass_before >= top_p] = -torch.inf
        scaled[order] = ranked
    return scaled.softmax(dim=-1)
