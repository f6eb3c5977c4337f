# %% right: strings as keys, counted with dictionaries
def ngram_nll(train, test, n, k):
    if n < 1 or not k > 0 or len(test) == 0:
        raise ValueError("bad arguments")
    words = {"</s>", "<unk>"}
    for s in train:
        words.update(s)
    joint, history_counts = {}, {}
    for s in train:
        history = ["<s>"] * (n - 1)
        for w in [*s, "</s>"]:
            h = "\t".join(history)
            joint[h, w] = joint.get((h, w), 0) + 1
            history_counts[h] = history_counts.get(h, 0) + 1
            history = (history + [w])[1:] if n > 1 else []
    nats = []
    for s in test:
        history = ["<s>"] * (n - 1)
        for w in [*s, "</s>"]:
            w = w if w in words else "<unk>"
            h = "\t".join(history)
            p = (joint.get((h, w), 0) + k) / (history_counts.get(h, 0) + k * len(words))
            nats.append(-math.log(p))
            history = (history + [w])[1:] if n > 1 else []
    return sum(nats) / len(nats)


# %% right: a table of counts over integer ids
def ngram_nll(train, test, n, k):
    if n < 1 or k <= 0 or not test:
        raise ValueError("bad arguments")
    ids = {"<unk>": 0, "</s>": 1}
    for s in train:
        for w in s:
            ids.setdefault(w, len(ids))
    size = len(ids)
    start = size  # never predicted

    def rows(corpus):
        found = []
        for s in corpus:
            row = [start] * (n - 1) + [ids.get(w, 0) for w in s] + [1]
            found += [row[i : i + n] for i in range(len(row) - n + 1)]
        return np.array(found).reshape(-1, n)

    seen = rows(train)
    total = 0.0
    tested = rows(test)
    for gram in tested:
        same = (seen[:, :-1] == gram[:-1]).all(axis=1)
        hits = int((same & (seen[:, -1] == gram[-1])).sum())
        total -= np.log((hits + k) / (int(same.sum()) + k * size))
    return float(total / len(tested))


# %% right: histories counted as sums of pairs
def ngram_nll(train, test, n, k):
    from collections import Counter, defaultdict

    if n < 1 or k <= 0 or not test:
        raise ValueError("bad arguments")
    after = defaultdict(Counter)
    vocab = {w for s in train for w in s} | {"</s>", "<unk>"}
    for s in train:
        p = ("<s>",) * (n - 1) + tuple(s) + ("</s>",)
        for i in range(n - 1, len(p)):
            after[p[i - n + 1 : i]][p[i]] += 1
    logs = []
    for s in test:
        p = ("<s>",) * (n - 1) + tuple(w if w in vocab else "<unk>" for w in s) + ("</s>",)
        for i in range(n - 1, len(p)):
            c = after.get(p[i - n + 1 : i], Counter())
            logs.append(math.log(c[p[i]] + k) - math.log(sum(c.values()) + k * len(vocab)))
    return -math.fsum(logs) / len(logs)


# %% wrong (q01-ngram-nll-hidden-orders): predicts the start signs too
def ngram_nll(train, test, n, k):
    from collections import Counter

    if n < 1 or k <= 0 or not test:
        raise ValueError("bad")
    vocab = {w for s in train for w in s} | {"</s>", "<unk>"}
    pairs, hist = Counter(), Counter()

    def grams(s):
        p = ["<s>"] * (n - 1) + s + ["</s>"]
        for i in range(len(p)):
            yield tuple(p[max(0, i - n + 1) : i]), p[i]

    for s in train:
        for h, w in grams(s):
            pairs[h, w] += 1
            hist[h] += 1
    total, count = 0.0, 0
    for s in test:
        for h, w in grams([x if x in vocab else "<unk>" for x in s]):
            total -= math.log((pairs[h, w] + k) / (hist[h] + k * len(vocab)))
            count += 1
    return total / count


# %% wrong (q01-ngram-nll-hidden-orders): the end of a sentence is not predicted
def ngram_nll(train, test, n, k):
    from collections import Counter

    if n < 1 or k <= 0 or not test:
        raise ValueError("bad")
    vocab = {w for s in train for w in s} | {"</s>", "<unk>"}
    pairs, hist = Counter(), Counter()

    def grams(s):
        p = ["<s>"] * (n - 1) + s
        for i in range(n - 1, len(p)):
            yield tuple(p[i - n + 1 : i]), p[i]

    for s in train:
        for h, w in grams(s):
            pairs[h, w] += 1
            hist[h] += 1
    total, count = 0.0, 0
    for s in test:
        for h, w in grams([x if x in vocab else "<unk>" for x in s]):
            total -= math.log((pairs[h, w] + k) / (hist[h] + k * len(vocab)))
            count += 1
    return total / max(count, 1)


