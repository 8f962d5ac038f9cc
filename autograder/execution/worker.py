"""The worker process: runs a student's cells and calls the student's functions on request, inside the walls.

It sees no test but the one that is judged together, as the last thing it does. Requests and answers are those of `autograder.sandbox.wire.messages`; a value that cannot be sent
is answered with `Refused`.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import dataclasses
import inspect
import io
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, MethodType, MethodWrapperType, ModuleType, WrapperDescriptorType
from typing import Any

# What lessons import is imported here, before the fork, once for all submissions. No TensorFlow operation may run here.
# Fork servers with Keras import it before this module.
import matplotlib.figure
import matplotlib.font_manager
import matplotlib.pyplot  # noqa: F401
import matplotlib_inline.backend_inline
import numpy as np

from autograder.errors import ChannelError, RefusedValue
from autograder.execution.effects import Folder, Shared, Watching, bring_back
from autograder.execution.effects.arguments import is_changeable
from autograder.execution.effects.shared import can_be_shared
from autograder.execution.shell import learn, new_shell  # noqa: F401, the fork server calls `learn`
from autograder.sandbox.stand_ins import replace_processes
from autograder.sandbox.wire import Channel, Handle, Own
from autograder.sandbox.wire.exceptions import raised
from autograder.sandbox.wire.handles import (
    Iteration,
    Reference,
    describe_class,
    describe_function,
    describe_object,
    signature_of,
)
from autograder.sandbox.wire.messages import (
    Around,
    Call,
    CallBack,
    CallBackRaised,
    CallBackReturned,
    CallRaised,
    GetName,
    Lend,
    LookAround,
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

_REFERENCES = 2  # to a result that nobody keeps: a local variable and the argument of `getrefcount`
_END = object()  # not an item of any iterator, and not the value of any name
_FUNCTIONS = (FunctionType, BuiltinFunctionType, MethodType, MethodWrapperType, WrapperDescriptorType)
_OPERATIONS: dict[str, Callable] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "dir": dir,
    "source": inspect.getsource,
}


def main(sock: socket.socket) -> None:
    """The forked child's main function: answer requests until the judge closes the socket."""
    # As in Jupyter, modules beside the notebook can be imported and come first. The worker's own are imported already.
    sys.path.insert(0, "")
    replace_processes()
    Worker(sock).serve()


