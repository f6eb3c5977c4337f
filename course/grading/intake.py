"""Looks at every submission before anything in it is run, and stages a clean copy for nbgrader.

Whatever is wrong with a file is said in one sentence that its learner can act on. `submitted/`
itself is never changed.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from course.grading.assignment import Assignment, Notebook
from course.grading.errors import UsageError
from course.grading.reading import SIZE_LIMIT, Rejected, read_raw

_PLAIN_NAME = re.compile(r"\w([\w.@' -]{0,98}\w)?")
_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_OF_CODE = {"execution_count": None, "outputs": []}


@dataclass(frozen=True)
class Submission:
    """What one learner handed in, as intake found it."""

    learner: str
    problem: str | None = None
    notes: tuple[str, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    """(notebook, grade id) of the cells of notebooks that were not handed in."""
    digest: str = ""
    """Changes when, and only when, something that is graded changes."""
    nameable: bool = True
    """False where the folder's name cannot be a learner's name, so nothing is kept under it."""


@dataclass
class _Findings:
    notes: list[str] = field(default_factory=list)
    missing: list[tuple[str, str]] = field(default_factory=list)


def is_plain_name(learner: str) -> bool:
    """Whether `learner` can name a folder and a row of the gradebook."""
    return _PLAIN_NAME.fullmatch(learner) is not None and ".." not in learner


def find_learners(
    submitted: Path, assignment: str, only: Sequence[str] | None = None
) -> tuple[list[str], list[str]]:
    """Names under `submitted` with something for `assignment`, and names without.

    Raises
    ------
    UsageError
        There are no submissions, or a learner named in `only` has none.
    """
    for learner in only or ():
        if not is_plain_name(learner):
            raise UsageError(f"{learner!r} is not a learner's name: {_NAME_RULE}.")
    expected = f"{submitted}/<learner>/{assignment}/<notebook>.ipynb"
    entries = sorted(submitted.iterdir()) if submitted.is_dir() else []
    entries = [entry for entry in entries if not entry.name.startswith(".")]
    # a notebook lying beside the learners' folders was meant to be in one of them
    present = [
        entry.name for entry in entries if (entry / assignment).is_dir() or entry.suffix == ".ipynb"
    ]
    absent = [entry.name for entry in entries if entry.is_dir() and entry.name not in present]
    if not present:
        raise UsageError(f"there are no submissions for {assignment}; expected {expected}.")
    for learner in only or ():
        if learner not in present:
            raise UsageError(
                f"{learner} handed in nothing for {assignment}; expected "
                f"{submitted}/{learner}/{assignment}/<notebook>.ipynb."
            )
    return present, absent


_NAME_RULE = "use letters, digits, and . _ - @ ' or spaces between them, 100 characters at most"


def take_in(submitted: Path, assignment: Assignment, learner: str, staged: Path) -> Submission:
    """Check one submission and write a clean copy of it below `staged`.

    The copy holds cells with their source and nbgrader metadata and nothing else: no outputs, no
    tags, no links. A submission that cannot be graded comes back with its `problem`, and nothing
    is staged for it.
    """
    if not is_plain_name(learner):
        return Submission(
            learner, f"{learner!r} cannot be a learner's name: {_NAME_RULE}.", nameable=False
        )
    home = submitted.resolve() / learner / assignment.name
    if not home.is_dir():
        problem = f"A notebook lies outside a learner's folder: move it to {_place(assignment)}."
        return Submission(learner, problem, nameable=False)
    found = _Findings()
    target = staged / learner / assignment.name
    try:
        clean = _collect(home, assignment, found)
    except Rejected as rejected:
        return Submission(learner, str(rejected), tuple(found.notes))
    except OSError as error:
        return Submission(learner, f"The submission cannot be read: {error.strerror}.")
    target.mkdir(parents=True)
    for name, content in clean.items():
        (target / name).write_bytes(content)
    digest = hashlib.sha256()
    for name, content in sorted(clean.items()):
        digest.update(f"{name}:{len(content)}:".encode() + content)
    digest.update("\n".join(found.notes).encode("utf-8", "backslashreplace"))
    return Submission(
        learner,
        None,
        tuple(found.notes),
        tuple(found.missing),
        digest.hexdigest(),
    )


def _place(assignment: Assignment) -> str:
    return f"<learner>/{assignment.name}/{assignment.notebooks[0].name}.ipynb"


def _collect(home: Path, assignment: Assignment, found: _Findings) -> dict[str, bytes]:
    """The files to stage: name -> content."""
    files = [path for path in sorted(home.iterdir()) if not path.name.startswith(".")]
    notebooks = {path.stem: path for path in files if path.suffix == ".ipynb"}
    wanted = {notebook.name: notebook for notebook in assignment.notebooks}
    read = {name: read_raw(path, home) for name, path in notebooks.items() if name in wanted}
    strangers = {name: path for name, path in notebooks.items() if name not in wanted}
    for name in wanted.keys() - read.keys():
        read |= _renamed(home, wanted[name], strangers, found)
    if not read:
        raise Rejected(_nothing(wanted, files))
    for name in sorted(wanted.keys() - read.keys()):
        found.notes.append(f"{name}.ipynb was not handed in, so it has no points.")
        found.missing += [(name, cell.grade_id) for cell in wanted[name].cells]
    used = sum(name in notebooks for name in read)
    if strangers and used == len(read):
        others = ", ".join(f"{name}.ipynb" for name in strangers)
        found.notes.append(f"Not graded, because the assignment has no such notebook: {others}.")
    clean = {f"{name}.ipynb": _clean(raw, wanted[name]) for name, raw in read.items()}
    for path in files:
        if path.suffix != ".ipynb" and path.is_file() and not path.is_symlink():
            if path.stat().st_size > SIZE_LIMIT:
                found.notes.append(f"{path.name} is larger than 50 MB and was left out.")
            else:
                clean[path.name] = path.read_bytes()
    return clean


def _renamed(
    home: Path, notebook: Notebook, strangers: dict[str, Path], found: _Findings
) -> dict[str, dict]:
    """The one notebook with another name that holds this notebook's cells, if there is one."""
    ours = set(notebook.grade_ids)
    candidates, reasons = {}, []
    for name, path in strangers.items():
        try:
            raw = read_raw(path, home)
        except Rejected as rejected:
            reasons.append(rejected)
            continue
        if ours & set(_grade_ids(raw["cells"])):
            candidates[name] = raw
    if len(candidates) > 1:
        names = ", ".join(f"{name}.ipynb" for name in candidates)
        raise Rejected(
            f"Several notebooks could be {notebook.name}.ipynb ({names}): hand in one, "
            "under that name."
        )
    if candidates:
        ((name, raw),) = candidates.items()
        found.notes.append(
            f"Your file was called {name}.ipynb; it was graded as {notebook.name}.ipynb."
        )
        return {notebook.name: raw}
    if reasons and len(strangers) == 1:
        raise reasons[0]
    return {}


