"""A submission, whatever was done to it, becomes the template with the learner's own cells."""

import copy
import json
from pathlib import Path

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from course.grading.errors import CourseError
from course.grading.rebuild import OWN, Rebuilt, rebuild, sections

ROOT = Path(__file__).parents[1]

STUBS = {
    "q01-mean": "def mean(x):\n    raise NotImplementedError()",
    "q01-essay": "*Your answer here.*",
    "q02-repair": "def top(x):\n    return min(x)",
}
REFERENCE = {
    "q01-mean": "def mean(x):\n    ### BEGIN SOLUTION\n    return sum(x) / len(x)\n"
    "    ### END SOLUTION",
    "q01-essay": "*Your answer here.*",
    "q02-repair": "### BEGIN REPAIR\n# def top(x):\n#     return min(x)\n### END REPAIR\n"
    "### BEGIN SOLUTION\ndef top(x):\n    return max(x)\n### END SOLUTION",
}
ANSWERS = {
    "q01-mean": "def mean(x):\n    return float(np.mean(x))",
    "q01-essay": "It depends, and on this:",
    "q02-repair": "def top(x):\n    return sorted(x)[-1]",
}


def cell(make, source: str, id_: str, tags: tuple[str, ...] = (), **nbgrader) -> NotebookNode:
    metadata = {"course": {"section": id_[:3] if id_.startswith("q") else "intro"}}
    if tags:
        metadata["tags"] = list(tags)
    if nbgrader:
        kind = {"grade": False, "locked": False, "solution": False, "task": False}
        metadata["nbgrader"] = kind | {"grade_id": id_, "schema_version": 3} | nbgrader
    return make(source, id=id_, metadata=metadata)


def locked(title: str, id_: str, points: int) -> NotebookNode:
    source = f"# {title}\n### BEGIN HIDDEN TESTS\nassert True\n### END HIDDEN TESTS"
    return cell(new_code_cell, source, id_, (), grade=True, locked=True, points=points)


def solution(id_: str) -> NotebookNode:
    if id_ == "q01-essay":
        kind = {"grade": True, "points": 3}
        return cell(new_markdown_cell, REFERENCE[id_], id_, (), solution=True, **kind)
    return cell(new_code_cell, REFERENCE[id_], id_, ("raises-exception",), solution=True)


