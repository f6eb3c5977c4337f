# %% right: exchanges as lists
def last_exchanges(messages, n=10):
    lead, exchanges = [], []
    started = False
    for m in messages:
        if m["role"] == "user":
            exchanges.append([m])
        elif exchanges:
            exchanges[-1].append(m)
        elif m["role"] in ("system", "developer") and not started:
            lead.append(m)
        started = started or m["role"] not in ("system", "developer")
    for exchange in exchanges[len(exchanges) - n :] if n < len(exchanges) else exchanges:
        lead.extend(exchange)
    return lead


# %% right: walks backwards and counts user messages
def last_exchanges(messages, n=10):
    start, seen = len(messages), 0
    for i in reversed(range(len(messages))):
        if seen == n:
            break
        if messages[i]["role"] == "user":
            seen += 1
            start = i
    lead = []
    for m in messages:
        if m["role"] not in {"system", "developer"}:
            break
        lead.append(m)
    return [*lead, *messages[start:]]


# %% right: pops in front of a copy
def last_exchanges(messages, n=10):
    rest = list(messages)
    lead = []
    while rest and rest[0]["role"] in ("developer", "system"):
        lead.append(rest.pop(0))
    while rest and (rest[0]["role"] != "user" or sum(m["role"] == "user" for m in rest) > n):
        rest.pop(0)
    return lead + rest


# %% wrong (q14-repair-hidden-system): the other two mended, the system prompt still lost
def last_exchanges(messages, n=10):
    starts = [i for i, m in enumerate(messages) if m["role"] == "user"]
    if n == 0 or not starts:
        return [m for m in messages if m["role"] in ("system", "developer")]
    return messages[starts[max(0, len(starts) - n)] :]


# %% wrong (q14-repair-hidden-system): only the very first message is looked at
def last_exchanges(messages, n=10):
    lead = messages[:1] if messages and messages[0]["role"] in ("system", "developer") else []
    starts = [i for i, m in enumerate(messages) if m["role"] == "user"]
    if n == 0 or not starts:
        return lead
    return lead + messages[starts[max(0, len(starts) - n)] :]


# %% wrong (q14-repair-hidden-system): system messages from everywhere are put in front
def last_exchanges(messages, n=10):
    settings = ("system", "developer")
    lead = [m for m in messages if m["role"] in settings]
    rest = [m for m in messages if m["role"] not in settings]
    starts = [i for i, m in enumerate(rest) if m["role"] == "user"]
    if n == 0 or not starts:
        return lead
    return lead + rest[starts[max(0, len(starts) - n)] :]


# %% wrong (q14-repair-hidden-system): no developer messages
def last_exchanges(messages, n=10):
    lead = []
    for m in messages:
        if m["role"] != "system":
            break
        lead.append(m)
    starts = [i for i, m in enumerate(messages) if m["role"] == "user"]
    if n == 0 or not starts:
        return lead
    return lead + messages[starts[max(0, len(starts) - n)] :]


# %% wrong (q14-repair-hidden-system): pops the system messages out of the caller's list
def last_exchanges(messages, n=10):
    lead = []
    while messages and messages[0]["role"] in ("system", "developer"):
        lead.append(messages.pop(0))
    starts = [i for i, m in enumerate(messages) if m["role"] == "user"]
    if n == 0 or not starts:
        return lead
    return lead + messages[starts[max(0, len(starts) - n)] :]


# %% wrong (q14-repair-hidden-exchanges): the other two mended, still two messages an exchange
def last_exchanges(messages, n=10):
    lead = 0
    while lead < len(messages) and messages[lead]["role"] in ("system", "developer"):
        lead += 1
    rest = messages[lead:]
    while rest and rest[0]["role"] != "user":
        rest = rest[1:]
    return messages[:lead] + (rest[-2 * n :] if n else [])


# %% wrong (q14-repair-hidden-exchanges): slices, then drops what does not begin with a user message
def last_exchanges(messages, n=10):
    lead = 0
    while lead < len(messages) and messages[lead]["role"] in ("system", "developer"):
        lead += 1
    rest = messages[lead:][-2 * n :] if n else []
    while rest and rest[0]["role"] != "user":
        rest = rest[1:]
    return messages[:lead] + rest


# %% wrong (q14-repair-hidden-exchanges): an open exchange does not count
def last_exchanges(messages, n=10):
    lead = 0
    while lead < len(messages) and messages[lead]["role"] in ("system", "developer"):
        lead += 1
    starts = [i for i, m in enumerate(messages) if m["role"] == "user"]
    if n == 0 or not starts:
        return messages[:lead]
    if messages[-1]["role"] == "user" and len(messages) > 2:
        n += 1
    return messages[:lead] + messages[starts[max(0, len(starts) - n)] :]


# %% wrong (q14-repair-hidden-exchanges): fewer exchanges than n raises
def last_exchanges(messages, n=10):
    lead = 0
    while lead < len(messages) and messages[lead]["role"] in ("system", "developer"):
        lead += 1
    starts = [i for i, m in enumerate(messages) if m["role"] == "user"]
    if n == 0 or not starts:
        return messages[:lead]
    return messages[:lead] + messages[starts[-n] :]


# %% wrong (q14-repair-hidden-edges): the other two mended, n = 0 keeps everything
def last_exchanges(messages, n=10):
    lead = 0
    while lead < len(messages) and messages[lead]["role"] in ("system", "developer"):
        lead += 1
    starts = [i for i, m in enumerate(messages) if m["role"] == "user"]
    kept = starts[-n:]
    return messages[:lead] + (messages[kept[0] :] if kept else [])


# %% wrong (q14-repair-hidden-edges): with too few exchanges the greeting comes along
def last_exchanges(messages, n=10):
    lead = 0
    while lead < len(messages) and messages[lead]["role"] in ("system", "developer"):
        lead += 1
    starts = [i for i, m in enumerate(messages) if m["role"] == "user"]
    if n == 0:
        return messages[:lead]
    if len(starts) < n:
        return list(messages)
    return messages[:lead] + messages[starts[len(starts) - n] :]


# %% wrong (q14-repair-hidden-edges): nothing at all with n = 0
def last_exchanges(messages, n=10):
    if n == 0:
        return []
    lead = 0
    while lead < len(messages) and messages[lead]["role"] in ("system", "developer"):
        lead += 1
    starts = [i for i, m in enumerate(messages) if m["role"] == "user"]
    if not starts:
        return messages[:lead]
    return messages[:lead] + messages[starts[max(0, len(starts) - n)] :]
