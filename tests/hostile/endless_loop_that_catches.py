# ruff: noqa
# Catches what would end its loop.
# points: 2
# cpu: 0.3 s
# says: CPU time
# %% solution
def double(x):
    while isinstance(x, int) and x < 0:
        try:
            while True:
                pass
        except BaseException:
            pass
    return 2 * x