def template() -> NotebookNode:
    cells = [
        cell(new_markdown_cell, "# A course", "intro-01"),
        cell(new_code_cell, "import numpy as np", "setup", (), locked=True),
        cell(new_code_cell, "np.arange(3)", "intro-03", ("demo",)),
        cell(new_markdown_cell, "## Q1", "q01-01"),
        cell(new_code_cell, "print('see')", "q01-02", ("demo",)),
        cell(new_code_cell, "scale = 2", "q01-03"),
        cell(new_markdown_cell, "### Exercise 1.1 · `mean`\n\nWrite it.", "q01-04"),
        solution("q01-mean"),
        locked("Visible tests (0 points)", "q01-mean-visible", 0),
        locked("Hidden test: empty (1 point)", "q01-mean-hidden-empty", 1),
        cell(new_markdown_cell, "### Written question\n\nRubric: 3 points.", "q01-08"),
        solution("q01-essay"),
        cell(new_markdown_cell, "## Q2", "q02-01"),
        cell(new_markdown_cell, "### Exercise 2.1 · `top`", "q02-02"),
        solution("q02-repair"),
        locked("Hidden test: ties (2 points)", "q02-repair-hidden-ties", 2),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def release() -> NotebookNode:
    made = template()
    for each in made.cells:
        each.source = STUBS.get(each.id, each.source.partition("\n### BEGIN HIDDEN TESTS")[0])
        if "nbgrader" in each.metadata:
            each.metadata.nbgrader["checksum"] = "0" * 32
    return made


def solved() -> NotebookNode:
    made = release()
    for each in made.cells:
        each.source = ANSWERS.get(each.id, each.source)
    return made


def at(notebook: NotebookNode, id_: str) -> int:
    return [each.id for each in notebook.cells].index(id_)


def find(notebook: NotebookNode, id_: str) -> NotebookNode:
    return notebook.cells[at(notebook, id_)]


def own(result: Rebuilt) -> list[str]:
    return [each.source for each in result.notebook.cells if each.id.startswith(OWN)]


def put_right(submitted: object) -> Rebuilt:
    """Rebuild, and check what must hold whatever was submitted."""
    before = copy.deepcopy(submitted)
    source, released = template(), release()
    result = rebuild(source, released, submitted)
    assert (source, released) == (template(), release()), "the template was changed"
    assert submitted == before, "the submission was changed"
    nbformat.validate(result.notebook)
    json.dumps(result.notebook, ensure_ascii=False).encode()
    theirs = [each for each in result.notebook.cells if each.id.startswith(OWN)]
    ours = [each for each in result.notebook.cells if not each.id.startswith(OWN)]
    assert all(each.metadata == {} for each in theirs)
    assert len({each.id for each in theirs}) == len(theirs)
    assert result.notebook.metadata == source.metadata
    for made, original in zip(ours, source.cells, strict=True):
        assert (made.id, made.metadata) == (original.id, original.metadata)
        assert made.cell_type == original.cell_type
        if original.id in ANSWERS:
            assert made.source != original.source or original.id == "q01-essay"
        elif original.cell_type != "code" or "nbgrader" in original.metadata:
            assert made == original
    return result


def answers(result: Rebuilt) -> dict[str, str]:
    return {id_: find(result.notebook, id_).source for id_ in ANSWERS}


# --- any damage ---------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["nbgrader", "grade_id", "tags", "course", "x", "image/png"]), inner
        )
    ),
    max_leaves=8,
)
KINDS = st.sampled_from(["code", "markdown", "raw", "heading", 7, None])
GRADE_IDS = st.sampled_from([each.id for each in template().cells if "nbgrader" in each.metadata])


@st.composite
def damaged(draw) -> tuple[dict, dict[str, str]]:
    """A solved notebook after any number of accidents, and the answers that are still in it."""
    cells, left = [], dict(ANSWERS)
    for original in solved().cells:
        each = json.loads(json.dumps(original))
        fate = draw(st.sampled_from(["keep", "keep", "delete", "copy", "metadata", "mark", "id"]))
        if draw(st.integers(0, 4)) == 0:
            each["cell_type"] = draw(KINDS)
        if draw(st.integers(0, 4)) == 0:
            each["source"] = each["source"].splitlines(keepends=True)
        if fate == "metadata":
            each["metadata"] = draw(JSON)
        elif fate == "mark":  # the id of another cell, or none that could be one
            mark = each["metadata"].setdefault("nbgrader", {})
            mark["grade_id"] = draw(GRADE_IDS | JSON)
            if original.id not in ANSWERS and "nbgrader" not in original.metadata:
                mark["grade_id"] = "no-such-id"
        elif fate == "id":
            each["id"] = draw(JSON)
        if fate == "delete":
            if original.id in left:
                left[original.id] = STUBS[original.id]
            continue
        cells.append(each)
        if fate == "copy":
            cells.append(each | {"id": draw(st.sampled_from([each["id"], "a-copy"]))})
        if draw(st.integers(0, 4)) == 0:
            text, kind = draw(st.text(max_size=20)), draw(KINDS)
            cells.append({"cell_type": kind, "source": f"mine {text}", "metadata": {"tags": []}})
    if draw(st.booleans()):
        cells = draw(st.permutations(cells))
    return {"cells": cells, "metadata": draw(JSON), "nbformat": 4}, left


