"""`course lab train`: one model, from a config file to weights; killed runs go on where they were.

A run's folder holds ``state.pt`` (all that is needed to go on), ``log.csv`` (the loss curve),
``watch.jsonl`` (figures on the way, if the config asks), ``model/`` (what ships: weights kept on
the way in ``model/checkpoints/``, the last ones at the end) and, at the end, ``run.json`` (how long
it took, on what).
"""

from __future__ import annotations

import csv
import ctypes
import json
import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from course.grading.errors import CourseError
from course.lab.config import Call, Config
from course.lab.progress import Progress

LOG_COLUMNS = ("step", "tokens", "loss", "lr", "grad_norm", "seconds")


@dataclass
class State:
    """Where a run stands; with weights and optimizers, all that is needed to go on.

    `seconds` counts training only, not the pauses, on the wall; `cpu_seconds` what this process
    used, which says more where others work on the same machine. The `window` is what the next line
    of the log averages: steps, summed loss, summed norm of the gradient.
    """

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    following: Any = None
    window: tuple[int, float, float] = (0, 0.0, 0.0)


def train(
    config: Config,
    folder: Path,
    console: Console,
    *,
    device: str | None = None,
    save_seconds: float = 60.0,
) -> Path:
    """Train a model, or go on training it.

    Parameters
    ----------
    config : Config
    folder : Path
        The run's folder; if a state lies there, the run goes on from it.
    console : Console
        Gets a progress bar, or plain lines where it is no terminal.
    device : str, optional
        Such as ``"cuda"``; by default a GPU if there is one.
    save_seconds : float
        Time between saved states.

    Returns
    -------
    Path
        The folder with the finished model.

    Raises
    ------
    CourseError
        If the data end too early, the loss is not finite, or the state belongs to another config.
    """
    import torch

    from course.lab.optimize import make_optimizers, rate_factor, set_rate, weighted_loss
    from course.lab.weights import save_folder

    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    if device == "cpu":
        _keep_freed_memory()
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    folder.mkdir(parents=True, exist_ok=True)
    model = _fresh(config).to(device).train()
    optimizers = make_optimizers(model, config.optimizer)
    state = _restore(config, folder, model, optimizers, device)
    log = _Log(folder, state)
    marks = config.keep.marks(config.tokens) if config.keep else []
    watched = config.watch.every if config.watch else 0
    tokenizer = config.tokenizer() if config.tokenizer else None

    started = saved = time.monotonic()
    before, cpu_before = state.seconds, state.cpu_seconds - time.process_time()

    def save() -> None:
        _libc("malloc_trim")(0)  # what was kept for too long: else the heap grows to 8 GB
        log.flush()
        _save(config, folder, state, model, optimizers)

    with Progress(console, config.name, config.tokens, state.tokens) as progress:
        batches = config.data(
            seed=config.seed, batch_tokens=config.batch_tokens, start=state.following
        )
        while state.tokens < config.tokens:
            batch = next(batches, None)
            if batch is None:
                raise CourseError(
                    f"the data of {config.name!r} end after {state.tokens:,} tokens; "
                    f"{config.tokens:,} are wanted."
                )
            ids = torch.from_numpy(batch.ids).to(device)
            weights = torch.from_numpy(batch.weights).to(device)
            factor = rate_factor(config.optimizer, (state.tokens + ids.numel()) / config.tokens)
            set_rate(optimizers, factor)
            with torch.autocast(device.partition(":")[0], torch.bfloat16, enabled=config.bf16):
                loss = (config.loss or weighted_loss)(model, ids, weights)
            loss.backward()
            norm = torch.nn.utils.clip_grad_norm_(model.parameters(), config.optimizer.clip)
            for optimizer in optimizers:
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
            value = loss.item()
            if value != value or value in (float("inf"), float("-inf")):
                raise CourseError(
                    f"the loss of {config.name!r} is {value} at step {state.step}: "
                    "lower the learning rate."
                )
            passed = state.tokens
            state.step += 1
            state.tokens += ids.numel()
            state.following = batch.following
            state.seconds = before + time.monotonic() - started
            state.cpu_seconds = cpu_before + time.process_time()
            count, losses, norms = state.window
            state.window = (count + 1, losses + value, norms + norm.item())
            progress.at(state.tokens, value)
            if state.step % config.log_every == 0 or state.tokens >= config.tokens:
                log.line(state, factor * config.optimizer.lr)
            for mark in marks:
                if passed < mark <= state.tokens:
                    _keep(model, folder, state)
            if watched and state.tokens // watched > passed // watched:
                log.watch(state, _look(config, model, tokenizer))
            if time.monotonic() - saved >= save_seconds:
                save()
                saved = time.monotonic()
        save()
    model = model.cpu().eval()
    save_folder(model, tokenizer, config.generation, folder / "model")
    run = {
        "seed": config.seed,
        "parameters": sum(p.numel() for p in model.parameters()),
        "tokens": state.tokens,
        "steps": state.step,
        "minutes": round(state.seconds / 60, 1),
        "cpu_minutes": round(state.cpu_seconds / 60, 1),
        "cpu_seconds": round(state.cpu_seconds, 1),
        "device": _device_name(device),
        "threads": torch.get_num_threads() if device == "cpu" else None,
        "torch": torch.__version__.partition("+")[0],
    }
    (folder / "run.json").write_text(json.dumps(run, indent=2) + "\n")
    return folder / "model"


