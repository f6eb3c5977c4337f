"""What had to be put right in a submission, told to its learner."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict

from course.grading.recognise import Given, Slot, nbgrader

_OF_EXERCISES = {  # about one cell of an exercise, about several
    "deleted": (
        "was deleted; it is back as it was given out",
        "were deleted; they are back as they were given out",
    ),
    "by name": (
        "was deleted or lost its id; your cell that defines the same name stands in its place",
        "",
    ),
    "retyped": ("was turned into another kind of cell; what you wrote in it counts", ""),
    "versions": (
        "is there more than once; the first one that you changed counts, and other versions "
        "became cells of your own",
        "",
    ),
    "copied": (
        "is there more than once; the copies were left out",
        "are there more than once; the copies were left out",
    ),
    "changed": ("was changed; the original counts", "were changed; the originals count"),
    "unmarked": (
        "lost or changed its nbgrader metadata; that was put right",
        "lost or changed their nbgrader metadata; that was put right",
    ),
    "moved": ("was moved; it is back in its place", "were moved; they are back in their places"),
}
_OF_CELLS = {  # about other cells
    "no cell": ("is not a notebook cell; it was left out", "are not notebook cells; left out"),
    "no text": (
        "holds text that cannot be read; that text was left out",
        "hold text that cannot be read; that text was left out",
    ),
    "no kind": (
        "is of no known kind; it was kept as raw text",
        "are of no known kind; they were kept as raw text",
    ),
    "pictures": (
        "has attachments that are not pictures, or too large (5 MB in all); they were left out",
        "have attachments that are not pictures, or too large (5 MB in all); they were left out",
    ),
    "foreign": (
        "has metadata that is not of this notebook; it was kept as a cell of your own",
        "have metadata that is not of this notebook; they were kept as cells of your own",
    ),
}


def notes_on_exercises(slots: list[Slot], given: list[Given]) -> list[str]:
    """A sentence for each exercise and each thing that was wrong with cells of it.

    Nothing in a sentence comes from the submission.
    """
    ours = [slot for slot in slots if slot.role != "plain"]
    moved = _out_of_order([c.slot.index for c in given if c.slot in ours and c.slot.chosen is c])
    faults: dict[str, dict[str, list[Slot]]] = {}
    for slot in ours:
        for fault in _faults(slot, slot.index in moved):
            faults.setdefault(slot.exercise, {}).setdefault(fault, []).append(slot)
    notes = []
    for of_exercise in faults.values():
        for fault, sentence in _OF_EXERCISES.items():
            if cells := of_exercise.get(fault):
                said = sentence[len(cells) > 1]
                notes.append(f"{cells[0].title}: {_listed(cells)} {said}.")
    return notes


def notes_on_cells(given: list[Given]) -> list[str]:
    """A sentence for each fault that has nothing to do with an exercise."""
    numbers = defaultdict(list)
    for cell in given:
        for fault in cell.faults:
            if cell.slot is None or fault in ("no text", "pictures"):
                numbers[fault].append(cell.number)
    notes = []
    for fault, sentence in _OF_CELLS.items():
        if found := numbers[fault]:
            shown = ", ".join(map(str, found[:5])) + (", ..." if len(found) > 5 else "")
            cells = "Cell" if len(found) == 1 else "Cells"
            notes.append(f"{cells} {shown} {sentence[len(found) > 1]}.")
    return notes


def _faults(slot: Slot, moved: bool) -> list[str]:
    """What was wrong with the cell or cells that were handed in for `slot`."""
    chosen, solution = slot.chosen, slot.role == "solution"
    if chosen is None:
        return ["deleted"]
    if chosen.by_name:
        return ["by name"]
    want, got = nbgrader(slot.cell), chosen.meta
    exact = ("grade_id", "points") if want.get("grade") else ("grade_id",)
    retyped = chosen.kind != slot.cell.cell_type
    faults = {
        "retyped": solution and retyped,
        "versions": solution and len(slot.given) > 1,
        "copied": not solution and len(slot.given) > 1,
        "changed": not solution and (retyped or slot.is_changed(chosen.text)),
        "unmarked": any(want.get(key) != got.get(key) for key in exact)
        or any(bool(want.get(key)) != bool(got.get(key)) for key in ("grade", "solution")),
        "moved": moved,
    }
    return [fault for fault, there in faults.items() if there]


def _out_of_order(indices: list[int]) -> set[int]:
    """Those of `indices`, all different, that are not on one longest rising subsequence."""
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for index in indices:
        at = bisect_left(ends, index)
        before[index] = ends[at - 1] if at else None
        ends[at : at + 1] = [index]
    stay, index = set(), ends[-1] if ends else None
    while index is not None:
        stay.add(index)
        index = before[index]
    return set(indices) - stay


def _listed(cells: list[Slot]) -> str:
    """Name cells of one exercise: its solution cell, its test cells by their ids."""
    parts = []
    if answers := [slot for slot in cells if slot.role == "solution"]:
        parts.append("the solution cell" if answers[0].cell.cell_type == "code" else "the answer")
    ids = [nbgrader(slot.cell)["grade_id"] for slot in cells if slot.role == "locked"]
    if ids == [cells[0].title]:
        parts.append("this cell")
    elif len(ids) == 1:
        parts.append(f"the test cell {ids[0]}")
    elif ids:
        parts.append(f"{len(ids)} test cells" if len(ids) > 3 else f"test cells {', '.join(ids)}")
    return " and ".join(parts)
