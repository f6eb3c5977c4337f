# %% right: a low finite number in the place of the stored tokens, and no last term for k = V
def top_k_kd(student, top_ids, top_logprobs):
    log_q = torch.log_softmax(student, dim=-1)
    p = torch.exp(top_logprobs)
    kept = torch.gather(log_q, -1, top_ids)
    rest = torch.logsumexp(log_q.scatter(-1, top_ids, -1e4), dim=-1)
    p_rest = torch.clamp(1 - p.sum(-1), min=0) * (top_ids.shape[-1] < student.shape[-1])
    entropy = (p * top_logprobs).sum(-1) + torch.xlogy(p_rest, p_rest)
    return (entropy - (p * kept).sum(-1) - p_rest * rest).mean()


# %% right: row by row, other tokens listed
def top_k_kd(student, top_ids, top_logprobs):
    V, total = student.shape[1], 0.0
    for z, ids, lp in zip(student, top_ids, top_logprobs, strict=True):
        norm = torch.logsumexp(z, 0)
        total = total + (lp.exp() * (lp - (z[ids] - norm))).sum()
        others = [v for v in range(V) if v not in ids.tolist()]
        left = 1.0 - float(lp.exp().sum())
        if others and left > 0:
            total = total + left * (math.log(left) - (torch.logsumexp(z[others], 0) - norm))
    return total / len(student)


# %% right: kl_div over k + 1 outcomes
def top_k_kd(student, top_ids, top_logprobs):
    F = torch.nn.functional
    p = top_logprobs.exp()
    outside = torch.ones_like(student, dtype=torch.bool).scatter(-1, top_ids, False)
    logits = student.gather(-1, top_ids)
    if outside.any():
        others = student[outside].reshape(len(student), -1).logsumexp(-1, keepdim=True)
        logits = torch.cat([logits, others], dim=-1)
        p = torch.cat([p, (1 - p.sum(-1, keepdim=True)).clamp(min=0)], dim=-1)
    return F.kl_div(logits.log_softmax(-1), p, reduction="batchmean")


# %% wrong (q29-repair-hidden-rest): the logarithm put in, the softmax still over the k only
def top_k_kd(student, top_ids, top_logprobs):
    F = torch.nn.functional
    p = torch.softmax(top_logprobs, dim=-1)
    log_q = torch.log_softmax(student.gather(-1, top_ids), dim=-1)
    return F.kl_div(log_q, p, reduction="batchmean")


# %% wrong (q29-repair-hidden-rest): the student's full softmax, but nothing for the rest
def top_k_kd(student, top_ids, top_logprobs):
    p = top_logprobs.exp()
    log_q = torch.log_softmax(student, dim=-1).gather(-1, top_ids)
    return (p * (top_logprobs - log_q)).sum(-1).mean()


# %% wrong (q29-repair-hidden-rest): the teacher renormalised over the k, as if it had no rest
def top_k_kd(student, top_ids, top_logprobs):
    log_p = torch.log_softmax(top_logprobs, dim=-1)
    log_q = torch.log_softmax(student, dim=-1).gather(-1, top_ids)
    return (log_p.exp() * (log_p - log_q)).sum(-1).mean()


# %% wrong (q29-repair-hidden-rest): the rest spread evenly over the other tokens
def top_k_kd(student, top_ids, top_logprobs):
    V, k = student.shape[-1], top_ids.shape[-1]
    p = top_logprobs.exp()
    left = (1 - p.sum(-1, keepdim=True)).clamp(min=0) / max(V - k, 1)
    full = left.expand(-1, V).scatter(-1, top_ids, p)
    log_q = torch.log_softmax(student, dim=-1)
    return (torch.xlogy(full, full) - full * log_q).sum(-1).mean()


# %% wrong (q29-repair-hidden-rest): sums over the tokens instead of a mean
def top_k_kd(student, top_ids, top_logprobs):
    p = top_logprobs.exp()
    log_q = torch.log_softmax(student, dim=-1)
    loss = (p * (top_logprobs - log_q.gather(-1, top_ids))).sum(dim=-1)
    if top_ids.shape[-1] < student.shape[-1]:
        p_rest = (1 - p.sum(dim=-1)).clamp(min=0)
        rest = log_q.scatter(-1, top_ids, -torch.inf).logsumexp(dim=-1)
        loss = loss + torch.xlogy(p_rest, p_rest) - p_rest * rest
    return loss.sum()


