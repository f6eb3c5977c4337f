# %% right: counters, with document frequencies in a dictionary
def bm25_scores(query, docs, k1=1.5, b=0.75):
    counts = [Counter(doc) for doc in docs]
    df = Counter(word for count in counts for word in count)
    N = len(docs)
    mean = sum(len(doc) for doc in docs) / N if N else 0
    scores = np.zeros(N, dtype=np.float64)
    for i, (doc, count) in enumerate(zip(docs, counts, strict=True)):
        for word in query:
            if word in count:
                idf = math.log1p((N - df[word] + 0.5) / (df[word] + 0.5))
                norm = k1 * (1 - b + b * len(doc) / mean)
                scores[i] += idf * count[word] * (k1 + 1) / (count[word] + norm)
    return scores


from collections import Counter


# %% right: a matrix of counts
def bm25_scores(query, docs, k1=1.5, b=0.75):
    if not query or not any(docs):
        return np.zeros(len(docs))
    tf = np.array([[doc.count(word) for word in query] for doc in docs], dtype=float)
    length = np.array([len(doc) for doc in docs], dtype=float)[:, None]
    n = (tf > 0).sum(axis=0)
    idf = np.log((len(docs) + 1) / (n + 0.5))
    norm = k1 * (1 - b + b * length / length.mean())
    factor = np.divide(tf * (k1 + 1), tf + norm, out=np.zeros_like(tf), where=tf > 0)
    return factor @ idf


# %% right: an inverted index, repeats of the query as weights
def bm25_scores(query, docs, k1=1.5, b=0.75):
    postings = {}
    for i, doc in enumerate(docs):
        for word in doc:
            postings.setdefault(word, {}).setdefault(i, 0)
            postings[word][i] += 1
    scores = [0.0] * len(docs)
    total = sum(len(doc) for doc in docs)
    for word in dict.fromkeys(query):
        found = postings.get(word, {})
        idf = math.log(1 + (len(docs) - len(found) + 0.5) / (len(found) + 0.5))
        for i, tf in found.items():
            relative = len(docs[i]) * len(docs) / total
            gain = tf * (k1 + 1) / (tf + k1 * (1 - b + b * relative))
            scores[i] += query.count(word) * idf * gain
    return np.array(scores, dtype=np.float64)


# %% wrong (q11-bm25-hidden-score): n counts occurrences instead of documents
def bm25_scores(query, docs, k1=1.5, b=0.75):
    N, scores = len(docs), np.zeros(len(docs))
    total = sum(map(len, docs))
    if not total:
        return scores
    for word in query:
        n = sum(doc.count(word) for doc in docs)
        n = min(n, N)
        idf = math.log(1 + (N - n + 0.5) / (n + 0.5))
        for i, doc in enumerate(docs):
            if tf := doc.count(word):
                norm = k1 * (1 - b + b * len(doc) * N / total)
                scores[i] += idf * tf * (k1 + 1) / (tf + norm)
    return scores


# %% wrong (q11-bm25-hidden-score): lengths in characters
def bm25_scores(query, docs, k1=1.5, b=0.75):
    N, scores = len(docs), np.zeros(len(docs))
    sizes = [sum(map(len, doc)) for doc in docs]
    if not sum(sizes):
        return scores
    for word in query:
        n = sum(word in doc for doc in docs)
        idf = math.log(1 + (N - n + 0.5) / (n + 0.5))
        for i, doc in enumerate(docs):
            if tf := doc.count(word):
                norm = k1 * (1 - b + b * sizes[i] * N / sum(sizes))
                scores[i] += idf * tf * (k1 + 1) / (tf + norm)
    return scores


# %% wrong (q11-bm25-hidden-score): leaves out the factor k1 + 1, as Lucene does
def bm25_scores(query, docs, k1=1.5, b=0.75):
    N, scores = len(docs), np.zeros(len(docs))
    total = sum(map(len, docs))
    if not total:
        return scores
    for word in query:
        n = sum(word in doc for doc in docs)
        idf = math.log(1 + (N - n + 0.5) / (n + 0.5))
        for i, doc in enumerate(docs):
            if tf := doc.count(word):
                norm = k1 * (1 - b + b * len(doc) * N / total)
                scores[i] += idf * tf / (tf + norm)
    return scores


