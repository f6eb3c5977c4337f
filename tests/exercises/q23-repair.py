# %% right: one regular expression for each phrase
import re
import unicodedata


def suspicious(user, documents, phrases):
    found = []
    for name, text in documents.items():
        shown = "".join(c for c in text if unicodedata.category(c) != "Cf")
        plain = unicodedata.normalize("NFKC", shown).casefold()
        for phrase in phrases:
            pattern = r"(?:\W+\w+){0,2}?\W+".join(map(re.escape, phrase))
            if re.search(rf"(?<!\w){pattern}(?!\w)", plain):
                found.append(name)
                break
    return found


# %% right: tries every place, word by word
import re
import unicodedata


def suspicious(user, documents, phrases):
    def begins(words, at, phrase):
        if words[at] != phrase[0]:
            return False
        if len(phrase) == 1:
            return True
        return any(begins(words, i, phrase[1:]) for i in range(at + 1, min(at + 4, len(words))))

    result = []
    for key in documents:
        text = "".join([c for c in documents[key] if not unicodedata.category(c) == "Cf"])
        words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())
        hits = [begins(words, i, p) for p in phrases for i in range(len(words))]
        if any(hits):
            result.append(key)
    return result


# %% right: distances in an array
import re
import unicodedata


def suspicious(user, documents, phrases):
    def occurs(words, phrase):
        ends = np.array([w == phrase[0] for w in words], dtype=bool)
        for wanted in phrase[1:]:
            near = np.zeros_like(ends)
            for step in (1, 2, 3):
                near[step:] |= ends[:-step]
            ends = near & np.array([w == wanted for w in words], dtype=bool)
        return bool(ends.any())

    cleaned = {}
    for key, text in documents.items():
        text = "".join(c for c in text if unicodedata.category(c) != "Cf")
        cleaned[key] = re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())
    return [k for k, words in cleaned.items() if words and any(occurs(words, p) for p in phrases)]


# %% wrong (q23-repair-hidden-where): user and documents are searched together
import re
import unicodedata


def suspicious(user, documents, phrases):
    def occurs(phrase, words):
        ends = {i for i, word in enumerate(words) if word == phrase[0]}
        for wanted in phrase[1:]:
            near = {i + step for i in ends for step in (1, 2, 3)}
            ends = {i for i in near if i < len(words) and words[i] == wanted}
        return bool(ends)

    found = []
    for name, text in documents.items():
        joined = f"{user} {text}"
        visible = "".join(c for c in joined if unicodedata.category(c) != "Cf")
        words = re.findall(r"\w+", unicodedata.normalize("NFKC", visible).casefold())
        if any(occurs(phrase, words) for phrase in phrases):
            found.append(name)
    return found


# %% wrong (q23-repair-hidden-where): stops at the first document that it finds
import re
import unicodedata


def suspicious(user, documents, phrases):
    def occurs(phrase, words):
        ends = {i for i, word in enumerate(words) if word == phrase[0]}
        for wanted in phrase[1:]:
            near = {i + step for i in ends for step in (1, 2, 3)}
            ends = {i for i in near if i < len(words) and words[i] == wanted}
        return bool(ends)

    for name, text in documents.items():
        visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
        words = re.findall(r"\w+", unicodedata.normalize("NFKC", visible).casefold())
        if any(occurs(phrase, words) for phrase in phrases):
            return [name]
    return []


# %% wrong (q23-repair-hidden-where): a document is named once for every phrase
import re
import unicodedata


def suspicious(user, documents, phrases):
    def occurs(phrase, words):
        ends = {i for i, word in enumerate(words) if word == phrase[0]}
        for wanted in phrase[1:]:
            near = {i + step for i in ends for step in (1, 2, 3)}
            ends = {i for i in near if i < len(words) and words[i] == wanted}
        return bool(ends)

    found = []
    for name, text in documents.items():
        visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
        words = re.findall(r"\w+", unicodedata.normalize("NFKC", visible).casefold())
        found += [name for phrase in phrases if occurs(phrase, words)]
    return found


# %% wrong (q23-repair-hidden-where): sorted by id
import re
import unicodedata


