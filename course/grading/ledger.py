"""Remembers which submission was graded in which state, so that an interrupted run can go on."""

import json
import os
import tempfile
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write `text` to `path` so that a reader sees the old file or the new one, never a part."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    part = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        part.chmod(0o644)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


class Ledger:
    """What was graded, by learner: digest of the submission, and the sentence if it failed.

    Parameters
    ----------
    path
        The file; a damaged one counts as empty, and everything is graded again.
    assignment_digest
        State of the instructor's side; where it changed, everything is graded again.
    """

    def __init__(self, path: Path, assignment_digest: str) -> None:
        self.path = path
        self._entries: dict[str, dict] = {}
        self._digest = assignment_digest
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            if kept["assignment"] == assignment_digest:
                self._entries = kept["submissions"]
        except (OSError, ValueError, KeyError, TypeError):
            self._entries = {}

    def is_graded(self, learner: str, digest: str) -> bool:
        """Whether this very state of the learner's submission has been graded."""
        entry = self._entries.get(learner)
        return entry is not None and entry["digest"] == digest and entry["problem"] is None

    def problem(self, learner: str) -> str | None:
        """Why the submission could not be graded when it was last tried."""
        return self._entries.get(learner, {}).get("problem")

    def record(self, learner: str, digest: str, problem: str | None = None) -> None:
        """Remember an outcome, on disk at once."""
        self._entries[learner] = {"digest": digest, "problem": problem}
        self._write()

    def forget(self, learner: str) -> None:
        """The submission is about to be graded anew: until then it counts as not graded."""
        if self._entries.pop(learner, None) is not None:
            self._write()

    def _write(self) -> None:
        kept = {"assignment": self._digest, "submissions": self._entries}
        write_whole(self.path, json.dumps(kept, indent=1, sort_keys=True) + "\n")
