"""Loading the lab's models and letting them write; imports torch and transformers.

What learner code needs of the lab (this module, `weights`, the architectures) imports nothing from
`course.grading`: learners do not get that.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

import course.lab.attention_only  # noqa: F401  (registers its architecture with AutoModel)
from course import lab
from course.lab.tokens import CALL, CALL_END
from course.lab.weights import WEIGHTS, load_weights


@functools.cache
def _one_thread() -> None:
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))


@contextlib.contextmanager
def no_bar() -> Iterator[None]:
    """Without the bar that transformers draws for a load of milliseconds."""
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def kept(folder: Path) -> dict[int, Path]:
    """Return the weights kept along a model's training: tokens seen to file, ascending."""
    files = sorted((folder / "checkpoints").glob("*.safetensors"))
    return {int(path.stem): path for path in files}


def model_class(folder: Path) -> type:
    """Return the class that loads a model's folder, by the architecture that its config names."""
    [name] = json.loads((folder / "config.json").read_text())["architectures"]
    return getattr(transformers, name, AutoModelForCausalLM)  # ours are registered with the latter


def load_folder(folder: Path, checkpoint: int | None = None):
    """Load a model from its folder: float32, evaluation mode, never from a network."""
    _one_thread()
    if not (folder / WEIGHTS).is_file():
        raise ValueError(f"{folder} holds no finished model: train it first.")
    folder = folder.resolve()  # a relative path could be taken for a name on the Hub
    with no_bar():
        model = model_class(folder).from_pretrained(
            folder, local_files_only=True, dtype=torch.float32, attn_implementation="eager"
        )
    if checkpoint is not None:
        files = kept(folder)
        if checkpoint not in files:
            known = ", ".join(map(str, files)) or "none"
            raise ValueError(f"{folder.name} has no checkpoint {checkpoint!r}; it has {known}.")
        load_weights(model, files[checkpoint])
    return model.eval()


def load_tokenizer(folder: Path):
    """Load a model's tokenizer from its folder."""
    if not (folder / "tokenizer.json").is_file():
        raise ValueError(f"{folder.name} has no tokenizer: its tokens are numbers.")
    return AutoTokenizer.from_pretrained(folder, local_files_only=True)


@functools.lru_cache(maxsize=4)
def shared(name: str):
    """A model and its tokenizer, for reading only: callers get fresh ones from `lab.load`."""
    return lab.load(name), lab.tokenizer(name)


def reply(
    name: str,
    prompt: str,
    *,
    n: int | None = None,
    max_new_tokens: int = 64,
    temperature: float = 0.0,
    seed: int = 0,
    **settings: Any,
) -> str | list[str]:
    """Return what a model writes after a prompt (see `lab.generate`).

    Special tokens are left out, but for the marks of tool calls.
    """
    if temperature < 0:
        raise ValueError(f"temperature must be at least 0, not {temperature}.")
    if n is not None and n < 1:
        raise ValueError(f"n must be at least 1, not {n}.")
    model, tokenizer = shared(name)
    ids = tokenizer(prompt, return_tensors="pt", add_special_tokens=False).input_ids
    longest = model.config.max_position_embeddings
    if ids.shape[1] + max_new_tokens > longest:
        raise ValueError(
            f"the prompt has {ids.shape[1]} tokens; with {max_new_tokens} new ones that is more "
            f"than the {longest} that {name} was trained on."
        )
    if temperature > 0:  # transformers' default would keep only the 50 likeliest tokens
        settings = {"do_sample": True, "temperature": temperature, "top_k": 0, **settings}
    copies = n or 1
    if temperature == 0:  # all would be equal
        settings, copies = {"do_sample": False, **settings}, 1
    with torch.random.fork_rng(devices=[]), torch.inference_mode():
        torch.manual_seed(seed)
        out = model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=max_new_tokens,
            num_return_sequences=copies,
            **settings,
        )
    kept = set(tokenizer.convert_tokens_to_ids([CALL, CALL_END]))
    left_out = set(tokenizer.all_special_ids) - kept
    written = [[i for i in row if i not in left_out] for row in out[:, ids.shape[1] :].tolist()]
    texts = [tokenizer.decode(row).strip() for row in written] * ((n or 1) // copies)
    return texts if n is not None else texts[0]
