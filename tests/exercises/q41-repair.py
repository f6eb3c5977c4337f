# %% right: three lines changed and normalize
def sae_step(x, We, be, Wd, bd, lam, lr):
    weights = [w.detach().clone().requires_grad_() for w in (We, be, Wd, bd)]
    encoder, bias, decoder, centre = weights
    h = torch.relu((x - centre) @ encoder + bias)
    x_hat = h @ decoder + centre
    loss = ((x_hat - x) ** 2).sum(-1).mean() + lam * h.sum(-1).mean()
    gradients = torch.autograd.grad(loss, weights)
    with torch.no_grad():
        new = [w - lr * g for w, g in zip(weights, gradients, strict=True)]
        new[2] = torch.nn.functional.normalize(new[2], dim=1)
    return tuple(new)


# %% right: gradients by hand
def sae_step(x, We, be, Wd, bd, lam, lr):
    with torch.no_grad():
        n = len(x)
        centred = x - bd
        before = centred @ We + be
        on = (before > 0).to(x.dtype)
        h = before * on
        error = 2 * (h @ Wd + bd - x) / n
        back = (error @ Wd.T + lam / n) * on
        new_We = We - lr * centred.T @ back
        new_be = be - lr * back.sum(0)
        new_Wd = Wd - lr * h.T @ error
        new_bd = bd - lr * (error.sum(0) - (back @ We.T).sum(0))
        return new_We, new_be, new_Wd / new_Wd.norm(dim=1)[:, None], new_bd


# %% right: an optimizer, sums divided by N
def sae_step(x, We, be, Wd, bd, lam, lr):
    names = [torch.nn.Parameter(w.detach().clone()) for w in (We, be, Wd, bd)]
    optimizer = torch.optim.SGD(names, lr=lr)
    h = torch.relu((x - names[3]) @ names[0] + names[1])
    error = torch.nn.functional.mse_loss(h @ names[2] + names[3], x, reduction="sum")
    ((error + lam * h.abs().sum()) / x.shape[0]).backward()
    optimizer.step()
    result = [p.data for p in names]
    result[2] /= torch.linalg.vector_norm(result[2], dim=1, keepdim=True)
    return tuple(result)


# %% wrong (q41-repair-hidden-step): leaves the norms as they come
def sae_step(x, We, be, Wd, bd, lam, lr):
    weights = [w.detach().clone().requires_grad_() for w in (We, be, Wd, bd)]
    encoder, bias, decoder, centre = weights
    h = torch.relu((x - centre) @ encoder + bias)
    x_hat = h @ decoder + centre
    loss = ((x_hat - x) ** 2).sum(-1).mean() + lam * h.sum(-1).mean()
    gradients = torch.autograd.grad(loss, weights)
    with torch.no_grad():
        new = [w - lr * g for w, g in zip(weights, gradients, strict=True)]
    return tuple(new)


# %% wrong (q41-repair-hidden-step): normalises the columns
def sae_step(x, We, be, Wd, bd, lam, lr):
    weights = [w.detach().clone().requires_grad_() for w in (We, be, Wd, bd)]
    encoder, bias, decoder, centre = weights
    h = torch.relu((x - centre) @ encoder + bias)
    x_hat = h @ decoder + centre
    loss = ((x_hat - x) ** 2).sum(-1).mean() + lam * h.sum(-1).mean()
    gradients = torch.autograd.grad(loss, weights)
    with torch.no_grad():
        new = [w - lr * g for w, g in zip(weights, gradients, strict=True)]
        new[2] = torch.nn.functional.normalize(new[2], dim=0)
    return tuple(new)


# %% wrong (q41-repair-hidden-step): normalises before the step
def sae_step(x, We, be, Wd, bd, lam, lr):
    weights = [w.detach().clone().requires_grad_() for w in (We, be, Wd, bd)]
    encoder, bias, decoder, centre = weights
    decoder = torch.nn.functional.normalize(decoder, dim=1)
    h = torch.relu((x - centre) @ encoder + bias)
    x_hat = h @ decoder + centre
    loss = ((x_hat - x) ** 2).sum(-1).mean() + lam * h.sum(-1).mean()
    gradients = torch.autograd.grad(loss, weights)
    with torch.no_grad():
        new = [w - lr * g for w, g in zip(weights, gradients, strict=True)]
    return tuple(new)


# %% wrong (q41-repair-hidden-step): normalises the encoder's directions as well
def sae_step(x, We, be, Wd, bd, lam, lr):
    weights = [w.detach().clone().requires_grad_() for w in (We, be, Wd, bd)]
    encoder, bias, decoder, centre = weights
    h = torch.relu((x - centre) @ encoder + bias)
    x_hat = h @ decoder + centre
    loss = ((x_hat - x) ** 2).sum(-1).mean() + lam * h.sum(-1).mean()
    gradients = torch.autograd.grad(loss, weights)
    with torch.no_grad():
        new = [w - lr * g for w, g in zip(weights, gradients, strict=True)]
        new[2] = torch.nn.functional.normalize(new[2], dim=1)
    new[0] = torch.nn.functional.normalize(new[0], dim=0)
    return tuple(new)


