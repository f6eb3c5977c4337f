# %% right: mended where the faults stand
def late_interaction(Q, q_mask, D, d_mask):
    similarity = Q @ D.transpose(-1, -2)
    similarity = torch.where(
        d_mask[:, None, :], similarity, torch.full_like(similarity, -torch.inf)
    )
    best = similarity.max(dim=2).values
    return best[:, q_mask].sum(dim=-1)


# %% right: one document at a time
def late_interaction(Q, q_mask, D, d_mask):
    scores = []
    for x, keep in zip(D, d_mask, strict=True):
        if not keep.any():
            scores.append(Q.new_tensor(-torch.inf))
        else:
            scores.append((Q[q_mask] @ x[keep].T).max(dim=1).values.sum())
    return torch.stack(scores)


# %% right: einsum, padded query tokens zeroed after the maximum
def late_interaction(Q, q_mask, D, d_mask):
    similarity = torch.einsum("md,bnd->bnm", Q, D)
    best = similarity.masked_fill(~d_mask.unsqueeze(-1), -math.inf).amax(dim=1)
    return best.masked_fill(~q_mask, 0.0).sum(dim=1)


# %% right: an additive mask, as in attention
def late_interaction(Q, q_mask, D, d_mask):
    bias = torch.zeros_like(d_mask, dtype=Q.dtype).masked_fill(~d_mask, -math.inf)
    best = ((D @ Q[q_mask].T) + bias[..., None]).max(dim=1).values
    return best.sum(dim=1)


# %% wrong (q19-repair-hidden-axis): the maximum is still over the query's tokens
def late_interaction(Q, q_mask, D, d_mask):
    similarity = Q[q_mask] @ D.transpose(-1, -2)
    best = similarity.max(dim=1).values
    return best.masked_fill(~d_mask, 0.0).sum(dim=-1)


# %% wrong (q19-repair-hidden-axis): the sum of the means
def late_interaction(Q, q_mask, D, d_mask):
    similarity = (Q[q_mask] @ D.transpose(-1, -2)).masked_fill(~d_mask[:, None, :], 0.0)
    return (similarity.sum(dim=-1) / d_mask.sum(dim=1, keepdim=True)).sum(dim=-1)


# %% wrong (q19-repair-hidden-documents): padding is still set to zero
def late_interaction(Q, q_mask, D, d_mask):
    similarity = (Q @ D.transpose(-1, -2)) * d_mask[:, None, :]
    return similarity.max(dim=-1).values[:, q_mask].sum(dim=-1)


# %% wrong (q19-repair-hidden-documents): the padded vectors are set to zero
def late_interaction(Q, q_mask, D, d_mask):
    D = D * d_mask[..., None]
    return (Q[q_mask] @ D.transpose(-1, -2)).max(dim=-1).values.sum(dim=-1)


# %% wrong (q19-repair-hidden-documents): cuts by length, as if padding always stood behind
def late_interaction(Q, q_mask, D, d_mask):
    scores = []
    for x, length in zip(D, d_mask.sum(dim=1).tolist(), strict=True):
        if length == 0:
            scores.append(Q.new_tensor(-math.inf))
        else:
            scores.append((Q[q_mask] @ x[:length].T).max(dim=1).values.sum())
    return torch.stack(scores)


# %% wrong (q19-repair-hidden-query): padded query tokens are still summed
def late_interaction(Q, q_mask, D, d_mask):
    similarity = (Q @ D.transpose(-1, -2)).masked_fill(~d_mask[:, None, :], -math.inf)
    return similarity.max(dim=-1).values.sum(dim=-1)


# %% wrong (q19-repair-hidden-query): the mean over the real query tokens
def late_interaction(Q, q_mask, D, d_mask):
    similarity = (Q @ D.transpose(-1, -2)).masked_fill(~d_mask[:, None, :], -math.inf)
    return similarity.max(dim=-1).values[:, q_mask].mean(dim=-1)


# %% wrong (q19-repair-hidden-edges): an empty document scores 0
def late_interaction(Q, q_mask, D, d_mask):
    similarity = (Q @ D.transpose(-1, -2)).masked_fill(~d_mask[:, None, :], -math.inf)
    best = similarity.max(dim=-1).values[:, q_mask]
    return best.masked_fill(best == -math.inf, 0.0).sum(dim=-1)


# %% wrong (q19-repair-hidden-edges): a large negative number in place of minus infinity
def late_interaction(Q, q_mask, D, d_mask):
    similarity = (Q @ D.transpose(-1, -2)).masked_fill(~d_mask[:, None, :], -1e9)
    return similarity.max(dim=-1).values[:, q_mask].sum(dim=-1)


# %% wrong (q19-repair-hidden-edges): the sum multiplies by the query's mask, and inf times 0 is NaN
def late_interaction(Q, q_mask, D, d_mask):
    similarity = (Q @ D.transpose(-1, -2)).masked_fill(~d_mask[:, None, :], -math.inf)
    return (similarity.max(dim=-1).values * q_mask).sum(dim=-1)


# %% wrong (q19-repair-hidden-edges): the lowest finite number, which a single query token leaves as it is
def late_interaction(Q, q_mask, D, d_mask):
    similarity = Q @ D.transpose(-1, -2)
    lowest = torch.finfo(similarity.dtype).min
    similarity = similarity.masked_fill(~d_mask[:, None, :], lowest)
    return similarity.max(dim=-1).values[:, q_mask].sum(dim=-1)


# %% wrong (q19-repair-hidden-edges): clears the padding in the caller's tensors
def late_interaction(Q, q_mask, D, d_mask):
    D[~d_mask] = 0
    Q[~q_mask] = 0
    similarity = (Q @ D.transpose(-1, -2)).masked_fill(~d_mask[:, None, :], -math.inf)
    return similarity.max(dim=-1).values[:, q_mask].sum(dim=-1)


# %% wrong (q19-repair-hidden-edges): clears the padding of the caller's query only
def late_interaction(Q, q_mask, D, d_mask):
    Q[~q_mask] = 0
    similarity = (Q @ D.transpose(-1, -2)).masked_fill(~d_mask[:, None, :], -math.inf)
    return similarity.max(dim=-1).values[:, q_mask].sum(dim=-1)
