"""Feedback pages are nbconvert's own, to the byte, though most of one is rendered only once."""

from __future__ import annotations

from pathlib import Path

import nbgrader
import pytest
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from traitlets.config import Config

from course.grading import feedback_page
from course.grading.feedback_page import FeedbackExporter
from course.grading.plugin import configure

FORMGRADER = Path(nbgrader.__file__).parent / "server_extensions/formgrader"
PIXEL = "data:image/png;base64,iVBORw0KGgo="


def exporter(kind: type[HTMLExporter]) -> HTMLExporter:
    config = Config()
    configure(config)
    config.HTMLExporter.template_name = "feedback"
    own = Path(feedback_page.__file__).parent
    config.HTMLExporter.extra_template_basedirs = [str(own), str(FORMGRADER / "templates")]
    bootstrap = FORMGRADER / "static/node_modules/bootstrap/dist/css"
    config.HTMLExporter.extra_template_paths = [str(bootstrap)]
    return kind(config=config)


def page(kind: type[HTMLExporter], notebook: NotebookNode) -> str:
    marks = {"notebook": "nb", "score": 1, "max_score": 2, "late_penalty": 0}
    return exporter(kind).from_notebook_node(notebook, {"nbgrader": marks})[0]


def graded(id_: str, score: float, **kind: bool) -> dict:
    meta = {"grade_id": id_, "score": score, "points": 2, "comment": "**well** <b>done"}
    return {"nbgrader": meta | {"grade": False, "solution": False} | kind}


def notebook(answer: str, score: float) -> NotebookNode:
    failed = [new_output("error", ename="E", evalue="e", traceback=["E: <b>&amp; 'it'"])]
    printed = [new_output("stream", text="  two\n\n<!--lines-->\n")]
    picture = [new_output("display_data", {"text/html": f"<img src='{PIXEL}'><p>one<p>two"})]
    cells = [
        new_markdown_cell("# A title & more\n\n- `<b>`\n- *two*\n\n|a|b|\n|-|-|\n|1|2|\n\n<br>x"),
        new_markdown_cell(f"![]({PIXEL}) has no text, and $a < b$ \"so\" 'on'"),
        new_markdown_cell("```python\nprint('<pre>')  # \"quoted\" </pre>\n```"),
        new_markdown_cell(""),
        new_code_cell(""),
        new_code_cell("x = '<pre>' + \"</pre>\"  # &amp; é \x0c \u00a0\n\n\n%time x\n!ls"),
        new_code_cell(answer, metadata=graded("a", 0, solution=True)),
        new_code_cell("assert 1 < 2, '<b>'", metadata=graded("t", score, grade=True)),
        new_code_cell("1 / 0", metadata=graded("u", 0, grade=True), outputs=failed),
        new_code_cell("print()", outputs=printed + picture),
        new_markdown_cell("*mine*", metadata=graded("w", 1, grade=True, solution=True)),
    ]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    return new_notebook(cells=cells)


@pytest.mark.parametrize(
    "answer", ["def f():\n    return '<a&b>'\n", "<!--", "'''", "\tx = 1 \\\n"]
)
def test_a_page_is_what_nbconvert_makes_of_it(answer: str):
    for made in (notebook(answer, 2), notebook("another = 1", 1), notebook(answer, 0)):
        assert page(FeedbackExporter, made) == page(HTMLExporter, made)


def test_what_is_the_same_is_rendered_once(monkeypatch):
    monkeypatch.setattr(feedback_page, "_cells", {})
    page(FeedbackExporter, notebook("x = 1", 2))
    before = set(feedback_page._cells)
    page(FeedbackExporter, notebook("x = 2", 2))
    assert len(set(feedback_page._cells) - before) == 1, "the answer alone"


def test_only_so_many_cells_are_kept(monkeypatch):
    monkeypatch.setattr(feedback_page, "_cells", {})
    monkeypatch.setattr(feedback_page, "MOST", 3)
    made = notebook("x = 1", 2)
    assert page(FeedbackExporter, made) == page(HTMLExporter, made)
    assert len(feedback_page._cells) == 3
