# %% right: one pattern, split into fields
import re


def parse_step(text):
    text = text.split("OBSERVATION:", 1)[0]
    pieces = re.split(r"(?m)^ *(THOUGHT|ACTION|INPUT|FINAL ANSWER):", text)
    found = {}
    for label, body in zip(pieces[1::2], pieces[2::2]):
        if label not in found:
            found[label] = body.strip()
    action = found.get("ACTION")
    return {
        "thought": found.get("THOUGHT"),
        "action": action,
        "input": None if action is None else found.get("INPUT", ""),
        "answer": found.get("FINAL ANSWER") if action is None else None,
    }


# %% right: a small state machine
def parse_step(text):
    end = text.find("OBSERVATION:")
    if end >= 0:
        text = text[:end]
    names = [("THOUGHT:", "thought"), ("ACTION:", "action"), ("INPUT:", "input")]
    names.append(("FINAL ANSWER:", "answer"))
    out = {"thought": None, "action": None, "input": None, "answer": None}
    where = None
    for line in text.split("\n"):
        begins = line.strip()
        for label, name in names:
            if begins.startswith(label):
                where = name if out[name] is None else None
                if where:
                    out[where] = line[line.index(label) + len(label) :]
                break
        else:
            if where:
                out[where] += "\n" + line
    out = {k: v if v is None else v.strip() for k, v in out.items()}
    if out["action"] is not None:
        out["answer"] = None
        if out["input"] is None:
            out["input"] = ""
    else:
        out["input"] = None
    return out


# %% right: positions of the labels
import re


def parse_step(text):
    body = text.partition("OBSERVATION:")[0]
    marks = list(re.finditer(r"^ *(THOUGHT|ACTION|INPUT|FINAL ANSWER):", body, flags=re.MULTILINE))
    ends = [m.start() for m in marks[1:]] + [len(body)]
    fields = {}
    for mark, end in zip(marks, ends):
        fields.setdefault(mark.group(1), body[mark.end() : end].strip())
    step = {"thought": fields.get("THOUGHT"), "action": None, "input": None, "answer": None}
    if "ACTION" in fields:
        step.update(action=fields["ACTION"], input=fields.get("INPUT") or "")
    elif "FINAL ANSWER" in fields:
        step["answer"] = fields["FINAL ANSWER"]
    return step


# %% wrong (q31-parse-step-hidden-lines): labels wherever they stand
import re


def parse_step(text):
    text = text.split("OBSERVATION:", 1)[0]
    pieces = re.split(r"(THOUGHT|ACTION|INPUT|FINAL ANSWER):", text)
    found = {}
    for label, body in zip(pieces[1::2], pieces[2::2]):
        found.setdefault(label, body.strip())
    action = found.get("ACTION")
    return {
        "thought": found.get("THOUGHT"),
        "action": action,
        "input": None if action is None else found.get("INPUT", ""),
        "answer": found.get("FINAL ANSWER") if action is None else None,
    }


# %% wrong (q31-parse-step-hidden-lines): one line a field
import re


def parse_step(text):
    text = text.split("OBSERVATION:", 1)[0]
    found = {}
    for label, body in re.findall(r"(?m)^ *(THOUGHT|ACTION|INPUT|FINAL ANSWER):(.*)$", text):
        found.setdefault(label, body.strip())
    action = found.get("ACTION")
    return {
        "thought": found.get("THOUGHT"),
        "action": action,
        "input": None if action is None else found.get("INPUT", ""),
        "answer": found.get("FINAL ANSWER") if action is None else None,
    }


# %% wrong (q31-parse-step-hidden-lines): labels in any case
import re


def parse_step(text):
    text = text.split("OBSERVATION:", 1)[0]
    pieces = re.split(r"(?mi)^ *(THOUGHT|ACTION|INPUT|FINAL ANSWER):", text)
    found = {}
    for label, body in zip(pieces[1::2], pieces[2::2]):
        found.setdefault(label.upper(), body.strip())
    action = found.get("ACTION")
    return {
        "thought": found.get("THOUGHT"),
        "action": action,
        "input": None if action is None else found.get("INPUT", ""),
        "answer": found.get("FINAL ANSWER") if action is None else None,
    }


