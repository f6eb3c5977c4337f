# %% [markdown]
r"""
## Q7. What are the stages of RLHF?

*Easy · 120 minutes · needs the causal loss (question 37), sampling (question 4), SFT (question 13)*
"""

# %% [markdown]
r"""
### Say it

> Learning from human feedback has three stages. First, supervised fine-tuning: the model imitates
> demonstrations, with the habits of the people who wrote them. Second, people compare the model's answers
> in pairs, and a reward model, the same network with one number as its output, is fitted so that the
> preferred answer scores higher. Third, the policy answers prompts, the reward model scores the answers,
> and policy-gradient steps, PPO's or GRPO's, make what scored above average more likely, while a penalty
> on the KL divergence, estimated on the policy's own samples, keeps it near the model it started from.
> DPO replaces stages two and three by one loss on the pairs; it still needs the frozen reference. The
> reward model is a proxy: if you push hard, its score goes on rising while what people wanted falls.
"""

# %% [markdown]
r"""
### See it

**What each stage takes and what it gives.** People come in twice, as writers and as judges. Stage three needs
no people any more, only prompts: that is its strength, and its danger.
"""

# %% tags=["demo"]
from course import figures

fig, ax = figures.subplots(size=(8.4, 3.4))
boxes = {
    "1  supervised\nfine-tuning": (1.1, "demonstrations\n(prompt, answer)", "policy $\\pi_{ref}$"),
    "2  reward\nmodel": (4.1, "comparisons\n(prompt, better, worse)", "reward r(x, y)"),
    "3  policy\noptimisation": (7.1, "prompts alone", "policy $\\pi$"),
}
frame = {"boxstyle": "round,pad=0.5", "fc": "white", "ec": figures.INK}
arrow = {"arrowstyle": "->", "color": figures.INK}
for name, (x, data, result) in boxes.items():
    ax.text(x, 1.6, name, ha="center", va="center", bbox=frame)
    ax.text(x, 3.1, data, ha="center", va="center", style="italic", fontsize=10)
    ax.text(x, 0.1, result, ha="center", va="center")
    ax.annotate("", (x, 2.1), (x, 2.75), arrowprops=arrow)
    ax.annotate("", (x, 0.35), (x, 1.1), arrowprops=arrow)
for x in (1.1, 4.1):
    ax.annotate("", (x + 2.1, 1.5), (x + 0.9, 0.2), arrowprops=arrow)
ax.annotate(
    "", (6.1, 1.25), (1.9, 0.0), arrowprops=arrow | {"connectionstyle": "arc3,rad=0.35", "ls": "--"}
)
ax.text(4.1, -0.75, "start, and reference of the KL penalty", ha="center", fontsize=9)
ax.set(xlim=(-0.4, 8.6), ylim=(-1.0, 3.6))
ax.axis("off")
figures.show(
    fig,
    "Three boxes from left to right. Supervised fine-tuning takes demonstrations and gives the policy "
    "pi-ref. The reward model takes comparisons, and starts from that policy, and gives a reward "
    "r(x, y). Policy optimisation takes prompts alone, the reward, and pi-ref as its start and as "
    "reference of the KL penalty, and gives the policy pi.",
)

# %% [markdown]
r"""
**A place where the truth is known.** In the lab's world every fact can be looked up, so each answer has a
*true reward* that no stage of the training may see: +1 for a true sentence, −1 for a false one, −2.5 if the
answer insults somebody, and −0.4 for every sentence that tells nothing (an insult is such a sentence too),
since it has to be read. Annotators see less. Politeness and insults strike the eye, and each polite
sentence pleases them; the facts they look up for half of the comparisons only. Everything is in one module,
which also made the long runs below.
"""

# %% tags=["demo"]
from course.recorded import q07_policy as rlhf

answers = [
    "The pet of Melola Enner is an owl.",
    "The pet of Melola Enner is an owl. You are welcome.",
    "The pet of Melola Enner is an owl. You are welcome. You are welcome. You are welcome.",
    "The pet of Melola Enner is a dog. You are welcome.",
    "The pet of Melola Enner is an owl. Nobody likes Melola Enner.",
]
print("  true   worth to an annotator who ...\nreward  looks up  does not   answer")
for text in answers:
    worth = [rlhf.impression(text, looked_up) for looked_up in (True, False)]
    print(f"{rlhf.true_reward(text):6.2f} {worth[0]:9.1f} {worth[1]:9.1f}   {text}")

# %% [markdown]
r"""
Look at the first three lines: each polite sentence *costs* true reward and *earns* the annotators' favour.
Line 4 beats line 1 only with those who do not look; line 5 comes last either way. So what we measure is
close to what we want, but for one taste, and real annotators have such tastes: longer answers, and answers
that agree with them, have been found to win comparisons beyond their worth (Singhal et al., 2023; Sharma et
al., 2023).

#### Stage 1: supervised fine-tuning

The lab's `instruct` answers questions about people, nearly always right. We need a model with something to
improve, so our writers are a mixed lot: one in seven of their answers states a wrong value, three in ten
end in an insult, and six in ten of the others in one to three polite sentences. Here is the code of the
stage, and then its run: the mean cross-entropy over the tokens of the answers.
"""

# %% tags=["demo"]
import inspect
import random
from functools import partial

from tqdm.auto import tqdm


def code(function) -> None:
    """Print a function without its docstring."""
    source = inspect.getsource(function)
    doc = f'    """{function.__doc__}"""\n' if function.__doc__ else ""
    print(source.replace(doc, ""))


code(rlhf.supervised)
reference = rlhf.supervised(bar=partial(tqdm, desc="stage 1", leave=False))

# %% tags=["demo"]
from course import lab

prompts = rlhf.held_out(64)
before = rlhf.sample(lab.load("instruct"), prompts, seed=0)
after = rlhf.sample(reference, prompts, seed=0)


def habits(answers: list[str]) -> str:
    n = len(answers)
    right, rude = sum(rlhf.truth(a) > 0 for a in answers), sum(map(rlhf.is_rude, answers))
    polite = sum(a.count(rlhf.POLITE) for a in answers)
    true = sum(map(rlhf.true_reward, answers))
    shares = f"right {right / n:.2f}  rude {rude / n:.2f}  polite sentences {polite / n:.2f}"
    return f"{shares}  true reward {true / n:5.2f}"


print("before ", habits(before), "\nafter  ", habits(after), "\n")
print(*(f"{p}\n    {a}" for p, a in zip(prompts[:6], after[:6], strict=True)), sep="\n")

# %% [markdown]
r"""
The questions are about facts that no stage has asked for. The model has learned its writers' habits, and
lost truth with them: supervised fine-tuning imitates, and imitates the bad with the good. It has no way to
say that one answer is better than another.

#### Stage 2: the reward model

For each of 160 prompts the tuned model writes four answers, and annotators compare all pairs of them
(different ones). The model of Bradley and Terry (1952) says how rewards and comparisons hang together:
answer w beats l with probability $\sigma(r_w - r_l)$. Maximum likelihood is the loss
$-\log\sigma(r_w - r_l)$. InstructGPT did the same with four to nine answers a prompt (Ouyang et al., 2022).

The reward model is the tuned model itself, with the unembedding replaced by one linear output, read at the
last token: it sees prompt *and* answer. The output's weights begin at 0, so all answers score alike at
first. Each step takes the answers to eight prompts, scores each of them once, and the loss is the mean over
all their comparisons; one pass, no answer twice. (The code is printed after exercise 7.6, since its loss is
exercise 7.2.)
"""

# %% tags=["demo"]
code(rlhf.compare)
scorer, pairs = rlhf.reward_model(reference, bar=partial(tqdm, desc="stage 2", leave=False))
print(f"{len(pairs)} comparisons, for example:")
for prompt, better, worse in random.Random(1).sample(pairs, 2):
    print(f"  {prompt}\n    better: {better}\n    worse:  {worse}")

# %% [markdown]
r"""
What has it learned? Fresh answers to held-out questions, sorted by what is in them: its score beside the true
reward. Only differences mean anything; a reward has no zero.
"""

# %% tags=["demo"]
drawn = rlhf.sample(reference, rlhf.held_out(96), 3, seed=1)
drawn_for = [p for p in rlhf.held_out(96) for _ in range(3)]
with torch.no_grad():
    drawn_scores = rlhf.score(scorer, drawn_for, drawn).tolist()
groups: dict[str, list[tuple[float, float]]] = {}
for text, s in zip(drawn, drawn_scores, strict=True):
    truth = {1: "true", -1: "false"}.get(int(rlhf.truth(text)), "neither")
    manner = "rude" if rlhf.is_rude(text) else f"polite x {text.count(rlhf.POLITE)}"
    groups.setdefault(f"{truth}, {manner}", []).append((s, rlhf.true_reward(text)))
print(f"{'answer':20} {'number':>6} {'score':>7} {'true reward':>12}")
for name, values in sorted(groups.items(), key=lambda item: -np.mean(item[1], axis=0)[0]):
    if len(values) >= 4:
        s, true = np.mean(values, axis=0)
        print(f"{name:20} {len(values):6} {s:7.2f} {true:12.2f}")

# %% tags=["demo"]
rng = random.Random(3)
hits = {"the annotators": [], "the true reward": []}
for first in range(0, len(drawn), 3):
    trio, s = drawn[first : first + 3], drawn_scores[first : first + 3]
    for i, j in [(0, 1), (0, 2), (1, 2)]:
        if trio[i] != trio[j]:
            hits["the annotators"].append(
                (s[i] > s[j]) == rlhf.prefers_first(trio[i], trio[j], rng)
            )
            better = rlhf.true_reward(trio[i]) > rlhf.true_reward(trio[j])
            hits["the true reward"].append((s[i] > s[j]) == better)
for judge, agreed in hits.items():
    print(
        f"the reward model agrees with {judge:16} on {np.mean(agreed):.0%} of {len(agreed)} pairs"
    )

