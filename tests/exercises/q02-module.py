# %% right: by hand, without the fused attention
class CausalSelfAttention(torch.nn.Module):
    def __init__(self, d_model, n_heads, n_kv=None):
        super().__init__()
        n_kv = n_kv or n_heads
        if d_model % n_heads or n_heads % n_kv:
            raise ValueError("heads do not fit")
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, d_model // n_heads
        self.q_proj = torch.nn.Linear(d_model, n_heads * self.d, bias=False)
        self.k_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.v_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.o_proj = torch.nn.Linear(n_heads * self.d, d_model, bias=False)

    def forward(self, x):
        B, T, D = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.d).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        k = k.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        v = v.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        scores = q @ k.transpose(-2, -1) / math.sqrt(self.d)
        later = torch.ones(T, T, dtype=torch.bool, device=x.device).triu(1)
        weights = scores.masked_fill(later, -torch.inf).softmax(dim=-1)
        return self.o_proj((weights @ v).transpose(1, 2).reshape(B, T, D))


# %% right: fused attention, KV heads expanded
class CausalSelfAttention(torch.nn.Module):
    def __init__(self, d_model, n_heads, n_kv=None):
        super().__init__()
        if n_kv is None:
            n_kv = n_heads
        if d_model % n_heads != 0:
            raise ValueError("n_heads does not divide d_model")
        if n_heads % n_kv != 0:
            raise ValueError("n_kv does not divide n_heads")
        self.n_heads, self.n_kv = n_heads, n_kv
        kv = d_model // n_heads * n_kv
        for name, size in {"q": d_model, "k": kv, "v": kv, "o": d_model}.items():
            setattr(self, f"{name}_proj", torch.nn.Linear(d_model, size, bias=False))

    def forward(self, x):
        B, T, D = x.shape
        d = D // self.n_heads
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        q = q.reshape(B, T, self.n_heads, d).permute(0, 2, 1, 3)
        k, v = (
            t.reshape(B, T, self.n_kv, 1, d)
            .expand(B, T, self.n_kv, self.n_heads // self.n_kv, d)
            .reshape(B, T, self.n_heads, d)
            .permute(0, 2, 1, 3)
            for t in (k, v)
        )
        y = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.o_proj(y.permute(0, 2, 1, 3).reshape(B, T, D))


# %% right: a loop over the heads
class CausalSelfAttention(torch.nn.Module):
    def __init__(self, d_model, n_heads, n_kv=None):
        super().__init__()
        self.n_heads, self.n_kv = n_heads, n_heads if n_kv is None else n_kv
        self.d, rest = divmod(d_model, n_heads)
        if rest or n_heads % self.n_kv:
            raise ValueError("sizes")
        self.q_proj = torch.nn.Linear(d_model, d_model, bias=False)
        self.k_proj = torch.nn.Linear(d_model, self.n_kv * self.d, bias=False)
        self.v_proj = torch.nn.Linear(d_model, self.n_kv * self.d, bias=False)
        self.o_proj = torch.nn.Linear(d_model, d_model, bias=False)

    def forward(self, x):
        qs = self.q_proj(x).split(self.d, dim=-1)
        ks = self.k_proj(x).split(self.d, dim=-1)
        vs = self.v_proj(x).split(self.d, dim=-1)
        out = []
        for h, q in enumerate(qs):
            g = h // (self.n_heads // self.n_kv)
            out.append(
                torch.nn.functional.scaled_dot_product_attention(q, ks[g], vs[g], is_causal=True)
            )
        return self.o_proj(torch.cat(out, dim=-1))


# %% right: the mask as a buffer outside the state dict
class CausalSelfAttention(torch.nn.Module):
    def __init__(self, d_model, n_heads, n_kv=None):
        super().__init__()
        n_kv = n_kv or n_heads
        if d_model % n_heads or n_heads % n_kv:
            raise ValueError("heads do not fit")
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, d_model // n_heads
        later = torch.ones(16, 16, dtype=torch.bool).triu(1)
        self.register_buffer("later", later, persistent=False)
        self.q_proj = torch.nn.Linear(d_model, n_heads * self.d, bias=False)
        self.k_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.v_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.o_proj = torch.nn.Linear(n_heads * self.d, d_model, bias=False)

    def forward(self, x):
        B, T, D = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.d).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        k = k.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        v = v.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        scores = q @ k.transpose(-2, -1) / math.sqrt(self.d)
        weights = scores.masked_fill(self.later[:T, :T], -torch.inf).softmax(dim=-1)
        return self.o_proj((weights @ v).transpose(1, 2).reshape(B, T, D))


