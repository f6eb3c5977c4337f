"""Has nbgrader's own autograder score one submission.

`autograde_one` gives a staged submission to it, with the course's nbgrader configuration, whose
steps rebuild and execute (see `course.grading.plugin`).
"""

import logging

from nbconvert.exporters.exporter import ResourcesDict
from nbformat.v4 import new_notebook
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import setenv
from traitlets.config import Config

from course.grading.errors import CourseError
from course.grading.plugin import Rebuild, hand_over


class NotGraded(Exception):
    """nbgrader gave up on a submission; the message is a sentence."""


class _Autograde(Autograde):
    """nbgrader's autograder, in one pass for a notebook that has been rebuilt and executed."""

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """Score a notebook and write it; nbgrader would write what `Rebuild` gave, and read it."""
        self._sanitizing = True
        resources = self.init_single_notebook_resources(notebook_filename)
        if self.sanitize_preprocessors != [Rebuild] or not hand_over(resources):
            super().convert_single_notebook(notebook_filename)
            return
        resources["metadata"] = ResourcesDict(name=resources["nbgrader"]["notebook"])
        self.log.info("Autograding %s", notebook_filename)
        self._sanitizing = False
        self._init_preprocessors()
        try:
            with setenv(NBGRADER_EXECUTION="autograde"):
                output, resources = self.exporter.from_notebook_node(new_notebook(), resources)
            self.write_single_notebook(output, resources)
        finally:
            self._sanitizing = True


class _Errors(logging.Handler):
    """Remembers the names of the exceptions that nbgrader logs instead of raising."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if text.startswith("Traceback"):
            self.lines.append(text.rstrip().rpartition("\n")[2])


def autograde_one(coursedir: CourseDirectory, config: Config, learner: str) -> None:
    """Write the scores of one learner's staged submission to the gradebook.

    Parameters
    ----------
    coursedir
        Course directory whose `assignment_id` is set and whose `submitted_directory` is the
        staging area.
    config
        The course's nbgrader configuration.
    learner
        Whose submission it is.

    Raises
    ------
    NotGraded
        The submission could not be executed or scored.
    """
    coursedir.student_id = learner
    converter = _Autograde(coursedir=coursedir, config=config)
    converter.force = True
    errors = _Errors()
    converter.log.addHandler(errors)
    try:
        converter.start()
    except CourseError:
        raise
    except Exception as error:
        cause = error.__context__ or error
        last = errors.lines[-1] if errors.lines else f"{type(cause).__name__}: {cause}"
        raise NotGraded(f"it stopped with {' '.join(last.split())[:200]}") from error
    finally:
        converter.log.removeHandler(errors)
        coursedir.student_id = "*"
