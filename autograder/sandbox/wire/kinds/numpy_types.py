"""Takes NumPy's values apart that are no plain numbers or arrays of numbers: strings, dates, objects, records, masks.

A dtype is sent as its name in a table, or as its fields, each of which is one again; never as a text to be parsed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.sandbox.wire.kinds.standard_types import of

MAX_BYTES = 64 * 2**20  # of one array of strings or records
MAX_ITEM_BYTES = 2**20  # of one element of these
MAX_FIELDS = 200
_TIME = re.compile(r"[mM]8\[(Y|M|W|D|h|m|s|ms|us|ns)\]")
_STRINGS = re.compile(r"[<>|]([US])(\d{1,6})")
_NUMBERS = [np.dtype(code) for code in "?bBhHiIlLqQefdgFDG"]
# By name, in both byte orders. Objects are no numbers, and a table of fields may not contain them.
_NAMED = {one.str: one for dtype in _NUMBERS for one in (dtype, dtype.newbyteorder())}
_ABSTRACT = "generic number integer signedinteger unsignedinteger inexact floating complexfloating flexible character"
_TYPES: dict[str, type] = {
    **{dtype.type.__name__: dtype.type for dtype in _NUMBERS},
    **{name: getattr(np, name) for name in _ABSTRACT.split()},
    **{name: getattr(np, name) for name in "str_ bytes_ object_ void datetime64 timedelta64 ndarray".split()},
}
_TYPE_NAMES = {one: name for name, one in _TYPES.items()}
_POLYNOMIAL = np.polynomial.Polynomial


def apart(value: Any) -> tuple[str, Any] | None:
    """The name of a value's kind and its parts; None if it is of none of these kinds. Raises ValueError if refused."""
    kind = type(value)
    if kind in (np.ndarray, np.recarray, np.void, np.record, np.datetime64, np.timedelta64):
        return _array_apart(value, kind)
    if kind is np.matrix:
        return "matrix", np.asarray(value)
    if kind is np.ma.MaskedArray:
        mask = np.ma.getmask(value)
        own = None if mask is np.ma.nomask else mask
        data = np.ma.getdata(value, subok=False)
        # NumPy cuts the "N/A" with which it fills strings if they are shorter, unless it is left to itself.
        by_default = data.dtype.kind in "US" and value.fill_value in ("N/A", b"N/A")
        fill = None if by_default else np.array(value.fill_value, data.dtype)
        return "masked", (data, own, fill, value.hardmask)
    if value is np.ma.masked:
        return "masked constant", None
    if isinstance(value, np.dtype):
        return "dtype", _dtype_parts(value)
    if kind is type and value in _TYPE_NAMES:
        return "numpy type", _TYPE_NAMES[value]
    if kind is np.poly1d:
        return "poly1d", (value.coeffs, value.variable)
    if kind is _POLYNOMIAL:
        return "Polynomial", (value.coef, value.domain, value.window, value.symbol)
    return None


def _array_apart(value: Any, kind: type) -> tuple[str, Any] | None:
    letter = value.dtype.kind
    if letter in "mM":
        unit = value.dtype.str[1:]
        if not _TIME.fullmatch(unit):
            raise ValueError("its unit of time is not supported")
        array = np.asarray(value).astype(f"={unit}")
        numbers = np.ascontiguousarray(array).view(np.int64).reshape(array.shape)
        return "moments", (unit, numbers, kind is not np.ndarray)
    if letter == "V":
        array = np.asarray(value)
        dtype = packed(array.dtype)
        _refuse_large(array.size, dtype.itemsize)
        fields = [array[name] for name in dtype.names or ()]
        return "records", (_dtype_parts(dtype), list(array.shape), fields, kind.__name__)
    if kind is np.ndarray and letter in "US":
        _refuse_large(value.size, _width(value.dtype) * 4)
        return "words", (list(value.shape), letter, value.ravel().tolist(), max(_width(value.dtype), 1))
    if kind is np.ndarray and letter == "O":
        return "objects", (list(value.shape), list(value.ravel()))
    return None


