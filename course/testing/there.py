"""Helpers that act where the learner's code lives, be that here or behind a border."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any, Protocol


class Border(Protocol):
    """A connection to the process in which the learner's code runs."""

    def owns(self, value: Any) -> bool:
        """Whether a value stands for an object over there."""

    def request(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call a service over there."""


_border: Border | None = None
_helpers: dict[str, Callable] = {}


def cross(border: Border | None) -> None:
    """From now on let helpers act beyond this border; graders call it, test cells never do."""
    global _border
    _border = border


def acts_there(helper: Callable) -> Callable:
    """Let a helper run beyond the border when it is handed a function from there."""
    _helpers[helper.__name__] = helper

    @functools.wraps(helper)
    def run(*args: Any, **kwargs: Any) -> Any:
        if _border is None or not any(_border.owns(value) for value in _functions(args[:1])):
            return helper(*args, **kwargs)
        first, *rest = args
        return _border.request("testing", helper.__name__, _packed(first), *rest, **kwargs)

    return run


def install(peer: Any, shell: Any) -> None:
    """Offer the helpers to the other side; the learner's process calls it before anything else."""
    peer.register(
        "testing", lambda name, first, *rest, **kw: _helpers[name](_unpacked(first), *rest, **kw)
    )


def _functions(values: Any) -> Iterator[Any]:
    for value in values:
        if isinstance(value, (list, tuple)):
            yield from _functions(value)
        elif isinstance(value, functools.partial):
            yield value.func
        else:
            yield value


def _packed(value: Any) -> Any:
    """Take partial functions apart: a partial would run on this side."""
    if isinstance(value, functools.partial):
        return ("partial", value.func, value.args, value.keywords)
    return [_packed(v) for v in value] if isinstance(value, list) else value


def _unpacked(value: Any) -> Any:
    if isinstance(value, tuple) and len(value) == 4 and value[0] == "partial":
        return functools.partial(value[1], *value[2], **value[3])
    return [_unpacked(v) for v in value] if isinstance(value, list) else value
