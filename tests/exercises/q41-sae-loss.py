# %% right: addmm and a matrix-vector product
def sae_loss(x, We, be, Wd, bd, lam):
    h = torch.nn.functional.relu(torch.addmm(be, x - bd, We))
    miss = torch.addmm(bd, h, Wd) - x
    n = x.shape[0]
    mse = (miss**2).sum() / n
    l1 = (h @ torch.linalg.vector_norm(Wd, dim=1)).sum() / n
    l0 = torch.count_nonzero(h).to(x.dtype) / n
    fvu = (miss**2).sum() / ((x - x.mean(0, keepdim=True)) ** 2).sum()
    return course.SAELoss(total=mse + lam * l1, mse=mse, l1=l1, l0=l0, fvu=fvu)


# %% right: mse_loss times D, einsum
def sae_loss(x, We, be, Wd, bd, lam):
    h = ((x - bd) @ We + be).clamp_min(0)
    x_hat = h @ Wd + bd
    mse = torch.nn.functional.mse_loss(x_hat, x) * x.shape[1]
    l1 = torch.einsum("nf,f->n", h, (Wd * Wd).sum(1).sqrt()).mean()
    with torch.no_grad():
        l0 = (h > 0).sum(-1).to(x.dtype).mean()
        fvu = mse / x.var(dim=0, unbiased=False).sum()
    return course.SAELoss(mse + lam * l1, mse, l1, l0, fvu)


# %% right: row by row
def sae_loss(x, We, be, Wd, bd, lam):
    total_error, penalty, active = 0, 0, 0
    lengths = torch.stack([row.norm() for row in Wd])
    for row in x:
        h = torch.relu((row - bd) @ We + be)
        total_error = total_error + (row - bd - h @ Wd).pow(2).sum()
        penalty = penalty + (h * lengths).sum()
        active = active + (h > 0).sum()
    spread = (x - x.mean(dim=0)).pow(2).sum()
    n = len(x)
    mse, l1, l0 = total_error / n, penalty / n, (active / n).to(x.dtype)
    return course.SAELoss(mse + l1 * lam, mse, l1, l0, total_error / spread)


# %% wrong (q41-sae-loss-hidden-terms): squared error averaged over coordinates too
def sae_loss(x, We, be, Wd, bd, lam):
    h = torch.nn.functional.relu(torch.addmm(be, x - bd, We))
    miss = torch.addmm(bd, h, Wd) - x
    n = x.shape[0]
    mse = (miss**2).mean()
    l1 = (h @ torch.linalg.vector_norm(Wd, dim=1)).sum() / n
    l0 = torch.count_nonzero(h).to(x.dtype) / n
    fvu = (miss**2).sum() / ((x - x.mean(0, keepdim=True)) ** 2).sum()
    return course.SAELoss(total=mse + lam * l1, mse=mse, l1=l1, l0=l0, fvu=fvu)


# %% wrong (q41-sae-loss-hidden-terms): does not take bd off before the encoder
def sae_loss(x, We, be, Wd, bd, lam):
    h = torch.nn.functional.relu(torch.addmm(be, x, We))
    miss = torch.addmm(bd, h, Wd) - x
    n = x.shape[0]
    mse = (miss**2).sum() / n
    l1 = (h @ torch.linalg.vector_norm(Wd, dim=1)).sum() / n
    l0 = torch.count_nonzero(h).to(x.dtype) / n
    fvu = (miss**2).sum() / ((x - x.mean(0, keepdim=True)) ** 2).sum()
    return course.SAELoss(total=mse + lam * l1, mse=mse, l1=l1, l0=l0, fvu=fvu)


# %% wrong (q41-sae-loss-hidden-terms): counts features above 0 before the relu's bias
def sae_loss(x, We, be, Wd, bd, lam):
    h = torch.nn.functional.relu(torch.addmm(be, x - bd, We))
    miss = torch.addmm(bd, h, Wd) - x
    n = x.shape[0]
    mse = (miss**2).sum() / n
    l1 = (h @ torch.linalg.vector_norm(Wd, dim=1)).sum() / n
    l0 = (((x - bd) @ We) > 0).sum().to(x.dtype) / n
    fvu = (miss**2).sum() / ((x - x.mean(0, keepdim=True)) ** 2).sum()
    return course.SAELoss(total=mse + lam * l1, mse=mse, l1=l1, l0=l0, fvu=fvu)


