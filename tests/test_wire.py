"""Values cross the border unchanged, and hostile bytes are only ever malformed."""

from __future__ import annotations

import datetime
import math
import random
import socket
import struct
import threading
import tracemalloc
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch
from border_types import Bag
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course.grading import wire, wire_arrays
from course.grading.wire import Limits, Malformed, Mutable, PeerDied, Refused, dumps, loads
from course.grading.wire_decode import _READERS
from course.grading.wire_types import PACK, UNPACK
from course.syllabus import Question
from course.testing import Case

SMALL = Limits(message=1 << 20, items=10_000)
MODULES = (__name__,)

calm = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def there(value, **options):
    return loads(dumps(value, **options), **options)


def same(got, want) -> bool:
    """Compare exactly: types too, NaN equals NaN, -0.0 is not 0.0."""
    if type(got) is not type(want):
        return False
    if isinstance(want, (float, complex)):
        return struct.pack("<dd", complex(got).real, complex(got).imag) == struct.pack(
            "<dd", complex(want).real, complex(want).imag
        ) or (math.isnan(abs(got)) and math.isnan(abs(want)))
    if isinstance(want, Decimal):
        return str(got) == str(want)
    if isinstance(want, (list, tuple, deque)):
        return len(got) == len(want) and all(map(same, got, want))
    if isinstance(want, dict):
        return len(got) == len(want) and all(map(same, got.items(), want.items()))
    if isinstance(want, (set, frozenset)):
        return got == want and Counter(map(type, got)) == Counter(map(type, want))
    if isinstance(want, np.ndarray):
        return (
            got.shape == want.shape
            and got.dtype == want.dtype.newbyteorder("<")
            and got.tobytes() == want.astype(got.dtype).tobytes()
        )
    if isinstance(want, np.generic):
        return got.dtype == want.dtype.newbyteorder("<") and same(np.asarray(got), np.asarray(want))
    return got == want


def is_equal_to_itself(x) -> bool:
    return not (isinstance(x, Decimal) and x.is_snan()) and x == x


numbers = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers()
    | st.integers(-(2**300), 2**300) | st.decimals(allow_nan=None) | st.fractions()
)  # fmt: skip
texts = st.text(st.characters(exclude_categories=())) | st.binary()
times = (
    st.dates() | st.times() | st.datetimes() | st.timedeltas()
    | st.datetimes(timezones=st.just(datetime.timezone(datetime.timedelta(hours=-3, minutes=30))))
)  # fmt: skip
hashable = st.deferred(
    lambda: st.recursive(
        numbers.filter(is_equal_to_itself) | texts | times,
        lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=4),
        max_leaves=6,
    )
)
values = st.deferred(lambda: st.recursive(
    numbers | texts | times | st.binary().map(bytearray),
    lambda inner: (
        st.lists(inner, max_size=5) | st.tuples(inner, inner)
        | st.dictionaries(hashable, inner, max_size=4) | st.sets(hashable, max_size=4)
        | st.frozensets(hashable, max_size=4) | st.lists(inner, max_size=3).map(deque)
    ),
    max_leaves=25,
))  # fmt: skip
dtypes = (
    hnp.boolean_dtypes() | hnp.integer_dtypes(endianness="?") | hnp.unsigned_integer_dtypes()
    | hnp.floating_dtypes(endianness="?") | hnp.complex_number_dtypes()
    | hnp.unicode_string_dtypes(max_len=5) | hnp.datetime64_dtypes() | hnp.timedelta64_dtypes()
)  # fmt: skip
arrays = dtypes.flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, min_side=0, max_side=4))
)


@calm
@given(values)
def test_containers_and_scalars(value):
    assert same(there(value), value)


@calm
@given(st.lists(st.integers()) | st.lists(st.floats()) | st.lists(st.booleans()))
def test_lists_of_one_type(value):
    assert same(there(value), value)
    assert same(there(tuple(value)), tuple(value))


@calm
@given(arrays)
def test_arrays(value):
    got = there(value)
    assert same(got, value)
    assert got.flags.owndata or got.base is not None
    assert got.flags.writeable


@calm
@given(arrays.filter(lambda x: x.size > 0))
def test_numpy_scalars(value):
    scalar = value.ravel()[0]
    assert same(there(scalar), scalar)


