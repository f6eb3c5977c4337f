# %% right: step by step
def wh_per_query(params_active, tokens_in, tokens_out, flops_s, util, watts, pue):
    if not 0 < util <= 1 or pue < 1:
        raise ValueError
    seconds = 2 * params_active * (tokens_in + tokens_out) / (flops_s * util)
    return seconds * watts * pue / 3600


# %% right: tokens per second first, NumPy floats
import numpy as np


def wh_per_query(params_active, tokens_in, tokens_out, flops_s, util, watts, pue):
    if util <= 0 or util > 1:
        raise ValueError("util")
    if pue < 1.0:
        raise ValueError("pue")
    rate = np.float64(flops_s) * util / (2 * params_active)
    hours = (tokens_in + tokens_out) / rate / 3600
    return watts * hours * pue


# %% right: kilowatt-hours, then back
def wh_per_query(params_active, tokens_in, tokens_out, flops_s, util, watts, pue):
    if not (0 < util and util <= 1 and pue >= 1):
        raise ValueError("check util and pue")
    total = 0.0
    for tokens in (tokens_in, tokens_out):
        total += 2.0 * params_active * tokens / flops_s / util * watts
    return float(total * pue / 3.6e6 * 1000)


# %% wrong (q50-wh-per-query-hidden-value): kilowatt-hours
def wh_per_query(params_active, tokens_in, tokens_out, flops_s, util, watts, pue):
    if not 0 < util <= 1 or pue < 1:
        raise ValueError
    return 2 * params_active * (tokens_in + tokens_out) / (flops_s * util) * watts * pue / 3.6e6


# %% wrong (q50-wh-per-query-hidden-value): joules
def wh_per_query(params_active, tokens_in, tokens_out, flops_s, util, watts, pue):
    if not 0 < util <= 1 or pue < 1:
        raise ValueError
    return 2 * params_active * (tokens_in + tokens_out) / (flops_s * util) * watts * pue


# %% wrong (q50-wh-per-query-hidden-value): output tokens only
def wh_per_query(params_active, tokens_in, tokens_out, flops_s, util, watts, pue):
    if not 0 < util <= 1 or pue < 1:
        raise ValueError
    return 2 * params_active * tokens_out / (flops_s * util) * watts * pue / 3600


# %% wrong (q50-wh-per-query-hidden-value): one operation per parameter
def wh_per_query(params_active, tokens_in, tokens_out, flops_s, util, watts, pue):
    if not 0 < util <= 1 or pue < 1:
        raise ValueError
    return params_active * (tokens_in + tokens_out) / (flops_s * util) * watts * pue / 3600


# %% wrong (q50-wh-per-query-hidden-value): peak times 1/util: using less makes it faster
def wh_per_query(params_active, tokens_in, tokens_out, flops_s, util, watts, pue):
    if not 0 < util <= 1 or pue < 1:
        raise ValueError
    return 2 * params_active * (tokens_in + tokens_out) / flops_s * util * watts * pue / 3600


# %% wrong (q50-wh-per-query-hidden-value): divides by the PUE
def wh_per_query(params_active, tokens_in, tokens_out, flops_s, util, watts, pue):
    if not 0 < util <= 1 or pue < 1:
        raise ValueError
    return 2 * params_active * (tokens_in + tokens_out) / (flops_s * util) * watts / pue / 3600


# %% wrong (q50-wh-per-query-hidden-value): forgets the PUE
def wh_per_query(params_active, tokens_in, tokens_out, flops_s, util, watts, pue):
    if not 0 < util <= 1 or pue < 1:
        raise ValueError
    return 2 * params_active * (tokens_in + tokens_out) / (flops_s * util) * watts / 3600


# %% wrong (q50-wh-per-query-hidden-errors): no checks
def wh_per_query(params_active, tokens_in, tokens_out, flops_s, util, watts, pue):
    if util == 0:
        raise ValueError
    return 2 * params_active * (tokens_in + tokens_out) / (flops_s * util) * watts * pue / 3600


# %% wrong (q50-wh-per-query-hidden-errors): takes percentages too
def wh_per_query(params_active, tokens_in, tokens_out, flops_s, util, watts, pue):
    if util > 1:
        util = util / 100
    if util <= 0 or pue < 1:
        raise ValueError
    return 2 * params_active * (tokens_in + tokens_out) / (flops_s * util) * watts * pue / 3600


# %% wrong (q50-wh-per-query-hidden-errors): refuses a share or a PUE of exactly 1
def wh_per_query(params_active, tokens_in, tokens_out, flops_s, util, watts, pue):
    if not 0 < util < 1 or pue <= 1:
        raise ValueError
    return 2 * params_active * (tokens_in + tokens_out) / (flops_s * util) * watts * pue / 3600
