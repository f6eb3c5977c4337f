"""`course grade` on a small course: scores, feedback, and what goes wrong with one submission."""

import csv
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import nbformat
import pytest
from conftest import TOY, ToyCourse
from filelock import FileLock
from rich.console import Console

from course.grading import command, gradebook
from course.grading.errors import CourseError, UsageError

COURSE = Path(__file__).parent.parent


class Graded:
    """What a run of `course grade` left behind."""

    def __init__(self, toy: ToyCourse, **options) -> None:
        self.toy = toy
        self.text = StringIO()
        console = Console(file=self.text, width=200)
        self.code = command.run(toy.root, TOY, console=console, **options)
        self.reports = (options.get("output") or toy.root) / "reports" / TOY
        with (self.reports / "report.csv").open(newline="") as file:
            self.rows = {row["learner"]: row for row in csv.DictReader(file)}
        self.html = (self.reports / "report.html").read_text()
        self.log = (self.reports / "grading.log").read_text(errors="replace")

    def total(self, learner: str) -> float:
        return float(self.rows[learner]["total"])


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """One run over a cohort in which nearly everything happens."""
    toy = ToyCourse(tmp_path_factory.mktemp("mixed") / "course")
    toy.release()
    toy.hand_in("ada")
    toy.hand_in("bob", double=toy.WRONG_DOUBLE)
    stub = "raise NotImplementedError()"
    toy.hand_in("cyd", double=stub, shout=stub)
    toy.hand_in("dan", shout="def shout(text):\n    while True:\n        pass")
    twice = toy.notebook()
    twice.cells.insert(6, nbformat.from_dict({**twice.cells[5], "id": "a-copy"}))
    toy.hand_in("eva", twice)
    deleted = toy.notebook()
    del deleted.cells[5]
    toy.hand_in("fay", deleted)
    toy.hand_in("gus", name="toy (1).ipynb")
    toy.hand_in("hal", "{ not JSON")
    noise = (
        "import os\ndef double(x):\n    os.system('echo NOISE; echo NOISE >&2')\n    os._exit(3)"
    )
    toy.hand_in("ivy", double=noise)
    bad_metadata = toy.notebook()
    bad_metadata.cells[5].metadata["nbgrader"] = {"grade_id": "toy-double-hidden-negative"}
    toy.hand_in("jan", bad_metadata)
    toy.hand_in("<b>kim")
    (toy.submitted / "lea").mkdir()
    toy.before = tree(toy.submitted), tree(toy.root / "release")
    return Graded(toy)


def test_scores_of_honest_work(mixed: Graded):
    assert {name: mixed.total(name) for name in ("ada", "bob", "cyd", "gus")} == {
        "ada": 5,
        "bob": 2,
        "cyd": 0,
        "gus": 5,
    }
    assert mixed.rows["bob"]["exercise toy-double"] == "0"
    assert mixed.rows["bob"]["exercise toy-shout"] == "2"
    assert mixed.rows["bob"]["toy-double-hidden-negative"] == "0"
    assert mixed.rows["ada"]["max"] == "5"


def test_an_endless_loop_and_a_crash_cost_their_own_exercise(mixed: Graded):
    assert mixed.total("dan") == 3
    assert "it used up its CPU time" in mixed.html
    assert mixed.total("ivy") == 2
    assert "it ended its own process (exit 3)" in mixed.html


@pytest.mark.parametrize(
    ("learner", "note"),
    [
        ("eva", "is there more than once; the copies were left out"),
        ("fay", "was deleted; it is back as it was given out"),
        ("gus", "Your file was called toy (1).ipynb"),
        ("jan", "toy-double-hidden-negative"),
    ],
)
def test_what_was_put_right_costs_nothing_and_is_noted(mixed: Graded, learner: str, note: str):
    assert mixed.total(learner) == ToyCourse.MAX
    assert note in mixed.rows[learner]["remarks"]
    page = (mixed.toy.root / "feedback" / learner / TOY / "toy.html").read_text()
    assert note in page


@pytest.mark.parametrize(
    ("learner", "sentence"),
    [
        ("hal", "toy.ipynb is not valid JSON (line 1, column 3)"),
        ("<b>kim", "cannot be a learner's name"),
    ],
)
def test_what_cannot_be_graded_counts_zero_and_is_explained(
    mixed: Graded, learner: str, sentence: str
):
    row = mixed.rows[learner]
    assert (row["status"], row["total"]) == ("not graded", "0")
    assert sentence in row["remarks"]
    if learner != "<b>kim":
        page = mixed.toy.root / "feedback" / learner / TOY / "toy.html"
        assert sentence.split("(")[0].split("'")[0].strip() in page.read_text()


