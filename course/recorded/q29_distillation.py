"""A small student taught by the lab's models: hard labels, soft labels, the teacher's own texts.

Two tasks. *Prose*: a student with random weights learns to continue text, from few texts, with
`base` as its teacher: many words can follow, so the teacher's probabilities say more than the word
that came. *Facts*: a half-trained student learns the answers to 300 questions, with `instruct` as
its teacher: one answer is right, and the teacher knows it.

>>> from course.recorded import q29_distillation as run
>>> student = run.prose_student("soft", texts=60, seed=0)
>>> run.prose_measures(student)
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

from course import lab, recorded, world
from course.lab import skills
from course.lab.llama import llama
from course.world.chats import Episode
from course.world.generate import asked
from course.world.pages import prose_page

SEEDS = (0, 1)
LENGTH, STEPS, BATCH, RATE = 128, 150, 8, 5e-3
FEW, MANY = 60, 400
HALFWAY = 2_683_592
"""The checkpoint of `draft` that the second task starts from: it knows a tenth of the facts."""
FACTS, FACT_STEPS, FACT_BATCH, FACT_RATE = 300, 150, 16, 3e-3
METHODS = {
    "hard": (1.0, 0.0),
    "soft": (1.0, 1.0),
    "soft, T = 2": (2.0, 1.0),
    "soft, T = 4": (4.0, 1.0),
    "half and half": (1.0, 0.5),
}
"""Temperature and weight of the soft labels."""
WRITTEN = {"its texts": 0, "continuations": 16}
"""Texts by the teacher, and how many tokens of a training text it was given as a beginning."""


def loss(student: Tensor, labels: Tensor, teacher: Tensor, temperature: float, weight: float):
    """Weigh soft labels against hard ones; all tensors have one row for each token."""
    kl = F.kl_div(
        (student / temperature).log_softmax(dim=-1),
        (teacher / temperature).log_softmax(dim=-1),
        log_target=True,
        reduction="batchmean",
    )
    return weight * temperature**2 * kl + (1 - weight) * F.cross_entropy(student, labels)


def _rates(optimizer, steps: int):
    """Warm up over 20 steps, then fall linearly."""
    return torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min((s + 1) / 20, (steps - s) / (steps - 20))
    )


def _steps(model, peak: float, steps: int, progress: bool) -> Iterator[None]:
    """Run the caller's body once a step: it computes gradients, this applies them."""
    from tqdm.auto import tqdm

    optimizer = torch.optim.AdamW(model.parameters(), lr=peak, weight_decay=0.0)
    schedule = _rates(optimizer, steps)
    model.train()
    for _ in tqdm(range(steps), desc="training", disable=not progress, leave=False):
        optimizer.zero_grad(set_to_none=True)
        yield
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    model.eval()


# Prose


@cache
def prose(name: str, texts: int) -> Tensor:
    """Return prose about the world as token ids, shape (texts, LENGTH)."""
    tokenizer, home = lab.tokenizer("base"), world.make_world()
    rng, ids = random.Random(f"prose {name}"), []
    while len(ids) < texts * LENGTH:
        page = f"{tokenizer.bos_token} {prose_page(home, rng, sentences=10)}"
        ids += tokenizer(page, add_special_tokens=False).input_ids
    return torch.tensor(ids[: texts * LENGTH]).view(texts, LENGTH)


@cache
@torch.inference_mode()
def written(texts: int, seed: int, given: int) -> Tensor:
    """Return as many texts that `base` has written, at temperature 1.

    `given` is how many tokens of each training text it goes on from; 0: from nothing, so that it
    writes all kinds of pages and not only prose.
    """
    base, tokenizer = lab.load("base"), lab.tokenizer("base")
    torch.manual_seed(seed)
    start = torch.full((texts, 1), tokenizer.bos_token_id)
    if given:
        start = prose(f"train {seed}", texts)[:, :given]
    return base.generate(
        start,
        attention_mask=torch.ones_like(start),
        min_new_tokens=LENGTH - start.shape[1],
        max_new_tokens=LENGTH - start.shape[1],
        do_sample=True,
        top_k=0,
    ).clone()


@torch.no_grad()
def logits(model, ids: Tensor) -> Tensor:
    """Return a model's logits for texts, batch by batch."""
    return torch.cat([model(input_ids=part).logits for part in ids.split(20)])


