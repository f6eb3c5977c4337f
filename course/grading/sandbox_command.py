"""The files that learner code may read, and the bubblewrap command that shows it nothing else."""

from __future__ import annotations

import ast
import contextlib
import os
import shutil
import stat
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from course.grading.isolation import Level

LEARNER = 1000
LARGE = 32_768  # bytes
PACKAGE = "engine_inside"  # what the engine's learner side is called where learner code runs
_SYSTEM = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"]
_CONFIGURATION = ["/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives"]
_ADMIN = 1 << 21  # CAP_SYS_ADMIN


def stage(folder: Path, package: Path, leave_out: Sequence[str]) -> None:
    """Copy what the sandbox shows besides Python: a package, and the engine's learner side.

    Parameters
    ----------
    folder : Path
        An empty folder; gets ``library/`` (the package), ``engine/`` and ``etc/``.
    package : Path
        The package that notebooks import.
    leave_out : sequence of str
        Names of modules and subpackages that learner code must not see.
    """

    def skip(where: str, names: list[str]) -> list[str]:
        top = Path(where) == package
        return [n for n in names if n == "__pycache__" or (top and n in leave_out)]

    library = folder / "library" / package.name
    shutil.copytree(package, library, ignore=skip, copy_function=_link_or_copy)
    inside = folder / "engine" / PACKAGE
    inside.mkdir(parents=True)
    for module in _needed("__init__", "learner"):
        shutil.copy(module, inside)
    (folder / "etc").mkdir()
    home = f"{scratch_folder()}/home"
    (folder / "etc" / "passwd").write_text(f"learner:x:{LEARNER}:{LEARNER}::{home}:/bin/sh\n")
    (folder / "etc" / "group").write_text(f"learner:x:{LEARNER}:\n")
    for path in [folder, *folder.rglob("*")]:  # for another user's eyes too
        if path.is_dir():
            path.chmod(0o755)
        elif path.stat().st_nlink == 1:  # a linked one is readable, and not ours to change
            path.chmod(0o644)


def _link_or_copy(source: str, target: str) -> None:
    """Put a file into the stage; large ones (a model's weights) only as another name of the same.

    The sandbox shows the stage read-only. Where another file system, or the rights of a file, do
    not allow a link, it is copied.
    """
    status = Path(source).stat()
    if status.st_size >= LARGE and status.st_mode & stat.S_IROTH:
        with contextlib.suppress(OSError):
            os.link(source, target)
            return
    shutil.copy(source, target)


def _needed(*names: str) -> list[Path]:
    """The engine's modules with these names, and those that they import from beside them."""
    found: dict[str, Path] = {}
    waiting = [*names]
    while waiting:
        name = waiting.pop()
        path = Path(__file__).with_name(f"{name}.py")
        if name in found or not path.exists():  # a name out of the package's __init__, or so
            continue
        found[name] = path
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                waiting += [node.module] if node.module else [alias.name for alias in node.names]
    return [*found.values()]


def environment(home: str) -> dict[str, str]:
    """Return all environment variables of a learner's process."""
    one = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
    return {
        "PATH": f"{Path(sys.prefix) / 'bin'}:/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": scratch_folder() if home == f"{scratch_folder()}/home" else home,
        "USER": "learner",
        "LOGNAME": "learner",
        "LANG": "C.UTF-8",
        "IPYTHONDIR": f"{home}/.ipython",
        "MPLCONFIGDIR": f"{home}/.matplotlib",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
        **{f"{library}_NUM_THREADS": "1" for library in one},
    }


def python(folder: str, control: int, settings: str) -> list[str]:
    """Return the command that starts the warm process on staged files."""
    code = f"import sys; sys.path.insert(0, {folder + '/engine'!r}); "
    code += f"from {PACKAGE}.learner import main; del sys.path[0]; main()"
    return [sys.executable, "-P", "-s", "-c", code, str(control), settings]


