"""The judge's conversation with the worker: requests within a time limit, and what can go wrong with them.

Everything that the worker sends is treated as hostile. Once it is lost, every further request is refused.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Generator, Iterable
from typing import Any, overload

from autograder.errors import ChannelError, ChannelTimeout, MalformedFrame, RefusedValue
from autograder.execution.effects import Shared, TestSide, bring_back
from autograder.execution.effects.shared import can_be_shared
from autograder.execution.given import Given
from autograder.execution.judging.callbacks import Callbacks
from autograder.execution.judging.objects import Objects
from autograder.execution.judging.proxies import number_of
from autograder.notebooks.status import Status
from autograder.sandbox import Process
from autograder.sandbox.process import ProcessReport
from autograder.sandbox.wire import Channel, Handle, Own
from autograder.sandbox.wire.exceptions import raised
from autograder.sandbox.wire.handles import ClassHandle, Iteration, ObjectHandle, Reference, describe_function
from autograder.sandbox.wire.messages import (
    A,
    Around,
    B,
    Call,
    CallBack,
    CallBackRaised,
    CallRaised,
    LookAround,
    Message,
    RanTogether,
    Refused,
    Returned,
    RunTogether,
    from_wire,
)
from convlab.checks import CheckError

# The status of a notebook by the reason for which its worker process ended.
ENDED = {
    "memory": Status.OUT_OF_MEMORY,
    "wall_time": Status.TIMEOUT,
    "cpu_time": Status.TIMEOUT,
    "lost": Status.LOST,
}
END_SECONDS = 2.0  # how long to wait for the report on a killed worker
GRACE_SECONDS = 3.0  # between interrupting a cell and killing its process


class WorkerLost(Exception):
    """The worker process is gone, or has been given up."""


class Conversation:
    """Requests to one worker and its answers, with the functions of tests that it may call meanwhile.

    Args:
        worker: the process that runs the student's cells.
        cell_seconds, total_seconds: wall time limits for one cell (a test cell, too) and for all together.
        given: what the course's own notebook says about names.
        protected: the course's own files, as for `TestSide`.

    Attributes:
        side: what the test that is running has around it.
        objects: the stand-ins for the worker's objects.
        deadline: until when an answer may take.
        lost: how the worker process ended, once it is gone.
        timed_out, timed_out_now: whether something was stopped at its time limit: ever, and by the latest request.
        why: why the worker was given up, for the log.
    """

    def __init__(
        self,
        worker: Process,
        cell_seconds: float,
        total_seconds: float,
        given: Given | None = None,
        protected: Iterable[str] = (),
    ) -> None:
        self.callbacks = Callbacks()
        self.side = TestSide(protected)
        self.cell_seconds = cell_seconds
        self.end_of_all = time.monotonic() + total_seconds
        self.deadline = self.end_of_all
        self.timed_out = self.timed_out_now = False
        self.lost: Status | None = None
        self.why = ""
        self._worker = worker
        self._channel = Channel(worker.data, register=self._register, adopt=self._adopt)
        self.objects = Objects(self, given or Given())
        self._shared = Shared(self._register)
        self._refusal: RefusedValue | None = None  # of an object in the message that is being read
        self._ended: ProcessReport | None = None

    @property
    def status(self) -> Status:
        """How the run ended."""
        return self.lost or (Status.TIMEOUT if self.timed_out else Status.GRADED)

    def begin(self) -> None:
        """Give what comes next the time of one cell."""
        self.deadline = min(time.monotonic() + self.cell_seconds, self.end_of_all)

    @overload
    def ask(self, request: Message, a: type[A], /) -> A: ...
    @overload
    def ask(self, request: Message, a: type[A], b: type[B], /) -> A | B: ...
    def ask(self, request: Message, *expected: type[Message]) -> Message:
        """Send a request and return its answer, within the cell's time limit. Raises WorkerLost, RefusedValue."""
        self.timed_out_now = False
        if self.lost:
            raise WorkerLost
        waiting, self.callbacks.waiting = self.callbacks.waiting, True
        try:
            self._channel.send(request.to_wire(), timeout=max(self.deadline - time.monotonic(), 0.01))
            return self._answer(expected)
        except RefusedValue:
            raise
        except MalformedFrame as error:
            self._give_up(Status.KILLED, "it violated the protocol")
            raise WorkerLost from error
        except ChannelTimeout as error:
            self.timed_out = True
            self._give_up(Status.TIMEOUT, "it did not finish in time, not even after an interrupt")
            raise WorkerLost from error
        except ChannelError as error:
            self._give_up(Status.KILLED, "it ended before it answered")
            raise WorkerLost from error
        finally:
            self.callbacks.waiting = waiting

    def run_together(self, source: str) -> bytes:
        """Have a test run in the notebook's own process; its outputs as JSON. Raises WorkerLost, RefusedValue."""
        request = RunTogether(source, secrets.token_bytes(16))
        answer = self.ask(request, RanTogether)
        if answer.token != request.token:  # written ahead by the notebook
            self._give_up(Status.KILLED, "it violated the protocol")
            raise WorkerLost
        return answer.outputs

    def _answer(self, expected: tuple[type[Message], ...]) -> Message:
        kinds: tuple[type[Message], ...] = (Refused, *expected)
        if Returned in expected and self.callbacks:
            kinds = (*kinds, CallBack)
        deadline, interrupted = self.deadline, False
        while True:
            try:
                message = from_wire(self._channel.receive(max(deadline - time.monotonic(), 0.01)), *kinds)
            except ChannelTimeout:
                if interrupted:
                    raise
                # Interrupt first, as Jupyter's stop button does; a cell that ignores it is killed with its process.
                self.timed_out = self.timed_out_now = interrupted = True
                self.why = "a cell was stopped at its time limit"
                self._worker.interrupt()
                deadline = time.monotonic() + GRACE_SECONDS
                continue
            refusal, self._refusal = self._refusal, None
            if isinstance(message, Refused):
                raise RefusedValue(message.why[:2_000])
            if isinstance(message, CallBack):
                self._call_back(message, deadline, refusal)
            elif refusal:
                raise refusal
            else:
                return message

    def _call_back(self, request: CallBack, deadline: float, refusal: RefusedValue | None) -> None:
        """Call a function of the test's for the worker, and send what it returned or raised."""
        if refusal:
            refused = CallBackRaised(raised(TypeError(refusal.what)))
            self._channel.send(refused.to_wire(), max(deadline - time.monotonic(), 0.01))
            return
        answer = self.callbacks.answer(request, self.deadline)
        if self.lost:  # it called a function of the student's in turn
            raise WorkerLost
        if time.monotonic() >= self.deadline:
            self.timed_out = self.timed_out_now = True
        left = max(deadline - time.monotonic(), 0.01)
        try:
            self._channel.send(answer.to_wire(), left)
        except RefusedValue as error:
            self._channel.send(CallBackRaised(raised(TypeError(error.what))).to_wire(), left)

    def _give_up(self, status: Status, why: str) -> None:
        """Kill the worker and set the status; if it had already ended, the fork server's report says how."""
        self._ended = self._worker.ended(0.5) if status is Status.KILLED else None
        self.lost = ENDED.get(self._ended.reason, status) if self._ended else status
        self.why = why
        self._worker.kill()

    def end(self) -> ProcessReport:
        """Kill the worker if it has not ended yet; returns how it ended."""
        if self._ended is None:
            self._worker.kill()
            self._ended = self._worker.ended(END_SECONDS)
        return self._ended or ProcessReport("lost")

    def _register(self, value: Any) -> Reference | None:
        """What is sent for an object that stays here: a function of the test's, or what stands for one of the worker's."""
        number = number_of(value)
        if number is not None:
            return Own(number)
        if callable(value) and not isinstance(value, type):
            return describe_function(value, self.callbacks.offer(value))
        return None

    def _adopt(self, reference: Any) -> Any:
        """What a test gets for a reference of the worker's."""
        match reference:
            case Handle():
                return self.objects.adopt_function(reference)
            case Own(number):
                return self.callbacks.get(number)
            case Iteration(number):
                return self._items(number)
            case ClassHandle():
                return self.objects.adopt_class(reference)
            case ObjectHandle(number, kind) if (kind.name, kind.module) == ("CoroutineType", "types"):
                return self._awaited(number)
            case ObjectHandle():
                try:
                    return self.objects.adopt_object(reference)
                except RefusedValue as refusal:
                    self._refusal = refusal  # once it is known what the message is
                    return None
        raise MalformedFrame("the worker sent a reference of an unknown kind.")

    async def _awaited(self, number: int) -> Any:
        """A coroutine of the student's, which the worker runs to its end when the test awaits it."""
        return self.do(number, "a coroutine", "await", "", (), {})

    def _items(self, number: int) -> Generator[Any, Any, None]:
        """Iterate over an iterator of the student's item by item, since it may be endless."""
        sent = None
        while True:
            operation, args = ("call", ()) if sent is None else ("send", (sent,))
            try:
                item = self.do(number, "an iterator", operation, "", args, {})
            except StopIteration:
                return
            sent = yield item

    def look_around(self) -> None:
        """Before a test: exchange what the student's cells and earlier tests have changed around them."""
        if "files" in self.side.watch:
            self.side.after(self.ask(LookAround({"files": self.side.before()["files"]}), Around).around)

    def do(self, number: int, label: str, operation: str, name: str, args: tuple, kwargs: dict) -> Any:
        """Have the worker do something with one of its objects, by default call it.

        Changes that it makes to its arguments are applied to the caller's objects. An exception that it raises is
        rebuilt and raised here.

        Args:
            number: the object's number.
            label: what messages call it.
            operation, name: as in `Call`.

        Raises:
            CheckError: there was no answer; the message says why.
        """
        self.callbacks.begin_call()
        values = (*args, *kwargs.values())
        own = self._shared.own
        around = self.side.before() if self.side.watch else {}
        try:
            changes = self._shared.changes()
            sent = tuple(map(own, args)), {key: own(value) for key, value in kwargs.items()}
            with self.objects.answering(number, label, values) if operation == "call" else contextlib.nullcontext():
                request = Call(number, *sent, operation, name, around, changes)
                answer = self.ask(request, Returned, CallRaised)
            if self.side.watch:
                self.side.after(answer.around)
            result = self._taken(answer, values)
        except WorkerLost:
            said = {Status.TIMEOUT: "did not finish in time", Status.OUT_OF_MEMORY: "exceeded the memory limit"}
            raise CheckError(f"{label} {said.get(self.status, 'ended the whole process')}.") from None
        except MalformedFrame as error:
            self._give_up(Status.KILLED, f"it violated the protocol: {error}")
            raise CheckError(f"{label} ended the whole process.") from None
        except RefusedValue as refusal:
            raise CheckError(f"{label}: {refusal.what}") from None
        if self.timed_out_now:
            raise CheckError(f"{label} was stopped after {self.cell_seconds:g} s: it did not finish in time.")
        if isinstance(answer, CallRaised):
            raise answer.error.rebuild()
        return args[answer.same] if 0 <= answer.same < len(args) else result

    def _taken(self, answer: Returned | CallRaised, values: tuple) -> Any:
        """Apply all changes that came with an answer; returns the result. Raises MalformedFrame."""
        shared = answer.shared or (-1,) * (len(values) + 1)
        if len(shared) != len(values) + 1 or any(type(number) is not int for number in shared):
            raise MalformedFrame("expected a number for the result and each argument.")
        for value, after in zip(values, (*answer.args, *answer.kwargs.values()), strict=False):
            bring_back(value, after)
        for value, number in zip(values, shared[1:], strict=True):
            if number >= 0 and can_be_shared(value):
                self._shared.add(number, value)
        self._shared.take(answer.changes)
        result = answer.value if isinstance(answer, Returned) else None
        number = shared[0]
        return self._shared.add(number, result) if number >= 0 and can_be_shared(result) else result
