"""With which input did a plain `assert` fail? Kept while a test cell runs, asked when it failed.

Test helpers attach the failing case to their error themselves (`failing_case`). For everything else
the call of learner code gives the input and what came back, where it is sure which call an
assertion is about, and an assertion that compares gives what was expected: `assert f(x) == y`,
`assert testing.close(f(x), y)`, `assert testing.raises(ValueError, f, x)`. The comparison is done
once and as it was written; only its two sides are looked at on the way.
"""

from __future__ import annotations

import ast
import operator
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from course.grading.border import Peer
from course.grading.failing_case import case_of, trimmed

NAME = "__explainer__"
"""What a rewritten test cell calls this module's `Explainer`."""

_COMPARING = ("close", "allclose", "array_equal", "isclose", "equal")
_NOTHING: Any = object()
_CALLS = 20


class Explainer:
    """Sees the calls of learner code and the assertions of one judge.

    Parameters
    ----------
    peer : Peer
        The judge's end of the border.
    show : callable
        Writes a value as a short text.
    """

    equal = staticmethod(operator.eq)

    def __init__(self, peer: Peer, show: Callable[[Any], str] = reprlib.repr) -> None:
        self.show = show
        self._peer = peer
        self._ask = peer.ask
        peer.ask = self._watched  # type: ignore[method-assign]
        self.forget()

    def forget(self) -> None:
        """Begin with a new test cell."""
        self._calls: list[_Call] = []  # since the assertion before
        self._inside: list[_Call] = []  # those in the assertion itself
        self._sides: tuple[Any, Any] | None = None

    def start(self) -> None:
        """Begin with an assertion: what is called from now on is called in it."""
        self._inside = []

    def compares(
        self, start: None, function: Callable, got: Any, want: Any, /, *args: Any, **kw: Any
    ) -> bool:
        """Compare the two sides of an assertion, and keep them where they differ."""
        same = function(got, want, *args, **kw)
        return self._seen(same, (got, want))

    def raises(self, start: None, function: Callable, error: Any, /, *args: Any, **kw: Any) -> bool:
        """Ask whether a call raises `error`, and keep that it should."""
        raised = function(error, *args, **kw)
        self._inside = self._inside[-1:]
        return self._seen(raised, (_NOTHING, _Text(getattr(error, "__name__", error))))

    def other(self, start: None, value: Any) -> bool:
        """Take the value of an assertion that compares nothing."""
        return self._seen(value, None)

    def _seen(self, value: Any, sides: tuple[Any, Any] | None) -> bool:
        if holds := bool(value):  # asked once: it may be an object of the learner's
            self.forget()
        else:
            self._sides = sides
        return holds

    def case(self, error: BaseException) -> dict[str, str] | None:
        """What is known of the input that a test cell failed with.

        Parameters
        ----------
        error : BaseException
            What ended the cell.

        Returns
        -------
        dict of str to str, or None
            As `failing_case.case_of`, without ``expected`` where nobody says what was.
        """
        self._peer.quiet = True  # a test's own message must not be lost to what is shown with it
        try:
            return case_of(error) or self._case(error)
        except Exception:  # a learner's value may write itself anyhow
            return None
        finally:
            self._peer.quiet = False

    def _case(self, error: BaseException) -> dict[str, str] | None:
        if isinstance(error, NotImplementedError):
            return None
        found: dict[str, str] = {}
        asserted = isinstance(error, AssertionError)
        got, want = (self._sides if asserted else None) or (_NOTHING, _NOTHING)
        if (call := self._call_behind(error, got)) is not None:
            shown = [self.show(arg) for arg in call.args]
            shown += [f"{name}={self.show(value)}" for name, value in call.kwargs.items()]
            found = {"input": ", ".join(shown), "result": self._shown(call.result)}
        if got is not _NOTHING:
            found["result"] = self._shown(got)
        found["expected"] = self._shown(want)
        return trimmed(found) or None

    def _call_behind(self, error: BaseException, got: Any) -> _Call | None:
        """The call that an error is about, where that is sure."""
        for call in self._calls:
            if call.result is error or (got is not _NOTHING and call.result is got):
                return call
        for calls in (self._inside, self._calls) if isinstance(error, AssertionError) else ():
            if len(calls) == 1:
                return calls[0]
        return None

    def _shown(self, value: Any) -> str:
        if value is _NOTHING:
            return ""
        if isinstance(value, BaseException):
            return f"{type(value).__name__}: {value}".rstrip(": ")
        return str(value) if isinstance(value, _Text) else self.show(value)

    def _watched(self, operation: str, number: int | None, args: tuple, kwargs: dict) -> Any:
        """Ask the other side, and keep what is asked of learner code."""
        helper = operation == "service" and args[:1] == ("testing",)
        if operation != "call" and not helper:
            return self._ask(operation, number, args, kwargs)
        call = _Call(args[3:] if helper else args, kwargs)
        self._calls = [*self._calls[-_CALLS:], call]
        self._inside = [*self._inside[-_CALLS:], call]
        try:
            result = self._ask(operation, number, args, kwargs)
        except Exception as error:
            call.result = error
            raise
        call.result = _NOTHING if helper else result
        return result


@dataclass
class _Call:
    args: tuple
    kwargs: Mapping[str, Any]
    result: Any = _NOTHING


class _Text(str):
    """A text to be shown without quotes."""


def rewritten(source: str, filename: str) -> ast.Module:
    """Parse a test cell, its assertions so written that an `Explainer` sees them."""
    return ast.fix_missing_locations(_Rewriter().visit(ast.parse(source, filename)))


class _Rewriter(ast.NodeTransformer):
    def visit_Assert(self, node: ast.Assert) -> ast.Assert:
        node.test = _seen(node.test)
        return node


def _seen(test: ast.expr) -> ast.expr:
    """The same condition, asked through the explainer."""
    method, args, keywords = "other", [test], []
    if isinstance(test, ast.Compare) and [type(op) for op in test.ops] == [ast.Eq]:
        method, args = "compares", [_method("equal"), test.left, *test.comparators]
    elif isinstance(test, ast.Call) and not any(isinstance(a, ast.Starred) for a in test.args[:2]):
        name = getattr(test.func, "attr", getattr(test.func, "id", ""))
        if name in _COMPARING and len(test.args) >= 2:
            method = "compares"
        elif name == "raises" and test.args:
            method = "raises"
        if method != "other":
            args, keywords = [test.func, *test.args], test.keywords
    start = ast.Call(_method("start"), [], [])  # arguments are evaluated in their order
    return ast.copy_location(ast.Call(_method(method), [start, *args], keywords), test)


def _method(name: str) -> ast.expr:
    return ast.Attribute(ast.Name(NAME, ast.Load()), name, ast.Load())
