"""Which of the lab's models are served, and as what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from course import lab
from course.lab.tokens import CALL, CALL_END, SPECIAL
from course.serve.errors import no_model

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

EMBEDDER = "embedder"
TASKS = {"chat": "chat completions", "embeddings": "embeddings"}

Task = Literal["chat", "embeddings"]


Folders = Mapping[str, Path]
NO_FOLDERS: Folders = MappingProxyType({})


def checked(folders: Mapping[str, str | Path]) -> Folders:
    """Look that models of one's own can be served.

    Raises
    ------
    ValueError
        If a name is one of the lab's, or a folder lacks weights, tokenizer or chat template.
    """
    found = {name: Path(folder) for name, folder in folders.items()}
    for name, folder in found.items():
        if name in lab.names():
            raise ValueError(f"the lab has a model {name!r} already: serve yours by another name.")
        for file, what in (
            ("config.json", "model.save_pretrained"),
            ("model.safetensors", "model.save_pretrained"),
            ("tokenizer.json", "tokenizer.save_pretrained"),
            ("chat_template.jinja", "tokenizer.save_pretrained"),
        ):
            if not (folder / file).is_file():
                raise ValueError(f"{folder} has no {file}: save it there with {what}.")
    return found


def _folder(name: str, own: Folders) -> Path:
    return own[name] if name in own else lab.path(name)


def task(name: str, own: Folders = NO_FOLDERS) -> Task | None:
    """Say what a model is served for; None: not at all."""
    if name == EMBEDDER:
        return "embeddings" if hasattr(lab, "embed") else None
    folder = _folder(name, own)
    kinds = json.loads((folder / "config.json").read_text()).get("architectures") or []
    writes = any(kind.endswith("ForCausalLM") for kind in kinds)
    return "chat" if writes and (folder / "chat_template.jinja").is_file() else None


def served(wanted: Task | None = None, own: Folders = NO_FOLDERS) -> list[str]:
    """Return the names of the models that are served, or of those for one task."""
    tasks = {name: task(name, own) for name in [*lab.names(), *own]}
    return [name for name, has in tasks.items() if has and wanted in (None, has)]


def require(name: str, wanted: Task, own: Folders = NO_FOLDERS) -> None:
    """Refuse a model that there is not, or not for this task."""
    known = served(wanted, own)
    if name not in known:
        raise no_model(name, known, TASKS[wanted])


def describe(name: str, own: Folders = NO_FOLDERS) -> dict[str, Any]:
    """Return a model's entry in GET /v1/models."""
    weights = _folder(name, own) / "model.safetensors"
    return {
        "id": name,
        "object": "model",
        "created": int(weights.stat().st_mtime),
        "owned_by": "you" if name in own else "course",
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
    """Models that were loaded stay so. Only the engine's thread uses it.

    Parameters
    ----------
    own : mapping of str to Path, optional
        Models beside the lab's, by name: folders as ``save_pretrained`` writes them.
    """

    def __init__(self, own: Folders = NO_FOLDERS) -> None:
        self.own = own
        self._loaded: dict[str, Loaded] = {}

    def load(self, name: str) -> Loaded:
        """Return a model, loading it the first time."""
        if name not in self._loaded:
            from course.lab.use import load_folder, load_tokenizer

            folder = _folder(name, self.own)
            self._loaded[name] = Loaded(load_folder(folder), load_tokenizer(folder))
        return self._loaded[name]
