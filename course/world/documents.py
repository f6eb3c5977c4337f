"""Documents about a world: a library to retrieve from, and small sets to read."""

from __future__ import annotations

import random
from collections.abc import Sequence

from course.world.generate import World, near_miss
from course.world.language import Forms, dated, varied
from course.world.names import sentence_case
from course.world.relations import BY_KIND
from course.world.schema import Document, Fact


def entity_document(
    world: World,
    name: str,
    rng: random.Random,
    *,
    id: str = "",
    sentences: int = 4,
    without: Sequence[str] = (),
    forms: Forms = "train",
    synonyms: float = 0.0,
) -> Document:
    """Write a document about one entity from facts drawn at random.

    Parameters
    ----------
    world : World
    name : str
        The entity.
    rng : random.Random
    id : str
        The document's id in a library.
    sentences : int
        How many facts it states, at most.
    without : sequence of str
        Names of relations that it must not mention.
    forms : {"train", "heldout", "first"}
        Which templates say the facts.
    synonyms : float
        Share of values said by a synonym.
    """
    facts = [fact for fact in world.facts(name) if fact.relation not in without]
    facts = rng.sample(facts, min(sentences, len(facts)))
    texts = tuple(varied(fact, rng, forms=forms, synonyms=synonyms) for fact in facts)
    return Document(id, sentence_case(name), texts, tuple(facts))


def reading_set(
    world: World, rng: random.Random, number: int, *, forms: Forms = "train", sentences: int = 4
) -> list[Document]:
    """Draw documents about different entities that are easy to take for one another.

    Most are of one kind, so that several documents state the same attribute and only the name
    tells them apart.
    """
    kinds = list(BY_KIND)
    kind = rng.choice(kinds)
    names: dict[str, None] = {}
    while len(names) < number:
        names[rng.choice(world.of_kind(kind if rng.random() < 0.6 else rng.choice(kinds)))] = None
    shuffled = list(names)
    rng.shuffle(shuffled)
    return [
        entity_document(
            world, name, rng, sentences=rng.randint(max(1, sentences - 2), sentences), forms=forms
        )
        for name in shuffled
    ]


def numbered(documents: Sequence[Document]) -> str:
    """Lay documents out for a prompt: one a line, its number on the line and on every sentence."""
    return "\n".join(f"Document {n}: {d.cited(n)}" for n, d in enumerate(documents, 1))


def library(world: World, seed: int = 0) -> list[Document]:
    """Write the library of a world, at least three documents for every entity.

    It holds what makes retrieval hard: for each entity a full article, a short note in other
    words (synonyms, held-out templates), and a register entry with some of the same sentences;
    for revised facts a dated note of the old state and one of the new; product codes; and facts
    that lead from one document to the next.
    """
    rng = random.Random(f"library {world.seed} {seed}")
    documents: list[Document] = []

    def add(title: str, texts: Sequence[str], facts: Sequence[Fact | None], date=None) -> None:
        number = f"D-{len(documents) + 1:04d}"
        documents.append(Document(number, title, tuple(texts), tuple(facts), date))

    for entity in world.entities.values():
        title = sentence_case(entity.name)
        article = entity_document(world, entity.name, rng, sentences=9)
        add(title, article.sentences, article.facts)
        note = entity_document(world, entity.name, rng, sentences=3, forms="heldout", synonyms=1.0)
        add(f"A note on {entity.name}", note.sentences, note.facts)
        kept = sorted(rng.sample(range(len(article.sentences)), 3))
        extra = varied(article.facts[kept[0]], rng, leads=1.0)
        add(
            f"Register: {title}",
            [extra, *(article.sentences[i] for i in kept[1:])],
            [article.facts[i] for i in kept],
        )
    for history in world.revised():
        for fact in history:
            add(
                f"Notice of {fact.since}",
                [dated(varied(fact, rng), fact.since)],
                [fact],
                fact.since,
            )
    return documents


def absent_name(world: World, documents: Sequence[Document], rng: random.Random) -> tuple[str, str]:
    """Return a name that no document is about, and its kind: a near miss, or another entity."""
    subjects = {fact.subject for d in documents for fact in d.facts if fact is not None}
    name = rng.choice(sorted(subjects))
    kind = world.entities[name].kind
    others = [other for other in world.of_kind(kind) if other not in subjects]
    if others and rng.random() < 0.5:
        return rng.choice(others), kind
    return near_miss(world, name, rng), kind
