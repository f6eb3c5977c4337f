# %% right: a list of layers, changes the copy
def patch(model, clean_ids, corrupt_ids, layer, position):
    if len(clean_ids) != len(corrupt_ids) or not 0 <= position < len(clean_ids):
        raise ValueError("lengths differ, or no such position")
    stream = []

    def record(i, h):
        stream.append(h.clone())
        return h

    def swap(i, h):
        if i == layer:
            h[position] = stream[layer][position]
        return h

    clean = model(clean_ids, hook=record)[-1]
    corrupt = model(corrupt_ids)[-1]
    if not 0 <= layer < len(stream):
        raise ValueError("no such layer")
    answer, foil = clean.argmax().item(), corrupt.argmax().item()
    if answer == foil:
        raise ValueError("nothing to restore")
    patched = model(corrupt_ids, hook=swap)[-1]
    low = corrupt[answer] - corrupt[foil]
    high = clean[answer] - clean[foil]
    return float((patched[answer] - patched[foil] - low) / (high - low))


# %% right: where, on arrays
def patch(model, clean_ids, corrupt_ids, layer, position):
    n = len(clean_ids)
    if n != len(corrupt_ids):
        raise ValueError("different lengths")
    if position not in range(n):
        raise ValueError("no such position")
    saved = {}

    def save(i, h):
        saved[i] = h.detach().numpy().copy()
        return h

    logits = [model(clean_ids, save)[n - 1], model(corrupt_ids, lambda i, h: h)[n - 1]]
    if layer not in saved:
        raise ValueError("no such layer")
    top = [int(torch.topk(z, 1).indices[0]) for z in logits]
    if top[0] == top[1]:
        raise ValueError("same token")
    pick = torch.arange(n) == position

    def mixed(i, h):
        return torch.where(pick[:, None], torch.from_numpy(saved[i]), h) if i == layer else h

    logits.append(model(corrupt_ids, mixed)[n - 1])
    high, low, mid = ((z[top[0]] - z[top[1]]).item() for z in logits)
    return (mid - low) / (high - low)


# %% right: one object that reads, then writes
def patch(model, clean_ids, corrupt_ids, layer, position):
    class Patcher:
        def __init__(self):
            self.vector, self.layers, self.writing = None, 0, False

        def __call__(self, i, h):
            self.layers = max(self.layers, i)
            if i == layer and not self.writing:
                self.vector = h[position].clone()
            elif i == layer:
                h = torch.cat([h[:position], self.vector[None], h[position + 1 :]])
            return h

    if len(clean_ids) != len(corrupt_ids):
        raise ValueError("lengths")
    if position < 0 or position >= len(corrupt_ids):
        raise ValueError("position")
    hook = Patcher()
    z_clean, z_corrupt = model(clean_ids, hook)[-1], model(corrupt_ids, None)[-1]
    if layer < 0 or layer > hook.layers:
        raise ValueError("layer")
    hook.writing = True
    z_patched = model(corrupt_ids, hook)[-1]
    a, b = torch.argmax(z_clean), torch.argmax(z_corrupt)
    if a == b:
        raise ValueError("same answer")
    patched, corrupt, clean = (float(z[a]) - float(z[b]) for z in (z_patched, z_corrupt, z_clean))
    return (patched - corrupt) / (clean - corrupt)


# %% wrong (q41-patch-hidden-share): patches the corrupted vector into the clean run
def patch(model, clean_ids, corrupt_ids, layer, position):
    if len(clean_ids) != len(corrupt_ids) or not 0 <= position < len(clean_ids):
        raise ValueError("lengths differ, or no such position")
    stream = []

    def record(i, h):
        stream.append(h.clone())
        return h

    def swap(i, h):
        if i == layer:
            h[position] = stream[layer][position]
        return h

    clean = model(clean_ids)[-1]
    corrupt = model(corrupt_ids, hook=record)[-1]
    if not 0 <= layer < len(stream):
        raise ValueError("no such layer")
    answer, foil = clean.argmax().item(), corrupt.argmax().item()
    if answer == foil:
        raise ValueError("nothing to restore")
    patched = model(clean_ids, hook=swap)[-1]
    low = corrupt[answer] - corrupt[foil]
    high = clean[answer] - clean[foil]
    return float((patched[answer] - patched[foil] - low) / (high - low))


