"""Types that exercises are given: a contract names them as ``course.ReactResult``.

They are plain dataclasses, so they cross the border of the grading engine by value, and
`course.testing.close` compares them field by field.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["ReactResult"]


@dataclass(frozen=True)
class ReactResult:
    """What a run of a ReAct loop left behind (question 31).

    Attributes
    ----------
    answer : str or None
        The final answer; None where the run ended without one.
    trace : list of tuple of str
        What happened, in order, as (kind, text). Kinds are "thought", "action", "input",
        "observation" and "answer".
    stopped : str
        Why it ended: "answer", "max_steps", "repeat" (the same call twice in a row) or "format"
        (neither an action nor an answer).

    Examples
    --------
    >>> ReactResult("a key", [("thought", "I know."), ("answer", "a key")], "answer").stopped
    'answer'
    """

    answer: str | None
    trace: list[tuple[str, str]]
    stopped: Literal["answer", "max_steps", "repeat", "format"]
