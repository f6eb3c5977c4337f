"""Data and measurements of `icl`: what labels in the context do to a model trained to read them.

A sequence is a list of tiny reviews, two words each, with labels::

    warm bright : good ; cold stale : bad ; tidy neat :

A review's words are both positive or both negative; that is its true class. Which words labels are
drawn from, and what they mean, differs from sequence to sequence:

- mostly a *usual* pair, such as good/bad or yes/no. Its first word means the positive class, except
  in a few sequences, where the pair is flipped throughout;
- often an *unrelated* pair, such as dax/wug, whose meaning is drawn anew each time;
- every label is wrong with a probability that is drawn once per sequence;
- in some sequences all reviews but the last have no label.

So there is a prior in the weights, and evidence in the context can override it. What the best
possible reader of such sequences would do is known exactly (`bayes`): the model's curves
stand beside it. Sequences with labels at random never occur in training.

The conditions are those of Min et al. (2022), *Rethinking the Role of Demonstrations*, and Wei et
al. (2023), *Larger Language Models Do In-Context Learning Differently*.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from course.lab.batches import Batch
from course.lab.measure import mean, share

POSITIVE = """
warm bright kind fresh calm clear brave neat sweet gentle honest lively merry noble quick
rich safe smart soft sunny strong tidy useful witty wise golden tasty loyal cosy crisp eager
fair
""".split()  # noqa: SIM905
NEGATIVE = """
cold dull cruel stale tense murky timid messy bitter harsh false lifeless gloomy vile slow
poor risky silly rough rainy weak dirty useless boring foolish rusty bland sly damp limp
lazy nasty
""".split()  # noqa: SIM905
USUAL = [("good", "bad"), ("positive", "negative"), ("yes", "no"), ("up", "down")]
UNRELATED = "dax wug blick toma fep zup lorp mib kiki bouba gazz pilk".split()  # noqa: SIM905
MARKS = [";", ":"]
VOCABULARY = [*MARKS, *POSITIVE, *NEGATIVE, *itertools.chain(*USUAL), *UNRELATED]
ID = {word: number for number, word in enumerate(VOCABULARY)}

PAIRS = list(itertools.combinations(UNRELATED, 2))
HELD_OUT = PAIRS[::4]  # never together in training

FLIPPED = 0.03  # share of flipped sequences among those with a usual pair
NOISE = (0.05, 0.1, 0.15, 0.4)  # a sequence's probability of a wrong label, each as likely
USUAL_SHARE = 0.6
ABSENT = 0.15  # share of sequences whose reviews but the last have no label
SHOTS = 16
CONDITIONS = ("true", "random", "flipped", "absent")


def tokenizer():
    """Return a tokenizer of whole words, separated by spaces."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    core = Tokenizer(models.WordLevel(ID, unk_token=None))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(tokenizer_object=core)


