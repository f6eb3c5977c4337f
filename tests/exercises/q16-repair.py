# %% right: the update as a method
class Adapter(torch.nn.Module):
    def __init__(self, weight, r, alpha):
        super().__init__()
        d, k = weight.shape
        self.register_buffer("weight", weight.detach().clone())
        self.A = torch.nn.Parameter(torch.empty(r, k, dtype=weight.dtype))
        torch.nn.init.kaiming_uniform_(self.A, a=math.sqrt(5))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=weight.dtype))
        self.alpha, self.r, self.merged = alpha, r, False

    def update(self):
        return self.alpha / self.r * self.B @ self.A

    def forward(self, x):
        if self.merged:
            return x @ self.weight.T
        return x @ (self.weight + self.update()).T

    @torch.no_grad()
    def merge(self):
        if self.merged:
            return
        self.weight = self.weight + self.update()
        self.merged = True

    @torch.no_grad()
    def unmerge(self):
        if not self.merged:
            return
        self.weight = self.weight - self.update()
        self.merged = False


def merged_over(weight, A, B, r, alpha):
    layer = Adapter(weight, r, alpha)
    layer.load_state_dict({"weight": weight, "A": A, "B": B})
    layer.merge()
    return layer


def summed(layer, x):
    return layer(x).sum()


# %% right: remembers the frozen weight while merged
class Adapter(torch.nn.Module):
    def __init__(self, weight, r, alpha):
        super().__init__()
        d, k = weight.shape
        self.register_buffer("weight", weight.detach().clone())
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=weight.dtype) * 0.1)
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=weight.dtype))
        self.scale = alpha / r
        self.kept = None

    @property
    def merged(self):
        return self.kept is not None

    def forward(self, x):
        frozen = self.kept if self.merged else self.weight
        return x @ frozen.T + self.scale * (x @ self.A.T @ self.B.T)

    def merge(self):
        if not self.merged:
            self.kept = self.weight.clone()
            self.weight.add_((self.B @ self.A).detach(), alpha=self.scale)

    def unmerge(self):
        if self.merged:
            self.weight.copy_(self.kept)
            self.kept = None


def merged_over(weight, A, B, r, alpha):
    layer = Adapter(weight, r, alpha)
    layer.load_state_dict({"weight": weight, "A": A, "B": B})
    layer.merge()
    return layer


def summed(layer, x):
    return layer(x).sum()


# %% right: one signed step for both directions
class Adapter(torch.nn.Module):
    def __init__(self, weight, r, alpha):
        super().__init__()
        d, k = weight.shape
        self.register_buffer("weight", weight.detach().clone())
        A = torch.rand(r, k, dtype=weight.dtype) * 2 - 1
        self.A = torch.nn.Parameter(A / k**0.5)
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=weight.dtype))
        self.scale = alpha / r
        self.merged = False

    def forward(self, x):
        scale = 0.0 if self.merged else self.scale
        return x @ self.weight.T + scale * (x @ self.A.T @ self.B.T)

    def _to(self, merged):
        sign = int(merged) - int(self.merged)
        with torch.no_grad():
            self.weight += sign * self.scale * (self.B @ self.A)
        self.merged = merged

    def merge(self):
        self._to(True)

    def unmerge(self):
        self._to(False)


def merged_over(weight, A, B, r, alpha):
    layer = Adapter(weight, r, alpha)
    layer.load_state_dict({"weight": weight, "A": A, "B": B})
    layer.merge()
    return layer


def summed(layer, x):
    return layer(x).sum()


# %% wrong (q16-repair-hidden-start): both factors still zero
class Adapter(torch.nn.Module):
    def __init__(self, weight, r, alpha):
        super().__init__()
        d, k = weight.shape
        self.register_buffer("weight", weight.detach().clone())
        self.A = torch.nn.Parameter(torch.zeros(r, k, dtype=weight.dtype))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=weight.dtype))
        self.scale = alpha / r
        self.merged = False

    def forward(self, x):
        y = x @ self.weight.T
        return y if self.merged else y + self.scale * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.weight += self.scale * (self.B @ self.A)
        self.merged = True

    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.weight -= self.scale * (self.B @ self.A)
        self.merged = False


