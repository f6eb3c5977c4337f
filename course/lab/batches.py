"""Batches of training data: what a data function yields, and a helper that sorts by length.

A data function is a generator. It is called as ``function(seed=…, batch_tokens=…, start=…,
**arguments)`` and yields `Batch` after `Batch`, without end or not. Every batch says where the next
one begins; called with that as ``start``, the function goes on there and yields the same as if it
had never stopped. So a run that was killed can be resumed exactly.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np


class Batch(NamedTuple):
    """Some sequences of one length.

    Attributes
    ----------
    ids : ndarray of int64, shape (B, T)
    weights : ndarray of float32, shape (B, T)
        ``weights[b, t]`` weighs the loss of predicting ``ids[b, t]`` from what stands before it;
        0 for padding, and for what should not be learned. Column 0 is never predicted.
    following : Any
        ``start`` of the next batch: JSON-like (numbers, strings, lists).
    """

    ids: np.ndarray
    weights: np.ndarray
    following: Any


Example = tuple[Sequence[int], Sequence[float]]
"""Token ids of one sequence and, equally long, the weights of their losses."""


def pad(examples: Sequence[Example], pad_id: int, multiple: int = 8) -> tuple:
    """Lay examples side by side, padded on the right.

    Parameters
    ----------
    examples : sequence of Example
    pad_id : int
    multiple : int
        The common length is rounded up to a multiple of this.

    Returns
    -------
    ids : ndarray of int64, shape (B, T)
    weights : ndarray of float32, shape (B, T)
        0 on padding.
    """
    longest = max(len(ids) for ids, _ in examples)
    width = -(-longest // multiple) * multiple
    ids = np.full((len(examples), width), pad_id, np.int64)
    weights = np.zeros((len(examples), width), np.float32)
    for row, (tokens, weight) in enumerate(examples):
        if len(tokens) != len(weight):
            raise ValueError(f"{len(tokens)} tokens but {len(weight)} weights in one example.")
        ids[row, : len(tokens)] = tokens
        weights[row, : len(tokens)] = weight
    return ids, weights


def bucketed(
    draw: Callable[[random.Random, int], Sequence[Example]],
    *,
    seed: int,
    batch_tokens: int,
    pad_id: int,
    start: Sequence[int] | None = None,
    multiple: int = 8,
) -> Iterator[Batch]:
    """Yield batches of examples of similar length, shuffled.

    Examples are drawn in chunks, sorted by length, cut into batches of at most `batch_tokens`
    tokens (padding included; a longer example gets a batch of its own), and the batches of a chunk
    shuffled.

    Parameters
    ----------
    draw : callable
        ``draw(rng, chunk)`` returns one chunk of examples, a few thousand at best. It must depend
        on its arguments only: ``rng`` is seeded from `seed` and the chunk's number.
    seed : int
    batch_tokens : int
    pad_id : int
    start : (int, int), optional
        Chunk, and batch in it, at which to begin.
    multiple : int
        Widths are rounded up to a multiple of this.
    """
    chunk, skip = start or (0, 0)
    while True:
        rng = random.Random(f"{seed}/{chunk}")
        batches = _cut(draw(rng, chunk), batch_tokens, multiple)
        rng.shuffle(batches)
        for number in range(skip, len(batches)):
            last = number + 1 == len(batches)
            following = [chunk + 1, 0] if last else [chunk, number + 1]
            yield Batch(*pad(batches[number], pad_id, multiple), following)
        chunk, skip = chunk + 1, 0


def _cut(examples: Sequence[Example], batch_tokens: int, multiple: int) -> list[list[Example]]:
    batches: list[list[Example]] = []
    for example in sorted(examples, key=lambda e: len(e[0]), reverse=True):
        if batches:
            width = -(-len(batches[-1][0][0]) // multiple) * multiple
            if (len(batches[-1]) + 1) * width <= batch_tokens:
                batches[-1].append(example)
                continue
        batches.append([example])
    return batches
