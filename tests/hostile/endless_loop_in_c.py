# ruff: noqa
# Never comes back from C.
# points: 2
# cpu: 0.3 s
# says: it used more CPU time than it may
# %% solution
def double(x):
    return sum(range(10**13)) if isinstance(x, int) and x < 0 else 2 * x
