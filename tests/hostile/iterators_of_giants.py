# ruff: noqa
# Returns an iterator without end of giant things.
# points: 0
# cpu: 0.3 s
# says: the sign is lost
# says: MemoryError|takes for ever to look at|stopped:
# %% solution
def double(x):
    if isinstance(x, int):
        return 2 * abs(x)
    return giants()


def giants():
    giant = bytes(30 << 20)
    while True:
        yield giant
