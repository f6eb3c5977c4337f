# %% right: with matrices
def attention_backward(q, k, v, dout, mask=None):
    root = np.sqrt(q.shape[1])
    s = q @ k.T / root
    if mask is not None:
        s = np.where(mask, s, -np.inf)
    w = np.exp(s - s.max(axis=1, keepdims=True))
    w = w / w.sum(axis=1, keepdims=True)
    dv = w.T @ dout
    dw = dout @ v.T
    ds = w * (dw - (dw * w).sum(axis=1, keepdims=True))
    dq = ds @ k / root
    dk = ds.T @ q / root
    return dq, dk, dv


# %% right: query by query, with the Jacobian written down
def attention_backward(q, k, v, dout, mask=None):
    d = q.shape[1]
    dq, dk, dv = np.zeros_like(q), np.zeros_like(k), np.zeros_like(v)
    for t in range(len(q)):
        seen = np.arange(len(k)) if mask is None else np.flatnonzero(mask[t])
        s = k[seen] @ q[t] / d**0.5
        e = np.exp(s - s.max())
        w = e / e.sum()
        jacobian = np.diag(w) - np.outer(w, w)
        ds = jacobian @ (v[seen] @ dout[t])
        dq[t] = ds @ k[seen] / d**0.5
        dk[seen] += np.outer(ds, q[t]) / d**0.5
        dv[seen] += np.outer(w, dout[t])
    return dq, dk, dv


# %% right: the row sum from the output, as FlashAttention does it
def attention_backward(q, k, v, dout, mask=None):
    scale = q.shape[-1] ** -0.5
    s = np.einsum("td,sd->ts", q, k) * scale
    s = s if mask is None else np.where(mask, s, -np.inf)
    w = np.exp(s - np.logaddexp.reduce(s, axis=-1, keepdims=True))
    out = w @ v
    delta = (dout * out).sum(axis=-1, keepdims=True)
    ds = w * (dout @ v.T - delta)
    return scale * (ds @ k), scale * (ds.T @ q), w.T @ dout


# %% wrong (q02-backward-hidden-values): the weights not transposed, and normalised over the wrong axis
def attention_backward(q, k, v, dout, mask=None):
    root = np.sqrt(q.shape[1])
    s = q @ k.T / root
    if mask is not None:
        s = np.where(mask, s, -np.inf)
    w = np.exp(s - s.max(axis=1, keepdims=True))
    w = w / w.sum(axis=1, keepdims=True)
    dv = (w / w.sum(axis=0)).T @ dout
    dw = dout @ v.T
    ds = w * (dw - (dw * w).sum(axis=1, keepdims=True))
    dq = ds @ k / root
    dk = ds.T @ q / root
    return dq, dk, dv


# %% wrong (q02-backward-hidden-values): uses the scores instead of the weights
def attention_backward(q, k, v, dout, mask=None):
    root = np.sqrt(q.shape[1])
    s = q @ k.T / root
    if mask is not None:
        s = np.where(mask, s, -np.inf)
    w = np.exp(s - s.max(axis=1, keepdims=True))
    w = w / w.sum(axis=1, keepdims=True)
    dv = s.T @ dout
    dw = dout @ v.T
    ds = w * (dw - (dw * w).sum(axis=1, keepdims=True))
    dq = ds @ k / root
    dk = ds.T @ q / root
    return dq, dk, dv


# %% wrong (q02-backward-hidden-values): the gradient goes to the argmax only
def attention_backward(q, k, v, dout, mask=None):
    root = np.sqrt(q.shape[1])
    s = q @ k.T / root
    if mask is not None:
        s = np.where(mask, s, -np.inf)
    w = np.exp(s - s.max(axis=1, keepdims=True))
    w = w / w.sum(axis=1, keepdims=True)
    dv = np.eye(len(k))[w.argmax(axis=1)].T @ dout
    dw = dout @ v.T
    ds = w * (dw - (dw * w).sum(axis=1, keepdims=True))
    dq = ds @ k / root
    dk = ds.T @ q / root
    return dq, dk, dv


# %% wrong (q02-backward-hidden-scores): the softmax as if its entries were independent: w (1 - w)
def attention_backward(q, k, v, dout, mask=None):
    root = np.sqrt(q.shape[1])
    s = q @ k.T / root
    if mask is not None:
        s = np.where(mask, s, -np.inf)
    w = np.exp(s - s.max(axis=1, keepdims=True))
    w = w / w.sum(axis=1, keepdims=True)
    dv = w.T @ dout
    dw = dout @ v.T
    ds = w * (1 - w) * dw
    dq = ds @ k / root
    dk = ds.T @ q / root
    return dq, dk, dv


# %% wrong (q02-backward-hidden-scores): the sum without the weights
def attention_backward(q, k, v, dout, mask=None):
    root = np.sqrt(q.shape[1])
    s = q @ k.T / root
    if mask is not None:
        s = np.where(mask, s, -np.inf)
    w = np.exp(s - s.max(axis=1, keepdims=True))
    w = w / w.sum(axis=1, keepdims=True)
    dv = w.T @ dout
    dw = dout @ v.T
    ds = w * (dw - dw.mean(axis=1, keepdims=True))
    dq = ds @ k / root
    dk = ds.T @ q / root
    return dq, dk, dv


# %% wrong (q02-backward-hidden-scores): the sum over the queries
def attention_backward(q, k, v, dout, mask=None):
    root = np.sqrt(q.shape[1])
    s = q @ k.T / root
    if mask is not None:
        s = np.where(mask, s, -np.inf)
    w = np.exp(s - s.max(axis=1, keepdims=True))
    w = w / w.sum(axis=1, keepdims=True)
    dv = w.T @ dout
    dw = dout @ v.T
    ds = w * (dw - (dw * w).sum(axis=0, keepdims=True))
    dq = ds @ k / root
    dk = ds.T @ q / root
    return dq, dk, dv


