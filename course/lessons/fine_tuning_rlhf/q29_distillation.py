# %% [markdown]
r"""
## Q29. How does distillation work?

*Medium · 85 minutes · needs softmax and temperature (question 4), the causal loss (question 37)*
"""

# %% [markdown]
r"""
### Say it

> A small student is trained on what a larger teacher says instead of, or beside, the original labels. With
> the teacher's weights at hand one matches its whole distribution at every token, usually by KL from teacher
> to student at some temperature, times T squared so that the gradient keeps its size; that tells the student
> much more than the one word that happened to follow. Where only text can be had, one trains on the teacher's
> texts, which is called sequence-level distillation and is ordinary fine-tuning on checked outputs. It pays
> where many continuations are right, or data or labels are few; where there is one right answer that the
> labels already give, soft labels add little. And a student copies its teacher's mistakes.
"""

# %% [markdown]
r"""
### See it

**What a hard label leaves out.** A text says which word came. A model that has learned the language says which words
*could* have come. Here is the place in a fresh text at which `base`, the course's model of plain text, is least
sure, with the token that came and those that the model expected.
"""

# %% tags=["demo"]
from course import figures, lab, recorded
from course.recorded import q29_distillation as run

teacher, tokenizer = lab.load("base"), lab.tokenizer("base")
text = run.prose("held out", 40)[:1]
z = run.logits(teacher, text)[0, 20:100]
probs = z.softmax(dim=-1)
entropy = torch.special.entr(probs).sum(dim=-1)
place = int(entropy.argmax())
print("...", tokenizer.decode(text[0, place + 5 : place + 21].tolist()))
print("hard label:", repr(tokenizer.decode([text[0, place + 21]])))
best = probs[place].topk(8).indices.tolist()
print("soft label:", ", ".join(f"{tokenizer.decode([i])!r} {probs[place, i]:.2f}" for i in best))

# %% [markdown]
r"""
The hard label is as good as one draw from the soft one. Learning the distribution from draws takes many of them;
the teacher gives it away at once. Temperature decides how much of the tail the student is shown. At another place, where
the teacher leaves only a few words open:
"""

# %% tags=["demo"]
half = int((entropy - 1.5).abs().argmin())
print("...", tokenizer.decode(text[0, half + 5 : half + 21].tolist()))
best = probs[half].topk(8).indices.tolist()
fig, axes = figures.subplots(1, 3, sharey=True, size=(8, 2.6))
words = [tokenizer.decode([i]).strip() for i in best]
shown = []
for ax, T in zip(axes, (1.0, 2.0, 4.0), strict=True):
    soft = (z[half] / T).softmax(dim=-1)
    figures.bars(ax, soft[best].numpy(), labels=words)
    ax.set_title(f"T = {T:g}, all others {1 - float(soft[best].sum()):.2f}")
    shown.append(
        f"at T = {T:g} the first has {soft[best[0]]:.2f}, all others together {1 - float(soft[best].sum()):.2f}"
    )
figures.show(fig, "Bars of the teacher's eight likeliest tokens; " + "; ".join(shown) + ".")

# %% [markdown]
r"""
At T = 1 the teacher says which few words may follow, each a way in which somebody's name goes on; no single text says that. At
T = 4 most of the probability lies on words that hardly ever stand there.
"""

# %% [markdown]
r"""
#### The loss, and why T squared

For one token, with teacher $p = \mathrm{softmax}(v/T)$ and student $q = \mathrm{softmax}(z/T)$:

$$L = T^2 \sum_i p_i \log\frac{p_i}{q_i} \qquad\qquad \frac{\partial L}{\partial z_i} = T\,(q_i - p_i)$$

The gradient without the factor is $(q_i - p_i)/T$, and at high T the difference $q_i - p_i$ itself shrinks as $1/T$: together
$1/T^2$. Beside a hard loss the soft one would fade away. The gradient's length, without the factor and with it:
"""

# %% tags=["demo"]
generator = torch.Generator().manual_seed(0)
v = torch.randn(100, 20, generator=generator)
for T in (1.0, 4.0, 10.0, 20.0):
    student = torch.randn(100, 20, generator=torch.Generator().manual_seed(1), requires_grad=True)
    log_p, log_q = (v / T).log_softmax(dim=-1), (student / T).log_softmax(dim=-1)
    plain = (log_p.exp() * (log_p - log_q)).sum(dim=-1).mean()
    [grad] = torch.autograd.grad(plain, student)
    print(f"T = {T:4g}: gradient {grad.norm():.5f}, times T squared {T * T * grad.norm():.3f}")

# %% [markdown]
r"""
At high T the gradient becomes $(z_i - v_i)/V$ for centred logits, V the number of words: the student matches *all* logits, those of hopeless
words as much as the others (Hinton et al., 2015). That can be too much for a small student, as we shall see.
"""

# %% [markdown]
r"""
#### Sizes and speed

The student has the architecture of `draft`: half the layers, half the width. What does that buy? Time is processor time for
writing 32 texts of 64 tokens.
"""

# %% tags=["demo"]
import time

start = torch.full((32, 1), tokenizer.bos_token_id)
for name in ("base", "draft"):
    model = lab.load(name)
    began = time.process_time()
    with torch.inference_mode():
        model.generate(start, attention_mask=torch.ones_like(start), do_sample=False,
                       min_new_tokens=64, max_new_tokens=64)  # fmt: skip
    rate = 32 * 64 / (time.process_time() - began)
    size = sum(w.numel() for w in model.parameters())
    print(
        f"{name:6} {size:9,} parameters, {size * 4 / 2**20:.1f} MiB, {rate:6,.0f} tokens a second"
    )

# %% [markdown]
r"""
A fifth of the weights is not five times the speed: at this size much of a step is overhead that both pay.
On large models the ratio comes closer to that of the bytes to be read (question 36).
"""

