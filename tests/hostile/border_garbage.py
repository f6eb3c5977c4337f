# ruff: noqa
# Writes garbage to the grader's socket.
# points: 0
# says: it sent what no honest program sends
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
    os.write(border(), b"\x20\0\0\0" + b"garbage!" * 4)
    return 2 * x
