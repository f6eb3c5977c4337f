# ruff: noqa
# Shows pictures that are none, and some that unfold to gigabytes.
# points: 4
# says: Not shown, as it is unknown here or broken: image/png, image/jpeg, image/svg\+xml
# %% solution
import struct, zlib

from IPython.display import display


def double(x):
    return 2 * x


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0))
bomb += chunk(b"IDAT", zlib.compress(bytes(10**6))) + chunk(b"IEND", b"")
display({"image/png": bomb, "text/plain": "a picture"}, raw=True)
display({"image/png": "no base64", "image/jpeg": bomb, "image/svg+xml": "<svg>" * 9}, raw=True)
