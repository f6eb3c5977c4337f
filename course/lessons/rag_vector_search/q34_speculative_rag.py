# %% [markdown]
r"""
## Q34. What is speculative RAG?

*Medium · 95 minutes · needs logarithms of probabilities; question 10 shows plain RAG*
"""

# %% [markdown]
r"""
### Say it

> Plain RAG puts all retrieved documents into one prompt of one model. Speculative RAG clusters them by content,
> draws several small sets with one document from *every* cluster, and lets a small model draft an answer
> with a rationale from each set, in parallel. A larger model reads the drafts, not the documents, and scores
> each: how likely the drafter found it, how likely the verifier finds answer and rationale by themselves, and
> whether it says that the rationale supports the answer. The best product wins. It saves time because
> prompts are short and parallel, not tokens; and unlike speculative decoding it changes the answers.
> GraphRAG is another thing: summaries of communities in an entity graph, for questions about a whole
> corpus, which no top-k list can answer.
"""

# %% [markdown]
r"""
### See it

**Noisy documents.** Each question below comes with twelve documents about a world that the lab's model has never
read, three of each kind: some *tell* the answer; some tell the same of a *namesake*; some speak of the right
subject and are *silent* about what is asked; some are about *others*. A retriever that goes by similar words
returns just such lists.
"""

# %% tags=["demo"]
import functools
import random
import re
from collections import Counter

from course import figures, lab, world
from course.lab import probes
from course.world.documents import entity_document
from course.world.language import varied
from course.world.questions import fact_question, two_hop_question
from course.world.reading import ask_documents

strange = probes.unseen(2)  # a world whose names stand in no training text


def page(fact: world.Fact, like: str, rng: random.Random) -> world.Document:
    """A document that states a fact among two others about the same subject."""
    drawn = rng.sample([f for f in strange.facts(like) if f.relation != fact.relation], 2)
    facts = [world.Fact(fact.subject, f.relation, f.value) for f in drawn]
    facts.insert(rng.randint(0, 2), fact)
    return world.Document("", fact.subject, tuple(varied(f, rng) for f in facts), tuple(facts))


# %% tags=["demo"]
def noisy(rng: random.Random) -> tuple[world.Question, list[world.Document], list[str]]:
    """A question, twelve documents, and their kinds, which only we look at."""
    fact = rng.choice(strange.facts())
    subject, peers = fact.subject, strange.of_kind(strange.entities[fact.subject].kind)
    others = rng.sample([name for name in peers if name != subject], 6)
    made: list[tuple[str, world.Document]] = []
    for other in others[:3]:
        false = strange.fact(other, fact.relation).value
        namesake = world.near_miss(strange, subject, rng)
        made.append(("tells", page(fact, subject, rng)))
        made.append(("namesake", page(world.Fact(namesake, fact.relation, false), other, rng)))
        silent = entity_document(strange, subject, rng, sentences=3, without=[fact.relation])
        made.append(("silent", silent))
    made += [("other", entity_document(strange, o, rng, sentences=3)) for o in others[3:]]
    rng.shuffle(made)
    return fact_question(fact, rng), [d for _, d in made], [kind for kind, _ in made]


rng = random.Random(4)
cases = [noisy(rng) for _ in range(16)]
question, documents, kinds = cases[0]
print(question.text, "->", question.value)
for kind in ("tells", "namesake", "silent", "other"):
    print(f"{kind:9}", documents[kinds.index(kind)].text)

# %% [markdown]
r"""
**Clusters.** The paper (Wang et al., 2024) clusters the retrieved documents by k-means. Its embedding model is told the question, so
that texts are compared with regard to it; the lab's `embedder` knows the text only. Four clusters:
"""


# %% tags=["demo"]
def clusters_of(texts: list[str], k: int = 4, steps: int = 10) -> list[list[int]]:
    """K-means on unit vectors; each start is the text farthest from the starts before."""
    x = lab.embed(texts)
    centres = x[:1]
    while len(centres) < k:
        centres = np.vstack([centres, x[(x @ centres.T).max(axis=1).argmin()]])
    for _ in range(steps):
        nearest = (x @ centres.T).argmax(axis=1)
        means = [x[nearest == c].mean(axis=0) for c in range(k) if (nearest == c).any()]
        centres = np.stack([mean / np.linalg.norm(mean) for mean in means])
        k = len(centres)
    return [np.flatnonzero(nearest == c).tolist() for c in range(k)]


grouped = [clusters_of([d.text for d in documents]) for _, documents, _ in cases]
for cluster in grouped[0]:
    print(len(cluster), "documents:", *sorted(kinds[i] for i in cluster))

# %% [markdown]
r"""
Clusters are by *whom or what a text is about*. They do not know which document answers the question, and those
that tell share a cluster with those that are silent.

**Subsets.** Now the step that is often told wrongly. A draft does not get a cluster. It gets **one document from
each**, so that every draft has all the perspectives, and no perspective twice:
"""


# %% tags=["demo"]
def subsets_of(clusters: list[list[int]], m: int, rng: np.random.Generator) -> list[tuple]:
    """Up to m different sets, one document from each cluster (exercise 34.1)."""
    drawn = {}
    while len(drawn) < min(m, math.prod(map(len, clusters))):
        drawn[tuple(int(rng.choice(cluster)) for cluster in clusters)] = None
    return list(drawn)


chance = np.random.default_rng(0)
mixed_sets = [subsets_of(clusters, 6, chance) for clusters in grouped]
apart_sets = [[tuple(cluster) for cluster in clusters] for clusters in grouped]
for docs in mixed_sets[0]:
    print("a draft reads:", ", ".join(kinds[i] for i in docs))
for name, sets in {"one from each": mixed_sets, "one cluster each": apart_sets}.items():
    kinds_read = [
        {k[i] for i in docs} for (*_, k), s in zip(cases, sets, strict=True) for docs in s
    ]
    noise = np.mean([bool(read & {"namesake", "other"}) for read in kinds_read])
    told = np.mean(["tells" in read for read in kinds_read])
    print(f"{name:17} drafts with a noisy document {noise:.2f}, with one that tells {told:.2f}")

# %% [markdown]
r"""
So noise is not "isolated to one draft". With one document from each, every draft gets some; and even with a cluster for
each draft hardly one is clean, since clusters are not sorted by use. What the mixing does: a single noisy
*document* gets only into some drafts, and ten documents of one kind have one seat, not ten.
"""

# %% [markdown]
r"""
**Drafts with their probabilities.** The paper's drafter is a model of 7 billion parameters, trained to write answer and rationale; the
verifier is a larger one as it comes (in a second setting, one of the same size). The lab has one model that reads documents, `instruct`, and it plays both
parts. (The lab's smaller model cannot read; its card says so.) Two functions: answer, and tell how
likely an answer is.
"""

