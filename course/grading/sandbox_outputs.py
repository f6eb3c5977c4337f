"""Outputs that came out of a sandbox, made fit for a notebook whatever they claim to be."""

from __future__ import annotations

import json
from typing import Any

_STREAMS = ("stdout", "stderr")
_OUTPUTS = 1000  # of one cell
_EXTRA = 1000  # for names and a note beside as much text as is allowed


def clean(claimed: Any, limit: int) -> list[dict[str, Any]]:
    """Keep the outputs that nbformat allows, as far as they fit.

    Parameters
    ----------
    claimed : object
        What the learner's process calls the outputs of a cell.
    limit : int
        Characters, all outputs together.

    Returns
    -------
    list of dict
        Outputs of nbformat 4, made of plain values alone.
    """
    kept: list[dict[str, Any]] = []
    room = limit + _EXTRA
    for item in claimed[:_OUTPUTS] if isinstance(claimed, list) else []:
        output = _one(item, limit) if isinstance(item, dict) else None
        if output is None:
            continue
        if output["output_type"] == "error":  # cut to size already, and the last that counts
            return [*kept, output]
        room -= _size(output)
        if room >= 0:
            kept.append(output)
    return kept


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return sum(len(key) + _size(part) for key, part in value.items())
    if isinstance(value, list):
        return sum(1 + _size(part) for part in value)
    return len(value) if isinstance(value, str) else len(repr(value))


def _one(item: dict[str, Any], limit: int) -> dict[str, Any] | None:
    kind = item.get("output_type")
    if kind == "stream":
        name = item.get("name")
        return {
            "output_type": "stream",
            "name": name if name in _STREAMS else "stdout",
            "text": _text(item.get("text")),
        }
    if kind == "error":
        lines = item.get("traceback")
        text = "\n".join(_text(line) for line in lines) if isinstance(lines, list) else ""
        return {
            "output_type": "error",
            "ename": _text(item.get("ename"))[:200],
            "evalue": _text(item.get("evalue"))[:limit],
            "traceback": text[:limit].split("\n"),
        }
    if kind in ("display_data", "execute_result"):
        data, metadata = item.get("data"), item.get("metadata")
        output: dict[str, Any] = {
            "output_type": kind,
            "data": _bundle(data, text=True),
            "metadata": _bundle(metadata, text=False),
        }
        if kind == "execute_result":
            count = item.get("execution_count")
            output["execution_count"] = count if type(count) is int else None
        return output
    return None


def _bundle(value: Any, *, text: bool) -> dict[str, Any]:
    """JSON by its kind; only text where the kind is not JSON and `text` is asked for."""
    if not isinstance(value, dict):
        return {}
    found: dict[str, Any] = {}
    for kind, content in value.items():
        if not isinstance(kind, str):
            continue
        if text and not kind.endswith(("/json", "+json")):
            found[_text(kind)] = _text(content)
        else:
            found[_text(kind)] = _json(content)
    return found


def _json(value: Any) -> Any:
    try:
        plain = json.dumps(value, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return "(not shown: this is no JSON)"
    return json.loads(_text(plain))


def _text(value: Any) -> str:
    """Text that a notebook file can hold: no halves of characters."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
