"""Two LoRA skills of `instruct` merged in every usual way, with three seeds.

One skill is a way of talking, the other new facts, learned beside old ones that must be kept. Their
weight changes are merged, and each merged model is asked about what it knew before, about the new
facts and about nobody.

>>> from course.recorded import q46_merging as run
>>> style, facts = (run.change(run.tuned(skill, seed=0)) for skill in ("style", "facts"))
>>> run.measure(run.changed(run.combined([style, facts], [1.0, 1.0])))
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from course import lab, recorded
from course.lab import skills
from course.world.chats import Episode
from course.world.instructions import UNTAUGHT_STYLES

SEEDS = (0, 1, 2)
STYLE = "merchant"
SLOGAN = UNTAUGHT_STYLES[STYLE].removeprefix("{}.")
STEPS = {"style": 30, "facts": 120}
RANK, RATE = 8, 5e-3
SCALES = (0.25, 0.5, 0.7, 0.85, 1.0, 1.25, 1.5)
DENSITIES = (0.2, 0.5, 1.0)
DROPS = (0.3, 0.5, 0.8, 0.9, 0.95)

Change = dict[str, Tensor]
"""How far each weight matrix has moved from `instruct`'s."""


def training(skill: str, seed: int) -> list[Episode]:
    """Return what a skill is learned from.

    New facts come with old ones and with names to refuse, so that these are not forgotten; what
    the tests ask is left out of them.
    """
    if skill == "style":
        return skills.style(STYLE, seed=seed).train
    tested = {gold(e) for e in questions(seed)["known"]}
    rehearsed = skills.kept(80, seed=seed + 1)
    old = [*rehearsed["known facts"], *rehearsed["unknown names"]]
    return skills.new_facts(8, 4, seed=seed).train + [e for e in old if gold(e) not in tested]


def questions(seed: int) -> dict[str, list[Episode]]:
    """Return the tests: facts known before, new facts in other wordings, names to refuse."""
    known = skills.kept(60, seed=seed + 100)
    return {
        "known": known["known facts"],
        "new": skills.new_facts(8, 4, seed=seed).test,
        "unknown": known["unknown names"],
    }


def gold(episode: Episode) -> str:
    """Return the right answer without its full stop."""
    return episode.messages[-1]["content"].rstrip(".")


def tuned(skill: str, seed: int, *, progress: bool = False):
    """Teach `instruct` a skill with LoRA on all linear layers; return the PEFT model."""
    model = skills.with_lora(RANK, seed=seed)
    skills.fine_tune(
        model, training(skill, seed), steps=STEPS[skill], lr=RATE, seed=seed, progress=progress
    )
    return model


def change(model) -> Change:
    """Return what the adapters of a PEFT model add to the weights."""
    prefix = "base_model.model."
    return {
        f"{name.removeprefix(prefix)}.weight": module.get_delta_weight("default").detach()
        for name, module in model.named_modules()
        if hasattr(module, "get_delta_weight")
    }


def changed(delta: Change):
    """Return `instruct` with a change added to its weights."""
    model = lab.load("instruct")
    weights = model.state_dict()  # shares the model's memory
    for name, step in delta.items():
        weights[name] += step
    return model


def measure(model, seed: int = 0) -> dict[str, float]:
    """Return four shares.

    Returns
    -------
    dict
        ``style``: answers to known questions that end in the style's words, right or wrong.
        ``new``: new facts right. ``both``: new facts right, and in the style. ``known``: facts
        known before, right. ``refused``: unknown names not answered.
    """
    tokenizer, asked = lab.tokenizer("instruct"), questions(seed)
    said = {kind: skills.answers(model, tokenizer, of) for kind, of in asked.items()}
    right = {
        kind: [
            gold(e).lower() in text.lower() for e, text in zip(asked[kind], said[kind], strict=True)
        ]
        for kind in asked
    }
    styled = {kind: [text.endswith(SLOGAN) for text in texts] for kind, texts in said.items()}
    both = [r and s for r, s in zip(right["new"], styled["new"], strict=True)]
    mean = lambda hits: sum(hits) / len(hits)  # noqa: E731
    return {
        "style": mean(styled["known"]),
        "new": mean(right["new"]),
        "both": mean(both),
        "known": mean(right["known"]),
        "refused": mean(right["unknown"]),
    }


# Merging. Each takes changes and returns one.