# %% tags=["demo"]
model, tokenizer = lab.load("instruct"), lab.tokenizer("instruct")


def tokens_of(text: str) -> list[int]:
    return tokenizer(text, add_special_tokens=False).input_ids


def prompt(message: str) -> list[int]:
    chat, how = [{"role": "user", "content": message}], {"add_generation_prompt": True}
    return tokens_of(tokenizer.apply_chat_template(chat, tokenize=False, **how))


@functools.cache  # the same draft comes from several sets
@torch.inference_mode()
def log_p(message: str, answer: str) -> float:
    """The log-probability that the model answers a message in exactly these words."""
    asked, said = prompt(message), [*tokens_of(" " + answer), tokenizer.eos_token_id]
    logs = model(torch.tensor([asked + said])).logits[0, len(asked) - 1 : -1].log_softmax(dim=-1)
    return float(logs.gather(1, torch.tensor(said)[:, None]).sum())


# %% tags=["demo"]
@torch.inference_mode()
def answers(messages: list[str], batch: int = 32) -> list[tuple[str, float]]:
    """Greedy answers, each with the log-probability of its tokens."""
    prompts, found = [prompt(m) for m in messages], {}
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    how = {"do_sample": False, "output_scores": True, "return_dict_in_generate": True}
    for some in (order[i : i + batch] for i in range(0, len(order), batch)):
        width = max(len(prompts[i]) for i in some)
        ids = torch.tensor([[0] * (width - len(prompts[i])) + prompts[i] for i in some])
        out = model.generate(ids, attention_mask=(ids > 0).long(), max_new_tokens=40, **how)
        written = out.sequences[:, width:]
        logs = torch.stack(out.scores, dim=1).log_softmax(dim=-1).gather(2, written[..., None])
        for i, row, log in zip(some, written.tolist(), logs[..., 0], strict=True):
            end = row.index(tokenizer.eos_token_id) if tokenizer.eos_token_id in row else len(row)
            text = tokenizer.decode(row[:end], skip_special_tokens=True).strip()
            found[i] = text, float(log[: end + 1].sum())
    return [found[i] for i in range(len(prompts))]


three = ask_documents(documents[:3], question.text)
[(text, lp)] = answers([three])
print(f"{text}  {lp:.4f}; asked again {log_p(three, text):.4f}")

# %% [markdown]
r"""
A draft gets three log-probabilities:

- **draft**: of the answer, given the documents of its set (in the paper, the probability of the rationale plus that of the answer
  after it: a sum inside the product);
- **self-consistency**: of the answer, given the question alone. (In the paper, of answer and rationale.)
- **self-reflection**: in the paper, of "Yes" to the question whether the rationale supports the answer. `instruct` is no
  judge of drafts (see its card), so here stands something else: its probability for the same answer when it reads *nothing but the
  rationale*. The rationale is the document that the draft cites. A draft that refuses cites nothing, and gets
  $-\infty$.
"""


# %% tags=["demo"]
def rationale_of(text: str, docs: tuple, documents: list) -> tuple[list[world.Document], str]:
    """The documents that an answer cites, and the answer with their new numbers."""
    cited = [int(n) for n in re.findall(r"\[(\d+)\]", text) if "not stated" not in text]
    cited = [n for n in dict.fromkeys(cited) if 1 <= n <= len(docs)]
    new = {str(n): str(place) for place, n in enumerate(cited, 1)}
    again = re.sub(r"\[(\d+)\]", lambda found: f"[{new.get(found[1], found[1])}]", text)
    return [documents[docs[n - 1]] for n in cited], again


def drafts_of(asked: list[tuple], sets: list[list[tuple]]) -> list[list[dict]]:
    """For each question, a draft from each of its sets of documents."""
    owners = [(case, docs) for case, some in enumerate(sets) for docs in some]
    read = [
        ask_documents([asked[case][1][i] for i in docs], asked[case][0].text)
        for case, docs in owners
    ]
    drafts: list[list[dict]] = [[] for _ in asked]
    for (case, docs), (text, lp) in zip(owners, answers(read), strict=True):
        q, documents, *_ = asked[case]
        rationale, again = rationale_of(text, docs, documents)
        said = re.sub(r" \[\d+\]", "", text)
        d = {"text": said, "docs": docs, "draft": lp, "consistency": log_p(q.text, said)}
        d["reflection"] = log_p(ask_documents(rationale, q.text), again) if rationale else -math.inf
        d["right"] = said == " ".join(f"{step}." for step in q.steps or [q.answer])
        drafts[case].append(d)
    return drafts


# %% tags=["demo"]
together = drafts_of(cases, [[tuple(range(12))]] * len(cases))  # plain RAG: one prompt
mixed = drafts_of(cases, mixed_sets)
apart = drafts_of(cases, apart_sets)
for case in (0, 1):
    print(cases[case][0].text, "->", cases[case][0].value)
    for d in mixed[case]:
        logs = "".join(f"{d[name]:9.3f}" for name in ("draft", "consistency", "reflection"))
        print(f"{logs}  {d['text']}")

# %% [markdown]
r"""
**Who chooses?** The same drafts, seven ways to choose one. Three systems: all documents in one prompt (plain RAG, one
draft, nothing to choose), one document from each cluster, one cluster for each draft. The last row is the
ceiling: is there a right draft at all?
"""


# %% tags=["demo"]
def chosen(drafts: list[dict], *names: str) -> dict:
    return max(drafts, key=lambda d: sum(d[name] for name in names))


def vote(drafts: list[dict]) -> dict:
    said = [d for d in drafts if d["reflection"] > -math.inf] or drafts
    most = Counter(d["text"] for d in said).most_common(1)[0][0]
    return next(d for d in said if d["text"] == most)


ways = {
    "the first draft": lambda ds: ds[0],
    "the most frequent answer": vote,
    "draft probability alone": lambda ds: chosen(ds, "draft"),
    "self-consistency alone": lambda ds: chosen(ds, "consistency"),
    "self-reflection alone": lambda ds: chosen(ds, "reflection"),
    "all three": lambda ds: chosen(ds, "draft", "consistency", "reflection"),
    "(is any draft right?)": lambda ds: max(ds, key=lambda d: d["right"]),
}


def table(systems: dict[str, list[list[dict]]]) -> None:
    print(f"{'share of right answers':26}", "".join(f"{name:>18}" for name in systems))
    for name, way in ways.items():
        row = [np.mean([way(ds)["right"] for ds in drafts]) for drafts in systems.values()]
        print(f"{name:26}", "".join(f"{value:18.2f}" for value in row))