# %% wrong (q02-backward-hidden-scores): forgets the scale on the way back
def attention_backward(q, k, v, dout, mask=None):
    root = np.sqrt(q.shape[1])
    s = q @ k.T / root
    if mask is not None:
        s = np.where(mask, s, -np.inf)
    w = np.exp(s - s.max(axis=1, keepdims=True))
    w = w / w.sum(axis=1, keepdims=True)
    dv = w.T @ dout
    dw = dout @ v.T
    ds = w * (dw - (dw * w).sum(axis=1, keepdims=True))
    dq = ds @ k
    dk = ds.T @ q
    return dq, dk, dv


# %% wrong (q02-backward-hidden-scores): scales twice
def attention_backward(q, k, v, dout, mask=None):
    root = np.sqrt(q.shape[1])
    s = q @ k.T / root
    if mask is not None:
        s = np.where(mask, s, -np.inf)
    w = np.exp(s - s.max(axis=1, keepdims=True))
    w = w / w.sum(axis=1, keepdims=True)
    dv = w.T @ dout
    dw = dout @ v.T
    ds = w / root * (dw - (dw * w).sum(axis=1, keepdims=True))
    dq = ds @ k / root
    dk = ds.T @ q / root
    return dq, dk, dv


# %% wrong (q02-backward-hidden-scores): no softmax in the backward pass at all
def attention_backward(q, k, v, dout, mask=None):
    root = np.sqrt(q.shape[1])
    s = q @ k.T / root
    if mask is not None:
        s = np.where(mask, s, -np.inf)
    w = np.exp(s - s.max(axis=1, keepdims=True))
    w = w / w.sum(axis=1, keepdims=True)
    dv = w.T @ dout
    dw = dout @ v.T
    ds = dw
    dq = ds @ k / root
    dk = ds.T @ q / root
    return dq, dk, dv


# %% wrong (q02-backward-hidden-scores): writes into dout
def attention_backward(q, k, v, dout, mask=None):
    root = np.sqrt(q.shape[1])
    s = q @ k.T / root
    if mask is not None:
        s = np.where(mask, s, -np.inf)
    w = np.exp(s - s.max(axis=1, keepdims=True))
    w = w / w.sum(axis=1, keepdims=True)
    dv = w.T @ dout
    dout *= 1
    dw = dout @ v.T
    dout += 1
    ds = w * (dw - (dw * w).sum(axis=1, keepdims=True))
    dq = ds @ k / root
    dk = ds.T @ q / root
    return dq, dk, dv


# %% wrong (q02-backward-hidden-mask): ignores the mask
def attention_backward(q, k, v, dout, mask=None):
    root = np.sqrt(q.shape[1])
    s = q @ k.T / root
    w = np.exp(s - s.max(axis=1, keepdims=True))
    w = w / w.sum(axis=1, keepdims=True)
    dv = w.T @ dout
    dw = dout @ v.T
    ds = w * (dw - (dw * w).sum(axis=1, keepdims=True))
    dq = ds @ k / root
    dk = ds.T @ q / root
    return dq, dk, dv


# %% wrong (q02-backward-hidden-mask): masks the weights after the softmax
def attention_backward(q, k, v, dout, mask=None):
    root = np.sqrt(q.shape[1])
    s = q @ k.T / root
    w = np.exp(s - s.max(axis=1, keepdims=True))
    w = w / w.sum(axis=1, keepdims=True)
    if mask is not None:
        w = w * mask
    dv = w.T @ dout
    dw = dout @ v.T
    ds = w * (dw - (dw * w).sum(axis=1, keepdims=True))
    dq = ds @ k / root
    dk = ds.T @ q / root
    return dq, dk, dv


# %% wrong (q02-backward-hidden-mask): no maximum subtracted
def attention_backward(q, k, v, dout, mask=None):
    np.seterr(all="ignore")
    root = np.sqrt(q.shape[1])
    s = q @ k.T / root
    if mask is not None:
        s = np.where(mask, s, -np.inf)
    w = np.exp(s)
    w = w / w.sum(axis=1, keepdims=True)
    dv = w.T @ dout
    dw = dout @ v.T
    ds = w * (dw - (dw * w).sum(axis=1, keepdims=True))
    dq = ds @ k / root
    dk = ds.T @ q / root
    return dq, dk, dv


# %% wrong (q02-backward-hidden-mask): masks with 0
def attention_backward(q, k, v, dout, mask=None):
    root = np.sqrt(q.shape[1])
    s = q @ k.T / root
    if mask is not None:
        s = np.where(mask, s, 0.0)
    w = np.exp(s - s.max(axis=1, keepdims=True))
    w = w / w.sum(axis=1, keepdims=True)
    dv = w.T @ dout
    dw = dout @ v.T
    ds = w * (dw - (dw * w).sum(axis=1, keepdims=True))
    dq = ds @ k / root
    dk = ds.T @ q / root
    return dq, dk, dv


# %% wrong (q02-backward-hidden-mask): takes 10,000 off the masked scores, which may be that high
def attention_backward(q, k, v, dout, mask=None):
    root = np.sqrt(q.shape[1])
    s = q @ k.T / root
    if mask is not None:
        s = s - 1e4 * ~mask
    w = np.exp(s - s.max(axis=1, keepdims=True))
    w = w / w.sum(axis=1, keepdims=True)
    dv = w.T @ dout
    dw = dout @ v.T
    ds = w * (dw - (dw * w).sum(axis=1, keepdims=True))
    dq = ds @ k / root
    dk = ds.T @ q / root
    return dq, dk, dv
