# %% right: the counters of the hint
def citation_precision_recall(sentences, citations, docs, entails):
    supported, counting, total = 0, 0, 0
    for sentence, ids in zip(sentences, citations):
        ids = list(dict.fromkeys(ids))
        total += len(ids)
        if not ids or any(i not in docs for i in ids):
            continue
        texts = [docs[i] for i in ids]
        if not entails("\n".join(texts), sentence):
            continue
        supported += 1
        for j, text in enumerate(texts):
            others = texts[:j] + texts[j + 1 :]
            alone = entails(text, sentence)
            counting += bool(alone or not others or not entails("\n".join(others), sentence))
    recall = supported / len(sentences) if sentences else 0.0
    return (counting / total if total else 0.0), recall


# %% right: two lists of booleans, and a helper
def citation_precision_recall(sentences, citations, docs, entails):
    def holds(names, claim):
        if not names or not set(names) <= set(docs):
            return False
        return bool(entails("\n".join(docs[n] for n in names), claim))

    rows, marks = [], []
    for claim, names in zip(sentences, citations):
        names = sorted(set(names), key=names.index)
        rows.append(holds(names, claim))
        for n in names:
            rest = [m for m in names if m != n]
            marks.append(rows[-1] and (holds([n], claim) or not holds(rest, claim)))
    precision = sum(marks) / len(marks) if marks else 0.0
    return precision, (sum(rows) / len(rows) if rows else 0.0)


# %% right: precision by counting idle citations
def citation_precision_recall(sentences, citations, docs, entails):
    total = idle = good = 0
    for claim, cited in zip(sentences, citations):
        unique = []
        for c in cited:
            if c not in unique:
                unique.append(c)
        total += len(unique)
        known = [docs.get(c) for c in unique]
        if len(unique) == 0 or None in known or not entails("\n".join(known), claim):
            idle += len(unique)
            continue
        good += 1
        if len(known) > 1:
            for k in range(len(known)):
                without = "\n".join(known[:k] + known[k + 1 :])
                if not entails(known[k], claim) and entails(without, claim):
                    idle += 1
    return (
        1 - idle / total if total > 0 else 0.0,
        good / len(sentences) if len(sentences) > 0 else 0.0,
    )


# %% wrong (q22-citation-measures-hidden-recall): asks each citation alone
def citation_precision_recall(sentences, citations, docs, entails):
    supported, counting, total = 0, 0, 0
    for sentence, ids in zip(sentences, citations):
        ids = list(dict.fromkeys(ids))
        total += len(ids)
        if not ids or any(i not in docs for i in ids):
            continue
        texts = [docs[i] for i in ids]
        if not all([entails(t, sentence) for t in texts]):
            continue
        supported += 1
        for j, text in enumerate(texts):
            others = texts[:j] + texts[j + 1 :]
            alone = entails(text, sentence)
            counting += bool(alone or not others or not entails("\n".join(others), sentence))
    recall = supported / len(sentences) if sentences else 0.0
    return (counting / total if total else 0.0), recall


# %% wrong (q22-citation-measures-hidden-recall): one citation that entails it is enough
def citation_precision_recall(sentences, citations, docs, entails):
    supported, counting, total = 0, 0, 0
    for sentence, ids in zip(sentences, citations):
        ids = list(dict.fromkeys(ids))
        total += len(ids)
        if not ids or any(i not in docs for i in ids):
            continue
        texts = [docs[i] for i in ids]
        if not any([entails(t, sentence) for t in texts]):
            continue
        supported += 1
        for j, text in enumerate(texts):
            others = texts[:j] + texts[j + 1 :]
            alone = entails(text, sentence)
            counting += bool(alone or not others or not entails("\n".join(others), sentence))
    recall = supported / len(sentences) if sentences else 0.0
    return (counting / total if total else 0.0), recall


# %% wrong (q22-citation-measures-hidden-recall): recall over citations
def citation_precision_recall(sentences, citations, docs, entails):
    supported, counting, total = 0, 0, 0
    for sentence, ids in zip(sentences, citations):
        ids = list(dict.fromkeys(ids))
        total += len(ids)
        if not ids or any(i not in docs for i in ids):
            continue
        texts = [docs[i] for i in ids]
        if not entails("\n".join(texts), sentence):
            continue
        supported += 1
        for j, text in enumerate(texts):
            others = texts[:j] + texts[j + 1 :]
            alone = entails(text, sentence)
            counting += bool(alone or not others or not entails("\n".join(others), sentence))
    recall = supported / total if total else 0.0
    return (counting / total if total else 0.0), recall


