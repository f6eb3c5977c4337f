"""Vectors of texts, and scores of pairs of texts: what `lab.embed` and `lab.rerank` call.

Like `course.lab.use`, this imports nothing from `course.grading`: learner code runs it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

CONTEXT = 256  # tokens of a text, or of a pair; what is longer is cut
BATCH = 64


def mean_pool(hidden: Tensor, mask: Tensor) -> Tensor:
    """Average the vectors of real tokens: (B, T, D) and (B, T) to (B, D)."""
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weights).sum(1) / weights.sum(1)


def pooled(model: PreTrainedModel, ids: Tensor, mask: Tensor) -> Tensor:
    """Run a bi-encoder on token ids (B, T) with their mask; (B, D), not yet of unit length."""
    return mean_pool(model(input_ids=ids, attention_mask=mask.long()).last_hidden_state, mask)


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield places of texts of similar length."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    for start in range(0, len(order), BATCH):
        yield order[start : start + BATCH]


def _over(
    encoded, tokenizer: PreTrainedTokenizerFast, compute: Callable[[Tensor, Tensor], Tensor]
) -> Tensor:
    """Compute batch by batch, sorted by length; results in the order of the texts."""
    found: list[Tensor | None] = [None] * len(encoded)
    with torch.inference_mode():
        for places in _batches([len(ids) for ids in encoded]):
            batch = tokenizer.pad({"input_ids": [encoded[i] for i in places]}, return_tensors="pt")
            rows = compute(batch["input_ids"], batch["attention_mask"])
            for place, row in zip(places, rows, strict=True):
                found[place] = row
    return torch.stack(found)


def embed_with(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    texts: Sequence[str],
    dim: int | None = None,
) -> np.ndarray:
    """Return unit vectors of texts by a given bi-encoder; see `course.lab.embed`."""
    size = model.config.hidden_size
    if dim is not None and not 1 <= dim <= size:
        raise ValueError(f"dim must lie between 1 and {size}, not {dim}.")
    if not texts:
        return np.zeros((0, dim or size), np.float32)
    encoded = tokenizer(list(texts), truncation=True, max_length=CONTEXT)["input_ids"]
    vectors = _over(encoded, tokenizer, functools.partial(pooled, model))
    return F.normalize(vectors[:, :dim], dim=-1).numpy()


def score_with(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, query: str, texts: Sequence[str]
) -> np.ndarray:
    """Return a given cross-encoder's scores; see `course.lab.rerank`."""
    if not texts:
        return np.zeros(0, np.float32)
    encoded = tokenizer(
        [query] * len(texts), list(texts), truncation="only_second", max_length=CONTEXT
    )["input_ids"]

    def compute(ids: Tensor, mask: Tensor) -> Tensor:
        return model(input_ids=ids, attention_mask=mask).logits[:, 0]

    return _over(encoded, tokenizer, compute).numpy()


def texts_of(texts: object, name: str) -> Sequence[str]:
    """Check that an argument is a sequence of texts, and no single text."""
    if isinstance(texts, str):
        raise TypeError(f"{name} must be a list of texts, not one text: write [text].")
    found = list(texts)
    if wrong := [text for text in found if not isinstance(text, str)]:
        raise TypeError(f"{name} must hold texts, not {type(wrong[0]).__name__}.")
    return found