class Worker:
    """Answers a judge's requests in the student's namespace."""

    def __init__(self, sock: socket.socket) -> None:
        self._objects: list[Any] = []  # everything that the judge has a reference to, by its number
        self._numbers: dict[int, int] = {}  # the numbers by `id`; nothing is ever removed, so ids stay valid
        self._borrowed: dict[Callable, int] = {}  # the judge's functions, with their numbers there
        self._lent: dict[int, Callable] = {}  # and the other way round
        self._replaced: dict[str, Any] = {}  # the student's objects whose names stand for others now
        self._channel = Channel(sock, register=self._register, adopt=self._adopt)
        self._shell = SHELL
        self._folder = Folder(Path.cwd())
        self._shared = Shared(self._register)
        self._calls = 0  # of the judge's, that are being answered
        self._busy = self._asking = self._interrupt = False

    def _number(self, value: Any) -> int:
        """The number of an object, the same each time, so that one object stays one in the judge."""
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self._objects)
            self._objects.append(value)
        return number

    def _register(self, value: Any) -> Reference | None:
        """What is sent for an object that stays here."""
        if type(value) is FunctionType and value in self._borrowed:
            return Own(self._borrowed[value])
        try:
            if isinstance(value, type):
                return describe_class(value, self._number)
            keras = str(type(value).__module__).startswith(("keras", "tensorflow"))
            if type(value) in _FUNCTIONS or (keras and callable(value)):
                return describe_function(value, self._number(value))
            return None if isinstance(value, ModuleType) else describe_object(value, self._number)
        except Exception:  # its class may be anybody's
            return None

    def _adopt(self, reference: Any) -> Any:
        """What stands here for a reference of the judge's."""
        if type(reference) is Own:
            return self._objects[reference.number]
        if type(reference) is Handle:
            return self._borrow(reference)
        if type(reference) is Iteration:
            return iter(self._borrow(Handle(reference.number, "next", None)), _END)
        raise RefusedValue("an object of this kind cannot be handed to the notebook.")

    def serve(self) -> None:
        signal.signal(signal.SIGINT, self._interrupted)
        while True:
            try:
                request = from_wire(
                    self._channel.receive(), PutFile, RunCell, GetName, Call, Lend, LookAround, RunTogether
                )
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

    def _answer(self, request: PutFile | RunCell | GetName | Call | Lend | LookAround | RunTogether) -> Message:
        match request:
            case RunCell(source):
                return self._run(source)
            case GetName(variable):
                return self._get(variable)
            case Call():
                return self._call(request)
            case LookAround(around):
                with Watching(self._folder, around) as watching:
                    return Around(watching.found())
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

    def _call(self, request: Call) -> Returned | CallRaised:
        args, kwargs = request.args, request.kwargs
        self._shared.take(request.changes)
        values = (*args, *kwargs.values())
        before = {id(value): _changes(value) for value in values}
        alike = [self._shared.holds(value) for value in values]
        counts = _references(values)
        busy, self._busy = self._busy, True
        self._calls += 1
        result = error = None
        watching = Watching(self._folder, request.around) if request.around else None
        try:
            with watching or contextlib.nullcontext():
                result = self._operation(request)(*args, **kwargs)
        except BaseException as caught:  # any exception of the student's function is a valid answer
            error = raised(caught)
        finally:
            self._busy = busy
            self._calls -= 1
        # With more references than before the call, the student's code keeps a value.
        more = [after - before for before, after in zip(counts, _references(values), strict=True)]
        kept = [count > _held_by(result, value) for value, count in zip(values, more, strict=True)]
        shared = [self._share(value) if one else -1 for value, one in zip(values, kept, strict=True)]
        after = {
            id(value): value if _changes(value) != before[id(value)] or (is_changeable(value) and not held) else None
            for value, held in zip(values, alike, strict=True)
        }
        changed = tuple(after[id(value)] for value in args), {name: after[id(value)] for name, value in kwargs.items()}
        if error is not None:
            held = (-1, *shared) if any(kept) else ()
            around = watching.found() if watching else {}
            return CallRaised(error, *changed, around, held, self._shared.changes())
        same = next((n for n, value in enumerate(args) if value is result and is_changeable(value)), -1)
        own = self._share(result) if same < 0 and sys.getrefcount(result) > _REFERENCES else -1
        around = watching.found() if watching else {}
        sent = None if same >= 0 else result
        held = (own, *shared) if own >= 0 or any(kept) else ()
        return Returned(sent, *changed, same, around, held, self._shared.changes())

    def _share(self, value: Any) -> int:
        """Keep a value alike on both sides, if it is of such a kind; returns its number, else -1."""
        if not can_be_shared(value):
            return -1
        number = self._number(value)
        self._shared.add(number, value)
        return number if self._shared.holds(value) else -1

    def _operation(self, request: Call) -> Callable:
        """The function that does what the judge asks for with an object."""
        thing, name = self._objects[request.number], request.of
        match request.operation:
            case "call":
                return thing
            case "get":
                return lambda: getattr(thing, name)
            case "set":
                return lambda value: setattr(thing, name, value)
            case "delete":
                return lambda: delattr(thing, name)
            case "special":
                return lambda *args: _special(thing, name, args)
            case "send":
                return thing.__self__.send
            case "inspect":
                return lambda: bool(getattr(inspect, name)(thing))
            case "dataclasses":
                return partial(getattr(dataclasses, name), thing)
            case "await":
                return lambda: asyncio.new_event_loop().run_until_complete(thing)
        return partial(_OPERATIONS[request.operation], thing)

    # --- functions of the judge's

    def _lend(self, objects: dict) -> Ran:
        names = self._shell.user_ns
        for name, own in self._replaced.items():
            names.pop(name, None)
            names.update({name: own} if own is not _END else {})
        self._replaced = {name: names.get(name, _END) for name in objects}
        names.update(objects)
        return Ran(b"[]")

    def _borrow(self, handle: Handle) -> Callable:
        number, name = handle.number, handle.name
        if number in self._lent:
            return self._lent[number]

        def function(*args: Any, **kwargs: Any) -> Any:
            return self._call_back(name, CallBack(number, args, kwargs))

        function.__name__ = function.__qualname__ = name
        function.__doc__ = handle.doc
        if (signature := signature_of(handle)) is not None:
            function.__signature__ = signature  # type: ignore[attr-defined] # `inspect` looks for it
        self._borrowed[function], self._lent[number] = number, function
        return function

    def _call_back(self, name: str, request: CallBack) -> Any:
        if not self._calls or threading.current_thread() is not threading.main_thread():
            raise RuntimeError(f"{name} belongs to a test, which is not running, or another thread called it.")
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
        for before, after in zip(request.args, answer.args, strict=False):
            bring_back(before, after)
        return answer.value

    def _called_back(self) -> CallBackReturned | CallBackRaised:
        """The judge's answer. Until it comes, the judge may call functions of the student's."""
        while True:
            message = from_wire(self._channel.receive(), CallBackReturned, CallBackRaised, Call)
            if not isinstance(message, Call):
                return message
            self._asking = False
            try:
                answer: Message = self._call(message)
            finally:
                self._asking = True
            try:
                self._channel.send(answer.to_wire())
            except RefusedValue as refusal:
                self._channel.send(Refused(refusal.what).to_wire())


def _references(values: tuple) -> list[int]:
    """How many references there are to each value, always counted in the same way."""
    return [sys.getrefcount(value) for value in values]


def _held_by(result: Any, value: Any) -> int:
    """How many references to a value there are because of a result: it is the value, or a view of the array."""
    if result is value:
        return 1
    parts = result if type(result) in (list, tuple) else (result,)
    return sum(part is value or (type(part) is np.ndarray and part.base is value) for part in parts)


def _special(thing: Any, name: str, args: tuple) -> Any:
    """Apply a special method as Python does, which looks it up in the object's class."""
    if name in ("__str__", "__repr__"):
        return str(thing) if name == "__str__" else repr(thing)
    return getattr(type(thing), name)(thing, *args)


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
