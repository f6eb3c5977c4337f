"""Figures with their spread: what evaluation functions return.

An evaluation function is called as ``function(model, tokenizer, folder=…, limit=…, **arguments)``.
``folder`` is the model's (for its kept checkpoints); ``limit`` asks for at most so many questions
per figure (None: all). It returns a dict: figures by name, made by `share` and `mean`, and tables
(lists of rows) that are stored as CSV beside the figures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

Z = 1.96  # of a 95 % interval


def share(hits: int, of: int) -> dict:
    """Return a share as a figure.

    Parameters
    ----------
    hits, of : int
        How many of how many.

    Returns
    -------
    dict
        ``value``; ``spread``, half the width of Wilson's 95 % interval (it does not vanish at
        0 or 1); ``n``.
    """
    if not 0 <= hits <= of or of == 0:
        raise ValueError(f"{hits} of {of} is no share.")
    p = hits / of
    half = Z * math.sqrt(p * (1 - p) / of + Z**2 / (4 * of**2)) / (1 + Z**2 / of)
    return {"value": round(p, 4), "spread": round(half, 4), "n": of}


def mean(values: Sequence[float]) -> dict:
    """Return a mean as a figure; its spread is 1.96 standard errors.

    Parameters
    ----------
    values : sequence of float
        At least two.
    """
    n = len(values)
    if n < 2:
        raise ValueError("a mean with its spread needs at least two values.")
    centre = math.fsum(values) / n
    error = math.sqrt(math.fsum((v - centre) ** 2 for v in values) / (n - 1) / n)
    return {"value": float(f"{centre:.4g}"), "spread": float(f"{Z * error:.3g}"), "n": n}


def written(number: float) -> str:
    """Write a figure for a table: large numbers whole, with commas, others with six digits."""
    return f"{number:,.0f}" if abs(number) >= 10_000 else f"{number:g}"


def differing(shipped: dict[str, dict], found: dict[str, dict]) -> list[str]:
    """Say which figures do not agree.

    Two agree when they differ by no more than the larger of their spreads. A figure measured
    on fewer cases has the larger spread, so a check on part of the cases is fair.

    Returns
    -------
    list of str
        One sentence each; empty if all agree.
    """
    sentences = [f"{name} is on the card, but was not measured." for name in shipped.keys() - found]
    for name in sorted(found):
        if name not in shipped:
            sentences.append(f"{name} was measured, but is not on the card.")
            continue
        old, new = shipped[name], found[name]
        room = max(old["spread"], new["spread"]) + 1e-9
        if abs(old["value"] - new["value"]) > room:
            sentences.append(
                f"{name}: {new['value']} measured, {old['value']} shipped, "
                f"which is more than {room:.4g} apart."
            )
    return sentences
