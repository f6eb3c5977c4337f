# %% right: mended where the faults stand
class VectorStore:
    def __init__(self, dim):
        self.ids, self.payloads, self.vectors = [], [], np.zeros((0, dim))

    def count(self):
        return len(self.ids)

    def upsert(self, ids, vectors, payloads):
        for id, vector, payload in zip(ids, vectors, payloads, strict=True):
            if id in self.ids:
                row = self.ids.index(id)
                self.vectors[row] = vector
                self.payloads[row] = payload
            else:
                self.ids.append(id)
                self.payloads.append(payload)
                self.vectors = np.vstack([self.vectors, vector])

    def delete(self, ids):
        for id in ids:
            if id in self.ids:
                row = self.ids.index(id)
                del self.ids[row]
                del self.payloads[row]
                self.vectors = np.delete(self.vectors, row, axis=0)

    def search(self, q, k, where=None):
        lengths = np.linalg.norm(self.vectors, axis=1) * np.linalg.norm(q)
        scores = self.vectors @ q / np.where(lengths > 0, lengths, 1.0)
        rows = [
            row
            for row in np.argsort(-scores)
            if all(
                f in self.payloads[row] and self.payloads[row][f] == v
                for f, v in (where or {}).items()
            )
        ]
        return [(self.ids[row], float(scores[row])) for row in rows[:k]]


# %% right: a dict of points, the matrix made when it is asked for
class VectorStore:
    def __init__(self, dim):
        self.dim, self.points = dim, {}

    def count(self):
        return len(self.points)

    def upsert(self, ids, vectors, payloads):
        for id, vector, payload in zip(ids, vectors, payloads, strict=True):
            self.points[id] = (np.array(vector, dtype=float), dict(payload))

    def delete(self, ids):
        for id in ids:
            self.points.pop(id, None)

    def search(self, q, k, where=None):
        hits = []
        for id, (vector, payload) in self.points.items():
            if any(f not in payload or payload[f] != v for f, v in (where or {}).items()):
                continue
            size = math.sqrt(float(vector @ vector) * float(q @ q))
            hits.append((id, float(vector @ q) / size if size else 0.0))
        hits.sort(key=lambda hit: hit[1], reverse=True)
        return hits[:k]


# %% right: unit vectors are stored, deletions by a mask
class VectorStore:
    def __init__(self, dim):
        self.row_of, self.units, self.payloads = {}, np.empty((0, dim)), []

    def count(self):
        return len(self.row_of)

    @staticmethod
    def unit(x):
        length = np.linalg.norm(x)
        return x / length if length > 0 else np.zeros_like(x)

    def upsert(self, ids, vectors, payloads):
        for id, x, payload in zip(ids, np.asarray(vectors, dtype=float), payloads, strict=True):
            if id not in self.row_of:
                self.row_of[id] = len(self.row_of)
                self.units = np.concatenate([self.units, np.zeros((1, self.units.shape[1]))])
                self.payloads.append(None)
            self.units[self.row_of[id]] = self.unit(x)
            self.payloads[self.row_of[id]] = payload

    def delete(self, ids):
        keep = [id for id in self.row_of if id not in set(ids)]
        rows = [self.row_of[id] for id in keep]
        self.units = self.units[rows]
        self.payloads = [self.payloads[row] for row in rows]
        self.row_of = {id: row for row, id in enumerate(keep)}

    def search(self, q, k, where=None):
        where = where or {}
        scores = self.units @ self.unit(q)
        fits = [
            (-scores[row], id)
            for id, row in self.row_of.items()
            if {f: self.payloads[row][f] for f in where if f in self.payloads[row]} == where
        ]
        return [(id, -float(score)) for score, id in sorted(fits)][:k]