# %% wrong (q22-citation-measures-hidden-recall): joins sorted ids
def citation_precision_recall(sentences, citations, docs, entails):
    supported, counting, total = 0, 0, 0
    for sentence, ids in zip(sentences, citations):
        ids = sorted(set(ids))
        total += len(ids)
        if not ids or any(i not in docs for i in ids):
            continue
        texts = [docs[i] for i in ids]
        if not entails("\n".join(texts), sentence):
            continue
        supported += 1
        for j, text in enumerate(texts):
            others = texts[:j] + texts[j + 1 :]
            alone = entails(text, sentence)
            counting += bool(alone or not others or not entails("\n".join(others), sentence))
    recall = supported / len(sentences) if sentences else 0.0
    return (counting / total if total else 0.0), recall


# %% wrong (q22-citation-measures-hidden-precision): a citation counts if it alone entails
def citation_precision_recall(sentences, citations, docs, entails):
    supported, counting, total = 0, 0, 0
    for sentence, ids in zip(sentences, citations):
        ids = list(dict.fromkeys(ids))
        total += len(ids)
        if not ids or any(i not in docs for i in ids):
            continue
        texts = [docs[i] for i in ids]
        if not entails("\n".join(texts), sentence):
            continue
        supported += 1
        for j, text in enumerate(texts):
            counting += bool(entails(text, sentence))
    recall = supported / len(sentences) if sentences else 0.0
    return (counting / total if total else 0.0), recall


# %% wrong (q22-citation-measures-hidden-precision): a citation counts only if the others fail
def citation_precision_recall(sentences, citations, docs, entails):
    supported, counting, total = 0, 0, 0
    for sentence, ids in zip(sentences, citations):
        ids = list(dict.fromkeys(ids))
        total += len(ids)
        if not ids or any(i not in docs for i in ids):
            continue
        texts = [docs[i] for i in ids]
        if not entails("\n".join(texts), sentence):
            continue
        supported += 1
        for j, text in enumerate(texts):
            others = texts[:j] + texts[j + 1 :]
            counting += not others or not entails("\n".join(others), sentence)
    recall = supported / len(sentences) if sentences else 0.0
    return (counting / total if total else 0.0), recall


# %% wrong (q22-citation-measures-hidden-precision): every citation of a supported sentence counts
def citation_precision_recall(sentences, citations, docs, entails):
    supported, counting, total = 0, 0, 0
    for sentence, ids in zip(sentences, citations):
        ids = list(dict.fromkeys(ids))
        total += len(ids)
        if not ids or any(i not in docs for i in ids):
            continue
        texts = [docs[i] for i in ids]
        if not entails("\n".join(texts), sentence):
            continue
        supported += 1
        for j, text in enumerate(texts):
            counting += 1
    recall = supported / len(sentences) if sentences else 0.0
    return (counting / total if total else 0.0), recall


# %% wrong (q22-citation-measures-hidden-precision): citations of unsupported sentences are left out
def citation_precision_recall(sentences, citations, docs, entails):
    supported, counting, total = 0, 0, 0
    for sentence, ids in zip(sentences, citations):
        ids = list(dict.fromkeys(ids))
        if not ids or any(i not in docs for i in ids):
            continue
        texts = [docs[i] for i in ids]
        if not entails("\n".join(texts), sentence):
            continue
        total += len(ids)
        supported += 1
        for j, text in enumerate(texts):
            others = texts[:j] + texts[j + 1 :]
            alone = entails(text, sentence)
            counting += bool(alone or not others or not entails("\n".join(others), sentence))
    recall = supported / len(sentences) if sentences else 0.0
    return (counting / total if total else 0.0), recall


# %% wrong (q22-citation-measures-hidden-precision): repeated citations count each time
def citation_precision_recall(sentences, citations, docs, entails):
    supported, counting, total = 0, 0, 0
    for sentence, ids in zip(sentences, citations):
        ids = list(ids)
        total += len(ids)
        if not ids or any(i not in docs for i in ids):
            continue
        texts = [docs[i] for i in ids]
        if not entails("\n".join(texts), sentence):
            continue
        supported += 1
        for j, text in enumerate(texts):
            others = texts[:j] + texts[j + 1 :]
            alone = entails(text, sentence)
            counting += bool(alone or not others or not entails("\n".join(others), sentence))
    recall = supported / len(sentences) if sentences else 0.0
    return (counting / total if total else 0.0), recall


