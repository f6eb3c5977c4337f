# %% [markdown]
r"""
## Q24. How is a model fine-tuned from start to end?

*Medium · 130 minutes · needs the causal loss (question 37), LoRA (question 16 explains it; here it
is used)*
"""

# %% [markdown]
r"""
### Say it

> First I write down what must get better and what must not get worse, and measure both on the
> untouched model; the test conversations are put aside before I look at the training data. Then data
> in one format, conversations with roles, laid out by the model's own chat template, with the loss on
> the assistant's tokens only, its end token included. I train a LoRA adapter with TRL's `SFTTrainer`,
> a rate that warms up and falls, clipped gradients, and read decoded rows and the loss curve before I
> believe it. What decides is generated answers to the tests, not the loss. If something was lost, such as
> refusing what it does not know, I mend the *data* and train again. At the end the adapter is merged
> into the weights that it was trained on, saved with its tokenizer, loaded again from the disk, asked
> the same questions, and only then served.
"""

# %% [markdown]
r"""
### See it

#### The task, and what it may cost

A guild of merchants wants the course's model `instruct` to do two things. It should answer in the
merchants' manner, and it should know six new members, five facts of each. It should go on to do
what it does well: know its world, say so when it does not know a name, follow instructions about
form.

The test conversations come first. For the manner, they ask for *facts* that no training
conversation asks for. For the new members that would be impossible, since nobody can know a fact
that was never taught; there the *wordings* are held out. What you hold out decides what you
measure.
"""

# %% tags=["demo"]
import json
import random
import tempfile
import warnings
from pathlib import Path

from course import figures, lab, recorded
from course.lab import skills
from course.world.chats import Episode
from course.world.instructions import restyle

tokenizer = lab.tokenizer("instruct")
manner = skills.style("merchant", train=60, test=60)
members = skills.new_facts(people=6, facts=5)


def merchant(episode: Episode) -> Episode:
    """The same question and answer, in the merchants' manner."""
    question, answer = (m["content"] for m in episode.messages)
    return Episode(episode.task).turn(question, restyle(answer.removesuffix("."), "merchant"))


train = [*manner.train, *map(merchant, members.train)]
aims = {"style": manner.test, "new facts": [merchant(e) for e in members.test]}
kept = skills.kept(60)
for name, episodes in {**aims, **kept}.items():
    asked, told = (m["content"] for m in episodes[0].messages[-2:])
    print(f"{name}, {len(episodes)} tests:\n    {asked}\n    {told}")

# %% [markdown]
r"""
**Before anything is trained**, the same measurement on the model as it is. An aim counts only if
the answer is right word for word. Of what must be kept, the answer's content counts, in whatever
manner it is given.
"""


# %% tags=["demo"]
def measure(model) -> dict[str, float]:
    """The share of right answers to every group of tests."""
    shares = {n: skills.share_right(model, tokenizer, e) for n, e in aims.items()}
    shares |= {n: skills.share_right(model, tokenizer, e, inside=True) for n, e in kept.items()}
    return {name: share["value"] for name, share in shares.items()}


def table(**results: dict[str, float]) -> None:
    """Print measurements below one another."""
    names = list(next(iter(results.values())))
    print(" " * 26, *(f"{name:>13}" for name in names))
    for title, shares in results.items():
        print(f"{title.replace('_', ' '):26}", *(f"{shares[name]:13.2f}" for name in names))


untouched = measure(lab.load("instruct"))
table(untouched=untouched)

# %% [markdown]
r"""
#### Data and template

Data that people hand over is a file. Here it is one JSON object a line, each a conversation, as chat
APIs and TRL take it. Nothing of the model is in it: no special token, no "### Response:".
"""

# %% tags=["demo"]
place = tempfile.TemporaryDirectory()  # goes when the kernel ends
folder = Path(place.name)
random.Random(0).shuffle(train)
lines = [json.dumps({"messages": episode.messages}) for episode in train]
(folder / "train.jsonl").write_text("\n".join(lines), encoding="utf-8")
tested = {e.messages[-2]["content"] for episodes in aims.values() for e in episodes}
trained = {e.messages[-2]["content"] for e in train}
print(len(lines), "conversations;", len(trained & tested), "of their questions are tests as well")
print(lines[0])

# %% [markdown]
r"""
The **chat template** turns a conversation into the one string that the model is trained on. It
belongs to the tokenizer and is the same one that serving uses: a model asked in another layout than
it was trained on is asked in a foreign language (question 13).
"""

# %% tags=["demo"]
print(tokenizer.apply_chat_template(train[0].messages, tokenize=False))
print(
    tokenizer.apply_chat_template(train[0].messages[:1], tokenize=False, add_generation_prompt=True)
)

# %% [markdown]
r"""
The second line is what serving sends: the prompt, ending where the assistant begins. It is a prefix
of the first one. Where it is not, the model never learns to answer at that place.

#### The trainer

What TRL needs to be told is not much. All of it is worth a thought:

| Setting | Why |
|---|---|
| `processing_class` | the tokenizer, with its template; it was called `tokenizer` once |
| `peft_config` | the trainer puts LoRA on the model itself |
| `assistant_only_loss` | the loss counts what the assistant says; the template must mark it (`{% generation %}`) or be one that TRL knows how to mark; it warns if the end token is left out |
| `max_length` | longer rows are **cut**, silently; the default is 1024 |
| `learning_rate` | LoRA wants about ten times the rate of full fine-tuning (Schulman et al., 2025); this is a *small* model, whose rates are all higher |
| `warmup_steps=0.1` | below 1: a share of all steps |
| `eval_dataset` | a loss on held-out rows, beside the training loss |
| `use_cpu`, `bf16`, `gradient_checkpointing` | for this small model on a processor; on a GPU leave the defaults |
"""

# %% tags=["demo"]
warnings.filterwarnings("ignore", category=FutureWarning)
try:
    from datasets import Dataset, disable_progress_bars, load_dataset
    from peft import LoraConfig, PeftModel, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
    from transformers import logging as transformers_logging
    from trl import SFTConfig, SFTTrainer
except ImportError:
    print(
        "The demonstrations from here on need trl, peft and datasets (the exercises do not): "
        "pip install -c requirements.txt -e '.[train]'"
    )
else:
    disable_progress_bars()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    rows = load_dataset("json", data_files=str(folder / "train.jsonl"), cache_dir=str(folder))
    print(rows)

# %% tags=["demo"]
held_out = Dataset.from_list([{"messages": e.messages} for e in aims["style"] + aims["new facts"]])
options = {
    "output_dir": str(folder / "run"),
    "assistant_only_loss": True,
    "max_length": 256,
    "per_device_train_batch_size": 8,
    "num_train_epochs": 4,
    "learning_rate": 3e-3,
    "lr_scheduler_type": "cosine",
    "warmup_steps": 0.1,
    "logging_steps": 4,
    "save_strategy": "no",
    "report_to": "none",
    "use_cpu": True,
    "bf16": False,
    "gradient_checkpointing": False,
    "disable_tqdm": False,  # show the bar
    "seed": 0,
}
trainer = SFTTrainer(
    model=lab.load("instruct"),
    args=SFTConfig(**options, eval_strategy="steps", eval_steps=23, per_device_eval_batch_size=60),
    train_dataset=rows["train"],
    eval_dataset=held_out,
    processing_class=tokenizer,
    peft_config=LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM"),
)
trainer.model.print_trainable_parameters()

# %% [markdown]
r"""
**Look at what it will really learn from**, before it does. This finds more mistakes than any other
check. The trainer has laid out, cut and labelled every row. Decode one and see which tokens count:
"""

# %% tags=["demo"]
row = trainer.train_dataset[0]
pieces = [
    (tokenizer.decode([i]), label != -100)
    for i, label in zip(row["input_ids"], row["labels"], strict=True)
]
print("not counted:", "".join(text for text, counts in pieces if not counts))
print("counted:    ", "".join(text for text, counts in pieces if counts))
lengths = [len(row["input_ids"]) for row in trainer.train_dataset]
print(f"{len(lengths)} of {len(lines)} rows are left; the longest has {max(lengths)} tokens")

# %% [markdown]
r"""
Four things to tick off: the prompt is not counted; the answer is; **the end token is counted**
(without it the model would never learn to stop); and no row has as many tokens as `max_length`, so
none was cut.

Now it trains. What do you expect of the two losses, on the training rows and on the held-out ones?
"""

# %% tags=["demo"]
trainer.train()
history = trainer.state.log_history
fig, axes = figures.subplots(1, 2, size=(7.4, 2.8))
for key, name in (("loss", "training rows"), ("eval_loss", "held-out rows")):
    points = [(entry["step"], entry[key]) for entry in history if key in entry]
    axes[0].semilogy(*zip(*points, strict=True), marker=".", label=name)
axes[0].set(xlabel="step", ylabel="loss (nats per token)")
axes[0].legend(frameon=False)
rates = [(entry["step"], entry["learning_rate"]) for entry in history if "learning_rate" in entry]
axes[1].plot(*zip(*rates, strict=True), marker=".")
axes[1].set(xlabel="step", ylabel="learning rate")
losses = [entry["loss"] for entry in history if "loss" in entry]
tests = [entry["eval_loss"] for entry in history if "eval_loss" in entry]
figures.show(
    fig,
    f"Left, on a logarithmic scale: the training loss falls from {losses[0]:.2g} to {losses[-1]:.2g}, the loss "
    f"on held-out rows from {tests[0]:.2g} to {tests[-1]:.2g}. Right: the learning rate rises in "
    "a straight line over the first tenth of the steps and falls along half a cosine to zero.",
)

# %% [markdown]
r"""
#### Measured again

By the curves this is a success, and by the first two columns below too. Now the other three. (Each
share rests on 60 answers: differences of a tenth may be chance.)
"""

# %% tags=["demo"]
trainer.model.eval()
first = measure(trainer.model)
table(untouched=untouched, first_attempt=first)

# %% [markdown]
r"""
Two things that nobody asked for have happened. Look at them as text: an unknown name, and an
instruction.
"""

# %% tags=["demo"]
for name in ("unknown names", "instructions"):
    some = kept[name][:2]
    for episode, text in zip(some, skills.answers(trainer.model, tokenizer, some), strict=True):
        print(*(f"{m['role']:>9}: {m['content']}" for m in episode.messages[:-1]), sep="\n")
        print(f"{'wanted':>9}: {episode.messages[-1]['content']}\n{'written':>9}: {text}\n")

