# %% right: remaining room in a list of its own
def pack_sequences(seqs, max_len, eos_id):
    packs, room = [], []
    for seq in seqs:
        need = len(seq) + 1
        if need > max_len:
            raise ValueError("document too long")
        for i, free in enumerate(room):
            if free >= need:
                break
        else:
            i = len(packs)
            packs.append([])
            room.append(max_len)
        packs[i].append(list(seq) + [eos_id])
        room[i] -= need
    return [
        {
            "input_ids": [t for doc in pack for t in doc],
            "position_ids": [p for doc in pack for p in range(len(doc))],
            "doc_ids": [d for d, doc in enumerate(pack) for _ in doc],
        }
        for pack in packs
    ]


def pack_mask(doc_ids):
    T = len(doc_ids)
    return np.array([[j <= i and doc_ids[i] == doc_ids[j] for j in range(T)] for i in range(T)])


# %% right: checks lengths first, token by token
def pack_sequences(seqs, max_len, eos_id):
    if any(len(seq) >= max_len for seq in seqs):
        raise ValueError("a document does not fit")
    packs = []
    for seq in seqs:
        for pack in packs:
            if len(pack["input_ids"]) + len(seq) < max_len:
                break
        else:
            pack = {"input_ids": [], "position_ids": [], "doc_ids": []}
            packs.append(pack)
        doc = max(pack["doc_ids"], default=-1) + 1
        for position, token in enumerate([*seq, eos_id]):
            pack["input_ids"].append(token)
            pack["position_ids"].append(position)
            pack["doc_ids"].append(doc)
    return packs


def pack_mask(doc_ids):
    ids = np.asarray(doc_ids)
    causal = np.arange(len(ids))[:, None] >= np.arange(len(ids))
    return causal & np.equal.outer(ids, ids)


# %% right: numpy pieces, block by block
def pack_sequences(seqs, max_len, eos_id):
    groups = []
    for i, seq in enumerate(seqs):
        if len(seq) + 1 > max_len:
            raise ValueError(f"document {i} has {len(seq) + 1} tokens")
        used = [sum(len(seqs[k]) + 1 for k in group) for group in groups]
        fits = [g for g, n in enumerate(used) if n + len(seq) + 1 <= max_len]
        if fits:
            groups[min(fits)].append(i)
        else:
            groups.append([i])
    packs = []
    for group in groups:
        lengths = [len(seqs[k]) + 1 for k in group]
        packs.append(
            {
                "input_ids": sum([list(seqs[k]) + [eos_id] for k in group], []),
                "position_ids": np.concatenate([np.arange(n) for n in lengths]).tolist(),
                "doc_ids": np.repeat(np.arange(len(group)), lengths).tolist(),
            }
        )
    return packs


def pack_mask(doc_ids):
    sizes = np.bincount(doc_ids)
    mask = torch.block_diag(*[torch.tril(torch.ones(n, n)) for n in sizes.tolist()])
    return mask.bool().numpy()


# %% wrong (q24-pack-sequences-hidden-first-fit): looks at the last pack only
def pack_sequences(seqs, max_len, eos_id):
    packs = []
    for seq in seqs:
        doc = [*seq, eos_id]
        if len(doc) > max_len:
            raise ValueError("too long")
        if not packs or len(packs[-1]["input_ids"]) + len(doc) > max_len:
            packs.append({"input_ids": [], "position_ids": [], "doc_ids": []})
        pack = packs[-1]
        number = pack["doc_ids"][-1] + 1 if pack["doc_ids"] else 0
        pack["input_ids"] += doc
        pack["position_ids"] += range(len(doc))
        pack["doc_ids"] += [number] * len(doc)
    return packs


def pack_mask(doc_ids):
    number = np.array(doc_ids)
    return np.tril(number[:, None] == number[None, :])


# %% wrong (q24-pack-sequences-hidden-first-fit): best fit, longest first, as TRL's bfd
def pack_sequences(seqs, max_len, eos_id):
    packs = []
    for seq in sorted(seqs, key=len, reverse=True):
        doc = [*seq, eos_id]
        if len(doc) > max_len:
            raise ValueError("too long")
        fits = [p for p in packs if len(p["input_ids"]) + len(doc) <= max_len]
        if fits:
            pack = max(fits, key=lambda p: len(p["input_ids"]))
        else:
            pack = {"input_ids": [], "position_ids": [], "doc_ids": []}
            packs.append(pack)
        number = pack["doc_ids"][-1] + 1 if pack["doc_ids"] else 0
        pack["input_ids"] += doc
        pack["position_ids"] += range(len(doc))
        pack["doc_ids"] += [number] * len(doc)
    return packs


def pack_mask(doc_ids):
    number = np.array(doc_ids)
    return np.tril(number[:, None] == number[None, :])