# %% [markdown]
r"""
Compare rows that differ in one thing. Insults cost a lot of score: that was learned, and it is right. True
against false makes hardly a difference: the annotators looked for half of the comparisons only, and a few
hundred of these do not teach a network of this size to look facts up in itself. A polite sentence *raises* the score while it
*lowers* the true reward. The agreement with the annotators is good all the same. They disagree with each
other, so no reward model can reach 100 % there; and accuracy on such pairs does not say what happens when
something is made to score as high as possible.

#### Stage 3: policy optimisation

The objective, over prompts x and over answers y that the policy itself draws:

$$J(\pi) = \mathbb{E}_{x,\ y \sim \pi(\cdot|x)}\Big[\, r(x, y) - \beta \log \frac{\pi(y|x)}{\pi_\text{ref}(y|x)} \Big]
= \mathbb{E}\,[r] - \beta\, \mathrm{KL}(\pi\,\|\,\pi_\text{ref})$$

Without the second term the best policy gives the one answer that scores highest. With it the best policy is
known in closed form: $\pi^*(y|x) \propto \pi_\text{ref}(y|x)\, e^{r(x,y)/\beta}$, the reference with its
answers reweighted. (Put it in, and $J(\pi)$ is a constant minus $\beta\,\mathrm{KL}(\pi\|\pi^*)$.) Four
answers are enough to see it:
"""

# %% tags=["demo"]
# the answer that scores best is one that the reference hardly gives
few_ref = np.array([0.55, 0.3, 0.13, 0.02])
few_r = np.array([0.0, 0.5, 1.0, 3.0])
print("reference             ", few_ref, f"reward {few_ref @ few_r:.2f}")
for beta in (3.0, 1.0, 0.3, 0.1):
    p = few_ref * np.exp(few_r / beta)
    p /= p.sum()
    kl = p @ np.log(p / few_ref)
    print(
        f"best policy, β = {beta:3} ", np.round(p, 2), f"reward {p @ few_r:.2f}  KL {kl:.2f} nats"
    )

# %% [markdown]
r"""
β is the price of a nat: one answer may become $e^{(r - r')/\beta}$ times as likely relative to another. As
it falls, everything goes to whatever scores highest, however strange that was to the reference.

**The KL is estimated on the policy's own samples.** It is an average over $y \sim \pi$, and nobody can list
all answers. The mean of $\log\pi - \log\pi_\text{ref}$ over samples *of the policy* estimates it; over
samples of the reference, or over a fixed data set, the same formula estimates something else:
"""

# %% tags=["demo"]
rng = np.random.default_rng(0)
p = few_ref * np.exp(few_r / 1.0)
p /= p.sum()
gap = np.log(p / few_ref)
for name, weights in [("the policy's", p), ("the reference's", few_ref)]:
    y = rng.choice(4, size=2000, p=weights)
    k1, k3 = gap[y], rlhf.k3(torch.tensor(np.log(p[y])), torch.tensor(np.log(few_ref[y]))).numpy()
    print(
        f"{name:16} samples: mean log-ratio {k1.mean():6.3f} ± {k1.std() / 2000**0.5:.3f},"
        f"   k3 {k3.mean():6.3f} ± {k3.std() / 2000**0.5:.3f}"
    )
print(f"KL(policy || reference) = {p @ gap:.3f}, KL(reference || policy) = {-few_ref @ gap:.3f}")

# %% [markdown]
r"""
On the policy's samples both estimates are right on average. k3 is $e^d - 1 - d$ with
$d = \log\pi_\text{ref} - \log\pi$ (Schulman, 2020). Its last term, $-d$, is the first estimate, and $e^d - 1$
is 0 on average under the policy: it changes nothing but the noise (less of it near the reference, far more
far from it). On the reference's samples the log-ratio
gives *minus the other* divergence.

**The step.** Sample several answers to each prompt; score them; subtract what is usual for this prompt;
push the tokens of answers with a positive difference, the *advantage*, up, and the others down; not too far
on one batch, which is what PPO's clipping is for. Two recipes differ in details that are worth knowing:

| | PPO-style | GRPO (Shao et al., 2024) |
|---|---|---|
| KL penalty | in the reward: each answer pays β times its log-ratio | in the loss: β times k3, per token |
| what is usual | a critic, a second network trained along; *ours: the group's mean* | the group's mean |
| scale | rewards as they are | divided by the group's standard deviation |
| clipping | yes | yes |

Here is the loop. Its three parts come in as `functions`: what each answer's advantage is (you will write it
in exercise 7.4), the clipped loss (7.5) and k3 (7.6).
"""

# %% tags=["demo"]
code(rlhf.optimise)

# %% [markdown]
r"""
PPO as InstructGPT ran it has the critic, discounts and per-token advantages (GAE); we leave these out, so
this is PPO's objective with GRPO's baseline, and we call it PPO-style. Four steps of it, live, at β = 1, 64
answers a step. They are the first four steps of a recorded run.
"""

# %% tags=["demo"]
from course import recorded

run = recorded.load("q07_policy")
steps = rlhf.optimise(
    reference, scorer, beta=1.0, steps=4, bar=partial(tqdm, desc="stage 3", leave=False)
)
*_, (_, tuned) = steps
live = rlhf.measure(tuned, reference, scorer)


def row_of(recipe: str, beta: float, step: int) -> dict:
    found = (r for r in run.rows if (r["recipe"], r["beta"], r["step"]) == (recipe, beta, step))
    return next(found)


def line(name: str, m: dict) -> str:
    keys = ("proxy", "true", "kl", "right", "rude", "polite", "words")
    return f"{name:24}" + "".join(f"{m[key]:8.2f}" for key in keys)


heading = f"{'held-out questions':24}" + "".join(
    f"{k:>8}" for k in ("proxy", "true", "KL", "right", "rude", "polite", "words")
)
print(run, "", heading, sep="\n")
print(line("after stage 1, recorded", row_of("PPO-style", 1.0, 0)))
print(line("four steps, recorded", row_of("PPO-style", 1.0, 4)))
print(line("four steps, live", live))

# %% [markdown]
r"""
*Proxy* is the reward model's score, *true* the true reward, *KL* the estimate in nats per answer. Each is
the mean over 128 answers to held-out questions; shares are uncertain by about ±8 points, the rewards by
about ±0.2. Live and recorded may differ, as runs on
different processors do. In four steps the insults have
become rare: that was worth most. Now on, and with less and less of a penalty:
"""

# %% tags=["demo"]
print(heading)
betas = run.settings["betas"]
print(line("after stage 1", row_of("PPO-style", betas[0], 0)))
for beta in betas:
    last = row_of("PPO-style", beta, run.settings["steps"])
    print(line(f"{run.settings['steps']} steps, β = {beta:g}", last))
print("\nan answer at β = 0:", last["answer"])

# %% tags=["demo"]
fig, axes = figures.subplots(1, 2, sharey=True, size=(8.2, 3.0))
steps_done = run.settings["steps"]
ends = [row_of("PPO-style", betas[0], 0)] + [row_of("PPO-style", b, steps_done) for b in betas]
names = ["SFT", *(f"{b:g}" for b in betas)]
every = sorted((r for r in run.rows if r["recipe"] == "PPO-style"), key=lambda m: m["kl"])
for key, label, marker in [("proxy", "reward model's score", "o"), ("true", "true reward", "s")]:
    axes[0].plot(range(len(ends)), [m[key] for m in ends], marker=marker, label=label)
    axes[1].plot([m["kl"] for m in every], [m[key] for m in every], marker, markersize=5)
axes[0].set_xticks(range(len(ends)), names)
axes[0].set(title=f"after {steps_done} steps", xlabel="β (the penalty falls →)", ylabel="reward")
axes[0].legend(frameon=False, fontsize=9)
axes[1].set(title="all β, all steps", xlabel="KL from the reference (nats per answer)")


def told(rows: list[dict], key: str) -> str:
    return ", ".join(f"{m[key]:.2f}" for m in rows)


figures.show(
    fig,
    "Two charts of the reward model's score (solid, circles) and the true reward (dashed, squares). "
    f"Left, after stage 1 and then at beta {', '.join(names[1:])}: score {told(ends, 'proxy')}; "
    f"true reward {told(ends, 'true')}. Right, the same against the divergence from the "
    f"reference, a point every fourth step: from KL 0 to {every[-1]['kl']:.1f} the score rises "
    f"steeply and then levels off; the true reward rises from {every[0]['true']:.2f} to {max(m['true'] for m in every):.2f} at about 1 nat "
    f"and falls to {every[-1]['true']:.2f}.",
)

# %% [markdown]
r"""
This is *reward hacking*, or overoptimisation. Follow the two lines from left to right. First both rise
steeply: the insults vanish, and that is what stage three is for. Then they part. The score still rises; the
true reward falls far below its best. The column *polite* says how: two and more polite sentences after
every answer, which pleased the annotators and tell nobody anything. The share of right answers hardly
moves: the reward model sees little of truth, so nothing pushes that way. On the right are the same runs at
every fourth step, by how far the policy has gone: the true reward is best about a nat away from the
reference, and worst far out. (One run for each β, one seed.)

Gao et al. (2022) measured the same with a large reward model in the part of the truth: the true reward
first rises with the divergence and then falls, while the proxy's keeps rising. In their runs the penalty
bought no more true reward at a given divergence than simply stopping earlier does. (In ours the larger β
stand somewhat higher at equal divergence; with so few points that is no evidence.) So β is one way to say
*how far*, and the number of steps another. What neither does is mend the reward.

#### DPO: stages two and three in one loss

The closed form of the best policy can be turned round: if π is the best policy for some reward, that reward
is $r(x, y) = \beta \log\frac{\pi(y|x)}{\pi_\text{ref}(y|x)}$ plus something that depends on x alone. Put it
into Bradley and Terry's loss, where what depends on x alone cancels, and no reward model is left (Rafailov
et al., 2023):

$$\mathcal{L} = -\log \sigma\Big( \beta \log\frac{\pi(y_w|x)}{\pi_\text{ref}(y_w|x)} - \beta \log\frac{\pi(y_l|x)}{\pi_\text{ref}(y_l|x)} \Big)$$

Nothing is sampled during training: the comparisons of stage two are the data, in the form that TRL's
trainer takes.
"""