@pytest.mark.parametrize("text", ["", "a\0", "ab\0\0", "\ud800"])
def test_numpy_text(text):
    assert same(there(np.str_(text)), np.str_(text))


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_arrays_of_every_make():
    square = np.arange(12.0).reshape(3, 4)
    for array in (square.T, square[::2, ::-1], np.broadcast_to(1.0, (2, 3)), np.matrix("1 2")):
        got = there(array)
        assert type(got) is np.ndarray and np.array_equal(got, np.asarray(array))
    square.flags.writeable = False
    assert not there(square).flags.writeable
    assert there(np.zeros(2, "U0")).tolist() == ["", ""]
    mixed = np.array([["a", None], [1, (2.0,)]], dtype=object)
    assert there(mixed).tolist() == mixed.tolist()


TORCH = [d for name, d in wire_arrays._TORCH.items() if not wire_arrays._BITS.match(name)]


@pytest.mark.filterwarnings("ignore:ComplexHalf")
@calm
@given(st.sampled_from(TORCH), st.lists(st.integers(0, 3), max_size=3), st.randoms())
def test_tensors(dtype, shape, rng):
    size = math.prod(shape) * dtype.itemsize
    data = bytearray(rng.randrange(2 if dtype is torch.bool else 256) for _ in range(size))
    tensor = torch.empty(shape, dtype=dtype)
    if size:
        tensor = torch.frombuffer(data, dtype=torch.uint8).view(dtype).reshape(shape)
    got = there(tensor)
    assert (got.shape, got.dtype) == (tensor.shape, dtype) and got.is_contiguous()
    assert not size or got.reshape(-1).view(torch.uint8).tolist() == list(data)


def test_tensors_of_every_make():
    square = torch.arange(12.0).reshape(3, 4)
    turned = torch.complex(square, -square).conj()
    for tensor in (square.T, square[::2, 1:], square.expand(2, 3, 4), turned, turned.imag,
                   torch.tensor(2.5), torch.nn.Parameter(square), square[:1, 0],
                   square[0].sum().expand(1)):  # fmt: skip
        got = there(tensor)
        assert type(got) is torch.Tensor and torch.equal(got, tensor) and not got.requires_grad
    for tensor in (torch.eye(2).to_sparse(), torch.ones(2, device="meta")):
        with pytest.raises(Refused, match="dense one on the CPU"):
            dumps(tensor)


@pytest.mark.parametrize(
    "value",
    [
        range(3, 10**30, 7), slice(1, None, -2), ..., NotImplemented, torch.bfloat16, torch.quint8,
        np.dtype("f4"), np.dtype("U7"), np.dtype("M8[ns]"), torch.device("cpu"), int, ValueError,
        np.float32, torch.nn.Linear, Question, Case("1", "2", "3"), -0.0, 2**63, -(2**63),
        datetime.datetime(2024, 10, 27, 2, 30, fold=1), datetime.time(1, tzinfo=datetime.UTC),
        deque([1], 3), {1: 2, True + 1: 3}, "\udcff", b"", [[]], ((),),
    ],
    ids=repr,
)  # fmt: skip
def test_single_values(value):
    got = there(value)
    assert same(got, value)
    assert getattr(got, "maxlen", None) == getattr(value, "maxlen", None)


@calm
@given(dtypes | hnp.byte_string_dtypes(max_len=5) | st.just(np.dtype(object)))
def test_numpy_dtypes(dtype):
    assert there(dtype) == dtype.newbyteorder("<")


@pytest.mark.parametrize("dtype", wire_arrays._TORCH.values(), ids=str)
def test_torch_dtypes(dtype):
    assert there(dtype) is dtype


large = st.integers(-(2**70), 2**70)


@calm
@given(
    st.builds(range, large, large, large.filter(bool))
    | st.builds(slice, st.none() | large, st.none() | large, st.none() | large)
    | st.builds(deque, st.lists(values, max_size=3), st.none() | st.integers(0, 5))
)
def test_ranges_slices_and_deques(value):
    got = there(value)
    if isinstance(value, slice):
        assert type(got) is slice and (got.start, got.stop, got.step) == (
            value.start, value.stop, value.step,
        )  # fmt: skip
    else:
        assert same(got, value)
    assert getattr(got, "maxlen", None) == getattr(value, "maxlen", None)


