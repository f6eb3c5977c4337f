"""Where a sandbox's files are staged, and how what a killed grader left there is recognised.

A grader holds a lock on its folder as long as it, or a process that it forked, is there. The kernel
gives the lock up with the last of them, however they end, so a folder without one is left over.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

_PREFIX = "course-stage-"  # folders called course-sandbox- are of versions that held no lock


def claim() -> tuple[Path, int]:
    """Make a folder and lock it; return it with the descriptor that holds the lock."""
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return folder, descriptor


def give_up(folder: Path, descriptor: int | None) -> None:
    """Remove a folder and its lock."""
    shutil.rmtree(folder, ignore_errors=True)
    if descriptor is not None:
        os.close(descriptor)


def sweep() -> None:
    """Remove this user's folders that nobody holds any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # another's, or gone by now
            if folder.stat().st_uid == os.geteuid():
                _remove_if_left(folder)


def _remove_if_left(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if any(folder.iterdir()):  # an empty one was made just now, and is about to be locked
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(descriptor)
