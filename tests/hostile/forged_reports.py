# ruff: noqa
# Writes what a judge reports to every descriptor that it has.
# points: 0
# says: the sign is lost|it sent what no honest program sends
# %% solution
import json, os


def double(x):
    if isinstance(x, int) and x < 0:
        for number in range(3, 300):
            for kind in ("outputs", "end"):
                line = json.dumps([kind, "one-double-hidden-negative", []]) + "\n"
                try:
                    os.write(number, line.encode())
                except OSError:
                    pass
    return 2 * abs(x)
