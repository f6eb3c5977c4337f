"""Two peers in two processes: calls both ways, and nothing believed of the other side."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import gc
import os
import pickle
import random
import socket
import struct
import sys
import threading
from array import array
from collections import deque
from functools import lru_cache, partial
from tempfile import TemporaryFile
from types import MappingProxyType

import border_learner
import numpy as np
import pytest
import torch
from border_types import Bag
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from course.grading import wire
from course.grading.border import Limits, Malformed, Peer, PeerDied, Refused
from course.grading.border_operations import attribute


class Session:
    """A peer, and the learner's functions by name."""

    def __init__(self, limits: Limits | None = None) -> None:
        here, there = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                here.close()
                border_learner.serve(there)
            finally:
                os._exit(0)
        there.close()
        self.peer = Peer(here, modules=("border_types",), limits=limits)

    def __getattr__(self, name: str):
        return self.peer.request("lookup", name)

    def close(self) -> None:
        self.peer.close()
        os.waitpid(self.pid, 0)


@pytest.fixture
def learner():
    session = Session()
    yield session
    session.close()


@pytest.fixture
def fresh():
    sessions = []

    def start(limits: Limits | None = None) -> Session:
        sessions.append(Session(limits))
        return sessions[-1]

    yield start
    for session in sessions:
        session.close()


# Calls


def test_values_there_and_back(learner):
    for value in (None, 2**80, "ä", (1, [2.5, {"a": {3}}]), np.float32(1), Bag([1], 2.0)):
        assert learner.echo(value) == value
        assert type(learner.echo(value)) is type(value)
    assert torch.equal(learner.echo(torch.eye(2)), torch.eye(2))


def test_functions_are_the_same_again_and_go_home_as_themselves(learner):
    echo = learner.echo
    assert echo.__name__ == "echo" and echo is learner.echo and learner.echo(echo) is echo
    assert repr(echo) == "<function echo>"
    assert learner.same(echo, echo)
    assert learner.peer.owns(echo) and not learner.peer.owns(print)

    def here():
        return 1

    assert learner.echo(here) is here
    assert learner.echo([here])[0] is here


def test_calls_go_both_ways_and_into_each_other(learner):
    assert learner.call(lambda a, b=2: a * b, 3, b=5) == 15
    words = {"value": 1, "self": 2, "name": 3, "args": 4, "operation": 5}
    assert learner.keywords(**words) == words
    assert learner.call(lambda **kwargs: kwargs, **{"x": 1, "self": 2}) == {"x": 1, "self": 2}
    there_and_back = []

    def bounce(f, n):
        there_and_back.append(n)
        return 0 if n == 0 else 1 + f(bounce, n - 1)

    assert learner.back_and_forth(bounce, 30) == 30
    assert there_and_back == list(range(29, -1, -2))


def test_calls_for_ever_end_with_a_sentence(learner):
    def again(f):
        return f(again)

    with pytest.raises(RecursionError, match="more than 50 calls"):
        learner.for_ever(again)
    assert learner.echo(1) == 1


def test_bulk(learner):
    rng, twin = np.random.default_rng(5), np.random.default_rng(5)
    got = learner.peer.repeat(learner.draw_one, 50, rng, high=100)
    assert got == [int(twin.integers(0, 100)) for _ in range(50)]
    assert rng.random() == twin.random()
    assert learner.peer.each(learner.append, [([1], 2), ([3], 4)]) == [[1, 2], [3, 4]]
    before = learner.peer.request("calls")
    assert len(learner.peer.repeat(learner.echo, 10_000, 7)) == 10_000
    assert learner.peer.request("calls") - before < 5
    with pytest.raises(TypeError, match="function of the other side"):
        learner.peer.repeat(print, 3)
    with pytest.raises(ValueError, match="at most"):
        learner.peer.repeat(learner.echo, 10**9, 1)


def test_services(learner):
    assert learner.peer.request("log") is not None
    with pytest.raises(LookupError, match="no service 'rm'"):
        learner.peer.request("rm")
    learner.peer.register("add", lambda a, b: a + b)


# Mutable arguments


def mixed() -> dict:
    return {
        "list": [[1], [2]], "set": {1}, "bytes": bytearray(b"ab"), "array": np.zeros(2),
        "tensor": torch.zeros(2), "bag": Bag(["one"]), "deque": deque([1], 5), "old": 0,
    }  # fmt: skip


