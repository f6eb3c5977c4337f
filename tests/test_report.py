"""The cohort report: figures that can be checked by hand, and a page that stands alone."""

import csv
import re
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest

from course.grading.assignment import Assignment, Cell, Notebook
from course.grading.cohort import CellScore, Cohort, LearnerResult
from course.grading.ledger import write_whole
from course.grading.report import render_csv, render_html, write_problem_page, write_reports

CELLS = (
    Cell("nb", "q-a-visible", "q-a", "Visible tests", 0),
    Cell("nb", "q-a-hidden-one", "q-a", "Hidden test: one", 1),
    Cell("nb", "q-a-hidden-two", "q-a", "Hidden test: two", 3),
    Cell("nb", "q-b-hidden", "q-b", "Hidden test: only", 4),
    Cell("nb", "q-essay", "q-essay", "Written answer", 2, written=True),
)
TITLES = {"q-a": "Exercise 1 · a", "q-b": "Exercise 2 · b", "q-essay": "Essay"}
ASSIGNMENT = Assignment(
    "week-1", Path("week-1"), (Notebook("nb", tuple(TITLES), CELLS, TITLES, {}),)
)
ATTACK = "<script>alert('x')</script>"


def learner(name: str, *points: float | None, **options) -> LearnerResult:
    messages = options.pop("messages", {})
    scores = tuple(
        CellScore(cell, score, messages.get(cell.grade_id))
        for cell, score in zip(CELLS, points, strict=True)
    )
    return LearnerResult(name, scores, **options)


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    results = (
        learner("ada", 0, 1, 3, 4, 2, feedback=tmp_path / "feedback" / "ada #1" / "nb.html"),
        learner("bob", 0, 1, 0, 0, None, messages={"q-a-hidden-two": ATTACK, "q-b-hidden": "no"}),
        learner("cyd", 0, 0, 0, 4, 0, messages={"q-a-hidden-two": "no", "q-a-visible": "1 != 2"}),
        learner("dan", 0, 1, 3, 0, 2, penalty=1.5, notes=("The file was renamed.",)),
        LearnerResult(f"eva{ATTACK}", problem=f"{ATTACK} is not a notebook."),
        LearnerResult("fay", pending=True),
    )
    return Cohort(ASSIGNMENT, results, absent=("gus",))


def test_totals(cohort: Cohort):
    assert [r.total for r in cohort.results] == [10, 1, 4, 4.5, 0, 0]
    assert [r.learner for r in cohort.graded] == ["ada", "bob", "cyd", "dan"]
    assert [r.learner for r in cohort.pending] == ["fay"]
    assert [r.waiting for r in cohort.results] == [0, 1, 0, 0, 0, 0]


def test_a_penalty_never_makes_a_total_negative():
    assert learner("ada", 0, 1, 0, 0, 0, penalty=3).total == 0


def test_exercises_hardest_first(cohort: Cohort):
    summaries = {s.exercise.exercise_id: s for s in cohort.exercises()}
    assert list(summaries) == ["q-b", "q-essay", "q-a"]
    assert (summaries["q-a"].mean, summaries["q-a"].full, summaries["q-a"].none) == (2.25, 2, 1)
    assert summaries["q-b"].mean_share == 0.5
    assert summaries["q-essay"].full_share == 0.5


def test_behaviours_most_failed_first(cohort: Cohort):
    found = [(b.cell.grade_id, b.learners) for b in cohort.behaviours()]
    assert found == [
        ("q-a-hidden-two", ("bob", "cyd")),
        ("q-b-hidden", ("bob", "dan")),
        ("q-a-visible", ("cyd",)),
        ("q-a-hidden-one", ("cyd",)),
    ]
    assert cohort.behaviours()[0].messages == ((ATTACK, 1), ("no", 1))


def test_histogram_counts_everybody_once(cohort: Cohort):
    bins = cohort.histogram()
    assert len(bins) == 10
    assert [count for _, count in bins] == [0, 1, 0, 0, 2, 0, 0, 0, 0, 1]
    assert (bins[0][0], bins[-1][0]) == ("0\u201310%", "90\u2013100%")


