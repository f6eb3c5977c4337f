"""How `course.testing` compares, measures and shows values."""

from __future__ import annotations

import dataclasses
import datetime
import numbers
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import torch

EXACT = (str, bytes, Decimal, Fraction, datetime.date, datetime.timedelta, np.dtype, torch.dtype)
SHOWN = 400


def values_close(got: Any, want: Any, rtol: float | None, atol: float | None) -> bool:
    """Compare as `course.testing.close` says; may raise where ``got`` is of a wrong kind."""
    if want is None:
        return got is None
    for kind in EXACT:  # the kind's own comparison, never a subclass's
        if isinstance(want, kind):
            return isinstance(got, kind) and kind.__eq__(want, got) is True
    if isinstance(want, (list, tuple)):
        items = list(got) if isinstance(got, (list, tuple, np.ndarray, torch.Tensor)) else None
        if items is None or len(items) != len(want):
            return False
        return all(values_close(g, w, rtol, atol) for g, w in zip(items, want, strict=True))
    if isinstance(want, dict):
        if not isinstance(got, dict) or dict.keys(got) != want.keys():
            return False
        return all(values_close(dict.__getitem__(got, k), want[k], rtol, atol) for k in want)
    if isinstance(want, (set, frozenset)):
        return isinstance(got, (set, frozenset)) and frozenset(got) == frozenset(want)
    if isinstance(want, (numbers.Number, np.ndarray, np.generic, torch.Tensor)):
        return _arrays_close(_array(got), _array(want), rtol, atol)
    if dataclasses.is_dataclass(want):
        fields = [f.name for f in dataclasses.fields(want)]
        return type(got) is type(want) and all(
            values_close(getattr(got, f), getattr(want, f), rtol, atol) for f in fields
        )
    return type(got) is type(want) and bool(got == want)


def _array(value: Any) -> np.ndarray:
    """Return numbers as an array that keeps bool, integer and float apart."""
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu()
        return (value.float() if value.dtype is torch.bfloat16 else value).numpy()
    if isinstance(value, bool):
        return np.array(bool(value))
    if isinstance(value, int):
        return _integer(int.__int__(value))
    if isinstance(value, float):
        return np.array(float.__float__(value))
    if isinstance(value, (np.ndarray, np.generic, complex, list, tuple)):
        array = np.asarray(value)
        whole = array.dtype == object and all(isinstance(x, int) for x in array.flat)
        if array.dtype.kind in "biufc" or whole:
            return array
    raise TypeError(f"{type(value).__name__} is not a number or an array")


def _integer(value: int) -> np.ndarray:
    return np.array(value, dtype=np.int64 if -(2**63) <= value < 2**63 else object)


def _arrays_close(
    got: np.ndarray, want: np.ndarray, rtol: float | None, atol: float | None
) -> bool:
    if got.shape != want.shape or (got.dtype == bool) != (want.dtype == bool):
        return False
    if got.dtype.kind in "biuO" and want.dtype.kind in "biuO":
        return bool(np.all(got == want))
    if got.dtype == object or want.dtype == object:  # an integer beyond 64 bits beside a float
        got, want = got.astype(np.float64), want.astype(np.float64)
    coarse = any(a.dtype.kind in "fc" and np.finfo(a.dtype).eps > 1e-12 for a in (got, want))
    rtol = (1e-4 if coarse else 1e-6) if rtol is None else rtol
    atol = (1e-5 if coarse else 1e-9) if atol is None else atol
    wide = np.complex128 if "c" in (got.dtype.kind, want.dtype.kind) else np.float64
    with np.errstate(all="ignore"):
        return bool(np.allclose(got.astype(wide), want.astype(wide), rtol=rtol, atol=atol))


def identical(a: Any, b: Any) -> bool:
    """Say whether two values are the same bit for bit; random generators always count as so."""
    if isinstance(a, (np.random.Generator, torch.Generator)):
        return type(a) is type(b)
    if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor):
        a, b = a.detach().cpu(), b.detach().cpu()
        same = a.dtype == b.dtype and a.shape == b.shape
        return same and bool(torch.equal(a.nan_to_num(7.25), b.nan_to_num(7.25)))
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        nan = a.dtype.kind in "fc"
        return a.dtype == b.dtype and bool(np.array_equal(a, b, equal_nan=nan))
    if type(a) is not type(b):
        return False
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(identical(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return list(a) == list(b) and all(identical(a[k], b[k]) for k in a)
    if callable(a):
        return True
    return bool(a == b) or a != a  # NaN stays NaN


def size(value: Any) -> int:
    """Count the elements of an input, to find the smallest one that fails."""
    if isinstance(value, torch.Tensor):
        return value.numel()
    if isinstance(value, np.ndarray):
        return value.size
    if isinstance(value, (str, bytes)):
        return max(1, len(value))
    if isinstance(value, dict):
        return sum(size(k) + size(v) for k, v in value.items())
    if isinstance(value, (list, tuple, set, frozenset)):
        return sum(size(v) for v in value)
    return 1


def show(value: Any) -> str:
    """Write a value as a learner reads it: short, and never raising."""
    try:
        if isinstance(value, torch.Tensor):
            array = _array(value)
            text = f"tensor({np.array2string(array, separator=', ', threshold=20, precision=6)})"
        else:
            with np.printoptions(threshold=20, precision=6):
                text = repr(value)
    except Exception as error:
        text = f"<{type(value).__name__} that cannot be shown: {type(error).__name__}>"
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 2]} …"
