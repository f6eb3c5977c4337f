"""Fifty new facts for the lab's `instruct`: taught by LoRA in several ways, or retrieved.

Every way is asked the same questions: the facts, in wordings that nothing was trained on; what
nobody has told it (other people, names mixed from the taught ones, other attributes of the taught);
and what it could do before.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from course import lab, recorded, world
from course.lab import assess, probes, relevant, skills
from course.world import chats
from course.world.chats import Episode
from course.world.instructions import INSTRUCTIONS, draw_word, instructed
from course.world.language import ask, state, unknown
from course.world.questions import near_miss_question, unknown_question
from course.world.reading import ask_documents
from course.world.relations import BY_KIND, BY_NAME, Relation
from course.world.schema import Document, Fact

SEEDS = (0, 1)
TOP = 1  # documents in front of a question
RANK, STEPS, LR = 8, 60, 5e-3
LAST, UNSEEN = 3, 4  # wordings of questions: one that the model knows, one that it does not


def lessons(facts: Sequence[Fact], wordings: int = 3) -> list[Episode]:
    """Ask for each fact in the first of the four wordings that the model knows."""
    return [skills.told(f, form) for f in facts for form in range(wordings)]


def replay(number: int, seed: int = 0) -> list[Episode]:
    """Draw conversations of the kinds that the model was trained on, none of the tested ones.

    A third each: known facts, names to be refused (half of them near misses), instructions.
    """
    rng = random.Random(f"replay {seed}")
    home = world.make_world()
    tested = {e.messages[0]["content"] for group in skills.kept().values() for e in group}
    found: list[Episode] = []
    while len(found) < number:
        kind = len(found) % 3
        if kind == 2:
            question, way = chats.known_question(home, rng), rng.choice(INSTRUCTIONS)
            episode = instructed(question, way, rng, draw_word(rng, "home"))
        else:
            if kind == 0:
                question = chats.known_question(home, rng)
            elif rng.random() < 0.5:
                question = unknown_question(home, rng)
            else:
                question = near_miss_question(home, rng)
            episode = Episode("replay").turn(question.text, f"{question.answer}.")
        if episode.messages[0]["content"] not in tested:
            found.append(episode)
    return found


def shelf(facts: Sequence[Fact]) -> list[Document]:
    """Write one document about each person, a sentence for each fact."""
    about: dict[str, list[Fact]] = {}
    for fact in facts:
        about.setdefault(fact.subject, []).append(fact)
    return [
        Document(f"N-{i:02d}", name, tuple(state(f, i % 4) for f in of), tuple(of))
        for i, (name, of) in enumerate(about.items(), 1)
    ]


def _untold(relation: Relation, subject: str, form: int) -> Episode:
    text = ask(relation, subject, form)
    return Episode("not told").turn(text, f"{unknown(relation, subject)}.")


def _neighbours(facts: Sequence[Fact], seed: int) -> dict[str, list[tuple[str, Relation | None]]]:
    """Return whom nobody told anything about; None stands for any attribute that is taught."""
    told = {(f.subject, f.relation) for f in facts}
    people = list(dict.fromkeys(f.subject for f in facts))
    everybody = skills.new_world(seed).of_kind("person")
    mixed = {f"{a.split()[0]} {b.split()[1]}" for a in people for b in people} - set(everybody)
    return {
        "strangers": [(p, None) for p in everybody if p not in people],
        "mixed names": [(p, None) for p in sorted(mixed)],
        "not told": [(p, r) for p in people for r in BY_KIND["person"] if (p, r.name) not in told],
    }


def refusals(facts: Sequence[Fact], number: int, seed: int = 0) -> list[Episode]:
    """Draw questions about neighbours, with refusals: every other one, which `exam` leaves out."""
    rng = random.Random(f"refusals {seed}")
    pools = [pool[1::2] for pool in _neighbours(facts, seed).values()]
    found = []
    for i in range(number):
        subject, relation = rng.choice(pools[i % len(pools)])
        relation = relation or BY_NAME[rng.choice(facts).relation]
        found.append(_untold(relation, subject, rng.randrange(LAST)))
    return found


def exam(facts: Sequence[Fact], number: int = 50, seed: int = 0) -> dict[str, list[Episode]]:
    """What every way is asked, in groups.

    Parameters
    ----------
    facts : sequence of Fact
        What is taught.
    number : int
        How many questions of each of the other groups, at most.
    seed : int
        Of the strange world, and of the draw.

    Returns
    -------
    dict of str to list of Episode
        "new facts" in the fourth wording, which `lessons` leaves out, and "strange wording" in one
        that the model has never seen. To be refused: "strangers" (other people of the same world),
        "mixed names" (first name of one, surname of another), "not told" (attributes of the taught
        people that nobody taught). What it could do before: "old facts", "instructions".
    """
    rng = random.Random(f"exam {seed}")
    groups: dict[str, list[Episode]] = {
        "new facts": [skills.told(f, LAST) for f in facts],
        "strange wording": [skills.told(f, UNSEEN) for f in facts],
    }
    for name, pool in _neighbours(facts, seed).items():
        if name == "not told":  # few: each in two wordings
            asked = [(p, r, form) for p, r in pool[::2] for form in (LAST, UNSEEN)][:number]
        else:  # attributes that the taught people were asked for, so that only the name tells
            asked = [
                (rng.choice(pool[::2])[0], BY_NAME[rng.choice(facts).relation], LAST)
                for _ in range(number)
            ]
        groups[name] = [_untold(r, p, form) for p, r, form in asked]
    kept = skills.kept()
    groups["old facts"] = kept["known facts"][:number]
    groups["instructions"] = kept["instructions"][:number]
    return groups


def with_documents(
    episodes: Sequence[Episode],
    documents: Sequence[Document],
    *,
    top: int = TOP,
    gate: bool = False,
) -> list[Episode]:
    """Put documents in front of each question.

    Parameters
    ----------
    episodes : sequence of Episode
        Single questions.
    documents : sequence of Document
        The index, searched with BM25.
    top : int
        How many to show.
    gate : bool
        Show only those whose title stands in the question; without any the question stays as it is.
    """
    texts = [d.text for d in documents]
    questions = [e.messages[-2]["content"] for e in episodes]
    ranked = relevant.ranking(relevant.bm25(questions, texts))[:, :top]
    found = []
    for episode, question, row in zip(episodes, questions, ranked, strict=True):
        shown = [documents[i] for i in row if not gate or documents[i].title in question]
        text = ask_documents(shown, question) if shown else question
        *before, asked, told = episode.messages
        found.append(replace(episode, messages=[*before, asked | {"content": text}, told]))
    return found


def marks(model, groups: dict[str, list[Episode]]) -> dict[str, float]:
    """Give the share of answers that are as they should be, group by group.

    Right means the gold answer, whatever it cites; in the three groups that nobody told it about,
    a refusal in any of the trained words.
    """
    tokenizer = lab.tokenizer("instruct")
    every = [probes.case(e) for group in groups.values() for e in group]
    written = iter(assess.answers(model, tokenizer, every))
    shares = {}
    for name, group in groups.items():
        judge = assess.refused if name in ("strangers", "mixed names", "not told") else assess.right
        hits = [judge(next(written), probes.case(e)) for e in group]
        shares[name] = sum(hits) / len(hits)
    return shares


def taught(
    episodes: Sequence[Episode],
    *,
    model=None,
    steps: int = STEPS,
    lr: float = LR,
    seed: int = 0,
    progress: bool = False,
):
    """Train LoRA on conversations: a fresh one, or go on with `model`."""
    model = skills.with_lora(RANK, seed=seed) if model is None else model
    skills.fine_tune(model, episodes, steps=steps, lr=lr, seed=seed, progress=progress)
    return model


def changed(facts: Sequence[Fact], seed: int = 0) -> tuple[Fact, Fact]:
    """Pick somebody's home, and give them another: the old fact and the new one."""
    old = next(f for f in facts if f.relation == "person.home")
    towns = [town for town in skills.new_world(seed).of_kind("town") if town != old.value]
    return old, replace(old, value=random.Random(f"move {seed}").choice(towns))