@settings(max_examples=200, deadline=None)
@given(damaged())
def test_whatever_was_done_to_cells_the_answers_are_there(case: tuple[dict, dict[str, str]]):
    submitted, left = case
    result = put_right(submitted)
    assert answers(result) == left
    mine = [each["source"] for each in submitted["cells"] if "mine " in each["source"]]
    kept = [text for text in own(result) if text.startswith("mine ")]
    encoded = [text.encode("utf-8", "backslashreplace").decode() for text in mine]
    assert sorted(kept) == sorted(encoded), "a cell of the learner's own was lost"


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_submission_raises(data: st.DataObject):
    submitted = json.loads(json.dumps(solved()))
    for _ in range(data.draw(st.integers(1, 6))):
        each = data.draw(st.sampled_from(submitted["cells"]))
        if isinstance(each, dict):
            key = data.draw(
                st.sampled_from(
                    ["cell_type", "id", "metadata", "source", "attachments", "nbgrader"]
                )
            )
            if key == "nbgrader" and isinstance(each.get("metadata"), dict):
                each["metadata"][key] = data.draw(JSON)
            else:
                each[key] = data.draw(JSON)
        position = data.draw(st.integers(0, len(submitted["cells"]) - 1))
        if data.draw(st.booleans()):
            submitted["cells"].insert(position, data.draw(JSON))
    put_right(data.draw(st.sampled_from([submitted] * 4) | JSON))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 15), st.sampled_from(["code", "markdown", "raw"]))))
def test_own_cells_stay_behind_the_cell_they_followed(places: list[tuple[int, str]]):
    submitted = solved()
    make = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}
    behind: dict[str, list[str]] = {}
    for number, (position, kind) in enumerate(places):
        anchor = template().cells[position].id
        mine = make[kind](f"mine {number}", metadata={"tags": ["skip-execution"]})
        submitted.cells.insert(at(submitted, anchor) + 1, mine)
        behind.setdefault(anchor, []).insert(0, mine.source)
    result = put_right(submitted)
    assert result.notes == []
    found: dict[str, list[str]] = {}
    for each in result.notebook.cells:
        if each.id.startswith(OWN):
            found.setdefault(anchor, []).append(each.source)
        else:
            anchor = each.id
    assert found == behind


# --- what is said, word for word ----------------------------------------------------------------


@pytest.mark.parametrize("made", [release, solved])
def test_an_honest_submission_gets_no_notes(made):
    submitted = made()
    find(submitted, "setup").outputs = [nbformat.v4.new_output("stream", text="hello")]
    find(submitted, "q01-mean").metadata["collapsed"] = True
    find(submitted, "q01-02").source = "print('a demo that I played with')"
    submitted.cells.append(new_code_cell("print('a cell of mine')"))
    result = put_right(submitted)
    assert result.notes == []
    assert own(result) == ["print('a cell of mine')"]
    assert find(result.notebook, "setup").outputs == []
    expected = ANSWERS if made is solved else STUBS
    assert answers(result) == expected


def test_the_template_itself_handed_in_gets_no_notes():
    result = rebuild(template(), release(), template())
    assert result.notes == []


def test_deleted_cells():
    submitted = solved()
    for id_ in ("q01-mean", "q02-repair-hidden-ties", "setup", "q01-essay", "q01-01"):
        del submitted.cells[at(submitted, id_)]
    result = put_right(submitted)
    assert result.notes == [
        "setup: this cell was deleted; it is back as it was given out.",
        "Exercise 1.1 · mean: the solution cell was deleted; it is back as it was given out.",
        "Written question: the answer was deleted; it is back as it was given out.",
        "Exercise 2.1 · top: the test cell q02-repair-hidden-ties was deleted; it is back as it "
        "was given out.",
    ]
    assert answers(result) == ANSWERS | {id_: STUBS[id_] for id_ in ("q01-mean", "q01-essay")}


