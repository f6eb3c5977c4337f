"""Threads in lock step: each waits for its turn before every instruction."""

from __future__ import annotations

import dis
import functools
import sys
import sysconfig
import threading
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

_PATIENCE = 0.02  # seconds without a step, inside a call, until a thread counts as waiting
_LONG_PATIENCE = 1.0  # the same where it does something that hardly ever waits
_AFTER_A_CALL = 0.005  # seconds that waiting threads get to come back, after what may free them


class _Stopped(BaseException):
    """Ends a thread that nobody waits for any more."""


class Baton:
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
        self.threads = [0] * n
        self.stopped = False

    def step(self, me: int, calls: bool) -> None:
        """Let the others have a turn; `calls` tells whether the next instruction is a call."""
        with self.changed:
            self.steps += 1
            self.waiting.discard(me)
            if self.calling[me] and self.waiting:  # that call may have given back a lock
                n = len(self.waiting)
                self.changed.notify_all()
                while len(self.waiting) == n and not self.stopped:
                    ended = self.changed.wait_for(lambda: len(self.waiting) < n, _AFTER_A_CALL)
                    if ended or all(_asleep(self.threads[i]) for i in self.waiting):
                        break
            self.calling[me] = calls
            if self.turn == me:
                self._pass_on()
            self.changed.notify_all()
            self._wait(me)

    def wait_for_turn(self, me: int) -> None:
        """Begin, in this thread, as number `me`."""
        with self.changed:
            self.threads[me] = threading.get_native_id()
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

    def wait_for_all(self, stuck: float) -> bool:
        """Wait for every thread to leave; False when none has taken a step for `stuck` seconds."""
        seen = -1
        while not self.finished.wait(stuck):
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
            self.waiting.discard(me)  # taken for waiting when it was only late
            if self.turn not in self.here:  # the last one to leave found nobody to pass it on to
                self._pass_on()
                self.changed.notify_all()
                continue
            holder, seen = self.turn, self.steps
            patience = _PATIENCE if self.calling[holder] else _LONG_PATIENCE
            if self.changed.wait(patience) or (holder, seen) != (self.turn, self.steps):
                continue
            if _asleep(self.threads[holder]):
                self.waiting.add(holder)
                self._pass_on()
                self.changed.notify_all()
        self.waiting.discard(me)
        if self.stopped:
            raise _Stopped

    def _pass_on(self) -> None:
        """Give the turn to the next thread that is here and not waiting, if there is one."""
        others = [i for i in self.here if i != self.turn and i not in self.waiting]
        n = len(self.calling)
        self.turn = min(others, key=lambda i: (i - self.turn) % n, default=self.turn)


def _asleep(thread: int) -> bool:
    """Tell whether a thread sleeps, rather than being ready and short of a processor.

    Only Linux says so; elsewhere a thread that takes no step is taken to sleep.
    """
    try:
        status = Path(f"/proc/self/task/{thread}/stat").read_text()
    except OSError:
        return True
    return status.rpartition(")")[2].split()[0] == "S"


def traced(baton: Baton, me: int, call: Callable[[], Any]) -> Any:
    """Run a call in this thread, number `me`, with a step before every instruction of its code."""

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
