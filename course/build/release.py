"""Source to release, through nbgrader's own generate_assignment."""

from __future__ import annotations

import io
import logging
import re
import tempfile
from pathlib import Path

from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
    SaveCells,
)
from traitlets.config import Config, PyFileConfigLoader

from course.grading.errors import CourseError

BEGIN_REPAIR, END_REPAIR = "### BEGIN REPAIR", "### END REPAIR"


class ClearSolutionsOrRepair(ClearSolutions):
    """nbgrader's ClearSolutions, and repair exercises.

    In a repair exercise the popular wrong code is what the learner starts from. In the source it
    stands commented out between ``### BEGIN REPAIR`` and ``### END REPAIR``, beside the solution;
    in the release it is the whole cell.
    """

    def preprocess_cell(self, cell, resources, cell_index):
        if BEGIN_REPAIR not in cell.source:
            return super().preprocess_cell(cell, resources, cell_index)
        cell.source = repair_stub(cell.source)
        return cell, resources


# nbgrader's defaults without header and auto-test steps, which this course does not use.
# ClearHiddenTests comes after SaveCells, and checksums once more at the end, as in nbgrader.
RELEASE_PREPROCESSORS = [
    LockCells,
    ClearSolutionsOrRepair,
    ClearOutput,
    CheckCellMetadata,
    ComputeChecksums,
    SaveCells,
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,
    CheckCellMetadata,
]


def repair_stub(source: str) -> str:
    """Return the wrong code of a repair cell, uncommented, without the solution.

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
    match = re.search(rf"^{BEGIN_REPAIR}\n(.*?)^{END_REPAIR}$", source, re.DOTALL | re.MULTILINE)
    if not match:
        raise CourseError(f"'{BEGIN_REPAIR}' has no '{END_REPAIR}' after it; pair them.")
    lines = match[1].splitlines()
    if odd := [line for line in lines if line.strip() and not re.match(r"#( |$)", line)]:
        raise CourseError(f"a repair region holds comments only, beginning '# '; not {odd[0]!r}.")
    return "\n".join(line[2:] for line in lines).strip("\n")


def generate_release(root: Path, sources: dict[Path, str]) -> dict[Path, str]:
    """Turn source notebooks into release notebooks; nothing below ``root`` is written.

    Parameters
    ----------
    root : Path
        The course root, for its ``nbgrader_config.py``.
    sources : dict of Path to str
        Notebook texts by path relative to ``source/``, ``assignment/notebook.ipynb``.

    Returns
    -------
    dict of Path to str
        The released texts by the same paths.

    Raises
    ------
    CourseError
        If nbgrader refuses a notebook; the message holds its words.
    """
    with tempfile.TemporaryDirectory(prefix="course-release-") as folder:
        scratch = Path(folder)
        for path, text in sources.items():
            target = scratch / "source" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        for assignment in sorted({path.parts[0] for path in sources}):
            _generate(root, scratch, assignment)
        return {p: (scratch / "release" / p).read_text(encoding="utf-8") for p in sources}


def _generate(root: Path, scratch: Path, assignment: str) -> None:
    config = Config()
    if (root / "nbgrader_config.py").is_file():
        config.merge(PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config())
    config.CourseDirectory.root = str(scratch)
    config.CourseDirectory.assignment_id = assignment
    config.SaveCells.enabled = False  # a build needs no gradebook
    words = io.StringIO()
    log = logging.Logger("generate_assignment", logging.WARNING)
    log.addHandler(logging.StreamHandler(words))
    coursedir = CourseDirectory(config=config)
    converter = GenerateAssignment(coursedir=coursedir, config=config, no_database=True)
    converter.log = log
    try:
        converter.start()
    except Exception as error:
        raise CourseError(
            f"nbgrader could not release {assignment}: {words.getvalue().strip() or error}"
        ) from error
