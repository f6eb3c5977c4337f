# %% right: units as lists, then glued together
def trim_messages(messages, budget, count):
    def setting(m):
        return m["role"] in ("system", "developer")

    rest = list(messages)
    lead = []
    while rest and setting(rest[0]):
        lead.append(rest.pop(0))
    last = max((i for i, m in enumerate(rest) if m["role"] == "user"), default=len(rest))
    end = rest[last:]
    units = []
    for m in rest[:last]:
        if m["role"] == "tool":
            units[-1].append(m)
        else:
            units.append([m])
    left = budget - sum(count(m) for m in lead + end)
    if left < 0:
        raise ValueError("the budget is too small")
    kept = []
    for unit in reversed(units):
        price = sum(count(m) for m in unit)
        if price > left:
            break
        left -= price
        kept.insert(0, unit)
    if end:
        seen = False
        valid = []
        for unit in kept:
            seen = seen or unit[0]["role"] == "user"
            if seen or setting(unit[0]):
                valid.append(unit)
        kept = valid
    return lead + [m for unit in kept for m in unit] + end


# %% right: tries every cut, from the oldest on
def trim_messages(messages, budget, count):
    settings = {"system", "developer"}
    sizes = [count(m) for m in messages]
    lead = next((i for i, m in enumerate(messages) if m["role"] not in settings), len(messages))
    users = [i for i in range(len(messages)) if messages[i]["role"] == "user"]
    last = users[-1] if users else len(messages)
    fixed = sum(sizes[:lead]) + sum(sizes[last:])
    if fixed > budget:
        raise ValueError(f"{budget} tokens are too few")
    for cut in range(lead, last + 1):
        inside = cut < last and messages[cut]["role"] == "tool"
        if not inside and fixed + sum(sizes[cut:last]) <= budget:
            break
    out = list(messages[:lead])
    waiting = bool(users)
    for i in range(cut, len(messages)):
        role = messages[i]["role"]
        waiting = waiting and role != "user"
        if not waiting or role in settings:
            out.append(messages[i])
    return out


# %% right: walks backwards once, collecting what has to wait for its call
def trim_messages(messages, budget, count):
    from itertools import dropwhile, takewhile

    lead = list(takewhile(lambda m: m["role"] in ("system", "developer"), messages))
    body = messages[len(lead) :]
    spent = sum(map(count, lead))
    has_user = any(m["role"] == "user" for m in body)
    must, out, unit = has_user, [], []
    for m in reversed(body):
        unit = [m, *unit]
        if m["role"] == "tool":
            continue
        cost = sum(map(count, unit))
        if not must and spent + cost > budget:
            break
        spent += cost
        out = unit + out
        unit = []
        if m["role"] == "user":
            must = False
    if spent > budget:
        raise ValueError("what must be kept does not fit")
    if has_user:
        head = [m["role"] for m in out].index("user")
        between = [m for m in out[:head] if m["role"] in ("system", "developer")]
        out = between + list(dropwhile(lambda m: m["role"] != "user", out))
    return lead + out


# %% wrong (q14-trim-hidden-always): only one system message is kept
def trim_messages(messages, budget, count):
    lead = 1 if messages and messages[0]["role"] in ("system", "developer") else 0
    users = [i for i, m in enumerate(messages) if m["role"] == "user"]
    last = users[-1] if users else len(messages)
    cost = sum(count(m) for m in messages[:lead] + messages[last:])
    if cost > budget:
        raise ValueError("too small")
    kept = last
    while kept > lead:
        start = kept - 1
        while messages[start]["role"] == "tool":
            start -= 1
        cost += sum(count(m) for m in messages[start:kept])
        if cost > budget:
            break
        kept = start
    between = messages[kept:last]
    if users:
        while between and between[0]["role"] != "user":
            between = between[1:]
    return messages[:lead] + between + messages[last:]


# %% wrong (q14-trim-hidden-always): developer messages are not known
def trim_messages(messages, budget, count):
    lead = 0
    while lead < len(messages) and messages[lead]["role"] == "system":
        lead += 1
    users = [i for i, m in enumerate(messages) if m["role"] == "user"]
    last = users[-1] if users else len(messages)
    cost = sum(count(m) for m in messages[:lead] + messages[last:])
    if cost > budget:
        raise ValueError("too small")
    kept = last
    while kept > lead:
        start = kept - 1
        while messages[start]["role"] == "tool":
            start -= 1
        cost += sum(count(m) for m in messages[start:kept])
        if cost > budget:
            break
        kept = start
    between = messages[kept:last]
    if users:
        turns = [i for i, m in enumerate(between) if m["role"] == "user"]
        first = turns[0] if turns else len(between)
        between = [m for m in between[:first] if m["role"] == "system"] + between[first:]
    return messages[:lead] + between + messages[last:]


