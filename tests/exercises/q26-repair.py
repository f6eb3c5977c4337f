# %% right: the three faults mended where they stand
def few_shot_accuracy(predict, texts, labels, k, condition, rng):
    classes = sorted(set(labels))
    shown = list(labels)
    if condition == "random":
        shown = [rng.choice(classes).item() for _ in labels]
    elif condition == "flipped":
        shown = [classes[1 - classes.index(label)] for label in labels]
    hits = 0
    for i, (query, label) in enumerate(zip(texts, labels, strict=True)):
        chosen = rng.choice(len(texts) - 1, size=k, replace=False)
        chosen = chosen + (chosen >= i)
        examples = [(texts[j], shown[j]) for j in chosen]
        hits += predict(examples, query) == label
    return hits / len(texts)


# %% right: labels drawn anew for every prompt, choice by permutation
def few_shot_accuracy(predict, texts, labels, k, condition, rng):
    pair = list(set(labels))
    other = {pair[0]: pair[1], pair[1]: pair[0]}
    right = []
    for i in range(len(texts)):
        order = [j for j in rng.permutation(len(texts)) if j != i][:k]
        examples = []
        for j in order:
            label = labels[j]
            if condition == "flipped" or (condition == "random" and rng.random() < 0.5):
                label = other[label]
            examples.append((texts[j], label))
        right.append(predict(examples, texts[i]) == labels[i])
    return float(np.mean(right))


# %% right: a dictionary of truths, one label function for each condition
def few_shot_accuracy(predict, texts, labels, k, condition, rng):
    truth = dict(zip(texts, labels, strict=True))
    a, b = sorted(set(labels))
    show = {
        "true": lambda text: truth[text],
        "flipped": lambda text: a if truth[text] == b else b,
        "random": lambda text: (a, b)[int(rng.integers(0, 2))],
    }[condition]
    hits = 0
    for query in texts:
        pool = [text for text in texts if text != query]
        picked = [pool[int(j)] for j in rng.permutation(len(pool))[:k]]
        hits += int(predict([(text, show(text)) for text in picked], query) == truth[query])
    return hits / len(texts)


# %% right: NumPy arrays of strings
def few_shot_accuracy(predict, texts, labels, k, condition, rng):
    truth = np.array(labels)
    classes = np.unique(truth)
    shown = {
        "true": truth,
        "flipped": np.where(truth == classes[0], classes[1], classes[0]),
        "random": classes[rng.integers(2, size=len(truth))],
    }[condition]
    answers = []
    for i, query in enumerate(texts):
        chosen = rng.permutation(np.delete(np.arange(len(texts)), i))[:k]
        answers.append(predict([(texts[j], str(shown[j])) for j in chosen], query))
    return float((np.array(answers) == truth).mean())


# %% right: draws one more than needed, drops the query and cuts, in the order drawn
def few_shot_accuracy(predict, texts, labels, k, condition, rng):
    classes = sorted(set(labels))
    shown = labels
    if condition == "random":
        shown = [classes[rng.integers(2)] for _ in labels]
    elif condition == "flipped":
        shown = [classes[1 - classes.index(label)] for label in labels]
    hits = 0
    for i, (query, label) in enumerate(zip(texts, labels, strict=True)):
        chosen = [j for j in rng.choice(len(texts), size=k + 1, replace=False) if j != i][:k]
        hits += predict([(texts[j], shown[j]) for j in chosen], query) == label
    return hits / len(texts)


# %% wrong (q26-repair-hidden-truth): the relabelled list still serves as the truth
def few_shot_accuracy(predict, texts, labels, k, condition, rng):
    classes = sorted(set(labels))
    if condition == "random":
        labels = [rng.choice(classes).item() for _ in labels]
    elif condition == "flipped":
        labels = [classes[1 - classes.index(label)] for label in labels]
    hits = 0
    for i, (query, label) in enumerate(zip(texts, labels, strict=True)):
        others = [j for j in range(len(texts)) if j != i]
        chosen = rng.choice(others, size=k, replace=False)
        hits += predict([(texts[j], labels[j]) for j in chosen], query) == label
    return hits / len(texts)


