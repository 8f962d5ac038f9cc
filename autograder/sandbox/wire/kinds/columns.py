"""Takes pandas' arrays apart, which are the columns of its tables, and their dtypes.

Each is sent as NumPy arrays and the names of a table; no text is ever parsed as a dtype. Strings are sent as one text
and the length of each, so that a column of many does not fill the head of a frame.
"""

from __future__ import annotations

import datetime
import math
import sys
import zoneinfo
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from autograder.errors import RefusedValue
from autograder.sandbox.wire.kinds.standard_types import of, rebuilding, zone

MAX_TEXTS = 2_000_000  # strings in one column
UNITS = ("s", "ms", "us", "ns")
CLOSED = ("left", "right", "both", "neither")
NUMERIC = [*(f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)), "Float32", "Float64"]
NULLABLE = {**{name: name.lower() for name in NUMERIC}, "boolean": "bool"}  # with NumPy's name of the same dtype
_DAYS = "MON TUE WED THU FRI SAT SUN".split()
_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
_PLAIN_STEPS = "D B h min s ms us ns".split()
PERIODS = [*_PLAIN_STEPS, "M", *(f"W-{day}" for day in _DAYS), *(f"{span}-{end}" for span in "QY" for end in _MONTHS)]
_MISSING = 1, 2, 3, 4  # None, NaN, NA, NaT
_NOT_A_TIME = -(2**63)


def pandas() -> Any:
    """The library. Raises RefusedValue if it is not installed here."""
    try:
        import pandas as library  # noqa: PLC0415, it takes a second
    except ImportError as error:
        raise RefusedValue("pandas is not installed where the tests run.") from error
    return library


@lru_cache(maxsize=1)
def _types() -> dict[type, str]:
    arrays = getattr(sys.modules["pandas"], "arrays", None)
    names = {
        **dict.fromkeys(("IntegerArray", "FloatingArray", "BooleanArray"), "nullable"),
        **dict.fromkeys(("StringArray", "ArrowStringArray"), "string"),
        **dict.fromkeys(("StringArrayNumpySemantics", "ArrowStringArrayNumpySemantics"), "string"),
        **{name: name for name in "DatetimeArray TimedeltaArray PeriodArray IntervalArray Categorical".split()},
    }
    inner = (sys.modules.get(f"pandas.core.arrays.{name}") for name in ("string_", "string_arrow"))
    places = (arrays, sys.modules["pandas"], *inner)
    return {getattr(place, name): kind for name, kind in names.items() for place in places if hasattr(place, name)}


@dataclass(frozen=True)
class Text:
    """An array of objects that are all strings or missing, to be sent as a text."""

    items: np.ndarray


def column(array: Any) -> Any:
    """What to send for the values of a Series, an Index or a column."""
    if type(array) is np.ndarray and array.dtype == object:
        missing = {*map(type, _missing_values()), str}
        if all(type(item) in missing and (type(item) is not float or math.isnan(item)) for item in array):
            return Text(array)
    return array


def _missing_values() -> tuple[Any, ...]:
    library = sys.modules["pandas"]
    return None, np.nan, library.NA, library.NaT


def is_column(array: Any) -> bool:
    """Whether a decoded value can be the values of a Series: an array of numbers or objects, or one of pandas' own."""
    if type(array) is np.ndarray:
        return array.ndim == 1 and array.dtype.kind in "biufcO"
    return type(array) in _types()


# --- taking apart ----------------------------------------------------------------------------------------------------


def apart(value: Any) -> tuple[str, Any] | None:
    """The name of the kind of an array or dtype and its parts; None for any other. Raises ValueError if refused."""
    if type(value) is Text:
        return "text", _text_parts(value.items)
    name = _types().get(type(value))
    if name is None:
        return _dtype_apart(value)
    parts: Any
    match name:
        case "nullable":
            mask = np.asarray(value.isna())
            zero = False if value.dtype.name == "boolean" else 0
            numbers = value.to_numpy(dtype=NULLABLE[value.dtype.name], na_value=zero)
            parts = (value.dtype.name, numbers, mask)
        case "string":
            parts = (_text_parts(value.to_numpy(dtype=object)), *_string_dtype_parts(value.dtype))
        case "DatetimeArray":
            parts = (np.asarray(value if value.tz is None else value.tz_convert(None)), zone_parts(value.tz))
        case "TimedeltaArray":
            parts = np.asarray(value)
        case "PeriodArray":
            frequency = period_parts(value.freqstr)
            parts = (frequency, period_numbers(frequency, np.array(value.asi8)))
        case "IntervalArray":
            parts = (value.left, value.right, value.closed)
        case _:
            parts = (np.array(value.codes), value.categories, bool(value.ordered))
    return name, parts


