"""The judge: runs a section's tests outside the sandbox, on proxies of the learner's functions.

A judge is a process of its own, forked for one section, so tests of one section cannot disturb
another's. It holds the hidden tests; the learner's process never does.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import functools
import gc
import inspect
import io
import json
import linecache
import os
import resource
import select
import signal
import sys
import time
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from course.grading.border import Malformed, PeerDied
from course.grading.errors import CourseError
from course.grading.explaining import NAME, Explainer, rewritten
from course.grading.failing_case import case_lines
from course.grading.learner_watch import queued
from course.grading.sandbox import Learner
from course.grading.sandbox_outputs import clean
from course.grading.section import Step

MESSAGE_LENGTH = 2_000
PRINTED = 20_000
DYING = 2.0  # seconds for a process that hung up to be gone
MARGIN = 5.0  # seconds, for a cell of which nothing is known
LAST = 10  # times its patience, for a cell that nothing else has ended
TIME_LIMIT = "CpuTimeLimit"
_AWAIT = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
FORGED = "it sent what no honest program sends"
SLEPT = "it waited for too long, and was stopped"
BUSY = "what it returned takes for ever to look at"
_REASONS = {"forged": FORGED, "busy": BUSY}
_LOOK = 0.2  # seconds between two looks at a judge's CPU time


@dataclass
class Section:
    """What became of a section: the outputs of each cell that ran, by its id."""

    outputs: dict[str, list[dict]] = field(default_factory=dict)
    cases: dict[str, dict[str, str]] = field(default_factory=dict)
    """The input that a test failed with, where its helper kept one; see `failing_case`."""
    slept: bool = False
    """A wall-clock limit ended something, which another try, alone, may not meet."""


def judge_section(
    steps: Sequence[Step], start: Callable[[], Learner], environment: dict[str, str] | None = None
) -> Section:
    """Run a section: solutions in the sandbox, tests here.

    Where the learner's process ends before the section does, the cell that ended it keeps the
    reason as its output, a new process runs the solutions again, and the remaining tests go on,
    unless the whole took longer by then than a section may wait.

    Parameters
    ----------
    steps : sequence of Step
        The section's cells in order.
    start : callable
        Starts a learner's process.
    environment : dict of str to str, optional
        Variables of the judge, such as ``COURSE_SEED``. The learner does not get them.

    Returns
    -------
    Section
    """
    section = Section()
    _compile_all(steps)
    deadly: set[str] = set()  # cells of the learner's that end the process
    begun = time.monotonic()
    for _ in range(len(steps) + 1):
        learner = start()
        try:
            finished, current, reason = _in_child(
                steps, section, deadly, learner, environment or {}
            )
            if not finished:
                reason = reason or _why(learner)
                section.slept |= learner.reason == "wall" or reason == SLEPT
        finally:
            learner.close()
        if finished:
            return section
        step = next((s for s in steps if s.cell_id == current), steps[0])
        section.outputs[step.cell_id] = [_stopped(f"The code was stopped: {reason}.")]
        deadly.add(step.cell_id)
        if time.monotonic() - begun > _patience(learner, learner.limits.section_cpu):
            break
    for step in steps:
        if step.where == "judge" and step.cell_id not in section.outputs:
            text = "This test was not run: the code had been stopped too often."
            section.outputs[step.cell_id] = [_stopped(text)]
    return section


def _why(learner: Learner) -> str:
    """Why the session ended; the process may need a moment to be gone."""
    deadline = time.monotonic() + DYING
    while (reason := learner.ended()) is None and time.monotonic() < deadline:
        time.sleep(0.01)
    return reason or FORGED


def _patience(learner: Learner, cpu_seconds: float) -> float:
    """How long, by the clock on the wall, so much CPU time may take."""
    return learner.limits.wall_factor * cpu_seconds + learner.limits.wall_extra


def _stopped(text: str) -> dict:
    return {"output_type": "error", "ename": "Stopped", "evalue": text, "traceback": [text]}


def _in_child(
    steps: Sequence[Step],
    section: Section,
    deadly: set[str],
    learner: Learner,
    environment: dict[str, str],
) -> tuple[bool, str, str]:
    """Fork a judge and take its outputs in.

    Returns whether it ended well, its last cell, and why it stopped there, as far as it knows.
    Raises CourseError where the template itself is broken.
    """
    read, write = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    # Python drops an interrupt that arrives while it runs the hooks of a fork
    waiting = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        pid = os.fork()
    except OSError:
        signal.pthread_sigmask(signal.SIG_SETMASK, waiting)
        raise
    if pid == 0:
        code = 1
        try:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # its parent answers that
            os.close(read)
            gc.freeze()  # what came with the fork is not to be looked through, and so copied
            os.environ.update(environment)
            _bound_memory(learner.limits.tree_memory)
            with os.fdopen(write, "w", encoding="utf-8") as pipe:
                _Judge(learner, pipe).run(steps, set(section.outputs), deadly)
            code = 0
        finally:
            os._exit(code)
    current, reason, finished = "", "", False
    try:
        os.close(write)
        signal.pthread_sigmask(signal.SIG_SETMASK, waiting)
        # what sleeps is found by its own watch, which knows a busy machine from a sleeper
        patience = {s.cell_id: LAST * _patience(learner, s.cpu_seconds) + MARGIN for s in steps}
        seconds = {s.cell_id: s.cpu_seconds for s in steps}
        for kind, cell_id, payload in _lines(read, patience, pid, learner, seconds):
            if kind == "begin":
                current = cell_id
            elif kind == "outputs":
                section.outputs.setdefault(cell_id, payload)
            elif kind == "case":
                section.cases.setdefault(cell_id, payload)
            elif kind == "end":
                finished = True
            elif kind == "broken":
                raise CourseError(
                    f"the notebook's own cell {cell_id} stops with {payload}, before any code of "
                    "a learner has run: mend it first."
                )
            else:
                reason = _REASONS.get(kind, SLEPT)
    finally:
        os.close(read)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return finished, current, reason


def _bound_memory(more: int) -> None:
    """Let this process ask for so much more: a small answer may be giant to look at."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    bound = pages * resource.getpagesize() + more
    bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
    resource.setrlimit(resource.RLIMIT_AS, (bound, hard))


