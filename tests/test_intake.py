"""What intake says about every kind of broken submission, and what it lets through."""

import json
import os
from pathlib import Path

import nbformat
import pytest
from conftest import TOY, ToyCourse, toy_source

from course.grading.assignment import exercise_of, read_assignment
from course.grading.errors import UsageError
from course.grading.intake import Submission, find_learners, is_plain_name, take_in


def look(toy: ToyCourse, learner: str = "ada") -> Submission:
    assignment = read_assignment(toy.root / "source", TOY)
    return take_in(toy.submitted, assignment, learner, toy.root / "staged")


def staged(toy: ToyCourse, learner: str = "ada") -> Path:
    return toy.root / "staged" / learner / TOY / "toy.ipynb"


def with_format(version: object) -> str:
    return json.dumps({**toy_source(), "nbformat": version})


REJECTED = {
    "empty file": (b"", "toy.ipynb is empty (0 bytes)"),
    "not text": (b"\x50\x4b\x03\x04\xff\xfe", "not even text"),
    "cut off": ('{"cells": [', "not valid JSON (line 1, column 12)"),
    "a web page": ("<html></html>", "not valid JSON"),
    "too deep": ("[" * 100_000, "not JSON that a notebook could have"),
    "a list": ("[1, 2]", "not a notebook"),
    "other JSON": ('{"a": 1}', "not a notebook: it has no nbformat"),
    "format 3": (with_format(3), "is in notebook format 3, and only format 4"),
    "format 5": (with_format(5), "is in notebook format 5, and only format 4"),
    "format as text": (with_format("4" * 99), "is in notebook format 44444444444444444444, and"),
    "no cells": ('{"nbformat": 4}', "has no list of cells"),
    "cells of another kind": ('{"nbformat": 4, "cells": [1]}', "Cell 1 of toy.ipynb"),
    "unhashable cell type": (
        '{"nbformat": 4, "cells": [{"source": "", "cell_type": []}]}',
        "Cell 1 of toy.ipynb is not a notebook cell",
    ),
    "source of numbers": (
        '{"nbformat": 4, "cells": [{"source": [1], "cell_type": "code"}]}',
        "Cell 1 of toy.ipynb is not a notebook cell",
    ),
}


@pytest.mark.parametrize(("content", "sentence"), REJECTED.values(), ids=REJECTED)
def test_rejected_files_get_one_sentence(toy_course: ToyCourse, content, sentence: str):
    path = toy_course.hand_in("ada", content)
    before = path.read_bytes()

    found = look(toy_course)

    assert found.problem is not None
    assert sentence in found.problem
    assert "\n" not in found.problem
    assert found.problem.endswith(".")
    assert not staged(toy_course).exists(), "nothing is staged for a submission that is refused"
    assert path.read_bytes() == before


def test_a_200_megabyte_file_is_refused_unread(toy_course: ToyCourse, monkeypatch):
    path = toy_course.hand_in("ada", "")
    os.truncate(path, 200_000_000)

    def refuse(self):
        raise AssertionError(f"{self} was read")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    problem = look(toy_course).problem
    assert problem is not None
    assert "has 200 MB, and 50 MB is the limit" in problem


def test_a_link_out_of_the_submission_is_refused(toy_course: ToyCourse):
    source = toy_course.root / "source" / TOY / "toy.ipynb"
    path = toy_course.hand_in("ada", "")
    path.unlink()
    path.symlink_to(source)
    assert "link to a file outside the submission" in str(look(toy_course).problem)


def test_a_link_to_another_learner_is_refused(toy_course: ToyCourse):
    toy_course.hand_in("bob")
    (toy_course.submitted / "ada").symlink_to(toy_course.submitted / "bob")
    assert "link to a file outside the submission" in str(look(toy_course).problem)


def test_a_dangling_link_and_a_pipe_are_refused(toy_course: ToyCourse):
    path = toy_course.hand_in("ada", "")
    path.unlink()
    path.symlink_to("nowhere.ipynb")
    assert "leads nowhere" in str(look(toy_course).problem)
    path.unlink()
    os.mkfifo(path)  # opening it would wait for ever
    assert "is not a file" in str(look(toy_course).problem)


