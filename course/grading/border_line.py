"""Messages of a session: a head and a body each, counted, until the session ends."""

from __future__ import annotations

import functools
import socket
from typing import Any

from . import wire
from .border_handles import Handles
from .wire_rules import Limits, Malformed, PeerDied, Refused

_SHORT = 64  # bytes of a head that is likely to come again
_DONE = ("done", None, None, "", [])
_ALL_WELL = wire.dumps(_DONE)


@functools.lru_cache(512)
def _short_head(data: bytes) -> Any:
    return wire.loads(data, modules=())


class Line:
    """One end of a session's socket.

    Parameters
    ----------
    sock : socket.socket
    limits : Limits
    modules : tuple of str
    handles : Handles
        What stands in for objects in messages.

    Attributes
    ----------
    ended : Exception or None
        Why the session is over; every further use raises it anew.
    calls : int
        Requests so far, of both sides.
    """

    def __init__(
        self, sock: socket.socket, limits: Limits, modules: tuple[str, ...], handles: Handles
    ) -> None:
        self.limits = limits
        self.modules = modules
        self.handles = handles
        self.ended: Exception | None = None
        self.calls = 0
        self._sock = sock

    def dumps(self, value: Any, **options: Any) -> bytes:
        """Write a value (see `wire.dumps`)."""
        return wire.dumps(value, self.handles, self.limits, modules=self.modules, **options)

    def loads(self, data: bytes, **options: Any) -> Any:
        """Read a value (see `wire.loads`)."""
        return wire.loads(data, self.handles, self.limits, modules=self.modules, **options)

    def head(self, data: bytes) -> Any:
        """Read a message's head: as `loads`, but nothing in it stands for an object."""
        if len(data) > _SHORT:
            return wire.loads(data, None, self.limits, modules=())
        return _short_head(data)

    def send(self, kind: bytes, head: tuple, body: bytes) -> None:
        """Send a message: ``?`` a question, ``!`` an answer."""
        packed = _ALL_WELL if head == _DONE else self.dumps(head)
        if len(packed) + len(body) + 5 > self.limits.message:
            raise Refused(
                f"values of more than {self.limits.message >> 20} MiB together are too large to "
                "cross the border."
            )
        if self.ended is not None:
            raise self.again()
        try:
            wire.send(self._sock, kind + len(packed).to_bytes(4, "little") + packed, body)
        except PeerDied as error:
            raise self.end(error) from None

    def receive(self) -> tuple[bytes, bytes, bytes]:
        """Wait for a message: its kind, head and body."""
        if self.ended is not None:
            raise self.again()
        try:
            data = wire.receive(self._sock, self.limits)
        except (PeerDied, Malformed) as error:
            raise self.end(error) from None
        end = 5 + int.from_bytes(data[1:5], "little")
        if data[:1] not in (b"?", b"!") or end > len(data):
            raise self.end(Malformed("a message has no head."))
        return data[:1], data[5:end], data[end:]

    def count(self) -> None:
        """Count a request."""
        self.calls += 1
        if self.calls > self.limits.calls:
            raise self.end(
                Malformed(f"more than {self.limits.calls} calls have crossed the border.")
            )

    def end(self, error: Exception) -> Exception:
        """End the session for good, for this reason unless it had ended before."""
        if self.ended is None:
            self.ended = error
            self._sock.close()
        return self.again()

    def again(self) -> Exception:
        """Make the reason anew: an exception raised twice would gather tracebacks."""
        assert self.ended is not None
        return type(self.ended)(*self.ended.args)
