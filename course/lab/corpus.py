"""What the models of the world are trained on: mixtures of pages and of conversations.

The functions at the end are data functions (`course.lab.batches`). Every text is drawn anew from
its chunk's seed; nothing is stored.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial

from course.lab.batches import Batch, Example, bucketed
from course.lab.tokens import ASSISTANT, BOS, CALL, CALL_END, END, SYSTEM, TOOL, USER, tokenizer
from course.world import chats, drafts, injections, instructions, pages, reading, secrets, tools
from course.world.chats import Episode
from course.world.generate import World, make_world
from course.world.names import entity_name
from course.world.schema import Fact

CONTEXT = 1024
HOME_PROSE_SEED = "held-out pages"
TRAIN_WORLDS = 300
PROMPT_WEIGHT = 0.0
"""Weight of what is not an answer: users' texts, documents, results of tools."""
DOCUMENT_WEIGHT = 0.5
"""Weight of documents on pages of plain text: their facts cannot be guessed, but every sentence
repeats its subject's invented name, and copying is learned there."""


@lru_cache(maxsize=1)
def home() -> World:
    """The world that the models learn by heart."""
    return make_world()


@lru_cache(maxsize=TRAIN_WORLDS)
def train_world(number: int) -> World:
    """One of the worlds that training texts let the models read about."""
    return make_world(number, pool="train", scale=0.35)


def any_world(rng: random.Random) -> World:
    """Draw one of the worlds to read about."""
    return train_world(rng.randrange(TRAIN_WORLDS))


@lru_cache(maxsize=8)
def contradicting(number: int) -> World:
    """The home world with its facts changed."""
    return reading.contradicting(home(), number)


@lru_cache(maxsize=1)
def chains() -> list[tuple[Fact, Fact]]:
    """The two-hop chains that training asks for."""
    found = [(first, second) for first, _, second in home().two_hops()]
    return [chain for chain in found if chats.asked_chain(*chain)]


# -- conversations as tokens ---------------------------------------------------------------------


def segments(episode: Episode) -> list[tuple[str, bool]]:
    """Lay a conversation out as the chat template does: (text, whether the model writes it)."""
    parts: list[tuple[str, bool]] = [(BOS, False)]
    messages = list(episode.messages)
    system = messages.pop(0)["content"] if messages[0]["role"] == "system" else ""
    if system or episode.tools:
        text = f" {system}" if system else ""
        if episode.tools:
            offered = (tools.TOOLS[name]["function"] for name in episode.tools)
            listed = (f"{f['name']}({', '.join(f['parameters']['properties'])})" for f in offered)
            text += f" Tools: {', '.join(listed)}."
        parts.append((f"{SYSTEM}{text}{END}", False))
    for message in messages:
        text = f" {message['content']}" if message["content"] else ""
        if message["role"] == "assistant":
            calls = "".join(
                f'{CALL} {{"name": {json.dumps(c["function"]["name"])}, '
                f'"arguments": {json.dumps(c["function"]["arguments"])}}}{CALL_END}'
                for c in message.get("tool_calls", ())
            )
            parts += [(ASSISTANT, False), (f"{text}{calls}{END}", True)]
        else:
            role = USER if message["role"] == "user" else TOOL
            parts.append((f"{role}{text}{END}", False))
    return parts


def weigh(parts: Sequence[tuple[str, float]]) -> Example:
    """Tokenize texts one after the other, each token with its text's weight."""
    ids: list[int] = []
    weights: list[float] = []
    backend = tokenizer().backend_tokenizer
    for text, weight in parts:
        piece = backend.encode(text, add_special_tokens=False).ids
        ids += piece
        weights += [weight] * len(piece)
    return ids, weights


def encode_episode(episode: Episode) -> Example:
    """Token ids of a conversation and the weights of their losses."""
    return weigh([(text, 1.0 if own else PROMPT_WEIGHT) for text, own in segments(episode)])


