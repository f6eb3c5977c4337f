# %% right: one loop, log-sum in the base it came in
def perplexity(token_logprobs, *, base="e"):
    total, count = 0.0, 0
    for sentence in token_logprobs:
        for logprob in sentence:
            total += logprob
            count += 1
    if count == 0:
        raise ValueError("no token")
    b = math.e if base == "e" else base
    try:
        return float(b ** (-total / count))
    except OverflowError:
        return float("inf")


# %% right: NumPy throughout, natural logarithms inside
def perplexity(token_logprobs, *, base="e"):
    flat = np.array([x for s in token_logprobs for x in s], dtype=float)
    if flat.size == 0:
        raise ValueError("no token")
    nats = flat * (1.0 if base == "e" else np.log(base))
    with np.errstate(over="ignore"):
        return float(np.exp(-nats.mean()))


# %% right: a running mean, so that no sum grows
def perplexity(token_logprobs, *, base="e"):
    import itertools

    mean, n = 0.0, 0
    for x in itertools.chain.from_iterable(token_logprobs):
        n += 1
        if x == -math.inf:
            return math.inf
        mean += (x - mean) / n
    if not n:
        raise ValueError("empty corpus")
    nats = -mean * (1 if base == "e" else math.log(base))
    return math.exp(nats) if nats < 709 else math.inf


# %% right: torch
def perplexity(token_logprobs, *, base="e"):
    pieces = [torch.tensor(s, dtype=torch.float64) for s in token_logprobs if s]
    if not pieces:
        raise ValueError("no token")
    mean = torch.cat(pieces).mean()
    return torch.exp(-mean * (1.0 if base == "e" else math.log(base))).item()


# %% wrong (q01-perplexity-hidden-weight): the mean of the sentences' perplexities
def perplexity(token_logprobs, *, base="e"):
    b = math.e if base == "e" else base
    sentences = [s for s in token_logprobs if s]
    if not sentences:
        raise ValueError("no token")
    try:
        return sum(b ** (-sum(s) / len(s)) for s in sentences) / len(sentences)
    except OverflowError:
        return math.inf


# %% wrong (q01-perplexity-hidden-weight): the mean of the sentences' means
def perplexity(token_logprobs, *, base="e"):
    b = math.e if base == "e" else base
    means = [sum(s) / len(s) for s in token_logprobs if s]
    if not means:
        raise ValueError("no token")
    try:
        return b ** (-sum(means) / len(means))
    except OverflowError:
        return math.inf


# %% wrong (q01-perplexity-hidden-weight): the mean of exp instead of exp of the mean
def perplexity(token_logprobs, *, base="e"):
    b = math.e if base == "e" else base
    flat = [x for s in token_logprobs for x in s]
    if not flat:
        raise ValueError("no token")
    try:
        return sum(b**-x for x in flat) / len(flat)
    except OverflowError:
        return math.inf


# %% wrong (q01-perplexity-hidden-weight): divides by the number of sentences
def perplexity(token_logprobs, *, base="e"):
    b = math.e if base == "e" else base
    if not any(token_logprobs):
        raise ValueError("no token")
    try:
        return b ** (-sum(map(sum, token_logprobs)) / len(token_logprobs))
    except OverflowError:
        return math.inf


# %% wrong (q01-perplexity-hidden-base): the base is ignored
def perplexity(token_logprobs, *, base="e"):
    flat = [x for s in token_logprobs for x in s]
    if not flat:
        raise ValueError("no token")
    exponent = -sum(flat) / len(flat)
    return math.exp(exponent) if exponent < 709 else math.inf


# %% wrong (q01-perplexity-hidden-base): always a power of 2
def perplexity(token_logprobs, *, base="e"):
    flat = [x for s in token_logprobs for x in s]
    if not flat:
        raise ValueError("no token")
    exponent = -sum(flat) / len(flat)
    return 2.0**exponent if exponent < 1000 else math.inf


# %% wrong (q01-perplexity-hidden-base): base 2 is known, any other is taken for e
def perplexity(token_logprobs, *, base="e"):
    flat = [x for s in token_logprobs for x in s]
    if not flat:
        raise ValueError("no token")
    exponent = -sum(flat) / len(flat)
    if base == 2:
        return 2.0**exponent if exponent < 1000 else math.inf
    return math.exp(exponent) if exponent < 709 else math.inf


# %% wrong (q01-perplexity-hidden-long): multiplies probabilities, which underflow
def perplexity(token_logprobs, *, base="e"):
    b = math.e if base == "e" else float(base)
    flat = [x for s in token_logprobs for x in s]
    if not flat:
        raise ValueError("no token")
    product = math.prod(b**x for x in flat)
    return product ** (-1 / len(flat)) if product > 0 else math.inf


# %% wrong (q01-perplexity-hidden-long): lets the overflow out
def perplexity(token_logprobs, *, base="e"):
    flat = [x for s in token_logprobs for x in s]
    if not flat:
        raise ValueError("no token")
    exponent = -sum(flat) / len(flat)
    if exponent == math.inf:
        return math.inf
    return math.exp(exponent) if base == "e" else float(base) ** exponent


# %% wrong (q01-perplexity-hidden-long): leaves impossible tokens out
def perplexity(token_logprobs, *, base="e"):
    flat = [x for s in token_logprobs for x in s if x > -math.inf]
    if not flat:
        raise ValueError("no token")
    nats = -sum(flat) / len(flat) * (1 if base == "e" else math.log(base))
    return math.exp(nats) if nats < 709 else math.inf


# %% wrong (q01-perplexity-hidden-empty): an empty sentence counts as a token
def perplexity(token_logprobs, *, base="e"):
    b = math.e if base == "e" else base
    n = sum(max(1, len(s)) for s in token_logprobs)
    if not any(token_logprobs):
        raise ValueError("no token")
    exponent = -sum(map(sum, token_logprobs)) / n
    return b**exponent if exponent < 300 else math.inf


# %% wrong (q01-perplexity-hidden-empty): an empty corpus has perplexity 1
def perplexity(token_logprobs, *, base="e"):
    b = math.e if base == "e" else base
    flat = [x for s in token_logprobs for x in s]
    exponent = -sum(flat) / max(1, len(flat))
    try:
        return b**exponent
    except OverflowError:
        return math.inf


# %% wrong (q01-perplexity-hidden-empty): only the empty list counts as nothing
def perplexity(token_logprobs, *, base="e"):
    if not token_logprobs:
        raise ValueError("no token")
    flat = [x for s in token_logprobs for x in s] or [0.0]
    nats = -sum(flat) / len(flat) * (1 if base == "e" else math.log(base))
    return math.exp(nats) if nats < 709 else math.inf
