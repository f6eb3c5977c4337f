"""Groups for the cross-encoder: a query, a text that answers it, and what searches find instead.

A reranker sorts what a first stage returns, so it learns from that: for every query, BM25 and the
shipped `embedder` search all sentences, or all documents, of a world of the second pool (one time
in eight, of the home world), and wrong texts are drawn from the first twenty of both, most from
the first ten. The others are made to be taken for right ones (`course.lab.pairs`). Every wording is
a trained one.

In a part of the groups the words that say what is stated are replaced, in query and texts alike, by
words that do not exist: "Where does Mira Tol live?" and "Mira Tol lives in Dorby" become "Where
does Mira Tol gorash?" and "Mira Tol gorashs in Dorby". A wording that was never seen can then only
be recognised by the words that both texts share.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from course.lab.batches import Batch
from course.lab.corpus import any_world, home
from course.lab.encoder import tokenizer
from course.lab.pairs import (
    DOCUMENT_SHARE,
    HOME_SHARE,
    SENTENCE_QUERIES,
    SYNONYMS,
    lay,
    restate,
    say,
    wrong,
)
from course.lab.relevant import bm25, ranking
from course.lab.retrieval import embed_with
from course.world.documents import entity_document
from course.world.generate import World, near_miss
from course.world.language import ask, pick_form
from course.world.names import made_word
from course.world.relations import BY_NAME
from course.world.schema import TRAIN_FORMS, Fact

SIZE = 8  # texts of a group, the right one first
DEPTH = 20  # of each search
NEAR = 10  # of what both found, from which most wrong texts are drawn
MADE = 2  # wrong sentences of a group that are made, not found; of documents, one
SENTENCES, DOCUMENTS = 160, 40  # queries drawn from one world

Group = tuple[str, list[str]]
"""A query and `SIZE` texts, the right one first."""


def found(queries: Sequence[str], passages: Sequence[str]) -> list[list[int]]:
    """Search with BM25 and with `embedder`: the first places of both in turn, for each query."""
    from course.lab.use import shared

    q, p = (embed_with(*shared("embedder"), texts) for texts in (queries, passages))
    orders = [ranking(scores)[:, :DEPTH] for scores in (bm25(queries, passages), q @ p.T)]
    in_turn = np.stack(orders, 2).reshape(len(queries), -1)
    return [list(dict.fromkeys(places)) for places in in_turn.tolist()]


def some(others: list[str], number: int, rng: random.Random) -> list[str]:
    """Draw wrong texts from what was found: all but one from the first ten."""
    near, far = others[:NEAR], others[NEAR:] or others[:NEAR]
    drawn = rng.sample(near, min(number - 1, len(near)))
    return [*drawn, *rng.sample([t for t in far if t not in drawn], 1)]


def sentence_groups(world: World, rng: random.Random, n: int) -> list[Group]:
    """Draw groups of single sentences, found among all facts of a world."""
    facts = world.facts()
    passages = [say(fact, rng) for fact in facts]
    chosen = rng.sample(range(len(facts)), min(n, len(facts)))
    queries, sentences = [], []
    for place in chosen:
        fact = facts[place]
        sentences.append(rng.random() < SENTENCE_QUERIES)
        if sentences[-1]:
            query, passages[place] = restate(fact, rng)
        else:
            query = ask(BY_NAME[fact.relation], fact.subject, pick_form(rng, "train"))
        queries.append(query)
    groups = []
    for place, query, sentence, places in zip(
        chosen, queries, sentences, found(queries, passages), strict=True
    ):
        others = [passages[i] for i in places if i != place]
        texts = [passages[place], *some(others, SIZE - 1 - MADE, rng)]
        while len(texts) < SIZE:
            other = wrong(world, facts[place], rng, sentence=sentence, taken=frozenset(facts))
            texts.append(say(other, rng))
        groups.append((query, texts))
    return groups


def shelf(world: World, rng: random.Random) -> list[tuple[str, tuple[Fact, ...]]]:
    """Write an article and a note about every entity, in trained wordings: text and facts."""
    documents = []
    for name in world.entities:
        for longest in (9, 3):
            made = entity_document(
                world, name, rng, sentences=rng.randint(1, longest), synonyms=SYNONYMS
            )
            documents.append((made.text, made.facts))
    return documents


def document_groups(world: World, rng: random.Random, n: int) -> list[Group]:
    """Draw groups of documents, found among two about every entity of a world."""
    documents = shelf(world, rng)
    passages = [text for text, _ in documents]
    chosen = rng.sample(range(len(documents)), min(n, len(documents)))
    facts = [rng.choice(documents[place][1]) for place in chosen]
    queries = [ask(BY_NAME[f.relation], f.subject, pick_form(rng, "train")) for f in facts]
    groups = []
    for place, fact, query, places in zip(
        chosen, facts, queries, found(queries, passages), strict=True
    ):
        others = [passages[i] for i in places if fact not in documents[i][1]]
        bare = fact.subject.removeprefix("the ")
        miss = near_miss(world, fact.subject, rng).removeprefix("the ")
        made = [passages[place].replace(bare, miss)]
        texts = [passages[place], *made, *some(others, SIZE - 1 - len(made), rng)]
        groups.append((query, texts))
    return groups


@lru_cache(maxsize=1)
def telling_words() -> frozenset[str]:
    """Words of trained templates that tell one relation from others, not those that most share."""
    count: Counter[str] = Counter()
    for relation in BY_NAME.values():
        forms = (*relation.statements[:TRAIN_FORMS], *relation.questions[:TRAIN_FORMS])
        count.update(set(re.findall(r"\b[a-z]{3,}\b", " ".join(forms))))
    return frozenset(word for word, relations in count.items() if relations <= 6)


def disguised(group: Group, rng: random.Random) -> Group:
    """Replace telling words by made ones, the same everywhere in a group."""
    share = rng.choice((0.3, 0.6, 1.0))
    made: dict[str, str] = {}

    def other(match: re.Match) -> str:
        word = match[0]
        if word not in telling_words():
            return word
        stem = word.removesuffix("s")
        if stem not in made:
            new = made_word(rng, rng.choice(("other", "first", "town")), "train").lower()
            made[stem] = new if rng.random() < share else stem
        return made[stem] + word[len(stem) :]

    query, *texts = (re.sub(r"\b[a-z]{3,}\b", other, text) for text in (group[0], *group[1]))
    return query, texts


def batches(
    *, seed: int, batch_tokens: int, start: Sequence[int] | None = None, disguise: float = 0.3
) -> Iterator[Batch]:
    """Yield batches for `course.lab.contrast.listwise`, many from one world.

    Parameters
    ----------
    seed, batch_tokens, start
        See `course.lab.batches`.
    disguise : float
        Share of groups whose telling words are replaced.
    """
    chunk, skip = start or (0, 0)
    backend = tokenizer().backend_tokenizer
    while True:
        rng = random.Random(f"candidates {seed}/{chunk}")
        world = home() if rng.random() < HOME_SHARE else any_world(rng)
        if rng.random() < DOCUMENT_SHARE:
            groups = document_groups(world, rng, DOCUMENTS)
        else:
            groups = sentence_groups(world, rng, SENTENCES)
        groups = [disguised(g, rng) if rng.random() < disguise else g for g in groups]
        pairs = [(query, text) for query, texts in groups for text in texts]
        encodings = backend.encode_batch(pairs)
        cut = _cut([encodings[i : i + SIZE] for i in range(0, len(encodings), SIZE)], batch_tokens)
        for number in range(skip, len(cut)):
            last = number + 1 == len(cut)
            following = [chunk + 1, 0] if last else [chunk, number + 1]
            yield lay(cut[number], following)
        chunk, skip = chunk + 1, 0


def _cut(groups: list[list], batch_tokens: int) -> list[list]:
    """Put encoded groups of similar length together, at most so many tokens with padding."""
    cut: list[list] = []
    width = 0
    for group in sorted(groups, key=lambda group: -max(len(e.ids) for e in group)):
        if not cut or (len(cut[-1]) + SIZE) * width > batch_tokens:
            cut.append([])
            width = max(len(e.ids) for e in group)
        cut[-1] += group
    return cut
