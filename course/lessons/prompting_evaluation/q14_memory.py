# %% [markdown]
r"""
## Q14. How does a chat remember?

*Easy · 95 minutes · needs prompts, tokens and chat templates (questions 3 and 4); question 12 helps*
"""

# %% [markdown]
r"""
### Say it

> The model remembers nothing between two requests. What looks like memory is the client sending the
> conversation again with every turn. Three things are called memory, and they differ: what training left in
> the weights, the same for everybody; what stands in the context of this one request; and what the application
> keeps in a store of its own and copies into the context. The context is finite and paid by the token, so a
> long conversation is cut to a window, condensed to a summary, or kept in a store from which the relevant parts
> are fetched. Each of them forgets something else, and none of them says so. Whatever is sent must
> still be a valid conversation: the system prompt in front, and no tool result without its call.
"""

# %% [markdown]
r"""
### See it

**Every request starts from nothing.** The course's own endpoint (`docs/serving.md`) is told something and asked
for it twice: alone, and with the first exchange sent along. The third question is about the little world.
"""

# %% tags=["demo"]
import json
import random
import re
from contextlib import ExitStack

from openai import BadRequestError

from course import lab, serve, world
from course.world import chats

session = ExitStack()  # the server runs until the section's last demonstration closes it
client = session.enter_context(serve.background())


def user(text: str) -> dict:
    return {"role": "user", "content": text}


def assistant(text: str) -> dict:
    return {"role": "assistant", "content": text}


def complete(messages: list[dict], **settings):
    settings = {"temperature": 0, "max_completion_tokens": 60} | settings
    return client.chat.completions.create(model="instruct", messages=messages, **settings)


# %% tags=["demo"]
home = world.make_world()
told, asked = user("My lucky number is 17."), user("What is my lucky number?")
known = chats.known_question(home, random.Random(3))
reply = complete([told]).choices[0].message.content
for messages in ([asked], [told, assistant(reply), asked], [user(known.text)]):
    done = complete(messages)
    print(
        f"{len(messages)} message(s), {done.usage.prompt_tokens} tokens: {messages[-1]['content']}"
    )
    print("   ", done.choices[0].message.content)

# %% [markdown]
r"""
Alone, the second question has no answer: the endpoint has kept nothing of the first request. Sent along, the
number is *in the context*. The fact about the world was sent by nobody: it is *in the weights*, and there it
stays, for every user, until somebody trains the model again.

The same lines talk to any other endpoint that speaks this API (not run here):

```python
client = openai.OpenAI(base_url="https://models.example.com/v1", api_key=os.environ["API_KEY"])
client.chat.completions.create(model="some-model", messages=messages)
```

#### A conversation that is too long

Somebody asks about the world, 48 times, and on the way tells six things about themselves: at turns 3, 12, 21,
30, 39 and 47. The world writes both sides (its answers are those that the model was trained to give). Six such
conversations, with the six things in turned order, so that each is told once at each place.
"""

# %% tags=["demo"]
TURNS, PLACES = 48, (2, 11, 20, 29, 38, 46)


def talk(rng: random.Random, turns: int) -> list[dict]:
    """So many questions about the world, with their answers."""
    asked = [chats.known_question(home, rng) for _ in range(turns)]
    return [m for q in asked for m in (user(q.text), assistant(f"{q.answer}."))]


def telling(kind: chats.Told, value: str) -> list[dict]:
    return [user(kind.telling.format(value)), assistant("I will remember that.")]


def conversation(seed: int) -> tuple[list[dict], list[tuple[chats.Told, str]]]:
    """A history, and what was told at each of the places."""
    rng = random.Random(seed)
    history, told = talk(rng, TURNS), []
    for i, place in enumerate(PLACES):
        kind = chats.TOLD[(i + seed) % 6]
        told.append((kind, kind.draw(rng, "heldout")))
        history[2 * place : 2 * place + 2] = telling(*told[-1])
    return history, told


conversations = [conversation(seed) for seed in range(6)]
history, told = conversations[0]
for place in (0, 1, 2, 46, 47):
    print(f"turn {place + 1:2}:", " / ".join(m["content"] for m in history[2 * place :][:2]))

# %% [markdown]
r"""
How long is that? The model reads neither messages nor characters, it reads the tokens of the **chat template**:
the texts, and a mark for each role and each end. Only the model's own template and tokenizer count them; "four
characters a token" is a guess.
"""

# %% tags=["demo"]
tokenizer = lab.tokenizer("instruct")


def rendered(messages: list[dict]) -> str:
    return tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)


def size(messages: list[dict]) -> int:
    return len(tokenizer(rendered(messages), add_special_tokens=False, verbose=False).input_ids)


print(rendered(history[:2])[:120], "...")
question = user(told[0][0].asking)
characters = sum(len(m["content"]) for m in history)
print(
    f"{len(history)} messages, {characters / 4:.0f} tokens by the guess, {size(history)} by count"
)
try:
    complete([*history, question])
except BadRequestError as error:
    print(error.status_code, error.body["code"], "-", error.body["message"])

# %% [markdown]
r"""
**Full history** ends like this: at some turn every further request is refused. That is the friendly way. Some
servers cut the prompt without a word (Ollama has done so in many versions; its issue 17889 of August 2026 shows
both behaviours on one server), and OpenAI's Responses API does it if asked to
(`truncation="auto"`; the default refuses).

And before the wall? One thing is told, then come 5, 20 or 34 questions, then it is asked for. From here on the
prompts go to the model directly, in batches: they are the same prompts, and hundreds of requests over HTTP would
cost more.
"""

# %% tags=["demo"]
model = lab.load("instruct")


@torch.inference_mode()
def replies(prompts: list[list[dict]], at_once: int = 32) -> list[str]:
    """The model's answers at temperature 0, in batches."""
    answers = []
    for start in range(0, len(prompts), at_once):
        texts = [rendered(prompt) for prompt in prompts[start : start + at_once]]
        batch = tokenizer(
            texts, padding=True, padding_side="left", add_special_tokens=False, return_tensors="pt"
        )
        ids, mask = batch.input_ids, batch.attention_mask
        out = model.generate(ids, attention_mask=mask, max_new_tokens=16, do_sample=False)
        answers += tokenizer.batch_decode(out[:, ids.shape[1] :], skip_special_tokens=True)
    return [answer.strip() for answer in answers]


rng = random.Random(14)
for turns in (5, 20, 34):
    facts = [(kind, kind.draw(rng, "heldout")) for kind in chats.TOLD * 2]
    prompts = [[*telling(*fact), *talk(rng, turns), user(fact[0].asking)] for fact in facts]
    gold = [kind.recalled.format(value) for kind, value in facts]
    wrong = [pair for pair in zip(replies(prompts), gold, strict=True) if pair[0] != pair[1]]
    mean = np.mean([size(prompt) for prompt in prompts])
    print(f"{turns:2} turns, {mean:4.0f} tokens: {len(gold) - len(wrong):2} of {len(gold)} right")
    for answer, right in wrong[:3]:
        print(f"      it said {answer!r} for {right!r}")

# %% [markdown]
r"""
What fits into the context is read well, but "it fits" is no promise: shortly before the wall single answers may be
wrong already (they stand below the last line), denied, or with a name blended from two. Question 5 looks at
long contexts more closely.

#### Three ways to send less

**Window**: the last 18 exchanges. **Summary**: a note on everything older, and the last five exchanges.
**Vector memory**: the older exchanges that are nearest to the question, three of them, and the last five.

The summary first. The popular way is to ask the model for one:
"""

# %% tags=["demo"]
RECENT = 5  # exchanges that summary and vector memory send as they are
for request in ("Summarize this conversation.", "What have I told you?"):
    done = complete([*history[:24], user(request)])
    print(f"{request}\n    {done.choices[0].message.content!r}")

# %% [markdown]
r"""
Nothing of use: this model was never trained to summarise (a large one was). But it can answer, and so it can
**fill a form**. Whenever twelve exchanges leave the window, it is asked about these twelve alone: name, home town,
favourite colour, lucky number. An answer in the form of "Your name is ..." becomes an entry, if all of its words
stand in what the user said there. The form has no line for the password, on purpose, and none for the
code of an order: nobody thought of it.
"""

