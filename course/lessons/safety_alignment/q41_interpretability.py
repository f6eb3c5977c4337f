# %% [markdown]
r"""
## Q41. How is a network's inside read?

*Hard · 90 minutes · needs the residual stream and attention (question 2), logits (question 4)*
"""

# %% [markdown]
r"""
### Say it

> There are two kinds of reading. Correlational tools look: attention pictures, probes, the logit
> lens, the features of a sparse autoencoder. Causal tools act: activation patching copies one activation from one
> run into another and sees how much of the answer comes back; steering adds a direction and sees what changes.
> Looking finds candidates, and only acting tells whether the model uses them. Each tool needs its control: a probe
> needs a task that it could only memorise, a feature needs a single token or a random direction to beat. A sparse
> autoencoder rewrites an activation as a sum of few directions out of many; its
> penalty must be summed over the features and tied to the decoder's norm. How useful that is, is
> contested in 2026.
"""

# %% [markdown]
r"""
### See it

**Open the model.** An endpoint returns text and, at best, a few log-probabilities; nothing below can be done through one.
So this section takes `base`, the lab's model of plain text, as plain tensors (`lab.raw`), and computes the forward pass itself.
`course.lab.inside.run` does that, about forty lines, with a *hook* wherever something is added: the hook sees a tensor, and what
it returns is what the run goes on with. The people of the invented world all have one trade each, which `base` has learned by heart.
"""

# %% tags=["demo"]
import random

from course import figures, lab, world
from course.lab import inside

params, cfg = lab.raw("base")
tokenizer, home = lab.tokenizer("base"), world.make_world()
LAYERS, HEADS = cfg["num_hidden_layers"], cfg["num_attention_heads"]


def encode(texts: list[str]) -> Tensor:
    """Prompts of equal length -> ids (B, T)."""
    rows = tokenizer([f"{tokenizer.bos_token} {t}" for t in texts], add_special_tokens=False)
    return torch.tensor(rows.input_ids)


def run(ids: Tensor, hook=None) -> inside.Opened:
    return inside.run(params, cfg, ids, hook)


def words(ids: Tensor) -> list[str]:
    return [tokenizer.decode([int(i)]).strip() or "_" for i in ids]


print(f"{LAYERS} layers of {HEADS} heads, a residual stream of {cfg['hidden_size']} numbers")

# %% [markdown]
r"""
Is it the same model? The cell holds the logits against those of transformers. Then it collects people whose first name and surname have two tokens
each, so that all prompts line up.
"""


# %% tags=["demo"]
def pieces(text: str) -> list[int]:
    return tokenizer(f" {text}", add_special_tokens=False).input_ids


def value_token(name: str, relation: str) -> int:
    """The first token of a value, after its article: "a weaver" -> " weaver"."""
    return pieces(home.fact(name, relation).value.split(" ", 1)[1])[0]


people = home.of_kind("person")
group = [p for p in people if len(pieces(p)) == 4 and len(pieces(p.split()[0])) == 2]
group = [p for p in group if home.fact(p, "person.trade").value.startswith("a ")]
prompts = encode([f"{p} works as a" for p in group])
trades = torch.tensor([value_token(p, "person.trade") for p in group])
plain = run(prompts)
try:
    theirs = lab.load("base")(prompts).logits
    print("largest difference from transformers:", f"{(theirs - plain.logits).abs().max():.1e}")
except ImportError:
    print("To compare with transformers: pip install transformers")


def right(logits: Tensor, tokens: Tensor = trades) -> float:
    """Mean probability of each row's token at the last position."""
    return float(logits[:, -1].softmax(dim=-1)[torch.arange(len(tokens)), tokens].mean())


print(f"{len(group)} people; probability of the true trade: {right(plain.logits):.2f}")
print("for example:", words(prompts[0]), "->", tokenizer.decode([int(trades[0])]))

# %% [markdown]
r"""
#### Attention pictures

The most common picture of a network's inside: where does the last token look? Left, the attention of the last token, averaged over
all layers and heads and over the people. Right, an experiment on the same edges: forbid the last token, in all layers, to
look at one position (the rest of each row is renormalised), and see how much of the right answer's probability is lost.
Which positions matter most, by the left picture?
"""

# %% tags=["demo"]
places = ["<bos>", "first 1", "first 2", "last 1", "last 2", "works", "as", "a"]


def cut(position: int):
    def hook(site: str, layer: int, x: Tensor) -> Tensor:
        if site == "scores":
            x = x.clone()
            x[:, :, -1, position] = -torch.inf
        return x

    return hook


looked = torch.stack(plain.attention)[:, :, :, -1].mean(dim=(0, 1, 2)).numpy()
lost = [right(plain.logits) - right(run(prompts, cut(i)).logits) for i in range(len(places))]
fig, axes = figures.subplots(1, 2, size=(7.4, 2.8))
for ax, height, title in zip(axes, (looked, lost), ("attention", "lost when cut"), strict=True):
    figures.bars(ax, height, labels=places)
    ax.set(title=title, ylabel="")
pairs = ", ".join(
    f"{name} {a:.2f} and {b:.2f}" for name, a, b in zip(places, looked, lost, strict=True)
)
figures.show(
    fig,
    "Two bar charts over the tokens of the prompt. Mean attention of the last token, and "
    f"probability of the right answer lost when that edge is cut: {pairs}.",
)

# %% [markdown]
r"""
Read them like this: several positions get about the same attention, and differ in everything else. Cutting *works* costs nearly the whole
answer, for without it the last token does not know which attribute is asked for; cutting *as*, the beginning of the text, or the end of the
surname costs next to nothing. The picture is not wrong: it does show where weights are. It does not show what
is *in* what they carry, nor whether anything later uses it.

The same for single heads. Many have a striking pattern. Replace the last token's pattern by a uniform one, in one head at a time:
"""


# %% tags=["demo"]
def flatten(layer: int, head: int):
    def hook(site: str, at: int, x: Tensor) -> Tensor:
        if (site, at) == ("scores", layer):
            x = x.clone()
            x[:, head, -1] = 0.0  # equal scores: every position gets the same weight
        return x

    return hook


print("layer head  sharpest weight, on    probability of the true trade, head made uniform")
for layer in range(1, LAYERS + 1):
    for head in range(HEADS):
        pattern = plain.attention[layer - 1][:, head, -1].mean(dim=0)
        after = right(run(prompts, flatten(layer, head)).logits)
        print(
            f"{layer:5} {head:4} {pattern.max():9.2f}  {places[int(pattern.argmax())]:10} {after:14.2f}"
        )

# %% [markdown]
r"""
A few heads matter. Others put more than half of their weight on one token, make a fine picture, and can be made uniform
without any loss. Jain and Wallace (2019) found the same for older networks: very different attention, the same prediction.
Wiegreffe and Pinter (2019) answered that it depends on what one calls an explanation. Both agree with the practical rule: **a pattern is
a hypothesis, the cut is the test.** (One cut alone can also mislead: a second head may take over.)
"""

# %% [markdown]
r"""
#### The logit lens

The residual stream has the same width from the embedding to the end, and the output layer reads it. So one can read it early: apply the
last norm and the output layer after every layer (nostalgebraist, 2020). Where does the right trade come up?
"""


# %% tags=["demo"]
def lens(stream: Tensor) -> Tensor:
    normed = torch.nn.functional.rms_norm(
        stream, stream.shape[-1:], params["model.norm.weight"], cfg["rms_norm_eps"]
    )
    return normed @ params["model.embed_tokens.weight"].T


print("after layer  probability of the true trade   what the lens reads for one person")
for layer, stream in enumerate(plain.stream):
    read = lens(stream)
    top = [tokenizer.decode([int(i)]).strip() for i in read[0, -1].topk(4).indices]
    print(f"{layer:11} {right(read):20.2f}              {', '.join(top)}")
print("true:", group[0], "is", home.fact(group[0], "person.trade").value)

# %% [markdown]
r"""
On large models the lens often shows an answer that takes shape over many layers. **That did not appear here**: before the last of its four
layers the stream holds *a trade* (look at the words: they are the beginnings of *baker*, *miller*, *healer*), but the right one has hardly more than a guess among
sixteen trades. Either the person's trade is not there yet, or it
is there in directions that the output layer does not read. The lens cannot tell the two apart. Patching can.
"""

# %% [markdown]
r"""
#### Activation patching

Take two people. The *clean* run is about the one, the *corrupted* run about the other; they differ in nothing but the name.
Copy one vector of the residual stream, one layer at one position, from the clean run into the corrupted one. How far does
the answer move from the second person's trade to the first's? 0 is not at all, 1 is all the way, measured in the difference of the two
logits. The picture does it for every layer and position, averaged over pairs. The last column is the token "a", the last of the prompt. In which rows do you expect it to matter?
"""

# %% tags=["demo"]
order = random.Random(0).sample(range(len(group)), 40)
first, second = order[:20], order[20:]
restored = inside.patch_map(params, cfg, prompts[first], prompts[second])
fig, ax = figures.subplots(size=(6.4, 3.0))
ax.imshow(restored, cmap="Greys", vmin=0, vmax=1, aspect="auto")
for (row, column), share in np.ndenumerate(restored):
    ax.text(column, row, f"{share:.2f}", ha="center", va="center", fontsize=8,
            color="white" if share > 0.6 else "black")  # fmt: skip