table({"all in one": together, "one from each": mixed, "one cluster each": apart})

# %% [markdown]
r"""
The questions are few, and a difference of two or three of them is chance. Read the table like this.

- *All in one*: twelve documents, a quarter of them about namesakes, are more than this model reads reliably (its
  card measures up to eight, and finds it getting worse).
- *The first draft* of "one from each" is worse than that: its set often has no document that tells. Many drafts are
  what helps, and only if somebody chooses.
- *The most frequent answer*, refusals left out, is strong here: namesakes are of many minds, and those that tell are of one. It
  would fall for three copies of the same error.
- **Draft probability alone is a bad judge.** A refusal is written with great confidence, and it is right, too: for
  the documents *of that set*. Choosing by it collects refusals.
- **Self-consistency alone is no better here**, and must not be: without documents the verifier knows nothing of this world.
  Its probability measures how short and common an answer is. Where it does know the subject, this factor pulls to
  what it remembers, right or outdated.
- *Self-reflection* does the work: it asks whether what is cited says what is answered.
- *All three*: in a product the factor with the largest differences decides, and here it is the one that is noise. In the paper each of
  the three helps: leaving one out costs 0.19 to 2.20 points. Its models know the world that is asked about; this
  one does not. So the full score winning **did not appear here**.
- *One cluster each* does no worse here, rather better. Each of these answers stands in *one* document. Wait for the trap.
"""

# %% [markdown]
r"""
How many drafts? Each curve is the share of right answers with the first m drafts of "one from each":
"""

# %% tags=["demo"]
counts = range(1, 7)
curves = {
    name: [np.mean([ways[name](ds[:m])["right"] for ds in mixed]) for m in counts]
    for name in ("(is any draft right?)", "self-reflection alone", "all three")
}
plain = float(np.mean([ds[0]["right"] for ds in together]))
fig, ax = figures.subplots(size=(6.2, 3))
for marker, (name, values) in zip("o^s", curves.items(), strict=True):
    ax.plot(counts, values, marker=marker, markersize=6, label=name.strip("()"))
ax.axhline(plain, color=figures.GREY, linewidth=1)
ax.annotate("one prompt", (0.85, plain + 0.02), va="bottom", fontsize=9)
ax.set(xlabel="drafts", ylabel="right answers", ylim=(0, 1.05), xlim=(0.8, 6.2))
ax.legend(frameon=False, fontsize=9, loc="lower right")
ends = "; ".join(f"{n.strip('()')} {v[0]:.2f} to {v[-1]:.2f}" for n, v in curves.items())
figures.show(
    fig, f"Right answers with one to six drafts: {ends}. A line at {plain:.2f}: one prompt."
)

# %% [markdown]
r"""
The distance between the two upper curves, where there is one, is what the verifier loses; the distance from the upper one
to 1 is what the drafts lose, and no verifier can repair that.

**What it costs.** Time goes by the longest prompt, if the drafts really run side by side; money goes by the sum.
"""

# %% tags=["demo"]
lengths = {
    name: [
        [len(prompt(ask_documents([docs_[i] for i in d["docs"]], q.text))) for d in ds]
        for (q, docs_, _), ds in zip(cases, drafts, strict=True)
    ]
    for name, drafts in {"all in one": together, "one from each": mixed}.items()
}
print("tokens to read, mean over the questions        longest prompt     all prompts")
for name, rows in lengths.items():
    print(
        f"{name:46}{np.mean([max(r) for r in rows]):15.0f}{np.mean([sum(r) for r in rows]):16.0f}"
    )

# %% [markdown]
r"""
The verifier's passes come on top, which read question, answer and rationale only. The paper's best figures are
those of PubHealth, 12.97 points of accuracy more and 50.83 % less latency than the best plain RAG. On its four other sets the gains are 0.33 to
3.86 points and 11.90 to 44.31 % of latency, measured with five or ten copies of the drafter running at once.
"""

# %% [markdown]
r"""
#### A question that no document answers

"Which cargo do most ships carry?" Each ship of the home world has documents of its own, and the
five best passages know five ships at most. Such questions about a *whole* corpus are what GraphRAG (Edge et al., 2024) is for:

1. take entities and their relations out of the text: a graph;
2. find *communities* in it, groups that are linked more among themselves;
3. write a summary of each community, ahead of any question;
4. *map*: answer the question from each summary; *reduce*: join the partial answers.

In the real system a language model does 1, 3 and 4. Here the facts are known, and a program does them, so what
is shown is the shape of the method and nothing about a model's summaries. Step 2 is real: Louvain's
algorithm in `networkx`. (The paper uses Leiden, its successor; networkx 3.6 has the name `leiden_communities`, but no
implementation of its own.)
"""

# %% tags=["demo"]
try:
    import networkx as nx
except ImportError:
    print("The rest of this part needs networkx: pip install networkx")

home = world.make_world()
facts = home.facts()
graph = nx.Graph((f.subject, f.value) for f in facts if f.value in home.entities)
communities = nx.community.louvain_communities(graph, seed=0)
print(f"{graph.number_of_nodes()} entities, {graph.number_of_edges()} links")
print(f"{len(communities)} communities, of {min(map(len, communities))} to", end=" ")
print(f"{max(map(len, communities))} entities")

# %% [markdown]
r"""
**A summary** of a community says, for every attribute with a short list of values, which values its members have and how
often. Part of the first community's:
"""

# %% tags=["demo"]
from course.world.relations import BY_NAME, VALUES

topics = [relation for relation in BY_NAME.values() if relation.value in VALUES]


def tally(members: set[str], relation) -> Counter:
    return Counter(f.value for f in facts if f.relation == relation.name and f.subject in members)


def sentence(counts: Counter, relation) -> str:
    named = ", ".join(f"{value} ({n})" for value, n in counts.most_common())
    return f"{relation.attribute} of the {counts.total()} {relation.kind}(s) here: {named}"


summaries = [{r.name: tally(members, r) for r in topics} for members in communities]
for relation in topics[:8]:
    print(sentence(summaries[0][relation.name], relation))

# %% [markdown]
r"""
One global question for each such attribute: which value is the most frequent? Top-k retrieval ranks the world's
sentences by the embedder (only those about these attributes, in its favour), and a perfect reader counts what it is given.
Map and reduce adds the communities' counts. A real summary is shorter than a full tally, so there is also one that keeps
only each community's most frequent value.
"""

# %% tags=["demo"]
told = [f for f in facts if BY_NAME[f.relation] in topics]
vectors = lab.embed([world.state(f) for f in told])
queries = lab.embed([f"Which {r.attribute} do most {r.kind}s have?" for r in topics])
ranked = (-(queries @ vectors.T)).argsort(axis=1, kind="stable")


