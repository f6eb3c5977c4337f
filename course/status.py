"""`course status`: the fifty questions, and which are not written yet."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from course.syllabus import read_syllabus


def run(console: Console) -> int:
    """Print the syllabus with the state of every question; return the exit code."""
    syllabus = read_syllabus()
    for notebook in syllabus.notebooks:
        table = Table(title=f"{notebook.assignment}: {notebook.title}", title_justify="left")
        table.add_column("Q", justify="right")
        table.add_column("question")
        table.add_column("level")
        table.add_column("min", justify="right")
        table.add_column("state")
        for q in notebook.questions:
            state = "written" if q.written else "not written yet"
            table.add_row(str(q.number), q.title, q.level, str(q.minutes), state)
        console.print(table)
    missing = [q.number for q in syllabus.questions if not q.written]
    done = len(syllabus.questions) - len(missing)
    console.print(f"{done} of {len(syllabus.questions)} questions are written.")
    if missing:
        console.print(f"Not written yet: {', '.join(map(str, sorted(missing)))}.")
    return 0
