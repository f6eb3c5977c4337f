"""The endpoint: what OpenAI's own client and LangChain's see of it, and what it survives.

`TABLE` and `REFUSED` are the conformance table of ``docs/serving.md``: one row, one test.
"""

import asyncio
import base64
import contextlib
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import numpy as np
import openai
import pytest
import torch
from openai.types import CreateEmbeddingResponse, Model
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from prometheus_client.parser import text_string_to_metric_families

from course import lab, serve
from course.serve import models
from course.serve.chat import answer
from course.serve.decoding import Decoding, Settings, Token
from course.serve.engine import Engine
from course.serve.errors import ApiError
from course.serve.prompt import template_messages
from course.serve.run import NotServingError, listen, running
from course.serve.schema import UNSUPPORTED, WITHOUT_EFFECT, ChatRequest
from course.serve.text import Call, Piece, Writer, parse_call
from course.world.tools import TOOLS

DOCS = Path(__file__).resolve().parent.parent / "docs" / "serving.md"
HELLO = [{"role": "user", "content": "Hello!"}]
SUMS = [{"role": "user", "content": "What is 267 - 67? What is 416 - 40?"}]
BOTH = [TOOLS["calculate"], TOOLS["lookup"]]
LOOKUP = {"type": "function", "function": {"name": "lookup"}}
AWAY = 60  # seconds after which a test that waits for something gives up


def said(text: str, name: str = "instruct") -> str:
    """What the lab itself answers."""
    return lab.chat(text, name=name)


@pytest.fixture(scope="module")
def endpoint():
    torch.set_num_threads(1)
    with running() as (server, address):
        yield SimpleNamespace(
            url=address, engine=server.app.state.engine, shelf=server.app.state.shelf
        )


@pytest.fixture(scope="module")
def client(endpoint):
    http = openai.DefaultHttpxClient(trust_env=False)
    with openai.OpenAI(
        base_url=f"{endpoint.url}/v1", api_key="any", http_client=http, max_retries=0
    ) as ready:
        yield ready


@pytest.fixture(scope="module")
def app():
    """The endpoint without a server, for clients that call it in this process."""
    made = serve.create_app()
    yield made
    made.state.engine.close()


def in_process(app) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://lab")


def post(app, path: str, **body: Any) -> httpx.Response:
    async def go():
        async with in_process(app) as http:
            return await http.post(path, **body)

    return asyncio.run(go())


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + AWAY
    while not condition():
        assert time.monotonic() < end, "it hangs"
        time.sleep(0.01)


def scripted(loaded: models.Loaded, text: str, monkeypatch) -> list[int]:
    """Let a model write this text and end; return its tokens."""
    ids = loaded.tokenizer(text, add_special_tokens=False).input_ids
    script = iter([*ids, min(loaded.ends)])

    def forward(input_ids, **settings):
        logits = torch.zeros(len(input_ids), 1, len(loaded.pieces))
        logits[..., next(script)] = 50.0
        return SimpleNamespace(logits=logits)

    monkeypatch.setattr(loaded.model, "forward", forward)
    return ids


# -- the table of what is supported ---------------------------------------------------------------


@dataclass
class Row:
    """A feature, a request that uses it, and what must be true of the answer."""

    feature: str
    request: dict[str, Any]
    shape: Callable[[ChatCompletion], Any]
    messages: list[dict[str, Any]] = field(default_factory=lambda: HELLO)

    @property
    def body(self) -> dict[str, Any]:
        return {"model": "instruct", "messages": self.messages, "temperature": 0, **self.request}


def text_of(done: ChatCompletion) -> str | None:
    return done.choices[0].message.content


def ended(done: ChatCompletion, reason: str) -> bool:
    return {choice.finish_reason for choice in done.choices} == {reason}


def calls_of(done: ChatCompletion) -> list[tuple[str, Any]]:
    calls = done.choices[0].message.tool_calls or []
    assert len({call.id for call in calls}) == len(calls)
    assert all(call.id.startswith("call_") and call.type == "function" for call in calls)
    return [(call.function.name, json.loads(call.function.arguments)) for call in calls]


def counted(done: ChatCompletion) -> bool:
    used = done.usage
    tokenizer = lab.tokenizer("instruct")
    prompt = tokenizer.apply_chat_template(HELLO, add_generation_prompt=True)["input_ids"]
    written = tokenizer(" " + said("Hello!"), add_special_tokens=False).input_ids
    total = (len(prompt), len(written) + 1)
    return (used.prompt_tokens, used.completion_tokens) == total and used.total_tokens == sum(total)


def logprobs_hold(done: ChatCompletion) -> bool:
    content = done.choices[0].logprobs.content
    assert "".join(token.token for token in content).strip() == text_of(done)
    assert all(bytes(token.bytes).decode() == token.token for token in content)
    assert all(len(token.top_logprobs) == 3 for token in content)
    assert all(token.top_logprobs[0].logprob == token.logprob for token in content)  # temperature 0
    model, tokenizer = lab.load("instruct"), lab.tokenizer("instruct")
    prompt = tokenizer.apply_chat_template(HELLO, add_generation_prompt=True, return_tensors="pt")[
        "input_ids"
    ]
    with torch.inference_mode():
        expected = model(prompt).logits[0, -1].log_softmax(-1)
    best = expected.topk(3)
    assert np.allclose([t.logprob for t in content[0].top_logprobs], best.values, atol=1e-4)
    return [t.token for t in content[0].top_logprobs] == tokenizer.batch_decode(
        best.indices[:, None]
    )


