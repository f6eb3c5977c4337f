"""`course check`: the verdict of grading for one's own notebook, and hidden tests stay hidden."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from conftest import TOY, ToyCourse
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbformat import NotebookNode
from nbgrader.utils import determine_grade
from rich.console import Console
from traitlets.config import Config, LoggingConfigurable

from course import check as check_command
from course import cli
from course.check import checking, magic, service, watching
from course.check.checking import check
from course.check.memory import Memory
from course.check.page import as_html
from course.check.report import Report, TestResult
from course.grading import failing_case, plugin
from course.grading.command import run as grade
from course.grading.engine import execute
from course.grading.errors import UsageError
from course.grading.history import RememberFailures, failed_hidden_test
from course.grading.isolation import Level
from course.grading.rebuild import rebuild
from course.grading.sandbox import Limits

SECRET = "planted_in_a_hidden_test"
NEGATIVE = "toy-double-hidden-negative"
CAPITALS = "toy-shout-hidden-capitals"
STUB = "raise NotImplementedError()"
WRONG = ToyCourse.WRONG_DOUBLE

_WITH_CASE = f"""# Hidden test: negative numbers (2 points)
### BEGIN HIDDEN TESTS
{SECRET} = double(-3)
if {SECRET} != -6:
    error = AssertionError("the sign is lost")
    error.case = ("-3", str({SECRET}), "-6")
    raise error
### END HIDDEN TESTS"""


class Desk:
    """A toy course of two sections, q01 and q02, with a learner's copy on the desk."""

    def __init__(self, toy: ToyCourse) -> None:
        self.toy, self.root = toy, toy.root
        toy.release()
        for folder in ("source", "release"):
            path = self.root / folder / TOY / "toy.ipynb"
            nb = nbformat.read(path, as_version=4)
            for cell, section in zip(
                nb.cells, ["intro"] * 2 + ["q01"] * 5 + ["q02"] * 3, strict=True
            ):
                cell.metadata["course"] = {"section": section}
                if folder == "source" and cell.id == NEGATIVE:
                    cell.source = _WITH_CASE
            nbformat.write(nb, path)
        config = self.root / "nbgrader_config.py"
        config.write_text(config.read_text().replace("cpu_seconds = 2", "cpu_seconds = 1"))
        self.path = self.root / "desk" / TOY / "toy.ipynb"
        self.path.parent.mkdir(parents=True)

    def write(self, double: str = STUB, shout: str = STUB) -> None:
        nbformat.write(self.toy.notebook(double=double, shout=shout), self.path)

    def run(self, *names: str, watch: bool = False) -> tuple[int, str]:
        text = StringIO()
        console = Console(file=text, width=120)
        code = check_command.run(self.root, names, watch=watch, console=console)
        return code, text.getvalue()


