"""Tasks to teach a lab model, and what it must not forget: the same for every way of changing it.

A skill is conversations to learn from and others to be tested on. `style` teaches a way of talking
that no instruction of the lab's training asks for; `new_facts` teaches people the model has never
heard of. `kept` has what every change may cost: facts known by heart, names that must be refused,
instructions to be followed. `share_right` counts answers that equal the gold answer word for word.

>>> from course import lab
>>> from course.lab import skills
>>> model, tokenizer = lab.load("instruct"), lab.tokenizer("instruct")
>>> merchant = skills.style("merchant")
>>> losses = skills.fine_tune(model, merchant.train, steps=60)
>>> skills.share_right(model, tokenizer, merchant.test)
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from course import lab
from course.lab import assess, probes
from course.lab.batches import pad
from course.lab.corpus import encode_episode, home
from course.lab.measure import share
from course.lab.tokens import tokenizer as shared_tokenizer
from course.world import chats, reading
from course.world.chats import Episode
from course.world.generate import World, asked
from course.world.instructions import (
    INSTRUCTIONS,
    UNTAUGHT_STYLES,
    draw_word,
    instructed,
    restyle,
)
from course.world.language import answer, ask
from course.world.questions import fact_question, unknown_question
from course.world.relations import BY_NAME
from course.world.schema import TRAIN_FORMS, Fact


@dataclass(frozen=True)
class Skill:
    """Something to teach.

    Attributes
    ----------
    name : str
    train : list of Episode
        Conversations with the answers that are to be learned, in random order.
    test : list of Episode
        Conversations that no training conversation repeats; the last answer counts.
    facts : list of Fact
        What the conversations are about.
    """

    name: str
    train: list[Episode]
    test: list[Episode]
    facts: list[Fact]


def style(name: str = "merchant", *, train: int = 200, test: int = 100, seed: int = 0) -> Skill:
    """A way of talking, on facts that the model knows: what is learned is form only.

    Parameters
    ----------
    name : str
        "robot", "poet", "child" or "merchant" (`course.world.instructions.UNTAUGHT_STYLES`).
    train, test : int
        How many questions, each about another fact.
    seed : int

    Raises
    ------
    ValueError
        If there is no such style.
    """
    if name not in UNTAUGHT_STYLES:
        raise ValueError(f"there is no style {name!r}; there are: {', '.join(UNTAUGHT_STYLES)}.")
    rng = random.Random(f"style {seed}")  # the same questions in every style
    facts = rng.sample([fact for fact in home().facts() if asked(fact)], train + test)
    episodes = []
    for fact in facts:
        question = fact_question(fact, rng)
        episodes.append(Episode(name).turn(question.text, restyle(question.answer, name)))
    return Skill(name, episodes[:train], episodes[train:], facts)


def new_facts(people: int = 10, facts: int = 5, *, seed: int = 0) -> Skill:
    """Facts about people whom the model has never heard of.

    Each fact is asked in the four trained wordings for training, and in the two held-out ones for
    the test: what is tested is the fact, not the sentence.

    Parameters
    ----------
    people, facts : int
        How many people, and how many facts of each.
    seed : int

    Raises
    ------
    ValueError
        If the world drawn has not so many people with so many facts.
    """
    rng = random.Random(f"new facts {seed}")
    world = new_world(seed)
    stated: dict[str, list[Fact]] = {person: [] for person in world.of_kind("person")}
    for fact in world.facts():
        if asked(fact) and fact.subject in stated:
            stated[fact.subject].append(fact)
    enough = [of for of in stated.values() if len(of) >= facts]
    if len(enough) < people:
        raise ValueError(f"only {len(enough)} people have {facts} facts; ask for fewer.")
    chosen = [fact for of in rng.sample(enough, people) for fact in rng.sample(of, facts)]
    train = [told(fact, form) for fact in chosen for form in range(TRAIN_FORMS)]
    test = [told(fact, form) for fact in chosen for form in range(TRAIN_FORMS, 6)]
    rng.shuffle(train)
    return Skill("new facts", train, test, chosen)


def new_world(seed: int = 0) -> World:
    """Return the world of the people in `new_facts`; no training text holds their names."""
    return reading.unseen_world(20_000 + seed)


def told(fact: Fact, form: int) -> Episode:
    """Ask for a fact in one of its relation's six wordings (the last two held out), and answer."""
    question = ask(BY_NAME[fact.relation], fact.subject, form)
    return Episode("fact").turn(question, f"{answer(fact)}.")


