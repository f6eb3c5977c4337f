# %% right: closed form
def decode_wh(weight_bytes, kv_bytes, tokens_in, tokens_out, batch, bandwidth, watts, pue):
    if batch < 1:
        raise ValueError
    cached = tokens_out * (2 * tokens_in + tokens_out - 1) / 2
    read = tokens_out * weight_bytes / batch + cached * kv_bytes
    return read / bandwidth * watts * pue / 3600


# %% right: energy of the whole batch, then shared
def decode_wh(weight_bytes, kv_bytes, tokens_in, tokens_out, batch, bandwidth, watts, pue):
    if batch < 1:
        raise ValueError("at least one answer")
    if tokens_out == 0:
        return 0.0
    mean_context = tokens_in + (tokens_out - 1) / 2
    step = weight_bytes + batch * mean_context * kv_bytes
    joules = tokens_out * step / bandwidth * watts * pue
    return joules / 3600 / batch


# %% right: NumPy over steps
import numpy as np


def decode_wh(weight_bytes, kv_bytes, tokens_in, tokens_out, batch, bandwidth, watts, pue):
    if batch < 1:
        raise ValueError
    context = tokens_in + np.arange(tokens_out, dtype=np.float64)
    read = (weight_bytes / batch + context * kv_bytes).sum()
    return read / bandwidth * watts * pue / 3600


# %% right: sum of a range, integers
def decode_wh(weight_bytes, kv_bytes, tokens_in, tokens_out, batch, bandwidth, watts, pue):
    if not batch >= 1:
        raise ValueError
    tokens = sum(range(tokens_in, tokens_in + tokens_out))
    hours = (weight_bytes * tokens_out + batch * kv_bytes * tokens) / bandwidth / 3600
    return float(hours * watts * pue) / batch


# %% wrong (q50-decode-wh-hidden-weights): the weights are read anew for each answer
def decode_wh(weight_bytes, kv_bytes, tokens_in, tokens_out, batch, bandwidth, watts, pue):
    if batch < 1:
        raise ValueError
    cached = tokens_out * (2 * tokens_in + tokens_out - 1) / 2
    read = tokens_out * weight_bytes + cached * kv_bytes
    return read / bandwidth * watts * pue / 3600


# %% wrong (q50-decode-wh-hidden-weights): the energy of the whole batch
def decode_wh(weight_bytes, kv_bytes, tokens_in, tokens_out, batch, bandwidth, watts, pue):
    if batch < 1:
        raise ValueError
    cached = tokens_out * (2 * tokens_in + tokens_out - 1) / 2
    read = tokens_out * weight_bytes + batch * cached * kv_bytes
    return read / bandwidth * watts * pue / 3600


# %% wrong (q50-decode-wh-hidden-weights): reads the weights once per answer, not per token
def decode_wh(weight_bytes, kv_bytes, tokens_in, tokens_out, batch, bandwidth, watts, pue):
    if batch < 1:
        raise ValueError
    cached = tokens_out * (2 * tokens_in + tokens_out - 1) / 2
    read = weight_bytes / batch + cached * kv_bytes
    return read / bandwidth * watts * pue / 3600


# %% wrong (q50-decode-wh-hidden-weights): forgets the PUE
def decode_wh(weight_bytes, kv_bytes, tokens_in, tokens_out, batch, bandwidth, watts, pue):
    if batch < 1:
        raise ValueError
    cached = tokens_out * (2 * tokens_in + tokens_out - 1) / 2
    read = tokens_out * weight_bytes / batch + cached * kv_bytes
    return read / bandwidth * watts / 3600


# %% wrong (q50-decode-wh-hidden-weights): steps for the tokens of the input too
def decode_wh(weight_bytes, kv_bytes, tokens_in, tokens_out, batch, bandwidth, watts, pue):
    if batch < 1:
        raise ValueError
    cached = tokens_out * (2 * tokens_in + tokens_out - 1) / 2
    read = (tokens_in + tokens_out) * weight_bytes / batch + cached * kv_bytes
    return read / bandwidth * watts * pue / 3600