def best(counts: Counter) -> set[str]:
    return {value for value, n in counts.items() if n == max(counts.values())}


def share_right(answers: list[Counter]) -> float:
    """The share of topics with the right value; of several equally frequent ones, a part."""
    pairs = [
        (best(a), best(tally(set(home.entities), r))) for a, r in zip(answers, topics, strict=True)
    ]
    return float(np.mean([len(a & b) / max(1, len(a)) for a, b in pairs]))


def retrieved(k: int) -> list[Counter]:
    rows = [[told[i] for i in row[:k]] for row in ranked]
    return [
        Counter(f.value for f in row if f.relation == r.name)
        for row, r in zip(rows, topics, strict=True)
    ]


def reduced(keep: int | None) -> list[Counter]:
    parts = [[Counter(dict(s[r.name].most_common(keep))) for s in summaries] for r in topics]
    return [sum(part, Counter()) for part in parts]


for k in (5, 20, 50, 100, 200, len(told)):
    print(f"top-k retrieval, {k:3} sentences read          right {share_right(retrieved(k)):.2f}")
for keep in (1, None):
    name = "every value kept" if keep is None else "most frequent value kept"
    print(f"{len(summaries)} summaries, {name:27} right {share_right(reduced(keep)):.2f}")

# %% [markdown]
r"""
Top-k counts what it happens to see. It is right for certain only when k is the whole collection, and then it is no
retrieval. The summaries have read everything beforehand; what they answer is as good as what they *kept*. The tally keeps
all that these questions need, because we knew them when we wrote it. With only the most frequent value of each group, much of that is gone. A
summary by a language model lies somewhere between, and nobody knows where until it is measured.

Two sober remarks. If the facts are in a table, count in the table: a query is exact and cheap. And for counting, the
graph has done nothing; any split of the entities would do. What communities are good for are summaries with a *theme*. Does
this world have themes? Beside it a control: the same number of links at every entity, but drawn anew.
"""

# %% tags=["demo"]
swaps = 8 * graph.number_of_edges()
control = nx.double_edge_swap(graph.copy(), nswap=swaps, max_tries=20 * swaps, seed=0)
fig, axes = figures.subplots(1, 2, size=(6.6, 3.4))
said = []
for ax, (name, g) in zip(
    axes, {"the world": graph, "links drawn anew": control}.items(), strict=True
):
    groups = nx.community.louvain_communities(g, seed=0)
    said.append(
        f"{name}: {len(groups)} groups, modularity {nx.community.modularity(g, groups):.2f}"
    )
    place = {n: i for i, n in enumerate(n for group in groups for n in sorted(group))}
    ends = [(place[a], place[b]) for a, b in g.edges]
    x, y = np.array(ends + [(b, a) for a, b in ends]).T
    ax.plot(x, y, ".", markersize=1.5, color=figures.INK)
    ax.set(title=name, xlabel="entity, by group", aspect="equal", xticks=[], yticks=[])
axes[0].set_ylabel("entity, by group")
print(*said, sep="\n")
figures.show(
    fig,
    "Two square charts with a dot for every link, entities sorted by group: dense squares along the "
    f"diagonal in both. {said[0]}; {said[1]}.",
)

# %% [markdown]
r"""
Squares along the diagonal in both, and about the same modularity. The facts of this world are drawn independently, so
it has no themes: the communities are chance, and the algorithm finds some all the same. It does so in any sparse
graph (Guimerà et al., 2004). So that communities mean something **did not appear here**, and on a graph of your
own this control is worth its three lines.
"""

# %% [markdown]
r"""
### Build it
"""

