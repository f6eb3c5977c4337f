# %% right: a dict filled as types come up
def probe(X_train, y_train, types_train, X_test, y_test, types_test, fit, seed):
    rng = np.random.default_rng(seed)
    book = {}
    for t in [*types_train.tolist(), *types_test.tolist()]:
        if t not in book:
            book[t] = y_train[rng.integers(len(y_train))]
    c_train = np.array([book[t] for t in types_train.tolist()])
    c_test = np.array([book[t] for t in types_test.tolist()])
    accuracy = float((fit(X_train, y_train)(X_test) == y_test).mean())
    control = float((fit(X_train, c_train)(X_test) == c_test).mean())
    return {"accuracy": accuracy, "control": control, "selectivity": accuracy - control}


# %% right: choice with counted probabilities
def probe(X_train, y_train, types_train, X_test, y_test, types_test, fit, seed):
    rng = np.random.default_rng(seed)
    labels, counts = np.unique(y_train, return_counts=True)
    types = sorted(set(types_train.tolist()) | set(types_test.tolist()))
    drawn = dict(
        zip(types, rng.choice(labels, size=len(types), p=counts / counts.sum()), strict=True)
    )
    results = []
    for train, test in (
        (y_train, y_test),
        (
            np.array([drawn[t] for t in types_train.tolist()]),
            np.array([drawn[t] for t in types_test.tolist()]),
        ),
    ):
        guess = np.asarray(fit(X_train, train)(X_test))
        results.append(np.count_nonzero(guess == test) / len(test))
    return dict(accuracy=results[0], control=results[1], selectivity=results[0] - results[1])


# %% right: searchsorted on the distinct types
def probe(X_train, y_train, types_train, X_test, y_test, types_test, fit, seed):
    rng = np.random.default_rng(seed)
    both = np.r_[types_train, types_test]
    kinds = np.unique(both)
    mapping = rng.choice(y_train, kinds.size)
    row = mapping[np.searchsorted(kinds, both)]
    n = len(y_train)
    first = fit(X_train, y_train)
    scores = np.zeros(2)
    scores[0] = np.equal(first(X_test), y_test).mean()
    second = fit(X_train, row[:n])
    scores[1] = np.equal(second(X_test), row[n:]).mean()
    return {
        "selectivity": scores[0] - scores[1],
        "control": scores[1],
        "accuracy": scores[0],
    }


# %% wrong (q41-probe-hidden-types): draws a control label for every row
def probe(X_train, y_train, types_train, X_test, y_test, types_test, fit, seed):
    rng = np.random.default_rng(seed)
    c_train = rng.choice(y_train, size=len(X_train))
    c_test = rng.choice(y_train, size=len(X_test))
    accuracy = float((fit(X_train, y_train)(X_test) == y_test).mean())
    control = float((fit(X_train, c_train)(X_test) == c_test).mean())
    return {"accuracy": accuracy, "control": control, "selectivity": accuracy - control}


# %% wrong (q41-probe-hidden-types): shuffles the training labels and holds the control against the true test labels
def probe(X_train, y_train, types_train, X_test, y_test, types_test, fit, seed):
    rng = np.random.default_rng(seed)
    accuracy = float((fit(X_train, y_train)(X_test) == y_test).mean())
    control = float((fit(X_train, rng.permutation(y_train))(X_test) == y_test).mean())
    return {"accuracy": accuracy, "control": control, "selectivity": accuracy - control}


# %% wrong (q41-probe-hidden-types): draws anew for the types of the test rows
def probe(X_train, y_train, types_train, X_test, y_test, types_test, fit, seed):
    rng = np.random.default_rng(seed)
    book = {}
    for t in [*types_train.tolist(), *types_test.tolist()]:
        if t not in book:
            book[t] = y_train[rng.integers(len(y_train))]
    c_train = np.array([book[t] for t in types_train.tolist()])
    book = {t: y_train[rng.integers(len(y_train))] for t in book}
    c_test = np.array([book[t] for t in types_test.tolist()])
    accuracy = float((fit(X_train, y_train)(X_test) == y_test).mean())
    control = float((fit(X_train, c_train)(X_test) == c_test).mean())
    return {"accuracy": accuracy, "control": control, "selectivity": accuracy - control}


