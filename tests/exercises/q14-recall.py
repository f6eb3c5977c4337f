# %% right: newest index of each key, positions sorted
def recall(query, memories, k, user):
    newest = {}
    for i, m in enumerate(memories):
        if m["user"] == user:
            name = (m["key"],) if m["key"] is not None else i
            if name not in newest or memories[newest[name]]["time"] < m["time"]:
                newest[name] = i
    alive = sorted(i for i in newest.values() if memories[i]["text"] is not None)
    scores = {i: float(np.dot(query, memories[i]["vector"])) for i in alive}
    best = sorted(alive, key=lambda i: (-scores[i], i))[:k]
    return [memories[i]["text"] for i in sorted(best, key=lambda i: memories[i]["time"])]


# %% right: arrays and a stable argsort
def recall(query, memories, k, user):
    mine = [m for m in memories if m["user"] == user]
    valid = []
    for m in mine:
        rivals = [o["time"] for o in mine if m["key"] is not None and o["key"] == m["key"]]
        if m["text"] is not None and m["time"] >= max(rivals, default=m["time"]):
            valid.append(m)
    if not valid:
        return []
    scores = np.stack([m["vector"] for m in valid]) @ query
    order = np.argsort(-scores, kind="stable")[:k]
    found = [valid[i] for i in order]
    found.sort(key=lambda m: m["time"])
    return [m["text"] for m in found]


# %% right: walks from the newest to the oldest
def recall(query, memories, k, user):
    import heapq

    seen, alive = set(), []
    mine = [(i, m) for i, m in enumerate(memories) if m["user"] == user]
    for i, m in sorted(mine, key=lambda pair: -pair[1]["time"]):
        if m["key"] is not None and m["key"] in seen:
            continue
        seen.add(m["key"])
        if m["text"] is not None:
            alive.append((-float(np.round(query @ m["vector"], 12)), i, m["time"], m["text"]))
    best = heapq.nsmallest(k, alive)
    return [text for *_, text in sorted(best, key=lambda entry: entry[2])]


# %% wrong (q14-recall-hidden-user): takes k of all users first, then looks whose they are
def recall(query, memories, k, user):
    newest = {}
    for m in memories:
        if m["key"] is not None:
            name = (m["user"], m["key"])
            newest[name] = max(m["time"], newest.get(name, m["time"]))
    alive = [
        m
        for m in memories
        if m["text"] is not None and (m["key"] is None or m["time"] == newest[m["user"], m["key"]])
    ]
    best = sorted(alive, key=lambda m: -float(query @ m["vector"]))[:k]
    mine = [m for m in best if m["user"] == user]
    return [m["text"] for m in sorted(mine, key=lambda m: m["time"])]


# %% wrong (q14-recall-hidden-user): everybody's memories
def recall(query, memories, k, user):
    newest = {}
    for m in memories:
        if m["key"] is not None:
            newest[m["key"]] = max(m["time"], newest.get(m["key"], m["time"]))
    alive = [
        m
        for m in memories
        if m["text"] is not None and (m["key"] is None or m["time"] == newest[m["key"]])
    ]
    best = sorted(alive, key=lambda m: -float(query @ m["vector"]))[:k]
    return [m["text"] for m in sorted(best, key=lambda m: m["time"])]


# %% wrong (q14-recall-hidden-user): a name that contains the user's will do
def recall(query, memories, k, user):
    mine = [m for m in memories if user in m["user"]]
    newest = {}
    for m in mine:
        newest[m["key"]] = max(m["time"], newest.get(m["key"], m["time"]))
    alive = [
        m
        for m in mine
        if m["text"] is not None and (m["key"] is None or m["time"] == newest[m["key"]])
    ]
    best = sorted(alive, key=lambda m: -float(query @ m["vector"]))[:k]
    return [m["text"] for m in sorted(best, key=lambda m: m["time"])]


