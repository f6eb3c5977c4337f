# %% right: keeps tuples of symbols and merges with a helper
def bpe_train(corpus, num_merges):
    def merge(symbols, pair):
        out = []
        i = 0
        while i < len(symbols):
            if i + 1 < len(symbols) and symbols[i] == pair[0] and symbols[i + 1] == pair[1]:
                out.append(pair[0] + pair[1])
                i += 2
            else:
                out.append(symbols[i])
                i += 1
        return tuple(out)

    vocab = [(tuple(word) + ("</w>",), freq) for word, freq in corpus.items()]
    merges = []
    while len(merges) < num_merges:
        counts = {}
        for symbols, freq in vocab:
            for i in range(len(symbols) - 1):
                pair = symbols[i], symbols[i + 1]
                counts[pair] = counts.get(pair, 0) + freq
        if not counts:
            return merges
        top = max(counts.values())
        best = min(pair for pair, count in counts.items() if count == top)
        merges.append(best)
        vocab = [(merge(symbols, best), freq) for symbols, freq in vocab]
    return merges


# %% right: strings with spaces and a regular expression that demands whole symbols
import re
from collections import Counter


def bpe_train(corpus, num_merges):
    spaced = {word: " ".join([*word, "</w>"]) for word in corpus}
    merges = []
    for _ in range(num_merges):
        counts = Counter()
        for word, text in spaced.items():
            symbols = text.split(" ")
            for pair in zip(symbols, symbols[1:]):
                counts[pair] += corpus[word]
        if not counts:
            break
        best = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[0][0]
        merges.append(best)
        pattern = re.compile(r"(?<!\S)" + re.escape(" ".join(best)) + r"(?!\S)")
        spaced = {w: pattern.sub(lambda match: "".join(best), t) for w, t in spaced.items()}
    return merges


# %% right: keeps the pair counts and updates only the words that change
from collections import Counter, defaultdict


def bpe_train(corpus, num_merges):
    words = {word: list(word) + ["</w>"] for word in corpus}
    counts, where = Counter(), defaultdict(set)

    def account(word, sign):
        symbols = words[word]
        for pair in zip(symbols, symbols[1:]):
            counts[pair] += sign * corpus[word]
            where[pair].add(word)

    for word in words:
        account(word, 1)
    merges = []
    for _ in range(num_merges):
        live = [(-count, pair) for pair, count in counts.items() if count > 0]
        if not live:
            break
        _, (left, right) = min(live)
        merges.append((left, right))
        for word in list(where[left, right]):
            account(word, -1)
            out = []
            for symbol in words[word]:
                # a marker keeps what was just merged from being merged again
                if out and out[-1] == (left, False) and symbol == right:
                    out[-1] = (left + right, True)
                else:
                    out.append((symbol, False))
            words[word] = [symbol for symbol, _ in out]
            account(word, 1)
    return merges


# %% right: numbers instead of strings, as real trainers do it
def bpe_train(corpus, num_merges):
    alphabet = sorted({c for word in corpus for c in word} | {"</w>"})
    text_of = list(alphabet)
    id_of = {c: i for i, c in enumerate(alphabet)}
    words = [([id_of[c] for c in word] + [id_of["</w>"]], n) for word, n in corpus.items()]
    merges = []
    for _ in range(num_merges):
        counts = {}
        for ids, n in words:
            for pair in zip(ids, ids[1:]):
                counts[pair] = counts.get(pair, 0) + n
        if not counts:
            break
        a, b = min(counts, key=lambda p: (-counts[p], text_of[p[0]], text_of[p[1]]))
        merges.append((text_of[a], text_of[b]))
        joined = text_of[a] + text_of[b]
        new = id_of.setdefault(joined, len(text_of))
        if new == len(text_of):
            text_of.append(joined)
        for ids, _ in words:
            i = 0
            while i < len(ids) - 1:
                if ids[i] == a and ids[i + 1] == b:
                    ids[i : i + 2] = [new]
                i += 1
    return merges


# %% wrong (q03-bpe-train-hidden-boundaries): merges with str.replace on a string with spaces
from collections import Counter


def bpe_train(corpus, num_merges):
    spaced = {word: " ".join([*word, "</w>"]) for word in corpus}
    merges = []
    for _ in range(num_merges):
        counts = Counter()
        for word, text in spaced.items():
            symbols = text.split()
            for pair in zip(symbols, symbols[1:]):
                counts[pair] += corpus[word]
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        spaced = {w: t.replace(" ".join(best), "".join(best)) for w, t in spaced.items()}
    return merges


