# %% [markdown]
r"""
## Q21. How does tool calling work?

*Medium · 95 minutes · needs the shape of messages (this notebook's conventions), JSON, and softmax (question 4)
for the part on constrained decoding*
"""

# %% [markdown]
r"""
### Say it

> Tool calling is a protocol; the model never runs anything. It is told the names and parameters of
> functions, and may answer with calls instead of text: for each an id, a name, and arguments as JSON *text*.
> My program runs them, appends the model's message *with its calls*, then one result for each id, and asks the model
> again, until it answers without calls or my limit of rounds is reached. All of a call is untrusted output: the text may
> not be JSON, the name may not exist, the arguments may not fit, the tool may fail. Each of these goes
> back to the model as a result, and only names in my registry are ever run. Constrained decoding can force
> the text into the schema, by masking the tokens that would leave it. It makes calls valid, not right.
"""

# %% [markdown]
r"""
### See it

**What the model is told.** A tool is described by a name, a sentence, and a JSON schema of its parameters. Two tools
are offered here: a look-up in the library of a little world that the lab's model has never heard of, and
a calculator.
"""

# %% tags=["demo"]
import json

from course import lab, serve, world
from course.lab import probes
from course.world.tools import TOOLS

strange = probes.unseen(3)  # a world whose names stand in no training text
person, other = strange.of_kind("person")[0], strange.of_kind("person")[3]
tools = [TOOLS["lookup"], TOOLS["calculate"]]
print(json.dumps(tools[0], indent=1))

# %% [markdown]
r"""
A schema in a request is not an interface that somebody enforces. It becomes text in the prompt. This is all that `instruct`
reads when it is asked a question with these two tools:
"""

# %% tags=["demo"]
tokenizer = lab.tokenizer("instruct")
question = [{"role": "user", "content": f"Where does {person} live?"}]
print(
    tokenizer.apply_chat_template(question, tools=tools, add_generation_prompt=True, tokenize=False)
)

# %% [markdown]
r"""
Our template is short: it drops descriptions and types. Others write the whole schema out, and every word of it is paid
for as input, in every round. In both cases the model has *read* about the tools, no more.

**The first turn.** The `openai` client talks to the lab's model, which is served inside this process.
"""

# %% tags=["demo"]
from contextlib import ExitStack

server = ExitStack()  # closed in the section's last demonstration
client = server.enter_context(serve.background())


def ask(messages: list[dict], tools: list[dict] = tools, **settings):
    """One request; returns the choice, with its message and why it ended."""
    settings = {"temperature": 0, "max_completion_tokens": 80} | settings
    return client.chat.completions.create(
        model="instruct", messages=messages, tools=tools, **settings
    ).choices[0]


first = ask(question)
print("ended because of:", first.finish_reason)
print(json.dumps(first.message.model_dump(exclude_none=True), indent=1))

# %% [markdown]
r"""
Nothing has been looked up. The message has no content, one call, and the call has three parts: an `id` that the server made
up, a name, and `arguments`, which is a *string*. It happens to be JSON.

The same code talks to any other endpoint of this kind:

```python
import os
from openai import OpenAI

client = OpenAI(base_url="https://api.openai.com/v1", api_key=os.environ["OPENAI_API_KEY"])
# and model="..." in `ask`: one that its GET /v1/models lists
```
"""

# %% [markdown]
r"""
**The second turn.** Now your program acts: it runs the function, appends the model's message *and* a result under
the call's id, and sends the whole history again. Only then does the model have anything to say.
"""

# %% tags=["demo"]
from course.world.tools import lookup as library

call = first.message.tool_calls[0]
found = library(strange, **json.loads(call.function.arguments))
print("the tool says:  ", found)
history = [
    *question,
    first.message.model_dump(exclude_none=True),
    {"role": "tool", "tool_call_id": call.id, "content": found},
]
print("the model says: ", ask(history).message.content)

# %% [markdown]
r"""
**The protocol is checked.** Three histories that programs really send: the result without the model's message; a message with two calls
and one result; a result under another id. Each comes back as an error of status 400.
"""

# %% tags=["demo"]
import openai

both = [{"role": "user", "content": f"Where does {person} live? Also: Where does {other} live?"}]
message = ask(both).message
turn = message.model_dump(exclude_none=True)
a, b = message.tool_calls
print("two calls at once:", a.function.arguments, "and", b.function.arguments, "\n")


def result(call_id: str, content: str) -> dict:
    return {"role": "tool", "tool_call_id": call_id, "content": content}


for name, wrong in {
    "without the model's turn": [*both, result(a.id, found)],
    "only the first call answered": [*both, turn, result(a.id, found)],
    "an id that nobody gave": [*both, turn, result(a.id, found), result("call_2", found)],
}.items():
    try:
        ask(wrong)
    except openai.BadRequestError as error:
        print(f"{name}\n    {error.status_code}: {error.body['message']}")

# %% [markdown]
r"""
#### Parallel calls

The message above holds two calls. That is all that *parallel* means: the model asked for both before it saw
a result. Whether they run side by side or one after the other is up to your program. Ids say which result belongs to
which call. What if the results come in another order? And what if their *ids* are mixed up?
"""

# %% tags=["demo"]
of_a, of_b = (library(strange, **json.loads(c.function.arguments)) for c in (a, b))
for name, results in {
    "in order": [result(a.id, of_a), result(b.id, of_b)],
    "other order, right ids": [result(b.id, of_b), result(a.id, of_a)],
    "ids mixed up": [result(a.id, of_b), result(b.id, of_a)],
}.items():
    print(f"{name:24}", ask([*both, turn, *results]).message.content)

# %% [markdown]
r"""
The order is harmless here, since the server sorts the results by id (other servers may read them as they
stand, so keep the calls' order). Mixed-up ids are valid by every rule of the protocol, and the answer
is wrong about both people. No error will ever tell.
"""

# %% [markdown]
r"""
#### More than one round

Some calls cannot be parallel, because one needs what the other finds. The mayor of somebody's town takes two look-ups in a row, so
the model has to be asked three times. Here is one such exchange, step by step, and drawn from its messages.
"""

# %% tags=["demo"]
history = [{"role": "user", "content": f"Who is the mayor of the town where {person} lives?"}]
one = ask(history).message
history += [
    one.model_dump(exclude_none=True),
    result(one.tool_calls[0].id, library(strange, person, "home")),
]
two = ask(history).message
town = json.loads(two.tool_calls[0].function.arguments)["name"]
history += [
    two.model_dump(exclude_none=True),
    result(two.tool_calls[0].id, library(strange, town, "mayor")),
]
history.append(ask(history).message.model_dump(exclude_none=True))
print([message["role"] for message in history])

# %% tags=["demo"]
from course import figures

LANES = {"tool": 0, "program": 1, "model": 2}


def arrows(history: list[dict]):
    """What passes between model, program and tools: (from, to, text) for each step."""
    for message in history:
        if message["role"] == "tool":
            yield "tool", "program", message["content"]
            yield "program", "model", "the history, with this result"
        elif message["role"] == "user":
            yield "program", "model", message["content"]
        for call in message.get("tool_calls", []):
            given = ", ".join(json.loads(call["function"]["arguments"]).values())
            yield "model", "program", f"call: {call['function']['name']}({given})"
            yield "program", "tool", f"runs {call['function']['name']}"
        if message["role"] == "assistant" and not message.get("tool_calls"):
            yield "model", "program", message["content"]


def draw(ax, steps: list[tuple]) -> None:
    for y, (start, end, text) in enumerate(steps):
        x, to = LANES[start], LANES[end]
        ax.annotate("", (to, y), (x, y), arrowprops={"arrowstyle": "->", "lw": 1.2})
        ax.text((x + to) / 2, y - 0.12, text, ha="center", va="bottom", fontsize=8.5)
    for name, x in LANES.items():
        ax.plot([x, x], [-0.6, len(steps) - 0.6], linestyle=":", linewidth=1, color="#777777")
        ax.text(x, -0.9, name, ha="center", va="bottom")
    ax.set(xlim=(-0.35, 2.45), ylim=(len(steps) - 0.5, -1.5))
    ax.axis("off")


# %% tags=["demo"]
import textwrap

steps = [(x, y, textwrap.fill(text, 40)) for x, y, text in arrows(history)]
fig, ax = figures.subplots(size=(7.6, 6.4))
draw(ax, steps)
figures.show(
    fig,
    "Three vertical lanes: tool, program, model, and arrows between them from top to bottom. "
    + " ".join(
        f"{x} to {y}: {text if text[-1] in '.?' else text + '.'}" for x, y, text in arrows(history)
    ),
)

# %% [markdown]
r"""
Read it like this. No arrow leads from the model to the tool. Every arrow on the right ends a request or begins one, and each request
carries the whole history, so the tokens of the first question are paid for three times. The model decides *when* it
is done: nothing but a limit in the program would stop one that goes on calling.
"""

# %% [markdown]
r"""
#### What goes wrong

A call is text that a model wrote. Below are four requests in which `instruct`, at temperature 0, writes a call
with which something is wrong. The first call of each is run in the trusting way, `registry[name](**json.loads(arguments))`. Which exception do
you expect of each, and does each raise one?
"""


# %% tags=["demo"]
def lookup(name: str, attribute: str) -> dict:
    """One fact of the library; an error where it has none."""
    record = json.loads(library(strange, name, attribute))
    if "error" in record:
        raise LookupError(record["error"])
    return record


def calculate(expression: str) -> dict:
    """a + b, a - b or a * b, of whole numbers."""
    a, sign, b = expression.split()
    value = {"+": int(a) + int(b), "-": int(a) - int(b), "*": int(a) * int(b)}[sign]
    return {"result": str(value)}


registry = {"lookup": lookup, "calculate": calculate}
third = strange.of_kind("person")[1]
where = question[0]["content"]
mixed = f"Where does {third} live? Moreover: What is 8 * 8?"
troubles = {
    "the text is cut off": (where, tools, {"max_completion_tokens": 16}),
    "two questions of two kinds": (mixed, tools, {}),
    "nobody of that name": ("Where does Brigaus Vorsuquist live?", tools, {}),
    "only `send` was offered": (where, [TOOLS["send"]], {}),
}


# %% tags=["demo"]
def trusting(function, registry: dict) -> str:
    """Run a call as it came, and tell what happened."""
    try:
        return f"result: {registry[function.name](**json.loads(function.arguments))}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"


