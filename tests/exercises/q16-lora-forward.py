# %% right: einsum
def lora_forward(x, W, A, B, alpha, r):
    frozen = torch.einsum("...k,dk->...d", x, W.detach())
    low = torch.einsum("...k,rk->...r", x, A)
    return frozen + torch.einsum("...r,dr->...d", low, B) * alpha / r


# %% right: the merged matrix, formed at once
def lora_forward(x, W, A, B, alpha, r):
    with torch.no_grad():
        frozen = W.clone()
    return x @ (frozen + (alpha / r) * torch.matmul(B, A)).T


# %% right: torch.nn.functional.linear twice
def lora_forward(x, W, A, B, alpha, r):
    linear = torch.nn.functional.linear
    scale = alpha / r
    return torch.add(linear(x, W.data), linear(linear(x * scale, A), B))


# %% right: sum over the ranks
def lora_forward(x, W, A, B, alpha, r):
    out = x @ W.detach().T
    for i in range(A.shape[0]):
        out = out + alpha / r * (x @ A[i]).unsqueeze(-1) * B[:, i]
    return out


# %% wrong (q16-lora-forward-hidden-scale): no scale
def lora_forward(x, W, A, B, alpha, r):
    return x @ W.detach().T + x @ A.T @ B.T


# %% wrong (q16-lora-forward-hidden-scale): the scale of rsLoRA
def lora_forward(x, W, A, B, alpha, r):
    return x @ W.detach().T + alpha / math.sqrt(r) * (x @ A.T @ B.T)


# %% wrong (q16-lora-forward-hidden-scale): alpha alone
def lora_forward(x, W, A, B, alpha, r):
    return x @ W.detach().T + alpha * (x @ A.T @ B.T)


# %% wrong (q16-lora-forward-hidden-scale): the frozen part scaled as well
def lora_forward(x, W, A, B, alpha, r):
    return (alpha / r) * (x @ (W.detach() + B @ A).T)


# %% wrong (q16-lora-forward-hidden-scale): integer division
def lora_forward(x, W, A, B, alpha, r):
    return x @ W.detach().T + (alpha // r) * (x @ A.T @ B.T)


# %% wrong (q16-lora-forward-hidden-value): A and B swapped raises
def lora_forward(x, W, A, B, alpha, r):
    return x @ W.detach().T + (alpha / r) * (x @ B @ A)


# %% wrong (q16-lora-forward-hidden-value): transposes for a matrix only, written as W @ x.T raises
def lora_forward(x, W, A, B, alpha, r):
    return (W.detach() @ x.T + (alpha / r) * (B @ (A @ x.T))).T


# %% wrong (q16-lora-forward-hidden-frozen): the weight is not detached
def lora_forward(x, W, A, B, alpha, r):
    return x @ W.T + (alpha / r) * (x @ A.T @ B.T)


# %% wrong (q16-lora-forward-hidden-frozen): the frozen part without any gradient
def lora_forward(x, W, A, B, alpha, r):
    with torch.no_grad():
        frozen = x @ W.T
    return frozen + (alpha / r) * (x @ A.T @ B.T)


# %% wrong (q16-lora-forward-hidden-frozen): the update is written into W
def lora_forward(x, W, A, B, alpha, r):
    with torch.no_grad():
        W += (alpha / r) * (B @ A)
    return x @ W.detach().T


# %% wrong (q16-lora-forward-hidden-value): float32 throughout
def lora_forward(x, W, A, B, alpha, r):
    x, W, A, B = x.float(), W.detach().float(), A.float(), B.float()
    return x @ W.T + (alpha / r) * (x @ A.T @ B.T)
