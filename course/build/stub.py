"""What learners get of a solution cell."""

from __future__ import annotations

import re

from course.grading.errors import CourseError

BEGIN_REPAIR, END_REPAIR = "### BEGIN REPAIR", "### END REPAIR"
_REPAIR = re.compile(rf"^{BEGIN_REPAIR}\n(.*?)^{END_REPAIR}$", re.DOTALL | re.MULTILINE)
_SOLUTION = re.compile(
    r"^([ \t]*)### BEGIN SOLUTION\n.*?^[ \t]*### END SOLUTION[ \t]*$", re.DOTALL | re.MULTILINE
)


def released(source: str) -> str:
    """Return what the release holds of a solution cell, as far as its names are concerned.

    Raises
    ------
    CourseError
        As `repair_stub`.
    """
    if BEGIN_REPAIR in source:
        return repair_stub(source)
    return _SOLUTION.sub(r"\1raise NotImplementedError()", source)


def repair_stub(source: str) -> str:
    """Return the wrong code of a repair cell, uncommented, without the solution.

    What stands outside both regions, such as imports, stays.

    Parameters
    ----------
    source : str
        A solution cell with a repair region.

    Returns
    -------
    str

    Raises
    ------
    CourseError
        If the region is not closed or holds a line that is not commented.
    """
    match = _REPAIR.search(source)
    if not match:
        raise CourseError(f"'{BEGIN_REPAIR}' has no '{END_REPAIR}' after it; pair them.")
    lines = match[1].splitlines()
    if odd := [line for line in lines if line.strip() and not re.match(r"#( |$)", line)]:
        raise CourseError(f"a repair region holds comments only, beginning '# '; not {odd[0]!r}.")
    wrong = "\n".join(line[2:] for line in lines).strip("\n")
    return _SOLUTION.sub("", source[: match.start()] + wrong + source[match.end() :]).strip("\n")