def suspicious(user, documents, phrases):
    def occurs(phrase, words):
        ends = {i for i, word in enumerate(words) if word == phrase[0]}
        for wanted in phrase[1:]:
            near = {i + step for i in ends for step in (1, 2, 3)}
            ends = {i for i in near if i < len(words) and words[i] == wanted}
        return bool(ends)

    found = set()
    for name, text in documents.items():
        visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
        words = re.findall(r"\w+", unicodedata.normalize("NFKC", visible).casefold())
        if any(occurs(phrase, words) for phrase in phrases):
            found.add(name)
    return sorted(found)


# %% wrong (q23-repair-hidden-disguise): lower case and nothing else
import re


def suspicious(user, documents, phrases):
    def occurs(phrase, words):
        ends = {i for i, word in enumerate(words) if word == phrase[0]}
        for wanted in phrase[1:]:
            near = {i + step for i in ends for step in (1, 2, 3)}
            ends = {i for i in near if i < len(words) and words[i] == wanted}
        return bool(ends)

    return [
        name
        for name, text in documents.items()
        if any(occurs(phrase, re.findall(r"\w+", text.lower())) for phrase in phrases)
    ]


# %% wrong (q23-repair-hidden-disguise): invisible characters become spaces
import re
import unicodedata


def suspicious(user, documents, phrases):
    def occurs(phrase, words):
        ends = {i for i, word in enumerate(words) if word == phrase[0]}
        for wanted in phrase[1:]:
            near = {i + step for i in ends for step in (1, 2, 3)}
            ends = {i for i in near if i < len(words) and words[i] == wanted}
        return bool(ends)

    found = []
    for name, text in documents.items():
        visible = "".join(c if unicodedata.category(c) != "Cf" else " " for c in text)
        words = re.findall(r"\w+", unicodedata.normalize("NFKC", visible).casefold())
        if any(occurs(phrase, words) for phrase in phrases):
            found.append(name)
    return found


# %% wrong (q23-repair-hidden-disguise): splits at spaces, so that signs stick to the words
import unicodedata


def suspicious(user, documents, phrases):
    def occurs(phrase, words):
        ends = {i for i, word in enumerate(words) if word == phrase[0]}
        for wanted in phrase[1:]:
            near = {i + step for i in ends for step in (1, 2, 3)}
            ends = {i for i in near if i < len(words) and words[i] == wanted}
        return bool(ends)

    found = []
    for name, text in documents.items():
        visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
        words = unicodedata.normalize("NFKC", visible).casefold().split()
        words = [word.strip(".,:;!?") for word in words]
        if any(occurs(phrase, words) for phrase in phrases):
            found.append(name)
    return found


# %% wrong (q23-repair-hidden-harmless): parts of words count
import re
import unicodedata


def suspicious(user, documents, phrases):
    found = []
    for name, text in documents.items():
        visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
        plain = unicodedata.normalize("NFKC", visible).casefold()
        if any(re.search(r"\W+(?:\w+\W+){0,2}?".join(phrase), plain) for phrase in phrases):
            found.append(name)
    return found


# %% wrong (q23-repair-hidden-harmless): all words somewhere, in any order
import re
import unicodedata


def suspicious(user, documents, phrases):
    found = []
    for name, text in documents.items():
        visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
        words = re.findall(r"\w+", unicodedata.normalize("NFKC", visible).casefold())
        if any(set(phrase) <= set(words) for phrase in phrases):
            found.append(name)
    return found


# %% wrong (q23-repair-hidden-harmless): letters only are a word, so that an underscore ends one
import re
import unicodedata


def suspicious(user, documents, phrases):
    def occurs(phrase, words):
        ends = {i for i, word in enumerate(words) if word == phrase[0]}
        for wanted in phrase[1:]:
            near = {i + step for i in ends for step in (1, 2, 3)}
            ends = {i for i in near if i < len(words) and words[i] == wanted}
        return bool(ends)

    found = []
    for name, text in documents.items():
        visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
        words = re.findall(r"[^\W\d_]+", unicodedata.normalize("NFKC", visible).casefold())
        if any(occurs(phrase, words) for phrase in phrases):
            found.append(name)
    return found


# %% wrong (q23-repair-hidden-gaps): the first place of each word is the only one
import re
import unicodedata