# %% wrong (q14-recall-hidden-user): the last k of a sorted list, which are all for k = 0
def recall(query, memories, k, user):
    mine = [m for m in memories if m["user"] == user]
    newest = {}
    for m in mine:
        newest[m["key"]] = max(m["time"], newest.get(m["key"], m["time"]))
    alive = [
        m
        for m in mine
        if m["text"] is not None and (m["key"] is None or m["time"] == newest[m["key"]])
    ]
    best = sorted(reversed(alive), key=lambda m: float(query @ m["vector"]))[-k:]
    return [m["text"] for m in sorted(best, key=lambda m: m["time"])]


# %% wrong (q14-recall-hidden-newest): all versions stay
def recall(query, memories, k, user):
    mine = [m for m in memories if m["user"] == user and m["text"] is not None]
    best = sorted(mine, key=lambda m: -float(query @ m["vector"]))[:k]
    return [m["text"] for m in sorted(best, key=lambda m: m["time"])]


# %% wrong (q14-recall-hidden-newest): the last one in the list is taken for the newest
def recall(query, memories, k, user):
    mine = [m for m in memories if m["user"] == user]
    last = {m["key"]: i for i, m in enumerate(mine)}
    alive = [
        m
        for i, m in enumerate(mine)
        if m["text"] is not None and (m["key"] is None or last[m["key"]] == i)
    ]
    best = sorted(alive, key=lambda m: -float(query @ m["vector"]))[:k]
    return [m["text"] for m in sorted(best, key=lambda m: m["time"])]


# %% wrong (q14-recall-hidden-newest): the most similar version of each key
def recall(query, memories, k, user):
    mine = [m for m in memories if m["user"] == user and m["text"] is not None]
    best, seen = [], set()
    for m in sorted(mine, key=lambda m: -float(query @ m["vector"])):
        if m["key"] is None or m["key"] not in seen:
            seen.add(m["key"])
            best.append(m)
    return [m["text"] for m in sorted(best[:k], key=lambda m: m["time"])]


# %% wrong (q14-recall-hidden-newest): k first, then the newest of what was found
def recall(query, memories, k, user):
    mine = [m for m in memories if m["user"] == user]
    best = sorted(mine, key=lambda m: -float(query @ m["vector"]))[:k]
    newest = {}
    for m in best:
        newest[m["key"]] = max(m["time"], newest.get(m["key"], m["time"]))
    alive = [
        m
        for m in best
        if m["text"] is not None and (m["key"] is None or m["time"] == newest[m["key"]])
    ]
    return [m["text"] for m in sorted(alive, key=lambda m: m["time"])]


# %% wrong (q14-recall-hidden-newest): None is a key like any other
def recall(query, memories, k, user):
    mine = [m for m in memories if m["user"] == user]
    newest = {}
    for m in mine:
        newest[m["key"]] = max(m["time"], newest.get(m["key"], m["time"]))
    alive = [m for m in mine if m["text"] is not None and m["time"] == newest[m["key"]]]
    best = sorted(alive, key=lambda m: -float(query @ m["vector"]))[:k]
    return [m["text"] for m in sorted(best, key=lambda m: m["time"])]


# %% wrong (q14-recall-hidden-newest): the newest of all users
def recall(query, memories, k, user):
    newest = {}
    for m in memories:
        newest[m["key"]] = max(m["time"], newest.get(m["key"], m["time"]))
    alive = [
        m
        for m in memories
        if m["user"] == user
        and m["text"] is not None
        and (m["key"] is None or m["time"] == newest[m["key"]])
    ]
    best = sorted(alive, key=lambda m: -float(query @ m["vector"]))[:k]
    return [m["text"] for m in sorted(best, key=lambda m: m["time"])]


