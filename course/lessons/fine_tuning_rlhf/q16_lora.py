# %% [markdown]
r"""
## Q16. How does LoRA work?

*Medium · 110 minutes · needs matrix products (self-test 2 of notebook 1), gradients (self-test 6)*
"""

# %% [markdown]
r"""
### Say it

> TBD

"""

# %% [markdown]
r"""
### See it

TBD
"""

# %% tags=["demo"]
print(1)

# %% [markdown]
r"""
### Build it

Six exercises: the forward pass, the merge, the count, the module, the memory of training, and the repair
of an adapter that merges wrongly. In all of them $A$ has shape (r, k), $B$ shape (d, r) and the frozen
$W$ shape (d, k), as in `torch.nn.Linear`: d outputs, k inputs.
"""

# %% [markdown]
r"""
### Exercise 16.1 · `lora_forward`

●○○ · 8 minutes · 3 points · core

Write `lora_forward(x, W, A, B, alpha, r)`: what a linear layer with a LoRA adapter computes,

$$x W^\top + \frac{\alpha}{r}\, x A^\top B^\top .$$

- All arguments but the last two are Tensors of one dtype, float32 or float64: `x` (..., k) with any
  number of leading axes, also none; `W` (d, k); `A` (r, k); `B` (d, r). `alpha` is a number above 0, `r`
  the rank as an int. Return (..., d) in the same dtype.
- `W` is frozen: no gradient reaches it, even if it asks for one. Gradients reach `x`, `A` and `B`.
- No argument is changed.

By hand: with W = [[1, 0], [0, 1]], A = [[1, 1]], B = [[1], [2]], α = 3, r = 1 and x = [1, 2], the frozen
part gives [1, 2], and A x = 3 becomes 3 · [3, 6]; together [10, 20].

<details><summary>Hint 1</summary>

`x @ A.T` has r numbers for each row of `x`. That is the narrow place; what comes after it costs little.

</details>

<details><summary>Hint 2</summary>

`x @ W.detach().T + (alpha / r) * (x @ A.T @ B.T)`: Python multiplies from left to right, so no (d, k)
product is ever formed.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q16-lora-forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lora_forward(x: Tensor, W: Tensor, A: Tensor, B: Tensor, alpha: float, r: int) -> Tensor:
    """x: (..., k), W: (d, k), A: (r, k), B: (d, r). Returns (..., d); no gradient reaches W."""
    ### BEGIN SOLUTION
    return x @ W.detach().T + (alpha / r) * (x @ A.T @ B.T)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q16-lora-forward-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
x, A, B = torch.tensor([1.0, 2.0]), torch.tensor([[1.0, 1.0]]), torch.tensor([[1.0], [2.0]])
testing.agree(
    lora_forward,
    [((x, torch.eye(2), A, B, 3.0, 1), torch.tensor([10.0, 20.0]))],
    "the frozen part [1, 2] plus alpha/r = 3 times [3, 6]",
)
testing.agree(
    lora_forward,
    [((x, torch.eye(2), A, 0 * B, 3.0, 1), x)],
    "with B = 0 the layer is the frozen one",
)

# %% nbgrader={"grade": true, "grade_id": "q16-lora-forward-hidden-value", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: values for all shapes of x (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for lead, d, k, r in [((), 3, 5, 2), ((4,), 5, 3, 3), ((2, 3), 4, 4, 2), ((2, 1, 3), 6, 2, 1)]:
    for dtype in (torch.float64, torch.float32):
        x = torch.randn(*lead, k, generator=g, dtype=dtype)
        W = torch.randn(d, k, generator=g, dtype=dtype)
        A, B = (
            torch.randn(r, k, generator=g, dtype=dtype),
            torch.randn(d, r, generator=g, dtype=dtype),
        )
        want = torch.einsum("...k,dk->...d", x, W)
        want = want + torch.einsum("...k,rk,dr->...d", x, A, B)  # alpha = r: the factor is 1
        testing.agree(
            lora_forward,
            [((x, W, A, B, float(r), r), want)],
            "x W^T + x A^T B^T when alpha = r: A brings k numbers to r, B brings r numbers to d, for "
            "any leading axes of x",
        )
        got = lora_forward(x, W, A, B, float(r), r)
        assert got.dtype == dtype, "the result keeps the dtype of x"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q16-lora-forward-hidden-scale", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the scale alpha/r (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for r, alpha in [(4, 4.0), (4, 8), (4, 1.0), (2, 16.0), (3, 0.5), (1, 2)]:
    x, W = (torch.randn(*s, generator=g, dtype=torch.float64) for s in [(3, 5), (6, 5)])
    A, B = (torch.randn(*s, generator=g, dtype=torch.float64) for s in [(r, 5), (6, r)])
    testing.agree(
        lora_forward,
        [((x, W, A, B, alpha, r), x @ W.T + x @ (B @ A).T * (alpha / r))],
        "the adapter's part, and only that, is multiplied by alpha / r (alpha / sqrt(r) is another "
        "method, rsLoRA)",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q16-lora-forward-hidden-frozen", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what gradients reach, and what stays unchanged (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for r in (1, 3):
    x, W = (torch.randn(*s, generator=g, dtype=torch.float64) for s in [(4,), (1, 4)])
    A, B = (torch.randn(*s, generator=g, dtype=torch.float64) for s in [(r, 4), (1, r)])
    alpha = 2.0 * r
    _, (dx, dW, dA, dB) = testing.value_and_grad(
        lora_forward, x, W, A, B, alpha, r, wrt=(0, 1, 2, 3)
    )
    assert testing.close(dW, torch.zeros(1, 4)), "W is frozen: detach it"
    assert testing.close(dA, 2 * B.T @ x[None]), "the gradient reaches A, through the scale and B"
    assert testing.close(dB, 2 * (A @ x)[None]), "the gradient reaches B, through the scale"
    assert testing.close(dx, (W + 2 * B @ A)[0]), (
        "the gradient reaches x by both paths: earlier layers are trained through the frozen W"
    )
x, W, A, B = (torch.randn(*s, generator=g) for s in [(2, 4), (3, 4), (2, 4), (3, 2)])
assert testing.leaves_arguments(lora_forward, x, W, A, B, 4.0, 2), "arguments are not changed"
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 16.2 · `merge`

●○○ · 5 minutes · 2 points · core

After training the two paths can become one. Write `merge(W, A, B, alpha, r)`, which returns the one
matrix M of shape (d, k) with x Mᵀ equal to what exercise 16.1 computes, for every x.

- Shapes as in 16.1, but d, k and r may be any sizes. The result has the dtype of `W`, float32 or float64.
- No argument is changed: the frozen weights may be in use elsewhere.

By hand: with the numbers of 16.1, M = [[1, 0], [0, 1]] + 3 · [[1, 1], [2, 2]] = [[4, 3], [6, 7]].

<details><summary>Hint 1</summary>

Which product of a (d, r) and an (r, k) matrix is (d, k)?

</details>

<details><summary>Hint 2</summary>

`W + (alpha / r) * (B @ A)`. With `+=` you would write into the caller's W.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q16-merge", "locked": false, "schema_version": 3, "solution": true, "task": false}
def merge(W: Tensor, A: Tensor, B: Tensor, alpha: float, r: int) -> Tensor:
    """W: (d, k), A: (r, k), B: (d, r). Returns the weights that do both parts at once, (d, k)."""
    ### BEGIN SOLUTION
    return W + (alpha / r) * (B @ A)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q16-merge-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
A, B = torch.tensor([[1.0, 1.0]]), torch.tensor([[1.0], [2.0]])
testing.agree(
    merge,
    [((torch.eye(2), A, B, 3.0, 1), torch.tensor([[4.0, 3.0], [6.0, 7.0]]))],
    "W plus alpha/r times the (d, k) product of B and A",
)

# %% nbgrader={"grade": true, "grade_id": "q16-merge-hidden-same", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: merged and unmerged layer are the same (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for d, k, r, alpha in [
    (3, 5, 2, 2.0),
    (5, 3, 4, 16),
    (4, 4, 4, 1.0),
    (1, 6, 3, 32.0),
    (6, 1, 2, 8),
]:
    for dtype in (torch.float64, torch.float32):
        x, W, A, B = (
            torch.randn(*s, generator=g, dtype=dtype) for s in [(7, k), (d, k), (r, k), (d, r)]
        )
        want = W + torch.einsum("dr,rk->dk", B, A) * alpha / r
        testing.agree(
            merge,
            [((W, A, B, alpha, r), want)],
            "W + (alpha/r) B A: B on the left, and the scale in it",
        )
        M = merge(W, A, B, alpha, r)
        assert M.dtype == dtype, "the result keeps the dtype of W"
        apart = x @ W.T + (alpha / r) * (x @ A.T @ B.T)
        close = testing.close(x @ M.T, apart, rtol=1e-4, atol=1e-3)
        assert close, "x times the merged weights equals the frozen part plus the adapter's part"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q16-merge-hidden-arguments", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the frozen weights stay as they are (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for alpha in (4.0, 2.0, 1.0):
    W, A, B = (torch.randn(*s, generator=g) for s in [(3, 4), (2, 4), (3, 2)])
    assert testing.leaves_arguments(merge, W, A, B, alpha, 2), (
        "W, A and B belong to the caller: return a new matrix"
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 16.3 · `lora_param_count`

●○○ · 5 minutes · 2 points · core

Write `lora_param_count(shapes, r)`: how many parameters LoRA of rank `r` trains, as an int.

`shapes` is a list of pairs `(d, k)`, outputs and inputs of each adapted matrix; it may be empty. `r < 1`
is a `ValueError`.

By hand: one matrix with d = 3 and k = 5 has, at rank 2, an A of 2 · 5 and a B of 3 · 2 numbers: 16.

<details><summary>Hint 1</summary>

Count the numbers in A and in B, for one matrix.

</details>

<details><summary>Hint 2</summary>

Each matrix brings r · (d + k). Only where d = k is that 2 · d · r.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q16-param-count", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lora_param_count(shapes: list[tuple[int, int]], r: int) -> int:
    """shapes: (outputs d, inputs k) of each adapted matrix. Returns the trained parameters."""
    ### BEGIN SOLUTION
    if r < 1:
        raise ValueError(f"the rank must be at least 1, not {r}")
    return sum(r * (d + k) for d, k in shapes)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q16-param-count-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    lora_param_count,
    [(([(3, 5)], 2), 16), (([(4, 4), (4, 4)], 1), 16)],
    "A has r * k numbers and B has d * r, for each matrix",
)

# %% nbgrader={"grade": true, "grade_id": "q16-param-count-hidden-shapes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: matrices that are not square (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for _ in range(5):
    shapes = [tuple(int(n) for n in rng.integers(1, 50, size=2)) for _ in range(4)]
    shapes = [(d, k + 50) for d, k in shapes]  # never square
    r = int(rng.integers(1, 9))
    want = sum(torch.empty(r, k).numel() + torch.empty(d, r).numel() for d, k in shapes)
    testing.agree(
        lora_param_count,
        [((shapes, r), want), (([(k, d) for d, k in shapes], r), want)],
        "a matrix that is not square brings r * d and r * k numbers, which differ",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q16-param-count-hidden-llama", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a real model's shapes, no matrix at all, no rank at all (1 point)
### BEGIN HIDDEN TESTS
block = [(4096, 4096), (1024, 4096), (1024, 4096), (4096, 4096)]
block += [(14_336, 4096), (14_336, 4096), (4096, 14_336)]
testing.agree(
    lora_param_count,
    [((32 * block, 16), 41_943_040), ((32 * block, 1), 41_943_040 // 16)],
    "the count is proportional to the rank, and the shapes are taken as they are given",
)
testing.agree(lora_param_count, [(([], 8), 0)], "no matrix, no parameters")
for r in (0, -1):
    assert testing.raises(ValueError, lora_param_count, [(3, 5)], r), "r below 1 is a ValueError"
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 16.4 · `LoRALinear`

●●○ · 20 minutes · 5 points · core

Now as a module that can take the place of a `torch.nn.Linear` in any model. Write the class
`LoRALinear(base, r, alpha)`, a `torch.nn.Module`.

- `base` is a `torch.nn.Linear` with weight (d, k), with or without a bias. Keep it as `self.base`, and
  freeze it: its parameters get no gradient any more.
- `self.A` (r, k) and `self.B` (d, r) are `torch.nn.Parameter`s of the dtype of `base.weight`. They are
  all that trains. So `state_dict()` has the keys `A`, `B`, `base.weight` and, where there is one,
  `base.bias`, and no other.
- **At the start the layer computes exactly what `base` computes, and yet it can learn**: `B` is zero, and
  `A` is random. Which distribution is up to you, with independent entries of mean 0; two layers get
  different ones. `torch.nn.init.kaiming_uniform_(A, a=math.sqrt(5))`, what `torch.nn.Linear` does for
  itself, is what PEFT takes.
- `forward(x)` takes (..., k) and returns `base(x)` plus α/r times the adapter's part, (..., d).
- `r < 1` is a `ValueError` when the object is made.

Below the class stand two small functions. The tests make your layer and take gradients with them; leave
them as they are.

<details><summary>Hint 1</summary>

`self.base.requires_grad_(False)` freezes a whole module. `torch.nn.Parameter(torch.zeros(...))` registers
itself when it is assigned to an attribute.

</details>

<details><summary>Hint 2</summary>

In `__init__`: check r, call `super().__init__()`, keep and freeze `base`, make `A` with `torch.empty(r, k,
dtype=base.weight.dtype)` and fill it, make `B` of zeros, remember `alpha / r`. In `forward`:
`self.base(x) + self.scale * (x @ self.A.T @ self.B.T)`.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q16-lora-linear", "locked": false, "schema_version": 3, "solution": true, "task": false}
class LoRALinear(torch.nn.Module):
    """A frozen linear layer and a trainable update of rank r: (..., k) -> (..., d)."""

    def __init__(self, base: torch.nn.Linear, r: int, alpha: float) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        if r < 1:
            raise ValueError(f"the rank must be at least 1, not {r}")
        d, k = base.weight.shape
        self.base = base.requires_grad_(False)
        self.A = torch.nn.Parameter(torch.empty(r, k, dtype=base.weight.dtype))
        torch.nn.init.kaiming_uniform_(self.A, a=math.sqrt(5))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=base.weight.dtype))
        self.scale = alpha / r
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """x: (..., k). Returns (..., d)."""
        ### BEGIN SOLUTION
        return self.base(x) + self.scale * (x @ self.A.T @ self.B.T)
        ### END SOLUTION


def lora_over(weight: Tensor, bias: Tensor | None, r: int, alpha: float) -> LoRALinear:
    """Put a LoRALinear over a linear layer with this weight and bias (given)."""
    d, k = weight.shape
    base = torch.nn.Linear(k, d, bias=bias is not None, dtype=weight.dtype)
    base.load_state_dict({"weight": weight} if bias is None else {"weight": weight, "bias": bias})
    return LoRALinear(base, r, alpha)


def weighted_sum(layer: LoRALinear, x: Tensor, weights: Tensor) -> Tensor:
    """Return one number, so that there is a gradient (given)."""
    return (layer(x) * weights).sum()


# %% nbgrader={"grade": true, "grade_id": "q16-lora-linear-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
layer = testing.make(lora_over, torch.eye(2), None, 1, 3.0)
shapes = {name: tuple(w.shape) for name, w in layer.state_dict().items()}
assert shapes == {"A": (1, 2), "B": (2, 1), "base.weight": (2, 2)}, (
    "the module holds A (r, k), B (d, r) and the frozen layer as base, and nothing else"
)
x = torch.tensor([1.0, 2.0])
assert testing.close(layer(x), x), "before training the layer computes what base computes"
layer.load_state_dict(
    {"A": torch.ones(1, 2), "B": torch.tensor([[1.0], [2.0]]), "base.weight": torch.eye(2)}
)
testing.check(
    testing.close(layer(x), torch.tensor([10.0, 20.0])),
    "the frozen part [1, 2] plus alpha/r = 3 times [3, 6]",
    inputs="W the identity, A = [[1, 1]], B = [[1], [2]], alpha = 3, r = 1, x = [1, 2]",
    got=layer(x),
    expected="[10, 20]",
)

# %% nbgrader={"grade": true, "grade_id": "q16-lora-linear-hidden-start", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: at the start it is the frozen layer, and can learn (2 points)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for d, k, r in [(6, 8, 3), (8, 6, 4), (5, 5, 1)]:
    W, x, w = (torch.randn(*s, generator=g) for s in [(d, k), (4, k), (4, d)])
    layer = testing.make(lora_over, W, None, r, 2.0 * r)
    testing.check(
        testing.close(layer(x), x @ W.T),
        "before training the layer computes what base computes: one factor starts at zero",
        inputs=f"a fresh layer with d = {d}, k = {k}, r = {r}",
    )
    assert testing.close(layer.state_dict()["B"], torch.zeros(d, r)), "B starts at zero"
    A = layer.state_dict()["A"]
    assert int(torch.linalg.matrix_rank(A)) == r, (
        "A starts with random entries: with both factors at zero both gradients are zero for ever, "
        "and with a constant the ranks are all alike"
    )
    _, (dA, dB) = testing.value_and_grad(weighted_sum, layer, x, w, wrt=("A", "B"))
    assert testing.close(dB, 2 * w.T @ x @ A.T), "the first gradient goes to B"
    assert testing.close(dA, torch.zeros(r, k)), "and none to A, while B is zero"
    other = testing.make(lora_over, W, None, r, 2.0 * r).state_dict()["A"]
    assert not testing.close(other, A), "each layer draws an A of its own: fix no seed inside"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q16-lora-linear-hidden-forward", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the forward pass, with and without a bias (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for lead, d, k, r, alpha in [((3,), 4, 6, 2, 8.0), ((2, 3), 6, 4, 3, 1.0), ((), 5, 5, 4, 16)]:
    for dtype in (torch.float32, torch.float64):
        x, W, bias = (torch.randn(*s, generator=g, dtype=dtype) for s in [(*lead, k), (d, k), (d,)])
        A, B = (torch.randn(*s, generator=g, dtype=dtype) for s in [(r, k), (d, r)])
        for b in (None, bias):
            layer = testing.make(lora_over, W, b, r, alpha)
            start = layer.state_dict()
            want_keys = {"A", "B", "base.weight"} | (set() if b is None else {"base.bias"})
            assert set(start) == want_keys, (
                "the state_dict has A, B and what base has, and nothing else"
            )
            assert all(v.dtype == dtype for v in start.values()), "A and B have base's dtype"
            layer.load_state_dict({**start, "A": A, "B": B})
            want = x @ W.T + (alpha / r) * (x @ A.T @ B.T) + (0 if b is None else b)
            testing.check(
                testing.close(layer(x), want, rtol=1e-4, atol=1e-4),
                "base(x), its bias included, plus alpha/r times x A^T B^T",
                inputs=f"x {tuple(x.shape)}, d = {d}, k = {k}, r = {r}, alpha = {alpha}, "
                f"{'no bias' if b is None else 'a bias'}",
                got=layer(x),
                expected=want,
            )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q16-lora-linear-hidden-frozen", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what trains and what is frozen (2 points)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for r, alpha in [(2, 8.0), (3, 3.0)]:
    x, w, W, bias = (torch.randn(*s, generator=g) for s in [(5, 4), (5, 3), (3, 4), (3,)])
    A, B = (torch.randn(*s, generator=g) for s in [(r, 4), (3, r)])
    layer = testing.make(lora_over, W, bias, r, alpha)
    layer.load_state_dict({"A": A, "B": B, "base.weight": W, "base.bias": bias})
    names = ("A", "B", "base.weight", "base.bias")
    _, (dA, dB, dW, dbias) = testing.value_and_grad(weighted_sum, layer, x, w, wrt=names)
    assert testing.close(dA, alpha / r * B.T @ w.T @ x, rtol=1e-3, atol=1e-4), (
        "A trains: the gradient of the loss reaches it"
    )
    assert testing.close(dB, alpha / r * w.T @ x @ A.T, rtol=1e-3, atol=1e-4), (
        "B trains: the gradient of the loss reaches it"
    )
    assert testing.close(dW, torch.zeros(3, 4)) and testing.close(dbias, torch.zeros(3)), (
        "base is frozen: neither its weight nor its bias gets a gradient"
    )
    _, dx = testing.value_and_grad(weighted_sum, layer, x, w, wrt=1)
    assert testing.close(dx, w @ (W + alpha / r * B @ A), rtol=1e-3, atol=1e-4), (
        "gradients pass through the frozen layer to x: without them no earlier layer could learn"
    )
for r in (0, -2):
    assert testing.raises(ValueError, lora_over, torch.eye(3), None, r, 1.0), (
        "a rank below 1 is a ValueError"
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 16.5 · `training_memory`

●●○ · 20 minutes · 5 points · core

How much memory does training need before the first token has been read? Write

`training_memory(cfg, optimizer, dtype, method)`

for a Llama-type model. It returns a dict of ints, in bytes: `weights`, `gradients`, `optimizer` and
`total`, the sum of the three. Activations, and what a program needs beside, are not in it.

**The model.** `cfg` has the keys of a Hugging Face config: `vocab_size` V, `hidden_size` D,
`intermediate_size` F, `num_hidden_layers` L, `num_attention_heads`; and possibly `num_key_value_heads`
(default: as many as attention heads), `head_dim` (default: D divided by the number of attention heads) and
`tie_word_embeddings` (default: False). With h = heads · head_dim and kv = KV heads · head_dim, there are

- in each of the L blocks seven matrices, shape (outputs, inputs): q (h, D), k and v (kv, D), o (D, h), gate
  and up (F, D), down (D, F), and two norms of D numbers;
- the embedding (V, D), a last norm of D numbers, and an output matrix (V, D), unless the embeddings are
  tied: then the embedding does both.

No layer has a bias.

**`method`** says what is trained.

| `method` | the model's own numbers | trained |
|---|---|---|
| `"full"` | all in `dtype` | all of them |
| `"lora"` | all in `dtype`, frozen | an A and a B of rank `cfg["r"]` on each of the 7 · L matrices, in `dtype` |
| `"qlora"` | the 7 · L matrices in 4 bits, the rest in `dtype`, frozen | the same as with `"lora"` |

`weights` counts the model's own numbers and the adapters. A matrix of n numbers in 4 bits takes half a byte
for each number; one byte for each block of 64 numbers, its scale; and four bytes for each group of 256
scales, which have been quantised themselves. Round each of the three up, for every matrix by itself.

**`dtype`** is `"float32"` (4 bytes a number), `"bfloat16"` or `"float16"` (2 bytes). **`gradients`**: one
number in `dtype` for each trained parameter.

**`optimizer`** is `"sgd"`, which keeps nothing, `"adamw"`, which keeps two numbers of 4 bytes for each trained
parameter, or `"adamw8bit"`, which keeps two of 1 byte. Where `dtype` has 2 bytes, a copy of each trained
parameter in 4 bytes is kept as well, with every optimizer: steps smaller than the rounding of 16 bits would
otherwise be lost. It counts under `optimizer`.

Any other `method`, `dtype` or `optimizer` is a `ValueError`. `cfg` is not changed; it has `r` where it is
needed, and may have other keys.

By hand: with V = 10, D = 4, F = 6, L = 1 and 2 heads a block has 4 · 16 + 3 · 24 + 8 = 144 numbers, and the
model 144 + 2 · 40 + 4 = 228. In float32 with AdamW: 912 bytes of weights, 912 of gradients, 1,824 for the
optimizer.

<details><summary>Hint 1</summary>

Make the list of the seven shapes first. The number of trained parameters and the bytes of the model follow
from it, and everything else follows from these two.

</details>

<details><summary>Hint 2</summary>

`n = d * k`; `-(-n // 2)` rounds up. In 4 bits: half = ⌈n/2⌉, blocks = ⌈n/64⌉, groups = ⌈blocks/256⌉, so
half + blocks + 4 · groups bytes. The rest is V·D once or twice, and D · (2L + 1). Trained: all of it, or
r · (d + k) summed over the shapes, times L.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q16-training-memory", "locked": false, "schema_version": 3, "solution": true, "task": false}
def training_memory(cfg: dict, optimizer: str, dtype: str, method: str) -> dict[str, int]:
    """Return bytes of weights, gradients, optimizer and their total; activations are left out."""
    ### BEGIN SOLUTION
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 2 * 4, "adamw8bit": 2 * 1}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError(f"cannot count {method!r} with {optimizer!r} in {dtype!r}")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim") or D // heads
    h, kv = heads * head_dim, (cfg.get("num_key_value_heads") or heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n: int) -> int:
        blocks = -(-n // 64)
        return -(-n // 2) + blocks + 4 * -(-blocks // 256)

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4 if size == 2 else 0
    found = {
        "weights": own + (rest + adapters) * size,
        "gradients": trained * size,
        "optimizer": trained * (states[optimizer] + copy),
    }
    return found | {"total": sum(found.values())}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q16-training-memory-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
small = {"vocab_size": 10, "hidden_size": 4, "intermediate_size": 6}
small |= {"num_hidden_layers": 1, "num_attention_heads": 2}
testing.agree(
    training_memory,
    [
        (
            (small, "adamw", "float32", "full"),
            {"weights": 912, "gradients": 912, "optimizer": 1824, "total": 3648},
        )
    ],
    "228 numbers of 4 bytes, as many gradients, twice as many numbers for AdamW",
)
testing.agree(
    training_memory,
    [
        (
            ({**small, "r": 1}, "sgd", "float32", "lora"),
            {"weights": 912 + 248, "gradients": 248, "optimizer": 0, "total": 1408},
        )
    ],
    "rank 1 on the seven matrices is 4 * 8 + 3 * 10 = 62 numbers; only they have gradients",
)

# %% nbgrader={"grade": true, "grade_id": "q16-training-memory-hidden-full", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a whole model, its heads and its tied embeddings (1 point)
### BEGIN HIDDEN TESTS
cases = []
for heads, kv_heads, head_dim, tied in [
    (4, None, None, False), (4, 2, None, False), (4, 1, 6, False), (2, None, 3, True),
    (4, 4, None, True),
]:  # fmt: skip
    cfg = {"vocab_size": 30, "hidden_size": 8, "intermediate_size": 20, "num_hidden_layers": 3}
    cfg |= {"num_attention_heads": heads, "model_type": "llama"}
    cfg |= {} if kv_heads is None else {"num_key_value_heads": kv_heads}
    cfg |= {} if head_dim is None else {"head_dim": head_dim}
    cfg |= {"tie_word_embeddings": True} if tied else {}
    one = head_dim or 8 // heads
    h, kv = heads * one, (kv_heads or heads) * one
    block = 2 * h * 8 + 2 * kv * 8 + 3 * 8 * 20 + 2 * 8
    n = 3 * block + 8 + 30 * 8 * (1 if tied else 2)
    want = {"weights": 4 * n, "gradients": 4 * n, "optimizer": 0, "total": 8 * n}
    cases.append(((cfg, "sgd", "float32", "full"), want))
testing.agree(
    training_memory,
    cases,
    "count every number once: keys and values by the KV heads, o's inputs by the heads, two norms a "
    "block and one at the end, and tied embeddings once",
)
assert testing.leaves_arguments(training_memory, {**cases[0][0][0]}, "sgd", "float32", "full"), (
    "cfg belongs to the caller"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q16-training-memory-hidden-optimizer", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: optimizers, precisions and what is refused (1 point)
### BEGIN HIDDEN TESTS
cfg = {"vocab_size": 50, "hidden_size": 8, "intermediate_size": 24, "num_hidden_layers": 2}
cfg |= {"num_attention_heads": 2, "num_key_value_heads": 1, "r": 3}
n = 2 * (2 * 64 + 2 * 32 + 3 * 192 + 16) + 8 + 2 * 400
cases = []
for dtype, size, extra in [("float32", 4, 0), ("bfloat16", 2, 4), ("float16", 2, 4)]:
    for optimizer, states in [("sgd", 0), ("adamw", 8), ("adamw8bit", 2)]:
        want = {
            "weights": size * n,
            "gradients": size * n,
            "optimizer": (states + extra) * n,
            "total": (2 * size + states + extra) * n,
        }
        cases.append(((cfg, optimizer, dtype, "full"), want))
testing.agree(
    training_memory,
    cases,
    "AdamW keeps two numbers of 4 bytes a parameter whatever the dtype, in 8 bits two of 1 byte, and "
    "training in 16 bits keeps a copy in 4 bytes: 16 bytes a parameter in all for adamw in bfloat16",
)
for wrong in [("adam", "float32", "full"), ("adamw", "int8", "full"), ("adamw", "float32", "Lora")]:
    assert testing.raises(ValueError, training_memory, cfg, *wrong), (
        "a name that the table does not have is a ValueError"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q16-training-memory-hidden-lora", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: LoRA trains the adapters and nothing else (1 point)
### BEGIN HIDDEN TESTS
cases = []
for r, heads, kv_heads, head_dim, tied in [
    (1, 2, 2, 4, False), (4, 4, 1, 2, False), (16, 2, 1, 6, True),
]:  # fmt: skip
    cfg = {"vocab_size": 40, "hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 2}
    cfg |= {"num_attention_heads": heads, "num_key_value_heads": kv_heads, "head_dim": head_dim}
    cfg |= {"tie_word_embeddings": tied, "r": r}
    h, kv = heads * head_dim, kv_heads * head_dim
    adapters = 2 * r * (2 * (h + 8) + 2 * (kv + 8) + 3 * (8 + 12))
    own = 2 * (16 * h + 16 * kv + 288 + 16) + 8 + 40 * 8 * (1 if tied else 2)
    for dtype, size, states in [("float32", 4, 8), ("bfloat16", 2, 12)]:
        want = {
            "weights": size * (own + adapters),
            "gradients": size * adapters,
            "optimizer": states * adapters,
            "total": size * own + (2 * size + states) * adapters,
        }
        cases.append(((cfg, "adamw", dtype, "lora"), want))
testing.agree(
    training_memory,
    cases,
    "with LoRA the weights are the frozen model and the adapters, while gradients and optimizer "
    "belong to the adapters alone: r * (d + k) for each of the seven matrices of each block",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q16-training-memory-hidden-qlora", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: QLoRA's four bits (2 points)
### BEGIN HIDDEN TESTS
cases = []
for D, F, heads, kv_heads, head_dim, L in [
    (64, 256, 4, 2, 16, 2), (512, 1024, 8, 2, 64, 3), (5, 9, 1, 1, 3, 2), (256, 384, 2, 1, 96, 1),
]:  # fmt: skip
    cfg = {"vocab_size": 100, "hidden_size": D, "intermediate_size": F, "num_hidden_layers": L}
    cfg |= {"num_attention_heads": heads, "num_key_value_heads": kv_heads, "head_dim": head_dim}
    cfg |= {"r": 8}
    h, kv = heads * head_dim, kv_heads * head_dim
    own = 0
    for n in (h * D, kv * D, kv * D, D * h, F * D, F * D, D * F):
        own += math.ceil(n / 2) + math.ceil(n / 64) + 4 * math.ceil(math.ceil(n / 64) / 256)
    adapters = L * 8 * (2 * (h + D) + 2 * (kv + D) + 3 * (F + D))
    rest = 2 * 100 * D + (2 * L + 1) * D
    weights = L * own + 2 * (rest + adapters)
    want = {"weights": weights, "gradients": 2 * adapters, "optimizer": 12 * adapters}
    want |= {"total": weights + 14 * adapters}
    cases.append(((cfg, "adamw", "bfloat16", "qlora"), want))
testing.agree(
    training_memory,
    cases,
    "only the seven matrices of each block are in 4 bits, with a byte for every 64 numbers and four "
    "bytes for every 256 of those; embeddings, norms and adapters stay in dtype, the adapters train",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 16.6 · repair `Adapter`

●●○ · 15 minutes · 4 points · core

A server holds one model and switches adapters on and off: merged while one is in heavy use, unmerged
between. This class is meant for it, and a short test of its forward pass succeeds. It has four faults,
each of them found in real code. Find them and mend them.

`Adapter(weight, r, alpha)` is a `torch.nn.Module` around a frozen `weight` (d, k), float32 or float64:

- `state_dict()` has `weight`, a buffer, and the parameters `A` (r, k) and `B` (d, r), in the dtype of the
  weight. The tensor given is not changed, ever.
- A fresh adapter changes nothing and can learn, as in exercise 16.4: `B` is zero, `A` random with
  independent entries.
- `forward(x)`, x (..., k), is x Wᵀ + (α/r) x Aᵀ Bᵀ **whether merged or not**, up to rounding, W being the
  weight without the adapter.
- `merge()` puts the update, with its scale, into the buffer `weight`; `unmerge()` takes it out again, up to
  rounding. Merging what is merged and unmerging what is not changes nothing.
- `merged` says which of the two it is.

Both return nothing. `A` and `B` are not changed between a merge and its unmerge. What is right must stay
right. Errors are not tested.

<details><summary>Hint 1</summary>

Two of the four show only after `merge()`, one only after the second. The fourth shows in the gradients of a
fresh adapter.

</details>

<details><summary>Hint 2</summary>

What are the gradients of A and B where both are zero? Which factor does `forward` have that `merge` lacks?
How often does the update count in `forward` after a merge? And what does a second `merge()` do?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q16-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# class Adapter(torch.nn.Module):
#     """A frozen weight (d, k) with an update of rank r that can be merged and unmerged."""
#
#     def __init__(self, weight: Tensor, r: int, alpha: float) -> None:
#         super().__init__()
#         d, k = weight.shape
#         self.register_buffer("weight", weight.detach().clone())
#         self.A = torch.nn.Parameter(torch.zeros(r, k, dtype=weight.dtype))
#         self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=weight.dtype))
#         self.scale = alpha / r
#         self.merged = False
#
#     def forward(self, x: Tensor) -> Tensor:
#         """x: (..., k). Returns (..., d)."""
#         return x @ self.weight.T + self.scale * (x @ self.A.T @ self.B.T)
#
#     @torch.no_grad()
#     def merge(self) -> None:
#         self.weight += self.B @ self.A
#         self.merged = True
#
#     @torch.no_grad()
#     def unmerge(self) -> None:
#         self.weight -= self.B @ self.A
#         self.merged = False
### END REPAIR
### BEGIN SOLUTION
class Adapter(torch.nn.Module):
    """A frozen weight (d, k) with an update of rank r that can be merged and unmerged."""

    def __init__(self, weight: Tensor, r: int, alpha: float) -> None:
        super().__init__()
        d, k = weight.shape
        self.register_buffer("weight", weight.detach().clone())
        self.A = torch.nn.Parameter(torch.randn(r, k, dtype=weight.dtype) / math.sqrt(k))
        self.B = torch.nn.Parameter(torch.zeros(d, r, dtype=weight.dtype))
        self.scale = alpha / r
        self.merged = False

    def forward(self, x: Tensor) -> Tensor:
        """x: (..., k). Returns (..., d)."""
        y = x @ self.weight.T
        return y if self.merged else y + self.scale * (x @ self.A.T @ self.B.T)

    @torch.no_grad()
    def merge(self) -> None:
        if not self.merged:
            self.weight += self.scale * (self.B @ self.A)
        self.merged = True

    @torch.no_grad()
    def unmerge(self) -> None:
        if self.merged:
            self.weight -= self.scale * (self.B @ self.A)
        self.merged = False


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q16-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
x = torch.tensor([1.0, 2.0])
layer = testing.make(Adapter, torch.eye(2), 1, 3.0)
assert testing.close(layer(x), x), "a fresh adapter changes nothing"
layer.load_state_dict(
    {"weight": torch.eye(2), "A": torch.ones(1, 2), "B": torch.tensor([[1.0], [2.0]])}
)
testing.check(
    testing.close(layer(x), torch.tensor([10.0, 20.0])),
    "this worked before the repair: the frozen part [1, 2] plus 3 times [3, 6]",
    inputs="weight the identity, A = [[1, 1]], B = [[1], [2]], alpha = 3, r = 1, x = [1, 2]",
    got=layer(x),
    expected="[10, 20]",
)

# %% nbgrader={"grade": true, "grade_id": "q16-repair-hidden-start", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a fresh adapter can learn (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for d, k, r in [(3, 6, 2), (2, 5, 1), (4, 6, 3)]:
    W, x = torch.randn(d, k, generator=g), torch.randn(3, k, generator=g)
    layer = testing.make(Adapter, W, r, 2.0 * r)
    state = layer.state_dict()
    assert testing.close(layer(x), x @ W.T), "a fresh adapter changes nothing"
    assert testing.close(state["B"], torch.zeros(d, r)), "B starts at zero"
    assert int(torch.linalg.matrix_rank(state["A"])) == r, (
        "with A and B both zero both gradients are zero for ever: A starts random"
    )
other = testing.make(Adapter, W, r, 2.0 * r).state_dict()["A"]
assert not testing.close(other, state["A"]), "each adapter draws an A of its own"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q16-repair-hidden-scale", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what is merged is the scaled update (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for r, alpha in [(2, 8.0), (3, 1.0), (4, 2.0)]:
    W, A, B = (torch.randn(*s, generator=g) for s in [(5, 6), (r, 6), (5, r)])
    layer = testing.make(Adapter, W, r, alpha)
    layer.load_state_dict({"weight": W, "A": A, "B": B})
    layer.merge()
    assert testing.close(
        layer.state_dict()["weight"], W + (alpha / r) * (B @ A), rtol=1e-4, atol=1e-4
    ), "merge() adds the update as forward uses it, with its scale alpha/r"
    layer.unmerge()
    assert testing.close(layer.state_dict()["weight"], W, rtol=1e-4, atol=1e-4), (
        "unmerge() takes out just what merge() has put in"
    )
given = torch.randn(3, 4, generator=g)
before = given.clone()
layer = testing.make(Adapter, given, 1, 1.0)
layer.load_state_dict({"weight": before, "A": torch.ones(1, 4), "B": torch.ones(3, 1)})
layer.merge()
assert testing.close(given, before), "the tensor that was given is not changed"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q16-repair-hidden-once", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the update counts once, merged or not (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
for lead, r in [((), 1), ((4,), 2), ((2, 3), 3)]:
    x, W, A, B = (torch.randn(*s, generator=g) for s in [(*lead, 6), (5, 6), (r, 6), (5, r)])
    layer = testing.make(Adapter, W, r, float(r))  # alpha = r: the scale is 1
    layer.load_state_dict({"weight": W, "A": A, "B": B})
    want = x @ (W + B @ A).T
    assert testing.close(layer(x), want, rtol=1e-4, atol=1e-4), "unmerged: W x plus the update"
    layer.merge()
    assert layer.merged, "after merge() the flag says so"
    testing.check(
        testing.close(layer(x), want, rtol=1e-4, atol=1e-4),
        "the output after merge() is that before it: the update is in the weight already",
        inputs=f"alpha = r = {r}, one merge, then forward",
        got=layer(x),
        expected=want,
    )
    layer.unmerge()
    assert not layer.merged, "after unmerge() the flag says so"
    assert testing.close(layer(x), want, rtol=1e-4, atol=1e-4), (
        "after unmerge() the adapter counts again"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q16-repair-hidden-twice", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: merging twice, unmerging what is not merged (1 point)
### BEGIN HIDDEN TESTS
g = testing.torch_generator()
W, A, B = (torch.randn(*s, generator=g) for s in [(4, 5), (2, 5), (4, 2)])


def after(*steps: str) -> Tensor:
    """Make the adapter, do the steps, return its buffer."""
    layer = testing.make(Adapter, W, 2, 2.0)  # the scale is 1
    layer.load_state_dict({"weight": W, "A": A, "B": B})
    for step in steps:
        getattr(layer, step)()
    return layer.state_dict()["weight"]


merged = W + B @ A
for steps, want in [
    (("merge", "merge"), merged),
    (("merge", "merge", "merge"), merged),
    (("merge", "merge", "unmerge"), W),
    (("unmerge",), W),
    (("merge", "unmerge", "unmerge"), W),
    (("unmerge", "merge"), merged),
    (("merge", "unmerge", "merge"), merged),
]:
    got = after(*steps)
    testing.check(
        testing.close(got, want, rtol=1e-4, atol=1e-4),
        "merging what is merged, and unmerging what is not, changes nothing",
        inputs=", then ".join(steps),
        got=got,
        expected=want,
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

TBD
"""

# %% tags=["demo"]
print(1)

# %% [markdown]
r"""
### If they push

<details><summary>A</summary>

a

</details>

<details><summary>B</summary>

b

</details>

<details><summary>C</summary>

c

</details>
"""

# %% [markdown]
r"""
### Sources

- TBD
"""
