# ruff: noqa
# Makes files until there is no room for another name.
# points: 4
# says: No space left on device
# %% solution
def double(x):
    return 2 * x


import os

os.mkdir("many")
for number in range(10**6):
    os.close(os.open(f"many/{number}", os.O_CREAT | os.O_WRONLY))
