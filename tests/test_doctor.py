"""`course doctor` and the isolation probe, on machines that lack one thing or another."""

import io
import json
import os
import shutil
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from course import doctor
from course.doctor import Finding
from course.grading import isolation
from course.grading.isolation import Level, Rung, probe

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def bin_(monkeypatch):
    """A folder that is the whole PATH; readable by nobody, whom the probe becomes under root."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        monkeypatch.setenv("PATH", folder)
        yield Path(folder)


def script(folder, name, body):
    """Put a shell script into a folder."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


# --- isolation ---------------------------------------------------------------------------------


def test_without_bubblewrap_there_is_no_isolation(bin_):
    rung = probe()
    assert rung.level is Level.NONE
    assert "not installed" in rung.reason


def test_a_bubblewrap_that_is_refused_is_quoted(bin_, monkeypatch, tmp_path):
    script(bin_, "bwrap", 'echo "bwrap: setting up uid map: Permission denied" >&2; exit 1')
    monkeypatch.setattr(isolation, "APPARMOR", tmp_path / "none")
    rung = probe()
    assert rung.level is Level.NONE
    assert "bwrap: setting up uid map: Permission denied" in rung.reason
    assert "AppArmor" not in rung.reason


def test_apparmor_is_named_where_it_restricts(bin_, monkeypatch, tmp_path):
    script(bin_, "bwrap", 'echo "bwrap: setting up uid map: Permission denied" >&2; exit 1')
    restricted = tmp_path / "apparmor"
    restricted.write_text("1\n")
    monkeypatch.setattr(isolation, "APPARMOR", restricted)
    assert "AppArmor" in probe().reason


def test_a_bubblewrap_that_hangs_is_given_up(bin_):
    script(bin_, "bwrap", "/bin/sleep 600 & wait")
    rung = probe(timeout=0.3)
    assert rung.level is Level.NONE
    assert "did not answer" in rung.reason


def test_no_namespaces_inside_means_cold_starts(bin_):
    script(bin_, "unshare", "exit 0")
    refuse = 'echo "unshare: Operation not permitted" >&2; exit 1'
    body = f'case "$*" in *unshare\\ --user*) {refuse};; esac'
    script(bin_, "bwrap", body)
    rung = probe()
    assert rung.level is Level.COLD
    assert "Operation not permitted" in rung.reason


def test_no_unshare_means_cold_starts(bin_):
    script(bin_, "bwrap", "exit 0")
    assert probe().level is Level.COLD


def test_a_bubblewrap_that_allows_everything_is_warm(bin_):
    script(bin_, "bwrap", "exit 0")
    script(bin_, "unshare", "exit 0")
    assert probe().level is Level.WARM


def test_off_linux_there_is_none(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert probe().level is Level.NONE


def test_every_reason_is_one_sentence(bin_):
    for body in ("exit 7", "echo one >&2; echo two. >&2; exit 1", "exit 0"):
        script(bin_, "bwrap", body)
        reason = probe().reason
        assert "\n" not in reason and reason.endswith(".") and not reason.endswith("..")


@pytest.fixture
def real_bwrap():
    """Skip where there is no bubblewrap to try; CI always has it."""
    if shutil.which("bwrap") is None:
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail("bubblewrap is missing in CI: see apt.txt")
        pytest.skip("bubblewrap is not installed")


def test_the_real_bubblewrap_is_tried(real_bwrap, monkeypatch):
    monkeypatch.setattr(isolation, "BWRAP", ["bwrap", "--no-such-option"])
    rung = probe()
    assert rung.level is Level.NONE and "--no-such-option" in rung.reason


def test_the_attempt_inside_the_real_bubblewrap_is_made(real_bwrap, monkeypatch):
    before = probe()
    monkeypatch.setattr(isolation, "UNSHARE", ["/no/such/command"])
    after = probe()
    assert after.level is min(before.level, Level.COLD)
    if before.level is Level.WARM:
        assert "/no/such/command" in after.reason


# --- the doctor --------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path):
    """A small course: its own lock and project table, the real set-up script."""
    (tmp_path / "requirements.txt").write_text(f"numpy=={metadata.version('numpy')}\n")
    extras = "".join(f'{name} = ["numpy"]\n' for name in doctor.EXTRAS)
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "x"\nrequires-python = ">=3.11"\ndependencies = ["numpy"]\n'
        f"[project.optional-dependencies]\n{extras}"
    )
    (tmp_path / "apt.txt").write_text("redis-server  # the real Redis\n")
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "setup_env.py", tmp_path / "tools")
    return tmp_path