# %% wrong (q31-parse-step-hidden-lines): each line stripped, indentation lost
def parse_step(text):
    labels = {
        "THOUGHT:": "thought",
        "ACTION:": "action",
        "INPUT:": "input",
        "FINAL ANSWER:": "answer",
    }
    fields, current = {}, []
    for line in text.partition("OBSERVATION:")[0].split("\n"):
        line = line.strip()
        label = next((x for x in labels if line.startswith(x)), None)
        if label is None:
            current.append(line)
        else:
            current = [line[len(label) :]]
            fields.setdefault(labels[label], current)
    step = dict.fromkeys(labels.values())
    step.update({kind: "\n".join(lines).strip() for kind, lines in fields.items()})
    if step["action"] is None:
        step["input"] = None
    else:
        step["input"] = step["input"] or ""
        step["answer"] = None
    return step


# %% wrong (q31-parse-step-hidden-observation): the invented observation is read too
import re


def parse_step(text):
    pieces = re.split(r"(?m)^ *(THOUGHT|ACTION|INPUT|FINAL ANSWER|OBSERVATION):", text)
    found = {}
    for label, body in zip(pieces[1::2], pieces[2::2]):
        found.setdefault(label, body.strip())
    action = found.get("ACTION")
    return {
        "thought": found.get("THOUGHT"),
        "action": action,
        "input": None if action is None else found.get("INPUT", ""),
        "answer": found.get("FINAL ANSWER") if action is None else None,
    }


# %% wrong (q31-parse-step-hidden-observation): cut at the last observation
import re


def parse_step(text):
    text = text.rpartition("OBSERVATION:")[0] or text
    pieces = re.split(r"(?m)^ *(THOUGHT|ACTION|INPUT|FINAL ANSWER):", text)
    found = {}
    for label, body in zip(pieces[1::2], pieces[2::2]):
        found.setdefault(label, body.strip())
    action = found.get("ACTION")
    return {
        "thought": found.get("THOUGHT"),
        "action": action,
        "input": None if action is None else found.get("INPUT", ""),
        "answer": found.get("FINAL ANSWER") if action is None else None,
    }


# %% wrong (q31-parse-step-hidden-observation): cut only where a line begins with it
import re


def parse_step(text):
    text = re.split(r"(?m)^OBSERVATION:", text)[0]
    pieces = re.split(r"(?m)^ *(THOUGHT|ACTION|INPUT|FINAL ANSWER):", text)
    found = {}
    for label, body in zip(pieces[1::2], pieces[2::2]):
        found.setdefault(label, body.strip())
    action = found.get("ACTION")
    return {
        "thought": found.get("THOUGHT"),
        "action": action,
        "input": None if action is None else found.get("INPUT", ""),
        "answer": found.get("FINAL ANSWER") if action is None else None,
    }


# %% wrong (q31-parse-step-hidden-both): the answer wins, as in the popular loop
import re


def parse_step(text):
    text = text.split("OBSERVATION:", 1)[0]
    pieces = re.split(r"(?m)^ *(THOUGHT|ACTION|INPUT|FINAL ANSWER):", text)
    found = {}
    for label, body in zip(pieces[1::2], pieces[2::2]):
        found.setdefault(label, body.strip())
    step = {"thought": found.get("THOUGHT"), "action": None, "input": None, "answer": None}
    if "FINAL ANSWER" in found:
        step["answer"] = found["FINAL ANSWER"]
    elif "ACTION" in found:
        step["action"], step["input"] = found["ACTION"], found.get("INPUT", "")
    return step


# %% wrong (q31-parse-step-hidden-both): the last of two fields counts
import re


def parse_step(text):
    text = text.split("OBSERVATION:", 1)[0]
    pieces = re.split(r"(?m)^ *(THOUGHT|ACTION|INPUT|FINAL ANSWER):", text)
    found = {label: body.strip() for label, body in zip(pieces[1::2], pieces[2::2])}
    action = found.get("ACTION")
    return {
        "thought": found.get("THOUGHT"),
        "action": action,
        "input": None if action is None else found.get("INPUT", ""),
        "answer": found.get("FINAL ANSWER") if action is None else None,
    }


# %% wrong (q31-parse-step-hidden-empty): truth instead of None
import re


