# ruff: noqa
# Writes without end, past Python, when called.
# points: 0
# says: File too large|CPU time
# %% solution
import os


def double(x):
    while True:
        os.write(1, b"flood " * 1000)
