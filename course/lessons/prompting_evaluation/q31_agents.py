# %% [markdown]
r"""
## Q31. What makes an agent?

*Medium · 110 minutes · needs functions and dicts; question 21, the section before, lets a model name a tool through an API*
"""

# %% [markdown]
r"""
### Say it

> An agent is a model in a loop in which the *model* decides what happens next: it writes an action, a program runs it,
> the result is put into the model's context, and so on until it writes an answer. A plain call returns text; a workflow
> calls models and tools along a path that a programmer fixed. What makes an agent work is the loop around it, and that
> is an ordinary program with four duties: stop the model before it invents the tool's result, put back both what
> the model wrote and what the tool returned, turn every error into something the model can read, and end after a fixed
> number of steps. And errors compound: if a step succeeds with probability p, n steps succeed with p to the n.
"""

# %% [markdown]
r"""
### See it

**One call is not enough.** A question about a good that the lab's model has never heard of, asked as it stands, through the
`openai` client. The price is in no weight of the model; it is in a table that a tool can read. `probes.unseen` is a world
whose names no training text has.
"""

# %% tags=["demo"]
import random
from contextlib import ExitStack

from course import lab, serve
from course.lab import acting, probes

strange = probes.unseen(2)
kit = acting.tools_of(strange)
errand = acting.draw_tasks(strange, 3, seed=1)[2]
with serve.background() as client:
    done = client.chat.completions.create(
        model="instruct", messages=[{"role": "user", "content": errand.question}], temperature=0
    )
print("question:", errand.question)
print("one call:", done.choices[0].message.content)
print("true    :", errand.answer)

# %% [markdown]
r"""
The answer is of no use: a model without tools makes something up, or, as here if your run is like ours, writes a call that nobody
runs, because its training was full of calls. Somebody has to run it, and to ask again.

**A model that acts.** ReAct (Yao et al., 2022) lets the model write its reasoning and its actions into one running text,
and the program writes the observations between them. The answer to this question that goes around in lists of interview questions, in this section
*the popular answer*, has three parts: a table that sets an agent against a simple call (turns, tools, memory, planning, loop), a system prompt that
describes such a text with the labels `THOUGHT:`, `ACTION:`, `INPUT:`, `OBSERVATION:` and `FINAL ANSWER:`, and a `while not done` loop that calls the
model and the tools. A large model follows the description. The lab's `instruct` is too small for that, so the next cell trains it (for ten seconds or so, more on a busy machine) on 400 runs
of this form, about other worlds. In a quarter of them a tool is busy once, and the step is tried again. The model learns *whole* runs,
observations too, as a large model has learned whole dialogues from text: what that does will be seen soon.
"""

# %% tags=["demo"]
model, tokenizer = acting.trained(steps=40), lab.tokenizer("instruct")
print("\n".join([f"Question: {errand.question}", *errand.parts]))

# %% [markdown]
r"""
That was the run as it should be. The words Thought, Action and Observation are those of the first ReAct prompts (there they are numbered, and an
action is one line, such as `Search[...]` or `Finish[...]`); the exercises below use the capitals of the popular answer. Two tools exist, each a function from text to text:
"""

# %% tags=["demo"]
good = errand.parts[0].split("Input: ")[1]
for name, given in [
    ("lookup", good),
    ("calculate", "7 * 35"),
    ("lookup", "the Blue Whale | price"),
]:
    print(f"{name:9} {given!r:32} -> {kit[name](given)!r}")

# %% [markdown]
r"""
**The loop, by hand.** The trained model is saved and served beside the lab's own, under the name `agent`. Each
call gets the whole text so far, and is stopped at `Observation:`. Between the calls a *program* reads action and input, runs the tool, and
appends what the model wrote and what the tool returned.
"""

# %% tags=["demo"]
import tempfile

stack = ExitStack()
folder = stack.enter_context(tempfile.TemporaryDirectory())
acting.save(model, tokenizer, folder)
client = stack.enter_context(serve.background({"agent": folder}))


def go_on(text: str, **settings) -> str:
    """How the agent goes on after a text."""
    message = {"role": "user", "content": text}
    done = client.chat.completions.create(
        model="agent", messages=[message], temperature=0, max_completion_tokens=120, **settings
    )
    return done.choices[0].message.content.strip()


first = go_on(f"Question: {errand.question}", stop=["Observation:"])
print(first)

# %% tags=["demo"]
[run] = acting.run(model, tokenizer, [errand], kit)  # the same, until an answer comes
print(run.text, run.written[-1], sep="\n")
print("\nright:", run.answer == errand.answer, " calls of the model:", len(run.written))

# %% [markdown]
r"""
As a picture: each box of the left lane is one call of the model, each box of the right lane one call of a tool by the program. The bars
are the tokens that each call of the model has to *read*: the whole text so far, every time.
"""

# %% tags=["demo"]
from course import figures

steps = list(zip(run.written, [*run.observed, None], strict=True))
texts = [f"Question: {errand.question}"]
for wrote, observed in steps[:-1]:
    texts.append(f"{texts[-1]}\n{wrote}\nObservation: {observed}")
read = [len(tokenizer(text).input_ids) for text in texts]
fig, (ax, bars) = figures.subplots(1, 2, size=(8.4, 4.2), width_ratios=(3, 1))
box = {"boxstyle": "round", "facecolor": "white", "edgecolor": "#777777"}
for i, (wrote, observed) in enumerate(steps):
    ax.text(0.0, -2 * i, wrote, va="center", fontsize=9, bbox=box)
    if observed is not None:
        ax.text(1.0, -2 * i - 1, f"Observation: {observed}", va="center", fontsize=9, bbox=box)
        for start, end in [
            ((0.85, -2 * i), (1.1, -2 * i - 0.75)),
            ((0.97, -2 * i - 1), (0.4, -2 * i - 1.45)),
        ]:
            ax.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": "#777777"})
ax.set(xlim=(-0.05, 1.5), ylim=(-2 * len(steps) + 1.2, 0.9), title="model (left), tools (right)")
ax.axis("off")
bars.barh([-2 * i for i in range(len(read))], read, color="#777777")
bars.set(title="tokens read", yticks=[], ylim=(-2 * len(steps) + 1.2, 0.9))
figures.show(
    fig,
    f"Two lanes. On the left the {len(steps)} texts that the model wrote, from top to bottom; between them, on the right, "
    f"what the tools returned: {', '.join(run.observed)}. Arrows go from each action to its observation and on to the "
    f"next text. Bars beside them: the calls read {', '.join(map(str, read))} tokens.",
)

# %% [markdown]
r"""
#### Three ways to break it

Now many tasks at once: some take one look-up, some two of which the second needs the first one's result, some a look-up and
a product. They run in one batch straight on the model, since hundreds of calls over HTTP would
cost too much here; texts and stops are the same. The first row is the loop as above. In the second the model is not stopped at `Observation:`, and the program
reads action and answer wherever it finds them. In the third the program appends the observation only, as the popular answer's loop does.
All three give up after four calls. Which of the two changes hurts more? Decide before you run.
"""

# %% tags=["demo"]
from scipy.stats import binomtest

tasks = acting.draw_tasks(strange, 24, seed=2)
loops = {
    "the whole loop": {},
    "no stop sequence": {"stop": False},
    "no assistant turn": {"own_turns": False},
}
runs = {
    name: acting.run(model, tokenizer, tasks, kit, limit=4, **how) for name, how in loops.items()
}
print(
    f"of {len(tasks)} tasks      right [95 %]          no tool called   calls   tokens written a task"
)
for name, found in runs.items():
    right = sum(r.answer == t.answer for r, t in zip(found, tasks, strict=True))
    low, high = binomtest(right, len(tasks)).proportion_ci(method="wilson")
    none = np.mean([not r.observed for r in found])
    calls = np.mean([len(r.written) for r in found])
    tokens = np.mean([r.tokens for r in found])
    print(
        f"{name:18} {right / len(tasks):6.2f} [{low:.2f}, {high:.2f}] {none:14.2f} {calls:11.1f} {tokens:12.0f}"
    )

# %% tags=["demo"]
fig, ax = figures.subplots(size=(6.8, 2.8))
shares = {}
for place, (name, found) in enumerate(runs.items()):
    shares[name] = [
        np.mean([r.answer == t.answer for r, t in zip(found, tasks, strict=True) if t.kind == kind])
        for kind in acting.KINDS
    ]
    ax.bar(
        np.arange(3) + 0.27 * (place - 1), shares[name], 0.25, label=name,
        color=("#777777", "#ffffff", "#dddddd")[place], edgecolor="#222222", hatch=("", "////", "")[place],
    )  # fmt: skip
