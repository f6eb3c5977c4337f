# %% right: one dict in the order of use, everything counted anew
class PrefixCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = {}  # tuple -> handle, least recently used first

    @property
    def size(self):
        return len({seq[:i] for seq in self.entries for i in range(1, len(seq) + 1)})

    def insert(self, tokens, handle):
        seq = tuple(tokens)
        if len(seq) > self.capacity:
            raise ValueError("longer than the capacity")
        self.entries.pop(seq, None)
        self.entries[seq] = handle
        while self.size > self.capacity:
            del self.entries[next(iter(self.entries))]

    def match(self, tokens):
        best, found = 0, None
        for seq in self.entries:
            n = 0
            while n < min(len(seq), len(tokens)) and seq[n] == tokens[n]:
                n += 1
            if n >= best and n > 0:
                best, found = n, seq
        if found is None:
            return 0, None
        handle = self.entries.pop(found)
        self.entries[found] = handle
        return best, handle


# %% right: a tree with counts, and a clock
class PrefixCache:
    def __init__(self, capacity):
        self.capacity, self.size, self.clock = capacity, 0, 0
        self.tree = {}
        self.handle, self.used = {}, {}

    def nodes(self, seq):
        node = self.tree
        for token in seq:
            if token not in node:
                return
            node = node[token]
            yield node

    def insert(self, tokens, handle):
        if len(tokens) > self.capacity:
            raise ValueError("too long")
        seq = tuple(tokens)
        if seq not in self.handle:
            node = self.tree
            for token in seq:
                if token not in node:
                    node[token] = {"count": 0}
                    self.size += 1
                node = node[token]
                node["count"] += 1
        self.handle[seq] = handle
        self.clock += 1
        self.used[seq] = self.clock
        while self.size > self.capacity:
            self.remove(min(self.used, key=self.used.get))

    def remove(self, seq):
        del self.handle[seq], self.used[seq]
        parent = self.tree
        for token in seq:
            node = parent[token]
            node["count"] -= 1
            if node["count"] == 0:
                self.size -= 1
                del parent[token]
            parent = node

    def match(self, tokens):
        length = sum(1 for _ in self.nodes(tokens))
        if not length:
            return 0, None
        start = tuple(tokens[:length])
        seq = max((s for s in self.used if s[:length] == start), key=self.used.get)
        self.clock += 1
        self.used[seq] = self.clock
        return length, self.handle[seq]


# %% right: OrderedDict, prefixes counted with a Counter, matches by shrinking the prompt
from collections import Counter, OrderedDict


class PrefixCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = OrderedDict()
        self.prefixes = Counter()

    @property
    def size(self):
        return len(self.prefixes)

    def insert(self, tokens, handle):
        key = tuple(tokens)
        if len(key) > self.capacity:
            raise ValueError(f"{len(key)} > {self.capacity}")
        if key not in self.entries:
            self.prefixes.update(key[: i + 1] for i in range(len(key)))
        self.entries[key] = handle
        self.entries.move_to_end(key)
        while self.size > self.capacity:
            old, _ = self.entries.popitem(last=False)
            self.prefixes.subtract(old[: i + 1] for i in range(len(old)))
            self.prefixes = +self.prefixes

    def match(self, tokens):
        for n in range(len(tokens), 0, -1):
            start = tuple(tokens[:n])
            if start in self.prefixes:
                key = next(key for key in reversed(self.entries) if key[:n] == start)
                self.entries.move_to_end(key)
                return n, self.entries[key]
        return (0, None)


# %% right: a list of records, newest first
class PrefixCache:
    def __init__(self, capacity):
        self.capacity, self.records, self.size = capacity, [], 0

    def count(self):
        prefixes = set()
        for tokens, _ in self.records:
            for i in range(len(tokens)):
                prefixes.add(tuple(tokens[: i + 1]))
        self.size = len(prefixes)
        return self.size

    def insert(self, tokens, handle):
        if len(tokens) > self.capacity:
            raise ValueError("does not fit")
        self.records = [r for r in self.records if r[0] != tokens]
        self.records.insert(0, (list(tokens), handle))
        while self.count() > self.capacity:
            self.records.pop()

    def match(self, tokens):
        def common(record):
            n = 0
            for a, b in zip(record[0], tokens, strict=False):
                if a != b:
                    break
                n += 1
            return n

        if not self.records:
            return 0, None
        best = max(self.records, key=common)
        if common(best) == 0:
            return 0, None
        self.records.remove(best)
        self.records.insert(0, best)
        return common(best), best[1]


