# %% right: a dictionary from number to id
import re


def cited_answer(question, hits, read, least=0.25):
    nothing = dict(answer=None, citations=[], abstained=True)
    by_number, lines = {}, ["Answer from the documents, or say: I do not know."]
    for doc_id, score, text in hits:
        if score >= least:
            by_number[str(len(by_number) + 1)] = doc_id
            lines.append(f"[{len(by_number)}] {text}")
    if not by_number:
        return nothing
    reply = read("\n".join(lines + [f"Question: {question}"]))
    if reply.count("I do not know"):
        return nothing
    ids = []
    for n in re.findall(r"\[([0-9]+)\]", reply):
        if n in by_number and by_number[n] not in ids:
            ids.append(by_number[n])
    return dict(answer=reply, citations=ids, abstained=False)


# %% right: sorts the numbers by where they stand
def cited_answer(question, hits, read, least=0.25):
    kept = [h for h in hits if not h[1] < least]
    reply = "I do not know"
    if kept:
        lines = [f"[{i + 1}] {h[2]}" for i, h in enumerate(kept)]
        head = "Answer from the documents, or say: I do not know."
        reply = read("\n".join([head] + lines + ["Question: " + question]))
    if "I do not know" in reply:
        return {"answer": None, "citations": [], "abstained": True}
    marks = [(reply.find(f"[{n}]"), h[0]) for n, h in enumerate(kept, 1)]
    found = [doc for place, doc in sorted(marks) if place >= 0]
    return {"answer": reply, "citations": list(dict.fromkeys(found)), "abstained": False}


# %% right: early returns
import re


def cited_answer(question, hits, read, least=0.25):
    def result(answer, citations):
        return {"answer": answer, "citations": citations, "abstained": answer is None}

    strong = list(filter(lambda hit: hit[1] >= least, hits))
    if len(strong) == 0:
        return result(None, [])
    prompt = "Answer from the documents, or say: I do not know.\n"
    for n, hit in enumerate(strong, start=1):
        prompt += f"[{n}] {hit[2]}\n"
    reply = read(prompt + f"Question: {question}")
    if "I do not know" in reply:
        return result(None, [])
    ids = []
    for match in re.finditer(r"\[(\d+)\]", reply):
        place = int(match.group(1)) - 1
        if 0 <= place < len(strong) and strong[place][0] not in ids:
            ids.append(strong[place][0])
    return result(reply, ids)


# %% wrong (q10-repair-hidden-citations): all that stood in the prompt is a source
def cited_answer(question, hits, read, least=0.25):
    kept = [h for h in hits if h[1] >= least]
    if not kept:
        return {"answer": None, "citations": [], "abstained": True}
    lines = [f"[{n}] {h[2]}" for n, h in enumerate(kept, 1)]
    head = "Answer from the documents, or say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if "I do not know" in reply:
        return {"answer": None, "citations": [], "abstained": True}
    return {"answer": reply, "citations": [h[0] for h in kept], "abstained": False}


# %% wrong (q10-repair-hidden-citations): [0] becomes the last document
import re


def cited_answer(question, hits, read, least=0.25):
    kept = [h for h in hits if h[1] >= least]
    if not kept:
        return {"answer": None, "citations": [], "abstained": True}
    lines = [f"[{n}] {h[2]}" for n, h in enumerate(kept, 1)]
    head = "Answer from the documents, or say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if "I do not know" in reply:
        return {"answer": None, "citations": [], "abstained": True}
    places = [int(n) - 1 for n in re.findall(r"\[(\d+)\]", reply)]
    ids = [kept[i][0] for i in places if i < len(kept)]
    return {"answer": reply, "citations": list(dict.fromkeys(ids)), "abstained": False}


# %% wrong (q10-repair-hidden-citations): single digits only
import re


def cited_answer(question, hits, read, least=0.25):
    kept = [h for h in hits if h[1] >= least]
    if not kept:
        return {"answer": None, "citations": [], "abstained": True}
    lines = [f"[{n}] {h[2]}" for n, h in enumerate(kept, 1)]
    head = "Answer from the documents, or say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if "I do not know" in reply:
        return {"answer": None, "citations": [], "abstained": True}
    numbers = [int(n) for n in re.findall(r"\[(\d)\]", reply)]
    ids = [kept[n - 1][0] for n in numbers if 1 <= n <= len(kept)]
    return {"answer": reply, "citations": list(dict.fromkeys(ids)), "abstained": False}


# %% wrong (q10-repair-hidden-citations): sorted by number, not as cited
import re


def cited_answer(question, hits, read, least=0.25):
    kept = [h for h in hits if h[1] >= least]
    if not kept:
        return {"answer": None, "citations": [], "abstained": True}
    lines = [f"[{n}] {h[2]}" for n, h in enumerate(kept, 1)]
    head = "Answer from the documents, or say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if "I do not know" in reply:
        return {"answer": None, "citations": [], "abstained": True}
    numbers = sorted({int(n) for n in re.findall(r"\[(\d+)\]", reply)})
    ids = [kept[n - 1][0] for n in numbers if 1 <= n <= len(kept)]
    return {"answer": reply, "citations": ids, "abstained": False}


