# %% right: searches from above
def chunk(text, size, overlap, length=len):
    if size < 1 or overlap < 0 or overlap >= size:
        raise ValueError("size and overlap do not fit together")
    n, start, last, out = len(text), 0, 0, []
    while start < n:
        end = next((e for e in range(n, start, -1) if length(text[start:e]) <= size), None)
        if end is None:
            raise ValueError("a character is too long")
        if end <= last:
            start += 1
            continue
        out.append((start, end, text[start:end]))
        if end == n:
            break
        last = end
        start = next(s for s in range(start + 1, end + 1) if length(text[s:end]) <= overlap)
    return out


# %% right: bisection, since length is monotone
import bisect


def chunk(text, size, overlap, length=len):
    if size < 1:
        raise ValueError("size")
    if not 0 <= overlap < size:
        raise ValueError("overlap")
    n = len(text)
    if any(length(c) > size for c in set(text)):
        raise ValueError("character")
    out, start = [], 0
    while start < n:
        ends = range(start + 1, n + 1)
        end = start + bisect.bisect_right(ends, size, key=lambda e: length(text[start:e]))
        if out and end <= out[-1][1]:
            start += 1
            continue
        out.append((start, end, text[start:end]))
        if end == n:
            return out
        starts = range(start + 1, end + 1)
        start += 1 + bisect.bisect_left(starts, -overlap, key=lambda s: -length(text[s:end]))
    return out


# %% right: two pointers and a generator
def chunk(text, size, overlap, length=len):
    if not (size >= 1 and 0 <= overlap and overlap < size):
        raise ValueError("cannot cut")

    def pieces():
        start = end = 0
        while end < len(text):
            while end < len(text) and length(text[start : end + 1]) <= size:
                end += 1
            if end == start:
                raise ValueError("one character is too long")
            yield start, end, text[start:end]
            if end == len(text):
                return
            start += 1
            while length(text[start:end]) > overlap or length(text[start : end + 1]) > size:
                start += 1
                if start > end:
                    raise ValueError("one character is too long")

    return list(pieces())


# %% wrong (q10-chunk-hidden-last): goes on after the end: a tail inside the last chunk
def chunk(text, size, overlap, length=len):
    if size < 1 or not 0 <= overlap < size:
        raise ValueError
    out, start = [], 0
    while start < len(text):
        end = start
        while end < len(text) and length(text[start : end + 1]) <= size:
            end += 1
        if end == start:
            raise ValueError
        if not out or end > out[-1][1] or end == len(text):
            out.append((start, end, text[start:end]))
        s = start + 1
        while s < end and length(text[s:end]) > overlap:
            s += 1
        start = s
    return out


# %% wrong (q10-chunk-hidden-last): drops a short rest
def chunk(text, size, overlap, length=len):
    if size < 1 or not 0 <= overlap < size:
        raise ValueError
    out, start = [], 0
    while start < len(text):
        end = start
        while end < len(text) and length(text[start : end + 1]) <= size:
            end += 1
        if end == start:
            raise ValueError
        if out and end == len(text) and end - start < size:
            break
        if not out or end > out[-1][1]:
            out.append((start, end, text[start:end]))
        if end == len(text):
            break
        start += 1
        while length(text[start:end]) > overlap:
            start += 1
    return out


# %% wrong (q10-chunk-hidden-offsets): strips the chunks
def chunk(text, size, overlap, length=len):
    if size < 1 or not 0 <= overlap < size:
        raise ValueError
    out, start = [], 0
    while start < len(text):
        end = start
        while end < len(text) and length(text[start : end + 1]) <= size:
            end += 1
        if end == start:
            raise ValueError
        if not out or end > out[-1][1]:
            out.append((start, end, text[start:end].strip()))
        if end == len(text):
            break
        start += 1
        while length(text[start:end]) > overlap:
            start += 1
    return out


# %% wrong (q10-chunk-hidden-offsets): the overlap one too long
def chunk(text, size, overlap, length=len):
    if size < 1 or not 0 <= overlap < size:
        raise ValueError
    out, start = [], 0
    while start < len(text):
        end = start
        while end < len(text) and length(text[start : end + 1]) <= size:
            end += 1
        if end == start:
            raise ValueError
        if not out or end > out[-1][1]:
            out.append((start, end, text[start:end]))
        if end == len(text):
            break
        s = start + 1
        while length(text[s:end]) > overlap + 1:
            s += 1
        start = s
    return out


# %% wrong (q10-chunk-hidden-length): counts characters, whatever length says
def chunk(text, size, overlap, length=len):
    if size < 1 or not 0 <= overlap < size:
        raise ValueError
    if any(length(c) > size for c in text):
        raise ValueError
    out, start = [], 0
    while start < len(text):
        end = min(start + size, len(text))
        out.append((start, end, text[start:end]))
        if end == len(text):
            break
        start += size - overlap
    return out


# %% wrong (q10-chunk-hidden-length): overlap in characters, size by length
def chunk(text, size, overlap, length=len):
    if size < 1 or not 0 <= overlap < size:
        raise ValueError
    out, start = [], 0
    while start < len(text):
        end = start
        while end < len(text) and length(text[start : end + 1]) <= size:
            end += 1
        if end == start:
            raise ValueError
        if not out or end > out[-1][1]:
            out.append((start, end, text[start:end]))
        if end == len(text):
            break
        start = max(start + 1, end - overlap)
    return out


# %% wrong (q10-chunk-hidden-progress): keeps chunks that bring nothing new
def chunk(text, size, overlap, length=len):
    if size < 1 or not 0 <= overlap < size:
        raise ValueError
    out, start = [], 0
    while start < len(text):
        end = start
        while end < len(text) and length(text[start : end + 1]) <= size:
            end += 1
        if end == start:
            raise ValueError
        out.append((start, end, text[start:end]))
        if end == len(text):
            break
        start += 1
        while length(text[start:end]) > overlap:
            start += 1
    return out


# %% wrong (q10-chunk-hidden-errors): allows an overlap of size or more and ends anyway
def chunk(text, size, overlap, length=len):
    if size < 1 or overlap < 0:
        raise ValueError
    out, start = [], 0
    while start < len(text):
        end = start
        while end < len(text) and length(text[start : end + 1]) <= size:
            end += 1
        if end == start:
            raise ValueError
        if not out or end > out[-1][1]:
            out.append((start, end, text[start:end]))
        if end == len(text):
            break
        start += 1
        while length(text[start:end]) > overlap:
            start += 1
    return out


# %% wrong (q10-chunk-hidden-errors): looks at the empty text first
def chunk(text, size, overlap, length=len):
    if not text:
        return []
    if size < 1 or not 0 <= overlap < size:
        raise ValueError
    out, start = [], 0
    while start < len(text):
        end = start
        while end < len(text) and length(text[start : end + 1]) <= size:
            end += 1
        if end == start:
            raise ValueError
        if not out or end > out[-1][1]:
            out.append((start, end, text[start:end]))
        if end == len(text):
            break
        start += 1
        while length(text[start:end]) > overlap:
            start += 1
    return out


# %% wrong (q10-chunk-hidden-errors): a character that is too long becomes a chunk of its own
def chunk(text, size, overlap, length=len):
    if size < 1 or not 0 <= overlap < size:
        raise ValueError
    out, start = [], 0
    while start < len(text):
        end = start
        while end < len(text) and length(text[start : end + 1]) <= size:
            end += 1
        end = max(end, start + 1)
        if not out or end > out[-1][1]:
            out.append((start, end, text[start:end]))
        if end == len(text):
            break
        start += 1
        while start < end and length(text[start:end]) > overlap:
            start += 1
    return out
