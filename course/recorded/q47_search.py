"""Sums worked in steps by an early `adder`: N whole drafts, or a tree of as many characters.

A draft of a sum of four digits is four steps of nine characters and an answer of at most six, the
end among them. `best_of_n` writes N drafts and shows the one of the highest value; `tree` writes N
candidates for every step, keeps the √N best drafts and goes on from those. Both write the same
number of characters. A draft's value is the number of its segments that a judge accepts, or the
logarithm of its probability.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from course import lab
from course.lab import adder
from course.recorded import record

SEED = 0
EARLY = 4  # number of the kept checkpoint: steps are often right, not always
SUMS, BUDGETS = 200, (1, 4, 16, 64)
SEGMENTS = (9, 9, 9, 9, 6)  # characters: four steps with their semicolon, the answer with its end
TPR, FPR = 0.9, 0.1  # of the noisy judge
JUDGES = ("perfect", "noisy", "arithmetic", "likelihood")
STOP = "$"  # written where a draft has ended

Pairs = Sequence[tuple[int, int]]


def model():
    """Load the early `adder`."""
    return lab.load("adder", list(lab.checkpoints("adder"))[EARLY])


class Drafts:
    """Texts that a model writes side by side, at temperature 1.

    Parameters
    ----------
    model : PreTrainedModel
        The `adder`.
    prompts : sequence of str
        All of one length, so that nothing is padded.
    seed : int
        Of the sampling.

    Attributes
    ----------
    texts : list of str
        What has been written after each prompt; `STOP` where the model had ended.
    log_probability : ndarray of shape (len(texts),)
        Of what has been written, the end included.
    """

    def __init__(self, model, prompts: Sequence[str], seed: int = 0) -> None:
        self.model, self.chance = model, torch.Generator().manual_seed(seed)
        with torch.inference_mode():
            out = model(torch.tensor([adder.encode(text) for text in prompts]), use_cache=True)
        self.cache, self.logits = out.past_key_values, out.logits[:, -1]
        self.texts = [""] * len(prompts)
        self.log_probability = np.zeros(len(prompts))

    def keep(self, rows: np.ndarray) -> None:
        """Go on from these drafts; a number that stands there twice is copied."""
        index = torch.as_tensor(rows)
        self.cache.batch_select_indices(index)
        self.logits = self.logits[index]
        self.texts = [self.texts[row] for row in rows]
        self.log_probability = self.log_probability[rows]

    def write(self, characters: int) -> None:
        """Let every draft grow by so many characters."""
        with torch.inference_mode():
            for _ in range(characters):
                log_p = self.logits.log_softmax(dim=-1)
                drawn = torch.multinomial(log_p.exp(), 1, generator=self.chance)
                ended = np.array([text.endswith(STOP) for text in self.texts])
                self.log_probability += np.where(ended, 0, log_p.gather(1, drawn)[:, 0].numpy())
                letters = [
                    STOP if over or token <= adder.ID[adder.END] else adder.VOCABULARY[token]
                    for over, token in zip(ended, drawn[:, 0].tolist(), strict=True)
                ]
                self.texts = list(map(str.__add__, self.texts, letters))
                out = self.model(drawn, past_key_values=self.cache, use_cache=True)
                self.logits = out.logits[:, -1]


def answer(text: str) -> str:
    """Return what stands after the last step of a draft, up to its end."""
    return text.split(STOP)[0].split(";")[-1]


def _consistent(text: str, segment: int) -> bool:
    """Whether a step adds up, whatever it adds, or the answer is what the steps say."""
    *steps, last = text.split(STOP)[0].split(";")
    try:
        if segment < len(SEGMENTS) - 1:
            left, right = steps[segment].split("=")
            return sum(map(int, left.split("+"))) == int(right)
        results = [step.split("=")[1] for step in steps]
        read = results[-1] + "".join(result[-1] for result in results[-2::-1])
        return last == str(int(read))
    except (ValueError, IndexError):
        return False


def accepted(
    judge: str, text: str, segment: int, pair: tuple[int, int], chance: np.random.Generator
) -> bool:
    """Judge one segment of a draft.

    Parameters
    ----------
    judge : str
        "perfect" knows the right working; "noisy" too, but errs with the rates `TPR` and `FPR`;
        "arithmetic" looks only whether a step adds up, not whether it adds the right digits.
    text : str
        The draft so far.
    segment : int
        0 to 3: a step; 4: the answer.
    pair : tuple of int
        The numbers to add.
    chance : numpy.random.Generator
        Of the noisy judge.
    """
    if judge == "arithmetic":
        return _consistent(text, segment)
    start = sum(SEGMENTS[:segment])
    right = (adder.reply(*pair, steps=True) + STOP)[start : start + SEGMENTS[segment]]
    good = text[start : start + len(right)] == right
    return good if judge == "perfect" else bool(chance.random() < (TPR if good else FPR))


def _right(texts: Sequence[str], pairs: Pairs) -> np.ndarray:
    return np.array([answer(t) == str(a + b) for t, (a, b) in zip(texts, pairs, strict=True)])


def best_of_n(model, pairs: Pairs, n: int, seed: int = SEED) -> dict[str, float]:
    """Write n drafts a sum; return the share of sums whose chosen draft is right, by way to choose.

    "any" counts a sum if any draft is right; "vote" shows the most frequent answer; "final" lets a
    noisy judge accept whole drafts and shows the first accepted one; the others are `JUDGES`.
    """
    drafts = Drafts(model, [adder.prompt(*pair, steps=True) for pair in pairs], seed)
    owners = np.repeat(np.arange(len(pairs)), n)
    drafts.keep(owners)
    drafts.write(sum(SEGMENTS))
    chance = np.random.default_rng(seed)
    each = [pairs[i] for i in owners]
    right = _right(drafts.texts, each).reshape(-1, n)
    answers = np.array([answer(text) for text in drafts.texts]).reshape(-1, n)
    winners = [Counter(row.tolist()).most_common(1)[0][0] for row in answers]
    final = chance.random(right.shape) < np.where(right, TPR, FPR)
    values = {"final": final, "likelihood": drafts.log_probability.reshape(-1, n)}
    for judge in ("perfect", "noisy", "arithmetic"):
        marks = [
            sum(accepted(judge, text, s, pair, chance) for s in range(len(SEGMENTS)))
            for text, pair in zip(drafts.texts, each, strict=True)
        ]
        values[judge] = np.reshape(marks, (-1, n))
    chosen = {name: v.argmax(axis=1)[:, None] for name, v in values.items()}
    shares = {name: np.take_along_axis(right, i, axis=1).mean() for name, i in chosen.items()}
    shares |= {"any": right.any(axis=1).mean(), "vote": _right(winners, pairs).mean()}
    return {name: float(share) for name, share in shares.items()}


def tree(model, pairs: Pairs, n: int, judge: str, seed: int = SEED) -> float:
    """Write n candidates for each segment, from the √n best drafts; return the share right."""
    width = round(n**0.5)
    drafts = Drafts(model, [adder.prompt(*pair, steps=True) for pair in pairs], seed)
    chance, value, kept = np.random.default_rng(seed), np.zeros(len(pairs)), 1
    each = [pair for pair in pairs for _ in range(n)]
    for segment, characters in enumerate(SEGMENTS):
        copies = np.repeat(np.arange(len(pairs) * kept), n // kept)
        drafts.keep(copies)
        drafts.write(characters)
        if judge == "likelihood":
            value = drafts.log_probability
        else:
            verdicts = [
                accepted(judge, text, segment, pair, chance)
                for text, pair in zip(drafts.texts, each, strict=True)
            ]
            value = value[copies] + verdicts
        last = segment == len(SEGMENTS) - 1
        kept = 1 if last else width
        best = np.argsort(-value.reshape(-1, n), axis=1, kind="stable")[:, :kept]
        rows = (best + n * np.arange(len(pairs))[:, None]).ravel()
        drafts.keep(rows)
        value = value[rows]
    return float(_right(drafts.texts, pairs).mean())


def rows(seed: int = SEED) -> Iterator[dict[str, Any]]:
    """Measure everything, one row a budget and way."""
    weights, pairs = model(), adder.sums(4, SUMS)
    for n in BUDGETS:
        common = {"n": n, "characters": n * sum(SEGMENTS)}
        for way, share in best_of_n(weights, pairs, n, seed).items():
            yield common | {"search": "best of N", "way": way, "right": share}
        for judge in JUDGES:
            share = tree(weights, pairs, n, judge, seed)
            yield common | {"search": "tree", "way": judge, "right": share}


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(record("q47_search", rows(), seed=SEED, sums=SUMS, tpr=TPR, fpr=FPR))
