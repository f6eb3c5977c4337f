# %% [markdown]
r"""
## In writing

One answer of this notebook is written rather than programmed, since in an interview you say it with a
pen in your hand. A person grades it, by the rubric below; studying alone, grade yourself by it
before you read the model answer in `source/`.
"""

# %% [markdown]
r"""
### Which one ships?

●●● · 40 minutes · 10 points · extra

An assistant turns analysts' questions into database queries, each with a short explanation. System A runs today; B,
another model with a new prompt, is to replace it. One query is shown, nobody runs tests on it, and a wrong one is
mostly not noticed. Measured:

| | |
|---|---|
| 500 questions, a language model as judge of the two answers: prefers B when B is shown first / second | 330 / 230 |
| prefers B in *both* orders | 190 |
| length of an answer, A / B | 120 / 190 words |
| 120 of the 500 with answers of about equal length, both orders agreeing on B / agreeing on A / disagreeing | 38 / 38 / 44 |
| 100 tasks with hidden tests, 10 samples each, unbiased: pass@1 of A / B | .62 / .58 |
| the same, pass@5 | .74 / .83 |
| B − A with 95 % intervals (bootstrap over tasks): pass@1, pass@5 | −.04 [−.11, .03], +.09 [.03, .15] |
| price of a sample, A / B | 0.020 / 0.012 |

People compared the two answers to 200 of the 500 questions, drawn at random, without seeing which system wrote what:

| | people prefer B | people prefer A |
|---|---|---|
| judge, B shown first, says B | 84 | 48 |
| judge, B shown first, says A | 16 | 52 |
| *of these:* judge says B in both orders | 60 | 16 |
| *of these:* judge says A in both orders | 10 | 42 |

The team's slide: *"B wins 66 % of the comparisons, agrees with people in 68 % (well above chance), solves 83 % of the
tasks against 74 %, and is 40 % cheaper. The pass@1 difference is not significant. Ship B."*

Write to the head of the product, on about a page: ship B or not? Check each number of the slide, and say what you would measure
next. Ties count half.

**Rubric**

| Points | For |
|---|---|
| 2 | The win rate from both orders, with wins, ties and losses worked out from the three numbers given, and its 95 % interval; what the 66 % contains instead |
| 1 | The position bias as a number, and how many verdicts depend on the order |
| 2 | Kappa of the judge as the slide uses it, with chance agreement shown; what changes if only verdicts count that hold in both orders; what people prefer, with an interval, and what follows for the judge's preference |
| 1 | Length as a possible reason; why the 120 pairs neither confirm nor exclude it |
| 2 | Which k belongs to this product; what pass@5 measures and what it would take to have it; why 1 − (1 − c/n)^k is not the estimate (for 3 right of 10, both values) |
| 1 | "Not significant" is not "equal": what the interval allows, and how many tasks would make it ± .02 |
| 1 | A decision with the condition under which it changes, and an order of what is measured next, prices included |

Half the points of a row for a right method with one wrong figure; none for a figure that stands
neither in the text above nor in a source that can be found.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "written-which-ships", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
**Not yet, and not as it is used today.** Nothing here shows that a single answer of B is better, and it may be worse.

**The 66 %** is 330 of 500 with B always shown first. Shown second it has 230. In both orders B wins 190; so
330 − 190 = 140 verdicts went to whatever came first, 230 − 190 = 40 to whatever came second, and 500 − 190 − 140 − 40
= 130 to A in both. With disagreement as a tie, wins/ties/losses are 190/180/130 and the win rate is (190 + 90)/500
= **.56**. Its variance is (190 + 180/4)/500 − .56² = .1564, its standard error √(.1564/500) = .018: **.525 to .595**. The first
place gets (330 + 270)/1000 = **.60** of all verdicts, and 180 of 500, **36 %**, turn over with the order. So the judge has
a preference for B (6 points from .50) and a larger one for the first place (10 points).

**Agreement.** Of the 200, judge and people agree in 84 + 52 = 136, .68. The judge says B in .66 of them, people in .50: by
chance they would agree in .66 · .5 + .34 · .5 = .50, and **kappa is (.68 − .50)/.50 = .36**. That is little. Where both orders agree
(128 pairs) it is better: agreement 102/128 = .797, by chance .594 · .547 + .406 · .453 = .509, **kappa .59**. Usable, then, if
the order is always swapped.

**What people say** is 100 to 100: **.50 ± .07**. Is that just noise against .56? The 200 pairs have the judge's verdicts in the same
proportions as the 500, so its errors can be taken out: people prefer B in 60 of the 76 pairs that it gives to B, in 10
of the 52 that it gives to A, in 30 of the 72 that it cannot decide: 190 · 60/76 + 130 · 10/52 + 180 · 30/72 = 150 + 25 + 75 = 250 of 500. The
preference for B is the judge's, not the readers'. (With 200 labels that is again ± .06 or so: people
might prefer B a little. They might prefer A.)

**Length** is the first suspect, for B writes more than half as much again. In the 120 pairs of equal length the win rate is .50, but with an
interval of ± .07 that holds .56 as well. It neither confirms nor clears. A longer explanation may also simply be
better; then people would have liked it.

**83 against 74 %** is pass@5: at least one of five samples is right. This product shows *one*, so its figure is
pass@1, .58 against .62. To have pass@5 somebody must pick the right one of five, and nobody runs tests here; it is
the ceiling of what selection could reach. (I assume that the estimates are unbiased as stated: for a task with 3 right of 10, pass@5 is
1 − C(7,5)/C(10,5) = .917, whereas 1 − .7⁵ = .832. The plug-in is too low on average, and by different amounts for different
tasks.)

**"Not significant"** means that 100 tasks cannot tell. The interval of pass@1 goes from 11 points worse to 3 points better, and a
wrong query that nobody notices is the expensive kind. Being cheaper needs *no worse than*, say, 2 points, and
that needs an interval of about ± .02 instead of ± .07: (.07/.02)² ≈ 12 times as many tasks, some 1,200, both systems on the same ones.

**The price** is a real argument for B (0.012 against 0.020), and the tests hold another: B's samples differ more, +.09 [.03, .15] at five. With a check that runs
a query on sample data and rejects what fails, three samples of B cost 0.036 and might beat one of A. That is a product to
build and measure, not one that exists.

**Order.** (1) 1,200 tasks with tests, one sample each, A and B: ship B alone if the lower end of B − A is above −.02. (2) At the same time a
prototype of the check: right answers shown, wrong ones shown, nothing shown, at one and three samples of both. (3) The judge only
with swapped orders, ties allowed, and 200 fresh human labels whenever prompt or judge change; lengths reported with it. (4) Whoever
wins runs on a tenth of the traffic first, where corrections by analysts are counted. If (1) says that B is 5 points
worse, no win rate of a judge would make me ship it alone.
### END SOLUTION
"""
