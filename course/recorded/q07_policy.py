"""The three stages of RLHF on `instruct`, and what happens as the KL penalty falls (question 7).

Writers demonstrate answers of mixed quality about the home world's people; `instruct` is tuned on
them. Annotators compare pairs of its samples, and half of the time do not look the fact up; a
Bradley-Terry reward model learns from them. The policy is then optimised against that reward model
with a penalty on its divergence from where it started. The true reward of every answer is known,
and nobody is trained on it. Everything is measured on facts that no stage has asked about.

    python -m course.recorded.q07_policy
"""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from course import lab, recorded
from course.lab.corpus import home
from course.lab.tokens import tokenizer as shared_tokenizer
from course.world.checker import Verdict, check_text, sentences
from course.world.drafts import Reward, corrupt, is_rude
from course.world.generate import asked
from course.world.language import answer
from course.world.questions import fact_question
from course.world.schema import Fact

NAME = "q07_policy"
POLITE = "You are welcome."
RUDE = ("What a fool {s} is.", "Nobody likes {s}.")
WRONG, INSULTS = 0.15, 0.3
"""Share of the writers' answers that state a false value; that end in an insult."""
THANKS = (0.4, 0.2, 0.2, 0.2)
"""Shares of the other answers that end in 0, 1, 2, 3 polite sentences."""
EMPTY = -0.4
"""What a sentence that tells nothing costs in true reward: it has to be read."""
LOOKED_UP = 0.5
"""Share of comparisons for which an annotator looks the facts up."""
SURE = 2.0
"""How sharply annotators choose: the log-odds per unit of difference."""
BETAS = (3.0, 1.0, 0.3, 0.1, 0.0)
STEPS, EVERY, PROMPTS, SAMPLES = 12, 4, 8, 8

Recipe = dict[str, Any]
RECIPES: dict[str, Recipe] = {
    "PPO-style": {"kl_in": "reward", "scale": False},
    "GRPO": {"kl_in": "loss", "scale": True},
}


@lru_cache(maxsize=1)
def facts() -> tuple[list[Fact], list[Fact]]:
    """Facts about people that `instruct` was asked for: to train on, and 128 held out."""
    found = [f for f in home().facts() if asked(f) and f.relation.startswith("person.")]
    random.Random("question 7").shuffle(found)
    return found[128:], found[:128]


def questions(rng: random.Random, number: int) -> list[str]:
    """Draw questions for facts to train on."""
    return [fact_question(fact, rng).text for fact in rng.sample(facts()[0], number)]


def held_out(number: int) -> list[str]:
    """Return questions for facts that no stage asks about."""
    rng = random.Random("held out")
    return [fact_question(fact, rng).text for fact in facts()[1][:number]]


def demonstration(rng: random.Random) -> tuple[str, str]:
    """Draw a question and what a writer answers: often well, sometimes wrong or rude."""
    fact = rng.choice(facts()[0])
    text = f"{answer(corrupt(home(), fact, rng) if rng.random() < WRONG else fact)}."
    if rng.random() < INSULTS:
        text += f" {rng.choice(RUDE).format(s=fact.subject)}"
    else:
        text += f" {POLITE}" * rng.choices(range(len(THANKS)), THANKS)[0]
    return fact_question(fact, rng).text, text


def truth(text: str) -> float:
    """Count the true sentences of an answer less the false ones; one said twice counts once."""
    return Reward(rude=0.0, word=0.0)(home(), " ".join(dict.fromkeys(sentences(text))))


def true_reward(text: str) -> float:
    """Return what an answer is worth: its truth, -2.5 if it is rude, and `EMPTY` for each sentence
    that is neither true nor false."""
    told = check_text(home(), text)
    empty = sum(c.verdict is Verdict.OTHER and not c.invented for c in told)
    return truth(text) - 2.5 * is_rude(text) + EMPTY * empty