# %% wrong (q02-module-hidden-parameters): layers with a bias
class CausalSelfAttention(torch.nn.Module):
    def __init__(self, d_model, n_heads, n_kv=None):
        super().__init__()
        n_kv = n_kv or n_heads
        if d_model % n_heads or n_heads % n_kv:
            raise ValueError("heads do not fit")
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, d_model // n_heads
        self.q_proj = torch.nn.Linear(d_model, n_heads * self.d)
        self.k_proj = torch.nn.Linear(d_model, n_kv * self.d)
        self.v_proj = torch.nn.Linear(d_model, n_kv * self.d)
        self.o_proj = torch.nn.Linear(n_heads * self.d, d_model)

    def forward(self, x):
        B, T, D = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.d).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        k = k.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        v = v.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        scores = q @ k.transpose(-2, -1) / math.sqrt(self.d)
        later = torch.ones(T, T, dtype=torch.bool, device=x.device).triu(1)
        weights = scores.masked_fill(later, -torch.inf).softmax(dim=-1)
        return self.o_proj((weights @ v).transpose(1, 2).reshape(B, T, D))


# %% wrong (q02-module-hidden-parameters): keeps the mask as a buffer in the state dict
class CausalSelfAttention(torch.nn.Module):
    def __init__(self, d_model, n_heads, n_kv=None):
        super().__init__()
        n_kv = n_kv or n_heads
        if d_model % n_heads or n_heads % n_kv:
            raise ValueError("heads do not fit")
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, d_model // n_heads
        self.register_buffer("mask", torch.ones(8, 8).tril())
        self.q_proj = torch.nn.Linear(d_model, n_heads * self.d, bias=False)
        self.k_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.v_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.o_proj = torch.nn.Linear(n_heads * self.d, d_model, bias=False)

    def forward(self, x):
        B, T, D = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.d).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        k = k.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        v = v.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        scores = q @ k.transpose(-2, -1) / math.sqrt(self.d)
        later = torch.ones(T, T, dtype=torch.bool, device=x.device).triu(1)
        weights = scores.masked_fill(later, -torch.inf).softmax(dim=-1)
        return self.o_proj((weights @ v).transpose(1, 2).reshape(B, T, D))


# %% wrong (q02-module-hidden-parameters): as many KV heads as query heads, whatever n_kv says
class CausalSelfAttention(torch.nn.Module):
    def __init__(self, d_model, n_heads, n_kv=None):
        super().__init__()
        n_kv = n_kv or n_heads
        if d_model % n_heads or n_heads % n_kv:
            raise ValueError("heads do not fit")
        n_kv = n_heads
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, d_model // n_heads
        self.q_proj = torch.nn.Linear(d_model, n_heads * self.d, bias=False)
        self.k_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.v_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.o_proj = torch.nn.Linear(n_heads * self.d, d_model, bias=False)

    def forward(self, x):
        B, T, D = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.d).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        k = k.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        v = v.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        scores = q @ k.transpose(-2, -1) / math.sqrt(self.d)
        later = torch.ones(T, T, dtype=torch.bool, device=x.device).triu(1)
        weights = scores.masked_fill(later, -torch.inf).softmax(dim=-1)
        return self.o_proj((weights @ v).transpose(1, 2).reshape(B, T, D))


# %% wrong (q02-module-hidden-parameters): names of its own
class CausalSelfAttention(torch.nn.Module):
    def __init__(self, d_model, n_heads, n_kv=None):
        super().__init__()
        n_kv = n_kv or n_heads
        if d_model % n_heads or n_heads % n_kv:
            raise ValueError("heads do not fit")
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, d_model // n_heads
        self.q_proj = torch.nn.Linear(d_model, n_heads * self.d, bias=False)
        self.k_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.v_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.out_proj = torch.nn.Linear(n_heads * self.d, d_model, bias=False)

    def forward(self, x):
        B, T, D = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.d).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        k = k.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        v = v.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        scores = q @ k.transpose(-2, -1) / math.sqrt(self.d)
        later = torch.ones(T, T, dtype=torch.bool, device=x.device).triu(1)
        weights = scores.masked_fill(later, -torch.inf).softmax(dim=-1)
        return self.out_proj((weights @ v).transpose(1, 2).reshape(B, T, D))


