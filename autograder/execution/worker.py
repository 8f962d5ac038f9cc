"""The worker process: runs a student's cells and calls the student's functions on request, inside the walls.

It sees no test but the one that is judged together, as the last thing it does. Requests and answers are those of `autograder.sandbox.wire.messages`; a value that cannot be sent
is answered with `Refused`.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

# What lessons import is imported here, before the fork, once for all submissions. No TensorFlow operation may run here.
# Fork servers with Keras import it before this module.
import matplotlib.figure
import matplotlib.font_manager
import matplotlib.pyplot  # noqa: F401
import matplotlib_inline.backend_inline
import numpy as np

from autograder.errors import ChannelError, RefusedValue
from autograder.execution.shell import new_shell
from autograder.sandbox.stand_ins import replace_processes
from autograder.sandbox.wire import Channel, Handle, Iteration
from autograder.sandbox.wire.exceptions import raised
from autograder.sandbox.wire.messages import (
    Call,
    CallBack,
    CallBackRaised,
    CallBackReturned,
    CallRaised,
    GetName,
    Lend,
    Message,
    Missing,
    PutFile,
    Ran,
    RanTogether,
    Refused,
    Returned,
    RunCell,
    RunTogether,
    Value,
    from_wire,
)
from convlab import explorers  # noqa: F401
from convlab.pictures.style import new_figure

SHELL = new_shell()
# The inline backend hooks into the shell that exists when it is imported; here the shell was created afterwards.
matplotlib_inline.backend_inline._enable_matplotlib_integration()
# Draw one figure before the fork: the first one of a process searches for fonts and fills caches.
_first, _ = new_figure(1, 1)
_first.suptitle("$x$ 0", fontweight="bold")
_first.savefig(io.BytesIO(), bbox_inches="tight")

_END = object()  # not an item of any iterator, and not the value of any name
_CHANGEABLE = (list, dict, set, np.ndarray, np.random.Generator)


def main(sock: socket.socket) -> None:
    """The forked child's main function: answer requests until the judge closes the socket."""
    # As in Jupyter, modules beside the notebook can be imported and come first. The worker's own are imported already.
    sys.path.insert(0, "")
    replace_processes()
    Worker(sock).serve()