for name, (text, offered, settings) in troubles.items():
    calls = ask([{"role": "user", "content": text}], offered, **settings).message.tool_calls
    function = calls[0].function
    print(f"{name}\n    call: {function.name} {function.arguments}")
    print("   ", trusting(function, registry))
print("    with a registry of what was offered:", trusting(function, {"send": print}))

# %% [markdown]
r"""
Arguments that are not JSON; arguments that the function does not take, since the lab's model never saw both tools needed in one
message; a tool that raises. The fourth is the worst, because nothing fails: `lookup` was not among that request's tools,
the model called it nevertheless (its training was full of it), and the program ran it. A registry holds what *this* conversation
may use, and nothing else; then the same call is a plain `KeyError`.

A fifth kind did not appear here and is known from others: JSON that is no object, such as `"Dorby"` or
`["Dorby"]`.
"""

# %% [markdown]
r"""
**Errors are results.** An exception ends your program; the model could have said something useful. So an error goes back under the call's id, like any
result. What the model makes of it is another matter: three errors, an empty result, and the answers.
"""

# %% tags=["demo"]
for content in (
    '{"error": "no such name"}',
    '{"error": "the library is closed, try again tomorrow"}',
    '{"error": "unknown tool"}',
    "",
):
    back = [*question, first.message.model_dump(exclude_none=True), result(call.id, content)]
    print(f"{content or '(empty)':56} -> {ask(back, max_completion_tokens=30).message.content}")

# %% [markdown]
r"""
The first error is one that this model was trained on, and its answer is right. The others it has never seen. Look at
what it does with the closed library, and with the empty result. How well a model reads errors is a matter of its training, and the rule is the same for all: what the
error says is part of the prompt, so say in it what would help, and check the final answer like any other.
"""

# %% [markdown]
r"""
#### Two APIs, two shapes

OpenAI has two APIs with tools. What was shown is Chat Completions. In the newer *Responses* API the tool's description is
*flat*, a call is an item of its own instead of a part of a message, and so is its result (`openai` 3.54, November
2026):

| | Chat Completions | Responses |
|---|---|---|
| a tool | `{"type": "function", "function": {"name", "description", "parameters", "strict"}}` | `{"type": "function", "name", "description", "parameters", "strict"}` |
| a call | `message.tool_calls[i]`: `id`, `function.name`, `function.arguments` | an item of `output`, `"type": "function_call"`: `call_id`, `name`, `arguments` |
| a result | message `{"role": "tool", "tool_call_id", "content"}` | item `{"type": "function_call_output", "call_id", "output"}` |

In both, `arguments` is JSON text. A call of Responses has an `id` *and* a `call_id`, and the result refers to the latter. Code that mixes
the shapes fails at the first request. The lab's server has Chat Completions only, and says so:
"""

# %% tags=["demo"]
flat = [{"type": "function", **TOOLS["lookup"]["function"], "strict": False}]
for name, request in {
    "flat tools in Chat Completions": lambda: ask(question, flat),
    "Responses": lambda: client.responses.create(model="instruct", input="Hello!", tools=flat),
}.items():
    try:
        request()
    except openai.APIStatusError as error:
        print(f"{name}: {error.status_code}, {error.body['message']}")

# %% [markdown]
r"""
#### Constrained decoding

Can one not simply forbid invalid calls? One can, if one owns the sampler. Before each token, set the logits of all tokens to $-\infty$ with
which the text could no longer become a valid call, and renormalise over the rest:

$$p'(t) = \frac{p(t)\,[t \text{ allowed}]}{\sum_u p(u)\,[u \text{ allowed}]}$$

A tool that `instruct` has never heard of is offered now, `get_weather(location, unit)`, and the texts of all
valid calls are written down as a list. A token is allowed if some text of the list begins with what stands there already and the token.
"""

# %% tags=["demo"]
towns, units = strange.of_kind("town"), ("celsius", "fahrenheit")
schema = {"location": {"type": "string"}, "unit": {"type": "string", "enum": list(units)}}
weather = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": schema, "required": list(schema)},
    },
}
valid = [
    " " + json.dumps({"name": "get_weather", "arguments": {"location": town, "unit": unit}})
    for town in towns
    for unit in units
]
print(len(valid), "valid calls, such as", valid[0])

# %% tags=["demo"]
lm = lab.load("instruct")
TOKENS = [tokenizer.decode([i]) for i in range(len(tokenizer))]
CALL_END = tokenizer.convert_tokens_to_ids("</tool_call>")
MARKS = {i for i, token in enumerate(TOKENS) if token.startswith("<") and token.endswith(">")}
TOKENS = ["" if i in MARKS or "\ufffd" in t else t for i, t in enumerate(TOKENS)]


@torch.inference_mode()
def next_probs(text: str, written: str, offered: list[dict]) -> np.ndarray:
    """The model's probabilities after a question and the beginning of a call."""
    prompt = tokenizer.apply_chat_template(
        [{"role": "user", "content": text}],
        tools=offered,
        add_generation_prompt=True,
        tokenize=False,
    )
    ids = tokenizer(f"{prompt} <tool_call>{written}", add_special_tokens=False).input_ids
    return lm(torch.tensor([ids])).logits[0, -1].double().softmax(dim=-1).numpy()


def listed(written: str, texts: list[str]) -> np.ndarray:
    """Which tokens may come next, if the whole text is to be one of `texts`."""
    rest = [text.removeprefix(written) for text in texts if text.startswith(written)]
    begins = {text[:n] for text in rest for n in range(1, len(text) + 1)}
    allowed = [token in begins for token in TOKENS]
    allowed[CALL_END] = "" in rest
    return np.array(allowed)


# %% tags=["demo"]
forecast = f"What is the weather in {towns[0]}?"
written = ' {"name": "'
p, allowed = next_probs(forecast, written, [weather]), listed(written, valid)
masked = np.where(allowed, p, 0) / p[allowed].sum()
shown = [*np.argsort(-p)[:4], *sorted(np.flatnonzero(allowed), key=lambda i: -p[i])]
names = [TOKENS[i] or "(special)" for i in shown]
fig, axes = figures.subplots(1, 2, size=(7.8, 2.8))
for ax, q, title in zip(axes, (p, masked), ("the model", "masked"), strict=True):
    figures.bars(ax, q[shown], kept=allowed[shown], labels=names)
    ax.set_title(title)
axes[0].set_yscale("log")
figures.show(
    fig,
    'Two bar charts of the next token after {"name": ". The model, on a logarithmic axis: '
    + ", ".join(f"{n} {p[i]:.1e}" for n, i in zip(names, shown, strict=True))
    + "; allowed, and drawn solid, are only: "
    + ", ".join(TOKENS[i] for i in np.flatnonzero(allowed))
    + ". Masked, on a linear axis: "
    + ", ".join(f"{TOKENS[i]} {masked[i]:.2f}" for i in np.flatnonzero(allowed))
    + ".",
)
print(f"all allowed tokens together: {p[allowed].sum():.1e}")

# %% tags=["demo"]
for cut in (3, 2, 1, 0):
    written = valid[0][: len(valid[0]) - cut]
    ends = [TOKENS[i] or "(end)" for i in np.flatnonzero(listed(written, valid))]
    print(f"after ...{written[-12:]:14} allowed: {'   '.join(ends)}")

# %% [markdown]
r"""
The model wants to write the name of a tool that it knows. That is forbidden, and the mask hands all of the probability to tokens that
held next to none of it. The table shows a second thing: the end of a call can be cut into tokens in several ways, and all of them are
allowed, one character at a time or three at once. Tokens do not end where parts of JSON end, so a mask has to read every token through, across quotes
and braces.

Now the whole call, greedily, free and masked:
"""


# %% tags=["demo"]
def greedy(text: str, offered: list[dict], texts: list[str] | None, longest: int = 60) -> str:
    written = ""
    for _ in range(longest):
        p = next_probs(text, written, offered)
        if texts is not None:
            p = p * listed(written, texts)
        token = int(p.argmax())
        if token in MARKS:  # the call's end, or the model's own
            break
        written += TOKENS[token]
    return written


for question_text in (forecast, "Hello!"):
    print(question_text)
    print("    free:  ", greedy(question_text, [weather], None))
    print("    masked:", greedy(question_text, [weather], valid))

# %% [markdown]
r"""
Both masked calls are valid, the second one too, though nobody asked for anything. The mask always finds *some* call. Keep this in mind for the trap below.

A list does for a dozen towns. For all strings it would be endless, and an automaton takes its place: exercise 21.3.
"""

# %% [markdown]
r"""
### Build it

Three exercises: the repair of the loop as it is usually shown, the whole loop with all that can go wrong, and the mask of constrained
decoding. A fourth is extra: the same tools and history in the other API's shape.
"""

