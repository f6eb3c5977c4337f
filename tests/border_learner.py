"""The other side of `test_border`: functions of every kind, run in a forked process."""

from __future__ import annotations

import asyncio
import copy
import inspect
import json
import os
import socket
from collections import deque

import numpy as np
import torch

from course import testing
from course.grading.border import Peer


class Counter:
    kind = "counter"

    def __init__(self, start=0):
        self.n = start
        self.numbers = [1, 2]
        self._secret = "hidden"

    def add(self, k=1):
        self.n += k
        return self

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        if i >= self.n:
            raise IndexError(i)
        return 10 * i

    def __setitem__(self, i, value):
        self.numbers[i] = value

    def __delitem__(self, i):
        del self.numbers[i]

    def __contains__(self, item):
        return item == "me"

    def __enter__(self):
        self.n = 100
        return self

    def __exit__(self, kind, error, trace):
        self.n = -1
        return kind is KeyError

    async def __aenter__(self):
        await asyncio.sleep(0)
        return "inside"

    async def __aexit__(self, kind, error, trace):
        return kind is KeyError

    @classmethod
    def at(cls, n):
        return cls(n)

    def __repr__(self):
        return f"Counter({self.n})"


class Plain:
    pass


class Model:
    def __call__(self, x):
        return x + 1


class Own(LookupError):
    def __init__(self, a, b):
        super().__init__(a, b)


def echo(x):
    return x


def keywords(**kwargs):
    return kwargs


def same(a, b):
    return a is b


def append(x, value):
    x.append(value)
    return x


def append_length(a, b):
    a.append(len(b))


def spoil(mixed):
    """Change everything that can be changed in place."""
    mixed["list"][0].append(9)
    mixed["list"].append([7])
    mixed["set"].add(3)
    mixed["bytes"][0] = 255
    mixed["array"][0] = 5.0
    mixed["tensor"][1] = 6.0
    mixed["bag"].things.append("more")
    mixed["bag"].weight = 2.5
    mixed["deque"].appendleft(0)
    mixed["new"] = mixed["list"]
    del mixed["old"]


def edit(value, edits):
    """Change parts of a value in place, wherever the numbers lead."""
    for path, how, given in edits:
        at, new = value, copy.copy(given)
        for step in path:
            inside = list(at.values()) if isinstance(at, dict) else at
            if not isinstance(inside, (list, tuple, deque)) or not inside:
                break
            at = inside[step % len(inside)]
        if isinstance(at, (np.ndarray, torch.Tensor)):
            at[how % len(at)] = len(str(new))
        elif isinstance(at, bytearray):
            at.append(how % 256)
        elif isinstance(at, set):
            at.symmetric_difference_update({how % 3})
        elif isinstance(at, dict):
            at[how % 3] = new
        elif isinstance(at, (list, deque)):
            if how % 3 == 0:
                at.append(new)
            elif at and how % 3 == 1:
                at.pop()
            elif at:
                at[how % len(at)] = new


def spoil_and_raise(x):
    x.clear()
    raise ValueError("after clearing")


def unflat(x):
    x.unsqueeze_(0)


def knot(x):
    x.append(x)


def knot_two(a, b):
    a.append(b)
    b.append(a)


def draw(numpy_rng, legacy, torch_rng, python_rng):
    return (
        numpy_rng.random(),
        legacy.standard_normal(),
        torch.rand(1, generator=torch_rng).item(),
        python_rng.gauss(0, 1),
    )


def draw_one(rng, low=0, high=10):
    return int(rng.integers(low, high))


def call(f, *args, **kwargs):
    return f(*args, **kwargs)


def back_and_forth(f, n):
    return 0 if n == 0 else 1 + f(back_and_forth, n - 1)


def for_ever(f):
    return f(for_ever)


def count_up(n):
    yield from range(n)


def zeros(n):
    return bytes(n)


def accumulate():
    total = 0
    try:
        while True:
            try:
                total += yield total
            except ValueError as error:
                total = int(str(error))
    finally:
        log.append("closed")


log: list = []


def take(iterator, n):
    return [next(iterator) for _ in range(n)]


def consume(iterable):
    return list(iterable)


def fail(kind, *args):
    raise {"own": Own, "value": ValueError, "stop": StopIteration, "exit": SystemExit,
           "interrupt": KeyboardInterrupt, "generator": GeneratorExit}[kind](*args)  # fmt: skip


def deep_fail(n):
    return fail("value", "deep") if n == 0 else deep_fail(n - 1)


def deep_in_a_library():
    """Fail in a function of the standard library, and in one of the course's own."""
    try:
        json.loads("{")
    except ValueError:
        return testing.leaves_globals(json.loads, "{")


def catch(f, kind):
    try:
        f()
    except kind as error:
        return type(error).__name__, str(error), getattr(error, "remote_traceback", None)
    return None


def pass_on(f):
    try:
        return f()
    finally:
        log.append("passed")


async def nap(seconds, value):
    await asyncio.sleep(seconds)
    return value


async def twice(f, x):
    return await f(await f(x))


async def gather(f, n):
    return await asyncio.gather(*(f(i) for i in range(n)))


async def grouped(f, n):
    async with asyncio.TaskGroup() as group, asyncio.timeout(5):
        tasks = [group.create_task(f(i)) for i in range(n)]
        return [await task for task in tasks]


async def reserve(store, amount):
    left = await store.get("left")
    if left < amount:
        return False
    await store.set("left", left - amount)
    return True


async def stubborn():
    try:
        await asyncio.sleep(1000)
    except asyncio.CancelledError:
        log.append("cancelled")
        raise


async def stream(n):
    for i in range(n):
        await asyncio.sleep(0)
        yield i


async def collect(items):
    return [item async for item in items]


def is_coroutine_function(f):
    return inspect.iscoroutinefunction(f)


def probe(value, name):
    return getattr(value, name)


USES = {
    "call": lambda x: x(),
    "repr": repr,
    "str": str,
    "len": len,
    "bool": bool,
    "item": lambda x: x[0],
    "setitem": lambda x: x.__setitem__(0, 1),
    "delitem": lambda x: x.__delitem__(0),
    "contains": lambda x: 0 in x,
    "iter": lambda x: list(x),
    "with": lambda x: x.__enter__(),
    "exit": lambda x: x.__exit__(None, None, None),
    "aenter": lambda x: x.__aenter__(),
    "operation": lambda x: x._peer.ask("call", x._number, (), {}),
}


def use(value, how, *operation):
    """Use what a test handed over, also in ways that its stand-in does not offer."""
    if operation:
        return value._peer.ask(how, value._number, operation, {})
    return USES[how](value)


def raw(sock: socket.socket, data: bytes):
    sock.sendall(len(data).to_bytes(4, "little") + data)


NAMES = {name: value for name, value in list(globals().items()) if not name.startswith("__")}


def serve(sock: socket.socket, **options) -> None:
    """Be the learner until the other side hangs up."""
    torch.set_num_threads(1)
    peer = Peer(sock, learner=True, modules=("border_types",), **options)
    peer.register("lookup", NAMES.__getitem__)
    peer.register("log", lambda: list(log))
    peer.register("die", lambda: os._exit(3))
    peer.register("raw", lambda data: raw(sock, data))
    peer.register("held", lambda: len(peer._handles._own))
    peer.register("calls", lambda: peer.calls)
    peer.register("busy", lambda f: (peer.busy, f(), peer.busy))
    peer.serve()
