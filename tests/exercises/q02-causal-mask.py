# %% right: tril twice
def causal_mask(n_queries, n_keys=None, window=None):
    if n_keys is None:
        n_keys = n_queries
    if n_queries > n_keys or (window is not None and window < 1):
        raise ValueError("impossible sizes")
    mask = np.tril(np.ones((n_queries, n_keys), dtype=bool), n_keys - n_queries)
    if window is not None:
        mask &= ~np.tril(mask, n_keys - n_queries - window)
    return mask


# %% right: with loops
def causal_mask(n_queries, n_keys=None, window=None):
    m = n_queries if n_keys is None else n_keys
    if n_queries > m:
        raise ValueError("more queries than positions")
    if window is not None and window <= 0:
        raise ValueError("empty window")
    rows = []
    for p in range(m - n_queries, m):
        first = 0 if window is None else max(0, p - window + 1)
        rows.append([first <= j <= p for j in range(m)])
    return np.array(rows)


# %% right: the last rows of the square mask, distance to the key
def causal_mask(n_queries, n_keys=None, window=None):
    n_keys = n_queries if n_keys is None else n_keys
    window = n_keys if window is None else window
    if n_keys < n_queries or window < 1:
        raise ValueError("no such mask")
    distance = np.subtract.outer(np.arange(n_keys), np.arange(n_keys))
    return ((distance >= 0) & (distance < window))[n_keys - n_queries :]


# %% wrong (q02-causal-mask-hidden-square): strict: a token does not see itself
def causal_mask(n_queries, n_keys=None, window=None):
    if n_keys is None:
        n_keys = n_queries
    if n_queries > n_keys or (window is not None and window < 1):
        raise ValueError("impossible sizes")
    mask = np.tril(np.ones((n_queries, n_keys), dtype=bool), n_keys - n_queries - 1)
    if window is not None:
        mask &= ~np.tril(mask, n_keys - n_queries - window)
    return mask


# %% wrong (q02-causal-mask-hidden-square): True means masked
def causal_mask(n_queries, n_keys=None, window=None):
    if n_keys is None:
        n_keys = n_queries
    if n_queries > n_keys or (window is not None and window < 1):
        raise ValueError("impossible sizes")
    mask = np.tril(np.ones((n_queries, n_keys), dtype=bool), n_keys - n_queries)
    if window is not None:
        mask &= ~np.tril(mask, n_keys - n_queries - window)
    return ~mask


# %% wrong (q02-causal-mask-hidden-square): zeros and ones instead of truth values
def causal_mask(n_queries, n_keys=None, window=None):
    if n_keys is None:
        n_keys = n_queries
    if n_queries > n_keys or (window is not None and window < 1):
        raise ValueError("impossible sizes")
    mask = np.tril(np.ones((n_queries, n_keys), dtype=bool), n_keys - n_queries)
    if window is not None:
        mask &= ~np.tril(mask, n_keys - n_queries - window)
    return mask.astype(float)


# %% wrong (q02-causal-mask-hidden-square): the float mask that is added to scores
def causal_mask(n_queries, n_keys=None, window=None):
    if n_keys is None:
        n_keys = n_queries
    if n_queries > n_keys or (window is not None and window < 1):
        raise ValueError("impossible sizes")
    mask = np.tril(np.ones((n_queries, n_keys), dtype=bool), n_keys - n_queries)
    if window is not None:
        mask &= ~np.tril(mask, n_keys - n_queries - window)
    return np.where(mask, 0.0, -np.inf)


# %% wrong (q02-causal-mask-hidden-offset): the triangle starts in the upper left corner
def causal_mask(n_queries, n_keys=None, window=None):
    if n_keys is None:
        n_keys = n_queries
    if n_queries > n_keys or (window is not None and window < 1):
        raise ValueError("impossible sizes")
    mask = np.tril(np.ones((n_queries, n_keys), dtype=bool))
    if window is not None:
        mask &= ~np.tril(mask, -window)
    return mask


# %% wrong (q02-causal-mask-hidden-offset): fewer queries than keys: everything allowed
def causal_mask(n_queries, n_keys=None, window=None):
    if n_keys is None:
        n_keys = n_queries
    if n_queries > n_keys or (window is not None and window < 1):
        raise ValueError("impossible sizes")
    mask = np.tril(np.ones((n_queries, n_keys), dtype=bool), n_keys - n_queries)
    if n_queries < n_keys:
        mask[:] = True
    if window is not None:
        mask &= ~np.tril(mask, n_keys - n_queries - window)
    return mask


# %% wrong (q02-causal-mask-hidden-offset): accepts more queries than keys
def causal_mask(n_queries, n_keys=None, window=None):
    if n_keys is None:
        n_keys = n_queries
    if window is not None and window < 1:
        raise ValueError("impossible sizes")
    mask = np.tril(np.ones((n_queries, n_keys), dtype=bool), n_keys - n_queries)
    if window is not None:
        mask &= ~np.tril(mask, n_keys - n_queries - window)
    return mask


# %% wrong (q02-causal-mask-hidden-window): a window of W counts the W before the token
def causal_mask(n_queries, n_keys=None, window=None):
    if n_keys is None:
        n_keys = n_queries
    if n_queries > n_keys or (window is not None and window < 1):
        raise ValueError("impossible sizes")
    mask = np.tril(np.ones((n_queries, n_keys), dtype=bool), n_keys - n_queries)
    if window is not None:
        mask &= ~np.tril(mask, n_keys - n_queries - window - 1)
    return mask


# %% wrong (q02-causal-mask-hidden-window): a window of W sees W - 1 positions
def causal_mask(n_queries, n_keys=None, window=None):
    if n_keys is None:
        n_keys = n_queries
    if n_queries > n_keys or (window is not None and window < 1):
        raise ValueError("impossible sizes")
    mask = np.tril(np.ones((n_queries, n_keys), dtype=bool), n_keys - n_queries)
    if window is not None:
        mask &= ~np.tril(mask, n_keys - n_queries - window + 1)
    return mask


# %% wrong (q02-causal-mask-hidden-window): ignores the window
def causal_mask(n_queries, n_keys=None, window=None):
    if n_keys is None:
        n_keys = n_queries
    if n_queries > n_keys or (window is not None and window < 1):
        raise ValueError("impossible sizes")
    mask = np.tril(np.ones((n_queries, n_keys), dtype=bool), n_keys - n_queries)
    return mask


# %% wrong (q02-causal-mask-hidden-window): a window of 0 means none
def causal_mask(n_queries, n_keys=None, window=None):
    if n_keys is None:
        n_keys = n_queries
    if n_queries > n_keys:
        raise ValueError("impossible sizes")
    mask = np.tril(np.ones((n_queries, n_keys), dtype=bool), n_keys - n_queries)
    if window and window > 0:
        mask &= ~np.tril(mask, n_keys - n_queries - window)
    return mask


# %% wrong (q02-causal-mask-hidden-offset): takes 0 keys for None
def causal_mask(n_queries, n_keys=None, window=None):
    if not n_keys:
        n_keys = n_queries
    if n_queries > n_keys or (window is not None and window < 1):
        raise ValueError("impossible sizes")
    mask = np.tril(np.ones((n_queries, n_keys), dtype=bool), n_keys - n_queries)
    if window is not None:
        mask &= ~np.tril(mask, n_keys - n_queries - window)
    return mask
