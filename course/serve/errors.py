"""Errors in the shape that OpenAI's clients know."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

log = logging.getLogger("course.serve")

CODES = {
    "missing": "missing_required_parameter",
    "extra_forbidden": "unknown_parameter",
    "json_invalid": "invalid_json",
    "unsupported": "unsupported_parameter",
}
"""Pydantic's types of error to OpenAI's codes; other types of a wrong type or a wrong value."""


class ApiError(HTTPException):
    """A request that is answered by an error.

    Parameters
    ----------
    status : int
        HTTP status.
    message : str
        One sentence: what was wrong, what to do.
    code : str, optional
        What a program can tell errors apart by, such as ``"context_length_exceeded"``.
    param : str, optional
        Which part of the request it is about, such as ``"messages[0].content"``.
    """

    def __init__(
        self, status: int, message: str, *, code: str | None = None, param: str | None = None
    ) -> None:
        super().__init__(status, message)
        self.message, self.code, self.param = message, code, param

    @property
    def body(self) -> dict[str, Any]:
        """What the client gets."""
        kind = "invalid_request_error" if self.status_code < 500 else "server_error"
        if self.status_code == 429:
            kind = "rate_limit_error"
        return {
            "error": {
                "message": self.message,
                "type": kind,
                "param": self.param,
                "code": self.code,
            }
        }


def no_model(name: str, known: list[str], task: str = "") -> ApiError:
    """The error for a model that there is not, or not for a task such as embeddings."""
    served = f"served for {task}" if task else "served"
    return ApiError(
        404,
        f"No model {name!r} is {served}; there is {', '.join(known) or 'none yet'}.",
        code="model_not_found",
        param="model",
    )


def internal(error: Exception) -> ApiError:
    """Turn any error into one to answer with; unexpected ones are logged, not told."""
    if isinstance(error, ApiError):
        return error
    log.error("a request failed", exc_info=error)
    return ApiError(500, "The server failed on this request; its log says why.", code="internal")


def _where(parts: tuple[int | str, ...], roles: frozenset[str]) -> str:
    """``("messages", 0, "user", "content")`` as ``messages[0].content``."""
    text = ""
    for before, part in zip((None, *parts), parts, strict=False):
        if isinstance(part, int):
            text += f"[{part}]"
        elif not (isinstance(before, int) and part in roles):  # the tag of a union
            text += f".{part}" if text else part
    return text


def from_validation(error: RequestValidationError) -> ApiError:
    """The first thing that pydantic found wrong with a request."""
    first = error.errors()[0]
    kind, context = first["type"], first.get("ctx", {})
    roles = frozenset({"system", "developer", "user", "assistant", "tool"})
    if kind == "json_invalid":
        return ApiError(400, f"The body is not valid JSON: {context['error']}.", code=CODES[kind])
    param = context.get("param", _where(first["loc"][1:], roles)) or None
    message = first["msg"].removeprefix("Value error, ").rstrip(".")
    if kind == "missing":
        message = f"{param or 'The JSON body'} is missing"
    elif kind == "extra_forbidden":
        message = f"{param} is not known here"
    elif param and kind != "unsupported" and "param" not in context:
        message = f"{param}: {message[:1].lower()}{message[1:]}"
    code = CODES.get(kind, "invalid_type" if kind.endswith("_type") else "invalid_value")
    return ApiError(400, f"{message}.", code=code, param=param)


def install(app: FastAPI) -> None:
    """Let an application answer every error in this shape."""

    def respond(error: ApiError) -> JSONResponse:
        return JSONResponse(error.body, error.status_code, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return respond(from_validation(error))

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> JSONResponse:
        if not isinstance(error, ApiError):
            what = f"{request.method} {request.url.path}"
            code, message = None, str(error.detail)
            if error.status_code in (404, 405):
                code = "unknown_url"
                message = f"There is no {what} here; GET /openapi.json lists what there is."
            elif error.status_code == 400:  # FastAPI's word for bytes that are no JSON text
                code, message = "invalid_json", "The body cannot be read as JSON."
            headers = error.headers
            error = ApiError(error.status_code, message, code=code)
            error.headers = headers
        return respond(error)

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> JSONResponse:
        return respond(internal(error))
