"""The process that learners are forked from, and what a learner's process does.

One warm process imports the libraries once, holds no thread, and forks a learner whenever the
grader asks over its control socket. A learner gets namespaces of its own (or, where the machine
does not offer them, the warm process serves a single learner and ends with it), limits, and an
IPython shell; it answers the grader's calls until the grader hangs up. This module runs inside the
sandbox, under another package name, and imports nothing but its neighbours.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import random
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from . import learner_confine, learner_watch
from .border import Peer
from .learner_shell import Shell
from .learner_watch import Watched

_MESSAGE = 1 << 16


def main() -> None:
    """Start the warm process: ``argv`` holds the control socket's number and the settings."""
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(sys.argv[2])
    if settings["mount_proc"]:
        learner_confine.mount_proc()
    if settings["user"] is not None and os.geteuid() == 0:
        learner_confine.become(settings["user"])
        if not os.access(sys.base_prefix, os.R_OK | os.X_OK):
            raise SystemExit(
                f"user {settings['user']} cannot read Python at {sys.base_prefix}: "
                "install bubblewrap, or start as an ordinary user"
            )
    home = Path(os.environ["HOME"])
    home.mkdir(parents=True, exist_ok=True)
    os.chdir(home)
    sys.path[:0] = settings["path"]
    # A package installed from a checkout would be found there, whole.
    sys.meta_path[:] = [f for f in sys.meta_path if "__editable__" not in str(f)]
    for name in settings["imports"]:
        importlib.import_module(name)
    shell = Shell()
    install = _function(settings["services"]) if settings["services"] else None
    threads = len([*Path("/proc/self/task").iterdir()])
    if threads > 1:
        raise SystemExit(f"the warm process holds {threads} threads, so it cannot fork")
    gc.collect()
    gc.freeze()  # so that the collector does not copy every page in every fork
    learner_confine.adopt_orphans()
    control.send(json.dumps({"ready": True}).encode())
    _Warm(control, settings["namespaces"], shell, install).run()


def _function(name: str) -> Callable[[Peer, Any], None]:
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


class _Warm:
    """Forks learners on request, and watches over them."""

    def __init__(
        self,
        control: socket.socket,
        namespaces: bool,
        shell: Shell,
        install: Callable[[Peer, Any], None] | None,
    ) -> None:
        self.control = control
        self.namespaces = namespaces
        self.shell = shell
        self.install = install
        self.learners: list[Watched] = []

    def run(self) -> None:
        """Serve until the grader hangs up."""
        while True:
            patience = learner_watch.INTERVAL if self.learners else None
            if select.select([self.control], [], [], patience)[0]:
                message, handles, _, _ = socket.recv_fds(self.control, _MESSAGE, 2)
                if not message:
                    break
                self.answer(json.loads(message), handles)
            self.learners = [one for one in self.learners if self.lives(one)]
        learner_watch.kill_below(os.getpid())

    def answer(self, limits: dict[str, Any], handles: list[int]) -> None:
        """Fork a learner on the socket that came with the request, and hand back its pidfd."""
        line, page = handles
        helper = 0
        try:
            if self.namespaces:
                helper, pid = self.fork_apart(limits, line)
            else:
                pid = self.fork(limits, line)
                learner_confine.hide()
            self.learners.append(Watched(pid, not self.namespaces, page, limits))
            handle = os.pidfd_open(pid)
        except OSError as error:
            self.control.send(json.dumps({"error": str(error)}).encode())
        else:
            socket.send_fds(self.control, [json.dumps({"started": True}).encode()], [handle])
            os.close(handle)
        finally:
            os.close(line)
            if helper:
                os.waitpid(helper, 0)

    def lives(self, learner: Watched) -> bool:
        """Look after one learner; report why, once it has ended."""
        pid, status, usage = os.wait4(learner.pid, os.WNOHANG)
        reason = None if pid else learner.look()
        if pid == 0 and reason is None:
            return True
        if pid == 0:
            with contextlib.suppress(ProcessLookupError):
                os.kill(learner.pid, signal.SIGKILL)
            _, status = os.waitpid(learner.pid, 0)
        elif usage.ru_utime + usage.ru_stime > learner.limits["section_cpu"]:
            reason = "cpu"  # the kernel was faster
        if not self.namespaces:
            learner_watch.kill_below(os.getpid())
        learner.report(reason or "exit", os.waitstatus_to_exitcode(status))
        return False

    def fork(self, limits: dict[str, Any], line: int) -> int:
        """Fork a learner; return its number."""
        pid = os.fork()
        if pid:
            return pid
        try:
            if self.namespaces:
                learner_confine.furnish(limits["scratch"])
            else:
                learner_confine.end_with_parent()
            _learner(limits, line, self.shell, self.install)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)

    def fork_apart(self, limits: dict[str, Any], line: int) -> tuple[int, int]:
        """Fork a learner in namespaces of its own; return a helper's number and its own.

        The helper leaves the namespaces and forks the learner: the first process of the new ones,
        whose end ends all others in there. The helper ends, and the learner becomes ours.
        """
        read, write = os.pipe()
        helper = os.fork()
        if helper == 0:
            try:
                learner_confine.unshare()
                pid = self.fork(limits, line)
                os.write(write, str(pid).encode())
            except OSError as error:
                os.write(write, str(error).encode())
            finally:
                os._exit(0)
        os.close(write)
        told = os.read(read, 1000).decode()
        os.close(read)
        if not told.isdecimal():
            os.waitpid(helper, 0)
            raise OSError(f"a learner's process could not be made ({told or 'no reason given'})")
        return helper, int(told)


def _learner(
    limits: dict[str, Any],
    line: int,
    shell: Shell,
    install: Callable[[Peer, Any], None] | None,
) -> None:
    """Be a learner's process until the grader hangs up."""
    home = Path(os.environ["HOME"])
    home.mkdir(parents=True, exist_ok=True)
    os.chdir(home)
    os.setsid()
    os.set_inheritable(line, False)
    os.closerange(3, line)
    os.closerange(line + 1, os.sysconf("SC_OPEN_MAX"))
    sock = socket.socket(fileno=line)
    sys.path.insert(0, "")  # as in a notebook
    random.seed(0)  # a fork draws anew, and scores should not depend on it
    np.random.seed(0)
    shell.open_streams(limits["output"])
    learner_confine.confine(limits)
    os.register_at_fork(after_in_child=sock.close)  # a learner's own fork has no say here
    peer = Peer(sock, learner=True)
    shell.peer = peer
    peer.register("run_cell", shell.run_cell)
    peer.register("begin", shell.begin)
    peer.register("lookup", shell.lookup)
    if install is not None:
        install(peer, shell)
    sock.send(learner_watch.READY)
    peer.serve()
    os._exit(0)
