"""Which objects each side has handed out: numbers for one's own, stand-ins for the other's."""

from __future__ import annotations

import weakref
from typing import Any

from .border_operations import kind_of
from .border_proxies import PROXIES, Remote, coroutine_function, remote_of
from .wire_rules import Limits, Malformed, Refused

_NAME = 100


class Handles:
    """The `wire_rules.Table` of a session.

    An object keeps its number, and its stand-in stays the same one, as long as the other side
    holds it. What comes back is the original.

    Parameters
    ----------
    peer : Peer
        Whom the stand-ins ask.
    limits : Limits
    """

    def __init__(self, peer: Any, limits: Limits) -> None:
        self._peer = peer
        self._limits = limits
        self._last = 0
        self._own: dict[int, _Entry] = {}
        self._numbers: dict[int, int] = {}  # id of an own object -> its number
        self._remotes: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()

    def __contains__(self, number: Any) -> bool:
        return type(number) is int and number in self._own

    def __getitem__(self, number: int) -> Any:
        return self._own[number].value

    def new_number(self) -> int:
        """Return a number never given before."""
        self._last += 1
        return self._last

    def number_of(self, value: Any) -> int | None:
        """Return the number of an object handed out, None where it is not."""
        return self._numbers.get(id(value))

    def export(self, value: Any) -> tuple:
        """Describe an object to the other side, and keep it from now on."""
        remote = self.remote(value)
        if remote is not None:
            return 1, remote._number
        number = self._numbers.get(id(value))
        if number is None:
            kind = kind_of(value)
            if len(self._own) >= self._limits.handles:
                raise Refused(f"more than {self._limits.handles} objects have been handed out.")
            number = self.new_number()
            name = getattr(value, "__name__", None) if kind.endswith("function") else None
            name = name if type(name) is str else type(value).__name__
            self._own[number] = _Entry(value, kind, name[:_NAME])
            self._numbers[id(value)] = number
        entry = self._own[number]
        entry.given += 1
        return 0, number, entry.kind, entry.name

    def resolve(self, description: Any) -> Any:
        """Find one's own object, or make a stand-in for the other side's."""
        if type(description) is not tuple:
            raise Malformed("a message describes an object in a form that makes no sense.")
        if list(map(type, description)) == [int, int] and description[0] == 1:
            if description[1] not in self._own:
                raise Malformed("a message mentions an object that was not handed out.")
            return self._own[description[1]].value
        if (
            list(map(type, description)) != [int, int, str, str]
            or description[0] != 0
            or description[2] not in PROXIES
        ):
            raise Malformed("a message describes an object in a form that makes no sense.")
        _, number, kind, name = description
        known = self._remotes.get(number)
        if known is not None:
            vars(remote_of(known))["_count"] += 1
            return known
        proxy: Any = PROXIES[kind](self._peer, number, kind, name[:_NAME])
        if kind == "coroutine function":
            proxy = coroutine_function(proxy)
        self._remotes[number] = proxy
        return proxy

    def remote(self, value: Any) -> Remote | None:
        """Return the stand-in that a value is in this session, None where it is none."""
        remote = remote_of(value)
        return remote if remote is not None and remote._peer is self._peer else None

    def release(self, released: Any) -> list[int]:
        """Forget what the other side gives back; return the numbers that are free now."""
        free = []
        for number, count in released:
            entry = self._own.get(number) if type(number) is int else None
            if entry is None or type(count) is not int or not 0 < count <= entry.given:
                raise Malformed("a message gives back an object that was not handed out.")
            entry.given -= count
            if not entry.given:
                del self._own[number], self._numbers[id(entry.value)]
                free.append(number)
        return free


class _Entry:
    __slots__ = ("given", "kind", "name", "value")

    def __init__(self, value: Any, kind: str, name: str) -> None:
        self.value = value
        self.kind = kind
        self.name = name
        self.given = 0


class Mirror:
    """Describes objects as the other side described them, to see whether arguments changed.

    Parameters
    ----------
    handles : Handles
    """

    def __init__(self, handles: Handles) -> None:
        self._handles = handles

    def export(self, value: Any) -> tuple:
        remote = self._handles.remote(value)
        if remote is not None:
            return 0, remote._number, remote._kind, remote._name
        return 1, self._handles.number_of(value) or 0

    def resolve(self, description: Any) -> Any:
        raise Malformed("nothing is read here.")
