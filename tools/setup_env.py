#!/usr/bin/env python3
"""Make `.venv/` and everything in it, with nothing but Python's standard library.

    python3 tools/setup_env.py            set up, or do nothing when that is done already
    python3 tools/setup_env.py --missing  print the missing system packages, as JSON

Run it as often as you like: a finished set-up is recognised in a moment, an interrupted one goes on
where it stopped. With the environment variable CI=true a missing system package is a failure.
"""

from __future__ import annotations  # the file must parse on old Pythons, to tell them so

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
INPUTS = ("requirements.txt", "pyproject.toml", "apt.txt", "tools/setup_env.py")

# How a package shows where there is no dpkg to ask, or where it was installed another way.
COMMANDS = {
    "bubblewrap": ("bwrap",),
    "chromium": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    "git": ("git",),
    "redis-server": ("redis-server",),
}
NO_NETWORK = re.compile(
    r"name resolution|getaddrinfo failed|nodename nor servname|Network is unreachable|"
    r"NewConnectionError|Failed to establish a new connection|ConnectTimeoutError|No route to host"
)


class SetupError(Exception):
    """Set-up cannot go on; the message says why and what to do."""


def say(sentence):
    """Print one line at once."""
    print(f"setup: {sentence}", flush=True)


# --- system packages ---------------------------------------------------------------------------


def system_packages(text):
    """Read `apt.txt`: a dict from package name to what needs it."""
    packages = {}
    for line in text.splitlines():
        match = re.match(r"(?:# debian:)?\s*([a-z0-9][a-z0-9.+-]*)\s*(?:#\s*(.*))?$", line)
        if match:
            packages[match.group(1)] = (match.group(2) or "").strip()
    return packages


def is_installed(package):
    """Whether dpkg knows the package as installed, or one of its commands is on the PATH."""
    if any(shutil.which(command) for command in COMMANDS.get(package, ())):
        return True
    if shutil.which("dpkg-query"):
        query = ["dpkg-query", "-W", "-f", "${db:Status-Status}", package]
        return subprocess.run(query, capture_output=True, text=True).stdout == "installed"
    return package not in COMMANDS  # a package of Debian's own, such as fonts: nothing to ask


def missing_packages(root):
    """The system packages of `apt.txt` that this machine lacks, each with what needs it."""
    packages = system_packages((root / "apt.txt").read_text(encoding="utf-8"))
    return {name: purpose for name, purpose in packages.items() if not is_installed(name)}


def apt_install(packages):
    """Install what apt knows of `packages`, and say which names it does not know."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}

    def apt(*arguments):
        command = ["apt-get", "-q", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True)

    say(f"installing system packages: {', '.join(packages)}")
    update = apt("update")
    if update.returncode != 0:
        say(f"apt-get update failed: {last_line(update.stderr)}")
    for package in packages:  # one at a time: an unknown name must not cost the others
        done = apt("install", "-y", "--no-install-recommends", package)
        if done.returncode != 0:
            say(f"apt-get could not install {package}: {last_line(done.stderr)}")


def last_line(text):
    """The last line with something in it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "(it said nothing)"


def in_ci():
    """Whether this is CI, where nothing may be missing."""
    return os.environ.get("CI", "").lower() in ("1", "true")


def set_up_system(root):
    """Install missing system packages as root on Debian or Ubuntu, else say what they are for."""
    missing = missing_packages(root)
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        apt_install(list(missing))
        missing = missing_packages(root)
    if missing and in_ci():
        raise SetupError(
            f"CI needs every package of apt.txt, and these are missing: {', '.join(missing)}."
        )
    if missing:
        say("the course works without these system packages, except for what stands beside them:")
        for name, purpose in missing.items():
            say(f"  {name}: {purpose}")
        if shutil.which("apt-get"):
            say(f"  to have them: sudo apt-get install {' '.join(missing)}")


# --- the virtual environment -------------------------------------------------------------------


def fingerprint(root):
    """What a finished set-up depends on: the Python, the place and the contents of INPUTS."""
    files = hashlib.sha256()
    for name in INPUTS:
        files.update((root / name).read_bytes())
    version = ".".join(str(part) for part in sys.version_info[:3])
    return {"python": version, "place": str(root), "files": files.hexdigest()}


