# %% right: a loop over positions
def soft_prompt_loss(prompt, table, ids, labels):
    table = table.detach()
    total, n = prompt.sum(dim=0), prompt.shape[0]
    total = total.expand(ids.shape[0], -1)
    losses = []
    for t in range(ids.shape[1]):
        logits = (total / n) @ table.T
        losses.append(torch.nn.functional.cross_entropy(logits, labels[:, t], reduction="sum"))
        total, n = total + table[ids[:, t]], n + 1
    return torch.stack(losses).sum() / (labels != -100).sum()


# %% right: a lower triangular matrix of means, and labels padded for the prompt
def soft_prompt_loss(prompt, table, ids, labels):
    frozen = table.clone().detach()
    B, P = ids.shape[0], prompt.shape[0]
    x = torch.cat([prompt.unsqueeze(0).repeat(B, 1, 1), frozen[ids]], dim=1)
    n = x.shape[1]
    weights = torch.tril(torch.ones(n, n, dtype=x.dtype))
    weights = weights / weights.sum(dim=1, keepdim=True)
    logits = (weights @ x) @ frozen.T
    padded = torch.cat([torch.full((B, P), -100), labels], dim=1)
    return torch.nn.functional.cross_entropy(
        logits[:, :-1].reshape(-1, table.shape[0]), padded[:, 1:].reshape(-1)
    )


# %% right: log-softmax and gather on the labels that count
def soft_prompt_loss(prompt, table, ids, labels):
    frozen = table.detach()
    embedded = torch.nn.functional.embedding(ids, frozen)
    x = torch.cat([prompt[None].expand(len(ids), *prompt.shape), embedded], dim=1)
    states = x.cumsum(1) / torch.arange(1, x.shape[1] + 1, dtype=x.dtype).view(1, -1, 1)
    log_p = torch.log_softmax(states[:, len(prompt) - 1 : -1] @ frozen.t(), dim=-1)
    keep = labels != -100
    return -log_p[keep].gather(1, labels[keep][:, None]).mean()


# %% wrong (q06-soft-prompt-hidden-place): no shift, the position of a label predicts it
def soft_prompt_loss(prompt, table, ids, labels):
    frozen = table.detach()
    B, T = ids.shape
    P = prompt.shape[0]
    x = torch.cat([prompt.expand(B, -1, -1), frozen[ids]], dim=1)
    counts = torch.arange(1, P + T + 1, dtype=x.dtype)
    states = x.cumsum(dim=1) / counts[:, None]
    logits = states[:, P : P + T] @ frozen.T
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())


# %% wrong (q06-soft-prompt-hidden-place): the prompt stands behind the text
def soft_prompt_loss(prompt, table, ids, labels):
    frozen = table.detach()
    B, T = ids.shape
    P = prompt.shape[0]
    x = torch.cat([frozen[ids], prompt.expand(B, -1, -1)], dim=1)
    counts = torch.arange(1, P + T + 1, dtype=x.dtype)
    states = x.cumsum(dim=1) / counts[:, None]
    logits = states[:, P - 1 : P + T - 1] @ frozen.T
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())


# %% wrong (q06-soft-prompt-hidden-place): looks at the whole sequence, the answer too
def soft_prompt_loss(prompt, table, ids, labels):
    frozen = table.detach()
    B, T = ids.shape
    P = prompt.shape[0]
    x = torch.cat([prompt.expand(B, -1, -1), frozen[ids]], dim=1)
    states = x.mean(dim=1, keepdim=True).expand(-1, P + T, -1)
    logits = states[:, P - 1 : P + T - 1] @ frozen.T
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())


# %% wrong (q06-soft-prompt-hidden-place): a sum where the mean was asked for
def soft_prompt_loss(prompt, table, ids, labels):
    frozen = table.detach()
    B, T = ids.shape
    P = prompt.shape[0]
    x = torch.cat([prompt.expand(B, -1, -1), frozen[ids]], dim=1)
    states = x.cumsum(dim=1)
    logits = states[:, P - 1 : P + T - 1] @ frozen.T
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())


# %% wrong (q06-soft-prompt-hidden-place): the mean over the text's positions only
def soft_prompt_loss(prompt, table, ids, labels):
    frozen = table.detach()
    B, T = ids.shape
    P = prompt.shape[0]
    x = torch.cat([prompt.expand(B, -1, -1), frozen[ids]], dim=1)
    counts = torch.arange(1, P + T + 1, dtype=x.dtype)
    states = x.cumsum(dim=1) / (counts - P + 1).clamp(min=1)[:, None]
    logits = states[:, P - 1 : P + T - 1] @ frozen.T
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())


# %% wrong (q06-soft-prompt-hidden-place): the first label is not predicted
def soft_prompt_loss(prompt, table, ids, labels):
    frozen = table.detach()
    B, T = ids.shape
    P = prompt.shape[0]
    x = torch.cat([prompt.expand(B, -1, -1), frozen[ids]], dim=1)
    states = x.cumsum(dim=1) / torch.arange(1, P + T + 1, dtype=x.dtype)[:, None]
    logits = states[:, P : P + T - 1] @ frozen.T
    targets = labels[:, 1:].flatten()
    total = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets, reduction="sum")
    return total / (targets != -100).sum().clamp(min=1)


