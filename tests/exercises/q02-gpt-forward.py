# %% right: with the fused attention
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% right: as transformers does it: norms in float32, rotate_half, KV heads expanded
def rope(x, theta):
    d = x.shape[-1]
    inv_freq = 1.0 / (theta ** (torch.arange(0, d, 2).float() / d))
    freqs = torch.outer(torch.arange(x.shape[-2]).float(), inv_freq)
    emb = torch.cat((freqs, freqs), dim=-1)
    rotated = torch.cat((-x[..., d // 2 :], x[..., : d // 2]), dim=-1)
    return x * emb.cos().to(x.dtype) + rotated * emb.sin().to(x.dtype)


def rms_norm(x, weight, eps):
    h = x.to(torch.float32)
    h = h * torch.rsqrt(h.pow(2).mean(-1, keepdim=True) + eps)
    return weight * h.to(x.dtype)


def self_attention(x, get, cfg):
    B, T, _ = x.shape
    d = cfg["head_dim"]
    q, k, v = (
        torch.nn.functional.linear(x, get(f"self_attn.{n}_proj")).view(B, T, -1, d).transpose(1, 2)
        for n in "qkv"
    )
    q, k = rope(q, cfg["rope_theta"]), rope(k, cfg["rope_theta"])
    groups = cfg["num_attention_heads"] // cfg["num_key_value_heads"]
    k, v = (t.repeat_interleave(groups, dim=1) for t in (k, v))
    weights = torch.matmul(q, k.transpose(2, 3)) * d**-0.5
    weights = weights + torch.full((T, T), torch.finfo(x.dtype).min).triu(1).to(x.dtype)
    weights = torch.softmax(weights, dim=-1, dtype=torch.float32).to(q.dtype)
    out = torch.matmul(weights, v).transpose(1, 2).reshape(B, T, -1)
    return torch.nn.functional.linear(out, get("self_attn.o_proj"))


def mlp(x, get):
    linear = torch.nn.functional.linear
    gate = torch.nn.functional.silu(linear(x, get("mlp.gate_proj")))
    return linear(gate * linear(x, get("mlp.up_proj")), get("mlp.down_proj"))


def gpt_forward(params, ids, cfg):
    eps = cfg["rms_norm_eps"]
    table = params["model.embed_tokens.weight"]
    x = torch.nn.functional.embedding(ids, table)
    for i in range(cfg["num_hidden_layers"]):

        def get(name, i=i):
            return params[f"model.layers.{i}.{name}.weight"]

        x = x + self_attention(rms_norm(x, get("input_layernorm"), eps), get, cfg)
        x = x + mlp(rms_norm(x, get("post_attention_layernorm"), eps), get)
    x = rms_norm(x, params["model.norm.weight"], eps)
    return torch.nn.functional.linear(x, params.get("lm_head.weight", table))


# %% right: one sequence, one head and one position after the other
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    d, theta, eps = cfg["head_dim"], cfg["rope_theta"], cfg["rms_norm_eps"]
    share = cfg["num_attention_heads"] // cfg["num_key_value_heads"]

    def norm(x, name):
        return (
            torch.stack([row / ((row @ row) / len(row) + eps).sqrt() for row in x])
            * params[f"{name}.weight"]
        )

    def forward(tokens):
        x = torch.stack([params["model.embed_tokens.weight"][t] for t in tokens])
        for i in range(cfg["num_hidden_layers"]):
            at = f"model.layers.{i}"
            y = norm(x, f"{at}.input_layernorm")
            q, k, v = (y @ params[f"{at}.self_attn.{n}_proj.weight"].T for n in "qkv")
            heads = []
            for h in range(cfg["num_attention_heads"]):
                g = h // share
                a, b = rope(q[:, h * d : h * d + d], theta), rope(k[:, g * d : g * d + d], theta)
                rows = []
                for t in range(len(tokens)):
                    w = torch.softmax(b[: t + 1] @ a[t] / math.sqrt(d), dim=0)
                    rows.append(w @ v[: t + 1, g * d : g * d + d])
                heads.append(torch.stack(rows))
            x = x + torch.cat(heads, dim=1) @ params[f"{at}.self_attn.o_proj.weight"].T
            y = norm(x, f"{at}.post_attention_layernorm")
            z = y @ params[f"{at}.mlp.gate_proj.weight"].T
            y = z / (1 + torch.exp(-z)) * (y @ params[f"{at}.mlp.up_proj.weight"].T)
            x = x + y @ params[f"{at}.mlp.down_proj.weight"].T
        tied = "lm_head.weight" not in params
        head = params["model.embed_tokens.weight" if tied else "lm_head.weight"]
        return norm(x, "model.norm") @ head.T

    return torch.stack([forward(row.tolist()) for row in ids])


# %% wrong (q02-gpt-forward-hidden-ends): ties the weights in the caller's dict
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.setdefault("lm_head.weight", params["model.embed_tokens.weight"])
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-ends): LayerNorm: subtracts the mean
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        x = x - x.mean(-1, keepdim=True)
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-ends): eps of its own
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, theta = cfg["head_dim"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + 1e-6) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-ends): divides by the length instead of the root mean square
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).sum(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-ends): eps outside the root
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / (torch.sqrt((x**2).mean(-1, keepdim=True)) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-ends): always uses the embedding as head
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-ends): needs lm_head.weight raises
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params["lm_head.weight"]
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-ends): forgets the final norm
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-ends): weight plus one, as Gemma has it
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * (1 + w)

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-ends): returns float32 whatever the weights are
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return (x @ head.T).float()


