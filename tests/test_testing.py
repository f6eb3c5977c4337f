"""The helpers of test cells: what they accept, what they refuse, and that races always show."""

from __future__ import annotations

import asyncio
import doctest
import functools
import importlib
import os
import threading
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course import testing

MODULES = [
    "",
    *(f".{m}" for m in ["calls", "cases", "compare", "effects", "given", "interleaving", "seeds"]),
]


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_the_docstrings_run(module: str) -> None:
    result = doctest.testmod(importlib.import_module(f"course.testing{module}"))
    assert result.attempted >= 3
    assert result.failed == 0


class LyingInt(int):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


class LyingStr(str):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = str.__hash__


class Liar:
    def __eq__(self, other: object) -> bool:
        return True

    def __array__(self, *args: object, **kwargs: object) -> np.ndarray:
        return np.array([1.0])

    __class__ = np.ndarray  # type: ignore[assignment]


class Bomb:
    def __array__(self, *args: object, **kwargs: object) -> np.ndarray:
        raise SystemError("boom")

    def __repr__(self) -> str:
        raise ValueError("boom")


@dataclass
class Pair:
    left: float
    right: str


CLOSE = [
    (1.0 + 1e-8, 1.0),
    (1, 1.0),
    (np.float32(0.1), 0.1),
    (torch.tensor(0.5), 0.5),
    (torch.tensor(0.5, requires_grad=True), np.array(0.5)),
    (torch.ones(2, dtype=torch.bfloat16), np.ones(2)),
    (float("inf"), float("inf")),
    (-np.inf, float("-inf")),
    (np.array([1, 2]), [1, 2]),
    ((1, "a"), [1, "a"]),
    ({"a": np.ones(2)}, {"a": torch.ones(2)}),
    ({1, 2}, frozenset({1, 2})),
    (np.bool_(True), True),
    (2**70, 2**70),
    (Fraction(1, 3), Fraction(1, 3)),
    (Decimal("0.1"), Decimal("0.10")),
    (Pair(1.0 + 1e-9, "x"), Pair(1.0, "x")),
    (None, None),
    ([], []),
    (np.zeros((0, 3)), np.zeros((0, 3))),
]

NOT_CLOSE = [
    (1.0 + 1e-5, 1.0),
    (np.float32(1.001), 1.0),
    (2**70 + 1, 2**70),
    (float("nan"), float("nan")),
    (float("inf"), float("-inf")),
    (float("inf"), 1e308),
    (np.ones(3), np.ones((1, 3))),
    (1.0, np.ones(1)),
    (np.ones((3, 1)), np.ones(3)),
    (True, 1),
    (1, True),
    (np.array([0, 1]), np.array([False, True])),
    (None, 0.0),
    ([1.0, 2.0], np.array([1.0, 2.0])),
    ("1", 1),
    (1, "1"),
    ([1, 2, 3], [1, 2]),
    ([[1], [1, 2]], np.ones((2, 2))),
    ({"a": 1, "b": 2}, {"a": 1}),
    ({"a": 1}, {"b": 1}),
    (Decimal("0.1"), Fraction(1, 10)),
    (LyingInt(4), 5),
    (LyingStr("a"), "b"),
    (Liar(), np.array([2.0])),
    (Bomb(), 1.0),
    (Bomb(), [1.0]),
    (Pair(1.0, "y"), Pair(1.0, "x")),
    (lambda: 1, 1),
    (np.array(["1.0"]), np.array([1.0])),
]


class LyingTensor(torch.Tensor):
    @classmethod
    def __torch_function__(cls, *args: object, **kwargs: object) -> torch.Tensor:
        return torch.tensor([5.0])


class LyingArray(np.ndarray):
    def __array__(self, *args: object, **kwargs: object) -> np.ndarray:
        return np.array([5.0])


class LyingFloat(float):
    def __float__(self) -> float:
        return 5.0


class LyingList(list):
    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter([5.0])


class LyingDict(dict):
    def items(self) -> list:  # type: ignore[override]
        return [("a", 5.0)]


class LyingKey:
    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash("a")


def tensor_with_lying_method() -> torch.Tensor:
    tensor = torch.tensor([1.0])
    tensor.detach = lambda: torch.tensor([5.0])  # type: ignore[method-assign]
    return tensor


def list_in_itself() -> list:
    endless: list = []
    endless.append(endless)
    return endless


