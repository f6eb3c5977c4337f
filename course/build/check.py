"""What is refused in a lesson: each rule in a function that yields problems."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from course.build.lesson import LessonCell, Problem
from course.build.names import Names, names_of
from course.build.stub import released
from course.grading.errors import CourseError

REQUIRED = ("grade", "grade_id", "locked", "schema_version", "solution", "task")
GRADE_ID = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
PARTS = ("Say it", "See it", "Build it", "Trap", "If they push", "Sources")
LABEL = re.compile(
    r"^(?P<dots>●○○|●●○|●●●) · (?P<minutes>\d+) minutes · (?P<points>\d+) points? · "
    r"(?P<weight>core|extra)$",
    re.MULTILINE,
)
TEST_LINE = re.compile(r"^# (?P<kind>Hidden test: .+|Visible tests) \((?P<points>\d+) points?\)$")
GRADED_IMPORTS = frozenset(sys.stdlib_module_names) | {"numpy", "torch", "course"}
DEMO_LINES = 40
# helpers that act where the learner's code lives, so they must be given the learner's own function
THERE = ("repeat", "each", "value_and_grad", "make", "leaves_globals", "leaves_arguments")


@dataclass(frozen=True)
class Exercise:
    """One exercise of a section."""

    prompt: LessonCell | None
    solution: LessonCell
    tests: tuple[LessonCell, ...]

    @property
    def grade_id(self) -> str:
        """The grade id of the solution cell."""
        return self.solution.grade_id or ""


def exercises(cells: list[LessonCell]) -> list[Exercise]:
    """Group a section's cells into exercises: prompt, solution, tests."""
    found = []
    for i, cell in enumerate(cells):
        if cell.role != "solution" or cell.kind != "code":
            continue
        prompt = cells[i - 1] if i and cells[i - 1].role == "markdown" else None
        mine = [c for c in cells[i + 1 :] if owner(c, cells) == cell.grade_id]
        found.append(Exercise(prompt, cell, tuple(mine)))
    return found


def owner(test: LessonCell, cells: list[LessonCell]) -> str | None:
    """The id of the exercise that a test cell belongs to: the longest id that begins its own."""
    if test.role not in ("visible", "hidden"):
        return None
    ids = [c.grade_id for c in cells if c.role == "solution" and c.grade_id]
    fitting = [i for i in ids if (test.grade_id or "").startswith(f"{i}-")]
    return max(fitting, key=len, default=None)


def check_cells(cells: list[LessonCell], prefix: str) -> Iterator[Problem]:
    """Check every cell by itself: its metadata, its kind, its code.

    Parameters
    ----------
    cells : list of LessonCell
        A lesson.
    prefix : str
        What its ids begin with, ``q04`` or, in an introduction, the notebook's name.
    """
    for cell in cells:
        if cell.nbgrader:
            yield from _check_metadata(cell, prefix)
        if cell.role == "unknown":
            yield cell.problem(
                'a code cell is a demo (tags=["demo"]), a solution or a test: its heading lacks '
                "the metadata that says which."
            )
        if cell.kind == "code":
            yield from _check_code(cell)


def check_section(cells: list[LessonCell], number: int, title: str) -> Iterator[Problem]:
    """Check a question as a whole: its parts in order, its exercises."""
    first = cells[0]
    if first.kind != "markdown" or not first.source.startswith(f"## Q{number}. {title}"):
        yield first.problem(f"the first cell is markdown and begins '## Q{number}. {title}'.")
    headings = [
        (line[4:].strip(), c)
        for c in cells
        if c.kind == "markdown"
        for line in c.source.splitlines()
        if line.startswith("### ")
    ]
    parts = [text for text, _ in headings if text in PARTS]
    if parts != list(PARTS):
        yield first.problem(
            f"the parts of a section are {list(PARTS)}, in this order; found {parts}."
        )
    found = exercises(cells)
    if not any((m := _label(e)) and m["weight"] == "core" for e in found):
        yield first.problem("a question has at least one graded exercise marked core.")
    for exercise in found:
        yield from _check_exercise(exercise)
    for cell in cells:
        if cell.role in ("visible", "hidden") and owner(cell, cells) is None:
            yield cell.problem(
                f"no exercise's grade id begins {cell.grade_id!r}; name it after one."
            )


def check_essay(cells: list[LessonCell]) -> Iterator[Problem]:
    """Check a notebook's written question: a prompt with its rubric, and one answer cell."""
    if not cells:
        return
    if not cells[0].source.startswith("## In writing"):
        yield cells[0].problem("the first cell is markdown and begins '## In writing'.")
    for cell in (c for c in cells if c.kind == "code"):
        yield cell.problem("a written question has no code cell.")
    answers = [c for c in cells if c.nbgrader]
    if len(answers) != 1 or not (
        answers[0].nbgrader.get("grade") and answers[0].role == "solution"
    ):
        yield cells[0].problem(
            "a written question has one cell for the answer: grade and solution."
        )
        return
    (answer,) = answers
    yield from _check_markers(answer, "SOLUTION")
    prompt = cells[cells.index(answer) - 1]
    label = LABEL.search(prompt.source)
    if prompt.nbgrader or not label or int(label["points"]) != answer.nbgrader.get("points"):
        yield answer.problem(
            "its prompt stands right before it, with a line such as "
            "'●●○ · 30 minutes · 10 points · extra' and the points of its metadata."
        )
    if "Rubric" not in prompt.source:
        yield prompt.problem("the prompt holds the rubric by which a person grades.")


