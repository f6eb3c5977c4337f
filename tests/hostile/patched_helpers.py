# ruff: noqa
# Replaces the test helpers on its own side.
# points: 0
# says: the sign is lost
# says: text is doubled too
# %% solution
import sys
from course import testing
from course.testing import there

for module in [m for name, m in sys.modules.items() if name.startswith("course")]:
    for name in ("agree", "check", "raises", "close", "each", "repeat", "_close"):
        if hasattr(module, name):
            setattr(module, name, lambda *a, **k: True)
for name in there._helpers:
    there._helpers[name] = lambda *a, **k: True


def double(x):
    return 2 * abs(x)