# %% wrong (q14-recall-hidden-taken-back): what was taken back comes back, as the newest with a text
def recall(query, memories, k, user):
    mine = [m for m in memories if m["user"] == user and m["text"] is not None]
    newest = {}
    for m in mine:
        newest[m["key"]] = max(m["time"], newest.get(m["key"], m["time"]))
    alive = [m for m in mine if m["key"] is None or m["time"] == newest[m["key"]]]
    best = sorted(alive, key=lambda m: -float(query @ m["vector"]))[:k]
    return [m["text"] for m in sorted(best, key=lambda m: m["time"])]


# %% wrong (q14-recall-hidden-taken-back): a key that was ever taken back is gone for good
def recall(query, memories, k, user):
    mine = [m for m in memories if m["user"] == user]
    gone = {m["key"] for m in mine if m["text"] is None}
    newest = {}
    for m in mine:
        newest[m["key"]] = max(m["time"], newest.get(m["key"], m["time"]))
    alive = [
        m
        for m in mine
        if m["key"] is None or (m["key"] not in gone and m["time"] == newest[m["key"]])
    ]
    best = sorted(alive, key=lambda m: -float(query @ m["vector"]))[:k]
    return [m["text"] for m in sorted(best, key=lambda m: m["time"])]


# %% wrong (q14-recall-hidden-taken-back): a memory without a text takes a place among the k
def recall(query, memories, k, user):
    mine = [m for m in memories if m["user"] == user]
    newest = {}
    for m in mine:
        newest[m["key"]] = max(m["time"], newest.get(m["key"], m["time"]))
    alive = [m for m in mine if m["key"] is None or m["time"] == newest[m["key"]]]
    best = sorted(alive, key=lambda m: -float(query @ m["vector"]))[:k]
    return [m["text"] for m in sorted(best, key=lambda m: m["time"]) if m["text"] is not None]


# %% wrong (q14-recall-hidden-taken-back): None is returned among the texts
def recall(query, memories, k, user):
    mine = [m for m in memories if m["user"] == user]
    newest = {}
    for m in mine:
        newest[m["key"]] = max(m["time"], newest.get(m["key"], m["time"]))
    alive = [m for m in mine if m["key"] is None or m["time"] == newest[m["key"]]]
    best = sorted(alive, key=lambda m: -float(query @ m["vector"]))[:k]
    return [m["text"] for m in sorted(best, key=lambda m: m["time"])]


# %% wrong (q14-recall-hidden-order): the most similar first
def recall(query, memories, k, user):
    mine = [m for m in memories if m["user"] == user]
    newest = {}
    for m in mine:
        newest[m["key"]] = max(m["time"], newest.get(m["key"], m["time"]))
    alive = [
        m
        for m in mine
        if m["text"] is not None and (m["key"] is None or m["time"] == newest[m["key"]])
    ]
    best = sorted(alive, key=lambda m: -float(query @ m["vector"]))[:k]
    return [m["text"] for m in best]


# %% wrong (q14-recall-hidden-order): in the order of the list
def recall(query, memories, k, user):
    newest = {}
    for m in memories:
        if m["user"] == user:
            newest[m["key"]] = max(m["time"], newest.get(m["key"], m["time"]))
    alive = [
        i
        for i, m in enumerate(memories)
        if m["user"] == user
        and m["text"] is not None
        and (m["key"] is None or m["time"] == newest[m["key"]])
    ]
    best = sorted(alive, key=lambda i: -float(query @ memories[i]["vector"]))[:k]
    return [memories[i]["text"] for i in sorted(best)]


# %% wrong (q14-recall-hidden-order): cosine instead of the dot product
def recall(query, memories, k, user):
    mine = [m for m in memories if m["user"] == user]
    newest = {}
    for m in mine:
        newest[m["key"]] = max(m["time"], newest.get(m["key"], m["time"]))
    alive = [
        m
        for m in mine
        if m["text"] is not None and (m["key"] is None or m["time"] == newest[m["key"]])
    ]

    def cosine(m):
        length = np.linalg.norm(query) * np.linalg.norm(m["vector"])
        return float(query @ m["vector"]) / length if length else 0.0

    best = sorted(alive, key=lambda m: -cosine(m))[:k]
    return [m["text"] for m in sorted(best, key=lambda m: m["time"])]