# %% wrong (q09-repair-hidden-upsert): an upsert appends, so that a known id is there twice
class VectorStore:
    def __init__(self, dim):
        self.ids, self.payloads, self.vectors = [], [], np.zeros((0, dim))

    def count(self):
        return len(self.ids)

    def upsert(self, ids, vectors, payloads):
        self.ids.extend(ids)
        self.payloads.extend(payloads)
        self.vectors = np.vstack([self.vectors, vectors])

    def delete(self, ids):
        for id in ids:
            if id in self.ids:
                row = self.ids.index(id)
                del self.ids[row]
                del self.payloads[row]
                self.vectors = np.delete(self.vectors, row, axis=0)

    def search(self, q, k, where=None):
        lengths = np.linalg.norm(self.vectors, axis=1) * np.linalg.norm(q)
        scores = self.vectors @ q / np.where(lengths > 0, lengths, 1.0)
        rows = [
            row
            for row in np.argsort(-scores)
            if all(
                f in self.payloads[row] and self.payloads[row][f] == v
                for f, v in (where or {}).items()
            )
        ]
        return [(self.ids[row], float(scores[row])) for row in rows[:k]]


# %% wrong (q09-repair-hidden-upsert): the old payload stays
class VectorStore:
    def __init__(self, dim):
        self.ids, self.payloads, self.vectors = [], [], np.zeros((0, dim))

    def count(self):
        return len(self.ids)

    def upsert(self, ids, vectors, payloads):
        for id, vector, payload in zip(ids, vectors, payloads, strict=True):
            if id in self.ids:
                row = self.ids.index(id)
                self.vectors[row] = vector
            else:
                self.ids.append(id)
                self.payloads.append(payload)
                self.vectors = np.vstack([self.vectors, vector])

    def delete(self, ids):
        for id in ids:
            if id in self.ids:
                row = self.ids.index(id)
                del self.ids[row]
                del self.payloads[row]
                self.vectors = np.delete(self.vectors, row, axis=0)

    def search(self, q, k, where=None):
        lengths = np.linalg.norm(self.vectors, axis=1) * np.linalg.norm(q)
        scores = self.vectors @ q / np.where(lengths > 0, lengths, 1.0)
        rows = [
            row
            for row in np.argsort(-scores)
            if all(
                f in self.payloads[row] and self.payloads[row][f] == v
                for f, v in (where or {}).items()
            )
        ]
        return [(self.ids[row], float(scores[row])) for row in rows[:k]]


# %% wrong (q09-repair-hidden-upsert): payloads are merged instead of replaced
class VectorStore:
    def __init__(self, dim):
        self.ids, self.payloads, self.vectors = [], [], np.zeros((0, dim))

    def count(self):
        return len(self.ids)

    def upsert(self, ids, vectors, payloads):
        for id, vector, payload in zip(ids, vectors, payloads, strict=True):
            if id in self.ids:
                row = self.ids.index(id)
                self.vectors[row] = vector
                self.payloads[row] = {**self.payloads[row], **payload}
            else:
                self.ids.append(id)
                self.payloads.append(payload)
                self.vectors = np.vstack([self.vectors, vector])

    def delete(self, ids):
        for id in ids:
            if id in self.ids:
                row = self.ids.index(id)
                del self.ids[row]
                del self.payloads[row]
                self.vectors = np.delete(self.vectors, row, axis=0)

    def search(self, q, k, where=None):
        lengths = np.linalg.norm(self.vectors, axis=1) * np.linalg.norm(q)
        scores = self.vectors @ q / np.where(lengths > 0, lengths, 1.0)
        rows = [
            row
            for row in np.argsort(-scores)
            if all(
                f in self.payloads[row] and self.payloads[row][f] == v
                for f, v in (where or {}).items()
            )
        ]
        return [(self.ids[row], float(scores[row])) for row in rows[:k]]


# %% wrong (q09-repair-hidden-upsert): the vector of a known id stays as it was
class VectorStore:
    def __init__(self, dim):
        self.ids, self.payloads, self.vectors = [], [], np.zeros((0, dim))

    def count(self):
        return len(self.ids)

    def upsert(self, ids, vectors, payloads):
        for id, vector, payload in zip(ids, vectors, payloads, strict=True):
            if id in self.ids:
                row = self.ids.index(id)
                self.payloads[row] = payload
            else:
                self.ids.append(id)
                self.payloads.append(payload)
                self.vectors = np.vstack([self.vectors, vector])

    def delete(self, ids):
        for id in ids:
            if id in self.ids:
                row = self.ids.index(id)
                del self.ids[row]
                del self.payloads[row]
                self.vectors = np.delete(self.vectors, row, axis=0)

    def search(self, q, k, where=None):
        lengths = np.linalg.norm(self.vectors, axis=1) * np.linalg.norm(q)
        scores = self.vectors @ q / np.where(lengths > 0, lengths, 1.0)
        rows = [
            row
            for row in np.argsort(-scores)
            if all(
                f in self.payloads[row] and self.payloads[row][f] == v
                for f, v in (where or {}).items()
            )
        ]
        return [(self.ids[row], float(scores[row])) for row in rows[:k]]


