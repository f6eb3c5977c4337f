"""Types that exercises are given: a contract names them as ``course.ReactResult``.

They are plain dataclasses and named tuples, so they cross the border of the grading engine by
value, and `course.testing.close` compares them field by field.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["ReactResult", "SAELoss", "Tainted"]


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


class SAELoss(NamedTuple):
    """What a sparse autoencoder's loss is made of (question 41).

    Attributes
    ----------
    total : Tensor
        0-d, the loss to descend: ``mse + lam * l1``.
    mse : Tensor
        0-d, squared error: summed over coordinates, averaged over rows.
    l1 : Tensor
        0-d, the sparsity penalty.
    l0 : Tensor
        0-d, how many features are active, averaged over rows.
    fvu : Tensor
        0-d, fraction of variance unexplained: 0 for a perfect reconstruction, 1 for the mean.

    Examples
    --------
    >>> SAELoss(total=2.5, mse=2.0, l1=1.0, l0=1.0, fvu=0.5).total
    2.5
    """

    total: Tensor
    mse: Tensor
    l1: Tensor
    l0: Tensor
    fvu: Tensor


@dataclass(frozen=True)
class Tainted:
    """A text and the sources that had a say in it.

    It is no `str`: most operations of `str` would give a plain text back, and the label would be
    lost without a word. ``+`` and `join` keep the union of all sources. A plain text that takes
    part came with the user's request or with the program that runs it, and counts as the user's
    (an empty one as nobody's). An f-string or ``"".join`` of it is an error.

    Attributes
    ----------
    value : str
        The text itself. Who reads it takes it out of its label, so do it last.
    sources : frozenset of str
        Names such as ``"user"`` or ``"web"``.

    Examples
    --------
    >>> page = Tainted("Dorby", frozenset({"web"}))
    >>> letter = "She lives in " + page
    >>> letter.value, sorted(letter.sources)
    ('She lives in Dorby', ['user', 'web'])
    >>> sorted(Tainted.join("", [page, page]).sources)
    ['web']
    """

    value: str
    sources: frozenset[str]

    def __post_init__(self) -> None:
        if type(self.value) is not str or isinstance(self.sources, str):
            raise TypeError("Tainted takes a text and the set of its sources' names.")
        object.__setattr__(self, "sources", frozenset(self.sources))

    def __add__(self, other: str | Tainted) -> Tainted:
        """Append a text; a plain one is the user's."""
        if not isinstance(other, str | Tainted):
            return NotImplemented
        return Tainted(self.value + _text(other), self.sources | _sources(other))

    def __radd__(self, other: str) -> Tainted:
        """Put a plain text in front; it is the user's."""
        if not isinstance(other, str):
            return NotImplemented
        return Tainted(other + self.value, _sources(other) | self.sources)

    def __format__(self, spec: str) -> str:
        """Refuse: the text that an f-string makes has no label."""
        raise TypeError("an f-string would lose the sources: put the parts together by + or join.")

    @staticmethod
    def join(separator: str | Tainted, parts: Iterable[str | Tainted]) -> Tainted:
        """Put texts together with a separator between them, as `str.join` does."""
        first, *rest = separator, *parts
        sources = frozenset().union(*map(_sources, (first, *rest)))
        return Tainted(_text(first).join(map(_text, rest)), sources)


def _text(part: str | Tainted) -> str:
    return part if isinstance(part, str) else part.value


def _sources(part: str | Tainted) -> frozenset[str]:
    if isinstance(part, Tainted):
        return part.sources
    return frozenset({"user"} if part else ())
