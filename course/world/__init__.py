"""The little world: facts that are known exactly, and every text that is made of them."""

from course.world.checker import Check, Verdict, check, check_text, sentences
from course.world.generate import HOME_SEED, World, asked, make_world, near_miss
from course.world.language import ask, biography, state
from course.world.schema import Date, Document, Entity, Fact, Question, Relation

__all__ = [
    "HOME_SEED",
    "Check",
    "Date",
    "Document",
    "Entity",
    "Fact",
    "Question",
    "Relation",
    "Verdict",
    "World",
    "ask",
    "asked",
    "biography",
    "check",
    "check_text",
    "make_world",
    "near_miss",
    "sentences",
    "state",
]