# %% wrong (q26-repair-hidden-leak): the examples come from all texts, the query too
def few_shot_accuracy(predict, texts, labels, k, condition, rng):
    classes = sorted(set(labels))
    shown = labels
    if condition == "random":
        shown = [rng.choice(classes).item() for _ in labels]
    elif condition == "flipped":
        shown = [classes[1 - classes.index(label)] for label in labels]
    hits = 0
    for query, label in zip(texts, labels, strict=True):
        chosen = rng.choice(len(texts), size=k, replace=False)
        hits += predict([(texts[j], shown[j]) for j in chosen], query) == label
    return hits / len(texts)


# %% wrong (q26-repair-hidden-leak): draws k of all and drops the query, so sometimes k - 1 are left
def few_shot_accuracy(predict, texts, labels, k, condition, rng):
    classes = sorted(set(labels))
    shown = labels
    if condition == "random":
        shown = [rng.choice(classes).item() for _ in labels]
    elif condition == "flipped":
        shown = [classes[1 - classes.index(label)] for label in labels]
    hits = 0
    for i, (query, label) in enumerate(zip(texts, labels, strict=True)):
        chosen = [j for j in rng.choice(len(texts), size=k, replace=False) if j != i]
        hits += predict([(texts[j], shown[j]) for j in chosen], query) == label
    return hits / len(texts)


# %% wrong (q26-repair-hidden-leak): draws with replacement
def few_shot_accuracy(predict, texts, labels, k, condition, rng):
    classes = sorted(set(labels))
    shown = labels
    if condition == "random":
        shown = [rng.choice(classes).item() for _ in labels]
    elif condition == "flipped":
        shown = [classes[1 - classes.index(label)] for label in labels]
    hits = 0
    for i, (query, label) in enumerate(zip(texts, labels, strict=True)):
        others = [j for j in range(len(texts)) if j != i]
        chosen = rng.choice(others, size=k)
        hits += predict([(texts[j], shown[j]) for j in chosen], query) == label
    return hits / len(texts)


# %% wrong (q26-repair-hidden-random): a random wrong label, which with two labels is a flipped one
def few_shot_accuracy(predict, texts, labels, k, condition, rng):
    classes = sorted(set(labels))
    shown = labels
    if condition == "random":
        shown = [rng.choice([c for c in classes if c != label]).item() for label in labels]
    elif condition == "flipped":
        shown = [classes[1 - classes.index(label)] for label in labels]
    hits = 0
    for i, (query, label) in enumerate(zip(texts, labels, strict=True)):
        others = [j for j in range(len(texts)) if j != i]
        chosen = rng.choice(others, size=k, replace=False)
        hits += predict([(texts[j], shown[j]) for j in chosen], query) == label
    return hits / len(texts)


# %% wrong (q26-repair-hidden-random): shuffles the labels of the examples of a prompt
def few_shot_accuracy(predict, texts, labels, k, condition, rng):
    classes = sorted(set(labels))
    hits = 0
    for i, (query, label) in enumerate(zip(texts, labels, strict=True)):
        others = [j for j in range(len(texts)) if j != i]
        chosen = rng.choice(others, size=k, replace=False)
        shown = [labels[j] for j in chosen]
        if condition == "random":
            rng.shuffle(shown)
        elif condition == "flipped":
            shown = [classes[1 - classes.index(c)] for c in shown]
        hits += predict([(texts[j], c) for j, c in zip(chosen, shown, strict=True)], query) == label
    return hits / len(texts)


