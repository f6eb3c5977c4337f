"""Whether a sentence is true of a world, false of it, or says nothing about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from course.world.generate import World
from course.world.language import LEADS
from course.world.names import sentence_case
from course.world.relations import BY_KIND, RELATIONS, SYNONYMS, VALUES
from course.world.schema import MONTHS, Date, Relation


class Verdict(Enum):
    """What the checker says of a sentence."""

    TRUE = "true"
    FALSE = "false"
    OTHER = "not about the world"


@dataclass(frozen=True)
class Check:
    """A verdict and what it rests on.

    Attributes
    ----------
    verdict : Verdict
    relation, subject, claimed, true : str
        The claim as read, and the value that is true; empty for `Verdict.OTHER`, except that a
        claim about a name that the world does not know keeps its relation, subject and claim.
    """

    verdict: Verdict
    relation: str = ""
    subject: str = ""
    claimed: str = ""
    true: str = ""

    @property
    def invented(self) -> bool:
        """Whether the sentence states something of a name that does not exist."""
        return self.verdict is Verdict.OTHER and bool(self.subject)


_CITATION = re.compile(r"\s*\[[^\]]*\]")
_SPLIT = re.compile(r"(?<=[.!?])\s+")
_DAY = r"\d+ (?:" + "|".join(MONTHS) + r") \d+"
_DATED = re.compile(f"^As of ({_DAY}), ")
_NAME = re.compile(r"^(the )?[A-Z][a-z]+( (to|of|from|[A-Z][a-z]+|[a-z]+)){0,4}$")
_SAME = {synonym: word for word, synonym in SYNONYMS.items()}
_WORDS = {word for words in VALUES.values() for word in words} | _SAME.keys()


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], Relation], ...]:
    patterns = []
    for relation in RELATIONS:
        for template in (*relation.statements, relation.answer):
            pattern = re.escape(template)
            pattern = pattern.replace(r"\{s\}", "(?P<s>.+?)", 1).replace(r"\{s\}", "(?P=s)")
            pattern = pattern.replace(r"\{o\}", f"(?P<o>{_shape(relation)})", 1)
            patterns.append((re.compile(f"^{pattern}$", re.IGNORECASE), relation))
    return tuple(patterns)


def check(world: World, sentence: str) -> Check:
    """Judge one sentence.

    Citations, an opening such as "It is said that" and a final full stop do not matter; "As of
    3 May 412, ..." is judged by what was true on that day. All six forms of every relation and
    its form of answers are understood, and synonyms of values. Whatever the world's language
    cannot read is `OTHER`: it may be true, but not about this world as far as anyone can tell.
    """
    text = _CITATION.sub("", sentence).strip().rstrip(".").strip()
    day = None
    if match := _DATED.match(text):
        day = Date.parse(match[1])
        text = text[match.end() :]
    for lead in LEADS:
        if text.startswith(lead):
            text = text[len(lead) :]
    invented = None
    for pattern, relation in _patterns():
        match = pattern.match(text)
        if not match:
            continue
        claimed = _canonical(match["o"])
        if relation.value in BY_KIND and not _NAME.match(claimed):
            continue
        subject = _resolve(world, match["s"], relation.kind)
        if subject is None:
            name = match["s"]
            if invented is None and _NAME.match(name.removeprefix("The ").strip()):
                invented = Check(Verdict.OTHER, relation.name, name, claimed)
            continue
        true = _value_on(world, subject, relation.name, day)
        if true is None:
            return Check(Verdict.OTHER)
        same = claimed.lower() == true.lower()
        verdict = Verdict.TRUE if same else Verdict.FALSE
        return Check(verdict, relation.name, subject, claimed, true)
    return invented or Check(Verdict.OTHER)


def sentences(text: str) -> list[str]:
    """Split a text into sentences at full stops, exclamation and question marks."""
    return [part for part in _SPLIT.split(text.strip()) if part]


def check_text(world: World, text: str) -> list[Check]:
    """Judge every sentence of a text."""
    return [check(world, sentence) for sentence in sentences(text)]


def _canonical(value: str) -> str:
    lowered = value[:1].lower() + value[1:]
    if lowered.startswith(("the ", "a ", "an ")) or lowered in _WORDS:
        value = lowered
    return _SAME.get(value, value)


def _shape(relation: Relation) -> str:
    """Return a pattern that matches every value of a relation, true or not."""
    if relation.value in BY_KIND:
        return ".+?"
    if relation.value in VALUES:
        words = VALUES[relation.value]
        return "|".join(map(re.escape, [*words, *(SYNONYMS[w] for w in words if w in SYNONYMS)]))
    return {"code": r"[A-Z]{2}-\d{4}", "date": _DAY}.get(relation.value, r"\d+")


def _resolve(world: World, name: str, kind: str) -> str | None:
    for candidate in (name, name.replace("The ", "the ", 1), sentence_case(name)):
        entity = world.entities.get(candidate)
        if entity is not None and entity.kind == kind:
            return candidate
    return None


def _value_on(world: World, subject: str, relation: str, day: Date | None) -> str | None:
    history = world.history[subject, relation]
    if day is None:
        return history[-1].value
    then = [fact for fact in history if fact.since is None or fact.since <= day]
    return then[-1].value if then else None