# %% tags=["demo"]
FORM = chats.TOLD[:4]  # name, home town, favourite colour, lucky number
spent, rejected = [], []


def words(text: str) -> set[str]:
    return set(re.findall(r"[\w-]+", text))


def make_note(old: list[dict]) -> dict[chats.Told, str]:
    """What the model finds in old exchanges, block by block; later entries replace earlier ones."""
    blocks = [old[start : start + 24] for start in range(0, len(old), 24)]
    lines = [(block, kind) for block in blocks for kind in FORM]
    prompts = [[*block, user(kind.asking)] for block, kind in lines]
    spent.append(sum(map(size, prompts)))
    note = {}
    for (block, kind), answer in zip(lines, replies(prompts), strict=True):
        start = kind.recalled.split("{}")[0]
        if answer.startswith(start):
            value = answer.removeprefix(start).rstrip(".")
            said = words(" ".join(m["content"] for m in block if m["role"] == "user"))
            if words(value) <= said:
                note[kind] = value
            else:
                rejected.append(answer)
    return note


notes = [make_note(history[: -2 * RECENT]) for history, _ in conversations]
for note, (_, told) in zip(notes, conversations, strict=True):
    true = dict(told)
    entries = [
        kind.telling.format(value) + ("" if value == true[kind] else f" (told: {true[kind]})")
        for kind, value in note.items()
    ]
    print(*entries)
print("rejected entries:", len(rejected), "such as", sorted(set(rejected))[:3])

# %% [markdown]
r"""
The model fills the lines that have an answer. Where a block holds none it often makes one up, and the check
throws most of these out. Not all: where an entry is marked "(told: ...)", an invented value happened to be a
word of the block, and it has replaced the true one. **A summary is an output of a model**, with all that this
means, and the next request takes it for what was said.

Now all three. Each is a function from a history and a question to the messages that are sent. (The note is sent
as the user's own words at the start. LangChain's `SummarizationMiddleware`, version 1.4, also puts its summary
into a human message.)
"""


# %% tags=["demo"]
def window(number: int, question: dict) -> list[dict]:
    return [*conversations[number][0][-2 * 18 :], question]


def summary(number: int, question: dict) -> list[dict]:
    text = " ".join(kind.telling.format(value) for kind, value in notes[number].items())
    note = [user(text), assistant("I will remember that.")]
    return [*note, *conversations[number][0][-2 * RECENT :], question]


def vector(number: int, question: dict) -> list[dict]:
    history = conversations[number][0]
    old = [history[i : i + 2] for i in range(0, len(history) - 2 * RECENT, 2)]
    vectors = lab.embed([exchange[0]["content"] for exchange in old])
    near = np.argsort(-(vectors @ lab.embed([question["content"]])[0]))[:3]
    found = [message for i in sorted(near) for message in old[i]]
    return [*found, *history[-2 * RECENT :], question]


memories = {"window": window, "summary": summary, "vector": vector}
prompt = vector(0, user(conversations[0][1][0][0].asking))
print(*(f"{m['role']:9} {m['content']}" for m in prompt[:6]), "...", sep="\n")

# %% tags=["demo"]
questions = [(i, *fact) for i, (_, told) in enumerate(conversations) for fact in told]
recall, tokens, wrong = {}, {}, {}
for name, memory in memories.items():
    prompts = [memory(i, user(kind.asking)) for i, kind, _ in questions]
    answers = replies(prompts)
    gold = [kind.recalled.format(value) for _, kind, value in questions]
    right = np.array([a == g for a, g in zip(answers, gold, strict=True)])
    recall[name] = right.reshape(6, 6).sum(axis=0)
    tokens[name] = np.mean([size(prompt) for prompt in prompts])
    wrong[name] = [
        (kind.asking, answer, answer == kind.never)
        for answer, ok, (_, kind, _) in zip(answers, right, questions, strict=True)
        if not ok
    ]

ago = [TURNS - place for place in PLACES]
print("right of 6, told ...", "".join(f"{n:5}" for n in ago), "turns ago   tokens a question")
full = size([*conversations[0][0], user(chats.TOLD[0].asking)])
print(f"{'full history':20}", "    -" * 6, f"{'refused':>12} ({full})")
for name in memories:
    row = "".join(f"{n:5}" for n in recall[name])
    print(f"{name:20}", row, f"{tokens[name]:20.0f}")
print(f"filling the form: {np.mean(spent):.0f} tokens more for each conversation, once")

# %% [markdown]
r"""
Read the table from the right to the left, towards what was told long ago. Each cell rests on six questions, so look
at the pattern and not at a single cell.

- The **window** answers everything that it still holds and nothing else. It is a cliff, and it costs most.
- The **summary** has no cliff. What it lost, it lost by kind: whatever the form does not ask for. And an entry
  that is wrong stays wrong.
- **Vector memory** finds the right exchange among all old ones, for fewer tokens than the window. It is the
  easy case for it: the question repeats words of what is looked for, and one exchange is enough. "What do you
  know about me?" would have neither, and what was changed later is found in both versions (see below).

What do the wrong answers say?
"""

# %% tags=["demo"]
for name in ("window", "summary"):
    denied = sum(flat for _, _, flat in wrong[name])
    other = [(q, a) for q, a, flat in wrong[name] if not flat]
    print(f"{name}: {denied} flat denials, {len(other)} others, such as")
    for q, a in other[:4]:
        print(f"    {q} {a}")

# %% [markdown]
r"""
"You have not told me your name" is false: the user did. The model is right about its context and wrong about the
conversation, and it cannot know the difference. Of the others some are garbled, and some are worse: an invented
value, in the same tone as a true one. An application that cuts should know what it has cut, and say "that is longer
ago than I can see".

#### What a long conversation costs

Every turn sends its prompt again. The tokens of each request along the first conversation (note and found
exchanges as long as at its end), and the recall from the table:
"""

# %% tags=["demo"]
from course import figures

history = conversations[0][0]
note = size(summary(0, question)) - size([*history[-2 * RECENT :], question])
found = size(vector(0, question)) - size([*history[-2 * RECENT :], question])


def sizes(exchanges: int) -> list[int]:
    """Tokens of each request, with at most so many exchanges before the new question."""
    starts = [max(0, turn - exchanges) for turn in range(TURNS)]
    return [size(history[2 * start : 2 * turn + 1]) for turn, start in enumerate(starts)]


recent = sizes(RECENT)
sent = {
    "full": sizes(TURNS),
    "window": sizes(18),
    "summary": [x + note * (turn > RECENT) for turn, x in enumerate(recent)],
    "vector": [x + found * (turn > RECENT) for turn, x in enumerate(recent)],
}
print("all 48 requests:", "  ".join(f"{name} {sum(x):,}" for name, x in sent.items()))
print(f"filling the form: {spent[0]:,} more; full history is refused from turn", end=" ")
print(next(turn for turn, x in enumerate(sent["full"], start=1) if x >= 1024))

# %% tags=["demo"]
fig, axes = figures.subplots(1, 2, size=(7.6, 3.1))
for name, values in sent.items():
    axes[0].plot(range(1, TURNS + 1), values, label=name)
axes[0].axhline(1024, linewidth=1, color="black", linestyle="-")
axes[0].set(xlabel="turn", ylabel="tokens sent", ylim=(0, 1550), title="context: 1,024 tokens")
axes[0].legend(frameon=False, fontsize=9, loc="upper left", ncols=2)
for marker, (name, values) in zip("osv", recall.items(), strict=True):
    axes[1].plot(ago, values / 6, marker=marker, markersize=6, label=name)
axes[1].set(xlabel="told so many turns ago", ylabel="share answered", ylim=(-0.05, 1.1))
axes[1].legend(frameon=False, fontsize=9, loc="center right", bbox_to_anchor=(1, 0.4))
ends = "; ".join(f"{n} {v[0] / 6:.2f} and {v[-1] / 6:.2f}" for n, v in recall.items())
figures.show(
    fig,
    f"Left: tokens of each request by turn. Full history rises in a straight line to {sent['full'][-1]}, over "
    f"a line at 1,024; window levels off at about {sent['window'][-1]}, summary at "
    f"{sent['summary'][-1]}, vector at {sent['vector'][-1]}. Right: share of told facts answered "
    f"against turns since; told {ago[0]} and {ago[-1]} turns ago: {ends}.",
)

