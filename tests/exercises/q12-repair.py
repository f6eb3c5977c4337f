# %% right: cosines instead of differences
def shape_of(X, Y, t=2.0):
    X, Y = (Z / np.sqrt((Z * Z).sum(axis=1))[:, None] for Z in (X, Y))
    alignment = 2 - 2 * float((X * Y).sum(axis=1).mean())
    cosine = (X @ X.T)[np.triu_indices(len(X), 1)]
    return alignment, float(np.log(np.mean(np.exp(-t * (2 - 2 * cosine)))))


# %% right: torch's pdist, as the authors' own code does it
def shape_of(X, Y, t=2.0):
    x, y = (torch.nn.functional.normalize(torch.from_numpy(Z.copy()), dim=1) for Z in (X, Y))
    alignment = (x - y).norm(dim=1).pow(2).mean()
    uniformity = torch.pdist(x).pow(2).mul(-t).exp().mean().log()
    return alignment.item(), uniformity.item()


# %% right: both triangles, the diagonal taken out of the sum
def shape_of(X, Y, t=2.0):
    n = len(X)
    X = X / np.linalg.norm(X, axis=1, keepdims=True)
    Y = Y / np.linalg.norm(Y, axis=1, keepdims=True)
    kernel = np.exp(-t * ((X[:, None] - X[None]) ** 2).sum(axis=-1))
    return (
        float(((X - Y) ** 2).sum() / n),
        float(np.log((kernel.sum() - n) / (n * (n - 1)))),
    )


# %% wrong (q12-repair-hidden-length): pairs and logarithm mended, lengths not
def shape_of(X, Y, t=2.0):
    alignment = ((X - Y) ** 2).sum(axis=1).mean()
    squared = ((X[:, None] - X[None]) ** 2).sum(axis=-1)[np.triu_indices(len(X), 1)]
    return float(alignment), float(np.log(np.exp(-t * squared).mean()))


# %% wrong (q12-repair-hidden-length): brings X to length 1 and forgets Y
def shape_of(X, Y, t=2.0):
    X = X / np.linalg.norm(X, axis=1, keepdims=True)
    alignment = ((X - Y) ** 2).sum(axis=1).mean()
    squared = ((X[:, None] - X[None]) ** 2).sum(axis=-1)[np.triu_indices(len(X), 1)]
    return float(alignment), float(np.log(np.exp(-t * squared).mean()))


# %% wrong (q12-repair-hidden-length): normalises the caller's arrays in place
def shape_of(X, Y, t=2.0):
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    Y /= np.linalg.norm(Y, axis=1, keepdims=True)
    alignment = ((X - Y) ** 2).sum(axis=1).mean()
    squared = ((X[:, None] - X[None]) ** 2).sum(axis=-1)[np.triu_indices(len(X), 1)]
    return float(alignment), float(np.log(np.exp(-t * squared).mean()))


# %% wrong (q12-repair-hidden-length): one length for the whole matrix
def shape_of(X, Y, t=2.0):
    X, Y = X / np.linalg.norm(X), Y / np.linalg.norm(Y)
    X, Y = X * math.sqrt(len(X)), Y * math.sqrt(len(Y))
    alignment = ((X - Y) ** 2).sum(axis=1).mean()
    squared = ((X[:, None] - X[None]) ** 2).sum(axis=-1)[np.triu_indices(len(X), 1)]
    return float(alignment), float(np.log(np.exp(-t * squared).mean()))


# %% wrong (q12-repair-hidden-pairs): lengths and logarithm mended, the diagonal not
def shape_of(X, Y, t=2.0):
    X = X / np.linalg.norm(X, axis=1, keepdims=True)
    Y = Y / np.linalg.norm(Y, axis=1, keepdims=True)
    squared = ((X[:, None] - X[None]) ** 2).sum(axis=-1)
    return (
        float(((X - Y) ** 2).sum(axis=1).mean()),
        float(np.log(np.exp(-t * squared).mean())),
    )


# %% wrong (q12-repair-hidden-pairs): the triangle with its diagonal
def shape_of(X, Y, t=2.0):
    X = X / np.linalg.norm(X, axis=1, keepdims=True)
    Y = Y / np.linalg.norm(Y, axis=1, keepdims=True)
    squared = ((X[:, None] - X[None]) ** 2).sum(axis=-1)[np.triu_indices(len(X))]
    return (
        float(((X - Y) ** 2).sum(axis=1).mean()),
        float(np.log(np.exp(-t * squared).mean())),
    )


# %% wrong (q12-repair-hidden-pairs): the diagonal set to zero, but still counted
def shape_of(X, Y, t=2.0):
    X = X / np.linalg.norm(X, axis=1, keepdims=True)
    Y = Y / np.linalg.norm(Y, axis=1, keepdims=True)
    kernel = np.exp(-t * ((X[:, None] - X[None]) ** 2).sum(axis=-1))
    kernel[np.arange(len(X)), np.arange(len(X))] = 0
    return float(((X - Y) ** 2).sum(axis=1).mean()), float(np.log(kernel.mean()))


# %% wrong (q12-repair-hidden-order): lengths and pairs mended, the logarithm not
def shape_of(X, Y, t=2.0):
    X = X / np.linalg.norm(X, axis=1, keepdims=True)
    Y = Y / np.linalg.norm(Y, axis=1, keepdims=True)
    squared = ((X[:, None] - X[None]) ** 2).sum(axis=-1)[np.triu_indices(len(X), 1)]
    return (
        float(((X - Y) ** 2).sum(axis=1).mean()),
        float(np.log(np.exp(-t * squared)).mean()),
    )


# %% wrong (q12-repair-hidden-order): the distance instead of its square in the exponent
def shape_of(X, Y, t=2.0):
    X = X / np.linalg.norm(X, axis=1, keepdims=True)
    Y = Y / np.linalg.norm(Y, axis=1, keepdims=True)
    squared = ((X[:, None] - X[None]) ** 2).sum(axis=-1)[np.triu_indices(len(X), 1)]
    return (
        float(((X - Y) ** 2).sum(axis=1).mean()),
        float(np.log(np.exp(-t * np.sqrt(squared)).mean())),
    )


# %% wrong (q12-repair-hidden-order): lengths mended only, the mean of the logarithms of all N² pairs
def shape_of(X, Y, t=2.0):
    X = X / np.linalg.norm(X, axis=1, keepdims=True)
    Y = Y / np.linalg.norm(Y, axis=1, keepdims=True)
    squared = ((X[:, None] - X[None]) ** 2).sum(axis=-1)
    return (
        float(((X - Y) ** 2).sum(axis=1).mean()),
        float(np.log(np.exp(-t * squared)).mean()),
    )