def one(findings, name):
    """The finding of this name."""
    (finding,) = [finding for finding in findings if finding.name == name]
    return finding


def test_here_and_now_nothing_is_bad():
    assert [f for f in doctor.diagnose(ROOT) if f.status == "bad"] == []


def test_every_problem_comes_with_a_remedy(root):
    (root / "requirements.txt").write_text("numpy==1.0\n")
    for finding in doctor.diagnose(root):
        assert (finding.status == "ok") == (finding.remedy == ""), finding


def test_the_python_is_held_against_the_project(root):
    assert doctor.python(root).status == "ok"
    text = (root / "pyproject.toml").read_text().replace(">=3.11", ">=4.2")
    (root / "pyproject.toml").write_text(text)
    finding = doctor.python(root)
    assert finding.status == "bad" and ">=4.2" in finding.what


def test_another_version_than_the_lock_is_a_warning(root):
    (root / "requirements.txt").write_text("numpy==1.0\n")
    finding = one(doctor.packages(root), "packages")
    assert finding.status == "warn" and "pinned: 1.0" in finding.what


def test_a_local_build_of_the_pinned_version_is_that_version(root, monkeypatch):
    (root / "requirements.txt").write_text("numpy==2.13.0\n")
    monkeypatch.setattr(metadata, "version", lambda name: "2.13.0+cpu")
    assert one(doctor.packages(root), "packages").status == "ok"


def test_a_missing_base_package_is_bad(root):
    text = (root / "pyproject.toml").read_text()
    text = text.replace('dependencies = ["numpy"]', 'dependencies = ["numpy", "no-such-thing>=1"]')
    (root / "pyproject.toml").write_text(text)
    finding = one(doctor.packages(root), "packages")
    assert finding.status == "bad" and "no-such-thing" in finding.what


def test_a_missing_extra_says_what_it_switches_off(root):
    text = (root / "pyproject.toml").read_text()
    text = text.replace('retrieval = ["numpy"]', 'retrieval = ["no-such-index>=1"]')
    (root / "pyproject.toml").write_text(text)
    finding = one(doctor.packages(root), "extra retrieval")
    assert finding.status == "warn"
    assert "no-such-index" in finding.what and "notebook 3" in finding.what
    assert '".[retrieval]"' in finding.remedy


def test_outside_a_clone_the_doctor_says_so(tmp_path):
    assert one(doctor.packages(tmp_path), "packages").status == "bad"
    assert one(doctor.system_packages(tmp_path), "system").status == "bad"


def kernelspec(folder, *argv):
    """Install a kernel `python3` under a Jupyter data folder."""
    kernel = folder / "kernels" / "python3"
    kernel.mkdir(parents=True)
    spec = {"argv": [*argv, "-m", "ipykernel_launcher"], "display_name": "x", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec))
    return kernel


def test_a_kernel_that_starts_another_python_is_bad(tmp_path, monkeypatch):
    folder = kernelspec(tmp_path, "/opt/other/bin/python")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    finding = doctor.kernel()
    assert finding.status == "bad"
    assert "/opt/other/bin/python" in finding.what and str(folder) in finding.remedy


@pytest.mark.parametrize("name", ["python", "python3", sys.executable])
def test_a_kernel_that_starts_this_python_is_fine(tmp_path, monkeypatch, name):
    kernelspec(tmp_path, name)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    assert doctor.kernel().status == "ok"


def test_jupyterlab_without_nbgraders_extension_is_a_warning(monkeypatch):
    assert doctor.lab_extension().status == "ok"
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *parts: [])
    assert doctor.lab_extension().status == "warn"


