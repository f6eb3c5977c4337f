# %% right: mended in place
def rope_angles(pos, d, trained, length, method="plain", theta=10000.0):
    scale = max(1.0, length / trained)
    if method == "linear":
        pos = pos / scale
    elif method == "ntk":
        theta = theta * scale ** (d / (d - 2))
    inv_freq = theta ** (-np.arange(0, d, 2) / d)
    return np.outer(pos, inv_freq)


# %% right: rates scaled instead of positions and base
def rope_angles(pos, d, trained, length, method="plain", theta=10000.0):
    s = length / trained if length > trained else 1.0
    i = np.arange(d // 2)
    rates = theta ** (-2.0 * i / d)
    if method == "linear":
        rates = rates / s
    if method == "ntk":
        rates = rates * s ** (-2.0 * i / (d - 2))
    return np.asarray(pos, dtype=np.float64)[:, None] * rates[None, :]


# %% right: the base from the condition on the slowest pair, in torch
def rope_angles(pos, d, trained, length, method="plain", theta=10000.0):
    factor = max(length, trained) / trained
    positions = torch.tensor(np.asarray(pos), dtype=torch.float64)
    last = d // 2 - 1
    base = theta
    if method == "ntk":
        slowest = theta ** (-2 * last / d) / factor
        base = slowest ** (-d / (2 * last))
    if method == "linear":
        positions = positions / factor
    exponent = torch.arange(0, d, 2, dtype=torch.float64) / d
    return torch.outer(positions, base**-exponent).numpy()


# %% wrong (q05-repair-hidden-linear): positions still multiplied
def rope_angles(pos, d, trained, length, method="plain", theta=10000.0):
    scale = max(1.0, length / trained)
    if method == "linear":
        pos = pos * scale
    elif method == "ntk":
        theta = theta * scale ** (d / (d - 2))
    inv_freq = theta ** (-np.arange(0, d, 2) / d)
    return np.outer(pos, inv_freq)


# %% wrong (q05-repair-hidden-linear): whole positions after the division
def rope_angles(pos, d, trained, length, method="plain", theta=10000.0):
    scale = max(1.0, length / trained)
    if method == "linear":
        pos = pos // scale
    elif method == "ntk":
        theta = theta * scale ** (d / (d - 2))
    inv_freq = theta ** (-np.arange(0, d, 2) / d)
    return np.outer(pos, inv_freq)


# %% wrong (q05-repair-hidden-linear): positions beyond the trained length cut off
def rope_angles(pos, d, trained, length, method="plain", theta=10000.0):
    scale = max(1.0, length / trained)
    if method == "linear":
        pos = np.minimum(pos, trained - 1)
    elif method == "ntk":
        theta = theta * scale ** (d / (d - 2))
    inv_freq = theta ** (-np.arange(0, d, 2) / d)
    return np.outer(pos, inv_freq)


# %% wrong (q05-repair-hidden-linear): divides in place
def rope_angles(pos, d, trained, length, method="plain", theta=10000.0):
    scale = max(1.0, length / trained)
    if method == "linear":
        pos[:] = pos // scale
    elif method == "ntk":
        theta = theta * scale ** (d / (d - 2))
    inv_freq = theta ** (-np.arange(0, d, 2) / d)
    return np.outer(pos, inv_freq)


# %% wrong (q05-repair-hidden-ntk): the base times the scale
def rope_angles(pos, d, trained, length, method="plain", theta=10000.0):
    scale = max(1.0, length / trained)
    if method == "linear":
        pos = pos / scale
    elif method == "ntk":
        theta = theta * scale
    inv_freq = theta ** (-np.arange(0, d, 2) / d)
    return np.outer(pos, inv_freq)


# %% wrong (q05-repair-hidden-ntk): the exponent upside down
def rope_angles(pos, d, trained, length, method="plain", theta=10000.0):
    scale = max(1.0, length / trained)
    if method == "linear":
        pos = pos / scale
    elif method == "ntk":
        theta = theta * scale ** ((d - 2) / d)
    inv_freq = theta ** (-np.arange(0, d, 2) / d)
    return np.outer(pos, inv_freq)


# %% wrong (q05-repair-hidden-ntk): divides the base
def rope_angles(pos, d, trained, length, method="plain", theta=10000.0):
    scale = max(1.0, length / trained)
    if method == "linear":
        pos = pos / scale
    elif method == "ntk":
        theta = theta / scale ** (d / (d - 2))
    inv_freq = theta ** (-np.arange(0, d, 2) / d)
    return np.outer(pos, inv_freq)


# %% wrong (q05-repair-hidden-ntk): positions divided as well
def rope_angles(pos, d, trained, length, method="plain", theta=10000.0):
    scale = max(1.0, length / trained)
    if method == "linear":
        pos = pos / scale
    elif method == "ntk":
        pos = pos / scale
        theta = theta * scale ** (d / (d - 2))
    inv_freq = theta ** (-np.arange(0, d, 2) / d)
    return np.outer(pos, inv_freq)


# %% wrong (q05-repair-hidden-scale): whole scale factors only
def rope_angles(pos, d, trained, length, method="plain", theta=10000.0):
    scale = max(1, length // trained)
    if method == "linear":
        pos = pos / scale
    elif method == "ntk":
        theta = theta * scale ** (d / (d - 2))
    inv_freq = theta ** (-np.arange(0, d, 2) / d)
    return np.outer(pos, inv_freq)


# %% wrong (q05-repair-hidden-scale): short texts are stretched
def rope_angles(pos, d, trained, length, method="plain", theta=10000.0):
    scale = length / trained
    if method == "linear":
        pos = pos / scale
    elif method == "ntk":
        theta = theta * scale ** (d / (d - 2))
    inv_freq = theta ** (-np.arange(0, d, 2) / d)
    return np.outer(pos, inv_freq)


# %% wrong (q05-repair-hidden-scale): rounded up
def rope_angles(pos, d, trained, length, method="plain", theta=10000.0):
    scale = max(1, math.ceil(length / trained))
    if method == "linear":
        pos = pos / scale
    elif method == "ntk":
        theta = theta * scale ** (d / (d - 2))
    inv_freq = theta ** (-np.arange(0, d, 2) / d)
    return np.outer(pos, inv_freq)


# %% wrong (q05-repair-hidden-linear): nothing mended
def rope_angles(pos, d, trained, length, method="plain", theta=10000.0):
    scale = length // trained
    if method == "linear":
        pos = pos * scale
    elif method == "ntk":
        theta = theta * scale
    inv_freq = theta ** (-np.arange(0, d, 2) / d)
    return np.outer(pos, inv_freq)
