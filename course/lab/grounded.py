"""How well texts support what is said from them, counted.

A judge of entailment is always an argument, ``entails(premise, claim) -> bool``. Lessons show these
counts before learners write their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

Entails = Callable[[str, str], bool]


def supported_share(claims: Sequence[str], contexts: Sequence[str], entails: Entails) -> float:
    """Return the share of claims that all contexts together entail; NaN without claims.

    With the answer's claims this is faithfulness, with the reference's context recall (Es et al.,
    2023, and the library ragas).
    """
    text = "\n".join(contexts)
    return sum(bool(entails(text, c)) for c in claims) / len(claims) if claims else float("nan")


def average_precision(relevant: Sequence[bool]) -> float:
    """Return the mean of the precision at each relevant rank; 0 if none is relevant."""
    at_hits = [sum(relevant[: i + 1]) / (i + 1) for i, hit in enumerate(relevant) if hit]
    return sum(at_hits) / len(at_hits) if at_hits else 0.0


def judged(claim: str, cited: Sequence[str], entails: Entails) -> tuple[bool, list[bool]]:
    """Tell whether the cited texts together entail a claim, and which citations count.

    A citation counts if the claim is supported and either its text alone entails it, or the others
    do not (ALCE; Gao et al., 2023).
    """
    together = bool(cited) and bool(entails("\n".join(cited), claim))
    counts = []
    for i, text in enumerate(cited):
        others = [*cited[:i], *cited[i + 1 :]]
        needed = not others or not entails("\n".join(others), claim)
        counts.append(together and bool(needed or entails(text, claim)))
    return together, counts
