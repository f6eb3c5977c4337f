# %% right: running sums, as in the paper
def online_softmax_attention(q, K, V, block):
    if len(K) == 0 or block < 1:
        raise ValueError("no keys, or no block")
    m, total, acc = -math.inf, 0.0, np.zeros(V.shape[1])
    for i in range(0, len(K), block):
        s = K[i : i + block] @ q / math.sqrt(len(q))
        new = max(m, s.max())
        shrink = math.exp(m - new)
        e = np.exp(s - new)
        total = total * shrink + e.sum()
        acc = acc * shrink + e @ V[i : i + block]
        m = new
    return acc / total, m, total


def merge_states(a, b):
    (oa, ma, la), (ob, mb, lb) = a, b
    m = max(ma, mb)
    wa, wb = la * math.exp(ma - m), lb * math.exp(mb - m)
    return (oa * wa + ob * wb) / (wa + wb), m, wa + wb


# %% right: through log-sum-exp
def online_softmax_attention(q, K, V, block):
    if len(K) == 0 or block < 1:
        raise ValueError("no keys, or no block")
    m, total, acc = -math.inf, 0.0, np.zeros(V.shape[1])
    for i in range(0, len(K), block):
        s = K[i : i + block] @ q / math.sqrt(len(q))
        new = max(m, s.max())
        shrink = math.exp(m - new)
        e = np.exp(s - new)
        total = total * shrink + e.sum()
        acc = acc * shrink + e @ V[i : i + block]
        m = new
    return acc / total, m, total


def merge_states(a, b):
    (oa, ma, la), (ob, mb, lb) = a, b
    za, zb = ma + math.log(la), mb + math.log(lb)
    z = np.logaddexp(za, zb)
    m = max(ma, mb)
    out = math.exp(za - z) * np.asarray(oa) + math.exp(zb - z) * np.asarray(ob)
    return out, m, la * math.exp(ma - m) + lb * math.exp(mb - m)


# %% right: key by key, whatever the block, and torch in the merge
def online_softmax_attention(q, K, V, block):
    n = K.shape[0]
    if not (n and block >= 1):
        raise ValueError(f"{n} keys in blocks of {block}")
    state = (V[0].copy(), float(q @ K[0]) / q.size**0.5, 1.0)
    for i in range(1, n):
        state = merge_states(state, (V[i], float(q @ K[i]) / q.size**0.5, 1.0))
    return state


def merge_states(a, b):
    outs = torch.tensor(np.stack([a[0], b[0]]))
    m = torch.tensor([a[1], b[1]], dtype=torch.float64)
    weights = torch.tensor([a[2], b[2]], dtype=torch.float64) * torch.exp(m - m.max())
    out = (weights[:, None] * outs).sum(dim=0) / weights.sum()
    return out.numpy(), float(m.max()), float(weights.sum())


# %% right: all scores at once, which is allowed
def online_softmax_attention(q, K, V, block):
    if block < 1 or K.shape[0] < 1:
        raise ValueError("block and keys")
    s = (K @ q) * q.shape[0] ** -0.5
    e = np.exp(s - s.max())
    return (e[:, None] * V).sum(axis=0) / e.sum(), s.max(), e.sum()


def merge_states(a, b):
    (oa, ma, la), (ob, mb, lb) = a, b
    m = max(ma, mb)
    wa, wb = la * math.exp(ma - m), lb * math.exp(mb - m)
    return (oa * wa + ob * wb) / (wa + wb), m, wa + wb


# %% wrong (q05-online-softmax-hidden-blocks): the sum is not rescaled when the maximum grows
def online_softmax_attention(q, K, V, block):
    if len(K) == 0 or block < 1:
        raise ValueError("no keys, or no block")
    m, total, acc = -math.inf, 0.0, np.zeros(V.shape[1])
    for i in range(0, len(K), block):
        s = K[i : i + block] @ q / math.sqrt(len(q))
        new = max(m, s.max())
        shrink = math.exp(m - new)
        e = np.exp(s - new)
        total = total + e.sum()
        acc = acc * shrink + e @ V[i : i + block]
        m = new
    return acc / total, m, total


