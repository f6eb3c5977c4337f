"""Show proofs as tables: on the terminal, and in ``docs/proofs.md``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from course.proofs import Result, Row

HEAD = """\
# Proofs

Made by `course verify --write`; `make test` checks that it is what the proofs say.

Every exercise is proved by other ways to do it. A *right* way must pass all of the exercise's
tests. A *wrong* way, a mistake that someone would really make, must fail the test that is named
for it (in bold below) by that test's own assertion; where an exception is the honest outcome, the
table says *raises*. The reference solution passes everything, and the untouched cell that a
learner starts from earns no points.
"""
MARKUP = re.compile(r"(`[^`]*`)|([\\<*_\[\]])")


def markdown(rows: Sequence[Row]) -> str:
    """Return the text of ``docs/proofs.md``; the same proofs make the same text.

    Parameters
    ----------
    rows : sequence of Row
        From `course.proofs.verify`, over all exercises.
    """
    parts = [
        HEAD,
        "| Exercise | Right ways accepted | Wrong ways rejected | Survivors |\n|---|---|---|---|\n"
        + "".join(
            f"| [`{row.exercise}`](#{row.exercise}) | {row.score('right')} | "
            f"{row.score('wrong')} | {'; '.join(map(_plain, row.survivors)) or 'none'} |\n"
            for row in rows
        ),
    ]
    for row in rows:
        parts.append(
            f"## `{row.exercise}`\n\n| | Way | Tests that it fails |\n|---|---|---|\n"
            + "".join(_line(row, result) for result in row.results)
        )
    return "\n".join(parts)


def _line(row: Row, result: Result) -> str:
    variant = result.variant
    shown = {i: _plain(row.titles[i]) for i in result.fails}
    if variant.target in shown:
        shown[variant.target] = f"**{shown[variant.target]}**"
        shown = {variant.target: shown[variant.target]} | shown
    fails = "; ".join(shown.values()) or "none"
    kind = variant.kind if variant.line else ""
    return f"| {kind} | {_plain(variant.text)}{' *raises*' * variant.raises} | {fails} |\n"


def _plain(text: str) -> str:
    """Write a heading so that Markdown shows it as it stands; code in backticks stays code."""
    text = MARKUP.sub(lambda m: m[1] or f"\\{m[2]}", text)
    return text.replace("|", "\\|")


def console_table(rows: Sequence[Row]) -> Table:
    """Return the summary for the terminal."""
    table = Table(title="Proofs", title_justify="left")
    table.add_column("exercise", no_wrap=True)
    for title in ("reference", "stub", "right accepted", "wrong rejected"):
        table.add_column(title, justify="right")
    table.add_column("survived")
    for row in rows:
        scores = [row.score(kind) for kind in ("reference", "stub", "right", "wrong")]
        survivors = escape("; ".join(row.survivors)) or "none"
        table.add_row(escape(row.exercise), *scores, survivors)
    return table