TABLE = [
    Row("temperature 0", {}, lambda r: text_of(r) == said("Hello!") and ended(r, "stop")),
    Row(
        "another model",
        {"model": "draft"},
        lambda r: text_of(r) == said("Hello!", "draft") and r.model == "draft",
    ),
    Row("usage", {}, counted),
    Row(
        "n",
        {"n": 3, "temperature": 2, "seed": 1, "max_completion_tokens": 8},
        lambda r: (
            [c.index for c in r.choices] == [0, 1, 2]
            and len({c.message.content for c in r.choices}) == 3
        ),
    ),
    Row(
        "seed",
        {"temperature": 2, "seed": 7, "max_completion_tokens": 8},
        lambda r: r.system_fingerprint and text_of(r),
    ),
    Row(
        "top_p",
        {"temperature": 2, "top_p": 1e-9},
        lambda r: text_of(r) == said("Hello!"),  # only the likeliest token is left
    ),
    Row(
        "max_completion_tokens",
        {"max_completion_tokens": 3},
        lambda r: ended(r, "length") and r.usage.completion_tokens == 3,
    ),
    Row(
        "max_tokens",
        {"max_tokens": 2},
        lambda r: ended(r, "length") and r.usage.completion_tokens == 2,
    ),
    Row(
        "stop, a string",
        {"stop": said("Hello!")[-5:-2]},
        lambda r: ended(r, "stop") and text_of(r) == said("Hello!")[:-5].rstrip(),
    ),
    Row(
        "stop, up to four",
        {"stop": ["@@", "##", said("Hello!")[3:8], "zz"]},
        lambda r: ended(r, "stop") and text_of(r) == said("Hello!")[:3],
    ),
    Row("logprobs, top_logprobs", {"logprobs": True, "top_logprobs": 3}, logprobs_hold),
    Row(
        "logprobs alone",
        {"logprobs": True, "max_completion_tokens": 2},
        lambda r: [t.top_logprobs for t in r.choices[0].logprobs.content] == [[], []],
    ),
    Row(
        "system message",
        {},
        lambda r: text_of(r) == lab.chat(r_messages("system")),
        [{"role": "system", "content": "Answer in one word."}, *HELLO],
    ),
    Row(
        "developer message",
        {},
        lambda r: text_of(r) == lab.chat(r_messages("developer")),
        [{"role": "developer", "content": "Answer in one word."}, *HELLO],
    ),
    Row(
        "content in parts of type text",
        {},
        lambda r: text_of(r) == said("Hello!"),
        [{"role": "user", "content": [{"type": "text", "text": "Hello!"}]}],
    ),
    Row(
        "tools",
        {"tools": BOTH},
        lambda r: (
            calls_of(r) == [("calculate", {"expression": "12 * 7"})] and ended(r, "tool_calls")
        ),
        [{"role": "user", "content": "What is 12 * 7?"}],
    ),
    Row(
        "parallel tool calls",
        {"tools": [TOOLS["calculate"]]},
        lambda r: (
            calls_of(r)
            == [
                ("calculate", {"expression": "267 - 67"}),
                ("calculate", {"expression": "416 - 40"}),
            ]
            and text_of(r) is None
            and ended(r, "tool_calls")
        ),
        SUMS,
    ),
    Row(
        "parallel_tool_calls false",
        {"tools": [TOOLS["calculate"]], "parallel_tool_calls": False},
        lambda r: (
            calls_of(r) == [("calculate", {"expression": "267 - 67"})] and ended(r, "tool_calls")
        ),
        SUMS,
    ),
    Row(
        "tool_choice auto",
        {"tools": BOTH, "tool_choice": "auto"},
        lambda r: text_of(r) and not calls_of(r) and ended(r, "stop"),
    ),
    Row(
        "tool_choice none",
        {"tools": BOTH, "tool_choice": "none"},
        lambda r: text_of(r) == said(SUMS[0]["content"]) and not r.choices[0].message.tool_calls,
        SUMS,
    ),
    Row(
        "tool_choice required",
        {"tools": BOTH, "tool_choice": "required"},
        lambda r: len(calls_of(r)) >= 1 and ended(r, "tool_calls"),
    ),
    Row(
        "tool_choice by name",
        {"tools": BOTH, "tool_choice": LOOKUP},
        lambda r: calls_of(r)[0][0] == "lookup" and ended(r, "tool_calls"),
    ),
    Row(
        "results of tools",
        {"tools": [TOOLS["calculate"]]},
        lambda r: "200" in text_of(r) and "376" in text_of(r) and ended(r, "stop"),
        [
            *SUMS,
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": f"call_{i}",
                        "type": "function",
                        "function": {"name": "calculate", "arguments": f'{{"expression":"{e}"}}'},
                    }
                    for i, e in enumerate(("267 - 67", "416 - 40"))
                ],
            },
            {"role": "tool", "tool_call_id": "call_0", "content": '{"result": "200"}'},
            {"role": "tool", "tool_call_id": "call_1", "content": '{"result": "376"}'},
        ],
    ),
    Row(
        "labels without effect",
        {name: "x" for name in WITHOUT_EFFECT if name != "metadata"} | {"metadata": {"a": "b"}},
        lambda r: text_of(r) == said("Hello!"),
    ),
]


def r_messages(role: str) -> list[dict[str, Any]]:
    return [{"role": role, "content": "Answer in one word."}, *HELLO]


def rebuilt(chunks: list[ChatCompletionChunk]) -> ChatCompletion:
    """Put a stream together again, as OpenAI's documents say clients should."""
    assert len({chunk.id for chunk in chunks}) == 1
    assert all(chunk.usage is None for chunk in chunks[:-1])
    *parts, last = chunks
    assert last.choices == [] and last.usage
    choices: dict[int, dict[str, Any]] = {}
    for chunk in parts:
        (choice,) = chunk.choices
        delta = choice.delta
        if choice.index not in choices:
            assert delta.role == "assistant"
            choices[choice.index] = {"text": "", "tokens": [], "calls": {}, "finish": None}
        into = choices[choice.index]
        assert into["finish"] is None, "a chunk after the end of its choice"
        into["text"] += delta.content or ""
        into["tokens"] += choice.logprobs.content if choice.logprobs else []
        for call in delta.tool_calls or []:
            if call.index not in into["calls"]:
                assert call.id and call.function.name
                into["calls"][call.index] = {
                    "id": call.id,
                    "type": call.type,
                    "function": {"name": call.function.name, "arguments": ""},
                }
            into["calls"][call.index]["function"]["arguments"] += call.function.arguments
        into["finish"] = choice.finish_reason
    return ChatCompletion.model_validate(
        {
            **last.model_dump(include={"id", "created", "model", "system_fingerprint", "usage"}),
            "object": "chat.completion",
            "choices": [
                {
                    "index": index,
                    "finish_reason": choice["finish"],
                    "logprobs": {"content": choice["tokens"], "refusal": None}
                    if choice["tokens"]
                    else None,
                    "message": {
                        "role": "assistant",
                        "content": choice["text"] or None,
                        "tool_calls": [c for _, c in sorted(choice["calls"].items())] or None,
                    },
                }
                for index, choice in sorted(choices.items())
            ],
        }
    )


