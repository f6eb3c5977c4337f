"""The learner's desk: their own copies of the released notebooks, in `desk/`."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.validator import normalize
from rich.console import Console

from course.carry import carry_over, source_hash
from course.grading.errors import CourseError

MANIFEST = ".made-from.json"

# what nbformat raises on JSON that is not a notebook
NOT_A_NOTEBOOK = (
    nbformat.ValidationError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


def prepare(root: Path) -> list[Path]:
    """Copy what is in `release/` and not yet in `desk/`; a learner's file is never touched.

    Parameters
    ----------
    root : Path
        The course's folder.

    Returns
    -------
    list of Path
        The copies that were made.

    Raises
    ------
    CourseError
        When there is no release, or `desk/` cannot be written.
    """
    desk, made = root / "desk", []
    manifest = _read_manifest(root)
    with _told(desk):
        for name, source in _released(root).items():
            if not (desk / name).exists():
                _write(desk / name, source.read_bytes())
                manifest[name] = _record(source)
                made.append(desk / name)
        if made:
            _write_manifest(root, manifest)
    return made


def outdated(root: Path) -> list[str]:
    """Files of the desk whose release has changed since the copy was made.

    Parameters
    ----------
    root : Path
        The course's folder.

    Returns
    -------
    list of str
        Names such as ``1-llm-internals/llm-internals.ipynb``.
    """
    desk, manifest = root / "desk", _read_manifest(root)
    stale = []
    for name, source in _released(root).items():
        copied_from = manifest.get(name, {}).get("sha256")
        if (desk / name).is_file() and copied_from != _sha(source.read_bytes()):
            stale.append(name)
    return stale


def update_copies(root: Path) -> list[tuple[Path, Path | None]]:
    """Bring outdated copies up to date and carry the learner's own work over.

    Parameters
    ----------
    root : Path
        The course's folder.

    Returns
    -------
    list of (Path, Path or None)
        Each new copy, with the dated file that keeps the old one; None where the learner had
        changed nothing, so that there was nothing to keep.

    Raises
    ------
    CourseError
        When a copy is not a notebook, or `desk/` cannot be written. What stood there stays.
    """
    desk, manifest, done = root / "desk", _read_manifest(root), []
    with _told(desk):
        for name in outdated(root):
            source, copy = _released(root)[name], desk / name
            old, new = copy.read_bytes(), source.read_bytes()
            kept = None
            if _sha(old) not in (manifest.get(name, {}).get("sha256"), _sha(new)):
                if source.suffix == ".ipynb":
                    stubs = manifest.get(name, {}).get("cells", {})
                    new = _bytes(carry_over(_notebook(copy, old), _notebook(source, new), stubs))
                kept = _dated(copy)
                _write(kept, old)
            _write(copy, new)  # the old one is safe by now
            manifest[name] = _record(source)
            _write_manifest(root, manifest)
            done.append((copy, kept))
    return done


def run(root: Path, *, update: bool, open_lab: bool, console: Console) -> int:
    """Carry out `course desk`; the exit code.

    Parameters
    ----------
    root : Path
        The course's folder.
    update : bool
        Take over changed releases.
    open_lab : bool
        Start JupyterLab on the desk and wait until it ends.
    console : Console
        Where to say what was done.
    """
    made = prepare(root)
    for path in made:
        console.print(f"new: {path.relative_to(root)}", markup=False, highlight=False)
    if update:
        changed = update_copies(root)
        for copy, kept in changed:
            text = f"updated: {copy.relative_to(root)}"
            if kept:
                text += f", with your answers and your own cells; all else is in {kept.name}"
            console.print(text, markup=False, highlight=False)
        if not changed and not made:
            console.print("Every notebook on your desk is that of the release.")
    elif stale := outdated(root):
        console.print(
            f"There is a newer release of: {', '.join(stale)}. Your copies stay as they are; "
            "`course desk --update` makes new ones with your work in them and keeps the old.",
            markup=False,
        )
    if open_lab:
        return open_jupyterlab(root)
    if not update:
        console.print(f"Your notebooks are in {root / 'desk'}.", markup=False, highlight=False)
    return 0


def lab_command(desk: Path) -> list[str]:
    """The command that starts JupyterLab on `desk`, with the Python that runs this."""
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={desk}"]
    return [*command, "--ServerApp.allow_root=True"] if os.geteuid() == 0 else command


def lab_environment(root: Path) -> dict[str, str]:
    """The environment that JupyterLab starts in.

    Terminals in it find `course`, and nbgrader its helpers. `tools/jupyter` switches off, as a
    default that anyone can change in the settings, the question about news and the look for
    updates: the course works offline.
    """
    environment = dict(os.environ)
    for name, folder in (
        ("PATH", Path(sys.executable).parent),
        ("JUPYTER_CONFIG_PATH", root / "tools" / "jupyter"),
    ):
        rest = [environment[name]] if environment.get(name) else []
        environment[name] = os.pathsep.join([str(folder), *rest])
    return environment


def open_jupyterlab(root: Path) -> int:
    """Start JupyterLab on the desk and wait until it ends; its exit code."""
    command, environment = lab_command(root / "desk"), lab_environment(root)
    try:
        return subprocess.run(command, cwd=root, env=environment).returncode
    except KeyboardInterrupt:  # how one leaves JupyterLab
        return 0


def _released(root: Path) -> dict[str, Path]:
    """Every file of `release/`, by its name there."""
    release = root / "release"
    files = {
        path.relative_to(release).as_posix(): path
        for path in sorted(release.glob("*/**/*"))
        if path.is_file() and not any(p.startswith(".") for p in path.relative_to(release).parts)
    }
    if not files:
        raise CourseError(f"there is nothing in {release}: run `course build` first.")
    return files


def _record(source: Path) -> dict[str, Any]:
    """What is remembered of a released file: its hash, and a notebook's cells with theirs."""
    data = source.read_bytes()
    record: dict[str, Any] = {"sha256": _sha(data)}
    if source.suffix == ".ipynb":
        cells = _notebook(source, data).cells
        record["cells"] = {cell.id: source_hash(cell) for cell in cells}
    return record


