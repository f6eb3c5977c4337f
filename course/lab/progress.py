"""How a run is followed: a bar in a terminal, plain lines elsewhere."""

from __future__ import annotations

import time

from rich.console import Console


class Progress:
    """Loss, tokens a second and time left, as a bar or (no terminal) as a line now and then.

    Parameters
    ----------
    console : Console
    name : str
        Of what is trained.
    total, done : int
        Tokens of the whole run, and those already seen before this start.
    every : float
        Seconds between plain lines.
    """

    def __init__(
        self, console: Console, name: str, total: int, done: int = 0, every: float = 30.0
    ) -> None:
        self.console, self.name, self.total = console, name, total
        self.first = self.tokens = done
        self.loss: float | None = None
        self.every = every
        self.started = self.shown = time.monotonic()
        self.bar = _bar(console) if console.is_terminal else None

    def __enter__(self) -> Progress:
        if self.bar:
            self.bar.start()
            self.task = self.bar.add_task(
                self.name, total=self.total, completed=self.tokens, what=""
            )
        elif self.first:
            self.console.print(f"{self.name}: going on after {self.first:,} tokens", soft_wrap=True)
        return self

    def __exit__(self, *error) -> None:
        if self.bar:
            self.bar.stop()
        elif self.loss is not None:
            self._line()

    def at(self, tokens: int, loss: float) -> None:
        """Note one step: all tokens seen so far, and its loss (shown smoothed)."""
        self.tokens = tokens
        self.loss = loss if self.loss is None else 0.95 * self.loss + 0.05 * loss
        if self.bar:
            self.bar.update(self.task, completed=tokens, what=self._what())
        elif time.monotonic() - self.shown >= self.every:
            self._line()

    def _what(self) -> str:
        spent = max(time.monotonic() - self.started, 1e-9)
        speed = max((self.tokens - self.first) / spent, 1e-9)
        left = max(self.total - self.tokens, 0) / speed
        clock = f"{int(left // 60)}:{int(left % 60):02d}"
        return f"loss {self.loss:.3f}  {speed:,.0f} tokens/s  {clock} left"

    def _line(self) -> None:
        self.shown = time.monotonic()
        share = f"{self.tokens / self.total:.1%}"
        self.console.print(f"{self.name}: {share}  {self._what()}", soft_wrap=True, highlight=False)


def _bar(console: Console):
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn
    from rich.progress import Progress as Bar

    return Bar(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        TextColumn("{task.fields[what]}"),
        console=console,
        refresh_per_second=2,
    )
