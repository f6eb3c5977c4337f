"""The Pareto front that lessons draw."""

import numpy as np
import pytest

from course.lab.fronts import undominated


def test_rows_that_nothing_beats_stay():
    values = np.array([[1.0, 3.0], [2.0, 2.0], [2.0, 4.0], [3.0, 3.0]])
    assert undominated(values).tolist() == [True, True, False, False]


def test_equal_rows_do_not_beat_each_other():
    assert undominated(np.array([[1.0, 2.0], [1.0, 2.0], [1.0, 3.0]])).tolist() == [
        True,
        True,
        False,
    ]


def test_one_column_keeps_all_minima():
    assert undominated(np.array([[2.0], [1.0], [1.0]])).tolist() == [False, True, True]


def test_against_a_loop():
    values = np.random.default_rng(0).integers(0, 4, (60, 3)).astype(float)
    slow = [
        not any((b <= a).all() and (b < a).any() for j, b in enumerate(values) if j != i)
        for i, a in enumerate(values)
    ]
    assert undominated(values).tolist() == slow


def test_no_rows_and_wrong_shape():
    assert undominated(np.empty((0, 2))).shape == (0,)
    with pytest.raises(ValueError, match="one row for each choice"):
        undominated(np.arange(3.0))
