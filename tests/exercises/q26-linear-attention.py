# %% right: the matrix after the step, from outer products
def linear_attention_gd(X, Y, xq, eta):
    W = np.zeros((Y.shape[1], X.shape[1]))
    for x, y in zip(X, Y, strict=True):
        W = W + eta * np.outer(y, x)
    return W @ xq


# %% right: autograd takes the step
def linear_attention_gd(X, Y, xq, eta):
    X, Y, xq = (torch.tensor(a, dtype=torch.float64) for a in (X, Y, xq))
    W = torch.zeros(Y.shape[1], X.shape[1], dtype=torch.float64, requires_grad=True)
    loss = 0.5 * ((X @ W.T - Y) ** 2).sum()
    loss.backward()
    return ((W - eta * W.grad) @ xq).detach().numpy()


# %% right: einsum, three factors at once
def linear_attention_gd(X, Y, xq, eta):
    return eta * np.einsum("nd,nm,d->m", X, Y, xq)


# %% right: fast weights, the sum of value times key
def linear_attention_gd(X, Y, xq, eta):
    return (eta * Y.T @ X) @ xq


# %% right: the gradient written out at a W of zeros, prediction errors and all
def linear_attention_gd(X, Y, xq, eta):
    W = np.zeros((Y.shape[1], X.shape[1]))
    errors = X @ W.T - Y
    return (W - eta * errors.T @ X) @ xq


# %% wrong (q26-linear-attention-hidden-sum): the mean over the examples
def linear_attention_gd(X, Y, xq, eta):
    return eta * (X @ xq) @ Y / max(len(X), 1)


# %% wrong (q26-linear-attention-hidden-step): the loss without its half, so twice the step
def linear_attention_gd(X, Y, xq, eta):
    return 2 * eta * (X @ xq) @ Y


# %% wrong (q26-linear-attention-hidden-linear): softmax over the scores, as in a transformer
def linear_attention_gd(X, Y, xq, eta):
    scores = X @ xq
    weights = np.exp(scores - scores.max(initial=0.0))
    return eta * (weights / max(weights.sum(), 1e-300)) @ Y


# %% wrong (q26-linear-attention-hidden-step): scores divided by the root of d
def linear_attention_gd(X, Y, xq, eta):
    return eta * (X @ xq / math.sqrt(X.shape[1])) @ Y


# %% wrong (q26-linear-attention-hidden-step): steps up the gradient
def linear_attention_gd(X, Y, xq, eta):
    W = np.zeros((Y.shape[1], X.shape[1]))
    gradient = (X @ W.T - Y).T @ X
    return (W + eta * gradient) @ xq


# %% wrong (q26-linear-attention-hidden-linear): cosine similarity for scores
def linear_attention_gd(X, Y, xq, eta):
    lengths = np.linalg.norm(X, axis=1) * np.linalg.norm(xq)
    return eta * (X @ xq / np.maximum(lengths, 1e-12)) @ Y


# %% wrong (q26-linear-attention-hidden-sum): the weights of the examples made to sum to 1
def linear_attention_gd(X, Y, xq, eta):
    scores = X @ xq
    total = scores.sum()
    return eta * (scores / (total if abs(total) > 1e-12 else 1.0)) @ Y


# %% wrong (q26-linear-attention-hidden-pairs): one step for each example, each from the W before
def linear_attention_gd(X, Y, xq, eta):
    W = np.zeros((Y.shape[1], X.shape[1]))
    for x, y in zip(X, Y, strict=True):
        W -= eta * np.outer(W @ x - y, x)
    return W @ xq


# %% wrong (q26-linear-attention-hidden-sum): the least-squares solution, not one step towards it
def linear_attention_gd(X, Y, xq, eta):
    return np.linalg.pinv(X).dot(Y).T @ xq if len(X) else np.zeros(Y.shape[1])


# %% wrong (q26-linear-attention-hidden-pairs): scales the caller's targets in place
def linear_attention_gd(X, Y, xq, eta):
    Y *= (X @ xq)[:, None]
    return eta * Y.sum(axis=0)


# %% wrong (q26-linear-attention-hidden-sum): no example, so one number in place of m
def linear_attention_gd(X, Y, xq, eta):
    total = 0.0
    for x, y in zip(X, Y, strict=True):
        total = total + eta * (x @ xq) * y
    return total


# %% wrong (q26-linear-attention-hidden-pairs): sorts the examples by score, but not their labels
def linear_attention_gd(X, Y, xq, eta):
    return eta * np.sort(X @ xq)[::-1] @ Y