@calm
@given(st.lists(values, max_size=3), st.floats(), texts.filter(lambda x: isinstance(x, str)))
def test_dataclasses_and_named_tuples_of_the_course(things, weight, text):
    for bag in (Bag(things, weight), Bag([Bag(things, weight)], 0.0)):
        got = there(bag, modules=("border_types",))
        assert type(got) is Bag and same([got.weight], [bag.weight])
        inner, given_inner = (got.things, bag.things)
        if given_inner and type(given_inner[0]) is Bag:
            assert type(inner[0]) is Bag and same(inner[0].things, things)
        else:
            assert same(inner, things)
    case = Case(text, text, "")
    assert type(there(case)) is Case and there(case) == case
    with pytest.raises(Refused, match="no bytes of its own"):
        dumps(Bag(things, weight))  # of a package that is not the course's


@calm
@given(hnp.array_shapes(min_dims=0, min_side=0, max_side=3), st.data())
def test_arrays_of_objects(shape, data):
    array = np.empty(shape, object)
    for place in np.ndindex(*shape):
        array[place] = data.draw(numbers | texts)
    got = there(array)
    assert got.shape == array.shape and got.dtype == object
    assert same(got.ravel().tolist(), array.ravel().tolist())


@calm
@given(st.sampled_from([ValueError, LookupError, OSError, ArithmeticError, AssertionError]),
       st.text(st.characters(exclude_categories=())))  # fmt: skip
def test_texts_of_exceptions(kind, text):
    got = there(kind(text))
    assert type(got) is kind and str(got) == text[:10_000] and got.remote_type == kind.__name__


@calm
@given(st.integers(0, 2**200), st.integers(0, 700))
def test_random_generators_go_on_where_they_were(seed, drawn):
    for kind in ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"):
        generator = np.random.Generator(getattr(np.random, kind)(seed))
        generator.integers(10, size=drawn, dtype=np.uint32)
        got = there(generator)
        assert got.random(5).tolist() == generator.random(5).tolist()
        assert got.spawn(1)[0].random() == generator.spawn(1)[0].random()
    legacy = np.random.RandomState(seed % 2**32)
    legacy.standard_normal(drawn)
    assert there(legacy).standard_normal(3).tolist() == legacy.standard_normal(3).tolist()
    python = random.Random(seed)
    for _ in range(drawn):
        python.gauss(0, 1)
    assert there(python).gauss(0, 1) == python.gauss(0, 1)
    tensors = torch.Generator().manual_seed(seed % 2**63)
    torch.randn(drawn, generator=tensors)
    got = torch.randn(3, generator=there(tensors))
    assert torch.equal(got, torch.randn(3, generator=tensors))


class LyingInt(int):
    def __index__(self):
        return 5

    __int__ = __eq__ = __index__
    __hash__ = int.__hash__


class LyingList(list):
    def __iter__(self):
        return iter([1, 1, 1])

    def __len__(self):
        return 7


class LyingText(str):
    def __str__(self):
        return "full marks"

    def encode(self, *args):
        return b"full marks"


class LyingDict(dict):
    def items(self):
        return [("score", 100)]


def test_subclasses_of_builtins_travel_as_their_plain_value():
    assert same(there(LyingInt(3)), 3)
    assert same(there(LyingList([2, 3])), [2, 3])
    assert same(there(LyingText("none")), "none")
    assert same(there(LyingDict(a=1)), {"a": 1})
    assert same(there(OrderedDict(b=1, a=2)), {"b": 1, "a": 2})
    assert same(there(defaultdict(list, a=[1])), {"a": [1]})
    assert same(there(Counter("aab")), {"a": 2, "b": 1})
    assert same(there(torch.Size([2, 3])), (2, 3))
    assert same(there(namedtuple("Own", "a b")(1, 2)), (1, 2))
    assert same(there(np.float64(1.5)), np.float64(1.5))


class Odd(LookupError):
    def __init__(self, a, b):
        super().__init__(a, b)

    def __str__(self):
        return "odd"


