"""The second judge of proofs: through the grading engine, as submissions are graded."""

from __future__ import annotations

from collections.abc import Sequence

from course.grading.judging import judge_section
from course.grading.plugin import KEY_VARIABLE, shared_sandbox
from course.grading.sandbox import Limits
from course.grading.section import Step, offers
from course.judge import Cell

SERVICES = "course.testing.there:install"


def judge_through_engine(
    cells: Sequence[Cell], exercise: str, references: dict[str, str], seed: int | str
) -> dict[str, str]:
    """Run a section with the solutions in the sandbox and the tests outside.

    Parameters
    ----------
    cells : sequence of Cell
        The section in the notebook's order, with the solution that is judged in its place.
    exercise : str
        The exercise whose test cells are run.
    references : dict of str to str
        The reference solutions, by exercise: they say which names tests may use.
    seed : int or str
        The value of ``COURSE_SEED``.

    Returns
    -------
    dict of str to str
        For each test cell the error that it failed with, empty where it passed.
    """
    steps = []
    for cell in cells:
        if cell.role == "shared":
            steps.append(Step(cell.cell_id, cell.source, "both"))
        elif cell.role == "solution":
            names, imports = offers(references[cell.cell_id])
            steps.append(Step(cell.cell_id, cell.source, "learner", names, imports))
        elif cell.exercise == exercise:
            steps.append(Step(cell.cell_id, cell.source, "judge", exercise=exercise))
    sandbox = shared_sandbox(SERVICES)
    found = judge_section(steps, lambda: sandbox.start(Limits()), {KEY_VARIABLE: str(seed)})
    return {s.cell_id: _error(found.outputs, s.cell_id) for s in steps if s.where == "judge"}


def _error(outputs: dict[str, list[dict]], cell_id: str) -> str:
    if cell_id not in outputs:
        return "not run"
    errors = [o for o in outputs[cell_id] if o["output_type"] == "error"]
    return f"{errors[-1]['ename']}: {errors[-1]['evalue']}" if errors else ""
