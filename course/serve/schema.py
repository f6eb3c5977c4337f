"""What requests may hold, as OpenAI's reference names it, checked strictly."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

MOST_CHOICES = 16
MOST_TEXTS = 256

UNSUPPORTED: dict[str, tuple[Any, ...]] = {
    "audio": (),
    "frequency_penalty": (0,),
    "function_call": (),
    "functions": (),
    "logit_bias": ({},),
    "modalities": (["text"],),
    "prediction": (),
    "presence_penalty": (0,),
    "reasoning_effort": (),
    "response_format": ({"type": "text"},),
    "service_tier": ("auto", "default"),
    "store": (False,),
    "verbosity": (),
    "web_search_options": (),
}
"""Parameters that are refused, but for these values (and null), which ask for nothing special."""

WITHOUT_EFFECT = ("metadata", "prompt_cache_key", "safety_identifier", "user")
"""Parameters that only label a request."""


class Strict(BaseModel):
    """Types are not converted, and unknown fields are errors."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


def wrong(message: str, param: str, *, kind: str = "value") -> PydanticCustomError:
    """An error about one part of the request (`errors.from_validation` reads it)."""
    return PydanticCustomError(kind, message, {"param": param})


def _whole_characters(body: Any) -> None:
    """Refuse half of a surrogate pair, which JSON can hold and no text."""
    try:
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise wrong("a text holds half a character, such as \\ud800 alone", "") from None


def _text(content: Any) -> Any:
    """The text of a message's content: text, or a list of parts of type text."""
    if not isinstance(content, list):
        return content
    texts = []
    for part in content:
        if not isinstance(part, dict) or "type" not in part:
            raise ValueError("a list must hold parts such as {'type': 'text', 'text': 'Hello'}")
        if part["type"] != "text":
            raise ValueError(f"parts of type {part['type']!r} are not supported, only text")
        if not isinstance(part.get("text"), str):
            raise ValueError("the text of a part must be a string")
        texts.append(part["text"])
    return " ".join(texts)


Text = Annotated[str, BeforeValidator(_text)]


class System(Strict):
    """Standing instructions; only as the first message."""

    role: Literal["system", "developer"]
    content: Text
    name: str | None = None


class User(Strict):
    """What the user says."""

    role: Literal["user"]
    content: Text
    name: str | None = None


class CalledFunction(Strict):
    """A call's function; the arguments are JSON text, as a model wrote it: not always valid."""

    name: str
    arguments: str


class ToolCall(Strict):
    """One call of an assistant's message."""

    id: str
    type: Literal["function"] = "function"
    function: CalledFunction
    index: int | None = None  # as a streamed call has it


class Assistant(Strict):
    """What the model said, as it came out of an earlier response."""

    role: Literal["assistant"]
    content: Text | None = None
    tool_calls: list[ToolCall] | None = None
    name: str | None = None
    refusal: None = None
    annotations: list[None] | None = Field(default=None, max_length=0)
    audio: None = None
    function_call: None = None


class Tool(Strict):
    """A tool's result."""

    role: Literal["tool"]
    tool_call_id: str
    content: Text
    name: str | None = None


Message = Annotated[System | User | Assistant | Tool, Field(discriminator="role")]


class Function(Strict):
    """A function that the model may call."""

    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: Literal[False] | None = None

    @field_validator("parameters")
    @classmethod
    def _schema(cls, parameters: dict[str, Any] | None) -> dict[str, Any] | None:
        if parameters and not isinstance(parameters.get("properties", {}), dict):
            raise ValueError("must be a JSON schema, whose properties are an object")
        return parameters


class ToolSpec(Strict):
    """A tool on offer."""

    type: Literal["function"]
    function: Function


class ChosenFunction(Strict):
    """The function that must be called."""

    name: str


class Chosen(Strict):
    """`tool_choice` with a name."""

    type: Literal["function"]
    function: ChosenFunction


class StreamOptions(Strict):
    """`include_usage`: a last chunk with the counts, before ``[DONE]``."""

    include_usage: bool | None = None


