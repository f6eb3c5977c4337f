"""A family of small models for scaling fits: sizes and budgets, their losses, and the fit.

Every run is a Llama of its own size, trained once through its own budget of the world's prose
(biographies, prose, notices), with a learning rate that falls to its end at the budget: a shorter
run is not a part of a longer one. All are measured on the same held-out pages. `course lab scaling`
makes them again; ``scaling/runs.csv`` ships, and `runs` reads it.
"""

from __future__ import annotations

import csv
import itertools
import json
import random
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from course.lab.batches import Batch
from course.lab.config import Call, Config, Optimizer
from course.lab.measure import mean

RUNS = Path(__file__).with_name("scaling") / "runs.csv"
CONTEXT = 128
VOCABULARY = 1280  # the world's tokenizer's
BATCH_TOKENS = 1024

SIZES: dict[str, dict[str, int]] = {
    "7k": {"hidden_size": 16, "layers": 2, "heads": 2, "intermediate_size": 48},
    "15k": {"hidden_size": 24, "layers": 2, "heads": 2, "intermediate_size": 72},
    "40k": {"hidden_size": 32, "layers": 3, "heads": 2, "intermediate_size": 96},
    "90k": {"hidden_size": 48, "layers": 3, "heads": 4, "intermediate_size": 144},
    "213k": {"hidden_size": 64, "layers": 4, "heads": 4, "intermediate_size": 192},
    "479k": {"hidden_size": 96, "layers": 4, "heads": 4, "intermediate_size": 288},
    "853k": {"hidden_size": 128, "layers": 4, "heads": 4, "intermediate_size": 384},
}
"""By parameters without embeddings."""

BUDGETS = (50_000, 100_000, 200_000, 400_000, 800_000, 1_600_000)
"""Tokens of training."""

MOST_FLOPS = 1.5e12  # of one run, counted as 6 N D
FEW_FLOPS = 6e10  # runs up to this cost are made with three seeds


def _pages(rng: random.Random) -> Iterator[str]:
    from course.lab.corpus import home
    from course.world import pages

    kinds = (pages.biography_page, pages.prose_page, pages.prose_page, pages.notice_page)
    while True:
        yield rng.choice(kinds)(home(), rng)


def windows(label: str, number: int) -> tuple[np.ndarray, int]:
    """Return windows of prose, cut from a stream of pages.

    Parameters
    ----------
    label : str
        The stream: the same label gives the same pages.
    number : int
        How many windows.

    Returns
    -------
    ids : ndarray of int64, shape (number, CONTEXT)
    size : int
        Bytes of text in them; the marks between pages count nothing.
    """
    from course.lab.tokens import BOS, END, tokenizer

    backend = tokenizer().backend_tokenizer
    stream: list[int] = []
    for page in _pages(random.Random(label)):
        stream += backend.encode(f"{BOS} {page}{END}", add_special_tokens=False).ids
        if len(stream) >= number * CONTEXT:
            break
    ids = np.array(stream[: number * CONTEXT], np.int64).reshape(number, CONTEXT)
    text = tokenizer().decode(ids.ravel(), skip_special_tokens=True)
    return ids, len(text.encode())


def batches(*, seed: int, batch_tokens: int, start: int | None = None) -> Iterator[Batch]:
    """Yield windows of prose that never repeat."""
    rows = batch_tokens // CONTEXT
    chunk_batches = 128
    number = start or 0
    while True:
        ids, _ = windows(f"scaling {seed} {number // chunk_batches}", chunk_batches * rows)
        for first in range(number % chunk_batches, chunk_batches):
            part = ids[first * rows : (first + 1) * rows]
            number += 1
            yield Batch(part, np.ones_like(part, np.float32), number)


@lru_cache(maxsize=1)
def held_out() -> tuple[np.ndarray, int]:
    """Return 400 windows of pages that no run is trained on, and their bytes."""
    return windows("scaling held out", 400)


def config(size: str, tokens: int, seed: int = 0) -> Config:
    """Return the config of one run, for `course.lab.train.train`.

    Parameters
    ----------
    size : str
        One of `SIZES`.
    tokens : int
    seed : int
    """
    if size not in SIZES:
        raise ValueError(f"size must be one of {', '.join(SIZES)}, not {size!r}.")
    return Config(
        name=f"{size}-{tokens}-{seed}",
        about="One run of the scaling family.",
        architecture=Call(
            "course.lab.llama.llama", {"vocab_size": VOCABULARY, "context": CONTEXT, **SIZES[size]}
        ),
        data=Call("course.lab.scaling.batches"),
        tokens=tokens,
        batch_tokens=BATCH_TOKENS,
        optimizer=Optimizer(lr=2e-2, weight_decay=0.05, warmup=0.05, schedule="linear"),
        seed=seed,
        bf16=False,
    )


def loss(model) -> tuple[dict, float]:
    """Measure a model on the held-out pages.

    Returns
    -------
    per_token : dict
        Mean loss in nats per token, with its spread over windows (`course.lab.measure.mean`).
    per_byte : float
        In nats per byte of text.
    """
    from course.lab.induction import losses

    ids, size = held_out()
    each = np.concatenate([losses(model, part).mean(1) for part in np.split(ids, 10)])
    # a window's first token has no loss: it is taken to cost what the others do
    return mean(each.tolist()), float(each.mean()) * ids.size / size


