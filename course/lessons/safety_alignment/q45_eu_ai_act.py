# %% [markdown]
r"""
## Q45. What does the EU AI Act ask for?

*Hard · 60 minutes · needs nothing of this notebook. State of the law as read on 24 November 2026; not legal advice*
"""

# %% [markdown]
r"""
### Say it

> The AI Act is Regulation (EU) 2024/1689. It sorts by use, not by technology: a few practices are prohibited, a list of
> uses is high-risk and carries the heavy duties, some systems owe transparency, most owe nothing. Beside that stands a
> second track for general-purpose *models*: every provider of one owes documentation, a copyright policy and a
> public summary of the training content. A free and open-source licence removes only the first of these, and not with
> systemic risk. Models with systemic risk owe more: evaluation, risk mitigation, incident reports, security. More
> than 10^25 operations of training only *presume* systemic risk, and the provider may argue against it. The duties
> begin on different days. As of November 2026 the prohibitions, the model duties and the transparency duties apply;
> the high-risk duties were moved to December 2027 and August 2028 (with grace for what was on the market before; two
> new prohibitions follow in December). So ask four things in order: am I a provider or a deployer, of a model or a
> system, in which tier, and from what day?
"""

# %% [markdown]
r"""
### See it

**A table with dates.** Law is data with a date on it. The rows below say what is asked, in which article, of whom, from which day,
and which day it was before Regulation (EU) 2026/1744 (the "Digital Omnibus on AI", in force since 27 July 2026) moved it. They are a selection, in short words; the
articles have conditions and exceptions that no table holds.
"""

# %% tags=["demo"]
from datetime import date

READ = date(2026, 11, 24)
FEB25, AUG25, AUG26, DEC26 = date(2025, 2, 2), date(2025, 8, 2), date(2026, 8, 2), date(2026, 12, 2)
AUG27, DEC27, AUG28 = date(2027, 8, 2), date(2027, 12, 2), date(2028, 8, 2)
ROWS = [  # duty, article, who, from, the day before the amendment
    ("prohibited practices", "5(1)(a)-(h)", "everybody", FEB25, FEB25),
    ("AI literacy of staff", "4", "providers, deployers", FEB25, FEB25),
    ("documentation", "53(1)(a), (b)", "GPAI if closed or systemic", AUG25, AUG25),
    ("copyright, training summary", "53(1)(c), (d)", "GPAI models, also open", AUG25, AUG25),
    ("evaluation, incidents, security", "55(1)", "GPAI, systemic risk", AUG25, AUG25),
    ("fines for model providers", "101", "(the Commission may)", AUG26, AUG26),
    ("say that it is an AI", "50(1)", "systems talking to people", AUG26, AUG26),
    ("mark generated content", "50(2)", "new generative systems", AUG26, AUG26),
    ("label deep fakes", "50(4)", "deployers", AUG26, AUG26),
    ("mark content, older systems", "111(4)", "on the market before 8/2026", DEC26, AUG26),
    ("intimate images, child abuse", "5(1)(ba), (bb)", "everybody", DEC26, None),
    ("53 and 55, older models", "111(3)", "on the market before 8/2025", AUG27, AUG27),
    ("high-risk uses", "6(2), Annex III", "providers, deployers", DEC27, AUG26),
    ("high-risk parts of products", "6(1), Annex I", "providers, deployers", AUG28, AUG27),
]

# %% tags=["demo"]
print(f"read on {READ}\n{'duty':32} {'article':15} {'who':27} {'from':10}")
for duty, article, who, start, before in ROWS:
    days = (start - READ).days
    note = f"in {days} days" if days > 0 else "applies"
    if before != start:
        note += ", new" if before is None else f", was {before}"
    print(f"{duty:32} {article:15} {who:27} {start}  {note}")

# %% [markdown]
r"""
GPAI is short for general-purpose AI. "Open" means a free and open-source licence *and* public weights, architecture and information on use (Article 53(2)); "closed" is every other, "systemic" a model with systemic risk. Read the last
column: the amendment moved three rows, added one, and left the others where they were. An article of 2025 that says "high-risk
duties from August 2026" was right when written and is wrong now; one that says "the AI Act was postponed" is wrong about
every row that says "applies".
"""

# %% [markdown]
r"""
**The same rows as a picture.**
"""

# %% tags=["demo"]
import matplotlib.dates as mdates

from course import figures

fig, ax = figures.subplots(size=(8.4, 4.4))
labels = [f"Art. {article}: {duty}" for duty, article, _, _, _ in ROWS]
for place, (_, _, _, start, before) in enumerate(ROWS):
    if before is not None and before != start:
        ax.plot([before, start], [place, place], color="#777777", linestyle=":", linewidth=1.5)
        ax.plot(before, place, "o", color="#777777", markerfacecolor="#ffffff")
    ax.plot([start, date(2028, 12, 31)], [place, place], color="#222222", linestyle="-")
    ax.plot(start, place, "o", color="#222222")
ax.axvline(READ, color="#777777", linestyle="--", linewidth=1.2)
ax.text(READ, -0.9, f" read {READ}", color="#555555", fontsize=9)
ax.set_yticks(range(len(ROWS)), labels, fontsize=9)
ax.set(ylim=(len(ROWS) - 0.5, -1.2), xlim=(date(2024, 11, 1), date(2028, 12, 31)))
ax.xaxis.set_major_locator(mdates.MonthLocator([1, 7]))
ax.xaxis.set_major_formatter(mdates.DateFormatter("%m/%y"))
now = sum(start <= READ for *_, start, _ in ROWS)
figures.show(
    fig,
    f"A timeline of {len(ROWS)} groups of duties. Each line begins with a filled dot on the day from which the duty "
    f"applies. {now} of them begin left of a dashed line on {READ}, the day of reading. Open dots, joined by "
    "dots, stand on the days before the amendment: marking by older systems moved from August to "
    "December 2026, high-risk uses of Annex III from August 2026 to December 2027, high-risk products of Annex I from August 2027 to August 2028.",
)

