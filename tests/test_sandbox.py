"""Learner code in the sandbox: what it can do, what it cannot, and what it leaves unharmed."""

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from course import lab
from course.grading import sandbox_command, sandbox_outputs
from course.grading.border import PeerDied
from course.grading.isolation import Level, probe
from course.grading.sandbox import Learner, Limits, Sandbox, SandboxError
from course.grading.sandbox_command import scratch_folder

COURSE = Path(sandbox_command.__file__).resolve().parents[1]
MIB = 1 << 20
PATIENCE = 60.0  # seconds; only ever waited for where something is broken

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")


def _open(level: Level, **options) -> Sandbox:
    if level > probe().level:
        pytest.skip(f"this machine does not offer {level.name}: {probe().reason}")
    sandbox = Sandbox(level, **options)
    try:
        sandbox.start().close()
    except SandboxError as error:
        sandbox.close()
        if level == Level.NONE and "cannot read Python" in str(error):
            pytest.skip(str(error))
        raise
    return sandbox


@pytest.fixture(scope="module", params=list(Level)[::-1], ids=lambda level: level.name.lower())
def any_sandbox(request):
    """A sandbox on each rung."""
    with _open(request.param) as sandbox:
        yield sandbox


@pytest.fixture(scope="module", params=[Level.WARM, Level.COLD], ids=["warm", "cold"])
def sandbox(request):
    """A sandbox on the two rungs that keep learner code apart."""
    with _open(request.param) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def warm():
    """A sandbox on the best rung."""
    with _open(Level.WARM) as sandbox:
        yield sandbox


@pytest.fixture
def start(sandbox):
    """Start learners in `sandbox`, and end them with the test."""
    yield from _starter(sandbox)


@pytest.fixture
def start_any(any_sandbox):
    """Start learners in `any_sandbox`, and end them with the test."""
    yield from _starter(any_sandbox)


@pytest.fixture
def start_warm(warm):
    """Start learners in `warm`, and end them with the test."""
    yield from _starter(warm)


def _starter(sandbox):
    learners = []

    def start(**limits) -> Learner:
        learners.append(sandbox.start(Limits(**limits)))
        return learners[-1]

    yield start
    for learner in learners:
        learner.close()


def show(learner: Learner, source: str, cpu: float | None = None) -> str:
    """Run a cell that must not fail; what it printed."""
    outputs = learner.run_cell(source, "cell", cpu)
    errors = [o["evalue"] for o in outputs if o["output_type"] == "error"]
    assert not errors, errors
    return "".join(o["text"] for o in outputs if o["output_type"] == "stream")


def fail(learner: Learner, source: str, cpu: float | None = None) -> tuple[str, str]:
    """Run a cell that must fail; name and text of the error."""
    last = learner.run_cell(source, "cell", cpu)[-1]
    assert last["output_type"] == "error", last
    return last["ename"], last["evalue"]


def die(learner: Learner, source: str, cpu: float | None = None) -> str:
    """Run a cell that must end the process; the reason."""
    with pytest.raises(PeerDied):
        learner.run_cell(source, "cell", cpu)
    return learner.reason


# What a cell can do


def test_a_cell_runs_as_in_a_notebook(start_any):
    learner = start_any()
    outputs = learner.run_cell("import math\nprint('one')\nmath.floor(2.5)", "a")
    assert outputs[0] == {"output_type": "stream", "name": "stdout", "text": "one\n"}
    assert outputs[1]["output_type"] == "execute_result"
    assert outputs[1]["data"] == {"text/plain": "2"}
    assert show(learner, "print(math.pi > 3, In[-1][:5], _)") == "True print 2\n"
    assert learner.peer.request("lookup", "math") is not None
    with pytest.raises(NameError, match="'maths' is not defined"):
        learner.peer.request("lookup", "maths")