def merged_over(weight, A, B, r, alpha):
    layer = Adapter(weight, r, alpha)
    layer.load_state_dict({"weight": weight, "A": A, "B": B})
    layer.merge()
    return layer


def summed(layer, x):
    return layer(x).sum()


# %% wrong (q16-repair-hidden-start): both factors random
class Adapter(torch.nn.Module):
    def __init__(self, weight, r, alpha):
        super().__init__()
        d, k = weight.shape
        self.register_buffer("weight", weight.detach().clone())
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.randn(d, r, dtype=weight.dtype))
        self.scale = alpha / r
        self.merged = False

    def forward(self, x):
        y = x @ self.weight.T
        return y if self.merged else y + self.scale * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.weight += self.scale * (self.B @ self.A)
        self.merged = True

    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.weight -= self.scale * (self.B @ self.A)
        self.merged = False


def merged_over(weight, A, B, r, alpha):
    layer = Adapter(weight, r, alpha)
    layer.load_state_dict({"weight": weight, "A": A, "B": B})
    layer.merge()
    return layer


def summed(layer, x):
    return layer(x).sum()


# %% wrong (q16-repair-hidden-start): B random and A zero
class Adapter(torch.nn.Module):
    def __init__(self, weight, r, alpha):
        super().__init__()
        d, k = weight.shape
        self.register_buffer("weight", weight.detach().clone())
        self.A = torch.nn.Parameter(torch.zeros(r, k, dtype=weight.dtype))
        self.B = torch.nn.Parameter(torch.randn(d, r, dtype=weight.dtype))
        self.scale = alpha / r
        self.merged = False

    def forward(self, x):
        y = x @ self.weight.T
        return y if self.merged else y + self.scale * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.weight += self.scale * (self.B @ self.A)
        self.merged = True

    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.weight -= self.scale * (self.B @ self.A)
        self.merged = False


def merged_over(weight, A, B, r, alpha):
    layer = Adapter(weight, r, alpha)
    layer.load_state_dict({"weight": weight, "A": A, "B": B})
    layer.merge()
    return layer


def summed(layer, x):
    return layer(x).sum()


# %% wrong (q16-repair-hidden-start): A of ones
class Adapter(torch.nn.Module):
    def __init__(self, weight, r, alpha):
        super().__init__()
        d, k = weight.shape
        self.register_buffer("weight", weight.detach().clone())
        self.A = torch.nn.Parameter(torch.ones(r, k, dtype=weight.dtype))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=weight.dtype))
        self.scale = alpha / r
        self.merged = False

    def forward(self, x):
        y = x @ self.weight.T
        return y if self.merged else y + self.scale * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.weight += self.scale * (self.B @ self.A)
        self.merged = True

    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.weight -= self.scale * (self.B @ self.A)
        self.merged = False


def merged_over(weight, A, B, r, alpha):
    layer = Adapter(weight, r, alpha)
    layer.load_state_dict({"weight": weight, "A": A, "B": B})
    layer.merge()
    return layer


def summed(layer, x):
    return layer(x).sum()


# %% wrong (q16-repair-hidden-scale): merges without the scale
class Adapter(torch.nn.Module):
    def __init__(self, weight, r, alpha):
        super().__init__()
        d, k = weight.shape
        self.register_buffer("weight", weight.detach().clone())
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=weight.dtype))
        self.scale = alpha / r
        self.merged = False

    def forward(self, x):
        y = x @ self.weight.T
        return y if self.merged else y + self.scale * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.weight += self.B @ self.A
        self.merged = True

    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.weight -= self.B @ self.A
        self.merged = False


def merged_over(weight, A, B, r, alpha):
    layer = Adapter(weight, r, alpha)
    layer.load_state_dict({"weight": weight, "A": A, "B": B})
    layer.merge()
    return layer


def summed(layer, x):
    return layer(x).sum()


