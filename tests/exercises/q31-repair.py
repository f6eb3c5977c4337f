# %% right: mended where the faults stand
import re


def read_action(text):
    name, given = (re.search(rf"{label}: *(.*)", text)[1].strip() for label in ("ACTION", "INPUT"))
    return name, given


def run_agent(model, tools, messages, max_steps):
    messages = list(messages)
    answer = None
    for _ in range(max_steps):
        response = model(messages)
        messages.append(response)
        if "ACTION:" in response["content"]:
            name, given = read_action(response["content"])
            try:
                result = tools[name](given)
            except Exception as error:
                result = f"ERROR: {error}"
            messages.append({"role": "user", "content": f"OBSERVATION: {result}"})
        elif "FINAL ANSWER:" in response["content"]:
            answer = response["content"].split("FINAL ANSWER:")[1].strip()
            break
        else:
            break
    return answer, messages


# %% right: recursion over the history
import re


def read_action(text):
    name, given = (re.search(rf"{label}: *(.*)", text)[1].strip() for label in ("ACTION", "INPUT"))
    return name, given


def run_agent(model, tools, messages, max_steps):
    if max_steps == 0:
        return None, list(messages)
    reply = model(messages)
    text = reply["content"]
    history = [*messages, reply]
    if "ACTION:" in text:
        name, given = read_action(text)
        if name in tools:
            try:
                result = tools[name](given)
            except Exception as e:
                result = "ERROR: " + repr(e)
        else:
            result = f"ERROR: no tool {name}"
        history.append({"role": "user", "content": "OBSERVATION: " + result})
        return run_agent(model, tools, history, max_steps - 1)
    _, label, answer = text.partition("FINAL ANSWER:")
    return (answer.strip() if label else None), history


# %% right: deep copies everywhere, a counter
import copy
import re


def read_action(text):
    name, given = (re.search(rf"{label}: *(.*)", text)[1].strip() for label in ("ACTION", "INPUT"))
    return name, given


def run_agent(model, tools, messages, max_steps):
    history = copy.deepcopy(messages)
    steps = 0
    while steps < max_steps:
        steps += 1
        message = model(copy.deepcopy(history))
        history += [message]
        content = message.get("content") or ""
        if "ACTION:" not in content:
            break
        name, given = read_action(content)
        observation = f"ERROR: unknown tool {name}; there are {list(tools)}"
        if name in tools:
            try:
                observation = tools[name](given)
            except Exception as error:
                observation = f"ERROR: {type(error).__name__}: {error}"
        history += [{"role": "user", "content": f"OBSERVATION: {observation}"}]
    else:
        return None, history
    if "FINAL ANSWER:" in content:
        return content[content.index("FINAL ANSWER:") + len("FINAL ANSWER:") :].strip(), history
    return None, history


# %% wrong (q31-repair-hidden-history): the model's own messages are not kept
import re


def read_action(text):
    name, given = (re.search(rf"{label}: *(.*)", text)[1].strip() for label in ("ACTION", "INPUT"))
    return name, given


def run_agent(model, tools, messages, max_steps):
    messages = list(messages)
    answer = None
    for _ in range(max_steps):
        response = model(messages)
        if "ACTION:" in response["content"]:
            name, given = read_action(response["content"])
            try:
                result = tools[name](given)
            except Exception as error:
                result = f"ERROR: {error}"
            messages.append({"role": "user", "content": f"OBSERVATION: {result}"})
        elif "FINAL ANSWER:" in response["content"]:
            answer = response["content"].split("FINAL ANSWER:")[1].strip()
            break
        else:
            break
    return answer, messages


# %% wrong (q31-repair-hidden-history): `in` still asks the message and not its text
import re


def read_action(text):
    name, given = (re.search(rf"{label}: *(.*)", text)[1].strip() for label in ("ACTION", "INPUT"))
    return name, given