# %% [markdown]
r"""
**Two tracks, often mixed up.** The popular summary is a pyramid of four colours with "GPAI" somewhere beside it, and its bullets wander from one
level to another. By article:

| asked for | of whom | article |
|---|---|---|
| no social scoring, no untargeted scraping of faces for databases, no emotion recognition at work or school (exceptions: medical, safety) | everybody | 5(1)(c), (e), (f) |
| no real-time remote biometric identification in public *by law enforcement* (with listed exceptions) | police and the like | 5(1)(h) |
| risk management, data governance *with examination for bias*, logs, human oversight, accuracy and security | providers of high-risk systems | 9, 10, 12, 14, 15 |
| use as instructed, oversight by competent people, keep logs | deployers of high-risk systems | 26 |
| tell people that they talk to an AI, unless that is obvious | providers of such systems | 50(1) |
| mark outputs so that machines can detect them | providers of generative systems | 50(2) |
| disclose deep fakes, and text on matters of public interest that nobody edited | deployers | 50(4) |
| documentation for the AI Office and for those who build on the model | providers of GPAI models (open ones without systemic risk: no) | 53(1)(a), (b) |
| copyright policy; public summary of the training content | providers of *all* GPAI models | 53(1)(c), (d) |
| model evaluation, systemic risks, serious incidents, cybersecurity | providers of GPAI models *with systemic risk* | 55(1) |

So "examine for bias before deployment" is a high-risk duty, not a duty of every chatbot; "publish a summary of the training data" is a duty of every
model provider, not only of the largest; and who calls a model over an API is as a rule a provider or deployer of a *system*, and owes nothing of Articles 53 and 55.
"""

# %% [markdown]
r"""
#### Two thresholds in floating-point operations

Training a transformer costs about 6 operations per parameter and token: 2 for the forward pass, 4 for the backward pass
(question 40). Two numbers of the law are set in this unit, and they weigh differently:

- **More than 10^25, cumulative**: presumed to have high-impact capabilities, hence systemic risk. It stands in the regulation, Article 51(2), and may be
  rebutted: Article 52(2) lets the provider argue that the model exceptionally presents no systemic risk; Article 51(1)(b) lets the Commission designate a model that is
  *below*.
- **More than 10^23**, and able to generate language, images or video from text: an *indicative* criterion for being a GPAI
  model at all. It stands in the Commission's guidelines of July 2025, which are not binding; the definition is Article 3(63), generality. A speech recogniser of
  10^24 operations isn't one, say the guidelines; and a smaller model may be.

Here are models whose makers have published parameters and tokens. In a mixture of experts only the active parameters take part in a token, so
only they are paid for; the hollow mark shows what the total would give.
"""

# %% tags=["demo"]
MODELS = [  # name, active parameters, all parameters, tokens (year of the report)
    ("this course's instruct", 1.03e6, 1.03e6, 3.6e7),
    ("guidelines' model A", 3.8e9, 3.8e9, 3.3e12),
    ("GPT-3 (2020)", 175e9, 175e9, 300e9),
    ("Llama 3 8B (2024)", 8e9, 8e9, 15e12),
    ("Llama 3 70B (2024)", 70e9, 70e9, 15e12),
    ("Llama 3.1 405B (2024)", 405e9, 405e9, 15.6e12),
    ("DeepSeek-V3 (2024)", 37e9, 671e9, 14.8e12),
    ("Kimi K2 (2025)", 32e9, 1e12, 15.5e12),
]
print(f"{'':24} {'active':>9} {'tokens':>9} {'FLOP':>9}   FLOP / 1e23   FLOP / 1e25")
for name, active, _, tokens in MODELS:
    C = 6 * active * tokens
    print(f"{name:24} {active:9.2e} {tokens:9.2e} {C:9.2e} {C / 1e23:12.2g} {C / 1e25:13.2g}")

# %% tags=["demo"]
fig, ax = figures.subplots(size=(8.0, 3.2))
shown = MODELS[1:]
for place, (_, active, total, tokens) in enumerate(shown):
    C = 6 * active * tokens
    ax.plot(
        [0.7 * C, 1.3 * C],
        [place, place],
        color="#222222",
        linestyle="-",
        linewidth=4,
        solid_capstyle="butt",
    )
    ax.plot(C, place, "o", color="#222222")
    if total != active:
        ax.plot(6 * total * tokens, place, "o", color="#777777", markerfacecolor="#ffffff")
for limit, text in ((1e23, "10^23 indicative"), (1e25, "10^25 presumed")):
    ax.axvline(limit, color="#777777", linestyle="--", linewidth=1.2)
    ax.text(limit, -0.75, f" {text}", fontsize=9, color="#555555")
ax.set_yticks(range(len(shown)), [name for name, *_ in shown], fontsize=9)
ax.set(
    xscale="log",
    xlabel="operations of training, 6 × active × tokens",
    ylim=(len(shown) - 0.5, -1.1),
)
over = [name for name, active, _, tokens in shown if 6 * active * tokens > 1e25]
figures.show(
    fig,
    "Training compute of seven models on a logarithmic axis, with bars of 30 percent to either side and dashed lines at 10^23 "
    f"and 10^25. Above 10^25 lies {' and '.join(over)}; just below 10^23 lies model A of the guidelines; the other five lie between. Hollow marks, far "
    "to the right and above 10^25, show what DeepSeek-V3 and Kimi K2 would have with all parameters instead of the active ones.",
)

# %% [markdown]
r"""
Read it like this. With all parameters two mixtures of experts would cross the upper line; with those that work, they are
about a factor of three below it. The bars are the 30 % within which the guidelines want an estimate to be accurate: none of them reaches across a line here, model A's ends just short of it. What the picture can't
show is the largest models of 2025 and 2026: their makers publish neither number, and what circulates are estimates by others.

**A second way to the same number.** The guidelines also allow counting hardware: units × seconds × peak operations per second ×
utilisation. Two makers have published their GPU hours (about 31 million; 2.664 million for the pre-training, of 2.788 million in all), so the two ways can be held against each other.
"""

