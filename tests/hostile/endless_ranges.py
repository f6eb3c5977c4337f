# ruff: noqa
# Returns a small range with a trillion numbers in it.
# points: 0
# says: MemoryError|OverflowError
# %% solution
def double(x):
    return range(-2, 10**12)
