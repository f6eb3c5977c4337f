# ruff: noqa
# Redefines print, len and str, honestly.
# points: 4
# says:
# %% solution
def print(*_):
    raise SystemError("no")


def len(_):
    return 0


str = 5


def double(x):
    return 2 * x
