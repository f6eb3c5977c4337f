# %% right: log-softmax and a mask
def clm_loss(logits, ids, pad):
    log_p = torch.log_softmax(logits[:, :-1], dim=-1)
    targets = ids[:, 1:]
    counts = targets != pad
    safe = torch.where(counts, targets, 0)
    nll = -log_p.gather(-1, safe.unsqueeze(-1)).squeeze(-1)
    nll = torch.where(counts, nll, torch.zeros_like(nll))
    return nll.sum() / max(int(counts.sum()), 1)


# %% right: boolean indexing and logsumexp
def clm_loss(logits, ids, pad):
    keep = ids[:, 1:] != pad
    rows, targets = logits[:, :-1][keep], ids[:, 1:][keep]
    if len(targets) == 0:
        return logits.sum() * 0
    return (rows.logsumexp(-1) - rows[torch.arange(len(targets)), targets]).mean()


# %% right: one target at a time
def clm_loss(logits, ids, pad):
    total, n = logits.new_zeros(()), 0
    for b in range(ids.shape[0]):
        for t in range(1, ids.shape[1]):
            target = int(ids[b, t])
            if target != pad:
                total = total - torch.log_softmax(logits[b, t - 1], dim=0)[target]
                n += 1
    return total / n if n else total


# %% right: shifted labels with ignore_index, nan replaced
def clm_loss(logits, ids, pad):
    labels = torch.full_like(ids, -100)
    labels[:, :-1] = torch.where(ids[:, 1:] == pad, -100, ids[:, 1:])
    if (labels == -100).all():
        return 0 * logits.sum()
    return torch.nn.functional.cross_entropy(logits.transpose(1, 2), labels)


# %% wrong (q37-clm-loss-hidden-shift): no shift
def clm_loss(logits, ids, pad):
    targets = ids.flatten()
    total = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), targets, ignore_index=pad, reduction="sum"
    )
    return total / (targets != pad).sum().clamp(min=1)


# %% wrong (q37-clm-loss-hidden-shift): shifts the wrong way
def clm_loss(logits, ids, pad):
    targets = ids[:, :-1].flatten()
    total = torch.nn.functional.cross_entropy(
        logits[:, 1:].flatten(0, 1), targets, ignore_index=pad, reduction="sum"
    )
    return total / (targets != pad).sum().clamp(min=1)


# %% wrong (q37-clm-loss-hidden-shift): torch.roll brings the first token to the end
def clm_loss(logits, ids, pad):
    targets = torch.roll(ids, -1, dims=1).flatten()
    total = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), targets, ignore_index=pad, reduction="sum"
    )
    return total / (targets != pad).sum().clamp(min=1)


# %% wrong (q37-clm-loss-hidden-shift): shifts the flattened batch, across rows
def clm_loss(logits, ids, pad):
    targets = ids.flatten()[1:]
    total = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1)[:-1], targets, ignore_index=pad, reduction="sum"
    )
    return total / (targets != pad).sum().clamp(min=1)


# %% wrong (q37-clm-loss-hidden-shift): shifts twice
def clm_loss(logits, ids, pad):
    targets = ids[:, 2:].flatten()
    total = torch.nn.functional.cross_entropy(
        logits[:, :-2].flatten(0, 1), targets, ignore_index=pad, reduction="sum"
    )
    return total / (targets != pad).sum().clamp(min=1)


# %% wrong (q37-clm-loss-hidden-shift): the sum, not the mean
def clm_loss(logits, ids, pad):
    return torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten(), ignore_index=pad, reduction="sum"
    )


# %% wrong (q37-clm-loss-hidden-padding): padding set to 0 and counted in the mean
def clm_loss(logits, ids, pad):
    log_p = torch.log_softmax(logits[:, :-1], dim=-1)
    targets = ids[:, 1:]
    if targets.numel() == 0:
        return logits.sum() * 0
    keep = targets != pad
    nll = -log_p.gather(-1, targets.clamp(0, logits.shape[-1] - 1).unsqueeze(-1)).squeeze(-1)
    return (nll * keep).mean()


