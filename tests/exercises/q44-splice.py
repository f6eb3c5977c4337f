# %% right: row by row
def splice(text_emb, ids, image_id, img_embs, labels=None):
    if sum(int(i) == image_id for i in ids) != len(img_embs):
        raise ValueError("placeholders and pictures differ in number")
    rows, targets, j = [], [], 0
    for t in range(len(ids)):
        if ids[t] == image_id:
            for row in img_embs[j]:
                rows.append(row)
                targets.append(-100)
            j += 1
        else:
            rows.append(text_emb[t])
            targets.append(None if labels is None else int(labels[t]))
    return np.array(rows), None if labels is None else np.array(targets)


# %% right: repeats each token as often as it needs rows, then fills the gaps
def splice(text_emb, ids, image_id, img_embs, labels=None):
    ids = np.asarray(ids)
    here = ids == image_id
    if here.sum() != len(img_embs):
        raise ValueError("counts differ")
    counts = np.ones(len(ids), dtype=int)
    counts[here] = [len(img) for img in img_embs]
    emb = np.repeat(text_emb, counts, axis=0)
    gaps = np.repeat(here, counts)
    if len(img_embs):
        emb[gaps] = np.concatenate(img_embs)
    if labels is not None:
        labels = np.repeat(labels, counts)
        labels[gaps] = -100
    return emb, labels


# %% right: from the back, so that earlier places stay valid
def splice(text_emb, ids, image_id, img_embs, labels=None):
    places = [t for t, i in enumerate(ids.tolist()) if i == image_id]
    if len(places) != len(img_embs):
        raise ValueError(f"{len(places)} != {len(img_embs)}")
    emb = text_emb.copy()
    new = None if labels is None else labels.copy()
    for t, img in zip(reversed(places), reversed(img_embs), strict=True):
        emb = np.vstack([emb[:t], img, emb[t + 1 :]])
        if new is not None:
            new = np.hstack([new[:t], [-100] * len(img), new[t + 1 :]])
    return emb, new


# %% right: np.split at the placeholders, in torch
def splice(text_emb, ids, image_id, img_embs, labels=None):
    places = np.where(ids == image_id)[0]
    if len(places) > len(img_embs) or len(places) < len(img_embs):
        raise ValueError("one picture for each placeholder")
    parts = [torch.tensor(part) for part in np.split(text_emb, places)]
    out = [parts[0]]
    for img, part in zip(img_embs, parts[1:], strict=True):
        out += [torch.tensor(img), part[1:]]
    emb = torch.cat(out).numpy()
    if labels is None:
        return emb, None
    pieces = np.split(np.asarray(labels), places)
    out = [pieces[0]]
    for img, piece in zip(img_embs, pieces[1:], strict=True):
        out += [np.full(len(img), -100), piece[1:]]
    return emb, np.concatenate(out)


# %% right: embeddings written into zeros, labels in a list
def splice(text_emb, ids, image_id, img_embs, labels=None):
    if list(ids).count(image_id) != len(img_embs):
        raise ValueError("one picture for each placeholder")
    emb = np.zeros((len(ids) - len(img_embs) + sum(map(len, img_embs)), text_emb.shape[1]))
    targets, row, waiting = [], 0, list(img_embs)
    for t, token in enumerate(ids):
        piece = waiting.pop(0) if token == image_id else text_emb[t : t + 1]
        emb[row : row + len(piece)] = piece
        row += len(piece)
        if labels is not None:
            targets += [-100] * len(piece) if token == image_id else [labels[t]]
    return emb, None if labels is None else targets


# %% wrong (q44-splice-hidden-several): keeps the placeholder before the picture
def splice(text_emb, ids, image_id, img_embs, labels=None):
    if (ids == image_id).sum() != len(img_embs):
        raise ValueError("counts differ")
    rows, targets, pictures = [], [], iter(img_embs)
    for t, token in enumerate(ids):
        rows.append(text_emb[t : t + 1])
        targets.append([0 if labels is None else labels[t]])
        if token == image_id:
            img = next(pictures)
            rows.append(img)
            targets.append([-100] * len(img))
    emb = np.concatenate(rows)
    return emb, None if labels is None else np.concatenate(targets)