def test_outputs_fit_into_a_notebook(start_warm):
    learner = start_warm()
    source = """
import sys
from IPython.display import display, HTML, Image, JSON
print('to stderr', file=sys.stderr)
display(HTML('<b>x</b>'), {'a': 1})
display(JSON({'b': [1]}))
display({'image/png': b'png'}, raw=True)
handle = display('first', display_id=True)
handle.update('second')
'last'
"""
    outputs = learner.run_cell(source, "a")
    kinds = [o["output_type"] for o in outputs]
    assert kinds == ["stream", *["display_data"] * 6, "execute_result", "stream"]
    assert outputs[0]["name"] == "stderr"
    assert outputs[1]["data"]["text/html"] == "<b>x</b>"
    assert outputs[3]["data"]["application/json"] == {"b": [1]}
    assert outputs[4]["data"] == {} and "image/png" in outputs[-1]["text"]  # no picture
    cell = new_code_cell("x", outputs=[nbformat.from_dict(o) for o in outputs])
    nbformat.validate(new_notebook(cells=[cell]))


def test_printing_without_end_takes_no_memory(start_warm):
    learner = start_warm(output=1000)
    source = """
import resource
def used():
    return int(open('/proc/self/statm').read().split()[1]) * resource.getpagesize()
before = used()
for _ in range(20_000):
    print('x' * 5_000)
more = used() - before
"""
    assert "left out" in show(learner, source)
    more = int(show(learner, "print(more)"))
    assert more < 20 << 20, f"{more >> 20} MiB after 100 MB of output"


def test_figures_are_shown(start_warm):
    source = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"
    outputs = start_warm().run_cell(source, "a")
    assert any(o.get("data", {}).get("image/png") for o in outputs)


def test_magics_and_top_level_await(start_any):
    learner = start_any()
    assert show(learner, "import asyncio\nprint(await asyncio.sleep(0, 'waited'))") == "waited\n"
    assert show(learner, "import asyncio\nprint(asyncio.run(asyncio.sleep(0, 5)))") == "5\n"
    assert "per loop" in show(learner, "%timeit -n1 -r1 1 + 1")
    assert show(learner, "%%bash\necho from a shell") == "from a shell\n"
    assert show(learner, "!echo exclaimed").strip() == "exclaimed"
    assert show(learner, "%%writefile helper.py\nx = 5").startswith("Writing")
    assert show(learner, "from helper import x; print(x)") == "5\n"
    assert show(learner, "print(get_ipython() is not None)") == "True\n"


def test_errors_carry_the_learners_lines(start_any):
    learner = start_any()
    output = learner.run_cell("def f():\n    return 1 / 0\nf()", "a")[-1]
    assert (output["ename"], output["evalue"]) == ("ZeroDivisionError", "division by zero")
    assert "return 1 / 0" in "\n".join(output["traceback"])
    assert fail(learner, "1 +")[0] == "SyntaxError"
    assert fail(learner, "raise SystemExit(3)")[0] == "SystemExit"
    fail(learner, "class E(Exception):\n    __str__ = 1\nraise E")
    assert show(learner, "print('goes on')") == "goes on\n"


def test_nobody_answers_input(start_any):
    name, text = fail(start_any(), "input('Your name? ')")
    assert name == "RuntimeError"
    assert "write the value into the cell" in text


def test_what_children_and_c_code_write_is_shown(start_any):
    learner = start_any()
    source = """
import os, subprocess, sys
print('python')
os.write(1, b'descriptor\\n')
subprocess.run(['sh', '-c', 'echo child; echo trouble >&2'])
if (pid := os.fork()) == 0:
    print('forked')
    os._exit(0)
os.waitpid(pid, 0);
"""
    outputs = learner.run_cell(source, "a")
    stdout = "".join(o.get("text", "") for o in outputs if o.get("name") == "stdout")
    stderr = "".join(o.get("text", "") for o in outputs if o.get("name") == "stderr")
    assert stdout == "python\ndescriptor\nchild\nforked\n"
    assert stderr == "trouble\n"
    assert show(learner, "print('only this')") == "only this\n"