ax.set_xticks(range(len(places)), places, rotation=35, ha="right")
ax.set(yticks=range(LAYERS + 1), ylabel="after layer")
figures.show(
    fig,
    "A grid of layers 0 to 4 by tokens. After layers 0 to 3 it is the name's tokens that restore "
    f"something: {', '.join(f'{v:.2f}' for v in restored[2, 1:5])} after layer 2; the last token "
    f"restores {restored[2, -1]:.2f} there and {restored[3, -1]:.2f} after layer 3. After layer 4 the "
    f"last token restores {restored[4, -1]:.2f}, all others nothing.",
)

# %% [markdown]
r"""
Until layer 3 it is the *name's* vectors that decide, above all the surname's first token, which by then has seen the first name. The last token
hardly carries anything of the person. After layer 4 it carries all. So the person is fetched in the last layer. By which of its two parts?
Copy only what one part adds at the last position:
"""

# %% tags=["demo"]
parts = inside.part_map(params, cfg, prompts[first], prompts[second])
print("restored by copying one part at the last position:")
print("layer   attention     MLP")
for layer in range(LAYERS):
    print(f"{layer + 1:5} {parts['attention'][layer]:11.2f} {parts['mlp'][layer]:7.2f}")

# %% [markdown]
r"""
Both parts of layer 4 restore a large share, and the two shares sum to more than 1: they are not slices of a cake. Each is measured while the
other is still the corrupted run's, apart from what the copied part itself changes: the MLP reads what the attention has just fetched, so copying
the attention moves the MLP too. A reading that fits all three experiments: the last layer's attention fetches the name, and attention
and MLP together turn name and question into the trade. In GPT-2 XL, Meng et al. (2022) found the decisive step earlier and elsewhere: in MLPs of the middle layers, at the *last token of the
subject*. Here, in four layers, the name's tokens stay a name until the end. So is the trade really not in them? Ask a probe.
"""

# %% [markdown]
r"""
#### Probes, and what they could memorise

A linear probe is a classifier on activations: does the vector at the end of a name tell the person's trade? Each person stands in
several sentences. Split the sentences into training and test, fit, and count. Beside it a *control task* (Hewitt and Liang, 2019): every
**person** gets a random trade, the same in all sentences. Nobody can know it from the world; whatever the probe scores
there it has memorised. The difference is called *selectivity*.
"""

# %% tags=["demo"]
FORMS = (
    "{} works as", "{} lives in", "{} keeps",
    "The trade of {} is", "The home of {} is", "The pet of {} is",
)  # fmt: skip
rows_of_names = []  # one for each person and sentence
for number, person in enumerate(people):
    for form in FORMS:
        opened = run(encode([form.format(person)]))
        at = len(pieces(person)) + (3 if form.startswith("The") else 0)  # the name's last token
        stream = torch.stack(opened.stream)[:, 0].double().numpy()  # (layers + 1, T, D)
        rows_of_names.append((number, form, stream[:, at], stream[:, -1]))
who = np.array([r[0] for r in rows_of_names])
trade = np.array([home.fact(people[i], "person.trade").value for i in who])
draw = np.random.default_rng(1)


def invented(labels: np.ndarray, types: np.ndarray) -> np.ndarray:
    """A control task: every type gets one label at random."""
    return draw.choice(labels, size=types.max() + 1)[types]


# %% tags=["demo"]
fold = draw.integers(0, 4, size=len(people))[who]  # people in four groups
other_sentences = [np.array([r[1] in FORMS[2::3] for r in rows_of_names])]
other_people = [fold == k for k in range(4)]


def score(X: np.ndarray, y: np.ndarray, tests: list[np.ndarray]) -> float:
    """Share of test rows right; several tests: each row is tested once, by a probe of its own."""
    hits = [inside.ridge(X[~test], y[~test])(X[test]) == y[test] for test in tests]
    return float(np.concatenate(hits).mean())


controls = [invented(trade, who) for _ in range(3)]
print("trade, read at the end of the name")
print("after layer   tested on other sentences     tested on other people")
print("                 trade   control               trade   control")
for layer in range(LAYERS + 1):
    X = np.stack([r[2][layer] for r in rows_of_names])
    cells = []
    for tests in (other_sentences, other_people):
        cells += [score(X, trade, tests), np.mean([score(X, c, tests) for c in controls])]
    print("{:11} {:10.2f} {:9.2f} {:19.2f} {:9.2f}".format(layer, *cells))

# %% [markdown]
r"""
(There are sixteen trades, so guessing scores about a sixteenth. Each control is the mean of three random draws.) The left half's first column alone would make a paper: the trade can be read from the name, far above chance. But random trades
can be read about as well. The vectors tell *who* it is, and with a person's other sentences in the training set that is enough. The right half
asks about people the probe was never trained on, and there is nothing: the trade is not written in the name's vectors in any way that is
common to people of one trade. That agrees with the patching: here a name stays a name until the last layer looks it up.

A probe that finds something, for contrast. *Which attribute is asked for*, read at the last token: " is" in three of the sentences, so the token itself does
not tell.
"""

# %% tags=["demo"]
asks = np.array([r[1].startswith("The") for r in rows_of_names])
attribute = np.array([r[1].split()[1] for r in rows_of_names])[asks]
controls = [invented(attribute, who[asks]) for _ in range(3)]
tests = [test[asks] for test in other_people]
print("attribute asked for, read at the last token, tested on other people")
print("after layer  attribute   control    (chance 0.33)")
for layer in range(LAYERS + 1):
    X = np.stack([r[3][layer] for r in rows_of_names])[asks]
    cells = score(X, attribute, tests), np.mean([score(X, c, tests) for c in controls])
    print("{:11} {:10.2f} {:9.2f}".format(layer, *cells))

# %% [markdown]
r"""
Row 0 is the embedding of " is": chance. From the first layer on the attribute can be read for people never seen, and the control stays about
at chance. That is a probe with selectivity. It still does not say that the model *uses* this direction; for that one has
to act on it, which the next part does.
"""

# %% [markdown]
r"""
#### A sparse autoencoder

A probe finds what somebody thought of. Could the directions be found without a question? Suppose a vector of 128 numbers is a sum
of a few directions out of many more than 128 (*superposition*, Elhage et al., 2022). A sparse autoencoder (SAE) looks for them:

$$h = \mathrm{relu}((x - b_d)\,W_e + b_e), \qquad \hat x = h\,W_d + b_d$$

with more features than coordinates and a penalty on $h$, so that few features are active at once. The cell takes all
sentences about people in four wordings, the residual stream after layer 1, and trains 256 features. It takes a few seconds.
`inside.train_sae` minimises the squared error plus `lam` times the activations, each weighted by the norm of its feature's direction (a row of $W_d$);
both are summed within a vector and averaged over the batch.
"""

# %% tags=["demo"]
from course.world.language import say
from course.world.relations import RELATIONS

SITE = 1
relations = {r.name: r for r in RELATIONS if r.kind == "person"}
facts = [f for p in people for f in home.facts(p) if f.relation in relations]
facts = [(f, form) for f in facts for form in range(4)]
random.Random(0).shuffle(facts)
texts = [
    f"{tokenizer.bos_token} {say(relations[f.relation], f.subject, f.value, k)}." for f, k in facts
]
coded = tokenizer(texts, add_special_tokens=False, return_offsets_mapping=True)
lengths = torch.tensor([len(row) for row in coded.input_ids])
ids = torch.zeros(len(texts), int(lengths.max()), dtype=torch.long)
for i, row in enumerate(coded.input_ids):
    ids[i, : len(row)] = torch.tensor(row)
real = torch.arange(ids.shape[1]) < lengths[:, None]
real[:, 0] = False  # not the token that begins every text
acts = torch.cat([run(ids[k : k + 256]).stream[SITE] for k in range(0, len(ids), 256)])[real]
centre = acts.mean(dim=0)
scale = math.sqrt(acts.shape[1]) / float((acts - centre).norm(dim=1).mean())
acts_scaled = (acts - centre) * scale
trained, untrained, history = inside.train_sae(acts_scaled, 256, lam=4.0)
print(f"{len(acts_scaled):,} vectors of {acts_scaled.shape[1]} numbers")
print("step   active features   variance unexplained")
for step, active, unexplained in history[::2]:
    print(f"{step:4} {active:13.1f} {unexplained:20.2f}")

# %% [markdown]
r"""
A handful of features instead of 128 numbers, at the price of some of the variance. Do the features mean anything? Usually one looks at what a feature fires on and
guesses. Here the attributes are *known*: every token between a name and a value belongs to a sentence that asks for one of seven
attributes. For each, the best feature is chosen on half of the tokens by F1 (active or not, against asked for or not), and scored on the other half.

Three things to beat, chosen and scored in the same way: the best of the 128 coordinates of the stream, positive or negative; the best
feature of the *untrained* dictionary; and the best single *token* ("keeps" alone tells a lot).
"""


# %% tags=["demo"]
def asked(i: int) -> list[str]:
    """For each token of sentence i: the attribute asked for, between the name and the value."""
    fact, text = facts[i][0], texts[i]
    start, end = text.find(fact.subject) + len(fact.subject), text.find(fact.value)
    spans = coded.offset_mapping[i][1:]
    return [fact.relation if start <= a and b <= end else "-" for a, b in spans]