def _lines(
    pipe: int, patience: dict[str, float], judge: int, learner: Learner, seconds: dict[str, float]
) -> Iterator[tuple[str, str, Any]]:
    """What the judge reports, until it ends, or a cell takes longer than its clocks allow.

    One clock counts the judge's own CPU time, the other is on the wall. While the judge is at work
    or waits for a core, the learner's process waits without a fault of its own.
    """
    process = psutil.Process(judge)
    allowed = float("inf")
    deadline = time.monotonic() + max(patience.values(), default=MARGIN)
    buffer, current, begun = b"", "", 0.0
    while (left := deadline - time.monotonic()) > 0:
        if _used(process) > allowed:
            yield "busy", current, None
            return
        if not select.select([pipe], [], [], min(left, _LOOK))[0]:
            if current in seconds:
                learner.wait_for_judge(seconds[current], _at_work(process) - begun)
            continue
        chunk = os.read(pipe, 1 << 16)
        if not chunk:
            return
        *lines, buffer = (buffer + chunk).split(b"\n")
        for line in lines:
            kind, current, payload = json.loads(line)
            if kind == "begin":
                deadline = time.monotonic() + patience.get(current, MARGIN)
                allowed = _used(process) + seconds.get(current, 0) + learner.limits.judge_extra
                begun = _at_work(process)
            yield kind, current, payload
    yield "slept", "", None


def _used(process: psutil.Process) -> float:
    """CPU seconds of a process, nothing once it is gone."""
    try:
        return sum(process.cpu_times()[:2])
    except psutil.Error:
        return 0.0


