"""Losses of the retrieval models. A batch's mask of real tokens comes as its weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from course.lab.retrieval import pooled

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel

PARTS = 3  # of a batch of pairs, computed one after the other


def info_nce(
    model: PreTrainedModel,
    ids: Tensor,
    weights: Tensor,
    *,
    dims: Sequence[int] = (16, 32, 64, 128),
    temperature: float = 0.05,
) -> Tensor:
    """Contrast every query's own text with all other texts of the batch.

    InfoNCE (van den Oord et al. 2018) on cosines, in both directions, averaged over the lengths to
    which vectors may be cut (Kusupati et al. 2022, *Matryoshka Representation Learning*).

    Parameters
    ----------
    model : PreTrainedModel
    ids : LongTensor of shape (3 N, T)
        N queries, their N texts, N hard negatives.
    weights : FloatTensor of shape (3 N, T)
        1 on tokens, 0 on padding.
    dims : sequence of int
    temperature : float
    """
    import torch
    import torch.nn.functional as F

    thirds = []
    for part, mask in zip(ids.chunk(3), weights.chunk(3), strict=True):
        longest = int(mask.sum(1).max())  # queries are shorter than documents
        thirds.append(pooled(model, part[:, :longest], mask[:, :longest]).float())
    targets = torch.arange(len(thirds[0]), device=ids.device)
    total = 0.0
    with torch.autocast(ids.device.type, enabled=False):
        for dim in dims:
            q, d, h = (F.normalize(vectors[:, :dim], dim=-1) for vectors in thirds)
            forth = q @ torch.cat([d, h]).T / temperature  # (N, 2 N)
            back = d @ q.T / temperature  # (N, N)
            total = total + F.cross_entropy(forth, targets) + F.cross_entropy(back, targets)
    return total / (2 * len(dims))


def listwise(model: PreTrainedModel, ids: Tensor, weights: Tensor, *, size: int) -> Tensor:
    """Put the right text of a query above the wrong ones: cross-entropy over each group's scores.

    Parameters
    ----------
    model : PreTrainedModel
    ids : LongTensor of shape (N size, T)
        Pairs in groups: a query with the right text, then with the wrong ones.
    weights : FloatTensor, the same shape
        1 on tokens, 0 on padding.
    size : int
        Texts of a group.
    """
    import torch
    import torch.nn.functional as F

    lengths = weights.sum(1).long()
    order = lengths.argsort()
    scores = []
    for rows in order.chunk(PARTS):  # by length, so that less padding is computed
        longest = int(lengths[rows[-1]])
        mask = weights[rows, :longest].long()
        scores.append(model(input_ids=ids[rows, :longest], attention_mask=mask).logits[:, 0])
    groups = torch.cat(scores).float()[order.argsort()].view(-1, size)
    return F.cross_entropy(groups, groups.new_zeros(len(groups)).long())
