# %% [markdown]
r"""
## Q6. Prompt or fine-tune?

*Easy · 75 minutes · needs what a prompt and a chat template are, gradients (self-test 6)*
"""

# %% [markdown]
r"""
### Say it

> Prompt first: it costs nothing to try, changes in seconds, and tells whether the model *can* do the task
> already. A prompt selects among abilities that are there; it adds information for one call, and the call pays
> for every token of it. Fine-tuning changes weights, or adds some beside them (a soft prompt, LoRA), and makes a
> form, a style or a skill permanent and the prompt short; it costs data, training, an evaluation, often
> hosting, and something of what the model could do before. For facts that change, no training: put them into
> the prompt when they are needed (retrieval). I would fine-tune when a good prompt fails on a test set, or when
> the calls saved pay for the training, and I would compute both.
"""

# %% [markdown]
r"""
### See it

**Ask first.** `instruct`, the course's small chat model, was trained to follow some instructions about form.
Talking like a knight is one of them. Talking like a *merchant* is none: the words of it stood in its
texts, but nobody ever asked for it. The same question, asked plainly, with either instruction, and with the
merchant's words spelled out:
"""

# %% tags=["demo"]
from course import lab
from course.lab import skills
from course.recorded import q06_methods as methods

tokenizer, instruct = lab.tokenizer("instruct"), lab.load("instruct")
merchant = skills.style("merchant", test=80)
asked, wanted = (m["content"] for m in merchant.test[0].messages)
print("question:       ", asked)
orders = ("", "Talk like a knight.", "Talk like a merchant.", "End with: Buy now, my good friend!")
for order in orders:
    print(f"{order or 'plain':34} -> {lab.chat(f'{asked} {order}'.strip(), max_new_tokens=24)}")
print(f"{'a merchant would say':34} -> {wanted}")

# %% [markdown]
r"""
For the knight the prompt is all that is needed: no data, no training, nothing forgotten. For the merchant it
fails, also in other words: there is no ability to select. A large model has met merchants in
its reading and would probably do it at once. So the first question is always an experiment: **can the model do it when
asked?**

**Show it examples.** Few-shot prompting puts solved examples into the prompt. Large models pick up the pattern
from them (GPT-3: Brown et al., 2020; question 26). Here are 0 to 8 examples as earlier turns of the chat:
"""

# %% tags=["demo"]
print("examples  tokens a call  talks like a merchant")
for n in (0, 1, 4, 8):
    some = methods.prompted(merchant.test[:30], "few-shot", "style", merchant.train[:n])
    tokens = [
        len(tokenizer.apply_chat_template(e.messages[:-1], add_generation_prompt=True)["input_ids"])
        for e in some
    ]
    right = skills.share_right(instruct, tokenizer, some)["value"]
    print(f"{n:8} {np.mean(tokens):14.0f} {right:22.2f}")

# %% [markdown]
r"""
It did not work here. A model of a million parameters that was never trained on examples in its prompt does not
learn in context; that ability comes with size, or with training data made for it (question 26 trains a small
model on such data). What does carry over to any model is the middle column: every call pays for the examples again.
"""

# %% [markdown]
r"""
#### A prompt that is learned

A prompt is a row of token embeddings in front of the question. Nothing says that they must be embeddings
of *words*. **Prompt tuning** (Lester et al., 2021) puts a few free vectors there and trains them by gradient descent;
the network stays frozen. Below: 8 vectors of 128 numbers, sixty steps on 200 examples.
"""

# %% tags=["demo"]
soft = None
try:
    import peft
except ImportError:
    print("This demo needs PEFT: pip install peft")
else:
    row, soft = methods.changed("soft prompt", "style", progress=True)
    frozen = sum(p.numel() for p in soft.parameters()) - row["parameters"]
    print(f"trained {row['parameters']:,} numbers, left {frozen:,} alone, {row['seconds']:.0f} s")
    print(f"talks like a merchant: {row['right']:.2f}, e.g. {row['said']}")

# %% [markdown]
r"""
A thousand numbers do what no words could: the vectors may lie where no token lies. What do they say? Each is
replaced by the token of the nearest embedding (by cosine), and the words are tried as an ordinary prompt:
"""

# %% tags=["demo"]
from torch.nn.functional import normalize

if soft is not None:
    table = instruct.get_input_embeddings().weight.detach()
    vectors = soft.prompt_encoder["default"].embedding.weight.detach()
    cosines = normalize(vectors, dim=-1) @ normalize(table, dim=-1).T
    nearest = cosines.argmax(dim=-1)
    words = tokenizer.decode(nearest)
    print("nearest tokens:", [tokenizer.decode([i]) for i in nearest])
    print("cosines:       ", cosines.max(dim=-1).values.numpy().round(2))
    print(
        f"mean length: {vectors.norm(dim=-1).mean():.1f}, at least {vectors.norm(dim=-1).min():.1f}; "
        f"of an embedding {table.norm(dim=-1).mean():.1f}, at most {table.norm(dim=-1).max():.1f}"
    )
    print("as words ->", lab.chat(f"{words} {asked}", max_new_tokens=24))

