# ruff: noqa
# Announces a message and never sends it.
# points: 2
# wall: 3 s
# says: it waited for too long
# %% solution
import os, socket, stat


def border():
    for name in os.listdir("/proc/self/fd"):
        try:
            if int(name) > 2 and stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                return int(name)
        except OSError:
            pass


def double(x):
    if isinstance(x, int) and x < 0:
        os.write(border(), b"\xff\xff\xff\x00" + b"x" * 1000)
    return 2 * x
