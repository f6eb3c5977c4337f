"""From tokens to what a client reads: whole characters, stop strings, tool calls."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from course.lab.tokens import CALL, CALL_END
from course.serve.decoding import Token
from course.serve.models import Loaded


@dataclass(frozen=True)
class Piece:
    """Some more of an answer's text, and the tokens that it is made of."""

    text: str
    tokens: list[Token] = field(default_factory=list)


@dataclass(frozen=True)
class Call:
    """A whole tool call; the arguments are JSON text, as far as the model wrote JSON."""

    name: str
    arguments: str


_CALL = re.compile(r'\s*\{\s*"name"\s*:\s*("(?:[^"\\]|\\.)+")\s*,\s*"arguments"\s*:\s*(.*)', re.S)


def parse_call(text: str, *, whole: bool = True) -> Call | None:
    """Read what stands between ``<tool_call>`` and ``</tool_call>``.

    Arguments that are not valid JSON are passed on as they are, for the client to judge: models
    do that, and a program that runs tools must live with it.

    Parameters
    ----------
    text : str
    whole : bool
        False: the answer was cut off within the call.

    Returns
    -------
    Call or None
        None: no name and arguments can be made out.
    """
    try:
        value = json.loads(text)
    except ValueError:
        match = _CALL.match(text)
        if match is None:
            return None
        try:
            name = json.loads(match[1])
        except ValueError:  # such as "\q"
            return None
        rest = match[2].rstrip().removesuffix("}").rstrip() if whole else match[2]
        return Call(_valid(name), rest)
    if not isinstance(value, dict) or not isinstance(value.get("name"), str) or not value["name"]:
        return None
    arguments = value.get("arguments", {})
    if not isinstance(arguments, str):
        arguments = json.dumps(arguments, ensure_ascii=False)
    return Call(_valid(value["name"]), _valid(arguments))


def _valid(text: str) -> str:
    """Without half characters, which JSON's ``\\ud800`` can make and UTF-8 cannot say."""
    return text.encode("utf-8", "replace").decode("utf-8")


class Writer:
    """Makes one choice's text out of its tokens.

    Text is given out as soon as it is certain: bytes of an unfinished character, what may become a
    stop string, and white space that may turn out to be the last, are held back. White space at
    both ends of an answer is left out, as in `lab.chat`.

    Parameters
    ----------
    loaded : Loaded
    stops : sequence of str
        The text ends before the first of them.
    calls : bool
        Whether tool calls are read as calls; else they are text.
    parallel : bool
        Whether there may be several.
    """

    def __init__(
        self,
        loaded: Loaded,
        *,
        stops: Sequence[str] = (),
        calls: bool = False,
        parallel: bool = True,
    ) -> None:
        self._loaded, self._stops, self._calls, self._parallel = loaded, stops, calls, parallel
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self._tokens: list[tuple[int, Token]] = []  # with where in `_held` they begin
        self._call: bytes | None = None  # within a call: what was written of it
        self._begun = self._called = False
        self.finish: str | None = None
        """Why the choice ended: ``"stop"``, ``"length"`` or ``"tool_calls"``."""

    def feed(self, token: Token) -> list[Piece | Call]:
        """Take the next token; return what is certain now."""
        if token.id in self._loaded.ends:
            return self.end("stop")
        piece = self._loaded.pieces[token.id]
        if self._calls and token.id == self._loaded.call:
            spoilt = self._spill() if self._call is not None else None
            self._call = b""
            return spoilt or []
        if self._call is not None:
            if token.id == self._loaded.call_end:
                return self._end_call(whole=True)
            self._call += b"" if token.id in self._loaded.silent else piece
            return []
        if token.id in self._loaded.silent:
            return []
        self._tokens.append((len(self._held), token))
        self._held += self._decoder.decode(piece)
        return self._text()

    def end(self, reason: str) -> list[Piece | Call]:
        """End the choice; return what was held back."""
        out: list[Piece | Call] = []
        if self._call is not None:
            out += self._end_call(whole=False)
        if self.finish is None:
            self._held += self._decoder.decode(b"", final=True)
            out += self._text(last=True)
        if self.finish is None:
            self.finish = "tool_calls" if self._called and reason == "stop" else reason
        return out

    def _end_call(self, *, whole: bool) -> list[Piece | Call]:
        call = parse_call(self._call.decode("utf-8", "replace"), whole=whole)
        if call is None:
            return self._spill(CALL_END if whole else "")
        self._call, self._called = None, True
        if whole and not self._parallel:
            return [call, *self.end("stop")]
        return [call]

    def _spill(self, end: str = "") -> list[Piece | Call]:
        """What looked like a call and is none becomes text."""
        self._held += CALL + self._call.decode("utf-8", "replace") + end
        self._call = None
        return self._text()

    def _text(self, *, last: bool = False) -> list[Piece | Call]:
        found = [at for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if found:
            self._held = self._held[: min(found)]
            self._tokens = [(at, token) for at, token in self._tokens if at < min(found)]
            self.finish = "stop"
            last = True
        certain = self._held if last else self._held[: len(self._held) - self._open()]
        certain = certain.rstrip()
        text = certain if self._begun else certain.lstrip()
        if not text:
            return []
        self._begun = True
        size = len(certain)
        tokens = [token for at, token in self._tokens if at < size]
        self._held = self._held[size:]
        self._tokens = [(at - size, token) for at, token in self._tokens if at >= size]
        return [Piece(text, tokens)]

    def _open(self) -> int:
        """How much of the held text's end may be the beginning of a stop string."""
        return max(
            (
                size
                for stop in self._stops
                for size in range(1, len(stop))
                if self._held.endswith(stop[:size])
            ),
            default=0,
        )
