# ruff: noqa
# Writes one giant file.
# points: 4
# says: File too large
# %% solution
def double(x):
    return 2 * x


with open("giant", "wb") as file:
    while True:
        file.write(bytes(1 << 20))