def test_missing_notebook(toy_course: ToyCourse):
    toy_course.hand_in("ada", "print()", name="homework.py")
    toy_course.hand_in("bob", '{"nbformat": 4, "cells": []}', name="other.ipynb")
    (toy_course.submitted / "cyd" / TOY).mkdir(parents=True)
    assert look(toy_course).problem == (
        "toy.ipynb is missing: there is homework.py, but no notebook."
    )
    assert "other.ipynb holds none of this assignment's cells" in str(
        look(toy_course, "bob").problem
    )
    assert look(toy_course, "cyd").problem == "toy.ipynb is missing: the folder is empty."


def test_a_renamed_notebook_is_taken_under_its_right_name(toy_course: ToyCourse):
    toy_course.hand_in("ada", name="toy (1).ipynb")
    toy_course.hand_in("ada", '{"nbformat": 4, "cells": []}', name="scratch.ipynb")
    found = look(toy_course)
    assert found.problem is None
    assert found.notes[0] == "Your file was called toy (1).ipynb; it was graded as toy.ipynb."
    assert staged(toy_course).is_file()


def test_several_notebooks_that_could_be_it(toy_course: ToyCourse):
    toy_course.hand_in("ada", name="toy (1).ipynb")
    toy_course.hand_in("ada", name="toy (2).ipynb")
    problem = look(toy_course).problem
    assert "Several notebooks could be toy.ipynb (toy (1).ipynb, toy (2).ipynb)" in str(problem)


def test_the_right_name_wins_over_copies(toy_course: ToyCourse):
    toy_course.hand_in("ada")
    toy_course.hand_in("ada", name="toy-old.ipynb")
    found = look(toy_course)
    assert found.problem is None
    assert found.notes == (
        "Not graded, because the assignment has no such notebook: toy-old.ipynb.",
    )


def test_a_renamed_file_that_is_broken_says_how(toy_course: ToyCourse):
    toy_course.hand_in("ada", "{", name="toy (1).ipynb")
    assert "toy (1).ipynb is not valid JSON" in str(look(toy_course).problem)


def test_the_staged_copy_is_clean_and_the_original_is_left_alone(toy_course: ToyCourse):
    nb = toy_course.notebook()
    nb.cells[5].metadata["tags"] = ["skip-execution"]
    nb.cells[3].outputs = [nbformat.v4.new_output("stream", text="an output")]
    nb.cells[3].metadata["mess"] = {"any": "thing"}
    nb.metadata = {"kernelspec": {"name": "my-own", "display_name": "x"}}
    path = toy_course.hand_in("ada", nb)
    before = path.read_bytes()

    assert look(toy_course).problem is None

    clean = nbformat.read(staged(toy_course), as_version=4)
    nbformat.validate(clean)
    assert [c.source for c in clean.cells] == [c.source for c in nb.cells]
    assert [c.id for c in clean.cells] == [c.id for c in nb.cells]
    assert all(set(c.metadata) <= {"nbgrader"} for c in clean.cells)
    assert not any(c.get("outputs") for c in clean.cells)
    assert clean.metadata.kernelspec.name == "python3"
    assert path.read_bytes() == before