# %% right: one start sign, shorter histories at the beginning: the counts are the same
def ngram_nll(train, test, n, k):
    from collections import Counter

    if n < 1 or k <= 0 or not test:
        raise ValueError("bad")
    vocab = {w for s in train for w in s} | {"</s>", "<unk>"}
    pairs, hist = Counter(), Counter()

    def grams(s):
        p = ["<s>"] * min(1, n - 1) + s + ["</s>"]
        for i in range(min(1, n - 1), len(p)):
            yield tuple(p[max(0, i - n + 2 - min(1, n - 1)) : i]), p[i]

    for s in train:
        for h, w in grams(s):
            pairs[h, w] += 1
            hist[h] += 1
    total, count = 0.0, 0
    for s in test:
        for h, w in grams([x if x in vocab else "<unk>" for x in s]):
            total -= math.log((pairs[h, w] + k) / (hist[h] + k * len(vocab)))
            count += 1
    return total / count


# %% wrong (q01-ngram-nll-hidden-orders): the vocabulary lacks the end sign
def ngram_nll(train, test, n, k):
    from collections import Counter

    if n < 1 or k <= 0 or not test:
        raise ValueError("bad")
    vocab = {w for s in train for w in s} | {"<unk>"}
    pairs, hist = Counter(), Counter()

    def grams(s):
        p = ["<s>"] * (n - 1) + s + ["</s>"]
        for i in range(n - 1, len(p)):
            yield tuple(p[i - n + 1 : i]), p[i]

    for s in train:
        for h, w in grams(s):
            pairs[h, w] += 1
            hist[h] += 1
    total, count = 0.0, 0
    for s in test:
        for h, w in grams([x if x in vocab else "<unk>" for x in s]):
            total -= math.log((pairs[h, w] + k) / (hist[h] + k * len(vocab)))
            count += 1
    return total / count


# %% wrong (q01-ngram-nll-hidden-orders): no smoothing of the denominator
def ngram_nll(train, test, n, k):
    from collections import Counter

    if n < 1 or k <= 0 or not test:
        raise ValueError("bad")
    vocab = {w for s in train for w in s} | {"</s>", "<unk>"}
    pairs, hist = Counter(), Counter()

    def grams(s):
        p = ["<s>"] * (n - 1) + s + ["</s>"]
        for i in range(n - 1, len(p)):
            yield tuple(p[i - n + 1 : i]), p[i]

    for s in train:
        for h, w in grams(s):
            pairs[h, w] += 1
            hist[h] += 1
    total, count = 0.0, 0
    for s in test:
        for h, w in grams([x if x in vocab else "<unk>" for x in s]):
            total -= math.log((pairs[h, w] + k) / (hist[h] + k))
            count += 1
    return total / count


# %% wrong (q01-ngram-nll-hidden-orders): logarithm to base 2
def ngram_nll(train, test, n, k):
    from collections import Counter

    if n < 1 or k <= 0 or not test:
        raise ValueError("bad")
    vocab = {w for s in train for w in s} | {"</s>", "<unk>"}
    pairs, hist = Counter(), Counter()

    def grams(s):
        p = ["<s>"] * (n - 1) + s + ["</s>"]
        for i in range(n - 1, len(p)):
            yield tuple(p[i - n + 1 : i]), p[i]

    for s in train:
        for h, w in grams(s):
            pairs[h, w] += 1
            hist[h] += 1
    total, count = 0.0, 0
    for s in test:
        for h, w in grams([x if x in vocab else "<unk>" for x in s]):
            total -= math.log2((pairs[h, w] + k) / (hist[h] + k * len(vocab)))
            count += 1
    return total / count


# %% wrong (q01-ngram-nll-hidden-unseen): words of the test enter the vocabulary
def ngram_nll(train, test, n, k):
    from collections import Counter

    if n < 1 or k <= 0 or not test:
        raise ValueError("bad")
    vocab = {w for s in [*train, *test] for w in s} | {"</s>", "<unk>"}
    pairs, hist = Counter(), Counter()

    def grams(s):
        p = ["<s>"] * (n - 1) + s + ["</s>"]
        for i in range(n - 1, len(p)):
            yield tuple(p[i - n + 1 : i]), p[i]

    for s in train:
        for h, w in grams(s):
            pairs[h, w] += 1
            hist[h] += 1
    total, count = 0.0, 0
    for s in test:
        for h, w in grams(s):
            total -= math.log((pairs[h, w] + k) / (hist[h] + k * len(vocab)))
            count += 1
    return total / count


# %% wrong (q01-ngram-nll-hidden-unseen): unknown words are skipped
def ngram_nll(train, test, n, k):
    from collections import Counter

    if n < 1 or k <= 0 or not test:
        raise ValueError("bad")
    vocab = {w for s in train for w in s} | {"</s>", "<unk>"}
    pairs, hist = Counter(), Counter()

    def grams(s):
        p = ["<s>"] * (n - 1) + s + ["</s>"]
        for i in range(n - 1, len(p)):
            yield tuple(p[i - n + 1 : i]), p[i]

    for s in train:
        for h, w in grams(s):
            pairs[h, w] += 1
            hist[h] += 1
    total, count = 0.0, 0
    for s in test:
        for h, w in grams([x for x in s if x in vocab]):
            total -= math.log((pairs[h, w] + k) / (hist[h] + k * len(vocab)))
            count += 1
    return total / count


