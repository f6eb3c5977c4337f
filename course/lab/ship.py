"""`course lab ship`: put a finished run into the package; and the model card."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import yaml

from course import lab
from course.grading.errors import CourseError
from course.lab.config import Config
from course.lab.evaluate import FIGURES

NOTES = Path(__file__).with_name("notes")
LOGS = ("log.csv", "watch.jsonl", "run.json")


def ship(config: Config, run: Path) -> Path:
    """Copy weights, curves and run facts of a finished run into the package.

    A run of another seed than the config's ships its figures and facts only, under ``seeds/``.

    Returns
    -------
    Path
        Where they went.
    """
    model = run / "model"
    if not (run / "run.json").is_file():
        raise CourseError(f"{run} holds no finished run: run `course lab train {config.name}`.")
    facts = json.loads((run / "run.json").read_text())
    home = lab.MODELS / config.name
    if facts["seed"] != config.seed:
        home = home / "seeds" / str(facts["seed"])
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        for path in [model / FIGURES, *model.glob("*.csv")]:
            shutil.copy(path, home)
    else:
        for old in home.iterdir() if home.is_dir() else ():
            if old.is_file():
                old.unlink()
            elif old.name == "checkpoints":
                shutil.rmtree(old)  # what is under seeds/ stays
        shutil.copytree(model, home, dirs_exist_ok=True)
    for name in LOGS:
        if (run / name).is_file():
            shutil.copy(run / name, home)
    return home


def shipped_folder(config: Config) -> Path:
    """Return a shipped model's folder. Raises CourseError if it does not ship yet."""
    try:
        return lab.path(config.name)
    except ValueError as error:
        raise CourseError(str(error)) from error


def card(config: Config) -> str:
    """Render a shipped model's card from its config, run facts, figures and notes."""
    home = shipped_folder(config)
    facts = json.loads((home / "run.json").read_text())
    notes = NOTES / f"{config.name}.md"
    parts = [
        f"# {config.name}",
        config.about,
        "*This card is made by `course lab card` from the config, the run and the figures; "
        f"what is written by hand is `course/lab/notes/{config.name}.md`.*",
        "## Training",
        _training(config, facts),
        "```yaml\n" + yaml.safe_dump(_settings(config), sort_keys=False, width=96) + "```",
        "## Figures",
        _figures(home),
    ]
    if notes.is_file():
        parts.append(notes.read_text(encoding="utf-8").strip())
    return "\n\n".join(parts) + "\n"


def write_card(config: Config) -> Path:
    """Write a shipped model's card into its folder."""
    path = shipped_folder(config) / "README.md"
    path.write_text(card(config), encoding="utf-8")
    return path


def _training(config: Config, facts: dict) -> str:
    rows = [
        ("parameters", f"{facts['parameters']:,}"),
        ("tokens seen", f"{facts['tokens']:,} in {facts['steps']:,} steps"),
        ("starts from", config.from_ or "random weights"),
        ("seed", facts["seed"]),
        ("time", _time(facts)),
        ("on", f"{facts['device']}" + (f", {t} thread(s)" if (t := facts["threads"]) else "")),
        ("torch", facts["torch"]),
        ("again", f"`course lab train {config.name}`"),
    ]
    return "| | |\n|---|---|\n" + "\n".join(f"| {name} | {value} |" for name, value in rows)


def _time(facts: dict) -> str:
    """Minutes on the wall, and of the processor where the run counted them."""
    text = f"{facts['minutes']} minutes"
    return text + (f" ({facts['cpu_minutes']} of processor time)" if "cpu_minutes" in facts else "")


def _settings(config: Config) -> dict:
    """The config as YAML would say it, without what says nothing."""
    whole = dataclasses.asdict(config)
    whole["from"] = whole.pop("from_")
    whole["optimizer"]["betas"] = list(config.optimizer.betas)
    leave_out = ("name", "about", "generation")
    return {k: v for k, v in whole.items() if v is not None and k not in leave_out}


def _figures(home: Path) -> str:
    """A table of all figures; runs of other seeds stand beside the shipped one."""
    runs = {"": home} | {path.name: path for path in sorted((home / "seeds").glob("*"))}
    read = {seed: json.loads((path / FIGURES).read_text()) for seed, path in runs.items()}
    own = read.pop("")
    head = ["figure", "value", "± 95 %", "n", *(f"seed {seed}" for seed in read)]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for name, figure in own.items():
        cells = [name, *(f"{figure[key]:g}" for key in ("value", "spread", "n"))]
        cells += [f"{other[name]['value']:g}" for other in read.values()]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
