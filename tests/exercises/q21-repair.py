# %% right: a list that grows, recursion-free, names of its own
import json


def answer(model, messages, registry):
    talk = [dict(m) for m in messages]
    first = model(talk)
    calls = first.get("tool_calls") or []
    if calls == []:
        return first["content"]
    talk = talk + [first]
    for c in calls:
        f = c["function"]
        value = registry[f["name"]](**json.loads(f["arguments"]))
        talk = talk + [{"role": "tool", "tool_call_id": c["id"], "content": str(value)}]
    second = model(talk)
    return second["content"]


# %% right: results in a comprehension
import json


def answer(model, messages, registry):
    def run(call):
        function = call["function"]
        result = registry[function["name"]](**json.loads(function["arguments"]))
        return {"role": "tool", "content": str(result), "tool_call_id": call["id"]}

    reply = model(messages[:])
    if reply.get("tool_calls"):
        reply = model([*messages, reply, *[run(call) for call in reply["tool_calls"]]])
    return reply["content"]


# %% right: a loop of two rounds
import copy
import json


def answer(model, messages, registry):
    history = copy.deepcopy(messages)
    for turn in range(2):
        reply = model(history)
        calls = reply.get("tool_calls")
        if turn == 1 or not calls:
            return reply["content"]
        history.append(copy.deepcopy(reply))
        for call in calls:
            value = registry[call["function"]["name"]](**json.loads(call["function"]["arguments"]))
            history.append({"role": "tool", "tool_call_id": call["id"], "content": f"{value}"})


# %% wrong (q21-repair-hidden-calls): still only the first call
import json


def answer(model, messages, registry):
    reply = model(list(messages))
    if not reply.get("tool_calls"):
        return reply["content"]
    call = reply["tool_calls"][0]
    value = registry[call["function"]["name"]](**json.loads(call["function"]["arguments"]))
    result = {"role": "tool", "tool_call_id": call["id"], "content": str(value)}
    return model([*messages, reply, result])["content"]


# %% wrong (q21-repair-hidden-calls): all results under the first call's id
import json


def answer(model, messages, registry):
    reply = model(list(messages))
    if not reply.get("tool_calls"):
        return reply["content"]
    history = [*messages, reply]
    for call in reply["tool_calls"]:
        value = registry[call["function"]["name"]](**json.loads(call["function"]["arguments"]))
        first = reply["tool_calls"][0]["id"]
        history.append({"role": "tool", "tool_call_id": first, "content": str(value)})
    return model(history)["content"]


# %% wrong (q21-repair-hidden-calls): the last call first
import json


def answer(model, messages, registry):
    reply = model(list(messages))
    if not reply.get("tool_calls"):
        return reply["content"]
    history, calls = [*messages, reply], list(reply["tool_calls"])
    while calls:
        call = calls.pop()
        value = registry[call["function"]["name"]](**json.loads(call["function"]["arguments"]))
        history.append({"role": "tool", "tool_call_id": call["id"], "content": str(value)})
    return model(history)["content"]


# %% wrong (q21-repair-hidden-calls): a result is not text
import json


def answer(model, messages, registry):
    reply = model(list(messages))
    if not reply.get("tool_calls"):
        return reply["content"]
    history = [*messages, reply]
    for call in reply["tool_calls"]:
        value = registry[call["function"]["name"]](**json.loads(call["function"]["arguments"]))
        history.append({"role": "tool", "tool_call_id": call["id"], "content": value})
    return model(history)["content"]


# %% wrong (q21-repair-hidden-history): the model's own message is left out
import json


def answer(model, messages, registry):
    reply = model(list(messages))
    if not reply.get("tool_calls"):
        return reply["content"]
    history = list(messages)
    for call in reply["tool_calls"]:
        value = registry[call["function"]["name"]](**json.loads(call["function"]["arguments"]))
        history.append({"role": "tool", "tool_call_id": call["id"], "content": str(value)})
    return model(history)["content"]


# %% wrong (q21-repair-hidden-history): the model's message comes behind its results
import json


def answer(model, messages, registry):
    reply = model(list(messages))
    if not reply.get("tool_calls"):
        return reply["content"]
    history = list(messages)
    for call in reply["tool_calls"]:
        value = registry[call["function"]["name"]](**json.loads(call["function"]["arguments"]))
        history.append({"role": "tool", "tool_call_id": call["id"], "content": str(value)})
    history.append(reply)
    return model(history)["content"]


# %% wrong (q21-repair-hidden-history): writes the model's message anew, without what it does not know
import json


