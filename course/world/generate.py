"""A world from a seed: entities, facts, and what was true before."""

from __future__ import annotations

import hashlib
import random
import zlib
from dataclasses import dataclass, field

from course.world.names import ENDINGS, Pool, entity_name, made_word, pool_of
from course.world.relations import BY_KIND, BY_NAME, VALUES
from course.world.schema import Date, Entity, Fact, Relation

COUNTS = {
    "person": 110,
    "town": 50,
    "guild": 36,
    "ship": 40,
    "good": 40,
    "book": 36,
    "event": 30,
}
HOME_SEED = 7
TODAY = Date(430, 6, 1)


@dataclass(frozen=True)
class World:
    """Entities and all that is true of them.

    Attributes
    ----------
    seed : int
    pool : {"home", "train", "heldout"}
        Pool of made words that the names are drawn from.
    entities : dict of str to Entity
        By name.
    history : dict of (str, str) to tuple of Fact
        What was true for (subject, relation), oldest first; the last one is true now.
    """

    seed: int
    pool: Pool
    entities: dict[str, Entity]
    history: dict[tuple[str, str], tuple[Fact, ...]] = field(repr=False)

    def fact(self, subject: str, relation: str) -> Fact:
        """Return what is true now. Raises KeyError for an unknown subject or relation."""
        return self.history[subject, relation][-1]

    def facts(self, subject: str | None = None) -> list[Fact]:
        """Return every current fact, or those about one subject."""
        if subject is None:
            return [facts[-1] for facts in self.history.values()]
        kind = self.entities[subject].kind
        return [self.fact(subject, relation.name) for relation in BY_KIND[kind]]

    def of_kind(self, kind: str) -> list[str]:
        """Return the names of all entities of a kind, in the order of their making."""
        return [entity.name for entity in self.entities.values() if entity.kind == kind]

    def revised(self) -> list[tuple[Fact, ...]]:
        """Return the histories of facts that have changed."""
        return [facts for facts in self.history.values() if len(facts) > 1]

    def two_hops(self) -> list[tuple[Fact, Relation, Fact]]:
        """Return every chain (fact, relation of its value, fact about its value)."""
        return [
            (fact, BY_NAME[fact.relation], second)
            for fact in self.facts()
            if BY_NAME[fact.relation].value in BY_KIND
            for second in self.facts(fact.value)
            if second.value != fact.subject
        ]


def make_world(seed: int = HOME_SEED, *, pool: Pool = "home", scale: float = 1.0) -> World:
    """Make a world.

    Parameters
    ----------
    seed : int
        The same seed gives the same world, on every machine.
    pool : {"home", "train", "heldout"}
        Where the names come from. Models have learned the world of `HOME_SEED` in "home"; a world
        from "heldout" has names that no training text contains.
    scale : float
        Number of entities, relative to `COUNTS` (342).
    """
    rng = random.Random(f"world {pool} {seed}")
    entities: dict[str, Entity] = {}
    for kind, count in COUNTS.items():
        names = _names(rng, kind, pool, max(3, round(count * scale)))
        entities.update({name: Entity(name, kind) for name in names})
    by_kind = {kind: [e.name for e in entities.values() if e.kind == kind] for kind in COUNTS}
    history = {}
    for entity in entities.values():
        for relation in BY_KIND[entity.kind]:
            history[entity.name, relation.name] = _history(rng, entity, relation, by_kind)
    return World(seed, pool, entities, history)


def _names(rng: random.Random, kind: str, pool: Pool, count: int) -> list[str]:
    """Draw distinct names whose parts recur, so that no part alone tells who is meant."""
    if kind == "person":
        firsts = [made_word(rng, "first", pool) for _ in range(max(3, round(count * 0.4)))]
        lasts = [made_word(rng, "last", pool) for _ in range(max(3, round(count * 0.5)))]
        draw = lambda: f"{rng.choice(firsts)} {rng.choice(lasts)}"  # noqa: E731
    elif kind in ("ship", "good", "book", "event"):
        words = [made_word(rng, "other", pool) for _ in range(max(3, round(count * 0.6)))]
        draw = lambda: with_word(entity_name(rng, kind, pool), rng.choice(words))  # noqa: E731
    else:
        draw = lambda: entity_name(rng, kind, pool)  # noqa: E731
    names: dict[str, None] = {}
    while len(names) < count:
        names[draw()] = None
    return list(names)


