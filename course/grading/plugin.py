"""How nbgrader reaches the engine: preprocessors for its autograde and feedback steps.

`nbgrader_config.py` calls `configure`; then `nbgrader autograde`, formgrader's button and
`course grade` rebuild submissions and execute them in the sandbox. Scores, late penalties, manual
grades and the gradebook stay nbgrader's.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    GetGrades,
    IgnorePattern,
    LimitOutput,
    NbGraderPreprocessor,
    SaveAutoGrades,
)
from traitlets import Bool, Float, Integer, Unicode
from traitlets.config import Config

from course.grading import failing_case
from course.grading.engine import execute
from course.grading.errors import CourseError
from course.grading.history import RememberFailures
from course.grading.isolation import Level, probe
from course.grading.reading import Rejected, read_raw
from course.grading.rebuild import rebuild
from course.grading.sandbox import Limits, Sandbox
from course.grading.section import CPU_SECONDS

NOTES = "notes-on-this-submission"
KEY_VARIABLE = "COURSE_SEED"
_HIDDEN = re.compile(
    r"^[^\S\n]*### BEGIN HIDDEN TESTS\n.*?^[^\S\n]*### END HIDDEN TESTS\n?",
    re.DOTALL | re.MULTILINE,
)
PREPARED: dict[tuple[str, str], NotebookNode] = {}
"""Notebooks executed beforehand, by learner and notebook."""
_sandboxes: dict[tuple[int, str], Sandbox] = {}


class SubmissionExporter(NotebookExporter):
    """Reads whatever was handed in; what is no notebook counts as an empty one."""

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


def read_submission(path: Path) -> NotebookNode:
    """Read a notebook of which nothing is sure; one that cannot be read is empty, with a note."""
    try:
        raw = read_raw(path, path.parent.resolve())
    except Rejected as rejected:
        return new_notebook(metadata={"course": {"notes": [str(rejected)]}})
    if not isinstance(raw.get("metadata"), dict):
        raw["metadata"] = {}
    notebook = nbformat.from_dict(raw)
    for cell in notebook.cells:
        source = cell.get("source")
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            cell["source"] = "".join(source)
    return notebook


class Rebuild(NbGraderPreprocessor):
    """Puts the learner's own cells into the template; see `course.grading.rebuild`."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Rebuild a submission, with notes to the learner on top."""
        source = nbformat.read(_place(self, resources, "source_directory"), as_version=4)
        released = nbformat.read(_place(self, resources, "release_directory"), as_version=4)
        return put_right(nb, source, released), resources


def put_right(nb: NotebookNode, source: NotebookNode, released: NotebookNode) -> NotebookNode:
    """Rebuild a submission for nbgrader: with its checksums, and notes to the learner on top."""
    rebuilt = rebuild(source, released, nb)
    checksums = {
        cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.get("checksum")
        for cell in released.cells
        if "nbgrader" in cell.metadata
    }
    for cell in rebuilt.notebook.cells:  # nbgrader tells an untouched solution by these
        meta = cell.metadata.get("nbgrader", {})
        if meta.get("solution") and checksums.get(meta["grade_id"]):
            meta["checksum"] = checksums[meta["grade_id"]]
    notes = [*_notes(nb), *rebuilt.notes]
    if notes:
        text = "**Notes on this submission**\n\n" + "\n".join(f"- {note}" for note in notes)
        rebuilt.notebook.cells.insert(0, new_markdown_cell(text, id=NOTES))
    rebuilt.notebook.metadata["course"] = {"notes": notes}
    return rebuilt.notebook


class EngineExecute(NbGraderPreprocessor):
    """Executes a rebuilt notebook in the sandbox; see `course.grading.engine`."""

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
        """Fill in the outputs, those that were prepared for this very notebook or new ones."""
        where = resources["nbgrader"]
        prepared = PREPARED.pop((where["student"], where["notebook"]), None)
        if prepared is not None and _sources(prepared) == _sources(nb):
            return prepared, resources
        require_isolation(self.unsafe)
        template = nbformat.read(_place(self, resources, "source_directory"), as_version=4)
        return _run(nb, template, self.services, self.cpu_seconds), resources


@dataclass(frozen=True)
class Job:
    """One notebook to execute, in whichever process."""

    submission: Path
    source: Path
    released: Path
    services: str
    cpu_seconds: float


def prepare(job: Job) -> NotebookNode:
    """Rebuild and execute one notebook; touches neither gradebook nor files."""
    source = nbformat.read(job.source, as_version=4)
    released = nbformat.read(job.released, as_version=4)
    notebook = put_right(read_submission(job.submission), source, released)
    return _run(notebook, source, job.services, job.cpu_seconds)


def require_isolation(unsafe: bool) -> None:
    """Refuse to run other people's code unprotected, unless the instructor said so.

    Raises
    ------
    CourseError
        If this machine offers no isolation.
    """
    if not unsafe and probe().level == Level.NONE:
        raise CourseError(
            "learner code cannot be isolated on this machine: install bubblewrap (`course "
            "doctor` says what is missing), or set c.EngineExecute.unsafe = True in "
            "nbgrader_config.py if you would run every one of these submissions yourself."
        )


def _run(
    notebook: NotebookNode, template: NotebookNode, services: str, cpu_seconds: float
) -> NotebookNode:
    environment = {k: os.environ[k] for k in (KEY_VARIABLE,) if k in os.environ}
    return execute(
        notebook,
        template,
        shared_sandbox(services),
        limits=Limits(cell_cpu=cpu_seconds),
        environment=environment,
    )


def _sources(nb: NotebookNode) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in nb.cells]


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


def _notes(nb: NotebookNode) -> list[str]:
    """What intake noted of the file."""
    metadata = nb.get("metadata")
    course = metadata.get("course") if isinstance(metadata, dict) else None
    notes = course.get("notes") if isinstance(course, dict) else None
    return [n for n in notes if isinstance(n, str)] if isinstance(notes, list) else []


def shared_sandbox(services: str) -> Sandbox:
    """The sandbox of this process, whose warm process serves one submission after another."""
    mine = (os.getpid(), services)  # a forked process must not talk to its parent's
    if mine not in _sandboxes:
        sandbox = _sandboxes[mine] = Sandbox(services=services)
        Finalize(None, sandbox.close, exitpriority=10)  # in worker processes too
    return _sandboxes[mine]


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
    config.Autograde.sanitize_preprocessors = [Rebuild, CheckCellMetadata]
    config.Autograde.autograde_preprocessors = [
        EngineExecute,
        RememberFailures,
        IgnorePattern,
        LimitOutput,
        SaveAutoGrades,
        AssignLatePenalties,
        CheckCellMetadata,
    ]
    config.GenerateFeedback.preprocessors = [ConcealTests, GetGrades, CSSHTMLHeaderPreprocessor]
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
