# ruff: noqa
# Gives the solution's name to something else.
# points: 0
# says: not callable
# %% solution
double = 4