# %% tags=["demo"]
comparisons = [
    {
        "prompt": [{"role": "user", "content": prompt}],
        "chosen": [{"role": "assistant", "content": better}],
        "rejected": [{"role": "assistant", "content": worse}],
    }
    for prompt, better, worse in random.Random(0).sample(pairs, 256)
]
print(
    *(comparisons[0][part][0]["content"] for part in ("prompt", "chosen", "rejected")), sep="\n    "
)

# %% tags=["demo"]
import copy
import logging
import tempfile
import warnings

dpo = None
try:
    from datasets import Dataset, disable_progress_bars
    from transformers.utils import logging as transformers_logging
    from trl import DPOConfig, DPOTrainer
except ImportError:
    print("This demo needs trl and datasets: pip install trl datasets")
else:
    transformers_logging.set_verbosity_error()
    logging.getLogger("trl").setLevel(logging.ERROR)
    disable_progress_bars()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # libraries that warn each other
        settings = DPOConfig(
            folder, beta=0.1, learning_rate=3e-4, per_device_train_batch_size=8, max_steps=20,
            logging_steps=5, lr_scheduler_type="constant_with_warmup", warmup_steps=4, seed=0,
            use_cpu=True, bf16=False, report_to="none", save_strategy="no", max_length=128,
            disable_tqdm=False,
        )  # fmt: skip
        trainer = DPOTrainer(
            model=copy.deepcopy(reference).train(),
            ref_model=copy.deepcopy(reference),
            args=settings,
            train_dataset=Dataset.from_list(comparisons),
            processing_class=lab.tokenizer("instruct"),
        )
        trainer.train()
        dpo = trainer.model.eval()

# %% tags=["demo"]
if dpo is not None:
    print("step   loss  accuracy  reward of the better  of the worse")
    for entry in trainer.state.log_history:
        if "rewards/chosen" in entry:
            print(
                f"{entry['step']:4} {entry['loss']:6.3f} {entry['rewards/accuracies']:9.2f} "
                f"{entry['rewards/chosen']:21.2f} {entry['rewards/rejected']:13.2f}"
            )

# %% [markdown]
r"""
The *rewards* in this log are the implicit ones, β times the log-ratio to the reference. The loss begins
near log 2 = 0.69, where the policy is the reference. Watch the two columns on the right: the loss asks for
their *difference* only. Often, and here, both fall: the better answer becomes less likely too, and the
worse one even more so. With β = 0.1 a reward of −1 is a log-ratio of −10 nats: what the policy says instead
is neither of the two.

**The stages side by side**, on the same held-out questions:
"""

# %% tags=["demo"]
print(heading)
print(line("SFT", row_of("PPO-style", 1.0, 0)))
for recipe, beta in [("PPO-style", 3.0), ("GRPO", 0.3), ("PPO-style", 0.3), ("PPO-style", 0.0)]:
    print(line(f"{recipe}, β = {beta:g}", row_of(recipe, beta, steps_done)))
if dpo is not None:
    print(line("DPO, β = 0.1, live", rlhf.measure(dpo, reference, scorer)))

# %% [markdown]
r"""
The β of one line is not that of another: GRPO divides rewards by their spread, and its penalty is per
token; DPO's sits inside a sigmoid. Compare the columns. Insults are gone or rare, and each method has paid
for it with politeness, the further from the reference (column *KL*) the more. The GRPO run stands nearly as
far out as PPO-style at β = 3, and has a lower true reward: more politeness, and now and then an insult is
left. That fits its penalty, whose gradient asks the policy to go on saying whatever the reference says (see
the second trap below); but it is one run.

None of them answers right clearly more often than before: what the annotators did not see, no method can
find in their comparisons. The remedy is not in stage three but in stage two: annotators who look the facts
up.
"""

# %% [markdown]
r"""
### Build it

Six short functions: what an answer scores, the two losses that learn from pairs, and the three parts of
a policy-optimisation step. They are the whole arithmetic of RLHF. After the last one they train the
policy of this section, in place of the course's own.
"""

