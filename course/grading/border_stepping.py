"""Coroutines whose awaiter is on the other side of the border, one step at a time.

Each ``await`` that gives way on this side gives way once on the other. Where no event loop runs
here, the coroutine is a task of a loop that turns once a step, for this coroutine and the tasks it
made, and whose clock jumps to the next timer when nothing else is left to do: time spent asleep is
counted, not waited for.
"""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections import deque
from collections.abc import Awaitable, Coroutine
from typing import Any, Literal

Status = Literal["yielded", "waiting", "stop"]


_stepper: contextvars.ContextVar[object] = contextvars.ContextVar("stepper", default=None)
"""On whose behalf code runs; tasks and callbacks inherit it."""


class StepLoop(asyncio.SelectorEventLoop):
    """An event loop that is turned by hand, for one stepper at a time."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__()

    def time(self) -> float:
        return self._now

    def turn(self, stepper: object) -> bool:
        """Run once what is ready on behalf of a stepper; tell whether more is ready then."""
        ready: deque[asyncio.Handle] = self._ready  # type: ignore[attr-defined]
        others = [handle for handle in ready if not _belongs(handle, stepper)]
        for handle in others:
            ready.remove(handle)
        self.stop()
        self.run_forever()  # stopped beforehand it turns exactly once
        ready.extendleft(reversed(others))
        if not ready:
            if self._scheduled:  # type: ignore[attr-defined]
                self._now = max(self._now, self._scheduled[0].when())  # type: ignore[attr-defined]
            else:
                time.sleep(0.0005)  # only a thread can bring it on
        return any(_belongs(handle, stepper) for handle in ready)


def _belongs(handle: asyncio.Handle, stepper: object) -> bool:
    return handle._context.get(_stepper) in (stepper, None)  # type: ignore[attr-defined]


class Stepper:
    """One coroutine on its way.

    Parameters
    ----------
    awaitable : awaitable
    """

    def __init__(self, awaitable: Awaitable) -> None:
        self._coroutine: Coroutine = (
            awaitable if asyncio.iscoroutine(awaitable) else _wait_for(awaitable)
        )
        self._task: asyncio.Task | None = None
        self._future: asyncio.Future | None = None
        self._begun = False

    def step(self, loop: StepLoop, error: BaseException | None = None) -> tuple[Status, Any]:
        """Go on to where the coroutine next gives way.

        Parameters
        ----------
        loop : StepLoop
            Used where no other loop runs.
        error : BaseException, optional
            Thrown into it.

        Returns
        -------
        status : str
            ``"stop"`` when it has ended; ``"waiting"`` when it cannot go on yet.
        value : object
            What it returned.
        """
        if not self._begun:
            self._begun = True
            if asyncio._get_running_loop() is None:
                context = contextvars.copy_context()
                context.run(_stepper.set, self)
                self._task = loop.create_task(self._coroutine, context=context)
        if self._task is None:
            return self._step_directly(error)
        if error is not None:
            self._task.cancel()
        more = loop.turn(self)
        if self._task.done():
            return "stop", self._task.result()
        return ("yielded" if more else "waiting"), None

    def _step_directly(self, error: BaseException | None) -> tuple[Status, Any]:
        if error is None and self._future is not None and not self._future.done():
            return "waiting", None
        self._future = None
        try:
            given = self._coroutine.send(None) if error is None else self._coroutine.throw(error)
        except StopIteration as stop:
            return "stop", stop.value
        if not asyncio.isfuture(given):
            return "yielded", None
        given._asyncio_future_blocking = False  # as a task does that takes it on
        self._future = given
        return "waiting", None

    def close(self) -> None:
        """End it wherever it is."""
        if self._task is not None:
            self._task.cancel()
        else:
            self._coroutine.close()


async def _wait_for(awaitable: Awaitable) -> Any:
    return await awaitable
