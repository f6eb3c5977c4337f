"""Types that travel as a few plainer values: numbers, dates, arrays, tensors, random generators.

Each has a code of one byte, a function that takes a value apart, and one that puts it together
again from parts that may be hostile: it either makes a valid value or raises.
"""

from __future__ import annotations

import asyncio
import builtins
import datetime
import random
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from . import wire_arrays, wire_random
from .wire_rules import Malformed, Refused

_FRACTION_BITS = 8192  # reducing a fraction takes time that grows with the square of this
_TEXT = 10_000

# Exceptions that one string can build, and that end nothing but a call.
_ERRORS = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type)
    and issubclass(kind, (Exception, SystemExit))
    and not issubclass(kind, (UnicodeError, BaseExceptionGroup))
} | {"UnicodeError": UnicodeError, "CancelledError": asyncio.CancelledError}


def extension(value: Any) -> bytes | None:
    """Return the code under which a value travels, None where it is none of these types."""
    kind = type(value)
    code = _CODES.get(kind)
    if code is not None:
        return code
    for base, code in _BASES:
        if issubclass(kind, base):
            return code if code != b"A" or wire_arrays.travels(value) else None
    return None


def error_name(error: BaseException) -> str:
    """Return the name of the nearest exception type that the other side can build."""
    return next(
        (
            kind.__name__
            for kind in type(error).__mro__
            if _ERRORS.get(kind.__name__) is kind
        ),
        "RuntimeError",
    )  # fmt: skip


def _pack_error(error: BaseException) -> tuple[str, str, str]:
    try:
        one = isinstance(error, KeyError) and len(error.args) == 1
        text = error.args[0] if one and type(error.args[0]) is str else str(error)
        text = text[:_TEXT] if type(text) is str else ""
    except Exception:  # a learner's class may write itself anyhow
        text = ""
    remote = getattr(error, "remote_type", None)
    return error_name(error), text, remote if type(remote) is str else type(error).__name__


def _unpack_error(parts: tuple[str, str, str]) -> BaseException:
    name, text, original = map(_text, _tuple(parts, 3))
    error = _ERRORS[name](text)
    error.remote_type = original[:100]  # type: ignore[attr-defined]
    return error


def _pack_fraction(value: Fraction) -> tuple[int, int]:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > _FRACTION_BITS:
        raise Refused(f"a fraction of more than {_FRACTION_BITS} bits cannot cross the border.")
    return value.numerator, value.denominator


def _unpack_fraction(parts: tuple[int, int]) -> Fraction:
    if max(_int(part).bit_length() for part in _tuple(parts, 2)) > _FRACTION_BITS:
        raise Malformed(f"a message has a fraction of more than {_FRACTION_BITS} bits.")
    return Fraction(*parts)


def _unpack_decimal(text: str) -> Decimal:
    if not re.fullmatch(r"-?(\d+(\.\d+)?([eE][+-]?\d+)?|Infinity|s?NaN\d*)", _text(text), re.ASCII):
        raise Malformed("a message has a decimal number that is none.")
    return Decimal(text)


def _pack_zone(value: datetime.time | datetime.datetime) -> tuple | None:
    offset = value.utcoffset()
    return None if offset is None else (offset.days, offset.seconds, offset.microseconds)


def _unpack_zone(parts: tuple | None) -> datetime.timezone | None:
    if parts is None:
        return None
    return datetime.timezone(datetime.timedelta(*map(_int, _tuple(parts, 3))))


def _pack_time(x: datetime.time) -> tuple:
    return x.hour, x.minute, x.second, x.microsecond, x.fold, _pack_zone(x)


def _unpack_time(parts: tuple) -> datetime.time:
    *numbers, fold, zone = _tuple(parts, 6)
    return datetime.time(*map(_int, numbers), _unpack_zone(zone), fold=_int(fold))


def _pack_datetime(x: datetime.datetime) -> tuple:
    return (x.year, x.month, x.day, x.hour, x.minute, x.second, x.microsecond, x.fold,
            _pack_zone(x))  # fmt: skip


def _unpack_datetime(parts: tuple) -> datetime.datetime:
    *numbers, fold, zone = _tuple(parts, 9)
    return datetime.datetime(*map(_int, numbers), _unpack_zone(zone), fold=_int(fold))


def _tuple(parts: Any, length: int) -> tuple:
    if type(parts) is not tuple or len(parts) != length:
        raise Malformed("a message has a value with the wrong number of parts.")
    return parts


def _int(part: Any) -> int:
    if type(part) is not int:
        raise Malformed("a message has something else where a whole number belongs.")
    return part


def _text(part: Any) -> str:
    if type(part) is not str:
        raise Malformed("a message has something else where text belongs.")
    return part


def _nothing(value: Any) -> None:
    return None


_TYPES: list[tuple[bytes, type, Callable[[Any], Any], Callable[[Any], Any]]] = [
    (b"D", Decimal, Decimal.__str__, _unpack_decimal),
    (b"F", Fraction, _pack_fraction, _unpack_fraction),
    (b"a", datetime.date, lambda x: (x.year, x.month, x.day),
     lambda parts: datetime.date(*map(_int, _tuple(parts, 3)))),
    (b"t", datetime.time, _pack_time, _unpack_time),
    (b"T", datetime.datetime, _pack_datetime, _unpack_datetime),
    (b"L", datetime.timedelta, lambda x: (x.days, x.seconds, x.microseconds),
     lambda parts: datetime.timedelta(*map(_int, _tuple(parts, 3)))),
    (b"r", range, lambda x: (x.start, x.stop, x.step),
     lambda parts: range(*map(_int, _tuple(parts, 3)))),
    (b"s", slice, lambda x: (x.start, x.stop, x.step), lambda parts: slice(*_tuple(parts, 3))),
    (b"e", type(Ellipsis), _nothing, lambda parts: Ellipsis),
    (b"i", type(NotImplemented), _nothing, lambda parts: NotImplemented),
    (b"E", BaseException, _pack_error, _unpack_error),
    *wire_arrays.TYPES,
    *wire_random.TYPES,
]  # fmt: skip

PACK = {code: pack for code, _, pack, _ in _TYPES}
UNPACK = {code: unpack for code, _, _, unpack in _TYPES}
MUTABLE = frozenset([b"A", b"X", b"G", b"R", b"g", b"m"])
"""Codes of what a function can change in place: arrays, tensors, random generators."""

_CODES = {kind: code for code, kind, _, _ in _TYPES if code != b"A"}
# subclasses too; not of `random.Random`, whose state a subclass may keep elsewhere
_BASES = [(kind, code) for code, kind, _, _ in reversed(_TYPES) if kind is not random.Random]
