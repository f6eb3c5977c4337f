# ruff: noqa
# Returns numbers of millions of digits.
# points: 0
# says: the sign is lost
# says: text is doubled too
# %% solution
from decimal import Decimal
from fractions import Fraction


def double(x):
    if isinstance(x, int):
        return 1 << 10**8
    if isinstance(x, str):
        return Decimal("1e999999")
    return [Fraction(1 << 10**6, 3), 1 << 10**7]