def test_several_cells_of_an_exercise_are_one_note():
    submitted = solved()
    del submitted.cells[at(submitted, "q01-mean") : at(submitted, "q01-08")]
    assert put_right(submitted).notes == [
        "Exercise 1.1 · mean: the solution cell and test cells q01-mean-visible, "
        "q01-mean-hidden-empty were deleted; they are back as they were given out.",
    ]


def test_changed_tests():
    submitted = solved()
    find(submitted, "q01-mean-visible").source = "pass"
    find(submitted, "setup").cell_type = "raw"
    assert put_right(submitted).notes == [
        "setup: this cell was changed; the original counts.",
        "Exercise 1.1 · mean: the test cell q01-mean-visible was changed; the original counts.",
    ]


def test_tags_that_would_skip_a_test_are_gone():
    submitted = solved()
    find(submitted, "q01-mean-visible").metadata["tags"] = ["skip-execution"]
    result = put_right(submitted)
    assert "tags" not in find(result.notebook, "q01-mean-visible").metadata


def test_retyped_solutions():
    submitted = solved()
    find(submitted, "q01-mean").cell_type = "markdown"
    find(submitted, "q01-essay").cell_type = "code"
    result = put_right(submitted)
    assert result.notes == [
        "Exercise 1.1 · mean: the solution cell was turned into another kind of cell; what you "
        "wrote in it counts.",
        "Written question: the answer was turned into another kind of cell; what you wrote in it "
        "counts.",
    ]
    assert answers(result) == ANSWERS


def test_lost_metadata():
    submitted = solved()
    for id_ in ("q01-mean", "q01-mean-visible"):
        find(submitted, id_).metadata = NotebookNode()
    find(submitted, "q02-repair-hidden-ties").metadata.nbgrader.points = 99
    result = put_right(submitted)
    assert result.notes == [
        "Exercise 1.1 · mean: the solution cell and the test cell q01-mean-visible lost or changed "
        "their nbgrader metadata; that was put right.",
        "Exercise 2.1 · top: the test cell q02-repair-hidden-ties lost or changed its nbgrader "
        "metadata; that was put right.",
    ]
    assert answers(result) == ANSWERS


def test_swapped_grade_ids_are_told_apart_by_cell_ids():
    submitted = solved()
    find(submitted, "q01-mean").metadata.nbgrader.grade_id = "q02-repair"
    find(submitted, "q02-repair").metadata.nbgrader.grade_id = "q01-mean"
    assert answers(put_right(submitted)) == ANSWERS


def test_without_ids_and_metadata_text_and_defined_names_tell():
    submitted = solved()
    del submitted.cells[at(submitted, "q01-essay")]
    for number, each in enumerate(submitted.cells):
        each.metadata, each.id = NotebookNode(), f"exported-{number}"
    result = put_right(submitted)
    assert answers(result) == ANSWERS | {"q01-essay": STUBS["q01-essay"]}
    assert own(result) == []
    assert (
        "Exercise 1.1 · mean: the solution cell was deleted or lost its id; your cell that defines "
        "the same name stands in its place." in result.notes
    )


def test_a_name_in_another_section_is_no_answer():
    submitted = solved()
    del submitted.cells[at(submitted, "q01-mean")]
    submitted.cells.append(new_code_cell("def mean(x):\n    return 0"))
    result = put_right(submitted)
    assert answers(result)["q01-mean"] == STUBS["q01-mean"]
    assert own(result) == ["def mean(x):\n    return 0"]


def test_moved_cells():
    submitted = solved()
    submitted.cells.append(submitted.cells.pop(at(submitted, "q01-mean")))
    result = put_right(submitted)
    assert result.notes == [
        "Exercise 1.1 · mean: the solution cell was moved; it is back in its place.",
    ]
    assert answers(result) == ANSWERS