labels = np.array([label for i in range(len(texts)) for label in asked(i)])
half = torch.tensor([i % 2 == 0 for i, n in enumerate(lengths.tolist()) for _ in range(n - 1)])


def active(weights: list[Tensor]) -> Tensor:
    We, be, _, bd = weights
    return (acts_scaled - bd) @ We + be > 0


def f1(on: Tensor, y: Tensor) -> Tensor:
    return 2 * (on & y[:, None]).sum(dim=0) / (on.sum(dim=0) + y.sum())


# %% tags=["demo"]
bases = {
    "SAE": active(trained),
    "coordinate": torch.cat([acts_scaled > 0, acts_scaled < 0], dim=1),
    "untrained": active(untrained),
    "token": ids[real][:, None] == torch.arange(cfg["vocab_size"]),
}
best = {}
print(
    "attribute      " + "".join(f"{name:>12}" for name in bases) + "   the SAE's feature fires on"
)
for relation in relations:
    y = torch.tensor(labels == relation)
    line = []
    for name, on in bases.items():
        chosen = int(f1(on[half], y[half]).argmax())
        best[name, relation] = chosen
        line.append(float(f1(on[~half][:, [chosen]], y[~half])))
    fires = ids[real][bases["SAE"][:, best["SAE", relation]]]
    common = fires.bincount().topk(4).indices
    print(f"{relation[7:]:14} " + "".join(f"{v:12.2f}" for v in line), "  ", words(common))

# %% [markdown]
r"""
Read it like this. The trained features beat the coordinates and the untrained dictionary by far: the directions are not those of the axes, and
training has found something. Against a single token it is a close race, won for some attributes and lost for others; many features of this small SAE *are* close to
token detectors. And no F1 is near 1: an attribute that people call one thing is spread over several features (*feature splitting*), and some
features fire for two attributes whose sentences look alike. A page of hand-picked features would have hidden all this.
"""

# %% [markdown]
r"""
**Steering with one.** Prompts that ask for the trade, "... works as a". At every position after the name, after layer 1, subtract the direction of the
trade feature and add that of the pet feature. If the features are what their scores suggest, the model should answer with *the person's own pet*. Beside it, all with the same length: the pet feature alone; the
difference of the two labels' mean vectors, which needs no autoencoder; and the difference of two random directions.
"""

# %% tags=["demo"]
pets = torch.tensor([value_token(p, "person.pet") for p in group])
decoder = torch.nn.functional.normalize(trained[2], dim=1)
swap = decoder[best["SAE", "person.pet"]] - decoder[best["SAE", "person.trade"]]
at_pet, at_trade = (torch.tensor(labels == r) for r in ("person.pet", "person.trade"))
random_pair = torch.randn(2, acts_scaled.shape[1], generator=torch.Generator().manual_seed(1))
random_pair = torch.nn.functional.normalize(random_pair, dim=1)
ways = {
    "features": swap,
    "pet alone": decoder[best["SAE", "person.pet"]],
    "means": acts_scaled[at_pet].mean(dim=0) - acts_scaled[at_trade].mean(dim=0),
    "random": random_pair[0] - random_pair[1],
}
ways = {k: v * swap.norm() / v.norm() for k, v in ways.items()}


def steer(direction: Tensor, strength: float):
    def hook(site: str, layer: int, x: Tensor) -> Tensor:
        if (site, layer) == ("stream", SITE):
            x = x.clone()
            x[:, 5:] += strength * direction / scale  # after <bos> and the name
        return x

    return hook


steered = {}
print("probability of the person's own trade -> own pet")
print("strength" + "".join(f"{name:>18}" for name in ways))
for strength in (0, 2, 4, 6, 8, 10, 14):
    cells = []
    for name, direction in ways.items():
        z = run(prompts, steer(direction, strength)).logits
        steered[name, strength] = right(z), right(z, pets)
        cells.append("{:.2f} -> {:.2f}".format(*steered[name, strength]))
    print(f"{strength:8}" + "".join(f"{cell:>18}" for cell in cells))

# %% tags=["demo"]
texts_steered = prompts[:6]
for _ in range(4):  # the likeliest token, four times
    z = run(texts_steered, steer(ways["features"], 10.0)).logits[:, -1]
    texts_steered = torch.cat([texts_steered, z.argmax(dim=-1)[:, None]], dim=1)
print("steered at strength 10:")
for person, row in zip(group, texts_steered, strict=False):
    said = tokenizer.decode(row[prompts.shape[1] :]).split(".")[0].strip()
    pet, job = (home.fact(person, f"person.{r}").value for r in ("pet", "trade"))
    print(f"  {person} works as a {said:14} (trade: {job}; pet: {pet})")

# %% [markdown]
r"""
With the two features the pet's probability rises from almost nothing to a fraction, while the trade loses most of its own; at higher strengths everything breaks. Compare the columns before you call it a success. That the trade
is *lost* shows little: any direction that is strong enough does that. That some animal comes up would show little too: there are twelve pets, so a guess has a twelfth. That the person's *own* pet comes up well above that
does show something, since no direction contains a person's pet: the model has looked it up. So these features are part of what it asks with. They are not all of it, for much of the probability goes elsewhere, and the pet feature
**alone did not do it**: it destroys the trade and brings no pet. (In the table above it fires on words of two attributes.)

On large models the same has been shown both ways: Templeton et al. (2024) steered Claude 3 Sonnet with single features; in the benchmark of Wu et al. (2025) simple
baselines steered better than SAEs, and Jørgensen et al. (2026) answered that it depends on how features are chosen. Contested, then.
"""

# %% [markdown]
r"""
### Build it

Four exercises: a probe with its control, patching, the loss of a sparse autoencoder, and the popular version of its training step, mended.
"""

# %% [markdown]
r"""
### Exercise 41.1 · `probe`

●●○ · 15 minutes · 5 points · core

Write `probe(X_train, y_train, types_train, X_test, y_test, types_test, fit, seed)`, which scores a probe and its control task.

- `X_train` (N, D) and `X_test` (M, D) are activations, `y_train` (N,) and `y_test` (M,) labels (ints), `types_train` (N,) and
  `types_test` (M,) say of which type each row is, as non-negative ints: which name stands in it, say. N and M are at least 1.
- `fit(X, y)` fits a probe and returns a function `predict(X) -> labels`, an array of shape (rows,). It is given. Call it
  exactly twice: first for the task, then for the control. Fit on the training rows, all of them in their order; predict all the test rows.
- **Control task**: every type, whether it stands in the training rows, the test rows or both, gets one random label. It is drawn from the training
  labels with the frequencies they have there (a label that stands in a quarter of `y_train` is drawn with probability a quarter), and
  independently for each type. All rows of a type have its label, in training and in test.
- Chance comes from `np.random.default_rng(seed)` and from nowhere else: the same `seed`, the same control labels.
- Return a dict with the floats `accuracy` (share of the test rows whose label is predicted), `control` (the same for the control task, against
  the test rows' control labels) and `selectivity` (accuracy minus control).
- No argument is changed.

<details><summary>Hint 1</summary>

A control label belongs to a type, not to a row. Draw one for each distinct type, then look every row's up.

</details>

<details><summary>Hint 2</summary>

The distinct types of both arrays together; as many draws from `y_train` with replacement; a dict from type to draw; two arrays of
control labels made with it. Then the same three lines, fit, predict, mean of equal, for each of the two tasks.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q41-probe", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Callable


def probe(
    X_train: np.ndarray,
    y_train: np.ndarray,
    types_train: np.ndarray,
    X_test: np.ndarray,
    y_test: np.ndarray,
    types_test: np.ndarray,
    fit: Callable[[np.ndarray, np.ndarray], Callable[[np.ndarray], np.ndarray]],
    seed: int,
) -> dict[str, float]:
    """Score a probe beside a control task.

    X_train (N, D), X_test (M, D); labels and types (N,) and (M,), ints.
    Returns accuracy, control and selectivity.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    types, where = np.unique(np.concatenate([types_train, types_test]), return_inverse=True)
    control = rng.choice(y_train, size=len(types))[where.ravel()]

    def score(labels_train: np.ndarray, labels_test: np.ndarray) -> float:
        predict = fit(X_train, labels_train)
        return float(np.mean(predict(X_test) == labels_test))

    accuracy = score(y_train, y_test)
    chance = score(control[: len(X_train)], control[len(X_train) :])
    return {"accuracy": accuracy, "control": chance, "selectivity": accuracy - chance}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q41-probe-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
def always_three(X: np.ndarray, y: np.ndarray):
    """A "probe" that predicts label 3 for every row."""
    return lambda rows: np.full(len(rows), 3)


X = np.arange(8.0).reshape(4, 2)
result = probe(
    X,
    np.array([3, 3, 3, 3]),
    np.arange(4),
    X,
    np.array([3, 1, 3, 1]),
    np.arange(4),
    always_three,
    0,
)
testing.check(
    testing.close(result, {"accuracy": 0.5, "control": 1.0, "selectivity": -0.5}),
    "two of four test rows have label 3; all training labels are 3, so every control label is 3 too",
    inputs="y_train [3, 3, 3, 3], y_test [3, 1, 3, 1], a probe that always says 3",
    got=result,
    expected={"accuracy": 0.5, "control": 1.0, "selectivity": -0.5},
)

