"""Stand-ins for objects on the other side of the border."""

from __future__ import annotations

import asyncio
import collections.abc
from collections.abc import Generator
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .border import Peer


class Remote:
    """An object that lives on the other side; every use of it is a request."""

    _peer: Peer
    _number: int
    _kind: str
    _name: str
    _count: int

    def __init__(self, peer: Peer, number: int, kind: str, name: str) -> None:
        vars(self).update(_peer=peer, _number=number, _kind=kind, _name=name, _count=1)

    def _ask(self, operation: str, *args: Any, **kwargs: Any) -> Any:
        return self._peer.ask(operation, self._number, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # not even looked for: tools probe for many such names
            raise AttributeError(f"{self._name!r} keeps {name!r} to itself.")
        return self._ask("get", name)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(
            f"{name!r} of {self._name!r} cannot be set from outside: call a method that sets it."
        )

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{name!r} of {self._name!r} cannot be deleted from outside.")

    def __repr__(self) -> str:
        return f"<{self._name} object>" if self._peer.quiet else self._ask("repr")

    def __str__(self) -> str:
        return repr(self) if self._peer.quiet else self._ask("str")

    def __copy__(self) -> Remote:
        return self

    def __deepcopy__(self, memo: dict) -> Remote:
        return self

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(f"{self._name!r} cannot be pickled.")

    def __del__(self) -> None:
        own = vars(self)
        if "_peer" in own:
            own["_peer"].released.append((own["_number"], own["_count"]))


class RemoteFunction(Remote):
    """A function, method or class."""

    def __init__(self, peer: Peer, number: int, kind: str, name: str) -> None:
        super().__init__(peer, number, kind, name)
        vars(self).update(__name__=name, __qualname__=name)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        return self._peer.ask("call", self._number, args, kwargs)

    def __repr__(self) -> str:
        return f"<function {self._name}>"

    __str__ = __repr__


class RemoteIterator(Remote):
    """An iterator: each item is a request, so it is as lazy as the original."""

    def __iter__(self) -> RemoteIterator:
        return self

    def __next__(self) -> Any:
        return self._ask("next")


class RemoteGenerator(RemoteIterator):
    """A generator."""

    def send(self, value: Any) -> Any:
        return self._ask("send", value)

    def throw(self, error: BaseException | type[BaseException]) -> Any:
        return self._ask("throw", error() if isinstance(error, type) else error)

    def close(self) -> None:
        self._ask("close")


class RemoteCoroutine(Remote):
    """A coroutine or another awaitable, to be awaited once."""

    def __await__(self) -> Generator[Any, Any, Any]:
        error: BaseException | None = None
        while True:
            status, value = self._ask("step", error)
            if status == "stop":
                return value
            error = None
            try:
                if status == "waiting" and asyncio._get_running_loop() is not None:
                    yield from asyncio.sleep(0.001).__await__()
                else:
                    yield
            except GeneratorExit:
                self._ask("close")
                raise
            except BaseException as thrown:
                error = thrown

    def send(self, value: Any) -> Any:
        return self._steps().send(value)

    def throw(self, error: Any, *rest: Any) -> Any:
        return self._steps().throw(error)

    def close(self) -> None:
        self._steps().close()

    def _steps(self) -> Generator[Any, Any, Any]:
        if "_running" not in vars(self):
            vars(self)["_running"] = self.__await__()
        return self._running


class RemoteAsyncIterator(Remote):
    """An asynchronous iterator or generator."""

    def __aiter__(self) -> RemoteAsyncIterator:
        return self

    def __anext__(self) -> RemoteCoroutine:
        return self._ask("anext")

    def aclose(self) -> RemoteCoroutine:
        return self._ask("aclose")


class RemoteObject(Remote):
    """An instance: methods and public attributes by name, and the operators of containers."""

    def __len__(self) -> int:
        return self._ask("len")

    def __bool__(self) -> bool:
        return self._ask("bool")

    def __getitem__(self, key: Any) -> Any:
        return self._ask("item", key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._ask("setitem", key, value)

    def __delitem__(self, key: Any) -> None:
        self._ask("delitem", key)

    def __contains__(self, key: Any) -> bool:
        return self._ask("contains", key)

    def __iter__(self) -> Any:
        return self._ask("iter")

    def __enter__(self) -> Any:
        return self._ask("enter")

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        return self._ask("exit", error)

    def __aenter__(self) -> RemoteCoroutine:
        return self._ask("aenter")

    def __aexit__(self, kind: Any, error: BaseException | None, trace: Any) -> RemoteCoroutine:
        return self._ask("aexit", error)


class RemoteCallable(RemoteObject):
    """An instance that can be called."""

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        return self._peer.ask("call", self._number, args, kwargs)


collections.abc.Coroutine.register(RemoteCoroutine)
collections.abc.Generator.register(RemoteGenerator)

PROXIES: dict[str, type[Remote]] = {
    "function": RemoteFunction,
    "coroutine function": RemoteFunction,
    "iterator": RemoteIterator,
    "generator": RemoteGenerator,
    "coroutine": RemoteCoroutine,
    "async iterator": RemoteAsyncIterator,
    "object": RemoteObject,
    "callable": RemoteCallable,
}


def coroutine_function(remote: Remote) -> Any:
    """Make a true coroutine function of a remote one: learners ask what a function is."""

    async def call(*args: Any, **kwargs: Any) -> Any:
        return await remote._peer.ask("call", remote._number, args, kwargs)

    call.__name__ = call.__qualname__ = remote._name
    call.__remote__ = remote  # type: ignore[attr-defined]
    return call


def remote_of(value: Any) -> Remote | None:
    """Return the stand-in that a value is, None where it is none."""
    if issubclass(type(value), Remote):
        return value
    inner = getattr(value, "__dict__", None)
    inner = inner.get("__remote__") if type(inner) is dict else None
    return inner if issubclass(type(inner), Remote) else None