# %% wrong (q36-prefix-cache-hidden-match): only whole held sequences match
class PrefixCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = {}  # tuple -> handle, least recently used first

    @property
    def size(self):
        return len({seq[:i] for seq in self.entries for i in range(1, len(seq) + 1)})

    def insert(self, tokens, handle):
        seq = tuple(tokens)
        if len(seq) > self.capacity:
            raise ValueError("longer than the capacity")
        self.entries.pop(seq, None)
        self.entries[seq] = handle
        while self.size > self.capacity:
            del self.entries[next(iter(self.entries))]

    def match(self, tokens):
        best, found = 0, None
        for seq in self.entries:
            n = 0
            while n < min(len(seq), len(tokens)) and seq[n] == tokens[n]:
                n += 1
            if n >= best and n == len(seq):
                best, found = n, seq
        if found is None:
            return 0, None
        handle = self.entries.pop(found)
        self.entries[found] = handle
        return best, handle


# %% wrong (q36-prefix-cache-hidden-match): only a prompt that is held to its end matches
class PrefixCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = {}  # tuple -> handle, least recently used first

    @property
    def size(self):
        return len({seq[:i] for seq in self.entries for i in range(1, len(seq) + 1)})

    def insert(self, tokens, handle):
        seq = tuple(tokens)
        if len(seq) > self.capacity:
            raise ValueError("longer than the capacity")
        self.entries.pop(seq, None)
        self.entries[seq] = handle
        while self.size > self.capacity:
            del self.entries[next(iter(self.entries))]

    def match(self, tokens):
        best, found = 0, None
        for seq in self.entries:
            n = 0
            while n < min(len(seq), len(tokens)) and seq[n] == tokens[n]:
                n += 1
            if n >= best and n == len(tokens) and n > 0:
                best, found = n, seq
        if found is None:
            return 0, None
        handle = self.entries.pop(found)
        self.entries[found] = handle
        return best, handle


# %% wrong (q36-prefix-cache-hidden-match): counts equal tokens at equal places, not a prefix
class PrefixCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = {}  # tuple -> handle, least recently used first

    @property
    def size(self):
        return len({seq[:i] for seq in self.entries for i in range(1, len(seq) + 1)})

    def insert(self, tokens, handle):
        seq = tuple(tokens)
        if len(seq) > self.capacity:
            raise ValueError("longer than the capacity")
        self.entries.pop(seq, None)
        self.entries[seq] = handle
        while self.size > self.capacity:
            del self.entries[next(iter(self.entries))]

    def match(self, tokens):
        best, found = 0, None
        for seq in self.entries:
            n = sum(a == b for a, b in zip(seq, tokens, strict=False))
            if n >= best and n > 0:
                best, found = n, seq
        if found is None:
            return 0, None
        handle = self.entries.pop(found)
        self.entries[found] = handle
        return best, handle


# %% wrong (q36-prefix-cache-hidden-match): the first sequence that shares anything
class PrefixCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = {}  # tuple -> handle, least recently used first

    @property
    def size(self):
        return len({seq[:i] for seq in self.entries for i in range(1, len(seq) + 1)})

    def insert(self, tokens, handle):
        seq = tuple(tokens)
        if len(seq) > self.capacity:
            raise ValueError("longer than the capacity")
        self.entries.pop(seq, None)
        self.entries[seq] = handle
        while self.size > self.capacity:
            del self.entries[next(iter(self.entries))]

    def match(self, tokens):
        best, found = 0, None
        for seq in self.entries:
            n = 0
            while n < min(len(seq), len(tokens)) and seq[n] == tokens[n]:
                n += 1
            if n > 0:
                best, found = n, seq
                break
        if found is None:
            return 0, None
        handle = self.entries.pop(found)
        self.entries[found] = handle
        return best, handle


