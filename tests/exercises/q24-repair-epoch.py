# %% right: softmax minus one-hot, without autograd
def train_epoch(W, batches, *, accumulate, lr, max_norm):
    W = W.clone()
    V = len(W)
    for start in range(0, len(batches), accumulate):
        before, after = [], []
        for ids, labels in batches[start : start + accumulate]:
            keep = labels[:, 1:] != -100
            before.append(ids[:, :-1][keep])
            after.append(labels[:, 1:][keep])
        a, b = torch.cat(before), torch.cat(after)
        if len(a) == 0:
            continue
        rows = W[a].softmax(dim=-1) - torch.nn.functional.one_hot(b, V)
        g = torch.zeros_like(W).index_add(0, a, rows) / len(a)
        norm = g.norm()
        if norm > max_norm:
            g = g * (max_norm / norm)
        W = W - lr * g
    return W


# %% right: one loss over the joined group
def train_epoch(W, batches, *, accumulate, lr, max_norm):
    table = W.detach().clone()
    groups = [batches[i : i + accumulate] for i in range(0, len(batches), accumulate)]
    for group in groups:
        leaf = table.clone().requires_grad_(True)
        logits = torch.cat([leaf[ids[:, :-1]].flatten(0, 1) for ids, _ in group])
        wanted = torch.cat([labels[:, 1:].flatten() for _, labels in group])
        if (wanted != -100).sum() == 0:
            continue
        loss = torch.nn.functional.cross_entropy(logits, wanted, ignore_index=-100)
        (grad,) = torch.autograd.grad(loss, leaf)
        scale = min(1.0, max_norm / (float(grad.norm()) + 1e-12))
        table = table - lr * scale * grad
    return table


# %% right: sums gradients, divides before it clips
def train_epoch(W, batches, *, accumulate, lr, max_norm):
    W = W.detach().clone().requires_grad_(True)
    tokens = 0
    for i, (ids, labels) in enumerate(batches, 1):
        wanted = labels[:, 1:]
        tokens += int((wanted != -100).sum())
        logp = W[ids[:, :-1]].log_softmax(dim=-1)
        picked = logp.gather(-1, wanted.clamp(min=0).unsqueeze(-1)).squeeze(-1)
        (-(picked * (wanted != -100)).sum()).backward()
        if i % accumulate == 0 or i == len(batches):
            with torch.no_grad():
                if tokens:
                    W.grad /= tokens
                    torch.nn.utils.clip_grad_norm_([W], max_norm)
                    W -= lr * W.grad
            W.grad, tokens = None, 0
    return W.detach()


# %% wrong (q24-repair-epoch-hidden-mean): the mean of the means
def train_epoch(W, batches, *, accumulate, lr, max_norm):
    W = W.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([W], lr=lr)
    for start in range(0, len(batches), accumulate):
        group = batches[start : start + accumulate]
        counted = sum(int((labels[:, 1:] != -100).sum()) for _, labels in group)
        if not counted:
            continue
        optimizer.zero_grad()
        for ids, labels in group:
            loss = torch.nn.functional.cross_entropy(
                W[ids[:, :-1]].flatten(0, 1), labels[:, 1:].flatten()
            )
            if (labels[:, 1:] != -100).any():
                (loss / len(group)).backward()
        torch.nn.utils.clip_grad_norm_([W], max_norm)
        optimizer.step()
    return W.detach()


# %% wrong (q24-repair-epoch-hidden-mean): counts all places, those with -100 too
def train_epoch(W, batches, *, accumulate, lr, max_norm):
    W = W.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([W], lr=lr)
    for start in range(0, len(batches), accumulate):
        group = batches[start : start + accumulate]
        counted = sum(labels[:, 1:].numel() for _, labels in group)
        if not counted:
            continue
        optimizer.zero_grad()
        for ids, labels in group:
            loss = torch.nn.functional.cross_entropy(
                W[ids[:, :-1]].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum"
            )
            (loss / counted).backward()
        torch.nn.utils.clip_grad_norm_([W], max_norm)
        optimizer.step()
    return W.detach()


