"""A section as the engine runs it: which cell runs where, and what the tests may use of it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nbformat import NotebookNode

from course.grading.rebuild import OWN

CPU_SECONDS = 10.0
"""CPU time of a cell, unless the template's cell says more in ``metadata.course.cpu_seconds``."""


@dataclass(frozen=True)
class Step:
    """One code cell of a section.

    Attributes
    ----------
    where : str
        ``learner``: runs in the sandbox; ``judge``: outside; ``both``: the setup cell.
    names : tuple of str
        For a solution cell: the names that tests may use, taken from the reference solution.
    imports : str
        For a solution cell: the reference solution's import statements, which the tests may use.
    exercise : str
        For a test cell, the id of the solution cell that it tests.
    hidden : bool
        A test whose source the learner does not get to see.
    """

    cell_id: str
    source: str
    where: Literal["learner", "judge", "both"]
    names: tuple[str, ...] = ()
    imports: str = ""
    exercise: str = ""
    hidden: bool = False
    cpu_seconds: float = CPU_SECONDS
    points: float = 0.0


def steps(
    notebook: NotebookNode,
    positions: Sequence[int],
    template: dict[str, NotebookNode],
    cpu_seconds: float = CPU_SECONDS,
) -> list[Step]:
    """Prepare the code cells of one section of a rebuilt notebook.

    Parameters
    ----------
    notebook : NotebookNode
        The rebuilt notebook.
    positions : sequence of int
        Its cells that belong to the section, in order.
    template : dict of str to NotebookNode
        The template's cells by id; of the reference solutions only names and imports are used.
    cpu_seconds : float
        For cells whose template says nothing else.
    """
    found: list[Step] = []
    solutions: list[str] = []
    for position in positions:
        cell = notebook.cells[position]
        meta = cell.metadata.get("nbgrader", {})
        grade_id = meta.get("grade_id", cell.id)
        seconds = float(cell.metadata.get("course", {}).get("cpu_seconds", cpu_seconds))
        if cell.id.startswith(OWN) or cell.id not in template or meta.get("solution"):
            reference = template[cell.id].source if meta.get("solution") else ""
            names, imports = offers(reference)
            solutions.append(grade_id)
            found.append(
                Step(cell.id, cell.source, "learner", names, imports, grade_id, False, seconds)
            )
        elif meta.get("grade"):
            mine = [s for s in solutions if grade_id.startswith(f"{s}-")]
            exercise = max(mine, key=len, default="")
            hidden = "### BEGIN HIDDEN TESTS" in cell.source
            points = float(meta.get("points", 0))
            found.append(
                Step(cell.id, cell.source, "judge", (), "", exercise, hidden, seconds, points)
            )
        elif meta.get("locked"):
            found.append(Step(cell.id, cell.source, "both", cpu_seconds=seconds))
        else:
            found.append(Step(cell.id, cell.source, "learner", cpu_seconds=seconds))
    return found


def offers(reference: str) -> tuple[tuple[str, ...], str]:
    """Return the names that a reference solution defines at top level, and its imports."""
    names: dict[str, None] = {}
    imports: list[str] = []
    for node in ast.parse(reference).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names[node.name] = None
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                names |= {n.id: None for n in ast.walk(target) if isinstance(n, ast.Name)}
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            imports.append(ast.unparse(node))
    return tuple(names), "\n".join(imports)
