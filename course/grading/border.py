"""Calls across the border: test cells on one side, learner code on the other, one socket.

Both sides have a `Peer`. Values travel by value (`wire`), everything else as a handle, for which
the other side gets a stand-in (`border_proxies`). While one side waits for an answer it serves what
the other asks, so functions can be handed over and called back. Arguments that a call changed in
place are changed on the caller's side too, and one that comes back as a result is the caller's own.

Nothing is believed of what the other side sends: bytes that do not decode, or an object that was
never handed out, end the session.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any

from . import border_writeback, wire
from .border_desk import Desk
from .border_errors import Errors, traceback_text
from .border_handles import Handles, Mirror
from .border_line import Line
from .wire_rules import MODULES, Limits, Malformed, PeerDied, Refused

__all__ = ["Limits", "Malformed", "Peer", "PeerDied", "Refused"]

_ITERATION = ("next", "send", "throw")
_STATUSES = ("done", "raised", "ended")


class Peer:
    """One end of a session.

    Parameters
    ----------
    sock : socket.socket
        A connected stream socket that blocks; the peer closes it.
    limits : Limits, optional
    modules : tuple of str
        Packages whose dataclasses, named tuples and classes keep their type.
    learner : bool
        Whether this is the side of the learner's code: its errors are sent with a traceback, its
        objects show every public attribute, and nothing that it raises ends the session.

    Attributes
    ----------
    busy : bool
        Whether the peer itself is at work rather than code that it called. A signal handler that
        raises must wait while this is so, or a message is cut in two.
    quiet : bool
        Whether objects of the other side are shown by the name of their type alone: to ask one for
        its text runs code over there, which may end the process.
    released : list of (int, int)
        Objects of the other side that are no longer used here; it is told with the next message.
    """

    def __init__(
        self,
        sock: socket.socket,
        *,
        limits: Limits | None = None,
        modules: tuple[str, ...] = MODULES,
        learner: bool = False,
    ) -> None:
        self.limits = limits or Limits()
        self.modules = modules
        self.learner = learner
        self.busy = False
        self.quiet = False
        self.released: list[tuple[int, int]] = []
        self._lock = threading.RLock()
        self._nesting = 0
        self._handles = Handles(self, self.limits)
        self._line = Line(sock, self.limits, modules, self._handles)
        self._desk = Desk(self._handles, learner)
        self._errors = Errors(self, self._handles)

    @property
    def calls(self) -> int:
        """Requests so far, of both sides."""
        return self._line.calls

    # What a program uses

    def register(self, name: str, function: Callable) -> None:
        """Offer a service to the other side; on the side of the tests, a hostile one.

        Parameters
        ----------
        name : str
        function : callable
        """
        self._desk.services[name] = function

    def request(self, name: str, /, *args: Any, **kwargs: Any) -> Any:
        """Call a service of the other side.

        Parameters
        ----------
        name : str
        *args, **kwargs
            Its arguments.

        Returns
        -------
        object

        Raises
        ------
        PeerDied
            If the other side has ended.
        Malformed
            If it sends what no honest program sends; the session is over then.
        Exception
            What the service raised, as the nearest builtin type; `remote_type` is the name of the
            original, `remote_traceback` a text. One that the caller's own code raised on the way
            comes back as itself.
        """
        return self.ask("service", None, (name, *args), kwargs)

    def repeat(self, function: Any, times: int, /, *args: Any, **kwargs: Any) -> list:
        """Call a remote function again and again with the same arguments; the loop runs there.

        Parameters
        ----------
        function : RemoteFunction
        times : int
        *args, **kwargs
            Random generators among them go on from call to call.

        Returns
        -------
        list
        """
        return self.ask("repeat", self._number(function), (times, args, kwargs), {})

    def each(self, function: Any, calls: list[tuple]) -> list:
        """Call a remote function once for each tuple of arguments; the loop runs there.

        Parameters
        ----------
        function : RemoteFunction
        calls : list of tuple

        Returns
        -------
        list
        """
        return self.ask("each", self._number(function), ([tuple(args) for args in calls],), {})

    def owns(self, value: Any) -> bool:
        """Tell whether a value is a stand-in for an object of the other side."""
        return self._handles.remote(value) is not None

    def serve(self) -> None:
        """Answer requests until the other side has ended."""
        while True:
            try:
                kind, head, body = self._line.receive()
            except PeerDied:
                return
            if kind != b"?":
                raise self._line.end(Malformed("an answer came to a question that nobody asked."))
            self._serve(head, body)

    def close(self) -> None:
        """End the session."""
        self._line.end(PeerDied("the session is over."))
        self._desk.close()

    # Asking

    def ask(self, operation: str, number: int | None, args: tuple, kwargs: dict) -> Any:
        """Send a request and wait for its answer, serving the other side meanwhile."""
        with self._lock:
            before, self.busy = self.busy, True
            self._nesting += 1
            try:
                if self._nesting > self.limits.nesting:
                    raise RecursionError(
                        f"more than {self.limits.nesting} calls across the border wait for each "
                        "other: does a function call back for ever?"
                    )
                self._line.count()
                mutables: list[Any] = []
                body = self._line.dumps((args, kwargs), mutables=mutables)
                self._line.send(b"?", (operation, number, self._take_released()), body)
                while True:
                    kind, head, body = self._line.receive()
                    if kind == b"!":
                        return self._answered(operation, head, body, mutables)
                    self._serve(head, body)
            finally:
                self._nesting -= 1
                self.busy = before

    def _answered(self, operation: str, head: bytes, body: bytes, mutables: list) -> Any:
        try:
            status, changed, origin, trace, released = self._line.head(head)
            self._release(released)
            if changed is not None:
                border_writeback.apply(changed, mutables, self._handles, self.limits, self.modules)
            value = self._line.loads(body, refs=mutables)
            if mutables and (changed is not None or b"R" in body):
                border_writeback.check_tree([mutables, value], self.limits)
            statuses = _STATUSES if operation in _ITERATION else _STATUSES[:2]
            if status not in statuses or type(trace) is not str:
                raise Malformed("an answer is of an unknown kind.")
            if status == "raised" and not isinstance(value, BaseException):
                raise Malformed("an answer raises something that is no exception.")
        except Malformed as error:
            raise self._line.end(error) from None
        except (TypeError, ValueError):
            raise self._line.end(Malformed("an answer has the wrong parts.")) from None
        if status == "done":
            return value
        if status == "ended":
            raise StopIteration(value)
        raise self._errors.arrived(value, origin, trace)

    # Serving

    def _serve(self, head: bytes, body: bytes) -> None:
        """Carry out one request and answer it."""
        mutables: list[wire.Mutable] = []
        try:
            operation, number, released = self._line.head(head)
            args, kwargs = arguments = self._line.loads(body, mutables=mutables)
            self._line.count()
            self._release(released)
            if type(operation) is not str or type(args) is not tuple or type(kwargs) is not dict:
                raise Malformed("a request has the wrong parts.")
            if operation != "service" and number not in self._handles:
                raise Malformed("a request is about an object that was not handed out.")
        except Malformed as error:
            raise self._line.end(error) from None
        except (TypeError, ValueError):
            raise self._line.end(Malformed("a request has the wrong parts.")) from None
        status, origin, trace = "done", None, ""
        try:
            try:
                value = self._operate(operation, number, args, kwargs)
            except StopIteration as stop:
                if operation not in _ITERATION:
                    raise
                status, value = "ended", stop.value
            changed = self._changes(arguments, mutables, body)
            refs = {id(note.value): i for i, note in enumerate(mutables)}
            answer = self._line.dumps(value, refs=refs)
        except BaseException as error:
            if self._line.ended is not None:
                raise self._line.again() from None
            if isinstance(error, KeyboardInterrupt) and not self.learner:
                self._line.end(PeerDied("the session was interrupted."))
                raise
            status, origin = "raised", self._errors.origin(error)
            trace = traceback_text(error) if self.learner else ""
            try:
                changed = self._changes(arguments, mutables, body)
            except Exception:  # that may be the very error
                changed = None
            answer = self._line.dumps(error)
        released = self._take_released()
        try:
            self._line.send(b"!", (status, changed, origin, trace, released), answer)
        except Refused as error:  # together they are too large
            answer = self._line.dumps(error)
            self._line.send(b"!", ("raised", None, None, "", released), answer)

    def _operate(self, operation: str, number: int, args: tuple, kwargs: dict) -> Any:
        before, self.busy = self.busy, False
        try:
            if operation == "service":
                return self._desk.serve(*args, **kwargs)
            return self._desk.operate(operation, number, args, kwargs)
        finally:
            self.busy = before

    def _changes(
        self, arguments: Any, mutables: list[wire.Mutable], body: bytes
    ) -> border_writeback.Changes | None:
        if not mutables:
            return None
        tables = (Mirror(self._handles), self._handles)
        return border_writeback.changes(
            arguments, mutables, body, tables, self.limits, self.modules
        )

    # Handles

    def _number(self, function: Any) -> int:
        if (remote := self._handles.remote(function)) is None:
            raise TypeError("this needs a function of the other side.")
        return remote._number

    def _take_released(self) -> list[tuple[int, int]]:
        taken = self.released[:10_000]
        del self.released[: len(taken)]  # no more: others may have been added meanwhile
        return taken

    def _release(self, released: Any) -> None:
        for number in self._handles.release(released):
            self._desk.forget(number)