def compared(done: ChatCompletion) -> list[Any]:
    """What must be equal between two answers to a request with a seed or temperature 0."""
    return [
        done.usage.model_dump(),
        *(
            (
                c.index,
                c.finish_reason,
                c.message.content or None,
                [
                    (t.function.name, t.function.arguments)
                    for t in c.message.tool_calls or ()
                ],
                [(t.token, t.logprob) for t in c.logprobs.content] if c.logprobs else None,
            )
            for c in done.choices
        ),
    ]  # fmt: skip


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.feature)
def test_conformance(row, client, app):
    done = client.chat.completions.create(**row.body)
    ChatCompletion.model_validate(done.model_dump(), strict=True)
    assert row.shape(done), done
    body = {**row.body, "stream": True, "stream_options": {"include_usage": True}}
    streamed = rebuilt(list(client.chat.completions.create(**body)))
    assert compared(streamed) == compared(done)

    async def once_more():
        async with openai.AsyncOpenAI(
            base_url="http://lab/v1", api_key="any", http_client=in_process(app)
        ) as other:
            return await other.chat.completions.create(**row.body)

    assert compared(asyncio.run(once_more())) == compared(done)


def test_the_documented_table_is_the_tested_one():
    rows = [line.split("|")[1].strip() for line in DOCS.read_text().splitlines() if "|" in line]
    for feature in [row.feature for row in TABLE] + [what for what, *_ in REFUSED]:
        assert feature in rows, f"docs/serving.md has no row {feature!r}"
    text = DOCS.read_text()
    for name in (*UNSUPPORTED, *WITHOUT_EFFECT):
        assert f"`{name}`" in text, f"docs/serving.md does not name {name}"


# -- what is refused ------------------------------------------------------------------------------

CALLING = {
    "role": "assistant",
    "content": None,
    "tool_calls": [
        {"id": "a", "type": "function", "function": {"name": "calculate", "arguments": "{}"}}
    ],
}
RESULT = {"role": "tool", "tool_call_id": "a", "content": "7"}

REFUSED = [
    ("unknown model", {"model": "gpt-4o"}, 404, "model_not_found", "model"),
    ("a model that does not chat", {"model": "icl"}, 404, "model_not_found", "model"),
    (
        "prompt longer than the context",
        {"messages": [{"role": "user", "content": "word " * 1100}]},
        400,
        "context_length_exceeded",
        "messages",
    ),
    ("no messages", {"messages": []}, 400, "invalid_value", "messages"),
    ("missing field", {"messages": [{"role": "user"}]}, 400, "missing_required_parameter",
     "messages[0].content"),
    ("wrong type", {"temperature": "hot"}, 400, "invalid_type", "temperature"),
    ("number out of range", {"temperature": 3}, 400, "invalid_value", "temperature"),
    ("too many choices", {"n": 17}, 400, "invalid_value", "n"),
    ("five stop strings", {"stop": list("abcde")}, 400, "invalid_value", "stop"),
    ("unknown role", {"messages": [{"role": "bot", "content": "x"}]}, 400, "invalid_value",
     "messages[0]"),
    ("unknown parameter", {"top_k": 5}, 400, "unknown_parameter", "top_k"),
    ("top_logprobs without logprobs", {"top_logprobs": 2}, 400, "invalid_value", "top_logprobs"),
    ("stream_options without stream", {"stream_options": {"include_usage": True}}, 400,
     "invalid_value", "stream_options"),
    ("two different limits", {"max_tokens": 3, "max_completion_tokens": 4}, 400, "invalid_value",
     "max_tokens"),
    ("tool_choice without tools", {"tool_choice": "required"}, 400, "invalid_value",
     "tool_choice"),
    ("tool_choice of no tool", {"tools": [TOOLS["calculate"]], "tool_choice": LOOKUP}, 400,
     "invalid_value", "tool_choice"),
    ("a tool's result without its call", {"messages": [*HELLO, RESULT]}, 400, "invalid_value",
     "messages[1]"),
    ("a call without its result", {"messages": [*HELLO, CALLING, *HELLO]}, 400, "invalid_value",
     "messages"),
    ("a result of another call", {"messages": [*HELLO, CALLING, {**RESULT, "tool_call_id": "b"}]},
     400, "invalid_value", "messages[2].tool_call_id"),
    ("late system message", {"messages": [*HELLO, {"role": "system", "content": "x"}]}, 400,
     "invalid_value", "messages[1]"),
    ("content other than text", {"messages": [{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": "data:,"}}]}]}, 400, "invalid_value",
     "messages[0].content"),
    ("half a character", {"messages": [{"role": "user", "content": "\ud800"}]}, 400,
     "invalid_value", None),
    ("structured outputs", {"response_format": {"type": "json_object"}}, 400,
     "unsupported_parameter", "response_format"),
    ("a tool without a schema", {"tools": [{"type": "function", "function": {
        "name": "f", "parameters": {"properties": 5}}}]}, 400, "invalid_value",
     "tools[0].function.parameters"),
    ("penalties", {"frequency_penalty": 0.5}, 400, "unsupported_parameter", "frequency_penalty"),
]  # fmt: skip


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(
    ("what", "change", "status", "code", "param"), REFUSED, ids=[row[0] for row in REFUSED]
)
def test_refused(what, change, status, code, param, stream, app):
    body = {
        "model": "instruct",
        "messages": HELLO,
        **({"stream": True} if stream else {}),
        **change,
    }
    if what == "stream_options without stream":
        body.pop("stream", None)
    got = post(app, "/v1/chat/completions", content=json.dumps(body), headers=JSON)
    assert got.status_code == status, got.text
    error = got.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert (error["type"], error["code"], error["param"]) == ("invalid_request_error", code, param)
    assert error["message"].endswith(".") and "\n" not in error["message"]


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("name", sorted(UNSUPPORTED))
def test_what_is_not_supported_is_refused_unless_it_asks_for_nothing(name, app):
    request = {"model": "instruct", "messages": HELLO, "max_completion_tokens": 1}
    got = post(app, "/v1/chat/completions", json={**request, name: {"some": "thing"}})
    assert got.status_code == 400 and got.json()["error"]["param"] == name
    for neutral in (None, *UNSUPPORTED[name]):
        ChatRequest.model_validate({**request, name: neutral})


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        ({"content": b"{", "headers": JSON}, 400, "invalid_json"),
        ({"content": b"[1]", "headers": JSON}, 400, "invalid_type"),
        ({"content": b"", "headers": JSON}, 400, "missing_required_parameter"),
        ({"content": b"hello", "headers": {"Content-Type": "text/plain"}}, 400, "invalid_type"),
        ({"content": b'{"model": "' + b"x" * 1_000_000, "headers": JSON}, 413, "too_large"),
        ({"json": {"model": "instruct", "messages": "Hello!"}}, 400, "invalid_type"),
        ({"content": b'{"model": "instruct", "messages": [{"role": "user", "content": "\xff"}]}',
          "headers": JSON}, 400, "invalid_json"),
    ],
)  # fmt: skip
def test_bodies_that_are_no_request(request_, status, code, app):
    got = post(app, "/v1/chat/completions", **request_)
    assert got.status_code == status, got.text
    assert got.json()["error"]["code"] == code
    assert got.json()["error"]["message"]


def test_errors_are_the_clients_own(client):
    with pytest.raises(openai.NotFoundError, match=r"No model 'gpt-4o' is served for chat"):
        client.chat.completions.create(model="gpt-4o", messages=HELLO)
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="instruct", messages=HELLO, temperature=5)
    assert caught.value.param == "temperature" and caught.value.code == "invalid_value"
    with pytest.raises(openai.NotFoundError, match=r"no POST /v1/responses"):
        client.responses.create(model="instruct", input="Hello!")


