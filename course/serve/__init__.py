"""An OpenAI-compatible endpoint on the lab's models.

>>> from course import serve
>>> with serve.background() as client:  # an openai.OpenAI that talks to it
...     client.chat.completions.create(
...         model="instruct", messages=[{"role": "user", "content": "Hello!"}], temperature=0
...     )

`course serve` does the same until it is stopped, for `curl` and other programs. What it answers,
and what it refuses, is in ``docs/serving.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

if TYPE_CHECKING:
    from fastapi import FastAPI
    from openai import OpenAI

__all__ = ["background", "create_app"]


def create_app(own: Mapping[str, str | Path] | None = None) -> FastAPI:
    """Return a new endpoint as an ASGI application, with models and metrics of its own.

    `own` as in `background`.
    """
    from course.serve.app import create_app

    return create_app(own or {})


@overload
def background(
    own: Mapping[str, str | Path] | None = ...,
    *,
    client: Literal[True] = True,
    host: str = ...,
    port: int = ...,
) -> AbstractContextManager[OpenAI]: ...
@overload
def background(
    own: Mapping[str, str | Path] | None = ...,
    *,
    client: Literal[False],
    host: str = ...,
    port: int = ...,
) -> AbstractContextManager[str]: ...


def background(
    own: Mapping[str, str | Path] | None = None,
    *,
    client: bool = True,
    host: str = "127.0.0.1",
    port: int = 0,
):
    """Serve in a thread of this process while a ``with`` block runs.

    Parameters
    ----------
    own : mapping of str to path, optional
        Models of one's own beside the lab's, by the name that requests give: folders that hold a
        Llama-style chat model with the lab's tokenizer, as ``save_pretrained`` of model and
        tokenizer writes them.
    client : bool
        Whether the block gets a ready `openai.OpenAI` (its ``base_url`` is the endpoint's) or the
        endpoint's address as text, such as ``http://127.0.0.1:40123``; the API is under ``/v1``.
    host : str
        Where to listen; only this machine unless told otherwise.
    port : int
        0 takes any free port.

    Raises
    ------
    NotServingError
        If the port cannot be had (a `RuntimeError` of `course.serve.run`).
    ValueError
        If a name in `own` is one of the lab's, or a folder lacks something.
    """
    from course.serve.run import background

    return background(own or {}, client=client, host=host, port=port)
