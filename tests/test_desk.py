"""The learner's desk: copies are made once, and a new release never costs anyone their work."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from rich.console import Console

from course import desk
from course.grading.errors import CourseError

NAME = "1-tiny/tiny.ipynb"
STUB = "def double(x):\n    raise NotImplementedError()"


def nbgrader(grade_id, **given):
    """nbgrader metadata of a cell."""
    flags = {"grade": False, "solution": False, "locked": False, "task": False, **given}
    return {"nbgrader": {"grade_id": grade_id, "schema_version": 3, **flags}}


def released_cells():
    """Intro, setup, an exercise with its test, and a written question."""
    answer = {"solution": True}
    written = {"solution": True, "grade": True, "points": 3}
    test = {"grade": True, "locked": True, "points": 1}
    return [
        new_markdown_cell("# Tiny", id="intro-00"),
        new_code_cell("import math", id="tiny-setup", metadata=nbgrader("tiny-setup", locked=True)),
        new_markdown_cell("### Exercise", id="q01-00"),
        new_code_cell(STUB, id="q01-double", metadata=nbgrader("q01-double", **answer)),
        new_code_cell("# Visible", id="q01-test", metadata=nbgrader("q01-test", **test)),
        new_code_cell("print('demo')", id="q01-01", metadata={"tags": ["demo"]}),
        new_markdown_cell("*Your answer.*", id="q01-say", metadata=nbgrader("q01-say", **written)),
    ]


def write(path, cells):
    """Write a notebook of these cells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=cells), path)


def read(path):
    """Read a notebook."""
    return nbformat.read(path, as_version=4)


def by_id(notebook, id_):
    """The one cell of this id."""
    (cell,) = [cell for cell in notebook.cells if cell.id == id_]
    return cell


@pytest.fixture
def root(tmp_path):
    """A course folder with one released notebook, laid out on the desk."""
    write(tmp_path / "release" / NAME, released_cells())
    assert desk.prepare(tmp_path) == [tmp_path / "desk" / NAME]
    return tmp_path


def new_release(root, change):
    """Release `change(cells)`; `change` edits the list in place."""
    cells = released_cells()
    change(cells)
    write(root / "release" / NAME, cells)


def reword(cells):
    """A change to the course's own text."""
    cells[0].source = "# Tiny, second edition"


def work(root, change):
    """Let the learner change their copy."""
    notebook = read(root / "desk" / NAME)
    change(notebook.cells)
    nbformat.write(notebook, root / "desk" / NAME)


def solve(cells):
    """The learner's answers, in code and in words."""
    by = {cell.id: cell for cell in cells}
    by["q01-double"].source = "def double(x):\n    return 2 * x"
    by["q01-say"].source = "Because it is twice as much."


def test_a_copy_is_the_release_byte_for_byte(root):
    assert (root / "desk" / NAME).read_bytes() == (root / "release" / NAME).read_bytes()


def test_preparing_again_makes_nothing_and_keeps_the_work(root):
    work(root, solve)
    before = (root / "desk" / NAME).read_bytes()
    assert desk.prepare(root) == []
    assert (root / "desk" / NAME).read_bytes() == before


def test_a_later_notebook_joins_the_desk(root):
    write(root / "release" / "2-more" / "more.ipynb", released_cells())
    assert desk.prepare(root) == [root / "desk" / "2-more" / "more.ipynb"]


def test_hidden_files_stay_in_the_release(root):
    write(root / "release" / "1-tiny" / ".ipynb_checkpoints" / "tiny.ipynb", [])
    assert desk.prepare(root) == []


def test_an_unchanged_release_is_not_outdated_by_work(root):
    work(root, solve)
    assert desk.outdated(root) == []


def test_a_changed_release_is_announced_and_nothing_is_touched(root):
    work(root, solve)
    before = (root / "desk" / NAME).read_bytes()
    new_release(root, reword)
    console = Console(record=True, width=200)
    assert desk.run(root, update=False, open_lab=False, console=console) == 0
    said = console.export_text()
    assert NAME in said and "course desk --update" in said
    assert (root / "desk" / NAME).read_bytes() == before


def test_update_carries_answers_over_and_keeps_the_old_file(root):
    work(root, solve)
    before = (root / "desk" / NAME).read_bytes()
    new_release(root, reword)
    ((copy, kept),) = desk.update_copies(root)
    notebook = read(copy)
    assert by_id(notebook, "q01-double").source == "def double(x):\n    return 2 * x"
    assert by_id(notebook, "q01-say").source == "Because it is twice as much."
    assert by_id(notebook, "intro-00").source == "# Tiny, second edition"
    assert kept.read_bytes() == before
    assert kept.parent == copy.parent and kept.name.startswith("tiny-until-20")
    assert desk.outdated(root) == [] and desk.update_copies(root) == []


