# %% right: two comparisons
def classify(flops):
    return {"gpai_indicative": flops > 1e23, "systemic_presumed": flops > 1e25}


# %% right: a table of thresholds
def classify(flops):
    limits = {"systemic_presumed": 1e25, "gpai_indicative": 1e23}
    return {name: bool(limit < flops) for name, limit in limits.items()}


# %% right: branches from above
def classify(flops):
    if flops > 1e25:
        return dict(gpai_indicative=True, systemic_presumed=True)
    if flops > 1e23:
        return dict(gpai_indicative=True, systemic_presumed=False)
    return dict(gpai_indicative=False, systemic_presumed=False)


# %% wrong (q45-classify-hidden-strict): at least, instead of more than
def classify(flops):
    return {"gpai_indicative": flops >= 1e23, "systemic_presumed": flops >= 1e25}


# %% wrong (q45-classify-hidden-strict): the second threshold is not strict
def classify(flops):
    return {"gpai_indicative": flops > 1e23, "systemic_presumed": not flops < 1e25}


# %% wrong (q45-classify-hidden-strict): an integer power, which lies below the float
def classify(flops):
    return {"gpai_indicative": flops > 1e23, "systemic_presumed": flops > 10**25}


# %% wrong (q45-classify-hidden-tiers): either the one or the other
def classify(flops):
    return {"gpai_indicative": 1e23 < flops <= 1e25, "systemic_presumed": flops > 1e25}


# %% wrong (q45-classify-hidden-tiers): the threshold of the American order of 2023
def classify(flops):
    return {"gpai_indicative": flops > 1e23, "systemic_presumed": flops > 1e26}


# %% wrong (q45-classify-hidden-tiers): 10e25 is ten times as much
def classify(flops):
    return {"gpai_indicative": flops > 10e23, "systemic_presumed": flops > 10e25}


# %% wrong (q45-classify-hidden-tiers): only one threshold
def classify(flops):
    return {"gpai_indicative": flops > 1e25, "systemic_presumed": flops > 1e25}


# %% wrong (q45-classify-hidden-strict): close to the threshold counts as equal
def classify(flops):
    limits = {"gpai_indicative": 1e23, "systemic_presumed": 1e25}
    return {n: flops > x and not np.isclose(flops, x, rtol=1e-9) for n, x in limits.items()}
