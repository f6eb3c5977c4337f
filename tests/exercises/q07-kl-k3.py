# %% right: as it is written
def kl_k3(logp, ref_logp):
    d = ref_logp - logp
    return d.exp() - 1 - d


# %% right: the ratio of probabilities
def kl_k3(logp, ref_logp):
    ratio = torch.exp(ref_logp) / torch.exp(logp)
    return ratio - 1 + (logp - ref_logp)


# %% right: with the sign turned
def kl_k3(logp, ref_logp):
    gone = logp - ref_logp
    return torch.expm1(-gone) + gone


# %% wrong (q07-kl-k3-hidden-expectation): policy minus reference
def kl_k3(logp, ref_logp):
    d = logp - ref_logp
    return d.exp() - 1 - d


# %% wrong (q07-kl-k3-hidden-expectation): half the squared difference, Schulman's second estimate
def kl_k3(logp, ref_logp):
    return (ref_logp - logp) ** 2 / 2


# %% wrong (q07-kl-k3-hidden-expectation): the plain difference, which is often negative
def kl_k3(logp, ref_logp):
    return logp - ref_logp


# %% wrong (q07-kl-k3-hidden-expectation): weighted with the policy's probability once more
def kl_k3(logp, ref_logp):
    return logp.exp() * (logp - ref_logp)


# %% wrong (q07-kl-k3-hidden-elements): the mean over the tokens
def kl_k3(logp, ref_logp):
    d = ref_logp - logp
    return (d.exp() - 1 - d).mean()


# %% wrong (q07-kl-k3-hidden-elements): no gradient to the policy
def kl_k3(logp, ref_logp):
    d = ref_logp - logp.detach()
    return d.exp() - 1 - d
