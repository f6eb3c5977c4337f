# %% right: passages in a list, repeated ones left out
import re


def rag_answer(question, corpus, embed, read):
    nothing = {"answer": None, "citations": [], "abstained": True}
    passages, seen = [], set()
    for document in corpus:
        for sentence in re.split(r"(?<=\.) ", document["text"]):
            if sentence not in seen:
                seen.add(sentence)
                passages.append((document, sentence))
    if not passages:
        return nothing
    vectors = embed([question, *(text for _, text in passages)])
    order = np.argsort(-(vectors[1:] @ vectors[0]), kind="stable")
    hits = [passages[i] for i in order[:5]]
    hits.sort(key=lambda hit: hit[0]["date"] or "9999", reverse=True)
    lines = [f"[{n}] {text}" for n, (_, text) in enumerate(hits, 1)]
    head = "Use the documents and cite them. Otherwise say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if "I do not know" in reply:
        return nothing
    name = reply.split(",")[0].lower()
    value = reply.split(": ", 1)[1].split(" [")[0].lower()
    if name not in question.lower():
        return nothing
    ids = []
    for n in map(int, re.findall(r"\[(\d+)\]", reply)):
        if 1 <= n <= len(hits):
            document, text = hits[n - 1]
            if name in text.lower() and value in text.lower() and document["id"] not in ids:
                ids.append(document["id"])
    if not ids:
        return nothing
    return {"answer": reply, "citations": ids, "abstained": False}


# %% right: words as a second vote, and every document that has the sentence
import re


def rag_answer(question, corpus, embed, read):
    abstain = dict(answer=None, citations=[], abstained=True)
    where = {}
    for d in corpus:
        for s in d["text"].split(". "):
            s = s if s.endswith(".") else s + "."
            where.setdefault(s, []).append(d)
    if len(where) == 0:
        return abstain
    texts = list(where)
    words = set(re.findall(r"\w+", question.lower()))
    share = np.array([len(words & set(re.findall(r"\w+", t.lower()))) for t in texts])
    vectors = embed(texts + [question])
    score = vectors[:-1] @ vectors[-1] + 0.02 * share
    top = [texts[i] for i in sorted(range(len(texts)), key=lambda i: -score[i])[:5]]

    def newest(t):
        dates = [d["date"] for d in where[t]]
        return "today" if None in dates else max(dates)

    top = sorted(top, key=newest, reverse=True)
    prompt = "Answer from these, or say I do not know.\n"
    prompt += "".join(f"[{i + 1}] {t}\n" for i, t in enumerate(top)) + "Question: " + question
    reply = read(prompt)
    found = re.match(r"(.+?), [^:]+: (.+?) \[", reply)
    if not found or found[1].lower() not in question.lower():
        return abstain
    ids = []
    for t in (top[int(n) - 1] for n in re.findall(r"\d+(?=\])", reply) if 0 < int(n) <= len(top)):
        if found[1].lower() in t.lower() and found[2].lower() in t.lower():
            ids += [d["id"] for d in where[t] if d["date"] is None or len(where[t]) == 1]
    if not ids:
        return abstain
    return dict(answer=reply, citations=sorted(set(ids)), abstained=False)


# %% right: ranks by cosine, reads the reply from the end
import re


def rag_answer(question, corpus, embed, read):
    nothing = {"answer": None, "citations": [], "abstained": True}
    passages, seen = [], set()
    for document in corpus:
        for sentence in re.split(r"(?<=\.) ", document["text"]):
            if sentence not in seen:
                seen.add(sentence)
                passages.append((document, sentence))
    if not passages:
        return nothing
    vectors = embed([question, *(text for _, text in passages)])
    cosines = [float(np.dot(v, vectors[0])) for v in vectors[1:]]
    order = sorted(range(len(cosines)), key=cosines.__getitem__, reverse=True)
    hits = [passages[i] for i in order[:5]]
    hits.sort(key=lambda hit: hit[0]["date"] or "9999", reverse=True)
    lines = [f"[{n}] {text}" for n, (_, text) in enumerate(hits, 1)]
    head = "Use the documents and cite them. Otherwise say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if "I do not know" in reply:
        return nothing
    claim = reply[: reply.index(" [")].lower()
    name, _, rest = claim.partition(", ")
    value = rest[rest.index(":") + 2 :]
    if name not in question.lower():
        return nothing
    ids = []
    for n in map(int, re.findall(r"\[(\d+)\]", reply)):
        if 1 <= n <= len(hits):
            document, text = hits[n - 1]
            if name in text.lower() and value in text.lower() and document["id"] not in ids:
                ids.append(document["id"])
    if not ids:
        return nothing
    return {"answer": reply, "citations": ids, "abstained": False}