# %% wrong (q50-decode-wh-hidden-cache): shares the cache among the batch
def decode_wh(weight_bytes, kv_bytes, tokens_in, tokens_out, batch, bandwidth, watts, pue):
    if batch < 1:
        raise ValueError
    cached = tokens_out * (2 * tokens_in + tokens_out - 1) / 2
    read = (tokens_out * weight_bytes + cached * kv_bytes) / batch
    return read / bandwidth * watts * pue / 3600


# %% wrong (q50-decode-wh-hidden-cache): the cache does not grow
def decode_wh(weight_bytes, kv_bytes, tokens_in, tokens_out, batch, bandwidth, watts, pue):
    if batch < 1:
        raise ValueError
    read = tokens_out * (weight_bytes / batch + tokens_in * kv_bytes)
    return read / bandwidth * watts * pue / 3600


# %% wrong (q50-decode-wh-hidden-cache): the first step finds one token more
def decode_wh(weight_bytes, kv_bytes, tokens_in, tokens_out, batch, bandwidth, watts, pue):
    if batch < 1:
        raise ValueError
    cached = tokens_out * (2 * tokens_in + tokens_out + 1) / 2
    read = tokens_out * weight_bytes / batch + cached * kv_bytes
    return read / bandwidth * watts * pue / 3600


# %% wrong (q50-decode-wh-hidden-cache): the full cache at every step
def decode_wh(weight_bytes, kv_bytes, tokens_in, tokens_out, batch, bandwidth, watts, pue):
    if batch < 1:
        raise ValueError
    read = tokens_out * (weight_bytes / batch + (tokens_in + tokens_out) * kv_bytes)
    return read / bandwidth * watts * pue / 3600


# %% wrong (q50-decode-wh-hidden-cache): halves with integer division
def decode_wh(weight_bytes, kv_bytes, tokens_in, tokens_out, batch, bandwidth, watts, pue):
    if batch < 1:
        raise ValueError
    cached = tokens_out * (tokens_in + (tokens_out - 1) // 2)
    read = tokens_out * weight_bytes / batch + cached * kv_bytes
    return read / bandwidth * watts * pue / 3600


# %% wrong (q50-decode-wh-hidden-edges): no check of the batch
def decode_wh(weight_bytes, kv_bytes, tokens_in, tokens_out, batch, bandwidth, watts, pue):
    if batch == 0:
        return 0.0
    cached = tokens_out * (2 * tokens_in + tokens_out - 1) / 2
    read = tokens_out * weight_bytes / batch + cached * kv_bytes
    return read / bandwidth * watts * pue / 3600


# %% wrong (q50-decode-wh-hidden-edges): an empty batch counts as one
def decode_wh(weight_bytes, kv_bytes, tokens_in, tokens_out, batch, bandwidth, watts, pue):
    batch = max(batch, 1)
    cached = tokens_out * (2 * tokens_in + tokens_out - 1) / 2
    read = tokens_out * weight_bytes / batch + cached * kv_bytes
    return read / bandwidth * watts * pue / 3600


# %% wrong (q50-decode-wh-hidden-edges): refuses an answer without output
def decode_wh(weight_bytes, kv_bytes, tokens_in, tokens_out, batch, bandwidth, watts, pue):
    if batch < 1 or tokens_out < 1:
        raise ValueError
    cached = tokens_out * (2 * tokens_in + tokens_out - 1) / 2
    read = tokens_out * weight_bytes / batch + cached * kv_bytes
    return read / bandwidth * watts * pue / 3600


# %% wrong (q50-decode-wh-hidden-edges): a 32-bit count overflows
import numpy as np


def decode_wh(weight_bytes, kv_bytes, tokens_in, tokens_out, batch, bandwidth, watts, pue):
    if batch < 1:
        raise ValueError
    context = tokens_in + np.arange(tokens_out, dtype=np.int32)
    cached = int(context.sum(dtype=np.int32))
    read = tokens_out * weight_bytes / batch + cached * kv_bytes
    return read / bandwidth * watts * pue / 3600
