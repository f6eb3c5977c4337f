# %% right: log-softmax, gather and a mask
def sft_loss(logits, labels, ignore=-100):
    log_p = torch.log_softmax(logits[:, :-1], dim=-1)
    targets = labels[:, 1:]
    counts = targets != ignore
    nll = -log_p.gather(-1, torch.where(counts, targets, 0).unsqueeze(-1)).squeeze(-1)
    return torch.where(counts, nll, torch.zeros_like(nll)).sum() / max(int(counts.sum()), 1)


# %% right: picks the rows that count, then logsumexp
def sft_loss(logits, labels, ignore=-100):
    keep = labels[:, 1:] != ignore
    rows, targets = logits[:, :-1][keep], labels[:, 1:][keep]
    if targets.numel() == 0:
        return (logits * 0).sum()
    return (rows.logsumexp(-1) - rows[torch.arange(len(targets)), targets]).mean()


# %% right: shifted labels padded with ignore, as transformers does
def sft_loss(logits, labels, ignore=-100):
    shifted = torch.nn.functional.pad(labels, (0, 1), value=ignore)[:, 1:]
    if (shifted == ignore).all():
        return logits.sum() * 0
    return torch.nn.functional.cross_entropy(logits.transpose(1, 2), shifted, ignore_index=ignore)


# %% right: one label at a time
def sft_loss(logits, labels, ignore=-100):
    losses = []
    for b in range(labels.shape[0]):
        for t in range(1, labels.shape[1]):
            if labels[b, t] != ignore:
                losses.append(-torch.log_softmax(logits[b, t - 1], dim=0)[labels[b, t]])
    return torch.stack(losses).mean() if losses else logits.new_zeros(())


# %% right: the mean where there is one, a constant zero where nothing counts
def sft_loss(logits, labels, ignore=-100):
    targets = labels[:, 1:].flatten()
    if (targets == ignore).all():
        return torch.tensor(0.0, dtype=logits.dtype)
    return torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), targets, ignore_index=ignore
    )


# %% wrong (q13-sft-loss-hidden-shift): no shift
def sft_loss(logits, labels, ignore=-100):
    total = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), labels.flatten(), ignore_index=ignore, reduction="sum"
    )
    return total / (labels != ignore).sum().clamp(min=1)


# %% wrong (q13-sft-loss-hidden-shift): shifts twice
def sft_loss(logits, labels, ignore=-100):
    targets = labels[:, 2:].flatten()
    total = torch.nn.functional.cross_entropy(
        logits[:, :-2].flatten(0, 1), targets, ignore_index=ignore, reduction="sum"
    )
    return total / (targets != ignore).sum().clamp(min=1)


# %% wrong (q13-sft-loss-hidden-shift): shifts the wrong way
def sft_loss(logits, labels, ignore=-100):
    targets = labels[:, :-1].flatten()
    total = torch.nn.functional.cross_entropy(
        logits[:, 1:].flatten(0, 1), targets, ignore_index=ignore, reduction="sum"
    )
    return total / (targets != ignore).sum().clamp(min=1)


# %% wrong (q13-sft-loss-hidden-shift): rolls, so the first label comes back at the end
def sft_loss(logits, labels, ignore=-100):
    targets = labels.roll(-1, dims=1).flatten()
    total = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), targets, ignore_index=ignore, reduction="sum"
    )
    return total / (targets != ignore).sum().clamp(min=1)


# %% wrong (q13-sft-loss-hidden-mean): divides by all positions
def sft_loss(logits, labels, ignore=-100):
    targets = labels[:, 1:].flatten()
    total = torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), targets, ignore_index=ignore, reduction="sum"
    )
    return total / max(targets.numel(), 1)


