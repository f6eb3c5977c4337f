"""What one side may ask of an object that the other side handed out."""

from __future__ import annotations

import functools
import inspect
import sys
import sysconfig
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from .wire_rules import ENGINE, MODULES, Refused, within

_FUNCTIONS = (
    types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.MethodWrapperType,
    types.WrapperDescriptorType, types.MethodDescriptorType, functools.partial, type,
)  # fmt: skip
_OPEN = (np.ufunc, torch.nn.Module, type(functools.cache(len)))  # may be called, and no more
_VIEWS = (type({}.keys()), type({}.values()), type({}.items()))
_INSIDES = (types.FrameType, types.CodeType, types.TracebackType)
_CLOSED = (types.ModuleType, types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType)
_TEXT = 100_000
_LIBRARIES = tuple(
    sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")
)
_CALLS = ("call", "each", "repeat")
_DRIVING = {
    "iterator": ("iter", "next"),
    "generator": ("iter", "next", "send", "throw", "close"),
    "coroutine": ("step", "close"),
    "async iterator": ("anext", "aclose"),
}
_OFTEN = 2_000_000


def kind_of(value: Any) -> str:
    """Name the stand-in that a value gets on the other side.

    Parameters
    ----------
    value : object

    Returns
    -------
    str
        A key of `border_proxies.PROXIES`.

    Raises
    ------
    Refused
        For frames, code and tracebacks: everything can be reached from them.
    """
    kind = type(value)
    if issubclass(kind, _INSIDES):
        raise Refused(f"a value of type {kind.__name__} cannot cross the border.")
    if inspect.iscoroutinefunction(value):
        return "coroutine function"
    if issubclass(kind, _FUNCTIONS):
        return "function"
    if issubclass(kind, types.GeneratorType):
        return "generator"
    if hasattr(kind, "__await__"):
        return "coroutine"
    if hasattr(kind, "__anext__"):
        return "async iterator"
    if hasattr(kind, "__next__") and hasattr(kind, "__iter__"):
        return "iterator"
    return "callable" if callable(value) else "object"


def attribute(value: Any, name: Any, learner: bool) -> Any:
    """Get a public attribute.

    Parameters
    ----------
    value : object
    name : str
        Hostile where this is the side of the tests.
    learner : bool
        Whether this is the learner's side, where nothing is secret.

    Returns
    -------
    object
    """
    if type(name) is not str or name.startswith("_"):
        raise AttributeError("an attribute whose name begins with _ is not to be had.")
    if not learner:
        own = vars(value) if isinstance(value, types.FunctionType) else {}
        closed = isinstance(value, (*_CLOSED, *_FUNCTIONS)) and not isinstance(value, type)
        if closed and name not in own:
            raise AttributeError(f"{type(value).__name__!r} object has no attribute {name!r}.")
        if not closed and not _of_tests(value if isinstance(value, type) else type(value)):
            # a path or an event loop would hand over the judge's own machine
            raise AttributeError(f"{type(value).__name__!r} object shows nothing of itself here.")
    return getattr(value, name)


def permits(value: Any, operation: str) -> bool:
    """Tell whether the learner's side may do this with an object that a test handed over.

    Functions may be called, iterators and coroutines driven, and instances of the tests' own
    classes used in every way. Any other instance is one of a library: behind its items, its calls
    and its ``with`` lies the judge's own machine.

    Parameters
    ----------
    value : object
    operation : str
        A key of `OPERATIONS`, or ``"step"``.

    Returns
    -------
    bool
    """
    kind = type(value)
    if issubclass(kind, _FUNCTIONS):
        return operation in _CALLS
    if _of_tests(kind) or issubclass(kind, _VIEWS):
        return True
    if operation in _CALLS:
        return issubclass(kind, _OPEN)
    return operation == "bool" or operation in _DRIVING.get(kind_of(value), ())


def _of_tests(kind: type) -> bool:
    """Whether a class is a test's own rather than one of a library or of the engine."""
    module = kind.__module__
    if within(module, MODULES):
        return not within(module, ENGINE)
    if module == "__main__":
        return True
    file = getattr(sys.modules.get(module), "__file__", None)
    return isinstance(file, str) and not file.startswith(_LIBRARIES)


def _text(text: str) -> str:
    return text if len(text) <= _TEXT else f"{text[:_TEXT]} …"


def _exit(value: Any, error: BaseException | None) -> bool:
    return bool(value.__exit__(type(error) if error else None, error, None))


def _async_exit(value: Any, error: BaseException | None) -> Any:
    return value.__aexit__(type(error) if error else None, error, None)


def _set(value: Any, key: Any, item: Any) -> None:
    value[key] = item


def _delete(value: Any, key: Any) -> None:
    del value[key]


def _each(value: Any, calls: Any) -> list:
    return [value(*args) for args in calls]


def _repeat(value: Any, times: int, args: tuple, kwargs: dict) -> list:
    if not 0 <= times <= _OFTEN:
        raise ValueError(f"a call is repeated at most {_OFTEN} times, not {times}.")
    return [value(*args, **kwargs) for _ in range(times)]


OPERATIONS: dict[str, Callable[..., Any]] = {
    "call": lambda value, /, *args, **kwargs: value(*args, **kwargs),
    "each": _each,
    "repeat": _repeat,
    "repr": lambda value: _text(repr(value)),
    "str": lambda value: _text(str(value)),
    "len": len,
    "bool": bool,
    "item": lambda value, key: value[key],
    "setitem": _set,
    "delitem": _delete,
    "contains": lambda value, key: key in value,
    "iter": iter,
    "next": next,
    "send": lambda value, given: value.send(given),
    "throw": lambda value, error: value.throw(error),
    "close": lambda value: value.close(),
    "enter": lambda value: value.__enter__(),
    "exit": _exit,
    "aenter": lambda value: value.__aenter__(),
    "aexit": _async_exit,
    "anext": lambda value: value.__anext__(),
    "aclose": lambda value: value.aclose(),
}
"""Each takes the object and the arguments of the request. Attributes and steps have their own."""