LIARS = [
    (torch.tensor([1.0]).as_subclass(LyingTensor), [5.0], [1.0]),
    (tensor_with_lying_method(), [5.0], [1.0]),
    (np.array([1.0]).view(LyingArray), np.array([5.0]), np.array([1.0])),
    (LyingFloat(1.0), 5.0, 1.0),
    (LyingList([1.0]), [5.0], [1.0]),
    (LyingDict(a=1.0), {"a": 5.0}, {"a": 1.0}),
]


@pytest.mark.parametrize(("liar", "claimed", "true"), LIARS, ids=range(len(LIARS)))
def test_close_looks_at_the_data_and_not_at_what_a_subclass_says(
    liar: object, claimed: object, true: object
) -> None:
    assert not testing.close(liar, claimed)
    assert testing.close(liar, true)


@given(st.recursive(st.none() | st.integers() | st.text() | st.floats(), st.lists))
def test_close_never_raises_and_always_answers(thing: object) -> None:
    for want in (1, 1.0, True, "x", [1.0], {"a": 1}, {1}, None, np.ones(2), torch.ones(2)):
        assert testing.close(thing, want) in (True, False)
        assert testing.close(want, thing) in (True, False)


def test_close_survives_what_cannot_be_compared() -> None:
    assert not testing.close({LyingKey(): 1.0}, {"a": 1.0})
    assert not testing.close(list_in_itself(), list_in_itself())
    assert not testing.close(torch.empty(2, device="meta"), torch.zeros(2))
    assert not testing.close(10**400, 1.0)
    assert not testing.close(np.array([2**63], dtype=np.uint64), np.array([-(2**63)]))


def test_a_tolerance_that_is_given_holds_for_integers_too() -> None:
    assert testing.close(1010, 1000, atol=20)
    assert not testing.close(1030, 1000, atol=20)
    assert not testing.close(1010, 1000)


@pytest.mark.parametrize(("got", "want"), CLOSE, ids=str)
def test_close_accepts(got: object, want: object) -> None:
    assert testing.close(got, want)


@pytest.mark.parametrize(("got", "want"), NOT_CLOSE, ids=range(len(NOT_CLOSE)))
def test_close_refuses(got: object, want: object) -> None:
    assert not testing.close(got, want)


def test_close_believes_an_int_subclass_only_by_its_value() -> None:
    assert testing.close(LyingInt(5), 5)


@given(hnp.arrays(np.float64, hnp.array_shapes(), elements=st.floats(-1e6, 1e6)))
def test_close_is_reflexive_and_sees_one_wrong_entry(array: np.ndarray) -> None:
    assert testing.close(array.copy(), array)
    assert testing.close(torch.from_numpy(array.copy()), array)
    wrong = array.copy()
    wrong.flat[-1] += 1 + abs(wrong.flat[-1])
    assert not testing.close(wrong, array)


def test_rng_follows_seed_exercise_and_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    def draw(stream: int = 0) -> tuple:
        first = testing.rng(stream).integers(2**62)
        return int(first), int(torch.randint(2**62, (), generator=testing.torch_generator(stream)))

    base = draw()
    assert draw() == base
    seen = {base, draw(1)}
    with testing.exercise("q04-sampler"):
        seen.add(draw())
        with testing.exercise("q04-filter-probs"):
            seen.add(draw())
    assert draw() == base
    monkeypatch.setenv("COURSE_SEED", "an instructor's key")
    seen.add(draw())
    assert len({a for a, _ in seen}) == len({b for _, b in seen}) == 5


def test_check_keeps_the_case() -> None:
    with pytest.raises(testing.Mismatch) as caught:
        testing.check(False, "is it sorted?", inputs=[2, 1], got=[2, 1], expected=[1, 2])
    assert str(caught.value) == "is it sorted?"
    assert caught.value.case == ("[2, 1]", "[2, 1]", "[1, 2]")


def test_agree_reports_the_smallest_failing_input() -> None:
    cases = [((list(range(n)),), n + (n > 2)) for n in (9, 2, 4, 3, 8)]
    with pytest.raises(testing.Mismatch) as caught:
        testing.agree(len, cases, "counts one too few")
    assert caught.value.case == ("[0, 1, 2]", "3", "4")
    assert "0, 1" not in str(caught.value)


