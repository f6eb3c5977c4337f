# ruff: noqa
# Asks the grader for services and objects that it does not have.
# points: 0
# says: the sign is lost|stopped
# %% solution
import gc

asked = []


def double(x):
    peer = next(o for o in gc.get_objects() if type(o).__name__ == "Peer")
    for name in ("lookup", "run_cell", "begin", "testing", "eval"):
        try:
            asked.append(peer.request(name, "double"))
        except Exception as error:
            asked.append(type(error).__name__)
    for number in (1, 2, 3, 10**9):
        try:
            asked.append(peer.ask("get", number, ("source",), {}))
        except Exception as error:
            asked.append(type(error).__name__)
    return 2 * abs(x)