# %% wrong (q11-bm25-hidden-score): lower-cases everything
def bm25_scores(query, docs, k1=1.5, b=0.75):
    query, docs = [w.lower() for w in query], [[w.lower() for w in doc] for doc in docs]
    N, scores = len(docs), np.zeros(len(docs))
    total = sum(map(len, docs))
    if not total:
        return scores
    for word in query:
        n = sum(word in doc for doc in docs)
        idf = math.log(1 + (N - n + 0.5) / (n + 0.5))
        for i, doc in enumerate(docs):
            if tf := doc.count(word):
                norm = k1 * (1 - b + b * len(doc) * N / total)
                scores[i] += idf * tf * (k1 + 1) / (tf + norm)
    return scores


# %% wrong (q11-bm25-hidden-score): searches in the joined text, so parts of words count
def bm25_scores(query, docs, k1=1.5, b=0.75):
    N, scores = len(docs), np.zeros(len(docs))
    total = sum(map(len, docs))
    if not total:
        return scores
    joined = ["".join(doc) for doc in docs]
    for word in query:
        n = sum(word in text for text in joined)
        idf = math.log(1 + (N - n + 0.5) / (n + 0.5))
        for i, text in enumerate(joined):
            if tf := text.count(word):
                norm = k1 * (1 - b + b * len(docs[i]) * N / total)
                scores[i] += idf * tf * (k1 + 1) / (tf + norm)
    return scores


# %% wrong (q11-bm25-hidden-score): logarithm to base 2
def bm25_scores(query, docs, k1=1.5, b=0.75):
    N, scores = len(docs), np.zeros(len(docs))
    total = sum(map(len, docs))
    if not total:
        return scores
    for word in query:
        n = sum(word in doc for doc in docs)
        idf = math.log2(1 + (N - n + 0.5) / (n + 0.5))
        for i, doc in enumerate(docs):
            if tf := doc.count(word):
                norm = k1 * (1 - b + b * len(doc) * N / total)
                scores[i] += idf * tf * (k1 + 1) / (tf + norm)
    return scores


# %% wrong (q11-bm25-hidden-idf): the classic idf, negative for common words
def bm25_scores(query, docs, k1=1.5, b=0.75):
    N, scores = len(docs), np.zeros(len(docs))
    total = sum(map(len, docs))
    if not total:
        return scores
    for word in query:
        n = sum(word in doc for doc in docs)
        idf = math.log((N - n + 0.5) / (n + 0.5))
        for i, doc in enumerate(docs):
            if tf := doc.count(word):
                norm = k1 * (1 - b + b * len(doc) * N / total)
                scores[i] += idf * tf * (k1 + 1) / (tf + norm)
    return scores


# %% wrong (q11-bm25-hidden-idf): the classic idf with a floor at 0
def bm25_scores(query, docs, k1=1.5, b=0.75):
    N, scores = len(docs), np.zeros(len(docs))
    total = sum(map(len, docs))
    if not total:
        return scores
    for word in query:
        n = sum(word in doc for doc in docs)
        idf = max(0.0, math.log((N - n + 0.5) / (n + 0.5)))
        for i, doc in enumerate(docs):
            if tf := doc.count(word):
                norm = k1 * (1 - b + b * len(doc) * N / total)
                scores[i] += idf * tf * (k1 + 1) / (tf + norm)
    return scores


# %% wrong (q11-bm25-hidden-idf): the idf of TF-IDF, ln(N / n)
def bm25_scores(query, docs, k1=1.5, b=0.75):
    N, scores = len(docs), np.zeros(len(docs))
    total = sum(map(len, docs))
    if not total:
        return scores
    for word in query:
        n = sum(word in doc for doc in docs)
        for i, doc in enumerate(docs):
            if tf := doc.count(word):
                norm = k1 * (1 - b + b * len(doc) * N / total)
                scores[i] += math.log(N / n) * tf * (k1 + 1) / (tf + norm)
    return scores


# %% wrong (q11-bm25-hidden-settings): k1 = 0 divides zero by zero
def bm25_scores(query, docs, k1=1.5, b=0.75):
    N, scores = len(docs), np.zeros(len(docs))
    total = sum(map(len, docs))
    if not total:
        return scores
    length = np.array([len(doc) for doc in docs]) * N / total
    for word in query:
        tf = np.array([doc.count(word) for doc in docs], dtype=float)
        n = (tf > 0).sum()
        with np.errstate(invalid="ignore"):
            factor = tf * (k1 + 1) / (tf + k1 * (1 - b + b * np.maximum(length, 1e-9)))
        scores += math.log(1 + (N - n + 0.5) / (n + 0.5)) * factor
    return scores


