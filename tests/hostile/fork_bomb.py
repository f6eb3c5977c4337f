# ruff: noqa
# Forks for ever.
# points: 0
# cpu: 0.3 s
# says: stopped: it (used more|waited)
# %% solution
import os

while True:
    try:
        os.fork()
    except OSError:
        pass


def double(x):
    return 2 * x
