# %% right: one helper for both
from collections.abc import Callable

Entails = Callable[[str, str], bool]


def faithfulness(answer_claims, contexts, entails):
    return supported(answer_claims, contexts, entails)


def context_recall(reference_claims, contexts, entails):
    return supported(reference_claims, contexts, entails)


def supported(claims, contexts, entails):
    if len(claims) == 0:
        return None
    if len(contexts) == 0:
        return 0.0
    return sum(1 for c in claims if entails("\n".join(contexts), c)) / len(claims)


# %% right: recall calls faithfulness
def faithfulness(answer_claims, contexts, entails):
    if not answer_claims:
        return None
    text = "\n".join(contexts)
    verdicts = [contexts != [] and entails(text, claim) for claim in answer_claims]
    return float(np.mean(verdicts))


def context_recall(reference_claims, contexts, entails):
    return faithfulness(reference_claims, contexts, entails)


# %% right: written out twice, counting by hand
def faithfulness(answer_claims, contexts, entails):
    n = len(answer_claims)
    if n == 0:
        return None
    if not contexts:
        return 0.0
    premise = contexts[0]
    for context in contexts[1:]:
        premise += "\n" + context
    hits = 0
    for claim in answer_claims:
        if entails(premise, claim):
            hits += 1
    return hits / n


def context_recall(reference_claims, contexts, entails):
    n = len(reference_claims)
    if n == 0:
        return None
    hits = 0
    if contexts:
        premise = "\n".join(contexts)
        for claim in reference_claims:
            hits += int(entails(premise, claim))
    return hits / n


# %% wrong (q18-faithfulness-hidden-premise): asks each context by itself
def faithfulness(answer_claims, contexts, entails):
    if not answer_claims:
        return None
    return sum(any(entails(t, c) for t in contexts) for c in answer_claims) / len(answer_claims)


def context_recall(reference_claims, contexts, entails):
    return faithfulness(reference_claims, contexts, entails)


# %% wrong (q18-faithfulness-hidden-premise): joins with a space
def faithfulness(answer_claims, contexts, entails):
    if not answer_claims:
        return None
    if not contexts:
        return 0.0
    premise = " ".join(contexts)
    return sum(entails(premise, c) for c in answer_claims) / len(answer_claims)


def context_recall(reference_claims, contexts, entails):
    return faithfulness(reference_claims, contexts, entails)


# %% wrong (q18-faithfulness-hidden-premise): claim first, premise second
def faithfulness(answer_claims, contexts, entails):
    if not answer_claims:
        return None
    if not contexts:
        return 0.0
    premise = "\n".join(contexts)
    return sum(entails(c, premise) for c in answer_claims) / len(answer_claims)


def context_recall(reference_claims, contexts, entails):
    return faithfulness(reference_claims, contexts, entails)


# %% wrong (q18-faithfulness-hidden-nothing): an answer without claims is fully faithful
def faithfulness(answer_claims, contexts, entails):
    if not answer_claims:
        return 1.0
    if not contexts:
        return 0.0
    premise = "\n".join(contexts)
    return sum(entails(premise, c) for c in answer_claims) / len(answer_claims)


def context_recall(reference_claims, contexts, entails):
    return faithfulness(reference_claims, contexts, entails)


# %% wrong (q18-faithfulness-hidden-nothing): asks the judge about an empty text
def faithfulness(answer_claims, contexts, entails):
    if not answer_claims:
        return None
    premise = "\n".join(contexts)
    return sum(entails(premise, c) for c in answer_claims) / len(answer_claims)


def context_recall(reference_claims, contexts, entails):
    return faithfulness(reference_claims, contexts, entails)


# %% wrong (q18-faithfulness-hidden-nothing): without contexts nothing can be said
def faithfulness(answer_claims, contexts, entails):
    if not answer_claims or not contexts:
        return None
    premise = "\n".join(contexts)
    return sum(entails(premise, c) for c in answer_claims) / len(answer_claims)


def context_recall(reference_claims, contexts, entails):
    return faithfulness(reference_claims, contexts, entails)


# %% wrong (q18-faithfulness-hidden-share): counts each claim once
def faithfulness(answer_claims, contexts, entails):
    claims = list(dict.fromkeys(answer_claims))
    if not claims:
        return None
    if not contexts:
        return 0.0
    premise = "\n".join(contexts)
    return sum(entails(premise, c) for c in claims) / len(claims)


def context_recall(reference_claims, contexts, entails):
    return faithfulness(reference_claims, contexts, entails)


# %% wrong (q18-faithfulness-hidden-share): all or nothing
def faithfulness(answer_claims, contexts, entails):
    if not answer_claims:
        return None
    if not contexts:
        return 0.0
    premise = "\n".join(contexts)
    return float(all([entails(premise, c) for c in answer_claims]))


def context_recall(reference_claims, contexts, entails):
    if not reference_claims:
        return None
    if not contexts:
        return 0.0
    premise = "\n".join(contexts)
    return sum(entails(premise, c) for c in reference_claims) / len(reference_claims)


# %% wrong (q18-faithfulness-hidden-recall): recall is the share of contexts that help
def faithfulness(answer_claims, contexts, entails):
    if not answer_claims:
        return None
    if not contexts:
        return 0.0
    premise = "\n".join(contexts)
    return sum(entails(premise, c) for c in answer_claims) / len(answer_claims)


def context_recall(reference_claims, contexts, entails):
    if not reference_claims:
        return None
    if not contexts:
        return 0.0
    helpful = [any(entails(t, c) for c in reference_claims) for t in contexts]
    return sum(helpful) / len(helpful)


# %% wrong (q18-faithfulness-hidden-recall): one supported claim is enough
def faithfulness(answer_claims, contexts, entails):
    if not answer_claims:
        return None
    if not contexts:
        return 0.0
    premise = "\n".join(contexts)
    return sum(entails(premise, c) for c in answer_claims) / len(answer_claims)


def context_recall(reference_claims, contexts, entails):
    if not reference_claims:
        return None
    if not contexts:
        return 0.0
    premise = "\n".join(contexts)
    return float(any([entails(premise, c) for c in reference_claims]))