# %% wrong (q44-splice-hidden-several): only the first placeholder is replaced
def splice(text_emb, ids, image_id, img_embs, labels=None):
    if (ids == image_id).sum() != len(img_embs):
        raise ValueError("counts differ")
    if not img_embs:
        return text_emb, labels
    t = ids.tolist().index(image_id)
    img = img_embs[0]
    emb = np.concatenate([text_emb[:t], img, text_emb[t + 1 :]])
    if labels is not None:
        labels = np.concatenate([labels[:t], np.full(len(img), -100), labels[t + 1 :]])
    return emb, labels


# %% wrong (q44-splice-hidden-several): places are not moved by the pictures before them
def splice(text_emb, ids, image_id, img_embs, labels=None):
    places = np.flatnonzero(ids == image_id)
    if len(places) != len(img_embs):
        raise ValueError("counts differ")
    emb = text_emb
    for t, img in zip(places, img_embs, strict=True):
        emb = np.concatenate([emb[:t], img, emb[t + 1 :]])
        if labels is not None:
            labels = np.concatenate([labels[:t], np.full(len(img), -100), labels[t + 1 :]])
    return emb, labels


# %% wrong (q44-splice-hidden-several): the same picture for every placeholder
def splice(text_emb, ids, image_id, img_embs, labels=None):
    if (ids == image_id).sum() != len(img_embs):
        raise ValueError("counts differ")
    rows = [img_embs[0] if i == image_id else row[None] for i, row in zip(ids, text_emb)]
    if labels is not None:
        labels = np.concatenate(
            [np.full(len(img_embs[0]), -100) if i == image_id else [y] for i, y in zip(ids, labels)]
        )
    return np.concatenate(rows), labels


# %% wrong (q44-splice-hidden-several): all pictures go to the front, before the text
def splice(text_emb, ids, image_id, img_embs, labels=None):
    keep = ids != image_id
    if (~keep).sum() != len(img_embs):
        raise ValueError("counts differ")
    emb = np.concatenate([*img_embs, text_emb[keep]])
    if labels is not None:
        labels = np.concatenate([np.full(len(emb) - keep.sum(), -100), labels[keep]])
    return emb, labels


# %% wrong (q44-splice-hidden-labels): the picture's first row keeps the placeholder's label
def splice(text_emb, ids, image_id, img_embs, labels=None):
    if (ids == image_id).sum() != len(img_embs):
        raise ValueError("counts differ")
    rows, targets, pictures = [], [], iter(img_embs)
    for t, token in enumerate(ids):
        piece = next(pictures) if token == image_id else text_emb[t : t + 1]
        rows.append(piece)
        if labels is not None:
            targets += [labels[t]] + [-100] * (len(piece) - 1)
    return np.concatenate(rows), None if labels is None else np.array(targets)


# %% wrong (q44-splice-hidden-labels): all -100 are put in front of the labels of the text
def splice(text_emb, ids, image_id, img_embs, labels=None):
    if (ids == image_id).sum() != len(img_embs):
        raise ValueError("counts differ")
    pictures = iter(img_embs)
    rows = [next(pictures) if i == image_id else row[None] for i, row in zip(ids, text_emb)]
    emb = np.concatenate(rows)
    if labels is not None:
        text = labels[ids != image_id]
        labels = np.concatenate([np.full(len(emb) - len(text), -100), text])
    return emb, labels


# %% wrong (q44-splice-hidden-labels): pads labels with 0, which is a token
def splice(text_emb, ids, image_id, img_embs, labels=None):
    if (ids == image_id).sum() != len(img_embs):
        raise ValueError("counts differ")
    rows, targets, pictures = [], [], iter(img_embs)
    for t, token in enumerate(ids):
        piece = next(pictures) if token == image_id else text_emb[t : t + 1]
        rows.append(piece)
        if labels is not None:
            targets.append(np.zeros(len(piece), int) if token == image_id else labels[t : t + 1])
    return np.concatenate(rows), None if labels is None else np.concatenate(targets)


