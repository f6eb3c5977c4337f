"""Remembers, over a learner's submissions, which tests failed how often.

One small file for each learner, below ``reports/<assignment>/failures/`` of the course that is
graded. A submission counts once, however often it is graded: what counts are different versions of
the learner's own cells. Delete the folder, and counting starts anew.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from course.grading import failing_case
from course.grading.ledger import write_whole
from course.grading.rebuild import OWN

VERSIONS = 20
"""So many failed versions are remembered for a test; more would not change what is shown."""


class RememberFailures(NbGraderPreprocessor):
    """Counts for each failed hidden test how many submissions have failed it by now."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Write the counts to the learner's file and to the executed cells' metadata."""
        where = resources["nbgrader"]
        folder = Path(self.parent.parent.coursedir.root) / "reports" / where["assignment"]
        path = folder / "failures" / f"{where['student']}.json"
        known = read_counts(path)
        version = _version(nb)
        of_notebook = known.setdefault(where["notebook"], {})
        for cell in nb.cells:
            if failed_hidden_test(cell):
                failed = of_notebook.setdefault(cell.metadata.nbgrader.grade_id, [])
                if version not in failed:
                    failed[:] = [*failed, version][-VERSIONS:]
                failing_case.count_failures(cell, len(failed))
        if of_notebook:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, json.dumps(known, indent=1, sort_keys=True) + "\n")
        return nb, resources


def read_counts(path: Path) -> dict[str, dict[str, list[str]]]:
    """Versions that failed, by notebook and test; empty where the file is damaged or missing."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(notebook): {str(test): [str(v) for v in failed] for test, failed in tests.items()}
            for notebook, tests in known.items()
        }
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def failed_hidden_test(cell: NotebookNode) -> bool:
    """Whether this is a hidden test that ended with an error, and not because of a mere stub."""
    graded = cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade")
    errors = [o.ename for o in cell.get("outputs", []) if o.output_type == "error"]
    failed = bool(errors) and errors[-1] != "NotImplementedError"
    return bool(graded) and failed and failing_case.is_hidden(cell)


def _version(nb: NotebookNode) -> str:
    """A digest of the cells that are the learner's own."""
    digest = hashlib.sha256()
    for cell in nb.cells:
        if cell.metadata.get("nbgrader", {}).get("solution") or cell.id.startswith(OWN):
            digest.update(hashlib.sha256(cell.source.encode()).digest())
    return digest.hexdigest()[:16]
