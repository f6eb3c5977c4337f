# ruff: noqa
# Prints without end.
# points: 4
# says: left out
# says: CpuTimeLimit
# %% solution
def double(x):
    return 2 * x


while True:
    print("flood " * 50)