def merge_states(a, b):
    (oa, ma, la), (ob, mb, lb) = a, b
    m = max(ma, mb)
    wa, wb = la * math.exp(ma - m), lb * math.exp(mb - m)
    return (oa * wa + ob * wb) / (wa + wb), m, wa + wb


# %% wrong (q05-online-softmax-hidden-blocks): the sum is rescaled, the values are not
def online_softmax_attention(q, K, V, block):
    if len(K) == 0 or block < 1:
        raise ValueError("no keys, or no block")
    m, total, acc = -math.inf, 0.0, np.zeros(V.shape[1])
    for i in range(0, len(K), block):
        s = K[i : i + block] @ q / math.sqrt(len(q))
        new = max(m, s.max())
        shrink = math.exp(m - new)
        e = np.exp(s - new)
        total = total * shrink + e.sum()
        acc = acc + e @ V[i : i + block]
        m = new
    return acc / total, m, total


def merge_states(a, b):
    (oa, ma, la), (ob, mb, lb) = a, b
    m = max(ma, mb)
    wa, wb = la * math.exp(ma - m), lb * math.exp(mb - m)
    return (oa * wa + ob * wb) / (wa + wb), m, wa + wb


# %% wrong (q05-online-softmax-hidden-blocks): the mean of the blocks' results
def online_softmax_attention(q, K, V, block):
    if len(K) == 0 or block < 1:
        raise ValueError("no keys, or no block")
    m, total, acc = -math.inf, 0.0, np.zeros(V.shape[1])
    for i in range(0, len(K), block):
        s = K[i : i + block] @ q / math.sqrt(len(q))
        new = max(m, s.max())
        shrink = math.exp(m - new)
        e = np.exp(s - new)
        total = total * shrink + e.sum()
        acc = acc + e @ V[i : i + block] / e.sum() * len(s)
        m = new
    return acc / len(K), m, total


def merge_states(a, b):
    (oa, ma, la), (ob, mb, lb) = a, b
    m = max(ma, mb)
    wa, wb = la * math.exp(ma - m), lb * math.exp(mb - m)
    return (oa * wa + ob * wb) / (wa + wb), m, wa + wb


# %% wrong (q05-online-softmax-hidden-blocks): a short last block is left out
def online_softmax_attention(q, K, V, block):
    if len(K) == 0 or block < 1:
        raise ValueError("no keys, or no block")
    m, total, acc = -math.inf, 0.0, np.zeros(V.shape[1])
    for i in range(0, max(len(K) - block, 0) + 1, block):
        s = K[i : i + block] @ q / math.sqrt(len(q))
        new = max(m, s.max())
        shrink = math.exp(m - new)
        e = np.exp(s - new)
        total = total * shrink + e.sum()
        acc = acc * shrink + e @ V[i : i + block]
        m = new
    return acc / total, m, total


def merge_states(a, b):
    (oa, ma, la), (ob, mb, lb) = a, b
    m = max(ma, mb)
    wa, wb = la * math.exp(ma - m), lb * math.exp(mb - m)
    return (oa * wa + ob * wb) / (wa + wb), m, wa + wb


# %% wrong (q05-online-softmax-hidden-blocks): no scale
def online_softmax_attention(q, K, V, block):
    if len(K) == 0 or block < 1:
        raise ValueError("no keys, or no block")
    m, total, acc = -math.inf, 0.0, np.zeros(V.shape[1])
    for i in range(0, len(K), block):
        s = K[i : i + block] @ q
        new = max(m, s.max())
        shrink = math.exp(m - new)
        e = np.exp(s - new)
        total = total * shrink + e.sum()
        acc = acc * shrink + e @ V[i : i + block]
        m = new
    return acc / total, m, total