ax.set_xticks(range(3), acting.KINDS)
ax.set(ylabel="right", ylim=(0, 1.05))
ax.legend(frameon=False, bbox_to_anchor=(1, 1))
figures.show(
    fig,
    "Three groups of bars, the share of tasks that are right. "
    + "; ".join(
        f"{name}: "
        + ", ".join(f"{kind} {s:.2f}" for kind, s in zip(acting.KINDS, row, strict=True))
        for name, row in shares.items()
    )
    + ".",
)

# %% [markdown]
r"""
**Without a stop sequence** hardly anything is right, and in most runs no tool is called at all (the column says in how many): the model goes on and writes the observation
itself. It has learned what observations look like, not what they say. Here is one such text, beside what the
tools would have said:
"""

# %% tags=["demo"]
invented = next(
    (r.written[0], t)
    for r, t in zip(runs["no stop sequence"], tasks, strict=True)
    if t.kind == acting.KINDS[2] and "Observation:" in r.written[0]
)
print(invented[0])
print("\nthe tools:", ", ".join(p for p in invented[1].parts if p.startswith("Observation:")))
pairs = [
    (line.strip(), part)
    for r, t in zip(runs["no stop sequence"], tasks, strict=True)
    for line, part in [(r.written[0].partition("Observation:")[2].split("\n")[0], t.parts[1])]
    if line
]
true = sum(part == f"Observation: {line}" for line, part in pairs)
print(f"first observations invented: {len(pairs)}; of these true by chance: {true}")

# %% [markdown]
r"""
The text looks like work: a look-up, a result, a conclusion. Nothing in it can be told from a real run, except by the program, which
knows what it has called. (An answer with tool calls, question 21, ends by itself after the call, with a special token: that is the same stop, built
into the model and the server.)

**Without the assistant turn** the model sees an observation and no action that led to it. Where one look-up is all that is needed,
it can often guess what the value means. Where a second step depends on the first, it has to guess which step it is at:
"""

# %% tags=["demo"]
lost = next(
    (r, t)
    for r, t in zip(runs["no assistant turn"], tasks, strict=True)
    if t.kind == acting.KINDS[1] and r.answer != t.answer
)
print(lost[0].text, f"-> {lost[0].written[-1]}", sep="\n")
print("\nright would have been:", lost[1].answer)

# %% [markdown]
r"""
**Without a step limit** nothing goes wrong as long as tools work. So let the look-up be busy for good. The agent has learned to try again,
which is sensible once. `while not done` would leave it to the model how often; to get a picture at all, the cell gives up
after ten calls.
"""

# %% tags=["demo"]
import itertools
import re

busy = kit | {"lookup": lambda given: acting.BUSY}
stuck = acting.run(model, tokenizer, tasks[:12], busy, limit=10)
calls = [len(r.written) for r in stuck]
answered = [(r.answer, t.answer) for r, t in zip(stuck, tasks, strict=False) if r.answer]
print("calls until it ended:", {n: calls.count(n) for n in sorted(set(calls))})
trying = [r for r in stuck if r.stopped == "limit"]
print(f"still trying after 10: {len(trying)} of {len(stuck)}")
made = [[re.findall("(?:Action|Input): (.*)", w) for w in r.written] for r in trying]
again = [
    next((n for n, (a, b) in enumerate(itertools.pairwise(m), 2) if a == b), None) for m in made
]
print(f"the same call twice in a row, for the first time at call: {again}")
print(f"answered all the same: {len(answered)}, right: {sum(a == b for a, b in answered)}")
longest = max(stuck, key=lambda r: len(r.written))
pieces = longest.text.split("\nObservation:")[: len(longest.written)]
lengths = [
    len(tokenizer("\nObservation:".join(pieces[: i + 1])).input_ids) for i in range(len(pieces))
]
print(
    f"the longest run: {len(longest.written)} calls, and {sum(lengths)} tokens read, {lengths[0]} by the first"
)
print("\n" + "\n".join(longest.text.split("\n")[:9]), "...", sep="\n")

# %% [markdown]
r"""
Two things to read off. Some runs were still trying after ten calls, and nothing in the loop would have ended them; each call reads everything
before it, so the cost grows with the *square* of the number of steps. Most others end with an answer that no tool has ever given: a model that was
never shown how to give up makes something up. So a loop needs a limit, a rule for the same call twice in a row, *and* somebody who looks at why it
stopped: an answer, the limit, a repetition, or a text in which nothing could be read. In 31.2 you return that beside the answer. The rule
catches the exact repetition only, so it comes late where the model varies its calls, or never; the limit always comes. And the rule has a price: with it, this loop also forbids one
sensible retry of a busy tool. A retry belongs inside the tool, where the program decides.
"""

# %% [markdown]
r"""
#### Errors compound

An errand of several links: each question is about the answer to the last one (where does X live, who is the mayor of that town,
who was the mayor's teacher ...). One wrong link, and what follows is about something else, so all have to be right. If each succeeds
with probability $p$, independently of the others, $n$ succeed with $p^n$. The cell draws 24 chains of five links in another
world and asks every link on its own; and, as somebody would who has only a benchmark of single questions, 32 questions drawn evenly from
the same world. Which $p$ predicts the chains?
"""

# %% tags=["demo"]
from course.world.relations import BY_KIND, BY_NAME

other = probes.unseen(3)


def leads_on(fact) -> bool:
    """Whether one can go on asking about the value."""
    return BY_NAME[fact.relation].value in BY_KIND


rng = random.Random(31)
linked = [f for name in other.entities for f in other.facts(name) if leads_on(f)]
chains = []
while len(chains) < 24:
    chain = [rng.choice(linked)]
    while len(chain) < 5 and (onward := [f for f in other.facts(chain[-1].value) if leads_on(f)]):
        chain.append(rng.choice(onward))
    if len(chain) == 5:
        chains.append(chain)


def solved(facts: list) -> list[bool]:
    """One question each, and whether the agent's answer is right."""
    asked = [acting.single(f, rng) for f in facts]
    found = acting.run(model, tokenizer, asked, acting.tools_of(other), limit=3)
    return [r.answer == t.answer for r, t in zip(found, asked, strict=True)]


p_single = float(np.mean(solved(rng.sample(linked, 32))))
links = np.array(solved([f for chain in chains for f in chain])).reshape(-1, 5)
p = float(links.mean())
print(" -> ".join([chains[0][0].subject, *(f.value for f in chains[0])]))
print(f"single questions right: {p_single:.2f}; links of chains right: p = {p:.2f}")

# %% tags=["demo"]
measured = links.cumprod(axis=1).mean(axis=0)  # all right so far
n = np.arange(1, 6)
ends = [
    binomtest(round(m * len(links)), len(links)).proportion_ci(method="wilson") for m in measured
]
spread = np.array([(m - low, high - m) for m, (low, high) in zip(measured, ends, strict=True)]).T
fig, ax = figures.subplots(size=(5.6, 2.9))
ax.plot(
    n, p_single**n, linestyle=":", color="#777777", label=f"from single questions, {p_single:.2f}"
)
ax.plot(n, p**n, linestyle="--", color="#777777", label=f"from links, p = {p:.2f}")
ax.errorbar(n, measured, spread, fmt="o", color="#222222", capsize=3, label="measured")
ax.set(xlabel="links in a row", ylabel="all of them right", ylim=(-0.05, 1.05))
ax.legend(frameon=False, bbox_to_anchor=(1, 1))
figures.show(
    fig,
    "Share of chains that are right from the first to the n-th link, n from one to five. Measured, with Wilson's 95 % intervals: "
    + ", ".join(f"{m:.2f}" for m in measured)
    + f". Dashed, p to the n with p = {p:.2f} of the links: "
    + ", ".join(f"{p**k:.2f}" for k in n)
    + f". Dotted, with {p_single:.2f} of single questions: "
    + ", ".join(f"{p_single**k:.2f}" for k in n)
    + ".",
)

# %% tags=["demo"]
print("p a step   n for an even chance   20 steps in a row   50 steps")
for each in (0.9, 0.95, 0.99, 0.999):
    half = math.log(0.5) / math.log(each)
    print(f"{each:8} {half:16.0f} {each**20:21.2f} {each**50:14.2f}")

