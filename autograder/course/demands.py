"""What the checks of an exercise ask for, and whether a hidden one asks for something that no visible one does.

The test of each exercise is run with the course's solution and with checks that only record their arguments. A demand
is a refusal, a hint, or a kind of argument: pictures of uint8, a list in place of a pair, an axis of length 1.
Hidden tests use other data, never another demand, so that no student meets one for the first time in the grades.
"""

from __future__ import annotations

import contextlib
import inspect
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import numpy as np
from nbformat import NotebookNode

import convlab.checks
from autograder.course.variants import cell_of, exercise_ids, imports, solved
from autograder.errors import SourceError
from autograder.notebooks.cells import BEGIN_HIDDEN

LARGE = 100  # floats beyond this are a demand of their own: exponentials overflow


@dataclass(frozen=True)
class Check:
    """One call of `check` or `check_error` in a test.

    Args:
        hidden: whether students do not see it.
        refusal: for `check_error`, what is wrong with the arguments; "" for `check`.
        demands: all that it asks for, in words; a refusal is one of them.
    """

    hidden: bool
    refusal: str
    demands: frozenset[str]


def surprises(notebook: NotebookNode) -> Iterator[str]:
    """Yield a fault for each exercise of a lesson's source that has hidden demands without a visible check."""
    for exercise, checks in checks_of(notebook).items():
        hidden, shown = (
            {demand for check in checks if check.hidden is side for demand in check.demands} for side in (True, False)
        )
        if hidden - shown:
            yield (
                f"{exercise}: hidden tests ask for what no visible check asks for: {'; '.join(sorted(hidden - shown))}. "
                "Add a visible check for each, or take it out of the hidden tests."
            )


def checks_of(notebook: NotebookNode) -> dict[str, list[Check]]:
    """The checks of each exercise of a lesson's source, in the order in which its test makes them.

    There are none for a test that asserts by itself, without `convlab.checks`.

    Raises:
        SourceError: a solution or a test fails by itself, without any check.
    """
    answers = solved(notebook)
    tests = {exercise: cell_of(notebook, f"test_{exercise}").source for exercise in exercise_ids(notebook)}
    names: dict[str, Any] = {}
    found: dict[str, list[Check]] = {exercise: [] for exercise in tests}
    if not any("convlab.checks" in test for test in tests.values()):
        return found
    place = "the imports"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(imports(notebook), names)
            for exercise in tests:
                place = f"the solution of {exercise}"
                exec(cell_of(answers, exercise).source, names)
            for exercise, test in tests.items():
                place = f"the test of {exercise} with the course's own solution"
                if "convlab.checks" in test:
                    found[exercise] = _recorded(names[exercise], test)
    except Exception as error:
        raise SourceError(f"{place} fails: {type(error).__name__}: {error}.", remedy="Correct it.") from error
    return found


def _recorded(function: Callable, test: str) -> list[Check]:
    checks: list[Check] = []
    hidden = False

    def check(called: Callable, *args: Any, gives: Any = None, of: Any = None, hint: str = "", rtol: float = 0,
              atol: float = 0, **kwargs: Any) -> None:  # fmt: skip
        asked = {f"hint: {hint}"} if hint else set()
        checks.append(Check(hidden, "", frozenset({*asked, *_kinds(called, args, kwargs)})))

    def check_error(called: Callable, *args: Any, raises: Any = None, because: str = "", hint: str = "",
                    **kwargs: Any) -> None:  # fmt: skip
        asked = {f"refusal: {because}", *([f"hint: {hint}"] if hint else [])}
        checks.append(Check(hidden, because, frozenset(asked)))

    names: dict[str, Any] = {function.__name__: function}
    with patch.multiple(convlab.checks, check=check, check_error=check_error):
        visible, mark, rest = test.partition(BEGIN_HIDDEN)
        exec(visible, names)
        hidden = True
        exec(mark + rest, names)
    return checks


def _kinds(function: Callable, args: tuple, kwargs: dict[str, Any]) -> Iterator[str]:
    """Yield in words which kinds of arguments a call has, such as `"image: uint8"`; ordinary ones have no words."""
    given = {f"argument {number}": value for number, value in enumerate(args, start=1)} | kwargs
    with contextlib.suppress(TypeError, ValueError):
        signature = inspect.signature(function)
        given = dict(signature.bind(*args, **kwargs).arguments)
        yield from (f"{name}: left out" for name in signature.parameters if name not in given)
    for name, value in given.items():
        yield from (f"{name}: {kind}" for kind in _kinds_of(value))


def _kinds_of(value: Any) -> Iterator[str]:
    if type(value) is np.ndarray:
        yield from _array_kinds(value)
    elif type(value) in (list, tuple):
        yield f"a {type(value).__name__}"
        yield from ("empty",) if not value else ()
        yield from {f"in it {kind}" for item in value for kind in _kinds_of(item)}
        if len(value) == 2 and all(type(item) is int for item in value) and value[0] != value[1]:
            yield "a pair of two sizes"
    elif type(value) is dict:
        yield from {f"{key!r}, {kind}" for key, item in value.items() for kind in _kinds_of(item)}
    elif type(value) in (str, bool, type(None)):
        yield repr(value)
    elif type(value) in (int, float):
        yield type(value).__name__
        yield from ("0",) if value == 0 else ("negative",) if value < 0 else ()
    else:
        yield type(value).__name__


def _array_kinds(array: np.ndarray) -> Iterator[str]:
    kind = array.dtype.kind
    yield {"i": "whole numbers", "b": "booleans"}.get(kind, array.dtype.name)
    yield f"{array.ndim} axes"
    if array.size == 0:
        yield "empty"
        return
    if 1 in array.shape:
        yield "an axis of length 1"
    if array.ndim > 1 and array.shape[0] != array.shape[1]:
        yield "not square"
    if array.ndim > 1 and not array.flags.c_contiguous:
        yield "not in C order"
    if kind in "if" and array.min() < 0:
        yield "negative numbers"
    if kind == "f" and np.abs(array).max() > LARGE:
        yield f"numbers beyond {LARGE}"
    if kind == "f" and not np.isfinite(array).all():
        yield "infinite numbers"