# %% wrong (q16-repair-hidden-scale): only merge got the scale
class Adapter(torch.nn.Module):
    def __init__(self, weight, r, alpha):
        super().__init__()
        d, k = weight.shape
        self.register_buffer("weight", weight.detach().clone())
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=weight.dtype))
        self.scale = alpha / r
        self.merged = False

    def forward(self, x):
        y = x @ self.weight.T
        return y if self.merged else y + self.scale * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.weight += self.scale * (self.B @ self.A)
        self.merged = True

    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.weight -= self.B @ self.A
        self.merged = False


def merged_over(weight, A, B, r, alpha):
    layer = Adapter(weight, r, alpha)
    layer.load_state_dict({"weight": weight, "A": A, "B": B})
    layer.merge()
    return layer


def summed(layer, x):
    return layer(x).sum()


# %% wrong (q16-repair-hidden-scale): the scale twice
class Adapter(torch.nn.Module):
    def __init__(self, weight, r, alpha):
        super().__init__()
        d, k = weight.shape
        self.register_buffer("weight", weight.detach().clone())
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=weight.dtype))
        self.scale = alpha / r
        self.merged = False

    def forward(self, x):
        y = x @ self.weight.T
        return y if self.merged else y + self.scale * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.weight += self.scale**2 * (self.B @ self.A)
        self.merged = True

    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.weight -= self.scale**2 * (self.B @ self.A)
        self.merged = False


def merged_over(weight, A, B, r, alpha):
    layer = Adapter(weight, r, alpha)
    layer.load_state_dict({"weight": weight, "A": A, "B": B})
    layer.merge()
    return layer


def summed(layer, x):
    return layer(x).sum()


# %% wrong (q16-repair-hidden-once): forward counts the update again after the merge
class Adapter(torch.nn.Module):
    def __init__(self, weight, r, alpha):
        super().__init__()
        d, k = weight.shape
        self.register_buffer("weight", weight.detach().clone())
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=weight.dtype))
        self.scale = alpha / r
        self.merged = False

    def forward(self, x):
        y = x @ self.weight.T
        return y + self.scale * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.weight += self.scale * (self.B @ self.A)
        self.merged = True

    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.weight -= self.scale * (self.B @ self.A)
        self.merged = False


def merged_over(weight, A, B, r, alpha):
    layer = Adapter(weight, r, alpha)
    layer.load_state_dict({"weight": weight, "A": A, "B": B})
    layer.merge()
    return layer


def summed(layer, x):
    return layer(x).sum()


# %% wrong (q16-repair-hidden-once): forward counts it only while merged
class Adapter(torch.nn.Module):
    def __init__(self, weight, r, alpha):
        super().__init__()
        d, k = weight.shape
        self.register_buffer("weight", weight.detach().clone())
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=weight.dtype))
        self.scale = alpha / r
        self.merged = False

    def forward(self, x):
        y = x @ self.weight.T
        return y if not self.merged else y + self.scale * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.weight += self.scale * (self.B @ self.A)
        self.merged = True

    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.weight -= self.scale * (self.B @ self.A)
        self.merged = False


def merged_over(weight, A, B, r, alpha):
    layer = Adapter(weight, r, alpha)
    layer.load_state_dict({"weight": weight, "A": A, "B": B})
    layer.merge()
    return layer


def summed(layer, x):
    return layer(x).sum()


# %% wrong (q16-repair-hidden-once): the flag is never set
class Adapter(torch.nn.Module):
    def __init__(self, weight, r, alpha):
        super().__init__()
        d, k = weight.shape
        self.register_buffer("weight", weight.detach().clone())
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=weight.dtype))
        self.scale = alpha / r
        self.merged = False

    def forward(self, x):
        y = x @ self.weight.T
        return y if self.merged else y + self.scale * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.weight += self.scale * (self.B @ self.A)

    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.weight -= self.scale * (self.B @ self.A)
        self.merged = False


def merged_over(weight, A, B, r, alpha):
    layer = Adapter(weight, r, alpha)
    layer.load_state_dict({"weight": weight, "A": A, "B": B})
    layer.merge()
    return layer


def summed(layer, x):
    return layer(x).sum()


