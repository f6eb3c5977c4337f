# %% right: as in the prompt, with a while loop
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("max_new_tokens must be at least 0")
    new = []
    while len(new) < max_new_tokens:
        p = np.asarray(filter_probs(next_logits(prompt + new), **settings))
        token = int(rng.choice(np.arange(p.size), p=p))
        if eos is not None and token == eos:
            return new
        new.append(token)
    return new


# %% right: inverse of the cumulative distribution, one uniform number a token
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("max_new_tokens < 0")
    tokens = [*prompt]
    for _ in range(max_new_tokens):
        p = filter_probs(next_logits(tokens), **settings)
        possible = np.flatnonzero(p)
        cumulative = p[possible].cumsum()
        u = rng.random() * cumulative[-1]
        place = min(int(np.searchsorted(cumulative, u, side="right")), len(possible) - 1)
        if possible[place] == eos:
            break
        tokens.append(int(possible[place]))
    return tokens[len(prompt) :]


# %% right: the Gumbel trick on the log-probabilities
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("max_new_tokens < 0")

    def tokens():
        context = list(prompt)
        for _ in range(max_new_tokens):
            p = filter_probs(next_logits(list(context)), **settings)
            with np.errstate(divide="ignore"):
                noisy = np.log(p) + rng.gumbel(size=len(p))
            context.append(int(np.argmax(noisy)))
            if context[-1] == eos:
                return
            yield context[-1]

    return list(tokens())


# %% right: draws counts with a multinomial of one trial
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("negative")
    out = []
    for _ in range(max_new_tokens):
        counts = rng.multinomial(1, filter_probs(next_logits(list(prompt) + out), **settings))
        token = counts.tolist().index(1)
        if token == eos:
            break
        out += [token]
    return out


# %% wrong (q04-generate-hidden-distribution): always takes the most likely token
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("max_new_tokens < 0")
    tokens = list(prompt)
    for _ in range(max_new_tokens):
        token = int(np.argmax(filter_probs(next_logits(list(tokens)), **settings)))
        if token == eos:
            break
        tokens.append(token)
    return tokens[len(prompt) :]


# %% wrong (q04-generate-hidden-distribution): draws uniformly among the tokens that were kept
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("max_new_tokens < 0")
    tokens = list(prompt)
    for _ in range(max_new_tokens):
        p = filter_probs(next_logits(list(tokens)), **settings)
        token = int(rng.choice(np.flatnonzero(p)))
        if token == eos:
            break
        tokens.append(token)
    return tokens[len(prompt) :]


# %% wrong (q04-generate-hidden-distribution): draws from the softmax of the logits, the filter only says what is kept
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("max_new_tokens < 0")
    tokens = list(prompt)
    for _ in range(max_new_tokens):
        z = next_logits(list(tokens))
        p = np.where(filter_probs(z, **settings) > 0, np.exp(z), 0)
        token = int(rng.choice(len(p), p=p / p.sum()))
        if token == eos:
            break
        tokens.append(token)
    return tokens[len(prompt) :]


# %% wrong (q04-generate-hidden-distribution): applies a softmax to what are probabilities already
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("max_new_tokens < 0")
    tokens = list(prompt)
    for _ in range(max_new_tokens):
        e = np.exp(filter_probs(next_logits(list(tokens)), **settings))
        token = int(rng.choice(len(e), p=e / e.sum()))
        if token == eos:
            break
        tokens.append(token)
    return tokens[len(prompt) :]


# %% wrong (q04-generate-hidden-context): the model sees the last token only
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("max_new_tokens < 0")
    tokens = list(prompt)
    for _ in range(max_new_tokens):
        p = filter_probs(next_logits(tokens[-1:]), **settings)
        token = int(rng.choice(len(p), p=p))
        if token == eos:
            break
        tokens.append(token)
    return tokens[len(prompt) :]


# %% wrong (q04-generate-hidden-context): forgets to pass the settings on
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("max_new_tokens < 0")
    tokens = list(prompt)
    for _ in range(max_new_tokens):
        p = filter_probs(next_logits(list(tokens)))
        token = int(rng.choice(len(p), p=p))
        if token == eos:
            break
        tokens.append(token)
    return tokens[len(prompt) :]


# %% wrong (q04-generate-hidden-context): appends to the caller's prompt
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("max_new_tokens < 0")
    start = len(prompt)
    for _ in range(max_new_tokens):
        p = filter_probs(next_logits(list(prompt)), **settings)
        token = int(rng.choice(len(p), p=p))
        if token == eos:
            break
        prompt.append(token)
    return prompt[start:]


# %% wrong (q04-generate-hidden-context): computes the logits of the prompt once and reuses them
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("max_new_tokens < 0")
    p = filter_probs(next_logits(list(prompt)), **settings) if max_new_tokens else None
    new = []
    for _ in range(max_new_tokens):
        token = int(rng.choice(len(p), p=p))
        if token == eos:
            break
        new.append(token)
    return new


# %% wrong (q04-generate-hidden-stop): eos is part of the result
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("max_new_tokens < 0")
    tokens = list(prompt)
    for _ in range(max_new_tokens):
        p = filter_probs(next_logits(list(tokens)), **settings)
        tokens.append(int(rng.choice(len(p), p=p)))
        if tokens[-1] == eos:
            break
    return tokens[len(prompt) :]