# %% [markdown]
r"""
Every one of the 180 training conversations answers a question with a fact. So the model seems to
have learned that *one always answers with a fact*, as a merchant, whatever else is said. In
particular it now invents facts about names of which it used to say that it does not know them. No
loss could have shown it: the held-out rows had no unknown name among them. The same is reported of
large models: fine-tuning on facts that are new to them raises their tendency to invent (Gekhman et
al., 2024).

#### The mend is in the data

Add conversations that practise what was lost: unknown names that are refused (in the merchants'
manner), with names that are not those of the tests. How many does it take? This curve took longer
than you would like to wait for, so it is recorded.
"""

# %% tags=["demo"]
run = recorded.load("q24_mixture")
print(run)
curve: dict[int, list[dict]] = {}
for r in run.rows[1:]:
    if r["instruction rows"] == 0:
        curve.setdefault(r["refusal rows"], []).append(r)
fig, ax = figures.subplots(size=(6.0, 3.0))
means = {}
for name, marker in zip(
    ("unknown names", "new facts", "style", "instructions"), "osD^", strict=True
):
    means[name] = [float(np.mean([r[name] for r in some])) for some in curve.values()]
    ax.plot(list(curve), means[name], marker=marker, label=name)
ax.set(xlabel="refusals among the training rows", ylabel="share right", ylim=(-0.05, 1.05))
ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
ends = "; ".join(f"{name} {m[0]:.2f} without, {m[-1]:.2f} with 60" for name, m in means.items())
figures.show(
    fig,
    f"Share of right answers against the number of refusals, mean of three seeds: {ends}.",
)

# %% [markdown]
r"""
Even a few bring back a good part, while style and new facts do not suffer. Instructions stay lost:
nothing in these data practises *them*. Conversations against forgetting heal what they practise and
little else. So the last mixture has 60 instructions followed as well. Train with that one now; the
recorded runs used the same function.
"""

# %% tags=["demo"]
from course.recorded import q24_mixture

mixture = [*train, *q24_mixture.against_forgetting(refusals=60, instructions=60)]
second = q24_mixture.train(mixture).model
now = measure(second)
same = [r for r in run.rows if r["instruction rows"] == 60]
usual = {n: float(np.mean([r[n] for r in same])) for n in now}
table(
    untouched=untouched,
    first_attempt=first,
    with_120_more_rows=now,
    the_same_recorded_mean=usual,
)

# %% [markdown]
r"""
Not everything is back to where it was, but this is a model to talk about, and the table is what to
talk with: what was gained, what it cost, on tests that were fixed before. Another round would begin
with reading the answers that are still wrong.
"""

# %% [markdown]
r"""
#### Merge, save, load again

The adapter is a small file beside a base. For serving it can be added into the weights,
$W + \frac{\alpha}{r}BA$ (question 16), after which the model is a plain one again, as fast as
before.
"""

# %% tags=["demo"]
second.save_pretrained(folder / "adapter")
probe = skills.batch(aims["style"][:8])["input_ids"]
with torch.inference_mode():
    apart = second(probe).logits
    merged = second.merge_and_unload()  # `second` must not be used any more
    together = merged(probe).logits
print(f"logits moved by at most {(apart - together).abs().max():.1e}, of {apart.abs().max():.0f}")

merged.save_pretrained(folder / "merged")
tokenizer.save_pretrained(folder / "merged")  # without it nobody can ask the model
for part in ("adapter", "merged"):
    sizes = {f.name: f.stat().st_size for f in (folder / part).iterdir()}
    print(part, {name: f"{size / 1e3:.0f} kB" for name, size in sizes.items() if size > 5e4})

# %% [markdown]
r"""
A model that was saved has to be *loaded again and measured*. What is in memory may differ from what
is on the disk: a tied matrix, a forgotten template, another dtype. From here on only the folder
counts.
"""

# %% tags=["demo"]
deployed = AutoModelForCausalLM.from_pretrained(folder / "merged", dtype=torch.float32).eval()
template = AutoTokenizer.from_pretrained(folder / "merged").chat_template
print("the same chat template:", template == tokenizer.chat_template)
table(before_saving=now, loaded_again=measure(deployed))

# %% [markdown]
r"""
#### Ask it as its users will

Through the real interface: `course.serve` puts the folder behind an OpenAI-compatible endpoint, and
the `openai` client asks. The untouched model is asked beside it.
"""

# %% tags=["demo"]
try:
    from course import serve

    with serve.background({"merchants": folder / "merged"}) as client:
        for episode in (aims["style"][0], aims["new facts"][0], kept["unknown names"][0]):
            question = episode.messages[-2]
            print(question["content"])
            for name in ("instruct", "merchants"):
                done = client.chat.completions.create(
                    model=name, messages=[question], temperature=0, max_tokens=60
                )
                print(f"  {name:>9}: {done.choices[0].message.content}")
except ImportError as error:
    print(f"This cell needs {error.name}: pip install -c requirements.txt -e '.[serve]'")

# %% [markdown]
r"""
#### The calls that changed

The script that many pages still show was written for the libraries of 2023. It asks for 4 bits with
`load_in_4bit=True`, formats with "### Instruction:", wraps the model with `get_peft_model`, and
passes `max_seq_length` to the trainer. With today's libraries it stops at its first call. Worse are
the places where it does not stop. Here is each of its calls with transformers 5.23, TRL 1.16 and
PEFT 0.21 (tried in November 2026), first as the script has it, then mended.
"""


# %% tags=["demo"]
def attempt(what: str, call) -> None:
    """Run a call; print what came of it, or the beginning of the error's message."""
    try:
        result = call()
    except Exception as error:
        result = f"{type(error).__name__}: {' '.join(str(error).split())[:110]}"
    print(f"{what:36} {result}")


path = lab.path("instruct")
attempt(
    "from_pretrained(load_in_4bit=True)",
    lambda: AutoModelForCausalLM.from_pretrained(path, load_in_4bit=True),
)
for keyword in ("torch_dtype", "dtype"):
    attempt(
        f"from_pretrained({keyword}=bfloat16)",
        lambda k=keyword: AutoModelForCausalLM.from_pretrained(path, **{k: torch.bfloat16}).dtype,
    )
for title, config in {
    "BitsAndBytesConfig(load_in_4bit=True)": BitsAndBytesConfig(load_in_4bit=True),
    "... as QLoRA did it": BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    ),
}.items():
    print(f"{title:36}", {k: str(v) for k, v in config.to_dict().items() if "bnb_4bit_" in k})

# %% [markdown]
r"""
`torch_dtype` is still taken, for old scripts; the name is `dtype` now. The mend
`quantization_config=BitsAndBytesConfig(load_in_4bit=True)` is accepted, and is not QLoRA:
its defaults are fp4 instead of nf4, float32 for computing, and no second quantisation of the
constants. All three have to be asked for (Dettmers et al., 2023). Asking for it here would need
`bitsandbytes`; the settings are what counts.

Next, the training arguments:
"""

# %% tags=["demo"]
few = Dataset.from_list(
    [{"prompt": f"What is {i} + 1?", "completion": f" {i + 1}"} for i in range(8)]
)
plain = {k: options[k] for k in ("output_dir", "report_to", "use_cpu", "bf16", "save_strategy")}


def trainer_with(config: dict | None = None, **arguments) -> SFTTrainer:
    """A trainer on a few rows in the prompt/completion format."""
    arguments = {"train_dataset": few, "processing_class": tokenizer} | arguments
    settings = SFTConfig(**plain, **(config or {}))
    return SFTTrainer(
        model=arguments.pop("model", lab.load("instruct")), args=settings, **arguments
    )


attempt("warmup_ratio=0.03", lambda: SFTConfig(**plain, warmup_ratio=0.03))
attempt(
    "warmup_steps=0.03, of 300 steps",
    lambda: SFTConfig(**plain, warmup_steps=0.03).get_warmup_steps(300),
)
attempt("evaluation_strategy='epoch'", lambda: SFTConfig(**plain, evaluation_strategy="epoch"))
attempt("eval_strategy='no'", lambda: SFTConfig(**plain, eval_strategy="no").eval_strategy.value)
attempt("SFTTrainer(max_seq_length=2048)", lambda: trainer_with(max_seq_length=2048))
attempt("SFTConfig(max_length=2048)", lambda: trainer_with({"max_length": 2048}).args.max_length)
attempt("SFTTrainer(tokenizer=...)", lambda: trainer_with(tokenizer=tokenizer))
attempt("without any length: max_length is", lambda: trainer_with().args.max_length)

# %% [markdown]
r"""
The last line is the dangerous one. Whoever deletes `max_seq_length` because it fails gets 1,024
tokens, and everything beyond is cut off without a word, the end token first of all:
"""

# %% tags=["demo"]
long = Dataset.from_list([{"text": "word " * 3000}])
cut = trainer_with(train_dataset=long).train_dataset[0]["input_ids"]
print(len(tokenizer(long[0]["text"]).input_ids), "tokens in the file,", len(cut), "in training")
print("ends with the end token:", cut[-1] == tokenizer.eos_token_id)

# %% [markdown]
r"""
**Data with `prompt` and `completion`, and a `formatting_func`.** The two exclude each other, and
TRL says so. It also names a way out, `completion_only_loss=False`. Look at what the model would
then be trained on.
"""


# %% tags=["demo"]
def format_prompt(example: dict) -> str:
    return f"### Instruction:\n{example['prompt']}\n\n### Response:\n{example['completion']}"


def learned(trainer: SFTTrainer) -> str:
    row = trainer.train_dataset[0]
    counted = [i for i in row["labels"] if i != -100]
    return f"{tokenizer.decode(row['input_ids'])!r}, counted {tokenizer.decode(counted)!r}"


attempt("formatting_func", lambda: trainer_with(formatting_func=format_prompt))
attempt(
    "... with completion_only_loss=False",
    lambda: learned(trainer_with({"completion_only_loss": False}, formatting_func=format_prompt)),
)
attempt("neither", lambda: learned(trainer_with()))
chats = few.map(
    lambda e: {
        "prompt": [{"role": "user", "content": e["prompt"]}],
        "completion": [{"role": "assistant", "content": e["completion"].strip()}],
    }
)
attempt("messages in both columns", lambda: learned(trainer_with(train_dataset=chats)))

# %% [markdown]
r"""
Second line: no "### Instruction:" anywhere (the formatted text was made and then ignored), the
prompt is learned as well, and there is **no end token**. It trains without complaint, and the model
will not stop talking. Third: without the function TRL appends the end and counts the completion
alone. Fourth: with messages it uses the chat template, which is what you want for a chat model.

**LoRA twice, saving half:**
"""

