"""What grading a submission costs: the engine, stock nbgrader and the bare cells, side by side.

    .venv/bin/python bench/cohort.py [--submissions 6] [--stock 1] [--assignment 1-llm-internals]

Every submission holds the reference solutions and is graded in full. A figure "per submission" is
the difference between a run over ``n + 1`` submissions and a run over one, divided by ``n``, so
what happens once (start-up, entering the assignment, the warm process) is left out; it stands in a
row of its own. CPU seconds are those of all processes that took part, as the kernel counted them.
Stock nbgrader needs ``nbgrader`` alone: its gradebook, its own preprocessors, one kernel for each
submission. Scores are compared, and a difference is an error.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from rich.console import Console
from rich.table import Table

from course.demo_cohort import Materials, read_materials
from course.grading.plugin import put_right
from course.grading.rebuild import sections
from course.grading.sandbox import Sandbox
from course.grading.section import steps
from course.judge_engine import SERVICES

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
ENVIRONMENT = os.environ | {
    "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    "PYTHONPATH": str(ROOT),
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
}
STOCK_CONFIG = """c = get_config()
c.CourseDirectory.course_id = "bench"
c.ExecutePreprocessor.timeout = 900
c.Execute.timeout = 900
"""


@dataclass(frozen=True)
class Cost:
    """CPU seconds of all processes, and seconds on the clock."""

    cpu: float
    wall: float

    def __sub__(self, other: Cost) -> Cost:
        return Cost(self.cpu - other.cpu, self.wall - other.wall)

    def __truediv__(self, number: float) -> Cost:
        return Cost(self.cpu / number, self.wall / number)


def children_cpu() -> float:
    """CPU seconds of all processes that have ended below this one."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(command: list[str], folder: Path) -> Cost:
    """Run a command to its end; what it prints is shown only if it fails."""
    before, begun = children_cpu(), time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
    return Cost(children_cpu() - before, time.perf_counter() - begun)


def without_demos(notebook: NotebookNode) -> NotebookNode:
    """The notebook without its demonstrations."""
    kept = [c for c in notebook.cells if "demo" not in c.metadata.get("tags", [])]
    return nbformat.from_dict({**notebook, "cells": kept})


def make_course(
    folder: Path, made: Materials, config: str, submissions: int, *, demos: bool = True
) -> None:
    """Write a course root with so many submissions of the reference solutions."""
    name, stem = made.assignment.name, made.assignment.notebooks[0].name
    adapt = (lambda nb: nb) if demos else without_demos
    (folder / "nbgrader_config.py").parent.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(config)
    source = nbformat.read(made.assignment.folder / f"{stem}.ipynb", as_version=4)
    for part, notebook in (("source", source), ("release", made.released)):
        (folder / part / name).mkdir(parents=True)
        nbformat.write(adapt(notebook), folder / part / name / f"{stem}.ipynb")
    for number in range(submissions):
        answers = {id_: f"{text}\n# {number}" for id_, text in made.solutions.items()}
        place = folder / "submitted" / f"learner-{number}" / name
        place.mkdir(parents=True)
        nbformat.write(adapt(made.filled(answers)), place / f"{stem}.ipynb")


def engine(folder: Path, made: Materials, submissions: int) -> tuple[Cost, list[float]]:
    """`course grade`: its cost, feedback and report included, and the scores."""
    make_course(folder, made, (ROOT / "nbgrader_config.py").read_text(), submissions)
    cost = run([str(BIN / "course"), "grade", made.assignment.name], folder)
    report = folder / "reports" / made.assignment.name / "report.csv"
    with report.open(encoding="utf-8", newline="") as file:
        return cost, [float(row["total"]) for row in csv.DictReader(file)]


def stock(
    folder: Path, made: Materials, submissions: int, demos: bool
) -> tuple[Cost, Cost, list[float]]:
    """Stock nbgrader's autograde and generate_feedback: the cost of each, and the scores."""
    name = made.assignment.name
    make_course(folder, made, STOCK_CONFIG, submissions, demos=demos)
    shutil.rmtree(folder / "release")
    nbgrader = [str(BIN / "nbgrader")]
    run([*nbgrader, "generate_assignment", name], folder)
    cost = run([*nbgrader, "autograde", name], folder)
    feedback = run([*nbgrader, "generate_feedback", name], folder)
    run([*nbgrader, "export"], folder)
    with (folder / "grades.csv").open(newline="") as file:
        scores = [float(row["score"]) for row in csv.DictReader(file)]
    return cost, feedback, scores


def rebuilt(made: Materials) -> tuple[NotebookNode, NotebookNode]:
    """The template, and a submission of the reference solutions put right."""
    stem = made.assignment.notebooks[0].name
    source = nbformat.read(made.assignment.folder / f"{stem}.ipynb", as_version=4)
    return source, put_right(made.filled(made.solutions), source, made.released)


def bare_cells(made: Materials, rounds: int) -> Cost:
    """Execute the graded sections' cells in a process that has imported everything already."""
    source, notebook = rebuilt(made)
    template = {cell.id: cell for cell in source.cells}
    todo = [steps(notebook, cells, template) for cells in sections(notebook).values()]
    import torch
    import torch.fx.experimental.symbolic_shapes  # autograd imports it when first used

    import course.testing  # noqa: F401

    torch.set_num_threads(1)
    costs = []
    for _ in range(rounds):
        before, begun = children_cpu(), time.perf_counter()
        for section in todo:
            if (pid := os.fork()) == 0:
                namespace: dict = {"__name__": "__main__"}
                for step in section:
                    exec(compile(step.source, step.cell_id, "exec"), namespace)
                os._exit(0)
            if os.waitpid(pid, 0)[1]:
                raise SystemExit("a reference solution failed its own tests")
        costs.append(Cost(children_cpu() - before, time.perf_counter() - begun))
    return Cost(*(statistics.median(getattr(c, f) for c in costs) for f in ("cpu", "wall")))