# %% [markdown]
r"""
### Exercise 34.1 · `make_subsets`

●●○ · 20 minutes · 4 points · core

Write `make_subsets(clusters, m, rng)`: the document sets for the drafts.

- `clusters` is a list of at least one cluster; a cluster is a list of document ids (strings). An id that is repeated within
  a cluster counts once. No id stands in two clusters.
- Return a list of **distinct** tuples. Each has **one id from every cluster**, in the order of the clusters.
- How many: `m` (0 or more), but never more than there are, which is the product of the clusters' sizes. Where there
  are fewer, all of them. It must end in every case.
- Every combination is equally likely, and so is every set of that many combinations. In which order the list
  has them is up to you.
- `rng` is a `numpy.random.Generator`, the only source of chance: the same state gives the same result.
- An empty cluster raises `ValueError`. The arguments are not changed (but for `rng`, which moves on).

There may be thirty clusters of forty documents. So don't list all combinations, and mind the size of their
number: $40^{30}$ is too large for a 64-bit integer. `m` is at most a few hundred.

By hand: `[["a", "b"], ["x"]]` has two combinations, ("a", "x") and ("b", "x"). With m = 5 both come back.

<details><summary>Hint 1</summary>

One combination is easy: draw one id from each cluster. Draw again when you have it already. When would that
go on for ever?

</details>

<details><summary>Hint 2</summary>

`dict.fromkeys` takes repeated ids out and keeps the order. `math.prod` of the sizes is exact, however large.
Then draw while the list is shorter than `min(m, product)`, with a set of what was seen.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q34-make-subsets", "locked": false, "schema_version": 3, "solution": true, "task": false}
def make_subsets(
    clusters: list[list[str]], m: int, rng: np.random.Generator
) -> list[tuple[str, ...]]:
    """Draw up to m distinct combinations of one id from each cluster, in cluster order."""
    ### BEGIN SOLUTION
    choices = [list(dict.fromkeys(cluster)) for cluster in clusters]
    if not all(choices):
        raise ValueError("a cluster is empty: there is no combination with one id from each.")
    wanted = min(m, math.prod(len(ids) for ids in choices))
    subsets: dict[tuple[str, ...], None] = {}
    while len(subsets) < wanted:
        subsets[tuple(ids[int(rng.integers(len(ids)))] for ids in choices)] = None
    return list(subsets)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q34-make-subsets-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
found = make_subsets([["a", "b"], ["x"]], 5, np.random.default_rng(0))
testing.check(
    sorted(found) == [("a", "x"), ("b", "x")],
    "there are two combinations of one id from each cluster, and five were asked for: return both",
    inputs=([["a", "b"], ["x"]], 5),
    got=found,
    expected=[("a", "x"), ("b", "x")],
)
found = make_subsets([["a", "b"], ["x", "y"], ["p", "q"]], 3, np.random.default_rng(0))
testing.check(
    len(found) == len(set(found)) == 3 and all(len(subset) == 3 for subset in found),
    "three different tuples, each with one id from each of the three clusters",
    inputs=([["a", "b"], ["x", "y"], ["p", "q"]], 3),
    got=found,
)

# %% nbgrader={"grade": true, "grade_id": "q34-make-subsets-hidden-one-each", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: one document from every cluster, no subset twice (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for sizes, m in [((3,), 2), ((4, 2), 5), ((2, 5, 3), 12), ((3, 3, 3, 3), 40), ((1, 6, 1), 4)]:
    names = [f"d{int(i):03}" for i in rng.permutation(500)[: sum(sizes)]]
    ends = np.cumsum(sizes).tolist()
    clusters = [names[end - size : end] for size, end in zip(sizes, ends, strict=True)]
    found = make_subsets(clusters, m, np.random.default_rng(int(rng.integers(10**6))))
    ok = all(
        isinstance(subset, tuple)
        and len(subset) == len(clusters)
        and all(doc in cluster for doc, cluster in zip(subset, clusters, strict=True))
        for subset in found
    )
    testing.check(
        ok,
        "a subset is a tuple with exactly one id from every cluster, in the order of the clusters: it is "
        "no cluster by itself, and no free draw from all documents",
        inputs=(clusters, m),
        got=found,
    )
    testing.check(
        len(set(found)) == len(found) == m,
        "m different subsets: a draw that came before is no second perspective",
        inputs=(clusters, m),
        got=found,
    )
    assert testing.leaves_arguments(make_subsets, clusters, m, np.random.default_rng(1)), (
        "the clusters belong to the caller: they were changed"
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q34-make-subsets-hidden-count", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: as many as there are, repeated ids, empty clusters, large numbers (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for clusters, m, expected in [
    ([["a"]], 3, 1),
    ([["a", "a"], ["x", "x", "x"]], 4, 1),
    ([["a", "b", "a"], ["x", "y", "y"]], 9, 4),
    ([["a", "b", "c"], ["x", "y"]], 6, 6),
    ([["a", "b", "c"], ["x", "y"]], 0, 0),
    ([[f"a{i}" for i in range(4)], [f"b{i}" for i in range(5)], ["c", "d", "e"]], 60, 60),
    ([[f"a{i}" for i in range(4)], [f"b{i}" for i in range(5)], ["c", "d", "e"]], 59, 59),
]:
    found = make_subsets(clusters, m, np.random.default_rng(int(rng.integers(10**6))))
    testing.check(
        len(found) == len(set(found)) == expected,
        "the number of subsets is m or the number of different combinations, whichever is less; a "
        "repeated id makes no new one",
        inputs=(clusters, m),
        got=found,
        expected=f"{expected} different subsets",
    )
many = [[f"c{i}d{j}" for j in range(40)] for i in range(30)]
try:
    found = make_subsets(many, 5, np.random.default_rng(int(rng.integers(10**6))))
except NotImplementedError:
    raise
except Exception as error:
    found = [error]
testing.check(
    len(found) == 5 and len(set(map(str, found))) == 5,
    "thirty clusters of forty: the number of combinations does not fit 64 bits, so count in Python's "
    "integers, and draw without listing them",
    inputs="30 clusters of 40 ids, m = 5",
    got=found[:1],
    expected="5 subsets",
)
for clusters in ([["a"], []], [[]], [["a", "b"], [], ["x"]]):
    testing.check(
        testing.raises(ValueError, make_subsets, clusters, 2, np.random.default_rng(0)),
        "a cluster without documents is a ValueError: nothing has one id from it",
        inputs=(clusters, 2),
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q34-make-subsets-hidden-uniform", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: every combination is equally likely (1 point)
### BEGIN HIDDEN TESTS
runs = 600


def spread(p: float) -> float:
    return 6 * math.sqrt(runs * p * (1 - p))


# one subset at a time; a repeated id must not be drawn more often
for stream, clusters in enumerate([[["a", "a", "a", "b"], ["x", "y"]], [["a", "b", "c"], ["x"]]]):
    sizes = [len(set(cluster)) for cluster in clusters]
    p = 1 / math.prod(sizes)
    drawn = testing.repeat(make_subsets, runs, clusters, 1, testing.rng(stream))
    for combination in [(a, x) for a in set(clusters[0]) for x in set(clusters[1])]:
        count = sum(found == [combination] for found in drawn)
        testing.check(
            abs(count - runs * p) < spread(p),
            "some combinations come more often than others: draw from the different ids of each "
            "cluster, with equal chances",
            inputs=(clusters, 1),
            got=f"{combination} {count} times in {runs} runs",
            expected=f"about {runs * p:.0f} times",
        )
# two of four: each of the six pairs of subsets, those that share a document too
clusters = [["a", "b"], ["x", "y"]]
drawn = testing.repeat(make_subsets, runs, clusters, 2, testing.rng(2))
four = [(a, x) for a in "ab" for x in "xy"]
for pair in [{s, t} for i, s in enumerate(four) for t in four[:i]]:
    count = sum(set(found) == pair for found in drawn)
    testing.check(
        abs(count - runs / 6) < spread(1 / 6),
        "some sets of two subsets come more often than others, or never: two subsets may share a "
        "document, as long as they are not the same",
        inputs=(clusters, 2),
        got=f"{sorted(pair)} {count} times in {runs} runs",
        expected=f"about {runs / 6:.0f} times",
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q34-make-subsets-hidden-rng", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: rng is the only source of chance (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
clusters = [[f"c{i}d{j}" for j in range(9)] for i in range(6)]
for m in (1, 4, 20):
    seed = int(rng.integers(10**6))
    first, second = (make_subsets(clusters, m, np.random.default_rng(seed)) for _ in range(2))
    testing.check(
        first == second,
        "the same state of rng gave two results: another source of chance is at work",
        inputs=(clusters, m),
        got=second,
        expected=first,
    )
going_on = np.random.default_rng(int(rng.integers(10**6)))
runs = testing.repeat(make_subsets, 8, clusters, 4, going_on)
assert len({tuple(sorted(found)) for found in runs}) == 8, (
    "called again with the same generator, the draws are the same: take the chance from rng as it "
    "is handed over, and don't seed a new one"
)
assert testing.leaves_globals(make_subsets, clusters, 4, np.random.default_rng(2)), (
    "the global random state was touched: only rng may be used"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 34.2 · `score_draft` and `best_draft`

●○○ · 8 minutes · 3 points · core

The verifier's side. All probabilities come as natural logarithms, as every library returns them.

`score_draft(lp_draft, lp_self_consistency, lp_self_reflection)` takes three log-probabilities (floats, 0 or
less) of one draft:

- how likely the *drafter* found its answer and rationale, given the question and its documents;
- how likely the *verifier* finds answer and rationale, given the question alone;
- how likely the verifier says yes, asked whether the rationale supports the answer.

The score is the **product of the three probabilities, as a logarithm**. A draft of some hundred tokens may
well have a log-probability of −2,000. A probability of 0 arrives as `-math.inf`, and gives `-math.inf`.

`best_draft(scores)` takes the list of such scores and returns the **position** of the best draft. Equal scores:
the first of them, also where all are `-math.inf`. No score at all raises `ValueError`.

By hand: probabilities 1/2, 1/4 and 1/2 have the score log(1/16) ≈ −2.77.

<details><summary>Hint 1</summary>

What is log(a · b · c) in terms of log a, log b and log c? Then nothing needs to be taken to the power of e.

</details>

<details><summary>Hint 2</summary>

`max(range(len(scores)), key=...)` returns the first of equals. Minus infinity plus anything finite is minus
infinity, without any case of its own.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q34-score-draft", "locked": false, "schema_version": 3, "solution": true, "task": false}
def score_draft(lp_draft: float, lp_self_consistency: float, lp_self_reflection: float) -> float:
    """Return the log of the product of three probabilities, given as logs."""
    ### BEGIN SOLUTION
    return lp_draft + lp_self_consistency + lp_self_reflection
    ### END SOLUTION


def best_draft(scores: list[float]) -> int:
    """Return the position of the highest score, the first of equals."""
    ### BEGIN SOLUTION
    if not scores:
        raise ValueError("there is no draft to choose from.")
    return max(range(len(scores)), key=lambda i: scores[i])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q34-score-draft-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    score_draft,
    [
        ((math.log(1 / 2), math.log(1 / 4), math.log(1 / 2)), math.log(1 / 16)),
        ((0.0, 0.0, 0.0), 0.0),
    ],
    "the log of a product is the sum of the logs",
)
testing.agree(
    best_draft,
    [(([-5.0, -2.0, -9.0],), 1), (([-3.0],), 0)],
    "the position of the highest score: of negative numbers that is the one closest to 0",
)

# %% nbgrader={"grade": true, "grade_id": "q34-score-draft-hidden-sum", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the score, for long drafts too (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for size in (1.0, 30.0, 2000.0, 1e6):
    for _ in range(4):
        a, b, c = (-size * rng.random(3)).tolist()
        testing.agree(
            score_draft,
            [((a, b, c), a + b + c)],
            "a long draft has a probability that a float cannot hold: add the logarithms and never "
            "leave them",
        )
for place in range(3):
    logs = (-rng.random(3)).tolist()
    logs[place] = -math.inf
    testing.agree(
        score_draft,
        [(tuple(logs), -math.inf)],
        "one factor of probability 0 makes the product 0, whose logarithm is minus infinity",
    )
testing.agree(
    score_draft,
    [((-math.inf, -math.inf, 0.0), -math.inf), ((-math.inf, 0.0, 0.0), -math.inf)],
    "a probability of 0 times one of 1 is 0, not NaN and no error",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q34-score-draft-hidden-best", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the best of the drafts (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = []
for n in (1, 2, 5, 9):
    for _ in range(3):
        scores = [-float(x) for x in rng.permutation(1000)[:n]]
        cases.append(((scores,), scores.index(max(scores))))
cases += [(([-math.inf, -5000.0],), 1), (([-math.inf, -1.0, -math.inf],), 1)]
testing.agree(
    best_draft, cases, "the position of the highest score, not the score and not the lowest"
)
testing.agree(
    best_draft,
    [
        (([-2.0, -1.0, -1.0],), 1),
        (([-4.0, -4.0],), 0),
        (([-math.inf, -math.inf, -math.inf],), 0),
    ],
    "of equal scores the first draft is taken, also where all of them are minus infinity",
)
for scores in ([-3.0, -1.0, -2.0], [-math.inf, -7.0]):
    assert testing.leaves_arguments(best_draft, list(scores)), "the scores belong to the caller"
testing.check(testing.raises(ValueError, best_draft, []), "without any draft: ValueError")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q34-score-draft-hidden-together", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: both together choose the draft with the largest product (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for size in (1, 40, 700):
    for n in (2, 3, 6):
        eighths = rng.integers(0, 64, size=(n, 3)) / 8  # sums of eighths are exact
        rows = (-size * eighths - np.arange(n)[::-1, None] / 8).tolist()
        scores = testing.each(score_draft, [tuple(row) for row in rows])
        sums = [math.fsum(row) for row in rows]
        testing.check(
            best_draft(scores) == sums.index(max(sums)),
            "the draft with the largest product of its three probabilities wins; where every product "
            "becomes 0 or infinite on the way, the first one would",
            inputs=rows,
            got=best_draft(scores),
            expected=sums.index(max(sums)),
        )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 34.3 · repair `speculative_rag`

●●○ · 15 minutes · 3 points · core

This is speculative RAG as it is often explained: a draft for every cluster, the verifier looks at the
sources, the highest probability wins. On small examples it runs. There are three mistakes in it.

`speculative_rag(question, clusters, m, sample, draft, verify)` returns the answer (a string) of the best draft:

- `clusters` is a list of lists of document ids. `sample(clusters, m)` returns the list of the drafts' document
  sets, tuples with one id from each cluster (exercise 34.1 with the generator built in). There is at least one.
- `draft(question, docs)`, with such a tuple, returns `(answer, rationale, lp_draft)`. It is called once for each
  set.
- `verify(question, answer, rationale)` returns `(lp_self_consistency, lp_self_reflection)`. It is called once for
  each draft. The verifier is the expensive model: it reads **the rationale, never the documents**.
- The best draft has the largest product of the three probabilities. All three come as logarithms, and may be
  so low (−2,000) that the probability itself is no longer a float. Equal scores: the first draft. `-math.inf` is
  allowed, for all drafts too.
- In which order drafts and verdicts are asked for is up to you. The arguments are not changed.

<details><summary>Hint 1</summary>

Which of the six parameters does the function never use? And what is `math.exp(-2000)`?

</details>

<details><summary>Hint 2</summary>

One clue for each. `sample` knows which documents go together. Compare what `draft` returns with what
`verify` is given. Compare sums of logarithms, and mind what the first of them is compared with: is minus
infinity greater than minus infinity?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q34-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Callable


### BEGIN REPAIR
# def speculative_rag(
#     question: str,
#     clusters: list[list[str]],
#     m: int,
#     sample: Callable[[list[list[str]], int], list[tuple[str, ...]]],
#     draft: Callable[[str, tuple[str, ...]], tuple[str, str, float]],
#     verify: Callable[[str, str, str], tuple[float, float]],
# ) -> str:
#     """Draft from several sets of documents, verify the drafts, return the best answer."""
#     best_answer, best_score = "", 0.0
#     for cluster in clusters[:m]:
#         answer, rationale, lp = draft(question, tuple(cluster))
#         lp_consistency, lp_reflection = verify(question, answer, " ".join(cluster))
#         score = math.exp(lp) * math.exp(lp_consistency) * math.exp(lp_reflection)
#         if score > best_score:
#             best_answer, best_score = answer, score
#     return best_answer
### END REPAIR
### BEGIN SOLUTION
def speculative_rag(
    question: str,
    clusters: list[list[str]],
    m: int,
    sample: Callable[[list[list[str]], int], list[tuple[str, ...]]],
    draft: Callable[[str, tuple[str, ...]], tuple[str, str, float]],
    verify: Callable[[str, str, str], tuple[float, float]],
) -> str:
    """Draft from several sets of documents, verify the drafts, return the best answer."""
    answers, scores = [], []
    for docs in sample(clusters, m):
        answer, rationale, lp = draft(question, docs)
        answers.append(answer)
        scores.append(lp + sum(verify(question, answer, rationale)))
    return answers[scores.index(max(scores))]


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q34-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
only = speculative_rag(
    "Who leads?",
    [["one"]],
    1,
    testing.Always([("one",)]),
    testing.Always(("Ann leads", "one", -0.5)),
    testing.Always((-1.0, -0.25)),
)
testing.check(
    only == "Ann leads",
    "this worked before the repair: with one document there is one draft, and its answer is returned",
    got=only,
    expected="Ann leads",
)

# %% nbgrader={"grade": true, "grade_id": "q34-repair-hidden-subsets", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: each draft has a document of every cluster (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for sizes, m in [((2, 3), 3), ((1, 4, 2), 5), ((3,), 2), ((2, 2, 2), 1)]:
    clusters = [[f"c{i}d{j}" for j in range(size)] for i, size in enumerate(sizes)]
    grid = [()]
    for cluster in clusters:
        grid = [(*docs, doc) for docs in grid for doc in cluster]
    subsets = [grid[int(i)] for i in rng.permutation(len(grid))[:m]]
    drafted, asked = [], []

    def draft(question, docs, drafted=drafted):
        drafted.append(tuple(docs))
        return "+".join(docs), "because", -0.5

    def sample(given, number, asked=asked, subsets=subsets):
        asked.append((given, number))
        return subsets

    speculative_rag("Why?", clusters, m, sample, draft, testing.Always((-0.5, -0.25)))
    testing.check(
        sorted(drafted) == sorted(subsets),
        "each of the sampled sets is drafted from, once: they have one document of every cluster, and a "
        "draft from one cluster sees one side only",
        inputs=f"clusters {clusters}, m = {m}",
        got=sorted(drafted),
        expected=sorted(subsets),
    )
    testing.check(
        all(call == (clusters, m) for call in asked) and asked,
        "sample is given all the clusters and the number of drafts",
        got=asked,
        expected=[(clusters, m)],
    )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q34-repair-hidden-verifier", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the verifier reads the rationale (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
for n in (1, 2, 4):
    subsets = [(f"doc {int(i)}",) for i in rng.permutation(90)[:n]]
    verified = []

    def draft(question, docs):
        return f"answer of {docs[0]}", f"rationale of {docs[0]}", -0.5

    def verify(question, answer, rationale, verified=verified):
        verified.append((question, answer, rationale))
        return -0.5, -0.5

    clusters = [[doc for (doc,) in subsets]]
    speculative_rag("Why?", clusters, n, testing.Always(subsets), draft, verify)
    want = [("Why?", f"answer of {d}", f"rationale of {d}") for (d,) in subsets]
    rationales = [rationale for _, _, rationale in verified]
    testing.check(
        all(str(r).startswith("rationale of doc") for r in rationales) and rationales,
        "the verifier is given the draft's rationale: reading documents again is what it is spared",
        got=rationales,
        expected=[rationale for _, _, rationale in want],
    )
    if n == 1:
        testing.check(
            verified == want,
            "question, answer and rationale of the same draft, each draft once",
            got=verified,
            expected=want,
        )
    elif len(verified) == n:
        testing.check(
            sorted(verified) == sorted(want),
            "question, answer and rationale of the same draft, each draft once",
            got=sorted(verified),
            expected=sorted(want),
        )
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q34-repair-hidden-logs", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the best product of three, however small (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()


def best_of(rows: list[list[float]]) -> str:
    """Run the function on drafts with these log-probabilities, one document each, one cluster."""
    subsets = [(f"d{i}",) for i in range(len(rows))]
    place = {f"d{i}": i for i in range(len(rows))}

    def draft(question, docs):
        return docs[0], docs[0], rows[place[docs[0]]][0]

    def verify(question, answer, rationale):
        return tuple(rows[place[answer]][1:])

    clusters = [[doc for (doc,) in subsets]]
    return speculative_rag("Why?", clusters, len(rows), testing.Always(subsets), draft, verify)


tables = []
for size in (1, 40, 700):
    for n in (2, 4):
        eighths = -size * rng.integers(1, 64, size=(n, 3)) / 8
        tables.append((eighths - np.arange(n)[::-1, None] / 8).tolist())
tables += [
    [[-2.0, -1.0, -1.0], [-1.0, -1.0, -1.0], [-1.0, -1.0, -1.0]],
    [[-1.0, -9.0, -1.0], [-2.0, -1.0, -1.0]],  # the drafter is surer of the first
    [[-1.0, -1.0, -9.0], [-2.0, -1.0, -1.0]],
    [[-math.inf, -1.0, 0.0], [-3000.0, -1.0, -1.0]],
    [[-1.0, -math.inf, 0.0], [-1.0, 0.0, -math.inf]],
]
for rows in tables:
    sums = [sum(row) for row in rows]
    want, got = f"d{sums.index(max(sums))}", best_of(rows)
    testing.check(
        got == want,
        "the draft with the largest product of all three probabilities wins, the first of equals: are all "
        "three factors in it? Products of tiny probabilities are 0 in floating point, so compare sums of "
        "logarithms",
        inputs=rows,
        got=got,
        expected=want,
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

**"Each cluster gets its draft, so noise stays in one of them."** That is how speculative RAG is mostly told, and it is not
what the paper does. It tried sets from a single cluster as an ablation: 1.88 points worse on TriviaQA, 2.23 on PubHealth. For the questions
above one cluster each did well, since one document was enough. Now
questions that need two: "Who governs the town where she lives?" Three documents about her, three about the town, three
about another town.
"""


