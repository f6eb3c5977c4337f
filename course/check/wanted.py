"""Which notebook, sections and exercises are meant by what a person types."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course.grading.assignment import Assignment, Exercise, assignment_names, read_assignment
from course.grading.errors import CourseError, UsageError
from course.grading.recognise import WHOLE, nbgrader, section_names
from course.syllabus import read_syllabus

_QUESTION = re.compile(r"q?0*(\d{1,2})", re.IGNORECASE)


@dataclass(frozen=True)
class Template:
    """A notebook of the course: as it was written, and as it was given out."""

    assignment: str
    name: str
    source: NotebookNode
    released: NotebookNode
    exercises: tuple[Exercise, ...]
    sections: dict[str, str]
    """Exercise to the section that it stands in."""

    @property
    def file(self) -> str:
        """Where it lies below source/, release/ and desk/."""
        return f"{self.assignment}/{self.name}.ipynb"


@dataclass(frozen=True)
class Wanted:
    """What to check of one learner's notebook.

    Attributes
    ----------
    exercises : frozenset of str or None
        None: those that have been begun.
    """

    template: Template
    path: Path
    exercises: frozenset[str] | None


def find_wanted(root: Path, names: Sequence[str], begun: bool = False) -> list[Wanted]:
    """Find out what is meant.

    Parameters
    ----------
    root : Path
        The course's folder.
    names : sequence of str
        Questions (``q04``, ``4``), exercises, notebooks, and paths of notebooks. Where there are
        paths, the other names are looked for in these notebooks; otherwise on the desk. Empty: all
        notebooks on the desk.
    begun : bool
        Of notebooks given by their path, only what has been begun. Without names that is so anyway.

    Returns
    -------
    list of Wanted
        In the course's order, one for each notebook file.

    Raises
    ------
    UsageError
        For a name that means nothing, or a notebook that is not there.
    """
    templates = _templates(root)
    paths = [name for name in names if _is_path(name)]
    places = [_place(root, templates, path) for path in paths] if paths else []
    words = [name for name in names if name not in paths]
    if not words:
        if places:
            return [Wanted(t, p, None if begun else frozenset(t.sections)) for t, p in places]
        desk = [(t, root / "desk" / t.file) for t in templates]
        there = [Wanted(t, p, None) for t, p in desk if p.is_file()]
        if not there:
            raise UsageError(f"there is no notebook in {root / 'desk'}: run `course desk` first.")
        return there
    found: dict[str, set[str]] = {}
    for word in words:
        for template, exercises in _meant(word, [t for t, _ in places] or templates):
            found.setdefault(template.file, set()).update(exercises)
    places = places or [(t, _on_desk(root, t)) for t in templates if t.file in found]
    return [Wanted(t, p, frozenset(found[t.file])) for t, p in places if t.file in found]


def _templates(root: Path) -> list[Template]:
    found = []
    for name in assignment_names(root / "source"):
        for path in sorted((root / "source" / name).glob("*.ipynb")):
            released = root / "release" / name / path.name
            if not released.is_file():
                raise CourseError(f"{released} is missing: run `course build` first.")
            stamps = path.stat().st_mtime_ns, released.stat().st_mtime_ns
            found.append(_template(root, name, path, released, stamps))
    if not found:
        raise CourseError(f"{root / 'source'} holds no notebook: run `course build` first.")
    return found


@lru_cache(maxsize=32)
def _template(root: Path, name: str, path: Path, released: Path, stamps: tuple) -> Template:
    """Read a notebook's template; a changed file has another stamp."""
    spec = read_assignment(root / "source", name)
    mine = tuple(n for n in spec.notebooks if n.name == path.stem)
    source = nbformat.read(path, as_version=4)
    exercises = Assignment(name, spec.folder, mine).exercises
    stands_in = {
        nbgrader(cell).get("grade_id"): section
        for cell, section in zip(source.cells, section_names(source.cells), strict=True)
    }
    return Template(
        name,
        path.stem,
        source,
        nbformat.read(released, as_version=4),
        exercises,
        {e.exercise_id: stands_in[e.exercise_id] for e in exercises},
    )


def _is_path(name: str) -> bool:
    return name.endswith(".ipynb") or Path(name).is_file()


def _place(root: Path, templates: list[Template], name: str) -> tuple[Template, Path]:
    """The notebook of the course that a file is a copy of: by its name, or by its cells."""
    path = next((p for p in (Path(name), root / name) if p.is_file()), None)
    if path is None:
        raise UsageError(f"there is no file {name}.")
    path = path.resolve()
    on_desk = [t for t in templates if path == (root / "desk" / t.file).resolve()]
    same_name = [t for t in templates if t.name == path.stem]
    for template in [*on_desk, *same_name, *_by_cells(templates, path)]:
        return template, path
    raise UsageError(
        f"{name} holds no exercise of this course: check the notebook that you worked in."
    )


def _by_cells(templates: list[Template], path: Path) -> Iterator[Template]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    yield from (t for t in templates if any(f'"{id_}"' in text for id_ in t.sections))


def _on_desk(root: Path, template: Template) -> Path:
    path = root / "desk" / template.file
    if not path.is_file():
        raise UsageError(
            f"desk/{template.file} is not there: `course desk` puts a copy of the notebook there."
        )
    return path


def _meant(word: str, templates: list[Template]) -> Iterator[tuple[Template, set[str]]]:
    """The notebooks that a word is about, and which of their exercises."""
    question = _QUESTION.fullmatch(word)
    name = f"q{int(question[1]):02d}" if question else word.strip("/").removeprefix("desk/")
    names: set[str] = set()
    for template in templates:
        known: dict[str, set[str]] = {}
        for exercise, section in template.sections.items():
            known.setdefault(exercise, set()).add(exercise)
            if section != WHOLE:
                known.setdefault(section, set()).add(exercise)
        for whole in (template.assignment, template.name, template.file.removesuffix(".ipynb")):
            known[whole] = set(template.sections)
        if name in known:
            yield template, known[name]
        names |= known.keys()
    if name not in names:
        raise UsageError(_unknown(word, name, names, int(question[1]) if question else None))


def _unknown(word: str, name: str, names: set[str], number: int | None) -> str:
    if number is not None:
        for question in read_syllabus().questions:
            if question.number == number and not question.written:
                return (
                    f"question {number} is not written yet; `course status` lists those that are."
                )
    close = difflib.get_close_matches(name.lower(), sorted(names), n=3)
    guess = f"did you mean {' or '.join(close)}?" if close else f"there are: {_some(names)}."
    return f"there is no question, exercise or notebook {word!r}; {guess}"


def _some(names: set[str]) -> str:
    shown = sorted(names)
    return ", ".join(shown[:12]) + (", ..." if len(shown) > 12 else "")
