# %% [markdown]
r"""
# Generative AI in fifty questions

## Notebook 1: LLM architecture and internals

This course answers fifty questions that engineers are asked about generative AI. Each answer is a
section that you run: a short spoken answer, demonstrations, exercises that you program yourself,
and a popular wrong answer taken apart.

This notebook is about what happens inside a language model, from text to tokens to probabilities
and back to text. If you take one idea from it, take this one: **a language model is a function
from a sequence of tokens to a probability distribution over the next token.** Training shapes that
function, sampling draws from it, caches make it fast, and nearly every question here is about one
of these three.
"""

# %% [markdown]
r"""
## How to work with a notebook

**Sections stand alone.** Run the setup cell below, then begin with any section. A section never
needs what another one defines, so a mistake in one question cannot spoil the next.

Every section has the same parts:

| Part | What it is for |
|---|---|
| **Say it** | the answer you would give aloud, in three to five sentences |
| **See it** | demonstrations to run and to change |
| **Build it** | exercises, checked by tests |
| **Trap** | a popular claim that is wrong, refuted by something that runs |
| **If they push** | follow-up questions; think first, then unfold the answer |
| **Sources** | where it comes from, and what is contested |

**Exercises.** An exercise has a prompt that states everything that is tested, a cell that holds
`raise NotImplementedError()` for you to replace, a cell with *visible tests* that you can read, and
several *hidden tests*, each for one behaviour with its own points. ●○○ is easy, ●●● is hard; `core`
exercises are the course, `extra` ones are for the curious. In a *repair* exercise the cell holds
code that people really write, with mistakes in it, and you mend them. Hints are folded: try without
them first.

**Check your work.** Work on your own copy: `course desk`, run in the course's folder, lays the
notebooks out in `desk/`, and checks look for them there. Save the notebook and run, in a cell of your
own, `%load_ext course` once and then `%check q04`: all tests of question 4 run, the hidden ones too,
and you see which pass, and why the others fail. From the second failed check of a hidden test on you
also see the smallest input that failed, where the test keeps one. In a terminal, inside the course's
folder, `course check q04` does the same.

When a solution cell is graded, only the setup cell has run before it, and no demonstration. Import in the
cell itself whatever else you use, even if a demonstration has imported it.

**Run as often as you like.** Until you solve an exercise its cells end in `NotImplementedError`
or a failed test. That is expected, and "Run All" goes on past them. Within a section, run from top
to bottom: later demonstrations use earlier ones.
"""

# %% [markdown]
r"""
## Conventions

They hold in every exercise, unless its prompt says otherwise.

- Arrays are NumPy `float64`, in and out. Where a signature says `Tensor`, it is PyTorch: keep the
  dtype and device; a loss is a 0-dimensional tensor through which gradients flow.
- In NumPy a linear layer is `x @ W` with `W` of shape (inputs, outputs). In PyTorch it is
  `x @ W.T` with `W` of shape (outputs, inputs), as in `torch.nn.Linear`.
- Arguments are never changed. Return something new (a view is fine).
- `log` is the natural logarithm. Time is in seconds, sizes are in bytes, money is `Decimal`.
- Ties go to the lowest index. Sorted results are best first.
- `rng` is a `numpy.random.Generator`, and the only source of chance. The same generator state gives
  the same result; *which* random numbers you draw from it is up to you, since tests compare
  distributions.
- Only errors that a prompt names are tested. They are `ValueError` unless it says otherwise. Inputs
  with NaN are never tested.
- Results are compared up to rounding (relative 1e-6 in float64, 1e-4 in float32). Where a result
  jumps at a threshold, tests use only numbers that floating point represents exactly.
"""

# %% [markdown]
r"""
## Setup

Run this cell first. It is the only one that all sections share, and it is locked.
"""

# %% nbgrader={"grade": false, "grade_id": "llm-internals-setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math

import numpy as np
import torch
from torch import Tensor

import course
from course import testing

torch.set_num_threads(1)

# %% [markdown]
r"""
## Self-test: what this course assumes

Fifteen minutes, not graded. For each item, **write down your answer before you run the cell**, then
compare. Under each cell an explanation is folded.
"""

# %% [markdown]
r"""
**1. Shapes and broadcasting.** `a` has shape (4, 1) and `b` has shape (3,). What is the shape of
`a + b`? And of `(a + b).sum(axis=-1, keepdims=True)`?
"""

# %% tags=["demo"]
a = np.arange(4).reshape(4, 1)
b = np.array([10, 20, 30])
print((a + b).shape, (a + b).sum(axis=-1, keepdims=True).shape)

# %% [markdown]
r"""
<details><summary>Explanation</summary>

Shapes are aligned from the right: (4, 1) against (3,) is (4, 1) against (1, 3), and each 1 is
stretched: (4, 3). Summing the last axis with `keepdims` leaves (4, 1), which broadcasts against
(4, 3) again. That is how a softmax divides each row by its sum. Read on: NumPy's user guide,
"Broadcasting".

</details>
"""

