# %% right: lines, prefix, True
def fact_precision(text, ask, verify):
    listed = ask(f"List the facts of this text, each after '- ':\n{text}")
    facts = []
    for line in listed.split("\n"):
        line = line.lstrip(" ")
        if line.startswith("- ") and line[2:].strip():
            facts.append(line[2:].strip())
    if not facts:
        return None
    return sum(verify(fact) is True for fact in facts) / len(facts)


# %% right: a regular expression
import re


def fact_precision(text, ask, verify):
    facts = re.findall(r"^ *- +(\S.*?) *$", ask(text), flags=re.MULTILINE)
    verdicts = [verify(fact) for fact in facts]
    return verdicts.count(True) / len(verdicts) if verdicts else None


# %% right: removeprefix and numpy
def fact_precision(text, ask, verify):
    lines = [x.strip() for x in ask(f"Facts of the following text, please.\n\n{text}").splitlines()]
    facts = [x.removeprefix("- ").strip() for x in lines if x.startswith("- ")]
    verdicts = [verify(fact) == True for fact in facts if fact]  # noqa: E712
    return float(np.mean(verdicts)) if verdicts else None


# %% wrong (q33-repair-hidden-lines): as it was, but with the empty case and the verdicts mended
def fact_precision(text, ask, verify):
    facts = ask(f"List the facts of this text, each after '- ':\n{text}")
    verdicts = [verify(fact) for fact in facts]
    return sum(v is True for v in verdicts) / len(verdicts) if verdicts else None


# %% wrong (q33-repair-hidden-lines): every line is a fact
def fact_precision(text, ask, verify):
    facts = [x for x in ask(text).split("\n") if x.strip()]
    verdicts = [verify(fact) for fact in facts]
    return sum(v is True for v in verdicts) / len(verdicts) if verdicts else None


# %% wrong (q33-repair-hidden-lines): headings are facts, too
def fact_precision(text, ask, verify):
    lines = [x.strip() for x in ask(text).split("\n")]
    facts = [x.removeprefix("- ").strip() for x in lines if x]
    verdicts = [verify(fact) for fact in facts]
    return sum(v is True for v in verdicts) / len(verdicts) if verdicts else None


# %% wrong (q33-repair-hidden-lines): splits at every "- "
def fact_precision(text, ask, verify):
    facts = [x.strip() for x in ask(text).split("- ")[1:] if x.strip()]
    verdicts = [verify(fact) for fact in facts]
    return sum(v is True for v in verdicts) / len(verdicts) if verdicts else None


# %% wrong (q33-repair-hidden-lines): strips all hyphens and spaces
def fact_precision(text, ask, verify):
    lines = [x.strip() for x in ask(text).split("\n")]
    facts = [x.lstrip("- ") for x in lines if x.startswith("- ")]
    verdicts = [verify(fact) for fact in facts]
    return sum(v is True for v in verdicts) / len(verdicts) if verdicts else None


# %% wrong (q33-repair-hidden-lines): replaces every "- "
def fact_precision(text, ask, verify):
    lines = [x.strip() for x in ask(text).split("\n")]
    facts = [x.replace("- ", "").strip() for x in lines if x.startswith("- ")]
    verdicts = [verify(fact) for fact in facts if fact]
    return sum(v is True for v in verdicts) / len(verdicts) if verdicts else None


# %% wrong (q33-repair-hidden-lines): indented lines are missed
def fact_precision(text, ask, verify):
    facts = [x[2:].strip() for x in ask(text).split("\n") if x.startswith("- ")]
    verdicts = [verify(fact) for fact in facts if fact]
    return sum(v is True for v in verdicts) / len(verdicts) if verdicts else None


# %% wrong (q33-repair-hidden-lines): each fact once
def fact_precision(text, ask, verify):
    lines = [x.strip() for x in ask(text).split("\n")]
    facts = dict.fromkeys(x[2:].strip() for x in lines if x.startswith("- "))
    verdicts = [verify(fact) for fact in facts]
    return sum(v is True for v in verdicts) / len(verdicts) if verdicts else None


# %% wrong (q33-repair-hidden-lines): asks for the facts of each line of the text
def fact_precision(text, ask, verify):
    facts = []
    for part in text.split("\n"):
        lines = [x.strip() for x in ask(f"List the facts:\n{part}").split("\n")]
        facts += [x[2:].strip() for x in lines if x.startswith("- ") and x[2:].strip()]
    verdicts = [verify(fact) for fact in facts]
    return sum(v is True for v in verdicts) / len(verdicts) if verdicts else None


# %% wrong (q33-repair-hidden-verdicts): what is not denied is supported
def fact_precision(text, ask, verify):
    lines = [x.strip() for x in ask(text).split("\n")]
    facts = [x[2:].strip() for x in lines if x.startswith("- ")]
    verdicts = [verify(fact) for fact in facts]
    return sum(v is not False for v in verdicts) / len(verdicts) if verdicts else None


