"""Lists, dicts and arrays that a test and the student's objects both hold: a change on one side reaches the other.

A value crosses as a copy. Where the student's code keeps the original, as an attribute or in a list, the copy and the
original are one thing to a test, which may append to `account.history` or change a list after handing it over. Such a pair
has a number; with each call the two sides tell each other what has changed since.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.errors import MalformedFrame, RefusedValue
from autograder.execution.effects.arguments import CHANGEABLE, bring_back
from autograder.sandbox.wire import FrameLimits, Own
from autograder.sandbox.wire.codec import encode

MAX_SHARED = 64  # the latest ones
LIMITS = FrameLimits(head_bytes=2**18, body_bytes=2**18)  # larger ones are not kept alike


def can_be_shared(value: Any) -> bool:
    """Whether a value is of a kind that is kept alike."""
    return type(value) in CHANGEABLE and (type(value) is not np.ndarray or value.nbytes <= LIMITS.body_bytes)


class Shared:
    """One side's half of the values that both sides hold, by their numbers.

    Args:
        register: as for `encode`.
    """

    def __init__(self, register: Callable[[Any], Any]) -> None:
        self._register = register
        self._things: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}  # by `id`
        self._told: dict[int, bytes] = {}

    def add(self, number: int, thing: Any) -> Any:
        """Keep a value alike from now on; returns the one that is kept already, with its changes, if there is one."""
        known = self._things.get(number)
        if known is not None and type(known) is type(thing):
            bring_back(known, thing)
            thing = known
        digest = self._digest(thing)
        if digest:
            self._things[number], self._numbers[id(thing)], self._told[number] = thing, number, digest
            while len(self._things) > MAX_SHARED:
                self._forget(next(iter(self._things)))
        return thing

    def holds(self, value: Any) -> bool:
        return id(value) in self._numbers

    def own(self, value: Any) -> Any:
        """What is sent for an argument: a reference, if the other side has the value."""
        number = self._numbers.get(id(value))
        return value if number is None else Own(number)

    def changes(self) -> dict[int, Any]:
        """The values that have changed since the other side was last told, by number."""
        changed = {}
        for number, thing in list(self._things.items()):
            digest = self._digest(thing)
            if not digest:
                self._forget(number)
            elif digest != self._told[number]:
                changed[number], self._told[number] = thing, digest
        return changed

    def take(self, changed: dict) -> None:
        """Take over changes of the other side. Raises MalformedFrame for a value that is not shared, or of another type."""
        for number, value in changed.items():
            known = self._things.get(number) if type(number) is int else None
            if known is None or type(known) is not type(value):
                raise MalformedFrame("expected changes to values that both sides have.")
            bring_back(known, value)
            self._told[number] = self._digest(known)

    def _digest(self, thing: Any) -> bytes:
        """The value as bytes; empty for one that is too large, or cannot be sent any more."""
        try:
            head, body = encode(thing, LIMITS, self._register)
        except RefusedValue:
            return b""
        return head + b"".join(body)

    def _forget(self, number: int) -> None:
        self._numbers.pop(id(self._things.pop(number)), None)
        self._told.pop(number, None)