def test_own_cells_go_with_the_cell_that_was_moved():
    submitted = solved()
    submitted.cells += [
        submitted.cells.pop(at(submitted, "q01-mean")),
        new_code_cell("mean([1])"),
    ]
    result = put_right(submitted)
    position = at(result.notebook, "q01-mean")
    assert result.notebook.cells[position + 1].source == "mean([1])"


def test_copies():
    submitted = solved()
    for id_, text in (
        ("q01-mean-visible", "pass"),
        ("q01-mean", STUBS["q01-mean"]),
        ("q02-repair", "def top(x):\n    return 3"),
    ):
        position = at(submitted, id_)
        submitted.cells.insert(position + 1, copy.deepcopy(submitted.cells[position]))
        submitted.cells[position + 1].update(id=f"copy-of-{id_}", source=text)
    result = put_right(submitted)
    assert result.notes == [
        "Exercise 1.1 · mean: the solution cell is there more than once; the first one that you "
        "changed counts, and other versions became cells of your own.",
        "Exercise 1.1 · mean: the test cell q01-mean-visible is there more than once; the copies "
        "were left out.",
        "Exercise 2.1 · top: the solution cell is there more than once; the first one that you "
        "changed counts, and other versions became cells of your own.",
    ]
    assert answers(result) == ANSWERS
    assert own(result) == ["def top(x):\n    return 3"]


def test_a_second_cell_with_the_same_id_is_what_its_metadata_says():
    submitted = solved()
    find(submitted, "q02-repair").id = "q01-mean"
    assert answers(put_right(submitted)) == ANSWERS


def version(of: NotebookNode, id_: str, source: str, **changes) -> NotebookNode:
    made = copy.deepcopy(of)
    made.update(id=id_, source=source, **changes)
    return made


def test_the_first_version_counts_however_it_was_recognised():
    submitted = solved()
    position = at(submitted, "q01-mean")
    again = version(submitted.cells[position], "again", "def mean(x):\n    return 7")
    submitted.cells.insert(position + 1, again)
    submitted.cells[position].metadata.nbgrader.grade_id = "setup"
    result = put_right(submitted)
    assert answers(result) == ANSWERS
    assert own(result) == [again.source]


def test_a_version_put_aside_as_text_does_not_count():
    submitted = solved()
    position = at(submitted, "q01-mean")
    aside = version(submitted.cells[position], "aside", "my first try", cell_type="raw")
    submitted.cells.insert(position, aside)
    result = put_right(submitted)
    assert answers(result) == ANSWERS
    assert own(result) == ["my first try"]


def test_a_copy_of_a_test_is_not_taken_for_the_test():
    submitted = solved()
    position = at(submitted, "q01-mean-visible")
    submitted.cells.insert(position, version(submitted.cells[position], "a-copy", "pass"))
    assert put_right(submitted).notes == [
        "Exercise 1.1 · mean: the test cell q01-mean-visible is there more than once; the copies "
        "were left out."
    ]


def test_equal_copies_are_dropped_and_cells_behind_them_stay():
    submitted = solved()
    for id_ in ("q01-mean", "q01-mean-visible"):
        submitted.cells.append(
            version(find(submitted, id_), f"{id_}-again", find(submitted, id_).source)
        )
    submitted.cells.append(new_code_cell("'the end'"))
    result = put_right(submitted)
    assert own(result) == ["'the end'"]
    assert result.notebook.cells[-1].source == "'the end'"


def test_an_untouched_copy_before_the_answer_does_not_count():
    submitted = solved()
    stub = find(release(), "q01-mean")
    stub.id = "the-stub"
    submitted.cells.insert(at(submitted, "q01-mean"), stub)
    result = put_right(submitted)
    assert answers(result) == ANSWERS
    assert own(result) == []


def test_a_solution_cell_split_in_two_still_runs_in_order():
    submitted = solved()
    half = copy.deepcopy(find(submitted, "q01-mean"))
    half.id, half.source = "second-half", "def helper(x):\n    return x"
    submitted.cells.insert(at(submitted, "q01-mean") + 1, half)
    result = put_right(submitted)
    position = at(result.notebook, "q01-mean")
    assert result.notebook.cells[position + 1].source == half.source
    assert position + 1 in sections(result.notebook)["q01"]


