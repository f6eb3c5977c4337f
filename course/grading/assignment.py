"""What an assignment consists of: read from the instructor's own notebooks, in any nbgrader course.

Example
-------
>>> from pathlib import Path
>>> from course.grading.assignment import read_assignment
>>> read_assignment(Path("source"), "1-llm-internals").max_score  # doctest: +SKIP
10.0
"""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course.grading.errors import CourseError, UsageError

_POINTS = re.compile(r"\s*\(\d+(\.\d+)? points?\)\s*$")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Cell:
    """A graded cell: a test, or an answer that a person grades."""

    notebook: str
    grade_id: str
    exercise_id: str
    title: str
    max_score: float
    written: bool = False
    """True where the learner's own cell is graded (by a person), rather than a test."""


@dataclass(frozen=True)
class Exercise:
    """A solution cell and what tests it."""

    exercise_id: str
    title: str
    cells: tuple[Cell, ...]

    @property
    def max_score(self) -> float:
        return sum(cell.max_score for cell in self.cells)


@dataclass(frozen=True)
class Notebook:
    """One notebook of an assignment as the instructor wrote it."""

    name: str
    grade_ids: tuple[str, ...]
    """Every id that nbgrader knows in this notebook, in order, solutions and locked cells too."""
    cells: tuple[Cell, ...]
    exercise_titles: dict[str, str]
    metadata: dict


@dataclass(frozen=True)
class Assignment:
    """An assignment: its notebooks, graded cells and exercises, in teaching order."""

    name: str
    folder: Path
    notebooks: tuple[Notebook, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        return tuple(cell for notebook in self.notebooks for cell in notebook.cells)

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        titles = {
            (n.name, id_): title for n in self.notebooks for id_, title in n.exercise_titles.items()
        }
        order = {key: i for i, key in enumerate(titles)}

        def key(cell: Cell) -> tuple[str, str]:
            return cell.notebook, cell.exercise_id

        # a test without any solution cell before it stands for itself
        cells = sorted(self.cells, key=lambda cell: order.get(key(cell), len(order)))
        return tuple(
            Exercise(id_, titles.get((notebook, id_), id_), tuple(group))
            for (notebook, id_), group in groupby(cells, key=key)
        )

    @property
    def max_score(self) -> float:
        return sum(cell.max_score for cell in self.cells)


def assignment_names(source: Path) -> list[str]:
    """Names of the folders of `source` that hold a notebook."""
    if not source.is_dir():
        return []
    return sorted(folder.name for folder in source.iterdir() if any(folder.glob("*.ipynb")))


def read_assignment(source: Path, name: str) -> Assignment:
    """Read assignment `name` from the instructor's folder `source`.

    Raises
    ------
    UsageError
        There is no such assignment; the message names those that there are.
    CourseError
        A notebook of the assignment cannot be read.
    """
    names = assignment_names(source)
    if name not in names:
        close = difflib.get_close_matches(name, names, n=1)
        there = f"there are: {', '.join(names)}." if names else f"{source} holds no assignment."
        guess = f"did you mean {close[0]!r}? " if close else ""
        raise UsageError(f"there is no assignment {name!r}; {guess}{there}")
    folder = source / name
    return Assignment(name, folder, tuple(_notebook(p) for p in sorted(folder.glob("*.ipynb"))))


def _notebook(path: Path) -> Notebook:
    try:
        nb = nbformat.read(path, as_version=4)
    except (ValueError, OSError) as error:
        raise CourseError(f"{path} cannot be read as a notebook: {error}") from error
    marked = [(cell, cell.metadata["nbgrader"]) for cell in nb.cells if _is_marked(cell)]
    solutions = [meta["grade_id"] for _, meta in marked if meta.get("solution")]
    titles = dict.fromkeys(solutions, "")
    for before, cell in zip([None, *nb.cells], nb.cells, strict=False):
        if _is_marked(cell) and cell.metadata["nbgrader"]["grade_id"] in titles:
            grade_id = cell.metadata["nbgrader"]["grade_id"]
            titles[grade_id] = _heading(before) or _heading(cell) or grade_id
    cells, previous = [], None
    for cell, meta in marked:
        grade_id, written = meta["grade_id"], bool(meta.get("solution") or meta.get("task"))
        if meta.get("solution"):
            previous = grade_id
        if meta.get("grade") or meta.get("task"):
            exercise = exercise_of(grade_id, solutions) or previous or grade_id
            title = "Written answer" if written else _title(cell, grade_id)
            points = float(meta.get("points", 0))
            cells.append(Cell(path.stem, grade_id, exercise, title, points, written))
    return Notebook(
        path.stem, tuple(m["grade_id"] for _, m in marked), tuple(cells), titles, dict(nb.metadata)
    )


def _is_marked(cell: NotebookNode) -> bool:
    meta = cell.metadata.get("nbgrader", {})
    return any(meta.get(key) for key in ("grade", "solution", "locked", "task"))


def exercise_of(grade_id: str, solutions: Iterable[str]) -> str | None:
    """Longest solution id that is `grade_id` or a prefix of it, up to a hyphen or underscore."""
    fits = [s for s in solutions if grade_id == s or grade_id.startswith((f"{s}-", f"{s}_"))]
    return max(fits, key=len, default=None)


def _title(cell: NotebookNode, grade_id: str) -> str:
    first = cell.source.lstrip().partition("\n")[0]
    if not first.startswith("#") or first.startswith("###"):  # "### BEGIN HIDDEN TESTS"
        return grade_id
    return _POINTS.sub("", first.lstrip("# ")).strip() or grade_id


def _heading(cell: NotebookNode | None) -> str:
    if cell is None or cell.cell_type != "markdown":
        return ""
    found = _HEADING.search(cell.source)
    return found[1].replace("`", "") if found else ""