# %% [markdown]
r"""
Compare dots and lines within their intervals. The first thing to see is the fall: an agent that gets most single steps right gets most
chains of five wrong. The second is that $p^n$ rests on two assumptions. One $p$ for all links: chains lead to other subjects
than an even draw does, so a $p$ from a benchmark need not be theirs. And independence: where failures come together, in a few hard
chains, more chains than $p^n$ are wholly right, although the links taken together are no better. Real tasks break both, and an
agent that notices an error and goes back does better than either line. So $p^n$ is not a law but a yardstick, and the reason why
benchmarks ask for the same task several times: τ-bench (Yao et al., 2024) also counts how often all of k tries succeed
(pass^k).
"""

# %% [markdown]
r"""
#### The same with a framework

`create_agent` of LangChain (on LangGraph) is this loop, with tool calls through the API instead of labels in a text. The lab's
`instruct` was trained on such calls; LangChain talks to the endpoint as to any other. The server is shut afterwards.
"""

# %% tags=["demo"]
import json

try:
    from langchain.agents import create_agent
    from langchain_openai import ChatOpenAI
    from langgraph.errors import GraphRecursionError
except ImportError:
    create_agent = None
    print("This demo needs: pip install langchain langchain-openai langgraph")
else:

    def lookup(name: str, attribute: str) -> str:
        """Look up one attribute of a person, town, guild, ship, good, book or event."""
        return json.dumps({attribute: kit["lookup"](f"{name} | {attribute}")})

    def calculate(expression: str) -> str:
        """Compute an expression."""
        return json.dumps({"result": kit["calculate"](expression)})

    chat = ChatOpenAI(model="instruct", base_url=str(client.base_url), api_key="any", temperature=0)
    agent = create_agent(chat, [lookup, calculate])
    asked = {"messages": [{"role": "user", "content": errand.question}]}
    for message in agent.invoke(asked)["messages"]:
        calls = getattr(message, "tool_calls", None)
        print(
            f"{type(message).__name__:13}",
            message.content or [(c["name"], c["args"]) for c in calls],
        )
    print("steps allowed unless you say otherwise:", agent.config["recursion_limit"])
    try:
        agent.invoke(asked, {"recursion_limit": 3})
    except GraphRecursionError as error:
        print("with a limit of 3:", str(error).split(".")[0])

# %% [markdown]
r"""
The history holds both sides: assistant messages with their calls, tool messages with results. The limit is there too, but look at
its default in the version that is installed here; nobody wants to pay for that many steps (the libraries' defaults have
changed over the years; set your own). It counts nodes of the graph, model and tools alike.

The same code talks to another model by its address and name. Not run here:

```python
import os
from openai import OpenAI

client = OpenAI(base_url=os.environ["OPENAI_BASE_URL"], api_key=os.environ["OPENAI_API_KEY"])
done = client.chat.completions.create(model="...", messages=messages, stop=["OBSERVATION:"])
```

Not every model takes `stop`: OpenAI's API description says "Not supported with latest reasoning models `o3` and `o4-mini`" (as its
client libraries still quote it in November 2026). Then cut the text yourself, as the exercises do in any case; you pay for what you cut.
"""

# %% tags=["demo"]
stack.close()

# %% [markdown]
r"""
### Build it

Three exercises: reading one step, the whole loop, and the repair of the loop that is found everywhere.
"""

