# %% right: a helper merges into a new list
def byte_encode(text, merges):
    data = text.encode("utf-8")
    parts = [data[i : i + 1] for i in range(len(data))]
    ranks = dict(zip(merges, range(len(merges))))
    while len(parts) > 1:
        best = min(zip(parts, parts[1:]), key=lambda pair: ranks.get(pair, math.inf))
        if best not in ranks:
            break
        out = []
        i = 0
        while i < len(parts):
            if i + 1 < len(parts) and (parts[i], parts[i + 1]) == best:
                out.append(b"".join(best))
                i += 2
            else:
                out.append(parts[i])
                i += 1
        parts = out
    return parts


# %% right: goes through the merges in order, once
def byte_encode(text, merges):
    symbols = [bytes((value,)) for value in bytes(text, "utf8")]
    for left, right in merges:
        out = []
        fresh = False
        for symbol in symbols:
            if out and not fresh and out[-1] == left and symbol == right:
                out[-1] = left + right
                fresh = True
            else:
                out.append(symbol)
                fresh = False
        symbols = out
    return symbols


# %% right: numbers as tiktoken does, one merge at a time at the leftmost place of the lowest rank
def byte_encode(text, merges):
    data = text.encode()
    bounds = list(range(len(data) + 1))
    rank = {pair: i for i, pair in enumerate(merges)}
    while len(bounds) > 2:
        found = []
        for i in range(len(bounds) - 2):
            a, b, c = bounds[i : i + 3]
            pair = data[a:b], data[b:c]
            if pair in rank:
                found.append((rank[pair], i))
        if not found:
            break
        del bounds[min(found)[1] + 1]
    return [data[a:b] for a, b in zip(bounds, bounds[1:])]


# %% wrong (q03-byte-encode-hidden-bytes): one symbol for each character
def byte_encode(text, merges):
    symbols = [c.encode() for c in text]
    for pair in merges:
        i = 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) == pair:
                symbols[i : i + 2] = [b"".join(pair)]
            i += 1
    return symbols


# %% wrong (q03-byte-encode-hidden-bytes): iterates over bytes and keeps the ints
def byte_encode(text, merges):
    symbols = list(text.encode())
    while True:
        for left, right in merges:
            for i in range(len(symbols) - 1):
                a, b = symbols[i], symbols[i + 1]
                a = a if isinstance(a, bytes) else bytes([a])
                b = b if isinstance(b, bytes) else bytes([b])
                if (a, b) == (left, right):
                    symbols[i : i + 2] = [a + b]
                    break
            else:
                continue
            break
        else:
            return symbols


# %% wrong (q03-byte-encode-hidden-bytes): Latin-1, and a question mark for what it cannot write
def byte_encode(text, merges):
    data = text.encode("latin-1", errors="replace")
    symbols = [data[i : i + 1] for i in range(len(data))]
    for pair in merges:
        i = 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) == pair:
                symbols[i : i + 2] = [b"".join(pair)]
            i += 1
    return symbols


# %% wrong (q03-byte-encode-hidden-bytes): ASCII only, the rest is dropped
def byte_encode(text, merges):
    data = text.encode("ascii", errors="ignore")
    symbols = [data[i : i + 1] for i in range(len(data))]
    for pair in merges:
        i = 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) == pair:
                symbols[i : i + 2] = [b"".join(pair)]
            i += 1
    return symbols


# %% wrong (q03-byte-encode-hidden-bytes): normalises the text first
import unicodedata


def byte_encode(text, merges):
    data = unicodedata.normalize("NFKC", text).encode()
    symbols = [data[i : i + 1] for i in range(len(data))]
    for pair in merges:
        i = 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) == pair:
                symbols[i : i + 2] = [b"".join(pair)]
            i += 1
    return symbols


# %% wrong (q03-byte-encode-hidden-bytes): strips the text
def byte_encode(text, merges):
    data = text.strip().encode()
    symbols = [data[i : i + 1] for i in range(len(data))]
    for pair in merges:
        i = 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) == pair:
                symbols[i : i + 2] = [b"".join(pair)]
            i += 1
    return symbols


# %% wrong (q03-byte-encode-hidden-bytes): adds the end mark of exercise 3.2
def byte_encode(text, merges):
    data = text.encode()
    symbols = [data[i : i + 1] for i in range(len(data))] + [b"</w>"]
    for pair in merges:
        i = 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) == pair:
                symbols[i : i + 2] = [b"".join(pair)]
            i += 1
    return symbols


