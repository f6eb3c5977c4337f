# %% right: matrix by matrix
def gpt_param_count(L, d, V, n_ctx, tied=True):
    attention = 3 * d * d + d * d
    mlp = d * (4 * d) + (4 * d) * d
    total = L * (attention + mlp) + (V + n_ctx) * d
    if not tied:
        total += d * V
    return total


# %% right: counted on the meta device
def gpt_param_count(L, d, V, n_ctx, tied=True):
    with torch.device("meta"):
        linear = torch.nn.Linear
        block = [linear(d, 3 * d, False), linear(d, d, False)]
        block += [linear(d, 4 * d, False), linear(4 * d, d, False)]
        rest = [torch.nn.Embedding(V, d), torch.nn.Embedding(n_ctx, d)]
        rest += [] if tied else [linear(d, V, False)]
    return L * sum(m.weight.numel() for m in block) + sum(m.weight.numel() for m in rest)


# %% wrong (q02-param-count-hidden-shapes): forgets the positions
def gpt_param_count(L, d, V, n_ctx, tied=True):
    return 12 * L * d**2 + (V if tied else 2 * V) * d


# %% wrong (q02-param-count-hidden-shapes): an MLP as wide as the model
def gpt_param_count(L, d, V, n_ctx, tied=True):
    return 6 * L * d**2 + (V if tied else 2 * V) * d + n_ctx * d


# %% wrong (q02-param-count-hidden-shapes): no output matrix in the attention
def gpt_param_count(L, d, V, n_ctx, tied=True):
    return 11 * L * d**2 + (V if tied else 2 * V) * d + n_ctx * d


# %% wrong (q02-param-count-hidden-shapes): a float
def gpt_param_count(L, d, V, n_ctx, tied=True):
    return 12 * L * d**2 + (V if tied else 2 * V) * d + n_ctx * d * 1.0


# %% wrong (q02-param-count-hidden-shapes): counts biases and norms as well
def gpt_param_count(L, d, V, n_ctx, tied=True):
    return L * (12 * d**2 + 13 * d) + 2 * d + (V if tied else 2 * V) * d + n_ctx * d


# %% wrong (q02-param-count-hidden-untied): counts the unembedding when it is tied
def gpt_param_count(L, d, V, n_ctx, tied=True):
    return 12 * L * d**2 + (2 * V if tied else V) * d + n_ctx * d


# %% wrong (q02-param-count-hidden-untied): ignores tied
def gpt_param_count(L, d, V, n_ctx, tied=True):
    return 12 * L * d**2 + V * d + n_ctx * d


# %% wrong (q02-param-count-hidden-untied): unties the positions too
def gpt_param_count(L, d, V, n_ctx, tied=True):
    return 12 * L * d**2 + (1 if tied else 2) * (V + n_ctx) * d
