"""Find the exercises of the built notebooks, each with the section that it is judged in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course.build.check import LABEL
from course.build.names import names_of
from course.grading.errors import CourseError
from course.judge import Cell

TITLE = re.compile(r"^# (?:Hidden test: )?(?P<title>.+?)(?: \(\d+ points?\))?$")
EASIEST = "●○○"


@dataclass(frozen=True)
class Behaviour:
    """A test cell of an exercise; its title is the first comment line's."""

    cell_id: str
    title: str
    points: float


@dataclass(frozen=True)
class Exercise:
    """An exercise in a built notebook.

    Attributes
    ----------
    section : tuple of Cell
        The setup cell and the section's code cells without demos.
    stub : str or None
        The solution cell as learners get it; None if the release lacks it.
    minimum : dict of str to int
        How many right and wrong ways its proof has at least.
    """

    grade_id: str
    notebook: Path
    section: tuple[Cell, ...]
    tests: tuple[Behaviour, ...]
    stub: str | None
    minimum: dict[str, int]

    @property
    def test_ids(self) -> list[str]:
        """The ids of its test cells."""
        return [t.cell_id for t in self.tests]

    @property
    def graded(self) -> list[str]:
        """The ids of its test cells that carry points."""
        return [t.cell_id for t in self.tests if t.points > 0]

    @property
    def solution(self) -> str:
        """The reference solution."""
        return next(c.source for c in self.section if c.cell_id == self.grade_id)

    @property
    def setup_names(self) -> frozenset[str]:
        """The names that the setup cell defines."""
        shared = [names_of(c.source).defined for c in self.section if c.role == "shared"]
        return frozenset[str]().union(*shared)

    def cells_with(self, solution: str) -> list[Cell]:
        """A copy of the section with this exercise's solution cell replaced."""
        return [
            replace(c, source=solution) if c.cell_id == self.grade_id else c for c in self.section
        ]


def find_exercises(root: Path) -> dict[str, Exercise]:
    """Find the exercises of all notebooks in ``source/``, by grade id, in teaching order.

    Raises
    ------
    CourseError
        If a notebook cannot be read, or two exercises have one grade id.
    """
    found: dict[str, Exercise] = {}
    for path in sorted((root / "source").glob("*/*.ipynb")):
        notebook = path.relative_to(root / "source")
        released = root / "release" / notebook
        stubs = {}
        if released.is_file():
            stubs = {_grade_id(c): c.source for c in _read(root, released).cells}
        for exercise in _exercises(_read(root, path), notebook, stubs):
            if (first := found.setdefault(exercise.grade_id, exercise)) is not exercise:
                raise CourseError(
                    f"the exercise {exercise.grade_id} stands in {first.notebook} and in "
                    f"{notebook}; give one another grade id."
                )
    return found


def _read(root: Path, path: Path) -> NotebookNode:
    try:
        return nbformat.read(path, as_version=4)
    except (ValueError, AttributeError, nbformat.ValidationError) as error:
        raise CourseError(
            f"{path.relative_to(root)} is not a notebook ({type(error).__name__}): run "
            "`course build`."
        ) from error


def _exercises(notebook: NotebookNode, path: Path, stubs: dict[str, str]) -> Iterator[Exercise]:
    code = [c for c in notebook.cells if c.cell_type == "code"]
    ids = [_grade_id(c) for c in code if _is_solution(c)]
    for i, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or not _is_solution(cell):
            continue
        mine = _grade_id(cell)
        section = [
            c
            for c in code
            if c is code[0]
            or (_section(c) == _section(cell) and "demo" not in c.metadata.get("tags", []))
        ]
        tests = [
            Behaviour(_grade_id(c), _title(c), c.metadata.nbgrader.get("points") or 0)
            for c in section
            if _is_test(c) and _owner(c, ids) == mine
        ]
        label = LABEL.search(notebook.cells[i - 1].source) if i else None
        easy = label is not None and label["dots"] == EASIEST
        yield Exercise(
            mine,
            path,
            tuple(_cell(c, ids) for c in section),
            tuple(tests),
            stubs.get(mine),
            {"right": 2, "wrong": 3} if easy else {"right": 3, "wrong": 5},
        )


def _cell(cell: NotebookNode, ids: list[str]) -> Cell:
    cell_id = _grade_id(cell) or cell.id
    if _is_solution(cell):
        return Cell(cell_id, cell.source, "solution", cell_id)
    if _is_test(cell):
        points = cell.metadata.nbgrader.get("points") or 0
        return Cell(cell_id, cell.source, "test", _owner(cell, ids), points)
    return Cell(cell_id, cell.source, "shared")


def _grade_id(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _section(cell: NotebookNode) -> str:
    return cell.metadata.get("course", {}).get("section", "")


def _is_solution(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def _is_test(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("grade")) and not _is_solution(cell)


def _owner(test: NotebookNode, ids: list[str]) -> str:
    """The exercise of a test cell: the longest id that begins its own."""
    return max((i for i in ids if _grade_id(test).startswith(f"{i}-")), key=len, default="")


def _title(test: NotebookNode) -> str:
    match = TITLE.match(test.source.partition("\n")[0])
    return match["title"] if match else _grade_id(test)
