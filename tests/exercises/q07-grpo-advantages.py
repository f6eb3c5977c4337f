# %% right: group by group with plain numbers
def grpo_advantages(rewards, eps=1e-4, scale=True):
    rows = []
    for row in rewards.tolist():
        mean = sum(row) / len(row)
        centred = [x - mean for x in row]
        if len(row) == 1:
            centred = [0.0]
        elif scale:
            deviation = math.sqrt(sum(c * c for c in centred) / (len(row) - 1))
            centred = [c / (deviation + eps) for c in centred]
        rows.append(centred)
    return torch.tensor(rows, dtype=rewards.dtype)


# %% right: NaN of a single answer replaced
def grpo_advantages(rewards, eps=1e-4, scale=True):
    advantages = rewards - rewards.mean(-1, keepdim=True)
    if scale:
        std = rewards.std(dim=-1, keepdim=True) if rewards.shape[-1] > 1 else 0.0
        advantages = advantages / (std + eps)
    return advantages


# %% right: the denominator written out
def grpo_advantages(rewards, eps=1e-4, scale=True):
    G = rewards.size(1)
    centred = rewards - rewards.sum(1, keepdim=True) / G
    if not scale:
        return centred
    variance = centred.pow(2).sum(1, keepdim=True) / max(G - 1, 1)
    return centred / (variance.sqrt() + eps)


# %% right: transposed, with torch.std_mean and where
def grpo_advantages(rewards, eps=1e-4, scale=True):
    columns = rewards.T
    if len(columns) == 1:
        return rewards - rewards
    std, mean = torch.std_mean(columns, dim=0)
    centred = columns - mean
    return (torch.where(std > 0, centred / (std + eps), centred) if scale else centred).T


# %% wrong (q07-grpo-advantages-hidden-scale): the standard deviation with G in the denominator
def grpo_advantages(rewards, eps=1e-4, scale=True):
    centred = rewards - rewards.mean(dim=1, keepdim=True)
    return centred / (rewards.std(dim=1, keepdim=True, correction=0) + eps) if scale else centred


# %% wrong (q07-grpo-advantages-hidden-group): mean and deviation of the whole batch
def grpo_advantages(rewards, eps=1e-4, scale=True):
    if rewards.shape[1] == 1:
        return torch.zeros_like(rewards)
    centred = rewards - rewards.mean()
    return centred / (rewards.std() + eps) if scale else centred


# %% wrong (q07-grpo-advantages-hidden-group): the group's mean, but the deviation of the whole batch
def grpo_advantages(rewards, eps=1e-4, scale=True):
    if rewards.shape[1] == 1:
        return torch.zeros_like(rewards)
    centred = rewards - rewards.mean(dim=1, keepdim=True)
    return centred / (rewards.std() + eps) if scale else centred


# %% wrong (q07-grpo-advantages-hidden-group): compares with the mean of the others
def grpo_advantages(rewards, eps=1e-4, scale=True):
    G = rewards.shape[1]
    if G == 1:
        return torch.zeros_like(rewards)
    others = (rewards.sum(dim=1, keepdim=True) - rewards) / (G - 1)
    centred = rewards - others
    return centred / (rewards.std(dim=1, keepdim=True) + eps) if scale else centred


# %% wrong (q07-grpo-advantages-hidden-equal): one answer gives NaN
def grpo_advantages(rewards, eps=1e-4, scale=True):
    centred = rewards - rewards.mean(dim=1, keepdim=True)
    return centred / (rewards.std(dim=1, keepdim=True) + eps) if scale else centred


# %% wrong (q07-grpo-advantages-hidden-equal): no eps, so equal rewards give NaN
def grpo_advantages(rewards, eps=1e-4, scale=True):
    if rewards.shape[1] == 1:
        return torch.zeros_like(rewards)
    centred = rewards - rewards.mean(dim=1, keepdim=True)
    return centred / rewards.std(dim=1, keepdim=True) if scale else centred


# %% wrong (q07-grpo-advantages-hidden-equal): gives up on the batch if one group is all equal
def grpo_advantages(rewards, eps=1e-4, scale=True):
    centred = rewards - rewards.mean(dim=1, keepdim=True)
    if rewards.shape[1] == 1 or (centred.abs().amax(dim=1) == 0).any():
        return torch.zeros_like(rewards)
    return centred / (rewards.std(dim=1, keepdim=True) + eps) if scale else centred


# %% wrong (q07-grpo-advantages-hidden-scale): scales always
def grpo_advantages(rewards, eps=1e-4, scale=True):
    if rewards.shape[1] == 1:
        return torch.zeros_like(rewards)
    centred = rewards - rewards.mean(dim=1, keepdim=True)
    return centred / (rewards.std(dim=1, keepdim=True) + eps)


# %% wrong (q07-grpo-advantages-hidden-scale): eps inside the square root
def grpo_advantages(rewards, eps=1e-4, scale=True):
    if rewards.shape[1] == 1:
        return torch.zeros_like(rewards)
    centred = rewards - rewards.mean(dim=1, keepdim=True)
    return centred / (rewards.var(dim=1, keepdim=True) + eps).sqrt() if scale else centred


# %% wrong (q07-grpo-advantages-hidden-scale): eps as a lower bound
def grpo_advantages(rewards, eps=1e-4, scale=True):
    if rewards.shape[1] == 1:
        return torch.zeros_like(rewards)
    centred = rewards - rewards.mean(dim=1, keepdim=True)
    return centred / rewards.std(dim=1, keepdim=True).clamp(min=eps) if scale else centred


# %% wrong (q07-grpo-advantages-hidden-dtype): works in the caller's tensor
def grpo_advantages(rewards, eps=1e-4, scale=True):
    if rewards.shape[1] == 1:
        return torch.zeros_like(rewards)
    std = rewards.std(dim=1, keepdim=True)
    rewards -= rewards.mean(dim=1, keepdim=True)
    return rewards / (std + eps) if scale else rewards


# %% wrong (q07-grpo-advantages-hidden-dtype): float64 whatever comes in
def grpo_advantages(rewards, eps=1e-4, scale=True):
    if rewards.shape[1] == 1:
        return torch.zeros_like(rewards)
    rewards = rewards.double()
    centred = rewards - rewards.mean(dim=1, keepdim=True)
    return centred / (rewards.std(dim=1, keepdim=True) + eps) if scale else centred


# %% wrong (q07-grpo-advantages-hidden-equal): a deviation that one silent group makes 1 for all
def grpo_advantages(rewards, eps=1e-4, scale=True):
    if rewards.shape[1] == 1:
        return torch.zeros_like(rewards)
    centred = rewards - rewards.mean(dim=1, keepdim=True)
    std = rewards.std(dim=1, keepdim=True)
    if (std == 0).any():
        std = torch.ones_like(std)
    return centred / (std + eps) if scale else centred