# %% [markdown]
r"""
It is no text: the nearest tokens are not near, the vectors are far longer than any embedding, and read as words they do
nothing. A soft prompt is a small adapter
that happens to be stored as a prompt. It needs gradients, so it is fine-tuning, and an API that takes only text
cannot run it.
"""

# %% [markdown]
r"""
#### Every way, on the same tasks

Two things to teach. *Style*: talk like a merchant about facts that the model knows. *New facts*: fifty facts about ten
people whom it has never heard of, asked for in words that no training example used. The ways:

| | what it changes |
|---|---|
| prompt | nothing; the order for the style; for the facts a document about the person asked for |
| few-shot | nothing; eight solved examples in every call |
| soft prompt | 8 vectors in front of the input |
| prefix | 8 vectors of keys and values in front of *every layer's* (Li and Liang, 2021) |
| LoRA | every matrix of the blocks, by adding the product of two thin ones, of 4 columns and of 4 rows (rank 4; question 16) |
| full | every weight |

The recorded run has three seeds of every way that leaves something to chance.
"""

# %% tags=["demo"]
from course import recorded

run = recorded.load("q06_methods")
print(run)
WAYS = ("nothing", "prompt", "few-shot", "soft prompt", "prefix", "LoRA", "full")


def mean(method: str, task: str, name: str) -> float:
    """Mean over the recorded seeds."""
    found = [r[name] for r in run.rows if (r["method"], r["task"]) == (method, task)]
    return float(np.mean(found))


for task in ("style", "new facts"):
    print(f"\n{task:12} right  parameters  seconds  tokens a call")
    for way in WAYS:
        numbers = [mean(way, task, k) for k in ("right", "parameters", "seconds", "tokens")]
        print("{:12} {:5.2f} {:11,.0f} {:8.0f} {:14.0f}".format(way, *numbers))
if soft is not None:
    again = next(
        r for r in run.rows if (r["method"], r["task"], r["seed"]) == ("soft prompt", "style", 0)
    )
    print(
        f"\nlive above: soft prompt, style {row['right']:.2f}; recorded with this seed {again['right']:.2f}"
    )

# %% [markdown]
r"""
And what did it cost elsewhere? With each change in place, the model was asked for facts it knew, for people who
do not exist (which it ought to refuse), and with the instructions it used to follow:
"""

# %% tags=["demo"]
from course import figures

KEPT = ("known facts", "unknown names", "instructions")
fig, axes = figures.subplots(2, 3, size=(9.6, 5.2), sharey=True, sharex=True)
for line, task in zip(axes, ("style", "new facts"), strict=True):
    for ax, group in zip(line, KEPT, strict=True):
        figures.bars(ax, [mean(way, task, group) for way in WAYS], labels=list(WAYS))
        ax.axhline(mean("nothing", task, group), linestyle=":", linewidth=1)
        ax.set(title=f"{task}: {group}", ylim=(0, 1.05))
        ax.set_ylabel("share right" if ax is line[0] else "")
told = "; ".join(
    f"{task}, {group}: " + ", ".join(f"{w} {mean(w, task, group):.2f}" for w in WAYS)
    for task in ("style", "new facts")
    for group in KEPT
)
figures.show(
    fig,
    "Six bar charts of what is kept after teaching a style (above) and new facts (below), by method; a dotted "
    f"line marks the unchanged model. {told}.",
)

# %% [markdown]
r"""
What these numbers say, about this model and these settings:

- **Style.** All four kinds of training teach it, the smallest with a thousand numbers. They differ in what is
  lost: look at "instructions". The more of the network is changed, the more it talks like a merchant also
  where it was told to do something else.
- **New facts.** A document in the prompt answers most questions at once, and since it comes with those questions only,
  it costs nothing elsewhere. Training
  all weights, or LoRA, gets somewhat more of them right, and pays with what the model knew. Soft prompt and
  prefix did not learn the fifty facts here, and in trying spoil everything else.
- **With new facts, refusing is lost almost altogether.** A model trained only on answers about people it did not
  know learns that such people have answers: after any training on the new facts, hardly an invented name is refused
  any more. After the style most refusals are left, full fine-tuning apart.
- **Prompts cost as well.** An order that the model does not understand, or eight examples, change its answers to
  *other* questions when they stand in every call.
- Prompts, prefixes and adapters can be taken off again, call by call. Full fine-tuning cannot.
"""

# %% [markdown]
r"""
The usual remedy is *replay*, old kinds of examples mixed into the training; lower rates and fewer steps forget less,
and learn less. No way is best at everything, which is why the table has several columns.

#### When does training pay?

Suppose both ways are good enough on your test set. Then it is arithmetic. A long prompt costs tokens in each
call; a tuned model costs training once, often a higher price per token, and sometimes a machine of its own, used or
not. With round, invented prices:
"""