# %% wrong (q10-rag-answer-hidden-recall): whole documents, cut off by the model's 600 characters
import re


def rag_answer(question, corpus, embed, read):
    nothing = {"answer": None, "citations": [], "abstained": True}
    passages, seen = [], set()
    for document in corpus:
        for sentence in [document["text"]]:
            if sentence not in seen:
                seen.add(sentence)
                passages.append((document, sentence))
    if not passages:
        return nothing
    vectors = embed([question, *(text for _, text in passages)])
    order = np.argsort(-(vectors[1:] @ vectors[0]), kind="stable")
    hits = [passages[i] for i in order[:5]]
    hits.sort(key=lambda hit: hit[0]["date"] or "9999", reverse=True)
    lines = [f"[{n}] {text}" for n, (_, text) in enumerate(hits, 1)]
    head = "Use the documents and cite them. Otherwise say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if "I do not know" in reply:
        return nothing
    name = reply.split(",")[0].lower()
    value = reply.split(": ", 1)[1].split(" [")[0].lower()
    if name not in question.lower():
        return nothing
    ids = []
    for n in map(int, re.findall(r"\[(\d+)\]", reply)):
        if 1 <= n <= len(hits):
            document, text = hits[n - 1]
            if name in text.lower() and value in text.lower() and document["id"] not in ids:
                ids.append(document["id"])
    if not ids:
        return nothing
    return {"answer": reply, "citations": ids, "abstained": False}


# %% wrong (q10-rag-answer-hidden-recall): the five worst, argsort the wrong way round
import re


def rag_answer(question, corpus, embed, read):
    nothing = {"answer": None, "citations": [], "abstained": True}
    passages, seen = [], set()
    for document in corpus:
        for sentence in re.split(r"(?<=\.) ", document["text"]):
            if sentence not in seen:
                seen.add(sentence)
                passages.append((document, sentence))
    if not passages:
        return nothing
    vectors = embed([question, *(text for _, text in passages)])
    order = np.argsort((vectors[1:] @ vectors[0]), kind="stable")
    hits = [passages[i] for i in order[:5]]
    hits.sort(key=lambda hit: hit[0]["date"] or "9999", reverse=True)
    lines = [f"[{n}] {text}" for n, (_, text) in enumerate(hits, 1)]
    head = "Use the documents and cite them. Otherwise say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if "I do not know" in reply:
        return nothing
    name = reply.split(",")[0].lower()
    value = reply.split(": ", 1)[1].split(" [")[0].lower()
    if name not in question.lower():
        return nothing
    ids = []
    for n in map(int, re.findall(r"\[(\d+)\]", reply)):
        if 1 <= n <= len(hits):
            document, text = hits[n - 1]
            if name in text.lower() and value in text.lower() and document["id"] not in ids:
                ids.append(document["id"])
    if not ids:
        return nothing
    return {"answer": reply, "citations": ids, "abstained": False}


# %% wrong (q10-rag-answer-hidden-recall): documents without numbers
import re


