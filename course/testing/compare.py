"""When are two results the same? The comparison that decides who gets points."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import torch

# (rtol, atol) by precision. Exact numbers (integers) take part in a comparison with floats; float64
# and float32 as every exercise's contract states them; below that a few units in the last place.
_TOLERANCES = {
    "exact": (0.0, 0.0),
    "float64": (1e-6, 1e-9),
    "float32": (1e-4, 1e-5),
    "float16": (4e-3, 1e-4),
    "bfloat16": (3e-2, 1e-3),
}
_PRECISIONS = list(_TOLERANCES)

# Compared by their own ==, which no learner wrote, and only with the very same type.
_BY_EQUALITY = (
    Decimal, datetime.date, datetime.datetime, datetime.time, datetime.timedelta,
    range, slice, torch.dtype, torch.device,
)  # fmt: skip


def close(got: Any, want: Any, *, rtol: float | None = None, atol: float | None = None) -> bool:
    """Tell whether a result is what was wanted, up to rounding.

    Parameters
    ----------
    got : object
        Whatever came back: anything at all. A thing of the wrong type is not close.
    want : object
        What a correct solution gives. It decides how the two are compared.
    rtol, atol : float, optional
        Close means ``|got - want| <= atol + rtol * |want|``, in every element. Left out, they
        follow from the lower precision of the two: float64 and Python's float 1e-6 and 1e-9,
        float32 1e-4 and 1e-5, float16 4e-3 and 1e-4, bfloat16 3e-2 and 1e-3.

    Returns
    -------
    bool
        Never an exception.

    Notes
    -----
    - *Numbers, arrays, tensors*: shapes must be equal, nothing is broadcast, and a 0-d array or
      tensor counts as a scalar. NumPy and torch may be mixed, dtypes may differ (a test that cares
      looks at ``dtype``). Gradients do not matter. Integers equal integers exactly, unless a
      tolerance is given; an integer and a float are compared as floats. Truth values equal truth
      values only: ``1`` is not ``True``, and a mask of floats is not a mask. Equal infinities are
      close; NaN is close to nothing.
    - *Lists and tuples*: item by item; a tuple does for a list and the other way round. Where a
      list is wanted an array or tensor of that shape does too, which lets a test write its numbers
      down: ``close(probs, [0.75, 0.25])``. Where an array is wanted, a list does not do.
    - *Dicts*: the same keys in any order, values close. *Sets*: equal, frozen or not.
    - *Text, bytes, Decimal, dates, dtypes*: equal and of that type. Where a Fraction is wanted an
      equal int does too, a float does not.
    - *Dataclasses*: the same class, fields close. Anything else is close to itself alone.

    What is compared is the data below a subclass: an ``__eq__`` or ``__float__`` that a learner
    wrote is never asked.

    Examples
    --------
    >>> close(torch.tensor([0.1, 0.2]) + 1e-7, np.array([0.1, 0.2]))
    True
    >>> close(np.ones((2, 1)), np.ones((1, 2)))
    False
    >>> close((1, [2.0, "b"]), [1, (2, "b")])
    True
    >>> close(None, 1.0)
    False
    """
    try:
        return _close(got, want, (rtol, atol))
    except Exception:  # half of a learner's objects can raise here, and then they are not close
        return False


class _Numbers(NamedTuple):
    values: np.ndarray
    precision: str


Tolerance = tuple[float | None, float | None]


def _close(got: Any, want: Any, tolerance: Tolerance) -> bool:
    if (wanted := _numbers(want)) is not None:
        numbers = _numbers(got)
        return numbers is not None and _near(numbers, wanted, tolerance)
    kind, other = type(want), type(got)
    for text in (str, bytes):
        if issubclass(kind, text):
            return issubclass(other, text) and text.__eq__(got, want) is True
    if issubclass(kind, (list, tuple)):
        items, wants = _items(got), _items(want)
        if items is None or len(items) != len(wants) or (not items and _dimensions(got) != 1):
            return False
        return all(_close(g, w, tolerance) for g, w in zip(items, wants, strict=True))
    if issubclass(kind, np.ndarray):  # of text, objects or dates
        if not issubclass(other, np.ndarray):
            return False
        plain, wanted_array = np.asarray(got), np.asarray(want)
        return plain.shape == wanted_array.shape and all(
            _close(g, w, tolerance)
            for g, w in zip(plain.ravel().tolist(), wanted_array.ravel().tolist(), strict=True)
        )
    if issubclass(kind, dict):
        return issubclass(other, dict) and _close_dicts(got, want, tolerance)
    if issubclass(kind, (set, frozenset)):
        return issubclass(other, (set, frozenset)) and _keys(_members(got)) == _keys(_members(want))
    if issubclass(kind, Fraction):
        return other in (int, Fraction) and Fraction.__eq__(want, got) is True
    if dataclasses.is_dataclass(kind):
        names = [field.name for field in dataclasses.fields(kind)]
        return other is kind and all(
            _close(getattr(got, name), getattr(want, name), tolerance) for name in names
        )
    if kind in _BY_EQUALITY or issubclass(kind, np.dtype):
        return other is kind and kind.__eq__(got, want) is True
    return got is want


def _near(got: _Numbers, want: _Numbers, tolerance: Tolerance) -> bool:
    """Compare numbers, elementwise."""
    g, w = got.values, want.values
    if g.shape != w.shape:
        return False
    if g.size == 0:
        return True
    if "b" in (g.dtype.kind, w.dtype.kind):
        return g.dtype.kind == w.dtype.kind and bool((g == w).all())
    precision = max(got.precision, want.precision, key=_PRECISIONS.index)
    if precision == "exact" and tolerance == (None, None):
        return g.tolist() == w.tolist()  # as Python's integers: no overflow, no mixed-sign trouble
    rtol, atol = (
        default if given is None else given
        for given, default in zip(tolerance, _TOLERANCES[precision], strict=True)
    )
    exact = np.complex128 if "c" in (g.dtype.kind, w.dtype.kind) else np.float64
    g, w = g.astype(exact), w.astype(exact)
    with np.errstate(all="ignore"):
        finite = np.isfinite(g) & np.isfinite(w)
        return bool(((g == w) | (finite & (np.abs(g - w) <= atol + rtol * np.abs(w)))).all())


def _numbers(x: Any) -> _Numbers | None:
    """Return the raw numbers in `x` and how exact they are; None where it holds no numbers."""
    kind = type(x)
    if issubclass(kind, torch.Tensor):
        return _tensor_numbers(x)
    if issubclass(kind, np.generic):
        return _array_numbers(np.generic.__array__(x))
    if issubclass(kind, np.ndarray):
        return _array_numbers(np.asarray(x))
    if kind is bool:
        return _Numbers(np.array(x), "exact")
    if issubclass(kind, int):
        return _Numbers(np.array(int.__index__(x), dtype=object), "exact")
    if issubclass(kind, float):
        return _Numbers(np.array(float.__float__(x)), "float64")
    if issubclass(kind, complex):
        return _Numbers(np.array(complex.__complex__(x)), "float64")
    return None


def _array_numbers(x: np.ndarray) -> _Numbers | None:
    if x.dtype.kind in "biu":
        return _Numbers(x, "exact")
    if x.dtype.kind in "fc":
        bits = 8 * x.dtype.itemsize // (2 if x.dtype.kind == "c" else 1)
        return _Numbers(x, f"float{min(bits, 64)}")
    return None


def _tensor_numbers(x: torch.Tensor) -> _Numbers:
    with torch._C.DisableTorchFunctionSubclass():  # a subclass may answer for its own data
        x = torch.Tensor.detach(x).as_subclass(torch.Tensor).cpu().resolve_conj().resolve_neg()
        if not (x.is_floating_point() or x.is_complex()):
            return _Numbers(x.numpy(), "exact")
        name = str(x.dtype).removeprefix("torch.")
        name = {"complex128": "float64", "complex64": "float32", "complex32": "float16"}.get(
            name, name
        )
        precision = name if name in _TOLERANCES else "bfloat16"
        return _Numbers(x.to(torch.complex128 if x.is_complex() else torch.float64).numpy(),
                        precision)  # fmt: skip


def _items(x: Any) -> list | None:
    """Return what a sequence holds; the rows of an array or tensor, as arrays and tensors."""
    kind = type(x)
    for sequence in (list, tuple):
        if issubclass(kind, sequence):
            return list(sequence.__iter__(x))
    if issubclass(kind, np.ndarray):
        return list(np.asarray(x))
    if issubclass(kind, torch.Tensor):
        with torch._C.DisableTorchFunctionSubclass():
            return list(torch.Tensor.unbind(torch.Tensor.detach(x).as_subclass(torch.Tensor)))
    return None


def _dimensions(x: Any) -> int:
    return len(x.shape) if issubclass(type(x), (np.ndarray, torch.Tensor)) else 1


def _close_dicts(got: dict, want: dict, tolerance: Tolerance) -> bool:
    values = {_key(key): value for key, value in dict.items(got)}
    wanted = {_key(key): value for key, value in dict.items(want)}
    return values.keys() == wanted.keys() and all(
        _close(values[key], value, tolerance) for key, value in wanted.items()
    )


def _members(x: set | frozenset) -> Iterable:
    return set.__iter__(x) if issubclass(type(x), set) else frozenset.__iter__(x)


def _keys(x: Iterable) -> set:
    return {_key(item) for item in x}


def _key(x: Any) -> tuple:
    """Return a stand-in for a key that compares by plain data alone."""
    kind = type(x)
    if issubclass(kind, (int, float, complex, np.number, np.bool_)):
        numbers = _numbers(x)
        plain = numbers.values.item()
        return ("truth" if type(plain) is bool else "number", plain)
    if issubclass(kind, str):
        return ("text", str.__str__(x))
    if issubclass(kind, tuple):
        return ("tuple", *map(_key, tuple.__iter__(x)))
    if issubclass(kind, frozenset):
        return ("set", frozenset(_keys(_members(x))))
    if x is None or kind in (bytes, Fraction, *_BY_EQUALITY):
        return (kind, x)
    return ("object", id(x))
