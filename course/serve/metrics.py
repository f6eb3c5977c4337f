"""What is counted, for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """One endpoint's counters, in a registry of their own.

    Parameters
    ----------
    load : callable
        Returns how many requests run and how many wait.
    """

    def __init__(self, load: Callable[[], tuple[int, int]]) -> None:
        self.registry = registry = CollectorRegistry()
        self.requests = Counter(
            "lab_requests", "Requests answered.", ["route", "status"], registry=registry
        )
        self.tokens = Counter(
            "lab_tokens", "Tokens read and written.", ["model", "direction"], registry=registry
        )
        self.first = Histogram(
            "lab_time_to_first_token_seconds",
            "From a chat request's arrival to its first token.",
            ["model"],
            buckets=SECONDS,
            registry=registry,
        )
        self.latency = Histogram(
            "lab_request_seconds",
            "From a request's arrival to the end of its response.",
            ["route"],
            buckets=SECONDS,
            registry=registry,
        )
        self.disconnects = Counter(
            "lab_disconnects", "Clients that left before their answer was whole.", registry=registry
        )
        for name, what, place in (
            ("lab_requests_running", "Requests that the model works on.", 0),
            ("lab_requests_waiting", "Requests that wait for their turn.", 1),
        ):
            gauge = Gauge(name, what, registry=registry)
            gauge.set_function(lambda place=place: load()[place])


class Measured:
    """ASGI middleware that counts requests and times them."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = "499"  # the client left before there was a response
        begun = time.perf_counter()

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception:
            status = "500"
            raise
        finally:
            route = getattr(scope.get("route"), "path", "other")
            self.metrics.requests.labels(route, status).inc()
            self.metrics.latency.labels(route).observe(time.perf_counter() - begun)
