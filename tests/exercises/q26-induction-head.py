# %% right: two loops and a dictionary of positions
def induction_head(tokens, vocab, beta):
    T = len(tokens)
    pattern, logits = np.zeros((T, T)), np.zeros((T, vocab))
    after = {}
    for t, token in enumerate(tokens.tolist()):
        if t > 0:
            after.setdefault(int(tokens[t - 1]), []).append(t)
        hits = after.get(token, [])
        row = np.full(t + 1, math.exp(-beta) if hits else 1.0)
        row[hits] = 1.0
        pattern[t, : t + 1] = row / row.sum()
        for s in range(t + 1):
            logits[t, tokens[s]] += pattern[t, s]
    return pattern, logits


# %% right: torch, one-hot vectors and a shift matrix for layer 1
def induction_head(tokens, vocab, beta):
    x = torch.nn.functional.one_hot(torch.tensor(tokens).long(), vocab).double()
    T = len(x)
    shift = torch.diag(torch.ones(T - 1, dtype=torch.float64), -1)
    scores = beta * x @ (shift @ x).T
    allowed = torch.ones(T, T, dtype=torch.bool).tril()
    pattern = scores.masked_fill(~allowed, -torch.inf).softmax(dim=-1)
    return pattern.numpy(), (pattern @ x).numpy()


# %% right: compares tokens instead of multiplying one-hot vectors
def induction_head(tokens, vocab, beta):
    tokens = np.asarray(tokens)
    before = np.concatenate([[-1], tokens[:-1]])
    causal = np.tri(len(tokens), dtype=bool)
    hit = (tokens[:, None] == before[None, :]) & causal
    none = ~hit.any(axis=1, keepdims=True)
    weights = np.where(hit | none, 1.0, np.exp(-beta)) * causal
    pattern = weights / weights.sum(axis=1, keepdims=True)
    logits = np.zeros((len(tokens), vocab))
    np.add.at(logits.T, tokens, pattern.T)
    return pattern, logits


# %% right: both heads in one residual stream of two halves, read by matrices
def induction_head(tokens, vocab, beta):
    T = len(tokens)
    stream = np.zeros((T, 2 * vocab))
    stream[np.arange(T), tokens] = 1
    stream[1:, vocab:] = stream[:-1, :vocab]
    Wq = np.vstack([np.eye(vocab), np.zeros((vocab, vocab))])
    Wk = np.vstack([np.zeros((vocab, vocab)), np.eye(vocab)])
    scores = beta * (stream @ Wq) @ (stream @ Wk).T + np.triu(np.full((T, T), -1e30), 1)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    pattern = weights / weights.sum(axis=1, keepdims=True)
    return pattern, pattern @ stream @ Wq


# %% wrong (q26-induction-head-hidden-causal): np.roll, so the last token stands before the first
def induction_head(tokens, vocab, beta):
    T = len(tokens)
    x = np.eye(vocab)[tokens]
    before = np.roll(x, 1, axis=0)
    scores = beta * x @ before.T
    scores[np.triu(np.ones((T, T), bool), k=1)] = -np.inf
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    pattern = weights / weights.sum(axis=1, keepdims=True)
    return pattern, pattern @ x


# %% wrong (q26-induction-head-hidden-match): one layer only, attends to the same token and repeats it
def induction_head(tokens, vocab, beta):
    T = len(tokens)
    x = np.eye(vocab)[tokens]
    scores = beta * x @ x.T
    scores[np.triu(np.ones((T, T), bool), k=1)] = -np.inf
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    pattern = weights / weights.sum(axis=1, keepdims=True)
    return pattern, pattern @ x


# %% wrong (q26-induction-head-hidden-causal): no mask
def induction_head(tokens, vocab, beta):
    x = np.eye(vocab)[tokens]
    before = np.zeros_like(x)
    before[1:] = x[:-1]
    scores = beta * x @ before.T
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    pattern = weights / weights.sum(axis=1, keepdims=True)
    return pattern, pattern @ x


# %% wrong (q26-induction-head-hidden-causal): the mask sets scores to 0, which is no mask
def induction_head(tokens, vocab, beta):
    x = np.eye(vocab)[tokens]
    before = np.zeros_like(x)
    before[1:] = x[:-1]
    scores = np.tril(beta * x @ before.T)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    pattern = weights / weights.sum(axis=1, keepdims=True)
    return pattern, pattern @ x


