# %% right: policy and reference margins
def dpo_loss(pi_w, pi_l, ref_w, ref_l, beta):
    margin = beta * ((pi_w - pi_l) - (ref_w - ref_l))
    with torch.no_grad():
        r_w, r_l = beta * (pi_w - ref_w), beta * (pi_l - ref_l)
        acc = (r_w > r_l).float().mean().item()
    return torch.nn.functional.softplus(-margin).mean(), r_w, r_l, acc


# %% right: cross-entropy between the two rewards
def dpo_loss(pi_w, pi_l, ref_w, ref_l, beta):
    rewards = torch.stack([pi_w - ref_w, pi_l - ref_l], dim=-1) * beta
    first = torch.zeros(rewards.shape[0], dtype=torch.long)
    loss = torch.nn.functional.cross_entropy(rewards, first)
    r_w, r_l = rewards.detach().unbind(dim=-1)
    right = sum(a > b for a, b in zip(r_w.tolist(), r_l.tolist(), strict=True))
    return loss, r_w, r_l, right / len(r_w)


# %% right: pair by pair
def dpo_loss(pi_w, pi_l, ref_w, ref_l, beta):
    losses, r_w, r_l = [], [], []
    for a, b, c, d in zip(pi_w, pi_l, ref_w, ref_l, strict=True):
        w, l = beta * (a - c), beta * (b - d)  # noqa: E741
        losses.append(-torch.nn.functional.logsigmoid(w - l))
        r_w.append(w.detach())
        r_l.append(l.detach())
    acc = sum(bool(w > l) for w, l in zip(r_w, r_l, strict=True)) / len(r_w)  # noqa: E741
    return torch.stack(losses).mean(), torch.stack(r_w), torch.stack(r_l), acc


# %% right: reports what is still attached
def dpo_loss(pi_w, pi_l, ref_w, ref_l, beta):
    r_w, r_l = beta * (pi_w - ref_w), beta * (pi_l - ref_l)
    loss = -torch.nn.functional.logsigmoid(r_w - r_l).mean()
    return loss, r_w, r_l, (r_w > r_l).float().mean().item()


# %% wrong (q07-dpo-loss-hidden-reference): no reference
def dpo_loss(pi_w, pi_l, ref_w, ref_l, beta):
    r_w, r_l = beta * pi_w, beta * pi_l
    loss = -torch.nn.functional.logsigmoid(r_w - r_l).mean()
    return loss, r_w.detach(), r_l.detach(), float((r_w > r_l).double().mean())


# %% wrong (q07-dpo-loss-hidden-reference): the reference is added
def dpo_loss(pi_w, pi_l, ref_w, ref_l, beta):
    r_w, r_l = beta * (pi_w + ref_w), beta * (pi_l + ref_l)
    loss = -torch.nn.functional.logsigmoid(r_w - r_l).mean()
    return loss, r_w.detach(), r_l.detach(), float((r_w > r_l).double().mean())


# %% wrong (q07-dpo-loss-hidden-values): winner and loser swapped in the loss
def dpo_loss(pi_w, pi_l, ref_w, ref_l, beta):
    r_w, r_l = beta * (pi_w - ref_w), beta * (pi_l - ref_l)
    loss = -torch.nn.functional.logsigmoid(r_l - r_w).mean()
    return loss, r_w.detach(), r_l.detach(), float((r_w > r_l).double().mean())


# %% wrong (q07-dpo-loss-hidden-values): beta in front of the loss instead of inside the sigmoid
def dpo_loss(pi_w, pi_l, ref_w, ref_l, beta):
    r_w, r_l = pi_w - ref_w, pi_l - ref_l
    loss = -beta * torch.nn.functional.logsigmoid(r_w - r_l).mean()
    return loss, beta * r_w.detach(), beta * r_l.detach(), float((r_w > r_l).double().mean())


# %% wrong (q07-dpo-loss-hidden-values): the sum over the batch
def dpo_loss(pi_w, pi_l, ref_w, ref_l, beta):
    r_w, r_l = beta * (pi_w - ref_w), beta * (pi_l - ref_l)
    loss = -torch.nn.functional.logsigmoid(r_w - r_l).sum()
    return loss, r_w.detach(), r_l.detach(), float((r_w > r_l).double().mean())


# %% wrong (q07-dpo-loss-hidden-values): averages the margins before the sigmoid
def dpo_loss(pi_w, pi_l, ref_w, ref_l, beta):
    r_w, r_l = beta * (pi_w - ref_w), beta * (pi_l - ref_l)
    loss = -torch.nn.functional.logsigmoid((r_w - r_l).mean())
    return loss, r_w.detach(), r_l.detach(), float((r_w > r_l).double().mean())