# %% wrong (q09-repair-hidden-delete): the matrix keeps the row of a deleted point
class VectorStore:
    def __init__(self, dim):
        self.ids, self.payloads, self.vectors = [], [], np.zeros((0, dim))

    def count(self):
        return len(self.ids)

    def upsert(self, ids, vectors, payloads):
        for id, vector, payload in zip(ids, vectors, payloads, strict=True):
            if id in self.ids:
                row = self.ids.index(id)
                self.vectors[row] = vector
                self.payloads[row] = payload
            else:
                self.ids.append(id)
                self.payloads.append(payload)
                self.vectors = np.vstack([self.vectors, vector])

    def delete(self, ids):
        for id in ids:
            if id in self.ids:
                row = self.ids.index(id)
                del self.ids[row]
                del self.payloads[row]

    def search(self, q, k, where=None):
        lengths = np.linalg.norm(self.vectors[: len(self.ids)], axis=1) * np.linalg.norm(q)
        scores = self.vectors[: len(self.ids)] @ q / np.where(lengths > 0, lengths, 1.0)
        rows = [
            row
            for row in np.argsort(-scores)
            if all(
                f in self.payloads[row] and self.payloads[row][f] == v
                for f, v in (where or {}).items()
            )
        ]
        return [(self.ids[row], float(scores[row])) for row in rows[:k]]


# %% wrong (q09-repair-hidden-delete): rows are looked up first and deleted one after the other, while they move
class VectorStore:
    def __init__(self, dim):
        self.ids, self.payloads, self.vectors = [], [], np.zeros((0, dim))

    def count(self):
        return len(self.ids)

    def upsert(self, ids, vectors, payloads):
        for id, vector, payload in zip(ids, vectors, payloads, strict=True):
            if id in self.ids:
                row = self.ids.index(id)
                self.vectors[row] = vector
                self.payloads[row] = payload
            else:
                self.ids.append(id)
                self.payloads.append(payload)
                self.vectors = np.vstack([self.vectors, vector])

    def delete(self, ids):
        rows = [self.ids.index(id) for id in ids if id in self.ids]
        self.vectors = np.delete(self.vectors, rows, axis=0)
        for row in rows:
            if row < len(self.ids):
                del self.ids[row]
                del self.payloads[row]

    def search(self, q, k, where=None):
        lengths = np.linalg.norm(self.vectors, axis=1) * np.linalg.norm(q)
        scores = self.vectors @ q / np.where(lengths > 0, lengths, 1.0)
        rows = [
            row
            for row in np.argsort(-scores)
            if all(
                f in self.payloads[row] and self.payloads[row][f] == v
                for f, v in (where or {}).items()
            )
        ]
        return [(self.ids[row], float(scores[row])) for row in rows[:k]]


# %% wrong (q09-repair-hidden-cosine): worst first
class VectorStore:
    def __init__(self, dim):
        self.ids, self.payloads, self.vectors = [], [], np.zeros((0, dim))

    def count(self):
        return len(self.ids)

    def upsert(self, ids, vectors, payloads):
        for id, vector, payload in zip(ids, vectors, payloads, strict=True):
            if id in self.ids:
                row = self.ids.index(id)
                self.vectors[row] = vector
                self.payloads[row] = payload
            else:
                self.ids.append(id)
                self.payloads.append(payload)
                self.vectors = np.vstack([self.vectors, vector])

    def delete(self, ids):
        for id in ids:
            if id in self.ids:
                row = self.ids.index(id)
                del self.ids[row]
                del self.payloads[row]
                self.vectors = np.delete(self.vectors, row, axis=0)

    def search(self, q, k, where=None):
        lengths = np.linalg.norm(self.vectors, axis=1) * np.linalg.norm(q)
        scores = self.vectors @ q / np.where(lengths > 0, lengths, 1.0)
        rows = [
            row
            for row in np.argsort(scores)
            if all(
                f in self.payloads[row] and self.payloads[row][f] == v
                for f, v in (where or {}).items()
            )
        ]
        return [(self.ids[row], float(scores[row])) for row in rows[:k]]


