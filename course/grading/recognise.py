"""Recognise the template's cells in a submission, whatever happened to them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from course.grading.assignment import exercise_of
from course.grading.errors import CourseError

WHOLE = "notebook"
"""Name of the one section of a notebook whose cells name no section."""

PICTURE_LIMIT = 5_000_000
"""Characters (base64) of pictures pasted into markdown cells, in a whole notebook."""

_DEFINES = re.compile(r"^(?:async +def|def|class) +(\w+)", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*$", re.MULTILINE)


@dataclass(eq=False)
class Given:
    """A submitted cell, as far as it could be read."""

    number: int
    kind: str = ""
    text: str = ""
    id: str = ""
    meta: dict[str, Any] = field(default_factory=dict)
    """Its nbgrader metadata."""
    pictures: dict[str, dict[str, str]] = field(default_factory=dict)
    faults: set[str] = field(default_factory=set)
    slot: Slot | None = None
    """The template's cell that it is; None where it is the learner's own."""
    by_name: bool = False
    """It was taken for a solution only because it defines the solution's name."""


@dataclass(eq=False)
class Slot:
    """A cell of the template, and what was handed in for it."""

    index: int
    cell: NotebookNode
    role: str
    """solution, locked or plain"""
    released: str
    section: str
    exercise: str
    title: str
    """The exercise in words."""
    given: list[Given] = field(default_factory=list)
    chosen: Given | None = None
    """The one of `given` that counts."""

    def is_changed(self, text: str) -> bool:
        """Whether `text` is neither what was given out nor, but for solutions, the template's."""
        originals = [self.released, *([self.cell.source] if self.role != "solution" else [])]
        return _squeezed(text) not in map(_squeezed, originals)


def read_cells(submitted: object) -> list[Given]:
    """What can be read of a submission's cells; each says what was wrong with it.

    Parameters
    ----------
    submitted : object
        Anything that JSON can say.
    """
    cells = submitted.get("cells") if isinstance(submitted, dict) else None
    read, room = [], PICTURE_LIMIT
    for number, raw in enumerate(cells if isinstance(cells, list) else [], start=1):
        cell = _read_cell(number, raw if isinstance(raw, dict) else {})
        if not isinstance(raw, dict):
            cell.faults = {"no cell"}
        elif raw.get("attachments"):
            cell.pictures, whole = _pictures(raw["attachments"], room)
            room -= sum(len(data) for kinds in cell.pictures.values() for data in kinds.values())
            cell.faults |= set() if whole else {"pictures"}
        read.append(cell)
    return read


def _read_cell(number: int, raw: dict[str, Any]) -> Given:
    kind, id_, source = raw.get("cell_type"), raw.get("id"), raw.get("source")
    metadata = raw.get("metadata", {})
    meta = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    faults = {
        "no text": not all(isinstance(line, str) for line in lines),
        "no kind": kind not in ("code", "markdown", "raw"),
        "foreign": bool(meta) or not isinstance(metadata, dict),
    }
    return Given(
        number,
        kind if isinstance(kind, str) else "",
        text.encode("utf-8", "backslashreplace").decode(),  # lone surrogates cannot be written
        id_ if isinstance(id_, str) else "",
        meta if isinstance(meta, dict) else {},
        faults={fault for fault, there in faults.items() if there},
    )


def _pictures(attachments: object, room: int) -> tuple[dict[str, dict[str, str]], bool]:
    """The attachments that are pictures, as many as there is room for, and whether that is all."""
    if not isinstance(attachments, dict):
        return {}, False
    kept: dict[str, dict[str, str]] = {}
    for name, bundle in attachments.items():
        kinds = bundle.items() if isinstance(bundle, dict) else ()
        size = sum(len(data) for _, data in kinds if isinstance(data, str))
        sound = all(kind.startswith("image/") and isinstance(data, str) for kind, data in kinds)
        if kinds and sound and size <= room:
            kept[name] = dict(bundle)
            room -= size
    return kept, len(kept) == len(attachments)


def make_slots(cells: list[NotebookNode], released: NotebookNode) -> list[Slot]:
    """The template's cells; all have ids.

    Raises
    ------
    CourseError
        If `released` lacks a solution cell.
    """
    given_out = {nbgrader(c).get("grade_id") or c.get("id"): c.source for c in released.cells}
    solutions = [nbgrader(c)["grade_id"] for c in cells if role(c) == "solution"]
    if lacking := [id_ for id_ in solutions if id_ not in given_out]:
        raise CourseError(f"the release lacks {lacking[0]}: build it anew from its source.")
    slots: list[Slot] = []
    titles: dict[str, str] = {}
    latest, before = "", None
    for i, (cell, section) in enumerate(zip(cells, section_names(cells), strict=True)):
        id_, exercise = nbgrader(cell).get("grade_id", ""), ""
        if role(cell) == "solution":
            exercise = latest = id_
            titles[id_] = _heading(before) or _heading(cell) or id_
        elif role(cell) == "locked":
            exercise = exercise_of(id_, solutions) or (is_graded(cell) and latest) or id_
        text = given_out.get(id_ or cell.id, cell.source)
        title = titles.get(exercise, exercise)
        slots.append(Slot(i, cell, role(cell), text, section, exercise, title))
        before = cell
    return slots