def merge_states(a, b):
    (oa, ma, la), (ob, mb, lb) = a, b
    m = max(ma, mb)
    wa, wb = la * math.exp(ma - m), lb * math.exp(mb - m)
    return (oa * wa + ob * wb) / (wa + wb), m, wa + wb


# %% wrong (q05-online-softmax-hidden-blocks): not divided by the sum
def online_softmax_attention(q, K, V, block):
    if len(K) == 0 or block < 1:
        raise ValueError("no keys, or no block")
    m, total, acc = -math.inf, 0.0, np.zeros(V.shape[1])
    for i in range(0, len(K), block):
        s = K[i : i + block] @ q / math.sqrt(len(q))
        new = max(m, s.max())
        shrink = math.exp(m - new)
        e = np.exp(s - new)
        total = total * shrink + e.sum()
        acc = acc * shrink + e @ V[i : i + block]
        m = new
    return acc, m, total


def merge_states(a, b):
    (oa, ma, la), (ob, mb, lb) = a, b
    m = max(ma, mb)
    wa, wb = la * math.exp(ma - m), lb * math.exp(mb - m)
    return (oa * wa + ob * wb) / (wa + wb), m, wa + wb


# %% wrong (q05-online-softmax-hidden-state): the maximum starts at 0
def online_softmax_attention(q, K, V, block):
    if len(K) == 0 or block < 1:
        raise ValueError("no keys, or no block")
    m, total, acc = 0.0, 0.0, np.zeros(V.shape[1])
    for i in range(0, len(K), block):
        s = K[i : i + block] @ q / math.sqrt(len(q))
        new = max(m, s.max())
        shrink = math.exp(m - new)
        e = np.exp(s - new)
        total = total * shrink + e.sum()
        acc = acc * shrink + e @ V[i : i + block]
        m = new
    return acc / total, m, total


def merge_states(a, b):
    (oa, ma, la), (ob, mb, lb) = a, b
    m = max(ma, mb)
    wa, wb = la * math.exp(ma - m), lb * math.exp(mb - m)
    return (oa * wa + ob * wb) / (wa + wb), m, wa + wb


# %% wrong (q05-online-softmax-hidden-state): m is that of the last block
def online_softmax_attention(q, K, V, block):
    if len(K) == 0 or block < 1:
        raise ValueError("no keys, or no block")
    m, total, acc = -math.inf, 0.0, np.zeros(V.shape[1])
    for i in range(0, len(K), block):
        s = K[i : i + block] @ q / math.sqrt(len(q))
        new = max(m, s.max())
        shrink = math.exp(m - new)
        e = np.exp(s - new)
        total = total * shrink + e.sum()
        acc = acc * shrink + e @ V[i : i + block]
        m = new
    return acc / total, s.max(), total


def merge_states(a, b):
    (oa, ma, la), (ob, mb, lb) = a, b
    m = max(ma, mb)
    wa, wb = la * math.exp(ma - m), lb * math.exp(mb - m)
    return (oa * wa + ob * wb) / (wa + wb), m, wa + wb


# %% wrong (q05-online-softmax-hidden-state): no error for a block of 0 keys
def online_softmax_attention(q, K, V, block):
    block = max(block, 1)
    if len(K) == 0:
        raise ValueError("no keys, or no block")
    m, total, acc = -math.inf, 0.0, np.zeros(V.shape[1])
    for i in range(0, len(K), block):
        s = K[i : i + block] @ q / math.sqrt(len(q))
        new = max(m, s.max())
        shrink = math.exp(m - new)
        e = np.exp(s - new)
        total = total * shrink + e.sum()
        acc = acc * shrink + e @ V[i : i + block]
        m = new
    return acc / total, m, total


