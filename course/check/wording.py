"""The words of a report, which the terminal and a notebook share."""

from __future__ import annotations

from collections.abc import Iterator

from course.check.report import ExerciseResult, Report, TestResult

CASE = {"input": "input", "result": "what came back", "expected": "expected"}
LINES = 8
"""So many lines of a traceback are shown."""


def verdict(test: TestResult) -> str:
    """One word for a test."""
    if test.waits:
        return "waits"
    return "pass" if test.passed else "FAIL"


def points(one: TestResult | ExerciseResult) -> str:
    """Points out of how many; nothing for tests that carry none."""
    return f"{one.points:g} / {one.max_points:g}" if one.max_points else ""


def state(exercise: ExerciseResult) -> str:
    """Points of an exercise, or that it has not been begun."""
    return f"{points(exercise)} points" if exercise.begun else "not begun"


def details(test: TestResult) -> Iterator[tuple[str, str]]:
    """What is said below a test that failed: pairs of label and text."""
    if test.waits:
        yield "", "A person grades this."
        return
    if test.passed:
        return
    yield "", test.message or "The test failed without a message."
    for part, label in CASE.items():
        if text := test.case.get(part):
            yield label, text
    if lines := test.where[-LINES:]:
        yield "your code", "\n".join(lines)


def total(report: Report) -> str:
    """The last line: points, tests, and what has not been begun."""
    shown = report.exercises
    begun = [e for e in shown if e.begun]
    tests = [t for e in begun for t in e.tests if not t.waits]
    best = sum(e.max_points for e in shown)
    text = f"{sum(e.points for e in shown):g} of {best:g} points"
    if begun:
        text += f"; {sum(t.passed for t in tests)} of {len(tests)} tests pass"
    if waiting := len(shown) - len(begun):
        text += f"; {waiting} {'exercise' if waiting == 1 else 'exercises'} not begun"
    return f"{text}."


def hint(report: Report) -> str:
    """What another check would show; empty where nothing more."""
    if not report.hides_a_case:
        return ""
    often = {2: "the second", 3: "the third"}.get(report.hints_after, f"{report.hints_after}th")
    return (
        f"From {often} failed check of a hidden test on, you are shown the smallest input that "
        "failed, where the test keeps one."
    )
