# %% right: one pass with lists of what each question gives
def report(questions, n):
    rows = []
    for draws in questions:
        first = draws[:n]
        passed = [d for d in first if d["accepted"]]
        shown = passed[0] if passed else first[0]
        rows.append(
            (
                any(d["right"] for d in first),
                bool(shown["right"]),
                sum(d["tokens"] for d in first),
            )
        )
    coverage, accuracy, tokens = np.mean(np.array(rows, dtype=float), axis=0)
    return {"coverage": coverage, "accuracy": accuracy, "tokens": tokens}


# %% right: a stable sort that looks at the verdict alone
def report(questions, n):
    total = len(questions)
    covered = right = cost = 0
    for draws in questions:
        ranked = sorted(draws[:n], key=lambda d: not d["accepted"])
        covered += 1 if any(d["right"] for d in ranked) else 0
        right += 1 if ranked[0]["right"] else 0
        cost += sum(d["tokens"] for d in ranked)
    return {"tokens": cost / total, "coverage": covered / total, "accuracy": right / total}


# %% right: arrays, argmax finds the first accepted and 0 if there is none
def report(questions, n):
    right, accepted, tokens = (
        np.array([[d[key] for d in draws[:n]] for draws in questions])
        for key in ("right", "accepted", "tokens")
    )
    shown = accepted.argmax(axis=1)
    return {
        "coverage": float(right.any(axis=1).mean()),
        "accuracy": float(right[np.arange(len(right)), shown].mean()),
        "tokens": float(tokens.sum(axis=1).mean()),
    }


# %% wrong (q47-repair-hidden-choice): ties among the accepted ones go to the right answer
def report(questions, n):
    covered = right = tokens = 0
    for draws in questions:
        drawn = draws[:n]
        covered += any(d["right"] for d in drawn)
        best = max(drawn, key=lambda d: (d["accepted"], d["right"] and d["accepted"]))
        right += best["right"]
        tokens += sum(d["tokens"] for d in drawn)
    k = len(questions)
    return {"coverage": covered / k, "accuracy": right / k, "tokens": tokens / k}


# %% wrong (q47-repair-hidden-choice): the last accepted one, not the first
def report(questions, n):
    covered = right = tokens = 0
    for draws in questions:
        drawn = draws[:n]
        covered += any(d["right"] for d in drawn)
        passed = [d for d in drawn if d["accepted"]] or drawn[:1]
        right += passed[-1]["right"]
        tokens += sum(d["tokens"] for d in drawn)
    k = len(questions)
    return {"coverage": covered / k, "accuracy": right / k, "tokens": tokens / k}


# %% wrong (q47-repair-hidden-choice): right if any accepted one is
def report(questions, n):
    covered = right = tokens = 0
    for draws in questions:
        drawn = draws[:n]
        covered += any(d["right"] for d in drawn)
        passed = [d for d in drawn if d["accepted"]] or drawn[:1]
        right += any(d["right"] for d in passed)
        tokens += sum(d["tokens"] for d in drawn)
    k = len(questions)
    return {"coverage": covered / k, "accuracy": right / k, "tokens": tokens / k}


# %% wrong (q47-repair-hidden-none): questions without an accepted answer are left out
def report(questions, n):
    covered = right = tokens = judged = 0
    for draws in questions:
        drawn = draws[:n]
        covered += any(d["right"] for d in drawn)
        tokens += sum(d["tokens"] for d in drawn)
        passed = [d for d in drawn if d["accepted"]]
        if passed:
            judged += 1
            right += passed[0]["right"]
    k = len(questions)
    return {"coverage": covered / k, "accuracy": right / max(judged, 1), "tokens": tokens / k}


