# ruff: noqa
# Ends its process before there is a solution.
# points: 0
# says: it ended its own process \(exit 3\)
# %% solution
import os

os._exit(3)


def double(x):
    return 2 * x
