# %% right: lists of tokens, a loop over heads
class CachedAttention:
    def __init__(self, Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None):
        self.Wq, self.Wk, self.Wv, self.Wo = Wq, Wk, Wv, Wo
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, Wq.shape[1] // n_heads
        self.window, self.theta = window, theta
        self.K, self.V, self.length = [], [], 0

    @property
    def nbytes(self):
        return sum(k.nbytes for k in self.K) + sum(v.nbytes for v in self.V)

    def rope(self, x, p):
        if self.theta is None:
            return x
        half = self.d // 2
        angle = p * self.theta ** (-2 * np.arange(half) / self.d)
        a, b = x[:, :half], x[:, half:]
        cos, sin = np.cos(angle), np.sin(angle)
        return np.hstack([a * cos - b * sin, b * cos + a * sin])

    def step(self, x_t):
        q = self.rope((x_t @ self.Wq).reshape(self.n_heads, self.d), self.length)
        k = self.rope((x_t @ self.Wk).reshape(self.n_kv, self.d), self.length)
        v = (x_t @ self.Wv).reshape(self.n_kv, self.d)
        self.K.append(k)
        self.V.append(v)
        if self.window is not None and len(self.K) > self.window:
            del self.K[0], self.V[0]
        self.length += 1
        out = []
        for h in range(self.n_heads):
            g = h // (self.n_heads // self.n_kv)
            s = np.array([q[h] @ k[g] for k in self.K]) / math.sqrt(self.d)
            w = np.exp(s - s.max())
            w /= w.sum()
            out.append(sum(wi * v[g] for wi, v in zip(w, self.V, strict=True)))
        return np.concatenate(out) @ self.Wo


# %% right: keys kept unrotated, turned anew at each step by their age
class CachedAttention:
    def __init__(self, Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None):
        self.Wq, self.Wk, self.Wv, self.Wo = Wq, Wk, Wv, Wo
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, Wq.shape[1] // n_heads
        self.window, self.theta = window, theta
        self.K, self.V, self.length = [], [], 0

    @property
    def nbytes(self):
        return sum(k.nbytes for k in self.K) + sum(v.nbytes for v in self.V)

    def rope(self, x, p):
        if self.theta is None:
            return x
        half = self.d // 2
        angle = p * self.theta ** (-2 * np.arange(half) / self.d)
        a, b = x[:, :half], x[:, half:]
        cos, sin = np.cos(angle), np.sin(angle)
        return np.hstack([a * cos - b * sin, b * cos + a * sin])

    def step(self, x_t):
        q = (x_t @ self.Wq).reshape(self.n_heads, self.d)
        k = (x_t @ self.Wk).reshape(self.n_kv, self.d)
        v = (x_t @ self.Wv).reshape(self.n_kv, self.d)
        self.K.append(k)
        self.V.append(v)
        if self.window is not None and len(self.K) > self.window:
            del self.K[0], self.V[0]
        self.length += 1
        out = []
        for h in range(self.n_heads):
            g = h // (self.n_heads // self.n_kv)
            n = len(self.K)
            turned = [self.rope(k[g : g + 1], i + 1 - n)[0] for i, k in enumerate(self.K)]
            s = np.array([q[h] @ k for k in turned]) / math.sqrt(self.d)
            w = np.exp(s - s.max())
            w /= w.sum()
            out.append(sum(wi * v[g] for wi, v in zip(w, self.V, strict=True)))
        return np.concatenate(out) @ self.Wo


