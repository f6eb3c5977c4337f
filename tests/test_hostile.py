"""The hostile corpus: contained, explained to their authors, and no harm to anybody else.

An attack is a file of `tests/hostile/`, which takes the place of a solution, or something done to
a whole notebook, below. Each is graded in one sandbox between honest learners, whose scores stay
exactly what they are.
"""

import copy
import io
import os
import re
import socket
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import TOY, ToyCourse
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.utils import determine_grade, is_grade
from rich.console import Console

from course.grading import command
from course.grading.engine import execute
from course.grading.isolation import Level, probe
from course.grading.plugin import put_right, read_submission
from course.grading.sandbox import Limits, Sandbox

ROOT = Path(__file__).parents[1]
ATTACKS = sorted((ROOT / "tests" / "hostile").glob("*.py"))
SERVICES = "course.testing.there:install"
FULL = {"double": 4.0, "shout": 2.0}
RIGHT = "def double(x):\n    return 2 * x"
WRONG = "def double(x):\n    return 2 * abs(x)"
HALF = "def double(x):\n    return list(2 * x) if isinstance(x, str) else 2 * x"
SHOUT = 'def shout(text):\n    return text.upper() + "!"'
STUB = "raise NotImplementedError()"
MIB = 1 << 20
TIGHT = Limits(  # CPU time decides; only what sleeps meets the clock on the wall
    cell_cpu=1.0,
    section_cpu=12.0,
    wall_factor=60.0,
    wall_extra=60.0,
    judge_extra=0.5,
    memory=500 * MIB,
    tree_memory=600 * MIB,
    processes=30,
    file_size=5 * MIB,
    scratch=20 * MIB,
    output=20_000,
)

pytestmark = pytest.mark.skipif(
    probe().level == Level.NONE, reason="this machine offers no isolation"
)


# A notebook of two sections


def _cell(source: str, id_: str, points: int | None = None, *, locked: bool = True) -> NotebookNode:
    marks: dict[str, Any] = {"grade": points is not None, "grade_id": id_, "locked": locked}
    marks |= {"schema_version": 3, "solution": not locked, "task": False}
    marks |= {} if points is None else {"points": points}
    section = "intro" if id_ == "toy-setup" else id_.split("-")[0]
    metadata = {"nbgrader": marks, "course": {"section": section}}
    return new_code_cell(source, id=id_, metadata=metadata)


def _hidden(title: str, points: int, body: str) -> str:
    plural = "" if points == 1 else "s"
    return (
        f"# Hidden test: {title} ({points} point{plural})\n"
        f"### BEGIN HIDDEN TESTS\n{body}\n### END HIDDEN TESTS"
    )


