# %% [markdown]
r"""
# Generative AI in fifty questions

## Notebook 4: Prompting, agents and evaluation

A model maps a text to a next token. Everything that makes a product of it happens outside: what stands
before the text, who runs the tool that the model named, how many answers are drawn and which
one is shown, and how anybody knows that the new prompt is better than the old one. If you take one idea from
this notebook, take this one: **the loop around the model is a program like any other, and what it did
is a number with an interval, not an impression.**

The models are the course's own small ones, reached as you would reach any: with the `openai` client,
over HTTP, at an endpoint that runs inside your own process (`course.serve`, `docs/serving.md`). What
they are asked about is the course's little world, where every fact is known, so an answer, a sentence of a
biography or a step of an agent is right or wrong by a rule that you can read.

> **What you should know.** What a prompt, a token and a chat template are (questions 3 and 4), and dicts
> and lists in Python. Notebook 1's opening says how a notebook is worked with and holds a self-test.
"""

# %% [markdown]
r"""
## Conventions

They hold in every exercise, unless its prompt says otherwise.

- A message is a dict in the shape of the Chat Completions API: `role`, `content`, and for tools
  `tool_calls` and `tool_call_id`. A history is a list of them, oldest first.
- A "model" in a signature is a function that you are given, and nothing else is known about it: call
  it as the prompt says, and no more often than it says.
- Arguments are never changed, neither a list nor a dict inside it. Return something new; what it holds may be
  the dicts that you were given.
- Arrays are NumPy `float64`, in and out. Where a signature says `Tensor`, it is PyTorch: keep the
  dtype and device.
- `log` is the natural logarithm. Time is in seconds, sizes are in bytes, money is `Decimal`.
- Ties go to the lowest index. Sorted results are best first.
- `rng` is a `numpy.random.Generator`, and the only source of chance. The same generator state (or the same
  `seed`) gives the same result; *which* random numbers you draw from it is up to you, since tests
  compare distributions.
- Only errors that a prompt names are tested. They are `ValueError` unless it says otherwise, and where the
  prompt says that a message names something, the test looks for that name in it. Inputs with NaN are never tested.
- Results are compared up to rounding (relative 1e-6 in float64, 1e-4 in float32). Where a result
  jumps at a threshold, tests use only numbers that floating point represents exactly.
"""

# %% [markdown]
r"""
## Setup

Run this cell first. It is the only one that all sections share, and it is locked.
"""

# %% nbgrader={"grade": false, "grade_id": "prompting-evaluation-setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math

import numpy as np
import torch
from torch import Tensor

import course
from course import testing

torch.set_num_threads(1)