def learner_memory(made: Materials) -> dict[str, float]:
    """MiB of a learner's process: shared with the warm one, and its own, after its section."""
    source, notebook = rebuilt(made)
    template = {cell.id: cell for cell in source.cells}
    *_, section = sections(notebook).values()
    look = "print(open('/proc/self/smaps_rollup').read())"
    with Sandbox(services=SERVICES) as sandbox:
        learner = sandbox.start()
        for step in steps(notebook, section, template):
            if step.where != "judge":
                learner.run_cell(step.source, step.cell_id)
        text = learner.run_cell(look, "look")[0]["text"]
    fields = {
        line.split()[0]: int(line.split()[1]) / 1024 for line in text.splitlines()[1:] if line
    }
    own = fields["Private_Clean:"] + fields["Private_Dirty:"]
    return {"resident": fields["Rss:"], "its share (PSS)": fields["Pss:"], "its own": own}


def writing(folder: Path, made: Materials) -> dict[str, float]:
    """CPU seconds of one executed submission's entry into the gradebook, and of its feedback."""
    script = (
        "import sys, time, json\n"
        "from pathlib import Path\n"
        "from course.grading import command\n"
        "from course.grading.gradebook import Workplace\n"
        "spent = {'grade': [], 'write_feedback': []}\n"
        "def timed(name, real):\n"
        "    def measured(*arguments):\n"
        "        begun = time.process_time()\n"
        "        real(*arguments)\n"
        "        spent[name].append(time.process_time() - begun)\n"
        "    setattr(Workplace, name, measured)\n"
        "for name in spent:\n"
        "    timed(name, getattr(Workplace, name))\n"
        "command.run(Path.cwd(), sys.argv[1], force=True)\n"
        "print(json.dumps(spent), file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", script, made.assignment.name]
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    spent = json.loads(done.stderr.splitlines()[-1])
    return {name: statistics.median(seconds) for name, seconds in spent.items()}


def same_scores(found: dict[str, list[float]]) -> float:
    """The one score that all submissions got, whoever graded them."""
    scores = {score for values in found.values() for score in values}
    if len(scores) != 1:
        raise SystemExit(f"scores differ: {found}")
    return scores.pop()


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--assignment", default="1-llm-internals")
    parser.add_argument("--submissions", type=int, default=6, help="for the engine (default 6)")
    parser.add_argument("--stock", type=int, default=1, help="for stock nbgrader (default 1)")
    chosen = parser.parse_args()
    made = read_materials(ROOT, chosen.assignment)
    scores: dict[str, list[float]] = {}
    cost: dict[str, Cost] = {}
    feedback: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="course-bench-") as place:
        folder = Path(place)
        once, scores["engine, one"] = engine(folder / "engine-1", made, 1)
        many, scores["engine, many"] = engine(folder / "engine-n", made, 1 + chosen.submissions)
        cost["course grade"] = (many - once) / chosen.submissions
        cost["course grade, once a run"] = once - cost["course grade"]
        for demos in (False, True):
            title = f"stock nbgrader, {'with' if demos else 'without'} demos"
            *one, scores[f"{title}, one"] = stock(folder / f"{demos}-1", made, 1, demos)
            *more, scores[title] = stock(folder / f"{demos}-n", made, 1 + chosen.stock, demos)
            graded, pages = ((b - a) / chosen.stock for a, b in zip(one, more, strict=True))
            cost[title] = Cost(graded.cpu + pages.cpu, graded.wall + pages.wall)
            feedback[title] = pages.cpu
        spent = writing(folder / "engine-n", made)
        feedback["course grade"] = spent["write_feedback"]
    cost["the bare cells"] = bare_cells(made, 5)
    score = same_scores(scores)

    table = Table(title=f"{chosen.assignment}: {len(made.exercises)} exercises, {score:g} points")
    for name in ("per submission", "CPU s", "of it feedback", "wall s"):
        table.add_column(name, justify="left" if name == "per submission" else "right")
    for name, value in sorted(cost.items(), key=lambda item: item[1].cpu):
        pages = f"{feedback[name]:.2f}" if name in feedback else ""
        table.add_row(name, f"{value.cpu:.2f}", pages, f"{value.wall:.2f}")
    console = Console()
    console.print(table)
    engine_cpu, bare = cost["course grade"].cpu, cost["the bare cells"].cpu
    bound = 1.1 * bare + 0.5
    console.print(
        f"engine: {engine_cpu:.2f} s CPU; the bar is 1.1 x bare cells + 0.5 s = {bound:.2f} s"
    )
    console.print(f"  without feedback: {engine_cpu - feedback['course grade']:.2f} s")
    console.print(f"  of it writing to the gradebook: {spent['grade']:.2f} s (bar 0.10 s)")
    for name in cost:
        if name.startswith("stock"):
            ratio, wall = cost[name].cpu / engine_cpu, cost[name].wall / cost["course grade"].wall
            console.print(f"{name}: {ratio:.0f} times the CPU, {wall:.0f} times the wall clock")
    for what, mib in learner_memory(made).items():
        console.print(f"learner's process, {what}: {mib:.0f} MiB")


if __name__ == "__main__":
    main()
