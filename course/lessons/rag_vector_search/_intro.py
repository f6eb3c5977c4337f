# %% [markdown]
r"""
# Generative AI in fifty questions

## Notebook 3: Retrieval-augmented generation and vector search

A model knows what its training wrote into its weights. Whatever is newer, private or rare has to stand
in its prompt, and somebody has to find it first. If you take one idea from this notebook, take this
one: **a retrieval system is a chain, and each link is measured by itself: what was found, what was
put in front, what was read, what was cited.** An answer that is wrong tells you nothing about which
link broke.

The documents are those of the course's little world: more than a thousand, with near-duplicates,
outdated notices, product codes, synonyms, and facts that have to be joined (`course/lab/README.md`).
Who is meant and what is true is known exactly, so recall, faithfulness and citations are counted
here, not judged. Embeddings come from a small encoder that the course trained on the world's
paraphrases; the index engines, Qdrant and FAISS, are the real ones, embedded in your process.

> **What you should know.** What an embedding table and attention are (question 2) is enough. Notebook
> 1's opening says how a notebook is worked with and holds a self-test.
"""

# %% [markdown]
r"""
## Conventions

They hold in every exercise, unless its prompt says otherwise.

- Arrays are NumPy `float64`, in and out. Where a signature says `Tensor`, it is PyTorch: keep the
  dtype and device; a loss is a 0-dimensional tensor through which gradients flow.
- Vectors are rows: a matrix of N documents has shape (N, d). Row numbers and ids are not the same
  thing; the prompt says which of them a function takes and returns.
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

# %% nbgrader={"grade": false, "grade_id": "rag-vector-search-setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math

import numpy as np
import torch
from torch import Tensor

import course
from course import testing

torch.set_num_threads(1)
