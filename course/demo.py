"""`course demo`: an example cohort made by rule out of this course's own notebook, and graded.

The cohort lives in `demo/`, a course root of its own, so an instructor's submissions and gradebook
are never touched. What each learner should get follows from how the submission was made; `run`
compares that with what grading gave.
"""

import csv
import shutil
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from course.demo_cohort import Expected, cohort, read_materials
from course.grading.assignment import assignment_names
from course.grading.command import run as grade
from course.grading.errors import CourseError

CONFIG = '''"""The demo cohort's settings: the course's own, on any machine: this code is known."""

from pathlib import Path

c = get_config()  # noqa: F821
load_subconfig("nbgrader_config.py", path=str(Path(__file__).parent.parent))  # noqa: F821
c.EngineExecute.unsafe = True
'''


def make_cohort(root: Path, name: str) -> list[Expected]:
    """Write the demo's course root, `demo/`, anew; what an earlier demo left there goes."""
    made = read_materials(root, name)
    if not made.exercises:
        raise CourseError(f"{name} has no exercise with points yet, so there is no demo of it.")
    demo = root / "demo"
    for folder in ("source", "submitted", "autograded", "feedback", "reports"):
        shutil.rmtree(demo / folder, ignore_errors=True)
    (demo / "gradebook.db").unlink(missing_ok=True)
    shutil.copytree(made.assignment.folder, demo / "source" / name)
    (demo / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    learners = []
    for expected, filename, content in cohort(made):
        folder = demo / "submitted" / expected.learner / name
        folder.mkdir(parents=True)
        (folder / filename).write_text(content, encoding="utf-8")
        learners.append(expected)
    return learners


def disagreements(expected: list[Expected], report: Path) -> list[str]:
    """Where `report.csv` differs from what was expected, a sentence each."""
    with report.open(encoding="utf-8", newline="") as file:
        rows = {row["learner"]: row for row in csv.DictReader(file)}
    found = []
    for learner in expected:
        row = rows[learner.learner]
        cells = {id_: float(row[id_] or 0) for id_ in learner.loses}
        found.append(learner.disagreement(float(row["total"]), row["status"] == "graded", cells))
    return [sentence for sentence in found if sentence]


def run(root: Path, console: Console) -> int:
    """Make the example cohort of the first assignment, grade it, and compare.

    Returns
    -------
    int
        0 where every learner got what was expected, else 1.
    """
    names = assignment_names(root / "source")
    if not names:
        raise CourseError(f"{root / 'source'} holds no assignment: run `course build` first.")
    name, demo = names[0], root / "demo"
    expected = make_cohort(root, name)
    console.print(f"An example cohort of {len(expected)} for {name}, in {demo}")
    grade(demo, name, console=console)
    _print_table(expected, console)
    report = demo / "reports" / name
    wrong = disagreements(expected, report / "report.csv")
    for sentence in wrong:
        console.print(f"Not as expected: {sentence}.", markup=False)
    if not wrong:
        console.print("Every score is as expected.")
    console.print(f"Open {report / 'report.html'}", soft_wrap=True, highlight=False)
    return 1 if wrong else 0


def _print_table(expected: list[Expected], console: Console) -> None:
    table = Table(title="What each learner did, and should get")
    table.add_column("learner")
    table.add_column("story", overflow="fold")
    table.add_column("points", justify="right")
    for one in expected:
        points = f"{'' if one.exact else '≤ '}{one.points:g}" if one.graded else "not graded"
        table.add_row(one.learner, escape(one.story), points)
    console.print(table)
