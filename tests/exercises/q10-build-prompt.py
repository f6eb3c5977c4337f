# %% right: builds lines, newest at the end
INSTRUCTION = (
    "Answer from the documents and cite them, as [1]. If they do not say, answer: I do not know."
)


def build_prompt(question, hits, budget, count):
    lines, ids = [INSTRUCTION, f"Question: {question}"], []
    if count("\n".join(lines)) > budget:
        raise ValueError("no room")
    for i in sorted(range(len(hits)), key=lambda i: (-hits[i][1], i)):
        doc_id, _, text = hits[i]
        line = f"[{len(ids) + 1}] {' '.join(text.split())}"
        trial = [*lines[:-1], line, lines[-1]]
        if count("\n".join(trial)) > budget:
            continue
        lines = trial
        ids.append(doc_id)
    return "\n".join(lines), ids


# %% right: text before and after
import re

INSTRUCTION = (
    "Answer from the documents and cite them, as [1]. If they do not say, answer: I do not know."
)


def build_prompt(question, hits, budget, count):
    body, tail, ids = INSTRUCTION + "\n", "Question: " + question, []
    if not count(body + tail) <= budget:
        raise ValueError("no room")
    for doc_id, score, text in sorted(hits, key=lambda h: h[1], reverse=True):
        longer = body + "[" + str(len(ids) + 1) + "] " + re.sub(r"\s+", " ", text).strip() + "\n"
        if count(longer + tail) <= budget:
            body = longer
            ids += [doc_id]
    return body + tail, ids


# %% right: numpy's stable order, a list of chosen places
INSTRUCTION = (
    "Answer from the documents and cite them, as [1]. If they do not say, answer: I do not know."
)


def build_prompt(question, hits, budget, count):
    def prompt(places):
        shown = [" ".join(hits[i][2].split()) for i in places]
        numbered = [f"[{n + 1}] {t}" for n, t in enumerate(shown)]
        return "\n".join([INSTRUCTION] + numbered + ["Question: " + question])

    chosen = []
    if count(prompt(chosen)) > budget:
        raise ValueError("no room")
    for i in np.argsort([-h[1] for h in hits], kind="stable").astype(int):
        if count(prompt(chosen + [i])) <= budget:
            chosen = chosen + [i]
    return prompt(chosen), [hits[i][0] for i in chosen]


# %% wrong (q10-build-prompt-hidden-skip): stops at the first that does not fit
INSTRUCTION = (
    "Answer from the documents and cite them, as [1]. If they do not say, answer: I do not know."
)


def build_prompt(question, hits, budget, count):
    def prompt(texts):
        lines = [f"[{n}] {t}" for n, t in enumerate(texts, 1)]
        return "\n".join([INSTRUCTION, *lines, f"Question: {question}"])

    texts, ids = [], []
    if count(prompt(texts)) > budget:
        raise ValueError
    for doc_id, _, text in sorted(hits, key=lambda h: -h[1]):
        new = texts + [" ".join(text.split())]
        if count(prompt(new)) > budget:
            break
        texts, ids = new, ids + [doc_id]
    return prompt(texts), ids


# %% wrong (q10-build-prompt-hidden-skip): numbers keep their places, with gaps
INSTRUCTION = (
    "Answer from the documents and cite them, as [1]. If they do not say, answer: I do not know."
)


def build_prompt(question, hits, budget, count):
    lines, ids = [INSTRUCTION], []
    last = f"Question: {question}"
    if count("\n".join([*lines, last])) > budget:
        raise ValueError
    for n, (doc_id, _, text) in enumerate(sorted(hits, key=lambda h: -h[1]), 1):
        line = f"[{n}] {' '.join(text.split())}"
        if count("\n".join([*lines, line, last])) <= budget:
            lines.append(line)
            ids.append(doc_id)
    return "\n".join([*lines, last]), ids


# %% wrong (q10-build-prompt-hidden-order): takes hits as they come
INSTRUCTION = (
    "Answer from the documents and cite them, as [1]. If they do not say, answer: I do not know."
)


def build_prompt(question, hits, budget, count):
    def prompt(texts):
        lines = [f"[{n}] {t}" for n, t in enumerate(texts, 1)]
        return "\n".join([INSTRUCTION, *lines, f"Question: {question}"])

    texts, ids = [], []
    if count(prompt(texts)) > budget:
        raise ValueError
    for doc_id, _, text in hits:
        new = texts + [" ".join(text.split())]
        if count(prompt(new)) <= budget:
            texts, ids = new, ids + [doc_id]
    return prompt(texts), ids


# %% wrong (q10-build-prompt-hidden-order): sorts upside down and turns, so ties turn too
INSTRUCTION = (
    "Answer from the documents and cite them, as [1]. If they do not say, answer: I do not know."
)


def build_prompt(question, hits, budget, count):
    def prompt(texts):
        lines = [f"[{n}] {t}" for n, t in enumerate(texts, 1)]
        return "\n".join([INSTRUCTION, *lines, f"Question: {question}"])

    texts, ids = [], []
    if count(prompt(texts)) > budget:
        raise ValueError
    for doc_id, _, text in sorted(hits, key=lambda h: h[1])[::-1]:
        new = texts + [" ".join(text.split())]
        if count(prompt(new)) <= budget:
            texts, ids = new, ids + [doc_id]
    return prompt(texts), ids


