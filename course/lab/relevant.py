"""What the retrieval models are measured on, and with what: tasks, ranks, BM25 beside them.

Every task is a list of passages, and queries with the numbers of the passages that are relevant.
Measures: recall@k, the share of a query's relevant passages among the first k; MRR, the mean of
one over the rank of the first relevant passage; nDCG@10 (Järvelin & Kekäläinen 2002). BM25 is that
of the package `bm25s` with its defaults (Lucene's variant, k1 1.5, b .75, English stop words).
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from course.lab.measure import mean, share
from course.lab.retrieval import embed_with, score_with
from course.world.documents import library
from course.world.generate import World, make_world
from course.world.language import Forms, ask, pick_form, state, varied
from course.world.relations import BY_NAME, SYNONYMS

UNSEEN_SEEDS = (1, 2, 3, 4, 5, 6, 7, 8)
DIMS = (16, 32, 64, 128)
DEPTHS = (1, 5, 10)
SHORTLIST = 20
Search = Callable[[Sequence[str], Sequence[str]], np.ndarray]
"""Queries and passages to scores of shape (queries, passages)."""


@dataclass(frozen=True)
class Task:
    """A retrieval task.

    Attributes
    ----------
    name : str
    passages : tuple of str
    queries : tuple of str
    relevant : tuple of frozenset of int
        For each query the places of its relevant passages.
    """

    name: str
    passages: tuple[str, ...]
    queries: tuple[str, ...]
    relevant: tuple[frozenset[int], ...]

    def first(self, n: int | None) -> Task:
        """Return the task with its first `n` queries only."""
        return Task(self.name, self.passages, self.queries[:n], self.relevant[:n])


def unseen(seed: int = UNSEEN_SEEDS[0]) -> World:
    """A world whose names occur in no training text."""
    return make_world(seed, pool="heldout")


def paraphrased(name: str, world: World, n: int, forms: Forms) -> Task:
    """Questions, and every fact of the world once; both in trained or both in held-out wordings.

    Values are said by a synonym where there is one. One passage is relevant.
    """
    rng = random.Random(f"paraphrased {name}")
    facts = world.facts()
    passages = [f"{varied(fact, rng, forms=forms, synonyms=1.0)}." for fact in facts]
    chosen = rng.sample(range(len(facts)), n)
    queries = [
        ask(BY_NAME[facts[i].relation], facts[i].subject, pick_form(rng, forms)) for i in chosen
    ]
    return Task(name, tuple(passages), tuple(queries), tuple(frozenset([i]) for i in chosen))


def restated(name: str, world: World, n: int) -> Task:
    """Sentences in one held-out wording, to be found in the other one.

    Values are said by a synonym there, where there is one. One passage is relevant.
    """
    rng = random.Random(f"restated {name}")
    facts = world.facts()
    others = [replace(fact, value=SYNONYMS.get(fact.value, fact.value)) for fact in facts]
    passages = [f"{state(fact, 5)}." for fact in others]
    chosen = rng.sample(range(len(facts)), n)
    queries = [f"{state(facts[i], 4)}." for i in chosen]
    return Task(name, tuple(passages), tuple(queries), tuple(frozenset([i]) for i in chosen))


def shelved(name: str, world: World, n: int) -> Task:
    """Questions in held-out wordings about a world's library of documents.

    Relevant is every document that states the attribute of the subject, outdated ones too.
    """
    rng = random.Random(f"shelved {name}")
    documents = library(world)
    stating: dict[tuple[str, str], set[int]] = {}
    for place, document in enumerate(documents):
        for fact in document.facts:
            if fact is not None:
                stating.setdefault((fact.subject, fact.relation), set()).add(place)
    chosen = rng.sample(sorted(stating), n)
    queries = [ask(BY_NAME[relation], s, pick_form(rng, "heldout")) for s, relation in chosen]
    passages = [document.text for document in documents]
    return Task(name, tuple(passages), tuple(queries), tuple(frozenset(stating[c]) for c in chosen))


def codes(name: str, n: int) -> Task:
    """Product codes of eight unseen worlds, to be found among all facts of the first.

    "What is listed as KX-4821?" No training query asks by a code.
    """
    first, *others = (unseen(seed) for seed in UNSEEN_SEEDS)
    facts = first.facts()
    facts += [fact for world in others for fact in world.facts() if fact.relation == "good.code"]
    rng = random.Random(f"codes {name}")
    passages = [f"{state(fact, rng.randrange(6))}." for fact in facts]
    holding: dict[str, set[int]] = {}
    for place, fact in enumerate(facts):
        if fact.relation == "good.code":
            holding.setdefault(fact.value, set()).add(place)
    chosen = rng.sample(sorted(holding), n)
    queries = [f"What is listed as {code}?" for code in chosen]
    return Task(name, tuple(passages), tuple(queries), tuple(frozenset(holding[c]) for c in chosen))


def foreign(name: str, n: int) -> Task:
    """Plain English of another kind: paragraphs of Python's reference, from the standard library.

    A query is a paragraph's first sentence; relevant is the rest of that paragraph. The text
    differs a little from one version of Python to the next.
    """
    from pydoc_data.topics import topics

    firsts, rests = [], []
    for topic in sorted(topics):
        for paragraph in topics[topic].split("\n\n"):
            text = " ".join(paragraph.split())
            first, stop, rest = text.partition(". ")
            fits = 5 <= len(first.split()) <= 30 and len(rest.split()) >= 8
            if stop and fits and f"{first}." not in firsts:
                firsts.append(f"{first}.")
                rests.append(rest)
    rng = random.Random(f"foreign {name}")
    chosen = rng.sample(range(len(firsts)), n)
    return Task(
        name,
        tuple(rests),
        tuple(firsts[i] for i in chosen),
        tuple(frozenset([i]) for i in chosen),
    )


HELD_OUT = "held-out wordings, unseen world"
TASKS: dict[str, Callable[[str], Task]] = {
    "trained wordings, unseen world": lambda name: paraphrased(name, unseen(), 500, "train"),
    HELD_OUT: lambda name: paraphrased(name, unseen(), 500, "heldout"),
    "held-out wordings, home world": lambda name: paraphrased(name, make_world(), 500, "heldout"),
    "restated sentences, unseen world": lambda name: restated(name, unseen(), 500),
    "library, unseen world": lambda name: shelved(name, unseen(), 500),
    "library, home world": lambda name: shelved(name, make_world(), 500),
    "product codes": lambda name: codes(name, 300),
    "out of domain": lambda name: foreign(name, 500),
}


def tasks(limit: int | None = None, only: Sequence[str] = ()) -> list[Task]:
    """Return all tasks, or some by name, each with at most `limit` queries.

    The passages stay the same whatever the limit.
    """
    return [make(name).first(limit) for name, make in TASKS.items() if not only or name in only]


# -- searching and ranking ------------------------------------------------------------------------


def bm25(queries: Sequence[str], passages: Sequence[str]) -> np.ndarray:
    """Score with BM25: (queries, passages)."""
    import bm25s

    words = functools.partial(bm25s.tokenize, stopwords="en", return_ids=False, show_progress=False)
    index = bm25s.BM25()
    index.index(words(list(passages)), show_progress=False)
    found = np.zeros((len(queries), len(passages)), np.float32)
    for row, query in enumerate(words(list(queries))):
        known = [word for word in query if word in index.vocab_dict]
        if known:
            found[row] = index.get_scores(known)
    return found


def dense(model, tokenizer) -> Search:
    """Return the search that a bi-encoder makes."""

    def search(queries: Sequence[str], passages: Sequence[str]) -> np.ndarray:
        q, p = (embed_with(model, tokenizer, texts) for texts in (queries, passages))
        return q @ p.T

    return search


def cut(vectors: np.ndarray, dim: int) -> np.ndarray:
    """Keep the first `dim` coordinates and give vectors unit length again: (n, D) to (n, dim)."""
    head = vectors[:, :dim]
    return head / np.linalg.norm(head, axis=1, keepdims=True)


def ranking(scores: np.ndarray) -> np.ndarray:
    """Return places by falling score, ties by place: the last axis sorted."""
    return np.argsort(-scores, axis=-1, kind="stable")


def measures(order: Sequence[int], relevant: frozenset[int]) -> dict[str, float]:
    """Measure one ranking.

    Parameters
    ----------
    order : sequence of int
        Passages, best first; it may end early.
    relevant : frozenset of int

    Returns
    -------
    dict
        ``recall@1``, ``recall@5``, ``recall@10``, ``MRR``, ``nDCG@10``.
    """
    hits = np.array([place in relevant for place in order])
    found = {f"recall@{k}": hits[:k].sum() / len(relevant) for k in DEPTHS}
    ranks = np.flatnonzero(hits)
    discounts = 1 / np.log2(np.arange(2, 12))
    gain = (hits[:10] * discounts[: len(hits[:10])]).sum()
    return found | {
        "MRR": 1 / (1 + ranks[0]) if len(ranks) else 0.0,
        "nDCG@10": gain / discounts[: len(relevant)].sum(),
    }


def figure(values: Sequence[float]) -> dict:
    """Return a mean of values between 0 and 1 as a figure: hits and misses as a share."""
    if set(values) <= {0.0, 1.0}:
        return share(int(sum(values)), len(values))
    return mean(values)


def summary(orders: Sequence[Sequence[int]], task: Task) -> dict[str, dict]:
    """Average the measures of a task's rankings: figures by measure."""
    rows = [measures(o, r) for o, r in zip(orders, task.relevant, strict=True)]
    return {name: figure([float(row[name]) for row in rows]) for name in rows[0]}


