# %% right: mended where it stands
def multi_head_attention(x, w_qkv, w_o, n_heads):
    B, T, D = x.shape
    q, k, v = (x @ w_qkv.T).chunk(3, dim=-1)
    q, k, v = (t.reshape(B, T, n_heads, D // n_heads).transpose(1, 2) for t in (q, k, v))
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    mask = torch.ones(T, T).tril() == 0
    weights = scores.masked_fill(mask, float("-inf")).softmax(dim=-1)
    heads = weights @ v
    return heads.transpose(1, 2).reshape(B, T, D) @ w_o.T


# %% right: the weights renormalised after the mask
def multi_head_attention(x, w_qkv, w_o, n_heads):
    B, T, D = x.shape
    q, k, v = (x @ w_qkv.T).chunk(3, dim=-1)
    q, k, v = (t.unflatten(-1, (n_heads, -1)).transpose(1, 2) for t in (q, k, v))
    scores = q @ k.transpose(-2, -1) * (n_heads / D) ** 0.5
    weights = scores.softmax(dim=-1) * torch.ones(T, T, dtype=x.dtype).tril()
    weights = weights / weights.sum(dim=-1, keepdim=True)
    return (weights @ v).transpose(1, 2).flatten(-2) @ w_o.T


# %% right: the fused attention
def multi_head_attention(x, w_qkv, w_o, n_heads):
    B, T, D = x.shape
    q, k, v = (x @ w_qkv.T).view(B, T, 3, n_heads, D // n_heads).permute(2, 0, 3, 1, 4)
    y = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    return y.transpose(1, 2).reshape(B, T, D) @ w_o.T


# %% right: a loop over the heads, an additive mask
def multi_head_attention(x, w_qkv, w_o, n_heads):
    B, T, D = x.shape
    d = D // n_heads
    q, k, v = (x @ w_qkv.T).split(D, dim=-1)
    bias = torch.full((T, T), -torch.inf, dtype=x.dtype).triu(1)
    out = torch.zeros_like(x)
    for h in range(n_heads):
        cut = slice(h * d, (h + 1) * d)
        s = q[..., cut] @ k[..., cut].mT / math.sqrt(d) + bias
        out[..., cut] = s.softmax(-1) @ v[..., cut]
    return out @ w_o.T


# %% wrong (q02-repair-hidden-mask): heads and scale mended, the mask still after the softmax
def multi_head_attention(x, w_qkv, w_o, n_heads):
    B, T, D = x.shape
    q, k, v = (x @ w_qkv.T).chunk(3, dim=-1)
    q, k, v = (t.reshape(B, T, n_heads, D // n_heads).transpose(1, 2) for t in (q, k, v))
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    weights = scores.softmax(dim=-1)
    weights = weights * torch.ones(T, T, dtype=x.dtype).tril()
    heads = weights @ v
    return heads.transpose(1, 2).reshape(B, T, D) @ w_o.T


# %% wrong (q02-repair-hidden-mask): masks before the softmax, with zeros
def multi_head_attention(x, w_qkv, w_o, n_heads):
    B, T, D = x.shape
    q, k, v = (x @ w_qkv.T).chunk(3, dim=-1)
    q, k, v = (t.reshape(B, T, n_heads, D // n_heads).transpose(1, 2) for t in (q, k, v))
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    mask = torch.ones(T, T).tril() == 0
    weights = scores.masked_fill(mask, 0.0).softmax(dim=-1)
    heads = weights @ v
    return heads.transpose(1, 2).reshape(B, T, D) @ w_o.T


# %% wrong (q02-repair-hidden-mask): masks the diagonal, and covers the NaN
def multi_head_attention(x, w_qkv, w_o, n_heads):
    B, T, D = x.shape
    q, k, v = (x @ w_qkv.T).chunk(3, dim=-1)
    q, k, v = (t.reshape(B, T, n_heads, D // n_heads).transpose(1, 2) for t in (q, k, v))
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    mask = torch.ones(T, T).tril(-1) == 0
    weights = scores.masked_fill(mask, float("-inf")).softmax(dim=-1).nan_to_num(0)
    heads = weights @ v
    return heads.transpose(1, 2).reshape(B, T, D) @ w_o.T


# %% wrong (q02-repair-hidden-mask): multiplies the scores with the triangle
def multi_head_attention(x, w_qkv, w_o, n_heads):
    B, T, D = x.shape
    q, k, v = (x @ w_qkv.T).chunk(3, dim=-1)
    q, k, v = (t.reshape(B, T, n_heads, D // n_heads).transpose(1, 2) for t in (q, k, v))
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    mask = torch.ones(T, T).tril() == 0
    weights = (scores * (~mask).to(x.dtype)).softmax(dim=-1)
    heads = weights @ v
    return heads.transpose(1, 2).reshape(B, T, D) @ w_o.T


# %% wrong (q02-repair-hidden-mask): masks the past instead of the future
def multi_head_attention(x, w_qkv, w_o, n_heads):
    B, T, D = x.shape
    q, k, v = (x @ w_qkv.T).chunk(3, dim=-1)
    q, k, v = (t.reshape(B, T, n_heads, D // n_heads).transpose(1, 2) for t in (q, k, v))
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    mask = torch.ones(T, T).triu() == 0
    weights = scores.masked_fill(mask, float("-inf")).softmax(dim=-1)
    heads = weights @ v
    return heads.transpose(1, 2).reshape(B, T, D) @ w_o.T


# %% wrong (q02-repair-hidden-heads): mask and scale mended, the heads still a view
def multi_head_attention(x, w_qkv, w_o, n_heads):
    B, T, D = x.shape
    q, k, v = (x @ w_qkv.T).chunk(3, dim=-1)
    q, k, v = (t.reshape(B, n_heads, T, D // n_heads) for t in (q, k, v))
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    mask = torch.ones(T, T).tril() == 0
    weights = scores.masked_fill(mask, float("-inf")).softmax(dim=-1)
    heads = weights @ v
    return heads.transpose(1, 2).reshape(B, T, D) @ w_o.T


# %% wrong (q02-repair-hidden-heads): heads still a view, and the merge made to match it
def multi_head_attention(x, w_qkv, w_o, n_heads):
    B, T, D = x.shape
    q, k, v = (x @ w_qkv.T).chunk(3, dim=-1)
    q, k, v = (t.reshape(B, n_heads, T, D // n_heads) for t in (q, k, v))
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    mask = torch.ones(T, T).tril() == 0
    weights = scores.masked_fill(mask, float("-inf")).softmax(dim=-1)
    heads = weights @ v
    return heads.reshape(B, T, D) @ w_o.T


# %% wrong (q02-repair-hidden-heads): mends the split and breaks the merge
def multi_head_attention(x, w_qkv, w_o, n_heads):
    B, T, D = x.shape
    q, k, v = (x @ w_qkv.T).chunk(3, dim=-1)
    q, k, v = (t.reshape(B, T, n_heads, D // n_heads).transpose(1, 2) for t in (q, k, v))
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    mask = torch.ones(T, T).tril() == 0
    weights = scores.masked_fill(mask, float("-inf")).softmax(dim=-1)
    heads = weights @ v
    return heads.reshape(B, T, D) @ w_o.T


# %% wrong (q02-repair-hidden-heads): splits with the head as the fast axis
def multi_head_attention(x, w_qkv, w_o, n_heads):
    B, T, D = x.shape
    q, k, v = (x @ w_qkv.T).chunk(3, dim=-1)
    q, k, v = (t.reshape(B, T, D // n_heads, n_heads).permute(0, 3, 1, 2) for t in (q, k, v))
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    mask = torch.ones(T, T).tril() == 0
    weights = scores.masked_fill(mask, float("-inf")).softmax(dim=-1)
    heads = weights @ v
    return heads.transpose(1, 2).reshape(B, T, D) @ w_o.T


# %% wrong (q02-repair-hidden-scale): mask and heads mended, still the root of the model width
def multi_head_attention(x, w_qkv, w_o, n_heads):
    B, T, D = x.shape
    q, k, v = (x @ w_qkv.T).chunk(3, dim=-1)
    q, k, v = (t.reshape(B, T, n_heads, D // n_heads).transpose(1, 2) for t in (q, k, v))
    scores = q @ k.transpose(-2, -1) / math.sqrt(D)
    mask = torch.ones(T, T).tril() == 0
    weights = scores.masked_fill(mask, float("-inf")).softmax(dim=-1)
    heads = weights @ v
    return heads.transpose(1, 2).reshape(B, T, D) @ w_o.T


# %% wrong (q02-repair-hidden-scale): divides by the width of a head
def multi_head_attention(x, w_qkv, w_o, n_heads):
    B, T, D = x.shape
    q, k, v = (x @ w_qkv.T).chunk(3, dim=-1)
    q, k, v = (t.reshape(B, T, n_heads, D // n_heads).transpose(1, 2) for t in (q, k, v))
    scores = q @ k.transpose(-2, -1) / q.shape[-1]
    mask = torch.ones(T, T).tril() == 0
    weights = scores.masked_fill(mask, float("-inf")).softmax(dim=-1)
    heads = weights @ v
    return heads.transpose(1, 2).reshape(B, T, D) @ w_o.T


# %% wrong (q02-repair-hidden-scale): does not divide any more
def multi_head_attention(x, w_qkv, w_o, n_heads):
    B, T, D = x.shape
    q, k, v = (x @ w_qkv.T).chunk(3, dim=-1)
    q, k, v = (t.reshape(B, T, n_heads, D // n_heads).transpose(1, 2) for t in (q, k, v))
    scores = q @ k.transpose(-2, -1)
    mask = torch.ones(T, T).tril() == 0
    weights = scores.masked_fill(mask, float("-inf")).softmax(dim=-1)
    heads = weights @ v
    return heads.transpose(1, 2).reshape(B, T, D) @ w_o.T


# %% wrong (q02-repair-hidden-scale): takes the number of tokens for the width
def multi_head_attention(x, w_qkv, w_o, n_heads):
    B, T, D = x.shape
    q, k, v = (x @ w_qkv.T).chunk(3, dim=-1)
    q, k, v = (t.reshape(B, T, n_heads, D // n_heads).transpose(1, 2) for t in (q, k, v))
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-2])
    mask = torch.ones(T, T).tril() == 0
    weights = scores.masked_fill(mask, float("-inf")).softmax(dim=-1)
    heads = weights @ v
    return heads.transpose(1, 2).reshape(B, T, D) @ w_o.T
