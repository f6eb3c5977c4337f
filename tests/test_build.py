"""The build: lessons to source and release, and every lesson that it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from course.build import build, stale, write
from course.build.lesson import LessonError
from course.build.names import names_of
from course.build.stub import released, repair_stub
from course.grading.errors import CourseError

SYLLABUS = """
title: A small course
notebooks:
  - assignment: 1-toy
    notebook: toy
    lessons: toy
    title: Toys
    questions:
      - {number: 1, title: "What is one?", level: easy, minutes: 5, file: q01_one.py}
      - {number: 2, title: "What is two?", level: easy, minutes: 5, file: q02_two.py}
"""

INTRO = '''# %% [markdown]
r"""
# A small course
"""

# %% nbgrader={"grade": false, "grade_id": "toy-setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math

from course import testing

# %% tags=["demo"]
hello = math.pi
hello
'''  # noqa: E501

LESSON = '''# %% [markdown]
r"""
## Q1. What is one?

### Say it

One.

### See it
"""

# %% tags=["demo"]
ones = [1, 1]
sum(ones)

# %% [markdown]
r"""
### Build it
"""

# %% [markdown]
r"""
### Exercise 1.1 · `one`

●○○ · 5 minutes · 3 points · core

Return 1 times `x`.
"""

# %% nbgrader={"grade": false, "grade_id": "q01-one", "locked": false, "schema_version": 3, "solution": true, "task": false}
def one(x: float) -> float:
    ### BEGIN SOLUTION
    return 1 * x
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "q01-one-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
assert one(2) == 2, "times one"

# %% nbgrader={"grade": true, "grade_id": "q01-one-hidden-zero", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: zero (1 point)
### BEGIN HIDDEN TESTS
assert one(0) == 0, "zero times one"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q01-one-hidden-large", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: large numbers (2 points)
### BEGIN HIDDEN TESTS
testing.agree(one, [((math.inf,), math.inf)], "infinity is a number too")
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

### If they push

### Sources
"""
'''  # noqa: E501


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course root with one written question; the package is the root's `package` folder."""
    lessons = tmp_path / "package" / "lessons" / "toy"
    lessons.mkdir(parents=True)
    (tmp_path / "package" / "syllabus.yml").write_text(SYLLABUS)
    (tmp_path / "nbgrader_config.py").write_text(
        (Path(__file__).parents[1] / "nbgrader_config.py").read_text()
    )
    (lessons / "_intro.py").write_text(INTRO)
    (lessons / "q01_one.py").write_text(LESSON)
    return tmp_path


def lesson(course: Path) -> Path:
    return course / "package" / "lessons" / "toy" / "q01_one.py"


def make(course: Path) -> dict[Path, str]:
    return build(course, course / "package")


def change(course: Path, old: str, new: str) -> None:
    text = lesson(course).read_text()
    assert old in text
    lesson(course).write_text(text.replace(old, new, 1))


def test_build_is_byte_identical_and_checks_clean(course: Path) -> None:
    files = make(course)
    assert sorted(map(str, files)) == ["release/1-toy/toy.ipynb", "source/1-toy/toy.ipynb"]
    assert make(course) == files
    assert len(write(course, files)) == 2
    assert write(course, make(course)) == []
    assert stale(course, make(course)) == []
    assert not list(course.rglob("*.part"))


def test_source_runs_and_release_holds_no_solution(course: Path) -> None:
    files = make(course)
    source = nbformat.reads(files[Path("source/1-toy/toy.ipynb")], as_version=4)
    namespace: dict = {}
    for cell in source.cells:
        if cell.cell_type == "code":
            exec(cell.source, namespace)
    release = files[Path("release/1-toy/toy.ipynb")]
    for secret in ("return 1 * x", "zero times one", "infinity", "BEGIN", "END"):
        assert secret not in release
    cells = {c.id: c for c in nbformat.reads(release, as_version=4).cells}
    assert "raise NotImplementedError()" in cells["q01-one"].source
    assert cells["q01-one-hidden-zero"].source == "# Hidden test: zero (1 point)"
    assert cells["q01-one-hidden-zero"].metadata.jupyter.source_hidden
    assert "raises-exception" in cells["q01-one"].metadata.tags
    assert cells["toy-setup"].metadata.editable is False


def test_ids_sections_and_no_outputs(course: Path) -> None:
    for text in make(course).values():
        notebook = json.loads(text)
        ids = [c["id"] for c in notebook["cells"]]
        assert len(ids) == len(set(ids))
        assert [c["metadata"]["course"]["section"] for c in notebook["cells"]] == (
            ["intro"] * 3 + ["q01"] * 9
        )
        code = [c for c in notebook["cells"] if c["cell_type"] == "code"]
        assert all(c["outputs"] == [] and c["execution_count"] is None for c in code)


def test_drift_is_named(course: Path) -> None:
    write(course, make(course))
    path = course / "release/1-toy/toy.ipynb"
    path.write_text(path.read_text().replace("times one", "times two"))
    (course / "source/1-toy/extra.ipynb").write_text("{}")
    (course / "source/1-toy/toy.ipynb").unlink()
    found = "\n".join(stale(course, make(course)))
    assert "release/1-toy/toy.ipynb differs" in found
    assert "source/1-toy/toy.ipynb is missing" in found
    assert "source/1-toy/extra.ipynb is made from no lesson" in found


BROKEN = {
    "missing metadata": (' tags=["demo"]\nones', "\nones", "lacks the metadata"),
    "incomplete metadata": ('"locked": false, "schema', '"schema', "metadata lacks ['locked']"),
    "old schema": ('"schema_version": 3', '"schema_version": 2', "schema_version 3"),
    "bad id": ('"grade_id": "q01-one"', '"grade_id": "q01-One"', "lower-case words"),
    "foreign id": ('"q01-one-hidden-zero"', '"q02-one-hidden-zero"', "begins 'q01-'"),
    "duplicate id": ('"q01-one-hidden-zero"', '"q01-one-hidden-large"', "stands already at"),
    "id of no exercise": ('"q01-one-hidden-zero"', '"q01-two-hidden-zero"', "name it after one"),
    "hidden without points": (
        '"q01-one-hidden-zero", "locked": true, "points": 1,',
        '"q01-one-hidden-zero", "locked": true,',
        "has points",
    ),
    "hidden worth nothing": (
        '"q01-one-hidden-zero", "locked": true, "points": 1,',
        '"q01-one-hidden-zero", "locked": true, "points": 0,',
        "at least one",
    ),
    "points disagree": ("zero (1 point)", "zero (2 points)", "says 2 points"),
    "prompt promises too much": ("3 points · core", "4 points · core", "promises 4 points"),
    "unlocked test": (
        '"q01-one-hidden-zero", "locked": true',
        '"q01-one-hidden-zero", "locked": false',
        "a test cell is locked",
    ),
    "hidden without message": (', "zero times one"', "", "no message"),
    "agree without message": (', "infinity is a number too"', "", "no message"),
    "test that tests nothing": ('assert one(2) == 2, "times one"', "one(2)", "asserts something"),
    "hidden test leaks": (
        "# Hidden test: zero (1 point)\n",
        "# Hidden test: zero (1 point)\nsecret = 0\n",
        "outside its markers",
    ),
    "helper given a function of the test's own": (
        "assert one(0) == 0",
        "assert testing.repeat(lambda: one(0), 2) == [0, 0]",
        "takes the learner's own function",
    ),
    "no first line": ("# Hidden test: zero (1 point)\n", "", "first line"),
    "unpaired marker": ("    ### END SOLUTION\n", "", "pair them"),
    "test needs a demo": ("assert one(2) == 2", "assert one(2) == sum(ones)", "graders skip demos"),
    "solution needs a demo": ("return 1 * x", "return ones[0] * x", "graders skip demos"),
    "solution needs the intro": ("return 1 * x", "return hello * x", "belongs to section intro"),
    "demo needs another section": ("sum(ones)", "sum(ones) + hello", "belongs to section intro"),
    "undefined name": ("return 1 * x", "return one_ * x", "defined nowhere"),
    "setup name rebound": ("ones = [1, 1]", "ones = math = [1, 1]", "belongs to the setup cell"),
    "foreign import": ("return 1 * x", "import pandas; return 1 * x", "imports 'pandas'"),
    "invalid Python": ("return 1 * x", "return 1 x", "not valid Python"),
    "endless demo": ("sum(ones)", "sum(ones)\n" * 41, "at most 40 lines"),
    "no label": ("●○○ · 5 minutes · 3 points · core", "easy", "a prompt stands right before"),
    "no core exercise": ("3 points · core", "3 points · extra", "marked core"),
    "part missing": ("### Trap", "### Pitfall", "the parts of a section"),
    "wrong title": ("## Q1. What is one?", "## Q1. One", "begins '## Q1. What is one?'"),
    "markdown that is not raw": ('r"""\n### Build', '"""\n### Build', "raw string"),
    "quotes in markdown": ("Return 1 times", 'Return """1""" times', "three double quotes"),
    "title jupytext would eat": ("# %% [markdown]", "# %% [markdown] k=3", "the heading holds"),
    "a magic": ("sum(ones)", "# %time sum(ones)", "write plain Python"),
    "text before the first cell": ("# %% [markdown]", "import os\n# %% [markdown]", "first '# %%'"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_lesson_is_refused(course: Path, name: str) -> None:
    old, new, sentence = BROKEN[name]
    change(course, old, new)
    with pytest.raises(LessonError) as caught:
        make(course)
    lines = str(caught.value).splitlines()
    assert any(sentence in line for line in lines), lines
    assert all(line.startswith("package/lessons/toy/q01_one.py:") for line in lines)


def test_refusal_points_at_the_line(course: Path) -> None:
    change(course, "return 1 * x", "return undefined_name * x")
    line = lesson(course).read_text().splitlines().index("    return undefined_name * x") + 1
    with pytest.raises(LessonError, match=rf"q01_one\.py:{line}: the name 'undefined_name'"):
        make(course)


def test_all_problems_are_reported_at_once(course: Path) -> None:
    change(course, "### Trap", "### Pitfall")
    change(course, "zero (1 point)", "zero (2 points)")
    with pytest.raises(LessonError) as caught:
        make(course)
    assert len(caught.value.problems) == 2


def test_sections_stand_alone(course: Path) -> None:
    second = LESSON.replace("q01", "q02").replace("Q1. What is one?", "Q2. What is two?")
    second = second.replace("return 1 * x", "return len(ones) * x")
    second = second.replace("ones = [1, 1]\nsum(ones)", "sum([1, 1])").replace("def one", "def two")
    second = (
        second.replace("one(0)", "two(0)").replace("one(2)", "two(2)").replace("(one,", "(two,")
    )
    (lesson(course).parent / "q02_two.py").write_text(second)
    with pytest.raises(LessonError, match="'ones' belongs to section q01; a section stands alone"):
        make(course)


def test_demo_may_use_the_learners_function(course: Path) -> None:
    change(
        course, "### Trap", '### Trap\n"""\n\n# %% tags=["demo"]\none(3)\n\n# %% [markdown]\nr"""'
    )
    notebook = json.loads(make(course)[Path("release/1-toy/toy.ipynb")])
    demos = [c for c in notebook["cells"] if "demo" in c["metadata"].get("tags", [])]
    assert [c["metadata"]["tags"] for c in demos] == [
        ["demo"],
        ["demo"],
        ["demo", "raises-exception"],
    ]


def test_setup_comes_first(course: Path) -> None:
    intro = lesson(course).parent / "_intro.py"
    demo = '# %% tags=["demo"]\n1 + 1\n\n'
    intro.write_text(demo + INTRO)
    with pytest.raises(LessonError, match="first code cell"):
        make(course)


REPAIR = """### BEGIN REPAIR
# def one(x):
#     # a comment stays one
#
#     return x + 1
### END REPAIR
### BEGIN SOLUTION
def one(x):
    return x
### END SOLUTION"""


def test_repair_releases_the_wrong_code(course: Path) -> None:
    stub = "def one(x):\n    # a comment stays one\n\n    return x + 1"
    assert repair_stub(REPAIR) == stub
    old = LESSON[LESSON.index("def one") : LESSON.index('\n\n# %% nbgrader={"grade": true')]
    change(course, old, REPAIR)
    files = make(course)
    cells = {c.id: c for c in nbformat.reads(files[Path("release/1-toy/toy.ipynb")], 4).cells}
    assert cells["q01-one"].source == stub


def test_what_stands_outside_a_repair_stays() -> None:
    assert repair_stub(f"import math\n\n\n{REPAIR}\n") == (
        "import math\n\n\ndef one(x):\n    # a comment stays one\n\n    return x + 1"
    )


SOLUTION = LESSON[LESSON.index("def one") : LESSON.index('\n\n# %% nbgrader={"grade": true')]
LENT = """### BEGIN SOLUTION
from numbers import Real
### END SOLUTION


def one(x: Real) -> float:
    ### BEGIN SOLUTION
    return 1 * x
    ### END SOLUTION"""
BORROWED = """### BEGIN REPAIR
# def one(x):
#     return floor(x)
### END REPAIR
### BEGIN SOLUTION
from math import floor


def one(x):
    return x - x + floor(1) * x
### END SOLUTION"""


@pytest.mark.parametrize(("cell", "name"), [(LENT, "Real"), (BORROWED, "floor")])
def test_a_cell_that_learners_cannot_run_is_refused(course: Path, cell: str, name: str) -> None:
    """What only the solution imports, they do not have: the released cell would be a NameError."""
    change(course, SOLUTION, cell)
    with pytest.raises(LessonError, match=f"as released it needs the name '{name}'"):
        make(course)


def test_the_build_judges_the_names_that_the_release_has(course: Path) -> None:
    for cell in (REPAIR, SOLUTION):
        change(course, SOLUTION, cell)
        built = nbformat.reads(make(course)[Path("release/1-toy/toy.ipynb")], 4)
        (theirs,) = [c.source for c in built.cells if c.id == "q01-one"]
        assert names_of(theirs) == names_of(released(cell))
        change(course, cell, SOLUTION)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [("### END REPAIR\n", "", "pair them"), ("# def", "def", "comments only")],
)
def test_broken_repair_is_refused(old: str, new: str, sentence: str) -> None:
    with pytest.raises(CourseError, match=sentence):
        repair_stub(REPAIR.replace(old, new, 1))


ESSAY = '''# %% [markdown]
r"""
## In writing

One long answer.
"""

