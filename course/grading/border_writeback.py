"""Arguments that a call changed in place: found on the callee's side, changed on the caller's."""

from __future__ import annotations

import dataclasses
import random
from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from . import wire
from .wire_rules import Limits, Malformed, Mutable, Table

_OFTEN = 4  # nested arguments are looked at once for each level
_LEAVES = {int, float, bool, str, bytes, type(None), np.ndarray, torch.Tensor}

Changes = list[tuple[int, bytes]]


def changes(
    arguments: Any,
    mutables: list[Mutable],
    received: bytes,
    tables: tuple[Table, Table],
    limits: Limits,
    modules: tuple[str, ...],
) -> Changes | None:
    """Find which arguments differ from what was received, and write them anew.

    Parameters
    ----------
    arguments : object
        What `received` was read as.
    mutables : list of Mutable
        What `wire.loads` met in it.
    received : bytes
    tables : tuple of Table
        One that describes objects as they were described in `received`, and one for sending.
    limits : Limits
    modules : tuple of str

    Returns
    -------
    list of (int, bytes) or None
        Number and contents of each changed one; in its contents the other arguments are mentioned
        by number. None where nothing changed.
    """
    options: dict[str, Any] = {"limits": limits, "modules": modules}
    as_received, for_sending = tables
    if not mutables or wire.dumps(arguments, as_received, **options) == received:
        return None
    refs = {id(note.value): i for i, note in enumerate(mutables)}
    found = []
    for i, note in enumerate(mutables):
        before = received[note.start : note.end]
        if wire.dumps(note.value, as_received, **options) != before:
            del refs[id(note.value)]  # itself in full, the others by number
            found.append((i, wire.dumps(note.value, for_sending, refs=refs, **options)))
            refs[id(note.value)] = i
    return found or None


def apply(
    found: Any, targets: list[Any], table: Table, limits: Limits, modules: tuple[str, ...]
) -> None:
    """Change the caller's own objects in place.

    Parameters
    ----------
    found : list of (int, bytes)
        What `changes` returned, or something hostile.
    targets : list
        The mutable arguments, as `wire.dumps` met them.
    table : Table
    limits : Limits
    modules : tuple of str

    Raises
    ------
    Malformed
        If a change does not fit its object.
    """
    ready = []
    if type(found) is not list or len(found) > len(targets):
        raise Malformed("an answer changes more arguments than there were.")
    for pair in found:
        if type(pair) is not tuple or list(map(type, pair)) != [int, bytes]:
            raise Malformed("an answer changes arguments in a form that makes no sense.")
        number, data = pair
        if not 0 <= number < len(targets):
            raise Malformed("an answer changes an argument that there is not.")
        contents = wire.loads(data, table, limits, modules=modules, refs=targets)
        ready.append((targets[number], contents))
    for target, contents in ready:
        try:
            _fill(target, contents)
        except Malformed:
            raise
        except Exception as error:
            raise Malformed(
                f"an answer's contents do not fit an argument of type {type(target).__name__} "
                f"({type(error).__name__})."
            ) from None


def _fill(target: Any, contents: Any) -> None:
    kind = next((kind for kind in _FILL if isinstance(target, kind)), None)
    if kind is not None:
        if not isinstance(contents, kind):
            raise Malformed("an answer gives an argument another type.")
        _FILL[kind](target, contents)
    elif type(contents) is type(target) and dataclasses.is_dataclass(target):
        for field in dataclasses.fields(target):
            object.__setattr__(target, field.name, getattr(contents, field.name))
    else:
        raise Malformed("an answer gives an argument another type.")


def _fill_list(target: list, contents: list) -> None:
    target[:] = contents


def _fill_set_or_dict(target: Any, contents: Any) -> None:
    target.clear()
    target.update(contents)


def _fill_deque(target: deque, contents: deque) -> None:
    target.clear()
    target.extend(contents)


def _fill_array(target: np.ndarray, contents: np.ndarray) -> None:
    """Copy, where shape and dtype are still the same."""
    fits = target.shape == contents.shape and target.dtype.newbyteorder("<") == contents.dtype
    if fits and target.flags.writeable:
        np.copyto(np.asarray(target), contents)


def _fill_tensor(target: torch.Tensor, contents: torch.Tensor) -> None:
    with torch.no_grad(), torch._C.DisableTorchFunctionSubclass():
        fits = target.shape == contents.shape and target.dtype == contents.dtype
        if fits and not any(
            step == 0 and size > 1 for step, size in zip(target.stride(), target.shape, strict=True)
        ):
            target.detach().copy_(contents)
        else:
            target.data = contents


def _fill_generator(target: np.random.Generator, contents: np.random.Generator) -> None:
    target.bit_generator.state = contents.bit_generator.state


_FILL: dict[type, Any] = {
    list: _fill_list,
    bytearray: _fill_list,
    dict: _fill_set_or_dict,
    set: _fill_set_or_dict,
    deque: _fill_deque,
    np.ndarray: _fill_array,
    torch.Tensor: _fill_tensor,
    np.random.Generator: _fill_generator,
    np.random.RandomState: lambda target, new: target.set_state(new.get_state(legacy=False)),
    torch.Generator: lambda target, new: target.set_state(new.get_state()),
    random.Random: lambda target, new: target.setstate(new.getstate()),
}


def check_tree(values: list[Any], limits: Limits) -> None:
    """Refuse what contains itself, or something so often that to look at it takes for ever.

    Parameters
    ----------
    values : list
        What was changed or made by an answer that mentions the caller's own objects.
    limits : Limits

    Raises
    ------
    Malformed
    """
    level: list[Any] = [values]
    seen = 0
    for _ in range(2 * limits.depth):
        above, level = level, []
        for value in above:
            parts = _parts(value)
            seen += len(parts)
            if seen > _OFTEN * limits.items:
                break
            level += [part for part in parts if type(part) not in _LEAVES]
        else:
            if not level:
                return
            continue
        break
    raise Malformed("an answer makes something contain itself, or the same thing too often.")


def _parts(value: Any) -> Sequence[Any]:
    if isinstance(value, (list, tuple, deque)):
        return value
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, field.name, None) for field in dataclasses.fields(value)]
    return ()
