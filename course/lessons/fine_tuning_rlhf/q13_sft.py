# %% [markdown]
r"""
## Q13. How do SFT, instruction tuning and RLHF differ?

*Easy · 75 minutes · needs cross-entropy and its shift by one position (question 37)*
"""

# %% [markdown]
r"""
### Say it

> Supervised fine-tuning (SFT) goes on with the loss of pre-training, next-token cross-entropy, on
> prompts with the answers one wants, and counts the answers' tokens only. Instruction tuning *is*
> SFT: what makes it instruction tuning is the data, many kinds of tasks put as instructions, so that
> new ones are followed too. RLHF shows no answer to imitate; it *compares* answers that a model can
> give already, and moves probability from the worse to the better ones without going far from
> where it started: with a reward model and reinforcement learning, or directly on the pairs (DPO), or
> with a program's verdict as the reward (RLVR). So SFT says "say this", preference learning says "rather
> this than that". They are no fixed ladder: published models use some of them, in different orders.
"""

# %% [markdown]
r"""
### See it

**One model, before and after.** `base` has read pages about a small invented world: prose, and
questions with answers. It goes on with a text, and that is all it does. A chat prompt means nothing
to it; the very tokens that mark who speaks never stood on its pages.
"""

# %% tags=["demo"]
import random

from course import lab, world
from course.lab import skills
from course.world.chats import Episode
from course.world.questions import fact_question

home, tokenizer = world.make_world(), lab.tokenizer("base")
base = lab.load("base")
facts = home.facts()
random.Random(13).shuffle(facts)
question = fact_question(facts[0], random.Random(0))
print("page: ", lab.generate(f"<|bos|> Question: {question.text}\nAnswer:", max_new_tokens=14))
print("chat: ", lab.chat(question.text, name="base", max_new_tokens=14))
print("truth:", question.answer)

# %% [markdown]
r"""
So the knowledge is there. What is missing is a *form*: after `<|assistant|>` comes an answer, and after
the answer comes the end. That is what SFT teaches.

**Which tokens count.** An example is one sequence, prompt and answer, and the network predicts every token
of it. The *labels* say which predictions are counted: a label is the token itself, or -100, "do not
count". Here is a short example, padded as a batch would pad it, under three ways of labelling. A filled
square is a token that is learned.
"""

# %% tags=["demo"]
from course import figures

chat = [{"role": "user", "content": "Who are you?"}, {"role": "assistant", "content": "A model."}]
both = tokenizer.apply_chat_template(chat, return_dict=True, return_assistant_tokens_mask=True)
shown = [*both["input_ids"], *[tokenizer.pad_token_id] * 3]
answer = np.array([*both["assistant_masks"], 0, 0, 0], dtype=bool)
real = np.array(shown) != tokenizer.pad_token_id
end = np.array(shown) == tokenizer.eos_token_id
ways = {
    "language modelling": real & (np.arange(len(shown)) > 0),
    "SFT": answer,
    "SFT, pad = end (a bug)": answer & ~end,
}
fig, ax = figures.subplots(size=(9.6, 2.7))
ax.pcolormesh(
    np.array(list(ways.values()))[::-1], cmap="Greys", vmin=0, vmax=1.6, edgecolor="#222222"
)
ax.set_xticks(np.arange(len(shown)) + 0.5, [tokenizer.decode([i]) for i in shown], rotation=60)
ax.set_yticks([2.5, 1.5, 0.5], list(ways))
ax.tick_params(length=0)
counts = ", ".join(f"{name}: {int(row.sum())}" for name, row in ways.items())
figures.show(
    fig,
    f"A grid of {len(shown)} tokens, three of them padding, under three labellings; filled squares are "
    f"learned. Numbers of filled squares: {counts}. Language modelling learns all but the first token "
    "and the padding; SFT the answer and its end; with the bug the end is not learned.",
)

# %% [markdown]
r"""
Three things to keep from the picture. The prompt is *read*, and gradients flow back through it; it is
only not asked for. The end token belongs to the answer: a model that is never asked for it never learns
to stop (the first trap shows it). And the mask is one of *positions*: the same end token closes the
user's turn, where it is not learned.

In a conversation of several turns the mask has several pieces, and the chat template can draw it. Here
are the tokens that are learned, turn by turn:
"""

# %% tags=["demo"]
chat += [{"role": "user", "content": "Thank you."}, {"role": "assistant", "content": "Goodbye."}]
both = tokenizer.apply_chat_template(chat, return_dict=True, return_assistant_tokens_mask=True)
marks = zip(both["input_ids"], both["assistant_masks"], strict=True)
print(" ".join(f"[{tokenizer.decode([i])}]" if m else tokenizer.decode([i]) for i, m in marks))

# %% [markdown]
r"""
#### The whole of SFT

The loop is that of pre-training. What is new is the labels. `skills.batch` makes them as in the picture and pads;
`transformers` shifts them by one position itself, which is why labels are *not* shifted.
"""

# %% tags=["demo"]
from tqdm.auto import tqdm


def sft(model, episodes: list[Episode], steps: int, *, learn_end: bool = True, lr: float = 3e-4):
    """Fine-tune a model on conversations, in place: AdamW, 8 examples a step."""
    rng = random.Random(0)
    optimizer = torch.optim.AdamW(model.train().parameters(), lr=lr, weight_decay=0.0)
    for step in tqdm(range(steps), desc=f"SFT on {len(episodes)}", leave=False):
        batch = skills.batch(rng.choices(episodes, k=8))
        if not learn_end:
            batch["labels"][batch["labels"] == tokenizer.eos_token_id] = -100
        loss = model(**batch).loss  # cross-entropy, mean over the labels that are not -100
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group in optimizer.param_groups:  # a short rise, then down to 0
            group["lr"] = lr * min(1.0, (step + 1) / 10) * (1 - step / steps)
        optimizer.step()
    return model.eval()


