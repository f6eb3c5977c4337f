# %% right: einsum, the scale on A
def merge(W, A, B, alpha, r):
    return W + torch.einsum("dr,rk->dk", B, A * (alpha / r))


# %% right: a copy, then in place
def merge(W, A, B, alpha, r):
    out = W.clone()
    out += B.matmul(A) * alpha / r
    return out


# %% right: sum of outer products
def merge(W, A, B, alpha, r):
    update = torch.zeros_like(W)
    for i in range(r):
        update = update + torch.outer(B[:, i], A[i])
    return W + update * (alpha / r)


# %% right: addmm
def merge(W, A, B, alpha, r):
    return torch.addmm(W, B, A, alpha=alpha / r)


# %% wrong (q16-merge-hidden-same): no scale
def merge(W, A, B, alpha, r):
    return W + B @ A


# %% wrong (q16-merge-hidden-same): A and B swapped raises
def merge(W, A, B, alpha, r):
    return W + (alpha / r) * (A @ B)


# %% wrong (q16-merge-hidden-same): the update transposed raises
def merge(W, A, B, alpha, r):
    return W + (alpha / r) * (A.T @ B.T)


# %% wrong (q16-merge-hidden-same): the scale of rsLoRA
def merge(W, A, B, alpha, r):
    return W + alpha / r**0.5 * (B @ A)


# %% wrong (q16-merge-hidden-same): only the update
def merge(W, A, B, alpha, r):
    return (alpha / r) * (B @ A)


# %% wrong (q16-merge-hidden-same): the scale on both factors
def merge(W, A, B, alpha, r):
    s = alpha / r
    return W + (s * B) @ (s * A)


# %% wrong (q16-merge-hidden-arguments): in place
def merge(W, A, B, alpha, r):
    W += (alpha / r) * (B @ A)
    return W


# %% wrong (q16-merge-hidden-arguments): the scale is written into B
def merge(W, A, B, alpha, r):
    B *= alpha / r
    return W + B @ A
