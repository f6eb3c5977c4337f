"""Training data of the retrieval models: questions, the texts that answer them, and near misses.

All come from worlds of the second pool of names and, one time in eight, from the home world, in
the wordings that training may use. A query is a question or a sentence; its text says the same
fact in other words, alone or in a short document. Wrong texts are made to be taken for right ones:

- *name*: the same attribute of a name that is close and that nobody bears;
- *attribute*: another attribute of the same subject;
- *subject*: the same attribute of another subject, often with the same value;
- *mention*: a fact about somebody else that mentions the subject;
- *value* (for sentences only): the same attribute of the same subject with another value.

No query asks by a code: codes occur in texts only as the answer to a question.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from course.lab.batches import Batch
from course.lab.corpus import any_world, home
from course.lab.encoder import tokenizer
from course.world.documents import entity_document
from course.world.generate import World, draw_value, near_miss
from course.world.language import ask, dated, pick_form, state, varied
from course.world.relations import BY_KIND, BY_NAME
from course.world.schema import Fact

HOME_SHARE = 1 / 8
DOCUMENT_SHARE = 0.25  # of batches
SENTENCE_QUERIES = 0.3  # share of queries that are sentences, where the text is one
SYNONYMS = 0.4
SENTENCE_TOKENS, DOCUMENT_TOKENS = 24, 88  # about what a text takes, to size batches

Triple = tuple[str, str, str]
"""A query, its text, a hard negative."""


def say(fact: Fact, rng: random.Random) -> str:
    """Say a fact as texts do: any trained wording, at times an opening, a synonym, a date."""
    sentence = varied(fact, rng, leads=0.1, synonyms=SYNONYMS)
    if fact.since and rng.random() < 0.1:
        sentence = dated(sentence, fact.since)
    return f"{sentence}."


def restate(fact: Fact, rng: random.Random) -> tuple[str, str]:
    """Say a fact in two of its trained wordings."""
    first, second = rng.sample(range(4), 2)
    return f"{state(fact, first)}.", f"{state(fact, second)}."


def wrong(
    world: World, fact: Fact, rng: random.Random, *, sentence: bool, taken: frozenset[Fact]
) -> Fact:
    """Return a fact that is easy to take for another one, and is none of those `taken`.

    Parameters
    ----------
    world : World
    fact : Fact
    rng : random.Random
    sentence : bool
        Whether the query states the fact, so that another value makes a text wrong.
    taken : frozenset of Fact
    """
    kinds = ["name", "name", "attribute", "subject", "mention"] + ["value"] * (2 * sentence)
    relation = BY_NAME[fact.relation]
    while True:
        match rng.choice(kinds):
            case "name":
                return replace(fact, subject=near_miss(world, fact.subject, rng))
            case "attribute":
                found = rng.choice(world.facts(fact.subject))
            case "subject":
                found = world.fact(rng.choice(world.of_kind(relation.kind)), fact.relation)
                if found.subject != fact.subject and rng.random() < 0.5:
                    found = replace(found, value=fact.value)
            case "mention":
                if not (others := mentions(world).get(fact.subject)):
                    continue
                found = rng.choice(others)
            case "value":
                names = {kind: world.of_kind(kind) for kind in BY_KIND}
                found = replace(fact, value=draw_value(rng, relation.value, names))
        same = (found.subject, found.relation) == (fact.subject, fact.relation)
        fits = not same or (sentence and found.value != fact.value)
        if fits and found not in taken and found.subject != found.value:
            return found


_MENTIONS: dict[tuple[str, int], dict[str, list[Fact]]] = {}


def mentions(world: World) -> dict[str, list[Fact]]:
    """Return, for every entity that is the value of facts, these facts."""
    key = (world.pool, world.seed)
    if key not in _MENTIONS:
        found: dict[str, list[Fact]] = {}
        for fact in world.facts():
            if fact.value in world.entities:
                found.setdefault(fact.value, []).append(fact)
        _MENTIONS[key] = found
    return _MENTIONS[key]


def some_facts(world: World, rng: random.Random, n: int, each: int) -> list[Fact]:
    """Draw different facts, about `each` for a subject, mostly of subjects of two kinds."""
    kinds = rng.sample(list(BY_KIND), 2)
    near = [name for kind in kinds for name in world.of_kind(kind)]
    rng.shuffle(near)
    rest = [name for name in world.entities if name not in set(near)]
    rng.shuffle(rest)
    facts: list[Fact] = []
    for name in [*near[: max(1, 2 * n // (3 * each))], *rest]:
        known = world.facts(name)
        facts += rng.sample(known, min(each, len(known)))
        if len(facts) >= n:
            break
    return facts[:n]


def sentence_triples(world: World, rng: random.Random, n: int) -> list[Triple]:
    """Draw queries whose texts are sentences; several ask for the same subject."""
    facts = some_facts(world, rng, n, each=4)
    taken = frozenset(facts)
    triples = []
    for fact in facts:
        sentence = rng.random() < SENTENCE_QUERIES
        if sentence:
            query, text = restate(fact, rng)
            text = say(fact, rng) if rng.random() < 0.5 else text
        else:
            query = ask(BY_NAME[fact.relation], fact.subject, pick_form(rng, "train"))
            text = say(fact, rng)
        other = wrong(world, fact, rng, sentence=sentence, taken=taken)
        triples.append((query, text, say(other, rng)))
    return triples


def document_triples(world: World, rng: random.Random, n: int) -> list[Triple]:
    """Draw questions whose texts are documents of two to six sentences, one for each subject."""
    triples = []
    for fact in some_facts(world, rng, n, each=1):
        relation = BY_NAME[fact.relation]
        rest = partial(
            entity_document, world, fact.subject, rng, without=[fact.relation], synonyms=SYNONYMS
        )
        texts = [say(fact, rng)]
        texts += [f"{text}." for text in rest(sentences=rng.randint(1, 5)).sentences]
        rng.shuffle(texts)
        right = " ".join(texts)
        if rng.random() < 0.5:
            miss = near_miss(world, fact.subject, rng)
            other = right.replace(fact.subject.removeprefix("the "), miss.removeprefix("the "))
        else:
            other = rest(sentences=rng.randint(2, 6)).text
        triples.append((ask(relation, fact.subject, pick_form(rng, "train")), right, other))
    return triples


def _world(rng: random.Random) -> World:
    return home() if rng.random() < HOME_SHARE else any_world(rng)


def lay(encodings: Sequence, following: object) -> Batch:
    """Lay encoded texts side by side; weights are the mask of real tokens."""
    width = -(-max(len(e.ids) for e in encodings) // 8) * 8
    ids = np.zeros((len(encodings), width), np.int64)
    weights = np.zeros((len(encodings), width), np.float32)
    for row, encoding in enumerate(encodings):
        ids[row, : len(encoding.ids)] = encoding.ids
        weights[row, : len(encoding.ids)] = 1
    return Batch(ids, weights, following)


def triple_batches(*, seed: int, batch_tokens: int, start: int | None = None) -> Iterator[Batch]:
    """Yield batches for `course.lab.contrast.info_nce`, each from one world."""
    number = start or 0
    backend = tokenizer().backend_tokenizer
    while True:
        rng = random.Random(f"triples {seed}/{number}")
        world = _world(rng)
        if rng.random() < DOCUMENT_SHARE:
            triples = document_triples(world, rng, max(2, batch_tokens // (3 * DOCUMENT_TOKENS)))
        else:
            triples = sentence_triples(world, rng, max(2, batch_tokens // (3 * SENTENCE_TOKENS)))
        number += 1
        texts = [text for column in zip(*triples, strict=True) for text in column]
        yield lay(backend.encode_batch(texts), number)
