# ruff: noqa
# Never comes back from a call.
# points: 0
# says: it used up its CPU time
# %% solution
def double(x):
    while True:
        pass
