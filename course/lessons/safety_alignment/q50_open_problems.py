# %% [markdown]
r"""
## Q50. What is still open?

*Hard · 60 minutes · needs joules and watts, and what a decoding step reads from memory (question 36; repeated here)*
"""

# %% [markdown]
r"""
### Say it

> I name a problem only together with the strongest evidence on both sides and its date. Open, as of November 2026: whether
> models reason or recall, how they fare on long chains of steps, how much of a long context they use, how anybody
> supervises a model that is better than they are, whether a written chain of thought shows what the model does,
> agents on tasks of days, adaptation to what is new, video, the right to the training data, and energy. In several
> of these the measurement is contested too: benchmarks saturate, and a harder one reopens the gap. On energy I
> compute instead of quoting. A short text answer costs a few tenths of a watt-hour, about as much as a web
> search was said to cost in 2009; a long context or a long chain of thought costs ten to more than a hundred times that. Decoding is
> bound by memory bandwidth, so the energy of an answer depends on how many others share the batch.
"""

# %% [markdown]
r"""
### See it

**Ten open problems.** Below, *for* is the strongest evidence that the problem is real, *against* the strongest that it is
solved or overstated. *Contested* means that informed people read the same results differently. All was read in
November 2026, from the abstracts and pages listed under Sources.

1. **Recall or reasoning.** *For:* an irrelevant clause added to school arithmetic lowers accuracy by up to 65 %
   (Mirzadeh et al., 2024). *Against:* on a thousand newly written problems of the same kind, frontier models show minimal signs of
   overfitting (Zhang et al., 2024); and a blog's rerun in 2026 found most of the drop gone once ambiguous clauses were removed
   (Sturgeon, 2026, not peer-reviewed). **Contested.**
2. **Long chains of steps.** *For:* on puzzles of growing size the accuracy of reasoning models collapses to zero beyond some size
   (Shojaee et al., 2025). *Against:* some of those puzzles were unsolvable, others risked exceeding the limit on output, and
   asked for a program instead of all the moves, models did well (Lawsen, 2025, a comment with preliminary experiments). A replication gave each side a point: solvable river crossings are
   easy for such models, the towers of Hanoi still go wrong at about 8 disks (Dellibarda Varela et al., 2025). **Contested.**
3. **Long contexts.** *For:* where question and passage share hardly any words, 11 of 13 models fell below half their
   short-text score at 32,000 tokens (Modarressi et al., 2025). *Against:* retrieval of a planted sentence above 99 % up
   to 10 million tokens (Gemini Team, 2024; a vendor's own test, and one that literal matching can pass).
"""

# %% [markdown]
r"""
4. **Supervising stronger models.** *For:* in four oversight games with a gap of 400 Elo points, the best chain of overseers
   succeeds in 52 % of debates and in at most 14 % elsewhere, in a fitted model (Engels et al., 2025). *Against:* non-expert
   humans who watch two models debate are right in 88 % of cases, against 60 % without (Khan et al., 2024; on reading comprehension, where the text
   was hidden from the judge).
5. **Reading the chain of thought.** *For:* a model that used a planted hint said so in 25 % (Claude 3.7 Sonnet) and
   39 % (DeepSeek R1) of cases (Chen et al., 2025); trained against a monitor, models learn to hide (Baker et al., 2025).
   *Against:* the same Baker et al. found that a weaker model reading the chain catches cheating far better than one that sees
   actions only. Both hold at once: it works *now*, and it is fragile (Korbak et al., 2025).
6. **Agents on long tasks.** *For:* in a randomised trial 16 experienced developers took 19 % *longer* with the
   tools of early 2025 (METR, July 2025; interval +2 % to +39 %). *Against:* the length of tasks done at 50 % success doubled about
   every seven months since 2019 (Kwa et al., 2025), and METR's repeat pointed to a speed-up that METR
   itself calls unreliable, since many developers no longer took part in tasks without the tools (February 2026). **Contested.**
"""

# %% [markdown]
r"""
7. **Adapting to what is new.** *For:* ARC-AGI-3, games without instructions: frontier models below 1 % at its launch in March 2026,
   people 100 %. *Against:* ARC-AGI-2, the harder puzzles of March 2025, went from single digits to above half within
   a year (figures of the benchmark's makers, as reported). Each edition so far was unsolved when it appeared. **Contested** is what a
   solved one shows.
8. **Video.** *For:* Video-MME-v2 (April 2026) credits groups of consistent answers: best model 49.4, human experts 90.7.
   *Against:* the older benchmarks were near saturation, which is why its authors made a new one; question by question the gap is
   smaller. Part of it is the scoring.
9. **Right to the training data.** *For* "unsettled": the regional court of Munich held that lyrics memorised in a model are
   a reproduction (GEMA v. OpenAI, 11 November 2025). *Against:* two US district judges found training on books fair use
   (Bartz v. Anthropic and Kadrey v. Meta, June 2025), the first not for a library of pirated copies, which was then settled. Different law,
   different facts, first instances. **Contested.**
10. **Energy.** *For:* data centres used about 415 TWh in 2024, and the International Energy Agency's base case says about 945 TWh in
    2030 (IEA, 2025). *Against:* per answer the energy fell by a factor of 33 within a year (Elsworth et al., 2025: one vendor's own
    figure, for the median text prompt). Both can be true: falling cost per answer, rising number and length of answers.

Read them like this: whoever tells you one half only is selling something. And look for what would change your
mind. In 1 it is new problems without ambiguity, in 4 a game with real stakes, in 6 a trial whose control group stays.
"""

