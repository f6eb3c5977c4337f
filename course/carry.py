"""Carry a learner's work from their copy of a notebook into a newer release of it."""

from __future__ import annotations

import copy
import hashlib
import uuid

from nbformat import NotebookNode


def carry_over(old: NotebookNode, new: NotebookNode, released: dict[str, str]) -> NotebookNode:
    """Put the learner's answers and their own cells into a new release.

    Parameters
    ----------
    old : NotebookNode
        The learner's copy.
    new : NotebookNode
        The new release; it is not changed.
    released : dict of str to str
        Cell id to `source_hash`, in the release that `old` was copied from. It tells a learner's
        cells from the course's, and an answer from an untouched stub. When it is empty (nobody
        knows what `old` was copied from), what `new` does not hold counts as the learner's.

    Returns
    -------
    NotebookNode
        The new release with the learner's answers in its solution cells. A cell that the learner
        added comes after the cell it followed, or after the nearest one before that still exists;
        so does an answer whose exercise is gone, or a second copy of one, as an ordinary cell.
    """
    result = copy.deepcopy(new)
    targets = {_key(cell): cell for cell in result.cells}
    ids = set(released) or {cell.id for cell in new.cells}
    sources = set(released.values()) or {source_hash(cell) for cell in new.cells}
    answers = _answers(old, targets)
    taken = {cell.id for cell in new.cells}

    own: dict[str, list[NotebookNode]] = {}  # key of the cell they follow, "" for the top
    anchor = ""
    for cell in old.cells:
        key, id_ = _key(cell), cell.get("id", "")
        if answers.get(key) is cell:
            if released.get(id_) != source_hash(cell):
                _answer(targets[key], cell)
        elif id_ in ids if id_ else source_hash(cell) in sources:
            if _is_solution(cell) and released.get(id_) != source_hash(cell):
                own.setdefault(anchor, []).append(_plain(cell, taken))  # its exercise is gone
        elif not _is_known_copy(cell, targets):
            own.setdefault(anchor, []).append(_plain(cell, taken))
        if key in targets:
            anchor = key
    result.cells = list(own.get("", []))
    for key, cell in targets.items():
        result.cells += [cell, *own.get(key, [])]
    return result


def source_hash(cell: NotebookNode) -> str:
    """SHA-256 of a cell's source, in hexadecimal."""
    return hashlib.sha256(cell.source.encode()).hexdigest()


def _key(cell: NotebookNode) -> str:
    """What names a cell over releases: its grade id, or its id."""
    return cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id", "")


def _is_solution(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def _answers(old: NotebookNode, targets: dict[str, NotebookNode]) -> dict[str, NotebookNode]:
    """The answer to each exercise of the new release; of several copies the one with its id."""
    answers: dict[str, NotebookNode] = {}
    for cell in old.cells:
        target = targets.get(_key(cell))
        if target is None or not (_is_solution(cell) and _is_solution(target)):
            continue
        if _key(cell) not in answers or cell.get("id") == target.id:
            answers[_key(cell)] = cell
    return answers


def _is_known_copy(cell: NotebookNode, targets: dict[str, NotebookNode]) -> bool:
    """Whether `cell` is one of the new release's locked cells, unchanged, under another id."""
    target = targets.get(_key(cell))
    return target is not None and not _is_solution(cell) and target.source == cell.source


def _answer(target: NotebookNode, cell: NotebookNode) -> None:
    target.source = cell.source
    if "attachments" in cell:  # pictures pasted into a written answer
        target.attachments = cell.attachments


def _plain(cell: NotebookNode, taken: set[str]) -> NotebookNode:
    """A copy of `cell` that nbgrader has no part in, with an id that is not in `taken` yet."""
    plain = copy.deepcopy(cell)
    plain.metadata.pop("nbgrader", None)
    if plain.get("id", "") in taken | {""}:
        plain.id = uuid.uuid4().hex[:8]
    taken.add(plain.id)
    return plain
