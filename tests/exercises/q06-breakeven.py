# %% right: per day instead of per request
def breakeven_requests(
    prompt_tokens_fewshot,
    prompt_tokens_ft,
    out_tokens,
    price_in,
    price_out,
    ft_price_in,
    ft_price_out,
    train_cost,
    hosting_per_day,
    req_per_day,
):
    if req_per_day <= 0:
        raise ValueError("no requests")
    fewshot = req_per_day * (prompt_tokens_fewshot * price_in + out_tokens * price_out)
    tuned = req_per_day * (prompt_tokens_ft * ft_price_in + out_tokens * ft_price_out)
    saved_a_day = fewshot - tuned - hosting_per_day
    if saved_a_day <= 0:
        return math.inf
    return train_cost / saved_a_day * req_per_day


# %% right: NumPy dot products
def breakeven_requests(
    prompt_tokens_fewshot,
    prompt_tokens_ft,
    out_tokens,
    price_in,
    price_out,
    ft_price_in,
    ft_price_out,
    train_cost,
    hosting_per_day,
    req_per_day,
):
    if req_per_day <= 0:
        raise ValueError("no requests")
    before = np.dot([prompt_tokens_fewshot, out_tokens], [price_in, price_out])
    after = np.dot([prompt_tokens_ft, out_tokens], [ft_price_in, ft_price_out])
    saving = float(before - after) - hosting_per_day / req_per_day
    return float(train_cost / saving) if saving > 0 else float("inf")


# %% right: differences by kind of token
def breakeven_requests(
    prompt_tokens_fewshot,
    prompt_tokens_ft,
    out_tokens,
    price_in,
    price_out,
    ft_price_in,
    ft_price_out,
    train_cost,
    hosting_per_day,
    req_per_day,
):
    if req_per_day <= 0:
        raise ValueError("no requests")
    saving = prompt_tokens_fewshot * price_in - prompt_tokens_ft * ft_price_in
    saving += out_tokens * (price_out - ft_price_out)
    saving -= hosting_per_day / req_per_day
    if not saving > 0:
        return math.inf
    return train_cost / saving


# %% wrong (q06-breakeven-hidden-output): forgets what is written
def breakeven_requests(
    prompt_tokens_fewshot,
    prompt_tokens_ft,
    out_tokens,
    price_in,
    price_out,
    ft_price_in,
    ft_price_out,
    train_cost,
    hosting_per_day,
    req_per_day,
):
    if req_per_day <= 0:
        raise ValueError("no requests")
    saving = prompt_tokens_fewshot * price_in - prompt_tokens_ft * ft_price_in
    saving -= hosting_per_day / req_per_day
    return train_cost / saving if saving > 0 else math.inf


# %% wrong (q06-breakeven-hidden-output): the tuned model at the old prices
def breakeven_requests(
    prompt_tokens_fewshot,
    prompt_tokens_ft,
    out_tokens,
    price_in,
    price_out,
    ft_price_in,
    ft_price_out,
    train_cost,
    hosting_per_day,
    req_per_day,
):
    if req_per_day <= 0:
        raise ValueError("no requests")
    saving = (prompt_tokens_fewshot - prompt_tokens_ft) * price_in - hosting_per_day / req_per_day
    return train_cost / saving if saving > 0 else math.inf


# %% wrong (q06-breakeven-hidden-output): written tokens at the price of those that are read
def breakeven_requests(
    prompt_tokens_fewshot,
    prompt_tokens_ft,
    out_tokens,
    price_in,
    price_out,
    ft_price_in,
    ft_price_out,
    train_cost,
    hosting_per_day,
    req_per_day,
):
    if req_per_day <= 0:
        raise ValueError("no requests")
    fewshot = (prompt_tokens_fewshot + out_tokens) * price_in
    tuned = (prompt_tokens_ft + out_tokens) * ft_price_in
    saving = fewshot - tuned - hosting_per_day / req_per_day
    return train_cost / saving if saving > 0 else math.inf


# %% wrong (q06-breakeven-hidden-hosting): no hosting, as in the popular formula
def breakeven_requests(
    prompt_tokens_fewshot,
    prompt_tokens_ft,
    out_tokens,
    price_in,
    price_out,
    ft_price_in,
    ft_price_out,
    train_cost,
    hosting_per_day,
    req_per_day,
):
    if req_per_day <= 0:
        raise ValueError("no requests")
    fewshot = prompt_tokens_fewshot * price_in + out_tokens * price_out
    tuned = prompt_tokens_ft * ft_price_in + out_tokens * ft_price_out
    saving = fewshot - tuned
    return train_cost / saving if saving > 0 else math.inf


# %% wrong (q06-breakeven-hidden-hosting): a whole day's hosting on every request
def breakeven_requests(
    prompt_tokens_fewshot,
    prompt_tokens_ft,
    out_tokens,
    price_in,
    price_out,
    ft_price_in,
    ft_price_out,
    train_cost,
    hosting_per_day,
    req_per_day,
):
    if req_per_day <= 0:
        raise ValueError("no requests")
    fewshot = prompt_tokens_fewshot * price_in + out_tokens * price_out
    tuned = prompt_tokens_ft * ft_price_in + out_tokens * ft_price_out
    saving = fewshot - tuned - hosting_per_day
    return train_cost / saving if saving > 0 else math.inf


