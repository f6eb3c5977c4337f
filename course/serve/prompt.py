"""From a request's messages and tools to the tokens of a prompt."""

from __future__ import annotations

import json
from typing import Any

from course.lab.tokens import CALL
from course.serve.errors import ApiError
from course.serve.models import Loaded
from course.serve.schema import ChatRequest, Chosen


def _arguments(text: str) -> Any:
    """A call's arguments as the template writes them best: as data, if they are valid JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def template_messages(request: ChatRequest) -> list[dict[str, Any]]:
    """Return the messages for the chat template.

    It knows no ids, so the results of parallel calls are put in the order of the calls.
    """
    messages: list[dict[str, Any]] = []
    order: list[str] = []
    results: list[tuple[int, dict[str, Any]]] = []

    def close() -> None:
        messages.extend(result for _, result in sorted(results, key=lambda pair: pair[0]))
        results.clear()

    for message in request.messages:
        if message.role == "tool":
            place = order.index(message.tool_call_id)
            results.append((place, {"role": "tool", "content": message.content}))
            continue
        close()
        entry: dict[str, Any] = {"role": message.role, "content": message.content or ""}
        if message.role == "assistant" and message.tool_calls:
            order = [call.id for call in message.tool_calls]
            entry["tool_calls"] = [
                {
                    "type": "function",
                    "function": {
                        "name": call.function.name,
                        "arguments": _arguments(call.function.arguments),
                    },
                }
                for call in message.tool_calls
            ]
        messages.append(entry)
    close()
    return messages


def offers_tools(request: ChatRequest) -> bool:
    """Whether the model is shown tools and its calls are read as calls."""
    return bool(request.tools) and request.tool_choice != "none"


def prompt_ids(loaded: Loaded, request: ChatRequest) -> list[int]:
    """Return the prompt's tokens.

    Raises
    ------
    ApiError
        400, if they leave no room for an answer.
    """
    tools = None
    if offers_tools(request):
        tools = [tool.model_dump(exclude_none=True) for tool in request.tools]
    text = loaded.tokenizer.apply_chat_template(
        template_messages(request), tools=tools, add_generation_prompt=True, tokenize=False
    )
    ids = loaded.tokenizer(text, add_special_tokens=False, verbose=False).input_ids
    if len(ids) >= loaded.context:
        raise ApiError(
            400,
            f"The context of {request.model} is {loaded.context} tokens and the messages have "
            f"{len(ids)}, which leaves no room for an answer: shorten them.",
            code="context_length_exceeded",
            param="messages",
        )
    return ids


def forced_ids(loaded: Loaded, request: ChatRequest) -> list[int]:
    """Return the tokens that an answer must begin with, for `tool_choice`; often none."""
    if request.tool_choice == "required":
        return [loaded.call]
    if isinstance(request.tool_choice, Chosen):
        name = json.dumps(request.tool_choice.function.name)
        begin = f'{CALL} {{"name": {name}, "arguments":'
        return loaded.tokenizer(begin, add_special_tokens=False).input_ids
    return []