def _at_work(process: psutil.Process) -> float:
    return _used(process) + queued(process.pid)


class _Judge:
    """Inside the forked process."""

    def __init__(self, learner: Learner, pipe: io.TextIOBase) -> None:
        self.learner = learner
        self.pipe = pipe
        self.module = types.ModuleType("__main__")
        sys.modules["__main__"] = self.module
        self.loop = asyncio.new_event_loop()
        self.names: dict[str, None] = {}
        self.explainer = Explainer(learner.peer)
        self.module.__dict__[NAME] = self.explainer

    def tell(self, kind: str, cell_id: str = "", payload: Any = None) -> None:
        self.pipe.write(json.dumps([kind, cell_id, payload]) + "\n")
        self.pipe.flush()

    def run(self, steps: Sequence[Step], done: set[str], deadly: set[str]) -> None:
        """Run the steps; those in ``done`` only as far as later ones need them."""
        untouched = True  # by code of the learner's, which thus cannot be to blame
        for step in steps:
            if step.where == "judge" and step.cell_id in done:
                continue
            if step.cell_id in deadly:
                continue
            self.tell("begin", step.cell_id)
            untouched &= step.where == "both"
            try:
                outputs = self.one(step)
                # a test may have taken the end of the session for a failed check
                self.learner.begin(step.cell_id, step.cpu_seconds)
            except PeerDied:
                return  # without "end": the cell that has begun is the one that ended it
            except Exception as error:
                if untouched:
                    self.tell("broken", step.cell_id, f"{type(error).__name__}: {error}")
                    return
                if not isinstance(error, Malformed) and not hasattr(error, "remote_type"):
                    raise
                self.tell("forged")  # or its own side of the border is broken
                return
            if untouched and (failed := _failure(outputs)):
                self.tell("broken", step.cell_id, failed)
                return
            self.tell("outputs", step.cell_id, outputs)
        self.tell("end")

    def one(self, step: Step) -> list[dict]:
        """Run a step where it belongs, and return its outputs."""
        if step.where == "judge":
            return self.test(step)
        if step.where == "both":
            self.execute(step.source, step.cell_id)
            if callable(cross := getattr(self.module.__dict__.get("testing"), "cross", None)):
                cross(self.learner.peer)  # the notebook's own test helpers
            show = getattr(self.module.__dict__.get("testing"), "show", None)
            self.explainer.show = show if callable(show) else self.explainer.show
        try:
            outputs = self.learner.run_cell(step.source, step.cell_id, step.cpu_seconds)
        except MemoryError as error:  # what it holds leaves its own side no room to answer
            outputs = [_error(error)]
        if step.imports:
            self.execute(step.imports, step.cell_id)
        self.names |= dict.fromkeys(step.names)
        for name in self.names:  # of earlier solutions too: a later cell may define them anew
            self.module.__dict__.pop(name, None)
            with contextlib.suppress(NameError):
                self.module.__dict__[name] = self.learner.peer.request("lookup", name)
        return outputs

    def test(self, step: Step) -> list[dict]:
        """Run a test cell here."""
        self.learner.begin(step.cell_id, step.cpu_seconds)
        self.explainer.forget()
        printed, outputs = io.StringIO(), []
        error: BaseException | None = None
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
            try:
                value = self.execute(step.source, step.cell_id, step.exercise)
                outputs += _part(value, step.points)
            except BaseException as raised:
                error = raised
        if text := printed.getvalue()[:PRINTED]:
            outputs.insert(0, {"output_type": "stream", "name": "stdout", "text": text})
        if error is not None:
            case = self.explainer.case(error) or {}
            outputs.append(_error(error, [] if step.hidden else case_lines(case)))
            self.tell("case", step.cell_id, case)
        return clean(outputs, self.learner.limits.output)  # letters may be the learner's own

    def execute(self, source: str, cell_id: str, exercise: str = "") -> Any:
        """Run trusted code of the template in the judge's own namespace.

        Returns what a notebook would show: the value of a last expression, None where none is.
        """
        name = f"<{cell_id}>"
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        result = None
        with _exercise(self.module, exercise):
            for code in _compiled(source, name):
                result = eval(code, self.module.__dict__)
                if code.co_flags & inspect.CO_COROUTINE:
                    result = self.loop.run_until_complete(result)
        return result


