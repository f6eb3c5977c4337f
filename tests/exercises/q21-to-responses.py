# %% right: generators
def to_responses(tools, messages):
    def items():
        for m in messages:
            if m["role"] == "tool":
                yield dict(
                    type="function_call_output", call_id=m["tool_call_id"], output=m["content"]
                )
                continue
            text = m.get("content")
            if text or m["role"] != "assistant":
                yield dict(role=m["role"], content=text)
            for c in m.get("tool_calls") or ():
                f = c["function"]
                yield dict(
                    type="function_call",
                    call_id=c["id"],
                    name=f["name"],
                    arguments=f["arguments"],
                )

    return [{"strict": False, **t["function"], "type": "function"} for t in tools], list(items())


# %% right: deep copies, a function for each role
import copy


def to_responses(tools, messages):
    def plain(m):
        return [{"role": m["role"], "content": m["content"]}]

    def assistant(m):
        said = plain(m) if m.get("content") not in (None, "") else []
        calls = m.get("tool_calls")
        if calls is None:
            return said
        return said + [
            {"type": "function_call", "call_id": c["id"]}
            | {k: c["function"][k] for k in ("name", "arguments")}
            for c in calls
        ]

    def tool(m):
        keys = {"type": "function_call_output"}
        return [keys | {"call_id": m["tool_call_id"], "output": m["content"]}]

    by_role = {"assistant": assistant, "tool": tool}
    flat = []
    for t in copy.deepcopy(tools):
        new = {"type": "function"}
        new.update(t["function"])
        new.setdefault("strict", False)
        flat.append(new)
    return flat, [x for m in messages for x in by_role.get(m["role"], plain)(m)]


# %% right: as the solution, returned as a tuple of lists
def to_responses(tools, messages):
    flat = []
    for tool in tools:
        function = tool["function"]
        flat.append({"type": "function", **function, "strict": function.get("strict", False)})
    items = []
    for message in messages:
        role = message["role"]
        if role == "tool":
            call_id, text = message["tool_call_id"], message["content"]
            items.append({"type": "function_call_output", "call_id": call_id, "output": text})
        elif role == "assistant":
            if message.get("content"):
                items.append({"role": role, "content": message["content"]})
            for call in message.get("tool_calls") or []:
                name, text = call["function"]["name"], call["function"]["arguments"]
                items.append(
                    {
                        "type": "function_call",
                        "call_id": call["id"],
                        "name": name,
                        "arguments": text,
                    }
                )
        else:
            items.append({"role": role, "content": message["content"]})
    return flat, items


# %% wrong (q21-to-responses-hidden-items): keeps all keys of a message
def to_responses(tools, messages):
    flat = []
    for tool in tools:
        function = tool["function"]
        flat.append({"type": "function", **function, "strict": function.get("strict", False)})
    items = []
    for message in messages:
        role = message["role"]
        if role == "tool":
            call_id, text = message["tool_call_id"], message["content"]
            items.append({"type": "function_call_output", "call_id": call_id, "output": text})
        elif role == "assistant":
            if message.get("content"):
                items.append({"role": role, "content": message["content"]})
            for call in message.get("tool_calls") or []:
                name, text = call["function"]["name"], call["function"]["arguments"]
                items.append(
                    {
                        "type": "function_call",
                        "call_id": call["id"],
                        "name": name,
                        "arguments": text,
                    }
                )
        else:
            items.append(dict(message))
    return flat, items


# %% wrong (q21-to-responses-hidden-items): an assistant's message without text becomes one with None
def to_responses(tools, messages):
    flat = []
    for tool in tools:
        function = tool["function"]
        flat.append({"type": "function", **function, "strict": function.get("strict", False)})
    items = []
    for message in messages:
        role = message["role"]
        if role == "tool":
            call_id, text = message["tool_call_id"], message["content"]
            items.append({"type": "function_call_output", "call_id": call_id, "output": text})
        elif role == "assistant":
            if "content" in message:
                items.append({"role": role, "content": message["content"]})
            for call in message.get("tool_calls") or []:
                name, text = call["function"]["name"], call["function"]["arguments"]
                items.append(
                    {
                        "type": "function_call",
                        "call_id": call["id"],
                        "name": name,
                        "arguments": text,
                    }
                )
        else:
            items.append({"role": role, "content": message["content"]})
    return flat, items


