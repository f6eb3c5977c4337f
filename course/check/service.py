"""The process that checks for a notebook: it keeps the sandbox warm from one check to the next.

A notebook's kernel is the learner's own: other threads run in it, and anything in it may have been
replaced. So nothing is judged there. `%check` starts this module as a process, writes a line of
JSON for each check and reads a line back. The process ends when its input does.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from io import StringIO
from pathlib import Path

from course.check import use_one_thread


def main() -> None:
    """Answer requests until there are no more."""
    use_one_thread()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # in order: the sandbox is closed
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what anything else prints is no answer
    for line in sys.stdin:
        answers.write(json.dumps(answer(json.loads(line))) + "\n")
        answers.flush()


def answer(request: dict) -> dict:
    """Check what a request names.

    Parameters
    ----------
    request : dict
        ``folder`` (where to look for the course from), and ``names`` and ``begun`` as in `check`.

    Returns
    -------
    dict
        ``html`` and ``text`` of the report, and ``passed``; or ``error``, a sentence.
    """
    from rich.console import Console

    from course.check.checking import check
    from course.check.page import as_html
    from course.check.terminal import print_report
    from course.cli import find_root
    from course.grading.errors import CourseError

    try:
        report = check(find_root(Path(request["folder"])), request["names"], begun=request["begun"])
    except CourseError as error:
        return {"error": str(error)}
    except Exception as error:
        return {"error": f"the check itself stopped with {type(error).__name__}: {error}"}
    text = StringIO()
    print_report(report, Console(file=text, width=100, color_system=None))
    return {"html": as_html(report), "text": text.getvalue(), "passed": report.passed}


if __name__ == "__main__":
    main()
