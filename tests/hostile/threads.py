# ruff: noqa
# Leaves threads at work that print and look around; no attack on itself.
# points: 4
# says:
# %% solution
import threading, time


def walk():
    while True:
        print("still here")
        time.sleep(0.01)


for daemon in (True, False):
    threading.Thread(target=walk, daemon=daemon).start()


def double(x):
    return 2 * x