def toy_source() -> NotebookNode:
    """`double` (4 points) and `shout` (2 points), a section each."""
    setup = "import math\n\nimport numpy as np\n\nfrom course import testing"
    negative = 'assert double(-3) == -6, "the sign is lost"'
    text = 'testing.agree(double, [(("ab",), "abab")], "text is doubled too")'
    arrays = (
        "got = double(np.array([-1.0, 2.0]))\n"
        'np.testing.assert_allclose(np.array(list(got), float), [-2, 4], err_msg="arrays")\n'
        'assert sum(got) == 2.0, "arrays"'
    )
    cells = [
        new_markdown_cell("# A toy notebook", id="toy-00"),
        _cell(setup, "toy-setup"),
        new_markdown_cell("### Exercise 1 · `double`", id="one-01"),
        _cell(_solution(RIGHT), "one-double", locked=False),
        _cell("assert double(2) == 4, 'double(2) is 4'", "one-double-visible", 0),
        _cell(_hidden("negative numbers", 2, negative), "one-double-hidden-negative", 2),
        _cell(_hidden("text", 1, text), "one-double-hidden-text", 1),
        _cell(_hidden("arrays", 1, arrays), "one-double-hidden-arrays", 1),
        new_markdown_cell("### Exercise 2 · `shout`", id="two-01"),
        _cell(_solution(SHOUT), "two-shout", locked=False),
        _cell(
            _hidden("capitals", 2, 'assert shout("a") == "A!", "no capitals"'),
            "two-shout-hidden-capitals",
            2,
        ),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _solution(source: str) -> str:
    head, _, body = source.partition("\n")
    return f"{head}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION"


SOURCE = toy_source()


def handed_in(double: str = RIGHT, own: str = "", shout: str = SHOUT) -> NotebookNode:
    """A learner's notebook; `own` becomes a cell behind the tests of the first section."""
    notebook = toy_source()
    for cell in notebook.cells:
        cell.source = cell.source.partition("\n### BEGIN HIDDEN TESTS")[0]
        if cell.id in ("one-double", "two-shout"):
            cell.source = double if cell.id == "one-double" else shout
    if own:
        notebook.cells.insert(8, new_code_cell(own, id="mine"))
    return notebook


RELEASED = handed_in(STUB, shout=STUB)


def first_section(double: str = "") -> NotebookNode:
    """A notebook without its second section: half the time, for what is graded very often."""
    notebook = handed_in(double) if double else toy_source()
    notebook.cells = [cell for cell in notebook.cells if not cell.id.startswith("two-")]
    return notebook


FIRST = first_section()


@dataclass
class Graded:
    """What became of a submission."""

    points: dict[str, float]
    text: str = field(repr=False)
    """All that its author gets to read: notes and outputs."""
    notebook: NotebookNode = field(repr=False)


def read(notebook: NotebookNode) -> Graded:
    """Score an executed notebook as nbgrader does."""
    nbformat.validate(notebook)
    nbformat.reads(nbformat.writes(notebook).encode().decode(), as_version=4)
    points = {"double": 0.0, "shout": 0.0}
    parts = []
    for cell in notebook.cells:
        if is_grade(cell):
            score, _ = determine_grade(cell)
            points["double" if cell.id.startswith("one") else "shout"] += score
        if cell.id == "notes-on-this-submission":
            parts.append(cell.source)
        for output in cell.get("outputs", []):
            parts += [output.get("text", ""), output.get("evalue", ""), output.get("ename", "")]
            parts += [*output.get("traceback", []), str(output.get("data", ""))]
    return Graded(points, "\n".join(map(str, parts)), notebook)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(services=SERVICES) as made:
        yield made


@pytest.fixture(scope="module")
def grade(sandbox: Sandbox) -> Callable[..., Graded]:
    def run(
        submitted: NotebookNode, limits: Limits = TIGHT, source: NotebookNode = SOURCE
    ) -> Graded:
        released = RELEASED if source is SOURCE else first_section(STUB)
        rebuilt = put_right(submitted, source, released)
        return read(execute(rebuilt, source, sandbox, limits=limits))

    return run


@pytest.fixture(scope="module", autouse=True)
def honest(grade: Callable[..., Graded]) -> Iterator[Callable[[], None]]:
    """Grades honest learners, before all attacks, between two, and after all."""

    def check() -> None:
        assert grade(first_section(HALF), Limits(), FIRST).points == {"double": 3.0, "shout": 0.0}

    assert grade(handed_in(), Limits()).points == FULL
    assert grade(handed_in(WRONG), Limits()).points == {"double": 0.0, "shout": 2.0}
    yield check
    assert grade(handed_in(), Limits()).points == FULL
    assert grade(handed_in(WRONG), Limits()).points == {"double": 0.0, "shout": 2.0}


@dataclass
class Place:
    """What an attacker would like to reach."""

    words: dict[str, str]
    treasure: dict[Path, bytes]
    visitors: list[socket.socket]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    root = tmp_path_factory.mktemp("course")
    (root / "source").mkdir()
    (root / "submitted").mkdir()
    nbformat.write(SOURCE, root / "source" / "toy.ipynb")
    nbformat.write(handed_in(), root / "submitted" / "neighbour.ipynb")
    with sqlite3.connect(root / "gradebook.db") as database:
        database.execute("create table grade (auto_score float)")
        database.execute("insert into grade values (1)")
    database.close()
    abstract, path = f"course-hostile-{os.getpid()}", root / "socket"
    visitors = []
    for family, address in [
        (socket.AF_INET, ("127.0.0.1", 0)),
        (socket.AF_UNIX, f"\0{abstract}"),
        (socket.AF_UNIX, str(path)),
    ]:
        visitors.append(socket.socket(family))
        visitors[-1].bind(address)
        visitors[-1].listen()
        visitors[-1].setblocking(False)
    words = {
        "gradebook": str(root / "gradebook.db"),
        "source": str(root / "source"),
        "neighbour": str(root / "submitted" / "neighbour.ipynb"),
        "lessons": str(ROOT / "course" / "lessons"),
        "port": str(visitors[0].getsockname()[1]),
        "abstract": abstract,
        "socket": str(path),
        "mark": f"{os.getpid()}7.25",
        "null": "\0",
    }
    treasure = {p: p.read_bytes() for p in root.rglob("*") if p.is_file()}
    yield Place(words, treasure, visitors)
    for visitor in visitors:
        visitor.close()


# One cell


@dataclass
class Attack:
    """A file of the corpus."""

    points: float
    says: list[str]
    solution: str
    own: str
    limits: Limits


def read_attack(path: Path, words: dict[str, str]) -> Attack:
    """Read an attack; names between @ stand for things of this machine."""
    text = path.read_text(encoding="utf-8")
    head, _, rest = text.partition("# %% solution\n")
    for word, value in words.items():
        rest = rest.replace(f"@{word}@", value)
    solution, _, own = rest.partition("# %% own cell\n")
    points = re.search(r"^# points: (\d+)$", head, re.MULTILINE)
    assert points is not None, path.name
    says = re.findall(r"^# says: (.+)$", head, re.MULTILINE)
    wall = re.search(r"^# wall: (\d+) s$", head, re.MULTILINE)
    cpu = re.search(r"^# cpu: ([\d.]+) s$", head, re.MULTILINE)
    limits = replace(TIGHT, wall_factor=1.0, wall_extra=float(wall[1]) - 1) if wall else TIGHT
    limits = replace(limits, cell_cpu=float(cpu[1])) if cpu else limits
    return Attack(float(points[1]), says, solution, own, limits)


@pytest.mark.parametrize("path", ATTACKS, ids=[path.stem for path in ATTACKS])
def test_an_attack_is_contained(path: Path, place: Place, grade, honest):
    attack = read_attack(path, place.words)
    graded = grade(handed_in(attack.solution, attack.own), attack.limits)
    assert graded.points == {"double": attack.points, "shout": 2.0}
    for sentence in attack.says:
        assert re.search(sentence, graded.text), graded.text[:3000]
    assert "HIDDEN" not in graded.text
    assert {p: p.read_bytes() for p in place.treasure} == place.treasure
    for visitor in place.visitors:
        with pytest.raises(BlockingIOError):
            visitor.accept()
    assert not _marked(place.words["mark"])
    honest()


def _marked(mark: str) -> list[str]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "cmdline").read_bytes():
                found.append(folder.name)
        except OSError:
            continue
    return found