def test_a_fork_that_goes_on_does_not_answer(start_any):
    learner = start_any()
    show(learner, "import os\npid = os.fork()")
    assert show(learner, "os.waitpid(pid, 0); print('one')") == "one\n"
    assert show(learner, "print('two')") == "two\n"


def test_the_course_is_there_without_what_it_keeps_to_itself(start_any):
    learner = start_any()
    assert show(learner, "from course import testing; print(testing.close(1.0, 1.0))") == "True\n"
    for name in ("lessons", "build", "grading"):
        assert fail(learner, f"import course.{name}")[0] == "ModuleNotFoundError"
    inside = show(learner, "import course, os; print(os.listdir(os.path.dirname(course.__file__)))")
    assert "testing" in inside
    assert not {"lessons", "build", "grading"} & set(eval(inside))


def test_the_labs_models_answer_a_learner(start_any):
    """Vectors and scores of a solution cell are those that the grader computes itself."""
    pytest.importorskip("transformers")
    learner = start_any()
    source = """
from course import lab

def vectors(texts, dim):
    return lab.embed(texts, dim=dim)

def best(query, texts):
    scores = lab.rerank(query, texts)
    return [texts[i] for i in scores.argsort()[::-1]], scores

def answer(question):
    return lab.chat(question)
"""
    assert show(learner, source) == ""
    vectors, best, answer = (
        learner.peer.request("lookup", name) for name in ("vectors", "best", "answer")
    )
    texts = ["Dorby has a well.", "Mira Tol lives in Dorby.", "The trade of Mira Tol is unknown."]
    found = vectors(texts, 16)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, lab.embed(texts, dim=16), atol=1e-6)
    order, scores = best("Where does Mira Tol live?", texts)
    mine = lab.rerank("Where does Mira Tol live?", texts)
    np.testing.assert_allclose(scores, mine, atol=1e-5)
    assert order == [texts[i] for i in mine.argsort()[::-1]]
    assert answer("Where does Mira Tol live?") == lab.chat("Where does Mira Tol live?")


def test_every_learner_starts_alike(start_any):
    source = "import random, os; print(random.random(), hash('x'), sorted(os.environ))"
    first, second = start_any(), start_any()
    assert show(first, source) == show(second, source)
    assert "COURSE_SEED" not in show(first, "print(sorted(os.environ))")


def test_loopback_works_and_is_the_learners_own(start_warm):
    learner, other = start_warm(), start_warm()
    source = """
import socket
server = socket.create_server(('127.0.0.1', 5000))
client = socket.create_connection(('127.0.0.1', 5000))
client.send(b'hello'); print(server.accept()[0].recv(5))
"""
    assert show(learner, source) == "b'hello'\n"
    source = "import socket; socket.create_connection(('127.0.0.1', 5000))"
    assert fail(other, source)[0] == "ConnectionRefusedError"


# What a cell cannot do


def test_the_hosts_files_cannot_be_read(start, tmp_path):
    secret = tmp_path / "gradebook.db"
    secret.write_text("grades")
    secret.chmod(0o644)
    learner = start()
    for path in [secret, COURSE / "lessons", COURSE / "grading" / "sandbox.py", COURSE.parent]:
        source = f"import os; print(os.path.exists({str(path)!r}))"
        shown = show(learner, source)
        if path != COURSE.parent:  # Python itself may live below it
            assert shown == "False\n", path
    listing = f"import os; print(os.listdir({str(COURSE.parent)!r}))"
    outputs = learner.run_cell(listing, "a")
    assert "source" not in str(outputs) and "gradebook" not in str(outputs)
    assert fail(learner, "open('/etc/shadow')")[0] == "FileNotFoundError"
    assert fail(learner, "open('/etc/hostname')")[0] == "FileNotFoundError"
    assert (
        show(learner, "import os; print(os.listdir('/home') if os.path.exists('/home') else [])")
        == "[]\n"
    )
    assert "SECRET" not in show(learner, "print(dict(os.environ))")


