"""Token by token: one request's choices side by side in one small batch."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@dataclass(frozen=True)
class Settings:
    """How tokens are chosen.

    Parameters
    ----------
    n : int
        How many choices.
    temperature, top_p : float
        At temperature 0 always the likeliest token. Else from the smallest set of tokens with at
        least `top_p` of the mass, by their probabilities at that temperature.
    seed : int or None
        Of the choices together; None: a new one.
    forced : sequence of int
        Tokens that every choice begins with.
    top_logprobs : int or None
        How many alternatives to report with each token; None: not even its own log-probability.
    """

    n: int = 1
    temperature: float = 1.0
    top_p: float = 1.0
    seed: int | None = None
    forced: Sequence[int] = ()
    top_logprobs: int | None = None


@dataclass(frozen=True)
class Token:
    """A token that was written; the log-probabilities are the model's own, at temperature 1."""

    id: int
    logprob: float | None = None
    top: tuple[tuple[int, float], ...] = ()


class Decoding:
    """Writes tokens after a prompt, as long as one asks for them.

    The prompt is read once; then the choices are rows of one batch, which costs about as much as
    one of them. Each draws with a generator of its own, from the seed and its index. No other
    request shares the batch, so that an answer depends on nothing but its request.
    """

    def __init__(self, model: PreTrainedModel, prompt: Sequence[int], settings: Settings) -> None:
        from transformers import DynamicCache

        self._model, self._settings = model, settings
        self._rows = 1 if settings.temperature == 0 else settings.n  # all would be equal
        seed = secrets.randbits(63) if settings.seed is None else settings.seed % 2**64
        self._draws = [np.random.default_rng([seed, row]) for row in range(self._rows)]
        self._cache = DynamicCache(config=model.config)
        self._next = torch.tensor([list(prompt)])
        self._written = 0

    def step(self) -> list[Token]:
        """Return each choice's next token; what follows a choice's end means nothing."""
        with torch.inference_mode():
            out = self._model(self._next, past_key_values=self._cache, logits_to_keep=1)
        logits = out.logits[:, -1].float().numpy()
        if self._written == 0 and self._rows > 1:
            self._cache.batch_repeat_interleave(self._rows)
            logits = logits.repeat(self._rows, axis=0)
        ids = [self._choose(row, draw) for row, draw in zip(logits, self._draws, strict=True)]
        tokens = [self._token(i, row) for i, row in zip(ids, logits, strict=True)]
        self._next = torch.tensor(ids)[:, None]
        self._written += 1
        return tokens * (self._settings.n // self._rows)

    def _choose(self, logits: np.ndarray, draw: np.random.Generator) -> int:
        settings = self._settings
        if self._written < len(settings.forced):
            return settings.forced[self._written]
        if settings.temperature == 0:
            return int(logits.argmax())
        with np.errstate(over="ignore"):  # a tiny temperature
            scaled = (logits - logits.max()).astype(np.float64) / settings.temperature
        p = np.exp(scaled)
        p /= p.sum()
        if settings.top_p < 1:
            order = np.argsort(-p, kind="stable")
            before = np.cumsum(p[order]) - p[order]
            p[order[before >= settings.top_p]] = 0
            p /= p.sum()
        return int(draw.choice(len(p), p=p))

    def _token(self, token: int, logits: np.ndarray) -> Token:
        wanted = self._settings.top_logprobs
        if wanted is None:
            return Token(token)
        shifted = (logits - logits.max()).astype(np.float64)
        logprobs = shifted - np.log(np.exp(shifted).sum())
        best = np.argsort(-logprobs, kind="stable")[:wanted]
        top = tuple((int(i), float(logprobs[i])) for i in best)
        return Token(token, float(logprobs[token]), top)