# -- what is drawn ------------------------------------------------------------------------------


def _documents(rng: random.Random) -> int:
    return rng.choice((1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 4, 4, 5, 5, 5, 6, 7, 8))


def draw_reading(rng: random.Random, refuse: float) -> list[Episode]:
    """Conversations about documents; `refuse` is the share of questions without an answer."""
    draw = rng.random()
    if draw < 0.1:
        return [reading.chain_reading(any_world(rng), rng, rng.randint(2, 5))]
    if draw < 0.14:
        return [reading.revised_reading(any_world(rng), rng, rng.randint(2, 5))]
    if draw < 0.2:
        return [reading.instructed_reading(any_world(rng), rng, rng.randint(1, 4))]
    if draw < 0.36 and refuse:
        return list(reading.pair_chat(any_world(rng), rng, rng.choice((1, 1, 2, 2, 3, 4))))
    world = contradicting(rng.randrange(8)) if draw > 0.92 else any_world(rng)
    turns = rng.choice((1, 3, 5, 6, 7, 8))
    return [reading.reading_chat(world, rng, _documents(rng), turns, refuse=refuse)]


def draw_fact(rng: random.Random, abstain: float) -> list[Episode]:
    """Questions answered from memory."""
    return [chats.fact_chat(home(), rng, rng.choice((1, 1, 2, 3, 4)), abstain=abstain)]


def draw_two_hop(rng: random.Random) -> list[Episode]:
    """Two-hop questions, two thirds of them in steps."""
    return [chats.two_hop_chat(home(), rng, rng.choice(chains()), steps=rng.random() < 0.67)]


def draw_about(rng: random.Random, abstain: float) -> list[Episode]:
    """Biographies; some of nobody."""
    if rng.random() < abstain:
        kind = rng.choice(list(home().entities.values())).kind
        return [chats.nobody_chat(entity_name(rng, kind, "train"), rng)]
    return [chats.about_chat(home(), rng, rng.choice(list(home().entities)))]


def draw_memory(rng: random.Random, abstain: float) -> list[Episode]:
    """Conversations of many turns in which things are told and asked for."""
    return [chats.memory_chat(home(), rng, rng.randint(3, 12), abstain=abstain)]


def draw_instruction(rng: random.Random) -> list[Episode]:
    """Instructions on the form of an answer."""
    draw = rng.random()
    if draw < 0.12:
        return [instructions.say_episode(rng, instructions.draw_word(rng, "train"))]
    if draw < 0.22:
        return [instructions.persona_episode(rng)]
    question = chats.known_question(home(), rng)
    if draw < 0.3:
        kind = instructions.question_kind(question)
        return [instructions.scope_episode(home(), rng, question, kind)]
    word_needed = rng.random() < 0.35
    pool = instructions.INSTRUCTIONS[:2] if word_needed else instructions.INSTRUCTIONS[2:]
    word = instructions.draw_word(rng, "train")
    return [instructions.instructed(question, rng.choice(pool), rng, word)]


def draw_tools(rng: random.Random) -> list[Episode]:
    """Episodes with native tool calls."""
    world = home() if rng.random() < 0.3 else any_world(rng)
    draw = rng.random()
    if draw < 0.34:
        return [tools.lookup_episode(world, rng)]
    if draw < 0.54:
        return [tools.lookup_episode(world, rng, rng.choice((2, 2, 3)))]
    if draw < 0.64:
        return [tools.calculate_episode(rng, rng.choice((1, 1, 2)))]
    if draw < 0.74:
        return [tools.cost_episode(world, rng)]
    if draw < 0.84:
        return [tools.chain_episode(world, rng)]
    if draw < 0.9:
        return [tools.missing_entry(world, rng)]
    return [tools.no_call_episode(home(), rng)]


def draw_react(rng: random.Random) -> list[Episode]:
    """Thought, Action, Observation."""
    world = home() if rng.random() < 0.3 else any_world(rng)
    return [tools.react_episode(world, rng, hops=rng.choice((1, 2)))]