# %% wrong (q14-trim-hidden-always): a budget that is too small sends what must be kept all the same
def trim_messages(messages, budget, count):
    settings = ("system", "developer")
    lead = 0
    while lead < len(messages) and messages[lead]["role"] in settings:
        lead += 1
    users = [i for i, m in enumerate(messages) if m["role"] == "user"]
    last = users[-1] if users else len(messages)
    cost = sum(count(m) for m in messages[:lead] + messages[last:])
    kept = last
    while kept > lead:
        start = kept - 1
        while messages[start]["role"] == "tool":
            start -= 1
        cost += sum(count(m) for m in messages[start:kept])
        if cost > budget:
            break
        kept = start
    between = messages[kept:last]
    if users:
        turns = [i for i, m in enumerate(between) if m["role"] == "user"]
        first = turns[0] if turns else len(between)
        between = [m for m in between[:first] if m["role"] in settings] + between[first:]
    return messages[:lead] + between + messages[last:]


# %% wrong (q14-trim-hidden-always): the last message must be kept, not the last user message
def trim_messages(messages, budget, count):
    settings = ("system", "developer")
    lead = 0
    while lead < len(messages) and messages[lead]["role"] in settings:
        lead += 1
    left = budget - sum(count(m) for m in messages[:lead])
    if left < 0:
        raise ValueError("too small")
    units = []
    for m in messages[lead:]:
        if m["role"] == "tool":
            units[-1].append(m)
        else:
            units.append([m])
    kept = []
    for unit in reversed(units):
        price = sum(count(m) for m in unit)
        if price > left:
            break
        left -= price
        kept.insert(0, unit)
    has_user = any(m["role"] == "user" for m in messages)
    while has_user and kept and kept[0][0]["role"] == "assistant":
        kept.pop(0)
    return messages[:lead] + [m for unit in kept for m in unit]