# %% [markdown]
r"""
### Exercise 31.1 · `parse_step`

●●○ · 20 minutes · 4 points · core

Write `parse_step(text)`. It reads what a model has written in one step and returns a dict with exactly the keys
`"thought"`, `"action"`, `"input"` and `"answer"`, each a string or None.

- The text from the first `OBSERVATION:` on, wherever it stands, is discarded.
- What remains is read line by line (lines end with `\n` and with nothing else). A line that begins with one of the labels `THOUGHT:`, `ACTION:`,
  `INPUT:`, `FINAL ANSWER:` starts that field; spaces may stand before the label. The field's text is what follows the label.
- Labels are in capitals, with the colon directly behind them. `Action:` is ordinary text, and so are `Observation:`, `ANSWER:` and a label in the
  middle of a line.
- A line without a label continues the field above it, with the line break between them. Lines before the first label are ignored.
- Of each label the first one counts. A later field with the same label is dropped, with the lines that continue it.
- White space at both ends of a field is stripped; inside it everything stays, indented lines and spaces at the end of a line too.
- A field that is not there is None; one that is there and empty is `""`.
- With an action, `answer` is None whatever the text says (the action wins), and an input that is not there is `""`.
  Without an action, `input` is None.

By hand: `"THOUGHT: I need the price.\nACTION: lookup\nINPUT: a lamp | price"` gives `{"thought": "I need the price.",
"action": "lookup", "input": "a lamp | price", "answer": None}`.

<details><summary>Hint 1</summary>

Walk through the lines and remember which field you are in. Decide the rules between the fields (action and answer, action and input) at the
end, when all are read. Is `""` the same as "not there"?

</details>

<details><summary>Hint 2</summary>

Cut the text first. Keep a dict from field to its list of lines, and a variable with the list that the next line without label goes to; at the
start, and for a label seen before, that is a list that nobody looks at later. Then join, strip, and apply the last rule.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q31-parse-step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def parse_step(text: str) -> dict[str, str | None]:
    """Return thought, action, input and answer of one step; None for what is not there."""
    ### BEGIN SOLUTION
    labels = {
        "THOUGHT:": "thought", "ACTION:": "action", "INPUT:": "input", "FINAL ANSWER:": "answer",
    }  # fmt: skip
    fields: dict[str, list[str]] = {}
    current: list[str] = []  # of lines that belong nowhere
    for line in text.partition("OBSERVATION:")[0].split("\n"):
        start = line.lstrip(" ")
        label = next((x for x in labels if start.startswith(x)), None)
        if label is None:
            current.append(line)
        else:
            current = [start[len(label) :]]
            fields.setdefault(labels[label], current)
    step = dict.fromkeys(labels.values())
    step |= {kind: "\n".join(lines).strip() for kind, lines in fields.items()}
    if step["action"] is None:
        step["input"] = None
    else:
        step["input"] = step["input"] or ""
        step["answer"] = None
    return step
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q31-parse-step-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    parse_step,
    [
        (
            ("THOUGHT: I need the price.\nACTION: lookup\nINPUT: a lamp | price",),
            {
                "thought": "I need the price.",
                "action": "lookup",
                "input": "a lamp | price",
                "answer": None,
            },
        ),
        (
            ("THOUGHT: I know enough.\nFINAL ANSWER: 35 coins.",),
            {"thought": "I know enough.", "action": None, "input": None, "answer": "35 coins."},
        ),
        (("Hello!",), {"thought": None, "action": None, "input": None, "answer": None}),
    ],
    "a field is what follows its label; all four keys are there, with None for what the text lacks",
)

# %% nbgrader={"grade": true, "grade_id": "q31-parse-step-hidden-lines", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: labels and the lines that follow them (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
a, b, c = (str(w) for w in rng.permutation(["lamp", "chair", "rope"]))


def step(**fields) -> dict:
    return {"thought": None, "action": None, "input": None, "answer": None} | fields


testing.agree(
    parse_step,
    [
        ((f"THOUGHT:{a}\n  ACTION:  {b}  \nINPUT:\t{c} ",), step(thought=a, action=b, input=c)),
        (
            (f"THOUGHT: {a}\nand {b}.\n\nACTION: run\nINPUT: if x:\n    y = 1\n\nprint({c})\n",),
            step(thought=f"{a}\nand {b}.", action="run", input=f"if x:\n    y = 1\n\nprint({c})"),
        ),
        (
            (f"Sure!\nTHOUGHT: {a}\nFINAL ANSWER: {b}\n- {c}",),
            step(thought=a, answer=f"{b}\n- {c}"),
        ),
        (
            (f"THOUGHT: the next ACTION: {b} or INPUT: {c} may do\nAction: {a}",),
            step(thought=f"the next ACTION: {b} or INPUT: {c} may do\nAction: {a}"),
        ),
        ((f"Final answer: {a}\nACTION : {b}",), step()),
        ((f"INPUT: {b}: {c}\nACTION: {a}",), step(action=a, input=f"{b}: {c}")),
        ((f"THOUGHT: {a}\nANSWER: {b}",), step(thought=f"{a}\nANSWER: {b}")),
    ],
    "a label counts at the beginning of a line only (spaces before it are allowed), in capitals, and there are four; "
    "lines without a label continue the field above, with their line breaks and indentation, and those before the "
    "first label are ignored",
)
testing.agree(
    parse_step,
    [
        ((f"THOUGHT: {a}\n{b}  \n{c}",), step(thought=f"{a}\n{b}  \n{c}")),
        ((f"THOUGHT: {a}\x0cACTION: {b}",), step(thought=f"{a}\x0cACTION: {b}")),
        ((f"FINAL ANSWER: {a}\u2028INPUT: {b}\n{c}",), step(answer=f"{a}\u2028INPUT: {b}\n{c}")),
    ],
    "inside a field everything stays, spaces at the end of a line too, and a line ends with \\n only (`splitlines` "
    "knows other ends)",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q31-parse-step-hidden-observation", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: an observation that the model has invented (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
price = int(rng.integers(10, 90))


def step(**fields) -> dict:
    return {"thought": None, "action": None, "input": None, "answer": None} | fields


testing.agree(
    parse_step,
    [
        (
            (
                f"ACTION: lookup\nINPUT: lamp\nOBSERVATION: {price}\nTHOUGHT: fine\nFINAL ANSWER: {price}",
            ),
            step(action="lookup", input="lamp"),
        ),
        (
            (f"THOUGHT: I wait.\nOBSERVATION: {price}\nFINAL ANSWER: {price}",),
            step(thought="I wait."),
        ),
        ((f"THOUGHT: I wait. OBSERVATION: {price}\nACTION: lookup",), step(thought="I wait.")),
        (
            (f"FINAL ANSWER: {price}\nOBSERVATION: thanks\nACTION: lookup\nOBSERVATION: 1",),
            step(answer=str(price)),
        ),
        ((f"OBSERVATION: {price}\nFINAL ANSWER: {price}",), step()),
        (
            (f"THOUGHT: see Observation: {price}\nACTION: lookup",),
            step(thought=f"see Observation: {price}", action="lookup", input=""),
        ),
    ],
    "everything from the first OBSERVATION: on (in capitals) is invented by the model and discarded, wherever it "
    "begins, whatever labels follow",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q31-parse-step-hidden-both", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: action and answer in one text, labels twice (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
a, b, c = (str(w) for w in rng.permutation(["lamp", "chair", "rope"]))


def step(**fields) -> dict:
    return {"thought": None, "action": None, "input": None, "answer": None} | fields


testing.agree(
    parse_step,
    [
        ((f"ACTION: find\nINPUT: {a}\nFINAL ANSWER: {b}",), step(action="find", input=a)),
        ((f"FINAL ANSWER: {b}\nACTION: find\nINPUT: {a}",), step(action="find", input=a)),
        (
            (f"ACTION: find\nINPUT: {a}\nACTION: send\nINPUT: {b}\nto {c}",),
            step(action="find", input=a),
        ),
        ((f"THOUGHT: {a}\nTHOUGHT: {b}\nmore\nFINAL ANSWER: {c}",), step(thought=a, answer=c)),
        ((f"FINAL ANSWER: {a}\nFINAL ANSWER: {b}",), step(answer=a)),
    ],
    "an action wins over an answer in either order, and of two fields with one label the first counts; the lines "
    "that continue the second go with it",
)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q31-parse-step-hidden-empty", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: empty is not absent (1 point)
### BEGIN HIDDEN TESTS
def step(**fields) -> dict:
    return {"thought": None, "action": None, "input": None, "answer": None} | fields


testing.agree(
    parse_step,
    [
        (("",), step()),
        (("ACTION: today",), step(action="today", input="")),
        (("ACTION: today\nINPUT:\n",), step(action="today", input="")),
        (("ACTION:\nINPUT: lamp",), step(action="", input="lamp")),
        (("ACTION:  \nFINAL ANSWER: a lamp",), step(action="", input="")),
        (("THOUGHT:\nFINAL ANSWER: ",), step(thought="", answer="")),
        (("INPUT: lamp",), step()),
        (("INPUT: lamp\nFINAL ANSWER: a lamp",), step(answer="a lamp")),
    ],
    "a label with nothing behind it is an empty string, a label that is missing None; an action without an input has "
    "the input '', and an input without an action is None",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 31.2 · `react`

●●● · 40 minutes · 7 points · core

Write `react(model, tools, question, max_steps, parse)`, the loop. It returns a `course.ReactResult(answer, trace, stopped)`, a
dataclass.

- `model(transcript, stop)` returns the text of the next step. `transcript` is one string, `stop` is always
  `["OBSERVATION:"]`. Not every model obeys: from its text everything from the first `OBSERVATION:` on is dropped, and white space at
  both ends stripped, before anything else is done with it.
- The transcript is made of parts joined by `\n`: `QUESTION: ` and the question; then for each step so far the text that the model wrote
  (as dropped and stripped) and `OBSERVATION: ` and the tool's result. The model gets the whole transcript every time.
- `parse(text)` reads a step into a dict with the keys thought, action, input, answer, as `parse_step` of 31.1 does. But `parse` is not always your
  `parse_step`: another one may read another format, and an empty text too. An answer there ends the run; an action is run; with neither the
  run ends. *There* means not None: an empty answer is an answer, an empty action is the name of a tool that does not exist.
- `tools` is a dict from name to function. The function is called with the input, a string, and its result, a string, is the
  observation, as it is. If there is no tool of that name, the observation begins with `ERROR:` and has the name in it. If
  the tool raises an `Exception`, of whatever kind, the observation begins with `ERROR:` and has the exception's text in it. The
  run goes on in both cases.
- An action whose name and input are both equal to those of the step directly before is not run; the run ends. It does not matter whether the
  first one has failed.
- The model is called at most `max_steps` times; the action of the last step is still run, and its result observed. `max_steps` may be 0.
- `stopped` is `"answer"`, `"format"` (neither action nor answer), `"repeat"` or `"max_steps"`. `answer` is the answer's text, or None
  if there is none.
- `trace` is a list of `(kind, text)`: of each step its thought, if there is one (not None), then its answer, or action and input, and then the
  observation without its label, if there is one. Kinds are `"thought"`, `"action"`, `"input"`, `"observation"`, `"answer"`.

By hand: if the model first writes `ACTION: price\nINPUT: lamp`, the tool `price` returns `35`, and the model then writes
`FINAL ANSWER: 35 coins`, it has seen first `QUESTION: How much?` and then
`QUESTION: How much?\nACTION: price\nINPUT: lamp\nOBSERVATION: 35`. The result is
`ReactResult("35 coins", [("action", "price"), ("input", "lamp"), ("observation", "35"), ("answer", "35 coins")], "answer")`.

<details><summary>Hint 1</summary>

The order of checks within a step decides everything: cut, parse, note the thought, then which of four things? Ask
for `is not None`, not for truth.

</details>

<details><summary>Hint 2</summary>

A `for` loop over `range(max_steps)`; behind it the return with `"max_steps"`. In it: call, cut, parse; answer → return; no action → return;
note action and input; same as the last call → return; otherwise remember the call, run it inside `try`, and append the
model's text and the observation to the list of parts.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q31-react", "locked": false, "schema_version": 3, "solution": true, "task": false}
def react(model, tools: dict, question: str, max_steps: int, parse) -> course.ReactResult:
    """Let a model think, act and observe until it answers, or until something else ends the run."""
    ### BEGIN SOLUTION
    parts, trace, last = [f"QUESTION: {question}"], [], None
    for _ in range(max_steps):
        text = model("\n".join(parts), ["OBSERVATION:"]).partition("OBSERVATION:")[0].strip()
        step = parse(text)
        if step["thought"] is not None:
            trace.append(("thought", step["thought"]))
        if step["answer"] is not None:
            trace.append(("answer", step["answer"]))
            return course.ReactResult(step["answer"], trace, "answer")
        if step["action"] is None:
            return course.ReactResult(None, trace, "format")
        call = (step["action"], step["input"])
        trace += [("action", call[0]), ("input", call[1])]
        if call == last:
            return course.ReactResult(None, trace, "repeat")
        last = call
        if call[0] not in tools:
            observation = f"ERROR: there is no tool {call[0]!r}, only {', '.join(tools)}"
        else:
            try:
                observation = tools[call[0]](call[1])
            except Exception as error:
                observation = f"ERROR: {error}"
        trace.append(("observation", observation))
        parts += [text, f"OBSERVATION: {observation}"]
    return course.ReactResult(None, trace, "max_steps")
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q31-react-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
told = ["ACTION: price\nINPUT: lamp", "FINAL ANSWER: 35 coins"]
meant = {
    told[0]: {"thought": None, "action": "price", "input": "lamp", "answer": None},
    told[1]: {"thought": None, "action": None, "input": None, "answer": "35 coins"},
}
seen = []


def scripted(transcript: str, stop: list[str]) -> str:
    seen.append((transcript, list(stop)))
    return told[len(seen) - 1]


result = react(scripted, {"price": lambda given: "35"}, "How much?", 5, lambda text: meant[text])
testing.check(
    testing.close(
        result,
        course.ReactResult(
            "35 coins",
            [("action", "price"), ("input", "lamp"), ("observation", "35"), ("answer", "35 coins")],
            "answer",
        ),
    ),
    "one look-up and an answer: the result of the prompt's example",
    got=result,
)
second = "QUESTION: How much?\nACTION: price\nINPUT: lamp\nOBSERVATION: 35"
testing.check(
    seen == [("QUESTION: How much?", ["OBSERVATION:"]), (second, ["OBSERVATION:"])],
    "what the model is shown: the question, and then all that has happened, its own text included",
    got=seen,
)

# %% nbgrader={"grade": true, "grade_id": "q31-react-hidden-transcript", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what the model sees, and the trace (2 points)
### BEGIN HIDDEN TESTS
import re

rng = testing.rng()
LABELS = r"^(THOUGHT|ACTION|INPUT|FINAL ANSWER): ?(.*)$"


def parse(text: str) -> dict:
    found = dict(re.findall(LABELS, text.split("OBSERVATION:")[0], re.M))
    acts = "ACTION" in found
    return {
        "thought": found.get("THOUGHT"), "action": found.get("ACTION"),
        "input": found.get("INPUT", "") if acts else None,
        "answer": None if acts else found.get("FINAL ANSWER"),
    }  # fmt: skip


x, y, z = (str(n) for n in rng.integers(10, 99, 3))
told = [
    f"  THOUGHT: the price first\nACTION: price\nINPUT: lamp {x}\n",
    f"ACTION: times\nINPUT: {x} {y}",
    f"THOUGHT: again\nACTION: price\nINPUT: lamp {x}",
    f"THOUGHT: done\nFINAL ANSWER: {z} coins\n\n",
]
tools = {"price": lambda given: f"  {given} costs {y}\n", "times": lambda given: f"{given}\n= {z}"}
cost = f"  lamp {x} costs {y}\n"
seen = []


def scripted(transcript: str, stop: list[str]) -> str:
    seen.append((transcript, stop))
    return told[len(seen) - 1]


question = f"What do {x} cost?"
result = react(scripted, tools, question, 4, parse)
seen = [(transcript, list(stop)) for transcript, stop in seen]
parts = [f"QUESTION: {question}"]
for text, got in zip(told, [cost, f"{x} {y}\n= {z}", cost, ""], strict=True):
    parts.append(parts[-1] + f"\n{text.strip()}\nOBSERVATION: {got}")
testing.check(
    [transcript for transcript, _ in seen] == parts[:4],
    "each call gets the whole transcript: the question, and for each step the model's own text, stripped, and after "
    "it the observation, which is the tool's result as it is",
    inputs=told,
    got=[transcript for transcript, _ in seen],
    expected=parts[:4],
)
testing.check(
    [stop for _, stop in seen] == [["OBSERVATION:"]] * 4,
    "every call of the model passes the stop sequence, in a list",
)
trace = [
    ("thought", "the price first"), ("action", "price"), ("input", f"lamp {x}"),
    ("observation", cost),
    ("action", "times"), ("input", f"{x} {y}"), ("observation", f"{x} {y}\n= {z}"),
    ("thought", "again"), ("action", "price"), ("input", f"lamp {x}"),
    ("observation", cost),
    ("thought", "done"), ("answer", f"{z} coins"),
]  # fmt: skip
expected = course.ReactResult(f"{z} coins", trace, "answer")
testing.check(
    testing.close(result, expected),
    "thought, action, input, observation of every step in order, and the answer last; the same call again later, with "
    "another one between, is no repetition",
    inputs=told,
    got=result,
    expected=expected,
)


def terse(text: str) -> dict:
    """Another format: a verb and a word; a text that is empty means: look."""
    verb, _, rest = (text or "look").partition(" ")
    if verb == "say":
        return {"thought": None, "action": None, "input": None, "answer": rest}
    return {"thought": None, "action": verb, "input": rest, "answer": None}


told, seen = [f"times {x}", " \n", f"say {z}"], []
try:
    result = react(
        scripted, {"times": lambda given: y, "look": lambda given: z}, question, 3, terse
    )
except NotImplementedError:
    raise
except Exception as error:
    testing.check(False, "a run with another `parse` fails", inputs=told, got=error)
expected = course.ReactResult(
    z,
    [
        ("action", "times"), ("input", x), ("observation", y),
        ("action", "look"), ("input", ""), ("observation", z), ("answer", z),
    ],
    "answer",
)  # fmt: skip
testing.check(
    testing.close(result, expected),
    "what a text means is said by the function `parse` that was given and by nothing else: here it reads another "
    "format, in which an empty text is an action",
    inputs=told,
    got=result,
    expected=expected,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q31-react-hidden-invented", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a model that does not stop (1 point)
### BEGIN HIDDEN TESTS
import re

rng = testing.rng()
LABELS = r"^(THOUGHT|ACTION|INPUT|FINAL ANSWER): ?(.*)$"


def parse(text: str) -> dict:
    found = dict(re.findall(LABELS, text, re.M))
    acts = "ACTION" in found
    return {
        "thought": found.get("THOUGHT"), "action": found.get("ACTION"),
        "input": found.get("INPUT", "") if acts else None,
        "answer": None if acts else found.get("FINAL ANSWER"),
    }  # fmt: skip


x, y = (str(n) for n in rng.choice(np.arange(10, 99), 2, replace=False))
told = [
    f"ACTION: price\nINPUT: lamp\nOBSERVATION: {x}\nTHOUGHT: fine\nFINAL ANSWER: {x} coins\n"
    f"OBSERVATION: {x} coins",
    f"FINAL ANSWER: {y} coins\nOBSERVATION: right\nACTION: price",
]
seen, asked = [], []


def scripted(transcript: str, stop: list[str]) -> str:
    seen.append(transcript)
    return told[min(len(seen), len(told)) - 1]


def price(given: str) -> str:
    asked.append(given)
    return y


result = react(scripted, {"price": price}, "How much?", 3, parse)
testing.check(
    len(seen) > 1
    and seen[1] == f"QUESTION: How much?\nACTION: price\nINPUT: lamp\nOBSERVATION: {y}",
    "the first observation that the model wrote itself stays out of the transcript, with all that follows it: only "
    "what the tool returned stands there",
    inputs=told,
    got=seen,
)
testing.check(
    testing.close(
        result,
        course.ReactResult(
            f"{y} coins",
            [("action", "price"), ("input", "lamp"), ("observation", y), ("answer", f"{y} coins")],
            "answer",
        ),
    ),
    "the observation is the tool's result, and nothing that follows an invented observation is read: it is cut off "
    "before `parse` gets the text",
    inputs=told,
    got=result,
)
testing.check(asked == ["lamp"], "the tool is called once for each action, with the action's input")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q31-react-hidden-errors", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: unknown tools, and tools that raise (2 points)
### BEGIN HIDDEN TESTS
import re

rng = testing.rng()
LABELS = r"^(THOUGHT|ACTION|INPUT|FINAL ANSWER): ?(.*)$"


def parse(text: str) -> dict:
    found = dict(re.findall(LABELS, text.split("OBSERVATION:")[0], re.M))
    acts = "ACTION" in found
    return {
        "thought": found.get("THOUGHT"), "action": found.get("ACTION"),
        "input": found.get("INPUT", "") if acts else None,
        "answer": None if acts else found.get("FINAL ANSWER"),
    }  # fmt: skip


missing, gone, wrong = (
    f"{w}{int(n)}" for w, n in zip("abc", rng.integers(100, 999, 3), strict=True)
)


def raises_key(given: str) -> str:
    raise KeyError(gone)


def raises_value(given: str) -> str:
    raise ValueError(wrong)


def raises_zero(given: str) -> str:
    return str(1 / 0)


class Jam(Exception):
    """An error that no list of names has."""


def raises(error: Exception):
    def tool(given: str) -> str:
        raise error

    return tool


others = [OSError, AssertionError, Jam]
others = [others[i] for i in rng.permutation(3)]
tools = {
    "shelf": raises_key, "sum": raises_value, "share": raises_zero, "ok": lambda given: given,
    **{kind.__name__: raises(kind(f"out of order: {wrong}")) for kind in others},
}  # fmt: skip
names = [missing, "shelf", "sum", "share", *(kind.__name__ for kind in others), ""]
told = [
    *(f"ACTION: {name}\nINPUT: x" for name in names),
    "ACTION: ok\nINPUT: fine", "FINAL ANSWER: yes",
]  # fmt: skip
seen = []


def scripted(transcript: str, stop: list[str]) -> str:
    seen.append(transcript)
    return told[len(seen) - 1]


try:
    result = react(scripted, tools, "Well?", len(told) + 2, parse)
except NotImplementedError:
    raise
except Exception as error:
    testing.check(
        False,
        "an error of a tool, of whatever kind, or a tool that does not exist, is observed and not raised",
        got=error,
    )
observed = [text for kind, text in result.trace if kind == "observation"]
testing.check(
    result.stopped != "format",
    "an action that is there (not None) is an action, an empty one too: the name of a tool that does not exist",
    inputs=told[len(seen) - 1],
    got=result,
)
testing.check(
    result.stopped == "answer" and result.answer == "yes" and len(observed) == len(names) + 1,
    "after an error the run goes on: the model reads the error and may do something else",
    got=result,
)
testing.check(
    all(o.startswith("ERROR:") for o in observed[:-1]) and observed[-1] == "fine",
    "observations of errors begin with ERROR:, others are the tool's result as it is",
    got=observed,
)
for text, named in zip(
    observed, [missing, gone, wrong, "division by zero", wrong, wrong, wrong], strict=False
):
    testing.check(
        named in text,
        "the error says what was wrong: the name of the unknown tool, or the text of the exception, KeyError too",
        got=text,
    )
testing.check(
    all(f"OBSERVATION: {o}" in seen[-1] for o in observed),
    "the model sees the errors in its transcript",
    got=seen[-1],
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q31-react-hidden-limit", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the limit (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def parse(text: str) -> dict:
    return {"thought": None, "action": "count", "input": text.split()[-1], "answer": None}


def play(limit: int) -> tuple:
    seen, counted = [], []

    def scripted(transcript: str, stop: list[str]) -> str:
        seen.append(transcript)
        if len(seen) > 20:
            raise RuntimeError("the model is called without end")
        return f"ACTION: count\nINPUT: {len(seen)}"

    def count(given: str) -> str:
        counted.append(given)
        return f"{given}!"

    try:
        result = react(scripted, {"count": count}, "How far?", limit, parse)
    except NotImplementedError:
        raise
    except Exception as error:
        testing.check(
            False, "the model is called far too often, or the run fails", inputs=limit, got=error
        )
    return result, len(seen), counted


for limit in (0, 1, int(rng.integers(3, 7))):
    result, calls, counted = play(limit)
    steps = [str(i + 1) for i in range(limit)]
    testing.check(
        calls == limit,
        "the model is called at most max_steps times, and exactly so often if nothing else ends the run",
        inputs=limit,
        got=calls,
        expected=limit,
    )
    testing.check(
        counted == steps,
        "the action of the last step is run too",
        inputs=limit,
        got=counted,
        expected=steps,
    )
    trace = []
    for s in steps:
        trace += [("action", "count"), ("input", s), ("observation", f"{s}!")]
    testing.check(
        testing.close(result, course.ReactResult(None, trace, "max_steps")),
        "at the limit: no answer, the trace so far with the last observation, stopped 'max_steps'",
        inputs=limit,
        got=result,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q31-react-hidden-ends", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: repetitions, and steps that cannot be read (1 point)
### BEGIN HIDDEN TESTS
import re

LABELS = r"^(THOUGHT|ACTION|INPUT|FINAL ANSWER): ?(.*)$"


def parse(text: str) -> dict:
    found = dict(re.findall(LABELS, text.split("OBSERVATION:")[0], re.M))
    acts = "ACTION" in found
    return {
        "thought": found.get("THOUGHT"), "action": found.get("ACTION"),
        "input": found.get("INPUT", "") if acts else None,
        "answer": None if acts else found.get("FINAL ANSWER"),
    }  # fmt: skip


def play(told: list[str]) -> tuple:
    calls, ran = [], []

    def scripted(transcript: str, stop: list[str]) -> str:
        calls.append(transcript)
        return told[len(calls) - 1]

    def tool(given: str) -> str:
        ran.append(given)
        return "seen"

    result = react(scripted, {"a": tool, "b": tool}, "Well?", len(told), parse)
    return result, len(calls), ran


one, two = "ACTION: a\nINPUT: x", "ACTION: b\nINPUT: x"
step_one = [("action", "a"), ("input", "x")]
seen = ("observation", "seen")
cases = [
    ([one, f"THOUGHT: again\n{one}", "FINAL ANSWER: no"], None,
     [*step_one, seen, ("thought", "again"), *step_one], "repeat", 2, ["x"]),
    (["ACTION: c\nINPUT: x", "ACTION: c\nINPUT: x", "FINAL ANSWER: no"], None, None, "repeat", 2, []),
    ([one, two, one, "ACTION: a\nINPUT: y", "FINAL ANSWER: yes"], "yes", None, "answer", 5,
     ["x", "x", "x", "y"]),
    (["THOUGHT: hm", one], None, [("thought", "hm")], "format", 1, []),
    ([one, "I am done.", one], None, [*step_one, seen], "format", 2, ["x"]),
    (["FINAL ANSWER: ", one], "", [("answer", "")], "answer", 1, []),
    (["THOUGHT: \nFINAL ANSWER: 0", one], "0", [("thought", ""), ("answer", "0")], "answer", 1, []),
]  # fmt: skip
for told, answer, trace, stopped, calls, ran in cases:
    result, called, run = play(told)
    testing.check(
        (result.stopped, result.answer, called) == (stopped, answer, calls) and run == ran,
        "the same action with the same input directly after itself ends the run, failed or not, and is not run again; "
        "another input or a call in between is no repetition; a text with neither action nor answer ends it "
        "too; an empty answer is an answer",
        inputs=told,
        got=(result.stopped, result.answer, called, run),
        expected=(stopped, answer, calls, ran),
    )
    if trace is not None:
        testing.check(
            testing.close(list(result.trace), trace),
            "the trace ends with what was read: of a repeated call action and input but no observation, of an "
            "unreadable step its thought",
            inputs=told,
            got=result.trace,
            expected=trace,
        )
### END HIDDEN TESTS

# %% [markdown]
r"""
**Your loop at work.** The next cell lets your `react`, with your `parse_step`, run the agent of this section. Its model was
trained on other labels, so the function between them translates, in both directions. (The cell raises `NotImplementedError` until you
have solved both exercises.)
"""

# %% tags=["demo"]
TRANSLATION = {
    "QUESTION:": "Question:", "THOUGHT:": "Thought:", "ACTION:": "Action:", "INPUT:": "Input:",
    "OBSERVATION:": "Observation:", "FINAL ANSWER:": "Answer:",
}  # fmt: skip


def agent_model(transcript: str, stop: list[str]) -> str:
    for theirs, ours in TRANSLATION.items():
        transcript = transcript.replace(theirs, ours)
    text = go_on(transcript, stop=[TRANSLATION[s] for s in stop])
    for theirs, ours in TRANSLATION.items():
        text = text.replace(ours, theirs)
    return text


with tempfile.TemporaryDirectory() as folder:
    acting.save(model, tokenizer, folder)
    with serve.background({"agent": folder}) as client:
        for name, shelf in [("tools that work", kit), ("a look-up that is busy", busy)]:
            result = react(agent_model, shelf, errand.question, 6, parse_step)
            print(f"{name}: stopped {result.stopped!r}, answer {result.answer!r}")
            print("   ", " / ".join(f"{kind} {text}" for kind, text in result.trace))

# %% [markdown]
r"""
Look at the second run. If it ended like ours, it stopped with `'answer'`, and the answer is invented. Neither the limit nor the repetition rule
catches that; only the trace does: the look-up never succeeded.
"""

# %% [markdown]
r"""
### Exercise 31.3 · Repair the popular loop

