"""`course doctor`: can this machine and this installation run the course?"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import psutil
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version
from rich.console import Console
from rich.table import Table
from rich.text import Text

from course.grading.isolation import Level, probe

GIB = 2**30
CGROUP = Path("/sys/fs/cgroup")

# extra -> what does not run without it (`eval` has an environment of its own)
EXTRAS = {
    "train": "the training demonstrations of notebook 2",
    "retrieval": "the vector-search demonstrations of notebook 3",
    "frameworks": "the LangChain and LangGraph demonstrations",
    "serve": "the endpoint, Redis and tokenizer demonstrations",
    "cluster": "course grade --dask",
    "dev": "the tests and the build's checks",
}


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `status` ok, warn (something is switched off) or bad (mend it first)."""

    name: str
    status: Literal["ok", "warn", "bad"]
    what: str
    remedy: str = ""


def diagnose(root: Path) -> list[Finding]:
    """Look at everything the course leans on.

    Parameters
    ----------
    root : Path
        The course's folder, with `requirements.txt`, `pyproject.toml` and `apt.txt`.

    Returns
    -------
    list of Finding
        In the order in which a person would mend them.
    """
    return [
        python(root),
        *packages(root),
        kernel(),
        lab_extension(),
        folder(root),
        memory(),
        disk(root),
        torch_threads(),
        isolation(),
        *system_packages(root),
    ]


def python(root: Path) -> Finding:
    """The interpreter against `requires-python`."""
    version = ".".join(map(str, sys.version_info[:3]))
    wanted = _project(root).get("requires-python", "")
    if Version(version) not in SpecifierSet(wanted):
        remedy = "Make the environment anew: make setup PYTHON=/path/to/python3.11"
        return Finding("Python", "bad", f"{version}, and the course needs {wanted}", remedy)
    return Finding("Python", "ok", version)


def _project(root: Path) -> dict[str, Any]:
    """The table `project` of `pyproject.toml`; empty without that file."""
    try:
        return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    except FileNotFoundError:
        return {}


def _installed(name: str) -> Version | None:
    try:
        return Version(metadata.version(name))
    except metadata.PackageNotFoundError:
        return None


def packages(root: Path) -> Iterator[Finding]:
    """Installed versions against the lock; base packages, then one finding for each extra."""
    project, path = _project(root), root / "requirements.txt"
    if not project or not path.is_file():
        what = f"no pyproject.toml or no requirements.txt in {root}"
        yield Finding("packages", "bad", what, "Run it in a complete clone of the course.")
        return
    lock = path.read_text(encoding="utf-8")
    pins = dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)$", lock, re.MULTILINE))
    found = {name: _installed(name) for name in pins}
    other = [  # a local version, such as torch's 2.13.0+cpu, is the same version
        f"{name} {found[name]} (pinned: {pin})"
        for name, pin in pins.items()
        if found[name] is not None and Version(found[name].public) != Version(pin)
    ]
    missing = _missing(project["dependencies"])
    if missing:
        yield Finding("packages", "bad", f"missing: {', '.join(missing)}", "Run: make setup")
    elif other:
        shown = ", ".join(other[:4]) + (f" and {len(other) - 4} more" if other[4:] else "")
        yield Finding("packages", "warn", f"not as in the lock: {shown}", "Run: make setup")
    else:
        yield Finding("packages", "ok", "every installed version is that of the lock")
    for extra, purpose in EXTRAS.items():
        missing = _missing(project["optional-dependencies"][extra])
        if missing:
            what = f"missing: {', '.join(missing)}; without it: no {purpose.removeprefix('the ')}"
            yield Finding(f"extra {extra}", "warn", what, f"Run: make setup (or: {_pip(extra)})")
        else:
            yield Finding(f"extra {extra}", "ok", purpose)


def _missing(requirements: list[str]) -> list[str]:
    """Those of `requirements` that are not installed at all."""
    names = [Requirement(line).name for line in requirements]
    return [name for name in names if _installed(name) is None]


def _pip(extra: str) -> str:
    return f'pip install -c requirements.txt -e ".[{extra}]"'


def kernel() -> Finding:
    """Whether the kernel `python3`, which the notebooks name, is this interpreter."""
    if _installed("ipykernel") is None:
        return Finding("kernel", "bad", "ipykernel is not installed", "Run: make setup")
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return Finding("kernel", "bad", "Jupyter has no kernel python3", "Run: make setup")
    started = Path(spec.argv[0])
    major, minor = sys.version_info[:2]
    # a bare name is replaced by the server's own interpreter; never resolve links in a venv
    bare = {"python", f"python{major}", f"python{major}.{minor}"}
    if spec.argv[0] in bare or started.parent == Path(sys.executable).parent:
        return Finding("kernel", "ok", f"python3 is {sys.executable}")
    return Finding(
        "kernel",
        "bad",
        f"python3 starts {started}, another Python than this one",
        f"Remove the folder {spec.resource_dir}, or make that kernel anew from this Python: "
        "python -m ipykernel install --sys-prefix",
    )