# %% wrong (q06-soft-prompt-hidden-mean): the mean of the rows' means
def soft_prompt_loss(prompt, table, ids, labels):
    frozen = table.detach()
    B, T = ids.shape
    P = prompt.shape[0]
    x = torch.cat([prompt.expand(B, -1, -1), frozen[ids]], dim=1)
    counts = torch.arange(1, P + T + 1, dtype=x.dtype)
    states = x.cumsum(dim=1) / counts[:, None]
    logits = states[:, P - 1 : P + T - 1] @ frozen.T
    return torch.stack(
        [torch.nn.functional.cross_entropy(z, y) for z, y in zip(logits, labels)]
    ).mean()


# %% wrong (q06-soft-prompt-hidden-mean): divides by all labels, also by those that do not count
def soft_prompt_loss(prompt, table, ids, labels):
    frozen = table.detach()
    B, T = ids.shape
    P = prompt.shape[0]
    x = torch.cat([prompt.expand(B, -1, -1), frozen[ids]], dim=1)
    counts = torch.arange(1, P + T + 1, dtype=x.dtype)
    states = x.cumsum(dim=1) / counts[:, None]
    logits = states[:, P - 1 : P + T - 1] @ frozen.T
    return (
        torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="sum")
        / labels.numel()
    )


# %% wrong (q06-soft-prompt-hidden-mean): always float32
def soft_prompt_loss(prompt, table, ids, labels):
    frozen = table.detach()
    B, T = ids.shape
    P = prompt.shape[0]
    x = torch.cat([prompt.expand(B, -1, -1), frozen[ids]], dim=1)
    counts = torch.arange(1, P + T + 1, dtype=x.dtype)
    states = x.cumsum(dim=1) / counts[:, None]
    logits = states[:, P - 1 : P + T - 1] @ frozen.T
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1).float(), labels.flatten())


# %% wrong (q06-soft-prompt-hidden-frozen): nothing is frozen
def soft_prompt_loss(prompt, table, ids, labels):
    frozen = table
    B, T = ids.shape
    P = prompt.shape[0]
    x = torch.cat([prompt.expand(B, -1, -1), frozen[ids]], dim=1)
    counts = torch.arange(1, P + T + 1, dtype=x.dtype)
    states = x.cumsum(dim=1) / counts[:, None]
    logits = states[:, P - 1 : P + T - 1] @ frozen.T
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())


# %% wrong (q06-soft-prompt-hidden-frozen): frozen for reading, but not for predicting
def soft_prompt_loss(prompt, table, ids, labels):
    frozen = table.detach()
    B, T = ids.shape
    P = prompt.shape[0]
    x = torch.cat([prompt.expand(B, -1, -1), frozen[ids]], dim=1)
    counts = torch.arange(1, P + T + 1, dtype=x.dtype)
    states = x.cumsum(dim=1) / counts[:, None]
    logits = states[:, P - 1 : P + T - 1] @ table.T
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())


# %% wrong (q06-soft-prompt-hidden-frozen): frozen for predicting, but not for reading
def soft_prompt_loss(prompt, table, ids, labels):
    frozen = table.detach()
    B, T = ids.shape
    P = prompt.shape[0]
    x = torch.cat([prompt.expand(B, -1, -1), table[ids]], dim=1)
    counts = torch.arange(1, P + T + 1, dtype=x.dtype)
    states = x.cumsum(dim=1) / counts[:, None]
    logits = states[:, P - 1 : P + T - 1] @ frozen.T
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())


# %% wrong (q06-soft-prompt-hidden-frozen): no_grad around the model stops the prompt's gradient too
def soft_prompt_loss(prompt, table, ids, labels):
    B, T = ids.shape
    P = prompt.shape[0]
    with torch.no_grad():
        x = torch.cat([prompt.expand(B, -1, -1), table[ids]], dim=1)
        states = x.cumsum(dim=1) / torch.arange(1, P + T + 1, dtype=x.dtype)[:, None]
        logits = states[:, P - 1 : P + T - 1] @ table.T
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())


# %% wrong (q06-soft-prompt-hidden-gradient): a new parameter made of the prompt's values
def soft_prompt_loss(prompt, table, ids, labels):
    frozen = table.detach()
    B, T = ids.shape
    P = prompt.shape[0]
    own = torch.nn.Parameter(prompt.detach().clone())
    x = torch.cat([own.expand(B, -1, -1), frozen[ids]], dim=1)
    states = x.cumsum(dim=1) / torch.arange(1, P + T + 1, dtype=x.dtype)[:, None]
    logits = states[:, P - 1 : P + T - 1] @ frozen.T
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())


# %% wrong (q06-soft-prompt-hidden-gradient): only the first row trains the prompt
def soft_prompt_loss(prompt, table, ids, labels):
    frozen = table.detach()
    B, T = ids.shape
    P = prompt.shape[0]
    rows = torch.cat([prompt[None], prompt.detach().expand(B - 1, -1, -1)])
    x = torch.cat([rows, frozen[ids]], dim=1)
    states = x.cumsum(dim=1) / torch.arange(1, P + T + 1, dtype=x.dtype)[:, None]
    logits = states[:, P - 1 : P + T - 1] @ frozen.T
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())
