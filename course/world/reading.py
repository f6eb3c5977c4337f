"""Reading: questions to documents, answered with sources or by saying what they do not say."""

from __future__ import annotations

import random
from dataclasses import replace

from course.world.chats import Episode
from course.world.documents import entity_document, numbered, reading_set
from course.world.generate import World, draw_date, draw_value, make_world
from course.world.instructions import INSTRUCTIONS, draw_word
from course.world.language import Forms, dated, not_stated, pick_form, varied
from course.world.questions import (
    absent_question,
    fact_question,
    missing_questions,
    stated_questions,
    two_hop_question,
)
from course.world.relations import BY_KIND, BY_NAME
from course.world.schema import Document, Fact, Question

READING_SYSTEMS = (
    "Answer from the documents.",
    "Use only the documents and name your sources.",
    "Answer from the documents and cite them.",
    "Read the documents and answer.",
)


def cite(sentence: str, sources: tuple[int, ...]) -> str:
    """Put source numbers on a sentence: "... [2]."."""
    return sentence + "".join(f" [{n}]" for n in sources[:1]) + "."


def reading_answer(question: Question) -> str:
    """The gold answer: cited, or that the documents do not say."""
    return cite(question.answer, question.sources) if question.sources else f"{question.answer}."


def ask_documents(documents: list[Document], question: str) -> str:
    """The first message of a conversation about documents."""
    return f"{numbered(documents)}\nQuestion: {question}"


def reading_chat(
    world: World,
    rng: random.Random,
    documents: int,
    turns: int,
    *,
    forms: Forms = "train",
    refuse: float = 0.4,
    sentences: int = 4,
) -> Episode:
    """Several questions to the same documents.

    A share `refuse` of them cannot be answered: two thirds ask for an attribute that the documents
    leave out though they speak of its subject, the others for somebody they do not speak of. Asking
    both kinds of the same documents is what teaches the difference.
    """
    docs = reading_set(world, rng, documents, forms=forms, sentences=sentences)
    stated = stated_questions(docs, rng, forms)
    missing = missing_questions(world, docs, rng, forms)
    episode = Episode("reading")
    for turn in range(turns):
        draw = rng.random()
        if draw < refuse * 2 / 3 and missing:
            question = missing.pop()
        elif draw < refuse:
            question = absent_question(world, docs, rng, forms)
        elif stated:
            question = stated.pop()
        else:
            break
        text = ask_documents(docs, question.text) if turn == 0 else question.text
        episode.turn(text, reading_answer(question), question.kind, question.sources)
    return _with_system(episode, rng)


def single_reading(
    world: World,
    rng: random.Random,
    documents: int,
    kind: str,
    *,
    forms: Forms = "train",
    position: int | None = None,
    sentences: int = 4,
) -> Episode:
    """One question of a kind ("fact", "missing" or "absent") to documents.

    `position` (from 1) is the document that the answer stands in.
    """
    while True:
        docs = reading_set(world, rng, documents, forms=forms, sentences=sentences)
        if kind == "absent":
            question = absent_question(world, docs, rng, forms)
        elif kind == "missing":
            found = missing_questions(world, docs, rng, forms)
            if not found:
                continue
            question = found[0]
        else:
            found = stated_questions(docs, rng, forms)
            if position is not None:
                found = [q for q in found if q.sources == (position,)]
            if not found:
                continue
            question = found[0]
        text = ask_documents(docs, question.text)
        episode = Episode("reading")
        return episode.turn(text, reading_answer(question), question.kind, question.sources)


def pair_chat(world: World, rng: random.Random, documents: int) -> tuple[Episode, Episode]:
    """The same question to the same documents, with the sentence that answers it and without.

    Nothing else differs, so only the presence of the attribute can decide.
    """
    docs = reading_set(world, rng, documents, sentences=4)
    questions = [q for q in stated_questions(docs, rng) if len(docs[q.sources[0] - 1].facts) > 1]
    while not questions:
        docs = reading_set(world, rng, documents, sentences=4)
        questions = [
            q for q in stated_questions(docs, rng) if len(docs[q.sources[0] - 1].facts) > 1
        ]
    question = questions[0]
    fact, number = question.facts[0], question.sources[0]
    old = docs[number - 1]
    kept = [i for i, f in enumerate(old.facts) if f != fact]
    shorter = replace(
        old,
        sentences=tuple(old.sentences[i] for i in kept),
        facts=tuple(old.facts[i] for i in kept),
    )
    without = [shorter if d is old else d for d in docs]
    refusal = f"{not_stated(BY_NAME[fact.relation], fact.subject)}."
    present = Episode("reading").turn(
        ask_documents(docs, question.text), reading_answer(question), "fact", question.sources
    )
    absent = Episode("reading").turn(ask_documents(without, question.text), refusal, "missing")
    return present, absent


