"""POST /v1/chat/completions: whole answers, and streams of chunks."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

from course import __version__
from course.serve.decoding import Decoding, Settings, Token
from course.serve.errors import ApiError
from course.serve.metrics import Metrics
from course.serve.models import Loaded, Shelf
from course.serve.prompt import forced_ids, offers_tools, prompt_ids
from course.serve.schema import ChatRequest
from course.serve.text import Call, Piece, Writer


@dataclass(frozen=True)
class Begun:
    """The prompt is fine; the model begins to write."""

    loaded: Loaded
    prompt_tokens: int


@dataclass(frozen=True)
class Step:
    """One more token of each choice that was not finished: what became certain, by choice."""

    tokens: int
    new: list[tuple[int, list[Piece | Call], str | None]]


def answer(shelf: Shelf, request: ChatRequest) -> Iterator[Begun | Step]:
    """Write a request's choices, token by token; runs in the engine's thread."""
    loaded = shelf.load(request.model)
    prompt = prompt_ids(loaded, request)
    yield Begun(loaded, len(prompt))
    n = request.n or 1
    room = loaded.context - len(prompt)
    limit = min(request.max_completion_tokens or room, room)
    settings = Settings(
        n=n,
        temperature=1.0 if request.temperature is None else request.temperature,
        top_p=request.top_p or 1.0,
        seed=request.seed,
        forced=forced_ids(loaded, request),
        top_logprobs=(request.top_logprobs or 0) if request.logprobs else None,
    )
    writers = [
        Writer(
            loaded,
            stops=request.stop or (),
            calls=offers_tools(request),
            parallel=request.parallel_tool_calls is not False,
        )
        for _ in range(n)
    ]
    decoding = Decoding(loaded.model, prompt, settings)
    for written in range(1, limit + 1):
        new, count = [], 0
        for index, (writer, token) in enumerate(zip(writers, decoding.step(), strict=True)):
            if writer.finish is None:
                count += 1
                out = writer.feed(token)
                if writer.finish is None and written == limit:
                    out += writer.end("length")
                new.append((index, out, writer.finish))
        yield Step(count, new)
        if all(writer.finish for writer in writers):
            return


class Response:
    """What all parts of one response have in common, and its counts."""

    def __init__(self, request: ChatRequest, metrics: Metrics) -> None:
        self._request, self._metrics = request, metrics
        self._arrived = time.perf_counter()
        self._head = {
            "id": f"chatcmpl-{uuid.uuid4().hex}",
            "created": int(time.time()),
            "model": request.model,
            "system_fingerprint": f"course-{__version__}",
        }
        self._loaded: Loaded | None = None
        self._prompt_tokens = self._written = 0

    def count(self, event: Begun | Step) -> None:
        """Take an event's tokens into the counts and the metrics."""
        model = self._request.model
        if isinstance(event, Begun):
            self._loaded, self._prompt_tokens = event.loaded, event.prompt_tokens
            self._metrics.tokens.labels(model, "in").inc(event.prompt_tokens)
            return
        if not self._written:
            self._metrics.first.labels(model).observe(time.perf_counter() - self._arrived)
        self._written += event.tokens
        self._metrics.tokens.labels(model, "out").inc(event.tokens)

    def usage(self) -> dict[str, int]:
        """The counts so far; the token that ends an answer counts as well."""
        return {
            "prompt_tokens": self._prompt_tokens,
            "completion_tokens": self._written,
            "total_tokens": self._prompt_tokens + self._written,
        }

    def logprobs(self, tokens: list[Token]) -> dict[str, Any] | None:
        """Tokens as `logprobs` has them; None if they were not asked for."""
        if not self._request.logprobs:
            return None
        return {"content": [self._logprob(token) for token in tokens], "refusal": None}

    def _logprob(self, token: Token) -> dict[str, Any]:
        top = [self._entry(i, logprob) for i, logprob in token.top]
        return {**self._entry(token.id, token.logprob), "top_logprobs": top}

    def _entry(self, token: int, logprob: float) -> dict[str, Any]:
        piece = self._loaded.pieces[token]
        return {
            "token": piece.decode("utf-8", "backslashreplace"),
            "logprob": logprob,
            "bytes": list(piece),
        }

    # -- the whole answer at once --

    async def whole(self, events: AsyncIterator[Begun | Step]) -> dict[str, Any]:
        """Return the response of a request without `stream`."""
        choices = [_Choice() for _ in range(self._request.n or 1)]
        async for event in events:
            self.count(event)
            if isinstance(event, Step):
                for index, new, finish in event.new:
                    choices[index].add(new, finish)
        return {
            **self._head,
            "object": "chat.completion",
            "choices": [
                {
                    "index": index,
                    "message": choice.message(),
                    "logprobs": self.logprobs(choice.tokens),
                    "finish_reason": choice.finish,
                }
                for index, choice in enumerate(choices)
            ],
            "usage": self.usage(),
        }

    # -- a stream of chunks --

    async def stream(self, events: AsyncIterator[Begun | Step]) -> AsyncIterator[str]:
        """Yield server-sent events, the last of them ``[DONE]``."""
        calls = [0] * (self._request.n or 1)
        with_usage = self._request.stream_options and self._request.stream_options.include_usage
        extra = {"usage": None} if with_usage else {}
        try:
            for index in range(len(calls)):
                yield self._chunk(extra, index, {"role": "assistant", "content": ""})
            async for event in events:
                self.count(event)
                if isinstance(event, Begun):
                    continue
                for index, new, finish in event.new:
                    for item in new:
                        for delta in _deltas(item, calls, index):
                            tokens = item.tokens if isinstance(item, Piece) else []
                            yield self._chunk(extra, index, delta, self.logprobs(tokens))
                    if finish:
                        yield self._chunk(extra, index, {}, finish=finish)
            if with_usage:
                head = {**self._head, "object": "chat.completion.chunk"}
                yield _event({**head, "choices": [], "usage": self.usage()})
        except ApiError as error:  # the status has been sent long ago
            yield _event(error.body)
            return
        yield "data: [DONE]\n\n"

    def _chunk(
        self,
        extra: dict[str, Any],
        index: int,
        delta: dict[str, Any],
        logprobs: dict[str, Any] | None = None,
        finish: str | None = None,
    ) -> str:
        choice = {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": finish}
        head = {**self._head, "object": "chat.completion.chunk"}
        return _event({**head, "choices": [choice], **extra})


@dataclass
class _Choice:
    text: str = ""
    tokens: list[Token] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    finish: str | None = None

    def add(self, new: list[Piece | Call], finish: str | None) -> None:
        for item in new:
            if isinstance(item, Piece):
                self.text += item.text
                self.tokens += item.tokens
            else:
                self.calls.append(_call(item))
        self.finish = finish

    def message(self) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": self.text, "refusal": None}
        if self.calls:
            message |= {"content": self.text or None, "tool_calls": self.calls}
        return message


def _call(call: Call) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": f"call_{uuid.uuid4().hex[:24]}", "type": "function", "function": function}


def _deltas(item: Piece | Call, calls: list[int], index: int) -> Iterator[dict[str, Any]]:
    """A piece of text is one delta; a call is two: its id and name, then its arguments."""
    if isinstance(item, Piece):
        yield {"content": item.text}
        return
    whole = _call(item)
    arguments = whole["function"]["arguments"]
    whole["function"]["arguments"] = ""
    yield {"tool_calls": [{"index": calls[index], **whole}]}
    yield {"tool_calls": [{"index": calls[index], "function": {"arguments": arguments}}]}
    calls[index] += 1


def _event(data: dict[str, Any]) -> str:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"