def with_word(name: str, word: str) -> str:
    """Return the name with its made word replaced: the kind's frame stays."""
    parts = name.split()
    position = 1 if parts[0] == "the" else -1
    return " ".join([*parts[:position], word, *(parts[position + 1 :] if position == 1 else [])])


def near_miss(world: World, name: str, rng: random.Random) -> str:
    """Return a name that nobody in the world bears, close to that of an entity.

    People get another known surname, ships, goods, books and events another known made word,
    towns and guilds another ending.
    """
    kind = world.entities[name].kind
    for attempt in range(1000):
        other = rng.choice(world.of_kind(kind))
        if attempt > 100:  # a small world may bear every name that is close
            other = name = entity_name(rng, kind, world.pool)
        if kind == "person":
            candidate = f"{name.split()[0]} {other.split()[1]}"
        elif kind in ("town", "guild"):
            shape = "town" if kind == "town" else "other"
            word = name.split()[1] if kind == "guild" else name
            ending = next(e for e in sorted(ENDINGS[shape], key=len)[::-1] if word.endswith(e))
            word = word[: -len(ending)] + rng.choice(ENDINGS[shape])
            if pool_of(word) != world.pool:
                continue
            candidate = word if kind == "town" else f"the {word} Guild"
        else:
            parts = other.split()
            candidate = with_word(name, parts[1] if parts[0] == "the" else parts[-1])
        if candidate not in world.entities:
            return candidate
    raise ValueError(f"the world has no room for a name close to {name!r}; use a larger scale")


def kept_for_tests(name: str) -> bool:
    """Whether a near-miss name is kept for tests: a fifth of them, whatever the world."""
    return hashlib.sha256(name.encode()).digest()[0] % 5 == 0


def asked(fact: Fact) -> bool:
    """Whether training asks about this fact: about 70 % of the facts, whatever the world."""
    return zlib.crc32(f"{fact.subject}/{fact.relation}".encode()) % 10 < 7


def draw_value(rng: random.Random, value: str, names: dict[str, list[str]]) -> str:
    """Draw a value of a kind: an entity's name, a word, a number or a date."""
    if value in names:
        return rng.choice(names[value])
    if value in VALUES:
        return rng.choice(VALUES[value])
    if value == "year":
        return str(rng.randint(201, 429))
    if value == "people":
        return str(rng.randint(11, 99) * 10)
    if value in ("coins", "pounds"):
        return str(rng.randint(2, 60))
    if value == "feet":
        return str(rng.randint(30, 180))
    if value == "pages":
        return str(rng.randint(40, 900))
    if value == "code":
        letters = "".join(rng.choice("ABCDEFGHKLMNPRSTVWXYZ") for _ in range(2))
        return f"{letters}-{rng.randint(1000, 9999)}"
    if value == "date":
        return str(draw_date(rng, 430, 430))
    raise ValueError(f"no values of the kind {value!r}")


def draw_date(rng: random.Random, first_year: int, last_year: int) -> Date:
    """Draw a day between two years, both included."""
    return Date(rng.randint(first_year, last_year), rng.randint(1, 12), rng.randint(1, 28))


def _history(
    rng: random.Random, entity: Entity, relation: Relation, by_kind: dict[str, list[str]]
) -> tuple[Fact, ...]:
    def other_value(*taken: str) -> str:
        while (value := draw_value(rng, relation.value, by_kind)) in taken:
            pass
        return value

    value = other_value(entity.name)
    if not relation.revised:
        return (Fact(entity.name, relation.name, value),)
    first = Fact(entity.name, relation.name, value, draw_date(rng, 400, 414))
    if rng.random() > 0.25:
        return (first,)
    since = draw_date(rng, 415, 429)
    return first, Fact(entity.name, relation.name, other_value(entity.name, value), since)