# %% [markdown]
r"""
**An exponential, extrapolated.** METR's *time horizon* of a model is the length of a task, in the time that a skilled person
needs, at which the model succeeds half of the time. The paper gives about 50 minutes for Claude 3.7 Sonnet (February 2025) and a
doubling in about seven months; METR's version 1.1 (January 2026) fitted 131 days for models since 2023. Both are fits to much the same
field. Where do they lead in three years?
"""

# %% tags=["demo"]
from course import figures

months = np.arange(0, 37)
doublings = {"7 months": 7.0, "131 days": 131 / 30.44}
fig, ax = figures.subplots(size=(6.2, 3.0))
for name, period in doublings.items():
    ax.plot(months, 50 * 2 ** (months / period) / 60, label=f"doubles in {name}")
for hours, name in [(8, "a working day"), (167, "a working month")]:
    ax.axhline(hours, color=figures.GREY, linewidth=0.8, linestyle=":")
    ax.text(0.2, hours * 1.15, name, fontsize=9, color=figures.GREY)
ax.set(yscale="log", xlabel="months after February 2025", ylabel="hours of human work")
ax.legend(frameon=False, fontsize=9, loc="lower right")
at36 = [50 * 2 ** (36 / period) / 60 for period in doublings.values()]
figures.show(
    fig,
    "Two straight lines on a logarithmic axis: extrapolated 50 percent time horizon in hours against months "
    f"after February 2025. After 36 months they stand at {at36[0]:.0f} and {at36[1]:.0f} hours.",
)
print(f"after 36 months: {at36[0]:.0f} h and {at36[1]:.0f} h, a factor of {at36[1] / at36[0]:.0f}")

# %% [markdown]
r"""
The lines are not forecasts; they show how much hangs on one fitted number. What else hangs on choices: in March 2026
METR mended a mistake in the fit, which lowered the horizons of recent models by up to 20 %, and wrote that its task suite
saturates, so that the results become more sensitive to the analysis. And 50 % is a low bar. How long a task is done in 99 of 100 cases? If failure
strikes at a constant rate per minute of the task (a model that Ord, 2025, fitted to these data; a hypothesis, not a
law), one number gives all others.
"""

# %% tags=["demo"]
horizon = 59  # minutes at 50 % success
for success in (0.5, 0.8, 0.9, 0.99):
    minutes = horizon * math.log(success) / math.log(0.5)
    print(f"succeeds in {success:.0%}: tasks of {minutes:5.1f} minutes")

# %% [markdown]
r"""
METR measured both: 59 minutes at 50 % for Claude 3.7 Sonnet, and 15 at 80 % (as Ord quotes the paper, whose abstract rounds to 50). The constant
rate gives more, so it is not quite right. A reanalysis with one parameter more found rates that fall as a task goes on (Hamilton, 2026), and Ord
agreed. Then success at 99 % needs tasks even shorter than the table says, and very long tasks are less hopeless.

"Agents fail after 20 steps" is a sentence without a rate. Ask: steps of what length, at what rate of success, with which
checks between them?
"""

# %% [markdown]
r"""
#### Energy from its parts

**The arithmetic floor.** A token costs about two operations per *active* parameter, one multiplication and one addition
(question 40). A server has a peak rate and a share of it that is really used; it draws power while it computes; a
building adds cooling and conversion, the factor PUE (power usage effectiveness). Epoch AI's estimate of February 2025 for
GPT-4o guesses 100 billion active parameters (nobody outside knows) and 500 tokens.
"""

# %% tags=["demo"]
guessed, length = 100e9, 500  # Epoch's guesses: active parameters, tokens
h100 = 989e12  # peak operations per second, BF16 without sparsity (NVIDIA's data sheet)
operations = 2 * guessed * length
print(f"operations   {operations:.1e}")
seconds = operations / (0.10 * h100)
print(f"GPU-seconds  {seconds:.2f}   at 10 % of peak")
epoch_watts = 1275 * 0.7 * 1.2  # a GPU's share of the server, mean load, building
epoch_joules = seconds * epoch_watts
print(f"joules       {epoch_joules:.0f}   at {epoch_watts:,.0f} W per GPU")
print(f"watt-hours   {epoch_joules / 3600:.2f}")