def update_marks(
    model, facts: Sequence[Fact], old: Fact, new: Fact, documents: Sequence[Document] = ()
) -> dict[str, float]:
    """After an update: how often the new value is given, in six wordings; how many others stay.

    With `documents` every question is asked with what is found there, behind the gate.
    """
    groups = {
        "the new value": [skills.told(new, form) for form in range(6)],
        "the old value": [skills.told(old, form) for form in range(6)],
        "other new facts": [skills.told(f, LAST) for f in facts if f != old],
    }
    if documents:
        groups = {k: with_documents(v, documents, gate=True) for k, v in groups.items()}
    return marks(model, groups)


WAYS: dict[str, dict[str, Any]] = {
    "LoRA": {},
    "LoRA, one wording": {"wordings": 1},
    "LoRA, replay": {"replay": 150, "steps": 80},
    "LoRA, replay, slower": {"replay": 300, "steps": 200, "lr": 3e-3},
    "LoRA, replay, refusals": {"replay": 300, "refusals": 150, "steps": 200, "lr": 3e-3},
}
SHELVES: dict[str, dict[str, Any]] = {
    "retrieved, 1 always": {"top": 1},
    "retrieved, 2 always": {"top": 2},
    "retrieved, 4 always": {"top": 4},
    "retrieved, gated": {"top": 1, "gate": True},
}


