"""Watches learner processes from above: CPU time, memory, patience; ends a tree that has too much.

The warm process does this between forks. It shares a small file with the grader for each learner:
the grader writes there what the current cell may use, and finds there why the learner ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import struct
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INTERVAL = 0.05  # seconds between two looks
BUDGET = struct.Struct("=dd")  # at offset 8: CPU seconds, wall-clock seconds; at 0 the cell's count
COUNT = struct.Struct("=q")
REASON, REASON_BYTES = 64, 256  # where the reason stands, as JSON

READY = b"+"  # the first byte that a learner's process sends, before the border begins

_TICK = os.sysconf("SC_CLK_TCK")


def tell_budget(page: int, count: int, cpu: float, wall: float) -> None:
    """Say what the cell that begins now may use (the grader's side)."""
    os.pwrite(page, BUDGET.pack(cpu, wall), COUNT.size)
    os.pwrite(page, COUNT.pack(count), 0)


def tell_wall(page: int, wall: float) -> None:
    """Say anew how long the current cell may take on the wall (the grader's side)."""
    os.pwrite(page, struct.pack("=d", wall), COUNT.size + struct.calcsize("=d"))


def read_reason(page: int) -> dict[str, Any] | None:
    """Why a learner ended; None while it lives (the grader's side)."""
    text = os.pread(page, REASON_BYTES, REASON).rstrip(b"\0")
    return json.loads(text) if text else None


def descendants(root: int) -> list[int]:
    """All processes below `root`, adopted orphans included."""
    found: list[int] = []
    waiting = [root]
    while waiting:
        folder = Path(f"/proc/{waiting.pop()}/task")
        try:
            threads = [*folder.iterdir()]
        except OSError:
            continue
        for thread in threads:
            with contextlib.suppress(OSError):
                children = (thread / "children").read_text().split()
                found += map(int, children)
                waiting += map(int, children)
    return found


def _times(pid: int) -> tuple[float, float]:
    """CPU seconds of a process, and of its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0, 0.0
    user, system, ended_user, ended_system = map(int, fields[11:15])
    return (user + system) / _TICK, (ended_user + ended_system) / _TICK


def queued(pid: int) -> float:
    """Seconds that a process could have run but had to wait for a core; 0 where nobody counts."""
    total = 0
    for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            total += int(task.read_text().split()[1])
    return total / 1e9


def _memory(pid: int, exact: bool) -> int:
    """Bytes that a process holds itself; pages shared after a fork count in full unless `exact`."""
    if exact:
        name, wanted = "smaps_rollup", (b"Pss_Anon:", b"Pss_Shmem:", b"SwapPss:")
    else:
        name, wanted = "status", (b"RssAnon:", b"RssShmem:", b"VmSwap:")
    lines = Path(f"/proc/{pid}/{name}").read_bytes().splitlines()
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(wanted))


def _total(pids: list[int], exact: bool) -> int:
    total = 0
    for pid in pids:
        try:
            total += _memory(pid, exact)
        except OSError:  # it has ended, or keeps its details to itself
            with contextlib.suppress(OSError):
                total += _memory(pid, False)
    return total


def kill_below(root: int) -> None:
    """End every process below `root`, those included that they start meanwhile."""
    for _ in range(1000):
        pids = descendants(root)
        for pid in pids:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not pids:
            return
        time.sleep(0.002)


@dataclass
class Watched:
    """One learner with its children.

    Attributes
    ----------
    pid : int
        The process whose end is the learner's end.
    single : bool
        Whether its orphans become this process's children, rather than its own.
    page : int
        Descriptor of the file shared with the grader.
    limits : dict
    """

    pid: int
    single: bool
    page: int
    limits: dict[str, Any]
    count: int = 0
    base_cpu: float = 0.0
    base_queued: float = 0.0
    begun: float = 0.0

    def look(self) -> str | None:
        """Name the limit that the tree has passed, if it has passed one."""
        pids = descendants(os.getpid()) if self.single else [self.pid, *descendants(self.pid)]
        cpu = sum(sum(_times(pid)) for pid in pids)
        if self.single:
            cpu += _times(os.getpid())[1]
        count = COUNT.unpack(os.pread(self.page, COUNT.size, 0))[0]
        if count != self.count:
            self.count, self.base_cpu, self.begun = count, cpu, time.monotonic()
            self.base_queued = sum(map(queued, pids))
        allowed, patience = BUDGET.unpack(os.pread(self.page, BUDGET.size, COUNT.size))
        if cpu > self.limits["section_cpu"] or (count and cpu - self.base_cpu > allowed):
            return "cpu"
        if count and time.monotonic() - self.begun > patience and self._sleeps(pids, cpu, patience):
            return "wall"
        bound = self.limits["tree_memory"]
        if _total(pids, False) > bound and _total(pids, True) > bound:
            return "memory"
        return None

    def _sleeps(self, pids: list[int], cpu: float, patience: float) -> bool:
        """Whether it has waited for anything but a core: a busy machine is nobody's fault."""
        busy = cpu - self.base_cpu + max(0.0, sum(map(queued, pids)) - self.base_queued)
        return time.monotonic() - self.begun - busy > patience

    def report(self, reason: str, status: int = 0) -> None:
        """Leave the reason for the grader and let go of the page."""
        text = json.dumps({"reason": reason, "status": status}).encode()
        os.pwrite(self.page, text, REASON)
        os.close(self.page)