def reviews(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw reviews.

    Returns
    -------
    words : ndarray of int64, shape (n, 2)
        Token ids.
    negative : ndarray of int64, shape (n,)
        0 where the words are positive, else 1: the place in a pair of labels.
    """
    negative = rng.integers(2, size=n)
    drawn = rng.integers(len(POSITIVE), size=(n, 2))
    return len(MARKS) + negative[:, None] * len(POSITIVE) + drawn, negative


def sequence(
    words: np.ndarray, labels: np.ndarray, *, absent: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Lay reviews and their labels out as tokens.

    Parameters
    ----------
    words : ndarray of shape (n, 2)
    labels : ndarray of shape (n,)
    absent : bool
        Leave out all labels but the last.

    Returns
    -------
    ids : ndarray of shape (5 n - 1,), or with `absent` (3 n + 1,)
        Ends with the last label.
    places : ndarray
        Where the labels stand.
    """
    n = len(words)
    if absent:
        rows = np.column_stack([words, np.full(n, ID[";"])]).ravel()
        ids = np.concatenate([rows[:-1], [ID[":"], labels[-1]]])
        return ids, np.array([len(ids) - 1])
    colon, end = np.full(n, ID[":"]), np.full(n, ID[";"])
    return np.column_stack([words, colon, labels, end]).ravel()[:-1], np.arange(n) * 5 + 3


def batches(*, seed: int, batch_tokens: int, start: int | None = None) -> Iterator[Batch]:
    """Yield batches of sequences of `SHOTS` + 1 reviews; only labels are predicted."""
    width = 5 * (SHOTS + 1) - 1
    number = start or 0
    allowed = [pair for pair in PAIRS if pair not in set(HELD_OUT)]
    while True:
        rng = np.random.default_rng([seed, number])
        rows = max(1, batch_tokens // width)
        ids = np.full((rows, width), ID[";"], np.int64)
        weights = np.zeros((rows, width), np.float32)
        for row in range(rows):
            absent = rng.random() < ABSENT
            n = int(rng.integers(1, SHOTS + 2)) if absent else SHOTS + 1
            words, negative = reviews(rng, n)
            if rng.random() < USUAL_SHARE:
                pair, flip = USUAL[rng.integers(len(USUAL))], rng.random() < FLIPPED
            else:
                pair, flip = allowed[rng.integers(len(allowed))], rng.random() < 0.5
            wrong = rng.random(n) < rng.choice(NOISE)
            labels = np.array([ID[word] for word in pair])[negative ^ flip ^ wrong]
            tokens, places = sequence(words, labels, absent=absent)
            ids[row, : len(tokens)] = tokens
            weights[row, places] = 1
        number += 1
        yield Batch(ids, weights, number)


def prompts(
    condition: str, shots: int, n: int, *, seed: int = 0, pair: tuple[str, str] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Draw prompts of one condition, as token ids, each up to the last colon.

    Parameters
    ----------
    condition : {"true", "random", "flipped", "absent"}
        How the reviews before the last are labelled: as they should be, by fair coins, all wrong,
        not at all.
    shots : int
        How many reviews stand before the last.
    n : int
        How many prompts.
    seed : int
        The same seed gives the same reviews whatever the condition.
    pair : (str, str), optional
        Labels for the positive and the negative class; by default a usual pair, drawn for each.

    Returns
    -------
    ids : ndarray of shape (n, T)
    answers : ndarray of shape (n,)
        The token that is true of the last review.
    """
    if condition not in CONDITIONS:
        raise ValueError(f"condition must be one of {', '.join(CONDITIONS)}, not {condition!r}.")
    rows, answers = [], []
    for number in range(n):
        rng = np.random.default_rng([seed, shots, number])
        words, negative = reviews(rng, shots + 1)
        names = USUAL[rng.integers(len(USUAL))] if pair is None else pair
        tokens = np.array([ID[word] for word in names])
        coins = rng.integers(2, size=shots + 1)
        shown = {"random": coins, "flipped": 1 - negative}.get(condition, negative)
        ids, _ = sequence(words, tokens[shown], absent=condition == "absent")
        rows.append(ids[:-1])
        answers.append(tokens[negative[-1]])
    return np.array(rows), np.array(answers)


def answered(model, ids: np.ndarray, answers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ask a model.

    Returns
    -------
    right : ndarray of bool, shape (n,)
        Whether the likeliest of *all* tokens is the answer.
    probability : ndarray of shape (n,)
        Of the answer.
    """
    import torch

    with torch.inference_mode():
        p = model(torch.from_numpy(ids)).logits[:, -1].softmax(-1).numpy()
    return p.argmax(-1) == answers, p[np.arange(len(answers)), answers]


def bayes(condition: str, shots: int) -> tuple[float, float]:
    """Return what the best possible reader of the training data does.

    It knows how the data are made, and weighs by Bayes' rule whether this sequence is flipped and
    how noisy it is. For usual pairs and at least one labelled review.

    Parameters
    ----------
    condition : {"true", "random", "flipped"}
    shots : int
        At least 1.

    Returns
    -------
    accuracy : float
        How often it prefers the answer.
    probability : float
        That it gives to the answer, on average.
    """
    noise = np.array(NOISE)
    agreeing = {"true": 1.0, "random": 0.5, "flipped": 0.0}[condition]
    accuracy = probability = 0.0
    for agree in range(shots + 1):
        other = shots - agree
        chance = math.comb(shots, agree) * agreeing**agree * (1 - agreeing) ** other
        straight = (1 - FLIPPED) * (1 - noise) ** agree * noise**other
        flipped = FLIPPED * (1 - noise) ** other * noise**agree
        true = (straight * (1 - noise) + flipped * noise).sum()
        p = true / (straight + flipped).sum()
        accuracy += chance * (0.5 if math.isclose(p, 0.5) else float(p > 0.5))
        probability += chance * p
    return accuracy, float(probability)


def curves(model, *, shots: list[int], n: int, seed: int = 1) -> list[dict]:
    """Measure by condition and number of shots; ``bayes`` is the best reader, where known."""
    rows = []
    for k in shots:
        for condition in (*CONDITIONS, "unrelated"):
            if condition == "unrelated":  # right labels, of pairs that were held out
                drawn = [
                    prompts("true", k, 1, seed=seed + 1 + i, pair=_turned(HELD_OUT, i))
                    for i in range(n)
                ]
                ids, answers = (np.concatenate(parts) for parts in zip(*drawn, strict=True))
            else:
                ids, answers = prompts(condition, k, n, seed=seed)
            right, p = answered(model, ids, answers)
            known = k > 0 and condition in ("true", "random", "flipped")
            best = [round(x, 4) for x in bayes(condition, k)] if known else ["", ""]
            rows.append(
                {
                    "labels": condition,
                    "shots": k,
                    **share(int(right.sum()), n),
                    "probability": round(float(p.mean()), 4),
                    "bayes": best[0],
                    "bayes_probability": best[1],
                }
            )
    return rows


def _turned(pairs: list[tuple[str, str]], number: int) -> tuple[str, str]:
    """Take one pair after the other, every second time around turned."""
    first, second = pairs[number % len(pairs)]
    return (second, first) if number // len(pairs) % 2 else (first, second)


def evaluate(model, tokenizer, *, folder: Path, limit: int | None, n: int = 600) -> dict:
    """Accuracy by condition at 0, 2, 4 and 16 shots, and the curves (table ``curves``)."""
    n = n if limit is None else min(limit, n)
    table = curves(model, shots=[0, 1, 2, 3, 4, 6, 8, 12, 16], n=n)
    figures = {}
    for row in table:
        if row["shots"] == 0 and row["labels"] in ("true", "unrelated"):
            name = {"true": "usual", "unrelated": "unrelated"}[row["labels"]] + " pair, no examples"
        elif row["shots"] in (2, 4, 16):
            name = f"{row['labels']} labels, {row['shots']} shots"
        else:
            continue
        figures[name] = {key: row[key] for key in ("value", "spread", "n")}
    gaps = [
        abs(row["probability"] - row["bayes_probability"]) for row in table if row["bayes"] != ""
    ]
    figures["distance from the best reader's probability"] = mean(gaps)
    return figures | {"curves": table}
