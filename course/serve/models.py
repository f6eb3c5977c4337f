"""Which of the lab's models are served, and as what."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from course import lab
from course.lab.tokens import CALL, CALL_END, SPECIAL
from course.serve.errors import no_model

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

EMBEDDER = "embedder"
TASKS = {"chat": "chat completions", "embeddings": "embeddings"}

Task = Literal["chat", "embeddings"]


def task(name: str) -> Task | None:
    """Say what a model of the lab is served for; None: not at all."""
    if name == EMBEDDER:
        return "embeddings" if hasattr(lab, "embed") else None
    folder = lab.path(name)
    kinds = json.loads((folder / "config.json").read_text()).get("architectures") or []
    writes = any(kind.endswith("ForCausalLM") for kind in kinds)
    return "chat" if writes and (folder / "chat_template.jinja").is_file() else None


def served(wanted: Task | None = None) -> list[str]:
    """Return the names of the models that are served, or of those for one task."""
    tasks = {name: task(name) for name in lab.names()}
    return [name for name, has in tasks.items() if has and wanted in (None, has)]


def require(name: str, wanted: Task) -> None:
    """Refuse a model that there is not, or not for this task."""
    known = served(wanted)
    if name not in known:
        raise no_model(name, known, TASKS[wanted])


def describe(name: str) -> dict[str, Any]:
    """Return a model's entry in GET /v1/models."""
    weights = lab.path(name) / "model.safetensors"
    return {
        "id": name,
        "object": "model",
        "created": int(weights.stat().st_mtime),
        "owned_by": "course",
    }


@dataclass(frozen=True)
class Loaded:
    """A model that writes, its tokenizer, and what its tokens mean."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerFast

    @property
    def context(self) -> int:
        """How many tokens prompt and answer have together, at most."""
        return self.model.config.max_position_embeddings

    @cached_property
    def pieces(self) -> list[bytes]:
        """Each token's bytes; a character of several bytes may be spread over tokens."""
        from transformers.convert_slow_tokenizer import bytes_to_unicode

        to_byte = {character: byte for byte, character in bytes_to_unicode().items()}
        added = self.tokenizer.get_added_vocab()
        names = self.tokenizer.convert_ids_to_tokens(range(len(self.tokenizer)))
        return [
            name.encode() if name in added else bytes(to_byte[character] for character in name)
            for name in names
        ]

    @cached_property
    def ends(self) -> frozenset[int]:
        """The tokens that end an answer."""
        ids = self.model.generation_config.eos_token_id
        return frozenset([ids] if isinstance(ids, int) else ids)

    @cached_property
    def silent(self) -> frozenset[int]:
        """Special tokens, which are not text."""
        return frozenset(self.tokenizer.convert_tokens_to_ids(list(SPECIAL)))

    @cached_property
    def call(self) -> int:
        """The token that begins a tool call."""
        return self.tokenizer.convert_tokens_to_ids(CALL)

    @cached_property
    def call_end(self) -> int:
        """The token that ends a tool call."""
        return self.tokenizer.convert_tokens_to_ids(CALL_END)


class Shelf:
    """Models that were loaded stay so. Only the engine's thread uses it."""

    def __init__(self) -> None:
        self._loaded: dict[str, Loaded] = {}

    def load(self, name: str) -> Loaded:
        """Return a model, loading it the first time."""
        if name not in self._loaded:
            self._loaded[name] = Loaded(lab.load(name), lab.tokenizer(name))
        return self._loaded[name]
