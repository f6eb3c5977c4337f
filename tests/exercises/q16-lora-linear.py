# %% right: freezes parameter by parameter, normal A
class LoRALinear(torch.nn.Module):
    def __init__(self, base, r, alpha):
        super().__init__()
        if r <= 0:
            raise ValueError("r must be positive")
        self.base = base
        for p in self.base.parameters():
            p.requires_grad = False
        d, k = base.out_features, base.in_features
        self.A = torch.nn.Parameter(torch.randn(r, k).to(base.weight.dtype) / k**0.5)
        self.B = torch.nn.Parameter(torch.zeros(d, r).to(base.weight.dtype))
        self.r, self.alpha = r, alpha

    def forward(self, x):
        low = torch.nn.functional.linear(x, self.A)
        return self.base(x) + torch.nn.functional.linear(low, self.B) * (self.alpha / self.r)


def lora_over(weight, bias, r, alpha):
    d, k = weight.shape
    base = torch.nn.Linear(k, d, bias=bias is not None, dtype=weight.dtype)
    base.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return LoRALinear(base, r, alpha)


def weighted_sum(layer, x, weights):
    return (layer(x) * weights).sum()


# %% right: adds the update to the weight in every forward pass
class LoRALinear(torch.nn.Module):
    def __init__(self, base, r, alpha):
        if r < 1:
            raise ValueError(f"rank {r}")
        super().__init__()
        self.base = base
        base.weight.requires_grad_(False)
        if base.bias is not None:
            base.bias.requires_grad_(False)
        self.scaling = alpha / r
        self.A = torch.nn.Parameter(base.weight.new_empty(r, base.in_features).uniform_(-0.1, 0.1))
        self.B = torch.nn.Parameter(base.weight.new_zeros(base.out_features, r))

    def forward(self, x):
        W = self.base.weight + self.scaling * self.B @ self.A
        return torch.nn.functional.linear(x, W, self.base.bias)


def lora_over(weight, bias, r, alpha):
    d, k = weight.shape
    base = torch.nn.Linear(k, d, bias=bias is not None, dtype=weight.dtype)
    base.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return LoRALinear(base, r, alpha)


def weighted_sum(layer, x, weights):
    return (layer(x) * weights).sum()


# %% right: registers by name, einsum
class LoRALinear(torch.nn.Module):
    def __init__(self, base, r, alpha):
        super().__init__()
        if r < 1:
            raise ValueError("rank")
        self.add_module("base", base)
        base.requires_grad_(False)
        like = {"dtype": base.weight.dtype, "device": base.weight.device}
        A = torch.nn.init.xavier_normal_(torch.empty(r, base.in_features, **like))
        self.register_parameter("A", torch.nn.Parameter(A))
        self.register_parameter("B", torch.nn.Parameter(torch.zeros(base.out_features, r, **like)))
        self.s = alpha / r

    def forward(self, x):
        return self.base(x) + torch.einsum("...k,rk,dr->...d", x, self.A, self.B) * self.s


def lora_over(weight, bias, r, alpha):
    d, k = weight.shape
    base = torch.nn.Linear(k, d, bias=bias is not None, dtype=weight.dtype)
    base.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return LoRALinear(base, r, alpha)


def weighted_sum(layer, x, weights):
    return (layer(x) * weights).sum()


# %% wrong (q16-lora-linear-hidden-start): both factors zero
class LoRALinear(torch.nn.Module):
    def __init__(self, base, r, alpha):
        super().__init__()
        if r < 1:
            raise ValueError("rank")
        d, k = base.weight.shape
        self.base = base.requires_grad_(False)
        self.A = torch.nn.Parameter(torch.zeros(r, k, dtype=base.weight.dtype))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=base.weight.dtype))
        self.scale = alpha / r

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.A.T @ self.B.T)


def lora_over(weight, bias, r, alpha):
    d, k = weight.shape
    base = torch.nn.Linear(k, d, bias=bias is not None, dtype=weight.dtype)
    base.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return LoRALinear(base, r, alpha)


def weighted_sum(layer, x, weights):
    return (layer(x) * weights).sum()


# %% wrong (q16-lora-linear-hidden-start): both factors random
class LoRALinear(torch.nn.Module):
    def __init__(self, base, r, alpha):
        super().__init__()
        if r < 1:
            raise ValueError("rank")
        d, k = base.weight.shape
        self.base = base.requires_grad_(False)
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=base.weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.randn(d, r, dtype=base.weight.dtype) / math.sqrt(k))
        self.scale = alpha / r

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.A.T @ self.B.T)


