"""What a model of the lab is made from: one YAML file each, read and checked here."""

from __future__ import annotations

import dataclasses
import importlib
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from course.grading.errors import UsageError

CONFIGS = Path(__file__).with_name("configs")


@dataclass(frozen=True)
class Call:
    """A function by its dotted name, and the arguments it gets."""

    function: str
    arguments: dict[str, Any] = field(default_factory=dict)

    def resolve(self) -> Callable:
        """Import the function.

        Raises
        ------
        UsageError
            If there is no such module or function.
        """
        module, _, name = self.function.rpartition(".")
        try:
            return getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError, ValueError) as error:
            raise UsageError(f"no function {self.function!r}: {error}.") from error

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it with its own arguments and these."""
        return self.resolve()(*args, **{**self.arguments, **kwargs})


@dataclass(frozen=True)
class Optimizer:
    """Muon for the matrices inside, AdamW for embeddings, output head and norms.

    Attributes
    ----------
    lr : float
        Peak rate of both, for Muon with `adjust_lr_fn="match_rms_adamw"`.
    adamw_lr : float, optional
        Another peak rate for AdamW.
    muon : bool
        False: AdamW for everything.
    weight_decay : float
        Decoupled; norms and other vectors get none.
    betas : tuple of float
        AdamW's.
    momentum : float
        Muon's.
    clip : float
        Largest norm of the gradient.
    schedule : {"cosine", "linear", "constant"}
        From the end of the warm-up to the end of the run.
    warmup : float
        Share of all tokens in which the rate rises from 0.
    final : float
        The last rate as a share of the peak.
    """

    lr: float = 3e-3
    adamw_lr: float | None = None
    muon: bool = True
    weight_decay: float = 0.05
    betas: tuple[float, float] = (0.9, 0.95)
    momentum: float = 0.95
    clip: float = 1.0
    schedule: typing.Literal["cosine", "linear", "constant"] = "cosine"
    warmup: float = 0.02
    final: float = 0.05


@dataclass(frozen=True)
class Keep:
    """Intermediate weights that are kept: `count` of them, from `first` tokens to the run's end."""

    count: int
    first: int
    spacing: typing.Literal["log", "linear"] = "log"

    def marks(self, tokens: int) -> list[int]:
        """Return after how many tokens weights are kept; the last is the run's end."""
        if self.count == 1:
            return [tokens]
        parts = [i / (self.count - 1) for i in range(self.count)]
        if self.spacing == "log":
            return sorted({round(self.first * (tokens / self.first) ** part) for part in parts})
        return sorted({round(self.first + (tokens - self.first) * part) for part in parts})


@dataclass(frozen=True)
class Watch:
    """Figures computed while it trains, every so many tokens: `function(model, **arguments)`."""

    function: str
    every: int
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Config:
    """One model: architecture, data, budget, optimizer, evaluation.

    Attributes
    ----------
    name : str
        The file's name without ending.
    about : str
        One sentence for the card.
    architecture : Call
        Returns a fresh `PreTrainedModel`; called after seeding torch.
    data : Call
        Yields batches; see `course.lab.batches`.
    tokens : int
        Length of the run in tokens (padding included).
    batch_tokens : int
        About how many tokens a batch has, at most.
    from_ : str, optional
        Start from this model's weights (in YAML: ``from``).
    tokenizer : Call, optional
        Returns the tokenizer that ships with the weights.
    optimizer : Optimizer
    seed : int
        Of the initial weights and of the data.
    bf16 : bool
        Autocast to bfloat16 while training.
    log_every : int
        Steps per line of the loss curve.
    keep : Keep, optional
        Intermediate weights to keep.
    watch : Watch, optional
        Figures computed on the way.
    loss : Call, optional
        `function(model, ids, weights, **arguments)` returns the loss of a batch; by default
        that of the next token.
    evaluate : Call, optional
        `function(model, tokenizer, **arguments)` returns figures by name;
        see `course.lab.measure`.
    generation : dict
        Entries of ``generation_config.json``.
    """

    name: str
    about: str
    architecture: Call
    data: Call
    tokens: int
    batch_tokens: int
    from_: str | None = None
    tokenizer: Call | None = None
    optimizer: Optimizer = field(default_factory=Optimizer)
    seed: int = 0
    bf16: bool = True
    log_every: int = 20
    keep: Keep | None = None
    watch: Watch | None = None
    loss: Call | None = None
    evaluate: Call | None = None
    generation: dict[str, Any] = field(default_factory=dict)

    def replace(self, **changes: Any) -> Config:
        """Return a copy with other values."""
        return dataclasses.replace(self, **changes)