# %% wrong (q09-repair-hidden-cosine): the dot product, without lengths
class VectorStore:
    def __init__(self, dim):
        self.ids, self.payloads, self.vectors = [], [], np.zeros((0, dim))

    def count(self):
        return len(self.ids)

    def upsert(self, ids, vectors, payloads):
        for id, vector, payload in zip(ids, vectors, payloads, strict=True):
            if id in self.ids:
                row = self.ids.index(id)
                self.vectors[row] = vector
                self.payloads[row] = payload
            else:
                self.ids.append(id)
                self.payloads.append(payload)
                self.vectors = np.vstack([self.vectors, vector])

    def delete(self, ids):
        for id in ids:
            if id in self.ids:
                row = self.ids.index(id)
                del self.ids[row]
                del self.payloads[row]
                self.vectors = np.delete(self.vectors, row, axis=0)

    def search(self, q, k, where=None):
        scores = self.vectors @ q
        rows = [
            row
            for row in np.argsort(-scores)
            if all(
                f in self.payloads[row] and self.payloads[row][f] == v
                for f, v in (where or {}).items()
            )
        ]
        return [(self.ids[row], float(scores[row])) for row in rows[:k]]


# %% wrong (q09-repair-hidden-cosine): divides by the length of the stored vector only
class VectorStore:
    def __init__(self, dim):
        self.ids, self.payloads, self.vectors = [], [], np.zeros((0, dim))

    def count(self):
        return len(self.ids)

    def upsert(self, ids, vectors, payloads):
        for id, vector, payload in zip(ids, vectors, payloads, strict=True):
            if id in self.ids:
                row = self.ids.index(id)
                self.vectors[row] = vector
                self.payloads[row] = payload
            else:
                self.ids.append(id)
                self.payloads.append(payload)
                self.vectors = np.vstack([self.vectors, vector])

    def delete(self, ids):
        for id in ids:
            if id in self.ids:
                row = self.ids.index(id)
                del self.ids[row]
                del self.payloads[row]
                self.vectors = np.delete(self.vectors, row, axis=0)

    def search(self, q, k, where=None):
        lengths = np.linalg.norm(self.vectors, axis=1)
        scores = self.vectors @ q / np.where(lengths > 0, lengths, 1.0)
        rows = [
            row
            for row in np.argsort(-scores)
            if all(
                f in self.payloads[row] and self.payloads[row][f] == v
                for f, v in (where or {}).items()
            )
        ]
        return [(self.ids[row], float(scores[row])) for row in rows[:k]]


# %% wrong (q09-repair-hidden-cosine): a zero vector divides by zero
class VectorStore:
    def __init__(self, dim):
        self.ids, self.payloads, self.vectors = [], [], np.zeros((0, dim))

    def count(self):
        return len(self.ids)

    def upsert(self, ids, vectors, payloads):
        for id, vector, payload in zip(ids, vectors, payloads, strict=True):
            if id in self.ids:
                row = self.ids.index(id)
                self.vectors[row] = vector
                self.payloads[row] = payload
            else:
                self.ids.append(id)
                self.payloads.append(payload)
                self.vectors = np.vstack([self.vectors, vector])

    def delete(self, ids):
        for id in ids:
            if id in self.ids:
                row = self.ids.index(id)
                del self.ids[row]
                del self.payloads[row]
                self.vectors = np.delete(self.vectors, row, axis=0)

    def search(self, q, k, where=None):
        lengths = np.linalg.norm(self.vectors, axis=1) * np.linalg.norm(q)
        scores = self.vectors @ q / lengths
        rows = [
            row
            for row in np.argsort(-scores)
            if all(
                f in self.payloads[row] and self.payloads[row][f] == v
                for f, v in (where or {}).items()
            )
        ]
        return [(self.ids[row], float(scores[row])) for row in rows[:k]]