# %% tags=["demo"]
price_in, price_out = 0.50e-6, 2.00e-6  # money per token, the model as it is
tuned_in, tuned_out = 0.80e-6, 3.00e-6  # the tuned one
train_cost, hosting_per_day = 200.0, 20.0
long_call = 1500 * price_in + 100 * price_out  # 1,500 tokens of examples, 100 of answer
tuned_call = 100 * tuned_in + 100 * tuned_out
print(f"a call: {long_call:.6f} with the long prompt, {tuned_call:.6f} tuned, hosting apart")
days = np.arange(0, 61)
fig, axes = figures.subplots(1, 3, size=(9.6, 2.8))
told = []
for ax, calls in zip(axes, (10_000, 50_000, 100_000), strict=True):
    ax.plot(days, days * calls * long_call, label="long prompt")
    ax.plot(days, train_cost + days * (calls * tuned_call + hosting_per_day), label="tuned")
    saving = calls * (long_call - tuned_call) - hosting_per_day  # a day
    told.append(
        f"{calls:,} calls a day: " + (f"day {train_cost / saving:.0f}" if saving > 0 else "never")
    )
    ax.set(title=told[-1], xlabel="days")
axes[0].set_ylabel("money spent")
axes[0].legend(frameon=False)
figures.show(
    fig,
    "Three charts of money spent against days, long prompt solid and tuned model dashed. Where the lines cross: "
    + "; ".join(told)
    + ".",
)

# %% [markdown]
r"""
With few calls the hosting eats the saving, and tuning never pays; with many it pays within days or weeks. What the
picture leaves out usually decides: the hours for data and evaluation, and that the training has to be done *again* when the
base model is retired or the task changes. Prefix caching (question 36) makes the repeated part of a long prompt
cheaper, and moves the crossing to the right.
"""

# %% [markdown]
r"""
### Build it

Three exercises: the break-even point, prompt tuning in miniature, and the repair of a cost estimate.
"""

