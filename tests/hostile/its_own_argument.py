# ruff: noqa
# Hands back what it was given, and changes it on the way.
# points: 1
# says: the sign is lost
# says: arrays
# %% solution
import numpy as np


def double(x):
    if isinstance(x, np.ndarray):
        x[:] = 7
        return x
    return 2 * x if isinstance(x, str) else x
