"""The course's own exercises: every proof holds, and the published table says so."""

from functools import cache
from pathlib import Path

import pytest

from course.proof_exercises import find_exercises
from course.proof_table import markdown
from course.proofs import PROOFS, TABLE, Row, verify

ROOT = Path(__file__).parents[1]
EXERCISES = find_exercises(ROOT)


@cache
def proved(exercise: str) -> Row:
    (row,) = verify(ROOT, [exercise])
    return row


@pytest.mark.parametrize("exercise", EXERCISES)
def test_right_ways_pass_and_wrong_ways_fail_the_named_test(exercise):
    row = proved(exercise)
    assert not row.problems, "\n".join(row.problems)


def test_every_proof_file_belongs_to_an_exercise():
    assert {p.stem for p in (ROOT / PROOFS).glob("*.py")} == set(EXERCISES)


def test_the_published_table_is_what_the_proofs_say():
    text = markdown([proved(exercise) for exercise in EXERCISES])
    assert (ROOT / TABLE).is_file(), "run `course verify --write`"
    assert (ROOT / TABLE).read_text() == text, "run `course verify --write`"
