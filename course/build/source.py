"""Lessons to source notebooks: read, check, put together."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course.build.check import (
    check_cells,
    check_essay,
    check_names,
    check_section,
    check_unique,
)
from course.build.lesson import LessonCell, LessonError, Problem, read_lesson
from course.build.names import names_of
from course.syllabus import Notebook

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
INTRO = "intro"
ESSAY = "written"


def assemble(notebook: Notebook, root: Path) -> str:
    """Make the text of a source notebook out of its lessons.

    Parameters
    ----------
    notebook : Notebook
        Which one; its written questions are taken in teaching order.
    root : Path
        The folder that paths in messages are relative to.

    Returns
    -------
    str
        The notebook as JSON, the same bytes for the same lessons.

    Raises
    ------
    LessonError
        If a lesson is broken; every problem has its file and line.
    """
    sections: dict[str, list[LessonCell]] = {}
    problems: list[Problem] = []
    files = {INTRO: notebook.intro} | {q.section: q.lesson for q in notebook.questions if q.written}
    if notebook.essay.is_file():
        files[ESSAY] = notebook.essay
    for key, path in files.items():
        try:
            sections[key] = read_lesson(path, _shown(path, root))
        except LessonError as error:
            problems += error.problems
    for key, cells in sections.items():
        problems += check_cells(cells, notebook.notebook if key == INTRO else key)
    for question in notebook.questions:
        if question.section in sections:
            cells = sections[question.section]
            problems += check_section(cells, question.number, question.title)
    problems += check_essay(sections.get(ESSAY, []))
    problems += _check_setup(sections)
    problems += check_unique(sections)
    problems += check_names(sections)
    if problems:
        raise LessonError(problems)
    cells = [c for key, them in sections.items() for c in _notebook_cells(key, them)]
    built = new_notebook(cells=cells, metadata={"kernelspec": KERNELSPEC})
    built.metadata["language_info"] = {"name": "python"}
    nbformat.validate(built)
    return nbformat.writes(built) + "\n"


def _shown(path: Path, root: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path


def _check_setup(sections: dict[str, list[LessonCell]]) -> list[Problem]:
    code = [c for cells in sections.values() for c in cells if c.kind == "code"]
    setups = [c for c in code if c.role == "setup"]
    if code and (len(setups) != 1 or code[0] is not setups[0]):
        return [code[0].problem("the first code cell of a notebook is its one locked setup cell.")]
    return []


def _notebook_cells(section: str, cells: list[LessonCell]) -> list[NotebookNode]:
    exercise_names = {
        name
        for c in cells
        if c.role == "solution" and c.kind == "code"
        for name in names_of(c.source).defined
    }
    made = []
    for position, cell in enumerate(cells, start=1):
        new = new_markdown_cell if cell.kind == "markdown" else new_code_cell
        identity = cell.grade_id or f"{section}-{position:02d}"
        node = new(cell.source, id=identity, metadata=_metadata(cell, section, exercise_names))
        made.append(node)
    return made


def _metadata(cell: LessonCell, section: str, exercise_names: set[str]) -> dict:
    """A cell's metadata in the notebook: what the lesson says, and what follows from its role."""
    metadata: dict = {"course": {"section": section}}
    tags = list(cell.tags)
    graded = cell.role in ("solution", "visible", "hidden") and cell.kind == "code"
    if graded or (cell.role == "demo" and exercise_names & set(names_of(cell.source).needed)):
        tags.append("raises-exception")  # "Run All" goes on after an exercise that is not solved
    if tags:
        metadata["tags"] = tags
    if cell.nbgrader:
        metadata["nbgrader"] = dict(cell.nbgrader)
    if cell.role == "hidden":
        metadata["jupyter"] = {"source_hidden": True}
    return metadata
