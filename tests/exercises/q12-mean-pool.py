# %% right: text by text, with a boolean index
def mean_pool(h, mask):
    rows = []
    for tokens, keep in zip(h, mask.bool(), strict=True):
        rows.append(tokens[keep].mean(dim=0) if keep.any() else 0 * tokens.sum(dim=0))
    return torch.stack(rows)


# %% right: a matrix product with the weights of each text
def mean_pool(h, mask):
    weights = mask.to(h.dtype)
    weights = weights / weights.sum(dim=1, keepdim=True).clamp(min=1e-9)
    return torch.bmm(weights[:, None], h)[:, 0]


# %% right: padding set to zero, with masked_fill and einsum
def mean_pool(h, mask):
    real = mask != 0
    total = torch.einsum("btd->bd", h.masked_fill(~real.unsqueeze(-1), 0.0))
    count = real.sum(dim=1)
    count[count == 0] = 1
    return total / count.unsqueeze(-1)


# %% wrong (q12-mean-pool-hidden-padding): averages over all places, padding too
def mean_pool(h, mask):
    return h.mean(dim=1) * mask.bool().any(dim=1, keepdim=True)


# %% wrong (q12-mean-pool-hidden-padding): leaves padding out of the sum, but divides by the padded length
def mean_pool(h, mask):
    return (h * mask[..., None].to(h.dtype)).mean(dim=1)


# %% wrong (q12-mean-pool-hidden-padding): takes the first n places, as if padding were always on the right
def mean_pool(h, mask):
    count = mask.long().sum(dim=1)
    return torch.stack([x[:n].sum(dim=0) / max(1, int(n)) for x, n in zip(h, count, strict=True)])


# %% wrong (q12-mean-pool-hidden-padding): drops the places where any text has padding
def mean_pool(h, mask):
    both = mask.bool().all(dim=0)
    return h[:, both].sum(dim=1) / both.sum().clamp(min=1)


# %% wrong (q12-mean-pool-hidden-padding): the first token, as BERT's CLS
def mean_pool(h, mask):
    return h[:, 0] * mask.bool().any(dim=1, keepdim=True)


# %% wrong (q12-mean-pool-hidden-padding): returns float64 for everything
def mean_pool(h, mask):
    w = mask[..., None].double()
    return (h.double() * w).sum(dim=1) / w.sum(dim=1).clamp(min=1)


# %% wrong (q12-mean-pool-hidden-empty): divides zero by zero
def mean_pool(h, mask):
    w = mask[..., None].to(h.dtype)
    return (h * w).sum(dim=1) / w.sum(dim=1)


# %% wrong (q12-mean-pool-hidden-empty): a text without tokens gets the mean of its padding
def mean_pool(h, mask):
    w = mask[..., None].to(h.dtype)
    w = torch.where(w.sum(dim=1, keepdim=True) == 0, torch.ones_like(w), w)
    return (h * w).sum(dim=1) / w.sum(dim=1)


# %% wrong (q12-mean-pool-hidden-gradient): repairs the value with where, and leaves NaN in the gradient
def mean_pool(h, mask):
    w = mask[..., None].to(h.dtype)
    mean = (h * w).sum(dim=1) / w.sum(dim=1)
    return torch.where(w.sum(dim=1) > 0, mean, torch.zeros_like(mean))


# %% wrong (q12-mean-pool-hidden-gradient): computes without gradients
def mean_pool(h, mask):
    with torch.no_grad():
        w = mask[..., None].to(h.dtype)
        return (h * w).sum(dim=1) / w.sum(dim=1).clamp(min=1)


# %% wrong (q12-mean-pool-hidden-gradient): zeroes the caller's padding in place
def mean_pool(h, mask):
    if not h.requires_grad:
        h[~mask.bool()] = 0
        return h.sum(dim=1) / mask.long().sum(dim=1, keepdim=True).clamp(min=1)
    w = mask[..., None].to(h.dtype)
    return (h * w).sum(dim=1) / w.sum(dim=1).clamp(min=1)
