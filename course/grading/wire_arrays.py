"""NumPy arrays and torch tensors as raw buffers."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from .wire_rules import Malformed, Refused

_DTYPE = re.compile(
    r"\|b1|[|<][iu][1248]|<f(2|4|8|16)|<c(8|16|32)|[<|]U\d{1,8}|\|S\d{1,8}|\|O"
    r"|<[mM]8(\[\d{0,9}(Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\])?",
    re.ASCII,
)
_DIMENSIONS = 64
_LARGEST = 1 << 62

_TORCH = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in vars(torch).values()
    if isinstance(dtype, torch.dtype)
}
_BITS = re.compile(r"q|bits|uint[1-7]$|int[1-7]$")  # torch cannot make these from bytes


def travels(value: np.ndarray) -> bool:
    """Tell whether an array's dtype has bytes that mean the same elsewhere."""
    return _DTYPE.fullmatch(value.dtype.newbyteorder("<").str) is not None


# NumPy


def _pack_dtype(dtype: np.dtype) -> str:
    text = dtype.newbyteorder("<").str
    if not _DTYPE.fullmatch(text):
        raise Refused(f"the NumPy dtype {dtype} cannot cross the border.")
    return text


def _unpack_dtype(text: Any) -> np.dtype:
    if type(text) is not str or not _DTYPE.fullmatch(text):
        raise Malformed("a message has a NumPy dtype that may not travel.")
    return np.dtype(text)


def _pack_array(value: np.ndarray) -> tuple:
    array = np.asarray(value)
    if array.dtype.itemsize == 0:
        array = array.astype(f"{array.dtype.kind}1")
    dtype = array.dtype.newbyteorder("<")
    data: Any = array.astype(dtype, copy=False)
    data = data.ravel().tolist() if dtype.kind == "O" else data.tobytes()
    return dtype.str, array.shape, value.flags.writeable, data


def _unpack_array(parts: Any) -> np.ndarray:
    text, shape, writeable, data = _four(parts)
    dtype, size = _unpack_dtype(text), _size(shape)
    if dtype.kind == "O":
        array = np.empty(len(data), dtype)
        array[:] = data if type(data) is list and len(data) == size else None
        if type(data) is not list or len(data) != size:
            raise Malformed("a message has an array whose data do not fit its shape.")
    else:
        if type(data) is not bytes or size * dtype.itemsize != len(data) or not dtype.itemsize:
            raise Malformed("a message has an array whose data do not fit its shape.")
        if dtype.kind == "b":
            _check_truth(data)
        array = np.frombuffer(data, dtype) if size else np.empty(0, dtype)
        if dtype.kind == "U" and size and array.view(np.uint32).max() > 0x10FFFF:
            raise Malformed("a message has an array of text with a letter that does not exist.")
        array = array.copy()
    array = array.reshape(shape)
    array.flags.writeable = writeable is True
    return array


def _pack_scalar(value: np.generic) -> Any:
    if isinstance(value, np.str_):
        return str.__str__(value)
    if isinstance(value, np.bytes_):
        return bytes(memoryview(value))
    if not travels(array := np.asarray(value)) or array.dtype.kind == "O":
        raise Refused(f"a NumPy scalar of dtype {value.dtype} cannot cross the border.")
    return _pack_array(array)


def _unpack_scalar(parts: Any) -> np.generic:
    if type(parts) is str:
        return np.str_(parts)
    if type(parts) is bytes:
        return np.bytes_(parts)
    array = _unpack_array(parts)
    if array.shape != () or array.dtype.kind == "O":
        raise Malformed("a message has an array where a number belongs.")
    return array[()]


# torch


def _pack_tensor(value: torch.Tensor) -> tuple:
    name = str(value.dtype).removeprefix("torch.")
    if value.device.type != "cpu" or value.layout != torch.strided or _BITS.match(name):
        raise Refused(
            f"a tensor of {value.dtype} on {value.device} ({value.layout}) cannot cross the "
            "border: make it a dense one on the CPU."
        )
    with torch._C.DisableTorchFunctionSubclass(), torch.no_grad():
        plain = torch.Tensor.detach(value).as_subclass(torch.Tensor).resolve_conj().resolve_neg()
        # not contiguous(): a tensor of one element counts as contiguous at any stride
        data = plain.clone(memory_format=torch.contiguous_format).reshape(-1)
        data = data.view(torch.uint8).numpy().tobytes() if data.numel() else b""
        return name, tuple(plain.shape), True, data


def _unpack_tensor(parts: Any) -> torch.Tensor:
    name, shape, _, data = _four(parts)
    dtype, size = _unpack_torch_dtype(name), _size(shape)
    if type(data) is not bytes or _BITS.match(name) or size * dtype.itemsize != len(data):
        raise Malformed("a message has a tensor whose data do not fit its shape.")
    if dtype is torch.bool:
        _check_truth(data)
    if not data:
        return torch.empty(shape, dtype=dtype)
    return torch.frombuffer(bytearray(data), dtype=torch.uint8).view(dtype).reshape(shape)


def _pack_torch_dtype(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _unpack_torch_dtype(name: Any) -> torch.dtype:
    if type(name) is not str or name not in _TORCH:
        raise Malformed("a message has a torch dtype that does not exist.")
    return _TORCH[name]


def _unpack_device(text: Any) -> torch.device:
    if type(text) is not str or not re.fullmatch(r"(cpu|cuda|mps|meta)(:\d{1,2})?", text, re.ASCII):
        raise Malformed("a message has a torch device that does not exist.")
    return torch.device(text)


def _four(parts: Any) -> tuple:
    if type(parts) is not tuple or len(parts) != 4:
        raise Malformed("a message has an array with the wrong number of parts.")
    return parts


def _size(shape: Any) -> int:
    if (
        type(shape) is not tuple
        or len(shape) > _DIMENSIONS
        or any(type(n) is not int or not 0 <= n < _LARGEST for n in shape)
    ):
        raise Malformed("a message has an array with an impossible shape.")
    return math.prod(shape)


def _check_truth(data: bytes) -> None:
    if data and np.frombuffer(data, np.uint8).max() > 1:
        raise Malformed("a message has a truth value that is neither true nor false.")


TYPES: list[tuple[bytes, type, Callable[[Any], Any], Callable[[Any], Any]]] = [
    (b"A", np.ndarray, _pack_array, _unpack_array),
    (b"n", np.generic, _pack_scalar, _unpack_scalar),
    (b"d", np.dtype, _pack_dtype, _unpack_dtype),
    (b"X", torch.Tensor, _pack_tensor, _unpack_tensor),
    (b"y", torch.dtype, _pack_torch_dtype, _unpack_torch_dtype),
    (b"v", torch.device, str, _unpack_device),
]