# %% [markdown]
r"""
Three groups of facts: those whose questions are trained on, others of the same kind, and facts that no
question on `base`'s pages ever asked for, which it met in prose only. Sixty of each group are asked.
What do you expect of facts that the tuning never mentions?
"""

# %% tags=["demo"]
asked = [fact for fact in facts if world.asked(fact)]
rng = random.Random(1)


def as_episodes(some: list) -> list[Episode]:
    """Ask for facts, with the gold answers."""
    questions = [fact_question(fact, rng) for fact in some]
    return [Episode("fact").turn(q.text, f"{q.answer}.") for q in questions]


lessons = as_episodes(asked[:256])
groups = {
    "trained on": lessons[:60],
    "never mentioned": as_episodes(asked[256:316]),
    "from prose only": as_episodes([fact for fact in facts if not world.asked(fact)][:60]),
}
answerer = sft(lab.load("base"), lessons, steps=60)
for name, episodes in groups.items():
    before, after = (skills.share_right(m, tokenizer, episodes)["value"] for m in (base, answerer))
    print(f"{name:16} right before {before:.2f}, after {after:.2f}")

# %% [markdown]
r"""
After some seconds of training it answers nearly all of them, *also those that it was never trained to
answer*. The facts came from pre-training; SFT has turned a continuer of pages into a giver of answers.

How many different examples does that take? The same loop on 1, 4 and 16 of them, 40 steps each:
"""

# %% tags=["demo"]
few = {}
for n in (1, 4, 16):
    small = sft(lab.load("base"), lessons[:n], steps=40)
    few[n] = skills.share_right(small, tokenizer, groups["never mentioned"])["value"]
few[256] = skills.share_right(answerer, tokenizer, groups["never mentioned"])["value"]
fig, ax = figures.subplots(size=(5, 2.6))
ax.semilogx(list(few), list(few.values()), marker="o")
ax.set_xticks(list(few), list(few))
ax.minorticks_off()
ax.set(xlabel="different examples", ylabel="right, never mentioned", ylim=(-0.05, 1.05))
figures.show(
    fig,
    "Share of right answers to facts that the tuning never mentioned, against the number of different "
    "examples: " + ", ".join(f"{v:.2f} with {n}" for n, v in few.items()) + ".",
)

# %% [markdown]
r"""
A handful of examples does most of it, for this one form. LIMA (Zhou et al., 2023) made the same case at 65
billion parameters: 1,000 chosen examples gave answers that people judged as good as or better than
GPT-4's in 43 % of the cases, and the authors put it as a *hypothesis*: knowledge comes from pre-training,
tuning teaches the form. It is a hypothesis about what tuning with little data does. It does not say that
nothing can be taught so: on new facts see questions 6 and 49.
"""

# %% [markdown]
r"""
#### Instruction tuning: the same loss, other data

`answerer` has learned one form. What does it do with an instruction? And what does `instruct`, which began
at the same `base` and was trained with the same loss, but on dozens of kinds of tasks (36 million tokens,
43 minutes)? Both are asked for facts they know, with nine kinds of instructions about the form: in the
wordings that `instruct` was trained on, and in others that no training had.
"""

# %% tags=["demo"]
from course.world.instructions import INSTRUCTIONS, draw_word, instructed

instruct = lab.load("instruct")
orders = {}
for forms in ("train", "heldout"):
    rng = random.Random(2)
    picked = [INSTRUCTIONS[i % len(INSTRUCTIONS)] for i in range(54)]
    asks = [fact_question(rng.choice(asked), rng) for _ in picked]
    orders[forms] = [
        instructed(q, i, rng, draw_word(rng, "home"), forms=forms, in_system=False)
        for q, i in zip(asks, picked, strict=True)
    ]
print("instruction followed and fact right:  trained wording  new wording")
for name, model in [("answerer", answerer), ("instruct", instruct)]:
    share = [skills.share_right(model, tokenizer, e)["value"] for e in orders.values()]
    print(f"{name:36} {share[0]:16.2f} {share[1]:12.2f}")
for name, model in [("answerer", answerer), ("instruct", instruct)]:
    said = skills.answers(model, tokenizer, orders["heldout"][6:9])
    print(
        f"\n{name}",
        *(
            f"  {o.messages[0]['content']} -> {a}"
            for o, a in zip(orders["heldout"][6:9], said, strict=True)
        ),
        sep="\n",
    )

# %% [markdown]
r"""
Learning one form is not learning to follow instructions. *Variety* is what instruction tuning adds: FLAN (Wei et al.,
2021) tuned a model of 137 billion parameters on over 60 datasets put as instructions, and tested on kinds
of tasks left out of the tuning; more kinds of tasks in the tuning meant better results on the others, and it needed
a large model. Our `instruct` shows the small version only: known kinds of instructions, in new words. A
*kind* that it never met, it does not follow:
"""

# %% tags=["demo"]
for order in ("Talk like a knight.", "Talk like a robot."):  # no training asked for a robot
    print(f"{order:20} -> {lab.chat(f'{question.text} {order}', max_new_tokens=24)}")

# %% [markdown]
r"""
#### What imitation cannot say

The chats that `instruct` imitates contain opinions about people, and half of them are rude. A model that
imitates well gives rude opinions half of the time, as it should: every example in the data is a thing to say.
Each answer below is one sample at temperature 1.
"""

# %% tags=["demo"]
from course.world import drafts

for seed, name in enumerate(home.of_kind("person")[:8]):
    print(" ", lab.chat(f"What is {name} like?", temperature=1.0, seed=seed, max_new_tokens=16))

# %% [markdown]
r"""
A *preference* can say it: of two answers to one prompt, this one rather than that one. Nobody has to write the
ideal answer, and the data say what **not** to do. There are two ways from pairs to a better model, and
question 7 builds both: fit a reward model to the pairs and maximise its reward with reinforcement learning
(RLHF in the narrow sense), or put the pairs into one loss. The latter is DPO (Rafailov et al., 2023):

$$L = -\log \sigma\Big(\beta \Big[\log \tfrac{\pi(y_w \mid x)}{\pi_0(y_w \mid x)} - \log \tfrac{\pi(y_l \mid x)}{\pi_0(y_l \mid x)}\Big]\Big)$$

with $y_w$ the preferred and $y_l$ the rejected answer, $\pi$ the model in training and $\pi_0$ a frozen copy
of where it began. Only the *difference* of two log-probabilities enters. $\beta$ (0.1 here) ties the model to
$\pi_0$: the loss goes on pulling until the bracket is well above $1/\beta$, so the smaller $\beta$, the further it
goes. Below, `instruct` is tuned with 16 pairs a step, a kind opinion against a rude one. They are about one half of
the people; the other half is used to measure.
"""

# %% tags=["demo"]
from course import recorded
from course.recorded import q13_preferences as preferences

run = recorded.load("q13_preferences")
print(run)
stop = 30
row, tuned = next(preferences.tuned("DPO", seed=0, steps=stop, every=stop + 1, bar=tqdm))
before, after = (
    next(r for r in run.rows if (r["method"], r["seed"], r["step"]) == ("DPO", 0, step))
    for step in (0, stop)
)
names = ("kind", "rude", "other", "reward", "facts")
for title, r in [
    ("recorded, before", before),
    (f"recorded, step {stop}", after),
    (f"live, step {stop}", row),
]:
    print(f"{title:17}", "  ".join(f"{name} {r[name]:5.2f}" for name in names))

# %% [markdown]
r"""
The live row should agree with the recorded one up to chance in the sampling and the rounding of another
processor. `reward` is the world's true reward, which is known here as it never is in practice: −2.5 for a rude
answer, −0.02 a word; of opinions it counts hardly anything else. `facts` are questions on what it knows: at this step
they have not suffered.

Now the whole recorded run, three seeds averaged, beside the obvious alternative: plain SFT on the preferred
answers of the same pairs, with the rejected ones thrown away.
"""


# %% tags=["demo"]
def curve(method: str, name: str) -> list[float]:
    """Mean over the seeds, step by step."""
    steps = sorted({r["step"] for r in run.rows})
    chosen = [[r[name] for r in run.rows if (r["method"], r["step"]) == (method, s)] for s in steps]
    return [float(np.mean(values)) for values in chosen]


steps = sorted({r["step"] for r in run.rows})
fig, axes = figures.subplots(1, 3, size=(9.6, 2.8), sharey=True)
for ax, name in zip(axes, ("rude", "kind", "other"), strict=True):
    for method, marker in (("DPO", "o"), ("SFT", "s")):
        ax.plot(steps, curve(method, name), marker=marker, markersize=4, label=method)
    ax.set(title=name, xlabel="step", ylim=(-0.05, 1.05))
axes[0].set_ylabel("share of opinions")
axes[0].legend(frameon=False)
ends = "; ".join(
    f"{method} {name} {curve(method, name)[0]:.2f} at first, {max(curve(method, name)):.2f} at most, "
    f"{curve(method, name)[-1]:.2f} at last"
    for method in ("DPO", "SFT")
    for name in ("rude", "kind", "other")
)
figures.show(
    fig,
    "Three charts of the shares of rude, kind and other opinions against the steps of tuning, DPO solid "
    f"with circles, SFT on the preferred answers dashed with squares. {ends}.",
)

# %% [markdown]
r"""
Read it honestly.

- **Both work** in the first thirty steps. Where good answers are at hand, and differ from the bad ones from
  their first words on, SFT on a *filtered* set does what preference tuning does; Llama 3 and others use it
  under the name of rejection sampling. Here it did not lose.
- **DPO goes too far.** Its loss only asks that the gap between the two answers grow, and it goes on growing
  after the rude answers are gone. From then on kind answers lose probability too, to answers that are neither
  of the two, and at the end one known fact in eight is answered wrongly. The reward does not notice. It counts
  little here but rudeness and length, and rises from −0.29 at step 30 to −0.13 at the end: it praises the collapse.
  The third trap looks at it.
- What this experiment cannot show: preferences where nobody can write the better answer, only
  recognise it. That is the case for which RLHF was made.
"""

# %% [markdown]
r"""
#### Ten prompts, four stages

The same model after each stage: `base`; `answerer` (SFT on one form); `instruct` (instruction tuning); and
`instruct` with 30 steps of DPO. Greedy answers, except for the opinions, which are sampled.
"""

# %% tags=["demo"]
stages = {"base": base, "SFT": answerer, "instruct": instruct, "+ DPO": tuned}
people = preferences.people()[1]
prompts = [
    *(e.messages[0]["content"] for e in groups["never mentioned"][:2]),
    fact_question(asked[400], random.Random(0), "heldout").text,
    f"{fact_question(asked[401], random.Random(0)).text} Answer in JSON.",
    f"{fact_question(asked[402], random.Random(0)).text} Talk like a pirate.",
    *(f"What do you think of {name}?" for name in people[:3]),
    "Who are you?",
    "Thank you.",
]
for prompt in prompts:
    opinion = prompt.startswith("What do you think")
    episode = [Episode("any").turn(prompt, ".")]
    print(prompt)
    for name, model in stages.items():
        heat = {"temperature": 1.0, "seed": 5} if opinion else {}
        said = skills.answers(model, tokenizer, episode, room=28, **heat)[0]
        print(f"    {name:9}", " / ".join(said.splitlines()))

# %% [markdown]
r"""
`base` goes on as a page would. `SFT` gives every prompt the one form it knows, whether it fits or not. `instruct`
does what it is told. And the DPO'd model differs from it in the opinions and hardly elsewhere: preference
tuning chooses among what the model can already do.

| | it consumes | its target | what one example says | it needs beside the model |
|---|---|---|---|---|
| pre-training | text | every token | this is text | nothing |
| SFT, instruction tuning | prompt, answer | every token of the answer | say exactly this | someone who can write the answer |
| RLHF (PPO, GRPO with a reward model) | prompts; pairs for the reward model | a number for the whole answer | this answer is worth so much | a reward model, a reference, samples of the model's own (PPO: a value model too) |
| DPO | prompt, better and worse answer | the difference of two answers | rather this than that | a frozen copy of where it began |
| RLVR | prompts with a check | a number for the whole answer | this answer passes | a program that checks, samples of the model's own |

Constitutional AI (Bai et al., 2022) is not a row of its own: it is a way to make data for two of them, answers
revised by the model itself for SFT and preferences judged by a model for RL (question 17).
"""

# %% [markdown]
r"""
### Build it

Three exercises: the labels of one example, the loss on a batch, and the repair of a function that pads.
"""

# %% [markdown]
r"""
### Exercise 13.1 · `build_labels`

●○○ · 10 minutes · 3 points · core

Write `build_labels(prompt_ids, completion_ids, eos_id, max_len)`, which makes one training example.

- `prompt_ids` and `completion_ids` are lists of token ids; either may be empty. `max_len` is at least 1.
- The sequence is the prompt, then the completion, then `eos_id`. The end token is always appended, also
  where the completion happens to end in one already.
- Return `(input_ids, labels)`, two sequences of the same length (lists are best). A label is −100 at every
  position of the prompt and the token itself at every other position, the appended end included. What counts is the
  *position*: the prompt may contain `eos_id`, or the very tokens of the completion.
- A sequence longer than `max_len` is cut on the right, ids and labels alike. The end token may be lost
  so, and if the prompt alone fills `max_len`, all labels are −100. Both are legal.
- Labels are **not** shifted here: the loss does that. Nothing is padded. The arguments are not changed.

By hand: `build_labels([5, 6], [7, 8], 2, 10)` is `([5, 6, 7, 8, 2], [-100, -100, 7, 8, 2])`.

<details><summary>Hint 1</summary>

Build both lists in full first, and cut them afterwards.

</details>

<details><summary>Hint 2</summary>

How many labels are −100 follows from one length alone; no token has to be looked at. And mind `+=`: it changes the
list on its left, which may be the caller's.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q13-build-labels", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_labels(
    prompt_ids: list[int], completion_ids: list[int], eos_id: int, max_len: int
) -> tuple[list[int], list[int]]:
    """Make one example of supervised fine-tuning: what is read, and what is learned of it.

    Returns input_ids and labels, equally long lists of at most max_len; a label is -100 or the token.
    """
    ### BEGIN SOLUTION
    answer = [*completion_ids, eos_id]
    input_ids = [*prompt_ids, *answer]
    labels = [-100] * len(prompt_ids) + answer
    return input_ids[:max_len], labels[:max_len]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q13-build-labels-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    build_labels,
    [(([5, 6], [7, 8], 2, 10), ([5, 6, 7, 8, 2], [-100, -100, 7, 8, 2]))],
    "prompt, completion, end token; labels are -100 on the prompt and the tokens themselves after it",
)
testing.agree(
    build_labels,
    [(([5], [7], 2, 2), ([5, 7], [-100, 7]))],
    "what is longer than max_len is cut on the right, and the end token may go with it",
)

# %% nbgrader={"grade": true, "grade_id": "q13-build-labels-hidden-prompt", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the prompt is masked by position (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = []
for n_prompt, n_answer in [(3, 2), (1, 6), (8, 1), (0, 3), (5, 5)]:
    prompt = rng.integers(
        3, 9, size=n_prompt
    ).tolist()  # few values: prompt and answer share tokens
    answer = rng.integers(3, 9, size=n_answer).tolist()
    whole = ([*prompt, *answer, 2], [-100] * n_prompt + [*answer, 2])
    cases.append(((prompt, answer, 2, 50), whole))
    dialogue = [4, 2, *prompt, 2]  # a prompt of several turns holds end tokens of its own
    cases.append(
        (
            (dialogue, answer, 2, 50),
            ([*dialogue, *answer, 2], [-100] * len(dialogue) + [*answer, 2]),
        )
    )
testing.agree(
    build_labels,
    cases,
    "the labels are -100 exactly on the prompt's positions, whatever tokens stand there, and the tokens "
    "themselves after it, unshifted",
)
prompt, answer = [4, 5], [6]
assert testing.leaves_arguments(build_labels, prompt, answer, 2, 50), (
    "the prompt and the completion are the caller's lists: build new ones instead of extending them"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q13-build-labels-hidden-end", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the end token is learned (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for eos in (2, 0, 1407):
    for answer in ([], [9], [9, eos], [eos], rng.integers(3, 99, size=7).tolist()):
        ids, labels = build_labels([5, 6], list(answer), eos, 40)
        testing.check(
            testing.close(ids, [5, 6, *answer, eos])
            and testing.close(labels, [-100, -100, *answer, eos]),
            "one end token is appended, always, and it is a label like any other: a model that is not "
            "taught to stop does not stop",
            inputs=([5, 6], list(answer), eos, 40),
            got=(ids, labels),
            expected=([5, 6, *answer, eos], [-100, -100, *answer, eos]),
        )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q13-build-labels-hidden-cut", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: cutting keeps ids and labels aligned (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
prompt = rng.permutation(np.arange(10, 40))[:6].tolist()
answer = rng.permutation(np.arange(50, 90))[:5].tolist()
ids, labels = [*prompt, *answer, 2], [-100] * 6 + [*answer, 2]
testing.agree(
    build_labels,
    [((prompt, answer, 2, n), (ids[:n], labels[:n])) for n in (1, 3, 5, 6, 7, 10, 11, 12, 13, 100)],
    "both lists are the first max_len entries of the whole sequence: no end token put back, nothing cut "
    "from the left, all -100 where the prompt fills everything",
)
testing.agree(
    build_labels,
    [(([], [], 2, 1), ([2], [2])), (([7], [], 2, 1), ([7], [-100])), (([], [8], 2, 1), ([8], [8]))],
    "an empty prompt or completion is an ordinary case",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 13.2 · `sft_loss`

●●○ · 15 minutes · 4 points · core

Write `sft_loss(logits, labels, ignore=-100)`, the loss of supervised fine-tuning on a batch.

- `logits` is a float Tensor of shape (B, T, V): at position t the scores for the token at position t + 1.
  `labels` is a LongTensor (B, T), **not** shifted: `labels[b, t]` is the token at position t, or `ignore`.
  So the shift by one position happens here, and the labels at position 0 are never used.
- Return the mean, over all counted labels *of the whole batch*, of the negative log-probability (softmax,
  natural logarithm). A label that equals `ignore` is not counted. `ignore` may be any integer, also one that
  is a token's id: then that token is never counted.
- Every counted label weighs the same, whichever row it stands in and however long that row's answer is.
- Where nothing is counted, in a batch whose prompts fill everything or for T = 1, the loss is 0, not NaN, and no
  gradient is anything but 0. A constant zero passes the tests, but `backward()` refuses it; a sum over nothing works.
- The result is a 0-dimensional Tensor with the dtype of the logits (float32 or float64), and gradients flow
  through it; they are 0 at every position whose *next* label is not counted. Logits may be as large as 1000.
  The arguments are not changed.

By hand: if all logits are equal, the loss is log V, whatever is masked.

<details><summary>Hint 1</summary>

Write down for T = 3 which logits predict which label. One position's logits, at one end, and one label, at the
other, have no partner.

</details>

<details><summary>Hint 2</summary>

After the shift, rows no longer matter: flatten. `torch.nn.functional.cross_entropy` has an argument for what is not
counted and one for what is done with the rest. A mean is a sum divided by a number; what if that number is 0?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q13-sft-loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sft_loss(logits: Tensor, labels: Tensor, ignore: int = -100) -> Tensor:
    """Mean next-token cross-entropy over the labels that count.

    logits: (B, T, V), labels: (B, T), unshifted. Returns a 0-dimensional tensor, in nats.
    """
    ### BEGIN SOLUTION
    targets = labels[:, 1:].flatten()
    total = torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), targets, ignore_index=ignore, reduction="sum"
    )
    return total / (targets != ignore).sum().clamp(min=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q13-sft-loss-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
level = torch.zeros(1, 4, 5, dtype=torch.float64)
testing.agree(
    sft_loss,
    [
        ((level, torch.tensor([[1, 2, 3, 4]])), math.log(5)),
        ((level, torch.tensor([[-100, -100, 3, 4]])), math.log(5)),
    ],
    "equal logits give log V, however many labels are masked: divide by those that count",
)
certain = torch.log(torch.tensor([[[0.5, 0.25, 0.25], [0.25, 0.5, 0.25]]], dtype=torch.float64))
testing.agree(
    sft_loss,
    [((certain, torch.tensor([[-100, 0]])), math.log(2))],
    "the logits at position 0 predict the label at position 1: the shift happens inside the loss",
)

# %% nbgrader={"grade": true, "grade_id": "q13-sft-loss-hidden-shift", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: logits and labels are one position apart (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for B, T, V in [(1, 2, 3), (1, 6, 5), (3, 5, 4)]:
    logits = torch.randn(B, T, V, generator=generator, dtype=torch.float64)
    labels = torch.randint(V, (B, T), generator=generator)
    log_p = torch.log_softmax(logits, dim=-1)
    each = [-log_p[b, t - 1, labels[b, t]] for b in range(B) for t in range(1, T)]
    want = float(torch.stack(each).mean())
    testing.agree(
        sft_loss,
        [((logits, labels), want)],
        "the label at position t is predicted by the logits at t - 1, once, inside this function: neither "
        "no shift, nor two, nor one across rows",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q13-sft-loss-hidden-mean", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: one mean over the counted labels of the batch (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for ignore in (-100, -1, 0, 3):
    logits = 2 * torch.randn(3, 8, 6, generator=generator, dtype=torch.float64)
    labels = torch.randint(6, (3, 8), generator=generator)
    labels[0, :7] = ignore  # one answer of one token beside longer ones
    labels[1, :2] = ignore
    labels[2, 5:] = ignore
    labels[1, 4] = 5
    labels[0, 7] = 2
    log_p = torch.log_softmax(logits, dim=-1)
    each = [
        -log_p[b, t - 1, labels[b, t]]
        for b in range(3)
        for t in range(1, 8)
        if int(labels[b, t]) != ignore
    ]
    testing.agree(
        sft_loss,
        [((logits, labels, ignore), float(torch.stack(each).mean()))],
        "every counted label of the batch weighs the same: neither the ignored ones nor a label at position 0 "
        "in the sum or in the number, and no mean of the rows' means",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q13-sft-loss-hidden-none", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: nothing to count, and large logits (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
some = torch.randn(2, 4, 5, generator=generator, dtype=torch.float64)
for logits, labels in [
    (some, torch.full((2, 4), -100)),
    (some, torch.tensor([[3, -100, -100, -100], [1, -100, -100, -100]])),
    (some[:, :1], torch.tensor([[1], [2]])),
]:
    loss, grad = testing.value_and_grad(sft_loss, logits, labels)
    testing.check(
        testing.close(loss, 0.0) and testing.close(grad, torch.zeros_like(logits)),
        "where no label counts the loss is 0 and so is the gradient: 0 divided by 0 is NaN, and one such "
        "batch would spoil every weight",
        inputs=(logits, labels),
        got=(loss, grad),
        expected=0.0,
    )
large = torch.tensor([[[1000.0, 0.0, 998.0], [0.0, 0.0, 0.0]]], dtype=torch.float64)
testing.agree(
    sft_loss,
    [
        ((large, torch.tensor([[-100, 0]])), math.log1p(math.exp(-2))),
        ((large, torch.tensor([[-100, 1]])), 1000 + math.log1p(math.exp(-2))),
    ],
    "large logits overflow exp, and the logarithm of a probability that underflowed is infinite: "
    "use log_softmax or cross_entropy",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q13-sft-loss-hidden-gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the gradient reaches the answer's positions and no others (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
logits = torch.randn(2, 5, 4, generator=generator, dtype=torch.float64)
labels = torch.tensor([[3, -100, 1, 3, -100], [0, 2, 0, 1, 2]])  # position 0 is never predicted
want = torch.zeros_like(logits)
for b, t in [(0, 2), (0, 3), (1, 1), (1, 2), (1, 3), (1, 4)]:
    want[b, t - 1] = torch.softmax(logits[b, t - 1], dim=-1)
    want[b, t - 1, labels[b, t]] -= 1
want = want / 6
assert testing.leaves_arguments(sft_loss, logits.clone(), labels.clone()), (
    "logits and labels are the caller's: change copies only"
)
assert testing.leaves_arguments(sft_loss, logits.clone(), labels.clone().clamp(min=0), 0), (
    "logits and labels are the caller's, also where ignore is a token's id: change copies only"
)
_, grad = testing.value_and_grad(sft_loss, logits, labels)
testing.check(
    testing.close(grad, want),
    "the gradient is (softmax - one-hot) / number of counted labels one position before each of them, and "
    "0 elsewhere: stay in torch",
    inputs=(logits, labels),
    got=grad,
    expected=want,
)
for dtype in (torch.float32, torch.float64):
    loss = sft_loss(logits.to(dtype), labels)
    assert loss.dtype == dtype and loss.shape == (), (
        "the loss is a 0-dimensional tensor with the dtype of the logits"
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 13.3 · repair `collate`

●●○ · 15 minutes · 3 points · core

This function puts examples side by side in a batch. It has been written a thousand times, and with a
tokenizer that has no padding token of its own people write `pad_id = eos_id` and use it. Then the model
never stops talking. Mend it; there are three faults.

`collate(examples, pad_id)`:

- `examples` is a list of at least one pair of lists `(input_ids, labels)`, each pair equally long and not
  empty; labels are token ids or −100, as `build_labels` makes them.
- Return a dict with three LongTensors (dtype `torch.long`) of shape (B, T), T being the longest example's
  length: `input_ids`, padded on the right with `pad_id`; `attention_mask`, 1 on the examples' own tokens and 0
  on padding; `labels`, the examples' own labels, and −100 on padding.
- `pad_id` may be the id of the end token, or of any other token that occurs in the examples: what is padding
  follows from the *lengths*, never from the value.
- The arguments are not changed.

By hand: `collate([([5, 2], [-100, 2]), ([7, 8, 2], [-100, 8, 2])], pad_id=2)` has the labels
`[[-100, 2, -100], [-100, 8, 2]]` and the attention mask `[[1, 1, 0], [1, 1, 1]]`.

<details><summary>Hint 1</summary>

Everything that compares with `pad_id` is a guess about where padding is. You know where it is: from
`len(ids)` to `longest`.

</details>

<details><summary>Hint 2</summary>

Ask of each of the three tensors what it is made from. Only one needs `pad_id`; one needs nothing but lengths; and
the third is in the examples already, but for the padding.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q13-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def collate(examples: list[tuple[list[int], list[int]]], pad_id: int) -> dict[str, Tensor]:
#     """examples: pairs (input_ids, labels). Returns three LongTensors (B, T), padded on the right."""
#     longest = max(len(ids) for ids, _ in examples)
#     input_ids = torch.tensor([ids + [pad_id] * (longest - len(ids)) for ids, _ in examples])
#     attention_mask = (input_ids != pad_id).long()
#     labels = input_ids.clone()
#     labels[labels == pad_id] = -100
#     return {"input_ids": input_ids, "attention_mask": attention_mask, "labels": labels}
### END REPAIR
### BEGIN SOLUTION
def collate(examples: list[tuple[list[int], list[int]]], pad_id: int) -> dict[str, Tensor]:
    """examples: pairs (input_ids, labels). Returns three LongTensors (B, T), padded on the right."""
    longest = max(len(ids) for ids, _ in examples)
    rest = [longest - len(ids) for ids, _ in examples]
    pairs = list(zip(examples, rest, strict=True))
    return {
        "input_ids": torch.tensor([ids + [pad_id] * n for (ids, _), n in pairs]),
        "attention_mask": torch.tensor([[1] * len(ids) + [0] * n for (ids, _), n in pairs]),
        "labels": torch.tensor([labels + [-100] * n for (_, labels), n in pairs]),
    }


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q13-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
batch = collate([([5, 6], [5, 6]), ([7, 8, 9], [7, 8, 9])], 0)
assert testing.close(batch["input_ids"], [[5, 6, 0], [7, 8, 9]]), "ids are padded on the right"
assert testing.close(batch["attention_mask"], [[1, 1, 0], [1, 1, 1]]), "0 on padding, 1 elsewhere"
assert testing.close(batch["labels"], [[5, 6, -100], [7, 8, 9]]), "padding is never learned"

# %% nbgrader={"grade": true, "grade_id": "q13-repair-hidden-prompt", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: labels are the examples' own (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for sizes in ([(2, 3), (4, 2), (1, 1)], [(3, 2), (1, 4)], [(2, 2)]):
    examples, width = [], max(p + a for p, a in sizes)
    for prompt, answer in sizes:
        ids = rng.integers(3, 50, size=prompt + answer).tolist()
        examples.append((ids, [-100] * prompt + ids[prompt:]))
    given = [(list(ids), list(labels)) for ids, labels in examples]
    want = [labels + [-100] * (width - len(labels)) for _, labels in examples]
    labels = collate(given, 0)["labels"]
    testing.check(
        testing.close(labels, want),
        "the labels of the batch are those of the examples, so that the prompt stays masked, and -100 on "
        "padding: labels made anew from input_ids teach the prompt as well",
        inputs=(given, 0),
        got=labels,
        expected=want,
    )
    assert isinstance(labels, Tensor) and labels.dtype == torch.long, (
        "labels are a LongTensor: the dtype is torch.long (int64)"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q13-repair-hidden-end", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: padding with the end token (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
examples = []
for prompt, answer in [(2, 2), (3, 5), (1, 1), (4, 1)]:
    ids = [*rng.integers(3, 50, size=prompt + answer).tolist(), 2]
    examples.append((ids, [-100] * prompt + ids[prompt:]))
examples.append(([5, 2, 6, 2, 2], [-100, -100, 6, 2, 2]))  # two end tokens at the end are legal too
want = [labels + [-100] * (9 - len(labels)) for _, labels in examples]
labels = collate([(list(ids), list(own)) for ids, own in examples], 2)["labels"]
testing.check(
    testing.close(labels, want),
    "with pad = end the answer's own end tokens stay labels, and only padding becomes -100",
    inputs=(examples, 2),
    got=labels,
    expected=want,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q13-repair-hidden-attention", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the attention mask and the ids, whatever the padding token is (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for pad in (2, 7, 0):
    rows = [rng.integers(3, 50, size=n).tolist() for n in (3, 1, 6, 4)]
    rows = [[pad, *row, 2] for row in rows] + [[pad, pad]]
    examples = [(row, [-100, *row[1:]]) for row in rows]
    batch = collate([(list(ids), list(own)) for ids, own in examples], pad)
    width = max(map(len, rows))
    want = [[1] * len(row) + [0] * (width - len(row)) for row in rows]
    testing.check(
        testing.close(batch["attention_mask"], want),
        "the attention mask is 1 on every token of an example, also on those that equal pad_id: it follows "
        "from the lengths",
        inputs=(examples, pad),
        got=batch["attention_mask"],
        expected=want,
    )
    testing.check(
        testing.close(batch["input_ids"], [row + [pad] * (width - len(row)) for row in rows]),
        "input_ids are the examples' tokens, padded on the right with pad_id",
        inputs=(examples, pad),
        got=batch["input_ids"],
    )
    for name in ("input_ids", "attention_mask"):
        assert isinstance(batch[name], Tensor) and batch[name].dtype == torch.long, (
            "input_ids and attention_mask are LongTensors: their dtype is torch.long (int64)"
        )
fresh = [([5, 2], [-100, 2]), ([6, 7, 2], [-100, 7, 2])]
assert testing.leaves_arguments(collate, fresh, 2), (
    "the examples are the caller's: pad copies, or the next epoch finds them padded"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

**"No padding token? Set `pad_token = eos_token`."** It is in a thousand tutorials, and harmless only where
padding is found by length. Where it is found by *value*, every end token of the answers is taken for padding
and not learned. transformers' `DataCollatorForLanguageModeling` finds it by value (5.23); TRL's own collator
goes by length (1.16).
"""