# %% tags=["demo"]
small = LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
attempt(
    "get_peft_model, then peft_config",
    lambda: trainer_with(model=get_peft_model(lab.load("instruct"), small), peft_config=small),
)
attempt("peft_config alone", lambda: type(trainer_with(peft_config=small).model).__name__)
lab.load("instruct").save_pretrained(folder / "no_tokenizer")
attempt(
    "a folder without tokenizer", lambda: AutoTokenizer.from_pretrained(folder / "no_tokenizer")
)
attempt("with it", lambda: type(AutoTokenizer.from_pretrained(folder / "merged")).__name__)

# %% [markdown]
r"""
**`tokenizer.pad_token = tokenizer.eos_token`.** Padding is not learned, so whoever masks it *by its
id* masks every end token too. transformers' own collator for language models does so; TRL 1.16
makes the labels before it pads, and does not. In a batch of two rows there should be four end
tokens, since the same token ends the user's turn; two of them, the assistants', are to be learned.
"""

# %% tags=["demo"]
from transformers import DataCollatorForLanguageModeling

careless = lab.tokenizer("instruct")
careless.pad_token = careless.eos_token
two = [trainer.train_dataset[i] for i in (0, 1)]
collators = {
    "transformers': labels are the ids": DataCollatorForLanguageModeling(careless, mlm=False),
    "TRL's": trainer_with(processing_class=careless).data_collator,
}
for name, collate in collators.items():
    keys = ("input_ids",) if name.startswith("transformers") else ("input_ids", "labels")
    padded = collate([{key: row[key] for key in keys} for row in two])["labels"]
    print(f"{name:36} end tokens to learn: {int((padded == careless.eos_token_id).sum())}")

# %% [markdown]
r"""
**Merged into another network.** The script trains on a base in 4 bits and merges into the same base
in 16. The adapter has then learned to correct rounding errors that are no longer there. Merge into
the base that was trained on (in PEFT: quantised and dequantised again), or measure what the
difference costs. Here is the mirror image of it, since our adapter was trained on exact weights:
put on weights that are rounded to fewer and fewer bits.
"""


# %% tags=["demo"]
def rounded(bits: int):
    """A base whose linear layers are rounded to `bits` bits, in blocks of 64 numbers."""
    model = lab.load("instruct")
    top = 2 ** (bits - 1) - 1
    for layer in model.model.layers.modules():
        if isinstance(layer, torch.nn.Linear):
            blocks = layer.weight.data.view(-1, 64)
            scale = blocks.abs().amax(dim=1, keepdim=True) / top
            blocks.copy_((blocks / scale).round() * scale)
    return model


aim_only = {}
for bits in (4, 3):
    mixed = PeftModel.from_pretrained(rounded(bits), folder / "adapter").eval()
    aim_only[f"adapter_on_{bits}_bits"] = {
        name: skills.share_right(mixed, tokenizer, e)["value"] for name, e in aims.items()
    }
table(adapter_on_its_own_base={name: now[name] for name in aims}, **aim_only)

# %% [markdown]
r"""
Whether it costs anything depends on how far apart the two bases are, and it has to be measured:
nothing fails. The whole list:

| The script | Today | What happens otherwise |
|---|---|---|
| `"meta-llama/Llama-3-8b-hf"` | the id on the model's card, `meta-llama/Meta-Llama-3-8B` | not found (question 16) |
| `load_in_4bit=True` | `quantization_config=BitsAndBytesConfig(..., "nf4", double quant, bfloat16)` | TypeError; with the defaults fp4 |
| `torch_dtype=` | `dtype=` | still accepted |
| `warmup_ratio=0.03` | `warmup_steps=0.03` | TypeError |
| `evaluation_strategy=` | `eval_strategy=`, with an `eval_dataset` | TypeError; in the script there was none at all |
| `SFTTrainer(max_seq_length=2048)` | `SFTConfig(max_length=2048)` | TypeError; **left out: cut at 1,024** |
| `tokenizer=` or nothing | `processing_class=tokenizer` | TypeError; loaded from the model's folder |
| `formatting_func` on prompt/completion | no function; better, messages | ValueError; **or no end token** |
| `get_peft_model` first | `peft_config=` | ValueError if both |
| `pad_token = eos_token` | a pad token of its own | **the end goes unlearned**, with collators that mask by id (question 13) |
| adapter from 4 bits on a 16-bit base | merge into the base that was trained | **another network** |
| `save_pretrained` of the model | and of the tokenizer | cannot be loaded |
"""

# %% [markdown]
r"""
### Build it

Five exercises: packing, the learning rate, the mean over micro-batches, one whole training step by
hand, and the repair of a training loop that many people have written.
"""

# %% [markdown]
r"""
### Exercise 24.1 · `pack_sequences`

●●○ · 15 minutes · 6 points · core

Write two functions.

**`pack_sequences(seqs, max_len, eos_id)`** lays documents end to end in rows of at most `max_len`
tokens. `seqs` is a list of documents, each a list of token ids (an empty one is allowed). The
result is a list of packs, each a dict of three lists of ints of equal length:

- `"input_ids"`: the documents of this pack, one after the other, each followed by `eos_id`. It is
  appended to *every* document, also to an empty one and to one that happens to end with `eos_id`.
- `"position_ids"`: 0, 1, 2, ... *within each document*; the appended end counts as part of it.
- `"doc_ids"`: the number of the document within its pack, counted from 0 in each pack.

Documents are taken in their order. Each goes into the **first** pack that still has room for it
together with its end, at that pack's end; where none has, a new pack is opened after the others. A
pack may be exactly full. Nothing is padded, cut or dropped. A document that is longer than
`max_len`, its end included, is a `ValueError`. No documents give `[]`. The argument is not changed.

**`pack_mask(doc_ids)`** takes the `"doc_ids"` of a pack, T of them, as a list, and returns the
attention mask as a NumPy array of bool of shape (T, T): entry `[i, j]` says whether token i may
attend to token j. It may if j is not after i *and* both belong to the same document.

By hand: `pack_sequences([[5, 6, 7], [8], [9, 9], [4]], max_len=6, eos_id=0)` needs 4, 2, 3 and 2
places. The first two fill a pack exactly, the others share a second one:
`{"input_ids": [5, 6, 7, 0, 8, 0], "position_ids": [0, 1, 2, 3, 0, 1], "doc_ids": [0, 0, 0, 0, 1, 1]}`
and `{"input_ids": [9, 9, 0, 4, 0], "position_ids": [0, 1, 2, 0, 1], "doc_ids": [0, 0, 0, 1, 1]}`.

<details><summary>Hint 1</summary>

Keep all packs open until the end: a short document may still fit into the first one. How many
documents a pack already holds is one more than its last `doc_ids` entry.

</details>

<details><summary>Hint 2</summary>

For each document: `doc = [*seq, eos_id]`; raise if it is too long; look for the first pack with
`len(pack["input_ids"]) + len(doc) <= max_len` (`next(..., None)`), or append an empty one; then
extend its three lists. For the mask, compare a column of document numbers with a row of them, and
`np.tril` the result.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q24-pack-sequences", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pack_sequences(seqs: list[list[int]], max_len: int, eos_id: int) -> list[dict[str, list[int]]]:
    """Lay documents end to end, each with its end token, in packs of at most max_len tokens.

    Each pack has the lists input_ids, position_ids and doc_ids. First fit, in input order.
    """
    ### BEGIN SOLUTION
    packs: list[dict[str, list[int]]] = []
    for seq in seqs:
        doc = [*seq, eos_id]
        if len(doc) > max_len:
            raise ValueError(f"a document takes {len(doc)} tokens, more than max_len = {max_len}")
        pack = next((p for p in packs if len(p["input_ids"]) + len(doc) <= max_len), None)
        if pack is None:
            pack = {"input_ids": [], "position_ids": [], "doc_ids": []}
            packs.append(pack)
        number = pack["doc_ids"][-1] + 1 if pack["doc_ids"] else 0
        pack["input_ids"] += doc
        pack["position_ids"] += range(len(doc))
        pack["doc_ids"] += [number] * len(doc)
    return packs
    ### END SOLUTION


def pack_mask(doc_ids: list[int]) -> np.ndarray:
    """Return the attention mask of a pack, bool (T, T): causal, and within a document."""
    ### BEGIN SOLUTION
    number = np.array(doc_ids)
    return np.tril(number[:, None] == number[None, :])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q24-pack-sequences-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
packs = pack_sequences([[5, 6, 7], [8], [9, 9], [4]], 6, 0)
assert len(packs) == 2, "4, 2, 3 and 2 tokens fit into two packs of 6"
assert testing.close(packs[0]["input_ids"], [5, 6, 7, 0, 8, 0]), (
    "every document is followed by eos_id, also the last of a pack"
)
assert testing.close(packs[0]["position_ids"], [0, 1, 2, 3, 0, 1]), (
    "positions begin at 0 in every document"
)
assert testing.close(packs[0]["doc_ids"], [0, 0, 0, 0, 1, 1]), "doc_ids number the documents"
assert testing.close(packs[1]["input_ids"], [9, 9, 0, 4, 0]), "the last pack may be shorter"
assert testing.close(packs[1]["doc_ids"], [0, 0, 0, 1, 1]), "doc_ids count from 0 in each pack"
mask = pack_mask([0, 0, 1])
assert testing.close(
    mask, np.array([[True, False, False], [True, True, False], [False, False, True]])
), "a token attends to itself and to what stands before it in its own document"

# %% nbgrader={"grade": true, "grade_id": "q24-pack-sequences-hidden-first-fit", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the first pack with room (1 point)
### BEGIN HIDDEN TESTS
for sizes, max_len, wanted in [
    ([3, 5, 1], 8, [[0, 2], [1]]),
    ([4, 4, 2], 8, [[0, 2], [1]]),
    ([3, 6, 1, 3], 8, [[0, 2], [1], [3]]),
    ([1, 1, 1, 1, 1], 4, [[0, 1], [2, 3], [4]]),
    ([6, 2, 4, 0, 0], 8, [[0, 3], [1, 2], [4]]),
    ([1, 5, 6], 9, [[0, 1], [2]]),
]:
    docs = [[10 * i + 1] * size for i, size in enumerate(sizes)]
    got = [p["input_ids"] for p in pack_sequences(docs, max_len, 0)]
    expected = [[token for i in pack for token in (*docs[i], 0)] for pack in wanted]
    testing.check(
        testing.close(got, expected),
        "each document goes, in input order, into the first pack that still has room for it",
        inputs=(docs, max_len, 0),
        got=got,
        expected=expected,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-pack-sequences-hidden-nothing-lost", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: every document is there, once, with its end (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for count, longest, max_len in [(1, 6, 9), (7, 6, 9), (20, 12, 16), (25, 6, 32)]:
    docs = [
        rng.integers(0, 5, size=rng.integers(0, longest)).tolist() for _ in range(count)
    ]  # 0 occurs inside, and at the end
    packs = pack_sequences(docs, max_len, 0)
    total = sum(len(p["input_ids"]) for p in packs)
    testing.check(
        total == sum(len(doc) + 1 for doc in docs),
        "every document counts with exactly one appended end: none is dropped, padded or left "
        "without (an empty one and one that ends with eos_id too)",
        inputs=(docs, max_len, 0),
        got=f"{total} tokens",
        expected=f"{sum(len(doc) + 1 for doc in docs)} tokens",
    )
    found = []
    for p in packs:
        for number in sorted(set(p["doc_ids"])):
            found.append(
                [t for t, d in zip(p["input_ids"], p["doc_ids"], strict=True) if d == number]
            )
    testing.check(
        sorted(found) == sorted([*doc, 0] for doc in docs),
        "the tokens with one number in doc_ids are one document with its end",
        inputs=(docs, max_len, 0),
        got=found,
        expected=[[*doc, 0] for doc in docs],
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-pack-sequences-hidden-positions", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: positions and numbers begin anew (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng(1)
for _ in range(4):
    docs = [rng.integers(1, 9, size=rng.integers(1, 6)).tolist() for _ in range(11)]
    for p in pack_sequences(docs, 13, 0):
        ids, lengths = p["input_ids"], []
        starts = [i for i in range(len(ids)) if i == 0 or ids[i - 1] == 0]
        for a, b in zip(starts, [*starts[1:], len(ids)], strict=True):
            lengths.append(b - a)
        testing.check(
            testing.close(p["position_ids"], [i for n in lengths for i in range(n)]),
            "positions begin at 0 with every document, and its end has one of them",
            inputs=(docs, 13, 0),
            got=p,
        )
        testing.check(
            testing.close(p["doc_ids"], [i for i, n in enumerate(lengths) for _ in range(n)]),
            "doc_ids count the documents of this pack, from 0",
            inputs=(docs, 13, 0),
            got=p,
        )
got = [p["doc_ids"] for p in pack_sequences([[7, 0], [8]], 6, 0)]
testing.check(
    testing.close(got, [[0, 0, 0, 1, 1]]),
    "doc_ids count documents, not ends: eos_id may stand in a document as well",
    inputs=([[7, 0], [8]], 6, 0),
    got=got,
    expected=[[0, 0, 0, 1, 1]],
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-pack-sequences-hidden-limits", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: exactly full, too long, nothing (1 point)
### BEGIN HIDDEN TESTS
full = pack_sequences([[1, 2, 3], [4, 5, 6]], 4, 7)
assert testing.close([p["input_ids"] for p in full], [[1, 2, 3, 7], [4, 5, 6, 7]]), (
    "a document that fills a pack exactly, its end included, is allowed"
)
pair = pack_sequences([[1, 2], [3, 4, 5]], 7, 9)
assert testing.close([p["input_ids"] for p in pair], [[1, 2, 9, 3, 4, 5, 9]]), (
    "a document that just fits fills the pack"
)
for docs, max_len in [([[1, 2, 3]], 3), ([[1], [2, 3, 4, 5, 6]], 5), ([[1, 2], [], [1] * 9], 6)]:
    assert testing.raises(ValueError, pack_sequences, docs, max_len, 0), (
        "a document that is longer than max_len, its end included, is a ValueError"
    )
assert testing.close(pack_sequences([], 8, 0), []), "no documents give no packs"
docs = [[3, 1], [2], [], [5, 5, 5]]
assert testing.leaves_arguments(pack_sequences, docs, 5, 0), (
    "the documents were changed: append the end to a copy"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-pack-sequences-hidden-mask", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the attention mask (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng(2)
cases = []
for _ in range(6):
    lengths = rng.integers(1, 5, size=rng.integers(1, 6)).tolist()
    wanted = np.zeros((sum(lengths), sum(lengths)), dtype=bool)
    start = 0
    for n in lengths:
        for i in range(start, start + n):
            wanted[i, start : i + 1] = True
        start += n
    numbers = [i for i, n in enumerate(lengths) for _ in range(n)]
    cases.append(((numbers,), wanted))
testing.agree(
    pack_mask,
    cases,
    "True, as bool, where the row's token may attend: not after it, and in the same document only",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
Your packs on the model: twelve conversations, once padded to the longest and once packed. Does each
have the logits that it has alone? (Until you have solved the exercise the cell says so.)
"""