# %% tags=["demo"]
PEAK = 989e12  # dense bfloat16 operations per second, H100 and H800 (NVIDIA's data sheet)
for name, flops, hours in [
    ("Llama 3.1 405B", 6 * 405e9 * 15.6e12, 31e6),
    ("DeepSeek-V3", 6 * 37e9 * 14.8e12, 2.664e6),
]:
    possible = hours * 3600 * PEAK
    print(f"{name:15} 6ND {flops:.2e}   utilisation that makes both agree: {flops / possible:.0%}")
    print(
        f"{'':15} by hardware at 40 %: {0.4 * possible:.2e}, differs by {0.4 * possible / flops - 1:+.0%}"
    )

# %% [markdown]
r"""
Meta reports a utilisation of 38 to 43 % for its largest run. The two ways agree within the 30 % that the guidelines allow,
and neither verdict changes. (DeepSeek-V3 was trained partly in 8 bits, where the peak is higher; operations are counted alike whatever their
precision, say the guidelines.)
"""

# %% [markdown]
r"""
### Build it

Four exercises: training compute, the two thresholds, a duty on a date, and the repair of a checker that mixes up the tiers. A fifth is extra: what
counts as *cumulative*. The exercises simplify the law; each prompt says how, and its rules win over what you know.
"""

