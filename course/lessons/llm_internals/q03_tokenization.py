# %% [markdown]
r"""
## Q3. How does a tokenizer cut text?

*Easy · 75 minutes · needs Python's `str`, `bytes` and `dict`*
"""

# %% [markdown]
r"""
### Say it

> A tokenizer turns text into a list of integers, each the number of an entry in a fixed
> vocabulary, and turns such a list back into text. Most large language models use byte-pair
> encoding: take the training text as bytes, merge the most frequent pair of neighbours into a new
> token, and repeat until the vocabulary is full. What is learned is a *ranked list of merges*.
> Encoding applies them in that order inside each word, and decoding is joining. Because it starts
> from the 256 bytes, no text is out of vocabulary; text unlike the tokenizer's training text only
> costs more tokens. English has about 0.75 words to a token, so 1,000 words are about 1,333
> tokens.
"""

# %% [markdown]
r"""
### See it

**Words, characters or something between.** With a vocabulary of words, a word that was not in the
training text has no number: it becomes `<unk>`, and what it said is lost. With characters (or
bytes) little or nothing is lost, but the sequence is long, and a model pays for length at every
step.
"""

# %% tags=["demo"]
training_text = "the keeper feeds the otters in the zoo"
known = set(training_text.split())
new = "the zookeeper feeds the naïve otter"
print("words:     ", [word if word in known else "<unk>" for word in new.split()])
print("characters:", len(new), " bytes:", len(new.encode()), " words:", len(new.split()))

# %% [markdown]
r"""
Byte-pair encoding (BPE) lets the data decide where between the two to stop: what is frequent
becomes one token, what is rare stays in pieces.
"""

# %% [markdown]
r"""
#### A compression trick from 1994

Gage's original has nothing to do with language. Find the most frequent pair of neighbouring
symbols, replace it everywhere by *one new symbol* that stands for both, and repeat while a pair
occurs twice. New symbols can stand for pairs of new symbols, so long pieces grow.
"""

# %% tags=["demo"]
from collections import Counter
from itertools import pairwise

text = "she sells sea shells on the sea shore"
stands_for: dict[str, tuple[str, str]] = {}


def spelled(symbol: str) -> str:
    return "".join(map(spelled, stands_for[symbol])) if symbol in stands_for else symbol


steps = [("at first", [*text])]
for new_symbol in map(chr, range(0xE000, 0xE014)):  # characters that no text uses
    (left, right), count = Counter(pairwise(text)).most_common(1)[0]
    if count < 2:
        break
    stands_for[new_symbol] = (left, right)
    text = text.replace(left + right, new_symbol)
    steps.append((f"{spelled(left)!r} + {spelled(right)!r}", [spelled(s) for s in text]))
    print(f"{steps[-1][0]:14} occurs {count} times -> {len(text)} symbols")


# %% tags=["demo"]
from course import figures


def draw_symbols(ax, y: float, symbols: list[str], note: str) -> None:
    """Draw symbols as boxes in one row; merged ones are grey."""
    x = 0
    for symbol in symbols:
        colour = figures.PALE if len(symbol) == 1 else "#d9d9d9"
        ax.bar(x, 0.72, len(symbol), y, align="edge", color=colour, edgecolor=figures.INK)
        shown = symbol.replace(" ", "␣")
        ax.text(x + len(symbol) / 2, y + 0.33, shown, ha="center", va="center", family="monospace")
        x += len(symbol)
    ax.text(-0.6, y + 0.33, note, ha="right", va="center")


fig, ax = figures.subplots(size=(9.6, 3.2))
for row, (note, symbols) in enumerate(steps):
    draw_symbols(ax, -row, symbols, note)
ax.set(xlim=(-8.5, 37.3), ylim=(1 - len(steps) - 0.1, 0.8))
ax.axis("off")
figures.show(
    fig,
    f"The sentence as a row of boxes, one for each symbol, after 0 to {len(steps) - 1} merges. At "
    f"first every character has a box, {len(steps[0][1])} in all. Row by row boxes join: space and "
    f"s, h and e, space-s and e; at the end there are {len(steps[-1][1])} boxes, and some reach "
    "across a space.",
)

# %% [markdown]
r"""
Sennrich, Haddow and Birch (2016) took the trick for translation. Two things changed. The new
symbols are *kept*: the list of merges, learned once, cuts any later text. And merges *stay inside
a word*. Above, pieces such as `he␣se` reach across a space; they come from this one sentence and
are of little use in another. So text is first cut into words (*pre-tokenization*), words are
counted, and pairs are counted inside words only, each as often as its word occurs. You will write
that in exercise 3.1.
"""

# %% [markdown]
r"""
#### Bytes

Starting from characters leaves a hole: Unicode has well over 100,000 of them, and one that was not
in the training text is unknown again. GPT-2 (Radford et al., 2019) starts from the *bytes* of
UTF-8 instead. There are 256, they are all in the vocabulary from the start, and every text is made
of them.
"""

# %% tags=["demo"]
for piece in ("e", "é", "e\u0301", "λ", "日", "🙂"):
    print(
        f"{piece!r:9} {len(piece)} character(s), {len(piece.encode())} byte(s): {[*piece.encode()]}"
    )

# %% [markdown]
r"""
ASCII letters are one byte, Greek, Cyrillic, Hebrew and Arabic ones two, the characters of most
scripts of Asia three, most emoji four or more. (The third line is not the second: an `e` and a
combining accent look the same and are other bytes. A tokenizer does not mind looks.)

**A real one, trained here.** The library `tokenizers` does it in a fraction of a second. The text
is the part of Python's reference manual that comes with every Python (`help()` shows it): tens of
thousands of words of English, with program text in it. Every eighth chapter is held out.
"""

# %% tags=["demo"]
from pydoc_data.topics import topics


def prose(chapter: str) -> str:
    """Keep the lines of running text: no tables, no indented program text."""
    return "\n".join(line for line in chapter.splitlines() if line[:1].isalpha())


chapters = [topics[name] for name in sorted(topics)]
train_chapters = [c for i, c in enumerate(chapters) if i % 8]
held_out = "\n".join(map(prose, chapters[::8]))
print(
    len(" ".join(train_chapters).split()), "words to train on,", len(held_out.split()), "held out"
)

# %% tags=["demo"]
try:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
except ImportError:
    print("These demos need tokenizers: pip install tokenizers")


def train(texts: list[str], vocab_size: int) -> "Tokenizer":
    """Train a byte-level BPE as GPT-2's was: cut into words, then merge inside them."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    all_bytes = pre_tokenizers.ByteLevel.alphabet()
    options = {"vocab_size": vocab_size, "initial_alphabet": all_bytes, "show_progress": False}
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(**options))
    return tokenizer


tokenizer = train(train_chapters, 4000)
encoded = tokenizer.encode("The tokenizer rezones the zoo.")
print(encoded.tokens)
print(encoded.ids)
print(tokenizer.decode(encoded.ids))

# %% [markdown]
r"""
`Ġ` is not a letter. Bytes that cannot be printed are *shown* as other characters, and byte 32, the
space, is shown as Ġ. So a space belongs to the word *after* it, and the same word has several
tokens: at the beginning of a text, after a space, with a capital. They have nothing in common but
what the model learns about each.
"""

# %% tags=["demo"]
for piece in ("statement", " statement", "Statement", "STATEMENT", " statement "):
    encoded = tokenizer.encode(piece)
    print(f"{piece!r:14} {encoded.ids!s:42} {encoded.tokens}")

# %% [markdown]
r"""
The last line is why a prompt should not end in a space. The model has seen "the next word" nearly
always as one token that *begins* with the space; given the space alone, it must go on with a token
that has none, which is rare after a lone space.

**The cut before the merges** is a regular expression, and it decides more than one expects. This is
GPT-2's:
"""

# %% tags=["demo"]
gpt2_cut = pre_tokenizers.ByteLevel(add_prefix_space=False)
for line in ("It's 12345 km.", "if x:\n        return  y", "x=f(a[0]);"):
    print([piece for piece, _ in gpt2_cut.pre_tokenize_str(line)])

# %% [markdown]
r"""
Contractions are cut off, runs of letters, digits and signs are separated, and of several spaces
all but the last form a piece of their own, while the last one goes with the word. The expression
of `cl100k_base` (GPT-4) also cuts digits into groups of at most three, `123|45` (both in
tiktoken's source, read in November 2026). Merges never cross these cuts.
"""

# %% [markdown]
r"""
#### The same merges in tiktoken

`tiktoken` is OpenAI's encoder: it trains nothing, it applies ranks, fast.
`tiktoken.get_encoding` would download a vocabulary; but an `Encoding` can be made from *our own*
tokens. All it needs is the pattern, and each token's bytes with its rank.
"""


# %% tags=["demo"]
def shown_as() -> dict[str, int]:
    """Give the byte for each character that byte-level tokenizers print, GPT-2's table."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in plain]
    return {chr(b): b for b in plain} | {chr(256 + i): b for i, b in enumerate(others)}


byte_of = shown_as()
ranks = {bytes(byte_of[c] for c in token): i for token, i in tokenizer.get_vocab().items()}
PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
try:
    import tiktoken
except ImportError:
    print("This demo needs tiktoken: pip install tiktoken")
else:
    ours = tiktoken.Encoding("ours", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={})
    ids = ours.encode(held_out + " naïve 日本語 🙂\n\n\tend")
    same = ids == tokenizer.encode(held_out + " naïve 日本語 🙂\n\n\tend").ids
    print(len(ids), "tokens; identical to those of tokenizers:", same)
    print([ours.decode_single_token_bytes(i) for i in ids[-14:]])

# %% [markdown]
r"""
Identical, although tiktoken never saw a merge: the rank of the *result* says which pair goes first.
"tiktoken" and "SentencePiece" are libraries. The algorithms are BPE (both), and the unigram model
(SentencePiece only).
"""

# %% [markdown]
r"""
#### How many tokens is a word?

Merges stay inside words, so a word costs at least one token, and **there cannot be fewer tokens
than words**. With the bare 256 bytes a word costs its letters and a space. Every merge brings the
number down. Before you run: where will the curve end for 8,000 tokens, on text that was not
trained on?
"""

# %% tags=["demo"]
sizes = [256, 300, 400, 600, 1000, 2000, 4000, 8000]
words = len(held_out.split())
per_word = [len(train(train_chapters, size).encode(held_out).ids) / words for size in sizes]
fig, ax = figures.subplots(size=(6, 3.4))
ax.loglog(sizes, per_word, marker="o")
for level, style, says in (
    (1 / 0.75, "--", "1 / 0.75 = 1.33: the rule for English"),
    (1, "-", "1: fewer is impossible"),
    (0.75, ":", "0.75: the rule upside down"),
):
    ax.axhline(level, linestyle=style, linewidth=1)
    ax.text(256, 1.03 * level, says, fontsize=9, va="bottom")
ax.set(xlabel="vocabulary size", ylabel="tokens per word", ylim=(0.65, 7))
ax.minorticks_off()
ax.set_xticks(
    [256, 500, 1000, 2000, 4000, 8000], ["256", "500", "1,000", "2,000", "4,000", "8,000"]
)
ax.set_yticks([1, 2, 3, 4, 6], ["1", "2", "3", "4", "6"])
figures.show(
    fig,
    f"Tokens per word of held-out prose against vocabulary size, both axes logarithmic. The curve falls from "
    f"{per_word[0]:.1f} with 256 tokens to {per_word[-1]:.2f} with 8,000, ever more slowly. Three "
    "level lines below it: 1.33, the rule of thumb; 1, the bound that no vocabulary can pass; and "
    "0.75, the rule upside down, below the bound.",
)

# %% [markdown]
r"""
The rule of thumb, "100 tokens are about 75 words", is OpenAI's, for English; Google's
documentation says 60 to 80 words (read in November 2026). It is **divided by**, not multiplied:
1,000 words are 1,000 / 0.75, about 1,333 tokens. Our small vocabulary needs a few more. And it is
a rule for *English*. The same tokenizer on other text:
"""

# %% tags=["demo"]
import heapq
import inspect
import statistics
import textwrap

# Article 1 of the Universal Declaration of Human Rights, as the United Nations publish it
ARTICLE_1 = {
    "English": "All human beings are born free and equal in dignity and rights. They are endowed with "
    "reason and conscience and should act towards one another in a spirit of brotherhood.",
    "German": "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft "
    "und Gewissen begabt und sollen einander im Geist der Brüderlichkeit begegnen.",
    "Greek": "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα. "
    "Είναι προικισμένοι με λογική και συνείδηση, και οφείλουν να συμπεριφέρονται μεταξύ τους με "
    "πνεύμα αδελφοσύνης.",
    "Hindi": "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है। "
    "उन्हें बुद्धि और अन्तरात्मा की देन प्राप्त है और परस्पर उन्हें भाईचारे के भाव से बर्ताव करना चाहिए।",
}
samples = {"manual, held out": held_out}
samples["Python code"] = "".join(map(inspect.getsource, (heapq, statistics, textwrap)))
samples |= {f"{language} (Article 1)": text for language, text in ARTICLE_1.items()}
cost = {name: len(tokenizer.encode(t).ids) / len(t.split()) for name, t in samples.items()}
for name, sample in samples.items():
    bytes_a_word = len(sample.encode()) / len(sample.split())
    print(f"{name:20} {cost[name]:5.2f} tokens a word, {bytes_a_word:5.2f} bytes a word")

# %% tags=["demo"]
fig, ax = figures.subplots(size=(6, 2.6))
ax.barh(list(cost)[::-1], list(cost.values())[::-1], color=figures.GREY, edgecolor=figures.INK)
ax.axvline(1 / 0.75, linestyle="--", linewidth=1)
ax.set(xlabel="tokens per word (dashed: 1.33)")
figures.show(
    fig,
    "Bars of tokens per word under one tokenizer trained on an English manual: "
    + ", ".join(f"{name} {value:.1f}" for name, value in cost.items())
    + ". A dashed line marks 1.33.",
)

# %% [markdown]
r"""
Even English of another kind costs more than the manual's, and program text more than prose. For
Greek and Hindi this tokenizer has no merge that fits: tokens per word are the bytes per word.
Nothing fails; it costs. Real vocabularies are trained on many languages and still differ: for the
same content in different languages, tokenizers in use needed up to 15 times as many tokens (Petrov
et al., 2023). Users pay for that in money, in speed and in context.
"""

# %% [markdown]
r"""
#### WordPiece asks another question

BERT's WordPiece grows its vocabulary in the same way, but does not take the most *frequent* pair.
It takes the one that raises the likelihood of the text most, in the usual reading (Google never
published the training code) the one with the largest count(ab) / (count(a) · count(b)): symbols
that are rarely seen apart. Four words with their frequencies:
"""

# %% tags=["demo"]
frequency = {"the": 30, "then": 10, "quit": 4, "quiz": 3}
singles, pairs = Counter(), Counter()
for word, n in frequency.items():
    for letter in word:
        singles[letter] += n
    for a, b in pairwise(word):
        pairs[a + b] += n
print("pair   count   score")
for pair in ("th", "he", "qu", "iz"):
    score = pairs[pair] / (singles[pair[0]] * singles[pair[1]])
    print(f"{pair:4} {pairs[pair]:7} {score:7.3f}")

# %% [markdown]
r"""
BPE merges `th` (or `he`, a tie), WordPiece `qu` (or `iz`). When it encodes, WordPiece takes the
longest token that fits, from left to right; BPE does not, as the Trap below shows.
"""

# %% [markdown]
r"""
#### Tokens that nobody trained

A tokenizer is trained first, often on other text than the model. Suppose the model's text is
cleaned: only running prose, without tables and program text. Some tokens are then never seen. What
happens to their embeddings?
"""

# %% tags=["demo"]
small = train(train_chapters, 2000)  # trained on everything ...
ids = torch.tensor(small.encode("\n".join(map(prose, train_chapters))).ids)  # ... the model is not
seen = torch.bincount(ids, minlength=2000)
never = {small.decode([i]) for i in torch.where(seen == 0)[0].tolist() if i >= 256}
print(f"{len(never)} of {2000 - 256} merged tokens never occur in the model's text:")
print("  rules of tables:", max(never, key=len))
alive = [small.decode([i]) for i in torch.where(seen > 0)[0].tolist()]
parts = {token: [t for t in alive if token in t][:3] for token in sorted(never) if len(token) > 4}
for token in [token for token in parts if parts[token] and token.strip().isalpha()][:8]:
    print(f"  {token!r}, part of {parts[token]}")

# %% [markdown]
r"""
Two kinds: what cleaning removed, rules of tables and indentation; and word parts that were only
steps on the way to a longer token, which swallowed every occurrence. Now a tiny model is trained
on the prose: an embedding of 16 numbers for each token, from which it predicts the next token.
"""

# %% tags=["demo"]
generator = torch.Generator().manual_seed(0)
embedding = 0.5 * torch.randn(2000, 16, generator=generator)
readout = 0.5 * torch.randn(16, 2000, generator=generator)
start = embedding.clone()
for weights in (embedding, readout):
    weights.requires_grad_()
for _ in range(150):
    at = torch.randint(len(ids) - 1, (256,), generator=generator)
    loss = torch.nn.functional.cross_entropy(embedding[ids[at]] @ readout, ids[at + 1])
    loss.backward()
    with torch.no_grad():
        for weights in (embedding, readout):
            weights -= 10 * weights.grad
            weights.grad = None
moved = (embedding.detach() - start).norm(dim=1)
print(f"loss {loss.item():.2f}; unseen tokens moved by {moved[seen == 0].max():.1f} at most")

# %% tags=["demo"]
fig, ax = figures.subplots(size=(6, 2.8))
ax.scatter(seen.clamp(min=0.5), moved, s=6, color=figures.INK, alpha=0.4)
ax.set(xscale="log", xlabel="occurrences in the model's text", ylabel="distance moved")
ax.set_xticks([0.5, 1, 10, 100, 1000], ["0", "1", "10", "100", "1,000"])
ax.minorticks_off()
figures.show(
    fig,
    "Scatter plot of 2,000 tokens: how far the embedding moved in training against how often the "
    f"token occurred. The {int((seen == 0).sum())} tokens that never occurred, unused bytes among "
    "them, lie on one spot at distance 0, and so do a few that occurred once or twice and were not "
    "drawn in training; the others rise with their number of occurrences.",
)

# %% [markdown]
r"""
An embedding without data keeps the random value it started from. If somebody's text contains such
a token, the model reads noise. In GPT-2's vocabulary such *glitch tokens*, the user name `
SolidGoldMagikarp` among them, were found in 2023; Land and Bartolo (2024) find under-trained
tokens in many open models by looking at the embeddings, much as the picture does. (Weight decay,
or an output layer that shares the embedding, moves these rows too, but teaches them nothing about
their use.)
"""

# %% [markdown]
r"""
### Build it

Four exercises: learn the merges, apply them, do it on bytes, and repair a trainer that many people
have copied.
"""

# %% [markdown]
r"""
### Exercise 3.1 · `bpe_train`

●●○ · 20 minutes · 6 points · core

Write `bpe_train(corpus, num_merges)`, which learns merges from words and returns them in the order
in which they were made, as a list of pairs of strings.

`corpus` is a dict from a word to its frequency, a positive int. A word holds one or more characters
of any kind, but no white space and no `</w>`. It is not changed.

1. **Start.** A word is the list of its characters and one more symbol, `"</w>"`, which marks the
   end of the word: `"low"` is `["l", "o", "w", "</w>"]`. The mark is a symbol like the others and
   can be merged. (Characters here, because they read better; bytes come in 3.3.)
2. **Count.** A pair is two neighbouring symbols of one word. It counts as often as it stands in the
   word, times the frequency of the word; every place counts, also where places overlap. In `"aaa"`
   the pair (a, a) stands at two places.
3. **Choose** the pair with the highest count. Among equals it is the smallest pair in Python's own
   order of tuples of strings: the smaller left symbol, then the smaller right one.
4. **Merge** it in every word: from left to right, each occurrence becomes one symbol, the two
   joined. A symbol is used once, so `a a a` becomes `aa a`, and `a a a a` becomes `aa aa`.
5. Repeat from 2, `num_merges` times, or until no word has a pair left. `num_merges=0` and an
   empty corpus give `[]`.

Two symbols are the same if they are the same string. Only whole symbols are merged: where the pair
is (b, c), neither `ab` followed by `c` nor `b` followed by `cd` is an occurrence.

By hand: for `{"ab": 3, "abc": 2}`, (a, b) counts 5 and all other pairs less. After that merge the
words are `ab </w>` and `ab c </w>`; (ab, `</w>`) counts 3 and is next. Then (ab, c) and (c,
`</w>`) both count 2, and (ab, c) is the smaller pair.

<details><summary>Hint 1</summary>

Keep a dict from each word to its current list of symbols. `itertools.pairwise(symbols)` gives the
pairs. For the choice, `min` with the key `(-count, pair)` does both rules at once.

</details>

<details><summary>Hint 2</summary>

To merge in one word, walk an index `i` through the symbols and fill a new list: if symbols `i` and
`i + 1` are the pair, append the joined string and move on by two, else append symbol `i` and move on
by one.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q03-bpe-train", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections import Counter
from itertools import pairwise


def bpe_train(corpus: dict[str, int], num_merges: int) -> list[tuple[str, str]]:
    """Learn byte-pair merges from words.

    corpus: word -> frequency. Returns at most num_merges pairs of symbols, first merge first.
    """
    ### BEGIN SOLUTION
    words = {word: [*word, "</w>"] for word in corpus}
    merges: list[tuple[str, str]] = []
    for _ in range(num_merges):
        counts: Counter[tuple[str, str]] = Counter()
        for word, symbols in words.items():
            for pair in pairwise(symbols):
                counts[pair] += corpus[word]
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        for word, symbols in words.items():
            merged, i = [], 0
            while i < len(symbols):
                if tuple(symbols[i : i + 2]) == best:
                    merged.append("".join(best))
                    i += 2
                else:
                    merged.append(symbols[i])
                    i += 1
            words[word] = merged
    return merges
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q03-bpe-train-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    bpe_train,
    [(({"ab": 3, "abc": 2}, 1), [("a", "b")])],
    "(a, b) stands in both words: 3 + 2 times",
)
testing.agree(
    bpe_train,
    [(({"ab": 3, "abc": 2}, 3), [("a", "b"), ("ab", "</w>"), ("ab", "c")])],
    "</w> is a symbol of its own behind the last letter, and pairs are of symbols, merged ones too",
)
testing.agree(
    bpe_train,
    [(({"low": 5, "lower": 2}, 2), [("l", "o"), ("lo", "w")])],
    "equal counts: (l, o) and (o, w) both count 7, and the smaller pair is first",
)

# %% nbgrader={"grade": true, "grade_id": "q03-bpe-train-hidden-weights", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a pair counts as often as its word (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    bpe_train,
    [
        (({"ab": 1, "abc": 1, "abd": 1, "xyv": 4, "xyw": 4}, 1), [("x", "y")]),
        (({"ab": 5, "cdx": 3, "cdy": 3}, 1), [("c", "d")]),
        (({"ab": 5, "ba": 4, "abba": 1}, 1), [("a", "b")]),
    ],
    "a pair counts as often as the words that hold it: weigh by frequency, and add over words",
)
testing.agree(
    bpe_train,
    [
        (({"xyxyxy": 1, "ab": 2}, 1), [("x", "y")]),
        (({"aab": 1, "ba": 3, "aaaac": 1}, 1), [("a", "a")]),
    ],
    "a pair that stands at several places of a word counts at each of them, overlapping ones too",
)
### END HIDDEN TESTS


# %% nbgrader={"grade": true, "grade_id": "q03-bpe-train-hidden-boundaries", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: only whole symbols are merged (2 points)
### BEGIN HIDDEN TESTS
from itertools import pairwise


def reference(corpus: dict, num_merges: int) -> list:
    words = {word: [*word, "</w>"] for word in corpus}
    merges = []
    for _ in range(num_merges):
        counts = {}
        for word, symbols in words.items():
            for pair in pairwise(symbols):
                counts[pair] = counts.get(pair, 0) + corpus[word]
        if not counts:
            break
        merges.append(min(counts, key=lambda pair: (-counts[pair], pair)))
        for symbols in words.values():
            i = 0
            while i < len(symbols) - 1:
                if (symbols[i], symbols[i + 1]) == merges[-1]:
                    symbols[i : i + 2] = ["".join(merges[-1])]
                i += 1
    return merges


# no ties, and every word once: only what is merged matters
left = ["abx", "aby", "abp", "abq", "abcz", "abcw", "bcu", "bcv", "bct"]
right = ["bcx", "bcy", "bcp", "bcq", "abcz", "abcw", "abu", "abv", "abt"]
testing.agree(
    bpe_train,
    [
        ((dict.fromkeys(left, 1), 3), [("a", "b"), ("b", "c"), ("ab", "c")]),
        ((dict.fromkeys(right, 1), 3), [("b", "c"), ("a", "b"), ("a", "bc")]),
    ],
    "a symbol that only ends or begins like the pair's is another symbol: compare whole symbols, "
    "not pieces of a joined string",
)
rng = testing.rng()
cases = []
for _ in range(30):
    corpus = {
        "".join(rng.choice([*"abc"], size=rng.integers(2, 8)).tolist()): int(rng.integers(1, 20))
        for _ in range(6)
    }
    cases.append(((corpus, 12), reference(corpus, 12)))
testing.agree(
    bpe_train,
    cases,
    "on random words the merges differ: see the rules for counting, for ties and for merging",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q03-bpe-train-hidden-overlap", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: left to right, each symbol once (1 point)
### BEGIN HIDDEN TESTS
# no ties, and every word once: only how a pair is merged matters
testing.agree(
    bpe_train,
    [(({"aaab": 1, "aaac": 1, "aaad": 1}, 2), [("a", "a"), ("aa", "a")])],
    "in a a a the first two are merged, from the left, and the third stays",
)
testing.agree(
    bpe_train,
    [
        (({"aaaab": 1, "aaaac": 1, "aaaad": 1}, 2), [("a", "a"), ("aa", "aa")]),
        (({"ababc": 1, "ababd": 1, "abe": 1, "abf": 1}, 2), [("a", "b"), ("ab", "ab")]),
    ],
    "every occurrence in a word is merged, not only the first, and what has just been made is not "
    "merged again in the same round",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q03-bpe-train-hidden-ties", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: equal counts (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    bpe_train,
    [
        (({"zy": 2, "ab": 2}, 2), [("a", "b"), ("ab", "</w>")]),
        (({"ab": 2, "zy": 2}, 3), [("a", "b"), ("ab", "</w>"), ("y", "</w>")]),
        (({"ba": 1}, 2), [("a", "</w>"), ("b", "a</w>")]),
        (({"da": 4, "db": 4, "dc": 4}, 2), [("a", "</w>"), ("b", "</w>")]),
    ],
    "among pairs with equal counts the smallest pair is taken, whatever the order of the words",
)
testing.agree(
    bpe_train,
    [
        (({"abc": 4, "abd": 3, "az": 4}, 3), [("a", "b"), ("a", "z"), ("ab", "c")]),
        (({"aBc": 2, "abc": 2}, 2), [("c", "</w>"), ("B", "c</w>")]),
    ],
    "pairs are compared as tuples: the left symbol first, then the right one; not as joined text, "
    "and not without regard to case",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q03-bpe-train-hidden-edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: where it stops, and words of any characters (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    bpe_train,
    [
        (({"ab": 1}, 0), []),
        (({}, 5), []),
        (({"a": 4}, 5), [("a", "</w>")]),
        (({"ba": 1, "a": 1}, 100), [("a", "</w>"), ("b", "a</w>")]),
    ],
    "training ends after num_merges merges, or when no pair is left, and no sooner: a count of 1 "
    "is enough",
)
testing.agree(
    bpe_train,
    [
        (
            ({"a.b": 1, "c.b": 1, "d.b": 1, "axb": 1, "axz": 1}, 3),
            [("b", "</w>"), (".", "b</w>"), ("a", "x")],
        ),
        (({"c++a": 1, "d++b": 1}, 1), [("+", "+")]),
        (({"\\da": 1, "\\db": 1, "\\de": 1, "xc": 1, "yc": 1}, 2), [("\\", "d"), ("c", "</w>")]),
        (({"日本a": 1, "日本b": 1}, 1), [("日", "本")]),
        (({"<sa": 1, "<sb": 1, "(w": 1}, 1), [("<", "s")]),
        (({"(wa": 1, "(wb": 1, "<s": 1}, 1), [("(", "w")]),
    ],
    "a word may hold any characters: no letter has a special meaning",
)
assert testing.leaves_arguments(bpe_train, {"aab": 2, "ab": 1}, 3), "the corpus is the caller's"
### END HIDDEN TESTS

# %% [markdown]
r"""
Your trainer on the most frequent words of the manual. Watch what becomes a symbol early: endings,
and short words with their end mark. (The cell raises `NotImplementedError` until you have solved the
exercise.)
"""

# %% tags=["demo"]
frequent = Counter("\n".join(map(prose, train_chapters)).lower().split()).most_common(400)
learned = bpe_train(dict(frequent), 150)
print(" ".join("".join(pair) for pair in learned[:40]))

# %% [markdown]
r"""
### Exercise 3.2 · `bpe_encode` and `bpe_decode`

●●○ · 15 minutes · 5 points · core

Training is half of it. Write, in one cell,

`bpe_encode(word, merges)`, which cuts a word into a list of symbols. `merges` is a list of pairs as
exercise 3.1 returns it; the position of a pair in the list is its *rank*, and 0 is the lowest.

- Start from the characters of the word and `"</w>"`, as in training. Characters that no merge
  knows stay single symbols. The word `""` gives `["</w>"]`.
- Among all pairs of neighbours that stand in `merges`, take the one with the *lowest rank*, and
  merge every occurrence of it, from left to right, each symbol used once. Repeat until no pair of
  neighbours stands in `merges`.
- A pair is merged only if it stands in `merges` itself; that its two symbols joined give a text
  that some other merge makes is not enough.
- `merges` is not changed. No two merges give the same text, and each part of a merge is a
  character, `"</w>"`, or the result of an earlier merge.

`bpe_decode(symbols)`, which joins the symbols of *one* word, or of the beginning of one, and
returns its text: without the end mark, if there is one. A word never holds `</w>` itself. `[]`
gives `""`.

By hand: with the merges (b, c), (a, b) the word `abc` becomes `a bc </w>`, not `ab c </w>`: (b, c)
was learned first.

<details><summary>Hint 1</summary>

Turn `merges` into a dict from pair to rank, once. Then, in a loop, look at the ranks of all pairs
that are there now.

</details>

<details><summary>Hint 2</summary>

The walk that merges one pair in a list of symbols is that of exercise 3.1. For decoding look at
`str.removesuffix`; and look twice at what `str.rstrip` does with its argument.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q03-bpe-encode", "locked": false, "schema_version": 3, "solution": true, "task": false}
from itertools import pairwise


def bpe_encode(word: str, merges: list[tuple[str, str]]) -> list[str]:
    """Cut a word into symbols, by the ranks of the merges.

    merges: pairs of symbols, lowest rank first. Returns symbols whose text is word + "</w>".
    """
    ### BEGIN SOLUTION
    rank = {tuple(pair): i for i, pair in enumerate(merges)}
    symbols = [*word, "</w>"]
    while True:
        present = [p for p in pairwise(symbols) if p in rank]
        if not present:
            return symbols
        best = min(present, key=rank.__getitem__)
        merged, i = [], 0
        while i < len(symbols):
            if tuple(symbols[i : i + 2]) == best:
                merged.append("".join(best))
                i += 2
            else:
                merged.append(symbols[i])
                i += 1
        symbols = merged
    ### END SOLUTION


def bpe_decode(symbols: list[str]) -> str:
    """Join the symbols of one word and take the end mark off."""
    ### BEGIN SOLUTION
    return "".join(symbols).removesuffix("</w>")
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q03-bpe-encode-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    bpe_encode,
    [
        (("low", []), ["l", "o", "w", "</w>"]),
        (("low", [("l", "o"), ("lo", "w")]), ["low", "</w>"]),
        (("low", [("l", "o"), ("w", "</w>")]), ["lo", "w</w>"]),
    ],
    "the word and its end mark, merged wherever a pair stands in merges",
)
testing.agree(
    bpe_encode,
    [(("abc", [("b", "c"), ("a", "b")]), ["a", "bc", "</w>"])],
    "the pair with the lowest rank goes first, wherever it stands in the word",
)
testing.agree(
    bpe_decode,
    [((["lo", "w</w>"],), "low"), ((["low", "</w>"],), "low")],
    "decoding joins the symbols and takes the end mark off",
)

