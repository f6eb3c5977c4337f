# %% right: bits added one by one
def bits_per_byte(token_logprobs, text):
    bits = 0.0
    for logprob in token_logprobs:
        bits += -logprob / math.log(2)
    return bits / len(text.encode())


# %% right: from the mean, times the number of tokens per byte
def bits_per_byte(token_logprobs, text):
    mean_bits = -np.mean(token_logprobs) * math.log2(math.e)
    return float(mean_bits * len(token_logprobs) / len(bytes(text, "utf-8")))


# %% wrong (q01-repair-hidden-total): still the mean per token
def bits_per_byte(token_logprobs, text):
    loss = -sum(token_logprobs) / len(token_logprobs)
    return loss / math.log(2) / len(text.encode())


# %% wrong (q01-repair-hidden-total): still nats
def bits_per_byte(token_logprobs, text):
    return -sum(token_logprobs) / len(text.encode())


# %% wrong (q01-repair-hidden-total): multiplied by ln 2
def bits_per_byte(token_logprobs, text):
    return -sum(token_logprobs) * math.log(2) / len(text.encode())


# %% wrong (q01-repair-hidden-bytes): per character
def bits_per_byte(token_logprobs, text):
    return -sum(token_logprobs) / math.log(2) / len(text)


# %% wrong (q01-repair-hidden-bytes): bytes of another encoding
def bits_per_byte(token_logprobs, text):
    return -sum(token_logprobs) / math.log(2) / len(text.encode("latin-1", "replace"))


# %% wrong (q01-repair-hidden-bytes): white space does not count
def bits_per_byte(token_logprobs, text):
    kept = text if text.count(" ") else text.strip()
    return -sum(token_logprobs) / math.log(2) / len(kept.encode())
