"""Recognizes known misconceptions by a digest of the wrong result, so that a notebook needs no solutions or answers.

For each known misconception, `python -m autograder build` stores the digest of the first result that fails a visible
check. Two results have the same digest if their values are equal after rounding, whatever their types.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from hashlib import blake2b
from itertools import islice
from typing import Any

import numpy as np

from convlab.describe import plain
from convlab.points import lessons

PERHAPS = "Perhaps this is it:"  # introduces the help for a recognized misconception
MOST = 10_000  # larger results, counted in numbers and other parts, get no digest


def outcome(name: str, args: tuple, kwargs: dict, returned: Any) -> str:
    """The digest of a call and its result; "" if the result is too large or does not consist of plain values."""
    result = _text(returned)
    call = [_text(value) or type(value).__name__ for value in [*args, *sorted(kwargs.items())]]
    return blake2b("\n".join([name, *call, result]).encode(), digest_size=12).hexdigest() if result else ""


def recognized(digest: str) -> str:
    """The help for the misconception with this digest; "" if there is none."""
    return next((entry["known"][digest] for entry in lessons().values() if digest in entry["known"]), "")


def _text(value: Any) -> str:
    try:
        parts = list(islice(_parts(value), MOST + 1))
    except (TypeError, ValueError, RecursionError):
        return ""
    return " ".join(parts) if len(parts) <= MOST else ""


def _parts(value: Any) -> Iterator[str]:
    """The parts of a value's canonical text. Raises TypeError if it is not a plain value."""
    value = plain(value)
    kind = type(value)
    if kind in (tuple, list):
        yield "["
        for item in value:
            yield from _parts(item)
        yield "]"
    elif kind is dict:
        yield from _parts(list(value.items()))
    elif kind in (str, bytes, type(None)):
        yield repr(value)
    elif kind in (bool, int, float, complex, np.ndarray) or issubclass(kind, np.generic):
        array = np.asarray(value)
        if array.dtype.kind not in "biufc":
            raise TypeError
        yield str(array.shape)
        yield from (_number(entry.item()) for entry in array.flat)
    else:
        raise TypeError


def _number(value: complex) -> str:
    """Whole numbers exactly, others rounded to four significant digits, which hides the rounding errors of float32."""
    if type(value) is not float or not math.isfinite(value):
        return repr(value)
    whole = round(value)
    return str(whole) if abs(value - whole) <= 1e-6 * max(1.0, abs(value)) else f"{value:.3e}"