# %% wrong (q36-prefix-cache-hidden-match): a handle of 0 counts as no handle
class PrefixCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = {}  # tuple -> handle, least recently used first

    @property
    def size(self):
        return len({seq[:i] for seq in self.entries for i in range(1, len(seq) + 1)})

    def insert(self, tokens, handle):
        seq = tuple(tokens)
        if len(seq) > self.capacity:
            raise ValueError("longer than the capacity")
        self.entries.pop(seq, None)
        self.entries[seq] = handle
        while self.size > self.capacity:
            del self.entries[next(iter(self.entries))]

    def match(self, tokens):
        best, found = 0, None
        for seq in self.entries:
            n = 0
            while n < min(len(seq), len(tokens)) and seq[n] == tokens[n]:
                n += 1
            if n >= best and n > 0:
                best, found = n, seq
        if found is None:
            return 0, None
        handle = self.entries.pop(found)
        self.entries[found] = handle
        return (best, handle) if handle else (0, None)


# %% wrong (q36-prefix-cache-hidden-size): the lengths added up, sharing forgotten
class PrefixCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = {}  # tuple -> handle, least recently used first

    @property
    def size(self):
        return sum(len(seq) for seq in self.entries)

    def insert(self, tokens, handle):
        seq = tuple(tokens)
        if len(seq) > self.capacity:
            raise ValueError("longer than the capacity")
        self.entries.pop(seq, None)
        self.entries[seq] = handle
        while self.size > self.capacity:
            del self.entries[next(iter(self.entries))]

    def match(self, tokens):
        best, found = 0, None
        for seq in self.entries:
            n = 0
            while n < min(len(seq), len(tokens)) and seq[n] == tokens[n]:
                n += 1
            if n >= best and n > 0:
                best, found = n, seq
        if found is None:
            return 0, None
        handle = self.entries.pop(found)
        self.entries[found] = handle
        return best, handle


# %% wrong (q36-prefix-cache-hidden-size): shares a token wherever it stands
class PrefixCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = {}  # tuple -> handle, least recently used first

    @property
    def size(self):
        return len({(i, token) for seq in self.entries for i, token in enumerate(seq)})

    def insert(self, tokens, handle):
        seq = tuple(tokens)
        if len(seq) > self.capacity:
            raise ValueError("longer than the capacity")
        self.entries.pop(seq, None)
        self.entries[seq] = handle
        while self.size > self.capacity:
            del self.entries[next(iter(self.entries))]

    def match(self, tokens):
        best, found = 0, None
        for seq in self.entries:
            n = 0
            while n < min(len(seq), len(tokens)) and seq[n] == tokens[n]:
                n += 1
            if n >= best and n > 0:
                best, found = n, seq
        if found is None:
            return 0, None
        handle = self.entries.pop(found)
        self.entries[found] = handle
        return best, handle


# %% wrong (q36-prefix-cache-hidden-size): drops one sequence at most
class PrefixCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = {}  # tuple -> handle, least recently used first

    @property
    def size(self):
        return len({seq[:i] for seq in self.entries for i in range(1, len(seq) + 1)})

    def insert(self, tokens, handle):
        seq = tuple(tokens)
        if len(seq) > self.capacity:
            raise ValueError("longer than the capacity")
        self.entries.pop(seq, None)
        self.entries[seq] = handle
        if self.size > self.capacity:
            del self.entries[next(iter(self.entries))]

    def match(self, tokens):
        best, found = 0, None
        for seq in self.entries:
            n = 0
            while n < min(len(seq), len(tokens)) and seq[n] == tokens[n]:
                n += 1
            if n >= best and n > 0:
                best, found = n, seq
        if found is None:
            return 0, None
        handle = self.entries.pop(found)
        self.entries[found] = handle
        return best, handle


# %% wrong (q36-prefix-cache-hidden-size): counts the number of sequences
class PrefixCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = {}  # tuple -> handle, least recently used first

    @property
    def size(self):
        return len(self.entries)

    def insert(self, tokens, handle):
        seq = tuple(tokens)
        if len(seq) > self.capacity:
            raise ValueError("longer than the capacity")
        self.entries.pop(seq, None)
        self.entries[seq] = handle
        while self.size > self.capacity:
            del self.entries[next(iter(self.entries))]

    def match(self, tokens):
        best, found = 0, None
        for seq in self.entries:
            n = 0
            while n < min(len(seq), len(tokens)) and seq[n] == tokens[n]:
                n += 1
            if n >= best and n > 0:
                best, found = n, seq
        if found is None:
            return 0, None
        handle = self.entries.pop(found)
        self.entries[found] = handle
        return best, handle