# %% wrong (q11-bm25-hidden-settings): b taken as 0.75 whatever is asked
def bm25_scores(query, docs, k1=1.5, b=0.75):
    N, scores = len(docs), np.zeros(len(docs))
    total = sum(map(len, docs))
    if not total:
        return scores
    for word in query:
        n = sum(word in doc for doc in docs)
        idf = math.log(1 + (N - n + 0.5) / (n + 0.5))
        for i, doc in enumerate(docs):
            if tf := doc.count(word):
                norm = k1 * (0.25 + 0.75 * len(doc) * N / total)
                scores[i] += idf * tf * (k1 + 1) / (tf + norm)
    return scores


# %% wrong (q11-bm25-hidden-settings): b and 1 - b changed round
def bm25_scores(query, docs, k1=1.5, b=0.75):
    N, scores = len(docs), np.zeros(len(docs))
    total = sum(map(len, docs))
    if not total:
        return scores
    for word in query:
        n = sum(word in doc for doc in docs)
        idf = math.log(1 + (N - n + 0.5) / (n + 0.5))
        for i, doc in enumerate(docs):
            if tf := doc.count(word):
                norm = k1 * (b + (1 - b) * len(doc) * N / total)
                scores[i] += idf * tf * (k1 + 1) / (tf + norm)
    return scores


# %% wrong (q11-bm25-hidden-edges): every word of the query counts once
def bm25_scores(query, docs, k1=1.5, b=0.75):
    N, scores = len(docs), np.zeros(len(docs))
    total = sum(map(len, docs))
    if not total:
        return scores
    for word in set(query):
        n = sum(word in doc for doc in docs)
        idf = math.log(1 + (N - n + 0.5) / (n + 0.5))
        for i, doc in enumerate(docs):
            if tf := doc.count(word):
                norm = k1 * (1 - b + b * len(doc) * N / total)
                scores[i] += idf * tf * (k1 + 1) / (tf + norm)
    return scores


# %% wrong (q11-bm25-hidden-edges): the mean length over documents that are not empty
def bm25_scores(query, docs, k1=1.5, b=0.75):
    N, scores = len(docs), np.zeros(len(docs))
    full = [doc for doc in docs if doc]
    if not full:
        return scores
    mean = sum(map(len, full)) / len(full)
    for word in query:
        n = sum(word in doc for doc in docs)
        idf = math.log(1 + (N - n + 0.5) / (n + 0.5))
        for i, doc in enumerate(docs):
            if tf := doc.count(word):
                scores[i] += idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * len(doc) / mean))
    return scores


# %% wrong (q11-bm25-hidden-edges): NaN where all documents are empty, an error where there are none
def bm25_scores(query, docs, k1=1.5, b=0.75):
    N, scores = len(docs), np.zeros(len(docs))
    length = np.array([len(doc) for doc in docs], dtype=float)
    with np.errstate(all="ignore"):
        relative = length / length.mean() if N else length
        for word in query:
            tf = np.array([doc.count(word) for doc in docs], dtype=float)
            n = (tf > 0).sum()
            below = np.where(
                tf + k1 * (1 - b + b * relative) == 0, 1, tf + k1 * (1 - b + b * relative)
            )
            scores = scores + math.log(1 + (N - n + 0.5) / (n + 0.5)) * tf * (k1 + 1) / below
    return scores


# %% wrong (q11-bm25-hidden-edges): empty documents are left out of the result
def bm25_scores(query, docs, k1=1.5, b=0.75):
    N = len(docs)
    total = sum(map(len, docs))
    scores = np.zeros(N)
    for word in query if total else []:
        n = sum(word in doc for doc in docs)
        idf = math.log(1 + (N - n + 0.5) / (n + 0.5))
        for i, doc in enumerate(docs):
            if tf := doc.count(word):
                norm = k1 * (1 - b + b * len(doc) * N / total)
                scores[i] += idf * tf * (k1 + 1) / (tf + norm)
    return scores[[bool(doc) for doc in docs]] if docs else scores
