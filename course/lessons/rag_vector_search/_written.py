# %% [markdown]
r"""
## In writing

One answer of this notebook is written rather than programmed, since in an interview you say it with a
pen in your hand. A person grades it, by the rubric below; studying alone, grade yourself by it
before you read the model answer in `source/`.
"""

# %% [markdown]
r"""
### Which link breaks?

●●● · 40 minutes · 10 points · extra

A company's assistant answers from a handbook of 40,000 chunks: dense retrieval, five chunks into the
prompt, a hosted model. Users complain about wrong answers. Somebody has labelled 1,000 real questions:
800 that the handbook answers, each with the one chunk that does, and 200 that it does not answer. Measured
on them:

| | |
|---|---|
| the labelled chunk is among the first 5 / the first 50 of dense retrieval | .74 / .95 |
| the same for BM25 | .70 / .90 |
| it is among the first 50 of one of the two at least | .985 |
| a cross-encoder reorders the 50 of dense retrieval: among the first 5 | .90 |
| with the chunk in the prompt: right / wrong / "not in the handbook" | .91 / .09 / .00 |
| without it: right / wrong / "not in the handbook" | .12 / .48 / .40 |
| questions that the handbook does not answer: "not in the handbook" / an invented answer | .70 / .30 |
| sentences of answers that their cited chunk supports, all answers | .93 |

The team wants a larger model: with the chunk in the prompt it answers .95 right and .05 wrong, and is otherwise
equal; a request costs three times as much. The cross-encoder adds 180 ms at the median. The slowest twentieth of requests
takes 1.1 s today and must stay below 1.5 s.

Write to the team, on about a page: what is the weakest link, what do you change first, second, third, and how do you
know that it helped?

**Rubric**

| Points | For |
|---|---|
| 2 | Today's share of right answers from its parts, and the share after each change considered, with the arithmetic shown; the larger model and the cross-encoder compared |
| 1 | The ceilings: what perfect reading would give with today's retrieval, and what perfect retrieval would give with today's reading |
| 1 | Why reranking cannot pass .95 here, and what merging both retrievers' lists would allow; which assumption that estimate makes |
| 2 | Wrong answers counted apart from missing ones, those to unanswerable questions included; a change against them, and what it costs in refusals of what could be answered |
| 1 | Why .93 supported sentences is no measure of truth, or of retrieval |
| 1 | How sure the figures are with 800 and 200 questions; comparing two systems on the same questions; what the label "the one chunk" misses |
| 1 | Latency: that percentiles do not add, and how it would be measured; what to do if the budget breaks |
| 1 | An order of work with a stopping rule, and what would change it |

Half the points of a row for a right method with one wrong figure; none for a figure that stands
neither in the text above nor in a source that can be found.
"""

# %% [markdown] nbgrader={"grade": true, "grade_id": "written-weakest-link", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
r"""
### BEGIN SOLUTION
**Where we stand.** With the chunk in the prompt (.74) the model is right in .91, without it (.26) in .12:
.74 · .91 + .26 · .12 = **.705** of the answerable questions. Wrong: .74 · .09 + .26 · .48 = .191; the rest, .104, is
refused. Of the wrong answers two thirds (.125 of .191) happen where the chunk was never in the prompt.

**The two proposals.** The larger model: .74 · .95 + .26 · .12 = **.734**, three points for three times the price. The
cross-encoder with the present model: .90 · .91 + .10 · .12 = **.831**, thirteen points. Reading that never
failed would bring .74 + .26 · .12 = .771 with today's retrieval; retrieval that never failed would bring
.91 with today's reading. Retrieval is the weakest link.

**First: retrieve 50, rerank to 5.** It lowers wrong answers too: .90 · .09 + .10 · .48 = .129. A reranker
only reorders what it is given, so .95 is its ceiling, and it already reaches .90 of it.

**Second: give it both lists.** In .985 of the cases one of the two has the chunk: BM25 finds part numbers and names
where the embedding fails. If the cross-encoder keeps the share it keeps today (.90/.95), .933 would be among
the five and **.857** of the answers right. That is an assumption, for it must now sort up to a hundred
candidates, and the new ones are those that look alike by their words. So: measure recall@5 first, which needs no
model call at all.

**Third: what is invented.** Of 200 unanswerable questions 60 get an invented answer. If they are a fifth of the traffic as
they are of the sample, that is .06 of everything, beside .8 · .191 = .153 wrong answers to answerable ones.
Both come from answering without support. I would have the best rerank score, and a check whether the cited chunk
entails each sentence, decide on refusing, and choose the threshold on a curve: wrong answers against refusals of
questions that could have been answered. What a wrong answer costs the company against a refused one is
theirs to say, not mine.

**What .93 does not say.** A sentence can be supported by the chunk it cites while the chunk is an outdated
version or about another product. It measures faithfulness of what was written to what was retrieved, and an
assistant that finds the wrong chunks and quotes them well scores high.

**How sure.** .705 of 800 has a 95 % interval of about ± 3 points, .30 of 200 one of ± 6. A gain of 13 points is
beyond doubt, three points are not, unless both systems answer the same questions and only the disagreements are counted; I
would test so. "The one chunk" is too strict: the handbook repeats itself, so some
misses are none. I would have 50 of the 208 read by hand before anything is built. And the 800 must not be those that
the threshold or the prompt were tuned on: half for tuning, half for the verdict.

**Latency.** 1.1 s and 180 ms do not add up to a new 95th percentile: slow requests of one stage
are not slow in the other, and at load both queue. Run the pair under recorded traffic and read the
percentile off. If it breaks the budget: 25 candidates instead of 50, shorter chunks into the cross-encoder, or stream the
answer and hold the *first* token to the limit.

**Order.** Read 50 misses (a day). Rerank (a week). Merge (days). Threshold and entailment (a week). Stop when a step
no longer moves right or wrong answers beyond the interval. I would take the larger model after these: at recall .93 it
brings .93 · .04, nearly four points, and nobody will pay three times as much for them without having
counted. If reading the misses shows that most are questions of several steps, the order changes:
then one retrieval per question is the wrong design.
### END SOLUTION
"""
