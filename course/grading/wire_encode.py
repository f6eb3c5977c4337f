"""Values to bytes."""

from __future__ import annotations

import dataclasses
import struct
from array import array
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from .wire_rules import Limits, Refused, Table, class_name, within
from .wire_types import MUTABLE, PACK, extension

LENGTH = struct.Struct("<I")
INT = struct.Struct("<q")
FLOAT = struct.Struct("<d")
COMPLEX = struct.Struct("<dd")


class Encoder:
    """Write one message into `out`; the parameters are those of `wire.dumps`."""

    def __init__(
        self,
        table: Table,
        limits: Limits,
        modules: tuple[str, ...],
        mutables: list[Any] | None,
        refs: dict[int, int] | None,
    ) -> None:
        self.out = bytearray()
        self.table = table
        self.limits = limits
        self.modules = modules
        self.mutables = mutables
        self.refs = refs
        self.items = 0

    def put(self, value: Any, depth: int) -> None:
        """Append a value."""
        self.items += 1
        if self.refs and id(value) in self.refs:
            self.out += b"R" + LENGTH.pack(self.refs[id(value)])
            return
        write = _WRITERS.get(type(value))
        if write is not None:
            write(self, value, depth)
            return
        if depth >= self.limits.depth:
            raise Refused(
                f"a value nested more than {self.limits.depth} levels deep, or one that contains "
                "itself, cannot cross the border."
            )
        self._put_other(value, depth)

    def _put_other(self, value: Any, depth: int) -> None:
        kind = type(value)
        code = extension(value)
        if code is not None:
            self._put_extension(code, value, depth)
        elif dataclasses.is_dataclass(kind) and self._known(kind):
            self._put_fields(value, depth)
        elif issubclass(kind, tuple) and hasattr(kind, "_fields") and self._known(kind):
            self.out += b"N"
            self._put_name(kind)
            self._put_many(tuple(tuple.__iter__(value)), depth)
        elif issubclass(kind, type) and (name := class_name(value, self.modules)):
            self.out += b"C"
            self._put_text(name[0])
            self._put_text(name[1])
        else:
            for base, write in _BASES:
                if issubclass(kind, base):
                    return write(self, value, depth)
            self.out += b"H"
            self._put_inner(self.table.export(value), depth)
        return None

    def _known(self, kind: type) -> bool:
        return within(kind.__module__, self.modules) and class_name(kind, self.modules) is not None

    def _put_extension(self, code: bytes, value: Any, depth: int) -> None:
        if code in MUTABLE:
            self._note(value)
        self.out += b"X" + code
        self._put_inner(PACK[code](value), depth)

    def _put_inner(self, value: Any, depth: int) -> None:
        """Append a part of a description: nothing in it counts as a mutable of the message."""
        mutables, refs, self.mutables, self.refs = self.mutables, self.refs, None, None
        self.put(value, depth + 1)
        self.mutables, self.refs = mutables, refs

    def _put_fields(self, value: Any, depth: int) -> None:
        self._note(value)
        self.out += b"Q"
        self._put_name(type(value))
        names = [field.name for field in dataclasses.fields(value)]
        self._put_many([getattr(value, name) for name in names], depth)

    def _put_name(self, kind: type) -> None:
        self._put_text(kind.__module__)
        self._put_text(kind.__qualname__)

    def _put_text(self, text: str) -> None:
        data = text.encode("utf-8", "surrogatepass")
        self.out += LENGTH.pack(len(data)) + data

    def _put_many(self, values: Any, depth: int) -> None:
        """Append a number of values and the values."""
        if depth >= self.limits.depth:
            raise Refused(
                f"a value nested more than {self.limits.depth} levels deep, or one that contains "
                "itself, cannot cross the border."
            )
        if self.items + len(values) > self.limits.items or len(self.out) > self.limits.message:
            raise Refused(
                f"a value with more than {self.limits.items} parts or "
                f"{self.limits.message >> 20} MiB is too large to cross the border."
            )
        self.out += LENGTH.pack(len(values))
        put, depth = self.put, depth + 1
        for value in values:
            put(value, depth)

    def _note(self, value: Any) -> None:
        if self.mutables is not None:
            self.mutables.append(value)


def _none(encoder: Encoder, value: Any, depth: int) -> None:
    encoder.out += b"0"


