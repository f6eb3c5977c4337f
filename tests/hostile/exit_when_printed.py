# ruff: noqa
# Returns objects that end the process when they are printed.
# points: 0
# says: the sign is lost
# says: stopped: it ended its own process
# %% solution
import os


class Bomb:
    __repr__ = __str__ = lambda self: os._exit(66)


def double(x):
    return Bomb()