# %% wrong (q36-prefix-cache-hidden-recent): first in, first out
class PrefixCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = {}  # tuple -> handle, least recently used first

    @property
    def size(self):
        return len({seq[:i] for seq in self.entries for i in range(1, len(seq) + 1)})

    def insert(self, tokens, handle):
        seq = tuple(tokens)
        if len(seq) > self.capacity:
            raise ValueError("longer than the capacity")
        self.entries.pop(seq, None)
        self.entries[seq] = handle
        while self.size > self.capacity:
            del self.entries[next(iter(self.entries))]

    def match(self, tokens):
        best, found = 0, None
        for seq in self.entries:
            n = 0
            while n < min(len(seq), len(tokens)) and seq[n] == tokens[n]:
                n += 1
            if n >= best and n > 0:
                best, found = n, seq
        if found is None:
            return 0, None
        return best, self.entries[found]


# %% wrong (q36-prefix-cache-hidden-recent): only a full match counts as use
class PrefixCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = {}  # tuple -> handle, least recently used first

    @property
    def size(self):
        return len({seq[:i] for seq in self.entries for i in range(1, len(seq) + 1)})

    def insert(self, tokens, handle):
        seq = tuple(tokens)
        if len(seq) > self.capacity:
            raise ValueError("longer than the capacity")
        self.entries.pop(seq, None)
        self.entries[seq] = handle
        while self.size > self.capacity:
            del self.entries[next(iter(self.entries))]

    def match(self, tokens):
        best, found = 0, None
        for seq in self.entries:
            n = 0
            while n < min(len(seq), len(tokens)) and seq[n] == tokens[n]:
                n += 1
            if n >= best and n > 0:
                best, found = n, seq
        if found is None:
            return 0, None
        handle = self.entries[found]
        if best == len(found):
            self.entries[found] = self.entries.pop(found)
        return best, handle


# %% wrong (q36-prefix-cache-hidden-recent): inserting a held sequence again does not count as use
class PrefixCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = {}  # tuple -> handle, least recently used first

    @property
    def size(self):
        return len({seq[:i] for seq in self.entries for i in range(1, len(seq) + 1)})

    def insert(self, tokens, handle):
        seq = tuple(tokens)
        if len(seq) > self.capacity:
            raise ValueError("longer than the capacity")
        self.entries[seq] = handle
        while self.size > self.capacity:
            del self.entries[next(iter(self.entries))]

    def match(self, tokens):
        best, found = 0, None
        for seq in self.entries:
            n = 0
            while n < min(len(seq), len(tokens)) and seq[n] == tokens[n]:
                n += 1
            if n >= best and n > 0:
                best, found = n, seq
        if found is None:
            return 0, None
        handle = self.entries.pop(found)
        self.entries[found] = handle
        return best, handle


# %% wrong (q36-prefix-cache-hidden-recent): among equals the one inserted first
class PrefixCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = {}  # tuple -> handle, least recently used first

    @property
    def size(self):
        return len({seq[:i] for seq in self.entries for i in range(1, len(seq) + 1)})

    def insert(self, tokens, handle):
        seq = tuple(tokens)
        if len(seq) > self.capacity:
            raise ValueError("longer than the capacity")
        self.entries.pop(seq, None)
        self.entries[seq] = handle
        while self.size > self.capacity:
            del self.entries[next(iter(self.entries))]

    def match(self, tokens):
        best, found = 0, None
        for seq in self.entries:
            n = 0
            while n < min(len(seq), len(tokens)) and seq[n] == tokens[n]:
                n += 1
            if n > best:
                best, found = n, seq
        if found is None:
            return 0, None
        handle = self.entries.pop(found)
        self.entries[found] = handle
        return best, handle


