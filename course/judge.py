"""Judge a section of a notebook: run its cells in a process of their own, a verdict for each.

A section is the setup cell, the solution cells and the test cells, without the demos. What runs
here is code that the course's own authors wrote, so the process only keeps crashes, endless loops
and prints to itself; it is no sandbox.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import faulthandler
import inspect
import json
import linecache
import os
import random
import resource
import select
import signal
import sys
import time
import traceback
import types
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import torch

from course import testing

BLUNDERS = (NameError, TypeError, AttributeError, ImportError)
MESSAGE_LENGTH = 500


@dataclass(frozen=True)
class Cell:
    """A code cell of a section.

    Attributes
    ----------
    cell_id : str
        Its grade id, or the notebook's id for it.
    exercise : str
        For a test cell, the exercise that it tests; for a solution cell, its own id.
    """

    cell_id: str
    source: str
    role: Literal["shared", "solution", "test"]
    exercise: str = ""
    points: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """What became of one cell.

    Attributes
    ----------
    error : str
        The name of the exception's type, or `Timeout`, `Crash` or `NotReached`.
    by_assertion : bool
        The test's own assertion failed (in the test cell or in `course.testing`, not inside the
        solution), and not because the solution raised one of `BLUNDERS`.
    by_exception : bool
        An exception ended the cell, whichever; the process lived on.
    cause : str
        The blunder behind a failed assertion, with its message.
    """

    passed: bool
    error: str = ""
    message: str = ""
    by_assertion: bool = False
    by_exception: bool = False
    cause: str = ""

    def __str__(self) -> str:
        text = f"{self.error}: {self.message}" if self.message else self.error
        return f"{text} (from {self.cause})" if self.cause else text


@dataclass(frozen=True)
class Limits:
    """Seconds that a judged section may take."""

    cpu: int = 60
    wall: int = 300


def judge_direct(
    cells: Sequence[Cell], exercise: str, seed: int | str, limits: Limits | None = None
) -> dict[str, Verdict]:
    """Run a section in one forked process, the learner's code and the tests side by side.

    Parameters
    ----------
    cells : sequence of Cell
        The section in the notebook's order, with the solution that is judged in its place.
    exercise : str
        The exercise whose test cells are run; those of others are left out.
    seed : int or str
        The value of ``COURSE_SEED``, which varies the random test data.
    limits : Limits, optional
        What the process may use.

    Returns
    -------
    dict of str to Verdict
        For every cell that was to run, by its id. A cell that raises does not stop the next.
    """
    limits = limits or Limits()
    mine = [c for c in cells if c.role != "test" or c.exercise == exercise]
    torch.set_num_threads(1)  # a fork after work in two threads hangs
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        _child(mine, exercise, str(seed), limits, write)
    os.close(write)
    try:
        data, in_time = _read_all(read, limits.wall)
    finally:
        os.close(read)
        for kill in (os.killpg, os.kill):  # the group may be gone, or not be there yet
            with contextlib.suppress(OSError):
                kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    found = {}
    for line in data.splitlines(keepends=True):
        if line.endswith(b"\n"):  # the last one may be cut off
            cell_id, fields = json.loads(line)
            found[cell_id] = Verdict(**fields)
    ending = _ending(status, in_time, limits)
    for cell in mine:
        if cell.cell_id not in found:
            found[cell.cell_id] = ending
            ending = Verdict(False, "NotReached", "the process had ended before this cell")
    return found


def _read_all(pipe: int, seconds: float) -> tuple[bytes, bool]:
    deadline = time.monotonic() + seconds
    chunks = []
    while (left := deadline - time.monotonic()) > 0:
        if select.select([pipe], [], [], left)[0]:
            chunk = os.read(pipe, 1 << 16)
            if not chunk:
                return b"".join(chunks), True
            chunks.append(chunk)
    return b"".join(chunks), False


def _ending(status: int, in_time: bool, limits: Limits) -> Verdict:
    if not in_time:
        return Verdict(False, "Timeout", f"no end after {limits.wall} s")
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGXCPU:
        return Verdict(False, "Timeout", f"used more than {limits.cpu} s of CPU time")
    how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return Verdict(False, "Crash", f"the process ended: {how}")


def _child(cells: list[Cell], exercise: str, seed: str, limits: Limits, pipe: int) -> None:
    """Run the cells, send a line for each, and end the process: this never returns."""
    code = 1
    try:
        _confine(limits)
        os.environ["COURSE_SEED"] = seed
        for seeded in (random.seed, np.random.seed, torch.manual_seed):
            seeded(0)  # so that careless code, too, does the same at every run
        with testing.exercise(exercise):
            for cell_id, verdict in _run_cells(cells):
                os.write(pipe, json.dumps([cell_id, asdict(verdict)]).encode() + b"\n")
        code = 0
    finally:
        os._exit(code)


def _confine(limits: Limits) -> None:
    os.setsid()  # whatever it starts ends with it
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    sys.stdin = open(os.devnull)  # noqa: SIM115, PTH123 (open until the process ends)
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    faulthandler.disable()  # pytest's would print a crash that is expected here
    for kind, soft, hard in (
        (resource.RLIMIT_CPU, limits.cpu, limits.cpu + 5),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        ceiling = resource.getrlimit(kind)[1]
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(kind, (soft, hard))


def _run_cells(cells: list[Cell]) -> Iterator[tuple[str, Verdict]]:
    main = types.ModuleType("__main__")  # as in a notebook: classes can be looked up there
    sys.modules["__main__"] = main
    roles = {f"<{c.cell_id}>": c.role for c in cells}
    loop = asyncio.new_event_loop()
    for cell in cells:
        name = f"<{cell.cell_id}>"
        lines = cell.source.splitlines(keepends=True)
        linecache.cache[name] = (len(cell.source), None, lines, name)
        try:
            code = compile(
                cell.source,
                name,
                "exec",
                flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
                dont_inherit=True,
            )
            result = eval(code, main.__dict__)
            if code.co_flags & inspect.CO_COROUTINE:
                loop.run_until_complete(result)
        except BaseException as error:
            verdict = _failed(error, roles)
        else:
            verdict = Verdict(True)
        yield cell.cell_id, verdict


def _failed(error: BaseException, roles: dict[str, str]) -> Verdict:
    cause = _blunder(error)
    asserted = isinstance(error, AssertionError) and _raised_by_test(error, roles)
    return Verdict(
        False,
        type(error).__name__,
        _text(error),
        by_assertion=asserted and cause is None,
        by_exception=True,
        cause=f"{type(cause).__name__}: {_text(cause)}" if cause else "",
    )


def _raised_by_test(error: BaseException, roles: dict[str, str]) -> bool:
    """Say whether the innermost frame of ours is a test's: its cell, or `course.testing`."""
    for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))):
        role = roles.get(frame.f_code.co_filename)
        module = frame.f_globals.get("__name__", "")
        if role == "test" or f"{module}.".startswith(f"{testing.__name__}."):
            return True
        if role == "solution":
            return False
    return False


def _blunder(error: BaseException) -> BaseException | None:
    """The NameError or such of which a failed check only is the consequence."""
    while True:
        hidden = error.__suppress_context__
        before = error.__cause__ or (None if hidden else error.__context__)
        if before is None or isinstance(before, BLUNDERS):
            return before
        error = before


def _text(error: BaseException) -> str:
    try:
        return str(error)[:MESSAGE_LENGTH]
    except Exception:
        return "(its message cannot be shown)"