def test_update_says_where_the_old_file_is(root):
    work(root, solve)
    new_release(root, reword)
    console = Console(record=True, width=200)
    assert desk.run(root, update=True, open_lab=False, console=console) == 0
    assert "tiny-until-20" in console.export_text()


def test_an_untouched_copy_is_replaced_and_nothing_is_kept(root):
    new_release(root, reword)
    assert desk.update_copies(root) == [(root / "desk" / NAME, None)]
    assert (root / "desk" / NAME).read_bytes() == (root / "release" / NAME).read_bytes()


def test_an_untouched_stub_gives_way_to_the_new_stub(root):
    def change_stub(cells):
        cells[3].source = "def double(x: float) -> float:\n    raise NotImplementedError()"

    work(root, lambda cells: solve([*cells[4:], new_code_cell(id="q01-double")]))
    new_release(root, change_stub)
    ((copy, _),) = desk.update_copies(root)
    assert by_id(read(copy), "q01-double").source.startswith("def double(x: float)")
    assert by_id(read(copy), "q01-say").source == "Because it is twice as much."


def test_two_updates_on_one_day_keep_two_files(root):
    for edition in ("second", "third"):
        work(root, lambda cells: cells.append(new_code_cell("1 + 1")))
        new_release(root, lambda cells, e=edition: setattr(cells[0], "source", f"# {e}"))
        desk.update_copies(root)
    assert len(list((root / "desk" / "1-tiny").glob("tiny-until-*.ipynb"))) == 2
    assert [cell.source for cell in read(root / "desk" / NAME).cells].count("1 + 1") == 2


def test_cells_that_the_learner_added_stay_where_they_were(root):
    def scribble(cells):
        cells.insert(5, new_code_cell("double(21)", id="mine-b"))
        cells.insert(5, new_markdown_cell("note", id="mine-a"))
        cells.insert(0, new_markdown_cell("my own title", id="mine-top"))

    work(root, scribble)
    new_release(root, lambda cells: cells.insert(3, new_markdown_cell("Hint", id="q01-99")))
    ((copy, _),) = desk.update_copies(root)
    order = [cell.id for cell in read(copy).cells]
    assert order[0] == "mine-top"
    at = order.index("q01-test")
    assert order[at : at + 4] == ["q01-test", "mine-a", "mine-b", "q01-01"]
    assert "q01-99" in order


def test_an_own_cell_survives_the_cell_it_followed(root):
    work(root, lambda cells: cells.insert(6, new_code_cell("mine", id="mine")))  # after the demo
    new_release(root, lambda cells: cells.pop(5))
    ((copy, _),) = desk.update_copies(root)
    order = [cell.id for cell in read(copy).cells]
    assert order[order.index("mine") - 1] == "q01-test"
    assert "q01-01" not in order  # the course took its demo back


def test_an_answer_survives_its_exercise(root):
    work(root, solve)
    new_release(root, lambda cells: cells.pop(3))
    ((copy, _),) = desk.update_copies(root)
    (orphan,) = [c for c in read(copy).cells if c.source == "def double(x):\n    return 2 * x"]
    assert "nbgrader" not in orphan.metadata


def test_an_untouched_stub_goes_with_its_exercise(root):
    work(root, lambda cells: cells.append(new_code_cell("1")))
    new_release(root, lambda cells: cells.pop(3))
    ((copy, _),) = desk.update_copies(root)
    assert STUB not in [cell.source for cell in read(copy).cells]


@pytest.mark.parametrize("place", [0, 5])
def test_a_copied_answer_is_kept_as_an_ordinary_cell(root, place):
    def twice(cells):
        solve(cells)
        draft = new_code_cell("draft", id="pasted", metadata=nbgrader("q01-double", solution=True))
        cells.insert(place, draft)

    work(root, twice)
    new_release(root, reword)
    ((copy, _),) = desk.update_copies(root)
    notebook = read(copy)
    assert by_id(notebook, "q01-double").source == "def double(x):\n    return 2 * x"
    assert by_id(notebook, "pasted").source == "draft"
    assert "nbgrader" not in by_id(notebook, "pasted").metadata


def test_ids_stay_unique_when_the_release_takes_one_that_the_learner_had(root):
    work(root, lambda cells: cells.append(new_code_cell("mine", id="q01-77")))
    new_release(root, lambda cells: cells.append(new_markdown_cell("new", id="q01-77")))
    ((copy, _),) = desk.update_copies(root)
    ids = [cell.id for cell in read(copy).cells]
    assert len(ids) == len(set(ids))
    assert {"mine", "new"} <= {cell.source for cell in read(copy).cells}


