"""Finds which known misconception a wrong answer has. Runs in the judge and calls the student's function by its proxy.

The test cell is run once more with checks that only record what they would call. The student's answer and every known
misconception are then called with these arguments, and with new ones of the same kind; a misconception that differs
once from the student's answer is ruled out. A call whose result depends on chance rules nothing out.
"""

from __future__ import annotations

import contextlib
import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

import convlab.checks
import convlab.describe
from convlab.models import compiled_of, layers_of

MAX_CALLS = 60
RTOL, ATOL = 1e-3, 1e-4


@dataclass(frozen=True)
class Call:
    """A call that a check would make.

    Args:
        function: None for the exercise's function itself; otherwise a function of the test cell that uses it.
        args, kwargs: its arguments.
        of: what the check applies to the result before it compares it; None for nothing.
    """

    function: Callable | None
    args: tuple
    kwargs: dict
    of: Callable | None

    @property
    def by_chance(self) -> bool:
        """Whether the result may depend on chance, as that of a Keras model with dropout does."""
        return any(hasattr(value, "layers") for value in self.args)


def diagnose(exercise: str, source: str, student: Callable, known: list[dict[str, str]], seconds: float) -> str:
    """The help of the only misconception that gives the same answers as the student's function; "" if there is none.

    Args:
        exercise: the function's name.
        source: the text of the test cell.
        student: the student's function.
        known: the known misconceptions, as `Answer.as_dict` returns them.
        seconds: the time limit; "" is returned once it has passed.
    """
    end = time.monotonic() + seconds
    namespace, calls = _recorded(exercise, source)
    if not calls:
        return ""
    answer = _Caller(exercise, namespace, student)
    left = {entry["help"]: _Caller(exercise, namespace, _function(exercise, entry["code"])) for entry in known}
    for call in [*calls, *_fresh(calls)][:MAX_CALLS]:
        if not left or time.monotonic() > end:
            return ""
        outcome = answer.outcome(call)
        if call.by_chance and not alike(outcome, answer.outcome(call)):
            continue
        left = {text: other for text, other in left.items() if _may_be(outcome, other, call)}
    return next(iter(left)) if len(left) == 1 else ""


def _may_be(outcome: Any, other: _Caller, call: Call) -> bool:
    found = other.outcome(call)
    return alike(outcome, found) or (call.by_chance and not alike(found, other.outcome(call)))


def _function(exercise: str, code: str) -> Callable:
    namespace: dict[str, Any] = {}
    exec(code, namespace)
    return namespace[exercise]


def _recorded(exercise: str, source: str) -> tuple[dict[str, Any], list[Call]]:
    """Run a test cell with recording checks; returns its namespace and the calls that its checks would make."""
    calls: list[Call] = []

    def placeholder(*args: Any, **kwargs: Any) -> None:
        """Record a call that the test makes itself, without a check; the test cannot go on after it."""
        calls.append(Call(None, args, kwargs, None))
        raise AssertionError

    def check(function: Callable, *args: Any, of: Callable | None = None, **options: Any) -> None:
        kwargs = {
            key: value
            for key, value in options.items()
            if key not in ("gives", "hint", "rtol", "atol", "raises", "because")
        }
        calls.append(Call(None if function is placeholder else function, args, kwargs, of))

    namespace: dict[str, Any] = {exercise: placeholder}
    kept = convlab.checks.check, convlab.checks.check_error
    convlab.checks.check = convlab.checks.check_error = check
    try:
        with contextlib.suppress(AssertionError):
            exec(source, namespace)
    finally:
        convlab.checks.check, convlab.checks.check_error = kept
    return namespace, calls


def _fresh(calls: list[Call]) -> Iterator[Call]:
    """The same calls with different numbers."""
    rng = np.random.default_rng(0)
    for call in calls:
        if call.args and not call.by_chance:  # other numbers seldom tell more about a model, and each call copies it
            args = tuple(_other_numbers(value, rng) for value in call.args)
            yield Call(call.function, args, call.kwargs, call.of)


def _other_numbers(value: Any, rng: np.random.Generator) -> Any:
    if type(value) is int:
        return value + 1
    if type(value) is float:
        return value * 0.75
    if type(value) is not np.ndarray or not value.size:
        return value
    if value.dtype.kind == "f":
        return (value.mean() + (value.std() or 1) * rng.normal(size=value.shape)).astype(value.dtype)
    return rng.permutation(value.ravel()).reshape(value.shape)


class _Caller:
    """Makes the calls with one answer. A call without arguments, such as one that builds a model, is made only once."""

    def __init__(self, exercise: str, namespace: dict[str, Any], function: Callable) -> None:
        self._exercise, self._namespace, self._function = exercise, namespace, function
        self._built: Any = None

    def outcome(self, call: Call) -> Any:
        """The result of a call, or the type of the exception that it raised, for comparison by `alike`."""
        try:
            result = self._result(call)
            return call.of(result) if call.of else result
        except Exception as error:
            return type(error)

    def _result(self, call: Call) -> Any:
        self._namespace[self._exercise] = self._function
        args, kwargs = copy.deepcopy((call.args, call.kwargs))
        if args or kwargs or call.function:
            return (call.function or self._function)(*args, **kwargs)
        if self._built is None:
            self._built = self._function()
        return self._built


def alike(one: Any, other: Any) -> bool:
    """Whether two outcomes are the same answer: of the same kind, and equal up to rounding."""
    one, other = convlab.describe.plain(one), convlab.describe.plain(other)
    if isinstance(one, (tuple, list)) and isinstance(other, (tuple, list)):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, type) or isinstance(other, type):
        return one is other
    if hasattr(one, "layers") and hasattr(other, "layers"):
        return all(look(one) == look(other) for look in (layers_of, compiled_of))
    if isinstance(one, (str, type(None))) or isinstance(other, (str, type(None))):
        return type(one) is type(other) and one == other
    try:
        one, other = np.asarray(one), np.asarray(other)
        same_kind = one.shape == other.shape and (one.dtype.kind in "iu") == (other.dtype.kind in "iu")
        return bool(same_kind and np.allclose(one, other, rtol=RTOL, atol=ATOL, equal_nan=True))
    except (TypeError, ValueError):
        return False
