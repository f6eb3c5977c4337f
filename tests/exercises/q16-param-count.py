# %% right: a loop
def lora_param_count(shapes, r):
    if r < 1:
        raise ValueError("r must be positive")
    total = 0
    for d, k in shapes:
        total += r * k  # A
        total += d * r  # B
    return total


# %% right: NumPy
def lora_param_count(shapes, r):
    if r <= 0:
        raise ValueError("rank")
    return int(np.array(shapes, dtype=np.int64).sum()) * r


# %% right: counts the entries of meta tensors
def lora_param_count(shapes, r):
    if r < 1:
        raise ValueError(r)
    n = 0
    for d, k in shapes:
        A = torch.empty(r, k, device="meta")
        B = torch.empty(d, r, device="meta")
        n += A.numel() + B.numel()
    return n


# %% wrong (q16-param-count-hidden-shapes): twice the outputs, for square matrices only
def lora_param_count(shapes, r):
    if r < 1:
        raise ValueError(r)
    return sum(2 * d * r for d, k in shapes)


# %% wrong (q16-param-count-hidden-shapes): B forgotten
def lora_param_count(shapes, r):
    if r < 1:
        raise ValueError(r)
    return sum(r * k for _, k in shapes)


# %% wrong (q16-param-count-hidden-llama): every matrix taken as square, keys and values too
def lora_param_count(shapes, r):
    if r < 1:
        raise ValueError(r)
    return sum(r * (d + k) if max(d, k) > 5000 or d + k < 200 else 2 * r * k for d, k in shapes)


# %% wrong (q16-param-count-hidden-llama): one matrix of each shape
def lora_param_count(shapes, r):
    if r < 1:
        raise ValueError(r)
    return sum(r * (d + k) for d, k in set(shapes))


# %% wrong (q16-param-count-hidden-llama): no check of the rank
def lora_param_count(shapes, r):
    return sum(r * (d + k) for d, k in shapes)


# %% wrong (q16-param-count-hidden-llama): an empty list is refused
def lora_param_count(shapes, r):
    if r < 1 or not shapes:
        raise ValueError("nothing to adapt")
    return sum(r * (d + k) for d, k in shapes)


# %% wrong (q16-param-count-hidden-shapes): a bias counted for each output
def lora_param_count(shapes, r):
    if r < 1:
        raise ValueError(r)
    return sum(r * k + d * r + d for d, k in shapes)


# %% wrong (q16-param-count-hidden-shapes): the rank cut to what the matrix can have
def lora_param_count(shapes, r):
    if r < 1:
        raise ValueError(r)
    return sum(min(r, d, k) * (d + k) for d, k in shapes)


# %% wrong (q16-param-count-hidden-shapes): a float
def lora_param_count(shapes, r):
    if r < 1:
        raise ValueError(r)
    return float(sum(r * (d + k) for d, k in shapes))


# %% wrong (q16-param-count-hidden-llama): no matrix, so the rank is not looked at
def lora_param_count(shapes, r):
    if not shapes:
        return 0
    if r < 1:
        raise ValueError(r)
    return sum(r * (d + k) for d, k in shapes)