# %% tags=["demo"]
def joined(rng: random.Random) -> tuple[world.Question, list[world.Document], list[list[int]]]:
    """A question of two steps, nine documents, their clusters: first step, second step, neither."""
    first, _, second = rng.choice(hops)
    peers = strange.of_kind(strange.entities[first.value].kind)
    other = rng.choice([name for name in peers if name != first.value])
    documents = [page(first, first.subject, rng) for _ in range(3)]
    documents += [page(second, second.subject, rng) for _ in range(3)]
    documents += [entity_document(strange, other, rng, sentences=3) for _ in range(3)]
    return two_hop_question(first, second, rng), documents, [[0, 1, 2], [3, 4, 5], [6, 7, 8]]


hops = strange.two_hops()
rng = random.Random(5)
pairs = [joined(rng) for _ in range(12)]
sets = {
    "all in one": [[tuple(range(9))]] * len(pairs),
    "one from each": [subsets_of(clusters, 4, chance) for *_, clusters in pairs],
    "one cluster each": [[tuple(c) for c in clusters] for *_, clusters in pairs],
}
systems = {name: drafts_of(pairs, some) for name, some in sets.items()}
table(systems)
print("\ndrafts whose documents state both steps:")
for name, drafts in systems.items():
    held = [
        set(q.facts) <= {f for i in d["docs"] for f in documents_[i].facts}
        for (q, documents_, _), ds in zip(pairs, drafts, strict=True)
        for d in ds
    ]
    print(f"{name:17} {np.mean(held):.2f}")