# %% wrong (q13-sft-loss-hidden-mean): the mean of the rows' means
def sft_loss(logits, labels, ignore=-100):
    means = []
    for row, own in zip(logits, labels):
        total = torch.nn.functional.cross_entropy(
            row[:-1], own[1:], ignore_index=ignore, reduction="sum"
        )
        means.append(total / (own[1:] != ignore).sum().clamp(min=1))
    return torch.stack(means).mean()


# %% wrong (q13-sft-loss-hidden-mean): counts -100 only, whatever ignore says
def sft_loss(logits, labels, ignore=-100):
    targets = labels[:, 1:].flatten().clamp(min=-100)
    targets = torch.where(targets < 0, -100, targets)
    total = torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), targets, reduction="sum"
    )
    return total / (targets != -100).sum().clamp(min=1)


# %% wrong (q13-sft-loss-hidden-mean): counts the unshifted labels
def sft_loss(logits, labels, ignore=-100):
    total = torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), ignore_index=ignore, reduction="sum"
    )
    return total / (labels != ignore).sum().clamp(min=1)


# %% wrong (q13-sft-loss-hidden-mean): masks what is predicted from a masked position
def sft_loss(logits, labels, ignore=-100):
    targets = torch.where(labels[:, :-1] == ignore, ignore, labels[:, 1:]).flatten()
    total = torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), targets, ignore_index=ignore, reduction="sum"
    )
    return total / (targets != ignore).sum().clamp(min=1)


# %% wrong (q13-sft-loss-hidden-none): 0 divided by 0
def sft_loss(logits, labels, ignore=-100):
    return torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), ignore_index=ignore
    )


# %% wrong (q13-sft-loss-hidden-none): softmax, then log
def sft_loss(logits, labels, ignore=-100):
    keep = labels[:, 1:] != ignore
    if not keep.any():
        return logits.sum() * 0
    p = torch.softmax(logits[:, :-1][keep], dim=-1)
    return -p.gather(-1, labels[:, 1:][keep].unsqueeze(-1)).log().mean()


# %% wrong (q13-sft-loss-hidden-none): masks the loss by multiplying, after a clamp of the probability
def sft_loss(logits, labels, ignore=-100):
    targets = labels[:, 1:]
    counts = targets != ignore
    p = torch.softmax(logits[:, :-1], dim=-1).clamp(min=1e-9)
    nll = -p.gather(-1, torch.where(counts, targets, 0).unsqueeze(-1)).squeeze(-1).log()
    return (nll * counts).sum() / counts.sum().clamp(min=1)


# %% wrong (q13-sft-loss-hidden-gradient): leaves torch
def sft_loss(logits, labels, ignore=-100):
    z, y = logits.detach().numpy()[:, :-1], labels.numpy()[:, 1:]
    keep = y != ignore
    if not keep.any():
        return torch.zeros((), dtype=logits.dtype)
    z, y = z[keep], y[keep]
    z = z - z.max(axis=-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    return torch.tensor(-log_p[np.arange(len(y)), y].mean(), dtype=logits.dtype)


# %% wrong (q13-sft-loss-hidden-gradient): always float32
def sft_loss(logits, labels, ignore=-100):
    targets = labels[:, 1:].flatten()
    total = torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1).float(), targets, ignore_index=ignore, reduction="sum"
    )
    return total / (targets != ignore).sum().clamp(min=1)


# %% wrong (q13-sft-loss-hidden-gradient): masks the first label in the caller's own tensor
def sft_loss(logits, labels, ignore=-100):
    labels[:, 0] = ignore
    targets = labels[:, 1:].flatten()
    total = torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), targets, ignore_index=ignore, reduction="sum"
    )
    return total / (targets != ignore).sum().clamp(min=1)


# %% wrong (q13-sft-loss-hidden-gradient): writes -100 for ignore into the caller's labels
def sft_loss(logits, labels, ignore=-100):
    labels[labels == ignore] = -100
    targets = labels[:, 1:].flatten()
    total = torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), targets, reduction="sum"
    )
    return total / (targets != -100).sum().clamp(min=1)
