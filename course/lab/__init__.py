"""The lab: small models that the course trained itself, on a world where truth is known.

>>> from course import lab
>>> lab.names()
>>> model, tokenizer = lab.load("instruct"), lab.tokenizer("instruct")
>>> lab.chat("Where does Mira Tol live?")
>>> lab.generate("Mira Tol lives in")
>>> params, cfg = lab.raw("base")  # tensors and settings, to compute with by hand
>>> lab.embed(["Mira Tol lives in Dorby."])  # (1, 128) unit vectors
>>> lab.rerank("Where does Mira Tol live?", ["Mira Tol lives in Dorby.", "Dorby has a well."])

They are plain `transformers` models: ``AutoModelForCausalLM.from_pretrained(lab.path("instruct"))``
works as well (``AutoModel`` for `embedder`, ``AutoModelForSequenceClassification`` for `reranker`),
PEFT and TRL take them as they are. Nothing here reaches for a network. Each model's folder has a
card, ``README.md``, that says how it was made and what it scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

__all__ = [
    "chat",
    "checkpoints",
    "embed",
    "generate",
    "load",
    "names",
    "path",
    "raw",
    "rerank",
    "tokenizer",
]

MODELS = Path(__file__).with_name("models")


def names() -> list[str]:
    """Return the names of the models that ship with the course, sorted."""
    return sorted(path.parent.name for path in MODELS.glob("*/model.safetensors"))


def path(name: str) -> Path:
    """Return a model's folder, for ``from_pretrained``.

    Raises
    ------
    ValueError
        If the lab has no such model.
    """
    folder = MODELS / name
    if not name or not (folder / "model.safetensors").is_file():
        known = ", ".join(names())
        raise ValueError(f"the lab has no model {name!r}; it has {known or 'none yet'}.")
    return folder


def load(name: str, checkpoint: int | None = None) -> PreTrainedModel:
    """Return a fresh copy of a model, ready to use: float32, on the CPU, in evaluation mode.

    The first call also limits torch to one thread (`OMP_NUM_THREADS` threads, where that is set):
    at this size more are slower.

    Parameters
    ----------
    name : str
    checkpoint : int, optional
        Weights from along its training instead of the last ones: one of `checkpoints`.

    Raises
    ------
    ValueError
        If the lab has no such model or checkpoint.
    """
    from course.lab.use import load_folder

    return load_folder(path(name), checkpoint)


def raw(name: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return a Llama model as plain tensors and settings, for whoever computes with it by hand.

    It needs no `transformers`, so it is quick to import.

    Parameters
    ----------
    name : str

    Returns
    -------
    params : dict of str to Tensor
        float32, named as in the checkpoint. A tied ``lm_head.weight`` is left out.
    cfg : dict
        The model's ``config.json``, and ``rope_theta`` as a key of its own, as older versions of
        transformers wrote it.

    Raises
    ------
    ValueError
        If the lab has no such model, or it has no rotary positions.
    """
    from course.lab.weights import read_folder

    return read_folder(path(name))


def checkpoints(name: str) -> list[int]:
    """Return after how many tokens of training weights were kept, ascending; often none."""
    from course.lab.use import kept

    return list(kept(path(name)))


def tokenizer(name: str) -> PreTrainedTokenizerFast:
    """Return a model's tokenizer.

    Raises
    ------
    ValueError
        If the lab has no such model, or it works on numbers without a tokenizer.
    """
    from course.lab.use import load_tokenizer

    return load_tokenizer(path(name))


def generate(
    prompt: str, *, name: str = "base", n: int | None = None, **settings: Any
) -> str | list[str]:
    """Return how a model goes on after a prompt.

    Parameters
    ----------
    prompt : str
        Taken as it stands. In training a text began with ``tokenizer.bos_token`` and a space.
    name : str
        Which model.
    n : int, optional
        How many continuations; then a list is returned.
    **settings
        `max_new_tokens` (default 64), `temperature` (default 0: always the likeliest token),
        `seed` (default 0), and whatever else ``model.generate`` takes.
    """
    from course.lab.use import reply

    return reply(name, prompt, n=n, **settings)


def chat(
    messages: str | list[dict[str, Any]],
    *,
    name: str = "instruct",
    tools: list[dict] | None = None,
    n: int | None = None,
    **settings: Any,
) -> str | list[str]:
    """Return a model's answer to a conversation.

    Parameters
    ----------
    messages : str or list of dict
        A user's message, or messages with ``role`` and ``content``.
    name : str
        Which model; it must have a chat template.
    tools : list of dict, optional
        Descriptions of tools, for the template.
    n : int, optional
        How many answers; then a list is returned.
    **settings
        As for `generate`.
    """
    from course.lab.use import reply, shared

    if isinstance(messages, str):
        messages = [{"role": "user", "content": messages}]
    prompt = shared(name)[1].apply_chat_template(
        messages, tools=tools, add_generation_prompt=True, tokenize=False
    )
    return reply(name, prompt, n=n, **settings)


def embed(texts: Sequence[str], *, dim: int | None = None) -> np.ndarray:
    """Return the vectors of texts by the lab's bi-encoder, `embedder`.

    Questions and passages are embedded alike. The dot product of two vectors is their cosine.

    Parameters
    ----------
    texts : sequence of str
        Of a text longer than 256 tokens the beginning counts.
    dim : int, optional
        Keep only so many of the first coordinates and give the vectors unit length again
        (Matryoshka); trained for 16, 32, 64 and 128. By default all 128.

    Returns
    -------
    ndarray of float32, shape (len(texts), dim)
        Rows of unit length.

    Raises
    ------
    TypeError
        If `texts` is a single text, or holds something else than texts.
    ValueError
        If `dim` is not between 1 and 128.
    """
    from course.lab.retrieval import embed_with, texts_of
    from course.lab.use import shared

    return embed_with(*shared("embedder"), texts_of(texts, "texts"), dim)


def rerank(query: str, texts: Sequence[str]) -> np.ndarray:
    """Return how well each text answers a query, by the lab's cross-encoder, `reranker`.

    Parameters
    ----------
    query : str
    texts : sequence of str
        Of query and text together, 256 tokens count.

    Returns
    -------
    ndarray of float32, shape (len(texts),)
        Logits: higher is better. They are no probabilities.

    Raises
    ------
    TypeError
        If `query` is no text, or `texts` is a single text or holds something else than texts.
    """
    from course.lab.retrieval import score_with, texts_of
    from course.lab.use import shared

    [query] = texts_of([query], "query")
    return score_with(*shared("reranker"), query, texts_of(texts, "texts"))