SHOWN = ("recall@1", "recall@10", "nDCG@10")
"""Measures on the card; the tables have all."""


def _lines(task: Task, system: str, found: dict[str, dict]) -> tuple[dict, dict]:
    """Return figures for the card, and a row for the table."""
    figures = {f"{task.name}: {measure}, {system}": found[measure] for measure in SHOWN}
    row = {"task": task.name, "system": system, "queries": len(task.queries)}
    row |= {"passages": len(task.passages)}
    return figures, row | {measure: round(f["value"], 4) for measure, f in found.items()}


def evaluate_embedder(
    model, tokenizer, *, folder: Path, limit: int | None, only: Sequence[str] = ()
) -> dict:
    """All tasks (or `only` some) against BM25; see the tables ``retrieval`` and ``dims``.

    By length of the vectors, held-out wordings of the unseen world are measured.
    """
    figures, table, lengths = {}, [], []
    for task in tasks(limit, only):
        q, p = (embed_with(model, tokenizer, t) for t in (task.queries, task.passages))
        for system, scores in (("embedder", q @ p.T), ("BM25", bm25(task.queries, task.passages))):
            more, row = _lines(task, system, summary(ranking(scores), task))
            figures |= more
            table.append(row)
        if task.name != HELD_OUT:
            continue
        for dim in DIMS:
            orders = ranking(cut(q, dim) @ cut(p, dim).T)
            more, row = _lines(task, f"{dim} dimensions", summary(orders, task))
            figures |= {name: f for name, f in more.items() if "recall@1," in name}
            lengths.append(row)
        half = len(p) // 2  # passages go by subject, so pairs are of different subjects
        cosines = (p[:half] * p[half : 2 * half]).sum(1)
        figures["cosine of two sentences, mean"] = mean(cosines.astype(float).tolist())
    return figures | {"retrieval": table} | ({"dims": lengths} if lengths else {})


