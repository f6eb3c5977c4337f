"""`course lab`: train, measure and ship the lab's models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(
    help="The lab: train its models again, measure them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
console = Console()

Name = Annotated[str, typer.Argument(help="A model's name, or a config file of your own.")]
Seed = Annotated[int | None, typer.Option(help="Another seed than the config's.")]
RUNS = Path("lab-runs")


def _config(name: str, seed: int | None):
    from course.lab.config import read_config

    config = read_config(name)
    return config if seed is None else config.replace(seed=seed)


def _run(config, seed: int | None, out: Path | None) -> Path:
    return out or RUNS / (config.name if seed is None else f"{config.name}-seed{seed}")


@app.command("list")
def list_() -> int:
    """List the lab's models and their sizes."""
    from rich.table import Table

    from course import lab
    from course.lab.config import config_names, read_config

    table = Table("model", "MB", "what it is")
    for name in config_names():
        size = "not trained"
        if name in lab.names():
            files = (path for path in lab.path(name).rglob("*") if path.is_file())
            size = f"{sum(path.stat().st_size for path in files) / 1e6:.1f}"
        table.add_row(name, size, read_config(name).about)
    console.print(table)
    return 0


@app.command()
def train(
    name: Name,
    seed: Seed = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the run.")] = None,
    device: Annotated[str | None, typer.Option(help="Such as cpu or cuda.")] = None,
) -> int:
    """Train a model, or go on where a killed run was; it stays in lab-runs/ until shipped."""
    from course.lab.train import train as run

    config = _config(name, seed)
    folder = run(config, _run(config, seed, out), console, device=device)
    console.print(f"{config.name} is trained: {folder}", soft_wrap=True)
    return 0


@app.command()
def evaluate(
    name: Name,
    seed: Seed = None,
    run: Annotated[Path | None, typer.Option(help="A run's folder; else what ships.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Compare, do not store.")] = False,
    limit: Annotated[int | None, typer.Option(help="At most so many cases a figure.")] = None,
) -> int:
    """Measure a model and store its figures, or compare them with those that ship."""
    from course.lab.evaluate import run as measure
    from course.lab.ship import shipped_folder, write_card

    config = _config(name, seed)
    own = run is None and seed is None
    folder = shipped_folder(config) if own else _run(config, seed, run) / "model"
    code = measure(config, folder, console, check=check, limit=limit)
    if own and not check:
        write_card(config)
    return code


@app.command()
def ship(
    name: Name,
    seed: Seed = None,
    run: Annotated[Path | None, typer.Option(help="Folder of the run.")] = None,
) -> int:
    """Put a finished run into the package; of another seed only its figures."""
    from course.lab.ship import ship as copy

    config = _config(name, None)
    home = copy(config, _run(config, seed, run))
    console.print(f"{config.name} ships: {home}", soft_wrap=True)
    return 0


@app.command()
def card(name: Name) -> int:
    """Write a shipped model's card anew."""
    from course.lab.ship import write_card

    console.print(str(write_card(_config(name, None))), soft_wrap=True)
    return 0


@app.command()
def scaling(
    size: Annotated[list[str] | None, typer.Option(help="Only this size, such as 7k.")] = None,
    out: Annotated[Path, typer.Option(help="Folder of the runs.")] = RUNS / "scaling",
    install: Annotated[bool, typer.Option("--ship", help="Put runs.csv into the package.")] = False,
) -> int:
    """Train the scaling family again (or what is missing of it) and list its losses."""
    import shutil

    from course.lab.scaling import RUNS as SHIPPED
    from course.lab.scaling import fit, make, runs

    path = make(out, console, size or ())
    if len(rows := runs(path)) >= 5:
        found = ", ".join(f"{name} = {value:.4g}" for name, value in fit(rows).items())
        console.print(f"L = E + A / N^alpha + B / D^beta: {found}", soft_wrap=True)
    if install:
        shutil.copy(path, SHIPPED)
    console.print(str(path), soft_wrap=True)
    return 0


@app.command()
def pictures(
    out: Annotated[Path, typer.Option(help="Folder for the PNG files.")] = Path("docs/images"),
) -> int:
    """Draw what the lab's models show."""
    from course.lab.pictures import write

    for path in write(out):
        console.print(str(path), soft_wrap=True)
    return 0