# %% nbgrader={"grade": true, "grade_id": "q03-bpe-encode-hidden-rank", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the order of the merges decides (2 points)
### BEGIN HIDDEN TESTS
from itertools import pairwise

testing.agree(
    bpe_encode,
    [
        (("abcd", [("c", "d"), ("a", "b"), ("ab", "c")]), ["ab", "cd", "</w>"]),
        (("xyz", [("y", "z"), ("x", "y"), ("xy", "z")]), ["x", "yz", "</w>"]),
        (("abab", [("b", "a"), ("a", "b")]), ["a", "ba", "b", "</w>"]),
        (("abc", [("a", "b"), ("c", "</w>"), ("b", "c</w>")]), ["ab", "c</w>"]),
    ],
    "a low rank goes before a long symbol and before a place further left",
)
testing.agree(
    bpe_encode,
    [
        (("abc", [("a", "b"), ("b", "c"), ("a", "bc")]), ["ab", "c", "</w>"]),
        (("aabc", [("a", "b"), ("b", "c"), ("a", "bc")]), ["a", "ab", "c", "</w>"]),
    ],
    "a pair is merged only if it stands in merges itself, whatever its joined text",
)


def reference(word: str, merges: list) -> list:
    symbols = [*word, "</w>"]
    while True:
        ranks = [(merges.index(pair), pair) for pair in pairwise(symbols) if pair in merges]
        if not ranks:
            return symbols
        best, i = min(ranks)[1], 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) == best:
                symbols[i : i + 2] = ["".join(best)]
            i += 1


