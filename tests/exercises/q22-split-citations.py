# %% right: sentence ends found with one pattern
import re


def split_citations(answer):
    mark = r"\[\s*\d+(?:\s*,\s*\d+)*\s*\]"
    out = []
    for piece in re.findall(rf".*?[.!?](?:(?:\s*{mark})+|(?=\s|$))|.+$", answer):
        ids = []
        for found in re.findall(mark, piece):
            for n in found.strip("[] ").split(","):
                if n.strip() not in ids:
                    ids.append(n.strip())
        text = re.sub(rf"\s*{mark}", "", piece).strip()
        if text:
            out.append((text, ids))
    return out


# %% right: walks along the text
import re


def split_citations(answer):
    mark = re.compile(r" *\[ *\d+(?: *, *\d+)* *\]")
    out, text, ids, i = [], "", [], 0

    def close():
        nonlocal text, ids
        if text.strip():
            out.append((text.strip(), ids))
        text, ids = "", []

    while i < len(answer):
        found = mark.match(answer, i)
        if found:
            for n in re.findall(r"\d+", found[0]):
                if n not in ids:
                    ids.append(n)
            i = found.end()
            continue
        text += answer[i]
        i += 1
        if text[-1] in ".!?" and (i == len(answer) or answer[i] == " " or mark.match(answer, i)):
            while found := mark.match(answer, i):
                for n in re.findall(r"\d+", found[0]):
                    if n not in ids:
                        ids.append(n)
                i = found.end()
            close()
    close()
    return out


# %% right: citations after a stop are moved before it first
import re


def split_citations(answer):
    mark = r"\[ *\d+(?: *, *\d+)* *\]"
    moved = re.sub(rf"([.!?])((?: *{mark})+) *", lambda m: m[2] + m[1] + " ", answer)
    pieces = re.split(r"(?<=[.!?]) +", moved.strip())
    out = []
    for piece in pieces:
        numbers = re.findall(r"\d+", "".join(re.findall(mark, piece)))
        sentence = re.sub(rf" *{mark}", "", piece).strip()
        if sentence:
            out.append((sentence, sorted(set(numbers), key=numbers.index)))
    return out


# %% wrong (q22-split-citations-hidden-numbers): one digit only
import re


def split_citations(answer):
    mark = r"\[ *\d(?: *, *\d)* *\]"
    out = []
    for piece in re.findall(rf".*?[.!?](?:(?: *{mark})+|(?= |$))|.+$", answer):
        numbers = re.findall(r"\d", "".join(re.findall(mark, piece)))
        text = re.sub(rf" *{mark}", "", piece).strip()
        if text:
            out.append((text, list(dict.fromkeys(numbers))))
    return out


# %% wrong (q22-split-citations-hidden-numbers): one number a bracket
import re


def split_citations(answer):
    mark = r"\[\d+\]"
    out = []
    for piece in re.findall(rf".*?[.!?](?:(?: *{mark})+|(?= |$))|.+$", answer):
        numbers = re.findall(r"\d+", "".join(re.findall(mark, piece)))
        text = re.sub(rf" *{mark}", "", piece).strip()
        if text:
            out.append((text, list(dict.fromkeys(numbers))))
    return out


# %% wrong (q22-split-citations-hidden-numbers): keeps repetitions
import re


def split_citations(answer):
    mark = r"\[ *\d+(?: *, *\d+)* *\]"
    out = []
    for piece in re.findall(rf".*?[.!?](?:(?: *{mark})+|(?= |$))|.+$", answer):
        numbers = re.findall(r"\d+", "".join(re.findall(mark, piece)))
        text = re.sub(rf" *{mark}", "", piece).strip()
        if text:
            out.append((text, numbers))
    return out


# %% wrong (q22-split-citations-hidden-numbers): sorts the numbers
import re