def rag_answer(question, corpus, embed, read):
    nothing = {"answer": None, "citations": [], "abstained": True}
    passages, seen = [], set()
    for document in corpus:
        for sentence in re.split(r"(?<=\.) ", document["text"]):
            if sentence not in seen:
                seen.add(sentence)
                passages.append((document, sentence))
    if not passages:
        return nothing
    vectors = embed([question, *(text for _, text in passages)])
    order = np.argsort(-(vectors[1:] @ vectors[0]), kind="stable")
    hits = [passages[i] for i in order[:5]]
    hits.sort(key=lambda hit: hit[0]["date"] or "9999", reverse=True)
    lines = [f"- {text}" for _, text in hits]
    head = "Use the documents and cite them. Otherwise say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if "I do not know" in reply:
        return nothing
    name = reply.split(",")[0].lower()
    value = reply.split(": ", 1)[1].split(" [")[0].lower()
    if name not in question.lower():
        return nothing
    ids = []
    for n in map(int, re.findall(r"\[(\d+)\]", reply)):
        if 1 <= n <= len(hits):
            document, text = hits[n - 1]
            if name in text.lower() and value in text.lower() and document["id"] not in ids:
                ids.append(document["id"])
    if not ids:
        return nothing
    return {"answer": reply, "citations": ids, "abstained": False}


# %% wrong (q10-rag-answer-hidden-recall): chunks of 40 characters that cut sentences
import re


def rag_answer(question, corpus, embed, read):
    nothing = {"answer": None, "citations": [], "abstained": True}
    passages, seen = [], set()
    for document in corpus:
        for sentence in [document["text"][i : i + 40] for i in range(0, len(document["text"]), 40)]:
            if sentence not in seen:
                seen.add(sentence)
                passages.append((document, sentence))
    if not passages:
        return nothing
    vectors = embed([question, *(text for _, text in passages)])
    order = np.argsort(-(vectors[1:] @ vectors[0]), kind="stable")
    hits = [passages[i] for i in order[:5]]
    hits.sort(key=lambda hit: hit[0]["date"] or "9999", reverse=True)
    lines = [f"[{n}] {text}" for n, (_, text) in enumerate(hits, 1)]
    head = "Use the documents and cite them. Otherwise say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if "I do not know" in reply:
        return nothing
    name = reply.split(",")[0].lower()
    value = reply.split(": ", 1)[1].split(" [")[0].lower()
    if name not in question.lower():
        return nothing
    ids = []
    for n in map(int, re.findall(r"\[(\d+)\]", reply)):
        if 1 <= n <= len(hits):
            document, text = hits[n - 1]
            if name in text.lower() and value in text.lower() and document["id"] not in ids:
                ids.append(document["id"])
    if not ids:
        return nothing
    return {"answer": reply, "citations": ids, "abstained": False}


# %% wrong (q10-rag-answer-hidden-precision): believes every citation that exists
import re


def rag_answer(question, corpus, embed, read):
    nothing = {"answer": None, "citations": [], "abstained": True}
    passages, seen = [], set()
    for document in corpus:
        for sentence in re.split(r"(?<=\.) ", document["text"]):
            if sentence not in seen:
                seen.add(sentence)
                passages.append((document, sentence))
    if not passages:
        return nothing
    vectors = embed([question, *(text for _, text in passages)])
    order = np.argsort(-(vectors[1:] @ vectors[0]), kind="stable")
    hits = [passages[i] for i in order[:5]]
    hits.sort(key=lambda hit: hit[0]["date"] or "9999", reverse=True)
    lines = [f"[{n}] {text}" for n, (_, text) in enumerate(hits, 1)]
    head = "Use the documents and cite them. Otherwise say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if "I do not know" in reply:
        return nothing
    name = reply.split(",")[0].lower()
    if name not in question.lower():
        return nothing
    ids = []
    for n in map(int, re.findall(r"\[(\d+)\]", reply)):
        if 1 <= n <= len(hits):
            document, text = hits[n - 1]
            if document["id"] not in ids:
                ids.append(document["id"])
    if not ids:
        return nothing
    return {"answer": reply, "citations": ids, "abstained": False}


# %% wrong (q10-rag-answer-hidden-precision): cites all that was found
import re