# %% wrong (q24-repair-epoch-hidden-mean): counts the first column, which is never predicted, through the whole labels
def train_epoch(W, batches, *, accumulate, lr, max_norm):
    W = W.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([W], lr=lr)
    for start in range(0, len(batches), accumulate):
        group = batches[start : start + accumulate]
        counted = sum(int((labels != -100).sum()) for _, labels in group)
        if not counted:
            continue
        optimizer.zero_grad()
        for ids, labels in group:
            loss = torch.nn.functional.cross_entropy(
                W[ids[:, :-1]].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum"
            )
            (loss / counted).backward()
        torch.nn.utils.clip_grad_norm_([W], max_norm)
        optimizer.step()
    return W.detach()


# %% wrong (q24-repair-epoch-hidden-mean): weights each pair's masked mean, which divides by zero where nothing is counted
def train_epoch(W, batches, *, accumulate, lr, max_norm):
    W = W.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([W], lr=lr)
    for start in range(0, len(batches), accumulate):
        group = batches[start : start + accumulate]
        counted = sum(int((labels[:, 1:] != -100).sum()) for _, labels in group)
        if not counted:
            continue
        optimizer.zero_grad()
        for ids, labels in group:
            wanted = labels[:, 1:]
            mask = (wanted != -100).to(W.dtype)
            logp = W[ids[:, :-1]].log_softmax(dim=-1)
            nll = -logp.gather(-1, wanted.clamp(min=0).unsqueeze(-1)).squeeze(-1)
            loss = (nll * mask).sum() / mask.sum()
            (loss * mask.sum() / counted).backward()
        torch.nn.utils.clip_grad_norm_([W], max_norm)
        optimizer.step()
    return W.detach()


# %% wrong (q24-repair-epoch-hidden-clip): clips each pair
def train_epoch(W, batches, *, accumulate, lr, max_norm):
    W = W.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([W], lr=lr)
    for start in range(0, len(batches), accumulate):
        group = batches[start : start + accumulate]
        counted = sum(int((labels[:, 1:] != -100).sum()) for _, labels in group)
        if not counted:
            continue
        optimizer.zero_grad()
        for ids, labels in group:
            loss = torch.nn.functional.cross_entropy(
                W[ids[:, :-1]].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum"
            )
            (loss / counted).backward()
            torch.nn.utils.clip_grad_norm_([W], max_norm)
        optimizer.step()
    return W.detach()


# %% wrong (q24-repair-epoch-hidden-clip): clips entries, not the norm
def train_epoch(W, batches, *, accumulate, lr, max_norm):
    W = W.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([W], lr=lr)
    for start in range(0, len(batches), accumulate):
        group = batches[start : start + accumulate]
        counted = sum(int((labels[:, 1:] != -100).sum()) for _, labels in group)
        if not counted:
            continue
        optimizer.zero_grad()
        for ids, labels in group:
            loss = torch.nn.functional.cross_entropy(
                W[ids[:, :-1]].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum"
            )
            (loss / counted).backward()
        torch.nn.utils.clip_grad_value_([W], max_norm)
        optimizer.step()
    return W.detach()


# %% wrong (q24-repair-epoch-hidden-clip): clips before it divides
def train_epoch(W, batches, *, accumulate, lr, max_norm):
    W = W.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([W], lr=lr)
    for start in range(0, len(batches), accumulate):
        group = batches[start : start + accumulate]
        counted = sum(int((labels[:, 1:] != -100).sum()) for _, labels in group)
        if not counted:
            continue
        optimizer.zero_grad()
        for ids, labels in group:
            loss = torch.nn.functional.cross_entropy(
                W[ids[:, :-1]].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum"
            )
            loss.backward()
        torch.nn.utils.clip_grad_norm_([W], max_norm)
        W.grad /= counted
        optimizer.step()
    return W.detach()