# %% wrong (q37-clm-loss-hidden-padding): the mean of the rows' means
def clm_loss(logits, ids, pad):
    losses = []
    for row, tokens in zip(logits, ids):
        targets = tokens[1:]
        total = torch.nn.functional.cross_entropy(
            row[:-1], targets, ignore_index=pad, reduction="sum"
        )
        losses.append(total / (targets != pad).sum().clamp(min=1))
    return torch.stack(losses).mean()


# %% wrong (q37-clm-loss-hidden-padding): leaves out what is predicted from padding
def clm_loss(logits, ids, pad):
    targets = torch.where(ids[:, :-1] == pad, pad, ids[:, 1:]).flatten()
    total = torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), targets, ignore_index=pad, reduction="sum"
    )
    return total / (targets != pad).sum().clamp(min=1)


# %% wrong (q37-clm-loss-hidden-padding): looks for padding at the input instead of the target
def clm_loss(logits, ids, pad):
    keep = (ids[:, :-1] != pad).flatten()
    if ids.shape[1] < 2 or not keep.any():
        return logits.sum() * 0
    targets = ids[:, 1:].flatten().clamp(0, logits.shape[-1] - 1)
    nll = torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), targets, reduction="none")
    return nll[keep].mean()


# %% wrong (q37-clm-loss-hidden-padding): takes padding for id 0
def clm_loss(logits, ids, pad):
    targets = ids[:, 1:].flatten()
    V = logits.shape[-1]
    total = torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), targets.clamp(0, V - 1), ignore_index=0, reduction="sum"
    )
    return total / (targets != 0).sum().clamp(min=1)


# %% wrong (q37-clm-loss-hidden-none): 0 divided by 0
def clm_loss(logits, ids, pad):
    return torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten(), ignore_index=pad
    )


# %% wrong (q37-clm-loss-hidden-none): softmax, then log, which underflows
def clm_loss(logits, ids, pad):
    keep = ids[:, 1:] != pad
    if not keep.any():
        return logits.sum() * 0
    p = torch.softmax(logits[:, :-1][keep], dim=-1)
    return -p.gather(-1, ids[:, 1:][keep].unsqueeze(-1)).log().mean()


# %% wrong (q37-clm-loss-hidden-none): adds a small number inside the logarithm
def clm_loss(logits, ids, pad):
    keep = ids[:, 1:] != pad
    if not keep.any():
        return logits.sum() * 0
    p = torch.softmax(logits[:, :-1][keep], dim=-1)
    return -(p.gather(-1, ids[:, 1:][keep].unsqueeze(-1)) + 1e-12).log().mean()


# %% wrong (q37-clm-loss-hidden-gradient): leaves torch, so no gradient flows
def clm_loss(logits, ids, pad):
    z, y = logits.detach().numpy()[:, :-1], ids.numpy()[:, 1:]
    keep = y != pad
    if not keep.any():
        return torch.zeros((), dtype=logits.dtype)
    z, y = z[keep], y[keep]
    z = z - z.max(axis=-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    return torch.tensor(-log_p[np.arange(len(y)), y].mean(), dtype=logits.dtype)


# %% wrong (q37-clm-loss-hidden-gradient): always float32
def clm_loss(logits, ids, pad):
    targets = ids[:, 1:].flatten()
    total = torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1).float(), targets, ignore_index=pad, reduction="sum"
    )
    return total / (targets != pad).sum().clamp(min=1)


# %% wrong (q37-clm-loss-hidden-gradient): writes -100 into the caller's ids
def clm_loss(logits, ids, pad):
    ids[ids == pad] = -100
    targets = ids[:, 1:].flatten()
    total = torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), targets, reduction="sum"
    )
    return total / (targets != -100).sum().clamp(min=1)


# %% wrong (q37-clm-loss-hidden-gradient): a result of shape (1,)
def clm_loss(logits, ids, pad):
    targets = ids[:, 1:].flatten()
    total = torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), targets, ignore_index=pad, reduction="sum"
    )
    return (total / (targets != pad).sum().clamp(min=1)).reshape(1)
