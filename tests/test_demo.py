"""The example cohort: expectations follow from rules, and grading meets them."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from conftest import TOY, ToyCourse
from rich.console import Console

from course import demo
from course.demo_cohort import Expected, cohort, read_materials, with_body
from course.grading.errors import CourseError

ROOT = Path(__file__).parent.parent

RULES = {
    "perfect", "untouched", "half-right", "another-way", "common-mistakes-1", "infinite-loop",
    "crash", "debug-print", "syntax-error", "duplicated-cell", "deleted-test-cell",
    "renamed-file", "invalid-json",
}  # fmt: skip


@pytest.fixture
def toy(toy_course: ToyCourse) -> ToyCourse:
    toy_course.release()
    return toy_course


def test_the_demo_is_graded_as_expected(toy: ToyCourse):
    toy.hand_in("a-real-learner")
    text = StringIO()
    assert demo.run(toy.root, Console(file=text, width=200)) == 0, text.getvalue()
    assert "Every score is as expected." in text.getvalue()

    report = toy.root / "demo" / "reports" / TOY / "report.csv"
    with report.open(newline="") as file:
        rows = {row["learner"]: row for row in csv.DictReader(file)}
    assert set(rows) == RULES
    totals = {name: float(row["total"]) for name, row in rows.items()}
    assert totals["perfect"] == totals["another-way"] == totals["renamed-file"] == ToyCourse.MAX
    assert totals["untouched"] == totals["invalid-json"] == 0
    assert (totals["half-right"], totals["infinite-loop"]) == (3, 3)
    assert totals["common-mistakes-1"] <= 3
    assert str(report.with_name("report.html")) in text.getvalue()

    assert not (toy.root / "gradebook.db").exists(), "the instructor's gradebook is not touched"
    assert [p.name for p in toy.submitted.iterdir()] == ["a-real-learner"]


def test_expectations_follow_from_points(toy: ToyCourse):
    expected = {e.learner: e for e, _, _ in cohort(read_materials(toy.root, TOY))}
    assert set(expected) == RULES
    points = {name: e.points for name, e in expected.items()}
    assert points == {
        "perfect": 5, "untouched": 0, "half-right": 3, "another-way": 5, "common-mistakes-1": 3,
        "infinite-loop": 3, "crash": 3, "debug-print": 5, "syntax-error": 3, "duplicated-cell": 5,
        "deleted-test-cell": 5, "renamed-file": 5, "invalid-json": 0,
    }  # fmt: skip


def test_making_the_cohort_twice_gives_the_same(toy: ToyCourse):
    def files() -> dict[str, bytes]:
        folder = toy.root / "demo"
        return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.ipynb")}

    demo.make_cohort(toy.root, TOY)
    first = files()
    stale = toy.root / "demo" / "submitted" / "stale" / TOY / "toy.ipynb"
    stale.parent.mkdir(parents=True)
    stale.touch()
    demo.make_cohort(toy.root, TOY)
    assert files() == first


def row(**columns: str) -> dict[str, str]:
    return {"learner": "x", "status": "graded", "total": "3", "max": "5", **columns}


@pytest.mark.parametrize(
    ("expected", "found", "sentence"),
    [
        (Expected("x", "", 3), row(), None),
        (Expected("x", "", 4), row(), "x got 3 points, expected 4"),
        (Expected("x", "", 3), row(status="not graded"), "x was not graded"),
        (Expected("x", "", 3, graded=False), row(), "x was graded"),
        (Expected("x", "", 4, exact=False), row(), None),
        (Expected("x", "", 2, exact=False), row(), "x got 3 points, expected at most 2"),
        (Expected("x", "", 3, loses=("t",)), row(t="1"), "x kept the points of t"),
        (Expected("x", "", 3, loses=("t",)), row(t="0"), None),
    ],
)
def test_disagreements_are_said(tmp_path: Path, expected, found: dict, sentence: str | None):
    report = tmp_path / "report.csv"
    with report.open("w", newline="") as file:
        writer = csv.DictWriter(file, found)
        writer.writeheader()
        writer.writerow(found)
    assert demo.disagreements([expected], report) == ([sentence] if sentence else [])


def test_solutions_are_taken_without_markers_and_without_the_code_to_repair(toy: ToyCourse):
    path = toy.root / "source" / TOY / "toy.ipynb"
    raw = json.loads(path.read_text())
    (cell,) = (c for c in raw["cells"] if c["id"] == "toy-double")
    cell["source"] = (
        "### BEGIN REPAIR\n# def double(x):\n#     return x\n### END REPAIR\n"
        "### BEGIN SOLUTION\ndef double(x):\n    return 2 * x\n### END SOLUTION"
    )
    path.write_text(json.dumps(raw))
    made = read_materials(toy.root, TOY)
    assert made.solutions["toy-double"] == "def double(x):\n    return 2 * x\n"


def test_bodies_are_replaced_in_functions_only():
    source = "K = 3\n\ndef f(x: int) -> int:\n    return x + K\n"
    assert with_body(source, "pass", keep=False) == "K = 3\n\ndef f(x: int) -> int:\n    pass\n"
    assert "print()\n    return x + K" in with_body(source, "print()", keep=True)


def test_a_course_without_notebooks_says_what_to_do(tmp_path: Path, toy_course: ToyCourse):
    with pytest.raises(CourseError, match="holds no assignment: run `course build` first"):
        demo.run(tmp_path, Console(file=StringIO()))
    with pytest.raises(CourseError, match="is missing: run `course build` first"):
        demo.run(toy_course.root, Console(file=StringIO()))


def test_the_cohort_can_be_made_from_this_courses_notebook():
    """Grading it is what `make demo` does, which fails where a score is not as expected."""
    name = demo.assignment_names(ROOT / "source")[0]
    found = {e.learner: e for e, _, _ in cohort(read_materials(ROOT, name))}
    assert set(found) >= RULES
    assert found["perfect"].points > found["half-right"].points > found["untouched"].points == 0
    assert found["common-mistakes-1"].points < found["perfect"].points
