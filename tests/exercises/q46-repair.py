# %% right: the adapters concatenated along their rank
def merge_loras(W, adapters, weights):
    if not adapters:
        return W.clone()
    A = torch.cat([a for a, b, alpha in adapters], dim=0)
    B = torch.cat(
        [w * alpha / a.shape[0] * b for w, (a, b, alpha) in zip(weights, adapters, strict=True)],
        dim=1,
    )
    return W + B @ A


# %% right: einsum, one adapter after the other
def merge_loras(W, adapters, weights):
    out = torch.zeros_like(W)
    for i in range(len(adapters)):
        A, B, alpha = adapters[i]
        r = B.shape[1]
        out = out + torch.einsum("dr,rk->dk", B, A) * (weights[i] * alpha / r)
    return out + W


# %% right: column by column, as the adapters act on unit vectors
def merge_loras(W, adapters, weights):
    eye = torch.eye(W.shape[1], dtype=W.dtype)
    columns = W @ eye
    for w, (A, B, alpha) in zip(weights, adapters, strict=True):
        columns = columns + (w * alpha / len(A)) * (B @ (A @ eye))
    return columns


# %% wrong (q46-repair-hidden-products): the code as found, but on a copy
def merge_loras(W, adapters, weights):
    if not adapters:
        return W.clone()
    A = sum(w * a for w, (a, b, alpha) in zip(weights, adapters, strict=True))
    B = sum(w * b for w, (a, b, alpha) in zip(weights, adapters, strict=True))
    first_A, _, alpha = adapters[0]
    return W + alpha / first_A.shape[0] * B @ A


# %% wrong (q46-repair-hidden-products): square roots of the weights on the factors, the cross terms stay
def merge_loras(W, adapters, weights):
    if not adapters:
        return W.clone()
    A, B = 0, 0
    for w, (a, b, alpha) in zip(weights, adapters, strict=True):
        root = math.sqrt(abs(w) * alpha / a.shape[0])
        A, B = A + math.copysign(root, w) * a, B + root * b
    return W + B @ A


# %% wrong (q46-repair-hidden-products): the weight on one factor only, the cross terms stay
def merge_loras(W, adapters, weights):
    if not adapters:
        return W.clone()
    A = sum(a for a, b, alpha in adapters)
    B = sum(w * alpha / a.shape[0] * b for w, (a, b, alpha) in zip(weights, adapters, strict=True))
    return W + B @ A


# %% wrong (q46-repair-hidden-products): products first, but the weight on both factors
def merge_loras(W, adapters, weights):
    out = W.clone()
    for w, (A, B, alpha) in zip(weights, adapters, strict=True):
        out += alpha / A.shape[0] * ((w * B) @ (w * A))
    return out


# %% wrong (q46-repair-hidden-scales): every adapter gets the first one's scale
def merge_loras(W, adapters, weights):
    if not adapters:
        return W.clone()
    scale = adapters[0][2] / adapters[0][0].shape[0]
    return W + scale * sum(w * B @ A for w, (A, B, alpha) in zip(weights, adapters, strict=True))


# %% wrong (q46-repair-hidden-scales): alpha over the number of columns
def merge_loras(W, adapters, weights):
    out = W.clone()
    for w, (A, B, alpha) in zip(weights, adapters, strict=True):
        out += w * alpha / A.shape[-1] * (B @ A)
    return out


# %% wrong (q46-repair-hidden-scales): the scale of rank-stabilised LoRA
def merge_loras(W, adapters, weights):
    out = W.clone()
    for w, (A, B, alpha) in zip(weights, adapters, strict=True):
        out += w * alpha / math.sqrt(A.shape[0]) * (B @ A)
    return out


# %% wrong (q46-repair-hidden-copy): adds into the caller's weight
def merge_loras(W, adapters, weights):
    for w, (A, B, alpha) in zip(weights, adapters, strict=True):
        W += w * alpha / A.shape[0] * (B @ A)
    return W


# %% wrong (q46-repair-hidden-copy): everything in float64
def merge_loras(W, adapters, weights):
    out = W.double()
    for w, (A, B, alpha) in zip(weights, adapters, strict=True):
        out = out + w * alpha / A.shape[0] * (B.double() @ A.double())
    return out


# %% wrong (q46-repair-hidden-scales): whole numbers only: alpha // r
def merge_loras(W, adapters, weights):
    out = W.clone()
    for w, (A, B, alpha) in zip(weights, adapters, strict=True):
        out += w * (alpha // A.shape[0]) * (B @ A)
    return out


# %% wrong (q46-repair-hidden-copy): hands W itself back when there is no adapter
def merge_loras(W, adapters, weights):
    out = W
    for w, (A, B, alpha) in zip(weights, adapters, strict=True):
        out = out + w * alpha / A.shape[0] * (B @ A)
    return out


# %% wrong (q46-repair-hidden-copy): everything in float32
def merge_loras(W, adapters, weights):
    out = W.clone()
    for w, (A, B, alpha) in zip(weights, adapters, strict=True):
        out += w * alpha / A.shape[0] * (B @ A)
    return out.float()