# %% wrong (q26-induction-head-hidden-causal): masks after the softmax, rows no longer sum to 1
def induction_head(tokens, vocab, beta):
    x = np.eye(vocab)[tokens]
    before = np.zeros_like(x)
    before[1:] = x[:-1]
    scores = beta * x @ before.T
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    pattern = np.tril(weights / weights.sum(axis=1, keepdims=True))
    return pattern, pattern @ x


# %% wrong (q26-induction-head-hidden-several): a position does not look at itself
def induction_head(tokens, vocab, beta):
    T = len(tokens)
    x = np.eye(vocab)[tokens]
    before = np.zeros_like(x)
    before[1:] = x[:-1]
    scores = beta * x @ before.T
    scores[np.triu(np.ones((T, T), bool), k=0)] = -np.inf
    scores[0, 0] = 0.0
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    pattern = weights / weights.sum(axis=1, keepdims=True)
    return pattern, pattern @ x


# %% wrong (q26-induction-head-hidden-form): exp of scores as they are
def induction_head(tokens, vocab, beta):
    x = np.eye(vocab)[tokens]
    before = np.zeros_like(x)
    before[1:] = x[:-1]
    with np.errstate(over="ignore", invalid="ignore"):
        weights = np.tril(np.exp(beta * x @ before.T))
        pattern = weights / weights.sum(axis=1, keepdims=True)
    return pattern, pattern @ x


# %% wrong (q26-induction-head-hidden-several): only the latest earlier occurrence counts
def induction_head(tokens, vocab, beta):
    T = len(tokens)
    x = np.eye(vocab)[tokens]
    scores = np.zeros((T, T))
    for t in range(T):
        for s in range(t, 0, -1):
            if tokens[s - 1] == tokens[t]:
                scores[t, s] = beta
                break
    scores[np.triu(np.ones((T, T), bool), k=1)] = -np.inf
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    pattern = weights / weights.sum(axis=1, keepdims=True)
    return pattern, pattern @ x


# %% wrong (q26-induction-head-hidden-match): values of layer 1, so it predicts the present token
def induction_head(tokens, vocab, beta):
    T = len(tokens)
    x = np.eye(vocab)[tokens]
    before = np.zeros_like(x)
    before[1:] = x[:-1]
    scores = beta * x @ before.T
    scores[np.triu(np.ones((T, T), bool), k=1)] = -np.inf
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    pattern = weights / weights.sum(axis=1, keepdims=True)
    return pattern, pattern @ before


# %% wrong (q26-induction-head-hidden-match): scores divided by the root of the vocabulary
def induction_head(tokens, vocab, beta):
    T = len(tokens)
    x = np.eye(vocab)[tokens]
    before = np.zeros_like(x)
    before[1:] = x[:-1]
    scores = beta * x @ before.T / math.sqrt(vocab)
    scores[np.triu(np.ones((T, T), bool), k=1)] = -np.inf
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    pattern = weights / weights.sum(axis=1, keepdims=True)
    return pattern, pattern @ x


# %% wrong (q26-induction-head-hidden-match): layer 1 writes the next token instead of the one before
def induction_head(tokens, vocab, beta):
    T = len(tokens)
    x = np.eye(vocab)[tokens]
    after = np.zeros_like(x)
    after[:-1] = x[1:]
    scores = beta * x @ after.T
    scores[np.triu(np.ones((T, T), bool), k=1)] = -np.inf
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    pattern = weights / weights.sum(axis=1, keepdims=True)
    return pattern, pattern @ x


# %% wrong (q26-induction-head-hidden-form): a vocabulary of the tokens that occur
def induction_head(tokens, vocab, beta):
    T = len(tokens)
    x = np.eye(int(max(tokens)) + 1)[tokens]
    before = np.zeros_like(x)
    before[1:] = x[:-1]
    scores = beta * x @ before.T
    scores[np.triu(np.ones((T, T), bool), k=1)] = -np.inf
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    pattern = weights / weights.sum(axis=1, keepdims=True)
    return pattern, pattern @ x
