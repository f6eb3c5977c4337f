"""Exceptions on their way across the border."""

from __future__ import annotations

import sysconfig
import traceback
from collections import OrderedDict
from pathlib import Path
from typing import Any

from .border_handles import Handles

_NOT_THEIRS = {
    Path(__file__).parent.parent,  # the border, and test helpers that act on its learner's side
    *(Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")),
}
_LINES = 20
_LETTERS = 4000
_REMEMBERED = 100

Origin = tuple[int, int]
"""Whose exception it is (0: of him who says so, 1: of the other side), and its number there."""


class Errors:
    """Remembers what was raised here, so that it can come back as itself.

    Parameters
    ----------
    session : object
        Whose exceptions these are.
    handles : Handles
        Gives the numbers.
    """

    def __init__(self, session: object, handles: Handles) -> None:
        self._session = session
        self._handles = handles
        self._raised: OrderedDict[int, BaseException] = OrderedDict()

    def origin(self, error: BaseException) -> Origin:
        """Say whose exception this is that goes to the other side."""
        session, number = vars(error).get("remote_origin") or (None, 0)
        if session is self._session:
            return 1, number
        number = self._handles.new_number()
        self._raised[number] = error
        if len(self._raised) > _REMEMBERED:
            self._raised.popitem(last=False)
        return 0, number

    def arrived(self, error: BaseException, origin: Any, trace: str) -> BaseException:
        """Return what is to be raised for an exception that came from the other side."""
        true = type(origin) is tuple and list(map(type, origin)) == [int, int]
        side, number = origin if true else (0, 0)
        if side == 1 and number in self._raised:
            return self._raised[number]
        if isinstance(error, StopIteration):  # would end a loop of the caller's without a word
            error = RuntimeError("the code raised StopIteration.")
            error.remote_type = "StopIteration"  # type: ignore[attr-defined]
        error.remote_traceback = trace[:_LETTERS]  # type: ignore[attr-defined]
        error.remote_origin = (self._session, number)  # type: ignore[attr-defined]
        return error


def traceback_text(error: BaseException) -> str:
    """Write the end of a traceback: the learner's own frames, without the course's and libraries'.

    Parameters
    ----------
    error : BaseException

    Returns
    -------
    str
        At most 20 lines; nothing where the exception cannot be written.
    """
    try:
        text = traceback.TracebackException.from_exception(error)
        part: traceback.TracebackException | None = text
        while part is not None:
            part.stack = traceback.StackSummary.from_list(
                [f for f in part.stack if _NOT_THEIRS.isdisjoint(Path(f.filename).parents)]
            )
            part = part.__cause__ or part.__context__
        return "\n".join("".join(text.format()).splitlines()[-_LINES:])[-_LETTERS:]
    except Exception:  # a learner's exception may write itself anyhow
        return ""
