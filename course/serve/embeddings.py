"""POST /v1/embeddings."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import numpy as np

from course import lab
from course.serve.errors import ApiError
from course.serve.schema import EmbeddingsRequest


def _shortened(vectors: np.ndarray, dimensions: int | None) -> np.ndarray:
    """The first numbers of each vector, at length 1 again, as Matryoshka models are used."""
    if dimensions is None:
        return vectors
    if dimensions > vectors.shape[1]:
        raise ApiError(
            400,
            f"dimensions can be at most {vectors.shape[1]}, not {dimensions}.",
            code="invalid_value",
            param="dimensions",
        )
    kept = vectors[:, :dimensions]
    return kept / np.linalg.norm(kept, axis=1, keepdims=True).clip(1e-12)


def _encoded(vector: np.ndarray, encoding: str | None) -> list[float] | str:
    if encoding == "base64":
        return base64.b64encode(vector.astype("<f4").tobytes()).decode()
    return vector.tolist()


def embed(request: EmbeddingsRequest) -> Iterator[dict[str, Any]]:
    """Compute the response in one step; runs in the engine's thread."""
    tokenizer = lab.tokenizer(request.model)
    tokens = 0
    for i, text in enumerate(request.input):
        size = len(tokenizer(text, add_special_tokens=False, verbose=False).input_ids)
        if size > tokenizer.model_max_length:
            raise ApiError(
                400,
                f"input[{i}] has {size} tokens; {request.model} reads at most "
                f"{tokenizer.model_max_length}: cut the text into chunks.",
                code="context_length_exceeded",
                param=f"input[{i}]",
            )
        tokens += size
    vectors = np.asarray(lab.embed(request.input), dtype=np.float32)
    vectors = _shortened(vectors, request.dimensions)
    yield {
        "object": "list",
        "data": [
            {
                "object": "embedding",
                "index": i,
                "embedding": _encoded(vector, request.encoding_format),
            }
            for i, vector in enumerate(vectors)
        ],
        "model": request.model,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }
