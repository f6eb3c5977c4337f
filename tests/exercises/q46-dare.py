# %% right: a mask of kept entries times the rescaled change
def dare(delta, p, rng):
    if p < 0 or p >= 1:
        raise ValueError("p")
    mask = rng.binomial(1, 1 - p, size=np.shape(delta))
    return np.asarray(delta, dtype=float) * mask / (1 - p)


# %% right: entry by entry
def dare(delta, p, rng):
    if not (p >= 0 and p < 1):
        raise ValueError("p must lie in [0, 1)")
    out = np.array(delta, dtype=np.float64)
    for i in np.ndindex(out.shape):
        out[i] = 0.0 if rng.uniform() < p else out[i] / (1 - p)
    return out


# %% right: a choice of two factors
def dare(delta, p, rng):
    if p >= 1 or p < 0:
        raise ValueError("a probability below 1, please")
    factors = rng.choice([0.0, 1.0 / (1.0 - p)], p=[p, 1.0 - p], size=np.shape(delta))
    return factors * np.asarray(delta, dtype=np.float64)


# %% wrong (q46-dare-hidden-rate): takes p for the density
def dare(delta, p, rng):
    if not 0 <= p < 1:
        raise ValueError("p")
    if p == 0:
        return np.array(delta, dtype=float)
    return np.where(rng.random(np.shape(delta)) < p, np.asarray(delta, dtype=float) / p, 0.0)


# %% wrong (q46-dare-hidden-rate): forgets to rescale
def dare(delta, p, rng):
    if not 0 <= p < 1:
        raise ValueError("p")
    return np.where(rng.random(np.shape(delta)) >= p, np.asarray(delta, dtype=float), 0.0)


# %% wrong (q46-dare-hidden-rate): divides by p
def dare(delta, p, rng):
    if not 0 <= p < 1:
        raise ValueError("p")
    if p == 0:
        return np.array(delta, dtype=float)
    return np.where(rng.random(np.shape(delta)) >= p, np.asarray(delta, dtype=float) / p, 0.0)


# %% wrong (q46-dare-hidden-rate): rescales to the sum before, not by 1 / (1 - p)
def dare(delta, p, rng):
    if not 0 <= p < 1:
        raise ValueError("p")
    x = np.asarray(delta, dtype=float)
    kept = np.where(rng.random(x.shape) >= p, x, 0.0)
    return kept * (abs(x).sum() / max(abs(kept).sum(), 1e-12)) if p else x.copy()


# %% wrong (q46-dare-hidden-independent): drops exactly the share p, so entries depend on each other
def dare(delta, p, rng):
    if not 0 <= p < 1:
        raise ValueError("p")
    x = np.array(delta, dtype=np.float64)
    out = x.reshape(-1) / (1 - p)
    out[rng.permutation(out.size)[: round(p * out.size)]] = 0
    return out.reshape(x.shape)


# %% wrong (q46-dare-hidden-independent): one draw for each row
def dare(delta, p, rng):
    if not 0 <= p < 1:
        raise ValueError("p")
    x = np.array(delta, dtype=np.float64)
    stays = rng.random(x.shape[:1]) >= p
    return x * stays.reshape(-1, *[1] * (x.ndim - 1)) / (1 - p) if x.ndim else x * stays / (1 - p)


# %% wrong (q46-dare-hidden-independent): a generator of its own, with the same seed at every call
def dare(delta, p, rng):
    if not 0 <= p < 1:
        raise ValueError("p")
    own = np.random.default_rng(0)
    return np.where(own.random(np.shape(delta)) >= p, np.asarray(delta, dtype=float) / (1 - p), 0.0)


# %% wrong (q46-dare-hidden-independent): NumPy's global generator
def dare(delta, p, rng):
    if not 0 <= p < 1:
        raise ValueError("p")
    return np.where(
        np.random.random(np.shape(delta)) >= p, np.asarray(delta, dtype=float) / (1 - p), 0.0
    )


# %% wrong (q46-dare-hidden-contract): writes into the caller's change
def dare(delta, p, rng):
    if not 0 <= p < 1:
        raise ValueError("p")
    delta[rng.random(delta.shape) < p] = 0
    return delta / (1 - p)


# %% wrong (q46-dare-hidden-contract): divides by zero at p = 1 instead of refusing
def dare(delta, p, rng):
    with np.errstate(all="ignore"):
        return np.where(
            rng.random(np.shape(delta)) >= p, np.asarray(delta, dtype=float) / (1 - p), 0.0
        )


# %% wrong (q46-dare-hidden-contract): hands the caller's array back at p = 0
def dare(delta, p, rng):
    if not 0 <= p < 1:
        raise ValueError("p")
    if p == 0:
        return delta
    return np.where(rng.random(np.shape(delta)) >= p, np.asarray(delta, dtype=float) / (1 - p), 0.0)


# %% wrong (q46-dare-hidden-contract): float64 at p = 0, but the caller's own array if it has that already
def dare(delta, p, rng):
    if not 0 <= p < 1:
        raise ValueError("p")
    if p == 0:
        return np.asarray(delta, dtype=np.float64)
    return np.where(rng.random(np.shape(delta)) >= p, np.asarray(delta, dtype=float) / (1 - p), 0.0)
