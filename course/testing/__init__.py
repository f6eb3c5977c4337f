"""What test cells use: the same meaning in a plain notebook and while grading.

Test cells treat a learner's function as a black box, values in and values out, and talk to it
through these helpers. Random test data comes from `rng` and from nowhere else. An assertion's
message names the likely mistake; the data that showed it travels beside the message, in a `Case`.

Examples
--------
>>> from course import testing
>>> def double(x):
...     return 2 * x
>>> testing.agree(double, [((3,), 6), ((-1,), -2)], "double means times two")
>>> testing.check(testing.close(double(0.1), 0.2), "fractions are doubled too")
"""

from course.testing.calls import each, make, repeat, value_and_grad
from course.testing.cases import Case, Mismatch, agree, check, raises, show
from course.testing.compare import close
from course.testing.effects import leaves_arguments, leaves_globals
from course.testing.given import Always, Statistic
from course.testing.interleaving import interleave
from course.testing.seeds import exercise, rng, torch_generator
from course.testing.there import cross

__all__ = [
    "Always",
    "Case",
    "Mismatch",
    "Statistic",
    "agree",
    "check",
    "close",
    "cross",
    "each",
    "exercise",
    "interleave",
    "leaves_arguments",
    "leaves_globals",
    "make",
    "raises",
    "repeat",
    "rng",
    "show",
    "torch_generator",
    "value_and_grad",
]