def run(size: str, tokens: int, seed: int, folder: Path, console: Console) -> dict[str, Any]:
    """Train and measure one model; a finished run in the folder is measured only.

    Returns
    -------
    dict
        The run's row of ``runs.csv``.
    """
    from course.lab.train import train
    from course.lab.use import load_folder

    if not (folder / "run.json").is_file():
        train(config(size, tokens, seed), folder, console)
    facts = json.loads((folder / "run.json").read_text())
    model = load_folder(folder / "model")
    per_token, per_byte = loss(model)
    embedding = model.get_input_embeddings().weight.numel()
    return {
        "size": size,
        "parameters": facts["parameters"],
        "without_embeddings": facts["parameters"] - embedding,
        "tokens": facts["tokens"],
        "seed": seed,
        "flops": 6 * facts["parameters"] * facts["tokens"],
        "nats_per_token": round(per_token["value"], 4),
        "spread": per_token["spread"],
        "nats_per_byte": round(per_byte, 4),
        "cpu_seconds": facts["cpu_seconds"],
    }


def grid() -> list[tuple[str, int, int]]:
    """Return all runs of the family as (size, tokens, seed), the cheapest first.

    Every size gets the budgets that cost it at most `MOST_FLOPS`; the cheapest are run with
    three seeds.
    """
    runs = [
        (flops, (size, tokens, seed))
        for size, tokens, seed in itertools.product(SIZES, BUDGETS, range(3))
        if (flops := 6 * parameters(size) * tokens) <= (MOST_FLOPS if seed == 0 else FEW_FLOPS)
    ]
    return [run for _, run in sorted(runs)]


def parameters(size: str) -> int:
    """Return a size's number of parameters, embeddings included."""
    sizes = SIZES[size]
    d, hidden = sizes["hidden_size"], sizes["intermediate_size"]
    layer = 4 * d * d + 3 * d * hidden + 2 * d  # attention, SwiGLU, two norms
    return VOCABULARY * d + sizes["layers"] * layer + d


def make(folder: Path, console: Console, only: Sequence[str] = ()) -> Path:
    """Make the family again, or what is missing of it.

    Parameters
    ----------
    folder : Path
        Gets a folder for every run, and ``runs.csv``, written anew after each.
    console : Console
    only : sequence of str
        Sizes; by default all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "runs.csv"
    rows = []
    for size, tokens, seed in grid():
        if not only or size in only:
            rows.append(run(size, tokens, seed, folder / f"{size}-{tokens}-{seed}", console))
            with path.open("w", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
    return path


def runs() -> list[dict[str, Any]]:
    """Read the runs that ship: one dict a run, numbers as numbers."""
    with RUNS.open(newline="") as file:
        return [
            {key: value if key == "size" else json.loads(value) for key, value in row.items()}
            for row in csv.DictReader(file)
        ]


def fit(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Fit L(N, D) = E + A / N**alpha + B / D**beta to runs (Hoffmann et al. 2022, eq. 10).

    For given exponents the rest is linear; the exponents are searched on a grid that is refined
    around the best. Errors are relative ones, and E may not be negative.

    Parameters
    ----------
    rows : sequence of dict
        With ``parameters`` (N), ``tokens`` (D), ``nats_per_token`` (L).

    Returns
    -------
    dict
        ``E``, ``A``, ``B``, ``alpha``, ``beta``, and ``rms``, the root mean square of the relative
        errors.
    """
    if len(rows) < 5:
        raise ValueError(f"five constants need at least five runs, not {len(rows)}.")
    n, d, loss_ = (
        np.array([row[key] for row in rows], float)
        for key in ("parameters", "tokens", "nats_per_token")
    )

    def solve(alpha: float, beta: float) -> dict[str, float]:
        # in units of the smallest N and D, so that the columns are of one size
        columns = np.column_stack([np.ones_like(n), (n.min() / n) ** alpha, (d.min() / d) ** beta])
        weighted = columns / loss_[:, None]
        for keep in ([0, 1, 2], [1, 2]):
            part, *_ = np.linalg.lstsq(weighted[:, keep], np.ones_like(n), rcond=None)
            if part[0] >= 0:
                break
        e, a, b = [0.0, *part] if len(part) == 2 else part
        rms = float(np.sqrt(np.mean((columns @ [e, a, b] / loss_ - 1) ** 2)))
        if min(a, b) < 0:
            rms = float("inf")
        return {
            "E": float(e),
            "A": float(a * n.min() ** alpha),
            "B": float(b * d.min() ** beta),
            "alpha": alpha,
            "beta": beta,
            "rms": rms,
        }

    low, high = np.array([0.02, 0.02]), np.array([2.0, 2.0])
    for _ in range(6):
        axes = np.linspace(low, high, 21)
        tried = [solve(float(x), float(y)) for x in axes[:, 0] for y in axes[:, 1]]
        best = min(tried, key=lambda found: found["rms"])
        step = (high - low) / 20
        centre = np.array([best["alpha"], best["beta"]])
        low, high = np.maximum(centre - 1.5 * step, 0.01), centre + 1.5 * step
    return best
