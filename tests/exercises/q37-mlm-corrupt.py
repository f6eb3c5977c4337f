# %% right: one position at a time
def mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15):
    ordinary = [i for i in range(vocab) if i not in special]
    inputs, labels = [], []
    for token in ids.tolist():
        if token in special or rng.random() >= p:
            inputs.append(token)
            labels.append(-100)
            continue
        labels.append(token)
        u = rng.random()
        if u < 0.8:
            inputs.append(mask_id)
        elif u < 0.9:
            inputs.append(ordinary[rng.integers(len(ordinary))])
        else:
            inputs.append(token)
    return np.array(inputs, dtype=np.int64), np.array(labels, dtype=np.int64)


# %% right: half of what the mask left over, as the libraries do it
def mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15):
    inputs = ids.astype(np.int64, copy=True)
    labels = inputs.copy()
    prob = np.full(len(ids), p)
    prob[[i for i, token in enumerate(ids) if int(token) in special]] = 0.0
    chosen = rng.binomial(1, prob).astype(bool)
    labels[~chosen] = -100
    replaced = chosen & (rng.random(len(ids)) < 0.8)
    inputs[replaced] = mask_id
    random = chosen & ~replaced & (rng.random(len(ids)) < 0.5)
    ordinary = np.array(sorted(set(range(vocab)) - set(special)))
    inputs[random] = ordinary[rng.integers(0, len(ordinary), size=int(random.sum()))]
    return inputs, labels


# %% right: a fate for each chosen position, drawn by rng.choice
def mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15):
    places = np.flatnonzero(~np.isin(ids, sorted(special)))
    places = places[rng.random(len(places)) < p]
    inputs = np.array(ids, dtype=np.int64)
    labels = np.full(len(ids), -100, dtype=np.int64)
    labels[places] = inputs[places]
    fate = rng.choice(["mask", "random", "keep"], size=len(places), p=[0.8, 0.1, 0.1])
    inputs[places[fate == "mask"]] = mask_id
    ordinary = [i for i in range(vocab) if i not in special]
    drawn = places[fate == "random"]
    inputs[drawn] = rng.choice(ordinary, size=len(drawn))
    return inputs, labels


# %% right: rejection for the random ids
def mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15):
    T = len(ids)
    u = rng.random((3, T))
    allowed = np.ones(vocab, dtype=bool)
    allowed[list(special)] = False
    random = rng.integers(vocab, size=T)
    while not allowed[random].all():
        bad = ~allowed[random]
        random[bad] = rng.integers(vocab, size=bad.sum())
    chosen = allowed[np.asarray(ids, dtype=int)] & (u[0] < p)
    inputs = np.select(
        [chosen & (u[1] < 0.8), chosen & (u[1] < 0.9)], [np.full(T, mask_id), random], ids
    )
    return inputs.astype(np.int64), np.where(chosen, ids, -100).astype(np.int64)


# %% wrong (q37-mlm-corrupt-hidden-special): special tokens are chosen too
def mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15):
    chosen = rng.random(len(ids)) < p
    fate = rng.random(len(ids))
    others = rng.choice(np.setdiff1d(np.arange(vocab), list(special)), size=len(ids))
    inputs = np.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = np.where(chosen & (fate >= 0.8) & (fate < 0.9), others, inputs)
    return inputs, np.where(chosen, ids, -100)


# %% wrong (q37-mlm-corrupt-hidden-special): draws random ids from the whole vocabulary
def mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15):
    chosen = (rng.random(len(ids)) < p) & ~np.isin(ids, list(special))
    fate = rng.random(len(ids))
    others = rng.integers(vocab, size=len(ids))
    inputs = np.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = np.where(chosen & (fate >= 0.8) & (fate < 0.9), others, inputs)
    return inputs, np.where(chosen, ids, -100)


# %% wrong (q37-mlm-corrupt-hidden-special): special tokens get no label but are replaced in the input
def mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15):
    chosen = rng.random(len(ids)) < p
    fate = rng.random(len(ids))
    others = rng.choice(np.setdiff1d(np.arange(vocab), list(special)), size=len(ids))
    inputs = np.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = np.where(chosen & (fate >= 0.8) & (fate < 0.9), others, inputs)
    return inputs, np.where(chosen & ~np.isin(ids, list(special)), ids, -100)


# %% wrong (q37-mlm-corrupt-hidden-shares): every chosen token becomes the mask
def mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15):
    chosen = (rng.random(len(ids)) < p) & ~np.isin(ids, list(special))
    return np.where(chosen, mask_id, ids), np.where(chosen, ids, -100)


