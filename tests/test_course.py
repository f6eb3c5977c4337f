"""The course as it is committed: the syllabus, its notebooks, and what learners must not get."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from course.syllabus import Notebook, read_syllabus

ROOT = Path(__file__).parents[1]
SYLLABUS = read_syllabus()
WRITTEN = [n for n in SYLLABUS.notebooks if n.written]
REGION = re.compile(r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)### END", re.DOTALL)

TEACHING_ORDER = {
    "1-llm-internals": [1, 3, 37, 2, 4, 36, 5, 26, 40, 44],
    "2-fine-tuning-rlhf": [6, 13, 16, 24, 7, 29, 46],
    "3-rag-vector-search": [12, 9, 11, 10, 19, 22, 18, 34, 49],
    "4-prompting-evaluation": [27, 14, 21, 31, 32, 47, 28, 33, 15],
    "5-safety-alignment": [8, 23, 25, 17, 41, 42, 39, 45, 50],
    "6-production": [20, 38, 30, 35, 48, 43],
}


def notebook(folder: str, which: Notebook) -> NotebookNode:
    return nbformat.read(ROOT / folder / which.path, as_version=4)


def test_the_syllabus_holds_fifty_questions_in_teaching_order() -> None:
    order = {n.assignment: [q.number for q in n.questions] for n in SYLLABUS.notebooks}
    assert order == TEACHING_ORDER
    assert sorted(q.number for q in SYLLABUS.questions) == list(range(1, 51))


def test_every_lesson_file_is_in_the_syllabus() -> None:
    known = {q.lesson for q in SYLLABUS.questions} | {n.intro for n in SYLLABUS.notebooks}
    known |= {n.essay for n in SYLLABUS.notebooks}
    stray = set((ROOT / "course" / "lessons").rglob("*.py")) - known
    assert not stray


@pytest.mark.parametrize("which", WRITTEN, ids=lambda n: n.notebook)
def test_written_questions_are_in_their_notebook_with_an_exercise(which: Notebook) -> None:
    cells = notebook("source", which).cells
    sections = list(dict.fromkeys(c.metadata.course.section for c in cells))
    written = ["written"] if which.essay.is_file() else []
    assert sections == ["intro", *(q.section for q in which.questions if q.written), *written]
    graded = {
        c.metadata.course.section for c in cells if c.metadata.get("nbgrader", {}).get("points")
    }
    assert graded == set(sections) - {"intro"}


@pytest.mark.parametrize("which", WRITTEN, ids=lambda n: n.notebook)
def test_release_holds_no_solution_and_no_hidden_test(which: Notebook) -> None:
    released = notebook("release", which)
    text = "\n".join(c.source for c in released.cells)
    assert "### BEGIN" not in text
    assert "### END" not in text
    source = {c.id: c for c in notebook("source", which).cells}
    for cell in released.cells:
        regions = REGION.findall(source[cell.id].source)
        secret = {ln.strip() for region in regions for ln in region.splitlines()}
        secret -= {ln for ln in secret if len(ln) < 12}
        to_repair, mark, _ = source[cell.id].source.partition("### END REPAIR")
        told = {ln.strip() for ln in cell.source.splitlines()}
        if mark:  # what the wrong code shares with the right one is no secret
            told -= {ln.removeprefix("#").strip() for ln in to_repair.splitlines()}
        assert not secret & told, cell.id
        if cell.metadata.get("nbgrader", {}).get("grade") and "-hidden-" in cell.id:
            assert re.fullmatch(r"# Hidden test: .+ \(\d+ points?\)", cell.source)


@pytest.mark.parametrize("which", WRITTEN, ids=lambda n: n.notebook)
@pytest.mark.parametrize("folder", ["source", "release"])
def test_committed_notebooks_hold_no_output(folder: str, which: Notebook) -> None:
    code = [c for c in notebook(folder, which).cells if c.cell_type == "code"]
    assert all(not c.outputs and c.execution_count is None for c in code)


@pytest.mark.parametrize("which", WRITTEN, ids=lambda n: n.notebook)
def test_source_runs_from_top_to_bottom(which: Notebook) -> None:
    done = notebook("source", which)
    NotebookClient(done, timeout=300, kernel_name="python3").execute()
    assert all(c.execution_count for c in done.cells if c.cell_type == "code")