def read_stamp(path):
    """The fingerprint of the last set-up here; empty where none got that far."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}


def is_finished(root):
    """Whether `.venv/` holds exactly what the files ask for."""
    venv = root / ".venv"
    return (venv / "bin" / "python").exists() and read_stamp(venv / "course-setup.json") == (
        fingerprint(root)
    )


def make_venv(root):
    """Make `.venv/`, or make it anew where it belongs to another Python or another folder."""
    venv = root / ".venv"
    if venv.exists() and not venv.is_dir():
        raise SetupError(f"{venv} is a file, and a folder of that name is needed: move it away.")
    stamp, now = read_stamp(venv / "course-setup.json"), fingerprint(root)
    moved = any(stamp.get(key, now[key]) != now[key] for key in ("python", "place"))
    python = venv / "bin" / "python"
    if not moved and has_pip(python):
        return
    base = getattr(sys, "_base_executable", None) or sys.executable  # also from within .venv
    say(f"making .venv with Python {now['python']}")
    command = [base, "-m", "venv", "--clear", str(venv)]
    if importlib.util.find_spec("ensurepip") is None:  # Debian keeps it in a package of its own
        command.insert(4, "--without-pip")
    checked(command, root, "making .venv failed")
    if not has_pip(python):
        try:
            pip = [base, "-m", "pip", "--python", str(python), "install", "-q", "pip"]
            checked(pip, root, "pip could not be put into .venv")
        except SetupError as error:
            name = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
            raise SetupError(
                f"this Python has no usable ensurepip: install the package {name} "
                "(Debian, Ubuntu), then run the same command again."
            ) from error
    del now["files"]  # made, not finished
    (venv / "course-setup.json").write_text(json.dumps(now), encoding="utf-8")


def has_pip(python):
    """Whether `python` runs, is new enough and has pip."""
    if not python.exists():
        return False
    question = f"import sys, pip; sys.exit(sys.version_info < {OLDEST})"
    return subprocess.run([str(python), "-c", question], capture_output=True).returncode == 0


def checked(command, root, failure):
    """Run `command` with its output in `.venv/setup.log`; on failure show the lines that matter."""
    log = root / ".venv" / "setup.log"
    lines = []
    with subprocess.Popen(
        command, cwd=str(root), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout:
            lines.append(line)
            if sys.stdout.isatty() and re.match(r"\s*(Collecting|Downloading|Installing) ", line):
                print("\r\033[K  " + line.strip()[:70], end="", flush=True)
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)
    if log.parent.is_dir():
        with log.open("a", encoding="utf-8") as out:
            out.writelines([f"$ {' '.join(command)}\n", *lines])
    if process.returncode == 0:
        return
    output = "".join(lines)
    if NO_NETWORK.search(output):
        raise SetupError(
            f"{failure}: the package index cannot be reached. Check the network connection, "
            "then run the same command again; it goes on where it stopped."
        )
    if "No space left on device" in output:
        raise SetupError(
            f"{failure}: the disk is full. The environment takes about 2.5 GB; make room, then "
            "run the same command again."
        )
    errors = [line for line in lines if line.lstrip().lower().startswith("error")] or lines[-15:]
    raise SetupError(f"{failure}:\n{''.join(errors).rstrip()}\nEverything it said is in {log}.")


def install(root):
    """Install the lock and the course itself into `.venv/`; torch first and alone."""
    lock = (root / "requirements.txt").read_text(encoding="utf-8")
    torch = re.search(r"^torch==\S+$", lock, re.MULTILINE)
    if torch is None:
        raise SetupError("requirements.txt has no line torch==VERSION: run make lock.")
    pip = [str(root / ".venv" / "bin" / "python"), "-m", "pip", "install"]
    pip += ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    say(f"installing {torch.group()} (the largest part; minutes on a slow line)")
    checked([*pip, torch.group()], root, "installing torch failed")
    say(f"installing the {len(lock.split())} packages of requirements.txt")
    checked([*pip, "-r", "requirements.txt"], root, "installing requirements.txt failed")
    say("installing the course itself")
    # setuptools is in the lock, so the course is built without another download
    itself = [*pip, "--no-deps", "--no-build-isolation", "-e", "."]
    checked(itself, root, "installing the course failed")


def main(arguments):
    """Carry out the command; the exit code."""
    if sys.version_info < OLDEST:
        found = ".".join(str(part) for part in sys.version_info[:3])
        print(
            f"setup: the course needs Python 3.11 or newer, and {sys.executable} is {found}: "
            "install a newer one and say make PYTHON=/path/to/python3.11.",
            file=sys.stderr,
        )
        return 1
    if arguments == ["--missing"]:
        print(json.dumps(missing_packages(ROOT)))
        return 0
    try:
        finished = is_finished(ROOT)
        if not finished or in_ci():
            set_up_system(ROOT)
        if not finished:
            make_venv(ROOT)
            install(ROOT)
            stamp = ROOT / ".venv" / "course-setup.json"
            stamp.write_text(json.dumps(fingerprint(ROOT)), encoding="utf-8")
            say("done")
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"setup: {error.filename or 'a file'}: {error.strerror}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nsetup: interrupted; the same command goes on from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
