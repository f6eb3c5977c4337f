# %% right: sets of stretches
import re
import unicodedata


def leaks(output: str, secret: str, n: int = 5) -> bool:
    def words(text):
        return re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())

    a, b = words(output), words(secret)
    m = min(n, len(b))
    if not m:
        return False

    def grams(w):
        return {tuple(w[i : i + m]) for i in range(len(w) - m + 1)}

    return not grams(a).isdisjoint(grams(b))


# %% right: texts with a space around every word
import re
import unicodedata


def leaks(output, secret, n=5):
    def words(text):
        return re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())

    given = " " + " ".join(words(output)) + " "
    hidden = words(secret)
    if len(hidden) == 0:
        return False
    if len(hidden) < n:
        return f" {' '.join(hidden)} " in given
    return any(f" {' '.join(hidden[i : i + n])} " in given for i in range(len(hidden) - n + 1))


# %% right: the longest common run of words by dynamic programming
import re
import unicodedata


def leaks(output, secret, n=5):
    a, b = (
        re.findall(r"\w+", unicodedata.normalize("NFKC", t).casefold()) for t in (output, secret)
    )
    need = min(n, len(b))
    last, best = [0] * (len(b) + 1), 0
    for x in a:
        row = [0] * (len(b) + 1)
        for j, y in enumerate(b):
            if x == y:
                row[j + 1] = last[j] + 1
                best = max(best, row[j + 1])
        last = row
    return need > 0 and best >= need


# %% right: loops
import re
import unicodedata


def leaks(output, secret, n=5):
    def words(text):
        return [
            m.group() for m in re.finditer(r"\w+", unicodedata.normalize("NFKC", text).casefold())
        ]

    out, sec = words(output), words(secret)
    if not sec:
        return False
    n = n if len(sec) >= n else len(sec)
    for i in range(len(sec) - n + 1):
        for j in range(len(out) - n + 1):
            if out[j : j + n] == sec[i : i + n]:
                return True
    return False


# %% wrong (q27-leaks-hidden-stretches): only the first n words of the secret
import re
import unicodedata


def leaks(output, secret, n=5):
    def words(text):
        return re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())

    a, b = words(output), words(secret)
    if not b:
        return False
    m = min(n, len(b))
    return any(a[i : i + m] == b[:m] for i in range(len(a) - m + 1))


# %% wrong (q27-leaks-hidden-stretches): the last stretch is never looked at
import re
import unicodedata


def leaks(output, secret, n=5):
    def words(text):
        return re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())

    a, b = words(output), words(secret)
    m = min(n, len(b))
    if not m:
        return False
    grams = {tuple(b[i : i + m]) for i in range(len(b) - m + 1)}
    return any(tuple(a[i : i + m]) in grams for i in range(max(1, len(a) - m)))


# %% wrong (q27-leaks-hidden-stretches): n words in common, in any order and anywhere
import re
import unicodedata


def leaks(output, secret, n=5):
    def words(text):
        return set(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))

    a, b = words(output), words(secret)
    return bool(b) and len(a & b) >= min(n, len(b))


# %% wrong (q27-leaks-hidden-stretches): always five words
import re
import unicodedata


def leaks(output, secret, n=5):
    def words(text):
        return re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())

    a, b = words(output), words(secret)
    m = min(5, len(b))
    if not m:
        return False
    grams = {tuple(b[i : i + m]) for i in range(len(b) - m + 1)}
    return any(tuple(a[i : i + m]) in grams for i in range(len(a) - m + 1))


# %% wrong (q27-leaks-hidden-stretches): only the whole secret
import re
import unicodedata


def leaks(output, secret, n=5):
    def words(text):
        return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))

    a, b = words(output), words(secret)
    return bool(b) and f" {b} " in f" {a} "


# %% wrong (q27-leaks-hidden-short): a short secret has no stretch of n words, so it never leaks
import re
import unicodedata


def leaks(output, secret, n=5):
    def words(text):
        return re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())

    a, b = words(output), words(secret)
    grams = {tuple(b[i : i + n]) for i in range(len(b) - n + 1)}
    return any(tuple(a[i : i + n]) in grams for i in range(len(a) - n + 1))


# %% wrong (q27-leaks-hidden-short): any word of a short secret is enough
import re
import unicodedata


def leaks(output, secret, n=5):
    def words(text):
        return re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())

    a, b = words(output), words(secret)
    m = n if len(b) >= n else 1
    grams = {tuple(b[i : i + m]) for i in range(len(b) - m + 1)}
    return any(tuple(a[i : i + m]) in grams for i in range(len(a) - m + 1))


# %% wrong (q27-leaks-hidden-short): the empty secret is part of every text
import re
import unicodedata


def leaks(output, secret, n=5):
    def words(text):
        return re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())

    a, b = words(output), words(secret)
    m = min(n, len(b))
    grams = {tuple(b[i : i + m]) for i in range(len(b) - m + 1)}
    return any(tuple(a[i : i + m]) in grams for i in range(len(a) - m + 1))


# %% wrong (q27-leaks-hidden-short): all words of a short secret, in any order
import re
import unicodedata


def leaks(output, secret, n=5):
    def words(text):
        return re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())

    a, b = words(output), words(secret)
    if not b:
        return False
    if len(b) < n:
        return set(b) <= set(a)
    grams = {tuple(b[i : i + n]) for i in range(len(b) - n + 1)}
    return any(tuple(a[i : i + n]) in grams for i in range(len(a) - n + 1))


# %% wrong (q27-leaks-hidden-normal): lower instead of casefold
import re
import unicodedata