# %% [markdown]
r"""
### Exercise 21.1 · repair `answer`

●●○ · 12 minutes · 3 points · core

The popular loop: it handles one call and never asks the model again. Mend `answer(model, messages, registry)`.

- `model(messages)` takes a history and returns one assistant message: a dict with `role`, `content` (text or None), and perhaps
  `tool_calls`, a list of `{"id": ..., "type": "function", "function": {"name": ..., "arguments": ...}}`, where
  `arguments` is JSON text of an object. Without calls, `tool_calls` is missing, None or empty.
- If the model's first message has no calls, its `content` is returned, and the model is not asked again.
- Otherwise *every* call is run, in order, as `registry[name](**arguments)`. Then the model is asked a second time, with the messages given, its first
  message unchanged, and one `{"role": "tool", "tool_call_id": ..., "content": str(result)}` for each
  call, in the order of the calls. The `content` of its second message is returned, whatever else it holds, also if it is empty or None. (More rounds are the
  subject of the next exercise; so are errors: here all calls can be carried out.)
- `messages` is not changed.

<details><summary>Hint 1</summary>

Look at the three broken histories of "The protocol is checked". Which of them does this function send, if it sent one?

</details>

<details><summary>Hint 2</summary>

One clue for each fault. Whose list is it that grows here? What stood in front of the results where the exchange went well? What does
`[0]` leave out? And who has read the results by the time of `return`?

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q21-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
import json


### BEGIN REPAIR
# def answer(model, messages: list[dict], registry: dict) -> str:
#     """Answer a conversation, with tools where the model asks for them."""
#     reply = model(messages)
#     if reply.get("tool_calls"):
#         call = reply["tool_calls"][0]
#         arguments = json.loads(call["function"]["arguments"])
#         result = registry[call["function"]["name"]](**arguments)
#         messages.append({"role": "tool", "tool_call_id": call["id"], "content": str(result)})
#     return reply["content"]
### END REPAIR
### BEGIN SOLUTION
def answer(model, messages: list[dict], registry: dict) -> str:
    """Answer a conversation, with tools where the model asks for them."""
    reply = model(list(messages))
    if not reply.get("tool_calls"):
        return reply["content"]
    history = [*messages, reply]
    for call in reply["tool_calls"]:
        arguments = json.loads(call["function"]["arguments"])
        result = registry[call["function"]["name"]](**arguments)
        history.append({"role": "tool", "tool_call_id": call["id"], "content": str(result)})
    return model(history)["content"]


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q21-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
def says_hello(messages: list[dict]) -> dict:
    return {"role": "assistant", "content": f"Hello, {messages[-1]['content']}!"}


testing.agree(
    answer,
    [((says_hello, [{"role": "user", "content": "I am Ada"}], {}), "Hello, I am Ada!")],
    "a message without calls is the answer",
)

# %% nbgrader={"grade": true, "grade_id": "q21-repair-hidden-calls", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: every call of the message (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
a, b, c = (int(i) for i in rng.choice(np.arange(100, 999), 3, replace=False))
ran, seen = [], []


def double(n: int) -> int:
    ran.append(("double", n))
    return 2 * n


def negate(n: int) -> int:
    ran.append(("negate", n))
    return -n


def give(n: int):
    return values[n]


def wanted_call(i: str, name: str, n: int) -> dict:
    return {
        "id": f"call_{i}",
        "type": "function",
        "function": {"name": name, "arguments": f'{{"n": {n}}}'},
    }


calls = [
    wanted_call("z", "double", a),
    wanted_call("a", "negate", b),
    wanted_call("m", "double", c),
]


def model(messages: list[dict]) -> dict:
    seen.append([dict(m) for m in messages])
    return {"role": "assistant", "content": "done", "tool_calls": calls if len(seen) == 1 else None}


answer(model, [{"role": "user", "content": "Go."}], {"double": double, "negate": negate})
testing.check(
    ran == [("double", a), ("negate", b), ("double", c)],
    "a message may hold several calls: run each of them once, in their order",
    got=ran,
    expected=[("double", a), ("negate", b), ("double", c)],
)
results = [m for m in seen[-1] if m["role"] == "tool"]
expected = [
    {"role": "tool", "tool_call_id": f"call_{i}", "content": str(value)}
    for i, value in (("z", 2 * a), ("a", -b), ("m", 2 * c))
]
testing.check(
    testing.close(results, expected),
    "each call gets one result, under its own id and in the order of the calls, as text",
    got=results,
    expected=expected,
)
values = [f"text {a}", None, {"n": b}, ["x", True], ""]
calls = [wanted_call(str(n), "give", n) for n in range(len(values))]
seen.clear()
answer(model, [{"role": "user", "content": "Go."}], {"give": give})
results = [m["content"] for m in seen[-1] if m["role"] == "tool"]
testing.check(
    testing.close(results, [str(value) for value in values]),
    "the content is str(result), whatever the tool returns: a text, None, a dict",
    got=results,
    expected=[str(value) for value in values],
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q21-repair-hidden-history", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what the model is sent the second time (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
n = int(rng.integers(100, 999))
call = {
    "id": f"c{n}",
    "type": "function",
    "function": {"name": "half", "arguments": f'{{"n": {n}}}'},
}
given = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": f"Half of {n}?"}]


def half(n: int) -> float:
    return n / 2


def requests_and_messages(reply: dict) -> tuple[list, list]:
    """What the model was sent, each time, and the caller's messages afterwards."""
    seen, messages = [], [dict(m) for m in given]

    def model(messages: list[dict]) -> dict:
        seen.append([dict(m) for m in messages])
        if len(seen) == 1:
            return dict(reply)
        return {"role": "assistant", "content": "It is done."}

    answer(model, messages, {"half": half})
    return seen, messages