def run_agent(model, tools, messages, max_steps):
    messages = list(messages)
    answer = None
    for _ in range(max_steps):
        response = model(messages)
        messages.append(response)
        if "ACTION:" in response:
            name, given = read_action(response["content"])
            try:
                result = tools[name](given)
            except Exception as error:
                result = f"ERROR: {error}"
            messages.append({"role": "user", "content": f"OBSERVATION: {result}"})
        elif "FINAL ANSWER:" in response:
            answer = response["content"].split("FINAL ANSWER:")[1].strip()
            break
    return answer, messages


# %% wrong (q31-repair-hidden-history): a message made anew from role and text
import re


def read_action(text):
    name, given = (re.search(rf"{label}: *(.*)", text)[1].strip() for label in ("ACTION", "INPUT"))
    return name, given


def run_agent(model, tools, messages, max_steps):
    messages = list(messages)
    answer = None
    for _ in range(max_steps):
        response = model(messages)
        messages.append({"role": "assistant", "content": response["content"]})
        if "ACTION:" in response["content"]:
            name, given = read_action(response["content"])
            try:
                result = tools[name](given)
            except Exception as error:
                result = f"ERROR: {error}"
            messages.append({"role": "user", "content": f"OBSERVATION: {result}"})
        elif "FINAL ANSWER:" in response["content"]:
            answer = response["content"].split("FINAL ANSWER:")[1].strip()
            break
        else:
            break
    return answer, messages


# %% wrong (q31-repair-hidden-history): the label stays in the answer
import re


def read_action(text):
    name, given = (re.search(rf"{label}: *(.*)", text)[1].strip() for label in ("ACTION", "INPUT"))
    return name, given


def run_agent(model, tools, messages, max_steps):
    messages = list(messages)
    answer = None
    for _ in range(max_steps):
        response = model(messages)
        messages.append(response)
        if "ACTION:" in response["content"]:
            name, given = read_action(response["content"])
            try:
                result = tools[name](given)
            except Exception as error:
                result = f"ERROR: {error}"
            messages.append({"role": "user", "content": f"OBSERVATION: {result}"})
        elif "FINAL ANSWER:" in response["content"]:
            answer = response["content"].strip()
            break
        else:
            break
    return answer, messages


# %% wrong (q31-repair-hidden-history): observations as messages of the assistant
import re


def read_action(text):
    name, given = (re.search(rf"{label}: *(.*)", text)[1].strip() for label in ("ACTION", "INPUT"))
    return name, given


def run_agent(model, tools, messages, max_steps):
    messages = list(messages)
    answer = None
    for _ in range(max_steps):
        response = model(messages)
        messages.append(response)
        if "ACTION:" in response["content"]:
            name, given = read_action(response["content"])
            try:
                result = tools[name](given)
            except Exception as error:
                result = f"ERROR: {error}"
            messages.append({"role": "assistant", "content": f"OBSERVATION: {result}"})
        elif "FINAL ANSWER:" in response["content"]:
            answer = response["content"].split("FINAL ANSWER:")[1].strip()
            break
        else:
            break
    return answer, messages


# %% wrong (q31-repair-hidden-ends): no limit
import re


def read_action(text):
    name, given = (re.search(rf"{label}: *(.*)", text)[1].strip() for label in ("ACTION", "INPUT"))
    return name, given


def run_agent(model, tools, messages, max_steps):
    messages = list(messages)
    answer = None
    while True:
        response = model(messages)
        messages.append(response)
        if "ACTION:" in response["content"]:
            name, given = read_action(response["content"])
            try:
                result = tools[name](given)
            except Exception as error:
                result = f"ERROR: {error}"
            messages.append({"role": "user", "content": f"OBSERVATION: {result}"})
        elif "FINAL ANSWER:" in response["content"]:
            answer = response["content"].split("FINAL ANSWER:")[1].strip()
            break
        else:
            break
    return answer, messages


# %% wrong (q31-repair-hidden-ends): one step too many
import re


def read_action(text):
    name, given = (re.search(rf"{label}: *(.*)", text)[1].strip() for label in ("ACTION", "INPUT"))
    return name, given


