"""Which of several choices are not beaten: the Pareto front of a table of numbers."""

from __future__ import annotations

import numpy as np


def undominated(values: np.ndarray) -> np.ndarray:
    """Tell which rows no other row dominates, where smaller is better in every column.

    A row dominates another if it is nowhere larger and somewhere smaller. Equal rows do not
    dominate each other.

    Parameters
    ----------
    values : ndarray of shape (n, d)
        Negate a column in which larger is better.

    Returns
    -------
    ndarray of bool, shape (n,)

    Raises
    ------
    ValueError
        If `values` has not two dimensions.

    Examples
    --------
    >>> undominated(np.array([[1.0, 3.0], [2.0, 2.0], [2.0, 4.0]])).tolist()
    [True, True, False]
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 2:
        raise ValueError("values has one row for each choice and one column for each criterion.")
    nowhere_larger = (values[:, None] <= values[None]).all(axis=-1)
    somewhere_smaller = (values[:, None] < values[None]).any(axis=-1)
    return ~(nowhere_larger & somewhere_smaller).any(axis=0)
