# ruff: noqa
# Pushes its own messages through the engine's objects.
# points: 0
# says: the sign is lost|stopped
# %% solution
import gc


def double(x):
    peer = next(o for o in gc.get_objects() if type(o).__name__ == "Peer")
    peer._line.send(b"!", ("done", None, None, "", []), peer._line.dumps(-6))
    peer._line.send(b"!", ("done", None, (1, 1), "", [(1, 10**6)]), b"R\0\0\0\0")
    return 2 * abs(x)