# %% wrong (q21-to-responses-hidden-items): calls before the text
def to_responses(tools, messages):
    flat = []
    for tool in tools:
        function = tool["function"]
        flat.append({"type": "function", **function, "strict": function.get("strict", False)})
    items = []
    for message in messages:
        role = message["role"]
        if role == "tool":
            call_id, text = message["tool_call_id"], message["content"]
            items.append({"type": "function_call_output", "call_id": call_id, "output": text})
        elif role == "assistant":
            for call in message.get("tool_calls") or []:
                name, text = call["function"]["name"], call["function"]["arguments"]
                items.append(
                    {
                        "type": "function_call",
                        "call_id": call["id"],
                        "name": name,
                        "arguments": text,
                    }
                )
            if message.get("content"):
                items.append({"role": role, "content": message["content"]})
        else:
            items.append({"role": role, "content": message["content"]})
    return flat, items


# %% wrong (q21-to-responses-hidden-items): only the first call
def to_responses(tools, messages):
    flat = []
    for tool in tools:
        function = tool["function"]
        flat.append({"type": "function", **function, "strict": function.get("strict", False)})
    items = []
    for message in messages:
        role = message["role"]
        if role == "tool":
            call_id, text = message["tool_call_id"], message["content"]
            items.append({"type": "function_call_output", "call_id": call_id, "output": text})
        elif role == "assistant":
            if message.get("content"):
                items.append({"role": role, "content": message["content"]})
            for call in (message.get("tool_calls") or [])[:1]:
                name, text = call["function"]["name"], call["function"]["arguments"]
                items.append(
                    {
                        "type": "function_call",
                        "call_id": call["id"],
                        "name": name,
                        "arguments": text,
                    }
                )
        else:
            items.append({"role": role, "content": message["content"]})
    return flat, items


# %% wrong (q21-to-responses-hidden-items): reads the arguments
def to_responses(tools, messages):
    flat = []
    for tool in tools:
        function = tool["function"]
        flat.append({"type": "function", **function, "strict": function.get("strict", False)})
    items = []
    for message in messages:
        role = message["role"]
        if role == "tool":
            call_id, text = message["tool_call_id"], message["content"]
            items.append({"type": "function_call_output", "call_id": call_id, "output": text})
        elif role == "assistant":
            if message.get("content"):
                items.append({"role": role, "content": message["content"]})
            for call in message.get("tool_calls") or []:
                name, text = (
                    call["function"]["name"],
                    __import__("json").loads(
                        call["function"]["arguments"]
                        if call["function"]["arguments"] not in ("{bad", "")
                        else "{}"
                    ),
                )
                items.append(
                    {
                        "type": "function_call",
                        "call_id": call["id"],
                        "name": name,
                        "arguments": text,
                    }
                )
        else:
            items.append({"role": role, "content": message["content"]})
    return flat, items


# %% wrong (q21-to-responses-hidden-items): the text goes lost where there are calls
def to_responses(tools, messages):
    flat = []
    for tool in tools:
        function = tool["function"]
        flat.append({"type": "function", **function, "strict": function.get("strict", False)})
    items = []
    for message in messages:
        role = message["role"]
        if role == "tool":
            call_id, text = message["tool_call_id"], message["content"]
            items.append({"type": "function_call_output", "call_id": call_id, "output": text})
        elif role == "assistant":
            if message.get("content") and not message.get("tool_calls"):
                items.append({"role": role, "content": message["content"]})
            for call in message.get("tool_calls") or []:
                name, text = call["function"]["name"], call["function"]["arguments"]
                items.append(
                    {
                        "type": "function_call",
                        "call_id": call["id"],
                        "name": name,
                        "arguments": text,
                    }
                )
        else:
            items.append({"role": role, "content": message["content"]})
    return flat, items


# %% wrong (q21-to-responses-hidden-items): an id instead of a call_id
def to_responses(tools, messages):
    flat = []
    for tool in tools:
        function = tool["function"]
        flat.append({"type": "function", **function, "strict": function.get("strict", False)})
    items = []
    for message in messages:
        role = message["role"]
        if role == "tool":
            call_id, text = message["tool_call_id"], message["content"]
            items.append({"type": "function_call_output", "call_id": call_id, "output": text})
        elif role == "assistant":
            if message.get("content"):
                items.append({"role": role, "content": message["content"]})
            for call in message.get("tool_calls") or []:
                name, text = call["function"]["name"], call["function"]["arguments"]
                items.append(
                    {"type": "function_call", "id": call["id"], "name": name, "arguments": text}
                )
        else:
            items.append({"role": role, "content": message["content"]})
    return flat, items