def merge_states(a, b):
    (oa, ma, la), (ob, mb, lb) = a, b
    m = max(ma, mb)
    wa, wb = la * math.exp(ma - m), lb * math.exp(mb - m)
    return (oa * wa + ob * wb) / (wa + wb), m, wa + wb


# %% wrong (q05-online-softmax-hidden-state): an empty set of keys gives zeros
def online_softmax_attention(q, K, V, block):
    if len(K) == 0 or block < 1:
        if block < 1:
            raise ValueError("no block")
        return np.zeros(V.shape[1]), -math.inf, 0.0
    m, total, acc = -math.inf, 0.0, np.zeros(V.shape[1])
    for i in range(0, len(K), block):
        s = K[i : i + block] @ q / math.sqrt(len(q))
        new = max(m, s.max())
        shrink = math.exp(m - new)
        e = np.exp(s - new)
        total = total * shrink + e.sum()
        acc = acc * shrink + e @ V[i : i + block]
        m = new
    return acc / total, m, total


def merge_states(a, b):
    (oa, ma, la), (ob, mb, lb) = a, b
    m = max(ma, mb)
    wa, wb = la * math.exp(ma - m), lb * math.exp(mb - m)
    return (oa * wa + ob * wb) / (wa + wb), m, wa + wb


# %% wrong (q05-online-softmax-hidden-merge): weights by the sums alone, as if the maxima were equal
def online_softmax_attention(q, K, V, block):
    if len(K) == 0 or block < 1:
        raise ValueError("no keys, or no block")
    m, total, acc = -math.inf, 0.0, np.zeros(V.shape[1])
    for i in range(0, len(K), block):
        s = K[i : i + block] @ q / math.sqrt(len(q))
        new = max(m, s.max())
        shrink = math.exp(m - new)
        e = np.exp(s - new)
        total = total * shrink + e.sum()
        acc = acc * shrink + e @ V[i : i + block]
        m = new
    return acc / total, m, total


def merge_states(a, b):
    (oa, ma, la), (ob, mb, lb) = a, b
    m = max(ma, mb)
    wa, wb = la, lb
    return (oa * wa + ob * wb) / (wa + wb), m, wa + wb


# %% wrong (q05-online-softmax-hidden-merge): the mean of the two results
def online_softmax_attention(q, K, V, block):
    if len(K) == 0 or block < 1:
        raise ValueError("no keys, or no block")
    m, total, acc = -math.inf, 0.0, np.zeros(V.shape[1])
    for i in range(0, len(K), block):
        s = K[i : i + block] @ q / math.sqrt(len(q))
        new = max(m, s.max())
        shrink = math.exp(m - new)
        e = np.exp(s - new)
        total = total * shrink + e.sum()
        acc = acc * shrink + e @ V[i : i + block]
        m = new
    return acc / total, m, total


def merge_states(a, b):
    (oa, ma, la), (ob, mb, lb) = a, b
    m = max(ma, mb)
    wa, wb = la * math.exp(ma - m), lb * math.exp(mb - m)
    return (oa + ob) / 2, m, wa + wb


# %% wrong (q05-online-softmax-hidden-merge): forgets how many keys are behind each maximum
def online_softmax_attention(q, K, V, block):
    if len(K) == 0 or block < 1:
        raise ValueError("no keys, or no block")
    m, total, acc = -math.inf, 0.0, np.zeros(V.shape[1])
    for i in range(0, len(K), block):
        s = K[i : i + block] @ q / math.sqrt(len(q))
        new = max(m, s.max())
        shrink = math.exp(m - new)
        e = np.exp(s - new)
        total = total * shrink + e.sum()
        acc = acc * shrink + e @ V[i : i + block]
        m = new
    return acc / total, m, total


def merge_states(a, b):
    (oa, ma, la), (ob, mb, lb) = a, b
    m = max(ma, mb)
    wa, wb = math.exp(ma - m), math.exp(mb - m)
    return (oa * wa + ob * wb) / (wa + wb), m, la * wa + lb * wb