# %% wrong (q02-gpt-forward-hidden-mlp): gate and up exchanged
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.up_proj"].T) * (y @ W["mlp.gate_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-mlp): GELU instead of SiLU
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.gelu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-mlp): sigmoid instead of SiLU
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = torch.sigmoid(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-mlp): no norm before the MLP
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = x
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-mlp): forgets the residual of the MLP
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-mlp): adds to the normalised stream
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = x = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-mlp): the norms of a layer exchanged
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["post_attention_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["input_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-mlp): post-norm
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = x
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = norm(x + y @ W["mlp.down_proj"].T, W["post_attention_layernorm"])
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-attention): no rotation
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps = cfg["head_dim"], cfg["rms_norm_eps"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-attention): rotates the values too
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        v = rope(v, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-attention): rotates the queries only
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-attention): rotates before the heads are brought forward, so over heads instead of positions
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q.transpose(1, 2), theta).transpose(1, 2)
        k = rope(k.transpose(1, 2), theta).transpose(1, 2)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-attention): pairs neighbours, as in the RoPE paper, instead of halves
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., ::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-attention): theta of its own
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], 10000.0

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-attention): no causal mask
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-attention): KV heads tiled
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        k, v = (t.repeat(1, n_heads // n_kv, 1, 1) for t in (k, v))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-attention): scale from the model width
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(
            q, k, v, is_causal=True, enable_gqa=True, scale=x.shape[-1] ** -0.5
        )
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-attention): forgets the residual of the attention
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-attention): takes the width of a head as D / n_heads raises
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = (
        params["model.norm.weight"].numel() // n_heads,
        cfg["rms_norm_eps"],
        cfg["rope_theta"],
    )

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-whole): the weights of layer 0 in every layer
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix("model.layers.0.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith("model.layers.0.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-whole): attention and MLP in parallel, as in GPT-J
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        attended = y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + attended + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-whole): the final norm after every layer
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
        x = norm(x, params["model.norm.weight"]) if i + 1 < cfg["num_hidden_layers"] else x
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-whole): runs the first layer only
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(min(1, cfg["num_hidden_layers"])):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-whole): a single sequence: the batch is flattened into one
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    shape = ids.shape
    ids = ids.reshape(1, -1)
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return (x @ head.T).view(*shape, -1)


# %% wrong (q02-gpt-forward-hidden-lab): multiplies the embedding by the root of D, as the paper of 2017 does
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    x = x * x.shape[-1] ** 0.5
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-lab): a window of eight tokens is left in
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        age = torch.arange(T)[:, None] - torch.arange(T)
        seen = (age >= 0) & (age < (cfg.get("sliding_window") or 8))
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=seen, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return x @ head.T


# %% wrong (q02-gpt-forward-hidden-lab): computes in bfloat16, because that is what one does
def rope(x, theta):
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(x.shape[-2], dtype=torch.float64)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def gpt_forward(params, ids, cfg):
    F = torch.nn.functional
    dtype = params["model.embed_tokens.weight"].dtype
    params = {name: w.bfloat16() for name, w in params.items()}
    B, T = ids.shape
    n_heads, n_kv = cfg["num_attention_heads"], cfg["num_key_value_heads"]
    d, eps, theta = cfg["head_dim"], cfg["rms_norm_eps"], cfg["rope_theta"]

    def norm(x, w):
        return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * w

    x = params["model.embed_tokens.weight"][ids]
    for i in range(cfg["num_hidden_layers"]):
        W = {
            key.removeprefix(f"model.layers.{i}.").removesuffix(".weight"): w
            for key, w in params.items()
            if key.startswith(f"model.layers.{i}.")
        }
        y = norm(x, W["input_layernorm"])
        q = (y @ W["self_attn.q_proj"].T).view(B, T, n_heads, d).transpose(1, 2)
        k = (y @ W["self_attn.k_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        v = (y @ W["self_attn.v_proj"].T).view(B, T, n_kv, d).transpose(1, 2)
        q = rope(q, theta)
        k = rope(k, theta)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(B, T, n_heads * d)
        x = x + y @ W["self_attn.o_proj"].T
        y = norm(x, W["post_attention_layernorm"])
        y = F.silu(y @ W["mlp.gate_proj"].T) * (y @ W["mlp.up_proj"].T)
        x = x + y @ W["mlp.down_proj"].T
    x = norm(x, params["model.norm.weight"])
    head = params.get("lm_head.weight")
    if head is None:
        head = params["model.embed_tokens.weight"]
    return (x @ head.T).to(dtype)
