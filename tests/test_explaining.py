"""What the judge says of a failed plain `assert`, and that this changes no verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from course.grading.explaining import NAME, Explainer, rewritten


class Border:
    """As much of a border as an explainer sees: calls of functions by number."""

    def __init__(self, *functions: Callable) -> None:
        self.functions = functions

    def ask(self, operation: str, number: int | None, args: tuple, kwargs: dict) -> Any:
        return self.functions[number](*args, **kwargs)


def double(x):
    return x + x


def run(source: str) -> tuple[BaseException | None, dict[str, str] | None]:
    """Run a test cell with `double` beyond a border: its error, and what is known of the case."""
    border = Border(double)
    explainer = Explainer(border)
    names = {NAME: explainer, "double": lambda *a, **kw: border.ask("call", 0, a, kw)}
    names |= {"close": lambda a, b, tolerance=0: abs(a - b) <= tolerance, "raises": _raises}
    try:
        exec(compile(rewritten(source, "<cell>"), "<cell>", "exec"), names)
    except Exception as error:
        return error, explainer.case(error)
    return None, None


def _raises(kind: type, function: Callable, *args: Any) -> bool:
    try:
        function(*args)
    except kind:
        return True
    return False


@pytest.mark.parametrize(
    ("source", "case"),
    [
        ("assert double(2) == 5, 'm'", {"input": "2", "result": "4", "expected": "5"}),
        ("assert close(double(x=2), 5)", {"input": "x=2", "result": "4", "expected": "5"}),
        ("assert close(double(2), 5, tolerance=0.5)", "same"),
        ("a = double(2)\nb = double(3)\nassert close(a, 5)", "same"),
        ("assert double(1) == 2\nassert double(2) == 5", "same"),
        ("double(7)\nassert double(2) == 5", "same"),
        ("def test():\n    assert double(2) == 5\ntest()", "same"),
        ("assert double('ab')[0] == 5", {"input": "'ab'", "result": "'a'", "expected": "5"}),
        (
            "double(1)\nassert raises(ValueError, double, 2)",
            {"input": "2", "result": "4", "expected": "ValueError"},
        ),
        ("assert double(2) < 3", {"input": "2", "result": "4"}),
        ("assert double(2) == double(3)", {"input": "2", "result": "4", "expected": "6"}),
        ("x = double(2)\ny = double(3)\nassert x > y", None),
        ("double(None)", {"input": "None", "result": "TypeError: unsupported operand type(s)"}),
        ("double(2)\nunknown", None),
        ("assert 1 == 2", {"result": "1", "expected": "2"}),
        ("assert double(2) == 5 == 5", {"input": "2", "result": "4"}),
        ("double(2)\nraise NotImplementedError", None),
    ],
)
def test_what_is_known_of_a_failed_assertion(source: str, case: Any):
    error, found = run(source)
    assert error is not None
    want = {"input": "2", "result": "4", "expected": "5"} if case == "same" else case
    if want and "TypeError" in want["result"]:
        found["result"] = found["result"].partition(" for")[0]
    assert found == want


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("assert double(2) == 5, 'five'", "five"),
        ("assert double(2) == 5", ""),
        ("assert not double(2) == 4, f'{1 + 1}'", "2"),
        ("assert all([1, 0]), 'all'", "all"),
        ("assert close(*(1, 2)), 'star'", "star"),
    ],
)
def test_an_assertion_fails_as_it_was_written(source: str, message: str):
    error, _ = run(source)
    assert type(error) is AssertionError and str(error) == message
    assert error.__traceback__.tb_next.tb_lineno == 1


@pytest.mark.parametrize(
    "source",
    [
        "assert double(2) == 4",
        "assert close(double(2), 4) and double(1) != 3",
        "assert [y := double(2), y][1] == 4",
        "assert close(*(4, 4))",
        "seen = []\nassert seen.append(1) == seen.append(2)\nassert seen == [1, 2]",
    ],
)
def test_what_holds_still_holds(source: str):
    assert run(source) == (None, None)


def test_awaiting_in_an_assertion():
    explainer = Explainer(Border())
    tree = rewritten(
        "async def f():\n    async def g(): return 3\n    assert await g() == 4", "<c>"
    )
    names = {NAME: explainer}
    exec(compile(tree, "<cell>", "exec"), names)
    with pytest.raises(AssertionError) as raised:
        asyncio.run(names["f"]())
    assert explainer.case(raised.value) == {"result": "3", "expected": "4"}


def test_a_value_that_cannot_be_shown():
    def show(value: Any) -> str:
        raise RuntimeError(value)

    border = Border(double)
    explainer = Explainer(border, show)
    border.ask("call", 0, (2,), {})
    assert explainer.case(AssertionError()) is None