# %% wrong (q29-repair-hidden-full): 0 times minus infinity when everything is stored
def top_k_kd(student, top_ids, top_logprobs):
    p = top_logprobs.exp()
    log_q = torch.log_softmax(student, dim=-1)
    loss = (p * (top_logprobs - log_q.gather(-1, top_ids))).sum(dim=-1)
    p_rest = (1 - p.sum(dim=-1)).clamp(min=0)
    rest = log_q.scatter(-1, top_ids, -torch.inf).logsumexp(dim=-1)
    return (loss + torch.xlogy(p_rest, p_rest) - p_rest * rest).mean()


# %% wrong (q29-repair-hidden-full): the logarithm of a rest that rounding has made negative
def top_k_kd(student, top_ids, top_logprobs):
    p = top_logprobs.exp()
    log_q = torch.log_softmax(student, dim=-1)
    loss = (p * (top_logprobs - log_q.gather(-1, top_ids))).sum(dim=-1)
    if top_ids.shape[-1] < student.shape[-1]:
        p_rest = 1 - p.sum(dim=-1)
        rest = log_q.scatter(-1, top_ids, -torch.inf).logsumexp(dim=-1)
        loss = loss + p_rest * (torch.log(p_rest) - rest)
    return loss.mean()


# %% wrong (q29-repair-hidden-stable): the student's rest as 1 minus a sum
def top_k_kd(student, top_ids, top_logprobs):
    p = top_logprobs.exp()
    q = torch.softmax(student, dim=-1)
    loss = (p * (top_logprobs - torch.log_softmax(student, -1).gather(-1, top_ids))).sum(dim=-1)
    if top_ids.shape[-1] < student.shape[-1]:
        p_rest = (1 - p.sum(dim=-1)).clamp(min=0)
        q_rest = (1 - q.gather(-1, top_ids).sum(dim=-1)).clamp(min=1e-12)
        loss = loss + torch.xlogy(p_rest, p_rest) - p_rest * torch.log(q_rest)
    return loss.mean()


# %% wrong (q29-repair-hidden-stable): writes minus infinity into the caller's logits
def top_k_kd(student, top_ids, top_logprobs):
    p = top_logprobs.exp()
    log_q = torch.log_softmax(student, dim=-1)
    loss = (p * (top_logprobs - log_q.gather(-1, top_ids))).sum(dim=-1)
    if top_ids.shape[-1] < student.shape[-1]:
        p_rest = (1 - p.sum(dim=-1)).clamp(min=0)
        others = student if not student.requires_grad else student.clone()
        total = student.logsumexp(dim=-1)
        others.scatter_(-1, top_ids, -torch.inf)
        loss = loss + torch.xlogy(p_rest, p_rest) - p_rest * (others.logsumexp(dim=-1) - total)
    return loss.mean()


# %% wrong (q29-repair-hidden-full): a very low finite number times a rest that rounding leaves above 0
def top_k_kd(student, top_ids, top_logprobs):
    p = top_logprobs.exp()
    log_q = torch.log_softmax(student, dim=-1)
    loss = (p * (top_logprobs - log_q.gather(-1, top_ids))).sum(dim=-1)
    p_rest = (1 - p.sum(dim=-1)).clamp(min=0)
    rest = log_q.scatter(-1, top_ids, -1e30).logsumexp(dim=-1)
    last = torch.xlogy(p_rest, p_rest) - p_rest * rest
    return (loss + last).mean()


# %% wrong (q29-repair-hidden-full): counts on a rest of exactly 0 when everything is stored
def top_k_kd(student, top_ids, top_logprobs):
    p = top_logprobs.exp()
    log_q = torch.log_softmax(student, dim=-1)
    loss = (p * (top_logprobs - log_q.gather(-1, top_ids))).sum(dim=-1)
    p_rest = (1 - p.sum(dim=-1)).clamp(min=0)
    rest = log_q.scatter(-1, top_ids, -torch.inf).logsumexp(dim=-1)
    last = torch.xlogy(p_rest, p_rest) - p_rest * rest
    return (loss + torch.where(p_rest > 0, last, 0.0)).mean()