def lora_over(weight, bias, r, alpha):
    d, k = weight.shape
    base = torch.nn.Linear(k, d, bias=bias is not None, dtype=weight.dtype)
    base.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return LoRALinear(base, r, alpha)


def weighted_sum(layer, x, weights):
    return (layer(x) * weights).sum()


# %% wrong (q16-lora-linear-hidden-start): A zero and B random
class LoRALinear(torch.nn.Module):
    def __init__(self, base, r, alpha):
        super().__init__()
        if r < 1:
            raise ValueError("rank")
        d, k = base.weight.shape
        self.base = base.requires_grad_(False)
        self.A = torch.nn.Parameter(torch.zeros(r, k, dtype=base.weight.dtype))
        self.B = torch.nn.Parameter(torch.randn(d, r, dtype=base.weight.dtype) / math.sqrt(k))
        self.scale = alpha / r

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.A.T @ self.B.T)


def lora_over(weight, bias, r, alpha):
    d, k = weight.shape
    base = torch.nn.Linear(k, d, bias=bias is not None, dtype=weight.dtype)
    base.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return LoRALinear(base, r, alpha)


def weighted_sum(layer, x, weights):
    return (layer(x) * weights).sum()


# %% wrong (q16-lora-linear-hidden-start): A constant, so that all ranks learn the same
class LoRALinear(torch.nn.Module):
    def __init__(self, base, r, alpha):
        super().__init__()
        if r < 1:
            raise ValueError("rank")
        d, k = base.weight.shape
        self.base = base.requires_grad_(False)
        self.A = torch.nn.Parameter(torch.full((r, k), 0.1, dtype=base.weight.dtype))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=base.weight.dtype))
        self.scale = alpha / r

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.A.T @ self.B.T)


def lora_over(weight, bias, r, alpha):
    d, k = weight.shape
    base = torch.nn.Linear(k, d, bias=bias is not None, dtype=weight.dtype)
    base.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return LoRALinear(base, r, alpha)


def weighted_sum(layer, x, weights):
    return (layer(x) * weights).sum()


# %% wrong (q16-lora-linear-hidden-start): A between 0 and 1, never negative
class LoRALinear(torch.nn.Module):
    def __init__(self, base, r, alpha):
        super().__init__()
        if r < 1:
            raise ValueError("rank")
        d, k = base.weight.shape
        self.base = base.requires_grad_(False)
        self.A = torch.nn.Parameter(torch.rand(r, k, dtype=base.weight.dtype))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=base.weight.dtype))
        self.scale = alpha / r

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.A.T @ self.B.T)


def lora_over(weight, bias, r, alpha):
    d, k = weight.shape
    base = torch.nn.Linear(k, d, bias=bias is not None, dtype=weight.dtype)
    base.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return LoRALinear(base, r, alpha)


def weighted_sum(layer, x, weights):
    return (layer(x) * weights).sum()


# %% wrong (q16-lora-linear-hidden-start): a seed fixed inside
class LoRALinear(torch.nn.Module):
    def __init__(self, base, r, alpha):
        super().__init__()
        if r < 1:
            raise ValueError("rank")
        d, k = base.weight.shape
        torch.manual_seed(0)
        self.base = base.requires_grad_(False)
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=base.weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=base.weight.dtype))
        self.scale = alpha / r

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.A.T @ self.B.T)


def lora_over(weight, bias, r, alpha):
    d, k = weight.shape
    base = torch.nn.Linear(k, d, bias=bias is not None, dtype=weight.dtype)
    base.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return LoRALinear(base, r, alpha)


def weighted_sum(layer, x, weights):
    return (layer(x) * weights).sum()


# %% wrong (q16-lora-linear-hidden-forward): no scale
class LoRALinear(torch.nn.Module):
    def __init__(self, base, r, alpha):
        super().__init__()
        if r < 1:
            raise ValueError("rank")
        d, k = base.weight.shape
        self.base = base.requires_grad_(False)
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=base.weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=base.weight.dtype))
        self.scale = alpha / r

    def forward(self, x):
        return self.base(x) + (x @ self.A.T @ self.B.T)