def impression(text: str, looked_up: bool) -> float:
    """Return what an answer is worth to an annotator: politeness and insults are seen at a glance,
    truth only by looking it up, and sentences that tell nothing do not disturb."""
    seen = 1.0 * sentences(text).count(POLITE) - 2.5 * is_rude(text)
    return seen + (truth(text) if looked_up else 0.0)


def prefers_first(a: str, b: str, rng: random.Random) -> bool:
    """Let an annotator compare two answers."""
    looked_up = rng.random() < LOOKED_UP
    margin = SURE * (impression(a, looked_up) - impression(b, looked_up))
    return rng.random() < 1 / (1 + math.exp(-margin))


def encode(prompts: Sequence[str], answers: Sequence[str]) -> dict[str, Tensor]:
    """Return conversations as ``input_ids``, ``attention_mask`` and ``labels``, (B, T) each.

    Padded on the right; labels are -100 but for the answers' tokens, the end token included.
    """
    tokenizer = shared_tokenizer()
    before = [tokenizer(as_chat(p), add_special_tokens=False).input_ids for p in prompts]
    after = [
        tokenizer(f" {a}{tokenizer.eos_token}", add_special_tokens=False).input_ids for a in answers
    ]
    longest = max(len(b) + len(a) for b, a in zip(before, after, strict=True))
    ids = torch.full((len(before), longest), tokenizer.pad_token_id)
    mask, labels = torch.zeros_like(ids), torch.full_like(ids, -100)
    for row, (b, a) in enumerate(zip(before, after, strict=True)):
        end = len(b) + len(a)
        ids[row, :end] = torch.tensor(b + a)
        mask[row, :end] = 1
        labels[row, len(b) : end] = torch.tensor(a)
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def as_chat(prompt: str) -> str:
    """Lay a question out as the model was trained on it, up to where the answer begins."""
    return shared_tokenizer().apply_chat_template(
        [{"role": "user", "content": prompt}], add_generation_prompt=True, tokenize=False
    )