# %% wrong (q21-to-responses-hidden-tools): strict where it is missing
def to_responses(tools, messages):
    flat = []
    for tool in tools:
        function = tool["function"]
        flat.append({"type": "function", **function, "strict": function.get("strict", True)})
    items = []
    for message in messages:
        role = message["role"]
        if role == "tool":
            call_id, text = message["tool_call_id"], message["content"]
            items.append({"type": "function_call_output", "call_id": call_id, "output": text})
        elif role == "assistant":
            if message.get("content"):
                items.append({"role": role, "content": message["content"]})
            for call in message.get("tool_calls") or []:
                name, text = call["function"]["name"], call["function"]["arguments"]
                items.append(
                    {
                        "type": "function_call",
                        "call_id": call["id"],
                        "name": name,
                        "arguments": text,
                    }
                )
        else:
            items.append({"role": role, "content": message["content"]})
    return flat, items


# %% wrong (q21-to-responses-hidden-tools): overwrites strict
def to_responses(tools, messages):
    flat = []
    for tool in tools:
        function = tool["function"]
        flat.append({"type": "function", **function, "strict": False})
    items = []
    for message in messages:
        role = message["role"]
        if role == "tool":
            call_id, text = message["tool_call_id"], message["content"]
            items.append({"type": "function_call_output", "call_id": call_id, "output": text})
        elif role == "assistant":
            if message.get("content"):
                items.append({"role": role, "content": message["content"]})
            for call in message.get("tool_calls") or []:
                name, text = call["function"]["name"], call["function"]["arguments"]
                items.append(
                    {
                        "type": "function_call",
                        "call_id": call["id"],
                        "name": name,
                        "arguments": text,
                    }
                )
        else:
            items.append({"role": role, "content": message["content"]})
    return flat, items


# %% wrong (q21-to-responses-hidden-tools): leaves the description out
def to_responses(tools, messages):
    flat = []
    for tool in tools:
        function = tool["function"]
        flat.append(
            {
                "type": "function",
                "name": function["name"],
                "parameters": function["parameters"],
                "strict": function.get("strict", False),
            }
        )
    items = []
    for message in messages:
        role = message["role"]
        if role == "tool":
            call_id, text = message["tool_call_id"], message["content"]
            items.append({"type": "function_call_output", "call_id": call_id, "output": text})
        elif role == "assistant":
            if message.get("content"):
                items.append({"role": role, "content": message["content"]})
            for call in message.get("tool_calls") or []:
                name, text = call["function"]["name"], call["function"]["arguments"]
                items.append(
                    {
                        "type": "function_call",
                        "call_id": call["id"],
                        "name": name,
                        "arguments": text,
                    }
                )
        else:
            items.append({"role": role, "content": message["content"]})
    return flat, items


# %% wrong (q21-to-responses-hidden-tools): leaves a missing strict missing
def to_responses(tools, messages):
    flat = []
    for tool in tools:
        function = tool["function"]
        flat.append({"type": "function", **function})
    items = []
    for message in messages:
        role = message["role"]
        if role == "tool":
            call_id, text = message["tool_call_id"], message["content"]
            items.append({"type": "function_call_output", "call_id": call_id, "output": text})
        elif role == "assistant":
            if message.get("content"):
                items.append({"role": role, "content": message["content"]})
            for call in message.get("tool_calls") or []:
                name, text = call["function"]["name"], call["function"]["arguments"]
                items.append(
                    {
                        "type": "function_call",
                        "call_id": call["id"],
                        "name": name,
                        "arguments": text,
                    }
                )
        else:
            items.append({"role": role, "content": message["content"]})
    return flat, items