def test_only_the_scratch_folder_can_be_written(start):
    learner = start()
    too = f"{scratch_folder()}/too"
    show(learner, f"open('mine.txt', 'w').write('x'); open({too!r}, 'w').write('y')")
    for path in [
        "/x",
        "/usr/x",
        "/etc/passwd",
        "/stage/library/course/x",
        "/dev/x",
        sys.prefix + "/x",
    ]:
        assert fail(learner, f"open({path!r}, 'w')")[0] in ("OSError", "PermissionError"), path
    assert show(learner, "import os; print(os.access(os.__file__, os.W_OK))") == "False\n"


def test_large_files_are_staged_without_a_copy_where_rights_allow(tmp_path):
    package, folder = tmp_path / "package", tmp_path / "stage"
    package.mkdir()
    sizes = {"small.py": 100, "weights.bin": sandbox_command.LARGE, "private.bin": 100_000}
    for name, size in sizes.items():
        (package / name).write_bytes(b"x" * size)
        (package / name).chmod(0o600 if name == "private.bin" else 0o664)
    folder.mkdir()
    sandbox_command.stage(folder, package, ())
    same = [n for n in sizes if (folder / "library/package" / n).samefile(package / n)]
    assert same == ["weights.bin"]
    assert (package / "weights.bin").stat().st_mode & 0o777 == 0o664  # as it was
    assert (folder / "library/package/private.bin").stat().st_mode & 0o777 == 0o644
    for name, size in sizes.items():
        assert (folder / "library/package" / name).stat().st_size == size


def test_there_is_no_network(start):
    learner = start()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        source = f"import socket; socket.create_connection(('127.0.0.1', {port}), timeout=5)"
        assert fail(learner, source)[0] in ("ConnectionRefusedError", "OSError")
    source = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=5)"
    assert fail(learner, source)[0] == "OSError"
    assert show(learner, "print([name for _, name in socket.if_nameindex()])") == "['lo']\n"


def test_abstract_sockets_of_the_host_are_out_of_reach(start):
    name = f"\0course-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        source = f"import socket; socket.socket(socket.AF_UNIX).connect({name!r})"
        assert fail(start(), source)[0] == "ConnectionRefusedError"


def test_the_learner_is_nobody(start):
    learner = start()
    status = show(learner, "print(open('/proc/self/status').read())")
    lines = dict(line.split(":", 1) for line in status.splitlines() if line)
    assert "0" not in lines["Uid"].split()
    assert {lines[name].strip() for name in ("CapEff", "CapPrm", "CapInh")} == {"0" * 16}
    assert lines["NoNewPrivs"].strip() == "1"
    assert lines["Seccomp"].strip() == "2"
    assert fail(learner, "import os; os.setuid(0)")[0] in ("PermissionError", "OSError")


REFUSED = {
    "mount": "libc.mount(b'tmpfs', b'/tmp', b'tmpfs', 0, None)",
    "umount": "libc.umount2(b'/tmp', 2)",
    "unshare": "libc.unshare(0x10000000)",
    "memfd": "libc.memfd_create(b'x', 0)",
    "shared segments": "libc.shmget(0, 4096, 0o1600)",
    "tracing": "libc.ptrace(16, 1, 0, 0)",
    "chroot": "libc.chroot(b'/tmp')",
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED.keys())
def test_the_kernel_refuses(start_any, call):
    learner = start_any()
    source = "import ctypes; libc = ctypes.CDLL(None, use_errno=True)\n"
    shown = show(learner, f"{source}print({call}, ctypes.get_errno())")
    assert shown == "-1 1\n"


def test_no_rights_by_a_user_namespace(start_warm):
    learner = start_warm()
    shown = show(learner, "!unshare --user --map-root-user --mount true && echo made one")
    assert "made one" not in shown


def test_two_learners_do_not_see_each_other(start_warm):
    one, two = start_warm(), start_warm()
    scratch = scratch_folder()
    show(one, f"x = 1; open('{scratch}/note', 'w').write('psst')")
    show(one, "open('/dev/shm/note', 'w').write('x')")
    show(one, "import subprocess; child = subprocess.Popen(['sleep', '1000'])")
    assert fail(two, "x")[0] == "NameError"
    source = f"import os; print(os.listdir('{scratch}'), os.listdir('/dev/shm'))"
    assert show(two, source) == "['home'] []\n"
    pids = "print(sorted(int(p) for p in os.listdir('/proc') if p.isdecimal()))"
    assert show(two, pids) == "[1]\n"


