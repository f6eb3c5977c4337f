"""The ways into grading give equal scores; a killed run goes on; what cannot be graded says why."""

import contextlib
import json
import os
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from conftest import TOY, ToyCourse
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from rich.console import Console
from traitlets.config import Config

from course.grading import command, isolation, jobs, sandbox_folders
from course.grading.errors import CourseError
from course.grading.gradebook import load_config, own_commands_first
from course.grading.jobs import Job
from course.grading.sandbox import Level, Sandbox, SandboxError
from course.grading.station import Station
from course.grading.transaction import one_transaction

COURSE = Path(__file__).parent.parent
FORGED = "Full marks for this one."
Scores = dict[tuple[str, str], float]


def hand_in_all(toy: ToyCourse) -> ToyCourse:
    """Four honest learners, one of whom claims a note of ours: 5, 2, 0 and 3 points."""
    toy.hand_in("ada")
    bob = toy.notebook(double=toy.WRONG_DOUBLE)
    bob.metadata["course"] = {"notes": [FORGED]}
    toy.hand_in("bob", bob)
    stub = "raise NotImplementedError()"
    toy.hand_in("cyd", double=stub, shout=stub)
    toy.hand_in("dan", shout="import warnings\ndef shout(text):\n    warnings.warn('slow')\n")
    return toy


def grade(root: Path, **options) -> int:
    return command.run(root, TOY, console=Console(file=StringIO()), **options)


def scores(root: Path) -> Scores:
    """What the gradebook says, by learner and cell."""
    with contextlib.closing(sqlite3.connect(root / "gradebook.db")) as db:
        rows = db.execute(
            "select a.student_id, c.name, g.auto_score from grade g "
            "join submitted_notebook n on n.id = g.notebook_id "
            "join submitted_assignment a on a.id = n.assignment_id "
            "join base_cell c on c.id = g.cell_id"
        )
        return {(learner, cell): score for learner, cell, score in rows}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> ToyCourse:
    """The cohort, graded by `course grade` on this machine."""
    toy = hand_in_all(ToyCourse(tmp_path_factory.mktemp("here") / "course"))
    assert grade(toy.root) == 0
    return toy


def copy_of(toy: ToyCourse, root: Path) -> Path:
    """The same course and submissions, not graded."""
    for folder in ("source", "submitted"):
        shutil.copytree(toy.root / folder, root / folder)
    shutil.copy(toy.root / "nbgrader_config.py", root)
    return root


def test_scores_here(here: ToyCourse):
    total = {"ada": 0.0, "bob": 0.0, "cyd": 0.0, "dan": 0.0}
    for (learner, _), score in scores(here.root).items():
        total[learner] += score
    assert total == {"ada": 5, "bob": 2, "cyd": 0, "dan": 3}


@pytest.mark.parametrize("stock", [False, True], ids=["through the engine", "stock"])
def test_nbgrader_gives_the_same_scores(here: ToyCourse, tmp_path, monkeypatch, stock: bool):
    """By what `nbgrader autograde` and formgrader's button call; with and without the engine."""
    root = copy_of(here, tmp_path / "course")
    config = Config() if stock else load_config(root)
    config.CourseDirectory.root = str(root)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    api = NbGraderAPI(config=config)
    with own_commands_first():
        assert api.generate_assignment(TOY)["success"]
        for learner in ("ada", "bob", "cyd", "dan"):
            done = api.autograde(TOY, learner)
            assert done["success"], done
    assert scores(root) == scores(here.root)
    graded = (root / "autograded" / "bob" / TOY / "toy.ipynb").read_text()
    assert (FORGED in graded) == stock, "a submission's own notes are none of ours"


def test_a_submission_cannot_write_its_own_notes(here: ToyCourse):
    for page in here.root.glob("*/bob/**/toy.*"):
        if page.parts[-4] != "submitted":
            assert FORGED not in page.read_text(), page


# One transaction a submission


def commits(root: Path, work: Callable[[], None]) -> int:
    """How often the gradebook's file was committed to while `work` ran."""
    path = root / "gradebook.db"

    def counter() -> int:
        return int.from_bytes(path.read_bytes()[24:28], "big")  # SQLite's file change counter

    before = counter()
    work()
    return counter() - before


def test_a_submission_is_one_transaction(here: ToyCourse, tmp_path, monkeypatch):
    root = copy_of(here, tmp_path / "course")
    found = []
    real = command.Workplace.grade

    def counted(place, *arguments):
        found.append(commits(root, lambda: real(place, *arguments)))

    monkeypatch.setattr(command.Workplace, "grade", counted)
    assert grade(root) == 0
    assert found == [1] * 4


