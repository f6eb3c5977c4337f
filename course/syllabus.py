"""The syllabus: fifty questions in six notebooks, read from ``syllabus.yml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from course.grading.errors import CourseError

PACKAGE = Path(__file__).parent
LEVELS = ("easy", "medium", "hard")


@dataclass(frozen=True)
class Question:
    """One question: its number in the list of fifty, and where its lesson stands."""

    number: int
    title: str
    level: str
    minutes: int
    lesson: Path

    @property
    def section(self) -> str:
        """The prefix of every id in its section, such as ``q04``."""
        return f"q{self.number:02d}"

    @property
    def written(self) -> bool:
        """Whether its lesson exists."""
        return self.lesson.is_file()


@dataclass(frozen=True)
class Notebook:
    """One notebook: an nbgrader assignment that holds one notebook file."""

    assignment: str
    notebook: str
    title: str
    lessons: Path
    questions: tuple[Question, ...]

    @property
    def intro(self) -> Path:
        """The lesson file that opens the notebook."""
        return self.lessons / "_intro.py"

    @property
    def essay(self) -> Path:
        """The lesson file of its written question, which a person grades."""
        return self.lessons / "_written.py"

    @property
    def written(self) -> bool:
        """Whether there is anything to build: an introduction and at least one question."""
        return self.intro.is_file() and any(q.written for q in self.questions)

    @cached_property
    def path(self) -> Path:
        """Where the notebook lies below ``source/`` and ``release/``."""
        return Path(self.assignment) / f"{self.notebook}.ipynb"


@dataclass(frozen=True)
class Syllabus:
    """The whole course."""

    title: str
    notebooks: tuple[Notebook, ...]

    @property
    def questions(self) -> list[Question]:
        """All questions in teaching order."""
        return [q for n in self.notebooks for q in n.questions]


def read_syllabus(package: Path = PACKAGE) -> Syllabus:
    """Read ``syllabus.yml`` of a course package.

    Parameters
    ----------
    package : Path
        The folder that holds ``syllabus.yml`` and ``lessons/``.

    Returns
    -------
    Syllabus

    Raises
    ------
    CourseError
        If the file is missing, is not the YAML that is expected, or names a question twice.
    """
    path = package / "syllabus.yml"
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        notebooks = tuple(_notebook(entry, package) for entry in data["notebooks"])
        syllabus = Syllabus(title=data["title"], notebooks=notebooks)
    except FileNotFoundError:
        raise CourseError(f"{path} is missing: the syllabus names every question.") from None
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise CourseError(f"{path} is not a syllabus: {error}. Compare it with git's.") from error
    numbers = [q.number for q in syllabus.questions]
    if twice := sorted({n for n in numbers if numbers.count(n) > 1}):
        raise CourseError(f"{path} names question {twice[0]} twice; each stands in one notebook.")
    if odd := [q for q in syllabus.questions if q.level not in LEVELS]:
        raise CourseError(
            f"{path}: question {odd[0].number} has level {odd[0].level!r}; use one of {LEVELS}."
        )
    return syllabus


def _notebook(entry: dict, package: Path) -> Notebook:
    lessons = package / "lessons" / entry["lessons"]
    questions = tuple(
        Question(q["number"], q["title"], q["level"], q["minutes"], lessons / q["file"])
        for q in entry["questions"]
    )
    return Notebook(entry["assignment"], entry["notebook"], entry["title"], lessons, questions)
