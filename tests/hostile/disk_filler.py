# ruff: noqa
# Fills the disk.
# points: 4
# says: No space left on device
# %% solution
def double(x):
    return 2 * x


for number in range(10_000):
    with open(f"{number}", "wb") as file:
        file.write(bytes(1 << 20))