# %% wrong (q41-patch-hidden-share): replaces the whole layer, all positions
def patch(model, clean_ids, corrupt_ids, layer, position):
    if len(clean_ids) != len(corrupt_ids) or not 0 <= position < len(clean_ids):
        raise ValueError("lengths differ, or no such position")
    stream = []

    def record(i, h):
        stream.append(h.clone())
        return h

    def swap(i, h):
        if i == layer:
            h = stream[layer]
        return h

    clean = model(clean_ids, hook=record)[-1]
    corrupt = model(corrupt_ids)[-1]
    if not 0 <= layer < len(stream):
        raise ValueError("no such layer")
    answer, foil = clean.argmax().item(), corrupt.argmax().item()
    if answer == foil:
        raise ValueError("nothing to restore")
    patched = model(corrupt_ids, hook=swap)[-1]
    low = corrupt[answer] - corrupt[foil]
    high = clean[answer] - clean[foil]
    return float((patched[answer] - patched[foil] - low) / (high - low))


# %% wrong (q41-patch-hidden-share): patches the position in every layer from this one on
def patch(model, clean_ids, corrupt_ids, layer, position):
    if len(clean_ids) != len(corrupt_ids) or not 0 <= position < len(clean_ids):
        raise ValueError("lengths differ, or no such position")
    stream = []

    def record(i, h):
        stream.append(h.clone())
        return h

    def swap(i, h):
        if i >= layer:
            h[position] = stream[i][position]
        return h

    clean = model(clean_ids, hook=record)[-1]
    corrupt = model(corrupt_ids)[-1]
    if not 0 <= layer < len(stream):
        raise ValueError("no such layer")
    answer, foil = clean.argmax().item(), corrupt.argmax().item()
    if answer == foil:
        raise ValueError("nothing to restore")
    patched = model(corrupt_ids, hook=swap)[-1]
    low = corrupt[answer] - corrupt[foil]
    high = clean[answer] - clean[foil]
    return float((patched[answer] - patched[foil] - low) / (high - low))


# %% wrong (q41-patch-hidden-share): returns the difference, not the share
def patch(model, clean_ids, corrupt_ids, layer, position):
    if len(clean_ids) != len(corrupt_ids) or not 0 <= position < len(clean_ids):
        raise ValueError("lengths differ, or no such position")
    stream = []

    def record(i, h):
        stream.append(h.clone())
        return h

    def swap(i, h):
        if i == layer:
            h[position] = stream[layer][position]
        return h

    clean = model(clean_ids, hook=record)[-1]
    corrupt = model(corrupt_ids)[-1]
    if not 0 <= layer < len(stream):
        raise ValueError("no such layer")
    answer, foil = clean.argmax().item(), corrupt.argmax().item()
    if answer == foil:
        raise ValueError("nothing to restore")
    patched = model(corrupt_ids, hook=swap)[-1]
    low = corrupt[answer] - corrupt[foil]
    return float(patched[answer] - patched[foil] - low)


# %% wrong (q41-patch-hidden-share): divides by the clean difference alone
def patch(model, clean_ids, corrupt_ids, layer, position):
    if len(clean_ids) != len(corrupt_ids) or not 0 <= position < len(clean_ids):
        raise ValueError("lengths differ, or no such position")
    stream = []

    def record(i, h):
        stream.append(h.clone())
        return h

    def swap(i, h):
        if i == layer:
            h[position] = stream[layer][position]
        return h

    clean = model(clean_ids, hook=record)[-1]
    corrupt = model(corrupt_ids)[-1]
    if not 0 <= layer < len(stream):
        raise ValueError("no such layer")
    answer, foil = clean.argmax().item(), corrupt.argmax().item()
    if answer == foil:
        raise ValueError("nothing to restore")
    patched = model(corrupt_ids, hook=swap)[-1]
    low = corrupt[answer] - corrupt[foil]
    high = clean[answer] - clean[foil]
    return float((patched[answer] - patched[foil] - low) / high)