def test_a_transaction_that_fails_leaves_nothing(here: ToyCourse, tmp_path):
    root = copy_of(here, tmp_path / "course")
    shutil.copy(here.root / "gradebook.db", root)
    url = f"sqlite:///{root / 'gradebook.db'}"
    with pytest.raises(OSError), one_transaction(url, "toys") as book:
        Gradebook(url).update_or_create_student("eva")
        assert "eva" in {student.id for student in book.students}
        raise OSError
    with Gradebook(url) as book:
        assert {student.id for student in book.students} == {"ada", "bob", "cyd", "dan"}


# Killed at any moment

KILLED = """
import os, signal, sys
from io import StringIO
from pathlib import Path
from rich.console import Console
from course.grading import command, gradebook, ledger
where, root = sys.argv[1], Path(sys.argv[2])

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def after(owner, name):
    real = getattr(owner, name)
    setattr(owner, name, lambda *a, **k: (real(*a, **k), die()))

if where == "registering":
    after(gradebook.GenerateAssignment, "init_assignment")
elif where == "half written":
    after(gradebook, "autograde_one")
elif where == "written":
    after(gradebook.Workplace, "grade")
elif where == "recorded":
    after(ledger.Ledger, "record")
command.run(root, "toy", console=Console(file=StringIO()))
"""


def test_killed_at_any_moment_the_next_run_goes_on(here: ToyCourse, tmp_path, monkeypatch):
    root = copy_of(here, tmp_path / "course")
    environment = {**os.environ, "PYTHONPATH": str(COURSE), "TMPDIR": str(tmp_path)}
    for folder in [tmp_path, *tmp_path.parents[:2]]:
        folder.chmod(0o755)  # what is staged here is for another user too
    finished = {"registering": 0, "half written": 0, "written": 0, "recorded": 1}
    for where, count in finished.items():
        arguments = [sys.executable, "-c", KILLED, where, str(root)]
        done = subprocess.run(arguments, env=environment, cwd=COURSE, capture_output=True)
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()
        kept = root / "reports" / TOY / "ledger.json"
        entries = json.loads(kept.read_text())["submissions"] if kept.exists() else {}
        assert len(entries) == count, where
        if where == "half written":
            assert scores(root) == {}, "a submission is in the gradebook as a whole or not at all"

    graded = []
    real = command.Workplace.grade
    monkeypatch.setattr(
        command.Workplace, "grade", lambda place, *a: (graded.append(a[0]), real(place, *a))
    )
    assert grade(root) == 0
    assert sorted([*graded, *entries]) == ["ada", "bob", "cyd", "dan"], "each of them once"
    assert scores(root) == scores(here.root)
    for learner in ("ada", "bob", "cyd", "dan"):
        assert (root / "feedback" / learner / TOY / "toy.html").is_file()
    assert grade(root) == 0
    assert len(graded) == 3, "and now there is nothing left to do"