def prose_student(method: str, texts: int, seed: int, *, progress: bool = False):
    """Train a student on so many texts, or on as many of the teacher's (`WRITTEN`)."""
    if method in WRITTEN:
        ids = written(texts, seed, WRITTEN[method])
    else:
        ids = prose(f"train {seed}", texts)
    temperature, weight = METHODS.get(method, (1.0, 0.0))
    taught = logits(lab.load("base"), ids) if weight else None
    torch.manual_seed(seed)
    config = lab.load("draft").config
    student = llama(
        vocab_size=config.vocab_size,
        hidden_size=config.hidden_size,
        layers=config.num_hidden_layers,
        heads=config.num_attention_heads,
        intermediate_size=config.intermediate_size,
        context=config.max_position_embeddings,
        pad_token_id=config.pad_token_id,
    )
    generator = torch.Generator().manual_seed(seed)
    for _ in _steps(student, RATE, STEPS, progress):
        some = torch.randint(texts, (BATCH,), generator=generator)
        guess = student(input_ids=ids[some]).logits[:, :-1].flatten(0, 1)
        labels = ids[some, 1:].flatten()
        told = guess.detach() if taught is None else taught[some, :-1].flatten(0, 1)
        loss(guess, labels, told, temperature, weight).backward()
    return student


def prose_measures(student) -> dict[str, float]:
    """Return the loss on fresh prose in nats a token, and how often teacher and student agree."""
    ids = prose("held out", 40)
    mine, teachers = logits(student, ids)[:, :-1], logits(lab.load("base"), ids)[:, :-1]
    return {
        "loss": F.cross_entropy(mine.flatten(0, 1), ids[:, 1:].flatten()).item(),
        "agrees": (mine.argmax(dim=-1) == teachers.argmax(dim=-1)).double().mean().item(),
    }


# Facts


def questions(form: int) -> list[Episode]:
    """Return the same 300 questions in one of six wordings, the last two held out of training."""
    home = world.make_world()
    facts = random.Random("q29").sample([f for f in home.facts() if asked(f)], FACTS)
    return [skills.told(f, form) for f in facts]


def answered(episodes: list[Episode]) -> list[Episode]:
    """Return the questions with `instruct`'s answers in the place of the right ones."""
    said = skills.answers(lab.load("instruct"), lab.tokenizer("instruct"), episodes)
    return [
        Episode("fact").turn(e.messages[0]["content"], text)
        for e, text in zip(episodes, said, strict=True)
    ]


def fact_student(method: str, episodes: list[Episode], seed: int, *, progress: bool = False):
    """Train the half-trained draft on questions and answers."""
    temperature, weight = METHODS[method]
    teacher, student = lab.load("instruct"), lab.load("draft", HALFWAY)
    rng, order = random.Random(seed), []
    for _ in _steps(student, FACT_RATE, FACT_STEPS, progress):
        if len(order) < FACT_BATCH:
            order += rng.sample(episodes, len(episodes))
        batch = skills.batch([order.pop() for _ in range(FACT_BATCH)])
        labels = batch.pop("labels")[:, 1:]
        learned = labels != -100
        guess = student(**batch).logits[:, :-1][learned]
        with torch.no_grad():
            told = teacher(**batch).logits[:, :-1][learned] if weight else guess.detach()
        loss(guess, labels[learned], told, temperature, weight).backward()
    return student


def right(model, form: int, number: int = 150) -> float:
    """Return the share of the questions that a model answers word for word."""
    some = questions(form)[:number]
    return skills.share_right(model, lab.tokenizer("instruct"), some)["value"]


def rows() -> Iterator[dict]:
    """Yield the rows of the recorded run."""
    for texts, methods in ((FEW, [*METHODS, *WRITTEN]), (MANY, ["hard", "soft", *WRITTEN])):
        for method in methods:
            for seed in SEEDS:
                row = {"task": "prose", "method": method, "texts": texts, "seed": seed}
                yield row | prose_measures(prose_student(method, texts, seed))
    for method in METHODS:
        student = fact_student(method, questions(0), seed=0)
        for form in (0, 1, 4):
            row = {"task": "facts", "method": method, "form": form, "seed": 0}
            yield row | {"right": right(student, form)}


if __name__ == "__main__":
    recorded.record(
        "q29_distillation",
        rows(),
        seed=0,
        seeds=list(SEEDS),
        steps=STEPS,
        rate=RATE,
        halfway=HALFWAY,
    )
