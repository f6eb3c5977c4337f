"""Runs a learner's cells as a notebook does, in IPython's own shell; collects what they show."""

from __future__ import annotations

import base64
import builtins
import contextlib
import getpass
import io
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO, NoReturn

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from .border import Peer

_FRAME = 100  # characters that an output takes beside what it shows
_AGAIN = 0.05  # CPU seconds between two tries to stop a cell
_ENGINE = str(Path(__file__).parent)
_LIBRARIES = tuple(
    {os.path.realpath(p) for p in (sys.prefix, sys.base_prefix)} | {sys.prefix, sys.base_prefix}
)
_USED_UP = "the cell used up its CPU time."
_QUESTION = (
    "there is nobody to answer input() while a notebook is graded: write the value into the cell."
)


class CpuTimeLimit(BaseException):
    """A cell used up its CPU time. No Exception, so that ``except Exception`` lets it through."""


class Outputs:
    """The outputs of one cell, in nbformat's form, up to a number of bytes."""

    def __init__(self, room: int) -> None:
        self.items: list[dict[str, Any]] = []
        self._room = room
        self._cut = False
        self._parts: list[str] = []
        self._stream = ""

    def text(self, stream: str, text: str) -> None:
        """Add to a stream."""
        if stream != self._stream:
            self.flush()
            self._stream = stream
        self._cut |= len(text) > self._room
        kept = text[: self._room]
        if kept:
            self._room -= len(kept)
            self._parts.append(kept)

    def add(self, output: dict[str, Any], size: int) -> None:
        """Add an output of another kind, `size` bytes large."""
        self.flush()
        size += _FRAME
        if size > self._room and output["output_type"] != "error":
            self._cut = True
        else:
            self._room -= size
            self.items.append(output)

    def flush(self) -> None:
        """Turn the collected text into an output."""
        if self._parts:
            text = "".join(self._parts)
            self.items.append({"output_type": "stream", "name": self._stream, "text": text})
        self._parts, self._stream = [], ""

    def finish(self) -> list[dict[str, Any]]:
        """Return all outputs, with a note where some were cut off."""
        self.flush()
        if self._cut:
            note = "\n[This cell showed more than is kept; the rest is left out.]\n"
            self.items.append({"output_type": "stream", "name": "stderr", "text": note})
        return self.items


class _Stream(io.TextIOBase):
    """Stands in for sys.stdout or sys.stderr; in a child process, writes to the real one."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, shell: Shell, name: str) -> None:
        self._shell = shell
        self.name = name
        self._number = 1 if name == "stdout" else 2

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._number

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if os.getpid() == self._shell.pid:
            self._shell.outputs.text(self.name, text)
        else:
            os.write(self._number, text.encode("utf-8", "replace"))
        self._shell.stop_if_due()
        return len(text)


class _Publisher(DisplayPublisher):
    def publish(self, data, metadata=None, source=None, *, transient=None, update=False, **_):
        """Keep what display() shows; an update of something shown before is shown again."""
        data, size = _plain(data)
        output = {"output_type": "display_data", "data": data, "metadata": _metadata(metadata)}
        self.shell.cells.outputs.add(output, size)

    def clear_output(self, wait=False):
        """Nothing: what was shown stays."""


class _Hook(DisplayHook):
    def write_output_prompt(self):
        """Nothing: the prompt is a matter of the notebook's own display."""

    def write_format_data(self, format_dict, md_dict=None):
        data, size = _plain(format_dict)
        output = {
            "output_type": "execute_result",
            "data": data,
            "metadata": _metadata(md_dict),
            "execution_count": self.prompt_count,
        }
        self.shell.cells.outputs.add(output, size)

    def finish_displayhook(self):
        """Nothing is written, so there is nothing to end."""


class _CellShell(InteractiveShell):
    display_pub_class = _Publisher
    displayhook_class = _Hook
    cells: Shell  # the one that owns this shell

    def _showtraceback(self, etype, evalue, stb):
        self.cells.show_error(etype.__name__, _text(evalue), [str(line) for line in stb])

    @contextlib.contextmanager
    def _tee(self, channel: str) -> Iterator[None]:
        """Nothing: IPython 9 would keep all that is printed once more, without any bound."""
        yield

    def enable_gui(self, gui=None):
        """Nothing: there is no screen."""

    def ask_exit(self):
        """Say that ``exit`` does nothing here."""
        print("exit() does nothing while a notebook is graded.")


def _plain(bundle: Any) -> tuple[dict[str, Any], int]:
    """A bundle of representations as text, and its size."""
    plain: dict[str, Any] = {}
    for kind, value in dict(bundle).items():
        if isinstance(value, bytes):
            value = base64.b64encode(value).decode()
        plain[str(kind)] = value
    return plain, sum(len(v) if isinstance(v, str) else len(repr(v)) for v in plain.values())


def _metadata(metadata: Any) -> dict[str, Any]:
    return dict(metadata or {})


