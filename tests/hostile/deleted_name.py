# ruff: noqa
# Deletes the solution's name.
# points: 0
# says: name 'double' is not defined
# %% solution
def double(x):
    return 2 * x


del double
