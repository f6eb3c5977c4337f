# ruff: noqa
# Leaves a timer whose handler raises in the middle of the engine.
# points: 0
# says: Error|stopped:|not defined|the sign is lost
# %% solution
import signal


def ring(*_):
    raise AssertionError("rrring")


def double(x):
    return 2 * abs(x)


signal.signal(signal.SIGALRM, ring)
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