@pytest.mark.parametrize("make", [np.array, lambda x: torch.tensor(x, dtype=torch.float64)])
def test_a_case_shows_as_many_digits_as_tell_its_sides_apart(make) -> None:
    got, want = (make([0.5]), make([1 / 3])), (make([0.5]), make([1 / 3 + 1e-8]))
    with pytest.raises(testing.Mismatch) as caught:
        testing.agree(lambda: got, [((), want)], "a lower precision", rtol=1e-12)
    assert "0.3333333333333333" in caught.value.case.got
    assert "0.3333333433333333" in caught.value.case.expected
    with pytest.raises(testing.Mismatch) as caught:
        testing.check(False, "a lower precision", got=got, expected=want)
    assert "0.3333333433333333" in caught.value.case.expected
    with pytest.raises(testing.Mismatch) as caught:
        testing.agree(lambda: got, [((), (make([0.5]), make([0.75])))], "far away")
    assert "0.33333333" not in caught.value.case.got


def test_agree_counts_an_exception_as_a_result() -> None:
    with pytest.raises(testing.Mismatch) as caught:
        testing.agree(lambda x: 1 / x, [((1,), 1.0), ((0,), 0.0)], "divides by zero?")
    assert caught.value.case is not None
    assert caught.value.case.got == "ZeroDivisionError: division by zero"
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def stub(*args: object) -> None:
    raise NotImplementedError


def test_an_exercise_not_begun_says_so() -> None:
    with pytest.raises(NotImplementedError):
        testing.agree(stub, [((1,), 1)], "message")
    with pytest.raises(NotImplementedError):
        testing.raises(ValueError, stub)
    assert testing.raises(NotImplementedError, stub)


def test_agree_refuses_to_test_nothing() -> None:
    with pytest.raises(ValueError, match="no case"):
        testing.agree(len, [], "message")
    with pytest.raises(TypeError, match="a case is"):
        testing.agree(len, [([1, 2], 2)], "message")


def test_agree_hands_over_copies() -> None:
    def spoil(x: np.ndarray, *, y: list) -> int:
        x[:] = 0
        y.clear()
        return 1

    x, y = np.ones(2), [1]
    testing.agree(spoil, [((x,), {"y": y}, 1)], "message")
    assert x.tolist() == [1, 1]
    assert y == [1]


@pytest.mark.parametrize(
    "value", [np.zeros(10**5), torch.zeros(10**5), list(range(10**5)), "x" * 10**5, Bomb()]
)
def test_shown_values_are_short_and_never_raise(value: object) -> None:
    with pytest.raises(testing.Mismatch) as caught:
        testing.check(False, "message", inputs=value)
    assert caught.value.case is not None
    assert 0 < len(caught.value.case.inputs) <= 400


def test_raises_wants_the_named_error() -> None:
    assert testing.raises(LookupError, {}.__getitem__, 1)
    assert not testing.raises(ValueError, {}.__getitem__, 1)


def test_repeat_lets_a_generator_go_on() -> None:
    generator = np.random.default_rng(0)
    drawn = testing.repeat(lambda g: int(g.integers(10**9)), 100, generator)
    assert drawn == np.random.default_rng(0).integers(10**9, size=100).tolist()


def test_value_and_grad_of_arguments_and_parameters() -> None:
    layer = torch.nn.Linear(2, 1)
    x = torch.tensor([[1.0, 2.0]])
    value, (dx, dw) = testing.value_and_grad(
        lambda m, x: (m(x).sum(), "aux"), layer, x, wrt=(1, "weight")
    )
    assert value[1] == "aux"
    assert not value[0].requires_grad
    assert testing.close(dx, layer.weight)
    assert testing.close(dw, x)
    assert x.grad is None
    assert layer.weight.grad is None
    _, bias = testing.value_and_grad(lambda m, x: m(x).sum(), layer, x, wrt="bias")
    assert testing.close(bias, torch.ones(1))


def test_value_and_grad_without_dependence() -> None:
    _, grad = testing.value_and_grad(lambda x: x.detach().sum(), torch.ones(2))
    assert testing.close(grad, torch.zeros(2))
    _, grads = testing.value_and_grad(
        lambda x, y: x.sum(), torch.ones(2), torch.ones(2), wrt=(0, 1)
    )
    assert testing.close(grads, (torch.ones(2), torch.zeros(2)))
    with pytest.raises(testing.Mismatch, match="a loss is one number"):
        testing.value_and_grad(lambda x: x, torch.ones(2))
    with pytest.raises(testing.Mismatch, match="has no parameter 'w'"):
        testing.value_and_grad(lambda m: m(torch.ones(2)), torch.nn.Linear(2, 1), wrt="w")


