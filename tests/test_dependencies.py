"""The files that say what the course depends on agree with each other."""

import importlib.util
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
LOCKED = ["train", "retrieval", "frameworks", "serve", "cluster", "dev"]
LOCKS = ["requirements.txt", "requirements-eval.txt"]


def lines(name):
    """The lines of a file that say something."""
    text = (ROOT / name).read_text()
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def pins(name):
    """Package name to pinned version."""
    requirements = [Requirement(line) for line in lines(name)]
    return {
        canonicalize_name(r.name): Version(str(r.specifier).removeprefix("=="))
        for r in requirements
    }


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_is_one_plain_pin(lock):
    for line in lines(lock):
        assert re.fullmatch(r"[a-z0-9][a-z0-9._-]*==[0-9][0-9a-z.]*", line), line
    assert len(pins(lock)) == len(lines(lock))


@pytest.mark.parametrize("lock", LOCKS)
def test_torch_is_the_same_everywhere(lock):
    assert str(pins(lock)["torch"]) == "2.13.0"
    assert "torch==2.13.0" in PROJECT["dependencies"]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_leaves_out_what_only_a_gpu_needs(lock):
    excluded = set(lines("tools/lock-excludes.txt"))
    assert not excluded & set(pins(lock))
    assert not [n for n in pins(lock) if n.startswith(("nvidia-", "cuda-")) or n == "triton"]


def test_the_extras_are_those_that_the_course_speaks_of():
    assert set(EXTRAS) == {*LOCKED, "eval"}


@pytest.mark.parametrize(
    ("lock", "extras"), [("requirements.txt", LOCKED), ("requirements-eval.txt", ["eval"])]
)
def test_the_pins_satisfy_the_project(lock, extras):
    pinned = pins(lock)
    for line in [*PROJECT["dependencies"], *(r for extra in extras for r in EXTRAS[extra])]:
        wanted = Requirement(line)
        assert pinned[canonicalize_name(wanted.name)] in wanted.specifier, line


def test_the_main_lock_holds_nothing_of_the_eval_extra():
    names = {canonicalize_name(Requirement(line).name) for line in EXTRAS["eval"]}
    assert not names & set(pins("requirements.txt"))


def test_nothing_names_a_host_or_a_local_build():
    files = [*LOCKS, "pyproject.toml", "environment.yml", "Makefile", "tools/setup_env.py"]
    for name in files:
        text = (ROOT / name).read_text()
        assert "://" not in text and "+cpu" not in text, name
        assert not re.search(r"--(extra-)?index-url [^\n.]*\w\.\w", text), name


def test_the_conda_environment_follows_the_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    *conda, pip = environment["dependencies"]
    assert environment["name"] == PROJECT["name"]
    assert conda == ["python=3.11", "pip"]
    assert pip == {"pip": ["-r requirements.txt", "-e ."]}  # all versions come from the lock
    assert Version("3.11") in SpecifierSet(PROJECT["requires-python"])


def test_no_pip_option_in_the_conda_environment_is_refused_by_pip():
    """Lines become a requirements file, in which pip allows few options."""
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    for line in environment["dependencies"][-1]["pip"]:
        assert re.fullmatch(r"-r [\w.-]+|-e \S+", line), line
    assert (ROOT / "requirements.txt").is_file()


def test_repo2docker_can_install_apt_txt():
    """It takes what stands before a `#`, and its Ubuntu has Chromium only as a snap."""
    names = [line.partition("#")[0].strip() for line in lines("apt.txt")]
    assert names and all(re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", name) for name in names)
    assert "chromium" not in names


def test_setup_reads_every_system_package_with_its_purpose():
    path = ROOT / "tools" / "setup_env.py"
    spec = importlib.util.spec_from_file_location("setup_env", path)
    setup_env = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(setup_env)
    packages = setup_env.system_packages((ROOT / "apt.txt").read_text())
    assert {"bubblewrap", "redis-server", "chromium"} <= set(packages)
    assert all(packages.values())
    assert set(setup_env.COMMANDS) <= set(packages)


def test_the_lock_recipe_takes_all_extras_and_the_excludes():
    environment = {name: v for name, v in os.environ.items() if not name.startswith("MAKE")}
    dry = ["make", "--dry-run", "--no-print-directory", "lock"]
    recipe = subprocess.run(dry, cwd=ROOT, env=environment, capture_output=True, text=True)
    recipe = recipe.stdout.replace("\\\n", " ")
    main, eval_ = re.findall(r"^uv pip compile .*$", recipe, re.MULTILINE)
    assert re.findall(r"--extra (\S+)", main) == LOCKED
    assert re.findall(r"--extra (\S+)", eval_) == ["eval"]
    for line, output in ((main, "requirements.txt"), (eval_, "requirements-eval.txt")):
        assert "--excludes tools/lock-excludes.txt" in line
        assert "--no-emit-index-url" in line and line.split()[-1] == output


def git_ignores(*paths):
    """The paths of these that git would ignore."""
    done = subprocess.run(
        ["git", "check-ignore", "--no-index", *paths], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.split()


def test_git_ignores_what_is_made_and_nothing_that_is_source():
    made = [".venv/bin/python", "desk/a.ipynb", "demo/report.html", "submitted/a/b.ipynb"]
    made += ["feedback/a.html", "gradebook.db", "autograded/ada/x.ipynb", "course/__pycache__/a"]
    source = ["autograded/.gitkeep", "course/build/source.py", "course/lessons/_intro.py"]
    source += ["source/a.ipynb", "release/a.ipynb", "tests/a.py", "docs/a.md", "apt.txt"]
    assert git_ignores(*made, *source) == made
