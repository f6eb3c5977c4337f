# %% [markdown]
r"""
## Q1. What is a language model?

*Easy · 60 minutes · needs softmax (self-test 3), probability (self-test 4)*
"""

# %% [markdown]
r"""
### Say it

> A language model gives every text a probability, by giving at each position a probability
> distribution over the next token. It learns that from raw text, without labels: the text is its own
> answer. Earlier models counted word sequences (n-grams), or were pre-trained and then fitted with
> a head for each task, as BERT was. Today one set of weights does many tasks because each task can be
> *written* as text to be continued; "large" means billions of weights and trillions of tokens. How
> good the bare model is, its perplexity says: the exponential of its mean negative log-likelihood
> per token, which reads as "as unsure as among so many equally likely tokens".
"""

# %% [markdown]
r"""
### See it

**A model that you can hold in your hand.** Two of the models that this course has trained, `base`
and `instruct`, have about a million weights each and learned from texts about a small invented world:
people, towns, ships, guilds. Every fact of that world is known, so what they say can be checked. Here
is one person, and `base`, which has only ever continued text.
"""

# %% tags=["demo"]
from course import lab, world

home = world.make_world()
person = home.of_kind("person")[0]
town = home.fact(person, "person.home").value
model, tokenizer = lab.load("base"), lab.tokenizer("base")
print(f"{sum(w.numel() for w in model.parameters()):,} weights")
print(f"in this world, {person} lives in {town}")

# %% [markdown]
r"""
**The next token.** Given the beginning of a sentence the model returns one score for every token of
its vocabulary. Softmax turns the scores into probabilities. These are the likeliest next tokens after
two beginnings: one that leaves much open, and one that this world decides.
"""


# %% tags=["demo"]
def tokens_of(text: str) -> list[int]:
    # in training a text begins with a space, so that its first word is cut as it is elsewhere
    return tokenizer(" " + text, add_special_tokens=False).input_ids


def next_probs(text: str) -> Tensor:
    ids = torch.tensor([[tokenizer.bos_token_id, *tokens_of(text)]])  # a text begins here
    with torch.no_grad():
        return model(ids).logits[0, -1].softmax(dim=-1)


for beginning in (person, f"{person} lives in"):
    likely = next_probs(beginning).topk(4)
    shown = [f"{tokenizer.decode([i])!r} {p:.2f}" for p, i in zip(*likely, strict=True)]
    print(f"{beginning!r:32}", "  ".join(shown))

# %% [markdown]
r"""
**A whole text.** Its probability is the product of the probabilities of its tokens, each given those
before it (the chain rule): $P(w_1 \dots w_N) = \prod_t P(w_t \mid w_1 \dots w_{t-1})$. Products of so many
small numbers vanish, so one adds logarithms. Three sentences: a true one, the same with another town,
and the words of the first in no order.
"""


# %% tags=["demo"]
def token_logprobs(text: str) -> list[float]:
    row = torch.tensor([[tokenizer.bos_token_id, *tokens_of(text)]])
    with torch.no_grad():
        logprobs = model(row).logits[0, :-1].log_softmax(dim=-1)
    return logprobs.gather(1, row[0, 1:, None])[:, 0].tolist()


other = next(t for t in home.of_kind("town") if t != town)
for text in (
    f"{person} lives in {town}.",
    f"{person} lives in {other}.",
    f"in {person} {town} lives.",
):
    logs = token_logprobs(text)
    print(f"{text:36} log P = {sum(logs):7.2f}   {len(logs)} tokens")

# %% [markdown]
r"""
The model has no table of facts and no grammar book. It has learned one thing, to give likely
continuations a high probability, and both knowledge and grammar follow from it, as far as they go.
"""

# %% [markdown]
r"""
#### Perplexity

The mean of $-\log P$ per token is the training loss. Its exponential is the **perplexity**. A model
that is always torn between $V$ equally likely tokens has perplexity $V$; one that knows what comes has
1. Here token by token: where is the model surprised?
"""

# %% tags=["demo"]
from course import figures

text = f"{person} lives in {town}. {world.state(home.facts(town)[0])}."
pieces = [tokenizer.decode([i]) for i in tokens_of(text)]
surprise = -np.array(token_logprobs(text))
fig, ax = figures.subplots(size=(8, 2.6))
ax.bar(range(len(surprise)), surprise, color=figures.GREY, edgecolor=figures.INK)
ax.set_xticks(range(len(pieces)), pieces, rotation=60, ha="right", fontsize=8)
ax.set_ylabel("−log P (nats)")
ax.set_title(f"perplexity {math.exp(surprise.mean()):.2f}")
top = pieces[int(surprise.argmax())].strip()
figures.show(
    fig,
    f"Bars of surprise in nats for {len(pieces)} tokens of two true sentences. They are "
    f"high where a choice is open, highest at {top!r}, and low inside names and fixed phrases.",
)

