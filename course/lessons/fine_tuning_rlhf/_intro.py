# %% [markdown]
r"""
# Generative AI in fifty questions

## Notebook 2: Fine-tuning and learning from preferences

Everything here changes what a model does: by what it is asked, by a few numbers beside its weights,
by all of its weights, by examples, by another model's answers, by what people prefer. If you take
one idea from it, take this one: **the loss decides what a model becomes, so look at what exactly is
averaged, over which tokens, against what.** Most of the popular wrong answers in this cluster go
wrong there.

The model that is changed is the course's own: `instruct`, about a million parameters, which knows a
small invented world by heart (`course/lab/README.md` tells how it was made). It is small enough to
be trained while you watch, and its world is known exactly, so whether a change helped, and what it
cost, is counted and not judged.

> **What you should know.** The causal loss and its shift by one position (question 37), what
> a layer of a GPT holds (question 2). The line below a section's title lists what else that section
> needs. If that is new, begin with notebook 1, whose opening also says how a notebook is worked with
> and holds a self-test.
"""

# %% [markdown]
r"""
## Conventions

They hold in every exercise, unless its prompt says otherwise.

- Arrays are NumPy `float64`, in and out. Where a signature says `Tensor`, it is PyTorch: keep the
  dtype and device; a loss is a 0-dimensional tensor through which gradients flow.
- In PyTorch a linear layer is `x @ W.T` with `W` of shape (outputs, inputs), as in
  `torch.nn.Linear`.
- Labels are token ids; -100 marks a position that is not learned. Whether a function shifts labels by
  one position stands in its prompt.
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

Demonstrations of this notebook train models for seconds. Some curves took longer: they are recorded, say
so, and name the command that makes them again; one of their points is computed while you watch. What
training gives depends a little on the processor, so your figures may differ in the last digits from a
neighbour's.
"""

# %% [markdown]
r"""
## Setup

Run this cell first. It is the only one that all sections share, and it is locked.
"""

# %% nbgrader={"grade": false, "grade_id": "fine-tuning-rlhf-setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math

import numpy as np
import torch
from torch import Tensor

import course
from course import testing

torch.set_num_threads(1)