def leaks(output, secret, n=5):
    def words(text):
        return re.findall(r"\w+", unicodedata.normalize("NFKC", text).lower())

    a, b = words(output), words(secret)
    m = min(n, len(b))
    if not m:
        return False
    grams = {tuple(b[i : i + m]) for i in range(len(b) - m + 1)}
    return any(tuple(a[i : i + m]) in grams for i in range(len(a) - m + 1))


# %% wrong (q27-leaks-hidden-normal): no Unicode normalisation
import re


def leaks(output, secret, n=5):
    def words(text):
        return re.findall(r"\w+", text.casefold())

    a, b = words(output), words(secret)
    m = min(n, len(b))
    if not m:
        return False
    grams = {tuple(b[i : i + m]) for i in range(len(b) - m + 1)}
    return any(tuple(a[i : i + m]) in grams for i in range(len(a) - m + 1))


# %% wrong (q27-leaks-hidden-normal): NFC instead of NFKC
import re
import unicodedata


def leaks(output, secret, n=5):
    def words(text):
        return re.findall(r"\w+", unicodedata.normalize("NFC", text).casefold())

    a, b = words(output), words(secret)
    m = min(n, len(b))
    if not m:
        return False
    grams = {tuple(b[i : i + m]) for i in range(len(b) - m + 1)}
    return any(tuple(a[i : i + m]) in grams for i in range(len(a) - m + 1))


# %% wrong (q27-leaks-hidden-normal): only the output is normalised
import re
import unicodedata


def leaks(output, secret, n=5):
    a = re.findall(r"\w+", unicodedata.normalize("NFKC", output).casefold())
    b = re.findall(r"\w+", secret.lower())
    m = min(n, len(b))
    if not m:
        return False
    grams = {tuple(b[i : i + m]) for i in range(len(b) - m + 1)}
    return any(tuple(a[i : i + m]) in grams for i in range(len(a) - m + 1))


# %% wrong (q27-leaks-hidden-normal): letters in letters, so that words match inside words
import re
import unicodedata


def leaks(output, secret, n=5):
    def words(text):
        return re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())

    a, b = " ".join(words(output)), words(secret)
    m = min(n, len(b))
    if not m:
        return False
    return any(" ".join(b[i : i + m]) in a for i in range(len(b) - m + 1))


# %% wrong (q27-leaks-hidden-normal): split at spaces, so that punctuation sticks to words
import unicodedata


def leaks(output, secret, n=5):
    def words(text):
        plain = unicodedata.normalize("NFKC", text).casefold()
        return [w for w in (w.strip(".,:;!?*()") for w in plain.split()) if w]

    a, b = words(output), words(secret)
    m = min(n, len(b))
    if not m:
        return False
    grams = {tuple(b[i : i + m]) for i in range(len(b) - m + 1)}
    return any(tuple(a[i : i + m]) in grams for i in range(len(a) - m + 1))


# %% wrong (q27-leaks-hidden-normal): words of ASCII letters only
import re
import unicodedata


def leaks(output, secret, n=5):
    def words(text):
        return re.findall(r"[a-z0-9_]+", unicodedata.normalize("NFKC", text).casefold())

    a, b = words(output), words(secret)
    m = min(n, len(b))
    if not m:
        return False
    grams = {tuple(b[i : i + m]) for i in range(len(b) - m + 1)}
    return any(tuple(a[i : i + m]) in grams for i in range(len(a) - m + 1))


# %% wrong (q27-leaks-hidden-normal): digits are not words
import re
import unicodedata


def leaks(output, secret, n=5):
    def words(text):
        return re.findall(r"[^\W\d]+", unicodedata.normalize("NFKC", text).casefold())

    a, b = words(output), words(secret)
    m = min(n, len(b))
    if not m:
        return False
    grams = {tuple(b[i : i + m]) for i in range(len(b) - m + 1)}
    return any(tuple(a[i : i + m]) in grams for i in range(len(a) - m + 1))


# %% wrong (q27-leaks-hidden-normal): apostrophes belong to words
import re
import unicodedata


def leaks(output, secret, n=5):
    def words(text):
        return re.findall(r"[\w']+", unicodedata.normalize("NFKC", text).casefold())

    a, b = words(output), words(secret)
    m = min(n, len(b))
    if not m:
        return False
    grams = {tuple(b[i : i + m]) for i in range(len(b) - m + 1)}
    return any(tuple(a[i : i + m]) in grams for i in range(len(a) - m + 1))


# %% wrong (q27-leaks-hidden-normal): casefold before NFKC
import re
import unicodedata


def leaks(output, secret, n=5):
    def words(text):
        return re.findall(r"\w+", unicodedata.normalize("NFKC", text.casefold()))

    a, b = words(output), words(secret)
    m = min(n, len(b))
    if not m:
        return False
    grams = {tuple(b[i : i + m]) for i in range(len(b) - m + 1)}
    return any(tuple(a[i : i + m]) in grams for i in range(len(a) - m + 1))


# %% wrong (q27-leaks-hidden-normal): NFKD takes accents off the letters
import re
import unicodedata


def leaks(output, secret, n=5):
    def words(text):
        return re.findall(r"\w+", unicodedata.normalize("NFKD", text).casefold())

    a, b = words(output), words(secret)
    m = min(n, len(b))
    if not m:
        return False
    grams = {tuple(b[i : i + m]) for i in range(len(b) - m + 1)}
    return any(tuple(a[i : i + m]) in grams for i in range(len(a) - m + 1))


# %% wrong (q27-leaks-hidden-stretches): only the first place of a word
import re
import unicodedata


def leaks(output, secret, n=5):
    def words(text):
        return re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())

    a, b = words(output), words(secret)
    m = min(n, len(b))
    if not m:
        return False
    for i in range(len(b) - m + 1):
        if b[i] in a:
            j = a.index(b[i])
            if a[j : j + m] == b[i : i + m]:
                return True
    return False
