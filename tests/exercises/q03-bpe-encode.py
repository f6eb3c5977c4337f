# %% right: a helper merges, min with a default finds the rank
def bpe_encode(word, merges):
    ranks = {}
    for i, (left, right) in enumerate(merges):
        ranks[left, right] = i
    parts = list(word) + ["</w>"]
    while len(parts) > 1:
        pairs = [(parts[i], parts[i + 1]) for i in range(len(parts) - 1)]
        best = min(pairs, key=lambda pair: ranks.get(pair, math.inf))
        if best not in ranks:
            break
        out = []
        i = 0
        while i < len(parts):
            if i < len(parts) - 1 and parts[i] == best[0] and parts[i + 1] == best[1]:
                out.append(parts[i] + parts[i + 1])
                i += 2
            else:
                out.append(parts[i])
                i += 1
        parts = out
    return parts


def bpe_decode(symbols):
    text = "".join(symbols)
    return text[: -len("</w>")] if text.endswith("</w>") else text


# %% right: goes through the merges in order, once
def bpe_encode(word, merges):
    symbols = [*word, "</w>"]
    for left, right in merges:
        i = 0
        while i < len(symbols) - 1:
            if symbols[i] == left and symbols[i + 1] == right:
                symbols[i : i + 2] = [left + right]
            i += 1
    return symbols


def bpe_decode(symbols):
    return "".join(symbols).replace("</w>", "")


# %% right: one occurrence at a time, the leftmost of the lowest rank
def bpe_encode(word, merges):
    symbols = (*word, "</w>")
    rank = dict(zip(merges, range(len(merges))))
    while True:
        found = [
            (rank[symbols[i], symbols[i + 1]], i)
            for i in range(len(symbols) - 1)
            if (symbols[i], symbols[i + 1]) in rank
        ]
        if not found:
            return list(symbols)
        _, i = min(found)
        symbols = (*symbols[:i], symbols[i] + symbols[i + 1], *symbols[i + 2 :])


def bpe_decode(symbols):
    if symbols and symbols[-1].endswith("</w>"):
        symbols = [*symbols[:-1], symbols[-1][:-4]]
    return "".join(symbols)


# %% right: recursion on what is left after each merge
def bpe_encode(word, merges):
    def step(symbols):
        for left, right in merges:
            out, changed = [], False
            for symbol in symbols:
                if out and out[-1] == (left, True) and symbol == right:
                    out[-1] = (left + right, False)
                    changed = True
                else:
                    out.append((symbol, True))
            if changed:
                return step([symbol for symbol, _ in out])
        return symbols

    return step([*word, "</w>"])


def bpe_decode(symbols):
    return "".join(symbols).split("</w>")[0]


# %% wrong (q03-bpe-encode-hidden-rank): merges whatever it meets first from the left
def bpe_encode(word, merges):
    pairs = set(merges)
    symbols = [*word, "</w>"]
    changed = True
    while changed:
        changed, i = False, 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) in pairs:
                symbols[i : i + 2] = [symbols[i] + symbols[i + 1]]
                changed = True
            i += 1
    return symbols


def bpe_decode(symbols):
    return "".join(symbols).removesuffix("</w>")


# %% wrong (q03-bpe-encode-hidden-rank): takes the longest symbol that fits, from the left
def bpe_encode(word, merges):
    known = {left + right for left, right in merges}
    text, symbols = word + "</w>", []
    while text:
        for n in range(len(text), 0, -1):
            piece = text[:n]
            if piece in known or piece == "</w>" or n == 1:
                symbols.append(piece)
                text = text[n:]
                break
    return symbols


def bpe_decode(symbols):
    return "".join(symbols).removesuffix("</w>")


# %% wrong (q03-bpe-encode-hidden-rank): takes the merge that gives the longest symbol
def bpe_encode(word, merges):
    pairs = set(merges)
    symbols = [*word, "</w>"]
    while True:
        present = [p for p in zip(symbols, symbols[1:]) if p in pairs]
        if not present:
            return symbols
        best = max(present, key=lambda pair: len(pair[0] + pair[1]))
        i = 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) == best:
                symbols[i : i + 2] = ["".join(best)]
            i += 1


