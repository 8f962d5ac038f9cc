"""Runs a student's cells and answers calls of the student's functions. Lives inside the walls; sees no test.

Requests and answers are those of `autograder.sandbox.wire.messages`; whatever cannot cross is answered with `Refused`.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

# What lessons import is imported before the fork, once for all submissions. Nothing of it may run an operation here.
# Keras is imported before this module, by parents that have it.
import matplotlib.figure
import matplotlib.font_manager
import matplotlib.pyplot  # noqa: F401
import matplotlib_inline.backend_inline
import numpy as np

from autograder.errors import ChannelError, RefusedValue
from autograder.execution.shell import new_shell
from autograder.sandbox.stand_ins import replace_processes
from autograder.sandbox.wire import Channel
from autograder.sandbox.wire.exceptions import raised
from autograder.sandbox.wire.messages import (
    Call,
    CallRaised,
    GetName,
    Message,
    Missing,
    PutFile,
    Ran,
    Refused,
    Returned,
    RunCell,
    Value,
    from_wire,
)
from convlab import explorers  # noqa: F401
from convlab.pictures.style import new_figure

SHELL = new_shell()
# Inline figures hook into the shell that is there when they are imported; here it comes afterwards.
matplotlib_inline.backend_inline._enable_matplotlib_integration()
# The first figure of a process looks for fonts and fills caches.
_first, _ = new_figure(1, 1)
_first.suptitle("$x$ 0", fontweight="bold")
_first.savefig(io.BytesIO(), bbox_inches="tight")

_CHANGEABLE = (list, dict, set, np.ndarray, np.random.Generator)


def main(sock: socket.socket) -> None:
    """A forked child's life: a fresh shell, then requests until the judge hangs up."""
    # As in Jupyter, files beside the notebook can be imported, and come first. What the worker itself needs is in memory.
    sys.path.insert(0, "")
    replace_processes()
    Worker(sock).serve()


class Worker:
    def __init__(self, sock: socket.socket) -> None:
        self._functions: list[Any] = []
        self._channel = Channel(sock, register=self._register)
        self._shell = SHELL
        self._busy = False

    def _register(self, function: Any) -> int:
        self._functions.append(function)
        return len(self._functions) - 1

    def serve(self) -> None:
        signal.signal(signal.SIGINT, self._interrupted)
        while True:
            try:
                request = from_wire(self._channel.receive(), PutFile, RunCell, GetName, Call)
            except RefusedValue as refusal:
                self._channel.send(Refused(refusal.what).to_wire())
                continue
            except ChannelError:
                return
            try:
                self._channel.send(self._answer(request).to_wire())
            except RefusedValue as refusal:
                self._channel.send(Refused(refusal.what).to_wire())
            except ChannelError:
                return

    def _answer(self, request: PutFile | RunCell | GetName | Call) -> Message:
        match request:
            case RunCell(source):
                return self._run(source)
            case GetName(variable):
                return self._get(variable)
            case Call(number, args, kwargs):
                return self._call(number, args, kwargs)
            case PutFile(path, content):
                return self._put(path, content)

    def _interrupted(self, *_: object) -> None:
        # Between two requests there is nothing to interrupt.
        if self._busy:
            raise KeyboardInterrupt

    @staticmethod
    def _put(name: str, content: bytes) -> Ran:
        """Put a file that was handed in beside the notebook into the working directory."""
        path = Path.cwd() / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return Ran(b"[]")

    def _run(self, source: str) -> Ran:
        self._busy = True
        _look_again()
        try:
            outputs = self._shell.run_to_outputs(source)
        except KeyboardInterrupt:
            outputs = self._shell.outputs.taken()
        finally:
            self._busy = False
        return Ran(json.dumps(outputs, default=str).encode())

    def _get(self, name: str) -> Value | Missing:
        if name not in self._shell.user_ns:
            return Missing()
        return Value(self._shell.user_ns[name])

    def _call(self, number: int, args: tuple, kwargs: dict) -> Returned | CallRaised:
        before = {id(value): _changes(value) for value in (*args, *kwargs.values())}
        self._busy = True
        kind: type[Returned | CallRaised]
        try:
            result, kind = self._functions[number](*args, **kwargs), Returned
        except BaseException as error:  # whatever a student's function raises is an answer
            result, kind = raised(error), CallRaised
        finally:
            self._busy = False
        after = {
            id(value): value if _changes(value) != before[id(value)] else _changeable(value)
            for value in (*args, *kwargs.values())
        }
        return kind(
            result,
            tuple(after[id(value)] for value in args),
            {name: after[id(value)] for name, value in kwargs.items()},
        )


def _changes(value: Any) -> Any:
    """What a function may change about a model: a model goes back only if it did, since that takes a while."""
    if "keras" not in sys.modules or not isinstance(value, sys.modules["keras"].Model):
        return None
    from autograder.sandbox.wire import keras_models  # noqa: PLC0415, here it takes no time any more

    try:
        return keras_models.changes_of(value)
    except Exception:  # a function may leave anything behind
        return None


def _look_again() -> None:
    """A module that the cell before wrote may be too young for the import system to notice."""
    with contextlib.suppress(OSError):
        finder = sys.path_importer_cache.get(os.getcwd())
        if hasattr(finder, "invalidate_caches"):
            finder.invalidate_caches()


def _changeable(value: Any) -> Any:
    return value if type(value) in _CHANGEABLE else None