# %% [markdown]
r"""
### What is one?

●●○ · 20 minutes · 4 points · extra

Write it down. **Rubric**: four points for anything.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "written-one", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
One is the first number.
### END SOLUTION
"""
'''  # noqa: E501


def test_a_written_question_ends_the_notebook(course: Path) -> None:
    (lesson(course).parent / "_written.py").write_text(ESSAY)
    files = make(course)
    source = nbformat.reads(files[Path("source/1-toy/toy.ipynb")], as_version=4)
    assert source.cells[-1].id == "written-one"
    assert source.cells[-1].metadata.course.section == "written"
    released = nbformat.reads(files[Path("release/1-toy/toy.ipynb")], as_version=4).cells[-1]
    assert released.source == "*Your answer here.*"
    assert released.metadata.nbgrader.points == 4


BROKEN_ESSAYS = {
    "no heading": ("## In writing", "## Write", "begins '## In writing'"),
    "no rubric": ("**Rubric**", "Marks", "holds the rubric"),
    "other points": ("· 4 points ·", "· 5 points ·", "the points of its metadata"),
    "no answer": ('"solution": true', '"solution": false', "one cell for the answer"),
    "no markers": ("### END SOLUTION\n", "", "pair them"),
}


@pytest.mark.parametrize("what", BROKEN_ESSAYS)
def test_a_broken_written_question_is_refused(course: Path, what: str) -> None:
    old, new, sentence = BROKEN_ESSAYS[what]
    assert old in ESSAY
    (lesson(course).parent / "_written.py").write_text(ESSAY.replace(old, new, 1))
    with pytest.raises(LessonError) as refused:
        make(course)
    assert sentence in str(refused.value)
