"""The engine: a rebuilt notebook in, an executed notebook out.

Each section runs by itself: its solutions in a fresh process inside the sandbox, its tests in a
fresh judge outside. Nothing here touches the gradebook, a submission or a file.
"""

from __future__ import annotations

from collections.abc import Collection

from nbformat import NotebookNode, from_dict

from course.grading import failing_case
from course.grading.judging import judge_section
from course.grading.rebuild import sections
from course.grading.sandbox import Limits, Sandbox
from course.grading.section import steps

NOT_RUN = {
    "output_type": "error",
    "ename": "NotRun",
    "evalue": "this test was not run",
    "traceback": ["NotRun: this test was not run"],
}


def execute(
    notebook: NotebookNode,
    template: NotebookNode,
    sandbox: Sandbox,
    *,
    limits: Limits | None = None,
    environment: dict[str, str] | None = None,
    only: Collection[str] | None = None,
) -> NotebookNode:
    """Execute a rebuilt notebook section by section.

    Parameters
    ----------
    notebook : NotebookNode
        What `rebuild` made of a submission.
    template : NotebookNode
        The source notebook; of its reference solutions only names and imports are used.
    sandbox : Sandbox
        Where learner code runs.
    limits : Limits, optional
        What a learner's process may use.
    environment : dict of str to str, optional
        Variables for the judge alone, such as ``COURSE_SEED``.
    only : collection of str, optional
        Names of the sections to execute, all without it. The tests of others count as not run.

    Returns
    -------
    NotebookNode
        A copy with outputs. Demonstrations are not executed. A section in which something slept
        into its wall-clock limit is tried once more before that counts. Cells keep the input
        that a test failed with in their metadata: see `failing_case` before a learner gets them.
    """
    executed = from_dict(notebook)  # a copy
    by_id = {cell.id: cell for cell in template.cells if "id" in cell}
    outputs: dict[str, list[dict]] = {}
    cases: dict[str, dict[str, str]] = {}
    for name, positions in sections(notebook).items():
        if only is not None and name not in only:
            continue
        todo = steps(notebook, positions, by_id, (limits or Limits()).cell_cpu)

        def start():
            return sandbox.start(limits)

        found = judge_section(todo, start, environment)
        if found.slept:
            found = judge_section(todo, start, environment)
        outputs = found.outputs | outputs
        cases |= found.cases
    count = 0
    for cell in executed.cells:
        if cell.cell_type == "code" and cell.id in outputs:
            count += 1
            cell.execution_count = count
            cell.outputs = [from_dict(output) for output in outputs[cell.id]]
            failing_case.keep(cell, cases.get(cell.id))
        elif cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code":
            cell.outputs = [from_dict(NOT_RUN)]  # to nbgrader, a test without output has passed
    return executed
