# ruff: noqa
# Prints without end.
# points: 4
# cpu: 0.3 s
# says: left out
# says: CpuTimeLimit
# %% solution
def double(x):
    return 2 * x


while True:
    print("flood " * 50)