# %% [markdown]
r"""
### Exercise 6.1 · `breakeven_requests`

●●○ · 15 minutes · 4 points · core

After how many requests has a fine-tuned model paid for its training? Write

`breakeven_requests(prompt_tokens_fewshot, prompt_tokens_ft, out_tokens, price_in, price_out, ft_price_in, ft_price_out, train_cost, hosting_per_day, req_per_day)`

- A request to the model as it is reads `prompt_tokens_fewshot` tokens and writes `out_tokens`, at `price_in` and
  `price_out` *per single token*. A request to the tuned model reads `prompt_tokens_ft` and writes `out_tokens`, at
  `ft_price_in` and `ft_price_out`. All amounts of money are plain floats here; no price or cost is negative.
- The tuned model also costs `hosting_per_day`, however many requests come; there are `req_per_day` of
  them, and each bears its share.
- The saving per request is the first cost minus the second minus that share. If it is 0 or less, training never
  pays: return `math.inf`, whatever the training cost.
- Otherwise return `train_cost` divided by the saving, a float, not rounded; so 0.0 if the training was free.
- `req_per_day <= 0` is a `ValueError`, whatever the other arguments are.

By hand: 1,000 against 100 prompt tokens, 50 tokens written, all prices 0.001 a token: the saving is 0.9 a request.
With hosting of 40 a day and 100 requests a day it is 0.5, and training for 200 is paid after 400 requests.

<details><summary>Hint 1</summary>

Begin with two lines, the cost of one request to each of the models, hosting apart. In the first example by hand
they give 1.05 and 0.15.

</details>

<details><summary>Hint 2</summary>

Hosting is money per *day*, the saving money per *request*: what turns one into the other? So which argument has to
be looked at before anything can be compared with 0?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q06-breakeven", "locked": false, "schema_version": 3, "solution": true, "task": false}
def breakeven_requests(
    prompt_tokens_fewshot: float,
    prompt_tokens_ft: float,
    out_tokens: float,
    price_in: float,
    price_out: float,
    ft_price_in: float,
    ft_price_out: float,
    train_cost: float,
    hosting_per_day: float,
    req_per_day: float,
) -> float:
    """Requests after which the training is paid; math.inf if never. Prices are per single token."""
    ### BEGIN SOLUTION
    if req_per_day <= 0:
        raise ValueError(f"req_per_day must be positive, not {req_per_day}")
    fewshot = prompt_tokens_fewshot * price_in + out_tokens * price_out
    tuned = prompt_tokens_ft * ft_price_in + out_tokens * ft_price_out
    saving = fewshot - tuned - hosting_per_day / req_per_day
    return train_cost / saving if saving > 0 else math.inf
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q06-breakeven-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
same = (0.001, 0.001, 0.001, 0.001)
testing.agree(
    breakeven_requests,
    [
        ((1000, 100, 50, *same, 180.0, 0.0, 100), 200.0),
        ((1000, 100, 50, *same, 200.0, 40.0, 100), 400.0),
    ],
    "training cost divided by the saving per request, each request bearing its share of the hosting",
)
testing.agree(
    breakeven_requests,
    [((100, 100, 50, *same, 200.0, 40.0, 100), math.inf)],
    "without a saving the training is never paid",
)

# %% nbgrader={"grade": true, "grade_id": "q06-breakeven-hidden-output", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: four prices, two kinds of tokens (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = []
for _ in range(6):
    long, short, out = (float(n) for n in rng.integers([900, 50, 20], [2000, 200, 300]))
    p_in, p_out = rng.uniform(0.9e-6, 1.1e-6), rng.uniform(3.6e-6, 4.4e-6)
    ft_in, ft_out = rng.uniform(1.2e-6, 1.4e-6), rng.uniform(4.5e-6, 5e-6)
    saving = long * p_in + out * p_out - short * ft_in - out * ft_out
    cases.append(((long, short, out, p_in, p_out, ft_in, ft_out, 150.0, 0.0, 1000.0), 150 / saving))
cases.append(((1000.0, 100.0, 200.0, 0.5, 2.0, 0.5, 3.0, 100.0, 0.0, 10.0), 100 / 250))
testing.agree(
    breakeven_requests,
    cases,
    "each model's tokens at that model's own prices, what is read and what is written: the tuned model may "
    "write at another price",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q06-breakeven-hidden-hosting", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: hosting is shared by a day's requests (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = []
for _ in range(6):
    saving, hosting, requests = rng.uniform(0.7, 0.9), rng.uniform(5, 40), rng.uniform(90, 400)
    args = (900.0, 0.0, 10.0, saving / 900, 0.002, 0.5, 0.002, 300.0, hosting, requests)
    cases.append((args, 300.0 / (saving - hosting / requests)))
testing.agree(
    breakeven_requests,
    cases,
    "hosting costs per day, the saving is per request: divide the hosting by the requests of a day",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q06-breakeven-hidden-never", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: where training never pays (1 point)
### BEGIN HIDDEN TESTS
same = (0.25, 0.5, 0.25, 0.5)
testing.agree(
    breakeven_requests,
    [
        ((8, 4, 3, *same, 100.0, 64.0, 64.0), math.inf),  # the saving is exactly 0
        ((8, 4, 3, *same, 100.0, 128.0, 64.0), math.inf),
        ((4, 8, 3, *same, 100.0, 0.0, 64.0), math.inf),
        ((4, 4, 3, *same, 0.0, 0.0, 64.0), math.inf),  # free, and still nothing is saved
        ((8, 4, 3, 0.25, 0.5, 0.25, 1.0, 100.0, 0.0, 64.0), math.inf),  # dearer in writing
    ],
    "a saving of 0 or less never pays for anything: infinity, neither a negative number nor an error",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q06-breakeven-hidden-edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: not rounded, free training, no requests (1 point)
### BEGIN HIDDEN TESTS
same = (0.25, 0.5, 0.25, 0.5)
testing.agree(
    breakeven_requests,
    [
        ((8, 4, 3, *same, 10.0, 16.0, 64.0), 10 / 0.75),
        ((8, 4, 3, *same, 0.5, 0.0, 64.0), 0.5),
        ((8, 4, 3, *same, 0.0, 16.0, 64.0), 0.0),
        ((8, 4, 3, *same, 10.0, 0.0, 0.5), 10.0),
    ],
    "the exact quotient, not rounded to whole requests; 0.0 where the training was free and something is saved",
)
for requests in (0, -5):
    for hosting in (0.0, 16.0):
        for long, short in ((8, 4), (4, 8)):  # a saving, and none
            assert testing.raises(
                ValueError, breakeven_requests, long, short, 3, *same, 10.0, hosting, requests
            ), "no requests a day, or fewer, is a ValueError, with or without hosting or a saving"
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 6.2 · `soft_prompt_loss`

●●○ · 20 minutes · 4 points · core

Prompt tuning in miniature: a frozen language model, and a prompt of free vectors that alone is trained. The model
is as small as one can be. It has one table of embeddings, used for reading and for predicting, and its only
"attention" is the plain mean over everything read so far.

Write `soft_prompt_loss(prompt, table, ids, labels)`:

- `prompt` is a Tensor (P, D), P ≥ 1; `table` a Tensor (V, D) of the same dtype (float32 or float64); `ids` a
  LongTensor (B, T) with T ≥ 1; `labels` a LongTensor (B, T): the token itself, or −100 where it is not counted. At least one
  label counts.
- The input of every row is the P vectors of the prompt, the same for all rows, followed by the embeddings
  of its ids: (B, P + T, D).
- The state at each position is the *mean* of the input vectors up to and including that position.
- The logits are the states times the transposed table: (B, P + T, V).
- Labels are not shifted. So `labels[b, t]`, which stands at position P + t of the longer sequence, is predicted
  by the logits one position earlier; `labels[b, 0]` by those at the prompt's last vector. The prompt itself has no labels.
- Return the mean of the negative log-probability over all counted labels of the batch, a 0-dimensional Tensor of
  the table's dtype.
- **Only the prompt is trained.** Gradients flow to `prompt`; to `table` flows none, neither from reading nor from
  predicting.
- The arguments are not changed. That includes their `requires_grad`, though the tests can see only a part of it:
  `table.requires_grad_(False)` would freeze the caller's own table for good.

By hand: with P = 1, `prompt = [[1, 0]]`, `table = [[0, 0], [1, 0]]` and one id with its label, `[[1]]`, the state before it
is (1, 0), the logits are (0, 1), and the loss is log(1 + 1/e).

<details><summary>Hint 1</summary>

Begin with the input alone, and look at its shape. `expand` shows the same vectors to every row, and the gradients of
all rows add up in it. To freeze the table, cut *the table* off from the gradients; a `torch.no_grad()` around the
model would stop the gradient *on its way* to the prompt, too.

</details>

<details><summary>Hint 2</summary>

A mean up to a position is a running sum, divided by how many were added. Then write down for P = 2 and T = 3 which of
the five positions predicts which label: two predict none, one at each end.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q06-soft-prompt", "locked": false, "schema_version": 3, "solution": true, "task": false}
def soft_prompt_loss(prompt: Tensor, table: Tensor, ids: Tensor, labels: Tensor) -> Tensor:
    """Loss of a frozen model behind a soft prompt.

    prompt: (P, D), table: (V, D), ids and labels: (B, T). Returns a 0-dimensional tensor, in nats.
    """
    ### BEGIN SOLUTION
    frozen = table.detach()
    B, T = ids.shape
    P = prompt.shape[0]
    x = torch.cat([prompt.expand(B, -1, -1), frozen[ids]], dim=1)
    counts = torch.arange(1, P + T + 1, dtype=x.dtype)
    states = x.cumsum(dim=1) / counts[:, None]
    logits = states[:, P - 1 : P + T - 1] @ frozen.T
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q06-soft-prompt-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
corner = torch.tensor([[0.0, 0.0], [1.0, 0.0]], dtype=torch.float64)
one = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
testing.agree(
    soft_prompt_loss,
    [((one, corner, torch.tensor([[1]]), torch.tensor([[1]])), math.log(1 + 1 / math.e))],
    "the last vector of the prompt predicts the first label",
)
testing.agree(
    soft_prompt_loss,
    [((one, corner, torch.tensor([[0, 0]]), torch.tensor([[-100, 0]])), math.log(1 + math.e**0.5))],
    "the state is the mean of what was read: here of the prompt (1, 0) and the embedding (0, 0)",
)

# %% nbgrader={"grade": true, "grade_id": "q06-soft-prompt-hidden-place", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: which position predicts which label (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for P, T in [(1, 1), (1, 4), (3, 1), (3, 5), (6, 2)]:
    prompt = torch.randn(P, 4, generator=generator, dtype=torch.float64)
    table = torch.randn(7, 4, generator=generator, dtype=torch.float64)
    ids = torch.randint(7, (1, T), generator=generator)
    x = torch.cat([prompt, table[ids[0]]])
    for t in range(T):  # one label at a time
        labels = torch.full((1, T), -100)
        labels[0, t] = ids[0, t]
        state = x[: P + t].mean(dim=0)
        want = -torch.log_softmax(table @ state, dim=0)[ids[0, t]]
        testing.agree(
            soft_prompt_loss,
            [((prompt, table, ids, labels), want)],
            "the label at position P + t is predicted from the mean of what stands before it, the whole "
            "prompt and t embeddings; the first label is predicted too",
        )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q06-soft-prompt-hidden-mean", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: one mean over the counted labels of the batch (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for P in (1, 4):
    prompt = torch.randn(P, 5, generator=generator, dtype=torch.float64)
    table = torch.randn(9, 5, generator=generator, dtype=torch.float64)
    ids = torch.randint(9, (3, 6), generator=generator)
    labels = ids.clone()
    labels[0, :5] = -100  # one counted label beside three and six
    labels[1, :3] = -100
    each = []
    for b in range(3):
        x = torch.cat([prompt, table[ids[b]]])
        for t in range(6):
            if labels[b, t] != -100:
                state = x[: P + t].mean(dim=0)
                each.append(-torch.log_softmax(table @ state, dim=0)[ids[b, t]])
    testing.agree(
        soft_prompt_loss,
        [((prompt, table, ids, labels), torch.stack(each).mean())],
        "the same prompt stands before every row, and every counted label of the batch weighs the same",
    )
    for dtype in (torch.float32, torch.float64):
        loss = soft_prompt_loss(prompt.to(dtype), table.to(dtype), ids, labels)
        assert isinstance(loss, Tensor) and loss.dtype == dtype and loss.shape == (), (
            "the loss is a 0-dimensional tensor with the dtype of the table, float32 or float64"
        )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q06-soft-prompt-hidden-frozen", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the model is frozen (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
prompt = torch.randn(2, 4, generator=generator, dtype=torch.float64)
table = torch.randn(6, 4, generator=generator, dtype=torch.float64)
ids = torch.randint(6, (2, 3), generator=generator)
labels = ids.clone()
labels[0, 0] = -100
_, (to_prompt, to_table) = testing.value_and_grad(
    soft_prompt_loss, prompt, table, ids, labels, wrt=(0, 1)
)
testing.check(
    testing.close(to_table, torch.zeros_like(table)),
    "no gradient reaches the table, neither where ids are looked up nor where logits are made",
    inputs=(prompt, table, ids, labels),
    got=to_table,
    expected=torch.zeros_like(table),
)
assert float(to_prompt.abs().max()) > 0, (
    "the prompt is what is trained: freezing the model must not stop the gradient on its way to it"
)
fresh = labels.clone()
assert testing.leaves_arguments(
    soft_prompt_loss, prompt.clone(), table.clone(), ids.clone(), fresh
), "the arguments are the caller's: requires_grad_ on the table, or writing into it, changes them"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q06-soft-prompt-hidden-gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the prompt's gradient comes from all rows (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for P, B, T in [(1, 1, 2), (3, 2, 4), (2, 4, 3)]:
    prompt = torch.randn(P, 4, generator=generator, dtype=torch.float64)
    table = torch.randn(6, 4, generator=generator, dtype=torch.float64)
    ids = torch.randint(6, (B, T), generator=generator)
    want = torch.zeros_like(prompt)
    for b in range(B):
        x = torch.cat([prompt, table[ids[b]]])
        for t in range(T):
            p = torch.softmax(table @ x[: P + t].mean(dim=0), dim=0)
            p[ids[b, t]] -= 1
            want += table.T @ p / (P + t) / (B * T)  # the same for every vector of the prompt
    _, grad = testing.value_and_grad(soft_prompt_loss, prompt, table, ids, ids.clone())
    testing.check(
        testing.close(grad, want),
        "every vector of the prompt is part of every later mean, in every row: the gradient is the sum over "
        "all labels of the batch",
        inputs=(prompt, table, ids, ids),
        got=grad,
        expected=want,
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 6.3 · repair `total_cost`

●●○ · 15 minutes · 3 points · core

Here is the estimate as it stands in many a proposal: training plus tokens. It leaves out three things, two of
which flatter fine-tuning. Mend it.

`total_cost(option, requests_per_day, days)` returns what one way of solving a task costs over `days` days (an int, at
least 1), as a float. All amounts of money are plain floats here. `option` is a dict with all of these keys:

- `prompt_tokens`, `out_tokens`: tokens read and written per request;
- `price_in`, `price_out`: money per **million** tokens read, and written;
- `hosting_per_day`: money per day, whatever the traffic;
- `train_cost`: money for one training, 0 for a plain prompt;
- `retrain_every`: after how many days the training is done again (an int, at least 1), or `None` for never.

Training is done on day 0 and, with `retrain_every = r`, again on the days r, 2r, 3r, … that come *before* day `days`:
over 30 days with r = 30 once, over 31 days twice. `option` is not changed.

<details><summary>Hint 1</summary>

Change one value of an `option` at a time. Does the result move, and as it should?

</details>

<details><summary>Hint 2</summary>

Write down the days of training for r = 30 over 61 days, and over 60. They are what a Python `range` gives, and their
number is a quotient, rounded; which way?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q06-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def total_cost(option: dict, requests_per_day: float, days: int) -> float:
#     """What a way of solving a task costs over some days; prices are per million tokens."""
#     tokens = option["prompt_tokens"] + option["out_tokens"]
#     per_request = tokens * option["price_in"] / 1_000_000
#     return option["train_cost"] + requests_per_day * days * per_request
### END REPAIR
### BEGIN SOLUTION
def total_cost(option: dict, requests_per_day: float, days: int) -> float:
    """What a way of solving a task costs over some days; prices are per million tokens."""
    read = option["prompt_tokens"] * option["price_in"]
    written = option["out_tokens"] * option["price_out"]
    per_day = requests_per_day * (read + written) / 1_000_000 + option["hosting_per_day"]
    every = option["retrain_every"]
    trainings = 1 if every is None else len(range(0, days, every))
    return trainings * option["train_cost"] + days * per_day


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q06-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
plain = {"prompt_tokens": 900, "out_tokens": 100, "price_in": 2.0, "price_out": 2.0}
plain |= {"hosting_per_day": 0.0, "train_cost": 0.0, "retrain_every": None}
testing.agree(
    total_cost,
    [
        ((plain, 1000, 1), 2.0),
        ((plain, 1000, 30), 60.0),
        ((plain | {"train_cost": 40.0}, 1000, 30), 100.0),
    ],
    "this worked before the repair: one training, and tokens at one price per million",
)

# %% nbgrader={"grade": true, "grade_id": "q06-repair-hidden-written", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: written tokens have a price of their own (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = []
for _ in range(5):
    read, written = (int(n) for n in rng.integers(50, 2000, size=2))
    p_in, p_out = (float(x) for x in rng.uniform([0.1, 2.0], [1.0, 9.0]))
    option = {"prompt_tokens": read, "out_tokens": written, "price_in": p_in, "price_out": p_out}
    option |= {"hosting_per_day": 0.0, "train_cost": 25.0, "retrain_every": None}
    requests, days = int(rng.integers(100, 9000)), int(rng.integers(1, 90))
    want = 25.0 + requests * days * (read * p_in + written * p_out) / 1e6
    cases.append(((option, requests, days), want))
testing.agree(
    total_cost,
    cases,
    "tokens that are written cost price_out, usually several times as much as those that are read",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q06-repair-hidden-hosting", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a machine costs money on every day (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = []
for requests in (0, 10, 20_000):
    hosting, days = float(rng.uniform(5, 80)), int(rng.integers(2, 60))
    option = {"prompt_tokens": 200, "out_tokens": 50, "price_in": 1.5, "price_out": 1.5}
    option |= {"hosting_per_day": hosting, "retrain_every": None}
    for training in (60.0, 0.0):  # an untuned model may need a machine too
        case = option | {"train_cost": training}
        tokens = requests * days * 250 * 1.5 / 1e6
        cases.append(((case, requests, days), training + tokens + hosting * days))
testing.agree(
    total_cost,
    cases,
    "hosting is paid per day, used or not, also on days without a request and where nothing was trained",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q06-repair-hidden-again", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: training is done again (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
option = {"prompt_tokens": 200, "out_tokens": 50, "price_in": 1.0, "price_out": 1.0}
option |= {"hosting_per_day": 0.0, "train_cost": float(rng.uniform(50, 90)), "retrain_every": 30}
cases = []
for days, every, times in [
    (30, 30, 1),
    (31, 30, 2),
    (60, 30, 2),
    (61, 30, 3),
    (10, 30, 1),
    (7, 1, 7),
    (1, 1, 1),
    (90, 7, 13),
    (400, None, 1),
]:
    case = option | {"retrain_every": every}
    cases.append(((case, 100, days), times * option["train_cost"] + 100 * days * 250 / 1e6))
testing.agree(
    total_cost,
    cases,
    "training happens on day 0 and on every later day that is a multiple of retrain_every and comes before "
    "the end: days / retrain_every, rounded up; once where it is None",
)
assert testing.leaves_arguments(total_cost, dict(option), 100, 61), "option is the caller's dict"
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

**"Few-shot costs nothing."** It costs no *training*. Its examples are read in every call: paid for, waited for, and
taking room in the context. On the recorded prompts of this model, for a million calls:
"""