@pytest.fixture
def desk(toy_course: ToyCourse, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(toy_course)
    monkeypatch.chdir(desk.root)
    desk.write()
    return desk


def by_id(report: Report) -> dict[str, TestResult]:
    return {test.grade_id: test for exercise in report.exercises for test in exercise.tests}


def graded(desk: Desk) -> dict[str, float]:
    """Points of each test as grading gives them."""
    nb = [nbformat.read(desk.root / f / TOY / "toy.ipynb", 4) for f in ("source", "release")]
    rebuilt = rebuild(*nb, json.loads(desk.path.read_text())).notebook
    limits = Limits(cell_cpu=1.0)
    executed = execute(rebuilt, nb[0], plugin.shared_sandbox(""), limits=limits)
    return {
        cell.metadata.nbgrader.grade_id: determine_grade(cell)[0]
        for cell in executed.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }


@pytest.mark.parametrize(
    ("double", "points"),
    [
        ("def double(x):\n    return x + x", 3),
        (WRONG, 0),
        ("def double(x):\n    return x + x if x != 'ab' else None", 2),
        (STUB, 0),
        ("def double(x)\n    return 2 * x", 0),
        ("import os\ndef double(x):\n    if x == -3:\n        os._exit(3)\n    return 2 * x", 1),
        ("def double(x):\n    while x == -3:\n        pass\n    return 2 * x", 1),
    ],
    ids=["right", "wrong", "partly", "stub", "syntax", "crash", "endless"],
)
def test_the_verdict_is_that_of_grading(desk: Desk, double: str, points: float):
    desk.write(double, "def shout(text):\n    return text.upper() + '!'")
    want = graded(desk)
    one, whole = check(desk.root, ["q01"]), check(desk.root, [TOY])
    assert {id_: test.points for id_, test in by_id(whole).items()} == want
    assert {id_: test.points for id_, test in by_id(one).items()} == {
        id_: p for id_, p in want.items() if id_.startswith("toy-double")
    }
    assert sum(test.points for test in by_id(one).values()) == points
    assert one.passed == (points == 3) == whole.passed


def test_only_wanted_sections_are_executed(desk: Desk):
    nb = [nbformat.read(desk.root / f / TOY / "toy.ipynb", 4) for f in ("source", "release")]
    desk.write(WRONG, WRONG)
    notebook = rebuild(*nb, json.loads(desk.path.read_text())).notebook
    executed = execute(notebook, nb[0], plugin.shared_sandbox(""), only={"q01"})
    ran = {c.id: [o.get("ename") for o in c.outputs] for c in executed.cells if "outputs" in c}
    assert ran["toy-shout"] == [], "not executed"
    assert ran[CAPITALS] == ["NotRun"], "a test without output would have passed"
    assert ran[NEGATIVE] == ["AssertionError"]


def test_what_the_learner_reads(desk: Desk):
    desk.write(WRONG)
    code, text = desk.run("q01", "toy-shout")
    assert code == 1
    assert "FAIL  Hidden test: negative numbers" in text
    assert "the sign is lost" in text
    assert "0 / 2" in text
    assert "Exercise 2 · shout (toy-shout)" in text
    assert "not begun" in text and "capitals" not in text, "what is not begun has not failed"
    assert "0 of 5 points; 1 of 3 tests pass; 1 exercise not begun." in text
    assert "in double" in text, "the learner's own line of a TypeError"
    code, text = desk.run()
    assert code == 1 and "toy-double" in text


def test_exit_codes(desk: Desk):
    assert desk.run() == (0, f"{checking.NOTHING_BEGUN}\n")
    desk.write("def double(x):\n    return 2 * x")
    assert desk.run()[0] == 0, "all that has been begun passes"
    assert desk.run("toy-double")[0] == 0
    assert desk.run("toy-shout")[0] == 1, "asked for, and not begun: its tests do not pass"
    assert desk.run(TOY)[0] == 1


def test_the_command_line(desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys):
    desk.write("def double(x):\n    return 2 * x")
    for argv, code in ([["q1"], 0], [["Q01", "2"], 1], [["nonsense"], 2]):
        monkeypatch.setattr(sys, "argv", ["course", "check", *argv])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == code
    assert capsys.readouterr().err.startswith("course: there is no question, exercise or notebook")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("toy-doubel", r"'toy-doubel'; did you mean toy-double\b"),
        ("q77", "no question, exercise or notebook 'q77'; there are: q01, q02, toy"),
        ("zzz", "there are: q01, q02, toy"),
        ("other.ipynb", "there is no file other.ipynb"),
        ("alien.ipynb", "alien.ipynb holds no exercise of this course"),
    ],
)
def test_a_name_that_means_nothing(desk: Desk, name: str, sentence: str):
    nbformat.write(nbformat.v4.new_notebook(), desk.root / "alien.ipynb")
    with pytest.raises(UsageError, match=sentence):
        check(desk.root, [name])


