"""Invented names: made words from syllables, split for good into three pools.

A made word belongs to exactly one pool, whatever the seed: `home` (the world that the lab's models
learn by heart), `train` (worlds that they only read about) and `heldout` (worlds that no training
text mentions). So a name in an evaluation is new in every part that tells it apart.
"""

from __future__ import annotations

import random
import zlib
from typing import Literal

Pool = Literal["home", "train", "heldout"]

STARTS = (
    "Al An Ar Bal Ban Bel Ber Bran Bri Cal Car Cor Dal Dar Del Dor El En Er Fal Fen Fin Gal Gar "
    "Gil Gor Hal Har Hel Hol Il Is Jan Jor Kal Kel Kin Lan Lar Len Lor Mal Mar Mel Mir Mor Nal "
    "Nel Nor Ol Or Pal Pel Per Ral Ren Ros Sal Sel Sor Tal Tam Tel Tor Ul Val Var Ven Vor Wel "
    "Wil Yar Yel Zan Zor"
).split()
MIDDLES = "ba da de ga ki la mo ne ri su ta vi".split()
ENDINGS = {
    "first": "a o in ena us ika eth amir ola ina iel ane oth ira ulf wen".split(),
    "last": "man sen ley ner kov mann ster rin dell low quist rick mond ver chuk gard".split(),
    "town": "ford wick ham mouth dale burg by ton stead haven bridge field port holm worth moor".split(),
    "other": "ian ex um ora ant ash ime ode une ix arn esk oon yst ald eve".split(),
}
SHIP_NOUNS = ("Star", "Gull", "Wind", "Rose", "Crown", "Wave")
GOOD_NOUNS = ("lamp", "kettle", "rope", "chair", "clock", "cup", "saddle", "mirror")
BOOK_FRAMES = ("The Song of {}", "The Book of {}", "The Road to {}", "Letters from {}")
EVENT_NOUNS = ("Fair", "Race", "Feast", "Show")
SECRET_WORDS = (
    "apple barrel candle dragon ember falcon garden hammer island jewel kitten ladder marble needle "
    "orange pebble quiver ribbon silver tunnel umbrella violet window yellow zebra anchor bottle "
    "castle dagger engine feather guitar helmet iceberg jacket kingdom lantern mountain napkin "
    "ocean parrot quarry rocket saddle thunder unicorn velvet walnut"
).split()


def pool_of(word: str) -> Pool:
    """Return the pool that a made word belongs to, the same on every machine and for every seed."""
    slot = zlib.crc32(word.encode()) % 10
    return "home" if slot < 2 else "train" if slot < 8 else "heldout"


def made_word(rng: random.Random, shape: str, pool: Pool) -> str:
    """Draw a made word of one shape ("first", "last", "town", "other") from one pool."""
    while True:
        middle = rng.choice(MIDDLES) if rng.random() < 0.25 else ""
        word = rng.choice(STARTS) + middle + rng.choice(ENDINGS[shape])
        if pool_of(word) == pool:
            return word


def entity_name(rng: random.Random, kind: str, pool: Pool) -> str:
    """Draw a name for an entity of a kind; names that begin with "the" keep it in lower case."""
    if kind == "person":
        return f"{made_word(rng, 'first', pool)} {made_word(rng, 'last', pool)}"
    if kind == "town":
        return made_word(rng, "town", pool)
    word = made_word(rng, "other", pool)
    if kind == "guild":
        return f"the {word} Guild"
    if kind == "ship":
        return f"the {word} {rng.choice(SHIP_NOUNS)}"
    if kind == "good":
        return f"the {word} {rng.choice(GOOD_NOUNS)}"
    if kind == "book":
        return rng.choice(BOOK_FRAMES).format(word)
    if kind == "event":
        return f"the {word} {rng.choice(EVENT_NOUNS)}"
    raise ValueError(f"no names for the kind {kind!r}; see course.world.relations.KINDS")


def sentence_case(text: str) -> str:
    """Return `text` with its first letter in upper case, as at the start of a sentence."""
    return text[:1].upper() + text[1:]
