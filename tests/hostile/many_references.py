# ruff: noqa
# Returns a small value that is giant to look at.
# points: 0
# cpu: 0.3 s
# says: too large to cross the border|CPU time
# %% solution
def double(x):
    value = ["x"]
    for _ in range(60):
        value = [value, value]
    return value