def first_stages() -> dict[str, Search]:
    """Return what finds passages for the reranker: BM25, and the embedder if it ships."""
    from course import lab

    searches: dict[str, Search] = {"BM25": bm25}
    if "embedder" in lab.names():
        searches["embedder"] = dense(lab.load("embedder"), lab.tokenizer("embedder"))
    return searches


def reorder(
    model, tokenizer, task: Task, shorts: Mapping[str, np.ndarray]
) -> dict[str, list[list[int]]]:
    """Sort the first passages of searches by a cross-encoder's scores, each computed once.

    Parameters
    ----------
    model, tokenizer
        The cross-encoder's.
    task : Task
    shorts : mapping of str to ndarray of int, shape (queries, n)
        For each search the places of passages as it ranks them.
    """
    orders: dict[str, list[list[int]]] = {system: [] for system in shorts}
    for row, query in enumerate(task.queries):
        wanted = sorted({place for short in shorts.values() for place in short[row].tolist()})
        scores = score_with(model, tokenizer, query, [task.passages[i] for i in wanted])
        score = dict(zip(wanted, scores.tolist(), strict=True))
        for system, short in shorts.items():
            orders[system].append(sorted(short[row].tolist(), key=lambda place: -score[place]))
    return orders


RERANKED = (
    "trained wordings, unseen world",
    HELD_OUT,
    "held-out wordings, home world",
    "library, unseen world",
    "product codes",
    "out of domain",
)


