# %% right: torch's normalize
def truncate_matryoshka(X, m):
    if m < 1 or m > X.shape[1]:
        raise ValueError("m")
    return torch.nn.functional.normalize(torch.tensor(X[:, :m]), dim=1).numpy()


# %% right: row by row
def truncate_matryoshka(X, m):
    N, d = X.shape
    if not 0 < m <= d:
        raise ValueError(f"m={m}, d={d}")
    out = np.zeros((N, m))
    for i in range(N):
        length = math.sqrt(sum(x * x for x in X[i, :m]))
        if length > 0:
            out[i] = X[i, :m] / length
    return out


# %% right: a copy, normalised in place
def truncate_matryoshka(X, m):
    if m not in range(1, X.shape[1] + 1):
        raise ValueError("no such length")
    head = X[:, :m].copy()
    length = np.sqrt(np.einsum("nm,nm->n", head, head))
    head[length > 0] /= length[length > 0, None]
    return head


# %% wrong (q12-truncate-hidden-length): cut, and not normalised again
def truncate_matryoshka(X, m):
    if not 1 <= m <= X.shape[1]:
        raise ValueError("m")
    return X[:, :m].copy()


# %% wrong (q12-truncate-hidden-length): normalised before the cut
def truncate_matryoshka(X, m):
    if not 1 <= m <= X.shape[1]:
        raise ValueError("m")
    length = np.linalg.norm(X, axis=1, keepdims=True)
    return (X / np.where(length > 0, length, 1))[:, :m]


# %% wrong (q12-truncate-hidden-length): at full length nothing is done
def truncate_matryoshka(X, m):
    if not 1 <= m <= X.shape[1]:
        raise ValueError("m")
    if m == X.shape[1]:
        return X.copy()
    length = np.linalg.norm(X[:, :m], axis=1, keepdims=True)
    return X[:, :m] / np.where(length > 0, length, 1)


# %% wrong (q12-truncate-hidden-length): the last m coordinates
def truncate_matryoshka(X, m):
    if not 1 <= m <= X.shape[1]:
        raise ValueError("m")
    tail = X[:, -m:]
    length = np.linalg.norm(tail, axis=1, keepdims=True)
    return tail / np.where(length > 0, length, 1)


# %% wrong (q12-truncate-hidden-length): the first m rows
def truncate_matryoshka(X, m):
    if not 1 <= m <= X.shape[1]:
        raise ValueError("m")
    head = X[:m]
    length = np.linalg.norm(head, axis=1, keepdims=True)
    return head / np.where(length > 0, length, 1)


# %% wrong (q12-truncate-hidden-length): one length for all rows
def truncate_matryoshka(X, m):
    if not 1 <= m <= X.shape[1]:
        raise ValueError("m")
    head = X[:, :m]
    return head / max(np.linalg.norm(head), 1e-12)


# %% wrong (q12-truncate-hidden-edges): zeros divided by zero
def truncate_matryoshka(X, m):
    if not 1 <= m <= X.shape[1]:
        raise ValueError("m")
    with np.errstate(invalid="ignore"):
        return X[:, :m] / np.linalg.norm(X[:, :m], axis=1, keepdims=True)


# %% wrong (q12-truncate-hidden-edges): takes any m, as slices do
def truncate_matryoshka(X, m):
    head = X[:, :m]
    length = np.linalg.norm(head, axis=1, keepdims=True)
    return head / np.where(length > 0, length, 1)


# %% wrong (q12-truncate-hidden-edges): normalises the slice in place, which is a view
def truncate_matryoshka(X, m):
    if not 1 <= m <= X.shape[1]:
        raise ValueError("m")
    head = X[:, :m]
    length = np.linalg.norm(head, axis=1, keepdims=True)
    head /= np.where(length > 0, length, 1)
    return head
