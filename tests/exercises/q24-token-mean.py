# %% right: a loop that skips empty micro-batches
def token_mean_over_microbatches(losses, n_tokens):
    if losses.shape[0] != len(n_tokens):
        raise ValueError("lengths differ")
    total = sum(n_tokens)
    result = losses.new_zeros(())
    for i, n in enumerate(n_tokens):
        if n > 0:
            result = result + losses[i] * (n / total)
    return result


# %% right: where, then a dot product
def token_mean_over_microbatches(losses, n_tokens):
    if len(n_tokens) != losses.numel():
        raise ValueError("as many counts as losses")
    n = torch.as_tensor(n_tokens, dtype=losses.dtype)
    safe = torch.where(n > 0, losses, torch.zeros_like(losses))
    return safe @ n / max(float(n.sum()), 1.0)


# %% right: masked_fill and weights
def token_mean_over_microbatches(losses, n_tokens):
    n = torch.tensor(n_tokens).to(losses)
    if n.shape != losses.shape:
        raise ValueError(f"{n.shape} and {losses.shape}")
    if n.sum() == 0:
        return losses.masked_fill(n == 0, 0).sum()
    return (losses.masked_fill(n == 0, 0) * (n / n.sum())).sum()


# %% right: a plain zero where nothing is counted
def token_mean_over_microbatches(losses, n_tokens):
    if len(n_tokens) != len(losses):
        raise ValueError("lengths")
    if not any(n_tokens):
        return torch.zeros((), dtype=losses.dtype)
    parts = [loss * n for loss, n in zip(losses, n_tokens, strict=True) if n]
    return torch.stack(parts).sum() / sum(n_tokens)


# %% wrong (q24-token-mean-hidden-weights): the mean of the means
def token_mean_over_microbatches(losses, n_tokens):
    if len(n_tokens) != len(losses):
        raise ValueError("lengths")
    counted = torch.tensor(n_tokens) > 0
    if not counted.any():
        return losses[counted].sum()
    return losses[counted].mean()


# %% wrong (q24-token-mean-hidden-weights): truncates silently where the lengths differ
def token_mean_over_microbatches(losses, n_tokens):
    total = max(sum(n_tokens), 1)
    result = torch.zeros((), dtype=losses.dtype)
    for loss, n in zip(losses, n_tokens, strict=False):
        if n:
            result = result + loss * n / total
    return result


# %% wrong (q24-token-mean-hidden-weights): loses float64 on the way
def token_mean_over_microbatches(losses, n_tokens):
    if len(n_tokens) != len(losses):
        raise ValueError("lengths")
    n = torch.tensor(n_tokens, dtype=torch.float32)
    kept = n > 0
    return (losses[kept].float() * n[kept]).sum() / n.sum().clamp(min=1)


# %% wrong (q24-token-mean-hidden-empty): zero times NaN
def token_mean_over_microbatches(losses, n_tokens):
    if len(n_tokens) != len(losses):
        raise ValueError("lengths")
    n = torch.tensor(n_tokens, dtype=losses.dtype)
    return (losses * n).sum() / n.sum().clamp(min=1)


# %% wrong (q24-token-mean-hidden-empty): zero over zero
def token_mean_over_microbatches(losses, n_tokens):
    if len(n_tokens) != len(losses):
        raise ValueError("lengths")
    n = torch.tensor(n_tokens, dtype=losses.dtype)
    kept = n > 0
    return (losses[kept] * n[kept]).sum() / n.sum()


# %% wrong (q24-token-mean-hidden-gradient): Python numbers, so there is no gradient
def token_mean_over_microbatches(losses, n_tokens):
    if len(n_tokens) != len(losses):
        raise ValueError("lengths")
    pairs = [(x, n) for x, n in zip(losses.tolist(), n_tokens, strict=True) if n]
    total = sum(n for _, n in pairs)
    value = sum(x * n for x, n in pairs) / total if total else 0.0
    return torch.tensor(value, dtype=losses.dtype)


# %% wrong (q24-token-mean-hidden-gradient): puts zeros into the caller's tensor
def token_mean_over_microbatches(losses, n_tokens):
    if len(n_tokens) != len(losses):
        raise ValueError("lengths")
    n = torch.tensor(n_tokens, dtype=losses.dtype)
    losses.data[n == 0] = 0
    return (losses * n).sum() / n.sum().clamp(min=1)