class Counter:
    def __init__(self, lock: object = None) -> None:
        self.count = 0
        self.lock = lock

    def racy(self) -> None:
        self.count += 1

    def safe(self) -> None:
        with self.lock:  # type: ignore[attr-defined]
            self.count += 1

    async def racy_await(self) -> None:
        seen = self.count
        await asyncio.sleep(0)
        self.count = seen + 1

    async def safe_await(self) -> None:
        async with self.lock:  # type: ignore[attr-defined]
            await self.racy_await()


def test_races_show_every_time() -> None:
    for _ in range(20):
        threads, coroutines = Counter(), Counter()
        testing.interleave([threads.racy] * 3)
        testing.interleave([coroutines.racy_await] * 3)
        assert threads.count < 3
        assert coroutines.count < 3


def test_a_race_between_two_locked_steps_shows_every_time() -> None:
    counter = Counter(threading.Lock())

    def add() -> None:
        with counter.lock:  # type: ignore[attr-defined]
            seen = counter.count
        with counter.lock:  # type: ignore[attr-defined]
            counter.count = seen + 1

    for _ in range(10):
        counter.count = 0
        testing.interleave([add, add])
        assert counter.count == 1


def test_time_asleep_passes_at_once_and_in_order() -> None:
    woken = []

    async def sleep(seconds: float) -> float:
        start = asyncio.get_running_loop().time()
        await asyncio.sleep(seconds)
        woken.append(seconds)
        return asyncio.get_running_loop().time() - start

    hours = [7200.0, 3600.0, 10800.0]
    slept = testing.interleave([functools.partial(sleep, h) for h in hours])
    assert woken == sorted(hours)
    assert testing.close(slept, hours)


def test_coroutines_that_wait_for_each_other_are_a_failed_check() -> None:
    lock = asyncio.Lock()
    with pytest.raises(testing.Mismatch, match="wait for each other"):
        testing.interleave([lock.acquire, lock.acquire])


def test_locks_hold() -> None:
    for _ in range(20):
        threads, coroutines = Counter(threading.Lock()), Counter(asyncio.Lock())
        testing.interleave([threads.safe] * 3)
        testing.interleave([coroutines.safe_await] * 3)
        assert threads.count == coroutines.count == 3


def test_interleave_inside_a_running_loop_and_with_arguments() -> None:
    async def double(x: int) -> int:
        await asyncio.sleep(0)
        return 2 * x

    async def notebook() -> list:
        return testing.interleave([functools.partial(double, 1), functools.partial(double, 2)])

    assert asyncio.run(notebook()) == [2, 4]


def test_interleave_passes_the_first_exception_on() -> None:
    async def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        testing.interleave([fail])
    with pytest.raises(ZeroDivisionError):
        testing.interleave([lambda: 1, lambda: 1 / 0])


def test_a_deadlock_is_a_failed_check() -> None:
    first, second = threading.Lock(), threading.Lock()

    def take(one: threading.Lock, other: threading.Lock) -> None:
        with one, other:
            pass

    with pytest.raises(testing.Mismatch, match="wait for each other"):
        testing.interleave(
            [functools.partial(take, first, second), functools.partial(take, second, first)]
        )


@pytest.mark.parametrize(
    "f",
    [
        np.random.random,
        lambda: torch.rand(1),
        lambda: __import__("random").random(),
        lambda: os.environ.__setitem__("COURSE_TEST_LEAK", "1"),
        lambda: torch.set_default_dtype(torch.float64),
    ],
)
def test_leaves_globals_sees_changes(f: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COURSE_TEST_LEAK", raising=False)
    try:
        assert not testing.leaves_globals(f)  # type: ignore[arg-type]
    finally:
        torch.set_default_dtype(torch.float32)
        os.environ.pop("COURSE_TEST_LEAK", None)
    assert testing.leaves_globals(lambda: np.random.default_rng(1).random())


def test_leaves_arguments() -> None:
    def bump(x: object) -> None:
        x += 1  # type: ignore[operator]

    nan = np.array([np.nan, 1.0])
    assert testing.leaves_arguments(np.sort, nan)
    assert testing.leaves_arguments(lambda g: g.random(), np.random.default_rng(0))
    assert not testing.leaves_arguments(bump, np.zeros(2))
    assert not testing.leaves_arguments(bump, torch.zeros(2))
    assert not testing.leaves_arguments(lambda d: d.update(a=2), {"a": 1})
    assert not testing.leaves_arguments(lambda d: d["a"].append(1), {"a": []})