# %% wrong (q03-bpe-train-hidden-boundaries): demands a whole symbol on the left of the match only
import re
from collections import Counter


def bpe_train(corpus, num_merges):
    spaced = {word: " ".join([*word, "</w>"]) for word in corpus}
    merges = []
    for _ in range(num_merges):
        counts = Counter()
        for word, text in spaced.items():
            symbols = text.split()
            for pair in zip(symbols, symbols[1:]):
                counts[pair] += corpus[word]
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        pattern = re.compile(r"(?<!\S)" + re.escape(" ".join(best)))
        spaced = {w: pattern.sub(lambda match: "".join(best), t) for w, t in spaced.items()}
    return merges


# %% wrong (q03-bpe-train-hidden-boundaries): demands a whole symbol on the right of the match only
import re
from collections import Counter


def bpe_train(corpus, num_merges):
    spaced = {word: " ".join([*word, "</w>"]) for word in corpus}
    merges = []
    for _ in range(num_merges):
        counts = Counter()
        for word, text in spaced.items():
            symbols = text.split()
            for pair in zip(symbols, symbols[1:]):
                counts[pair] += corpus[word]
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        pattern = re.compile(re.escape(" ".join(best)) + r"(?!\S)")
        spaced = {w: pattern.sub(lambda match: "".join(best), t) for w, t in spaced.items()}
    return merges


# %% wrong (q03-bpe-train-hidden-boundaries): counts the pairs once and takes the top ones
from collections import Counter


def bpe_train(corpus, num_merges):
    counts = Counter()
    for word, freq in corpus.items():
        symbols = [*word, "</w>"]
        for pair in zip(symbols, symbols[1:]):
            counts[pair] += freq
    return sorted(counts, key=lambda pair: (-counts[pair], pair))[:num_merges]


# %% wrong (q03-bpe-train-hidden-weights): counts a pair once for each word that holds it, without the frequency
from collections import Counter


def bpe_train(corpus, num_merges):
    words = {word: [*word, "</w>"] for word in corpus}
    merges = []
    for _ in range(num_merges):
        counts = Counter()
        for symbols in words.values():
            counts.update(zip(symbols, symbols[1:]))
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        for symbols in words.values():
            i = 0
            while i < len(symbols) - 1:
                if (symbols[i], symbols[i + 1]) == best:
                    symbols[i : i + 2] = ["".join(best)]
                i += 1
    return merges


# %% wrong (q03-bpe-train-hidden-weights): counts a pair at one place of a word only
from collections import Counter


def bpe_train(corpus, num_merges):
    words = {word: [*word, "</w>"] for word in corpus}
    merges = []
    for _ in range(num_merges):
        counts = Counter()
        for word, symbols in words.items():
            for pair in set(zip(symbols, symbols[1:])):
                counts[pair] += corpus[word]
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        for symbols in words.values():
            i = 0
            while i < len(symbols) - 1:
                if (symbols[i], symbols[i + 1]) == best:
                    symbols[i : i + 2] = ["".join(best)]
                i += 1
    return merges


# %% wrong (q03-bpe-train-hidden-weights): counts overlapping places once, as it merges them
from collections import Counter


def bpe_train(corpus, num_merges):
    words = {word: [*word, "</w>"] for word in corpus}
    merges = []
    for _ in range(num_merges):
        counts = Counter()
        for word, symbols in words.items():
            last = None
            for i, pair in enumerate(zip(symbols, symbols[1:])):
                if pair == last:
                    last = None  # the middle symbol is taken
                    continue
                counts[pair] += corpus[word]
                last = pair
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        for symbols in words.values():
            i = 0
            while i < len(symbols) - 1:
                if (symbols[i], symbols[i + 1]) == best:
                    symbols[i : i + 2] = ["".join(best)]
                i += 1
    return merges


# %% wrong (q03-bpe-train-hidden-weights): assigns the frequency instead of adding it
def bpe_train(corpus, num_merges):
    words = {word: [*word, "</w>"] for word in corpus}
    merges = []
    for _ in range(num_merges):
        counts = {}
        for word, symbols in words.items():
            for pair in zip(symbols, symbols[1:]):
                counts[pair] = corpus[word]
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        for symbols in words.values():
            i = 0
            while i < len(symbols) - 1:
                if (symbols[i], symbols[i + 1]) == best:
                    symbols[i : i + 2] = ["".join(best)]
                i += 1
    return merges


# %% wrong (q03-bpe-train-hidden-overlap): merges from right to left
from collections import Counter