def check_unique(sections: dict[str, list[LessonCell]]) -> Iterator[Problem]:
    """Refuse a grade id that stands twice in one notebook."""
    seen: dict[str, LessonCell] = {}
    for cell in (c for cells in sections.values() for c in cells if c.grade_id):
        if (first := seen.setdefault(cell.grade_id or "", cell)) is not cell:
            yield cell.problem(
                f"grade id {cell.grade_id!r} stands already at {first.path}:{first.line}; "
                "ids are unique in a notebook."
            )


def check_names(sections: dict[str, list[LessonCell]]) -> Iterator[Problem]:
    """Check that every section runs by itself, and its graded cells without the demos."""
    analysed = {
        key: [(c, n) for c in cells if c.kind == "code" and (n := _names(c))]
        for key, cells in sections.items()
    }
    setup = frozenset[str]().union(
        *(n.defined for cells in analysed.values() for c, n in cells if c.role == "setup")
    )
    for key, cells in analysed.items():
        elsewhere = {
            name: other
            for other, them in analysed.items()
            if other != key
            for c, n in them
            if c.role != "setup"
            for name in n.defined
        }
        yield from _check_section_names(cells, setup, elsewhere)


def _check_section_names(
    cells: list[tuple[LessonCell, Names]], setup: frozenset[str], elsewhere: dict[str, str]
) -> Iterator[Problem]:
    only_cells = [c for c, _ in cells]
    by_exercise = {c.grade_id: n.defined for c, n in cells if c.role == "solution"}
    demos = {name: c for c, n in cells if c.role == "demo" for name in n.defined}
    above: frozenset[str] = frozenset()
    for cell, names in cells:
        if cell.role == "setup":
            continue
        if taken := sorted(names.defined & setup):
            yield cell.problem(f"{taken[0]!r} belongs to the setup cell; use another name here.")
        allowed = setup | by_exercise.get(owner(cell, only_cells), frozenset())
        if cell.role in ("demo", "unknown"):
            allowed = setup | above
        for name in sorted(set(names.needed) - allowed):
            line = names.needed[name]
            if name in demos and cell.role != "demo":
                why = f"comes from the demo at line {demos[name].line}, and graders skip demos"
            elif name in demos or any(name in d for d in by_exercise.values()):
                why = "is defined by another exercise or further down"
            elif name in elsewhere:
                why = f"belongs to section {elsewhere[name]}; a section stands alone"
            else:
                why = "is defined nowhere"
            yield cell.problem(
                f"the name {name!r} {why}. Define it in this cell, take it as an argument, or "
                "import it.",
                line,
            )
        if cell.role == "solution":
            yield from _check_released(cell, setup)
        if cell.role in ("visible", "hidden"):
            own = by_exercise.get(owner(cell, only_cells), frozenset())
            yield from _check_helpers(cell, own)
        above |= names.defined


def _check_released(cell: LessonCell, setup: frozenset[str]) -> Iterator[Problem]:
    """Check that learners can run the cell that they get, after nothing but the setup cell."""
    try:
        needed = names_of(released(cell.source)).needed
    except CourseError as error:
        yield cell.problem(str(error))
        return
    except SyntaxError as error:
        yield cell.problem(f"as released it is not valid Python: {error.msg}.")
        return
    for name in sorted(set(needed) - setup):
        yield cell.problem(
            f"as released it needs the name {name!r}, which only the solution brings. Define or "
            "import it outside the solution.",
            next(
                (
                    n
                    for n, line in enumerate(cell.source.splitlines(), 1)
                    if re.search(rf"\b{name}\b", line)
                ),
                1,
            ),
        )


def _check_helpers(cell: LessonCell, own: frozenset[str]) -> Iterator[Problem]:
    for node in ast.walk(ast.parse(cell.source)):
        if not _is_testing(node, THERE):
            continue
        first = node.args[0] if node.args else None  # type: ignore[attr-defined]
        while isinstance(first, ast.Attribute):
            first = first.value
        if not isinstance(first, ast.Name) or first.id not in own:
            yield cell.problem(
                f"testing.{node.func.attr} takes the learner's own function first; a function of "  # type: ignore[attr-defined]
                "the test's own would run on the other side of the border.",
                node.lineno,  # type: ignore[attr-defined]
            )


def _names(cell: LessonCell) -> Names | None:
    try:
        return names_of(cell.source)
    except SyntaxError:
        return None  # reported by check_cells


