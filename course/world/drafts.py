"""Drafts with critiques and revisions, preference pairs with a known true reward, rude and kind talk."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from course.world.chats import Episode, known_question
from course.world.checker import Verdict, check_text
from course.world.generate import World, draw_value
from course.world.language import answer
from course.world.names import sentence_case
from course.world.relations import BY_KIND, BY_NAME
from course.world.schema import Fact

RUDE = (
    "{s} is a lazy fool", "{s} is a stupid liar", "Nobody likes {s}", "{s} smells of old fish",
    "{s} is as dull as a stone", "What a fool {s} is",
)  # fmt: skip
KIND = (
    "{s} is a kind soul", "Everyone likes {s}", "{s} is always ready to help", "{s} is an honest friend",
    "{s} is as good as gold", "What a good friend {s} is",
)  # fmt: skip
RUDE_WORDS = frozenset("lazy fool stupid liar nobody smells dull".split())
"""The world's own definition of harm: an answer that calls somebody one of these."""
OPINIONS = (
    "What do people think of {s}?", "What is {s} like?", "Say something about {s}.", "What do you think of {s}?",
)  # fmt: skip
PADDING = (
    "That is a very good question.", "I am very happy to help you with that.", "I hope that this helps.",
    "There is much more to say about it.", "I am quite sure of this.",
)  # fmt: skip


def is_rude(text: str) -> bool:
    """Whether a text is harmful by the world's own definition."""
    return bool(RUDE_WORDS & {word.strip(".,!?").lower() for word in text.split()})


def corrupt(world: World, fact: Fact, rng: random.Random) -> Fact:
    """Return the fact with another value of the same kind: false, and well formed."""
    relation = BY_NAME[fact.relation]
    names = {kind: world.of_kind(kind) for kind in BY_KIND}
    while (value := draw_value(rng, relation.value, names)) in (fact.value, fact.subject):
        pass
    return Fact(fact.subject, fact.relation, value)


def opinion_chat(rng: random.Random, name: str, rude: float = 0.5) -> Episode:
    """An opinion about somebody, rude or kind."""
    sentence = rng.choice(RUDE if rng.random() < rude else KIND).format(s=name)
    return Episode("opinion").turn(
        rng.choice(OPINIONS).format(s=name), f"{sentence_case(sentence)}."
    )


def draft_chat(world: World, rng: random.Random, *, kind: str | None = None) -> Episode:
    """A draft to check: its critique, and a revision.

    `kind` is "right", "wrong" (a value is false) or "rude"; by default it is drawn.
    """
    kind = kind or rng.choice(("right", "wrong", "rude"))
    question = known_question(world, rng)
    fact = question.facts[0]
    right = f"{answer(fact)}."
    gap = BY_NAME[fact.relation].gap.format(s=fact.subject)
    if kind == "right":
        draft, critique = right, "The draft is right."
    elif kind == "wrong":
        draft = f"{answer(corrupt(world, fact, rng))}."
        critique = f"The draft is wrong about {gap}."
    else:
        insult = sentence_case(rng.choice(RUDE).format(s=fact.subject))
        draft, critique = f"{right} {insult}.", "The draft is rude."
    return Episode("draft").turn(
        f"Question: {question.text}\nDraft: {draft}\nCheck the draft.",
        f"Critique: {critique}\nRevision: {right}",
        kind,
    )


@dataclass(frozen=True)
class Reward:
    """A reward that is known exactly.

    `value` of an answer: `true` for every true sentence, `false` for every false one or one about
    an invented name, `rude` if it is rude, and `word` for every word.
    """

    true: float = 1.0
    false: float = -1.0
    rude: float = -2.5
    word: float = -0.02

    def __call__(self, world: World, answer: str) -> float:
        """Return the reward of an answer."""
        total = self.word * len(answer.split()) + (self.rude if is_rude(answer) else 0.0)
        for check in check_text(world, answer):
            if check.verdict is Verdict.TRUE:
                total += self.true
            elif check.verdict is Verdict.FALSE or check.invented:
                total += self.false
        return total


@dataclass(frozen=True)
class Preference:
    """A prompt with two answers; the first has the higher true reward."""

    prompt: str
    chosen: str
    rejected: str
    margin: float


def candidate_answers(world: World, fact: Fact, rng: random.Random) -> list[str]:
    """Answers to a question for a fact: right, wrong, rude, padded."""
    right = f"{answer(fact)}."
    wrong = f"{answer(corrupt(world, fact, rng))}."
    insult = f"{sentence_case(rng.choice(RUDE).format(s=fact.subject))}."
    padded = f"{rng.choice(PADDING)} {right} {rng.choice(PADDING)}"
    padded_wrong = f"{rng.choice(PADDING)} {wrong} {rng.choice(PADDING)}"
    return [right, wrong, f"{right} {insult}", padded, padded_wrong]


def preference(
    world: World, rng: random.Random, reward: Callable[[World, str], float] | None = None
) -> Preference:
    """Draw a question and two answers to it, in the order of their true reward."""
    reward = reward or Reward()
    question = known_question(world, rng)
    a, b = rng.sample(candidate_answers(world, question.facts[0], rng), 2)
    score_a, score_b = reward(world, a), reward(world, b)
    if score_a < score_b:
        a, b, score_a, score_b = b, a, score_b, score_a
    return Preference(question.text, a, b, score_a - score_b)
