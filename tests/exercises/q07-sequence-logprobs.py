# %% right: one token at a time
def sequence_logprobs(logits, labels, ignore=-100):
    rows = []
    for b in range(labels.shape[0]):
        total = logits[b].sum() * 0
        for t in range(1, labels.shape[1]):
            label = int(labels[b, t])
            if label != ignore:
                total = total + torch.log_softmax(logits[b, t - 1], dim=0)[label]
        rows.append(total)
    return torch.stack(rows)


# %% right: cross-entropy without reduction
def sequence_logprobs(logits, labels, ignore=-100):
    targets = labels[:, 1:]
    nll = torch.nn.functional.cross_entropy(
        logits[:, :-1].transpose(1, 2), targets, ignore_index=ignore, reduction="none"
    )
    return -nll.sum(dim=1)


# %% right: chosen logit minus logsumexp, times the mask
def sequence_logprobs(logits, labels, ignore=-100):
    counted = labels[:, 1:] != ignore
    safe = torch.where(counted, labels[:, 1:], torch.zeros_like(labels[:, 1:]))
    scores = logits[:, :-1]
    chosen = torch.gather(scores, 2, safe[:, :, None])[:, :, 0]
    return ((chosen - scores.logsumexp(dim=-1)) * counted).sum(-1)


# %% right: keeps only the counted positions and adds them up by row
def sequence_logprobs(logits, labels, ignore=-100):
    row, place = torch.nonzero(labels[:, 1:] != ignore, as_tuple=True)
    log_p = logits[row, place].log_softmax(dim=-1)
    picked = log_p[torch.arange(len(row)), labels[row, place + 1]]
    return logits.new_zeros(len(labels)).index_add(0, row, picked)


# %% right: rolls the labels, and drops the last position
def sequence_logprobs(logits, labels, ignore=-100):
    shifted = labels.roll(-1, dims=1).clone()
    shifted[:, -1] = ignore
    mask = shifted != ignore
    shifted[~mask] = 0
    log_p = logits.log_softmax(-1).gather(-1, shifted.unsqueeze(-1)).squeeze(-1)
    return torch.where(mask, log_p, torch.zeros_like(log_p)).sum(-1)


# %% wrong (q07-sequence-logprobs-hidden-shift): no shift
def sequence_logprobs(logits, labels, ignore=-100):
    mask = labels != ignore
    log_p = torch.log_softmax(logits, dim=-1)
    picked = log_p.gather(-1, labels.masked_fill(~mask, 0).unsqueeze(-1)).squeeze(-1)
    return (picked * mask).sum(dim=-1)


# %% wrong (q07-sequence-logprobs-hidden-shift): shifts the wrong way
def sequence_logprobs(logits, labels, ignore=-100):
    targets = labels[:, :-1]
    mask = targets != ignore
    log_p = torch.log_softmax(logits[:, 1:], dim=-1)
    picked = log_p.gather(-1, targets.masked_fill(~mask, 0).unsqueeze(-1)).squeeze(-1)
    return (picked * mask).sum(dim=-1)


# %% wrong (q07-sequence-logprobs-hidden-shift): rolls, so that the first label is predicted by the last logits
def sequence_logprobs(logits, labels, ignore=-100):
    targets = labels.roll(-1, dims=1)
    mask = targets != ignore
    log_p = torch.log_softmax(logits, dim=-1)
    picked = log_p.gather(-1, targets.masked_fill(~mask, 0).unsqueeze(-1)).squeeze(-1)
    return (picked * mask).sum(dim=-1)


# %% wrong (q07-sequence-logprobs-hidden-sum): the mean over the answer's tokens
def sequence_logprobs(logits, labels, ignore=-100):
    targets = labels[:, 1:]
    mask = targets != ignore
    log_p = torch.log_softmax(logits[:, :-1], dim=-1)
    picked = log_p.gather(-1, targets.masked_fill(~mask, 0).unsqueeze(-1)).squeeze(-1)
    return (picked * mask).sum(dim=-1) / mask.sum(dim=-1).clamp(min=1)


# %% wrong (q07-sequence-logprobs-hidden-mask): counts the prompt and the padding as token 0
def sequence_logprobs(logits, labels, ignore=-100):
    targets = labels[:, 1:]
    log_p = torch.log_softmax(logits[:, :-1], dim=-1)
    safe = torch.where(targets == ignore, 0, targets)
    return log_p.gather(-1, safe.unsqueeze(-1)).squeeze(-1).sum(dim=-1)


# %% wrong (q07-sequence-logprobs-hidden-mask): -100 whatever ignore says
def sequence_logprobs(logits, labels, ignore=-100):
    targets = labels[:, 1:]
    mask = targets >= 0
    log_p = torch.log_softmax(logits[:, :-1], dim=-1)
    picked = log_p.gather(-1, targets.clamp(0, logits.shape[-1] - 1).unsqueeze(-1)).squeeze(-1)
    return (picked * mask).sum(dim=-1)


# %% wrong (q07-sequence-logprobs-hidden-mask): sums from the first counted token to the last, gaps included
def sequence_logprobs(logits, labels, ignore=-100):
    targets = labels[:, 1:]
    mask = targets != ignore
    inside = (mask.cumsum(-1) > 0) & (mask.flip(-1).cumsum(-1).flip(-1) > 0)
    log_p = torch.log_softmax(logits[:, :-1], dim=-1)
    picked = log_p.gather(-1, targets.masked_fill(~mask, 0).unsqueeze(-1)).squeeze(-1)
    return (picked * inside).sum(dim=-1)


# %% wrong (q07-sequence-logprobs-hidden-sum): the logarithm of a softmax that underflows
def sequence_logprobs(logits, labels, ignore=-100):
    targets = labels[:, 1:]
    mask = targets != ignore
    p = torch.softmax(logits[:, :-1], dim=-1)
    picked = p.gather(-1, targets.masked_fill(~mask, 0).unsqueeze(-1)).squeeze(-1)
    return torch.where(mask, picked.log(), 0.0).sum(dim=-1)


# %% wrong (q07-sequence-logprobs-hidden-gradient): leaves torch for plain numbers
def sequence_logprobs(logits, labels, ignore=-100):
    targets = labels[:, 1:]
    mask = targets != ignore
    with torch.no_grad():
        log_p = torch.log_softmax(logits[:, :-1], dim=-1)
        picked = log_p.gather(-1, targets.masked_fill(~mask, 0).unsqueeze(-1)).squeeze(-1)
        return (picked * mask).sum(dim=-1)


# %% wrong (q07-sequence-logprobs-hidden-gradient): writes 0 into the caller's labels
def sequence_logprobs(logits, labels, ignore=-100):
    targets = labels[:, 1:]
    mask = targets != ignore
    targets[~mask] = 0
    log_p = torch.log_softmax(logits[:, :-1], dim=-1)
    picked = log_p.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
    return (picked * mask).sum(dim=-1)
