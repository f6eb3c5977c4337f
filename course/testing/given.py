"""Functions that a test hands to a learner's function, and that travel by value.

A test's own function is called across the border, 0.2 ms a call; these go over whole, once.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Always:
    """A function that returns the same, whatever it is given.

    Parameters
    ----------
    value : object
        What each call returns a copy of.

    Examples
    --------
    >>> flat = Always([0.0, 0.0])
    >>> flat([1, 2, 3], temperature=0.5)
    [0.0, 0.0]
    >>> flat() is flat.value
    False
    """

    value: Any

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return a copy of the value."""
        return copy.deepcopy(self.value)


@dataclass(frozen=True)
class Statistic:
    """A function of NumPy that makes one number of an array.

    Parameters
    ----------
    name : str
        The function's name in NumPy, such as ``"mean"``, ``"median"`` or ``"max"``.

    Examples
    --------
    >>> middle = Statistic("median")
    >>> middle(np.array([3.0, 1.0, 2.0]))
    2.0
    """

    name: str

    def __call__(self, x: Any) -> float:
        """Return the statistic of all elements."""
        return float(getattr(np, self.name)(x))