def _nothing(wanted: dict[str, Notebook], files: list[Path]) -> str:
    names = " and ".join(f"{name}.ipynb" for name in wanted)
    if any(path.suffix == ".ipynb" for path in files):
        others = ", ".join(path.name for path in files if path.suffix == ".ipynb")
        return (
            f"{names} is missing, and {others} holds none of this assignment's cells: hand in "
            "the notebook that you worked in."
        )
    there = ", ".join(path.name for path in files[:3])
    return f"{names} is missing: " + (
        f"there is {there}, but no notebook." if there else "the folder is empty."
    )


def _nbgrader(cell: dict) -> dict:
    meta = cell.get("metadata")
    meta = meta.get("nbgrader") if isinstance(meta, dict) else None
    return meta if isinstance(meta, dict) and isinstance(meta.get("grade_id"), str) else {}


def _grade_ids(cells: list[dict]) -> list[str]:
    return [meta["grade_id"] for cell in cells if (meta := _nbgrader(cell))]


def _clean(raw: dict, notebook: Notebook) -> bytes:
    """The staged notebook: sources, nbgrader metadata and ids; no outputs, no tags, no links."""
    cells, seen = [], set()
    for number, cell in enumerate(raw["cells"], start=1):
        id_ = cell.get("id")
        if not isinstance(id_, str) or not _CELL_ID.fullmatch(id_) or id_ in seen:
            id_ = f"submitted-{number}"
        seen.add(id_)
        source = cell["source"]
        text, meta = source if isinstance(source, str) else "".join(source), _nbgrader(cell)
        made = {
            "cell_type": cell["cell_type"],
            "id": id_,
            "metadata": {"nbgrader": meta} if meta else {},
            "source": text.splitlines(keepends=True),
        }
        cells.append(made | (_OF_CODE if cell["cell_type"] == "code" else {}))
    clean = {"cells": cells, "metadata": notebook.metadata, "nbformat": 4, "nbformat_minor": 5}
    # as nbformat writes it, which would look at each cell several times
    written = json.dumps(clean, ensure_ascii=False, indent=1, sort_keys=True)
    return written.encode("utf-8", "backslashreplace")
