"""A notebook's grades and comments in the gradebook: read as a whole, written as a whole.

nbgrader's steps look up each cell by itself, over six tables, and commit after each. Here they find
all cells of a notebook looked up already; what they decide and write stays nbgrader's.
"""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.api import BaseCell, Comment, Grade, Gradebook
from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor, SaveAutoGrades


class _Entries:
    """Stands for a gradebook while the cells of one notebook are gone through.

    Parameters
    ----------
    book : Gradebook
    notebook, assignment, student : str
        Whose entries are read.
    """

    def __init__(self, book: Gradebook, notebook: str, assignment: str, student: str) -> None:
        self._book = book
        self.db = self
        submitted = book.find_submission_notebook(notebook, assignment, student)
        self._grades = self._of(Grade, submitted.id)
        self._comments = self._of(Comment, submitted.id)

    def _of(self, kind: Any, submitted: str) -> dict[str, Any]:
        """All entries of one kind, by the name of their cell."""
        query = self._book.db.query(BaseCell.name, kind).join(kind, kind.cell_id == BaseCell.id)
        return dict(query.filter(kind.notebook_id == submitted).all())

    def find_grade(self, name: str, *whose: str) -> Grade:
        """As `Gradebook.find_grade`."""
        found = self._grades.get(name)
        return self._book.find_grade(name, *whose) if found is None else found

    def find_comment(self, name: str, *whose: str) -> Comment:
        """As `Gradebook.find_comment`."""
        found = self._comments.get(name)
        return self._book.find_comment(name, *whose) if found is None else found

    def commit(self) -> None:
        """Nothing: all is written when the last cell is done."""


class _AtOnce(NbGraderPreprocessor):
    """Comes behind a step of nbgrader's that has opened its gradebook and begins with the cells."""

    gradebook: Any
    notebook_id: str
    assignment_id: str
    student_id: str

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Go through the cells, then commit."""
        book = self.gradebook
        self.gradebook = _Entries(book, self.notebook_id, self.assignment_id, self.student_id)
        try:
            result = super().preprocess(nb, resources)
        finally:
            self.gradebook = book
        book.db.commit()
        return result


class SaveGrades(SaveAutoGrades, _AtOnce):
    """nbgrader's SaveAutoGrades."""


class ReadGrades(GetGrades, _AtOnce):
    """nbgrader's GetGrades."""