rng = testing.rng()
cases = []
for _ in range(8):
    known, merges = [*"abc", "</w>"], []
    while len(merges) < 20:
        left, right = (known[i] for i in rng.integers(len(known), size=2))
        if "</w>" not in left and left + right not in known and len(left + right) < 9:
            merges.append((left, right))
            known.append(left + right)
    for _ in range(8):
        word = "".join(rng.choice([*"abc"], size=rng.integers(1, 12)).tolist())
        cases.append(((word, merges), reference(word, merges)))
testing.agree(
    bpe_encode,
    cases,
    "with random merges the result differs: after each merge look at all pairs again, and take the "
    "lowest rank among those that are there now",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q03-bpe-encode-hidden-all", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: every occurrence, each symbol once (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    bpe_encode,
    [
        (("banana", [("a", "n"), ("an", "a")]), ["b", "an", "ana", "</w>"]),
        (("abcab", [("a", "b"), ("ab", "c")]), ["abc", "ab", "</w>"]),
        (("xxyxx", [("x", "x"), ("xx", "</w>")]), ["xx", "y", "xx</w>"]),
    ],
    "every occurrence of the pair is merged, not only the first",
)
testing.agree(
    bpe_encode,
    [
        (("aaa", [("a", "a")]), ["aa", "a", "</w>"]),
        (("aaaa", [("a", "a")]), ["aa", "aa", "</w>"]),
        (("aaaaa", [("a", "a"), ("aa", "aa")]), ["aaaa", "a", "</w>"]),
        (("aaab", [("a", "a"), ("a", "b")]), ["aa", "ab", "</w>"]),
    ],
    "from left to right, and each symbol once: a a a becomes aa a",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q03-bpe-encode-hidden-unknown", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: unknown characters, short words, unchanged merges (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    bpe_encode,
    [
        (("", []), ["</w>"]),
        (("", [("a", "b")]), ["</w>"]),
        (("a", [("a", "b")]), ["a", "</w>"]),
        (("a", [("a", "</w>")]), ["a</w>"]),
        (("日本ab", [("a", "b")]), ["日", "本", "ab", "</w>"]),
        (("ABab", [("a", "b")]), ["A", "B", "ab", "</w>"]),
        (("a.b", [("a", "b")]), ["a", ".", "b", "</w>"]),
    ],
    "characters without a merge stay as they are: nothing is dropped, replaced or lower-cased",
)
assert testing.leaves_arguments(bpe_encode, "abab", [("a", "b"), ("ab", "ab")]), (
    "the merges are the caller's: make a dict of ranks instead of taking from the list"
)
testing.agree(
    bpe_encode,
    [(("ba", [("a", "b")]), ["b", "a", "</w>"])],
    "a pair has an order: (a, b) is not (b, a)",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q03-bpe-encode-hidden-decode", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: decoding gives the word back (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    bpe_decode,
    [
        ((["s", "l", "o", "w", "</w>"],), "slow"),
        ((["w</w>"],), "w"),
        ((["a", "/", "w", "</w>"],), "a/w"),
        ((["<", "w>", "</w>"],), "<w>"),
        ((["</w>"],), ""),
        (([],), ""),
    ],
    "the end mark is one suffix, not a set of characters to strip: words may end in w, / or >",
)
testing.agree(
    bpe_decode,
    [((["lo", "w"],), "low"), ((["l"],), "l"), ((["日", "本</w>"],), "日本")],
    "without an end mark nothing is taken off",
)
rng = testing.rng()
for _ in range(10):
    word = "".join(rng.choice([*"lower</>é"], size=rng.integers(1, 9)).tolist()).replace("</w>", "")
    cut = bpe_encode(word, [("l", "o"), ("w", "</w>"), ("lo", "w"), ("e", "r")])
    testing.check(
        testing.close(bpe_decode(cut), word),
        "decoding what was encoded gives the word back",
        inputs=word,
        got=cut,
        expected=word,
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
One word under more and more of the merges that your trainer learned from the manual. (The cell needs
exercises 3.1 and 3.2 solved.)
"""

# %% tags=["demo"]
learned = bpe_train(dict(frequent), 150)
fig, ax = figures.subplots(size=(7.5, 2.4))
for row, n in enumerate((0, 10, 30, 60, 100, 150)):
    symbols = [s.replace("</w>", "∎") for s in bpe_encode("statements", learned[:n])]
    draw_symbols(ax, -row, symbols, f"{n} merges")
ax.set(xlim=(-3.5, 11.2), ylim=(-5.1, 0.8))
ax.axis("off")
figures.show(
    fig,
    "The word statements with its end mark (a black square) as boxes, after 0, 10, 30, 60, 100 and "
    "150 merges: eleven boxes at first, fewer in every row or as many, "
    f"{len(bpe_encode('statements', learned))} at the end.",
)

# %% [markdown]
r"""
### Exercise 3.3 · `byte_encode`

●○○ · 10 minutes · 4 points · core

The same on bytes, as GPT-2 and its successors do it. Write `byte_encode(text, merges)`, which
returns a list of `bytes`.

- Start from the bytes of `text` in UTF-8, each a symbol of its own: a `bytes` object of length 1.
  There is no end mark.
- `merges` is a list of pairs of `bytes`, lowest rank first. Merge exactly as in exercise 3.2: the
  lowest rank that is there, every occurrence, from left to right, each symbol used once; again and
  again until no pair of neighbours stands in `merges`. What 3.2 says about merges holds here too:
  no two give the same bytes, each part is one byte or the result of an earlier merge, and the list
  is not changed.
- `text` is any string that UTF-8 can write. It is one sequence: spaces and newlines are bytes like
  others, nothing is cut beforehand, stripped or normalised, and merges may end in the middle of a
  character.
- `b"".join(result) == text.encode()`, always. The empty text gives `[]`.

By hand: `é` is the two bytes C3 A9. Without merges it gives `[b"\xc3", b"\xa9"]`, with the merge
`(b"\xc3", b"\xa9")` it gives `[b"\xc3\xa9"]`.

<details><summary>Hint 1</summary>

Iterating over a `bytes` object gives ints. `bytes([n])` makes a byte of an int; slices of length 1
are bytes too.

</details>

<details><summary>Hint 2</summary>

Your loop of exercise 3.2 does not care whether symbols are strings or bytes; the join is
`left + right`. Copy it into this cell: an exercise stands alone.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q03-byte-encode", "locked": false, "schema_version": 3, "solution": true, "task": false}
from itertools import pairwise


def byte_encode(text: str, merges: list[tuple[bytes, bytes]]) -> list[bytes]:
    """Cut a text into byte strings, by the ranks of the merges.

    merges: pairs of bytes, lowest rank first. Joined, the result is the text in UTF-8.
    """
    ### BEGIN SOLUTION
    rank = {pair: i for i, pair in enumerate(merges)}
    symbols = [bytes([byte]) for byte in text.encode()]
    while True:
        present = [p for p in pairwise(symbols) if p in rank]
        if not present:
            return symbols
        best = min(present, key=rank.__getitem__)
        i = 0
        while i < len(symbols) - 1:
            if (symbols[i], symbols[i + 1]) == best:
                symbols[i : i + 2] = [best[0] + best[1]]
            i += 1
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q03-byte-encode-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    byte_encode,
    [
        (("hi", []), [b"h", b"i"]),
        (("é", []), [b"\xc3", b"\xa9"]),
        (("é", [(b"\xc3", b"\xa9")]), [b"\xc3\xa9"]),
    ],
    "symbols are bytes objects of the UTF-8 text; without merges each has length 1",
)
testing.agree(
    byte_encode,
    [(("abc", [(b"b", b"c"), (b"a", b"b")]), [b"a", b"bc"])],
    "the lowest rank goes first, and there is no end mark",
)