# %% wrong (q04-generate-hidden-stop): tests eos for truth, so token 0 never ends a text
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("max_new_tokens < 0")
    tokens = list(prompt)
    for _ in range(max_new_tokens):
        p = filter_probs(next_logits(list(tokens)), **settings)
        token = int(rng.choice(len(p), p=p))
        if eos and token == eos:
            break
        tokens.append(token)
    return tokens[len(prompt) :]


# %% wrong (q04-generate-hidden-stop): looks for eos in the whole context, the prompt included
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("max_new_tokens < 0")
    tokens = list(prompt)
    while len(tokens) < len(prompt) + max_new_tokens and eos not in tokens:
        p = filter_probs(next_logits(list(tokens)), **settings)
        tokens.append(int(rng.choice(len(p), p=p)))
    return [t for t in tokens[len(prompt) :] if t != eos]


# %% wrong (q04-generate-hidden-stop): a negative number of tokens gives an empty text
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    tokens = list(prompt)
    for _ in range(max_new_tokens):
        p = filter_probs(next_logits(list(tokens)), **settings)
        token = int(rng.choice(len(p), p=p))
        if token == eos:
            break
        tokens.append(token)
    return tokens[len(prompt) :]


# %% wrong (q04-generate-hidden-chance): draws from NumPy's global generator
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("max_new_tokens < 0")
    tokens = list(prompt)
    for _ in range(max_new_tokens):
        p = filter_probs(next_logits(list(tokens)), **settings)
        token = int(np.random.choice(len(p), p=p))
        if token == eos:
            break
        tokens.append(token)
    return tokens[len(prompt) :]


# %% wrong (q04-generate-hidden-chance): seeds a generator of its own
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("max_new_tokens < 0")
    rng = np.random.default_rng(42)
    tokens = list(prompt)
    for _ in range(max_new_tokens):
        p = filter_probs(next_logits(list(tokens)), **settings)
        token = int(rng.choice(len(p), p=p))
        if token == eos:
            break
        tokens.append(token)
    return tokens[len(prompt) :]


# %% wrong (q04-generate-hidden-chance): draws with torch's global generator
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("max_new_tokens < 0")
    tokens = list(prompt)
    for _ in range(max_new_tokens):
        p = torch.as_tensor(filter_probs(next_logits(list(tokens)), **settings))
        token = int(torch.multinomial(p, 1))
        if token == eos:
            break
        tokens.append(token)
    return tokens[len(prompt) :]


# %% wrong (q04-generate-hidden-chance): seeds the global generator from rng
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("max_new_tokens < 0")
    np.random.seed(int(rng.integers(2**31)))
    tokens = list(prompt)
    for _ in range(max_new_tokens):
        p = filter_probs(next_logits(list(tokens)), **settings)
        token = int(np.random.choice(len(p), p=p))
        if token == eos:
            break
        tokens.append(token)
    return tokens[len(prompt) :]


# %% wrong (q04-generate-hidden-context): calls the model once more after the last token
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("max_new_tokens is negative")
    tokens = list(prompt)
    for _ in range(max_new_tokens):
        p = filter_probs(next_logits(list(tokens)), **settings)
        token = int(rng.choice(len(p), p=p))
        if token == eos:
            break
        tokens.append(token)
    next_logits(list(tokens)) if max_new_tokens else None
    return tokens[len(prompt) :]


# %% wrong (q04-generate-hidden-stop): goes on asking the model after eos
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("max_new_tokens is negative")
    tokens = list(prompt)
    end = None
    for _ in range(max_new_tokens):
        p = filter_probs(next_logits(list(tokens)), **settings)
        token = int(rng.choice(len(p), p=p))
        if token == eos:
            end = len(tokens)
        tokens.append(token)
    return tokens[len(prompt) : end]


# %% wrong (q04-generate-hidden-context): a fixed window of the last 4 tokens
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("max_new_tokens is negative")
    tokens = list(prompt)
    for _ in range(max_new_tokens):
        p = filter_probs(next_logits(tokens[-4:]), **settings)
        token = int(rng.choice(len(p), p=p))
        if token == eos:
            break
        tokens.append(token)
    return tokens[len(prompt) :]


# %% wrong (q04-generate-hidden-distribution): smooths: adds a little to every token
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("max_new_tokens is negative")
    tokens = list(prompt)
    for _ in range(max_new_tokens):
        p = filter_probs(next_logits(list(tokens)), **settings)
        p = (p + 1e-3) / (p + 1e-3).sum()
        token = int(rng.choice(len(p), p=p))
        if token == eos:
            break
        tokens.append(token)
    return tokens[len(prompt) :]


# %% wrong (q04-generate-hidden-chance): same random number for every token of a text
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("max_new_tokens is negative")
    tokens = list(prompt)
    u = rng.random()
    for _ in range(max_new_tokens):
        p = filter_probs(next_logits(list(tokens)), **settings)
        token = int(np.searchsorted(np.cumsum(p), u * np.sum(p), side="right"))
        if token == eos:
            break
        tokens.append(token)
    return tokens[len(prompt) :]


# %% wrong (q04-generate-hidden-chance): copies the generator, so it never goes on
def generate(next_logits, prompt, rng, filter_probs, *, max_new_tokens, eos=None, **settings):
    if max_new_tokens < 0:
        raise ValueError("max_new_tokens is negative")
    import copy

    rng = copy.deepcopy(rng)
    tokens = list(prompt)
    for _ in range(max_new_tokens):
        p = filter_probs(next_logits(list(tokens)), **settings)
        token = int(rng.choice(len(p), p=p))
        if token == eos:
            break
        tokens.append(token)
    return tokens[len(prompt) :]