def rows() -> Iterator[dict[str, Any]]:
    """Compute all rows: every way for each seed, then the updates."""
    base = lab.load("instruct")
    for seed in SEEDS:
        facts = skills.new_facts(seed=seed).facts
        groups, documents = exam(facts, seed=seed), shelf(facts)
        yield {"way": "as it was", "seed": seed, **marks(base, groups)}
        for way, settings in SHELVES.items():
            shown = {k: with_documents(v, documents, **settings) for k, v in groups.items()}
            yield {"way": way, "seed": seed, **marks(base, shown)}
        for way, settings in WAYS.items():
            how = dict(settings)
            episodes = lessons(facts, how.pop("wordings", 3))
            episodes += replay(how.pop("replay", 0), seed)
            episodes += refusals(facts, how.pop("refusals", 0), seed)
            model = taught(episodes, seed=seed, **how)
            yield {"way": way, "seed": seed, **marks(model, groups)}
        yield from updates(facts, seed)


def updates(facts: Sequence[Fact], seed: int) -> Iterator[dict[str, Any]]:
    """Move one person, in four ways."""
    old, new = changed(facts, seed)
    current = [new if f == old else f for f in facts]
    base, row = lab.load("instruct"), {"seed": seed, "update": True}
    yield row | {
        "way": "document replaced",
        **update_marks(base, facts, old, new, shelf(current)),
    }
    model = taught(lessons(facts), seed=seed)
    yield row | {"way": "before the update", **update_marks(model, facts, old, new)}
    model = taught(lessons([new], 4), model=model, steps=10, lr=LR / 5, seed=seed)
    yield row | {"way": "LoRA trained on the new fact", **update_marks(model, facts, old, new)}
    model = taught(lessons(current), seed=seed)
    yield row | {"way": "LoRA trained anew on all", **update_marks(model, facts, old, new)}


if __name__ == "__main__":
    print(
        recorded.record(
            "q49_taught_or_retrieved",
            rows(),
            seed=SEEDS[0],
            seeds=list(SEEDS),
            rank=RANK,
            steps=STEPS,
            lr=LR,
            ways=WAYS,
            shelves=SHELVES,
        )
    )
