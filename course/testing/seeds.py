"""Random test data: fixed while grading, varied by ``COURSE_SEED``."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

_current = ""
"""Name of the exercise whose tests run now (one in a process at any time)."""


@contextmanager
def exercise(name: str) -> Iterator[None]:
    """Say whose tests run: graders and proofs set it, test cells never do.

    Parameters
    ----------
    name : str
        The exercise's id, such as ``"q04-filter-probs"``.

    Examples
    --------
    >>> with exercise("q04-filter-probs"):
    ...     first = rng().integers(1000)
    >>> with exercise("q04-sample"):
    ...     second = rng().integers(1000)
    >>> bool(first == second)
    False
    """
    global _current
    before, _current = _current, name
    try:
        yield
    finally:
        _current = before


def rng(stream: int = 0) -> np.random.Generator:
    """Make the generator that an exercise's random test data comes from.

    Its seed follows from the environment variable ``COURSE_SEED`` (any text, ``"0"`` where it is
    not set), the name of the current exercise, and `stream`.

    Parameters
    ----------
    stream : int
        Different streams are independent; a test cell that needs two kinds of data takes two.

    Returns
    -------
    numpy.random.Generator
        A new one at each call: equal calls give generators that draw equal numbers.

    Examples
    --------
    >>> bool(rng().integers(10**9) == rng().integers(10**9))
    True
    >>> bool(rng(0).integers(10**9) == rng(1).integers(10**9))
    False
    """
    return np.random.default_rng(_seed(stream))


def torch_generator(stream: int = 0) -> torch.Generator:
    """Make a torch generator in the manner of `rng`.

    Parameters
    ----------
    stream : int
        As in `rng`.

    Returns
    -------
    torch.Generator
        On the CPU; a new one at each call.

    Examples
    --------
    >>> x = torch.randn(3, generator=torch_generator())
    >>> y = torch.randn(3, generator=torch_generator())
    >>> torch.equal(x, y)
    True
    """
    return torch.Generator().manual_seed(_seed(stream) % 2**63)


def _seed(stream: int) -> int:
    text = f"{os.environ.get('COURSE_SEED', '0')}\0{_current}\0{stream}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