def rag_answer(question, corpus, embed, read):
    nothing = {"answer": None, "citations": [], "abstained": True}
    passages, seen = [], set()
    for document in corpus:
        for sentence in re.split(r"(?<=\.) ", document["text"]):
            if sentence not in seen:
                seen.add(sentence)
                passages.append((document, sentence))
    if not passages:
        return nothing
    vectors = embed([question, *(text for _, text in passages)])
    order = np.argsort(-(vectors[1:] @ vectors[0]), kind="stable")
    hits = [passages[i] for i in order[:5]]
    hits.sort(key=lambda hit: hit[0]["date"] or "9999", reverse=True)
    lines = [f"[{n}] {text}" for n, (_, text) in enumerate(hits, 1)]
    head = "Use the documents and cite them. Otherwise say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if "I do not know" in reply:
        return nothing
    name = reply.split(",")[0].lower()
    if name not in question.lower():
        return nothing
    ids = []
    for n in map(int, range(1, 6)):
        if 1 <= n <= len(hits):
            document, text = hits[n - 1]
            if document["id"] not in ids:
                ids.append(document["id"])
    if not ids:
        return nothing
    return {"answer": reply, "citations": ids, "abstained": False}


# %% wrong (q10-rag-answer-hidden-citation-recall): in the order of the scores, whatever the date
import re


def rag_answer(question, corpus, embed, read):
    nothing = {"answer": None, "citations": [], "abstained": True}
    passages, seen = [], set()
    for document in corpus:
        for sentence in re.split(r"(?<=\.) ", document["text"]):
            if sentence not in seen:
                seen.add(sentence)
                passages.append((document, sentence))
    if not passages:
        return nothing
    vectors = embed([question, *(text for _, text in passages)])
    order = np.argsort(-(vectors[1:] @ vectors[0]), kind="stable")
    hits = [passages[i] for i in order[:5]]
    lines = [f"[{n}] {text}" for n, (_, text) in enumerate(hits, 1)]
    head = "Use the documents and cite them. Otherwise say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if "I do not know" in reply:
        return nothing
    name = reply.split(",")[0].lower()
    value = reply.split(": ", 1)[1].split(" [")[0].lower()
    if name not in question.lower():
        return nothing
    ids = []
    for n in map(int, re.findall(r"\[(\d+)\]", reply)):
        if 1 <= n <= len(hits):
            document, text = hits[n - 1]
            if name in text.lower() and value in text.lower() and document["id"] not in ids:
                ids.append(document["id"])
    if not ids:
        return nothing
    return {"answer": reply, "citations": ids, "abstained": False}


# %% wrong (q10-rag-answer-hidden-citation-recall): oldest first
import re


def rag_answer(question, corpus, embed, read):
    nothing = {"answer": None, "citations": [], "abstained": True}
    passages, seen = [], set()
    for document in corpus:
        for sentence in re.split(r"(?<=\.) ", document["text"]):
            if sentence not in seen:
                seen.add(sentence)
                passages.append((document, sentence))
    if not passages:
        return nothing
    vectors = embed([question, *(text for _, text in passages)])
    order = np.argsort(-(vectors[1:] @ vectors[0]), kind="stable")
    hits = [passages[i] for i in order[:5]]
    hits.sort(key=lambda hit: hit[0]["date"] or "9999")
    lines = [f"[{n}] {text}" for n, (_, text) in enumerate(hits, 1)]
    head = "Use the documents and cite them. Otherwise say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if "I do not know" in reply:
        return nothing
    name = reply.split(",")[0].lower()
    value = reply.split(": ", 1)[1].split(" [")[0].lower()
    if name not in question.lower():
        return nothing
    ids = []
    for n in map(int, re.findall(r"\[(\d+)\]", reply)):
        if 1 <= n <= len(hits):
            document, text = hits[n - 1]
            if name in text.lower() and value in text.lower() and document["id"] not in ids:
                ids.append(document["id"])
    if not ids:
        return nothing
    return {"answer": reply, "citations": ids, "abstained": False}


# %% wrong (q10-rag-answer-hidden-citation-recall): undated documents last
import re


