# %% right: only the tokens that count
def ppo_clip_loss(logp, old_logp, adv, mask, clip=0.2):
    if not mask.any():
        return logp.sum() * 0
    ratio = (logp[mask] - old_logp[mask]).exp()
    A = adv[mask]
    return -torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A).mean()


# %% right: the larger of two losses
def ppo_clip_loss(logp, old_logp, adv, mask, clip=0.2):
    difference = (logp - old_logp).masked_fill(~mask, 0.0)
    advantage = adv.masked_fill(~mask, 0.0)
    ratio = torch.exp(difference)
    losses = torch.max(-advantage * ratio, -advantage * torch.clamp(ratio, 1 - clip, 1 + clip))
    return losses.sum() / max(int(mask.sum()), 1)


# %% right: by the sign of the advantage
def ppo_clip_loss(logp, old_logp, adv, mask, clip=0.2):
    zero = torch.zeros_like(logp)
    ratio = torch.where(mask, logp - old_logp, zero).exp()
    bounded = torch.where(adv > 0, ratio.clamp(max=1 + clip), ratio.clamp(min=1 - clip))
    total = torch.where(mask, bounded * adv, zero).sum()
    return -total / max(1, mask.sum().item())


# %% right: token by token
def ppo_clip_loss(logp, old_logp, adv, mask, clip=0.2):
    total, n = logp.new_zeros(()), 0
    for b, t in torch.nonzero(mask).tolist():
        ratio, A = (logp[b, t] - old_logp[b, t]).exp(), adv[b, t]
        total = total - torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
        n += 1
    return total / n if n else total


# %% right: a 0 without a graph where no token counts
def ppo_clip_loss(logp, old_logp, adv, mask, clip=0.2):
    if int(mask.sum()) == 0:
        return logp.new_zeros(())
    ratio = torch.exp(logp[mask] - old_logp[mask].detach())
    surrogate = torch.min(ratio * adv[mask], torch.clip(ratio, 1 - clip, 1 + clip) * adv[mask])
    return -surrogate.mean()


# %% wrong (q07-ppo-clip-loss-hidden-min): the smaller ratio, whatever the sign of the advantage
def ppo_clip_loss(logp, old_logp, adv, mask, clip=0.2):
    ratio = torch.where(mask, logp - old_logp, 0.0).exp()
    objective = torch.min(ratio, ratio.clamp(1 - clip, 1 + clip)) * adv
    return -torch.where(mask, objective, 0.0).sum() / mask.sum().clamp(min=1)


# %% wrong (q07-ppo-clip-loss-hidden-min): clips and forgets the minimum
def ppo_clip_loss(logp, old_logp, adv, mask, clip=0.2):
    ratio = torch.where(mask, logp - old_logp, 0.0).exp()
    objective = ratio.clamp(1 - clip, 1 + clip) * adv
    return -torch.where(mask, objective, 0.0).sum() / mask.sum().clamp(min=1)


# %% wrong (q07-ppo-clip-loss-hidden-min): the larger product
def ppo_clip_loss(logp, old_logp, adv, mask, clip=0.2):
    ratio = torch.where(mask, logp - old_logp, 0.0).exp()
    objective = torch.max(ratio * adv, ratio.clamp(1 - clip, 1 + clip) * adv)
    return -torch.where(mask, objective, 0.0).sum() / mask.sum().clamp(min=1)


# %% wrong (q07-ppo-clip-loss-hidden-min): only the upper bound
def ppo_clip_loss(logp, old_logp, adv, mask, clip=0.2):
    ratio = torch.where(mask, logp - old_logp, 0.0).exp()
    objective = torch.min(ratio * adv, ratio.clamp(max=1 + clip) * adv)
    return -torch.where(mask, objective, 0.0).sum() / mask.sum().clamp(min=1)


# %% wrong (q07-ppo-clip-loss-hidden-min): bounds that are each other's reciprocal
def ppo_clip_loss(logp, old_logp, adv, mask, clip=0.2):
    ratio = torch.where(mask, logp - old_logp, 0.0).exp()
    objective = torch.min(ratio * adv, ratio.clamp(1 / (1 + clip), 1 + clip) * adv)
    return -torch.where(mask, objective, 0.0).sum() / mask.sum().clamp(min=1)


