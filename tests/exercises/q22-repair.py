# %% right: mended where the faults stand
import re


def is_grounded(sentences, documents, entails):
    if not sentences:
        return False
    for sentence in sentences:
        numbers = [int(n) for n in re.findall(r"\[(\d+)\]", sentence)]
        if not numbers or not all(1 <= n <= len(documents) for n in numbers):
            return False
        claim = re.sub(r" *\[\d+\]", "", sentence)
        cited = [documents[n - 1] for n in numbers]
        if not entails("\n".join(cited), claim):
            return False
    return True


# %% right: one expression per sentence
import re


def is_grounded(sentences, documents, entails):
    def sound(sentence):
        numbers = list(map(int, re.findall(r"\[(\d+)\]", sentence)))
        known = range(1, len(documents) + 1)
        return (
            bool(numbers)
            and all(n in known for n in numbers)
            and bool(
                entails(
                    "\n".join(documents[n - 1] for n in numbers),
                    re.sub(r"\s*\[\d+\]", "", sentence),
                )
            )
        )

    return len(sentences) > 0 and all([sound(s) for s in sentences])


# %% right: a dict from number to text, and its KeyError
import re


def is_grounded(sentences, documents, entails):
    texts = {str(i): t for i, t in enumerate(documents, 1)}
    for sentence in sentences:
        numbers = [n.lstrip("0") for n in re.findall(r"\[([0-9]+)\]", sentence)]
        try:
            premise = "\n".join([texts[n] for n in numbers])
        except KeyError:
            return False
        if len(numbers) == 0:
            return False
        if not entails(premise, re.sub(r" *\[[0-9]+\]", "", sentence)):
            return False
    return bool(sentences)


# %% wrong (q22-repair-hidden-digits): still one digit
import re


def is_grounded(sentences, documents, entails):
    if not sentences:
        return False
    for sentence in sentences:
        numbers = [int(n) for n in re.findall(r"\[(\d)\]", sentence)]
        if not numbers or not all(1 <= n <= len(documents) for n in numbers):
            return False
        claim = re.sub(r" *\[\d+\]", "", sentence)
        cited = [documents[n - 1] for n in numbers]
        if not entails("\n".join(cited), claim):
            return False
    return True


# %% wrong (q22-repair-hidden-digits): one or two digits
import re


def is_grounded(sentences, documents, entails):
    if not sentences:
        return False
    for sentence in sentences:
        numbers = [int(n) for n in re.findall(r"\[(\d\d?)\]", sentence)]
        if not numbers or not all(1 <= n <= len(documents) for n in numbers):
            return False
        claim = re.sub(r" *\[\d+\]", "", sentence)
        cited = [documents[n - 1] for n in numbers]
        if not entails("\n".join(cited), claim):
            return False
    return True


# %% wrong (q22-repair-hidden-digits): only the first citation is used
import re


def is_grounded(sentences, documents, entails):
    if not sentences:
        return False
    for sentence in sentences:
        numbers = [int(n) for n in re.findall(r"^[^\[]*\[(\d+)\]", sentence)]
        if not numbers or not all(1 <= n <= len(documents) for n in numbers):
            return False
        claim = re.sub(r" *\[\d+\]", "", sentence)
        cited = [documents[n - 1] for n in numbers]
        if not entails("\n".join(cited), claim):
            return False
    return True


# %% wrong (q22-repair-hidden-uncited): sentences without citations are passed over
import re


def is_grounded(sentences, documents, entails):
    if not sentences:
        return False
    for sentence in sentences:
        numbers = [int(n) for n in re.findall(r"\[(\d+)\]", sentence)]
        if not numbers:
            continue
        claim = re.sub(r" *\[\d+\]", "", sentence)
        cited = [documents[n - 1] for n in numbers if 1 <= n <= len(documents)]
        if not entails("\n".join(cited), claim):
            return False
    return True


# %% wrong (q22-repair-hidden-uncited): asks the judge about an empty text
import re


def is_grounded(sentences, documents, entails):
    if not sentences:
        return False
    for sentence in sentences:
        numbers = [int(n) for n in re.findall(r"\[(\d+)\]", sentence)]
        if not all(1 <= n <= len(documents) for n in numbers):
            return False
        claim = re.sub(r" *\[\d+\]", "", sentence)
        cited = [documents[n - 1] for n in numbers]
        if not entails("\n".join(cited), claim):
            return False
    return True


# %% wrong (q22-repair-hidden-uncited): one cited sentence is enough
import re


def is_grounded(sentences, documents, entails):
    if not sentences:
        return False
    for sentence in sentences:
        numbers = [int(n) for n in re.findall(r"\[(\d+)\]", sentence)]
        if (
            not numbers
            and len(sentences) == 1
            or not all(1 <= n <= len(documents) for n in numbers)
        ):
            return False
        claim = re.sub(r" *\[\d+\]", "", sentence)
        cited = [documents[n - 1] for n in numbers]
        if not (not numbers or entails("\n".join(cited), claim)):
            return False
    return True


# %% wrong (q22-repair-hidden-unknown): numbers that do not exist are dropped
import re


def is_grounded(sentences, documents, entails):
    if not sentences:
        return False
    for sentence in sentences:
        numbers = [int(n) for n in re.findall(r"\[(\d+)\]", sentence)]
        if not numbers:
            return False
        claim = re.sub(r" *\[\d+\]", "", sentence)
        cited = [documents[n - 1] for n in numbers if 1 <= n <= len(documents)]
        if not entails("\n".join(cited), claim):
            return False
    return True


# %% wrong (q22-repair-hidden-unknown): lets 0 through to the last document
import re


def is_grounded(sentences, documents, entails):
    if not sentences:
        return False
    for sentence in sentences:
        numbers = [int(n) for n in re.findall(r"\[(\d+)\]", sentence)]
        if not numbers or not all(n <= len(documents) for n in numbers):
            return False
        claim = re.sub(r" *\[\d+\]", "", sentence)
        cited = [documents[n - 1] for n in numbers]
        if not entails("\n".join(cited), claim):
            return False
    return True


# %% wrong (q22-repair-hidden-unknown): crashes on a number that does not exist raises
import re


def is_grounded(sentences, documents, entails):
    if not sentences:
        return False
    for sentence in sentences:
        numbers = [int(n) for n in re.findall(r"\[(\d+)\]", sentence)]
        if not numbers or 0 in numbers:
            return False
        claim = re.sub(r" *\[\d+\]", "", sentence)
        cited = [documents[n - 1] for n in numbers]
        if not entails("\n".join(cited), claim):
            return False
    return True


# %% wrong (q22-repair-hidden-unknown): numbers below the count only
import re


def is_grounded(sentences, documents, entails):
    if not sentences:
        return False
    for sentence in sentences:
        numbers = [int(n) for n in re.findall(r"\[(\d+)\]", sentence)]
        if not numbers or not all(1 <= n < len(documents) for n in numbers):
            return False
        claim = re.sub(r" *\[\d+\]", "", sentence)
        cited = [documents[n - 1] for n in numbers]
        if not entails("\n".join(cited), claim):
            return False
    return True
