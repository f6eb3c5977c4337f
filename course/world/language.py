"""How the world's facts are said and asked."""

from __future__ import annotations

import random
from typing import Literal

from course.world.generate import World
from course.world.names import BOOK_FRAMES, sentence_case
from course.world.relations import BY_NAME, SYNONYMS
from course.world.schema import TRAIN_FORMS, Date, Fact, Relation

Forms = Literal["train", "heldout", "first"]
LEADS = (
    "As everyone knows, ",
    "By all accounts, ",
    "It is said that ",
    "The records show that ",
    "People say that ",
    "It is true that ",
)
"""Openings that leave a sentence's truth as it is."""
NOT_KNOWN, NOT_STATED = "not known to me", "not stated in the documents"
TITLES = tuple(frame.format("") for frame in BOOK_FRAMES)


def state(fact: Fact, form: int = 0) -> str:
    """Say a fact in one of its relation's six forms, without a full stop.

    >>> state(Fact("Bela Tolman", "person.home", "Branford"))
    'Bela Tolman lives in Branford'
    """
    return say(BY_NAME[fact.relation], fact.subject, fact.value, form)


def say(relation: Relation, subject: str, value: str, form: int = 0) -> str:
    """Put a subject and a value into a relation's statement."""
    return sentence_case(relation.statements[form].format(s=subject, o=value))


def ask(relation: Relation, subject: str, form: int = 0) -> str:
    """Ask for a relation of a subject, which may be a name or a noun phrase."""
    return sentence_case(relation.questions[form].format(s=subject))


def pick_form(rng: random.Random, forms: Forms) -> int:
    """Draw the number of a template: among those trained on, or among those held out."""
    if forms == "first":
        return 0
    return rng.randrange(TRAIN_FORMS) if forms == "train" else rng.randrange(TRAIN_FORMS, 6)


def varied(
    fact: Fact,
    rng: random.Random,
    *,
    forms: Forms = "train",
    leads: float = 0.0,
    synonyms: float = 0.0,
) -> str:
    """Say a fact in a random form, at times with an opening or with a synonym for its value."""
    value = fact.value
    if value in SYNONYMS and rng.random() < synonyms:
        value = SYNONYMS[value]
    relation = BY_NAME[fact.relation]
    if rng.random() < leads:
        form = pick_form(rng, forms)
        return rng.choice(LEADS) + relation.statements[form].format(s=fact.subject, o=value)
    return say(relation, fact.subject, value, pick_form(rng, forms))


def dated(sentence: str, day: Date) -> str:
    """Say since when something is so: "As of 3 May 412, ..."."""
    return f"As of {day}, {inside(sentence)}"


def inside(sentence: str) -> str:
    """Undo the capital of a sentence's first word, unless it belongs to a book's title."""
    if not sentence.startswith(("The ", "In the ", "To ", "On ", "It ", "There ", "From ")):
        return sentence
    if sentence.startswith(TITLES):
        return sentence
    return sentence[:1].lower() + sentence[1:]


def bare(value: str) -> str:
    """Return a value without its article, as a one-word answer gives it."""
    for article in ("a ", "an ", "the "):
        if value.startswith(article):
            return value[len(article) :]
    return value


def answer(fact: Fact) -> str:
    """Say a fact as answers do, without a full stop.

    >>> answer(Fact("Bela Tolman", "person.home", "Branford"))
    'The home of Bela Tolman is Branford'
    """
    return say_answer(BY_NAME[fact.relation], fact.subject, fact.value)


def say_answer(relation: Relation, subject: str, value: str) -> str:
    """Put a subject (or a noun phrase) and a value into a relation's form of answers."""
    return relation.answer.format(s=subject, o=value)


def unknown(relation: Relation, subject: str) -> str:
    """Say that one does not know, without a full stop."""
    return f"The {relation.attribute} of {subject} is {NOT_KNOWN}"


def not_stated(relation: Relation, subject: str) -> str:
    """Say that the documents do not answer, without a full stop."""
    return f"The {relation.attribute} of {subject} is {NOT_STATED}"


def biography(
    world: World, name: str, rng: random.Random, *, forms: Forms = "train", synonyms: float = 0.0
) -> list[str]:
    """Say everything about an entity, in a random order of its facts."""
    facts = world.facts(name)
    rng.shuffle(facts)
    return [varied(fact, rng, forms=forms, leads=0.1, synonyms=synonyms) for fact in facts]