# %% [markdown]
r"""
With full history a request grows with the turn, so the whole conversation grows with its *square*: twice as
many turns, about four times the tokens. The other three grow in proportion.

#### Changing one's mind

Somebody names a home town (or a colour, a number, ...), and four questions later another one. Both stand in the
context (as full history and vector memory send them), or only the newer (as a store does that replaces the old entry):
"""

# %% tags=["demo"]
rng = random.Random(1)
both, newer, values = [], [], []
for kind in (*FORM, chats.TOLD[5]) * 5:
    old, new = kind.draw(rng, "heldout"), kind.draw(rng, "heldout")
    tail = [*telling(kind, new), *talk(rng, 3), user(kind.asking)]
    both.append([*telling(kind, old), *talk(rng, 4), *tail])
    newer.append(tail)
    values.append((kind.recalled.format(old), kind.recalled.format(new)))
for name, prompts in (("both in the context", both), ("the newer one only", newer)):
    pairs = list(zip(replies(prompts), values, strict=True))
    old, new = (sum(answer == value[i] for answer, value in pairs) for i in (0, 1))
    print(f"{name:20} {len(pairs)} asked: {new} say the newer, {old} the older, the rest neither")

# %% [markdown]
r"""
This model takes the older value most of the time. It has never seen anybody change their mind: in its training
each thing was told once. A larger model that sees both *in order* may do better; do not rely on it, measure it. What helps any model is a store that decides: one entry for each thing, the newer replaces the older. Mem0
(Chhikara et al., 2025) lets a model choose between adding, updating, deleting and doing nothing for every new memory.

#### Cut anywhere, and it is no conversation any more

A chat with a calculator. The model asks for two calculations at once, the program runs them, the model answers
from the results: five messages an exchange.
"""


# %% tags=["demo"]
from course.world.tools import TOOLS


def sums(*expressions: str) -> list[dict]:
    """An exchange with two calls at once; the model writes the calls and the answer."""
    turn = [user(" ".join(f"What is {expression}?" for expression in expressions))]
    calls = complete(turn, tools=[TOOLS["calculate"]]).choices[0].message
    turn.append(calls.model_dump(exclude_none=True))
    for call in calls.tool_calls:
        a, sign, b = json.loads(call.function.arguments)["expression"].split()
        result = int(a) + int(b) if sign == "+" else int(a) - int(b)
        content = json.dumps({"result": str(result)})
        turn.append({"role": "tool", "tool_call_id": call.id, "content": content})
    done = complete(turn, tools=[TOOLS["calculate"]])
    return [*turn, assistant(done.choices[0].message.content)]


shop = {"role": "system", "content": "The shop opens at 7."}
errands = [shop, *sums("267 - 67", "416 - 40"), *sums("12 + 30", "90 - 45")]
errands += [user(known.text), assistant(f"{known.answer}.")]
errands += [*sums("55 + 61", "300 - 8"), *sums("31 + 16", "77 - 5"), user("Thank you.")]
for message in errands[1:6]:
    print(f"{message['role']:9}", message.get("tool_calls") or message["content"])


# %% tags=["demo"]
def verdict(messages: list[dict]) -> str:
    try:
        complete(messages, max_completion_tokens=1)
    except BadRequestError as error:
        return f"{error.status_code}: {error.body['message']}"
    return "accepted"


print("messages in all:", len(errands))
for n in range(len(errands), len(errands) - 7, -1):
    print(f"messages[-{n}:] begins with {errands[-n]['role']:9}", verdict(errands[-n:]))
refused = sum(verdict(errands[-n:]) != "accepted" for n in range(1, len(errands) + 1))
print("of all such slices refused:", refused)
print("a call that lacks one of its results:", verdict([*errands[:4], errands[-1]]))

# %% [markdown]
r"""
A tool's result is an answer to a call, by its id. Without the call it is an **orphan**, and the request is refused;
so is a call that lacks a result. OpenAI's and other vendors' endpoints do the same ("messages with role 'tool'
must be a response to a preceeding message with 'tool_calls'", as many a bug report quotes it). Some slices are
*accepted* and still wrong: they begin with an assistant's message that answers a question nobody sees, or lack the
system prompt.

#### Three things called memory

| | in the weights | in the context | in a store |
|---|---|---|---|
| written by | training | whoever sends the request | the application, or the model by a tool |
| lasts | until the model is replaced | one request | until it is deleted |
| the same for all users | yes | no | must be kept apart |
| room | fixed, shared by everything it knows | the context's length | as much as you store |
| taken back by | training again, never surely | not sending it | deleting a row |
| costs | training | tokens, at every turn | storage, and tokens for what is fetched |
"""

# %% [markdown]
r"""
### Build it

Four exercises: cutting a history by tokens, the repair of the popular slice, a store that is asked for memories,
and what each way of cutting does to a prefix cache.
"""

