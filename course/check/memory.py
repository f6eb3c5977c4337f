"""Remembers in `desk/.course/checks.json` how often each hidden test has failed a check.

Every failed check counts, changed code or not: asking again is the learner's own decision. Watching
a notebook (`--watch`) asks only when code has changed. The file holds names and numbers alone. It
may be deleted; a damaged one counts as empty.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from course.grading.ledger import write_whole


class Memory:
    """How often tests failed a check.

    Parameters
    ----------
    root : Path
        The course's folder.
    """

    def __init__(self, root: Path) -> None:
        self.path = root / "desk" / ".course" / "checks.json"
        self._counts: dict[str, dict[str, int]] = {}
        try:
            counts = json.loads(self.path.read_text(encoding="utf-8"))
            self._counts = {
                str(notebook): {str(test): max(0, int(n)) for test, n in tests.items()}
                for notebook, tests in counts.items()
            }
        except (OSError, ValueError, AttributeError, TypeError, OverflowError):
            self._counts = {}

    def failed(self, notebook: str, tests: Iterable[str]) -> dict[str, int]:
        """Count a failed check of each of these tests; how many each has by now."""
        counts = self._counts.setdefault(notebook, {})
        for test in (tests := list(tests)):
            counts[test] = counts.get(test, 0) + 1
        return {test: counts[test] for test in tests}

    def save(self) -> str:
        """Write the file; what was in the way, empty where nothing was."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self.path, json.dumps(self._counts, indent=1, sort_keys=True) + "\n")
        except OSError as error:
            return f"{error.filename or self.path}: {error.strerror}"
        return ""
