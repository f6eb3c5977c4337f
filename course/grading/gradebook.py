"""nbgrader's side of grading: configuration, gradebook and feedback of one course."""

import contextlib
import json
import logging
import os
import shutil
import sys
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat
import nbgrader
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import GenerateAssignment, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, PyFileConfigLoader

from course.grading.assignment import Assignment, Cell
from course.grading.autograde import autograde_one
from course.grading.cohort import CellScore
from course.grading.errors import CourseError
from course.grading.jobs import Job
from course.grading.plugin import PREPARED, EngineExecute
from course.grading.transaction import one_transaction

CONFIG_FILE = "nbgrader_config.py"
_HERE = Path(__file__).parent
_NBGRADER_TEMPLATES = Path(nbgrader.__file__).parent / "server_extensions/formgrader/templates"
OWN_MESSAGE = {"AssertionError", "Mismatch"}
"""Errors whose name says nothing that their message does not."""


def load_config(root: Path) -> Config:
    """The course's nbgrader configuration, from `nbgrader_config.py` in `root` where there is one.

    Raises
    ------
    CourseError
        The file cannot be executed.
    """
    if not (root / CONFIG_FILE).is_file():
        return Config()
    try:
        return PyFileConfigLoader(CONFIG_FILE, path=str(root)).load_config()
    except Exception as error:
        raise CourseError(
            f"{root / CONFIG_FILE} stopped with {type(error).__name__}: {error}; mend it first."
        ) from error