# %% wrong (q10-build-prompt-hidden-order): one chunk a document, by a dictionary
INSTRUCTION = (
    "Answer from the documents and cite them, as [1]. If they do not say, answer: I do not know."
)


def build_prompt(question, hits, budget, count):
    def prompt(texts):
        lines = [f"[{n}] {t}" for n, t in enumerate(texts, 1)]
        return "\n".join([INSTRUCTION, *lines, f"Question: {question}"])

    used = {}
    if count(prompt([])) > budget:
        raise ValueError
    for doc_id, _, text in sorted(hits, key=lambda h: -h[1]):
        new = {**used, doc_id: " ".join(text.split())}
        if doc_id not in used and count(prompt(list(new.values()))) <= budget:
            used = new
    return prompt(list(used.values())), list(used)


# %% wrong (q10-build-prompt-hidden-budget): adds up the parts, without line breaks and numbers
INSTRUCTION = (
    "Answer from the documents and cite them, as [1]. If they do not say, answer: I do not know."
)


def build_prompt(question, hits, budget, count):
    def prompt(texts):
        lines = [f"[{n}] {t}" for n, t in enumerate(texts, 1)]
        return "\n".join([INSTRUCTION, *lines, f"Question: {question}"])

    texts, ids = [], []
    total = count(prompt([]))
    if total > budget:
        raise ValueError
    for doc_id, _, text in sorted(hits, key=lambda h: -h[1]):
        text = " ".join(text.split())
        if total + count(text) <= budget:
            total += count(text)
            texts, ids = texts + [text], ids + [doc_id]
    return prompt(texts), ids


# %% wrong (q10-build-prompt-hidden-budget): strictly below the budget
INSTRUCTION = (
    "Answer from the documents and cite them, as [1]. If they do not say, answer: I do not know."
)


def build_prompt(question, hits, budget, count):
    def prompt(texts):
        lines = [f"[{n}] {t}" for n, t in enumerate(texts, 1)]
        return "\n".join([INSTRUCTION, *lines, f"Question: {question}"])

    texts, ids = [], []
    if count(prompt(texts)) > budget:
        raise ValueError
    for doc_id, _, text in sorted(hits, key=lambda h: -h[1]):
        new = texts + [" ".join(text.split())]
        if count(prompt(new)) < budget:
            texts, ids = new, ids + [doc_id]
    return prompt(texts), ids


# %% wrong (q10-build-prompt-hidden-lines): the text as it is
INSTRUCTION = (
    "Answer from the documents and cite them, as [1]. If they do not say, answer: I do not know."
)


def build_prompt(question, hits, budget, count):
    def prompt(texts):
        lines = [f"[{n}] {t}" for n, t in enumerate(texts, 1)]
        return "\n".join([INSTRUCTION, *lines, f"Question: {question}"])

    texts, ids = [], []
    if count(prompt(texts)) > budget:
        raise ValueError
    for doc_id, _, text in sorted(hits, key=lambda h: -h[1]):
        new = texts + [text.replace("\nz", " z")]
        if count(prompt(new)) <= budget:
            texts, ids = new, ids + [doc_id]
    return prompt(texts), ids


# %% wrong (q10-build-prompt-hidden-lines): each line break a space, the other whitespace kept
INSTRUCTION = (
    "Answer from the documents and cite them, as [1]. If they do not say, answer: I do not know."
)


def build_prompt(question, hits, budget, count):
    def prompt(texts):
        lines = [f"[{n}] {t}" for n, t in enumerate(texts, 1)]
        return "\n".join([INSTRUCTION, *lines, f"Question: {question}"])

    texts, ids = [], []
    if count(prompt(texts)) > budget:
        raise ValueError
    for doc_id, _, text in sorted(hits, key=lambda h: -h[1]):
        new = texts + [text.replace("\n", " ").strip()]
        if count(prompt(new)) <= budget:
            texts, ids = new, ids + [doc_id]
    return prompt(texts), ids


# %% wrong (q10-build-prompt-hidden-too-small): returns the bare prompt, however long
INSTRUCTION = (
    "Answer from the documents and cite them, as [1]. If they do not say, answer: I do not know."
)


def build_prompt(question, hits, budget, count):
    def prompt(texts):
        lines = [f"[{n}] {t}" for n, t in enumerate(texts, 1)]
        return "\n".join([INSTRUCTION, *lines, f"Question: {question}"])

    texts, ids = [], []
    for doc_id, _, text in sorted(hits, key=lambda h: -h[1]):
        new = texts + [" ".join(text.split())]
        if count(prompt(new)) <= budget:
            texts, ids = new, ids + [doc_id]
    return prompt(texts), ids


# %% wrong (q10-build-prompt-hidden-too-small): a prompt of nothing when no document fits
INSTRUCTION = (
    "Answer from the documents and cite them, as [1]. If they do not say, answer: I do not know."
)


def build_prompt(question, hits, budget, count):
    def prompt(texts):
        lines = [f"[{n}] {t}" for n, t in enumerate(texts, 1)]
        return "\n".join([INSTRUCTION, *lines, f"Question: {question}"])

    texts, ids = [], []
    for doc_id, _, text in sorted(hits, key=lambda h: -h[1]):
        new = texts + [" ".join(text.split())]
        if count(prompt(new)) <= budget:
            texts, ids = new, ids + [doc_id]
    if count(prompt([])) > budget:
        raise ValueError
    if not texts:
        return "", []
    return prompt(texts), ids
