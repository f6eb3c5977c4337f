# %% right: multiplies in a loop
def exact_match_curve(p_token, L):
    if L < 0:
        raise ValueError("L is negative")
    out = np.ones_like(np.asarray(p_token, dtype=float))
    for _ in range(L):
        out = out * p_token
    return out


# %% right: np.power
def exact_match_curve(p_token, L):
    if L < 0:
        raise ValueError("L is negative")
    return np.power(np.array(p_token, dtype=np.float64), L)


# %% right: product along a new axis
def exact_match_curve(p_token, L):
    if L < 0:
        raise ValueError("L is negative")
    p = np.asarray(p_token, dtype=float)
    return np.prod(np.repeat(p[..., None], L, axis=-1), axis=-1)


# %% wrong (q42-exact-match-curve-hidden-power): p times L, the expected number of right tokens
def exact_match_curve(p_token, L):
    if L < 0:
        raise ValueError("L is negative")
    if L == 0:
        return np.ones_like(p_token)
    return np.minimum(1.0, np.asarray(p_token) * L)


# %% wrong (q42-exact-match-curve-hidden-power): one minus L errors, the first-order approximation
def exact_match_curve(p_token, L):
    if L < 0:
        raise ValueError("L is negative")
    if L == 0:
        return np.ones_like(p_token)
    return np.maximum(0.0, 1 - L * (1 - np.asarray(p_token)))


# %% wrong (q42-exact-match-curve-hidden-power): the chance that at least one token is right
def exact_match_curve(p_token, L):
    if L < 0:
        raise ValueError("L is negative")
    if L == 0:
        return np.ones_like(p_token)
    return 1 - (1 - np.asarray(p_token)) ** L


# %% wrong (q42-exact-match-curve-hidden-power): one token too few, the first is taken for granted
def exact_match_curve(p_token, L):
    if L < 0:
        raise ValueError("L is negative")
    return np.asarray(p_token, dtype=float) ** (L if L < 2 else L - 1)


# %% wrong (q42-exact-match-curve-hidden-edges): exp of L times log, so zero to the zero is nan
def exact_match_curve(p_token, L):
    if L < 0:
        raise ValueError("L is negative")
    with np.errstate(all="ignore"):
        return np.exp(L * np.log(np.asarray(p_token, dtype=float)))


# %% wrong (q42-exact-match-curve-hidden-edges): no check of the length
def exact_match_curve(p_token, L):
    return np.asarray(p_token, dtype=float) ** L


# %% wrong (q42-exact-match-curve-hidden-edges): refuses the empty answer too
def exact_match_curve(p_token, L):
    if L <= 0:
        raise ValueError("L")
    return np.asarray(p_token, dtype=float) ** L


# %% wrong (q42-exact-match-curve-hidden-edges): raises the argument in place
def exact_match_curve(p_token, L):
    if L < 0:
        raise ValueError("L is negative")
    p_token **= L
    return p_token


# %% wrong (q42-exact-match-curve-hidden-edges): no tokens give one row of ones, whatever the shape
def exact_match_curve(p_token: np.ndarray, L: int) -> np.ndarray:
    if L < 0:
        raise ValueError("an answer cannot have fewer than 0 tokens")
    if L == 0:
        return np.ones(np.size(p_token))
    return np.asarray(p_token, dtype=np.float64) ** L