# %% wrong (q14-trim-hidden-suffix): counts characters, a quarter of a token each
def trim_messages(messages, budget, count):
    count = (lambda f: lambda m: 1 if f(m) == 1 else len(m["content"] or "") // 4 + 1)(count)
    settings = ("system", "developer")
    lead = 0
    while lead < len(messages) and messages[lead]["role"] in settings:
        lead += 1
    users = [i for i, m in enumerate(messages) if m["role"] == "user"]
    last = users[-1] if users else len(messages)
    cost = sum(count(m) for m in messages[:lead] + messages[last:])
    if cost > budget:
        raise ValueError("too small")
    kept = last
    while kept > lead:
        start = kept - 1
        while messages[start]["role"] == "tool":
            start -= 1
        cost += sum(count(m) for m in messages[start:kept])
        if cost > budget:
            break
        kept = start
    between = messages[kept:last]
    if users:
        turns = [i for i, m in enumerate(between) if m["role"] == "user"]
        first = turns[0] if turns else len(between)
        between = [m for m in between[:first] if m["role"] in settings] + between[first:]
    return messages[:lead] + between + messages[last:]


# %% wrong (q14-trim-hidden-suffix): the budget must not be reached
def trim_messages(messages, budget, count):
    settings = ("system", "developer")
    lead = 0
    while lead < len(messages) and messages[lead]["role"] in settings:
        lead += 1
    users = [i for i, m in enumerate(messages) if m["role"] == "user"]
    last = users[-1] if users else len(messages)
    cost = sum(count(m) for m in messages[:lead] + messages[last:])
    if cost > budget:
        raise ValueError("too small")
    kept = last
    while kept > lead:
        start = kept - 1
        while messages[start]["role"] == "tool":
            start -= 1
        cost += sum(count(m) for m in messages[start:kept])
        if cost >= budget:
            break
        kept = start
    between = messages[kept:last]
    if users:
        turns = [i for i, m in enumerate(between) if m["role"] == "user"]
        first = turns[0] if turns else len(between)
        between = [m for m in between[:first] if m["role"] in settings] + between[first:]
    return messages[:lead] + between + messages[last:]


# %% wrong (q14-trim-hidden-suffix): skips what does not fit and goes on to older, smaller units
def trim_messages(messages, budget, count):
    settings = ("system", "developer")
    lead = 0
    while lead < len(messages) and messages[lead]["role"] in settings:
        lead += 1
    users = [i for i, m in enumerate(messages) if m["role"] == "user"]
    last = users[-1] if users else len(messages)
    left = budget - sum(count(m) for m in messages[:lead] + messages[last:])
    if left < 0:
        raise ValueError("too small")
    units = []
    for m in messages[lead:last]:
        if m["role"] == "tool":
            units[-1].append(m)
        else:
            units.append([m])
    kept = []
    for unit in reversed(units):
        price = sum(count(m) for m in unit)
        if price <= left:
            left -= price
            kept.insert(0, unit)
    between = [m for unit in kept for m in unit]
    if users:
        turns = [i for i, m in enumerate(between) if m["role"] == "user"]
        first = turns[0] if turns else len(between)
        between = [m for m in between[:first] if m["role"] in settings] + between[first:]
    return messages[:lead] + between + messages[last:]


# %% wrong (q14-trim-hidden-suffix): the system prompt is not counted
def trim_messages(messages, budget, count):
    settings = ("system", "developer")
    lead = 0
    while lead < len(messages) and messages[lead]["role"] in settings:
        lead += 1
    users = [i for i, m in enumerate(messages) if m["role"] == "user"]
    last = users[-1] if users else len(messages)
    cost = sum(count(m) for m in messages[last:])
    if cost + sum(count(m) for m in messages[:lead]) > budget:
        raise ValueError("too small")
    kept = last
    while kept > lead:
        start = kept - 1
        while messages[start]["role"] == "tool":
            start -= 1
        cost += sum(count(m) for m in messages[start:kept])
        if cost > budget:
            break
        kept = start
    between = messages[kept:last]
    if users:
        turns = [i for i, m in enumerate(between) if m["role"] == "user"]
        first = turns[0] if turns else len(between)
        between = [m for m in between[:first] if m["role"] in settings] + between[first:]
    return messages[:lead] + between + messages[last:]


# %% wrong (q14-trim-hidden-tools): every message is a unit of its own
def trim_messages(messages, budget, count):
    settings = ("system", "developer")
    lead = 0
    while lead < len(messages) and messages[lead]["role"] in settings:
        lead += 1
    users = [i for i, m in enumerate(messages) if m["role"] == "user"]
    last = users[-1] if users else len(messages)
    cost = sum(count(m) for m in messages[:lead] + messages[last:])
    if cost > budget:
        raise ValueError("too small")
    kept = last
    while kept > lead and cost + count(messages[kept - 1]) <= budget:
        kept -= 1
        cost += count(messages[kept])
    between = messages[kept:last]
    while users and between and between[0]["role"] == "assistant":
        between = between[1:]
    return messages[:lead] + between + messages[last:]


# %% wrong (q14-trim-hidden-tools): a call is kept with only one of its results
def trim_messages(messages, budget, count):
    settings = ("system", "developer")
    lead = 0
    while lead < len(messages) and messages[lead]["role"] in settings:
        lead += 1
    users = [i for i, m in enumerate(messages) if m["role"] == "user"]
    last = users[-1] if users else len(messages)
    cost = sum(count(m) for m in messages[:lead] + messages[last:])
    if cost > budget:
        raise ValueError("too small")
    kept = last
    while kept > lead:
        start = kept - 1
        if messages[start]["role"] == "tool":
            start -= 1
        cost += sum(count(m) for m in messages[start:kept])
        if cost > budget:
            break
        kept = start
    between = messages[kept:last]
    if users:
        turns = [i for i, m in enumerate(between) if m["role"] == "user"]
        first = turns[0] if turns else len(between)
        between = [m for m in between[:first] if m["role"] in settings] + between[first:]
    return messages[:lead] + between + messages[last:]


# %% wrong (q14-trim-hidden-tools): the price of a unit is that of its call
def trim_messages(messages, budget, count):
    settings = ("system", "developer")
    lead = 0
    while lead < len(messages) and messages[lead]["role"] in settings:
        lead += 1
    users = [i for i, m in enumerate(messages) if m["role"] == "user"]
    last = users[-1] if users else len(messages)
    cost = sum(count(m) for m in messages[:lead] + messages[last:])
    if cost > budget:
        raise ValueError("too small")
    kept = last
    while kept > lead:
        start = kept - 1
        while messages[start]["role"] == "tool":
            start -= 1
        cost += count(messages[start])
        if cost > budget:
            break
        kept = start
    between = messages[kept:last]
    if users:
        turns = [i for i, m in enumerate(between) if m["role"] == "user"]
        first = turns[0] if turns else len(between)
        between = [m for m in between[:first] if m["role"] in settings] + between[first:]
    return messages[:lead] + between + messages[last:]


# %% wrong (q14-trim-hidden-front): an assistant's message may come first
def trim_messages(messages, budget, count):
    settings = ("system", "developer")
    lead = 0
    while lead < len(messages) and messages[lead]["role"] in settings:
        lead += 1
    users = [i for i, m in enumerate(messages) if m["role"] == "user"]
    last = users[-1] if users else len(messages)
    cost = sum(count(m) for m in messages[:lead] + messages[last:])
    if cost > budget:
        raise ValueError("too small")
    kept = last
    while kept > lead:
        start = kept - 1
        while messages[start]["role"] == "tool":
            start -= 1
        cost += sum(count(m) for m in messages[start:kept])
        if cost > budget:
            break
        kept = start
    return messages[:lead] + messages[kept:]


# %% wrong (q14-trim-hidden-front): everything before the first user message goes, system messages too
def trim_messages(messages, budget, count):
    settings = ("system", "developer")
    lead = 0
    while lead < len(messages) and messages[lead]["role"] in settings:
        lead += 1
    users = [i for i, m in enumerate(messages) if m["role"] == "user"]
    last = users[-1] if users else len(messages)
    cost = sum(count(m) for m in messages[:lead] + messages[last:])
    if cost > budget:
        raise ValueError("too small")
    kept = last
    while kept > lead:
        start = kept - 1
        while messages[start]["role"] == "tool":
            start -= 1
        cost += sum(count(m) for m in messages[start:kept])
        if cost > budget:
            break
        kept = start
    while users and messages[kept]["role"] != "user":
        kept += 1
    return messages[:lead] + messages[kept:]


# %% wrong (q14-trim-hidden-front): every system message is kept, wherever it stands
def trim_messages(messages, budget, count):
    settings = ("system", "developer")
    users = [i for i, m in enumerate(messages) if m["role"] == "user"]
    last = users[-1] if users else len(messages)
    fixed = [m for m in messages[:last] if m["role"] in settings]
    rest = [m for m in messages[:last] if m["role"] not in settings]
    left = budget - sum(count(m) for m in fixed + messages[last:])
    if left < 0:
        raise ValueError("too small")
    kept = len(rest)
    while kept > 0:
        start = kept - 1
        while rest[start]["role"] == "tool":
            start -= 1
        price = sum(count(m) for m in rest[start:kept])
        if price > left:
            break
        left -= price
        kept = start
    between = rest[kept:]
    while users and between and between[0]["role"] != "user":
        between = between[1:]
    return fixed + between + messages[last:]


# %% wrong (q14-trim-hidden-edges): without a user message nothing but the system prompt is left
def trim_messages(messages, budget, count):
    settings = ("system", "developer")
    lead = 0
    while lead < len(messages) and messages[lead]["role"] in settings:
        lead += 1
    users = [i for i, m in enumerate(messages) if m["role"] == "user"]
    last = users[-1] if users else len(messages)
    cost = sum(count(m) for m in messages[:lead] + messages[last:])
    if cost > budget:
        raise ValueError("too small")
    kept = last
    while kept > lead:
        start = kept - 1
        while messages[start]["role"] == "tool":
            start -= 1
        cost += sum(count(m) for m in messages[start:kept])
        if cost > budget:
            break
        kept = start
    between = messages[kept:last]
    turns = [i for i, m in enumerate(between) if m["role"] == "user"]
    first = turns[0] if turns else len(between)
    between = [m for m in between[:first] if m["role"] in settings] + between[first:]
    return messages[:lead] + between + messages[last:]


# %% wrong (q14-trim-hidden-edges): looks for a user message that is not there raises
def trim_messages(messages, budget, count):
    settings = ("system", "developer")
    lead = 0
    while lead < len(messages) and messages[lead]["role"] in settings:
        lead += 1
    last = max(i for i, m in enumerate(messages) if m["role"] == "user")
    cost = sum(count(m) for m in messages[:lead] + messages[last:])
    if cost > budget:
        raise ValueError("too small")
    kept = last
    while kept > lead:
        start = kept - 1
        while messages[start]["role"] == "tool":
            start -= 1
        cost += sum(count(m) for m in messages[start:kept])
        if cost > budget:
            break
        kept = start
    between = messages[kept:last]
    turns = [i for i, m in enumerate(between) if m["role"] == "user"]
    first = turns[0] if turns else len(between)
    between = [m for m in between[:first] if m["role"] in settings] + between[first:]
    return messages[:lead] + between + messages[last:]


# %% wrong (q14-trim-hidden-edges): deletes from the caller's list
def trim_messages(messages, budget, count):
    settings = ("system", "developer")
    lead = 0
    while lead < len(messages) and messages[lead]["role"] in settings:
        lead += 1
    users = [i for i, m in enumerate(messages) if m["role"] == "user"]
    last = users[-1] if users else len(messages)
    if sum(count(m) for m in messages[:lead] + messages[last:]) > budget:
        raise ValueError("too small")
    while sum(count(m) for m in messages) > budget:
        del messages[lead]
        while lead < len(messages) and messages[lead]["role"] == "tool":
            del messages[lead]
    if users:
        i = lead
        while messages[i]["role"] != "user":
            if messages[i]["role"] in settings:
                i += 1
            else:
                del messages[i]
    return list(messages)
