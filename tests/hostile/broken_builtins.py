# ruff: noqa
# Replaces builtins that its own side cannot do without.
# points: 0
# says: it ended its own process|what no honest program sends|not defined
# %% solution
import builtins

builtins.sum = builtins.all = builtins.any = builtins.list = builtins.tuple = builtins.dict = (
    builtins.type
) = lambda *a: None


def double(x):
    return 2 * x