def kept(number: int = 100, *, seed: int = 0) -> dict[str, list[Episode]]:
    """What a change may cost, in groups of `number` conversations.

    Returns
    -------
    dict of str to list of Episode
        "known facts": asked and known by heart. "unknown names": to be refused.
        "instructions": forms of answers that the training taught.
    """
    rng = random.Random(f"kept {seed}")
    groups: dict[str, list[Episode]] = {"known facts": [], "unknown names": [], "instructions": []}
    for _ in range(number):
        question = chats.known_question(home(), rng)
        groups["known facts"].append(Episode("known").turn(question.text, f"{question.answer}."))
        question = unknown_question(home(), rng, "heldout")
        groups["unknown names"].append(
            Episode("unknown").turn(question.text, f"{question.answer}.")
        )
        question = chats.known_question(home(), rng)
        instruction = rng.choice(INSTRUCTIONS)
        groups["instructions"].append(
            instructed(question, instruction, rng, draw_word(rng, "home", heldout=True))
        )
    return groups


def batch(episodes: Sequence[Episode]) -> dict[str, torch.Tensor]:
    """Return conversations as a batch for a causal model.

    Returns
    -------
    dict
        ``input_ids``, ``attention_mask`` and ``labels``, each a LongTensor of shape (B, T), padded
        on the right. ``labels`` are -100 but for what the assistant says, its end token included;
        models shift them themselves.
    """
    tokenizer = shared_tokenizer()
    encoded = [encode_episode(e) for e in episodes]
    ids, weights = pad(encoded, tokenizer.pad_token_id)
    lengths = torch.tensor([len(tokens) for tokens, _ in encoded])
    input_ids = torch.from_numpy(ids)
    mask = torch.arange(ids.shape[1])[None, :] < lengths[:, None]
    labels = torch.where(torch.from_numpy(weights) > 0, input_ids, -100)
    return {"input_ids": input_ids, "attention_mask": mask.long(), "labels": labels}


def with_lora(rank: int, *, seed: int = 0):
    """Return a fresh `instruct` with PEFT's LoRA on all its linear layers, scaled by 2.

    Parameters
    ----------
    rank : int
        `alpha` is twice as much.
    seed : int
        Of the adapter's start.
    """
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(seed)
    config = LoraConfig(
        r=rank, lora_alpha=2 * rank, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    with warnings.catch_warnings():  # PEFT asks transformers by a name that is going away
        warnings.simplefilter("ignore", FutureWarning)
        return get_peft_model(lab.load("instruct"), config)


def fine_tune(
    model,
    episodes: Sequence[Episode],
    *,
    steps: int = 60,
    batch_size: int = 16,
    lr: float = 1e-3,
    weight_decay: float = 0.0,
    warmup: float = 0.1,
    seed: int = 0,
    progress: bool = True,
) -> list[float]:
    """Train a model's trainable parameters on conversations, in place.

    AdamW, gradients clipped to norm 1, a learning rate that rises over the first steps and falls
    linearly to 0. The conversations come in a new random order in every epoch. What is trained is
    what ``requires_grad``, so the same loop does full fine-tuning, LoRA and soft prompts.

    Parameters
    ----------
    model : PreTrainedModel or PeftModel
        Is left in evaluation mode.
    episodes : sequence of Episode
    steps, batch_size : int
    lr : float
        Peak learning rate. About 1e-3 for all parameters of a lab model, 5e-3 for LoRA.
    weight_decay, warmup : float
        `warmup` is a share of the steps.
    seed : int
        Of the order.
    progress : bool
        Show a bar.

    Returns
    -------
    list of float
        The loss of each step in nats per answer token.
    """
    from tqdm.auto import tqdm

    rng = random.Random(seed)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=lr, weight_decay=weight_decay)
    ramp = max(1, round(warmup * steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min((s + 1) / ramp, (steps - s) / max(1, steps - ramp))
    )
    model.train()
    losses: list[float] = []
    order: list[Episode] = []
    for _ in tqdm(range(steps), desc="training", disable=not progress, leave=False):
        while len(order) < batch_size:
            order += rng.sample(list(episodes), len(episodes))
        some, order = order[:batch_size], order[batch_size:]
        loss = model(**batch(some)).loss
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    model.eval()
    return losses


def answers(model, tokenizer, episodes: Sequence[Episode], **settings) -> list[str]:
    """Let the model give the last answer of each conversation (`course.lab.assess.answers`)."""
    return assess.answers(model, tokenizer, [probes.case(e) for e in episodes], **settings)


def share_right(model, tokenizer, episodes: Sequence[Episode], *, inside: bool = False) -> dict:
    """Count the last answers that are right.

    Parameters
    ----------
    model, tokenizer
    episodes : sequence of Episode
    inside : bool
        False: the answer equals the gold answer word for word. True: the gold answer, without its
        full stop and whatever the case of its letters, stands somewhere in it. So a model that has
        learned to talk like a merchant may still know its facts.

    Returns
    -------
    dict
        ``value``, ``spread`` (half the width of a 95 % interval) and ``n``.
    """
    written = answers(model, tokenizer, episodes)
    gold = [probes.case(e).gold for e in episodes]
    if inside:
        hits = [b.rstrip(".").lower() in a.lower() for a, b in zip(written, gold, strict=True)]
    else:
        hits = [a == b for a, b in zip(written, gold, strict=True)]
    return share(sum(hits), len(hits))
