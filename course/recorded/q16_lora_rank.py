"""LoRA on the lab's `instruct`: what the rank buys, and what each way of training forgets.

Two skills of `course.lab.skills`: a style of talking, and facts about people of whom the model has
never heard. For each rank, and for all parameters, a model is trained, asked what it was taught
(the facts in wordings that training did not use), and asked what it knew before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from course import lab, recorded
from course.lab import skills

STEPS = {"style": 60, "new facts": 200}
RANKS = (1, 2, 4, 8, 16, 32)
LR_LORA, LR_ALL = 5e-3, 5e-4
SEEDS = (0, 1)
OTHER_LR = {8: (5e-4, 1e-3, 2e-3, 1e-2), 0: (1e-4, 2e-4, 1e-3, 2e-3)}


def skill(name: str) -> skills.Skill:
    """Return what is taught: "style" or "new facts" (150 facts about 30 people)."""
    return skills.style("merchant") if name == "style" else skills.new_facts(people=30, facts=5)


def train(name: str, r: int, lr: float, seed: int, *, progress: bool = False) -> tuple[Any, float]:
    """Teach a skill once.

    Parameters
    ----------
    name : str
        The skill.
    r : int
        The rank; 0 trains all parameters.
    lr : float
        Peak learning rate.
    seed : int
        Of the adapter's start and of the data's order.
    progress : bool
        Show a bar.

    Returns
    -------
    model : PeftModel or PreTrainedModel
    loss : float
        Mean of the last ten steps, in nats per answer token.
    """
    model = skills.with_lora(r, seed=seed) if r else lab.load("instruct")
    losses = skills.fine_tune(
        model, skill(name).train, steps=STEPS[name], lr=lr, seed=seed, progress=progress
    )
    return model, sum(losses[-10:]) / 10


def measure(model: Any, name: str) -> dict[str, float]:
    """Ask a model what it was taught, and what it knew before.

    Returns
    -------
    dict
        ``learned``, the share of test questions right, and for what it knew before the share of
        answers that still contain the right one: ``known facts``, ``unknown names``,
        ``instructions``.
    """
    tokenizer = lab.tokenizer("instruct")
    learned = skills.share_right(model, tokenizer, skill(name).test)["value"]
    before = {
        group: skills.share_right(model, tokenizer, episodes, inside=True)["value"]
        for group, episodes in skills.kept(100).items()
    }
    return {"learned": learned, **before}


def row(name: str, r: int, lr: float, seed: int) -> dict[str, Any]:
    """Teach and measure: one row of the record."""
    model, loss = train(name, r, lr, seed)
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    settings = {"skill": name, "r": r, "lr": lr, "seed": seed}
    return {**settings, "trained": trained, "loss": loss, **measure(model, name)}


def rows() -> Iterator[dict[str, Any]]:
    """Compute all rows: the ranks on both skills, then other learning rates on the new facts."""
    for seed in SEEDS:
        for name in STEPS:
            for r in RANKS:
                yield row(name, r, LR_LORA, seed)
            yield row(name, 0, LR_ALL, seed)
    for r, rates in OTHER_LR.items():
        for lr in rates:
            yield row("new facts", r, lr, SEEDS[0])


if __name__ == "__main__":
    print(recorded.record("q16_lora_rank", rows(), seed=0, steps=STEPS, ranks=list(RANKS),
                          lr_lora=LR_LORA, lr_all=LR_ALL))  # fmt: skip