# %% wrong (q41-patch-hidden-share): patches one layer early
def patch(model, clean_ids, corrupt_ids, layer, position):
    if len(clean_ids) != len(corrupt_ids) or not 0 <= position < len(clean_ids):
        raise ValueError("lengths differ, or no such position")
    stream = []

    def record(i, h):
        stream.append(h.clone())
        return h

    def swap(i, h):
        if i == max(layer - 1, 0):
            h[position] = stream[i][position]
        return h

    clean = model(clean_ids, hook=record)[-1]
    corrupt = model(corrupt_ids)[-1]
    if not 0 <= layer < len(stream):
        raise ValueError("no such layer")
    answer, foil = clean.argmax().item(), corrupt.argmax().item()
    if answer == foil:
        raise ValueError("nothing to restore")
    patched = model(corrupt_ids, hook=swap)[-1]
    low = corrupt[answer] - corrupt[foil]
    high = clean[answer] - clean[foil]
    return float((patched[answer] - patched[foil] - low) / (high - low))


# %% wrong (q41-patch-hidden-tokens): clips the share to 0..1
def patch(model, clean_ids, corrupt_ids, layer, position):
    if len(clean_ids) != len(corrupt_ids) or not 0 <= position < len(clean_ids):
        raise ValueError("lengths differ, or no such position")
    stream = []

    def record(i, h):
        stream.append(h.clone())
        return h

    def swap(i, h):
        if i == layer:
            h[position] = stream[layer][position]
        return h

    clean = model(clean_ids, hook=record)[-1]
    corrupt = model(corrupt_ids)[-1]
    if not 0 <= layer < len(stream):
        raise ValueError("no such layer")
    answer, foil = clean.argmax().item(), corrupt.argmax().item()
    if answer == foil:
        raise ValueError("nothing to restore")
    patched = model(corrupt_ids, hook=swap)[-1]
    low = corrupt[answer] - corrupt[foil]
    high = clean[answer] - clean[foil]
    return min(1.0, max(0.0, float((patched[answer] - patched[foil] - low) / (high - low))))


# %% wrong (q41-patch-hidden-tokens): compares at the patched position
def patch(model, clean_ids, corrupt_ids, layer, position):
    if len(clean_ids) != len(corrupt_ids) or not 0 <= position < len(clean_ids):
        raise ValueError("lengths differ, or no such position")
    stream = []

    def record(i, h):
        stream.append(h.clone())
        return h

    def swap(i, h):
        if i == layer:
            h[position] = stream[layer][position]
        return h

    clean = model(clean_ids, hook=record)[-1]
    corrupt = model(corrupt_ids)[-1]
    if not 0 <= layer < len(stream):
        raise ValueError("no such layer")
    answer, foil = clean.argmax().item(), corrupt.argmax().item()
    if answer == foil:
        raise ValueError("nothing to restore")
    patched = model(corrupt_ids, hook=swap)[-1]
    clean = model(clean_ids)[position]
    corrupt = model(corrupt_ids)[position]
    patched = model(corrupt_ids, hook=swap)[position]
    low = corrupt[answer] - corrupt[foil]
    high = clean[answer] - clean[foil]
    return float((patched[answer] - patched[foil] - low) / (high - low))


# %% wrong (q41-patch-hidden-share): takes the clean run's second token as foil
def patch(model, clean_ids, corrupt_ids, layer, position):
    if len(clean_ids) != len(corrupt_ids) or not 0 <= position < len(clean_ids):
        raise ValueError("lengths differ, or no such position")
    stream = []

    def record(i, h):
        stream.append(h.clone())
        return h

    def swap(i, h):
        if i == layer:
            h[position] = stream[layer][position]
        return h

    clean = model(clean_ids, hook=record)[-1]
    corrupt = model(corrupt_ids)[-1]
    if not 0 <= layer < len(stream):
        raise ValueError("no such layer")
    answer, foil = clean.argmax().item(), clean.topk(2).indices[1].item()
    if answer == foil:
        raise ValueError("nothing to restore")
    patched = model(corrupt_ids, hook=swap)[-1]
    low = corrupt[answer] - corrupt[foil]
    high = clean[answer] - clean[foil]
    return float((patched[answer] - patched[foil] - low) / (high - low))


