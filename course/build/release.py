"""Source to release, through nbgrader's own generate_assignment."""

from __future__ import annotations

import io
import logging
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

from course.build.stub import BEGIN_REPAIR, repair_stub
from course.grading.errors import CourseError


class ClearSolutionsOrRepair(ClearSolutions):
    """nbgrader's ClearSolutions, and repair exercises.

    In a repair exercise the popular wrong code is what the learner starts from. In the source it
    stands commented out between ``### BEGIN REPAIR`` and ``### END REPAIR``, beside the solution;
    in the release it takes the solution's place.
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
