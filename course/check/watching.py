"""`course check --watch`: check again on each save that changes code."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Console

from course.check.checking import check
from course.check.terminal import print_report
from course.check.wanted import find_wanted
from course.grading.reading import Rejected, read_raw

PAUSE = 0.3
"""Seconds between two looks at the files."""


def check_on_each_save(root: Path, names: Sequence[str], console: Console) -> int:
    """Check, and again whenever a wanted notebook is saved with other code, until Ctrl-C.

    Returns
    -------
    int
        The exit code of the last check.
    """
    code, seen = 0, ""
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            paths = [wanted.path for wanted in find_wanted(root, names)]
            stamps = _stamps(paths)
            if (now := _code(paths)) != seen:
                seen = now
                report = check(root, names)
                code = 0 if report.passed else 1
                console.rule(f"{datetime.now():%H:%M:%S}")
                print_report(report, console)
                console.print("Watching for the next save. Ctrl-C ends.", style="dim")
            _wait_for_save(paths, stamps)
    console.print("\nStopped watching.")
    return code


def _wait_for_save(paths: Iterable[Path], before: list[tuple[int, int]]) -> None:
    """Return when a file has changed since `before` and has then stayed the same for a moment."""
    while (now := _stamps(paths)) == before:
        time.sleep(PAUSE)
    while True:
        time.sleep(PAUSE)
        if now == (now := _stamps(paths)):
            return


def _stamps(paths: Iterable[Path]) -> list[tuple[int, int]]:
    found = []
    for path in paths:
        try:
            status = path.stat()
            found.append((status.st_mtime_ns, status.st_size))
        except OSError:  # JupyterLab replaces the file while it saves
            found.append((0, 0))
    return found


def _code(paths: Iterable[Path]) -> str:
    """The sources of all cells: saving outputs alone is no reason to check again."""
    sources = []
    for path in paths:
        try:
            cells = read_raw(path.resolve(), path.resolve().parent)["cells"]
            sources.append([(cell["cell_type"], cell["source"]) for cell in cells])
        except Rejected as rejected:
            sources.append(str(rejected))
    return repr(sources)