# %% [markdown]
r"""
#### Prose: many words can follow

A student with random weights, 150 steps, few texts; the teacher is `base`. It learns from the same texts with hard labels, with
soft ones at several temperatures, with half of each; or from as many texts that the teacher has *written*, with
hard labels. What counts is the loss on fresh text, in nats a token, and how often its favourite is the teacher's. This
is a recorded run; one point of it, soft labels with few texts, is computed again while you watch.
"""

# %% tags=["demo"]
kept = recorded.load("q29_distillation")
print(kept)
again = run.prose_measures(run.prose_student("soft", run.FEW, seed=0, progress=True))
row = next(r for r in kept.rows if (r["method"], r["seed"]) == ("soft", 0))
print(f"soft labels, {run.FEW} texts, seed 0: loss {again['loss']:.3f}, recorded {row['loss']:.3f}")

# %% tags=["demo"]
print("one text has", run.LENGTH, "tokens; mean of seeds", run.SEEDS)
print(f"{'':10} {'method':14} {'loss on fresh text':>18} {'agrees with the teacher':>24}")
mean = {}
for r in kept.rows:
    if r["task"] == "prose":
        mean.setdefault((r["texts"], r["method"]), []).append((r["loss"], r["agrees"]))
for (texts, method), found in mean.items():
    loss, agrees = np.mean(found, axis=0)
    print(f"{texts:4} texts {method:14} {loss:18.2f} {agrees:24.2f}")
whole = run.prose_measures(teacher)
print(f"{'':10} {'the teacher':14} {whole['loss']:18.2f} {whole['agrees']:24.2f}")

# %% [markdown]
r"""
Read it from the top of each group.

- **Soft against hard.** On the same few texts, soft labels bring a lower loss and more agreement; half and half does as well.
  The student sees at each token what *many* texts would have shown it. With more texts the advantage is smaller.
- **Temperature.** Above 1 everything gets worse here. The softened teacher spreads its probability over the whole vocabulary, and a
  student of this size, in 150 steps, spends its strength on matching the logits of words that never come. That a high
  temperature helps was found on other tasks; it is a setting to tune, not a law.
- **The teacher's own texts**, drawn at temperature 1, carry one word at each place like any hard label, and the teacher's mistakes
  with it. Here they teach less than real texts; they are for where none exist. (In translation, a teacher's *likeliest* outputs
  taught better than real ones, being more regular: Kim and Rush, 2016.) And *what* is asked matters: started from nothing, `base`
  writes whatever it has seen in training, which is not only prose:
"""

# %% tags=["demo"]
for row in run.written(4, seed=0, given=0):
    print("-", tokenizer.decode(row[1:30].tolist()).strip().replace("\n", " / "), "...")

# %% [markdown]
r"""
Given the first 16 tokens of each training text to go on from ("continuations" in the table), it stays with prose, and the student that
learns from it loses much less.
"""

# %% [markdown]
r"""
#### Facts: one answer is right

Now 300 questions such as "Where does X live?". The teacher is `instruct`, which knows these facts by heart. The student is `draft` as it
was early in its training. It learns the right answers, from one wording of each question, with hard or soft labels. Asked in the same wording, in another
trained one, and in one that was held out of all training (the students are recorded, one seed):
"""

# %% tags=["demo"]
print(f"{'share right':14} {'same wording':>14} {'another':>10} {'held out':>10}")
for name, model in (
    ("before", lab.load("draft", run.HALFWAY)),
    ("the teacher", lab.load("instruct")),
):
    found = [run.right(model, form) for form in (0, 1, 4)]
    print(f"{name:14} {found[0]:14.2f} {found[1]:10.2f} {found[2]:10.2f}")
for method in run.METHODS:
    found = {
        r["form"]: r["right"] for r in kept.rows if (r["task"], r["method"]) == ("facts", method)
    }
    print(f"{method:14} {found[0]:14.2f} {found[1]:10.2f} {found[4]:10.2f}")

# %% [markdown]
r"""
Here soft labels at T = 1 are as good as hard ones and no better: the famous advantage **did not appear on this task**. The
reason is in the teacher's probabilities. Where it is sure of the one right answer, its soft label *is* the hard label, and a
higher temperature only adds what is spread over the other tokens of the vocabulary, which no question is about:
"""

# %% tags=["demo"]
questions = run.skills.batch(run.questions(0)[:50])
labels = questions.pop("labels")[:, 1:]
told = lab.load("instruct")(**questions).logits[:, :-1][labels != -100].detach()
for T in (1.0, 2.0, 4.0):
    top = (told / T).softmax(dim=-1).max(dim=-1).values
    print(
        f"T = {T:g}: the teacher gives its favourite {top.mean():.3f} on average, the others {1 - top.mean():.3f}"
    )

# %% [markdown]
r"""
#### Sequence-level: the teacher writes, the student reads

Often the teacher is behind an interface that returns text. Then its answers become the data: ask, train on what comes
(Kim and Rush, 2016, with the teacher's likeliest sequences). To see what is copied, `instruct` is asked in a *held-out* wording, where
it is wrong at times, and the student trains on these answers, right or wrong. Nobody hands it the truth.
"""

# %% tags=["demo"]
asked = run.questions(4)
answers = run.answered(asked)
gold = [e.messages[1]["content"] for e in asked]
said = [e.messages[1]["content"] for e in answers]
wrong = [i for i in range(len(gold)) if gold[i] != said[i]]
print(f"the teacher: {1 - len(wrong) / len(gold):.2f} right. Among its mistakes:")
for i in wrong[:3]:
    print("   ", asked[i].messages[0]["content"], "->", said[i], "| right:", gold[i])

