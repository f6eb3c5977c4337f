"""A report in the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from course.check import wording
from course.check.report import ExerciseResult, Report

_STYLES = {"pass": "green", "FAIL": "bold red", "waits": "yellow"}


def print_report(report: Report, console: Console) -> None:
    """Print what a check found; everything in it is text, never markup."""
    for notice in report.notices:
        console.print(Text(notice, style="yellow"))
    for notebook in report.notebooks:
        console.print(Text(notebook.name, style="bold"))
        if notebook.problem:
            console.print(Text(notebook.problem, style="red"))
        if notebook.notes:
            console.print("Put right before checking, as in grading:")
            for note in notebook.notes:
                console.print(Padding(Text(note), (0, 0, 0, 2)))
        for exercise in notebook.exercises:
            console.print(_exercise(exercise))
    if report.exercises:
        console.print(Text(f"\n{wording.total(report)}", style="bold"))
    if hint := wording.hint(report):
        console.print(Text(hint, style="dim"))


def _exercise(exercise: ExerciseResult) -> Padding:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=5)
    table.add_column(overflow="fold", ratio=1)
    table.add_column(justify="right", no_wrap=True)
    table.expand = True
    head = Text(f"{exercise.title} ", style="bold")
    head.append(f"({exercise.exercise_id})", style="not bold dim")
    title = Table.grid(padding=(0, 1), expand=True)
    title.add_column(overflow="fold", ratio=1)
    title.add_column(justify="right", no_wrap=True)
    title.add_row(head, Text(wording.state(exercise)))
    outer = Table.grid(expand=True)
    outer.add_row(title)
    if exercise.begun:
        if exercise.error:
            text = f"Your solution cell ended with {exercise.error}"
            table.add_row("", Text(text, style="red"), "")
        for test in exercise.tests:
            word = wording.verdict(test)
            table.add_row(
                Text(word, style=_STYLES[word]), Text(test.title), Text(wording.points(test))
            )
            for label, text in wording.details(test):
                table.add_row("", _detail(label, text), "")
        outer.add_row(Padding(table, (0, 0, 0, 2)))
    return Padding(outer, (1, 0, 0, 0))


def _detail(label: str, text: str) -> Text:
    if not label:
        return Text(text)
    said = Text(f"{label}: ", style="cyan")
    said.append(f"\n{text}" if "\n" in text else text, style="default")
    return said