def test_changed_arguments_are_changed_in_place(learner):
    here, direct = mixed(), mixed()
    parts = dict(here)
    inner = here["list"][0]
    learner.spoil(here)
    border_learner.spoil(direct)
    assert list(here) == list(direct)
    for key in direct:
        if key in ("array", "tensor"):
            assert here[key].tolist() == direct[key].tolist()
        else:
            assert here[key] == direct[key]
        if key in parts:
            assert here[key] is parts[key]
    assert here["list"][0] is inner and inner == [1, 9] and here["new"] is here["list"]


simple = st.none() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3)
changeable = st.recursive(
    simple | st.binary(max_size=3).map(bytearray) | st.sets(st.integers(0, 5), max_size=3)
    | st.builds(np.zeros, st.integers(1, 3)) | st.builds(torch.zeros, st.integers(1, 3)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.integers(0, 5), inner, max_size=3)
        | st.tuples(inner, inner) | st.lists(inner, max_size=3).map(deque)
    ),
    max_leaves=12,
)  # fmt: skip
edits = st.lists(
    st.tuples(st.lists(st.integers(0, 5), max_size=3), st.integers(0, 9), simple | st.just([1])),
    max_size=4,
)


@pytest.fixture
def edit_there(learner):
    return lambda value, changes: learner.edit(value, changes)


def described(value):
    """Plain data to compare by, types included."""
    if isinstance(value, (np.ndarray, torch.Tensor, bytearray)):
        return type(value), list(map(float, value))
    if isinstance(value, dict):
        return dict, [(key, described(part)) for key, part in value.items()]
    if isinstance(value, (list, tuple, deque)):
        return type(value), [described(part) for part in value]
    return type(value), value


@settings(deadline=None, derandomize=True, max_examples=200,
          suppress_health_check=list(HealthCheck))  # fmt: skip
@given(value=st.lists(changeable, max_size=3), changes=edits)
def test_whatever_is_changed_in_place_is_changed_here(edit_there, value, changes):
    here, direct = value, copy.deepcopy(value)
    border_learner.edit(direct, copy.deepcopy(changes))
    edit_there(here, changes)
    assert described(here) == described(direct)


def test_arguments_are_changed_also_when_the_call_raises(learner):
    x = [1, 2]
    with pytest.raises(ValueError, match="after clearing"):
        learner.spoil_and_raise(x)
    assert x == []


def test_an_argument_returned_is_the_very_argument(learner):
    x = [1]
    assert learner.append(x, 2) is x and x == [1, 2]
    assert learner.echo((x, 3))[0] is x
    y = np.arange(3)
    assert learner.echo(y) is y
    copied = learner.consume(x)
    assert copied == x and copied is not x


def test_arrays_in_parts_and_tensors_with_new_shapes(learner):
    board = np.zeros((3, 4))
    learner.call(lambda x: None, board)

    def fill(x):
        x[:] = 7

    learner.call(learner.call, fill, board[:, 1])  # here: changes nothing that is not handed over
    assert board.sum() == 21
    x = torch.zeros(3)
    learner.unflat(x)
    assert x.shape == (1, 3)
    leaf = torch.zeros(2, requires_grad=True)
    learner.spoil(mixed() | {"tensor": leaf})
    assert leaf.tolist() == [0.0, 6.0] and leaf.requires_grad
    frozen = np.zeros(2)
    frozen.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        learner.spoil(mixed() | {"array": frozen})


def test_arguments_twice(learner):
    x = [1]
    learner.append_length(x, x)
    assert x == [1, 1]


def test_random_generators_come_back_advanced(learner):
    def generators():
        return (
            np.random.default_rng(1), np.random.RandomState(2),
            torch.Generator().manual_seed(3), random.Random(4),
        )  # fmt: skip

    here, direct = generators(), generators()
    for _ in range(3):
        assert learner.draw(*here) == border_learner.draw(*direct)
    assert border_learner.draw(*here) == border_learner.draw(*direct)


def test_unchanged_arguments_cost_no_answer(learner):
    rows = [[i] for i in range(50)]
    before = copy.deepcopy(rows)
    ids = [id(row) for row in rows]
    assert learner.echo(5) == 5 and learner.call(len, rows) == 50
    assert rows == before and [id(row) for row in rows] == ids


