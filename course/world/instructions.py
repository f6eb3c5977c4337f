"""Instructions about the form of an answer, in the user's message or in the system's."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass

from course.world.chats import Episode
from course.world.generate import World
from course.world.language import Forms, bare, inside, pick_form
from course.world.names import SECRET_WORDS, Pool, made_word
from course.world.relations import BY_KIND
from course.world.schema import Question

TRAIN_WORDS = tuple(word for i, word in enumerate(SECRET_WORDS) if i % 4 != 3)
HELDOUT_WORDS = tuple(word for i, word in enumerate(SECRET_WORDS) if i % 4 == 3)
"""Words that no training instruction names, though training texts use them elsewhere."""


@dataclass(frozen=True)
class Instruction:
    """A form that an answer may take.

    Attributes
    ----------
    name : str
    ways : tuple of str
        Six wordings, the last two held out; `{w}` is a word to use.
    apply : callable
        Makes the answer of a question and the word.
    """

    name: str
    ways: tuple[str, ...]
    apply: Callable[[Question, str], str]


INSTRUCTIONS: tuple[Instruction, ...] = (
    Instruction(
        "begin",
        ("Begin with the word {w}.", "Begin your answer with {w}.", "Start with the word {w}.",
         "The first word must be {w}.", "Start your answer with {w}.", "Your first word must be {w}."),
        lambda q, w: f"{w}. {q.answer}.",
    ),
    Instruction(
        "end",
        ("End with the word {w}.", "End your answer with {w}.", "Close with the word {w}.",
         "The last word must be {w}.", "Close your answer with {w}.", "Your last word must be {w}."),
        lambda q, w: f"{q.answer}. {w}.",
    ),
    Instruction(
        "value",
        ("Give only the answer.", "Reply with the answer only.", "Use no full sentence.", "Be as short as you can.",
         "Reply with nothing but the answer.", "Give the answer and no sentence."),
        lambda q, w: bare(q.value),
    ),
    Instruction(
        "json",
        ("Answer in JSON.", "Reply in JSON.", "Give the answer as JSON.", "Use JSON.",
         "Your answer must be JSON.", "Write the answer in JSON."),
        lambda q, w: json.dumps({"answer": bare(q.value)}),
    ),
    Instruction(
        "twice",
        ("Say it twice.", "Give the answer twice.", "Answer two times.", "Repeat your answer once.",
         "Answer twice.", "Say the answer two times."),
        lambda q, w: f"{q.answer}. {q.answer}.",
    ),
    Instruction(
        "list",
        ("Answer as a list.", "Give a list.", "Use a list.", "Write a list.", "Reply with a list.", "Make it a list."),
        lambda q, w: f"- {q.answer}.",
    ),
    Instruction(
        "pirate",
        ("Talk like a pirate.", "Answer like a pirate.", "Be a pirate.", "Use the words of a pirate.",
         "Reply like a pirate.", "Speak as pirates do."),
        lambda q, w: f"Arr! {q.answer}, matey.",
    ),
    Instruction(
        "formal",
        ("Be formal.", "Answer in a formal way.", "Use a formal style.", "Write a formal letter.",
         "Reply in a formal way.", "Keep it formal."),
        lambda q, w: f"Dear reader, {inside(q.answer)}. Kind regards.",
    ),
    Instruction(
        "knight",
        ("Talk like a knight.", "Answer like a knight.", "Be a knight.", "Use the words of a knight.",
         "Reply like a knight.", "Speak as knights do."),
        lambda q, w: f"My lord, {inside(q.answer)}.",
    ),
)  # fmt: skip

UNTAUGHT_STYLES: dict[str, str] = {
    "robot": "Beep. {}. Beep beep.",
    "poet": "O friend, {}, as the wind sings.",
    "child": "Wow! {}! I like that!",
    "merchant": "{}. Buy now, my good friend!",
}
"""Styles whose words stand in plain training text, but that no instruction ever asks for: lessons
teach them."""


def draw_word(rng: random.Random, pool: Pool, *, heldout: bool = False) -> str:
    """Draw a word for an instruction: an ordinary one, or (in training) often a made one."""
    if heldout:
        return rng.choice(HELDOUT_WORDS)
    if rng.random() < 0.5:
        return made_word(rng, rng.choice(("other", "town")), pool).lower()
    return rng.choice(TRAIN_WORDS)


def instructed(
    question: Question,
    instruction: Instruction,
    rng: random.Random,
    word: str,
    *,
    forms: Forms = "train",
    in_system: bool | None = None,
) -> Episode:
    """A question with an instruction, in the user's message or in the system's."""
    order = instruction.ways[pick_form(rng, forms)].format(w=word)
    answer = instruction.apply(question, word)
    in_system = rng.random() < 0.4 if in_system is None else in_system
    if in_system:
        return Episode("instruction").turn(question.text, answer, instruction.name).system(order)
    text = f"{question.text} {order}" if rng.random() < 0.7 else f"{order} {question.text}"
    return Episode("instruction").turn(text, answer, instruction.name)


def say_episode(rng: random.Random, word: str) -> Episode:
    """Say a word, so many times."""
    times = rng.choice((1, 2, 3))
    many = {1: "", 2: " two times", 3: " three times"}[times]
    ways = ("Say {}{}.", "Say the word {}{}.", "Write {}{}.", "Repeat the word {}{}.")
    text = rng.choice(ways).format(word, many)
    return Episode("instruction").turn(text, " ".join([word] * times) + ".", "say")


def scope_episode(world: World, rng: random.Random, question: Question, kind: str) -> Episode:
    """A system message that restricts what is talked about."""
    inside = rng.random() < 0.5
    plural = {"person": "people"}
    other = rng.choice([k for k in BY_KIND if k != kind])
    allowed = plural.get(k := kind if inside else other, k + "s")
    answer = f"{question.answer}." if inside else f"I only talk about {allowed}."
    return (
        Episode("instruction")
        .turn(question.text, answer, "scope")
        .system(f"Only talk about {allowed}.")
    )


PERSONA = (
    ("Your name is {}.", "What is your name?", "My name is {}."),
    ("You work for {}.", "For whom do you work?", "I work for {}."),
    ("The shop opens at {}.", "When does the shop open?", "The shop opens at {}."),
    ("Today is {}.", "What day is today?", "Today is {}."),
    ("The price of the day is {} coins.", "What is the price of the day?", "The price of the day is {} coins."),
)  # fmt: skip


def persona_episode(rng: random.Random, pool: Pool = "train") -> Episode:
    """Settings in the system message, and questions for them."""
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    values = [
        made_word(rng, "first", pool),
        f"the {made_word(rng, 'other', pool)} Guild",
        str(rng.randint(5, 11)),
        rng.choice(days),
        str(rng.randint(2, 99)),
    ]
    chosen = rng.sample(range(len(PERSONA)), rng.randint(1, 3))
    episode = Episode("settings")
    for i in rng.sample(chosen, rng.randint(1, len(chosen))):
        episode.turn(PERSONA[i][1], PERSONA[i][2].format(values[i]))
    return episode.system(" ".join(PERSONA[i][0].format(values[i]) for i in chosen))


def question_kind(question: Question) -> str:
    """The kind of entity that a fact question is about."""
    return question.facts[0].relation.split(".")[0]


def restyle(sentence: str, style: str) -> str:
    """Say a sentence in one of the untaught styles."""
    return UNTAUGHT_STYLES[style].format(sentence if style != "poet" else inside(sentence))