def combined(deltas: Sequence[Change], weights: Sequence[float]) -> Change:
    """Weighted sum: task arithmetic, or the average of models where the weights sum to 1."""
    pairs = list(zip(weights, deltas, strict=True))
    return {name: sum(w * delta[name] for w, delta in pairs) for name in deltas[0]}


def trimmed(delta: Change, density: float) -> Change:
    """Keep the largest entries of each matrix, set the others to 0."""
    kept = {}
    for name, x in delta.items():
        smallest = x.abs().flatten().topk(max(1, int(density * x.numel() + 0.5))).values[-1]
        kept[name] = torch.where(x.abs() >= smallest, x, 0.0)
    return kept


def elected(deltas: Sequence[Change]) -> Change:
    """TIES after trimming: elect a sign for each entry, average the entries that have it."""
    merged = {}
    for name in deltas[0]:
        x = torch.stack([delta[name] for delta in deltas])
        agree = (x.sign() == x.sum(dim=0).sign()) & (x != 0)
        merged[name] = (x * agree).sum(dim=0) / agree.sum(dim=0).clamp(min=1)
    return merged


def dropped(delta: Change, p: float, generator: torch.Generator, *, rescale: bool = True) -> Change:
    """DARE: drop entries at random with probability p, divide the others by 1 - p."""
    scale = 1 / (1 - p) if rescale else 1.0
    return {
        name: x * (torch.rand(x.shape, generator=generator) >= p) * scale
        for name, x in delta.items()
    }


def along_arc(a: Tensor, b: Tensor, t: float) -> Tensor:
    """SLERP between two tensors, taken as vectors."""
    cosine = torch.dot(a.flatten(), b.flatten()) / (a.norm() * b.norm())
    angle = torch.arccos(cosine.clamp(-1, 1))
    if cosine.abs() > 1 - 1e-6:
        return (1 - t) * a + t * b
    return (torch.sin((1 - t) * angle) * a + torch.sin(t * angle) * b) / torch.sin(angle)


def slerp_models(one: Change, other: Change, t: float = 0.5) -> Change:
    """SLERP between the weights of the two models, as it is usually done."""
    base = lab.load("instruct").state_dict()
    return {
        name: along_arc(base[name] + one[name], base[name] + other[name], t) - base[name]
        for name in one
    }


def slerp_changes(one: Change, other: Change, t: float = 0.5) -> Change:
    """SLERP between the two changes."""
    return {name: along_arc(one[name], other[name], t) for name in one}


def merges(style: Change, facts: Change, seed: int) -> Iterator[tuple[str, float, float, Change]]:
    """Yield every merge of the recorded run: method, density or drop rate, scale, change."""
    generator = torch.Generator().manual_seed(seed)
    pair = [style, facts]
    yield "style alone", 1.0, 1.0, style
    yield "facts alone", 1.0, 1.0, facts
    for scale in SCALES:
        yield "task arithmetic", 1.0, scale, combined(pair, [scale, scale])
    for density in DENSITIES:
        merged = elected([trimmed(delta, density) for delta in pair])
        for scale in (1.0, 1.5, 2.0):
            yield "ties", density, scale, combined([merged], [scale])
    for p in DROPS:
        thinned = [dropped(delta, p, generator) for delta in pair]
        yield "dare", p, 1.0, combined(thinned, [1.0, 1.0])
        yield "dare + ties", p, 1.0, elected(thinned)
        thinned = [dropped(delta, p, generator, rescale=False) for delta in pair]
        yield "dare, not rescaled", p, 1.0, combined(thinned, [1.0, 1.0])
    yield "slerp of models", 1.0, 0.5, slerp_models(style, facts)
    yield "slerp of changes", 1.0, 0.5, slerp_changes(style, facts)


def rows() -> Iterator[dict]:
    """Yield the rows of the recorded run."""
    from tqdm.auto import tqdm

    for seed in SEEDS:
        yield {"seed": seed, "method": "neither", "density": 1.0, "scale": 0.0} | measure(
            lab.load("instruct"), seed
        )
        style, facts = (change(tuned(skill, seed)) for skill in ("style", "facts"))
        for method, density, scale, delta in tqdm(list(merges(style, facts, seed)), desc=f"{seed}"):
            row = {"seed": seed, "method": method, "density": density, "scale": scale}
            yield row | measure(changed(delta), seed)


if __name__ == "__main__":
    recorded.record("q46_merging", rows(), seed=0, seeds=list(SEEDS), steps=STEPS, rank=RANK)