# %% wrong (q26-repair-hidden-random): draws a random label from the list of all labels
def few_shot_accuracy(predict, texts, labels, k, condition, rng):
    classes = sorted(set(labels))
    shown = labels
    if condition == "random":
        shown = [rng.choice(labels).item() for _ in labels]
    elif condition == "flipped":
        shown = [classes[1 - classes.index(label)] for label in labels]
    hits = 0
    for i, (query, label) in enumerate(zip(texts, labels, strict=True)):
        others = [j for j in range(len(texts)) if j != i]
        chosen = rng.choice(others, size=k, replace=False)
        hits += predict([(texts[j], shown[j]) for j in chosen], query) == label
    return hits / len(texts)


# %% wrong (q26-repair-hidden-random): one coin for the whole prompt
def few_shot_accuracy(predict, texts, labels, k, condition, rng):
    a, b = sorted(set(labels))
    other = {a: b, b: a}
    hits = 0
    for i, (query, label) in enumerate(zip(texts, labels, strict=True)):
        others = [j for j in range(len(texts)) if j != i]
        chosen = rng.choice(others, size=k, replace=False)
        flip = condition == "flipped" or (condition == "random" and rng.random() < 0.5)
        examples = [(texts[j], other[labels[j]] if flip else labels[j]) for j in chosen]
        hits += predict(examples, query) == label
    return hits / len(texts)


# %% wrong (q26-repair-hidden-labels): flips only the first half of the examples
def few_shot_accuracy(predict, texts, labels, k, condition, rng):
    a, b = sorted(set(labels))
    other = {a: b, b: a}
    hits = 0
    for i, (query, label) in enumerate(zip(texts, labels, strict=True)):
        others = [j for j in range(len(texts)) if j != i]
        chosen = rng.choice(others, size=k, replace=False)
        examples = []
        for place, j in enumerate(chosen):
            shown = labels[j]
            if condition == "random":
                shown = (a, b)[rng.integers(2)]
            elif condition == "flipped" and place < (k + 1) // 2:
                shown = other[shown]
            examples.append((texts[j], shown))
        hits += predict(examples, query) == label
    return hits / len(texts)


# %% wrong (q26-repair-hidden-labels): writes the changed labels into the caller's list
def few_shot_accuracy(predict, texts, labels, k, condition, rng):
    classes = sorted(set(labels))
    truth = list(labels)
    for i, label in enumerate(truth):
        if condition == "random":
            labels[i] = classes[rng.integers(2)]
        elif condition == "flipped":
            labels[i] = classes[1 - classes.index(label)]
    hits = 0
    for i, (query, label) in enumerate(zip(texts, truth, strict=True)):
        others = [j for j in range(len(texts)) if j != i]
        chosen = rng.choice(others, size=k, replace=False)
        hits += predict([(texts[j], labels[j]) for j in chosen], query) == label
    return hits / len(texts)


# %% wrong (q26-repair-hidden-labels): draws from a generator of its own
def few_shot_accuracy(predict, texts, labels, k, condition, rng):
    rng = np.random.default_rng()
    classes = sorted(set(labels))
    shown = labels
    if condition == "random":
        shown = [classes[rng.integers(2)] for _ in labels]
    elif condition == "flipped":
        shown = [classes[1 - classes.index(label)] for label in labels]
    hits = 0
    for i, (query, label) in enumerate(zip(texts, labels, strict=True)):
        others = [j for j in range(len(texts)) if j != i]
        chosen = rng.choice(others, size=k, replace=False)
        hits += predict([(texts[j], shown[j]) for j in chosen], query) == label
    return hits / len(texts)


# %% wrong (q26-repair-hidden-leak): always the first k of the others
def few_shot_accuracy(predict, texts, labels, k, condition, rng):
    classes = sorted(set(labels))
    shown = labels
    if condition == "random":
        shown = [classes[rng.integers(2)] for _ in labels]
    elif condition == "flipped":
        shown = [classes[1 - classes.index(label)] for label in labels]
    hits = 0
    for i, (query, label) in enumerate(zip(texts, labels, strict=True)):
        chosen = [j for j in range(len(texts)) if j != i][:k]
        hits += predict([(texts[j], shown[j]) for j in chosen], query) == label
    return hits / len(texts)


