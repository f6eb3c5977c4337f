# %% right: one set for each state by a search forwards
from functools import cache


def json_mask(prefix, vocab, dfa, eos):
    @cache
    def can_end(state):
        seen, stack = set(), [state]
        while stack:
            s = stack.pop()
            if s in dfa["accept"]:
                return True
            if s not in seen:
                seen.add(s)
                stack.extend(dfa["edges"].get(s, {}).values())
        return False

    def walk(state, text):
        for c in text:
            if state not in dfa["edges"] or c not in dfa["edges"][state]:
                raise KeyError(c)
            state = dfa["edges"][state][c]
        return state

    try:
        now = walk(dfa["start"], prefix)
    except KeyError:
        raise ValueError(f"{prefix!r} leaves the language") from None
    if not can_end(now):
        raise ValueError(f"{prefix!r} leads to a dead end")
    allowed = []
    for index, token in enumerate(vocab):
        if index == eos:
            allowed.append(now in dfa["accept"])
        elif token == "":
            allowed.append(False)
        else:
            try:
                allowed.append(can_end(walk(now, token)))
            except KeyError:
                allowed.append(False)
    return np.array(allowed)


# %% right: a matrix of reachability
def json_mask(prefix, vocab, dfa, eos):
    states = {dfa["start"], *dfa["edges"], *dfa["accept"]}
    for out in dfa["edges"].values():
        states |= set(out.values())
    number = {s: i for i, s in enumerate(sorted(states))}
    reach = np.eye(len(states), dtype=bool)
    for s, out in dfa["edges"].items():
        for t in out.values():
            reach[number[s], number[t]] = True
    for _ in range(len(states).bit_length() + 1):
        reach = (reach.astype(int) @ reach.astype(int)) > 0
    ends = np.zeros(len(states), dtype=bool)
    ends[[number[s] for s in dfa["accept"]]] = True
    alive = (reach & ends).any(axis=1)
    table = {(number[s], c): number[t] for s, out in dfa["edges"].items() for c, t in out.items()}

    def follow(i, text):
        for c in text:
            i = table.get((i, c), -1)
        return i

    at = follow(number[dfa["start"]], prefix)
    if at == -1 or not alive[at]:
        raise ValueError("impossible prefix")
    mask = np.array(
        [t != "" and (j := follow(at, t)) != -1 and alive[j] for t in vocab], dtype=bool
    )
    mask[eos] = ends[at]
    return mask


# %% right: drops the hopeless edges first, then edges are enough
def json_mask(prefix, vocab, dfa, eos):
    edges = {s: dict(out) for s, out in dfa["edges"].items()}
    good = set(dfa["accept"])
    size = -1
    while len(good) > size:
        size = len(good)
        good |= {s for s, out in edges.items() if any(t in good for t in out.values())}
    edges = {s: {c: t for c, t in out.items() if t in good} for s, out in edges.items()}

    def reads(state, text):
        for i, c in enumerate(text):
            if c not in edges.get(state, {}):
                return False, i
            state = edges[state][c]
        return True, state

    ok, state = reads(dfa["start"], prefix)
    if not ok or dfa["start"] not in good:
        raise ValueError(f"nothing can follow {prefix!r}")
    result = np.zeros(len(vocab), dtype=np.bool_)
    for i in range(len(vocab)):
        result[i] = len(vocab[i]) > 0 and reads(state, vocab[i])[0]
    result[eos] = state in dfa["accept"]
    return result


# %% wrong (q21-json-mask-hidden-crossing): looks at a token's first character only
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept)
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges.get(state, {}).get(character)
            if state is None:
                return None
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if i == eos:
            mask[i] = here in accept
        elif token:
            mask[i] = read(here, token[:1]) in hopeful
    return mask


# %% wrong (q21-json-mask-hidden-crossing): allows single characters only
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept)
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges.get(state, {}).get(character)
            if state is None:
                return None
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if i == eos:
            mask[i] = here in accept
        elif len(token) == 1:
            mask[i] = read(here, token) in hopeful
    return mask


