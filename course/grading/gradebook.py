"""nbgrader's side of grading: configuration, gradebook and feedback of one course."""

import contextlib
import logging
import multiprocessing
import os
import shutil
import signal
import sys
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
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
from course.grading.plugin import PREPARED, EngineExecute, Job, prepare, require_isolation

CONFIG_FILE = "nbgrader_config.py"
_HERE = Path(__file__).parent
_NBGRADER_TEMPLATES = Path(nbgrader.__file__).parent / "server_extensions/formgrader/templates"
OWN_MESSAGE = {"AssertionError", "Mismatch"}
"""Errors whose name says nothing that their message does not."""
TIMEOUTS = {"CellTimeoutError", "KeyboardInterrupt"}
"""What a cell that ran too long ends with, before and after the kernel is interrupted."""


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
    handler = logging.FileHandler(log_file, mode="a", encoding="utf-8")  # kernels append too
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
def _kernel_chatter_to(log_file: Path) -> Iterator[None]:
    """While open, what child processes print goes to `log_file`: kernels inherit the terminal."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(1), os.dup(2)]
    with log_file.open("ab") as file:
        try:
            for number in (1, 2):
                os.dup2(file.fileno(), number)
            yield
        finally:
            for number, copy in zip((1, 2), kept, strict=True):
                os.dup2(copy, number)
                os.close(copy)


@contextlib.contextmanager
def own_commands_first() -> Iterator[None]:
    """nbgrader starts `alembic` from PATH: let it be this environment's."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{before}"
    try:
        yield
    finally:
        os.environ["PATH"] = before


def _end_in_order() -> None:
    """Let a worker ignore Ctrl-C, which its parent answers, and tidy up when it is ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


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
    log_file
        Where kernels' own messages go.
    """

    def __init__(
        self, root: Path, output: Path, assignment: Assignment, work: Path, log_file: Path
    ) -> None:
        self.log_file = log_file
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
            converter.start()
        except Exception as error:
            raise CourseError(
                f"{self.assignment.name} could not be entered into {self.output / 'gradebook.db'}. "
                "If its cells have changed since submissions were graded, move the gradebook away "
                "and grade again."
            ) from error

    def grade(self, learner: str, missing: Iterable[tuple[str, str]]) -> None:
        """Grade one staged submission; cells that it lacks get no points."""
        with _kernel_chatter_to(self.log_file):
            autograde_one(self.coursedir, self.config, learner)
        self._give_nothing(learner, set(missing))

    def prepare(self, learners: Iterable[str], workers: int) -> Iterator[str]:
        """Execute staged submissions in parallel; yields each learner when theirs may be graded.

        Only this process writes to the gradebook. Where a worker breaks, nothing is prepared, and
        grading executes that submission itself.
        """
        settings = EngineExecute(config=self.config)
        require_isolation(settings.unsafe)
        jobs = {}
        context = multiprocessing.get_context("fork")
        pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_end_in_order)
        with pool:
            try:
                for learner in learners:
                    folder = self.staged / learner / self.assignment.name
                    for notebook in sorted(folder.glob("*.ipynb")):
                        below = Path(self.assignment.name) / notebook.name
                        job = Job(
                            notebook,
                            self.work / "source" / below,
                            self.work / "release" / below,
                            settings.services,
                            settings.cpu_seconds,
                        )
                        jobs[pool.submit(prepare, job)] = (learner, notebook.stem)
                waiting = Counter(learner for learner, _ in jobs.values())
                for done in as_completed(jobs):
                    learner, notebook = jobs[done]
                    if done.exception() is None:
                        PREPARED[learner, notebook] = done.result()
                    waiting[learner] -= 1
                    if not waiting[learner]:
                        yield learner
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                for process in multiprocessing.active_children():
                    process.terminate()
                raise

    def give_zero(self, learner: str) -> None:
        """Enter a submission that could not be graded, and drop what an earlier one left."""
        with self.gradebook() as book:
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
            metadata = nbformat.read(path, as_version=4).metadata
            found += metadata.get("course", {}).get("notes", [])
        return tuple(found)

    def _messages(self, learner: str) -> dict[Cell, str]:
        known = {(cell.notebook, cell.grade_id): cell for cell in self.assignment.cells}
        messages = {}
        for path in sorted(self.autograded(learner).glob("*.ipynb")):
            for cell in nbformat.read(path, as_version=4).cells:
                grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
                graded = known.get((path.stem, grade_id))
                if graded and cell.cell_type == "code" and (text := error_of(cell.outputs)):
                    messages[graded] = text
        return messages


def error_of(outputs: list) -> str | None:
    """What a cell's outputs say went wrong, in one line; None where nothing did."""
    for output in outputs:
        if output.output_type == "error":
            message = " ".join(str(output.evalue).split())
            if output.ename in TIMEOUTS and not message:
                return "took too long and was stopped"
            if output.ename in OWN_MESSAGE and message:
                return message[:300]
            return f"{output.ename}: {message}"[:300].rstrip(": ")
    for output in outputs:
        if output.output_type == "stream" and output.name == "stderr":
            line = output.text.strip().rpartition("\n")[2]
            return f"wrote to stderr, which nbgrader counts as failed: {line}"[:300]
    return None
