# %% right: logsumexp minus the diagonal
def info_nce(Q, D, tau):
    if D.shape[0] < Q.shape[0] or not tau > 0:
        raise ValueError("M >= B and tau > 0")
    q = Q / Q.norm(dim=1, keepdim=True).clamp(min=1e-12)
    d = D / D.norm(dim=1, keepdim=True).clamp(min=1e-12)
    logits = q @ d.T / tau
    return (logits.logsumexp(dim=1) - logits.diagonal()).mean()


# %% right: log_softmax, query by query
def info_nce(Q, D, tau):
    B, M = len(Q), len(D)
    if B > M:
        raise ValueError("fewer texts than queries")
    if tau <= 0:
        raise ValueError("tau")
    total = 0
    for i in range(B):
        cos = torch.cosine_similarity(Q[i : i + 1], D, dim=-1)
        total = total - torch.log_softmax(cos / tau, dim=0)[i]
    return total / B


# %% right: the maximum subtracted by hand
def info_nce(Q, D, tau):
    if len(D) < len(Q) or tau <= 0:
        raise ValueError("bad arguments")
    norm = torch.nn.functional.normalize
    logits = (norm(Q, dim=1) / tau) @ norm(D, dim=1).T
    shifted = logits - logits.max(dim=1, keepdim=True).values
    own = shifted[range(len(Q)), range(len(Q))]
    return torch.mean(shifted.exp().sum(dim=1).log() - own)


# %% right: a small number added to the lengths, a loop over the queries
def info_nce(Q, D, tau):
    if tau <= 0 or len(Q) > len(D):
        raise ValueError("info_nce needs tau > 0 and a text for every query")
    q = Q / (Q.norm(dim=1, keepdim=True) + 1e-8)
    d = D / (D.norm(dim=1, keepdim=True) + 1e-8)
    loss = 0.0
    for i in range(len(q)):
        scores = (d @ q[i]) / tau
        loss = loss + torch.logsumexp(scores, 0) - scores[i]
    return loss / len(q)


# %% wrong (q12-info-nce-hidden-value): both directions, as CLIP does
def info_nce(Q, D, tau):
    if len(D) < len(Q) or tau <= 0:
        raise ValueError("bad arguments")
    Q, D = (torch.nn.functional.normalize(x, dim=-1) for x in (Q, D))
    logits = Q @ D.T / tau
    own = torch.arange(len(Q))
    forth = torch.nn.functional.cross_entropy(logits, own)
    back = torch.nn.functional.cross_entropy(logits[:, : len(Q)].T, own)
    return (forth + back) / 2


# %% wrong (q12-info-nce-hidden-value): takes the texts from B on for nobody's, and leaves them out
def info_nce(Q, D, tau):
    if len(D) < len(Q) or tau <= 0:
        raise ValueError("bad arguments")
    Q, D = (torch.nn.functional.normalize(x, dim=-1) for x in (Q, D[: len(Q)]))
    return torch.nn.functional.cross_entropy(Q @ D.T / tau, torch.arange(len(Q)))


# %% wrong (q12-info-nce-hidden-value): leaves the right text out of the denominator
def info_nce(Q, D, tau):
    if len(D) < len(Q) or tau <= 0:
        raise ValueError("bad arguments")
    Q, D = (torch.nn.functional.normalize(x, dim=-1) for x in (Q, D))
    logits = Q @ D.T / tau
    own = torch.eye(len(Q), len(D), dtype=torch.bool)
    return (logits.masked_fill(own, -torch.inf).logsumexp(dim=1) - logits.diagonal()).mean()


# %% wrong (q12-info-nce-hidden-value): multiplies by tau
def info_nce(Q, D, tau):
    if len(D) < len(Q) or tau <= 0:
        raise ValueError("bad arguments")
    Q, D = (torch.nn.functional.normalize(x, dim=-1) for x in (Q, D))
    return torch.nn.functional.cross_entropy(Q @ D.T * tau, torch.arange(len(Q)))


# %% wrong (q12-info-nce-hidden-value): the sum over the queries instead of the mean
def info_nce(Q, D, tau):
    if len(D) < len(Q) or tau <= 0:
        raise ValueError("bad arguments")
    Q, D = (torch.nn.functional.normalize(x, dim=-1) for x in (Q, D))
    return torch.nn.functional.cross_entropy(Q @ D.T / tau, torch.arange(len(Q)), reduction="sum")


# %% wrong (q12-info-nce-hidden-value): the softmax over the queries instead of the texts
def info_nce(Q, D, tau):
    if len(D) < len(Q) or tau <= 0:
        raise ValueError("bad arguments")
    Q, D = (torch.nn.functional.normalize(x, dim=-1) for x in (Q, D))
    return -torch.log_softmax(Q @ D.T / tau, dim=0).diagonal().mean()