for beside in (None, "", f"I have to halve {n}."):
    reply = {"role": "assistant", "content": beside, "refusal": None, "tool_calls": [call]}
    seen, messages = requests_and_messages(reply)
    expected = [*given, reply, {"role": "tool", "tool_call_id": f"c{n}", "content": str(n / 2)}]
    testing.check(
        len(seen) == 2 and testing.close(seen[0], given) and testing.close(seen[1], expected),
        "the second time the model gets the messages, then its own message with the calls, unchanged "
        "(also the text that it wrote beside them), then the results; a result without the message "
        "that asked for it is refused",
        got=seen[-1],
        expected=expected,
    )
    testing.check(
        testing.close(messages, given),
        "the list of messages belongs to the caller: append to one of your own",
        got=messages,
        expected=given,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q21-repair-hidden-answer", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what is returned, and how often the model is asked (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
call = {"id": "c1", "type": "function", "function": {"name": "tick", "arguments": "{}"}}


def asked_and_ran(replies: list[dict]) -> tuple[str | None, int, int]:
    """What is returned, how often the model was asked, and how often the tool was run."""
    asked, ran = [], []

    def model(messages: list[dict]) -> dict:
        asked.append(len(messages))
        return replies[min(len(asked), 2) - 1]

    def tick() -> str:
        ran.append(1)
        return "tock"

    got = answer(model, [{"role": "user", "content": "Go."}], {"tick": tick})
    return got, len(asked), len(ran)


first_text, second_text = (f"text {i}" for i in rng.choice(10_000, 2, replace=False))
for first_calls, second_calls, requests, texts in (
    ([call], None, 2, (first_text, second_text)),
    ([call], [call], 2, (first_text, second_text)),
    ([call], None, 2, (None, second_text)),
    ([call], None, 2, (first_text, "")),
    ([call], [call], 2, (first_text, None)),
    (None, None, 1, (first_text, second_text)),
    ([], None, 1, (first_text, second_text)),
    ([], None, 1, ("", second_text)),
    ("missing", None, 1, (first_text, second_text)),
):
    replies = [
        {"role": "assistant", "content": texts[0], "tool_calls": first_calls},
        {"role": "assistant", "content": texts[1], "tool_calls": second_calls},
    ]
    if first_calls == "missing":
        del replies[0]["tool_calls"]
    got, expected = asked_and_ran(replies), (texts[requests - 1], requests, requests - 1)
    testing.check(
        testing.close(got, expected),
        "with calls, run them, ask the model once more and return its second message's content, also "
        "where the first one held text as well, or the second one holds calls or no text; without calls, the "
        "first message's content is the answer and the model is asked only once",
        inputs=replies[:requests],
        got="{!r}, {} requests, {} runs of the tool".format(*got),
        expected="{!r}, {} requests, {} runs of the tool".format(*expected),
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
Your repaired function on the lab's model. (Until you have mended it, both lines end in `None`: nobody has answered yet.)
"""


# %% tags=["demo"]
def lab_model(messages: list[dict]) -> dict:
    return {"content": None} | ask(messages).message.model_dump(exclude_none=True)


def lookup_text(name: str, attribute: str) -> str:
    return json.dumps(lookup(name, attribute))


print("a dict, as Python writes it:", answer(lab_model, [*both], {"lookup": lookup}))
print("the same as JSON:           ", answer(lab_model, [*both], {"lookup": lookup_text}))

# %% [markdown]
r"""
Results are sent as `str(result)` here. Of a dict that is Python's text, with single quotes, which the lab's model never saw; look at what it makes
of it. The protocol asks for any text, and models read JSON best; the next exercise sends JSON.

### Exercise 21.2 · `run_tools`

●●● · 25 minutes · 7 points · core

Write `run_tools(model, messages, registry, max_rounds)`. It lets a model use tools until it answers, and returns the
whole history: a new list with the messages given and then everything that was said.

- `model` and its messages are as in exercise 21.1, except that names and arguments may be any texts. `registry` maps names to functions. A *round* is one call of the model.
- In each round the model is called with the whole history so far. Its message is appended unchanged, whatever keys it has. If it holds
  no calls (`tool_calls` missing, None or empty), that is the end; `content` says nothing about that. If it holds calls, one result
  for each is appended, in the order of the calls, and the next round begins.
- After `max_rounds` rounds it ends as well; the results of the last round are still appended. With
  `max_rounds=0` the model is not called. `max_rounds` is never negative.
- A result is exactly `{"role": "tool", "tool_call_id": <the call's id>, "content": <text>}`.
- A call is run as `registry[name](**arguments)`, once (two equal calls are two calls), where `arguments` is the call's JSON text, read. `content` is the
  returned value as JSON: of `json.dumps(value, default=str)`, so None becomes `null`, a text gets quotes, and what JSON does not know becomes its `str`.
- What cannot be carried out becomes a result too, never an exception: `content` is then the JSON of `{"error": <a text>}`,
  with this key alone. The name is judged first, then the arguments. That is so if
  - the name is not in `registry` (nothing else is ever run); the text contains the name;
  - the arguments are not JSON as `json.loads` reads it (also where they are the empty text), or not a JSON object; any text that is not empty. The tool is not run;
  - the call raises an `Exception`, whether in the tool or because the arguments do not fit its parameters; the text contains what the exception
    says, `str(error)`. What is no `Exception`, such as `SystemExit` or Ctrl-C, is not caught;
  - `json.dumps(value, default=str)` itself raises, as for a dict whose keys are tuples; any text that is not empty.
- An error ends nothing: the other calls of the message are run, and the model is asked again.
- `messages` and the dicts in it are not changed, nor are the model's messages.

Tests read `content` with `json.loads`, so spaces and escapes in it do not matter.

<details><summary>Hint 1</summary>

Write a function of its own for one call: it takes the call's `function` and the registry, and always returns a text. Then the loop needs no
`try`.

</details>

<details><summary>Hint 2</summary>

Copy the list. For each round: ask, append, and stop if there are no calls; else append a result for each. Inside the
function for one call: the name first, then the arguments and their type, then the run *and* its
`json.dumps` under one `try`.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q21-run-tools", "locked": false, "schema_version": 3, "solution": true, "task": false}
import json
from collections.abc import Callable


def run_tools(
    model: Callable[[list[dict]], dict],
    messages: list[dict],
    registry: dict[str, Callable],
    max_rounds: int,
) -> list[dict]:
    """Let a model call tools until it answers, at most `max_rounds` times; return the history."""

    ### BEGIN SOLUTION
    def content(function: dict) -> str:
        name = function["name"]
        if name not in registry:
            return json.dumps({"error": f"there is no tool {name!r}"})
        try:
            arguments = json.loads(function["arguments"])
        except ValueError as error:
            return json.dumps({"error": f"the arguments are not JSON: {error}"})
        if not isinstance(arguments, dict):
            return json.dumps({"error": "the arguments are not a JSON object"})
        try:
            return json.dumps(registry[name](**arguments), default=str)
        except Exception as error:
            return json.dumps({"error": f"{type(error).__name__}: {error}"})

    history = list(messages)
    for _ in range(max_rounds):
        reply = model(list(history))
        history.append(reply)
        calls = reply.get("tool_calls")
        if not calls:
            break
        for call in calls:
            text = content(call["function"])
            history.append({"role": "tool", "tool_call_id": call["id"], "content": text})
    return history
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q21-run-tools-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
def asks_once(messages: list[dict]) -> dict:
    """Calls `add` after a user's message, and then says what came of it."""
    if messages[-1]["role"] == "user":
        function = {"name": "add", "arguments": '{"a": 2, "b": 3}'}
        call = {"id": "call_1", "type": "function", "function": function}
        return {"role": "assistant", "content": None, "tool_calls": [call]}
    return {"role": "assistant", "content": f"It is {messages[-1]['content']}."}


def add(a: int, b: int) -> int:
    return a + b


start = [{"role": "user", "content": "2 + 3?"}]
testing.check(
    testing.close(
        run_tools(asks_once, start, {"add": add}, 5)[2:],
        [
            {"role": "tool", "tool_call_id": "call_1", "content": "5"},
            {"role": "assistant", "content": "It is 5."},
        ],
    ),
    "question, the model's message with its call, the result under the call's id, the answer",
)
unknown = run_tools(asks_once, start, {}, 1)
testing.check(
    len(unknown) == 3 and "add" in json.loads(unknown[2]["content"])["error"],
    "a call of an unknown tool gets a result that says so, and names it",
    got=unknown[2:],
)

# %% nbgrader={"grade": true, "grade_id": "q21-run-tools-hidden-results", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: one result for each call, in order and under its id (2 points)
### BEGIN HIDDEN TESTS
import copy

rng = testing.rng()
ran = []


def square(n: int) -> int:
    ran.append(("square", n))
    return n * n


def spell(n: int, times: int = 1) -> str:
    ran.append(("spell", n))
    return f"<{n}>" * times


def wanted_call(i: str, name: str, arguments: str) -> dict:
    return {"id": i, "type": "function", "function": {"name": name, "arguments": arguments}}


def parsed_content(content):
    """What the JSON text says, or a sentence that equals no value."""
    try:
        return json.loads(content)
    except (TypeError, ValueError):
        return "this is not JSON text"


a, b, c, d = (int(i) for i in rng.choice(np.arange(10, 99), 4, replace=False))
script = [
    {
        "role": "assistant",
        "content": "",
        "tool_calls": [
            wanted_call("id_9", "spell", f'{{"n": {a}}}'),
            wanted_call("id_1", "square", f'{{"n": {b}}}'),
            wanted_call("id_5", "spell", f' {{"times": 2,\n "n": {c}}}'),
        ],
    },
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [wanted_call("id_2", "square", f'{{"n": {d}}}')],
    },
    {"role": "assistant", "content": "done"},
]
kept, count = copy.deepcopy(script), []


def model(messages: list[dict]) -> dict:
    count.append(1)
    return script[min(len(count), 3) - 1]


start = [{"role": "user", "content": "Go."}]
history = run_tools(model, start, {"square": square, "spell": spell}, 10)
expected = [
    *start,
    kept[0],
    ("id_9", f"<{a}>"),
    ("id_1", b * b),
    ("id_5", f"<{c}><{c}>"),
    kept[1],
    ("id_2", d * d),
    kept[2],
]
testing.check(
    len(history) == len(expected)
    and [m["role"] for m in history]
    == ["user", "assistant", "tool", "tool", "tool", "assistant", "tool", "assistant"],
    "the model's message comes before its results, every call has one result, and calls of later rounds "
    "are run too",
    got=[m["role"] for m in history],
)
for message, want in zip(history, expected, strict=True):
    if isinstance(want, tuple):
        testing.check(
            set(message) == {"role", "tool_call_id", "content"},
            "a result has the keys role, tool_call_id and content, and no others",
            got=message,
        )
        testing.check(
            message["tool_call_id"] == want[0]
            and testing.close(parsed_content(message["content"]), want[1]),
            "results come in the order of the calls, each under its own call's id, as JSON text",
            got=message,
            expected=want,
        )
    else:
        testing.check(
            testing.close(message, want),
            "the messages given and the model's own are passed on unchanged",
            got=message,
            expected=want,
        )
testing.check(
    ran == [("spell", a), ("square", b), ("spell", c), ("square", d)],
    "every call is run once, in the order of the calls",
    got=ran,
)
tickets = []


def ticket(kind: str) -> int:
    tickets.append(kind)
    return a + len(tickets)


twice = {
    "role": "assistant",
    "content": None,
    "tool_calls": [wanted_call(f"t{i}", "ticket", '{"kind": "day"}') for i in range(3)],
}
history = run_tools(lambda messages: twice, start, {"ticket": ticket}, 2)
got = [parsed_content(m["content"]) for m in history if m["role"] == "tool"]
testing.check(
    testing.close(got, [a + i for i in range(1, 7)]),
    "equal calls are calls all the same: each is run, and has its own result",
    got=got,
    expected=[a + i for i in range(1, 7)],
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q21-run-tools-hidden-errors", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: calls that cannot be carried out (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()
word = f"word{rng.integers(1000, 9999)}"
ran = []


def echo_tool(text: str = "nothing") -> str:
    ran.append(text)
    return text


def fragile_tool(text: str) -> str:
    raise LookupError(f"no entry {text}")


def closed_tool() -> str:
    raise OSError(13, f"no access to {word}\nask its owner")


def missing_tool() -> str:
    return {"a": 1}[word]


def parsed_content(content):
    """What the JSON text says, or a sentence that equals no value."""
    try:
        return json.loads(content)
    except (TypeError, ValueError):
        return "this is not JSON text"


def history_after(name: str, arguments: str) -> list[dict]:
    """The history of one round with this call, and a good one behind it."""
    calls = [
        {"id": "bad", "type": "function", "function": {"name": name, "arguments": arguments}},
        {
            "id": "good",
            "type": "function",
            "function": {"name": "echo", "arguments": f'{{"text": "{word}"}}'},
        },
    ]
    replies = iter(
        [
            {"role": "assistant", "content": None, "tool_calls": calls},
            {"role": "assistant", "content": "I see."},
        ]
    )

    def model(messages: list[dict]) -> dict:
        return next(replies, {"role": "assistant", "content": "too many"})

    ran.clear()
    registry = {
        "echo": echo_tool,
        "fragile": fragile_tool,
        "closed": closed_tool,
        "missing": missing_tool,
    }
    return run_tools(model, [{"role": "user", "content": "Go."}], registry, 5)


for name, arguments, within, message in (
    ("echo", '{"text": "a', "", "arguments that were cut off are not JSON"),
    ("echo", "", "", "an empty text is not JSON"),
    ("echo", "{'text': 'a'}", "", "arguments are JSON, not Python: read them with json.loads"),
    ("echo", 'dict(text="a")', "", "arguments are JSON, not Python: read them with json.loads"),
    ("echo", '"a"', "", "JSON that is not an object gives no arguments"),
    ("echo", '["a"]', "", "JSON that is not an object gives no arguments"),
    ("echo", "null", "", "JSON that is not an object gives no arguments"),
    ("echo", "[]", "", "JSON that is not an object gives no arguments, also where it is empty"),
    ("shout", '{"text": "a"}', "shout", "a name that is not in the registry is an error naming it"),
    ("shout", '{"text": "a', "shout", "the name is judged before the arguments"),
    ("shout", "[]", "shout", "the name is judged before the arguments"),
    ("str", '{"object": "a"}', "str", "only what is in the registry is run: no builtins"),
    ("run_tools", "{}", "run_tools", "only what is in the registry is run: no globals"),
    ("keys", "{}", "keys", "only what is in the registry is run: no methods of the dict"),
    ("fragile", f'{{"text": "{word}"}}', f"no entry {word}", "an exception of a tool says why"),
    (
        "closed",
        "{}",
        f"[Errno 13] no access to {word}\nask its owner",
        "the text contains all of str(error)",
    ),
    ("missing", "{}", f"'{word}'", "the text contains str(error)"),
    ("echo", '{"txt": "a"}', "txt", "arguments that the function does not take are an error"),
    ("fragile", "{}", "text", "arguments that are missing are an error"),
):
    history = history_after(name, arguments)
    testing.check(
        [m["role"] for m in history] == ["user", "assistant", "tool", "tool", "assistant"],
        f"{message}: it becomes a result, the other calls are run and the model is asked again",
        inputs=(name, arguments),
        got=[m["role"] for m in history],
    )
    result = parsed_content(history[2]["content"])
    testing.check(
        history[2]["tool_call_id"] == "bad"
        and isinstance(result, dict)
        and list(result) == ["error"]
        and isinstance(result["error"], str)
        and bool(result["error"])
        and within in result["error"],
        f'{message}: the result is {{"error": ...}} with a text',
        inputs=(name, arguments),
        got=result,
    )
    testing.check(
        history[3]["tool_call_id"] == "good" and parsed_content(history[3]["content"]) == word,
        f"{message}: the call after it is run all the same",
        inputs=(name, arguments),
        got=history[3],
    )
    testing.check(
        ran == [word], f"{message}: the tool is not run", inputs=(name, arguments), got=ran
    )


def leaving_tool() -> None:
    raise SystemExit(f"leaving because of {word}")


def calls_leave(messages: list[dict]) -> dict:
    function = {"name": "leave", "arguments": "{}"}
    call = {"id": "c", "type": "function", "function": function}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


testing.check(
    testing.raises(SystemExit, run_tools, calls_leave, [], {"leave": leaving_tool}, 1),
    "only an Exception becomes a result: who wants to end the program (SystemExit, Ctrl-C) must be able to",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q21-run-tools-hidden-end", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: where it ends (1 point)
### BEGIN HIDDEN TESTS
import copy

call = {"id": "c", "type": "function", "function": {"name": "tick", "arguments": "{}"}}


def tick() -> str:
    return "tock"


def asked_and_roles(replies: list[dict], max_rounds: int) -> tuple[int, list[str]]:
    """How often the model was asked, and the roles of the history."""
    count = []

    def model(messages: list[dict]) -> dict:
        count.append(1)
        if len(count) > 20:
            return {"role": "assistant", "content": "stop"}
        return copy.deepcopy(replies[min(len(count), len(replies)) - 1])

    history = run_tools(model, [{"role": "user", "content": "Go."}], {"tick": tick}, max_rounds)
    return len(count), [m["role"][0] for m in history]


endless = [{"role": "assistant", "content": None, "tool_calls": [call]}]
for n in (1, 2, 5):
    got = asked_and_roles(endless, n)
    testing.check(
        got == (n, ["u", *["a", "t"] * n]),
        "a model that never stops calling is asked max_rounds times, and the results of the last round "
        "are still appended",
        inputs=f"max_rounds={n}",
        got=got,
        expected=(n, ["u", *["a", "t"] * n]),
    )
testing.check(
    asked_and_roles(endless, 0) == (0, ["u"]),
    "with max_rounds=0 the model is not called",
    got="it was",
)
text = {"role": "assistant", "content": "Here you are.", "tool_calls": None}
for last in (
    {"role": "assistant", "content": "Here you are."},
    text,
    {"role": "assistant", "content": "Here you are.", "tool_calls": []},
    {"role": "assistant", "content": None},
    {"role": "assistant", "content": ""},
):
    got = asked_and_roles([endless[0], last, endless[0]], 5)
    testing.check(
        got == (2, ["u", "a", "t", "a"]),
        "a message without calls (missing, None or empty) is the end, and the model is not asked again",
        inputs=last,
        got=got,
    )
talking = {"role": "assistant", "content": "Let me look.", "tool_calls": [call]}
got = asked_and_roles([talking, talking, text], 5)
testing.check(
    got == (3, ["u", "a", "t", "a", "t", "a"]),
    "a message may hold text and calls: it is the calls that decide whether it goes on",
    got=got,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q21-run-tools-hidden-values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: values of all kinds as JSON (1 point)
### BEGIN HIDDEN TESTS
import datetime
from decimal import Decimal

values = [
    (None, None),
    (0, 0),
    (False, False),
    ("", ""),
    ([], []),
    ("Dorby", "Dorby"),
    ('{"a": 1}', '{"a": 1}'),
    ({"home": "Dorby", "years": [1, 2.5, None]}, {"home": "Dorby", "years": [1, 2.5, None]}),
    ((1, "a"), [1, "a"]),
    (Decimal("12.50"), "12.50"),
    ({"on": datetime.date(2026, 11, 24)}, {"on": "2026-11-24"}),
    ({"error": "mine", "code": 7}, {"error": "mine", "code": 7}),
]


def parsed_content(content):
    """What the JSON text says, or a sentence that equals no value."""
    try:
        return json.loads(content)
    except (TypeError, ValueError):
        return "this is not JSON text"


def content_for(value) -> str:
    """The content of the result of a tool that returns this value."""
    call = {"id": "c", "type": "function", "function": {"name": "give", "arguments": "{}"}}

    def model(messages: list[dict]) -> dict:
        return {"role": "assistant", "content": None, "tool_calls": [call]}

    def give():
        return value

    return run_tools(model, [{"role": "user", "content": "Go."}], {"give": give}, 1)[-1]["content"]


for value, expected in values:
    content = content_for(value)
    testing.check(
        testing.close(parsed_content(content), expected)
        and type(parsed_content(content)) is type(expected),
        "the content is the JSON of the returned value, with default=str: also of None, of what counts "
        "as false, and of a text, which gets quotes",
        inputs=value,
        got=content,
        expected=json.dumps(value, default=str),
    )
content = parsed_content(content_for({(1, 2): 3}))
testing.check(
    isinstance(content, dict) and list(content) == ["error"] and bool(content["error"]),
    "a value that json.dumps refuses even so (keys that are tuples) is an error of the tool",
    got=content,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q21-run-tools-hidden-history", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what the model sees, and what is left alone (1 point)
### BEGIN HIDDEN TESTS
import copy

rng = testing.rng()
n = int(rng.integers(100, 999))
seen = []


def wanted_call(i: int) -> dict:
    function = {"name": "next_one", "arguments": json.dumps({"n": n + i})}
    return {
        "role": "assistant",
        "content": f"step {i}",
        "refusal": None,
        "tool_calls": [{"id": f"c{i}", "type": "function", "function": function}],
    }


replies = [
    wanted_call(0),
    wanted_call(1),
    {"role": "assistant", "content": "done", "refusal": None},
]
kept = copy.deepcopy(replies)


def model(messages: list[dict]) -> dict:
    seen.append(copy.deepcopy(messages))
    return replies[min(len(seen), 3) - 1]


def next_one(n: int) -> int:
    return n + 1


given = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Before."},
    {"role": "assistant", "content": "Yes?"},
    {"role": "user", "content": f"From {n}."},
]
messages = copy.deepcopy(given)
history = run_tools(model, messages, {"next_one": next_one}, 9)
testing.check(
    testing.close(messages, given),
    "the messages belong to the caller: return a new list",
    got=messages,
    expected=given,
)
testing.check(
    len(history) == 9 and testing.close(history[:4], given),
    "the history begins with the messages given",
    got=history[:4],
    expected=given,
)
testing.check(
    len(seen) == 3 and all(testing.close(seen[i], history[: 4 + 2 * i]) for i in range(3)),
    "in every round the model is called with the whole history so far: messages, its own messages, results",
    got=seen,
)
testing.check(
    testing.close([history[i] for i in (4, 6, 8)], kept) and testing.close(replies, kept),
    "the model's messages are appended as they came, with all their keys",
    got=[history[i] for i in (4, 6, 8)],
    expected=kept,
)
### END HIDDEN TESTS

# %% [markdown]
r"""
Your loop on the lab's model: three kinds of questions about the unseen world, four of each, with at most four rounds. A fourth kind is the one
whose calls went wrong above.
"""

# %% tags=["demo"]
import random

from course.world import tools as tasks
from course.world.language import ask as phrase
from course.world.relations import BY_NAME

rng = random.Random(5)
episodes = {
    "two at once": [tasks.lookup_episode(strange, rng, 2) for _ in range(4)],
    "one after the other": [tasks.chain_episode(strange, rng) for _ in range(4)],
    "price, then product": [tasks.cost_episode(strange, rng) for _ in range(4)],
}
print(f"{'':22} right  rounds  errors")
for kind, made in episodes.items():
    done = [run_tools(lab_model, e.messages[:1], registry, 4) for e in made]
    right = sum(
        h[-1]["content"] == e.messages[-1]["content"] for h, e in zip(done, made, strict=True)
    )
    spoken = [sum(m["role"] == "assistant" for m in h) for h in done]
    errors = sum('"error"' in m["content"] for h in done for m in h if m["role"] == "tool")
    print(f"{kind:22} {right} of {len(made)}  {np.mean(spoken):6.1f}  {errors:6}")

# %% tags=["demo"]
home_of = BY_NAME["person.home"]
for name in strange.of_kind("person")[:2]:
    talk = [{"role": "user", "content": f"{phrase(home_of, name)} Moreover: What is 8 * 8?"}]
    for message in run_tools(lab_model, talk, registry, 4)[1:]:
        for c in message.get("tool_calls", []):
            print("   call:  ", c["function"]["name"], c["function"]["arguments"])
        if message.get("content"):
            print(f"   {message['role']}:", message["content"])
    print()

# %% [markdown]
r"""
The first three kinds are what the model was trained on, in a world that it never saw, and the loop carries them to the end, with an answer that is right in most cases. The last needs
both tools in one message, which it was not trained on. Its calls are wrong, every error comes back as a result, nothing crashes, and
the answer is invented all the same. The loop's job is done when the model *could* have known better.
"""

# %% [markdown]
r"""
### Exercise 21.3 · `json_mask`

●●● · 30 minutes · 5 points · core

A JSON schema without recursion that spells out every field (no free objects, no extra properties) describes a regular language, and
such a language is read by a finite automaton (DFA), character by character. Tokens hold several characters. Write `json_mask(prefix, vocab, dfa, eos)`, which says which
tokens may come next. It returns a NumPy array of bool, shape `(len(vocab),)`.

- `dfa` is a dict with `"start"`: a state; `"edges"`: a dict from a state to a dict from a character to the next state;
  `"accept"`: a set of states. It reads a text from `start` on, one character after the other; where the state has no edge for the
  character, the text is rejected. It *accepts* a text if it ends in a state of `accept`. States are any ints, in no particular order, not
  necessarily from 0 on and perhaps negative; a state without outgoing edges may be missing in `edges`.
- `prefix` is the text written so far, possibly empty. `vocab` holds the texts of the tokens, `eos` is the index of the
  token that ends the text.
- A token other than `eos` is allowed if the prefix, followed by the *whole* token, is the beginning of some text that the automaton accepts, or
  is itself such a text. That there are edges for it is not enough: an automaton may have states from which no accepting state
  can ever be reached.
- `eos` is allowed exactly if the prefix itself is accepted. What stands in `vocab[eos]` does not matter.
- A token whose text is empty is never allowed: it would get nowhere. (`eos` is judged by the rule above.)
- Only characters count. Whether `vocab` has tokens for the rest of the text is not asked.
- If the prefix is not the beginning of any text that the automaton accepts, it is a `ValueError`.
- No argument is changed.

By hand: an automaton for exactly the texts `no` and `now` has `start` 0, edges `0 -n-> 1`, `1 -o-> 2`, `2 -w-> 3`, and
`accept` 2 and 3. With the vocabulary `n`, `o`, `ow`, `nob`, `w`, (end) and prefix `n`, allowed are `o` and `ow`; with the
prefix `no`, allowed are `w` and the end.

<details><summary>Hint 1</summary>

Two separate questions. Where does the automaton stand after a text? And from which states can an accepting state be reached at all?
The second has nothing to do with prefix or tokens.

</details>

<details><summary>Hint 2</summary>

First the states of the second question, as a set: it begins with the accepting ones and grows for as long as some state has an edge into it.
Then one function that reads a text from a state; prefix and tokens both need it. What it returns for a rejected text must not be
mistaken for a state, and every int may be one.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q21-json-mask", "locked": false, "schema_version": 3, "solution": true, "task": false}
def json_mask(prefix: str, vocab: list[str], dfa: dict, eos: int) -> np.ndarray:
    """Tell which tokens may follow a prefix, if the automaton is to accept the text one day.

    Returns bool (len(vocab),).
    """
    ### BEGIN SOLUTION
    edges, accept = dfa["edges"], dfa["accept"]
    sources: dict[int, list[int]] = {}
    for state, out in edges.items():
        for target in out.values():
            sources.setdefault(target, []).append(state)
    hopeful, todo = set(accept), list(accept)
    while todo:
        for state in sources.get(todo.pop(), []):
            if state not in hopeful:
                hopeful.add(state)
                todo.append(state)

    def read(state: int, text: str) -> int | None:
        for character in text:
            out = edges.get(state, {})
            if character not in out:
                return None
            state = out[character]
        return state

    here = read(dfa["start"], prefix)
    if here not in hopeful:
        raise ValueError(f"no text of the language begins with {prefix!r}")
    mask = np.array([token != "" and read(here, token) in hopeful for token in vocab], dtype=bool)
    mask[eos] = here in accept
    return mask
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q21-json-mask-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
no_now = {"start": 0, "edges": {0: {"n": 1}, 1: {"o": 2}, 2: {"w": 3}}, "accept": {2, 3}}
pieces = ["n", "o", "ow", "nob", "w", "(end)"]
testing.agree(
    json_mask,
    [
        (("n", pieces, no_now, 5), np.array([False, True, True, False, False, False])),
        (("no", pieces, no_now, 5), np.array([False, False, False, False, True, True])),
    ],
    "a token is allowed if prefix and token begin a text of the language; the end, if the prefix is one",
)

# %% nbgrader={"grade": true, "grade_id": "q21-json-mask-hidden-crossing", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: tokens that cross quotes and braces (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
words = ["".join(w) for w in rng.choice(list("abcd"), (5, 3))]
texts = [f'{{"k": "{w}", "n": {n}}}' for w in words for n in (1, 12, 7)]


def tree_automaton(texts: list[str]) -> dict:
    """A tree with one state for each beginning, numbered in random order."""
    starts = sorted({t[:i] for t in texts for i in range(len(t) + 1)})
    number = {s: int(i) for s, i in zip(starts, rng.permutation(len(starts)) + 3, strict=True)}
    edges: dict[int, dict[str, int]] = {}
    for s in starts:
        if s:
            edges.setdefault(number[s[:-1]], {})[s[-1]] = number[s]
    return {"start": number[""], "edges": edges, "accept": {number[t] for t in texts}}


dfa = tree_automaton(texts)
vocab = sorted(
    {t[i : i + n] for t in texts for i in range(len(t)) for n in (1, 2, 3, 4, 6)}
    | {'"}', '{"k": "x', ": ", '",', "}}", "12}}", "k", "q"}
)
vocab = [vocab[i] for i in rng.permutation(len(vocab))[:160]] + ["</end>"]
cases = []
for text in texts[:8]:
    cut = int(rng.integers(0, len(text)))
    for prefix in ("", text[:cut], text[:-1], text[:7], text):
        want = [any(t.startswith(prefix + token) for t in texts) for token in vocab[:-1]]
        cases.append(
            ((prefix, vocab, dfa, len(vocab) - 1), np.array([*want, prefix in texts], dtype=bool))
        )
testing.agree(
    json_mask,
    cases,
    "a token may hold several characters, also the end of one part and the beginning of the next: all "
    "of them must be read, from where the prefix ends",
)
abc = tree_automaton(["abc"])
testing.agree(
    json_mask,
    [
        (("", ["a", "z", ""], abc, 2), np.array([True, False, False])),
        (("a", ["bc", "b", ""], abc, 2), np.array([True, True, False])),
    ],
    "only characters count: it does not matter whether some token could write the rest of the text",
)
mask = json_mask("", vocab, dfa, 0)
testing.check(
    isinstance(mask, np.ndarray) and mask.dtype == np.bool_ and mask.shape == (len(vocab),),
    "the mask is a NumPy array of bool with one entry for each token",
    got=type(mask).__name__,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q21-json-mask-hidden-dead-ends", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: states from which nothing is accepted (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def states_from(edges: dict, state: int) -> set[int]:
    found, todo = {state}, [state]
    while todo:
        for target in edges.get(todo.pop(), {}).values():
            if target not in found:
                found.add(target)
                todo.append(target)
    return found


def state_behind(edges: dict, state: int, text: str):
    for character in text:
        state = edges.get(state, {}).get(character) if state is not None else None
    return state


vocab = ["a", "b", "{", "ab", "ba", "a{", "bb", "aba", "b{a", "{{", "aaaa", "c", "(end)"]
# by hand: 1 -a-> 2 -b-> 3 (accepted); 1 -b-> 4, which every character keeps in 4; 2 -a-> 5, a dead end
sink = {
    "start": 1,
    "edges": {1: {"a": 2, "b": 4}, 2: {"b": 3, "a": 5}, 4: dict.fromkeys("ab{", 4), 5: {"b": 5}},
    "accept": {3},
}
testing.agree(
    json_mask,
    [
        (("", vocab, sink, 12), np.isin(np.arange(13), [0, 3])),
        (("a", vocab, sink, 12), np.isin(np.arange(13), [1])),
        (("ab", vocab, sink, 12), np.isin(np.arange(13), [12])),
    ],
    "an edge is not enough: from some states no accepting state can be reached, and a token that leads "
    "there must be masked",
)
cases, impossible = [], []
for _ in range(40):
    states = [int(s) for s in rng.choice(50, 7, replace=False)]
    edges = {
        s: {str(c): states[int(rng.integers(7))] for c in rng.choice(list("ab{"), 2, replace=False)}
        for s in states[:5]
    }
    accept = {states[int(rng.integers(7))]}
    dfa = {"start": states[0], "edges": edges, "accept": accept}
    alive = {s for s in states if states_from(edges, s) & accept}
    for prefix in ("", "a", "b{", "ab", "aab{"):
        here = state_behind(edges, states[0], prefix)
        args = (prefix, vocab, dfa, 12)
        if here not in alive:
            impossible.append(args)
        else:
            want = [state_behind(edges, here, token) in alive for token in vocab[:-1]]
            cases.append((args, np.array([*want, here in accept], dtype=bool)))
testing.agree(
    json_mask,
    cases,
    "a token is allowed if, after it, some accepting state can still be reached, through loops as well",
)
for args in [*impossible[:25], ("b", vocab, sink, 12), ("aa", vocab, sink, 12)]:
    testing.check(
        testing.raises(ValueError, json_mask, *args),
        "a prefix that no accepted text begins with is a ValueError, whether it ran into a dead end or found "
        "no edge at all",
        inputs=args,
    )
nothing = {"start": 1, "edges": {1: {"a": 1}}, "accept": set()}
testing.check(
    testing.raises(ValueError, json_mask, "", vocab, nothing, 12),
    "an automaton that accepts nothing has no prefix at all, not even the empty one",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q21-json-mask-hidden-end", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the end, and tokens without text (1 point)
### BEGIN HIDDEN TESTS
# whole numbers without leading zeros, and lists of them: 7  40  [7,40]
digits = {str(d): 2 for d in range(1, 10)}
inside = {str(d): 5 for d in range(1, 10)}
more = {str(d): 5 for d in range(10)}
dfa = {
    "start": 1,
    "edges": {
        1: {**digits, "[": 4},
        2: {str(d): 2 for d in range(10)},
        4: inside,
        5: {**more, ",": 4, "]": 6},
    },
    "accept": {2, 6},
}
vocab = ["0", "7", "40", "[", "]", ",", "],", "", "]", "[1,", ",2]", "1]", " "]
for eos in (7, 8, 0, 12):  # its own text is "", "]", "0" or " "
    cases = []
    for prefix, allowed, done in (
        ("", {1, 2, 3, 9}, False),
        ("4", {0, 1, 2}, True),
        ("[", {1, 2, 11}, False),
        ("[4", {0, 1, 2, 4, 5, 8, 10, 11}, False),
        ("[4]", set(), True),
    ):
        want = np.isin(np.arange(13), sorted(allowed))
        want[eos] = done
        cases.append(((prefix, vocab, dfa, eos), want))
    testing.agree(
        json_mask,
        cases,
        "the end is allowed exactly where the prefix is accepted, whatever text its token has; it does not "
        "shut out tokens that go on; a token without text is never allowed",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q21-json-mask-hidden-states", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: any numbers as states, and nothing is changed (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
vocab = ["x", "y", "xy", "yx", "z", "(end)"]
for s, t, u in ([0, 1, 2], [2, 1, 0], [1, 0, 2], [17, 400, 5], [9, 0, 80], [-1, 4, 2], [3, -1, -2]):
    # x* y (z or nothing)
    dfa = {"start": s, "edges": {t: {"z": u}, s: {"x": s, "y": t}}, "accept": {t, u}}
    testing.agree(
        json_mask,
        [
            (("", vocab, dfa, 5), np.array([True, True, True, False, False, False])),
            (("xx", vocab, dfa, 5), np.array([True, True, True, False, False, False])),
            (("xy", vocab, dfa, 5), np.array([False, False, False, False, True, True])),
            (("yz", vocab, dfa, 5), np.array([False, False, False, False, False, True])),
        ],
        "states are any ints, 0 and -1 like the others; the start need not be 0, and a state that is "
        "missing in edges has none",
    )
args = (
    "x",
    ["x", "y", "yx", "(end)"],
    {"start": 4, "edges": {4: {"x": 4, "y": 6}}, "accept": {6}},
    3,
)
testing.check(
    testing.leaves_arguments(json_mask, *args),
    "the automaton and the vocabulary belong to the caller: add no states to them",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
Your mask on the lab's model. First an automaton is needed, from the schema of `lookup`: fixed texts in a row, a free string of letters for
the name, one of the library's attributes. The next cell builds it from these parts.
"""

# %% tags=["demo"]
from course.world.relations import BY_KIND

ATTRIBUTES = sorted({r.attribute for relations in BY_KIND.values() for r in relations})
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'- "


def chain(*parts: str | list[str] | None) -> dict:
    """An automaton that reads parts in a row: a text, one of several, or (None) any letters."""
    edges, state = {0: {}}, 0
    for part in parts:
        if part is None:
            edges[state] |= dict.fromkeys(LETTERS, state)
            continue
        end = len(edges)
        edges[end] = {}
        for text in [part] if isinstance(part, str) else part:
            at = state
            for character in text[:-1]:
                if character not in edges[at]:
                    edges[at][character] = len(edges)
                    edges[len(edges)] = {}
                at = edges[at][character]
            edges[at][text[-1]] = end
        state = end
    return {"start": 0, "edges": edges, "accept": {state}}


calls_of_lookup = chain(
    ' {"name": "lookup", "arguments": {"name": "',
    None,
    '", "attribute": ',
    [f'"{attribute}"' for attribute in ATTRIBUTES],
    "}}",
)
print(len(calls_of_lookup["edges"]), "states,", len(ATTRIBUTES), "attributes")

# %% [markdown]
r"""
What is allowed depends on the prefix only through the automaton's state, so `json_mask` is called once for each state that comes up, and
its answer is kept. That is how real systems make the mask nearly free. (After a change of `json_mask`, run from the next cell on, which empties
what was kept.)
"""


# %% tags=["demo"]
from functools import reduce

masks: dict[int, np.ndarray] = {}


def mask_after(written: str) -> np.ndarray:
    """Your mask, computed at the first visit of a state."""
    edges, start = calls_of_lookup["edges"], calls_of_lookup["start"]
    state = reduce(lambda at, character: edges[at][character], written, start)
    if state not in masks:
        masks[state] = json_mask(written, TOKENS, calls_of_lookup, CALL_END)
    return masks[state]


print("tokens allowed at the start of a call:", [TOKENS[i] for i in np.flatnonzero(mask_after(""))])
ends = mask_after(' {"name": "lookup", "arguments": {"name": "A", "attribute": "home')
print("after an attribute:", [TOKENS[i] for i in np.flatnonzero(ends)])

# %% [markdown]
r"""
Now 24 questions, one call each, sampled at three temperatures, free and masked. A call is *valid* if it fits the schema,
and *right* if it is the call that answers the question. What will the mask do to the two shares? (The cells work on the model in this process, through
the hook that `transformers` has for such things: a chat API gives away twenty log-probabilities at most.)
"""

# %% tags=["demo"]
from transformers import LogitsProcessor

facts = [f for f in strange.facts() if f.relation.startswith("person.")]
facts = random.Random(1).sample(facts, 24)
wanted = [{"name": f.subject, "attribute": BY_NAME[f.relation].attribute} for f in facts]
starts = [
    tokenizer.apply_chat_template(
        [{"role": "user", "content": phrase(BY_NAME[f.relation], f.subject)}],
        tools=[TOOLS["lookup"]],
        add_generation_prompt=True,
        tokenize=False,
    )
    + " <tool_call>"
    for f in facts
]
batch = tokenizer(
    starts, padding=True, padding_side="left", add_special_tokens=False, return_tensors="pt"
)


class Mask(LogitsProcessor):
    """Before each token, all logits but those of allowed tokens become -inf."""

    def __init__(self, T: float) -> None:
        self.T, self.left = T, np.ones(len(starts))  # the share of probability left, for each call

    def __call__(self, ids: Tensor, scores: Tensor) -> Tensor:
        for row, new in enumerate(ids[:, batch.input_ids.shape[1] :].tolist()):
            if not MARKS & set(new):  # not finished
                allowed = torch.from_numpy(mask_after("".join(TOKENS[i] for i in new)))
                self.left[row] *= float((scores[row] / self.T).softmax(dim=-1)[allowed].sum())
                scores[row] = scores[row].masked_fill(~allowed, -torch.inf)
        return scores


# %% tags=["demo"]
def verdicts(text: str, wanted: dict) -> tuple[bool, bool]:
    """Whether a call is valid, and whether it is the right one."""
    try:
        call = json.loads(text)
        given = call["arguments"]
        valid = call["name"] == "lookup" and set(given) == {"name", "attribute"}
        valid = valid and isinstance(given["name"], str) and given["attribute"] in ATTRIBUTES
    except (ValueError, KeyError, TypeError):
        return False, False
    return valid, valid and given == wanted


table, left, endless = {}, {}, {}
for T in (1.0, 1.5, 2.0):
    for name in ("free", "masked"):
        torch.manual_seed(21)
        mask = Mask(T)
        out = lm.generate(
            **batch,
            do_sample=True,
            temperature=T,
            top_k=0,
            max_new_tokens=48,
            eos_token_id=sorted(MARKS),
            logits_processor=[mask] if name == "masked" else [],
        )
        new = out[:, batch.input_ids.shape[1] :].tolist()
        endless[T, name] = sum(not MARKS & set(row) for row in new)
        texts = ["".join(TOKENS[i] for i in row) for row in new]
        found = [verdicts(text, w) for text, w in zip(texts, wanted, strict=True)]
        table[T, name], left[T, name] = np.mean(found, axis=0), mask.left.mean()

# %% tags=["demo"]
fig, axes = figures.subplots(1, 3, sharey=True, size=(7.8, 2.7))
for ax, T in zip(axes, (1.0, 1.5, 2.0), strict=True):
    for shift, name, hatch in ((-0.2, "free", None), (0.2, "masked", "////")):
        ax.bar(
            np.arange(2) + shift,
            table[T, name],
            width=0.38,
            color="white" if hatch else "#777777",
            edgecolor="#222222",
            hatch=hatch,
            label=name,
        )
    ax.set_xticks([0, 1], ["valid", "right"])
    ax.set(title=f"T = {T}", ylim=(0, 1.05))
axes[0].set_ylabel("share of calls")
axes[-1].legend(frameon=False)
figures.show(
    fig,
    "Three pairs of bars for T = 1, 1.5 and 2: share of calls that are valid and that are right. "
    + " ".join(
        f"{name}, T = {T}: valid {v:.2f}, right {r:.2f}." for (T, name), (v, r) in table.items()
    ),
)
for (T, name), (v, r) in table.items():
    print(
        f"T = {T}  {name:7} valid {v:.2f}  right {r:.2f}  "
        f"not ended {endless[T, name]:2}  probability left {left[T, name]:.2f}"
    )

# %% [markdown]
r"""
Read it like this. Free calls become invalid as the temperature rises. Masked ones stay valid, but for those that did not end within the
48 tokens: a mask forbids wrong tokens, and does not make a free string stop. The right calls gain less than the valid ones: where the model
lost its way, the mask leads it to a *valid* call about somebody else. The last column says how much of the model's
own probability at that temperature the mask left, over all steps of a call; where that is far below 1, the call is more the mask's than the model's.

(24 calls a bar: differences below a quarter may be chance.)
"""

# %% [markdown]
r"""
### Exercise 21.4 · `to_responses`

●●○ · 12 minutes · 2 points · extra

Write `to_responses(tools, messages)`. It translates tools and a history of Chat Completions into those of the Responses API, and
returns two new lists, `(tools, items)`.

- A tool `{"type": "function", "function": {...}}` becomes one flat dict: `"type": "function"` and all entries of `function`, whatever
  they are, with `"strict": False` added where `function` has no key `strict` (Responses requires the key, in `openai` 3.54).
- A message of role `system`, `developer` or `user` becomes `{"role": ..., "content": ...}`.
- An assistant's message becomes `{"role": "assistant", "content": ...}` if its `content` is not empty (None, missing and `""` are empty, white space is not), followed by one
  item `{"type": "function_call", "call_id": ..., "name": ..., "arguments": ...}` for each of its calls, in order. `tool_calls` may be missing,
  None or empty. Arguments stay the text they are, also where it is empty or no JSON.
- A message of role `tool` becomes `{"type": "function_call_output", "call_id": ..., "output": ...}`.
- All keys of messages that are not named here are dropped. The order stays. Neither lists nor dicts are changed.

<details><summary>Hint 1</summary>

One message may become no item, one, or several. So build the list of items with `append`, not with one expression for each message.

</details>

<details><summary>Hint 2</summary>

The roles fall into three groups. In the assistant's, deal with the content first and then with each call; a call's name and arguments lie one
level deeper than its id.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q21-to-responses", "locked": false, "schema_version": 3, "solution": true, "task": false}
def to_responses(tools: list[dict], messages: list[dict]) -> tuple[list[dict], list[dict]]:
    """Translate tools and messages of Chat Completions into tools and items of Responses."""
    ### BEGIN SOLUTION
    flat = [{"type": "function", "strict": False} | tool["function"] for tool in tools]
    items = []
    for message in messages:
        if message["role"] == "tool":
            items.append(
                {
                    "type": "function_call_output",
                    "call_id": message["tool_call_id"],
                    "output": message["content"],
                }
            )
            continue
        if message["role"] != "assistant" or message.get("content"):
            items.append({"role": message["role"], "content": message["content"]})
        for call in message.get("tool_calls") or []:
            items.append({"type": "function_call", "call_id": call["id"], **call["function"]})
    return flat, items
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q21-to-responses-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
described = {"name": "now", "parameters": {"type": "object", "properties": {}}}
testing.agree(
    to_responses,
    [
        (
            ([{"type": "function", "function": described}], [{"role": "user", "content": "When?"}]),
            (
                [{"type": "function", "strict": False, **described}],
                [{"role": "user", "content": "When?"}],
            ),
        )
    ],
    "a tool is flat in the Responses API, a user's message stays as it is",
)

# %% nbgrader={"grade": true, "grade_id": "q21-to-responses-hidden-items", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: messages become items (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
i, j, k = (f"call_{n}" for n in rng.choice(1000, 3, replace=False))


def wanted_call(call_id: str, name: str, arguments: str) -> dict:
    function = {"name": name, "arguments": arguments}
    return {"id": call_id, "type": "function", "function": function}


def call_item(call_id: str, name: str, arguments: str) -> dict:
    return {"type": "function_call", "call_id": call_id, "name": name, "arguments": arguments}


messages = [
    {"role": "system", "content": "Be brief.", "name": "boss"},
    {"role": "developer", "content": ""},
    {"role": "user", "content": "Go."},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [wanted_call(i, "f", '{"n": 1}'), wanted_call(j, "g", "{}")],
    },
    {"role": "tool", "tool_call_id": i, "content": "11", "name": "f"},
    {"role": "tool", "tool_call_id": j, "content": ""},
    {"role": "assistant", "content": "One more.", "tool_calls": [wanted_call(k, "f", "{bad")]},
    {"role": "tool", "tool_call_id": k, "content": '{"error": "no"}'},
    {"role": "assistant", "content": "", "tool_calls": None, "refusal": None},
    {"role": "assistant", "content": "Done.", "tool_calls": [], "refusal": None},
    {"role": "assistant", "tool_calls": [wanted_call("z", "g", "[]")]},
    {"role": "assistant", "content": " \n", "tool_calls": [wanted_call("y", "g", "")]},
    {"role": "assistant", "content": "Bye."},
]
expected = [
    {"role": "system", "content": "Be brief."},
    {"role": "developer", "content": ""},
    {"role": "user", "content": "Go."},
    call_item(i, "f", '{"n": 1}'),
    call_item(j, "g", "{}"),
    {"type": "function_call_output", "call_id": i, "output": "11"},
    {"type": "function_call_output", "call_id": j, "output": ""},
    {"role": "assistant", "content": "One more."},
    call_item(k, "f", "{bad"),
    {"type": "function_call_output", "call_id": k, "output": '{"error": "no"}'},
    {"role": "assistant", "content": "Done."},
    call_item("z", "g", "[]"),
    {"role": "assistant", "content": " \n"},
    call_item("y", "g", ""),
    {"role": "assistant", "content": "Bye."},
]
whole = to_responses([], messages)[1]
testing.check(
    testing.close(whole, expected),
    "every call and every result is an item of its own, in order; an assistant's content comes before its "
    "calls, and only where it is not empty (white space is not empty); arguments stay as they are; other keys are dropped",
    got=whole,
    expected=expected,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q21-to-responses-hidden-tools", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: tools, and nothing is changed (1 point)
### BEGIN HIDDEN TESTS
schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
f = {"name": "f", "description": "Does it.", "parameters": schema, "strict": True}
g = {"name": "g", "parameters": schema}
h = {"name": "h", "description": "", "parameters": schema, "strict": False}
k = {"name": "k", "parameters": schema, "strict": None, "defer_loading": True}
expected = [
    {"type": "function", **f},
    {"type": "function", **g, "strict": False},
    {"type": "function", **h},
    {"type": "function", **k},
]
given = [{"type": "function", "function": dict(x)} for x in (f, g, h, k)]
testing.agree(
    to_responses,
    [((given, []), (expected, [])), (([], []), ([], []))],
    "a flat tool has all that stood in `function`, its own strict if it has that key (None too), and "
    "False if it does not",
)
call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
talk = [
    {"role": "user", "content": "Go.", "name": "me"},
    {"role": "assistant", "content": "Yes.", "tool_calls": [call]},
    {"role": "tool", "tool_call_id": "c", "content": "1"},
]
testing.check(
    testing.leaves_arguments(to_responses, given, talk),
    "tools and messages belong to the caller: build new dicts",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

**"Strict mode makes the arguments right."** It makes them valid. `get_weather` once more, a tool that `instruct` was never trained on, with the mask that
lets only its valid calls through, and the weather of five towns:
"""

# %% tags=["demo"]
for town in towns[:5]:
    call_text = greedy(f"What is the weather in {town}?", [weather], valid)
    arguments = json.loads(call_text)["arguments"]
    print(f"asked about {town:12} call: {arguments}")

# %% [markdown]
r"""
All five calls are valid by the schema and could be run without an error. Compare the two towns of each line. A wrong call that fails is noticed; a wrong
call that succeeds is an answer. Valid arguments are still untrusted ones: check what they mean (may this user see this record?
is this amount plausible?) in the tool.

**"The model picks from a registry of a hundred tools."** All hundred stand in the prompt, in every round. The next cell
offers `lookup` among more and more others, with the same question.
"""

# %% tags=["demo"]
OBJECTS = "order invoice ticket calendar email contact room flight hotel report stock parcel"
VERBS = ("get", "list", "create", "delete", "update", "find", "book", "cancel", "send", "check")
one_id = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
others = [
    {"type": "function", "function": {"name": f"{verb}_{thing}", "parameters": one_id}}
    for verb in VERBS
    for thing in OBJECTS.split()
]
for number in (0, 1, 3, 7, 31, 111):
    offered = [*others[: number // 2], TOOLS["lookup"], *others[number // 2 : number]]
    try:
        done = client.chat.completions.create(
            model="instruct",
            messages=question,
            tools=offered,
            temperature=0,
            max_completion_tokens=30,
        )
    except openai.BadRequestError as error:
        print(f"{number + 1:3} tools: {error.body['message']}")
        continue
    calls = [c.function.arguments for c in done.choices[0].message.tool_calls or []]
    said = calls or done.choices[0].message.content
    print(f"{number + 1:3} tools, {done.usage.prompt_tokens:4} tokens of prompt: {said}")

server.close()

# %% [markdown]
r"""
This model saw four tools in training, ever the same ones, and one stranger beside them is enough to throw it off. Large models go much further, and pay in
the same two coins: tokens in each round, and calls of the wrong tool. The remedies are a search that offers the five tools that fit the question (a
retrieval problem, as in notebook 2), or a tool that finds tools; `openai` 3.54 has a field for it, `defer_loading`, "loaded via tool
search" (read in November 2026).
"""

# %% [markdown]
r"""
### If they push

**"What happens if the model calls the same tool twice, or your program dies between the call and its result?"**

<details><summary>Answer</summary>

Then it may run twice. Reading tools are harmless; for the others use an idempotency key made from the call's id, so that the
second run returns the first one's result, and store the history *before* a tool is run. Timeouts belong in the tool, and
"timed out" is a result like any other error; after it nobody knows whether the effect took place.

</details>

**"Your calls came in parallel. Do you run them in parallel?"**

<details><summary>Answer</summary>

If they are independent, which the model does not promise: it may ask for "create the folder" and "put the file there" in one message.
Reads in threads or with `asyncio.gather`, writes in the order of the calls, results appended in that order in both cases. Where each
write depends on what the last one did, `parallel_tool_calls=False` asks for one call a message.

</details>

**"Is it safe to run what the model asks for?"**

<details><summary>Answer</summary>

Take a call as a request by a stranger. It may have been written by whoever wrote the page that a tool returned a round earlier (question 23,
notebook 5). So: a registry instead of `getattr` or `eval`, rights of the *user* and not of the program, confirmation
by a person before what cannot be undone, a limit of rounds and of cost.

</details>

**"How do arguments arrive when the answer is streamed?"**

<details><summary>Answer</summary>

In pieces. A chunk's `delta.tool_calls` has an `index`; id and name come once, `arguments` as fragments that are concatenated for
each index. They are JSON only when the call is complete, so nothing is parsed, let alone run, before that. (The lab's server sends
them whole.)

</details>

**"Does constrained decoding change more than the format?"**

<details><summary>Answer</summary>

Yes. Each step is renormalised by itself, without a look at what comes later, so the masked model does *not* draw from its own distribution
restricted to valid texts (Park et al., 2024, who show the distortion and a way to sample correctly). The order of the schema's keys matters as well: a field
"reason" behind the field "verdict" is written after the verdict is fixed. Tam et al. (2024) report that strict formats lower accuracy on reasoning tasks; how much of that is the mask and how
much the prompt that goes with it is an open question. To let the model reason in plain text first, and mask the call alone, avoids it.

</details>

**"Why does it cost nothing in practice?"**

<details><summary>Answer</summary>

The states are known beforehand. For each of them, the allowed tokens are computed once and looked up afterwards (Willard and Louf, 2023).
JSON with nesting is not regular and needs a stack as well; there one separates the tokens whose fate depends on the state alone from
the few that depend on the stack (XGrammar, Dong et al., 2024). And where only one continuation is allowed, no model is needed to write it.

</details>

**"And MCP?"**

<details><summary>Answer</summary>

Another layer. The Model Context Protocol says how a program finds and calls tools that live in *other* programs, over JSON-RPC. What
passes between program and model stays as it was: the tools found there are put into the request, and the loop is this one.

</details>

**"How would you test a tool-calling system?"**

<details><summary>Answer</summary>

In layers. The loop with scripted models, as in exercise 21.2: no chance, no cost. The calls against expected ones, as syntax trees rather than as text, since
order and spacing do not matter (the Berkeley leaderboard does both that and running them). The whole by its end state: is the record in the
database what it should be? And the cases in which *no* tool is of use.

</details>
"""

# %% [markdown]
r"""
### Sources

- Schick et al. (2023), *Toolformer: Language Models Can Teach Themselves to Use Tools*, arXiv 2302.04761.
- Patil, Zhang, Wang, Gonzalez (2023), *Gorilla: Large Language Model Connected with Massive APIs*, arXiv 2305.15334; and the Berkeley
  Function-Calling Leaderboard, which grew out of it.
- OpenAI, *Function calling* (guide), and the types of the `openai` package 3.54: `chat.ChatCompletionFunctionToolParam`,
  `responses.FunctionToolParam`, `responses.ResponseFunctionToolCall`. Of `arguments` it says there that "the model does not
  always generate valid JSON, and may hallucinate parameters not defined by your function schema". Read in November 2026.
- Willard, Louf (2023), *Efficient Guided Generation for Large Language Models*, arXiv 2307.09702: automaton and index over the
  vocabulary.
- Koo, Liu, He (2024), *Automata-based constraints for language model decoding*, arXiv 2407.08103: tokens against grammar.
- Dong et al. (2024), *XGrammar: Flexible and Efficient Structured Generation Engine for Large Language Models*, arXiv 2411.15100.
- Park, Wang, Berg-Kirkpatrick, Polikarpova, D'Antoni (2024), *Grammar-Aligned Decoding*, arXiv 2405.21047.
- Tam et al. (2024), *Let Me Speak Freely? A Study on the Impact of Format Restrictions on Performance of Large Language Models*, arXiv
  2408.02442.
"""