# %% nbgrader={"grade": true, "grade_id": "q41-probe-hidden-types", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: one control label for each type, in training and test (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()
N, M, TYPES = 240, 120, 30
types = rng.permutation(np.arange(N + M) % TYPES) + 100
rows = np.stack([types, rng.normal(size=N + M)], axis=1)  # the type is written in the vector
noise = rng.integers(0, 8, size=N + M)  # no row's label has to do with its type
fitted = []


def memorise(X: np.ndarray, y: np.ndarray):
    """Learns by heart which label came with which type (the last one seen)."""
    fitted.append(np.array(y))
    book = dict(zip(np.array(X)[:, 0].tolist(), np.array(y).tolist(), strict=True))
    return lambda Q: np.array([book[t] for t in np.array(Q)[:, 0].tolist()])


result = probe(rows[:N], noise[:N], types[:N], rows[N:], noise[N:], types[N:], memorise, 3)
assert len(fitted) == 2, "fit is called twice: once for the task, once for the control"
seen = [len(set(np.array(fitted[1])[types[:N] == t].tolist())) for t in range(100, 100 + TYPES)]
assert max(seen) == 1, (
    "rows of one type have different control labels: a control label belongs to a type, not to a row"
)
testing.check(
    testing.close(result["control"], 1.0),
    "a probe that knows every type by heart is always right on the control task: the types' control "
    "labels are the same in training and test, and it is those that its predictions are held against",
    inputs="a probe that memorises types; all test types stand in the training rows",
    got=result["control"],
    expected=1.0,
)
assert len(set(np.array(fitted[1]).tolist())) > 2, "each type's control label is drawn anew"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q41-probe-hidden-frequencies", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: how often a label is drawn (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
T = 2000
y = rng.permutation(np.repeat([5, 9], [T * 3 // 4, T // 4]))
new_types = np.arange(T) + T  # none of them stands in the training rows
flat = np.zeros((T, 1))
given = []


def say_nine(X: np.ndarray, y: np.ndarray):
    given.append(np.array(y))
    return lambda rows: np.full(len(rows), 9)


result = probe(flat, y, np.arange(T), flat, np.full(T, 5), new_types, say_nine, 11)
bound = 6 * math.sqrt(0.25 * 0.75 / T)
for share, where in (
    (float(np.mean(np.array(given[1]) == 9)), "training rows"),
    (result["control"], "test rows, whose types are new"),
):
    testing.check(
        abs(share - 0.25) <= bound,
        "control labels are drawn with the frequencies that labels have in y_train, for every type",
        inputs="a quarter of y_train is 9; 2,000 types",
        got=f"share of control label 9 in the {where}: {share:.3f}",
        expected=f"within {bound:.3f} of 0.25",
    )
testing.check(
    set(np.array(given[1]).tolist()) == {5, 9},
    "a control label is one of the training labels",
    got=set(np.array(given[1]).tolist()),
    expected={5, 9},
)
assert not testing.close(np.array(given[1]), y), (
    "the control labels are drawn, they are not the task's own"
)
few = np.repeat([0, 1], 500)
result = probe(np.zeros((1000, 1)), few, few + 50, flat[:40], np.zeros(40, int), np.full(40, 50),
               say_nine, 0)  # fmt: skip
drawn = [sorted(set(np.array(given[-1])[few == t].tolist())) for t in (0, 1)]
testing.check(
    max(len(labels) for labels in drawn) == 1,
    "two types only: each has one control label, however many rows it has",
    inputs="two types with 500 rows each",
    got=f"control labels of the first type: {drawn[0]}, of the second: {drawn[1]}",
    expected="one label for each type",
)
# frequencies are those of rows: one type has 90 rows, ten types have one row each
many = np.repeat([9, 1], [90, 10])
rare = np.concatenate([np.zeros(90, int), np.arange(1, 11)])
result = probe(np.zeros((100, 1)), many, rare, flat, np.full(T, 1), new_types, say_nine, 12)
bound = 6 * math.sqrt(0.9 * 0.1 / T)
testing.check(
    abs(result["control"] - 0.9) <= bound,
    "the frequencies are those of the rows of y_train, however many types these rows belong to",
    inputs="90 rows of one type have label 9, ten types of one row each have label 1; 2,000 new types",
    got=f"share of control label 9 in the test rows: {result['control']:.3f}",
    expected=f"within {bound:.3f} of 0.9",
)
# independence: two labels, two types, many seeds
two, equal, SEEDS = np.array([0, 1]), 0, 200
for seed in range(SEEDS):
    probe(np.zeros((2, 1)), two, two, np.zeros((2, 1)), two, two, say_nine, seed)
    equal += int(given[-1][0] == given[-1][1])
bound = 6 * math.sqrt(0.25 * SEEDS)
testing.check(
    abs(equal - SEEDS / 2) <= bound,
    "control labels are drawn independently, with replacement: two types get the same label as "
    "often as two throws of a coin agree",
    inputs=f"y_train [0, 1], types_train [0, 1], {SEEDS} seeds",
    got=f"equal control labels with {equal} of {SEEDS} seeds",
    expected=f"{SEEDS // 2}, give or take {bound:.0f}",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q41-probe-hidden-rows", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what is fitted, what is predicted (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
data = {"X": rng.normal(size=(30, 4)), "Q": rng.normal(size=(17, 4))}
y, z = rng.integers(0, 3, size=30), rng.integers(0, 3, size=17)
kinds, others = rng.integers(0, 6, size=30), rng.integers(0, 9, size=17)
guess = rng.integers(0, 3, size=17)
log: list[tuple] = []


def note(X: np.ndarray, labels: np.ndarray):
    log.append(("fit", np.array(X), np.array(labels)))

    def predict(rows: np.ndarray) -> np.ndarray:
        log.append(("predict", np.array(rows)))
        return guess.copy()

    return predict


result = probe(data["X"], y, kinds, data["Q"], z, others, note, 2)
fits = [entry for entry in log if entry[0] == "fit"]
assert len(fits) == 2, "fit is called twice: once for the task, once for the control"
assert testing.close(fits[0][1], data["X"]) and testing.close(fits[1][1], data["X"]), (
    "both probes are fitted on the training rows, all of them and no others"
)
assert testing.close(fits[0][2], y), "the first fit is the task's, with y_train as it is"
asked_for = [entry[1] for entry in log if entry[0] == "predict"]
assert asked_for and all(testing.close(rows, data["Q"]) for rows in asked_for), (
    "accuracy is counted on the test rows, never on rows that were trained on"
)
testing.check(
    testing.close(result["accuracy"], float(np.mean(guess == z))),
    "accuracy is the share of test rows whose label is predicted",
    got=result["accuracy"],
    expected=float(np.mean(guess == z)),
)
assert set(result) == {"accuracy", "control", "selectivity"}, (
    "the dict has the keys accuracy, control and selectivity"
)
assert testing.close(result["selectivity"], result["accuracy"] - result["control"]), (
    "selectivity is accuracy minus control, also where that is negative"
)
one_label = np.full(17, 1)
guess = np.full(17, 1)
result = probe(data["X"], np.full(30, 1), kinds, data["Q"], one_label + 1, others, note, 2)
testing.check(
    testing.close(result, {"accuracy": 0.0, "control": 1.0, "selectivity": -1.0}),
    "selectivity is accuracy minus control, also where that is negative",
    inputs="all training labels and all predictions are 1, all test labels are 2",
    got=result,
    expected={"accuracy": 0.0, "control": 1.0, "selectivity": -1.0},
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q41-probe-hidden-chance", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: where the chance comes from, unchanged arguments (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
labels_seen: list[np.ndarray] = []


def keep(X: np.ndarray, y: np.ndarray):
    labels_seen.append(np.array(y))
    return lambda rows: np.zeros(len(rows), dtype=int)


def arguments() -> tuple:
    local = testing.rng()
    return (
        local.normal(size=(60, 2)), local.integers(0, 5, size=60), local.permutation(60),
        local.normal(size=(9, 2)), local.integers(0, 5, size=9), np.arange(9),
    )  # fmt: skip


for seed in (4, 4, 5):
    probe(*arguments(), keep, seed)
assert len(labels_seen) == 6, "fit is called twice: once for the task, once for the control"
assert testing.close(labels_seen[1], labels_seen[3]), (
    "the same seed gives the same control labels: draw from np.random.default_rng(seed)"
)
assert not testing.close(labels_seen[1], labels_seen[5]), "another seed gives other control labels"
assert testing.leaves_globals(probe, *arguments(), keep, 4), (
    "global random state changed: draw from np.random.default_rng(seed) and nothing else"
)
assert testing.leaves_arguments(probe, *arguments(), keep, 4), "an argument was changed"
### END HIDDEN TESTS

# %% [markdown]
r"""
Your probe on the lab model: the trade at the end of the name, with names as types. (The cell raises `NotImplementedError` until you
have solved the exercise.)
"""

# %% tags=["demo"]
codes = np.unique(trade, return_inverse=True)[1]
layer_two = np.stack([r[2][2] for r in rows_of_names])
for split, test in (("other sentences", other_sentences[0]), ("other people", other_people[0])):
    arrays = [a[part] for part in (~test, test) for a in (layer_two, codes, who)]
    scores = probe(*arrays, inside.ridge, seed=0)
    print(f"{split:16}", {k: round(v, 2) for k, v in scores.items()})

# %% [markdown]
r"""
### Exercise 41.2 · `patch`

●●○ · 20 minutes · 5 points · core

Write `patch(model, clean_ids, corrupt_ids, layer, position)`, which returns the share of the logit difference that one patched vector restores, a
float.

- `model(ids, hook=None)` runs a language model on one prompt, a list of ints, and returns the logits, a Tensor (T, V). During the run it calls
  `hook(i, h)` once for each i = 0, 1, ..., L, in this order: h, a Tensor (T, D), is the residual stream after layer i (i = 0 is the embedding).
  The run **goes on with what the hook returns**; so a hook always returns a Tensor of h's shape. h is a copy that the hook may keep or change. Without a hook, nothing is called.
  L is not told in advance. Nothing else is known about the model.
- The *clean* run is `model(clean_ids)`, the *corrupted* one `model(corrupt_ids)`. The *patched* run is the corrupted one in which, at `layer` and `position`,
  the vector of the clean run stands in place of its own; everything else at that layer, and all other layers, are computed by the model as usual.
- The *answer* is the likeliest next token of the clean run, the *foil* that of the corrupted run, both at the last position. Where both runs have the same likeliest next token,
  there is nothing to restore: `ValueError`.
- The logit difference of a run is its logit of the answer minus its logit of the foil, at the last position. Return
  (patched − corrupted) / (clean − corrupted) of these differences: 0 means nothing restored, 1 everything. It is not clipped: shares below 0 and above 1 happen.
- Prompts of different length, a `position` outside 0..T−1, and a `layer` outside 0..L are `ValueError`.
- Neither list is changed. How often you run the model is up to you.

<details><summary>Hint 1</summary>

Two hooks: one that only remembers and returns h as it is, and one that returns h with one row replaced.

</details>

<details><summary>Hint 2</summary>

Three runs: clean, corrupted, patched. What does the hook of the first have to keep, so that the third can use it and you know how many layers there are?
Which errors can be raised before any run, and which only after two of them?

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q41-patch", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Callable


def patch(
    model: Callable[..., Tensor],
    clean_ids: list[int],
    corrupt_ids: list[int],
    layer: int,
    position: int,
) -> float:
    """Share of the logit difference that one residual vector of the clean run restores.

    model(ids, hook=None) -> logits (T, V); hook(i, h (T, D)) -> h to go on with.
    """
    ### BEGIN SOLUTION
    if len(clean_ids) != len(corrupt_ids):
        raise ValueError("the two prompts must have the same number of tokens")
    if not 0 <= position < len(clean_ids):
        raise ValueError(f"position {position} is not one of 0..{len(clean_ids) - 1}")
    kept: dict[int, Tensor] = {}

    def keep(i: int, h: Tensor) -> Tensor:
        kept[i] = h.clone()
        return h

    def put(i: int, h: Tensor) -> Tensor:
        if i != layer:
            return h
        h = h.clone()
        h[position] = kept[i][position]
        return h

    clean, corrupt = model(list(clean_ids), keep)[-1], model(list(corrupt_ids))[-1]
    if layer not in kept:
        raise ValueError(f"layer {layer} is not one of 0..{max(kept)}")
    answer, foil = int(clean.argmax()), int(corrupt.argmax())
    if answer == foil:
        raise ValueError("both runs give the same token: there is no difference to restore")
    patched = model(list(corrupt_ids), put)[-1]
    low, high, mid = (float(z[answer] - z[foil]) for z in (corrupt, clean, patched))
    return (mid - low) / (high - low)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q41-patch-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
def two_to_one(ids: list[int], hook=None) -> Tensor:
    """Layer 1 adds twice the first and once the second vector to every position; h are the logits."""
    hook = hook or (lambda i, h: h)
    h = hook(0, torch.eye(3, dtype=torch.float64)[list(ids)])
    return hook(1, h + 2 * h[0] + h[1]).clone()


for layer, position, share in [(0, 0, 2 / 3), (0, 1, 1 / 3), (0, 2, 0), (1, 2, 1), (1, 0, 0)]:
    got = patch(two_to_one, [0, 0, 2], [1, 1, 2], layer, position)
    testing.check(
        testing.close(got, share),
        "clean difference 3, corrupted -3: copying the clean vector of position 0 after the embedding "
        "gives 1, which is two thirds of the way; what is copied after the last layer counts at the last position only",
        inputs=f"prompts [0, 0, 2] and [1, 1, 2], layer {layer}, position {position}",
        got=got,
        expected=share,
    )

# %% nbgrader={"grade": true, "grade_id": "q41-patch-hidden-share", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the share restored, in a model that mixes and bends (3 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()
L, D, V = 3, 6, 7
E, U = rng.normal(size=(V, D)), rng.normal(size=(D, V))
mixing = [(rng.normal(size=(D, D)), rng.normal(size=(D, D))) for _ in range(L)]
E, U = torch.tensor(E), torch.tensor(U)
mixing = [(torch.tensor(A), torch.tensor(B)) for A, B in mixing]


def bent(ids: list[int], hook=None) -> Tensor:
    h = E[torch.tensor(list(ids))]
    for i in range(L + 1):
        if i:
            A, B = mixing[i - 1]
            before = h.cumsum(dim=0) / torch.arange(1, len(h) + 1)[:, None]
            h = h + torch.tanh(before @ A) + 0.5 * torch.tanh(h @ B)
        if hook is not None:
            h = torch.as_tensor(hook(i, h.clone()))
    return h @ U


def difference(ids: list[int], answer: int, foil: int, hook=None) -> float:
    last = bent(ids, hook)[-1]
    return float(last[answer] - last[foil])


found = 0
while found < 5:
    clean, corrupt = rng.integers(0, V, size=(2, 4)).tolist()
    answer, foil = int(bent(clean)[-1].argmax()), int(bent(corrupt)[-1].argmax())
    if answer == foil:
        continue
    found += 1
    low, high = difference(corrupt, answer, foil), difference(clean, answer, foil)
    stream: dict[int, Tensor] = {}
    bent(clean, lambda i, h, stream=stream: stream.setdefault(i, h))
    for layer, position in [(0, 0), (1, 1), (2, 3), (1, 2), (3, 3), (3, 1)]:

        def put(i, h, layer=layer, position=position, stream=stream):
            return h if i != layer else torch.where(
                torch.arange(4)[:, None] == position, stream[i], h
            )  # fmt: skip

        want = (difference(corrupt, answer, foil, put) - low) / (high - low)
        given = (list(clean), list(corrupt))
        got = patch(bent, *given, layer, position)
        testing.check(
            testing.close(got, want),
            "copy one vector, at this layer and position only, from the clean run into the corrupted "
            "one (not the other way round), and divide by what there is to restore, unclipped",
            inputs=f"a model of {L} layers, clean {clean}, corrupted {corrupt}, layer {layer}, position {position}",
            got=got,
            expected=want,
        )
        assert given == (clean, corrupt), "the prompts belong to the caller: they were changed"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q41-patch-hidden-tokens", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: which tokens and which position are compared (1 point)
### BEGIN HIDDEN TESTS
table = torch.tensor(
    [[0.0, 1.0, 0.5, 0.0], [3.0, 0.0, 1.0, 2.0], [1.0, 2.0, 4.0, 0.0], [0.0, 0.0, 0.5, 9.0]]
).double()  # the logits that follow each token


def direct(ids: list[int], hook=None) -> Tensor:
    """The last position's logits are half its own row and half the first position's."""
    hook = hook or (lambda i, h: h)
    h = torch.as_tensor(hook(0, table[torch.tensor(list(ids))].clone()))
    mixed = h.clone()
    mixed[-1] = (h[0] + h[-1]) / 2
    return torch.as_tensor(hook(1, mixed.clone()))


# clean: last row (3,0,1,2)/2 + (0,1,.5,0)/2 -> token 0; corrupted: (3,0,1,2)/2 + (1,2,4,0)/2 -> 2
for layer, position, share in [(0, 0, 1.0), (0, 1, 0.0), (0, 2, 0.0), (1, 2, 1.0), (1, 0, 0.0)]:
    got = patch(direct, [0, 3, 1], [2, 3, 1], layer, position)
    testing.check(
        testing.close(got, share),
        "answer and foil are the likeliest next tokens of the two runs at the last position, and "
        "their logits are compared there",
        inputs=f"layer {layer}, position {position}",
        got=got,
        expected=share,
    )
got = patch(direct, [0, 3, 1], [2, 2, 3], 0, 0)
# clean (1.5, .5, .75, 1): answer 0. corrupted (.5, 1, 2.25, 4.5): foil 3. patched (0, .5, .5, 4.5)
testing.check(
    testing.close(got, (-4.5 + 4.0) / (0.5 + 4.0)),
    "the share is not clipped: a patch can also move the answer further away",
    got=got,
    expected=-0.5 / 4.5,
)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q41-patch-hidden-errors", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what cannot be patched (1 point)
### BEGIN HIDDEN TESTS
def plain_model(ids: list[int], hook=None) -> Tensor:
    """Layer 1 adds the sum of all vectors so far; h are the logits."""
    hook = hook or (lambda i, h: h)
    h = torch.as_tensor(hook(0, torch.eye(5, dtype=torch.float64)[torch.tensor(list(ids))]))
    return torch.as_tensor(hook(1, h + h.cumsum(dim=0)))


for clean, corrupt, layer, position, why in [
    ([1, 2, 3], [1, 4], 0, 1, "prompts of different length have no common positions"),
    ([1, 2], [1, 4, 3], 0, 1, "prompts of different length have no common positions"),
    ([1, 3], [2, 3], 0, 0, "the same next token in both runs leaves nothing to restore"),
    ([1, 3], [1, 2], 0, 2, "a position beyond the prompt"),
    ([1, 3], [1, 2], 0, -1, "a negative position"),
    ([1, 3], [1, 2], 2, 0, "a layer beyond the last one"),
    ([1, 3], [1, 2], -1, 0, "a negative layer"),
]:
    assert testing.raises(ValueError, patch, plain_model, clean, corrupt, layer, position), (
        f"{why} is a ValueError"
    )
for layer, share in [(0, 1.0), (1, 1.0)]:
    got = patch(plain_model, [1, 3], [1, 2], layer, 1)
    assert testing.close(got, share), "the embedding (0) and the last layer can both be patched"
### END HIDDEN TESTS

# %% [markdown]
r"""
Your function on the lab model, one pair: the same picture as above in numbers. (The cell raises `NotImplementedError` until you have solved the
exercise.)
"""


# %% tags=["demo"]
def base_model(ids: list[int], hook=None) -> Tensor:
    def on_stream(site: str, layer: int, x: Tensor) -> Tensor:
        return hook(layer, x[0].clone())[None] if hook and site == "stream" else x

    return run(torch.tensor([ids]), on_stream).logits[0]


one, two = (prompts[i].tolist() for i in (first[0], second[0]))
print(" ".join(words(one)), "| and |", " ".join(words(two)))
print("after layer  " + "".join(f"{place:>9}" for place in places))
for layer in range(LAYERS + 1):
    shares = [patch(base_model, one, two, layer, t) for t in range(len(one))]
    print(f"{layer:11}  " + "".join(f"{share:9.2f}" for share in shares))

# %% [markdown]
r"""
### Exercise 41.3 · `sae_loss`

●●○ · 15 minutes · 5 points · core

Write `sae_loss(x, We, be, Wd, bd, lam)`, the loss of a sparse autoencoder, as a `course.SAELoss(total, mse, l1, l0, fvu)`.

`x` is (N, D), `We` (D, F), `be` (F,), `Wd` (F, D), `bd` (D,), all Tensors of one dtype; `lam` is a float. Row f of `Wd` is the direction of feature f.

- $h = \mathrm{relu}((x - b_d)\,W_e + b_e)$ and $\hat x = h\,W_d + b_d$.
- `mse`: squared errors, **summed** over the D coordinates, averaged over the N rows.
- `l1`: $\sum_f h_f \lVert W_{d,f} \rVert$ (Euclidean norm of row f), **summed** over features, averaged over rows. It does not change when a feature is divided by c and its direction multiplied by c.
- `total` = `mse` + `lam` · `l1`.
- `l0`: how many features of a row are active (h > 0), averaged over rows.
- `fvu`: the sum of all squared errors, divided by the sum of all squared deviations of x from its mean row. (Tests have rows that differ.)

All five are 0-dimensional Tensors of x's dtype. Gradients flow through `total`, `mse` and `l1`, to every weight that they depend on. No argument is changed.

<details><summary>Hint 1</summary>

Write down the shape of everything before you reduce it. Only one axis is averaged anywhere.

</details>

<details><summary>Hint 2</summary>

`h` is (N, F); the norms of `Wd` along its last axis are (F,), so their product is (N, F): sum over features, mean over rows. Count `h > 0` in the same way,
after turning truth values into numbers of x's dtype. The mean row of x is a mean over axis 0.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q41-sae-loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sae_loss(
    x: Tensor, We: Tensor, be: Tensor, Wd: Tensor, bd: Tensor, lam: float
) -> course.SAELoss:
    """Loss of a sparse autoencoder.

    x (N, D), We (D, F), be (F,), Wd (F, D), bd (D,). Returns five 0-d Tensors.
    """
    ### BEGIN SOLUTION
    h = torch.relu((x - bd) @ We + be)
    error = (h @ Wd + bd - x).square()
    mse = error.sum(dim=1).mean()
    l1 = (h * Wd.norm(dim=1)).sum(dim=1).mean()
    l0 = (h > 0).to(x.dtype).sum(dim=1).mean()
    fvu = error.sum() / (x - x.mean(dim=0)).square().sum()
    return course.SAELoss(mse + lam * l1, mse, l1, l0, fvu)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q41-sae-loss-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# two rows of two numbers, three features; h = [[1, 0, 2], [0, 3, 0]]
x = torch.tensor([[1.0, 2.0], [-3.0, 0.0]]).double()
We = torch.tensor([[1.0, -1.0, 0.0], [0.0, 0.0, 1.0]]).double()
Wd = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 0.5]]).double()
loss = sae_loss(x, We, torch.zeros(3).double(), Wd, torch.zeros(2).double(), 0.5)
wanted = {"mse": 0.5, "l1": 2.5, "total": 1.75, "l0": 1.5, "fvu": 0.1}
for name, value in wanted.items():
    testing.check(
        testing.close(getattr(loss, name), value),
        "x_hat is [[1, 1], [-3, 0]]: one squared error of 1, halved by two rows; the third feature's "
        "direction is half as long as the others, so it counts half in l1",
        inputs="the two rows above, lam = 0.5",
        got=f"{name} = {getattr(loss, name)}",
        expected=f"{name} = {value}",
    )

# %% nbgrader={"grade": true, "grade_id": "q41-sae-loss-hidden-terms", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the five numbers (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def some(*shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.tensor(rng.normal(size=shape)).to(dtype)


for dtype in (torch.float64, torch.float32):
    for N, D, F in [(7, 3, 5), (4, 6, 2), (1 + 4, 1, 9)]:
        x, We, be, Wd, bd = (some(*s, dtype=dtype) for s in ((N, D), (D, F), (F,), (F, D), (D,)))
        x = x + 3
        h = ((x - bd) @ We + be).clamp(min=0)
        square = (h @ Wd + bd - x) ** 2
        parts = {
            "mse": square.sum() / N,
            "l1": sum(h[:, f].sum() * (Wd[f] ** 2).sum() ** 0.5 for f in range(F)) / N,
            "l0": (h > 0).sum().to(dtype) / N,
            "fvu": square.sum() / ((x - x.sum(dim=0) / N) ** 2).sum(),
        }
        parts["total"] = parts["mse"] + 0.75 * parts["l1"]
        given = [t.clone() for t in (x, We, be, Wd, bd)]
        loss = sae_loss(*given, 0.75)
        for name, value in parts.items():
            got = getattr(loss, name)
            testing.check(
                testing.close(got, value),
                "sums run over coordinates and over features, means over rows only; h is counted after the "
                "relu, bd is taken off before the encoder, and fvu compares with the mean row of x",
                inputs=f"N = {N}, D = {D}, F = {F}",
                got=f"{name} = {float(got):.6g}",
                expected=f"{name} = {float(value):.6g}",
            )
            testing.check(
                isinstance(got, Tensor) and got.dtype == dtype,
                "all five numbers are 0-dimensional Tensors of x's dtype",
                inputs=f"x of dtype {dtype}",
                got=f"{name}: {type(got).__name__}, dtype {getattr(got, 'dtype', 'none')}",
                expected=f"{name}: Tensor, dtype {dtype}",
            )
        assert all(testing.close(a, b) for a, b in zip(given, (x, We, be, Wd, bd), strict=True)), (
            "the arguments belong to the caller: they were changed"
        )
# before the relu: [[3, 0, 0], [0, 0, -1]]
loss = sae_loss(
    torch.tensor([[2.0, 5.0], [1.0, 3.0]]).double(),
    torch.tensor([[1.0, -2.0, 3.0], [1.0, 1.0, -1.0]]).double(),
    torch.tensor([0.0, 0.0, -1.0]).double(), some(3, 2), torch.tensor([1.0, 3.0]).double(), 0.5,
)  # fmt: skip
testing.check(
    testing.close(loss.l0, 0.5),
    "a feature is active where h is above 0; exactly 0 before the relu is not active",
    inputs="two rows, [[3, 0, 0], [0, 0, -1]] before the relu",
    got=f"l0 = {float(loss.l0):.6g}",
    expected="l0 = 0.5",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q41-sae-loss-hidden-scale", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: shorter activations with longer directions (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
N, D, F = 20, 4, 6
x, We, be, Wd, bd = (torch.tensor(rng.normal(size=s)) for s in ((N, D), (D, F), (F,), (F, D), (D,)))
plain = sae_loss(x, We, be, Wd, bd, 0.5)
for c in (10.0, torch.tensor(rng.uniform(0.1, 8.0, size=F))):
    gamed = sae_loss(x, We / c, be / c, (Wd.T * c).T, bd, 0.5)
    testing.check(
        testing.close([float(v) for v in gamed], [float(v) for v in plain]),
        "activations divided by c and directions multiplied by c reconstruct the same: no term may "
        "change, or the penalty is paid by shrinking activations",
        got=[float(v) for v in gamed],
        expected=[float(v) for v in plain],
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q41-sae-loss-hidden-width", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: features that are never active change nothing (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
N, D, F = 12, 3, 4
x, We, be, Wd, bd = (torch.tensor(rng.normal(size=s)) for s in ((N, D), (D, F), (F,), (F, D), (D,)))
plain = sae_loss(x, We, be, Wd, bd, 2.0)
for more in (1, 60):
    wide = sae_loss(
        x,
        torch.cat([We, torch.tensor(rng.normal(size=(D, more)))], dim=1),
        torch.cat([be, torch.full((more,), -1000.0).double()]),
        torch.cat([Wd, torch.tensor(rng.normal(size=(more, D)))]),
        bd,
        2.0,
    )
    testing.check(
        testing.close([float(v) for v in wide], [float(v) for v in plain]),
        "dead features cost nothing and dilute nothing: sum over features, take no mean over them",
        inputs=f"{more} features more that are never active",
        got={name: float(v) for name, v in wide._asdict().items()},
        expected={name: float(v) for name, v in plain._asdict().items()},
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q41-sae-loss-hidden-gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: gradients reach every weight (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
N, D, F = 9, 3, 5
x, We, be, Wd, bd = (torch.tensor(rng.normal(size=s)) for s in ((N, D), (D, F), (F,), (F, D), (D,)))
bd = bd + 1
weights = [w.clone().requires_grad_() for w in (We, be, Wd, bd)]
h = ((x - weights[3]) @ weights[0] + weights[1]).clamp(min=0)
total = ((h @ weights[2] + weights[3] - x) ** 2).sum() / N
total = total + 1.5 * (h.sum(dim=0) * (weights[2] ** 2).sum(dim=1).sqrt()).sum() / N
total.backward()
_, gradients = testing.value_and_grad(sae_loss, x, We, be, Wd, bd, 1.5, wrt=(1, 2, 3, 4))
for name, got, weight in zip(("We", "be", "Wd", "bd"), gradients, weights, strict=True):
    testing.check(
        testing.close(got, weight.grad),
        f"the gradient of total with respect to {name}: every term of the loss must be differentiable, "
        "the decoder's norms in l1 and both places of bd included",
        got=got,
        expected=weight.grad,
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
Your loss on the autoencoder trained above, before and after. (The cell raises `NotImplementedError` until you have solved the exercise.)
"""

# %% tags=["demo"]
for name, weights in (("untrained", untrained), ("trained", trained)):
    loss = sae_loss(acts_scaled[:5000], *weights, 4.0)
    print(f"{name:10}", "  ".join(f"{k} {float(v):.2f}" for k, v in loss._asdict().items()))

# %% [markdown]
r"""
### Exercise 41.4 · repair `sae_step`

●●○ · 15 minutes · 4 points · core

Many tutorials train a sparse autoencoder with a step like this one. It runs, its loss falls, and its features are worse than they need be. Mend it.

`sae_step(x, We, be, Wd, bd, lam, lr)` makes one step of plain gradient descent and returns the new `(We, be, Wd, bd)`. Shapes are those of exercise 41.3: x (N, D), We (D, F),
be (F,), Wd (F, D), bd (D,). The rows of `Wd` have norm 1 when it is called. What it is meant to do:

- $h = \mathrm{relu}((x - b_d)\,W_e + b_e)$, $\hat x = h\,W_d + b_d$: the decoder's bias is taken off before the encoder.
- The loss is the squared error, summed over coordinates and averaged over rows, plus `lam` times the sum of a row's activations, averaged over rows.
- Every one of the four goes `lr` times its gradient downhill.
- Afterwards each row of `Wd` is divided by its norm, so that it has norm 1 again (Bricken et al., 2023, kept unit norms; the other way is the weighted penalty of 41.3). No row becomes zero in the tests.
- The results have the arguments' dtype, and the arguments stay as they were.

What it does right already must stay right.

<details><summary>Hint 1</summary>

Ask of every mean which axes it runs over, and what happens to it when the autoencoder gets twice as wide, or x gets a coordinate more that is always 0. Then ask
how the loss could be lowered without making anything sparser.

</details>

<details><summary>Hint 2</summary>

Four places. Two are means, one is a line that is missing. For the fourth, move x and bd by the same vector: what should change in h?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q41-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def sae_step(
#     x: Tensor, We: Tensor, be: Tensor, Wd: Tensor, bd: Tensor, lam: float, lr: float
# ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
#     """x: (N, D). One step of gradient descent; returns the new We, be, Wd, bd."""
#     weights = [w.detach().clone().requires_grad_() for w in (We, be, Wd, bd)]
#     encoder, bias, decoder, centre = weights
#     h = torch.relu(x @ encoder + bias)
#     x_hat = h @ decoder + centre
#     loss = torch.nn.functional.mse_loss(x_hat, x) + lam * h.abs().mean()
#     gradients = torch.autograd.grad(loss, weights)
#     with torch.no_grad():
#         new = [w - lr * g for w, g in zip(weights, gradients, strict=True)]
#     return tuple(new)
### END REPAIR
### BEGIN SOLUTION
def sae_step(
    x: Tensor, We: Tensor, be: Tensor, Wd: Tensor, bd: Tensor, lam: float, lr: float
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """x: (N, D). One step of gradient descent; returns the new We, be, Wd, bd."""
    weights = [w.detach().clone().requires_grad_() for w in (We, be, Wd, bd)]
    encoder, bias, decoder, centre = weights
    h = torch.relu((x - centre) @ encoder + bias)
    x_hat = h @ decoder + centre
    loss = (x_hat - x).square().sum(dim=1).mean() + lam * h.sum(dim=1).mean()
    gradients = torch.autograd.grad(loss, weights)
    with torch.no_grad():
        new = [w - lr * g for w, g in zip(weights, gradients, strict=True)]
        new[2] = new[2] / new[2].norm(dim=1, keepdim=True)
    return tuple(new)


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q41-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# one row (2, 0), one feature along (1, 0): h = 2, x_hat = (2, 0), no error; only the penalty pulls
one = torch.ones(1).double()
new = sae_step(
    torch.tensor([[2.0, 0.0]]).double(), torch.tensor([[1.0], [0.0]]).double(), 0 * one,
    torch.tensor([[1.0, 0.0]]).double(), torch.zeros(2).double(), 1.0, 0.125,
)  # fmt: skip
wanted = ([[0.75], [0.0]], [-0.125], [[1.0, 0.0]], [0.125, 0.0])
for name, got, value in zip(("We", "be", "Wd", "bd"), new, wanted, strict=True):
    testing.check(
        testing.close(got, value),
        "without an error only the penalty h moves things: its gradient is x - bd for We, 1 for be, "
        "and minus We for bd, which stands in the encoder's input",
        inputs=f"{name}: one row (2, 0), one feature, lam = 1, lr = 1/8",
        got=got,
        expected=value,
    )

# %% nbgrader={"grade": true, "grade_id": "q41-repair-hidden-step", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the decoder's norms, and the arguments (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def weights_of(D: int, F: int, dtype: torch.dtype = torch.float64) -> list[Tensor]:
    We, be, Wd, bd = (torch.tensor(rng.normal(size=s)) for s in ((D, F), (F,), (F, D), (D,)))
    return [w.to(dtype) for w in (We, be, Wd / Wd.norm(dim=1, keepdim=True), bd)]


for dtype in (torch.float64, torch.float32):
    for N, D, F in [(8, 3, 5), (5, 4, 4), (6, 5, 2)]:
        given = weights_of(D, F, dtype)
        x = torch.tensor(rng.normal(size=(N, D))).to(dtype)
        before = [x.clone(), *(w.clone() for w in given)]
        new = sae_step(x, *given, 0.5, 0.25)
        testing.check(
            testing.close(new[2].norm(dim=1), torch.ones(F, dtype=dtype)),
            "each row of Wd, one feature's direction, has norm 1 after the step: otherwise activations "
            "shrink, directions grow, and the penalty falls for nothing",
            got=new[2].norm(dim=1),
            expected=torch.ones(F),
        )
        assert all(testing.close(a, b) for a, b in zip((x, *given), before, strict=True)), (
            "the arguments belong to the caller: they were changed"
        )
        assert all(w.dtype == dtype for w in new), "the new weights have the arguments' dtype"
        leaves = [w.clone().requires_grad_() for w in given]
        h = ((x - leaves[3]) @ leaves[0] + leaves[1]).clamp(min=0)
        loss = (((h @ leaves[2] + leaves[3] - x) ** 2).sum() + 0.5 * h.sum()) / N
        loss.backward()
        want = [w.detach() - 0.25 * w.grad for w in leaves]
        want[2] = want[2] / (want[2] ** 2).sum(dim=1, keepdim=True).sqrt()
        for name, got, value in zip(("We", "be", "Wd", "bd"), new, want, strict=True):
            testing.check(
                testing.close(got, value),
                f"{name} goes lr times its gradient downhill; only Wd is normalised afterwards",
                got=got,
                expected=value,
            )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q41-repair-hidden-centre", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: everything moved by the same vector (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
N, D, F = 10, 4, 6
We, be, Wd, bd = (torch.tensor(rng.normal(size=s)) for s in ((D, F), (F,), (F, D), (D,)))
Wd = Wd / Wd.norm(dim=1, keepdim=True)
x, shift = torch.tensor(rng.normal(size=(N, D))), torch.tensor(rng.normal(size=D)) + 2
plain = sae_step(x, We, be, Wd, bd, 0.25, 0.125)
moved = sae_step(x + shift, We, be, Wd, bd + shift, 0.25, 0.125)
for name, got, value in zip(("We", "be", "Wd"), moved, plain, strict=False):
    testing.check(
        testing.close(got, value),
        "x and bd moved by the same vector leave everything else as it is: bd is taken off before the "
        "encoder",
        inputs=name,
        got=got,
        expected=value,
    )
assert testing.close(moved[3], plain[3] + shift), "x and bd moved by a vector move the new bd by it"
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q41-repair-hidden-error", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: coordinates that are always 0 (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
N, D, F, more = 10, 3, 4, 9
We, be, Wd, bd = (torch.tensor(rng.normal(size=s)) for s in ((D, F), (F,), (F, D), (D,)))
Wd = Wd / Wd.norm(dim=1, keepdim=True)
x = torch.tensor(rng.normal(size=(N, D)))


def zeros(*shape: int) -> Tensor:
    return torch.zeros(shape).double()


plain = sae_step(x, We, be, Wd, bd, 0.0, 0.125)
wide = sae_step(
    torch.cat([x, zeros(N, more)], 1), torch.cat([We, zeros(more, F)]), be,
    torch.cat([Wd, zeros(F, more)], 1), torch.cat([bd, zeros(more)]), 0.0, 0.125,
)  # fmt: skip
for name, got, value in zip(
    ("We", "be", "Wd", "bd"),
    (wide[0][:D], wide[1], wide[2][:, :D], wide[3][:D]),
    plain,
    strict=True,
):
    testing.check(
        testing.close(got, value),
        "nine coordinates more that are always 0 must not make the step smaller: the error is summed "
        "over coordinates, and averaged over rows only",
        inputs=name,
        got=got,
        expected=value,
    )
twice = sae_step(torch.cat([x, x]), We, be, Wd, bd, 0.0, 0.125)
assert all(testing.close(a, b) for a, b in zip(twice, plain, strict=True)), (
    "every row twice gives the same step: the error is averaged over rows"
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q41-repair-hidden-penalty", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: features that are never active (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
N, D, F, more = 10, 3, 4, 12
We, be, Wd, bd = (torch.tensor(rng.normal(size=s)) for s in ((D, F), (F,), (F, D), (D,)))
Wd = Wd / Wd.norm(dim=1, keepdim=True)
x = torch.tensor(rng.normal(size=(N, D)))
new = torch.tensor(rng.normal(size=(more, D)))
plain = sae_step(x, We, be, Wd, bd, 8.0, 0.125)
wide = sae_step(
    x, torch.cat([We, 0.1 * new.T], 1), torch.cat([be, torch.full((more,), -500.0).double()]),
    torch.cat([Wd, new / new.norm(dim=1, keepdim=True)]), bd, 8.0, 0.125,
)  # fmt: skip
for name, got, value in zip(
    ("We", "be", "Wd", "bd"),
    (wide[0][:, :F], wide[1][:F], wide[2][:F], wide[3]),
    plain,
    strict=True,
):
    testing.check(
        testing.close(got, value),
        "features that are never active must not weaken the penalty on the others: it is summed over "
        "features, and averaged over rows only",
        inputs=name,
        got=got,
        expected=value,
    )
twice = sae_step(torch.cat([x, x]), We, be, Wd, bd, 8.0, 0.125)
assert all(testing.close(a, b) for a, b in zip(twice, plain, strict=True)), (
    "every row twice gives the same step: the penalty is averaged over rows"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

**"The sparsity penalty is `h.abs().mean()`."** So it stands in popular code. Two ways to see that it measures nothing by itself. First, divide all activations of the trained autoencoder by 10 and multiply its
directions by 10. Second, plain arithmetic: how much one feature's activation adds to it, in dictionaries of different width.
"""

# %% tags=["demo"]
We, be, Wd, bd = trained
sample = acts_scaled[:2000]
for c in (1.0, 10.0):
    h = torch.relu((sample - bd) @ (We / c) + be / c)
    rebuilt = h @ (Wd * c) + bd
    error = float((rebuilt - sample).square().sum(dim=1).mean())
    print(f"activations / {c:2.0f}: error {error:.3f}, mean of |h| {float(h.abs().mean()):.5f}, "
          f"active {float((h > 0).sum(dim=1).double().mean()):.1f}")  # fmt: skip
for width in (64, 1024, 16_384):
    print(
        f"width {width:6,}: an activation of 1 in one feature adds {1 / width:.6f} to a row's mean"
    )

# %% [markdown]
r"""
Same reconstruction, same features active, a tenth of the penalty: gradient descent can lower such a loss without making anything sparser. And a `lam` tuned at one width is far
too weak at a larger one. Either keep the directions at norm 1 (Bricken et al., 2023) or weight each activation by its direction's norm (Anthropic's interpretability team, 2024), and sum
over features. `abs` after a relu does nothing.

The same trap has a non-technical form: "the feature *is* the concept". A feature is a direction that one training run found useful under one penalty. Its name is somebody's guess from the
tokens it fires on; the table above shows how far a name and a feature can be apart where the truth is known.
"""

# %% [markdown]
r"""
### If they push

<details><summary>"A probe reads the truth of a statement from the activations with 95 %. So the model knows when it lies?"</summary>

The attribute can be decoded *by this probe, on these sentences*. Ask for the control task, for test data that differ from the training data in topic and wording, and for the plainest baseline: can it be read from the words alone?
And decodable is not used: for that, move the activation along the probe's direction and see whether what the model does changes as predicted.

</details>

<details><summary>"Patching found the layer. So that is where to edit the fact?"</summary>

Not necessarily. Hase et al. (2023) found that how much a layer restores tells almost nothing about how well editing that layer works. Patching also depends on its choices: which corrupted prompt (another
name, or noise on the embedding), which measure (logit difference, probability), and clean into corrupted (what *suffices*) or corrupted into clean (what is *needed*). Heads that back each other up show neither.
Zhang and Nanda (2023) compare these choices.

</details>

<details><summary>"Are sparse autoencoders the answer?"</summary>

Contested in November 2026. For: features of a large model that people recognise and that steer it (Templeton et al., 2024). Against: probes on SAE features did not beat plain probes
(Kantamneni et al., 2025), simple baselines steered better (Wu et al., 2025), and dictionaries with random, frozen directions came close to trained ones on common measures (Korznikov et al., 2026, preprint). In answer:
with features selected by a supervised procedure, steering comes close to the reference (Jørgensen et al., 2026, preprint). A fair reply names the use: finding hypotheses is one thing, beating a
baseline on a known question another.

</details>

<details><summary>"What does the L1 penalty do to the activations themselves?"</summary>

It shrinks them: lowering every activation a little always lowers the penalty, at an error of second order. Reconstructions come out too small. TopK (Gao et al., 2024) keeps the k largest and needs no penalty; JumpReLU
(Rajamanoharan et al., 2024) learns a threshold below which a feature is off and leaves what is above it alone; gated SAEs separate "whether" from "how much".

</details>

<details><summary>"Why train on the residual stream? Papers do it on MLPs."</summary>

Both are done, and attention outputs too. Bricken et al. (2023) used the MLP's activations of a one-layer model, Cunningham et al. (2023) and Templeton et al. (2024) the residual stream. The stream shows what is there at a layer; an MLP's
output shows what this part adds.

</details>
"""

# %% [markdown]
r"""
### Sources

- Jain, Wallace, "Attention is not Explanation", 2019 (arXiv 1902.10186); Wiegreffe, Pinter, "Attention is not not Explanation", 2019 (arXiv 1908.04626). Contested by definition.
- Hewitt, Liang, "Designing and Interpreting Probes with Control Tasks", 2019 (arXiv 1909.03368).
- nostalgebraist, "interpreting GPT: the logit lens", 2020 (LessWrong).
- Meng, Bau, Andonian, Belinkov, "Locating and Editing Factual Associations in GPT", 2022 (arXiv 2202.05262).
- Hase, Bansal, Kim, Ghandeharioun, "Does Localization Inform Editing?", 2023 (arXiv 2301.04213); Zhang, Nanda, "Towards Best Practices of Activation Patching in Language Models", 2023 (arXiv 2309.16042).
- Elhage et al., "Toy Models of Superposition", 2022; Bricken et al., "Towards Monosemanticity", 2023; Templeton et al., "Scaling Monosemanticity", 2024; the weighted penalty: "Circuits Updates, April 2024" (all transformer-circuits.pub).
- Cunningham et al., "Sparse Autoencoders Find Highly Interpretable Features in Language Models", 2023 (arXiv 2309.08600).
- Gao et al., "Scaling and evaluating sparse autoencoders", 2024 (arXiv 2406.04093); Rajamanoharan et al., "Jumping Ahead" (JumpReLU), 2024 (arXiv 2407.14435).
- Kantamneni et al., "Are Sparse Autoencoders Useful?", 2025 (arXiv 2502.16681); Wu et al., "AxBench", 2025 (arXiv 2501.17148); Korznikov et al., "Sanity Checks for Sparse Autoencoders", 2026 (arXiv 2602.14111); Jørgensen et al.,
  "Steering LLMs? Actually, Sparse Autoencoders can outperform simple baselines", 2026 (arXiv 2605.31183). Contested.
"""
