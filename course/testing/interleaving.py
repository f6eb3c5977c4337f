"""Run calls at the same time, switching at every step, so that races show every time."""

from __future__ import annotations

import asyncio
import dis
import functools
import inspect
import selectors
import sys
import sysconfig
import threading
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from course.testing.cases import Mismatch

_DEADLOCK = "the calls wait for each other for ever: is a lock not given back, or taken twice?"
_PATIENCE = 0.02  # seconds without a step, inside a call, until a thread counts as waiting
_LONG_PATIENCE = 1.0  # the same where it does something that hardly ever waits
_AFTER_A_CALL = 0.005  # seconds that waiting threads get to come back, after what may free them
_STUCK = 5.0  # seconds without any step at all
_ROUNDS = 1_000_000  # of the event loop


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
    baton = _Baton(len(calls))
    outcomes: list[Any] = [None] * len(calls)

    def run(me: int, call: Callable[[], Any]) -> None:
        try:
            baton.wait_for_turn(me)
            outcomes[me] = _traced(baton, me, call)
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
        if not baton.wait_for_all():
            raise Mismatch(_DEADLOCK)
    finally:
        baton.stop()
    return outcomes


class _Stopped(BaseException):
    """Ends a thread that nobody waits for any more."""


class _Baton:
    """Only the thread whose turn it is goes on; a step hands the turn to the next one.

    A thread that waits (for a lock, say) takes no step. When the others see that, they leave it
    out until it comes back of itself.
    """

    def __init__(self, n: int) -> None:
        self.changed = threading.Condition()
        self.finished = threading.Event()
        self.turn = 0
        self.steps = 0
        self.here = list(range(n))
        self.waiting: set[int] = set()
        self.calling = [False] * n
        self.stopped = False

    def step(self, me: int, calls: bool) -> None:
        """Let the others have a turn; `calls` tells whether the next instruction is a call."""
        with self.changed:
            self.steps += 1
            self.waiting.discard(me)
            if self.calling[me] and self.waiting:  # that call may have given back a lock
                n = len(self.waiting)
                self.changed.notify_all()
                self.changed.wait_for(lambda: len(self.waiting) < n, timeout=_AFTER_A_CALL)
            self.calling[me] = calls
            if self.turn == me:
                self._pass_on()
            self.changed.notify_all()
            self._wait(me)

    def wait_for_turn(self, me: int) -> None:
        with self.changed:
            self._wait(me)

    def leave(self, me: int) -> None:
        with self.changed:
            self.steps += 1
            self.waiting.discard(me)
            if self.turn == me:
                self._pass_on()
            self.here.remove(me)
            self.changed.notify_all()
            if not self.here:
                self.finished.set()

    def wait_for_all(self) -> bool:
        """Wait until every thread has left; False when none of them takes a step any more."""
        seen = -1
        while not self.finished.wait(_STUCK):
            if seen == self.steps:
                return False
            seen = self.steps
        return True

    def stop(self) -> None:
        with self.changed:
            self.stopped = True
            self.changed.notify_all()

    def _wait(self, me: int) -> None:
        while self.turn != me:
            if self.stopped:
                raise _Stopped
            if self.turn not in self.here:  # the last one to leave found nobody to pass it on to
                self._pass_on()
                self.changed.notify_all()
                continue
            holder, seen = self.turn, self.steps
            patience = _PATIENCE if self.calling[holder] else _LONG_PATIENCE
            if not self.changed.wait(patience) and (holder, seen) == (self.turn, self.steps):
                self.waiting.add(holder)
                self._pass_on()
                self.changed.notify_all()
        if self.stopped:
            raise _Stopped

    def _pass_on(self) -> None:
        """Give the turn to the next thread that is here and not waiting, if there is one."""
        others = [i for i in self.here if i != self.turn and i not in self.waiting]
        n = len(self.calling)
        self.turn = min(others, key=lambda i: (i - self.turn) % n, default=self.turn)


def _traced(baton: _Baton, me: int, call: Callable[[], Any]) -> Any:
    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        if not _is_stepped(frame.f_code.co_filename):
            return None
        frame.f_trace_opcodes = True
        return step

    def step(frame: FrameType, event: str, argument: Any) -> Any:
        if event == "opcode":
            baton.step(me, frame.f_lasti in _calls_of(frame.f_code))
        return step

    sys.settrace(trace)
    try:
        return call()
    finally:
        sys.settrace(None)


@functools.lru_cache(maxsize=1000)
def _calls_of(code: CodeType) -> frozenset[int]:
    """Offsets of the instructions that run other code, and so can wait or give back a lock."""
    words = ("CALL", "WITH", "SEND", "FOR_ITER")
    return frozenset(
        i.offset for i in dis.get_instructions(code) if any(word in i.opname for word in words)
    )


_LIBRARIES = tuple(
    f"{Path(sysconfig.get_path(name))}/" for name in ("stdlib", "platstdlib", "purelib", "platlib")
)
_HERE = str(Path(__file__).parent)


@functools.lru_cache(maxsize=1000)
def _is_stepped(filename: str) -> bool:
    """Whether to switch inside this file: a learner's cell, a test's, the course's."""
    return not filename.startswith(("<frozen", _HERE, *_LIBRARIES))
