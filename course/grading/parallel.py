"""Does jobs in parallel on this machine: as many stations as it has cores."""

from __future__ import annotations

import atexit
import json
import os
import queue
from collections.abc import Callable, Hashable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, TypeVar

from course.grading.station import Station

Key = TypeVar("Key", bound=Hashable)
Outcome = dict[str, Any]
_idle: dict[bool, list[Station]] = {False: [], True: []}


def in_parallel(
    jobs: Mapping[Key, Callable[[], str]], *, unsafe: bool = False, stations: int | None = None
) -> Iterator[tuple[Key, Outcome]]:
    """Do jobs, each in whichever station is free.

    Parameters
    ----------
    jobs : mapping of key to callable
        What makes the job, called when its turn comes.
    unsafe : bool
        See `Station`.
    stations : int, optional
        As many as there are cores by default; never more than jobs.

    Yields
    ------
    tuple
        A job's key and its outcome, as `course.grading.jobs.do` gives it, as they are done. A
        consumer that stops early, by Ctrl-C or otherwise, ends the stations at once.
    """
    if not jobs:
        return
    count = max(1, min(stations or cores(), len(jobs)))
    mine = [_idle[unsafe].pop() if _idle[unsafe] else Station(unsafe=unsafe) for _ in range(count)]
    free: queue.SimpleQueue[Station] = queue.SimpleQueue()
    for station in mine:
        free.put(station)

    def one(make: Callable[[], str]) -> str:
        station = free.get()
        try:
            return station.do(make())
        finally:
            free.put(station)

    threads = ThreadPoolExecutor(count)
    try:
        waiting = {threads.submit(one, make): key for key, make in jobs.items()}
        for done in as_completed(waiting):
            yield waiting.pop(done), json.loads(done.result())
    except BaseException:
        for station in mine:
            station.close()
        threads.shutdown(cancel_futures=True)
        raise
    threads.shutdown()
    _idle[unsafe] += mine  # warm for the next run


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


@atexit.register
def _close_idle() -> None:
    for station in [*_idle[False], *_idle[True]]:
        station.close()
