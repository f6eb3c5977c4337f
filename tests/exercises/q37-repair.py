# %% right: the three faults mended where they stand
def mean_nll(batches, pad):
    losses = []
    for logits, ids in batches:
        log_probs = torch.log_softmax(logits[:, :-1], dim=-1)
        nll = -log_probs.gather(-1, ids[:, 1:].unsqueeze(-1)).squeeze(-1)
        losses.append(nll[ids[:, 1:] != pad])
    every = torch.cat(losses)
    return every.mean() if len(every) else every.sum()


# %% right: cross_entropy with ignore_index and a running sum
def mean_nll(batches, pad):
    total, count = torch.zeros((), dtype=batches[0][0].dtype), 0
    for logits, ids in batches:
        targets = ids[:, 1:].reshape(-1)
        V = logits.shape[-1]
        total += torch.nn.functional.cross_entropy(
            logits[:, :-1].reshape(-1, V), targets, ignore_index=pad, reduction="sum"
        )
        count += (targets != pad).sum().item()
    return total / count if count else total


# %% right: means weighted by their counts
def mean_nll(batches, pad):
    sums, counts = [], []
    for logits, ids in batches:
        keep = ids[:, 1:] != pad
        n = int(keep.sum())
        if n == 0:
            continue
        rows = logits[:, :-1][keep]
        sums.append(torch.nn.functional.cross_entropy(rows, ids[:, 1:][keep]) * n)
        counts.append(n)
    if not counts:
        return batches[0][0].new_tensor(0.0)
    return torch.stack(sums).sum() / sum(counts)


# %% wrong (q37-repair-hidden-shift): padding and batches mended, no shift
def mean_nll(batches, pad):
    total, count = batches[0][0].new_zeros(()), 0
    for logits, ids in batches:
        log_probs = torch.log_softmax(logits, dim=-1)
        nll = -log_probs.gather(-1, ids.unsqueeze(-1)).squeeze(-1)
        total = total + nll[ids != pad].sum()
        count += int((ids != pad).sum())
    return total / max(count, 1)


# %% wrong (q37-repair-hidden-shift): shifts the logits instead, so the future predicts the past
def mean_nll(batches, pad):
    total, count = batches[0][0].new_zeros(()), 0
    for logits, ids in batches:
        log_probs = torch.log_softmax(logits[:, 1:], dim=-1)
        targets = ids[:, :-1]
        nll = -log_probs.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
        total = total + nll[targets != pad].sum()
        count += int((targets != pad).sum())
    return total / max(count, 1)


# %% wrong (q37-repair-hidden-shift): rolls the ids, and the first token follows the last
def mean_nll(batches, pad):
    total, count = batches[0][0].new_zeros(()), 0
    for logits, ids in batches:
        log_probs = torch.log_softmax(logits, dim=-1)
        targets = ids.roll(-1, dims=1)
        nll = -log_probs.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
        total = total + nll[targets != pad].sum()
        count += int((targets != pad).sum())
    return total / max(count, 1)


# %% wrong (q37-repair-hidden-padding): padding is still counted
def mean_nll(batches, pad):
    total, count = batches[0][0].new_zeros(()), 0
    for logits, ids in batches:
        log_probs = torch.log_softmax(logits[:, :-1], dim=-1)
        targets = ids[:, 1:]
        nll = -log_probs.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
        total = total + (nll * (targets != pad)).sum()
        count += targets.numel()
    return total / max(count, 1)


# %% wrong (q37-repair-hidden-padding): looks for padding at the input
def mean_nll(batches, pad):
    total, count = batches[0][0].new_zeros(()), 0
    for logits, ids in batches:
        log_probs = torch.log_softmax(logits[:, :-1], dim=-1)
        nll = -log_probs.gather(-1, ids[:, 1:].unsqueeze(-1)).squeeze(-1)
        keep = ids[:, :-1] != pad
        total = total + nll[keep].sum()
        count += int(keep.sum())
    return total / max(count, 1)


# %% wrong (q37-repair-hidden-padding): padding counts as a target like others
def mean_nll(batches, pad):
    total, count = batches[0][0].new_zeros(()), 0
    for logits, ids in batches:
        log_probs = torch.log_softmax(logits[:, :-1], dim=-1)
        targets = ids[:, 1:]
        nll = -log_probs.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
        total = total + nll.sum()
        count += targets.numel()
    return total / max(count, 1)


# %% wrong (q37-repair-hidden-batches): still the mean of the batches' means
def mean_nll(batches, pad):
    losses = []
    for logits, ids in batches:
        log_probs = torch.log_softmax(logits[:, :-1], dim=-1)
        targets = ids[:, 1:]
        nll = -log_probs.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
        if (targets != pad).any():
            losses.append(nll[targets != pad].mean())
    return torch.stack(losses).mean() if losses else batches[0][0].new_zeros(())


# %% wrong (q37-repair-hidden-batches): weighs the batches by their rows
def mean_nll(batches, pad):
    total, rows = batches[0][0].new_zeros(()), 0
    for logits, ids in batches:
        log_probs = torch.log_softmax(logits[:, :-1], dim=-1)
        targets = ids[:, 1:]
        nll = -log_probs.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
        if (targets != pad).any():
            total = total + len(ids) * nll[targets != pad].mean()
            rows += len(ids)
    return total / max(rows, 1)


# %% wrong (q37-repair-hidden-batches): the mean of the sentences' means
def mean_nll(batches, pad):
    losses = []
    for logits, ids in batches:
        for row, tokens in zip(logits, ids):
            targets = tokens[1:]
            keep = targets != pad
            if keep.any():
                losses.append(torch.nn.functional.cross_entropy(row[:-1][keep], targets[keep]))
    return torch.stack(losses).mean() if losses else batches[0][0].new_zeros(())


# %% wrong (q37-repair-hidden-none): 0 divided by 0 when there is no target
def mean_nll(batches, pad):
    losses = []
    for logits, ids in batches:
        log_probs = torch.log_softmax(logits[:, :-1], dim=-1)
        nll = -log_probs.gather(-1, ids[:, 1:].unsqueeze(-1)).squeeze(-1)
        losses.append(nll[ids[:, 1:] != pad])
    return torch.cat(losses).mean()


# %% wrong (q37-repair-hidden-none): a batch without targets counts as one target
def mean_nll(batches, pad):
    total, count = batches[0][0].new_zeros(()), 0
    for logits, ids in batches:
        log_probs = torch.log_softmax(logits[:, :-1], dim=-1)
        targets = ids[:, 1:]
        nll = -log_probs.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
        total = total + nll[targets != pad].sum()
        count += max(int((targets != pad).sum()), 1)
    return total / count


# %% wrong (q37-repair-hidden-none): returns a Python float
def mean_nll(batches, pad):
    total, count = 0.0, 0
    for logits, ids in batches:
        log_probs = torch.log_softmax(logits[:, :-1], dim=-1)
        targets = ids[:, 1:]
        nll = -log_probs.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
        total += float(nll[targets != pad].sum())
        count += int((targets != pad).sum())
    return total / max(count, 1)


# %% wrong (q37-repair-hidden-shift): returns the popular code as it was
def mean_nll(batches, pad):
    losses = []
    for logits, ids in batches:
        log_probs = torch.log_softmax(logits, dim=-1)
        nll = -log_probs.gather(-1, ids.unsqueeze(-1)).squeeze(-1)
        nll = nll * (ids != pad)
        losses.append(nll.mean())
    return torch.stack(losses).mean()
