"""`course lab evaluate`: measure a model, store the figures, or compare them with those shipped."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from course.grading.errors import CourseError, UsageError
from course.lab.config import Config
from course.lab.measure import differing, written

FIGURES = "figures.json"


def measure(config: Config, folder: Path, limit: int | None = None) -> tuple[dict, dict]:
    """Run a model's evaluation function.

    Parameters
    ----------
    config : Config
    folder : Path
        The model's, shipped or of a finished run.
    limit : int, optional
        At most so many cases per figure.

    Returns
    -------
    figures : dict
        Name to value, spread and n.
    tables : dict
        Name to rows.
    """
    from course.lab.use import load_folder, load_tokenizer

    if config.evaluate is None:
        raise UsageError(f"the config of {config.name!r} names no evaluation function.")
    try:
        model = load_folder(folder)
    except ValueError as error:
        raise CourseError(str(error)) from error
    tokenizer = load_tokenizer(folder) if config.tokenizer else None
    found = config.evaluate(model, tokenizer, folder=folder, limit=limit)
    tables = {name: rows for name, rows in found.items() if isinstance(rows, list)}
    return {name: figure for name, figure in found.items() if name not in tables}, tables


def store(folder: Path, figures: dict, tables: dict) -> None:
    """Write figures as JSON and tables as CSV into a model's folder."""
    (folder / FIGURES).write_text(json.dumps(figures, indent=2) + "\n")
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def shipped_table(folder: Path, name: str) -> list[dict[str, str]]:
    """Return the rows of a table stored in a model's folder."""
    with (folder / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def shipped(folder: Path) -> dict:
    """Return the figures stored in a model's folder."""
    path = folder / FIGURES
    if not path.is_file():
        raise CourseError(f"{folder.name} has no figures yet: run `course lab evaluate` on it.")
    return json.loads(path.read_text())


def run(config: Config, folder: Path, console: Console, *, check: bool, limit: int | None) -> int:
    """Measure; then store, or with `check` compare. Returns 1 if figures do not agree."""
    figures, tables = measure(config, folder, limit)
    old = shipped(folder) if check else {}
    table = Table("figure", "value", "± 95 %", "n", *(["shipped"] if check else []))
    for name, figure in figures.items():
        cells = [name, *(written(figure[key]) for key in ("value", "spread", "n"))]
        table.add_row(*cells, *([written(old[name]["value"]) if name in old else "–"] * check))
    console.print(table)
    if not check:
        if limit is not None:
            raise UsageError("figures of a part of the cases are not stored: use --check.")
        store(folder, figures, tables)
        return 0
    for sentence in (sentences := differing(old, figures)):
        console.print(sentence, soft_wrap=True, highlight=False)
    console.print(f"{len(figures)} figures, {len(sentences)} of them outside their spread.")
    return 1 if sentences else 0
