"""Recorded runs: what a lesson shows but is too long to compute while it is read.

Each run is one module of this package. ``python -m course.recorded.q07_policy`` computes it anew
and writes ``q07_policy.json`` beside it: the rows, and with them the settings, the seed, the
versions and the processor time. A lesson reads the rows with `load`, says that they are recorded
and how they are made again, and computes one of them live with the function that the module used
for all.

>>> from course import recorded
>>> run = recorded.load("q07_policy")
>>> run.rows[0]
>>> print(run)  # where it comes from, in one sentence
"""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

__all__ = ["Recording", "load", "names", "record"]

FOLDER = Path(__file__).parent
LIBRARIES = ("torch", "transformers", "peft", "trl")


@dataclass(frozen=True)
class Recording:
    """One recorded run.

    Attributes
    ----------
    name : str
        Its module in `course.recorded`.
    rows : list of dict
        What was measured, one dict a point; plain numbers and strings.
    settings : dict
        All that it was made with, the seed included.
    made : dict
        When and on what: ``date``, ``cpu_seconds``, ``python`` and the libraries' versions.
    """

    name: str
    rows: list[dict[str, Any]]
    settings: dict[str, Any]
    made: dict[str, Any]

    def __str__(self) -> str:
        return (
            f"Recorded {self.made['date']} by `python -m course.recorded.{self.name}` in "
            f"{self.made['cpu_seconds']:.0f} s of processor time (seed {self.settings['seed']}, "
            f"torch {self.made['torch']})."
        )


def names() -> list[str]:
    """Return the names of the recorded runs, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def load(name: str) -> Recording:
    """Return a recorded run.

    Raises
    ------
    ValueError
        If there is no such run.
    """
    if name not in names():
        raise ValueError(f"there is no recorded run {name!r}; there are: {', '.join(names())}.")
    return Recording(name=name, **json.loads((FOLDER / f"{name}.json").read_text("utf-8")))


def record(
    name: str, rows: Iterable[dict[str, Any]], *, seed: int, folder: Path = FOLDER, **settings: Any
) -> Path:
    """Compute a run and write it; the file is written when all rows are there.

    Parameters
    ----------
    name : str
        The module's name.
    rows : iterable of dict
        Computed while it is read, so that its processor time is known. Floats are rounded to six
        significant digits.
    seed : int
        The seed.
    folder : Path
        Where to.
    **settings
        What else the run depends on, JSON values.

    Returns
    -------
    Path
        The file.
    """
    start = time.process_time()
    found = [{key: _rounded(value) for key, value in row.items()} for row in rows]
    made = {
        "date": date.today().isoformat(),
        "cpu_seconds": round(time.process_time() - start, 1),
        "python": platform.python_version(),
        **{library: version(library) for library in LIBRARIES},
    }
    content = {"settings": {"seed": seed, **settings}, "made": made, "rows": found}
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    path = folder / f"{name}.json"
    path.write_text(text, encoding="utf-8")
    return path


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
