# %% right: mended where the faults stand
def self_consistency(model, prompt, n, extract, temperature, seed):
    answers = []
    for i in range(n):
        text = model(prompt, temperature, seed + i)
        answers.append(extract(text))
    given = [a for a in answers if a is not None]
    if not given:
        return None, 0.0
    best = max(given, key=given.count)
    return best, given.count(best) / n


# %% right: a Counter keeps the order of first occurrence
from collections import Counter


def self_consistency(model, prompt, n, extract, temperature, seed):
    texts = [model(prompt, temperature, s) for s in range(seed, seed + n)]
    votes = Counter(a for a in map(extract, texts) if a is not None)
    [(best, count)] = votes.most_common(1) or [(None, 0)]
    return best, count / n


# %% right: counts in a dict
def self_consistency(model, prompt, n, extract, temperature, seed):
    votes = {}
    for offset in range(n):
        answer = extract(model(prompt, temperature=temperature, seed=seed + offset))
        if answer is None:
            continue
        votes[answer] = votes.get(answer, 0) + 1
    winner = None
    for answer, count in votes.items():
        if winner is None or count > votes[winner]:
            winner = answer
    return [winner, votes.get(winner, 0) / n]


# %% wrong (q32-repair-hidden-calls): still one seed
def self_consistency(model, prompt, n, extract, temperature, seed):
    answers = [extract(model(prompt, temperature, seed)) for _ in range(n)]
    given = [a for a in answers if a is not None]
    if not given:
        return None, 0.0
    best = max(given, key=given.count)
    return best, given.count(best) / n


# %% wrong (q32-repair-hidden-calls): still at temperature 0
def self_consistency(model, prompt, n, extract, temperature, seed):
    answers = [extract(model(prompt, 0.0, seed + i)) for i in range(n)]
    given = [a for a in answers if a is not None]
    if not given:
        return None, 0.0
    best = max(given, key=given.count)
    return best, given.count(best) / n


# %% wrong (q32-repair-hidden-calls): a temperature of its own
def self_consistency(model, prompt, n, extract, temperature, seed):
    answers = [extract(model(prompt, 0.7, seed + i)) for i in range(n)]
    given = [a for a in answers if a is not None]
    if not given:
        return None, 0.0
    best = max(given, key=given.count)
    return best, given.count(best) / n


# %% wrong (q32-repair-hidden-calls): seeds from 0, whatever was given
def self_consistency(model, prompt, n, extract, temperature, seed):
    answers = [extract(model(prompt, temperature, i)) for i in range(n)]
    given = [a for a in answers if a is not None]
    if not given:
        return None, 0.0
    best = max(given, key=given.count)
    return best, given.count(best) / n


# %% wrong (q32-repair-hidden-calls): adds the popular sentence to the prompt
def self_consistency(model, prompt, n, extract, temperature, seed):
    text = f"{prompt}\nLet's think step by step."
    answers = [extract(model(text, temperature, seed + i)) for i in range(n)]
    given = [a for a in answers if a is not None]
    if not given:
        return None, 0.0
    best = max(given, key=given.count)
    return best, given.count(best) / n


# %% wrong (q32-repair-hidden-calls): one call more than asked for
def self_consistency(model, prompt, n, extract, temperature, seed):
    answers = []
    for i in range(n + 1):
        answers.append(extract(model(prompt, temperature, seed + i)))
    given = [a for a in answers[:n] if a is not None]
    if not given:
        return None, 0.0
    best = max(given, key=given.count)
    return best, given.count(best) / n


# %% wrong (q32-repair-hidden-none): None can still win
def self_consistency(model, prompt, n, extract, temperature, seed):
    answers = [extract(model(prompt, temperature, seed + i)) for i in range(n)]
    best = max(answers, key=answers.count)
    return best, answers.count(best) / n


