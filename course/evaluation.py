"""What an evaluation hands back: one row an example, and the mean with its interval.

Given to learners: question 28 asks for a function that returns a `Report`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Report"]


@dataclass(frozen=True)
class Report:
    """The result of running one system on a data set.

    Attributes
    ----------
    rows : list of dict
        One for each example, in the order of the data set: ``id``, ``output`` (None where there
        was none), ``score`` (a float) and ``error`` (None, or the name of an exception's type).
    mean : float
        Mean of all scores, those of rows with an error included.
    ci : tuple of float
        Lower and upper end of the mean's interval.

    Examples
    --------
    >>> row = {"id": "a", "output": "4", "score": 1.0, "error": None}
    >>> lost = {"id": "b", "output": None, "score": 0.0, "error": "TimeoutError"}
    >>> report = Report([row, lost], 0.5, (0.0, 1.0))
    >>> print(report)
    0.500 [0.000, 1.000], 2 rows, 1 with an error
    >>> report.mean
    0.5
    """

    rows: list[dict[str, Any]]
    mean: float
    ci: tuple[float, float]

    def __str__(self) -> str:
        errors = sum(row["error"] is not None for row in self.rows)
        low, high = self.ci
        return (
            f"{self.mean:.3f} [{low:.3f}, {high:.3f}], {len(self.rows)} rows, "
            f"{errors} with an error"
        )
