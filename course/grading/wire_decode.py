"""Bytes to values, whoever wrote them."""

from __future__ import annotations

import dataclasses
from array import array
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Any

from .wire_encode import COMPLEX, FLOAT, INT, LENGTH
from .wire_rules import Limits, Malformed, Mutable, Table, find_class, within
from .wire_types import MUTABLE, UNPACK

_ALIKE = 128  # keys of one hash in a dict or set: to find the n-th takes n comparisons


class Decoder:
    """Read one message; the parameters are those of `wire.loads`."""

    def __init__(
        self,
        data: bytes,
        table: Table,
        limits: Limits,
        modules: tuple[str, ...],
        mutables: list[Mutable] | None,
        refs: Sequence[Any] | None,
    ) -> None:
        self.data = data
        self.at = 0
        self.table = table
        self.limits = limits
        self.modules = modules
        self.mutables = mutables
        self.refs = refs
        self.referred = False
        self.items = 0

    def get(self, depth: int) -> Any:
        """Read the value that comes next."""
        if depth > self.limits.depth:
            raise Malformed(f"a message is nested more than {self.limits.depth} levels deep.")
        self.count(1)
        start = self.at
        read = _READERS.get(self.data[start : start + 1])
        if read is None:
            raise Malformed("a message has an unknown kind of value in it.")
        self.at = start + 1
        return read(self, depth)

    def count(self, values: int) -> None:
        """Count values against the limit."""
        self.items += values
        if self.items > self.limits.items:
            raise Malformed(f"a message has more than {self.limits.items} values.")

    def take(self, size: int) -> bytes:
        """Read raw bytes."""
        start, end = self.at, self.at + size
        if end > len(self.data):
            raise Malformed("a message ends too early.")
        self.at = end
        return self.data[start:end]

    def length(self, least: int = 1) -> int:
        """Read how many follow, each of at least so many bytes."""
        (length,) = LENGTH.unpack(self.take(4))
        if length * least > len(self.data) - self.at:
            raise Malformed("a message announces more than it holds.")
        return length

    def many(self, depth: int) -> list:
        """Read a number of values and the values."""
        count = self.length()
        if self.items + count > self.limits.items:  # before the list is made
            self.count(count)
        get, depth = self.get, depth + 1
        return [get(depth) for _ in range(count)]

    def inner(self, depth: int) -> Any:
        """Read a part of a description: nothing in it counts as a mutable of the message."""
        mutables, refs, self.mutables, self.refs = self.mutables, self.refs, None, None
        value = self.get(depth + 1)
        self.mutables, self.refs = mutables, refs
        return value

    def begin(self) -> Mutable | None:
        """Note that a mutable value begins at the tag just read."""
        if self.mutables is None:
            return None
        self.mutables.append(Mutable(None, self.at - 1))
        return self.mutables[-1]

    def end(self, note: Mutable | None, value: Any) -> Any:
        """Note that it ends here."""
        if note is not None:
            note.value, note.end = value, self.at
        return value

    def text(self) -> str:
        return self.take(self.length()).decode("utf-8", "surrogatepass")

    def name(self) -> type:
        """Read the name of a class."""
        module, name = self.text(), self.text()
        kind = find_class(module, name, self.modules)
        if kind is None:
            raise Malformed(f"a message names the class {name[:80]!r}, which may not travel.")
        return kind


def _int(decoder: Decoder, depth: int) -> int:
    return INT.unpack(decoder.take(8))[0]


def _long(decoder: Decoder, depth: int) -> int:
    return int.from_bytes(decoder.take(decoder.length()), "little", signed=True)


def _float(decoder: Decoder, depth: int) -> float:
    return FLOAT.unpack(decoder.take(8))[0]


def _complex(decoder: Decoder, depth: int) -> complex:
    return complex(*COMPLEX.unpack(decoder.take(16)))


def _str(decoder: Decoder, depth: int) -> str:
    return decoder.text()


def _bytes(decoder: Decoder, depth: int) -> bytes:
    return bytes(decoder.take(decoder.length()))


def _bytearray(decoder: Decoder, depth: int) -> bytearray:
    note = decoder.begin()
    return decoder.end(note, bytearray(decoder.take(decoder.length())))


def _list(decoder: Decoder, depth: int) -> list:
    note = decoder.begin()
    return decoder.end(note, decoder.many(depth))


