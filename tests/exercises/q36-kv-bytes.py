# %% right: numbers per token and layer first
def kv_bytes(cfg, tokens, batch=1, dtype_bytes=2):
    def value(key, default=None):
        found = cfg.get(key)
        return default if found is None else found

    heads = cfg["num_attention_heads"]
    rank = value("kv_lora_rank")
    if rank is None:
        width = value("head_dim")
        if width is None:
            width = cfg["hidden_size"] // heads
        stored = [value("num_key_value_heads", heads) * width] * 2
    else:
        stored = [rank, cfg["qk_rope_head_dim"]]
    held = min(tokens, value("sliding_window", tokens))
    return sum(stored) * held * cfg["num_hidden_layers"] * batch * dtype_bytes


# %% right: truth instead of None, and a product over a list
def kv_bytes(cfg, tokens, batch=1, dtype_bytes=2):
    if cfg.get("kv_lora_rank"):
        per = cfg["kv_lora_rank"] + cfg["qk_rope_head_dim"]
    else:
        kv = cfg.get("num_key_value_heads") or cfg["num_attention_heads"]
        d = cfg.get("head_dim") or cfg["hidden_size"] // cfg["num_attention_heads"]
        per = 2 * kv * d
    window = cfg.get("sliding_window")
    if window and tokens > window:
        tokens = window
    return math.prod([per, tokens, batch, dtype_bytes, cfg["num_hidden_layers"]])


# %% right: layer by layer, sequence by sequence
def kv_bytes(cfg, tokens, batch=1, dtype_bytes=2):
    cfg = {key: value for key, value in cfg.items() if value is not None}
    total = 0
    for _ in range(cfg["num_hidden_layers"]):
        held = tokens
        if "sliding_window" in cfg and held > cfg["sliding_window"]:
            held = cfg["sliding_window"]
        if "kv_lora_rank" in cfg:
            numbers = held * cfg["kv_lora_rank"] + held * cfg["qk_rope_head_dim"]
        else:
            n = cfg.get("num_key_value_heads", cfg["num_attention_heads"])
            d = (
                cfg["head_dim"]
                if "head_dim" in cfg
                else cfg["hidden_size"] // cfg["num_attention_heads"]
            )
            keys = values = held * n * d
            numbers = keys + values
        total += batch * numbers * dtype_bytes
    return total


# %% wrong (q36-kv-bytes-hidden-heads): counts the query heads
def kv_bytes(cfg, tokens, batch=1, dtype_bytes=2):
    if cfg.get("kv_lora_rank") is not None:
        per = cfg["kv_lora_rank"] + cfg["qk_rope_head_dim"]
    else:
        d = cfg.get("head_dim") or cfg["hidden_size"] // cfg["num_attention_heads"]
        per = 2 * cfg["num_attention_heads"] * d
    window = cfg.get("sliding_window")
    held = tokens if window is None else min(tokens, window)
    return cfg["num_hidden_layers"] * per * held * batch * dtype_bytes


# %% wrong (q36-kv-bytes-hidden-heads): forgets that keys and values are two
def kv_bytes(cfg, tokens, batch=1, dtype_bytes=2):
    if cfg.get("kv_lora_rank") is not None:
        per = cfg["kv_lora_rank"] + cfg["qk_rope_head_dim"]
    else:
        d = cfg.get("head_dim") or cfg["hidden_size"] // cfg["num_attention_heads"]
        per = (cfg.get("num_key_value_heads") or cfg["num_attention_heads"]) * d
    window = cfg.get("sliding_window")
    held = tokens if window is None else min(tokens, window)
    return cfg["num_hidden_layers"] * per * held * batch * dtype_bytes


# %% wrong (q36-kv-bytes-hidden-heads): always hidden_size // heads, or raises where only head_dim is given
def kv_bytes(cfg, tokens, batch=1, dtype_bytes=2):
    if cfg.get("kv_lora_rank") is not None:
        per = cfg["kv_lora_rank"] + cfg["qk_rope_head_dim"]
    else:
        kv = cfg.get("num_key_value_heads") or cfg["num_attention_heads"]
        d = cfg["head_dim"]
        if "hidden_size" in cfg:
            d = cfg["hidden_size"] // cfg["num_attention_heads"]
        per = 2 * kv * d
    window = cfg.get("sliding_window")
    held = tokens if window is None else min(tokens, window)
    return cfg["num_hidden_layers"] * per * held * batch * dtype_bytes


# %% wrong (q36-kv-bytes-hidden-heads): a null in num_key_value_heads is not a missing key: raises
def kv_bytes(cfg, tokens, batch=1, dtype_bytes=2):
    if cfg.get("kv_lora_rank") is not None:
        per = cfg["kv_lora_rank"] + cfg["qk_rope_head_dim"]
    else:
        kv = cfg.get("num_key_value_heads", cfg["num_attention_heads"])
        d = cfg.get("head_dim") or cfg["hidden_size"] // cfg["num_attention_heads"]
        per = 2 * kv * d
    window = cfg.get("sliding_window")
    held = tokens if window is None else min(tokens, window)
    return cfg["num_hidden_layers"] * per * held * batch * dtype_bytes