# %% tags=["demo"]
student = run.fact_student("hard", answers, seed=0, progress=True)
replies = run.skills.answers(student, lab.tokenizer("instruct"), asked)
like = lambda places, texts: np.mean([replies[i] == texts[i] for i in places])  # noqa: E731
right = [i for i in range(len(gold)) if i not in wrong]
print(f"the student after it: {like(range(len(gold)), gold):.2f} right")
print(f"where the teacher was right: says the same {like(right, said):.2f}")
print(
    f"where it was wrong: repeats the mistake {like(wrong, said):.2f}, is right {like(wrong, gold):.2f}"
)

# %% [markdown]
r"""
The student learns mistakes nearly as readily as truths: nothing in the data tells them apart. So answers are *checked* before they
are learned, where they can be: by a program, by running code, by a vote among several samples, by a second model. Training
on the checked answers only is called rejection sampling; of the 800,000 texts behind DeepSeek's R1-Distill models the 600,000 with
reasoning were made so (DeepSeek-R1 report, 2025). The second exercise builds that set.
"""

# %% [markdown]
r"""
### Build it

Three exercises: the loss, the data of sequence-level distillation, and the repair of a loss for teachers
of which only the likeliest tokens were stored.
"""

# %% [markdown]
r"""
### Exercise 29.1 · `kd_loss`

●●○ · 25 minutes · 6 points · core

Write `kd_loss(student, teacher, T, labels=None, alpha=0.5)`, the distillation loss of Hinton et al.

`student` and `teacher` are logits, Tensors of shape (B, N, V): B texts, N tokens, V words. `T` is the
temperature. Return a 0-dimensional Tensor.

- **Soft.** With $p = \mathrm{softmax}(\text{teacher}/T)$ and $q = \mathrm{softmax}(\text{student}/T)$, each token's soft loss is
  $T^2 \sum_v p_v \log (p_v / q_v)$: the divergence of the student *from the teacher*, KL(teacher ‖ student), times $T^2$.
- **Without `labels`** the result is the mean soft loss over all B · N tokens.
- **With `labels`**, a LongTensor of shape (B, N), it is `alpha` times the mean soft loss plus `1 - alpha` times the
  mean cross-entropy of the labels under the student at temperature 1. Both means are over the tokens of the
  whole batch whose label is not −100, and over no others. Labels stand at the position of the logits that predict
  them: shift nothing. If every label is −100, the result is 0 (a Tensor of the student's dtype).
- Gradients flow into the student's logits only, never into the teacher's.
- `T` of 0 or below is a `ValueError`. Logits may be as large as 1000, and the arguments are not changed.

By hand: for teacher logits (log 3, 0) and student logits (0, 0) at T = 1, the teacher has 3/4 and 1/4, and the loss is
0.75 log 1.5 + 0.25 log 0.5 = 0.131.

<details><summary>Hint 1</summary>

`log_softmax` of both, in this form: `p * (log p - log q)`, summed over the vocabulary. Detach the teacher first.

</details>

<details><summary>Hint 2</summary>

Compute the soft loss of every token, shape (B, N). A boolean mask, `labels != -100`, picks tokens out of it and
out of the logits; `torch.nn.functional.cross_entropy` takes the picked logits, (M, V), and labels, (M,). Deal with
M = 0 before you take a mean.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q29-kd-loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kd_loss(
    student: Tensor, teacher: Tensor, T: float, labels: Tensor | None = None, alpha: float = 0.5
) -> Tensor:
    """Distillation loss. student, teacher: (B, N, V) logits; labels: (B, N), -100 to ignore.

    Returns a 0-d Tensor; no gradient reaches the teacher.
    """
    ### BEGIN SOLUTION
    if T <= 0:
        raise ValueError(f"the temperature must be positive, not {T}")
    log_p = torch.log_softmax(teacher.detach() / T, dim=-1)
    log_q = torch.log_softmax(student / T, dim=-1)
    soft = T**2 * (log_p.exp() * (log_p - log_q)).sum(dim=-1)
    if labels is None:
        return soft.mean()
    chosen = labels != -100
    if not chosen.any():
        return 0 * student.sum()
    hard = torch.nn.functional.cross_entropy(student[chosen], labels[chosen])
    return alpha * soft[chosen].mean() + (1 - alpha) * hard
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q29-kd-loss-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
sure = torch.tensor([[[math.log(3.0), 0.0]]], dtype=torch.float64)
even = torch.zeros(1, 1, 2, dtype=torch.float64)
by_hand = 0.75 * math.log(1.5) + 0.25 * math.log(0.5)
testing.agree(kd_loss, [((even, sure, 1.0), by_hand)], "the example of the prompt")
testing.agree(
    kd_loss, [((sure, sure, 3.0), 0.0)], "where the student equals the teacher the loss is 0"
)
testing.agree(
    kd_loss,
    [((even, 2 * sure, 2.0), 4 * by_hand)],
    "twice the logits at T = 2 are the same probabilities, and the loss is multiplied by T squared",
)
testing.agree(
    kd_loss,
    [((even, sure, 1.0, torch.tensor([[0]])), 0.5 * by_hand + 0.5 * math.log(2.0))],
    "with labels: half the soft loss, half the cross-entropy",
)

# %% nbgrader={"grade": true, "grade_id": "q29-kd-loss-hidden-temperature", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: temperature and direction (2 points)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for T in (0.5, 1.0, 2.0, 5.0):
    s, t = (3 * torch.randn(2, 3, 7, generator=generator, dtype=torch.float64) for _ in range(2))
    p, q = torch.softmax(t / T, dim=-1), torch.softmax(s / T, dim=-1)
    want = T * T * (p * torch.log(p / q)).sum(dim=-1).mean()
    testing.agree(
        kd_loss,
        [((s, t, T), want)],
        "the teacher's probabilities weigh the log-ratio teacher over student, both at temperature T, "
        "times T squared; the mean is over all tokens, not over texts only and not over the vocabulary",
    )
norms = {}
for T in (1.0, 10.0, 40.0):
    s, t = (
        torch.randn(4, 6, 12, generator=testing.torch_generator(i), dtype=torch.float64)
        for i in (1, 2)
    )
    norms[T] = float(testing.value_and_grad(kd_loss, s, t, T)[1].norm())
assert 0.5 < norms[40.0] / norms[10.0] < 2 and 0.3 < norms[10.0] / norms[1.0] < 3, (
    "with T squared the gradient keeps its size as T grows; without it, it falls as 1 / T squared"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q29-kd-loss-hidden-labels", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: hard labels, their weight, and what is masked (2 points)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for alpha in (0.0, 0.25, 0.5, 1.0):
    s, t = (2 * torch.randn(3, 4, 6, generator=generator, dtype=torch.float64) for _ in range(2))
    labels = torch.randint(6, (3, 4), generator=generator)
    labels[0, 1:] = labels[2, 3] = -100  # texts of different lengths
    T, m = 2.0, labels != -100
    p, q = torch.softmax(t[m] / T, dim=-1), torch.softmax(s[m] / T, dim=-1)
    soft = T * T * (p * torch.log(p / q)).sum(dim=-1).mean()
    hard = -torch.log_softmax(s[m], dim=-1).gather(-1, labels[m][:, None]).mean()
    testing.agree(
        kd_loss,
        [((s, t, T, labels, alpha), alpha * soft + (1 - alpha) * hard)],
        "alpha weighs the soft loss, 1 - alpha the cross-entropy at temperature 1; both are means over the "
        "tokens of the whole batch that are not masked, without any shift",
    )
    junk, other = s.clone(), t.clone()
    junk[~m], other[~m] = (
        50.0,
        torch.randn(int((~m).sum()), 6, generator=generator, dtype=torch.float64),
    )
    assert testing.close(kd_loss(junk, other, T, labels, alpha), kd_loss(s, t, T, labels, alpha)), (
        "what stands at masked positions plays no part, in the soft loss either"
    )
s, t = (torch.randn(2, 3, 5, generator=generator, dtype=torch.float64) for _ in range(2))
nothing = torch.full((2, 3), -100)
value, grad = testing.value_and_grad(kd_loss, s, t, 2.0, nothing)
assert testing.close(value, 0.0) and testing.close(grad, torch.zeros(2, 3, 5)), (
    "a batch without any label gives 0, not the mean of nothing"
)
for dtype in (torch.float64, torch.float32):
    empty = kd_loss(s.to(dtype), t.to(dtype), 2.0, nothing)
    assert getattr(empty, "dtype", None) == dtype and tuple(empty.shape) == (), (
        "the 0 of a batch without any label is a 0-dimensional Tensor of the student's dtype too"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q29-kd-loss-hidden-gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: where gradients flow (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for labels in (None, torch.tensor([[0, 1, -100], [2, 3, 4]])):
    s, t = (torch.randn(2, 3, 5, generator=generator, dtype=torch.float64) for _ in range(2))
    value, (mine, teachers) = testing.value_and_grad(kd_loss, s, t, 2.0, labels, wrt=(0, 1))
    assert testing.close(teachers, torch.zeros(2, 3, 5)), (
        "the teacher is not trained: detach its logits"
    )
    assert float(mine.norm()) > 1e-3, "the student is trained: gradients must reach its logits"
    assert tuple(value.shape) == (), "a loss is one number"
s, t = (torch.randn(2, 3, 5, generator=generator, dtype=torch.float64) for _ in range(2))
T = 3.0
want = T / 6 * (torch.softmax(s / T, dim=-1) - torch.softmax(t / T, dim=-1))
assert testing.close(testing.value_and_grad(kd_loss, s, t, T)[1], want), (
    "the gradient at a token is T times (student's minus teacher's probabilities), over the number of tokens"
)
value, grad = testing.value_and_grad(kd_loss, t.clone(), t, 2.0)
assert testing.close(grad, torch.zeros(2, 3, 5)), "where both agree nothing pulls"
labels = torch.tensor([[0, 1, -100], [2, 3, 4]])
m, one_hot = labels != -100, torch.nn.functional.one_hot(labels.clamp(min=0), 5)
for alpha in (0.0, 0.5, 1.0):
    soft = T * (torch.softmax(s / T, dim=-1) - torch.softmax(t / T, dim=-1))
    want = (alpha * soft + (1 - alpha) * (torch.softmax(s, dim=-1) - one_hot)) / 5 * m[..., None]
    grad = testing.value_and_grad(kd_loss, s, t, T, labels, alpha)[1]
    testing.check(
        testing.close(grad, want),
        "with labels both parts train the student, each with its weight: detach the student in neither",
        inputs=(s, t, T, labels, alpha),
        got=grad,
        expected=want,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q29-kd-loss-hidden-contract", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: large logits, errors, dtype, unchanged arguments (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
far = torch.tensor([[[1000.0, 0.0, -1000.0]]], dtype=torch.float64)
near = torch.tensor([[[998.0, 0.0, -1000.0]]], dtype=torch.float64)
testing.agree(
    kd_loss,
    [
        ((far, far, 1.0), 0.0),
        ((far, near, 1.0), 0.0),
        ((-far, far, 1.0), 2000.0),
        ((-far, far, 2.0), 4000.0),
    ],
    "large logits: take log_softmax, not the logarithm of a softmax that has become 0",
)
for T in (0.0, -1.0):
    assert testing.raises(ValueError, kd_loss, far, near, T), "T of 0 or below is a ValueError"
s, t = (torch.randn(2, 3, 5, generator=generator) for _ in range(2))
labels = torch.tensor([[0, -100, 1], [2, 3, 4]])
assert testing.leaves_arguments(kd_loss, s, t, 2.0, labels), "the arguments belong to the caller"
assert getattr(kd_loss(s, t, 2.0, labels), "dtype", None) == torch.float32, (
    "the loss has the logits' dtype"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 29.2 · `distillation_set`

●●○ · 15 minutes · 4 points · core

Sequence-level distillation trains on what the teacher has *written*. So the work is in the data: ask, check,
leave out what would spoil the evaluation. Write

`distillation_set(prompts, teacher, accept, held_out, n=4, keep=1)`

which returns a list of pairs `(prompt, answer)`.

- Two prompts are *the same* if they are equal after `" ".join(prompt.lower().split())`: case and white space do not
  count. A prompt that is the same as one of `held_out` is left out. Of several prompts that are the same, the first is
  used, as it is spelled. The teacher is never asked about a prompt that is left out.
- `teacher(prompt)` returns an answer, another one at each call, or `None` when it was cut off before its end. Ask
  it at most `n` times for each prompt, and not again once `keep` answers have been accepted.
- Strip white space from both ends of an answer. `None`, an empty answer, and an answer that was seen for this prompt
  before are passed over; they count as asked.
- `accept(prompt, answer)` says whether an answer is right. Call it once for each stripped answer that is left, and keep
  those it accepts.
- Pairs come in the order of the prompts, and answers of one prompt in the order in which they came.

By hand: n = 4, keep = 2, and the teacher says "5", " 4", "4 ", "four". Only "4" and "four" are right: asked four times,
checked three answers, two pairs.

<details><summary>Hint 1</summary>

Two sets: one of the prompts that are done or held out, in their normal form; one, for each prompt, of the
answers seen.

</details>

<details><summary>Hint 2</summary>

A loop over the prompts around a loop of at most `n` calls, so that every call counts, whatever comes back. Inside: is it
enough? is there anything to check? was it seen? Mark an answer as seen before the verdict, and a prompt as
done before its first call.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q29-distillation-set", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Callable


def distillation_set(
    prompts: list[str],
    teacher: Callable[[str], str | None],
    accept: Callable[[str, str], bool],
    held_out: list[str],
    n: int = 4,
    keep: int = 1,
) -> list[tuple[str, str]]:
    """Collect checked answers of a teacher. Returns pairs (prompt, answer)."""
    ### BEGIN SOLUTION
    normal = lambda text: " ".join(text.lower().split())  # noqa: E731
    done = {normal(prompt) for prompt in held_out}
    pairs = []
    for prompt in prompts:
        if normal(prompt) in done:
            continue
        done.add(normal(prompt))
        seen: set[str] = set()
        accepted = 0
        for _ in range(n):
            if accepted == keep:
                break
            answer = (teacher(prompt) or "").strip()
            if not answer or answer in seen:
                continue
            seen.add(answer)
            if accept(prompt, answer):
                pairs.append((prompt, answer))
                accepted += 1
    return pairs
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q29-distillation-set-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
said = iter(["5", " 4", "4 ", "four"])
found = distillation_set(
    ["What is 2 + 2?"], lambda p: next(said), lambda p, a: a in ("4", "four"), [], 4, 2
)
assert found == [("What is 2 + 2?", "4"), ("What is 2 + 2?", "four")], "the example of the prompt"
found = distillation_set(["a", "b"], lambda p: p.upper(), lambda p, a: True, ["B"])
assert found == [("a", "A")], "what is held out stays out, whatever its case"

# %% nbgrader={"grade": true, "grade_id": "q29-distillation-set-hidden-leak", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: held-out and repeated prompts (1 point)
### BEGIN HIDDEN TESTS
asked = []


def echo(prompt):
    asked.append(prompt)
    return f"answer to {prompt}"


prompts = [
    "Who is  Mira?",
    "Where is Dorby?",
    "who is mira?",
    " WHERE is\tDorby? ",
    "What is a guild?",
    "Who is Mira",
]
found = distillation_set(prompts, echo, lambda p, a: True, ["where  is dorby?", "Nobody?"])
assert [p for p, _ in found] == ["Who is  Mira?", "What is a guild?", "Who is Mira"], (
    "prompts are compared without case and white space, with each other and with what is held out; the "
    "first spelling is kept"
)
assert asked == ["Who is  Mira?", "What is a guild?", "Who is Mira"], (
    "the teacher is not asked about prompts that are left out"
)
asked.clear()
found = distillation_set(["b", "a", "b", "a"], echo, lambda p, a: p == "a", [], 2)
assert asked == ["b", "b", "a"], (
    "a prompt without an accepted answer is still done when it comes again"
)
assert found == [("a", "answer to a")], "pairs come in the order of the prompts"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q29-distillation-set-hidden-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: which answers are checked and kept (2 points)
### BEGIN HIDDEN TESTS
script, checked = [], []


def scripted(prompt):
    return script.pop(0)


def right(prompt, answer):
    checked.append(answer)
    return answer.startswith("r")


def run(answers, n, keep):
    script[:], checked[:] = list(answers), []
    found = distillation_set(["q"], scripted, right, [], n, keep)
    return [a for _, a in found], list(checked), len(answers) - len(script)


assert run(["w", "r1", "r2"], 3, 1) == (["r1"], ["w", "r1"], 2), (
    "stop asking as soon as enough answers are accepted"
)
assert run(["w", "w", " w ", "r"], 3, 1) == ([], ["w"], 3), (
    "at most n calls for a prompt, and repeated answers count as asked"
)
for answers, n, want in [
    ([None, "", "  ", "r"], 4, (["r"], ["r"], 4)),
    ([None, "r", "r"], 1, ([], [], 1)),
    (["", "r", "r"], 1, ([], [], 1)),
    ([None, "", " ", "r", "r", "r"], 3, ([], [], 3)),
]:
    assert run(answers, n, 1) == want, (
        "answers that were cut off or are empty are not checked and not kept, and count as asked"
    )
assert run(["r1 ", "\n r1", "r2", "w", "r3"], 5, 3) == (
    ["r1", "r2", "r3"],
    ["r1", "r2", "w", "r3"],
    5,
), "answers are stripped before they are compared, checked and kept, each distinct one once"
assert run(["R", "r"], 2, 2) == (["r"], ["R", "r"], 2), "the case of an answer counts"
assert run(["w1", "w2", "w3", "w4", "r"], 5, 1) == (["r"], ["w1", "w2", "w3", "w4", "r"], 5), (
    "a prompt is worth all its n tries"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q29-distillation-set-hidden-many", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: several prompts, the defaults, unchanged arguments (1 point)
### BEGIN HIDDEN TESTS
calls = []


def same(prompt):
    calls.append(prompt)
    return "yes"


found = distillation_set(["a", "b", "c"], same, lambda p, a: p != "b", [])
assert found == [("a", "yes"), ("c", "yes")], (
    "an answer seen for one prompt is new for the next: what has been seen is kept prompt by prompt"
)
assert calls == ["a", "b", "b", "b", "b", "c"], "by default four tries, and one answer is enough"
assert distillation_set([], same, lambda p, a: True, ["a"]) == [], "no prompts, no pairs"
kept_back, questions = ["z", "x", "Z"], ["y", "x", "y", "b"]
assert testing.leaves_arguments(distillation_set, questions, same, lambda p, a: True, kept_back), (
    "the lists belong to the caller: neither sort them nor add to them"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 29.3 · repair `top_k_kd`

●●● · 20 minutes · 4 points · extra

A teacher's full distributions are too large to store: 100,000 numbers for each token. So people store the k
likeliest tokens with their log-probabilities, which is also what some providers return. The cell compares the student
with them by a softmax over those k on both sides. A student then pays nothing for probability that it gives to
*other* tokens, and the teacher looks surer than it was. And there is a plain mistake beside that.

Mend `top_k_kd(student, top_ids, top_logprobs)`: lump all other tokens together as one more outcome, "the rest".

- `student` has shape (N, V), logits. `top_ids` (N, k) holds distinct token ids of each row, `top_logprobs` (N, k) the natural
  logarithms of the teacher's probabilities for them, *over the whole vocabulary*: the probabilities sum to at most 1.
  `top_logprobs` are finite and have the student's dtype.
- For each token, with $p_i$ the teacher's k probabilities, $q_i$ the student's probabilities of the same tokens
  (softmax over all V), and $p_r = 1 - \sum p_i$, $q_r = 1 - \sum q_i$:

$$\sum_i p_i \log\frac{p_i}{q_i} + p_r \log\frac{p_r}{q_r}$$

- The result is the mean over the N tokens, a 0-d Tensor in the student's dtype, with gradients into `student`.
- Where no token is left (k = V), and where $p_r$ is 0 or below by rounding, the last term is exactly 0. So with k = V it is the
  full divergence. Do not count on $1 - \sum p_i$ being exactly 0 for k = V.
- $q_r$ may be as small as $10^{-30}$ and must not be computed as $1 - \sum q_i$: it is the sum of the other tokens'
  probabilities. Where both $p_r$ and $q_r$ are 0, gradients stay finite.

<details><summary>Hint 1</summary>

The logarithm of $q_r$ is a `logsumexp` over the log-probabilities of the other tokens: set those of `top_ids` to −∞ in a
copy (`scatter`).

</details>

<details><summary>Hint 2</summary>

Three parts: the k terms, with the student's log-probabilities over all V; the teacher's $p_r \log p_r$, for which
`torch.special.xlogy` knows that 0 log 0 is 0; the student's $-p_r \log q_r$. For k = V return before you come to the rest:
$1 - \sum p_i$ may be 1e-16 instead of 0 and would multiply whatever stands for −∞, and the gradient of a `logsumexp`
of nothing but −∞ is NaN, even times 0.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q29-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def top_k_kd(student: Tensor, top_ids: Tensor, top_logprobs: Tensor) -> Tensor:
#     """student: (N, V) logits; top_ids, top_logprobs: (N, k). Returns a 0-d Tensor."""
#     p = torch.softmax(top_logprobs, dim=-1)
#     q = torch.softmax(student.gather(-1, top_ids), dim=-1)
#     return torch.nn.functional.kl_div(q, p, reduction="batchmean")
### END REPAIR
### BEGIN SOLUTION
def top_k_kd(student: Tensor, top_ids: Tensor, top_logprobs: Tensor) -> Tensor:
    """student: (N, V) logits; top_ids, top_logprobs: (N, k). Returns a 0-d Tensor."""
    p = top_logprobs.exp()
    log_q = torch.log_softmax(student, dim=-1)
    loss = (p * (top_logprobs - log_q.gather(-1, top_ids))).sum(dim=-1)
    if top_ids.shape[-1] < student.shape[-1]:
        p_rest = (1 - p.sum(dim=-1)).clamp(min=0)
        log_q_rest = log_q.scatter(-1, top_ids, -torch.inf).logsumexp(dim=-1)
        loss = loss + torch.special.xlogy(p_rest, p_rest) - p_rest * log_q_rest
    return loss.mean().to(student.dtype)


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q29-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# Only the shape passes before the repair.
student = torch.log(torch.tensor([[0.5, 0.25, 0.125, 0.125]], dtype=torch.float64))
ids = torch.tensor([[0, 1]])
assert top_k_kd(student, ids, student[:, :2]).shape == (), "a loss is one number"
testing.agree(
    top_k_kd,
    [((student, ids, student[:, :2]), 0.0)],
    "a student that gives the stored tokens just the teacher's probabilities pays nothing",
)
stored = torch.log(torch.tensor([[0.25, 0.25]], dtype=torch.float64))
testing.agree(
    top_k_kd,
    [((student, ids, stored), 0.25 * math.log(0.5) + 0.5 * math.log(2.0))],
    "the teacher leaves a half to the rest, the student a quarter",
)

# %% nbgrader={"grade": true, "grade_id": "q29-repair-hidden-rest", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the rest is an outcome too (2 points)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for k in (1, 2, 4):
    s, t = (2 * torch.randn(5, 9, generator=generator, dtype=torch.float64) for _ in range(2))
    stored, ids = torch.log_softmax(t, dim=-1).topk(k, dim=-1)
    p, q = stored.exp(), torch.softmax(s, dim=-1).gather(-1, ids)
    p, q = (torch.cat([x, 1 - x.sum(dim=-1, keepdim=True)], dim=-1) for x in (p, q))
    testing.agree(
        top_k_kd,
        [((s, ids, stored), (p * torch.log(p / q)).sum(dim=-1).mean())],
        "k tokens and the rest make k + 1 outcomes; the student's probabilities are those over the whole "
        "vocabulary, and the mean is over the tokens",
    )
    own, places = torch.log_softmax(s, dim=-1).topk(k, dim=-1)
    value, grad = testing.value_and_grad(top_k_kd, s, places, own)
    assert testing.close(value, 0.0) and testing.close(grad, torch.zeros(5, 9)), (
        "a student that equals the teacher has loss 0 and gradient 0"
    )
    drained = s.clone()
    outside = torch.ones_like(s, dtype=torch.bool).scatter(-1, places, False)
    drained[outside] += 3.0  # the ratios among the k stay, but probability moves to the others
    assert float(top_k_kd(drained, places, own)) > 0.01, (
        "probability that the student gives to other tokens must cost something"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q29-repair-hidden-full", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: k = V, and a teacher that leaves nothing (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
s, t = (torch.randn(4, 6, generator=generator, dtype=torch.float64) for _ in range(2))
log_p, log_q = torch.log_softmax(t, dim=-1), torch.log_softmax(s, dim=-1)
stored, ids = log_p.topk(6, dim=-1)
value, grad = testing.value_and_grad(top_k_kd, s, ids, stored)
assert testing.close(value, (log_p.exp() * (log_p - log_q)).sum(dim=-1).mean()), (
    "with all tokens stored it is the full divergence; if yours is huge or infinite: 1 minus the sum of p "
    "may be 1e-16 instead of 0, and must not multiply the logarithm of an empty rest"
)
assert testing.close(grad, (log_q.exp() - log_p.exp()) / 4), (
    "with all tokens stored the gradient is finite: 0 times the logarithm of 0 is left out, not computed"
)
value, grad = testing.value_and_grad(top_k_kd, s, ids, stored - 1e-13)  # 1 - sum p is not 0
assert testing.close(value, (log_p.exp() * (log_p - log_q)).sum(dim=-1).mean()) and testing.close(
    grad, (log_q.exp() - log_p.exp()) / 4
), (
    "with all tokens stored nothing is left, also where 1 minus the sum of p is not exactly 0 by rounding: "
    "it must not multiply what stands for the logarithm of an empty rest"
)
certain = (
    torch.log(torch.tensor([[0.75, 0.25]], dtype=torch.float64)) + 1e-12
)  # sums to 1 and a bit
wide = torch.randn(1, 6, generator=generator, dtype=torch.float64)
q = torch.softmax(wide, dim=-1)[0]
value, grad = testing.value_and_grad(top_k_kd, wide, torch.tensor([[3, 5]]), certain)
want = 0.75 * math.log(0.75 / q[3]) + 0.25 * math.log(0.25 / q[5])
assert testing.close(value, want) and bool(torch.isfinite(grad).all()), (
    "a teacher whose stored probabilities sum to 1, or by rounding to more, leaves no rest"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q29-repair-hidden-stable", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: tiny probabilities, dtype, unchanged arguments (1 point)
### BEGIN HIDDEN TESTS
generator = testing.torch_generator()
for gap in (5.0, 30.0, 70.0):
    sure = torch.tensor([[gap, 0.0, 0.0, gap]], dtype=torch.float64)  # the rest has about e^-gap
    stored = torch.log(torch.tensor([[0.5, 0.25]], dtype=torch.float64))
    log_rest = math.log(2.0) - (gap + math.log(2.0) + math.log1p(math.exp(-gap)))
    log_top = -(math.log(2.0) + math.log1p(math.exp(-gap)))
    want = 0.5 * (math.log(0.5) - log_top) + 0.25 * (math.log(0.25) - log_top)
    want += 0.25 * (math.log(0.25) - log_rest)
    value, grad = testing.value_and_grad(top_k_kd, sure, torch.tensor([[0, 3]]), stored)
    testing.check(
        testing.close(value, want) and bool(torch.isfinite(grad).all()),
        "the student's rest is the sum of the other tokens' probabilities; 1 minus the sum of the k loses it "
        "to rounding where it is small",
        inputs=(sure, torch.tensor([[0, 3]]), stored),
        got=value,
        expected=want,
    )
s = torch.randn(3, 8, generator=generator)
stored, ids = torch.log_softmax(torch.randn(3, 8, generator=generator), dim=-1).topk(3, dim=-1)
assert testing.leaves_arguments(top_k_kd, s, ids, stored), "the arguments belong to the caller"
assert getattr(top_k_kd(s, ids, stored), "dtype", None) == torch.float32, "the student's dtype"
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

**`F.kl_div(softmax(s), softmax(t))`.** PyTorch's function takes the *logarithm* of the student first and the teacher second, and its
default, `reduction="mean"`, divides by the vocabulary as well. With probabilities in the first place it returns a number
without meaning, which can be negative and is not 0 where student and teacher agree:
"""

