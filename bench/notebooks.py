"""Each notebook from top to bottom, demonstrations included, and its graded cells alone.

    .venv/bin/python bench/notebooks.py [1-llm-internals ...]

The notebooks are those of `source/`, so the exercises are solved. Bars: 120 s (notebook 2: 300 s)
and 2 GB for the whole, 30 s for a section, 4 s of CPU for the graded cells.
"""

from __future__ import annotations

import argparse
import asyncio
import threading
import time
from collections import defaultdict

import nbformat
import psutil
from cohort import ROOT, bare_cells
from nbclient import NotebookClient
from nbformat import NotebookNode
from rich.console import Console
from rich.table import Table

from course.demo_cohort import read_materials
from course.grading.assignment import assignment_names
from course.grading.recognise import section_names

GIB = 1 << 30


class Peak(threading.Thread):
    """Watches how much memory all processes below this one hold together."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.bytes = 0
        self.stop = threading.Event()

    def run(self) -> None:
        """Look ten times a second."""
        while not self.stop.wait(0.1):
            held = 0
            for process in psutil.Process().children(recursive=True):
                try:
                    held += process.memory_full_info().pss
                except (psutil.NoSuchProcess, psutil.AccessDenied):
                    continue
            self.bytes = max(self.bytes, held)


def run_all(notebook: NotebookNode) -> tuple[float, dict[str, float], int]:
    """Run a notebook; its seconds, the seconds of each section, and its peak memory in bytes."""
    names = section_names(notebook.cells)
    seconds: dict[str, float] = defaultdict(float)
    begun: dict[int, float] = {}

    def before(cell: NotebookNode, cell_index: int) -> None:
        begun[cell_index] = time.perf_counter()

    def after(cell: NotebookNode, cell_index: int, **_: object) -> None:
        seconds[names[cell_index]] += time.perf_counter() - begun.pop(cell_index)

    peak = Peak()
    peak.start()
    start = time.perf_counter()
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        on_cell_execute=before,
        on_cell_executed=after,
        resources={"metadata": {"path": str(ROOT)}},
    )
    asyncio.run(client.async_execute())
    whole = time.perf_counter() - start
    peak.stop.set()
    peak.join()
    return whole, dict(seconds), peak.bytes


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("assignments", nargs="*", help="such as 1-llm-internals (default: all)")
    console = Console()
    for name in parser.parse_args().assignments or assignment_names(ROOT / "source"):
        made = read_materials(ROOT, name)
        path = made.assignment.folder / f"{made.assignment.notebooks[0].name}.ipynb"
        whole, by_section, memory = run_all(nbformat.read(path, as_version=4))
        table = Table("section", "seconds", title=name)
        for section, seconds in by_section.items():
            table.add_row(section, f"{seconds:.1f}")
        console.print(table)
        console.print(f"whole: {whole:.0f} s, {memory / GIB:.2f} GiB at most")
        console.print(f"graded cells alone: {bare_cells(made, 3).cpu:.2f} s CPU (bar 4 s)")


if __name__ == "__main__":
    main()
