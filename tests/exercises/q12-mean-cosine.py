# %% right: the length of the sum, without a matrix of pairs
def mean_cosine(X):
    n = len(X)
    if n < 2:
        raise ValueError("two rows at least")
    length = np.sqrt((X**2).sum(axis=1))
    U = np.divide(X, length[:, None], out=np.zeros_like(X), where=length[:, None] > 0)
    total = U.sum(axis=0)
    return float((total @ total - np.count_nonzero(length)) / (n * (n - 1)))


# %% right: pair by pair
def mean_cosine(X):
    if len(X) < 2:
        raise ValueError("no pair")
    found = []
    for i in range(len(X)):
        for j in range(i + 1, len(X)):
            both = np.linalg.norm(X[i]) * np.linalg.norm(X[j])
            found.append(X[i] @ X[j] / both if both else 0.0)
    return sum(found) / len(found)


# %% right: torch, the diagonal taken out of the sum
def mean_cosine(X):
    if X.shape[0] < 2:
        raise ValueError("X needs two rows")
    U = torch.nn.functional.normalize(torch.from_numpy(X), dim=1)
    S = U @ U.T
    n = len(U)
    return float((S.sum() - S.trace()) / (n * n - n))


# %% wrong (q12-mean-cosine-hidden-pairs): averages the whole matrix, each row with itself too
def mean_cosine(X):
    if len(X) < 2:
        raise ValueError("two rows at least")
    length = np.linalg.norm(X, axis=1, keepdims=True)
    U = X / np.where(length > 0, length, 1)
    return float((U @ U.T).mean())


# %% wrong (q12-mean-cosine-hidden-pairs): dot products, not cosines
def mean_cosine(X):
    if len(X) < 2:
        raise ValueError("two rows at least")
    return float((X @ X.T)[np.triu_indices(len(X), 1)].mean())


# %% wrong (q12-mean-cosine-hidden-pairs): the triangle with its diagonal
def mean_cosine(X):
    if len(X) < 2:
        raise ValueError("two rows at least")
    length = np.linalg.norm(X, axis=1, keepdims=True)
    U = X / np.where(length > 0, length, 1)
    return float((U @ U.T)[np.triu_indices(len(X))].mean())


# %% wrong (q12-mean-cosine-hidden-pairs): neighbours only
def mean_cosine(X):
    if len(X) < 2:
        raise ValueError("two rows at least")
    length = np.linalg.norm(X, axis=1, keepdims=True)
    U = X / np.where(length > 0, length, 1)
    return float((U[1:] * U[:-1]).sum(axis=1).mean())


# %% wrong (q12-mean-cosine-hidden-pairs): the size of the cosines, without their signs
def mean_cosine(X):
    if len(X) < 2:
        raise ValueError("two rows at least")
    length = np.linalg.norm(X, axis=1, keepdims=True)
    U = X / np.where(length > 0, length, 1)
    return float(np.abs(U @ U.T)[np.triu_indices(len(X), 1)].mean())


# %% wrong (q12-mean-cosine-hidden-pairs): subtracts the mean first, so that no cone is left
def mean_cosine(X):
    if len(X) < 2:
        raise ValueError("two rows at least")
    X = X - X.mean(axis=0)
    length = np.linalg.norm(X, axis=1, keepdims=True)
    U = X / np.where(length > 0, length, 1)
    return float((U @ U.T)[np.triu_indices(len(X), 1)].mean())


# %% wrong (q12-mean-cosine-hidden-pairs): normalises the caller's array in place
def mean_cosine(X):
    if len(X) < 2:
        raise ValueError("two rows at least")
    length = np.linalg.norm(X, axis=1, keepdims=True)
    X /= np.where(length > 0, length, 1)
    return float((X @ X.T)[np.triu_indices(len(X), 1)].mean())


# %% wrong (q12-mean-cosine-hidden-edges): a row of zeros gives NaN
def mean_cosine(X):
    if len(X) < 2:
        raise ValueError("two rows at least")
    with np.errstate(invalid="ignore"):
        U = X / np.linalg.norm(X, axis=1, keepdims=True)
    return float((U @ U.T)[np.triu_indices(len(X), 1)].mean())


# %% wrong (q12-mean-cosine-hidden-edges): the short formula with n rows of length 1, zeros too
def mean_cosine(X):
    n = len(X)
    if n < 2:
        raise ValueError("two rows at least")
    length = np.linalg.norm(X, axis=1, keepdims=True)
    total = (X / np.where(length > 0, length, 1)).sum(axis=0)
    return float((total @ total - n) / (n * (n - 1)))


# %% wrong (q12-mean-cosine-hidden-edges): leaves rows of zeros out
def mean_cosine(X):
    if len(X) < 2:
        raise ValueError("two rows at least")
    length = np.linalg.norm(X, axis=1)
    U = X[length > 0] / length[length > 0, None]
    if len(U) < 2:
        return 0.0
    return float((U @ U.T)[np.triu_indices(len(U), 1)].mean())


# %% wrong (q12-mean-cosine-hidden-edges): one row counts as mean 1
def mean_cosine(X):
    if len(X) < 2:
        return 1.0
    length = np.linalg.norm(X, axis=1, keepdims=True)
    U = X / np.where(length > 0, length, 1)
    return float((U @ U.T)[np.triu_indices(len(X), 1)].mean())
