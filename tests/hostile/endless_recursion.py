# ruff: noqa
# Recurses without end, with the limit turned off.
# points: 0
# says: stopped:
# %% solution
import sys

sys.setrecursionlimit(2**31 - 1)


def down():
    return eval("down()")


down()


def double(x):
    return 2 * x
