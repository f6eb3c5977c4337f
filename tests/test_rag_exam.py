"""The examination that grades `rag_answer`: what it promises about itself."""

from __future__ import annotations

import numpy as np
import pytest

from course.world import rag


@pytest.fixture(scope="module")
def exam() -> rag.Exam:
    return rag.make_exam(5)


def prompt(question: str, *documents: str, allow: bool = True) -> str:
    lines = [f"[{n}] {text}" for n, text in enumerate(documents, 1)]
    head = "Or say: I do not know." if allow else "Answer."
    return "\n".join([head, *lines, f"Question: {question}"])


def sentences(exam: rag.Exam, question: str) -> list[str]:
    return [s for s, fact in exam.stated.items() if fact == exam.answerable[question]]


def test_the_same_seed_makes_the_same_exam_and_another_seed_another(exam):
    assert rag.make_exam(5).corpus == exam.corpus
    assert rag.make_exam(6).corpus != exam.corpus


def test_every_answer_stands_in_the_corpus_and_no_other_does(exam):
    texts = " ".join(document["text"] for document in exam.corpus)
    for question in exam.answerable:
        assert any(s in texts for s in sentences(exam, question))
    asked = {(f.relation, f.subject) for f in exam.stated.values()}
    for question in exam.unanswerable:
        relation, name = exam.asked[question]
        assert (relation.name, name) not in asked


def test_what_is_outdated_is_dated_and_older(exam):
    by_id = {document["id"]: document for document in exam.corpus}
    for fact in list(exam.answerable.values())[10:]:
        others = {f for f in exam.stated.values() if f != fact}
        old = [f for f in others if (f.subject, f.relation) == (fact.subject, fact.relation)]
        dates = [by_id[i]["date"] for f in old for i in exam.sources[f]]
        newest = max(by_id[i]["date"] or "9999" for i in exam.sources[fact])
        assert dates and None not in dates and max(dates) < newest


def test_the_reader_reads_the_first_statement_and_cites_it(exam):
    question = next(iter(exam.answerable))
    right = sentences(exam, question)[0]
    reply = exam.read(prompt(question, "Nothing of use.", right))
    assert "[2]" in reply and exam.answerable[question].subject in reply


def test_the_reader_knows_nothing_but_its_prompt(exam):
    question = next(iter(exam.answerable))
    assert exam.read(prompt(question)) == "I do not know."
    assert "know" not in exam.read(prompt(question, allow=False))


def test_the_reader_sees_five_documents_and_the_last_600_characters(exam):
    question = next(iter(exam.answerable))
    right = sentences(exam, question)[0]
    assert exam.read(prompt(question, *["Nothing."] * 5, right)) == "I do not know."
    assert exam.read("x" * 600 + prompt(question, right)).startswith(
        exam.answerable[question].subject
    )
    late = "I do not know\n" + prompt(question, right, "y" * 600)
    assert exam.shown(late) == []


def test_vectors_have_unit_length_and_know_what_means_the_same():
    a, b, c = rag.embed(
        ["Where does Mira Tol live?", "Mira Tol has settled in Dorby.", "Mira Tol keeps a cat."]
    )
    assert np.allclose(np.linalg.norm([a, b, c], axis=1), 1)
    assert a @ b > a @ c
    assert rag.embed([]).shape == (0, 128) and not rag.embed(["..."]).any()


def test_scores_of_a_perfect_and_of_a_silent_system(exam):
    fresh = rag.make_exam(5)
    perfect, silent = [], {"answer": None, "citations": [], "abstained": True}
    for question, fact in fresh.answerable.items():
        fresh.read(prompt(question, sentences(fresh, question)[0]))
        cited = sorted(fresh.sources[fact])[:1]
        perfect.append({"answer": fact.value, "citations": cited, "abstained": False})
    scores = fresh.score([*perfect, *[silent] * len(fresh.unanswerable)])
    assert set(scores.values()) == {1.0}
    scores = rag.make_exam(5).score([silent] * len(fresh.questions))
    assert scores == {
        "recall@5": 0.0,
        "citation precision": 0.0,
        "citation recall": 0.0,
        "answered": 0.0,
        "abstention": 1.0,
    }


def test_an_exam_measures_each_run_by_itself():
    """A second system on the same exam does not inherit what the first one retrieved."""
    exam = rag.make_exam(10)

    def seen(passage: str | None) -> float:
        results = []
        for question, fact in exam.answerable.items():
            text = (
                next(t for t, f in exam.stated.items() if f == fact) if passage is None else passage
            )
            exam.read(f"[1] {text}\nQuestion: {question}")
            results.append({"answer": None, "citations": [], "abstained": True})
        results += [{"answer": None, "citations": [], "abstained": True} for _ in exam.unanswerable]
        return exam.score(results)["recall@5"]

    assert seen(None) == 1.0
    assert seen("Nothing is said here.") == 0.0