def _libc(function: str) -> Callable[..., int]:
    """Return a function of glibc; elsewhere, one that does nothing."""
    try:
        return getattr(ctypes.CDLL(None), function)
    except (AttributeError, OSError, TypeError):
        return lambda *_: 0


def _keep_freed_memory() -> None:
    """Ask glibc to keep freed buffers (`man 3 mallopt`).

    By default it hands every large buffer back to the system and asks for it again, page by page,
    which cost up to 40 % of a training's time.
    """
    trim_threshold, top_pad, mmap_max = -1, -2, -4
    mallopt = _libc("mallopt")
    mallopt(mmap_max, 0)
    mallopt(trim_threshold, 1_000_000_000)
    mallopt(top_pad, 100_000_000)


def _fresh(config: Config):
    """Build the model with its first weights: random from the seed, or another model's."""
    import torch

    from course.lab.weights import WEIGHTS, start_from

    torch.manual_seed(config.seed)
    model = config.architecture()
    if config.from_:
        from course import lab

        try:
            start_from(model, lab.path(config.from_) / WEIGHTS)
        except ValueError as error:
            raise CourseError(
                f"{config.name!r} cannot start from {config.from_!r}: {error}"
            ) from error
    return model


def _identity(config: Config) -> dict:
    """What must be equal for a state to belong to a config."""
    calls = {"architecture": config.architecture, "data": config.data}
    if config.loss:
        calls["loss"] = config.loss
    return {name: [call.function, call.arguments] for name, call in calls.items()} | {
        "seed": config.seed,
        "from": config.from_,
        "tokens": config.tokens,
        "batch_tokens": config.batch_tokens,
        "optimizer": vars(config.optimizer),
        "bf16": config.bf16,
    }


def _save(config: Config, folder: Path, state: State, model, optimizers) -> None:
    import torch

    path = folder / "state.pt"
    whole = {
        "config": json.dumps(_identity(config), sort_keys=True),
        "state": vars(state),
        "model": model.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in optimizers],
        "rng": torch.get_rng_state(),
    }
    torch.save(whole, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)  # a kill in between leaves the old one whole


def _restore(config: Config, folder: Path, model, optimizers, device: str) -> State:
    import torch

    path = folder / "state.pt"
    if not path.exists():
        return State()
    whole = torch.load(path, map_location=device, weights_only=True)
    if whole["config"] != json.dumps(_identity(config), sort_keys=True):
        raise CourseError(
            f"{path} was saved under other settings: delete the folder to begin anew, "
            "or give another with --out."
        )
    model.load_state_dict(whole["model"])
    for optimizer, saved in zip(optimizers, whole["optimizers"], strict=True):
        optimizer.load_state_dict(saved)
    torch.set_rng_state(whole["rng"].cpu())
    return State(**whole["state"])


def _keep(model, folder: Path, state: State) -> None:
    from course.lab.weights import save_weights

    save_weights(model, folder / "model" / "checkpoints" / f"{state.tokens:012d}.safetensors")


def _look(config: Config, model, tokenizer) -> dict:
    """Call the config's watching function, without leaving a trace on the run."""
    import torch

    watch = config.watch
    with torch.random.fork_rng(devices=[]), torch.inference_mode():
        model.eval()
        found = Call(watch.function, watch.arguments)(model, tokenizer)
        model.train()
    return found


def _device_name(device: str) -> str:
    if device.startswith("cuda"):
        import torch

        return torch.cuda.get_device_name()
    for line in _lines(Path("/proc/cpuinfo")):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


class _Log:
    """The loss curve and the figures on the way; lines after a restored state are dropped."""

    def __init__(self, folder: Path, state: State) -> None:
        self.curve, self.figures = folder / "log.csv", folder / "watch.jsonl"
        rows = list(csv.DictReader(_lines(self.curve)))
        self.rows = [row for row in rows if int(row["step"]) <= state.step]
        looks = [json.loads(line) for line in _lines(self.figures)]
        self.looks = [look for look in looks if look["step"] <= state.step]
        self.flush()

    def line(self, state: State, rate: float) -> None:
        count, losses, norms = state.window
        row = (
            state.step,
            state.tokens,
            f"{losses / count:.4f}",
            f"{rate:.3g}",
            f"{norms / count:.3f}",
            f"{state.seconds:.1f}",
        )
        self.rows.append(dict(zip(LOG_COLUMNS, row, strict=True)))
        state.window = (0, 0.0, 0.0)

    def watch(self, state: State, figures: dict) -> None:
        self.looks.append({"step": state.step, "tokens": state.tokens, **figures})
        self.flush()

    def flush(self) -> None:
        with self.curve.open("w", newline="") as file:
            writer = csv.DictWriter(file, LOG_COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.rows)
        if self.looks:
            lines = (json.dumps(look) for look in self.looks)
            self.figures.write_text("\n".join(lines) + "\n")