def may_mount() -> bool:
    """Whether this process is root with the right to mount (in a container it may lack it)."""
    if os.geteuid() != 0:
        return False
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) & _ADMIN)
    return False


def _prefixes() -> list[Path]:
    """Where this Python and its libraries live."""
    found: set[Path] = set()
    for name in (sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix):
        found |= {Path(name), Path(name).resolve()}
    found.add(Path(sys.executable).resolve().parent.parent)
    return sorted(path for path in found if path.is_dir())


def scratch_folder() -> str:
    """Return the folder that a learner may write to: ``/tmp``, unless Python lies below that."""
    return "/scratch" if any(p.is_relative_to("/tmp") for p in _prefixes()) else "/tmp"


def bubblewrap(
    folder: Path, level: Level, scratch: int, hide: Iterable[Path], *, as_root: bool
) -> list[str]:
    """Return the beginning of a command that runs the rest in a sandbox.

    Parameters
    ----------
    folder : Path
        What `stage` has filled; it is shown as ``/stage``.
    level : Level
        Inside WARM, learners are forked that make namespaces of their own.
    scratch : int
        Bytes that fit into the scratch folder.
    hide : iterable of Path
        Folders that must not show, even where they lie below Python's.
    as_root : bool
        Started by root, who mounts first and gives up root then (the warm process does).
    """
    command = ["bwrap", "--die-with-parent", "--new-session"]
    if as_root:
        command += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
        command += ["--unshare-cgroup-try", "--cap-drop", "ALL"]
        capabilities = ["CAP_SETUID", "CAP_SETGID"] + ["CAP_SYS_ADMIN"] * (level == Level.WARM)
        for capability in capabilities:
            command += ["--cap-add", capability]
    else:
        command += ["--unshare-all", "--unshare-user"]
        command += ["--uid", str(LEARNER), "--gid", str(LEARNER)]
    shown: dict[Path, list[str]] = {}
    hidden: list[Path] = []
    for name in _SYSTEM:
        path = Path(name)
        if path.is_symlink():
            shown[path] = ["--symlink", str(path.readlink()), name]
        elif path.is_dir():
            shown[path] = ["--ro-bind", name, name]
    for name in _CONFIGURATION:
        shown[Path(name)] = ["--ro-bind-try", name, name]
    for path in _prefixes():
        if not path.is_relative_to("/usr"):
            shown[path] = ["--ro-bind", str(path.resolve()), str(path)]
    for path in {p.resolve() for p in hide}:
        if path not in shown and any(path.is_relative_to(p) for p in [*_prefixes(), *_roots()]):
            shown[path] = ["--tmpfs", str(path)]
            hidden.append(path)
    for path in sorted(shown, key=lambda p: len(p.parts)):  # what lies inside comes later
        for parent in reversed(path.parents[:-1]):
            command += ["--dir", str(parent)]  # made by itself, it would be root's alone
        command += shown[path]
    for path in hidden:  # only now: Python itself may lie below one
        command += ["--remount-ro", str(path)]
    command += ["--dir", "/etc", "--dir", "/stage"]
    for name in ("passwd", "group"):
        command += ["--ro-bind", str(folder / "etc" / name), f"/etc/{name}"]
    for name in ("library", "engine"):
        command += ["--ro-bind", str(folder / name), f"/stage/{name}"]
    command += ["--dev", "/dev", "--remount-ro", "/dev"]
    room = ["--size", str(scratch)] if level == Level.COLD else []  # a fork mounts its own
    for name in (scratch_folder(), "/dev/shm"):
        command += ["--perms", "1777", *room, "--tmpfs", name]
    if as_root and level == Level.WARM:
        command += ["--dir", "/proc"]  # the warm process mounts it: bwrap's would be in the way
    else:
        command += ["--proc", "/proc"]
    return [*command, "--remount-ro", "/", "--chdir", "/", "--"]


def _roots() -> list[Path]:
    return [Path(name).resolve() for name in _SYSTEM]