# %% [markdown]
r"""
### Exercise 14.1 · `trim_messages`

●●○ · 25 minutes · 5 points · core

Write `trim_messages(messages, budget, count)`: the part of a history that is sent.

- `messages` is a history, oldest first. Roles are system, developer, user, assistant and tool. An assistant's
  message with `tool_calls` is followed directly by its results, one tool message a call; no other tool messages
  exist. In a plain assistant's message `tool_calls` is missing, `None` or `[]`.
- `count(message)` is the number of tokens of one message, 0 or more; a list costs the sum. What you return
  costs at most `budget` (exactly `budget` is fine).
- **Always kept**: the system and developer messages at the start (all before the first message of another role),
  and the last user message with everything after it. If these alone cost more than the budget, `ValueError`.
- What lies between is made of **units**: a user message; a plain assistant's message; an assistant's message
  with `tool_calls` *and* all its results; a system or developer message. Go from the newest unit to the oldest
  and keep units as long as they fit. **Stop at the first that does not fit**: nothing older is kept, however
  small.
- **Then** look at the front: every assistant's unit that stands before the first user message of what was kept (the
  last user message, if no other was) is dropped; a system or developer message there stays. What is dropped frees no
  budget for older units. So the first message of another role is a user's, also where the history itself
  began with a greeting.
- Without any user message: the leading messages are always kept (`ValueError` if they do not fit), then the
  newest units that fit; nothing is dropped from the front. An empty history gives `[]`.
- Return a new list of the dicts that you were given, in their order. The arguments are not changed.

By hand, each message costing 1 and a budget of 5: of system, user, assistant, user, assistant, user the last user
and the system take 2. The assistant and the user before it fit (4), and so does the assistant before these
(5), but it would come first: it is dropped, and four messages are sent.

<details><summary>Hint 1</summary>

Find two places: where the leading messages end, and where the last user message stands. Only what lies
between needs a decision. How do you step from the end of a unit to its beginning, if it ends in tool messages?

</details>

<details><summary>Hint 2</summary>

Keep a place `kept` that starts at the last user message (or at the end, if there is none) and moves back a unit at a
time while the sum allows it. Only afterwards filter: up to the first user message of that part, let only system
and developer messages through.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q14-trim", "locked": false, "schema_version": 3, "solution": true, "task": false}
def trim_messages(messages: list[dict], budget: int, count) -> list[dict]:
    """Cut a history to a token budget, and leave a valid conversation.

    `count` is a function from a message to its number of tokens. Raises ValueError if what must be
    kept does not fit.
    """
    ### BEGIN SOLUTION
    settings = ("system", "developer")
    lead = 0
    while lead < len(messages) and messages[lead]["role"] in settings:
        lead += 1
    users = [i for i, message in enumerate(messages) if message["role"] == "user"]
    last = users[-1] if users else len(messages)
    cost = sum(count(message) for message in messages[:lead] + messages[last:])
    if cost > budget:
        raise ValueError(f"what must be kept costs {cost} tokens, and the budget is {budget}.")
    kept = last
    while kept > lead:
        start = kept - 1
        while messages[start]["role"] == "tool":
            start -= 1
        cost += sum(count(message) for message in messages[start:kept])
        if cost > budget:
            break
        kept = start
    between = messages[kept:last]
    if users:
        turns = [i for i, message in enumerate(between) if message["role"] == "user"]
        first = turns[0] if turns else len(between)
        between = [m for m in between[:first] if m["role"] in settings] + between[first:]
    return messages[:lead] + between + messages[last:]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q14-trim-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
roles = ["system", "user", "assistant", "user", "assistant", "user"]
history = [{"role": role, "content": f"message {i}"} for i, role in enumerate(roles)]
one_each = testing.Always(1)
for budget, want in [(6, [0, 1, 2, 3, 4, 5]), (5, [0, 3, 4, 5]), (4, [0, 3, 4, 5]), (2, [0, 5])]:
    testing.agree(
        trim_messages,
        [((history, budget, one_each), [history[i] for i in want])],
        "system and last user message always; then whole units from the newest to the oldest; an "
        "assistant's message does not come first",
    )
assert testing.raises(ValueError, trim_messages, history, 1, one_each), (
    "system message and last user message cost 2, and the budget is 1"
)

# %% nbgrader={"grade": true, "grade_id": "q14-trim-hidden-always", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what is always kept, and a budget too small for it (1 point)
### BEGIN HIDDEN TESTS
system, developer = ({"role": r, "content": f"{r} text"} for r in ("system", "developer"))
call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
old = [{"role": "user", "content": "old"}, {"role": "assistant", "content": "older answer"}]
new = [
    {"role": "user", "content": "new"},
    {"role": "assistant", "content": None, "tool_calls": [call]},
    {"role": "tool", "tool_call_id": "a", "content": "1"},
]
one_each = testing.Always(1)
for lead in ([system], [developer, system], [system, developer, system], []):
    for end in (new, new[:1], [*new, *old[1:]]):
        keep = lead + end
        testing.agree(
            trim_messages,
            [((lead + old + end, len(keep), one_each), keep)],
            "all leading system and developer messages are kept, and the last user message with "
            "everything after it",
        )
        testing.check(
            testing.raises(ValueError, trim_messages, lead + old + end, len(keep) - 1, one_each),
            "if what must be kept costs more than the budget, that is a ValueError: dropping it "
            "in silence would send another conversation",
            inputs=(lead + old + end, len(keep) - 1),
        )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q14-trim-hidden-suffix", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the newest that fit, counted with count, without a gap (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def words(message: dict) -> int:
    """A message costs as many tokens as it has words."""
    return len(message["content"].split())


for n in (2, 4, 6):
    for _ in range(3):
        sizes = [int(x) for x in rng.integers(1, 6, size=2 * n)] + [1]  # in words
        chat = [{"role": "system", "content": "be kind"}]
        for i, length in enumerate(sizes):
            text = ("a " if i % 2 else "supercalifragilistic ") * length
            chat.append({"role": ("user", "assistant")[i % 2], "content": text})
        pairs = int(rng.integers(0, n))  # so many exchanges fit exactly
        tight = 3 + sum(sizes[2 * (n - pairs) : -1])
        below = sizes[2 * (n - pairs) - 1]  # the answer before them
        want = [chat[0], *chat[1 + 2 * (n - pairs) :]]
        testing.agree(
            trim_messages,
            [((chat, tight + slack, words), want) for slack in {0, below - 1, below}],
            "the newest units whose tokens, counted with count, are at most the budget; then "
            "an assistant's unit in front goes",
        )
small = [
    {"role": "user", "content": "a"},
    {"role": "assistant", "content": "b"},
    {"role": "user", "content": "one two three four five six"},
    {"role": "assistant", "content": "c"},
    {"role": "user", "content": "d"},
    {"role": "assistant", "content": "e"},
    {"role": "user", "content": "f"},
]
testing.agree(
    trim_messages,
    [((small, budget, words), small[4:]) for budget in (3, 4, 5, 8, 9)],
    "stop at the first unit that does not fit: what is older does not slip in because it is small",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q14-trim-hidden-tools", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: calls and their results together or not at all (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def exchange(name: str, rounds: list[int]) -> list[dict]:
    """A question, rounds of so many calls with their results, and the answer."""
    made = [{"role": "user", "content": f"question {name}"}]
    for r, calls in enumerate(rounds):
        ids = [f"{name}-{r}-{i}" for i in range(calls)]
        made.append({"role": "assistant", "content": None, "tool_calls": [{"id": i} for i in ids]})
        made += [{"role": "tool", "tool_call_id": i, "content": "42"} for i in ids]
    return [*made, {"role": "assistant", "content": f"answer {name}", "tool_calls": []}]


one_each = testing.Always(1)
for _ in range(3):
    rounds = [[int(x) for x in rng.integers(1, 4, size=k)] for k in (1, 2, 1)]
    parts = [exchange(name, calls) for name, calls in zip("abc", rounds, strict=True)]
    question = {"role": "user", "content": "and now?"}
    chat = [m for part in parts for m in part] + [question]
    starts = [i for i, m in enumerate(chat) if m["role"] == "user"]
    for budget in range(1, len(chat) + 1):
        # an exchange is whole or gone: what would be left of it begins with an assistant
        start = min(i for i in starts if len(chat) - i <= budget)
        testing.agree(
            trim_messages,
            [((chat, budget, one_each), chat[start:])],
            "a call and all its results are one unit: kept whole or not at all, and never first",
        )
for calls in (1, 2, 3):
    unit = exchange("a", [calls])[1:-1]
    chat = [{"role": "system", "content": "be brief"}, *unit, *unit]
    for budget in range(1, len(chat) + 1):
        whole = (budget - 1) // len(unit)  # without a user message nothing is dropped in front
        testing.agree(
            trim_messages,
            [((chat, budget, one_each), chat[:1] + unit * whole)],
            "a call with some of its results, or results without their call: such a request is "
            "refused; a unit that does not fit goes whole",
        )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q14-trim-hidden-front", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what may come first, and system messages in the middle (1 point)
### BEGIN HIDDEN TESTS
S, N = {"role": "system", "content": "s"}, {"role": "system", "content": "a note in the middle"}
D = {"role": "developer", "content": "d"}
G, A, B = ({"role": "assistant", "content": text} for text in ("hello", "a", "b"))
U, V, W = ({"role": "user", "content": text} for text in ("u", "v", "w"))
C = {"role": "assistant", "content": "", "tool_calls": [{"id": "x"}]}
R = {"role": "tool", "tool_call_id": "x", "content": "1"}
one_each = testing.Always(1)
testing.agree(
    trim_messages,
    [
        (([S, G, U], 9, one_each), [S, U]),
        (([G, U, A, V], 9, one_each), [U, A, V]),
        (([S, G, C, R, B, U], 9, one_each), [S, U]),
        (([S, U, A, B, V], 4, one_each), [S, V]),
        (([S, U, A, B, V], 5, one_each), [S, U, A, B, V]),
    ],
    "the first message that is not system or developer is a user's: assistant's units before it "
    "are dropped, a greeting too",
)
testing.agree(
    trim_messages,
    [
        (([S, U, A, N, V, B, W], 5, one_each), [S, N, V, B, W]),
        (([S, U, A, N, V, B, W], 4, one_each), [S, V, B, W]),
        (([S, U, A, N, B, W], 5, one_each), [S, N, W]),
        (([S, U, A, D, B, N, W], 6, one_each), [S, D, N, W]),
        (([U, A, N, V], 2, one_each), [N, V]),
        (([U, A, N, V], 1, one_each), [V]),
    ],
    "a system or developer message in the middle is a unit of its own: it costs its tokens, goes "
    "when it does not fit, and stays where only assistant's units beside it are dropped",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q14-trim-hidden-edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: no user message, nothing at all, free messages, untouched arguments (1 point)
### BEGIN HIDDEN TESTS
S, A, B = (
    {"role": role, "content": text}
    for role, text in (("system", "s"), ("assistant", "a"), ("assistant", "b"))
)
C = {"role": "assistant", "content": None, "tool_calls": [{"id": "x"}, {"id": "y"}]}
R, Q = ({"role": "tool", "tool_call_id": name, "content": "1"} for name in "xy")
one_each = testing.Always(1)
testing.agree(
    trim_messages,
    [
        (([], 0, one_each), []),
        (([S], 1, one_each), [S]),
        (([S, A, B], 2, one_each), [S, B]),
        (([S, A, B], 1, one_each), [S]),
        (([A, C, R, Q, B], 4, one_each), [C, R, Q, B]),
        (([A, C, R, Q, B], 3, one_each), [B]),
        (([A, C, R, Q], 3, one_each), [C, R, Q]),
        (([S, A, B], 0, testing.Always(0)), [S, A, B]),
    ],
    "without a user message: the leading messages, then the newest units that fit, none dropped "
    "from the front",
)
assert testing.raises(ValueError, trim_messages, [S, A], 0, one_each), (
    "leading messages that do not fit are a ValueError, without a user message too"
)
U, V = {"role": "user", "content": "u"}, {"role": "user", "content": "v"}
assert testing.leaves_arguments(trim_messages, [S, U, C, R, Q, A, V], 4, one_each), (
    "the history belongs to the caller: return a new list"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
#### Your cut at the endpoint

The chat with the calculator, cut by your function with every budget that is large enough, and sent. Tokens are
counted by the template, message by message.
"""