# %% wrong (q14-recall-hidden-order): of equals the newer one
def recall(query, memories, k, user):
    mine = [m for m in memories if m["user"] == user]
    newest = {}
    for m in mine:
        newest[m["key"]] = max(m["time"], newest.get(m["key"], m["time"]))
    alive = [
        m
        for m in mine
        if m["text"] is not None and (m["key"] is None or m["time"] == newest[m["key"]])
    ]
    best = sorted(alive, key=lambda m: (-float(query @ m["vector"]), -m["time"]))[:k]
    return [m["text"] for m in sorted(best, key=lambda m: m["time"])]


# %% wrong (q14-recall-hidden-order): sorts the store itself
def recall(query, memories, k, user):
    mine = [m for m in memories if m["user"] == user]
    newest = {}
    for m in mine:
        newest[m["key"]] = max(m["time"], newest.get(m["key"], m["time"]))
    alive = [
        m
        for m in mine
        if m["text"] is not None and (m["key"] is None or m["time"] == newest[m["key"]])
    ]
    best = sorted(alive, key=lambda m: -float(query @ m["vector"]))[:k]
    memories.sort(key=lambda m: m["time"])
    return [m["text"] for m in memories if any(m is b for b in best)]


# %% wrong (q14-recall-hidden-order): of equals those without a key first
def recall(query, memories, k, user):
    mine = [m for m in memories if m["user"] == user]
    own = [m for m in mine if m["key"] is None]
    newest = {}
    for m in mine:
        if m["key"] is not None:
            if m["key"] not in newest or newest[m["key"]]["time"] < m["time"]:
                newest[m["key"]] = m
    alive = [m for m in [*own, *newest.values()] if m["text"] is not None]
    best = sorted(alive, key=lambda m: -float(query @ m["vector"]))[:k]
    return [m["text"] for m in sorted(best, key=lambda m: m["time"])]


# %% wrong (q14-recall-hidden-order): of equals those with a key first
def recall(query, memories, k, user):
    mine = [m for m in memories if m["user"] == user]
    own = [m for m in mine if m["key"] is None]
    newest = {}
    for m in mine:
        if m["key"] is not None:
            if m["key"] not in newest or newest[m["key"]]["time"] < m["time"]:
                newest[m["key"]] = m
    alive = [m for m in [*newest.values(), *own] if m["text"] is not None]
    best = sorted(alive, key=lambda m: -float(query @ m["vector"]))[:k]
    return [m["text"] for m in sorted(best, key=lambda m: m["time"])]


# %% wrong (q14-recall-hidden-order): of equals the key that was seen first
def recall(query, memories, k, user):
    newest = {}
    for i, m in enumerate(memories):
        if m["user"] == user:
            name = i if m["key"] is None else (m["key"],)
            if name not in newest or newest[name]["time"] < m["time"]:
                newest[name] = m
    alive = [m for m in newest.values() if m["text"] is not None]
    best = sorted(alive, key=lambda m: -float(query @ m["vector"]))[:k]
    return [m["text"] for m in sorted(best, key=lambda m: m["time"])]


# %% wrong (q14-recall-hidden-newest): equal texts are returned once
def recall(query, memories, k, user):
    mine = [m for m in memories if m["user"] == user]
    newest = {}
    for m in mine:
        newest[m["key"]] = max(m["time"], newest.get(m["key"], m["time"]))
    alive = [
        m
        for m in mine
        if m["text"] is not None and (m["key"] is None or m["time"] == newest[m["key"]])
    ]
    best = sorted(alive, key=lambda m: -float(query @ m["vector"]))[:k]
    return list(dict.fromkeys(m["text"] for m in sorted(best, key=lambda m: m["time"])))
