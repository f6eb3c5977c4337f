"""An agent to watch: tasks over the world, a few seconds of training, and a loop to break.

`instruct` acts in a conversation, one message a step. The agent here writes its whole run into
one text instead, as the first ReAct prompts had it:

    Question: What do 7 pieces of the Ulash chair cost?
    Thought: I need the price of the Ulash chair.
    Action: lookup
    Input: the Ulash chair | price
    Observation: 35
    ...
    Answer: 7 pieces of the Ulash chair cost 245 coins.

>>> from course import lab
>>> from course.lab import acting, probes
>>> model, tokenizer = acting.trained(), lab.tokenizer("instruct")
>>> world = probes.unseen(2)
>>> tasks = acting.draw_tasks(world, 30, seed=1)
>>> runs = acting.run(model, tokenizer, tasks, acting.tools_of(world))
>>> sum(r.answer == t.answer for r, t in zip(runs, tasks))
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch

from course import lab
from course.lab import skills
from course.lab.use import no_bar
from course.world import reading
from course.world.chats import Episode
from course.world.generate import World
from course.world.language import answer, ask, pick_form
from course.world.questions import two_hop_question
from course.world.relations import BY_NAME
from course.world.schema import Fact

KINDS = ("one look-up", "two look-ups", "look-up and product")
END = "Observation:"
BUSY = "ERROR: busy"
_SUM = re.compile(r"(\d+) ([-+*]) (\d+)")
Tools = dict[str, Callable[[str], str]]


@dataclass(frozen=True)
class Task:
    """A question that takes tools, and the run that answers it.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    question : str
    parts : list of str
        The run: step, observation, step, observation, ..., last step.
    answer : str
        What stands behind "Answer:" at its end.
    """

    kind: str
    question: str
    parts: list[str]
    answer: str


@dataclass
class Run:
    """What became of a task.

    Attributes
    ----------
    text : str
        The text that the model is shown, question and observations included.
    written : list of str
        What the model wrote, call by call.
    observed : list of str
        What the tools returned, call by call.
    tokens : int
        Written tokens of all calls.
    answer : str or None
    stopped : str
        "answer", "limit", or "format" (neither an action nor an answer).
    """

    text: str
    written: list[str] = field(default_factory=list)
    observed: list[str] = field(default_factory=list)
    tokens: int = 0
    answer: str | None = None
    stopped: str = "limit"


def draw_tasks(world: World, number: int, *, seed: int, kinds: Sequence[str] = KINDS) -> list[Task]:
    """Draw tasks about a world, the kinds in turn."""
    rng = random.Random(f"tasks {seed}")
    return [_task(world, rng, kinds[i % len(kinds)]) for i in range(number)]


def single(fact: Fact, rng: random.Random) -> Task:
    """The task that asks for one fact."""
    question = ask(BY_NAME[fact.relation], fact.subject, pick_form(rng, "train"))
    return _with_parts(KINDS[0], question, [_looked_up(fact)], f"{answer(fact)}.")


def _task(world: World, rng: random.Random, kind: str) -> Task:
    if kind == KINDS[0]:
        return single(rng.choice(world.facts()), rng)
    if kind == KINDS[1]:
        first, _, second = rng.choice(world.two_hops())
        asked = two_hop_question(first, second, rng, "train")
        return _with_parts(
            kind, asked.text, [_looked_up(first), _looked_up(second)], f"{asked.steps[-1]}."
        )
    good, count = rng.choice(world.of_kind("good")), rng.randint(2, 9)
    price = world.fact(good, "good.price")
    total = count * int(price.value)
    product = ("I need the product.", "calculate", f"{count} * {price.value}", str(total))
    text = f"What do {count} pieces of {good} cost?"
    end = f"{count} pieces of {good} cost {total} coins."
    return _with_parts(kind, text, [_looked_up(price), product], end)


def _looked_up(fact: Fact) -> tuple[str, str, str, str]:
    attribute = BY_NAME[fact.relation].attribute
    thought = f"I need the {attribute} of {fact.subject}."
    return thought, "lookup", f"{fact.subject} | {attribute}", fact.value


def _with_parts(kind: str, question: str, calls: list[tuple], end: str) -> Task:
    parts = []
    for thought, tool, given, result in calls:
        parts.append(f"Thought: {thought}\nAction: {tool}\nInput: {given}")
        parts.append(f"{END} {result}")
    parts.append(f"Thought: I know enough.\nAnswer: {end}")
    return Task(kind, question, parts, end)


def episodes(number: int, *, seed: int = 0, worlds: int = 4, busy: float = 0.25) -> list[Episode]:
    """Runs to learn from: the text up to some step, and all the rest of it, observations too.

    In a share of them, `busy`, a tool answers "ERROR: busy" once, and the step is tried again.
    """
    rng = random.Random(f"runs {seed}")
    drawn = []
    for i in range(worlds):
        world = reading.unseen_world(40_000 + i)
        for task in draw_tasks(world, number // worlds, seed=seed):
            parts = list(task.parts)
            if rng.random() < busy:
                at = 2 * rng.randrange(len(parts) // 2)
                parts[at:at] = [parts[at], f"{END} {BUSY}"]
            shown = 2 * rng.randrange((len(parts) + 1) // 2)
            text = "\n".join([f"Question: {task.question}", *parts[:shown]])
            drawn.append(Episode("agent").turn(text, "\n".join(parts[shown:])))
    return drawn


def trained(*, steps: int = 30, seed: int = 0, progress: bool = True):
    """Return an `instruct` that has been trained for a few seconds to write whole runs."""
    model = lab.load("instruct")
    torch.manual_seed(seed)
    skills.fine_tune(
        model, episodes(400, seed=seed), steps=steps, batch_size=8, lr=2e-3, seed=seed,
        progress=progress,
    )  # fmt: skip
    return model


def save(model, tokenizer, folder: str) -> None:
    """Write model and tokenizer into a folder, for `course.serve.background`."""
    with no_bar():
        model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def tools_of(world: World) -> Tools:
    """The look-up over a world ("name | attribute") and the calculator ("7 * 35")."""
    table = {
        (subject, BY_NAME[f.relation].attribute): f.value
        for subject in world.entities
        for f in world.facts(subject)
    }

    def lookup(given: str) -> str:
        name, _, attribute = (part.strip() for part in given.partition("|"))
        return table.get((name, attribute), "ERROR: no such entry")

    def calculate(given: str) -> str:
        found = _SUM.fullmatch(given.strip())
        if found is None:
            return "ERROR: not an expression"
        a, sign, b = int(found[1]), found[2], int(found[3])
        return str({"+": a + b, "-": a - b, "*": a * b}[sign])

    return {"lookup": lookup, "calculate": calculate}


def run(
    model,
    tokenizer,
    tasks: Sequence[Task],
    tools: Tools,
    *,
    stop: bool = True,
    own_turns: bool = True,
    limit: int = 6,
    temperature: float = 0.0,
    seed: int = 0,
) -> list[Run]:
    """Let a model work on all tasks, step by step and all of them at once.

    Parameters
    ----------
    model, tokenizer
    tasks : sequence of Task
    tools : dict of str to function
    stop : bool
        Whether the model is stopped at "Observation:"; otherwise it writes to its end token.
    own_turns : bool
        Whether what it wrote stands in the text of its next call.
    limit : int
        Calls of the model a task.
    temperature, seed
        0: always the likeliest token.
    """
    runs = [Run(f"Question: {task.question}") for task in tasks]
    torch.manual_seed(seed)
    active = runs
    for _ in range(limit):
        written = _write(model, tokenizer, [r.text for r in active], stop, temperature)
        for r, (text, tokens) in zip(active, written, strict=True):
            r.written.append(text)
            r.tokens += tokens
            _act(r, text, tools, own_turns)
        active = [r for r in active if r.stopped == "limit"]
        if not active:
            break
    return runs


def _act(r: Run, text: str, tools: Tools, own_turns: bool) -> None:
    """Read what the model wrote as popular loops do: an answer anywhere in it ends the run."""
    if "Answer:" in text:
        r.answer, r.stopped = text.split("Answer:")[1].strip(), "answer"
        return
    action, given = re.search("Action: (.*)", text), re.search("Input: (.*)", text)
    if action is None or given is None:
        r.stopped = "format"
        return
    tool = tools.get(action[1].strip())
    result = tool(given[1].strip()) if tool else f"ERROR: no tool {action[1].strip()}"
    r.observed.append(result)
    r.text += (f"\n{text}" if own_turns else "") + f"\n{END} {result}"


@torch.inference_mode()
def _write(
    model, tokenizer, texts: list[str], stop: bool, temperature: float
) -> list[tuple[str, int]]:
    """Each text's continuation, and how many tokens it took; in one batch."""
    chats = [[{"role": "user", "content": text}] for text in texts]
    prompts = tokenizer.apply_chat_template(chats, add_generation_prompt=True, tokenize=False)
    batch = tokenizer(
        prompts, padding=True, padding_side="left", add_special_tokens=False, return_tensors="pt"
    )
    settings: dict = {"do_sample": False}
    if temperature > 0:
        settings = {"do_sample": True, "temperature": temperature, "top_k": 0}
    if stop:
        settings |= {"stop_strings": [END], "tokenizer": tokenizer}
    settings["max_new_tokens"] = 64 if stop else 120  # a step, or a whole run
    out = model.generate(batch.input_ids, attention_mask=batch.attention_mask, **settings)
    rows = []
    for row in out[:, batch.input_ids.shape[1] :].tolist():
        row = row[: row.index(tokenizer.eos_token_id)] if tokenizer.eos_token_id in row else row
        text = tokenizer.decode([i for i in row if i != tokenizer.pad_token_id])
        tokens = sum(i != tokenizer.pad_token_id for i in row)
        rows.append(((text.split(END)[0] if stop else text).strip(), tokens))
    return rows