def test_the_run_as_a_whole(mixed: Graded):
    assert mixed.code == 1, "some submissions could not be graded"
    assert "11 submissions" in mixed.html
    assert "Nothing handed in for this assignment: lea." in mixed.html
    assert "<b>kim" not in mixed.html, "names are text, not markup"
    assert "&lt;b&gt;kim" in mixed.html
    for learner in mixed.rows:
        assert learner in mixed.text.getvalue()


def test_nothing_of_the_instructors_is_touched(mixed: Graded):
    assert (tree(mixed.toy.submitted), tree(mixed.toy.root / "release")) == mixed.toy.before
    assert not (mixed.reports / ".work").exists()


def test_chatter_goes_to_the_log(mixed: Graded, capfd: pytest.CaptureFixture):
    assert "Autograding" in mixed.log
    assert "Autograding" not in mixed.text.getvalue()


def test_feedback_opens_without_a_network(mixed: Graded):
    page = (mixed.toy.root / "feedback" / "bob" / TOY / "toy.html").read_text()
    assert "the sign is lost" in page
    assert re.findall(r"""(?:src|href)=["'](?!#|data:)[^"']*|@import|url\(["']?http""", page) == []
    assert "$x^2$" in page, "formulas are left as they were written"


def test_feedback_shows_no_hidden_test(mixed: Graded):
    for learner in ("ada", "bob", "cyd", "dan"):
        page = (mixed.toy.root / "feedback" / learner / TOY / "toy.html").read_text()
        assert "Hidden test: negative numbers" in page
        assert "HIDDEN TESTS" not in page
        assert 'double("ab")' not in page.replace("&quot;", '"')


def test_the_gradebook_holds_the_same(mixed: Graded):
    with sqlite3.connect(mixed.toy.root / "gradebook.db") as db:
        students = {row[0] for row in db.execute("select id from student")}
        waiting = db.execute("select count(*) from grade where needs_manual_grade").fetchone()
    assert students == set(mixed.rows) - {"<b>kim"}
    assert waiting == (0,)


def test_the_report_names_who_failed_what(mixed: Graded):
    behaviours = mixed.html[mixed.html.index("What went wrong most") :]
    assert behaviours.index("Hidden test: negative numbers") < behaviours.index("capitals")
    assert "the sign is lost" in behaviours
    assert "bob, cyd, ivy" in behaviours


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Learners whose code was run, in order."""
    ran = []
    real = gradebook.autograde_one

    def count(coursedir, config, learner):
        ran.append(learner)
        real(coursedir, config, learner)

    monkeypatch.setattr(gradebook, "autograde_one", count)
    return ran


def test_only_what_is_new_or_changed_is_graded_again(toy_course: ToyCourse, counted: list[str]):
    toy_course.hand_in("ada")
    toy_course.hand_in("bob", double=toy_course.WRONG_DOUBLE)
    assert Graded(toy_course).code == 0
    assert sorted(counted) == ["ada", "bob"]
    del counted[:]

    again = Graded(toy_course)
    assert counted == []
    assert (again.total("ada"), again.total("bob")) == (5, 2)

    toy_course.hand_in("bob")
    assert Graded(toy_course).total("bob") == 5
    assert counted == ["bob"]
    del counted[:]

    Graded(toy_course, force=True)
    assert sorted(counted) == ["ada", "bob"]
    del counted[:]

    Graded(toy_course, learners=["ada"], force=True)
    assert counted == ["ada"]


def test_a_submission_that_breaks_later_loses_its_score(toy_course: ToyCourse):
    toy_course.hand_in("ada")
    assert Graded(toy_course).total("ada") == 5
    toy_course.hand_in("ada", "{")
    after = Graded(toy_course)
    assert (after.code, after.total("ada")) == (1, 0)
    assert not (toy_course.root / "autograded" / "ada" / TOY).exists()
    with sqlite3.connect(toy_course.root / "gradebook.db") as db:
        assert db.execute("select sum(auto_score) from grade").fetchone() == (0,)
    toy_course.hand_in("ada")
    assert Graded(toy_course).total("ada") == 5


def test_a_cell_deleted_later_is_put_back(toy_course: ToyCourse):
    toy_course.hand_in("ada", double=toy_course.WRONG_DOUBLE)
    assert Graded(toy_course).total("ada") == 2
    nb = toy_course.notebook()
    del nb.cells[5]
    toy_course.hand_in("ada", nb)
    assert Graded(toy_course).total("ada") == 5


def test_an_error_of_ours_stops_nobody_else(toy_course: ToyCourse, monkeypatch):
    toy_course.hand_in("ada")
    toy_course.hand_in("bob")
    real = gradebook.autograde_one

    def fail(coursedir, config, learner):
        if learner == "ada":
            raise OSError("the disk is full")
        real(coursedir, config, learner)

    monkeypatch.setattr(gradebook, "autograde_one", fail)
    result = Graded(toy_course)
    assert result.code == 1
    assert "OSError: the disk is full" in result.rows["ada"]["remarks"]
    assert result.total("bob") == 5


def test_interrupted_then_continued(toy_course: ToyCourse, counted: list[str]):
    """A real Ctrl-C, while a learner's cell is running."""
    toy_course.hand_in("ada")
    slow = "import time\ntime.sleep(40)\ndef double(x):\n    return 2 * x"
    toy_course.hand_in("bob", double=slow)
    toy_course.hand_in("cyd")
    code = (
        "import signal, sys; from pathlib import Path; from course.grading.command import run;"
        "signal.signal(signal.SIGINT, signal.default_int_handler);"  # ignored behind a shell's &
        "sys.exit(run(Path(sys.argv[1]), sys.argv[2]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(toy_course.root), TOY],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=COURSE,
    )
    try:
        done = [toy_course.root / "feedback" / name / TOY / "toy.html" for name in ("ada", "cyd")]
        while not all(page.exists() for page in done):
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == command.INTERRUPTED, output
    assert "2 of 3 submissions are graded and kept" in output
    assert "Traceback" not in output
    html = (toy_course.root / "reports" / TOY / "report.html").read_text()
    assert "Not graded yet: bob" in html

    toy_course.hand_in("bob", double="def double(x):\n    return 2 * x")  # need not sleep again
    rest = Graded(toy_course)
    assert counted == ["bob"]
    assert rest.code == 0
    assert {name: rest.total(name) for name in rest.rows} == {"ada": 5, "bob": 5, "cyd": 5}