●●○ · 20 minutes · 4 points · core

The loop below is the one of the popular answer, with messages as dicts. Several things are wrong with it. Mend `run_agent(model, tools,
messages, max_steps)`; `read_action` is sound and stays. What it should do:

- `model(history)` gets the messages so far and returns the next one, a dict with `role` `"assistant"` and its text in `content`. It is called at most
  `max_steps` times.
- Every message of the model is appended to the history as it is.
- If its text contains `ACTION:`, the action is run, and a message `{"role": "user", "content": "OBSERVATION: " + result}` is appended; in the last
  step too. That holds also if the text contains an answer as well.
- If the tool does not exist or raises an `Exception`, of whatever kind, the result begins with `ERROR:`, and the loop goes on. An error of the
  model is not caught: it goes through to the caller.
- Otherwise the run ends. If the text contains `FINAL ANSWER:`, the answer is what follows it, without white space at both
  ends; if not, the answer is None. It is None too when the steps are used up.
- Returned is `(answer, history)`. The history begins with the given messages; the list that was given stays as it was.

Texts contain each label at most once, and an `ACTION:` always has an `INPUT:` line.

<details><summary>Hint 1</summary>

What does `in` ask of a dict? Which of the two messages of a step is missing from the history? Whose list is `messages`?

</details>

