"""Data and measurements of `induction`: random tokens that repeat, and heads that look back.

A sequence repeats a random block: its period differs from sequence to sequence, so that no fixed
distance helps and a head has to find the token's earlier occurrence. Nothing but copying lowers the
loss below ln V.

Measures after Olsson et al. (2022), *In-context Learning and Induction Heads*, and Elhage et al.
(2021), *A Mathematical Framework for Transformer Circuits*.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from course.lab.batches import Batch
from course.lab.measure import mean


def repeated(rng: np.random.Generator, rows: int, length: int, vocab: int, period: int):
    """Return (rows, length) ids: a block of `period` random tokens, over and over."""
    block = rng.integers(vocab, size=(rows, period))
    return np.tile(block, -(-length // period))[:, :length]


def batches(
    *,
    seed: int,
    batch_tokens: int,
    start: int | None = None,
    vocab: int,
    length: int,
    shortest: int,
    longest: int,
) -> Iterator[Batch]:
    """Yield batches of sequences with periods drawn from `shortest` to `longest`.

    Every token is predicted with the same weight, those of the first block too.
    """
    number = start or 0
    while True:
        rng = np.random.default_rng([seed, number])
        rows = batch_tokens // length
        periods = rng.integers(shortest, longest + 1, size=rows)
        ids = np.concatenate([repeated(rng, 1, length, vocab, int(p)) for p in periods])
        number += 1
        yield Batch(ids, np.ones_like(ids, np.float32), number)


def losses(model, ids: np.ndarray) -> np.ndarray:
    """Return the loss of every token but the first, in nats: (B, T) ids to (B, T - 1)."""
    import torch
    import torch.nn.functional as F

    tokens = torch.from_numpy(ids)
    with torch.inference_mode():
        logits = model(tokens).logits[:, :-1]
    return F.cross_entropy(logits.transpose(1, 2), tokens[:, 1:], reduction="none").numpy()


def patterns(model, ids: np.ndarray) -> np.ndarray:
    """Return the attention of every head: (layers, B, H, T, T)."""
    import torch

    with torch.inference_mode():
        return torch.stack(model(torch.from_numpy(ids), output_attentions=True).attentions).numpy()


def prefix_matching(pattern: np.ndarray, period: int) -> np.ndarray:
    """Return how much a head looks at what followed the present token last time.

    Parameters
    ----------
    pattern : ndarray of shape (..., T, T)
        Attention on a sequence that repeats after `period` tokens.
    period : int

    Returns
    -------
    ndarray of shape (...,)
        Mean attention from token t to token t - period + 1, over all t of the second block
        (0 to 1).
    """
    t = np.arange(period, min(2 * period, pattern.shape[-1]))
    return pattern[..., t, t - period + 1].mean(-1)


def previous_token(pattern: np.ndarray) -> np.ndarray:
    """Return a head's mean attention to the token just before, (..., T, T) to (...,)."""
    t = np.arange(1, pattern.shape[-1])
    return pattern[..., t, t - 1].mean(-1)


def copying(model) -> np.ndarray:
    """Return each head's copying score, (layers, H), from -1 to 1.

    The circuit from token to logits through a head's values and outputs, a (V, V) matrix: the sum
    of its eigenvalues over the sum of their absolute values. Positive eigenvalues mean that tokens
    raise their own logits (Elhage et al. 2021). Norm gains count; the norms' scaling does not
    change the score.
    """
    import torch

    with torch.inference_mode():
        embed = model.embed.weight  # (V, D)
        unembed = model.unembed.weight * model.norm.weight  # (V, D)
        found = []
        for block in model.blocks:
            attn, d = block.attn, model.config.hidden_size // model.config.num_attention_heads
            for head in range(model.config.num_attention_heads):
                own = slice(head * d, (head + 1) * d)
                v = (embed * block.norm.weight) @ attn.v_proj.weight[own].T  # (V, d)
                out = unembed @ attn.o_proj.weight[:, own]  # (V, d)
                # the (V, V) matrix v @ out.T has the eigenvalues of the small out.T @ v, and zeros
                values = torch.linalg.eigvals(out.T @ v)
                found.append((values.real.sum() / values.abs().sum()).item())
        return np.array(found).reshape(model.config.num_hidden_layers, -1)


