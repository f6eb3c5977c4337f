"""What test cells use: random data, comparison, loops, gradients, races.

A test cell treats a learner's function as a black box: values go in, values come out. Every helper
here means the same whether the function runs in this process or behind a border in another one.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import os
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from course._close import identical, values_close
from course._close import show as _show
from course._close import size as _size
from course._interleave import run_coroutines, run_threads

__all__ = [
    "Case",
    "Mismatch",
    "agree",
    "check",
    "close",
    "each",
    "exercise",
    "interleave",
    "leaves_arguments",
    "leaves_globals",
    "make",
    "raises",
    "repeat",
    "rng",
    "torch_generator",
    "value_and_grad",
]

_exercise = ""


class Case(NamedTuple):
    """The input on which a test failed, what came back, and what was expected."""

    inputs: str
    got: str
    expected: str


class Mismatch(AssertionError):
    """A failed check. Its text is the message alone; the case is kept beside it.

    Attributes
    ----------
    message : str
        Names the likely mistake and gives no test data away.
    case : Case or None
        The smallest input that failed.
    """

    def __init__(self, message: str, case: Case | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.case = case


@contextlib.contextmanager
def exercise(name: str) -> Iterator[None]:
    """Set the exercise whose test data ``rng`` draws; used by graders and proofs.

    Examples
    --------
    >>> with exercise("q04-filter-probs"):
    ...     a = rng().random()
    >>> with exercise("q04-sampler"):
    ...     b = rng().random()
    >>> a == b
    False
    """
    global _exercise
    before, _exercise = _exercise, name
    try:
        yield
    finally:
        _exercise = before


def _seed(stream: int) -> int:
    text = f"{os.environ.get('COURSE_SEED', '0')}\0{_exercise}\0{stream}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")


def rng(stream: int = 0) -> np.random.Generator:
    """Return the generator of a test's random data.

    Its seed is made of the environment variable ``COURSE_SEED`` (any text, ``"0"`` if unset), the
    current exercise and ``stream``. Two calls with the same ones give equal generators, so a cell
    that is run twice tests the same data.

    Parameters
    ----------
    stream : int
        For a second, independent generator in one cell.

    Returns
    -------
    numpy.random.Generator

    Examples
    --------
    >>> bool(rng().random() == rng().random())
    True
    >>> bool(rng(0).random() == rng(1).random())
    False
    """
    return np.random.default_rng(_seed(stream))


def torch_generator(stream: int = 0) -> torch.Generator:
    """Return the same as a ``torch.Generator`` on the CPU.

    Examples
    --------
    >>> torch.rand(2, generator=torch_generator()).shape
    torch.Size([2])
    """
    return torch.Generator().manual_seed(_seed(stream) % 2**63)


def close(got: Any, want: Any, *, rtol: float | None = None, atol: float | None = None) -> bool:
    """Say whether a result is the wanted one, up to rounding.

    Arrays and tensors must have the wanted shape: nothing is broadcast, and a 0-d array counts as
    a number. Without ``rtol`` and ``atol`` the tolerance follows the less precise dtype of the
    two: 1e-6 and 1e-9 for float64, 1e-4 and 1e-5 for float32 and below. Integers agree exactly.
    Equal infinities are close, NaN is close to nothing. A list may stand for a tuple or an array
    of the same shape. Containers are compared item by item. Whatever a learner's object says of
    itself in ``__eq__`` does not count, and a result of a wrong kind is not close; nothing raises.

    Parameters
    ----------
    got : object
        What came back.
    want : object
        What was expected: the trusted side.
    rtol, atol : float, optional
        Relative and absolute tolerance, ``|got - want| <= atol + rtol * |want|``.

    Returns
    -------
    bool

    Examples
    --------
    >>> close(0.1 + 0.2, 0.3)
    True
    >>> close(np.ones(3), np.ones((1, 3)))
    False
    >>> close(None, 1.0)
    False
    """
    try:
        return values_close(got, want, rtol, atol)
    except Exception:  # whatever a learner's object does when it is looked at, it is not close
        return False


def check(
    ok: Any, message: str, *, inputs: Any = None, got: Any = None, expected: Any = None
) -> None:
    """Assert with a message, and keep the failing case beside it.

    Raises
    ------
    Mismatch
        If ``ok`` is false.

    Examples
    --------
    >>> check(1 + 1 == 2, "is + an addition?")
    """
    if not ok:
        case = Case(_show(inputs), _show(got), _show(expected))
        raise Mismatch(message, case if inputs is not None or got is not None else None)


def agree(
    f: Callable,
    cases: Iterable[tuple],
    message: str,
    *,
    rtol: float | None = None,
    atol: float | None = None,
) -> None:
    """Assert that a function gives the wanted result in every case.

    All cases are run; the smallest input that fails is kept for the learner. Each call gets copies
    of its arguments, so a function that writes into them does not spoil the case.

    Parameters
    ----------
    f : callable
        The learner's function.
    cases : iterable of tuple
        ``(args, expected)`` or ``(args, kwargs, expected)``.
    message : str
        Names the likely mistake and gives no test data away.
    rtol, atol : float, optional
        As in `close`.

    Raises
    ------
    Mismatch
        For the smallest failing input. An exception of ``f`` counts as what came back, except
        NotImplementedError, which says that the exercise has not been begun and goes through.

    Examples
    --------
    >>> agree(abs, [((-2,), 2), ((0,), 0)], "abs drops the sign")
    >>> agree(abs, [((-2,), -2)], "abs keeps the sign?")
    Traceback (most recent call last):
    ...
    course.testing.Mismatch: abs keeps the sign?
    """
    failures: list[tuple[tuple[int, int], Case, Exception | None]] = []
    for case in cases:
        args, kwargs, expected = case if len(case) == 3 else (case[0], {}, case[1])
        cause: Exception | None = None
        try:
            got = f(*copy.deepcopy(args), **copy.deepcopy(kwargs))
        except NotImplementedError:
            raise
        except Exception as error:
            cause, shown = error, f"{type(error).__name__}: {error}"
        else:
            if close(got, expected, rtol=rtol, atol=atol):
                continue
            shown = _show(got)
        inputs = _call(args, kwargs)
        rank = (_size(args) + _size(kwargs), len(inputs))
        failures.append((rank, Case(inputs, shown, _show(expected)), cause))
    if failures:
        _, worst, cause = min(failures, key=lambda failure: failure[0])
        raise Mismatch(message, worst) from cause


def _call(args: Sequence, kwargs: dict) -> str:
    return ", ".join([*map(_show, args), *(f"{k}={_show(v)}" for k, v in kwargs.items())])


def raises(error: type[BaseException], f: Callable, *args: Any, **kwargs: Any) -> bool:
    """Say whether a call raises this exception (or a subclass of it).

    NotImplementedError, an exercise that has not been begun, goes through.

    Examples
    --------
    >>> raises(ValueError, int, "x")
    True
    >>> raises(ValueError, int, "1")
    False
    """
    try:
        f(*args, **kwargs)
    except NotImplementedError:
        if error is not NotImplementedError:
            raise
        return True
    except Exception as caught:
        return isinstance(caught, error)
    return False


def repeat(f: Callable, n: int, *args: Any, **kwargs: Any) -> list:
    """Call a function n times with the same arguments.

    The loop runs where the function lives, so many calls cost little. A generator among the
    arguments goes on from call to call, and is left where the last call leaves it.

    Examples
    --------
    >>> len(set(repeat(lambda g: g.random(), 5, rng())))
    5
    """
    return [f(*args, **kwargs) for _ in range(n)]


def each(f: Callable, list_of_args: Iterable[tuple]) -> list:
    """Call a function once for each tuple of arguments; the loop runs where the function lives.

    Examples
    --------
    >>> each(pow, [(2, 3), (3, 2)])
    [8, 9]
    """
    return [f(*args) for args in list_of_args]


def make(factory: Callable, *args: Any, **kwargs: Any) -> Any:
    """Build an object where the learner's code lives, and return it.

    Its state is set through its methods only, such as ``load_state_dict``.

    Examples
    --------
    >>> make(torch.nn.Linear, 2, 3).weight.shape
    torch.Size([3, 2])
    """
    return factory(*args, **kwargs)


def value_and_grad(f: Callable, *args: Any, wrt: int | str | tuple = 0) -> tuple[Any, Any]:
    """Return a function's value and the gradient of its loss.

    Parameters
    ----------
    f : callable or torch.nn.Module
        Returns a 0-d tensor, or a tuple whose first item is one: the loss.
    *args
        Its arguments; they are not changed, and need no ``requires_grad``.
    wrt : int, str, or tuple of these
        What to differentiate by: the position of an argument, or the name of a parameter of the
        module, which is ``f`` itself or the first argument.

    Returns
    -------
    value : object
        What ``f`` returned, detached.
    grad : Tensor or None, or tuple of these
        None where the loss does not depend on it.

    Raises
    ------
    TypeError
        If ``f`` does not return a 0-d tensor.

    Examples
    --------
    >>> value, grad = value_and_grad(lambda x: (x**2).sum(), torch.tensor([1.0, 3.0]))
    >>> value, grad
    (tensor(10.), tensor([2., 6.]))
    """
    names = wrt if isinstance(wrt, tuple) else (wrt,)
    args_ = list(args)
    for i in (n for n in names if isinstance(n, int)):
        args_[i] = args[i].detach().clone().requires_grad_(True)
    module = f if isinstance(f, torch.nn.Module) else args[0] if args else None
    parameters = dict(module.named_parameters()) if isinstance(module, torch.nn.Module) else {}
    targets = [args_[n] if isinstance(n, int) else parameters[n] for n in names]
    with torch.enable_grad():
        value = f(*args_)
        loss = value[0] if isinstance(value, tuple) else value
        if not isinstance(loss, torch.Tensor) or loss.ndim:
            raise TypeError(f"a loss is a 0-d tensor; this function returned {_show(loss)}")
        grads: tuple = (None,) * len(targets)
        if loss.requires_grad:
            grads = torch.autograd.grad(loss, targets, allow_unused=True)
    value = tuple(_detach(v) for v in value) if isinstance(value, tuple) else _detach(value)
    return value, grads if isinstance(wrt, tuple) else grads[0]


def _detach(value: Any) -> Any:
    return value.detach() if isinstance(value, torch.Tensor) else value


def interleave(calls: Sequence[Callable[[], Any]]) -> list:
    """Run calls side by side, switching between them at every step.

    Functions run in threads that switch at every bytecode instruction of their own code, coroutine
    functions in an event loop that switches at every await. The order is the same at every run, so
    a race between reading and writing shows every time.

    Parameters
    ----------
    calls : sequence of callable
        Called without arguments; all plain functions, or all coroutine functions.

    Returns
    -------
    list
        Their results in order.

    Raises
    ------
    Exception
        The first exception that one of them raised.

    Examples
    --------
    >>> interleave([lambda: 1, lambda: 2])
    [1, 2]
    """
    results = run_coroutines(calls)
    return run_threads(calls) if results is None else results


def leaves_globals(f: Callable, *args: Any, **kwargs: Any) -> bool:
    """Call a function; say whether it leaves the process as it was.

    Compared are the global random states of Python, NumPy and torch, the environment, the working
    directory, and torch's default dtype, gradient mode and number of threads.

    Examples
    --------
    >>> leaves_globals(lambda: np.random.default_rng(0).random())
    True
    >>> leaves_globals(lambda: np.random.random())
    False
    """
    before = _globals()
    f(*args, **kwargs)
    return identical(_globals(), before)


def _globals() -> tuple:
    return (
        random.getstate(),
        np.random.get_state(),
        torch.get_rng_state(),
        dict(os.environ),
        os.getcwd(),  # noqa: PTH109 (a string is what is compared)
        str(torch.get_default_dtype()),
        torch.is_grad_enabled(),
        torch.get_num_threads(),
    )


def leaves_arguments(f: Callable, *args: Any, **kwargs: Any) -> bool:
    """Call a function; say whether its arguments are what they were, bit for bit.

    Random generators among the arguments may advance.

    Examples
    --------
    >>> leaves_arguments(sorted, [2, 1])
    True
    >>> leaves_arguments(list.sort, [2, 1])
    False
    """
    before = copy.deepcopy((args, kwargs))
    f(*args, **kwargs)
    return identical((args, kwargs), before)