# %% wrong (q41-patch-hidden-errors): a negative position counts from the end
def patch(model, clean_ids, corrupt_ids, layer, position):
    if len(clean_ids) != len(corrupt_ids) or position >= len(clean_ids):
        raise ValueError("lengths differ, or no such position")
    stream = []

    def record(i, h):
        stream.append(h.clone())
        return h

    def swap(i, h):
        if i == layer:
            h[position] = stream[layer][position]
        return h

    clean = model(clean_ids, hook=record)[-1]
    corrupt = model(corrupt_ids)[-1]
    if not 0 <= layer < len(stream):
        raise ValueError("no such layer")
    answer, foil = clean.argmax().item(), corrupt.argmax().item()
    if answer == foil:
        raise ValueError("nothing to restore")
    patched = model(corrupt_ids, hook=swap)[-1]
    low = corrupt[answer] - corrupt[foil]
    high = clean[answer] - clean[foil]
    return float((patched[answer] - patched[foil] - low) / (high - low))


# %% wrong (q41-patch-hidden-errors): cuts the longer prompt
def patch(model, clean_ids, corrupt_ids, layer, position):
    n = min(len(clean_ids), len(corrupt_ids))
    clean_ids, corrupt_ids = clean_ids[:n], corrupt_ids[:n]
    if not 0 <= position < n:
        raise ValueError("lengths differ, or no such position")
    stream = []

    def record(i, h):
        stream.append(h.clone())
        return h

    def swap(i, h):
        if i == layer:
            h[position] = stream[layer][position]
        return h

    clean = model(clean_ids, hook=record)[-1]
    corrupt = model(corrupt_ids)[-1]
    if not 0 <= layer < len(stream):
        raise ValueError("no such layer")
    answer, foil = clean.argmax().item(), corrupt.argmax().item()
    if answer == foil:
        raise ValueError("nothing to restore")
    patched = model(corrupt_ids, hook=swap)[-1]
    low = corrupt[answer] - corrupt[foil]
    high = clean[answer] - clean[foil]
    return float((patched[answer] - patched[foil] - low) / (high - low))


# %% wrong (q41-patch-hidden-errors): 0 where both runs give the same token
def patch(model, clean_ids, corrupt_ids, layer, position):
    if len(clean_ids) != len(corrupt_ids) or not 0 <= position < len(clean_ids):
        raise ValueError("lengths differ, or no such position")
    stream = []

    def record(i, h):
        stream.append(h.clone())
        return h

    def swap(i, h):
        if i == layer:
            h[position] = stream[layer][position]
        return h

    clean = model(clean_ids, hook=record)[-1]
    corrupt = model(corrupt_ids)[-1]
    if not 0 <= layer < len(stream):
        raise ValueError("no such layer")
    answer, foil = clean.argmax().item(), corrupt.argmax().item()
    if answer == foil:
        return 0.0
    patched = model(corrupt_ids, hook=swap)[-1]
    low = corrupt[answer] - corrupt[foil]
    high = clean[answer] - clean[foil]
    return float((patched[answer] - patched[foil] - low) / (high - low))


# %% wrong (q41-patch-hidden-errors): an unknown layer restores nothing
def patch(model, clean_ids, corrupt_ids, layer, position):
    if len(clean_ids) != len(corrupt_ids) or not 0 <= position < len(clean_ids):
        raise ValueError("lengths differ, or no such position")
    stream = []

    def record(i, h):
        stream.append(h.clone())
        return h

    def swap(i, h):
        if i == layer:
            h[position] = stream[layer][position]
        return h

    clean = model(clean_ids, hook=record)[-1]
    corrupt = model(corrupt_ids)[-1]
    answer, foil = clean.argmax().item(), corrupt.argmax().item()
    if answer == foil:
        raise ValueError("nothing to restore")
    patched = model(corrupt_ids, hook=swap)[-1]
    low = corrupt[answer] - corrupt[foil]
    high = clean[answer] - clean[foil]
    return float((patched[answer] - patched[foil] - low) / (high - low))
