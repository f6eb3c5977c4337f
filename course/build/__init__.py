"""One-way build: lessons -> source/ -> release/."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from course.build.source import assemble
from course.grading.errors import CourseError
from course.grading.ledger import write_whole
from course.syllabus import PACKAGE, read_syllabus


def build(root: Path, package: Path = PACKAGE) -> dict[Path, str]:
    """Make every derived file of the course, in memory.

    Parameters
    ----------
    root : Path
        The course root: the folder that holds ``source/`` and ``release/``.
    package : Path
        The package folder, which holds the syllabus and the lessons.

    Returns
    -------
    dict of Path to str
        Texts by path relative to ``root``.

    Raises
    ------
    CourseError
        If a lesson is broken or nbgrader refuses a notebook.
    """
    from course.build.release import generate_release  # nbgrader takes a second to import

    written = [n for n in read_syllabus(package).notebooks if n.written]
    sources = {n.path: assemble(n, root) for n in written}
    releases = generate_release(root, sources)
    return {
        Path(folder) / path: text
        for folder, texts in (("source", sources), ("release", releases))
        for path, text in texts.items()
    }


def stale(root: Path, files: dict[Path, str]) -> list[str]:
    """Compare the committed notebooks with the built ones; one sentence for each difference."""
    found = []
    for path, text in files.items():
        target = root / path
        if not target.is_file():
            found.append(f"{path} is missing.")
        elif target.read_bytes() != text.encode():
            found.append(f"{path} differs from what its lessons make.")
    for folder in ("source", "release"):
        for extra in sorted((root / folder).rglob("*.ipynb")):
            path = extra.relative_to(root)
            if path not in files and ".ipynb_checkpoints" not in path.parts:
                found.append(f"{path} is made from no lesson; delete it.")
    return found


def write(root: Path, files: dict[Path, str]) -> list[Path]:
    """Write what differs, each file whole or not at all; return what was written."""
    changed = []
    for path, text in files.items():
        target = root / path
        if target.is_file() and target.read_bytes() == text.encode():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, text)
        changed.append(path)
    return changed


def run(root: Path, *, check: bool, console: Console) -> int:
    """Build, or with ``check`` only compare; return the exit code."""
    files = build(root)
    if check:
        if found := stale(root, files):
            raise CourseError("\n".join([*found, "Run `course build` and commit what it writes."]))
        console.print(f"{len(files)} notebooks are what their lessons make.")
        return 0
    changed = write(root, files)
    for path in changed:
        console.print(f"wrote {path}")
    console.print(f"{len(files)} notebooks built, {len(changed)} changed.")
    return 0
