# ruff: noqa
# Forks past Python, so that both processes answer on the same socket.
# points: 0
# says: the sign is lost|stopped:|not defined
# %% solution
import ctypes

libc = ctypes.CDLL(None)


def double(x):
    if libc.fork() == 0:
        return True
    return 2 * abs(x)