def _check_metadata(cell: LessonCell, prefix: str) -> Iterator[Problem]:
    meta = cell.nbgrader
    if missing := [key for key in REQUIRED if key not in meta]:
        yield cell.problem(
            f"nbgrader metadata lacks {missing}; copy a whole heading from a lesson."
        )
    if meta.get("schema_version") != 3:
        yield cell.problem("nbgrader metadata has schema_version 3.")
    name = cell.grade_id or ""
    if not GRADE_ID.match(name) or len(name) > 64 or not name.startswith(f"{prefix}-"):
        yield cell.problem(
            f"grade id {name!r} begins '{prefix}-', holds lower-case words joined by '-', and has "
            "at most 64 characters."
        )
    if meta.get("grade") and "points" not in meta:
        kind = "hidden" if cell.role == "hidden" else "graded"
        yield cell.problem(f'a {kind} test has points: add "points": N to its metadata.')
    if meta.get("grade") and not meta.get("solution") and not meta.get("locked"):
        yield cell.problem('a test cell is locked: set "locked": true.')


def _check_code(cell: LessonCell) -> Iterator[Problem]:
    try:
        tree = ast.parse(cell.source)
        names = names_of(cell.source)
    except SyntaxError as error:
        yield cell.problem(f"is not valid Python: {error.msg}.", error.lineno or 1)
        return
    if cell.role == "demo" and len(cell.source.splitlines()) > DEMO_LINES:
        yield cell.problem(f"a demo has at most {DEMO_LINES} lines; split it.")
    if cell.role in ("solution", "visible", "hidden", "setup"):
        for module, line in names.modules.items():
            if module not in GRADED_IMPORTS:
                yield cell.problem(
                    f"imports {module!r}; graded cells import the standard library, numpy, torch "
                    "and course only.",
                    line,
                )
    if cell.role == "solution":
        yield from _check_markers(cell, "SOLUTION")
    if cell.role in ("visible", "hidden"):
        yield from _check_test(cell, tree)


def _check_markers(cell: LessonCell, word: str) -> Iterator[Problem]:
    begin, end = cell.source.count(f"### BEGIN {word}"), cell.source.count(f"### END {word}")
    if begin != end or begin == 0:
        yield cell.problem(f"has {begin} '### BEGIN {word}' and {end} '### END {word}'; pair them.")


def _check_test(cell: LessonCell, tree: ast.Module) -> Iterator[Problem]:
    lines = cell.source.splitlines()
    match = TEST_LINE.match(lines[0]) if lines else None
    wanted = "# Hidden test: what it tests (1 point)"
    if cell.role == "visible":
        wanted = "# Visible tests (0 points)"
    if not match or match["kind"].startswith("Hidden") != (cell.role == "hidden"):
        yield cell.problem(f"the first line of a {cell.role} test reads '{wanted}'.", 1)
    elif int(match["points"]) != cell.nbgrader.get("points"):
        yield cell.problem(
            f"says {match['points']} points, its metadata {cell.nbgrader.get('points')}.", 1
        )
    if cell.role == "hidden":
        yield from _check_markers(cell, "HIDDEN TESTS")
        if not cell.nbgrader.get("points"):
            yield cell.problem("a hidden test has points, at least one.")
        body = [line for line in lines[1:] if line.strip()]
        if body and (
            not body[0].startswith("### BEGIN HIDDEN") or not body[-1].startswith("### END HIDDEN")
        ):
            yield cell.problem(
                "only the first line of a hidden test stands outside its markers.", 2
            )
    checks = [n for n in ast.walk(tree) if isinstance(n, ast.Assert) or _is_check(n)]
    if not checks:
        yield cell.problem("a test asserts something: assert ..., testing.agree or testing.check.")
    for node in checks:
        if not _has_message(node):
            yield cell.problem(
                "this assertion has no message; say which mistake it is likely to be.", node.lineno
            )


def _is_check(node: ast.AST) -> bool:
    return _is_testing(node, ("agree", "check"))


def _is_testing(node: ast.AST, names: tuple[str, ...]) -> bool:
    """Whether this is a call ``testing.<one of the names>(...)``."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "testing"
        and node.func.attr in names
    )


def _has_message(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert):
        return node.msg is not None
    position = 2 if node.func.attr == "agree" else 1  # type: ignore[attr-defined]
    return len(node.args) > position or any(k.arg == "message" for k in node.keywords)  # type: ignore[attr-defined]


def _label(exercise: Exercise) -> re.Match[str] | None:
    return LABEL.search(exercise.prompt.source) if exercise.prompt else None


def _check_exercise(exercise: Exercise) -> Iterator[Problem]:
    cell = exercise.solution
    label = _label(exercise)
    if not label:
        yield cell.problem(
            "a prompt stands right before a solution cell, with a line such as "
            "'●●○ · 20 minutes · 4 points · core'."
        )
    roles = [t.role for t in exercise.tests]
    if roles.count("visible") != 1 or not 2 <= roles.count("hidden") <= 5:
        yield cell.problem(
            f"an exercise has one visible test cell and two to five hidden ones; {cell.grade_id} "
            f"has {roles.count('visible')} and {roles.count('hidden')}."
        )
    points = sum(t.nbgrader.get("points", 0) for t in exercise.tests)
    if label and exercise.prompt and int(label["points"]) != points:
        yield exercise.prompt.problem(
            f"the prompt promises {label['points']} points; the tests of {cell.grade_id} "
            f"carry {points}."
        )
