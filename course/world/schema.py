"""The types of the little world: relations, entities, facts, dates, documents, questions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

MONTHS = (
    "January February March April May June July August September October November December"
).split()
KINDS = ("person", "town", "guild", "ship", "good", "book", "event")

TRAIN_FORMS = 4
"""Of the six templates and six question forms of a relation the first four are trained on; the
last two stand in no training text, so that language is held out as well as names."""


class Date(NamedTuple):
    """A day of the world's calendar; dates compare by time."""

    year: int
    month: int
    day: int

    def __str__(self) -> str:
        return f"{self.day} {MONTHS[self.month - 1]} {self.year}"

    @classmethod
    def parse(cls, text: str) -> Date:
        """Read a date as `str` writes it. Raises ValueError for anything else."""
        day, month, year = text.split()
        return cls(int(year), MONTHS.index(month) + 1, int(day))


@dataclass(frozen=True)
class Relation:
    """One kind of fact, with every way in which the world's language says and asks it.

    Attributes
    ----------
    name : str
        Unique, such as `"person.home"`.
    kind : str
        Kind of the subject, one of `KINDS`.
    attribute : str
        Name of the attribute in tables and tool calls, such as `"home"`.
    value : str
        An entity kind, or a kind of value (`"year"`, `"coins"`, `"colour"`, ...).
    statements : tuple of str
        Six templates with `{s}` and `{o}`.
    questions : tuple of str
        Six forms with `{s}`.
    gap : str
        What somebody does not know, `"where {s} lives"`.
    phrase : str
        A noun phrase for the value, `"the town where {s} lives"`: two-hop questions are made of it.
    revised : bool
        Whether the value may change in time.
    unit : str
        What follows a number in an answer, such as `" coins"`.
    """

    name: str
    kind: str
    attribute: str
    value: str
    statements: tuple[str, ...]
    questions: tuple[str, ...]
    gap: str
    phrase: str
    revised: bool = False
    unit: str = ""

    @property
    def answer(self) -> str:
        """The template of answers, "The home of {s} is {o}".

        Every answer has this form: attribute, subject, value. What is not known is said in the
        place of the value, so that whether to answer is decided where the value is looked up.
        """
        return f"The {self.attribute} of {{s}} is {{o}}{self.unit}"


@dataclass(frozen=True)
class Entity:
    """A person, town, guild, ship, good, book or event."""

    name: str
    kind: str


@dataclass(frozen=True)
class Fact:
    """That `subject` has `value` for `relation`, since `since` if that is known."""

    subject: str
    relation: str
    value: str
    since: Date | None = None


@dataclass(frozen=True)
class Document:
    """A short text with an id; its sentences are numbered from 1.

    `facts[i]` is what sentence `i + 1` states (None for a sentence that states no fact).
    """

    id: str
    title: str
    sentences: tuple[str, ...]
    facts: tuple[Fact | None, ...]
    date: Date | None = None

    @property
    def text(self) -> str:
        """The sentences as one paragraph."""
        return " ".join(f"{sentence}." for sentence in self.sentences)

    def cited(self, number: int) -> str:
        """The paragraph with the source number of the document on every sentence."""
        return " ".join(f"{sentence} [{number}]." for sentence in self.sentences)


@dataclass(frozen=True)
class Question:
    """A question with its gold answer.

    Attributes
    ----------
    text : str
        What is asked.
    kind : str
        `"fact"`, `"two-hop"`, `"unknown"`, `"near-miss"`, `"missing"` or `"sum"`.
    answer : str
        The gold answer as a sentence, without citation.
    value : str
        The short gold answer; empty when the right answer is that it is not known.
    facts : tuple of Fact
        What the answer rests on, in order of use.
    sources : tuple of int
        Numbers of the documents that state these facts, where documents are given.
    steps : tuple of str
        The sentences of a worked answer, the last one being the answer.
    """

    text: str
    kind: str
    answer: str
    value: str
    facts: tuple[Fact, ...] = ()
    sources: tuple[int, ...] = ()
    steps: tuple[str, ...] = field(default=())