def answer(model, messages, registry):
    reply = model(list(messages))
    if not reply.get("tool_calls"):
        return reply["content"]
    own = {"role": "assistant", "content": reply["content"], "tool_calls": reply["tool_calls"]}
    history = [*messages, own]
    for call in reply["tool_calls"]:
        value = registry[call["function"]["name"]](**json.loads(call["function"]["arguments"]))
        history.append({"role": "tool", "tool_call_id": call["id"], "content": str(value)})
    return model(history)["content"]


# %% wrong (q21-repair-hidden-history): appends to the caller's list
import json


def answer(model, messages, registry):
    reply = model(messages)
    if not reply.get("tool_calls"):
        return reply["content"]
    messages.append(reply)
    for call in reply["tool_calls"]:
        value = registry[call["function"]["name"]](**json.loads(call["function"]["arguments"]))
        messages.append({"role": "tool", "tool_call_id": call["id"], "content": str(value)})
    return model(messages)["content"]


# %% wrong (q21-repair-hidden-answer): returns the first message's content
import json


def answer(model, messages, registry):
    reply = model(list(messages))
    if not reply.get("tool_calls"):
        return reply["content"]
    history = [*messages, reply]
    for call in reply["tool_calls"]:
        value = registry[call["function"]["name"]](**json.loads(call["function"]["arguments"]))
        history.append({"role": "tool", "tool_call_id": call["id"], "content": str(value)})
    model(history)
    return reply["content"]


# %% wrong (q21-repair-hidden-answer): takes content for the end, calls or not
import json


def answer(model, messages, registry):
    reply = model(list(messages))
    if reply["content"] or not reply.get("tool_calls"):
        return reply["content"]
    history = [*messages, reply]
    for call in reply["tool_calls"]:
        value = registry[call["function"]["name"]](**json.loads(call["function"]["arguments"]))
        history.append({"role": "tool", "tool_call_id": call["id"], "content": str(value)})
    return model(history)["content"]


# %% wrong (q21-repair-hidden-answer): goes on for as long as there are calls
import json


def answer(model, messages, registry):
    history = list(messages)
    for _ in range(9):
        reply = model(list(history))
        if not reply.get("tool_calls"):
            break
        history.append(reply)
        for call in reply["tool_calls"]:
            value = registry[call["function"]["name"]](**json.loads(call["function"]["arguments"]))
            history.append({"role": "tool", "tool_call_id": call["id"], "content": str(value)})
    return reply["content"]


# %% wrong (q21-repair-hidden-answer): asks a second time in any case
import json


def answer(model, messages, registry):
    reply = model(list(messages))
    history = [*messages, reply]
    for call in reply.get("tool_calls") or []:
        value = registry[call["function"]["name"]](**json.loads(call["function"]["arguments"]))
        history.append({"role": "tool", "tool_call_id": call["id"], "content": str(value)})
    return model(history)["content"]


# %% wrong (q21-repair-hidden-calls): JSON instead of str
import json


def answer(model, messages, registry):
    reply = model(list(messages))
    if not reply.get("tool_calls"):
        return reply["content"]
    history = [*messages, reply]
    for call in reply["tool_calls"]:
        value = registry[call["function"]["name"]](**json.loads(call["function"]["arguments"]))
        history.append({"role": "tool", "tool_call_id": call["id"], "content": json.dumps(value)})
    return model(history)["content"]


# %% wrong (q21-repair-hidden-calls): None becomes an empty text
import json


def answer(model, messages, registry):
    reply = model(list(messages))
    if not reply.get("tool_calls"):
        return reply["content"]
    history = [*messages, reply]
    for call in reply["tool_calls"]:
        value = registry[call["function"]["name"]](**json.loads(call["function"]["arguments"]))
        history.append({"role": "tool", "tool_call_id": call["id"], "content": str(value or "")})
    return model(history)["content"]


# %% wrong (q21-repair-hidden-history): drops the text beside the calls
import json


def answer(model, messages, registry):
    reply = model(list(messages))
    if not reply.get("tool_calls"):
        return reply["content"]
    history = [*messages, reply | {"content": None}]
    for call in reply["tool_calls"]:
        value = registry[call["function"]["name"]](**json.loads(call["function"]["arguments"]))
        history.append({"role": "tool", "tool_call_id": call["id"], "content": str(value)})
    return model(history)["content"]


# %% wrong (q21-repair-hidden-answer): falls back to the first message's content
import json


def answer(model, messages, registry):
    reply = model(list(messages))
    if not reply.get("tool_calls"):
        return reply["content"]
    history = [*messages, reply]
    for call in reply["tool_calls"]:
        value = registry[call["function"]["name"]](**json.loads(call["function"]["arguments"]))
        history.append({"role": "tool", "tool_call_id": call["id"], "content": str(value)})
    return model(history)["content"] or reply["content"]