<details><summary>Hint 2</summary>

Take the text out of the message first, and work with a copy of the list. Turn the `while` into a `for` over the steps. Append the
model's message before you look into it; the action is asked for before the answer; a `try` stands around the tool alone.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q31-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
import re


def read_action(text: str) -> tuple[str, str]:
    """The name and the input of the action in a text."""
    name, given = (re.search(rf"{label}: *(.*)", text)[1].strip() for label in ("ACTION", "INPUT"))
    return name, given


### BEGIN REPAIR
# def run_agent(model, tools: dict, messages: list[dict], max_steps: int) -> tuple:
#     """Run an agent; return its answer and the history of messages."""
#     answer = None
#     while answer is None:
#         response = model(messages)
#         if "FINAL ANSWER:" in response:
#             answer = response["content"].split("FINAL ANSWER:")[1].strip()
#         elif "ACTION:" in response:
#             name, given = read_action(response["content"])
#             result = tools[name](given)
#             messages.append({"role": "user", "content": f"OBSERVATION: {result}"})
#     return answer, messages
### END REPAIR
### BEGIN SOLUTION
def run_agent(model, tools: dict, messages: list[dict], max_steps: int) -> tuple:
    """Run an agent; return its answer and the history of messages."""
    history = list(messages)
    for _ in range(max_steps):
        response = model(history)
        history.append(response)
        text = response["content"]
        if "ACTION:" not in text:
            found = text.split("FINAL ANSWER:")[1].strip() if "FINAL ANSWER:" in text else None
            return found, history
        name, given = read_action(text)
        try:
            result = tools[name](given)
        except Exception as error:
            result = f"ERROR: {name}: {error!r}"
        history.append({"role": "user", "content": f"OBSERVATION: {result}"})
    return None, history


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q31-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
told = [{"role": "assistant", "content": "THOUGHT: easy\nFINAL ANSWER: 35 coins"}]
asked = []


