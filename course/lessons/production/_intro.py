# %% [markdown]
r"""
# Generative AI in fifty questions

## Notebook 6: LLM systems in production

A model that answers well in a notebook answers one person. A service answers many, at the same time,
within a time and for a price, and goes on when a connection drops, a client sends too much, or a
machine stops. If you take one idea from this notebook, take this one: **speed and cost are distributions, and they
are measured where the user stands: the first token, the last token, the slowest hundredth, the bill by
tenant.**

What is measured here runs inside your own process: an endpoint that speaks the protocol of the large vendors
(`course.serve`, `docs/serving.md`), the lab's small models behind it, a cache and a vector
database embedded. Its milliseconds are those of your machine and no vendor's. What carries over are the
formulas, the order of magnitudes between the parts, and the ways in which it fails.

> **What you should know.** What prefill and decode are (question 36) and how a model samples (question 4).
> Python's `async` and `await`. Notebook 1's opening says how a notebook is worked with and holds a
> self-test.
"""

# %% [markdown]
r"""
## Conventions

They hold in every exercise, unless its prompt says otherwise.

- Arrays are NumPy `float64`, in and out. Where a signature says `Tensor`, it is PyTorch: keep the
  dtype and device.
- Time is in seconds, sizes are in bytes, money is `Decimal` in dollars and never rounded on the way.
- A `clock` is a function without arguments that returns seconds. It is the only source of time: tests turn its hand
  themselves, and nothing sleeps.
- What is given to you as a function or an object (a store, an embedding, a clock) is used as the prompt says and nothing
  else is known about it.
- Arguments are never changed. Return something new (a view is fine).
- `log` is the natural logarithm. Ties go to the lowest index. Sorted results are best first.
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

# %% nbgrader={"grade": false, "grade_id": "production-setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math

import numpy as np
import torch
from torch import Tensor

import course
from course import testing

torch.set_num_threads(1)
