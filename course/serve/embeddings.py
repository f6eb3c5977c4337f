"""POST /v1/embeddings."""

from __future__ import annotations

import base64
import json
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
    config = json.loads((lab.path(request.model) / "config.json").read_text())
    longest = config["max_position_embeddings"]
    tokens = 0
    for i, text in enumerate(request.input):
        size = len(tokenizer(text, add_special_tokens=False, verbose=False).input_ids)
        if size > longest:
            raise ApiError(
                400,
                f"input[{i}] has {size} tokens; {request.model} reads at most {longest}: cut the "
                "text into chunks.",
                code="context_length_exceeded",
                param=f"input[{i}]",
            )
        tokens += size
    try:
        vectors = np.asarray(lab.embed(request.input), dtype=np.float32)
    except ValueError as error:  # the lab says what was wrong with the texts
        raise ApiError(400, str(error), code="invalid_value", param="input") from error
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