def test_an_answer_typed_into_the_question_is_kept_behind_it():
    submitted = solved()
    find(submitted, "q01-08").source += "\n\nMy answer is here."
    result = put_right(submitted)
    position = at(result.notebook, "q01-08")
    assert result.notebook.cells[position].source == "### Written question\n\nRubric: 3 points."
    assert result.notebook.cells[position + 1].source.endswith("My answer is here.")


def test_plain_code_is_the_learners():
    submitted = solved()
    find(submitted, "q01-03").source = "scale = 3"
    result = put_right(submitted)
    assert find(result.notebook, "q01-03").source == "scale = 3"
    assert own(result) == []


def test_plain_code_turned_into_text_is_code_again():
    submitted = solved()
    find(submitted, "q01-03").update(cell_type="raw", source="scale = 2")
    result = put_right(submitted)
    assert find(result.notebook, "q01-03") == find(template(), "q01-03")
    find(submitted, "q01-03").source = "no more scale"
    result = put_right(submitted)
    assert find(result.notebook, "q01-03") == find(template(), "q01-03")
    assert own(result) == ["no more scale"]


def test_outputs_of_the_template_are_dropped():
    source = template()
    find(source, "setup").outputs = [nbformat.v4.new_output("stream", text="hello")]
    find(source, "setup").execution_count = 3
    assert (
        rebuild(source, release(), solved()).notebook
        == rebuild(template(), release(), solved()).notebook
    )


def test_pictures_in_an_answer():
    submitted = solved()
    good, page = {"image/png": "aGk="}, {"text/html": "<script>"}
    large = {"image/png": "A" * 5_000_001}
    find(submitted, "q01-essay").attachments = {"a.png": good, "b.html": page}
    mine = new_markdown_cell("![](c.png)")
    mine.attachments = {"c.png": large}
    submitted.cells.append(mine)
    result = put_right(submitted)
    assert find(result.notebook, "q01-essay").attachments == {"a.png": good}
    assert "attachments" not in result.notebook.cells[-1]
    assert result.notes == [
        "Cells 12, 17 have attachments that are not pictures, or too large (5 MB in all); they "
        "were left out."
    ]


def test_cells_that_are_none():
    submitted = json.loads(json.dumps(solved()))
    mine = {"source": "x", "cell_type": "code", "metadata": {}}
    submitted["cells"] += [
        None,
        mine | {"source": [1, "y"]},
        mine | {"cell_type": "heading"},
        mine | {"metadata": {"nbgrader": {"grade_id": ["q01-mean"]}}},
        mine | {"metadata": None, "source": "def mean(x):\n    return '\ud800'"},
    ]
    result = put_right(submitted)
    assert result.notes == [
        "Cell 17 is not a notebook cell; it was left out.",
        "Cell 18 holds text that cannot be read; that text was left out.",
        "Cell 19 is of no known kind; it was kept as raw text.",
        "Cells 20, 21 have metadata that is not of this notebook; they were kept as cells of your "
        "own.",
    ]
    assert own(result) == ["y", "x", "x", "def mean(x):\n    return '\\ud800'"]
    assert [c.cell_type for c in result.notebook.cells[-4:]] == ["code", "raw", "code", "code"]


@pytest.mark.parametrize("submitted", [None, [], {}, {"cells": None}, {"cells": {"a": 1}}])
def test_no_notebook_at_all(submitted):
    result = put_right(submitted)
    assert result.notes[0] == (
        "Not one cell could be read from the notebook, so it counts as empty."
    )
    assert answers(result) == STUBS


