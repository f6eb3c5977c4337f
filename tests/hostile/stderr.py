# ruff: noqa
# Warns and writes to stderr: no attack, and it costs nothing.
# points: 4
# says: DeprecationWarning
# says: a line of noise
# %% solution
import sys, warnings

warnings.simplefilter("always")
warnings.warn("old", DeprecationWarning)
print("a line of noise", file=sys.stderr)


def double(x):
    warnings.warn("old", DeprecationWarning)
    print("noise in a test", file=sys.stderr)
    return 2 * x