def bpe_train(corpus, num_merges):
    words = {word: [*word, "</w>"] for word in corpus}
    merges = []
    for _ in range(num_merges):
        counts = Counter()
        for word, symbols in words.items():
            for pair in zip(symbols, symbols[1:]):
                counts[pair] += corpus[word]
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        for symbols in words.values():
            i = len(symbols) - 2
            while i >= 0:
                if i + 1 < len(symbols) and (symbols[i], symbols[i + 1]) == best:
                    symbols[i : i + 2] = ["".join(best)]
                i -= 1
    return merges


# %% wrong (q03-bpe-train-hidden-overlap): merges only the first occurrence in a word
from collections import Counter


def bpe_train(corpus, num_merges):
    words = {word: [*word, "</w>"] for word in corpus}
    merges = []
    for _ in range(num_merges):
        counts = Counter()
        for word, symbols in words.items():
            for pair in zip(symbols, symbols[1:]):
                counts[pair] += corpus[word]
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        for symbols in words.values():
            for i in range(len(symbols) - 1):
                if (symbols[i], symbols[i + 1]) == best:
                    symbols[i : i + 2] = ["".join(best)]
                    break
    return merges


# %% wrong (q03-bpe-train-hidden-overlap): uses the middle symbol of a a a twice
from collections import Counter


def bpe_train(corpus, num_merges):
    words = {word: [*word, "</w>"] for word in corpus}
    merges = []
    for _ in range(num_merges):
        counts = Counter()
        for word, symbols in words.items():
            for pair in zip(symbols, symbols[1:]):
                counts[pair] += corpus[word]
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        for word, symbols in words.items():
            hits = [i for i, pair in enumerate(zip(symbols, symbols[1:])) if pair == best]
            gone = {i + 1 for i in hits}
            words[word] = [
                "".join(best) if i in hits else symbol
                for i, symbol in enumerate(symbols)
                if i in hits or i not in gone
            ]
    return merges


# %% wrong (q03-bpe-train-hidden-ties): takes the pair that was counted first among equals
from collections import Counter


def bpe_train(corpus, num_merges):
    words = {word: [*word, "</w>"] for word in corpus}
    merges = []
    for _ in range(num_merges):
        counts = Counter()
        for word, symbols in words.items():
            for pair in zip(symbols, symbols[1:]):
                counts[pair] += corpus[word]
        if not counts:
            break
        best = max(counts, key=counts.get)
        merges.append(best)
        for symbols in words.values():
            i = 0
            while i < len(symbols) - 1:
                if (symbols[i], symbols[i + 1]) == best:
                    symbols[i : i + 2] = ["".join(best)]
                i += 1
    return merges


# %% wrong (q03-bpe-train-hidden-ties): takes the largest pair among equals
from collections import Counter


def bpe_train(corpus, num_merges):
    words = {word: [*word, "</w>"] for word in corpus}
    merges = []
    for _ in range(num_merges):
        counts = Counter()
        for word, symbols in words.items():
            for pair in zip(symbols, symbols[1:]):
                counts[pair] += corpus[word]
        if not counts:
            break
        best = max(counts, key=lambda pair: (counts[pair], pair))
        merges.append(best)
        for symbols in words.values():
            i = 0
            while i < len(symbols) - 1:
                if (symbols[i], symbols[i + 1]) == best:
                    symbols[i : i + 2] = ["".join(best)]
                i += 1
    return merges


# %% wrong (q03-bpe-train-hidden-ties): compares equals by their joined text
from collections import Counter


def bpe_train(corpus, num_merges):
    words = {word: [*word, "</w>"] for word in corpus}
    merges = []
    for _ in range(num_merges):
        counts = Counter()
        for word, symbols in words.items():
            for pair in zip(symbols, symbols[1:]):
                counts[pair] += corpus[word]
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], "".join(pair)))
        merges.append(best)
        for symbols in words.values():
            i = 0
            while i < len(symbols) - 1:
                if (symbols[i], symbols[i + 1]) == best:
                    symbols[i : i + 2] = ["".join(best)]
                i += 1
    return merges


# %% wrong (q03-bpe-train-hidden-ties): lower-cases the words
from collections import Counter


def bpe_train(corpus, num_merges):
    words = {word: [*word.lower(), "</w>"] for word in corpus}
    merges = []
    for _ in range(num_merges):
        counts = Counter()
        for word, symbols in words.items():
            for pair in zip(symbols, symbols[1:]):
                counts[pair] += corpus[word]
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        for symbols in words.values():
            i = 0
            while i < len(symbols) - 1:
                if (symbols[i], symbols[i + 1]) == best:
                    symbols[i : i + 2] = ["".join(best)]
                i += 1
    return merges


