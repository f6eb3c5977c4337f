# %% right: one pass with a set
def serve_log(events, retrain_every, price):
    if retrain_every is not None and retrain_every < 1:
        raise ValueError("retrain_every is at least 1")
    retrieved = tuned = stale = changes = 0
    outdated = set()
    for kind, key in events:
        if kind == "ask":
            retrieved += price["ask"] + price["context"]
            tuned += price["ask"]
            if key in outdated:
                stale += 1
        elif kind == "change":
            retrieved += price["index"]
            changes += 1
            outdated.add(key)
            if retrain_every is not None and changes % retrain_every == 0:
                tuned += price["train"]
                outdated = set()
        else:
            raise ValueError("unknown kind")
    return retrieved, tuned, stale


# %% right: versions of the facts, and of the model
from collections import Counter


def serve_log(events, retrain_every, price):
    if retrain_every is not None and retrain_every <= 0:
        raise ValueError("retrain_every")
    now, learned = Counter(), Counter()
    since, bills, stale = 0, [0, 0], 0
    for kind, key in events:
        match kind:
            case "ask":
                bills[0] += price["ask"] + price["context"]
                bills[1] += price["ask"]
                stale += int(now[key] != learned[key])
            case "change":
                bills[0] += price["index"]
                now[key] += 1
                since += 1
                if since == retrain_every:
                    bills[1] += price["train"]
                    learned, since = Counter(now), 0
            case _:
                raise ValueError(kind)
    return bills[0], bills[1], stale


# %% right: counts first, then looks back from each question
def serve_log(events, retrain_every, price):
    if not (retrain_every is None or retrain_every >= 1):
        raise ValueError("retrain_every")
    kinds = [kind for kind, _ in events]
    asks, changes = kinds.count("ask"), kinds.count("change")
    if asks + changes < len(events):
        raise ValueError("kinds")
    trainings = 0 if retrain_every is None else changes // retrain_every
    moments = [i for i, kind in enumerate(kinds) if kind == "change"]
    trained = [] if retrain_every is None else moments[retrain_every - 1 :: retrain_every]
    stale = 0
    for i, (kind, key) in enumerate(events):
        if kind == "ask":
            start = max((t + 1 for t in trained if t < i), default=0)
            stale += any(event == ("change", key) for event in map(tuple, events[start:i]))
    return (
        asks * (price["ask"] + price["context"]) + changes * price["index"],
        asks * price["ask"] + trainings * price["train"],
        stale,
    )


# %% wrong (q49-serve-log-hidden-costs): the tuned model pays for context too
def serve_log(events, retrain_every, price):
    if retrain_every is not None and retrain_every < 1:
        raise ValueError("retrain_every is at least 1")
    retrieved = tuned = stale = changes = 0
    outdated = set()
    for kind, key in events:
        if kind == "ask":
            retrieved += price["ask"] + price["context"]
            tuned += price["ask"] + price["context"]
            if key in outdated:
                stale += 1
        elif kind == "change":
            retrieved += price["index"]
            changes += 1
            outdated.add(key)
            if retrain_every is not None and changes % retrain_every == 0:
                tuned += price["train"]
                outdated = set()
        else:
            raise ValueError("unknown kind")
    return retrieved, tuned, stale


# %% wrong (q49-serve-log-hidden-costs): pays for a training at the start
def serve_log(events, retrain_every, price):
    if retrain_every is not None and retrain_every < 1:
        raise ValueError("retrain_every is at least 1")
    retrieved = tuned = stale = changes = 0
    outdated = set()
    tuned = price["train"]
    for kind, key in events:
        if kind == "ask":
            retrieved += price["ask"] + price["context"]
            tuned += price["ask"]
            if key in outdated:
                stale += 1
        elif kind == "change":
            retrieved += price["index"]
            changes += 1
            outdated.add(key)
            if retrain_every is not None and changes % retrain_every == 0:
                tuned += price["train"]
                outdated = set()
        else:
            raise ValueError("unknown kind")
    return retrieved, tuned, stale


# %% wrong (q49-serve-log-hidden-costs): a training counts different facts only
def serve_log(events, retrain_every, price):
    if retrain_every is not None and retrain_every < 1:
        raise ValueError("retrain_every is at least 1")
    retrieved = tuned = stale = 0
    outdated = set()
    for kind, key in events:
        if kind == "ask":
            retrieved += price["ask"] + price["context"]
            tuned += price["ask"]
            if key in outdated:
                stale += 1
        elif kind == "change":
            retrieved += price["index"]
            outdated.add(key)
            if len(outdated) == retrain_every:
                tuned += price["train"]
                outdated = set()
        else:
            raise ValueError("unknown kind")
    return retrieved, tuned, stale


# %% wrong (q49-serve-log-hidden-costs): changes of the index are free
def serve_log(events, retrain_every, price):
    if retrain_every is not None and retrain_every < 1:
        raise ValueError("retrain_every is at least 1")
    retrieved = tuned = stale = changes = 0
    outdated = set()
    for kind, key in events:
        if kind == "ask":
            retrieved += price["ask"] + price["context"]
            tuned += price["ask"]
            if key in outdated:
                stale += 1
        elif kind == "change":
            changes += 1
            outdated.add(key)
            if retrain_every is not None and changes % retrain_every == 0:
                tuned += price["train"]
                outdated = set()
        else:
            raise ValueError("unknown kind")
    return retrieved, tuned, stale