# %% wrong (q02-module-hidden-parameters): rounds the width of a head down
class CausalSelfAttention(torch.nn.Module):
    def __init__(self, d_model, n_heads, n_kv=None):
        super().__init__()
        n_kv = n_kv or n_heads
        if n_heads % n_kv:
            raise ValueError("heads do not fit")
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, d_model // n_heads
        self.q_proj = torch.nn.Linear(d_model, n_heads * self.d, bias=False)
        self.k_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.v_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.o_proj = torch.nn.Linear(n_heads * self.d, d_model, bias=False)

    def forward(self, x):
        B, T, D = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.d).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        k = k.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        v = v.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        scores = q @ k.transpose(-2, -1) / math.sqrt(self.d)
        later = torch.ones(T, T, dtype=torch.bool, device=x.device).triu(1)
        weights = scores.masked_fill(later, -torch.inf).softmax(dim=-1)
        return self.o_proj((weights @ v).transpose(1, 2).reshape(B, T, D))


# %% wrong (q02-module-hidden-forward): divides by the root of the model width
class CausalSelfAttention(torch.nn.Module):
    def __init__(self, d_model, n_heads, n_kv=None):
        super().__init__()
        n_kv = n_kv or n_heads
        if d_model % n_heads or n_heads % n_kv:
            raise ValueError("heads do not fit")
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, d_model // n_heads
        self.q_proj = torch.nn.Linear(d_model, n_heads * self.d, bias=False)
        self.k_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.v_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.o_proj = torch.nn.Linear(n_heads * self.d, d_model, bias=False)

    def forward(self, x):
        B, T, D = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.d).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        k = k.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        v = v.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        scores = q @ k.transpose(-2, -1) / math.sqrt(D)
        later = torch.ones(T, T, dtype=torch.bool, device=x.device).triu(1)
        weights = scores.masked_fill(later, -torch.inf).softmax(dim=-1)
        return self.o_proj((weights @ v).transpose(1, 2).reshape(B, T, D))


# %% wrong (q02-module-hidden-forward): view without transpose
class CausalSelfAttention(torch.nn.Module):
    def __init__(self, d_model, n_heads, n_kv=None):
        super().__init__()
        n_kv = n_kv or n_heads
        if d_model % n_heads or n_heads % n_kv:
            raise ValueError("heads do not fit")
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, d_model // n_heads
        self.q_proj = torch.nn.Linear(d_model, n_heads * self.d, bias=False)
        self.k_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.v_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.o_proj = torch.nn.Linear(n_heads * self.d, d_model, bias=False)

    def forward(self, x):
        B, T, D = x.shape
        q = self.q_proj(x).view(B, self.n_heads, T, self.d)
        k = self.k_proj(x).view(B, self.n_kv, T, self.d)
        v = self.v_proj(x).view(B, self.n_kv, T, self.d)
        k = k.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        v = v.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        scores = q @ k.transpose(-2, -1) / math.sqrt(self.d)
        later = torch.ones(T, T, dtype=torch.bool, device=x.device).triu(1)
        weights = scores.masked_fill(later, -torch.inf).softmax(dim=-1)
        return self.o_proj((weights @ v).transpose(1, 2).reshape(B, T, D))


# %% wrong (q02-module-hidden-forward): merges the heads with a reshape alone
class CausalSelfAttention(torch.nn.Module):
    def __init__(self, d_model, n_heads, n_kv=None):
        super().__init__()
        n_kv = n_kv or n_heads
        if d_model % n_heads or n_heads % n_kv:
            raise ValueError("heads do not fit")
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, d_model // n_heads
        self.q_proj = torch.nn.Linear(d_model, n_heads * self.d, bias=False)
        self.k_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.v_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.o_proj = torch.nn.Linear(n_heads * self.d, d_model, bias=False)

    def forward(self, x):
        B, T, D = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.d).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        k = k.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        v = v.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        scores = q @ k.transpose(-2, -1) / math.sqrt(self.d)
        later = torch.ones(T, T, dtype=torch.bool, device=x.device).triu(1)
        weights = scores.masked_fill(later, -torch.inf).softmax(dim=-1)
        return self.o_proj((weights @ v).reshape(B, T, D))


# %% wrong (q02-module-hidden-forward): no mask
class CausalSelfAttention(torch.nn.Module):
    def __init__(self, d_model, n_heads, n_kv=None):
        super().__init__()
        n_kv = n_kv or n_heads
        if d_model % n_heads or n_heads % n_kv:
            raise ValueError("heads do not fit")
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, d_model // n_heads
        self.q_proj = torch.nn.Linear(d_model, n_heads * self.d, bias=False)
        self.k_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.v_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.o_proj = torch.nn.Linear(n_heads * self.d, d_model, bias=False)

    def forward(self, x):
        B, T, D = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.d).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        k = k.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        v = v.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        scores = q @ k.transpose(-2, -1) / math.sqrt(self.d)
        weights = scores.softmax(dim=-1)
        return self.o_proj((weights @ v).transpose(1, 2).reshape(B, T, D))


