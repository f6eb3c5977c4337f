"""One thread that computes, for all requests in turn.

A request is an iterator. The thread takes one step of each running request after the other, and a
step is one token (of all its choices). So a short answer does not wait for a long one, streams
advance together, and torch is only ever used by one thread. At this size, waiting is cheap: a step
takes milliseconds. Requests are not put into one batch: padding would make an answer depend, in
its last digits, on who else asks.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterator
from typing import Any

from course.serve.errors import ApiError, internal

RUNNING = 16
"""Requests that are answered in turn; each has a cache of keys and values in memory."""
WAITING = 256
"""Requests that wait for their turn; more are refused."""

_END = object()


def _stopped() -> ApiError:
    return ApiError(503, "The server is being stopped.", code="stopped")


class Job:
    """A request's steps, and their results for the event loop that asked for them."""

    def __init__(self, steps: Iterator[Any]) -> None:
        self._steps = steps
        self._loop = asyncio.get_running_loop()
        self._results: asyncio.Queue[Any] = asyncio.Queue()
        self.cancelled = False

    def cancel(self) -> None:
        """Do no further step; harmless when there is none left."""
        self.cancelled = True

    async def __aiter__(self) -> AsyncIterator[Any]:
        while True:
            result = await self._results.get()
            if result is _END:
                return
            if isinstance(result, ApiError):
                raise result
            yield result

    # -- in the engine's thread --

    def advance(self) -> Any:
        """Take one step; return None, or after the last step what is to be delivered at the end."""
        if self.cancelled:
            self._close()
            return _END
        try:
            result = next(self._steps)
        except StopIteration:
            return _END
        except Exception as error:
            return internal(error)
        self.deliver(result)
        return None

    def deliver(self, result: Any) -> None:
        """Hand a result to the event loop; if that has ended, nobody waits."""
        try:
            self._loop.call_soon_threadsafe(self._results.put_nowait, result)
        except RuntimeError:
            self.cancelled = True

    def fail(self, error: ApiError) -> None:
        """End with an error."""
        self.deliver(error)
        self._close()

    def _close(self) -> None:
        close = getattr(self._steps, "close", None)
        if close is not None:
            close()


class Engine:
    """The thread, its running requests, and those that wait."""

    def __init__(self, *, running: int = RUNNING, waiting: int = WAITING) -> None:
        self._most_running, self._most_waiting = running, waiting
        self._running: deque[Job] = deque()
        self._waiting: deque[Job] = deque()
        self._change = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def load(self) -> tuple[int, int]:
        """Return how many requests run and how many wait."""
        with self._change:
            return len(self._running), len(self._waiting)

    def submit(self, steps: Iterator[Any]) -> Job:
        """Queue a request; called on an event loop, which gets the results.

        Raises
        ------
        ApiError
            429, if too many wait; 503, if the engine was closed.
        """
        job = Job(steps)
        with self._change:
            if self._closed:
                raise _stopped()
            if len(self._waiting) >= self._most_waiting:
                self._waiting = deque(job for job in self._waiting if not job.cancelled)
            if len(self._waiting) >= self._most_waiting:
                raise ApiError(
                    429,
                    f"{self._most_waiting} requests are waiting already: try again in a moment.",
                    code="rate_limit_exceeded",
                )
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="serve", daemon=True)
                self._thread.start()
            self._waiting.append(job)
            self._change.notify()
        return job

    def close(self) -> None:
        """Fail what is running or waiting, and end the thread."""
        with self._change:
            self._closed = True
            self._change.notify()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        import torch

        torch.set_num_threads(1)  # more are slower at this size
        while (job := self._take()) is not None:
            end = job.advance()
            with self._change:
                self._running.popleft()
                if end is None:
                    self._running.append(job)
            if end is not None:  # a client that has its end is no longer counted as running
                job.deliver(end)
        for job in (*self._running, *self._waiting):
            job.fail(_stopped())
        self._running.clear()
        self._waiting.clear()

    def _take(self) -> Job | None:
        """Wait for work; return the job whose turn it is, or None at the end."""
        with self._change:
            while not self._closed:
                while self._waiting and len(self._running) < self._most_running:
                    self._running.append(self._waiting.popleft())
                if self._running:
                    return self._running[0]
                self._change.wait()
        return None
