"""How well learner code can be kept apart on this machine: three rungs, found out by trying."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

NOBODY = 65534  # the unprivileged user that work started as root is handed to
APPARMOR = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")

BWRAP = ["bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/"]
BWRAP += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--chdir", "/", "--"]
UNSHARE = ["unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "--mount-proc"]


class Level(IntEnum):
    """The rungs, worst first, so that they compare."""

    NONE = 0
    COLD = 1
    WARM = 2


@dataclass(frozen=True)
class Rung:
    """What isolation this machine offers.

    Attributes
    ----------
    level : Level
        WARM: bubblewrap, and namespaces inside it, so every submission is a fork of one warm
        process in a sandbox. COLD: bubblewrap alone, one cold start for every submission.
        NONE: learner code runs as the person who grades.
    reason : str
        One sentence: what was tried and what came of it.
    """

    level: Level
    reason: str


def probe(timeout: float = 20.0) -> Rung:
    """Try bubblewrap, then namespaces inside it.

    Parameters
    ----------
    timeout : float
        Seconds that each of the two attempts may take.

    Returns
    -------
    Rung
        The best rung that really worked.
    """
    if not sys.platform.startswith("linux"):
        return Rung(Level.NONE, f"bubblewrap needs Linux, and this is {sys.platform}.")
    if shutil.which("bwrap") is None:
        return Rung(Level.NONE, "bubblewrap (the command bwrap) is not installed.")
    failure = _try([*BWRAP, "true"], timeout)
    if failure:
        return Rung(Level.NONE, f"bubblewrap does not start here: {failure}{_apparmor()}.")
    if shutil.which("unshare") is None:
        return Rung(Level.COLD, "bubblewrap works; unshare, to go further inside, is missing.")
    failure = _try([*BWRAP, *UNSHARE, "true"], timeout)
    if failure:
        return Rung(
            Level.COLD, f"bubblewrap works, but no namespaces inside it: {failure}{_apparmor()}."
        )
    return Rung(Level.WARM, "bubblewrap works, and so do namespaces inside it.")


def _try(command: list[str], timeout: float) -> str:
    """Run `command`, as nobody when started as root; what went wrong, empty when nothing did."""
    unprivileged = (
        {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    )
    with tempfile.TemporaryFile() as output:  # no pipe: a grandchild could hold it open
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                start_new_session=True,
                **unprivileged,
            )
        except OSError as error:
            return f"{command[0]} cannot be run ({error.strerror})"
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return f"it did not answer within {timeout:g} s"
        output.seek(0)
        said = output.read().decode(errors="replace").strip().rstrip(".")
    if code == 0:
        return ""
    return said.splitlines()[-1] if said else f"exit status {code}"


def _apparmor() -> str:
    """Name the usual culprit on Ubuntu, where it is one."""
    try:
        restricted = APPARMOR.read_text().strip() == "1"
    except OSError:
        restricted = False
    return " (AppArmor restricts user namespaces here)" if restricted else ""