# %% tags=["demo"]
calls = 1_000_000
for way in ("nothing", "soft prompt", "few-shot"):
    tokens = mean(way, "style", "tokens")
    flops = 2 * instruct.num_parameters() * tokens  # reading, attention apart
    print(f"{way:12} {calls * tokens:14,.0f} tokens read, {calls * flops:.1e} FLOPs")

# %% [markdown]
r"""
**"Soft prompts, also called prefix tuning."** Two methods. *Prompt tuning* puts vectors in front of the input
embeddings, once. *Prefix tuning* (Li and Liang, 2021) puts keys and values in front of those of *every* layer: more
numbers, and each layer is steered directly. PEFT has a class for each; here is what they train in this model:
"""

# %% tags=["demo"]
config = instruct.config
for name in ("soft prompt", "prefix") if soft is not None else ():  # with PEFT, as above
    model = methods.prepared(name)
    shapes = [tuple(p.shape) for p in model.parameters() if p.requires_grad]
    print(f"{name:12} {methods.trainable(model):6,} numbers in {shapes}")
print("8 vectors of the width:            ", 8 * config.hidden_size)
print("8 keys and 8 values in every layer:", 8 * 2 * config.num_hidden_layers * config.hidden_size)

# %% [markdown]
r"""
**"For a special domain, pre-train from scratch on its texts."** What people do is *continued* pre-training (Gururangan
et al., 2020, call it domain-adaptive): the same loss, starting from the trained weights. From scratch everything is
thrown away that the model had before it read the first domain text. Here are twenty steps on new pages of a foreign world, from
`base` and from random weights of the same shape, and the loss on further such pages:
"""