def _text(value: Any) -> str:
    try:
        return str(value)
    except Exception as error:
        return f"({type(error).__name__} while this was turned into text)"


def _refuse(prompt: object = "", *_: Any, **__: Any) -> NoReturn:
    raise RuntimeError(_QUESTION)


class Shell:
    """An IPython shell without a terminal, and the services that a grader calls."""

    def __init__(self) -> None:
        config = Config()
        config.HistoryManager.enabled = False  # no thread, no file
        config.InteractiveShell.colors = "nocolor"
        config.InteractiveShell.separate_in = ""
        self.peer: Peer | None = None
        self.pid = 0
        self.outputs = Outputs(0)
        self.error: dict[str, Any] | None = None
        self._limit = 0
        self._due = False
        self._real: list[tuple[str, BinaryIO]] = []
        self._used = False
        self.shell = _CellShell.instance(config=config)
        self.shell.cells = self
        self._rehearse()
        builtins.input = getpass.getpass = _refuse
        signal.signal(signal.SIGPROF, self._stop)

    def _rehearse(self) -> None:
        """Run two cells, so that what IPython loads and builds then is there before a fork."""
        for source in ("None", "1 / 0"):
            self.shell.run_cell(source, store_history=False)
        self.shell.display_formatter.format(1)
        self.shell.reset()
        for name in ("last_type", "last_value", "last_traceback", "last_exc"):
            vars(sys).pop(name, None)
        self.outputs, self.error = Outputs(0), None

    def open_streams(self, limit: int) -> None:
        """Point the process's three standard streams at nothing and at two files of its own.

        Parameters
        ----------
        limit : int
            Bytes of output that a cell may show.
        """
        self.pid = os.getpid()
        self._limit = limit
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        for number, name in [(1, "stdout"), (2, "stderr")]:
            file = tempfile.TemporaryFile("w+b", buffering=0, dir=Path.home())  # noqa: SIM115
            os.set_inheritable(file.fileno(), False)
            os.dup2(file.fileno(), number)
            self._real.append((name, file))
        sys.stdin = sys.__stdin__ = open(0, closefd=False)  # noqa: SIM115
        sys.stdout, sys.stderr = _Stream(self, "stdout"), _Stream(self, "stderr")

    def begin(self, cell_id: str, cpu_seconds: float) -> None:
        """Allow `cpu_seconds` of CPU time from now on; then learner code is interrupted."""
        self._due = False
        signal.setitimer(signal.ITIMER_PROF, max(cpu_seconds, 0.001), _AGAIN)

    def run_cell(self, source: str, cell_id: str, cpu_seconds: float) -> list[dict[str, Any]]:
        """Run a cell and return its outputs, an error among them where it failed."""
        self.outputs, self.error = Outputs(self._limit), None
        self.begin(cell_id, cpu_seconds)
        try:
            self.shell.run_cell(source, store_history=True, cell_id=cell_id)
        except BaseException as error:
            self.show_error(type(error).__name__, _text(error), [_text(error)])
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        if os.getpid() != self.pid:
            os._exit(0)  # the learner's own fork has reached the end of the cell
        self._collect()
        outputs = self.outputs.finish()
        if self.error is not None:
            outputs.append(self.error)
        return outputs

    def show_error(self, name: str, message: str, lines: list[str]) -> None:
        """Keep an error as the cell's last output."""
        message = message[: self._limit]
        room = self._limit
        kept = []
        for line in lines:
            kept.append(line[:room])
            room -= len(kept[-1])
        self.error = {
            "output_type": "error",
            "ename": name[:200],
            "evalue": message,
            "traceback": kept,
        }

    def lookup(self, name: str) -> Any:
        """Return what a name stands for after the cells run so far."""
        try:
            return self.shell.user_ns[name]
        except KeyError:
            raise NameError(f"name {name!r} is not defined") from None

    def _collect(self) -> None:
        """Take in what child processes and C code wrote, past Python's own streams."""
        for name, file in self._real:
            if size := os.fstat(file.fileno()).st_size:
                text = os.pread(file.fileno(), min(size, self._limit + 1), 0)
                self.outputs.text(name, text.decode("utf-8", "replace"))
                os.ftruncate(file.fileno(), 0)
                os.lseek(file.fileno(), 0, os.SEEK_SET)

    def stop_if_due(self) -> None:
        """Raise what was held back while the engine's own code ran."""
        if self._due and threading.current_thread() is threading.main_thread():
            self._due = False
            raise CpuTimeLimit(_USED_UP)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        """Raise in learner code; what prints is the engine's own code, and raises at its end."""
        if self.peer is None or self.peer.busy:
            return
        inside = False
        while frame is not None:
            name = frame.f_code.co_filename
            if name.startswith(_ENGINE):
                inside = True
                if frame.f_code is _Stream.write.__code__:
                    self._due = True
                    return
            elif inside:
                return
            elif name.startswith("<ipython-input-") or not name.startswith(("<", *_LIBRARIES)):
                raise CpuTimeLimit(_USED_UP)
            frame = frame.f_back