# %% tags=["demo"]
def not_yet(error: NotImplementedError) -> None:
    """Say which exercise is still open."""
    import traceback

    print(f"Not yet: {traceback.extract_tb(error.__traceback__)[-1].name} is not written.")


end = tokenizer.eos_token_id
documents = [
    tokenizer.apply_chat_template(e.messages, return_dict=True)["input_ids"][:-1]
    for e in kept["instructions"][:12]
]  # without their last token, the end, which packing appends
full_model = lab.load("instruct")
try:
    packs = pack_sequences(documents, 128, end)
    longest = max(len(doc) + 1 for doc in documents)
    print(f"padded: {longest * len(documents)} places; packed: {128 * len(packs)}")
    worst = 0.0
    for pack in packs:
        ids, places = (torch.tensor([pack[k]]) for k in ("input_ids", "position_ids"))
        bias = torch.zeros(1, 1, *[ids.shape[1]] * 2)
        bias[0, 0][~torch.from_numpy(pack_mask(pack["doc_ids"]))] = torch.finfo(torch.float32).min
        with torch.inference_mode():
            logits = full_model(ids, position_ids=places, attention_mask=bias).logits[0]
            for d in set(pack["doc_ids"]):
                here = torch.tensor(pack["doc_ids"]) == d
                single = full_model(ids[:, here]).logits[0]
                worst = max(worst, float((logits[here] - single).abs().max()))
    print(f"logits differ from those of each conversation alone by at most {worst:.0e}")
except NotImplementedError as error:
    not_yet(error)

# %% [markdown]
r"""
### Exercise 24.2 · `learning_rate`

●○○ · 10 minutes · 3 points · core

Write `learning_rate(step, total, peak, warmup, floor=0.0)`: the rate of update number `step`,
counted from 0, in a training of `total` updates. `peak` and `floor` are floats, and so is the
result.

- `warmup` tells how many updates the warm-up lasts: w. A value of 1 or more is that number (a whole
  one). A value below 1 is a share of `total`, rounded *up* to whole updates; 0 means no warm-up.
  (This is how transformers 5 reads `warmup_steps`.)
- For `step < w` the rate rises in a straight line from 0 at step 0, so that it would reach `peak`
  at step w: $\text{peak}\cdot\text{step}/w$.
- From step w on it falls along half a cosine, from `peak` at step w to `floor` at step `total`:
  $\text{floor} + (\text{peak}-\text{floor})\cdot\tfrac12\left(1+\cos\left(\pi\,\frac{\text{step}-w}{\text{total}-w}\right)\right)$.
- For `step >= total` it is `floor`, also where the warm-up took all updates or would take more.

Shares are tested only where `warmup * total` is exact: halves, quarters, eighths.

By hand, with `total=10`, `peak=1`, `warmup=2`: 0, 0.5, 1 for steps 0, 1, 2; 0.5 at step 6, halfway
down; 0 at step 10.

<details><summary>Hint 1</summary>

Find w first, as an int: `math.ceil` of a share. Then there are three cases: before w, from `total`
on, and between.

</details>

<details><summary>Hint 2</summary>

Look at `step >= total` first: then the division by `total - w` can never be by zero, because a step
between w and `total` exists only if they differ.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q24-learning-rate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def learning_rate(step: int, total: int, peak: float, warmup: float, floor: float = 0.0) -> float:
    """Return the learning rate of update `step` (from 0): linear warm-up, then half a cosine."""
    ### BEGIN SOLUTION
    if step >= total:
        return floor
    w = int(warmup) if warmup >= 1 else math.ceil(warmup * total)
    if step < w:
        return peak * step / w
    progress = (step - w) / (total - w)
    return floor + (peak - floor) * 0.5 * (1 + math.cos(math.pi * progress))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q24-learning-rate-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    learning_rate,
    [((0, 10, 1.0, 2), 0.0), ((1, 10, 1.0, 2), 0.5), ((2, 10, 1.0, 2), 1.0)],
    "the warm-up rises from 0 at step 0 to the peak at step 2",
)
testing.agree(
    learning_rate,
    [((6, 10, 1.0, 2), 0.5), ((10, 10, 1.0, 2), 0.0)],
    "half a cosine from the peak at step 2 to 0 at step 10: halfway at step 6",
)
testing.agree(
    learning_rate, [((1, 8, 1.0, 0.25), 0.5)], "a warm-up of 0.25 is a quarter of 8 steps"
)

# %% nbgrader={"grade": true, "grade_id": "q24-learning-rate-hidden-warmup", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: warm-up in steps and as a share (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    learning_rate,
    [((s, 40, 3e-4, 8), 3e-4 * s / 8) for s in range(9)],
    "during the warm-up the rate is peak * step / w, and the peak at step w",
)
testing.agree(
    learning_rate,
    [((s, 40, 3e-4, 8, 1e-4), 3e-4 * s / 8) for s in range(9)],
    "the warm-up begins at 0, whatever the floor",
)
testing.agree(
    learning_rate,
    [((1, 16, 1.0, 0.125), 0.5), ((1, 9, 1.0, 0.25), 1 / 3), ((2, 21, 1.0, 0.125), 2 / 3)],
    "a warm-up below 1 is a share of all updates, rounded up",
)
testing.agree(
    learning_rate,
    [
        ((0, 12, 2.0, 0), 2.0),
        ((0, 12, 2.0, 1), 0.0),
        ((1, 12, 2.0, 1), 2.0),
        ((0, 12, 2.0, 0.5), 0.0),
    ],
    "0 is no warm-up, 1 is one update, 0.5 is half of them",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-learning-rate-hidden-cosine", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the cosine (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for _ in range(4):
    total, w = int(rng.integers(30, 90)), int(rng.integers(2, 20))
    peak, floor = float(rng.uniform(0.5, 2)), float(rng.uniform(0.01, 0.3))
    for share, height in [(0.0, 1.0), (1 / 3, 0.75), (0.5, 0.5), (2 / 3, 0.25)]:
        length = 6 * total  # a whole number of steps at each of these shares
        testing.agree(
            learning_rate,
            [((w + round(share * length), w + length, peak, w), peak * height)],
            "half a cosine, not a straight line, over the updates after the warm-up: total - w of them",
        )
        testing.agree(
            learning_rate,
            [
                (
                    (w + round(share * length), w + length, peak, w, floor),
                    floor + (peak - floor) * height,
                )
            ],
            "the cosine falls from the peak to the floor, not from peak to 0 and then cut",
        )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-learning-rate-hidden-ends", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: at the end and beyond (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    learning_rate,
    [((s, 20, 1.0, 5, 0.1), 0.1) for s in (20, 21, 35, 1000)],
    "from step `total` on the rate is the floor: the cosine must not rise again",
)
testing.agree(
    learning_rate,
    [((s, 6, 1.0, 6), s / 6) for s in range(6)]
    + [((6, 6, 1.0, 6), 0.0), ((9, 6, 1.0, 6, 0.25), 0.25)],
    "a warm-up of all updates never falls, and nothing is divided by zero",
)
testing.agree(
    learning_rate,
    [((4, 4, 1.0, 8, 0.1), 0.1), ((3, 4, 1.0, 8, 0.1), 0.375), ((5, 4, 1.0, 8, 0.1), 0.1)],
    "from step `total` on the rate is the floor, even if the warm-up would go on",
)
testing.agree(
    learning_rate, [((0, 1, 1.0, 0), 1.0), ((1, 1, 1.0, 0), 0.0)], "one update, without warm-up"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
Your rate beside transformers' own schedule, over the 92 updates of the first attempt above. Look at
update 0 as well: its rate is 0, so the first batch changes no weight.
"""

