# %% [markdown]
r"""
# Generative AI in fifty questions

## Notebook 5: Safety, alignment and understanding

What goes wrong with language models has names that everybody uses (hallucination, injection, misalignment,
emergence) and that explain little. Each is shown here on a model small enough to look inside, in a
world where it is known what is true, what is harmful by a stated rule, and what a document was
allowed to ask for. If you take one idea from this notebook, take this one: **a claim about safety is
a rate with a denominator: out of which attempts, by whose definition, and at what cost in good answers
refused.**

Where a small model cannot carry a claim, the section says so and cites who showed it on large ones; where the
field has not settled it, the section calls it contested and gives both sides. Law and vendor facts carry the date on
which they were read, and nothing here is legal advice.

> **What you should know.** What the residual stream and attention are (question 2), how a model samples
> (question 4) and what preference training does (question 7; sections repeat what they need). Notebook 1's
> opening says how a notebook is worked with and holds a self-test.
"""

# %% [markdown]
r"""
## Conventions

They hold in every exercise, unless its prompt says otherwise.

- Arrays are NumPy `float64`, in and out. Where a signature says `Tensor`, it is PyTorch: keep the
  dtype and device; a loss is a 0-dimensional tensor through which gradients flow.
- Vectors are rows: N of them have shape (N, d). Token ids are ints.
- A function in a signature (a judge, an entailment check, a mask) is given to you, and nothing else is known about it: call
  it as the prompt says.
- Arguments are never changed. Return something new (a view is fine).
- `log` is the natural logarithm, and entropies are in nats. Time is in seconds, sizes are in bytes, energy is in watt-hours
  where a name says `wh` and in joules otherwise.
- Ties go to the lowest index. Sorted results are best first.
- `rng` is a `numpy.random.Generator`, and the only source of chance. The same generator state (or the same
  `seed`) gives the same result; *which* random numbers you draw from it is up to you, since tests
  compare distributions.
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

# %% nbgrader={"grade": false, "grade_id": "safety-alignment-setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math

import numpy as np
import torch
from torch import Tensor

import course
from course import testing

torch.set_num_threads(1)