def scripted(history: list[dict]) -> dict:
    asked.append(len(history))
    if len(asked) > 3:
        raise RuntimeError("the answer was there, and the model is asked again and again")
    return told[0]


start = [{"role": "user", "content": "How much is a lamp?"}]
answer, history = run_agent(scripted, {}, start, 2)
testing.check(
    answer == "35 coins",
    "the answer is what follows FINAL ANSWER:",
    got=answer,
    expected="35 coins",
)
testing.check(len(history) == 2, "the history: the question and the model's message", got=history)

# %% nbgrader={"grade": true, "grade_id": "q31-repair-hidden-history", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: both sides of the conversation (1 point)
### BEGIN HIDDEN TESTS
import copy

rng = testing.rng()
x, y, z = (str(n) for n in rng.integers(10, 99, 3))
told = [
    {"role": "assistant", "content": f"ACTION: price\nINPUT: lamp {x}", "name": "a1"},
    {"role": "assistant", "content": f"THOUGHT: so\nACTION: times\nINPUT: {x} {y}"},
    {"role": "assistant", "content": f"FINAL ANSWER: {z} coins\n", "refusal": None},
]
tools = {"price": lambda given: f"{given}: {y}", "times": lambda given: f"{given} = {z}"}
start = [{"role": "system", "content": "Act."}, {"role": "user", "content": f"What do {x} cost?"}]
seen = []


def scripted(history: list[dict]) -> dict:
    seen.append(copy.deepcopy(list(history)))
    if len(seen) > len(told):
        raise RuntimeError("the model is asked on after its answer")
    return copy.deepcopy(told[len(seen) - 1])


full = [
    *start,
    told[0], {"role": "user", "content": f"OBSERVATION: lamp {x}: {y}"},
    told[1], {"role": "user", "content": f"OBSERVATION: {x} {y} = {z}"},
    told[2],
]  # fmt: skip
try:
    answer, history = run_agent(scripted, tools, copy.deepcopy(start), 8)
except NotImplementedError:
    raise
except Exception as error:
    testing.check(False, "a run with two actions and an answer fails, or does not end", got=error)