# %% [markdown]
r"""
This is Epoch's 0.3 Wh. The watts are its spreadsheet's: an eighth of a server's rated 10.2 kW, 70 % of it on average, and a PUE of 1.2. The number that carries the estimate is the 10 %: a guess at how well the hardware is used
when answers are produced token by token. Where does so low a share come from?

**Decoding reads.** Each step of decoding produces one token for each answer in the batch. For that the chips read *all*
weights (of a dense model) once, whatever the batch, and the cache of keys and values of *each* answer. Mostly reading is what takes the
time; the next cell takes the slower of the two. It counts a server of eight H100 with a dense model of 70 billion parameters in two bytes each.
"""

# %% tags=["demo"]
llama_weights = 70.6e9 * 2  # bytes, Llama 3.1 70B
llama_cache = 80 * 2 * 8 * 128 * 2  # bytes per token: layers, K and V, heads, width, two bytes
server = {"ops": 8 * 989e12, "bytes_s": 8 * 3.35e12, "watts": 8 * epoch_watts}
batch = 2 ** np.arange(0, 10)
arithmetic = 2 * 70.6e9 * batch / server["ops"]  # seconds per step at full peak
joules_per_token = {}
for context in (1000, 30_000):
    reading = (llama_weights + batch * context * llama_cache) / server["bytes_s"]
    joules_per_token[context] = np.maximum(arithmetic, reading) * server["watts"] / batch
floor = arithmetic * server["watts"] / batch
print("batch   floor   1,000 tokens of context   30,000 tokens   (joules per token)")
for i in (0, 3, 6, 9):
    short, long = joules_per_token[1000][i], joules_per_token[30_000][i]
    print(f"{batch[i]:5}  {floor[i]:6.2f}  {short:24.2f}  {long:14.2f}")

# %% tags=["demo"]
fits = llama_weights + batch * 30_000 * llama_cache < 8 * 80e9  # into the memory of eight H100
fig, ax = figures.subplots(size=(6.2, 3.2))
ax.plot(batch, joules_per_token[1000], marker="o", markersize=4, label="context 1,000")
ax.plot(batch, joules_per_token[30_000], marker="s", markersize=4, label="context 30,000")
ax.plot(batch, floor, label="arithmetic alone, at peak")
ax.plot(batch[~fits], joules_per_token[30_000][~fits], "x", color=figures.INK, label="does not fit")
ax.set(xscale="log", yscale="log", xlabel="answers in the batch", ylabel="joules per token")
ax.set_xticks([1, 4, 16, 64, 256], ["1", "4", "16", "64", "256"])
ax.minorticks_off()
ax.legend(frameon=False, fontsize=9)
figures.show(
    fig,
    "Joules per token against the number of answers in the batch, both axes logarithmic. The curve for a "
    f"context of 1,000 tokens falls from {joules_per_token[1000][0]:.0f} to "
    f"{joules_per_token[1000][-1]:.2f}; that for 30,000 tokens flattens at "
    f"{joules_per_token[30_000][-1]:.1f}, and its larger batches are crossed out because they do not fit into "
    f"memory. Arithmetic alone is a flat line at {floor[0]:.2f}.",
)

# %% [markdown]
r"""
Read it from the left. Alone on the server, an answer pays for reading all the weights at every token. Each doubling of
the batch halves that share, and so nearly the whole, until the caches, which nobody shares, are most of what is read. With a long context that
happens early, and memory for larger batches runs out (crosses). The flat line is what the formula with peak arithmetic
gives: a lower bound, and a bad estimate. The model is simple (perfect reading speed, constant power, nothing for
communication between chips), so real servers lie above it.

**What is published.** Four figures for short text answers, two for longer ones, and the search that they are compared with.
"""

# %% tags=["demo"]
published = [
    ("web search (Google, 2009)", 0.30),
    ("median Gemini prompt (Google, 2025)", 0.24),
    ("GPT-4o, 500 tokens (Epoch, 2025)", 0.30),
    ("ChatGPT average (Altman, 2025)", 0.34),
    ("frontier models, median (Oviedo, 2025)", 0.34),
    ("ChatGPT (de Vries, 2023)", 2.9),
    ("15 times the tokens (Oviedo, 2025)", 4.32),
    ("100,000 tokens of input (Epoch, 2025)", 40.0),
]
names, wh = zip(*published, strict=True)
fig, ax = figures.subplots(size=(7.4, 3.1))
ax.barh(names, wh, color=figures.GREY, edgecolor=figures.INK, linewidth=0.8)
ax.axvline(0.3 * 200, color=figures.INK, linestyle=":", linewidth=1)
ax.text(57, 1.5, "200 searches", rotation=90, ha="right", va="center", fontsize=9)
for row, value in enumerate(wh):
    ax.text(value * 1.08, row, f"{value:g}", va="center", fontsize=9)
ax.set(xscale="log", xlim=(0.1, 120), xlabel="watt-hours")
ax.invert_yaxis()
figures.show(
    fig,
    "Bars on a logarithmic axis of watt-hours. "
    + "; ".join(f"{name}: {value:g}" for name, value in published)
    + ". A dotted line marks 200 searches, 60 watt-hours; no bar reaches it.",
)

