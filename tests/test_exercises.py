"""The course's own exercises: every proof holds, and the published table says so."""

from pathlib import Path

import pytest

from course.proof_exercises import find_exercises
from course.proof_table import markdown
from course.proofs import PROOFS, TABLE, Row, verify

ROOT = Path(__file__).parents[1]
EXERCISES = find_exercises(ROOT)
TABLE_TEST = "test_the_published_table_is_what_the_proofs_say"


@pytest.fixture(scope="module")
def proved(request) -> dict[str, Row]:
    """The proofs of the exercises that this run asks for, all judged by one pair of sandboxes."""
    items = [i for i in request.session.items if i.path == request.path]
    if any(item.name == TABLE_TEST for item in items):
        wanted = list(EXERCISES)
    else:
        wanted = [item.callspec.params["exercise"] for item in items if hasattr(item, "callspec")]
    return {row.exercise: row for row in verify(ROOT, wanted)}


@pytest.mark.parametrize("exercise", EXERCISES)
def test_right_ways_pass_and_wrong_ways_fail_the_named_test(exercise, proved):
    row = proved[exercise]
    assert not row.problems, "\n".join(row.problems)


def test_every_proof_file_belongs_to_an_exercise():
    assert {p.stem for p in (ROOT / PROOFS).glob("*.py")} == set(EXERCISES)


def test_the_published_table_is_what_the_proofs_say(proved):
    text = markdown([proved[exercise] for exercise in EXERCISES])
    assert (ROOT / TABLE).is_file(), "run `course verify --write`"
    assert (ROOT / TABLE).read_text() == text, "run `course verify --write`"
