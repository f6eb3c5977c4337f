# ruff: noqa
# Returns objects that run code when they are printed, compared, copied or decoded.
# points: 0
# says: the sign is lost
# says: text is doubled too
# %% solution
import os


def bang(self, *a, **k):
    os._exit(66)


class Bomb:
    __reduce__ = __reduce_ex__ = __getstate__ = __setstate__ = __copy__ = __deepcopy__ = bang
    __eq__ = __hash__ = __format__ = __dir__ = bang
    __repr__ = __str__ = lambda self: "boom"


def double(x):
    return Bomb()