def test_the_grader_and_other_processes_are_out_of_reach(start):
    learner = start()
    names = show(
        learner,
        "import os\n"
        "for p in os.listdir('/proc'):\n"
        "    if p.isdecimal(): print(open(f'/proc/{p}/comm').read().strip())",
    )
    assert "pytest" not in names
    if show(learner, "print(os.getppid())") != "0\n":  # 0: the parent cannot even be named
        for source in (
            "open(f'/proc/{os.getppid()}/mem')",
            "os.listdir(f'/proc/{os.getppid()}/fd')",
        ):
            assert fail(learner, source)[0] == "PermissionError"


# Limits, and what passes them


def test_an_endless_python_loop_is_interrupted(start_any):
    learner = start_any()
    assert fail(learner, "while True: pass", cpu=0.3)[0] == "CpuTimeLimit"
    source = "while True:\n    try:\n        x = 1\n    except Exception:\n        pass"
    assert fail(learner, source, cpu=0.3)[0] == "CpuTimeLimit"
    assert show(learner, "print('goes on')") == "goes on\n"


def test_an_endless_loop_in_a_function_is_interrupted(start_any):
    learner = start_any()
    show(learner, "def spin():\n    while True: pass\ndef fine(): return 5")
    spin, fine = learner.peer.request("lookup", "spin"), learner.peer.request("lookup", "fine")
    learner.begin("test", 0.3)
    with pytest.raises(BaseException, match="CPU time") as caught:
        spin()
    assert not isinstance(caught.value, PeerDied)
    learner.begin("test 2")
    assert fine() == 5


STUBBORN = {
    "a loop in C": "sum(range(10**12))",
    "a large product": "import torch; x = torch.ones(3000, 3000)\nfor _ in range(10**6): x = x @ x",
    "signals turned off": "import signal; signal.signal(signal.SIGPROF, signal.SIG_IGN)\n"
    "while True: pass",
    "a busy child": "import subprocess; subprocess.run(['sh', '-c', 'while true; do true; done'])",
}


@pytest.mark.parametrize("source", STUBBORN.values(), ids=STUBBORN.keys())
def test_what_cannot_be_interrupted_is_killed(start_any, source):
    learner = start_any(memory=1 << 30)
    if "torch" in source:
        assert fail(learner, source, cpu=0.3)[0] == "CpuTimeLimit"
    else:
        assert die(learner, source, cpu=0.3) == "cpu"
        assert "CPU time" in learner.ended()


def test_a_section_has_its_own_cpu_bound(start_any):
    learner = start_any(section_cpu=1.0)
    reason = None
    for _ in range(20):
        try:
            learner.run_cell("while True: pass", "cell", 0.3)
        except PeerDied:
            reason = learner.reason
            break
    assert reason == "cpu"


def test_what_sleeps_is_ended(start_any):
    learner = start_any(wall_factor=1.0, wall_extra=0.5)
    assert die(learner, "import time; time.sleep(1000)", cpu=0.1) == "wall"
    assert "waited" in learner.ended()


def test_memory_of_a_process_is_bounded(start_any):
    learner = start_any(memory=300 * MIB)
    assert fail(learner, "x = bytearray(400 * 2**20)")[0] == "MemoryError"
    assert fail(learner, "x = []\nwhile True: x.append(bytearray(2**20))")[0] == "MemoryError"
    show(learner, "x = None; y = bytearray(100 * 2**20); print(len(y))")


def test_memory_of_the_tree_is_bounded(start_any):
    learner = start_any(tree_memory=300 * MIB)
    source = """
import os, time
for _ in range(4):
    if os.fork() == 0:
        x = bytearray(os.urandom(1)) * (150 * 2**20)
        time.sleep(1000)
time.sleep(1000)
"""
    assert die(learner, source) == "memory"
    assert "300 MiB" in learner.ended()


