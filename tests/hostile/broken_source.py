# ruff: noqa
# Holds what no Python can read.
# points: 0
# says: SyntaxError|ValueError|null byte
# %% solution
def double(x):
    return 2 * x


# @null@
