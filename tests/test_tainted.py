"""Text with sources: labels add up, nothing drops them in silence, and they cross the border."""

import pytest

import course
from course import testing
from course.grading import wire

PAGE = course.Tainted("Dorby", frozenset({"web"}))
MINE = course.Tainted("Bela", frozenset({"user"}))


def test_sums_and_joins_keep_every_source():
    both = frozenset({"user", "web"})
    for got, text, sources in [
        (PAGE + MINE, "DorbyBela", both),
        (PAGE + PAGE, "DorbyDorby", {"web"}),
        ("in " + PAGE, "in Dorby", both),
        (PAGE + ".", "Dorby.", both),
        (PAGE + "", "Dorby", {"web"}),
        (course.Tainted.join(", ", [PAGE, PAGE]), "Dorby, Dorby", both),
        (course.Tainted.join("", [PAGE, PAGE]), "DorbyDorby", {"web"}),
        (course.Tainted.join(PAGE, ["a", "b"]), "aDorbyb", both),
        (course.Tainted.join("", []), "", set()),
    ]:
        assert (got.value, got.sources) == (text, sources)


def test_what_would_lose_the_label_is_an_error():
    for loses in (lambda: f"{PAGE}", lambda: ", ".join([PAGE]), lambda: PAGE + 1, lambda: 1 + PAGE):
        with pytest.raises(TypeError):
            loses()


def test_sources_are_a_set_of_names():
    assert course.Tainted("x", {"web"}).sources == frozenset({"web"})
    with pytest.raises(TypeError, match="the set of its sources"):
        course.Tainted("x", "web")


def test_it_crosses_the_border_with_its_sources():
    back = wire.loads(wire.dumps({"to": PAGE}))["to"]
    assert type(back) is course.Tainted
    assert testing.close(back, PAGE)
    assert not testing.close(back, course.Tainted("Dorby", frozenset({"user"})))