def bpe_decode(symbols):
    return "".join(symbols).removesuffix("</w>")


# %% wrong (q03-bpe-encode-hidden-rank): takes the highest rank, learned last
def bpe_encode(word, merges):
    rank = {pair: i for i, pair in enumerate(merges)}
    symbols = [*word, "</w>"]
    while True:
        present = [p for p in zip(symbols, symbols[1:]) if p in rank]
        if not present:
            return symbols
        best = max(present, key=rank.get)
        i = 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) == best:
                symbols[i : i + 2] = ["".join(best)]
            i += 1


def bpe_decode(symbols):
    return "".join(symbols).removesuffix("</w>")


# %% wrong (q03-bpe-encode-hidden-rank): takes the smallest pair in the alphabet
def bpe_encode(word, merges):
    symbols = [*word, "</w>"]
    while True:
        present = [p for p in zip(symbols, symbols[1:]) if p in merges]
        if not present:
            return symbols
        best = min(present)
        i = 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) == best:
                symbols[i : i + 2] = ["".join(best)]
            i += 1


def bpe_decode(symbols):
    return "".join(symbols).removesuffix("</w>")


# %% wrong (q03-bpe-encode-hidden-rank): asks whether the joined text is a symbol, as tiktoken does
def bpe_encode(word, merges):
    rank = {left + right: i for i, (left, right) in enumerate(merges)}
    symbols = [*word, "</w>"]
    while True:
        present = [p for p in zip(symbols, symbols[1:]) if p[0] + p[1] in rank]
        if not present:
            return symbols
        best = min(present, key=lambda pair: rank[pair[0] + pair[1]])
        i = 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) == best:
                symbols[i : i + 2] = ["".join(best)]
            i += 1


def bpe_decode(symbols):
    return "".join(symbols).removesuffix("</w>")


# %% wrong (q03-bpe-encode-hidden-rank): ranks the pairs of the word once and never looks again
def bpe_encode(word, merges):
    rank = {pair: i for i, pair in enumerate(merges)}
    symbols = [*word, "</w>"]
    present = sorted({p for p in zip(symbols, symbols[1:]) if p in rank}, key=rank.get)
    for best in present:
        i = 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) == best:
                symbols[i : i + 2] = ["".join(best)]
            i += 1
    return symbols


def bpe_decode(symbols):
    return "".join(symbols).removesuffix("</w>")


# %% wrong (q03-bpe-encode-hidden-rank): str.replace on a string with spaces
def bpe_encode(word, merges):
    text = " ".join([*word, "</w>"])
    for pair in merges:
        text = text.replace(" ".join(pair), "".join(pair))
    return text.split()


def bpe_decode(symbols):
    return "".join(symbols).removesuffix("</w>")


# %% wrong (q03-bpe-encode-hidden-all): goes through the merges once and merges one occurrence of each
def bpe_encode(word, merges):
    symbols = [*word, "</w>"]
    for pair in merges:
        for i in range(len(symbols) - 1):
            if (symbols[i], symbols[i + 1]) == pair:
                symbols[i : i + 2] = ["".join(pair)]
                break
    return symbols


def bpe_decode(symbols):
    return "".join(symbols).removesuffix("</w>")


# %% wrong (q03-bpe-encode-hidden-all): merges from right to left
def bpe_encode(word, merges):
    symbols = [*word, "</w>"]
    for pair in merges:
        i = len(symbols) - 2
        while i >= 0:
            if tuple(symbols[i : i + 2]) == pair:
                symbols[i : i + 2] = ["".join(pair)]
                i -= 1
            i -= 1
    return symbols


def bpe_decode(symbols):
    return "".join(symbols).removesuffix("</w>")


# %% wrong (q03-bpe-encode-hidden-all): uses the middle symbol of a a a twice
def bpe_encode(word, merges):
    symbols = [*word, "</w>"]
    for pair in merges:
        hits = [i for i in range(len(symbols) - 1) if (symbols[i], symbols[i + 1]) == pair]
        gone = {i + 1 for i in hits} - set(hits)
        symbols = [
            "".join(pair) if i in hits else symbol
            for i, symbol in enumerate(symbols)
            if i not in gone
        ]
    return symbols


