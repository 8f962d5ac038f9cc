"""Takes pandas' tables apart, column by column: Series, DataFrame, every kind of index, and single values.

Each part is rebuilt with the library's own constructors and with the dtype that it had, never with one that the library
would guess. The `attrs` of a table are not sent.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from autograder.sandbox.wire.kinds import columns
from autograder.sandbox.wire.kinds.columns import (
    CLOSED,
    PERIODS,
    UNITS,
    check_codes,
    column,
    is_column,
    pandas,
    period_numbers,
    period_parts,
    zone_of,
    zone_parts,
)
from autograder.sandbox.wire.kinds.standard_types import MAX_RANGE, of, rebuilding

MAX_COLUMNS = 10_000
MAX_CELLS = 10_000_000
MAX_LEVELS = 20
MAX_STEPS = 10**6
_ENDS = [period.partition("-")[2] for period in PERIODS if period.startswith("Y-")]
# The steps of an index of moments; each may be repeated.
_STEPS = {
    *(name for name in PERIODS if name[0] not in "MQY"),
    *(f"{business}{name}" for business in ("", "B") for name in ("ME", "MS")),
    *(f"{business}{name}-{end}" for business in ("", "B") for name in ("QE", "QS", "YE", "YS") for end in _ENDS),
}
_INDEXES = "Index RangeIndex DatetimeIndex TimedeltaIndex PeriodIndex IntervalIndex CategoricalIndex MultiIndex".split()


@lru_cache(maxsize=1)
def _types() -> dict[type, str]:
    library = sys.modules["pandas"]
    names = [*_INDEXES, "Series", "DataFrame", "Timestamp", "Timedelta", "Period", "Interval"]
    known = {getattr(library, name): name for name in names if hasattr(library, name)}
    return known | {type(getattr(library, name)): name for name in ("NaT", "NA") if hasattr(library, name)}


def apart(value: Any) -> tuple[str, Any] | None:
    """The name of the kind of a value of pandas' and its parts; None for any other. Raises ValueError if refused."""
    # A module of this name may be the student's own.
    if "pandas" not in sys.modules or not hasattr(sys.modules["pandas"], "DataFrame"):
        return None
    name = _types().get(type(value))
    if name is None:
        return columns.apart(value)
    return name, _APART[name](value)


def _values(value: Any) -> Any:
    """The values of a Series or an Index: a NumPy array, or one of pandas' own where they are held in one."""
    array = value.array
    return column(value.to_numpy() if type(array).__name__ == "NumpyExtensionArray" else array)


def _series_parts(value: Any) -> tuple:
    _check_size(len(value), 1)
    return _values(value), value.index, value.name


def _frame_parts(value: Any) -> tuple:
    _check_size(*value.shape)
    return value.index, value.columns, [_values(value.iloc[:, place]) for place in range(value.shape[1])]


def _check_size(rows: int, wide: int) -> None:
    if wide > MAX_COLUMNS or rows * wide > MAX_CELLS or rows > MAX_RANGE:
        raise ValueError("this table has too many columns or cells")


def _range_parts(value: Any) -> tuple:
    _check_size(len(value), 1)
    return int(value.start), int(value.stop), int(value.step), value.name


def _stepped_parts(value: Any) -> tuple:
    return value.array, _step_parts(value.freq), value.name


def _step_parts(step: Any) -> tuple | None:
    """A step of an index as how often and which; None for a rare one, which the index then lacks on the other side."""
    if step is None or step.rule_code not in _STEPS or not abs(step.n) <= MAX_STEPS:
        return None
    parts = (int(step.n), step.rule_code)
    return parts if _step(parts) == step else None


def _multi_parts(value: Any) -> tuple:
    if value.nlevels > MAX_LEVELS:
        raise ValueError("its index has too many levels")
    return list(value.levels), [np.array(codes) for codes in value.codes], list(value.names)


def _near_period(value: Any) -> int:
    period_numbers(value.freqstr, np.array([value.ordinal], np.int64))
    return int(value.ordinal)


def _side(value: Any) -> Any:
    """One end of an interval."""
    library = pandas()
    return of((int, float, np.float64, np.int64, library.Timestamp, library.Timedelta), value)


_APART: dict[str, Callable[[Any], Any]] = {
    "Series": _series_parts,
    "DataFrame": _frame_parts,
    "Index": lambda value: (_values(value), value.name),
    "RangeIndex": _range_parts,
    "DatetimeIndex": _stepped_parts,
    "TimedeltaIndex": _stepped_parts,
    "PeriodIndex": lambda value: (value.array, value.name),
    "IntervalIndex": lambda value: (value.array, value.name),
    "CategoricalIndex": lambda value: (value.array, value.name),
    "MultiIndex": _multi_parts,
    "Timestamp": lambda value: (value.to_datetime64(), zone_parts(value.tz)),
    "Timedelta": lambda value: value.to_timedelta64(),
    "Period": lambda value: (period_parts(value.freqstr), _near_period(value)),
    "Interval": lambda value: (_side(value.left), _side(value.right), value.closed),
    "NaT": lambda _: None,
    "NA": lambda _: None,
}


# --- rebuilding ------------------------------------------------------------------------------------------------------


def _index(value: Any, length: int | None = None) -> Any:
    """A decoded index, of a given length. Raises ValueError if it is none."""
    library = pandas()
    of(tuple(getattr(library, name) for name in _INDEXES), value)
    if length is not None and len(value) != length:
        raise ValueError("an index does not have the length of its values")
    return value


