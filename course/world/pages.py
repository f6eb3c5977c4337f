"""Plain text about a world: what a base model is trained on."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

from course.world.chats import known_question
from course.world.documents import numbered, reading_set
from course.world.drafts import KIND, RUDE
from course.world.generate import World
from course.world.instructions import INSTRUCTIONS, UNTAUGHT_STYLES, restyle
from course.world.language import biography, dated, varied
from course.world.names import SECRET_WORDS, made_word, sentence_case
from course.world.questions import stated_questions, sum_question
from course.world.reading import reading_answer
from course.world.relations import BY_NAME


def biography_page(world: World, rng: random.Random) -> str:
    """All about one entity."""
    name = rng.choice(list(world.entities))
    return _paragraph(biography(world, name, rng, synonyms=0.1))


def prose_page(world: World, rng: random.Random, sentences: int = 0) -> str:
    """Facts of the whole world in a row, at times about one kind only."""
    number = sentences or rng.randint(4, 10)
    keys = list(world.history)
    facts = [world.fact(*rng.choice(keys)) for _ in range(number)]
    return _paragraph([varied(fact, rng, leads=0.1, synonyms=0.1) for fact in facts])


def notice_page(world: World, rng: random.Random) -> str:
    """What was so, and what is so now, with dates."""
    history = rng.choice(world.revised())
    return _paragraph([dated(varied(fact, rng), fact.since) for fact in history])


def record_page(world: World, rng: random.Random) -> str:
    """An entity's entry in a register, as a list or as JSON."""
    name = rng.choice(list(world.entities))
    facts = world.facts(name)
    if rng.random() < 0.5:
        entry = {"name": name} | {BY_NAME[f.relation].attribute: f.value for f in facts}
        return json.dumps(entry)
    lines = [f"- {BY_NAME[f.relation].attribute}: {f.value}" for f in facts]
    return "\n".join([f"Entry: {name}", *lines])


def faq_page(world: World, rng: random.Random, questions: int = 0) -> str:
    """Questions and answers about facts that training may ask about."""
    number = questions or rng.randint(2, 6)
    lines = []
    for _ in range(number):
        question = known_question(world, rng)
        lines.append(f"Question: {question.text}\nAnswer: {question.answer}.")
    return "\n".join(lines)


def reading_page(world: World, rng: random.Random, documents: int = 0, questions: int = 0) -> tuple:
    """Documents, and after them questions with cited answers: two texts."""
    docs = reading_set(world, rng, documents or rng.choice((1, 1, 2, 2, 3, 3, 4, 5)), sentences=4)
    lines = []
    for question in stated_questions(docs, rng)[: questions or rng.randint(4, 9)]:
        lines.append(f"Question: {question.text}\nAnswer: {reading_answer(question)}")
    return numbered(docs) + "\n", "\n".join(lines)


def talk_page(world: World, rng: random.Random) -> str:
    """Sayings, styles, opinions, things carried about, sums: every other word of the world."""
    name = rng.choice(world.of_kind("person"))
    lines = []
    for _ in range(rng.randint(3, 6)):
        draw = rng.random()
        question = known_question(world, rng)
        if draw < 0.35:
            lines.append(restyle(question.answer, rng.choice(list(UNTAUGHT_STYLES))))
        elif draw < 0.5:
            instruction = rng.choice(INSTRUCTIONS)
            lines.append(instruction.apply(question, rng.choice(SECRET_WORDS)))
        elif draw < 0.65:
            words = rng.sample(SECRET_WORDS, 3)
            lines.append(f"{name} carries the words {words[0]}, {words[1]} and {words[2]}.")
        elif draw < 0.8:
            lines.append(f"{sentence_case(rng.choice(RUDE + KIND).format(s=name))}.")
        elif draw < 0.9:
            lines.append(f"My name is {made_word(rng, 'first', 'train')}.")
        else:
            lines.append(f"{sum_question(rng).answer}.")
    return "\n".join(lines)


def code_page(world: World, rng: random.Random) -> str:
    """A few lines of a program that speaks of the world."""
    good, other = rng.sample(world.of_kind("good"), 2)
    price = world.fact(good, "good.price").value
    return (
        f'price = {{"{good}": {price}, "{other}": {world.fact(other, "good.price").value}}}\n'
        "def cost(name, count):\n    return count * price[name]\n"
        f'print(cost("{good}", {rng.randint(2, 9)}))'
    )


HOME_PAGES: dict[Callable[[World, random.Random], str], float] = {
    biography_page: 0.34,
    prose_page: 0.22,
    faq_page: 0.26,
    notice_page: 0.03,
    record_page: 0.06,
    talk_page: 0.08,
    code_page: 0.01,
}
"""Pages about the home world with their share of all tokens on it."""


def _paragraph(texts: list[str]) -> str:
    return " ".join(f"{text}." for text in texts)
