"""Outputs that came out of a sandbox, made fit for a notebook whatever they claim to be.

What is kept can be opened by anybody: kinds that an allow-list names, pictures that are pictures,
HTML and SVG without anything that runs or loads.
"""

from __future__ import annotations

import json
import re
from typing import Any

from course.grading.markup import MOST_TAGS, clean_html, clean_svg
from course.grading.pictures import clean_picture

_STREAMS = ("stdout", "stderr")
_OUTPUTS = 1000  # of one cell
_EXTRA = 1000  # for names and a note beside as much text as is allowed
_TEXTS = ("text/plain", "text/latex", "text/markdown")  # Markdown is made harmless when rendered
_KIND = re.compile(r"[a-z]+/[\w.+-]{1,60}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LARGEST = 10_000  # pixels that a picture may take on the page
_NAMED = 5


def clean(claimed: Any, limit: int) -> list[dict[str, Any]]:
    """Keep the outputs that nbformat allows and that do no harm, as far as they fit.

    Parameters
    ----------
    claimed : object
        What the learner's process calls the outputs of a cell.
    limit : int
        Characters, all outputs together.

    Returns
    -------
    list of dict
        Outputs of nbformat 4, made of plain values alone. A note says which kinds were left out.
    """
    cleaner = _Cleaner(limit)
    for item in claimed[:_OUTPUTS] if isinstance(claimed, list) else []:
        if isinstance(item, dict) and not cleaner.add(item):
            break
    return cleaner.finish()


class _Cleaner:
    """The outputs of one cell."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.room = limit + _EXTRA
        self.tags = MOST_TAGS
        self.kept: list[dict[str, Any]] = []
        self.left_out: dict[str, None] = {}
        self.cut = False
        self.error: dict[str, Any] | None = None

    def add(self, item: dict[str, Any]) -> bool:
        """Take one output in; tell whether others may follow."""
        kind = item.get("output_type")
        output: dict[str, Any] | None = None
        if kind == "error":  # cut to size already, and the last that counts
            self.error = _error(item, self.limit)
            return False
        if kind == "stream":
            name = item.get("name")
            output = {
                "output_type": "stream",
                "name": name if name in _STREAMS else "stdout",
                "text": _text(item.get("text")),
            }
        elif kind in ("display_data", "execute_result"):
            output = {"output_type": kind, "data": self.bundle(item.get("data"))}
            output["metadata"] = _metadata(item.get("metadata"), output["data"])
            if kind == "execute_result":
                output["execution_count"] = _count(item.get("execution_count"))
        if output is None:
            return True
        size = _size(output)
        if size > self.room:
            self.cut = True
        else:
            self.room -= size
            self.kept.append(output)
        return True

    def bundle(self, value: Any) -> dict[str, Any]:
        """The representations of an output that are known and sound."""
        found: dict[str, Any] = {}
        for kind, content in value.items() if isinstance(value, dict) else ():
            if not isinstance(kind, str):
                continue
            sound = self.representation(kind, content)
            if sound is not None:
                found[kind] = sound
            elif len(self.left_out) < _NAMED:
                self.left_out[kind if _KIND.fullmatch(kind) else "something of no kind"] = None
        return found

    def representation(self, kind: str, content: Any) -> Any:
        """One representation; None where it is not to be shown."""
        if kind == "application/json":
            return _json(content)
        if not isinstance(content, str):
            return None
        text = _text(content)
        if kind in _TEXTS:
            return text
        if kind in ("image/png", "image/jpeg"):
            return clean_picture(kind, text)
        if kind in ("text/html", "image/svg+xml"):
            self.tags -= text.count("<")
            if self.tags < 0 or len(text) > self.limit:
                return None
            return clean_html(text) if kind == "text/html" else clean_svg(text)
        return None

    def finish(self) -> list[dict[str, Any]]:
        """All outputs, a note, and the error last."""
        if self.left_out:
            kinds = ", ".join(self.left_out)
            note = f"\n[Not shown, as it is unknown here or broken: {kinds}]\n"
            self.kept.append({"output_type": "stream", "name": "stderr", "text": note})
        if self.cut:
            note = "\n[More was shown than is kept; the rest is left out.]\n"
            self.kept.append({"output_type": "stream", "name": "stderr", "text": note})
        return [*self.kept, self.error] if self.error is not None else self.kept


def _error(item: dict[str, Any], limit: int) -> dict[str, Any]:
    lines = item.get("traceback")
    text = "\n".join(_line(line) for line in lines) if isinstance(lines, list) else ""
    return {
        "output_type": "error",
        "ename": _line(item.get("ename"))[:200],
        "evalue": _line(item.get("evalue"))[:limit],
        "traceback": text[:limit].split("\n"),
    }


def _metadata(claimed: Any, data: dict[str, Any]) -> dict[str, Any]:
    """How large pictures are to be shown, and the text that stands for them."""
    found: dict[str, Any] = {}
    for kind in data:
        given = claimed.get(kind) if isinstance(claimed, dict) else None
        if not kind.startswith("image/") or not isinstance(given, dict):
            continue
        sides = {name: given.get(name) for name in ("width", "height")}
        kept = {n: v for n, v in sides.items() if type(v) is int and 0 < v <= _LARGEST}
        if isinstance(given.get("alt"), str):
            kept["alt"] = _text(given["alt"])[:_EXTRA]
        if kept:
            found[kind] = kept
    return found


def _count(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value < 1 << 31 else None


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return sum(len(key) + _size(part) for key, part in value.items())
    if isinstance(value, list):
        return sum(1 + _size(part) for part in value)
    return len(value) if isinstance(value, str) else len(repr(value))


def _json(value: Any) -> Any:
    try:
        plain = json.dumps(value, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return None
    return json.loads(_text(plain))


def _line(value: Any) -> str:
    """Text of an error, which also appears in terminals: nothing in it commands one."""
    return _CONTROL.sub("\ufffd", _text(value))


def _text(value: Any) -> str:
    """Text that a notebook file can hold: no halves of characters."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