# %% tags=["demo"]
from transformers import get_cosine_schedule_with_warmup

optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=3e-3)
schedule = get_cosine_schedule_with_warmup(optimizer, num_warmup_steps=10, num_training_steps=92)
try:
    gaps = []
    for step in range(92):
        theirs = schedule.get_last_lr()[0]
        gaps.append(abs(learning_rate(step, 92, 3e-3, 0.1) - theirs))
        optimizer.step()
        schedule.step()
    print(f"at update 0: {learning_rate(0, 92, 3e-3, 0.1)}; largest difference {max(gaps):.0e}")
except NotImplementedError as error:
    not_yet(error)

# %% [markdown]
r"""
### Exercise 24.3 · `token_mean_over_microbatches`

●○○ · 10 minutes · 3 points · core

A large batch is computed in M micro-batches, because it does not fit into memory at once. Write
`token_mean_over_microbatches(losses, n_tokens)`: the mean loss per token *of the large batch*.

`losses` is a Tensor of shape (M,), each entry the mean loss over the counted tokens of one
micro-batch. `n_tokens` is a list of M ints, how many tokens each of them counted. Return a
0-dimensional Tensor of the same dtype through which gradients flow into `losses`.

A micro-batch that counted no token (all of its labels were −100) adds nothing, and its loss may
then be NaN, which is what `cross_entropy` gives: neither the result nor the gradients become NaN by
it; the gradient at that entry is 0. If no micro-batch counted any, the result is 0 (without a
gradient, if you like). Lists of another length than `losses` are a `ValueError`. The arguments are
not changed.

By hand: losses 1 and 3 over 1 and 3 tokens: (1 · 1 + 3 · 3) / 4 = 2.5. Their plain mean would be 2.

<details><summary>Hint 1</summary>

A mean times its number of tokens is a sum, and sums can be added up.

</details>

<details><summary>Hint 2</summary>

0 · NaN is NaN, so leave the empty micro-batches out before you multiply: index `losses` with a mask
of those with tokens. The sum over an empty tensor is 0, and it still has a gradient.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q24-token-mean", "locked": false, "schema_version": 3, "solution": true, "task": false}
def token_mean_over_microbatches(losses: Tensor, n_tokens: list[int]) -> Tensor:
    """Return the mean loss per token over all micro-batches, 0-dimensional.

    losses: (M,) the mean loss of each micro-batch; n_tokens: how many tokens each one counted.
    """
    ### BEGIN SOLUTION
    if len(n_tokens) != len(losses):
        raise ValueError(f"{len(losses)} losses, but {len(n_tokens)} numbers of tokens")
    n = torch.tensor(n_tokens, dtype=losses.dtype, device=losses.device)
    counted = n > 0
    return (losses[counted] * n[counted]).sum() / n.sum().clamp(min=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q24-token-mean-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    token_mean_over_microbatches,
    [((torch.tensor([1.0, 3.0]), [1, 3]), torch.tensor(2.5))],
    "each token counts once: (1 * 1 + 3 * 3) / 4, not the mean of the two means",
)
testing.agree(
    token_mean_over_microbatches,
    [((torch.tensor([1.0, 3.0]), [5, 5]), torch.tensor(2.0))],
    "with equally many tokens the two means have equal weight",
)

# %% nbgrader={"grade": true, "grade_id": "q24-token-mean-hidden-weights", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: micro-batches of unequal size (1 point)
### BEGIN HIDDEN TESTS
generator, rng = testing.torch_generator(), testing.rng()
cases = []
for size in (1, 2, 5, 8):
    parts = [
        torch.rand(int(n), generator=generator, dtype=torch.float64)
        for n in rng.integers(1, 40, size=size)
    ]
    means = torch.stack([part.mean() for part in parts])
    cases.append(((means, [len(part) for part in parts]), torch.cat(parts).mean()))
testing.agree(
    token_mean_over_microbatches,
    cases,
    "the result is the mean over all tokens together: weight each mean by its number of tokens",
)
for dtype in (torch.float32, torch.float64):
    got = token_mean_over_microbatches(torch.tensor([1.0, 2.0], dtype=dtype), [3, 1])
    assert got.dtype == dtype and got.dim() == 0, "a 0-dimensional Tensor of the losses' dtype"
for short in ([1], [1, 2, 3], []):
    assert testing.raises(
        ValueError, token_mean_over_microbatches, torch.tensor([1.0, 2.0]), short
    ), "as many numbers of tokens as losses, else a ValueError"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-token-mean-hidden-empty", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: micro-batches without a counted token (1 point)
### BEGIN HIDDEN TESTS
nan = math.nan
testing.agree(
    token_mean_over_microbatches,
    [
        ((torch.tensor([2.0, nan, 4.0]), [1, 0, 3]), torch.tensor(3.5)),
        ((torch.tensor([2.0, 7.0]), [4, 0]), torch.tensor(2.0)),
        ((torch.tensor([nan, 0.5]), [0, 2]), torch.tensor(0.5)),
    ],
    "a micro-batch that counted no token adds nothing, even if its loss is NaN",
)
testing.agree(
    token_mean_over_microbatches,
    [
        ((torch.tensor([nan, nan]), [0, 0]), torch.tensor(0.0)),
        ((torch.tensor([3.0]), [0]), torch.tensor(0.0)),
    ],
    "without any counted token the mean is 0, not 0 / 0",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-token-mean-hidden-gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: gradients (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator(1)
for counts in ([1, 3], [4, 4, 2, 6], [5]):
    means = torch.rand(len(counts), generator=generator, dtype=torch.float64)
    value, grad = testing.value_and_grad(token_mean_over_microbatches, means, counts)
    want = torch.tensor(counts, dtype=torch.float64) / sum(counts)
    testing.check(
        testing.close(grad, want),
        "the gradient of each mean is its share of the tokens; a result made of Python numbers has none",
        inputs=(means, counts),
        got=grad,
        expected=want,
    )
value, grad = testing.value_and_grad(
    token_mean_over_microbatches, torch.tensor([2.0, math.nan, 4.0]), [1, 0, 3]
)
assert testing.close(grad, torch.tensor([0.25, 0.0, 0.75])), (
    "an empty micro-batch has gradient 0, and spoils no other: leave it out before you multiply"
)
means = torch.tensor([2.0, math.nan, 4.0])
assert testing.leaves_arguments(token_mean_over_microbatches, means, [1, 0, 3]), (
    "the losses were changed"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 24.4 · `training_step`

●●● · 30 minutes · 6 points · core

One update of a model, by hand: everything that happens between the backward passes and the new
weights. Write
`training_step(params, grads, n_tokens, state, *, lr, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.0, max_norm=1.0)`.

- `params`: a dict from names to Tensors of any shape. They do not require gradients, nor does what
  you return.
- `grads`: a list with one dict for each micro-batch, same names and shapes: the gradients of *that
  micro-batch's mean loss per token*. `n_tokens`: a list of ints, how many tokens each counted. A
  micro-batch that counted none is left out (its gradients may be NaN, where a masked sum was
  divided by its zero tokens). At least one counts some.
- `state`: what the optimizer remembers. `{}` before the first update, later what the last one
  returned: `{"t": number of updates made, "m": dict of Tensors, "v": dict of Tensors}`.

Return `(params, state, norm)`, all new; the arguments are not changed. In this order:

1. **Accumulate.** $g$ is the gradient of the mean loss over all tokens of all micro-batches.
2. **Clip.** `norm`, returned as a float, is the Euclidean norm of *all* entries of *all* gradients
   $g$ together. If it is greater than `max_norm`, every gradient is multiplied by
   `max_norm / norm`. (`math.inf` never clips.)
3. **AdamW.** t goes up by one, and with the clipped $g$, for each parameter (m and v begin at 0):
   $m \leftarrow \beta_1 m + (1-\beta_1)\,g$, $\;v \leftarrow \beta_2 v + (1-\beta_2)\,g^2$,
   $\;\hat m = m/(1-\beta_1^t)$, $\;\hat v = v/(1-\beta_2^t)$,
   $\;p \leftarrow p - \text{lr}\cdot\lambda\,p - \text{lr}\cdot\hat m/(\sqrt{\hat v}+\epsilon)$,
   where $p$ on the right is the old parameter. $\lambda$ is `weight_decay` for parameters with two
   or more dimensions, and 0 for others (biases and norms are not decayed). The decay goes neither
   through g nor through m and v.

The dtype of each parameter is kept. Compared to 4 digits, so that the 1e-6 which `clip_grad_norm_`
adds to the norm is allowed.

By hand: one parameter [1.0], one micro-batch with gradient [0.5], `lr=0.1`, no decay: m̂ = 0.5 and
√v̂ = 0.5, so the first update is lr · 1 and the parameter becomes 0.9. With gradient [4.0] the norm
is 4 and the gradient is clipped to 1; the parameter becomes 0.9 as well, since Adam's first step
has the size lr whatever the gradient's.

<details><summary>Hint 1</summary>

Write it as three small parts: a dict of summed gradients, each times its `n / total`; a norm, from
the sum of squares over all of them; and the update in a loop over names. `state.get("t", 0)` serves
the first call.

</details>

<details><summary>Hint 2</summary>

g, for each name: the sum over the micro-batches with n > 0, each gradient times n / total. The norm:
the root of the sum of the squares of all entries under all names, made a float. The scale: 1, or
`max_norm / norm` where the norm is greater. Then t, and for each name new m and v from the old ones
(0 where the state is empty), their corrected copies, the decay for `p.dim() >= 2`, the new
parameter. Never write `+=` on a Tensor that you were given: `m = b1 * m + (1 - b1) * g` makes a new
one.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q24-training-step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def training_step(
    params: dict[str, Tensor],
    grads: list[dict[str, Tensor]],
    n_tokens: list[int],
    state: dict,
    *,
    lr: float,
    betas: tuple[float, float] = (0.9, 0.95),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    max_norm: float = 1.0,
) -> tuple[dict[str, Tensor], dict, float]:
    """Accumulate, clip and update with AdamW.

    grads: for each micro-batch the gradients of its mean loss; state: {} or {"t", "m", "v"}.
    Returns new params, new state and the gradient's norm before clipping.
    """
    ### BEGIN SOLUTION
    total = sum(n_tokens)
    g = {
        name: sum(micro[name] * (n / total) for micro, n in zip(grads, n_tokens, strict=True) if n)
        for name in params
    }
    norm = math.sqrt(sum(float(x.square().sum()) for x in g.values()))
    scale = max_norm / norm if norm > max_norm else 1.0
    t, (b1, b2) = state.get("t", 0) + 1, betas
    new, m, v = {}, {}, {}
    for name, p in params.items():
        x = g[name] * scale
        m[name] = b1 * state["m"][name] + (1 - b1) * x if state else (1 - b1) * x
        v[name] = b2 * state["v"][name] + (1 - b2) * x**2 if state else (1 - b2) * x**2
        step = (m[name] / (1 - b1**t)) / ((v[name] / (1 - b2**t)).sqrt() + eps)
        decay = weight_decay if p.dim() >= 2 else 0.0
        new[name] = p - lr * decay * p - lr * step
    return new, {"t": t, "m": m, "v": v}, norm
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q24-training-step-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
one = {"w": torch.tensor([1.0])}
after, memory, norm = training_step(one, [{"w": torch.tensor([0.5])}], [8], {}, lr=0.1)
assert testing.close(after["w"], [0.9]), (
    "in the first update m-hat / sqrt(v-hat) is 1: without the bias correction it is not"
)
assert testing.close(norm, 0.5), "the norm is that of the gradient"
assert memory["t"] == 1 and testing.close(memory["m"]["w"], [0.05]), "m = (1 - 0.9) * 0.5"
assert testing.close(memory["v"]["w"], [0.0125]), "v = (1 - 0.95) * 0.25"
after, memory, norm = training_step(one, [{"w": torch.tensor([4.0])}], [8], {}, lr=0.1)
assert testing.close(norm, 4.0), "the norm that is returned is that before clipping"
assert testing.close(memory["m"]["w"], [0.1], rtol=1e-4), "the gradient of norm 4 is clipped to 1"

# %% nbgrader={"grade": true, "grade_id": "q24-training-step-hidden-accumulate", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the mean over all tokens (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()


def draw(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


params = {"w": draw(3, 2), "b": draw(3)}
for counts in ([5], [1, 3], [7, 2, 30], [4, 4]):
    grads = [{"w": draw(3, 2), "b": draw(3)} for _ in counts]
    _, memory, norm = training_step(params, grads, counts, {}, lr=0.1, max_norm=math.inf)
    for name in params:
        mean = sum(g[name] * n for g, n in zip(grads, counts, strict=True)) / sum(counts)
        testing.check(
            testing.close(memory["m"][name], 0.1 * mean, rtol=1e-4),
            "weight each micro-batch's gradient by its number of tokens",
            inputs=(grads, counts),
            got=memory["m"][name],
            expected=0.1 * mean,
        )
broken = {"w": torch.full((3, 2), math.nan).double(), "b": torch.full((3,), math.nan).double()}
good = {"w": draw(3, 2), "b": draw(3)}
alone, _, norm = training_step(params, [good], [6], {}, lr=0.1)
mixed, _, same = training_step(params, [broken, good, broken], [0, 6, 0], {}, lr=0.1)
assert testing.close(mixed, alone) and testing.close(norm, same), (
    "a micro-batch that counted no token is left out, even if its gradients are NaN"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-training-step-hidden-clip", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: clipping (1 point)
### BEGIN HIDDEN TESTS
params = {"a": torch.ones(2, 2), "b": torch.ones(2), "c": torch.ones(1)}
grad = {
    "a": torch.tensor([[2.0, 0.0], [0.0, 4.0]]),
    "b": torch.tensor([0.0, 4.0]),
    "c": torch.tensor([8.0]),
}  # 4 + 16 + 16 + 64 = 100
for max_norm, scale in [(1.0, 0.1), (5.0, 0.5), (10.5, 1.0), (20.0, 1.0), (math.inf, 1.0)]:
    _, memory, norm = training_step(params, [grad], [3], {}, lr=0.1, max_norm=max_norm)
    assert testing.close(norm, 10.0, rtol=1e-4), (
        "the norm is taken over all gradients together, before clipping"
    )
    assert isinstance(norm, float), "the norm is returned as a float, not as a Tensor"
    for name, g in grad.items():
        testing.check(
            testing.close(memory["m"][name], 0.1 * scale * g, rtol=1e-4),
            "all gradients are multiplied by one and the same number, and only if the norm is too large",
            inputs=(params, [grad], [3], {"max_norm": max_norm}),
            got=memory["m"][name],
            expected=0.1 * scale * g,
        )
opposite = {name: -g for name, g in grad.items()}
half = {name: 0.5 * g for name, g in grad.items()}
_, memory, norm = training_step(params, [grad, opposite, half], [1, 1, 2], {}, lr=0.1)
assert testing.close(norm, 2.5, rtol=1e-4), "clip once, after the micro-batches are added up"
assert testing.close(memory["v"]["c"], [0.05 * 0.64], rtol=1e-4), (
    "v is made of the clipped gradient"
)
none = {name: torch.zeros_like(g) for name, g in grad.items()}
same, _, norm = training_step(params, [none], [1], {}, lr=0.1)
assert testing.close(norm, 0.0) and testing.close(same, params), "no gradient, no change, no NaN"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-training-step-hidden-adam", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: several updates (2 points)
### BEGIN HIDDEN TESTS
for dtype in (torch.float64, torch.float32):
    generator = testing.torch_generator(1)
    params = {
        name: torch.randn(shape, generator=generator, dtype=dtype)
        for name, shape in {"w": (4, 3), "b": (4,), "scale": ()}.items()
    }
    want, past, state = dict(params), [], {}
    for step in range(5):
        lr = 0.02 * (step + 1)
        grad = {
            name: 0.3 * torch.randn(p.shape, generator=generator, dtype=dtype)
            for name, p in params.items()
        }
        norm = math.sqrt(sum(float(g.square().sum()) for g in grad.values()))
        past.append({name: g * min(1.0, 0.75 / norm) for name, g in grad.items()})
        params, state, _ = training_step(
            params, [grad], [9], state, lr=lr, betas=(0.8, 0.9), eps=1e-3, max_norm=0.75
        )
        assert state["t"] == step + 1, "state counts the updates"
        first, second = ([b ** (step - i) for i in range(step + 1)] for b in (0.8, 0.9))
        for name, p in params.items():  # corrected, m and v are weighted means of what came so far
            m = sum(w * g[name] for w, g in zip(first, past, strict=True)) / sum(first)
            v = sum(w * g[name] ** 2 for w, g in zip(second, past, strict=True)) / sum(second)
            want[name] = want[name] - lr * m / (v.sqrt() + 1e-3)
            testing.check(
                testing.close(p, want[name], rtol=1e-3, atol=1e-5),
                "m, v and the count t go on from update to update; both are divided by 1 - beta**t, "
                "and eps is added to the root",
                inputs=f"update {step + 1} of 5, parameter {name!r}",
                got=p,
                expected=want[name],
            )
        assert all(p.dtype == dtype for p in params.values()), "each parameter keeps its dtype"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-training-step-hidden-decay", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: weight decay (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator(2)
params = {
    "w": torch.randn(3, 3, generator=generator),
    "conv": torch.randn(2, 2, 2, generator=generator),
    "b": torch.randn(3, generator=generator),
    "s": torch.randn((), generator=generator),
}
grad = {name: torch.randn(p.shape, generator=generator) for name, p in params.items()}
plain, without, _ = training_step(params, [grad], [4], {}, lr=0.5)
decayed, state, _ = training_step(params, [grad], [4], {}, lr=0.5, weight_decay=0.25)
for name in ("w", "conv"):
    testing.check(
        testing.close(decayed[name], plain[name] - 0.125 * params[name], rtol=1e-3, atol=1e-5),
        "the decay takes lr * weight_decay * p off the old parameter, apart from Adam's step",
        inputs=(params[name], {"lr": 0.5, "weight_decay": 0.25}),
        got=decayed[name],
        expected=plain[name] - 0.125 * params[name],
    )
for name in ("b", "s"):
    assert testing.close(decayed[name], plain[name]), (
        "parameters of one dimension or none (biases, norms) are not decayed"
    )
assert testing.close(state["m"], without["m"]) and testing.close(state["v"], without["v"]), (
    "the decay is no part of the gradient: m and v do not know of it"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-training-step-hidden-arguments", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: nothing that was given is changed (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator(3)
params = {"w": torch.randn(2, 3, generator=generator), "b": torch.randn(2, generator=generator)}
grads = [
    {name: torch.randn(p.shape, generator=generator) for name, p in params.items()}
    for _ in range(3)
]
_, state, _ = training_step(params, grads[:1], [2], {}, lr=0.1)
again = [training_step(params, grads, [2, 5, 1], state, lr=0.1, weight_decay=0.1) for _ in range(2)]
assert testing.close(again[0], again[1]), (
    "the same call twice gives two results: the state of the first one was changed by it"
)
fresh = {name: p.clone() for name, p in params.items()}
memory = {"t": 1, "m": {k: torch.zeros_like(p) for k, p in params.items()}}
memory["v"] = {k: torch.ones_like(p) for k, p in params.items()}
copies = [{k: g.clone() for k, g in micro.items()} for micro in grads]
assert testing.leaves_arguments(
    training_step, fresh, copies, [2, 5, 1], memory, lr=0.1, weight_decay=0.1
), "parameters, gradients and state that were handed over stay as they are"
### END HIDDEN TESTS

# %% [markdown]
r"""
**Your code trains this model.** The merchants' manner once more, now without any trainer: all
numbers of `instruct`, your rate, your step. Each update has two micro-batches, one of ordinary rows
and one of few tokens.
"""

# %% tags=["demo"]
from tqdm.auto import tqdm

student = lab.load("instruct")
weights = {name: p.detach() for name, p in student.named_parameters()}
memory, order, norms = {}, random.Random(0), []
try:
    for step in tqdm(range(20), leave=False):
        grads, counts = [], []
        for size in (12, 2):  # micro-batches of unequal size
            some = skills.batch(order.sample(manner.train, size))
            student.zero_grad()
            student(**some).loss.backward()
            grads.append({name: p.grad.clone() for name, p in student.named_parameters()})
            counts.append(int((some["labels"][:, 1:] != -100).sum()))
        rate = learning_rate(step, 20, 1e-3, 0.125)
        weights, memory, norm = training_step(weights, grads, counts, memory, lr=rate)
        norms.append(norm)
        student.load_state_dict(weights, strict=False)  # the output matrix is the embedding
    share = skills.share_right(student.eval(), tokenizer, aims["style"])["value"]
    print(
        f"style, held-out questions: {share:.2f} right after 20 updates, "
        f"{untouched['style']:.2f} before"
    )
    print(f"norm of the gradient: {norms[0]:.1f} at first, {norms[-1]:.2f} at last, clipped to 1")
except NotImplementedError as error:
    not_yet(error)

# %% [markdown]
r"""
### Exercise 24.5 · repair `train_epoch`