def _read_manifest(root: Path) -> dict[str, Any]:
    desk = root / "desk"
    if desk.exists() and not desk.is_dir():
        raise CourseError(f"{desk} is a file, and the desk is a folder of that name: move it away.")
    path = desk / MANIFEST
    if not path.exists():
        return {}
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CourseError(
            f"{path} is damaged: delete it, then run this again; your notebooks stay as they are."
        ) from error


def _write_manifest(root: Path, manifest: dict[str, Any]) -> None:
    text = json.dumps(manifest, indent=1, sort_keys=True) + "\n"
    _write(root / "desk" / MANIFEST, text.encode())


def _notebook(path: Path, data: bytes) -> NotebookNode:
    try:
        if not isinstance(json.loads(data), dict):
            raise ValueError("a notebook is a JSON object")
        with warnings.catch_warnings(action="ignore"):  # duplicate ids are mended right here
            _, notebook = normalize(nbformat.reads(data.decode(), as_version=4))
        nbformat.validate(notebook)
    except NOT_A_NOTEBOOK as error:
        raise CourseError(
            f"{path} is not a notebook that Jupyter could read: open it in JupyterLab and mend it, "
            "or move it away and run this again for a fresh copy."
        ) from error
    return notebook


def _bytes(notebook: NotebookNode) -> bytes:
    return (nbformat.writes(notebook) + "\n").encode()


def _dated(copy: Path) -> Path:
    """A free name beside `copy` with today's date in it."""
    stem = f"{copy.stem}-until-{date.today().isoformat()}"
    name, number = copy.with_name(stem + copy.suffix), 2
    while name.exists():
        name, number = copy.with_name(f"{stem}-{number}{copy.suffix}"), number + 1
    return name


def _write(path: Path, data: bytes) -> None:
    """Write a whole file or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@contextmanager
def _told(desk: Path) -> Iterator[None]:
    """Turn the system's refusals into one sentence."""
    try:
        yield
    except OSError as error:
        raise CourseError(
            f"{error.filename or desk} cannot be written ({error.strerror}): make room, or see to "
            "the folder's permissions, then run this again; no notebook was lost."
        ) from error
