"""Submissions of the example cohort, made by rule from an assignment's own notebook.

What each learner should get follows from the rule: from points and exercises, never from a run.
"""

import ast
import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course.grading.assignment import Assignment, Exercise, read_assignment
from course.grading.errors import CourseError
from course.proof_variants import Variant, read_variants

_REPAIR = re.compile(r"^ *### BEGIN REPAIR\n.*?^ *### END REPAIR\n", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"^ *### (BEGIN|END) SOLUTION *\n?", re.MULTILINE)


@dataclass(frozen=True)
class Expected:
    """What a learner of the demo cohort should get."""

    learner: str
    story: str
    """How the submission was made."""
    points: float
    """Points that the work deserves."""
    graded: bool = True
    """False where there is nothing that could be graded."""
    exact: bool = True
    """False where the points are an upper bound: a mistake may cost more than the test that
    names it."""
    loses: tuple[str, ...] = ()
    """Grade ids of cells that must not get full marks."""

    def disagreement(self, total: float, graded: bool, cells: dict[str, float]) -> str | None:
        """A sentence if grading gave something else than expected."""
        if graded != self.graded:
            return f"{self.learner} was {'' if graded else 'not '}graded"
        if abs(total - self.points) > 1e-6 if self.exact else total > self.points + 1e-6:
            bound = "" if self.exact else "at most "
            return f"{self.learner} got {total:g} points, expected {bound}{self.points:g}"
        kept = [id_ for id_ in self.loses if cells.get(id_, 0.0) > 0]
        return f"{self.learner} kept the points of {', '.join(kept)}" if kept else None


@dataclass
class Materials:
    """What submissions are made of: the released notebook, and sources for its solution cells."""

    assignment: Assignment
    released: NotebookNode
    solutions: dict[str, str]
    variants: dict[str, list[Variant]] = field(default_factory=dict)

    @property
    def exercises(self) -> list[Exercise]:
        """Exercises with a solution cell and points that tests give."""
        return [
            e
            for e in self.assignment.exercises
            if e.exercise_id in self.solutions and any(c.max_score for c in e.cells)
        ]

    def filled(self, sources: dict[str, str]) -> NotebookNode:
        """The released notebook with `sources` in its solution cells, by grade id."""
        nb = copy.deepcopy(self.released)
        for cell in nb.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            if grade_id in sources:
                cell.source = sources[grade_id]
        return nb


def read_materials(root: Path, name: str) -> Materials:
    """Read what the demo needs of assignment `name`; its first notebook is used.

    Raises
    ------
    CourseError
        The assignment has no released notebook yet.
    """
    assignment = read_assignment(root / "source", name)
    notebook = f"{assignment.notebooks[0].name}.ipynb"
    released = root / "release" / name / notebook
    if not released.is_file():
        raise CourseError(f"{released} is missing: run `course build` first.")
    solutions = {}
    for cell in nbformat.read(root / "source" / name / notebook, as_version=4).cells:
        meta = cell.metadata.get("nbgrader", {})
        if meta.get("solution") and cell.cell_type == "code":
            solutions[meta["grade_id"]] = _MARK.sub("", _REPAIR.sub("", cell.source + "\n"))
    made = Materials(assignment, nbformat.read(released, as_version=4), solutions)
    proofs = {id_: root / "tests" / "exercises" / f"{id_}.py" for id_ in solutions}
    made.variants = {
        id_: read_variants(path) if path.is_file() else [] for id_, path in proofs.items()
    }
    return made