# %% wrong (q12-info-nce-hidden-value): positives off the diagonal, the last B texts
def info_nce(Q, D, tau):
    if len(D) < len(Q) or tau <= 0:
        raise ValueError("bad arguments")
    Q, D = (torch.nn.functional.normalize(x, dim=-1) for x in (Q, D))
    own = torch.arange(len(D) - len(Q), len(D))
    return torch.nn.functional.cross_entropy(Q @ D.T / tau, own)


# %% wrong (q12-info-nce-hidden-value): fewer texts than queries are cut silently
def info_nce(Q, D, tau):
    if tau <= 0:
        raise ValueError("bad tau")
    Q = Q[: len(D)]
    Q, D = (torch.nn.functional.normalize(x, dim=-1) for x in (Q, D))
    return torch.nn.functional.cross_entropy(Q @ D.T / tau, torch.arange(len(Q)))


# %% wrong (q12-info-nce-hidden-length): dot products instead of cosines
def info_nce(Q, D, tau):
    if len(D) < len(Q) or tau <= 0:
        raise ValueError("bad arguments")
    return torch.nn.functional.cross_entropy(Q @ D.T / tau, torch.arange(len(Q)))


# %% wrong (q12-info-nce-hidden-length): normalises the texts only
def info_nce(Q, D, tau):
    if len(D) < len(Q) or tau <= 0:
        raise ValueError("bad arguments")
    D = torch.nn.functional.normalize(D, dim=-1)
    return torch.nn.functional.cross_entropy(Q @ D.T / tau, torch.arange(len(Q)))


# %% wrong (q12-info-nce-hidden-length): a row of zeros divided by its length
def info_nce(Q, D, tau):
    if len(D) < len(Q) or tau <= 0:
        raise ValueError("bad arguments")
    Q, D = (x / x.norm(dim=-1, keepdim=True) for x in (Q, D))
    return torch.nn.functional.cross_entropy(Q @ D.T / tau, torch.arange(len(Q)))


# %% wrong (q12-info-nce-hidden-length): one length for the whole matrix
def info_nce(Q, D, tau):
    if len(D) < len(Q) or tau <= 0:
        raise ValueError("bad arguments")
    Q, D = Q / Q.norm().clamp(min=1e-12), D / D.norm().clamp(min=1e-12)
    return torch.nn.functional.cross_entropy(Q @ D.T / tau, torch.arange(len(Q)))


# %% wrong (q12-info-nce-hidden-stable): exp of the logits as they are
def info_nce(Q, D, tau):
    if len(D) < len(Q) or tau <= 0:
        raise ValueError("bad arguments")
    Q, D = (torch.nn.functional.normalize(x, dim=-1) for x in (Q, D))
    e = torch.exp(Q @ D.T / tau)
    return -torch.log(e.diagonal() / e.sum(dim=1)).mean()


# %% wrong (q12-info-nce-hidden-stable): the logarithm of a softmax
def info_nce(Q, D, tau):
    if len(D) < len(Q) or tau <= 0:
        raise ValueError("bad arguments")
    Q, D = (torch.nn.functional.normalize(x, dim=-1) for x in (Q, D))
    return -torch.log(torch.softmax(Q @ D.T / tau, dim=1).diagonal()).mean()


# %% wrong (q12-info-nce-hidden-gradient): the loss as a detached number
def info_nce(Q, D, tau):
    if len(D) < len(Q) or tau <= 0:
        raise ValueError("bad arguments")
    Q, D = (torch.nn.functional.normalize(x, dim=-1) for x in (Q, D))
    loss = torch.nn.functional.cross_entropy(Q @ D.T / tau, torch.arange(len(Q)))
    return torch.tensor(loss.item(), dtype=Q.dtype)


# %% wrong (q12-info-nce-hidden-gradient): no gradient through the texts
def info_nce(Q, D, tau):
    if len(D) < len(Q) or tau <= 0:
        raise ValueError("bad arguments")
    Q, D = (torch.nn.functional.normalize(x, dim=-1) for x in (Q, D.detach()))
    return torch.nn.functional.cross_entropy(Q @ D.T / tau, torch.arange(len(Q)))


# %% wrong (q12-info-nce-hidden-gradient): lengths taken as constants
def info_nce(Q, D, tau):
    if len(D) < len(Q) or tau <= 0:
        raise ValueError("bad arguments")
    Q, D = (x / x.detach().norm(dim=-1, keepdim=True).clamp(min=1e-12) for x in (Q, D))
    return torch.nn.functional.cross_entropy(Q @ D.T / tau, torch.arange(len(Q)))