# %% wrong (q07-dpo-loss-hidden-rewards): accuracy from the policy's log-probabilities alone
def dpo_loss(pi_w, pi_l, ref_w, ref_l, beta):
    r_w, r_l = beta * (pi_w - ref_w), beta * (pi_l - ref_l)
    loss = -torch.nn.functional.logsigmoid(r_w - r_l).mean()
    return loss, r_w.detach(), r_l.detach(), float((pi_w > pi_l).double().mean())


# %% wrong (q07-dpo-loss-hidden-rewards): ties count as right
def dpo_loss(pi_w, pi_l, ref_w, ref_l, beta):
    r_w, r_l = beta * (pi_w - ref_w), beta * (pi_l - ref_l)
    loss = -torch.nn.functional.logsigmoid(r_w - r_l).mean()
    return loss, r_w.detach(), r_l.detach(), float((r_w >= r_l).double().mean())


# %% wrong (q07-dpo-loss-hidden-rewards): log-ratios reported without beta
def dpo_loss(pi_w, pi_l, ref_w, ref_l, beta):
    r_w, r_l = pi_w - ref_w, pi_l - ref_l
    loss = -torch.nn.functional.logsigmoid(beta * (r_w - r_l)).mean()
    return loss, r_w.detach(), r_l.detach(), float((r_w > r_l).double().mean())


# %% wrong (q07-dpo-loss-hidden-gradient): detaches before the loss is made
def dpo_loss(pi_w, pi_l, ref_w, ref_l, beta):
    r_w, r_l = beta * (pi_w - ref_w).detach(), beta * (pi_l - ref_l).detach()
    loss = -torch.nn.functional.logsigmoid(r_w - r_l).mean()
    return loss, r_w, r_l, float((r_w > r_l).double().mean())


# %% wrong (q07-dpo-loss-hidden-gradient): only the winner learns
def dpo_loss(pi_w, pi_l, ref_w, ref_l, beta):
    r_w, r_l = beta * (pi_w - ref_w), beta * (pi_l - ref_l)
    loss = -torch.nn.functional.logsigmoid(r_w - r_l.detach()).mean()
    return loss, r_w.detach(), r_l.detach(), float((r_w > r_l).double().mean())


# %% wrong (q07-dpo-loss-hidden-stable): the logarithm of the sigmoid in two steps
def dpo_loss(pi_w, pi_l, ref_w, ref_l, beta):
    r_w, r_l = beta * (pi_w - ref_w), beta * (pi_l - ref_l)
    loss = -torch.log(torch.sigmoid(r_w - r_l)).mean()
    return loss, r_w.detach(), r_l.detach(), float((r_w > r_l).double().mean())


# %% wrong (q07-dpo-loss-hidden-stable): probabilities instead of their logarithms
def dpo_loss(pi_w, pi_l, ref_w, ref_l, beta):
    odds_w, odds_l = (pi_w - ref_w).exp() ** beta, (pi_l - ref_l).exp() ** beta
    loss = -torch.log(odds_w / (odds_w + odds_l)).mean()
    r_w, r_l = odds_w.log().detach(), odds_l.log().detach()
    return loss, r_w, r_l, float((r_w > r_l).double().mean())


# %% wrong (q07-dpo-loss-hidden-gradient): relu, whose gradient is 0 where the policy is the reference
def dpo_loss(pi_w, pi_l, ref_w, ref_l, beta):
    r_w, r_l = beta * (pi_w - ref_w), beta * (pi_l - ref_l)
    d = r_w - r_l
    loss = (torch.relu(-d) + torch.log1p(torch.exp(-d.abs()))).mean()
    return loss, r_w.detach(), r_l.detach(), float((r_w > r_l).double().mean())


# %% wrong (q07-dpo-loss-hidden-gradient): clamp, whose gradient is twice too large there
def dpo_loss(pi_w, pi_l, ref_w, ref_l, beta):
    r_w, r_l = beta * (pi_w - ref_w), beta * (pi_l - ref_l)
    d = r_w - r_l
    loss = (torch.clamp(-d, min=0) + torch.log1p(torch.exp(-d.abs()))).mean()
    return loss, r_w.detach(), r_l.detach(), float((r_w > r_l).double().mean())


# %% wrong (q07-dpo-loss-hidden-rewards): the accuracy is left in a tensor
def dpo_loss(pi_w, pi_l, ref_w, ref_l, beta):
    r_w, r_l = beta * (pi_w - ref_w), beta * (pi_l - ref_l)
    loss = -torch.nn.functional.logsigmoid(r_w - r_l).mean()
    return loss, r_w.detach(), r_l.detach(), (r_w > r_l).double().mean()