# %% [markdown]
r"""
These are not measurements of the same thing. Google measured its own service, and published neither the length of the median
prompt nor raw data; Altman gave a number in a blog post, without a method; Epoch and Oviedo et al. calculate; de Vries divided an
estimate of all servers by an estimate of all requests. And the search figure is of 2009, by Google itself. Newer ones, for either side of the comparison, may exist inside companies.
"""

# %% [markdown]
r"""
### Build it

Three exercises: the arithmetic floor, decoding by bytes, and the repair of a comparison.
"""

# %% [markdown]
r"""
### Exercise 50.1 · `wh_per_query`

●○○ · 10 minutes · 3 points · core

Write `wh_per_query(params_active, tokens_in, tokens_out, flops_s, util, watts, pue)`. It returns the energy of one query in
**watt-hours** as a `float`, by arithmetic alone:

- Every token, of the input and of the output, costs 2 operations per active parameter.
- The hardware does `flops_s` operations per second at peak, of which the share `util` is reached.
- While it computes it draws `watts`; the building draws `pue` times as much. 1 Wh is 3600 J.
- `util` outside 0 < util <= 1, or `pue` below 1: `ValueError`. (The other numbers are sensible: `flops_s` is positive, the
  rest not negative.)

By hand: 9e9 parameters, 100 + 100 tokens, 1e12 operations per second at .5: 7.2 s; at 500 W with a PUE of 1.2 that is
4320 J, or 1.2 Wh.

<details><summary>Hint 1</summary>

Write the unit behind every quantity: operations, operations per second, seconds, joules per second, joules. Which divide and which
multiply follows from the units.

</details>

<details><summary>Hint 2</summary>

Three lines after the checks: operations of all tokens; seconds at the rate that is really reached; energy of the
building, converted from joules at the end.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q50-wh-per-query", "locked": false, "schema_version": 3, "solution": true, "task": false}
def wh_per_query(
    params_active: float,
    tokens_in: int,
    tokens_out: int,
    flops_s: float,
    util: float,
    watts: float,
    pue: float,
) -> float:
    """Return the energy of a query in watt-hours, by arithmetic alone: a lower bound."""
    ### BEGIN SOLUTION
    if not 0 < util <= 1 or pue < 1:
        raise ValueError("util is a share above 0 and at most 1, and pue is at least 1.")
    operations = 2 * params_active * (tokens_in + tokens_out)
    seconds = operations / (flops_s * util)
    return seconds * watts * pue / 3600
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q50-wh-per-query-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    wh_per_query,
    [
        ((9e9, 100, 100, 1e12, 0.5, 500, 1.2), 1.2),
        ((1.8e9, 0, 500, 1e12, 1.0, 1000, 1.0), 0.5),
        ((9e9, 0, 0, 1e12, 0.5, 500, 1.2), 0.0),
    ],
    "operations / (flops_s * util) gives seconds; seconds * watts gives joules; 3600 J are 1 Wh",
)

# %% nbgrader={"grade": true, "grade_id": "q50-wh-per-query-hidden-value", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the value, for any numbers (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = []
for _ in range(6):
    params, flops = float(rng.uniform(1e9, 4e11)), float(rng.uniform(1e14, 2e15))
    n_in, n_out = int(rng.integers(1, 9000)), int(rng.integers(1, 9000))
    util, watts, pue = (float(rng.uniform(*r)) for r in ((0.05, 0.9), (300, 1500), (1.05, 1.9)))
    joules = 2 * params * (n_in + n_out) * watts * pue / (flops * util)
    cases.append(((params, n_in, n_out, flops, util, watts, pue), joules / 3600))
cases.append(((3.6e12, 0, 4, 1e12, 1.0, 125, 1.0), 1.0))
cases.append(((3.6e12, 4, 0, 1e12, 0.25, 125, 2.0), 8.0))
testing.agree(
    wh_per_query,
    cases,
    "tokens of input and output both count, two operations per parameter each; a lower share used "
    "makes it take longer; the building multiplies; the result is in Wh, not in J or kWh",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q50-wh-per-query-hidden-errors", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: shares and factors that cannot be (1 point)
### BEGIN HIDDEN TESTS
for util, pue in [(0.0, 1.5), (50, 1.5), (-0.5, 1.5), (1.5, 1.5), (0.5, 0.5), (0.5, 0.0)]:
    testing.check(
        testing.raises(ValueError, wh_per_query, 1e9, 10, 10, 1e12, util, 500, pue),
        "util outside 0 < util <= 1 (a percentage, or nothing used) and pue below 1 raise ValueError",
        inputs=(1e9, 10, 10, 1e12, util, 500, pue),
    )
testing.agree(
    wh_per_query,
    [((1.8e12, 1, 1, 1e12, 1.0, 500, 1.0), 1.0), ((1.8e12, 1, 1, 1e12, 1, 500, 1), 1.0)],
    "util of exactly 1 and pue of exactly 1 are allowed",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
With your function: the floor for one short answer of three models, on one H100 at half of its peak. DeepSeek-V3 is a mixture of
experts: 671 billion parameters, of which 37 billion are active for a token (DeepSeek-AI, 2024). (The cell raises `NotImplementedError`
until you have solved the exercise.)
"""

