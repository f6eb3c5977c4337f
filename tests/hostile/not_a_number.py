# ruff: noqa
# Returns what is unequal to itself, as number, key and item.
# points: 0
# says: the sign is lost
# says: text is doubled too
# says: arrays
# %% solution
import numpy as np

nan = float("nan")


def double(x):
    if isinstance(x, int):
        return {nan: nan, float("nan"): -6}
    if isinstance(x, str):
        return [nan, {nan}, (nan,)]
    return np.full(2, nan)
