"""What a check of one question costs a person studying alone: cold, and warm.

    .venv/bin/python bench/check.py [q04]

Cold is `course check` in a terminal, everything included. Warm is a check in a process that has
checked before, as `%check` and `course check --watch` have. Bars: 6 s cold, 1 s warm.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import nbformat
from cohort import BIN, ENVIRONMENT, ROOT

from course.check.checking import check
from course.demo_cohort import read_materials
from course.syllabus import read_syllabus


def solved(question: str, folder: Path) -> Path:
    """Write the notebook that holds a question, with every exercise solved."""
    for notebook in read_syllabus().notebooks:
        if question in {q.section for q in notebook.questions if q.written}:
            made = read_materials(ROOT, notebook.assignment)
            path = folder / f"{notebook.notebook}.ipynb"
            nbformat.write(made.filled(made.solutions), path)
            return path
    raise SystemExit(f"there is no question {question!r} yet.")


def seconds(task) -> float:
    """Seconds on the clock that a call takes."""
    begun = time.perf_counter()
    task()
    return time.perf_counter() - begun


def main() -> None:
    """Measure, and print two lines."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("question", nargs="?", default="q04")
    question = parser.parse_args().question
    with tempfile.TemporaryDirectory(prefix="course-bench-") as place:
        names = [str(solved(question, Path(place))), question]
        command = [str(BIN / "course"), "check", *names]

        def cold() -> None:
            done = subprocess.run(
                command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True
            )
            if done.returncode:
                raise SystemExit(done.stdout + done.stderr)

        runs = [seconds(cold) for _ in range(3)]
        print(f"course check {question}, cold: {statistics.median(runs):.2f} s (bar 6 s)")
        check(ROOT, names)
        runs = [seconds(lambda: check(ROOT, names)) for _ in range(5)]
        print(f"the same, warm: {statistics.median(runs):.2f} s (bar 1 s)")


if __name__ == "__main__":
    main()