# %% wrong (q41-probe-hidden-types): control predictions held against the task's test labels
def probe(X_train, y_train, types_train, X_test, y_test, types_test, fit, seed):
    rng = np.random.default_rng(seed)
    book = {}
    for t in [*types_train.tolist(), *types_test.tolist()]:
        if t not in book:
            book[t] = y_train[rng.integers(len(y_train))]
    c_train = np.array([book[t] for t in types_train.tolist()])
    accuracy = float((fit(X_train, y_train)(X_test) == y_test).mean())
    control = float((fit(X_train, c_train)(X_test) == y_test).mean())
    return {"accuracy": accuracy, "control": control, "selectivity": accuracy - control}


# %% wrong (q41-probe-hidden-frequencies): draws uniformly from the distinct labels
def probe(X_train, y_train, types_train, X_test, y_test, types_test, fit, seed):
    rng = np.random.default_rng(seed)
    book = {}
    for t in [*types_train.tolist(), *types_test.tolist()]:
        if t not in book:
            book[t] = rng.choice(np.unique(y_train))
    c_train = np.array([book[t] for t in types_train.tolist()])
    c_test = np.array([book[t] for t in types_test.tolist()])
    accuracy = float((fit(X_train, y_train)(X_test) == y_test).mean())
    control = float((fit(X_train, c_train)(X_test) == c_test).mean())
    return {"accuracy": accuracy, "control": control, "selectivity": accuracy - control}


# %% wrong (q41-probe-hidden-frequencies): a new type in the test rows gets the commonest label
def probe(X_train, y_train, types_train, X_test, y_test, types_test, fit, seed):
    rng = np.random.default_rng(seed)
    book = {}
    for t in types_train.tolist():
        if t not in book:
            book[t] = y_train[rng.integers(len(y_train))]
    c_train = np.array([book[t] for t in types_train.tolist()])
    c_test = np.array([book.get(t, np.bincount(y_train).argmax()) for t in types_test.tolist()])
    accuracy = float((fit(X_train, y_train)(X_test) == y_test).mean())
    control = float((fit(X_train, c_train)(X_test) == c_test).mean())
    return {"accuracy": accuracy, "control": control, "selectivity": accuracy - control}


# %% wrong (q41-probe-hidden-rows): fits the probes on all rows
def probe(X_train, y_train, types_train, X_test, y_test, types_test, fit, seed):
    rng = np.random.default_rng(seed)
    book = {}
    for t in [*types_train.tolist(), *types_test.tolist()]:
        if t not in book:
            book[t] = y_train[rng.integers(len(y_train))]
    c_train = np.array([book[t] for t in types_train.tolist()])
    c_test = np.array([book[t] for t in types_test.tolist()])
    accuracy = float((fit(np.r_[X_train, X_test], np.r_[y_train, y_test])(X_test) == y_test).mean())
    control = float((fit(np.r_[X_train, X_test], np.r_[c_train, c_test])(X_test) == c_test).mean())
    return {"accuracy": accuracy, "control": control, "selectivity": accuracy - control}


# %% wrong (q41-probe-hidden-rows): selectivity never below 0
def probe(X_train, y_train, types_train, X_test, y_test, types_test, fit, seed):
    rng = np.random.default_rng(seed)
    book = {}
    for t in [*types_train.tolist(), *types_test.tolist()]:
        if t not in book:
            book[t] = y_train[rng.integers(len(y_train))]
    c_train = np.array([book[t] for t in types_train.tolist()])
    c_test = np.array([book[t] for t in types_test.tolist()])
    accuracy = float((fit(X_train, y_train)(X_test) == y_test).mean())
    control = float((fit(X_train, c_train)(X_test) == c_test).mean())
    return {"accuracy": accuracy, "control": control, "selectivity": max(0.0, accuracy - control)}


