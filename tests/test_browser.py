"""In a real browser: JupyterLab runs a released notebook, and formgrader's button grades one."""

import json
import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from conftest import TOY
from playwright.sync_api import Page, sync_playwright

from course.desk import lab_command, lab_environment

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = "1-llm-internals/llm-internals.ipynb"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MINUTES = 60_000  # in milliseconds, as Playwright counts

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium; its absence is a failure in CI and a skip for a person."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail("Chromium is missing in CI: see apt.txt")
        pytest.skip("no Chromium or Chrome on the PATH")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-sync"]
    arguments += ["--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab as `make study` starts it, on a copy of release/; (address, folder)."""
    home = tmp_path_factory.mktemp("lab")
    desk = home / "desk"
    shutil.copytree(ROOT / "release", desk)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*lab_command(desk), "--no-browser", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.port={port}", "--IdentityProvider.token="]
    environment = lab_environment(ROOT) | {
        "HOME": str(home),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
    }
    environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    log = home / "lab.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            command, cwd=home, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        yield address(server, home / "runtime", log), desk
    finally:
        server.terminate()
        server.wait(60)


def address(server: subprocess.Popen, runtime: Path, log: Path) -> str:
    """Wait until the server has written where it listens."""
    for _ in range(1200):
        if server.poll() is not None:
            pytest.fail(f"JupyterLab ended at once:\n{log.read_text()[-3000:]}")
        for path in runtime.glob("jpserver-*.json"):
            try:
                return json.loads(path.read_text())["url"]
            except ValueError:  # half written
                continue
        time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="module")
def run(browser, lab, tmp_path_factory):
    """Open the notebook, run all its cells from the menu, save; (page, notebook, addresses)."""
    url, desk = lab
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(3 * MINUTES)
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).hostname or ""))
    page.goto(f"{url}lab/tree/{NOTEBOOK}")
    wait_until_idle(page)
    choose(page, "Run", "runmenu:run-all")
    notebook = wait_until_done(page, desk / NOTEBOOK)
    take_pictures(page, tmp_path_factory.mktemp("pictures"))
    yield page, notebook, asked
    page.close()


def wait_until_idle(page: Page) -> None:
    """Wait for the notebook, its kernel and that kernel's rest."""
    page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell")
    page.get_by_text(re.compile(r"\| Idle$")).wait_for()


def choose(page: Page, menu: str, command: str) -> None:
    """Choose a command from JupyterLab's main menu."""
    page.locator(".lm-MenuBar-item", has_text=menu).first.click()
    page.locator(f'.lm-Menu-item[data-command="{command}"]').click()


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """The code cells that hold something to run."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def wait_until_done(page: Page, path: Path) -> nbformat.NotebookNode:
    """Save until every code cell of the saved file has run.

    The page itself does not say: JupyterLab takes cells out of it that are not in view. A kernel
    that rests for half a minute while cells are left has stopped at an error.
    """
    resting, left = 0, -1
    while resting < 30:
        page.wait_for_timeout(1000)
        choose(page, "File", "docmanager:save")
        if not (text := path.read_text()):
            continue  # being saved this very moment
        notebook = nbformat.reads(text, as_version=4)
        before, left = left, sum(c.execution_count is None for c in code_cells(notebook))
        idle = page.get_by_text(re.compile(r"\| Idle$")).count() > 0
        if left == 0 and idle:
            return notebook
        resting = resting + 1 if idle and left == before else 0
    picture = path.with_suffix(".png")
    page.screenshot(path=picture)
    pytest.fail(f"the run stopped with {left} code cells left; see {picture}")


def take_pictures(page: Page, folder: Path) -> None:
    """Save pictures of the top and of the first figure, also in $COURSE_SHOTS."""
    page.locator(".jp-WindowedPanel-outer").first.evaluate("panel => panel.scrollTo(0, 0)")
    page.wait_for_timeout(1000)
    page.screenshot(path=folder / "notebook-top.png")
    figure = page.locator(".jp-OutputArea-output img")
    if figure.count():
        figure.first.scroll_into_view_if_needed()
        page.wait_for_timeout(1000)
        page.screenshot(path=folder / "notebook-figure.png")
    if shots := os.environ.get("COURSE_SHOTS"):
        shutil.copytree(folder, shots, dirs_exist_ok=True)


def errors(cell: nbformat.NotebookNode) -> list[str]:
    """Names of the exceptions among a cell's outputs."""
    return [output.ename for output in cell.outputs if output.output_type == "error"]