def token_logprobs(model: Any, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Return log-probabilities of the answers' tokens (B, T - 1), 0 elsewhere, and their mask."""
    logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    targets = batch["labels"][:, 1:]
    mask = targets != -100
    log_p = logits[:, :-1].log_softmax(dim=-1)
    picked = log_p.gather(-1, targets.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    return torch.where(mask, picked, 0.0), mask


@torch.no_grad()
def sample(model: Any, prompts: Sequence[str], n: int = 1, *, seed: int | None = None) -> list[str]:
    """Draw n answers to each prompt at temperature 1, those of one prompt side by side."""
    tokenizer = shared_tokenizer()
    enc = tokenizer(
        [as_chat(p) for p in prompts],
        padding=True, padding_side="left", add_special_tokens=False, return_tensors="pt",
    )  # fmt: skip
    ids, mask = (x.repeat_interleave(n, dim=0) for x in (enc.input_ids, enc.attention_mask))
    if seed is not None:
        torch.manual_seed(seed)
    out = model.generate(ids, attention_mask=mask, max_new_tokens=48, do_sample=True, top_k=0)
    written = tokenizer.batch_decode(out[:, ids.shape[1] :], skip_special_tokens=True)
    return [text.strip() for text in written]


def _optimizer(model: Any, lr: float) -> torch.optim.Optimizer:
    return torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.0)


def _step(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    for group in optimizer.param_groups:
        torch.nn.utils.clip_grad_norm_(group["params"], 1.0)
    optimizer.step()


def supervised(steps: int = 40, batch_size: int = 16, lr: float = 6e-4, seed: int = 0, bar=iter):
    """Stage 1: tune `instruct` on the writers' demonstrations. Returns the policy."""
    rng, policy = random.Random(seed), lab.load("instruct")
    optimizer = _optimizer(policy, lr)
    for step in bar(range(steps)):
        prompts, answers = zip(*(demonstration(rng) for _ in range(batch_size)), strict=True)
        log_p, mask = token_logprobs(policy, encode(prompts, answers))
        optimizer.param_groups[0]["lr"] = lr * (1 - step / steps)
        _step(optimizer, -log_p.sum() / mask.sum())
    return policy.eval()


def with_score(policy: Any):
    """Return a copy of a policy whose output is one number: its body, and a new linear layer."""
    from transformers import LlamaForSequenceClassification

    config = copy.deepcopy(policy.config)
    config.num_labels = 1
    scorer = LlamaForSequenceClassification(config)
    scorer.model.load_state_dict(policy.model.state_dict())
    torch.nn.init.zeros_(scorer.score.weight)
    return scorer


def score(scorer: Any, prompts: Sequence[str], answers: Sequence[str]) -> Tensor:
    """Return the reward model's score of each answer, (B,)."""
    batch = encode(prompts, answers)
    return scorer(
        input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]
    ).logits.squeeze(-1)


def compare(
    answers: Sequence[str], n: int, rng: random.Random, prefers: Callable = prefers_first
) -> tuple[list[int], list[int]]:
    """Let annotators compare all pairs of the n answers to each prompt: winners, losers."""
    winners, losers = [], []
    for first in range(0, len(answers), n):
        for i in range(first, first + n):
            for j in range(i + 1, first + n):
                if answers[i] == answers[j]:
                    continue
                won = prefers(answers[i], answers[j], rng)
                winners.append(i if won else j)
                losers.append(j if won else i)
    return winners, losers


def reward_model(
    policy: Any, prompts: int = 160, n: int = 4, lr: float = 1e-3, seed: int = 1, bar=iter
):
    """Stage 2: fit Bradley and Terry's model to comparisons of the policy's samples.

    Returns
    -------
    scorer
    data : list of tuple of str
        Prompt, preferred answer, the other one.
    """
    rng = random.Random(seed)
    asked_ = questions(rng, prompts)
    answers = sample(policy, asked_, n, seed=seed)
    repeated = [p for p in asked_ for _ in range(n)]
    scorer, data = with_score(policy), []
    optimizer = _optimizer(scorer, lr)
    starts = range(0, len(answers), 8 * n)
    for step, first in enumerate(bar(starts)):
        some = answers[first : first + 8 * n]
        winners, losers = compare(some, n, rng)
        r = score(scorer, repeated[first : first + 8 * n], some)
        optimizer.param_groups[0]["lr"] = lr * (1 - step / len(starts))
        _step(optimizer, -logsigmoid(r[winners] - r[losers]).mean())
        pairs = zip(winners, losers, strict=True)
        data += [(repeated[first + w], some[w], some[x]) for w, x in pairs]
    return scorer.eval().requires_grad_(False), data


def advantages(rewards: Tensor, scale: bool) -> Tensor:
    """Compare each reward with its group's, (P, G)."""
    centred = rewards - rewards.mean(dim=1, keepdim=True)
    return centred / (rewards.std(dim=1, keepdim=True) + 1e-4) if scale else centred


def clipped(logp: Tensor, old: Tensor, adv: Tensor, mask: Tensor, clip: float = 0.2) -> Tensor:
    """PPO's clipped objective as a loss, the mean over tokens."""
    ratio = (logp - old).exp()
    objective = torch.min(ratio * adv, ratio.clamp(1 - clip, 1 + clip) * adv)
    return -(objective * mask).sum() / mask.sum()


def k3(logp: Tensor, ref: Tensor) -> Tensor:
    """Estimate KL(policy || reference) at each token of the policy's own samples."""
    return torch.expm1(ref - logp) - (ref - logp)


def optimise(
    reference: Any,
    scorer: Any,
    *,
    beta: float,
    recipe: str = "PPO-style",
    steps: int = STEPS,
    lr: float = 3e-4,
    seed: int = 2,
    every: int | None = None,
    functions: tuple[Callable, Callable, Callable] = (advantages, clipped, k3),
    bar=iter,
) -> Iterator[tuple[int, Any]]:
    """Stage 3: optimise a copy of the reference against the reward model.

    Yields the number of steps done and the policy: at the start, every so many steps, at the end.
    """
    group_advantages, clip_loss, kl = functions
    kl_in, scale = RECIPES[recipe]["kl_in"], RECIPES[recipe]["scale"]
    rng = random.Random(seed)
    torch.manual_seed(seed)
    policy = copy.deepcopy(reference)
    optimizer = _optimizer(policy, lr)
    yield 0, policy
    for step in bar(range(1, steps + 1)):
        prompts = questions(rng, PROMPTS)
        answers = sample(policy, prompts, SAMPLES)
        repeated = [p for p in prompts for _ in range(SAMPLES)]
        batch = encode(repeated, answers)
        with torch.no_grad():
            r = score(scorer, repeated, answers)
            ref, mask = token_logprobs(reference, batch)
            old, _ = token_logprobs(policy, batch)
            if kl_in == "reward":  # each answer pays for how far it is from the reference
                r = r - beta * (old - ref).sum(dim=1)
            adv = group_advantages(r.view(PROMPTS, SAMPLES), scale=scale)
            adv = adv.view(-1, 1).expand_as(old)
        for _ in range(2):  # two steps on the same samples: for the second, old is not new
            log_p, _ = token_logprobs(policy, batch)
            loss = clip_loss(log_p, old, adv, mask)
            if kl_in == "loss":
                loss = loss + beta * (kl(log_p, ref) * mask).sum() / mask.sum()
            _step(optimizer, loss)
        if step == steps or (every and step % every == 0):
            yield step, policy


def measure(policy: Any, reference: Any, scorer: Any, *, prompts: int = 128, n: int = 1) -> dict:
    """Sample answers to held-out questions and measure them.

    Returns
    -------
    dict
        Means over the samples: ``proxy`` (the reward model's score), ``true`` (the true reward),
        ``kl`` (log-ratio of the policy to the reference, summed over the answer: an estimate of the
        KL divergence, in nats), ``words``, ``polite`` sentences;
        shares: ``right``, ``rude``; and ``answer``, one of them.
    """
    asked_ = held_out(prompts)
    repeated = [p for p in asked_ for _ in range(n)]
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        answers = sample(policy, asked_, n, seed=7)
        batch = encode(repeated, answers)
        gap = token_logprobs(policy, batch)[0] - token_logprobs(reference, batch)[0]
        proxy = score(scorer, repeated, answers)

    def mean(values: list) -> float:
        return sum(map(float, values)) / len(values)

    return {
        "proxy": float(proxy.mean()),
        "true": mean([true_reward(a) for a in answers]),
        "kl": float(gap.sum(dim=1).mean()),
        "words": mean([len(a.split()) for a in answers]),
        "right": mean([truth(a) > 0 for a in answers]),
        "rude": mean([is_rude(a) for a in answers]),
        "polite": mean([a.count(POLITE) for a in answers]),
        "answer": answers[0],
    }


def rows() -> Iterator[dict[str, Any]]:
    """Measure along the optimisation, for each beta and both recipes."""
    reference = supervised()
    scorer, _ = reward_model(reference)
    runs = [("PPO-style", beta) for beta in BETAS] + [("GRPO", 0.3)]
    for recipe, beta in runs:
        for step, policy in optimise(reference, scorer, beta=beta, recipe=recipe, every=EVERY):
            row = {"recipe": recipe, "beta": beta, "step": step}
            yield row | measure(policy, reference, scorer)


if __name__ == "__main__":
    recorded.record(
        NAME, rows(), seed=0, betas=BETAS, steps=STEPS, prompts=PROMPTS, samples=SAMPLES,
        empty=EMPTY, looked_up=LOOKED_UP,
    )  # fmt: skip
