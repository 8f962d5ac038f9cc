"""What the checks of each exercise came to when they last ran in this notebook. Nothing here has a say in grading."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# Whoever checks functions of ever new names shall not fill the memory.
MOST = 200


@dataclass
class Run:
    """`code` is what was checked, so that a function written anew can be told from it."""

    passed: bool
    code: Any


_runs: dict[str, Run] = {}


@contextlib.contextmanager
def recorded(function: Any) -> Iterator[None]:
    """Around one check: it passed if it came to its end. A check that fails ends its test cell, so the last one counts."""
    run = _begun(function)
    yield
    run.passed = True


def _begun(function: Any) -> Run:
    run = Run(False, None)
    # Whatever a function is like, remembering its check does no harm.
    with contextlib.suppress(Exception):
        name = function.__name__
        if type(name) is str and len(name) <= MOST and (name in _runs or len(_runs) < MOST):
            run.code = getattr(function, "__code__", None)
            # To the end, so that the last key is the exercise that was checked last.
            _runs.pop(name, None)
            _runs[name] = run
    return run


def state(name: str) -> str:
    """passed, failed, untested, or changed: what was checked is not what the notebook has under this name by now."""
    run = _runs.get(name)
    if run is None:
        return "untested"
    now = getattr(sys.modules.get("__main__"), name, None)
    if now is not None and getattr(now, "__code__", None) != run.code:
        return "changed"
    return "passed" if run.passed else "failed"


def latest() -> list[str]:
    """The names of all functions that were checked, the last one first."""
    return list(reversed(_runs))