# %% wrong (q26-repair-hidden-leak): a run of neighbours from a random start
def few_shot_accuracy(predict, texts, labels, k, condition, rng):
    classes = sorted(set(labels))
    shown = labels
    if condition == "random":
        shown = [classes[rng.integers(2)] for _ in labels]
    elif condition == "flipped":
        shown = [classes[1 - classes.index(label)] for label in labels]
    hits = 0
    for i, (query, label) in enumerate(zip(texts, labels, strict=True)):
        others = [j for j in range(len(texts)) if j != i]
        start = int(rng.integers(len(others)))
        chosen = (others * 2)[start : start + k]
        hits += predict([(texts[j], shown[j]) for j in chosen], query) == label
    return hits / len(texts)


# %% wrong (q26-repair-hidden-leak): draws one more than needed, drops the query, sorts, then cuts
def few_shot_accuracy(predict, texts, labels, k, condition, rng):
    classes = sorted(set(labels))
    shown = labels
    if condition == "random":
        shown = [classes[rng.integers(2)] for _ in labels]
    elif condition == "flipped":
        shown = [classes[1 - classes.index(label)] for label in labels]
    hits = 0
    for i, (query, label) in enumerate(zip(texts, labels, strict=True)):
        drawn = sorted(rng.choice(len(texts), size=k + 1, replace=False))
        chosen = [j for j in drawn if j != i][:k]
        hits += predict([(texts[j], shown[j]) for j in chosen], query) == label
    return hits / len(texts)


# %% wrong (q26-repair-hidden-leak): one order for all queries
def few_shot_accuracy(predict, texts, labels, k, condition, rng):
    classes = sorted(set(labels))
    shown = labels
    if condition == "random":
        shown = [classes[rng.integers(2)] for _ in labels]
    elif condition == "flipped":
        shown = [classes[1 - classes.index(label)] for label in labels]
    hits = 0
    order = rng.permutation(len(texts))
    for i, (query, label) in enumerate(zip(texts, labels, strict=True)):
        chosen = [j for j in order if j != i][:k]
        hits += predict([(texts[j], shown[j]) for j in chosen], query) == label
    return hits / len(texts)


# %% wrong (q26-repair-hidden-random): flips exactly half of the labels of each prompt
def few_shot_accuracy(predict, texts, labels, k, condition, rng):
    a, b = sorted(set(labels))
    other = {a: b, b: a}
    hits = 0
    for i, (query, label) in enumerate(zip(texts, labels, strict=True)):
        others = [j for j in range(len(texts)) if j != i]
        chosen = rng.choice(others, size=k, replace=False)
        flips = {"true": 0, "flipped": k, "random": k // 2}[condition]
        turned = set(rng.permutation(k)[:flips].tolist())
        examples = [
            (texts[j], other[labels[j]] if place in turned else labels[j])
            for place, j in enumerate(chosen)
        ]
        hits += predict(examples, query) == label
    return hits / len(texts)


# %% wrong (q26-repair-hidden-random): flips exactly half of all texts
def few_shot_accuracy(predict, texts, labels, k, condition, rng):
    a, b = sorted(set(labels))
    other = {a: b, b: a}
    n = len(texts)
    flips = {"true": 0, "flipped": n, "random": n // 2}[condition]
    turned = set(rng.permutation(n)[:flips].tolist())
    shown = [other[label] if j in turned else label for j, label in enumerate(labels)]
    hits = 0
    for i, (query, label) in enumerate(zip(texts, labels, strict=True)):
        others = [j for j in range(n) if j != i]
        chosen = rng.choice(others, size=k, replace=False)
        hits += predict([(texts[j], shown[j]) for j in chosen], query) == label
    return hits / n
