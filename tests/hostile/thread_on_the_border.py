# ruff: noqa
# Leaves a thread that writes garbage to the grader.
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


import threading, time


def write():
    while True:
        os.write(border(), b"\x01\0\0\0?")
        time.sleep(0.01)


threading.Thread(target=write).start()


def double(x):
    return 2 * abs(x)