# %% wrong (q16-repair-hidden-twice): every merge adds
class Adapter(torch.nn.Module):
    def __init__(self, weight, r, alpha):
        super().__init__()
        d, k = weight.shape
        self.register_buffer("weight", weight.detach().clone())
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=weight.dtype))
        self.scale = alpha / r
        self.merged = False

    def forward(self, x):
        y = x @ self.weight.T
        return y if self.merged else y + self.scale * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        self.weight += self.scale * (self.B @ self.A)
        self.merged = True

    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.weight -= self.scale * (self.B @ self.A)
        self.merged = False


def merged_over(weight, A, B, r, alpha):
    layer = Adapter(weight, r, alpha)
    layer.load_state_dict({"weight": weight, "A": A, "B": B})
    layer.merge()
    return layer


def summed(layer, x):
    return layer(x).sum()


# %% wrong (q16-repair-hidden-twice): every unmerge subtracts
class Adapter(torch.nn.Module):
    def __init__(self, weight, r, alpha):
        super().__init__()
        d, k = weight.shape
        self.register_buffer("weight", weight.detach().clone())
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=weight.dtype))
        self.scale = alpha / r
        self.merged = False

    def forward(self, x):
        y = x @ self.weight.T
        return y if self.merged else y + self.scale * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.weight += self.scale * (self.B @ self.A)
        self.merged = True

    @torch.no_grad()
    def unmerge(self):
        self.weight -= self.scale * (self.B @ self.A)
        self.merged = False


def merged_over(weight, A, B, r, alpha):
    layer = Adapter(weight, r, alpha)
    layer.load_state_dict({"weight": weight, "A": A, "B": B})
    layer.merge()
    return layer


def summed(layer, x):
    return layer(x).sum()


# %% wrong (q16-repair-hidden-twice): merge switches back when merged
class Adapter(torch.nn.Module):
    def __init__(self, weight, r, alpha):
        super().__init__()
        d, k = weight.shape
        self.register_buffer("weight", weight.detach().clone())
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=weight.dtype))
        self.scale = alpha / r
        self.merged = False

    def forward(self, x):
        y = x @ self.weight.T
        return y if self.merged else y + self.scale * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        if self.merged:
            self.unmerge()
        else:
            self.weight += self.scale * (self.B @ self.A)
            self.merged = True

    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.weight -= self.scale * (self.B @ self.A)
        self.merged = False


def merged_over(weight, A, B, r, alpha):
    layer = Adapter(weight, r, alpha)
    layer.load_state_dict({"weight": weight, "A": A, "B": B})
    layer.merge()
    return layer


def summed(layer, x):
    return layer(x).sum()


# %% wrong (q16-repair-hidden-scale): as it was, but for the start
class Adapter(torch.nn.Module):
    def __init__(self, weight, r, alpha):
        super().__init__()
        d, k = weight.shape
        self.register_buffer("weight", weight.detach().clone())
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=weight.dtype))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=weight.dtype))
        self.scale = alpha / r
        self.merged = False

    def forward(self, x):
        return x @ self.weight.T + self.scale * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        self.weight += self.B @ self.A
        self.merged = True

    @torch.no_grad()
    def unmerge(self):
        self.weight -= self.B @ self.A
        self.merged = False


def merged_over(weight, A, B, r, alpha):
    layer = Adapter(weight, r, alpha)
    layer.load_state_dict({"weight": weight, "A": A, "B": B})
    layer.merge()
    return layer


def summed(layer, x):
    return layer(x).sum()


# %% wrong (q16-repair-hidden-start): A in torch's default dtype
class Adapter(torch.nn.Module):
    def __init__(self, weight, r, alpha):
        super().__init__()
        d, k = weight.shape
        self.register_buffer("weight", weight.detach().clone())
        self.A = torch.nn.Parameter(torch.randn(r, k) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=weight.dtype))
        self.scale = alpha / r
        self.merged = False

    def forward(self, x):
        y = x @ self.weight.T
        return y if self.merged else y + self.scale * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.weight += self.scale * (self.B @ self.A)
        self.merged = True

    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.weight -= self.scale * (self.B @ self.A)
        self.merged = False


