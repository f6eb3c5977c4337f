"""Fixtures that several test modules use.

`toy_course` is a whole nbgrader course in two exercises, without torch: quick to grade, and of
the same shape as this course's notebooks.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")  # a fork after work in two threads hangs

TOY = "toy"

_DOUBLE = '''def double(x):
    """Return twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
'''
_SHOUT = '''def shout(text):
    """Return text in capitals, with an exclamation mark."""
    ### BEGIN SOLUTION
    return text.upper() + "!"
    ### END SOLUTION
'''


def _cell(source: str, grade_id: str, *, points: float | None = None, locked: bool = True):
    meta = {
        "grade": points is not None,
        "grade_id": grade_id,
        "locked": locked,
        "schema_version": 3,
        "solution": not locked,
        "task": False,
    }
    if points is not None:
        meta["points"] = points
    return new_code_cell(source.strip("\n"), id=grade_id, metadata={"nbgrader": meta})


def _hidden(title: str, body: str) -> str:
    return f"# {title}\n### BEGIN HIDDEN TESTS\n{body}\n### END HIDDEN TESTS"


def toy_source() -> NotebookNode:
    """The instructor's notebook: `double` (2 + 1 points) and `shout` (2 points)."""
    cells = [
        new_markdown_cell("# A toy notebook\n\nwith $x^2$ in it", id="toy-00"),
        _cell("import math", "toy-setup"),
        new_markdown_cell("### Exercise 1 · `double`", id="toy-01"),
        _cell(_DOUBLE, "toy-double", locked=False),
        _cell(
            '# Visible tests (0 points)\nassert double(2) == 4, "double(2) is 4"',
            "toy-double-visible",
            points=0,
        ),
        _cell(
            _hidden(
                "Hidden test: negative numbers (2 points)",
                'assert double(-3) == -6, "the sign is lost"',
            ),
            "toy-double-hidden-negative",
            points=2,
        ),
        _cell(
            _hidden(
                "Hidden test: strings (1 point)",
                'assert double("ab") == "abab", "double only works on numbers"',
            ),
            "toy-double-hidden-strings",
            points=1,
        ),
        new_markdown_cell("### Exercise 2 · `shout`", id="toy-02"),
        _cell(_SHOUT, "toy-shout", locked=False),
        _cell(
            _hidden(
                "Hidden test: capitals (2 points)",
                'assert shout("a") == "A!", "<b>no</b> exclamation mark & no capitals"',
            ),
            "toy-shout-hidden-capitals",
            points=2,
        ),
    ]
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return new_notebook(cells=cells, metadata=metadata)


class ToyCourse:
    """A course root with one assignment, and ways to hand in."""

    MAX = 5.0
    WRONG_DOUBLE = "def double(x):\n    return 2 * abs(x)"
    """Loses both hidden tests: the sign, and strings (a TypeError)."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.submitted = root / "submitted"
        folder = root / "source" / TOY
        folder.mkdir(parents=True)
        nbformat.write(toy_source(), folder / "toy.ipynb")
        (root / "nbgrader_config.py").write_text(
            "from course.grading.plugin import configure\n"
            "c = get_config()\nc.CourseDirectory.course_id = 'toys'\nconfigure(c)\n"
            "c.EngineExecute.cpu_seconds = 2\n"
        )

    def notebook(self, **solutions: str) -> NotebookNode:
        """A learner's notebook; a solution cell not named by `solutions` keeps the right answer.

        Names are those of the functions: `double="def double(x): ..."`.
        """
        nb = toy_source()
        for cell in nb.cells:
            meta = cell.metadata.get("nbgrader", {})
            if meta.get("locked") and meta.get("grade"):
                cell.source = cell.source.partition("\n### BEGIN HIDDEN TESTS")[0]
            name = meta.get("grade_id", "").removeprefix("toy-")
            if meta.get("solution") and name in solutions:
                cell.source = solutions[name]
        return nb

    def release(self) -> None:
        """Write release/ (stubs, no hidden tests) and a proof with right and wrong ways."""
        stub = "raise NotImplementedError()"
        folder = self.root / "release" / TOY
        folder.mkdir(parents=True)
        nbformat.write(self.notebook(double=stub, shout=stub), folder / "toy.ipynb")
        proofs = self.root / "tests" / "exercises"
        proofs.mkdir(parents=True)
        (proofs / "toy-double.py").write_text(
            f"# %% right: adds\ndef double(x):\n    return x + x\n\n"
            f"# %% wrong (toy-double-hidden-negative): loses the sign\n{self.WRONG_DOUBLE}\n"
        )

    def hand_in(
        self,
        learner: str,
        nb: NotebookNode | str | bytes | None = None,
        name: str = "toy.ipynb",
        **solutions: str,
    ) -> Path:
        """Put a notebook (or any text or bytes) where a submission is expected."""
        folder = self.submitted / learner / TOY
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        if isinstance(nb, bytes):
            path.write_bytes(nb)
        elif isinstance(nb, str):
            path.write_text(nb)
        else:
            path.write_text(json.dumps(self.notebook(**solutions) if nb is None else nb))
        return path


@pytest.fixture
def toy_course(tmp_path: Path) -> ToyCourse:
    """A course of two exercises and 5 points in an empty folder; nobody has handed in yet."""
    return ToyCourse(tmp_path / "course")


@pytest.fixture
def make_toy_course() -> Callable[[Path], ToyCourse]:
    """Makes toy courses where a test, or a fixture shared by tests, wants them."""
    return ToyCourse
