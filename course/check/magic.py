"""`%check` in a notebook.

Examples
--------
In a notebook of the course::

    %load_ext course
    %check q04
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

_DEFINES = re.compile(r"^(?:async +def|def|class) +(\w+)", re.MULTILINE)
_PATIENCE = 5.0
"""Seconds that the checking process has to end by itself."""


class Checker:
    """Checks for one kernel, with a process of its own that stays warm in between."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self._process: subprocess.Popen | None = None

    def check(self, line: str) -> None:
        """Check the saved notebook: a question, an exercise, or all that you have begun.

        Examples: `%check q04`, `%check q04-filter-probs`, `%check`.
        """
        from IPython.display import display

        if importlib.util.find_spec("course.grading") is None:
            print("%check does nothing while a notebook is being graded.")
            return
        words = shlex.split(line)
        names = [str(Path(n).resolve()) if Path(n).is_file() else n for n in words]
        path = None
        if not any(name.endswith(".ipynb") for name in names):
            path = notebook_path(self.shell.user_ns)
        folder = path.parent if path else Path.cwd()
        if path:
            self._say_what_is_checked(path)
            names.append(str(path))
        elif not names:
            print("This notebook's file is not known here, so everything on your desk is checked.")
        found = self._ask({"folder": str(folder), "names": names, "begun": not words})
        if "error" in found:
            print(f"%check: {found['error']}")
        else:
            display({"text/html": found["html"], "text/plain": found["text"]}, raw=True)

    def close(self) -> None:
        """End the checking process."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            process.stdin.close()  # it ends with its input
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()

    def _say_what_is_checked(self, path: Path) -> None:
        saved = datetime.fromtimestamp(path.stat().st_mtime)
        print(f"Checking {path.name} as it was saved at {saved:%H:%M:%S}.")
        if names := newer_here(self.shell, path):
            print(
                f"You last ran {' and '.join(names)} with other code than the saved file holds. If "
                "what you see is newer, save the notebook (Ctrl-S) and check again."
            )

    def _ask(self, request: dict) -> dict:
        process = self._start()
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except OSError:
            answer = ""
        except BaseException:  # interrupted: its answer must not be taken for the next one
            process.terminate()
            self.close()
            raise
        if not answer:
            self.close()
            return {
                "error": "the checking process ended unexpectedly; try again, or run "
                "`course check` in a terminal, which says more."
            }
        return json.loads(answer)

    def _start(self) -> subprocess.Popen:
        if self._process is not None and self._process.poll() is not None:
            self.close()
        if self._process is None:
            package = Path(__file__).resolve().parents[2]
            search = os.pathsep.join(filter(None, [str(package), os.environ.get("PYTHONPATH")]))
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "course.check.service"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                env={**os.environ, "PYTHONPATH": search},
                start_new_session=True,  # the kernel's interrupt is not meant for it
            )
        return self._process


def load(shell: Any) -> None:
    """Register `%check`; the checking process starts with the first check."""
    checker = Checker(shell)
    shell.register_magic_function(checker.check, "line", "check")
    atexit.register(checker.close)


def notebook_path(namespace: dict[str, Any]) -> Path | None:
    """The notebook that this kernel runs, where Jupyter or VS Code says so and it is there."""
    for known in (os.environ.get("JPY_SESSION_NAME"), namespace.get("__vsc_ipynb_file__")):
        path = Path(known) if isinstance(known, str) and known.endswith(".ipynb") else None
        if path and path.is_file():
            return path.resolve()
    return None


def newer_here(shell: Any, path: Path) -> list[str]:
    """Names whose latest definition in this kernel stands in no cell of the saved file.

    Parameters
    ----------
    shell : InteractiveShell
        Its history holds what was run.
    path : Path
        The notebook.
    """
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        saved = {"".join(c["source"]).strip() for c in cells if c["cell_type"] == "code"}
    except (OSError, ValueError, KeyError, TypeError):
        return []  # the check will say what is wrong with the file
    ran = {}
    for source in shell.history_manager.input_hist_raw:
        ran |= dict.fromkeys(_DEFINES.findall(source), source.strip())
    wanted = {name for source in saved for name in _DEFINES.findall(source)}
    return sorted(name for name in wanted & ran.keys() if ran[name] not in saved)