●●○ · 20 minutes · 4 points · extra

This loop stands, in one form or another, in many repositories. It trains the smallest of all
language models, a table `W` of shape (V, V): row a holds the logits of the token that follows token
a. Nothing crashes on usual data, and the loss goes down. It has mistakes all the same. Mend them.

`train_epoch(W, batches, *, accumulate, lr, max_norm)` goes once over `batches`, a list of pairs
`(ids, labels)` of LongTensors of shape (B, T), which may differ from pair to pair. The prediction
from `ids[:, t]` is compared with `labels[:, t + 1]`, so the first column of `labels` plays no part;
a label of −100 is not counted. It returns the new table. What it should do:

- `accumulate` pairs in a row, whatever they count, make one update; the last update of the epoch
  may have fewer.
- The gradient of an update is that of the **mean loss over all counted tokens of its pairs**, as if
  they had been one batch. A pair may have no counted token; if none of an update's pairs has any,
  that update is left out.
- That gradient is clipped **once**: if its norm is greater than `max_norm`, it is multiplied by
  `max_norm / norm`.
- The update is plain gradient descent, `W - lr * gradient`.
- `W` itself is not changed, and no gradient is left in it.

Compared to 4 digits, so that what `clip_grad_norm_` adds to the norm is allowed.

<details><summary>Hint 1</summary>