def with_body(source: str, statements: str, *, keep: bool) -> str:
    """`source` with `statements` at the start of each top-level function's body.

    With `keep=False` they replace the body.
    """
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            node.body = ast.parse(statements).body + (node.body if keep else [])
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def cohort(made: Materials) -> Iterator[tuple[Expected, str, str]]:
    """The demo cohort: what is expected, the file's name, and its content."""
    exercises, solutions = made.exercises, made.solutions
    name = f"{made.assignment.notebooks[0].name}.ipynb"
    best = sum(e.max_score for e in exercises)
    smallest = min(exercises, key=lambda e: (len(e.cells), e.max_score))
    rest = best - smallest.max_score
    half = exercises[: (len(exercises) + 1) // 2]
    scoring = [c for c in exercises[0].cells if c.max_score]

    def text(sources: dict[str, str], change: Callable[[NotebookNode], None] | None = None) -> str:
        nb = made.filled(sources)
        if change is not None:
            change(nb)
        return nbformat.writes(nb)

    def changed(statements: str, *, keep: bool = False) -> str:
        id_ = smallest.exercise_id
        return text(solutions | {id_: with_body(solutions[id_], statements, keep=keep)})

    def index(nb: NotebookNode, grade_id: str) -> int:
        ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in nb.cells]
        return ids.index(grade_id)

    def duplicate(nb: NotebookNode) -> None:
        at = index(nb, scoring[0].grade_id)
        nb.cells.insert(at + 1, copy.deepcopy(nb.cells[at]))
        nb.cells[at + 1].id = "a-copy"

    def delete(nb: NotebookNode) -> None:
        del nb.cells[index(nb, scoring[-1].grade_id)]

    lost = tuple(c.grade_id for c in smallest.cells)
    half_points = sum(e.max_score for e in half)
    yield Expected("perfect", "every solution right", best), name, text(solutions)
    yield Expected("untouched", "handed in as given out", 0), name, text({})
    yield (
        Expected("half-right", f"{len(half)} of {len(exercises)} exercises solved", half_points),
        name,
        text({e.exercise_id: solutions[e.exercise_id] for e in half}),
    )
    yield from _from_variants(made, best, name, text)
    yield (
        Expected("infinite-loop", f"{smallest.exercise_id} never returns", rest, loses=lost),
        name,
        changed("while True:\n    pass"),
    )
    yield (
        Expected("crash", f"{smallest.exercise_id} ends its own process", rest, loses=lost),
        name,
        changed("import os\nos._exit(1)"),
    )
    yield (
        Expected("debug-print", f"{smallest.exercise_id} prints to stderr", best),
        name,
        changed("import sys\nprint('called', file=sys.stderr)", keep=True),
    )
    broken = solutions | {smallest.exercise_id: "def half_done(:\n    return\n"}
    yield (
        Expected("syntax-error", f"{smallest.exercise_id} is not Python", rest, loses=lost),
        name,
        text(broken),
    )
    yield (
        Expected("duplicated-cell", f"{scoring[0].grade_id} is there twice", best),
        name,
        text(solutions, duplicate),
    )
    yield (
        Expected("deleted-test-cell", f"{scoring[-1].grade_id} is gone", best),
        name,
        text(solutions, delete),
    )
    yield (
        Expected("renamed-file", "the file has another name", best),
        name.replace(".ipynb", " (1).ipynb"),
        text(solutions),
    )
    cut = json.dumps(json.loads(text(solutions)))
    yield (
        Expected("invalid-json", "the file was cut off", 0, graded=False),
        name,
        cut[: len(cut) // 2],
    )


def _from_variants(
    made: Materials, best: float, name: str, text: Callable[..., str]
) -> Iterator[tuple[Expected, str, str]]:
    """Learners whose solutions are the right and wrong ways of the exercises' proofs."""
    right = {
        id_: v.source for id_, all_ in made.variants.items() for v in all_ if v.kind == "right"
    }
    if right:
        yield (
            Expected("another-way", "right, but not as we would write it", best),
            name,
            text(made.solutions | right),
        )
    points = {cell.grade_id: cell.max_score for cell in made.assignment.cells}
    wrong = {
        id_: [v for v in all_ if v.kind == "wrong" and points.get(v.target)]
        for id_, all_ in made.variants.items()
    }
    seen: list[dict[str, Variant]] = []
    for number, pick in enumerate((0, -1), start=1):
        picked = {id_: all_[pick] for id_, all_ in wrong.items() if all_}
        if picked and picked not in seen:
            seen.append(picked)
            lost = tuple(v.target for v in picked.values())
            most = best - sum(points[id_] for id_ in lost)
            yield (
                Expected(
                    f"common-mistakes-{number}",
                    "; ".join(v.text for v in picked.values()),
                    most,
                    exact=False,
                    loses=lost,
                ),
                name,
                text(made.solutions | {id_: v.source for id_, v in picked.items()}),
            )
