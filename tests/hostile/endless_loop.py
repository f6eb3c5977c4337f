# ruff: noqa
# Never comes back from a call.
# points: 0
# cpu: 0.3 s
# says: it used up its CPU time
# %% solution
def double(x):
    while True:
        pass
