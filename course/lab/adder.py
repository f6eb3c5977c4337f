"""Data and measurements of `adder`: sums of whole numbers, answered directly or in steps.

One character is one token, and the first one says how to answer::

    d347+58=405
    s347+58=7+8+0=15;4+5+1=10;3+0+1=04;405

A step takes one digit of each number and the carry, from the right; the answer is read off the last
digits of the steps, from the left. Training draws numbers of one to four digits, each length as
likely; a sum that `kept_for_tests` is never trained on, and neither is a number of five digits.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from course.lab.batches import Batch, Example, bucketed
from course.lab.measure import share

CHARACTERS = "0123456789+=;ds"
PAD, END = "<pad>", "<end>"
VOCABULARY = [PAD, END, *CHARACTERS]
ID = {token: number for number, token in enumerate(VOCABULARY)}
DIGITS = 4  # of the longest numbers in training
MODES = {"direct": "d", "steps": "s"}
STEPS_SHARE = 0.3  # of sums; they are long, so of tokens it is more than half
CHUNK = 8192  # sums drawn at a time


def tokenizer():
    """Return a tokenizer of single characters; what it decodes has no spaces in between."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    core = Tokenizer(models.WordLevel(ID, unk_token=None))
    core.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    core.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token=PAD,
        eos_token=END,
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )


def prompt(a: int, b: int, *, steps: bool = False) -> str:
    """Ask for a sum.

    >>> prompt(347, 58)
    'd347+58='
    """
    return f"{MODES['steps' if steps else 'direct']}{a}+{b}="


def worked(a: int, b: int) -> list[str]:
    """Add digit by digit, from the right.

    >>> worked(347, 58)
    ['7+8+0=15', '4+5+1=10', '3+0+1=04']
    """
    lines, carry = [], 0
    for _ in range(max(len(str(a)), len(str(b)))):
        (a, x), (b, y) = divmod(a, 10), divmod(b, 10)
        lines.append(f"{x}+{y}+{carry}={x + y + carry:02}")
        carry = (x + y + carry) // 10
    return lines


def reply(a: int, b: int, *, steps: bool = False) -> str:
    """Return what is right after `prompt`."""
    lines = worked(a, b) if steps else []
    return ";".join([*lines, str(a + b)])


def kept_for_tests(a: int, b: int) -> bool:
    """Whether a sum is kept for tests: a fifth of all, whatever the seed."""
    return zlib.crc32(f"{a}+{b}".encode()) % 5 == 0


def number(rng: random.Random, digits: int) -> int:
    """Draw a number with exactly so many digits; with one digit it may be 0."""
    return rng.randint(10 ** (digits - 1) if digits > 1 else 0, 10**digits - 1)


def encode(text: str) -> list[int]:
    """Return the ids of a text's characters."""
    return [ID[character] for character in text]


def _draw(rng: random.Random, chunk: int) -> list[Example]:
    examples = []
    while len(examples) < CHUNK:
        a, b = (number(rng, rng.randint(1, DIGITS)) for _ in range(2))
        if kept_for_tests(a, b):
            continue
        steps = rng.random() < STEPS_SHARE
        question, answer = encode(prompt(a, b, steps=steps)), encode(reply(a, b, steps=steps))
        ids = [*question, *answer, ID[END]]
        examples.append((ids, [0.0] * len(question) + [1.0] * (len(answer) + 1)))
    return examples


def batches(*, seed: int, batch_tokens: int, start: Sequence[int] | None = None) -> Iterator[Batch]:
    """Yield batches of sums of similar length, `STEPS_SHARE` of them in steps."""
    yield from bucketed(
        _draw, seed=seed, batch_tokens=batch_tokens, pad_id=ID[PAD], start=start, multiple=4
    )


# -- measuring ------------------------------------------------------------------------------------


class Answer(NamedTuple):
    """What a model wrote after a prompt.

    Attributes
    ----------
    right : bool
        Whether what follows the last step is the sum.
    steps : bool
        Whether every step is right and none is missing; without steps always true.
    text : str
    """

    right: bool
    steps: bool
    text: str


def judge(text: str, a: int, b: int, *, steps: bool) -> Answer:
    """Judge a reply. Characters alone count: "0405" is not 405."""
    *lines, last = text.split(";")
    return Answer(last == str(a + b), lines == (worked(a, b) if steps else []), text)


def sums(digits: int, n: int, seed: int = 0) -> list[tuple[int, int]]:
    """Draw sums kept for tests, both numbers with exactly so many digits."""
    rng = random.Random(f"sums {digits} {seed}")
    found: list[tuple[int, int]] = []
    while len(found) < n:
        a, b = number(rng, digits), number(rng, digits)
        if kept_for_tests(a, b):
            found.append((a, b))
    return found


