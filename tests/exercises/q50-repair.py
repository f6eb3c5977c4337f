# %% right: mended where the faults stand
def times_a_search(model, tokens, gpu, search_wh=0.3):
    if search_wh <= 0:
        raise ValueError("a search costs some energy.")
    operations = 2 * model.get("params_active", model["params_total"]) * tokens
    seconds = operations / (gpu["flops_s"] * gpu["util"])
    joules = seconds * gpu["watts"] * gpu["pue"]
    return joules / 3600 / search_wh


# %% right: active where given, compared in joules
def times_a_search(model, tokens, gpu, search_wh=0.3):
    if search_wh <= 0:
        raise ValueError("a search costs some energy.")
    if "params_active" in model:
        n = model["params_active"]
    else:
        n = model["params_total"]
    rate = gpu["flops_s"] * gpu["util"] / (2 * n)
    joules = tokens / rate * gpu["watts"] * gpu["pue"]
    return joules / (search_wh * 3600)


# %% right: both sides in kilowatt-hours
def times_a_search(model, tokens, gpu, search_wh=0.3):
    if search_wh <= 0:
        raise ValueError("a search costs some energy.")
    merged = {"params_active": model["params_total"], **model}
    flops = 2 * merged["params_active"] * tokens
    kw = gpu["watts"] / 1000 * gpu["pue"]
    kwh = kw * flops / gpu["flops_s"] / gpu["util"] / 3600
    return kwh / (search_wh / 1000)


# %% wrong (q50-repair-hidden-units): still kilowatt-hours over watt-hours
def times_a_search(model, tokens, gpu, search_wh=0.3):
    if search_wh <= 0:
        raise ValueError("a search costs some energy.")
    operations = 2 * model.get("params_active", model["params_total"]) * tokens
    seconds = operations / (gpu["flops_s"] * gpu["util"])
    joules = seconds * gpu["watts"] * gpu["pue"]
    return joules / 3_600_000 / search_wh


# %% wrong (q50-repair-hidden-units): thousand instead of three thousand six hundred
def times_a_search(model, tokens, gpu, search_wh=0.3):
    if search_wh <= 0:
        raise ValueError("a search costs some energy.")
    operations = 2 * model.get("params_active", model["params_total"]) * tokens
    seconds = operations / (gpu["flops_s"] * gpu["util"])
    joules = seconds * gpu["watts"] * gpu["pue"]
    return joules / 1000 / search_wh


# %% wrong (q50-repair-hidden-units): the given search energy is not used
def times_a_search(model, tokens, gpu, search_wh=0.3):
    if search_wh <= 0:
        raise ValueError("a search costs some energy.")
    operations = 2 * model.get("params_active", model["params_total"]) * tokens
    seconds = operations / (gpu["flops_s"] * gpu["util"])
    joules = seconds * gpu["watts"] * gpu["pue"]
    return joules / 3600 / 0.3


# %% wrong (q50-repair-hidden-units): minutes
def times_a_search(model, tokens, gpu, search_wh=0.3):
    if search_wh <= 0:
        raise ValueError("a search costs some energy.")
    operations = 2 * model.get("params_active", model["params_total"]) * tokens
    seconds = operations / (gpu["flops_s"] * gpu["util"])
    joules = seconds * gpu["watts"] * gpu["pue"]
    return joules / 60 / search_wh


# %% wrong (q50-repair-hidden-active): still all parameters
def times_a_search(model, tokens, gpu, search_wh=0.3):
    if search_wh <= 0:
        raise ValueError("a search costs some energy.")
    operations = 2 * model["params_total"] * tokens
    seconds = operations / (gpu["flops_s"] * gpu["util"])
    joules = seconds * gpu["watts"] * gpu["pue"]
    return joules / 3600 / search_wh


# %% wrong (q50-repair-hidden-active): dense models cost nothing
def times_a_search(model, tokens, gpu, search_wh=0.3):
    if search_wh <= 0:
        raise ValueError("a search costs some energy.")
    operations = 2 * model.get("params_active", 0) * tokens
    seconds = operations / (gpu["flops_s"] * gpu["util"])
    joules = seconds * gpu["watts"] * gpu["pue"]
    return joules / 3600 / search_wh


# %% wrong (q50-repair-hidden-active): dense models crash raises
def times_a_search(model, tokens, gpu, search_wh=0.3):
    if search_wh <= 0:
        raise ValueError("a search costs some energy.")
    operations = 2 * model["params_active"] * tokens
    seconds = operations / (gpu["flops_s"] * gpu["util"])
    joules = seconds * gpu["watts"] * gpu["pue"]
    return joules / 3600 / search_wh


# %% wrong (q50-repair-hidden-active): the active share squared
def times_a_search(model, tokens, gpu, search_wh=0.3):
    if search_wh <= 0:
        raise ValueError("a search costs some energy.")
    operations = (
        2 * model.get("params_active", model["params_total"]) ** 2 / model["params_total"] * tokens
    )
    seconds = operations / (gpu["flops_s"] * gpu["util"])
    joules = seconds * gpu["watts"] * gpu["pue"]
    return joules / 3600 / search_wh


# %% wrong (q50-repair-hidden-active): writes the missing entry into the caller's dict
def times_a_search(model, tokens, gpu, search_wh=0.3):
    if search_wh <= 0:
        raise ValueError("a search costs some energy.")
    model.setdefault("params_active", model["params_total"])
    operations = 2 * model["params_active"] * tokens
    seconds = operations / (gpu["flops_s"] * gpu["util"])
    joules = seconds * gpu["watts"] * gpu["pue"]
    return joules / 3600 / search_wh


# %% wrong (q50-repair-hidden-active): mean of active and total
def times_a_search(model, tokens, gpu, search_wh=0.3):
    if search_wh <= 0:
        raise ValueError("a search costs some energy.")
    operations = (
        2 * (model.get("params_active", model["params_total"]) + model["params_total"]) / 2 * tokens
    )
    seconds = operations / (gpu["flops_s"] * gpu["util"])
    joules = seconds * gpu["watts"] * gpu["pue"]
    return joules / 3600 / search_wh


# %% wrong (q50-repair-hidden-building): still divides by the PUE
def times_a_search(model, tokens, gpu, search_wh=0.3):
    if search_wh <= 0:
        raise ValueError("a search costs some energy.")
    operations = 2 * model.get("params_active", model["params_total"]) * tokens
    seconds = operations / (gpu["flops_s"] * gpu["util"])
    joules = seconds * gpu["watts"] / gpu["pue"]
    return joules / 3600 / search_wh


# %% wrong (q50-repair-hidden-building): leaves the building out
def times_a_search(model, tokens, gpu, search_wh=0.3):
    if search_wh <= 0:
        raise ValueError("a search costs some energy.")
    operations = 2 * model.get("params_active", model["params_total"]) * tokens
    seconds = operations / (gpu["flops_s"] * gpu["util"])
    joules = seconds * gpu["watts"]
    return joules / 3600 / search_wh


# %% wrong (q50-repair-hidden-building): adds the PUE as if it were watts
def times_a_search(model, tokens, gpu, search_wh=0.3):
    if search_wh <= 0:
        raise ValueError("a search costs some energy.")
    operations = 2 * model.get("params_active", model["params_total"]) * tokens
    seconds = operations / (gpu["flops_s"] * gpu["util"])
    joules = seconds * gpu["watts"] + gpu["pue"] - 1
    return joules / 3600 / search_wh