def bpe_decode(symbols):
    return "".join(symbols).removesuffix("</w>")


# %% wrong (q03-bpe-encode-hidden-unknown): replaces unknown characters by <unk>
def bpe_encode(word, merges):
    known = {c for pair in merges for symbol in pair for c in symbol}
    symbols = [c if c in known or not known else "<unk>" for c in word] + ["</w>"]
    for pair in merges:
        i = 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) == pair:
                symbols[i : i + 2] = ["".join(pair)]
            i += 1
    return symbols


def bpe_decode(symbols):
    return "".join(symbols).removesuffix("</w>")


# %% wrong (q03-bpe-encode-hidden-unknown): drops unknown characters
def bpe_encode(word, merges):
    known = {c for pair in merges for symbol in pair for c in symbol}
    symbols = [c for c in word if c in known or not known] + ["</w>"]
    for pair in merges:
        i = 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) == pair:
                symbols[i : i + 2] = ["".join(pair)]
            i += 1
    return symbols


def bpe_decode(symbols):
    return "".join(symbols).removesuffix("</w>")


# %% wrong (q03-bpe-encode-hidden-unknown): gives nothing for the empty word
def bpe_encode(word, merges):
    if not word:
        return []
    symbols = [*word, "</w>"]
    for pair in merges:
        i = 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) == pair:
                symbols[i : i + 2] = ["".join(pair)]
            i += 1
    return symbols


def bpe_decode(symbols):
    return "".join(symbols).removesuffix("</w>")


# %% wrong (q03-bpe-encode-hidden-unknown): takes the merges from the caller's list
def bpe_encode(word, merges):
    symbols = [*word, "</w>"]
    while merges:
        pair = merges.pop(0)
        i = 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) == pair:
                symbols[i : i + 2] = ["".join(pair)]
            i += 1
    return symbols


def bpe_decode(symbols):
    return "".join(symbols).removesuffix("</w>")


# %% wrong (q03-bpe-encode-hidden-unknown): merges a pair in either order
def bpe_encode(word, merges):
    symbols = [*word, "</w>"]
    for pair in merges:
        i = 0
        while i < len(symbols) - 1:
            if {symbols[i], symbols[i + 1]} == set(pair) and len(set(pair)) == 2:
                symbols[i : i + 2] = [symbols[i] + symbols[i + 1]]
            elif (symbols[i], symbols[i + 1]) == pair:
                symbols[i : i + 2] = ["".join(pair)]
            i += 1
    return symbols


def bpe_decode(symbols):
    return "".join(symbols).removesuffix("</w>")


# %% wrong (q03-bpe-encode-hidden-decode): strips the characters of the end mark
def bpe_encode(word, merges):
    symbols = [*word, "</w>"]
    for pair in merges:
        i = 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) == pair:
                symbols[i : i + 2] = ["".join(pair)]
            i += 1
    return symbols


def bpe_decode(symbols):
    return "".join(symbols).rstrip("</w>")


# %% wrong (q03-bpe-encode-hidden-decode): always cuts four characters off
def bpe_encode(word, merges):
    symbols = [*word, "</w>"]
    for pair in merges:
        i = 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) == pair:
                symbols[i : i + 2] = ["".join(pair)]
            i += 1
    return symbols


def bpe_decode(symbols):
    return "".join(symbols)[:-4]


# %% wrong (q03-bpe-encode-hidden-decode): drops the last symbol instead of the end mark
def bpe_encode(word, merges):
    symbols = [*word, "</w>"]
    for pair in merges:
        i = 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) == pair:
                symbols[i : i + 2] = ["".join(pair)]
            i += 1
    return symbols


def bpe_decode(symbols):
    return "".join(symbol for symbol in symbols if symbol != "</w>")


# %% wrong (q03-bpe-encode-hidden-decode): puts a space for the end mark
def bpe_encode(word, merges):
    symbols = [*word, "</w>"]
    for pair in merges:
        i = 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) == pair:
                symbols[i : i + 2] = ["".join(pair)]
            i += 1
    return symbols


def bpe_decode(symbols):
    return "".join(symbols).replace("</w>", " ")