# %% wrong (q02-module-hidden-forward): masks the diagonal too
class CausalSelfAttention(torch.nn.Module):
    def __init__(self, d_model, n_heads, n_kv=None):
        super().__init__()
        n_kv = n_kv or n_heads
        if d_model % n_heads or n_heads % n_kv:
            raise ValueError("heads do not fit")
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, d_model // n_heads
        self.q_proj = torch.nn.Linear(d_model, n_heads * self.d, bias=False)
        self.k_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.v_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.o_proj = torch.nn.Linear(n_heads * self.d, d_model, bias=False)

    def forward(self, x):
        B, T, D = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.d).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        k = k.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        v = v.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        scores = q @ k.transpose(-2, -1) / math.sqrt(self.d)
        later = torch.ones(T, T, dtype=torch.bool, device=x.device).triu(0)
        weights = scores.masked_fill(later, -torch.inf).softmax(dim=-1).nan_to_num(0)
        return self.o_proj((weights @ v).transpose(1, 2).reshape(B, T, D))


# %% wrong (q02-module-hidden-forward): forgets the output projection
class CausalSelfAttention(torch.nn.Module):
    def __init__(self, d_model, n_heads, n_kv=None):
        super().__init__()
        n_kv = n_kv or n_heads
        if d_model % n_heads or n_heads % n_kv:
            raise ValueError("heads do not fit")
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, d_model // n_heads
        self.q_proj = torch.nn.Linear(d_model, n_heads * self.d, bias=False)
        self.k_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.v_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.o_proj = torch.nn.Linear(n_heads * self.d, d_model, bias=False)

    def forward(self, x):
        B, T, D = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.d).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        k = k.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        v = v.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        scores = q @ k.transpose(-2, -1) / math.sqrt(self.d)
        later = torch.ones(T, T, dtype=torch.bool, device=x.device).triu(1)
        weights = scores.masked_fill(later, -torch.inf).softmax(dim=-1)
        return (weights @ v).transpose(1, 2).reshape(B, T, D)


# %% wrong (q02-module-hidden-groups): repeat instead of repeat_interleave
class CausalSelfAttention(torch.nn.Module):
    def __init__(self, d_model, n_heads, n_kv=None):
        super().__init__()
        n_kv = n_kv or n_heads
        if d_model % n_heads or n_heads % n_kv:
            raise ValueError("heads do not fit")
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, d_model // n_heads
        self.q_proj = torch.nn.Linear(d_model, n_heads * self.d, bias=False)
        self.k_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.v_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.o_proj = torch.nn.Linear(n_heads * self.d, d_model, bias=False)

    def forward(self, x):
        B, T, D = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.d).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        k = k.repeat(1, self.n_heads // self.n_kv, 1, 1)
        v = v.repeat(1, self.n_heads // self.n_kv, 1, 1)
        scores = q @ k.transpose(-2, -1) / math.sqrt(self.d)
        later = torch.ones(T, T, dtype=torch.bool, device=x.device).triu(1)
        weights = scores.masked_fill(later, -torch.inf).softmax(dim=-1)
        return self.o_proj((weights @ v).transpose(1, 2).reshape(B, T, D))


# %% wrong (q02-module-hidden-groups): shares the values in the order of the tokens instead of the heads
class CausalSelfAttention(torch.nn.Module):
    def __init__(self, d_model, n_heads, n_kv=None):
        super().__init__()
        n_kv = n_kv or n_heads
        if d_model % n_heads or n_heads % n_kv:
            raise ValueError("heads do not fit")
        self.n_heads, self.n_kv, self.d = n_heads, n_kv, d_model // n_heads
        self.q_proj = torch.nn.Linear(d_model, n_heads * self.d, bias=False)
        self.k_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.v_proj = torch.nn.Linear(d_model, n_kv * self.d, bias=False)
        self.o_proj = torch.nn.Linear(n_heads * self.d, d_model, bias=False)

    def forward(self, x):
        B, T, D = x.shape
        q = self.q_proj(x).view(B, T, self.n_heads, self.d).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv, self.d).transpose(1, 2)
        k = k.repeat_interleave(self.n_heads // self.n_kv, dim=1)
        v = v.repeat(1, self.n_heads // self.n_kv, 1, 1)
        scores = q @ k.transpose(-2, -1) / math.sqrt(self.d)
        later = torch.ones(T, T, dtype=torch.bool, device=x.device).triu(1)
        weights = scores.masked_fill(later, -torch.inf).softmax(dim=-1)
        return self.o_proj((weights @ v).transpose(1, 2).reshape(B, T, D))
