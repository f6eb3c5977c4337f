"""A lab model opened: its forward pass in plain tensors, with a hook wherever something is added.

Question 41 looks at what happens inside `base`. Every function here works on a batch of prompts of
equal length.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["Opened", "part_map", "patch_map", "ridge", "run", "train_sae"]

Hook = Callable[[str, int, Tensor], Tensor]


class Opened(NamedTuple):
    """What a run leaves behind.

    Attributes
    ----------
    logits : Tensor, shape (B, T, V)
    stream : list of Tensor, shape (B, T, D)
        The residual stream: entry 0 is the embedding, entry l what layer l leaves behind.
    attention : list of Tensor, shape (B, heads, T, T)
        One for each layer, rows sum to 1.
    """

    logits: Tensor
    stream: list[Tensor]
    attention: list[Tensor]


def _turned(x: Tensor, theta: float) -> Tensor:
    """Rotary positions, (B, H, T, d), halves paired as in Llama."""
    half = x.shape[-1] // 2
    angle = torch.arange(x.shape[-2])[:, None] * theta ** (-torch.arange(half) / half)
    one, two = x[..., :half], x[..., half:]
    cos, sin = angle.cos(), angle.sin()
    return torch.cat([one * cos - two * sin, two * cos + one * sin], dim=-1)


@torch.no_grad()
def run(
    params: dict[str, Tensor], cfg: dict[str, Any], ids: Tensor, hook: Hook | None = None
) -> Opened:
    """Run a Llama model given as plain tensors, and let a hook see and change what passes.

    Parameters
    ----------
    params, cfg : dict
        From `course.lab.raw`; as many heads of keys as of queries, tied embeddings.
    ids : Tensor of int, shape (B, T)
    hook : callable, optional
        ``hook(site, layer, x)`` returns what the run goes on with. Sites, in order within layers
        1, 2, ...: "scores" (B, heads, T, T), before the softmax; "attention" and "mlp" (B, T, D),
        what that part is about to add to the stream; "stream" (B, T, D), what the layer leaves
        behind. The embedding is "stream" of layer 0. `x` must not be changed in place.

    Returns
    -------
    Opened
    """
    heads, size, eps = cfg["num_attention_heads"], cfg["head_dim"], cfg["rms_norm_eps"]
    see: Hook = hook or (lambda site, layer, x: x)

    def norm(x: Tensor, name: str) -> Tensor:
        return F.rms_norm(x, x.shape[-1:], params[name], eps)

    embedding = params["model.embed_tokens.weight"]
    x = see("stream", 0, embedding[ids])
    batch, length, width = x.shape
    future = torch.ones(length, length, dtype=torch.bool).triu(1)
    stream, attention = [x], []
    for layer in range(1, cfg["num_hidden_layers"] + 1):
        at = f"model.layers.{layer - 1}."
        y = norm(x, at + "input_layernorm.weight")
        q, k, v = (
            (y @ params[f"{at}self_attn.{n}_proj.weight"].T)
            .view(batch, length, heads, size)
            .transpose(1, 2)
            for n in "qkv"
        )
        theta = cfg["rope_theta"]
        scores = _turned(q, theta) @ _turned(k, theta).transpose(-1, -2) / math.sqrt(size)
        weights = see("scores", layer, scores.masked_fill(future, -torch.inf)).softmax(dim=-1)
        attention.append(weights)
        mixed = (weights @ v).transpose(1, 2).reshape(batch, length, width)
        x = x + see("attention", layer, mixed @ params[at + "self_attn.o_proj.weight"].T)
        y = norm(x, at + "post_attention_layernorm.weight")
        gate = F.silu(y @ params[at + "mlp.gate_proj.weight"].T)
        up = y @ params[at + "mlp.up_proj.weight"].T
        x = x + see("mlp", layer, (gate * up) @ params[at + "mlp.down_proj.weight"].T)
        x = see("stream", layer, x)
        stream.append(x)
    return Opened(norm(x, "model.norm.weight") @ embedding.T, stream, attention)


def _restored(params: dict, cfg: dict, clean: Tensor, corrupt: Tensor) -> Callable:
    """Return a function: sites to copy from the clean run -> share of the difference restored."""
    kept: dict[tuple[str, int], Tensor] = {}

    def keep(site: str, layer: int, x: Tensor) -> Tensor:
        kept[site, layer] = x
        return x

    rows = torch.arange(len(clean))
    before = run(params, cfg, clean, keep).logits[:, -1]
    without = run(params, cfg, corrupt).logits[:, -1]
    answer, foil = before.argmax(dim=-1), without.argmax(dim=-1)
    use = answer != foil

    def difference(z: Tensor) -> Tensor:
        return (z[rows, answer] - z[rows, foil])[use]

    low, high = difference(without), difference(before)

    def restored(site: str, layer: int, position: int) -> float:
        def put(where: str, at: int, x: Tensor) -> Tensor:
            if (where, at) != (site, layer):
                return x
            x = x.clone()
            x[:, position] = kept[site, layer][:, position]
            return x

        mixed = difference(run(params, cfg, corrupt, put).logits[:, -1])
        return float(((mixed - low) / (high - low)).mean())

    return restored


def patch_map(params: dict, cfg: dict, clean: Tensor, corrupt: Tensor) -> np.ndarray:
    """Return what one position's residual stream, copied from the clean run, restores.

    Parameters
    ----------
    params, cfg : dict
    clean, corrupt : Tensor of int, shape (B, T)
        Prompts in pairs. Pairs with the same likeliest next token are left out.

    Returns
    -------
    ndarray, shape (layers + 1, T)
        Share of the difference of two logits at the last position, averaged over pairs.
    """
    restored = _restored(params, cfg, clean, corrupt)
    layers, length = cfg["num_hidden_layers"], clean.shape[1]
    return np.array([[restored("stream", i, t) for t in range(length)] for i in range(layers + 1)])


def part_map(params: dict, cfg: dict, clean: Tensor, corrupt: Tensor) -> dict[str, np.ndarray]:
    """Return what each layer's attention and MLP restore when they alone are copied at the end.

    Returns
    -------
    dict of str to ndarray of shape (layers,)
        Keys "attention" and "mlp".
    """
    restored = _restored(params, cfg, clean, corrupt)
    layers = range(1, cfg["num_hidden_layers"] + 1)
    return {
        part: np.array([restored(part, i, -1) for i in layers]) for part in ("attention", "mlp")
    }


def ridge(X: np.ndarray, y: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Fit a linear classifier in closed form: ridge regression on one-hot labels.

    Parameters
    ----------
    X : ndarray, shape (N, D)
    y : ndarray of int, shape (N,)

    Returns
    -------
    callable
        Rows (M, D) to labels (M,).
    """
    names, codes = np.unique(y, return_inverse=True)
    mean, spread = X.mean(axis=0), X.std(axis=0) + 1e-6

    def lifted(rows: np.ndarray) -> np.ndarray:
        return np.c_[(rows - mean) / spread, np.ones(len(rows))]

    Z = lifted(X)
    W = np.linalg.solve(Z.T @ Z + np.eye(Z.shape[1]), Z.T @ np.eye(len(names))[codes])
    return lambda rows: names[(lifted(rows) @ W).argmax(axis=1)]


