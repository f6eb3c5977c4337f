"""Read the right and wrong ways to do an exercise, from ``tests/exercises/<exercise>.py``."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from course.build.lesson import Problem
from course.build.names import names_of
from course.grading.errors import CourseError

HEADING = re.compile(
    r"^# %% (?:(?P<right>right)|wrong \((?P<target>[^()\s]+)\)): "
    r"(?P<text>\S.*?)(?P<raises> raises)?$"
)
ANY_HEADING = re.compile(r"^#\s*%%")


@dataclass(frozen=True)
class Variant:
    """One way to fill a solution cell.

    Attributes
    ----------
    text : str
        What its heading says of it.
    line : int
        The line of its heading; 0 for the reference and the stub, which have none.
    target : str
        The test cell that a wrong way must fail.
    raises : bool
        Any exception may end that cell, not only the test's own assertion.
    """

    kind: Literal["reference", "stub", "right", "wrong"]
    text: str
    source: str
    line: int = 0
    target: str = ""
    raises: bool = False
    path: str = ""


def read_variants(
    path: Path, tests: Collection[str] | None = None, *, shown: Path | None = None
) -> list[Variant]:
    """Read the right and wrong ways to do an exercise.

    Parameters
    ----------
    path : Path
        ``tests/exercises/<exercise>.py``, whose cells are headed ``# %% right: text`` or
        ``# %% wrong (<id of a test cell>): text``, the latter perhaps ending in `` raises``.
    tests : collection of str, optional
        The exercise's test cells that carry points. Without it, an id must begin with the
        exercise's.
    shown : Path, optional
        The path to name in messages.

    Returns
    -------
    list of Variant

    Raises
    ------
    CourseError
        If a heading or a cell is not as it should be; each with file and line.
    """
    shown = shown or path
    variants: list[Variant] = []
    problems: list[Problem] = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise CourseError(f"{shown}:1: is not UTF-8 text ({error.reason}).") from None
    starts = [i for i, line in enumerate(lines) if ANY_HEADING.match(line)]
    before = lines[: starts[0] if starts else len(lines)]
    if odd := next((n for n, s in enumerate(before, 1) if s.strip() and s[0] != "#"), None):
        problems.append(Problem(shown, odd, "code stands before the first heading; move it."))
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        source = "\n".join(lines[start + 1 : end]).strip("\n") + "\n"
        variant = _variant(lines[start], source, start + 1)
        if variant is None:
            sentence = (
                "a heading reads '# %% right: what it does' or '# %% wrong (<id of a test cell>): "
                f"the mistake'; not {lines[start]!r}."
            )
            problems.append(Problem(shown, start + 1, sentence))
            continue
        problems += _check_variant(variant, shown, path.stem, tests)
        if first := next((v for v in variants if v.text == variant.text), None):
            sentence = f"this text stands already at line {first.line}; say what differs."
            problems.append(Problem(shown, start + 1, sentence))
        variants.append(variant)
    if problems:
        raise CourseError("\n".join(map(str, problems)))
    return variants


def _variant(heading: str, source: str, line: int) -> Variant | None:
    match = HEADING.match(heading.rstrip())
    if match is None:
        return None
    text, raises = match["text"], match["raises"] or ""
    if match["right"]:
        return Variant("right", text + raises, source, line)
    return Variant("wrong", text, source, line, match["target"], bool(raises))


def _check_variant(
    variant: Variant, shown: Path, exercise: str, tests: Collection[str] | None
) -> Iterator[Problem]:
    target = variant.target
    if variant.kind == "wrong" and tests is None and not target.startswith(f"{exercise}-"):
        yield Problem(shown, variant.line, f"{target!r} is not a test cell of {exercise}.")
    if variant.kind == "wrong" and tests is not None and target not in tests:
        yield Problem(
            shown,
            variant.line,
            f"{target!r} is not a test cell of {exercise} that carries points; those are: "
            f"{', '.join(tests) or 'none'}.",
        )
    try:
        compile(variant.source, str(shown), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        if not ast.parse(variant.source).body:
            yield Problem(
                shown, variant.line, "the cell is empty; write a whole solution cell below it."
            )
    except SyntaxError as error:
        line = variant.line + (error.lineno or 0)
        yield Problem(shown, line, f"is not valid Python: {error.msg}.")


def undefined_names(variant: Variant, known: Collection[str], shown: Path) -> list[Problem]:
    """Find names that neither the setup cell (``known``) nor the variant defines: typos."""
    if variant.raises:
        return []
    needed = names_of(variant.source).needed
    return [
        Problem(
            shown,
            variant.line + needed[name],
            f"the name {name!r} is defined neither here nor in the setup cell.",
        )
        for name in sorted(set(needed) - set(known))
    ]
