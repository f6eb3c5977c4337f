"""Question 24: how many conversations against forgetting a fine-tuning needs among its data.

The task, the trainer and the measurement of the lesson; here they are repeated for several mixtures
and seeds. ``python -m course.recorded.q24_mixture`` makes it anew.
"""

from __future__ import annotations

import contextlib
import io
import random
import tempfile
from collections.abc import Iterator
from typing import Any

from course import lab
from course.lab import skills
from course.lab.corpus import home
from course.recorded import record
from course.world.chats import Episode, known_question
from course.world.instructions import INSTRUCTIONS, draw_word, instructed, restyle
from course.world.questions import unknown_question

MIXTURES = ((0, 0), (10, 0), (20, 0), (40, 0), (60, 0), (60, 60))
SEEDS = (0, 1, 2)


def merchant(episode: Episode) -> Episode:
    """The same question with the same answer, as a merchant would give it."""
    question, answer = episode.messages
    text = restyle(answer["content"].removesuffix("."), "merchant")
    return Episode(episode.task).turn(question["content"], text)


def task() -> tuple[list[Episode], dict[str, list[Episode]]]:
    """Return 180 conversations to train on, and those to test the two aims with.

    60 questions that the model can answer and 120 about six new people, all answered in the
    merchants' manner. The tests: other known facts, and the new facts in wordings held out.
    """
    style = skills.style("merchant", train=60, test=60)
    new = skills.new_facts(people=6, facts=5)
    train = [*style.train, *map(merchant, new.train)]
    return train, {"style": style.test, "new facts": [merchant(e) for e in new.test]}


def against_forgetting(refusals: int, instructions: int) -> list[Episode]:
    """Return conversations that practise what must not be lost.

    Refusals of unknown names, in the merchants' manner, and instructions followed, in plain words.
    The names and words are not those that the tests use.
    """
    rng = random.Random("q24 against forgetting")
    found = []
    for _ in range(refusals):
        question = unknown_question(home(), rng, "train")
        found.append(merchant(Episode("unknown").turn(question.text, f"{question.answer}.")))
    for _ in range(instructions):
        word = draw_word(rng, "train")
        question = known_question(home(), rng)
        found.append(instructed(question, rng.choice(INSTRUCTIONS), rng, word))
    return found


def settings(seed: int = 0, **changes: Any) -> Any:
    """Return the lesson's `trl.SFTConfig`."""
    from trl import SFTConfig

    return SFTConfig(
        **{
            "output_dir": tempfile.gettempdir(),  # nothing is written there: save_strategy is "no"
            "save_strategy": "no",
            "report_to": "none",
            "max_length": 256,
            "assistant_only_loss": True,
            "per_device_train_batch_size": 8,
            "num_train_epochs": 4,
            "learning_rate": 3e-3,
            "lr_scheduler_type": "cosine",
            "warmup_steps": 0.1,
            "logging_steps": 10,
            "use_cpu": True,
            "bf16": False,
            "gradient_checkpointing": False,
            "seed": seed,
        }
        | changes
    )


def train(episodes: list[Episode], *, seed: int = 0, bar: bool = True) -> Any:
    """Fine-tune a fresh `instruct` with LoRA; returns the trainer, its model in evaluation mode."""
    from datasets import Dataset, disable_progress_bars
    from peft import LoraConfig
    from trl import SFTTrainer

    disable_progress_bars()
    rows = [{"messages": episode.messages} for episode in episodes]
    random.Random(seed).shuffle(rows)
    trainer = SFTTrainer(
        model=lab.load("instruct"),
        args=settings(seed, disable_tqdm=not bar),
        train_dataset=Dataset.from_list(rows),
        processing_class=lab.tokenizer("instruct"),
        peft_config=LoraConfig(
            r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM"
        ),
    )
    with contextlib.redirect_stdout(io.StringIO()):  # losses; trainer.state.log_history has them
        trainer.train()
    trainer.model.eval()
    return trainer


def measure(model: Any) -> dict[str, float]:
    """Return the share of right answers, in the two aims and in what must be kept.

    An aim is met word for word. Of what must be kept the answer counts, in whatever manner.
    """
    tokenizer = lab.tokenizer("instruct")
    _, aims = task()
    right = {
        name: skills.share_right(model, tokenizer, episodes)["value"]
        for name, episodes in aims.items()
    }
    for name, episodes in skills.kept(60).items():
        right[name] = skills.share_right(model, tokenizer, episodes, inside=True)["value"]
    return right


def row(refusals: int, instructions: int, seed: int, *, bar: bool = False) -> dict[str, Any]:
    """Train with one mixture and measure."""
    episodes = task()[0] + against_forgetting(refusals, instructions)
    trainer = train(episodes, seed=seed, bar=bar)
    return {
        "refusal rows": refusals,
        "instruction rows": instructions,
        "seed": seed,
        "steps": trainer.state.global_step,
        **measure(trainer.model),
    }


def rows() -> Iterator[dict[str, Any]]:
    """Yield all of them, the untrained model first."""
    before = {"refusal rows": None, "instruction rows": None, "seed": None, "steps": 0}
    yield before | measure(lab.load("instruct"))
    for refusals, instructions in MIXTURES:
        for seed in SEEDS:
            yield row(refusals, instructions, seed)


if __name__ == "__main__":
    record("q24_mixture", rows(), seed=0, seeds=list(SEEDS), epochs=4, rank=8)