def test_sloppy_notebooks_are_taken_as_they_are_meant(toy_course: ToyCourse):
    """Sources as lists, a byte order mark, ids that are missing, doubled or odd."""
    raw = json.loads(json.dumps(toy_course.notebook()))
    for cell in raw["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)
    raw["cells"][0].pop("id")
    raw["cells"][1]["id"] = raw["cells"][2]["id"]
    raw["cells"][3]["id"] = "no spaces, please"
    toy_course.hand_in("ada", b"\xef\xbb\xbf" + json.dumps(raw).encode())
    assert look(toy_course).problem is None
    clean = nbformat.read(staged(toy_course), as_version=4)
    nbformat.validate(clean)
    assert [c.source for c in clean.cells] == [c.source for c in toy_course.notebook().cells]
    assert len({c.id for c in clean.cells}) == len(clean.cells)


def test_the_digest_changes_with_the_work_only(toy_course: ToyCourse):
    toy_course.hand_in("ada")
    toy_course.hand_in("bob", double=toy_course.WRONG_DOUBLE)
    nb = toy_course.notebook()
    nb.cells[3].outputs = [nbformat.v4.new_output("stream", text="an output")]
    toy_course.hand_in("cyd", nb)
    ada, bob, cyd = (look(toy_course, learner).digest for learner in ("ada", "bob", "cyd"))
    assert ada == cyd
    assert ada != bob


@pytest.mark.parametrize(
    "name", ["..", "a/b", "../x", "", ".hidden", "a*", "<b>", "a\nb", "-x", "x" * 101, "a..b"]
)
def test_names_that_no_learner_can_have(name: str):
    assert not is_plain_name(name)


@pytest.mark.parametrize("name", ["ada", "a.b-c_d", "zoë", "Ada Lovelace", "x@y.org", "O'Brien"])
def test_names_that_learners_have(name: str):
    assert is_plain_name(name)


def test_a_folder_that_cannot_be_a_learner_is_reported(toy_course: ToyCourse):
    toy_course.hand_in("<b>bold")
    toy_course.hand_in("ada")
    (toy_course.submitted / "lost.ipynb").write_text("{}")
    (toy_course.submitted / "README.txt").write_text("not a learner")
    present, _ = find_learners(toy_course.submitted, TOY)
    found = {learner: look(toy_course, learner) for learner in present}
    assert sorted(found) == ["<b>bold", "ada", "lost.ipynb"]
    assert not found["<b>bold"].nameable
    assert "cannot be a learner's name" in str(found["<b>bold"].problem)
    assert "outside a learner's folder" in str(found["lost.ipynb"].problem)
    assert found["ada"].problem is None


def test_learners_asked_for_by_name(toy_course: ToyCourse):
    toy_course.hand_in("ada")
    with pytest.raises(UsageError, match=r"'\.\./ada' is not a learner's name"):
        find_learners(toy_course.submitted, TOY, ["../ada"])
    with pytest.raises(UsageError, match="'a/b' is not a learner's name"):
        find_learners(toy_course.submitted, TOY, ["a/b"])
    with pytest.raises(UsageError, match="bob handed in nothing for toy"):
        find_learners(toy_course.submitted, TOY, ["bob"])


def test_no_submissions_says_where_they_belong(toy_course: ToyCourse):
    with pytest.raises(UsageError, match=r"submitted/<learner>/toy/<notebook>\.ipynb"):
        find_learners(toy_course.submitted, TOY)


def test_absent_learners_are_told_apart(toy_course: ToyCourse):
    toy_course.hand_in("ada")
    (toy_course.submitted / "bob" / "another-assignment").mkdir(parents=True)
    assert find_learners(toy_course.submitted, TOY) == (["ada"], ["bob"])


def test_the_assignment_is_read_from_the_source(toy_course: ToyCourse):
    assignment = read_assignment(toy_course.root / "source", TOY)
    assert assignment.max_score == ToyCourse.MAX
    assert [e.exercise_id for e in assignment.exercises] == ["toy-double", "toy-shout"]
    assert [e.title for e in assignment.exercises] == [
        "Exercise 1 · double",
        "Exercise 2 · shout",
    ]
    assert [c.title for c in assignment.cells] == [
        "Visible tests",
        "Hidden test: negative numbers",
        "Hidden test: strings",
        "Hidden test: capitals",
    ]


def test_an_unknown_assignment_names_those_there_are(toy_course: ToyCourse):
    with pytest.raises(UsageError, match=r"no assignment 'toi'; did you mean 'toy'\? there are"):
        read_assignment(toy_course.root / "source", "toi")
    with pytest.raises(UsageError, match="no assignment"):
        read_assignment(toy_course.root / "source", "../source/toy")


def test_the_longest_solution_id_is_the_exercise():
    solutions = ["q-sample", "q-sample-fast", "q-samp"]
    assert exercise_of("q-sample-fast-hidden-a", solutions) == "q-sample-fast"
    assert exercise_of("q-sample-hidden-a", solutions) == "q-sample"
    assert exercise_of("q-sampler-hidden", solutions) is None