# %% wrong (q24-repair-epoch-hidden-tail): drops the last pairs
def train_epoch(W, batches, *, accumulate, lr, max_norm):
    W = W.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([W], lr=lr)
    for start in range(0, len(batches), accumulate):
        group = batches[start : start + accumulate]
        if len(group) < accumulate:
            break
        counted = sum(int((labels[:, 1:] != -100).sum()) for _, labels in group)
        if not counted:
            continue
        optimizer.zero_grad()
        for ids, labels in group:
            loss = torch.nn.functional.cross_entropy(
                W[ids[:, :-1]].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum"
            )
            (loss / counted).backward()
        torch.nn.utils.clip_grad_norm_([W], max_norm)
        optimizer.step()
    return W.detach()


# %% wrong (q24-repair-epoch-hidden-tail): keeps the gradients of earlier updates
def train_epoch(W, batches, *, accumulate, lr, max_norm):
    W = W.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([W], lr=lr)
    for start in range(0, len(batches), accumulate):
        group = batches[start : start + accumulate]
        counted = sum(int((labels[:, 1:] != -100).sum()) for _, labels in group)
        if not counted:
            continue
        for ids, labels in group:
            loss = torch.nn.functional.cross_entropy(
                W[ids[:, :-1]].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum"
            )
            (loss / counted).backward()
        torch.nn.utils.clip_grad_norm_([W], max_norm)
        optimizer.step()
    return W.detach()


# %% wrong (q24-repair-epoch-hidden-tail): updates after every pair
def train_epoch(W, batches, *, accumulate, lr, max_norm):
    W = W.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([W], lr=lr)
    for start in range(0, len(batches), accumulate):
        group = batches[start : start + accumulate]
        counted = sum(int((labels[:, 1:] != -100).sum()) for _, labels in group)
        if not counted:
            continue
        optimizer.zero_grad()
        for ids, labels in group:
            loss = torch.nn.functional.cross_entropy(
                W[ids[:, :-1]].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum"
            )
            (loss / counted).backward()
            torch.nn.utils.clip_grad_norm_([W], max_norm)
            optimizer.step()
            optimizer.zero_grad()
    return W.detach()


# %% wrong (q24-repair-epoch-hidden-argument): works on the caller's table
def train_epoch(W, batches, *, accumulate, lr, max_norm):
    W = W.requires_grad_()
    optimizer = torch.optim.SGD([W], lr=lr)
    for start in range(0, len(batches), accumulate):
        group = batches[start : start + accumulate]
        counted = sum(int((labels[:, 1:] != -100).sum()) for _, labels in group)
        if not counted:
            continue
        optimizer.zero_grad()
        for ids, labels in group:
            loss = torch.nn.functional.cross_entropy(
                W[ids[:, :-1]].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum"
            )
            (loss / counted).backward()
        torch.nn.utils.clip_grad_norm_([W], max_norm)
        optimizer.step()
    return W.detach()


# %% wrong (q24-repair-epoch-hidden-argument): detaches, but does not copy
def train_epoch(W, batches, *, accumulate, lr, max_norm):
    W = W.detach().requires_grad_()
    optimizer = torch.optim.SGD([W], lr=lr)
    for start in range(0, len(batches), accumulate):
        group = batches[start : start + accumulate]
        counted = sum(int((labels[:, 1:] != -100).sum()) for _, labels in group)
        if not counted:
            continue
        optimizer.zero_grad()
        for ids, labels in group:
            loss = torch.nn.functional.cross_entropy(
                W[ids[:, :-1]].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum"
            )
            (loss / counted).backward()
        torch.nn.utils.clip_grad_norm_([W], max_norm)
        optimizer.step()
    return W.detach()


# %% wrong (q24-repair-epoch-hidden-mean): leaves pairs without counted tokens out before it groups
def train_epoch(W, batches, *, accumulate, lr, max_norm):
    W = W.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([W], lr=lr)
    batches = [pair for pair in batches if (pair[1][:, 1:] != -100).any()]
    for start in range(0, len(batches), accumulate):
        group = batches[start : start + accumulate]
        counted = sum(int((labels[:, 1:] != -100).sum()) for _, labels in group)
        if not counted:
            continue
        optimizer.zero_grad()
        for ids, labels in group:
            loss = torch.nn.functional.cross_entropy(
                W[ids[:, :-1]].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum"
            )
            (loss / counted).backward()
        torch.nn.utils.clip_grad_norm_([W], max_norm)
        optimizer.step()
    return W.detach()