# %% [markdown]
r"""
**2. Matrix products.** `q` has shape (2, 5, 8) and `k` has shape (2, 7, 8). Which expression gives
all the dot products between rows of `q` and rows of `k`, and what is its shape?
"""

# %% tags=["demo"]
q = np.ones((2, 5, 8))
k = np.ones((2, 7, 8))
print((q @ k.swapaxes(-1, -2)).shape)

# %% [markdown]
r"""
<details><summary>Explanation</summary>

`@` multiplies the last two axes and treats the others as a batch. Transposing the last two axes of
`k` gives (2, 8, 7), and the product has shape (2, 5, 7): one number for each pair of rows. This is
the score matrix of attention.

</details>
"""

# %% [markdown]
r"""
**3. Softmax.** Let `x = [1, 2, 3]`. Adding 100 to every entry changes softmax(x) how? Multiplying
every entry by 2 changes it how?
"""

# %% tags=["demo"]
x = np.array([1.0, 2.0, 3.0])
for name, z in [("x", x), ("x + 100", x + 100), ("2 x", 2 * x)]:
    e = np.exp(z - z.max())
    print(f"{name:8}", np.round(e / e.sum(), 3))

# %% [markdown]
r"""
<details><summary>Explanation</summary>

A constant cancels in $e^{x_i+c} / \sum_j e^{x_j+c}$, so nothing changes; subtracting the maximum
uses that to keep `exp` from overflowing. Multiplying makes the differences between entries larger
and the distribution more peaked. That factor is one over the temperature of question 4.

</details>
"""

# %% [markdown]
r"""
**4. Probability.** A model gives the three tokens of a sentence the probabilities 0.5, 0.25 and
0.125. What is the probability of the sentence? What is the mean negative log-probability per token,
in bits?
"""

# %% tags=["demo"]
p = np.array([0.5, 0.25, 0.125])
print("product:", p.prod(), " mean bits:", -np.log2(p).mean())

# %% [markdown]
r"""
<details><summary>Explanation</summary>

Probabilities multiply along the sentence: 1/64 = 0.015625. Logarithms turn the product into a sum, 1 + 2 + 3
bits, 2 bits a token on average. Long products underflow; sums of logarithms do not, and so losses
are made of logarithms.

</details>
"""

# %% [markdown]
r"""
**5. Expectation and chance.** You draw a token 10,000 times; its probability is 0.5. About how far
from 5,000 will the count be?
"""

# %% tags=["demo"]
counts = np.random.default_rng(0).binomial(10_000, 0.5, size=1_000)
print("standard deviation of the count:", round(float(counts.std()), 1))
print("farthest of 1,000 tries:", int(abs(counts - 5_000).max()))

# %% [markdown]
r"""
<details><summary>Explanation</summary>

The count has the standard deviation $\sqrt{n p (1-p)} = 50$. Deviations of six standard
deviations, 300, practically never happen (about twice in a billion). Statistical tests in this
course allow six standard deviations.

</details>
"""

# %% [markdown]
r"""
**6. Autograd.** What is `w.grad` after the cell below, that is, $dy/dw$ of $y = (3w - 6)^2$ at
$w = 4$?
"""

# %% tags=["demo"]
w = torch.tensor(4.0, requires_grad=True)
y = (3 * w - 6) ** 2
y.backward()
print(w.grad)

# %% [markdown]
r"""
<details><summary>Explanation</summary>

The chain rule: $2 (3w - 6) \cdot 3 = 2 \cdot 6 \cdot 3 = 36$. `backward()` adds to `.grad`; a
second call without clearing it would give 72. Read on: PyTorch's tutorial "A Gentle Introduction to
torch.autograd".

</details>
"""

# %% [markdown]
r"""
**7. Async.** Two coroutines each wait 0.1 seconds. How long do both take one after the other, and
how long with `gather`?
"""

# %% tags=["demo"]
import asyncio
import time


async def timed(together: bool) -> float:
    start = time.perf_counter()
    if together:
        await asyncio.gather(asyncio.sleep(0.1), asyncio.sleep(0.1))
    else:
        await asyncio.sleep(0.1)
        await asyncio.sleep(0.1)
    return time.perf_counter() - start


print(f"in turn {await timed(False):.1f} s, gathered {await timed(True):.1f} s")

# %% [markdown]
r"""
<details><summary>Explanation</summary>

An `await` gives the event loop back while it waits, and `gather` starts both before it waits for
either: about 0.2 seconds in turn, 0.1 gathered. Computation does not overlap, only waiting does. Only the later notebooks (tools, serving) need
this.

</details>
"""

# %% [markdown]
r"""
**How did it go?** Five or more right: go on. Three or four: go on, and read up what you missed when
it comes up. Fewer: take an evening with NumPy's "Absolute basics for beginners" and PyTorch's
"Learn the Basics" first: that evening saves you more than it costs.
"""
