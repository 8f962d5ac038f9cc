"""Takes values of standard library and NumPy types apart into simpler values, and puts them together again.

Only exact types are accepted, and each value is rebuilt with its own constructor, so it is as safe as its parts.
"""

from __future__ import annotations

import datetime
import enum
import math
import re
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

MAX_RANGE = 10**7  # items, so that a list of them fits into memory
MAX_EXPONENT = 10_000
MAX_ARRAY_BYTES = 64 * 2**20
_TIME = re.compile(r"[mM]8\[(Y|M|W|D|h|m|s|ms|us|ns)\]")


class Kind(NamedTuple):
    """How values of a type are taken apart and rebuilt; either may raise ValueError for a value that is refused."""

    type: type
    apart: Callable[[Any], Any]
    together: Callable[[Any], Any]


def _range(parts: tuple) -> range:
    made = range(*parts)
    if abs(made.stop - made.start) // abs(made.step) > MAX_RANGE:
        raise ValueError("this range is too long")
    return made


def _decimal(text: str) -> Decimal:
    made = Decimal(text)
    if made.is_finite() and abs(made.adjusted()) > MAX_EXPONENT:
        raise ValueError("this decimal number is too large")
    return made


def _range_parts(value: range) -> tuple:
    _range((value.start, value.stop, value.step))
    return value.start, value.stop, value.step


_TABLE = {
    "set": Kind(set, list, set),
    "frozenset": Kind(frozenset, list, frozenset),
    "range": Kind(range, _range_parts, _range),
    "slice": Kind(slice, lambda value: (value.start, value.stop, value.step), lambda parts: slice(*parts)),
    "ellipsis": Kind(type(...), lambda value: None, lambda _: ...),
    "deque": Kind(deque, lambda value: (list(value), value.maxlen), lambda parts: deque(*parts)),
    "Counter": Kind(Counter, dict, Counter),
    "OrderedDict": Kind(OrderedDict, dict, OrderedDict),
    "defaultdict": Kind(defaultdict, dict, lambda parts: defaultdict(None, parts)),
    "keys": Kind(type({}.keys()), dict.fromkeys, lambda parts: parts.keys()),
    "values": Kind(type({}.values()), lambda value: dict(enumerate(value)), lambda parts: parts.values()),
    "items": Kind(type({}.items()), dict, lambda parts: parts.items()),
    "Fraction": Kind(Fraction, lambda value: (value.numerator, value.denominator), lambda parts: Fraction(*parts)),
    "Decimal": Kind(Decimal, lambda value: str(_decimal(str(value))), _decimal),
    "date": Kind(datetime.date, datetime.date.isoformat, datetime.date.fromisoformat),
    "time": Kind(datetime.time, datetime.time.isoformat, datetime.time.fromisoformat),
    "datetime": Kind(datetime.datetime, datetime.datetime.isoformat, datetime.datetime.fromisoformat),
    "timedelta": Kind(
        datetime.timedelta,
        lambda value: (value.days, value.seconds, value.microseconds),
        lambda parts: datetime.timedelta(*parts),
    ),
    "moments": Kind(type(None), lambda value: None, lambda parts: _moments(*parts)),
    "words": Kind(type(None), lambda value: None, lambda parts: _words(*parts)),
    "objects": Kind(type(None), lambda value: None, lambda parts: _objects(*parts)),
    "namedtuple": Kind(type(None), lambda value: None, lambda parts: _named(parts[0], parts[1])(*parts[2])),
}
_BY_TYPE = {kind.type: (name, kind.apart) for name, kind in _TABLE.items() if kind.type is not type(None)}

_WORDS: dict[type, type] = {np.str_: str, np.bytes_: bytes}
# How to convert a value to exactly this type, even if a subclass overrides its methods.
_PLAIN: dict[type, Callable[[Any], Any]] = {
    int: int.__int__,
    float: float.__float__,
    str: str.__str__,
    bytes: bytes.__bytes__,
}


def apart(value: Any) -> tuple[str, Any] | None:
    """The name of a value's kind and its parts; None if it is of none of these kinds. Raises ValueError if refused."""
    kind = type(value)
    if kind in _BY_TYPE:
        name, take = _BY_TYPE[kind]
        return name, take(value)
    if kind is np.ndarray and value.dtype.kind in "US":
        return "words", (list(value.shape), value.dtype.kind, value.ravel().tolist())
    if kind is np.ndarray and value.dtype.kind == "O":
        return "objects", (list(value.shape), list(value.ravel()))
    if (kind is np.ndarray and value.dtype.kind in "mM") or kind in (np.datetime64, np.timedelta64):
        unit = value.dtype.str[1:]
        if not _TIME.fullmatch(unit):
            raise ValueError("its unit of time is not supported")
        array = np.asarray(value).astype(f"={unit}")
        return "moments", (
            unit,
            np.ascontiguousarray(array).view(np.int64).reshape(array.shape),
            kind is not np.ndarray,
        )
    fields = kind.__dict__.get("_fields") if tuple in kind.__bases__ else None
    if type(fields) is tuple and fields and len(fields) == tuple.__len__(value):
        return "namedtuple", (kind.__name__, list(fields), list(tuple.__iter__(value)))
    return None


def underlying(value: Any) -> Any:
    """The plain value of an enum member that is a number or string, or of a NumPy string; other values unchanged."""
    kind = type(value)
    plain = _WORDS.get(kind)
    if plain is None and isinstance(kind, enum.EnumMeta):
        plain = next((base for base in (int, str, float) if base in kind.__mro__), None)
    if plain is None:
        return value
    return _PLAIN[plain](value)


def together(name: Any, parts: Any) -> Any:
    """Rebuild a value from the name of its kind and its parts. Raises whatever the constructor raises for bad parts."""
    return _TABLE[name].together(parts)


def _words(shape: list, kind: str, items: list) -> np.ndarray:
    wanted = {"U": str, "S": bytes}[kind]
    if any(type(item) is not wanted for item in items) or math.prod(shape) != len(items):
        raise ValueError("expected as many strings as the shape says")
    longest = max(map(len, items), default=1) or 1
    if longest * len(items) * 4 > MAX_ARRAY_BYTES:
        raise ValueError("the array of strings is too large")
    return np.array(items, dtype=f"{kind}{longest}").reshape(shape)


def _objects(shape: list, items: list) -> np.ndarray:
    if math.prod(shape) != len(items):
        raise ValueError("the array's shape does not match its size")
    made = np.empty(len(items), dtype=object)
    for place, item in enumerate(items):
        made[place] = item
    return made.reshape(shape)


def _moments(unit: str, numbers: np.ndarray, single: bool) -> Any:
    if not _TIME.fullmatch(unit) or type(numbers) is not np.ndarray or numbers.dtype != np.int64:
        raise ValueError("expected a unit of time and an array of 64-bit integers")
    made = numbers.view(unit)
    return made[()] if single and made.shape == () else made


def _named(name: str, fields: list) -> type:
    if (
        type(name) is not str
        or not name.isidentifier()
        or len(fields) > 50
        or any(type(one) is not str for one in fields)
    ):
        raise ValueError("expected a named tuple with a valid name and at most 50 fields")
    return _named_type(name, tuple(fields))


@lru_cache(maxsize=256)
def _named_type(name: str, fields: tuple[str, ...]) -> type:
    return namedtuple(name, fields)