# %% wrong (q22-citation-measures-hidden-precision): precision averaged over sentences
def citation_precision_recall(sentences, citations, docs, entails):
    shares, rows = [], []
    for sentence, ids in zip(sentences, citations):
        ids = list(dict.fromkeys(ids))
        if not ids or any(i not in docs for i in ids):
            rows.append(False)
            shares += [0.0] * bool(ids)
            continue
        texts = [docs[i] for i in ids]
        rows.append(bool(entails("\n".join(texts), sentence)))
        marks = []
        for j, text in enumerate(texts):
            others = texts[:j] + texts[j + 1 :]
            alone = entails(text, sentence)
            marks.append(
                rows[-1] and bool(alone or not others or not entails("\n".join(others), sentence))
            )
        shares.append(sum(marks) / len(marks))
    precision = sum(shares) / len(shares) if shares else 0.0
    return precision, (sum(rows) / len(rows) if rows else 0.0)


# %% wrong (q22-citation-measures-hidden-edges): unknown ids are left aside
def citation_precision_recall(sentences, citations, docs, entails):
    supported, counting, total = 0, 0, 0
    for sentence, ids in zip(sentences, citations):
        ids = [i for i in dict.fromkeys(ids) if i in docs]
        total += len(ids)
        if not ids or False:
            continue
        texts = [docs[i] for i in ids]
        if not entails("\n".join(texts), sentence):
            continue
        supported += 1
        for j, text in enumerate(texts):
            others = texts[:j] + texts[j + 1 :]
            alone = entails(text, sentence)
            counting += bool(alone or not others or not entails("\n".join(others), sentence))
    recall = supported / len(sentences) if sentences else 0.0
    return (counting / total if total else 0.0), recall


# %% wrong (q22-citation-measures-hidden-edges): unknown ids are empty texts
def citation_precision_recall(sentences, citations, docs, entails):
    supported, counting, total = 0, 0, 0
    for sentence, ids in zip(sentences, citations):
        ids = list(dict.fromkeys(ids))
        total += len(ids)
        if not ids or False:
            continue
        texts = [docs.get(i, "") for i in ids]
        if not entails("\n".join(texts), sentence):
            continue
        supported += 1
        for j, text in enumerate(texts):
            others = texts[:j] + texts[j + 1 :]
            alone = entails(text, sentence)
            counting += bool(alone or not others or not entails("\n".join(others), sentence))
    recall = supported / len(sentences) if sentences else 0.0
    return (counting / total if total else 0.0), recall


# %% wrong (q22-citation-measures-hidden-edges): nothing to cite is perfect
def citation_precision_recall(sentences, citations, docs, entails):
    supported, counting, total = 0, 0, 0
    for sentence, ids in zip(sentences, citations):
        ids = list(dict.fromkeys(ids))
        total += len(ids)
        if not ids or any(i not in docs for i in ids):
            continue
        texts = [docs[i] for i in ids]
        if not entails("\n".join(texts), sentence):
            continue
        supported += 1
        for j, text in enumerate(texts):
            others = texts[:j] + texts[j + 1 :]
            alone = entails(text, sentence)
            counting += bool(alone or not others or not entails("\n".join(others), sentence))
    recall = supported / len(sentences) if sentences else 1.0
    return (counting / total if total else 1.0), recall


# %% wrong (q22-citation-measures-hidden-precision): the others are joined backwards
def citation_precision_recall(sentences, citations, docs, entails):
    supported, counting, total = 0, 0, 0
    for sentence, ids in zip(sentences, citations):
        ids = list(dict.fromkeys(ids))
        total += len(ids)
        if not ids or any(i not in docs for i in ids):
            continue
        texts = [docs[i] for i in ids]
        if not entails("\n".join(texts), sentence):
            continue
        supported += 1
        for j, text in enumerate(texts):
            others = texts[:j] + texts[j + 1 :]
            alone = not others or entails(text, sentence)
            counting += bool(alone or not entails("\n".join(others[::-1]), sentence))
    recall = supported / len(sentences) if sentences else 0.0
    return (counting / total if total else 0.0), recall


# %% wrong (q22-citation-measures-hidden-edges): takes repetitions out of the caller's lists
def citation_precision_recall(sentences, citations, docs, entails):
    supported, counting, total = 0, 0, 0
    for sentence, ids in zip(sentences, citations):
        ids[:] = dict.fromkeys(ids)
        total += len(ids)
        if not ids or any(i not in docs for i in ids):
            continue
        texts = [docs[i] for i in ids]
        if not entails("\n".join(texts), sentence):
            continue
        supported += 1
        for j, text in enumerate(texts):
            others = texts[:j] + texts[j + 1 :]
            alone = not others or entails(text, sentence)
            counting += bool(alone or not entails("\n".join(others), sentence))
    recall = supported / len(sentences) if sentences else 0.0
    return (counting / total if total else 0.0), recall
