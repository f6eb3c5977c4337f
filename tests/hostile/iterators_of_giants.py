# ruff: noqa
# Returns an iterator without end of giant things.
# points: 0
# says:
# %% solution
def double(x):
    if isinstance(x, int):
        return 2 * abs(x)
    return giants()


def giants():
    giant = bytes(30 << 20)
    while True:
        yield giant
