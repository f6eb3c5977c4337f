# ruff: noqa
# Leaves processes behind.
# points: 4
# says: left behind
# %% solution
import os, subprocess

subprocess.Popen(["sleep", "@mark@"])
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execvp("sleep", ["sleep", "@mark@"])
    os._exit(0)
print("left behind")


def double(x):
    return 2 * x