class ChatRequest(Strict):
    """The body of POST /v1/chat/completions."""

    model: str
    messages: list[Message] = Field(min_length=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    n: int | None = Field(default=None, ge=1, le=MOST_CHOICES)
    seed: int | None = Field(default=None, ge=-(2**63), lt=2**63)
    stop: list[str] | None = None
    max_completion_tokens: int | None = Field(default=None, ge=1)
    max_tokens: int | None = Field(default=None, ge=1)
    logprobs: bool | None = None
    top_logprobs: int | None = Field(default=None, ge=0, le=20)
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    tools: list[ToolSpec] | None = Field(default=None, max_length=128)
    tool_choice: Literal["none", "auto", "required"] | Chosen | None = None
    parallel_tool_calls: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _refuse(cls, body: Any) -> Any:
        if not isinstance(body, dict):
            return body
        _whole_characters(body)
        for name, neutral in UNSUPPORTED.items():
            if body.get(name) is not None and body[name] not in neutral:
                allowed = f" other than as {neutral[0]!r}" if neutral else ""
                raise wrong(f"{name} is not supported{allowed}", name, kind="unsupported")
        return {k: v for k, v in body.items() if k not in UNSUPPORTED and k not in WITHOUT_EFFECT}

    @field_validator("stop", mode="before")
    @classmethod
    def _stops(cls, stop: Any) -> Any:
        stops = [stop] if isinstance(stop, str) else stop
        if stops is None:
            return stops
        if not isinstance(stops, list) or not all(isinstance(s, str) and s for s in stops):
            raise ValueError("must be a string or a list of strings, none of them empty")
        if len(stops) > 4:
            raise ValueError(f"at most 4 strings can be given, not {len(stops)}")
        return stops

    @field_validator("tool_choice", mode="before")
    @classmethod
    def _choice(cls, choice: Any) -> Any:
        if isinstance(choice, dict):
            return Chosen.model_validate(choice)
        if choice not in (None, "none", "auto", "required"):
            raise ValueError("must be none, auto, required or a function by its name")
        return choice

    @model_validator(mode="after")
    def _fits(self) -> ChatRequest:
        if self.max_tokens is not None:
            if self.max_completion_tokens not in (None, self.max_tokens):
                raise wrong("max_tokens and max_completion_tokens differ: set one", "max_tokens")
            self.max_completion_tokens = self.max_tokens
        if self.top_logprobs is not None and not self.logprobs:
            raise wrong("top_logprobs needs logprobs to be true", "top_logprobs")
        if self.stream_options is not None and not self.stream:
            raise wrong("stream_options needs stream to be true", "stream_options")
        names = [tool.function.name for tool in self.tools or ()]
        if not names and (self.tool_choice not in (None, "none")):
            raise wrong("tool_choice needs tools", "tool_choice")
        if isinstance(self.tool_choice, Chosen) and self.tool_choice.function.name not in names:
            name = self.tool_choice.function.name
            raise wrong(f"tool_choice names {name!r}, which is not among tools", "tool_choice")
        _check_order(self.messages)
        return self


def _check_order(messages: list[Message]) -> None:
    """Every call is answered right after it, and no result comes without its call."""
    open_ids: list[str] = []
    called = False  # whether the message before is a call, or one of its results
    for i, message in enumerate(messages):
        where = f"messages[{i}]"
        if message.role == "tool":
            if not called:
                raise wrong(
                    f"{where}: a message of role 'tool' must follow the assistant's message with "
                    "its tool_calls",
                    where,
                )
            if message.tool_call_id not in open_ids:
                raise wrong(
                    f"{where}: tool_call_id {message.tool_call_id!r} is no open call of the "
                    "assistant's message before",
                    f"{where}.tool_call_id",
                )
            open_ids.remove(message.tool_call_id)
            continue
        if open_ids:
            break
        if message.role in ("system", "developer") and i:
            raise wrong(f"{where}: only the first message can be of role {message.role!r}", where)
        called = message.role == "assistant" and bool(message.tool_calls)
        open_ids = [call.id for call in message.tool_calls] if called else []
        if message.role == "assistant" and message.content is None and not called:
            raise wrong(f"{where}: the assistant's message has no content and no calls", where)
    if open_ids:
        raise wrong(
            "after an assistant's message with tool_calls, a message of role 'tool' must answer "
            f"each of them; missing: {', '.join(open_ids)}",
            "messages",
        )


class EmbeddingsRequest(Strict):
    """The body of POST /v1/embeddings."""

    model: str
    input: list[str]
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: int | None = Field(default=None, ge=1)
    user: str | None = None

    @field_validator("input", mode="before")
    @classmethod
    def _texts(cls, given: Any) -> Any:
        texts = [given] if isinstance(given, str) else given
        if not isinstance(texts, list) or not texts:
            raise ValueError("must be a text or a list of texts")
        if not all(isinstance(text, str) for text in texts):
            raise ValueError(
                "token ids are not supported, send texts (in langchain_openai: "
                "check_embedding_ctx_length=False)"
            )
        _whole_characters(texts)
        if not all(texts):
            raise ValueError("no text may be empty")
        if len(texts) > MOST_TEXTS:
            raise ValueError(f"at most {MOST_TEXTS} texts a request, not {len(texts)}")
        return texts
