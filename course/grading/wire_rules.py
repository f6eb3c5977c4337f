"""The rules of the border: its errors, its limits, and which types keep their names there."""

from __future__ import annotations

import builtins
import dataclasses
import sys
from typing import Any, Protocol

import numpy as np

MODULES = ("course",)
"""Packages whose dataclasses, named tuples and classes keep their type across the border."""

_CLASSES = ("torch.nn.modules",)  # classes of libraries that may be named besides
_BUILTIN = {name: value for name, value in vars(builtins).items() if isinstance(value, type)}
_NUMPY = {
    kind.__name__: kind
    for kind in vars(np).values()
    if isinstance(kind, type) and issubclass(kind, np.generic)
}


class Malformed(Exception):
    """The other side sent what no honest program sends; the message is one sentence."""


class Refused(ValueError):
    """A value of one's own cannot be sent; the message says why."""


class PeerDied(Exception):
    """The other side has ended."""


@dataclasses.dataclass(frozen=True)
class Limits:
    """What one side accepts from the other.

    Attributes
    ----------
    message : int
        Bytes of a message.
    depth : int
        Levels of nesting in a value.
    items : int
        Values in a message, nested ones included; an array or tensor counts as one.
    calls : int
        Requests of a session, both directions together.
    nesting : int
        Calls that wait for each other, as when a function calls back.
    handles : int
        Objects of one side that the other holds at any time.
    """

    message: int = 64 << 20
    depth: int = 100
    items: int = 2_000_000
    calls: int = 1_000_000
    nesting: int = 50
    handles: int = 100_000


class Table(Protocol):
    """Stands in for what does not travel by value: functions, iterators, instances."""

    def export(self, value: Any) -> Any:
        """Describe `value` by plain data."""

    def resolve(self, description: Any) -> Any:
        """Find or make what the other side described; raise `Malformed` where there is none."""


@dataclasses.dataclass
class Mutable:
    """A mutable value met in a message, with the span of bytes that describe it."""

    value: Any
    start: int
    end: int = 0


def within(module: Any, modules: tuple[str, ...]) -> bool:
    """Tell whether a module belongs to one of the packages."""
    return isinstance(module, str) and any(
        module == name or module.startswith(f"{name}.") for name in modules
    )


def class_name(kind: type, modules: tuple[str, ...]) -> tuple[str, str] | None:
    """Return module and name by which the other side finds this class, None where it cannot."""
    if _BUILTIN.get(kind.__name__) is kind:
        return "builtins", kind.__name__
    if _NUMPY.get(kind.__name__) is kind:
        return "numpy", kind.__name__
    name = (kind.__module__, kind.__qualname__)
    return name if find_class(*name, modules) is kind else None


ENGINE = ("course.grading", "course.build", "course.judge", "course.proofs")


def find_class(module: Any, name: Any, modules: tuple[str, ...]) -> type | None:
    """Find a class by name: a builtin, or one in a loaded module of an allowed package."""
    if module == "builtins":
        return _BUILTIN.get(name)
    if module == "numpy":
        return _NUMPY.get(name)
    if not within(module, modules) and not within(module, _CLASSES):
        return None
    if within(module, ENGINE):
        return None
    kind = vars(sys.modules[module]).get(name) if module in sys.modules else None
    return kind if isinstance(kind, type) and within(kind.__module__, modules + _CLASSES) else None
