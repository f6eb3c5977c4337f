# ruff: noqa
# Returns values that are nested very deeply, or contain themselves.
# points: 0
# says: levels deep
# %% solution
def double(x):
    value = []
    if isinstance(x, str):
        value.append(value)
        return value
    for _ in range(100_000):
        value = [value]
    return value
