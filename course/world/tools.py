"""Episodes with tools: native calls (also in parallel), several steps, and ReAct text."""

from __future__ import annotations

import json
import random

from course.world.chats import Episode, known_question, small_talk
from course.world.generate import World
from course.world.language import Forms, answer, ask, pick_form
from course.world.names import Pool, entity_name
from course.world.questions import two_hop_question
from course.world.relations import BY_KIND, BY_NAME
from course.world.schema import Fact

LINKS = ("Also: ", "And another thing: ", "Then tell me: ", "Moreover: ")
REACT_SYSTEM = (
    "Use the tools lookup[name | attribute] and calculate[expression]. "
    "Write Thought, Action and Answer."
)


def _schema(tool: str, about: str, /, **parameters: str) -> dict:
    return {
        "type": "function",
        "function": {
            "name": tool,
            "description": about,
            "parameters": {
                "type": "object",
                "properties": {
                    key: {"type": "string", "description": text} for key, text in parameters.items()
                },
                "required": list(parameters),
            },
        },
    }


TOOLS: dict[str, dict] = {
    "lookup": _schema(
        "lookup",
        "Look up one attribute of a person, town, guild, ship, good, book or event.",
        name="its full name",
        attribute="which attribute",
    ),
    "calculate": _schema("calculate", "Compute an expression.", expression="such as 12 * 7"),
    "search": _schema("search", "Search the library.", query="what to look for"),
    "send": _schema("send", "Send a letter.", to="name of a person", text="what it says"),
}
"""JSON schemas of the tools, as `apply_chat_template` and the `openai` client take them."""


def call(tool: str, /, **arguments: str) -> dict:
    """One entry of a message's `tool_calls`."""
    return {"type": "function", "function": {"name": tool, "arguments": arguments}}


def lookup_call(fact: Fact) -> dict:
    """The call that looks a fact up."""
    return call("lookup", name=fact.subject, attribute=BY_NAME[fact.relation].attribute)


def lookup_result(fact: Fact) -> str:
    """What the look-up returns."""
    return json.dumps({BY_NAME[fact.relation].attribute: fact.value})


def lookup(world: World, name: str, attribute: str) -> str:
    """The tool itself, over a world: JSON with the value, or with an error."""
    for candidate in (name, name.replace("The ", "the ", 1)):
        if candidate in world.entities:
            for relation in BY_KIND[world.entities[candidate].kind]:
                if relation.attribute == attribute:
                    return lookup_result(world.fact(candidate, relation.name))
            return json.dumps({"error": "no such attribute"})
    return json.dumps({"error": "no such name"})


def _offer(rng: random.Random, *needed: str) -> list[str]:
    """The tools needed and perhaps others, in random order."""
    others = [name for name in TOOLS if name not in needed and rng.random() < 0.4]
    offered = [*needed, *others]
    rng.shuffle(offered)
    return offered


def _draw(world: World, rng: random.Random) -> Fact:
    return world.fact(*rng.choice(list(world.history)))


def _use(episode: Episode, calls: list[dict], results: list[str]) -> None:
    episode.messages.append({"role": "assistant", "content": "", "tool_calls": calls})
    episode.note("parallel call" if len(calls) > 1 else "call")
    episode.messages += [{"role": "tool", "content": result} for result in results]


def _say(episode: Episode, text: str) -> None:
    episode.messages.append({"role": "assistant", "content": text})
    episode.note("answer from tool")


def lookup_episode(
    world: World, rng: random.Random, number: int = 1, *, forms: Forms = "train"
) -> Episode:
    """A question that takes `number` look-ups at once, and the answer from their results."""
    episode = Episode("tools", tools=_offer(rng, "lookup"))
    facts: dict[Fact, None] = {}
    while len(facts) < number:
        facts[_draw(world, rng)] = None
    asked = [ask(BY_NAME[f.relation], f.subject, pick_form(rng, forms)) for f in facts]
    text = asked[0] + "".join(f" {rng.choice(LINKS)}{q}" for q in asked[1:])
    episode.messages.append({"role": "user", "content": text})
    _use(episode, [lookup_call(f) for f in facts], [lookup_result(f) for f in facts])
    _say(episode, " ".join(f"{answer(f)}." for f in facts))
    return episode


