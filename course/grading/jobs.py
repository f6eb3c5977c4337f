"""One submitted notebook as a job: plain text in, plain text out, whichever process does it.

A job is JSON and holds all that a result depends on: the notebook as it was handed in, the
instructor's notebook and its release, the limits, the test data's key, and the versions it must be
graded with. It names no file, and doing it touches none: not the gradebook, not a submission.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from multiprocessing.util import Finalize
from pathlib import Path

import nbformat
import numpy
import torch
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook

from course import __version__
from course.grading.engine import execute
from course.grading.errors import CourseError
from course.grading.isolation import Level, probe
from course.grading.reading import Rejected, read_raw
from course.grading.rebuild import rebuild
from course.grading.sandbox import Limits, Sandbox

NOTES = "notes-on-this-submission"
KEY_VARIABLE = "COURSE_SEED"
_PACKAGE = Path(__file__).parents[1]
_sandboxes: dict[tuple[int, str], Sandbox] = {}
_isolates = False  # found out by trying, and kept where it is so


@dataclass(frozen=True)
class Job:
    """One notebook to rebuild and execute.

    Attributes
    ----------
    notebook, source, released : str
        The notebook that was handed in, the instructor's and its release, each as JSON.
    notes : tuple of str
        What the learner is to be told before anything else.
    services : str
        See `Sandbox`.
    cpu_seconds : float
        CPU time of a cell, where the template's cell says nothing else.
    key : str or None
        What ``COURSE_SEED`` is for the tests.
    versions : dict of str to str
        What it must be graded with, see `versions`; anything where empty.
    """

    notebook: str
    source: str
    released: str
    notes: tuple[str, ...]
    services: str
    cpu_seconds: float
    key: str | None = field(default_factory=lambda: os.environ.get(KEY_VARIABLE))
    versions: dict[str, str] = field(default_factory=dict)

    def dumps(self) -> str:
        """Return the job as JSON."""
        return json.dumps(asdict(self))


def do(job: str, *, unsafe: bool = False) -> str:
    """Do a job.

    Parameters
    ----------
    job : str
        What `Job.dumps` gives.
    unsafe : bool
        Do it also where this machine offers no isolation.

    Returns
    -------
    str
        JSON with one key: ``notebook``, the executed notebook; ``problem``, why this one could not
        be graded; or ``refused``, why no notebook can be graded here.
    """
    try:
        given = Job(**json.loads(job))
        _same_versions(given.versions)
        require_isolation(unsafe)
        return json.dumps({"notebook": _execute(given)})
    except CourseError as error:
        return json.dumps({"refused": str(error)})
    except Exception as error:
        return json.dumps({"problem": f"grading it stopped with {type(error).__name__}: {error}"})


def _execute(job: Job) -> NotebookNode:
    source, released = _course_notebook(job.source), _course_notebook(job.released)
    submitted = nbformat.from_dict(json.loads(job.notebook))
    notebook = put_right(submitted, source, released, job.notes)
    return execute(
        notebook,
        source,
        shared_sandbox(job.services),
        limits=Limits(cell_cpu=job.cpu_seconds),
        environment={} if job.key is None else {KEY_VARIABLE: job.key},
    )


@functools.lru_cache(8)
def _course_notebook(text: str) -> NotebookNode:
    """Read an instructor's notebook, once for all submissions; not to be changed."""
    return nbformat.reads(text, as_version=4)


@functools.cache
def versions() -> dict[str, str]:
    """Return the versions that scores may depend on: Python, libraries, the course's own code."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        if path.relative_to(_PACKAGE).parts[0] not in ("lessons", "build"):
            digest.update(path.read_bytes())
    return {
        "course": f"{__version__} ({digest.hexdigest()[:12]})",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
    }


def _same_versions(wanted: dict[str, str]) -> None:
    if not wanted:
        return
    mine = versions()
    different = [
        f"{name} {mine.get(name, 'missing')} instead of {version}"
        for name, version in wanted.items()
        if mine.get(name) != version
    ]
    if different:
        raise CourseError(
            f"scores could differ, because it has {', '.join(different)}: install the same there."
        )


def require_isolation(unsafe: bool) -> None:
    """Refuse to run other people's code unprotected, unless the instructor said so.

    Raises
    ------
    CourseError
        If this machine offers no isolation.
    """
    global _isolates
    if unsafe or _isolates:
        return
    _isolates = probe().level > Level.NONE
    if not _isolates:
        raise CourseError(
            "learner code cannot be isolated on this machine: install bubblewrap (`course "
            "doctor` says what is missing), or say --unsafe if you would run every one of these "
            "submissions yourself (for nbgrader's own commands: c.EngineExecute.unsafe = True in "
            "nbgrader_config.py)."
        )


def read_submission(path: Path) -> NotebookNode:
    """Read a notebook of which nothing is sure; one that cannot be read is empty, with a note.

    What the notebook itself says in the place of such notes is dropped.
    """
    try:
        raw = read_raw(path, path.parent.resolve())
    except Rejected as rejected:
        return new_notebook(metadata={"course": {"notes": [str(rejected)]}})
    if not isinstance(raw.get("metadata"), dict):
        raw["metadata"] = {}
    raw["metadata"].pop("course", None)
    notebook = nbformat.from_dict(raw)
    for cell in notebook.cells:
        source = cell.get("source")
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            cell["source"] = "".join(source)
    return notebook


def put_right(
    nb: NotebookNode, source: NotebookNode, released: NotebookNode, notes: Sequence[str] = ()
) -> NotebookNode:
    """Rebuild a submission for nbgrader: with its checksums, and notes to the learner on top.

    Parameters
    ----------
    nb : NotebookNode
        What `read_submission` gave.
    source, released : NotebookNode
        See `rebuild`.
    notes : sequence of str
        What to tell the learner first.

    Returns
    -------
    NotebookNode
        All notes are also in its ``metadata.grading.notes``.
    """
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
    of_reader = nb.metadata.get("course", {}).get("notes", [])
    notes = [*notes, *of_reader, *rebuilt.notes]
    if notes:
        text = "**Notes on this submission**\n\n" + "\n".join(f"- {note}" for note in notes)
        rebuilt.notebook.cells.insert(0, new_markdown_cell(text, id=NOTES))
    rebuilt.notebook.metadata["grading"] = {"notes": notes}
    return rebuilt.notebook


def shared_sandbox(services: str) -> Sandbox:
    """The sandbox of this process, whose warm process serves one submission after another."""
    mine = (os.getpid(), services)  # a forked process must not talk to its parent's
    if mine not in _sandboxes:
        sandbox = _sandboxes[mine] = Sandbox(services=services)
        Finalize(None, sandbox.close, exitpriority=10)
    return _sandboxes[mine]
