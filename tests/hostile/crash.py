# ruff: noqa
# Crashes in C.
# points: 0
# says: its process was killed
# %% solution
import ctypes

ctypes.string_at(0)


def double(x):
    return 2 * x
