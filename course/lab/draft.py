"""Figures of `draft`: what it has learned when, and how often it guesses what `instruct` says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F

from course.lab import probes
from course.lab.assess import CASES, CHAT, CLOSED, TOOLS, answers, biographies, draw, measure_rows
from course.lab.assess import exact as is_exact
from course.lab.corpus import weigh
from course.lab.measure import share
from course.lab.probes import Case
from course.lab.use import kept, load_folder

ROWS = tuple(
    row
    for row in (*CLOSED, *CHAT, *TOOLS)
    if row[0] in {
        "closed-book, asked", "closed-book, asked, held-out wording",
        "closed-book, seen in prose only", "unknown names", "near-miss names",
        "two hops, in steps", "two hops, direct", "instructions, trained", "tool call",
    }
)  # fmt: skip
TARGET = "instruct"


@torch.inference_mode()
def forced(model, cases: Sequence[Case], texts: Sequence[str]) -> tuple[list[bool], float]:
    """Let a model predict given answers, token by token.

    Parameters
    ----------
    model
    cases : sequence of Case
    texts : sequence of str
        An answer for each case, without the end token, which is added.

    Returns
    -------
    hits : list of bool
        For every token of every answer whether it was the likeliest one.
    loss : float
        Mean loss of these tokens in nats.
    """
    hits: list[bool] = []
    losses: list[float] = []
    for case, text in zip(cases, texts, strict=True):
        prompt = [(part, 0.0) for part in case.prompt]
        ids, weights = weigh([*prompt, (f" {text}<|end|>", 1.0)])
        first = weights.index(1.0)
        row = torch.tensor([ids])
        logits = model(input_ids=row).logits[0, first - 1 : -1].float()
        wanted = row[0, first:]
        hits += (logits.argmax(-1) == wanted).tolist()
        losses += F.cross_entropy(logits, wanted, reduction="none").tolist()
    return hits, sum(losses) / len(losses)


def curves(tokenizer, folder: Path, number: int) -> list[dict]:
    """Measure every kept checkpoint on facts that training asks about.

    Returns
    -------
    list of dict
        ``tokens`` seen; ``exact``, the share of greedy answers that are right to the letter;
        ``token``, the share of the gold answers' tokens that are the likeliest one, each after the
        gold tokens before it; ``loss`` of these in nats.
    """
    cases = draw(probes.known, number, "learning curves")
    golds = [case.gold for case in cases]
    rows = []
    for tokens in kept(folder):
        model = load_folder(folder, tokens)
        hits, loss = forced(model, cases, golds)
        right = sum(map(is_exact, answers(model, tokenizer, cases), cases))
        rows.append(
            {
                "tokens": tokens,
                "exact": round(right / number, 4),
                "token": round(sum(hits) / len(hits), 4),
                "loss": round(loss, 4),
            }
        )
    return rows


def agreement(model, tokenizer, number: int) -> dict[str, dict]:
    """Count how many tokens of `instruct`'s own greedy answers are the draft's likeliest ones.

    It is the share of tokens that greedy speculative decoding would accept if every proposal
    were one token long.
    """
    from course import lab

    target = load_folder(lab.path(TARGET))
    figures = {}
    for name, probe, many in (
        ("closed-book answers", probes.known, number),
        ("biographies", probes.biography, max(2, number // 4)),
    ):
        cases = draw(probe, many, f"agreement, {name}")
        hits, _ = forced(model, cases, answers(target, tokenizer, cases))
        figures[f"agrees with {TARGET} on the next token, {name}"] = share(sum(hits), len(hits))
    return figures


def evaluate(model, tokenizer, *, folder: Path, limit: int | None = None) -> dict:
    """All figures of `draft`."""
    number = min(CASES, limit or CASES)
    figures = measure_rows(model, tokenizer, ROWS, number)
    figures |= biographies(model, tokenizer, number)
    figures |= agreement(model, tokenizer, number)
    figures["curves"] = curves(tokenizer, folder, number)
    return figures
