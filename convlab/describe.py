"""Short descriptions of values for messages. No code of an untrusted object runs, such as its `__repr__`."""

from __future__ import annotations

import sys
import types
from typing import Any

import numpy as np

MAX_ENTRIES = 80
MAX_TEXT = 400
MAX_DEPTH = 5
MAX_LINE = 100  # a longer list or dict is written with one entry a line
FEW = 12  # what is shown of a list, of an array inside a list, and the lines of an array
KINDS = {"b": "booleans", "i": "whole numbers", "u": "whole numbers", "f": "numbers", "c": "complex numbers"}
REACH = 2  # how many entries are shown beside the first difference, in each direction


def describe(value: Any, indent: int = 0, depth: int = 0, due: bool = False) -> str:
    """A short text for a value of a plain type; for anything else, the name of its type.

    Args:
        indent: the column in which the text will start; the lines after the first are indented by it.
        depth: how many lists and dicts the value is nested in; limited, since a list can contain itself.
        due: whether it is an expected value: of an array the kind of its numbers counts then, not their dtype.
    """
    kind = type(value)
    if kind is type:
        return _type_name(value)
    if kind is np.ndarray:
        return _array(value, indent, depth, due)
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
        open_, close = "()" if kind is tuple else "[]"
        parts = [describe(item, indent + 1, depth + 1, due) for item in value[:FEW]]
        comma = "," if kind is tuple and len(value) == 1 else ""
        return open_ + _joined(parts, indent + 1, len(value)) + comma + close
    if kind is dict:
        shown = list(value.items())[:FEW]
        parts = [f"{describe(key, 0, depth + 1)}: {describe(item, 0, depth + 1, due)}" for key, item in shown]
        return "{" + _joined(parts, indent + 1, len(value)) + "}"
    return _object(value, kind)


def _object(value: Any, kind: type) -> str:
    """What something is that has no numbers or entries to show."""
    if kind is types.FunctionType and type(value.__name__) is str:
        return f"the function {value.__name__[:80]}"
    if kind is np.random.Generator:
        return "a NumPy random generator"
    if kind.__module__.startswith("keras.src.models."):
        return "a Keras model"
    if kind.__module__.startswith("keras.src.layers."):
        return f"a Keras layer ({_type_name(kind)})"
    return f"an object of type {_type_name(kind)}"


def _joined(parts: list[str], indent: int, count: int) -> str:
    """The entries of a list or a dict on one line, or each on its own if that line would be too long."""
    parts = parts + ["…"] * (count > len(parts))
    one_line = sum(map(len, parts)) + 2 * len(parts) <= MAX_LINE and not any("\n" in part for part in parts)
    return (", " if one_line else ",\n" + " " * indent).join(parts)


def _type_name(kind: type) -> str:
    name = type.__dict__["__name__"].__get__(kind)
    known = {
        "list": "a list",
        "tuple": "a tuple",
        "float": "a float",
        "int": "an int",
        "str": "a string",
        "dict": "a dict",
        "set": "a set",
        "bool": "True or False",
        "function": "a function",
        "ndarray": "an array",
        "NoneType": "None",
    }
    if kind.__module__ == "numpy" and issubclass(kind, np.generic):
        return f"a single number ({str(name)[:80]})"
    return known.get(name, str(name)[:80])


def _array(value: np.ndarray, indent: int, depth: int, due: bool) -> str:
    kind = value.dtype.kind
    known = kind in "biufc"
    what = "other things" if not known else KINDS[kind] if due else value.dtype.name
    if value.ndim == 1:
        head = f"array of {value.size}" + (f" {what}" if due or not known else f" ({what})")
    else:
        head = f"{' × '.join(map(str, value.shape)) or '0-d'} array of {what}"
    if value.size > FEW and known and (value == value.flat[0]).all():
        return f"{head} (all {describe(value.flat[0])})"
    if (
        not known
        or value.size == 0
        or value.ndim > 2
        or value.size > (FEW if depth and value.ndim < 2 else MAX_ENTRIES)
    ):
        return head
    lines = written(value).splitlines()
    text = ("\n" + " " * indent).join([*lines[:FEW], *(["…"] if len(lines) > FEW else [])])
    return text if value.ndim == 2 else f"{text}  ({head})" if value.ndim == 0 else f"{text}  (array of {what})"


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

    Of an array `[..., height, width, channels]` these are those of the place's picture and channel. Where there is
    only one row, or one picture, columns and channels are shown.
    """
    axes = (due.ndim - 3, due.ndim - 2) if due.ndim > 2 else tuple(range(due.ndim))
    if due.ndim > 2 and due.shape[-3] == 1 < due.shape[-1]:
        axes = (due.ndim - 2, due.ndim - 1)
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
    if got.ndim > 1 and np.allclose(numbers[0], wanted[0]) and not numbers[1:].any():
        return "Only the first row is filled: does the return stand inside the loop?"
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