def test_what_a_killed_grader_staged_is_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox_folders.tempfile, "tempdir", str(tmp_path))
    code = (
        "import os, signal, tempfile, sys; tempfile.tempdir = sys.argv[1];"
        "from course.grading import sandbox_folders; folder, _ = sandbox_folders.claim();"
        "(folder / 'x').write_text('x'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=COURSE)
    (left,) = tmp_path.iterdir()
    mine, descriptor = sandbox_folders.claim()
    (mine / "x").write_text("x")
    new = tmp_path / left.with_suffix(".new").name
    new.mkdir()
    sandbox_folders.sweep()
    assert set(tmp_path.iterdir()) == {mine, new}, "in use, or about to be"
    sandbox_folders.give_up(mine, descriptor)
    assert not mine.exists()


# Stations


def job(toy: ToyCourse, **changed) -> str:
    source = (toy.root / "source" / TOY / "toy.ipynb").read_text()
    notebook = nbformat.writes(toy.notebook())
    fields = {"notebook": notebook, "source": source, "released": source, "notes": ()}
    return Job(**fields | {"services": "", "cpu_seconds": 2.0} | changed).dumps()


def test_a_job_that_ends_its_process_is_tried_again_and_then_reported(here, monkeypatch):
    """Learner code cannot do so; a machine out of memory can."""
    start, left = Station._start, [1]

    def start_and_kill(station):
        start(station)
        if left:
            left.pop()
            station._process.kill()
            station._process.wait()

    monkeypatch.setattr(Station, "_start", start_and_kill)
    with Station() as station:
        assert "notebook" in json.loads(station.do(job(here)))
    left += [1, 1]
    with Station() as station:
        assert json.loads(station.do(job(here))) == {
            "problem": "the process that graded it ended, 2 times (signal 9)"
        }
        assert "notebook" in json.loads(station.do(job(here))), "the next one is served"


def test_a_station_ends_with_its_owner(here, tmp_path):
    code = (
        "import os, signal, sys; from course.grading.station import Station; s = Station();"
        "s._start(); print(s._process.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=COURSE, capture_output=True)
    station = int(done.stdout)
    with contextlib.suppress(ProcessLookupError):
        handle = os.pidfd_open(station)
        assert select.select([handle], [], [], 60)[0]
        os.close(handle)


def test_other_versions_are_refused(here):
    versions = jobs.versions() | {"torch": "2.0.0", "ducks": "7"}
    answer = json.loads(jobs.do(job(here, versions=versions)))
    assert answer == {
        "refused": f"scores could differ, because it has torch {jobs.versions()['torch']} instead "
        "of 2.0.0, ducks missing instead of 7: install the same there."
    }


# Rungs


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that offers no isolation, as far as graders know."""
    rung = isolation.Rung(Level.NONE, "bubblewrap (the command bwrap) is not installed.")
    monkeypatch.setattr(jobs, "probe", lambda: rung)
    monkeypatch.setattr(jobs, "_isolates", False)


def test_without_isolation_grading_refuses_unless_told(bare, here, tmp_path):
    root = copy_of(here, tmp_path / "course")
    with pytest.raises(CourseError, match=r"cannot be isolated on this machine.*say --unsafe"):
        grade(root, learners=["ada"])
    assert not (root / "gradebook.db").exists()
    assert grade(root, learners=["ada"], unsafe=True) == 0
    assert sum(scores(root).values()) == ToyCourse.MAX


def test_the_configuration_can_allow_it_too(bare, here, tmp_path):
    root = copy_of(here, tmp_path / "course")
    with (root / "nbgrader_config.py").open("a") as config:
        config.write("c.EngineExecute.unsafe = True\n")
    assert grade(root, learners=["ada"]) == 0


def test_nbgrader_itself_refuses_too(bare, here, tmp_path):
    root = copy_of(here, tmp_path / "course")
    config = load_config(root)
    config.CourseDirectory.root = str(root)
    api = NbGraderAPI(config=config)
    with own_commands_first():
        api.generate_assignment(TOY)
        done = api.autograde(TOY, "ada")
    assert not done["success"]
    assert "cannot be isolated on this machine" in done["error"] + done["log"]


def test_root_without_isolation_says_what_to_do_where_others_cannot_read_python():
    above = Path(sys.base_prefix).parents
    if os.geteuid() != 0 or all(folder.stat().st_mode & 0o001 for folder in above):
        pytest.skip("needs root, and a Python below a folder that only root may read")
    with (
        Sandbox(Level.NONE, imports=()) as sandbox,
        pytest.raises(SandboxError, match=r"cannot read Python at .* start as an ordinary user"),
    ):
        sandbox.start()


# A course that is itself broken


@pytest.mark.parametrize(
    ("setup", "says"),
    [
        ("import no_such_module", "toy-setup stops with ModuleNotFoundError: No module named"),
        ("import os\n1 / len([k for k in os.environ if k == 'USERX'])", "ZeroDivisionError"),
        ("import os\nassert os.environ['USER'] != 'learner', 'there'", "AssertionError: there"),
    ],
    ids=["missing module", "outside", "in the sandbox only"],
)
def test_an_error_of_the_setup_cell_stops_grading(here, tmp_path, monkeypatch, setup, says):
    monkeypatch.setenv("USER", "grader")
    root = copy_of(here, tmp_path / "course")
    path = root / "source" / TOY / "toy.ipynb"
    nb = nbformat.read(path, as_version=4)
    nb.cells[1].source = setup
    nbformat.write(nb, path)
    with pytest.raises(CourseError, match=says):
        grade(root)
    assert scores(root) == {}, "nobody pays for it"


def test_a_learner_cannot_stop_grading_that_way(here, tmp_path):
    """Code before the setup cell, and code that breaks it for the next section, stay theirs."""
    toy = ToyCourse(tmp_path / "course")
    breaks = "import builtins, sys\nsys.modules['math'] = None\nbuiltins.__import__ = None"
    nb = toy.notebook(double=breaks)
    nb.cells.insert(0, nbformat.v4.new_code_cell(breaks, id="mine"))
    nb.cells.insert(3, nbformat.v4.new_code_cell(breaks, id="too"))
    toy.hand_in("eva", nb)
    toy.hand_in("ada")
    assert grade(toy.root) == 0
    assert sum(s for (learner, _), s in scores(toy.root).items() if learner == "ada") == 5


# A cluster


@pytest.fixture
def small_cluster() -> Iterator[str]:
    """A scheduler and one worker, both in this process."""
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(processes=False, protocol="tcp", **options) as cluster:
        yield cluster.scheduler_address


def test_lost_workers_are_reported_and_others_go_on(small_cluster, here, tmp_path, monkeypatch):
    from distributed.scheduler import KilledWorker

    real = Station.do

    def do(station, text):
        if "abs(x)" in text:
            raise KilledWorker("the-job", SimpleNamespace(address="tcp://gone"), 3)
        return real(station, text)

    monkeypatch.setattr(Station, "do", do)
    root = copy_of(here, tmp_path / "course")
    assert grade(root, dask=small_cluster) == 1
    expected = {k: 0.0 if k[0] == "bob" else v for k, v in scores(here.root).items()}
    assert scores(root) == expected
    page = (root / "feedback" / "bob" / TOY / "toy.html").read_text()
    assert "every worker that graded it was lost meanwhile" in page


def test_a_worker_of_another_version_is_refused(small_cluster, here, tmp_path, monkeypatch):
    root = copy_of(here, tmp_path / "course")
    monkeypatch.setattr(command, "versions", lambda: {"numpy": "1.0"})
    with pytest.raises(CourseError, match=r"worker at tcp://\S+ refuses: .* has numpy .* of 1\.0"):
        grade(root, dask=small_cluster)


def test_a_cluster_that_all_workers_have_left(monkeypatch):
    distributed = pytest.importorskip("distributed")
    from course.grading import cluster

    monkeypatch.setattr(cluster, "DESERTED", 0.3)
    monkeypatch.setattr(cluster, "LOOK", 0.1)
    options = {"n_workers": 0, "dashboard_address": None, "processes": False, "protocol": "tcp"}
    with (
        distributed.LocalCluster(**options) as empty,
        distributed.Client(empty.scheduler_address, set_as_default=False) as client,
        pytest.raises(CourseError, match=r"no worker has served at tcp://\S+ for a while; what"),
    ):
        list(cluster.on_cluster({"a job": lambda: "{}"}, client))


def test_no_scheduler_and_no_dask(here, tmp_path, monkeypatch):
    from course.grading import cluster

    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    root = copy_of(here, tmp_path / "course")
    with pytest.raises(CourseError, match=r"no Dask scheduler answers at tcp://127.0.0.1:9"):
        grade(root, dask="tcp://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CourseError, match=r"a cluster needs Dask.*pip install 'dask>="):
        grade(root, dask="tcp://127.0.0.1:9")
    with pytest.raises(CourseError, match="a cluster needs Dask"):
        cluster.work("tcp://127.0.0.1:9", 1, False, Console(file=StringIO()))


def test_a_worker_refuses_without_isolation(bare):
    from course.grading import cluster

    with pytest.raises(CourseError, match="cannot be isolated on this machine"):
        cluster.work("tcp://127.0.0.1:9", 1, False, Console(file=StringIO()))


def test_two_workers_give_the_same_scores_also_when_one_is_lost(here, tmp_path, monkeypatch):
    """`course worker` twice; one is killed when the first submission comes back."""
    distributed = pytest.importorskip("distributed")
    root = copy_of(here, tmp_path / "course")
    environment = {**os.environ, "PYTHONPATH": str(COURSE)}
    workers = []
    real = command._grade

    def lose_one(*arguments):
        if len(workers) == 2:
            workers.pop().kill()
        real(*arguments)

    monkeypatch.setattr(command, "_grade", lose_one)
    with distributed.LocalCluster(
        n_workers=0, processes=False, protocol="tcp", dashboard_address=None
    ) as cluster:
        address = cluster.scheduler_address
        arguments = [sys.executable, "-m", "course.cli", "worker", address, "--processes", "1"]
        try:
            workers += [subprocess.Popen(arguments, env=environment) for _ in range(2)]
            killed = workers[-1]
            with distributed.Client(address, set_as_default=False) as client:
                client.wait_for_workers(2, timeout=300)
            assert grade(root, dask=address) == 0
            assert killed.wait(60) == -signal.SIGKILL
        finally:
            for worker in workers:
                worker.terminate()
                worker.wait(60)
    assert scores(root) == scores(here.root)
