"""Values as bytes, and bytes as values: what crosses the border between tests and learner code.

One side of the border is hostile, so the format says only which plain value is meant. Nothing is
pickled, evaluated, imported or constructed through code that the message chooses. `loads` raises
`Malformed` and nothing else, checks every declared length before it allocates, and takes time and
memory in proportion to the message.

A message is a tree. Each node is one byte, its tag, and what follows it; integers are
little-endian. `wire_encode` and `wire_decode` know the containers and scalars of Python itself,
`wire_types` the rest, `wire_rules` what may be named.

Examples
--------
>>> loads(dumps([1, "two", {3.0: None}]))
[1, 'two', {3.0: None}]
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence
from typing import Any

from .wire_decode import Decoder
from .wire_encode import Encoder
from .wire_rules import MODULES, Limits, Malformed, Mutable, PeerDied, Refused, Table

__all__ = [
    "MODULES",
    "Limits",
    "Malformed",
    "Mutable",
    "PeerDied",
    "Refused",
    "Table",
    "dumps",
    "loads",
    "receive",
    "send",
]

_LENGTH = struct.Struct("<I")
_CHUNK = 1 << 20
_DEFAULT = Limits()


class _NoTable:
    def export(self, value: Any) -> Any:
        raise Refused(f"a value of type {type(value).__name__} has no bytes of its own.")

    def resolve(self, description: Any) -> Any:
        raise Malformed("a message refers to an object where none can be.")


def dumps(
    value: Any,
    table: Table | None = None,
    limits: Limits = _DEFAULT,
    *,
    modules: tuple[str, ...] = MODULES,
    mutables: list[Any] | None = None,
    refs: dict[int, int] | None = None,
) -> bytes:
    """Write a value.

    Parameters
    ----------
    value : object
    table : Table, optional
        Stands in for what has no value; without one such a thing is refused.
    limits : Limits, optional
    modules : tuple of str
        Packages whose types are kept.
    mutables : list, optional
        Filled with the mutable objects met, in the order in which `loads` meets them.
    refs : dict, optional
        Objects that the other side already has: their ids and numbers there. They are written as
        their numbers.

    Returns
    -------
    bytes

    Raises
    ------
    Refused
        If the value is too large, too deep, contains itself, or has a part that cannot travel.
    """
    encoder = Encoder(table or _NoTable(), limits, modules, mutables, refs)
    encoder.put(value, 0)
    if len(encoder.out) > limits.message or encoder.items > limits.items:
        raise Refused(
            f"a value with more than {limits.items} parts or {limits.message >> 20} MiB is too "
            "large to cross the border."
        )
    return bytes(encoder.out)


def loads(
    data: bytes,
    table: Table | None = None,
    limits: Limits = _DEFAULT,
    *,
    modules: tuple[str, ...] = MODULES,
    mutables: list[Mutable] | None = None,
    refs: Sequence[Any] | None = None,
) -> Any:
    """Read a value, whoever wrote it.

    Parameters
    ----------
    data : bytes
    table : Table, optional
        Turns descriptions of objects into objects; without one they are malformed.
    limits : Limits, optional
    modules : tuple of str
        Packages whose types may be named. Only modules that are loaded already are looked into.
    mutables : list, optional
        Filled with the mutable values met.
    refs : sequence, optional
        The objects that the message may mention by number, as often as it likes: the result may
        be far larger to look at than the message was.

    Returns
    -------
    object

    Raises
    ------
    Malformed
        If the bytes are anything else than what `dumps` writes.
    """
    try:
        decoder = Decoder(data, table or _NoTable(), limits, modules, mutables, refs)
        value = decoder.get(0)
        if decoder.at != len(data):
            raise Malformed("a message goes on after its end.")
    except Malformed:
        raise
    except Exception as error:  # hostile bytes: any other trouble with them means the same
        raise Malformed(f"a message makes no sense ({type(error).__name__}).") from None
    return value


def send(sock: socket.socket, *parts: bytes) -> None:
    """Send one message: its length in four bytes, then its parts.

    Parameters
    ----------
    sock : socket.socket
        A connected stream socket that blocks.
    *parts : bytes
        Together the message.

    Raises
    ------
    PeerDied
        If nobody listens any more.
    """
    head = _LENGTH.pack(sum(map(len, parts)))
    try:
        if len(parts[-1]) < _CHUNK:
            sock.sendall(b"".join((head, *parts)))
        else:  # spare the copy
            for part in (head, *parts):
                sock.sendall(part)
    except OSError as error:
        raise PeerDied(f"the other side has ended ({error.strerror}).") from None


def receive(sock: socket.socket, limits: Limits = _DEFAULT) -> bytes:
    """Wait for one message.

    Parameters
    ----------
    sock : socket.socket
        A connected stream socket that blocks.
    limits : Limits, optional

    Returns
    -------
    bytes

    Raises
    ------
    Malformed
        If it is announced as larger than the limit; then nothing of it is read.
    PeerDied
        If the other side has ended.
    """
    (length,) = _LENGTH.unpack(_read(sock, _LENGTH.size))
    if length > limits.message:
        raise Malformed(f"a message of {length} bytes is larger than {limits.message}.")
    return _read(sock, length)


def _read(sock: socket.socket, length: int) -> bytes:
    parts = []
    while length:
        try:
            part = sock.recv(min(length, _CHUNK))
        except OSError as error:
            raise PeerDied(f"the other side has ended ({error.strerror}).") from None
        if not part:
            raise PeerDied("the other side has ended.")
        parts.append(part)
        length -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
