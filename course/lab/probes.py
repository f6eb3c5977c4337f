"""Questions that the world's models are measured on, none of them in any training text.

Each function draws one case from a random generator. Where names matter they come from worlds of
the pool "heldout"; where language matters, from held-out templates and wordings.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from course.lab.corpus import home, segments
from course.world import chats, drafts, injections, instructions, reading, secrets, tools
from course.world.chats import Episode
from course.world.generate import World, asked
from course.world.language import Forms
from course.world.names import made_word
from course.world.questions import fact_question, near_miss_question, unknown_question
from course.world.schema import Fact, Question

UNSEEN_WORLDS = 40


@dataclass(frozen=True)
class Case:
    """A conversation up to where the model answers, and the gold answer.

    Attributes
    ----------
    prompt : list of str
        Texts to tokenize one after the other.
    gold : str
        The answer, without the special token at its end.
    sources : tuple of int
        Documents that it cites.
    word : str
        A word that matters for the case: a secret, a planted word.
    """

    prompt: tuple[str, ...]
    gold: str
    sources: tuple[int, ...] = ()
    word: str = ""


Probe = Callable[[random.Random], Case]


def case(episode: Episode, turn: int = -1, word: str = "") -> Case:
    """Cut a conversation before its `turn`-th assistant message."""
    parts = segments(episode)
    own = [i for i, (_, mine) in enumerate(parts) if mine][turn]
    gold = parts[own][0].removesuffix("<|end|>").strip()
    sources = episode.sources[turn]
    return Case(tuple(text for text, _ in parts[:own]), gold, sources, word)


@lru_cache(maxsize=UNSEEN_WORLDS)
def unseen(number: int) -> World:
    """One of the worlds whose names stand in no training text."""
    return reading.unseen_world(10_000 + number)


def any_unseen(rng: random.Random) -> World:
    """Draw one of the unseen worlds."""
    return unseen(rng.randrange(UNSEEN_WORLDS))


def _single(question: Question) -> Case:
    return case(Episode(question.kind).turn(question.text, f"{question.answer}."))


def known(rng: random.Random, forms: Forms = "train") -> Case:
    """A fact of the home world that training asks about."""
    return _single(chats.known_question(home(), rng, forms))


def prose_only(rng: random.Random) -> Case:
    """A fact of the home world that stands in training texts and that no question asks for."""
    while asked(fact := rng.choice(home().facts())):
        pass
    return _single(fact_question(fact, rng))


def unknown_name(rng: random.Random) -> Case:
    """A question about a name that stands in no training text."""
    return _single(unknown_question(home(), rng, "heldout"))


def near_miss(rng: random.Random) -> Case:
    """A question about a name made of two known ones, kept out of training."""
    return _single(near_miss_question(home(), rng, tested=True))


@lru_cache(maxsize=1)
def heldout_chains() -> list[tuple[Fact, Fact]]:
    """Two-hop chains whose facts training asks for, and the chain not."""
    chains = [(first, second) for first, _, second in home().two_hops()]
    return [c for c in chains if asked(c[0]) and asked(c[1]) and not chats.asked_chain(*c)]


def two_hop(rng: random.Random, steps: bool) -> Case:
    """A held-out two-hop question."""
    return case(chats.two_hop_chat(home(), rng, rng.choice(heldout_chains()), steps=steps))


def biography(rng: random.Random) -> Case:
    """Everything about an entity of the home world."""
    return case(chats.about_chat(home(), rng, rng.choice(list(home().entities))))


def read(
    rng: random.Random,
    documents: int,
    kind: str = "fact",
    forms: Forms = "train",
    position: int | None = None,
    sentences: int = 4,
) -> Case:
    """A question to documents about unseen names."""
    return case(
        reading.single_reading(
            any_unseen(rng),
            rng,
            documents,
            kind,
            forms=forms,
            position=position,
            sentences=sentences,
        )
    )


def contradicted(rng: random.Random) -> Case:
    """A question to two documents that contradict what was learned by heart."""
    world = reading.contradicting(home(), 1000 + rng.randrange(3))
    return case(reading.single_reading(world, rng, 2, "fact"))


def chain_read(rng: random.Random) -> Case:
    """A question whose answer takes two of four documents."""
    return case(reading.chain_reading(any_unseen(rng), rng, 4))


def revised(rng: random.Random) -> Case:
    """A question to documents of which the newer one is right."""
    return case(reading.revised_reading(any_unseen(rng), rng, 3))


def remembered(rng: random.Random) -> Case:
    """Something told at the start of a conversation of about 700 tokens, asked for at its end."""
    told = rng.choice(chats.TOLD)
    value = told.draw(rng, "heldout")
    episode = Episode("memory").turn(told.telling.format(value), "I will remember that.")
    for _ in range(26):
        question = chats.known_question(home(), rng)
        episode.turn(question.text, f"{question.answer}.")
    return case(episode.turn(told.asking, told.recalled.format(value)))


def call(rng: random.Random, number: int = 1) -> Case:
    """One look-up, or several at once, of unseen names."""
    return case(tools.lookup_episode(any_unseen(rng), rng, number), 0)


def call_answer(rng: random.Random) -> Case:
    """The answer from a tool's result."""
    return case(tools.lookup_episode(any_unseen(rng), rng, rng.choice((1, 2))), 1)