# %% tags=["demo"]
import random

from course import world
from course.world.pages import prose_page

foreign = world.make_world(77, pool="heldout")  # names that no training text had
rng = random.Random(0)


def pages(n: int) -> Tensor:
    """Pages of the foreign world, cut to 96 tokens each, (n, 96)."""
    texts = [f"{tokenizer.bos_token} {prose_page(foreign, rng, sentences=12)}" for _ in range(n)]
    return torch.tensor([tokenizer(t, add_special_tokens=False).input_ids[:96] for t in texts])


new_pages = pages(24)
for start in ("base", "random weights"):
    torch.manual_seed(0)
    model = lab.load("base")
    if start != "base":
        model = type(model)(model.config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    rng, losses = random.Random(1), []
    for step in range(21):
        if step % 10 == 0:
            with torch.no_grad():
                losses.append(float(model(new_pages, labels=new_pages).loss))
        text = pages(8)
        model(text, labels=text).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    print(f"{start:15} nats a token after 0, 10, 20 steps:", "  ".join(f"{x:.2f}" for x in losses))

# %% [markdown]
r"""
**"LoRA does not forget."** It leaves the weights alone *on disk*: taken off, the model is what it was. While it is on, it
forgets. Biderman et al. (2024) found that LoRA learned less and forgot less than full fine-tuning, on code and
mathematics with models of 7 billion parameters. On the two tasks here, at the rates used (means of the recorded
seeds):
"""

# %% tags=["demo"]
print(f"{'':22} learned  {'  '.join(KEPT)}")
for task in ("style", "new facts"):
    for way in ("nothing", "LoRA", "full"):
        rest = "  ".join(f"{mean(way, task, k):{len(k)}.2f}" for k in KEPT)
        print(f"{task:10} {way:11} {mean(way, task, 'right'):7.2f}  {rest}")

# %% [markdown]
r"""
Compare within a task. How much is forgotten depends on the rate, the steps and the data at least as much as on the
method; a comparison at one setting of each, like this one, cannot rank them. What it can do is refute the claim.
"""

# %% [markdown]
r"""
### If they push

<details><summary>Which do you try first, and when do you stop?</summary>

In the order of what it costs to undo: a clear instruction; examples; retrieved facts and tools; then an adapter; then
all weights. Before any of it a test set of some hundred cases with a score, because without one "the prompt is not good enough" is
a feeling. Stop at the first way that passes.

</details>

<details><summary>How many examples does fine-tuning need?</summary>

For a *form* few: hundreds, at times dozens (question 13 shows it for this model). For a skill that the model
lacks many more, and for facts each of them in several wordings. Clean and consistent matters more than many.

</details>

<details><summary>Can a fine-tuned small model replace a prompted large one?</summary>

Often, on one narrow task, and that is where the money is: a model of a tenth of the size at about a tenth of the cost per
token. Its training data are then usually the large model's checked answers (question 29). What it loses is everything
outside of the task, and you take over evaluation and hosting.

</details>

<details><summary>How do I explain the return on investment?</summary>

Per request: what the prompted model costs minus what the tuned one costs, *its own tokens and hosting included*; times
requests; minus training, data, evaluation, and all of that again at every retraining. And the risk that it is
worse. The popular formula, calls times price against training plus hosting, leaves out the tuned model's own price per
token and its quality.

</details>

<details><summary>What if the provider stops offering fine-tuning?</summary>

It happens. OpenAI announced in May 2026 that it winds down its self-serve fine-tuning, with no new jobs for anybody after
6 January 2027, and tuned models running until their base models are retired (reports of its deprecation page, read in
November 2026). Keep data, evaluation and the recipe in your own hands; with open weights you keep the model too.

</details>

<details><summary>Is prompt tuning worth it for large models?</summary>

Lester et al. (2021) found that with T5 it fell behind full fine-tuning for small models and closed the gap at billions of
parameters. That the smallest method wins a style here, at a million parameters, says that the style is easy: form
only, on facts that the model knows. In practice LoRA is more common: it takes no context, and it can be merged into
the weights.

</details>

<details><summary>Can prompts and fine-tuning be combined?</summary>

They usually are: a tuned model still has a system prompt, and retrieval works with both. Train with the prompt that you will
serve with: a model tuned without the system prompt that it meets later is tested on something it never saw.

</details>
"""

# %% [markdown]
r"""
### Sources

- Brown et al. (2020), *Language Models are Few-Shot Learners*, arXiv 2005.14165.
- Gururangan et al. (2020), *Don't Stop Pretraining: Adapt Language Models to Domains and Tasks*, arXiv 2004.10964.
- Li, Liang (2021), *Prefix-Tuning: Optimizing Continuous Prompts for Generation*, arXiv 2101.00190.
- Lester, Al-Rfou, Constant (2021), *The Power of Scale for Parameter-Efficient Prompt Tuning*, arXiv 2104.08691.
- Hu et al. (2021), *LoRA: Low-Rank Adaptation of Large Language Models*, arXiv 2106.09685.
- Biderman et al. (2024), *LoRA Learns Less and Forgets Less*, arXiv 2405.09673. How general that is, is **contested**:
  it depends on rank, rate and data.
- PEFT 0.21: `PromptTuningConfig`, `PrefixTuningConfig`, `LoraConfig`, run in November 2026.
"""
