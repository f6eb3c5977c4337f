"""What a check found: plain data that may be shown to the learner as it is."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class TestResult:
    """One test cell.

    Attributes
    ----------
    passed : bool
        All its points, and no error.
    waits : bool
        A person grades it; it is neither passed nor failed.
    message : str
        Why it failed, in one line.
    case : dict of str to str
        The smallest input that failed, if the learner may see it: ``input``, ``result``,
        ``expected``.
    where : list of str
        The end of the traceback, in the learner's own lines.
    """

    __test__ = False  # pytest: not a test

    grade_id: str
    title: str
    points: float
    max_points: float
    passed: bool
    waits: bool = False
    message: str = ""
    case: dict[str, str] = field(default_factory=dict)
    where: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ExerciseResult:
    """One exercise.

    Attributes
    ----------
    begun : bool
        False while the solution cell is as it was given out.
    wanted : bool
        Whether it was asked for; `Report.passed` is about these.
    error : str
        What the solution cell itself ended with.
    """

    exercise_id: str
    title: str
    begun: bool
    wanted: bool
    tests: list[TestResult]
    error: str = ""

    @property
    def passed(self) -> bool:
        return self.begun and all(test.passed or test.waits for test in self.tests)

    @property
    def points(self) -> float:
        return sum(test.points for test in self.tests)

    @property
    def max_points(self) -> float:
        return sum(test.max_points for test in self.tests)


@dataclass(frozen=True)
class NotebookResult:
    """One notebook.

    Attributes
    ----------
    name : str
        How to call the file.
    problem : str
        Why it could not be read; nothing was checked then.
    notes : list of str
        What was put right before checking, a sentence each.
    """

    name: str
    exercises: list[ExerciseResult] = field(default_factory=list)
    problem: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Report:
    """A whole check.

    Attributes
    ----------
    notices : list of str
        About the check as a whole.
    hints_after : int
        From this many failed checks of a hidden test on its smallest failing input is shown;
        0: never.
    """

    notebooks: list[NotebookResult]
    notices: list[str] = field(default_factory=list)
    hints_after: int = 0

    @property
    def exercises(self) -> list[ExerciseResult]:
        return [exercise for notebook in self.notebooks for exercise in notebook.exercises]

    @property
    def passed(self) -> bool:
        """Whether every notebook could be read, and all wanted tests pass."""
        readable = not any(notebook.problem for notebook in self.notebooks)
        return readable and all(e.passed for e in self.exercises if e.wanted)

    @property
    def hides_a_case(self) -> bool:
        """Whether another failed check would show more."""
        failed = [t for e in self.exercises if e.begun for t in e.tests if not t.passed]
        return self.hints_after > 0 and any(not t.case and not t.waits for t in failed)
