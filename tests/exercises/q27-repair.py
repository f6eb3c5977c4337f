# %% right: three parts
def build_messages(system, history, user):
    kept = []
    for message in history:
        if message["role"] in {"user", "assistant"}:
            kept.append({"role": message["role"], "content": message["content"]})
    first = {"role": "system", "content": system}
    last = {"role": "user", "content": user}
    return [first] + kept + [last]


# %% right: roles and contents apart
def build_messages(system, history, user):
    pairs = [("system", system)]
    pairs += [(m["role"], m["content"]) for m in history if m["role"] in ("user", "assistant")]
    pairs.append(("user", user))
    return [dict(role=role, content=content) for role, content in pairs]


# %% right: copies, then takes away
import copy


def build_messages(system, history, user):
    messages = copy.deepcopy(history)
    messages = [m for m in messages if m["role"] == "user" or m["role"] == "assistant"]
    for m in messages:
        for key in [k for k in m if k not in ("role", "content")]:
            del m[key]
    messages.insert(0, {"role": "system", "content": system})
    messages.append({"role": "user", "content": user})
    return messages


# %% wrong (q27-repair-hidden-today): a system message in front is kept
def build_messages(system, history, user):
    messages = [
        {"role": m["role"], "content": m["content"]}
        for i, m in enumerate(history)
        if m["role"] in ("user", "assistant") or (i == 0 and m["role"] == "system")
    ]
    if not messages or messages[0]["role"] != "system":
        messages.insert(0, {"role": "system", "content": system})
    return [*messages, {"role": "user", "content": user}]


# %% wrong (q27-repair-hidden-today): today's system message is put in front of yesterday's
def build_messages(system, history, user):
    messages = [{"role": "system", "content": system}]
    messages += [{"role": m["role"], "content": m["content"]} for m in history]
    return [*messages, {"role": "user", "content": user}]


# %% wrong (q27-repair-hidden-roles): only a first system message is replaced
def build_messages(system, history, user):
    talk = history[1:] if history and history[0]["role"] == "system" else history
    talk = [{"role": m["role"], "content": m["content"]} for m in talk]
    return [{"role": "system", "content": system}, *talk, {"role": "user", "content": user}]


# %% wrong (q27-repair-hidden-roles): keeps out system, and lets developer and tool through
def build_messages(system, history, user):
    talk = [{"role": m["role"], "content": m["content"]} for m in history if m["role"] != "system"]
    return [{"role": "system", "content": system}, *talk, {"role": "user", "content": user}]


# %% wrong (q27-repair-hidden-roles): roles that look alike are let through
def build_messages(system, history, user):
    talk = [
        {"role": m["role"].strip().lower(), "content": m["content"]}
        for m in history
        if m["role"].strip().lower() in ("user", "assistant")
    ]
    return [{"role": "system", "content": system}, *talk, {"role": "user", "content": user}]


# %% wrong (q27-repair-hidden-keys): the dicts of the history as they are
def build_messages(system, history, user):
    talk = [m for m in history if m["role"] in ("user", "assistant")]
    return [{"role": "system", "content": system}, *talk, {"role": "user", "content": user}]


# %% wrong (q27-repair-hidden-keys): messages with an empty text are left out
def build_messages(system, history, user):
    talk = [
        {"role": m["role"], "content": m["content"]}
        for m in history
        if m["role"] in ("user", "assistant") and m["content"]
    ]
    return [{"role": "system", "content": system}, *talk, {"role": "user", "content": user}]


# %% wrong (q27-repair-hidden-unchanged): mends the list that was handed in
def build_messages(system, history, user):
    history[:] = [
        {"role": m["role"], "content": m["content"]}
        for m in history
        if m["role"] in ("user", "assistant")
    ]
    history.insert(0, {"role": "system", "content": system})
    history.append({"role": "user", "content": user})
    return history


# %% wrong (q27-repair-hidden-unchanged): takes the keys out of the messages that were handed in
def build_messages(system, history, user):
    talk = [m for m in history if m["role"] in ("user", "assistant")]
    for m in talk:
        for key in [k for k in m if k not in ("role", "content")]:
            m.pop(key)
    return [{"role": "system", "content": system}, *talk, {"role": "user", "content": user}]


# %% wrong (q27-repair-hidden-unchanged): a list that all calls share
def build_messages(system, history, user, messages=[]):
    messages.append({"role": "system", "content": system})
    messages += [
        {"role": m["role"], "content": m["content"]}
        for m in history
        if m["role"] in ("user", "assistant")
    ]
    messages.append({"role": "user", "content": user})
    return messages


# %% wrong (q27-repair-hidden-unchanged): one list for all calls, filled anew
OUT = []


def build_messages(system, history, user):
    talk = [
        {"role": m["role"], "content": m["content"]}
        for m in history
        if m["role"] in ("user", "assistant")
    ]
    OUT[:] = [{"role": "system", "content": system}, *talk, {"role": "user", "content": user}]
    return OUT


# %% wrong (q27-repair-hidden-unchanged): one system message for all calls, overwritten
HEAD = {"role": "system", "content": ""}


def build_messages(system, history, user):
    talk = [
        {"role": m["role"], "content": m["content"]}
        for m in history
        if m["role"] in ("user", "assistant")
    ]
    HEAD["content"] = system
    return [HEAD, *talk, {"role": "user", "content": user}]


# %% wrong (q27-repair-hidden-roles): roles in any case
def build_messages(system, history, user):
    talk = [
        {"role": m["role"], "content": m["content"]}
        for m in history
        if m["role"].lower() in ("user", "assistant")
    ]
    return [{"role": "system", "content": system}, *talk, {"role": "user", "content": user}]


# %% wrong (q27-repair-hidden-roles): roles with spaces around them
def build_messages(system, history, user):
    talk = [
        {"role": m["role"].strip(), "content": m["content"]}
        for m in history
        if m["role"].strip() in ("user", "assistant")
    ]
    return [{"role": "system", "content": system}, *talk, {"role": "user", "content": user}]


# %% wrong (q27-repair-hidden-keys): contents without the spaces at their ends
def build_messages(system, history, user):
    talk = [
        {"role": m["role"], "content": m["content"]}
        for m in history
        if m["role"] in ("user", "assistant")
    ]
    return [
        {"role": "system", "content": system.strip()},
        *talk,
        {"role": "user", "content": user.strip()},
    ]


# %% wrong (q27-repair-hidden-keys): contents made into texts
def build_messages(system, history, user):
    talk = [
        {"role": m["role"], "content": str(m["content"])}
        for m in history
        if m["role"] in ("user", "assistant")
    ]
    return [{"role": "system", "content": system}, *talk, {"role": "user", "content": user}]


# %% wrong (q27-repair-hidden-keys): what the user says again is left out
def build_messages(system, history, user):
    talk = [
        {"role": m["role"], "content": m["content"]}
        for m in history
        if m["role"] in ("user", "assistant")
    ]
    if talk and talk[-1] == {"role": "user", "content": user}:
        talk.pop()
    return [{"role": "system", "content": system}, *talk, {"role": "user", "content": user}]
