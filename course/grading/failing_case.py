"""The smallest input that a test failed with: kept by the judge, shown when its time has come.

A test's helper may attach a case to its error: what the function was given, what came back, what
should have. An executed cell keeps it in its metadata, on the instructor's side. A visible test
shows it at once; of a hidden test a learner sees it after some failed attempts, and whoever makes
a page for learners decides that with `reveal` and takes the metadata out with `drop`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode

KEY = "case"
FAILURES = "failures"
LENGTH = 2_000
_PARTS = ("input", "result", "expected")


def case_of(error: BaseException) -> dict[str, str] | None:
    """What an error says about the input that failed: texts, those that are not empty.

    Parameters
    ----------
    error : BaseException
        Its ``case``, where it has one, is a tuple of texts: input, result, expected.
    """
    case = getattr(error, "case", None)
    if not isinstance(case, tuple):
        return None
    parts = zip(_PARTS, case, strict=False)
    return trimmed({part: text for part, text in parts if isinstance(text, str)}) or None


def trimmed(case: Mapping[str, str]) -> dict[str, str]:
    """A case's texts, those that are not empty, as one line each that any file can hold."""
    return {
        part: text.replace("\n", " ").encode("utf-8", "replace").decode()[:LENGTH]
        for part, text in case.items()
        if text
    }


def case_lines(case: Mapping[str, str]) -> list[str]:
    """A line for each part of a case."""
    return [f"{part}: {case[part]}" for part in _PARTS if case.get(part)]


def keep(cell: NotebookNode, case: Mapping[str, str] | None) -> None:
    """Write a case into the metadata of an executed cell."""
    if case:
        cell.metadata.setdefault("course", NotebookNode())[KEY] = NotebookNode(case)


def kept(cell: NotebookNode) -> dict[str, str] | None:
    """The case that an executed cell keeps."""
    case = cell.metadata.get("course", {}).get(KEY)
    return dict(case) if isinstance(case, dict) else None


def count_failures(cell: NotebookNode, failures: int) -> None:
    """Write down how many submissions have failed this test so far."""
    cell.metadata.setdefault("course", NotebookNode())[FAILURES] = failures


def failures(cell: NotebookNode) -> int:
    """How many submissions have failed this test so far; 0 where nobody counts."""
    counted = cell.metadata.get("course", {}).get(FAILURES)
    return counted if type(counted) is int else 0


def reveal(cell: NotebookNode) -> None:
    """Show the case in the cell's error, below its message."""
    case = kept(cell)
    for output in cell.outputs if case else ():
        if output.output_type == "error":
            end = message_lines(output)
            output.traceback[end:end] = case_lines(case)


def message_lines(error: NotebookNode) -> int:
    """How many lines of an error's traceback are its message, as the judge writes them."""
    return len(error.evalue.split("\n"))


def drop(cell: NotebookNode) -> None:
    """Take the case and the count out of the metadata: this notebook goes to a learner."""
    course: Any = cell.metadata.get("course", {})
    for key in (KEY, FAILURES):
        course.pop(key, None)


def is_hidden(cell: NotebookNode) -> bool:
    """Whether learners do not get to see this test's source."""
    return "### BEGIN HIDDEN TESTS" in cell.source
