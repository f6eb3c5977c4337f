"""Pictures that came out of a sandbox: are they what they say, and of a size to be looked at?"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib

LARGEST = 25_000_000
"""Pixels of a picture: a small file can unfold to gigabytes in a browser."""

_SIDE = 20_000
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHUNKS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"sRGB", b"cHRM", b"pHYs",
           b"bKGD", b"sBIT", b"tEXt"}  # fmt: skip
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}


def clean_picture(kind: str, text: str) -> str | None:
    """Check a picture, and write it in plain base64.

    Parameters
    ----------
    kind : str
        ``image/png`` or ``image/jpeg``.
    text : str
        Base64, or anything else.

    Returns
    -------
    str or None
        None where this is no whole picture of that kind, or one too large to look at.
    """
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
        found = _png(data) if kind == "image/png" else _jpeg(data)
    except (ValueError, binascii.Error, struct.error, IndexError):
        return None
    return None if found is None else base64.b64encode(found).decode()


def _png(data: bytes) -> bytes | None:
    """The chunks that a picture is made of; others may unfold to anything."""
    if not data.startswith(_SIGNATURE):
        return None
    kept, at = [_SIGNATURE], len(_SIGNATURE)
    kinds = []
    while at < len(data) and kinds[-1:] != [b"IEND"]:
        (length,) = struct.unpack_from(">I", data, at)
        kind, end = data[at + 4 : at + 8], at + 12 + length
        (crc,) = struct.unpack_from(">I", data, end - 4)
        if crc != zlib.crc32(data[at + 4 : end - 4]):
            return None
        kinds.append(kind)
        if kind in _CHUNKS:
            kept.append(data[at:end])
        at = end
    if kinds[:1] != [b"IHDR"] or kinds[-1:] != [b"IEND"] or b"IDAT" not in kinds:
        return None
    width, height, depth, colour = struct.unpack_from(">IIBB", data, len(_SIGNATURE) + 8)
    fits = depth in _DEPTHS.get(colour, ()) and kinds.count(b"IHDR") == 1
    return b"".join(kept) if fits and _looks(width, height) else None


def _jpeg(data: bytes) -> bytes | None:
    if not data.startswith(b"\xff\xd8\xff") or not data.endswith(b"\xff\xd9"):
        return None
    at, size = 2, None
    while data[at] == 0xFF:
        marker = data[at + 1]
        (length,) = struct.unpack_from(">H", data, at + 2)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            size = struct.unpack_from(">HH", data, at + 5)
        if marker == 0xDA:  # the picture's own data begin
            return data if size is not None and _looks(*size) else None
        at += 2 + length
    return None


def _looks(width: int, height: int) -> bool:
    return 0 < width <= _SIDE and 0 < height <= _SIDE and width * height <= LARGEST