# %% [markdown]
r"""
### Exercise 45.1 · `training_flops`

●○○ · 6 minutes · 3 points · core

Write `training_flops(N, D, k=6)`: the operations of a training run, `k` for each parameter that works on a token and each
token.

- `N` is the number of parameters, or for a mixture of experts a dict `{"total": ..., "active": ...}`: then the active ones count.
- `D` is the number of tokens processed: tokens of the data times epochs.
- Numbers may be Python's or NumPy's, whole or not, such as `np.int64(175_000_000_000)`. The product need not fit into 64 bits. Return a float.
- `N` is not changed.

By hand: 10 parameters, 7 tokens: 420. With `{"total": 40, "active": 10}` the same. `k=2`, a forward pass only: 140.

<details><summary>Hint 1</summary>

What does `np.int64(10**11) * np.int64(10**12)` give?

</details>

<details><summary>Hint 2</summary>

First find the one number that stands for the parameters. Make everything a float before the first multiplication, not after the last.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q45-training-flops", "locked": false, "schema_version": 3, "solution": true, "task": false}
def training_flops(N: float | dict[str, float], D: float, k: float = 6) -> float:
    """Operations of training: k per active parameter and token.

    N: parameters, or {"total", "active"} of a mixture of experts. D: tokens processed.
    """
    ### BEGIN SOLUTION
    active = N["active"] if isinstance(N, dict) else N
    return float(k) * float(active) * float(D)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q45-training-flops-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    training_flops,
    [
        ((10, 7), 420.0),
        ((10, 7, 2), 140.0),
        (({"total": 40, "active": 10}, 7), 420.0),
        ((175e9, 300e9), 3.15e23),
    ],
    "k operations per active parameter and token, 6 if not said otherwise",
)

# %% nbgrader={"grade": true, "grade_id": "q45-training-flops-hidden-count", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: operations of a dense model (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = []
for _ in range(6):
    N, D = (float(10.0**x) for x in rng.uniform(5, 13, 2))
    k = float(rng.integers(1, 9))
    cases += [((N, D), 6 * N * D), ((N, D, k), k * N * D), ((N, D), {"k": 2}, 2 * N * D)]
cases += [((405e9, 15.6e12), 3.7908e25), ((8_000_000_000, 15_000_000_000_000), 7.2e23)]
cases += [((0, 10), 0.0), ((10, 0), 0.0)]
cases += [((2.5, 8), 120.0), ((10, 3.5), 210.0), ((10, 4, 2.5), 100.0)]
testing.agree(
    training_flops,
    cases,
    "the product of k, the parameters and the tokens, whole or not; k is 6 unless it is given",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q45-training-flops-hidden-mixture", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: a mixture of experts (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = [
    (({"total": 671e9, "active": 37e9}, 14.8e12), 3.2856e24),
    (({"active": 32e9, "total": 1e12}, 15.5e12), 2.976e24),
    (({"total": 5e9, "active": 5e9}, 1e12), 3e22),
]
for _ in range(4):
    active = float(10.0 ** rng.uniform(8, 10))
    total, D = active * float(rng.uniform(2, 30)), float(10.0 ** rng.uniform(10, 13))
    cases.append((({"total": total, "active": active}, D, 2), 2 * active * D))
testing.agree(
    training_flops,
    cases,
    "of a mixture of experts the active parameters count: the others take no part in a token",
)
testing.check(
    testing.leaves_arguments(training_flops, {"total": 9e9, "active": 2e9}, 1e12),
    "the dict of parameters is changed",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q45-training-flops-hidden-large", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: NumPy's integers, and a float (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = []
for _ in range(4):
    N, D = int(rng.integers(10**11, 10**12)), int(rng.integers(10**12, 10**13))
    wanted = 6.0 * N * D
    cases += [
        ((np.int64(N), np.int64(D)), wanted),
        ((np.int64(N), D), wanted),
        ((N, np.int64(D)), wanted),
        (({"total": np.int64(4 * N), "active": np.int64(N)}, np.int64(D)), wanted),
    ]
cases.append(((np.int64(2 * 10**18), 1000), 1.2e22))
testing.agree(
    training_flops,
    cases,
    "a product above 9.2e18 does not fit into an int64, and NumPy wraps around: multiply floats",
)
testing.check(
    isinstance(training_flops(10, 7), float) and isinstance(training_flops(10, 7, 2), float),
    "the result is a float, also of whole numbers",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 45.2 · `classify`

●○○ · 4 minutes · 2 points · core

Write `classify(flops)`, which holds a number of operations against the two thresholds; `flops` is a float. Return a dict of two truth values:

- `"gpai_indicative"`: more than `1e23`, the indicative criterion of the guidelines;
- `"systemic_presumed"`: more than `1e25`, the presumption of Article 51(2).

"More than" is strict. Compare with the floats `1e23` and `1e25`; `10**25` is *not* the same number in Python (see hint 2).

By hand: `classify(2e24)` is `{"gpai_indicative": True, "systemic_presumed": False}`.

<details><summary>Hint 1</summary>

A model can be above both. The two questions are independent: no `if ... else` is needed.

</details>

<details><summary>Hint 2</summary>

The double nearest to ten to the 25th lies a little above it, so `1e25 > 10**25` is true: Python compares a float with an int exactly.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q45-classify", "locked": false, "schema_version": 3, "solution": true, "task": false}
def classify(flops: float) -> dict[str, bool]:
    """Which of the two thresholds are exceeded: "gpai_indicative", "systemic_presumed"."""
    ### BEGIN SOLUTION
    return {"gpai_indicative": flops > 1e23, "systemic_presumed": flops > 1e25}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q45-classify-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
testing.agree(
    classify,
    [
        ((3e14,), {"gpai_indicative": False, "systemic_presumed": False}),
        ((2e24,), {"gpai_indicative": True, "systemic_presumed": False}),
        ((4e25,), {"gpai_indicative": True, "systemic_presumed": True}),
    ],
    "two truth values, one for each threshold",
)

# %% nbgrader={"grade": true, "grade_id": "q45-classify-hidden-tiers", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: below, between and above (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = [((0.0,), {"gpai_indicative": False, "systemic_presumed": False})]
for low, high, gpai, systemic in (
    (15.0, 22.9, False, False),
    (23.1, 24.9, True, False),
    (25.1, 28.0, True, True),
):
    for exponent in (low, high, *rng.uniform(low, high, 3)):
        cases.append(
            ((float(10.0**exponent),), {"gpai_indicative": gpai, "systemic_presumed": systemic})
        )
testing.agree(
    classify,
    cases,
    "above 1e23 is indicative, above 1e25 presumed; what is above the second is above the first too",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q45-classify-hidden-strict", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: exactly at a threshold (1 point)
### BEGIN HIDDEN TESTS
testing.agree(
    classify,
    [
        ((1e23,), {"gpai_indicative": False, "systemic_presumed": False}),
        ((1e25,), {"gpai_indicative": True, "systemic_presumed": False}),
        ((math.nextafter(1e23, math.inf),), {"gpai_indicative": True, "systemic_presumed": False}),
        ((math.nextafter(1e25, math.inf),), {"gpai_indicative": True, "systemic_presumed": True}),
        ((1.001e23,), {"gpai_indicative": True, "systemic_presumed": False}),
        ((0.999e25,), {"gpai_indicative": True, "systemic_presumed": False}),
        ((1.001e25,), {"gpai_indicative": True, "systemic_presumed": True}),
    ],
    "the law says greater than, so the threshold itself, as a float, is not above it",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 45.3 · `duty_applies`

●○○ · 6 minutes · 3 points · core

Write `duty_applies(duty, on, table)`: whether a duty applies on a day.

- `table` is a dict from a duty's name to the day from which it applies, a `datetime.date`. It applies on that day and ever after.
- `None` instead of a day means that no date is set yet: `False`, on any day.
- A name that the table does not have is a `KeyError`: a typing error must not look like freedom.
- `on` is a `datetime.date`. What today is plays no part. `table` is not changed.

By hand: with `{"50(1)": date(2026, 8, 2)}`, 1 August 2026 is `False`, and 2 August 2026 is `True`.

<details><summary>Hint 1</summary>

`table.get(duty)` gives `None` for two different reasons.

</details>

<details><summary>Hint 2</summary>

Look the day up so that a missing name raises by itself. Then two conditions: there is a day, and it isn't after `on`. Dates compare with `<`.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q45-duty-applies", "locked": false, "schema_version": 3, "solution": true, "task": false}
from datetime import date


def duty_applies(duty: str, on: date, table: dict[str, date | None]) -> bool:
    """Whether a duty applies on a day. KeyError if the table does not know it."""
    ### BEGIN SOLUTION
    start = table[duty]
    return start is not None and start <= on
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q45-duty-applies-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
from datetime import date

some = {"50(1)": date(2026, 8, 2), "Annex III": date(2027, 12, 2), "a delegated act": None}
testing.agree(
    duty_applies,
    [
        (("50(1)", date(2026, 11, 24), some), True),
        (("Annex III", date(2026, 11, 24), some), False),
        (("a delegated act", date(2026, 11, 24), some), False),
    ],
    "a duty applies from its day on; without a day it does not apply",
)

# %% nbgrader={"grade": true, "grade_id": "q45-duty-applies-hidden-days", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: before, on and after the day (1 point)
### BEGIN HIDDEN TESTS
from datetime import date, timedelta

rng = testing.rng()
cases = []
for _ in range(4):
    start = date(2024, 8, 1) + timedelta(days=int(rng.integers(0, 2500)))
    other = date(2024, 8, 1) + timedelta(days=int(rng.integers(0, 2500)))
    table = {"other": other, "duty": start, "third": None}
    for days in (-800, -366, -31, -1, 0, 1, 31, 366, 2000, int(rng.integers(2, 300))):
        cases.append((("duty", start + timedelta(days=days), table), days >= 0))
year_end = {"duty": date(2027, 12, 31)}
cases += [
    (("duty", date(2027, 12, 30), year_end), False),
    (("duty", date(2028, 1, 1), year_end), True),
    (("duty", date(2028, 1, 30), year_end), True),
]
testing.agree(
    duty_applies,
    cases,
    "it applies on its first day too, and ever after; compare whole dates, with the day that is asked for",
)
start = date(2026, 8, 2)
table = {"x": start, "y": None}
testing.check(
    testing.leaves_arguments(duty_applies, "x", start, table)
    and testing.leaves_arguments(duty_applies, "y", start, table),
    "the table is changed",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q45-duty-applies-hidden-undated", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: duties without a date (1 point)
### BEGIN HIDDEN TESTS
from datetime import date

table = {"a": None, "b": date(2025, 2, 2), "c": None}
testing.agree(
    duty_applies,
    [
        (("a", date(2026, 11, 24), table), False),
        (("c", date(1999, 1, 1), table), False),
        (("a", date(9999, 12, 31), table), False),
        (("b", date(2026, 11, 24), table), True),
    ],
    "None means that no date is set: such a duty does not apply on any day, and is no error",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q45-duty-applies-hidden-unknown", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: names that the table does not have (1 point)
### BEGIN HIDDEN TESTS
from datetime import date

table = {"53(1)(c)": date(2025, 8, 2), "50(2)": None}
for name in ("53(1)(C)", "53", "", "50(2) "):
    testing.check(
        testing.raises(KeyError, duty_applies, name, date(2026, 11, 24), table),
        "a name that is not in the table is a KeyError: it is neither a duty that applies nor one that does not",
        inputs=(name, table),
    )
testing.check(
    testing.raises(KeyError, duty_applies, "x", date(2026, 11, 24), {}),
    "in an empty table every name is a KeyError",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 45.4 · Repair: a checker that mixes up the tiers

●●○ · 12 minutes · 5 points · core

A team has turned the popular summary into code: "models with systemic risk must publish a summary of the training data, have a copyright policy, evaluate, report incidents; open
models are exempt; from August 2025". Mend `gpai_duties(gpai, systemic, open_source, placed, on)`. It returns the set of duties, written as below, that a model's provider has on the day `on`:

- `gpai` false: the empty set. (`systemic` is only ever true where `gpai` is, and `on` is never before `placed`.)
- **Every** GPAI model: `"53(1)(a)"` documentation for authorities, `"53(1)(b)"` documentation for those who build on it, `"53(1)(c)"` copyright policy, `"53(1)(d)"` summary of
  the training content.
- If `systemic`, also `"55(1)(a)"` evaluation, `"55(1)(b)"` risk mitigation, `"55(1)(c)"` incident reports, `"55(1)(d)"` security.
- `open_source` takes away `"53(1)(a)"` and `"53(1)(b)"`, and only from models without systemic risk (Article 53(2)).
- All this from 2 August 2025 on, that day included. A model `placed` on the market before 2 August 2025 has until 2 August 2027: before that day
  the empty set, from that day on the same as the others (Article 111(3); in law the provider takes steps before).

Other duties (notification, an authorised representative) are left out here. `placed` and `on` are `datetime.date`.

<details><summary>Hint 1</summary>

Four models at a table: open or not, systemic or not. Write down what each owes in 2028 before you touch the code.

</details>

<details><summary>Hint 2</summary>

Answer the question of time first: which day is this model's first? It depends on one argument only.

</details>
"""