# %% wrong (q37-mlm-corrupt-hidden-shares): 10 per cent of what the mask left over
def mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15):
    T = len(ids)
    chosen = (rng.random(T) < p) & ~np.isin(ids, list(special))
    masked = chosen & (rng.random(T) < 0.8)
    random = chosen & ~masked & (rng.random(T) < 0.1)
    others = rng.choice(np.setdiff1d(np.arange(vocab), list(special)), size=T)
    inputs = np.where(masked, mask_id, np.where(random, others, ids))
    return inputs, np.where(chosen, ids, -100)


# %% wrong (q37-mlm-corrupt-hidden-shares): chooses exactly 15 per cent of the positions
def mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15):
    ids = np.asarray(ids)
    places = np.flatnonzero(~np.isin(ids, list(special)))
    places = rng.permutation(places)[: round(p * len(places))]
    chosen = np.zeros(len(ids), dtype=bool)
    chosen[places] = True
    fate = rng.random(len(ids))
    others = rng.choice(np.setdiff1d(np.arange(vocab), list(special)), size=len(ids))
    inputs = np.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = np.where(chosen & (fate >= 0.8) & (fate < 0.9), others, inputs)
    return inputs, np.where(chosen, ids, -100)


# %% wrong (q37-mlm-corrupt-hidden-shares): the same number decides the choice and what becomes of it
def mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15):
    u = rng.random(len(ids))
    chosen = (u < p) & ~np.isin(ids, list(special))
    others = rng.choice(np.setdiff1d(np.arange(vocab), list(special)), size=len(ids))
    inputs = np.where(chosen & (u < 0.8), mask_id, ids)
    inputs = np.where(chosen & (u >= 0.8) & (u < 0.9), others, inputs)
    return inputs, np.where(chosen, ids, -100)


# %% wrong (q37-mlm-corrupt-hidden-shares): one fate for the whole text
def mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15):
    chosen = (rng.random(len(ids)) < p) & ~np.isin(ids, list(special))
    fate = rng.random()
    others = rng.choice(np.setdiff1d(np.arange(vocab), list(special)), size=len(ids))
    inputs = np.array(ids)
    if fate < 0.8:
        inputs[chosen] = mask_id
    elif fate < 0.9:
        inputs[chosen] = others[chosen]
    return inputs, np.where(chosen, ids, -100)


# %% wrong (q37-mlm-corrupt-hidden-shares): only masked and random positions get a label
def mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15):
    chosen = (rng.random(len(ids)) < p) & ~np.isin(ids, list(special))
    fate = rng.random(len(ids))
    others = rng.choice(np.setdiff1d(np.arange(vocab), list(special)), size=len(ids))
    inputs = np.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = np.where(chosen & (fate >= 0.8) & (fate < 0.9), others, inputs)
    return inputs, np.where(chosen & (fate < 0.9), ids, -100)


# %% wrong (q37-mlm-corrupt-hidden-shares): ignores p
def mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15):
    chosen = (rng.random(len(ids)) < 0.15) & ~np.isin(ids, list(special))
    fate = rng.random(len(ids))
    others = rng.choice(np.setdiff1d(np.arange(vocab), list(special)), size=len(ids))
    inputs = np.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = np.where(chosen & (fate >= 0.8) & (fate < 0.9), others, inputs)
    return inputs, np.where(chosen, ids, -100)


# %% wrong (q37-mlm-corrupt-hidden-random): one random id for the whole text
def mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15):
    chosen = (rng.random(len(ids)) < p) & ~np.isin(ids, list(special))
    fate = rng.random(len(ids))
    other = rng.choice(np.setdiff1d(np.arange(vocab), list(special)))
    inputs = np.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = np.where(chosen & (fate >= 0.8) & (fate < 0.9), other, inputs)
    return inputs, np.where(chosen, ids, -100)


# %% wrong (q37-mlm-corrupt-hidden-random): never the last id of the vocabulary
def mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15):
    chosen = (rng.random(len(ids)) < p) & ~np.isin(ids, list(special))
    fate = rng.random(len(ids))
    ordinary = np.setdiff1d(np.arange(vocab), list(special))
    others = ordinary[rng.integers(0, max(len(ordinary) - 1, 1), size=len(ids))]
    inputs = np.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = np.where(chosen & (fate >= 0.8) & (fate < 0.9), others, inputs)
    return inputs, np.where(chosen, ids, -100)


