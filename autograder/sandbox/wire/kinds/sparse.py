"""Takes SciPy's sparse arrays and matrices apart into the arrays that they consist of.

SciPy's compiled code reads and writes wherever an index points. So all indices are checked before SciPy sees them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np

from autograder.errors import RefusedValue
from autograder.sandbox.wire.kinds.standard_types import of

MAX_SIDE = 10**7  # rows or columns, so that an array with a number for each fits into memory
MAX_LISTS = 10**6  # rows of the format that has a list for each
# For each format, which one its content is sent in.
_SENT_AS = {"csr": "csr", "csc": "csc", "bsr": "bsr", "coo": "coo", "dia": "dia", "lil": "csr", "dok": "coo"}
_NAMES = tuple(f"{name}_{kind}" for name in _SENT_AS for kind in ("array", "matrix"))


@lru_cache(maxsize=1)
def _scipy_sparse() -> ModuleType:
    try:
        import scipy.sparse  # noqa: PLC0415, it takes half a second
    except ImportError as error:
        raise RefusedValue("SciPy is not installed where the tests run.") from error
    return scipy.sparse


@lru_cache(maxsize=1)
def _types() -> dict[type, str]:
    return {getattr(_scipy_sparse(), name): name for name in _NAMES}


def apart(value: Any) -> tuple[str, Any] | None:
    """The name of a sparse array's type and its parts; None for any other value. Raises ValueError if refused."""
    if "scipy.sparse" not in sys.modules or type(value) not in _types():
        return None
    name = _types()[type(value)]
    sent = _SENT_AS[name[:3]]
    plain = value if sent == name[:3] else value.asformat(sent)
    arrays = _arrays(plain, sent)
    shape = tuple(map(int, value.shape))
    _check(sent, shape, arrays)
    _check_size(name, shape)
    return name, (list(shape), arrays)


def _arrays(value: Any, sent: str) -> list[np.ndarray]:
    if sent == "coo":
        return [value.data, *value.coords]
    if sent == "dia":
        return [value.data, value.offsets]
    stored = value.indptr[-1]  # there may be room for more
    return [value.data[:stored], value.indices[:stored], value.indptr]


def _check_size(name: str, shape: tuple[int, ...]) -> None:
    if any(side > MAX_SIDE for side in shape) or (name.startswith("lil") and shape[0] > MAX_LISTS):
        raise ValueError("this sparse array has too many rows or columns")


def _check(sent: str, shape: tuple[int, ...], arrays: list[np.ndarray]) -> None:
    """Raise ValueError if SciPy's code would reach out of these arrays."""
    data, *rest = arrays
    if data.dtype.kind not in "biufc" or data.dtype == np.float16:
        raise ValueError("a sparse array can only hold numbers or booleans, of no type float16")
    for index in rest:
        if index.dtype not in (np.int32, np.int64) or index.ndim != 1:
            raise ValueError("the indices of a sparse array are 32-bit or 64-bit integers")
    if sent == "coo":
        # Each element has one coordinate for each axis.
        _must(len(rest) == len(shape) >= 1 and data.ndim == 1)
        for side, index in zip(shape, rest, strict=True):
            _must(len(index) == len(data) and _within(index, 0, side))
    elif sent == "dia":
        _must(len(rest) == 1 and len(shape) == 2 and data.ndim == 2 and len(rest[0]) == len(data))
        _must(_within(rest[0], 1 - shape[0], shape[1]) and len(np.unique(rest[0])) == len(rest[0]))
    else:
        _check_compressed(sent, shape, data, *rest)


def _check_compressed(
    sent: str, shape: tuple[int, ...], data: np.ndarray, indices: np.ndarray, starts: np.ndarray
) -> None:
    _must(len(shape) in ((1, 2) if sent == "csr" else (2,)) and data.ndim == (3 if sent == "bsr" else 1))
    rows, columns = shape if len(shape) == 2 else (1, *shape)
    if sent == "csc":
        rows, columns = columns, rows
    if sent == "bsr":
        high, wide = data.shape[1:]
        _must(high > 0 and wide > 0 and rows % high == 0 and columns % wide == 0)
        rows, columns = rows // high, columns // wide
    _must(len(indices) == len(data) and len(starts) == rows + 1)
    _must(starts[0] == 0 and starts[-1] == len(indices) and bool(np.all(starts[1:] >= starts[:-1])))
    _must(_within(indices, 0, columns))


def _within(index: np.ndarray, lowest: int, beyond: int) -> bool:
    return len(index) == 0 or (int(index.min()) >= lowest and int(index.max()) < beyond)


def _must(true: bool) -> None:
    if not true:
        raise ValueError("the indices of this sparse array do not fit its shape")


def _together(name: str, parts: Any) -> Any:
    shape, arrays = parts
    if any(type(side) is not int or side < 0 for side in of(list, shape)):
        raise ValueError("expected a shape")
    sent = _SENT_AS[name[:3]]
    for one in of(list, arrays):
        of(np.ndarray, one)
    _check_size(name, tuple(shape))
    _check(sent, tuple(shape), arrays)
    library = _scipy_sparse()
    made = getattr(library, f"{sent}_{name[4:]}")(_given(sent, arrays), shape=tuple(shape))
    if sent in ("csr", "csc", "bsr"):
        made.check_format(full_check=True)
    return made if sent == name[:3] else made.asformat(name[:3])


def _given(sent: str, arrays: list[np.ndarray]) -> tuple:
    data, *rest = arrays
    return (data, tuple(rest)) if sent == "coo" else (data, *rest)


def _kind(name: str) -> Callable[[Any], Any]:
    return lambda parts: _together(name, parts)


KINDS: dict[str, Callable[[Any], Any]] = {name: _kind(name) for name in _NAMES}