# %% tags=["demo"]
for name, params in [
    ("8B, dense", 8.0e9),
    ("70B, dense", 70.6e9),
    ("DeepSeek-V3, 37B active", 37e9),
    ("DeepSeek-V3, if all 671B were", 671e9),
]:
    print(f"{name:30} {wh_per_query(params, 500, 500, 989e12, 0.5, 700, 1.2):.4f} Wh")

# %% [markdown]
r"""
### Exercise 50.2 · `decode_wh`

●●○ · 20 minutes · 5 points · core

Write `decode_wh(weight_bytes, kv_bytes, tokens_in, tokens_out, batch, bandwidth, watts, pue)`. It returns the energy in
**watt-hours**, as a `float`, that decoding costs *one* answer out of a batch of equal ones, if reading memory is all that takes time:

- An answer has `tokens_out` steps. A step reads the weights, `weight_bytes`, once for the whole batch, and for each of the
  `batch` answers the cache of all its tokens so far, `kv_bytes` per token.
- At the first step the cache of an answer holds `tokens_in` tokens; each further step finds one more.
- `bandwidth` is in bytes per second. Power and `pue` are as in 50.1. The energy of the batch is shared equally.
- `batch` below 1: `ValueError`. `tokens_out` of 0: `0.0`. `tokens_out` may be a million; a sum in closed form spares you the loop.

By hand: weights 600 bytes, 10 bytes per token, 4 tokens in, 3 out, a batch of 2. The steps read 600 + 2 · 40, 600 + 2 · 50 and 600 + 2 · 60
bytes, 2100 in all. At 1 byte per second, 12 W and a PUE of 1 that is 25,200 J, 7 Wh, for two answers: 3.5 Wh.

<details><summary>Hint 1</summary>

What does *one* answer pay for in a step? Its own cache in full, and its share of the weights. How many tokens does the cache hold, summed over
all steps?

</details>

<details><summary>Hint 2</summary>

The caches hold tokens_in, tokens_in + 1, ..., an arithmetic series of tokens_out terms: number of terms times first plus last,
halved. Bytes of one answer: steps times share of the weights, plus that sum times kv_bytes.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q50-decode-wh", "locked": false, "schema_version": 3, "solution": true, "task": false}
def decode_wh(
    weight_bytes: float,
    kv_bytes: float,
    tokens_in: int,
    tokens_out: int,
    batch: int,
    bandwidth: float,
    watts: float,
    pue: float,
) -> float:
    """Return the watt-hours that decoding costs one answer of a batch, bound by memory bandwidth."""
    ### BEGIN SOLUTION
    if batch < 1:
        raise ValueError("a batch holds at least one answer.")
    cached = tokens_out * tokens_in + tokens_out * (tokens_out - 1) / 2
    read = tokens_out * weight_bytes / batch + cached * kv_bytes
    return read / bandwidth * watts * pue / 3600
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q50-decode-wh-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    decode_wh,
    [
        ((600, 10, 4, 3, 2, 1.0, 12, 1.0), 3.5),
        ((600, 0, 4, 3, 1, 1.0, 12, 1.0), 6.0),
        ((600, 10, 4, 0, 2, 1.0, 12, 1.0), 0.0),
    ],
    "a step reads the weights once for all, and each answer's cache; divide the batch's energy by its answers",
)

# %% nbgrader={"grade": true, "grade_id": "q50-decode-wh-hidden-weights", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the weights are shared by the batch (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = []
for batch in (1, 2, 8, int(rng.integers(20, 300))):
    weights, n = float(rng.uniform(1e9, 1e12)), int(rng.integers(2, 3000))
    watts, pue = float(rng.uniform(300, 9000)), float(rng.uniform(1.05, 1.9))
    args = (weights, 0.0, 100, n, batch, 3.35e12, watts, pue)
    cases.append((args, n * weights / batch / 3.35e12 * watts * pue / 3600))
testing.agree(
    decode_wh,
    cases,
    "without a cache, a batch of n costs each answer an n-th: the weights are read once per step, for all; "
    "and every token of output is a step",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q50-decode-wh-hidden-cache", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the cache grows, and nobody shares it (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng(1)
cases = []
for batch, n_in in ((1, 0), (1, 7), (4, 0), (16, int(rng.integers(5, 900)))):
    kv, n = float(rng.uniform(1e4, 1e6)), int(rng.integers(2, 40))
    joules = sum((n_in + step) * kv for step in range(n)) / 3.35e12 * 8400 * 1.25
    cases.append(((0.0, kv, n_in, n, batch, 3.35e12, 8400, 1.25), joules / 3600))
    joules += n * 1e10 / batch / 3.35e12 * 8400 * 1.25
    cases.append(((1e10, kv, n_in, n, batch, 3.35e12, 8400, 1.25), joules / 3600))
cases.append(((0, 1, 0, 1, 1, 1.0, 3600, 1.0), 0.0))
cases.append(((0, 1, 0, 2, 3, 1.0, 3600, 1.0), 1.0))
testing.agree(
    decode_wh,
    cases,
    "step i (from 0) reads the cache of tokens_in + i tokens of each answer, and an answer pays for its own "
    "in full, whatever the batch",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q50-decode-wh-hidden-edges", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: no batch, no answer, a very long answer (2 points)
### BEGIN HIDDEN TESTS
for batch in (0, -1):
    testing.check(
        testing.raises(ValueError, decode_wh, 1e9, 10, 4, 3, batch, 1e12, 500, 1.2),
        "a batch below 1 raises ValueError",
        inputs=(1e9, 10, 4, 3, batch, 1e12, 500, 1.2),
    )
long = 1_000_000
read = long * 1e9 / 4 + (long * 1000 + long * (long - 1) // 2) * 1e5
testing.agree(
    decode_wh,
    [
        ((1e9, 1e5, 1000, 0, 4, 1e12, 500, 1.25), 0.0),
        ((1e9, 1e5, 1000, long, 4, 1e12, 500, 1.25), read / 1e12 * 500 * 1.25 / 3600),
    ],
    "no output costs nothing, and of a million tokens of output step i, too, reads a cache of tokens_in + i",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
With both functions, the 500 tokens of an answer to 1,000 from the server above: the arithmetic of these tokens, and reading with
more and more company. Before them the prompt is worked through, all its tokens at once: there arithmetic is what takes the time.
"""

