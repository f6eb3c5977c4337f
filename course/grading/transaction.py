"""One transaction for what nbgrader writes in dozens of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from nbgrader.api import Gradebook
from sqlalchemy.orm import Session, scoped_session, sessionmaker


class _Deferred(Session):
    """A session whose commits only reach the transaction."""

    def commit(self) -> None:
        """Do what a commit does for those who go on working, and leave the rest for later."""
        self.flush()
        self.expire_all()


@contextmanager
def one_transaction(db_url: str, course_id: str) -> Iterator[Gradebook]:
    """Open a gradebook that is written as a whole when the block ends, or not at all.

    nbgrader's steps each open the gradebook for themselves and commit cell by cell. While the
    block lasts, they all get this one, in this process; so nothing else may use another gradebook
    meanwhile.

    Parameters
    ----------
    db_url : str
        Where it is.
    course_id : str
        nbgrader's name of the course.

    Yields
    ------
    Gradebook
    """
    book = Gradebook(db_url, course_id)
    try:
        book.db.remove()
        book.db = scoped_session(sessionmaker(book.engine, class_=_Deferred, future=True))

        def share(self: Gradebook, *_: object, **__: object) -> None:
            self.engine, self.db = book.engine, book.db
            self.course_id, self.authenticator = book.course_id, book.authenticator

        with (
            patch.object(Gradebook, "__init__", share),
            patch.object(Gradebook, "close", _stay_open),
        ):
            yield book
        Session.commit(book.db())
    finally:
        book.close()


def _stay_open(_: Gradebook) -> None:
    pass
