"""Types that exercises are given: they are at `course`'s top, and cross the border as they are."""

import dataclasses
import doctest

import pytest

import course
from course import given, testing
from course.grading import wire

RESULT = course.ReactResult("35", [("action", "price"), ("observation", "35")], "answer")


def test_examples_in_docstrings():
    assert doctest.testmod(given).failed == 0


def test_all_given_types_stand_at_the_top():
    assert all(getattr(course, name) is getattr(given, name) for name in given.__all__)


def test_it_crosses_the_border_with_its_type():
    back = wire.loads(wire.dumps(RESULT))
    assert type(back) is course.ReactResult
    assert testing.close(back, RESULT)


def test_it_is_compared_field_by_field():
    other = dataclasses.replace(RESULT, trace=(("action", "price"), ["observation", "35"]))
    assert testing.close(other, RESULT)
    assert not testing.close(dataclasses.replace(RESULT, stopped="repeat"), RESULT)
    assert not testing.close(dataclasses.replace(RESULT, answer=None), RESULT)


def test_it_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        RESULT.answer = "36"