def suspicious(user, documents, phrases):
    def occurs(phrase, words):
        at = -1
        for k, wanted in enumerate(phrase):
            later = [i for i, word in enumerate(words) if word == wanted and i > at]
            if not later or (k > 0 and later[0] - at > 3):
                return False
            at = later[0]
        return True

    found = []
    for name, text in documents.items():
        visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
        words = re.findall(r"\w+", unicodedata.normalize("NFKC", visible).casefold())
        if any(occurs(phrase, words) for phrase in phrases):
            found.append(name)
    return found


# %% wrong (q23-repair-hidden-gaps): one word between, not two
import re
import unicodedata


def suspicious(user, documents, phrases):
    def occurs(phrase, words):
        ends = {i for i, word in enumerate(words) if word == phrase[0]}
        for wanted in phrase[1:]:
            near = {i + step for i in ends for step in (1, 2)}
            ends = {i for i in near if i < len(words) and words[i] == wanted}
        return bool(ends)

    found = []
    for name, text in documents.items():
        visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
        words = re.findall(r"\w+", unicodedata.normalize("NFKC", visible).casefold())
        if any(occurs(phrase, words) for phrase in phrases):
            found.append(name)
    return found


# %% wrong (q23-repair-hidden-gaps): any number of words between
import re
import unicodedata


def suspicious(user, documents, phrases):
    found = []
    for name, text in documents.items():
        visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
        words = re.findall(r"\w+", unicodedata.normalize("NFKC", visible).casefold())
        for phrase in phrases:
            rest = iter(words)
            if all(wanted in rest for wanted in phrase):
                found.append(name)
                break
    return found


# %% wrong (q23-repair-hidden-gaps): the same word may serve twice
import re
import unicodedata


def suspicious(user, documents, phrases):
    def occurs(phrase, words):
        ends = {i for i, word in enumerate(words) if word == phrase[0]}
        for wanted in phrase[1:]:
            near = {i + step for i in ends for step in (0, 1, 2, 3)}
            ends = {i for i in near if i < len(words) and words[i] == wanted}
        return bool(ends)

    found = []
    for name, text in documents.items():
        visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
        words = re.findall(r"\w+", unicodedata.normalize("NFKC", visible).casefold())
        if any(occurs(phrase, words) for phrase in phrases):
            found.append(name)
    return found


# %% wrong (q23-repair-hidden-gaps): cleans the documents that were handed in
import re
import unicodedata


def suspicious(user, documents, phrases):
    def occurs(phrase, words):
        ends = {i for i, word in enumerate(words) if word == phrase[0]}
        for wanted in phrase[1:]:
            near = {i + step for i in ends for step in (1, 2, 3)}
            ends = {i for i in near if i < len(words) and words[i] == wanted}
        return bool(ends)

    found = []
    for name in documents:
        documents[name] = "".join(c for c in documents[name] if unicodedata.category(c) != "Cf")
        documents[name] = unicodedata.normalize("NFKC", documents[name]).casefold()
        if any(occurs(phrase, re.findall(r"\w+", documents[name])) for phrase in phrases):
            found.append(name)
    return found


# %% wrong (q23-repair-hidden-disguise): casefold before NFKC
import re
import unicodedata


def suspicious(user, documents, phrases):
    def occurs(phrase, words):
        ends = {i for i, word in enumerate(words) if word == phrase[0]}
        for wanted in phrase[1:]:
            near = {i + step for i in ends for step in (1, 2, 3)}
            ends = {i for i in near if i < len(words) and words[i] == wanted}
        return bool(ends)

    found = []
    for name, text in documents.items():
        visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
        words = re.findall(r"\w+", unicodedata.normalize("NFKC", visible.casefold()))
        if any(occurs(phrase, words) for phrase in phrases):
            found.append(name)
    return found


# %% wrong (q23-repair-hidden-disguise): invisible characters go last
import re
import unicodedata


def suspicious(user, documents, phrases):
    def occurs(phrase, words):
        ends = {i for i, word in enumerate(words) if word == phrase[0]}
        for wanted in phrase[1:]:
            near = {i + step for i in ends for step in (1, 2, 3)}
            ends = {i for i in near if i < len(words) and words[i] == wanted}
        return bool(ends)

    found = []
    for name, text in documents.items():
        plain = unicodedata.normalize("NFKC", text).casefold()
        visible = "".join(c for c in plain if unicodedata.category(c) != "Cf")
        words = re.findall(r"\w+", visible)
        if any(occurs(phrase, words) for phrase in phrases):
            found.append(name)
    return found