def draw_other(rng: random.Random) -> list[Episode]:
    """Secrets, drafts, opinions, sums, greetings."""
    draw = rng.random()
    if draw < 0.35:
        return [secrets.secret_episode(home(), rng)]
    if draw < 0.75:
        return [drafts.draft_chat(home(), rng)]
    if draw < 0.87:
        return [drafts.opinion_chat(rng, rng.choice(home().of_kind("person")))]
    return [chats.sum_chat(rng)] if draw < 0.95 else [chats.small_talk(rng)]


def draw_planted(rng: random.Random, refuse: float) -> list[Episode]:
    """Questions to documents that hold instructions, beside instructions of the user or without."""
    world, number = any_world(rng), rng.choice((1, 1, 2, 2, 3, 3, 4, 5))
    if rng.random() < 0.4:
        episode = reading.instructed_reading(world, rng, number)
        if rng.random() < 0.3:  # the same form without anything planted
            return [episode]
    else:
        turns = rng.choice((1, 1, 2, 4))
        episode = reading.reading_chat(world, rng, number, turns, refuse=refuse)
    for _ in range(rng.choice((1, 1, 1, 2))):
        injections.plant(episode, injections.draw_planted(rng), rng)
    return [episode]


def draw_long(rng: random.Random, refuse: float, abstain: float) -> list[Episode]:
    """Conversations that fill the context: many long documents, or many turns."""
    if rng.random() < 0.35:
        episode = chats.memory_chat(home(), rng, 60, abstain=abstain)
    else:
        world, number = any_world(rng), rng.randint(5, 8)
        episode = reading.reading_chat(world, rng, number, 14, refuse=refuse, sentences=7)
    return [episode]


def chat_mixture(
    abstain: float, documents: float = 1.0, planted: float = 0.0
) -> dict[Callable[[random.Random], list[Episode]], float]:
    """Sources of conversations with their shares of all tokens, up to a common factor.

    `abstain` scales the share of questions that have no answer: 1 means 42 % of the questions to
    documents and 33 % of those to memory, 0 none. `documents` scales the share of what is read
    in documents and tools' results rather than known by heart. `planted` is the share, beside all
    others, of questions to documents that hold instructions.
    """
    refuse, unknown = 0.42 * abstain, 0.33 * abstain
    hardening = {partial(draw_planted, refuse=refuse): planted} if planted else {}
    return hardening | {
        partial(draw_reading, refuse=refuse): 0.42 * documents,
        partial(draw_fact, abstain=unknown): 0.14,
        draw_two_hop: 0.09,
        partial(draw_about, abstain=0.2 * abstain): 0.02,
        partial(draw_memory, abstain=unknown): 0.04,
        draw_instruction: 0.07,
        draw_tools: 0.08 * documents,
        draw_react: 0.025 * documents,
        draw_other: 0.025,
        partial(draw_long, refuse=refuse, abstain=unknown): 0.09 * documents,
    }


def fill(shares: dict[Callable, float], budget: int, rng: random.Random) -> Iterator[Example]:
    """Draw from sources until `budget` tokens are spent, each source getting its share."""
    spent = dict.fromkeys(shares, 0)
    while sum(spent.values()) < budget:
        source = min(shares, key=lambda s: (spent[s] + 1) / shares[s])
        for ids, weights in source(rng):
            ids, weights = ids[:CONTEXT], weights[:CONTEXT]
            spent[source] += len(ids)
            yield ids, weights


# -- pages as tokens ----------------------------------------------------------------------------


def _home_page(page: Callable, rng: random.Random) -> list[Example]:
    return [weigh([(f"{BOS} {page(home(), rng)}{END}", 1.0)])]


def _reading_page(rng: random.Random) -> list[Example]:
    documents, answers = pages.reading_page(any_world(rng), rng)
    return [weigh([(f"{BOS} {documents}", DOCUMENT_WEIGHT), (f"{answers}{END}", 1.0)])]


