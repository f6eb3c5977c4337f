"""Learner code in a process of its own that can read little, reach nothing and use only so much.

`Sandbox.start` gives a `Learner`: a process forked from a warm one (torch imported already) inside
bubblewrap, with namespaces of its own. Where a machine allows less, see `isolation`, the same
process starts cold inside bubblewrap, or without it.

A learner's process ends with everything it started: when `Learner.close` is called, when a limit
is passed, when the grader ends. `Learner.ended` says why.

Examples
--------
>>> with Sandbox(imports=()) as sandbox:  # doctest: +SKIP
...     learner = sandbox.start()
...     learner.run_cell("x = 6 * 7\\nprint(x)", "cell-1")
[{'output_type': 'stream', 'name': 'stdout', 'text': '42\\n'}]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

from course.grading import sandbox_command, sandbox_folders
from course.grading.isolation import Level, probe
from course.grading.sandbox_learner import Learner, Limits
from course.grading.sandbox_nest import Nest, SandboxError

__all__ = ["IMPORTS", "LEAVE_OUT", "Learner", "Limits", "Sandbox", "SandboxError"]

LEAVE_OUT = ("lessons", "build", "grading")
IMPORTS = ("numpy", "torch", "torch.nn.functional", "asyncio", "course.testing")
_COURSE = Path(__file__).resolve().parents[1]


class Sandbox:
    """Starts learners. To be used, and closed, by the thread that made it.

    Parameters
    ----------
    level : Level, optional
        The rung; without one, the best that this machine offers.
    package : Path, optional
        The package that notebooks import. Learners get a copy.
    leave_out : sequence of str, optional
        Modules and subpackages of it that they do not get.
    imports : sequence of str, optional
        What the warm process imports.
    hide : iterable of Path, optional
        Folders that learner code must not see, should they lie below Python's own.
    services : str, optional
        ``module:function`` in `package`; called with a learner's end of the border and its shell
        in each learner's process before anything else, to register more services.
    """

    def __init__(
        self,
        level: Level | None = None,
        *,
        package: Path = _COURSE,
        leave_out: Sequence[str] = LEAVE_OUT,
        imports: Sequence[str] = IMPORTS,
        hide: Iterable[Path] = (),
        services: str = "",
    ) -> None:
        self.level = probe().level if level is None else level
        self._imports = [*imports]
        self._services = services
        self._hide = [package, *hide]
        sandbox_folders.sweep()
        self._folder, self._claim = sandbox_folders.claim()
        self._warm: Nest | None = None
        self._learners: list[Learner] = []
        try:
            sandbox_command.stage(self._folder, package, leave_out)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def warm(self) -> None:
        """Start the warm process now rather than with the first learner."""
        if self.level == Level.WARM and (self._warm is None or not self._warm.lives()):
            self._warm = self._nest(0)

    def start(self, limits: Limits | None = None) -> Learner:
        """Start a learner's process.

        Parameters
        ----------
        limits : Limits, optional

        Returns
        -------
        Learner

        Raises
        ------
        SandboxError
            If that is not possible; the message says why.
        """
        limits = limits or Limits()
        self.warm()
        nest = self._warm or self._nest(limits.scratch)
        try:
            learner = Learner(nest, limits, owner=nest is not self._warm)
        except BaseException:
            if nest is not self._warm:
                nest.close()
            raise
        self._learners = [one for one in self._learners if not one.closed] + [learner]
        return learner

    def close(self) -> None:
        """End all learners and the warm process, and remove what was staged."""
        for learner in self._learners:
            learner.close()
        if self._warm is not None:
            self._warm.close()
            self._warm = None
        sandbox_folders.give_up(self._folder, self._claim)
        self._claim = None

    def _nest(self, scratch: int) -> Nest:
        return Nest(self.level, self._folder, scratch, self._imports, self._services, self._hide)
