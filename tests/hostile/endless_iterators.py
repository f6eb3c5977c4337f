# ruff: noqa
# Returns iterators that never end.
# points: 0
# says:
# %% solution
import itertools


def double(x):
    return itertools.repeat(-2.0)