def test_another_output_folder_and_another_place_of_submissions(
    toy_course: ToyCourse, tmp_path: Path
):
    """Also: folder names with characters that mean something in patterns."""
    toy_course.hand_in("ada")
    moved = tmp_path / "handed in (2026+)"
    shutil.move(toy_course.submitted, moved)
    before = tree(toy_course.root)
    result = Graded(toy_course, submitted=moved, output=tmp_path / "marks (2026+)")
    assert result.total("ada") == 5
    assert (tmp_path / "marks (2026+)" / "gradebook.db").is_file()
    assert tree(toy_course.root) == before, "nothing is written to the course itself"


def test_usage_errors_write_nothing(toy_course: ToyCourse):
    before = tree(toy_course.root)
    console = Console(file=StringIO())
    with pytest.raises(UsageError, match="no assignment 'nope'"):
        command.run(toy_course.root, "nope", console=console)
    with pytest.raises(UsageError, match="there are no submissions for toy"):
        command.run(toy_course.root, TOY, console=console)
    toy_course.hand_in("ada")
    before = tree(toy_course.root)
    with pytest.raises(UsageError, match=r"'\.\./ada' is not a learner's name"):
        command.run(toy_course.root, TOY, learners=["../ada"], console=console)
    assert tree(toy_course.root) == before
    assert UsageError("").exit_code == 2


def test_a_broken_configuration_is_named(toy_course: ToyCourse):
    toy_course.hand_in("ada")
    (toy_course.root / "nbgrader_config.py").write_text("c = get_config(\n")
    with pytest.raises(CourseError, match=r"nbgrader_config\.py stopped with SyntaxError"):
        command.run(toy_course.root, TOY, console=Console(file=StringIO()))


def test_cells_that_changed_under_a_gradebook(toy_course: ToyCourse):
    toy_course.hand_in("ada")
    Graded(toy_course)
    path = toy_course.root / "source" / TOY / "toy.ipynb"
    nb = nbformat.read(path, as_version=4)
    del nb.cells[-1]
    nbformat.write(nb, path)
    with pytest.raises(CourseError, match="move the gradebook away and grade again"):
        command.run(toy_course.root, TOY, console=Console(file=StringIO()))


def test_a_second_run_at_the_same_time_is_refused(toy_course: ToyCourse):
    toy_course.hand_in("ada")
    (toy_course.root / "reports").mkdir()
    lock = FileLock(toy_course.root / "reports" / ".grading.lock")
    with lock, pytest.raises(CourseError, match="another `course grade` is at work"):
        command.run(toy_course.root, TOY, console=Console(file=StringIO()))