def test_an_argument_that_contains_itself_is_an_error(learner):
    x = [1]
    with pytest.raises(ValueError, match="contains itself"):
        learner.knot(x)
    assert learner.echo(1) == 1
    one, other = [1], [2]
    with pytest.raises(ValueError, match=r"contains? itself"):
        learner.knot_two(one, other)
    assert learner.echo(1) == 1 and one == [1]
    loop: list = []
    loop.append(loop)
    with pytest.raises(Refused, match="contains itself"):
        learner.echo(loop)


# Iterators and generators


def test_iterators_are_lazy_both_ways(learner):
    numbers = learner.count_up(3)
    assert next(numbers) == 0 and list(numbers) == [1, 2]
    with pytest.raises(StopIteration):
        next(numbers)
    seen = []

    def source():
        for i in range(10):
            seen.append(i)
            yield i

    iterator = source()
    assert learner.take(iterator, 2) == [0, 1] and seen == [0, 1]
    assert next(iterator) == 2
    assert learner.consume(iter([4, 5])) == [4, 5]
    assert learner.consume(learner.count_up(2)) == [0, 1]
    assert learner.echo(iterator) is iterator


def test_generators_take_values_and_errors(learner):
    total = learner.accumulate()
    assert next(total) == 0 and total.send(3) == 3 and total.send(4) == 7
    assert total.throw(ValueError("100")) == 100
    with pytest.raises(KeyError):
        total.throw(KeyError)
    other = learner.accumulate()
    next(other)
    other.close()
    assert learner.peer.request("log")[-2:] == ["closed", "closed"]


# Instances


def test_instances(learner):
    counter = learner.Counter(3)
    assert counter.n == 3 and counter.kind == "counter" and counter.numbers == [1, 2]
    assert counter.add(2) is counter and counter.n == 5 and len(counter) == 5
    assert list(counter) == [0, 10, 20, 30, 40] and counter[2] == 20
    assert "me" in counter and "you" not in counter
    counter[0] = 8
    del counter[1]
    assert counter.numbers == [8]
    assert repr(counter) == str(counter) == "Counter(5)"
    assert bool(counter) and not learner.Counter(0)
    assert bool(learner.Plain()) and not callable(learner.Plain()) and learner.Model()(1) == 2
    assert counter == counter and counter != learner.Counter(5)
    assert copy.deepcopy([counter])[0] is counter
    assert learner.Counter.at(4).n == 4
    with counter as same:
        assert same is counter and counter.n == 100
    assert counter.n == -1
    with counter:
        raise KeyError("swallowed")
    with pytest.raises(AttributeError, match="no attribute 'm'"):
        counter.m  # noqa: B018
    with pytest.raises(AttributeError, match="to itself"):
        counter._secret  # noqa: B018
    with pytest.raises(AttributeError, match="call a method"):
        counter.n = 7
    with pytest.raises(AttributeError, match="deleted"):
        del counter.n
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(counter)


def test_instances_of_the_tests_are_used_there(learner):
    class Fake:
        def __init__(self):
            self.asked = []

        def complete(self, prompt):
            self.asked.append(prompt)
            return prompt.upper()

    fake = Fake()
    assert learner.call(lambda: fake) is fake
    assert learner.probe(fake, "complete")("a") == "A" and fake.asked == ["a"]
    assert learner.probe(fake, "asked") == ["a"]


def test_what_the_tests_hand_out_leads_nowhere_else(learner):
    hidden = "the hidden test"

    def spy():
        return hidden

    spy.calls = 3
    generator = (hidden for _ in range(3))
    assert learner.probe(spy, "calls") == 3
    for value, name in [
        (spy, "__globals__"), (spy, "__code__"), (spy, "func_globals"), (generator, "gi_frame"),
        (generator, "gi_code"), (sys, "modules"), (learner.peer, "_handles"),
        (spy.__call__, "__self__"), (deque([hidden]).append, "__self__"),
    ]:  # fmt: skip
        with pytest.raises(AttributeError):
            learner.probe(value, name)
        with pytest.raises(AttributeError):
            attribute(value, name, learner=False)
    for inside in (sys._getframe(), spy.__code__):
        with pytest.raises(Refused, match="cannot cross"):
            learner.echo(inside)
    generator.close()


class Called:
    """A library's instance that does everything, as far as the border can tell."""

    __module__ = "pathlib"
    __call__ = __len__ = __getitem__ = __setitem__ = __delitem__ = __contains__ = None
    __iter__ = __enter__ = __exit__ = __aenter__ = __aexit__ = None


for _name in [n for n in vars(Called) if n not in ("__module__", "__dict__", "__weakref__")]:
    if vars(Called)[_name] is None:
        setattr(Called, _name, lambda self, *args: pytest.fail("it was used"))