testing.check(
    seen == [full[:2], full[:4], full[:6]],
    "at each call the model sees all messages so far, its own among them, as it wrote them",
    inputs=told,
    got=seen,
)
testing.check(
    testing.close((answer, list(history)), (f"{z} coins", full)),
    "the history holds every message of the model as it is and every observation; the answer is the text after its label",
    inputs=told,
    got=(answer, history),
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q31-repair-hidden-ends", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: it ends (1 point)
### BEGIN HIDDEN TESTS
import copy

rng = testing.rng()
limit = int(rng.integers(2, 6))


def play(content: str, limit: int) -> tuple:
    asked, ran = [], []

    def scripted(history: list[dict]) -> dict:
        asked.append(len(history))
        if len(asked) > 12:
            raise RuntimeError("the model is called without end")
        return {"role": "assistant", "content": content}

    def tool(given: str) -> str:
        ran.append(given)
        return "seen"

    try:
        answer, history = run_agent(
            scripted, {"a": tool}, [{"role": "user", "content": "Well?"}], limit
        )
    except NotImplementedError:
        raise
    except Exception as error:
        testing.check(
            False, "the loop does not end, or ends in an error", inputs=(content, limit), got=error
        )
    return answer, len(asked), len(ran), len(history)


act = "ACTION: a\nINPUT: x"
for content, most, expected in [
    (act, limit, (None, limit, limit, 1 + 2 * limit)),
    (act, 1, (None, 1, 1, 3)),
    (act, 0, (None, 0, 0, 1)),
    (f"{act}\nFINAL ANSWER: y", 2, (None, 2, 2, 5)),
    (f"FINAL ANSWER: y\n{act}", 1, (None, 1, 1, 3)),
    ("I do not know what to do.", 3, (None, 1, 0, 2)),
    ("FINAL ANSWER:  y \n z\n", 3, ("y \n z", 1, 0, 2)),
    ("FINAL ANSWER:", 3, ("", 1, 0, 2)),
]:
    got = play(content, most)
    testing.check(
        got == expected,
        "max_steps calls at most, the last action run and observed; an action wins over an answer; a text with "
        "neither ends the run; without an answer it is None, and an empty answer ends the run too (answer, calls, "
        "actions run, messages)",
        inputs=(content, most),
        got=got,
        expected=expected,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q31-repair-hidden-errors", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: tools that fail (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


class Jam(Exception):
    """An error that no list of names has."""


def raises(error: Exception):
    def tool(given: str) -> str:
        raise error

    return tool


def empty(given: str) -> str:
    return {}[given]


tools = {
    "broken": raises(ValueError("no such lamp")), "away": raises(OSError("not there")),
    "false": raises(AssertionError("wrong lamp")), "jam": raises(Jam("out of order")),
    "empty": empty, "works": lambda given: "fine",
}  # fmt: skip
actions = [*tools, "unknown"]
actions = [actions[i] for i in rng.permutation(len(actions))]
asked = []


def scripted(history: list[dict]) -> dict:
    asked.append(len(history))
    if len(asked) > 16:
        raise RuntimeError("the model is called without end")
    content = (
        f"ACTION: {actions[len(asked) - 1]}\nINPUT: x"
        if len(asked) <= len(actions)
        else "FINAL ANSWER: y"
    )
    return {"role": "assistant", "content": content}


try:
    answer, history = run_agent(scripted, tools, [{"role": "user", "content": "Well?"}], 12)
except NotImplementedError:
    raise
except Exception as error:
    testing.check(
        False,
        "an unknown tool, or one that raises (whatever kind of Exception), ends the loop: the error belongs into the "
        "observation",
        got=error,
    )
observed = dict(zip(actions, (m["content"] for m in history[2::2]), strict=False))
testing.check(
    answer == "y"
    and observed.get("works") == "OBSERVATION: fine"
    and all(observed.get(n, "").startswith("OBSERVATION: ERROR:") for n in actions if n != "works"),
    "an unknown tool and a tool that raises give an observation that begins with ERROR:, and the loop goes on",
    inputs=actions,
    got=observed,
)


def lost(history: list[dict]) -> dict:
    raise Jam("no connection to the model")


try:
    got = run_agent(lost, tools, [{"role": "user", "content": "Well?"}], 3)
except NotImplementedError:
    raise
except Exception as error:
    got = error
testing.check(
    isinstance(got, Jam),
    "an error of the model goes through to the caller; only the tool's errors become observations",
    got=got,
)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q31-repair-hidden-arguments", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the given list stays as it was (1 point)
### BEGIN HIDDEN TESTS
asked = []


def scripted(history: list[dict]) -> dict:
    asked.append(len(history))
    if len(asked) > 12:
        raise RuntimeError("the model is called without end")
    content = "ACTION: a\nINPUT: x" if len(history) < 5 else "FINAL ANSWER: y"
    return {"role": "assistant", "content": content}


start = [{"role": "system", "content": "Act."}, {"role": "user", "content": "Well?"}]
tools = {"a": lambda given: "seen"}
try:
    quiet = testing.leaves_arguments(run_agent, scripted, tools, start, 4)
    answer, history = run_agent(scripted, tools, [dict(m) for m in start[:2]], 4)
except NotImplementedError:
    raise
except Exception as error:
    testing.check(False, "a run with an action and an answer fails, or does not end", got=error)
testing.check(quiet, "the messages that were given are changed: work with a list of your own")
testing.check(
    answer == "y" and len(history) == 7,
    "the history is longer than what was given: it holds the run's messages too",
    got=history,
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

*"The loop runs `while not done`, and `done` is set when `"FINAL ANSWER:" in response`."* In the popular code `response` is what
`llm.invoke(messages)` returns. With LangChain that is an `AIMessage`, an object of pydantic, not a string. What does `in` ask of it? The
next cell builds an answer by hand and asks.
"""

# %% tags=["demo"]
try:
    from langchain_core.messages import AIMessage
except ImportError:
    AIMessage = None
    print("This demo needs: pip install langchain-core")
else:
    response = AIMessage(content="FINAL ANSWER: 35 coins")
    print('"FINAL ANSWER:" in response:        ', "FINAL ANSWER:" in response)
    print('"FINAL ANSWER:" in response.content:', "FINAL ANSWER:" in response.content)
    print("what `in` goes through:", list(response)[:2], "...")

# %% [markdown]
r"""
No error, no warning: iterating over such an object gives pairs of field and value, none of which equals the string. The same with a
message as a dict, where `in` asks for keys. So neither branch of the loop is ever taken, and the model is asked the same again
and again. Here the popular loop runs with a model that has the answer at once, and a counter that pulls the plug:
"""

# %% tags=["demo"]
bill = 0
if AIMessage is not None:
    done, history = False, [{"role": "user", "content": "How much is a lamp?"}]
    while not done:
        bill += 1
        response = AIMessage(content="FINAL ANSWER: 35 coins")  # llm.invoke(history)
        if "FINAL ANSWER:" in response:
            done = True
        elif "ACTION:" in response:
            history.append({"role": "user", "content": "OBSERVATION: ..."})
        if bill == 1000:
            break
    print(f"calls: {bill}, done: {done}, messages in the history: {len(history)}")

# %% [markdown]
r"""
A step limit would not have found this fault, but it would have made it cheap, and `stopped == "max_steps"` on every run would
have shown it on the first day. That is why a loop should say why it ended.
"""

# %% [markdown]
r"""
### If they push

**"Isn't a chain of prompts an agent too?"**

<details><summary>Answer</summary>

Not in the sense that has become usual. Anthropic's essay of December 2024 draws the line at who decides: in a *workflow* models and tools are
called along paths written in code, in an *agent* the model directs its own process. Both are "agentic". A workflow is cheaper,
easier to test and has a known cost; take it wherever the steps can be written down beforehand. "Persistent memory" and "planning", which the
popular table lists, are parts that some agents have, and some workflows too; the loop with the model in charge is what all agents have.

</details>

**"Did ReAct invent tool use? What was measured?"**

<details><summary>Answer</summary>

It interleaved reasoning and acting in a prompt, and compared with reasoning only (chain of thought) and acting only. On ALFWorld and WebShop
it beat imitation and reinforcement learning by 34 and 10 points of success (abstract of Yao et al., 2022). On HotpotQA the
picture is mixed: prompted ReAct alone was not ahead of reasoning alone, and the paper proposes to combine them (look up its table 1
before you quote numbers). Native tool calls have since
replaced the parsing of text; the loop is the same.

</details>

**"The model keeps calling the same tool. What do you do?"**

<details><summary>Answer</summary>

First look at what it sees. Often its own call is missing from the history, the error message says nothing it could act on ("ERROR" instead of "no entry
'lamp'; entries are ..."), or the result was cut off. Then detect it: same call twice in a row, or the same call n times in
a run, and tell the model so, or end. Last the limits: steps, tokens, seconds, money. They belong to the program, never to
the prompt.

</details>

**"A step that failed halfway, with an e-mail already sent?"**

<details><summary>Answer</summary>

Retries are safe only for actions that may happen twice. So tools that change something take an id that makes a repetition
harmless, or the program asks a person before it runs them, and it stores every step, so that a run can go on after a crash instead of
beginning again. What a tool's result may make an agent do is question 23, in notebook 5.

</details>

**"How do you evaluate an agent?"**

<details><summary>Answer</summary>

By the state of the world at the end, not by its text: is the order cancelled, do the tests pass? And several times: an agent that does
a task in 8 of 10 tries is another product than one that does 8 of 10 tasks always. τ-bench reports pass^k, all of k tries; its
abstract (June 2024) says that gpt-4o did fewer than half of the tasks, and fewer than a quarter of the retail ones in all of eight
tries. Beside it count steps, tokens, calls with errors, and why runs stopped.

</details>

**"Would reflection help?"**

<details><summary>Answer</summary>

Where something outside tells the agent that it failed: Reflexion (Shinn et al., 2023) lets the agent write down what went wrong and gives that to its next try,
with tests or rewards as the signal. Without such a signal, models are poor at finding their own errors (Huang et al., 2023, for reasoning).

</details>
"""

# %% [markdown]
r"""
### Sources

- Yao, Zhao, Yu, Du, Shafran, Narasimhan, Cao (2022), *ReAct: Synergizing Reasoning and Acting in Language Models*, arXiv 2210.03629;
  ICLR 2023. The authors' own loop (`hotpotqa.ipynb` in github.com/ysymyth/ReAct) passes a stop sequence at each observation, appends thought, action
  and observation, and ends after seven steps.
- Shinn, Cassano, Berman, Gopinath, Narasimhan, Yao (2023), *Reflexion: Language Agents with Verbal Reinforcement Learning*, arXiv
  2303.11366; NeurIPS 2023.
- Yao, Shinn, Razavi, Narasimhan (2024), *τ-bench: A Benchmark for Tool-Agent-User Interaction in Real-World Domains*, arXiv 2406.12045.
- Huang, Chen, Mishra, Zheng, Yu, Song, Zhou (2023), *Large Language Models Cannot Self-Correct Reasoning Yet*, arXiv 2310.01798; ICLR 2024.
- Schluntz, Zhang (Anthropic, 19 December 2024), *Building effective agents*.
- LangChain and LangGraph: `langchain.agents.create_agent`, `langgraph.errors.GraphRecursionError`, in the versions installed here (checked in November
  2026 with langchain 1.4.7, langgraph 1.2.22).
"""