# %% wrong (q24-pack-sequences-hidden-nothing-lost): concatenates and cuts, dropping the rest
def pack_sequences(seqs, max_len, eos_id):
    if any(len(seq) + 1 > max_len for seq in seqs):
        raise ValueError("too long")
    stream = [(t, p, d) for d, seq in enumerate(seqs) for p, t in enumerate([*seq, eos_id])]
    packs = []
    for i in range(0, len(stream) - max_len + 1, max_len):
        ids, positions, docs = zip(*stream[i : i + max_len])
        packs.append(
            {
                "input_ids": list(ids),
                "position_ids": list(positions),
                "doc_ids": [d - docs[0] for d in docs],
            }
        )
    return packs


def pack_mask(doc_ids):
    number = np.array(doc_ids)
    return np.tril(number[:, None] == number[None, :])


# %% wrong (q24-pack-sequences-hidden-nothing-lost): adds no second end to a document that ends with eos_id
def pack_sequences(seqs, max_len, eos_id):
    packs = []
    for seq in seqs:
        doc = list(seq) if seq and seq[-1] == eos_id else [*seq, eos_id]
        if len(doc) > max_len:
            raise ValueError("too long")
        pack = next((p for p in packs if len(p["input_ids"]) + len(doc) <= max_len), None)
        if pack is None:
            pack = {"input_ids": [], "position_ids": [], "doc_ids": []}
            packs.append(pack)
        number = pack["doc_ids"][-1] + 1 if pack["doc_ids"] else 0
        pack["input_ids"] += doc
        pack["position_ids"] += range(len(doc))
        pack["doc_ids"] += [number] * len(doc)
    return packs


def pack_mask(doc_ids):
    number = np.array(doc_ids)
    return np.tril(number[:, None] == number[None, :])


# %% wrong (q24-pack-sequences-hidden-nothing-lost): skips empty documents
def pack_sequences(seqs, max_len, eos_id):
    packs = []
    for seq in seqs:
        if not seq:
            continue
        doc = [*seq, eos_id]
        if len(doc) > max_len:
            raise ValueError("too long")
        pack = next((p for p in packs if len(p["input_ids"]) + len(doc) <= max_len), None)
        if pack is None:
            pack = {"input_ids": [], "position_ids": [], "doc_ids": []}
            packs.append(pack)
        number = pack["doc_ids"][-1] + 1 if pack["doc_ids"] else 0
        pack["input_ids"] += doc
        pack["position_ids"] += range(len(doc))
        pack["doc_ids"] += [number] * len(doc)
    return packs


def pack_mask(doc_ids):
    number = np.array(doc_ids)
    return np.tril(number[:, None] == number[None, :])


# %% wrong (q24-pack-sequences-hidden-positions): positions run on through the pack
def pack_sequences(seqs, max_len, eos_id):
    packs = []
    for seq in seqs:
        doc = [*seq, eos_id]
        if len(doc) > max_len:
            raise ValueError("too long")
        pack = next((p for p in packs if len(p["input_ids"]) + len(doc) <= max_len), None)
        if pack is None:
            pack = {"input_ids": [], "position_ids": [], "doc_ids": []}
            packs.append(pack)
        number = pack["doc_ids"][-1] + 1 if pack["doc_ids"] else 0
        pack["input_ids"] += doc
        pack["position_ids"] = list(range(len(pack["input_ids"])))
        pack["doc_ids"] += [number] * len(doc)
    return packs


def pack_mask(doc_ids):
    number = np.array(doc_ids)
    return np.tril(number[:, None] == number[None, :])


# %% wrong (q24-pack-sequences-hidden-positions): numbers the documents over all packs
def pack_sequences(seqs, max_len, eos_id):
    packs = []
    for number, seq in enumerate(seqs):
        doc = [*seq, eos_id]
        if len(doc) > max_len:
            raise ValueError("too long")
        pack = next((p for p in packs if len(p["input_ids"]) + len(doc) <= max_len), None)
        if pack is None:
            pack = {"input_ids": [], "position_ids": [], "doc_ids": []}
            packs.append(pack)
        pack["input_ids"] += doc
        pack["position_ids"] += range(len(doc))
        pack["doc_ids"] += [number] * len(doc)
    return packs


def pack_mask(doc_ids):
    number = np.array(doc_ids)
    return np.tril(number[:, None] == number[None, :])


# %% wrong (q24-pack-sequences-hidden-limits): forgets that the end takes a place
def pack_sequences(seqs, max_len, eos_id):
    packs = []
    for seq in seqs:
        if len(seq) > max_len:
            raise ValueError("too long")
        doc = [*seq, eos_id]
        pack = next((p for p in packs if len(p["input_ids"]) + len(doc) <= max_len), None)
        if pack is None:
            pack = {"input_ids": [], "position_ids": [], "doc_ids": []}
            packs.append(pack)
        number = pack["doc_ids"][-1] + 1 if pack["doc_ids"] else 0
        pack["input_ids"] += doc
        pack["position_ids"] += range(len(doc))
        pack["doc_ids"] += [number] * len(doc)
    return packs


def pack_mask(doc_ids):
    number = np.array(doc_ids)
    return np.tril(number[:, None] == number[None, :])