# %% tags=["demo"]
def tokens_of(message: dict) -> int:
    """A message's own tokens: what the template writes of it."""
    if message["role"] == "assistant" and message.get("tool_calls"):
        calls = [call["function"] for call in message["tool_calls"]]
        return 2 + len(tokenizer(json.dumps(calls), verbose=False).input_ids)
    return size([message]) - 2  # without <|bos|> and the opening of the answer


try:
    trimmed = [trim_messages(errands, budget, tokens_of) for budget in range(40, 400, 10)]
except NotImplementedError:
    print("Not yet: trim_messages (exercise 14.1) is not written.")
else:
    different = {len(messages): messages for messages in trimmed}
    for messages in different.values():
        roles = " ".join(m["role"][0] for m in messages)
        print(f"{roles:50} {verdict(messages)}")

# %% [markdown]
r"""
(s, u, a, t: system, user, assistant, tool.) Each is a conversation, and the system prompt is in all of them.
LangChain has a function of the same name in `langchain_core.messages`; with `strategy="last"`,
`start_on="human"` and `include_system=True` it aims at the same. Its defaults do not keep the system message.
"""

# %% [markdown]
r"""
### Exercise 14.2 · repair `last_exchanges`

●●○ · 12 minutes · 3 points · core

"Keep the last 10 exchanges": twice as many messages, since each exchange is a question and an answer. In a plain
chat that works. There are three mistakes in it.

`last_exchanges(messages, n=10)`:

- `messages` is a history, oldest first, with roles as in 14.1. It need not end in an answer: the last exchange
  may be open.
- An **exchange** begins with a user message and goes on up to the next user message or the end. Whatever stands
  in it belongs to it: calls, results, a system message in the middle.
- Return a new list: the system and developer messages at the start (all before the first message of another
  role), and the last `n` exchanges, complete. If there are fewer, all of them.
- `n` is 0 or more. With 0 only the leading messages remain. What stands between them and the first user message,
  such as a greeting, is in no exchange and is not kept.
- The arguments are not changed.

<details><summary>Hint 1</summary>

Run it on a system message and one exchange with two calls, with `n=1`. Then with `n=0`: what should come, and
what does?

</details>

<details><summary>Hint 2</summary>

The places of all user messages say where exchanges begin. The wanted part starts at the n-th of them, counted from
the end. Which value of `n` needs a word of its own, and what if there are fewer than `n`?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q14-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def last_exchanges(messages: list[dict], n: int = 10) -> list[dict]:
#     """Keep the last n exchanges of a history."""
#     return messages[-2 * n :]  # an exchange is a question and an answer
### END REPAIR
### BEGIN SOLUTION
def last_exchanges(messages: list[dict], n: int = 10) -> list[dict]:
    """Keep the leading system and developer messages and the last n exchanges of a history."""
    lead = 0
    while lead < len(messages) and messages[lead]["role"] in ("system", "developer"):
        lead += 1
    starts = [i for i, message in enumerate(messages) if message["role"] == "user"]
    if n == 0 or not starts:
        return messages[:lead]
    return messages[:lead] + messages[starts[max(0, len(starts) - n)] :]


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q14-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
plain = [{"role": ("user", "assistant")[i % 2], "content": f"message {i}"} for i in range(6)]
for n in (1, 2, 3):
    testing.agree(
        last_exchanges,
        [((plain, n), plain[6 - 2 * n :])],
        "this worked before the repair: a plain chat, every exchange a question and an answer",
    )

# %% nbgrader={"grade": true, "grade_id": "q14-repair-hidden-system", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the system prompt stays (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
S, T = {"role": "system", "content": "be kind"}, {"role": "system", "content": "and brief"}
D = {"role": "developer", "content": "no sums"}
for lead in ([S], [D], [S, D], [S, T, D]):
    total = int(rng.integers(3, 7))
    chat = [
        {"role": ("user", "assistant")[i % 2], "content": f"message {i}"} for i in range(2 * total)
    ]
    testing.agree(
        last_exchanges,
        [((lead + chat, n), lead + chat[2 * (total - n) :]) for n in (1, 2, total)],
        "the system and developer messages at the start are kept, whatever n is, and once",
    )
chat = [
    {"role": "user", "content": "a"},
    {"role": "assistant", "content": "b"},
    {"role": "system", "content": "the user is in a hurry"},
    {"role": "user", "content": "c"},
    {"role": "assistant", "content": "d"},
]
testing.agree(
    last_exchanges,
    [(([S, *chat], 1), [S, *chat[3:]]), (([S, *chat], 2), [S, *chat]), ((chat, 1), chat[3:])],
    "a system message in the middle is no leading one: it belongs to the exchange it stands in",
)
assert testing.leaves_arguments(last_exchanges, [S, D, *chat], 1), "the history is the caller's"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q14-repair-hidden-exchanges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: exchanges of more or fewer than two messages (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def exchange(name: str, calls: int, open_: bool = False) -> list[dict]:
    ids = [f"{name}{i}" for i in range(calls)]
    made = [{"role": "user", "content": name}]
    if calls:
        made.append({"role": "assistant", "content": None, "tool_calls": [{"id": i} for i in ids]})
    made += [{"role": "tool", "tool_call_id": i, "content": "42"} for i in ids]
    return made if open_ else [*made, {"role": "assistant", "content": f"answer to {name}"}]


S = {"role": "system", "content": "be kind"}
for still_open in (0, 1, 2):
    counts = [int(x) for x in rng.integers(0, 4, size=4)] + [2]
    parts = [exchange(name, k) for name, k in zip("abcde", counts, strict=True)]
    parts.append(exchange("f", still_open, open_=True))
    chat = [m for part in parts for m in part]
    for lead in ([], [S]):
        cases = []
        for n in (1, 2, 4, 6, 7, 40):
            cases.append(((lead + chat, n), lead + [m for part in parts[-n:] for m in part]))
        testing.agree(
            last_exchanges,
            cases,
            "an exchange goes from a user message to the next one: with calls it has more than "
            "two messages, and the last one may still be open",
        )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q14-repair-hidden-edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: n = 0, a greeting, a history without exchanges (1 point)
### BEGIN HIDDEN TESTS
S, D = {"role": "system", "content": "s"}, {"role": "developer", "content": "d"}
U, A, G = (
    {"role": role, "content": text}
    for role, text in (("user", "u"), ("assistant", "a"), ("assistant", "hello"))
)
testing.agree(
    last_exchanges,
    [
        (([U, A, U, A], 0), []),
        (([S, U, A], 0), [S]),
        (([S, D, U], 0), [S, D]),
        (([], 0), []),
    ],
    "with n = 0 no exchange is left, only the leading system and developer messages",
)
testing.agree(
    last_exchanges,
    [
        (([S, G, U, A], 1), [S, U, A]),
        (([S, G, U, A], 5), [S, U, A]),
        (([G, U], 3), [U]),
        (([S, G], 2), [S]),
        (([G], 1), []),
        (([], 3), []),
        (([S, D], 3), [S, D]),
    ],
    "what stands before the first user message is in no exchange; of it only the leading system "
    "and developer messages are kept",
)
testing.agree(
    last_exchanges,
    [(([U, A] * 12,), [U, A] * 10), (([S, *[U, A] * 12],), [S, *[U, A] * 10])],
    "ten exchanges, if n is not given",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 14.3 · `recall`

●●○ · 15 minutes · 4 points · core

A store keeps the memories of all users. Write `recall(query, memories, k, user)`: the texts that go into
this user's next prompt.

- `memories` is a list of dictionaries with the keys `"user"`, `"key"`, `"time"`, `"text"` and `"vector"`. `query`
  and each `vector` are float64 arrays of shape (d,). The similarity is their dot product.
- Only memories of `user` count. Nobody gets another user's, and another user's memories do not use up places among
  the k.
- `key` says what a memory is about, such as `"home town"` (never the empty text), or is `None`. Of this user's memories with the same
  key (not `None`) only the **newest** counts, the one with the largest `time`, even if an older one is more
  similar. Memories with key `None` stand for themselves.
- `text` is a text (not empty), or `None` where the user has **taken back** what was stored under that key. A memory without a
  text replaces older ones like any other and is never returned. (`None` only occurs where there is a key.)
- Of what counts, take the `k` most similar, or all if there are fewer; `k` is 0 or more. Of equal similarities the
  one with the lower index in `memories` comes first.
- Return a list of their texts **in the order of `time`**, oldest first, equal texts included. The times of one user's memories are all
  different; the list need not be sorted by them.
- The arguments are not changed.

By hand: user "u" stored "Dorby" under "town" at time 1 and "Corham" under "town" at time 5, and at time 3 a remark
with key `None`. `recall` with k = 2 gives the remark and "Corham", in this order, whatever the vectors are.

<details><summary>Hint 1</summary>

Three steps, and their order is the exercise: who, which version, how similar. What goes wrong if you take the
k most similar first?

</details>

<details><summary>Hint 2</summary>

First the indices that belong to the user. Then a dictionary from key to the index with the largest time
decides which of them count, and a missing text removes the rest. Sort by falling similarity (Python's sort keeps
the order of equals), cut, and sort once more by time.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q14-recall", "locked": false, "schema_version": 3, "solution": true, "task": false}
def recall(query: np.ndarray, memories: list[dict], k: int, user: str) -> list[str]:
    """Return the texts of this user's k most similar valid memories, oldest first.

    `query` and each memory's "vector" have shape (d,).
    """
    ### BEGIN SOLUTION
    newest: dict[str, int] = {}
    for memory in memories:
        if memory["user"] == user and memory["key"] is not None:
            newest[memory["key"]] = max(memory["time"], newest.get(memory["key"], memory["time"]))
    valid = [
        m
        for m in memories
        if m["user"] == user
        and m["text"] is not None
        and (m["key"] is None or m["time"] == newest[m["key"]])
    ]
    best = sorted(valid, key=lambda m: -float(query @ m["vector"]))[:k]
    return [m["text"] for m in sorted(best, key=lambda m: m["time"])]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q14-recall-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
near, far = np.array([1.0, 0.0]), np.array([0.0, 1.0])


def memory(user: str, key: str | None, time: int, text: str | None, vector: np.ndarray) -> dict:
    return {"user": user, "key": key, "time": time, "text": text, "vector": vector}


store = [
    memory("u", "town", 1, "Dorby", near),
    memory("u", "town", 5, "Corham", far),
    memory("u", None, 3, "a remark", far),
    memory("v", "town", 2, "Vardale", near),
]
testing.agree(
    recall,
    [
        ((near, store, 2, "u"), ["a remark", "Corham"]),
        ((near, store, 9, "v"), ["Vardale"]),
        ((near, store, 9, "w"), []),
    ],
    "of u's two towns only the newer counts; the texts come oldest first; nobody gets v's",
)

# %% nbgrader={"grade": true, "grade_id": "q14-recall-hidden-user", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: one user's memories only, and k of them (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for n in (4, 8, 12):
    similarity = rng.permutation(n) / 8
    owners = ["u", "v", "u", "uu", *rng.choice(["u", "v"], size=n - 4)]
    store = [
        {
            "user": str(owner),
            "key": None,
            "time": i,
            "text": f"{owner} {i}",
            "vector": np.array([float(s), 1.0]),
        }
        for i, (owner, s) in enumerate(zip(owners, similarity, strict=True))
    ]
    for k in (0, 1, 2, n):
        for name in ("u", "v", "nobody"):
            mine = [i for i in range(n) if owners[i] == name]
            best = sorted(sorted(mine, key=lambda i: -similarity[i])[:k])
            testing.agree(
                recall,
                [((np.array([1.0, 0.5]), store, k, name), [store[i]["text"] for i in best])],
                "the k most similar among this user's memories: filter first, then take k; after "
                "a cut over all users too few are left, or somebody else's",
            )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q14-recall-hidden-newest", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the newest of each key (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def entry(key: str | None, time: int, text: str, similarity: float, user: str = "u") -> dict:
    vector = np.array([similarity, 0.25])
    return {"user": user, "key": key, "time": time, "text": text, "vector": vector}


query = np.array([1.0, 1.0])
for _ in range(4):
    store = [
        entry("town", 10, "old town", 0.875),
        entry("town", 30, "new town", 0.125),
        entry("town", 20, "town between", 0.75),
        entry("pet", 12, "pet", 0.5),
        entry("town", 90, "town of another", 0.625, "v"),
        entry(None, 5, "first remark", 0.375),
        entry(None, 40, "second remark", 0.25),
    ]
    store = [store[int(i)] for i in rng.permutation(7)]
    testing.agree(
        recall,
        [
            ((query, store, 9, "u"), ["first remark", "pet", "new town", "second remark"]),
            ((query, store, 2, "u"), ["first remark", "pet"]),
            ((query, store, 3, "u"), ["first remark", "pet", "second remark"]),
            ((query, store, 1, "v"), ["town of another"]),
        ],
        "of a user's memories with the same key only the newest counts, by time and not by place "
        "or similarity; it does not inherit an older one's similarity; None is no key",
    )
twice = [
    entry(None, 3, "tea, please", 0.5),
    entry("drink", 8, "tea, please", 0.25),
    entry(None, 6, "tea, please", 0.375),
]
testing.agree(
    recall,
    [((query, twice, k, "u"), ["tea, please"] * k) for k in (1, 2, 3)],
    "a memory is replaced by a newer one with its key, and by nothing else: that texts are equal does "
    "not matter",
)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q14-recall-hidden-taken-back", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what was taken back (1 point)
### BEGIN HIDDEN TESTS
def stored(key: str | None, time: int, text: str | None, similarity: float) -> dict:
    vector = np.array([similarity])
    return {"user": "u", "key": key, "time": time, "text": text, "vector": vector}


told, gone = stored("word", 1, "walnut", 1.0), stored("word", 4, None, 0.5)
again, other = stored("word", 6, "parrot", 0.25), stored(None, 2, "a remark", 0.125)
foreign = {**gone, "user": "v", "time": 9}
query = np.array([1.0])
testing.agree(
    recall,
    [
        ((query, [told, gone, other], 5, "u"), ["a remark"]),
        ((query, [gone, other, told], 5, "u"), ["a remark"]),
        ((query, [told, gone], 5, "u"), []),
        ((query, [told, gone, other], 1, "u"), ["a remark"]),
        ((query, [told, gone, again, other], 5, "u"), ["a remark", "parrot"]),
        ((query, [told, other, foreign], 5, "u"), ["walnut", "a remark"]),
    ],
    "a memory without a text takes back everything older under its key, takes no place among the "
    "k, and ends when something newer is stored; another user's takes nothing back",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q14-recall-hidden-order", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: similarity, ties, order of time, arguments (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
d = 4
for n in (3, 6):
    vectors = rng.integers(-4, 5, size=(n, d)) / 4
    query = rng.integers(-4, 5, size=d) / 2
    times = [int(t) for t in rng.permutation(50)[:n]]
    store = [
        {"user": "u", "key": None, "time": t, "text": f"at {t}", "vector": v.astype(float)}
        for t, v in zip(times, vectors, strict=True)
    ]
    ranked = sorted(range(n), key=lambda i: (-sum(vectors[i] * query), i))
    cases = []
    for k in range(n + 2):
        chosen = sorted(ranked[:k], key=lambda i: times[i])
        cases.append(((query.astype(float), store, k, "u"), [f"at {times[i]}" for i in chosen]))
    testing.agree(
        recall,
        cases,
        "the largest dot products, negative ones included; then the texts in the order of time",
    )
uneven = [
    {"user": "u", "key": None, "time": t, "text": f"at {t}", "vector": np.array(vector)}
    for t, vector in ((1, [1.0, 1.0]), (2, [4.0, 0.0]), (3, [0.0, 0.5]))
]
testing.agree(
    recall,
    [((np.array([0.5, 0.5]), uneven, k, "u"), ["at 1", "at 2"][2 - k :]) for k in (1, 2)],
    "the similarity is the dot product as it is: a long vector is not brought to length 1",
)
same = [
    {"user": "u", "key": None, "time": t, "text": f"at {t}", "vector": np.array([0.5])}
    for t in (7, 3, 9, 1)
]
testing.agree(
    recall,
    [
        ((np.array([1.0]), same, 1, "u"), ["at 7"]),
        ((np.array([1.0]), same, 2, "u"), ["at 3", "at 7"]),
        ((np.array([1.0]), same, 3, "u"), ["at 3", "at 7", "at 9"]),
    ],
    "equal similarities: the lower index in the list is taken first",
)


def alike(key: str | None, time: int) -> dict:
    return {"user": "u", "key": key, "time": time, "text": f"at {time}", "vector": np.array([0.5])}


testing.agree(
    recall,
    [
        ((np.array([1.0]), [alike("x", 1), alike(None, 2)], 1, "u"), ["at 1"]),
        ((np.array([1.0]), [alike(None, 1), alike("x", 2)], 1, "u"), ["at 1"]),
        ((np.array([1.0]), [alike("x", 1), alike("y", 2), alike("x", 3)], 1, "u"), ["at 2"]),
        ((np.array([1.0]), [alike("x", 3), alike("y", 2), alike("x", 1)], 1, "u"), ["at 3"]),
        (
            (
                np.array([1.0]),
                [alike("x", 1), alike(None, 4), alike("y", 2), alike("x", 3)],
                2,
                "u",
            ),
            ["at 2", "at 4"],
        ),
    ],
    "equal similarities: the lower index in memories is taken first, whether a memory has a key or "
    "not, and wherever older ones with its key stand",
)
assert testing.leaves_arguments(recall, np.array([1.0]), same, 2, "u"), (
    "the store belongs to the caller: do not sort it in place or delete from it"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 14.4 · `new_tokens`

●●○ · 12 minutes · 3 points · extra

A server that keeps what it has computed of earlier prompts (a *prefix cache*, question 36) computes only what comes
after the common beginning. Write `new_tokens(prompts, block=1)`: how many tokens of each prompt it must compute.

- `prompts` is a list of prompts in the order in which they are sent, each a list of token ids (perhaps empty).
- What is found of a prompt in the cache is the longest common beginning with **any** earlier prompt, rounded down to
  a multiple of `block` (1 or more). The rest is new, the first prompt entirely. (A prompt that was sent before as it
  is has then no new token, if `block` divides its length.)
- Only beginnings count: the same tokens further back are new, since what the model computes for a token depends on
  everything before it.
- Return a list of integers, one for each prompt. The arguments are not changed.

By hand: of `[[1, 2, 3], [1, 2, 3, 4], [2, 3, 4]]` are new 3, 1 and 3.

<details><summary>Hint 1</summary>

How long is the common beginning of two lists? `zip` walks along both and ends with the shorter.

</details>

<details><summary>Hint 2</summary>

For each prompt take the maximum of that length over all prompts before it (0 if there are none), round it down with
`//`, and subtract it from the prompt's length. A loop that counts must stop at the first difference.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q14-new-tokens", "locked": false, "schema_version": 3, "solution": true, "task": false}
def new_tokens(prompts: list[list[int]], block: int = 1) -> list[int]:
    """Count for each prompt the tokens that a prefix cache of all earlier ones does not hold."""
    ### BEGIN SOLUTION
    new = []
    for number, prompt in enumerate(prompts):
        found = 0
        for earlier in prompts[:number]:
            same = 0
            for a, b in zip(prompt, earlier, strict=False):
                if a != b:
                    break
                same += 1
            found = max(found, same)
        new.append(len(prompt) - found // block * block)
    return new
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q14-new-tokens-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    new_tokens,
    [
        (([[1, 2, 3], [1, 2, 3, 4], [2, 3, 4]],), [3, 1, 3]),
        (([[1, 2, 3], [1, 2, 3, 4]], 2), [3, 2]),
    ],
    "the common beginning is not new, rounded down to whole blocks; a prompt that has lost its "
    "first token is new from its first token on",
)

# %% nbgrader={"grade": true, "grade_id": "q14-new-tokens-hidden-any", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the longest beginning shared with any earlier prompt (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for _ in range(4):
    base = [int(x) for x in rng.integers(10, 99, size=12)]
    a, b = sorted(int(x) for x in rng.permutation(10)[:2] + 1)
    prompts = [base, [*base[:a], 1, 2, 3], [5, *base], [*base[:b], 4], [*base[:a], 1, 2, 9, 9]]
    testing.agree(
        new_tokens,
        [((prompts,), [12, 3, 13, 1, 2])],
        "any earlier prompt may hold the beginning, not only the one before; and the longest counts",
    )
testing.agree(
    new_tokens,
    [
        (([[1, 2, 3, 4], [9, 2, 3, 4], [1, 9, 3, 4]],), [4, 4, 3]),
        (([[7, 7, 7, 7], [7, 8, 7, 7], [7, 7, 8, 7]],), [4, 3, 2]),
    ],
    "counting stops at the first difference: equal tokens after it are new",
)
testing.agree(
    new_tokens,
    [(([[5, 6, 7, 8], [6, 7], [7, 8], [5, 6]],), [4, 2, 2, 0])],
    "a prompt that stands in the middle or at the end of an earlier one is new: only beginnings count",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q14-new-tokens-hidden-block", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: whole blocks only (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for block in (2, 3, 4, 16):
    for shared in (0, 1, block - 1, block, block + 1, 2 * block, 3 * block - 1):
        tail = int(rng.integers(1, 9))
        first = [*range(100, 100 + shared), 1]
        second = [*range(100, 100 + shared), *[2] * tail]
        testing.agree(
            new_tokens,
            [(([first, second], block), [shared + 1, shared % block + tail])],
            "what is found is rounded down to a multiple of block, what is new is the rest",
        )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q14-new-tokens-hidden-edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: repeated, shorter and empty prompts (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    new_tokens,
    [
        (([],), []),
        (([[]],), [0]),
        (([[], [1], []],), [0, 1, 0]),
        (([[1, 2, 3, 4], [1, 2, 3, 4]],), [4, 0]),
        (([[1, 2, 3, 4], [1, 2]],), [4, 0]),
        (([[1, 2, 3, 4, 5], [1, 2, 3, 4, 5]], 4), [5, 1]),
        (([[1, 2, 3], [1, 2, 3]], 4), [3, 3]),
        (([[0, 0], [0, 0, 0]],), [2, 1]),
    ],
    "a prompt sent before has nothing new, nor has a beginning of one; blocks that are not full "
    "are computed again; an empty prompt has no tokens",
)
assert testing.leaves_arguments(new_tokens, [[1, 2], [1, 2, 3], [4]], 2), (
    "the prompts belong to the caller"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
#### Your count along the conversation

The window that slides by an exchange at every turn, against one that is cut in **steps**: it grows to 18 exchanges,
is cut to 9, and grows again.
"""