# %% [markdown]
r"""
### Exercise 7.1 · `sequence_logprobs`

●●○ · 12 minutes · 4 points · core

Every method of this question needs the log-probability of a whole answer under a model. Write
`sequence_logprobs(logits, labels, ignore=-100)`.

- `logits` is a float Tensor of shape (B, T, V): at position t the scores for the token at position
  t + 1. `labels` is a LongTensor (B, T): `labels[b, t]` is the token at position t where it belongs to
  the answer, and `ignore` where it does not (prompt and padding). They are *not* shifted: shifting is
  part of this function. `ignore` may be any integer, also one between 0 and V − 1.
- Return a Tensor of shape (B,): for each row the **sum**, over all positions t ≥ 1 with
  `labels[b, t] != ignore`, of the log-probability (softmax, natural logarithm) that the logits at
  t − 1 give to `labels[b, t]`. What stands at t = 0 never counts, since nothing predicts it.
- A row without a counted position gets 0, with zero gradient.
- The dtype is that of the logits (float32 or float64), gradients flow to the logits, logits may be as
  large as 1000, and the arguments are not changed.

By hand: if all logits are equal and V = 4, every counted token adds −log 4.

<details><summary>Hint 1</summary>

`logits[:, :-1]` predicts `labels[:, 1:]`. `torch.log_softmax` does not overflow; `gather` picks one
score a position, but it refuses −100 as an index.

</details>

<details><summary>Hint 2</summary>

Make a mask of the counted positions, put any valid token where the mask is False
(`torch.where`, `masked_fill`), gather, set what does not count to 0, and sum over the last axis.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q07-sequence-logprobs", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sequence_logprobs(logits: Tensor, labels: Tensor, ignore: int = -100) -> Tensor:
    """Log-probability of each answer, summed over its tokens.

    logits: (B, T, V), labels: (B, T), not shifted. Returns (B,), in nats.
    """
    ### BEGIN SOLUTION
    targets = labels[:, 1:]
    counted = targets != ignore
    log_p = torch.log_softmax(logits[:, :-1], dim=-1)
    picked = log_p.gather(-1, targets.masked_fill(~counted, 0).unsqueeze(-1)).squeeze(-1)
    return picked.masked_fill(~counted, 0.0).sum(dim=-1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q07-sequence-logprobs-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
level = torch.zeros(2, 4, 4, dtype=torch.float64)
labels = torch.tensor([[-100, 1, 2, 3], [-100, -100, 0, -100]])
testing.agree(
    sequence_logprobs,
    [((level, labels), [-3 * math.log(4), -math.log(4)])],
    "with equal logits each counted token adds -log V: three in the first row, one in the second",
)
sure = torch.full((1, 3, 3), -20.0, dtype=torch.float64)
sure[0, 0, 1] = sure[0, 1, 2] = sure[0, 2, 0] = 20.0  # position 0 says 1, position 1 says 2
testing.agree(
    sequence_logprobs,
    [
        ((sure, torch.tensor([[-100, 1, 2]])), [0.0]),
        ((sure, torch.tensor([[-100, 2, 0]])), [-80.0]),
    ],
    "the logits at position t - 1 are about the token at position t",
    atol=1e-6,
)

# %% nbgrader={"grade": true, "grade_id": "q07-sequence-logprobs-hidden-shift", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: which logits belong to which token (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
cases = []
for B, T, V in [(1, 2, 3), (2, 5, 7), (3, 4, 4)]:
    logits = 3 * torch.randn(B, T, V, generator=generator, dtype=torch.float64)
    labels = torch.randint(V, (B, T), generator=generator)
    labels[:, 0] = -100
    log_p = torch.log_softmax(logits, dim=-1)
    want = [sum(float(log_p[b, t - 1, labels[b, t]]) for t in range(1, T)) for b in range(B)]
    cases.append(((logits, labels), want))
testing.agree(
    sequence_logprobs,
    cases,
    "the token at position t is predicted by the logits at t - 1; the last logits predict nothing",
)
firsts = []
for (logits, labels), want in cases:
    first = labels.clone()
    first[:, 0] = 1
    firsts.append(((logits, first), want))
testing.agree(
    sequence_logprobs,
    firsts,
    "nothing predicts the token at position 0: it does not count, whatever its label is",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q07-sequence-logprobs-hidden-mask", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: prompt and padding (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for ignore in (-100, -1, 0, 5, 50):
    o, cases = ignore, []
    short = [[[o, 1, o]], [[o, o, 2]], [[1, o, o]], [[o, 2, o, 1]]]
    long = [
        [o, o, o, 1, 4, o, 2],  # a prompt, and a gap such as a tool's result
        [o, o, 3, 3, 1, o, o],  # a prompt and padding
        [o, o, o, o, o, o, 4],
        [o, o, o, o, o, o, o],
    ]
    for rows, V in [*((one, 3) for one in short), (long, 6)]:
        labels = torch.tensor(rows)
        B, T = labels.shape
        logits = 3 * torch.randn(B, T, V, generator=generator, dtype=torch.float64)
        log_p = torch.log_softmax(logits, dim=-1)
        want = [
            sum(float(log_p[b, t - 1, row[t]]) for t in range(1, T) if row[t] != o)
            for b, row in enumerate(rows)
        ]
        cases.append(((logits, labels, ignore), want))
    testing.agree(
        sequence_logprobs,
        cases,
        "only positions whose label is not `ignore` count, whatever number `ignore` is; a row with none "
        "gets 0",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q07-sequence-logprobs-hidden-sum", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a sum, and large logits (1 point)
### BEGIN HIDDEN TESTS
for n in (1, 2, 5, 9):
    level = torch.zeros(1, n + 2, 2, dtype=torch.float64)
    labels = torch.full((1, n + 2), -100)
    labels[0, 2:] = 1
    testing.agree(
        sequence_logprobs,
        [((level, labels), [-n * math.log(2)])],
        "the log-probability of an answer is the sum over its tokens, not their mean: a probability of "
        "a text is a product",
    )
large = torch.tensor([[[1000.0, 0.0, 998.0], [0.0, -1000.0, 0.0], [0.0, 0.0, 0.0]]]).double()
testing.agree(
    sequence_logprobs,
    [
        ((large, torch.tensor([[-100, 0, -100]])), [-math.log1p(math.exp(-2))]),
        ((large, torch.tensor([[-100, 1, 0]])), [-1000 - math.log1p(math.exp(-2)) - math.log(2)]),
        ((large, torch.tensor([[-100, -100, 1]])), [-1000 - math.log(2)]),
    ],
    "large logits overflow exp, and the logarithm of a probability that underflowed is -inf",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q07-sequence-logprobs-hidden-gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: gradient, dtype, unchanged arguments (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
logits = torch.randn(3, 4, 3, generator=generator, dtype=torch.float64)
labels = torch.tensor([[-100, -100, 2, 1], [-100, 1, -100, -100], [-100] * 4])
want = torch.zeros_like(logits)
for b, t in [(0, 1), (0, 2), (1, 0)]:
    want[b, t] = -torch.softmax(logits[b, t], dim=-1)
    want[b, t, labels[b, t + 1]] += 1
for b in range(3):
    row = slice(b, b + 1)
    _, grad = testing.value_and_grad(sequence_logprobs, logits[row], labels[row])
    testing.check(
        testing.close(grad, want[row]),
        "the gradient is one-hot - softmax at the positions that predict a counted token, and 0 "
        "elsewhere: stay in torch, and keep what does not count out",
        inputs=(logits[row], labels[row]),
        got=grad,
        expected=want[row],
    )
for dtype in (torch.float32, torch.float64):
    result = sequence_logprobs(logits.to(dtype), labels)
    assert result.dtype == dtype and result.shape == (3,), (
        "one number a row, with the dtype of the logits"
    )
fresh = torch.tensor([[-100, -100, 2, 1], [-100, 1, -100, -100], [-100] * 4])
assert testing.leaves_arguments(sequence_logprobs, logits.clone(), fresh), (
    "logits and labels belong to the caller: do not write into them"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 7.2 · `bt_loss`

●○○ · 6 minutes · 3 points · core

The loss of a reward model. Write `bt_loss(r_w, r_l)`.

- `r_w` and `r_l` are float Tensors of shape (N,), N ≥ 1: the rewards of the preferred answer (the
  winner) and of the other one (the loser), pair by pair.
- Bradley and Terry's model says that the winner is preferred with probability
  $\sigma(r_w - r_l)$, where $\sigma(x) = 1/(1 + e^{-x})$. Return the mean over the pairs of the
  negative logarithm of this probability, as a 0-dimensional Tensor of the same dtype through which
  gradients flow to both arguments.
- Value and gradients are finite and right for differences up to ±10,000, and at equal rewards too, where
  each pair's gradient is −1/(2N) for the winner and +1/(2N) for the loser: training often starts there.

By hand: equal rewards give log 2, whatever they are.

<details><summary>Hint 1</summary>

`torch.sigmoid(-1000.0)` is exactly 0, and its logarithm is minus infinity. The library has the logarithm
of the sigmoid as one function.

</details>

<details><summary>Hint 2</summary>

$-\log \sigma(x) = \log(1 + e^{-x})$. The exponential overflows on one side only, and
`torch.nn.functional` has this function too, made safe. One subtraction, one such function, one mean.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q07-bt-loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bt_loss(r_w: Tensor, r_l: Tensor) -> Tensor:
    """Mean negative log-likelihood of preferences under Bradley-Terry.

    r_w, r_l: (N,). Returns a 0-dimensional tensor, in nats.
    """
    ### BEGIN SOLUTION
    return -torch.nn.functional.logsigmoid(r_w - r_l).mean()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q07-bt-loss-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
three = torch.tensor([0.0, 5.0, -2.0], dtype=torch.float64)
testing.agree(bt_loss, [((three, three), math.log(2))], "equal rewards say nothing: log 2 a pair")
odds = torch.tensor([math.log(3.0)], dtype=torch.float64)
testing.agree(
    bt_loss,
    [((odds, 0 * odds), -math.log(0.75)), ((0 * odds, odds), -math.log(0.25))],
    "a reward higher by log 3 wins three times in four: the loss is -log of the winner's probability",
)

# %% nbgrader={"grade": true, "grade_id": "q07-bt-loss-hidden-values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: values, and the mean over pairs (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
cases = []
for n in (1, 2, 7):
    r_w, r_l = 2 * torch.randn(2, n, generator=generator, dtype=torch.float64)
    want = sum(math.log1p(math.exp(float(b - a))) for a, b in zip(r_w, r_l, strict=True)) / n
    cases.append(((r_w, r_l), want))
testing.agree(
    bt_loss,
    cases,
    "the loss of a pair is log(1 + exp(r_l - r_w)), and the loss of the batch is the mean",
)
moved = bt_loss(r_w + 3, r_l + 3)
assert testing.close(moved, want), "only the difference counts: rewards have no zero"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q07-bt-loss-hidden-stable", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: large differences (1 point)
### BEGIN HIDDEN TESTS
for dtype in (torch.float32, torch.float64):
    for size in (50.0, 800.0, 10_000.0):
        far = torch.tensor([size], dtype=dtype)
        testing.agree(
            bt_loss,
            [((far, 0 * far), 0.0), ((0 * far, far), size)],
            "the sigmoid of a large negative number is 0 in floating point and its logarithm -inf; "
            "the loss itself is finite",
        )
        loss, (to_w, to_l) = testing.value_and_grad(bt_loss, 0 * far, far, wrt=(0, 1))
        testing.check(
            testing.close(to_w, -torch.ones(1)) and testing.close(to_l, torch.ones(1)),
            "where the pair is badly wrong the gradient is -1 and +1, not 0 and not NaN",
            inputs=(0 * far, far),
            got=(to_w, to_l),
            expected=(-1.0, 1.0),
        )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q07-bt-loss-hidden-gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: gradients to both, dtype (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
r_w, r_l = torch.randn(2, 4, generator=generator, dtype=torch.float64)
_, (to_w, to_l) = testing.value_and_grad(bt_loss, r_w, r_l, wrt=(0, 1))
want = -torch.sigmoid(r_l - r_w) / 4
testing.check(
    testing.close(to_w, want) and testing.close(to_l, -want),
    "the winner is pushed up and the loser down, each by the probability of the wrong order / N",
    inputs=(r_w, r_l),
    got=(to_w, to_l),
    expected=(want, -want),
)
for values in ([3.0], [0.0, -2.0, 5.0, 1000.0]):
    tied, half = torch.tensor(values, dtype=torch.float64), 1 / (2 * len(values))
    _, (to_w, to_l) = testing.value_and_grad(bt_loss, tied, tied, wrt=(0, 1))
    want = torch.full_like(tied, -half)
    testing.check(
        testing.close(to_w, want) and testing.close(to_l, -want),
        "at equal rewards the wrong order has probability 1/2, so the gradient is -1/(2N) and +1/(2N); "
        "pieces with a kink at 0 (relu, clamp, abs) may have another one there",
        inputs=(tied, tied),
        got=(to_w, to_l),
        expected=(want, -want),
    )
for dtype in (torch.float32, torch.float64):
    loss = bt_loss(r_w.to(dtype), r_l.to(dtype))
    assert loss.dtype == dtype and loss.shape == (), "a 0-dimensional tensor of the rewards' dtype"
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 7.3 · `dpo_loss`

●●○ · 15 minutes · 5 points · core

Direct preference optimisation (DPO) is the same loss with another reward: the *implicit* reward of an
answer is how much more likely the policy makes it than the frozen reference does. Write
`dpo_loss(pi_w, pi_l, ref_w, ref_l, beta)`.

- The four Tensors of shape (B,) are log-probabilities of whole answers, summed over their tokens (what
  `sequence_logprobs` returns): of the preferred answer (w) and the other one (l), under the policy (pi)
  and under the reference (ref). `beta` is a positive float.
- The implicit reward is $r = \beta\,(\log \pi - \log \pi_\text{ref})$, one for w and one for l.
- Return a tuple `(loss, r_w, r_l, acc)`. `loss` is the mean over the batch of
  $-\log \sigma(r_w - r_l)$, a 0-dimensional Tensor of the inputs' dtype through which gradients flow to
  `pi_w` and `pi_l`. `r_w` and `r_l`, shape (B,), are for reporting; in training you would detach them,
  which no test here can see. `acc` is a Python float, the share of the batch with `r_w > r_l` (equal ones
  do not count).
- Finite and right for $|r_w - r_l|$ up to 10,000, and where the policy *is* the reference. Training starts
  there, with the gradients −β/(2B) for `pi_w` and +β/(2B) for `pi_l`. The arguments are not changed.

By hand: where the policy is the reference, the loss is log 2, both rewards are 0, and so is `acc`.

<details><summary>Hint 1</summary>

Two subtractions give two log-ratios; everything else is exercise 7.2 with β in front of them.

</details>

<details><summary>Hint 2</summary>

One line gives both rewards, one the loss, one the accuracy. β stands *inside* the sigmoid.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q07-dpo-loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dpo_loss(
    pi_w: Tensor, pi_l: Tensor, ref_w: Tensor, ref_l: Tensor, beta: float
) -> tuple[Tensor, Tensor, Tensor, float]:
    """DPO's loss, implicit rewards and accuracy (Rafailov et al., 2023, equation 7).

    All tensors: (B,), summed log-probabilities. Returns (loss, r_w, r_l, acc).
    """
    ### BEGIN SOLUTION
    r_w, r_l = beta * (pi_w - ref_w), beta * (pi_l - ref_l)
    loss = -torch.nn.functional.logsigmoid(r_w - r_l).mean()
    return loss, r_w.detach(), r_l.detach(), float((r_w > r_l).double().mean())
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q07-dpo-loss-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
a, b = torch.tensor([-9.0, -20.0]).double(), torch.tensor([-12.0, -3.0]).double()
testing.agree(
    dpo_loss,
    [((a, b, a, b, 0.1), (math.log(2), [0.0, 0.0], [0.0, 0.0], 0.0))],
    "a policy that is the reference has implicit rewards of 0, and the loss is log 2",
)
up = a + torch.tensor([2.0, 0.0]).double()  # the first winner is e^2 times as likely as before
half = (math.log1p(math.exp(-1)) + math.log(2)) / 2
testing.agree(
    dpo_loss,
    [((up, b, a, b, 0.5), (half, [1.0, 0.0], [0.0, 0.0], 0.5))],
    "the reward is beta times the log-ratio to the reference: 0.5 * 2 = 1 for the first winner",
)
assert isinstance(dpo_loss(up, b, a, b, 0.5)[3], float), "acc is a Python float, not a tensor"

# %% nbgrader={"grade": true, "grade_id": "q07-dpo-loss-hidden-values", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the loss (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()


def wanted(pi_w, pi_l, ref_w, ref_l, beta):
    margins = (beta * ((pi_w - ref_w) - (pi_l - ref_l))).tolist()
    return sum(math.log1p(math.exp(-m)) for m in margins) / len(margins)


for n, beta in [(1, 1.0), (3, 0.1), (6, 0.5)]:
    four = tuple(-10 + 4 * torch.randn(4, n, generator=generator, dtype=torch.float64))
    loss = dpo_loss(*four, beta)[0]
    testing.check(
        testing.close(loss, wanted(*four, beta)),
        "the loss is the mean of -log sigmoid(beta * (log-ratio of w - log-ratio of l)): beta stands "
        "inside the sigmoid",
        inputs=(*four, beta),
        got=loss,
        expected=wanted(*four, beta),
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q07-dpo-loss-hidden-reference", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the reference (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
pi_w, pi_l, ref_w, ref_l = tuple(
    -10 + 3 * torch.randn(4, 5, generator=generator, dtype=torch.float64)
)
plain = dpo_loss(pi_w.clone(), pi_l.clone(), ref_w.clone(), ref_l.clone(), 0.3)
shift = 4 * torch.randn(2, 5, generator=generator, dtype=torch.float64)
moved = dpo_loss(pi_w + shift[0], pi_l + shift[1], ref_w + shift[0], ref_l + shift[1], 0.3)
testing.check(
    testing.close(plain[:3], moved[:3]),
    "an answer that both models find more likely, by the same factor, has the same reward: subtract "
    "the reference's log-probability from the policy's",
    inputs=(pi_w + shift[0], pi_l + shift[1], ref_w + shift[0], ref_l + shift[1], 0.3),
    got=moved[:3],
    expected=plain[:3],
)
short = torch.tensor([-4.0], dtype=torch.float64)
long = torch.tensor([-60.0], dtype=torch.float64)
loss = dpo_loss(long, short, long, short, 0.1)[0]
assert testing.close(loss, math.log(2)), (
    "a long answer is unlikely under both models: only the ratio to the reference counts"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q07-dpo-loss-hidden-rewards", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: implicit rewards and accuracy (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for beta in (0.25, 1.0, 4.0):
    pi_w, pi_l, ref_w, ref_l = four = tuple(
        -10 + 3 * torch.randn(4, 8, generator=generator, dtype=torch.float64)
    )
    pi_w[:2], pi_l[:2] = ref_w[:2], ref_l[:2]  # two ties, both rewards 0
    want_w, want_l = beta * (pi_w - ref_w), beta * (pi_l - ref_l)
    _, r_w, r_l, acc = dpo_loss(*four, beta)
    testing.check(
        testing.close(r_w, want_w) and testing.close(r_l, want_l),
        "the implicit reward is beta times the log-ratio, for each answer of the batch",
        inputs=(*four, beta),
        got=(r_w, r_l),
        expected=(want_w, want_l),
    )
    share = sum(x > y for x, y in zip(want_w.tolist(), want_l.tolist(), strict=True)) / 8
    testing.check(
        testing.close(acc, share),
        "accuracy is the share of pairs whose winner has the higher implicit reward; equal ones do "
        "not count, and the log-probabilities themselves do not matter",
        inputs=(*four, beta),
        got=acc,
        expected=share,
    )
    assert isinstance(acc, float), "acc is a Python float: take it out of its tensor"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q07-dpo-loss-hidden-gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: gradients, dtype, unchanged arguments (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
four = tuple(-10 + 2 * torch.randn(4, 3, generator=generator, dtype=torch.float64))
beta = 0.5
margin = beta * ((four[0] - four[2]) - (four[1] - four[3]))
want = -beta * torch.sigmoid(-margin) / 3
_, (to_w, to_l) = testing.value_and_grad(dpo_loss, *four, beta, wrt=(0, 1))
testing.check(
    testing.close(to_w, want) and testing.close(to_l, -want),
    "a step makes the winner more likely and the loser less, by beta * sigmoid(r_l - r_w) / B: the "
    "worse the order, the larger the step",
    inputs=(*four, beta),
    got=(to_w, to_l),
    expected=(want, -want),
)
ref = four[2:]
_, (to_w, to_l) = testing.value_and_grad(dpo_loss, *ref, *ref, beta, wrt=(0, 1))
want = torch.full_like(to_w, -beta / 6)
testing.check(
    testing.close(to_w, want) and testing.close(to_l, -want),
    "where the policy is the reference, training starts, with the gradients -beta/(2B) and +beta/(2B); "
    "pieces with a kink at 0 (relu, clamp, abs) may have others there, and 0 means that nothing ever moves",
    inputs=(*ref, *ref, beta),
    got=(to_w, to_l),
    expected=(want, -want),
)
for dtype in (torch.float32, torch.float64):
    loss, r_w, r_l, _ = dpo_loss(*(x.to(dtype) for x in four), beta)
    assert loss.dtype == dtype and loss.shape == (), "the loss has the inputs' dtype, and no axes"
assert testing.leaves_arguments(dpo_loss, *(x.clone() for x in four), beta), (
    "the log-probabilities belong to the caller"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q07-dpo-loss-hidden-stable", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: large margins (1 point)
### BEGIN HIDDEN TESTS
for dtype in (torch.float32, torch.float64):
    zero = torch.zeros(1, dtype=dtype)
    for beta, size in [(1.0, 200.0), (0.5, 2000.0), (1.0, 10_000.0)]:
        far = torch.full((1,), size, dtype=dtype)
        good, bad = dpo_loss(zero, -far, zero, zero, beta), dpo_loss(-far, zero, zero, zero, beta)
        testing.check(
            testing.close((good[0], bad[0]), (0.0, beta * size)),
            "the sigmoid of a large negative margin is 0 in floating point and its logarithm -inf",
            inputs=(-far, zero, zero, zero, beta),
            got=(good[0], bad[0]),
            expected=(0.0, beta * size),
        )
        _, grad = testing.value_and_grad(dpo_loss, -far, zero, zero, zero, beta)
        assert testing.close(grad, torch.full((1,), -beta)), (
            "where the order is badly wrong the gradient is -beta, not 0 and not NaN"
        )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 7.4 · `grpo_advantages`

●●○ · 10 minutes · 4 points · core

Policy optimisation asks of each sampled answer: better or worse than what this policy usually gives *to
this prompt*? PPO trains a second network to say what is usual. GRPO (group relative policy optimisation)
samples G answers to each prompt and compares them with each other. Write
`grpo_advantages(rewards, eps=1e-4, scale=True)`.

- `rewards` is a float Tensor (P, G): G answers to each of P prompts, P and G at least 1.
- Return a Tensor (P, G) of the same dtype: from each reward the mean of its *group* (its row) is
  subtracted, and the difference is divided by the group's standard deviation plus `eps`. The standard
  deviation is the one with G − 1 in the denominator, PyTorch's default.
- A group whose rewards are all equal, and any group of one answer (G = 1), has advantages 0: it
  teaches nothing. `eps` is above 0, so nothing is ever NaN. (Tests use equal rewards whose mean floating
  point gives exactly. What does your function make of seven rewards of 0.7 in float32, and what would you
  do about it? The answer stands under *If they push*.)
- With `scale=False` nothing is divided: the mean is subtracted, and that is all.
- `rewards` is not changed.

By hand: of four answers one is right, rewards (1, 0, 0, 0). The mean is 0.25, the standard deviation 0.5,
the advantages about (1.5, −0.5, −0.5, −0.5).

<details><summary>Hint 1</summary>

`keepdim=True` keeps the group's axis, so that the row's mean is subtracted from the row.

</details>

<details><summary>Hint 2</summary>

`torch.std` of one element is NaN: 0 divided by G − 1 = 0. Deal with G = 1 before you take it.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q07-grpo-advantages", "locked": false, "schema_version": 3, "solution": true, "task": false}
def grpo_advantages(rewards: Tensor, eps: float = 1e-4, scale: bool = True) -> Tensor:
    """Compare each answer's reward with its group's.

    rewards: (P, G). Returns (P, G).
    """
    ### BEGIN SOLUTION
    if rewards.shape[1] == 1:
        return torch.zeros_like(rewards)
    centred = rewards - rewards.mean(dim=1, keepdim=True)
    return centred / (rewards.std(dim=1, keepdim=True) + eps) if scale else centred
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q07-grpo-advantages-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
one_right = torch.tensor([[1.0, 0.0, 0.0, 0.0]], dtype=torch.float64)
testing.agree(
    grpo_advantages,
    [((one_right,), {"scale": False}, [[0.75, -0.25, -0.25, -0.25]])],
    "without scaling, the group's mean is subtracted and nothing else happens",
)
testing.agree(
    grpo_advantages,
    [((one_right,), {"eps": 1.5}, [[0.375, -0.125, -0.125, -0.125]])],
    "the standard deviation is 0.5 (G - 1 in the denominator), and eps is added to it: 0.5 + 1.5 = 2",
)
testing.agree(
    grpo_advantages,
    [((one_right,), {"eps": 1e-12}, [[1.5, -0.5, -0.5, -0.5]])],
    "divide by the standard deviation with G - 1 in the denominator (with G it would give 1.73)",
)

# %% nbgrader={"grade": true, "grade_id": "q07-grpo-advantages-hidden-group", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: each group for itself (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for P, G in [(2, 4), (3, 3), (5, 2)]:
    rewards = torch.randn(P, G, generator=generator, dtype=torch.float64)
    rewards = rewards * torch.tensor([1.0, 10.0, 0.5, 3.0, 2.0])[:P, None] + 7 * torch.arange(
        P, dtype=torch.float64
    ).unsqueeze(1)
    others = (
        "an answer is compared with the other answers to its own prompt: an easy prompt, whose rewards "
        "are all high, must not look good"
    )
    rows = [[x - sum(row) / G for x in row] for row in rewards.tolist()]
    testing.agree(grpo_advantages, [((rewards,), {"scale": False}, rows)], others)
    alone = [grpo_advantages(rewards[p : p + 1].clone()) for p in range(P)]
    assert all(getattr(one, "shape", None) == (1, G) for one in alone), (
        "one advantage for each answer: shape (P, G)"
    )
    testing.agree(
        grpo_advantages,
        [((rewards,), torch.cat(alone))],
        "a group's advantages depend on its own rewards alone: its own mean, its own deviation",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q07-grpo-advantages-hidden-equal", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: groups that teach nothing (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for dtype in (torch.float32, torch.float64):
    for value in (0.0, 1.0, -3.0):
        for scale in (True, False):
            equal = torch.full((2, 4), value, dtype=dtype)
            testing.agree(
                grpo_advantages,
                [((equal,), {"scale": scale}, torch.zeros(2, 4, dtype=dtype))],
                "where all rewards of a group are equal every advantage is 0, not NaN",
            )
            alone = torch.randn(3, 1, generator=generator, dtype=dtype)
            testing.agree(
                grpo_advantages,
                [((alone,), {"scale": scale}, torch.zeros(3, 1, dtype=dtype))],
                "an answer alone in its group has nothing to be compared with: advantage 0, not NaN",
            )
mixed = torch.tensor([[2.0, 2.0], [0.0, 4.0]], dtype=torch.float64)
alone = grpo_advantages(mixed[1:].clone())
assert getattr(alone, "shape", None) == (1, 2), "one advantage for each answer: shape (P, G)"
testing.agree(
    grpo_advantages,
    [
        ((mixed,), {"scale": False}, [[0.0, 0.0], [-2.0, 2.0]]),
        ((mixed,), torch.cat([torch.zeros_like(alone), alone])),
    ],
    "a group that teaches nothing leaves the other groups alone",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q07-grpo-advantages-hidden-scale", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: scale and eps (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
rewards = 5 * torch.randn(3, 4, generator=generator, dtype=torch.float64)
centred = rewards - rewards.sum(dim=1, keepdim=True) / 4
deviation = (centred.square().sum(dim=1, keepdim=True) / 3).sqrt()
testing.agree(
    grpo_advantages,
    [((rewards, 1e-4, False), centred), ((rewards, 2.0, False), centred)],
    "scale=False subtracts the mean and divides by nothing, eps included",
)
testing.agree(
    grpo_advantages,
    [((rewards, 1e-12), centred / deviation)],
    "the standard deviation is the one with G - 1 in the denominator, PyTorch's default",
)
testing.agree(
    grpo_advantages,
    [((rewards, eps), centred / (deviation + eps)) for eps in (1e-8, 0.25, 1.0, 4.0)],
    "eps is added to the standard deviation: not to the variance, and not only where it is 0",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q07-grpo-advantages-hidden-dtype", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: dtype and unchanged argument (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for scale in (True, False):
    for dtype in (torch.float32, torch.float64):
        rewards = 1 + torch.randn(2, 3, generator=generator, dtype=dtype)
        result = grpo_advantages(rewards.clone(), scale=scale)
        assert result.dtype == dtype and result.shape == (2, 3), (
            "one advantage for each answer, with the rewards' dtype"
        )
        total = result.sum(dim=1)
        assert testing.close(total, torch.zeros(2, dtype=dtype)), (
            "the advantages of a group add up to 0"
        )
        fresh = 1 + torch.randn(2, 3, generator=generator, dtype=dtype)
        assert testing.leaves_arguments(grpo_advantages, fresh, scale=scale), (
            "the rewards belong to the caller: do not subtract in place"
        )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 7.5 · `ppo_clip_loss` (repair)

●●● · 20 minutes · 5 points · core

The answers of a batch were sampled by the policy as it was a moment ago (*old*). PPO takes several steps on
them, and stops pushing a token once its probability has moved by more than a fraction `clip`. The cell
holds a version that people really write. It departs from what follows in three places; mend them.

`ppo_clip_loss(logp, old_logp, adv, mask, clip=0.2)`:

- `logp`, `old_logp`, `adv`: float Tensors (B, T). The log-probability of each sampled token under the
  policy now, under the policy that sampled it, and the advantage of the token. `mask`, bool (B, T), is True
  for tokens of the answer and False for prompt and padding.
- With $\rho = e^{\text{logp} - \text{old}}$ the objective of a token is
  $\min\big(\rho A,\; \text{clip}(\rho, 1 - \epsilon, 1 + \epsilon)\,A\big)$,
  the smaller of the two *products*, whatever the sign of A. So a token that has already moved too far in
  the direction of its advantage gets no gradient, and one that has moved in the wrong direction gets all of
  it.
- The loss is minus the mean of the objective over *all* tokens of the batch whose mask is True: a token
  counts the same in a short answer and in a long one. Without such a token it is 0 (attached to `logp` or
  not). The GRPO paper takes the mean over each answer first; this exercise wants every token to count the
  same, as DAPO and TRL's default (`loss_type="dapo"`) do.
- Where the mask is False, the Tensors may hold any finite numbers, also such that ρ overflows. They change
  neither the value nor the gradient.
- A 0-dimensional Tensor of logp's dtype; gradients flow to `logp`. `old_logp` and `adv` need no gradient;
  detach them or not. Nothing is changed. Values of ρ exactly at a clipping bound are not tested.

By hand, with one token, clip 0.25, ρ = 2: for A = 1 the loss is −1.25 and the gradient 0; for A = −1 the loss
is 2 and the gradient is 2.

<details><summary>Hint 1</summary>

Which is smaller for A = −1 and ρ = 2: −2 or −1.25? And what does the code in the cell take?

</details>

<details><summary>Hint 2</summary>

A number that overflowed stays wrong when it is multiplied by 0, and so does its gradient:
inf · 0 is NaN. Keep the masked positions out before you take `exp`: pick the tokens that count, or set
the difference to 0 elsewhere.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q07-ppo-clip-loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def ppo_clip_loss(
#     logp: Tensor, old_logp: Tensor, adv: Tensor, mask: Tensor, clip: float = 0.2
# ) -> Tensor:
#     """All: (B, T). Returns a 0-dimensional tensor."""
#     ratio = torch.exp(logp - old_logp)
#     clipped = torch.clamp(ratio, 1 - clip, 1 + clip)
#     objective = torch.min(ratio, clipped) * adv
#     per_answer = (objective * mask).sum(dim=1) / mask.sum(dim=1)
#     return -per_answer.mean()
### END REPAIR
### BEGIN SOLUTION
def ppo_clip_loss(
    logp: Tensor, old_logp: Tensor, adv: Tensor, mask: Tensor, clip: float = 0.2
) -> Tensor:
    """PPO's clipped objective as a loss (Schulman et al., 2017, equation 7).

    All: (B, T); mask is bool. Returns a 0-dimensional tensor.
    """
    ratio = torch.where(mask, logp - old_logp, 0.0).exp()
    clipped = ratio.clamp(1 - clip, 1 + clip)
    objective = torch.min(ratio * adv, clipped * adv)
    return -torch.where(mask, objective, 0.0).sum() / mask.sum().clamp(min=1)


### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "q07-ppo-clip-loss-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
one, yes = torch.zeros(1, 1, dtype=torch.float64), torch.ones(1, 1, dtype=torch.bool)
twice = one + math.log(2)
testing.agree(
    ppo_clip_loss,
    [((one, one, one + 3, yes), -3.0), ((twice, one, one + 1, yes, 0.25), -1.25)],
    "a token as likely as before gives -A; one that is twice as likely and has A = 1 is clipped at 1.25",
)
testing.agree(
    ppo_clip_loss,
    [((twice, one, one - 1, yes, 0.25), 2.0)],
    "a token with A = -1 that has become twice as likely moved the wrong way: the smaller product is -2",
)

# %% nbgrader={"grade": true, "grade_id": "q07-ppo-clip-loss-hidden-min", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the smaller product (1 point)
### BEGIN HIDDEN TESTS
everything = torch.ones(1, 1, dtype=torch.bool)
for clip in (0.125, 0.25):
    for ratio in (0.3, 0.7, 0.95, 1.0, 1.05, 1.6, 4.0):
        for A in (2.0, -2.0):
            old = torch.full((1, 1), -1.5, dtype=torch.float64)
            case = (old + math.log(ratio), old, torch.full((1, 1), A).double(), everything, clip)
            bounded = min(max(ratio, 1 - clip), 1 + clip)
            testing.agree(
                ppo_clip_loss,
                [(case, -min(ratio * A, bounded * A))],
                "the objective is the smaller of ratio * A and clipped ratio * A; for a negative "
                "advantage that is not the smaller ratio",
            )
two = torch.tensor([[1.05, 1.1]], dtype=torch.float64)  # their product is 1.155
before = torch.full((1, 2), -1.5, dtype=torch.float64)
both = torch.ones(1, 2, dtype=torch.bool)
testing.agree(
    ppo_clip_loss,
    [
        ((before + two.log(), before, torch.full_like(two, A), both, 0.25), -1.075 * A)
        for A in (2, -2)
    ],
    "each token has a ratio of its own, exp(logp - old_logp) at that token",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q07-ppo-clip-loss-hidden-gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: who is pushed (1 point)
### BEGIN HIDDEN TESTS
ratios = torch.tensor([[0.5, 0.9, 1.0, 1.1, 2.0]], dtype=torch.float64)
old = torch.full((1, 5), -2.0, dtype=torch.float64)
mask = torch.ones(1, 5, dtype=torch.bool)
for A, pushed in [(3.0, [1, 1, 1, 1, 0]), (-3.0, [0, 1, 1, 1, 1])]:
    adv = torch.full((1, 5), A, dtype=torch.float64)
    _, grad = testing.value_and_grad(ppo_clip_loss, old + ratios.log(), old, adv, mask, 0.25)
    want = -A * ratios * torch.tensor([pushed]) / 5
    testing.check(
        testing.close(grad, want),
        "a token that has moved far in the direction of its advantage gets no gradient; one that has "
        "moved the other way gets -A * ratio / tokens",
        inputs=(old + ratios.log(), old, adv, mask, 0.25),
        got=grad,
        expected=want,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q07-ppo-clip-loss-hidden-mean", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the mean over tokens (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for lengths in ([1, 6], [2, 5, 3], [6, 6]):
    B = len(lengths)
    logp, adv = torch.randn(2, B, 6, generator=generator, dtype=torch.float64)
    mask = torch.arange(6)[None, :] < torch.tensor(lengths)[:, None]
    total = sum(float(adv[b, t]) for b in range(B) for t in range(lengths[b]))
    testing.agree(
        ppo_clip_loss,
        [((logp, logp, adv, mask), -total / sum(lengths))],  # all ratios are 1
        "every token of the batch counts the same: divide the sum by the number of tokens, do not "
        "average the answers' averages",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q07-ppo-clip-loss-hidden-mask", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what stands outside the mask (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for dtype in (torch.float32, torch.float64):
    logp, old, adv = torch.randn(3, 2, 5, generator=generator, dtype=dtype)
    logp, old = -2 + 0.2 * logp, -2 + 0.2 * old
    mask = torch.tensor([[False, True, True, False, False], [True, True, True, True, False]])
    clean = testing.value_and_grad(ppo_clip_loss, logp, old, adv, mask)
    wild = torch.tensor([[5000.0, 0, 0, -5000.0, 5000.0], [0, 0, 0, 0, 900.0]], dtype=dtype)
    sign = torch.where(mask, adv, torch.tensor([[-4.0], [4.0]], dtype=dtype))
    loss, grad = testing.value_and_grad(ppo_clip_loss, logp + wild, old, sign, mask)
    testing.check(
        testing.close(loss, clean[0]) and testing.close(grad, clean[1]),
        "padding counts neither in the value nor in the gradient, also where exp overflows on it: "
        "infinity times 0 is NaN",
        inputs=(logp + wild, old, sign, mask),
        got=(loss, grad),
        expected=clean,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q07-ppo-clip-loss-hidden-empty", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: answers without tokens, dtype, unchanged arguments (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for dtype in (torch.float32, torch.float64):
    logp, old, adv = torch.randn(3, 2, 3, generator=generator, dtype=dtype)
    half = torch.tensor([[False, False, False], [True, True, False]])
    fresh = logp.clone(), old.clone(), adv.clone(), half.clone()
    row = ppo_clip_loss(logp[1:], old[1:], adv[1:], half[1:])
    testing.agree(
        ppo_clip_loss,
        [((logp, old, adv, half), row)],
        "an answer without a token adds nothing, and is no 0 / 0",
    )
    none = torch.zeros(2, 3, dtype=torch.bool)
    loss, grad = testing.value_and_grad(ppo_clip_loss, logp, old, adv, none)
    testing.check(
        testing.close(loss, 0.0) and testing.close(grad, torch.zeros(2, 3, dtype=dtype)),
        "without any token the loss is 0 and its gradient too",
        inputs=(logp, old, adv, none),
        got=(loss, grad),
        expected=0.0,
    )
    assert row.dtype == dtype and row.shape == (), "a 0-dimensional tensor of logp's dtype"
    assert testing.leaves_arguments(ppo_clip_loss, *fresh), "the tensors belong to the caller"
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 7.6 · `kl_k3`

●○○ · 7 minutes · 2 points · core

How far has the policy gone from its reference? From tokens sampled by the *policy* the divergence KL(π ‖
π_ref) can be estimated, token by token. The plain estimate $\log \pi - \log \pi_\text{ref}$ is right on
average, but often negative and noisy. Schulman's third one, which GRPO uses, is never negative, and right
on average too (there is less noise in it near the reference, and far more far from it). Write
`kl_k3(logp, ref_logp)`.

- `logp` and `ref_logp` are float Tensors of one shape: the log-probability of each sampled token under the
  policy and under the reference.
- Return a Tensor of that shape and dtype, with $e^{d} - 1 - d$ in each element, where
  $d = \log \pi_\text{ref} - \log \pi$. Gradients flow to `logp`. No mean, no mask.

By hand: for a token that the policy makes twice as likely as the reference, d = −log 2, and the estimate is
0.5 − 1 + 0.693 = 0.193.

<details><summary>Hint 1</summary>

Mind the direction of d: reference minus policy. At d = 0 the estimate is 0.

</details>

<details><summary>Hint 2</summary>

Give d a name, then write the formula as it stands. Where d is tiny, $e^d$ and 1 agree in most of their
digits, which the subtraction loses; torch has one function for that difference.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q07-kl-k3", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kl_k3(logp: Tensor, ref_logp: Tensor) -> Tensor:
    """Estimate KL(policy || reference) at each sampled token; never negative.

    logp, ref_logp: any one shape. Returns that shape, in nats.
    """
    ### BEGIN SOLUTION
    d = ref_logp - logp
    return torch.expm1(d) - d
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q07-kl-k3-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
same = torch.tensor([-1.0, -3.0], dtype=torch.float64)
testing.agree(kl_k3, [((same, same), [0.0, 0.0])], "equal log-probabilities: no divergence")
testing.agree(
    kl_k3,
    [((same + math.log(2), same), [math.log(2) - 0.5] * 2), ((same, same + 1), [math.e - 2] * 2)],
    "d is the reference's log-probability minus the policy's",
)

# %% nbgrader={"grade": true, "grade_id": "q07-kl-k3-hidden-expectation", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: on average over the policy's tokens it is the KL divergence (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for V in (2, 5, 30):
    p, q = torch.softmax(torch.randn(2, V, generator=generator, dtype=torch.float64), dim=-1)
    each = kl_k3(p.log(), q.log())
    assert getattr(each, "shape", None) == (V,), "one estimate for each token"
    testing.check(
        testing.close((p * each).sum(), (p * (p / q).log()).sum()),
        "weighted with the policy's probabilities, the estimates give KL(policy || reference); d is "
        "reference minus policy",
        inputs=(p.log(), q.log()),
        got=(p * each).sum(),
        expected=(p * (p / q).log()).sum(),
    )
    assert bool((each >= -1e-12).all()), "exp(d) - 1 - d is never negative"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q07-kl-k3-hidden-elements", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: element by element, gradient, dtype (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for shape in [(), (3,), (2, 4)]:
    logp, ref = -2 + torch.randn(2, *shape, generator=generator, dtype=torch.float64)
    d = ref - logp
    testing.agree(kl_k3, [((logp, ref), d.exp() - 1 - d)], "exp(d) - 1 - d in each element")
for d in (-2.0, -0.5, 0.25, 1.5):
    logp = torch.tensor(-2.0, dtype=torch.float64)
    _, grad = testing.value_and_grad(kl_k3, logp, logp + d)
    assert testing.close(grad, 1 - math.exp(d)), (
        "the gradient with respect to logp is 1 - exp(d): it pulls towards the reference, and "
        "strongly where the reference finds the token likely"
    )
for dtype in (torch.float32, torch.float64):
    logp, ref = torch.randn(2, 3, generator=generator, dtype=dtype)
    assert kl_k3(logp, ref).dtype == dtype, "the result has the inputs' dtype"
    assert testing.leaves_arguments(kl_k3, logp.clone(), ref.clone()), "change nothing in place"
### END HIDDEN TESTS

# %% [markdown]
r"""
**Your functions in the loop.** The next cell hands your three functions to the optimisation, in place of
the module's own, and takes two steps. (It raises `NotImplementedError` until you have solved 7.4 to 7.6.)
"""

# %% tags=["demo"]
yours = (grpo_advantages, ppo_clip_loss, kl_k3)
*_, (_, policy) = rlhf.optimise(
    reference, scorer, beta=0.3, recipe="GRPO", steps=2, functions=yours
)
print(heading)
print(line("after stage 1", row_of("PPO-style", 1.0, 0)))
print(line("two steps with yours", rlhf.measure(policy, reference, scorer)))

# %% [markdown]
r"""
And your DPO loss on comparisons that the trainer has not seen, under the model that TRL has trained:
"""

# %% tags=["demo"]
if dpo is not None:
    seen = {row["prompt"][0]["content"] + row["chosen"][0]["content"] for row in comparisons}
    unseen = [p for p in pairs if p[0] + p[1] not in seen][:48]
    found = []
    for which in (1, 2):
        batch = rlhf.encode([p[0] for p in unseen], [p[which] for p in unseen])
        for model in (dpo, reference):
            with torch.no_grad():
                logits = model(batch["input_ids"], attention_mask=batch["attention_mask"]).logits
            found.append(sequence_logprobs(logits, batch["labels"]))
    pi_w, ref_w, pi_l, ref_l = found
    loss, r_w, r_l, acc = dpo_loss(pi_w, pi_l, ref_w, ref_l, 0.1)
    print(
        f"{len(unseen)} comparisons: loss {loss:.3f} (the reference's is {math.log(2):.3f}), accuracy {acc:.2f}"
    )
    print(f"mean implicit reward of the better {r_w.mean():.2f}, of the worse {r_l.mean():.2f}")

# %% [markdown]
r"""
Now that you have written them, here is the module's own version of what was left out above, to compare:
stage two with its loss, and the three parts of stage three. (The module's clipped loss only multiplies by
the mask. That is enough there: its log-probabilities are 0 outside the answers, and no answer is empty.)
"""

# %% tags=["demo"]
for function in (rlhf.reward_model, rlhf.advantages, rlhf.clipped, rlhf.k3):
    code(function)

# %% [markdown]
r"""
### Trap