# %% tags=["demo"]
ops, bytes_s, power = server["ops"], server["bytes_s"], server["watts"]
prompt = wh_per_query(70.6e9, 1000, 0, ops, 1.0, power, 1.0)
print(f"the prompt, at peak:  {prompt:.3f} Wh, whatever the batch")
print(f"answer, arithmetic:   {wh_per_query(70.6e9, 0, 500, ops, 1.0, power, 1.0):.3f} Wh")
for size in (1, 8, 64, 256):
    short = decode_wh(llama_weights, llama_cache, 1000, 500, size, bytes_s, power, 1.0)
    print(
        f"answer, batch of {size:3}:  {short:.3f} Wh; with the prompt {(short + prompt) / 0.3:.2f} searches of 2009"
    )

# %% [markdown]
r"""
One answer, one model, one server: from the first batch to the last, decoding differs by a factor of more than a hundred, and the whole with its
prompt by more than fifty. Whoever runs a model alone on a large machine pays the first; a busy service comes near the last. "Energy per query" is not a property of a model.
"""

# %% [markdown]
r"""
### Exercise 50.3 · repair: `times_a_search`

●●○ · 15 minutes · 4 points · core

The function below is to tell how many web searches the energy of one query
equals. It has **three faults**. Mend it; signature and checks stay. The contract:

- `model` is a dict with `"params_total"`, and for a mixture of experts also `"params_active"`. The operations of a token are 2 per
  parameter that is *active* for it; in a model without that entry all are.
- `tokens` counts input and output together. `gpu` is a dict with `"flops_s"`, `"util"`, `"watts"` and `"pue"`: operations per second at peak,
  share reached, power in watts, and how many times its servers' power the building draws (at least 1).
- `search_wh` is the energy of one search in *watt-hours*. The result is a `float`, the ratio of the two energies.
- `search_wh` not above 0: `ValueError`. No argument is changed.

<details><summary>Hint 1</summary>

Take a case that you can do in your head: a power of 3,600 W and work for one second are 3,600 J, exactly 1 Wh. Then double the PUE. Then hide the same model in one
with ten times as many parameters, of which a tenth is active.

</details>

<details><summary>Hint 2</summary>

Three lines, three questions: which parameters work? Which way does the building change the bill? In which unit is either side
of the ratio?

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q50-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN REPAIR
# def times_a_search(model: dict, tokens: int, gpu: dict, search_wh: float = 0.3) -> float:
#     """How many web searches cost as much energy as one query."""
#     if search_wh <= 0:
#         raise ValueError("a search costs some energy.")
#     operations = 2 * model["params_total"] * tokens
#     seconds = operations / (gpu["flops_s"] * gpu["util"])
#     joules = seconds * gpu["watts"] / gpu["pue"]
#     energy = joules / 3_600_000
#     return energy / search_wh
### END REPAIR
### BEGIN SOLUTION
def times_a_search(model: dict, tokens: int, gpu: dict, search_wh: float = 0.3) -> float:
    """How many web searches cost as much energy as one query."""
    if search_wh <= 0:
        raise ValueError("a search costs some energy.")
    operations = 2 * model.get("params_active", model["params_total"]) * tokens
    seconds = operations / (gpu["flops_s"] * gpu["util"])
    joules = seconds * gpu["watts"] * gpu["pue"]
    energy = joules / 3600  # Wh, as search_wh
    return energy / search_wh


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q50-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
machine = {"flops_s": 1e12, "util": 0.5, "watts": 3600, "pue": 1.0}
one, two, half = (
    times_a_search({"params_total": 1e9}, 500, machine, 1.0),
    times_a_search({"params_total": 1e9}, 1000, machine, 1.0),
    times_a_search({"params_total": 1e9}, 500, machine, 2.0),
)
testing.check(testing.close(two, 2 * one), "twice the tokens cost twice the energy")
testing.check(testing.close(half, one / 2), "if a search costs twice as much, the ratio halves")
testing.check(
    testing.raises(ValueError, times_a_search, {"params_total": 1e9}, 500, machine, 0.0),
    "a search that costs nothing raises ValueError",
)

# %% nbgrader={"grade": true, "grade_id": "q50-repair-hidden-units", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: both energies in the same unit (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = []
for search in (0.25, 1.0, float(rng.uniform(0.1, 3))):
    watts = float(rng.uniform(400, 1500))
    args = ({"params_total": 8e9}, 1000, {"flops_s": 4e13, "util": 0.5, "watts": watts, "pue": 1.0})
    cases.append(((*args, search), 0.8 * watts / 3600 / search))
machine = {"flops_s": 1e12, "util": 1.0, "watts": 3600, "pue": 1.0}
cases.append((({"params_total": 1e9}, 500, machine), 1 / 0.3))
testing.agree(
    times_a_search,
    cases,
    "3600 J are one watt-hour, 3,600,000 J a kilowatt-hour: search_wh is in watt-hours (0.3 unless given)",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q50-repair-hidden-active", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: only active parameters compute (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()
machine = {"flops_s": 1e12, "util": 0.5, "watts": 900, "pue": 1.0}
active = float(rng.uniform(1e9, 4e10))
dense = times_a_search({"params_total": active}, 700, machine, 0.5)
testing.check(dense > 0, "a dense model has no params_active: all its parameters are active")
for factor in (1, 8, 18):
    mixture = {"params_total": active * factor, "params_active": active}
    got = times_a_search(mixture, 700, machine, 0.5)
    testing.check(
        testing.close(got, dense),
        "a mixture of experts costs what its active parameters cost, however many there are in all",
        inputs=(mixture, 700, machine, 0.5),
        got=got,
        expected=dense,
    )
twice = times_a_search({"params_total": 2 * active}, 700, machine, 0.5)
testing.check(testing.close(twice, 2 * dense), "a dense model twice as large costs twice as much")
given = [{"params_total": 5e9, "params_active": 1e9}, 700, {**machine, "pue": 1.25}, 0.5]
plain = [{"params_total": 5e9}, 700, {**machine, "pue": 1.25}, 0.5]
for arguments in (given, plain):
    testing.check(testing.leaves_arguments(times_a_search, *arguments), "an argument is changed")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q50-repair-hidden-building", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the building draws more, not less (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
machine = {"flops_s": 1e12, "util": 0.5, "watts": 900, "pue": 1.0}
bare = times_a_search({"params_total": 3e9}, 400, machine, 0.5)
for pue in (1.25, 2.0, float(rng.uniform(1.1, 1.9))):
    got = times_a_search({"params_total": 3e9}, 400, {**machine, "pue": pue}, 0.5)
    testing.check(
        testing.close(got, bare * pue),
        "with a PUE of 1.5 the building draws 1.5 times what its servers draw",
        inputs=({"params_total": 3e9}, 400, {**machine, "pue": pue}, 0.5),
        got=got,
        expected=bare * pue,
    )
### END HIDDEN TESTS

# %% [markdown]
r"""
### Trap