# %% wrong (q49-serve-log-hidden-costs): a training after every n-th question
def serve_log(events, retrain_every, price):
    if retrain_every is not None and retrain_every < 1:
        raise ValueError("retrain_every is at least 1")
    retrieved = tuned = stale = changes = 0
    outdated = set()
    for kind, key in events:
        if kind == "ask":
            retrieved += price["ask"] + price["context"]
            tuned += price["ask"]
            changes += 1
            if key in outdated:
                stale += 1
        elif kind == "change":
            retrieved += price["index"]
            outdated.add(key)
            if retrain_every is not None and changes % retrain_every == 0:
                tuned += price["train"]
                outdated = set()
        else:
            raise ValueError("unknown kind")
    return retrieved, tuned, stale


# %% wrong (q49-serve-log-hidden-costs): a last training for what is left
def serve_log(events, retrain_every, price):
    if retrain_every is not None and retrain_every < 1:
        raise ValueError("retrain_every is at least 1")
    retrieved = tuned = stale = changes = 0
    outdated = set()
    for kind, key in events:
        if kind == "ask":
            retrieved += price["ask"] + price["context"]
            tuned += price["ask"]
            if key in outdated:
                stale += 1
        elif kind == "change":
            retrieved += price["index"]
            changes += 1
            outdated.add(key)
            if retrain_every is not None and changes % retrain_every == 0:
                tuned += price["train"]
                outdated = set()
        else:
            raise ValueError("unknown kind")
    if outdated and retrain_every:
        tuned += price["train"]
    return retrieved, tuned, stale


# %% wrong (q49-serve-log-hidden-stale): any change makes every question stale
def serve_log(events, retrain_every, price):
    if retrain_every is not None and retrain_every < 1:
        raise ValueError("retrain_every is at least 1")
    retrieved = tuned = stale = changes = 0
    outdated = set()
    for kind, key in events:
        if kind == "ask":
            retrieved += price["ask"] + price["context"]
            tuned += price["ask"]
            if outdated:
                stale += 1
        elif kind == "change":
            retrieved += price["index"]
            changes += 1
            outdated.add(key)
            if retrain_every is not None and changes % retrain_every == 0:
                tuned += price["train"]
                outdated = set()
        else:
            raise ValueError("unknown kind")
    return retrieved, tuned, stale


# %% wrong (q49-serve-log-hidden-stale): a fact is stale for ever
def serve_log(events, retrain_every, price):
    if retrain_every is not None and retrain_every < 1:
        raise ValueError("retrain_every is at least 1")
    retrieved = tuned = stale = changes = 0
    outdated = set()
    for kind, key in events:
        if kind == "ask":
            retrieved += price["ask"] + price["context"]
            tuned += price["ask"]
            if key in outdated:
                stale += 1
        elif kind == "change":
            retrieved += price["index"]
            changes += 1
            outdated.add(key)
            if retrain_every is not None and changes % retrain_every == 0:
                tuned += price["train"]
                pass
        else:
            raise ValueError("unknown kind")
    return retrieved, tuned, stale


# %% wrong (q49-serve-log-hidden-stale): the change that triggers the training is left out
def serve_log(events, retrain_every, price):
    if retrain_every is not None and retrain_every < 1:
        raise ValueError("retrain_every is at least 1")
    retrieved = tuned = stale = changes = 0
    outdated = set()
    for kind, key in events:
        if kind == "ask":
            retrieved += price["ask"] + price["context"]
            tuned += price["ask"]
            if key in outdated:
                stale += 1
        elif kind == "change":
            retrieved += price["index"]
            changes += 1
            if retrain_every is not None and changes % retrain_every == 0:
                tuned += price["train"]
                outdated = set()
            outdated.add(key)
        else:
            raise ValueError("unknown kind")
    return retrieved, tuned, stale


# %% wrong (q49-serve-log-hidden-stale): a training teaches the last fact only
def serve_log(events, retrain_every, price):
    if retrain_every is not None and retrain_every < 1:
        raise ValueError("retrain_every is at least 1")
    retrieved = tuned = stale = changes = 0
    outdated = set()
    for kind, key in events:
        if kind == "ask":
            retrieved += price["ask"] + price["context"]
            tuned += price["ask"]
            if key in outdated:
                stale += 1
        elif kind == "change":
            retrieved += price["index"]
            changes += 1
            outdated.add(key)
            if retrain_every is not None and changes % retrain_every == 0:
                tuned += price["train"]
                outdated.discard(key)
        else:
            raise ValueError("unknown kind")
    return retrieved, tuned, stale


