"""Running the endpoint: as a program, or in a thread beside other work."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from rich.console import Console

from course.serve import models
from course.serve.app import create_app

if TYPE_CHECKING:
    from openai import OpenAI

GRACE = 5  # seconds that connections have to end


class NotServingError(RuntimeError):
    """The endpoint could not be started; one sentence says why."""


class Server(uvicorn.Server):
    """An endpoint that, when it is to stop, lets go of what it is computing."""

    def __init__(self, own: Mapping[str, str | Path] = models.NO_FOLDERS) -> None:
        self.app = create_app(own)
        super().__init__(
            uvicorn.Config(
                self.app,
                log_config=None,
                log_level="warning",
                access_log=False,
                lifespan="on",
                timeout_graceful_shutdown=GRACE,
            )
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End running answers with an error, then the connections."""
        await asyncio.to_thread(self.app.state.engine.close)
        await super().shutdown(sockets)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises
    ------
    NotServingError
        If the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError) as error:
        why = str(getattr(error, "strerror", None) or error).partition(" (")[0]
        raise NotServingError(
            f"cannot listen on host {host}, port {port}: {why}. Port 0 takes any that is free."
        ) from error


def url(sock: socket.socket) -> str:
    """Return the address of a listening socket, such as ``http://127.0.0.1:8000``."""
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(host: str, port: int, console: Console) -> int:
    """Serve until stopped."""
    with contextlib.closing(listen(host, port)) as sock:
        console.print(f"{url(sock)}/v1 serves {', '.join(models.served())}; Ctrl-C stops it.")
        if not ipaddress.ip_address(sock.getsockname()[0]).is_loopback:
            console.print("It asks for no key: whoever reaches this machine can use it.")
        Server().run(sockets=[sock])
    return 0


@contextlib.contextmanager
def running(
    host: str = "127.0.0.1", port: int = 0, own: Mapping[str, str | Path] = models.NO_FOLDERS
) -> Iterator[tuple[Server, str]]:
    """Serve in a thread while the block runs; the block gets the server and its address."""
    with contextlib.closing(listen(host, port)) as sock:
        server = Server(own)
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [sock]}, name="serve-http", daemon=True
        )
        thread.start()
        try:
            while not server.started:
                thread.join(0.01)
                if not thread.is_alive():
                    raise NotServingError("the endpoint did not start; the log above says why.")
            yield server, url(sock)
        finally:
            server.should_exit = True
            thread.join()


@contextlib.contextmanager
def background(
    own: Mapping[str, str | Path], *, client: bool, host: str, port: int
) -> Iterator[OpenAI | str]:
    """Serve in a thread while the block runs (see `course.serve.background`)."""
    with running(host, port, own) as (_, address):
        if not client:
            yield address
            return
        from openai import DefaultHttpxClient, OpenAI

        http = DefaultHttpxClient(trust_env=False)  # no proxy stands before this machine
        with OpenAI(base_url=f"{address}/v1", api_key="any", http_client=http) as ready:
            yield ready
