"""The functions of the judge's own that a worker may call: those that a test handed to the student's function.

Only their numbers cross. They can be called while a function of the student's runs for the same test, since an object
may keep one and call it later. A worker that names a number that was never given, or asks at another time, has broken the
protocol.
"""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

from autograder.errors import MalformedFrame
from autograder.execution.effects.arguments import CHANGEABLE
from autograder.sandbox.wire.exceptions import raised
from autograder.sandbox.wire.messages import CallBack, CallBackRaised, CallBackReturned

MAX_CALLS = 100_000  # while one function of the student's runs
MAX_DEPTH = 8  # levels of calls from judge to worker to judge
RETRY_SECONDS = 0.1


class TimeIsUp(BaseException):
    """Ends a function of the judge's at the time limit; no function catches it by accident."""


class Callbacks:
    """The functions that the worker may call now, by number, and limits on how often and how long it may."""

    def __init__(self) -> None:
        self._functions: dict[int, Callable] = {}
        self._numbers: dict[int, int] = {}  # by `id`
        self._number = self._calls = self._depth = 0
        self._armed = False
        self.waiting = False  # whether the judge reads or writes a frame, which the alarm must not cut in two
        self.refused = False  # whether a call was refused since it went over a limit

    def __bool__(self) -> bool:
        """Whether any function was ever offered."""
        return self._number > 0

    def offer(self, function: Callable) -> int:
        """Offer a function until the end of the current scope; returns its number, the same each time."""
        number = self._numbers.get(id(function))
        if number is None or self._functions.get(number) is not function:
            self._number += 1
            number = self._numbers[id(function)] = self._number
            self._functions[number] = function
        return number

    def get(self, number: int) -> Callable:
        """The function with a number, or one that says that its test is over. Raises MalformedFrame if it never was."""
        if not 0 < number <= self._number:
            raise MalformedFrame("the worker names a function that it was not given.")
        return self._functions.get(number, _over)

    def begin_call(self) -> None:
        """Count the worker's calls from 0, unless it is answering one of ours already."""
        if not self._depth:
            self._calls = 0

    @contextlib.contextmanager
    def scope(self) -> Iterator[None]:
        """Functions that are offered inside are offered no longer after it."""
        before = dict(self._functions)
        try:
            yield
        finally:
            self._functions = before

    def answer(self, request: CallBack, deadline: float) -> CallBackReturned | CallBackRaised:
        """Call a function for the worker. `deadline` is when the function is ended, by `time.monotonic`.

        Raises:
            MalformedFrame: the function was never offered.
        """
        function = self.get(request.number)
        waiting, self.waiting = self.waiting, False
        self._calls += 1
        self._depth += 1
        try:
            self._refuse_beyond_limits(deadline)
            self._arm(deadline)
            value = function(*request.args, **request.kwargs)
            return CallBackReturned(value, tuple(arg if type(arg) in CHANGEABLE else None for arg in request.args))
        except TimeIsUp:
            self.refused = True
            return CallBackRaised(raised(TimeoutError("this call did not finish in time.")))
        except Exception as error:  # whatever it raises is the answer
            return CallBackRaised(raised(error))
        finally:
            self._armed = False
            self._depth -= 1
            if self._depth:
                self._arm(deadline)
            else:
                signal.setitimer(signal.ITIMER_REAL, 0)
            self.waiting = waiting

    def _refuse_beyond_limits(self, deadline: float) -> None:
        if time.monotonic() >= deadline:
            raise TimeIsUp
        if self._calls > MAX_CALLS or self._depth > MAX_DEPTH:
            self.refused = True
            raise RecursionError("this function was called too often.")

    def _arm(self, deadline: float) -> None:
        self._armed = True
        signal.signal(signal.SIGALRM, self._alarm)
        # Repeated, since an alarm that comes while a frame is read does nothing.
        signal.setitimer(signal.ITIMER_REAL, max(deadline - time.monotonic(), 0.01), RETRY_SECONDS)

    def _alarm(self, *_: object) -> None:
        if self._armed and not self.waiting:
            raise TimeIsUp


def _over(*_: Any, **__: Any) -> None:
    raise RuntimeError("this function belongs to a test that is over.")
