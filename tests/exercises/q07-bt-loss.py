# %% right: softplus
def bt_loss(r_w, r_l):
    return torch.nn.functional.softplus(r_l - r_w).mean()


# %% right: cross-entropy with the winner as class 0
def bt_loss(r_w, r_l):
    both = torch.stack([r_w, r_l], dim=1)
    return torch.nn.functional.cross_entropy(both, torch.zeros(len(r_w), dtype=torch.long))


# %% right: logaddexp
def bt_loss(r_w, r_l):
    return (torch.logaddexp(r_w, r_l) - r_w).sum() / r_w.numel()


# %% right: binary cross-entropy with logits
def bt_loss(r_w, r_l):
    margin = r_w - r_l
    return torch.nn.functional.binary_cross_entropy_with_logits(margin, torch.ones_like(margin))


# %% right: the stable form written out, whose maximum shares the gradient at a tie
def bt_loss(r_w, r_l):
    d = r_w - r_l
    return (torch.maximum(-d, torch.zeros_like(d)) + torch.log1p(torch.exp(-d.abs()))).mean()


# %% wrong (q07-bt-loss-hidden-stable): the logarithm of the sigmoid in two steps
def bt_loss(r_w, r_l):
    return -torch.log(torch.sigmoid(r_w - r_l)).mean()


# %% wrong (q07-bt-loss-hidden-stable): a small number inside the logarithm
def bt_loss(r_w, r_l):
    return -torch.log(torch.sigmoid(r_w - r_l) + 1e-12).mean()


# %% wrong (q07-bt-loss-hidden-stable): log1p of an exp that overflows
def bt_loss(r_w, r_l):
    return torch.log1p(torch.exp(r_l - r_w)).mean()


# %% wrong (q07-bt-loss-hidden-values): winner and loser swapped
def bt_loss(r_w, r_l):
    return -torch.nn.functional.logsigmoid(r_l - r_w).mean()


# %% wrong (q07-bt-loss-hidden-values): the sum over pairs
def bt_loss(r_w, r_l):
    return -torch.nn.functional.logsigmoid(r_w - r_l).sum()


# %% wrong (q07-bt-loss-hidden-values): one minus the probability, without a logarithm
def bt_loss(r_w, r_l):
    return (1 - torch.sigmoid(r_w - r_l)).mean()


# %% wrong (q07-bt-loss-hidden-gradient): the loser is detached
def bt_loss(r_w, r_l):
    return -torch.nn.functional.logsigmoid(r_w - r_l.detach()).mean()


# %% wrong (q07-bt-loss-hidden-gradient): relu, whose gradient at a tie is 0
def bt_loss(r_w, r_l):
    d = r_w - r_l
    return (torch.relu(-d) + torch.log1p(torch.exp(-d.abs()))).mean()


# %% wrong (q07-bt-loss-hidden-gradient): clamp, whose gradient at a tie is twice too large
def bt_loss(r_w, r_l):
    d = r_w - r_l
    return (torch.clamp(-d, min=0) + torch.log1p(torch.exp(-d.abs()))).mean()
