# %% right: scores of empty rows are set to 0 before the softmax
def attention(q, k, v, mask=None):
    scores = torch.einsum("...td,...sd->...ts", q, k) * q.shape[-1] ** -0.5
    if mask is None:
        mask = torch.ones_like(scores, dtype=torch.bool)
    mask = mask.expand(scores.shape)
    some = mask.any(dim=-1, keepdim=True)
    scores = scores.masked_fill(~mask, -torch.inf).masked_fill(~some, 0.0)
    weights = torch.softmax(scores, dim=-1) * some
    return weights @ v, weights


# %% right: exponentials by hand, the maximum taken over what is allowed
def attention(q, k, v, mask=None):
    s = torch.matmul(q / math.sqrt(q.size(-1)), k.mT)
    if mask is not None:
        s = torch.where(mask, s, -torch.inf)
    top = s.detach().amax(dim=-1, keepdim=True)
    top = torch.where(torch.isinf(top), 0, top)
    e = torch.exp(s - top)
    total = e.sum(dim=-1, keepdim=True)
    w = e / torch.where(total == 0, 1, total)
    return w @ v, w


# %% right: an additive mask of -1e9, and zeros afterwards
def attention(q, k, v, mask=None):
    scores = q.matmul(k.transpose(-1, -2)) / q.size(-1) ** 0.5
    if mask is None:
        mask = torch.ones((), dtype=torch.bool)
    bias = torch.zeros(mask.shape, dtype=scores.dtype).masked_fill(~mask, -1e9)
    weights = (scores + bias).softmax(-1) * mask
    return weights.matmul(v), weights


# %% right: the mend of the NaN on both sides of the softmax
def attention(q, k, v, mask=None):
    scores = (q @ k.transpose(-1, -2)) * (1.0 / math.sqrt(k.shape[-1]))
    if mask is None:
        w = torch.nn.functional.softmax(scores, dim=-1)
        return w @ v, w
    mask = torch.broadcast_to(mask, scores.shape)
    empty = ~mask.any(-1, keepdim=True)
    safe = mask | empty
    w = torch.nn.functional.softmax(torch.where(safe, scores, float("-inf")), dim=-1)
    w = torch.where(mask, w, torch.zeros_like(w))
    return w @ v, w


# %% right: -inf and nan_to_num: the backward pass of masked_fill stops the NaN
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = torch.nan_to_num(torch.softmax(scores, dim=-1), nan=0.0)
    return weights @ v, weights


# %% wrong (q02-attention-hidden-shapes): divides by d
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / q.shape[-1]
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1).masked_fill(~mask, 0)
    return weights @ v, weights


# %% wrong (q02-attention-hidden-shapes): takes d from the number of queries
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-2])
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1).masked_fill(~mask, 0)
    return weights @ v, weights


# %% wrong (q02-attention-hidden-shapes): softmax over the queries
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is None:
        weights = scores.softmax(dim=-2)
    else:
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-2).masked_fill(~mask, 0)
    return weights @ v, weights


# %% wrong (q02-attention-hidden-shapes): computes in float32 and returns it
def attention(q, k, v, mask=None):
    scores = q.float() @ k.float().transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1).masked_fill(~mask, 0)
    return weights @ v.float(), weights


# %% wrong (q02-attention-hidden-shapes): does not scale
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1)
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1).masked_fill(~mask, 0)
    return weights @ v, weights


# %% wrong (q02-attention-hidden-mask): True means masked
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        scores = scores.masked_fill(mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1).masked_fill(mask, 0)
    return weights @ v, weights


# %% wrong (q02-attention-hidden-mask): masks the weights after the softmax
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.softmax(dim=-1).masked_fill(~mask, 0)
    return weights @ v, weights


# %% wrong (q02-attention-hidden-mask): masked scores are 0, which is a score like any other
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        scores = scores.masked_fill(~mask, 0.0)
        weights = scores.softmax(dim=-1)
    return weights @ v, weights


# %% wrong (q02-attention-hidden-mask): multiplies the scores with the mask
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        scores = scores * mask
        weights = scores.softmax(dim=-1)
    return weights @ v, weights


