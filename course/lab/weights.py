"""Weights in files: fp16 on disk, float32 in memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel

WEIGHTS = "model.safetensors"


def save_weights(model: PreTrainedModel, path: Path) -> None:
    """Write a model's parameters as fp16, each tied one once.

    Raises
    ------
    ValueError
        If a parameter does not fit into fp16 (not finite, or above 65,504).
    """
    import torch
    from safetensors.torch import save_file

    tensors, seen = {}, set()
    for name, tensor in model.state_dict().items():
        if tensor.data_ptr() in seen:  # tied: `from_pretrained` ties it again
            continue
        seen.add(tensor.data_ptr())
        half = tensor.detach().cpu().half().contiguous()
        if not torch.isfinite(half).all():
            raise ValueError(f"{name} does not fit into fp16: training has diverged.")
        tensors[name] = half
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path, metadata={"format": "pt"})
    path.chmod(0o644)  # it is written for its owner alone


def load_weights(model: PreTrainedModel, path: Path) -> None:
    """Read parameters into a model of the same architecture.

    Raises
    ------
    ValueError
        If names or shapes differ.
    """
    from safetensors.torch import load_model

    if not path.is_file():
        raise ValueError(f"no weights at {path.parent.name}/{path.name}: train or ship them first.")
    try:
        load_model(model, path)
    except RuntimeError as error:
        raise ValueError(f"{path.name} is of another architecture: {error}") from error


def start_from(model: PreTrainedModel, path: Path) -> None:
    """Read another model's parameters into one whose head may be new; that keeps its own.

    Parameters
    ----------
    model : PreTrainedModel
    path : Path
        Weights of a model with the same body, whatever its head, or of a body alone.

    Raises
    ------
    ValueError
        If names or shapes of the body differ.
    """
    from safetensors.torch import load_file

    prefix = f"{model.base_model_prefix}."
    tensors = load_file(path)
    if not any(name.startswith(prefix) for name in tensors):
        tensors = {prefix + name: tensor for name, tensor in tensors.items()}
    try:
        missing, unknown = model.load_state_dict(tensors, strict=False)
    except RuntimeError as error:
        raise ValueError(f"{path.name} is of another architecture: {error}") from error
    if wrong := [*unknown, *(name for name in missing if name.startswith(prefix))]:
        raise ValueError(f"{path.name} is of another architecture: {', '.join(wrong)} differ.")


def read_folder(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read a Llama model's parameters as float32 and its settings (see `course.lab.raw`).

    Raises
    ------
    ValueError
        If the model has no rotary positions.
    """
    from safetensors.torch import load_file

    cfg = json.loads((folder / "config.json").read_text())
    if "rope_parameters" not in cfg:
        raise ValueError(f"{folder.name} has no rotary positions: it is no Llama model.")
    params = {name: tensor.float() for name, tensor in load_file(folder / WEIGHTS).items()}
    return params, cfg | {"rope_theta": cfg["rope_parameters"]["rope_theta"]}


def save_folder(model: PreTrainedModel, tokenizer, generation: dict, folder: Path) -> None:
    """Write what ``from_pretrained`` reads: configuration, weights, tokenizer.

    The configuration says float32, so that weights are computed with as such wherever
    they are loaded, although they lie on disk as fp16.
    """
    from transformers import GenerationConfig

    folder.mkdir(parents=True, exist_ok=True)
    model.config.save_pretrained(folder)
    path = folder / "config.json"
    config = json.loads(path.read_text())
    config |= {"dtype": "float32", "architectures": [type(model).__name__]}
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    settings = {k: getattr(model.config, k, None) for k in ("bos_token_id", "eos_token_id")}
    settings["pad_token_id"] = getattr(model.config, "pad_token_id", None)
    GenerationConfig(**{**settings, **generation}).save_pretrained(folder)
    if tokenizer is not None:
        tokenizer.save_pretrained(folder)
    save_weights(model, folder / WEIGHTS)