def test_shared_memory_counts(start_any):
    learner = start_any(tree_memory=200 * MIB)
    source = """
import mmap, os, time
maps = []
for _ in range(4):
    if os.fork() == 0:
        one = mmap.mmap(-1, 100 * 2**20)
        one.write(bytes(100 * 2**20))
        time.sleep(1000)
time.sleep(1000)
"""
    assert die(learner, source) == "memory"


def test_processes_are_bounded(start_any):
    learner = start_any(processes=20)
    source = """
import os, signal, time
made = []
try:
    for _ in range(500):
        if (pid := os.fork()) == 0:
            time.sleep(1000)
        made.append(pid)
except BlockingIOError:
    print('stopped')
for pid in made:
    os.kill(pid, signal.SIGKILL)
print(len(made))
"""
    stopped, made = show(learner, source).split()
    assert stopped == "stopped"
    assert int(made) < 300


def test_a_fork_bomb_harms_nobody(sandbox):
    bystander = sandbox.start()
    bomber = sandbox.start(Limits(wall_factor=1.0, wall_extra=2.0))
    source = (
        "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass"
    )
    with pytest.raises(PeerDied):
        bomber.run_cell(source, "cell", 0.5)
    assert bomber.reason in ("cpu", "wall", "memory")
    assert show(bystander, "print('unharmed')") == "unharmed\n"
    bomber.close()
    bystander.close()


def test_files_are_bounded(start_any):
    learner = start_any(file_size=5 * MIB, files=50)
    name, text = fail(learner, "open('big', 'wb').write(bytes(6 * 2**20))")
    assert (name, "too large" in text) == ("OSError", True)
    name, text = fail(learner, "held = [open('/dev/null') for _ in range(100)]")
    assert (name, "Too many open files" in text) == ("OSError", True)


@pytest.mark.parametrize("folder", [scratch_folder(), "/dev/shm"])
def test_a_disk_filler_fills_its_own_scratch_only(start, folder):
    learner = start(scratch=20 * MIB)
    source = f"""
for number in range(100):
    with open(f'{folder}/{{number}}', 'wb') as file:
        file.write(bytes(2**20))
"""
    name, text = fail(learner, source)
    assert (name, "No space left" in text) == ("OSError", True)
    assert show(learner, "print('goes on')") == "goes on\n"


def test_output_is_bounded(start_any):
    learner = start_any(output=10_000)
    outputs = learner.run_cell("print('x' * 100_000); print('y')", "a")
    assert outputs[0]["text"] == "x" * 10_000
    assert "left out" in outputs[-1]["text"]
    outputs = learner.run_cell("import os\nfor _ in range(100): os.write(1, b'z' * 1000)", "a")
    assert len(outputs[0]["text"]) == 10_000
    assert "left out" in outputs[-1]["text"]
    outputs = learner.run_cell("for n in range(20_000): display(n)", "a")
    assert 10 < len(outputs) < 1000
    assert "left out" in outputs[-1]["text"]
    output = learner.run_cell("raise ValueError('e' * 10**6)", "a")[-1]
    assert len(output["evalue"]) <= 10_000
    assert fail(learner, "while True: print('flood')", cpu=0.3)[0] == "CpuTimeLimit"
    assert show(learner, "print('small')") == "small\n"


# Ends


ENDS = {
    "exit 7": "import os; os._exit(7)",
    "exit 0": "import os; os._exit(0)",
    "killed": "import os; os.abort()",
    "killed by a fault": "import ctypes; ctypes.string_at(0)",
}


@pytest.mark.parametrize("reason", ENDS)
def test_an_end_has_a_reason(start_any, reason):
    learner = start_any()
    assert learner.reason is None and learner.ended() is None
    assert die(learner, ENDS[reason]) == reason.split(" by")[0]


