"""Check your own work: `course check`, `%check` in a notebook, `--watch`.

The same engine as for grading, with the same verdict: the learner's notebook is put right from the
template, and the wanted sections are executed in the sandbox, their tests outside it. Nothing of a
notebook is changed. Hidden tests stay hidden: a report holds their titles and messages, and after
the second failed check the smallest input that failed.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def use_one_thread() -> None:
    """Before NumPy is imported: judges are forked, and a fork after work in two threads hangs."""
    for name in _ONE_THREAD:
        os.environ.setdefault(name, "1")


def run(root: Path, names: Sequence[str], *, watch: bool, console: Console) -> int:
    """Carry out `course check`; the exit code.

    Parameters
    ----------
    root : Path
        The course's folder.
    names : sequence of str
        Questions, exercises, notebooks, paths; empty for all that has been begun.
    watch : bool
        Check again whenever the notebook is saved, until Ctrl-C.
    console : Console
        Where to print.

    Returns
    -------
    int
        0 where all wanted tests pass, else 1.
    """
    use_one_thread()
    from course.check.checking import check
    from course.check.terminal import print_report
    from course.check.watching import check_on_each_save

    if watch:
        return check_on_each_save(root, names, console)
    report = check(root, names)
    print_report(report, console)
    return 0 if report.passed else 1