# %% wrong (q36-prefix-cache-hidden-recent): a match makes all that share the prefix recent
class PrefixCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = {}  # tuple -> handle, least recently used first

    @property
    def size(self):
        return len({seq[:i] for seq in self.entries for i in range(1, len(seq) + 1)})

    def insert(self, tokens, handle):
        seq = tuple(tokens)
        if len(seq) > self.capacity:
            raise ValueError("longer than the capacity")
        self.entries.pop(seq, None)
        self.entries[seq] = handle
        while self.size > self.capacity:
            del self.entries[next(iter(self.entries))]

    def match(self, tokens):
        best, found = 0, None
        for seq in self.entries:
            n = 0
            while n < min(len(seq), len(tokens)) and seq[n] == tokens[n]:
                n += 1
            if n >= best and n > 0:
                best, found = n, seq
        if found is None:
            return 0, None
        for seq in [s for s in self.entries if s[:best] == found[:best]]:
            self.entries[seq] = self.entries.pop(seq)
        handle = self.entries.pop(found)
        self.entries[found] = handle
        return best, handle


# %% wrong (q36-prefix-cache-hidden-recent): drops the newest other sequence
class PrefixCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = {}  # tuple -> handle, least recently used first

    @property
    def size(self):
        return len({seq[:i] for seq in self.entries for i in range(1, len(seq) + 1)})

    def insert(self, tokens, handle):
        seq = tuple(tokens)
        if len(seq) > self.capacity:
            raise ValueError("longer than the capacity")
        self.entries.pop(seq, None)
        self.entries[seq] = handle
        while self.size > self.capacity:
            del self.entries[list(self.entries)[-2]]

    def match(self, tokens):
        best, found = 0, None
        for seq in self.entries:
            n = 0
            while n < min(len(seq), len(tokens)) and seq[n] == tokens[n]:
                n += 1
            if n >= best and n > 0:
                best, found = n, seq
        if found is None:
            return 0, None
        handle = self.entries.pop(found)
        self.entries[found] = handle
        return best, handle


# %% wrong (q36-prefix-cache-hidden-edges): drops first, then finds that it cannot fit
class PrefixCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = {}  # tuple -> handle, least recently used first

    @property
    def size(self):
        return len({seq[:i] for seq in self.entries for i in range(1, len(seq) + 1)})

    def insert(self, tokens, handle):
        seq = tuple(tokens)
        self.entries.pop(seq, None)
        self.entries[seq] = handle
        while self.size > self.capacity:
            del self.entries[next(iter(self.entries))]
        if seq not in self.entries:
            raise ValueError("longer than the capacity")

    def match(self, tokens):
        best, found = 0, None
        for seq in self.entries:
            n = 0
            while n < min(len(seq), len(tokens)) and seq[n] == tokens[n]:
                n += 1
            if n >= best and n > 0:
                best, found = n, seq
        if found is None:
            return 0, None
        handle = self.entries.pop(found)
        self.entries[found] = handle
        return best, handle


# %% wrong (q36-prefix-cache-hidden-edges): keeps the old handle
class PrefixCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = {}  # tuple -> handle, least recently used first

    @property
    def size(self):
        return len({seq[:i] for seq in self.entries for i in range(1, len(seq) + 1)})

    def insert(self, tokens, handle):
        seq = tuple(tokens)
        if len(seq) > self.capacity:
            raise ValueError("longer than the capacity")
        old = self.entries.pop(seq, None)
        self.entries[seq] = old if old is not None else handle
        while self.size > self.capacity:
            del self.entries[next(iter(self.entries))]

    def match(self, tokens):
        best, found = 0, None
        for seq in self.entries:
            n = 0
            while n < min(len(seq), len(tokens)) and seq[n] == tokens[n]:
                n += 1
            if n >= best and n > 0:
                best, found = n, seq
        if found is None:
            return 0, None
        handle = self.entries.pop(found)
        self.entries[found] = handle
        return best, handle


# %% wrong (q36-prefix-cache-hidden-edges): a sequence as long as the capacity is refused
class PrefixCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = {}  # tuple -> handle, least recently used first

    @property
    def size(self):
        return len({seq[:i] for seq in self.entries for i in range(1, len(seq) + 1)})

    def insert(self, tokens, handle):
        seq = tuple(tokens)
        if len(seq) >= self.capacity:
            raise ValueError("longer than the capacity")
        self.entries.pop(seq, None)
        self.entries[seq] = handle
        while self.size > self.capacity:
            del self.entries[next(iter(self.entries))]

    def match(self, tokens):
        best, found = 0, None
        for seq in self.entries:
            n = 0
            while n < min(len(seq), len(tokens)) and seq[n] == tokens[n]:
                n += 1
            if n >= best and n > 0:
                best, found = n, seq
        if found is None:
            return 0, None
        handle = self.entries.pop(found)
        self.entries[found] = handle
        return best, handle