# %% tags=["demo"]
import torch.nn.functional as F

s, t = torch.randn(2, 3, 5, 50, generator=torch.Generator().manual_seed(0))
p, q = t.softmax(dim=-1), s.softmax(dim=-1)
print("KL, mean over the 15 tokens:      ", round(float((p * (p / q).log()).sum(dim=-1).mean()), 4))
for name, first in [("probabilities first", q), ("logarithms first", q.log())]:
    for reduction in ("mean", "batchmean"):
        terms = F.kl_div(first, p, reduction="none")
        value = terms.mean() if reduction == "mean" else terms.sum() / len(p)
        print(f"kl_div, {name:20} {reduction:9}", round(float(value), 4))
print(
    "kl_div of equal ones, probabilities first:",
    round(float(F.kl_div(p, p, reduction="sum") / 15), 4),
)

# %% [markdown]
r"""
None of the four lines is the mean over tokens: even with logarithms `batchmean` divides by the first axis only, the three
texts. Flatten the tokens to one axis before, and it is right.
"""

# %% [markdown]
r"""
**"Leave T squared out, it is only a learning rate."** For a soft loss alone, nearly. Beside a hard loss it decides the mixture, as
the table of gradients above shows: at T = 10 and a weight of one half, the soft part would have about a hundredth of its say.

**"DeepSeek-V3 was distilled from larger models."** The teacher of its reasoning was one of the DeepSeek-R1 series (V3's technical report,
December 2024), and R1 is built on V3-Base, with the same 671 billion parameters: the teacher was not larger, it had been *trained
further*. The plain example of large to small is R1-Distill (January 2025): Qwen and Llama models of 1.5 to 70 billion parameters,
fine-tuned on texts by R1. That is sequence-level distillation; no soft labels, and other tokenizers than the teacher's.
"""