# %% [markdown]
r"""
High bars stand where the text could have gone on in many ways, such as at the beginning of a name.
Once a name has begun, the rest of it is little surprise, except where several names begin alike.
"""

# %% [markdown]
r"""
#### What came before: counting

An **n-gram model** predicts the next word from the $n-1$ words before it, by counting how often each
word followed them. It was the workhorse of speech recognition and translation into the 2010s. Here
is a trigram model ($n = 3$) of the same world's prose. `pages` gives paragraphs of random true
sentences.
"""

# %% tags=["demo"]
import random
import re
from collections import Counter, defaultdict

from course.world.pages import prose_page

draw = random.Random(0)
pages = [prose_page(home, draw) for _ in range(4000)]
unseen = [prose_page(home, random.Random(seed)) for seed in range(10_000, 10_150)]


def words_of(page: str) -> list[list[str]]:
    return [re.findall(r"\w+|[^\w\s]", s) for s in re.split(r"(?<=[.])\s+", page) if s]


follows: dict[tuple[str, ...], Counter] = defaultdict(Counter)
for sentence in (s for page in pages for s in words_of(page)):
    row = ["<s>", "<s>", *sentence, "</s>"]
    for i in range(2, len(row)):
        follows[row[i - 2], row[i - 1]][row[i]] += 1
print(f"{len(follows):,} histories of two words; after ('lives', 'in'):")
print(follows["lives", "in"].most_common(4))

# %% [markdown]
r"""
It knows that a town follows "lives in", but not *whose* town: the name stands further back than two
words. Let both write. A program checks each sentence against the world.
"""


# %% tags=["demo"]
def trigram_sentence(rng: random.Random) -> str:
    row = ["<s>", "<s>"]
    while row[-1] != "</s>" and len(row) < 40:
        options = follows[row[-2], row[-1]]
        row.append(rng.choices(list(options), list(options.values()))[0])
    return re.sub(r" ([.,])", r"\1", " ".join(row[2:-1]))


rng = random.Random(1)
by_trigram = [trigram_sentence(rng) for _ in range(200)]
written = lab.generate(tokenizer.bos_token, n=40, temperature=1.0, max_new_tokens=100, seed=1)
by_model = [s for text in written for s in world.sentences(text)[:-1]]  # the last may be cut off
for name, lines in [("trigram", by_trigram), ("base", by_model)]:
    verdicts = Counter(world.check(home, line).verdict.value for line in lines)
    shares = {verdict: f"{n / len(lines):.0%}" for verdict, n in verdicts.most_common()}
    print(f"{name:8} {len(lines)} sentences: {shares}")
    print("        ", *lines[:2], sep="\n           ")

# %% [markdown]
r"""
"Not about the world" is whatever the checker cannot judge: broken sentences, but sound ones too, such as
questions, and names or dates of which this world knows nothing. (`base` has also read questions with
answers, and documents about other people.) So compare *true* with *false*. Most of what `base` states of
this world is true; of the trigram's sentences hardly any is. Every three words in a row stood like that in
its training text, and what they say together is made up.
"""

# %% [markdown]
r"""
And measured: how many bits does each need for the same unseen text? The trigram predicts words and the
transformer pieces of words, so we divide by something that both share, the text's bytes. (Unseen
here means new paragraphs: most of their sentences stood in the trigram's training text too.) To the trigram
we are kind: after histories that it never saw, a word is scored by its own frequency.
"""

# %% tags=["demo"]
singles = Counter(w for page in pages for s in words_of(page) for w in [*s, "</s>"])
total = sum(singles.values())


def trigram_bits(page: str) -> float:
    bits = 0.0
    for sentence in words_of(page):
        row = ["<s>", "<s>", *sentence, "</s>"]
        for i in range(2, len(row)):
            seen = follows.get((row[i - 2], row[i - 1]), Counter())
            single = (singles[row[i]] + 1) / (total + len(singles) + 1)
            share = 0.9 if seen else 0.0  # the rest of the mass goes by the single word's frequency
            bits -= math.log2(share * seen[row[i]] / max(1, seen.total()) + (1 - share) * single)
    return bits


