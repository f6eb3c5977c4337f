"""How `course.testing.interleave` switches between calls at every step."""

from __future__ import annotations

import asyncio
import inspect
import sys
import sysconfig
import threading
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

LIBRARY = tuple(sysconfig.get_paths()[k] for k in ("stdlib", "platstdlib", "purelib"))
PATIENCE = 0.05  # seconds until a thread that waits for a lock is passed over


def run_coroutines(calls: Sequence[Callable[[], Any]]) -> list | None:
    """Run coroutine functions in one event loop; None if they are plain functions.

    The loop's ready queue is first in, first out: each await that suspends hands over to the next
    coroutine. It has a thread of its own, since a notebook's loop is already running.
    """
    if not any(map(inspect.iscoroutinefunction, calls)):
        return None
    if not all(map(inspect.iscoroutinefunction, calls)):
        raise TypeError("interleave takes plain functions or coroutine functions, not both")

    async def together() -> list:
        return await asyncio.gather(*(call() for call in calls))

    box: list = []

    def run() -> None:
        try:
            box.extend([asyncio.run(together()), None])
        except BaseException as error:
            box.extend([None, error])

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join()
    results, error = box
    if error is not None:
        raise error
    return results


class _Baton:
    """Lets one thread at a time take one step, in turn."""

    def __init__(self, n: int) -> None:
        self.condition = threading.Condition()
        self.waiting: set[int] = set()
        self.alive = list(range(n))
        self.stalled: set[int] = set()  # blocked on a lock of the learner's
        self.turn = 0

    def _next(self, after: int) -> int:
        able = [i for i in self.alive if i not in self.stalled] or self.alive
        return next((i for i in able if i > after), able[0] if able else -1)

    def step(self, me: int) -> None:
        """Hand over to the next thread and wait for my turn."""
        with self.condition:
            self.stalled.discard(me)
            if self.turn == me:
                self.turn = self._next(me)
            self.condition.notify_all()
            while self.turn != me:
                holder = self.turn
                self.waiting.add(me)
                moved = self.condition.wait(PATIENCE)
                self.waiting.discard(me)
                if not moved and self.turn == holder and holder not in self.waiting:
                    self.stalled.add(holder)
                    self.turn = self._next(holder)
                    self.condition.notify_all()

    def leave(self, me: int) -> None:
        """Take a finished thread out."""
        with self.condition:
            self.alive.remove(me)
            self.stalled.discard(me)
            if self.turn == me:
                self.turn = self._next(me)
            self.condition.notify_all()


def run_threads(calls: Sequence[Callable[[], Any]]) -> list:
    """Run functions in threads that switch at every bytecode instruction outside the libraries."""
    baton = _Baton(len(calls))
    results: list = [None] * len(calls)
    errors: list[tuple[int, BaseException]] = []

    def work(me: int) -> None:
        def trace(frame: FrameType, event: str, arg: Any) -> Callable | None:
            if frame.f_code.co_filename.startswith(LIBRARY):
                return None
            frame.f_trace_opcodes = True
            if event == "opcode":
                baton.step(me)
            return trace

        try:
            baton.step(me)  # all start together
            sys.settrace(trace)
            results[me] = calls[me]()
        except BaseException as error:
            errors.append((me, error))
        finally:
            sys.settrace(None)
            baton.leave(me)

    threads = [threading.Thread(target=work, args=(i,), daemon=True) for i in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise min(errors, key=lambda e: e[0])[1]
    return results
