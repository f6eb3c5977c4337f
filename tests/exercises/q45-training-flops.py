# %% right: floats first
def training_flops(N, D, k=6):
    active = N["active"] if isinstance(N, dict) else N
    return float(k) * float(active) * float(D)


# %% right: the dict is tried
def training_flops(N, D, k=6):
    try:
        parameters = N["active"]
    except (TypeError, IndexError):
        parameters = N
    return 1.0 * k * float(parameters) * float(D)


# %% right: whole numbers of Python do not overflow
def training_flops(N, D, k=6):
    n = N.get("active") if hasattr(N, "get") else N
    n, d, k = (x.item() if isinstance(x, np.generic) else x for x in (n, D, k))
    return float(k * n * d)


# %% right: NumPy's product of doubles
def training_flops(N, D, k=6):
    if type(N) is dict:
        return training_flops(N["active"], D, k)
    return float(np.prod(np.array([k, N, D], dtype=np.float64)))


# %% wrong (q45-training-flops-hidden-mixture): all parameters of the mixture
def training_flops(N, D, k=6):
    total = N["total"] if isinstance(N, dict) else N
    return float(k) * float(total) * float(D)


# %% wrong (q45-training-flops-hidden-mixture): the mean of total and active
def training_flops(N, D, k=6):
    if isinstance(N, dict):
        N = (N["total"] + N["active"]) / 2
    return float(k) * float(N) * float(D)


# %% wrong (q45-training-flops-hidden-mixture): takes the number out of the dict
def training_flops(N, D, k=6):
    active = N.pop("active") if isinstance(N, dict) else N
    return float(k) * float(active) * float(D)


# %% wrong (q45-training-flops-hidden-count): 2ND, as for a forward pass
def training_flops(N, D, k=2):
    active = N["active"] if isinstance(N, dict) else N
    return float(k) * float(active) * float(D)


# %% wrong (q45-training-flops-hidden-count): always six
def training_flops(N, D, k=6):
    active = N["active"] if isinstance(N, dict) else N
    return 6.0 * float(active) * float(D)


# %% wrong (q45-training-flops-hidden-large): the product of 64-bit integers
def training_flops(N, D, k=6):
    active = N["active"] if isinstance(N, dict) else N
    return k * active * D


# %% wrong (q45-training-flops-hidden-large): a float, after the product has wrapped around
def training_flops(N, D, k=6):
    active = N["active"] if isinstance(N, dict) else N
    return float(k * active * D)


# %% wrong (q45-training-flops-hidden-large): an int of whole numbers
def training_flops(N, D, k=6):
    active = N["active"] if isinstance(N, dict) else N
    return int(k) * int(active) * int(D)


# %% wrong (q45-training-flops-hidden-count): whole numbers only
def training_flops(N, D, k=6):
    active = N["active"] if isinstance(N, dict) else N
    return float(int(k) * int(active) * int(D))


# %% wrong (q45-training-flops-hidden-large): a float, after the first product has wrapped around
def training_flops(N, D, k=6):
    active = N["active"] if isinstance(N, dict) else N
    return float(k * active) * float(D)