def train_sae(
    X: Tensor,
    features: int,
    lam: float,
    *,
    steps: int = 400,
    batch: int = 512,
    lr: float = 3e-3,
    seed: int = 0,
) -> tuple[list[Tensor], list[Tensor], list[tuple[float, float, float]]]:
    """Train a sparse autoencoder with a penalty that is weighted by the decoder's norms.

    Parameters
    ----------
    X : Tensor, shape (N, D)
        Centred, with coordinates of about unit size.
    features : int
    lam : float
        Weight of the penalty.
    steps, batch, lr, seed
        Of Adam; the rate falls to 0 over the last third.

    Returns
    -------
    trained, untrained : list of Tensor
        Encoder (D, F), encoder bias (F,), decoder (F, D), decoder bias (D,).
    history : list of tuple of float
        Every 50 steps and at the end: step, active features a row, variance unexplained.
    """
    generator = torch.Generator().manual_seed(seed)
    decoder = F.normalize(torch.randn(features, X.shape[1], generator=generator), dim=1)
    untrained = [decoder.T.clone(), torch.zeros(features), decoder, torch.zeros(X.shape[1])]
    We, be, Wd, bd = leaves = [p.clone().requires_grad_() for p in untrained]
    optimizer, history = torch.optim.Adam(leaves, lr=lr), []
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = lr * min(1.0, 3 * (steps - step) / steps)
        x = X[torch.randint(len(X), (batch,), generator=generator)]
        h = torch.relu((x - bd) @ We + be)
        error = (x - h @ Wd - bd).square().sum(dim=1).mean()
        loss = error + lam * (h * Wd.norm(dim=1)).sum(dim=1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 50 == 0 or step == steps - 1:
            variance = (x - x.mean(dim=0)).square().sum(dim=1).mean()
            active = float((h > 0).sum(dim=1).double().mean())
            history.append((step, active, float((error / variance).detach())))
    return [p.detach() for p in leaves], untrained, history
