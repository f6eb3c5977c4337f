# %% right: filled tensors
def collate(examples, pad_id):
    size = (len(examples), max(len(ids) for ids, _ in examples))
    batch = {
        "input_ids": torch.full(size, pad_id),
        "attention_mask": torch.zeros(size, dtype=torch.long),
        "labels": torch.full(size, -100),
    }
    for row, (ids, labels) in enumerate(examples):
        batch["input_ids"][row, : len(ids)] = torch.tensor(ids)
        batch["attention_mask"][row, : len(ids)] = 1
        batch["labels"][row, : len(ids)] = torch.tensor(labels)
    return batch


# %% right: the faults mended where they stand, the mask from lengths
def collate(examples, pad_id):
    longest = max(len(ids) for ids, _ in examples)
    lengths = torch.tensor([len(ids) for ids, _ in examples])
    input_ids = torch.tensor([ids + [pad_id] * (longest - len(ids)) for ids, _ in examples])
    attention_mask = (torch.arange(longest)[None, :] < lengths[:, None]).long()
    labels = torch.tensor([own + [-100] * (longest - len(own)) for _, own in examples])
    return {"input_ids": input_ids, "attention_mask": attention_mask, "labels": labels}


# %% right: torch's own pad_sequence
def collate(examples, pad_id):
    from torch.nn.utils.rnn import pad_sequence

    def padded(rows, value):
        return pad_sequence(
            [torch.tensor(row) for row in rows], batch_first=True, padding_value=value
        )

    return {
        "input_ids": padded([ids for ids, _ in examples], pad_id),
        "attention_mask": padded([[1] * len(ids) for ids, _ in examples], 0),
        "labels": padded([own for _, own in examples], -100),
    }


# %% wrong (q13-repair-hidden-prompt): end and mask mended, labels still made from the ids
def collate(examples, pad_id):
    longest = max(len(ids) for ids, _ in examples)
    lengths = torch.tensor([len(ids) for ids, _ in examples])
    input_ids = torch.tensor([ids + [pad_id] * (longest - len(ids)) for ids, _ in examples])
    own = torch.arange(longest)[None, :] < lengths[:, None]
    labels = torch.where(own, input_ids, -100)
    return {"input_ids": input_ids, "attention_mask": own.long(), "labels": labels}


# %% wrong (q13-repair-hidden-prompt): labels padded with pad_id
def collate(examples, pad_id):
    longest = max(len(ids) for ids, _ in examples)

    def padded(rows, value):
        return torch.tensor([row + [value] * (longest - len(row)) for row in rows])

    return {
        "input_ids": padded([ids for ids, _ in examples], pad_id),
        "attention_mask": padded([[1] * len(ids) for ids, _ in examples], 0),
        "labels": padded([own for _, own in examples], pad_id),
    }


# %% wrong (q13-repair-hidden-end): the examples' labels, but pad_id is masked by value as before
def collate(examples, pad_id):
    longest = max(len(ids) for ids, _ in examples)
    lengths = torch.tensor([len(ids) for ids, _ in examples])
    input_ids = torch.tensor([ids + [pad_id] * (longest - len(ids)) for ids, _ in examples])
    labels = torch.tensor([own + [-100] * (longest - len(own)) for _, own in examples])
    labels[labels == pad_id] = -100
    mask = (torch.arange(longest)[None, :] < lengths[:, None]).long()
    return {"input_ids": input_ids, "attention_mask": mask, "labels": labels}


# %% wrong (q13-repair-hidden-end): keeps one end token, the first after the prompt
def collate(examples, pad_id):
    longest = max(len(ids) for ids, _ in examples)
    rows = []
    for ids, own in examples:
        row = own + [-100] * (longest - len(own))
        ends = [i for i, token in enumerate(row) if token == pad_id]
        rows.append([-100 if i in ends[1:] else token for i, token in enumerate(row)])
    return {
        "input_ids": torch.tensor([ids + [pad_id] * (longest - len(ids)) for ids, _ in examples]),
        "attention_mask": torch.tensor(
            [[1] * len(ids) + [0] * (longest - len(ids)) for ids, _ in examples]
        ),
        "labels": torch.tensor(rows),
    }