# %% wrong (q32-repair-hidden-none): agreement among those that answered
def self_consistency(model, prompt, n, extract, temperature, seed):
    answers = [extract(model(prompt, temperature, seed + i)) for i in range(n)]
    given = [a for a in answers if a is not None]
    if not given:
        return None, 0.0
    best = max(given, key=given.count)
    return best, given.count(best) / len(given)


# %% wrong (q32-repair-hidden-none): 0 is dropped with None
def self_consistency(model, prompt, n, extract, temperature, seed):
    answers = [extract(model(prompt, temperature, seed + i)) for i in range(n)]
    given = [a for a in answers if a]
    if not given:
        return None, 0.0
    best = max(given, key=given.count)
    return best, given.count(best) / n


# %% wrong (q32-repair-hidden-none): the maximum of nothing
def self_consistency(model, prompt, n, extract, temperature, seed):
    answers = [extract(model(prompt, temperature, seed + i)) for i in range(n)]
    given = [a for a in answers if a is not None]
    best = max(given, key=given.count)
    return best, given.count(best) / n


# %% wrong (q32-repair-hidden-ties): still in the order of a set
def self_consistency(model, prompt, n, extract, temperature, seed):
    answers = [extract(model(prompt, temperature, seed + i)) for i in range(n)]
    given = [a for a in answers if a is not None]
    if not given:
        return None, 0.0
    best = max(set(given), key=given.count)
    return best, given.count(best) / n


# %% wrong (q32-repair-hidden-ties): the last seen wins a tie
def self_consistency(model, prompt, n, extract, temperature, seed):
    answers = [extract(model(prompt, temperature, seed + i)) for i in range(n)]
    given = [a for a in answers if a is not None][::-1]
    if not given:
        return None, 0.0
    best = max(given, key=given.count)
    return best, given.count(best) / n


# %% wrong (q32-repair-hidden-ties): the one that reached the count first
def self_consistency(model, prompt, n, extract, temperature, seed):
    votes, best = {}, None
    for i in range(n):
        answer = extract(model(prompt, temperature, seed + i))
        if answer is None:
            continue
        votes[answer] = votes.get(answer, 0) + 1
        if best is None or votes[answer] > votes[best]:
            best = answer
    return best, votes.get(best, 0) / n


# %% wrong (q32-repair-hidden-calls): tidies the prompt
def self_consistency(model, prompt, n, extract, temperature, seed):
    prompt = prompt.strip()
    answers = [extract(model(prompt, temperature, seed + i)) for i in range(n)]
    given = [a for a in answers if a is not None]
    if not given:
        return None, 0.0
    best = max(given, key=given.count)
    return best, given.count(best) / n


# %% wrong (q32-repair-hidden-none): asks once more where a sample has no answer
def self_consistency(model, prompt, n, extract, temperature, seed):
    answers = []
    for i in range(n):
        answer = extract(model(prompt, temperature, seed + i))
        if answer is None:
            extract(model(prompt, temperature, seed + i))
        answers.append(answer)
    given = [a for a in answers if a is not None]
    if not given:
        return None, 0.0
    best = max(given, key=given.count)
    return best, given.count(best) / n


# %% wrong (q32-repair-hidden-none): draws on while there is no answer at all
def self_consistency(model, prompt, n, extract, temperature, seed):
    answers = [extract(model(prompt, temperature, seed + i)) for i in range(n)]
    given = [a for a in answers if a is not None]
    if not given:
        given = [a for i in range(3) if (a := extract(model(prompt, temperature, seed + n + i)))]
    if not given:
        return None, 0.0
    best = max(given, key=given.count)
    return best, given.count(best) / n


# %% wrong (q32-repair-hidden-none): stops at the first sample without an answer
def self_consistency(model, prompt, n, extract, temperature, seed):
    given = []
    for i in range(n):
        answer = extract(model(prompt, temperature, seed + i))
        if answer is None:
            break
        given.append(answer)
    if not given:
        return None, 0.0
    best = max(given, key=given.count)
    return best, given.count(best) / n