# %% wrong (q10-repair-hidden-nothing-found): asks the model with an empty prompt
import re


def cited_answer(question, hits, read, least=0.25):
    kept = [h for h in hits if h[1] >= least]
    lines = [f"[{n}] {h[2]}" for n, h in enumerate(kept, 1)]
    head = "Answer from the documents, or say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if "I do not know" in reply or not kept:
        return {"answer": None, "citations": [], "abstained": True}
    numbers = [int(n) for n in re.findall(r"\[(\d+)\]", reply)]
    ids = [kept[n - 1][0] for n in numbers if 1 <= n <= len(kept)]
    return {"answer": reply, "citations": list(dict.fromkeys(ids)), "abstained": False}


# %% wrong (q10-repair-hidden-nothing-found): looks only whether the best hit is good enough
import re


def cited_answer(question, hits, read, least=0.25):
    kept = hits
    if not kept or kept[0][1] < least:
        return {"answer": None, "citations": [], "abstained": True}
    lines = [f"[{n}] {h[2]}" for n, h in enumerate(kept, 1)]
    head = "Answer from the documents, or say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if "I do not know" in reply:
        return {"answer": None, "citations": [], "abstained": True}
    numbers = [int(n) for n in re.findall(r"\[(\d+)\]", reply)]
    ids = [kept[n - 1][0] for n in numbers if 1 <= n <= len(kept)]
    return {"answer": reply, "citations": list(dict.fromkeys(ids)), "abstained": False}


# %% wrong (q10-repair-hidden-nothing-found): strictly above the threshold
import re


def cited_answer(question, hits, read, least=0.25):
    kept = [h for h in hits if h[1] > least]
    if not kept:
        return {"answer": None, "citations": [], "abstained": True}
    lines = [f"[{n}] {h[2]}" for n, h in enumerate(kept, 1)]
    head = "Answer from the documents, or say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if "I do not know" in reply:
        return {"answer": None, "citations": [], "abstained": True}
    numbers = [int(n) for n in re.findall(r"\[(\d+)\]", reply)]
    ids = [kept[n - 1][0] for n in numbers if 1 <= n <= len(kept)]
    return {"answer": reply, "citations": list(dict.fromkeys(ids)), "abstained": False}


# %% wrong (q10-repair-hidden-refusal): only the bare sentence counts as a refusal
import re


def cited_answer(question, hits, read, least=0.25):
    kept = [h for h in hits if h[1] >= least]
    if not kept:
        return {"answer": None, "citations": [], "abstained": True}
    lines = [f"[{n}] {h[2]}" for n, h in enumerate(kept, 1)]
    head = "Answer from the documents, or say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if reply == "I do not know.":
        return {"answer": None, "citations": [], "abstained": True}
    numbers = [int(n) for n in re.findall(r"\[(\d+)\]", reply)]
    ids = [kept[n - 1][0] for n in numbers if 1 <= n <= len(kept)]
    return {"answer": reply, "citations": list(dict.fromkeys(ids)), "abstained": False}


# %% wrong (q10-repair-hidden-refusal): flags the refusal, and returns it as an answer
import re


def cited_answer(question, hits, read, least=0.25):
    kept = [h for h in hits if h[1] >= least]
    if not kept:
        return {"answer": None, "citations": [], "abstained": True}
    lines = [f"[{n}] {h[2]}" for n, h in enumerate(kept, 1)]
    head = "Answer from the documents, or say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    numbers = [int(n) for n in re.findall(r"\[(\d+)\]", reply)]
    ids = [kept[n - 1][0] for n in numbers if 1 <= n <= len(kept)]
    return {
        "answer": reply,
        "citations": list(dict.fromkeys(ids)),
        "abstained": "I do not know" in reply,
    }


# %% wrong (q10-repair-hidden-refusal): takes every "do not know" for a refusal
import re


def cited_answer(question, hits, read, least=0.25):
    kept = [h for h in hits if h[1] >= least]
    if not kept:
        return {"answer": None, "citations": [], "abstained": True}
    lines = [f"[{n}] {h[2]}" for n, h in enumerate(kept, 1)]
    head = "Answer from the documents, or say: I do not know."
    reply = read("\n".join([head, *lines, f"Question: {question}"]))
    if "know" in reply.lower() and "not" in reply.lower():
        return {"answer": None, "citations": [], "abstained": True}
    numbers = [int(n) for n in re.findall(r"\[(\d+)\]", reply)]
    ids = [kept[n - 1][0] for n in numbers if 1 <= n <= len(kept)]
    return {"answer": reply, "citations": list(dict.fromkeys(ids)), "abstained": False}