# %% nbgrader={"grade": true, "grade_id": "q03-byte-encode-hidden-bytes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: any text, byte for byte (1 point)
### BEGIN HIDDEN TESTS
def plainly(text: str) -> tuple:
    return (text, []), [text.encode()[i : i + 1] for i in range(len(text.encode()))]


testing.agree(
    byte_encode,
    [plainly(text) for text in ("", "a", "ß", "λόγος", "日本", "🙂", "\x00\x7f\xff", "नमस्ते")],
    "every byte of the UTF-8 text is a symbol: characters beyond ASCII are two to four of them",
)
testing.agree(
    byte_encode,
    [plainly(text) for text in ("  a  ", "\n\t x\r\n", "e\u0301", "\ufb01", "A b", "\ufeffx")],
    "nothing is stripped, normalised or lower-cased",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q03-byte-encode-hidden-across", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: merges know neither words nor characters (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    byte_encode,
    [
        (("a b", [(b" ", b"b"), (b"a", b" b")]), [b"a b"]),
        (
            ("to be to be", [(b"o", b" "), (b"o ", b"b")]),
            [b"t", b"o b", b"e", b" ", b"t", b"o b", b"e"],
        ),
        (("x\n\n\ny", [(b"\n", b"\n")]), [b"x", b"\n\n", b"\n", b"y"]),
        (("    z", [(b" ", b" "), (b"  ", b"  ")]), [b"    ", b"z"]),
    ],
    "the text is one sequence: spaces and newlines are merged like other bytes",
)
testing.agree(
    byte_encode,
    [
        (("éa", [(b"\xa9", b"a")]), [b"\xc3", b"\xa9a"]),
        (("日日", [(b"\xa5", b"\xe6")]), [b"\xe6", b"\x97", b"\xa5\xe6", b"\x97", b"\xa5"]),
        (("λμ", [(b"\xce", b"\xbb"), (b"\xce\xbb", b"\xce")]), [b"\xce\xbb\xce", b"\xbc"]),
    ],
    "a merge may begin or end in the middle of a character: work on bytes, decode nothing",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q03-byte-encode-hidden-rank", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the order of the merges decides (2 points)
### BEGIN HIDDEN TESTS
from itertools import pairwise

testing.agree(
    byte_encode,
    [
        (("abcd", [(b"c", b"d"), (b"a", b"b"), (b"ab", b"c")]), [b"ab", b"cd"]),
        (("xyz", [(b"y", b"z"), (b"x", b"y"), (b"xy", b"z")]), [b"x", b"yz"]),
        (("aaaa", [(b"a", b"a")]), [b"aa", b"aa"]),
        (("aaaab", [(b"a", b"a"), (b"a", b"b")]), [b"aa", b"aa", b"b"]),
        (("banana", [(b"a", b"n"), (b"an", b"a")]), [b"b", b"an", b"ana"]),
        (("abc", [(b"a", b"b"), (b"b", b"c"), (b"a", b"bc")]), [b"ab", b"c"]),
    ],
    "the lowest rank that is there, every occurrence from the left, each symbol once",
)


def reference(text: str, merges: list) -> list:
    data = text.encode()
    symbols = [data[i : i + 1] for i in range(len(data))]
    while ranks := [merges.index(pair) for pair in pairwise(symbols) if pair in merges]:
        left, right = merges[min(ranks)]
        i = 0
        while i < len(symbols) - 1:
            if symbols[i] == left and symbols[i + 1] == right:
                symbols[i : i + 2] = [left + right]
            i += 1
    return symbols


rng = testing.rng()
letters = [*"abé"]
cases = []
for _ in range(8):
    known = [bytes([byte]) for byte in sorted(set("".join(letters).encode()))]
    merges: list = []
    while len(merges) < 20:
        left, right = (known[i] for i in rng.integers(len(known), size=2))
        if left + right not in known and len(left + right) < 8:
            merges.append((left, right))
            known.append(left + right)
    for _ in range(6):
        text = "".join(rng.choice(letters, size=rng.integers(1, 12)).tolist())
        cases.append(((text, merges), reference(text, merges)))
testing.agree(
    byte_encode,
    cases,
    "with random merges the result differs: after each merge look at all pairs again",
)
assert testing.leaves_arguments(byte_encode, "abab", [(b"a", b"b"), (b"ab", b"ab")]), (
    "the merges are the caller's: do not change the list"
)
### END HIDDEN TESTS

# %% [markdown]
r"""
Your function with the merges that `tokenizers` learned above, on words as GPT-2's pattern cuts
them: the same tokens as the library's. (The cell raises `NotImplementedError` until you have solved
the exercise.)
"""

# %% tags=["demo"]
import json

model = json.loads(tokenizer.to_str())["model"]
byte_merges = [tuple(bytes(byte_of[c] for c in part) for part in pair) for pair in model["merges"]]
sample = held_out[:3000] + " 日本語 🙂"
mine: list[bytes] = []
for shown, _ in gpt2_cut.pre_tokenize_str(sample):
    piece = bytes(byte_of[c] for c in shown).decode()
    mine += byte_encode(piece, byte_merges)
print(len(mine), "tokens, the library's:", [ranks[t] for t in mine] == tokenizer.encode(sample).ids)

# %% [markdown]
r"""
### Exercise 3.4 · repair `learn_bpe`

●●○ · 10 minutes · 3 points · core

A trainer like this one stands in many answers to this question. It keeps each word as one string
with spaces between its symbols, which makes the merge a one-liner, and on the examples that come
with it (`low`, `lower`, `newest`, `widest`; or `hug`, `pug`, `pun`, `bun`, `hugs`) it gives the
right merges. On other words it does not. Mend it.

`learn_bpe(corpus, num_merges)` is meant to learn merges exactly as exercise 3.1 describes it, ties
included, so that the result does not depend on the order of the words. It returns two things: the
list of merges, and a dict from each word to the list of its symbols at the end. `corpus` is not
changed, and its words hold any characters but white space (and no `</w>`).

Some of this it does already; what is right in it must stay right.

<details><summary>Hint 1</summary>

When is one string found inside another although it is not there as whole symbols? Think of a
symbol with two letters on either side of the pair. For the other fault, give it the same words in
another order.

</details>

<details><summary>Hint 2</summary>

Either keep lists of symbols and walk through them, or keep the string and demand that the match
begins and ends at a space or at the string's end. If you use a regular expression, remember that
`.`, `+` and `\` are letters here, in the pattern *and* in the replacement.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q03-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections import Counter
from itertools import pairwise


### BEGIN REPAIR
# def learn_bpe(
#     corpus: dict[str, int], num_merges: int
# ) -> tuple[list[tuple[str, str]], dict[str, list[str]]]:
#     """corpus: word -> frequency. Returns the merges, and each word's symbols at the end."""
#     spaced = {word: " ".join([*word, "</w>"]) for word in corpus}
#     merges = []
#     for _ in range(num_merges):
#         counts = Counter()
#         for word, text in spaced.items():
#             symbols = text.split()
#             for pair in pairwise(symbols):
#                 counts[pair] += corpus[word]
#         if not counts:
#             break
#         best = max(counts, key=counts.get)
#         merges.append(best)
#         for word, text in spaced.items():
#             spaced[word] = text.replace(" ".join(best), "".join(best))
#     return merges, {word: text.split() for word, text in spaced.items()}
### END REPAIR
### BEGIN SOLUTION
def learn_bpe(
    corpus: dict[str, int], num_merges: int
) -> tuple[list[tuple[str, str]], dict[str, list[str]]]:
    """corpus: word -> frequency. Returns the merges, and each word's symbols at the end."""
    words = {word: [*word, "</w>"] for word in corpus}
    merges = []
    for _ in range(num_merges):
        counts = Counter()
        for word, symbols in words.items():
            for pair in pairwise(symbols):
                counts[pair] += corpus[word]
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        for symbols in words.values():
            i = 0
            while i < len(symbols) - 1:
                if (symbols[i], symbols[i + 1]) == best:
                    symbols[i : i + 2] = ["".join(best)]
                i += 1
    return merges, words


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q03-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
testing.agree(
    learn_bpe,
    [
        (
            ({"low": 5, "lower": 2, "newest": 6, "widest": 3}, 1),
            (
                [("e", "s")],
                {
                    "low": ["l", "o", "w", "</w>"],
                    "lower": ["l", "o", "w", "e", "r", "</w>"],
                    "newest": ["n", "e", "w", "es", "t", "</w>"],
                    "widest": ["w", "i", "d", "es", "t", "</w>"],
                },
            ),
        ),
        (
            ({"aa": 2, "aaa": 1}, 1),
            ([("a", "a")], {"aa": ["aa", "</w>"], "aaa": ["aa", "a", "</w>"]}),
        ),
        (({"a": 1}, 9), ([("a", "</w>")], {"a": ["a</w>"]})),
        (({"ab": 1}, 0), ([], {"ab": ["a", "b", "</w>"]})),
    ],
    "this worked before the repair: weighted counts, merging from the left, stopping early",
)

# %% nbgrader={"grade": true, "grade_id": "q03-repair-hidden-left", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: words, 1 (1 point)
### BEGIN HIDDEN TESTS
merges = [("a", "b"), ("c", "</w>"), ("ab", "</w>"), ("b", "c</w>"), ("ab", "c</w>")]
cut = {"ab": ["ab</w>"], "bc": ["bc</w>"]}
testing.agree(
    learn_bpe,
    [
        (({"ab": 10, "bc": 9, "abc": 5}, 4), (merges[:4], {**cut, "abc": ["ab", "c</w>"]})),
        (({"ab": 10, "bc": 9, "abc": 5}, 5), (merges, {**cut, "abc": ["abc</w>"]})),
        (
            ({"xy": 9, "yz": 7, "xyz": 3}, 4),
            (
                [("x", "y"), ("z", "</w>"), ("xy", "</w>"), ("y", "z</w>")],
                {"xy": ["xy</w>"], "yz": ["yz</w>"], "xyz": ["xy", "z</w>"]},
            ),
        ),
    ],
    "a merge took the end of a longer symbol for its left part",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q03-repair-hidden-right", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: words, 2 (1 point)
### BEGIN HIDDEN TESTS
merges = [("b", "c"), ("bc", "</w>"), ("a", "b"), ("ab", "x"), ("abx", "</w>"), ("a", "bc</w>")]
cut = {"bc": ["bc</w>"], "abx": ["abx</w>"]}
testing.agree(
    learn_bpe,
    [
        (({"bc": 10, "abc": 5, "abx": 9}, 5), (merges[:5], {**cut, "abc": ["a", "bc</w>"]})),
        (({"bc": 10, "abc": 5, "abx": 9}, 6), (merges, {**cut, "abc": ["abc</w>"]})),
        (
            ({"yz": 8, "xyz": 2, "xyw": 7}, 5),
            (
                [("y", "z"), ("yz", "</w>"), ("w", "</w>"), ("x", "y"), ("xy", "w</w>")],
                {"yz": ["yz</w>"], "xyz": ["x", "yz</w>"], "xyw": ["xyw</w>"]},
            ),
        ),
    ],
    "a merge took the beginning of a longer symbol for its right part",
)
testing.agree(
    learn_bpe,
    [
        (({"abab": 1}, 1), ([("a", "b")], {"abab": ["ab", "ab", "</w>"]})),
        (({"ababab": 1}, 1), ([("a", "b")], {"ababab": ["ab", "ab", "ab", "</w>"]})),
        (({"aaaab": 1}, 1), ([("a", "a")], {"aaaab": ["aa", "aa", "b", "</w>"]})),
    ],
    "two occurrences next to each other are both merged",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q03-repair-hidden-any", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: words, 3 (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    learn_bpe,
    [
        (
            (corpus, 3),
            (
                [("a", "b"), ("ab", "</w>"), ("y", "</w>")],
                {"ab": ["ab</w>"], "zy": ["z", "y</w>"]},
            ),
        )
        for corpus in ({"zy": 2, "ab": 2}, {"ab": 2, "zy": 2})
    ],
    "among equal counts the smallest pair is taken, whatever the order of the words",
)
testing.agree(
    learn_bpe,
    [
        (
            ({"a.b": 3, "axb": 1}, 2),
            (
                [("b", "</w>"), (".", "b</w>")],
                {"a.b": ["a", ".b</w>"], "axb": ["a", "x", "b</w>"]},
            ),
        ),
        (({"c++": 3}, 2), ([("+", "+"), ("++", "</w>")], {"c++": ["c", "++</w>"]})),
        (({"\\d": 2}, 1), ([("\\", "d")], {"\\d": ["\\d", "</w>"]})),
        (
            ({"\\1a": 1, "\\1b": 1}, 1),
            ([("\\", "1")], {"\\1a": ["\\1", "a", "</w>"], "\\1b": ["\\1", "b", "</w>"]}),
        ),
    ],
    "words may hold any characters: no letter has a special meaning, in a pattern or a replacement",
)
assert testing.leaves_arguments(learn_bpe, {"aab": 2, "ab": 1}, 3), "the corpus is the caller's"
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

**"1,000 words are about 750 tokens."** The popular answer multiplies where it has to divide. A
cheap check catches it: where merges stay inside words, a text has at least as many tokens as
words. The tokenizer that knows *every* word of this text shows the least it can be:
"""

# %% tags=["demo"]
print("1,000 words / 0.75 words per token =", round(1000 / 0.75), "tokens")
line = "The rule is divided by, not multiplied, because a word is at least one token."
knows_all = train([line] * 2, 1000)  # a short text and many merges: whole words
print(len(line.split()), "words,", len(knows_all.encode(line).ids), "tokens:")
print(knows_all.encode(line).tokens)

# %% [markdown]
r"""
(Punctuation is cut off the words, so even here there are a few more tokens than words. One kind of
tokenizer can pass the bound: SuperBPE, Liu et al., 2025, lets late merges cross spaces.)
"""

# %% [markdown]
r"""
**"`text.replace(' '.join(pair), ''.join(pair))` merges a pair."** In Gage's version it does: there
every symbol is one character. With symbols of several characters, separated by spaces, it also
finds the pair where it is not: `b c</w>` stands inside `ab c</w>`. The examples of the textbooks
don't show it. Here is the popular line beside one that demands whole symbols:
"""


# %% tags=["demo"]
def merge_by_replace(text: str, pair: tuple[str, str]) -> str:
    return text.replace(" ".join(pair), "".join(pair))


def merge_whole(text: str, pair: tuple[str, str]) -> str:
    bounded = f" {text} ".replace(" ", "  ")  # two spaces: one for either neighbour
    return bounded.replace(f" {'  '.join(pair)} ", f" {''.join(pair)} ").replace("  ", " ").strip()


def learn(corpus: dict[str, int], n: int, merge) -> tuple[list, list[str]]:
    texts = {word: " ".join([*word, "</w>"]) for word in corpus}
    merges = []
    for _ in range(n):
        counts: Counter = Counter()
        for word, t in texts.items():
            for pair in pairwise(t.split()):
                counts[pair] += corpus[word]
        if not counts:
            break
        merges.append(min(counts, key=lambda pair: (-counts[pair], pair)))
        texts = {word: merge(t, merges[-1]) for word, t in texts.items()}
    return merges, list(texts.values())


# %% tags=["demo"]
textbook = {"low": 5, "lower": 2, "newest": 6, "widest": 3}
exposing = {"ab": 10, "bc": 9, "abc": 5}
for corpus in (textbook, exposing):
    print(corpus)
    for n in (3, 4, 5):
        right, wrong = learn(corpus, n, merge_whole), learn(corpus, n, merge_by_replace)
        print(f"  {n} merges, same result: {right == wrong}")
print("whole symbols:", *learn(exposing, 4, merge_whole), sep="\n  ")
print("by replace:   ", *learn(exposing, 4, merge_by_replace), sep="\n  ")

# %% [markdown]
r"""
After four merges the faulty trainer believes that `abc` is one symbol. No pair in its list makes
that symbol, so a correct encoder cannot reproduce what the trainer counted, and the fifth merge
never comes. How rare is it? Random words over three letters:
"""

# %% tags=["demo"]
rng = np.random.default_rng(0)
differ = 0
for _ in range(300):
    drawn = ["".join(rng.choice([*"abc"], size=rng.integers(2, 6)).tolist()) for _ in range(5)]
    corpus = {word: int(rng.integers(1, 20)) for word in drawn}
    differ += learn(corpus, 6, merge_whole) != learn(corpus, 6, merge_by_replace)
print(f"{differ} of 300 small corpora are cut wrongly within 6 merges")

# %% [markdown]
r"""
**"BPE handles any text."** Byte-level BPE does. On characters, one that was not in the training
text has no symbol. Then either `<unk>` stands for it, or, in `tokenizers` without an unknown
token, it is *dropped without a word*:
"""

# %% tags=["demo"]
by_characters = Tokenizer(models.BPE())
by_characters.pre_tokenizer = pre_tokenizers.Whitespace()
plain = ["a naive reader reads the text", "the text is naive"]
by_characters.train_from_iterator(plain, trainers.BpeTrainer(vocab_size=60, show_progress=False))
for t in ("the naive reader", "the naïve reader 🙂"):
    print(by_characters.encode(t).tokens, " bytes:", tokenizer.decode(tokenizer.encode(t).ids) == t)

# %% [markdown]
r"""
**"The encoder takes the longest token that fits."** WordPiece does. BPE applies merges by rank.
With the merges (c, d), (a, b), (ab, c), in this order, `abc` is in the vocabulary and `abcd`
begins with it:
"""

# %% tags=["demo"]
vocabulary = {t: i for i, t in enumerate(["a", "b", "c", "d", "cd", "ab", "abc"])}
bpe = Tokenizer(models.BPE(vocabulary, [("c", "d"), ("a", "b"), ("ab", "c")]))
print("BPE, by rank:         ", bpe.encode("abcd").tokens)
pieces, rest = [], "abcd"
while rest:
    pieces.append(max((t for t in vocabulary if rest.startswith(t)), key=len))
    rest = rest[len(pieces[-1]) :]
print("longest match from left:", pieces)

# %% [markdown]
r"""
### If they push

<details><summary>Why does a model miscount the letters of "strawberry"?</summary>

It does not see letters. It gets one or a few numbers, and what letters a token holds it can know
only from text that spells it. Spelling it out first (s, t, r, ...) gives one token a letter, and
then counting is easy. Digits are alike: where `12345` is cut as `123`, `45`, place values do not
line up between numbers.

</details>

<details><summary>Is a larger vocabulary better?</summary>

Sequences get shorter, with diminishing returns, as the curve above shows; each token then carries
more and attention and generation have fewer steps. It costs an embedding row and an output logit
per token: GPT-2 small spends 50,257 × 768, about 38.6 million, of its 124 million parameters on
it. And rare tokens are trained on little data. GPT-2 had 50,257 tokens, `cl100k_base` about
100,000, `o200k_base` about 200,000.

</details>

<details><summary>Is tokenization deterministic?</summary>

Encoding by ranks is: same text, same ids. It can be made random on purpose in training:
BPE-dropout (Provilkov et al., 2020) skips merges at random, and the unigram model can sample among
segmentations (Kudo, 2018). The model then sees several spellings of one word, which makes it more
robust.

</details>

<details><summary>What is the unigram model?</summary>

BPE builds up; unigram cuts down (Kudo, 2018). It starts from a large set of candidate pieces,
gives each a probability, and removes those whose loss hurts the likelihood of the text least. It
encodes a text as its most probable segmentation, found by dynamic programming. T5 and ALBERT use
it, through SentencePiece.

</details>

<details><summary>You stream tokens to a browser and an emoji shows as "��". Why?</summary>

A token is bytes, and may end in the middle of a character. Decoding every token by itself replaces
each incomplete piece by U+FFFD. Collect bytes and decode incrementally: Python's
`codecs.getincrementaldecoder("utf-8")` holds back what is not complete yet.

</details>

<details><summary>Can a user's text contain a special token?</summary>

The *string* `<|endoftext|>`, yes; it must not become the *token*, or users could end their turn
and begin the system's. tiktoken refuses such text unless told otherwise (`allowed_special`,
`disallowed_special`). Encode user text as plain text, and put special tokens in by id.

</details>

<details><summary>May I add tokens to a trained model's vocabulary, or change the tokenizer?</summary>

Adding: yes, with new rows in the embedding and the output layer, which are random and need
training. Changing: no; ids mean what they meant in pre-training, and everything else about the
model depends on it. So does its perplexity *per token*: compare models with different tokenizers
per byte or per character.

</details>

<details><summary>Training is slow: for each merge you count all pairs again. Better?</summary>

Count once, and keep for each pair the words in which it stands. A merge changes only those words,
and in them only the pairs next to the merged places; a heap gives the next best pair. Counting on
distinct words with frequencies instead of on the running text is the first and largest saving, and
you have that.

</details>

<details><summary>Do we need tokenizers at all?</summary>

Contested. Models on bytes exist: ByT5 (Xue et al., 2022) reads bytes directly and pays with long
sequences; the Byte Latent Transformer (Pagnoni et al., 2024) groups bytes into patches by how hard
the next one is to predict, and reports quality like that of token-based models at equal compute.
Most models in use have a fixed vocabulary (November 2026).

</details>
"""

# %% [markdown]
r"""
### Sources

- Gage (1994), *A New Algorithm for Data Compression*, C Users Journal 12(2).
- Sennrich, Haddow, Birch (2016), *Neural Machine Translation of Rare Words with Subword Units*,
  ACL, arXiv 1508.07909: BPE for words. Its listing merges with `(?<!\S)` and `(?!\S)` around the
  pair: whole symbols, as exercise 3.4 wants them.
- Schuster, Nakajima (2012), *Japanese and Korean Voice Search*, ICASSP: WordPiece. The score above
  is the reading of Hugging Face's course, chapter 6, which calls it a best guess.
- Kudo (2018), *Subword Regularization*, arXiv 1804.10959: the unigram model. Kudo, Richardson
  (2018), *SentencePiece*, arXiv 1808.06226. Provilkov, Emelianenko, Voita (2020), *BPE-Dropout*,
  arXiv 1910.13267.
- Radford, Wu, Child, Luan, Amodei, Sutskever (2019), *Language Models are Unsupervised Multitask
  Learners*: byte-level BPE; its `encoder.py` holds the pattern and the byte table.
- Petrov, La Malfa, Torr, Bibi (2023), *Language Model Tokenizers Introduce Unfairness Between
  Languages*, arXiv 2305.15425.
- Rumbelow, Watkins (2023), *SolidGoldMagikarp (plus, prompt generation)*, LessWrong, 5 February
  2023. Land, Bartolo (2024), *Fishing for Magikarp*, EMNLP, arXiv 2405.05417.
- Liu, Hayase, Hofmann, Oh, Smith, Choi (2025), *SuperBPE: Space Travel for Language Models*, arXiv
  2503.13423.
- Xue et al. (2022), *ByT5*, arXiv 2105.13626; Pagnoni et al. (2024), *Byte Latent Transformer*,
  arXiv 2412.09871. **Contested**: whether a fixed vocabulary is needed.
- OpenAI, *What are tokens and how to count them* (help page), as quoted in many places; Google,
  *Understand and count tokens* (Gemini API documentation). Both read in November 2026 in stored
  copies.
- tiktoken, `tiktoken_ext/openai_public.py`: patterns and sizes. Read in November 2026.
"""