# %% tags=["demo"]
history = [shop, *conversations[0][0]]


def prompt_ids(exchanges: int, turn: int) -> list[int]:
    """The tokens of a request with so many exchanges before the new question."""
    start = 1 + 2 * max(0, turn - exchanges)
    messages = [history[0], *history[start : 2 * turn + 2]]
    return tokenizer(rendered(messages), add_special_tokens=False, verbose=False).input_ids


steps = [turn if turn <= 18 else 9 + (turn - 19) % 10 for turn in range(TURNS)]
ways = {
    "full history": [prompt_ids(TURNS, turn) for turn in range(TURNS)],
    "sliding window": [prompt_ids(18, turn) for turn in range(TURNS)],
    "cut in steps": [prompt_ids(n, turn) for turn, n in enumerate(steps)],
    "last five": [prompt_ids(RECENT, turn) for turn in range(TURNS)],
}
try:
    new = {name: new_tokens(prompts) for name, prompts in ways.items()}
except NotImplementedError:
    print("Not yet: new_tokens (exercise 14.4) is not written.")
else:
    for name, prompts in ways.items():
        print(f"{name:15} sent {sum(map(len, prompts)):6,}   to compute {sum(new[name]):6,}")

# %% [markdown]
r"""
Look at both columns (for full history as if the context were long enough). The sliding window sends less than full
history, and makes the server compute *several times as much*: at each turn its beginning is another one, and behind a
changed beginning nothing is in the cache. Cut in steps, most turns only add to the last prompt. So cut rarely, and
then by a lot; and put what changes at each turn (found memories, the date) near the end. What a provider charges for
cached tokens is another matter (question 35).
"""