def _text_parts(items: Iterable[Any]) -> tuple[bytes, np.ndarray, np.ndarray]:
    missing = _missing_values()
    texts, lengths, codes = [], [], []
    for item in items:
        # Each character is sent as one, so that the lengths are right: a lone surrogate cannot be.
        text = item.encode("utf-8", "replace").decode() if type(item) is str else ""
        texts.append(text)
        lengths.append(len(text))
        same = (place for place, one in zip(_MISSING, missing, strict=True) if item is one)
        codes.append(0 if type(item) is str else next(same, 2))
    if len(texts) > MAX_TEXTS:
        raise ValueError("this column has too many strings")
    return "".join(texts).encode(), np.array(lengths, np.int32), np.array(codes, np.uint8)


def zone_parts(tz: Any) -> Any:
    """A time zone as itself, or as its key, by which pandas finds its own."""
    if tz is None or type(tz) in (datetime.timezone, zoneinfo.ZoneInfo):
        return tz
    key = getattr(tz, "zone", None)  # as pytz has it
    if type(key) is not str:
        raise ValueError("its time zone is of a type that cannot cross: use datetime.timezone or zoneinfo.ZoneInfo")
    return zone(key).key


def period_parts(frequency: Any) -> str:
    """The name of a frequency of periods, if the table has it."""
    if frequency not in PERIODS:
        raise ValueError("its frequency cannot cross")
    return frequency


def _string_dtype_parts(dtype: Any) -> tuple[str, bool]:
    return dtype.storage, getattr(dtype, "na_value", None) is not sys.modules["pandas"].NA


def _dtype_apart(value: Any) -> tuple[str, Any] | None:
    library = sys.modules["pandas"]
    kind = type(value)
    if kind is library.CategoricalDtype:
        return "pandas dtype", ("category", value.categories, value.ordered)
    if kind is library.DatetimeTZDtype:
        return "pandas dtype", ("datetime", value.unit, zone_parts(value.tz))
    if kind is library.PeriodDtype:
        return "pandas dtype", ("period", period_parts(value.name.removeprefix("period[").removesuffix("]")))
    if kind is library.IntervalDtype:
        return "pandas dtype", ("interval", value.subtype, value.closed)
    if kind is library.StringDtype:
        return "pandas dtype", ("string", *_string_dtype_parts(value))
    name = next((name for name in NULLABLE if kind is getattr(library, f"{name.capitalize()}Dtype", None)), None)
    name = name or next((name for name in NUMERIC if kind is getattr(library, f"{name}Dtype", None)), None)
    return ("pandas dtype", (name,)) if name else None


# --- rebuilding ------------------------------------------------------------------------------------------------------


def _text(parts: Any) -> np.ndarray:
    content, lengths, missing = of(tuple, parts)
    whole = str(of(bytes, content), "utf-8")
    for array, dtype in ((lengths, np.int32), (missing, np.uint8)):
        if of(np.ndarray, array).dtype != dtype or array.ndim != 1 or len(array) != len(lengths):
            raise ValueError("expected a length for each string, and whether it is missing")
    if len(lengths) > MAX_TEXTS or (len(lengths) and (lengths.min() < 0 or missing.max() > max(_MISSING))):
        raise ValueError("a column has too many strings, or one of a negative length")
    ends = np.cumsum(lengths, dtype=np.int64).tolist()
    if (ends[-1] if ends else 0) != len(whole):
        raise ValueError("the lengths of strings do not match their text")
    instead = (None, *_with_pandas())
    made = np.empty(len(ends), dtype=object)
    start = 0
    for place, (end, code) in enumerate(zip(ends, missing.tolist(), strict=True)):
        made[place] = instead[code] if code else whole[start:end]
        start = end
    return made


def _with_pandas() -> tuple[Any, ...]:
    pandas()
    return _missing_values()


def _nullable(parts: tuple) -> Any:
    name, numbers, mask = parts
    if of(np.ndarray, numbers).dtype != np.dtype(NULLABLE[name]) or of(np.ndarray, mask).dtype != bool:
        raise ValueError("expected the dtype of the table and a mask")
    if numbers.ndim != 1 or mask.shape != numbers.shape:
        raise ValueError("a mask does not have the shape of its array")
    library = pandas()
    kind = "Boolean" if name == "boolean" else "Floating" if name.startswith("Float") else "Integer"
    with rebuilding("this column"):
        return getattr(library.arrays, f"{kind}Array")(numbers, mask)


def _string_dtype(storage: Any, nan: Any) -> Any:
    if storage not in ("python", "pyarrow"):
        raise ValueError("expected a known way to store strings")
    library = pandas()
    with rebuilding("this column"):
        return library.StringDtype(storage, na_value=np.nan) if of(bool, nan) else library.StringDtype(storage)


def _string(parts: tuple) -> Any:
    text, storage, nan = parts
    items, dtype = _text(text), _string_dtype(storage, nan)
    with rebuilding("this column"):
        return pandas().array(items, dtype=dtype)