# %% wrong (q09-repair-hidden-filter): filters after taking k
class VectorStore:
    def __init__(self, dim):
        self.ids, self.payloads, self.vectors = [], [], np.zeros((0, dim))

    def count(self):
        return len(self.ids)

    def upsert(self, ids, vectors, payloads):
        for id, vector, payload in zip(ids, vectors, payloads, strict=True):
            if id in self.ids:
                row = self.ids.index(id)
                self.vectors[row] = vector
                self.payloads[row] = payload
            else:
                self.ids.append(id)
                self.payloads.append(payload)
                self.vectors = np.vstack([self.vectors, vector])

    def delete(self, ids):
        for id in ids:
            if id in self.ids:
                row = self.ids.index(id)
                del self.ids[row]
                del self.payloads[row]
                self.vectors = np.delete(self.vectors, row, axis=0)

    def search(self, q, k, where=None):
        lengths = np.linalg.norm(self.vectors, axis=1) * np.linalg.norm(q)
        scores = self.vectors @ q / np.where(lengths > 0, lengths, 1.0)
        return [
            (self.ids[row], float(scores[row]))
            for row in np.argsort(-scores)[:k]
            if all(
                f in self.payloads[row] and self.payloads[row][f] == v
                for f, v in (where or {}).items()
            )
        ]


# %% wrong (q09-repair-hidden-filter): one fitting key is enough
class VectorStore:
    def __init__(self, dim):
        self.ids, self.payloads, self.vectors = [], [], np.zeros((0, dim))

    def count(self):
        return len(self.ids)

    def upsert(self, ids, vectors, payloads):
        for id, vector, payload in zip(ids, vectors, payloads, strict=True):
            if id in self.ids:
                row = self.ids.index(id)
                self.vectors[row] = vector
                self.payloads[row] = payload
            else:
                self.ids.append(id)
                self.payloads.append(payload)
                self.vectors = np.vstack([self.vectors, vector])

    def delete(self, ids):
        for id in ids:
            if id in self.ids:
                row = self.ids.index(id)
                del self.ids[row]
                del self.payloads[row]
                self.vectors = np.delete(self.vectors, row, axis=0)

    def search(self, q, k, where=None):
        lengths = np.linalg.norm(self.vectors, axis=1) * np.linalg.norm(q)
        scores = self.vectors @ q / np.where(lengths > 0, lengths, 1.0)
        rows = [
            row
            for row in np.argsort(-scores)
            if not where
            or any(
                f in self.payloads[row] and self.payloads[row][f] == v
                for f, v in (where or {}).items()
            )
        ]
        return [(self.ids[row], float(scores[row])) for row in rows[:k]]


# %% wrong (q09-repair-hidden-filter): a missing key fits None
class VectorStore:
    def __init__(self, dim):
        self.ids, self.payloads, self.vectors = [], [], np.zeros((0, dim))

    def count(self):
        return len(self.ids)

    def upsert(self, ids, vectors, payloads):
        for id, vector, payload in zip(ids, vectors, payloads, strict=True):
            if id in self.ids:
                row = self.ids.index(id)
                self.vectors[row] = vector
                self.payloads[row] = payload
            else:
                self.ids.append(id)
                self.payloads.append(payload)
                self.vectors = np.vstack([self.vectors, vector])

    def delete(self, ids):
        for id in ids:
            if id in self.ids:
                row = self.ids.index(id)
                del self.ids[row]
                del self.payloads[row]
                self.vectors = np.delete(self.vectors, row, axis=0)

    def search(self, q, k, where=None):
        lengths = np.linalg.norm(self.vectors, axis=1) * np.linalg.norm(q)
        scores = self.vectors @ q / np.where(lengths > 0, lengths, 1.0)
        rows = [
            row
            for row in np.argsort(-scores)
            if all(self.payloads[row].get(f) == v for f, v in (where or {}).items())
        ]
        return [(self.ids[row], float(scores[row])) for row in rows[:k]]