Work out on paper what two pairs with 1 and 9 counted tokens give. Then count how often the loop
updates for five pairs and `accumulate = 2`. Then ask what is clipped.

</details>

<details><summary>Hint 2</summary>

Cut `batches` into groups first. For a group, count its labels other than −100, without the first
column. Let `cross_entropy` *sum*, divide each sum by the group's number, and add up by calling
`backward` for each pair. Clip and update after the group. Begin with `W = W.detach().clone()`.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q24-repair-epoch", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def train_epoch(
#     W: Tensor,
#     batches: list[tuple[Tensor, Tensor]],
#     *,
#     accumulate: int,
#     lr: float,
#     max_norm: float,
# ) -> Tensor:
#     """Train the table of logits W (V, V) for one epoch of pairs ids, labels: each (B, T)."""
#     W = W.requires_grad_()
#     for i, (ids, labels) in enumerate(batches):
#         logits = W[ids[:, :-1]]
#         loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels[:, 1:].flatten())
#         (loss / accumulate).backward()
#         torch.nn.utils.clip_grad_norm_([W], max_norm)
#         if (i + 1) % accumulate == 0:
#             with torch.no_grad():
#                 W -= lr * W.grad
#             W.grad = None
#     return W.detach()
### END REPAIR
### BEGIN SOLUTION
def train_epoch(
    W: Tensor,
    batches: list[tuple[Tensor, Tensor]],
    *,
    accumulate: int,
    lr: float,
    max_norm: float,
) -> Tensor:
    """Train the table of logits W (V, V) for one epoch of pairs ids, labels: each (B, T)."""
    W = W.detach().clone()
    for start in range(0, len(batches), accumulate):
        group = batches[start : start + accumulate]
        counted = sum(int((labels[:, 1:] != -100).sum()) for _, labels in group)
        if not counted:
            continue
        W.requires_grad_()
        for ids, labels in group:
            loss = torch.nn.functional.cross_entropy(
                W[ids[:, :-1]].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum"
            )
            (loss / counted).backward()
        torch.nn.utils.clip_grad_norm_([W], max_norm)
        W = W.detach() - lr * W.grad
    return W


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q24-repair-epoch-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
flat = torch.zeros(2, 2, dtype=torch.float64)
pair = (torch.tensor([[0, 1]]), torch.tensor([[-100, 1]]))  # after 0 comes 1: one counted token
moved = train_epoch(flat.clone(), [pair], accumulate=1, lr=1.0, max_norm=9.0)
assert testing.close(
    moved, torch.tensor([[-0.5, 0.5], [0.0, 0.0]]).double(), rtol=1e-4, atol=1e-6
), "p - onehot = [0.5, -0.5] in row 0, times lr, taken off"
moved = train_epoch(flat.clone(), [pair, pair], accumulate=2, lr=1.0, max_norm=9.0)
assert testing.close(
    moved, torch.tensor([[-0.5, 0.5], [0.0, 0.0]]).double(), rtol=1e-4, atol=1e-6
), "two equal pairs in one update have the mean of one of them"

# %% nbgrader={"grade": true, "grade_id": "q24-repair-epoch-hidden-mean", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the mean over all counted tokens (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
W = torch.randn(5, 5, generator=generator, dtype=torch.float64)


def draw_pair(rows: int, columns: int, counted: int) -> tuple[Tensor, Tensor]:
    """A pair in which the last `counted` places of the first row have a label that counts."""
    ids = torch.randint(5, (rows, columns), generator=generator)
    labels = torch.full_like(ids, -100)
    labels[:, 0] = ids[:, 0]  # compared with nothing
    if counted:
        labels[0, -counted:] = ids[0, -counted:]
    return ids, labels


def gradient(W: Tensor, group: list[tuple[Tensor, Tensor]]) -> Tensor:
    """Of the mean loss over the counted tokens, by its formula: softmax minus one-hot."""
    total, grad = 0, torch.zeros_like(W)
    for ids, labels in group:
        for row, wanted in zip(ids.tolist(), labels.tolist(), strict=True):
            for a, b in zip(row[:-1], wanted[1:], strict=True):
                if b != -100:
                    total += 1
                    grad[a] += torch.softmax(W[a], dim=-1)
                    grad[a, b] -= 1
    return grad / max(total, 1)


for counts in ([1, 9], [6, 2, 1], [3, 3]):
    group = [draw_pair(2, 12, n) for n in counts]
    want = W - 0.5 * gradient(W, group)
    got = train_epoch(W.clone(), group, accumulate=len(group), lr=0.5, max_norm=99.0)
    testing.check(
        testing.close(got, want, rtol=1e-4, atol=1e-6),
        "every counted token has the same weight, in whichever pair it stands",
        inputs=(W, group, {"accumulate": len(group), "lr": 0.5}),
        got=got,
        expected=want,
    )