def look(model, *, seed: int = 7, rows: int = 64, period: int = 32) -> dict:
    """Measure a model on a block repeated once.

    Returns
    -------
    dict
        ``first``, ``second``: mean loss of each row on the first and second block, (rows,);
        ``prefix``: (rows, layers, H) prefix-matching scores; ``previous``: (layers, H);
        ``copying``: (layers, H).
    """
    rng = np.random.default_rng([seed, period])
    ids = repeated(rng, rows, 2 * period, model.config.vocab_size, period)
    loss, pattern = losses(model, ids), patterns(model, ids)
    return {
        "first": loss[:, : period - 1].mean(1),
        "second": loss[:, period:].mean(1),  # the first token that can be known is the second
        "prefix": prefix_matching(pattern, period).transpose(1, 0, 2),
        "previous": previous_token(pattern).mean(1),
        "copying": copying(model),
    }


def evaluate(model, tokenizer, *, folder: Path, limit: int | None, rows: int = 300) -> dict:
    """Measure the last weights, and every head along the training (table ``heads``)."""
    from course.lab.use import kept, load_folder

    rows = rows if limit is None else max(2, min(limit, rows))
    last = look(model, rows=rows)
    best = np.unravel_index(last["prefix"].mean(0).argmax(), last["copying"].shape)
    before = last["previous"][0]
    table = []
    for tokens in kept(folder):
        found = look(load_folder(folder, tokens), rows=min(rows, 64))
        for layer, head in np.ndindex(found["copying"].shape):
            table.append(
                {
                    "tokens": tokens,
                    "layer": layer,
                    "head": head,
                    "prefix_matching": round(float(found["prefix"][:, layer, head].mean()), 4),
                    "previous_token": round(float(found["previous"][layer, head]), 4),
                    "copying": round(float(found["copying"][layer, head]), 4),
                    "loss_first": round(float(found["first"].mean()), 4),
                    "loss_second": round(float(found["second"].mean()), 4),
                }
            )
    figures = {
        "loss on the first block, nats": mean(last["first"]),
        "loss on the second block, nats": mean(last["second"]),
        "prefix matching, best head": mean(last["prefix"][:, best[0], best[1]]),
        "layer of the best head": {"value": int(best[0]) + 1, "spread": 0, "n": 1},
        "heads of layer 2 with prefix matching above 0.4": {
            "value": int((last["prefix"].mean(0)[-1] > 0.4).sum()),
            "spread": 0,
            "n": last["copying"].shape[1],
        },
        "copying score, best head": {
            "value": round(float(last["copying"][best]), 4),
            "spread": 0.005,  # computed from the weights: only rounding differs
            "n": 1,
        },
        "attention to the token before, best head of layer 1": {
            "value": round(float(before.max()), 4),
            "spread": 0.02,
            "n": rows,
        },
    }
    name = "tokens at which the second block's loss is half-way down"
    return figures | {name: formation(table), "heads": table}


def formation(table: list[dict]) -> dict:
    """Return after how many tokens the second block's loss has fallen half-way, interpolated.

    Half-way lies between the first block's last loss and the second block's. The spread is the
    distance of the two checkpoints around it.
    """
    points = {row["tokens"]: row["loss_second"] for row in table}
    half = (table[-1]["loss_first"] + table[-1]["loss_second"]) / 2
    marks = sorted(points)
    for early, late in itertools.pairwise(marks):
        if points[early] > half >= points[late]:
            part = (points[early] - half) / (points[early] - points[late])
            value = round(early + part * (late - early))
            return {"value": value, "spread": late - early, "n": 1}
    raise ValueError("the second block's loss never falls half-way: no induction heads formed.")