def parse_step(text):
    text = text.split("OBSERVATION:", 1)[0]
    pieces = re.split(r"(?m)^ *(THOUGHT|ACTION|INPUT|FINAL ANSWER):", text)
    found = {}
    for label, body in zip(pieces[1::2], pieces[2::2]):
        found.setdefault(label, body.strip())
    action = found.get("ACTION") or None
    return {
        "thought": found.get("THOUGHT") or None,
        "action": action,
        "input": found.get("INPUT", "") if action else None,
        "answer": None if action else found.get("FINAL ANSWER") or None,
    }


# %% wrong (q31-parse-step-hidden-empty): an action without input is no action
import re


def parse_step(text):
    text = text.split("OBSERVATION:", 1)[0]
    pieces = re.split(r"(?m)^ *(THOUGHT|ACTION|INPUT|FINAL ANSWER):", text)
    found = {}
    for label, body in zip(pieces[1::2], pieces[2::2]):
        found.setdefault(label, body.strip())
    step = {"thought": found.get("THOUGHT"), "action": None, "input": None, "answer": None}
    if "ACTION" in found and "INPUT" in found:
        step["action"], step["input"] = found["ACTION"], found["INPUT"]
    else:
        step["answer"] = found.get("FINAL ANSWER")
    return step


# %% wrong (q31-parse-step-hidden-observation): cuts at an observation in any case
import re


def parse_step(text):
    text = re.split(r"(?i)OBSERVATION:", text)[0]
    pieces = re.split(r"(?m)^ *(THOUGHT|ACTION|INPUT|FINAL ANSWER):", text)
    found = {}
    for label, body in zip(pieces[1::2], pieces[2::2]):
        if label not in found:
            found[label] = body.strip()
    action = found.get("ACTION")
    return {
        "thought": found.get("THOUGHT"),
        "action": action,
        "input": None if action is None else found.get("INPUT", ""),
        "answer": found.get("FINAL ANSWER") if action is None else None,
    }


# %% wrong (q31-parse-step-hidden-lines): splitlines, which knows other line ends
def parse_step(text):
    end = text.find("OBSERVATION:")
    if end >= 0:
        text = text[:end]
    names = [("THOUGHT:", "thought"), ("ACTION:", "action"), ("INPUT:", "input")]
    names.append(("FINAL ANSWER:", "answer"))
    out = {"thought": None, "action": None, "input": None, "answer": None}
    where = None
    for line in text.splitlines():
        begins = line.strip()
        for label, name in names:
            if begins.startswith(label):
                where = name if out[name] is None else None
                if where:
                    out[where] = line[line.index(label) + len(label) :]
                break
        else:
            if where:
                out[where] += "\n" + line
    out = {k: v if v is None else v.strip() for k, v in out.items()}
    if out["action"] is not None:
        out["answer"] = None
        if out["input"] is None:
            out["input"] = ""
    else:
        out["input"] = None
    return out


# %% wrong (q31-parse-step-hidden-lines): spaces at the end of continuation lines lost
def parse_step(text):
    end = text.find("OBSERVATION:")
    if end >= 0:
        text = text[:end]
    names = [("THOUGHT:", "thought"), ("ACTION:", "action"), ("INPUT:", "input")]
    names.append(("FINAL ANSWER:", "answer"))
    out = {"thought": None, "action": None, "input": None, "answer": None}
    where = None
    for line in text.split("\n"):
        begins = line.strip()
        for label, name in names:
            if begins.startswith(label):
                where = name if out[name] is None else None
                if where:
                    out[where] = line[line.index(label) + len(label) :]
                break
        else:
            if where:
                out[where] += "\n" + line.rstrip()
    out = {k: v if v is None else v.strip() for k, v in out.items()}
    if out["action"] is not None:
        out["answer"] = None
        if out["input"] is None:
            out["input"] = ""
    else:
        out["input"] = None
    return out


# %% wrong (q31-parse-step-hidden-lines): ANSWER: is taken for a label too
import re


def parse_step(text):
    text = text.split("OBSERVATION:", 1)[0]
    pieces = re.split(r"(?m)^ *(THOUGHT|ACTION|INPUT|FINAL ANSWER|ANSWER):", text)
    found = {}
    for label, body in zip(pieces[1::2], pieces[2::2]):
        if label not in found:
            found[label] = body.strip()
    action = found.get("ACTION")
    return {
        "thought": found.get("THOUGHT"),
        "action": action,
        "input": None if action is None else found.get("INPUT", ""),
        "answer": found.get("FINAL ANSWER", found.get("ANSWER")) if action is None else None,
    }
