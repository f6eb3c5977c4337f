"""A learner's process, seen from the grader: its limits, what it can be asked, why it ended."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import select
import signal
import socket
import time
from functools import cached_property
from typing import Any

from course.grading import learner_watch, sandbox_outputs
from course.grading.border import Peer
from course.grading.sandbox_nest import END, Nest, ready


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a learner's process may use, with all its children.

    Attributes
    ----------
    cell_cpu, section_cpu : float
        CPU seconds of a cell where nothing else is said, and of all cells together.
    wall_factor, wall_extra : float
        A cell with `s` CPU seconds may take ``wall_factor * s + wall_extra`` seconds.
    judge_extra : float
        CPU seconds that a test may take on the grader's side beyond those of its cell: what came
        back may take for ever to look at.
    memory, tree_memory : int
        Bytes of a process, whose requests for more fail; of all together, which end beyond.
    processes, files : int
        Processes and threads at a time; open files of a process.
    file_size, scratch : int
        Bytes of a file; of all files in /tmp, and again of shared memory.
    output : int
        Characters that a cell may show.
    """

    cell_cpu: float = 10.0
    section_cpu: float = 120.0
    wall_factor: float = 4.0
    wall_extra: float = 20.0
    judge_extra: float = 5.0
    memory: int = 2 << 30
    tree_memory: int = 3 << 30
    processes: int = 64
    files: int = 256
    file_size: int = 64 << 20
    scratch: int = 128 << 20
    output: int = 1_000_000


class Learner:
    """A learner's process, seen from the grader. A process that the grader forks can use it too.

    Attributes
    ----------
    limits : Limits
    closed : bool
    socket : socket.socket
        The grader's end of the border; `peer` speaks on it.
    """

    def __init__(self, nest: Nest, limits: Limits, owner: bool) -> None:
        self.limits = limits
        self._nest = nest
        self._owns_nest = owner
        self._count = 0
        self.socket, theirs = socket.socketpair()
        self._page = os.memfd_create("course-learner", os.MFD_CLOEXEC)
        try:
            os.ftruncate(self._page, learner_watch.REASON + learner_watch.REASON_BYTES)
            self._process = nest.ask(dataclasses.asdict(limits), [theirs.fileno(), self._page])
        except BaseException:
            self.socket.close()
            os.close(self._page)
            raise
        finally:
            theirs.close()
        self.closed = False
        try:
            nest.wait_for(self.socket)
        except BaseException:
            self.close()
            raise

    @cached_property
    def peer(self) -> Peer:
        """The grader's end of the border."""
        return Peer(self.socket)

    def begin(self, cell_id: str, cpu_seconds: float | None = None) -> None:
        """Start the clock of a cell that the grader runs and that calls learner code.

        Parameters
        ----------
        cell_id : str
        cpu_seconds : float, optional
            CPU seconds of learner code from now on; then it is interrupted, and soon after,
            where that does not help, its process ended.
        """
        seconds = self._allow(cpu_seconds)
        self.peer.request("begin", cell_id, seconds)

    def run_cell(
        self, source: str, cell_id: str, cpu_seconds: float | None = None
    ) -> list[dict[str, Any]]:
        """Run a cell as a notebook does.

        Parameters
        ----------
        source : str
        cell_id : str
        cpu_seconds : float, optional

        Returns
        -------
        list of dict
            Its outputs in nbformat's form; where the cell failed, the last one is the error.

        Raises
        ------
        PeerDied
            If the process ends meanwhile; `ended` says why.
        """
        seconds = self._allow(cpu_seconds)
        outputs = self.peer.request("run_cell", source, cell_id, seconds)
        return sandbox_outputs.clean(outputs, self.limits.output)

    def wait_for_judge(self, cpu_seconds: float, busy: float) -> None:
        """Let the current cell wait longer: for so long its judge has been at work, or in line."""
        wall = self.limits.wall_factor * cpu_seconds + self.limits.wall_extra
        learner_watch.tell_wall(self._page, wall + busy)

    def _allow(self, cpu_seconds: float | None) -> float:
        seconds = self.limits.cell_cpu if cpu_seconds is None else float(cpu_seconds)
        wall = self.limits.wall_factor * seconds + self.limits.wall_extra
        self._count += 1
        # Python is interrupted at `seconds`; the process ends where that was of no use.
        learner_watch.tell_budget(self._page, self._count, 1.25 * seconds + 1.0, wall)
        return seconds

    @property
    def reason(self) -> str | None:
        """Why the process is no more; None while it lives.

        One of ``cpu``, ``wall``, ``memory`` (limits), ``killed`` (by a signal), ``exit N``,
        ``hung up`` (it broke off the connection, and was ended for that), ``closed``.
        """
        if self.closed:
            return "closed"
        found = learner_watch.read_reason(self._page)
        if found is None and self._hung_up():
            found = self._last_words(END if ready(self._process, 1.0) else 0.0)
        if found is None:
            return None
        if found["reason"] != "exit":
            return found["reason"]
        return f"exit {found['status']}" if found["status"] >= 0 else "killed"

    def _hung_up(self) -> bool:
        """Whether nobody answers any more, on whose account ever."""
        poll = select.poll()
        poll.register(self._process, select.POLLIN)
        if self.socket.fileno() == -1:
            return True
        poll.register(self.socket, select.POLLRDHUP)
        return bool(poll.poll(0))

    def _last_words(self, patience: float) -> dict[str, Any]:
        """What the watch reports, a moment after the end; without patience, end the process."""
        if found := self._report(patience):
            return found
        if patience:
            return {"reason": "killed"}
        self._kill()
        found = self._report(END)  # a process with many children takes a while to be gone
        if found and found["reason"] != "exit":
            return found
        return {"reason": "hung up"}

    def _report(self, patience: float) -> dict[str, Any] | None:
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and self._nest.lives():
            if found := learner_watch.read_reason(self._page):
                return found
            time.sleep(0.005)
        return None

    def ended(self) -> str | None:
        """Why the process is no more, in words that end a sentence; None while it lives."""
        reason = self.reason
        if reason is None:
            return None
        bound = f"{self.limits.tree_memory >> 20} MiB"
        return {
            "cpu": "it used more CPU time than it may",
            "wall": "it waited for too long",
            "memory": f"it used more memory than it may ({bound})",
            "killed": "its process was killed",
            "hung up": "it broke off the connection to the grader",
            "closed": "its process was ended by the grader",
        }.get(reason, f"it ended its own process ({reason})")

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._process, signal.SIGKILL)
        ready(self._process, END)

    def close(self) -> None:
        """End the process and everything it started."""
        if self.closed:
            return
        self.socket.close()
        if self._owns_nest:
            self._nest.close()
        self._kill()
        self.closed = True
        os.close(self._process)
        os.close(self._page)