def test_a_failure_of_the_server_says_so_and_leaves_it_working(endpoint, client, monkeypatch):
    loaded = endpoint.shelf.load("instruct")
    with monkeypatch.context() as patch:
        patch.setattr(loaded.model, "forward", lambda *a, **k: 1 / 0)
        with pytest.raises(openai.InternalServerError, match="failed on this request"):
            client.chat.completions.create(model="instruct", messages=HELLO)
        stream = client.chat.completions.create(model="instruct", messages=HELLO, stream=True)
        with pytest.raises(openai.APIError, match="failed on this request"):
            list(stream)
    again = client.chat.completions.create(model="instruct", messages=HELLO, temperature=0)
    assert text_of(again) == said("Hello!")


# -- equal to the lab, and to another server ------------------------------------------------------

QUESTIONS = ["Hello!", "What is 3 + 4?", "Who are you?", "Where does Mira Tol live?", "Thanks!"]


@pytest.mark.parametrize("name", ["instruct", "draft", "base"])
def test_answers_are_those_of_lab_chat(name, client):
    for question in QUESTIONS:
        messages = [{"role": "user", "content": question}]
        done = client.chat.completions.create(
            model=name, messages=messages, temperature=0, max_completion_tokens=64
        )
        assert text_of(done) == said(question, name)


def test_answers_are_those_of_transformers_serve(client, monkeypatch):
    """It runs in this process, without a port; it leaves white space at the ends of an answer."""
    from transformers.cli.serve import Serve

    monkeypatch.setattr(Serve, "start_server", lambda self: None)
    checkpoint = str(lab.path("instruct"))
    other = Serve(force_model=checkpoint, device="cpu", non_blocking=True)
    for question in QUESTIONS:
        body = {"messages": [{"role": "user", "content": question}], "temperature": 0}
        theirs = post(
            other.server.config.app,
            "/v1/chat/completions",
            json={"model": checkpoint, "max_tokens": 64, **body},
        ).json()
        ours = client.chat.completions.create(model="instruct", max_completion_tokens=64, **body)
        assert text_of(ours) == theirs["choices"][0]["message"]["content"].strip()
        assert ended(ours, theirs["choices"][0]["finish_reason"])
        assert ours.usage.prompt_tokens == theirs["usage"]["prompt_tokens"]
        assert ours.usage.completion_tokens == theirs["usage"]["completion_tokens"]
    other._generation_state.shutdown()
    other._model_manager.shutdown()


def test_a_seed_repeats_and_another_does_not(client):
    def ask(seed):
        request = {"model": "instruct", "messages": HELLO, "temperature": 2, "n": 2}
        done = client.chat.completions.create(**request, seed=seed, max_completion_tokens=12)
        return [choice.message.content for choice in done.choices]

    assert ask(3) == ask(3) != ask(4)
    assert ask(None) != ask(None)
    assert ask(-1) == ask(-1)


def test_sampling_follows_the_models_probabilities():
    """First tokens against softmax(logits / T), within the nucleus."""
    loaded = models.Loaded(lab.load("instruct"), lab.tokenizer("instruct"))
    prompt = [1, 4, 300]
    with torch.inference_mode():
        logits = loaded.model(torch.tensor([prompt])).logits[0, -1].double()
    p = (logits / 1.5).softmax(-1).numpy()
    order = np.argsort(-p)
    nucleus = order[: int(np.searchsorted(np.cumsum(p[order]), 0.7) + 1)]
    n = 4000
    settings = Settings(n=n, temperature=1.5, top_p=0.7, seed=0)
    drawn = np.array([token.id for token in Decoding(loaded.model, prompt, settings).step()])
    assert set(drawn) <= set(nucleus)
    expected = p[nucleus] / p[nucleus].sum()
    share = np.array([(drawn == i).mean() for i in nucleus])
    assert (abs(share - expected) <= 6 * np.sqrt(expected * (1 - expected) / n) + 1e-9).all()