# %% wrong (q02-attention-hidden-mask): adds 1e-9 instead of -1e9
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        scores = scores.masked_fill(~mask, 1e-9)
        weights = scores.softmax(dim=-1)
    return weights @ v, weights


# %% wrong (q02-attention-hidden-empty): -inf and nothing else: an empty row is NaN
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        scores = scores.masked_fill(~mask, -torch.inf)
        weights = scores.softmax(dim=-1)
    return weights @ v, weights


# %% wrong (q02-attention-hidden-empty): a large negative number: an empty row attends to everything
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1)
    return weights @ v, weights


# %% wrong (q02-attention-hidden-empty): an empty row sees everything instead of nothing
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        mask = mask | ~mask.any(dim=-1, keepdim=True)
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1).masked_fill(~mask, 0)
    return weights @ v, weights


# %% wrong (q02-attention-hidden-large): masks with -1e4, which large negative scores are not above
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        scores = scores.masked_fill(~mask, -1e4)
        weights = scores.softmax(dim=-1).masked_fill(~mask, 0)
    return weights @ v, weights


# %% wrong (q02-attention-hidden-large): subtracts the maximum of all scores, masked ones too
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    e = torch.exp(scores - scores.amax(dim=-1, keepdim=True))
    if mask is not None:
        e = e * mask
    weights = e / e.sum(dim=-1, keepdim=True).clamp(min=1e-30)
    return weights @ v, weights


# %% wrong (q02-attention-hidden-large): exponentials without subtracting a maximum
def attention(q, k, v, mask=None):
    e = torch.exp(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]))
    if mask is not None:
        e = e * mask
    weights = e / e.sum(dim=-1, keepdim=True).clamp(min=1e-30)
    return weights @ v, weights


# %% wrong (q02-attention-hidden-gradient): adds a mask of -inf and overwrites the NaN: the result is mended, the gradient is not
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores + torch.zeros(mask.shape, dtype=q.dtype).masked_fill(~mask, -torch.inf)
    weights = scores.softmax(dim=-1).nan_to_num(0.0)
    return weights @ v, weights


# %% wrong (q02-attention-hidden-gradient): replaces the NaN with torch.where, after an additive mask
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores + torch.log(mask.to(q.dtype))
    weights = scores.softmax(dim=-1)
    weights = torch.where(weights.isnan(), torch.zeros_like(weights), weights)
    return weights @ v, weights


# %% wrong (q02-attention-hidden-gradient): detaches the weights
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=-1).masked_fill(~mask, 0)
    weights = weights.detach()
    return weights @ v, weights


# %% wrong (q02-attention-hidden-gradient): leaves torch for NumPy in between
def attention(q, k, v, mask=None):
    a, b, c = (t.detach().numpy() for t in (q, k, v))
    s = a @ b.swapaxes(-1, -2) / np.sqrt(a.shape[-1])
    m = np.ones(1, dtype=bool) if mask is None else mask.numpy()
    s = np.where(m, s, np.finfo(s.dtype).min)
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    w = np.where(m, e / e.sum(axis=-1, keepdims=True), 0).astype(a.dtype)
    return torch.from_numpy(w @ c), torch.from_numpy(w)


# %% wrong (q02-attention-hidden-shapes): the softmax in float32, cast back to the dtype of q
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is None:
        weights = scores.softmax(dim=-1, dtype=torch.float32).to(q.dtype)
    else:
        scores = scores.masked_fill(~mask, torch.finfo(torch.float32).min)
        weights = scores.softmax(dim=-1, dtype=torch.float32).to(q.dtype).masked_fill(~mask, 0.0)
    return weights @ v, weights


# %% wrong (q02-attention-hidden-empty): opens empty rows in the caller's mask
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is None:
        weights = scores.softmax(dim=-1)
        return weights @ v, weights
    empty = ~mask.any(dim=-1, keepdim=True)
    mask |= empty
    weights = scores.masked_fill(~mask, -torch.inf).softmax(dim=-1).masked_fill(empty, 0.0)
    return weights @ v, weights