@contextlib.contextmanager
def chatter_to(log_file: Path) -> Iterator[None]:
    """While open, what nbgrader logs and warns about goes to `log_file`, not to the terminal."""
    log_file.write_bytes(b"")
    handler = logging.FileHandler(log_file, mode="a", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    root, chatty = logging.getLogger(), logging.getLogger("traitlets")
    before = chatty.level
    root.addHandler(handler)
    chatty.setLevel(logging.INFO)
    logging.captureWarnings(True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            yield
    finally:
        logging.captureWarnings(False)
        chatty.setLevel(before)
        root.removeHandler(handler)
        handler.close()


@contextlib.contextmanager
def own_commands_first() -> Iterator[None]:
    """nbgrader starts `alembic` from PATH: let it be this environment's."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{before}"
    try:
        yield
    finally:
        os.environ["PATH"] = before


class Workplace:
    """nbgrader at work on one assignment.

    Parameters
    ----------
    root
        The course, with `nbgrader_config.py`; nothing in it is changed unless `output` is it.
    output
        Where `gradebook.db`, `autograded/` and `feedback/` are.
    assignment
        What is graded.
    work
        A folder of `output` for what nbgrader needs while it works. Paths that nbgrader turns
        into patterns stay relative to `output`, so names with special characters do no harm.
    """

    def __init__(self, root: Path, output: Path, assignment: Assignment, work: Path) -> None:
        self.assignment = assignment
        self.output = output
        self.work = work
        self.staged = work / "submitted"
        relative = work.relative_to(output)
        self.config = load_config(root)
        paths = Config()
        paths.CourseDirectory.root = str(output)
        paths.CourseDirectory.db_url = f"sqlite:///{output / 'gradebook.db'}"
        paths.CourseDirectory.assignment_id = assignment.name
        for step in ("source", "release", "submitted"):
            paths.CourseDirectory[f"{step}_directory"] = str(relative / step)
        for step in ("autograded", "feedback"):
            paths.CourseDirectory[f"{step}_directory"] = step
        if "extra_template_basedirs" not in self.config.HTMLExporter:
            paths.HTMLExporter.extra_template_basedirs = [str(_HERE), str(_NBGRADER_TEMPLATES)]
        paths.HTMLExporter.template_name = "feedback"
        self.config.merge(paths)
        self.coursedir = CourseDirectory(config=self.config)

    def gradebook(self) -> Gradebook:
        """Open the gradebook; to be closed, or used with `with`."""
        return Gradebook(self.coursedir.db_url, self.coursedir.course_id)

    def autograded(self, learner: str) -> Path:
        """Folder of a learner's executed notebooks."""
        return self.output / "autograded" / learner / self.assignment.name

    def feedback(self, learner: str) -> Path:
        """Folder of a learner's feedback."""
        return self.output / "feedback" / learner / self.assignment.name

    def register(self) -> None:
        """Write the assignment's cells to the gradebook, as `nbgrader generate_assignment` does.

        The course's own `release/` is left alone.

        Raises
        ------
        CourseError
            The gradebook holds submissions of an assignment with other cells.
        """
        source = self.work / "source" / self.assignment.name
        shutil.copytree(self.assignment.folder, source, dirs_exist_ok=True)
        converter = GenerateAssignment(coursedir=self.coursedir, config=self.config)
        converter.force = True
        try:
            with self._writing():
                converter.start()
        except Exception as error:
            raise CourseError(
                f"{self.assignment.name} could not be entered into {self.output / 'gradebook.db'}. "
                "If its cells have changed since submissions were graded, move the gradebook away "
                "and grade again."
            ) from error

    def job(
        self, learner: str, notebook: str, notes: Iterable[str], versions: dict[str, str]
    ) -> str:
        """Make the job of executing one staged notebook; see `course.grading.jobs.Job`."""
        settings = EngineExecute(config=self.config)
        name = f"{notebook}.ipynb"
        places = (
            self.staged / learner / self.assignment.name,
            self.work / "source" / self.assignment.name,
            self.work / "release" / self.assignment.name,
        )
        texts = [(place / name).read_text(encoding="utf-8") for place in places]
        limits = settings.services, settings.cpu_seconds
        return Job(*texts, tuple(notes), *limits, versions=versions).dumps()

    def notebooks(self, learner: str) -> list[str]:
        """Names of the notebooks that are staged for a learner."""
        folder = self.staged / learner / self.assignment.name
        return sorted(path.stem for path in folder.glob("*.ipynb"))

    def grade(
        self, learner: str, executed: dict[str, dict], missing: Iterable[tuple[str, str]]
    ) -> None:
        """Write one submission to the gradebook, as a whole.

        Parameters
        ----------
        learner
            Whose it is; it is staged.
        executed
            What became of each of its notebooks, by name.
        missing
            (notebook, grade id) of cells that it lacks; they get no points.
        """
        for name, notebook in executed.items():
            PREPARED[learner, name] = nbformat.from_dict(notebook)
        try:
            with self._writing():
                autograde_one(self.coursedir, self.config, learner)
                self._give_nothing(learner, set(missing))
        finally:
            PREPARED.clear()

    def _writing(self) -> contextlib.AbstractContextManager[Gradebook]:
        return one_transaction(self.coursedir.db_url, self.coursedir.course_id)

    def give_zero(self, learner: str) -> None:
        """Enter a submission that could not be graded, and drop what an earlier one left."""
        with self._writing() as book:
            book.update_or_create_student(learner)
            book.update_or_create_submission(self.assignment.name, learner)
            self._give_nothing(learner, None)
        for folder in (self.autograded(learner), self.feedback(learner)):
            shutil.rmtree(folder, ignore_errors=True)

    def _give_nothing(self, learner: str, cells: set[tuple[str, str]] | None) -> None:
        """Score 0 for `cells`, given as (notebook, grade id); for all of them where None."""
        if cells is not None and not cells:
            return
        with self.gradebook() as book:
            submission = book.find_submission(self.assignment.name, learner)
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    if cells is None or (notebook.name, grade.name) in cells:
                        grade.auto_score = 0.0
                        grade.needs_manual_grade = False
            book.db.commit()

    def write_feedback(self, learner: str) -> None:
        """Write a learner's feedback pages with nbgrader."""
        self.coursedir.student_id = learner
        converter = GenerateFeedback(coursedir=self.coursedir, config=self.config)
        converter.force = True
        try:
            converter.start()
        finally:
            self.coursedir.student_id = "*"

    def read(self, learner: str) -> tuple[tuple[CellScore, ...], float] | None:
        """A learner's scores and late penalty as they stand in the gradebook; None without any."""
        known = {(cell.notebook, cell.grade_id): cell for cell in self.assignment.cells}
        with self.gradebook() as book:
            try:
                submission = book.find_submission(self.assignment.name, learner)
            except MissingEntry:
                return None
            points, penalty = {}, 0.0
            for notebook in submission.notebooks:
                penalty += notebook.late_submission_penalty or 0.0
                for grade in notebook.grades:
                    if cell := known.get((notebook.name, grade.name)):
                        waits = grade.manual_score is None and grade.auto_score is None
                        points[cell] = None if waits else grade.score
        messages = self._messages(learner)
        scores = []
        for cell in self.assignment.cells:
            score = points.get(cell) if cell.written else points.get(cell) or 0.0
            scores.append(CellScore(cell, score, messages.get(cell)))
        return tuple(scores), penalty

    def notes(self, learner: str) -> tuple[str, ...]:
        """What had to be put right in a learner's notebooks, a sentence each."""
        found: list[str] = []
        for path in sorted(self.autograded(learner).glob("*.ipynb")):
            metadata = json.loads(path.read_bytes())["metadata"]
            found += metadata.get("grading", {}).get("notes", [])
        return tuple(found)

    def _messages(self, learner: str) -> dict[Cell, str]:
        known = {(cell.notebook, cell.grade_id): cell for cell in self.assignment.cells}
        messages = {}
        for path in sorted(self.autograded(learner).glob("*.ipynb")):
            for cell in json.loads(path.read_bytes())["cells"]:
                grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
                graded = known.get((path.stem, grade_id))
                if graded and cell["cell_type"] == "code" and (text := error_of(cell["outputs"])):
                    messages[graded] = text
        return messages


def error_of(outputs: list) -> str | None:
    """What a cell's outputs say went wrong, in one line; None where nothing did."""
    for output in outputs:
        if output["output_type"] == "error":
            message = " ".join(str(output["evalue"]).split())
            if output["ename"] in OWN_MESSAGE and message:
                return message[:300]
            return f"{output['ename']}: {message}"[:300].rstrip(": ")
    return None