def missing_entry(world: World, rng: random.Random, pool: Pool = "train") -> Episode:
    """A look-up that finds nothing; the answer says so."""
    kind = rng.choice(list(BY_KIND))
    name, relation = entity_name(rng, kind, pool), rng.choice(BY_KIND[kind])
    episode = Episode("tools", tools=_offer(rng, "lookup"))
    episode.messages.append(
        {"role": "user", "content": ask(relation, name, pick_form(rng, "train"))}
    )
    wanted = call("lookup", name=name, attribute=relation.attribute)
    _use(episode, [wanted], [json.dumps({"error": "no such name"})])
    _say(episode, f"I found no entry for {name}.")
    return episode


def calculate_episode(rng: random.Random, number: int = 1) -> Episode:
    """Products and sums for the calculator."""
    episode = Episode("tools", tools=_offer(rng, "calculate"))
    sums = []
    for _ in range(number):
        a, b, sign = rng.randint(2, 999), rng.randint(2, 99), rng.choice("+-*")
        sums.append((f"{a} {sign} {b}", {"+": a + b, "-": a - b, "*": a * b}[sign]))
    text = " ".join(f"What is {expression}?" for expression, _ in sums)
    episode.messages.append({"role": "user", "content": text})
    _use(
        episode,
        [call("calculate", expression=expression) for expression, _ in sums],
        [json.dumps({"result": str(result)}) for _, result in sums],
    )
    _say(episode, " ".join(f"{expression} = {result}." for expression, result in sums))
    return episode


def cost_episode(world: World, rng: random.Random) -> Episode:
    """What several pieces of a good cost: a look-up, then a product."""
    good, count = rng.choice(world.of_kind("good")), rng.randint(2, 9)
    price = world.fact(good, "good.price")
    total = count * int(price.value)
    episode = Episode("tools", tools=_offer(rng, "lookup", "calculate"))
    ways = ("What do {} pieces of {} cost?", "How much do {} pieces of {} cost?")
    episode.messages.append({"role": "user", "content": rng.choice(ways).format(count, good)})
    _use(episode, [lookup_call(price)], [lookup_result(price)])
    expression = f"{count} * {price.value}"
    _use(episode, [call("calculate", expression=expression)], [json.dumps({"result": str(total)})])
    _say(episode, f"{count} pieces of {good} cost {total} coins.")
    return episode


def chain_episode(world: World, rng: random.Random, *, forms: Forms = "train") -> Episode:
    """A two-hop question answered by two look-ups, one after the other."""
    first, second = _chain(world, rng)
    question = two_hop_question(first, second, rng, forms)
    episode = Episode("tools", tools=_offer(rng, "lookup"))
    episode.messages.append({"role": "user", "content": question.text})
    for fact in (first, second):
        _use(episode, [lookup_call(fact)], [lookup_result(fact)])
    _say(episode, " ".join(f"{step}." for step in question.steps))
    return episode


def no_call_episode(world: World, rng: random.Random) -> Episode:
    """Tools are offered, and none of them is of use."""
    if rng.random() < 0.5:
        episode = small_talk(rng)
        episode.task, episode.tools = "tools", _offer(rng, "lookup")
    else:
        question = known_question(world, rng)
        episode = Episode("tools", tools=["calculate"])
        episode.turn(question.text, f"{question.answer}.")
    episode.labels = ["no call"]
    return episode


def react_episode(
    world: World, rng: random.Random, *, hops: int = 1, forms: Forms = "train"
) -> Episode:
    """Thought, Action, Observation in text; observations come back as user messages."""
    if hops == 1:
        facts = [_draw(world, rng)]
        text = ask(BY_NAME[facts[0].relation], facts[0].subject, pick_form(rng, forms))
        gold = answer(facts[0])
    else:
        facts = list(_chain(world, rng))
        question = two_hop_question(*facts, rng, forms)
        text, gold = question.text, question.steps[-1]
    episode = Episode("react").system(REACT_SYSTEM)
    user = f"Question: {text}"
    for fact in facts:
        attribute = BY_NAME[fact.relation].attribute
        action = (
            f"Thought: I need the {attribute} of {fact.subject}.\n"
            f"Action: lookup[{fact.subject} | {attribute}]"
        )
        episode.turn(user, action, "action")
        user = f"Observation: {fact.value}"
    return episode.turn(user, f"Thought: I know enough.\nAnswer: {gold}.", "react answer")


def _chain(world: World, rng: random.Random) -> tuple[Fact, Fact]:
    while BY_NAME[(first := _draw(world, rng)).relation].value not in BY_KIND:
        pass
    return first, rng.choice(world.facts(first.value))
