"""How nbgrader reaches the engine: preprocessors for its autograde and feedback steps.

`nbgrader_config.py` calls `configure`; then `nbgrader autograde`, formgrader's button and
`course grade` rebuild submissions and execute them in the sandbox. Scores, late penalties, manual
grades and the gradebook stay nbgrader's.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat import NotebookNode
from nbgrader.preprocessors import (
    AssignLatePenalties,
    IgnorePattern,
    LimitOutput,
    NbGraderPreprocessor,
)
from traitlets import Bool, Float, Integer, Unicode, default
from traitlets.config import Config

from course.grading import failing_case
from course.grading.entries import ReadGrades, SaveGrades
from course.grading.errors import CourseError
from course.grading.feedback_page import FeedbackExporter
from course.grading.history import RememberFailures
from course.grading.jobs import (
    KEY_VARIABLE,
    Job,
    put_right,
    read_submission,
    require_isolation,
    shared_sandbox,
)
from course.grading.parallel import in_parallel
from course.grading.section import CPU_SECONDS

__all__ = ["KEY_VARIABLE", "configure", "put_right", "read_submission", "shared_sandbox"]

_HIDDEN = re.compile(
    r"^[^\S\n]*### BEGIN HIDDEN TESTS\n.*?^[^\S\n]*### END HIDDEN TESTS\n?",
    re.DOTALL | re.MULTILINE,
)
PREPARED: dict[tuple[str, str], NotebookNode] = {}
"""Notebooks rebuilt and executed beforehand, by learner and notebook; each is used once."""
_executed: dict[tuple[str, str], NotebookNode] = {}


class SubmissionExporter(NotebookExporter):
    """Reads whatever was handed in; what is no notebook counts as an empty one."""

    @default("optimistic_validation")
    def _optimistic_validation_default(self) -> bool:
        return True  # once, when all steps are done

    def from_filename(
        self, filename: str, resources: dict | None = None, **kwargs: Any
    ) -> tuple[str, dict]:
        """Convert a file, as nbconvert's exporters do."""
        path = Path(filename)
        notebook = read_submission(path)
        known = ResourcesDict()
        known.update(resources or {})
        known["metadata"] = {"name": path.stem, "path": str(path.parent)}
        return self.from_notebook_node(notebook, resources=known, **kwargs)


class Rebuild(NbGraderPreprocessor):
    """Puts the learner's own cells into the template, and has the result executed.

    Both is one job (see `course.grading.jobs`), done by a process of its own: this one may be a
    Jupyter server with threads, from which nothing should fork.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Return the executed notebook, which `EngineExecute` will ask for again."""
        key = _key(resources)
        executed = PREPARED.pop(key, None)
        if executed is None:
            executed = _execute(self, nb, resources)
        _executed[key] = executed
        return executed, resources


class EngineExecute(NbGraderPreprocessor):
    """Stands for the execution, which has taken place; its settings are the engine's."""

    services = Unicode(
        "", help="module:function that offers the notebooks' test helpers to the other side."
    ).tag(config=True)
    unsafe = Bool(False, help="Grade also where this machine offers no isolation at all.").tag(
        config=True
    )

    cpu_seconds = Float(
        CPU_SECONDS, help="CPU time of a cell, where the template's cell says nothing else."
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Return what `Rebuild` had executed."""
        return _executed.pop(_key(resources)), resources


def hand_over(resources: dict) -> bool:
    """Let `EngineExecute` have what was executed beforehand, if it was, without `Rebuild`."""
    key = _key(resources)
    if (executed := PREPARED.pop(key, None)) is None:
        return False
    _executed[key] = executed
    return True


def _key(resources: dict) -> tuple[str, str]:
    return resources["nbgrader"]["student"], resources["nbgrader"]["notebook"]


def _execute(step: Rebuild, nb: NotebookNode, resources: dict) -> NotebookNode:
    settings = EngineExecute(config=step.config)
    require_isolation(settings.unsafe)
    places = [_place(step, resources, f"{name}_directory") for name in ("source", "release")]
    texts = [place.read_text(encoding="utf-8") for place in places]
    job = Job(json.dumps(nb), *texts, (), settings.services, settings.cpu_seconds).dumps()
    ((_, outcome),) = in_parallel({None: lambda: job}, unsafe=settings.unsafe)
    if "notebook" not in outcome:
        raise CourseError(outcome.get("refused") or outcome["problem"])
    return nbformat.from_dict(outcome["notebook"])


class ConcealTests(NbGraderPreprocessor):
    """Takes the source of hidden tests out of feedback, and their cases until it is time."""

    show_case_after = Integer(
        2,
        min=0,
        help="Show the smallest failing input of a hidden test from this many failed submissions "
        "of a learner on; 0: never.",
    ).tag(config=True)

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict, index: int
    ) -> tuple[NotebookNode, dict]:
        """Leave the first line and the markers' place."""
        if cell.cell_type == "code":
            enough = 0 < self.show_case_after <= failing_case.failures(cell)
            if enough and failing_case.is_hidden(cell):
                failing_case.reveal(cell)
            failing_case.drop(cell)
        cell.source = _HIDDEN.sub("", cell.source).rstrip()
        return cell, resources


def configure(config: Config, *, services: str = "") -> None:
    """Let nbgrader grade through the engine.

    Parameters
    ----------
    config : Config
        nbgrader's configuration, from `get_config()`.
    services : str
        See `Sandbox`.
    """
    config.Autograde.exporter_class = SubmissionExporter
    # no CheckCellMetadata: a rebuilt notebook's metadata are the template's, checked at its release
    config.Autograde.sanitize_preprocessors = [Rebuild]
    config.Autograde.autograde_preprocessors = [
        EngineExecute,
        RememberFailures,
        IgnorePattern,
        LimitOutput,
        SaveGrades,
        AssignLatePenalties,
    ]
    config.GenerateFeedback.exporter_class = FeedbackExporter
    config.GenerateFeedback.preprocessors = [ConcealTests, ReadGrades, CSSHTMLHeaderPreprocessor]
    config.EngineExecute.services = services
    # in feedback and formgrader alike: what submissions show, and the Markdown in them
    config.HTMLExporter.sanitize_html = True
    config.HTMLExporter.filters = {
        "clean_html": "course.grading.markup.clean_html",
        "markdown2html": "course.grading.markup.markdown_to_html",
    }


def _place(step: NbGraderPreprocessor, resources: dict, folder: str) -> Path:
    """Where a notebook's own source or release is."""
    coursedir = step.parent.parent.coursedir
    where = resources["nbgrader"]
    place = coursedir.format_path(getattr(coursedir, folder), ".", where["assignment"])
    path = Path(place) / f"{where['notebook']}.ipynb"
    if not path.is_file():
        raise CourseError(f"{path} is missing: it is what submissions are compared with.")
    return path