# %% wrong (q01-ngram-nll-hidden-mean): the mean of the sentences' means
def ngram_nll(train, test, n, k):
    from collections import Counter

    if n < 1 or k <= 0 or not test:
        raise ValueError("bad")
    vocab = {w for s in train for w in s} | {"</s>", "<unk>"}
    pairs, hist = Counter(), Counter()

    def grams(s):
        p = ["<s>"] * (n - 1) + s + ["</s>"]
        for i in range(n - 1, len(p)):
            yield tuple(p[i - n + 1 : i]), p[i]

    for s in train:
        for h, w in grams(s):
            pairs[h, w] += 1
            hist[h] += 1
    means = []
    for s in test:
        nats = [
            -math.log((pairs[h, w] + k) / (hist[h] + k * len(vocab)))
            for h, w in grams([x if x in vocab else "<unk>" for x in s])
        ]
        means.append(sum(nats) / len(nats))
    return sum(means) / len(means)


# %% wrong (q01-ngram-nll-hidden-mean): empty sentences are left out
def ngram_nll(train, test, n, k):
    from collections import Counter

    if n < 1 or k <= 0 or not test:
        raise ValueError("bad")
    vocab = {w for s in train for w in s} | {"</s>", "<unk>"}
    pairs, hist = Counter(), Counter()

    def grams(s):
        p = ["<s>"] * (n - 1) + s + ["</s>"]
        for i in range(n - 1, len(p)):
            yield tuple(p[i - n + 1 : i]), p[i]

    for s in filter(None, train):
        for h, w in grams(s):
            pairs[h, w] += 1
            hist[h] += 1
    total, count = 0.0, 0
    for s in filter(None, test):
        for h, w in grams([x if x in vocab else "<unk>" for x in s]):
            total -= math.log((pairs[h, w] + k) / (hist[h] + k * len(vocab)))
            count += 1
    return total / max(1, count)


# %% wrong (q01-ngram-nll-hidden-errors): pads the caller's own lists
def ngram_nll(train, test, n, k):
    from collections import Counter

    if n < 1 or k <= 0 or not test:
        raise ValueError("bad")
    vocab = {w for s in train for w in s} | {"</s>", "<unk>"}
    pairs, hist = Counter(), Counter()
    for s in train:
        s[:0] = ["<s>"] * (n - 1)
        s.append("</s>")
        for i in range(n - 1, len(s)):
            pairs[tuple(s[i - n + 1 : i]), s[i]] += 1
            hist[tuple(s[i - n + 1 : i])] += 1
    total, count = 0.0, 0
    for s in test:
        p = ["<s>"] * (n - 1) + [x if x in vocab else "<unk>" for x in s] + ["</s>"]
        for i in range(n - 1, len(p)):
            h, w = tuple(p[i - n + 1 : i]), p[i]
            total -= math.log((pairs[h, w] + k) / (hist[h] + k * len(vocab)))
            count += 1
    return total / count


# %% wrong (q01-ngram-nll-hidden-errors): k = 0 is let through
def ngram_nll(train, test, n, k):
    from collections import Counter

    if n < 1 or k < 0 or not test:
        raise ValueError("bad")
    vocab = {w for s in train for w in s} | {"</s>", "<unk>"}
    pairs, hist = Counter(), Counter()

    def grams(s):
        p = ["<s>"] * (n - 1) + s + ["</s>"]
        for i in range(n - 1, len(p)):
            yield tuple(p[i - n + 1 : i]), p[i]

    for s in train:
        for h, w in grams(s):
            pairs[h, w] += 1
            hist[h] += 1
    total, count = 0.0, 0
    for s in test:
        for h, w in grams([x if x in vocab else "<unk>" for x in s]):
            total -= math.log((pairs[h, w] + k) / (hist[h] + k * len(vocab)))
            count += 1
    return total / count


# %% wrong (q01-ngram-nll-hidden-errors): an empty test has loss 0
def ngram_nll(train, test, n, k):
    from collections import Counter

    if n < 1 or k <= 0:
        raise ValueError("bad")
    vocab = {w for s in train for w in s} | {"</s>", "<unk>"}
    pairs, hist = Counter(), Counter()

    def grams(s):
        p = ["<s>"] * (n - 1) + s + ["</s>"]
        for i in range(n - 1, len(p)):
            yield tuple(p[i - n + 1 : i]), p[i]

    for s in train:
        for h, w in grams(s):
            pairs[h, w] += 1
            hist[h] += 1
    total, count = 0.0, 0
    for s in test:
        for h, w in grams([x if x in vocab else "<unk>" for x in s]):
            total -= math.log((pairs[h, w] + k) / (hist[h] + k * len(vocab)))
            count += 1
    return total / max(count, 1)