# %% wrong (q41-sae-loss-hidden-terms): counts |pre-activation| > 0
def sae_loss(x, We, be, Wd, bd, lam):
    h = torch.nn.functional.relu(torch.addmm(be, x - bd, We))
    miss = torch.addmm(bd, h, Wd) - x
    n = x.shape[0]
    mse = (miss**2).sum() / n
    l1 = (h @ torch.linalg.vector_norm(Wd, dim=1)).sum() / n
    l0 = (((x - bd) @ We + be).abs() > 0).sum().to(x.dtype) / n
    fvu = (miss**2).sum() / ((x - x.mean(0, keepdim=True)) ** 2).sum()
    return course.SAELoss(total=mse + lam * l1, mse=mse, l1=l1, l0=l0, fvu=fvu)


# %% wrong (q41-sae-loss-hidden-terms): fvu against zero instead of the mean
def sae_loss(x, We, be, Wd, bd, lam):
    h = torch.nn.functional.relu(torch.addmm(be, x - bd, We))
    miss = torch.addmm(bd, h, Wd) - x
    n = x.shape[0]
    mse = (miss**2).sum() / n
    l1 = (h @ torch.linalg.vector_norm(Wd, dim=1)).sum() / n
    l0 = torch.count_nonzero(h).to(x.dtype) / n
    fvu = (miss**2).sum() / (x**2).sum()
    return course.SAELoss(total=mse + lam * l1, mse=mse, l1=l1, l0=l0, fvu=fvu)


# %% wrong (q41-sae-loss-hidden-terms): fvu against one mean of all numbers
def sae_loss(x, We, be, Wd, bd, lam):
    h = torch.nn.functional.relu(torch.addmm(be, x - bd, We))
    miss = torch.addmm(bd, h, Wd) - x
    n = x.shape[0]
    mse = (miss**2).sum() / n
    l1 = (h @ torch.linalg.vector_norm(Wd, dim=1)).sum() / n
    l0 = torch.count_nonzero(h).to(x.dtype) / n
    fvu = (miss**2).sum() / ((x - x.mean()) ** 2).sum()
    return course.SAELoss(total=mse + lam * l1, mse=mse, l1=l1, l0=l0, fvu=fvu)


# %% wrong (q41-sae-loss-hidden-terms): returns l0 as a share of the features
def sae_loss(x, We, be, Wd, bd, lam):
    h = torch.nn.functional.relu(torch.addmm(be, x - bd, We))
    miss = torch.addmm(bd, h, Wd) - x
    n = x.shape[0]
    mse = (miss**2).sum() / n
    l1 = (h @ torch.linalg.vector_norm(Wd, dim=1)).sum() / n
    l0 = torch.count_nonzero(h).to(x.dtype) / n / We.shape[1]
    fvu = (miss**2).sum() / ((x - x.mean(0, keepdim=True)) ** 2).sum()
    return course.SAELoss(total=mse + lam * l1, mse=mse, l1=l1, l0=l0, fvu=fvu)


# %% wrong (q41-sae-loss-hidden-terms): returns plain floats for l0 and fvu
def sae_loss(x, We, be, Wd, bd, lam):
    h = torch.nn.functional.relu(torch.addmm(be, x - bd, We))
    miss = torch.addmm(bd, h, Wd) - x
    n = x.shape[0]
    mse = (miss**2).sum() / n
    l1 = (h @ torch.linalg.vector_norm(Wd, dim=1)).sum() / n
    l0 = torch.count_nonzero(h).to(x.dtype) / n
    fvu = (miss**2).sum() / ((x - x.mean(0, keepdim=True)) ** 2).sum()
    return course.SAELoss(total=mse + lam * l1, mse=mse, l1=l1, l0=float(l0), fvu=float(fvu))


# %% wrong (q41-sae-loss-hidden-scale): penalty without the decoder's norms
def sae_loss(x, We, be, Wd, bd, lam):
    h = torch.nn.functional.relu(torch.addmm(be, x - bd, We))
    miss = torch.addmm(bd, h, Wd) - x
    n = x.shape[0]
    mse = (miss**2).sum() / n
    l1 = h.sum() / n
    l0 = torch.count_nonzero(h).to(x.dtype) / n
    fvu = (miss**2).sum() / ((x - x.mean(0, keepdim=True)) ** 2).sum()
    return course.SAELoss(total=mse + lam * l1, mse=mse, l1=l1, l0=l0, fvu=fvu)