def config_names() -> list[str]:
    """Return the names of all models with a config file, sorted."""
    return sorted(path.stem for path in CONFIGS.glob("*.yml"))


def read_config(name: str | Path) -> Config:
    """Read a model's config file.

    Parameters
    ----------
    name : str or Path
        A model's name, or the path of a ``.yml`` file of your own.

    Raises
    ------
    UsageError
        If there is no such file, or a setting is unknown, missing or of another kind.
    """
    path = Path(name) if Path(name).suffix == ".yml" else CONFIGS / f"{name}.yml"
    if not path.is_file():
        known = ", ".join(config_names())
        raise UsageError(f"no config file {path.name}: the lab has {known}.")
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise UsageError(f"{path.name} is not valid YAML: {error}") from error
    if not isinstance(raw, dict):
        raise UsageError(f"{path.name} must be a mapping of settings.")
    config = _build(Config, {"name": path.stem, **_renamed(raw)}, path.name)
    for setting in ("tokens", "batch_tokens", "log_every"):
        if getattr(config, setting) < 1:
            raise UsageError(f"{path.name}: {setting} must be at least 1.")
    if config.keep and not 1 <= config.keep.first < config.tokens:
        raise UsageError(f"{path.name}: keep.first must lie between 1 and tokens.")
    if config.keep and config.keep.count < 1:
        raise UsageError(f"{path.name}: keep.count must be at least 1.")
    return config


def _renamed(raw: dict) -> dict:
    return {"from_" if key == "from" else key: value for key, value in raw.items()}


def _build(kind: type, raw: Any, where: str) -> Any:
    """Make a dataclass of a mapping, checking keys and kinds of values."""
    if not isinstance(raw, dict):
        raise UsageError(f"{where} must be a mapping of settings, not {raw!r}.")
    fields = {f.name: f for f in dataclasses.fields(kind)}
    hints = typing.get_type_hints(kind)
    if unknown := [key for key in raw if key not in fields]:
        known = ", ".join(name.rstrip("_") for name in fields)
        raise UsageError(f"{where}: no setting is called {unknown[0]!r}; known are {known}.")
    missing = [
        f.name
        for f in fields.values()
        if f.name not in raw
        and f.default is dataclasses.MISSING
        and f.default_factory is dataclasses.MISSING
    ]
    if missing:
        raise UsageError(f"{where}: the setting {missing[0]!r} is missing.")
    return kind(**{key: _value(hints[key], raw[key], f"{where}: {key}") for key in raw})


def _value(hint: Any, value: Any, where: str) -> Any:
    """Check one value against its type hint; ints pass as floats, "3e-3" as the number it is."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if type(None) in inner:
        return None if value is None else _value(inner[0], value, where)
    if dataclasses.is_dataclass(hint):
        return _build(hint, value, where)
    if origin is typing.Literal:
        if value not in inner:
            raise UsageError(f"{where} must be one of {', '.join(inner)}, not {value!r}.")
        return value
    if origin is tuple:
        if not isinstance(value, list) or len(value) != len(inner):
            raise UsageError(f"{where} must be a list of {len(inner)} numbers, not {value!r}.")
        return tuple(_value(kind, v, where) for kind, v in zip(inner, value, strict=True))
    kind = origin or hint
    if kind is float and not isinstance(value, bool):
        try:  # YAML reads 3e-3 as a string
            return float(value)
        except (TypeError, ValueError):
            raise UsageError(f"{where} must be a number, not {value!r}.") from None
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        names = {int: "a whole number", str: "a text", bool: "true or false", dict: "a mapping"}
        raise UsageError(f"{where} must be {names[kind]}, not {value!r}.")
    return value
