# %% right: slices and concatenation
def split_heads(x, n_heads):
    if x.shape[-1] % n_heads != 0:
        raise ValueError("n_heads")
    return np.stack(np.split(x, n_heads, axis=-1), axis=-3)


def merge_heads(x):
    return np.concatenate([x[..., h, :, :] for h in range(x.shape[-3])], axis=-1)


# %% right: moveaxis
def split_heads(x, n_heads):
    d, rest = divmod(x.shape[-1], n_heads)
    if rest:
        raise ValueError("n_heads does not divide the width")
    return np.moveaxis(x.reshape(x.shape[:-1] + (n_heads, d)), -2, -3)


def merge_heads(x):
    y = np.moveaxis(x, -3, -2)
    return y.reshape(y.shape[:-2] + (-1,))


# %% right: einops by hand: einsum as a transposition
def split_heads(x, n_heads):
    if x.shape[-1] % n_heads:
        raise ValueError("no whole heads")
    y = x.reshape(*x.shape[:-1], n_heads, -1)
    return np.einsum("...thd->...htd", y)


def merge_heads(x):
    y = np.einsum("...htd->...thd", x)
    return y.reshape(*y.shape[:-2], y.shape[-2] * y.shape[-1])


# %% wrong (q02-heads-hidden-split): reshapes and does not transpose
def split_heads(x, n_heads):
    *lead, T, D = x.shape
    if D % n_heads:
        raise ValueError("heads do not divide the width")
    return x.reshape(*lead, n_heads, T, D // n_heads)


def merge_heads(x):
    *lead, n_heads, T, d = x.shape
    return np.swapaxes(x, -2, -3).reshape(*lead, T, n_heads * d)


# %% wrong (q02-heads-hidden-split): every n-th column belongs to a head
def split_heads(x, n_heads):
    *lead, T, D = x.shape
    if D % n_heads:
        raise ValueError("heads do not divide the width")
    return np.moveaxis(x.reshape(*lead, T, D // n_heads, n_heads), -1, -3)


def merge_heads(x):
    *lead, n_heads, T, d = x.shape
    return np.swapaxes(x, -2, -3).reshape(*lead, T, n_heads * d)


# %% wrong (q02-heads-hidden-split): leaves out columns when the heads do not divide the width
def split_heads(x, n_heads):
    *lead, T, D = x.shape
    if D % n_heads:
        D = D - D % n_heads
    x = x[..., :D]
    return np.swapaxes(x.reshape(*lead, T, n_heads, D // n_heads), -2, -3)


def merge_heads(x):
    *lead, n_heads, T, d = x.shape
    return np.swapaxes(x, -2, -3).reshape(*lead, T, n_heads * d)


# %% wrong (q02-heads-hidden-split): forgets to bring the heads in front of the tokens
def split_heads(x, n_heads):
    *lead, T, D = x.shape
    if D % n_heads:
        raise ValueError("heads do not divide the width")
    return x.reshape(*lead, T, n_heads, D // n_heads)


def merge_heads(x):
    *lead, n_heads, T, d = x.shape
    return np.swapaxes(x, -2, -3).reshape(*lead, T, n_heads * d)


# %% wrong (q02-heads-hidden-merge): merges with a reshape alone
def split_heads(x, n_heads):
    *lead, T, D = x.shape
    if D % n_heads:
        raise ValueError("heads do not divide the width")
    return np.swapaxes(x.reshape(*lead, T, n_heads, D // n_heads), -2, -3)


def merge_heads(x):
    *lead, n_heads, T, d = x.shape
    return x.reshape(*lead, T, n_heads * d)


# %% wrong (q02-heads-hidden-merge): interleaves the heads
def split_heads(x, n_heads):
    *lead, T, D = x.shape
    if D % n_heads:
        raise ValueError("heads do not divide the width")
    return np.swapaxes(x.reshape(*lead, T, n_heads, D // n_heads), -2, -3)


def merge_heads(x):
    *lead, n_heads, T, d = x.shape
    return np.moveaxis(x, -3, -1).reshape(*lead, T, n_heads * d)


# %% wrong (q02-heads-hidden-merge): swaps the wrong pair of axes
def split_heads(x, n_heads):
    *lead, T, D = x.shape
    if D % n_heads:
        raise ValueError("heads do not divide the width")
    return np.swapaxes(x.reshape(*lead, T, n_heads, D // n_heads), -2, -3)


def merge_heads(x):
    *lead, n_heads, T, d = x.shape
    return np.swapaxes(x, -1, -2).reshape(*lead, T, n_heads * d)


# %% wrong (q02-heads-hidden-batch): counts the axes from the front
def split_heads(x, n_heads):
    *lead, T, D = x.shape
    if D % n_heads:
        raise ValueError("heads do not divide the width")
    return np.swapaxes(x.reshape(*lead, T, n_heads, D // n_heads), 0, 1)


def merge_heads(x):
    *lead, n_heads, T, d = x.shape
    return np.swapaxes(x, 0, 1).reshape(*lead, T, n_heads * d)


# %% wrong (q02-heads-hidden-batch): uses .T, which turns all axes round
def split_heads(x, n_heads):
    *lead, T, D = x.shape
    if D % n_heads:
        raise ValueError("heads do not divide the width")
    return np.swapaxes(x.reshape(*lead, T, n_heads, D // n_heads), -2, -3)


def merge_heads(x):
    *lead, n_heads, T, d = x.shape
    return x.transpose(*reversed(range(x.ndim - 1)), -1).reshape(*lead, T, n_heads * d)