def test_a_damaged_ledger_means_grading_again(toy_course: ToyCourse, counted: list[str]):
    toy_course.hand_in("ada")
    Graded(toy_course)
    (toy_course.root / "reports" / TOY / "ledger.json").write_text("[]")
    assert Graded(toy_course).total("ada") == 5
    assert counted == ["ada", "ada"]


def test_late_work_keeps_its_penalty(toy_course: ToyCourse):
    """nbgrader's own late policy decides; the report repeats it."""
    config = toy_course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + "c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    toy_course.hand_in("ada")
    (toy_course.submitted / "ada" / TOY / "timestamp.txt").write_text("2026-01-02 00:00:00 UTC")
    Graded(toy_course)
    with sqlite3.connect(toy_course.root / "gradebook.db") as db:
        db.execute("update assignment set duedate = '2026-01-01 00:00:00.000000'")
    late = Graded(toy_course, force=True)
    assert late.total("ada") == 0
    assert "Late: 5 points taken off" in late.html


def test_answers_for_a_person_wait(toy_course: ToyCourse):
    path = toy_course.root / "source" / TOY / "toy.ipynb"
    meta = {"grade": True, "grade_id": "toy-essay", "locked": False, "points": 3,
            "schema_version": 3, "solution": True, "task": False}  # fmt: skip
    essay = nbformat.v4.new_markdown_cell("Why?", id="toy-essay", metadata={"nbgrader": meta})
    nb = nbformat.read(path, as_version=4)
    nb.cells.append(essay)
    nbformat.write(nb, path)
    handed_in = toy_course.notebook()
    handed_in.cells.append(nbformat.from_dict({**essay, "source": "Because."}))
    toy_course.hand_in("ada", handed_in)

    waiting = Graded(toy_course)
    assert waiting.total("ada") == 5
    assert waiting.rows["ada"]["toy-essay"] == ""
    assert "1 answer waits for a person" in waiting.html

    with gradebook.Gradebook(f"sqlite:///{toy_course.root / 'gradebook.db'}") as book:
        book.find_grade("toy-essay", "toy", TOY, "ada").manual_score = 2.5
        book.db.commit()
    assert Graded(toy_course).total("ada") == 7.5


def stock(root: Path, *arguments: str) -> str:
    """Run an nbgrader command as a person would."""
    home = root.parent / "home"
    home.mkdir(exist_ok=True)
    scripts = str(Path(sys.executable).parent)
    environment = {
        **os.environ,
        "HOME": str(home),
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(
        ["nbgrader", *arguments],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def all_stock_commands(root: Path, assignment: str, hand_in: Callable[[], None]) -> dict:
    """Every nbgrader command that an instructor needs; returns the row that `export` wrote."""
    shutil.rmtree(root / "release", ignore_errors=True)
    stock(root, "generate_assignment", assignment)
    (source,) = (root / "source" / assignment).glob("*.ipynb")
    assert (root / "release" / assignment / source.name).is_file()
    assert "Success! Your notebook passes all the tests." in stock(
        root, "validate", str(source.relative_to(root))
    )
    hand_in()
    stock(root, "autograde", assignment)
    stock(root, "generate_feedback", assignment)
    assert (root / "feedback" / "ada" / assignment / f"{source.stem}.html").is_file()
    stock(root, "export")
    with (root / "grades.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    return row


def test_stock_nbgrader_commands_work_on_any_course(toy_course: ToyCourse):
    row = all_stock_commands(toy_course.root, TOY, lambda: toy_course.hand_in("ada"))
    assert (row["student_id"], float(row["score"])) == ("ada", ToyCourse.MAX)


def test_stock_nbgrader_commands_work_from_the_root(tmp_path: Path):
    from course.demo_cohort import read_materials

    root = tmp_path / "course"
    root.mkdir()
    shutil.copy(COURSE / "nbgrader_config.py", root)
    (assignment, *_) = sorted(p.name for p in (COURSE / "source").iterdir() if p.is_dir())
    shutil.copytree(COURSE / "source" / assignment, root / "source" / assignment)

    made = None

    def hand_in() -> None:
        nonlocal made
        made = read_materials(root, assignment)
        folder = root / "submitted" / "ada" / assignment
        folder.mkdir(parents=True)
        name = f"{made.assignment.notebooks[0].name}.ipynb"
        (folder / name).write_text(json.dumps(made.filled(made.solutions)))

    row = all_stock_commands(root, assignment, hand_in)
    tests = [cell.max_score for cell in made.assignment.cells if not cell.written]
    assert sum(tests) > 0
    assert (row["student_id"], float(row["score"])) == ("ada", sum(tests))
