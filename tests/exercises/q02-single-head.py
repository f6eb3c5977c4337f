# %% right: row by row
def single_head(q, k, v):
    rows = []
    for query in q:
        s = k @ query / math.sqrt(len(query))
        e = np.exp(s - s.max())
        rows.append(e / e.sum())
    weights = np.array(rows)
    return weights @ v, weights


# %% right: einsum and log-sum-exp, the queries scaled first
def single_head(q, k, v):
    s = np.einsum("td,sd->ts", q * q.shape[-1] ** -0.5, k)
    log_z = np.logaddexp.reduce(s, axis=-1, keepdims=True)
    w = np.exp(s - log_z)
    return np.einsum("ts,sv->tv", w, v), w


# %% right: torch inside
def single_head(q, k, v):
    q, k, v = (torch.tensor(a, dtype=torch.float64) for a in (q, k, v))
    w = torch.softmax(q @ k.T / q.shape[-1] ** 0.5, dim=-1)
    return (w @ v).numpy(), w.numpy()


# %% wrong (q02-single-head-hidden-scores): does not scale
def single_head(q, k, v):
    scores = q @ k.T
    scores = scores - scores.max(axis=1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=1, keepdims=True)
    return weights @ v, weights


# %% wrong (q02-single-head-hidden-scores): divides by d
def single_head(q, k, v):
    scores = q @ k.T / q.shape[1]
    scores = scores - scores.max(axis=1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=1, keepdims=True)
    return weights @ v, weights


# %% wrong (q02-single-head-hidden-scores): takes d from the values
def single_head(q, k, v):
    scores = q @ k.T / np.sqrt(v.shape[1])
    scores = scores - scores.max(axis=1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=1, keepdims=True)
    return weights @ v, weights


# %% wrong (q02-single-head-hidden-scores): takes d from the number of keys
def single_head(q, k, v):
    scores = q @ k.T / np.sqrt(len(k))
    scores = scores - scores.max(axis=1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=1, keepdims=True)
    return weights @ v, weights


# %% wrong (q02-single-head-hidden-rows): softmax over the queries
def single_head(q, k, v):
    scores = q @ k.T / np.sqrt(q.shape[1])
    scores = scores - scores.max(axis=0, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=0, keepdims=True)
    return weights @ v, weights


# %% wrong (q02-single-head-hidden-rows): one softmax over the whole matrix
def single_head(q, k, v):
    scores = q @ k.T / np.sqrt(q.shape[1])
    scores = scores - scores.max()
    weights = np.exp(scores)
    weights = weights / weights.sum()
    return weights @ v, weights


# %% wrong (q02-single-head-hidden-rows): writes the scale into the queries of the caller
def single_head(q, k, v):
    q /= np.sqrt(q.shape[1])
    scores = q @ k.T
    scores = scores - scores.max(axis=1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=1, keepdims=True)
    return weights @ v, weights


# %% wrong (q02-single-head-hidden-large): exp of the raw scores
def single_head(q, k, v):
    scores = q @ k.T / np.sqrt(q.shape[1])
    np.seterr(all="ignore")
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=1, keepdims=True)
    return weights @ v, weights


# %% wrong (q02-single-head-hidden-large): one maximum for all queries, so a row far below it is 0/0
def single_head(q, k, v):
    scores = q @ k.T / np.sqrt(q.shape[1])
    scores = scores - scores.max()
    np.seterr(all="ignore")
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=1, keepdims=True)
    return weights @ v, weights


# %% wrong (q02-single-head-hidden-large): clips the scores to keep exp in range
def single_head(q, k, v):
    scores = q @ k.T / np.sqrt(q.shape[1])
    scores = np.clip(scores, -50, 50)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=1, keepdims=True)
    return weights @ v, weights
