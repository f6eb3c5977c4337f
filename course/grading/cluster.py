"""Does jobs on a Dask cluster: `course grade --dask ADDRESS`, and `course worker ADDRESS`.

What travels is the job, as text, and back its outcome. A worker needs the same course, Python,
torch and numpy, and nothing else: it sees no gradebook and none of the grader's files. Where one is
lost, Dask gives its jobs to another.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from rich.console import Console

from course.grading.errors import CourseError
from course.grading.isolation import probe
from course.grading.jobs import require_isolation, versions
from course.grading.parallel import Key, Outcome, cores
from course.grading.station import Station

if TYPE_CHECKING:
    from distributed import Client, Future, as_completed

PATIENCE = 60  # seconds, for a scheduler or a first worker to answer
DESERTED = 300  # seconds, for a new worker to come when all are gone
LOOK = 5  # seconds between two looks whether there are any
AHEAD = 3  # jobs that wait at the scheduler, for each that can be at work
_mine = threading.local()
_unsafe = False


def serve(job: str) -> str:
    """Do a job on a worker; each of its threads has a station, which keeps its sandbox warm."""
    if not hasattr(_mine, "station"):
        _mine.station = Station(unsafe=_unsafe)
    answer = _mine.station.do(job)
    if not answer.startswith('{"refused"'):
        return answer
    from distributed import get_worker

    said = json.loads(answer)["refused"]
    return json.dumps({"refused": f"the worker at {get_worker().address} refuses: {said}"})


@contextlib.contextmanager
def connected(address: str) -> Iterator[Client]:
    """Connect to a Dask scheduler and wait for a worker.

    Parameters
    ----------
    address : str
        Such as ``tcp://10.0.0.5:8786``.

    Raises
    ------
    CourseError
        Dask is not installed, no scheduler answers, or no worker serves there.
    """
    _require_dask()
    from distributed import Client

    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, ImportError) as error:
        raise CourseError(
            f"no Dask scheduler answers at {address} ({_line(error)}): start one with "
            "`dask scheduler` and use the address that it prints."
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise CourseError(
                f"no worker serves at {address}: start one with `course worker {address}` on each "
                "machine that is to grade."
            ) from error
        yield client


def on_cluster(
    jobs: Mapping[Key, Callable[[], str]], client: Client
) -> Iterator[tuple[Key, Outcome]]:
    """Do jobs on a cluster; the counterpart of `course.grading.parallel.in_parallel`.

    Only a few jobs a worker are with the scheduler at a time. One whose worker was lost goes to
    another; one that was lost with several workers comes back as a ``problem``.

    Raises
    ------
    CourseError
        The connection was lost, no worker has been there for `DESERTED` seconds, or a worker
        cannot do this course's jobs at all.
    """
    from distributed import as_completed
    from distributed.scheduler import KilledWorker

    todo = iter(jobs.items())
    waiting: dict[str, Key] = {}
    running = as_completed(loop=client.loop)

    def fill() -> None:
        room = AHEAD * max(1, sum(client.nthreads().values()))
        while len(waiting) < room and (entry := next(todo, None)) is not None:
            key, make = entry
            future = client.submit(serve, make(), pure=False)
            waiting[future.key] = key
            running.add(future)

    try:
        fill()
        for done in _as_they_come(running, client):
            key = waiting.pop(done.key)
            if done.cancelled():
                raise CourseError(_LOST)
            error = done.exception()
            if error is None:
                yield key, json.loads(done.result())
            elif isinstance(error, KilledWorker):
                yield key, {"problem": "every worker that graded it was lost meanwhile"}
            else:
                raise CourseError(
                    f"a worker cannot do this course's jobs ({_line(error)}): start it with "
                    "`course worker`, from the same version of the course as here."
                ) from error
            done.release()
            fill()
    except (OSError, asyncio.CancelledError) as error:
        raise CourseError(_LOST) from error
    finally:
        with contextlib.suppress(Exception):
            client.cancel([future for future, _ in running.futures.items()])


def _as_they_come(running: as_completed, client: Client) -> Iterator[Future]:
    """Futures as they are done, as long as there is anybody to do them."""
    seen = looked = time.monotonic()
    while not running.is_empty():
        if running.has_ready():
            yield next(running)
            seen = looked = time.monotonic()
            continue
        time.sleep(0.05)
        if (now := time.monotonic()) - looked > LOOK:
            looked = now
            if client.nthreads():
                seen = now
            elif now - seen > DESERTED:
                raise CourseError(_DESERTED.format(address=client.scheduler.address))


_DESERTED = (
    "no worker has served at {address} for a while; what is graded is kept: start one with `course "
    "worker {address}` and run the same command again for the rest."
)
_LOST = (
    "the connection to the Dask scheduler was lost; what is graded is kept: run the same command "
    "again for the rest."
)


def work(address: str, processes: int | None, unsafe: bool, console: Console) -> int:
    """Serve a cluster as a worker until it is shut down; `course worker`.

    Parameters
    ----------
    address : str
        The scheduler's.
    processes : int or None
        How many submissions are graded at a time, each in a process with a sandbox of its own; as
        many as there are cores by default.
    unsafe : bool
        Serve also where this machine offers no isolation.
    console : Console
        Where it says what it offers.

    Returns
    -------
    int
        0 when the scheduler has ended it.

    Raises
    ------
    CourseError
        Dask is not installed, this machine offers no isolation, or no scheduler answers.
    """
    global _unsafe
    _require_dask()
    require_isolation(unsafe)
    _unsafe = unsafe
    processes = processes or cores()
    rung = probe()
    offered = ", ".join(f"{name} {version}" for name, version in versions().items())
    logging.getLogger("distributed").setLevel(logging.WARNING)
    console.print(
        f"Isolation: {rung.level.name.lower()}. {rung.reason}", highlight=False, soft_wrap=True
    )
    console.print(f"Grades {processes} at a time with {offered}.", highlight=False, soft_wrap=True)
    console.print(f"Serving {address}; Ctrl-C ends it.", highlight=False)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve_until_closed(address, processes))
    return 0


async def _serve_until_closed(address: str, processes: int) -> None:
    from distributed import Worker

    # Dask's own bounds on memory stay off: a station and its learners have theirs
    made = Worker(
        address, nthreads=processes, memory_limit=0, death_timeout=PATIENCE, dashboard=False
    )
    try:
        async with made as worker:
            await worker.finished()
    except (OSError, ValueError, TimeoutError) as error:
        raise CourseError(
            f"no Dask scheduler answers at {address} ({_line(error)}): start one with "
            "`dask scheduler` and use the address that it prints."
        ) from error


def _require_dask() -> None:
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise CourseError(
            "a cluster needs Dask, which is not installed: pip install 'dask>=2026.8' "
            "'distributed>=2026.8'."
        ) from error


def _line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