@functools.lru_cache(4096)
def _compiled(source: str, name: str) -> tuple[types.CodeType, ...]:
    """Compile trusted code of the template: its statements, and a last expression by itself."""
    tree = rewritten(source, name)
    parts: list[tuple[ast.AST, str]] = [(tree, "exec")]
    if tree.body and isinstance(last := tree.body[-1], ast.Expr) and not _quiet(source, last):
        del tree.body[-1]
        parts.append((ast.Expression(last.value), "eval"))
    return tuple(compile(part, name, mode, _AWAIT, dont_inherit=True) for part, mode in parts)


def _compile_all(steps: Sequence[Step]) -> None:
    """Compile the template's code before the fork, so that it is done for all submissions."""
    for step in steps:
        source = step.imports if step.where == "learner" else step.source
        if source:
            with contextlib.suppress(SyntaxError, ValueError):  # its judge will say so
                _compiled(source, f"<{step.cell_id}>")


def _quiet(source: str, last: ast.Expr) -> bool:
    """Whether a semicolon follows, by which a notebook shows nothing."""
    line = source.split("\n")[last.end_lineno - 1].encode()
    return line[last.end_col_offset :].lstrip().startswith(b";")


def _part(value: Any, points: float) -> list[dict]:
    """The output from which nbgrader reads part of the points, where a test ends in a number.

    As in a notebook, True and numbers of other libraries count as none, and so does any number
    where there are no points. What nbgrader itself would stumble over, or take for full marks, is
    an error here.

    Raises
    ------
    ValueError
    """
    if type(value) not in (int, float) or not points:  # of a learner's object nothing is asked
        return []
    if not 0 <= value <= points:
        raise ValueError(
            f"this test gave {_shown(value)} of its {points:g} points, so it gives none: it must "
            f"end in a number from 0 to {points:g}."
        )
    data = {"text/plain": repr(value)}
    return [{"output_type": "execute_result", "data": data, "metadata": {}}]


def _shown(value: float) -> str:
    return f"{value:.6g}" if abs(value) < 1e300 else "far too many"


def _failure(outputs: list[dict]) -> str:
    """What a cell failed with by its outputs, if not for want of time or memory."""
    errors = [output for output in outputs if output["output_type"] == "error"]
    if not errors or errors[-1]["ename"] in (TIME_LIMIT, "MemoryError"):
        return ""
    return f"{errors[-1]['ename']}: {errors[-1]['evalue']}"


def _exercise(module: types.ModuleType, name: str) -> contextlib.AbstractContextManager:
    """Name the exercise to the notebook's own test helpers, if its setup cell brought any."""
    helpers = module.__dict__.get("testing")
    named = getattr(helpers, "exercise", None)
    return named(name) if callable(named) and name else contextlib.nullcontext()


def _error(error: BaseException, case: Sequence[str] = ()) -> dict:
    """An error output that shows the message and the learner's own frames, and no test's source.

    A visible test also shows the input that failed: `case`, lines.
    """
    name = type(error).__name__
    try:
        message = str(error)[:MESSAGE_LENGTH]
    except Exception:
        message = "(its message cannot be shown)"
    cause = error if hasattr(error, "remote_traceback") else error.__cause__
    if getattr(cause, "remote_type", "") == TIME_LIMIT:
        name, message = TIME_LIMIT, "the code was stopped: it used up its CPU time"
    lines = [f"{name}: {message}" if message else name, *case]
    if told := getattr(cause, "remote_traceback", ""):
        lines.append(str(told)[:MESSAGE_LENGTH])
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": lines}