def moments(array: Any, letter: str) -> np.ndarray:
    """An array of moments in a unit that pandas has. Raises ValueError for any other."""
    if of(np.ndarray, array).ndim != 1 or array.dtype not in [np.dtype(f"{letter}8[{unit}]") for unit in UNITS]:
        raise ValueError("expected an array of moments")
    return array


def zone_of(parts: Any) -> Any:
    """The time zone that `zone_parts` sent."""
    if type(parts) is str:
        return zone(parts).key
    return of((type(None), datetime.timezone, zoneinfo.ZoneInfo), parts)


def _datetimes(parts: tuple) -> Any:
    array, tz = moments(parts[0], "M"), zone_of(parts[1])
    with rebuilding("this column"):
        made = pandas().array(array, dtype=array.dtype)
        return made if tz is None else made.tz_localize("UTC").tz_convert(tz)


def _timedeltas(parts: Any) -> Any:
    array = moments(parts, "m")
    with rebuilding("this column"):
        return pandas().array(array, dtype=array.dtype)


@lru_cache(maxsize=64)
def _bounds(frequency: str) -> tuple[int, int]:
    """The first and the last period that pandas can show without overflow."""
    library = pandas()
    first, last = ("0001-01-01", "9999-12-31") if frequency != "ns" else ("1678-01-01", "2262-01-01")
    return library.Period(first, freq=frequency).ordinal, library.Period(last, freq=frequency).ordinal


def period_numbers(frequency: Any, numbers: np.ndarray) -> np.ndarray:
    """The numbers of periods, or of none of them. Raises ValueError if they are not within the years 1 to 9999."""
    if type(frequency) is not str or frequency not in PERIODS:
        raise ValueError("expected a known frequency")
    first, last = _bounds(frequency)
    if of(np.ndarray, numbers).dtype != np.int64 or numbers.ndim != 1:
        raise ValueError("expected the numbers of periods")
    real = numbers[numbers != _NOT_A_TIME]
    if len(real) and (real.min() < first or real.max() > last):
        raise ValueError("a period is too far away")
    return numbers


def _periods(parts: tuple) -> Any:
    frequency, numbers = parts
    numbers = period_numbers(frequency, numbers)
    with rebuilding("this column"):
        return pandas().PeriodIndex.from_ordinals(numbers, freq=frequency).array


def _intervals(parts: tuple) -> Any:
    left, right, closed = parts
    library = pandas()
    for side in (left, right):
        of((library.Index, library.RangeIndex, library.DatetimeIndex, library.TimedeltaIndex), side)
    if closed not in CLOSED or len(left) != len(right):
        raise ValueError("expected intervals with as many starts as ends")
    with rebuilding("this column"):
        return library.arrays.IntervalArray.from_arrays(left, right, closed)


def check_codes(codes: Any, count: int) -> np.ndarray:
    """Codes that point at one of so many values, or at none. Raises ValueError if one points outside."""
    if of(np.ndarray, codes).ndim != 1 or codes.dtype.kind != "i":
        raise ValueError("expected an array of codes")
    if len(codes) and (codes.min() < -1 or codes.max() >= count):
        raise ValueError("a code points outside of the values")
    return codes


def _category_dtype(categories: Any, ordered: Any) -> Any:
    library = pandas()
    if categories is not None and not isinstance(categories, library.Index):
        raise ValueError("expected an index of categories")
    with rebuilding("this column"):
        return library.CategoricalDtype(categories, of((bool, type(None)), ordered))


def _categorical(parts: tuple) -> Any:
    codes, categories, ordered = parts
    dtype = _category_dtype(categories, of(bool, ordered))
    check_codes(codes, len(categories))
    with rebuilding("this column"):
        return pandas().Categorical.from_codes(codes, dtype=dtype)


def _dtype(parts: tuple) -> Any:
    kind, *rest = of(tuple, parts)
    library = pandas()
    if kind == "category":
        return _category_dtype(*rest)
    if kind == "string":
        return _string_dtype(*rest)
    if kind == "datetime" and rest[0] in UNITS:
        with rebuilding("this dtype"):
            return library.DatetimeTZDtype(rest[0], zone_of(rest[1]))
    if kind == "period" and rest[0] in PERIODS:
        return library.PeriodDtype(rest[0])
    if kind == "interval" and rest[1] in CLOSED and (rest[0] is None or isinstance(rest[0], np.dtype)):
        with rebuilding("this dtype"):
            return library.IntervalDtype(rest[0], rest[1])
    if kind not in NULLABLE or rest:
        raise ValueError("expected a dtype of the table")
    return getattr(library, f"{'Boolean' if kind == 'boolean' else kind}Dtype")()


KINDS: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "nullable": _nullable,
    "string": _string,
    "DatetimeArray": _datetimes,
    "TimedeltaArray": _timedeltas,
    "PeriodArray": _periods,
    "IntervalArray": _intervals,
    "Categorical": _categorical,
    "pandas dtype": _dtype,
}
