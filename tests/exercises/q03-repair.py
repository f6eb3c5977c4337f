# %% right: the two lines mended where they stand, with a regular expression
import re
from collections import Counter


def learn_bpe(corpus, num_merges):
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
        whole = re.compile(r"(?<!\S)" + re.escape(" ".join(best)) + r"(?!\S)")
        for word, text in spaced.items():
            spaced[word] = whole.sub(lambda match: "".join(best), text)
    return merges, {word: text.split() for word, text in spaced.items()}


# %% right: a pass over the symbols of each line
from collections import Counter


def learn_bpe(corpus, num_merges):
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
        best = max(sorted(counts), key=counts.get)
        merges.append(best)
        for word, text in spaced.items():
            symbols, out = text.split(), []
            while symbols:
                if tuple(symbols[:2]) == best:
                    out.append("".join(best))
                    symbols = symbols[2:]
                else:
                    out.append(symbols[0])
                    symbols = symbols[1:]
            spaced[word] = " ".join(out)
    return merges, {word: text.split() for word, text in spaced.items()}


# %% right: lists from the start, and a function for the merge
def learn_bpe(corpus, num_merges):
    def merged(symbols, pair):
        out, i = [], 0
        while i < len(symbols):
            hit = tuple(symbols[i : i + 2]) == pair
            out.append("".join(pair) if hit else symbols[i])
            i += 2 if hit else 1
        return out

    cut = {word: list(word) + ["</w>"] for word in corpus}
    merges = []
    while len(merges) < num_merges:
        counts = {}
        for word, symbols in cut.items():
            for pair in zip(symbols, symbols[1:]):
                counts[pair] = counts.get(pair, 0) + corpus[word]
        if not counts:
            break
        top = max(counts.values())
        merges.append(min(pair for pair in counts if counts[pair] == top))
        cut = {word: merged(symbols, merges[-1]) for word, symbols in cut.items()}
    return merges, cut


# %% right: replace with two spaces on either side of every symbol
from collections import Counter


def learn_bpe(corpus, num_merges):
    spaced = {word: " " + "  ".join([*word, "</w>"]) + " " for word in corpus}
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
        for word, text in spaced.items():
            spaced[word] = text.replace(f" {'  '.join(best)} ", f" {''.join(best)} ")
    return merges, {word: text.split() for word, text in spaced.items()}


# %% wrong (q03-repair-hidden-left): only the ties are mended
from collections import Counter


def learn_bpe(corpus, num_merges):
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
        for word, text in spaced.items():
            spaced[word] = text.replace(" ".join(best), "".join(best))
    return merges, {word: text.split() for word, text in spaced.items()}


# %% wrong (q03-repair-hidden-left): demands a whole symbol on the right only
import re
from collections import Counter


def learn_bpe(corpus, num_merges):
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
        whole = re.compile(re.escape(" ".join(best)) + r"(?!\S)")
        for word, text in spaced.items():
            spaced[word] = whole.sub(lambda match: "".join(best), text)
    return merges, {word: text.split() for word, text in spaced.items()}


# %% wrong (q03-repair-hidden-right): demands a whole symbol on the left only
import re
from collections import Counter


def learn_bpe(corpus, num_merges):
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
        whole = re.compile(r"(?<!\S)" + re.escape(" ".join(best)))
        for word, text in spaced.items():
            spaced[word] = whole.sub(lambda match: "".join(best), text)
    return merges, {word: text.split() for word, text in spaced.items()}


# %% wrong (q03-repair-hidden-right): replaces with a space on either side, which misses neighbours that share one
from collections import Counter


def learn_bpe(corpus, num_merges):
    spaced = {word: " " + " ".join([*word, "</w>"]) + " " for word in corpus}
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
        for word, text in spaced.items():
            spaced[word] = text.replace(f" {' '.join(best)} ", f" {''.join(best)} ")
    return merges, {word: text.split() for word, text in spaced.items()}


# %% wrong (q03-repair-hidden-right): the same in one line: spaces put on and stripped off
from collections import Counter


def learn_bpe(corpus, num_merges):
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
        for word, text in spaced.items():
            spaced[word] = f" {text} ".replace(f" {' '.join(best)} ", f" {''.join(best)} ").strip()
    return merges, {word: text.split() for word, text in spaced.items()}


# %% wrong (q03-repair-hidden-any): word boundaries of regular expressions, which know letters only
import re
from collections import Counter


def learn_bpe(corpus, num_merges):
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
        whole = re.compile(r"\b" + re.escape(" ".join(best)) + r"\b")
        for word, text in spaced.items():
            spaced[word] = whole.sub(lambda match: "".join(best), text)
    return merges, {word: text.split() for word, text in spaced.items()}


# %% wrong (q03-repair-hidden-any): the pattern is not escaped
import re
from collections import Counter


def learn_bpe(corpus, num_merges):
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
        whole = re.compile(r"(?<!\S)" + " ".join(best) + r"(?!\S)")
        for word, text in spaced.items():
            spaced[word] = whole.sub(lambda match: "".join(best), text)
    return merges, {word: text.split() for word, text in spaced.items()}


# %% wrong (q03-repair-hidden-any): the replacement is not escaped, as in the paper's listing
import re
from collections import Counter


def learn_bpe(corpus, num_merges):
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
        whole = re.compile(r"(?<!\S)" + re.escape(" ".join(best)) + r"(?!\S)")
        for word, text in spaced.items():
            spaced[word] = whole.sub("".join(best), text)
    return merges, {word: text.split() for word, text in spaced.items()}


# %% wrong (q03-repair-hidden-any): the edges are mended, the ties are not
import re
from collections import Counter


def learn_bpe(corpus, num_merges):
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
        best = max(counts, key=counts.get)
        merges.append(best)
        whole = re.compile(r"(?<!\S)" + re.escape(" ".join(best)) + r"(?!\S)")
        for word, text in spaced.items():
            spaced[word] = whole.sub(lambda match: "".join(best), text)
    return merges, {word: text.split() for word, text in spaced.items()}


# %% wrong (q03-repair-hidden-left): returns the popular code as it was
from collections import Counter


def learn_bpe(corpus, num_merges):
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
        best = max(counts, key=counts.get)
        merges.append(best)
        for word, text in spaced.items():
            spaced[word] = text.replace(" ".join(best), "".join(best))
    return merges, {word: text.split() for word, text in spaced.items()}


# %% wrong (q03-repair-hidden-any): mends the corpus instead, by sorting the words in place
import re
from collections import Counter


def learn_bpe(corpus, num_merges):
    ordered = sorted(corpus.items())
    corpus.clear()
    corpus.update(ordered)
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
        best = max(counts, key=counts.get)
        merges.append(best)
        whole = re.compile(r"(?<!\S)" + re.escape(" ".join(best)) + r"(?!\S)")
        for word, text in spaced.items():
            spaced[word] = whole.sub(lambda match: "".join(best), text)
    return merges, {word: text.split() for word, text in spaced.items()}