def test_an_old_format_without_cell_ids_is_carried_over(root):
    work(root, solve)
    path = root / "desk" / NAME
    raw = json.loads(path.read_text())
    raw["nbformat_minor"] = 4
    raw["cells"].append({"cell_type": "markdown", "metadata": {}, "source": "mine"})
    for cell in raw["cells"]:
        cell.pop("id", None)
    path.write_text(json.dumps(raw))
    new_release(root, reword)
    desk.update_copies(root)
    sources = [cell.source for cell in read(path).cells]
    assert sources.count("mine") == 1 and sources.count("print('demo')") == 1
    assert "def double(x):\n    return 2 * x" in sources
    assert "Because it is twice as much." in sources


def test_without_its_record_a_copy_is_still_updated_without_loss(root):
    def scribble(cells):
        solve(cells)
        cells.append(new_code_cell("mine", id="mine"))

    work(root, scribble)
    (root / "desk" / desk.MANIFEST).unlink()
    new_release(root, reword)
    ((copy, kept),) = desk.update_copies(root)
    sources = [cell.source for cell in read(copy).cells]
    assert "def double(x):\n    return 2 * x" in sources and "mine" in sources
    assert len(sources) == len(released_cells()) + 1
    assert kept.exists()


def test_other_files_of_an_assignment_are_kept_too(root):
    data = root / "release" / "1-tiny" / "table.csv"
    data.write_text("a\n1\n")
    desk.prepare(root)
    copy = root / "desk" / "1-tiny" / "table.csv"
    copy.write_text("a\n2\n")
    data.write_text("a\n3\n")
    ((new, kept),) = desk.update_copies(root)
    assert new.read_text() == "a\n3\n" and kept.read_text() == "a\n2\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not a notebook",
        "[]",
        "{}",
        '{"nbformat": 9, "cells": []}',
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [3]}',
        "[" * 100_000,
    ],
    ids=["empty", "text", "list", "object", "future", "cell", "deep"],
)
def test_a_broken_copy_is_named_and_left_alone(root, text):
    path = root / "desk" / NAME
    path.write_text(text)
    new_release(root, reword)
    with pytest.raises(CourseError, match=r"tiny\.ipynb is not a notebook"):
        desk.update_copies(root)
    assert path.read_text() == text
    assert [p.name for p in path.parent.iterdir()] == ["tiny.ipynb"]


def test_a_failed_write_loses_nothing(root, monkeypatch):
    work(root, solve)
    before = (root / "desk" / NAME).read_bytes()
    new_release(root, reword)

    def full(self, data):
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CourseError, match="No space left on device"):
        desk.update_copies(root)
    monkeypatch.undo()
    assert (root / "desk" / NAME).read_bytes() == before
    assert not list((root / "desk").rglob("*.part"))


def test_a_failure_between_the_two_writes_loses_nothing(root, monkeypatch):
    work(root, solve)
    before = (root / "desk" / NAME).read_bytes()
    new_release(root, reword)
    replace = Path.replace

    def fail_on_the_copy(self, target):
        if Path(target).name == "tiny.ipynb":
            raise OSError(5, "Input/output error", str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail_on_the_copy)
    with pytest.raises(CourseError, match="Input/output error"):
        desk.update_copies(root)
    monkeypatch.undo()
    assert (root / "desk" / NAME).read_bytes() == before
    ((copy, _),) = desk.update_copies(root)
    assert by_id(read(copy), "q01-double").source == "def double(x):\n    return 2 * x"


def test_the_desk_must_be_a_folder(tmp_path):
    write(tmp_path / "release" / NAME, released_cells())
    (tmp_path / "desk").write_text("")
    with pytest.raises(CourseError, match="is a file"):
        desk.prepare(tmp_path)


def test_a_damaged_record_is_named(root):
    (root / "desk" / desk.MANIFEST).write_text("{")
    with pytest.raises(CourseError, match="is damaged: delete it"):
        desk.prepare(root)


def test_without_a_release_one_is_told_to_build(tmp_path):
    with pytest.raises(CourseError, match="course build"):
        desk.prepare(tmp_path)


def test_jupyterlab_starts_on_the_desk_with_this_interpreter(root, monkeypatch):
    started = {}

    def run(command, **options):
        started.update(options, command=command)
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setattr(subprocess, "run", run)
    assert desk.run(root, update=False, open_lab=True, console=Console(quiet=True)) == 3
    assert started["command"][:3] == [sys.executable, "-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={root / 'desk'}" in started["command"]
    assert not any("token" in word or "password" in word for word in started["command"])
    assert started["env"]["JUPYTER_CONFIG_PATH"].startswith(str(root / "tools" / "jupyter"))
    assert started["env"]["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)