def lab_extension() -> Finding:
    """JupyterLab, and nbgrader's part in it."""
    version = _installed("jupyterlab")
    if version is None:
        return Finding("JupyterLab", "bad", "not installed", "Run: make setup")
    from jupyter_core.paths import jupyter_path
    from jupyterlab_server.config import get_federated_extensions

    if "@jupyter/nbgrader" not in get_federated_extensions(jupyter_path("labextensions")):
        return Finding(
            "JupyterLab",
            "warn",
            f"{version}, without nbgrader's extension: no Formgrader, no Validate button",
            "Run: pip install --force-reinstall --no-deps nbgrader",
        )
    return Finding("JupyterLab", "ok", f"{version}, with nbgrader {_installed('nbgrader')}")


def folder(root: Path) -> Finding:
    """Whether copies, results and reports can be written."""
    try:
        with tempfile.TemporaryFile(dir=root):
            pass
    except OSError as error:
        return Finding(
            "folder", "bad", f"{root}: {error.strerror}", "Clone the course where you may write."
        )
    return Finding("folder", "ok", f"{root} can be written to")


def memory() -> Finding:
    """Memory that a notebook can have; a container's own limit counts."""
    machine = psutil.virtual_memory()
    total, free = machine.total, machine.available
    for limit in ("memory.max", "memory/memory.limit_in_bytes"):  # cgroup 2, cgroup 1
        try:
            total = min(total, int((CGROUP / limit).read_text()))
        except (OSError, ValueError):  # no such file, or "max"
            continue
    free = min(free, total)
    what = f"{free / GIB:.1f} GB free of {total / GIB:.1f} GB"
    if free < GIB:
        return Finding("memory", "bad", what, "Close other programs: a notebook takes up to 2 GB.")
    if free < 2.5 * GIB:
        return Finding(
            "memory", "warn", what, "Open one notebook at a time; each takes up to 2 GB."
        )
    return Finding("memory", "ok", what)


def disk(root: Path) -> Finding:
    """Room for copies and results."""
    free = shutil.disk_usage(root).free
    what = f"{free / GIB:.1f} GB free"
    if free < 0.2 * GIB:
        return Finding("disk", "bad", what, "Make room: results and models need about 1 GB.")
    if free < GIB:
        return Finding("disk", "warn", what, "Grading a cohort may need more than that.")
    return Finding("disk", "ok", what)


def torch_threads() -> Finding:
    """Whether torch loads, and how many threads it takes."""
    try:
        import torch
    except (ImportError, OSError) as error:
        reason = str(error).splitlines()[0]
        return Finding("torch", "bad", f"does not load: {reason}", "Run: make setup")
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    threads = torch.get_num_threads()
    what = f"{torch.__version__}, {threads} of {cores} cores"
    if threads > cores:
        return Finding("torch", "warn", what, f"Slow: set OMP_NUM_THREADS to {cores} or less.")
    return Finding("torch", "ok", f"{what} (graded cells use one)")


def isolation() -> Finding:
    """Which rung of isolation grading will stand on."""
    rung = probe()
    if rung.level is Level.WARM:
        return Finding("isolation", "ok", rung.reason)
    if rung.level is Level.COLD:
        return Finding(
            "isolation", "ok", f"{rung.reason} Grading is safe; each submission starts cold."
        )
    return Finding(
        "isolation",
        "warn",
        f"none: {rung.reason}",
        "Your own work can be checked; other people's is not graded without it. On Linux install "
        "bubblewrap, and allow it user namespaces (Ubuntu: an AppArmor profile for bwrap).",
    )


def system_packages(root: Path) -> Iterator[Finding]:
    """The packages of `apt.txt`, as the set-up sees them."""
    script = root / "tools" / "setup_env.py"
    asked = subprocess.run(
        [sys.executable, str(script), "--missing"], capture_output=True, text=True, check=False
    )
    if asked.returncode != 0:
        what = f"tools/setup_env.py failed: {asked.stderr.strip().splitlines()[-1:]}"
        yield Finding("system", "bad", what, "Clone the course again.")
        return
    missing = json.loads(asked.stdout)
    if not missing:
        yield Finding("system", "ok", "all packages of apt.txt are here")
    for name, purpose in missing.items():
        remedy = f"Install {name} (Debian, Ubuntu: sudo apt-get install {name})."
        yield Finding(name, "warn", f"missing; needed for {purpose}", remedy)


def run(root: Path, console: Console) -> int:
    """Print the findings; 0 when nothing is bad, else 1."""
    findings = diagnose(root.resolve())
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold", ratio=1)
    style = {"ok": "green", "warn": "yellow", "bad": "bold red"}
    for finding in findings:
        what = f"{finding.what}\n-> {finding.remedy}" if finding.remedy else finding.what
        status = Text(finding.status, style[finding.status])
        table.add_row(status, Text(finding.name), Text(what))
    console.print(table)
    bad, warn = (sum(f.status == status for f in findings) for status in ("bad", "warn"))
    if bad:
        console.print(f"{bad} to mend before the course runs, {warn} switched off or slow.")
        return 1
    console.print(
        f"The course runs here; {warn} of its parts do not, or run slowly."
        if warn
        else "Everything the course needs is here."
    )
    return 0