def instructed_reading(
    world: World,
    rng: random.Random,
    documents: int,
    *,
    place: int | None = None,
    word: str | None = None,
) -> Episode:
    """A question to documents with an instruction on the form of its answer, which is cited.

    The instruction stands before the documents (`place` 0), between them and the question (1), or
    after it (2); `word` is the one it names, if it names one.
    """
    docs = reading_set(world, rng, documents, sentences=4)
    question = stated_questions(docs, rng)[0]
    instruction = rng.choice(INSTRUCTIONS)
    word = word or draw_word(rng, "train")
    order = instruction.ways[pick_form(rng, "train")].format(w=word)
    sourced = replace(question, answer=cite(question.answer, question.sources).removesuffix("."))
    ways = (
        f"{order}\n{ask_documents(docs, question.text)}",
        f"{numbered(docs)}\n{order}\nQuestion: {question.text}",
        f"{ask_documents(docs, question.text)} {order}",
    )
    text = rng.choice(ways) if place is None else ways[place]
    episode = Episode("instructed reading")
    return episode.turn(text, instruction.apply(sourced, word), instruction.name, question.sources)


def chain_reading(
    world: World, rng: random.Random, documents: int, *, forms: Forms = "train"
) -> Episode:
    """A question whose answer goes by way of two documents, in cited steps."""
    while True:
        first = world.fact(*rng.choice(list(world.history)))
        if BY_NAME[first.relation].value in BY_KIND:
            break
    second = rng.choice(world.facts(first.value))
    docs = reading_set(world, rng, max(1, documents - 2), forms=forms, sentences=3)
    docs = [d for d in docs if d.facts[0].subject not in (first.subject, first.value)]
    for fact in (first, second):
        docs.append(_document_with(world, fact, rng, forms))
    rng.shuffle(docs)
    where = {f: n for n, d in enumerate(docs, 1) for f in d.facts}
    question = two_hop_question(first, second, rng, forms)
    steps = [
        cite(step, (where[fact],))
        for step, fact in zip(question.steps, (first, second), strict=True)
    ]
    sources = (where[first], where[second])
    episode = Episode("reading").turn(
        ask_documents(docs, question.text), " ".join(steps), "two-hop reading", sources
    )
    return _with_system(episode, rng)


def revised_reading(
    world: World, rng: random.Random, documents: int, *, forms: Forms = "train"
) -> Episode:
    """Two dated documents disagree; the newer one is right."""
    revisable = [r for rs in BY_KIND.values() for r in rs if r.revised]
    relation = rng.choice(revisable)
    subject = rng.choice(world.of_kind(relation.kind))
    names = {kind: world.of_kind(kind) for kind in BY_KIND}
    old_day, new_day = draw_date(rng, 400, 414), draw_date(rng, 415, 429)
    new = Fact(subject, relation.name, world.fact(subject, relation.name).value, new_day)
    while (value := draw_value(rng, relation.value, names)) == new.value:
        pass
    old = Fact(subject, relation.name, value, old_day)
    others = reading_set(world, rng, max(1, documents - 2), forms=forms, sentences=2)
    docs = [d for d in others if d.facts[0].subject != subject]
    for fact in (old, new):
        docs.append(
            Document(
                "",
                subject,
                (dated(varied(fact, rng, forms=forms), fact.since),),
                (fact,),
                fact.since,
            )
        )
    rng.shuffle(docs)
    source = next(n for n, d in enumerate(docs, 1) if d.facts == (new,))
    question = fact_question(new, rng, forms)
    return Episode("reading").turn(
        ask_documents(docs, question.text), cite(question.answer, (source,)), "revised", (source,)
    )


def _document_with(world: World, fact: Fact, rng: random.Random, forms: Forms) -> Document:
    """A document about a fact's subject that states the fact."""
    document = entity_document(
        world, fact.subject, rng, sentences=2, without=(fact.relation,), forms=forms
    )
    at = rng.randint(0, len(document.facts))
    sentences, facts = list(document.sentences), list(document.facts)
    sentences.insert(at, varied(fact, rng, forms=forms))
    facts.insert(at, fact)
    return replace(document, sentences=tuple(sentences), facts=tuple(facts))


def _with_system(episode: Episode, rng: random.Random) -> Episode:
    return episode.system(rng.choice(READING_SYSTEMS)) if rng.random() < 0.3 else episode


def contradicting(world: World, seed: int) -> World:
    """The same names with other facts: documents about it contradict what was learned by heart."""
    rng = random.Random(f"contradicting {seed}")
    names = {kind: world.of_kind(kind) for kind in BY_KIND}
    history = {}
    for (subject, relation), facts in world.history.items():
        while (value := draw_value(rng, BY_NAME[relation].value, names)) in (
            facts[-1].value,
            subject,
        ):
            pass
        history[subject, relation] = (Fact(subject, relation, value),)
    return World(seed, world.pool, world.entities, history)


def unseen_world(seed: int, scale: float = 0.5) -> World:
    """A world for reading tests: no training text holds its names."""
    return make_world(seed, pool="heldout", scale=scale)
