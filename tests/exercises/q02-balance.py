# %% right: one-hot counts
def load_balance_loss(probs, idx):
    N, E = probs.shape
    counts = torch.nn.functional.one_hot(idx, E).sum(dim=(0, 1))
    f = counts.to(probs.dtype) / idx.numel()
    P = probs.mean(dim=0)
    return E * torch.sum(f * P)


# %% right: a loop over the experts
def load_balance_loss(probs, idx):
    E = probs.shape[-1]
    total = probs.new_zeros(())
    for e in range(E):
        total = total + (idx == e).sum() / idx.numel() * probs[:, e].mean()
    return E * total


# %% right: gathers: the mean over assignments of the chosen column means
def load_balance_loss(probs, idx):
    return probs.shape[1] * probs.mean(0)[idx].mean()


# %% wrong (q02-balance-hidden-value): forgets the factor E
def load_balance_loss(probs, idx):
    N, E = probs.shape
    counts = torch.nn.functional.one_hot(idx, E).sum(dim=(0, 1))
    f = counts.to(probs.dtype) / idx.numel()
    P = probs.mean(dim=0)
    return torch.sum(f * P)


# %% wrong (q02-balance-hidden-value): counts only experts that occur
def load_balance_loss(probs, idx):
    N, E = probs.shape
    counts = torch.bincount(idx.flatten())
    f = counts.to(probs.dtype) / idx.numel()
    P = probs.mean(dim=0)[: len(f)]
    return len(f) * torch.sum(f * P)


# %% wrong (q02-balance-hidden-value): sums the probabilities instead of averaging them
def load_balance_loss(probs, idx):
    N, E = probs.shape
    counts = torch.nn.functional.one_hot(idx, E).sum(dim=(0, 1))
    f = counts.to(probs.dtype) / idx.numel()
    P = probs.sum(dim=0)
    return E * torch.sum(f * P)


# %% wrong (q02-balance-hidden-value): the shares squared
def load_balance_loss(probs, idx):
    N, E = probs.shape
    counts = torch.nn.functional.one_hot(idx, E).sum(dim=(0, 1))
    f = counts.to(probs.dtype) / idx.numel()
    P = probs.mean(dim=0)
    return E * torch.sum(f * f + 0 * P)


# %% wrong (q02-balance-hidden-value): returns float64 for float32 probabilities
def load_balance_loss(probs, idx):
    N, E = probs.shape
    counts = torch.nn.functional.one_hot(idx, E).sum(dim=(0, 1))
    f = counts.to(probs.dtype) / idx.numel()
    P = probs.mean(dim=0)
    return E * torch.sum(f * P).double()


# %% wrong (q02-balance-hidden-several): divides the counts by N alone
def load_balance_loss(probs, idx):
    N, E = probs.shape
    counts = torch.nn.functional.one_hot(idx, E).sum(dim=(0, 1))
    f = counts.to(probs.dtype) / N
    P = probs.mean(dim=0)
    return E * torch.sum(f * P)


# %% wrong (q02-balance-hidden-several): looks at the first choice alone
def load_balance_loss(probs, idx):
    N, E = probs.shape
    counts = torch.nn.functional.one_hot(idx[:, 0], E).sum(dim=0)
    f = counts.to(probs.dtype) / N
    P = probs.mean(dim=0)
    return E * torch.sum(f * P)


# %% wrong (q02-balance-hidden-gradient): detaches the probabilities
def load_balance_loss(probs, idx):
    N, E = probs.shape
    counts = torch.nn.functional.one_hot(idx, E).sum(dim=(0, 1))
    f = counts.to(probs.dtype) / idx.numel()
    P = probs.detach().mean(dim=0)
    return E * torch.sum(f * P)


# %% wrong (q02-balance-hidden-gradient): a number instead of a tensor
def load_balance_loss(probs, idx):
    N, E = probs.shape
    counts = torch.nn.functional.one_hot(idx, E).sum(dim=(0, 1))
    f = counts.to(probs.dtype) / idx.numel()
    P = probs.mean(dim=0)
    return torch.tensor((E * torch.sum(f * P)).item(), dtype=probs.dtype)
