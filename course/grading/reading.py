"""Reads a notebook that a stranger sent: carefully, and with a sentence for whatever is wrong."""

import json
import stat
from pathlib import Path

SIZE_LIMIT = 50_000_000
"""Bytes; a larger file is not read."""

DEPTH_LIMIT = 100
"""Levels of lists and objects in each other; a notebook has about ten."""

CELL_TYPES = ("code", "markdown", "raw")
AGAIN = "Open it in JupyterLab, save it and hand it in again."


class Rejected(Exception):
    """A submission that cannot be graded; the message says why and what to do."""


def read_raw(path: Path, home: Path) -> dict:
    """Read a notebook's JSON: format 4, with a list of cells that have a type and a source.

    Nothing else about it is sure.

    Parameters
    ----------
    path
        The file.
    home
        Folder of the submission, resolved; a link out of it is refused.

    Raises
    ------
    Rejected
        It is not such a notebook, or larger than `SIZE_LIMIT`.
    """
    name = path.name
    real = path.resolve()
    if not real.is_relative_to(home):
        raise Rejected(
            f"{name} is a link to a file outside the submission: hand in the notebook itself."
        )
    try:
        status = real.stat()
    except OSError as error:
        raise Rejected(f"{name} is a link that leads nowhere.") from error
    if not stat.S_ISREG(status.st_mode):
        raise Rejected(f"{name} is not a file: hand in the notebook itself.")
    if status.st_size == 0:
        raise Rejected(f"{name} is empty (0 bytes). {AGAIN}")
    if status.st_size > SIZE_LIMIT:
        size = status.st_size / 1e6
        raise Rejected(
            f"{name} has {size:.0f} MB, and 50 MB is the limit: clear its outputs "
            "(Edit, Clear Outputs of All Cells) and hand it in again."
        )
    try:
        raw = json.loads(real.read_bytes().decode("utf-8-sig"))
    except PermissionError as error:
        raise Rejected(f"{name} may not be read: its permissions forbid it.") from error
    except UnicodeDecodeError as error:
        raise Rejected(f"{name} is not a notebook: it is not even text. {AGAIN}") from error
    except json.JSONDecodeError as error:
        raise Rejected(
            f"{name} is not valid JSON (line {error.lineno}, column {error.colno}), so "
            f"it was cut off or changed outside Jupyter. {AGAIN}"
        ) from error
    except (ValueError, RecursionError) as error:
        raise Rejected(f"{name} is not JSON that a notebook could have. {AGAIN}") from error
    return _checked(raw, name)


def _checked(raw: object, name: str) -> dict:
    if not isinstance(raw, dict) or "nbformat" not in raw:
        raise Rejected(f"{name} is JSON, but not a notebook: it has no nbformat.")
    if _is_deep(raw):
        raise Rejected(
            f"{name} is nested more than {DEPTH_LIMIT} levels deep, as no notebook is. {AGAIN}"
        )
    version = raw["nbformat"]
    if version != 4:
        raise Rejected(
            f"{name} is in notebook format {str(version)[:20]}, and only format 4 can "
            f"be graded. {AGAIN}"
        )
    cells = raw.get("cells")
    if not isinstance(cells, list):
        raise Rejected(f"{name} has no list of cells, so it is not a notebook. {AGAIN}")
    for number, cell in enumerate(cells, start=1):
        source = cell.get("source") if isinstance(cell, dict) else None
        lines = source if isinstance(source, list) else [source]
        known = isinstance(cell, dict) and cell.get("cell_type") in CELL_TYPES
        if not known or not all(isinstance(line, str) for line in lines):
            raise Rejected(f"Cell {number} of {name} is not a notebook cell. {AGAIN}")
    return raw


def _is_deep(raw: object) -> bool:
    """Whether a value is nested more deeply than those that copy and check it can follow."""
    level = [raw]
    for _ in range(DEPTH_LIMIT):
        parts = (v.values() if isinstance(v, dict) else v for v in level)
        level = [part for inside in parts for part in inside if isinstance(part, (dict, list))]
        if not level:
            return False
    return True
