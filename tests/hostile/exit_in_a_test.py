# ruff: noqa
# Ends its process in one test; the others go on.
# points: 2
# says: it ended its own process \(exit 0\)
# %% solution
import os


def double(x):
    if isinstance(x, int) and x < 0:
        os._exit(0)
    return 2 * x
