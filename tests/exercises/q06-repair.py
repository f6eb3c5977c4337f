# %% right: rounded up with integers
def total_cost(option, requests_per_day, days):
    o = option
    per_request = (o["prompt_tokens"] * o["price_in"] + o["out_tokens"] * o["price_out"]) / 1e6
    r = o["retrain_every"]
    trainings = 1 if r is None else -(-days // r)
    return float(
        trainings * o["train_cost"] + days * (requests_per_day * per_request + o["hosting_per_day"])
    )


# %% right: day by day
def total_cost(option, requests_per_day, days):
    total = 0.0
    r = option["retrain_every"]
    for day in range(days):
        if day == 0 or (r is not None and day % r == 0):
            total += option["train_cost"]
        total += option["hosting_per_day"]
        total += requests_per_day * option["prompt_tokens"] * option["price_in"] / 1_000_000
        total += requests_per_day * option["out_tokens"] * option["price_out"] / 1_000_000
    return total


# %% right: math.ceil, with the horizon itself where training is never repeated
def total_cost(option, requests_per_day, days):
    every = option["retrain_every"] or days
    read = requests_per_day * days * option["prompt_tokens"] / 1e6
    written = requests_per_day * days * option["out_tokens"] / 1e6
    return (
        math.ceil(days / every) * option["train_cost"]
        + read * option["price_in"]
        + written * option["price_out"]
        + days * option["hosting_per_day"]
    )


# %% wrong (q06-repair-hidden-written): everything mended but the price of what is written
def total_cost(option, requests_per_day, days):
    read = option["prompt_tokens"] * option["price_in"]
    written = option["out_tokens"] * option["price_in"]
    per_day = requests_per_day * (read + written) / 1_000_000 + option["hosting_per_day"]
    every = option["retrain_every"]
    trainings = 1 if every is None else len(range(0, days, every))
    return trainings * option["train_cost"] + days * per_day


# %% wrong (q06-repair-hidden-written): the mean of both prices on all tokens
def total_cost(option, requests_per_day, days):
    tokens = option["prompt_tokens"] + option["out_tokens"]
    price = (option["price_in"] + option["price_out"]) / 2
    every = option["retrain_every"]
    trainings = 1 if every is None else len(range(0, days, every))
    per_day = requests_per_day * tokens * price / 1_000_000 + option["hosting_per_day"]
    return trainings * option["train_cost"] + days * per_day


# %% wrong (q06-repair-hidden-hosting): everything mended but hosting
def total_cost(option, requests_per_day, days):
    read = option["prompt_tokens"] * option["price_in"]
    written = option["out_tokens"] * option["price_out"]
    per_day = requests_per_day * (read + written) / 1_000_000
    every = option["retrain_every"]
    trainings = 1 if every is None else len(range(0, days, every))
    return trainings * option["train_cost"] + days * per_day


# %% wrong (q06-repair-hidden-hosting): hosting once instead of every day
def total_cost(option, requests_per_day, days):
    read = option["prompt_tokens"] * option["price_in"]
    written = option["out_tokens"] * option["price_out"]
    per_day = requests_per_day * (read + written) / 1_000_000
    every = option["retrain_every"]
    trainings = 1 if every is None else len(range(0, days, every))
    return trainings * option["train_cost"] + days * per_day + option["hosting_per_day"]


# %% wrong (q06-repair-hidden-hosting): hosting only when there are requests
def total_cost(option, requests_per_day, days):
    read = option["prompt_tokens"] * option["price_in"]
    written = option["out_tokens"] * option["price_out"]
    per_day = requests_per_day * (read + written) / 1_000_000 + (
        option["hosting_per_day"] if requests_per_day else 0
    )
    every = option["retrain_every"]
    trainings = 1 if every is None else len(range(0, days, every))
    return trainings * option["train_cost"] + days * per_day


# %% wrong (q06-repair-hidden-hosting): hosting per request
def total_cost(option, requests_per_day, days):
    read = option["prompt_tokens"] * option["price_in"]
    written = option["out_tokens"] * option["price_out"]
    per_day = (
        requests_per_day * (read + written) / 1_000_000
        + requests_per_day * option["hosting_per_day"]
    )
    every = option["retrain_every"]
    trainings = 1 if every is None else len(range(0, days, every))
    return trainings * option["train_cost"] + days * per_day


# %% wrong (q06-repair-hidden-hosting): a machine only for what was trained
def total_cost(option, requests_per_day, days):
    read = option["prompt_tokens"] * option["price_in"]
    written = option["out_tokens"] * option["price_out"]
    per_day = requests_per_day * (read + written) / 1_000_000
    every = option["retrain_every"]
    trainings = 1 if every is None else len(range(0, days, every))
    total = trainings * option["train_cost"] + days * per_day
    if option["train_cost"]:
        total += days * option["hosting_per_day"]
    return total


# %% wrong (q06-repair-hidden-again): training once
def total_cost(option, requests_per_day, days):
    read = option["prompt_tokens"] * option["price_in"]
    written = option["out_tokens"] * option["price_out"]
    per_day = requests_per_day * (read + written) / 1_000_000 + option["hosting_per_day"]
    trainings = 1
    return trainings * option["train_cost"] + days * per_day


# %% wrong (q06-repair-hidden-again): rounded down, and the first training forgotten
def total_cost(option, requests_per_day, days):
    read = option["prompt_tokens"] * option["price_in"]
    written = option["out_tokens"] * option["price_out"]
    per_day = requests_per_day * (read + written) / 1_000_000 + option["hosting_per_day"]
    every = option["retrain_every"]
    trainings = 1 if every is None else days // every
    return trainings * option["train_cost"] + days * per_day


# %% wrong (q06-repair-hidden-again): one too many where the days divide evenly
def total_cost(option, requests_per_day, days):
    read = option["prompt_tokens"] * option["price_in"]
    written = option["out_tokens"] * option["price_out"]
    per_day = requests_per_day * (read + written) / 1_000_000 + option["hosting_per_day"]
    every = option["retrain_every"]
    trainings = 1 if every is None else days // every + 1
    return trainings * option["train_cost"] + days * per_day


# %% wrong (q06-repair-hidden-again): counts None as never trained
def total_cost(option, requests_per_day, days):
    read = option["prompt_tokens"] * option["price_in"]
    written = option["out_tokens"] * option["price_out"]
    per_day = requests_per_day * (read + written) / 1_000_000 + option["hosting_per_day"]
    every = option["retrain_every"]
    trainings = 0 if every is None else len(range(0, days, every))
    return trainings * option["train_cost"] + days * per_day


# %% wrong (q06-repair-hidden-again): a fraction of a training
def total_cost(option, requests_per_day, days):
    read = option["prompt_tokens"] * option["price_in"]
    written = option["out_tokens"] * option["price_out"]
    per_day = requests_per_day * (read + written) / 1_000_000 + option["hosting_per_day"]
    every = option["retrain_every"]
    trainings = 1 if every is None else days / every
    return trainings * option["train_cost"] + days * per_day
