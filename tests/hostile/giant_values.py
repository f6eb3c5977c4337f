# ruff: noqa
# Returns values that are too large.
# points: 0
# says: too large to cross the border
# %% solution
import numpy as np


def double(x):
    if isinstance(x, int):
        return bytes(80 << 20)
    if isinstance(x, str):
        return [0, "1"] * 2_000_000
    return np.zeros(80 << 20, np.uint8)