# %% wrong (q21-json-mask-hidden-crossing): allows a token if its beginning can be read
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept)
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        last = state
        for character in text:
            state = edges.get(state, {}).get(character)
            if state is None:
                return last
            last = state
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if i == eos:
            mask[i] = here in accept
        elif token:
            mask[i] = read(here, token) in hopeful
    return mask


# %% wrong (q21-json-mask-hidden-crossing): reads every token from the start
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept)
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges.get(state, {}).get(character)
            if state is None:
                return None
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if i == eos:
            mask[i] = here in accept
        elif token:
            mask[i] = read(dfa["start"], token) in hopeful
    return mask


# %% wrong (q21-json-mask-hidden-crossing): returns a list
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept)
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges.get(state, {}).get(character)
            if state is None:
                return None
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if i == eos:
            mask[i] = here in accept
        elif token:
            mask[i] = read(here, token) in hopeful
    return mask.tolist()


# %% wrong (q21-json-mask-hidden-crossing): returns zeros and ones
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept)
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges.get(state, {}).get(character)
            if state is None:
                return None
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=int)
    for i, token in enumerate(vocab):
        if i == eos:
            mask[i] = here in accept
        elif token:
            mask[i] = read(here, token) in hopeful
    return mask


# %% wrong (q21-json-mask-hidden-crossing): allows only tokens after which the text is complete
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept)
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges.get(state, {}).get(character)
            if state is None:
                return None
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if i == eos:
            mask[i] = here in accept
        elif token:
            mask[i] = read(here, token) in accept
    return mask


# %% wrong (q21-json-mask-hidden-dead-ends): an edge is enough
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept)
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges.get(state, {}).get(character)
            if state is None:
                return None
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if i == eos:
            mask[i] = here in accept
        elif token:
            mask[i] = read(here, token) is not None
    return mask


# %% wrong (q21-json-mask-hidden-dead-ends): a state with an edge out of it is hopeful
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept) | {s for s, out in edges.items() if out}
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges.get(state, {}).get(character)
            if state is None:
                return None
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if i == eos:
            mask[i] = here in accept
        elif token:
            mask[i] = read(here, token) in hopeful
    return mask


# %% wrong (q21-json-mask-hidden-dead-ends): looks only one step ahead
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept)
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more
        break

    def read(state, text):
        for character in text:
            state = edges.get(state, {}).get(character)
            if state is None:
                return None
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if i == eos:
            mask[i] = here in accept
        elif token:
            mask[i] = read(here, token) in hopeful
    return mask


# %% wrong (q21-json-mask-hidden-dead-ends): what can be reached from the start, instead of what reaches the end
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = {dfa["start"]}
    while True:
        more = {t for s in hopeful for t in edges.get(s, {}).values()} - hopeful
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges.get(state, {}).get(character)
            if state is None:
                return None
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if i == eos:
            mask[i] = here in accept
        elif token:
            mask[i] = read(here, token) in hopeful
    return mask


# %% wrong (q21-json-mask-hidden-dead-ends): a hopeless prefix gives an empty mask
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept)
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges.get(state, {}).get(character)
            if state is None:
                return None
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        return np.zeros(len(vocab), dtype=bool)
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if i == eos:
            mask[i] = here in accept
        elif token:
            mask[i] = read(here, token) in hopeful
    return mask


# %% wrong (q21-json-mask-hidden-dead-ends): refuses a prefix only where an edge is missing
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept)
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges.get(state, {}).get(character)
            if state is None:
                return None
        return state

    here = read(dfa["start"], prefix)
    if here is None:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if i == eos:
            mask[i] = here in accept
        elif token:
            mask[i] = read(here, token) in hopeful
    return mask


# %% wrong (q21-json-mask-hidden-end): allows the end anywhere
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept)
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges.get(state, {}).get(character)
            if state is None:
                return None
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if i == eos:
            mask[i] = True
        elif token:
            mask[i] = read(here, token) in hopeful
    return mask


# %% wrong (q21-json-mask-hidden-end): reads the text of the end token like any other
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept)
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges.get(state, {}).get(character)
            if state is None:
                return None
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if token:
            mask[i] = read(here, token) in hopeful
    return mask