def rag_answer(question, corpus, embed, read):
    nothing = {"answer": None, "citations": [], "abstained": True}
    passages, seen = [], set()
    for document in corpus:
        for sentence in re.split(r"(?<=\.) ", document["text"]):
            if sentence not in seen:
                seen.add(sentence)
                passages.append((document, sentence))
    if not passages:
        return nothing
    vectors = embed([question, *(text for _, text in passages)])
    order = np.argsort(-(vectors[1:] @ vectors[0]), kind="stable")
    hits = [passages[i] for i in order[:5]]
    hits.sort(key=lambda hit: hit[0]["date"] or "0000", reverse=True)
    lines = [f"[{n}] {text}" for n, (_, text) in enumerate(hits, 1)]
    head = "Use the documents and cite them. Otherwise say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if "I do not know" in reply:
        return nothing
    name = reply.split(",")[0].lower()
    value = reply.split(": ", 1)[1].split(" [")[0].lower()
    if name not in question.lower():
        return nothing
    ids = []
    for n in map(int, re.findall(r"\[(\d+)\]", reply)):
        if 1 <= n <= len(hits):
            document, text = hits[n - 1]
            if name in text.lower() and value in text.lower() and document["id"] not in ids:
                ids.append(document["id"])
    if not ids:
        return nothing
    return {"answer": reply, "citations": ids, "abstained": False}


# %% wrong (q10-rag-answer-hidden-abstention): takes somebody with a similar name
import re


def rag_answer(question, corpus, embed, read):
    nothing = {"answer": None, "citations": [], "abstained": True}
    passages, seen = [], set()
    for document in corpus:
        for sentence in re.split(r"(?<=\.) ", document["text"]):
            if sentence not in seen:
                seen.add(sentence)
                passages.append((document, sentence))
    if not passages:
        return nothing
    vectors = embed([question, *(text for _, text in passages)])
    order = np.argsort(-(vectors[1:] @ vectors[0]), kind="stable")
    hits = [passages[i] for i in order[:5]]
    hits.sort(key=lambda hit: hit[0]["date"] or "9999", reverse=True)
    lines = [f"[{n}] {text}" for n, (_, text) in enumerate(hits, 1)]
    head = "Use the documents and cite them. Otherwise say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if "I do not know" in reply:
        return nothing
    name = reply.split(",")[0].lower()
    value = reply.split(": ", 1)[1].split(" [")[0].lower()
    ids = []
    for n in map(int, re.findall(r"\[(\d+)\]", reply)):
        if 1 <= n <= len(hits):
            document, text = hits[n - 1]
            if name in text.lower() and value in text.lower() and document["id"] not in ids:
                ids.append(document["id"])
    if not ids:
        return nothing
    return {"answer": reply, "citations": ids, "abstained": False}


# %% wrong (q10-rag-answer-hidden-abstention): no leave to say that it does not know, and no check
import re


def rag_answer(question, corpus, embed, read):
    nothing = {"answer": None, "citations": [], "abstained": True}
    passages, seen = [], set()
    for document in corpus:
        for sentence in re.split(r"(?<=\.) ", document["text"]):
            if sentence not in seen:
                seen.add(sentence)
                passages.append((document, sentence))
    if not passages:
        return nothing
    vectors = embed([question, *(text for _, text in passages)])
    order = np.argsort(-(vectors[1:] @ vectors[0]), kind="stable")
    hits = [passages[i] for i in order[:5]]
    hits.sort(key=lambda hit: hit[0]["date"] or "9999", reverse=True)
    lines = [f"[{n}] {text}" for n, (_, text) in enumerate(hits, 1)]
    head = "Use the documents and cite them."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if "I do not know" in reply:
        return nothing
    ids = []
    for n in map(int, re.findall(r"\[(\d+)\]", reply)):
        if 1 <= n <= len(hits):
            document, text = hits[n - 1]
            if document["id"] not in ids:
                ids.append(document["id"])
    if not ids:
        return nothing
    return {"answer": reply, "citations": ids, "abstained": False}


# %% wrong (q10-rag-answer-hidden-abstention): abstains nearly always, from a threshold
import re


