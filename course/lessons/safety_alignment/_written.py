# %% [markdown]
r"""
## In writing

One answer of this notebook is written rather than programmed, since in an interview you say it with a
pen in your hand. A person grades it, by the rubric below; studying alone, grade yourself by it
before you read the model answer in `source/`.
"""

# %% [markdown]
r"""
### A filter that stops 95 percent

●●● · 40 minutes · 10 points · extra

An assistant reads the e-mail and the shared documents of a company's staff. It can search, write drafts, and send
e-mail to anybody. A vendor offers a classifier that looks at every text before the model does and withholds what it
flags ("stops 95 % of prompt injections"). A colleague proposes a rule instead: an e-mail whose recipient or
content was derived from a text that an outsider wrote is sent only after the user has confirmed it. Measured:

| | |
|---|---|
| texts that the assistant reads a day | 200,000 |
| planted instructions in 10,000 of them, drawn at random and read by hand | 2 |
| the classifier on the vendor's 1,000 published attacks: caught | 950 |
| the classifier on 5,000 harmless texts of the company: flagged | 100 |
| 60 attacks that colleagues rewrote until they saw no more progress against the classifier: caught | 33 |
| a planted instruction that reaches the model is obeyed / and if obeyed, it sends an e-mail | .30 / .50 |
| e-mails that the assistant is rightly asked to send a day / those that the rule would hold for confirmation | 400 / 120 |
| trial of the rule: 50 e-mails that nobody had asked for were shown to users; confirmed all the same | 14 |

Write to the head of security, on about a page: what would each of the two change, which do you take first, and what
do you still not know?

**Rubric**

| Points | For |
|---|---|
| 2 | The base rate in numbers: true and false alarms a day, the share of alarms that are attacks, and what withholding costs the users |
| 2 | E-mails that attackers get sent a day: today, with the classifier (by the vendor's figure and by the rewritten attacks), with the rule, with both; the arithmetic shown |
| 1 | Why .95 and .55 differ, which of them counts against somebody who tries again, and what repeated tries do |
| 1 | Why the rule does not depend on the attack's wording, and what it does depend on |
| 1 | How sure the figures are, the 2 of 10,000 above all |
| 1 | What neither of the two touches: obeyed instructions that send nothing, and other ways out for data |
| 1 | Independence: where multiplying the shares is an assumption |
| 1 | A decision with an order, with what is measured afterwards and what would reverse it |

Half the points of a row for a right method with one wrong figure; none for a figure that stands
neither in the text above nor in a source that can be found.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "written-filter", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
**Where we stand.** 2 in 10,000 of 200,000 texts are **40 planted instructions a day**. Of these .30 · .50 = .15 end in an
e-mail: **6 a day**. Another 6 a day are obeyed without an e-mail, as a false summary, say.

**The classifier.** Of 40 attacks it would catch 38 if attackers wrote like the vendor's list; of the 199,960 harmless
texts it would flag 100/5,000 = .02, **4,000 a day**. So 38 of 4,037 alarms are real, **less than one in a hundred**, and
4,000 times a day somebody does not get an answer out of a text that was in order. 6 e-mails a day would become
40 · .05 · .15 = **0.3**. Against those who adapt it catches 33 of 60, .55, and 40 · .45 · .15 = **2.7** remain.

**Why the two differ.** The 950 were caught on attacks that the vendor knew when the classifier was made. Somebody who
wants in looks whether it worked and writes again. The .55 is the figure that counts against him, and it is rather
too high, for an attacker has more time than our colleagues had. He needs one success only: by his 20th text, at
.45 · .15 = .0675 each, he has it with probability 1 − .9325²⁰ = **.75**. At the vendor's figure it would be .14.

**The rule.** It does not ask what a text says but who wrote it, and whether what is sent was derived from it. No wording
changes that. It depends on two other things: that provenance is tracked without a gap (through summaries, drafts
and tool results), and that the user reads before confirming. In the trial 14 of 50, .28, did not: 6 · .28 = **1.7 a
day** remain. It costs 120 confirmations a day, three in ten of the e-mails that are rightly sent. Both together: 0.3 · .28 =
0.08 by the vendor's figure, 2.7 · .28 = **0.76** by ours.

**What is multiplied here.** I have taken the shares as independent. They need not be: an attack that passes the classifier
looks like ordinary mail, so the model may obey it more often, and the user confirm it more often. Rewritten attacks are the
ones to measure .30, .50 and .28 on.

**How sure.** 2 of 10,000 is compatible with 0.24 to 7.2 (95 %, Poisson), that is, 5 to 144 attacks a day; all
figures a day scale with it, their ratios do not. .55 of 60 is .42 to .68, .28 of 50 is .16 to .42, .02 of 5,000 is .016 to
.024. With these intervals I cannot say that the rule (1.7) beats the classifier against adapted attacks (2.7): .28 against .45, and
the intervals overlap. My reason for the rule is not that difference: it is that attackers move the .45 and not the .28.

**What neither touches.** The 6 obeyed instructions a day that send nothing: with the classifier they fall as the others do,
with the rule they stay. Data also leave by a search query, by a link or picture in the answer that is loaded from
outside, by a calendar invitation. The rule must name every tool through which something leaves, and refuse those that nobody named.

**Decision.** The rule first, for every tool with an effect outside. The dialogue shows recipient, content and *whose text*
it came from, and a recipient who has never been written to has to be typed. That attacks the .28, and I would repeat the trial with
200 mails. The classifier not in front of the model but beside it: it flags, nothing is withheld, and held e-mails show the flag. Then
4,000 false alarms cost nobody an answer, and where it meets a held e-mail its alarms are rare enough to be looked at. Afterwards, each
month: unasked e-mails confirmed per planted test; confirmations per sent e-mail; fresh attacks by people who see the defence; 50,000 texts
read for the base rate, with help of the flags but not of them alone. I would reverse the order if confirmations came to be clicked
through (.28 rising towards .5), or if provenance proved to be lost in more than a few of a hundred test chains.
### END SOLUTION
"""
