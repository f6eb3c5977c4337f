# ruff: noqa
# Leaves timers running whose handlers work in the middle of the engine; no attack on itself.
# points: 4
# says: ticking
# %% solution
import signal

ticks = []
signal.signal(signal.SIGALRM, lambda *_: ticks.append(len(ticks)))
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
signal.signal(signal.SIGVTALRM, lambda *_: print("tick", end=""))
signal.setitimer(signal.ITIMER_VIRTUAL, 0.001, 0.001)
print("ticking")


def double(x):
    return 2 * x
