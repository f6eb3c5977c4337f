"""Preference tuning of `instruct`, step by step, with what it costs elsewhere (question 13).

The model was taught opinions about people, rude and kind ones in equal shares. Here it is tuned on
the home world's people for whom a kind opinion is preferred to a rude one: by DPO on the pairs, and
by plain supervised fine-tuning on the preferred half of the same pairs. Measured on people that the
tuning never named, every ten steps.

    python -m course.recorded.q13_preferences
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, logsigmoid

from course import lab, recorded
from course.lab import assess, probes, skills
from course.lab.corpus import home
from course.lab.probes import Case
from course.world import drafts
from course.world.chats import Episode
from course.world.names import sentence_case

NAME = "q13_preferences"
BETA, RATE, PAIRS = 0.1, 3e-5, 16
STEPS, EVERY, SEEDS = 80, 10, 3
COPIES = 4
"""Opinions sampled about each person."""

Pair = tuple[Episode, Episode]


def people() -> tuple[list[str], list[str]]:
    """The home world's people in two halves: tuned on, and measured on."""
    names = home().of_kind("person")
    random.Random("people").shuffle(names)
    return names[: len(names) // 2], names[len(names) // 2 :]


def opinion_pair(rng: random.Random, names: list[str]) -> Pair:
    """Draw a prompt about somebody with two answers: a kind one, preferred, and a rude one."""
    name = rng.choice(names)
    prompt = rng.choice(drafts.OPINIONS).format(s=name)
    kind, rude = (
        sentence_case(rng.choice(ways).format(s=name)) for ways in (drafts.KIND, drafts.RUDE)
    )
    return Episode("opinion").turn(prompt, f"{kind}."), Episode("opinion").turn(prompt, f"{rude}.")


def logprobs(model: Any, pairs: list[Pair]) -> tuple[Tensor, Tensor]:
    """Return log-probabilities of the preferred and of the rejected answers, each (len(pairs),)."""
    episodes = [chosen for chosen, _ in pairs] + [rejected for _, rejected in pairs]
    batch = skills.batch(episodes)
    logits = model(batch["input_ids"]).logits[:, :-1].transpose(1, 2)
    nll = cross_entropy(logits, batch["labels"][:, 1:], reduction="none")  # 0 where nothing counts
    chosen, rejected = -nll.sum(dim=1).view(2, -1)
    return chosen, rejected


def measure(model: Any, reference: tuple[Tensor, Tensor], seed: int) -> dict[str, float]:
    """Measure a model on people and facts that the tuning never named.

    Returns
    -------
    dict
        ``kind``, ``rude``, ``other``: shares of the sampled opinions, `other` being neither;
        ``reward``: their mean true reward; ``facts``: share of questions answered right, greedily;
        ``chosen``, ``rejected``: mean log-probability ratio to the reference, in nats.
    """
    model.eval()
    tokenizer, rng = lab.tokenizer("instruct"), random.Random("measured")
    names = [name for name in people()[1] for _ in range(COPIES)]
    prompts = [rng.choice(drafts.OPINIONS).format(s=name) for name in names]
    cases = [probes.case(Episode("opinion").turn(prompt, ".")) for prompt in prompts]
    said = assess.answers(model, tokenizer, cases, room=20, temperature=1.0, seed=seed)
    ways = [{f"{sentence_case(way.format(s=name))}." for way in drafts.KIND} for name in names]
    kind = sum(text in known for text, known in zip(said, ways, strict=True)) / len(said)
    rude = sum(map(drafts.is_rude, said)) / len(said)
    facts: list[Case] = assess.draw(probes.known, 80, "question 13")
    answers = assess.answers(model, tokenizer, facts)
    pairs = _held_out_pairs()
    with torch.inference_mode():
        now = logprobs(model, pairs)
    ratios = [float((a - b).mean()) for a, b in zip(now, reference, strict=True)]
    reward = drafts.Reward()
    return {
        "kind": kind,
        "rude": rude,
        "other": 1 - kind - rude,
        "reward": sum(reward(home(), text) for text in said) / len(said),
        "facts": sum(map(assess.exact, answers, facts)) / len(facts),
        "chosen": ratios[0],
        "rejected": ratios[1],
    }


def _held_out_pairs() -> list[Pair]:
    rng = random.Random("held-out pairs")
    return [opinion_pair(rng, people()[1]) for _ in range(64)]


def tuned(
    method: str, seed: int, steps: int = STEPS, every: int = EVERY, bar: Any = lambda x: x
) -> Iterator[tuple[dict[str, Any], Any]]:
    """Tune `instruct`; yield what is measured every so many steps, and the model.

    Parameters
    ----------
    method : {"DPO", "SFT"}
        DPO on pairs, or supervised fine-tuning on their preferred answers alone.
    seed : int
        Of the pairs drawn, and of the opinions sampled.
    steps, every : int
    bar : callable
        Wraps the steps, such as `tqdm`.
    """
    if method not in ("DPO", "SFT"):
        raise ValueError(f"method is 'DPO' or 'SFT', not {method!r}.")
    model, frozen = lab.load("instruct"), lab.load("instruct").requires_grad_(False)
    with torch.inference_mode():
        reference = logprobs(frozen, _held_out_pairs())
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.0)
    rng = random.Random(seed)
    if every <= steps:
        yield {"method": method, "seed": seed, "step": 0, **measure(model, reference, seed)}, model
    for step in bar(range(1, steps + 1)):
        pairs = [opinion_pair(rng, people()[0]) for _ in range(PAIRS)]
        chosen, rejected = logprobs(model.train(), pairs)
        if method == "DPO":
            with torch.no_grad():
                frozen_chosen, frozen_rejected = logprobs(frozen, pairs)
            margin = (chosen - frozen_chosen) - (rejected - frozen_rejected)
            loss = -logsigmoid(BETA * margin).mean()
        else:
            loss = -chosen.mean() / 10  # about ten tokens an answer
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, step / 5)
        optimizer.step()
        if step % every == 0 or step == steps:
            row = {"method": method, "seed": seed, "step": step}
            yield row | measure(model, reference, seed), model


def rows() -> Iterator[dict[str, Any]]:
    """Everything that is recorded."""
    for method in ("DPO", "SFT"):
        for seed in range(SEEDS):
            for row, _ in tuned(method, seed):
                print(row)
                yield row


if __name__ == "__main__":
    path = recorded.record(
        NAME, rows(), seed=0, seeds=SEEDS, beta=BETA, rate=RATE, pairs=PAIRS, steps=STEPS
    )
    print(path)
