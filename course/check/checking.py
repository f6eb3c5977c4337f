"""Run a check: read, rebuild, execute, and say what became of each test."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.utils import determine_grade
from traitlets.config import Config

from course.check.memory import Memory
from course.check.report import ExerciseResult, NotebookResult, Report, TestResult
from course.check.wanted import Template, Wanted, find_wanted
from course.grading import failing_case
from course.grading.assignment import Cell, Exercise
from course.grading.engine import execute
from course.grading.gradebook import error_of, load_config
from course.grading.isolation import Level
from course.grading.plugin import KEY_VARIABLE, ConcealTests, EngineExecute, shared_sandbox
from course.grading.reading import Rejected, read_raw
from course.grading.rebuild import rebuild
from course.grading.recognise import nbgrader, role
from course.grading.sandbox import Limits, Sandbox

UNPROTECTED = (
    "This machine offers no sandbox, so your code runs with your own rights, as it does in "
    "JupyterLab (`course doctor` says what is missing)."
)
NOTHING_BEGUN = "No exercise has been begun yet, so there is nothing to check."


def check(root: Path, names: Sequence[str] = (), *, begun: bool = False) -> Report:
    """Check a learner's notebooks, as `course grade` would grade them.

    Parameters
    ----------
    root : Path
        The course's folder.
    names : sequence of str
    begun : bool
        See `find_wanted` for both.

    Returns
    -------
    Report

    Raises
    ------
    CourseError
        For a name that means nothing, or a course that cannot be used. What is wrong with a
        learner's notebook is part of the report instead.
    """
    root = root.resolve()
    config = load_config(root)
    checks = [_Check(root, config, wanted) for wanted in find_wanted(root, names, begun)]
    notices = []
    if any(one.sections for one in checks):
        sandbox = shared_sandbox(EngineExecute(config=config).services)
        for one in checks:
            one.execute(sandbox)
        if sandbox.level == Level.NONE:
            notices.append(UNPROTECTED)
    show_after = ConcealTests(config=config).show_case_after
    memory = Memory(root)
    found = [one.result(memory, show_after) for one in checks]
    if begun or not names:
        found = [r for r in found if r.problem or any(e.wanted for e in r.exercises)]
        notices += [] if found else [NOTHING_BEGUN]
    if any(one.counted for one in checks) and (obstacle := memory.save()):
        notices.append(f"Failed checks cannot be counted ({obstacle}).")
    return Report(found, notices, show_after)


class _Check:
    """One notebook on its way from the file to its result."""

    def __init__(self, root: Path, config: Config, wanted: Wanted) -> None:
        self.config = config
        self.template: Template = wanted.template
        self.name = _short(wanted.path, root)
        self.problem = ""
        self.notes: list[str] = []
        self.executed: NotebookNode | None = None
        self.begun: set[str] = set()
        self.wanted: set[str] = set()
        self.counted = False
        try:
            path = wanted.path.resolve()
            raw = read_raw(path, path.parent)
        except Rejected as rejected:
            self.problem = str(rejected)
            return
        rebuilt = rebuild(self.template.source, self.template.released, raw)
        self.notebook, self.notes = rebuilt.notebook, rebuilt.notes
        self.begun = _begun(self.notebook, self.template)
        self.wanted = set(self.begun if wanted.exercises is None else wanted.exercises)
        self.asked_for_begun = wanted.exercises is None

    @property
    def sections(self) -> set[str]:
        """The sections to execute: those of wanted exercises that have been begun."""
        return {self.template.sections[id_] for id_ in self.wanted & self.begun}

    def execute(self, sandbox: Sandbox) -> None:
        """Execute the wanted sections, whole: what is graded together is checked together."""
        if self.sections:
            self.executed = execute(
                self.notebook,
                self.template.source,
                sandbox,
                limits=Limits(cell_cpu=EngineExecute(config=self.config).cpu_seconds),
                environment={k: os.environ[k] for k in (KEY_VARIABLE,) if k in os.environ},
                only=self.sections,
            )

    def result(self, memory: Memory, show_after: int) -> NotebookResult:
        """What became of the exercises."""
        if self.problem:
            return NotebookResult(self.name, problem=self.problem)
        cells = {
            nbgrader(c).get("grade_id", c.id): c for c in (self.executed or self.notebook).cells
        }
        exercises = [e for e in self.template.exercises if self._is_shown(e)]
        failed = [
            cell.grade_id
            for exercise in exercises
            if exercise.exercise_id in self.begun
            for cell in exercise.cells
            if failing_case.is_hidden(cells[cell.grade_id]) and _error(cells[cell.grade_id])
        ]
        failures = memory.failed(self.template.file, failed)
        self.counted = bool(failed)
        for id_ in failed:
            if not 0 < show_after <= failures[id_]:
                failing_case.drop(cells[id_])
        results = [
            ExerciseResult(
                exercise.exercise_id,
                exercise.title,
                begun := exercise.exercise_id in self.begun,
                exercise.exercise_id in self.wanted,
                [_test(cell, cells[cell.grade_id], begun) for cell in exercise.cells],
                _error_of_solution(cells.get(exercise.exercise_id)) if begun else "",
            )
            for exercise in exercises
        ]
        return NotebookResult(self.name, results, "", self.notes)

    def _is_shown(self, exercise: Exercise) -> bool:
        """Wanted, or beside one that is wanted because it has been begun."""
        beside = self.asked_for_begun and self.template.sections[exercise.exercise_id]
        return exercise.exercise_id in self.wanted or beside in self.sections


def _begun(notebook: NotebookNode, template: Template) -> set[str]:
    """Exercises whose solution cell is not as it was given out, and tests without one."""
    stubs = {nbgrader(cell).get("grade_id"): cell.source for cell in template.released.cells}
    answers = {nbgrader(c)["grade_id"]: c.source for c in notebook.cells if role(c) == "solution"}
    return {
        id_
        for id_ in template.sections
        if answers.get(id_, "").strip() != stubs.get(id_, "").strip()
    }


def _test(cell: Cell, executed: NotebookNode, begun: bool) -> TestResult:
    """What became of one test cell; the case that it keeps may be shown."""
    if cell.written:
        return TestResult(cell.grade_id, cell.title, 0.0, cell.max_score, False, waits=True)
    if not executed.outputs and not begun:  # its section was not executed at all
        return TestResult(cell.grade_id, cell.title, 0.0, cell.max_score, False)
    points, _ = determine_grade(executed)
    error = _error(executed)
    return TestResult(
        cell.grade_id,
        cell.title,
        points or 0.0,
        cell.max_score,
        passed=error is None and points == cell.max_score,
        message=error_of(executed.outputs) or "",
        case=failing_case.kept(executed) or {} if begun else {},
        where=_where(error, executed) if error and begun else [],
    )


def _error(cell: NotebookNode) -> NotebookNode | None:
    errors = [o for o in cell.get("outputs", []) if o.output_type == "error"]
    return errors[-1] if errors else None


def _where(error: NotebookNode, cell: NotebookNode) -> list[str]:
    """The learner's own lines of a traceback: what follows the message and, if any, the case."""
    lines = error.traceback[failing_case.message_lines(error) :]
    shown = failing_case.case_lines(failing_case.kept(cell) or {})
    return lines[len(shown) :] if lines[: len(shown)] == shown else lines


def _error_of_solution(cell: NotebookNode | None) -> str:
    """What a solution cell itself ended with, such as a SyntaxError."""
    error = _error(cell) if cell is not None else None
    return (error_of([error]) or "") if error is not None else ""


def _short(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