# %% wrong (q37-mlm-corrupt-hidden-random): a special id drawn is moved up to the next ordinary one
def mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15):
    chosen = (rng.random(len(ids)) < p) & ~np.isin(ids, list(special))
    fate = rng.random(len(ids))
    others = rng.integers(vocab, size=len(ids))
    while np.isin(others, list(special)).any():
        others = np.where(np.isin(others, list(special)), (others + 1) % vocab, others)
    inputs = np.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = np.where(chosen & (fate >= 0.8) & (fate < 0.9), others, inputs)
    return inputs, np.where(chosen, ids, -100)


# %% wrong (q37-mlm-corrupt-hidden-random): draws from the ids that occur in the text
def mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15):
    ids = np.asarray(ids, dtype=np.int64)
    chosen = (rng.random(len(ids)) < p) & ~np.isin(ids, list(special))
    fate = rng.random(len(ids))
    others = rng.permutation(ids)
    others = np.where(np.isin(others, list(special)), ids, others)
    inputs = np.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = np.where(chosen & (fate >= 0.8) & (fate < 0.9), others, inputs)
    return inputs, np.where(chosen, ids, -100)


# %% wrong (q37-mlm-corrupt-hidden-clean): the labels hold the corrupted ids
def mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15):
    chosen = (rng.random(len(ids)) < p) & ~np.isin(ids, list(special))
    fate = rng.random(len(ids))
    others = rng.choice(np.setdiff1d(np.arange(vocab), list(special)), size=len(ids))
    inputs = np.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = np.where(chosen & (fate >= 0.8) & (fate < 0.9), others, inputs)
    return inputs, np.where(chosen, inputs, -100)


# %% wrong (q37-mlm-corrupt-hidden-clean): corrupts the caller's array
def mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15):
    chosen = (rng.random(len(ids)) < p) & ~np.isin(ids, list(special))
    fate = rng.random(len(ids))
    others = rng.choice(np.setdiff1d(np.arange(vocab), list(special)), size=len(ids))
    labels = np.where(chosen, ids, -100)
    ids[chosen & (fate < 0.8)] = mask_id
    random = chosen & (fate >= 0.8) & (fate < 0.9)
    ids[random] = others[random]
    return ids, labels


# %% wrong (q37-mlm-corrupt-hidden-clean): labels everywhere
def mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15):
    chosen = (rng.random(len(ids)) < p) & ~np.isin(ids, list(special))
    fate = rng.random(len(ids))
    others = rng.choice(np.setdiff1d(np.arange(vocab), list(special)), size=len(ids))
    inputs = np.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = np.where(chosen & (fate >= 0.8) & (fate < 0.9), others, inputs)
    return inputs, np.array(ids)


# %% wrong (q37-mlm-corrupt-hidden-clean): global random numbers
def mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15):
    chosen = (np.random.random(len(ids)) < p) & ~np.isin(ids, list(special))
    fate = np.random.random(len(ids))
    others = np.random.choice(np.setdiff1d(np.arange(vocab), list(special)), size=len(ids))
    inputs = np.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = np.where(chosen & (fate >= 0.8) & (fate < 0.9), others, inputs)
    return inputs, np.where(chosen, ids, -100)


# %% wrong (q37-mlm-corrupt-hidden-clean): seeds a generator of its own
def mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15):
    rng = np.random.default_rng(0)
    chosen = (rng.random(len(ids)) < p) & ~np.isin(ids, list(special))
    fate = rng.random(len(ids))
    others = rng.choice(np.setdiff1d(np.arange(vocab), list(special)), size=len(ids))
    inputs = np.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = np.where(chosen & (fate >= 0.8) & (fate < 0.9), others, inputs)
    return inputs, np.where(chosen, ids, -100)


# %% wrong (q37-mlm-corrupt-hidden-clean): float arrays
def mlm_corrupt(ids, special, vocab, mask_id, rng, p=0.15):
    chosen = (rng.random(len(ids)) < p) & ~np.isin(ids, list(special))
    fate = rng.random(len(ids))
    others = rng.choice(np.setdiff1d(np.arange(vocab), list(special)), size=len(ids))
    inputs, labels = ids.astype(float), np.full(len(ids), -100.0)
    inputs[chosen & (fate < 0.8)] = mask_id
    random = chosen & (fate >= 0.8) & (fate < 0.9)
    inputs[random] = others[random]
    labels[chosen] = ids[chosen]
    return inputs, labels