# %% wrong (q49-serve-log-hidden-stale): asking once refreshes the fact
def serve_log(events, retrain_every, price):
    if retrain_every is not None and retrain_every < 1:
        raise ValueError("retrain_every is at least 1")
    retrieved = tuned = stale = changes = 0
    outdated = set()
    for kind, key in events:
        if kind == "ask":
            retrieved += price["ask"] + price["context"]
            tuned += price["ask"]
            if key in outdated:
                stale += 1
                outdated.discard(key)
        elif kind == "change":
            retrieved += price["index"]
            changes += 1
            outdated.add(key)
            if retrain_every is not None and changes % retrain_every == 0:
                tuned += price["train"]
                outdated = set()
        else:
            raise ValueError("unknown kind")
    return retrieved, tuned, stale


# %% wrong (q49-serve-log-hidden-stale): counts outdated facts, not questions
def serve_log(events, retrain_every, price):
    if retrain_every is not None and retrain_every < 1:
        raise ValueError("retrain_every is at least 1")
    retrieved = tuned = stale = changes = 0
    outdated, seen = set(), set()
    for kind, key in events:
        if kind == "ask":
            retrieved += price["ask"] + price["context"]
            tuned += price["ask"]
            if key in outdated:
                stale += key not in seen
                seen.add(key)
        elif kind == "change":
            retrieved += price["index"]
            changes += 1
            outdated.add(key)
            if retrain_every is not None and changes % retrain_every == 0:
                tuned += price["train"]
                outdated = set()
        else:
            raise ValueError("unknown kind")
    return retrieved, tuned, stale


# %% wrong (q49-serve-log-hidden-edges): None divides raises
def serve_log(events, retrain_every, price):
    if retrain_every is not None and retrain_every < 1:
        raise ValueError("retrain_every is at least 1")
    retrieved = tuned = stale = changes = 0
    outdated = set()
    for kind, key in events:
        if kind == "ask":
            retrieved += price["ask"] + price["context"]
            tuned += price["ask"]
            if key in outdated:
                stale += 1
        elif kind == "change":
            retrieved += price["index"]
            changes += 1
            outdated.add(key)
            if changes % retrain_every == 0:
                tuned += price["train"]
                outdated = set()
        else:
            raise ValueError("unknown kind")
    return retrieved, tuned, stale


# %% wrong (q49-serve-log-hidden-edges): None means after every change
def serve_log(events, retrain_every, price):
    if retrain_every is not None and retrain_every < 1:
        raise ValueError("retrain_every is at least 1")
    retrain_every = retrain_every or 1
    retrieved = tuned = stale = changes = 0
    outdated = set()
    for kind, key in events:
        if kind == "ask":
            retrieved += price["ask"] + price["context"]
            tuned += price["ask"]
            if key in outdated:
                stale += 1
        elif kind == "change":
            retrieved += price["index"]
            changes += 1
            outdated.add(key)
            if retrain_every is not None and changes % retrain_every == 0:
                tuned += price["train"]
                outdated = set()
        else:
            raise ValueError("unknown kind")
    return retrieved, tuned, stale


# %% wrong (q49-serve-log-hidden-edges): a retraining every 0 changes is never
def serve_log(events, retrain_every, price):
    if retrain_every is not None and retrain_every < 0:
        raise ValueError("retrain_every is at least 1")
    retrieved = tuned = stale = changes = 0
    outdated = set()
    for kind, key in events:
        if kind == "ask":
            retrieved += price["ask"] + price["context"]
            tuned += price["ask"]
            if key in outdated:
                stale += 1
        elif kind == "change":
            retrieved += price["index"]
            changes += 1
            outdated.add(key)
            if retrain_every and changes % retrain_every == 0:
                tuned += price["train"]
                outdated = set()
        else:
            raise ValueError("unknown kind")
    return retrieved, tuned, stale


# %% wrong (q49-serve-log-hidden-edges): any other kind is a change
def serve_log(events, retrain_every, price):
    if retrain_every is not None and retrain_every < 1:
        raise ValueError("retrain_every is at least 1")
    retrieved = tuned = stale = changes = 0
    outdated = set()
    for kind, key in events:
        if kind == "ask":
            retrieved += price["ask"] + price["context"]
            tuned += price["ask"]
            if key in outdated:
                stale += 1
        elif kind:
            retrieved += price["index"]
            changes += 1
            outdated.add(key)
            if retrain_every is not None and changes % retrain_every == 0:
                tuned += price["train"]
                outdated = set()
        else:
            raise ValueError("unknown kind")
    return retrieved, tuned, stale


# %% wrong (q49-serve-log-hidden-edges): takes the events off the list
def serve_log(events, retrain_every, price):
    if retrain_every is not None and retrain_every < 1:
        raise ValueError("retrain_every is at least 1")
    retrieved = tuned = stale = changes = 0
    outdated = set()
    while events:
        kind, key = events.pop(0)
        if kind == "ask":
            retrieved += price["ask"] + price["context"]
            tuned += price["ask"]
            if key in outdated:
                stale += 1
        elif kind == "change":
            retrieved += price["index"]
            changes += 1
            outdated.add(key)
            if retrain_every is not None and changes % retrain_every == 0:
                tuned += price["train"]
                outdated = set()
        else:
            raise ValueError("unknown kind")
    return retrieved, tuned, stale