# %% right: a ring buffer for the window, torch for the softmax
class CachedAttention:
    def __init__(self, Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None):
        self.W = [torch.tensor(W, dtype=torch.float64) for W in (Wq, Wk, Wv, Wo)]
        self.H, self.G, self.window, self.theta = n_heads, n_kv, window, theta
        self.d = self.W[0].shape[0] // n_heads
        self.K = torch.zeros(n_kv, window or 4, self.d, dtype=torch.float64)
        self.V = torch.zeros_like(self.K)
        self.length = 0

    @property
    def nbytes(self):
        held = self.length if self.window is None else min(self.length, self.window)
        return 2 * 8 * self.G * self.d * held

    def turned(self, z):
        if self.theta is None:
            return z
        half = self.d // 2
        angle = self.length / self.theta ** (torch.arange(half, dtype=torch.float64) / half)
        pair = torch.complex(z[:, :half], z[:, half:]) * torch.polar(torch.ones_like(angle), angle)
        return torch.cat([pair.real, pair.imag], dim=1)

    def step(self, x_t):
        x = torch.tensor(x_t, dtype=torch.float64)
        q = self.turned((x @ self.W[0]).view(self.H, self.d))
        k = self.turned((x @ self.W[1]).view(self.G, self.d))
        if self.window is None and self.length == self.K.shape[1]:
            self.K = torch.cat([self.K, torch.zeros_like(self.K)], dim=1)
            self.V = torch.cat([self.V, torch.zeros_like(self.V)], dim=1)
        place = self.length % self.K.shape[1]
        self.K[:, place] = k
        self.V[:, place] = (x @ self.W[2]).view(self.G, self.d)
        self.length += 1
        n = min(self.length, self.K.shape[1])
        keys = self.K[:, :n].repeat_interleave(self.H // self.G, dim=0)
        values = self.V[:, :n].repeat_interleave(self.H // self.G, dim=0)
        w = (torch.einsum("hd,htd->ht", q, keys) / self.d**0.5).softmax(dim=-1)
        return (torch.einsum("ht,htd->hd", w, values).reshape(-1) @ self.W[3]).numpy()


# %% right: recomputes everything from the tokens it has kept
class CachedAttention:
    def __init__(self, Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None):
        self.args = Wq, Wk, Wv, Wo
        self.n_heads, self.n_kv, self.window, self.theta = n_heads, n_kv, window, theta
        self.tokens, self.length, self.nbytes = [], 0, 0

    def step(self, x_t):
        Wq, Wk, Wv, Wo = self.args
        H, G = self.n_heads, self.n_kv
        d = len(Wq) // H
        self.tokens.append(np.array(x_t, dtype=float))
        self.length = len(self.tokens)
        X = np.array(self.tokens)
        q = (X[-1:] @ Wq).reshape(1, H, d)
        k = (X @ Wk).reshape(-1, G, d)
        v = (X @ Wv).reshape(-1, G, d)
        if self.theta is not None:
            rates = np.array([self.theta ** (-2 * i / d) for i in range(d // 2)])
            turn = np.exp(1j * np.outer(np.arange(len(X)), rates))[:, None, :]
            kc = (k[..., : d // 2] + 1j * k[..., d // 2 :]) * turn
            qc = (q[..., : d // 2] + 1j * q[..., d // 2 :]) * turn[-1:]
            k = np.concatenate([kc.real, kc.imag], axis=-1)
            q = np.concatenate([qc.real, qc.imag], axis=-1)
        if self.window is not None:
            k, v = k[-self.window :], v[-self.window :]
        self.nbytes = k.nbytes + v.nbytes
        k, v = np.repeat(k, H // G, axis=1), np.repeat(v, H // G, axis=1)
        s = (q * k).sum(axis=-1) / math.sqrt(d)
        w = np.exp(s - s.max(axis=0))
        w /= w.sum(axis=0)
        return (w[..., None] * v).sum(axis=0).ravel() @ Wo


# %% wrong (q36-cached-attention-hidden-pass): one cache for all layers, as a class attribute raises
class CachedAttention:
    K, V = [], []

    def __init__(self, Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None):
        self.Wq, self.Wk, self.Wv, self.Wo = Wq, Wk, Wv, Wo
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, Wq.shape[1] // n_heads
        self.window, self.theta = window, theta
        self.length = 0

    @property
    def nbytes(self):
        return sum(k.nbytes for k in self.K) + sum(v.nbytes for v in self.V)

    def rope(self, x, p):
        if self.theta is None:
            return x
        half = self.d // 2
        angle = p * self.theta ** (-2 * np.arange(half) / self.d)
        a, b = x[:, :half], x[:, half:]
        cos, sin = np.cos(angle), np.sin(angle)
        return np.hstack([a * cos - b * sin, b * cos + a * sin])

    def step(self, x_t):
        q = self.rope((x_t @ self.Wq).reshape(self.n_heads, self.d), self.length)
        k = self.rope((x_t @ self.Wk).reshape(self.n_kv, self.d), self.length)
        v = (x_t @ self.Wv).reshape(self.n_kv, self.d)
        self.K.append(k)
        self.V.append(v)
        if self.window is not None and len(self.K) > self.window:
            del self.K[0], self.V[0]
        self.length += 1
        out = []
        for h in range(self.n_heads):
            g = h // (self.n_heads // self.n_kv)
            s = np.array([q[h] @ k[g] for k in self.K]) / math.sqrt(self.d)
            w = np.exp(s - s.max())
            w /= w.sum()
            out.append(sum(wi * v[g] for wi, v in zip(w, self.V, strict=True)))
        return np.concatenate(out) @ self.Wo


# %% wrong (q36-cached-attention-hidden-pass): attends before it appends, so the token does not see itself
class CachedAttention:
    def __init__(self, Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None):
        self.Wq, self.Wk, self.Wv, self.Wo = Wq, Wk, Wv, Wo
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, Wq.shape[1] // n_heads
        self.window, self.theta = window, theta
        self.K, self.V, self.length = [], [], 0

    @property
    def nbytes(self):
        return sum(k.nbytes for k in self.K) + sum(v.nbytes for v in self.V)

    def rope(self, x, p):
        if self.theta is None:
            return x
        half = self.d // 2
        angle = p * self.theta ** (-2 * np.arange(half) / self.d)
        a, b = x[:, :half], x[:, half:]
        cos, sin = np.cos(angle), np.sin(angle)
        return np.hstack([a * cos - b * sin, b * cos + a * sin])

    def step(self, x_t):
        q = self.rope((x_t @ self.Wq).reshape(self.n_heads, self.d), self.length)
        k = self.rope((x_t @ self.Wk).reshape(self.n_kv, self.d), self.length)
        v = (x_t @ self.Wv).reshape(self.n_kv, self.d)
        if self.window is not None and len(self.K) > self.window:
            del self.K[0], self.V[0]
        self.length += 1
        if not self.K:
            self.K.append(k)
            self.V.append(v)
            return np.repeat(v, self.n_heads // self.n_kv, axis=0).ravel() @ self.Wo
        out = []
        for h in range(self.n_heads):
            g = h // (self.n_heads // self.n_kv)
            s = np.array([q[h] @ k[g] for k in self.K]) / math.sqrt(self.d)
            w = np.exp(s - s.max())
            w /= w.sum()
            out.append(sum(wi * v[g] for wi, v in zip(w, self.V, strict=True)))
        self.K.append(k)
        self.V.append(v)
        return np.concatenate(out) @ self.Wo


# %% wrong (q36-cached-attention-hidden-pass): scale of the model dimension
class CachedAttention:
    def __init__(self, Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None):
        self.Wq, self.Wk, self.Wv, self.Wo = Wq, Wk, Wv, Wo
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, Wq.shape[1] // n_heads
        self.window, self.theta = window, theta
        self.K, self.V, self.length = [], [], 0

    @property
    def nbytes(self):
        return sum(k.nbytes for k in self.K) + sum(v.nbytes for v in self.V)

    def rope(self, x, p):
        if self.theta is None:
            return x
        half = self.d // 2
        angle = p * self.theta ** (-2 * np.arange(half) / self.d)
        a, b = x[:, :half], x[:, half:]
        cos, sin = np.cos(angle), np.sin(angle)
        return np.hstack([a * cos - b * sin, b * cos + a * sin])

    def step(self, x_t):
        q = self.rope((x_t @ self.Wq).reshape(self.n_heads, self.d), self.length)
        k = self.rope((x_t @ self.Wk).reshape(self.n_kv, self.d), self.length)
        v = (x_t @ self.Wv).reshape(self.n_kv, self.d)
        self.K.append(k)
        self.V.append(v)
        if self.window is not None and len(self.K) > self.window:
            del self.K[0], self.V[0]
        self.length += 1
        out = []
        for h in range(self.n_heads):
            g = h // (self.n_heads // self.n_kv)
            s = np.array([q[h] @ k[g] for k in self.K]) / math.sqrt(len(x_t))
            w = np.exp(s - s.max())
            w /= w.sum()
            out.append(sum(wi * v[g] for wi, v in zip(w, self.V, strict=True)))
        return np.concatenate(out) @ self.Wo


# %% wrong (q36-cached-attention-hidden-pass): no maximum subtracted
class CachedAttention:
    def __init__(self, Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None):
        self.Wq, self.Wk, self.Wv, self.Wo = Wq, Wk, Wv, Wo
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, Wq.shape[1] // n_heads
        self.window, self.theta = window, theta
        self.K, self.V, self.length = [], [], 0

    @property
    def nbytes(self):
        return sum(k.nbytes for k in self.K) + sum(v.nbytes for v in self.V)

    def rope(self, x, p):
        if self.theta is None:
            return x
        half = self.d // 2
        angle = p * self.theta ** (-2 * np.arange(half) / self.d)
        a, b = x[:, :half], x[:, half:]
        cos, sin = np.cos(angle), np.sin(angle)
        return np.hstack([a * cos - b * sin, b * cos + a * sin])

    def step(self, x_t):
        q = self.rope((x_t @ self.Wq).reshape(self.n_heads, self.d), self.length)
        k = self.rope((x_t @ self.Wk).reshape(self.n_kv, self.d), self.length)
        v = (x_t @ self.Wv).reshape(self.n_kv, self.d)
        self.K.append(k)
        self.V.append(v)
        if self.window is not None and len(self.K) > self.window:
            del self.K[0], self.V[0]
        self.length += 1
        out = []
        for h in range(self.n_heads):
            g = h // (self.n_heads // self.n_kv)
            s = np.array([q[h] @ k[g] for k in self.K]) / math.sqrt(self.d)
            with np.errstate(all="ignore"):
                w = np.exp(s)
                w = w / w.sum()
            out.append(sum(wi * v[g] for wi, v in zip(w, self.V, strict=True)))
        return np.concatenate(out) @ self.Wo


# %% wrong (q36-cached-attention-hidden-gqa): KV heads dealt out in turn
class CachedAttention:
    def __init__(self, Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None):
        self.Wq, self.Wk, self.Wv, self.Wo = Wq, Wk, Wv, Wo
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, Wq.shape[1] // n_heads
        self.window, self.theta = window, theta
        self.K, self.V, self.length = [], [], 0

    @property
    def nbytes(self):
        return sum(k.nbytes for k in self.K) + sum(v.nbytes for v in self.V)

    def rope(self, x, p):
        if self.theta is None:
            return x
        half = self.d // 2
        angle = p * self.theta ** (-2 * np.arange(half) / self.d)
        a, b = x[:, :half], x[:, half:]
        cos, sin = np.cos(angle), np.sin(angle)
        return np.hstack([a * cos - b * sin, b * cos + a * sin])

    def step(self, x_t):
        q = self.rope((x_t @ self.Wq).reshape(self.n_heads, self.d), self.length)
        k = self.rope((x_t @ self.Wk).reshape(self.n_kv, self.d), self.length)
        v = (x_t @ self.Wv).reshape(self.n_kv, self.d)
        self.K.append(k)
        self.V.append(v)
        if self.window is not None and len(self.K) > self.window:
            del self.K[0], self.V[0]
        self.length += 1
        out = []
        for h in range(self.n_heads):
            g = h % self.n_kv
            s = np.array([q[h] @ k[g] for k in self.K]) / math.sqrt(self.d)
            w = np.exp(s - s.max())
            w /= w.sum()
            out.append(sum(wi * v[g] for wi, v in zip(w, self.V, strict=True)))
        return np.concatenate(out) @ self.Wo


# %% wrong (q36-cached-attention-hidden-gqa): np.tile repeats the block of KV heads
class CachedAttention:
    def __init__(self, Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None):
        self.Wq, self.Wk, self.Wv, self.Wo = Wq, Wk, Wv, Wo
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, Wq.shape[1] // n_heads
        self.window, self.theta = window, theta
        self.K, self.V, self.length = [], [], 0

    @property
    def nbytes(self):
        return sum(k.nbytes for k in self.K) + sum(v.nbytes for v in self.V)

    def rope(self, x, p):
        if self.theta is None:
            return x
        half = self.d // 2
        angle = p * self.theta ** (-2 * np.arange(half) / self.d)
        a, b = x[:, :half], x[:, half:]
        cos, sin = np.cos(angle), np.sin(angle)
        return np.hstack([a * cos - b * sin, b * cos + a * sin])

    def step(self, x_t):
        q = self.rope((x_t @ self.Wq).reshape(self.n_heads, self.d), self.length)
        k = self.rope((x_t @ self.Wk).reshape(self.n_kv, self.d), self.length)
        v = (x_t @ self.Wv).reshape(self.n_kv, self.d)
        self.K.append(k)
        self.V.append(v)
        if self.window is not None and len(self.K) > self.window:
            del self.K[0], self.V[0]
        self.length += 1
        out = []
        for h in range(self.n_heads):
            g = np.tile(np.arange(self.n_kv), self.n_heads // self.n_kv)[h]
            s = np.array([q[h] @ k[g] for k in self.K]) / math.sqrt(self.d)
            w = np.exp(s - s.max())
            w /= w.sum()
            out.append(sum(wi * v[g] for wi, v in zip(w, self.V, strict=True)))
        return np.concatenate(out) @ self.Wo


# %% wrong (q36-cached-attention-hidden-rope): every step is at position 0
class CachedAttention:
    def __init__(self, Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None):
        self.Wq, self.Wk, self.Wv, self.Wo = Wq, Wk, Wv, Wo
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, Wq.shape[1] // n_heads
        self.window, self.theta = window, theta
        self.K, self.V, self.length = [], [], 0

    @property
    def nbytes(self):
        return sum(k.nbytes for k in self.K) + sum(v.nbytes for v in self.V)

    def rope(self, x, p):
        if self.theta is None:
            return x
        half = self.d // 2
        angle = p * self.theta ** (-2 * np.arange(half) / self.d)
        a, b = x[:, :half], x[:, half:]
        cos, sin = np.cos(angle), np.sin(angle)
        return np.hstack([a * cos - b * sin, b * cos + a * sin])

    def step(self, x_t):
        q = self.rope((x_t @ self.Wq).reshape(self.n_heads, self.d), 0)
        k = self.rope((x_t @ self.Wk).reshape(self.n_kv, self.d), 0)
        v = (x_t @ self.Wv).reshape(self.n_kv, self.d)
        self.K.append(k)
        self.V.append(v)
        if self.window is not None and len(self.K) > self.window:
            del self.K[0], self.V[0]
        self.length += 1
        out = []
        for h in range(self.n_heads):
            g = h // (self.n_heads // self.n_kv)
            s = np.array([q[h] @ k[g] for k in self.K]) / math.sqrt(self.d)
            w = np.exp(s - s.max())
            w /= w.sum()
            out.append(sum(wi * v[g] for wi, v in zip(w, self.V, strict=True)))
        return np.concatenate(out) @ self.Wo


# %% wrong (q36-cached-attention-hidden-rope): the position is the number of tokens in the cache, which stops at the window
class CachedAttention:
    def __init__(self, Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None):
        self.Wq, self.Wk, self.Wv, self.Wo = Wq, Wk, Wv, Wo
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, Wq.shape[1] // n_heads
        self.window, self.theta = window, theta
        self.K, self.V, self.length = [], [], 0

    @property
    def nbytes(self):
        return sum(k.nbytes for k in self.K) + sum(v.nbytes for v in self.V)

    def rope(self, x, p):
        if self.theta is None:
            return x
        half = self.d // 2
        angle = p * self.theta ** (-2 * np.arange(half) / self.d)
        a, b = x[:, :half], x[:, half:]
        cos, sin = np.cos(angle), np.sin(angle)
        return np.hstack([a * cos - b * sin, b * cos + a * sin])

    def step(self, x_t):
        q = self.rope((x_t @ self.Wq).reshape(self.n_heads, self.d), len(self.K))
        k = self.rope((x_t @ self.Wk).reshape(self.n_kv, self.d), len(self.K))
        v = (x_t @ self.Wv).reshape(self.n_kv, self.d)
        self.K.append(k)
        self.V.append(v)
        if self.window is not None and len(self.K) > self.window:
            del self.K[0], self.V[0]
        self.length += 1
        out = []
        for h in range(self.n_heads):
            g = h // (self.n_heads // self.n_kv)
            s = np.array([q[h] @ k[g] for k in self.K]) / math.sqrt(self.d)
            w = np.exp(s - s.max())
            w /= w.sum()
            out.append(sum(wi * v[g] for wi, v in zip(w, self.V, strict=True)))
        return np.concatenate(out) @ self.Wo


# %% wrong (q36-cached-attention-hidden-rope): rotates the query only
class CachedAttention:
    def __init__(self, Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None):
        self.Wq, self.Wk, self.Wv, self.Wo = Wq, Wk, Wv, Wo
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, Wq.shape[1] // n_heads
        self.window, self.theta = window, theta
        self.K, self.V, self.length = [], [], 0

    @property
    def nbytes(self):
        return sum(k.nbytes for k in self.K) + sum(v.nbytes for v in self.V)

    def rope(self, x, p):
        if self.theta is None:
            return x
        half = self.d // 2
        angle = p * self.theta ** (-2 * np.arange(half) / self.d)
        a, b = x[:, :half], x[:, half:]
        cos, sin = np.cos(angle), np.sin(angle)
        return np.hstack([a * cos - b * sin, b * cos + a * sin])

    def step(self, x_t):
        q = self.rope((x_t @ self.Wq).reshape(self.n_heads, self.d), self.length)
        k = (x_t @ self.Wk).reshape(self.n_kv, self.d)
        v = (x_t @ self.Wv).reshape(self.n_kv, self.d)
        self.K.append(k)
        self.V.append(v)
        if self.window is not None and len(self.K) > self.window:
            del self.K[0], self.V[0]
        self.length += 1
        out = []
        for h in range(self.n_heads):
            g = h // (self.n_heads // self.n_kv)
            s = np.array([q[h] @ k[g] for k in self.K]) / math.sqrt(self.d)
            w = np.exp(s - s.max())
            w /= w.sum()
            out.append(sum(wi * v[g] for wi, v in zip(w, self.V, strict=True)))
        return np.concatenate(out) @ self.Wo


# %% wrong (q36-cached-attention-hidden-rope): rotates the values too
class CachedAttention:
    def __init__(self, Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None):
        self.Wq, self.Wk, self.Wv, self.Wo = Wq, Wk, Wv, Wo
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, Wq.shape[1] // n_heads
        self.window, self.theta = window, theta
        self.K, self.V, self.length = [], [], 0

    @property
    def nbytes(self):
        return sum(k.nbytes for k in self.K) + sum(v.nbytes for v in self.V)

    def rope(self, x, p):
        if self.theta is None:
            return x
        half = self.d // 2
        angle = p * self.theta ** (-2 * np.arange(half) / self.d)
        a, b = x[:, :half], x[:, half:]
        cos, sin = np.cos(angle), np.sin(angle)
        return np.hstack([a * cos - b * sin, b * cos + a * sin])

    def step(self, x_t):
        q = self.rope((x_t @ self.Wq).reshape(self.n_heads, self.d), self.length)
        k = self.rope((x_t @ self.Wk).reshape(self.n_kv, self.d), self.length)
        v = self.rope((x_t @ self.Wv).reshape(self.n_kv, self.d), self.length)
        self.K.append(k)
        self.V.append(v)
        if self.window is not None and len(self.K) > self.window:
            del self.K[0], self.V[0]
        self.length += 1
        out = []
        for h in range(self.n_heads):
            g = h // (self.n_heads // self.n_kv)
            s = np.array([q[h] @ k[g] for k in self.K]) / math.sqrt(self.d)
            w = np.exp(s - s.max())
            w /= w.sum()
            out.append(sum(wi * v[g] for wi, v in zip(w, self.V, strict=True)))
        return np.concatenate(out) @ self.Wo


# %% wrong (q36-cached-attention-hidden-rope): pairs neighbours (2i, 2i + 1)
class CachedAttention:
    def __init__(self, Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None):
        self.Wq, self.Wk, self.Wv, self.Wo = Wq, Wk, Wv, Wo
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, Wq.shape[1] // n_heads
        self.window, self.theta = window, theta
        self.K, self.V, self.length = [], [], 0

    @property
    def nbytes(self):
        return sum(k.nbytes for k in self.K) + sum(v.nbytes for v in self.V)

    def rope(self, x, p):
        if self.theta is None:
            return x
        half = self.d // 2
        angle = p * self.theta ** (-2 * np.arange(half) / self.d)
        a, b = x[:, ::2], x[:, 1::2]
        cos, sin = np.cos(angle), np.sin(angle)
        return np.stack([a * cos - b * sin, b * cos + a * sin], axis=-1).reshape(x.shape)

    def step(self, x_t):
        q = self.rope((x_t @ self.Wq).reshape(self.n_heads, self.d), self.length)
        k = self.rope((x_t @ self.Wk).reshape(self.n_kv, self.d), self.length)
        v = (x_t @ self.Wv).reshape(self.n_kv, self.d)
        self.K.append(k)
        self.V.append(v)
        if self.window is not None and len(self.K) > self.window:
            del self.K[0], self.V[0]
        self.length += 1
        out = []
        for h in range(self.n_heads):
            g = h // (self.n_heads // self.n_kv)
            s = np.array([q[h] @ k[g] for k in self.K]) / math.sqrt(self.d)
            w = np.exp(s - s.max())
            w /= w.sum()
            out.append(sum(wi * v[g] for wi, v in zip(w, self.V, strict=True)))
        return np.concatenate(out) @ self.Wo


# %% wrong (q36-cached-attention-hidden-rope): turns the other way
class CachedAttention:
    def __init__(self, Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None):
        self.Wq, self.Wk, self.Wv, self.Wo = Wq, Wk, Wv, Wo
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, Wq.shape[1] // n_heads
        self.window, self.theta = window, theta
        self.K, self.V, self.length = [], [], 0

    @property
    def nbytes(self):
        return sum(k.nbytes for k in self.K) + sum(v.nbytes for v in self.V)

    def rope(self, x, p):
        if self.theta is None:
            return x
        half = self.d // 2
        angle = p * self.theta ** (-2 * np.arange(half) / self.d)
        a, b = x[:, :half], x[:, half:]
        cos, sin = np.cos(angle), np.sin(angle)
        return np.hstack([a * cos + b * sin, b * cos - a * sin])

    def step(self, x_t):
        q = self.rope((x_t @ self.Wq).reshape(self.n_heads, self.d), self.length)
        k = self.rope((x_t @ self.Wk).reshape(self.n_kv, self.d), self.length)
        v = (x_t @ self.Wv).reshape(self.n_kv, self.d)
        self.K.append(k)
        self.V.append(v)
        if self.window is not None and len(self.K) > self.window:
            del self.K[0], self.V[0]
        self.length += 1
        out = []
        for h in range(self.n_heads):
            g = h // (self.n_heads // self.n_kv)
            s = np.array([q[h] @ k[g] for k in self.K]) / math.sqrt(self.d)
            w = np.exp(s - s.max())
            w /= w.sum()
            out.append(sum(wi * v[g] for wi, v in zip(w, self.V, strict=True)))
        return np.concatenate(out) @ self.Wo


# %% wrong (q36-cached-attention-hidden-rope): exponent i / d instead of 2 i / d
class CachedAttention:
    def __init__(self, Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None):
        self.Wq, self.Wk, self.Wv, self.Wo = Wq, Wk, Wv, Wo
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, Wq.shape[1] // n_heads
        self.window, self.theta = window, theta
        self.K, self.V, self.length = [], [], 0

    @property
    def nbytes(self):
        return sum(k.nbytes for k in self.K) + sum(v.nbytes for v in self.V)

    def rope(self, x, p):
        if self.theta is None:
            return x
        half = self.d // 2
        angle = p * self.theta ** (-np.arange(half) / self.d)
        a, b = x[:, :half], x[:, half:]
        cos, sin = np.cos(angle), np.sin(angle)
        return np.hstack([a * cos - b * sin, b * cos + a * sin])

    def step(self, x_t):
        q = self.rope((x_t @ self.Wq).reshape(self.n_heads, self.d), self.length)
        k = self.rope((x_t @ self.Wk).reshape(self.n_kv, self.d), self.length)
        v = (x_t @ self.Wv).reshape(self.n_kv, self.d)
        self.K.append(k)
        self.V.append(v)
        if self.window is not None and len(self.K) > self.window:
            del self.K[0], self.V[0]
        self.length += 1
        out = []
        for h in range(self.n_heads):
            g = h // (self.n_heads // self.n_kv)
            s = np.array([q[h] @ k[g] for k in self.K]) / math.sqrt(self.d)
            w = np.exp(s - s.max())
            w /= w.sum()
            out.append(sum(wi * v[g] for wi, v in zip(w, self.V, strict=True)))
        return np.concatenate(out) @ self.Wo


# %% wrong (q36-cached-attention-hidden-rope): the cached keys are turned once more at each step
class CachedAttention:
    def __init__(self, Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None):
        self.Wq, self.Wk, self.Wv, self.Wo = Wq, Wk, Wv, Wo
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, Wq.shape[1] // n_heads
        self.window, self.theta = window, theta
        self.K, self.V, self.length = [], [], 0

    @property
    def nbytes(self):
        return sum(k.nbytes for k in self.K) + sum(v.nbytes for v in self.V)

    def rope(self, x, p):
        if self.theta is None:
            return x
        half = self.d // 2
        angle = p * self.theta ** (-2 * np.arange(half) / self.d)
        a, b = x[:, :half], x[:, half:]
        cos, sin = np.cos(angle), np.sin(angle)
        return np.hstack([a * cos - b * sin, b * cos + a * sin])

    def step(self, x_t):
        q = self.rope((x_t @ self.Wq).reshape(self.n_heads, self.d), self.length)
        k = self.rope((x_t @ self.Wk).reshape(self.n_kv, self.d), self.length)
        v = (x_t @ self.Wv).reshape(self.n_kv, self.d)
        self.K = [self.rope(old, 1) for old in self.K]
        self.K.append(k)
        self.V.append(v)
        if self.window is not None and len(self.K) > self.window:
            del self.K[0], self.V[0]
        self.length += 1
        out = []
        for h in range(self.n_heads):
            g = h // (self.n_heads // self.n_kv)
            s = np.array([q[h] @ k[g] for k in self.K]) / math.sqrt(self.d)
            w = np.exp(s - s.max())
            w /= w.sum()
            out.append(sum(wi * v[g] for wi, v in zip(w, self.V, strict=True)))
        return np.concatenate(out) @ self.Wo


# %% wrong (q36-cached-attention-hidden-window): the window counts the tokens before the current one
class CachedAttention:
    def __init__(self, Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None):
        self.Wq, self.Wk, self.Wv, self.Wo = Wq, Wk, Wv, Wo
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, Wq.shape[1] // n_heads
        self.window, self.theta = window, theta
        self.K, self.V, self.length = [], [], 0

    @property
    def nbytes(self):
        return sum(k.nbytes for k in self.K) + sum(v.nbytes for v in self.V)

    def rope(self, x, p):
        if self.theta is None:
            return x
        half = self.d // 2
        angle = p * self.theta ** (-2 * np.arange(half) / self.d)
        a, b = x[:, :half], x[:, half:]
        cos, sin = np.cos(angle), np.sin(angle)
        return np.hstack([a * cos - b * sin, b * cos + a * sin])

    def step(self, x_t):
        q = self.rope((x_t @ self.Wq).reshape(self.n_heads, self.d), self.length)
        k = self.rope((x_t @ self.Wk).reshape(self.n_kv, self.d), self.length)
        v = (x_t @ self.Wv).reshape(self.n_kv, self.d)
        self.K.append(k)
        self.V.append(v)
        if self.window is not None and len(self.K) > self.window + 1:
            del self.K[0], self.V[0]
        self.length += 1
        out = []
        for h in range(self.n_heads):
            g = h // (self.n_heads // self.n_kv)
            s = np.array([q[h] @ k[g] for k in self.K]) / math.sqrt(self.d)
            w = np.exp(s - s.max())
            w /= w.sum()
            out.append(sum(wi * v[g] for wi, v in zip(w, self.V, strict=True)))
        return np.concatenate(out) @ self.Wo


# %% wrong (q36-cached-attention-hidden-window): ignores the window
class CachedAttention:
    def __init__(self, Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None):
        self.Wq, self.Wk, self.Wv, self.Wo = Wq, Wk, Wv, Wo
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, Wq.shape[1] // n_heads
        self.window, self.theta = window, theta
        self.K, self.V, self.length = [], [], 0

    @property
    def nbytes(self):
        return sum(k.nbytes for k in self.K) + sum(v.nbytes for v in self.V)

    def rope(self, x, p):
        if self.theta is None:
            return x
        half = self.d // 2
        angle = p * self.theta ** (-2 * np.arange(half) / self.d)
        a, b = x[:, :half], x[:, half:]
        cos, sin = np.cos(angle), np.sin(angle)
        return np.hstack([a * cos - b * sin, b * cos + a * sin])

    def step(self, x_t):
        q = self.rope((x_t @ self.Wq).reshape(self.n_heads, self.d), self.length)
        k = self.rope((x_t @ self.Wk).reshape(self.n_kv, self.d), self.length)
        v = (x_t @ self.Wv).reshape(self.n_kv, self.d)
        self.K.append(k)
        self.V.append(v)
        self.length += 1
        out = []
        for h in range(self.n_heads):
            g = h // (self.n_heads // self.n_kv)
            s = np.array([q[h] @ k[g] for k in self.K]) / math.sqrt(self.d)
            w = np.exp(s - s.max())
            w /= w.sum()
            out.append(sum(wi * v[g] for wi, v in zip(w, self.V, strict=True)))
        return np.concatenate(out) @ self.Wo


# %% wrong (q36-cached-attention-hidden-window): empties the cache when the window is full
class CachedAttention:
    def __init__(self, Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None):
        self.Wq, self.Wk, self.Wv, self.Wo = Wq, Wk, Wv, Wo
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, Wq.shape[1] // n_heads
        self.window, self.theta = window, theta
        self.K, self.V, self.length = [], [], 0

    @property
    def nbytes(self):
        return sum(k.nbytes for k in self.K) + sum(v.nbytes for v in self.V)

    def rope(self, x, p):
        if self.theta is None:
            return x
        half = self.d // 2
        angle = p * self.theta ** (-2 * np.arange(half) / self.d)
        a, b = x[:, :half], x[:, half:]
        cos, sin = np.cos(angle), np.sin(angle)
        return np.hstack([a * cos - b * sin, b * cos + a * sin])

    def step(self, x_t):
        q = self.rope((x_t @ self.Wq).reshape(self.n_heads, self.d), self.length)
        k = self.rope((x_t @ self.Wk).reshape(self.n_kv, self.d), self.length)
        v = (x_t @ self.Wv).reshape(self.n_kv, self.d)
        self.K.append(k)
        self.V.append(v)
        if self.window is not None and len(self.K) > self.window:
            self.K, self.V = [k], [v]
        self.length += 1
        out = []
        for h in range(self.n_heads):
            g = h // (self.n_heads // self.n_kv)
            s = np.array([q[h] @ k[g] for k in self.K]) / math.sqrt(self.d)
            w = np.exp(s - s.max())
            w /= w.sum()
            out.append(sum(wi * v[g] for wi, v in zip(w, self.V, strict=True)))
        return np.concatenate(out) @ self.Wo


# %% wrong (q36-cached-attention-hidden-size): masks what left the window, but keeps it
class CachedAttention:
    def __init__(self, Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None):
        self.Wq, self.Wk, self.Wv, self.Wo = Wq, Wk, Wv, Wo
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, Wq.shape[1] // n_heads
        self.window, self.theta = window, theta
        self.K, self.V, self.length = [], [], 0

    @property
    def nbytes(self):
        return sum(k.nbytes for k in self.K) + sum(v.nbytes for v in self.V)

    def rope(self, x, p):
        if self.theta is None:
            return x
        half = self.d // 2
        angle = p * self.theta ** (-2 * np.arange(half) / self.d)
        a, b = x[:, :half], x[:, half:]
        cos, sin = np.cos(angle), np.sin(angle)
        return np.hstack([a * cos - b * sin, b * cos + a * sin])

    def step(self, x_t):
        q = self.rope((x_t @ self.Wq).reshape(self.n_heads, self.d), self.length)
        k = self.rope((x_t @ self.Wk).reshape(self.n_kv, self.d), self.length)
        v = (x_t @ self.Wv).reshape(self.n_kv, self.d)
        self.K.append(k)
        self.V.append(v)
        self.length += 1
        out = []
        for h in range(self.n_heads):
            g = h // (self.n_heads // self.n_kv)
            s = np.array([q[h] @ k[g] for k in self.K]) / math.sqrt(self.d)
            if self.window is not None:
                s[: -self.window] = -np.inf
            w = np.exp(s - s.max())
            w /= w.sum()
            out.append(sum(wi * v[g] for wi, v in zip(w, self.V, strict=True)))
        return np.concatenate(out) @ self.Wo


# %% wrong (q36-cached-attention-hidden-size): stores the KV heads repeated for all query heads
class CachedAttention:
    def __init__(self, Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None):
        self.Wq, self.Wk, self.Wv, self.Wo = Wq, Wk, Wv, Wo
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, Wq.shape[1] // n_heads
        self.window, self.theta = window, theta
        self.K, self.V, self.length = [], [], 0

    @property
    def nbytes(self):
        return sum(k.nbytes for k in self.K) + sum(v.nbytes for v in self.V)

    def rope(self, x, p):
        if self.theta is None:
            return x
        half = self.d // 2
        angle = p * self.theta ** (-2 * np.arange(half) / self.d)
        a, b = x[:, :half], x[:, half:]
        cos, sin = np.cos(angle), np.sin(angle)
        return np.hstack([a * cos - b * sin, b * cos + a * sin])

    def step(self, x_t):
        q = self.rope((x_t @ self.Wq).reshape(self.n_heads, self.d), self.length)
        k = self.rope((x_t @ self.Wk).reshape(self.n_kv, self.d), self.length)
        v = (x_t @ self.Wv).reshape(self.n_kv, self.d)
        groups = self.n_heads // self.n_kv
        self.K.append(np.repeat(k, groups, axis=0))
        self.V.append(np.repeat(v, groups, axis=0))
        if self.window is not None and len(self.K) > self.window:
            del self.K[0], self.V[0]
        self.length += 1
        out = []
        for h in range(self.n_heads):
            g = h
            s = np.array([q[h] @ k[g] for k in self.K]) / math.sqrt(self.d)
            w = np.exp(s - s.max())
            w /= w.sum()
            out.append(sum(wi * v[g] for wi, v in zip(w, self.V, strict=True)))
        return np.concatenate(out) @ self.Wo


# %% wrong (q36-cached-attention-hidden-size): length is what the cache holds
class CachedAttention:
    def __init__(self, Wq, Wk, Wv, Wo, n_heads, n_kv, window=None, theta=None):
        self.Wq, self.Wk, self.Wv, self.Wo = Wq, Wk, Wv, Wo
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, Wq.shape[1] // n_heads
        self.window, self.theta = window, theta
        self.K, self.V, self.seen = [], [], 0

    @property
    def length(self):
        return len(self.K)

    @property
    def nbytes(self):
        return sum(k.nbytes for k in self.K) + sum(v.nbytes for v in self.V)

    def rope(self, x, p):
        if self.theta is None:
            return x
        half = self.d // 2
        angle = p * self.theta ** (-2 * np.arange(half) / self.d)
        a, b = x[:, :half], x[:, half:]
        cos, sin = np.cos(angle), np.sin(angle)
        return np.hstack([a * cos - b * sin, b * cos + a * sin])

    def step(self, x_t):
        q = self.rope((x_t @ self.Wq).reshape(self.n_heads, self.d), self.seen)
        k = self.rope((x_t @ self.Wk).reshape(self.n_kv, self.d), self.seen)
        v = (x_t @ self.Wv).reshape(self.n_kv, self.d)
        self.K.append(k)
        self.V.append(v)
        if self.window is not None and len(self.K) > self.window:
            del self.K[0], self.V[0]
        self.seen += 1
        out = []
        for h in range(self.n_heads):
            g = h // (self.n_heads // self.n_kv)
            s = np.array([q[h] @ k[g] for k in self.K]) / math.sqrt(self.d)
            w = np.exp(s - s.max())
            w /= w.sum()
            out.append(sum(wi * v[g] for wi, v in zip(w, self.V, strict=True)))
        return np.concatenate(out) @ self.Wo