# %% nbgrader={"grade": false, "grade_id": "q45-repair", "locked": false, "schema_version": 3, "solution": true, "task": false}
from datetime import date


### BEGIN REPAIR
# def gpai_duties(
#     gpai: bool, systemic: bool, open_source: bool, placed: date, on: date
# ) -> set[str]:
#     """Return the duties of a model's provider on a day, by article."""
#     if not systemic or open_source or on <= date(2025, 8, 2):
#         return set()
#     duties = {f"53(1)({point})" for point in "abcd"}
#     return duties | {f"55(1)({point})" for point in "abcd"}
### END REPAIR
### BEGIN SOLUTION
def gpai_duties(gpai: bool, systemic: bool, open_source: bool, placed: date, on: date) -> set[str]:
    """Return the duties of a model's provider on a day, by article."""
    first = date(2025, 8, 2)
    if not gpai or on < (first if placed >= first else date(2027, 8, 2)):
        return set()
    duties = {f"53(1)({point})" for point in "abcd"}
    if systemic:
        return duties | {f"55(1)({point})" for point in "abcd"}
    return duties - {"53(1)(a)", "53(1)(b)"} if open_source else duties


### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q45-repair-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
# They pass before the repair too: they look for what must stay, not for the faults.
from datetime import date

spring, autumn = date(2026, 3, 1), date(2026, 11, 24)
eight = {f"{article}(1)({point})" for article in (53, 55) for point in "abcd"}
testing.agree(
    gpai_duties,
    [
        ((True, True, False, spring, autumn), eight),
        ((False, False, False, spring, autumn), set()),
        ((True, True, False, date(2024, 7, 23), date(2025, 3, 1)), set()),
    ],
    "a closed model with systemic risk of 2026 owes all eight; no model owed anything before August 2025",
)

# %% nbgrader={"grade": true, "grade_id": "q45-repair-hidden-tiers", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: what every model owes, and what only systemic risk adds (2 points)
### BEGIN HIDDEN TESTS
from datetime import date, timedelta

rng = testing.rng()
all_models = {f"53(1)({point})" for point in "abcd"}
eight = all_models | {f"55(1)({point})" for point in "abcd"}
cases = []
for _ in range(4):
    placed = date(2025, 8, 3) + timedelta(days=int(rng.integers(0, 700)))
    on = placed + timedelta(days=int(rng.integers(0, 900)))
    cases += [
        ((True, False, False, placed, on), all_models),
        ((True, True, False, placed, on), eight),
        ((False, False, False, placed, on), set()),
        ((False, False, True, placed, on), set()),
    ]
