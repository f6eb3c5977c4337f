# ruff: noqa
# Forks in a test, so that two processes come back from it.
# points: 4
# says: forks
# %% solution
import os

print("forks")


def double(x):
    os.fork()
    return 2 * x