def run_agent(model, tools, messages, max_steps):
    messages = list(messages)
    answer = None
    for _ in range(max_steps + 1):
        response = model(messages)
        messages.append(response)
        if "ACTION:" in response["content"]:
            name, given = read_action(response["content"])
            try:
                result = tools[name](given)
            except Exception as error:
                result = f"ERROR: {error}"
            messages.append({"role": "user", "content": f"OBSERVATION: {result}"})
        elif "FINAL ANSWER:" in response["content"]:
            answer = response["content"].split("FINAL ANSWER:")[1].strip()
            break
        else:
            break
    return answer, messages


# %% wrong (q31-repair-hidden-ends): the answer wins over the action
import re


def read_action(text):
    name, given = (re.search(rf"{label}: *(.*)", text)[1].strip() for label in ("ACTION", "INPUT"))
    return name, given


def run_agent(model, tools, messages, max_steps):
    messages = list(messages)
    answer = None
    for _ in range(max_steps):
        response = model(messages)
        messages.append(response)
        if "ACTION:" in response["content"] and "FINAL ANSWER:" not in response["content"]:
            name, given = read_action(response["content"])
            try:
                result = tools[name](given)
            except Exception as error:
                result = f"ERROR: {error}"
            messages.append({"role": "user", "content": f"OBSERVATION: {result}"})
        elif "FINAL ANSWER:" in response["content"]:
            answer = response["content"].split("FINAL ANSWER:")[1].strip()
            break
        else:
            break
    return answer, messages


# %% wrong (q31-repair-hidden-ends): asks on when there is neither action nor answer
import re


def read_action(text):
    name, given = (re.search(rf"{label}: *(.*)", text)[1].strip() for label in ("ACTION", "INPUT"))
    return name, given


def run_agent(model, tools, messages, max_steps):
    messages = list(messages)
    answer = None
    for _ in range(max_steps):
        response = model(messages)
        messages.append(response)
        if "ACTION:" in response["content"]:
            name, given = read_action(response["content"])
            try:
                result = tools[name](given)
            except Exception as error:
                result = f"ERROR: {error}"
            messages.append({"role": "user", "content": f"OBSERVATION: {result}"})
        elif "FINAL ANSWER:" in response["content"]:
            answer = response["content"].split("FINAL ANSWER:")[1].strip()
            break
    return answer, messages


# %% wrong (q31-repair-hidden-ends): an empty answer becomes None
import re


def read_action(text):
    name, given = (re.search(rf"{label}: *(.*)", text)[1].strip() for label in ("ACTION", "INPUT"))
    return name, given


def run_agent(model, tools, messages, max_steps):
    messages = list(messages)
    answer = None
    for _ in range(max_steps):
        response = model(messages)
        messages.append(response)
        if "ACTION:" in response["content"]:
            name, given = read_action(response["content"])
            try:
                result = tools[name](given)
            except Exception as error:
                result = f"ERROR: {error}"
            messages.append({"role": "user", "content": f"OBSERVATION: {result}"})
        elif "FINAL ANSWER:" in response["content"]:
            answer = response["content"].split("FINAL ANSWER:")[1].strip()
            break
        else:
            break
    return answer or None, messages


# %% wrong (q31-repair-hidden-errors): a missing tool is caught, an error of a tool is not
import re


def read_action(text):
    name, given = (re.search(rf"{label}: *(.*)", text)[1].strip() for label in ("ACTION", "INPUT"))
    return name, given


def run_agent(model, tools, messages, max_steps):
    messages = list(messages)
    answer = None
    for _ in range(max_steps):
        response = model(messages)
        messages.append(response)
        if "ACTION:" in response["content"]:
            name, given = read_action(response["content"])
            try:
                result = tools[name](given)
            except KeyError as error:
                result = f"ERROR: {error}"
            messages.append({"role": "user", "content": f"OBSERVATION: {result}"})
        elif "FINAL ANSWER:" in response["content"]:
            answer = response["content"].split("FINAL ANSWER:")[1].strip()
            break
        else:
            break
    return answer, messages


# %% wrong (q31-repair-hidden-errors): asks whether the tool is there, and trusts it
import re


def read_action(text):
    name, given = (re.search(rf"{label}: *(.*)", text)[1].strip() for label in ("ACTION", "INPUT"))
    return name, given