@pytest.mark.parametrize(
    ("error", "kind", "text"),
    [
        (ValueError("no"), ValueError, "no"), (KeyError("k"), KeyError, "'k'"),
        (Odd(1, 2), LookupError, "odd"), (KeyboardInterrupt(), RuntimeError, ""),
        (FileNotFoundError(2, "gone"), FileNotFoundError, "[Errno 2] gone"),
        (ExceptionGroup("many", [ValueError()]), Exception, "many (1 sub-exception)"),
        (SystemExit(3), SystemExit, "3"), (StopIteration(4), StopIteration, "4"),
    ],
    ids=repr,
)  # fmt: skip
def test_exceptions_become_the_nearest_builtin(error, kind, text):
    got = there(error)
    assert (type(got), str(got), got.remote_type) == (kind, text, type(error).__name__)
    assert got.__traceback__ is None


def test_unicode_error_becomes_one_that_a_string_builds():
    with pytest.raises(UnicodeDecodeError) as caught:
        b"\xff".decode()
    assert type(there(caught.value)) is UnicodeError


def test_what_is_too_much_is_refused():
    cycle: list = []
    cycle.append(cycle)
    for value, words in [
        (cycle, "contains itself"),
        ([0] * 20_000, "too large"),
        (["a"] * 20_000, "too large"),
        (b"0" * (1 << 21), "too large"),
        ([bytes(1 << 19)] * 4, "too large"),
        (Fraction(1, 2**10_000), "8192 bits"),
        (print, "no bytes"),
        (np.zeros(2, [("a", int)]), "no bytes"),
    ]:
        with pytest.raises(Refused, match=words):
            dumps(value, limits=SMALL)
    deep: list = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(Refused, match="100 levels"):
        dumps(deep)
    assert same(there(deep[0]), deep[0])


def test_mutables_are_met_in_the_same_order():
    value = ([1, {2: bytearray(b"3")}], np.zeros(2), {"a": {4, 5}}, np.random.default_rng(0), (6,))
    sent: list = []
    got: list[Mutable] = []
    data = dumps(value, mutables=sent)
    loads(data, mutables=got)
    assert [type(x) for x in sent] == [type(x.value) for x in got]
    assert [type(x).__name__ for x in sent] == (
        ["list", "dict", "bytearray", "ndarray", "dict", "set", "Generator"]
    )
    for note in got:
        assert same(loads(data[note.start : note.end]), note.value) or hasattr(note.value, "random")


def test_references_point_to_given_objects():
    inner, outer = [1], [2]
    data = dumps([inner, (outer, inner)], refs={id(inner): 0, id(outer): 1})
    got = loads(data, refs=[inner, outer])
    assert got[0] is inner and got[1][0] is outer and got[1][1] is inner
    for refs in ([inner], None):
        with pytest.raises(Malformed, match="may not"):
            loads(data, refs=refs)


# Hostile bytes


def only_malformed(data, **options):
    try:
        return loads(data, limits=SMALL, **options)
    except Malformed as error:
        assert str(error).endswith(".") and "\n" not in str(error)
        assert error.__cause__ is None


@settings(calm, max_examples=2000)
@given(st.binary(max_size=200))
def test_random_bytes(data):
    only_malformed(data)


TAGS = b"0+-iIfcsbBltPdezkRXQNCH"
GENERATORS = [
    np.random.Generator(np.random.MT19937(1)), np.random.Generator(np.random.Philox(1)),
    np.random.Generator(np.random.SFC64(1)), np.random.default_rng(1), np.random.RandomState(1),
    random.Random(1), torch.Generator(),
]  # fmt: skip
SEEDS = [
    [1, "two", {3.0: None}, (4, 5, 6, 7), {8}, frozenset([9]), 10**40, bytearray(3), deque([1])],
    np.arange(6).reshape(2, 3), np.array(["ä", "b"]), torch.ones(2, 2), np.float32(2), Decimal(1),
    Fraction(1, 3), datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC), range(3), slice(1, 2),
    ValueError("a"), torch.int8, np.dtype("i4"), Case("a", "b", "c"), int, [0.5] * 9, 1j,
    np.array([True]), torch.tensor([True]), np.array([1, None]), *GENERATORS,
    datetime.date(2024, 1, 1), datetime.time(1, tzinfo=datetime.UTC), datetime.timedelta(1, 2, 3),
    torch.ones(2, dtype=torch.bfloat16), torch.device("cpu"), np.float16(2), np.datetime64(5, "s"),
    np.str_("ä"), deque([1, "a"], 3), ..., NotImplemented, {Fraction(1, 2): Decimal("NaN")},
    torch.nn.Linear, np.dtype("M8[ns]"), {(1, frozenset([2])): [b"", "\ud800"]},
]  # fmt: skip


