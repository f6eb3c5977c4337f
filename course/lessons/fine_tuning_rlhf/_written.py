# %% [markdown]
r"""
## In writing

One answer of this notebook is written rather than programmed, since in an interview you say it with a
pen in your hand. A person grades it, by the rubric below; studying alone, grade yourself by it
before you read the model answer in `source/`.
"""

# %% [markdown]
r"""
### Does fine-tuning pay?

●●● · 40 minutes · 10 points · extra

An insurer answers 40,000 letters a day with a hosted large model. The prompt has 2,600 tokens of
instructions and examples, the same for every letter; a letter has 400 tokens, an answer 250. The
provider asks 3.00 per million input tokens, 0.30 for input read from its prompt cache (not used so
far; leave the price of writing to the cache aside), and 15.00 per million output tokens. 94 % of the answers
go out unchanged; each of the others costs a clerk's six minutes and a delayed letter, 4.00 in all.

A team proposes a fine-tuned 8B model instead, with no instructions in the prompt. It needs two rented
GPU servers (the second for availability) at 2.20 an hour each; one of them carries the peak. Its training set would be
6,000 letters, each checked by a clerk for four minutes at 45.00 an hour; the engineer needs 15 days at
700.00; 30 server hours go into training runs. Every quarter (91 days) a quarter of that checking, 5 days of the engineer and 10 server hours
come again, for products change. The team's slide says: *"API cost 510 a day; training 66. It pays back in four
hours."*

Write to the head of the department, on about a page: should the team do it? Use these figures, name what
else you would need to know, and say how it would be found out.

**Rubric**

| Points | For |
|---|---|
| 2 | The cost of a day today and of the proposal, from the figures, with all of its parts: servers for both, checking, work, upkeep |
| 2 | The break-even in days, with its arithmetic shown, and what is wrong with the slide's |
| 2 | The cheaper change that should come first (prompt caching, a shorter prompt), and the break-even against *that* rather than against today |
| 2 | Quality in money: what one point more or fewer unchanged answers costs or saves a day, compared with the saving in tokens |
| 1 | How the quality of both would be measured before deciding: held-out letters, the same for both, how many for the difference that matters, who judges blind |
| 1 | A recommendation with the condition under which it changes; what else could tip it (privacy, latency, the provider ending a model, a new product that needs other facts) |

Half the points of a row for a right method with one wrong figure; none for a figure that stands
neither in the text above nor in a source that can be found.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "written-fine-tuning-pays", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
**Today.** A letter reads 3,000 tokens and writes 250: 3,000 · 3.00/10⁶ + 250 · 15.00/10⁶ = 0.01275. Forty
thousand of them: **510 a day**.

**The proposal.** Servers: 2 · 24 · 2.20 = 105.60 a day, whether letters come or not. Once: 6,000 · 4/60 ·
45 = 18,000 for checking, 15 · 700 = 10,500 for work, 30 · 2.20 = 66 for training: **28,566**. Every quarter
1,500 letters (4,500), five days (3,500) and ten server hours (22): 8,022, or 88.15 a day. So a day costs **193.75**.

**The slide** compares the whole bill of today with the smallest part of the cost, and forgets that the new
model has a bill of its own. With everything counted, the saving is 510 − 193.75 = 316.25 a day, and
28,566 is back after **90 days**.

**But that is not the choice.** The 2,600 tokens are the same in every request. Read from the cache
they cost 0.30 instead of 3.00 per million: 40,000 · (2,600 · 0.30 + 400 · 3.00 + 250 · 15.00)/10⁶ = **229.20 a day**,
for about a day's work. Against this the fine-tuned model saves 35.45 a day: break-even after **806
days**, longer than either model will stay in use. Shortening the prompt narrows it further.

**Quality decides.** One point of unchanged answers is 400 letters, 1,600 a day. That is three times the
whole bill of today and forty-five times what fine-tuning saves against caching. If the small model is one
point worse, it costs more than it could ever save. If it is one point *better*, for instance because
6,000 checked answers say what no prompt can, it has paid for itself in 18 days. I would not
discuss tokens again before this number is known.

**How to know it.** Set 3,000 letters of the last month aside, before anybody trains on their neighbours;
let both models answer all of them; clerks who do not see which is which say "goes out unchanged" or not. The letters
are paired: if the models disagree on 8 % of them, the difference has a 95 % interval of about
±1.96 · √(0.08/3,000) = ±1 point. With 500 letters it would be ±2.5 points, too coarse for a
difference worth 1,600 a point. The same letters, by product and by length, show whether a small model
fails where few examples are.

**Recommendation.** Switch the cache on this week. Have 1,000 letters checked (3,000), train a LoRA
adapter on them and measure it beside the large model *with* its prompt; that costs about a tenth
of the project. Go on if the curve from 250 to 1,000 letters is still rising and the adapter is
at least level. Stop otherwise. What would change my mind: letters that must not leave the house, an answer
needed faster than the provider gives it, the provider ending the model or its price tripling.
What fine-tuning will not bring: next month's tariffs. Facts that change belong into the prompt, by
retrieval.
### END SOLUTION
"""