def run_agent(model, tools, messages, max_steps):
    messages = list(messages)
    answer = None
    for _ in range(max_steps):
        response = model(messages)
        messages.append(response)
        if "ACTION:" in response["content"]:
            name, given = read_action(response["content"])
            result = tools[name](given) if name in tools else f"ERROR: no tool {name}"
            messages.append({"role": "user", "content": f"OBSERVATION: {result}"})
        elif "FINAL ANSWER:" in response["content"]:
            answer = response["content"].split("FINAL ANSWER:")[1].strip()
            break
        else:
            break
    return answer, messages


# %% wrong (q31-repair-hidden-errors): the error's text without ERROR:
import re


def read_action(text):
    name, given = (re.search(rf"{label}: *(.*)", text)[1].strip() for label in ("ACTION", "INPUT"))
    return name, given


def run_agent(model, tools, messages, max_steps):
    messages = list(messages)
    answer = None
    for _ in range(max_steps):
        response = model(messages)
        messages.append(response)
        if "ACTION:" in response["content"]:
            name, given = read_action(response["content"])
            try:
                result = tools[name](given)
            except Exception as error:
                result = f"{type(error).__name__}: {error}"
            messages.append({"role": "user", "content": f"OBSERVATION: {result}"})
        elif "FINAL ANSWER:" in response["content"]:
            answer = response["content"].split("FINAL ANSWER:")[1].strip()
            break
        else:
            break
    return answer, messages


# %% wrong (q31-repair-hidden-arguments): works on the list that it was given
import re


def read_action(text):
    name, given = (re.search(rf"{label}: *(.*)", text)[1].strip() for label in ("ACTION", "INPUT"))
    return name, given


def run_agent(model, tools, messages, max_steps):
    answer = None
    for _ in range(max_steps):
        response = model(messages)
        messages.append(response)
        if "ACTION:" in response["content"]:
            name, given = read_action(response["content"])
            try:
                result = tools[name](given)
            except Exception as error:
                result = f"ERROR: {error}"
            messages.append({"role": "user", "content": f"OBSERVATION: {result}"})
        elif "FINAL ANSWER:" in response["content"]:
            answer = response["content"].split("FINAL ANSWER:")[1].strip()
            break
        else:
            break
    return answer, messages


# %% wrong (q31-repair-hidden-errors): a list of exceptions
import re


def read_action(text):
    name, given = (re.search(rf"{label}: *(.*)", text)[1].strip() for label in ("ACTION", "INPUT"))
    return name, given


def run_agent(model, tools, messages, max_steps):
    messages = list(messages)
    answer = None
    for _ in range(max_steps):
        response = model(messages)
        messages.append(response)
        if "ACTION:" in response["content"]:
            name, given = read_action(response["content"])
            try:
                result = tools[name](given)
            except (KeyError, ValueError, TypeError, ArithmeticError, RuntimeError) as error:
                result = f"ERROR: {error}"
            messages.append({"role": "user", "content": f"OBSERVATION: {result}"})
        elif "FINAL ANSWER:" in response["content"]:
            answer = response["content"].split("FINAL ANSWER:")[1].strip()
            break
        else:
            break
    return answer, messages


# %% wrong (q31-repair-hidden-errors): an error of the model is observed too
import re


def read_action(text):
    name, given = (re.search(rf"{label}: *(.*)", text)[1].strip() for label in ("ACTION", "INPUT"))
    return name, given


def run_agent(model, tools, messages, max_steps):
    messages = list(messages)
    answer = None
    for _ in range(max_steps):
        try:
            response = model(messages)
        except Exception as error:
            messages.append({"role": "user", "content": f"OBSERVATION: ERROR: {error}"})
            continue
        messages.append(response)
        if "ACTION:" in response["content"]:
            name, given = read_action(response["content"])
            try:
                result = tools[name](given)
            except Exception as error:
                result = f"ERROR: {error}"
            messages.append({"role": "user", "content": f"OBSERVATION: {result}"})
        elif "FINAL ANSWER:" in response["content"]:
            answer = response["content"].split("FINAL ANSWER:")[1].strip()
            break
        else:
            break
    return answer, messages
