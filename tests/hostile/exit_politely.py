# ruff: noqa
# Calls exit(), which does nothing here.
# points: 4
# says: exit\(\) does nothing
# %% solution
def double(x):
    return 2 * x


exit()