def _refuse_large(items: int, item_bytes: int) -> None:
    if item_bytes > MAX_ITEM_BYTES or items * item_bytes > MAX_BYTES:
        raise ValueError("this array of strings or records is too large")


# --- dtypes ----------------------------------------------------------------------------------------------------------


def _width(dtype: np.dtype) -> int:
    return dtype.itemsize // (4 if dtype.kind == "U" else 1)


def packed(dtype: np.dtype) -> np.dtype:
    """The same fields, one right after the other, unless they are aligned: a view of some fields has gaps."""
    if dtype.names is None or dtype.fields is None:
        return dtype
    fields = []
    for name in dtype.names:
        field = dtype.fields[name][0]
        base, shape = field.subdtype or (field, ())
        fields.append((name, packed(base), shape))
    aligned = np.dtype(fields, align=True)
    return aligned if aligned == dtype else np.dtype(fields)


def _dtype_parts(dtype: np.dtype, *, within: bool = False) -> Any:
    """A dtype as a name of the table, or as `(fields, whether they are aligned)`."""
    parts: Any = dtype.str
    if dtype.names is not None and dtype.fields is not None:
        fields = []
        for name in dtype.names:
            field = dtype.fields[name][0]
            base, shape = field.subdtype or (field, ())
            fields.append((name, _dtype_parts(base, within=True), list(shape)))
        parts = (fields, dtype.isalignedstruct)
    if dtype_of(parts, within=within) != dtype:
        raise ValueError("its dtype is not supported")
    return parts


def dtype_of(parts: Any, *, within: bool = False) -> np.dtype:
    """The dtype of a name or of fields; `within` those of another one, no objects.

    Sizes are checked before NumPy adds them up.
    """
    if type(parts) is str:
        strings = _STRINGS.fullmatch(parts)
        if strings and int(strings[2]) <= MAX_ITEM_BYTES // 4:
            return np.dtype(parts)
        if _TIME.fullmatch(parts[1:]) and parts[0] in "<>":
            return np.dtype(parts)
        if parts == "|O" and not within:
            return np.dtype(object)
        if parts not in _NAMED:
            raise ValueError("its dtype is not supported")
        return _NAMED[parts]
    fields, aligned = of(tuple, parts)
    made, size = [], 0
    if not 0 < len(of(list, fields)) <= MAX_FIELDS:
        raise ValueError(f"a dtype may have at most {MAX_FIELDS} fields")
    for name, part, shape in fields:
        if type(name) is not str or len(name) > 100 or any(type(n) is not int or n < 0 for n in of(list, shape)):
            raise ValueError("a field needs a short name and a shape")
        dtype = dtype_of(part, within=True)
        size += dtype.itemsize * math.prod(shape)
        if len(shape) > 8 or max(shape, default=0) > MAX_ITEM_BYTES or size > MAX_ITEM_BYTES:
            raise ValueError("the fields of its dtype are too large")
        made.append((name, dtype, tuple(shape)))
    return np.dtype(made, align=of(bool, aligned))


# --- rebuilding ------------------------------------------------------------------------------------------------------


def checked_shape(shape: Any) -> tuple[int, ...]:
    """A shape for NumPy. Raises ValueError if it is none."""
    if type(shape) is not list or len(shape) > 64 or any(type(n) is not int or not 0 <= n < 2**40 for n in shape):
        raise ValueError("expected a shape of at most 64 dimensions")
    return tuple(shape)


def _words(parts: tuple) -> np.ndarray:
    shape, kind, items, width = parts
    wanted = {"U": str, "S": bytes}[kind]
    if any(type(item) is not wanted for item in items) or math.prod(checked_shape(shape)) != len(items):
        raise ValueError("expected as many strings as the shape says")
    longest = max(map(len, items), default=1)
    if not max(longest, 1) <= of(int, width):
        raise ValueError("a string is longer than the array's dtype says")
    _refuse_large(len(items), width * 4)
    return np.array(items, dtype=f"{kind}{width}").reshape(shape)


