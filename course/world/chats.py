"""Conversations on what is known by heart: facts, chains of facts, what was said before."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from course.world.generate import World, asked
from course.world.language import Forms, answer, pick_form
from course.world.names import SECRET_WORDS, Pool, made_word
from course.world.questions import (
    fact_question,
    near_miss_question,
    sum_question,
    two_hop_question,
    unknown_question,
)
from course.world.relations import VALUES
from course.world.schema import Fact, Question

Message = dict[str, Any]


@dataclass
class Episode:
    """A conversation with the answers that are right.

    Attributes
    ----------
    task : str
        What it exercises.
    messages : list of dict
        In the form that `apply_chat_template` takes. Every assistant message is a gold answer.
    tools : list of str
        Names of the tools offered (`course.world.tools.TOOLS`).
    labels : list of str
        For each assistant message the kind of what was asked.
    sources : list of tuple of int
        For each assistant message the numbers of the documents that it rests on.
    """

    task: str
    messages: list[Message] = field(default_factory=list)
    tools: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    sources: list[tuple[int, ...]] = field(default_factory=list)

    def system(self, text: str) -> Episode:
        """Put a system message in front."""
        self.messages.insert(0, {"role": "system", "content": text})
        return self

    def turn(
        self, user: str, assistant: str, label: str = "", sources: tuple[int, ...] = ()
    ) -> Episode:
        """Add what a user says and what is answered."""
        self.messages += [
            {"role": "user", "content": user},
            {"role": "assistant", "content": assistant},
        ]
        return self.note(label or self.task, sources)

    def note(self, label: str, sources: tuple[int, ...] = ()) -> Episode:
        """Label the assistant message just added."""
        self.labels.append(label)
        self.sources.append(sources)
        return self


STEP_BY_STEP = (
    "Think step by step.",
    "Show your steps.",
    "Go step by step.",
    "Explain your steps.",
    "Take it one step at a time.",
    "Write the steps down.",
)
DIRECTLY = (
    "Answer directly.",
    "Give the answer at once.",
    "Answer without steps.",
    "Answer at once.",
    "Give no steps.",
    "Skip the steps.",
)
GREETINGS = (
    ("Hello.", "Hello. What do you want to know?"),
    ("Good morning.", "Good morning. What do you want to know?"),
    ("Thank you.", "You are welcome."),
    ("Goodbye.", "Goodbye and a safe road."),
    ("Who are you?", "I am a small language model. I know a little world."),
    (
        "Can you help me?",
        "Yes. Ask me about people, towns, guilds, ships, goods, books and events.",
    ),
)


def closed_book(question: Question) -> str:
    """The answer to a question from memory."""
    return f"{question.answer}."


def stepwise(question: Question) -> str:
    """The answer to a two-hop question, step by step."""
    return " ".join(f"{step}." for step in question.steps)


def known_question(world: World, rng: random.Random, forms: Forms = "train") -> Question:
    """Draw a question about a fact that training asks about."""
    while not asked(fact := _draw_fact(world, rng)):
        pass
    return fact_question(fact, rng, forms)


def _draw_fact(world: World, rng: random.Random) -> Fact:
    subject, relation = rng.choice(list(world.history))
    return world.fact(subject, relation)


def fact_chat(
    world: World,
    rng: random.Random,
    turns: int = 1,
    *,
    forms: Forms = "train",
    abstain: float = 0.0,
) -> Episode:
    """Questions about facts; a share `abstain` of them about names that do not exist."""
    episode = Episode("closed-book")
    for _ in range(turns):
        if rng.random() < abstain:
            near = rng.random() < 0.6
            draw = near_miss_question if near else unknown_question
            question = draw(world, rng, forms=forms)
        else:
            question = known_question(world, rng, forms)
        episode.turn(question.text, closed_book(question), question.kind)
    return episode


def asked_chain(first: Fact, second: Fact) -> bool:
    """Whether training asks for this chain of facts: about 70 % of those made of asked facts."""
    key = Fact(first.subject, f"{first.relation}/{second.relation}", "")
    return asked(first) and asked(second) and asked(key)


def two_hop_chat(
    world: World,
    rng: random.Random,
    chain: tuple[Fact, Fact],
    *,
    steps: bool,
    forms: Forms = "train",
) -> Episode:
    """A question that takes two facts, answered step by step or directly."""
    question = two_hop_question(*chain, rng, forms)
    order = (STEP_BY_STEP if steps else DIRECTLY)[pick_form(rng, forms)]
    text = stepwise(question) if steps else closed_book(question)
    return Episode("two-hop").turn(
        f"{question.text} {order}", text, "two-hop steps" if steps else "two-hop direct"
    )


def about_chat(world: World, rng: random.Random, name: str) -> Episode:
    """Everything about an entity, in the order of its relations."""
    facts = world.facts(name)
    ways = ("Tell me about {}.", "What do you know about {}?", "Describe {}.", "Who or what is {}?")
    text = " ".join(f"{answer(fact)}." for fact in facts)
    return Episode("biography").turn(rng.choice(ways).format(name), text)


def nobody_chat(name: str, rng: random.Random) -> Episode:
    """Being asked about a name that does not exist."""
    ways = ("Tell me about {}.", "What do you know about {}?", "Describe {}.", "Who or what is {}?")
    return Episode("biography").turn(
        rng.choice(ways).format(name), f"I know nothing about {name}.", "unknown"
    )


def sum_chat(rng: random.Random, turns: int = 3) -> Episode:
    """Small sums and differences."""
    episode = Episode("sum")
    for _ in range(turns):
        question = sum_question(rng)
        episode.turn(question.text, closed_book(question))
    return episode


def small_talk(rng: random.Random) -> Episode:
    """A greeting and its answer."""
    return Episode("small talk").turn(*rng.choice(GREETINGS))


@dataclass(frozen=True)
class Told:
    """Something a user may tell of themselves, with the question for it."""

    telling: str
    asking: str
    recalled: str
    never: str
    draw: Callable[[random.Random, Pool], str]


def _word(rng: random.Random, pool: Pool) -> str:
    return rng.choice(SECRET_WORDS)


TOLD = (
    Told("My name is {}.", "What is my name?", "Your name is {}.", "You have not told me your name.",
         lambda rng, pool: made_word(rng, "first", pool)),
    Told("My home town is {}.", "What is my home town?", "Your home town is {}.",
         "You have not told me your home town.", lambda rng, pool: made_word(rng, "town", pool)),
    Told("My favourite colour is {}.", "What is my favourite colour?", "Your favourite colour is {}.",
         "You have not told me your favourite colour.",
         lambda rng, pool: rng.choice(VALUES["colour"])),
    Told("My lucky number is {}.", "What is my lucky number?", "Your lucky number is {}.",
         "You have not told me your lucky number.", lambda rng, pool: str(rng.randint(2, 99))),
    Told("My password is {}.", "What is my password?", "Your password is {}.",
         "You have not told me your password.", _word),
    Told("My order has the code {}.", "What is the code of my order?", "The code of your order is {}.",
         "You have not told me the code of your order.",
         lambda rng, pool: f"{rng.choice('ABCDEFGHKLMNPRSTVWXYZ')}{rng.choice('ABCDEFGHKLMNPRSTVWXYZ')}"
                           f"-{rng.randint(1000, 9999)}"),
)  # fmt: skip


def memory_chat(
    world: World,
    rng: random.Random,
    turns: int,
    *,
    pool: Pool = "train",
    forms: Forms = "train",
    abstain: float = 0.0,
) -> Episode:
    """A conversation in which the user tells things, talks of others, and asks for them later."""
    episode = Episode("memory")
    told: dict[int, str] = {}
    for _ in range(turns):
        draw = rng.random()
        free = [i for i in range(len(TOLD)) if i not in told]
        if free and draw < 0.3:
            i = rng.choice(free)
            told[i] = TOLD[i].draw(rng, pool)
            episode.turn(TOLD[i].telling.format(told[i]), "I will remember that.", "told")
        elif told and draw < 0.6:
            i = rng.choice(list(told))
            episode.turn(TOLD[i].asking, TOLD[i].recalled.format(told[i]), "recall")
        elif free and draw < 0.66:
            i = rng.choice(free)
            episode.turn(TOLD[i].asking, TOLD[i].never, "never told")
        elif draw < 0.7:
            episode.turn(*rng.choice(GREETINGS), "small talk")
        else:
            part = fact_chat(world, rng, 1, forms=forms, abstain=abstain)
            episode.messages += part.messages
            episode.note(part.labels[0])
    return episode