# %% wrong (q44-splice-hidden-labels): shifts the labels for the next token
def splice(text_emb, ids, image_id, img_embs, labels=None):
    if (ids == image_id).sum() != len(img_embs):
        raise ValueError("counts differ")
    rows, targets, pictures = [], [], iter(img_embs)
    for t, token in enumerate(ids):
        piece = next(pictures) if token == image_id else text_emb[t : t + 1]
        rows.append(piece)
        if labels is not None:
            targets += [-100] * len(piece) if token == image_id else [int(labels[t])]
    return np.concatenate(rows), None if labels is None else np.array([*targets[1:], -100])


# %% wrong (q44-splice-hidden-counts): zip drops what is left over
def splice(text_emb, ids, image_id, img_embs, labels=None):
    places = np.flatnonzero(ids == image_id)
    pieces, targets, start = [], [], 0
    for place, img in zip(places, img_embs, strict=False):
        pieces += [text_emb[start:place], img]
        if labels is not None:
            targets += [labels[start:place], np.full(len(img), -100)]
        start = place + 1
    emb = np.concatenate([*pieces, text_emb[start:]])
    return emb, None if labels is None else np.concatenate([*targets, labels[start:]])


# %% wrong (q44-splice-hidden-counts): notices missing pictures, not missing placeholders
def splice(text_emb, ids, image_id, img_embs, labels=None):
    if (ids == image_id).sum() > len(img_embs):
        raise ValueError("a picture is missing")
    rows, targets, pictures = [], [], iter(img_embs)
    for t, token in enumerate(ids):
        piece = next(pictures) if token == image_id else text_emb[t : t + 1]
        rows.append(piece)
        if labels is not None:
            targets += [-100] * len(piece) if token == image_id else [int(labels[t])]
    return np.concatenate(rows), None if labels is None else np.array(targets)


# %% wrong (q44-splice-hidden-arguments): takes the pictures out of the caller's list
def splice(text_emb, ids, image_id, img_embs, labels=None):
    if (ids == image_id).sum() != len(img_embs):
        raise ValueError("counts differ")
    rows, targets = [], []
    for t, token in enumerate(ids):
        piece = img_embs.pop(0) if token == image_id else text_emb[t : t + 1]
        rows.append(piece)
        if labels is not None:
            targets += [-100] * len(piece) if token == image_id else [int(labels[t])]
    return np.concatenate(rows), None if labels is None else np.array(targets)


# %% wrong (q44-splice-hidden-arguments): marks the placeholders in the caller's labels
def splice(text_emb, ids, image_id, img_embs, labels=None):
    here = ids == image_id
    if here.sum() != len(img_embs):
        raise ValueError("counts differ")
    counts = np.ones(len(ids), dtype=int)
    counts[here] = [len(img) for img in img_embs]
    emb = np.repeat(text_emb, counts, axis=0)
    if img_embs:
        emb[np.repeat(here, counts)] = np.concatenate(img_embs)
    if labels is not None:
        labels[here] = -100
        labels = np.repeat(labels, counts)
    return emb, labels


# %% wrong (q44-splice-hidden-arguments): a placeholder of 0 counts as none
def splice(text_emb, ids, image_id, img_embs, labels=None):
    if not image_id:
        return text_emb, labels
    here = ids == image_id
    if here.sum() != len(img_embs):
        raise ValueError("counts differ")
    counts = np.ones(len(ids), dtype=int)
    counts[here] = [len(img) for img in img_embs]
    emb = np.repeat(text_emb, counts, axis=0)
    if img_embs:
        emb[np.repeat(here, counts)] = np.concatenate(img_embs)
    if labels is not None:
        labels = np.repeat(np.where(here, -100, labels), counts)
    return emb, labels
