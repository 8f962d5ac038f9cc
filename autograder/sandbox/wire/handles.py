"""References to objects that stay on the other side: functions, classes, instances of classes, iterators.

A reference is a number and a description for display and for the shape of a stand-in. The description of a class lists
its bases and which special methods it has; nothing of the class itself crosses.
"""

from __future__ import annotations

import builtins
import inspect
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MAX_BASES, MAX_CLASSES = 20, 200
MAX_DOC = 2_000
# Classes that both sides have: they cross by name.
TYPES = {name: kind for name, kind in vars(builtins).items() if isinstance(kind, type)} | {
    name: type(value) for name, value in (("NoneType", None), ("NotImplementedType", NotImplemented), ("ellipsis", ...))
}
NAMES = {kind: name for name, kind in TYPES.items()}
COMPARISONS = tuple(f"__{name}__" for name in "eq ne lt le gt ge".split())
_BINARY = "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or".split()
# Operators that hand the other operand to the object: what it is compared with, or computed with.
OPERATORS = (
    *(f"__{prefix}{name}__" for name in _BINARY for prefix in ("", "r", "i") if (prefix, name) != ("i", "divmod")),
    "__contains__",
)
# All others. They are given no value that the object could imitate.
QUESTIONS = tuple(
    f"__{name}__"
    for name in (
        "len iter next reversed bool hash str repr format bytes int float complex index round trunc floor ceil "
        "abs neg pos invert getitem setitem delitem call enter exit"
    ).split()
)
SPECIAL = frozenset((*COMPARISONS, *OPERATORS, *QUESTIONS))


# Built-in classes that only `types` names, such as that of a function's code.
_TYPES = {kind: name for name, kind in vars(types).items() if isinstance(kind, type) and kind.__module__ == "builtins"}


@dataclass(frozen=True)
class Parameter:
    """A parameter of a function: its name, its kind as `inspect` numbers them, and whether it has a default, and which.

    A default that is not a short plain value is told as None.
    """

    name: str
    kind: int = 1
    optional: bool = False
    default: Any = None


@dataclass(frozen=True)
class Handle:
    """A reference to a function of the other side.

    Args:
        number: its number there.
        name: its name.
        parameters: its parameters; None if they are not known.
        doc: its docstring.
    """

    number: int
    name: str
    parameters: tuple[Parameter, ...] | None
    doc: str | None = None


@dataclass(frozen=True)
class Iteration:
    """A reference to an iterator of the other side: the number of the function there that returns its next item."""

    number: int


@dataclass(frozen=True)
class ClassHandle:
    """A reference to a class of the other side.

    Args:
        number: its number there.
        name: its name.
        module: where it is defined, if that is an installed module; empty for a class of the notebook.
        bases: its direct bases; a built-in class itself where both sides have it.
        special: the special methods, of those in `SPECIAL`, that it or one of its bases defines.
    """

    number: int
    name: str
    module: str
    bases: tuple[ClassHandle | type, ...]
    special: tuple[str, ...]


@dataclass(frozen=True)
class ObjectHandle:
    """A reference to an object of the other side; `hash` is its hash value, if its class computes one of its own."""

    number: int
    kind: ClassHandle
    hash: int | None = None


@dataclass(frozen=True)
class Own:
    """A reference to an object of the receiving side, by the number under which it was sent before."""

    number: int


Reference = Handle | ClassHandle | ObjectHandle | Own


def describe_class(kind: type, number_of: Callable[[Any], int]) -> ClassHandle:
    """Describe a class for sending. `number_of` gives an object its number."""
    mro = type.__dict__["__mro__"].__get__(kind)
    own = [vars(base) for base in mro if base is not object]
    special = sorted(
        name for name in SPECIAL if next((vars_[name] for vars_ in own if name in vars_), None) is not None
    )
    bases = tuple(
        base if base in NAMES else describe_class(base, number_of)
        for base in type.__dict__["__bases__"].__get__(kind)[:MAX_BASES]
    )
    name, module = (
        (_TYPES[kind], "types") if kind in _TYPES and kind not in NAMES else (class_name(kind), _module(kind))
    )
    return ClassHandle(number_of(kind), name, module, bases, tuple(special))


def describe_object(value: Any, number_of: Callable[[Any], int]) -> ObjectHandle:
    """Describe an object for sending."""
    kind = describe_class(type(value), number_of)
    code = None
    if "__hash__" in kind.special:
        try:
            code = hash(value)
        except Exception:  # the class may be anybody's
            code = None
    return ObjectHandle(number_of(value), kind, code)


def describe_function(value: Any, number: int) -> Handle:
    """Describe a function, or anything else that is only called, for sending."""
    doc = getattr(value, "__doc__", None)
    return Handle(number, _name(value), _parameters(value), doc[:MAX_DOC] if type(doc) is str else None)


def class_name(kind: type) -> str:
    """The name of a class, whatever its metaclass says."""
    return str(type.__dict__["__name__"].__get__(kind))[:80]


def _module(kind: type) -> str:
    """The installed module that defines a class; empty for one that was made elsewhere."""
    name = type.__dict__["__module__"].__get__(kind)
    module = sys.modules.get(name) if type(name) is str and name != "__main__" else None
    found = vars(module).get(class_name(kind)) if module is not None else None
    return str(name) if found is kind else ""


def _name(function: Any) -> str:
    name = getattr(function, "__name__", None)
    return name[:80] if type(name) is str else class_name(type(function))


def _parameters(function: Any) -> tuple[Parameter, ...] | None:
    try:
        known = list(inspect.signature(function).parameters.values())
        return tuple(map(_parameter, known)) if len(known) < 50 else None
    except Exception:  # the signature may be any object that the student's code provides
        return None


def _parameter(known: inspect.Parameter) -> Parameter:
    default = known.default
    plain = type(default) in (bool, int, float, str) and len(repr(default)) < 100
    return Parameter(known.name, int(known.kind), default is not inspect.Parameter.empty, default if plain else None)