def lora_over(weight, bias, r, alpha):
    d, k = weight.shape
    base = torch.nn.Linear(k, d, bias=bias is not None, dtype=weight.dtype)
    base.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return LoRALinear(base, r, alpha)


def weighted_sum(layer, x, weights):
    return (layer(x) * weights).sum()


# %% wrong (q16-lora-linear-hidden-forward): the scale of rsLoRA
class LoRALinear(torch.nn.Module):
    def __init__(self, base, r, alpha):
        super().__init__()
        if r < 1:
            raise ValueError("rank")
        d, k = base.weight.shape
        self.base = base.requires_grad_(False)
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=base.weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=base.weight.dtype))
        self.scale = alpha / math.sqrt(r)

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.A.T @ self.B.T)


def lora_over(weight, bias, r, alpha):
    d, k = weight.shape
    base = torch.nn.Linear(k, d, bias=bias is not None, dtype=weight.dtype)
    base.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return LoRALinear(base, r, alpha)


def weighted_sum(layer, x, weights):
    return (layer(x) * weights).sum()


# %% wrong (q16-lora-linear-hidden-forward): the bias is left out
class LoRALinear(torch.nn.Module):
    def __init__(self, base, r, alpha):
        super().__init__()
        if r < 1:
            raise ValueError("rank")
        d, k = base.weight.shape
        self.base = base.requires_grad_(False)
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=base.weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=base.weight.dtype))
        self.scale = alpha / r

    def forward(self, x):
        return x @ self.base.weight.T + self.scale * (x @ self.A.T @ self.B.T)


def lora_over(weight, bias, r, alpha):
    d, k = weight.shape
    base = torch.nn.Linear(k, d, bias=bias is not None, dtype=weight.dtype)
    base.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return LoRALinear(base, r, alpha)


def weighted_sum(layer, x, weights):
    return (layer(x) * weights).sum()


# %% wrong (q16-lora-linear-hidden-forward): the adapter's part is added to the input of base instead of its output, transposed shapes raises
class LoRALinear(torch.nn.Module):
    def __init__(self, base, r, alpha):
        super().__init__()
        if r < 1:
            raise ValueError("rank")
        d, k = base.weight.shape
        self.base = base.requires_grad_(False)
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=base.weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=base.weight.dtype))
        self.scale = alpha / r

    def forward(self, x):
        return self.base(x) + self.scale * (self.B @ self.A @ x.T).T


def lora_over(weight, bias, r, alpha):
    d, k = weight.shape
    base = torch.nn.Linear(k, d, bias=bias is not None, dtype=weight.dtype)
    base.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return LoRALinear(base, r, alpha)


def weighted_sum(layer, x, weights):
    return (layer(x) * weights).sum()


# %% wrong (q16-lora-linear-hidden-forward): A and B always in float32 raises
class LoRALinear(torch.nn.Module):
    def __init__(self, base, r, alpha):
        super().__init__()
        if r < 1:
            raise ValueError("rank")
        d, k = base.weight.shape
        self.base = base.requires_grad_(False)
        self.A = torch.nn.Parameter(torch.randn(r, k) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r))
        self.scale = alpha / r

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.A.T @ self.B.T)


def lora_over(weight, bias, r, alpha):
    d, k = weight.shape
    base = torch.nn.Linear(k, d, bias=bias is not None, dtype=weight.dtype)
    base.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return LoRALinear(base, r, alpha)


def weighted_sum(layer, x, weights):
    return (layer(x) * weights).sum()


# %% wrong (q16-lora-linear-hidden-forward): the adapter kept in two linear layers more
class LoRALinear(torch.nn.Module):
    def __init__(self, base, r, alpha):
        super().__init__()
        if r < 1:
            raise ValueError("rank")
        d, k = base.weight.shape
        self.base = base.requires_grad_(False)
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=base.weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=base.weight.dtype))
        self.scale = alpha / r
        self.down = torch.nn.Linear(k, r, bias=False, dtype=base.weight.dtype)

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.A.T @ self.B.T)


def lora_over(weight, bias, r, alpha):
    d, k = weight.shape
    base = torch.nn.Linear(k, d, bias=bias is not None, dtype=weight.dtype)
    base.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return LoRALinear(base, r, alpha)


def weighted_sum(layer, x, weights):
    return (layer(x) * weights).sum()


