"""A station: a process that does one job after another, with a warm sandbox of its own.

`Station` is its owner's side. The process holds no thread and shares nothing with its owner but
one socket, on which jobs and results travel as JSON. Where it dies, the job is tried once more by
a new one, and a job that kills that too is reported, so it costs nobody else anything.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Self

TRIES = 2
LOOK_ROUND = 1.0  # seconds between two looks whether the owner is still there
_ROOT = Path(__file__).parents[2]
_ONE_THREAD = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")


class Closed(Exception):
    """The station was closed while it worked."""


class Station:
    """A process that does jobs, started with the first one. To be used by one thread at a time.

    Parameters
    ----------
    unsafe : bool
        Do jobs also where this machine offers no isolation.
    """

    def __init__(self, *, unsafe: bool = False) -> None:
        self._unsafe = unsafe
        self._closed = False
        self._in_use = threading.Lock()
        self._process: subprocess.Popen | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def do(self, job: str) -> str:
        """Do a job; see `course.grading.jobs.do`.

        Raises
        ------
        Closed
            If `close` was called meanwhile.
        """
        last_words = ""
        with self._in_use:
            for _ in range(TRIES):
                if self._closed:
                    raise Closed
                if self._process is None:
                    self._start()
                with contextlib.suppress(OSError, EOFError):
                    self._line.send_bytes(job.encode())
                    if self._line in wait([self._line, self._end]):
                        return self._line.recv_bytes().decode()
                last_words = self._clear_away()
            if self._closed:
                raise Closed
        problem = f"the process that graded it ended, {TRIES} times ({last_words})"
        return json.dumps({"problem": problem})

    def close(self) -> None:
        """End the process; a job that it is at is given up."""
        self._closed = True
        if (process := self._process) is not None:
            process.terminate()
        with self._in_use:
            if self._process is not None:
                self._clear_away()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        code = f"import sys; sys.path.insert(0, {str(_ROOT)!r}); "
        code += f"from {__name__} import main; del sys.path[0]; main()"
        command = [sys.executable, "-P", "-c", code, str(theirs.fileno()), str(os.getpid())]
        with theirs:
            self._process = subprocess.Popen(
                command + ["--unsafe"] * self._unsafe,
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                cwd="/",
                env=os.environ | {f"{name}_NUM_THREADS": "1" for name in _ONE_THREAD},
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is for the owner
            )
        self._line = Connection(ours.detach())
        self._end = os.pidfd_open(self._process.pid)
        if self._closed:  # by another thread, just now
            self._process.terminate()

    def _clear_away(self) -> str:
        """Take leave of a process that ends; say how it did, as far as is known."""
        self._line.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10.0)
        self._process.kill()
        code = self._process.wait()
        os.close(self._end)
        self._process = None
        with self._log:
            self._log.seek(0)
            said = self._log.read().decode(errors="replace").strip().splitlines()
        how = f"signal {-code}" if code < 0 else f"exit {code}"
        return f"{how}: {said[-1]}" if said else how


def main() -> None:
    """Do jobs until the owner hangs up or ends; the process's own side."""
    import torch.fx.experimental.symbolic_shapes  # noqa: F401  (else autograd, in a judge, 0.2 s)

    from course.grading.jobs import do

    line, owner = Connection(int(sys.argv[1])), int(sys.argv[2])
    unsafe = "--unsafe" in sys.argv[3:]

    def look_round(*_: object) -> None:
        if os.getppid() != owner:
            sys.exit(1)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and so tidy up
    signal.signal(signal.SIGALRM, look_round)
    signal.setitimer(signal.ITIMER_REAL, LOOK_ROUND, LOOK_ROUND)
    with contextlib.suppress(EOFError, OSError):
        while True:
            job = line.recv_bytes().decode()
            line.send_bytes(do(job, unsafe=unsafe).encode())
