# %% right: a multiplier, as transformers builds it
def learning_rate(step, total, peak, warmup, floor=0.0):
    w = int(warmup) if warmup >= 1 else math.ceil(total * warmup)
    if step < w and step < total:
        return peak * (step / max(1, w))
    progress = min(1.0, (step - w) / max(1, total - w)) if step < total else 1.0
    share = 0.5 * (1.0 + math.cos(math.pi * progress))
    return peak * share + floor * (1 - share)


# %% right: the whole table first, with NumPy
def learning_rate(step, total, peak, warmup, floor=0.0):
    if step > total:
        step = total
    w = -int(-(warmup * total) // 1) if warmup < 1 else int(warmup)
    rise = peak * np.arange(w) / w if w else np.zeros(0)
    angle = np.linspace(0, np.pi, max(0, total - w), endpoint=False)
    fall = floor + (peak - floor) * np.cos(angle / 2) ** 2
    return float(np.concatenate([rise[:total], fall, [floor]])[step])


# %% right: three returns
def learning_rate(step, total, peak, warmup, floor=0.0):
    warm = math.ceil(warmup * total) if 0 < warmup < 1 else int(warmup)
    if step >= total:
        return float(floor)
    if step < warm:
        return peak / warm * step
    return (peak + floor) / 2 + (peak - floor) / 2 * math.cos(
        math.pi / (total - warm) * (step - warm)
    )


# %% wrong (q24-learning-rate-hidden-warmup): the warm-up is peak already in its last step
def learning_rate(step, total, peak, warmup, floor=0.0):
    if step >= total:
        return floor
    w = int(warmup) if warmup >= 1 else math.ceil(warmup * total)
    if step < w:
        return peak * (step + 1) / w
    return floor + (peak - floor) * 0.5 * (1 + math.cos(math.pi * (step - w) / (total - w)))


# %% wrong (q24-learning-rate-hidden-warmup): cuts a share down to whole steps
def learning_rate(step, total, peak, warmup, floor=0.0):
    if step >= total:
        return floor
    w = int(warmup) if warmup >= 1 else int(warmup * total)
    if step < w:
        return peak * step / w
    return floor + (peak - floor) * 0.5 * (1 + math.cos(math.pi * (step - w) / (total - w)))


# %% wrong (q24-learning-rate-hidden-warmup): the warm-up rises from the floor
def learning_rate(step, total, peak, warmup, floor=0.0):
    if step >= total:
        return floor
    w = int(warmup) if warmup >= 1 else math.ceil(warmup * total)
    if step < w:
        return floor + (peak - floor) * step / w
    return floor + (peak - floor) * 0.5 * (1 + math.cos(math.pi * (step - w) / (total - w)))


# %% wrong (q24-learning-rate-hidden-cosine): the cosine runs over all steps, the warm-up's too
def learning_rate(step, total, peak, warmup, floor=0.0):
    if step >= total:
        return floor
    w = int(warmup) if warmup >= 1 else math.ceil(warmup * total)
    if step < w:
        return peak * step / w
    return floor + (peak - floor) * 0.5 * (1 + math.cos(math.pi * step / total))


# %% wrong (q24-learning-rate-hidden-cosine): falls to 0 and is cut off at the floor
def learning_rate(step, total, peak, warmup, floor=0.0):
    if step >= total:
        return floor
    w = int(warmup) if warmup >= 1 else math.ceil(warmup * total)
    if step < w:
        return peak * step / w
    return max(floor, peak * 0.5 * (1 + math.cos(math.pi * (step - w) / (total - w))))


# %% wrong (q24-learning-rate-hidden-cosine): a straight line
def learning_rate(step, total, peak, warmup, floor=0.0):
    if step >= total:
        return floor
    w = int(warmup) if warmup >= 1 else math.ceil(warmup * total)
    if step < w:
        return peak * step / w
    return peak + (floor - peak) * (step - w) / (total - w)


# %% wrong (q24-learning-rate-hidden-ends): the cosine goes on after the end
def learning_rate(step, total, peak, warmup, floor=0.0):
    w = int(warmup) if warmup >= 1 else math.ceil(warmup * total)
    if step < w:
        return peak * step / w
    progress = (step - w) / max(1, total - w)
    return floor + (peak - floor) * 0.5 * (1 + math.cos(math.pi * progress))


# %% wrong (q24-learning-rate-hidden-ends): divides by zero where the warm-up takes all raises
def learning_rate(step, total, peak, warmup, floor=0.0):
    w = int(warmup) if warmup >= 1 else math.ceil(warmup * total)
    if step < w:
        return peak * step / w
    progress = min(1.0, (step - w) / (total - w))
    return floor + (peak - floor) * 0.5 * (1 + math.cos(math.pi * progress))


# %% wrong (q24-learning-rate-hidden-ends): the warm-up goes on after the last update
def learning_rate(step, total, peak, warmup, floor=0.0):
    w = int(warmup) if warmup >= 1 else math.ceil(warmup * total)
    if step < w:
        return peak * step / w
    if step >= total:
        return floor
    return floor + (peak - floor) * 0.5 * (1 + math.cos(math.pi * (step - w) / (total - w)))
