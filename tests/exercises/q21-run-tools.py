# %% right: a while loop, exceptions raised and caught in one place
import json


class Refused(Exception):
    pass


def run_tools(model, messages, registry, max_rounds):
    log = [*messages]
    rounds = 0
    while rounds < max_rounds:
        rounds += 1
        said = model(log[:])
        log = [*log, said]
        todo = said.get("tool_calls") or ()
        if len(todo) == 0:
            return log
        for call in todo:
            function = call["function"]
            try:
                tool = registry.get(function["name"])
                if tool is None:
                    raise Refused("no tool is called " + function["name"])
                given = json.loads(function["arguments"])
                if type(given) is not dict:
                    raise Refused("not an object")
                out = json.dumps(tool(**given), default=str, ensure_ascii=False, indent=1)
            except Exception as why:
                out = json.dumps({"error": f"{type(why).__name__}: {why}"})
            log.append({"content": out, "role": "tool", "tool_call_id": call["id"]})
    return log


# %% right: recursion
import json


def run_tools(model, messages, registry, max_rounds):
    if max_rounds == 0:
        return list(messages)
    reply = model(list(messages))
    calls = reply.get("tool_calls")
    if not calls:
        return [*messages, reply]
    results = [
        {"role": "tool", "tool_call_id": call["id"], "content": outcome(call["function"], registry)}
        for call in calls
    ]
    return run_tools(model, [*messages, reply, *results], registry, max_rounds - 1)


def outcome(function, registry):
    try:
        arguments = json.loads(function["arguments"])
    except ValueError:
        return '{"error": "bad JSON in the arguments of ' + function["name"] + '"}'
    if not isinstance(arguments, dict):
        return json.dumps({"error": f"the arguments of {function['name']} are no object"})
    try:
        tool = registry[function["name"]]
    except KeyError as error:
        return json.dumps({"error": f"no tool named {error}"})
    try:
        return json.dumps(tool(**arguments), default=str)
    except Exception as error:
        return json.dumps({"error": f"{error} ({type(error).__name__})"})


# %% right: copies of everything, a dict of outcomes first
import copy
import json


def run_tools(model, messages, registry, max_rounds):
    history = copy.deepcopy(messages)
    for _ in range(max_rounds):
        reply = copy.deepcopy(model(copy.deepcopy(history)))
        history.append(reply)
        calls = reply.get("tool_calls") or []
        outcomes = []
        for call in calls:
            name, text = call["function"]["name"], call["function"]["arguments"]
            error = None
            if name not in registry:
                error = f"{name}: unknown"
            else:
                try:
                    arguments = json.loads(text)
                    assert isinstance(arguments, dict), "no JSON object"
                    value = json.dumps(registry[name](**arguments), default=str)
                except Exception as problem:
                    error = "failed: " + str(problem)
            outcomes.append(value if error is None else json.dumps({"error": error}))
        for call, content in zip(calls, outcomes, strict=True):
            history.append(dict(role="tool", tool_call_id=call["id"], content=content))
        if not calls:
            break
    return history


# %% wrong (q21-run-tools-hidden-results): only the first call of a message
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"][:1]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-results): every result under the first call's id
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append(
                {"role": "tool", "tool_call_id": reply["tool_calls"][0]["id"], "content": text}
            )
    return history


# %% wrong (q21-run-tools-hidden-results): results before the message that asked for them
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        if not reply.get("tool_calls"):
            history.append(reply)
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
        history.append(reply)
    return history


# %% wrong (q21-run-tools-hidden-results): an extra key in the result
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append(
                {
                    "role": "tool",
                    "tool_call_id": call["id"],
                    "content": text,
                    "name": call["function"]["name"],
                }
            )
    return history


# %% wrong (q21-run-tools-hidden-results): calls sorted by tool
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in sorted(reply["tool_calls"], key=lambda c: c["function"]["name"]):
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-results): only one round of tools
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
        return [*history, model(list(history))]
    return history


# %% wrong (q21-run-tools-hidden-errors): reads arguments as Python
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = __import__("ast").literal_eval(function["arguments"])
        except (ValueError, SyntaxError) as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-errors): takes the empty text for no arguments
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"] or "{}")
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-errors): runs the tool with whatever counts as false
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"]) or {}
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-errors): falls back to builtins
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry and not hasattr(__import__("builtins"), name):
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(
                (registry.get(name) or getattr(__import__("builtins"), name))(**arguments),
                default=str,
            )
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-errors): stops at the first error of a message
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
            if '"error"' in text:
                break
    return history


# %% wrong (q21-run-tools-hidden-errors): ends the loop after an error
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        failed = False
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
            failed = failed or '"error"' in text
        if failed:
            break
    return history


# %% wrong (q21-run-tools-hidden-errors): does not say what the exception said
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception:
            return json.dumps({"error": "the tool failed"})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-errors): the error is bare text
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps(str(error) or repr(error))

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-errors): does not name the unknown tool
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": "unknown tool"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-errors): catches only what it expects of a tool raises
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except (KeyError, ValueError) as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-end): forgets the results of the last round
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for turn in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        if turn == max_rounds - 1:
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-end): one round more at the end, for an answer
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds + 1):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-end): takes text for the end
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if reply.get("content") or not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-end): counts calls instead of rounds as the end: goes on after an empty list
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if reply.get("tool_calls") is None:
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-end): without a limit
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(30):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-values): str instead of JSON
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return str(registry[name](**arguments))
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-values): texts without quotes
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            value = registry[name](**arguments)
            return value if isinstance(value, str) else json.dumps(value, default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-values): no default for what JSON does not know
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments))
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-values): what counts as false becomes an empty text
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments) or "", default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-values): json.dumps outside of the try raises
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            value = registry[name](**arguments)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})
        return json.dumps(value, default=str)

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-history): appends to the caller's list
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = messages
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-history): asks with the caller's messages each time
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(messages))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-history): writes the model's message anew
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append({k: reply[k] for k in ("role", "content", "tool_calls") if k in reply})
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-history): returns only what is new
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history[len(messages) :]


# %% wrong (q21-run-tools-hidden-history): reads the arguments into the model's own message
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
            function["arguments"] = arguments
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-history): the model sees only the last exchange
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history[-2:] if len(history) > len(messages) else history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-errors): only the first argument of the exception
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error.args[0])})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-errors): the exception's repr
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-errors): catches what wants to end the program
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except BaseException as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-errors): judges the arguments first
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        for call in reply["tool_calls"]:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history


# %% wrong (q21-run-tools-hidden-results): equal calls are run once
import json


def run_tools(model, messages, registry, max_rounds):
    def content(function):
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"unknown tool {name}"})
        try:
            arguments = json.loads(function["arguments"])
        except json.JSONDecodeError as error:
            return json.dumps({"error": f"bad JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments must be an object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": str(error) or repr(error)})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        if not reply.get("tool_calls"):
            break
        known = {}
        for call in reply["tool_calls"]:
            key = (call["function"]["name"], call["function"]["arguments"])
            if key not in known:
                known[key] = content(call["function"])
            text = known[key]
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history