class Page(HTMLParser):
    """Collects what a page refers to, and checks that tags are closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_alone(cohort: Cohort, tmp_path: Path):
    html = render_html(cohort, tmp_path)
    page = Page(html)
    assert page.open == []
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert set(page.links) == {"feedback/ada%20%231/nb.html", "report.csv", "#attention"}
    assert not re.search(r"url\(|@import", html)


def test_what_learners_wrote_is_text(cohort: Cohort, tmp_path: Path):
    html = render_html(cohort, tmp_path)
    assert ATTACK not in html
    assert html.count("&lt;script&gt;") == 4, "message, problem, and the name twice"


def test_what_an_instructor_wants_first(cohort: Cohort, tmp_path: Path):
    html = render_html(cohort, tmp_path)
    order = ["Graded", "Needs your attention", "Distribution", "hardest first",
             "What went wrong most", "Learners"]  # fmt: skip
    places = [re.search(f"(<dt>|<h2.*>|, ){text}<", html).start() for text in order]
    assert places == sorted(places)
    assert "Not graded yet: fay" in html
    assert "Nothing handed in for this assignment: gus" in html
    assert "The file was renamed." in html
    assert "Late: 1.5 points taken off" in html
    assert "1 answer waits for a person" in html


def test_a_cohort_without_a_single_graded_submission(tmp_path: Path):
    broken = LearnerResult("ada", problem="It is empty.")
    html = render_html(Cohort(ASSIGNMENT, (broken,)), tmp_path)
    assert "1 submission counts" in html
    assert "Distribution" not in html
    assert Page(html).open == []


def test_more_than_ten_behaviours_are_folded(tmp_path: Path):
    cells = tuple(Cell("nb", f"q-a-{i}", "q-a", f"Hidden test: {i}", 1) for i in range(13))
    notebook = Notebook("nb", ("q-a",), cells, {"q-a": "A"}, {})
    ada = LearnerResult("ada", tuple(CellScore(cell, 0.0, "no") for cell in cells))
    html = render_html(Cohort(Assignment("w", Path("w"), (notebook,)), (ada,)), tmp_path)
    assert "<summary>3 more</summary>" in html
    assert all(f"Hidden test: {i}<" in html for i in range(13))


def test_csv_has_a_row_per_learner_and_a_column_per_cell(cohort: Cohort):
    rows = list(csv.DictReader(StringIO(render_csv(cohort))))
    assert [row["learner"] for row in rows] == [r.learner for r in cohort.results]
    ada, bob, *_, eva, fay = rows
    assert (ada["total"], ada["max"], ada["exercise q-a"], ada["q-b-hidden"]) == (
        "10", "10", "4", "4",
    )  # fmt: skip
    assert bob["q-essay"] == "", "an answer that waits has no points yet"
    assert (eva["status"], eva["total"], eva["q-b-hidden"]) == ("not graded", "0", "0")
    assert (fay["status"], fay["q-b-hidden"]) == ("pending", "")


def test_csv_holds_no_formulas():
    odd = LearnerResult("=1+1", problem="@SUM(A1)")
    (row,) = csv.DictReader(StringIO(render_csv(Cohort(ASSIGNMENT, (odd,)))))
    assert (row["learner"], row["remarks"]) == ("'=1+1", "'@SUM(A1)")


def test_reports_appear_whole_or_not_at_all(cohort: Cohort, tmp_path: Path, monkeypatch):
    html, table = write_reports(cohort, tmp_path)
    before = html.read_text(), table.read_text()

    def fail(self, target):
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="no space left"):
        write_whole(html, "half a rep")
    assert (html.read_text(), table.read_text()) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["report.csv", "report.html"]


def test_the_page_of_a_learner_who_could_not_be_graded(tmp_path: Path):
    page = write_problem_page(
        tmp_path / "eva", ASSIGNMENT, f"eva{ATTACK}", f"{ATTACK} is empty.", ("A note.",)
    )
    html = page.read_text()
    assert page.name == "nb.html"
    assert ATTACK not in html
    assert "is empty." in html
    assert "A note." in html
    assert "0 of 10 points" in html
