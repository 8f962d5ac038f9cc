"""The functions of the judge's own that a worker may call: those that a test handed to the student's function.

Only their numbers cross, and only while the student's function runs. A worker that names another number, or asks at
another time, has broken the protocol.
"""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

from autograder.errors import MalformedFrame
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
        self._number = self._calls = self._depth = 0
        self._armed = False
        self.waiting = False  # whether the judge reads or writes a frame, which the alarm must not cut in two
        self.refused = False  # whether a call was refused since it went over a limit

    def __bool__(self) -> bool:
        return bool(self._functions)

    def offer(self, function: Callable) -> int:
        """Offer a function until the end of the current scope; returns its number."""
        self._number += 1
        self._functions[self._number] = function
        return self._number

    def get(self, number: int) -> Callable | None:
        """The function with a number; None if it is not offered now."""
        return self._functions.get(number)

    @contextlib.contextmanager
    def scope(self) -> Iterator[None]:
        """Functions that are offered inside are offered no longer after it."""
        before = dict(self._functions)
        if not self._depth:
            self._calls = 0
        try:
            yield
        finally:
            self._functions = before

    def answer(
        self, request: CallBack, own: Callable[[Any], Any], deadline: float
    ) -> CallBackReturned | CallBackRaised:
        """Call a function for the worker.

        Args:
            own: turns a received value into one that the function may use.
            deadline: when the function is ended, by `time.monotonic`.

        Raises:
            MalformedFrame: the function is not offered now.
        """
        function = self.get(request.number)
        if function is None:
            raise MalformedFrame("the worker calls a function that it was not given.")
        waiting, self.waiting = self.waiting, False
        self._calls += 1
        self._depth += 1
        try:
            self._refuse_beyond_limits(deadline)
            self._arm(deadline)
            return CallBackReturned(function(*own(request.args), **own(request.kwargs)))
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
