"""The one place where learner code runs.

`autograde_one` gives a staged submission to nbgrader's own autograder, with the course's
nbgrader configuration. Another way of executing plugs in there (`Autograde.exporter_class`,
`Autograde.sanitize_preprocessors`, `Autograde.autograde_preprocessors`), and nothing here changes.
"""

import logging

from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from course.grading.errors import CourseError

_SENTENCES = {
    "SchemaTooOldError": "its nbgrader metadata is damaged or from an old nbgrader.",
    "DeadKernelError": "the Python process died while the notebook ran: its code ended it or used "
    "up the memory.",
    "UnresponsiveKernelError": "a cell ran without end and could not be interrupted.",
}


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
    """Run one learner's staged submission and write its scores to the gradebook.

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
        raise NotGraded(_sentence(last)) from error
    finally:
        converter.log.removeHandler(errors)
        coursedir.student_id = "*"


def _sentence(last_line: str) -> str:
    name = last_line.partition(":")[0].rpartition(".")[2]
    return _SENTENCES.get(name, f"it stopped with {' '.join(last_line.split())[:200]}")