def test_killing_the_parent_does_not_help(start):
    learner = start()
    learner.run_cell("import os, signal; os.kill(os.getppid(), signal.SIGINT)", "a")
    other = start()
    assert show(other, "print('fine')") == "fine\n"
    learner.close()
    learner = start()
    with pytest.raises(PeerDied):  # it may end itself in this way, and nothing else
        learner.run_cell("import os, signal; os.kill(os.getppid(), 9); os.kill(-1, 9)", "a")
        learner.run_cell("os._exit(0)", "a")
    assert show(other, "print('fine')") == "fine\n"


def test_hanging_up_ends_the_session_only(start_any):
    learner = start_any()
    with pytest.raises(PeerDied):
        learner.run_cell("import os, time; os.closerange(3, 100); time.sleep(1000)", "a")
    assert learner.reason == "hung up"
    learner.close()
    assert learner.reason == "closed"


def _marked(mark: str) -> list[int]:
    """The processes on this machine with `mark` on their command line."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def _until(condition) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(condition())


DAEMON = """
import os, subprocess, time
subprocess.Popen(['sleep', '{first}'])
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execvp('sleep', ['sleep', '{second}'])
    os._exit(0)
print('left behind')
"""


@pytest.mark.parametrize("way", ["close", "exit", "limit"])
def test_daemons_end_with_their_learner(start_any, way):
    first, second = f"{os.getpid()}1.25", f"{os.getpid()}2.25"
    learner = start_any()
    assert show(learner, DAEMON.format(first=first, second=second)) == "left behind\n"
    assert _until(lambda: len(_marked(first)) == 1 and len(_marked(second)) == 1)
    if way == "close":
        learner.close()
    elif way == "exit":
        die(learner, "os._exit(0)")
    else:
        die(learner, "sum(range(10**12))", cpu=0.1)
    assert _until(lambda: not _marked(first) and not _marked(second))


GRADER = """
import sys, time
from course.grading.isolation import Level
from course.grading.sandbox import Sandbox
sandbox = Sandbox(Level[sys.argv[1]])
learner = sandbox.start()
learner.run_cell(f"import subprocess; subprocess.Popen(['sleep', '{sys.argv[2]}'])", "a")
print("ready", flush=True)
time.sleep(1000)
"""


def test_all_end_with_the_grader(any_sandbox, tmp_path):
    mark = f"{os.getpid()}3.25"
    command = [sys.executable, "-c", GRADER, any_sandbox.level.name, mark]
    for folder in [tmp_path, *tmp_path.parents[:3]]:
        folder.chmod(0o755)  # what is staged here is for another user too
    grader = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        cwd=COURSE.parent,
        env={**os.environ, "TMPDIR": str(tmp_path)},  # killed, it cannot tidy up
    )
    assert grader.stdout.readline() == b"ready\n"
    assert _until(lambda: len(_marked(mark)) >= 2)  # the grader, and the learner's child
    grader.kill()
    grader.wait()
    grader.stdout.close()
    assert _until(lambda: not _marked(mark))


def test_the_warm_process_outlives_its_learners(warm):
    process = warm._warm._process.pid
    for source in ["import os; os._exit(1)", "import os; os.kill(-1, 9)", "sum(range(10**12))"]:
        learner = warm.start()
        with pytest.raises(PeerDied):
            learner.run_cell(source, "a", 0.1)
            learner.run_cell("os._exit(0)", "a")  # kill(-1) spares the process itself
        learner.close()
    assert warm._warm._process.pid == process and warm._warm.lives()
    learner = warm.start()
    assert show(learner, "print('fine')") == "fine\n"
    learner.close()


def test_a_dead_warm_process_is_replaced(warm):
    warm._warm._process.kill()
    warm._warm._process.wait()
    learner = warm.start()
    assert show(learner, "print('again')") == "again\n"
    learner.close()


def test_a_judge_that_was_forked_can_use_a_learner(start_any):
    learner = start_any()
    read, write = os.pipe()
    if (pid := os.fork()) == 0:
        try:
            text = show(learner, "print(6 * 7)")
            with pytest.raises(PeerDied):
                learner.run_cell("sum(range(10**12))", "a", 0.1)
            os.write(write, f"{text}{learner.reason}".encode())
        finally:
            os._exit(0)
    os.close(write)
    os.waitpid(pid, 0)
    assert os.read(read, 100) == b"42\ncpu"
    assert learner.reason == "cpu"
    os.close(read)


# Around it


def test_a_sandbox_leaves_nothing_behind():
    sandbox = _open(Level.WARM)
    folder = sandbox._folder
    assert folder.exists()
    sandbox.close()
    assert not folder.exists()


def test_root_gives_up_root(sandbox):
    if os.geteuid() != 0:
        pytest.skip("not started as root")
    learner = sandbox.start()
    pid = int(Path(f"/proc/self/fdinfo/{learner._process}").read_text().split("Pid:")[1].split()[0])
    status = Path(f"/proc/{pid}/status").read_text()
    uids = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]
    assert set(uids) == {"65534"}
    learner.close()


def test_folders_below_pythons_own_are_hidden(tmp_path):
    prefix = Path(sys.prefix)
    if probe().level == Level.NONE or not os.access(prefix, os.W_OK):
        pytest.skip("needs bubblewrap, and a Python that can be written")
    secret = prefix / f"course-test-{os.getpid()}"
    secret.mkdir()
    try:
        (secret / "gradebook.db").write_text("grades")
        with _open(probe().level, hide=[secret]) as sandbox:
            learner = sandbox.start()
            assert show(learner, f"import os; print(os.listdir({str(secret)!r}))") == "[]\n"
            learner.close()
    finally:
        shutil.rmtree(secret)


def test_a_sandbox_that_cannot_start_says_why():
    with (
        Sandbox(probe().level, imports=["no_such_module"]) as sandbox,
        pytest.raises(SandboxError, match=r"no_such_module|cannot read Python"),
    ):
        sandbox.start()


def test_services_are_installed(tmp_path):
    package = tmp_path / "toolbox"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "lessons.py").write_text("")
    (package / "services.py").write_text(
        "def install(peer, shell):\n"
        "    peer.register('double', lambda name: 2 * shell.lookup(name))\n"
    )
    options = {"package": package, "imports": ["toolbox"], "services": "toolbox.services:install"}
    with _open(probe().level, leave_out=["lessons.py"], **options) as sandbox:
        learner = sandbox.start()
        show(learner, "x = 21")
        assert learner.peer.request("double", "x") == 42
        assert fail(learner, "import toolbox.lessons")[0] == "ModuleNotFoundError"
        assert fail(learner, "import course.world")[0] == "ModuleNotFoundError"


def test_claimed_outputs_are_made_fit():
    hostile = [
        7,
        {"output_type": "evil"},
        {"output_type": "stream", "name": "stdin", "text": 5, "more": 1},
        {"output_type": "stream", "name": "stderr", "text": "\ud800"},
        {"output_type": "execute_result", "data": {"text/plain": {}, 5: "x"}, "metadata": []},
        {"output_type": "display_data", "data": {"application/json": {1, 2}}},
        {"output_type": "display_data", "data": {"application/json": [float("nan")]}},
        {"output_type": "error", "ename": [], "evalue": None, "traceback": "text"},
    ]
    outputs = sandbox_outputs.clean(hostile, 10_000)
    assert [o["output_type"] for o in outputs] == [
        "stream", "stream", "execute_result", "display_data", "display_data", "stream", "error",
    ]  # fmt: skip
    assert outputs[1]["text"] == "?" and "application/json" in outputs[5]["text"]
    cell = new_code_cell("x", outputs=[nbformat.from_dict(o) for o in outputs])
    nbformat.validate(new_notebook(cells=[cell]))
    nbformat.writes(new_notebook(cells=[cell])).encode()
    assert sandbox_outputs.clean("no list", 100) == []
    flood = [{"output_type": "stream", "name": "stdout", "text": "x" * 100}] * 1000
    assert len(str(sandbox_outputs.clean(flood, 1000))) < 3000