# %% [markdown]
r"""
### Trap

**`messages[-20:]  # last 10 exchanges`.** In a first demo the popular line works. Here it cuts the chat with the calculator, and a plain chat with a setting:
"""

# %% tags=["demo"]
cut = errands[-20:]
exchanges = sum(message["role"] == "user" for message in cut)
print(f"{len(cut)} messages, of {exchanges} exchanges; the first is of role {cut[0]['role']!r}")
print("sent:", verdict(cut))
plain = [shop, *talk(random.Random(2), 12), user("When does the shop open?")]
for name, messages in (("all", plain), ("[-20:]", plain[-20:])):
    print(f"{name:7} {len(messages)} messages: {complete(messages).choices[0].message.content}")

# %% [markdown]
r"""
Twenty messages are ten exchanges only where no tool is called, and the slice may begin with an orphan. The system
prompt is gone, and the model answers anyway. Exercise 14.2 mends these, and its answer for `n = 0`. What it
leaves is mended by 14.1: neither twenty messages nor ten exchanges have a bound in tokens. One pasted file is enough.

**"The summary becomes the system message."** `[{"role": "system", "content": summary}] + recent` is the popular form.
It throws the real system prompt away. Two system messages are no way out everywhere: this endpoint takes one, in
front.
"""

# %% tags=["demo"]
note = {"role": "system", "content": "Conversation so far: My lucky number is 17."}
asked = user("When does the shop open?")
print("summary instead: ", complete([note, asked]).choices[0].message.content)
print("both, separately:", verdict([shop, note, asked]))
joined = {"role": "system", "content": f"{shop['content']} {note['content']}"}
print("both in one:     ", complete([joined, asked]).choices[0].message.content)
session.close()  # the server stops here