# %% wrong (q13-repair-hidden-attention): labels mended, the attention mask still goes by value
def collate(examples, pad_id):
    longest = max(len(ids) for ids, _ in examples)
    input_ids = torch.tensor([ids + [pad_id] * (longest - len(ids)) for ids, _ in examples])
    labels = torch.tensor([own + [-100] * (longest - len(own)) for _, own in examples])
    return {
        "input_ids": input_ids,
        "attention_mask": (input_ids != pad_id).long(),
        "labels": labels,
    }


# %% wrong (q13-repair-hidden-attention): strips trailing pad tokens, the answer's own end among them
def collate(examples, pad_id):
    longest = max(len(ids) for ids, _ in examples)
    input_ids = torch.tensor([ids + [pad_id] * (longest - len(ids)) for ids, _ in examples])
    labels = torch.tensor([own + [-100] * (longest - len(own)) for _, own in examples])
    later = (input_ids != pad_id).flip(1).cumsum(dim=1).flip(1)
    return {"input_ids": input_ids, "attention_mask": (later > 0).long(), "labels": labels}


# %% wrong (q13-repair-hidden-attention): attends where there is a label, so the prompt is not read
def collate(examples, pad_id):
    longest = max(len(ids) for ids, _ in examples)
    input_ids = torch.tensor([ids + [pad_id] * (longest - len(ids)) for ids, _ in examples])
    labels = torch.tensor([own + [-100] * (longest - len(own)) for _, own in examples])
    return {"input_ids": input_ids, "attention_mask": (labels != -100).long(), "labels": labels}


# %% wrong (q13-repair-hidden-attention): pads the caller's own lists
def collate(examples, pad_id):
    longest = max(len(ids) for ids, _ in examples)
    masks = [[1] * len(ids) + [0] * (longest - len(ids)) for ids, _ in examples]
    for ids, own in examples:
        own += [-100] * (longest - len(own))
        ids += [pad_id] * (longest - len(ids))
    return {
        "input_ids": torch.tensor([ids for ids, _ in examples]),
        "attention_mask": torch.tensor(masks),
        "labels": torch.tensor([own for _, own in examples]),
    }


# %% wrong (q13-repair-hidden-attention): pads on the left
def collate(examples, pad_id):
    longest = max(len(ids) for ids, _ in examples)
    return {
        "input_ids": torch.tensor([[pad_id] * (longest - len(ids)) + ids for ids, _ in examples]),
        "attention_mask": torch.tensor(
            [[0] * (longest - len(ids)) + [1] * len(ids) for ids, _ in examples]
        ),
        "labels": torch.tensor([[-100] * (longest - len(own)) + own for _, own in examples]),
    }


# %% wrong (q13-repair-hidden-attention): int32 ids and masks
def collate(examples, pad_id):
    longest = max(len(ids) for ids, _ in examples)

    def padded(rows, value, dtype):
        return torch.tensor([row + [value] * (longest - len(row)) for row in rows], dtype=dtype)

    return {
        "input_ids": padded([ids for ids, _ in examples], pad_id, torch.int32),
        "attention_mask": padded([[1] * len(ids) for ids, _ in examples], 0, torch.int32),
        "labels": padded([own for _, own in examples], -100, torch.long),
    }


# %% wrong (q13-repair-hidden-prompt): int32 labels
def collate(examples, pad_id):
    longest = max(len(ids) for ids, _ in examples)

    def padded(rows, value, dtype):
        return torch.tensor([row + [value] * (longest - len(row)) for row in rows], dtype=dtype)

    return {
        "input_ids": padded([ids for ids, _ in examples], pad_id, torch.long),
        "attention_mask": padded([[1] * len(ids) for ids, _ in examples], 0, torch.long),
        "labels": padded([own for _, own in examples], -100, torch.int32),
    }