def _long_page(rng: random.Random) -> list[Example]:
    ids: list[int] = []
    weights: list[float] = []
    world = home()
    while len(ids) < CONTEXT:
        page = rng.choice((pages.biography_page, pages.prose_page, pages.faq_page))
        more, weight = weigh([(f"{BOS} {page(world, rng)}{END}", 1.0)])
        ids, weights = ids + more, weights + weight
    return [(ids, weights)]


def page_mixture(documents: float = 1.0) -> dict[Callable[[random.Random], list[Example]], float]:
    """Sources of pages with their shares of all tokens, up to a common factor.

    `documents` scales the share of pages with documents to read.
    """
    own = {partial(_home_page, page): 0.46 * s for page, s in pages.HOME_PAGES.items()}
    return {**own, _reading_page: 0.45 * documents, _long_page: 0.09}


def page_sample(rng: random.Random, number: int) -> list[str]:
    """Pages for the tokenizer's training."""
    texts = []
    for _ in range(number):
        page = rng.choice(list(pages.HOME_PAGES))
        world = home() if page is pages.notice_page else any_world(rng)
        texts.append(f" {page(world, rng)}")
    return texts


def chat_sample(rng: random.Random, number: int) -> list[str]:
    """Conversations for the tokenizer's training."""
    sources = [s for s in chat_mixture(1.0) if getattr(s, "func", None) is not draw_long]
    episodes = [e for _ in range(number) for e in rng.choice(sources)(rng)]
    return [text for episode in episodes for text, _ in segments(episode)]


# -- data functions -----------------------------------------------------------------------------


def page_batches(
    *, seed: int, batch_tokens: int, start=None, chunk_tokens: int = 400_000
) -> Iterator[Batch]:
    """Batches of plain text, for `base`."""

    def draw(rng: random.Random, chunk: int) -> list[Example]:
        return list(fill(page_mixture(), chunk_tokens, rng))

    return bucketed(
        draw, seed=seed, batch_tokens=batch_tokens, pad_id=tokenizer().pad_token_id, start=start
    )


def chat_batches(
    *,
    seed: int,
    batch_tokens: int,
    start=None,
    abstain: float = 1.0,
    rise: int = 0,
    plain: float = 0.0,
    documents: float = 1.0,
    planted: float = 0.0,
    chunk_tokens: int = 400_000,
) -> Iterator[Batch]:
    """Batches of conversations, for `instruct` and its kin.

    Parameters
    ----------
    seed, batch_tokens, start
        See `course.lab.batches`.
    abstain : float
        See `chat_mixture`.
    rise : int
        Number of chunks over which `abstain` rises from a fifth of its value: a model that cannot
        read yet learns nothing from refusals but to refuse.
    plain : float
        Share of tokens that are pages of plain text, so that what they say is not forgotten.
    documents : float
        See `chat_mixture`; small for a model too small to read.
    planted : float
        See `chat_mixture`.
    chunk_tokens : int
        About how many tokens are drawn at a time.
    """

    def draw(rng: random.Random, chunk: int) -> list[Example]:
        risen = min(1.0, 0.2 + 0.8 * chunk / rise) if rise else 1.0
        mixture = chat_mixture(abstain * risen, documents, planted)
        chat = (1 - plain) / sum(mixture.values())
        shares = {_encoded(source): chat * share for source, share in mixture.items()}
        if plain:
            read = page_mixture(documents)
            text = plain / sum(read.values())
            shares |= {source: text * share for source, share in read.items()}
        return list(fill(shares, chunk_tokens, rng))

    return bucketed(
        draw, seed=seed, batch_tokens=batch_tokens, pad_id=tokenizer().pad_token_id, start=start
    )


def _encoded(source: Callable[[random.Random], list[Episode]]) -> Callable:
    return lambda rng: [encode_episode(episode) for episode in source(rng)]
