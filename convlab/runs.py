"""Results of the last run of each exercise's checks in this notebook, for `progress()`. Grading does not use them."""

from __future__ import annotations

import contextlib
import dis
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

# Limits on the number of functions remembered and on the length of their names, so that checks cannot fill the memory.
MOST = 200


@dataclass
class Run:
    """The last run of a function's checks; `code` is the checked code, to detect that the function was redefined."""

    passed: bool
    code: Any


_runs: dict[str, Run] = {}


@contextlib.contextmanager
def recorded(function: Any) -> Iterator[None]:
    """Wrap one check: it passed if it raised nothing. A failed check ends its test cell, so the last check decides."""
    run = _begun(function)
    yield
    run.passed = True


def _begun(function: Any) -> Run:
    run = Run(False, None)
    # The function may be any object; failing to record its check must not fail the check.
    with contextlib.suppress(Exception):
        name = function.__name__
        if type(name) is str and len(name) <= MOST and (name in _runs or len(_runs) < MOST):
            run.code = getattr(function, "__code__", None)
            # Reinserted at the end, so that the last key is the function that was checked last.
            _runs.pop(name, None)
            _runs[name] = run
    return run


def state(name: str) -> str:
    """One of "passed", "failed", "untested", and "changed": the notebook now has another function of this name."""
    run = _runs.get(name)
    if run is None:
        return "untested"
    now = getattr(sys.modules.get("__main__"), name, None)
    if now is not None and getattr(now, "__code__", None) != run.code:
        return "changed"
    return "passed" if run.passed else "failed"


def latest() -> list[str]:
    """The names of all checked functions, most recent first."""
    return list(reversed(_runs))


def blamed(function: Any) -> str:
    """The name of another function that this one uses, itself or through others, and whose own last check failed; else ""."""
    waiting, seen = [function], {function.__name__}
    while waiting:
        one = waiting.pop(0)
        for name in _global_names(one.__code__):
            if name in seen:
                continue
            seen.add(name)
            if state(name) == "failed":
                return name
            used = one.__globals__.get(name)
            # Only the notebook's own functions: those of a library are not the student's to mend.
            if isinstance(used, FunctionType) and used.__globals__ is function.__globals__:
                waiting.append(used)
    return ""


def _global_names(code: CodeType) -> Iterator[str]:
    yield from (step.argval for step in dis.get_instructions(code) if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"))
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from _global_names(part)
