"""The judge's conversation with the worker: requests within a time limit, and what can go wrong with them.

Everything that the worker sends is treated as hostile. Once it is lost, every further request is refused.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from typing import Any, overload

from autograder.errors import ChannelError, ChannelTimeout, MalformedFrame, RefusedValue
from autograder.execution.judging.callbacks import Callbacks
from autograder.execution.judging.proxies import Proxy, bring_back
from autograder.notebooks.status import Status
from autograder.sandbox import Process
from autograder.sandbox.process import ProcessReport
from autograder.sandbox.wire import Channel, Handle, Iteration
from autograder.sandbox.wire.exceptions import raised
from autograder.sandbox.wire.messages import (
    A,
    B,
    Call,
    CallBack,
    CallBackRaised,
    CallRaised,
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

    Attributes:
        deadline: until when an answer may take.
        lost: how the worker process ended, once it is gone.
        timed_out, timed_out_now: whether something was stopped at its time limit: ever, and by the latest request.
        why: why the worker was given up, for the log.
    """

    def __init__(self, worker: Process, cell_seconds: float, total_seconds: float) -> None:
        self.callbacks = Callbacks()
        self.cell_seconds = cell_seconds
        self.end_of_all = time.monotonic() + total_seconds
        self.deadline = self.end_of_all
        self.timed_out = self.timed_out_now = False
        self.lost: Status | None = None
        self.why = ""
        self._worker = worker
        self._channel = Channel(worker.data, register=self.callbacks.offer)
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
            if isinstance(message, Refused):
                raise RefusedValue(message.why[:2_000])
            if not isinstance(message, CallBack):
                return message
            self._call_back(message, deadline)

    def _call_back(self, request: CallBack, deadline: float) -> None:
        """Call a function of the test's for the worker, and send what it returned or raised."""
        answer = self.callbacks.answer(request, self.proxy, self.deadline)
        if self.lost:  # it called a function of the student's in turn
            raise WorkerLost
        if time.monotonic() >= self.deadline:
            self.timed_out = self.timed_out_now = True
        left = max(deadline - time.monotonic(), 0.01)
        try:
            self._channel.send(answer.to_wire(), left)
        except RefusedValue as refusal:
            self._channel.send(CallBackRaised(raised(TypeError(refusal.what))).to_wire(), left)

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

    def proxy(self, value: Any) -> Any:
        """What a test sees of a received value: handles inside it as proxies."""
        if type(value) is Handle:
            # A function of our own comes back with its number negative.
            return self.callbacks.get(-value.number) or Proxy(self, value)
        if type(value) is Iteration:
            return self._items(Handle(value.number, "an iterator", ()))
        if type(value) is list:
            return [self.proxy(item) for item in value]
        if type(value) is tuple:
            return tuple(self.proxy(item) for item in value)
        if type(value) is dict:
            return {key: self.proxy(item) for key, item in value.items()}
        return value

    def _items(self, handle: Handle) -> Iterator[Any]:
        """Iterate over an iterator of the student's item by item, since it may be endless."""
        while True:
            try:
                item = self.call(handle, (), {})
            except StopIteration:
                return
            yield item

    def call(self, handle: Handle, args: tuple, kwargs: dict) -> Any:
        """Call a function of the student's; changes that it makes to its arguments are applied to the caller's objects.

        An exception that the function raises is rebuilt and raised here.

        Raises:
            CheckError: the function gave no answer; the message says why.
        """
        with self.callbacks.scope():
            return self._call(handle, args, kwargs)

    def _call(self, handle: Handle, args: tuple, kwargs: dict) -> Any:
        try:
            answer = self.ask(Call(handle.number, args, kwargs), Returned, CallRaised)
        except WorkerLost:
            said = {Status.TIMEOUT: "did not finish in time", Status.OUT_OF_MEMORY: "exceeded the memory limit"}
            raise CheckError(f"{handle.name} {said.get(self.status, 'ended the whole process')}.") from None
        except RefusedValue as refusal:
            raise CheckError(f"{handle.name}: {refusal.what}") from None
        if self.timed_out_now:
            raise CheckError(f"{handle.name} was stopped after {self.cell_seconds:g} s: it did not finish in time.")
        for before, after in zip(args, answer.args, strict=False):
            bring_back(before, self.proxy(after))
        for name, after in answer.kwargs.items():
            bring_back(kwargs.get(name), self.proxy(after))
        if isinstance(answer, CallRaised):
            raise answer.error.rebuild()
        return self.proxy(answer.value)