# %% wrong (q16-lora-linear-hidden-frozen): base is not frozen
class LoRALinear(torch.nn.Module):
    def __init__(self, base, r, alpha):
        super().__init__()
        if r < 1:
            raise ValueError("rank")
        d, k = base.weight.shape
        self.base = base
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=base.weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=base.weight.dtype))
        self.scale = alpha / r

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.A.T @ self.B.T)


def lora_over(weight, bias, r, alpha):
    d, k = weight.shape
    base = torch.nn.Linear(k, d, bias=bias is not None, dtype=weight.dtype)
    base.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return LoRALinear(base, r, alpha)


def weighted_sum(layer, x, weights):
    return (layer(x) * weights).sum()


# %% wrong (q16-lora-linear-hidden-frozen): the bias still trains
class LoRALinear(torch.nn.Module):
    def __init__(self, base, r, alpha):
        super().__init__()
        if r < 1:
            raise ValueError("rank")
        d, k = base.weight.shape
        self.base = base
        base.weight.requires_grad_(False)
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=base.weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=base.weight.dtype))
        self.scale = alpha / r

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.A.T @ self.B.T)


def lora_over(weight, bias, r, alpha):
    d, k = weight.shape
    base = torch.nn.Linear(k, d, bias=bias is not None, dtype=weight.dtype)
    base.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return LoRALinear(base, r, alpha)


def weighted_sum(layer, x, weights):
    return (layer(x) * weights).sum()


# %% wrong (q16-lora-linear-hidden-frozen): base runs without any gradient, so none reaches the layers before it
class LoRALinear(torch.nn.Module):
    def __init__(self, base, r, alpha):
        super().__init__()
        if r < 1:
            raise ValueError("rank")
        d, k = base.weight.shape
        self.base = base.requires_grad_(False)
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=base.weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=base.weight.dtype))
        self.scale = alpha / r

    def forward(self, x):
        with torch.no_grad():
            frozen = self.base(x)
        return frozen + self.scale * (x @ self.A.T @ self.B.T)


def lora_over(weight, bias, r, alpha):
    d, k = weight.shape
    base = torch.nn.Linear(k, d, bias=bias is not None, dtype=weight.dtype)
    base.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return LoRALinear(base, r, alpha)


def weighted_sum(layer, x, weights):
    return (layer(x) * weights).sum()


# %% wrong (q16-lora-linear-hidden-frozen): freezes all, the adapter too
class LoRALinear(torch.nn.Module):
    def __init__(self, base, r, alpha):
        super().__init__()
        if r < 1:
            raise ValueError("rank")
        d, k = base.weight.shape
        self.base = base.requires_grad_(False)
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=base.weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=base.weight.dtype))
        self.scale = alpha / r
        self.requires_grad_(False)

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.A.T @ self.B.T)


def lora_over(weight, bias, r, alpha):
    d, k = weight.shape
    base = torch.nn.Linear(k, d, bias=bias is not None, dtype=weight.dtype)
    base.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return LoRALinear(base, r, alpha)


def weighted_sum(layer, x, weights):
    return (layer(x) * weights).sum()


# %% wrong (q16-lora-linear-hidden-frozen): A is a buffer and never trains
class LoRALinear(torch.nn.Module):
    def __init__(self, base, r, alpha):
        super().__init__()
        if r < 1:
            raise ValueError("rank")
        d, k = base.weight.shape
        self.base = base.requires_grad_(False)
        self.register_buffer("A", torch.randn(r, k, dtype=base.weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=base.weight.dtype))
        self.scale = alpha / r

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.A.T @ self.B.T)


def lora_over(weight, bias, r, alpha):
    d, k = weight.shape
    base = torch.nn.Linear(k, d, bias=bias is not None, dtype=weight.dtype)
    base.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return LoRALinear(base, r, alpha)


def weighted_sum(layer, x, weights):
    return (layer(x) * weights).sum()


# %% wrong (q16-lora-linear-hidden-frozen): no check of the rank
class LoRALinear(torch.nn.Module):
    def __init__(self, base, r, alpha):
        super().__init__()
        d, k = base.weight.shape
        self.base = base.requires_grad_(False)
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=base.weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=base.weight.dtype))
        self.scale = alpha / r

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.A.T @ self.B.T)


def lora_over(weight, bias, r, alpha):
    d, k = weight.shape
    base = torch.nn.Linear(k, d, bias=bias is not None, dtype=weight.dtype)
    base.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return LoRALinear(base, r, alpha)


def weighted_sum(layer, x, weights):
    return (layer(x) * weights).sum()
