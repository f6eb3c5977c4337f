"""Assertions that carry the case which failed."""

from __future__ import annotations

import copy
import dataclasses
import random
import re
import reprlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch

from course.testing.compare import close

_MISSING: Any = object()
_LONGEST = 400


class Case(NamedTuple):
    """What a function was given, what came back, and what should have: short texts."""

    inputs: str
    got: str
    expected: str


class Mismatch(AssertionError):
    """A test's own verdict: the learner's function does the wrong thing.

    Parameters
    ----------
    message : str
        Names the likely mistake. It is all that ``str`` shows.
    case : Case, optional
        The smallest input that showed it; a grader decides whether and when a learner sees it.

    Examples
    --------
    >>> error = Mismatch("add the bias too", Case("2, 3", "6", "7"))
    >>> str(error), error.case.got
    ('add the bias too', '6')
    """

    def __init__(self, message: str, case: Case | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.case = case


def agree(
    f: Callable,
    cases: Iterable[tuple],
    message: str,
    *,
    rtol: float | None = None,
    atol: float | None = None,
) -> None:
    """Assert that `f` gives what is expected, in every case.

    All cases are run. The arguments are copies, so `f` cannot spoil a case by changing them.

    Parameters
    ----------
    f : callable
        The learner's function.
    cases : iterable of tuple
        ``(args, expected)`` or ``(args, kwargs, expected)``, ``args`` being a tuple.
    message : str
        Names the likely mistake.
    rtol, atol : float, optional
        As in `close`.

    Raises
    ------
    Mismatch
        With the smallest of the inputs that failed: fewest elements, then shortest text. An
        exception that `f` raised counts as what came back, and is the ``__cause__``.
    NotImplementedError
        If `f` raises it: the exercise has not been begun.

    Examples
    --------
    >>> def mean(x):
    ...     return sum(x) / 4
    >>> try:
    ...     agree(mean, [(([1, 2, 3, 6],), 3.0), (([1, 2],), 1.5)], "divide by how many there are")
    ... except Mismatch as error:
    ...     print(error, error.case)
    divide by how many there are Case(inputs='[1, 2]', got='0.75', expected='1.5')
    """
    failures = []
    none = True
    for case in cases:
        none = False
        args, kwargs, expected = case if len(case) == 3 else (case[0], {}, case[1])
        if not isinstance(args, tuple) or not isinstance(kwargs, dict):
            raise TypeError(f"a case is (args, expected) or (args, kwargs, expected): {case!r}")
        try:
            got = f(*map(_copied, args), **{k: _copied(v) for k, v in kwargs.items()})
        except NotImplementedError:
            raise
        except (Exception, SystemExit) as error:
            got, cause = _Raised(error), error
        else:
            if close(got, expected, rtol=rtol, atol=atol):
                continue
            cause = None
        inputs = _show_arguments(args, kwargs)
        size = _elements(args) + _elements(kwargs)
        # shown now: a result may share memory with what the next call writes
        failures.append((size, len(inputs), Case(inputs, *_show_apart(got, expected)), cause))
    if none:
        raise ValueError("agree was given no case: a test of nothing would always pass.")
    if failures:
        *_, case, cause = min(failures, key=lambda failure: failure[:2])
        raise Mismatch(message, case) from cause


def check(
    ok: Any,
    message: str,
    *,
    inputs: Any = _MISSING,
    got: Any = _MISSING,
    expected: Any = _MISSING,
) -> None:
    """Assert, with the failing case attached.

    Parameters
    ----------
    ok : bool
        What must hold.
    message : str
        Names the likely mistake.
    inputs, got, expected : object, optional
        The case; a tuple of `inputs` is shown as the arguments of a call.

    Raises
    ------
    Mismatch
        If `ok` is false.

    Examples
    --------
    >>> check(abs(-0.5) == 0.5, "the sign goes")
    >>> check(round(2.5) == 3, "halves go up", inputs=2.5, got=round(2.5), expected=3)
    Traceback (most recent call last):
    course.testing.cases.Mismatch: halves go up
    """
    if ok:
        return
    given = inputs is not _MISSING or got is not _MISSING or expected is not _MISSING
    raise Mismatch(message, _case(inputs, got, expected) if given else None)


def raises(error: type[BaseException], f: Callable, *args: Any, **kwargs: Any) -> bool:
    """Tell whether a call raises this error.

    Parameters
    ----------
    error : type
        The exception that the contract names; a subclass of it does too.
    f : callable
        Called with the further arguments.

    Returns
    -------
    bool
        False where it raises something else, or nothing.

    Raises
    ------
    NotImplementedError
        If `f` raises it, unless it is what was asked for: the exercise has not been begun.

    Examples
    --------
    >>> raises(ValueError, int, "seven"), raises(ValueError, int, "7"), raises(ValueError, int, [])
    (True, False, False)
    """
    try:
        f(*args, **kwargs)
    except NotImplementedError:
        if issubclass(error, NotImplementedError):
            return True
        raise
    except (Exception, SystemExit) as raised:
        return isinstance(raised, error)
    return False


def show(value: Any) -> str:
    """Write a value in at most about 400 characters, the same in every process.

    Examples
    --------
    >>> show([1, 2.5, "three"])
    "[1, 2.5, 'three']"
    >>> len(show(np.arange(10_000))) < 100
    True
    """
    return _show(value, _SHORT)


def _show(value: Any, short: reprlib.Repr) -> str:
    try:
        text = re.sub(r" at 0x[0-9a-fA-F]+", "", short.repr(value))
    except Exception:  # a learner's class may bear any name and write itself anyhow
        text = f"<{type(value).__name__}>"
    return text if len(text) <= _LONGEST else f"{text[:300]} … {text[-90:]}"


class _Raised(NamedTuple):
    error: BaseException

    def __repr__(self) -> str:
        text = str(self.error)
        return f"{type(self.error).__name__}: {text}" if text else type(self.error).__name__


class _Short(reprlib.Repr):
    digits = 6

    def repr_ndarray(self, x: np.ndarray, level: int) -> str:
        with np.printoptions(threshold=50, edgeitems=4, precision=self.digits, linewidth=10_000):
            return " ".join(repr(x).split())

    def repr_Tensor(self, x: torch.Tensor, level: int) -> str:
        return " ".join(repr(x.detach()).split())

    def repr__Raised(self, x: _Raised, level: int) -> str:
        return repr(x)


class _Exact(_Short):
    digits = 17

    def repr_Tensor(self, x: torch.Tensor, level: int) -> str:
        if not x.dtype.is_floating_point:
            return super().repr_Tensor(x, level)
        return f"tensor({self.repr_ndarray(x.detach().cpu().double().numpy(), level)})"


_SHORT, _EXACT = _Short(), _Exact()
for _short in (_SHORT, _EXACT):
    _short.maxlevel = 8
    _short.maxlist = _short.maxtuple = _short.maxdict = _short.maxset = _short.maxfrozenset = 40
    _short.maxstring = _short.maxlong = _short.maxother = _LONGEST


def _show_apart(got: Any, expected: Any) -> tuple[str, str]:
    """Write both, with all their digits where they would look alike otherwise."""
    shown = show(got), show(expected)
    return shown if shown[0] != shown[1] else (_show(got, _EXACT), _show(expected, _EXACT))


def _case(inputs: Any, got: Any, expected: Any) -> Case:
    shown = ["" if value is _MISSING else show(value) for value in (inputs, got, expected)]
    if type(inputs) is tuple:
        shown[0] = _show_arguments(inputs, {})
    if got is not _MISSING and expected is not _MISSING:
        shown[1:] = _show_apart(got, expected)
    return Case(*shown)


def _show_arguments(args: tuple, kwargs: Mapping[str, Any]) -> str:
    text = ", ".join([*map(show, args), *(f"{k}={show(v)}" for k, v in kwargs.items())])
    return text if len(text) <= 2 * _LONGEST else f"{text[:600]} … {text[-180:]}"


def _elements(x: Any) -> int:
    """Count the numbers, letters and other leaves of an input."""
    if isinstance(x, torch.Tensor):
        return x.numel()
    if isinstance(x, np.ndarray):
        return x.size
    if isinstance(x, (str, bytes)):
        return len(x)
    if isinstance(x, dict):
        return len(x) + sum(map(_elements, x.values()))
    if isinstance(x, (list, tuple, set, frozenset)):
        return sum(map(_elements, x))
    return 1


def _copied(x: Any) -> Any:
    """Copy data; functions, modules and other objects are handed over themselves."""
    if isinstance(x, torch.nn.Module):
        return x
    if isinstance(x, torch.Tensor):
        return x.detach().clone().requires_grad_(x.requires_grad)
    if isinstance(x, (np.ndarray, np.random.Generator, random.Random, bytearray)):
        return copy.deepcopy(x)
    if isinstance(x, torch.Generator):
        return x.clone_state()
    if type(x) in (list, tuple, set):
        return type(x)(map(_copied, x))
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*map(_copied, x))
    if type(x) is dict:
        return {key: _copied(value) for key, value in x.items()}
    if dataclasses.is_dataclass(x) or isinstance(x, (list, dict, set)):
        return copy.deepcopy(x)
    return x