# -- streams --------------------------------------------------------------------------------------


def test_a_streams_bytes_are_server_sent_events(endpoint):
    body = {"model": "instruct", "messages": HELLO, "temperature": 0, "stream": True}
    with httpx.Client(trust_env=False) as http:
        got = http.post(f"{endpoint.url}/v1/chat/completions", json=body)
    assert got.headers["content-type"].startswith("text/event-stream")
    *events, rest = got.text.split("\n\n")
    assert rest == "" and events[-1] == "data: [DONE]"
    chunks = [json.loads(event.removeprefix("data: ")) for event in events[:-1]]
    for chunk in chunks:
        ChatCompletionChunk.model_validate(chunk, strict=True)
        assert len(chunk["choices"]) == 1 and "usage" not in chunk
    assert len(chunks) > 5, "a stream comes in pieces"


TEXT = "né, naïve: 日本語 🙂🙃 Ω"


def test_characters_arrive_whole(endpoint, client, monkeypatch):
    loaded = endpoint.shelf.load("instruct")
    tokens = scripted(loaded, f" {TEXT}", monkeypatch)
    assert len(tokens) > len(TEXT), "several tokens a character"
    body = {"model": "instruct", "messages": HELLO, "temperature": 0, "logprobs": True}
    chunks = list(client.chat.completions.create(**body, stream=True))
    parts = [c.choices[0].delta.content or "" for c in chunks]
    assert "".join(parts) == TEXT
    assert not any("\ufffd" in part for part in parts)
    told = [t for c in chunks if c.choices[0].logprobs for t in c.choices[0].logprobs.content]
    assert b"".join(bytes(t.bytes) for t in told).decode() == f" {TEXT}"


def test_tool_calls_that_are_not_json_reach_the_client(endpoint, client, monkeypatch):
    loaded = endpoint.shelf.load("instruct")
    scripted(
        loaded,
        ' One moment.<tool_call> {"name": "lookup", "arguments": {"name": "Mira Tol}}</tool_call>'
        '<tool_call> {"name": "lookup" and so on</tool_call>',
        monkeypatch,
    )
    body = {"model": "instruct", "messages": HELLO, "temperature": 0, "tools": BOTH}
    message = client.chat.completions.create(**body).choices[0].message
    (call,) = message.tool_calls
    assert (call.function.name, call.function.arguments) == ("lookup", '{"name": "Mira Tol}')
    assert message.content == (
        'One moment.<tool_call> {"name": "lookup" and so on</tool_call>'
    )  # fmt: skip


# -- the parts ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def loaded():
    return models.Loaded(lab.load("instruct"), lab.tokenizer("instruct"))


def written(loaded, text: str, *, end: str = "stop", **settings: Any):
    """Feed a text's tokens to a `Writer`: what came out, joined, and why it ended."""
    writer = Writer(loaded, **settings)
    out: list[Piece | Call] = []
    ids = loaded.tokenizer(text, add_special_tokens=False).input_ids
    for i in ids:
        out += writer.feed(Token(i))
        if writer.finish:
            break
    else:
        out += writer.end(end)
    text = "".join(item.text for item in out if isinstance(item, Piece))
    return text, [item for item in out if isinstance(item, Call)], writer.finish, out


@pytest.mark.parametrize(
    ("text", "stops", "expected"),
    [
        (" one two three", ["two"], "one"),
        (" one two three", ["o th"], "one tw"),  # over the border of tokens
        (" one two three", ["two!", "three?"], "one two three"),  # nearly
        (" one two three", ["three", "ne"], "o"),  # the first in the text, not in the list
        (" a\nb", ["\n"], "a"),
        (" aab", ["ab"], "a"),
        ("\n\n one  \n", [], "one"),
        ("", [], ""),
        (" 日本", ["本"], "日"),
    ],
)
def test_stop_strings(loaded, text, stops, expected):
    assert written(loaded, text, stops=stops)[0] == expected


def test_nothing_that_a_stop_string_begins_with_is_given_out_early(loaded):
    *_, out = written(loaded, " Thought: x\nObservation: y", stops=["\nObservation:"])
    assert "".join(piece.text for piece in out) == "Thought: x"
    assert all(piece.text == piece.text.rstrip() for piece in out)
    assert sum(len(piece.tokens) for piece in out) == len(
        loaded.tokenizer(" Thought: x", add_special_tokens=False).input_ids
    )


CALL = '<tool_call> {"name": "f", "arguments": {"x": 1}}</tool_call>'


def test_calls_are_read_only_where_tools_are_offered(loaded):
    text, calls, finish, _ = written(loaded, f" Well.{CALL}{CALL}", calls=True)
    assert (text, calls, finish) == ("Well.", [Call("f", '{"x": 1}')] * 2, "tool_calls")
    text, calls, finish, _ = written(loaded, f" Well.{CALL}")
    assert (text, calls, finish) == (f"Well.{CALL}", [], "stop")
    text, calls, finish, _ = written(loaded, CALL * 2, calls=True, parallel=False)
    assert (text, len(calls), finish) == ("", 1, "tool_calls")


def test_a_call_that_is_cut_off(loaded):
    cut = CALL[:-16]
    text, calls, finish, _ = written(loaded, cut, calls=True, end="length")
    assert (text, calls, finish) == ("", [Call("f", '{"x":')], "length")
    text, calls, finish, _ = written(loaded, CALL[:20], calls=True, end="length")
    assert (text, calls, finish) == (CALL[:20], [], "length")
    text, calls, finish, _ = written(loaded, f'<tool_call> {{"na{CALL}', calls=True)
    assert (text, calls) == ('<tool_call> {"na', [Call("f", '{"x": 1}')])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (' {"name": "f", "arguments": {"é": [1, 2]}}', Call("f", '{"é": [1, 2]}')),
        ('{"name": "f", "arguments": "{\\"x\\": 1}"}', Call("f", '{"x": 1}')),
        ('{"name": "f"}', Call("f", "{}")),
        ('{"name": "f", "arguments": {"x": }}', Call("f", '{"x": }')),
        ('{"name": "\\ud800", "arguments": {}}', Call("?", "{}")),
        ('{"name": "", "arguments": {}}', None),
        ('{"arguments": {}}', None),
        ("[1]", None),
        ("f(1)", None),
    ],
)
def test_parse_call(text, expected):
    assert parse_call(text) == expected