# %% wrong (q21-json-mask-hidden-end): the end is allowed by its text or by the state
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept)
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges.get(state, {}).get(character)
            if state is None:
                return None
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if token:
            mask[i] = read(here, token) in hopeful
    mask[eos] |= here in accept
    return mask


# %% wrong (q21-json-mask-hidden-end): an accepted text must end
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept)
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges.get(state, {}).get(character)
            if state is None:
                return None
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if i == eos:
            mask[i] = here in accept
        elif token and here not in accept:
            mask[i] = read(here, token) in hopeful
    return mask


# %% wrong (q21-json-mask-hidden-end): tokens without text are allowed
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept)
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges.get(state, {}).get(character)
            if state is None:
                return None
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if i == eos:
            mask[i] = here in accept
        else:
            mask[i] = read(here, token) in hopeful
    return mask


# %% wrong (q21-json-mask-hidden-end): takes the empty token for the end
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept)
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges.get(state, {}).get(character)
            if state is None:
                return None
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if token == "":
            mask[i] = here in accept
        else:
            mask[i] = read(here, token) in hopeful
    return mask


# %% wrong (q21-json-mask-hidden-states): state 0 counts as none
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept)
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges.get(state, {}).get(character)
            if not state:
                return None
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if i == eos:
            mask[i] = here in accept
        elif token:
            mask[i] = read(here, token) in hopeful
    return mask


# %% wrong (q21-json-mask-hidden-states): begins in state 0
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept)
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges.get(state, {}).get(character)
            if state is None:
                return None
        return state

    here = read(0, prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if i == eos:
            mask[i] = here in accept
        elif token:
            mask[i] = read(here, token) in hopeful
    return mask


# %% wrong (q21-json-mask-hidden-states): begins in the first state of edges
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept)
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges.get(state, {}).get(character)
            if state is None:
                return None
        return state

    here = read(next(iter(edges)), prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if i == eos:
            mask[i] = here in accept
        elif token:
            mask[i] = read(here, token) in hopeful
    return mask


# %% wrong (q21-json-mask-hidden-states): takes states for numbers from 0 on
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = {s for s in accept if s < 1 + len(edges) + len(accept)}
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges.get(state, {}).get(character)
            if state is None:
                return None
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if i == eos:
            mask[i] = here in accept
        elif token:
            mask[i] = read(here, token) in hopeful
    return mask


# %% wrong (q21-json-mask-hidden-states): every state must stand in edges raises
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept)
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges[state].get(character)
            if state is None:
                return None
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if i == eos:
            mask[i] = here in accept
        elif token:
            mask[i] = read(here, token) in hopeful
    return mask


# %% wrong (q21-json-mask-hidden-states): adds states to the automaton
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept)
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges.setdefault(state, {}).get(character)
            if state is None:
                return None
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if i == eos:
            mask[i] = here in accept
        elif token:
            mask[i] = read(here, token) in hopeful
    return mask


# %% wrong (q21-json-mask-hidden-states): -1 stands for a rejected text
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept)
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges.get(state, {}).get(character, -1)
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if i == eos:
            mask[i] = here in accept
        elif token:
            mask[i] = read(here, token) in hopeful
    return mask


# %% wrong (q21-json-mask-hidden-crossing): asks whether some token can go on
def json_mask(prefix, vocab, dfa, eos):
    edges, accept = dfa["edges"], dfa["accept"]
    hopeful = set(accept)
    while True:
        more = {s for s, out in edges.items() if s not in hopeful and hopeful & set(out.values())}
        if not more:
            break
        hopeful |= more

    def read(state, text):
        for character in text:
            state = edges.get(state, {}).get(character)
            if state is None:
                return None
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        raise ValueError("no text of the language begins like this")
    mask = np.zeros(len(vocab), dtype=bool)
    for i, token in enumerate(vocab):
        if i == eos:
            mask[i] = here in accept
        elif token:
            there = read(here, token)
            onwards = any(t and read(there, t) in hopeful for t in vocab)
            mask[i] = there in accept or (there in hopeful and onwards)
    return mask
