"""Run calls at the same time, switching at every step, so that races show every time."""

from __future__ import annotations

import asyncio
import inspect
import selectors
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from course.testing.baton import Baton, traced
from course.testing.cases import Mismatch
from course.testing.there import acts_there

_DEADLOCK = "the calls wait for each other for ever: is a lock not given back, or taken twice?"
_STUCK = 5.0  # seconds without any step at all
_ROUNDS = 1_000_000  # of the event loop


@acts_there
def interleave(calls: Sequence[Callable[[], Any] | Awaitable]) -> list:
    """Run calls concurrently, in lock step.

    Coroutines run in one event loop of their own and take turns at each ``await`` that waits;
    time spent asleep there is only counted, not waited for. Plain functions run in threads that
    take turns at every bytecode instruction, the finest grain at which threads can switch, except
    within the standard library and installed packages. Calls that run the same code therefore all
    look before any of them acts, and a check-then-act race shows each time rather than rarely.

    Parameters
    ----------
    calls : sequence of callable
        Functions without arguments (``functools.partial`` helps), coroutine functions, or
        functions that return a coroutine.

    Returns
    -------
    list
        The results, in the order of `calls`.

    Raises
    ------
    Mismatch
        If the calls wait for each other and nothing goes on.
    BaseException
        What a call raised (of several, the first one's), once all have ended.

    Examples
    --------
    >>> class Counter:
    ...     n = 0
    ...     def add(self):
    ...         self.n += 1
    >>> counter = Counter()
    >>> _ = interleave([counter.add, counter.add])
    >>> counter.n
    1
    """
    outcomes: list[Any] = [None] * len(calls)
    plain = []
    for i, call in enumerate(calls):
        if inspect.isawaitable(call):
            outcomes[i] = call
        elif inspect.iscoroutinefunction(call):
            outcomes[i] = call()
        else:
            plain.append(i)
    for i, outcome in zip(plain, _run_threads([calls[i] for i in plain]), strict=True):
        outcomes[i] = outcome
    awaited = [i for i, outcome in enumerate(outcomes) if inspect.isawaitable(outcome)]
    for i, outcome in zip(awaited, _run_coroutines([outcomes[i] for i in awaited]), strict=True):
        outcomes[i] = outcome
    for outcome in outcomes:
        if isinstance(outcome, _Failure):
            raise outcome.error
    return outcomes


class _Failure:
    def __init__(self, error: BaseException) -> None:
        self.error = error


# Coroutines


class _VirtualTime(selectors.DefaultSelector):
    """A selector that skips waiting time, and notices when nothing is left to wait for."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.rounds = 0

    def select(self, timeout: float | None = None) -> list:
        self.rounds += 1
        if self.rounds > _ROUNDS:
            raise Mismatch("the calls await for ever without ending: what do they wait for?")
        if timeout is None:  # no timer either: only another thread can wake the loop
            if not (events := super().select(_STUCK)):
                raise Mismatch(_DEADLOCK)
            return events
        self.now += max(timeout, 0.0)
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, selector: _VirtualTime) -> None:
        super().__init__(selector)
        self._virtual = selector
        self.set_exception_handler(lambda loop, context: None)

    def time(self) -> float:
        return self._virtual.now


def _run_coroutines(awaitables: list[Awaitable]) -> list:
    """Run in a thread of its own: a notebook's main thread has a running loop already."""
    if not awaitables:
        return []
    outcomes: list[Any] = []

    def run() -> None:
        loop = _Loop(_VirtualTime())
        asyncio.set_event_loop(loop)
        tasks = [loop.create_task(_outcome(awaitable)) for awaitable in awaitables]
        try:
            outcomes.extend(loop.run_until_complete(asyncio.gather(*tasks)))
        except BaseException as error:
            outcomes[:] = [_Failure(error)] * len(awaitables)
        finally:
            loop.close()

    thread = threading.Thread(target=run, name="interleave", daemon=True)
    thread.start()
    thread.join()
    return outcomes


async def _outcome(awaitable: Awaitable) -> Any:
    try:
        return await awaitable
    except (Exception, SystemExit) as error:
        return _Failure(error)


# Threads


def _run_threads(calls: list[Callable[[], Any]]) -> list:
    if not calls:
        return []
    baton = Baton(len(calls))
    outcomes: list[Any] = [None] * len(calls)

    def run(me: int, call: Callable[[], Any]) -> None:
        try:
            baton.wait_for_turn(me)
            outcomes[me] = traced(baton, me, call)
        except BaseException as error:
            outcomes[me] = _Failure(error)
        finally:
            baton.leave(me)

    threads = [
        threading.Thread(target=run, args=(i, call), name=f"interleave-{i}", daemon=True)
        for i, call in enumerate(calls)
    ]
    try:
        for thread in threads:
            thread.start()
        if not baton.wait_for_all(_STUCK):
            raise Mismatch(_DEADLOCK)
    finally:
        baton.stop()
    return outcomes
