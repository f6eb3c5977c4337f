# ruff: noqa
# Turns the clock's signals off, then loops.
# points: 0
# cpu: 0.3 s
# says: it used more CPU time than it may
# %% solution
import signal

for number in (signal.SIGPROF, signal.SIGXCPU, signal.SIGALRM, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
signal.setitimer(signal.ITIMER_PROF, 0)
while True:
    pass


def double(x):
    return 2 * x
