# ruff: noqa
# Calls back for ever.
# points: 2
# cpu: 0.3 s
# says: stopped: |CPU time
# %% solution
import gc


def double(x):
    peer = next(o for o in gc.get_objects() if type(o).__name__ == "Peer")
    while isinstance(x, int) and x < 0:
        try:
            peer.request("nothing")
        except LookupError:
            pass
    return 2 * x
