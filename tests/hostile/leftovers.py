# ruff: noqa
# Leaves code for the end: finalizers, exit functions, hooks of forks; no attack on itself.
# points: 4
# says: left
# %% solution
import atexit, os, sys, threading, weakref


class Last:
    def __init__(self):
        self.me = self

    def __del__(self):
        raise SystemExit("from __del__")


def late(*_):
    os._exit(77)


for _ in range(100):
    Last()
kept = Last()
atexit.register(late)
threading._register_atexit(late)
weakref.finalize(kept, late)
os.register_at_fork(before=lambda: print("before"), after_in_child=lambda: os._exit(78))
sys.unraisablehook = lambda *_: None
print("left")


def double(x):
    Last()
    return 2 * x