# %% [markdown]
r"""
There is a second reason not to do it. A summary is made of what users, documents and tools said. In the system
message it speaks with the application's authority, and an instruction that somebody planted in a document has been
promoted (question 23).

**"Memory graphs outperform flat recall."** Not shown. In the Mem0 paper (Chhikara et al., 2025), whose graph variant
is usually meant, the graph scores about 2 % above the flat variant, on one benchmark, by its own authors, with a
language model as the judge. Letta reports 74.0 % on that benchmark, LoCoMo, with plain files and a search tool,
against 68.5 % published for Mem0's graph (August 2025), and concludes that the benchmark may say little. Zep finds
84.61 % for its own system (and later 75.14 %) where Mem0's paper has 65.99 %. All of these are vendors' figures about
their own and each other's products, and they are **contested**. Measure on your own conversations.

**"The provider keeps the conversation, so I only pay for the new message."** With `previous_response_id` in
OpenAI's Responses API the server joins the messages. Its guide says: "all previous input tokens for responses in
the chain are billed as input tokens" (read in November 2026). The context is as finite as before.
"""

# %% [markdown]
r"""
### If they push

<details><summary>The window is a million tokens. Do I still need this?</summary>

Often not for one conversation. But every turn pays for all of it (cached tokens are cheaper, not free), the first
token comes later, and accuracy falls with length well before the limit (question 5). A window also ends with
the session: what should be known next week has to be stored anyway.

</details>

<details><summary>When do you summarise, and how?</summary>

At a threshold of tokens, not at every turn, and for a whole block, so that the cached prefix survives in between.
Ask for named things (open tasks, decisions, constraints, names, numbers), not for "a summary". Keep the original
messages in a store, so that a bad summary can be made again. Summarise from the originals: summaries of summaries
add up their errors.

</details>

<details><summary>What is hard about vector memory?</summary>

Questions that need many memories ("what have I ordered this year?"), pronouns ("is it still there?" is near to
nothing: rewrite the question first), time ("before I moved"), contradictions, and single messages that mean
nothing without their neighbours. Store exchanges or extracted facts with time and source, not bare messages; filter
by user before the search.

</details>

<details><summary>How does MemGPT, now Letta, differ from this?</summary>

The model manages its memory itself, by tool calls: a small editable part always stands in the context, the rest is
stored outside and searched when the model asks for it, as an operating system pages between memory and disk
(Packer et al., 2023). It is as good as the model's decisions about what to write, and costs calls.

</details>

<details><summary>What must not be remembered?</summary>

Secrets, and what the user has not agreed to or has taken back. Deleting means the store, the summaries made from it,
the embeddings and the logs. And what a tool or a document says must not become a memory unseen: an instruction stored
once comes back in every later session (question 23).

</details>

<details><summary>How do you count tokens before sending?</summary>

With the model's own tokenizer and chat template, tools included, plus room for the answer. Where the tokenizer is
not public, by the provider's counting endpoint, or by the last response's `usage` plus an estimate for what is new.
Check the estimate against `usage`; a sum over messages misses what the template adds around them.

</details>

<details><summary>How would you test a memory?</summary>

As above: tell, talk, ask, by distance. Then the other abilities that LongMemEval (Wu et al., 2024) lists:
combining several sessions, time, updated facts, and saying that something was never told. Test the cut by itself:
valid for the endpoint at every length.

</details>
"""

# %% [markdown]
r"""
### Sources

- Packer, Wooders, Lin, Fang, Patil, Stoica, Gonzalez (2023), *MemGPT: Towards LLMs as Operating Systems*, arXiv
  2310.08560.
- Maharana, Lee, Tulyakov, Bansal, Barbieri, Fang (2024), *Evaluating Very Long-Term Conversational Memory of LLM
  Agents*, ACL, arXiv 2402.17753: LoCoMo, conversations of 300 turns and 9,000 tokens on average.
- Wu et al. (2024), *LongMemEval: Benchmarking Chat Assistants on Long-Term Interactive Memory*, arXiv 2410.10813.
- Chhikara, Khant, Aryan, Singh, Yadav (2025), *Mem0: Building Production-Ready AI Agents with Scalable Long-Term
  Memory*, arXiv 2504.19413. **Contested**: Letta, *Benchmarking AI Agent Memory: Is a Filesystem All You Need?*
  (12 August 2025); Zep, *Lies, Damn Lies, & Statistics: Is Mem0 Really SOTA in Agent Memory?* (2025).
- OpenAI, *Conversation state* (guide), and `openai` 3.54, types of the Responses API (`truncation`): November 2026.
- LangChain 1.4, `SummarizationMiddleware`, and `langchain_core` 1.7, `trim_messages`: source read, November 2026.
- Ollama, issue 17889 (August 2026): prompts that are too long, refused or cut, by model.
"""