def split_citations(answer):
    mark = r"\[ *\d+(?: *, *\d+)* *\]"
    out = []
    for piece in re.findall(rf".*?[.!?](?:(?: *{mark})+|(?= |$))|.+$", answer):
        numbers = re.findall(r"\d+", "".join(re.findall(mark, piece)))
        text = re.sub(rf" *{mark}", "", piece).strip()
        if text:
            out.append((text, sorted(set(numbers), key=int)))
    return out


# %% wrong (q22-split-citations-hidden-after): splits at the stop, so citations go to the next sentence
import re


def split_citations(answer):
    mark = r"\[ *\d+(?: *, *\d+)* *\]"
    out = []
    for piece in re.split(r"(?<=[.!?])(?= |\[|$)", answer):
        numbers = re.findall(r"\d+", "".join(re.findall(mark, piece)))
        text = re.sub(rf" *{mark}", "", piece).strip()
        if text:
            out.append((text, list(dict.fromkeys(numbers))))
    return out


# %% wrong (q22-split-citations-hidden-after): citations after the stop count only without a space
import re


def split_citations(answer):
    mark = r"\[ *\d+(?: *, *\d+)* *\]"
    out = []
    for piece in re.findall(rf".*?[.!?](?:(?:{mark})+|(?= |$))|.+$", answer):
        numbers = re.findall(r"\d+", "".join(re.findall(mark, piece)))
        text = re.sub(rf" *{mark}", "", piece).strip()
        if text:
            out.append((text, list(dict.fromkeys(numbers))))
    return out


# %% wrong (q22-split-citations-hidden-stops): every stop ends a sentence
import re


def split_citations(answer):
    mark = r"\[ *\d+(?: *, *\d+)* *\]"
    out = []
    for piece in re.findall(rf"[^.!?]*[.!?](?: *{mark})*|[^.!?]+$", answer):
        numbers = re.findall(r"\d+", "".join(re.findall(mark, piece)))
        text = re.sub(rf" *{mark}", "", piece).strip()
        if text:
            out.append((text, list(dict.fromkeys(numbers))))
    return out


# %% wrong (q22-split-citations-hidden-stops): loses a last sentence without a stop
import re


def split_citations(answer):
    mark = r"\[ *\d+(?: *, *\d+)* *\]"
    out = []
    for piece in re.findall(rf".*?[.!?](?:(?: *{mark})+|(?= |$))", answer):
        numbers = re.findall(r"\d+", "".join(re.findall(mark, piece)))
        text = re.sub(rf" *{mark}", "", piece).strip()
        if text:
            out.append((text, list(dict.fromkeys(numbers))))
    return out


# %% wrong (q22-split-citations-hidden-text): takes everything in brackets out
import re


def split_citations(answer):
    mark = r"\[[^\]]*\]"
    out = []
    for piece in re.findall(rf".*?[.!?](?:(?: *{mark})+|(?= |$))|.+$", answer):
        numbers = re.findall(r"\d+", "".join(re.findall(mark, piece)))
        text = re.sub(rf" *{mark}", "", piece).strip()
        if text:
            out.append((text, list(dict.fromkeys(numbers))))
    return out


# %% wrong (q22-split-citations-hidden-text): leaves the space before a citation
import re


def split_citations(answer):
    mark = r"\[ *\d+(?: *, *\d+)* *\]"
    out = []
    for piece in re.findall(rf".*?[.!?](?:(?: *{mark})+|(?= |$))|.+$", answer):
        numbers = re.findall(r"\d+", "".join(re.findall(mark, piece)))
        text = re.sub(mark, "", piece).strip()
        if text:
            out.append((text, list(dict.fromkeys(numbers))))
    return out


# %% wrong (q22-split-citations-hidden-text): squeezes all runs of spaces
import re


def split_citations(answer):
    mark = r"\[ *\d+(?: *, *\d+)* *\]"
    out = []
    for piece in re.findall(rf".*?[.!?](?:(?: *{mark})+|(?= |$))|.+$", answer):
        numbers = re.findall(r"\d+", "".join(re.findall(mark, piece)))
        text = " ".join(re.sub(rf" *{mark}", "", piece).split())
        if text:
            out.append((text, list(dict.fromkeys(numbers))))
    return out