def nbgrader(cell: NotebookNode) -> dict[str, Any]:
    """A cell's nbgrader metadata; for cells of the template only."""
    return cell.metadata.get("nbgrader") or {}


def is_graded(cell: NotebookNode) -> bool:
    """Whether a cell of the template carries points."""
    return bool(nbgrader(cell).get("grade"))


def role(cell: NotebookNode) -> str:
    """Whether a cell of the template is a solution, locked or plain."""
    meta = nbgrader(cell)
    if meta.get("solution"):
        return "solution"
    return "locked" if any(meta.get(key) for key in ("grade", "locked", "task")) else "plain"


def section_names(cells: list[NotebookNode]) -> list[str]:
    """The section that each cell stands in."""
    named = [cell.metadata.get("course", {}).get("section") for cell in cells]
    name = next(filter(None, named), WHOLE)
    return [name := here or name for here in named]


def _heading(cell: NotebookNode | None) -> str:
    found = cell and cell.cell_type == "markdown" and _HEADING.search(cell.source)
    return found[1].replace("`", "")[:80] if found else ""


def _squeezed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()).strip()


def assign(slots: list[Slot], given: list[Given]) -> None:
    """Find the template's cell that each submitted cell is, and choose where there are several.

    In this order: grade id or cell id of a solution or locked cell; the very text of a cell not
    yet found; cell id of a plain cell; the name that a missing solution should define.
    """
    by_id = {slot.cell.id: slot for slot in slots}
    marked = {nbgrader(slot.cell)["grade_id"]: slot for slot in slots if slot.role != "plain"}
    by_text: dict[str, list[Slot]] = defaultdict(list)
    for slot in slots:
        for text in {_squeezed(slot.released), _squeezed(slot.cell.source)} - {""}:
            by_text[text].append(slot)
    unsure = []
    for cell in given:
        grade_id, same = cell.meta.get("grade_id"), by_id.get(cell.id)
        claims = [
            same if same and same.role != "plain" else None,
            marked.get(grade_id) if isinstance(grade_id, str) else None,
        ]
        claimed = list(dict.fromkeys(filter(None, claims)))
        if len(claimed) == 2:
            unsure.append((cell, claimed))
        else:
            _put(cell, (), *claimed)
    for cell, claimed in unsure:  # the two ids differ: the cell id is harder to change
        _put(cell, claimed, claimed[0])
    for cell in given:
        if not cell.slot:
            _put(cell, by_text.get(_squeezed(cell.text), ()))
    for cell in given:
        same = by_id.get(cell.id)
        if not cell.slot and same and same.role == "plain" and same.cell.cell_type == cell.kind:
            _put(cell, [same])
    _assign_by_name(slots, given)
    for slot in slots:
        slot.given.sort(key=lambda cell: cell.number)
        slot.chosen = _choose(slot)


def _put(cell: Given, candidates: Iterable[Slot], otherwise: Slot | None = None) -> None:
    """Assign `cell` to the first candidate that has none yet."""
    cell.slot = next((slot for slot in candidates if not slot.given), otherwise)
    if cell.slot:
        cell.slot.given.append(cell)


def _assign_by_name(slots: list[Slot], given: list[Given]) -> None:
    """For a missing solution take a cell of the same section that defines what it should."""
    missing = [slot for slot in slots if slot.role == "solution" and not slot.given]
    section = slots[0].section if slots else WHOLE
    for cell in given:
        section = cell.slot.section if cell.slot else section
        names = set(_DEFINES.findall(cell.text))
        for slot in missing if not cell.slot and cell.kind == "code" else ():
            if slot.section == section and names & set(_DEFINES.findall(slot.released)):
                missing.remove(slot)
                slot.given.append(cell)
                cell.slot, cell.by_name = slot, True
                break


def _choose(slot: Slot) -> Given | None:
    """The first version that is no untouched stub; of other cells the one that is no copy."""
    if slot.role != "solution":
        return next((c for c in slot.given if c.id == slot.cell.id), next(iter(slot.given), None))
    tried = [cell for cell in slot.given if slot.is_changed(cell.text)]
    tried.sort(key=lambda cell: cell.kind != slot.cell.cell_type)
    return next(iter(tried or slot.given), None)
