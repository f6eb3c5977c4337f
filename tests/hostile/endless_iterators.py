# ruff: noqa
# Returns iterators that never end.
# points: 0
# cpu: 0.3 s
# says: takes for ever to look at|CPU time
# %% solution
import itertools


def double(x):
    return itertools.repeat(-2.0)
