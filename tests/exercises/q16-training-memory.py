# %% right: counts tensors by name, then adds up
def training_memory(cfg, optimizer, dtype, method):
    if method not in {"full", "lora", "qlora"}:
        raise ValueError(f"unknown method {method}")
    if optimizer == "sgd":
        per_state = 0
    elif optimizer == "adamw":
        per_state = 8
    elif optimizer == "adamw8bit":
        per_state = 2
    else:
        raise ValueError(f"unknown optimizer {optimizer}")
    if dtype == "float32":
        nbytes, master = 4, 0
    elif dtype in ("bfloat16", "float16"):
        nbytes, master = 2, 4
    else:
        raise ValueError(f"unknown dtype {dtype}")
    D, F, V = cfg["hidden_size"], cfg["intermediate_size"], cfg["vocab_size"]
    n_heads = cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // n_heads)
    n_kv = cfg.get("num_key_value_heads", n_heads)
    tensors = {}
    for i in range(cfg["num_hidden_layers"]):
        tensors[f"{i}.q"] = (n_heads * head_dim, D)
        tensors[f"{i}.k"] = tensors[f"{i}.v"] = (n_kv * head_dim, D)
        tensors[f"{i}.o"] = (D, n_heads * head_dim)
        tensors[f"{i}.gate"] = tensors[f"{i}.up"] = (F, D)
        tensors[f"{i}.down"] = (D, F)
    vectors = [D] * (2 * cfg["num_hidden_layers"] + 1) + [V * D]
    if not cfg.get("tie_word_embeddings"):
        vectors.append(V * D)
    weights = trained = 0
    for d, k in tensors.values():
        n = d * k
        if method == "qlora":
            scales = math.ceil(n / 64)
            weights += math.ceil(n / 2) + scales + math.ceil(scales / 256) * 4
        else:
            weights += n * nbytes
        if method == "full":
            trained += n
        else:
            trained += cfg["r"] * d + cfg["r"] * k
    for n in vectors:
        weights += n * nbytes
        if method == "full":
            trained += n
    if method != "full":
        weights += trained * nbytes
    gradients, state = trained * nbytes, trained * (per_state + master)
    return dict(
        weights=weights, gradients=gradients, optimizer=state, total=weights + gradients + state
    )


