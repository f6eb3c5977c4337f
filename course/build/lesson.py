"""Read a lesson: one question as a jupytext percent script, cell by cell."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import jupytext
from nbformat import NotebookNode

from course.grading.errors import CourseError

HEADER = re.compile(r"^# %%(?P<rest>.*)$")
FENCE = '"""'


@dataclass(frozen=True)
class Problem:
    """What is wrong in a lesson, where, and what to do about it."""

    path: Path
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.sentence}"


class LessonError(CourseError):
    """A lesson that cannot be built; the message has one line for each problem."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(p) for p in problems))


@dataclass
class LessonCell:
    """One cell of a lesson.

    Attributes
    ----------
    line : int
        The line of the file on which the cell's heading ``# %%`` stands (counted from 1).
    kind : str
        ``"markdown"`` or ``"code"``.
    """

    path: Path
    line: int
    kind: str
    source: str
    metadata: dict = field(default_factory=dict)

    @property
    def tags(self) -> list[str]:
        """The cell's tags."""
        return self.metadata.get("tags", [])

    @property
    def nbgrader(self) -> dict:
        """nbgrader's metadata, or an empty dict."""
        return self.metadata.get("nbgrader", {})

    @property
    def grade_id(self) -> str | None:
        """nbgrader's id of the cell, if it has one."""
        return self.nbgrader.get("grade_id")

    @property
    def role(self) -> str:
        """What the cell is: markdown, setup, demo, solution, visible, hidden or unknown."""
        if self.kind == "markdown" and not self.nbgrader:
            return "markdown"
        if self.nbgrader.get("solution"):
            return "solution"
        if self.nbgrader.get("grade"):
            return "hidden" if "-hidden-" in (self.grade_id or "") else "visible"
        if self.nbgrader.get("locked") and self.kind == "code":
            return "setup"
        return "demo" if "demo" in self.tags else "unknown"

    def problem(self, sentence: str, offset: int = 0) -> Problem:
        """Make a problem that points into this cell (``offset`` lines below its first line)."""
        return Problem(self.path, self.line + offset, sentence)


def read_lesson(path: Path, shown: Path | None = None) -> list[LessonCell]:
    """Read the cells of a lesson file.

    Parameters
    ----------
    path : Path
        The percent script.
    shown : Path, optional
        The path to name in messages.

    Returns
    -------
    list of LessonCell

    Raises
    ------
    LessonError
        If jupytext would not turn the file into exactly the cells that its headings announce.
    """
    shown = shown or path
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise LessonError([Problem(shown, 1, f"is not UTF-8 text ({error.reason}).")]) from None
    raw = _split(text, shown)
    problems = [p for cell in raw if (p := _check_raw(cell))]
    if problems:
        raise LessonError(problems)
    notebook = jupytext.reads(text, fmt="py:percent")
    if len(notebook.cells) != len(raw):
        raise LessonError(
            [
                Problem(
                    shown, 1, f"jupytext reads {len(notebook.cells)} cells where {len(raw)} begin."
                )
            ]
        )
    cells = [_merge(r, c) for r, c in zip(raw, notebook.cells, strict=True)]
    if changed := [p for r, c in zip(raw, cells, strict=True) if (p := _compare(r, c))]:
        raise LessonError(changed)
    return cells


def _split(text: str, shown: Path) -> list[LessonCell]:
    """Cut a file at its headings; the sources are the raw text below each heading."""
    cells: list[LessonCell] = []
    body: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if match := HEADER.match(line):
            if cells:
                cells[-1].source = "\n".join(body)
            elif any(part.strip() for part in body):
                raise LessonError(
                    [Problem(shown, 1, "text stands before the first '# %%'; move it.")]
                )
            kind = "markdown" if match["rest"].strip().startswith("[markdown]") else "code"
            cells.append(LessonCell(shown, number, kind, ""))
            body = []
        else:
            body.append(line)
    if not cells:
        raise LessonError([Problem(shown, 1, "holds no cell; a cell begins with a line '# %%'.")])
    cells[-1].source = "\n".join(body)
    return cells


def _check_raw(cell: LessonCell) -> Problem | None:
    """Find what jupytext would mangle silently."""
    if cell.kind == "code":
        return None
    body = cell.source.strip("\n")
    opens = body.startswith("r" + FENCE)
    if not opens or not body.endswith(FENCE) or len(body) < 7:
        return cell.problem(f"a markdown cell is a raw string: r{FENCE} ... {FENCE}.")
    inside = body[4:-3]
    if FENCE in inside:
        return cell.problem(
            "three double quotes stand inside a markdown cell; jupytext would swallow the rest. "
            "Use ''' in the text.",
            1 + inside[: inside.index(FENCE)].count("\n"),
        )
    return None


def _merge(raw: LessonCell, parsed: NotebookNode) -> LessonCell:
    metadata = {k: v for k, v in parsed.metadata.items() if k not in _NOISE}
    return LessonCell(raw.path, raw.line, parsed.cell_type, parsed.source, metadata)


_NOISE = ("lines_to_next_cell", "cell_marker")


def _compare(raw: LessonCell, cell: LessonCell) -> Problem | None:
    """Refuse a cell whose text or metadata jupytext changed on the way."""
    if raw.kind != cell.kind:
        return raw.problem(f"jupytext reads this {raw.kind} cell as {cell.kind}; mend its heading.")
    if odd := set(cell.metadata) - {"tags", "nbgrader"}:
        return raw.problem(
            f"the heading holds {sorted(odd)}; only tags=[...] and nbgrader={{...}} may be there."
        )
    text = raw.source.strip("\n")
    if cell.kind == "markdown":
        text = text[4:-3].strip("\n")
    if text.rstrip() != cell.source.strip("\n").rstrip():
        return raw.problem(
            "jupytext would change this cell's text (a magic such as %time, or a commented one?); "
            "write plain Python."
        )
    return None
