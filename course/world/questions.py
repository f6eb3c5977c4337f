"""Questions about a world with gold answers and sources."""

from __future__ import annotations

import random
from collections.abc import Sequence

from course.world.documents import absent_name
from course.world.generate import World, kept_for_tests, near_miss
from course.world.language import Forms, answer, ask, not_stated, pick_form, say_answer, unknown
from course.world.names import Pool, entity_name
from course.world.relations import BY_KIND, BY_NAME
from course.world.schema import Document, Fact, Question


def fact_question(fact: Fact, rng: random.Random, forms: Forms = "train") -> Question:
    """Ask for a fact. The gold answer has the form of all answers."""
    text = ask(BY_NAME[fact.relation], fact.subject, pick_form(rng, forms))
    return Question(text, "fact", answer(fact), fact.value, (fact,))


def two_hop_question(
    first: Fact, second: Fact, rng: random.Random, forms: Forms = "train"
) -> Question:
    """Ask for a fact about the value of another fact.

    The gold answer restates the question's noun phrase; `steps` goes by way of both facts.
    """
    phrase = BY_NAME[first.relation].phrase.format(s=first.subject)
    relation = BY_NAME[second.relation]
    text = ask(relation, phrase, pick_form(rng, forms))
    gold = say_answer(relation, phrase, second.value)
    steps = (answer(first), answer(second))
    return Question(text, "two-hop", gold, second.value, (first, second), (), steps)


def unknown_question(
    world: World, rng: random.Random, pool: Pool = "train", forms: Forms = "train"
) -> Question:
    """Ask about a name that the world has never heard, made of another pool's words."""
    kind = rng.choice(list(BY_KIND))
    return _unanswerable(entity_name(rng, kind, pool), kind, "unknown", rng, forms)


def near_miss_question(
    world: World, rng: random.Random, forms: Forms = "train", *, tested: bool = False
) -> Question:
    """Ask about a name that is close to a known one and that nobody bears.

    Names kept for tests (`kept_for_tests`) only come with `tested`.
    """
    while True:
        entity = rng.choice(list(world.entities.values()))
        name = near_miss(world, entity.name, rng)
        if kept_for_tests(name) == tested:
            break
    return _unanswerable(name, entity.kind, "near-miss", rng, forms)


def _unanswerable(name: str, kind: str, label: str, rng: random.Random, forms: Forms) -> Question:
    relation = rng.choice(BY_KIND[kind])
    text = ask(relation, name, pick_form(rng, forms))
    return Question(text, label, unknown(relation, name), "")


def stated_questions(
    documents: Sequence[Document], rng: random.Random, forms: Forms = "train"
) -> list[Question]:
    """Ask for everything that a set of documents states, in random order, with sources."""
    where: dict[Fact, list[int]] = {}
    for number, document in enumerate(documents, 1):
        for fact in document.facts:
            if fact is not None:
                where.setdefault(fact, []).append(number)
    questions = []
    for fact, numbers in where.items():
        q = fact_question(fact, rng, forms)
        questions.append(Question(q.text, q.kind, q.answer, q.value, q.facts, tuple(numbers)))
    rng.shuffle(questions)
    return questions


def missing_questions(
    world: World, documents: Sequence[Document], rng: random.Random, forms: Forms = "train"
) -> list[Question]:
    """Ask for attributes of the documents' own subjects that the documents leave out."""
    stated = {(f.subject, f.relation) for d in documents for f in d.facts if f is not None}
    subjects = dict.fromkeys(subject for subject, _ in stated)
    questions = []
    for subject in subjects:
        for relation in BY_KIND[world.entities[subject].kind]:
            if (subject, relation.name) not in stated:
                text = ask(relation, subject, pick_form(rng, forms))
                questions.append(Question(text, "missing", not_stated(relation, subject), ""))
    rng.shuffle(questions)
    return questions


def absent_question(
    world: World, documents: Sequence[Document], rng: random.Random, forms: Forms = "train"
) -> Question:
    """Ask about somebody whom no document is about, mostly for an attribute that one states."""
    name, kind = absent_name(world, documents, rng)
    stated = [BY_NAME[f.relation] for d in documents for f in d.facts if f is not None]
    same = [relation for relation in stated if relation.kind == kind]
    relation = rng.choice(same) if rng.random() < 0.8 else rng.choice(BY_KIND[kind])
    text = ask(relation, name, pick_form(rng, forms))
    return Question(text, "absent", not_stated(relation, name), "")


def sum_question(rng: random.Random, digits: int = 2) -> Question:
    """Ask for a sum or a difference of two numbers with at most so many digits."""
    a, b = rng.randint(2, 10**digits - 1), rng.randint(2, 10**digits - 1)
    if rng.random() < 0.5:
        return Question(f"What is {a} + {b}?", "sum", f"{a} + {b} = {a + b}", str(a + b))
    a, b = max(a, b), min(a, b)
    return Question(f"What is {a} - {b}?", "sum", f"{a} - {b} = {a - b}", str(a - b))
