# %% right: mended where the faults stand
def evaluate_rag(samples, entails):
    faithful, recall, precision = [], [], []
    for sample in samples:
        contexts = sample["contexts"]
        text = "\n".join(contexts)
        supported = [entails(text, claim) for claim in sample["answer_claims"]]
        if supported:
            faithful.append(sum(supported) / len(supported))
        covered = [entails(text, claim) for claim in sample["reference_claims"]]
        recall.append(sum(covered) / len(covered))
        relevant = [
            any(entails(context, claim) for claim in sample["reference_claims"])
            for context in contexts
        ]
        at = [sum(relevant[: i + 1]) / (i + 1) for i, hit in enumerate(relevant) if hit]
        precision.append(sum(at) / len(at) if at else 0.0)
    means = {"faithfulness": faithful, "context_recall": recall, "context_precision": precision}
    return {name: sum(v) / len(v) if v else None for name, v in means.items()}


# %% right: a list of three per sample, averaged with NaN left out
def evaluate_rag(samples, entails):
    table = []
    for s in samples:
        text = "\n".join(s["contexts"])
        told = [float(entails(text, c)) for c in s["answer_claims"]]
        want = [float(entails(text, c)) for c in s["reference_claims"]]
        rel = np.array(
            [any(entails(t, c) for c in s["reference_claims"]) for t in s["contexts"]], float
        )
        at = rel.cumsum() / np.arange(1, len(rel) + 1)
        table.append(
            (
                np.mean(told) if told else np.nan,
                np.mean(want),
                (at * rel).sum() / rel.sum() if rel.any() else 0.0,
            )
        )
    columns = np.array(table).T
    names = ("faithfulness", "context_recall", "context_precision")
    return {
        name: None if np.isnan(column).all() else float(np.nanmean(column))
        for name, column in zip(names, columns)
    }


# %% right: small functions inside
def evaluate_rag(samples, entails):
    def share(claims, contexts):
        if not claims:
            return None
        return sum(map(bool, (entails("\n".join(contexts), c) for c in claims))) / len(claims)

    def ranked(sample):
        hits, total = 0, 0.0
        for rank, text in enumerate(sample["contexts"], 1):
            if any([entails(text, c) for c in sample["reference_claims"]]):
                hits += 1
                total += hits / rank
        return total / hits if hits else 0.0

    def mean(values):
        kept = [v for v in values if v is not None]
        return sum(kept) / len(kept) if kept else None

    return {
        "faithfulness": mean([share(s["answer_claims"], s["contexts"]) for s in samples]),
        "context_recall": mean([share(s["reference_claims"], s["contexts"]) for s in samples]),
        "context_precision": mean([ranked(s) for s in samples]),
    }


# %% wrong (q18-repair-hidden-faithfulness): a refusal still counts as zero
def evaluate_rag(samples, entails):
    faithful, recall, precision = [], [], []
    for sample in samples:
        contexts = sample["contexts"]
        text = "\n".join(contexts)
        supported = [entails(text, claim) for claim in sample["answer_claims"]]
        faithful.append(sum(supported) / max(1, len(supported)))
        covered = [entails(text, claim) for claim in sample["reference_claims"]]
        recall.append(sum(covered) / len(covered))
        relevant = [
            any(entails(context, claim) for claim in sample["reference_claims"])
            for context in contexts
        ]
        at = [sum(relevant[: i + 1]) / (i + 1) for i, hit in enumerate(relevant) if hit]
        precision.append(sum(at) / len(at) if at else 0.0)
    means = {"faithfulness": faithful, "context_recall": recall, "context_precision": precision}
    return {name: sum(v) / len(v) if v else None for name, v in means.items()}


# %% wrong (q18-repair-hidden-faithfulness): a refusal counts as one
def evaluate_rag(samples, entails):
    faithful, recall, precision = [], [], []
    for sample in samples:
        contexts = sample["contexts"]
        text = "\n".join(contexts)
        supported = [entails(text, claim) for claim in sample["answer_claims"]]
        faithful.append(sum(supported) / len(supported) if supported else 1.0)
        covered = [entails(text, claim) for claim in sample["reference_claims"]]
        recall.append(sum(covered) / len(covered))
        relevant = [
            any(entails(context, claim) for claim in sample["reference_claims"])
            for context in contexts
        ]
        at = [sum(relevant[: i + 1]) / (i + 1) for i, hit in enumerate(relevant) if hit]
        precision.append(sum(at) / len(at) if at else 0.0)
    means = {"faithfulness": faithful, "context_recall": recall, "context_precision": precision}
    return {name: sum(v) / len(v) if v else None for name, v in means.items()}


# %% wrong (q18-repair-hidden-faithfulness): all claims of all samples in one pot
def evaluate_rag(samples, entails):
    faithful, recall, precision = [], [], []
    for sample in samples:
        contexts = sample["contexts"]
        text = "\n".join(contexts)
        supported = [entails(text, claim) for claim in sample["answer_claims"]]
        faithful += supported
        covered = [entails(text, claim) for claim in sample["reference_claims"]]
        recall.append(sum(covered) / len(covered))
        relevant = [
            any(entails(context, claim) for claim in sample["reference_claims"])
            for context in contexts
        ]
        at = [sum(relevant[: i + 1]) / (i + 1) for i, hit in enumerate(relevant) if hit]
        precision.append(sum(at) / len(at) if at else 0.0)
    means = {"faithfulness": faithful, "context_recall": recall, "context_precision": precision}
    return {name: sum(v) / len(v) if v else None for name, v in means.items()}