def evaluate_reranker(
    model,
    tokenizer,
    *,
    folder: Path,
    limit: int | None,
    n: int = 150,
    only: Sequence[str] = RERANKED,
) -> dict:
    """Rerank the first passages of BM25 and of the embedder that ships (table ``reranking``).

    Without a shipped embedder, only BM25's. Of each task the first `n` queries are asked, of the
    held-out wordings of the unseen world all. What is gained or lost is compared query by query.
    """
    searches = first_stages()
    figures, table = {}, []
    for task in tasks(limit, only):
        task = task if task.name == HELD_OUT else task.first(n)
        shorts = {
            system: ranking(search(task.queries, task.passages))[:, :SHORTLIST]
            for system, search in searches.items()
        }
        reordered = reorder(model, tokenizer, task, shorts)
        for system, short in shorts.items():
            pairs = zip(short.tolist(), task.relevant, strict=True)
            bound = [len(r.intersection(places)) / len(r) for places, r in pairs]
            for stage, ranked in ((system, short), (f"{system}, reranked", reordered[system])):
                more, row = _lines(task, stage, summary(ranked, task))
                figures |= {name: f for name, f in more.items() if "recall@10" not in name}
                table.append(row | {f"recall@{SHORTLIST}": round(float(np.mean(bound)), 4)})
            before, after = (
                [measures(o, r)["nDCG@10"] for o, r in zip(ranked, task.relevant, strict=True)]
                for ranked in (short, reordered[system])
            )
            gains = (np.array(after) - np.array(before)).tolist()
            figures[f"{task.name}: nDCG@10 gained, {system}"] = mean(gains)
    return figures | {"reranking": table}


def watch_embedder(model, tokenizer) -> dict:
    """recall@1 on held-out wordings of an unseen world, while it trains."""
    task = paraphrased("watch", unseen(9), 200, "heldout")
    orders = ranking(dense(model, tokenizer)(task.queries, task.passages))
    return {"recall@1": summary(orders, task)["recall@1"]["value"]}


def watch_reranker(model, tokenizer, n: int = 100) -> dict:
    """recall@1 of the embedder's and BM25's first passages, reranked, while it trains.

    Questions to all facts of an unseen world that no figure is measured on, in both wordings.
    """
    found = {}
    for forms in ("train", "heldout"):
        task = paraphrased(f"watch {forms}", unseen(9), n, forms)
        shorts = {
            system: ranking(search(task.queries, task.passages))[:, :SHORTLIST]
            for system, search in first_stages().items()
        }
        again = reorder(model, tokenizer, task, shorts)
        for system, short in shorts.items():
            for stage, orders in ((system, short), (f"{system}, reranked", again[system])):
                found[f"{forms}: {stage}"] = summary(orders, task)["recall@1"]["value"]
    return found