# %% wrong (q09-repair-hidden-upsert): brings the caller's vectors to unit length
class VectorStore:
    def __init__(self, dim):
        self.ids, self.payloads, self.vectors = [], [], np.zeros((0, dim))

    def count(self):
        return len(self.ids)

    def upsert(self, ids, vectors, payloads):
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors /= np.where(lengths > 0, lengths, 1.0)
        for id, vector, payload in zip(ids, vectors, payloads, strict=True):
            if id in self.ids:
                row = self.ids.index(id)
                self.vectors[row] = vector
                self.payloads[row] = payload
            else:
                self.ids.append(id)
                self.payloads.append(payload)
                self.vectors = np.vstack([self.vectors, vector])

    def delete(self, ids):
        for id in ids:
            if id in self.ids:
                row = self.ids.index(id)
                del self.ids[row]
                del self.payloads[row]
                self.vectors = np.delete(self.vectors, row, axis=0)

    def search(self, q, k, where=None):
        lengths = np.linalg.norm(self.vectors, axis=1) * np.linalg.norm(q)
        scores = self.vectors @ q / np.where(lengths > 0, lengths, 1.0)
        rows = [
            row
            for row in np.argsort(-scores)
            if all(
                f in self.payloads[row] and self.payloads[row][f] == v
                for f, v in (where or {}).items()
            )
        ]
        return [(self.ids[row], float(scores[row])) for row in rows[:k]]


# %% wrong (q09-repair-hidden-upsert): keeps the first array itself, and later upserts write into it
class VectorStore:
    def __init__(self, dim):
        self.ids, self.payloads, self.vectors = [], [], np.zeros((0, dim))

    def count(self):
        return len(self.ids)

    def upsert(self, ids, vectors, payloads):
        if not self.ids:
            self.ids, self.payloads, self.vectors = list(ids), list(payloads), vectors
            return
        for id, vector, payload in zip(ids, vectors, payloads, strict=True):
            if id in self.ids:
                row = self.ids.index(id)
                self.vectors[row] = vector
                self.payloads[row] = payload
            else:
                self.ids.append(id)
                self.payloads.append(payload)
                self.vectors = np.vstack([self.vectors, vector])

    def delete(self, ids):
        for id in ids:
            if id in self.ids:
                row = self.ids.index(id)
                del self.ids[row]
                del self.payloads[row]
                self.vectors = np.delete(self.vectors, row, axis=0)

    def search(self, q, k, where=None):
        lengths = np.linalg.norm(self.vectors, axis=1) * np.linalg.norm(q)
        scores = self.vectors @ q / np.where(lengths > 0, lengths, 1.0)
        rows = [
            row
            for row in np.argsort(-scores)
            if all(
                f in self.payloads[row] and self.payloads[row][f] == v
                for f, v in (where or {}).items()
            )
        ]
        return [(self.ids[row], float(scores[row])) for row in rows[:k]]


# %% wrong (q09-repair-hidden-cosine): brings the caller's query to unit length
class VectorStore:
    def __init__(self, dim):
        self.ids, self.payloads, self.vectors = [], [], np.zeros((0, dim))

    def count(self):
        return len(self.ids)

    def upsert(self, ids, vectors, payloads):
        for id, vector, payload in zip(ids, vectors, payloads, strict=True):
            if id in self.ids:
                row = self.ids.index(id)
                self.vectors[row] = vector
                self.payloads[row] = payload
            else:
                self.ids.append(id)
                self.payloads.append(payload)
                self.vectors = np.vstack([self.vectors, vector])

    def delete(self, ids):
        for id in ids:
            if id in self.ids:
                row = self.ids.index(id)
                del self.ids[row]
                del self.payloads[row]
                self.vectors = np.delete(self.vectors, row, axis=0)

    def search(self, q, k, where=None):
        if np.linalg.norm(q) > 0:
            q /= np.linalg.norm(q)
        lengths = np.linalg.norm(self.vectors, axis=1)
        scores = self.vectors @ q / np.where(lengths > 0, lengths, 1.0)
        rows = [
            row
            for row in np.argsort(-scores)
            if all(
                f in self.payloads[row] and self.payloads[row][f] == v
                for f, v in (where or {}).items()
            )
        ]
        return [(self.ids[row], float(scores[row])) for row in rows[:k]]
