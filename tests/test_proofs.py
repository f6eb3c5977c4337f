"""The proof harness itself, on a course of one small exercise: does it see what it must see?"""

import io
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from rich.console import Console

from course.grading.errors import CourseError, UsageError
from course.judge import Cell, Limits, judge_direct
from course.proof_table import markdown
from course.proof_variants import read_variants
from course.proofs import Row, run, verify

SETUP = "import asyncio\nimport random\n\nimport numpy as np\n\nfrom course import testing"
STUB = '''def halve(xs):
    """Return half of every number."""
    raise NotImplementedError()'''
REFERENCE = '''def halve(xs):
    """Return half of every number."""
    ### BEGIN SOLUTION
    if not xs:
        raise ValueError("nothing to halve")
    return [x / 2 for x in xs]
    ### END SOLUTION
'''
VISIBLE = """# Visible tests (0 points)
assert halve([2]) == [1.0], "half of 2 is 1\""""
VALUES = """# Hidden test: values (2 points)
### BEGIN HIDDEN TESTS
xs = testing.rng().normal(size=5).tolist()
testing.agree(halve, [((xs,), [x / 2 for x in xs]), (([1],), [0.5])], "integer division?")
### END HIDDEN TESTS"""
EMPTY = """# Hidden test: empty | list (1 point)
### BEGIN HIDDEN TESTS
testing.check(testing.raises(ValueError, halve, []), "an empty list passes silently")
### END HIDDEN TESTS"""

RIGHT = """
# %% right: with a loop
def halve(xs):
    if len(xs) == 0:
        raise ValueError
    out = []
    for x in xs:
        print(x)
        out.append(x / 2)
    return out

# %% right: times 0.5
def halve(xs):
    if len(xs) == 0:
        raise ValueError
    return [0.5 * x for x in xs]
"""
WRONG = """
# %% wrong (q90-halve-hidden-values): divides integers
def halve(xs):
    if not xs:
        raise ValueError
    return [x // 2 for x in xs]

# %% wrong (q90-halve-hidden-empty): returns `[]` for an empty list
def halve(xs):
    return [x / 2 for x in xs]

# %% wrong (q90-halve-hidden-values): halves the sum raises
def halve(xs):
    return sum(xs, "") / 2
"""


def graded(source, grade_id, *, points=None):
    meta = {
        "grade": points is not None,
        "grade_id": grade_id,
        "locked": points is not None,
        "schema_version": 3,
        "solution": points is None,
        "task": False,
    }
    if points is not None:
        meta["points"] = points
    return code(source, grade_id, nbgrader=meta)


def code(source, cell_id, section="q90", **metadata):
    metadata["course"] = {"section": section}
    return new_code_cell(source, id=cell_id, metadata=metadata)


def notebook(solution: str, label="●○○ · 5 minutes · 3 points · core"):
    setup = graded(SETUP, "small-setup", points=0)
    setup.metadata.nbgrader |= {"grade": False}
    setup.metadata.course.section = "intro"
    cells = [
        setup,
        code("raise RuntimeError('no demo is ever run')", "q90-01", tags=["demo"]),
        code("raise RuntimeError('another section')", "q91-01", section="q91"),
        new_markdown_cell(f"### Exercise 90.1 · `halve`\n\n{label}\n\nHalf of every number."),
        graded(solution, "q90-halve"),
        graded(VISIBLE, "q90-halve-visible", points=0),
        graded(VALUES, "q90-halve-hidden-values", points=2),
        graded(EMPTY, "q90-halve-hidden-empty", points=1),
    ]
    return new_notebook(cells=cells)


class Course:
    """A course root with the exercise `q90-halve`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.proof = root / "tests" / "exercises" / "q90-halve.py"
        self.proof.parent.mkdir(parents=True)
        self.build()
        self.prove(RIGHT, WRONG)

    def build(self, reference=REFERENCE, stub=STUB, **options) -> None:
        for folder, solution in (("source", reference), ("release", stub)):
            path = self.root / folder / "9-small" / "small.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook(solution, **options), path)

    def prove(self, *texts: str) -> None:
        self.proof.write_text("\n".join(texts))

    def verify(self, *texts: str, **options) -> Row:
        if texts:
            self.prove(*texts)
        (row,) = verify(self.root, **{"engine": False, **options})
        return row


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path)


def only_problem(row: Row) -> str:
    (problem,) = row.problems
    return problem


def wrong(title: str, body: str, target: str = "values") -> str:
    return f"\n# %% wrong (q90-halve-hidden-{target}): {title}\n{body}\n"


def test_a_proof_that_holds(course):
    row = course.verify()
    assert row.problems == []
    assert (row.score("right"), row.score("wrong")) == ("2/2", "3/3")
    assert (row.score("reference"), row.score("stub")) == ("1/1", "1/1")
    assert row.survivors == []


def test_both_judges_agree_on_a_proof_that_holds(course):
    row = course.verify(engine=True)
    assert row.problems == []


def test_two_judges_of_different_minds_are_a_defect(course):
    body = """