def test_results_of_parallel_calls_are_put_in_the_order_of_the_calls():
    calls = [
        {"id": i, "type": "function", "function": {"name": "f", "arguments": a}}
        for i, a in (("a", '{"x":1}'), ("b", "not JSON"))
    ]
    request = ChatRequest.model_validate(
        {
            "model": "instruct",
            "messages": [
                *HELLO,
                {"role": "assistant", "content": None, "tool_calls": calls},
                {"role": "tool", "tool_call_id": "b", "content": "second"},
                {"role": "tool", "tool_call_id": "a", "content": "first"},
                *HELLO,
            ],
        }
    )
    messages = template_messages(request)
    assert [m["content"] for m in messages] == ["Hello!", "", "first", "second", "Hello!"]
    written = [call["function"]["arguments"] for call in messages[1]["tool_calls"]]
    assert written == [{"x": 1}, "not JSON"]


def test_an_answer_ends_where_the_context_does(loaded):
    shelf = SimpleNamespace(load=lambda name: loaded)
    room = 5
    filler = loaded.context - room
    ids = loaded.tokenizer(" a" * 2000, add_special_tokens=False, verbose=False).input_ids
    assert len(ids) == 2000, "one token a word"

    def run(words):
        messages = [{"role": "user", "content": ("a " * words).strip()}]
        body = {"model": "instruct", "messages": messages, "temperature": 2}
        request = ChatRequest.model_validate({**body, "max_completion_tokens": 50})
        return list(answer(shelf, request))

    begun, *steps = run(filler - 4)  # <|bos|><|user|> ... <|end|><|assistant|>
    assert begun.prompt_tokens == filler
    assert len(steps) == room or steps[-1].new[0][2] == "stop"
    with pytest.raises(ApiError) as caught:
        run(filler + room - 4)
    assert caught.value.code == "context_length_exceeded"


# -- many clients, and clients that leave ---------------------------------------------------------


def test_fifty_clients_are_all_answered(endpoint):
    expected = {q: said(q) for q in QUESTIONS}

    async def go():
        http = openai.DefaultAsyncHttpxClient(trust_env=False)
        async with openai.AsyncOpenAI(
            base_url=f"{endpoint.url}/v1", api_key="any", http_client=http, max_retries=0
        ) as client:

            async def ask(i):
                question = QUESTIONS[i % len(QUESTIONS)]
                body = {"model": "instruct", "temperature": 0, "max_completion_tokens": 64}
                body["messages"] = [{"role": "user", "content": question}]
                if i % 2:
                    return question, text_of(await client.chat.completions.create(**body))
                stream = await client.chat.completions.create(**body, stream=True)
                parts = [c.choices[0].delta.content or "" async for c in stream]
                return question, "".join(parts)

            return await asyncio.gather(*map(ask, range(50)))

    answers = asyncio.run(go())
    assert len(answers) == 50
    assert all(got == expected[question] for question, got in answers)
    assert endpoint.engine.load() == (0, 0)


def test_requests_take_turns():
    order = []
    together = threading.Event()

    def steps(name, count):
        for i in range(count):
            together.wait(AWAY)
            order.append(name)
            yield i

    async def collected(job):
        return [i async for i in job]

    async def go():
        engine = Engine(running=2)
        jobs = [engine.submit(steps("a", 4))]
        while engine.load() != (1, 0):
            await asyncio.sleep(0.01)
        jobs += [engine.submit(steps("b", 2)), engine.submit(steps("c", 2))]
        together.set()
        results = await asyncio.gather(*map(collected, jobs))
        await asyncio.to_thread(engine.close)
        return results

    assert asyncio.run(go()) == [[0, 1, 2, 3], [0, 1], [0, 1]]
    assert "".join(order) == "aababacc"  # b comes in after a step; c once there is room


def test_a_full_queue_refuses_and_a_closed_engine_lets_go():
    gate = threading.Event()

    def stuck():
        gate.wait(AWAY)
        yield 1
        yield 2

    async def go():
        engine = Engine(running=1, waiting=2)
        first = engine.submit(stuck())
        while engine.load() != (1, 0):
            await asyncio.sleep(0.01)
        waiting = [engine.submit(iter([1])) for _ in range(2)]
        with pytest.raises(ApiError) as refused:
            engine.submit(iter([1]))
        assert refused.value.status_code == 429
        assert refused.value.body["error"]["type"] == "rate_limit_error"
        waiting[0].cancel()  # who has left makes room
        engine.submit(iter([1])).cancel()
        closing = asyncio.create_task(asyncio.to_thread(engine.close))
        while not engine._closed:
            await asyncio.sleep(0.01)
        gate.set()
        await closing
        for job in (first, waiting[1]):
            with pytest.raises(ApiError, match="being stopped"):
                async for _ in job:
                    pass
        with pytest.raises(ApiError, match="being stopped"):
            engine.submit(iter([1]))
        assert engine.load() == (0, 0)

    asyncio.run(go())


