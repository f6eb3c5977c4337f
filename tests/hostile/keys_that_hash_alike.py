# ruff: noqa
# Returns dicts whose keys all have the same hash.
# points: 2
# says: it sent what no honest program sends
# %% solution
def double(x):
    if isinstance(x, int) and x < 0:
        return {i * (2**61 - 1): None for i in range(1, 2_000)}
    return 2 * x
