"""Short descriptions of values for messages. No code of an untrusted object runs, such as its `__repr__`."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

MAX_ENTRIES = 80
MAX_TEXT = 400
MAX_DEPTH = 5
REACH = 2  # how many entries are shown beside the first difference, in each direction


def describe(value: Any, indent: int = 0, depth: int = 0) -> str:
    """A short text for a value of a plain type; for anything else, the name of its type.

    Args:
        indent: the column in which the text will start; the lines after the first are indented by it.
        depth: how many lists and dicts the value is nested in; limited, since a list can contain itself.
    """
    kind = type(value)
    if kind is type:
        return _type_name(value)
    if kind is np.ndarray:
        return _array(value, indent)
    if kind is int and value.bit_length() > 4096:
        return f"an int of {value.bit_length()} bits"  # beyond Python's limit for converting an int to a string
    if kind is float:
        return number(value)
    if kind in (bool, int, complex, str, bytes, type(None)):
        text = repr(value)
        return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "…"
    if kind.__module__ == "numpy" and kind.__flags__ & (1 << 8) and issubclass(kind, (np.number, np.bool_)):
        return number(value.item()) if issubclass(kind, np.floating) else f"{value.item()!r}"
    if kind in (list, tuple, dict) and depth >= MAX_DEPTH:
        return "…"
    if kind in (list, tuple):
        return _sequence(value, indent, depth)
    if kind is dict:
        inner = ", ".join(
            f"{describe(key, 0, depth + 1)}: {describe(item, 0, depth + 1)}" for key, item in list(value.items())[:8]
        )
        return "{" + inner + (", …" if len(value) > 8 else "") + "}"
    if kind is np.random.Generator:
        return "a NumPy random generator"
    if kind.__module__.startswith("keras.src.models."):
        return "a Keras model"
    return f"an object of type {_type_name(kind)}"


def _type_name(kind: type) -> str:
    name = type.__dict__["__name__"].__get__(kind)
    known = {
        "list": "a list",
        "tuple": "a tuple",
        "float": "a float",
        "int": "an int",
        "str": "a string",
        "NoneType": "None",
    }
    return known.get(name, str(name)[:80])


def _array(value: np.ndarray, indent: int) -> str:
    shape = " × ".join(map(str, value.shape)) or "0-d"
    head = f"{shape} array of {value.dtype.name if value.dtype.kind in 'biufc' else 'other things'}"
    if value.size > MAX_ENTRIES or value.ndim > 2 or value.dtype.kind not in "biufc" or value.size == 0:
        return head
    text = written(value)
    if value.ndim < 2:
        return f"{text}  ({head})"
    lines = text.splitlines()
    return ("\n" + " " * indent).join([*lines[:12], *(["…"] if len(lines) > 12 else [])])


def number(value: float) -> str:
    """A number with at most six significant digits; a whole one keeps a decimal, to be told from an int."""
    text = f"{value:.6g}"
    return f"{text}.0" if text.lstrip("-").isdigit() else text


def written(array: np.ndarray) -> str:
    """An array of one or two axes as text, its columns aligned, its numbers with at most six significant digits."""
    if array.dtype.kind != "f":
        return np.array2string(array, separator=", ", max_line_width=100)
    width = max((len(number(value)) for value in array.ravel().tolist()), default=0)
    form = {"float_kind": lambda value: f"{number(float(value)):>{width}}"}
    return np.array2string(array, separator=", ", max_line_width=100, formatter=form)  # type: ignore[arg-type]


def _sequence(value: list | tuple, indent: int, depth: int) -> str:
    open_, close = "()" if type(value) is tuple else "[]"
    inner = ", ".join(describe(item, indent + 1, depth + 1) for item in value[:12])
    comma = "," if type(value) is tuple and len(value) == 1 else ""
    return open_ + inner + comma + (", …" if len(value) > 12 else "") + close


def difference(got: np.ndarray, due: np.ndarray, wrong: np.ndarray) -> str:
    """Where two arrays of the same shape first differ and in how many entries, with a remark if the pattern is simple.

    Args:
        wrong: True where `got` differs from `due`.
    """
    if got.ndim == 0:
        return ""
    place = tuple(int(axis) for axis in np.argwhere(wrong)[0])
    count = f"{int(wrong.sum())} of {wrong.size} entries differ"
    text = f"First difference at {list(place)}: expected {describe(due[place])}, got {describe(got[place])} ({count})."
    around = _around(got, due, place) if due.ndim > 2 or due.size > MAX_ENTRIES else ""
    return "\n".join(part for part in (text, around, _remark(got, due)) if part)


def _around(got: np.ndarray, due: np.ndarray, place: tuple[int, ...]) -> str:
    """The entries beside a place: of rows and columns, in the same channel, up to two in each direction.

    Of an array `[..., height, width, channels]` these are those of the place's picture and channel.
    """
    axes = (due.ndim - 3, due.ndim - 2) if due.ndim > 2 else tuple(range(due.ndim))
    spans = [slice(max(at - REACH, 0), at + REACH + 1) if axis in axes else at for axis, at in enumerate(place)]
    names = [f"{span.start}:{min(span.stop, due.shape[axis])}" if isinstance(span, slice) else str(span)
             for axis, span in enumerate(spans)]  # fmt: skip
    where = f"[{', '.join(names)}]"
    parts = [f"{label} = " + indented(written(array[tuple(spans)]), len(label) + 3)
             for label, array in ((f"expected{where}", due), (f"got{where}     ", got))]  # fmt: skip
    return "\n".join(parts)


def indented(text: str, columns: int) -> str:
    """The text with all lines but the first moved to the right."""
    return text.replace("\n", "\n" + " " * columns)


def _remark(got: np.ndarray, due: np.ndarray) -> str:
    if due.dtype.kind not in "iuf" or got.dtype.kind not in "iuf" or due.size < 2 or not np.isfinite(due).all():
        return ""
    if not np.isfinite(got).all():
        return "Some entries are not finite numbers."
    numbers, wanted = got.astype(np.float64), due.astype(np.float64)
    if np.unique(wanted).size < 2:
        return ""
    if np.allclose(numbers, -wanted):
        return "All signs are reversed."
    if got.ndim == 2 and got.shape[0] == got.shape[1] and np.allclose(numbers, wanted.T):
        return "Rows and columns are swapped."
    if not numbers.any():
        return "All entries are zero."
    return ""


def plain(value: Any) -> Any:
    """Eager tensors of TensorFlow and variables of Keras as arrays, recognized by their exact types; others unchanged."""
    # Types are looked up in modules already imported: creating a tensor to get its type would start TensorFlow.
    known = (
        ("tensorflow.python.framework.ops", "EagerTensor"),
        ("tensorflow.python.ops.resource_variable_ops", "ResourceVariable"),
        ("keras", "Variable"),
    )
    for module, name in known:
        if type(value) is getattr(sys.modules.get(module), name, None):
            return np.asarray(value.numpy())
    return value