class Worker:
    """Answers a judge's requests in the student's namespace."""

    def __init__(self, sock: socket.socket) -> None:
        self._functions: list[Any] = []
        self._borrowed: dict[Callable, int] = {}  # the judge's functions, with their numbers there
        self._replaced: dict[str, Any] = {}  # the student's objects whose names stand for others now
        self._offered: set[int] = set()  # the numbers of those that may be called now
        self._channel = Channel(sock, register=self._register)
        self._shell = SHELL
        self._busy = self._asking = self._interrupt = False

    def _register(self, function: Any) -> int:
        if type(function) is FunctionType and function in self._borrowed:
            return -self._borrowed[function]
        self._functions.append(function)
        return len(self._functions) - 1

    def serve(self) -> None:
        signal.signal(signal.SIGINT, self._interrupted)
        while True:
            try:
                request = from_wire(self._channel.receive(), PutFile, RunCell, GetName, Call, Lend, RunTogether)
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

    def _answer(self, request: PutFile | RunCell | GetName | Call | Lend | RunTogether) -> Message:
        match request:
            case RunCell(source):
                return self._run(source)
            case GetName(variable):
                return self._get(variable)
            case Call(number, args, kwargs):
                return self._call(number, args, kwargs)
            case PutFile(path, content):
                return self._put(path, content)
            case Lend(objects):
                return self._lend(objects)
            case RunTogether(source, token):
                return RanTogether(token, self._run(source).outputs)

    def _interrupted(self, *_: object) -> None:
        # Between two requests there is nothing to interrupt, so the signal is ignored.
        if self._asking:
            self._interrupt = True  # as soon as the frame has been read to its end
        elif self._busy:
            raise KeyboardInterrupt

    @staticmethod
    def _put(name: str, content: bytes) -> Ran:
        """Write a file that was handed in beside the notebook into the working directory."""
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
        offered = set(self._offered)
        args, kwargs = self._usable(args), self._usable(kwargs)
        before = {id(value): _changes(value) for value in (*args, *kwargs.values())}
        busy, self._busy = self._busy, True
        kind: type[Returned | CallRaised]
        try:
            result, kind = self._functions[number](*args, **kwargs), Returned
        except BaseException as error:  # any exception of the student's function is a valid answer
            result, kind = raised(error), CallRaised
        finally:
            self._busy, self._offered = busy, offered
        after = {
            id(value): value if _changes(value) != before[id(value)] else _changeable(value)
            for value in (*args, *kwargs.values())
        }
        return kind(
            result,
            tuple(after[id(value)] for value in args),
            {name: after[id(value)] for name, value in kwargs.items()},
        )

    # --- functions of the judge's

    def _lend(self, objects: dict) -> Ran:
        names = self._shell.user_ns
        for name, own in self._replaced.items():
            names.pop(name, None)
            names.update({name: own} if own is not _END else {})
        self._offered.clear()
        self._replaced = {name: names.get(name, _END) for name in objects}
        names.update(self._usable(objects))
        return Ran(b"[]")

    def _usable(self, value: Any) -> Any:
        """A received value with functions and iterators in place of references to the judge's."""
        if type(value) is Handle:
            return self._borrow(value.number, value.name)
        if type(value) is Iteration:
            return iter(self._borrow(value.number, "next"), _END)
        if type(value) in (list, tuple):
            return type(value)(self._usable(item) for item in value)
        if type(value) is dict:
            return {key: self._usable(item) for key, item in value.items()}
        return value

    def _borrow(self, number: int, name: str) -> Callable:
        def function(*args: Any, **kwargs: Any) -> Any:
            return self._call_back(name, CallBack(number, args, kwargs))

        function.__name__ = function.__qualname__ = name
        self._borrowed[function] = number
        self._offered.add(number)
        return function

    def _call_back(self, name: str, request: CallBack) -> Any:
        if request.number not in self._offered or threading.current_thread() is not threading.main_thread():
            raise RuntimeError(f"{name} belongs to a test, which calls it no longer, or another thread called it.")
        self._asking = True
        try:
            self._channel.send(request.to_wire())
            answer = self._called_back()
        except RefusedValue as refusal:
            raise TypeError(f"{name}: {refusal.what}") from None
        finally:
            self._asking = False
        if self._interrupt:
            self._interrupt = False
            raise KeyboardInterrupt
        if isinstance(answer, CallBackRaised):
            raise answer.error.rebuild()
        return self._usable(answer.value)

    def _called_back(self) -> CallBackReturned | CallBackRaised:
        """The judge's answer. Until it comes, the judge may call functions of the student's."""
        while True:
            message = from_wire(self._channel.receive(), CallBackReturned, CallBackRaised, Call)
            if not isinstance(message, Call):
                return message
            self._asking = False
            try:
                answer: Message = self._call(message.number, message.args, message.kwargs)
            finally:
                self._asking = True
            try:
                self._channel.send(answer.to_wire())
            except RefusedValue as refusal:
                self._channel.send(Refused(refusal.what).to_wire())


def _changes(value: Any) -> Any:
    """The state of a model, to see whether a function changed it: it is sent back only then, since that is slow.

    None for anything but a Keras model.
    """
    if "keras" not in sys.modules or not isinstance(value, sys.modules["keras"].Model):
        return None
    from autograder.sandbox.wire import keras_models  # noqa: PLC0415, Keras is already imported here

    try:
        return keras_models.changes_of(value)
    except Exception:  # the function may have left the model in any state
        return None


def _look_again() -> None:
    """Refresh the import system's view of the working directory, in case an earlier cell has just written a module."""
    with contextlib.suppress(OSError):
        finder = sys.path_importer_cache.get(os.getcwd())
        if finder is not None and hasattr(finder, "invalidate_caches"):
            finder.invalidate_caches()


def _changeable(value: Any) -> Any:
    return value if type(value) in _CHANGEABLE else None