@pytest.mark.parametrize(("gib", "status"), [(0.5, "bad"), (2, "warn"), (8, "ok")])
def test_free_memory_decides(monkeypatch, gib, status):
    machine = SimpleNamespace(total=16 * doctor.GIB, available=int(gib * doctor.GIB))
    monkeypatch.setattr(doctor.psutil, "virtual_memory", lambda: machine)
    monkeypatch.setattr(doctor, "CGROUP", Path("/no/such/folder"))
    assert doctor.memory().status == status


@pytest.mark.parametrize("name", ["memory.max", "memory/memory.limit_in_bytes"])
def test_a_containers_limit_counts(monkeypatch, tmp_path, name):
    machine = SimpleNamespace(total=64 * doctor.GIB, available=60 * doctor.GIB)
    monkeypatch.setattr(doctor.psutil, "virtual_memory", lambda: machine)
    monkeypatch.setattr(doctor, "CGROUP", tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(f"{2 * doctor.GIB}\n")
    finding = doctor.memory()
    assert finding.status == "warn" and "of 2.0 GB" in finding.what
    (tmp_path / name).write_text("max\n")
    assert doctor.memory().status == "ok"


@pytest.mark.parametrize(("gib", "status"), [(0.1, "bad"), (0.5, "warn"), (8, "ok")])
def test_free_disk_decides(monkeypatch, tmp_path, gib, status):
    free = SimpleNamespace(free=int(gib * doctor.GIB))
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: free)
    assert doctor.disk(tmp_path).status == status


def test_a_folder_that_cannot_be_written_is_bad(tmp_path):
    assert doctor.folder(tmp_path).status == "ok"
    assert doctor.folder(tmp_path / "none").status == "bad"


def test_a_torch_that_does_not_load_is_bad(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    finding = doctor.torch_threads()
    assert finding.status == "bad" and "torch" in finding.what


def test_more_threads_than_cores_is_a_warning(monkeypatch):
    import torch

    monkeypatch.setattr(torch, "get_num_threads", lambda: 4096)
    assert doctor.torch_threads().status == "warn"


@pytest.mark.parametrize(
    ("level", "status"), [(Level.WARM, "ok"), (Level.COLD, "ok"), (Level.NONE, "warn")]
)
def test_the_isolation_rung_is_reported(monkeypatch, level, status):
    monkeypatch.setattr(doctor, "probe", lambda: Rung(level, "Such is this machine."))
    finding = doctor.isolation()
    assert finding.status == status and "Such is this machine." in finding.what


def test_a_missing_system_package_says_what_it_switches_off(root, bin_):
    (root / "apt.txt").write_text("redis-server  # the real Redis\n")
    finding = one(doctor.system_packages(root), "redis-server")
    assert finding.status == "warn" and "the real Redis" in finding.what


def report(monkeypatch, findings, width):
    """What `run` prints, and its exit code."""
    monkeypatch.setattr(doctor, "diagnose", lambda root: findings)
    out = io.StringIO()
    code = doctor.run(ROOT, Console(file=out, width=width, no_color=True, legacy_windows=False))
    return code, out.getvalue()


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_report_reads_in_any_width(monkeypatch, width):
    findings = [
        Finding("Python", "ok", "3.11"),
        Finding("extra serve", "warn", "missing: redis", 'Run: pip install -e ".[serve]"'),
    ]
    code, text = report(monkeypatch, findings, width)
    assert code == 0 and "\x1b" not in text
    assert max(map(len, text.splitlines())) <= width
    assert '".[serve]"' in "".join(text.split())  # no markup was swallowed
    assert text.splitlines()[0].split() == ["ok", "Python", "3.11"]


def test_only_what_is_bad_fails(monkeypatch):
    bad = Finding("kernel", "bad", "none", "Mend it.")
    code, text = report(monkeypatch, [Finding("Python", "ok", "3.11"), bad], 80)
    assert code == 1 and "-> Mend it." in text
    assert "1 to mend" in text