# %% wrong (q03-byte-encode-hidden-across): cuts at white space first and loses it
def byte_encode(text, merges):
    result = []
    for word in text.split(" "):
        data = word.encode()
        symbols = [data[i : i + 1] for i in range(len(data))]
        for pair in merges:
            i = 0
            while i < len(symbols) - 1:
                if (symbols[i], symbols[i + 1]) == pair:
                    symbols[i : i + 2] = [b"".join(pair)]
                i += 1
        result += symbols + [b" "]
    return result[:-1] if text else []


# %% wrong (q03-byte-encode-hidden-across): cuts words as GPT-2 does before merging
import re


def byte_encode(text, merges):
    result = []
    for piece in re.findall(r" ?\w+| ?[^\s\w]+|\s+(?!\S)|\s+", text):
        data = piece.encode()
        symbols = [data[i : i + 1] for i in range(len(data))]
        for pair in merges:
            i = 0
            while i < len(symbols) - 1:
                if (symbols[i], symbols[i + 1]) == pair:
                    symbols[i : i + 2] = [b"".join(pair)]
                i += 1
        result += symbols
    return result


# %% wrong (q03-byte-encode-hidden-across): merges inside one character only
def byte_encode(text, merges):
    result = []
    for c in text:
        data = c.encode()
        symbols = [data[i : i + 1] for i in range(len(data))]
        for pair in merges:
            i = 0
            while i < len(symbols) - 1:
                if (symbols[i], symbols[i + 1]) == pair:
                    symbols[i : i + 2] = [b"".join(pair)]
                i += 1
        result += symbols
    return result


# %% wrong (q03-byte-encode-hidden-rank): merges whatever it meets first from the left
def byte_encode(text, merges):
    data = text.encode()
    symbols = [data[i : i + 1] for i in range(len(data))]
    changed = True
    while changed:
        changed, i = False, 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) in merges:
                symbols[i : i + 2] = [symbols[i] + symbols[i + 1]]
                changed = True
            i += 1
    return symbols


# %% wrong (q03-byte-encode-hidden-rank): takes the longest known token from the left
def byte_encode(text, merges):
    data, known = text.encode(), {left + right for left, right in merges}
    result, i = [], 0
    while i < len(data):
        n = next(n for n in range(len(data) - i, 0, -1) if n == 1 or data[i : i + n] in known)
        result.append(data[i : i + n])
        i += n
    return result


# %% wrong (q03-byte-encode-hidden-rank): asks whether the joined bytes are a token
def byte_encode(text, merges):
    data = text.encode()
    rank = {left + right: i for i, (left, right) in enumerate(merges)}
    symbols = [data[i : i + 1] for i in range(len(data))]
    while True:
        present = [a + b for a, b in zip(symbols, symbols[1:]) if a + b in rank]
        if not present:
            return symbols
        best = min(present, key=rank.get)
        i = 0
        while i < len(symbols) - 1:
            if symbols[i] + symbols[i + 1] == best:
                symbols[i : i + 2] = [best]
            i += 1


# %% wrong (q03-byte-encode-hidden-rank): merges one occurrence of each pair
def byte_encode(text, merges):
    data = text.encode()
    symbols = [data[i : i + 1] for i in range(len(data))]
    for pair in merges:
        for i in range(len(symbols) - 1):
            if (symbols[i], symbols[i + 1]) == pair:
                symbols[i : i + 2] = [b"".join(pair)]
                break
    return symbols


# %% wrong (q03-byte-encode-hidden-rank): bytes.replace with a separator, which finds pairs across symbols
def byte_encode(text, merges):
    data = b"|".join(text.encode()[i : i + 1] for i in range(len(text.encode())))
    for left, right in merges:
        data = data.replace(left + b"|" + right, left + right)
    return data.split(b"|") if text else []


# %% wrong (q03-byte-encode-hidden-rank): takes the merges from the caller's list
def byte_encode(text, merges):
    data = text.encode()
    symbols = [data[i : i + 1] for i in range(len(data))]
    while merges:
        pair = merges.pop(0)
        i = 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) == pair:
                symbols[i : i + 2] = [b"".join(pair)]
            i += 1
    return symbols
