"""A small examination for retrieval-augmented answering: corpus, questions, an embedder, a reader.

Everything is made from a seed and from rules, so that a whole system can be graded in a fraction of
a second. The reader knows nothing but what stands in its prompt; where it is careless, it is so by
rule, and its docstring says how.
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np

from course.world.documents import library
from course.world.drafts import corrupt
from course.world.generate import draw_date, make_world, near_miss
from course.world.language import ask, varied
from course.world.relations import BY_KIND, BY_NAME, SYNONYMS
from course.world.schema import Date, Document, Fact, Relation

__all__ = ["Exam", "embed", "make_exam"]

DIM = 128
SHOWN = 5  # documents of a prompt that the reader looks at
ROOM = 600  # characters of a prompt that it sees, from the end
REFUSAL = "I do not know"


@cache
def _direction(name: str) -> np.ndarray:
    """A random direction that belongs to a name."""
    return np.random.default_rng(zlib.crc32(name.encode())).normal(size=DIM) / DIM**0.5


@cache
def _relations_of() -> dict[str, list[str]]:
    """Which relations use a word, in what they state or ask."""
    found: dict[str, list[str]] = {}
    for relation in BY_NAME.values():
        text = " ".join(relation.statements + relation.questions)
        for word in sorted(set(_words(text.format(s="", o="")))):
            found.setdefault(word, []).append(relation.name)
    return found


@cache
def _words_vector(word: str) -> np.ndarray:
    """A word's vector: near those of words that state and ask the same things."""
    used = _relations_of().get(word)
    if used is None:
        return 1.5 * _direction(word)  # names
    meaning = sum(_direction(f"relation {name}") for name in used) / len(used)
    return meaning + 0.3 * _direction(word) / len(used) ** 0.5


@cache
def _text_vector(text: str) -> np.ndarray:
    total = sum((_words_vector(word) for word in _words(text)), np.zeros(DIM))
    length = float(np.linalg.norm(total))
    return total / length if length else total


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def embed(texts: Sequence[str]) -> np.ndarray:
    """Return unit vectors (N, 128) of texts; zeros for a text without a word.

    A bag of words: those that the world's language uses for the same relation are close, all
    others, such as names, are as good as orthogonal to each other.
    """
    return np.stack([_text_vector(text) for text in texts]) if len(texts) else np.zeros((0, DIM))


@dataclass
class Exam:
    """A corpus and questions to it; `read` notes what it was shown.

    Attributes
    ----------
    corpus : list of dict
        Documents: `id`, `text`, `date` ("0416-07-13", or None for what holds today).
    answerable, unanswerable : dict
        From question to the fact that answers it; from question to why nothing does,
        `"near-miss"` or `"missing"`.
    sources : dict
        From a fact to the ids of the documents that state it.
    stated : dict
        From each sentence of the corpus to what it states.
    asked : dict
        From question to its relation and the name that it asks about.
    prompts : dict
        From question to the prompts that `read` was given.
    """

    corpus: list[dict]
    answerable: dict[str, Fact]
    unanswerable: dict[str, str]
    sources: dict[Fact, set[str]]
    stated: dict[str, Fact]
    asked: dict[str, tuple[Relation, str]]
    prompts: dict[str, list[str]] = field(default_factory=dict)

    @property
    def questions(self) -> list[str]:
        """All questions, those with an answer first."""
        return [*self.answerable, *self.unanswerable]

    def shown(self, prompt: str) -> list[str]:
        """The documents of a prompt that the reader sees, by number: 1, 2, ..."""
        lines = prompt[-ROOM:].split("\n")
        found: list[str] = []
        for line in lines:
            if len(found) < SHOWN and line.startswith(mark := f"[{len(found) + 1}] "):
                found.append(line[len(mark) :])
        return found

    def read(self, prompt: str) -> str:
        """Answer the question of a prompt from its numbered documents.

        An answer is "name, attribute: value [number].", the value as the document words it.

        It sees the last 600 characters of the prompt, and of the documents in them the first
        five. It takes the first statement of what is asked. If there is none, and no document names
        the one asked about, it takes the first statement of the same attribute of a name that
        shares a word with it. If there is none of that either, it says "I do not know.", provided
        that these words stand in what it sees; else it makes something up. Three answers of four
        cite a wrong document as well.
        """
        question = prompt.rpartition("Question: ")[2].strip()
        self.prompts.setdefault(question, []).append(prompt)
        if question not in self.asked or f"Question: {question}" not in prompt[-ROOM:]:
            return "What is the question?"
        relation, name = self.asked[question]
        documents = self.shown(prompt)
        found = [(n, f) for n, text in enumerate(documents, 1) for f in self._facts(text)]
        same = [(n, f) for n, f in found if f.relation == relation.name]
        exact = [(n, f) for n, f in same if f.subject == name]
        naming = [n for n, text in enumerate(documents, 1) if name.lower() in text.lower()]
        close = [] if naming else [(n, f) for n, f in same if _share_a_word(f.subject, name)]
        if exact or close:
            number, fact = (exact or close)[0]
            value = _worded(fact, documents[number - 1])
            extra = self._wrong_citation(question, documents, fact.subject, value)
            return f"{fact.subject}, {relation.attribute}: {value} [{number}]{extra}."
        if REFUSAL.lower() in prompt[-ROOM:].lower():
            return f"{REFUSAL}."
        guess = sorted({f.value for f in self.stated.values() if f.relation == relation.name})
        pick = zlib.crc32(question.encode()) % max(1, len(guess))
        number = naming[0] if naming else 1
        return f"{name}, {relation.attribute}: {guess[pick] if guess else 'so'} [{number}]."

    def _facts(self, text: str) -> list[Fact]:
        """What the whole sentences of a text state."""
        pieces = re.split(r"(?<=\.)\s+", text)
        return [self.stated[piece] for piece in pieces if piece in self.stated]

    def _wrong_citation(self, question: str, documents: list[str], subject: str, value: str) -> str:
        """Mostly a document that does not have both name and value, or none at all."""
        if zlib.crc32(question.encode()) % 4 == 0:
            return ""
        texts = [d.lower() for d in documents]
        both = (subject.lower(), value.lower())
        others = [n for n, text in enumerate(texts, 1) if not all(part in text for part in both)]
        return f" [{others[-1] if others else len(documents) + 1}]"

    def score(self, results: Iterable[dict]) -> dict[str, float]:
        """Measure a system's results, in the order of `questions`, and forget what `read` saw.

        Returns
        -------
        dict of str to float
            `recall@5`: share of the answerable questions for which `read` saw a statement of the
            answer. `citation precision`: share of all citations whose document states the
            answer. `citation recall`: share of the answerable questions with the right answer and a
            right citation. `answered`: share of the answerable questions that were answered.
            `abstention`: share of the other questions that were not answered.
        """
        by_question = dict(zip(self.questions, results, strict=True))
        recall, cited, right, kept = [], [], [], []
        for question, fact in self.answerable.items():
            result = by_question[question]
            seen = [f for p in self.prompts.get(question, ()) for d in self.shown(p)
                    for f in self._facts(d)]  # fmt: skip
            recall.append(fact in seen)
            sound = [c in self.sources[fact] for c in result["citations"]]
            cited += sound
            said = (result["answer"] or "").lower()
            values = (fact.value, SYNONYMS.get(fact.value, fact.value))
            right.append(any(v.lower() in said for v in values) and any(sound))
            kept.append(not result["abstained"])
        refused = []
        for question in self.unanswerable:
            cited += [False for _ in by_question[question]["citations"]]
            refused.append(bool(by_question[question]["abstained"]))
        self.prompts.clear()  # the next run is measured by itself
        mean = lambda values: float(np.mean(values)) if values else 0.0  # noqa: E731
        return {
            "recall@5": mean(recall),
            "citation precision": mean(cited),
            "citation recall": mean(right),
            "answered": mean(kept),
            "abstention": mean(refused),
        }