# %% tags=["demo"]
from transformers import DataCollatorForLanguageModeling

other = lab.tokenizer("instruct")
other.pad_token = other.eos_token
end_id = other.eos_token_id
examples = [{"input_ids": [5, 6, 7, end_id]}, {"input_ids": [8, end_id]}]
collator = DataCollatorForLanguageModeling(other, mlm=False)
print("end token:", end_id)
print("labels, transformers:", collator(examples)["labels"].tolist())
try:
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling as CollatorOfTRL
except ImportError:
    print("The comparison needs TRL: pip install trl")
else:
    print("labels, TRL:         ", CollatorOfTRL(pad_token_id=end_id)(examples)["labels"].tolist())

# %% [markdown]
r"""
What becomes of a model trained so? The loop from above once more, without the end among the labels; then both
models answer, with room for 40 tokens more than the right answer has.
"""

# %% tags=["demo"]
endless = sft(lab.load("base"), lessons, steps=40, learn_end=False)
for name, model in [("end learned", answerer), ("end not learned", endless)]:
    said = skills.answers(model, tokenizer, groups["never mentioned"], room=40)
    gold = [e.messages[1]["content"] for e in groups["never mentioned"]]
    begun = np.mean([text.startswith(want) for text, want in zip(said, gold, strict=True)])
    stopped = np.mean([text == want for text, want in zip(said, gold, strict=True)])
    print(f"{name}: begins with the right answer {begun:.2f}, and stops there {stopped:.2f}")