# %% wrong (q47-repair-hidden-none): a question without an accepted answer counts as wrong
def report(questions, n):
    covered = right = tokens = 0
    for draws in questions:
        drawn = draws[:n]
        covered += any(d["right"] for d in drawn)
        tokens += sum(d["tokens"] for d in drawn)
        passed = [d for d in drawn if d["accepted"]]
        right += bool(passed) and passed[0]["right"]
    k = len(questions)
    return {"coverage": covered / k, "accuracy": right / k, "tokens": tokens / k}


# %% wrong (q47-repair-hidden-none): looks for an accepted one beyond the first n
def report(questions, n):
    covered = right = tokens = 0
    for draws in questions:
        drawn = draws[:n]
        covered += any(d["right"] for d in drawn)
        tokens += sum(d["tokens"] for d in drawn)
        right += next((d for d in draws if d["accepted"]), draws[0])["right"]
    k = len(questions)
    return {"coverage": covered / k, "accuracy": right / k, "tokens": tokens / k}


# %% wrong (q47-repair-hidden-tokens): only the shown answer is paid for
def report(questions, n):
    covered = right = tokens = 0
    for draws in questions:
        drawn = draws[:n]
        covered += any(d["right"] for d in drawn)
        shown = next((d for d in drawn if d["accepted"]), drawn[0])
        right += shown["right"]
        tokens += shown["tokens"]
    k = len(questions)
    return {"coverage": covered / k, "accuracy": right / k, "tokens": tokens / k}


# %% wrong (q47-repair-hidden-tokens): the mean of a draw, not the sum of a question
def report(questions, n):
    covered = right = tokens = 0
    for draws in questions:
        drawn = draws[:n]
        covered += any(d["right"] for d in drawn)
        shown = next((d for d in drawn if d["accepted"]), drawn[0])
        right += shown["right"]
        tokens += sum(d["tokens"] for d in drawn) / n
    k = len(questions)
    return {"coverage": covered / k, "accuracy": right / k, "tokens": tokens / k}


# %% wrong (q47-repair-hidden-tokens): stops paying at the first accepted draw
def report(questions, n):
    covered = right = tokens = 0
    for draws in questions:
        drawn = draws[:n]
        covered += any(d["right"] for d in drawn)
        at = next((i for i, d in enumerate(drawn) if d["accepted"]), None)
        right += drawn[at or 0]["right"]
        tokens += sum(d["tokens"] for d in (drawn if at is None else drawn[: at + 1]))
    k = len(questions)
    return {"coverage": covered / k, "accuracy": right / k, "tokens": tokens / k}


# %% wrong (q47-repair-hidden-choice): sorts the caller's draws
def report(questions, n):
    covered = right = tokens = 0
    for draws in questions:
        while len(draws) > n:
            draws.pop()
        draws.sort(key=lambda d: not d["accepted"])
        covered += any(d["right"] for d in draws)
        right += draws[0]["right"]
        tokens += sum(d["tokens"] for d in draws)
    k = len(questions)
    return {"coverage": covered / k, "accuracy": right / k, "tokens": tokens / k}


# %% wrong (q47-repair-hidden-tokens): coverage over all draws, also those nobody asked for
def report(questions, n):
    covered = right = tokens = 0
    for draws in questions:
        drawn = draws[:n]
        covered += any(d["right"] for d in draws)
        shown = next((d for d in drawn if d["accepted"]), drawn[0])
        right += bool(shown["right"])
        tokens += sum(d["tokens"] for d in drawn)
    k = len(questions)
    return {"coverage": covered / k, "accuracy": right / k, "tokens": tokens / k}


# %% wrong (q47-repair-hidden-choice): accepted only if it is the object True
def report(questions, n):
    covered = right = tokens = 0
    for draws in questions:
        drawn = draws[:n]
        covered += any(d["right"] for d in drawn)
        shown = next((d for d in drawn if d["accepted"] is True), drawn[0])
        right += bool(shown["right"])
        tokens += sum(d["tokens"] for d in drawn)
    k = len(questions)
    return {"coverage": covered / k, "accuracy": right / k, "tokens": tokens / k}
