# ruff: noqa
# Raises exceptions that cannot be shown.
# points: 0
# says: Unshowable
# says: stopped:
# %% solution
class Unshowable(Exception):
    def __str__(self):
        raise ValueError("no text")

    __repr__ = __str__


class Fatal(Exception):
    def __str__(self):
        raise SystemExit(5)

    __repr__ = __str__


def double(x):
    raise Unshowable() if isinstance(x, int) else Fatal()