# %% [markdown]
r"""
No draft from a single cluster has both halves, so what is right in that column is a guess: the only name in the documents
is taken for the one that is asked for. Such an answer cites a document that does not say it. With one document from each
cluster both halves are always there. *That* is what the mixing is for; its price was seen above, where a set may lack the
one document that tells. And look at the first column: where all documents fit into a prompt that the model reads well, plain RAG
is hardly behind.
"""

# %% [markdown]
r"""
**"Multiply the probabilities."** On paper. In floating point a rationale of a few hundred tokens has probability zero, all
drafts are equal, and the first one wins:
"""

# %% tags=["demo"]
drafts = {"first": [-900.0, -20.0, -3.0], "second": [-850.0, -15.0, -0.1]}
for name, logs in drafts.items():
    print(f"{name:7} product {math.prod(map(math.exp, logs))}   sum of logs {sum(logs):.1f}")

# %% [markdown]
r"""
And a sum over tokens favours the short: a refusal of few words against an answer with a rationale. What is compared
should be of one kind, or brought to a mean per token, which is another score than the product.

**"It is speculative decoding for RAG."** Only the name. Speculative decoding checks tokens and is exact: its output has the
large model's own distribution (question 30). Here whole drafts are chosen from, the verifier writes nothing, and the result
may be better or worse than its own answer, as the tables show.

**"GraphRAG walks the graph, so it is the tool for multi-hop questions."** Nothing above walked along a link at query time. The
paper's evaluation is about comprehensiveness and diversity of answers to global questions, over corpora of about a million
tokens. Its *local search*, which starts at entities and looks at their neighbours, is a mode of its own.
"""

