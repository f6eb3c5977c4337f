"""Put a submission right: the template, with only the learner's own cells put back in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from course.grading.amends import notes_on_cells, notes_on_exercises
from course.grading.recognise import (
    Given,
    Slot,
    assign,
    is_graded,
    make_slots,
    read_cells,
    role,
    section_names,
)

OWN = "learner-"
"""Ids of the learner's extra cells in a rebuilt notebook begin with this."""

_MAKERS = {"code": new_code_cell, "markdown": new_markdown_cell}


@dataclass(frozen=True)
class Rebuilt:
    """A submission put right.

    Attributes
    ----------
    notebook : NotebookNode
        The template's cells, each once and in the template's order, with the learner's answers,
        and the learner's extra cells, whose ids begin with `OWN`, without metadata.
    notes : list of str
        What had to be put right, a sentence each, for the learner. Empty for an honest notebook.
    """

    notebook: NotebookNode
    notes: list[str]


def rebuild(source: NotebookNode, released: NotebookNode, submitted: object) -> Rebuilt:
    """Put the learner's own cells of a submission into the template, and nothing else of it.

    Parameters
    ----------
    source : NotebookNode
        The template: the instructor's notebook with its hidden tests.
    released : NotebookNode
        What was made from it for learners.
    submitted : object
        What came back, parsed as JSON: a notebook, or anything else. Nothing of it is trusted.

    Returns
    -------
    Rebuilt
        Locked cells and prose are the template's, and so are all metadata. A solution cell holds
        what the learner wrote; a missing one is as it was released. A code cell that is neither
        locked nor a solution holds what the learner made of it. Extra cells follow the cell that
        they followed in the submission; prose that the learner changed, and a second version of a
        solution, are such cells too. Outputs are dropped.

    Raises
    ------
    CourseError
        If `released` lacks a solution cell of `source`. No submission raises anything.
    """
    notebook = from_dict(source)  # a copy, in a tenth of deepcopy's time
    notebook.nbformat_minor = max(5, notebook.nbformat_minor)
    _prepare(notebook.cells)
    slots = make_slots(notebook.cells, released)
    handed_in = read_cells(submitted)
    given = [cell for cell in handed_in if "no cell" not in cell.faults]
    assign(slots, given)
    own: dict[int, list[NotebookNode]] = defaultdict(list)  # by the index of the cell they follow
    ids, anchor = _own_ids(slots), -1
    for cell in given:
        if cell.slot and cell.slot.chosen is cell:
            anchor = cell.slot.index
        if _is_own(cell):
            own[anchor].append(_own_cell(cell, next(ids)))
    notebook.cells = list(own[-1])
    for slot in slots:
        _fill(slot)
        notebook.cells += [slot.cell, *own[slot.index]]
    notes = [*notes_on_exercises(slots, given), *notes_on_cells(handed_in)]
    if not handed_in:
        notes.insert(0, "Not one cell could be read from the notebook, so it counts as empty.")
    return Rebuilt(notebook, notes)


def sections(notebook: NotebookNode) -> dict[str, list[int]]:
    """Which code cells are run together: the positions of each section's, in order.

    Parameters
    ----------
    notebook : NotebookNode
        A rebuilt notebook, or its template.

    Returns
    -------
    dict of str to list of int
        By ``metadata.course.section``. A cell without it belongs to the section it stands in, and
        a notebook without any is one section, ``notebook``. Cells tagged ``demo`` are left out.
        Setup cells (locked, not graded, before the first section with an exercise) are in every
        section, and so are a learner's own cells right behind one, where people put imports. A
        section with nothing else to run is left out, unless there is no other.
    """
    cells, names = notebook.cells, section_names(notebook.cells)
    exercises = [i for i, cell in enumerate(cells) if role(cell) == "solution" or is_graded(cell)]
    start = names.index(names[exercises[0]]) if exercises else 0
    code = [i for i, cell in enumerate(cells) if cell.cell_type == "code"]
    shared, behind_setup = [], False
    for i, cell in enumerate(cells[:start]):
        if not cell.get("id", "").startswith(OWN):
            behind_setup = i in code and role(cell) == "locked"
        if behind_setup and i in code:
            shared.append(i)
    groups: dict[str, list[int]] = {}
    for i in code:
        if i not in shared and "demo" not in cells[i].metadata.get("tags", []):
            groups.setdefault(names[i], []).append(i)
    if shared and not groups:
        groups = {names[shared[0]]: []}
    return {name: sorted(shared + positions) for name, positions in groups.items()}


def _prepare(cells: list[NotebookNode]) -> None:
    """Give an id to each cell that has none (older formats), and drop outputs."""
    for number, cell in enumerate(cells, start=1):
        cell.setdefault("id", f"cell-{number}")
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def _own_ids(slots: list[Slot]) -> Iterator[str]:
    taken = {slot.cell.id for slot in slots}
    return (f"{OWN}{number}" for number in count(1) if f"{OWN}{number}" not in taken)


def _is_own(cell: Given) -> bool:
    """Whether `cell` stays as a cell of the learner's own."""
    slot = cell.slot
    if slot is None:
        return True
    if slot.role == "plain":  # a note in the prose, or an answer typed into the question
        return slot.cell.cell_type != "code" and slot.is_changed(cell.text)
    another = slot.role == "solution" and slot.chosen is not cell and slot.is_changed(cell.text)
    return another and cell.text != slot.chosen.text


def _own_cell(cell: Given, id_: str) -> NotebookNode:
    made = _MAKERS.get(cell.kind, new_raw_cell)(cell.text, id=id_)
    if cell.kind == "markdown" and cell.pictures:
        made.attachments = NotebookNode(cell.pictures)
    return made


def _fill(slot: Slot) -> None:
    """Put into the template's cell what the learner wrote for it."""
    cell, chosen = slot.cell, slot.chosen
    if slot.role == "solution":
        cell.source = chosen.text if chosen else slot.released
        if chosen and chosen.pictures and cell.cell_type == "markdown":
            cell.attachments = NotebookNode(chosen.pictures)
    elif slot.role == "plain" and cell.cell_type == "code" and chosen:
        cell.source = chosen.text
