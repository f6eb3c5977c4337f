# ruff: noqa
# Returns objects that lie about what they are.
# points: 0
# cpu: 0.3 s
# says: the sign is lost
# says: text is doubled too
# says: takes for ever to look at|CPU time
# %% solution
import numpy as np


class Liar:
    __class__ = property(lambda self: {int: int, float: float}.get(int))
    __eq__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __bool__ = lambda self: True
    __array__ = lambda self, *a, **k: np.array([-2.0, 4.0])
    __getattr__ = lambda self, name: lambda *a, **k: self
    __len__ = lambda self: 2
    __getitem__ = lambda self, key: self
    __contains__ = lambda self, item: True
    __float__ = lambda self: -6.0
    __index__ = __int__ = lambda self: -6
    __iter__ = lambda self: iter([self, self])
    __call__ = lambda self, *a, **k: self
    __hash__ = lambda self: 0


def double(x):
    return Liar()