def _check_name(name: Any) -> None:
    hash(name)  # a TypeError, if it is a list


def _column(value: Any, length: int | None = None) -> Any:
    if not is_column(value) or (length is not None and len(value) != length):
        raise ValueError("expected a column of a type and a length that a table can have")
    return value


def _series(parts: tuple) -> Any:
    library = pandas()
    values, index, name = parts
    _check_size(len(_column(values)), 1)
    _check_name(name)
    _index(index, len(values))
    with rebuilding("this Series"):
        return library.Series(values, index=index, name=name, dtype=values.dtype, copy=False)


def _frame(parts: tuple) -> Any:
    library = pandas()
    index, names, arrays = parts
    _check_size(len(_index(index)), len(of(list, arrays)))
    _index(names, len(arrays))
    for one in arrays:
        _column(one, len(index))
    with rebuilding("this DataFrame"):
        # With a dtype, pandas does not guess one: of objects that are all strings, it would.
        made = library.DataFrame(
            {place: library.Series(one, index, dtype=one.dtype, copy=False) for place, one in enumerate(arrays)},
            index=index,
        )
        made.columns = names
        return made


def _plain_index(parts: tuple) -> Any:
    library = pandas()
    values, name = parts
    _column(values)
    _check_name(name)
    with rebuilding("this index"):
        made = library.Index(values, dtype=values.dtype, name=name, tupleize_cols=False)
    return _index(made)


def _range_index(parts: tuple) -> Any:
    start, stop, step, name = parts
    if any(type(part) is not int or abs(part) >= 2**62 for part in (start, stop, step)):
        raise ValueError("expected where a range starts and ends")
    _check_size(len(range(start, stop, step)), 1)
    _check_name(name)
    return pandas().RangeIndex(start, stop, step, name=name)


def _step(parts: tuple) -> Any:
    count, name = parts
    if type(name) is not str or name not in _STEPS or type(count) is not int or not 0 < abs(count) <= MAX_STEPS:
        raise ValueError("expected how often which step is made")
    pandas()
    from pandas.tseries.frequencies import to_offset  # noqa: PLC0415, pandas is imported only where it is needed

    return to_offset(f"{count}{name}")


def _made_of(array_type: str, index_type: str) -> Callable[[tuple], Any]:
    def together(parts: tuple) -> Any:
        library = pandas()
        array, *step, name = parts
        of(getattr(library.arrays, array_type, None) or getattr(library, array_type), array)
        _check_name(name)
        freq = {"freq": _step(step[0])} if step and step[0] is not None else {}
        with rebuilding("this index"):
            return getattr(library, index_type)(array, name=name, **freq)

    return together


def _multi_index(parts: tuple) -> Any:
    library = pandas()
    levels, codes, names = (of(list, part) for part in parts)
    if not 0 < len(levels) == len(codes) == len(names) <= MAX_LEVELS:
        raise ValueError("expected as many levels as codes and names")
    for level, numbers in zip(levels, codes, strict=True):
        check_codes(numbers, len(_index(level)))
        if len(numbers) != len(codes[0]) or type(level) is library.MultiIndex:
            raise ValueError("the levels of an index do not fit each other")
    _check_size(len(codes[0]), 1)
    _check_name(tuple(names))
    with rebuilding("this index"):
        return library.MultiIndex(levels=levels, codes=codes, names=names, verify_integrity=True)


def _moment(value: Any, kind: type) -> Any:
    if np.datetime_data(of(kind, value).dtype)[0] not in UNITS:
        raise ValueError("expected a moment in a unit of pandas'")
    return value


def _timestamp(parts: tuple) -> Any:
    moment, tz = _moment(parts[0], np.datetime64), zone_of(parts[1])
    with rebuilding("this Timestamp"):
        made = pandas().Timestamp(moment)
        return made if tz is None else made.tz_localize("UTC").tz_convert(tz)


def _timedelta(parts: Any) -> Any:
    with rebuilding("this Timedelta"):
        return pandas().Timedelta(_moment(parts, np.timedelta64))


def _period(parts: tuple) -> Any:
    frequency, number = parts
    period_numbers(frequency, np.array([of(int, number)], np.int64))
    with rebuilding("this Period"):
        return pandas().Period(ordinal=number, freq=frequency)


def _interval(parts: tuple) -> Any:
    library = pandas()
    left, right, closed = parts
    _side(left), _side(right)
    if closed not in CLOSED:
        raise ValueError("expected which sides are closed")
    with rebuilding("this Interval"):
        return library.Interval(left, right, closed)


KINDS: dict[str, Callable[[Any], Any]] = {
    **columns.KINDS,
    "Series": _series,
    "DataFrame": _frame,
    "Index": _plain_index,
    "RangeIndex": _range_index,
    "DatetimeIndex": _made_of("DatetimeArray", "DatetimeIndex"),
    "TimedeltaIndex": _made_of("TimedeltaArray", "TimedeltaIndex"),
    "PeriodIndex": _made_of("PeriodArray", "PeriodIndex"),
    "IntervalIndex": _made_of("IntervalArray", "IntervalIndex"),
    "CategoricalIndex": _made_of("Categorical", "CategoricalIndex"),
    "MultiIndex": _multi_index,
    "Timestamp": _timestamp,
    "Timedelta": _timedelta,
    "Period": _period,
    "Interval": _interval,
    "NaT": lambda _: pandas().NaT,
    "NA": lambda _: pandas().NA,
}