def merged_over(weight, A, B, r, alpha):
    layer = Adapter(weight, r, alpha)
    layer.load_state_dict({"weight": weight, "A": A, "B": B})
    layer.merge()
    return layer


def summed(layer, x):
    return layer(x).sum()


# %% wrong (q16-repair-hidden-start): everything in float32
class Adapter(torch.nn.Module):
    def __init__(self, weight, r, alpha):
        super().__init__()
        d, k = weight.shape
        self.register_buffer("weight", weight.detach().float())
        self.A = torch.nn.Parameter(torch.randn(r, k) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r))
        self.scale = alpha / r
        self.merged = False

    def forward(self, x):
        y = x @ self.weight.T
        return y if self.merged else y + self.scale * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.weight += self.scale * (self.B @ self.A)
        self.merged = True

    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.weight -= self.scale * (self.B @ self.A)
        self.merged = False


def merged_over(weight, A, B, r, alpha):
    layer = Adapter(weight, r, alpha)
    layer.load_state_dict({"weight": weight, "A": A, "B": B})
    layer.merge()
    return layer


def summed(layer, x):
    return layer(x).sum()


# %% wrong (q16-repair-hidden-start): A between 0 and 1, never negative
class Adapter(torch.nn.Module):
    def __init__(self, weight, r, alpha):
        super().__init__()
        d, k = weight.shape
        self.register_buffer("weight", weight.detach().clone())
        self.A = torch.nn.Parameter(torch.rand(r, k, dtype=weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=weight.dtype))
        self.scale = alpha / r
        self.merged = False

    def forward(self, x):
        y = x @ self.weight.T
        return y if self.merged else y + self.scale * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.weight += self.scale * (self.B @ self.A)
        self.merged = True

    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.weight -= self.scale * (self.B @ self.A)
        self.merged = False


def merged_over(weight, A, B, r, alpha):
    layer = Adapter(weight, r, alpha)
    layer.load_state_dict({"weight": weight, "A": A, "B": B})
    layer.merge()
    return layer


def summed(layer, x):
    return layer(x).sum()


# %% wrong (q16-repair-hidden-scale): the buffer is the caller's own weight
class Adapter(torch.nn.Module):
    def __init__(self, weight, r, alpha):
        super().__init__()
        d, k = weight.shape
        self.register_buffer("weight", weight.detach())
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=weight.dtype))
        self.scale = alpha / r
        self.merged = False

    def forward(self, x):
        y = x @ self.weight.T
        return y if self.merged else y + self.scale * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self):
        if not self.merged:
            self.weight += self.scale * (self.B @ self.A)
        self.merged = True

    @torch.no_grad()
    def unmerge(self):
        if self.merged:
            self.weight -= self.scale * (self.B @ self.A)
        self.merged = False


def merged_over(weight, A, B, r, alpha):
    layer = Adapter(weight, r, alpha)
    layer.load_state_dict({"weight": weight, "A": A, "B": B})
    layer.merge()
    return layer


def summed(layer, x):
    return layer(x).sum()


# %% wrong (q16-repair-hidden-once): merges and unmerges with gradients recorded
class Adapter(torch.nn.Module):
    def __init__(self, weight, r, alpha):
        super().__init__()
        d, k = weight.shape
        self.register_buffer("weight", weight.detach().clone())
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=weight.dtype))
        self.scale = alpha / r
        self.merged = False

    def forward(self, x):
        y = x @ self.weight.T
        return y if self.merged else y + self.scale * (x @ self.A.T @ self.B.T)

    def merge(self):
        if not self.merged:
            self.weight += self.scale * (self.B @ self.A)
        self.merged = True

    def unmerge(self):
        if self.merged:
            self.weight -= self.scale * (self.B @ self.A)
        self.merged = False


def merged_over(weight, A, B, r, alpha):
    layer = Adapter(weight, r, alpha)
    layer.load_state_dict({"weight": weight, "A": A, "B": B})
    layer.merge()
    return layer


def summed(layer, x):
    return layer(x).sum()
