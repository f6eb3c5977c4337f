# %% right: two lists, values and counts
def majority_vote(samples, extract):
    values, counts = [], []
    for text in samples:
        value = extract(text)
        if value is None:
            continue
        for i, known in enumerate(values):
            if known == value:
                counts[i] += 1
                break
        else:
            values.append(value)
            counts.append(1)
    if not counts:
        return None
    return values[counts.index(max(counts))]


# %% right: sorted by count, which keeps the order of equals
def majority_vote(samples, extract):
    found = []
    for text in samples:
        if (value := extract(text)) is not None:
            found.append(value)
    ranked = sorted(found, key=lambda value: -sum(other == value for other in found))
    return ranked[0] if ranked else None


# %% right: replaced only by more votes
def majority_vote(samples, extract):
    extracted = list(map(extract, samples))
    winner, most = None, 0
    for value in extracted:
        if value is not None and extracted.count(value) > most:
            winner, most = value, extracted.count(value)
    return winner


# %% wrong (q32-majority-vote-hidden-equal): votes on the texts, extracts from the winner
from collections import Counter


def majority_vote(samples, extract):
    usable = [s for s in samples if extract(s) is not None]
    return extract(Counter(usable).most_common(1)[0][0]) if usable else None


# %% wrong (q32-majority-vote-hidden-equal): a Counter, which cannot count lists raises
from collections import Counter


def majority_vote(samples, extract):
    votes = Counter(a for a in map(extract, samples) if a is not None)
    return votes.most_common(1)[0][0] if votes else None


# %% wrong (q32-majority-vote-hidden-equal): votes on texts without spaces and signs
from collections import Counter


def majority_vote(samples, extract):
    tidy = {}
    for text in samples:
        if extract(text) is not None:
            tidy.setdefault(text.strip(" $.").lower(), []).append(extract(text))
    if not tidy:
        return None
    counts = Counter({text: len(found) for text, found in tidy.items()})
    return tidy[counts.most_common(1)[0][0]][0]


# %% wrong (q32-majority-vote-hidden-none): None votes as well
def majority_vote(samples, extract):
    answers = [extract(text) for text in samples]
    return max(answers, key=answers.count, default=None)


# %% wrong (q32-majority-vote-hidden-none): None wins by majority, then the answer is None
def majority_vote(samples, extract):
    answers = [extract(text) for text in samples]
    if answers.count(None) * 2 > len(answers):
        return None
    answers = [a for a in answers if a is not None]
    return max(answers, key=answers.count, default=None)


# %% wrong (q32-majority-vote-hidden-none): what looks false does not vote
def majority_vote(samples, extract):
    answers = [a for a in map(extract, samples) if a]
    return max(answers, key=answers.count, default=None)


# %% wrong (q32-majority-vote-hidden-none): no default for an empty poll
def majority_vote(samples, extract):
    answers = [a for a in map(extract, samples) if a is not None]
    return max(answers, key=answers.count)


# %% wrong (q32-majority-vote-hidden-none): takes texts out of the list that was given
def majority_vote(samples, extract):
    for text in list(samples):
        if extract(text) is None:
            samples.remove(text)
    answers = [extract(text) for text in samples]
    return max(answers, key=answers.count, default=None)


# %% wrong (q32-majority-vote-hidden-ties): the last seen wins a tie
def majority_vote(samples, extract):
    answers = [a for a in map(extract, samples) if a is not None]
    best = None
    for a in answers:
        if best is None or answers.count(a) >= answers.count(best):
            best = a
    return best


# %% wrong (q32-majority-vote-hidden-ties): the smallest wins a tie
def majority_vote(samples, extract):
    answers = sorted(a for a in map(extract, samples) if a is not None)
    return max(answers, key=answers.count, default=None)


# %% wrong (q32-majority-vote-hidden-ties): whoever reaches the count first
def majority_vote(samples, extract):
    seen, best, most = [], None, 0
    for a in map(extract, samples):
        if a is None:
            continue
        seen.append(a)
        if seen.count(a) > most:
            best, most = a, seen.count(a)
    return best


# %% wrong (q32-majority-vote-hidden-plurality): more than half or nothing
def majority_vote(samples, extract):
    answers = [a for a in map(extract, samples) if a is not None]
    best = max(answers, key=answers.count, default=None)
    return best if answers.count(best) * 2 >= len(answers) else (answers or [None])[0]


# %% wrong (q32-majority-vote-hidden-plurality): a running lead, which finds true majorities only
def majority_vote(samples, extract):
    best, lead = None, 0
    for a in map(extract, samples):
        if a is None:
            continue
        if lead == 0:
            best = a
        lead += 1 if a == best else -1
    return best


# %% wrong (q32-majority-vote-hidden-equal): counts what is printed, so 2 and 2.0 are two answers
from collections import Counter


def majority_vote(samples, extract):
    votes = [a for a in map(extract, samples) if a is not None]
    if not votes:
        return None
    winner = Counter(map(repr, votes)).most_common(1)[0][0]
    return next(a for a in votes if repr(a) == winner)


# %% wrong (q32-majority-vote-hidden-equal): equal only if of one type
def majority_vote(samples, extract):
    votes = [a for a in map(extract, samples) if a is not None]
    counts = [sum(a == b and type(a) is type(b) for b in votes) for a in votes]
    return votes[counts.index(max(counts))] if votes else None