# %% wrong (q05-online-softmax-hidden-merge): sums added without bringing them to the new maximum
def online_softmax_attention(q, K, V, block):
    if len(K) == 0 or block < 1:
        raise ValueError("no keys, or no block")
    m, total, acc = -math.inf, 0.0, np.zeros(V.shape[1])
    for i in range(0, len(K), block):
        s = K[i : i + block] @ q / math.sqrt(len(q))
        new = max(m, s.max())
        shrink = math.exp(m - new)
        e = np.exp(s - new)
        total = total * shrink + e.sum()
        acc = acc * shrink + e @ V[i : i + block]
        m = new
    return acc / total, m, total


def merge_states(a, b):
    (oa, ma, la), (ob, mb, lb) = a, b
    m = max(ma, mb)
    wa, wb = la * math.exp(ma - m), lb * math.exp(mb - m)
    return (oa * wa + ob * wb) / (wa + wb), m, la + lb


# %% wrong (q05-online-softmax-hidden-merge): takes the second maximum, whichever is larger
def online_softmax_attention(q, K, V, block):
    if len(K) == 0 or block < 1:
        raise ValueError("no keys, or no block")
    m, total, acc = -math.inf, 0.0, np.zeros(V.shape[1])
    for i in range(0, len(K), block):
        s = K[i : i + block] @ q / math.sqrt(len(q))
        new = max(m, s.max())
        shrink = math.exp(m - new)
        e = np.exp(s - new)
        total = total * shrink + e.sum()
        acc = acc * shrink + e @ V[i : i + block]
        m = new
    return acc / total, m, total


def merge_states(a, b):
    (oa, ma, la), (ob, mb, lb) = a, b
    m = mb
    wa, wb = la * math.exp(ma - m), lb * math.exp(mb - m)
    return (oa * wa + ob * wb) / (wa + wb), m, wa + wb


# %% wrong (q05-online-softmax-hidden-large): no maximum in the merge, exp(m) directly
def online_softmax_attention(q, K, V, block):
    if len(K) == 0 or block < 1:
        raise ValueError("no keys, or no block")
    m, total, acc = -math.inf, 0.0, np.zeros(V.shape[1])
    for i in range(0, len(K), block):
        s = K[i : i + block] @ q / math.sqrt(len(q))
        new = max(m, s.max())
        shrink = math.exp(m - new)
        e = np.exp(s - new)
        total = total * shrink + e.sum()
        acc = acc * shrink + e @ V[i : i + block]
        m = new
    return acc / total, m, total


def merge_states(a, b):
    (oa, ma, la), (ob, mb, lb) = a, b
    m = max(ma, mb)
    with np.errstate(all="ignore"):
        wa, wb = la * np.exp(ma), lb * np.exp(mb)
        return (oa * wa + ob * wb) / (wa + wb), m, (wa + wb) / np.exp(m)


# %% wrong (q05-online-softmax-hidden-large): one fixed reference instead of the maximum
def online_softmax_attention(q, K, V, block):
    if len(K) == 0 or block < 1:
        raise ValueError("no keys, or no block")
    m, total, acc = -math.inf, 0.0, np.zeros(V.shape[1])
    first = float(K[0] @ q / math.sqrt(len(q)))
    for i in range(0, len(K), block):
        s = K[i : i + block] @ q / math.sqrt(len(q))
        new = max(m, s.max())
        with np.errstate(all="ignore"):
            e = np.exp(s - first)
            total = total + e.sum()
            acc = acc + e @ V[i : i + block]
        m = new
    with np.errstate(all="ignore"):
        return acc / total, m, total * np.exp(first - m)


def merge_states(a, b):
    (oa, ma, la), (ob, mb, lb) = a, b
    m = max(ma, mb)
    wa, wb = la * math.exp(ma - m), lb * math.exp(mb - m)
    return (oa * wa + ob * wb) / (wa + wb), m, wa + wb