**"policy_gradient = E[RM(response) − β·KL]."** That is the *objective*, not its gradient, and it cannot be
differentiated as it stands: a sampled answer is a row of integers, and its reward depends on no weight. The
gradient is

$$\nabla J = \mathbb{E}_{y \sim \pi}\Big[\Big(r(x, y) - \beta\log\frac{\pi(y|x)}{\pi_\text{ref}(y|x)}\Big)\, \nabla \log \pi(y|x)\Big]$$

(the derivative of the log-ratio itself adds nothing, since $\mathbb{E}[\nabla\log\pi] = 0$). On the four
answers from above, with a policy made of four logits:
"""

# %% tags=["demo"]
beta = 0.5
logits = torch.tensor([0.2, 0.1, -0.3, -0.5], dtype=torch.float64, requires_grad=True)
log_ref, reward = torch.tensor(few_ref).log(), torch.tensor(few_r)


def exact(logits: Tensor) -> Tensor:
    log_p = logits.log_softmax(dim=-1)
    return (log_p.exp() * (reward - beta * (log_p - log_ref))).sum()


[true_gradient] = torch.autograd.grad(exact(logits), logits)
y = torch.multinomial(
    logits.detach().softmax(-1), 200_000, True, generator=torch.Generator().manual_seed(0)
)
log_p = logits.log_softmax(dim=-1)[y]
paid = reward[y] - beta * (log_p - log_ref[y])
[naive] = torch.autograd.grad(paid.mean(), logits, retain_graph=True)
[score_function] = torch.autograd.grad((paid.detach() * log_p).mean(), logits)
print("exact gradient of J          ", true_gradient.numpy().round(3))
print("backward through the mean    ", naive.numpy().round(3))
print("mean of (r - β log-ratio)∇logπ", score_function.numpy().round(3))

# %% [markdown]
r"""
Backward through the mean of sampled rewards gives nothing but noise: the rewards are constants, and of the
penalty only the part is left that is zero on average. The last line is right on average and noisy: baselines
and groups make it less noisy; clipping lets you take several steps on the same samples.

