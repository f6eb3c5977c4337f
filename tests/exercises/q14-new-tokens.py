# %% right: the set of all beginnings
def new_tokens(prompts, block=1):
    cache, new = {()}, []
    for prompt in prompts:
        found = 0
        for n in range(len(prompt) + 1):
            if tuple(prompt[:n]) in cache:
                found = n
        new.append(len(prompt) - found + found % block)
        cache |= {tuple(prompt[:n]) for n in range(len(prompt) + 1)}
    return new


# %% right: a trie
def new_tokens(prompts, block=1):
    root, new = {}, []
    for prompt in prompts:
        node, depth, known = root, 0, True
        for token in prompt:
            known = known and token in node
            depth += known
            node = node.setdefault(token, {})
        new.append(len(prompt) - block * (depth // block))
    return new


# %% right: whole blocks are compared
def new_tokens(prompts, block=1):
    def shared(a, b):
        n = 0
        while n + block <= min(len(a), len(b)) and a[n : n + block] == b[n : n + block]:
            n += block
        return n

    return [
        len(p) - max((shared(p, earlier) for earlier in prompts[:i]), default=0)
        for i, p in enumerate(prompts)
    ]


# %% wrong (q14-new-tokens-hidden-any): only the prompt just before
def new_tokens(prompts, block=1):
    new, before = [], []
    for prompt in prompts:
        same = 0
        while same < min(len(prompt), len(before)) and prompt[same] == before[same]:
            same += 1
        new.append(len(prompt) - same // block * block)
        before = prompt
    return new


# %% wrong (q14-new-tokens-hidden-any): counts equal places, also after the first difference
def new_tokens(prompts, block=1):
    new = []
    for i, prompt in enumerate(prompts):
        found = max((sum(a == b for a, b in zip(prompt, old)) for old in prompts[:i]), default=0)
        new.append(len(prompt) - found // block * block)
    return new


# %% wrong (q14-new-tokens-hidden-any): tokens seen anywhere count as cached
def new_tokens(prompts, block=1):
    seen, new = set(), []
    for prompt in prompts:
        found = 0
        while found < len(prompt) and prompt[found] in seen:
            found += 1
        new.append(len(prompt) - found // block * block)
        seen |= set(prompt)
    return new


# %% wrong (q14-new-tokens-hidden-any): the first prompt is the cache, and nothing else
def new_tokens(prompts, block=1):
    new = []
    for i, prompt in enumerate(prompts):
        same = 0
        if i:
            for a, b in zip(prompt, prompts[0]):
                if a != b:
                    break
                same += 1
        new.append(len(prompt) - same // block * block)
    return new


# %% wrong (q14-new-tokens-hidden-block): the block is forgotten
def new_tokens(prompts, block=1):
    new = []
    for i, prompt in enumerate(prompts):
        found = 0
        for old in prompts[:i]:
            same = 0
            while same < min(len(prompt), len(old)) and prompt[same] == old[same]:
                same += 1
            found = max(found, same)
        new.append(len(prompt) - found)
    return new


# %% wrong (q14-new-tokens-hidden-block): what is new is rounded down, not what is found
def new_tokens(prompts, block=1):
    new = []
    for i, prompt in enumerate(prompts):
        found = 0
        for old in prompts[:i]:
            same = 0
            while same < min(len(prompt), len(old)) and prompt[same] == old[same]:
                same += 1
            found = max(found, same)
        new.append(len(prompt) if found < block else (len(prompt) - found) // block * block)
    return new


# %% wrong (q14-new-tokens-hidden-block): rounds to the nearest block
def new_tokens(prompts, block=1):
    new = []
    for i, prompt in enumerate(prompts):
        found = 0
        for old in prompts[:i]:
            same = 0
            while same < min(len(prompt), len(old)) and prompt[same] == old[same]:
                same += 1
            found = max(found, same)
        new.append(len(prompt) - (found + block // 2) // block * block)
    return new


# %% wrong (q14-new-tokens-hidden-edges): the last token is always computed
def new_tokens(prompts, block=1):
    new = []
    for i, prompt in enumerate(prompts):
        found = 0
        for old in prompts[:i]:
            same = 0
            while same < min(len(prompt), len(old)) and prompt[same] == old[same]:
                same += 1
            found = max(found, same)
        new.append(max(1, len(prompt) - found // block * block))
    return new


# %% wrong (q14-new-tokens-hidden-edges): a maximum over no earlier prompt raises
def new_tokens(prompts, block=1):
    if len(prompts) < 2:
        return [len(prompts[0])]
    new = [len(prompts[0])]
    for i in range(1, len(prompts)):
        found = 0
        for old in prompts[:i]:
            same = 0
            while same < min(len(prompts[i]), len(old)) and prompts[i][same] == old[same]:
                same += 1
            found = max(found, same)
        new.append(len(prompts[i]) - found // block * block)
    return new


# %% wrong (q14-new-tokens-hidden-edges): runs past the end of a shorter prompt raises
def new_tokens(prompts, block=1):
    new = []
    for i, prompt in enumerate(prompts):
        found = 0
        for old in prompts[:i]:
            same = 0
            while old[same] == prompt[same]:
                same += 1
            found = max(found, same)
        new.append(len(prompt) - found // block * block)
    return new


# %% wrong (q14-new-tokens-hidden-edges): eats the caller's prompts
def new_tokens(prompts, block=1):
    new, cache = [], []
    while prompts:
        prompt = prompts.pop(0)
        found = 0
        for old in cache:
            same = 0
            while same < min(len(prompt), len(old)) and prompt[same] == old[same]:
                same += 1
            found = max(found, same)
        new.append(len(prompt) - found // block * block)
        cache.append(prompt)
    return new


# %% wrong (q14-new-tokens-hidden-any): a prompt found anywhere in an earlier one is known
def new_tokens(prompts, block=1):
    new = []
    for i, prompt in enumerate(prompts):
        found = 0
        for old in prompts[:i]:
            same = 0
            while same < min(len(prompt), len(old)) and prompt[same] == old[same]:
                same += 1
            if any(old[j : j + len(prompt)] == prompt for j in range(len(old))):
                same = len(prompt)
            found = max(found, same)
        new.append(len(prompt) - found // block * block)
    return new
