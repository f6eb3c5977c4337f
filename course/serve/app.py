"""The endpoint as an ASGI application: routes, limits, disconnects."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from course import __version__
from course.serve import chat, embeddings, errors, models
from course.serve.engine import Engine, Job
from course.serve.metrics import Measured, Metrics
from course.serve.schema import ChatRequest, EmbeddingsRequest

DEFAULT = "instruct"
FIRST = ChatRequest(
    model=DEFAULT, messages=[{"role": "user", "content": "Hello!"}], max_completion_tokens=2
)
LARGEST_BODY = 1_000_000  # bytes

T = TypeVar("T")


class Gone(Exception):
    """The client has left: there is nobody to answer."""


async def _unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Await `work`, but only while the client is there."""

    async def left() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(left())
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Gone
        return working.result()
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


class EventStream(StreamingResponse):
    """Server-sent events that stop their job, whatever ends them."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[str], job: Job, metrics: Metrics) -> None:
        super().__init__(events, headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})
        self._job, self._metrics, self._whole = job, metrics, False

    async def stream_response(self, send: Send) -> None:
        """Send all of it, and remember that it was all."""
        await super().stream_response(send)
        self._whole = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._job.cancel()
            if not self._whole:
                self._metrics.disconnects.inc()


class Limited:
    """ASGI middleware that refuses bodies of more than `LARGEST_BODY`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > LARGEST_BODY:
                raise errors.ApiError(
                    413, f"The body is larger than {LARGEST_BODY} bytes.", code="too_large"
                )
            return message

        await self.app(scope, counted, send)


def create_app(own: Mapping[str, str | Path] = models.NO_FOLDERS) -> FastAPI:
    """Return a new endpoint, with an engine, models and metrics of its own.

    `own` are models beside the lab's (see `course.serve.create_app`). The engine is
    ``app.state.engine``; close it, where no server ends the application.
    """
    folders = models.checked(own)
    engine, shelf = Engine(), models.Shelf(folders)
    metrics = Metrics(engine.load)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if DEFAULT in models.served("chat"):  # so that the first request is as quick as others
            async for _ in engine.submit(chat.answer(shelf, FIRST)):
                pass
        yield
        await asyncio.to_thread(engine.close)

    # the pages for docs would load their scripts from elsewhere
    pages = {"docs_url": None, "redoc_url": None}
    app = FastAPI(title="The lab's models", version=__version__, lifespan=lifespan, **pages)
    app.state.engine, app.state.shelf = engine, shelf
    app.add_middleware(Limited)
    app.add_middleware(Measured, metrics=metrics)
    errors.install(app)

    async def whole(request: Request, job: Job, work: Coroutine[Any, Any, T]) -> Response:
        try:
            return JSONResponse(await _unless_gone(request, work))
        except Gone:
            metrics.disconnects.inc()
            return Response(status_code=499)
        finally:
            job.cancel()

    @app.post("/v1/chat/completions")
    async def complete(request: Request, body: ChatRequest) -> Response:
        models.require(body.model, "chat", folders)
        response = chat.Response(body, metrics)
        job = engine.submit(chat.answer(shelf, body))
        events = aiter(job)
        if not body.stream:
            return await whole(request, job, response.whole(events))
        try:  # what is wrong with the prompt must be known before the status is sent
            response.count(await _unless_gone(request, anext(events)))
        except Gone:
            metrics.disconnects.inc()
            job.cancel()
            return Response(status_code=499)
        except BaseException:
            job.cancel()
            raise
        return EventStream(response.stream(events), job, metrics)

    @app.post("/v1/embeddings")
    async def embed(request: Request, body: EmbeddingsRequest) -> Response:
        models.require(body.model, "embeddings", folders)
        job = engine.submit(embeddings.embed(body))
        return await whole(request, job, anext(aiter(job)))

    @app.get("/v1/models")
    async def list_models() -> dict[str, Any]:
        names = models.served(own=folders)
        return {"object": "list", "data": [models.describe(name, folders) for name in names]}

    @app.get("/v1/models/{name}")
    async def one_model(name: str) -> dict[str, Any]:
        known = models.served(own=folders)
        if name not in known:
            raise errors.no_model(name, known)
        return models.describe(name, folders)

    @app.get("/metrics")
    async def measured() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    return app