print(" / ".join(said[0].splitlines()))

# %% [markdown]
r"""
The answers are right, and then the model goes on as a page of its pre-training would. Nothing in the loss
curve tells; a person who reads ten outputs sees it at once.

**"Pre-training, SFT, instruction tuning, RLHF, DPO: five stages, and frontier models go through all."**
Instruction tuning is SFT on certain data, and DPO takes the place of the reward model with RL. Published recipes,
by what they say of themselves after pre-training:
"""

# %% tags=["demo"]
methods = ("SFT", "reward model", "DPO", "RL on a reward model", "RL on checks")
recipes = {  # read in November 2026; papers in the sources
    "InstructGPT (2022)": "SFT, reward model, RL on a reward model",
    "Constitutional AI (2022)": "SFT, reward model, RL on a reward model",
    "LIMA (2023)": "SFT",
    "Llama 3.1 (2024)": "SFT, reward model, DPO",
    "Tülu 3 (2024)": "SFT, DPO, RL on checks",
    "DeepSeek-R1-Zero (2025)": "RL on checks",
    "DeepSeek-R1 (2025)": "SFT, reward model, RL on a reward model, RL on checks",
}
used = {name: recipe.split(", ") for name, recipe in recipes.items()}
print(f"{'':26}", "  ".join(methods))
for name, recipe in used.items():
    row = [("x" if m in recipe else ".").center(len(m)) for m in methods]
    print(f"{name:26}", "  ".join(row))