@contextlib.contextmanager
def held_back(loaded, monkeypatch):
    """Let a model take steps only as they are allowed, and never end by itself."""
    allowed, taken = threading.Semaphore(0), []
    forward = loaded.model.forward

    def gated(*args, **kwargs):
        assert allowed.acquire(timeout=AWAY), "it hangs"
        taken.append(1)
        return forward(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(loaded.model, "forward", gated)
        patch.setitem(loaded.__dict__, "ends", frozenset())
        yield allowed, taken


def disconnects(endpoint) -> float:
    with httpx.Client(trust_env=False) as http:
        return figures(http.get(f"{endpoint.url}/metrics").text)["lab_disconnects_total", ""]


def figures(text: str) -> dict[tuple[str, str], float]:
    """A metrics page: (name, labels' values) to value."""
    return {
        (s.name, " ".join(v for k, v in sorted(s.labels.items()) if k != "le")): s.value
        for family in text_string_to_metric_families(text)
        for s in family.samples
        if not s.name.endswith("_bucket")
    }


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_who_leaves_stops_the_work(endpoint, client, monkeypatch, stream):
    loaded = endpoint.shelf.load("instruct")
    before = disconnects(endpoint)
    body = {"model": "instruct", "messages": HELLO, "stream": stream}
    with held_back(loaded, monkeypatch) as (allowed, taken):
        if stream:
            allowed.release(4)
            chunks = client.chat.completions.create(**body)
            while not next(chunks).choices[0].delta.content:
                pass
            chunks.close()
        else:
            allowed.release(2)

            async def leave():
                async with httpx.AsyncClient(trust_env=False) as http:
                    url = f"{endpoint.url}/v1/chat/completions"
                    asking = asyncio.create_task(http.post(url, json=body, timeout=AWAY))
                    while not taken:
                        await asyncio.sleep(0.01)
                    asking.cancel()

            asyncio.run(leave())
        wait_for(lambda: disconnects(endpoint) == before + 1)
        seen = len(taken)
        allowed.release(2000)
        wait_for(lambda: endpoint.engine.load() == (0, 0))
        assert len(taken) <= seen + 1, "it went on writing for nobody"


def test_stopping_ends_open_streams(monkeypatch):
    with running() as (server, address):
        state = server.app.state
        with held_back(state.shelf.load("instruct"), monkeypatch) as (allowed, _):
            allowed.release(3)
            http = openai.DefaultHttpxClient(trust_env=False)
            client = openai.OpenAI(base_url=f"{address}/v1", api_key="any", http_client=http)
            chunks = client.chat.completions.create(
                model="instruct", messages=HELLO, stream=True, temperature=0
            )
            next(chunks)
            server.should_exit = True
            wait_for(lambda: state.engine._closed)
            allowed.release(2000)
            with pytest.raises(openai.APIError, match="being stopped"):
                list(chunks)
            client.close()
    assert not [t for t in threading.enumerate() if t.name == "serve" and t is state.engine._thread]


# -- the rest of the API --------------------------------------------------------------------------


def test_models(client):
    names = [model.id for model in client.models.list()]
    assert {"base", "draft", "instruct"} <= set(names) and "icl" not in names
    one = client.models.retrieve("instruct")
    Model.model_validate(one.model_dump(exclude_unset=True), strict=True)
    with pytest.raises(openai.NotFoundError, match="No model 'gpt-4o' is served; there is"):
        client.models.retrieve("gpt-4o")


def test_a_model_of_ones_own(tmp_path):
    own = tmp_path / "own"
    changed = lab.load("instruct")
    with torch.no_grad():
        changed.get_output_embeddings().weight.zero_()  # all logits 0: it always writes token 0
    changed.save_pretrained(own)
    lab.tokenizer("instruct").save_pretrained(own)
    ask = {"messages": [{"role": "user", "content": "Hello!"}], "temperature": 0, "max_tokens": 3}
    with serve.background({"own": own}) as client:
        entries = {model.id: model.owned_by for model in client.models.list()}
        assert entries["own"] == "you" and entries["instruct"] == "course"
        assert client.models.retrieve("own").id == "own"
        lab_says = client.chat.completions.create(model="instruct", **ask)
        own_says = client.chat.completions.create(model="own", **ask)
        assert own_says.choices[0].message.content == ""  # token 0 is padding
        assert own_says.usage.completion_tokens == 3
        assert lab_says.choices[0].message.content != ""
        with pytest.raises(openai.NotFoundError, match="own"):
            client.chat.completions.create(model="other", **ask)
    for file in ("chat_template.jinja", "tokenizer.json", "model.safetensors", "config.json"):
        (own / file).unlink()
        with pytest.raises(ValueError, match=f"has no {file}"):
            serve.create_app({"own": own})
    with pytest.raises(ValueError, match="another name"):
        serve.create_app({"instruct": own})


def test_no_embeddings_without_an_embedder(app, monkeypatch):
    monkeypatch.delattr(lab, "embed", raising=False)
    got = post(app, "/v1/embeddings", json={"model": "embedder", "input": "a"})
    assert got.status_code == 404
    assert got.json()["error"]["code"] == "model_not_found"
    got = post(app, "/v1/embeddings", json={"model": "instruct", "input": "a"})
    assert got.json()["error"]["code"] == "model_not_found"


@pytest.fixture
def embedder(monkeypatch):
    """Vectors of letter counts, under the name of a model that has a tokenizer."""

    def embed(texts):
        if any("@" in text for text in texts):
            raise ValueError("no @ can be embedded.")
        counts = np.array([[text.count(letter) for letter in "abcd"] for text in texts], float)
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)

    monkeypatch.setattr(lab, "embed", embed, raising=False)
    monkeypatch.setattr(models, "EMBEDDER", "draft")
    return embed


def test_embeddings(client, embedder):
    texts = ["aab", "abcd"]
    for encoding in (openai.omit, "float", "base64"):  # the client itself asks for base64
        got = client.embeddings.create(model="draft", input=texts, encoding_format=encoding)
        assert [item.index for item in got.data] == [0, 1]
        vectors = [item.embedding for item in got.data]
        if encoding == "float":
            CreateEmbeddingResponse.model_validate(got.model_dump(), strict=True)
        if encoding == "base64":
            vectors = [np.frombuffer(base64.b64decode(v), "<f4") for v in vectors]
        assert np.allclose(vectors, embedder(texts), atol=1e-6)
    tokens = sum(len(lab.tokenizer("draft")(t, add_special_tokens=False).input_ids) for t in texts)
    assert got.usage.prompt_tokens == got.usage.total_tokens == tokens
    short = client.embeddings.create(model="draft", input="abcd", dimensions=2)
    assert np.allclose(short.data[0].embedding, [0.5**0.5] * 2)
    assert "draft" in [model.id for model in client.models.list()]
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model="draft", messages=HELLO)