# %% wrong (q36-kv-bytes-hidden-window): no window
def kv_bytes(cfg, tokens, batch=1, dtype_bytes=2):
    if cfg.get("kv_lora_rank") is not None:
        per = cfg["kv_lora_rank"] + cfg["qk_rope_head_dim"]
    else:
        kv = cfg.get("num_key_value_heads") or cfg["num_attention_heads"]
        d = cfg.get("head_dim") or cfg["hidden_size"] // cfg["num_attention_heads"]
        per = 2 * kv * d
    return cfg["num_hidden_layers"] * per * tokens * batch * dtype_bytes


# %% wrong (q36-kv-bytes-hidden-window): the window bounds the whole batch
def kv_bytes(cfg, tokens, batch=1, dtype_bytes=2):
    if cfg.get("kv_lora_rank") is not None:
        per = cfg["kv_lora_rank"] + cfg["qk_rope_head_dim"]
    else:
        kv = cfg.get("num_key_value_heads") or cfg["num_attention_heads"]
        d = cfg.get("head_dim") or cfg["hidden_size"] // cfg["num_attention_heads"]
        per = 2 * kv * d
    window = cfg.get("sliding_window")
    held = tokens * batch if window is None else min(tokens * batch, window)
    return cfg["num_hidden_layers"] * per * held * dtype_bytes


# %% wrong (q36-kv-bytes-hidden-window): reserves the window from the first token on
def kv_bytes(cfg, tokens, batch=1, dtype_bytes=2):
    if cfg.get("kv_lora_rank") is not None:
        per = cfg["kv_lora_rank"] + cfg["qk_rope_head_dim"]
    else:
        kv = cfg.get("num_key_value_heads") or cfg["num_attention_heads"]
        d = cfg.get("head_dim") or cfg["hidden_size"] // cfg["num_attention_heads"]
        per = 2 * kv * d
    held = cfg.get("sliding_window") or tokens
    return cfg["num_hidden_layers"] * per * held * batch * dtype_bytes


# %% wrong (q36-kv-bytes-hidden-mla): a factor 2 for the latent too
def kv_bytes(cfg, tokens, batch=1, dtype_bytes=2):
    if cfg.get("kv_lora_rank") is not None:
        per = cfg["kv_lora_rank"] + cfg["qk_rope_head_dim"]
    else:
        kv = cfg.get("num_key_value_heads") or cfg["num_attention_heads"]
        d = cfg.get("head_dim") or cfg["hidden_size"] // cfg["num_attention_heads"]
        per = kv * d
    window = cfg.get("sliding_window")
    held = tokens if window is None else min(tokens, window)
    return cfg["num_hidden_layers"] * 2 * per * held * batch * dtype_bytes


# %% wrong (q36-kv-bytes-hidden-mla): a rotated key for each head
def kv_bytes(cfg, tokens, batch=1, dtype_bytes=2):
    if cfg.get("kv_lora_rank") is not None:
        per = cfg["kv_lora_rank"] + cfg["num_attention_heads"] * cfg["qk_rope_head_dim"]
    else:
        kv = cfg.get("num_key_value_heads") or cfg["num_attention_heads"]
        d = cfg.get("head_dim") or cfg["hidden_size"] // cfg["num_attention_heads"]
        per = 2 * kv * d
    window = cfg.get("sliding_window")
    held = tokens if window is None else min(tokens, window)
    return cfg["num_hidden_layers"] * per * held * batch * dtype_bytes


# %% wrong (q36-kv-bytes-hidden-mla): forgets the rotated key
def kv_bytes(cfg, tokens, batch=1, dtype_bytes=2):
    if cfg.get("kv_lora_rank") is not None:
        per = cfg["kv_lora_rank"]
    else:
        kv = cfg.get("num_key_value_heads") or cfg["num_attention_heads"]
        d = cfg.get("head_dim") or cfg["hidden_size"] // cfg["num_attention_heads"]
        per = 2 * kv * d
    window = cfg.get("sliding_window")
    held = tokens if window is None else min(tokens, window)
    return cfg["num_hidden_layers"] * per * held * batch * dtype_bytes


# %% wrong (q36-kv-bytes-hidden-exact): one sequence, whatever the batch
def kv_bytes(cfg, tokens, batch=1, dtype_bytes=2):
    if cfg.get("kv_lora_rank") is not None:
        per = cfg["kv_lora_rank"] + cfg["qk_rope_head_dim"]
    else:
        kv = cfg.get("num_key_value_heads") or cfg["num_attention_heads"]
        d = cfg.get("head_dim") or cfg["hidden_size"] // cfg["num_attention_heads"]
        per = 2 * kv * d
    window = cfg.get("sliding_window")
    held = tokens if window is None else min(tokens, window)
    return cfg["num_hidden_layers"] * per * held * dtype_bytes


# %% wrong (q36-kv-bytes-hidden-exact): through gibibytes and back
def kv_bytes(cfg, tokens, batch=1, dtype_bytes=2):
    if cfg.get("kv_lora_rank") is not None:
        per = cfg["kv_lora_rank"] + cfg["qk_rope_head_dim"]
    else:
        kv = cfg.get("num_key_value_heads") or cfg["num_attention_heads"]
        d = cfg.get("head_dim") or cfg["hidden_size"] // cfg["num_attention_heads"]
        per = 2 * kv * d
    window = cfg.get("sliding_window")
    held = tokens if window is None else min(tokens, window)
    gib = cfg["num_hidden_layers"] * per * dtype_bytes / 1e9 * held * batch
    return round(gib * 1e9)