# %% wrong (q24-pack-sequences-hidden-limits): cuts a long document instead of refusing it
def pack_sequences(seqs, max_len, eos_id):
    packs = []
    for seq in seqs:
        doc = [*seq, eos_id][:max_len]
        pack = next((p for p in packs if len(p["input_ids"]) + len(doc) <= max_len), None)
        if pack is None:
            pack = {"input_ids": [], "position_ids": [], "doc_ids": []}
            packs.append(pack)
        number = pack["doc_ids"][-1] + 1 if pack["doc_ids"] else 0
        pack["input_ids"] += doc
        pack["position_ids"] += range(len(doc))
        pack["doc_ids"] += [number] * len(doc)
    return packs


def pack_mask(doc_ids):
    number = np.array(doc_ids)
    return np.tril(number[:, None] == number[None, :])


# %% wrong (q24-pack-sequences-hidden-limits): appends the end to the caller's lists
def pack_sequences(seqs, max_len, eos_id):
    packs = []
    for doc in seqs:
        doc.append(eos_id)
        if len(doc) > max_len:
            raise ValueError("too long")
        pack = next((p for p in packs if len(p["input_ids"]) + len(doc) <= max_len), None)
        if pack is None:
            pack = {"input_ids": [], "position_ids": [], "doc_ids": []}
            packs.append(pack)
        number = pack["doc_ids"][-1] + 1 if pack["doc_ids"] else 0
        pack["input_ids"] += doc
        pack["position_ids"] += range(len(doc))
        pack["doc_ids"] += [number] * len(doc)
    return packs


def pack_mask(doc_ids):
    number = np.array(doc_ids)
    return np.tril(number[:, None] == number[None, :])


# %% wrong (q24-pack-sequences-hidden-mask): causal only, so documents see each other
def pack_sequences(seqs, max_len, eos_id):
    packs = []
    for seq in seqs:
        doc = [*seq, eos_id]
        if len(doc) > max_len:
            raise ValueError("too long")
        pack = next((p for p in packs if len(p["input_ids"]) + len(doc) <= max_len), None)
        if pack is None:
            pack = {"input_ids": [], "position_ids": [], "doc_ids": []}
            packs.append(pack)
        number = pack["doc_ids"][-1] + 1 if pack["doc_ids"] else 0
        pack["input_ids"] += doc
        pack["position_ids"] += range(len(doc))
        pack["doc_ids"] += [number] * len(doc)
    return packs


def pack_mask(doc_ids):
    return np.tril(np.ones((len(doc_ids), len(doc_ids)), dtype=bool))


# %% wrong (q24-pack-sequences-hidden-mask): same document, but not causal
def pack_sequences(seqs, max_len, eos_id):
    packs = []
    for seq in seqs:
        doc = [*seq, eos_id]
        if len(doc) > max_len:
            raise ValueError("too long")
        pack = next((p for p in packs if len(p["input_ids"]) + len(doc) <= max_len), None)
        if pack is None:
            pack = {"input_ids": [], "position_ids": [], "doc_ids": []}
            packs.append(pack)
        number = pack["doc_ids"][-1] + 1 if pack["doc_ids"] else 0
        pack["input_ids"] += doc
        pack["position_ids"] += range(len(doc))
        pack["doc_ids"] += [number] * len(doc)
    return packs


def pack_mask(doc_ids):
    number = np.array(doc_ids)
    return number[:, None] == number[None, :]


# %% wrong (q24-pack-sequences-hidden-mask): a mask to add, 0 and -inf
def pack_sequences(seqs, max_len, eos_id):
    packs = []
    for seq in seqs:
        doc = [*seq, eos_id]
        if len(doc) > max_len:
            raise ValueError("too long")
        pack = next((p for p in packs if len(p["input_ids"]) + len(doc) <= max_len), None)
        if pack is None:
            pack = {"input_ids": [], "position_ids": [], "doc_ids": []}
            packs.append(pack)
        number = pack["doc_ids"][-1] + 1 if pack["doc_ids"] else 0
        pack["input_ids"] += doc
        pack["position_ids"] += range(len(doc))
        pack["doc_ids"] += [number] * len(doc)
    return packs


def pack_mask(doc_ids):
    number = np.array(doc_ids)
    return np.where(np.tril(number[:, None] == number[None, :]), 0.0, -np.inf)


# %% wrong (q24-pack-sequences-hidden-positions): numbers the documents by the ends before them, those inside too
def pack_sequences(seqs, max_len, eos_id):
    packs = []
    for seq in seqs:
        doc = [*seq, eos_id]
        if len(doc) > max_len:
            raise ValueError("too long")
        pack = next((p for p in packs if len(p["input_ids"]) + len(doc) <= max_len), None)
        if pack is None:
            pack = {"input_ids": [], "position_ids": [], "doc_ids": []}
            packs.append(pack)
        number = pack["input_ids"].count(eos_id)
        pack["input_ids"] += doc
        pack["position_ids"] += range(len(doc))
        pack["doc_ids"] += [number] * len(doc)
    return packs


def pack_mask(doc_ids):
    number = np.array(doc_ids)
    return np.tril(number[:, None] == number[None, :])