@pytest.mark.parametrize(
    ("change", "param", "words"),
    [
        ({"input": []}, "input", "a text or a list of texts"),
        ({"input": ["a", ""]}, "input", "no text may be empty"),
        ({"input": [[1, 2]]}, "input", "token ids are not supported"),
        ({"input": ["a"] * 257}, "input", "at most 256"),
        ({"input": "a " * 1100}, "input[0]", "cut the text into chunks"),
        ({"input": "@"}, "input", "no @"),
        ({"dimensions": 5}, "dimensions", "at most 4"),
        ({"encoding_format": "int8"}, "encoding_format", "float"),
    ],
)
def test_embeddings_refused(app, embedder, change, param, words):
    got = post(app, "/v1/embeddings", json={"model": "draft", "input": "a", **change})
    assert got.status_code == 400, got.text
    assert got.json()["error"]["param"] == param and words in got.json()["error"]["message"]


@pytest.mark.skipif(models.EMBEDDER not in lab.names(), reason="the lab has no embedder yet")
def test_embeddings_are_the_labs(client):
    got = client.embeddings.create(model=models.EMBEDDER, input=["Who leads the guild?", "Hello!"])
    expected = np.asarray(lab.embed(["Who leads the guild?", "Hello!"]))
    assert np.allclose([item.embedding for item in got.data], expected, atol=1e-6)


def test_metrics_count():
    app = serve.create_app()

    async def go():
        async with in_process(app) as http:
            body = {"model": "instruct", "messages": HELLO, "temperature": 0, "stream": True}
            body["stream_options"] = {"include_usage": True}
            done = await http.post("/v1/chat/completions", json=body)
            *_, usage, _, _ = done.text.split("\n\n")
            await http.post("/v1/chat/completions", json={**body, "model": "x"})
            await http.post("/v1/chat/completions", json={**body, "n": 0})
            await http.get("/v1/models/x")
            await http.get("/v1/models/y")
            await http.get("/wp-login.php")
            assert (await http.get("/health")).json() == {"status": "ok"}
            page = await http.get("/metrics")
            assert page.headers["content-type"].startswith("text/plain")
            return json.loads(usage.removeprefix("data: "))["usage"], figures(page.text)

    usage, got = asyncio.run(go())
    app.state.engine.close()
    requests = {labels: v for (name, labels), v in got.items() if name == "lab_requests_total"}
    assert requests == {
        "/v1/chat/completions 200": 1,
        "/v1/chat/completions 404": 1,
        "/v1/chat/completions 400": 1,
        "/v1/models/{name} 404": 2,
        "other 404": 1,
        "/health 200": 1,
    }
    assert got["lab_tokens_total", "in instruct"] == usage["prompt_tokens"] > 0
    assert got["lab_tokens_total", "out instruct"] == usage["completion_tokens"] > 0
    assert got["lab_time_to_first_token_seconds_count", "instruct"] == 1
    assert got["lab_request_seconds_count", "/v1/chat/completions"] == 3
    first = got["lab_time_to_first_token_seconds_sum", "instruct"]
    assert 0 < first < got["lab_request_seconds_sum", "/v1/chat/completions"]
    assert got["lab_requests_running", ""] == got["lab_requests_waiting", ""] == 0
    assert got["lab_disconnects_total", ""] == 0


# -- from a notebook, and with LangChain ----------------------------------------------------------


def test_background_yields_a_client_and_ends():
    before = set(threading.enumerate())
    with serve.background() as client:
        assert isinstance(client, openai.OpenAI)
        address = str(client.base_url)
        done = client.chat.completions.create(model="instruct", messages=HELLO, temperature=0)
        assert text_of(done) == said("Hello!")
    assert set(threading.enumerate()) - before == set()
    with httpx.Client(trust_env=False) as http, pytest.raises(httpx.ConnectError):
        http.get(f"{address}models")


def test_background_can_yield_its_address(endpoint):
    with serve.background(client=False) as address, httpx.Client(trust_env=False) as http:
        assert address.startswith("http://127.0.0.1:") and address != endpoint.url
        assert http.get(f"{address}/health").status_code == 200
        port = int(address.rsplit(":")[-1])
        with (
            pytest.raises(NotServingError, match=rf"port {port}: .*in use. Port 0"),
            serve.background(client=False, port=port),
        ):
            pass
    with contextlib.closing(listen("127.0.0.1", port)):  # it is free again
        pass


def test_an_error_in_the_block_ends_it_too():
    with pytest.raises(ZeroDivisionError), serve.background(client=False) as address:
        raise ZeroDivisionError
    with httpx.Client(trust_env=False) as http, pytest.raises(httpx.ConnectError):
        http.get(f"{address}/health")


def test_langchain(endpoint):
    from langchain_openai import ChatOpenAI

    model = ChatOpenAI(
        model="instruct",
        base_url=f"{endpoint.url}/v1",
        api_key="any",
        temperature=0,
        http_client=openai.DefaultHttpxClient(trust_env=False),
        stream_usage=True,
    )
    done = model.invoke("Hello!")
    assert done.content == said("Hello!")
    assert done.response_metadata["finish_reason"] == "stop"
    chunks = list(model.stream("Hello!"))
    assert "".join(chunk.content for chunk in chunks) == done.content
    usages = [chunk.usage_metadata for chunk in chunks if chunk.usage_metadata]
    assert usages == [done.usage_metadata]
    bound = model.bind_tools([TOOLS["calculate"]])
    expected = [{"expression": "267 - 67"}, {"expression": "416 - 40"}]
    asked = bound.invoke(SUMS[0]["content"])
    assert [call["args"] for call in asked.tool_calls] == expected
    whole = None
    for chunk in bound.stream(SUMS[0]["content"]):
        whole = chunk if whole is None else whole + chunk
    assert [call["args"] for call in whole.tool_calls] == expected
    results = [
        {"role": "tool", "tool_call_id": call["id"], "content": json.dumps({"result": value})}
        for call, value in zip(asked.tool_calls, ("200", "376"), strict=True)
    ]
    last = bound.invoke([*SUMS, asked, *results])
    assert "200" in last.content and "376" in last.content
    forced = model.bind_tools([TOOLS["lookup"]], tool_choice="any").invoke("Hello!")
    assert forced.tool_calls[0]["name"] == "lookup"