def answers(
    model, pairs: Sequence[tuple[int, int]], *, steps: bool, temperature: float = 0.0, seed: int = 0
) -> list[Answer]:
    """Let a model add pairs of numbers, all pairs with as many digits.

    Parameters
    ----------
    model : PreTrainedModel
    pairs : sequence of (int, int)
    steps : bool
        Which way to answer.
    temperature : float
        0: always the likeliest character.
    seed : int
        Of the sampling.
    """
    import torch

    prompts = [prompt(a, b, steps=steps) for a, b in pairs]
    ids = torch.tensor([encode(text) for text in prompts])
    longest = max(len(reply(a, b, steps=steps)) for a, b in pairs)
    sampling = {"do_sample": True, "temperature": temperature, "top_k": 0} if temperature else {}
    with torch.random.fork_rng(devices=[]), torch.inference_mode():
        torch.manual_seed(seed)
        out = model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=longest + 2,
            **{"do_sample": False, **sampling},
        )
    texts = []
    for row in out[:, ids.shape[1] :].tolist():
        row = row[: row.index(ID[END])] if ID[END] in row else row
        texts.append("".join(VOCABULARY[token] for token in row))
    return [judge(t, a, b, steps=steps) for t, (a, b) in zip(texts, pairs, strict=True)]


def learning(folder: Path, n: int) -> list[dict]:
    """Measure every kept checkpoint: shares right by digits and by way of answering."""
    from course.lab.use import kept, load_folder

    rows = []
    for tokens in kept(folder):
        model = load_folder(folder, tokens)
        for digits in range(2, DIGITS + 2):
            pairs = sums(digits, n)
            for mode in MODES:
                found = answers(model, pairs, steps=mode == "steps")
                right = share(sum(a.right for a in found), n)
                rows.append(
                    {
                        "tokens": tokens,
                        "digits": digits,
                        "mode": mode,
                        **right,
                        "steps_right": share(sum(a.steps for a in found), n)["value"],
                        "right_steps_wrong_end": sum(a.steps and not a.right for a in found),
                        "wrong_steps_right_end": sum(a.right and not a.steps for a in found),
                    }
                )
    return rows


def samples(model, n: int, *, k: int, temperature: float, digits: int = DIGITS) -> dict:
    """Answer directly `k` times: figures of one sample, of the majority, of any of them."""
    from collections import Counter

    pairs = sums(digits, n, seed=1)
    drawn = [answers(model, pairs, steps=False, temperature=temperature, seed=i) for i in range(k)]
    greedy = answers(model, pairs, steps=False)
    columns = list(zip(*drawn, strict=True))  # the k answers to each sum
    majority = [Counter(a.text for a in column).most_common(1)[0][0] for column in columns]
    hits = {
        "greedy": sum(a.right for a in greedy),
        "one sample": sum(a.right for a in drawn[0]),
        f"majority of {k}": sum(
            text == str(a + b) for text, (a, b) in zip(majority, pairs, strict=True)
        ),
        f"any of {k}": sum(any(a.right for a in column) for column in columns),
    }
    return {name: share(count, n) for name, count in hits.items()}


def evaluate(
    model, tokenizer, *, folder: Path, limit: int | None, early: int, n: int = 500, k: int = 8
) -> dict:
    """Both ways of answering, early and late, by digits; samples of the early weights.

    Parameters
    ----------
    model, tokenizer
        Not used: weights are read from `folder`, last ones included.
    folder : Path
    limit : int, optional
    early : int
        Number, from 0, of the kept checkpoint that figures call early.
    n : int
        Sums per figure.
    k : int
        Samples per sum.
    """
    from course.lab.use import kept, load_folder

    n = n if limit is None else min(limit, n)
    table = learning(folder, n)
    marks = list(kept(folder))
    figures = {}
    for stage, tokens in (("early", marks[early]), ("late", marks[-1])):
        for row in (row for row in table if row["tokens"] == tokens):
            way = "in steps" if row["mode"] == "steps" else "direct"
            name = f"{row['digits']} digits, {way}, {stage}"
            figures[name] = {key: row[key] for key in ("value", "spread", "n")}
    for name, figure in samples(load_folder(folder, marks[early]), n, k=k, temperature=1.0).items():
        figures[f"{DIGITS} digits, direct, early: {name}"] = figure
    return figures | {"learning": table}


def watch(model, tokenizer) -> dict:
    """Shares right by digits and way of answering, while it trains."""
    return {
        f"{digits} {mode}": sum(
            a.right for a in answers(model, sums(digits, 100, seed=2), steps=mode == "steps")
        )
        / 100
        for digits in (2, 4, 5)
        for mode in MODES
    }