# %% wrong (q18-repair-hidden-recall): recall of the answer's claims
def evaluate_rag(samples, entails):
    faithful, recall, precision = [], [], []
    for sample in samples:
        contexts = sample["contexts"]
        text = "\n".join(contexts)
        supported = [entails(text, claim) for claim in sample["answer_claims"]]
        if supported:
            faithful.append(sum(supported) / len(supported))
        covered = [entails(text, claim) for claim in sample["answer_claims"]]
        recall.append(sum(covered) / max(1, len(covered)))
        relevant = [
            any(entails(context, claim) for claim in sample["reference_claims"])
            for context in contexts
        ]
        at = [sum(relevant[: i + 1]) / (i + 1) for i, hit in enumerate(relevant) if hit]
        precision.append(sum(at) / len(at) if at else 0.0)
    means = {"faithfulness": faithful, "context_recall": recall, "context_precision": precision}
    return {name: sum(v) / len(v) if v else None for name, v in means.items()}


# %% wrong (q18-repair-hidden-recall): recall is 1 as soon as anything is covered
def evaluate_rag(samples, entails):
    faithful, recall, precision = [], [], []
    for sample in samples:
        contexts = sample["contexts"]
        text = "\n".join(contexts)
        supported = [entails(text, claim) for claim in sample["answer_claims"]]
        if supported:
            faithful.append(sum(supported) / len(supported))
        covered = [entails(text, claim) for claim in sample["reference_claims"]]
        recall.append(float(any(covered)))
        relevant = [
            any(entails(context, claim) for claim in sample["reference_claims"])
            for context in contexts
        ]
        at = [sum(relevant[: i + 1]) / (i + 1) for i, hit in enumerate(relevant) if hit]
        precision.append(sum(at) / len(at) if at else 0.0)
    means = {"faithfulness": faithful, "context_recall": recall, "context_precision": precision}
    return {name: sum(v) / len(v) if v else None for name, v in means.items()}


# %% wrong (q18-repair-hidden-recall): each context is asked by itself
def evaluate_rag(samples, entails):
    faithful, recall, precision = [], [], []
    for sample in samples:
        contexts = sample["contexts"]
        text = "\n".join(contexts)
        supported = [entails(text, claim) for claim in sample["answer_claims"]]
        if supported:
            faithful.append(sum(supported) / len(supported))
        covered = [entails(text, claim) for claim in sample["reference_claims"]]
        recall.append(
            sum(any(entails(t, c) for t in contexts) for c in sample["reference_claims"])
            / len(covered)
        )
        relevant = [
            any(entails(context, claim) for claim in sample["reference_claims"])
            for context in contexts
        ]
        at = [sum(relevant[: i + 1]) / (i + 1) for i, hit in enumerate(relevant) if hit]
        precision.append(sum(at) / len(at) if at else 0.0)
    means = {"faithfulness": faithful, "context_recall": recall, "context_precision": precision}
    return {name: sum(v) / len(v) if v else None for name, v in means.items()}


# %% wrong (q18-repair-hidden-precision): the order does not matter
def evaluate_rag(samples, entails):
    faithful, recall, precision = [], [], []
    for sample in samples:
        contexts = sample["contexts"]
        text = "\n".join(contexts)
        supported = [entails(text, claim) for claim in sample["answer_claims"]]
        if supported:
            faithful.append(sum(supported) / len(supported))
        covered = [entails(text, claim) for claim in sample["reference_claims"]]
        recall.append(sum(covered) / len(covered))
        relevant = [
            any(entails(context, claim) for claim in sample["reference_claims"])
            for context in contexts
        ]
        precision.append(sum(relevant) / len(relevant))
    means = {"faithfulness": faithful, "context_recall": recall, "context_precision": precision}
    return {name: sum(v) / len(v) if v else None for name, v in means.items()}


# %% wrong (q18-repair-hidden-precision): divides by all contexts
def evaluate_rag(samples, entails):
    faithful, recall, precision = [], [], []
    for sample in samples:
        contexts = sample["contexts"]
        text = "\n".join(contexts)
        supported = [entails(text, claim) for claim in sample["answer_claims"]]
        if supported:
            faithful.append(sum(supported) / len(supported))
        covered = [entails(text, claim) for claim in sample["reference_claims"]]
        recall.append(sum(covered) / len(covered))
        relevant = [
            any(entails(context, claim) for claim in sample["reference_claims"])
            for context in contexts
        ]
        at = [sum(relevant[: i + 1]) / (i + 1) for i, hit in enumerate(relevant) if hit]
        precision.append(sum(at) / len(relevant))
    means = {"faithfulness": faithful, "context_recall": recall, "context_precision": precision}
    return {name: sum(v) / len(v) if v else None for name, v in means.items()}


# %% wrong (q18-repair-hidden-precision): relevant is what supports the answer
def evaluate_rag(samples, entails):
    faithful, recall, precision = [], [], []
    for sample in samples:
        contexts = sample["contexts"]
        text = "\n".join(contexts)
        supported = [entails(text, claim) for claim in sample["answer_claims"]]
        if supported:
            faithful.append(sum(supported) / len(supported))
        covered = [entails(text, claim) for claim in sample["reference_claims"]]
        recall.append(sum(covered) / len(covered))
        relevant = [
            any(entails(context, claim) for claim in sample["answer_claims"])
            for context in contexts
        ]
        at = [sum(relevant[: i + 1]) / (i + 1) for i, hit in enumerate(relevant) if hit]
        precision.append(sum(at) / len(at) if at else 0.0)
    means = {"faithfulness": faithful, "context_recall": recall, "context_precision": precision}
    return {name: sum(v) / len(v) if v else None for name, v in means.items()}