testing.agree(
    gpai_duties,
    cases,
    "the duties of Article 53 are those of every general-purpose model, without systemic risk too; those of "
    "Article 55 come on top for systemic risk; other models owe neither",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q45-repair-hidden-open", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: open models (1 point)
### BEGIN HIDDEN TESTS
from datetime import date, timedelta

rng = testing.rng()
eight = {f"{article}(1)({point})" for article in (53, 55) for point in "abcd"}
cases = []
for _ in range(3):
    placed = date(2025, 8, 3) + timedelta(days=int(rng.integers(0, 700)))
    on = placed + timedelta(days=int(rng.integers(0, 900)))
    cases += [
        ((True, False, True, placed, on), {"53(1)(c)", "53(1)(d)"}),
        ((True, True, True, placed, on), eight),
    ]
testing.agree(
    gpai_duties,
    cases,
    "an open model is spared the two documentations and nothing else: copyright policy and summary stay; "
    "with systemic risk openness takes away nothing",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q45-repair-hidden-dates", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: from which day (2 points)
### BEGIN HIDDEN TESTS
from datetime import date, timedelta

rng = testing.rng()
eight = {f"{article}(1)({point})" for article in (53, 55) for point in "abcd"}
first_four = {f"53(1)({point})" for point in "abcd"}
owed = {  # (systemic, open): the duties once they apply
    (False, False): first_four,
    (False, True): {"53(1)(c)", "53(1)(d)"},
    (True, False): eight,
    (True, True): eight,
}
start, late, day = date(2025, 8, 2), date(2027, 8, 2), timedelta(days=1)
cases = []
for (systemic, open_source), duties in owed.items():
    model = (True, systemic, open_source)
    cases += [((*model, start, on), duties) for on in (start, late - day, late)]
    cases.append(((*model, start + day, start + day), duties))
    for before in (1, 365, int(rng.integers(2, 900))):
        placed = start - before * day
        some, later = (int(rng.integers(1, 700)) * day for _ in range(2))
        cases += [
            ((*model, placed, on), set()) for on in (start - day, start, start + some, late - day)
        ]
        cases += [((*model, placed, on), duties) for on in (late, late + later)]
testing.agree(
    gpai_duties,
    cases,
    "from 2 August 2025 on, that day included; every model that was on the market before that day, open or "
    "not, with systemic risk or without, has until 2 August 2027, and from that day on owes what the others owe",
)
### END HIDDEN TESTS

# %% [markdown]
r"""
### Exercise 45.5 · `cumulative_flops`

●●○ · 12 minutes · 4 points · extra

Which compute counts? The guidelines give two answers. For a model without systemic risk it is what went *directly into parameter updates*; for the presumption of
10^25 it is *cumulative*: also what made the training data. A model that already has systemic risk is measured by the cumulative number, and so is one for which the question is asked. Write `cumulative_flops(stages)`, which returns
`{"updates": ..., "cumulative": ...}` as floats.

`stages` is a list of dicts with the keys `"kind"`, `"active"` (parameters that work on a token) and `"tokens"`. By `kind`:

| kind | operations | counted in |
|---|---|---|
| `"train"`: the model's own training, of any phase | 6 · active · tokens | updates and cumulative |
| `"synthetic"`: generating training data that the public cannot get | 2 · active · tokens | cumulative only |
| `"public"`: generating data that is publicly accessible | | neither |
| `"evaluation"`, `"red-teaming"`: looking without improving | | neither |
| `"teacher"`: training the parent model of a distillation | | neither |
| `"reward"`: training an auxiliary model | | neither |

- A `"synthetic"` stage also has the key `"kept"`: how many of its `tokens` were used. *All* that were generated count, since those discarded were needed to find the others.
- Kinds may repeat and come in any order. No stages: both are `0.0`. Any other kind is a `ValueError`, also if its tokens are 0.
- `stages` is not changed.

By hand: `train` with 10 active and 100 tokens is 6000; `synthetic` with 5 active, 50 tokens, 20 kept is 500. Updates 6000, cumulative 6500.

<details><summary>Hint 1</summary>

Only two kinds cost anything. The rest must still be known by name, or a typing error would make a stage free.

</details>

<details><summary>Hint 2</summary>

Two dicts from kind to operations per parameter and token, one for each result; 0 where a kind does not count. A lookup, a sum.

</details>
"""


# %% nbgrader={"grade": false, "grade_id": "q45-cumulative-flops", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cumulative_flops(stages: list[dict]) -> dict[str, float]:
    """Operations that count: "updates" and "cumulative". ValueError for an unknown kind."""
    ### BEGIN SOLUTION
    per_token = {"train": 6.0, "synthetic": 2.0}
    per_token |= dict.fromkeys(("public", "evaluation", "red-teaming", "teacher", "reward"), 0.0)
    sums = {"updates": 0.0, "cumulative": 0.0}
    for stage in stages:
        if stage["kind"] not in per_token:
            raise ValueError(f"unknown kind of stage: {stage['kind']!r}")
        flops = per_token[stage["kind"]] * float(stage["active"]) * float(stage["tokens"])
        sums["cumulative"] += flops
        if stage["kind"] == "train":
            sums["updates"] += flops
    return sums
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "q45-cumulative-flops-visible", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
# Visible tests (0 points)
training = {"kind": "train", "active": 10, "tokens": 100}
generated = {"kind": "synthetic", "active": 5, "tokens": 50, "kept": 20}
testing.agree(
    cumulative_flops,
    [
        (([training],), {"updates": 6000.0, "cumulative": 6000.0}),
        (([training, generated],), {"updates": 6000.0, "cumulative": 6500.0}),
    ],
    "training counts in both sums, generated data only in the cumulative one",
)

# %% nbgrader={"grade": true, "grade_id": "q45-cumulative-flops-hidden-sums", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Hidden test: the two sums (2 points)
### BEGIN HIDDEN TESTS
rng = testing.rng()
cases = [(([],), {"updates": 0.0, "cumulative": 0.0})]
for n in (1, 2, 3, 5, 8):
    stages, updates, cumulative = [], 0.0, 0.0
    for _ in range(n):
        active, tokens = (float(10.0**x) for x in rng.uniform(8, 12, 2))
        if rng.random() < 0.5:
            stages.append({"kind": "train", "active": active, "tokens": tokens})
            updates += 6 * active * tokens
            cumulative += 6 * active * tokens
        else:
            kept = tokens * float(rng.uniform(0.05, 0.5))
            stages.append({"kind": "synthetic", "active": active, "tokens": tokens, "kept": kept})
            cumulative += 2 * active * tokens
    cases.append(((stages,), {"updates": updates, "cumulative": cumulative}))
made = {"kind": "synthetic", "active": 3e9, "tokens": 1e12, "kept": 0}
cases += [
    (([made],), {"updates": 0.0, "cumulative": 6e21}),
    (([made, made],), {"updates": 0.0, "cumulative": 1.2e22}),
    (
        ([{"kind": "train", "active": 1e9, "tokens": 1e12}] * 3,),
        {"updates": 1.8e22, "cumulative": 1.8e22},
    ),
]
testing.agree(
    cumulative_flops,
    cases,
    "6 for each parameter and token trained, 2 for each generated, kept or discarded; every stage counts, also where a "
    "kind repeats; generated data belong to the cumulative sum alone",
)
stages = [{"kind": "train", "active": 2, "tokens": 3}, dict(made)]
testing.check(
    testing.leaves_arguments(cumulative_flops, stages), "the stages are changed: only read them"
)
whole = [{"kind": "train", "active": 2, "tokens": 3}]
whole.append({"kind": "synthetic", "active": 2, "tokens": 3, "kept": 1})
testing.check(
    all(isinstance(x, float) for some in ([], whole) for x in cumulative_flops(some).values()),
    "both sums are floats, also of whole numbers and of no stages",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q45-cumulative-flops-hidden-free", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: stages that do not count (1 point)
### BEGIN HIDDEN TESTS
rng = testing.rng()
run = {"kind": "train", "active": 7e9, "tokens": 2e12}
cases = []
for kind in ("public", "evaluation", "red-teaming", "teacher", "reward"):
    size, tokens = (float(10.0**x) for x in rng.uniform(10, 13, 2))
    free = {"kind": kind, "active": size, "tokens": tokens}
    cases += [
        (([free],), {"updates": 0.0, "cumulative": 0.0}),
        (([free, run],), {"updates": 8.4e22, "cumulative": 8.4e22}),
        (([run, free, run],), {"updates": 1.68e23, "cumulative": 1.68e23}),
    ]
testing.agree(
    cumulative_flops,
    cases,
    "public data, evaluation, red-teaming, a distillation's parent and auxiliary models count in neither sum",
)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "q45-cumulative-flops-hidden-unknown", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Hidden test: unknown kinds (1 point)
### BEGIN HIDDEN TESTS
run = {"kind": "train", "active": 7e9, "tokens": 2e12}
for kind in (
    "Train",
    "training",
    "",
    "synthetic ",
    "reward model",
    "finetune",
    "red_teaming",
    "evaluations",
    "TEACHER",
):
    for tokens in (1e12, 0):
        odd = {"kind": kind, "active": 1e9, "tokens": tokens}
        for stages in ([odd], [run, odd], [odd, run]):
            testing.check(
                testing.raises(ValueError, cumulative_flops, stages),
                "a kind that the prompt does not name is a ValueError, wherever it stands and however small: it must "
                "not count as free",
                inputs=stages,
            )
### END HIDDEN TESTS

# %% [markdown]
r"""
With your functions: a plan whose training alone stays below the upper line. The data of the second phase are written by the model itself, four drafts for each that is kept.
"""

# %% tags=["demo"]
plan = [
    {"kind": "train", "active": 110e9, "tokens": 14e12},
    {"kind": "synthetic", "active": 110e9, "tokens": 4e12, "kept": 1e12},
    {"kind": "train", "active": 110e9, "tokens": 1e12},
    {"kind": "reward", "active": 110e9, "tokens": 0.1e12},
]
for used in (plan[:1], [plan[0], plan[2]], plan):
    sums = cumulative_flops(used)
    flags = classify(sums["cumulative"])
    print(
        f"{len(used)} stages  updates {sums['updates']:.2e}  cumulative {sums['cumulative']:.2e}  "
        f"presumed: {flags['systemic_presumed']!s:5}  at -30 %, +30 %: "
        f"{[classify(s * sums['cumulative'])['systemic_presumed'] for s in (0.7, 1.3)]}"
    )

# %% [markdown]
r"""
The parameters have seen the same tokens in the second row and in the third. What differs is whether the making of the data is counted, and that decides. And at 30 % either way every row may fall on the other side: near the line the law expects
you to know it from the *plan*. Article 52(1) asks for a notification within two weeks of knowing that the threshold *will* be met.
"""

# %% [markdown]
r"""
### Trap

**"Below 10^25 there are no duties, and open weights are exempt anyway."** Your repaired checker on four models, all placed on the market in 2026:
"""

# %% tags=["demo"]
placed, today = date(2026, 3, 1), date(2026, 11, 24)
for name, systemic, open_source in [
    ("below the line, closed", False, False),
    ("below the line, open", False, True),
    ("systemic risk, closed", True, False),
    ("systemic risk, open", True, True),
]:
    owed = sorted(gpai_duties(True, systemic, open_source, placed, today))
    print(f"{name:23} {len(owed)} duties: {', '.join(owed)}")

# %% [markdown]
r"""
Nobody among them owes nothing. And the column "systemic" isn't computed from operations: it is a status, which a presumption may give, an argument may take away and a decision may give below the line.

**"High-risk duties have applied since August 2026."** True of the law as it was printed in 2024. Here are the rows of the table above on the day of reading, by the dates of then and of now:
"""

# %% tags=["demo"]
then = {f"{article}: {duty}": before for duty, article, _, _, before in ROWS}
now = {f"{article}: {duty}": start for duty, article, _, start, _ in ROWS}
for day in (READ, date(2026, 12, 2), date(2027, 12, 2), date(2028, 8, 2)):
    differ = [d for d in now if duty_applies(d, day, now) != duty_applies(d, day, then)]
    print(
        f"{day}: {sum(duty_applies(d, day, now) for d in now)} of {len(now)} rows apply; the text of 2024 alone is wrong about"
    )
    print("".join(f"            {d}\n" for d in differ) or "            none of them\n", end="")

# %% [markdown]
r"""
An answer about this law without a date can't be checked. A model answers from what it read in training (question 8), so ask it for the article and look the day up.
"""

# %% [markdown]
r"""
### If they push

**"We only call a model through an API. What do we owe?"**

<details><summary>Answer</summary>

Not Articles 53 and 55: those bind the provider of the model. You are the provider of a system if you put it on the market under your name, and then 50(1) and 50(2) are yours; you are a deployer if
you use one in your work, and then 50(4) is, and Article 26 if the use is high-risk. Article 4 (AI literacy) holds for both; the amendment reworded it from ensuring a level to taking measures that support it. Keep in the file which model
and version you use, and what its provider documents under 53(1)(b).

</details>

**"We fine-tune an open model. Are we a model provider now?"**

<details><summary>Answer</summary>

By the guidelines only if the change is significant, with an indicative criterion: the modification used more than a third of the original's training compute; where that can't be
known, a third of 10^23, or of 10^25 if the original has systemic risk. Take 100 million tokens on an 8-billion model: 6 · 8e9 · 1e8 = 4.8e18, against a third of 7.2e23, which is 2.4e23. A LoRA run is several powers of ten away. If you do become one, the guidelines limit the duties of Article 53 to the modification; and if the original has systemic risk, so has yours.

</details>

**"Open weights are open source, aren't they?"**

<details><summary>Answer</summary>

Not in this law. Article 53(2) wants a licence for access, use, modification and distribution, and public information beside the weights. The guidelines name what disqualifies: research or non-commercial use only, no distribution, another licence above a number of users, separate commercial
licences. Licences of well-known open-weight models have such clauses. So read the licence, not the label, before you set `open_source` to true.

</details>

**"We rank job applicants with a language model."**

<details><summary>Answer</summary>

Selecting and evaluating candidates is Annex III, point 4(a): high-risk, from 2 December 2027. The exceptions of Article 6(3) (a narrow procedural task, a preparatory task, ...) end where the system profiles people, and ranking people usually does. So: risk management, data governance with examination for bias, logs,
oversight, and the deployer's duties of Article 26. The GDPR and labour law apply today, whatever the AI Act's date.

</details>

**"Is compute a good measure of risk?"**

<details><summary>Answer</summary>

Contested. For it: it can be measured early, is verifiable from outside, and correlates with capability and risk (Heim and Koessler, 2024, who want it as an initial filter and no more). Against it: algorithms improve, so the same capability needs fewer operations each year; distillation and compute
spent at inference move capability past it (in the guidelines a parent model's training isn't counted); and how risk grows with it is uncertain and changing (Hooker, 2024, who calls today's thresholds shortsighted). The regulation allows for this: the Commission may change the threshold by delegated act (Article 51(3)). We found no such act up to the day of reading, which
is no proof that there is none.

</details>

**"What does it cost to ignore it?"**

<details><summary>Answer</summary>

Upper limits, of which the higher holds: 35 million euros or 7 % of worldwide annual turnover for prohibited practices (Article 99(3)); 15 million or 3 % for the operators' duties that Article 99(4) lists, Article 50 among them; 15 million or 3 % for model providers, imposed by the Commission since 2 August 2026 (Article 101). For small and medium companies Article 99 takes the lower of the two (99(6)).

</details>

**"We signed the code of practice. Are we compliant?"**

<details><summary>Answer</summary>

It is a recognised way to *show* compliance with Articles 53 and 55 until harmonised standards exist (53(4), 55(2)). It is voluntary, and isn't a presumption of conformity, as the recitals of the amendment are reported to say expressly. Who doesn't sign shows compliance by other adequate means.

</details>
"""

# %% [markdown]
r"""
### Sources

How these were read: EUR-Lex itself could not be opened from where this was written. The regulation of 2024, the cited passages of the one of 2026, and the guidelines were read in copies and verbatim extracts that others have published with their source;
check a date that matters to you at the ELI addresses below.

- Regulation (EU) 2024/1689 (Artificial Intelligence Act), OJ L, 12.7.2024, eli/reg/2024/1689: Articles 3(63), 4-6, 10, 26, 50-53, 55, 99, 101, 111, 113, recital 111.
- Regulation (EU) 2026/1744 of 8 July 2026 (Digital Omnibus on AI), OJ L, 24.7.2026, eli/reg/2026/1744: Article 1, points 7, 39 and 40, read as quoted verbatim by others. Its rewording of Article 4 and its recital on codes of practice: known from secondary
  sources only.
- European Commission (18 July 2025), *Guidelines on the scope of the obligations for general-purpose AI models*, C(2025) 5045; reported as formally adopted on 19 November 2025 as C(2025) 7719, with the points numbered anew. Section 2.1 (10^23), section 3.2 (a third), annex (what is counted, 30 %,
  both ways of estimating, model A). The formula 6PD is given there for dense transformers; counting active parameters follows from the annex's rule to count the operations that are performed.
- Brown et al. (2020), *Language Models are Few-Shot Learners*, arXiv 2005.14165. Grattafiori et al. (2024), *The Llama 3 Herd of Models*, arXiv 2407.21783; the GPU hours, rounded, are those of Meta's model card of Llama 3.1 as others report them. DeepSeek-AI (2024), *DeepSeek-V3 Technical Report*, arXiv 2412.19437.
  Kimi Team (2025), *Kimi K2*, arXiv 2507.20534.
- Heim, Koessler (2024), *Training Compute Thresholds: Features and Functions in AI Regulation*, arXiv 2405.10799. Hooker (2024), *On the Limitations of Compute Thresholds as a Governance Strategy*, arXiv 2407.05694.
"""