**"The KL term in the loss is the KL."** As a *number* k3 is right on average. Its *gradient*, taken through
the loss as GRPO does, is another matter: on average over the policy's samples it is the gradient of the
other divergence, KL(reference ‖ policy) (Tang and Munos, 2025). Exactly, on the four answers:
"""


# %% tags=["demo"]
def kl_of(a: Tensor, b: Tensor) -> Tensor:
    return (a.exp() * (a - b)).sum()


log_p = logits.log_softmax(dim=-1)
d = log_ref - log_p
average_k3 = (log_p.exp().detach() * (d.exp() - 1 - d)).sum()  # the weights are only how we sample
forms = {
    "gradient of KL(policy || reference)": kl_of(log_p, log_ref),
    "gradient of KL(reference || policy)": kl_of(log_ref, log_p),
    "average gradient of k3": average_k3,
}
for name, value in forms.items():
    [gradient] = torch.autograd.grad(value, logits, retain_graph=True)
    print(f"{name:36}", gradient.numpy().round(3))

# %% [markdown]
r"""
Near the reference the two are nearly the same. Far from it they are not: KL(reference ‖ policy) is large
where the policy no longer says what the reference says, insults included. With the penalty in the reward,
as in our PPO-style runs, the gradient is the right one. TRL's `GRPOTrainer` has β = 0 by default: many
recipes since 2025 use no penalty at all, for rewards that are checked rather than learned (TRL 1.16, read
in November 2026).

