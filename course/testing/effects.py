"""What a call must leave alone: the process around it, and its arguments."""

from __future__ import annotations

import copy
import os
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from course.testing.cases import _copied
from course.testing.there import acts_there


@acts_there
def leaves_globals(f: Callable, *args: Any, **kwargs: Any) -> bool:
    """Tell whether a call leaves the process as it was.

    Looked at are the global random state of `random`, NumPy and torch, the environment variables,
    torch's default dtype, its number of threads and whether gradients are recorded. Afterwards
    everything is put back.

    Parameters
    ----------
    f : callable
        Called once with the further arguments.

    Returns
    -------
    bool

    Examples
    --------
    >>> leaves_globals(lambda: np.random.default_rng(0).normal())
    True
    >>> leaves_globals(lambda: torch.manual_seed(0))
    False
    """
    outside = _globals()
    try:
        # a state that nobody has by chance: seeding with 0 must show also just after seeding with 0
        random.seed("leaves_globals")
        np.random.seed(2_718_281)
        torch.manual_seed(3_141_592)
        for draw in (random.random, np.random.random, lambda: torch.rand(1)):
            draw()
        before = _globals()
        f(*args, **kwargs)
        return _unchanged(_globals(), before)
    finally:
        _restore(outside)


def _globals() -> dict[str, Any]:
    return {
        "random": random.getstate(),
        "numpy": np.random.get_state(),
        "torch": torch.get_rng_state(),
        "environment": dict(os.environ),
        "dtype": torch.get_default_dtype(),
        "threads": torch.get_num_threads(),
        "gradients": torch.is_grad_enabled(),
    }


def _restore(state: dict[str, Any]) -> None:
    random.setstate(state["random"])
    np.random.set_state(state["numpy"])
    torch.set_rng_state(state["torch"])
    for name in set(os.environ) - set(state["environment"]):
        del os.environ[name]
    for name, value in state["environment"].items():
        if os.environ.get(name) != value:
            os.environ[name] = value
    torch.set_default_dtype(state["dtype"])
    if torch.get_num_threads() != state["threads"]:
        torch.set_num_threads(state["threads"])
    torch.set_grad_enabled(state["gradients"])


def leaves_arguments(f: Callable, *args: Any, **kwargs: Any) -> bool:
    """Tell whether a call leaves its arguments as they were.

    Compared are numbers, text, containers, arrays and tensors (``requires_grad`` too), and the
    state of modules and dataclasses. Random generators and functions may change. Where the code
    lives in another process it is looked at there, and what came back of the arguments here.

    Parameters
    ----------
    f : callable
        Called once with the further arguments themselves.

    Returns
    -------
    bool

    Examples
    --------
    >>> leaves_arguments(sorted, [2, 1]), leaves_arguments(list.sort, [2, 1])
    (True, False)
    """
    given = [*args, *kwargs.values()]
    before = [_snapshot(x) for x in given]
    quiet = _keeps_arguments(f, *args, **kwargs)
    return quiet is True and _unchanged(given, before)


@acts_there
def _keeps_arguments(f: Callable, *args: Any, **kwargs: Any) -> bool:
    given = [*args, *kwargs.values()]
    before = [_snapshot(x) for x in given]
    f(*args, **kwargs)
    return _unchanged(given, before)


def _snapshot(x: Any) -> Any:
    try:
        return copy.deepcopy(x)
    except Exception:  # holds something that cannot be copied, such as a lock or a non-leaf tensor
        return _copied(x)


def _unchanged(now: Any, before: Any) -> bool:
    """Compare exactly (NaN equals NaN); objects that hold no data count as unchanged."""
    if type(now) is not type(before):
        return False
    if isinstance(now, Tensor):
        if (now.shape, now.dtype, now.requires_grad) != (
            before.shape, before.dtype, before.requires_grad,
        ):  # fmt: skip
            return False
        a, b = now.detach(), before.detach()
        return bool(((a == b) | ((a != a) & (b != b))).all())
    if isinstance(now, np.ndarray):
        if (now.shape, now.dtype) != (before.shape, before.dtype):
            return False
        if now.dtype.kind == "O":
            return _unchanged(now.tolist(), before.tolist())
        return np.array_equal(now, before, equal_nan=now.dtype.kind in "fc")
    if isinstance(now, dict):
        return list(now) == list(before) and all(_unchanged(now[k], before[k]) for k in now)
    if isinstance(now, (list, tuple)):
        return len(now) == len(before) and all(map(_unchanged, now, before))
    if isinstance(now, nn.Module):
        return now.training == before.training and _unchanged(
            dict(now.state_dict()), dict(before.state_dict())
        )
    if hasattr(now, "__dataclass_fields__"):
        return _unchanged(vars(now), vars(before))
    plain = (bool, int, float, complex, str, bytes, bytearray, set, frozenset, torch.dtype)
    if isinstance(now, plain):
        return now == before or now != now
    return True