def _objects(parts: tuple) -> np.ndarray:
    shape, items = parts
    if math.prod(checked_shape(shape)) != len(of(list, items)):
        raise ValueError("the array's shape does not match its size")
    made = np.empty(len(items), dtype=object)
    for place, item in enumerate(items):
        made[place] = item
    return made.reshape(shape)


def _moments(parts: tuple) -> Any:
    unit, numbers, single = parts
    if not _TIME.fullmatch(unit) or type(numbers) is not np.ndarray or numbers.dtype != np.int64:
        raise ValueError("expected a unit of time and an array of 64-bit integers")
    made = numbers.view(unit)
    return made[()] if single and made.shape == () else made


def _records(parts: tuple) -> Any:
    description, shape, fields, kind = parts
    dtype, shape = dtype_of(description), checked_shape(shape)
    if dtype.names is None or dtype.fields is None or len(of(list, fields)) != len(dtype.names):
        raise ValueError("expected an array for each field")
    _refuse_large(math.prod(shape), dtype.itemsize)
    made = np.zeros(shape, dtype)
    for name, field in zip(dtype.names, fields, strict=True):
        base, inner = dtype.fields[name][0].subdtype or (dtype.fields[name][0], ())
        # NumPy would repeat a field of another shape, and convert one of another type, whose elements may be anything.
        if of(np.ndarray, field).shape != shape + inner or field.dtype not in (
            base,
            base.newbyteorder("="),
        ):
            raise ValueError("a field does not have the dtype and shape of its table")
        made[name] = field
    if kind in ("recarray", "record"):
        made = made.view(np.recarray)
    elif kind not in ("ndarray", "void"):
        raise ValueError("expected an array of records, or one record")
    return made[()] if kind in ("void", "record") and shape == () else made


def _masked(parts: tuple) -> np.ma.MaskedArray:
    data, mask, fill, hard = parts
    of(np.ndarray, data)
    if mask is not None and (
        of(np.ndarray, mask).shape != data.shape or mask.dtype != np.ma.make_mask_descr(data.dtype)
    ):
        # NumPy would accept any mask of the same size, and convert it.
        raise ValueError("a mask does not have the shape of its array")
    if fill is not None and (of(np.ndarray, fill).shape != () or fill.dtype.kind != data.dtype.kind):
        raise ValueError("expected a single value to fill the masked places with")
    own = np.ma.nomask if mask is None else mask
    filler = None if fill is None else fill[()]
    return np.ma.MaskedArray(data, mask=own, fill_value=filler, hard_mask=of(bool, hard))


def _numbers(array: Any, dimensions: int) -> np.ndarray:
    if of(np.ndarray, array).ndim != dimensions or array.dtype.kind not in "biufc":
        raise ValueError(f"expected an array of numbers with {dimensions} dimensions")
    return array


def _poly1d(parts: tuple) -> np.poly1d:
    coefficients, variable = parts
    return np.poly1d(_numbers(coefficients, 1), variable=of(str, variable)[:20])


def _polynomial(parts: tuple) -> np.polynomial.Polynomial:
    coefficients, domain, window, symbol = parts
    return _POLYNOMIAL(_numbers(coefficients, 1), _numbers(domain, 1), _numbers(window, 1), symbol=of(str, symbol)[:20])


KINDS: dict[str, Callable[[Any], Any]] = {
    "words": _words,
    "objects": _objects,
    "moments": _moments,
    "records": _records,
    "matrix": lambda array: np.asmatrix(of(np.ndarray, array)),
    "masked": _masked,
    "masked constant": lambda _: np.ma.masked,
    "dtype": dtype_of,
    "numpy type": _TYPES.__getitem__,
    "poly1d": _poly1d,
    "Polynomial": _polynomial,
}
