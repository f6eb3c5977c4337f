"""Set-up: what it says and does where something is missing, without installing anything."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "tools" / "setup_env.py"


@pytest.fixture
def setup_env():
    """The script as a module of its own, so that changes to it end with the test."""
    spec = importlib.util.spec_from_file_location("setup_env", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def project(tmp_path):
    """A folder with the files that set-up reads."""
    (tmp_path / "requirements.txt").write_text("torch==2.13.0\nnumpy==2.4.6\n")
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "apt.txt").write_text("bubblewrap  # isolation\n# debian: chromium  # browser\n")
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "setup_env.py").write_text(SCRIPT.read_text())
    return tmp_path


def command(folder, name, body):
    """Put a shell script on a PATH of the test's own."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def run(project, path, *arguments, **environment):
    """Run the project's set-up with nothing but `path` on the PATH."""
    return subprocess.run(
        [sys.executable, str(project / "tools" / "setup_env.py"), *arguments],
        env={"PATH": str(path), "CI": "", **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def finish(setup_env, project):
    """Make it look as though set-up had been finished here by this Python."""
    python = project / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    stamp = project / ".venv" / "course-setup.json"
    stamp.write_text(json.dumps(setup_env.fingerprint(project)))


def test_apt_txt_is_read_with_its_purposes(setup_env):
    text = "# a heading\n\nbubblewrap   # isolation\nredis-server\n# debian: chromium # a browser\n"
    assert setup_env.system_packages(text) == {
        "bubblewrap": "isolation",
        "redis-server": "",
        "chromium": "a browser",
    }


def test_missing_packages_are_listed_with_what_they_switch_off(project, tmp_path):
    command(tmp_path / "bin", "google-chrome", "exit 0")
    done = run(project, tmp_path / "bin", "--missing")
    assert json.loads(done.stdout) == {"bubblewrap": "isolation"}  # Chrome will do


def test_dpkg_is_asked_where_there_is_one(project, tmp_path):
    command(tmp_path / "bin", "dpkg-query", 'test "$4" = bubblewrap && printf installed; exit 0')
    done = run(project, tmp_path / "bin", "--missing")
    assert json.loads(done.stdout) == {"chromium": "browser"}


def test_in_ci_a_missing_package_is_a_failure(project, tmp_path):
    done = run(project, tmp_path / "bin", CI="true")
    assert done.returncode == 1
    assert "these are missing: bubblewrap, chromium" in done.stderr
    assert not (project / ".venv").exists()


def test_in_ci_even_a_finished_setup_looks_for_packages(setup_env, project, tmp_path):
    finish(setup_env, project)
    assert run(project, tmp_path / "bin").returncode == 0
    assert run(project, tmp_path / "bin", CI="true").returncode == 1


def test_apt_installs_as_root_and_names_what_it_does_not_know(
    setup_env, project, tmp_path, monkeypatch, capsys
):
    bin_ = tmp_path / "bin"
    log = tmp_path / "apt.log"
    command(
        bin_,
        "apt-get",
        f'echo "$DEBIAN_FRONTEND $*" >> {log}\n'
        'case "$*" in\n'
        '*chromium) echo "E: Unable to locate package chromium" >&2; exit 100;;\n'
        f"*bubblewrap) printf '#!/bin/sh\\n' > {bin_}/bwrap; /bin/chmod +x {bin_}/bwrap;;\n"
        "esac",
    )
    monkeypatch.setenv("PATH", str(bin_))
    monkeypatch.setenv("CI", "")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    setup_env.set_up_system(project)
    said = capsys.readouterr().out
    assert "could not install chromium: E: Unable to locate package chromium" in said
    assert "chromium: browser" in said and "bubblewrap: isolation" not in said
    calls = log.read_text().splitlines()
    assert calls[0] == "noninteractive -q update"
    assert "noninteractive -q install -y --no-install-recommends bubblewrap" in calls


def test_without_root_apt_is_not_called(setup_env, project, tmp_path, monkeypatch, capsys):
    command(tmp_path / "bin", "apt-get", f"touch {tmp_path}/called")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("CI", "")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    setup_env.set_up_system(project)
    assert not (tmp_path / "called").exists()
    assert "sudo apt-get install bubblewrap chromium" in capsys.readouterr().out


def test_an_old_python_is_told_in_one_sentence(setup_env, monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    assert setup_env.main([]) == 1
    said = capsys.readouterr().err
    assert "needs Python 3.11 or newer" in said and "3.9.2" in said
    assert len(said.splitlines()) == 1


def test_the_script_parses_on_old_pythons():
    import ast

    ast.parse(SCRIPT.read_text(), feature_version=(3, 7))


def test_a_finished_setup_says_and_does_nothing(setup_env, project, tmp_path):
    finish(setup_env, project)
    done = run(project, tmp_path / "bin")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml", "apt.txt"])
def test_a_changed_file_makes_setup_unfinished(setup_env, project, name):
    finish(setup_env, project)
    assert setup_env.is_finished(project)
    (project / name).write_text("changed==1\n")
    assert not setup_env.is_finished(project)


def test_a_moved_folder_makes_setup_unfinished(setup_env, project, tmp_path):
    finish(setup_env, project)
    moved = tmp_path.parent / f"{tmp_path.name}-moved"
    project.rename(moved)
    assert not setup_env.is_finished(moved)


@pytest.mark.parametrize("stamp", ["", "{", '{"python": "3.11.0"}'])
def test_an_interrupted_setup_is_unfinished(setup_env, project, stamp):
    finish(setup_env, project)
    (project / ".venv" / "course-setup.json").write_text(stamp)
    assert not setup_env.is_finished(project)


def test_a_venv_with_pip_is_gone_on_with(setup_env, project, monkeypatch):
    finish(setup_env, project)
    (project / ".venv" / "course-setup.json").unlink()
    monkeypatch.setattr(setup_env, "has_pip", lambda python: True)
    monkeypatch.setattr(setup_env, "checked", lambda *_: pytest.fail("made anew"))
    setup_env.make_venv(project)


@pytest.mark.parametrize("key", ["python", "place"])
def test_a_venv_of_another_python_or_folder_is_made_anew(setup_env, project, monkeypatch, key):
    finish(setup_env, project)
    stamp = project / ".venv" / "course-setup.json"
    stamp.write_text(json.dumps({**setup_env.fingerprint(project), key: "other"}))
    ran = []
    monkeypatch.setattr(setup_env, "has_pip", lambda python: True)
    monkeypatch.setattr(setup_env, "checked", lambda command, *_: ran.append(command))
    setup_env.make_venv(project)
    assert ran[0][1:] == ["-m", "venv", "--clear", str(project / ".venv")]
    assert "files" not in json.loads(stamp.read_text())


def test_without_ensurepip_pip_comes_from_the_base_python(setup_env, project, monkeypatch):
    (project / ".venv").mkdir()
    answers = iter([False, False])
    ran = []
    monkeypatch.setattr(setup_env, "has_pip", lambda python: next(answers))
    monkeypatch.setattr(setup_env, "checked", lambda command, *_: ran.append(command))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    setup_env.make_venv(project)
    assert ran[0][1:3] == ["-m", "venv"] and "--without-pip" in ran[0]
    python = project / ".venv" / "bin" / "python"
    assert ran[1][1:] == ["-m", "pip", "--python", str(python), "install", "-q", "pip"]


def test_without_ensurepip_and_pip_the_debian_package_is_named(setup_env, project, monkeypatch):
    (project / ".venv").mkdir()

    def fail_on_pip(command, *_):
        if "pip" in command:
            raise setup_env.SetupError("No module named pip")

    monkeypatch.setattr(setup_env, "has_pip", lambda python: False)
    monkeypatch.setattr(setup_env, "checked", fail_on_pip)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    with pytest.raises(setup_env.SetupError, match=f"python{version}-venv"):
        setup_env.make_venv(project)


def test_a_file_called_venv_is_named(setup_env, project):
    (project / ".venv").write_text("")
    with pytest.raises(setup_env.SetupError, match="is a file"):
        setup_env.make_venv(project)


def test_torch_is_installed_first_and_alone(setup_env, project, monkeypatch):
    ran = []
    monkeypatch.setattr(setup_env, "checked", lambda command, *_: ran.append(command))
    setup_env.install(project)
    torch, lock, itself = ran
    assert torch[-1] == "torch==2.13.0" and "-r" not in torch
    assert lock[-2:] == ["-r", "requirements.txt"]
    assert "--no-deps" in itself and itself[-2:] == ["-e", "."]


def failing(text):
    """A command that prints `text` and fails."""
    return [sys.executable, "-c", f"print({text!r}); raise SystemExit(1)"]


def test_a_missing_network_is_one_sentence(setup_env, project):
    text = (
        "WARNING: Retrying ... NewConnectionError: [Errno -3] Temporary failure in name resolution"
    )
    with pytest.raises(setup_env.SetupError, match="Check the network") as caught:
        setup_env.checked(failing(text), project, "installing torch failed")
    assert "\n" not in str(caught.value)


def test_a_full_disk_is_one_sentence(setup_env, project):
    text = "ERROR: Could not install packages: [Errno 28] No space left on device"
    with pytest.raises(setup_env.SetupError, match="the disk is full"):
        setup_env.checked(failing(text), project, "installing torch failed")


def test_pips_own_errors_are_shown(setup_env, project):
    (project / ".venv").mkdir()
    text = "Collecting x\nERROR: No matching distribution found for x==9\nnotice"
    with pytest.raises(setup_env.SetupError) as caught:
        setup_env.checked(failing(text), project, "installing x failed")
    assert "No matching distribution found for x==9" in str(caught.value)
    assert "Collecting" not in str(caught.value)
    assert "Collecting x" in (project / ".venv" / "setup.log").read_text()


def make(*arguments):
    """Run make in the repository; a make that runs the tests has no say in it."""
    environment = {name: v for name, v in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", "--silent", "--no-print-directory", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_help_lists_every_target():
    said = make()
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {"study", "demo", "test", "verify-deep", "build", "lint", "lock"} <= set(targets)
    for target in targets:
        assert re.search(rf"^  make {target} ", said.stdout, re.MULTILINE)


def test_make_names_a_missing_python():
    done = make("setup", "PYTHON=/nowhere/python3")
    assert done.returncode != 0
    assert "/nowhere/python3 was not found" in done.stderr


def test_make_test_ends_with_pytest():
    """CI reads the closing line of pytest: nothing may come after it."""
    said = make("--dry-run", "test", "PYTHON=python3").stdout
    commands = [line for line in said.splitlines() if "/.venv/bin" in line]
    words = ["ruff check", "ruff format --check", "course build --check", "pytest"]
    assert len(commands) == len(words)
    for line, word in zip(commands, words, strict=True):
        assert word in line
    assert said.rstrip().splitlines()[-1] == commands[-1].rstrip()