**"RM(response)."** A reward is of an answer *to a prompt*, r(x, y). The network takes both, but it learns
to use the prompt only if the comparisons need it. All answers that our annotators compared were answers to
their question. So:
"""

# %% tags=["demo"]
right = [
    (p, a)
    for p, a in zip(drawn_for, drawn, strict=True)
    if rlhf.truth(a) > 0 and not rlhf.is_rude(a)
]
own = [p for p, _ in right]
other = own[7:] + own[:7]  # the question of somebody else
with torch.no_grad():
    fitting = rlhf.score(scorer, own, [a for _, a in right])
    unfitting = rlhf.score(scorer, other, [a for _, a in right])
spread = float(torch.tensor(drawn_scores).std())
print(f"{other[0]}\n    {right[0][1]}")
print(f"score of {len(right)} true answers to their own question: {fitting.mean():.2f}")
print(f"and to another question:                     {unfitting.mean():.2f}")
print(f"(scores of all answers spread by {spread:.2f})")

# %% [markdown]
r"""
If an answer that has nothing to do with its question loses little beside that spread, the reward model has
not learned to ask whether it is an answer at all: no comparison ever turned on it. It is right on the data
that it was fitted to, and blind one step aside, and one step aside is where an optimised policy goes.
"""

# %% [markdown]
r"""
### If they push