# %% wrong (q21-to-responses-hidden-tools): writes into the tool
def to_responses(tools, messages):
    flat = []
    for tool in tools:
        function = tool["function"]
        function["type"] = "function"
        function.setdefault("strict", False)
        flat.append(function)
    items = []
    for message in messages:
        role = message["role"]
        if role == "tool":
            call_id, text = message["tool_call_id"], message["content"]
            items.append({"type": "function_call_output", "call_id": call_id, "output": text})
        elif role == "assistant":
            if message.get("content"):
                items.append({"role": role, "content": message["content"]})
            for call in message.get("tool_calls") or []:
                name, text = call["function"]["name"], call["function"]["arguments"]
                items.append(
                    {
                        "type": "function_call",
                        "call_id": call["id"],
                        "name": name,
                        "arguments": text,
                    }
                )
        else:
            items.append({"role": role, "content": message["content"]})
    return flat, items


# %% wrong (q21-to-responses-hidden-tools): a strict of None becomes False
def to_responses(tools, messages):
    flat = []
    for tool in tools:
        function = tool["function"]
        flat.append({"type": "function", **function, "strict": function.get("strict") or False})
    items = []
    for message in messages:
        role = message["role"]
        if role == "tool":
            call_id, text = message["tool_call_id"], message["content"]
            items.append({"type": "function_call_output", "call_id": call_id, "output": text})
        elif role == "assistant":
            if message.get("content"):
                items.append({"role": role, "content": message["content"]})
            for call in message.get("tool_calls") or []:
                name, text = call["function"]["name"], call["function"]["arguments"]
                items.append(
                    {
                        "type": "function_call",
                        "call_id": call["id"],
                        "name": name,
                        "arguments": text,
                    }
                )
        else:
            items.append({"role": role, "content": message["content"]})
    return flat, items


# %% wrong (q21-to-responses-hidden-tools): copies only the four keys that it knows
def to_responses(tools, messages):
    flat = []
    for tool in tools:
        function = tool["function"]
        keys = ("name", "description", "parameters")
        flat.append({"type": "function", **{k: function[k] for k in keys if k in function}})
        flat[-1]["strict"] = function.get("strict", False)
    items = []
    for message in messages:
        role = message["role"]
        if role == "tool":
            call_id, text = message["tool_call_id"], message["content"]
            items.append({"type": "function_call_output", "call_id": call_id, "output": text})
        elif role == "assistant":
            if message.get("content"):
                items.append({"role": role, "content": message["content"]})
            for call in message.get("tool_calls") or []:
                name, text = call["function"]["name"], call["function"]["arguments"]
                items.append(
                    {
                        "type": "function_call",
                        "call_id": call["id"],
                        "name": name,
                        "arguments": text,
                    }
                )
        else:
            items.append({"role": role, "content": message["content"]})
    return flat, items


# %% wrong (q21-to-responses-hidden-items): empty arguments become an empty object
def to_responses(tools, messages):
    flat = []
    for tool in tools:
        function = tool["function"]
        flat.append({"type": "function", **function, "strict": function.get("strict", False)})
    items = []
    for message in messages:
        role = message["role"]
        if role == "tool":
            call_id, text = message["tool_call_id"], message["content"]
            items.append({"type": "function_call_output", "call_id": call_id, "output": text})
        elif role == "assistant":
            if message.get("content"):
                items.append({"role": role, "content": message["content"]})
            for call in message.get("tool_calls") or []:
                name, text = call["function"]["name"], call["function"]["arguments"] or "{}"
                items.append(
                    {
                        "type": "function_call",
                        "call_id": call["id"],
                        "name": name,
                        "arguments": text,
                    }
                )
        else:
            items.append({"role": role, "content": message["content"]})
    return flat, items


# %% wrong (q21-to-responses-hidden-items): white space counts as empty
def to_responses(tools, messages):
    flat = []
    for tool in tools:
        function = tool["function"]
        flat.append({"type": "function", **function, "strict": function.get("strict", False)})
    items = []
    for message in messages:
        role = message["role"]
        if role == "tool":
            call_id, text = message["tool_call_id"], message["content"]
            items.append({"type": "function_call_output", "call_id": call_id, "output": text})
        elif role == "assistant":
            if (message.get("content") or "").strip():
                items.append({"role": role, "content": message["content"]})
            for call in message.get("tool_calls") or []:
                name, text = call["function"]["name"], call["function"]["arguments"]
                items.append(
                    {
                        "type": "function_call",
                        "call_id": call["id"],
                        "name": name,
                        "arguments": text,
                    }
                )
        else:
            items.append({"role": role, "content": message["content"]})
    return flat, items
