"""The type that question 28's learners return: it prints itself, and crosses the border whole."""

from __future__ import annotations

import doctest

from course import evaluation, testing
from course.evaluation import Report
from course.grading import wire

ROWS = [
    {"id": 1, "output": "x", "score": 1.0, "error": None},
    {"id": 2, "output": None, "score": 0.0, "error": "TimeoutError"},
]


def test_the_example_in_the_docstring_runs() -> None:
    result = doctest.testmod(evaluation)
    assert result.attempted >= 3
    assert result.failed == 0


def test_reports_compare_by_value() -> None:
    report = Report(ROWS, 0.5, (0.0, 1.0))
    assert testing.close(Report(ROWS, 0.5 + 1e-12, [0.0, 1.0]), report)
    assert not testing.close(Report(ROWS[::-1], 0.5, (0.0, 1.0)), report)
    assert not testing.close(Report(ROWS, 0.5, (0.0, 0.9)), report)


def test_it_crosses_the_border() -> None:
    report = Report(ROWS, 0.5, (0.0, 1.0))
    back = wire.loads(wire.dumps(report))
    assert type(back) is Report
    assert back == report