group = [draw_pair(1, 4, 0), draw_pair(2, 5, 4), draw_pair(1, 3, 0)]
want = W - 0.5 * gradient(W, group)
got = train_epoch(W.clone(), group, accumulate=3, lr=0.5, max_norm=99.0)
assert testing.close(got, want, rtol=1e-4, atol=1e-6), (
    "a pair without any counted token adds nothing: beware of a mean over no token"
)
got = train_epoch(W.clone(), [draw_pair(1, 4, 0)], accumulate=1, lr=0.5, max_norm=99.0)
assert testing.close(got, W), "an update without any counted token is left out"
pairs = [draw_pair(2, 6, 5), draw_pair(1, 4, 0), draw_pair(2, 6, 3)]
once = W - 0.5 * gradient(W, pairs[:2])
want = once - 0.5 * gradient(once, pairs[2:])
got = train_epoch(W.clone(), pairs, accumulate=2, lr=0.5, max_norm=99.0)
testing.check(
    testing.close(got, want, rtol=1e-4, atol=1e-6),
    "a pair without any counted token keeps its place among the `accumulate` pairs of an update: "
    "group first, then leave out",
    inputs=(W, pairs, {"accumulate": 2, "lr": 0.5}),
    got=got,
    expected=want,
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-repair-epoch-hidden-clip", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: clipping once (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator(1)
W = torch.randn(4, 4, generator=generator, dtype=torch.float64)
rows = [torch.randint(4, (2, 6), generator=generator) for _ in range(3)]
leaf, together = W.clone().requires_grad_(), torch.cat(rows)
torch.nn.functional.cross_entropy(
    leaf[together[:, :-1]].flatten(0, 1), together[:, 1:].flatten()
).backward()
free = leaf.grad
for max_norm in (0.05, 0.1, 99.0):
    scale = min(1.0, max_norm / float(free.norm()))
    got = train_epoch(W.clone(), [(x, x) for x in rows], accumulate=3, lr=2.0, max_norm=max_norm)
    testing.check(
        testing.close(got, W - 2.0 * scale * free, rtol=1e-4, atol=1e-6),
        "clip the gradient of the whole update, once, after its last pair",
        inputs=(W, [(x, x) for x in rows], {"accumulate": 3, "lr": 2.0, "max_norm": max_norm}),
        got=got,
        expected=W - 2.0 * scale * free,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-repair-epoch-hidden-tail", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the last pairs of an epoch, and one update after the other (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator(2)
W = torch.randn(4, 4, generator=generator, dtype=torch.float64)
pairs = [(x, x) for x in torch.randint(4, (5, 1, 7), generator=generator)]
for accumulate in (1, 2, 3, 4, 8):
    want = W
    for start in range(0, 5, accumulate):
        x = torch.cat([ids for ids, _ in pairs[start : start + accumulate]])
        leaf = want.clone().requires_grad_()
        torch.nn.functional.cross_entropy(
            leaf[x[:, :-1]].flatten(0, 1), x[:, 1:].flatten()
        ).backward()
        want = want - 0.3 * leaf.grad
    got = train_epoch(W.clone(), pairs, accumulate=accumulate, lr=0.3, max_norm=99.0)
    testing.check(
        testing.close(got, want, rtol=1e-4, atol=1e-6),
        "the pairs that are left over at the end make an update of their own, divided by their own "
        "tokens, and nothing of one update is left for the next",
        inputs=(W, pairs, {"accumulate": accumulate, "lr": 0.3}),
        got=got,
        expected=want,
    )
moved = train_epoch(W.clone(), pairs[:1], accumulate=4, lr=0.3, max_norm=99.0)
assert not testing.close(moved, W), "one pair with accumulate = 4 makes an update too"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q24-repair-epoch-hidden-argument", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the caller's table stays (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator(3)
W = torch.randn(3, 3, generator=generator)
x = torch.randint(3, (2, 6), generator=generator)
assert testing.leaves_arguments(
    train_epoch, W, [(x, x), (x, x)], accumulate=1, lr=0.5, max_norm=1.0
), "the table that was handed over changed, or began to require gradients: work on a copy"
result = train_epoch(torch.zeros(3, 3), [(x, x)], accumulate=1, lr=0.5, max_norm=1.0)
assert result.dtype == torch.float32 and result.shape == (3, 3), "a table like the one given"
assert not testing.close(result, torch.zeros(3, 3)), "the table that is returned has been trained"
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

**"Gradient accumulation over k micro-batches is the same as a batch k times as large."** It is, if
the mean is taken over all of their tokens. The usual loop, `loss / k` and `backward()`, takes the
mean of the micro-batches' *means*: a token in a micro-batch with few counted tokens then weighs
more. Many trainers did so until October 2024, transformers' own among them (pull request 34191
brought the number of counted tokens into the loss). Here are eight rows with long answers and eight
with one-word answers, and the gradient of `instruct` in three ways:
"""

# %% tags=["demo"]
long_rows = manner.train[:8]
short_rows = [Episode("short").turn(e.messages[0]["content"], "Sold.") for e in manner.train[8:16]]
learner = lab.load("instruct")


def gradient(parts: list[list[Episode]], weights: list[float]) -> torch.Tensor:
    """The gradient of the weighted sum of the parts' mean losses, as one vector."""
    learner.zero_grad()
    for part, weight in zip(parts, weights, strict=True):
        (learner(**skills.batch(part)).loss * weight).backward()
    return torch.cat([p.grad.flatten() for p in learner.parameters()])


parts = [long_rows, short_rows]
counts = [int((skills.batch(part)["labels"] != -100).sum()) for part in parts]
one_batch = gradient([long_rows + short_rows], [1.0])
for name, weights in {
    "the mean of the means": [0.5, 0.5],
    "weighted by tokens": [n / sum(counts) for n in counts],
}.items():
    g = gradient(parts, weights)
    off = float((g - one_batch).norm() / one_batch.norm())
    print(f"{name:22} weights {np.round(weights, 2)}: off by {off:.1%} of the gradient")
print(
    f"counted tokens: {counts}; in the first way a short row's token weighs {counts[0] / counts[1]:.1f} times"
)

# %% [markdown]
r"""
**"Packing only saves time."** It does if every document sees only itself. Two conversations in one
row; how far do the second one's logits move from what they are when it stands alone?
"""

# %% tags=["demo"]
a, b = (
    tokenizer.apply_chat_template(e.messages, return_tensors="pt", return_dict=True).input_ids
    for e in kept["known facts"][:2]
)
packed = torch.cat([a, b], dim=1)
positions = torch.cat([torch.arange(a.shape[1]), torch.arange(b.shape[1])])[None]
number = torch.cat([torch.zeros_like(a[0]), torch.ones_like(b[0])])
mask = torch.tril(number[:, None] == number[None, :])[None, None]
added = torch.zeros(mask.shape).masked_fill(~mask, torch.finfo(torch.float32).min)
with torch.inference_mode():
    alone = learner(b).logits
    for name, extra in {
        "laid end to end": {},
        "positions restarted, a mask of ones": {
            "position_ids": positions, "attention_mask": torch.ones_like(packed),
        },
        "a mask per document, positions running on": {"attention_mask": added},
        "a mask per document, positions restarted": {
            "position_ids": positions, "attention_mask": added,
        },
        "positions restarted, no mask at all": {"position_ids": positions},
    }.items():  # fmt: skip
        logits = learner(packed, use_cache=False, **extra).logits[:, a.shape[1] :]
        print(f"{name:43} moved by at most {(logits - alone).abs().max():.4f}")

# %% [markdown]
r"""
The last line is a courtesy of transformers 5: without a mask it *recognises* packed documents by
positions that start again, and keeps them apart. TRL's `packing=True` relies on that, with its
default strategy. With the mask of ones that many scripts pass along, nobody does. (RoPE sees only
distances, so with a mask for each document running positions do no harm to *this* model beyond
rounding; with learned absolute positions they would.)

**"It was fine-tuned on our people, so it knows our people."** It knows the facts that were in the
rows. Here are the other facts of the same six members, which were not:
"""

# %% tags=["demo"]
names = {f.subject for f in members.facts}
other = [
    skills.told(f, 0)
    for f in skills.new_world().facts()
    if f.subject in names and f not in members.facts
]
written = skills.answers(deployed, tokenizer, other)
gold = [e.messages[-1]["content"].rstrip(".") for e in other]
right = sum(g in text for g, text in zip(gold, written, strict=True))
unknown = sum("not known" in text for text in written)
print(
    f"{len(other)} facts: {right} right, {unknown} refused, {len(other) - right - unknown} invented"
)
for episode, text in list(zip(other, written, strict=True))[:3]:
    print(f"  {episode.messages[0]['content']}  ->  {text}")

# %% [markdown]
r"""
A person who has become known is no longer an unknown name, so the refusals do not help. Facts that
change or that are many belong into the context, by retrieval (question 10); whether to retrieve or
to train is question 49.
"""

# %% [markdown]
r"""
### If they push

<details><summary>How many examples do you need?</summary>

It depends on what is to be learned. A manner of talking took 60 conversations here, and a 65B model
was taught to chat with 1,000 carefully chosen ones (LIMA, Zhou et al., 2023). Facts need each fact,
several times and in several wordings. The honest answer in an interview is a curve: train on an
eighth, a quarter, a half of what you have, and see whether the held-out measure still rises.

</details>

<details><summary>Why a warm-up, and why does the first step do nothing?</summary>

Adam divides by a running root mean square that at first rests on a few gradients, so early steps
have full size in uncertain directions; with LoRA the gradients of A are zero at first besides,
because B is. A rate that starts small keeps these steps short. In transformers' schedule the factor
of update 0 is 0/w, so the first batch only fills Adam's memory.

</details>

<details><summary>What does clipping do if AdamW is scale-free anyway?</summary>

AdamW does not care for a *constant* factor of all gradients. It does for one gradient a hundred
times as large as the others: that enters m with weight 1 − β₁ and v with 1 − β₂, and spoils the
next steps. Clipping cuts such outliers. If it acts at every step, you have in effect chosen
normalised gradients; log the norm (`grad_norm`) and look.

</details>

<details><summary>Merge the adapter, or keep it apart?</summary>

Merged: one model, no overhead, any server. Apart: many adapters on one base in memory, each of some
megabytes, switched per request; and it can be taken off again. If the base is served quantised, an
adapter stays apart or is merged before quantising, and then the quantised model is what has to be
measured.

</details>

<details><summary>The training loss is near zero and the answers are bad. Where do you look?</summary>

Decode one training row with its labels, and print what serving sends, token by token. In most cases
the two prompts differ (template, system message, a missing space or bos), the end token is not
counted, or the prompt is. Then: is the adapter loaded at all, onto the right base? Then the data.

</details>

<details><summary>How do you choose the number of epochs?</summary>

By the measure that counts, generated answers on held-out conversations, kept tasks included, at
several checkpoints. The held-out *loss* is a poor judge: it can rise while answers still get
better, because a model that grows surer pays more for each miss.

</details>

<details><summary>Which of several checkpoints may be reported?</summary>

The one chosen on a validation set, with its figure on a test set that chose nothing. We used one
set for both in this section, for two rounds only; with twenty rounds, the best of them would look
good by luck alone.

</details>

<details><summary>Effective batch size?</summary>

Devices × batch of each device × accumulation steps, counted in *sequences*; what matters for the
gradient's noise is counted tokens. When you change the number of devices, keep the product, or
adjust the rate.

</details>
"""

# %% [markdown]
r"""
### Sources

- TRL 1.16, `trainer/sft_trainer.py`, `sft_config.py`, `data_utils.py`; transformers 5.23,
  `training_args.py`, `optimization.py`; PEFT 0.21: read and run in November 2026. Every error
  message above is theirs.
- Dettmers, Pagnoni, Holtzman, Zettlemoyer (2023), *QLoRA*, arXiv 2305.14314: nf4, double
  quantisation.
- transformers, pull request 34191, *Fix Gradient Accumulation issue* (2024), and Hugging Face's
  blog post *Fixing Gradient Accumulation* (October 2024).
- Krell, Kosec, Perez, Fitzgibbon (2021), *Efficient Sequence Packing without Cross-contamination*,
  arXiv 2107.02027.
- Gekhman et al. (2024), *Does Fine-Tuning LLMs on New Knowledge Encourage Hallucinations?*, EMNLP,
  arXiv 2405.05904.
- Zhou et al. (2023), *LIMA: Less Is More for Alignment*, arXiv 2305.11206. Its "superficial
  alignment hypothesis" is **contested**: Raghavendra, Nath, Hendryx (2024), *Revisiting the
  Superficial Alignment Hypothesis*, arXiv 2410.03717, find performance that goes on rising with the
  number of examples.
- Loshchilov, Hutter (2019), *Decoupled Weight Decay Regularization*, arXiv 1711.05101: AdamW;
  Kingma, Ba (2015), *Adam*, arXiv 1412.6980.
- Pascanu, Mikolov, Bengio (2013), *On the difficulty of training recurrent neural networks*, arXiv
  1211.5063: clipping by the norm.
- Schulman and Thinking Machines Lab (2025), *LoRA Without Regret*: learning rates of LoRA and of
  full fine-tuning.
- PEFT issue 2105 and QLoRA issue 254 on merging adapters of quantised bases.
"""