text_bytes = sum(len(page.encode()) for page in unseen)
print(f"trigram      {sum(map(trigram_bits, unseen)) / text_bytes:.2f} bits per byte")
scored = [token_logprobs(page) for page in unseen]
bits = -sum(map(sum, scored)) / math.log(2)
print(f"transformer  {bits / text_bytes:.2f} bits per byte")

# %% [markdown]
r"""
The transformer needs fewer: it can use the name at the beginning of a sentence to predict the town at its
end. Fewer bits per byte and more true sentences are the same gain, seen twice.
"""

# %% [markdown]
r"""
#### No labels

Where does the supervision come from? From the text itself. Two ways of making a task out of raw text:
predict the **next** word from those before it (GPT), or hide some words and predict the **masked**
ones from both sides (BERT). The texts are the same, and the targets are words of theirs:
"""

# %% tags=["demo"]
text_words = [w for page in pages[:1500] for sentence in words_of(page) for w in sentence]
code = {w: i for i, w in enumerate(dict.fromkeys(text_words))}
stream = torch.tensor([code[w] for w in text_words])
MASK, width, dim = len(code), 16, 48


def batch(causal: bool, g: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Return inputs (64, 16), targets of the same shape, and which of the targets count."""
    start = torch.randint(len(stream) - width - 1, (64, 1), generator=g)
    rows = stream[start + torch.arange(width + 1)]
    if causal:
        return rows[:, :-1], rows[:, 1:], torch.ones(64, width, dtype=torch.bool)
    hidden = torch.rand(64, width, generator=g) < 0.15
    return torch.where(hidden, MASK, rows[:, :-1]), rows[:, :-1], hidden


# %% [markdown]
r"""
The same small network learns each, a Transformer layer between two embeddings and a softmax. Nobody
has annotated anything, and both losses fall.
"""


# %% tags=["demo"]
def train(causal: bool, steps: int = 200) -> list[float]:
    g = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    layer = torch.nn.TransformerEncoderLayer(
        dim, 4, 2 * dim, dropout=0.0, batch_first=True, norm_first=True
    )
    words, places = torch.nn.Embedding(MASK + 1, dim), torch.nn.Embedding(width, dim)
    head = torch.nn.Linear(dim, MASK)
    look = torch.nn.Transformer.generate_square_subsequent_mask(width) if causal else None
    net = torch.nn.ModuleList([words, places, layer, head])
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.01)
    losses = []
    for _ in range(steps):
        inputs, targets, counted = batch(causal, g)
        states = layer(words(inputs) + places.weight, src_mask=look)
        loss = torch.nn.functional.cross_entropy(head(states[counted]), targets[counted])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


curves = {"next word": train(causal=True), "masked word": train(causal=False)}

# %% tags=["demo"]
fig, ax = figures.subplots(size=(6, 2.8))
for name, losses in curves.items():
    ax.plot(np.convolve(losses, np.ones(10) / 10, mode="valid"), label=name)
ax.axhline(math.log(MASK), linestyle=":", linewidth=1)
ax.annotate(f"guessing among {MASK} words", (80, math.log(MASK) - 0.7))
ax.set(xlabel="step", ylabel="loss (nats)", ylim=(0, 7.5))
ax.legend(frameon=False, fontsize=9, loc="lower left")
means = [(np.mean(losses[:10]), np.mean(losses[-10:])) for losses in curves.values()]
ends = ", the ".join(
    f"{name} from {a:.1f} to {b:.1f}" for name, (a, b) in zip(curves, means, strict=True)
)
figures.show(
    fig,
    f"Two falling curves of loss over 200 training steps, averaged over ten, under a dotted line at "
    f"{math.log(MASK):.1f} nats, which is guessing: the {ends}.",
)

# %% [markdown]
r"""
The masked model falls later: only 15 % of its positions are tasks, so it had fewer of them. Question 37
compares the two properly.
"""

# %% [markdown]
r"""
#### One model, many tasks

`base` continues text. `instruct` has the same architecture and was trained on conversations about the
same world. *The prompt alone* says what the task is: three tasks, one set of weights, no head for any
of them.
"""

# %% tags=["demo"]
pupil = next(f.subject for f in home.facts() if f.relation == "person.teacher" and world.asked(f))
for request in (
    f"Who taught {pupil}?",
    f"Who taught {pupil}? Answer in JSON.",
    f"What animal does the teacher of {pupil} keep? Think step by step.",
):
    print(request, "\n   ", lab.chat(request))
teacher = home.fact(pupil, "person.teacher").value
print(f"The world says: {teacher}, who keeps {home.fact(teacher, 'person.pet').value}.")

# %% [markdown]
r"""
A sentence, a JSON object, an answer in two steps: only the words of the request differ. Compare the
answers with the world's own line, for the model may be wrong. How often it is, the lab's card says
(`course/lab/models/instruct/README.md`): seldom on questions like these, more often when they are asked in
words that its training never used, and nearly always on sums, which it has not learned.
"""

# %% [markdown]
r"""
### Build it

Two exercises in measuring a language model, and a repair. They need no model: a table of
probabilities is enough.
"""

# %% [markdown]
r"""
### Exercise 1.1 · `perplexity`

●○○ · 10 minutes · 4 points · core

Write `perplexity(token_logprobs, *, base="e")`: the perplexity of a model on a corpus.

`token_logprobs` is a list of sentences, each a list of floats: the logarithm of the probability that
the model gave to each token. The logarithms are to the base `base`, which is `"e"` or a number
greater than 1. Return

$$\mathrm{base}^{\,-\frac{1}{N}\sum \log_{\mathrm{base}} p}$$

as a float, with the sum and the count $N$ over **all tokens of all sentences**, so that a long
sentence weighs more than a short one.

- A sentence may be empty; it adds nothing. Without any token at all there is nothing to measure: a
  `ValueError`.
- A token of probability 0 has the logarithm `-inf`, and the perplexity is then `inf`. Where the
  power is too large for a float the result is `inf` too.
- A corpus may have 100,000 tokens, so that the product of all probabilities is far too small for a
  float.

By hand: tokens of probability 1/2 and 1/8, in one sentence or in two, give perplexity 4, the inverse
of their geometric mean.

<details><summary>Hint 1</summary>

Stay with logarithms until the very end. One sum, one count, one power.

</details>

<details><summary>Hint 2</summary>

`math.fsum` over all tokens, divided by their number, gives the mean; its negative is the exponent.
Python's `**` and `math.exp` raise `OverflowError` where the result is too large: catch it.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q01-perplexity", "locked": false, "schema_version": 3, "solution": true, "task": false}
def perplexity(token_logprobs: list[list[float]], *, base: float | str = "e") -> float:
    """Return the corpus perplexity.

    token_logprobs: for each sentence the log-probability of each token, to the given base.
    """
    ### BEGIN SOLUTION
    tokens = [logprob for sentence in token_logprobs for logprob in sentence]
    if not tokens:
        raise ValueError("there is no token, so there is no perplexity")
    exponent = -math.fsum(tokens) / len(tokens)
    try:
        return math.exp(exponent) if base == "e" else float(base) ** exponent
    except OverflowError:
        return math.inf
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q01-perplexity-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
half, eighth = math.log(1 / 2), math.log(1 / 8)
testing.agree(
    perplexity,
    [(([[half, half, half]],), 2.0), (([[eighth]],), 8.0)],
    "a model that gives every token the probability 1/V has perplexity V",
)
testing.agree(
    perplexity,
    [(([[half, eighth]],), 4.0), (([[half], [eighth]],), 4.0)],
    "perplexity is the inverse of the geometric mean of the probabilities: exp of the mean, not "
    "the mean of exp",
)
testing.agree(
    perplexity,
    [(([[-1.0, -3.0]],), {"base": 2}, 4.0), (([[-1.0, -3.0]],), {"base": 10}, 100.0)],
    "log-probabilities to base 2 are undone by a power of 2, those to base 10 by a power of 10",
)

# %% nbgrader={"grade": true, "grade_id": "q01-perplexity-hidden-weight", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: tokens weigh equally, not sentences (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for _ in range(4):
    lengths = rng.permutation([0, 1, 2, 7, 12])
    corpus = [[float(x) for x in -rng.exponential(size=int(n)) * 3] for n in lengths]
    flat = [x for sentence in corpus for x in sentence]
    testing.agree(
        perplexity,
        [((corpus,), math.exp(-sum(flat) / len(flat))), (([flat],), math.exp(-sum(flat) / 22))],
        "the mean runs over all tokens of the corpus: averaging the sentences' means or "
        "perplexities gives short sentences too much weight",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q01-perplexity-hidden-base", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the base of the logarithms does not matter (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for base in (2, 2.0, 10, 1.5, 256):
    natural = [[float(x) for x in -rng.exponential(size=9)] for _ in range(3)]
    converted = [[x / math.log(base) for x in sentence] for sentence in natural]
    wanted = math.exp(-sum(map(sum, natural)) / 27)
    testing.agree(
        perplexity,
        [((converted,), {"base": base}, wanted), ((natural,), {"base": "e"}, wanted)],
        "the same probabilities have the same perplexity, whatever base their logarithms are to: "
        "the power needs the base of the logarithm",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q01-perplexity-hidden-long", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: long corpora, impossible tokens, overflow (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    perplexity,
    [
        (([[math.log(1 / 50)] * 4000] * 5,), 50.0),
        (([[math.log(1 / 50_000)] * 3000],), 50_000.0),
    ],
    "the product of thousands of probabilities is 0 in floating point: add logarithms instead",
)
testing.agree(
    perplexity,
    [
        (([[-1.0, -math.inf], [-2.0]],), math.inf),
        (([[-1.0], [-math.inf]],), {"base": 2}, math.inf),
    ],
    "a single token of probability 0 makes the perplexity infinite",
)
testing.agree(
    perplexity,
    [(([[-1e4]],), math.inf), (([[-1e4, -3e4]],), {"base": 2}, math.inf)],
    "where the power is too large for a float the result is inf, not an OverflowError",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q01-perplexity-hidden-empty", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: empty sentences, empty corpora (1 point)
### BEGIN HIDDEN TESTS
quarter = math.log(1 / 4)
testing.agree(
    perplexity,
    [(([[], [quarter, quarter], []],), 4.0), (([[quarter], [], [], []],), 4.0)],
    "an empty sentence adds no token and changes nothing",
)
for nothing in ([], [[]], [[], [], []]):
    assert testing.raises(ValueError, perplexity, nothing), (
        "without a single token there is no perplexity: raise a ValueError"
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 1.2 · `ngram_nll`

●●○ · 20 minutes · 5 points · core

Write `ngram_nll(train, test, n, k)`: train an n-gram language model by counting, and return its mean
negative log-likelihood on a test corpus, in nats per predicted token.

`train` and `test` are lists of sentences, each a list of words (strings). `n >= 1` is the order of
the model: the next word depends on the `n - 1` words before it, its *history*.

1. **Padding.** Put `n - 1` times `"<s>"` before each sentence and one `"</s>"` behind it. The words
   and `"</s>"` are predicted; `"<s>"` never is, it only stands in histories.
2. **Vocabulary.** $V$ holds the distinct words of `train`, and `"</s>"`, and `"<unk>"`. A word of
   `test` that `train` does not have is replaced by `"<unk>"` (the probability is the same; the
   replacement says why).
3. **Probability**, with add-k smoothing:

$$P(w \mid h) = \frac{c(h, w) + k}{c(h) + k\,|V|}$$

where $c(h, w)$ counts how often `w` followed the history `h` in `train`, and $c(h)$ how often `h`
was a history there. A history that never occurred has $c(h) = 0$; every word then has
probability $1/|V|$.

Return the mean of $-\ln P$ over all predicted tokens of all test sentences, as a float. A sentence
may be empty: then only `"</s>"` is predicted. `n < 1`, `k <= 0` and a `test` without any sentence
are a `ValueError`. The words `"<s>"`, `"</s>"` and `"<unk>"` do not occur in the corpora given.

By hand: `train = [["a", "b"], ["a"]]`, `n = 2`, `k = 1`. $V$ = {a, b, \</s\>, \<unk\>}. After
`"<s>"` came "a", twice of two: $P(a \mid {<}s{>}) = 3/6$. After "a" came "b" once and `"</s>"` once:
$P(b \mid a) = 2/6$.

<details><summary>Hint 1</summary>

Two `collections.Counter`s, one for pairs (history, word), one for histories. A history is a tuple;
for n = 1 it is the empty tuple, and everything still holds.

</details>

<details><summary>Hint 2</summary>

Write a generator that pads a sentence and yields (history, word) for each predicted position. Use it
twice: to count on `train`, and to score `test` after unknown words have been replaced.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q01-ngram-nll", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections import Counter


def ngram_nll(train: list[list[str]], test: list[list[str]], n: int, k: float) -> float:
    """Return the mean nats per predicted token of an add-k n-gram model on `test`."""
    ### BEGIN SOLUTION
    if n < 1 or k <= 0 or not test:
        raise ValueError("n must be at least 1, k positive, and test must hold a sentence")

    def predictions(sentence):
        padded = ["<s>"] * (n - 1) + sentence + ["</s>"]
        for i in range(n - 1, len(padded)):
            yield tuple(padded[i - n + 1 : i]), padded[i]

    pairs, histories = Counter(), Counter()
    vocabulary = {"</s>", "<unk>"}
    for sentence in train:
        vocabulary |= set(sentence)
        for history, word in predictions(sentence):
            pairs[history, word] += 1
            histories[history] += 1
    total, count = 0.0, 0
    for sentence in test:
        known = [word if word in vocabulary else "<unk>" for word in sentence]
        for history, word in predictions(known):
            p = (pairs[history, word] + k) / (histories[history] + k * len(vocabulary))
            total -= math.log(p)
            count += 1
    return total / count
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q01-ngram-nll-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
small = [["a", "b"], ["a"]]
testing.agree(
    ngram_nll,
    [((small, [["b"]], 1, 1), -(math.log(2 / 9) + math.log(3 / 9)) / 2)],
    "n = 1: five tokens are predicted in training (two end signs among them) and |V| = 4, so "
    "P(b) = (1 + 1)/(5 + 4), and the end sign is predicted too",
)
testing.agree(
    ngram_nll,
    [((small, [["a", "b"]], 2, 1), -(math.log(3 / 6) + math.log(2 / 6) + math.log(2 / 5)) / 3)],
    "n = 2: the factors are P(a | <s>) = 3/6, P(b | a) = 2/6 and P(</s> | b) = 2/5",
)


# %% nbgrader={"grade": true, "grade_id": "q01-ngram-nll-hidden-orders", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: histories of every length, with their padding (2 points)
### BEGIN HIDDEN TESTS
def by_the_book(train: list, test: list, n: int, k: float) -> float:
    def grams(sentence: list[str]) -> list[tuple[str, ...]]:
        row = ["<s>"] * (n - 1) + list(sentence) + ["</s>"]
        return [tuple(row[i : i + n]) for i in range(len(row) - n + 1)]

    seen = [g for s in train for g in grams(s)]
    size = len({w for s in train for w in s}) + 2
    scored = [g for s in test for g in grams(s)]
    return -sum(
        math.log((seen.count(g) + k) / (sum(s[:-1] == g[:-1] for s in seen) + k * size))
        for g in scored
    ) / len(scored)


rng = testing.rng()
words = list("abcd")
for n in (1, 2, 3, 4):
    cases = []
    for k in (1, 0.25):
        train, test = (
            [list(rng.choice(words, rng.integers(1, 6))) for _ in range(6)] for _ in "12"
        )
        train.append(words)  # every word of the test is known
        train, test = ([[str(w) for w in s] for s in c] for c in (train, test))
        cases.append(((train, test, n, k), by_the_book(train, test, n, k)))
    testing.agree(
        ngram_nll,
        cases,
        "a history has n - 1 words, padded with n - 1 start signs; the end sign is predicted, "
        "start signs are not; |V| holds the end sign and <unk>",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q01-ngram-nll-hidden-unseen", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: words and histories that training never showed (1 point)
### BEGIN HIDDEN TESTS
small = [["a", "b"], ["a"]]
testing.agree(
    ngram_nll,
    [
        ((small, [["z"]], 1, 1), -(math.log(1 / 9) + math.log(3 / 9)) / 2),
        ((small, [["z"]], 2, 1), -(math.log(1 / 6) + math.log(1 / 4)) / 2),
        ((small, [["z", "y", "x"]], 2, 0.5), -(math.log(0.5 / 4) + 3 * math.log(1 / 4)) / 4),
    ],
    "an unknown word becomes <unk>, which is part of V; after a history that never occurred every "
    "word has probability 1/|V|",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q01-ngram-nll-hidden-mean", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the mean over tokens, and empty sentences (1 point)
### BEGIN HIDDEN TESTS
small = [["a", "b"], ["a"]]
long = [["a", "b", "a", "b", "a", "b", "a"], ["b"], []]
# P(a|<s>)=3/6, P(b|a)=2/6, P(a|b)=1/5, P(</s>|a)=2/6; P(b|<s>)=1/6, P(</s>|b)=2/5; P(</s>|<s>)=1/6
logs = [3 / 6, *[2 / 6, 1 / 5] * 3, 2 / 6, 1 / 6, 2 / 5, 1 / 6]
by_hand = -sum(map(math.log, logs)) / 11
testing.agree(
    ngram_nll,
    [((small, long, 2, 1), by_hand), ((small, [[]], 2, 1), math.log(6))],
    "the mean runs over all predicted tokens of all sentences; an empty sentence still predicts "
    "its end",
)
testing.agree(
    ngram_nll,
    [(([["a"], []], [[], ["a"]], 1, 1), -(2 * math.log(3 / 6) + math.log(2 / 6)) / 3)],
    "an empty training sentence counts one end sign",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q01-ngram-nll-hidden-errors", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what is refused (1 point)
### BEGIN HIDDEN TESTS
good = [["a", "b"]]
for n, k, test in [(0, 1, good), (-2, 1, good), (2, 0, good), (2, -0.5, good), (2, 1, [])]:
    testing.check(
        testing.raises(ValueError, ngram_nll, good, test, n, k),
        "n < 1, k <= 0 and a test corpus without sentences are a ValueError",
        inputs=(good, test, n, k),
        expected="a ValueError",
    )
assert testing.leaves_arguments(ngram_nll, [["a"], ["b", "a"]], [["z", "a"]], 3, 1.0), (
    "the corpora were changed: pad and replace words in a copy"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 1.3 · repair `bits_per_byte`

●○○ · 10 minutes · 3 points · core

Two models with different tokenizers cut the same text into different numbers of tokens, so their
perplexities per token cannot be compared. *Bits per byte* can: how many bits the model needs for
the whole text, divided by the text's length in bytes.

$$\mathrm{bits\ per\ byte} = \frac{-\sum_t \log_2 p_t}{\text{bytes of the text in UTF-8}}$$

The cell holds a version as it is often written. Mend it. `token_logprobs` holds the *natural*
logarithm of each token's probability, in order, at least one; `text` is the text that the tokens
spell, not empty. The result is a float. Errors are not tested.

By hand: four tokens of probability 1/2 that spell "ab" take 4 bits for 2 bytes, so 2 bits per byte.

<details><summary>Hint 1</summary>

There are three faults. Check the unit of every quantity: per what, in what.

</details>

<details><summary>Hint 2</summary>

Per token or per text? In nats or in bits? And what does `len(text)` count, for "é"?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q01-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def bits_per_byte(token_logprobs: list[float], text: str) -> float:
#     """Return the bits that a model needs per byte of text."""
#     loss = -sum(token_logprobs) / len(token_logprobs)
#     return loss / len(text)
### END REPAIR
### BEGIN SOLUTION
def bits_per_byte(token_logprobs: list[float], text: str) -> float:
    """Return the bits that a model needs per byte of text."""
    bits = -math.fsum(token_logprobs) / math.log(2)
    return bits / len(text.encode("utf-8"))


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q01-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    bits_per_byte,
    [(([math.log(1 / 2)] * 4, "ab"), 2.0), (([math.log(1 / 8)], "abc"), 1.0)],
    "four tokens of one bit each for two bytes: 2 bits per byte; one token of three bits for three "
    "bytes: 1",
)

# %% nbgrader={"grade": true, "grade_id": "q01-repair-hidden-total", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: another cut of the same text (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()
text = "the same text, cut into fewer and fewer tokens"
for tokens in (46, 23, 9, 1):
    shares = rng.dirichlet(np.ones(tokens))
    testing.agree(
        bits_per_byte,
        [(([-float(s) * 92 * math.log(2) for s in shares], text), 2.0)],
        "92 bits for 46 bytes are 2 bits per byte, into however many tokens the text is cut: take "
        "the sum over tokens, in bits",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q01-repair-hidden-bytes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: bytes, not characters (1 point)
### BEGIN HIDDEN TESTS
for text, size in [("é", 2), ("naïve", 6), ("你好", 6), ("🙂", 4), ("a\n", 2)]:
    testing.agree(
        bits_per_byte,
        [(([-12 * math.log(2)], text), 12 / size)],
        "a character takes one to four bytes in UTF-8: count bytes, so that every script is "
        "measured alike",
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

**"BERT, ELMo and word2vec are traditional models: they need labelled data for every task."** All three
are *self-supervised*: skip-gram predicts neighbouring words, ELMo the next word in both directions,
BERT masked words, all from raw text, as the "masked" curve above did. And BERT is itself a Transformer,
one body for many tasks, with a small head and a short fine-tuning for each. The line that matters runs
elsewhere: *pre-train, then fine-tune for each task* against *pre-train, then prompt*.
"""

# %% [markdown]
r"""
**"Model A has perplexity 8 and model B has 30, so A is better."** Not if they cut the text
differently. Perplexity is *per token*, and a tokenizer with more, shorter tokens spreads the same
total over more of them. Below, one model and one probability for each page; only the unit changes.
"""

# %% tags=["demo"]
nats = -sum(map(sum, scored))
units = {
    "token of this tokenizer": sum(map(len, scored)),
    "word or sign": sum(len(s) for page in unseen for s in words_of(page)),
    "character": sum(len(page) for page in unseen),
}
for unit, count in units.items():
    print(f"perplexity per {unit:24} {math.exp(nats / count):6.2f}   ({count:,} of them)")
print(f"bits per byte, whatever the tokenizer: {nats / math.log(2) / text_bytes:.3f}")

# %% [markdown]
r"""
**"Average the perplexities of your documents."** The average of exponentials is not the exponential of
the average. One bad short document can dominate:
"""

# %% tags=["demo"]
documents = [[math.log(0.5)] * 99, [math.log(0.0001)]]  # a long easy one, a short hard one
each = [math.exp(-sum(d) / len(d)) for d in documents]
tokens = [x for d in documents for x in d]
print("perplexities of the two documents:", [round(p, 2) for p in each])
print(f"their mean: {np.mean(each):,.0f}   of all tokens: {math.exp(-np.mean(tokens)):.2f}")

# %% [markdown]
r"""
**"A large language model is a Transformer decoder."** Usual, and no definition. Encoder-decoders (T5,
UL2), mixtures of experts, state-space models and hybrids of these are language models as well; what
makes it one is the distribution over text.
"""

# %% [markdown]
r"""
### If they push

<details><summary>Is perplexity 1 possible?</summary>

On a text without choice, yes. On natural text there is entropy left that no model can remove: at
some places several continuations are equally right. A perplexity far below what people or other models
reach on the same text usually means that the text was in the training data.

</details>

<details><summary>Does a lower perplexity mean better answers?</summary>

Within one family, on the same text and tokenizer, it usually goes along with better results, which is
why scaling laws are about loss (question 40). Between models it need not: instruction tuning usually
*raises* the perplexity on web text and improves the answers. It measures prediction, not
usefulness or truth.

</details>

<details><summary>Is in-context learning what separates large models from small ones?</summary>

Contested. GPT-3 made it prominent at scale (Brown et al., 2020). But the circuit behind its simplest
form, the induction head, appears in attention-only models of two layers (Olsson et al., 2022), and some
abilities that seemed to emerge suddenly are smooth under another metric (Schaeffer et al., 2023).
Question 26 shows induction heads in a model of two layers.

</details>

<details><summary>Can a masked model such as BERT generate text?</summary>

Not by the chain rule: it gives probabilities for hidden places given *both* sides, and their product
is no probability of the text. One can fill masks repeatedly, and diffusion language models are
trained for exactly that. Autoregressive models have a simple exact likelihood and a simple loop.

</details>

<details><summary>What does an n-gram model still do better?</summary>

It trains in one pass, its counts can be read and corrected, and a look-up costs next to nothing. With
web-sized counts it is still used to filter training text by perplexity and to correct spelling on
small devices. What it cannot do is connect words that stand far apart, or treat similar words alike:
"lives in Bern" teaches it nothing about "resides in Bern".

</details>

<details><summary>How large is "large"?</summary>

There is no threshold. GPT-2 was called large in 2019 with 1.5 billion weights; GPT-3 had 175 billion
in 2020. The word says how models are made and used, trained broadly and then prompted, more than a
number.

</details>
"""

# %% [markdown]
r"""
### Sources

- Shannon (1951), *Prediction and Entropy of Printed English*, Bell System Technical Journal 30:
  the entropy of text, by guessing the next letter.
- Jelinek, Mercer, Bahl, Baker (1977), *Perplexity: a measure of the difficulty of speech recognition
  tasks*, Journal of the Acoustical Society of America 62 (supplement 1), page S63: perplexity.
- Bengio, Ducharme, Vincent, Jauvin (2003), *A Neural Probabilistic Language Model*, JMLR 3: words as
  vectors, learned while predicting.
- Mikolov, Chen, Corrado, Dean (2013), *Efficient Estimation of Word Representations in Vector Space*,
  arXiv 1301.3781; Peters et al. (2018), *Deep contextualized word representations*, arXiv 1802.05365;
  Devlin, Chang, Lee, Toutanova (2018), *BERT*, arXiv 1810.04805: self-supervised all three.
- Vaswani et al. (2017), *Attention Is All You Need*, arXiv 1706.03762.
- Brown et al. (2020), *Language Models are Few-Shot Learners*, arXiv 2005.14165: prompting instead of
  fine-tuning. **Contested**, what emerges with scale: Olsson et al. (2022), *In-context Learning and
  Induction Heads*, arXiv 2209.11895; Schaeffer, Miranda, Koyejo (2023), *Are Emergent Abilities of
  Large Language Models a Mirage?*, arXiv 2304.15004.
"""
