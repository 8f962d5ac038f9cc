"""The course's own functions, which stand in for a student's that failed its own test: one mistake costs once.

Their code stays in the judge. The student's function that calls one of them gets what it returns, or an error of the
same kind without the course's words.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterable
from typing import Any

from autograder.sandbox.wire import Raised
from autograder.sandbox.wire.exceptions import EXCEPTIONS


class Solutions:
    """The course's functions by name.

    Args:
        known: for each name the `grade_id` of its cell and its code, as from `course_solutions`.
    """

    def __init__(self, known: dict[str, dict[str, str]]) -> None:
        self._known = known
        self._functions: dict[str, Callable] = {}

    def tested_by(self, names: Iterable[str]) -> list[str]:
        """Of the names that a test uses, those that it is about: the ones of the last answer that it uses."""
        used = [name for name in self._known if name in names]
        return [name for name in used if self._known[name]["cell"] == self._known[used[-1]]["cell"]]

    def function(self, name: str) -> Callable:
        """The course's function, defined when it is first asked for. Raises whatever its code raises."""
        if name not in self._functions:
            namespace: dict[str, Any] = {"__name__": "__main__"}
            exec(self._known[name]["code"], namespace)
            self._functions[name] = namespace[name]
        return self._functions[name]


class StandIns:
    """Functions that stand in for the student's, and what became of them.

    `called` are the names of those that were called; `broken` says whether one could not be used at all.
    """

    def __init__(self, solutions: Solutions, names: Iterable[str]) -> None:
        self._solutions = solutions
        self.called: set[str] = set()
        self.broken = False
        self.functions = {name: self._function(name) for name in names}

    def _function(self, name: str) -> Callable:
        def stand_in(*args: Any, **kwargs: Any) -> Any:
            self.called.add(name)
            # What the course's function prints would be shown as output of the test.
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                try:
                    function = self._solutions.function(name)
                except Exception:
                    self.broken = True
                    raise RuntimeError(f"the course's {name} cannot be used here") from None
                try:
                    return function(*args, **kwargs)
                except Exception as error:
                    self.broken = self.broken or isinstance(error, (NameError, ImportError))
                    kind = next(base.__name__ for base in type(error).__mro__ if EXCEPTIONS.get(base.__name__) is base)
                    raise Raised((kind,), kind, f"{name} refuses these arguments.").rebuild() from None

        stand_in.__name__ = name
        return stand_in