*"A GPT-4 query uses 200 times the energy of a Google search."* No source that we could find gives 200. The claim that was common was a factor of
about ten: 2.9 Wh (de Vries, 2023) over 0.3. How long an answer would have to be to cost 60 Wh? Take Epoch's guesses from above.
"""

# %% tags=["demo"]
per_token = epoch_joules / length / 3600  # Wh, Epoch's guesses
print(f"{'':42} Wh   searches")
for name, value in published[1:]:
    print(f"{name:40} {value:5.2f}  {value / 0.3:7.1f}")
print(f"\n200 searches = 60 Wh = an answer of {60 / per_token:,.0f} tokens at Epoch's guesses")
words = 60 / per_token * 0.75
print(f"             = some {words:,.0f} words, at three quarters of a word per token")

# %% [markdown]
r"""
For short text the factor is about one, by every estimate of 2025 listed here. It is above a hundred for a context of 100,000 tokens (Epoch's estimate), and long
chains of thought and agents that call a model hundreds of times go there too. So the honest answer has no single factor: it names the model, the tokens in and
out, the year, and what is counted. And it questions the denominator: 0.3 Wh is what a company said about its search
engine in 2009.
"""

# %% [markdown]
r"""
### If they push

**"Then energy is not a problem?"**

<details><summary>Answer</summary>

Energy per answer and energy of all answers are two questions. The first fell; the second is the product of price, number and
length, and all the forecasts that we cite see it rise (IEA, 2025). Locally it matters earlier: grids, water and backup power are bound to a place.
A person's chats are small beside their heating or driving; a data centre is not small beside its town.

</details>

**"Why count active parameters for arithmetic, but all of them for memory?"**

<details><summary>Answer</summary>

A token of a mixture of experts *computes* with its chosen experts only. But all experts lie in memory, and in a large batch
the tokens choose different ones, so that a step reads most of the weights. At a batch of one it reads the active share only,
so it is quick even there; but one desk must hold all the weights in memory to use a few of them, and only a large service spreads that over
many answers.

</details>

**"What does the estimate leave out?"**

<details><summary>Answer</summary>

Idle machines kept ready, processors and memory beside the accelerators (in Google's account a quarter of the 0.24 Wh went to host processors and memory, a tenth to
idle machines), communication between chips, training, the making of the hardware, networks and the user's device. Google's
0.24 Wh includes the first two; Epoch counts the server and the building but no idle machines. Whoever compares figures compares boundaries first.

</details>

**"Which open problem would you work on?"**

<details><summary>Answer</summary>

Pick one and say what result would settle it. For instance long contexts: a benchmark without literal overlap, at lengths people use, with retrieval as the baseline
to beat. An answer that names a measurement, a baseline and a result that would change one's mind is stronger than any list of ten.

</details>

**"Training models with 100 trillion parameters is an open problem, isn't it?"**

<details><summary>Answer</summary>

No model of that size is known, so nobody can report what hinders it. Open and nearer is data: Villalobos et al. (2024) expect training sets as large as
the stock of public human text between 2026 and 2032. Whether synthetic data and reinforcement learning make up for it
is contested.

</details>
"""

# %% [markdown]
r"""
### Sources

Read in November 2026; of papers that this section only quotes, mostly the abstract.

- Mirzadeh et al. (2024), *GSM-Symbolic*, arXiv 2410.05229; Zhang et al. (2024), *A Careful Examination of Large Language Model Performance on Grade
  School Arithmetic*, arXiv 2405.00332; Sturgeon (2026), *Revisiting GSM-Symbolic*, blog, 8 April 2026.
- Shojaee et al. (2025), *The Illusion of Thinking*, arXiv 2506.06941; Lawsen (2025), *The Illusion of the Illusion of Thinking*, arXiv 2506.09250; Dellibarda Varela
  et al. (2025), *Rethinking the Illusion of Thinking*, arXiv 2507.01231.
- Modarressi et al. (2025), *NoLiMa*, arXiv 2502.05167; Gemini Team (2024), *Gemini 1.5*, arXiv 2403.05530.
- Engels et al. (2025), *Scaling Laws For Scalable Oversight*, arXiv 2504.18530; Khan et al. (2024), *Debating with More Persuasive LLMs Leads to
  More Truthful Answers*, arXiv 2402.06782.
- Chen et al. (2025), *Reasoning Models Don't Always Say What They Think*, arXiv 2505.05410; Baker et al. (2025), arXiv 2503.11926; Korbak et al. (2025), *Chain of Thought
  Monitorability*, arXiv 2507.11473.
- Kwa et al. (METR, 2025), *Measuring AI Ability to Complete Long Tasks*, arXiv 2503.14499, with data and code in the repository METR/eval-analysis-public; METR, *Time Horizon 1.1* (29 January 2026)
  and *Impact of modelling assumptions on time horizon results* (20 March 2026); Becker et al. (METR, 2025), arXiv 2507.09089, and METR's note on
  its changed design (24 February 2026); Ord (2025), *Is there a Half-Life for the Success Rates of AI Agents?*, arXiv 2505.05115; Hamilton (2026), on
  the hazard rates of AI agents (blog, 23 January 2026).
- ARC Prize Foundation, announcements of ARC-AGI-2 (March 2025) and ARC-AGI-3 (March 2026), read in press reports; *Video-MME-v2* (2026), arXiv 2604.05015.
- Regional court of Munich I, 42 O 14139/24 (11 November 2025); Bartz v. Anthropic (23 June 2025) and Kadrey v. Meta (25 June 2025), N.D. Cal.; read in law firms' summaries. Not legal advice.
- You (Epoch AI, 2025), *How much energy does ChatGPT use?*; Elsworth et al. (Google, 2025), arXiv 2508.15734; Oviedo et al. (2025), *Energy Use of AI Inference*, arXiv 2509.20241; de Vries (2023), *The growing
  energy footprint of artificial intelligence*, Joule 7(10); Altman (2025), *The Gentle Singularity* (blog, June 2025); Google (2009), *Powering a Google search* (blog); IEA (2025), *Energy and AI*.
- Villalobos et al. (2024), *Will we run out of data?*, arXiv 2211.04325; DeepSeek-AI (2024), *DeepSeek-V3 Technical Report*, arXiv 2412.19437.
"""
