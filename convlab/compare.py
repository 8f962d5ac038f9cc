"""Compares what a student's function returned with what is expected, and says in words what is wrong.

The value counts, not the style. Nothing that is compared is trusted: its exact type is examined before anything else.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from itertools import zip_longest
from typing import Any

import numpy as np

from convlab.describe import KINDS, describe, difference, plain

_NUMPY_SCALARS = frozenset(
    np.dtype(code).type for code in ("?", *np.typecodes["AllInteger"], *np.typecodes["Float"], *np.typecodes["Complex"])
)
_COUNTS = frozenset({int} | {kind for kind in _NUMPY_SCALARS if issubclass(kind, np.integer)})
_NUMBERS = _COUNTS | frozenset({float} | {kind for kind in _NUMPY_SCALARS if issubclass(kind, np.floating)})


def same(before: Any, after: Any) -> bool:
    """Whether an argument still equals what was passed. Generators always pass: drawing from one has to change it."""
    if type(before) is not type(after):
        return False
    if type(before) is np.ndarray:
        same_form = before.dtype == after.dtype and before.shape == after.shape
        return same_form and np.array_equal(before, after, equal_nan=before.dtype.kind in "fc")
    if type(before) in (list, tuple):
        return len(before) == len(after) and all(map(same, before, after))
    if type(before) is dict:
        return list(before) == list(after) and all(same(before[key], after[key]) for key in before)
    if type(before) in _NUMBERS or type(before) in (bool, str, bytes, type(None)):
        return repr(before) == repr(after)
    return True


def compare(got: Any, due: Any, close: Callable) -> str:
    """A description of what is wrong with `got`; "" if it is right.

    Raises:
        TypeError: `due` has a type that `check` cannot compare with.
    """
    if type(due) is np.ndarray:
        return _compare_arrays(got, due, close)
    if type(due) in (tuple, list):
        return _compare_sequences(got, due, close)
    if type(due) in _COUNTS:
        return _compare_counts(got, due)
    if type(due) in _NUMBERS:
        return _compare_numbers(got, due, close)
    if type(due) in (str, bool, type(None)):
        right = type(got) is type(due) and got == due
        return "" if right else _wrong(got, due)
    raise TypeError(f"check cannot compare with a value of type {type(due).__name__}")


def _wrong(got: Any, due: Any, why: str = "") -> str:
    values = f"expected = {describe(due, indent=11, due=True)}\ngot      = {describe(got, indent=11)}"
    return values + (f"\n{why}" if why else "")


def _compare_arrays(got: Any, due: np.ndarray, close: Callable) -> str:
    got = plain(got)
    if type(got) in _NUMPY_SCALARS and due.ndim == 0:
        got = np.asarray(got)
    if type(got) is not np.ndarray:
        why = f"Expected a NumPy array of shape {due.shape}, got {describe(type(got))}."
        if type(got) is list:
            why += " Use np.array(...)."
        elif describe(got).startswith("a Keras layer"):
            why += " Call the layer with the input, and return what comes out."
        return _wrong(got, due, why)
    if got.dtype.kind not in "biufc":
        things = "texts." if got.dtype.kind in "US" else "other things. Are all its rows equally long?"
        why = f"Expected an array of {KINDS[due.dtype.kind]}, got one of {things}"
        return _wrong(got, due, why)
    if got.shape != due.shape:
        return _wrong_shape(got, due)
    if due.dtype.kind in "iub" or got.dtype.kind == "c":
        allowed = "iu" if due.dtype.kind in "iu" else due.dtype.kind if due.dtype.kind == "b" else "fiu"
        if got.dtype.kind not in allowed:
            why = f"Expected an array of {KINDS[due.dtype.kind]}, got one of {got.dtype.name}."
            if due.dtype.kind in "iu" and got.dtype.kind == "f":
                why += " Say dtype=int where you make it."
            return _wrong(got, due, why)
        return "" if np.array_equal(got, due) else _wrong(got, due, difference(got, due, got != due))
    if got.dtype.kind == "b":
        return _wrong(got, due, "Expected an array of numbers, got booleans (True and False).")
    far = ~close(got.astype(np.float64), due.astype(np.float64))
    return _wrong(got, due, difference(got, due, far)) if far.any() else ""


def _wrong_shape(got: np.ndarray, due: np.ndarray) -> str:
    why = f"Expected shape {due.shape}, got {got.shape}"
    if got.ndim != due.ndim:
        why += f": {due.ndim} {'axis' if due.ndim == 1 else 'axes'} expected, {got.ndim} found."
    elif sorted(got.shape) == sorted(due.shape):
        why += ": the right sizes in the wrong order."
    else:
        names = ["row", "column"] if due.ndim == 2 else ["entry"] if due.ndim == 1 else [""] * due.ndim
        off = [_too_many(g - d, name) + f" along axis {axis}" * (due.ndim > 2)
               for axis, (g, d, name) in enumerate(zip(got.shape, due.shape, names, strict=True)) if g != d]  # fmt: skip
        why += f": {' and '.join(off)}."
    return _wrong(got, due, why)


def _compare_lines(got: list, due: list) -> str:
    """Two lists of lines, such as the layers of a model: those that differ are marked, and stand side by side."""
    if got == due:
        return ""
    pairs: list[tuple[str, str]] = []
    for _, start, end, first, last in difflib.SequenceMatcher(None, due, got, autojunk=False).get_opcodes():
        pairs += zip_longest(due[start:end], got[first:last], fillvalue="-")
    width = max(len("expected"), *(len(one) for one, other in pairs if one != other))
    rows = [f"  {one}" if one == other else f"> {one:<{width}}  {other[:200]}" for one, other in pairs]
    return "\n".join([f"  {'expected':<{width}}  got", *rows])


def _too_many(count: int, name: str) -> str:
    """Such as "2 rows too many" or "1 row too few"."""
    names = {"row": "rows", "column": "columns", "entry": "entries"}
    noun = "" if not name else f" {name if abs(count) == 1 else names[name]}"
    return f"{abs(count)}{noun} too {'many' if count > 0 else 'few'}"


def _compare_sequences(got: Any, due: tuple | list, close: Callable) -> str:
    if type(got) is list and due and all(type(line) is str for line in [*due, *got]):
        return _compare_lines(got, list(due))
    if (
        type(got) is np.ndarray
        and got.ndim == 1
        and got.dtype.kind in "iuf"
        and all(type(item) in _NUMBERS for item in due)
    ):
        got = list(got)
    if type(got) not in (tuple, list):
        return _wrong(got, due, f"Expected a tuple of length {len(due)}, got {describe(type(got))}.")
    if len(got) != len(due):
        return _wrong(got, due, f"Expected {len(due)} values, got {len(got)}.")
    faults = [compare(one, other, close) for one, other in zip(got, due, strict=True)]
    place = next((place for place, fault in enumerate(faults) if fault), None)
    if place is None:
        return ""
    if type(due[place]) is np.ndarray:
        return f"The entry at index {place} of what it returned is wrong:\n{faults[place]}"
    why = f"At index {place}: expected {describe(due[place])}, got {describe(got[place])}"
    why += f" ({sum(map(bool, faults))} of {len(due)} entries differ)." if len(due) > 2 else "."
    if type(due[place]) in _NUMBERS:
        why += "".join(f"\n{line}" for line in faults[place].splitlines()[2:])
    return _wrong(got, due, why)


def _number(got: Any) -> Any:
    """The number in an array or tensor without axes; any other value unchanged."""
    got = plain(got)
    if type(got) is np.ndarray and got.ndim == 0 and got.dtype.kind in "iuf":
        return got[()]
    return got


def _compare_counts(got: Any, due: int) -> str:
    got = _number(got)
    if type(got) in _COUNTS:
        return "" if int(got) == int(due) else _wrong(got, due)
    why = (
        "Expected a whole number, got a float. Use // or int(...)."
        if type(got) in _NUMBERS
        else f"Expected a whole number, got {describe(type(got))}."
    )
    return _wrong(got, due, why)


def _compare_numbers(got: Any, due: float, close: Callable) -> str:
    got = _number(got)
    if type(got) not in _NUMBERS:
        shape = f" of shape {got.shape}" if type(got) is np.ndarray else ""
        return _wrong(got, due, f"Expected a number, got {describe(type(got))}{shape}.")
    return "" if close(float(got), float(due)) else _wrong(got, due)