def _handed_over(place):
    return [
        Called(), place, socket.socket(), threading.Lock(), asyncio.Lock(), MappingProxyType({}),
        sys, np.random, memoryview(b"secret"), array("i", [7]), TemporaryFile(),
    ]  # fmt: skip


@pytest.mark.parametrize("how", ["call", "len", "item", "setitem", "delitem", "contains", "iter",
                                 "with", "exit", "aenter", "operation"])  # fmt: skip
def test_instances_of_libraries_are_handed_over_closed(learner, how, tmp_path):
    for value in _handed_over(tmp_path):
        if how in ("iter", "contains") and hasattr(value, "__next__"):
            continue  # a file is an iterator: to read on is all that it can do
        with pytest.raises((TypeError, AttributeError)):
            learner.use(value, how)
    if how == "call":
        for operation in ("get", "send", "throw", "step", "anext", "next", "enter", "close"):
            with pytest.raises((TypeError, AttributeError), match=r"itself here|begins with _"):
                learner.use(tmp_path, operation, "read_text")


def test_instances_of_libraries_say_what_they_are_and_no_more(learner, tmp_path):
    assert learner.use(tmp_path, "repr") == learner.use(tmp_path, "str") == "<PosixPath object>"
    assert learner.use(Called(), "repr") == "<Called object>" and learner.use(tmp_path, "bool")
    assert learner.use(partial(int, "7"), "repr", *()) == "<function partial>"
    with pytest.raises(AttributeError, match=r"itself here|no attribute"):
        learner.probe(type(tmp_path), "cwd")


def test_what_tests_may_hand_over_can_be_used(learner):
    class Cache(dict):
        def __enter__(self):
            return "entered"

    class Layer(torch.nn.Module):
        def forward(self, x):
            return 2 * x

    class Box:
        def __getitem__(self, key):
            return key + 1

        def __len__(self):
            return 3

        def __call__(self):
            return "called"

        def __enter__(self):
            return "entered"

    box = Box()
    assert learner.use(box, "item") == 1 and learner.use(box, "len") == 3
    assert learner.use(box, "call") == "called" and learner.use(box, "with") == "entered"
    assert learner.call(np.exp, 0.0) == 1.0 and learner.call(partial(int, "7")) == 7
    assert learner.call(lru_cache(len), "abc") == 3
    assert learner.call(torch.nn.ReLU(), torch.tensor(-1.0)) == 0.0
    assert learner.call(Layer(), torch.tensor(2.0)) == 4.0
    assert learner.use({1: 2}.keys(), "iter") == [1] and learner.use({1: 2}.values(), "len") == 1
    assert learner.consume(zip([1], [2], strict=True)) == [(1, 2)]


def test_objects_no_longer_used_are_forgotten(learner):
    gc.collect()
    learner.echo(1)
    held = learner.peer.request("held")
    kept = [learner.Counter(i) for i in range(20)]
    again = [learner.echo(counter) for counter in kept]
    assert learner.peer.request("held") >= held + 20
    del again
    gc.collect()
    assert kept[3].n == 3
    del kept
    gc.collect()
    learner.echo(1)
    assert learner.peer.request("held") <= held + 1
    here = len(learner.peer._handles._own)
    for _ in range(20):
        learner.call(lambda: None)
    assert len(learner.peer._handles._own) <= here + 2


# Exceptions


def test_exceptions_arrive_as_the_nearest_builtin(learner):
    with pytest.raises(LookupError) as caught:
        learner.fail("own", 1, 2)
    assert type(caught.value) is LookupError and caught.value.remote_type == "Own"
    for kind, error in [("exit", SystemExit), ("interrupt", RuntimeError),
                        ("generator", RuntimeError), ("stop", RuntimeError)]:  # fmt: skip
        with pytest.raises(error):
            learner.fail(kind)
    assert learner.echo(1) == 1


def test_no_loop_of_a_test_ends_early(learner):
    with pytest.raises(RuntimeError, match="StopIteration"):
        list(map(learner.fail, ["stop"]))


def test_tracebacks_go_to_the_learners_own_feedback_alone(learner):
    with pytest.raises(ValueError) as caught:
        learner.deep_fail(60)
    text = caught.value.remote_traceback
    assert "deep_fail" in text and text.endswith("ValueError: deep")
    assert len(text.splitlines()) <= 20 and "grading/border" not in text

    def here():
        raise KeyError("hidden")

    name, text, trace = learner.catch(here, KeyError)
    assert (name, text, trace) == ("KeyError", "'hidden'", "")