# %% wrong (q23-repair-hidden-disguise): words of ASCII letters
import re
import unicodedata


def suspicious(user, documents, phrases):
    def occurs(phrase, words):
        ends = {i for i, word in enumerate(words) if word == phrase[0]}
        for wanted in phrase[1:]:
            near = {i + step for i in ends for step in (1, 2, 3)}
            ends = {i for i in near if i < len(words) and words[i] == wanted}
        return bool(ends)

    found = []
    for name, text in documents.items():
        visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
        plain = unicodedata.normalize("NFKC", visible).casefold()
        words = re.findall(r"\w+", plain, re.ASCII)
        if any(occurs(phrase, words) for phrase in phrases):
            found.append(name)
    return found


# %% wrong (q23-repair-hidden-disguise): NFKD, which takes letters and marks apart
import re
import unicodedata


def suspicious(user, documents, phrases):
    def occurs(phrase, words):
        ends = {i for i, word in enumerate(words) if word == phrase[0]}
        for wanted in phrase[1:]:
            near = {i + step for i in ends for step in (1, 2, 3)}
            ends = {i for i in near if i < len(words) and words[i] == wanted}
        return bool(ends)

    found = []
    for name, text in documents.items():
        visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
        words = re.findall(r"\w+", unicodedata.normalize("NFKD", visible).casefold())
        if any(occurs(phrase, words) for phrase in phrases):
            found.append(name)
    return found


# %% wrong (q23-repair-hidden-disguise): takes all marks off the letters, in the phrases too
import re
import unicodedata


def suspicious(user, documents, phrases):
    def occurs(phrase, words):
        ends = {i for i, word in enumerate(words) if word == phrase[0]}
        for wanted in phrase[1:]:
            near = {i + step for i in ends for step in (1, 2, 3)}
            ends = {i for i in near if i < len(words) and words[i] == wanted}
        return bool(ends)

    found = []
    for name, text in documents.items():
        visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
        plain = unicodedata.normalize("NFKD", visible).casefold()
        words = re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))
        bare = [
            tuple(
                "".join(c for c in unicodedata.normalize("NFKD", w) if not unicodedata.combining(c))
                for w in phrase
            )
            for phrase in phrases
        ]
        if any(occurs(phrase, words) for phrase in bare):
            found.append(name)
    return found


# %% wrong (q23-repair-hidden-disguise): turns Cyrillic look-alikes into Latin letters
import re
import unicodedata


def suspicious(user, documents, phrases):
    def occurs(phrase, words):
        ends = {i for i, word in enumerate(words) if word == phrase[0]}
        for wanted in phrase[1:]:
            near = {i + step for i in ends for step in (1, 2, 3)}
            ends = {i for i in near if i < len(words) and words[i] == wanted}
        return bool(ends)

    found = []
    for name, text in documents.items():
        latin = text.translate(str.maketrans("\u0430\u0435\u043e\u0440\u0441", "aeopc"))
        visible = "".join(c for c in latin if unicodedata.category(c) != "Cf")
        words = re.findall(r"\w+", unicodedata.normalize("NFKC", visible).casefold())
        if any(occurs(phrase, words) for phrase in phrases):
            found.append(name)
    return found


# %% wrong (q23-repair-hidden-harmless): words of ASCII letters, so that a letter with a mark ends one
import re
import unicodedata


def suspicious(user, documents, phrases):
    def occurs(phrase, words):
        ends = {i for i, word in enumerate(words) if word == phrase[0]}
        for wanted in phrase[1:]:
            near = {i + step for i in ends for step in (1, 2, 3)}
            ends = {i for i in near if i < len(words) and words[i] == wanted}
        return bool(ends)

    found = []
    for name, text in documents.items():
        visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
        plain = unicodedata.normalize("NFKC", visible).casefold()
        words = re.findall(r"[a-z0-9_]+", plain)
        if any(occurs(phrase, words) for phrase in phrases):
            found.append(name)
    return found