# %% wrong (q06-breakeven-hidden-hosting): hosting once, on top of the training
def breakeven_requests(
    prompt_tokens_fewshot,
    prompt_tokens_ft,
    out_tokens,
    price_in,
    price_out,
    ft_price_in,
    ft_price_out,
    train_cost,
    hosting_per_day,
    req_per_day,
):
    if req_per_day <= 0:
        raise ValueError("no requests")
    fewshot = prompt_tokens_fewshot * price_in + out_tokens * price_out
    tuned = prompt_tokens_ft * ft_price_in + out_tokens * ft_price_out
    saving = fewshot - tuned
    return (train_cost + hosting_per_day) / saving if saving > 0 else math.inf


# %% wrong (q06-breakeven-hidden-never): negative numbers of requests
def breakeven_requests(
    prompt_tokens_fewshot,
    prompt_tokens_ft,
    out_tokens,
    price_in,
    price_out,
    ft_price_in,
    ft_price_out,
    train_cost,
    hosting_per_day,
    req_per_day,
):
    if req_per_day <= 0:
        raise ValueError("no requests")
    fewshot = prompt_tokens_fewshot * price_in + out_tokens * price_out
    tuned = prompt_tokens_ft * ft_price_in + out_tokens * ft_price_out
    saving = fewshot - tuned - hosting_per_day / req_per_day
    return train_cost / saving if saving != 0 else math.inf


# %% wrong (q06-breakeven-hidden-never): free training pays at once, even where nothing is saved
def breakeven_requests(
    prompt_tokens_fewshot,
    prompt_tokens_ft,
    out_tokens,
    price_in,
    price_out,
    ft_price_in,
    ft_price_out,
    train_cost,
    hosting_per_day,
    req_per_day,
):
    if req_per_day <= 0:
        raise ValueError("no requests")
    if train_cost == 0:
        return 0.0
    fewshot = prompt_tokens_fewshot * price_in + out_tokens * price_out
    tuned = prompt_tokens_ft * ft_price_in + out_tokens * ft_price_out
    saving = fewshot - tuned - hosting_per_day / req_per_day
    return train_cost / saving if saving > 0 else math.inf


# %% wrong (q06-breakeven-hidden-never): divides by zero where nothing is saved
def breakeven_requests(
    prompt_tokens_fewshot,
    prompt_tokens_ft,
    out_tokens,
    price_in,
    price_out,
    ft_price_in,
    ft_price_out,
    train_cost,
    hosting_per_day,
    req_per_day,
):
    if req_per_day <= 0:
        raise ValueError("no requests")
    fewshot = prompt_tokens_fewshot * price_in + out_tokens * price_out
    tuned = prompt_tokens_ft * ft_price_in + out_tokens * ft_price_out
    saving = fewshot - tuned - hosting_per_day / req_per_day
    return train_cost / saving if saving >= 0 else math.inf


# %% wrong (q06-breakeven-hidden-edges): whole requests
def breakeven_requests(
    prompt_tokens_fewshot,
    prompt_tokens_ft,
    out_tokens,
    price_in,
    price_out,
    ft_price_in,
    ft_price_out,
    train_cost,
    hosting_per_day,
    req_per_day,
):
    if req_per_day <= 0:
        raise ValueError("no requests")
    fewshot = prompt_tokens_fewshot * price_in + out_tokens * price_out
    tuned = prompt_tokens_ft * ft_price_in + out_tokens * ft_price_out
    saving = fewshot - tuned - hosting_per_day / req_per_day
    return float(math.ceil(train_cost / saving)) if saving > 0 else math.inf


# %% wrong (q06-breakeven-hidden-edges): no requests a day count as never
def breakeven_requests(
    prompt_tokens_fewshot,
    prompt_tokens_ft,
    out_tokens,
    price_in,
    price_out,
    ft_price_in,
    ft_price_out,
    train_cost,
    hosting_per_day,
    req_per_day,
):
    if req_per_day <= 0:
        return math.inf
    fewshot = prompt_tokens_fewshot * price_in + out_tokens * price_out
    tuned = prompt_tokens_ft * ft_price_in + out_tokens * ft_price_out
    saving = fewshot - tuned - hosting_per_day / req_per_day
    return train_cost / saving if saving > 0 else math.inf


# %% wrong (q06-breakeven-hidden-edges): looks at the requests only where there is hosting
def breakeven_requests(
    prompt_tokens_fewshot,
    prompt_tokens_ft,
    out_tokens,
    price_in,
    price_out,
    ft_price_in,
    ft_price_out,
    train_cost,
    hosting_per_day,
    req_per_day,
):
    share = 0.0
    if hosting_per_day:
        if req_per_day <= 0:
            raise ValueError("no requests")
        share = hosting_per_day / req_per_day
    fewshot = prompt_tokens_fewshot * price_in + out_tokens * price_out
    tuned = prompt_tokens_ft * ft_price_in + out_tokens * ft_price_out
    saving = fewshot - tuned - share
    return train_cost / saving if saving > 0 else math.inf


# %% wrong (q06-breakeven-hidden-edges): infinity before the error, where nothing is saved anyhow
def breakeven_requests(
    prompt_tokens_fewshot,
    prompt_tokens_ft,
    out_tokens,
    price_in,
    price_out,
    ft_price_in,
    ft_price_out,
    train_cost,
    hosting_per_day,
    req_per_day,
):
    fewshot = prompt_tokens_fewshot * price_in + out_tokens * price_out
    tuned = prompt_tokens_ft * ft_price_in + out_tokens * ft_price_out
    if fewshot <= tuned:
        return math.inf
    if req_per_day <= 0:
        raise ValueError("no requests")
    saving = fewshot - tuned - hosting_per_day / req_per_day
    return train_cost / saving if saving > 0 else math.inf