def test_every_code_cell_ran(run):
    _, notebook, _ = run
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def has_tag(cell: nbformat.NotebookNode, tag: str) -> bool:
    """Whether a cell carries this tag."""
    return tag in cell.metadata.get("tags", [])


def test_every_demonstration_ran_without_an_error(run):
    """Only one that runs the learner's own function, and says so by its tag, may wait for it."""
    _, notebook, _ = run
    demos = [cell for cell in code_cells(notebook) if has_tag(cell, "demo")]
    own = [cell for cell in demos if has_tag(cell, "raises-exception")]
    assert len(demos) > len(own)
    assert {c.id: errors(c) for c in demos if c not in own and errors(c)} == {}
    assert {c.id: errors(c) for c in own if set(errors(c)) - {"NotImplementedError"}} == {}


def test_only_unsolved_exercises_raise_and_the_run_goes_on(run):
    _, notebook, _ = run
    cells = code_cells(notebook)
    raising = [cell for cell in cells if errors(cell)]
    assert any("NotImplementedError" in errors(cell) for cell in raising)
    for cell in raising:
        assert has_tag(cell, "raises-exception"), cell.id
        assert set(errors(cell)) <= {"NotImplementedError", "AssertionError", "Mismatch"}, cell.id
    assert cells.index(raising[0]) < len(cells) - 1


def test_nothing_was_asked_of_the_network(run):
    page, _, asked = run
    assert asked <= {"127.0.0.1", "localhost", ""}
    assert page.get_by_text("official Jupyter news").count() == 0


@pytest.fixture
def formgrader(toy_course, tmp_path):
    """A Jupyter server in a course with one submission; formgrader's address."""
    toy_course.hand_in("bob", double=toy_course.WRONG_DOUBLE)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*lab_command(toy_course.root), "--no-browser", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.port={port}", "--IdentityProvider.token="]
    environment = lab_environment(ROOT) | {
        "HOME": str(tmp_path / "home"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "PYTHONPATH": str(ROOT),
    }
    made = subprocess.run(
        ["nbgrader", "generate_assignment", TOY],
        cwd=toy_course.root,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    log = tmp_path / "server.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            command, cwd=toy_course.root, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        yield f"{address(server, tmp_path / 'runtime', log)}formgrader"
    finally:
        server.terminate()
        server.wait(60)


def test_formgraders_button_grades_through_the_engine(browser, formgrader, toy_course, tmp_path):
    page = browser.new_page(viewport={"width": 1200, "height": 700})
    page.set_default_timeout(3 * MINUTES)
    page.goto(f"{formgrader}/manage_submissions/{TOY}")
    row = page.locator("tbody tr", has_text="bob")
    row.get_by_text("needs autograding").wait_for()
    row.locator(".autograde a").click()
    page.locator(".modal-body", has_text="Successfully autograded").wait_for()
    page.screenshot(path=tmp_path / "formgrader-done.png")
    page.locator(".modal-footer button, .modal-header button").first.click()
    row.get_by_text("graded", exact=True).wait_for()
    assert row.locator("td.score").inner_text().replace(" ", "") == "2/5"
    page.screenshot(path=tmp_path / "formgrader-score.png")
    if shots := os.environ.get("COURSE_SHOTS"):
        for picture in tmp_path.glob("formgrader-*.png"):
            shutil.copy(picture, shots)
    page.close()
    graded = nbformat.read(toy_course.root / "autograded" / "bob" / TOY / "toy.ipynb", 4)
    said = [o.evalue for c in graded.cells for o in c.get("outputs", []) if "evalue" in o]
    assert "the sign is lost" in said
    assert "grading" in graded.metadata, "the engine rebuilt it"
