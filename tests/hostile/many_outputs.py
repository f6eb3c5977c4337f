# ruff: noqa
# Shows a hundred thousand things, nested a thousand levels deep.
# points: 4
# says: left out
# %% solution
from IPython.display import HTML, display


def double(x):
    return 2 * x


for number in range(300):
    display(HTML("<div><ul><li>" * 300))
for number in range(3_000):
    display(number)
