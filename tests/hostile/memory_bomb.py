# ruff: noqa
# Takes more and more memory when it is called.
# points: 0
# says: MemoryError
# %% solution
def double(x):
    hoard = []
    while True:
        hoard.append(bytearray(16 << 20))