def rag_answer(question, corpus, embed, read):
    nothing = {"answer": None, "citations": [], "abstained": True}
    passages, seen = [], set()
    for document in corpus:
        for sentence in re.split(r"(?<=\.) ", document["text"]):
            if sentence not in seen:
                seen.add(sentence)
                passages.append((document, sentence))
    if not passages:
        return nothing
    vectors = embed([question, *(text for _, text in passages)])
    order = np.argsort(-(vectors[1:] @ vectors[0]), kind="stable")
    hits = [passages[i] for i in order[:5]]
    if vectors[1:][order[0]] @ vectors[0] < 0.97:
        return nothing
    hits.sort(key=lambda hit: hit[0]["date"] or "9999", reverse=True)
    lines = [f"[{n}] {text}" for n, (_, text) in enumerate(hits, 1)]
    head = "Use the documents and cite them. Otherwise say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if "I do not know" in reply:
        return nothing
    name = reply.split(",")[0].lower()
    value = reply.split(": ", 1)[1].split(" [")[0].lower()
    if name not in question.lower():
        return nothing
    ids = []
    for n in map(int, re.findall(r"\[(\d+)\]", reply)):
        if 1 <= n <= len(hits):
            document, text = hits[n - 1]
            if name in text.lower() and value in text.lower() and document["id"] not in ids:
                ids.append(document["id"])
    if not ids:
        return nothing
    return {"answer": reply, "citations": ids, "abstained": False}


# %% wrong (q10-rag-answer-hidden-form): an empty corpus goes to the model
import re


def rag_answer(question, corpus, embed, read):
    nothing = {"answer": None, "citations": [], "abstained": True}
    passages, seen = [], set()
    for document in corpus:
        for sentence in re.split(r"(?<=\.) ", document["text"]):
            if sentence not in seen:
                seen.add(sentence)
                passages.append((document, sentence))
    if not passages:
        reply = read(f"I do not know.\nQuestion: {question}")
        return {"answer": reply, "citations": [], "abstained": False}
    vectors = embed([question, *(text for _, text in passages)])
    order = np.argsort(-(vectors[1:] @ vectors[0]), kind="stable")
    hits = [passages[i] for i in order[:5]]
    hits.sort(key=lambda hit: hit[0]["date"] or "9999", reverse=True)
    lines = [f"[{n}] {text}" for n, (_, text) in enumerate(hits, 1)]
    head = "Use the documents and cite them. Otherwise say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if "I do not know" in reply:
        return nothing
    name = reply.split(",")[0].lower()
    value = reply.split(": ", 1)[1].split(" [")[0].lower()
    if name not in question.lower():
        return nothing
    ids = []
    for n in map(int, re.findall(r"\[(\d+)\]", reply)):
        if 1 <= n <= len(hits):
            document, text = hits[n - 1]
            if name in text.lower() and value in text.lower() and document["id"] not in ids:
                ids.append(document["id"])
    if not ids:
        return nothing
    return {"answer": reply, "citations": ids, "abstained": False}


# %% wrong (q10-rag-answer-hidden-form): asks twice
import re


def rag_answer(question, corpus, embed, read):
    nothing = {"answer": None, "citations": [], "abstained": True}
    passages, seen = [], set()
    for document in corpus:
        for sentence in re.split(r"(?<=\.) ", document["text"]):
            if sentence not in seen:
                seen.add(sentence)
                passages.append((document, sentence))
    if not passages:
        return nothing
    vectors = embed([question, *(text for _, text in passages)])
    order = np.argsort(-(vectors[1:] @ vectors[0]), kind="stable")
    hits = [passages[i] for i in order[:5]]
    hits.sort(key=lambda hit: hit[0]["date"] or "9999", reverse=True)
    lines = [f"[{n}] {text}" for n, (_, text) in enumerate(hits, 1)]
    head = "Use the documents and cite them. Otherwise say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if "I do not know" in reply:
        return nothing
    name = reply.split(",")[0].lower()
    value = reply.split(": ", 1)[1].split(" [")[0].lower()
    if name not in question.lower():
        return nothing
    ids = []
    for n in map(int, re.findall(r"\[(\d+)\]", reply)):
        if 1 <= n <= len(hits):
            document, text = hits[n - 1]
            if name in text.lower() and value in text.lower() and document["id"] not in ids:
                ids.append(document["id"])
    if not ids:
        return nothing
    return {"answer": reply, "citations": ids, "abstained": False}