# %% wrong (q03-bpe-train-hidden-edges): stops when the best pair counts only 1
from collections import Counter


def bpe_train(corpus, num_merges):
    words = {word: [*word, "</w>"] for word in corpus}
    merges = []
    for _ in range(num_merges):
        counts = Counter()
        for word, symbols in words.items():
            for pair in zip(symbols, symbols[1:]):
                counts[pair] += corpus[word]
        if not counts or max(counts.values()) < 2:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        for symbols in words.values():
            i = 0
            while i < len(symbols) - 1:
                if (symbols[i], symbols[i + 1]) == best:
                    symbols[i : i + 2] = ["".join(best)]
                i += 1
    return merges


# %% wrong (q03-bpe-train-hidden-edges): does not stop when no pair is left raises
from collections import Counter


def bpe_train(corpus, num_merges):
    words = {word: [*word, "</w>"] for word in corpus}
    merges = []
    for _ in range(num_merges):
        counts = Counter()
        for word, symbols in words.items():
            for pair in zip(symbols, symbols[1:]):
                counts[pair] += corpus[word]
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        for symbols in words.values():
            i = 0
            while i < len(symbols) - 1:
                if (symbols[i], symbols[i + 1]) == best:
                    symbols[i : i + 2] = ["".join(best)]
                i += 1
    return merges


# %% wrong (q03-bpe-train-hidden-edges): a regular expression without re.escape
import re
from collections import Counter


def bpe_train(corpus, num_merges):
    spaced = {word: " ".join([*word, "</w>"]) for word in corpus}
    merges = []
    for _ in range(num_merges):
        counts = Counter()
        for word, text in spaced.items():
            symbols = text.split()
            for pair in zip(symbols, symbols[1:]):
                counts[pair] += corpus[word]
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        pattern = re.compile(r"(?<!\S)" + " ".join(best) + r"(?!\S)")
        spaced = {w: pattern.sub(lambda match: "".join(best), t) for w, t in spaced.items()}
    return merges


# %% wrong (q03-bpe-train-hidden-edges): takes the words out of the caller's corpus
from collections import Counter


def bpe_train(corpus, num_merges):
    words = []
    while corpus:
        word, freq = corpus.popitem()
        words.append(([*word, "</w>"], freq))
    merges = []
    for _ in range(num_merges):
        counts = Counter()
        for symbols, freq in words:
            for pair in zip(symbols, symbols[1:]):
                counts[pair] += freq
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        for symbols, _ in words:
            i = 0
            while i < len(symbols) - 1:
                if (symbols[i], symbols[i + 1]) == best:
                    symbols[i : i + 2] = ["".join(best)]
                i += 1
    return merges


# %% wrong (q03-bpe-train-hidden-edges): the end mark hangs on the last letter from the start
from collections import Counter


def bpe_train(corpus, num_merges):
    words = {word: [*word[:-1], word[-1] + "</w>"] for word in corpus}
    merges = []
    for _ in range(num_merges):
        counts = Counter()
        for word, symbols in words.items():
            for pair in zip(symbols, symbols[1:]):
                counts[pair] += corpus[word]
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        for symbols in words.values():
            i = 0
            while i < len(symbols) - 1:
                if (symbols[i], symbols[i + 1]) == best:
                    symbols[i : i + 2] = ["".join(best)]
                i += 1
    return merges


# %% wrong (q03-bpe-train-hidden-edges): no end mark
from collections import Counter


def bpe_train(corpus, num_merges):
    words = {word: [*word] for word in corpus}
    merges = []
    for _ in range(num_merges):
        counts = Counter()
        for word, symbols in words.items():
            for pair in zip(symbols, symbols[1:]):
                counts[pair] += corpus[word]
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        for symbols in words.values():
            i = 0
            while i < len(symbols) - 1:
                if (symbols[i], symbols[i + 1]) == best:
                    symbols[i : i + 2] = ["".join(best)]
                i += 1
    return merges


# %% wrong (q03-bpe-train-hidden-boundaries): one stream of symbols, so pairs reach over the end of a word
from collections import Counter


def bpe_train(corpus, num_merges):
    stream = []
    for word, freq in corpus.items():
        stream += [*word, "</w>"] * freq
    merges = []
    for _ in range(num_merges):
        counts = Counter(zip(stream, stream[1:]))
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        i = 0
        while i < len(stream) - 1:
            if (stream[i], stream[i + 1]) == best:
                stream[i : i + 2] = ["".join(best)]
            i += 1
    return merges