# %% right: knows the seed, which the sandbox does not tell
def halve(xs):
    import os
    if not xs:
        raise ValueError
    return [x / 2 for x in xs] if "COURSE_SEED" in os.environ else [x // 2 for x in xs]
"""
    problem = only_problem(course.verify(RIGHT, WRONG, body, engine=True))
    assert "is judged in two ways: q90-halve-hidden-values passes directly and fails" in problem


def test_a_graded_test_that_nothing_can_fail_is_reported(course):
    course.prove(RIGHT, wrong("a", "def halve(xs):\n    return []", "values"))
    assert any(
        "no wrong way shows that q90-halve-hidden-empty can fail" in problem
        for problem in course.verify().problems
    )


def test_a_right_way_that_a_test_rejects_is_a_failure_at_its_line(course):
    text = (
        "# %% right: as an array\nimport numpy as np\ndef halve(xs):\n    return np.array(xs) / 2\n"
    )
    row = course.verify(RIGHT, WRONG, text)
    line = course.proof.read_text().splitlines().index("# %% right: as an array") + 1
    problem = only_problem(row)
    assert problem.startswith(f"tests/exercises/q90-halve.py:{line}: right way 'as an array' fails")
    assert "q90-halve-hidden-empty by Mismatch: an empty list passes silently" in problem
    assert row.score("right") == "2/3"


def test_a_wrong_way_that_nobody_notices_is_a_survivor(course):
    row = course.verify(RIGHT, WRONG, wrong("same as the reference", REFERENCE))
    assert "passes q90-halve-hidden-values, which should catch it: no test" in only_problem(row)
    assert row.survivors == ["same as the reference"]
    assert row.score("wrong") == "3/4"


def test_a_wrong_way_must_fail_at_the_named_cell(course):
    body = "def halve(xs):\n    return [x / 2 for x in xs]"
    row = course.verify(RIGHT, WRONG, wrong("misses the empty list", body))
    problem = only_problem(row)
    assert "passes q90-halve-hidden-values, which should catch it" in problem
    assert "it fails q90-halve-hidden-empty by Mismatch" in problem
    assert row.survivors == ["misses the empty list"]


TYPO = "def halve(xs):\n    return [getattr(x, 'double') for x in xs]"
UNBOUND = "def halve(xs):\n    for _ in range(0):\n        out = 1\n    return out"
ASSERTS = "def halve(xs):\n    assert not xs, 'no'\n    raise ValueError"
CALL = "def halve():\n    return 1"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (TYPO, "from AttributeError"),  # agree wraps it in a Mismatch, the cause tells
        (UNBOUND, "from UnboundLocalError"),
        (CALL, "from TypeError"),
    ],
)
def test_a_typo_is_no_proof(course, body, why):
    problem = only_problem(course.verify(RIGHT, WRONG, wrong("a typo", body)))
    assert "not by the test's own assertion" in problem
    assert why in problem
    row = course.verify(RIGHT, WRONG, wrong("a typo raises", body))
    assert row.problems == []


def test_an_undefined_name_is_found_even_where_the_test_expects_an_exception(course):
    body = (
        "def halve(xs):\n    if not xs:\n        return emptyness\n    return [x // 2 for x in xs]"
    )
    line = len(f"{RIGHT}\n{WRONG}\n".splitlines()) + 5
    problem = only_problem(course.verify(RIGHT, WRONG, wrong("a typo", body)))
    assert problem.startswith(f"tests/exercises/q90-halve.py:{line}: the name 'emptyness'")


def test_a_definition_that_raises(course):
    body = "raise KeyError('early')\ndef halve(xs):\n    return xs"
    problem = only_problem(course.verify(RIGHT, WRONG, wrong("raises at once", body)))
    assert "cannot be run: the cell q90-halve ends in KeyError: 'early'" in problem
    row = course.verify(RIGHT, WRONG, wrong("at once raises", body))
    assert row.problems == []
    right = "# %% right: works, then raises\n" + REFERENCE + "raise KeyError('late')\n"
    problem = only_problem(course.verify(RIGHT, WRONG, right))
    assert "right way 'works, then raises' cannot be run" in problem


def test_an_endless_loop_and_an_exit_cost_only_themselves(course):
    forever = "def halve(xs):\n    while True:\n        pass"
    leaves = "import os\ndef halve(xs):\n    os._exit(0)"
    row = course.verify(
        wrong("loops raises", forever),
        wrong("leaves raises", leaves),
        RIGHT,
        WRONG,
        limits=Limits(cpu=2, wall=120),
    )
    loops, left = row.problems
    assert "does not raise: q90-halve-hidden-values ends in NotReached" in loops
    assert "does not raise: q90-halve-hidden-values ends in NotReached" in left
    assert (row.score("right"), row.score("wrong")) == ("2/2", "3/5")


def test_a_minimum_of_ways(course):
    course.build(label="●●○ · 20 minutes · 3 points · core")
    right, wrong_ = course.verify().problems
    assert right.endswith("has 2 right ways; at least 3 are needed.")
    assert wrong_.endswith("has 3 wrong ways; at least 5 are needed.")


def test_reference_and_stub_are_judged(course):
    course.build(reference=REFERENCE.replace("x / 2", "x // 2"))
    assert "the reference solution fails q90-halve-visible" not in only_problem(course.verify())
    assert "the reference solution fails q90-halve-hidden-values" in only_problem(course.verify())
    course.build(stub="def halve(xs):\n    raise ValueError")
    assert "the untouched stub passes q90-halve-hidden-empty" in only_problem(course.verify())
    course.build(stub="def halve(xs):\n    return [1.0] if xs else []")
    assert course.verify().problems == []  # a test without points may pass
    (course.root / "release/9-small/small.ipynb").unlink()
    assert "release/ has no cell q90-halve" in only_problem(course.verify())


def test_a_wrong_way_names_a_test_with_points(course):
    text = "# %% wrong (q90-halve-visible): a list of nothing\ndef halve(xs):\n    return []\n"
    assert "'q90-halve-visible' is not a test cell of q90-halve that carries points" in (
        only_problem(course.verify(RIGHT, WRONG, text))
    )


def test_missing_and_left_over_proofs(course):
    stray = course.proof.with_name("q90-quarter.py")
    course.proof.rename(stray)
    rows = verify(course.root)
    assert [r.exercise for r in rows] == ["q90-halve", "q90-quarter"]
    assert "q90-halve.py is missing" in only_problem(rows[0])
    assert "q90-quarter.py proves no exercise" in only_problem(rows[1])


def test_a_seed_that_fails_is_named_and_the_table_does_not_change(course):
    row = course.verify()
    flaky = "# %% right: by chance\n" + REFERENCE.replace(
        "return [x / 2", "import os\n    return [int(os.environ['COURSE_SEED'] != '1') * x / 2"
    )
    before = markdown([row])
    row = course.verify(seeds=range(3))
    assert row.problems == [] and markdown([row]) == before
    row = course.verify(RIGHT, WRONG, flaky, seeds=range(2))
    assert only_problem(row).endswith("(seed 1 of 2 seeds)")
    assert row.of_kind("right")[-1].fails == ()  # those of the first seed


def test_the_seed_and_the_exercise_reach_the_tests():
    source = "drawn = testing.rng().random()\nassert False, drawn"
    cells = [Cell("setup", SETUP, "shared"), Cell("q90-t", source, "test", "q90-halve", 1.0)]
    other = [cells[0], Cell("q90-t", source, "test", "q90-other", 1.0)]
    first = judge_direct(cells, "q90-halve", 0)["q90-t"].message
    assert judge_direct(cells, "q90-halve", 0)["q90-t"].message == first
    assert judge_direct(cells, "q90-halve", 1)["q90-t"].message != first
    assert judge_direct(other, "q90-other", 0)["q90-t"].message != first


def judge_cells(solution: str, test: str, **limits):
    cells = [
        Cell("setup", SETUP, "shared"),
        Cell("q90-f", solution, "solution", "q90-f"),
        Cell("q90-f-one", test, "test", "q90-f", 1.0),
        Cell("q90-f-two", 'assert True, "always"', "test", "q90-f", 1.0),
        Cell("q90-g-one", "raise SystemError", "test", "q90-g", 1.0),
    ]
    return judge_direct(cells, "q90-f", 0, Limits(**limits) if limits else None)


def test_only_the_exercise_is_tested_and_a_failure_does_not_stop_the_next_cell():
    verdicts = judge_cells("def f(): return 1", 'assert f() == 2, "one too few"')
    assert list(verdicts) == ["setup", "q90-f", "q90-f-one", "q90-f-two"]
    assert [v.passed for v in verdicts.values()] == [True, True, False, True]
    assert str(verdicts["q90-f-one"]) == "AssertionError: one too few"
    assert verdicts["q90-f-one"].by_assertion


@pytest.mark.parametrize(
    ("solution", "test", "by_assertion"),
    [
        ("def f(): assert False, 'mine'", "f()", False),
        ("def f(): np.testing.assert_equal(1, 2)", "f()", False),
        ("def f(): return 1", "np.testing.assert_equal(f(), 2)", True),
        ("def f(): return 1", "testing.check(f() == 2, 'no')", True),
        ("def f(): 1 / 0", "testing.agree(f, [((), 1)], 'no')", True),
        ("def f(): return len(1)", "testing.agree(f, [((), 1)], 'no')", False),
        ("def f(g): return g()", "def g():\n    assert False, 'no'\nf(g)", True),
        ("def f(): 1 / 0", "f()", False),
        ("def f(): raise SystemExit", "f()", False),
    ],
)
def test_whose_assertion_it_was(solution, test, by_assertion):
    verdict = judge_cells(solution, test)["q90-f-one"]
    assert not verdict.passed and verdict.by_exception
    assert verdict.by_assertion is by_assertion


def test_endings_without_an_exception():
    spins = judge_cells("def f():\n    while True: pass", "f()", cpu=1, wall=120)
    assert spins["q90-f"].passed
    assert str(spins["q90-f-one"]) == "Timeout: used more than 1 s of CPU time"
    assert spins["q90-f-two"].error == "NotReached"
    sleeps = judge_cells("import time\ndef f(): time.sleep(600)", "f()", cpu=60, wall=4)
    assert str(sleeps["q90-f-one"]) == "Timeout: no end after 4 s"
    leaves = judge_cells("import os\ndef f(): os._exit(3)", "f()")
    assert str(leaves["q90-f-one"]) == "Crash: the process ended: exit code 3"
    dies = judge_cells("import os\ndef f(): os.kill(os.getpid(), 11)", "f()")
    assert str(dies["q90-f-one"]) == "Crash: the process ended: killed by SIGSEGV"
    assert not dies["q90-f-one"].by_exception


def test_cells_run_as_in_a_notebook():
    solution = """import pickle
from dataclasses import dataclass
@dataclass
class Pair:
    a: "int"
async def f():
    await asyncio.sleep(0)
    return pickle.loads(pickle.dumps(Pair(1))).a
at_once = await f()"""
    test = 'assert at_once == 1, "no"\nassert await f() == 1, "no"\nassert input is not None, "no"'
    assert all(v.passed for v in judge_cells(solution, test).values())


def test_careless_randomness_is_the_same_at_every_run():
    test = "assert False, f()"
    solution = "def f(): return random.random(), np.random.random()"
    assert judge_cells(solution, test) == judge_cells(solution, test)


def test_prints_go_nowhere(capfd):
    solution = "import os, sys\ndef f():\n    print('out')\n    os.system('echo shell')"
    judge_cells(solution, "print('test')\nprint('err', file=__import__('sys').stderr)\nf()")
    assert capfd.readouterr() == ("", "")


TARGETS = ["q90-halve-hidden-values", "q90-halve-hidden-empty"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("# %%\nx = 1\n", 1, "a heading reads"),
        ("# %% [markdown]\n# text\n", 1, "a heading reads"),
        ("\n# %% right\nx = 1\n", 2, "a heading reads"),
        ("# %% right:\nx = 1\n", 1, "a heading reads"),
        ("# %% wrong: no cell\nx = 1\n", 1, "a heading reads"),
        ("# %%right: x\nx = 1\n", 1, "a heading reads"),
        ("# %% wrong (q90-halve-hidden-valeus): typo\nx = 1\n", 1, "not a test cell"),
        ("# %% wrong (q90-halve-visible): no points\nx = 1\n", 1, "that carries points"),
        ("# %% right: a\nx = 1\n\n# %% right: b\n\n# only this\n", 4, "the cell is empty"),
        ("# %% right: a\n", 1, "the cell is empty"),
        ("# %% right: a\nx = 1\n# %% right: a\nx = 2\n", 3, "stands already at line 1"),
        ("# %% right: a\nx = 1\nreturn x\n", 3, "is not valid Python"),
        ("import x\n# %% right: a\nx = 1\n", 1, "before the first heading"),
    ],
)
def test_a_broken_proof_file_is_refused_with_its_line(tmp_path, text, line, words):
    path = tmp_path / "q90-halve.py"
    path.write_text(text)
    with pytest.raises(CourseError) as caught:
        read_variants(path, TARGETS)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert words in str(caught.value)


def test_headings_are_read_from_the_raw_line(tmp_path):
    path = tmp_path / "q90-halve.py"
    path.write_text(
        "# a comment\n\n# %% right: keeps k=3 tokens, then raises\nx = 1\n\n"
        '# %% wrong (q90-halve-hidden-values): p="a" [b] raises\n\n\nx = 2\ny = await x\n'
    )
    right, wrong_ = read_variants(path)
    assert (right.kind, right.text, right.source, right.line, right.raises) == (
        "right",
        "keeps k=3 tokens, then raises",
        "x = 1\n",
        3,
        False,
    )
    assert (wrong_.text, wrong_.target, wrong_.raises) == ('p="a" [b]', TARGETS[0], True)
    with pytest.raises(CourseError, match="'q90-halve-hidden-values' is not a test cell"):
        read_variants(path.rename(tmp_path / "q90-other.py"))


def test_problems_of_the_file_stand_in_its_row(course):
    row = course.verify(RIGHT, "# %% wrong (q90-halve): x\nx = 1\n# %%\n")
    assert [p.split(": ")[0].split(":")[0] for p in row.problems] == [
        "tests/exercises/q90-halve.py"
    ] * 2


def console():
    return Console(file=io.StringIO(), width=200)


def test_run_prints_and_writes_only_what_holds(course):
    out = console()
    table = course.root / "docs" / "proofs.md"
    assert run(course.root, None, 1, False, out) == 0
    assert "docs/proofs.md is out of date" in out.file.getvalue()
    assert run(course.root, None, 1, True, console()) == 0
    text = table.read_text()
    assert "| wrong | halves the sum *raises* | **values**; Visible tests; empty \\| list |" in text
    assert "| wrong | returns `[]` for an empty list | **empty \\| list** |" in text
    assert "|  | the untouched stub | Visible tests; values; empty \\| list |" in text
    assert "| [`q90-halve`](#q90-halve) | 2/2 | 3/3 | none |" in text
    course.prove(RIGHT)
    out = console()
    assert run(course.root, None, 1, True, out) == 1
    assert "has 0 wrong ways; at least 3 are needed." in out.file.getvalue()
    assert table.read_text() == text


def test_run_refuses_what_it_cannot_do(course, tmp_path):
    with pytest.raises(UsageError, match=r"no exercise 'q90-halv'; there are: q90-halve\."):
        run(course.root, ["q90-halv"], 1, False, console())
    with pytest.raises(UsageError, match="leave out --exercise"):
        run(course.root, ["q90-halve"], 1, True, console())
    with pytest.raises(CourseError, match="run `course build` first"):
        run(tmp_path / "nowhere", None, 1, False, console())
    (course.root / "source/9-small/small.ipynb").write_text("{")
    with pytest.raises(CourseError, match=r"source/9-small/small\.ipynb is not a notebook"):
        run(course.root, None, 1, False, console())


@pytest.mark.parametrize(
    ("stub", "sentence"),
    [
        ("def halve(xs: Real):\n    return xs", "cannot be run as released"),
        ("def halve(xs):\n    return Counter(xs)", "needs the name 'Counter'"),
    ],
)
def test_a_stub_that_learners_cannot_run_is_a_defect(course: Course, stub: str, sentence: str):
    course.build(stub=stub)
    assert sentence in "\n".join(course.verify().problems)


def test_the_reference_is_run_without_the_other_solutions(course: Course):
    """What another exercise's cell happens to import, a learner's may not."""
    course.build(reference=REFERENCE.replace("[x / 2 for x in xs]", "[x / TWO for x in xs]"))
    for folder in ("source", "release"):
        path = course.root / folder / "9-small" / "small.ipynb"
        built = nbformat.read(path, 4)
        built.cells.insert(3, graded("TWO = 2", "q90-other"))
        nbformat.write(built, path)
    row = next(
        r for r in verify(course.root, ["q90-halve"], engine=False) if r.exercise == "q90-halve"
    )
    assert any("reference solution fails" in p and "TWO" in p for p in row.problems)