def test_a_release_of_something_else_is_refused():
    with pytest.raises(CourseError, match="the release lacks q01-mean: build it anew"):
        rebuild(template(), new_notebook(), solved())


def test_older_notebooks_without_cell_ids():
    source, released, submitted = template(), release(), solved()
    for nb in (source, released, submitted):
        nb.nbformat_minor = 4
        for each in nb.cells:
            del each["id"]
    result = rebuild(source, released, submitted)
    nbformat.validate(result.notebook)
    assert result.notes == []
    assert len(result.notebook.cells) == len(source.cells)
    assert result.notebook.cells[at(solved(), "q01-mean")].source == ANSWERS["q01-mean"]


# --- sections -----------------------------------------------------------------------------------


def ids_of(notebook: NotebookNode) -> dict[str, list[str]]:
    return {name: [notebook.cells[i].id for i in them] for name, them in sections(notebook).items()}


def test_sections_are_setup_and_their_own_cells_without_demos():
    assert ids_of(template()) == {
        "q01": ["setup", "q01-03", "q01-mean", "q01-mean-visible", "q01-mean-hidden-empty"],
        "q02": ["setup", "q02-repair", "q02-repair-hidden-ties"],
    }


def test_own_cells_belong_where_they_stand():
    submitted = solved()
    for anchor in ("setup", "intro-03", "q01-02", "q02-repair-hidden-ties"):
        mine = new_code_cell(f"'behind {anchor}'", metadata={"course": {"section": "q99"}})
        submitted.cells.insert(at(submitted, anchor) + 1, mine)
    notebook = put_right(submitted).notebook
    behind = {each.source: each.id for each in notebook.cells if each.id.startswith(OWN)}
    every = behind["'behind setup'"]
    found = ids_of(notebook)
    assert found["intro"] == ["setup", every, behind["'behind intro-03'"]]
    assert found["q01"][:3] == ["setup", every, behind["'behind q01-02'"]]
    assert found["q02"][-1] == behind["'behind q02-repair-hidden-ties'"]
    assert found["q02"][:2] == ["setup", every]
    assert list(found) == ["intro", "q01", "q02"]


def test_own_cells_at_the_top_belong_to_the_first_section():
    submitted = solved()
    submitted.cells.insert(0, new_code_cell("1"))
    assert ids_of(put_right(submitted).notebook)["intro"] == [f"{OWN}1", "setup"]


def test_a_notebook_without_section_names_is_one_section():
    notebook = template()
    for each in notebook.cells:
        del each.metadata["course"]
    demos = {"intro-03", "q01-02"}
    code = [i for i, c in enumerate(notebook.cells) if c.cell_type == "code" and c.id not in demos]
    assert sections(notebook) == {"notebook": code}


def test_a_notebook_of_setup_alone_is_one_section():
    notebook = template()
    notebook.cells = notebook.cells[:3]
    assert ids_of(notebook) == {"intro": ["setup"]}
    assert sections(new_notebook()) == {}


# --- the course's own notebooks -----------------------------------------------------------------


@pytest.mark.parametrize("path", sorted((ROOT / "source").glob("*/*.ipynb")), ids=lambda p: p.stem)
def test_released_notebooks_come_back_as_their_source(path: Path):
    source = nbformat.read(path, as_version=4)
    released = nbformat.read(ROOT / "release" / path.parent.name / path.name, as_version=4)
    result = rebuild(source, released, released)
    assert result.notes == []
    for made, original, given_out in zip(
        result.notebook.cells, source.cells, released.cells, strict=True
    ):
        answer = original.metadata.get("nbgrader", {}).get("solution")
        assert made.source == (given_out if answer else original).source
        assert made.metadata == original.metadata
    graded = {i for i, c in enumerate(source.cells) if c.metadata.get("nbgrader", {}).get("points")}
    together = [i for positions in sections(result.notebook).values() for i in positions]
    assert {i for i in graded if source.cells[i].cell_type == "code"} <= set(together)