# %% wrong (q33-repair-hidden-verdicts): adds up None raises
def fact_precision(text, ask, verify):
    lines = [x.strip() for x in ask(text).split("\n")]
    facts = [x[2:].strip() for x in lines if x.startswith("- ")]
    verdicts = [verify(fact) for fact in facts]
    return sum(verdicts) / len(verdicts) if verdicts else None


# %% wrong (q33-repair-hidden-verdicts): facts on which nothing was found are left out
def fact_precision(text, ask, verify):
    lines = [x.strip() for x in ask(text).split("\n")]
    facts = [x[2:].strip() for x in lines if x.startswith("- ")]
    verdicts = [v for v in map(verify, facts) if v is not None]
    if not facts:
        return None
    return sum(verdicts) / len(verdicts) if verdicts else 0.0


# %% wrong (q33-repair-hidden-none): divides by zero raises
def fact_precision(text, ask, verify):
    lines = [x.strip() for x in ask(text).split("\n")]
    facts = [x[2:].strip() for x in lines if x.startswith("- ")]
    verdicts = [verify(fact) for fact in facts]
    return sum(v is True for v in verdicts) / len(verdicts)


# %% wrong (q33-repair-hidden-none): zero for a text without facts
def fact_precision(text, ask, verify):
    lines = [x.strip() for x in ask(text).split("\n")]
    facts = [x[2:].strip() for x in lines if x.startswith("- ")]
    verdicts = [verify(fact) for fact in facts]
    return sum(v is True for v in verdicts) / max(1, len(verdicts))


# %% wrong (q33-repair-hidden-none): a text without facts is perfect
def fact_precision(text, ask, verify):
    lines = [x.strip() for x in ask(text).split("\n")]
    facts = [x[2:].strip() for x in lines if x.startswith("- ")]
    return sum(verify(f) is True for f in facts) / len(facts) if facts else 1.0


# %% wrong (q33-repair-hidden-lines): only the beginning of a long text
def fact_precision(text, ask, verify):
    lines = [x.strip() for x in ask(f"List the facts:\n{text[:1000]}").split("\n")]
    facts = [x[2:].strip() for x in lines if x.startswith("- ")]
    verdicts = [verify(fact) for fact in facts]
    return sum(v is True for v in verdicts) / len(verdicts) if verdicts else None


# %% wrong (q33-repair-hidden-lines): the text without the spaces at its ends
def fact_precision(text, ask, verify):
    lines = [x.strip() for x in ask(f"List the facts:\n{text.strip()}").split("\n")]
    facts = [x[2:].strip() for x in lines if x.startswith("- ")]
    verdicts = [verify(fact) for fact in facts]
    return sum(v is True for v in verdicts) / len(verdicts) if verdicts else None


# %% wrong (q33-repair-hidden-lines): stars begin facts, too
def fact_precision(text, ask, verify):
    lines = [x.strip() for x in ask(f"List the facts:\n{text}").split("\n")]
    facts = [x[2:].strip() for x in lines if x.startswith(("- ", "* "))]
    verdicts = [verify(fact) for fact in facts]
    return sum(v is True for v in verdicts) / len(verdicts) if verdicts else None


# %% wrong (q33-repair-hidden-lines): hyphens at the end of a fact are lost
def fact_precision(text, ask, verify):
    lines = [x.strip() for x in ask(f"List the facts:\n{text}").split("\n")]
    facts = [x[2:].rstrip("-").strip() for x in lines if x.startswith("- ")]
    verdicts = [verify(fact) for fact in facts]
    return sum(v is True for v in verdicts) / len(verdicts) if verdicts else None


# %% wrong (q33-repair-hidden-lines): an empty text is not asked about
def fact_precision(text, ask, verify):
    if not text:
        return None
    lines = [x.strip() for x in ask(f"List the facts:\n{text}").split("\n")]
    facts = [x[2:].strip() for x in lines if x.startswith("- ")]
    verdicts = [verify(fact) for fact in facts]
    return sum(v is True for v in verdicts) / len(verdicts) if verdicts else None


# %% wrong (q33-repair-hidden-none): asks again when no fact came back
def fact_precision(text, ask, verify):
    lines = [x.strip() for x in ask(f"List the facts:\n{text}").split("\n")]
    facts = [x[2:].strip() for x in lines if x.startswith("- ")]
    if not facts:
        lines = [x.strip() for x in ask(f"Really none?\n{text}").split("\n")]
        facts = [x[2:].strip() for x in lines if x.startswith("- ")]
    verdicts = [verify(fact) for fact in facts]
    return sum(v is True for v in verdicts) / len(verdicts) if verdicts else None