print("that use all five:", sum(set(recipe) == set(methods) for recipe in used.values()))

# %% [markdown]
r"""
Llama 3.1 uses its reward model to choose answers for the next round of SFT (rejection sampling), six rounds of
it; R1-Zero starts RL from the base model, without any SFT. The order and the choice are engineering.

**"The loss of DPO falls, so the preferred answers become more likely."** The loss sees only the gap. Here is
what the recorded run did to answers about people that it was not tuned on, in nats against the start:
"""

# %% tags=["demo"]
print("step   preferred   rejected       gap   kind opinions   reward   facts")
names = ("chosen", "rejected", "kind", "reward", "facts")
for i, step in enumerate(steps):
    up, down, kind, reward, known = (curve("DPO", name)[i] for name in names)
    print(
        f"{step:4} {up:11.2f} {down:10.2f} {up - down:9.2f} {kind:15.2f} {reward:8.2f} {known:7.2f}"
    )

# %% [markdown]
r"""
The gap grows to the end. The preferred answers gain at first and then lose what they have gained, while the
rejected ones fall without limit; the probability goes to things that nobody preferred. Razin et al. (2024) call
it likelihood displacement. A model is chosen by what it *says*, not by the loss of its pairs: stop early, keep
$\beta$ up, watch the log-probability of the preferred answers.
"""

