# ruff: noqa
# Never gets to the end of its cell; the solution stands before the loop.
# points: 4
# cpu: 0.3 s
# says: CpuTimeLimit
# %% solution
def double(x):
    return 2 * x


while True:
    pass
