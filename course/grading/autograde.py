"""Has nbgrader's own autograder score one submission.

`autograde_one` gives a staged submission to it, with the course's nbgrader configuration, whose
steps rebuild and execute (see `course.grading.plugin`).
"""

import logging

from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from course.grading.errors import CourseError


class NotGraded(Exception):
    """nbgrader gave up on a submission; the message is a sentence."""


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
    converter = Autograde(coursedir=coursedir, config=config)
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