# %% wrong (q07-ppo-clip-loss-hidden-gradient): the policy's log-probabilities are detached
def ppo_clip_loss(logp, old_logp, adv, mask, clip=0.2):
    ratio = torch.where(mask, logp.detach() - old_logp, 0.0).exp()
    objective = torch.min(ratio * adv, ratio.clamp(1 - clip, 1 + clip) * adv)
    return -torch.where(mask, objective, 0.0).sum() / mask.sum().clamp(min=1)


# %% wrong (q07-ppo-clip-loss-hidden-gradient): the clipped ratio as a fixed weight of log-probabilities
def ppo_clip_loss(logp, old_logp, adv, mask, clip=0.2):
    ratio = torch.where(mask, logp - old_logp, 0.0).exp()
    smaller = torch.min(ratio * adv, ratio.clamp(1 - clip, 1 + clip) * adv).detach()
    objective = smaller * (1 + logp - logp.detach())
    return -torch.where(mask, objective, 0.0).sum() / mask.sum().clamp(min=1)


# %% wrong (q07-ppo-clip-loss-hidden-mean): the average of the answers' averages
def ppo_clip_loss(logp, old_logp, adv, mask, clip=0.2):
    ratio = torch.where(mask, logp - old_logp, 0.0).exp()
    objective = torch.min(ratio * adv, ratio.clamp(1 - clip, 1 + clip) * adv)
    each = torch.where(mask, objective, 0.0).sum(dim=1) / mask.sum(dim=1).clamp(min=1)
    return -each.mean()


# %% wrong (q07-ppo-clip-loss-hidden-mean): divides by all positions, padding included
def ppo_clip_loss(logp, old_logp, adv, mask, clip=0.2):
    ratio = torch.where(mask, logp - old_logp, 0.0).exp()
    objective = torch.min(ratio * adv, ratio.clamp(1 - clip, 1 + clip) * adv)
    return -torch.where(mask, objective, 0.0).mean()


# %% wrong (q07-ppo-clip-loss-hidden-min): the ratio of whole answers
def ppo_clip_loss(logp, old_logp, adv, mask, clip=0.2):
    ratio = torch.where(mask, logp - old_logp, 0.0).sum(dim=1, keepdim=True).exp()
    objective = torch.min(ratio * adv, ratio.clamp(1 - clip, 1 + clip) * adv)
    return -torch.where(mask, objective, 0.0).sum() / mask.sum().clamp(min=1)


# %% wrong (q07-ppo-clip-loss-hidden-mask): multiplies what overflowed by 0
def ppo_clip_loss(logp, old_logp, adv, mask, clip=0.2):
    ratio = (logp - old_logp).exp()
    objective = torch.min(ratio * adv, ratio.clamp(1 - clip, 1 + clip) * adv)
    return -(objective * mask).sum() / mask.sum().clamp(min=1)


# %% wrong (q07-ppo-clip-loss-hidden-mask): takes the overflow out of the value, but not out of the gradient
def ppo_clip_loss(logp, old_logp, adv, mask, clip=0.2):
    ratio = (logp - old_logp).exp()
    objective = torch.min(ratio * adv, ratio.clamp(1 - clip, 1 + clip) * adv)
    return -torch.where(mask, objective, 0.0).sum() / mask.sum().clamp(min=1)


# %% wrong (q07-ppo-clip-loss-hidden-empty): 0 / 0 without any token
def ppo_clip_loss(logp, old_logp, adv, mask, clip=0.2):
    ratio = torch.where(mask, logp - old_logp, 0.0).exp()
    objective = torch.min(ratio * adv, ratio.clamp(1 - clip, 1 + clip) * adv)
    return -torch.where(mask, objective, 0.0).sum() / mask.sum()


# %% wrong (q07-ppo-clip-loss-hidden-empty): masks the caller's tensor in place
def ppo_clip_loss(logp, old_logp, adv, mask, clip=0.2):
    ratio = torch.where(mask, logp - old_logp, 0.0).exp()
    adv[~mask] = 0.0
    objective = torch.min(ratio * adv, ratio.clamp(1 - clip, 1 + clip) * adv)
    return -objective.sum() / mask.sum().clamp(min=1)
