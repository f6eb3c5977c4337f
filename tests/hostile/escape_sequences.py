# ruff: noqa
# Writes letters that command a terminal, in a flood, in output and errors.
# points: 0
# says: shown
# says: rred
# %% solution
red = "\x1b[31m\x1b]0;owned\x07\x1b[2J\x9b5n\u202e"
print("shown" + red * 10_000)


def double(x):
    raise ValueError("rred" + red * 10_000)
