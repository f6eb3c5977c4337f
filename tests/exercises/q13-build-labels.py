# %% right: one list, masked in a comprehension over positions
def build_labels(prompt_ids, completion_ids, eos_id, max_len):
    ids = (list(prompt_ids) + list(completion_ids) + [eos_id])[:max_len]
    return ids, [-100 if i < len(prompt_ids) else token for i, token in enumerate(ids)]


# %% right: token by token
def build_labels(prompt_ids, completion_ids, eos_id, max_len):
    input_ids, labels = [], []
    for token in prompt_ids:
        input_ids.append(token)
        labels.append(-100)
    for token in completion_ids:
        input_ids.append(token)
        labels.append(token)
    input_ids.append(eos_id)
    labels.append(eos_id)
    while len(input_ids) > max_len:
        input_ids.pop()
        labels.pop()
    return input_ids, labels


# %% right: the labels are a copy of the ids with the prompt written over
def build_labels(prompt_ids, completion_ids, eos_id, max_len):
    ids = [*prompt_ids, *completion_ids, eos_id][:max_len]
    labels = ids.copy()
    n = min(len(prompt_ids), max_len)
    labels[:n] = [-100] * n
    return ids, labels


# %% right: tensors, which are sequences too
def build_labels(prompt_ids, completion_ids, eos_id, max_len):
    ids = torch.tensor([*prompt_ids, *completion_ids, eos_id])
    labels = ids.clone()
    labels[: len(prompt_ids)] = -100
    return ids[:max_len], labels[:max_len]


# %% wrong (q13-build-labels-hidden-prompt): the prompt is learned too
def build_labels(prompt_ids, completion_ids, eos_id, max_len):
    ids = [*prompt_ids, *completion_ids, eos_id][:max_len]
    return ids, list(ids)


# %% wrong (q13-build-labels-hidden-prompt): masks by value, so tokens that the answer shares are lost
def build_labels(prompt_ids, completion_ids, eos_id, max_len):
    ids = [*prompt_ids, *completion_ids, eos_id][:max_len]
    return ids, [-100 if token in prompt_ids else token for token in ids]


# %% wrong (q13-build-labels-hidden-prompt): shifted here already
def build_labels(prompt_ids, completion_ids, eos_id, max_len):
    ids = [*prompt_ids, *completion_ids, eos_id]
    labels = [-100] * len(prompt_ids) + [*completion_ids, eos_id]
    labels = labels[1:] + [-100]
    return ids[:max_len], labels[:max_len]


# %% wrong (q13-build-labels-hidden-prompt): masks up to the first end token, which may close an earlier turn
def build_labels(prompt_ids, completion_ids, eos_id, max_len):
    ids = [*prompt_ids, *completion_ids, eos_id]
    stop = ids.index(eos_id) + 1 if eos_id in prompt_ids else len(prompt_ids)
    return ids[:max_len], ([-100] * stop + ids[stop:])[:max_len]


# %% wrong (q13-build-labels-hidden-prompt): extends the caller's list
def build_labels(prompt_ids, completion_ids, eos_id, max_len):
    labels = [-100] * len(prompt_ids) + completion_ids + [eos_id]
    prompt_ids += completion_ids
    prompt_ids += [eos_id]
    return prompt_ids[:max_len], labels[:max_len]


# %% wrong (q13-build-labels-hidden-end): no end token
def build_labels(prompt_ids, completion_ids, eos_id, max_len):
    ids = [*prompt_ids, *completion_ids]
    return ids[:max_len], ([-100] * len(prompt_ids) + list(completion_ids))[:max_len]


# %% wrong (q13-build-labels-hidden-end): the end token is masked, as pad = eos does
def build_labels(prompt_ids, completion_ids, eos_id, max_len):
    ids = [*prompt_ids, *completion_ids, eos_id]
    labels = [-100] * len(prompt_ids) + [*completion_ids, eos_id]
    labels = [-100 if token == eos_id else token for token in labels]
    return ids[:max_len], labels[:max_len]


# %% wrong (q13-build-labels-hidden-end): no second end token where the completion has one
def build_labels(prompt_ids, completion_ids, eos_id, max_len):
    end = [] if completion_ids and completion_ids[-1] == eos_id else [eos_id]
    ids = [*prompt_ids, *completion_ids, *end]
    return ids[:max_len], ([-100] * len(prompt_ids) + [*completion_ids, *end])[:max_len]


# %% wrong (q13-build-labels-hidden-cut): cuts the prompt from the left to make room
def build_labels(prompt_ids, completion_ids, eos_id, max_len):
    ids = [*prompt_ids, *completion_ids, eos_id]
    labels = [-100] * len(prompt_ids) + [*completion_ids, eos_id]
    return ids[-max_len:], labels[-max_len:]


# %% wrong (q13-build-labels-hidden-cut): cuts the completion so that the end token always fits
def build_labels(prompt_ids, completion_ids, eos_id, max_len):
    ids = [*prompt_ids, *completion_ids][: max_len - 1] + [eos_id]
    n = min(len(prompt_ids), max_len - 1)
    return ids, [-100] * n + ids[n:]


# %% wrong (q13-build-labels-hidden-cut): cuts the ids before the labels are laid beside them
def build_labels(prompt_ids, completion_ids, eos_id, max_len):
    ids = [*prompt_ids, *completion_ids, eos_id][:max_len]
    labels = [-100] * len(prompt_ids) + ids[len(prompt_ids) :]
    return ids, labels


# %% wrong (q13-build-labels-hidden-cut): drops an example whose answer is cut off
def build_labels(prompt_ids, completion_ids, eos_id, max_len):
    ids = [*prompt_ids, *completion_ids, eos_id]
    labels = [-100] * len(prompt_ids) + [*completion_ids, eos_id]
    if len(ids) > max_len:
        return [], []
    return ids, labels