# %% [markdown]
r"""
### If they push

<details><summary>When would you not use speculative RAG?</summary>

When few documents are retrieved and one prompt holds them; when a reranker (question 19) already removes the noise, which is
cheaper; when drafts would queue on one machine; when the API you use returns no log-probabilities of given text. Start from plain RAG
with a reranker and measure what is left.

</details>

<details><summary>How many clusters, how many drafts?</summary>

The number of clusters is the length of a draft's prompt in documents, so it trades context against coverage. The number of
drafts is capped by the product of the cluster sizes; the paper's algorithm repeats "until there are m unique subsets", which never ends where
there are fewer. The paper takes 2 clusters and 5 drafts for 10 documents, and 6 and 10 for 15 documents where several have to be
joined. Take yours from a curve such as the one above.

</details>

<details><summary>Why not let the verifier read the documents too?</summary>

Then it does the whole work again, on the large model, for every draft. The paper tried it on two sets: 10 to 14 % more latency, and between
half a point worse and a tenth better. The risk of not reading is that a rationale that misquotes its document cannot be seen
through.

</details>

<details><summary>How is this different from self-consistency, sampling n answers and voting?</summary>

There the n samples read the same prompt and differ by chance; here they read different evidence. A vote counts how many
drafts agree; where most sets lack the right document, most drafts agree on nothing useful. A verifier can take the one that is
supported.

</details>

<details><summary>The documents contradict each other. What does it do?</summary>

Each draft follows what its set says, and a rationale supports either. Reflection cannot decide which source is right;
self-consistency decides by what the verifier remembers, which for news is the wrong witness. Dates and sources have to be
in the documents, and somebody has to look at them.

</details>

<details><summary>What does GraphRAG cost?</summary>

A model's pass over the whole corpus to extract the graph, more for the summaries at each level, and again for what changes. A
global question then reads all summaries of a level. That pays where many global questions are asked of a corpus that
stays.

</details>
"""

# %% [markdown]
r"""
### Sources

- Wang et al. (2024), *Speculative RAG: Enhancing Retrieval Augmented Generation through Drafting*, arXiv 2407.08223 (ICLR
  2025). Algorithm 1; sections 3.2 and 3.3 for the scores; tables 1 to 3 and section 4.5 for the figures. Read in November 2026.
- Edge et al. (2024), *From Local to Global: A Graph RAG Approach to Query-Focused Summarization*, arXiv 2404.16130.
  **Contested** is how far it carries beyond such questions; see the next.
- Han et al. (2025), *RAG vs. GraphRAG: A Systematic Evaluation and Key Insights*, arXiv 2502.11371: on established benchmarks each
  of the two has its strengths, and evaluation by a judge has biases. Abstract read in November 2026.
- Blondel, Guillaume, Lambiotte, Lefebvre (2008), *Fast Unfolding of Communities in Large Networks*, Journal of Statistical
  Mechanics P10008: Louvain. Traag, Waltman, van Eck (2019), *From Louvain to Leiden: Guaranteeing Well-Connected
  Communities*, Scientific Reports 9, 5233.
- Guimerà, Sales-Pardo, Amaral (2004), *Modularity from Fluctuations in Random Graphs and Complex Networks*, Physical Review
  E 70, 025101.
- networkx 3.6.1 (`leiden_communities` raises NotImplementedError without a backend), run in November 2026; Microsoft's
  documentation of GraphRAG, *Global Search*, read in November 2026.
"""
