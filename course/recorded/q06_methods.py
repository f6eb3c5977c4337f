"""Two things taught to `instruct` in every common way, and what each way costs (question 6).

*Style*: talk like a merchant, about facts that the model knows. *New facts*: fifty facts about ten
people whom it has never heard of. For every way: the share of right answers, what became of known
facts, unknown names and instructions, how many numbers were trained, how long, and how many tokens
each later call reads.

    python -m course.recorded.q06_methods
"""

from __future__ import annotations

import random
import time
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import torch

from course import lab, recorded
from course.lab import probes, skills
from course.lab.corpus import weigh
from course.world.chats import Episode
from course.world.language import varied

NAME = "q06_methods"
SEEDS, SHOTS, VIRTUAL, RANK = 3, 8, 8, 4
STEPS = {"style": 60, "new facts": 150}
RATES = {"soft prompt": 0.3, "prefix": 0.03, "LoRA": 5e-3, "full": 1e-3}
PROMPTS = ("nothing", "prompt", "few-shot")
ORDER = "Talk like a merchant."


def skill(task: str) -> skills.Skill:
    """Return what is taught: "style" or "new facts"."""
    if task == "style":
        return skills.style("merchant", test=80)
    if task == "new facts":
        return skills.new_facts()
    raise ValueError(f"a task is 'style' or 'new facts', not {task!r}.")


def prompted(
    episodes: Sequence[Episode], method: str, task: str, shots: Sequence[Episode]
) -> list[Episode]:
    """Put into the prompts what a method without training puts there.

    "prompt": the order for the style, or a document with what is known about the person asked for.
    "few-shot": example turns before the question.
    """
    if method == "few-shot":
        return [_after(episode, shots) for episode in episodes]
    if method == "prompt":
        return [_ordered(e) if task == "style" else _documented(e) for e in episodes]
    return list(episodes)


def _after(episode: Episode, shots: Sequence[Episode]) -> Episode:
    system = [m for m in episode.messages if m["role"] == "system"]
    own = [m for m in episode.messages if m["role"] != "system"]
    before = [m for shot in shots for m in shot.messages]
    return _with(episode, [*system, *before, *own])


def _ordered(episode: Episode) -> Episode:
    *before, user, answer = episode.messages
    return _with(episode, [*before, user | {"content": f"{user['content']} {ORDER}"}, answer])


def _documented(episode: Episode) -> Episode:
    *before, user, answer = episode.messages
    world, rng = skills.new_world(), random.Random(user["content"])
    about = [name for name in world.of_kind("person") if name in user["content"]]
    if not about:  # not about a new person: nothing is looked up
        return episode
    sentences = " ".join(f"{varied(fact, rng)} [1]." for fact in world.facts(about[0]))
    text = f"Document 1: {sentences}\nQuestion: {user['content']}"
    return _with(episode, [*before, user | {"content": text}, answer])


def _with(episode: Episode, messages: list[dict[str, Any]]) -> Episode:
    sources = [()] * sum(m["role"] == "assistant" for m in messages)
    return Episode(episode.task, messages, sources=sources)


def prepared(method: str, seed: int = 0) -> Any:
    """Return a fresh `instruct` of which only what the method trains requires a gradient.

    Parameters
    ----------
    method : {"soft prompt", "prefix", "LoRA", "full"}
    seed : int
        Of the new parameters.
    """
    import peft

    model = lab.load("instruct")
    if method == "full":
        return model
    torch.manual_seed(seed)
    kind = {"task_type": "CAUSAL_LM"}
    config = {
        "soft prompt": lambda: peft.PromptTuningConfig(num_virtual_tokens=VIRTUAL, **kind),
        "prefix": lambda: peft.PrefixTuningConfig(num_virtual_tokens=VIRTUAL, **kind),
        "LoRA": lambda: peft.LoraConfig(
            r=RANK, lora_alpha=2 * RANK, target_modules="all-linear", **kind
        ),
    }[method]()
    with warnings.catch_warnings():  # PEFT asks transformers by a name that is going away
        warnings.simplefilter("ignore", FutureWarning)
        return peft.get_peft_model(model, config)


def trainable(model: Any) -> int:
    """Count the numbers that training changes."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def changed(
    method: str, task: str, seed: int = 0, progress: bool = False
) -> tuple[dict[str, Any], Any]:
    """Teach a task in one way; return what is measured, and the model.

    Returns
    -------
    row : dict
        ``right`` on the task's test; ``known facts``, ``unknown names`` (refused) and
        ``instructions``: shares right with the change in place, the first two counted wherever the
        right words stand in the answer; ``parameters`` trained, ``seconds`` of processor time for
        it, ``tokens`` that the model reads in a call of the task, virtual ones included; ``said``:
        an answer.
    model
    """
    taught, tokenizer = skill(task), lab.tokenizer("instruct")
    parameters, seconds, virtual = 0, 0.0, 0
    if method in PROMPTS:
        model = lab.load("instruct")
    else:
        model = prepared(method, seed)
        parameters, start = trainable(model), time.process_time()
        skills.fine_tune(
            model, taught.train, steps=STEPS[task], lr=RATES[method], seed=seed, progress=progress
        )
        seconds = time.process_time() - start
        virtual = VIRTUAL if method in ("soft prompt", "prefix") else 0
    shots = taught.train[seed * SHOTS : (seed + 1) * SHOTS]

    def right(episodes: Sequence[Episode], inside: bool) -> float:
        some = prompted(episodes, method, task, shots)
        with warnings.catch_warnings():  # PEFT says of each call that it makes positions itself
            warnings.simplefilter("ignore")
            return skills.share_right(model, tokenizer, some, inside=inside)["value"]

    test = prompted(taught.test, method, task, shots)
    lengths = [len(weigh([(text, 0.0) for text in probes.case(e).prompt])[0]) for e in test]
    costs = {name: right(some, name != "instructions") for name, some in skills.kept(60).items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        said = skills.answers(model, tokenizer, test[:1])[0]
    row = {
        "method": method,
        "task": task,
        "seed": seed,
        "right": right(taught.test, task == "new facts"),
        **costs,
        "parameters": parameters,
        "seconds": seconds,
        "tokens": sum(lengths) / len(lengths) + virtual,
        "said": said,
    }
    return row, model


def rows() -> Iterator[dict[str, Any]]:
    """Everything that is recorded; what is not trained has one row a task."""
    for task in STEPS:
        for method in (*PROMPTS, *RATES):
            for seed in range(1 if method in ("nothing", "prompt") else SEEDS):
                row, _ = changed(method, task, seed)
                print(row, flush=True)
                yield row


if __name__ == "__main__":
    path = recorded.record(
        NAME, rows(), seed=0, seeds=SEEDS, steps=STEPS, rates=RATES, shots=SHOTS, virtual=VIRTUAL,
        rank=RANK,
    )  # fmt: skip
    print(path)