def test_a_traceback_holds_the_learners_own_lines_alone(learner):
    with pytest.raises(Exception) as caught:
        learner.deep_in_a_library()
    frames = [line for line in caught.value.remote_traceback.splitlines() if "File" in line]
    assert len(frames) == 2, frames  # of the error, and of the one while which it was raised
    assert all("deep_in_a_library" in frame for frame in frames)


def test_an_exception_of_ones_own_comes_back_as_itself(learner):
    class Late(Exception):
        pass

    error = Late("mine")

    def here():
        raise error

    with pytest.raises(Late) as caught:
        learner.pass_on(here)
    assert caught.value is error and learner.peer.request("log")[-1] == "passed"
    assert learner.catch(here, Exception)[:2] == ("Exception", "mine")


# Coroutines


def test_coroutines_are_awaited(learner):
    async def add_one(x):
        await asyncio.sleep(0)
        return x + 1

    async def main():
        assert await learner.nap(0.01, 5) == 5
        assert await learner.twice(add_one, 1) == 3
        assert await learner.gather(add_one, 5) == [1, 2, 3, 4, 5]
        assert await learner.grouped(add_one, 3) == [1, 2, 3]
        assert await asyncio.gather(learner.nap(0.02, "a"), learner.nap(0, "b")) == ["a", "b"]
        return await asyncio.create_task(learner.nap(0, 6))

    assert asyncio.run(main()) == 6
    assert asyncio.run(learner.nap(0, 7)) == 7
    assert asyncio.run(learner.nap(1000, "soon")) == "soon"  # counted, not waited for


def test_coroutines_of_the_tests_may_wait_for_each_other(learner):
    async def main():
        event, order = asyncio.Event(), []

        async def part(i):
            order.append(f"begin {i}")
            if i == 1:
                event.set()
            await event.wait()
            await asyncio.sleep(0.001)
            order.append(f"end {i}")
            return i

        assert await learner.gather(part, 2) == [0, 1]
        return order

    assert asyncio.run(main())[:2] == ["begin 0", "begin 1"]


class Store:
    def __init__(self):
        self.data = {"left": 10}

    async def get(self, key):
        await asyncio.sleep(0)
        return self.data[key]

    async def set(self, key, value):
        await asyncio.sleep(0)
        self.data[key] = value


def test_races_show_as_they_do_without_a_border(learner):
    async def race(reserve):
        store = Store()
        return await asyncio.gather(reserve(store, 10), reserve(store, 10)), store.data

    direct = asyncio.run(race(border_learner.reserve))
    assert asyncio.run(race(learner.reserve)) == direct == ([True, True], {"left": 0})


def test_each_await_gives_way_once(learner):
    def steps(coroutine):
        count = 0
        with contextlib.suppress(StopIteration):
            while True:
                coroutine.send(None)
                count += 1
        return count

    assert steps(learner.reserve(Store(), 3)) == steps(border_learner.reserve(Store(), 3)) == 2
    assert steps(learner.nap(0, 1)) == 1


def test_cancelling_reaches_the_other_side(learner):
    async def main():
        task = asyncio.create_task(learner.stubborn())
        await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert learner.peer.request("log")[-1] == "cancelled"


def test_asynchronous_iterators_and_contexts(learner):
    async def here(n):
        for i in range(n):
            yield i

    async def main():
        assert [i async for i in learner.stream(3)] == [0, 1, 2]
        assert await learner.collect(here(3)) == [0, 1, 2]
        async with learner.Counter() as inside:
            assert inside == "inside"
            raise KeyError("swallowed")

    asyncio.run(main())


def test_coroutine_functions_are_known_as_such(learner):
    async def here():
        return 1

    assert learner.is_coroutine_function(here) and not learner.is_coroutine_function(print)
    assert learner.echo(here) is here and asyncio.iscoroutinefunction(learner.nap)
    assert learner.nap is not None and learner.nap.__name__ == "nap"


# Limits, and the end