def _tuple(decoder: Decoder, depth: int) -> tuple:
    return tuple(decoder.many(depth))


def _packed(decoder: Decoder, depth: int) -> list | tuple:
    tag, code = decoder.take(1), decoder.take(1)
    if tag not in (b"l", b"t") or code not in (b"q", b"d"):
        raise Malformed("a message has an unknown kind of value in it.")
    note = decoder.begin() if tag == b"l" else None
    if note is not None:
        note.start -= 2
    count = decoder.length(8)
    decoder.count(count)
    values = array(code.decode())
    values.frombytes(decoder.take(8 * count))
    return decoder.end(note, values.tolist() if tag == b"l" else tuple(values))


def _dict(decoder: Decoder, depth: int) -> dict:
    note = decoder.begin()
    parts = decoder.many(depth)
    keys = parts[::2]
    _check_keys(keys)
    return decoder.end(note, dict(zip(keys, parts[1::2], strict=True)))


def _set(decoder: Decoder, depth: int) -> set:
    note = decoder.begin()
    values = decoder.many(depth)
    _check_keys(values)
    return decoder.end(note, set(values))


def _frozenset(decoder: Decoder, depth: int) -> frozenset:
    values = decoder.many(depth)
    _check_keys(values)
    return frozenset(values)


def _check_keys(keys: list) -> None:
    """Refuse keys made to hash alike: a table of n such keys takes n**2 steps to fill."""
    if len(keys) > _ALIKE and max(Counter(map(hash, keys)).values()) > _ALIKE:
        raise Malformed("a message has a dict or set with too many keys that hash alike.")


def _deque(decoder: Decoder, depth: int) -> deque:
    note = decoder.begin()
    longest = decoder.inner(depth)
    return decoder.end(note, deque(decoder.many(depth), longest))


def _ref(decoder: Decoder, depth: int) -> Any:
    (number,) = LENGTH.unpack(decoder.take(4))
    if decoder.refs is None or number >= len(decoder.refs):
        raise Malformed("a message refers to an argument where it may not.")
    decoder.referred = True
    return decoder.refs[number]


def _extension(decoder: Decoder, depth: int) -> Any:
    code = decoder.take(1)
    if code not in UNPACK:
        raise Malformed("a message has an unknown kind of value in it.")
    note = decoder.begin() if code in MUTABLE else None
    if note is not None:
        note.start -= 1
    return decoder.end(note, UNPACK[code](decoder.inner(depth)))


def _fields(decoder: Decoder, depth: int) -> Any:
    """Read a dataclass's fields; its ``__init__`` does not run."""
    note = decoder.begin()
    kind = decoder.name()
    if not dataclasses.is_dataclass(kind) or not within(kind.__module__, decoder.modules):
        raise Malformed(f"a message takes {kind.__name__} for a dataclass.")
    names = [field.name for field in dataclasses.fields(kind)]
    value = object.__new__(kind)
    for name, part in zip(names, decoder.many(depth), strict=True):
        object.__setattr__(value, name, part)
    return decoder.end(note, value)


def _named_tuple(decoder: Decoder, depth: int) -> tuple:
    kind = decoder.name()
    parts = decoder.many(depth)
    if not issubclass(kind, tuple) or len(getattr(kind, "_fields", ())) != len(parts):
        raise Malformed(f"a message takes {kind.__name__} for a named tuple of {len(parts)}.")
    return tuple.__new__(kind, parts)


def _class(decoder: Decoder, depth: int) -> type:
    return decoder.name()


def _handle(decoder: Decoder, depth: int) -> Any:
    return decoder.table.resolve(decoder.inner(depth))


_READERS: dict[bytes, Callable[[Decoder, int], Any]] = {
    b"0": lambda decoder, depth: None,
    b"+": lambda decoder, depth: True,
    b"-": lambda decoder, depth: False,
    b"i": _int, b"I": _long, b"f": _float, b"c": _complex, b"s": _str, b"b": _bytes,
    b"B": _bytearray, b"l": _list, b"t": _tuple, b"P": _packed, b"d": _dict, b"e": _set,
    b"z": _frozenset, b"k": _deque, b"R": _ref, b"X": _extension, b"Q": _fields,
    b"N": _named_tuple, b"C": _class, b"H": _handle,
}  # fmt: skip