def _bool(encoder: Encoder, value: bool, depth: int) -> None:
    encoder.out += b"+" if value else b"-"


def _int(encoder: Encoder, value: int, depth: int) -> None:
    value = int.__index__(value)
    if -(1 << 63) <= value < 1 << 63:
        encoder.out += b"i" + INT.pack(value)
    else:
        data = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
        encoder.out += b"I" + LENGTH.pack(len(data)) + data


def _float(encoder: Encoder, value: float, depth: int) -> None:
    encoder.out += b"f" + FLOAT.pack(float.__float__(value))


def _complex(encoder: Encoder, value: complex, depth: int) -> None:
    value = complex.__complex__(value)
    encoder.out += b"c" + COMPLEX.pack(value.real, value.imag)


def _str(encoder: Encoder, value: str, depth: int) -> None:
    data = str.encode(value, "utf-8", "surrogatepass")
    _check_size(encoder, data)
    encoder.out += b"s" + LENGTH.pack(len(data)) + data


def _bytes(encoder: Encoder, value: bytes, depth: int) -> None:
    _check_size(encoder, value)
    encoder.out += b"b" + LENGTH.pack(len(value)) + bytes(memoryview(value))


def _bytearray(encoder: Encoder, value: bytearray, depth: int) -> None:
    _check_size(encoder, value)
    encoder._note(value)
    encoder.out += b"B" + LENGTH.pack(len(memoryview(value))) + memoryview(value)


def _check_size(encoder: Encoder, data: Any) -> None:
    if len(memoryview(data)) > encoder.limits.message:
        raise Refused(
            f"a value of more than {encoder.limits.message >> 20} MiB is too large to cross the "
            "border."
        )


def _list(encoder: Encoder, value: list, depth: int) -> None:
    encoder._note(value)
    _sequence(
        encoder, b"l", list(list.__iter__(value)) if type(value) is not list else value, depth
    )


def _tuple(encoder: Encoder, value: tuple, depth: int) -> None:
    _sequence(encoder, b"t", tuple(tuple.__iter__(value)), depth)


def _sequence(encoder: Encoder, tag: bytes, values: list | tuple, depth: int) -> None:
    """Append a list or tuple; one of small ints alone, or of floats alone, as one buffer."""
    if len(values) > 3 and len(kinds := set(map(type, values))) == 1:
        code = _PACKED.get(kinds.pop())
        packed = _pack(code, values) if code else None
        if packed is not None and encoder.items + len(values) <= encoder.limits.items:
            encoder.items += len(values)
            encoder.out += b"P" + tag + code.encode() + LENGTH.pack(len(values)) + packed
            return
    encoder.out += tag
    encoder._put_many(values, depth)


_PACKED = {int: "q", float: "d"}


def _pack(code: str, values: Iterable) -> bytes | None:
    try:
        return array(code, values).tobytes()
    except OverflowError:
        return None


def _dict(encoder: Encoder, value: dict, depth: int) -> None:
    encoder._note(value)
    encoder.out += b"d"
    encoder._put_many([part for pair in dict.items(value) for part in pair], depth)


def _set(encoder: Encoder, value: set, depth: int) -> None:
    encoder._note(value)
    encoder.out += b"e"
    encoder._put_many(list(set.__iter__(value)), depth)


def _frozenset(encoder: Encoder, value: frozenset, depth: int) -> None:
    encoder.out += b"z"
    encoder._put_many(list(frozenset.__iter__(value)), depth)


def _deque(encoder: Encoder, value: deque, depth: int) -> None:
    encoder._note(value)
    encoder.out += b"k"
    encoder._put_inner(deque.maxlen.__get__(value), depth)
    encoder._put_many(list(deque.__iter__(value)), depth)


Writer = Callable[[Encoder, Any, int], None]
_WRITERS: dict[type, Writer] = {
    type(None): _none, bool: _bool, int: _int, float: _float, complex: _complex, str: _str,
    bytes: _bytes, bytearray: _bytearray, list: _list, tuple: _tuple, dict: _dict, set: _set,
    frozenset: _frozenset, deque: _deque,
}  # fmt: skip
_BASES = [pair for pair in _WRITERS.items() if pair[0] not in (type(None), bool)]
