"""The cohort report: one self-contained HTML page, and the same figures as CSV."""

import csv
import io
import os
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from statistics import mean, median
from urllib.parse import quote

import jinja2

from course.grading.assignment import Assignment, Exercise
from course.grading.cohort import Cohort, LearnerResult
from course.grading.ledger import write_whole

_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)


def _points(value: float) -> str:
    """A score as a person would write it: 3, 2.5, 0.33."""
    return f"{round(value, 2):g}"


def _percent(share: float) -> str:
    """Rounded, but never up to all and never down to none."""
    percent = round(100 * share)
    if percent == 100 and share < 1 - 1e-9:
        percent = 99
    if percent == 0 and share > 1e-9:
        percent = 1
    return f"{percent}%"


_ENVIRONMENT.filters |= {"points": _points, "percent": _percent}


def write_reports(cohort: Cohort, folder: Path) -> tuple[Path, Path]:
    """Write `report.html` and `report.csv` into `folder`; each appears whole or not at all."""
    html, table = folder / "report.html", folder / "report.csv"
    write_whole(html, render_html(cohort, folder))
    write_whole(table, render_csv(cohort))
    return html, table


def render_html(cohort: Cohort, folder: Path) -> str:
    """The page; links to feedback are relative to `folder`."""
    totals = [result.total for result in cohort.graded]

    def link(result: LearnerResult) -> str | None:
        if result.feedback is None:
            return None
        return quote(os.path.relpath(result.feedback, folder))

    def mark(result: LearnerResult, exercise: Exercise) -> str:
        got = result.of(exercise)
        return "full" if got >= exercise.max_score else "part" if got > 0 else "none"

    exercises = [e for e in cohort.assignment.exercises if e.max_score]
    return _ENVIRONMENT.get_template("report.html.jinja2").render(
        cohort=cohort,
        best=cohort.assignment.max_score,
        average=mean(totals) if totals else None,
        middle=median(totals) if totals else None,
        histogram=cohort.histogram(),
        summaries=cohort.exercises(),
        behaviours=cohort.behaviours(),
        exercises=exercises,
        rows=sorted(cohort.results, key=lambda r: r.learner.casefold()),
        link=link,
        mark=mark,
        short=_short_names(exercises),
        written_at=datetime.now().astimezone().strftime("%d %B %Y, %H:%M"),
    )


def _short_names(exercises: list[Exercise]) -> dict[str, str]:
    """Exercise ids without the words that all of them begin with."""
    words = [exercise.exercise_id.split("-") for exercise in exercises]
    shared = list(takewhile(lambda same: len(set(same)) == 1, zip(*words, strict=False)))
    cut = len(shared) if len(words) > 1 else 0
    return {"-".join(w): "-".join(w[cut:]) or "-".join(w) for w in words}


def render_csv(cohort: Cohort) -> str:
    """A row per learner: total, maximum, points per exercise and per graded cell, remarks."""
    exercises, cells = cohort.assignment.exercises, cohort.assignment.cells
    several = len(cohort.assignment.notebooks) > 1

    def name(notebook: str, id_: str) -> str:
        return f"{notebook}/{id_}" if several else id_

    best = _points(cohort.assignment.max_score)
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(
        ["learner", "status", "total", "max"]
        + [f"exercise {name(e.cells[0].notebook, e.exercise_id)}" for e in exercises]
        + [name(cell.notebook, cell.grade_id) for cell in cells]
        + ["remarks"]
    )
    for result in cohort.results:
        status = "pending" if result.pending else "graded" if result.graded else "not graded"
        by_cell = {score.cell: score.score for score in result.scores}
        missing = "" if result.pending else 0
        marks = [by_cell.get(cell, missing) for cell in cells]
        rows.writerow(
            [_inert(result.learner), status, _points(result.total), best]
            + [_points(result.of(e)) for e in exercises]
            + ["" if mark is None or mark == "" else _points(mark) for mark in marks]
            + [_inert(" ".join(filter(None, [result.problem, *result.notes])))]
        )
    return text.getvalue()


def _inert(text: str) -> str:
    """Keep a spreadsheet from taking a learner's text for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def write_problem_page(
    folder: Path, assignment: Assignment, learner: str, problem: str, notes: tuple[str, ...]
) -> Path:
    """Feedback for a learner whose submission could not be graded."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / f"{assignment.notebooks[0].name}.html"
    template = _ENVIRONMENT.get_template("problem.html.jinja2")
    text = template.render(
        assignment=assignment.name,
        learner=learner,
        problem=problem,
        notes=notes,
        best=assignment.max_score,
    )
    write_whole(page, text)
    return page
