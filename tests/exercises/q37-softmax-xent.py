# %% right: row by row, with a loop
def softmax_xent(logits, y):
    N, V = logits.shape
    loss, grad = 0.0, np.zeros((N, V))
    for i in range(N):
        m = max(logits[i])
        e = [math.exp(v - m) for v in logits[i]]
        s = sum(e)
        loss += m + math.log(s) - logits[i, y[i]]
        for k in range(V):
            grad[i, k] = (e[k] / s - (k == y[i])) / N
    return loss / N, grad


# %% right: a one-hot matrix
def softmax_xent(logits, y):
    N, V = logits.shape
    target = np.eye(V)[y]
    m = logits.max(axis=1, keepdims=True)
    lse = m + np.log(np.exp(logits - m).sum(axis=1, keepdims=True))
    loss = ((lse - logits) * target).sum() / N
    return loss, (np.exp(logits - lse) - target) / N


# %% right: np.logaddexp.reduce
def softmax_xent(logits, y):
    lse = np.logaddexp.reduce(logits, axis=-1)
    picked = np.take_along_axis(logits, np.asarray(y)[:, None], axis=1)[:, 0]
    grad = np.exp(logits - lse[:, None])
    grad[range(len(y)), y] -= 1.0
    grad /= len(y)
    return np.mean(lse - picked), grad


# %% wrong (q37-softmax-xent-hidden-loss): the sum over rows
def softmax_xent(logits, y):
    rows = np.arange(len(y))
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    dlogits = np.exp(log_p)
    dlogits[rows, y] -= 1
    return -log_p[rows, y].sum(), dlogits / len(y)


# %% wrong (q37-softmax-xent-hidden-loss): log in base 2
def softmax_xent(logits, y):
    rows = np.arange(len(y))
    z = logits - logits.max(axis=1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    loss = -(z[rows, y] / math.log(2) - np.log2(np.exp(z).sum(axis=1))).mean()
    p[rows, y] -= 1
    return loss, p / len(y)


# %% wrong (q37-softmax-xent-hidden-loss): averages over all entries
def softmax_xent(logits, y):
    N, V = logits.shape
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    target = np.eye(V)[y]
    return -(log_p * target).mean(), (np.exp(log_p) - target) / N


# %% wrong (q37-softmax-xent-hidden-loss): the columns of all targets instead of one entry per row
def softmax_xent(logits, y):
    N, V = logits.shape
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -log_p[:, y].mean(), (np.exp(log_p) - np.eye(V)[y]) / N


# %% wrong (q37-softmax-xent-hidden-gradient): the gradient is not divided by N
def softmax_xent(logits, y):
    rows = np.arange(len(y))
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    dlogits = np.exp(log_p)
    dlogits[rows, y] -= 1
    return -log_p[rows, y].mean(), dlogits


# %% wrong (q37-softmax-xent-hidden-gradient): divided by N V
def softmax_xent(logits, y):
    rows = np.arange(len(y))
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    dlogits = np.exp(log_p)
    dlogits[rows, y] -= 1
    return -log_p[rows, y].mean(), dlogits / logits.size


# %% wrong (q37-softmax-xent-hidden-gradient): the sign turned round
def softmax_xent(logits, y):
    N, V = logits.shape
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    target = np.eye(V)[y]
    return -(log_p * target).sum() / N, (target - np.exp(log_p)) / N


# %% wrong (q37-softmax-xent-hidden-gradient): the gradient of log p alone, only at the target
def softmax_xent(logits, y):
    N, V = logits.shape
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    target = np.eye(V)[y]
    return -(log_p * target).sum() / N, -(1 - np.exp(log_p)) * target / N


# %% wrong (q37-softmax-xent-hidden-gradient): the gradient with respect to the probabilities
def softmax_xent(logits, y):
    N, V = logits.shape
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    target = np.eye(V)[y]
    return -(log_p * target).sum() / N, -target / np.maximum(np.exp(log_p), 1e-300) / N


# %% wrong (q37-softmax-xent-hidden-gradient): subtracts 1 in every target's column
def softmax_xent(logits, y):
    rows = np.arange(len(y))
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    dlogits = np.exp(log_p)
    dlogits[:, y] -= 1
    return -log_p[rows, y].mean(), dlogits / len(y)


# %% wrong (q37-softmax-xent-hidden-gradient): softmax over the batch instead of the vocabulary
def softmax_xent(logits, y):
    rows = np.arange(len(y))
    z = logits - logits.max(axis=0, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=0, keepdims=True))
    dlogits = np.exp(log_p)
    dlogits[rows, y] -= 1
    return -log_p[rows, y].mean(), dlogits / len(y)


# %% wrong (q37-softmax-xent-hidden-extreme): no maximum subtracted
def softmax_xent(logits, y):
    rows = np.arange(len(y))
    with np.errstate(all="ignore"):
        p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        loss = -np.log(p[rows, y]).mean()
    p[rows, y] -= 1
    return loss, p / len(y)


# %% wrong (q37-softmax-xent-hidden-extreme): the maximum of the whole batch subtracted
def softmax_xent(logits, y):
    rows = np.arange(len(y))
    z = logits - logits.max()
    with np.errstate(all="ignore"):
        log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    dlogits = np.exp(log_p)
    dlogits[rows, y] -= 1
    return -log_p[rows, y].mean(), dlogits / len(y)


# %% wrong (q37-softmax-xent-hidden-extreme): the logarithm of a probability that underflowed
def softmax_xent(logits, y):
    rows = np.arange(len(y))
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        loss = -np.log(p[rows, y]).mean()
    p[rows, y] -= 1
    return loss, p / len(y)


# %% wrong (q37-softmax-xent-hidden-extreme): clips the probability before the logarithm
def softmax_xent(logits, y):
    rows = np.arange(len(y))
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(np.clip(p[rows, y], 1e-12, 1)).mean()
    p[rows, y] -= 1
    return loss, p / len(y)


# %% wrong (q37-softmax-xent-hidden-extreme): subtracts the maximum in place
def softmax_xent(logits, y):
    rows = np.arange(len(y))
    logits -= logits.max(axis=1, keepdims=True)
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    dlogits = np.exp(log_p)
    dlogits[rows, y] -= 1
    return -log_p[rows, y].mean(), dlogits / len(y)