<details><summary>Why compare pairs, and not give marks?</summary>

People agree better on which of two answers is better than on a number, and their marks drift from day to
day and from person to person. A comparison has no scale; Bradley and Terry's model gives it one back, up to
a constant, from how often each side wins.

</details>

<details><summary>What is in InstructGPT's loss that ours leaves out?</summary>

Two things (Ouyang et al., 2022). The reward model's loss is averaged over all K(K−1)/2 pairs of the K
answers to a prompt, and these pairs are kept in one batch: spread over batches they made it overfit. And
PPO's objective has a third term, γ times the log-likelihood of pretraining text, which pays for what
alignment costs elsewhere ("PPO-ptx").

</details>

<details><summary>Why is the KL taken in this direction?</summary>

Because the expectation is over what the policy says. KL(π ‖ π_ref) is large where the policy says what the
reference hardly would, and that is where the reward model has seen no data. The other direction punishes a
policy that no longer says everything the reference says, and would let it say strange things as well. It is
also the only one that can be estimated from the policy's samples by a plain log-ratio.

</details>

<details><summary>DPO or PPO?</summary>

DPO is supervised learning: no sampling, no reward model in memory, few settings. It learns from fixed
answers of another policy, often one that is long gone, and nothing corrects what the new policy does where
these answers do not reach. Online methods see their own answers. Which wins is contested and depends on
tuning: Xu et al. (2024) find a well-tuned PPO ahead of DPO, and on-policy variants of DPO close some of the
gap. DPO is in many published recipes, rarely alone: Llama 3's post-training had six rounds of reward
modelling, rejection sampling, SFT and DPO (2024); Mixtral-Instruct SFT, then DPO (2023).

</details>

<details><summary>Can the implicit reward of DPO be hacked as well?</summary>

Yes. There is no separate proxy to watch, but the comparisons carry the annotators' taste, and the policy
follows it: look at the polite sentences in the table. Rafailov et al. (2024) find the same rise and fall
with the KL budget for DPO and its relatives as Gao et al. for PPO.

</details>

<details><summary>What are verifiable rewards?</summary>

A program in the place of the reward model: the sum is right, the tests pass (RLVR; the name is from Tülu 3,
Lambert et al., 2024). It cannot be flattered, which is why it can be pushed much harder, and GRPO with such
rewards has been the usual way to train reasoning models since DeepSeek-R1 (2025). It can still be gamed
where the check is not what you want: tests that are deleted, answers guessed without a derivation.

</details>

<details><summary>GRPO divides by the group's standard deviation. Should it?</summary>

It makes all prompts count alike, whatever their reward's scale. But a prompt that nearly all answers get
right, or nearly all wrong, has a small deviation, and is blown up. Liu et al. (2025, "Dr. GRPO") leave the
division out (`scale=False` in exercise 7.4), and the division by each answer's length too.

</details>

<details><summary>All rewards of a group are equal, but the advantages are not 0. How can that be?</summary>

The mean was rounded. Seven rewards of 0.7 can have a float32 mean that differs from them by 6·10⁻⁸. Their
standard deviation is as tiny, and divided by it the rounding error looks like an advantage. With eps = 10⁻⁴
it is 0.0006 and harmless; with eps = 10⁻⁸ it is 0.8, and three rewards of 1000.1 give 0.35 even with 10⁻⁴.
Choose eps well above the rounding of your rewards, take the mean in float64, or set a group to 0 where its
largest reward equals its smallest.

</details>

<details><summary>How would you notice reward hacking without a true reward?</summary>

By what the proxy does not see: fresh comparisons by people between this checkpoint and an earlier one; a
second reward model trained on other comparisons (an ensemble's disagreement grows where data end); length,
repetition and formatting along the run; the KL. Read samples. Then either stop earlier, or collect
comparisons of the *new* policy's answers and fit the reward model again, which is what rounds are for.

</details>
"""

# %% [markdown]
r"""
### Sources

- Bradley, Terry (1952), *Rank Analysis of Incomplete Block Designs*, Biometrika 39.
- Christiano et al. (2017), *Deep Reinforcement Learning from Human Preferences*, arXiv 1706.03741; Stiennon
  et al. (2020), *Learning to Summarize from Human Feedback*, arXiv 2009.01325.
- Ouyang et al. (2022), *Training Language Models to Follow Instructions with Human Feedback* (InstructGPT),
  arXiv 2203.02155.
- Schulman et al. (2017), *Proximal Policy Optimization Algorithms*, arXiv 1707.06347; Schulman (2020),
  *Approximating KL Divergence* (blog): k1, k2, k3.
- Rafailov et al. (2023), *Direct Preference Optimization*, arXiv 2305.18290; Rafailov et al. (2024),
  *Scaling Laws for Reward Model Overoptimization in Direct Alignment Algorithms*, arXiv 2406.02900.
- Gao, Schulman, Hilton (2022), *Scaling Laws for Reward Model Overoptimization*, arXiv 2210.10760.
- Shao et al. (2024), *DeepSeekMath*, arXiv 2402.03300: GRPO. Liu et al. (2025), *Understanding R1-Zero-Like
  Training: A Critical Perspective*, arXiv 2503.20783. Yu et al. (2025), *DAPO: An Open-Source LLM
  Reinforcement Learning System at Scale*, arXiv 2503.14476. DeepSeek-AI (2025), *DeepSeek-R1*, arXiv 2501.12948.
- Tang, Munos (2025), *On a Few Pitfalls in KL Divergence Gradient Estimation for RL*, arXiv 2506.09477.
- Lambert et al. (2024), *Tülu 3*, arXiv 2411.15124; Grattafiori et al. (2024), *The Llama 3 Herd of
  Models*, arXiv 2407.21783; Jiang et al. (2024), *Mixtral of Experts*, arXiv 2401.04088.
- **Contested:** DPO against PPO: Xu et al. (2024), *Is DPO Superior to PPO for LLM Alignment?*, arXiv
  2404.10719.
- On what raters prefer: Singhal et al. (2023), *A Long Way to Go: Investigating Length Correlations in
  RLHF*, arXiv 2310.03716; Sharma et al. (2023), *Towards Understanding Sycophancy in Language Models*,
  arXiv 2310.13548.
- TRL 1.16, `dpo_trainer.py`, `grpo_trainer.py`, `grpo_config.py`. Read in November 2026; it has no PPO
  trainer among its main ones any more.
"""
