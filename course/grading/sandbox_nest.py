"""A warm process, from the grader's side: started in a sandbox, asked for learners, ended."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from course.grading import learner_watch, sandbox_command
from course.grading.errors import CourseError
from course.grading.isolation import NOBODY, Level

START, END = 120.0, 10.0  # seconds: to start a warm process; for a killed one to be gone
_MESSAGE = 1 << 16


class SandboxError(CourseError):
    """No learner's process could be started; the message says why."""


class Nest:
    """A warm process, and the control socket on which it is asked for learners."""

    def __init__(
        self,
        level: Level,
        folder: Path,
        scratch: int,
        imports: list[str],
        services: str,
        hide: list[Path],
    ) -> None:
        root, mounts = os.geteuid() == 0, sandbox_command.may_mount()
        self._level = level
        self._home: Path | None = None
        if level == Level.NONE:
            shown, prefix = str(folder), []
            self._home = Path(tempfile.mkdtemp(prefix="home-", dir=folder))
            if root:
                os.chown(self._home, NOBODY, NOBODY)
        else:
            shown = "/stage"
            prefix = sandbox_command.bubblewrap(folder, level, scratch, hide, as_root=mounts)
        before = root and level != Level.NONE and not mounts  # give up root already here
        settings = {
            "mount_proc": mounts and level == Level.WARM,
            "user": NOBODY if root else None,
            "namespaces": level == Level.WARM,
            "path": [f"{shown}/library"],
            "imports": imports,
            "services": services,
        }
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        command = sandbox_command.python(shown, theirs.fileno(), json.dumps(settings))
        user: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        try:
            self._process = subprocess.Popen(
                [*prefix, *command],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                cwd="/",
                env=sandbox_command.environment(
                    str(self._home or f"{sandbox_command.scratch_folder()}/home")
                ),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                **(user if before else {}),
            )
        except OSError as error:
            self._control.close()
            self._log.close()
            raise SandboxError(
                f"{error.filename or command[0]} cannot be run ({error.strerror})."
            ) from None
        finally:
            theirs.close()
        self._alive = os.pidfd_open(self._process.pid)
        try:
            self._receive(START)
        except BaseException:
            self.close()
            raise

    def lives(self) -> bool:
        """Whether the process is there."""
        return not ready(self._alive, 0.0)  # in a forked process, which cannot wait for it, too

    def ask(self, limits: dict[str, Any], handles: list[int]) -> int:
        """Ask for a learner's process; return a descriptor of it."""
        if self._level != Level.WARM:  # then the kernel counts all that this user runs
            limits = {**limits, "processes": limits["processes"] + _threads()}
        try:
            socket.send_fds(self._control, [json.dumps(limits).encode()], handles)
        except OSError:
            raise SandboxError(self._complaint()) from None
        return self._receive(START)[0]

    def wait_for(self, line: socket.socket) -> None:
        """Wait until a learner's process has made itself ready."""
        said = b""
        if ready(line.fileno(), START):
            with contextlib.suppress(ConnectionResetError):
                said = line.recv(1)
        if said != learner_watch.READY:
            raise SandboxError(self._complaint())

    def _receive(self, patience: float) -> list[int]:
        if not ready(self._control.fileno(), patience):
            raise SandboxError(f"a learner's process did not start within {patience:g} s.")
        try:
            message, handles, _, _ = socket.recv_fds(self._control, _MESSAGE, 1)
        except OSError:
            message, handles = b"", []
        if not message:
            raise SandboxError(self._complaint())
        answer = json.loads(message)
        if "error" in answer:
            raise SandboxError(f"a learner's process could not be started: {answer['error']}.")
        return handles

    def _complaint(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.5)
        self._log.seek(0)
        said = self._log.read().decode(errors="replace").strip().splitlines()
        return f"the sandbox does not run ({said[-1] if said else 'no reason given'})."

    def close(self) -> None:
        """End the process, and with it all learners."""
        self._control.close()  # it ends what it has started, then itself
        try:
            self._process.wait(0.0 if self._home is None else END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
        os.close(self._alive)
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)


def ready(descriptor: int, patience: float) -> bool:
    """Whether something can be read, or a process has ended, within `patience` seconds."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(1000 * patience))


def _threads() -> int:
    """How many threads run here for the user that a learner is."""
    user = os.geteuid() or NOBODY
    count = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_uid == user:
                count += len([*(folder / "task").iterdir()])
    return count