def _worded(fact: Fact, text: str) -> str:
    """A fact's value in the words of a text that states it."""
    return fact.value if fact.value.lower() in text.lower() else SYNONYMS[fact.value]


def _share_a_word(one: str, other: str) -> bool:
    common = {"the", "of", "a", "book", "song", "letters", "from", "guild"}
    return bool((set(_words(one)) & set(_words(other))) - common)


def make_exam(
    seed: int, *, plain: int = 10, outdated: int = 6, near: int = 6, missing: int = 6
) -> Exam:
    """Make an examination about a world that nobody has seen.

    Parameters
    ----------
    seed : int
    plain, outdated : int
        Answerable questions; to the latter the corpus also holds two old, dated, different answers.
    near, missing : int
        Questions about names that are close to known ones, and for attributes that the corpus
        leaves out.

    Returns
    -------
    Exam
    """
    rng = random.Random(f"rag exam {seed}")
    world = make_world(seed, pool="heldout", scale=0.1)
    shelf = [d for d in library(world, seed) if d.date is None]
    stated = {f for d in shelf for f in d.facts if f is not None}
    facts = rng.sample([f for f in world.facts() if f in stated], plain + outdated + missing)
    kept, dropped = facts[: plain + outdated], set(facts[plain + outdated :])
    shelf = [_without(d, dropped) for d in shelf]
    for i, fact in enumerate(kept[plain:]):
        for _ in range(2):
            old = corrupt(world, Fact(fact.subject, fact.relation, fact.value), rng)
            shelf.append(_notice(old, draw_date(rng, 400, 414), rng))
        if i % 2:  # only a newer notice states what holds today
            shelf = [_without(d, {fact}) for d in shelf]
            shelf.append(_notice(fact, draw_date(rng, 415, 429), rng))
    rng.shuffle(shelf)

    corpus, sources, known = [], {}, {}
    for document in shelf:
        if not document.sentences:
            continue
        number = f"D-{len(corpus) + 1:03d}"
        day = document.date
        date = None if day is None else f"{day.year:04d}-{day.month:02d}-{day.day:02d}"
        corpus.append({"id": number, "text": document.text, "date": date})
        for sentence, fact in zip(document.sentences, document.facts, strict=True):
            known[f"{sentence}."] = fact
            sources.setdefault(fact, set()).add(number)

    asked: dict[str, tuple[Relation, str]] = {}

    def put(relation: Relation, name: str) -> str:
        question = ask(relation, name, rng.randrange(6))
        asked[question] = (relation, name)
        return question

    answerable = {put(BY_NAME[f.relation], f.subject): f for f in kept}
    unanswerable = {
        put(BY_NAME[f.relation], f.subject): "missing" for f in sorted(dropped, key=str)
    }
    while len(unanswerable) < near + missing:
        entity = rng.choice(list(world.entities.values()))
        name = near_miss(world, entity.name, rng)
        unanswerable[put(rng.choice(BY_KIND[entity.kind]), name)] = "near-miss"
    return Exam(corpus, answerable, unanswerable, sources, known, asked)


def _notice(fact: Fact, day: Date, rng: random.Random) -> Document:
    return Document("", "", (varied(fact, rng),), (fact,), day)


def _without(document: Document, dropped: set[Fact]) -> Document:
    pairs = [
        (s, f) for s, f in zip(document.sentences, document.facts, strict=True) if f not in dropped
    ]
    sentences, facts = tuple(s for s, _ in pairs), tuple(f for _, f in pairs)
    return replace(document, sentences=sentences, facts=facts)