@settings(calm, max_examples=3000)
@given(
    st.sampled_from([dumps(x) for x in SEEDS]),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 3), st.binary(max_size=8)),
             min_size=1, max_size=4),
)  # fmt: skip
def test_mutated_messages(data, edits):
    data = bytearray(data)
    for place, how, new in edits:
        at = place % (len(data) + 1)
        if how == 0:
            data[at : at + len(new)] = new
        elif how == 1:
            del data[at : at + 1 + len(new)]
        elif how == 2:
            data[at:at] = new
        elif at < len(data):
            data[at] = TAGS[place % len(TAGS)]
    value = only_malformed(bytes(data))
    if isinstance(value, (np.random.Generator, np.random.RandomState)):
        value.standard_normal(700)  # a state that points outside its table would crash here
    elif isinstance(value, random.Random):
        value.random()
    elif isinstance(value, torch.Generator):
        torch.randn(700, generator=value)
    elif isinstance(value, np.ndarray):
        assert value.tolist() is not None


@calm
@given(st.recursive(
    st.sampled_from([b"0", b"+", b"i" + bytes(8), b"s\0\0\0\0", b"P", b"R\0\0\0\0", b"H0"]),
    lambda inner: st.tuples(st.sampled_from([bytes([tag]) for tag in TAGS]), st.lists(inner)).map(
        lambda pair: pair[0] + struct.pack("<I", len(pair[1])) + b"".join(pair[1])
    ) | st.tuples(st.sampled_from(b"DFatTLrseiEAndXyvGRgm"), inner).map(
        lambda pair: b"X" + bytes([pair[0]]) + pair[1]
    ),
    max_leaves=30,
))  # fmt: skip
def test_trees_of_valid_tags(data):
    only_malformed(data)


@pytest.mark.parametrize("tag", [bytes([tag]) for tag in TAGS])
def test_declared_lengths_are_checked_before_anything_is_allocated(tag):
    tracemalloc.start()
    try:
        for head in (tag, tag + b"lq", tag + b"td", b"Xn" + tag, b"k0"):
            with pytest.raises(Malformed):
                loads(head + b"\xff\xff\xff\xff" + b"0" * 9)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1 << 20


def message(*parts) -> bytes:
    return b"t" + struct.pack("<I", len(parts)) + b"".join(map(dumps, parts))


@pytest.mark.parametrize(
    "data",
    [
        b"XA" + message("<f8", (1 << 40,), True, bytes(8)),
        b"XA" + message("<U1", (10**9,), True, b""),
        b"XA" + message("<f8", (-1,), True, b""),
        b"XA" + message("<f8", (1,) * 65, True, bytes(8)),
        b"XA" + message("<U99999999", (0, 10**18, 10**18), True, b""),
        b"XA" + message("<U1", (1,), True, b"\xff\xff\xff\xff"),
        b"XA" + message("|b1", (1,), True, b"\x07"),
        b"XA" + message("|O", (1,), True, b"\0" * 8),
        b"XA" + message("|V8", (1,), True, b"\0" * 8),
        b"XX" + message("float32", (3,), True, bytes(8)),
        b"XX" + message("bool", (1,), True, b"\x07"),
        b"XX" + message("quint8", (1,), True, b"\x07"),
        b"XX" + message("load", (), True, b""),
        b"XF" + message(1, 0),
        b"XF" + message(1, 1 << 9000),
        b"XD" + dumps("1" + "_0" * 9),
        b"Xr" + message(0, 1, 0),
        b"XE" + message("exec", "print()", ""),
        b"XE" + message("KeyboardInterrupt", "", ""),
        b"Q" + dumps("os")[1:] + dumps("system")[1:] + struct.pack("<I", 0),
        b"Q" + dumps("builtins")[1:] + dumps("list")[1:] + struct.pack("<I", 0),
        b"Q" + dumps("course.syllabus")[1:] + dumps("Question")[1:] + struct.pack("<I", 0),
        b"N" + dumps("builtins")[1:] + dumps("tuple")[1:] + struct.pack("<I", 1) + b"0",
        b"C" + dumps("subprocess")[1:] + dumps("Popen")[1:],
        b"C" + dumps("course.cli")[1:] + dumps("main")[1:],
        b"C" + dumps("course.syllabus")[1:] + dumps("__builtins__")[1:],
        b"H0",
        b"XG" + message("default_rng", {}, None),
        b"XG" + message("PCG64", {}, (1 << 10**6, (), 0)),
        b"d" + struct.pack("<I", 1) + b"0",
        b"d" + struct.pack("<I", 2) + dumps([]) + b"0",
        b"e" + struct.pack("<I", 1) + dumps({}),
        b"I" + b"\xff" * 4,
        b"s" + struct.pack("<I", 1) + b"\xff",
        b"",
        b"00",
    ],
    ids=range(36),
)
def test_messages_that_no_honest_program_sends(data):
    with pytest.raises(Malformed):
        loads(data)


