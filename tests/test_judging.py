"""What a judge makes of a test cell's end, and of an interrupt at its own beginning."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.utils import determine_grade, is_grade

from course.grading.engine import execute
from course.grading.isolation import Level, probe
from course.grading.sandbox import Sandbox

SETUP = "import asyncio\nfrom fractions import Fraction\n\nimport numpy as np"
RIGHT = "def double(x):\n    return 2 * x"
POINTS = 2
ENDINGS = [
    "1", "0", "2", "0.5", "1.5", "-0.0", "1e-3", "double(1) / 4", "0.5;", "0.5 ;  # half", "1 # ;",
    "sum(double(i) == 2 * i for i in range(4)) / 2", "True", "False", "None", "'1'", "[1]", "(1,)",
    "np.float64(0.5)", "np.array(0.5)", "Fraction(1, 2)", "1 + 0j", "half = 0.5", 
    "half = 0.5\nhalf",
    "if True:\n    0.5", "await asyncio.sleep(0, 1.5)", "await asyncio.sleep(0)\n1.5", "print(0.5)",
    "print('said')\n1.5", "assert True", "assert False\n1.5", "1 / 0", "lambda: 1", "...", "",
    "'''1'''", "1\n# the end", "x = [\n    1\n]\nx[\n    0\n]",
]  # fmt: skip


def _notebook(endings: list[str], solution: str = RIGHT) -> NotebookNode:
    def cell(source: str, id_: str, *, solution: bool, points: int | None) -> NotebookNode:
        marks = {"grade": points is not None, "grade_id": id_, "locked": not solution}
        marks |= {"schema_version": 3, "solution": solution, "task": False}
        marks |= {} if points is None else {"points": points}
        return new_code_cell(source, id=id_, metadata={"nbgrader": marks})

    cells = [
        cell(SETUP, "setup", solution=False, points=None),
        cell(solution, "double", solution=True, points=None),
    ]
    for number, ending in enumerate(endings):
        hidden = f"# Hidden test\n### BEGIN HIDDEN TESTS\n{ending}\n### END HIDDEN TESTS"
        cells.append(cell(hidden, f"double-{number}", solution=False, points=POINTS))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _scores(notebook: NotebookNode) -> list[float]:
    return [determine_grade(cell)[0] for cell in notebook.cells if is_grade(cell)]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    level = probe().level
    if level == Level.NONE:
        pytest.skip("this machine offers no isolation")
    with Sandbox(imports=("numpy",)) as made:
        yield made


def test_part_credit_is_stock_nbgraders(sandbox: Sandbox):
    notebook = _notebook(ENDINGS)
    stock = copy.deepcopy(notebook)
    NotebookClient(stock, allow_errors=True, kernel_name="python3").execute()
    ours = execute(notebook, notebook, sandbox)
    scores = dict(zip(ENDINGS, _scores(ours), strict=True))
    assert scores == dict(zip(ENDINGS, _scores(stock), strict=True))
    assert (scores["0.5"], scores["0"], scores["0.5;"], scores["True"]) == (0.5, 0, 2, 2)


@pytest.mark.parametrize(
    "ending", ["7", "-1", "2.0001", "float('nan')", "float('inf')", "10**9999"]
)
def test_part_credit_that_cannot_be_is_an_error(sandbox: Sandbox, ending: str):
    notebook = _notebook([ending])
    executed = execute(notebook, notebook, sandbox)
    assert _scores(executed) == [0]
    assert "a number from 0 to 2" in executed.cells[-1].outputs[-1].evalue


FORGERIES = {
    "a subclass of int": "class N(int):\n    __repr__ = __str__ = lambda self: '2.0'\n",
    "a subclass of float": "class N(float):\n    __repr__ = __float__ = lambda self: 2.0\n",
    "an object": "class N:\n    def __init__(self, x):\n        pass\n"
    "    __repr__ = __str__ = lambda self: '2.0'\n    __float__ = lambda self: 2.0\n",
    "a liar": "class N:\n    def __init__(self, x):\n        pass\n"
    "    __class__ = float\n    __eq__ = __ge__ = __le__ = __gt__ = lambda self, x: True\n"
    "    __bool__ = lambda self: True\n    __rmul__ = __radd__ = lambda self, x: 2.0\n",
}


@pytest.mark.parametrize("name", FORGERIES)
def test_no_object_of_a_learner_is_asked_for_part_credit(sandbox: Sandbox, name: str):
    solution = f"{FORGERIES[name]}\ndef double(x):\n    return N(0)"
    endings = ["float(double(1) == 2) * 2", "2.0 if double(-1) == -2 else 0.0", "sum([double(1)])"]
    executed = execute(_notebook(endings, solution), _notebook(endings), sandbox)
    assert _scores(executed) == [0, 0, 0]
    shown = [o for c in executed.cells if is_grade(c) for o in c.outputs if "data" in o]
    assert all(o.data["text/plain"] in ("0", "0.0") for o in shown)


LYING = """
from course.testing import effects, there

for name in list(there._helpers):
    there._helpers[name] = lambda *a, **k: a[0](*a[1:], **k) or True
effects._unchanged = lambda *a: True
"""
SPOILS = """
def double(x):
    if isinstance(x, list):
        x.append(0)
    elif isinstance(x, torch.Tensor):
        x.requires_grad_()
"""


@pytest.mark.parametrize(("solution", "scores"), [
    ("def double(x):\n    return x", [2, 2]), (SPOILS, [0, 0]), (LYING + SPOILS, [0, 2]),
], ids=["honest", "spoils", "spoils and lies"])  # fmt: skip
def test_changed_arguments_are_found_where_the_helper_lies(solution: str, scores: list[float]):
    """What a tensor's history becomes is seen over there alone; see docs/grading.md."""
    if probe().level == Level.NONE:
        pytest.skip("this machine offers no isolation")
    endings = [
        f"assert testing.leaves_arguments(double, {argument}), 'it changes its argument'"
        for argument in ("[1, 2]", "torch.ones(2)")
    ]
    notebook, template = _notebook(endings, solution), _notebook(endings)
    for nb in (notebook, template):
        nb.cells[0].source = "import torch\n\nfrom course import testing"
    with Sandbox(services="course.testing.there:install") as box:
        assert _scores(execute(notebook, template, box)) == scores


INTERRUPT = """
import os, signal
from types import SimpleNamespace
from course.grading import judging
from course.grading.sandbox_learner import Limits

armed = [True]

def interrupt():
    if armed:
        armed.clear()
        os.kill(os.getpid(), signal.SIGINT)

os.register_at_fork({when}=interrupt)
closed = []
learner = SimpleNamespace(limits=Limits(), reason=None, close=lambda: closed.append(1))
learner.ended = lambda: "ended"
try:
    judging.judge_section([], lambda: learner)
except KeyboardInterrupt:
    print("interrupted", closed, signal.pthread_sigmask(signal.SIG_BLOCK, ()))
    try:
        print(os.waitpid(-1, os.WNOHANG))
    except ChildProcessError:
        print("no child is left")
"""


@pytest.mark.parametrize("when", ["before", "after_in_parent"])
def test_an_interrupt_at_the_fork_of_a_judge_is_not_lost(when: str):
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPT.replace("{when}", when)],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
    )
    assert done.stdout == "interrupted [1] set()\nno child is left\n", done.stderr
    assert "Exception ignored" not in done.stderr