# %% wrong (q41-repair-hidden-centre): does not take bd off before the encoder
def sae_step(x, We, be, Wd, bd, lam, lr):
    weights = [w.detach().clone().requires_grad_() for w in (We, be, Wd, bd)]
    encoder, bias, decoder, centre = weights
    h = torch.relu(x @ encoder + bias)
    x_hat = h @ decoder + centre
    loss = ((x_hat - x) ** 2).sum(-1).mean() + lam * h.sum(-1).mean()
    gradients = torch.autograd.grad(loss, weights)
    with torch.no_grad():
        new = [w - lr * g for w, g in zip(weights, gradients, strict=True)]
        new[2] = torch.nn.functional.normalize(new[2], dim=1)
    return tuple(new)


# %% wrong (q41-repair-hidden-step): centres with the mean of the batch
def sae_step(x, We, be, Wd, bd, lam, lr):
    weights = [w.detach().clone().requires_grad_() for w in (We, be, Wd, bd)]
    encoder, bias, decoder, centre = weights
    h = torch.relu((x - x.mean(0)) @ encoder + bias)
    x_hat = h @ decoder + centre
    loss = ((x_hat - x) ** 2).sum(-1).mean() + lam * h.sum(-1).mean()
    gradients = torch.autograd.grad(loss, weights)
    with torch.no_grad():
        new = [w - lr * g for w, g in zip(weights, gradients, strict=True)]
        new[2] = torch.nn.functional.normalize(new[2], dim=1)
    return tuple(new)


# %% wrong (q41-repair-hidden-error): error averaged over coordinates too
def sae_step(x, We, be, Wd, bd, lam, lr):
    weights = [w.detach().clone().requires_grad_() for w in (We, be, Wd, bd)]
    encoder, bias, decoder, centre = weights
    h = torch.relu((x - centre) @ encoder + bias)
    x_hat = h @ decoder + centre
    loss = torch.nn.functional.mse_loss(x_hat, x) + lam * h.sum(-1).mean()
    gradients = torch.autograd.grad(loss, weights)
    with torch.no_grad():
        new = [w - lr * g for w, g in zip(weights, gradients, strict=True)]
        new[2] = torch.nn.functional.normalize(new[2], dim=1)
    return tuple(new)


# %% wrong (q41-repair-hidden-error): error summed over rows as well
def sae_step(x, We, be, Wd, bd, lam, lr):
    weights = [w.detach().clone().requires_grad_() for w in (We, be, Wd, bd)]
    encoder, bias, decoder, centre = weights
    h = torch.relu((x - centre) @ encoder + bias)
    x_hat = h @ decoder + centre
    loss = ((x_hat - x) ** 2).sum() + lam * h.sum(-1).mean()
    gradients = torch.autograd.grad(loss, weights)
    with torch.no_grad():
        new = [w - lr * g for w, g in zip(weights, gradients, strict=True)]
        new[2] = torch.nn.functional.normalize(new[2], dim=1)
    return tuple(new)


# %% wrong (q41-repair-hidden-penalty): penalty averaged over features
def sae_step(x, We, be, Wd, bd, lam, lr):
    weights = [w.detach().clone().requires_grad_() for w in (We, be, Wd, bd)]
    encoder, bias, decoder, centre = weights
    h = torch.relu((x - centre) @ encoder + bias)
    x_hat = h @ decoder + centre
    loss = ((x_hat - x) ** 2).sum(-1).mean() + lam * h.mean()
    gradients = torch.autograd.grad(loss, weights)
    with torch.no_grad():
        new = [w - lr * g for w, g in zip(weights, gradients, strict=True)]
        new[2] = torch.nn.functional.normalize(new[2], dim=1)
    return tuple(new)


# %% wrong (q41-repair-hidden-penalty): penalty summed over rows as well
def sae_step(x, We, be, Wd, bd, lam, lr):
    weights = [w.detach().clone().requires_grad_() for w in (We, be, Wd, bd)]
    encoder, bias, decoder, centre = weights
    h = torch.relu((x - centre) @ encoder + bias)
    x_hat = h @ decoder + centre
    loss = ((x_hat - x) ** 2).sum(-1).mean() + lam * h.sum()
    gradients = torch.autograd.grad(loss, weights)
    with torch.no_grad():
        new = [w - lr * g for w, g in zip(weights, gradients, strict=True)]
        new[2] = torch.nn.functional.normalize(new[2], dim=1)
    return tuple(new)