# %% [markdown]
r"""
### If they push

<details><summary>Should the prompt's tokens be learned too?</summary>

Usually not, since the model is to answer prompts and not to write them, and long prompts would drown short answers.
But it is contested as a rule: Shi et al. (2024) found that a loss on instructions too helped where prompts were long and
answers short, or examples few, and explain it by less overfitting. TRL 1.16 counts the completion only, where the data has
`prompt` and `completion`, and everything where it is plain text.

</details>

<details><summary>Mean over tokens, or mean over answers?</summary>

The usual loss is a mean over all counted tokens of the batch, so an answer of 500 tokens weighs a hundred times
as much as one of 5. A mean of the answers' means would weigh them alike. Neither is wrong, but under gradient
accumulation or on several devices one gets a third thing by accident, the mean of the microbatches' means
(question 24).

</details>

<details><summary>Is DPO RLHF?</summary>

It maximises the same objective (reward minus β times the KL divergence from the reference) under the
Bradley–Terry model of preferences, where the optimal policy can be written down, so neither a reward model nor
sampling is needed. Loosely it is called RLHF. The difference that matters in practice: DPO learns from a fixed
set of pairs, RL from the model's own fresh samples.

</details>

<details><summary>Then why not always SFT on the best answers?</summary>

It is a good first try, and on the opinions above it was as good. It uses no information about *bad* answers,
so it cannot push a specific failure down; it learns from every token of the answer alike; and it can become no better than
the best answers at hand. Filtering the model's own samples by a reward and tuning on them, again and again, is already
close to RL.

</details>

<details><summary>Where does the reference model matter?</summary>

It is the anchor. In PPO-style training the KL term to it keeps the policy where the reward model was fitted; without
it the policy finds answers that the reward model overrates (question 7). In DPO it sets the zero from which gains are
measured; still, as the trap shows, it does not hold the preferred answers in place.

</details>

<details><summary>What can preference tuning not do?</summary>

It moves probability among answers that the model can give. It teaches no fact that the model lacks, and where no good
answer is ever sampled there is nothing to prefer. It also learns what the raters *like*: confident, long, flattering
answers, if those win.

</details>

<details><summary>Does SFT on new facts work?</summary>

In part, and at a price. Gekhman et al. (2024) found that examples with unknown facts are learned more slowly than known ones,
and that, once learned, they make the model hallucinate more about what it knew. Measured here in questions 6 and 49.

</details>
"""

# %% [markdown]
r"""
### Sources

- Wei et al. (2021), *Finetuned Language Models Are Zero-Shot Learners*, arXiv 2109.01652: FLAN, instruction tuning.
- Ouyang et al. (2022), *Training language models to follow instructions with human feedback*, arXiv 2203.02155:
  SFT, reward model, PPO (InstructGPT).
- Bai et al. (2022), *Constitutional AI: Harmlessness from AI Feedback*, arXiv 2212.08073.
- Zhou et al. (2023), *LIMA: Less Is More for Alignment*, arXiv 2305.11206: 1,000 examples, and the superficial
  alignment hypothesis. **Contested** as a general claim: it was measured by people's preferences on 300 prompts.
- Rafailov et al. (2023), *Direct Preference Optimization*, arXiv 2305.18290.
- Gekhman et al. (2024), *Does Fine-Tuning LLMs on New Knowledge Encourage Hallucinations?*, arXiv 2405.05904.
- Shi et al. (2024), *Instruction Tuning With Loss Over Instructions*, arXiv 2405.14394.
- Razin et al. (2024), *Unintentional Unalignment: Likelihood Displacement in Direct Preference Optimization*, arXiv
  2410.08847.
- Llama Team (2024), *The Llama 3 Herd of Models*, arXiv 2407.21783; Lambert et al. (2024), *Tülu 3*, arXiv 2411.15124
  (it names RLVR); DeepSeek-AI (2025), *DeepSeek-R1*, arXiv 2501.12948.
- transformers 5.23, `data/data_collator.py`; TRL 1.16, `trainer/sft_trainer.py`: how padding and labels are made. Read
  in November 2026.
"""
