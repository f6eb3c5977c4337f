"""Random generators by their state.

A state is taken over only where it has exactly the form of a true one: the libraries do not check
every number in it, and one that points outside its table would read memory that it must not.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from .wire_rules import Malformed, Refused

_BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
_LARGEST = {"pos": 624, "buffer_pos": 4, "has_uint32": 1, "has_gauss": 1, "uinteger": 2**32 - 1}
_SEED_BITS = 1 << 16


def _pack_generator(value: np.random.Generator) -> tuple:
    bits = value.bit_generator
    name = type(bits).__name__
    if getattr(np.random, name, None) is not type(bits) or name not in _BIT_GENERATORS:
        raise Refused(f"a random generator of type {name} cannot cross the border.")
    return name, bits.state, _pack_seed(bits.seed_seq)


def _pack_seed(seed: Any) -> tuple | None:
    """Keep what `spawn` needs, where it is of the usual kind."""
    if type(seed) is not np.random.SeedSequence or seed.pool_size != 4:
        return None
    entropy = seed.entropy
    numbers = [entropy] if isinstance(entropy, (int, np.integer)) else entropy
    if numbers is None or not all(isinstance(n, (int, np.integer)) for n in numbers):
        return None
    numbers = [int(n) for n in numbers]
    if sum(n.bit_length() for n in numbers) > _SEED_BITS or len(numbers) > _SEED_BITS // 8:
        return None
    whole = isinstance(entropy, (int, np.integer))
    return numbers[0] if whole else numbers, seed.spawn_key, seed.n_children_spawned


def _unpack_generator(parts: Any) -> np.random.Generator:
    name, state, seed = parts
    if name not in _BIT_GENERATORS:
        raise Malformed("a message has a random generator that does not exist.")
    bits = getattr(np.random, name)(_unpack_seed(seed))
    _check_state(state, bits.state)
    bits.state = state
    return np.random.Generator(bits)


def _unpack_seed(parts: Any) -> Any:
    if parts is None:
        return 0
    entropy, key, children = parts
    numbers = [*(entropy if type(entropy) is list else [entropy]), *key, children]
    if any(type(n) is not int or n < 0 for n in numbers) or (
        sum(n.bit_length() for n in numbers) > 2 * _SEED_BITS or len(numbers) > _SEED_BITS
    ):
        raise Malformed("a message has a random generator with an impossible seed.")
    return np.random.SeedSequence(entropy, spawn_key=key, n_children_spawned=children)


def _check_state(given: Any, true: Any, name: str = "") -> None:
    """Compare the form of a state with that of a true one."""
    if type(true) is dict:
        fits = type(given) is dict and given.keys() == true.keys()
        if fits:
            for key in true:
                _check_state(given[key], true[key], key)
    elif isinstance(true, np.ndarray):
        fits = isinstance(given, np.ndarray)
        fits = fits and (given.shape, given.dtype) == (true.shape, true.dtype)
    elif isinstance(true, (int, np.integer)):
        fits = type(given) is int and 0 <= given <= _LARGEST.get(name, 2**128 - 1)
    elif isinstance(true, float):
        fits = type(given) is float
    else:
        fits = type(given) is str and given == true
    if not fits:
        raise Malformed("a message has a random generator in an impossible state.")


def _unpack_legacy(state: Any) -> np.random.RandomState:
    generator = np.random.RandomState(0)
    _check_state(state, generator.get_state(legacy=False))
    generator.set_state(state)
    return generator


def _pack_torch(value: torch.Generator) -> bytes:
    if value.device.type != "cpu":
        raise Refused("a torch generator that is not on the CPU cannot cross the border.")
    return value.get_state().numpy().tobytes()


def _unpack_torch(data: Any) -> torch.Generator:
    generator = torch.Generator()
    if type(data) is not bytes or len(data) != generator.get_state().numel():
        raise Malformed("a message has a random generator in an impossible state.")
    generator.set_state(torch.frombuffer(bytearray(data), dtype=torch.uint8))
    return generator


def _unpack_python(state: Any) -> random.Random:
    generator = random.Random(0)
    _, words, _ = state
    if type(words) is not tuple or any(type(word) is not int for word in words):
        raise Malformed("a message has a random generator in an impossible state.")
    if not 0 <= words[-1] <= 624 or not isinstance(state[2], float | None):
        raise Malformed("a message has a random generator in an impossible state.")
    generator.setstate(state)
    return generator


TYPES: list[tuple[bytes, type, Callable[[Any], Any], Callable[[Any], Any]]] = [
    (b"G", np.random.Generator, _pack_generator, _unpack_generator),
    (b"R", np.random.RandomState, lambda x: x.get_state(legacy=False), _unpack_legacy),
    (b"g", torch.Generator, _pack_torch, _unpack_torch),
    (b"m", random.Random, random.Random.getstate, _unpack_python),
]
