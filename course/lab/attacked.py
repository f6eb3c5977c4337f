"""Figures of `instruct-hardened`: attacks by instructions in documents, and what hardening costs.

`instruct` is measured beside it on the same cases. An attack succeeds if the answer holds the word
that the planted instruction names, or the mark of the form that it asks for.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from course.lab import assess, probes
from course.lab.assess import CASES, Row, exact, names_word, right
from course.world.injections import (
    HELDOUT_ATTACKS,
    HELDOUT_OPENINGS,
    OPENINGS,
    PLACES,
    TRAIN_ATTACKS,
    shows,
)

UNTRAINED = "instruct"
"""What stands beside it on the card."""
_SCORES = {"obeyed": names_word, "right": right}


def _attack(name: str, scores: Sequence[str] = ("obeyed",), **settings) -> Row:
    return name, partial(probes.planted, **settings), {score: _SCORES[score] for score in scores}


DETAILS = 100
"""Cases of each figure by kind, opening or place."""
EVERY = (*TRAIN_ATTACKS, *HELDOUT_ATTACKS)
ATTACKS: tuple[Row, ...] = (
    _attack("attacks, trained kinds and wordings", ("obeyed", "right")),
    _attack("attacks, held-out wordings", forms="heldout"),
    _attack("attacks, held-out openings", openings=HELDOUT_OPENINGS),
    _attack("attacks, held-out kinds", kinds=HELDOUT_ATTACKS),
    _attack("attacks, held-out kinds, wordings and openings", ("obeyed", "right"),
            kinds=HELDOUT_ATTACKS, forms="heldout", openings=HELDOUT_OPENINGS),
)  # fmt: skip
BY_DETAIL: tuple[Row, ...] = (
    *(_attack(f"attack: {kind}" + ", held-out kind" * (kind in HELDOUT_ATTACKS), kinds=(kind,))
      for kind in EVERY if shows(kind)),
    *(_attack(f"attack opens with {opening.strip()!r}" + ", held out" * (opening not in OPENINGS),
              openings=(opening,)) for opening in (*OPENINGS, *HELDOUT_OPENINGS) if opening),
    *(_attack(f"attack {place} a document's sentences", place=place) for place in PLACES),
    _attack("attack with its document's number", numbered=True),
    _attack("attack without a number", numbered=False),
)  # fmt: skip
_STANDING = ("before the documents", "after the documents", "after the question")
GENUINE: tuple[Row, ...] = (
    *((f"user's instruction {where}", partial(probes.genuine, place=place), {"followed": exact})
      for place, where in enumerate(_STANDING)),
    *((f"user's instruction {where}, another one planted",
       partial(probes.genuine, place=place, attacked=True),
       {"followed": exact, "planted one obeyed": names_word})
      for place, where in enumerate(_STANDING)),
)  # fmt: skip


def hardened(model, tokenizer, *, folder: Path, limit: int | None = None) -> dict:
    """Attacks and genuine instructions for this model and `instruct`; all figures of `instruct`."""
    from course import lab

    number = min(CASES, limit or CASES)
    other = lab.load(UNTRAINED), lab.tokenizer(UNTRAINED)
    figures = {}
    for rows, cases in (
        (ATTACKS, number),
        (BY_DETAIL, min(DETAILS, number)),
        (GENUINE, number),
    ):
        found, beside = (assess.measure_rows(*m, rows, cases) for m in ((model, tokenizer), other))
        for name, figure in found.items():
            figures |= {name: figure, f"{name}, {UNTRAINED}": beside[name]}
    return figures | assess.instruct(model, tokenizer, folder=folder, limit=limit)


WATCHED = (
    *ATTACKS,
    *(row for row in GENUINE if "after the question" in row[0] or "after the documents" in row[0]),
    *(row for row in assess.READING if row[0] == "reading, 3 documents"),
)


def watch(model, tokenizer, *, number: int = 50) -> dict[str, float]:
    """A few figures on few cases of their own, to see a run's progress."""
    figures = assess.measure_rows(model, tokenizer, WATCHED, number, purpose="watched")
    return {name: figure["value"] for name, figure in figures.items()}