# %% [markdown]
r"""
**`OpenAI(model="gpt-4o")` as the teacher.** The popular recipe for collecting a teacher's texts does not run: the client takes no model, the
call needs one, and what returns is an object, not a text. (Whether you may train on a provider's outputs is in its terms; several
forbid it for competing models. Read them before you collect.)
"""

# %% tags=["demo"]
try:
    from openai import OpenAI
except ImportError:
    print("This demo needs the openai package: pip install openai")
else:
    try:
        OpenAI(model="gpt-4o", api_key="none")
    except TypeError as error:
        print("TypeError:", error)
    try:
        OpenAI(api_key="none").chat.completions.create(messages=[])
    except TypeError as error:
        print("TypeError:", str(error).splitlines()[0][:90])

# %% [markdown]
r"""
### If they push

<details><summary>Forward or reverse KL?</summary>

KL(teacher ‖ student) punishes the student where the teacher has probability and it has none: it spreads over everything the teacher
might say, and a small student then also says what the teacher would hardly say. KL(student ‖ teacher) punishes
the opposite and lets the student keep to some of the modes. MiniLLM (Gu et al., 2023) argues for the reverse in open-ended
text; with one right answer the two differ little. Which is better depends on the task, and is debated.

</details>

<details><summary>What is on-policy distillation?</summary>

On the teacher's or a corpus's texts the student learns what to do after *good* beginnings; at use it stands after its own. So let the student
write, and let the teacher give its distribution at every token of that text (GKD, Agarwal et al., 2023). The signal is dense, where a
reward for the whole text is one number; it needs the teacher at hand during training.

</details>

<details><summary>Teacher and student have different tokenizers. What can be done?</summary>

Sequence-level distillation, which only passes text. Matching distributions needs the same tokens at the same places, or an alignment of
the two, which loses something.

</details>

<details><summary>The teacher's logits do not fit on the disk.</summary>

100,000 words times two bytes are 200 kB a token. Store the k likeliest and account for the rest (third exercise), store a few sampled
tokens with weights, or run the teacher beside the student and store nothing.

</details>

<details><summary>Can the student become better than the teacher?</summary>

At what the teacher's *samples* contain after filtering, yes: an answer that is right one time in four becomes the only one that is
learned. With hard labels or other data beside the teacher, too. Students of their teacher's own size, trained on its outputs, have been
seen to beat it (born-again networks, Furlanello et al., 2018). It cannot learn what no text and no label says.

</details>

<details><summary>Distil, quantise or prune?</summary>

Quantisation changes no architecture, takes minutes and gives a factor of two to four in memory (question 38); try it first.
Distillation buys larger factors, costs a training run, and ties the student to the tasks of its data. They combine.

</details>

<details><summary>Is a bigger teacher always better?</summary>

No. A student that is much smaller cannot match it, and a weaker teacher's simpler distribution may serve better; this "capacity
gap" has been reported repeatedly and is not settled. Tune the teacher's temperature and the mixture, or use a middle model.

</details>
"""

# %% [markdown]
r"""
### Sources

- Hinton, Vinyals, Dean (2015), *Distilling the Knowledge in a Neural Network*, arXiv 1503.02531: soft targets, temperature, T squared (section
  2), matching logits (section 2.1).
- Kim, Rush (2016), *Sequence-Level Knowledge Distillation*, arXiv 1606.07947.
- Gu, Dong, Wei, Huang (2023), *MiniLLM*, arXiv 2306.08543: reverse KL. Agarwal et al. (2023), *On-Policy Distillation of Language Models*, arXiv
  2306.13649: GKD. Forward against reverse is **contested**.
- Furlanello et al. (2018), *Born-Again Neural Networks*, arXiv 1805.04770.
- DeepSeek-AI (2024), *DeepSeek-V3 Technical Report*, arXiv 2412.19437; DeepSeek-AI (2025), *DeepSeek-R1*, arXiv 2501.12948, and its repository's
  README (sizes and base models of R1-Distill; read in November 2026).
- PyTorch 2.13, documentation of `torch.nn.functional.kl_div`; openai 3.54, both read in November 2026.
"""