def test_limits(fresh):
    session = fresh(Limits(calls=30))
    with pytest.raises(Malformed, match="more than 30 calls"):
        for _ in range(40):
            session.peer.request("log")
    with pytest.raises(Malformed, match="more than 30 calls"):
        session.peer.request("log")
    session = fresh(Limits(handles=5))
    functions = [lambda: None for _ in range(6)]
    with pytest.raises(Refused, match="more than 5 objects"):
        session.echo(functions)
    session = fresh(Limits(message=1000))
    with pytest.raises(Refused, match="too large"):
        session.echo("a" * 2000)
    assert session.echo("a" * 500) == "a" * 500
    with pytest.raises(Malformed, match="larger than 1000"):
        session.peer.repeat(session.echo, 10_000, 1)


def test_a_large_value_is_an_error_of_the_call(learner):
    with pytest.raises(ValueError, match="too large"):
        learner.peer.repeat(learner.zeros, 65, 1 << 20)
    assert learner.echo(1) == 1


def test_a_dead_peer(fresh):
    session = fresh()
    counter = session.Counter(1)
    with pytest.raises(PeerDied, match="has ended"):
        session.peer.request("die")
    with pytest.raises(PeerDied):
        counter.add()
    session.peer.close()


def test_a_closed_session(fresh):
    session = fresh()
    session.peer.close()
    with pytest.raises(PeerDied, match="over"):
        session.peer.request("log")


def answer(head=("done", None, None, "", []), body=None) -> bytes:
    packed = wire.dumps(head)
    return b"!" + struct.pack("<I", len(packed)) + packed + (body or wire.dumps(None))


@pytest.mark.parametrize(
    "data",
    [
        b"", b"?", b"!\xff\xff\xff\xff", b"nonsense", answer()[:-1], answer(("done",)),
        answer(("lost", None, None, "", [])), answer(("ended", None, None, "", [])),
        answer(("raised", None, None, "", [])), answer(("done", None, None, 5, [])),
        answer(("done", None, None, "", [(1, 1)])), answer(("done", None, None, "", 7)),
        answer(("done", [(5, b"0")], None, "", [])), answer(("done", [(0, b"0")], None, "", [])),
        answer(("done", [(-1, b"0")], None, "", [])), answer(("done", {}, None, "", [])),
        answer(("done", [(0, b"l\1\0\0\0R\0\0\0\0")], None, "", [])),
        answer(("done", [(0, b"l\1\0\0\0R\1\0\0\0"), (1, b"l\1\0\0\0R\0\0\0\0")], None, "", [])),
        answer(body=b"R\7\0\0\0"), answer(body=b"H" + wire.dumps((1, 99))),
        answer(body=b"H" + wire.dumps((0, 1, "process", "x"))), answer(body=b"\0"),
        b"?" + answer(("call", 99, []))[1:-1] + wire.dumps(((), {})),
        b"?" + answer(("call", 99, []))[1:],
    ],
    ids=range(24),
)  # fmt: skip
def test_a_malformed_answer_ends_the_session(data):
    here, there = socket.socketpair()
    peer = Peer(here)

    def be_hostile():
        wire.receive(there)
        wire.send(there, data)
        with contextlib.suppress(PeerDied):
            wire.receive(there)
        there.close()

    thread = threading.Thread(target=be_hostile)
    thread.start()
    with pytest.raises(Malformed) as first:
        peer.request("anything", [1], [2])
    with pytest.raises(Malformed) as second:
        peer.request("anything")
    assert str(first.value) == str(second.value) and "\n" not in str(first.value)
    thread.join()
    here.close()


def doubled() -> bytes:
    """Let every second list of a chain hold the next two: the others keep what they hold."""
    changes = [
        (i, b"l\2\0\0\0R" + struct.pack("<I", i + 1) + b"R" + struct.pack("<I", i + 2))
        for i in range(0, 58, 2)
    ]
    return answer(("done", changes, None, "", []))


@pytest.mark.parametrize("data", [doubled(), answer(body=b"l\0\0\2\0" + b"R\0\0\0\0" * (2 << 16))])
def test_small_answers_that_take_for_ever_to_look_at_are_refused(data):
    here, there = socket.socketpair()
    peer = Peer(here)
    nested: list = [0] * 100
    for _ in range(60):
        nested = [nested, *range(100)]

    def be_hostile():
        wire.receive(there)
        wire.send(there, data)

    thread = threading.Thread(target=be_hostile)
    thread.start()
    with pytest.raises(Malformed, match="too often"):
        peer.request("anything", nested)
    thread.join()
    peer.close()
    there.close()


def test_signal_handlers_can_tell_whether_the_peer_is_at_work(learner):
    assert learner.peer.request("busy", lambda: learner.peer.busy) == (False, False, False)
    assert not learner.peer.busy