def test_a_question_that_is_not_written_yet(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("course.syllabus.Question.written", False)
    with pytest.raises(UsageError, match="question 3 is not written yet"):
        check(desk.root, ["q03"])


def test_a_path(desk: Desk, tmp_path: Path):
    elsewhere = tmp_path / "my copy.ipynb"
    nbformat.write(desk.toy.notebook(double=WRONG), elsewhere)
    whole = check(desk.root, [str(elsewhere)])
    assert {e.exercise_id: e.passed for e in whole.exercises} == {
        "toy-double": False,
        "toy-shout": True,
    }
    assert [e.exercise_id for e in check(desk.root, ["q02", str(elsewhere)]).exercises] == [
        "toy-shout"
    ]
    on_desk = check(desk.root, [f"desk/{TOY}/toy.ipynb"])
    assert [e.begun for e in on_desk.exercises] == [False, False]


def test_a_desk_without_the_notebook(desk: Desk):
    desk.path.unlink()
    with pytest.raises(UsageError, match="`course desk` puts a copy"):
        check(desk.root, ["q01"])
    with pytest.raises(UsageError, match="run `course desk` first"):
        check(desk.root)


@pytest.mark.parametrize("content", ["{ not JSON", "", "[]"])
def test_an_unreadable_notebook(desk: Desk, content: str):
    desk.path.write_text(content)
    code, text = desk.run("q01")
    assert code == 1
    assert "toy.ipynb" in text and ("JSON" in text or "is empty" in text)
    assert desk.run()[0] == 1


def test_what_was_put_right_is_told(desk: Desk):
    nb = desk.toy.notebook(shout=STUB)
    del nb.cells[5]
    nbformat.write(nb, desk.path)
    code, text = desk.run("q01")
    assert code == 0
    assert "was deleted; it is back as it was given out" in text


def test_the_solution_cells_own_error(desk: Desk):
    desk.write("def double(x)\n    return 2 * x")
    assert "Your solution cell ended with SyntaxError" in desk.run("q01")[1]


def test_without_isolation_it_runs_with_a_notice(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    shared = plugin.shared_sandbox("")
    shared.warm()  # the rung itself is tested with the sandbox
    monkeypatch.setattr(shared, "level", Level.NONE)
    desk.write(WRONG)
    report = check(desk.root, ["q01"])
    assert report.notices == [checking.UNPROTECTED]
    assert by_id(report)["toy-double-visible"].passed
    assert not by_id(report)[NEGATIVE].passed


def test_the_case_of_a_hidden_test_comes_with_the_second_failed_check(desk: Desk):
    desk.write(WRONG)
    code, first = desk.run("q01")
    assert "what came back" not in first
    assert "From the second failed check" in first
    code, second = desk.run("q01")
    assert code == 1
    assert "input: -3" in second and "what came back: 6" in second and "expected: -6" in second
    desk.write(f"{WRONG} + 0")
    assert "what came back: 6" in desk.run("toy-double")[1]
    desk.write("def double(x):\n    return 2 * x")
    assert "input: -3" not in desk.run("q01")[1]


def test_the_same_setting_as_for_cohorts(desk: Desk):
    desk.write(WRONG)
    config = desk.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}c.ConcealTests.show_case_after = 0\n")
    texts = [desk.run("q01")[1] for _ in range(3)]
    assert not any("input: -3" in text or "failed check of" in text for text in texts)
    config.write_text(config.read_text().replace("after = 0", "after = 4"))
    assert "input: -3" in desk.run("q01")[1]


def test_the_memory_is_names_and_numbers(desk: Desk):
    desk.write(WRONG)
    path = Memory(desk.root).path
    desk.run("q01")
    assert json.loads(path.read_text()) == {
        "toy/toy.ipynb": {NEGATIVE: 1, "toy-double-hidden-strings": 1}
    }
    for damaged in ("{", "[]", '{"toy/toy.ipynb": 3}', '{"toy/toy.ipynb": {"a": "b"}}'):
        path.write_text(damaged)
        assert "input: -3" not in desk.run("q01")[1], "counting starts anew"
    assert "input: -3" in desk.run("q01")[1]


def test_where_nothing_can_be_remembered_the_check_still_runs(desk: Desk):
    desk.write(WRONG)
    (desk.root / "desk" / ".course").write_text("a file, where a folder should be")
    code, text = desk.run("q01")
    assert code == 1
    assert "Failed checks cannot be counted" in text and "the sign is lost" in text


def test_hidden_tests_stay_hidden(desk: Desk):
    desk.write(WRONG, "def shout(text):\n    raise ValueError(text)")
    said = [desk.run(TOY)[1] for _ in range(3)]
    report = check(desk.root, [TOY])
    said += [as_html(report), repr(report)]
    said.append(json.dumps(service.answer({"folder": ".", "names": [TOY], "begun": False})))
    written = [p.read_text() for p in (desk.root / "desk").rglob("*") if p.is_file()]
    assert "expected: -6" in said[1]
    for text in said + written:
        assert SECRET not in text
        assert "HIDDEN TESTS" not in text
        assert 'double("ab")' not in text


def test_html_is_escaped(desk: Desk):
    desk.write("<b>", "def shout(text):\n    return text")
    page = as_html(check(desk.root, [TOY]))
    assert "&lt;b&gt;no&lt;/b&gt; exclamation mark &amp; no capitals" in page
    assert "<b>no</b>" not in page


def test_watching_checks_again_when_code_was_saved(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    desk.write(WRONG)
    naps = iter(range(1000))

    def nap(seconds: float) -> None:
        step = next(naps)
        if step == 2:  # only an output has changed
            nb = nbformat.read(desk.path, as_version=4)
            nb.cells[3].outputs = [nbformat.v4.new_output("stream", text="hello")]
            nbformat.write(nb, desk.path)
        if step == 6:
            desk.write("def double(x):\n    return 2 * x")
        if step == 12:
            raise KeyboardInterrupt

    monkeypatch.setattr(watching.time, "sleep", nap)
    code, text = desk.run("q01", watch=True)
    assert code == 0, "the last check passed"
    assert [text.count(s) for s in ("0 of 3 points", "3 of 3 points")] == [1, 1]
    assert text.endswith("Stopped watching.\n")


def _conceal(cell: NotebookNode, **settings: int) -> NotebookNode:
    step = plugin.ConcealTests(config=Config({"ConcealTests": settings}))
    return step.preprocess_cell(nbformat.from_dict(cell), {}, 0)[0]


@pytest.mark.parametrize(
    ("failures", "settings", "shown"),
    [
        (1, {}, False),
        (2, {}, True),
        (2, {"show_case_after": 3}, False),
        (9, {"show_case_after": 0}, False),
        (1, {"show_case_after": 1}, True),
    ],
)
def test_when_feedback_shows_a_case(failures: int, settings: dict, shown: bool):
    error = {"ename": "AssertionError", "evalue": "two\nlines", "traceback": ["two", "lines", "me"]}
    output = nbformat.v4.new_output("error", **error)
    cell = nbformat.v4.new_code_cell(_WITH_CASE, outputs=[output])
    failing_case.keep(cell, {"input": "-3", "expected": "-6"})
    failing_case.count_failures(cell, failures)
    seen = _conceal(cell, **settings)
    case = ["input: -3", "expected: -6"] if shown else []
    assert seen.outputs[0].traceback == ["two", "lines", *case, "me"]
    assert seen.metadata == {"course": {}}, "the metadata goes to no learner"
    assert SECRET not in json.dumps(seen)


def test_feedback_of_a_cohort_shows_the_case_with_the_second_failed_version(desk: Desk):
    page = desk.root / "feedback" / "ada" / TOY / "toy.html"
    for double, shown in ((WRONG, False), (f"# another try\n{WRONG}", True)):
        desk.toy.hand_in("ada", double=double)
        assert grade(desk.root, TOY, console=Console(file=StringIO())) == 0
        text = page.read_text()
        assert "the sign is lost" in text and SECRET not in text
        assert ("expected: -6" in text) == shown


class _Converter(LoggingConfigurable):
    coursedir = SimpleNamespace()


def test_a_version_that_is_graded_again_counts_once(tmp_path: Path):
    converter = _Converter()
    converter.coursedir.root = str(tmp_path)
    step = RememberFailures(parent=LoggingConfigurable(parent=converter))
    where = {"nbgrader": {"assignment": TOY, "student": "ada", "notebook": "toy"}}

    def count(answer: str) -> int:
        solution = nbformat.v4.new_code_cell(answer, metadata={"nbgrader": {"solution": True}})
        output = nbformat.v4.new_output("error", ename="E", evalue="", traceback=["E"])
        test = nbformat.v4.new_code_cell(_WITH_CASE, outputs=[output])
        test.metadata["nbgrader"] = {"grade": True, "grade_id": NEGATIVE}
        nb, _ = step.preprocess(nbformat.v4.new_notebook(cells=[solution, test]), where)
        return failing_case.failures(nb.cells[1])

    assert [count(answer) for answer in ("1", "1", "2", "1", "3")] == [1, 1, 2, 2, 3]
    path = tmp_path / "reports" / TOY / "failures" / "ada.json"
    path.write_text("[")
    assert count("4") == 1, "a damaged file counts as empty"
    assert SECRET not in path.read_text()


@pytest.mark.parametrize(
    ("error", "counts"), [("NotImplementedError", False), ("ValueError", True)]
)
def test_a_stub_is_no_failed_version(error: str, counts: bool):
    output = nbformat.v4.new_output("error", ename=error, evalue="", traceback=[error])
    cell = nbformat.v4.new_code_cell(_WITH_CASE, outputs=[output])
    cell.metadata["nbgrader"] = {"grade": True}
    assert failed_hidden_test(cell) == counts


def test_importing_the_course_stays_light():
    code = "import course, sys; print({'torch', 'IPython', 'rich', 'numpy'} & sys.modules.keys())"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout == "set()\n", answer.stderr


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "course")
    yield shell
    shell.find_line_magic("check").__self__.close()
    InteractiveShell.clear_instance()


def test_the_magic_in_a_notebook(desk: Desk, shell: InteractiveShell, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", str(desk.path))
    monkeypatch.chdir(desk.path.parent)
    (desk.path.parent / "json.py").write_text("raise RuntimeError('a file of the learner')")
    desk.write(WRONG)

    def run(line: str):
        with capture_output() as captured:
            shell.run_cell(f"%check {line}", store_history=True)
        return captured

    shell.run_cell(WRONG, store_history=True)
    first = run("q01")
    assert first.stdout.startswith("Checking toy.ipynb as it was saved at ")
    assert "other code" not in first.stdout
    assert "the sign is lost" in first.outputs[0].data["text/html"]
    assert "the sign is lost" in first.outputs[0].data["text/plain"]

    right = "def double(x):\n    return 2 * x"
    shell.run_cell(right, store_history=True)
    second = run("")
    assert "You last ran double with other code than the saved file holds" in second.stdout
    assert "expected: -6" in second.outputs[0].data["text/plain"]
    assert "shout" not in second.outputs[0].data["text/plain"].splitlines()[0]

    desk.write(right)
    third = run("toy-double")
    assert "other code" not in third.stdout
    assert "3 of 3 points" in third.outputs[0].data["text/plain"]
    assert "%check: there is no question" in run("nonsense").stdout
    assert "holds no exercise" not in run("q01 " + str(desk.path)).stdout
    for captured in (first, second, third):
        assert SECRET not in captured.stdout + json.dumps([o.data for o in captured.outputs])


def test_the_magic_rests_while_a_notebook_is_graded(shell: InteractiveShell, monkeypatch):
    monkeypatch.setattr(magic.importlib.util, "find_spec", lambda name: None)
    with capture_output() as captured:
        shell.run_line_magic("check", "q01")
    assert captured.stdout == "%check does nothing while a notebook is being graded.\n"