# %% wrong (q41-sae-loss-hidden-scale): norms squared
def sae_loss(x, We, be, Wd, bd, lam):
    h = torch.nn.functional.relu(torch.addmm(be, x - bd, We))
    miss = torch.addmm(bd, h, Wd) - x
    n = x.shape[0]
    mse = (miss**2).sum() / n
    l1 = (h @ (Wd**2).sum(1)).sum() / n
    l0 = torch.count_nonzero(h).to(x.dtype) / n
    fvu = (miss**2).sum() / ((x - x.mean(0, keepdim=True)) ** 2).sum()
    return course.SAELoss(total=mse + lam * l1, mse=mse, l1=l1, l0=l0, fvu=fvu)


# %% wrong (q41-sae-loss-hidden-width): penalty averaged over features, as popular code does
def sae_loss(x, We, be, Wd, bd, lam):
    h = torch.nn.functional.relu(torch.addmm(be, x - bd, We))
    miss = torch.addmm(bd, h, Wd) - x
    n = x.shape[0]
    mse = (miss**2).sum() / n
    l1 = (h * torch.linalg.vector_norm(Wd, dim=1)).mean()
    l0 = torch.count_nonzero(h).to(x.dtype) / n
    fvu = (miss**2).sum() / ((x - x.mean(0, keepdim=True)) ** 2).sum()
    return course.SAELoss(total=mse + lam * l1, mse=mse, l1=l1, l0=l0, fvu=fvu)


# %% wrong (q41-sae-loss-hidden-gradient): decoder norms cut off from the gradient
def sae_loss(x, We, be, Wd, bd, lam):
    h = torch.nn.functional.relu(torch.addmm(be, x - bd, We))
    miss = torch.addmm(bd, h, Wd) - x
    n = x.shape[0]
    mse = (miss**2).sum() / n
    l1 = (h @ torch.linalg.vector_norm(Wd.detach(), dim=1)).sum() / n
    l0 = torch.count_nonzero(h).to(x.dtype) / n
    fvu = (miss**2).sum() / ((x - x.mean(0, keepdim=True)) ** 2).sum()
    return course.SAELoss(total=mse + lam * l1, mse=mse, l1=l1, l0=l0, fvu=fvu)


# %% wrong (q41-sae-loss-hidden-gradient): bd cut off in the encoder's input
def sae_loss(x, We, be, Wd, bd, lam):
    h = torch.nn.functional.relu(torch.addmm(be, x - bd.detach(), We))
    miss = torch.addmm(bd, h, Wd) - x
    n = x.shape[0]
    mse = (miss**2).sum() / n
    l1 = (h @ torch.linalg.vector_norm(Wd, dim=1)).sum() / n
    l0 = torch.count_nonzero(h).to(x.dtype) / n
    fvu = (miss**2).sum() / ((x - x.mean(0, keepdim=True)) ** 2).sum()
    return course.SAELoss(total=mse + lam * l1, mse=mse, l1=l1, l0=l0, fvu=fvu)


# %% wrong (q41-sae-loss-hidden-gradient): penalty as a number
def sae_loss(x, We, be, Wd, bd, lam):
    h = torch.nn.functional.relu(torch.addmm(be, x - bd, We))
    miss = torch.addmm(bd, h, Wd) - x
    n = x.shape[0]
    mse = (miss**2).sum() / n
    l1 = (h @ torch.linalg.vector_norm(Wd, dim=1)).sum() / n
    l0 = torch.count_nonzero(h).to(x.dtype) / n
    fvu = (miss**2).sum() / ((x - x.mean(0, keepdim=True)) ** 2).sum()
    return course.SAELoss(total=mse + lam * float(l1), mse=mse, l1=l1, l0=l0, fvu=fvu)


# %% wrong (q41-sae-loss-hidden-terms): counts 0 before the relu as active
def sae_loss(x, We, be, Wd, bd, lam):
    before = torch.addmm(be, x - bd, We)
    h = torch.nn.functional.relu(before)
    miss = torch.addmm(bd, h, Wd) - x
    n = x.shape[0]
    mse = (miss**2).sum() / n
    l1 = (h @ torch.linalg.vector_norm(Wd, dim=1)).sum() / n
    l0 = (before >= 0).sum().to(x.dtype) / n
    fvu = (miss**2).sum() / ((x - x.mean(0, keepdim=True)) ** 2).sum()
    return course.SAELoss(total=mse + lam * l1, mse=mse, l1=l1, l0=l0, fvu=fvu)