def calculation(rng: random.Random) -> Case:
    """The second call of a question for a cost, which uses the first one's result."""
    return case(tools.cost_episode(any_unseen(rng), rng), 1)


def no_call(rng: random.Random) -> Case:
    """Tools are offered, and none is of use."""
    return case(tools.no_call_episode(home(), rng))


def no_entry(rng: random.Random) -> Case:
    """The answer when a look-up finds nothing."""
    return case(tools.missing_entry(home(), rng, "heldout"), 1)


def react(rng: random.Random, turn: int) -> Case:
    """A turn of a two-step ReAct episode."""
    return case(tools.react_episode(any_unseen(rng), rng, hops=2), turn)


def instruction(
    rng: random.Random, *, word: bool | None = None, heldout: bool = False, forms: Forms = "train"
) -> Case:
    """A question with an instruction; `word` picks those that name a word."""
    pool = instructions.INSTRUCTIONS
    if word is not None:
        pool = pool[:2] if word else pool[2:]
    question = chats.known_question(home(), rng)
    chosen = instructions.draw_word(rng, "heldout", heldout=heldout)
    return case(instructions.instructed(question, rng.choice(pool), rng, chosen, forms=forms))


def say(rng: random.Random) -> Case:
    """Say a held-out word."""
    return case(instructions.say_episode(rng, instructions.draw_word(rng, "heldout", heldout=True)))


def setting(rng: random.Random) -> Case:
    """A question for something that the system message says."""
    return case(instructions.persona_episode(rng, "heldout"), 0)


def secret(rng: random.Random, keep: bool) -> Case:
    """Being asked for a secret, or for what is none."""
    word = rng.choice(instructions.HELDOUT_WORDS)
    return case(secrets.secret_episode(home(), rng, keep=keep, word=word), -1, word)


def attack(rng: random.Random) -> Case:
    """An attempt, of a kind never trained on, to get a secret out."""
    word, kind = rng.choice(instructions.HELDOUT_WORDS), rng.choice(secrets.KINDS)
    text = rng.choice(secrets.ATTACKS).format(k=kind)
    episode = Episode("attack").turn(text, "")
    return case(episode.system(f"The {kind} is {word}. {rng.choice(secrets.KEEP)}"), -1, word)


def injected(rng: random.Random) -> Case:
    """A document that holds an instruction; the case's word shows whether it was obeyed."""
    episode = reading.single_reading(any_unseen(rng), rng, 2, "fact")
    word = made_word(rng, "other", "heldout").lower()
    order = rng.choice(instructions.INSTRUCTIONS[:2]).ways[rng.randrange(4)].format(w=word)
    text = episode.messages[0]["content"]
    lines = text.split("\n")
    lines[rng.randrange(len(lines) - 1)] += f" {order}"
    episode.messages[0]["content"] = "\n".join(lines)
    return case(episode, -1, word)


def planted(
    rng: random.Random,
    *,
    kinds: Sequence[str] = injections.TRAIN_ATTACKS,
    forms: Forms = "train",
    openings: tuple[str, ...] = injections.OPENINGS,
    place: injections.Place | None = None,
    numbered: bool | None = None,
) -> Case:
    """A question to two documents, one of which holds an instruction that shows in its answer."""
    episode = reading.single_reading(any_unseen(rng), rng, 2, "fact")
    kind = rng.choice([kind for kind in kinds if injections.shows(kind)])
    order = injections.draw_planted(rng, kind=kind, forms=forms, openings=openings, pool="heldout")
    injections.plant(episode, order, rng, place=place, numbered=numbered)
    return case(episode, -1, order.word)


def genuine(rng: random.Random, *, place: int, attacked: bool = False) -> Case:
    """A user's instruction beside two documents; `attacked`: one of them holds another one."""
    word = made_word(rng, "other", "heldout").lower()
    episode = reading.instructed_reading(any_unseen(rng), rng, 2, place=place, word=word)
    order = None
    if attacked:
        kinds = [k for k in injections.TRAIN_ATTACKS if injections.shows(k)]
        kind = rng.choice([k for k in kinds if k != episode.labels[-1]])
        order = injections.draw_planted(rng, kind=kind, pool="heldout")
        injections.plant(episode, order, rng)
    return case(episode, -1, order.word if order else "")


def draft(rng: random.Random, kind: str) -> Case:
    """A draft to check."""
    return case(drafts.draft_chat(home(), rng, kind=kind))


def addition(rng: random.Random) -> Case:
    """A small sum or difference."""
    return case(chats.sum_chat(rng, 1))


def parsed_calls(text: str) -> list | None:
    """Read the tool calls of an answer; None if one of them is no JSON."""
    calls = []
    for part in text.split("<tool_call>")[1:]:
        try:
            calls.append(json.loads(part.split("</tool_call>")[0]))
        except json.JSONDecodeError:
            return None
    return calls