@pytest.mark.parametrize("name", ["MT19937", "Philox", "SFC64", "PCG64"])
def test_states_that_point_outside_their_table(name):
    bits = getattr(np.random, name)(0)
    for key, wrong in [("pos", 10**6), ("buffer_pos", 10**6), ("has_uint32", 2)]:
        state = bits.state
        inner = state if key in state else state["state"]
        if isinstance(inner, dict) and key in inner:
            inner[key] = wrong
            with pytest.raises(Malformed, match="impossible state"):
                loads(b"XG" + message(name, state, None))


def test_nesting_has_an_end():
    for head in (b"l\1\0\0\0", b"t\1\0\0\0", b"d\2\0\0\00", b"XA", b"k", b"H", b"e\1\0\0\0"):
        with pytest.raises(Malformed, match="levels deep"):
            loads(head * 100_000 + b"0")


def test_values_are_counted():
    many = b"t" + struct.pack("<I", 100) + b"l\0\0\0\0" * 100
    assert len(loads(many)) == 100
    with pytest.raises(Malformed, match="more than 50 values"):
        loads(many, limits=Limits(items=50))
    with pytest.raises(Malformed, match="more than 50 values"):
        loads(dumps([0] * 60), limits=Limits(items=50))


def test_keys_that_hash_alike():
    modulus = 2**61 - 1  # of Python's hash of numbers
    for n, fine in [(100, True), (200, False)]:
        for value in ({i * modulus: None for i in range(1, n)}, {i * modulus for i in range(1, n)}):
            if fine:
                assert there(value) == value
            else:
                with pytest.raises(Malformed, match="hash alike"):
                    there(value)


# Messages on a socket


def test_messages_keep_their_bounds():
    here, far = socket.socketpair()
    sent = [b"", b"a" * 10, bytes(3 << 20), b"end"]
    thread = threading.Thread(target=lambda: [wire.send(far, x[:5], x[5:]) for x in sent])
    thread.start()
    assert [wire.receive(here) for _ in sent] == sent
    thread.join()
    far.sendall(struct.pack("<I", 100) + b"half")
    far.close()
    with pytest.raises(PeerDied):
        wire.receive(here)
    with pytest.raises(PeerDied):
        for _ in range(100):
            wire.send(here, bytes(100_000))


def test_every_type_that_travels_is_read_and_fuzzed():
    """A type that is added has a reader, and messages that the fuzzing begins with."""
    seeds = [*map(dumps, SEEDS), dumps(Bag([1]), modules=("border_types",))]
    assert {code for code in PACK if not any(b"X" + code in seed for seed in seeds)} == set()
    tags = {tag[0] for tag in _READERS}
    assert tags == set(TAGS) | set(b"tQ")
    assert PACK.keys() == UNPACK.keys() and len(b"".join(PACK)) == len(PACK)


def test_a_large_message_is_refused_before_it_is_read():
    here, far = socket.socketpair()
    far.sendall(struct.pack("<I", 1 << 31))
    with pytest.raises(Malformed, match="larger than"):
        wire.receive(here)
