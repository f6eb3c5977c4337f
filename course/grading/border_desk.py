"""Carries out what the other side asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .border_handles import Handles
from .border_operations import OPERATIONS, attribute, permits
from .border_stepping import StepLoop, Stepper


class Desk:
    """Services by name, operations on the objects handed out, and coroutines on their way.

    Parameters
    ----------
    handles : Handles
    learner : bool
        Whether this is the learner's side.
    """

    def __init__(self, handles: Handles, learner: bool) -> None:
        self.services: dict[str, Callable] = {}
        self._handles = handles
        self._learner = learner
        self._steppers: dict[int, Stepper] = {}
        self._loop: StepLoop | None = None

    def serve(self, name: str, /, *args: Any, **kwargs: Any) -> Any:
        """Call a service."""
        if type(name) is not str or name not in self.services:
            raise LookupError(f"there is no service {name!r}.")
        return self.services[name](*args, **kwargs)

    def operate(self, operation: str, number: int, args: tuple, kwargs: dict) -> Any:
        """Use an object that was handed out."""
        value = self._handles[number]
        if operation == "get":
            return attribute(value, *args, learner=self._learner)
        if not self._learner and not permits(value, operation):
            shown = f"<{type(value).__name__} object>"
            if operation in ("repr", "str"):
                return shown
            raise TypeError(f"{shown} shows nothing of itself here.")
        if operation == "step":
            return self._step(number, value, *args)
        if operation == "close" and number in self._steppers:
            return self._steppers[number].close()
        if operation not in OPERATIONS:
            raise LookupError(f"there is no operation {operation!r}.")
        return OPERATIONS[operation](value, *args, **kwargs)

    def forget(self, number: int) -> None:
        """Let go of an object that the other side no longer holds."""
        self._steppers.pop(number, None)

    def close(self) -> None:
        """End the event loop, unless this is called from inside it."""
        if self._loop is not None and not self._loop.is_running():
            self._loop.close()

    def _step(self, number: int, value: Any, error: BaseException | None = None) -> Any:
        if number not in self._steppers:
            self._steppers[number] = Stepper(value)
        if self._loop is None:
            self._loop = StepLoop()
        return self._steppers[number].step(self._loop, error)