# %% right: one block, then times the layers
def training_memory(cfg, optimizer, dtype, method):
    try:
        b = {"float32": 4, "float16": 2, "bfloat16": 2}[dtype]
        s = {"sgd": 0, "adamw": 8, "adamw8bit": 2}[optimizer] + (b == 2) * 4
        quantised, everything = {"full": (0, 1), "lora": (0, 0), "qlora": (1, 0)}[method]
    except KeyError as error:
        raise ValueError(f"not known: {error}") from None
    L, D = cfg["num_hidden_layers"], cfg["hidden_size"]
    H = cfg["num_attention_heads"]
    hd = cfg.get("head_dim", D // H)
    q, kv, F = H * hd, cfg.get("num_key_value_heads", H) * hd, cfg["intermediate_size"]
    sizes = [q * D] * 2 + [kv * D] * 2 + [F * D] * 3
    rest = D + L * 2 * D + cfg["vocab_size"] * D * (2 - bool(cfg.get("tie_word_embeddings")))

    def nf4(n):
        scales = (n + 63) // 64
        return (n + 1) // 2 + scales + 4 * ((scales + 255) // 256)

    base = L * sum(nf4(n) if quantised else b * n for n in sizes) + b * rest
    if everything:
        n, extra = L * sum(sizes) + rest, 0
    else:
        n = cfg["r"] * L * (2 * (q + D) + 2 * (kv + D) + 3 * (F + D))
        extra = n * b
    out = {"weights": base + extra, "gradients": n * b, "optimizer": n * s}
    out["total"] = out["weights"] + out["gradients"] + out["optimizer"]
    return out


# %% right: shapes as meta tensors
def training_memory(cfg, optimizer, dtype, method):
    if optimizer not in ("sgd", "adamw", "adamw8bit"):
        raise ValueError("optimizer")
    if dtype not in ("float32", "bfloat16", "float16"):
        raise ValueError("dtype")
    if method not in ("full", "lora", "qlora"):
        raise ValueError("method")
    bytes_each = torch.empty(0, dtype=getattr(torch, dtype)).element_size()
    D, heads = cfg["hidden_size"], cfg["num_attention_heads"]
    hd = cfg["head_dim"] if "head_dim" in cfg else D // heads
    kv = hd * (cfg["num_key_value_heads"] if "num_key_value_heads" in cfg else heads)
    F = cfg["intermediate_size"]
    linear = [(heads * hd, D), (kv, D), (kv, D), (D, heads * hd), (F, D), (F, D), (D, F)]
    linear = linear * cfg["num_hidden_layers"]
    other = [(cfg["vocab_size"], D)] + [(D,)] * (2 * cfg["num_hidden_layers"] + 1)
    if not cfg.get("tie_word_embeddings", False):
        other.append((cfg["vocab_size"], D))

    def count(shapes):
        return sum(torch.empty(s, device="meta").numel() for s in shapes)

    adapters = []
    if method != "full":
        adapters = [(cfg["r"], k) for _, k in linear] + [(d, cfg["r"]) for d, _ in linear]
    weights = bytes_each * (count(other) + count(adapters))
    if method == "qlora":
        for d, k in linear:
            n = d * k
            weights += -(n // -2) + -(n // -64) + 4 * -(-(n // -64) // -256)
    else:
        weights += bytes_each * count(linear)
    trained = count(adapters) if adapters else count(linear) + count(other)
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}[optimizer]
    if bytes_each == 2:
        states += 4
    return {
        "weights": weights,
        "gradients": bytes_each * trained,
        "optimizer": states * trained,
        "total": weights + bytes_each * trained + states * trained,
    }


# %% wrong (q16-training-memory-hidden-full): keys and values as wide as queries
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError("unknown")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // heads)
    h, kv = heads * head_dim, heads * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        blocks = -(-n // 64)
        return -(-n // 2) + blocks + 4 * -(-blocks // 256)

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4 if size == 2 else 0
    weights = own + (rest + adapters) * size
    gradients = trained * size
    optim = trained * (states[optimizer] + copy)
    total = weights + gradients + optim
    return {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}


# %% wrong (q16-training-memory-hidden-full): head_dim is always the width divided by the heads
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError("unknown")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = D // heads
    h, kv = heads * head_dim, cfg.get("num_key_value_heads", heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        blocks = -(-n // 64)
        return -(-n // 2) + blocks + 4 * -(-blocks // 256)

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4 if size == 2 else 0
    weights = own + (rest + adapters) * size
    gradients = trained * size
    optim = trained * (states[optimizer] + copy)
    total = weights + gradients + optim
    return {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}


# %% wrong (q16-training-memory-hidden-full): tied embeddings counted twice
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError("unknown")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // heads)
    h, kv = heads * head_dim, cfg.get("num_key_value_heads", heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        blocks = -(-n // 64)
        return -(-n // 2) + blocks + 4 * -(-blocks // 256)

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4 if size == 2 else 0
    weights = own + (rest + adapters) * size
    gradients = trained * size
    optim = trained * (states[optimizer] + copy)
    total = weights + gradients + optim
    return {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}


# %% wrong (q16-training-memory-hidden-full): no norms
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError("unknown")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // heads)
    h, kv = heads * head_dim, cfg.get("num_key_value_heads", heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        blocks = -(-n // 64)
        return -(-n // 2) + blocks + 4 * -(-blocks // 256)

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4 if size == 2 else 0
    weights = own + (rest + adapters) * size
    gradients = trained * size
    optim = trained * (states[optimizer] + copy)
    total = weights + gradients + optim
    return {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}


# %% wrong (q16-training-memory-hidden-full): tied by default
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError("unknown")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // heads)
    h, kv = heads * head_dim, cfg.get("num_key_value_heads", heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", True) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        blocks = -(-n // 64)
        return -(-n // 2) + blocks + 4 * -(-blocks // 256)

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4 if size == 2 else 0
    weights = own + (rest + adapters) * size
    gradients = trained * size
    optim = trained * (states[optimizer] + copy)
    total = weights + gradients + optim
    return {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}


# %% wrong (q16-training-memory-hidden-full): r is always looked up raises
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError("unknown")
    if cfg["r"] < 1:
        raise ValueError("rank")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // heads)
    h, kv = heads * head_dim, cfg.get("num_key_value_heads", heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        blocks = -(-n // 64)
        return -(-n // 2) + blocks + 4 * -(-blocks // 256)

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4 if size == 2 else 0
    weights = own + (rest + adapters) * size
    gradients = trained * size
    optim = trained * (states[optimizer] + copy)
    total = weights + gradients + optim
    return {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}


# %% wrong (q16-training-memory-hidden-optimizer): the optimizer's states are in dtype
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError("unknown")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // heads)
    h, kv = heads * head_dim, cfg.get("num_key_value_heads", heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        blocks = -(-n // 64)
        return -(-n // 2) + blocks + 4 * -(-blocks // 256)

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4 if size == 2 else 0
    weights = own + (rest + adapters) * size
    gradients = trained * size
    optim = trained * (states[optimizer] * size // 4 + copy)
    total = weights + gradients + optim
    return {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}


# %% wrong (q16-training-memory-hidden-optimizer): no copy in 4 bytes
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError("unknown")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // heads)
    h, kv = heads * head_dim, cfg.get("num_key_value_heads", heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        blocks = -(-n // 64)
        return -(-n // 2) + blocks + 4 * -(-blocks // 256)

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 0
    weights = own + (rest + adapters) * size
    gradients = trained * size
    optim = trained * (states[optimizer] + copy)
    total = weights + gradients + optim
    return {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}


# %% wrong (q16-training-memory-hidden-optimizer): the copy in float32 too
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError("unknown")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // heads)
    h, kv = heads * head_dim, cfg.get("num_key_value_heads", heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        blocks = -(-n // 64)
        return -(-n // 2) + blocks + 4 * -(-blocks // 256)

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4
    weights = own + (rest + adapters) * size
    gradients = trained * size
    optim = trained * (states[optimizer] + copy)
    total = weights + gradients + optim
    return {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}


# %% wrong (q16-training-memory-hidden-optimizer): the copy only with AdamW
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError("unknown")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // heads)
    h, kv = heads * head_dim, cfg.get("num_key_value_heads", heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        blocks = -(-n // 64)
        return -(-n // 2) + blocks + 4 * -(-blocks // 256)

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4 if size == 2 and optimizer != "sgd" else 0
    weights = own + (rest + adapters) * size
    gradients = trained * size
    optim = trained * (states[optimizer] + copy)
    total = weights + gradients + optim
    return {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}


# %% wrong (q16-training-memory-hidden-optimizer): 8-bit AdamW with one state
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 1}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError("unknown")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // heads)
    h, kv = heads * head_dim, cfg.get("num_key_value_heads", heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        blocks = -(-n // 64)
        return -(-n // 2) + blocks + 4 * -(-blocks // 256)

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4 if size == 2 else 0
    weights = own + (rest + adapters) * size
    gradients = trained * size
    optim = trained * (states[optimizer] + copy)
    total = weights + gradients + optim
    return {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}


# %% wrong (q16-training-memory-hidden-optimizer): anything unknown counts as full fine-tuning with AdamW
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}
    method = method if method in ("lora", "qlora") else "full"
    size, D, F = sizes.get(dtype, 2), cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // heads)
    h, kv = heads * head_dim, cfg.get("num_key_value_heads", heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        blocks = -(-n // 64)
        return -(-n // 2) + blocks + 4 * -(-blocks // 256)

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4 if size == 2 else 0
    weights = own + (rest + adapters) * size
    gradients = trained * size
    optim = trained * (states.get(optimizer, 8) + copy)
    total = weights + gradients + optim
    return {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}


# %% wrong (q16-training-memory-hidden-lora): gradients for the frozen weights as well
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError("unknown")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // heads)
    h, kv = heads * head_dim, cfg.get("num_key_value_heads", heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        blocks = -(-n // 64)
        return -(-n // 2) + blocks + 4 * -(-blocks // 256)

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4 if size == 2 else 0
    weights = own + (rest + adapters) * size
    gradients = (trained if method == "full" else matrices + rest + adapters) * size
    optim = trained * (states[optimizer] + copy)
    total = weights + gradients + optim
    return {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}


# %% wrong (q16-training-memory-hidden-lora): the adapters are not counted as weights
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError("unknown")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // heads)
    h, kv = heads * head_dim, cfg.get("num_key_value_heads", heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        blocks = -(-n // 64)
        return -(-n // 2) + blocks + 4 * -(-blocks // 256)

    if method == "full":
        trained = matrices + rest
    else:
        trained = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4 if size == 2 else 0
    weights = own + rest * size
    gradients = trained * size
    optim = trained * (states[optimizer] + copy)
    total = weights + gradients + optim
    return {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}


# %% wrong (q16-training-memory-hidden-lora): queries and values only
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError("unknown")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // heads)
    h, kv = heads * head_dim, cfg.get("num_key_value_heads", heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        blocks = -(-n // 64)
        return -(-n // 2) + blocks + 4 * -(-blocks // 256)

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in (shapes[0], shapes[2]))
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4 if size == 2 else 0
    weights = own + (rest + adapters) * size
    gradients = trained * size
    optim = trained * (states[optimizer] + copy)
    total = weights + gradients + optim
    return {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}


# %% wrong (q16-training-memory-hidden-lora): two d r for every matrix
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError("unknown")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // heads)
    h, kv = heads * head_dim, cfg.get("num_key_value_heads", heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        blocks = -(-n // 64)
        return -(-n // 2) + blocks + 4 * -(-blocks // 256)

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(2 * cfg["r"] * d for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4 if size == 2 else 0
    weights = own + (rest + adapters) * size
    gradients = trained * size
    optim = trained * (states[optimizer] + copy)
    total = weights + gradients + optim
    return {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}


# %% wrong (q16-training-memory-hidden-lora): the optimizer also keeps states for the frozen weights
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError("unknown")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // heads)
    h, kv = heads * head_dim, cfg.get("num_key_value_heads", heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        blocks = -(-n // 64)
        return -(-n // 2) + blocks + 4 * -(-blocks // 256)

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4 if size == 2 else 0
    weights = own + (rest + adapters) * size
    gradients = trained * size
    optim = (trained if method == "full" else matrices + rest + adapters) * (
        states[optimizer] + copy
    )
    total = weights + gradients + optim
    return {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}


# %% wrong (q16-training-memory-hidden-qlora): the whole model in four bits
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError("unknown")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // heads)
    h, kv = heads * head_dim, cfg.get("num_key_value_heads", heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        blocks = -(-n // 64)
        return -(-n // 2) + blocks + 4 * -(-blocks // 256)

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4 if size == 2 else 0
    weights = own + (four_bits(rest) if method == "qlora" else rest * size) + adapters * size
    gradients = trained * size
    optim = trained * (states[optimizer] + copy)
    total = weights + gradients + optim
    return {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}


# %% wrong (q16-training-memory-hidden-qlora): no scales
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError("unknown")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // heads)
    h, kv = heads * head_dim, cfg.get("num_key_value_heads", heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        return -(-n // 2)

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4 if size == 2 else 0
    weights = own + (rest + adapters) * size
    gradients = trained * size
    optim = trained * (states[optimizer] + copy)
    total = weights + gradients + optim
    return {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}


# %% wrong (q16-training-memory-hidden-qlora): scales of four bytes, not quantised again
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError("unknown")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // heads)
    h, kv = heads * head_dim, cfg.get("num_key_value_heads", heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        blocks = -(-n // 64)
        return -(-n // 2) + 4 * blocks

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4 if size == 2 else 0
    weights = own + (rest + adapters) * size
    gradients = trained * size
    optim = trained * (states[optimizer] + copy)
    total = weights + gradients + optim
    return {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}


# %% wrong (q16-training-memory-hidden-qlora): the second scales forgotten
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError("unknown")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // heads)
    h, kv = heads * head_dim, cfg.get("num_key_value_heads", heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        blocks = -(-n // 64)
        return -(-n // 2) + blocks

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4 if size == 2 else 0
    weights = own + (rest + adapters) * size
    gradients = trained * size
    optim = trained * (states[optimizer] + copy)
    total = weights + gradients + optim
    return {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}


# %% wrong (q16-training-memory-hidden-qlora): rounded down
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError("unknown")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // heads)
    h, kv = heads * head_dim, cfg.get("num_key_value_heads", heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        return n // 2 + n // 64 + 4 * (n // 64 // 256)

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4 if size == 2 else 0
    weights = own + (rest + adapters) * size
    gradients = trained * size
    optim = trained * (states[optimizer] + copy)
    total = weights + gradients + optim
    return {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}


# %% wrong (q16-training-memory-hidden-qlora): the adapters in four bits too
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError("unknown")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // heads)
    h, kv = heads * head_dim, cfg.get("num_key_value_heads", heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        blocks = -(-n // 64)
        return -(-n // 2) + blocks + 4 * -(-blocks // 256)

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4 if size == 2 else 0
    weights = own + rest * size + (four_bits(adapters) if method == "qlora" else adapters * size)
    gradients = trained * size
    optim = trained * (states[optimizer] + copy)
    total = weights + gradients + optim
    return {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}


# %% wrong (q16-training-memory-hidden-full): bytes as floats
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError("unknown")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // heads)
    h, kv = heads * head_dim, cfg.get("num_key_value_heads", heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        blocks = -(-n // 64)
        return -(-n // 2) + blocks + 4 * -(-blocks // 256)

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else L * sum(four_bits(d * k) for d, k in shapes)
    copy = 4 if size == 2 else 0
    weights = own + (rest + adapters) * size
    gradients = trained * size
    optim = trained * (states[optimizer] + copy)
    total = weights + gradients + optim
    found = {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}
    return {name: float(n) for name, n in found.items()}


# %% wrong (q16-training-memory-hidden-qlora): rounds up once, over all matrices together
def training_memory(cfg, optimizer, dtype, method):
    sizes = {"float32": 4, "bfloat16": 2, "float16": 2}
    states = {"sgd": 0, "adamw": 8, "adamw8bit": 2}
    if dtype not in sizes or optimizer not in states or method not in ("full", "lora", "qlora"):
        raise ValueError("unknown")
    size, D, F = sizes[dtype], cfg["hidden_size"], cfg["intermediate_size"]
    L, heads = cfg["num_hidden_layers"], cfg["num_attention_heads"]
    head_dim = cfg.get("head_dim", D // heads)
    h, kv = heads * head_dim, cfg.get("num_key_value_heads", heads) * head_dim
    shapes = [(h, D), (kv, D), (kv, D), (D, h), (F, D), (F, D), (D, F)]
    tables = 1 if cfg.get("tie_word_embeddings", False) else 2
    rest = tables * cfg["vocab_size"] * D + (2 * L + 1) * D
    matrices = L * sum(d * k for d, k in shapes)

    def four_bits(n):
        blocks = -(-n // 64)
        return -(-n // 2) + blocks + 4 * -(-blocks // 256)

    if method == "full":
        trained, adapters = matrices + rest, 0
    else:
        trained = adapters = L * sum(cfg["r"] * (d + k) for d, k in shapes)
    own = matrices * size if method != "qlora" else four_bits(matrices)
    copy = 4 if size == 2 else 0
    weights = own + (rest + adapters) * size
    gradients = trained * size
    optim = trained * (states[optimizer] + copy)
    total = weights + gradients + optim
    return {"weights": weights, "gradients": gradients, "optimizer": optim, "total": total}
