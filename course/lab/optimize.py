"""Optimizers, learning-rate schedule and loss of the lab's training runs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from course.lab.config import Optimizer

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


def make_optimizers(model: PreTrainedModel, settings: Optimizer) -> list[torch.optim.Optimizer]:
    """Return Muon for the matrices inside the model and AdamW for the rest.

    Embeddings and the output head are matrices too, but their rows are looked up, not multiplied:
    AdamW takes them. Vectors get no weight decay.

    Each group remembers its peak rate as ``peak``, for `set_rate`.
    """
    import torch

    ends = {
        id(part.weight)
        for part in (*_embeddings(model), model.get_output_embeddings())
        if part is not None
    }
    inside, matrices, vectors = [], [], []
    for parameter in model.parameters():
        if settings.muon and parameter.ndim == 2 and id(parameter) not in ends:
            inside.append(parameter)
        else:
            (matrices if parameter.ndim >= 2 else vectors).append(parameter)
    rate = settings.lr if settings.adamw_lr is None else settings.adamw_lr
    groups = [
        {"params": matrices, "weight_decay": settings.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    found = [torch.optim.AdamW(groups, lr=rate, betas=settings.betas)] if groups else []
    if inside:
        found.append(
            torch.optim.Muon(
                inside,
                lr=settings.lr,
                weight_decay=settings.weight_decay,
                momentum=settings.momentum,
                adjust_lr_fn="match_rms_adamw",
            )
        )
    for optimizer in found:
        for group in optimizer.param_groups:
            group["peak"] = group["lr"]
    return found


def _embeddings(model: PreTrainedModel) -> list:
    import torch

    return [part for part in model.modules() if isinstance(part, torch.nn.Embedding)]


def rate_factor(settings: Optimizer, progress: float) -> float:
    """Return the learning rate as a share of its peak.

    Parameters
    ----------
    settings : Optimizer
    progress : float
        Share of the run's tokens that has been seen, 0 to 1.
    """
    if progress < settings.warmup:
        return progress / settings.warmup
    if settings.schedule == "constant":
        return 1.0
    rest = min(1.0, (progress - settings.warmup) / (1 - settings.warmup))
    fall = 0.5 * (1 + math.cos(math.pi * rest)) if settings.schedule == "cosine" else 1 - rest
    return settings.final + (1 - settings.final) * fall


def set_rate(optimizers: list[torch.optim.Optimizer], factor: float) -> None:
    """Set all learning rates to `factor` times their peaks."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * factor


def weighted_loss(model: PreTrainedModel, ids: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Return the mean next-token loss in nats, weighted.

    Parameters
    ----------
    model : PreTrainedModel
    ids : LongTensor of shape (B, T)
    weights : FloatTensor of shape (B, T)
        ``weights[:, t]`` belongs to predicting ``ids[:, t]``.

    Returns
    -------
    Tensor of shape ()
        Sum of weight times loss over sum of weights. The output head only runs where a
        weight is not 0.
    """
    import torch.nn.functional as F

    weights = weights[:, 1:]
    wanted = weights != 0
    if model.base_model is model:  # no inner model apart from its head
        logits = model(input_ids=ids).logits[:, :-1][wanted]
    else:
        hidden = model.base_model(input_ids=ids, use_cache=False)[0][:, :-1]
        logits = model.get_output_embeddings()(hidden[wanted])
    losses = F.cross_entropy(logits.float(), ids[:, 1:][wanted], reduction="none")
    return (losses * weights[wanted]).sum() / weights.sum()