# %% wrong (q36-prefix-cache-hidden-edges): too long is silently ignored
class PrefixCache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = {}  # tuple -> handle, least recently used first

    @property
    def size(self):
        return len({seq[:i] for seq in self.entries for i in range(1, len(seq) + 1)})

    def insert(self, tokens, handle):
        seq = tuple(tokens)
        if len(seq) > self.capacity:
            return
        self.entries.pop(seq, None)
        self.entries[seq] = handle
        while self.size > self.capacity:
            del self.entries[next(iter(self.entries))]

    def match(self, tokens):
        best, found = 0, None
        for seq in self.entries:
            n = 0
            while n < min(len(seq), len(tokens)) and seq[n] == tokens[n]:
                n += 1
            if n >= best and n > 0:
                best, found = n, seq
        if found is None:
            return 0, None
        handle = self.entries.pop(found)
        self.entries[found] = handle
        return best, handle


# %% wrong (q36-prefix-cache-hidden-long-run): inserting again counts the path twice, so it is never freed
class PrefixCache:
    def __init__(self, capacity):
        self.capacity, self.size, self.clock = capacity, 0, 0
        self.tree = {}
        self.handle, self.used = {}, {}

    def nodes(self, seq):
        node = self.tree
        for token in seq:
            if token not in node:
                return
            node = node[token]
            yield node

    def insert(self, tokens, handle):
        if len(tokens) > self.capacity:
            raise ValueError("too long")
        seq = tuple(tokens)
        node = self.tree
        for token in seq:
            if token not in node:
                node[token] = {"count": 0}
                self.size += 1
            node = node[token]
            node["count"] += 1
        self.handle[seq] = handle
        self.clock += 1
        self.used[seq] = self.clock
        while self.size > self.capacity:
            if not self.used:
                break
            self.remove(min(self.used, key=self.used.get))

    def remove(self, seq):
        del self.handle[seq], self.used[seq]
        parent = self.tree
        for token in seq:
            node = parent[token]
            node["count"] -= 1
            if node["count"] == 0:
                self.size -= 1
                del parent[token]
            parent = node

    def match(self, tokens):
        length = sum(1 for _ in self.nodes(tokens))
        if not length:
            return 0, None
        start = tuple(tokens[:length])
        seq = max((s for s in self.used if s[:length] == start), key=self.used.get, default=None)
        if seq is None:
            return length, None
        self.clock += 1
        self.used[seq] = self.clock
        return length, self.handle[seq]


# %% wrong (q36-prefix-cache-hidden-long-run): dropping takes the shared start away from the others
class PrefixCache:
    def __init__(self, capacity):
        self.capacity, self.size, self.clock = capacity, 0, 0
        self.tree = {}
        self.handle, self.used = {}, {}

    def nodes(self, seq):
        node = self.tree
        for token in seq:
            if token not in node:
                return
            node = node[token]
            yield node

    def insert(self, tokens, handle):
        if len(tokens) > self.capacity:
            raise ValueError("too long")
        seq = tuple(tokens)
        if seq not in self.handle:
            node = self.tree
            for token in seq:
                if token not in node:
                    node[token] = {"count": 0}
                    self.size += 1
                node = node[token]
                node["count"] += 1
        self.handle[seq] = handle
        self.clock += 1
        self.used[seq] = self.clock
        while self.size > self.capacity:
            if not self.used:
                break
            self.remove(min(self.used, key=self.used.get))

    def remove(self, seq):
        del self.handle[seq], self.used[seq]
        parent = self.tree
        for token in seq:
            if token not in parent:
                break
            node = parent[token]
            if token in parent:
                self.size -= 1
                del parent[token]
            parent = node

    def match(self, tokens):
        length = sum(1 for _ in self.nodes(tokens))
        if not length:
            return 0, None
        start = tuple(tokens[:length])
        seq = max((s for s in self.used if s[:length] == start), key=self.used.get)
        self.clock += 1
        self.used[seq] = self.clock
        return length, self.handle[seq]
