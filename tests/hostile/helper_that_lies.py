# ruff: noqa
# Swears that nothing was changed, from the helpers' side.
# points: 0
# says: the sign is lost
# %% solution
from course import testing
from course.testing import effects, there

for name in list(there._helpers):
    there._helpers[name] = lambda *a, **k: True
effects._unchanged = lambda *a: True


def double(x):
    return 2 * abs(x)