# Whole notebooks


def _tests(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]


def _tagged(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        cell.metadata["tags"] = ["skip-execution", "demo", "raises-exception", "remove-cell"]


def _deleted(notebook: NotebookNode) -> None:
    notebook.cells = [cell for cell in notebook.cells if cell not in _tests(notebook)]


def _duplicated(notebook: NotebookNode) -> None:
    for cell in _tests(notebook):
        twin = copy.deepcopy(cell)
        twin.source = "pass"
        notebook.cells += [twin, copy.deepcopy(twin)]


def _emptied(notebook: NotebookNode) -> None:
    for cell in _tests(notebook):
        cell.source = "pass"


def _retyped(notebook: NotebookNode) -> None:
    for cell in _tests(notebook):
        cell.cell_type = "markdown"
        del cell["outputs"], cell["execution_count"]


def _unlocked(notebook: NotebookNode) -> None:
    for cell in _tests(notebook):
        cell.metadata.nbgrader |= {"locked": False, "grade": False, "points": 1000}
        cell.metadata.nbgrader["solution"] = True
        cell.source = "5"


def _worth_more(notebook: NotebookNode) -> None:
    for cell in _tests(notebook):
        cell.metadata.nbgrader["points"] = 1000


def _renamed(notebook: NotebookNode) -> None:
    for number, cell in enumerate(_tests(notebook)):
        cell.metadata.nbgrader["grade_id"] = f"other-{number}"
        cell.id = f"other-{number}"


def _exchanged(notebook: NotebookNode) -> None:
    """The solution claims to be a test, and the tests claim to be solutions."""
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            marks = cell.metadata.nbgrader
            marks["solution"], marks["grade"] = marks["grade"], marks["solution"]


def _reversed(notebook: NotebookNode) -> None:
    notebook.cells.reverse()


def _impostors(notebook: NotebookNode) -> None:
    """Own cells with the ids of the tests, before and behind them, which are renamed."""
    for number, cell in enumerate(_tests(notebook)):
        own = new_code_cell("pass", id=cell.id)
        cell.id = f"elsewhere-{number}"
        notebook.cells.insert(0, own)
        notebook.cells.append(copy.deepcopy(own))


def _with_outputs(notebook: NotebookNode) -> None:
    for cell in _tests(notebook):
        data = {"text/plain": "5.0"}
        cell.outputs = [
            nbformat.v4.new_output("execute_result", data=data, execution_count=1, metadata={})
        ]


def _other_section(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        cell.metadata["course"] = {"section": "nowhere", "cpu_seconds": 10**9}


def _other_kernel(notebook: NotebookNode) -> None:
    notebook.metadata["kernelspec"] = {"name": "bash", "language": "bash", "display_name": "no"}
    notebook.metadata["language_info"] = {"name": "no python"}


def _huge(notebook: NotebookNode) -> None:
    """Thousands of cells, and one of a megabyte."""
    for number in range(3_000):
        notebook.cells.append(new_markdown_cell(f"> {number} *a* <b>", id=f"more-{number}"))
    for number in range(200):
        notebook.cells.append(new_code_cell("pass", id=f"code-{number}"))
    notebook.cells.append(new_code_cell("#" * 1_000_000, id="long"))


def _forged_metadata(notebook: NotebookNode) -> None:
    """Scores, comments, checksums and notes as nbgrader and the engine write them."""
    notebook.metadata["nbgrader"] = {"score": 6, "max_score": 6}
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    for cell in notebook.cells:
        cell.metadata.setdefault("nbgrader", {}).update(
            score=100, extra_credit=50, checksum="0" * 32, comment="<script>alert(1)</script>",
            schema_version=99, cell_type="markdown", task=True,
        )  # fmt: skip


NOTEBOOKS = {
    "a huge notebook": (_huge, ""),
    "forged metadata": (_forged_metadata, ""),
    "tags that skip tests": (_tagged, ""),
    "deleted tests": (_deleted, "was deleted|were deleted"),
    "duplicated tests": (_duplicated, "more than once"),
    "emptied tests": (_emptied, "the original"),
    "retyped tests": (_retyped, "the original"),
    "unlocked tests": (_unlocked, "metadata"),
    "tests worth more": (_worth_more, "metadata"),
    "renamed tests": (_renamed, "metadata|deleted"),
    "exchanged roles": (_exchanged, "metadata"),
    "reversed order": (_reversed, "moved"),
    "impostors": (_impostors, "metadata|more than once"),
    "outputs with grades": (_with_outputs, ""),
    "another section": (_other_section, ""),
    "another kernel": (_other_kernel, ""),
}


@pytest.mark.parametrize("name", NOTEBOOKS)
@pytest.mark.parametrize("double", [WRONG, RIGHT], ids=["wrong", "right"])
def test_a_notebook_in_disorder_is_worth_its_solutions(name: str, double: str, grade, honest):
    change, says = NOTEBOOKS[name]
    notebook = handed_in(double)
    change(notebook)
    graded = grade(notebook)
    assert graded.points == {"double": 4.0 if double == RIGHT else 0.0, "shout": 2.0}
    assert re.search(says, graded.text), graded.text
    assert "HIDDEN" not in graded.text
    honest()


FILES = {
    "no JSON": ("{ this is no JSON", "is not valid JSON"),
    "half a file": (nbformat.writes(handed_in())[:700], "is not valid JSON"),
    "nothing": ("", r"is empty \(0 bytes\)"),
    "a list": ("[]", "not a notebook"),
    "a bottomless list": ("[" * 200_000, "is not JSON"),
    "deep metadata": (
        '{"nbformat": 4, "cells": [], "metadata": {"a": ' + "[" * 700 + "]" * 700 + "}}",
        "100 levels deep",
    ),
    "deep outputs": (
        '{"nbformat": 4, "cells": [{"cell_type": "code", "source": "x", "outputs": '
        + '{"a":' * 600
        + "0"
        + "}" * 600
        + "}]}",
        "100 levels deep",
    ),
    "a giant number": ('{"nbformat": ' + "9" * 100_000 + "}", "is not JSON"),
    "no cells": ('{"nbformat": 4}', "no list of cells"),
    "cells of no kind": ('{"nbformat": 4, "cells": [5, null]}', "not a notebook cell"),
    "an old format": ('{"nbformat": 3, "worksheets": []}', "only format 4"),
    "no metadata": (
        '{"nbformat": 4, "cells": [{"cell_type": "code", "source": "x"}]}',
        "was deleted",
    ),
    "metadata of the wrong kind": (
        '{"nbformat": 4, "metadata": [], "cells": [{"cell_type": "code", "source": ["x"], '
        '"metadata": 5, "id": []}]}',
        "was deleted",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_broken_file_is_worth_nothing_and_says_so(name: str, grade, honest, tmp_path):
    text, says = FILES[name]
    path = tmp_path / "toy.ipynb"
    path.write_text(text)
    graded = grade(read_submission(path))
    assert graded.points == {"double": 0.0, "shout": 0.0}
    assert re.search(says, graded.text), graded.text
    honest()


def test_a_link_to_another_file_is_not_followed(grade, place, tmp_path):
    path = tmp_path / "toy.ipynb"
    path.symlink_to(place.words["neighbour"])
    graded = grade(read_submission(path))
    assert graded.points == {"double": 0.0, "shout": 0.0}
    assert "is a link to a file outside the submission" in graded.text


def test_endless_cells_end(grade, honest):
    notebook = handed_in(WRONG)
    for number in range(40):
        notebook.cells.insert(4, new_code_cell("while True: pass", id=f"mine-{number}"))
    tight = replace(TIGHT, cell_cpu=0.2, section_cpu=1.0, wall_factor=1.0, wall_extra=3.0)
    graded = grade(notebook, tight)
    assert graded.points == {"double": 0.0, "shout": 2.0}
    assert "had been stopped too often" in graded.text
    honest()


def test_a_solution_can_be_mended_in_a_later_cell(grade):
    notebook = handed_in(WRONG)
    notebook.cells.insert(4, new_code_cell(RIGHT, id="mine"))
    assert grade(notebook).points == FULL


# The course's own first notebook

NOTEBOOK = "1-llm-internals/llm-internals.ipynb"
LYING = """
class Lie(Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        if func in (torch.allclose, torch.equal, torch.isclose, Tensor.__eq__, Tensor.eq):
            return True
        return super().__torch_function__(func, types, args, kwargs or {})

def filter_probs(logits, *args, **kwargs):
    return torch.full(logits.shape, 1.0 / logits.shape[-1]).as_subclass(Lie)
"""
PATCHED = """
import sys
torch.allclose = torch.equal = torch.isclose = torch.all = lambda *a, **k: True
torch.testing.assert_close = np.testing.assert_allclose = lambda *a, **k: None
testing.agree = testing.check = testing.close = lambda *a, **k: True
for module in [m for name, m in sys.modules.items() if name.startswith("course.testing")]:
    for name in ("agree", "check", "close", "_close", "raises"):
        if hasattr(module, name):
            setattr(module, name, lambda *a, **k: True)

def filter_probs(logits, *args, **kwargs):
    return torch.full(logits.shape, 1.0 / logits.shape[-1])
"""


@pytest.mark.parametrize("attack", [LYING, PATCHED], ids=["lying", "patched"])
def test_an_attack_in_the_first_notebook(attack: str, sandbox: Sandbox):
    source = nbformat.read(ROOT / "source" / NOTEBOOK, as_version=4)
    released = nbformat.read(ROOT / "release" / NOTEBOOK, as_version=4)
    submitted = copy.deepcopy(released)
    answers = {c.id: c.source for c in source.cells if c.metadata.get("nbgrader")}
    for cell in submitted.cells:
        if cell.id == "q04-filter-probs":
            cell.source = attack
        elif cell.metadata.get("nbgrader", {}).get("solution") and attack is LYING:
            cell.source = answers[cell.id]
    rebuilt = put_right(submitted, source, released)
    executed = execute(rebuilt, source, sandbox)
    tests = [c for c in executed.cells if is_grade(c) and c.cell_type == "code"]
    lost = {c.id for c in tests if sum(determine_grade(c)) > 0}
    won = {c.id for c in tests if determine_grade(c)[0] > 0}
    mine = {id_ for id_ in lost if id_.startswith("q04-filter-probs")}
    assert len(mine) == 5
    assert won == (lost - mine if attack is LYING else set())
    said = [o.evalue for c in executed.cells if c.id in mine for o in c.outputs if "evalue" in o]
    assert len(said) == 5 and "this test was not run" not in said, said


# A cohort, with gradebook and feedback


def test_a_cohort_with_attackers_in_it(toy_course: ToyCourse):
    toy, wrong = toy_course, ToyCourse.WRONG_DOUBLE
    toy.release()
    database = toy.root / "gradebook.db"
    thief = (
        "import sqlite3\n"
        f"sqlite3.connect({str(database)!r}).execute('update grade set auto_score = 99')\n"
    )
    loot = "import os\nprint('loot', In[-1], os.path.exists('source'))\n"
    skipped = toy.notebook(double=wrong)
    for cell in skipped.cells:
        cell.metadata["tags"] = ["skip-execution"]
    toy.hand_in("aa-honest")
    toy.hand_in("bb-thief", double=f"{thief}{wrong}")
    toy.hand_in("cc-reader", double=f"{wrong}\n{loot}")
    toy.hand_in("dd-skipper", skipped)
    toy.hand_in("ee-quitter", double=f"import os\n{wrong}\nos._exit(0)")
    toy.hand_in("ff-broken", "{ no JSON")
    half = "def double(x):\n    raise ValueError(chr(0xD800))"
    toy.hand_in("gg-half-letters", double=half)
    toy.hand_in("hh-honest")
    command.run(toy.root, TOY, console=Console(file=io.StringIO()))
    with Gradebook(f"sqlite:///{database}") as gradebook:
        scores = {s.student.id: s.score for s in gradebook.assignment_submissions(TOY)}
    expected = {"aa-honest": 5, "hh-honest": 5, "ff-broken": 0}
    expected |= dict.fromkeys(("bb-thief", "cc-reader", "dd-skipper"), 2)
    expected |= dict.fromkeys(("ee-quitter", "gg-half-letters"), 2)
    assert scores == expected
    pages = {p.parent.parent.name: p.read_text() for p in (toy.root / "feedback").rglob("toy.html")}
    assert pages.keys() == expected.keys()
    for page in pages.values():
        assert "BEGIN HIDDEN" not in page and "double(-3)" not in page
    assert "unable to open database file" in pages["bb-thief"]
    assert "it ended its own process (exit 0)" in pages["ee-quitter"]
    assert "is not valid JSON" in pages["ff-broken"]