# %% wrong (q41-probe-hidden-rows): fits the control first
def probe(X_train, y_train, types_train, X_test, y_test, types_test, fit, seed):
    rng = np.random.default_rng(seed)
    book = {}
    for t in [*types_train.tolist(), *types_test.tolist()]:
        if t not in book:
            book[t] = y_train[rng.integers(len(y_train))]
    c_train = np.array([book[t] for t in types_train.tolist()])
    c_test = np.array([book[t] for t in types_test.tolist()])
    control = float((fit(X_train, c_train)(X_test) == c_test).mean())
    accuracy = float((fit(X_train, y_train)(X_test) == y_test).mean())
    return {"accuracy": accuracy, "control": control, "selectivity": accuracy - control}


# %% wrong (q41-probe-hidden-chance): seeds NumPy's global generator
def probe(X_train, y_train, types_train, X_test, y_test, types_test, fit, seed):
    np.random.seed(seed)
    book = {}
    for t in [*types_train.tolist(), *types_test.tolist()]:
        if t not in book:
            book[t] = y_train[np.random.randint(len(y_train))]
    c_train = np.array([book[t] for t in types_train.tolist()])
    c_test = np.array([book[t] for t in types_test.tolist()])
    accuracy = float((fit(X_train, y_train)(X_test) == y_test).mean())
    control = float((fit(X_train, c_train)(X_test) == c_test).mean())
    return {"accuracy": accuracy, "control": control, "selectivity": accuracy - control}


# %% wrong (q41-probe-hidden-chance): does not use the seed
def probe(X_train, y_train, types_train, X_test, y_test, types_test, fit, seed):
    rng = np.random.default_rng()
    book = {}
    for t in [*types_train.tolist(), *types_test.tolist()]:
        if t not in book:
            book[t] = y_train[rng.integers(len(y_train))]
    c_train = np.array([book[t] for t in types_train.tolist()])
    c_test = np.array([book[t] for t in types_test.tolist()])
    accuracy = float((fit(X_train, y_train)(X_test) == y_test).mean())
    control = float((fit(X_train, c_train)(X_test) == c_test).mean())
    return {"accuracy": accuracy, "control": control, "selectivity": accuracy - control}


# %% wrong (q41-probe-hidden-frequencies): deals the shuffled training labels out in turn
def probe(X_train, y_train, types_train, X_test, y_test, types_test, fit, seed):
    rng = np.random.default_rng(seed)
    types, where = np.unique(np.concatenate([types_train, types_test]), return_inverse=True)
    labels = np.resize(rng.permutation(y_train), len(types))
    control = labels[where.ravel()]
    n = len(X_train)
    accuracy = float((fit(X_train, y_train)(X_test) == y_test).mean())
    chance = float((fit(X_train, control[:n])(X_test) == control[n:]).mean())
    return {"accuracy": accuracy, "control": chance, "selectivity": accuracy - chance}


# %% wrong (q41-probe-hidden-frequencies): one random offset into the training labels
def probe(X_train, y_train, types_train, X_test, y_test, types_test, fit, seed):
    rng = np.random.default_rng(seed)
    types, where = np.unique(np.concatenate([types_train, types_test]), return_inverse=True)
    start = rng.integers(len(y_train))
    labels = y_train[(start + np.arange(len(types))) % len(y_train)]
    control = labels[where.ravel()]
    n = len(X_train)
    accuracy = float((fit(X_train, y_train)(X_test) == y_test).mean())
    chance = float((fit(X_train, control[:n])(X_test) == control[n:]).mean())
    return {"accuracy": accuracy, "control": chance, "selectivity": accuracy - chance}


# %% wrong (q41-probe-hidden-frequencies): draws from the types, not from the rows
def probe(X_train, y_train, types_train, X_test, y_test, types_test, fit, seed):
    rng = np.random.default_rng(seed)
    types, where = np.unique(np.concatenate([types_train, types_test]), return_inverse=True)
    first = np.unique(types_train, return_index=True)[1]
    labels = rng.choice(y_train[first], size=len(types))
    control = labels[where.ravel()]
    n = len(X_train)
    accuracy = float((fit(X_train, y_train)(X_test) == y_test).mean())
    chance = float((fit(X_train, control[:n])(X_test) == control[n:]).mean())
    return {"accuracy": accuracy, "control": chance, "selectivity": accuracy - chance}
