"""Takes values of standard library types apart into simpler values, and puts them together again.

Only exact types are accepted, and each value is rebuilt with its own constructor, so it is as safe as its parts.
"""

from __future__ import annotations

import array
import builtins
import collections.abc
import contextlib
import datetime
import enum
import functools
import io
import ipaddress
import operator
import pathlib
import random
import sys
import types
import typing
import uuid
import warnings
import zoneinfo
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from autograder.errors import RefusedValue
from autograder.sandbox.wire.exceptions import EXCEPTIONS

MAX_RANGE = 10**7  # items, so that a list of them fits into memory
MAX_EXPONENT = 10_000


class Kind(NamedTuple):
    """How values of a type are taken apart and rebuilt; either may raise ValueError for a value that is refused."""

    type: type
    apart: Callable[[Any], Any]
    together: Callable[[Any], Any]


def of(kind: type | tuple[type, ...], value: Any) -> Any:
    """The value, if it is of exactly this type, or of one of these; else ValueError is raised."""
    if type(value) is not kind and (type(kind) is not tuple or type(value) not in kind):
        raise ValueError(f"expected something else than a value of type '{type(value).__name__}'")
    return value


def _range(parts: tuple) -> range:
    made = range(*parts)
    if abs(made.stop - made.start) // abs(made.step) > MAX_RANGE:
        raise ValueError("this range is too long")
    return made


def _range_parts(value: range) -> tuple:
    _range((value.start, value.stop, value.step))
    return value.start, value.stop, value.step


def _decimal(text: str) -> Decimal:
    made = Decimal(of(str, text))
    if made.is_finite() and abs(made.adjusted()) > MAX_EXPONENT:
        raise ValueError("this decimal number is too large")
    return made


_ZONES = (type(None), datetime.timezone, zoneinfo.ZoneInfo)


def _time_parts(value: Any) -> tuple:
    if type(value.tzinfo) not in _ZONES:
        raise ValueError("its time zone is of a type that cannot cross: use datetime.timezone or zoneinfo.ZoneInfo")
    return value.replace(tzinfo=None).isoformat(), value.fold, value.tzinfo


def _timed(kind: type) -> Callable[[tuple], Any]:
    def together(parts: tuple) -> Any:
        text, fold, zone = parts
        return kind.fromisoformat(of(str, text)).replace(fold=of(int, fold), tzinfo=of(_ZONES, zone))  # type: ignore[attr-defined]

    return together


def zone(key: Any) -> zoneinfo.ZoneInfo:
    """The time zone of a key that is in the table of all zones; any other key might name a file."""
    if type(key) is not str or key not in _zone_keys():
        raise ValueError("this time zone is not known by its name")
    return zoneinfo.ZoneInfo(key)


@lru_cache(maxsize=1)
def _zone_keys() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


# Types that functions take and return as values.
_OWN_TYPES: tuple[type, ...] = (
    *(object, type, type(None), type(...), type(NotImplemented), types.FunctionType, types.GeneratorType),
    *(datetime.date, datetime.time, datetime.datetime, datetime.timedelta, Decimal, Fraction),
    *(deque, Counter, OrderedDict, defaultdict, ChainMap, types.SimpleNamespace, uuid.UUID, array.array),
    *(one for one in vars(builtins).values() if type(one) is type and not issubclass(one, BaseException)),
)
_TYPES: dict[str, type] = {f"{one.__module__}.{one.__qualname__}": one for one in (*_OWN_TYPES, *EXCEPTIONS.values())}
_TYPE_NAMES = {one: name for name, one in _TYPES.items()}

# What a type hint may be made of; `Optional[int]` is `Union[int, None]`.
_HINTS: dict[str, Any] = {
    f"typing.{name}": getattr(typing, name) for name in ("Union", "Any", "Literal", "Callable")
} | {name: one for name, one in _TYPES.items() if hasattr(one, "__class_getitem__")}
_HINTS |= {f"collections.abc.{name}": getattr(collections.abc, name) for name in collections.abc.__all__}
_HINT_NAMES = {one: name for name, one in _HINTS.items() if isinstance(one, type)}
_ALIASES = (
    *(types.GenericAlias, types.UnionType),
    *(type(getattr(typing, name)[int]) for name in ("List", "Optional", "Literal")),
)


def _hint_parts(value: Any) -> tuple:
    origin, args = typing.get_origin(value), typing.get_args(value)
    union = origin is typing.Union or isinstance(value, types.UnionType)
    name = "typing.Union" if union else "typing.Literal" if origin is typing.Literal else _HINT_NAMES.get(origin, "")
    if not name or len(args) > 50:
        raise ValueError("this type hint is not made of built-in types")
    return name, isinstance(value, types.GenericAlias | types.UnionType), args


def _hint(name: Any, plain: Any, args: Any) -> Any:
    origin = _HINTS.get(of(str, name))
    if origin is None or not of(tuple, args) or len(args) > 50:
        raise ValueError("expected a type hint made of built-in types")
    if name == "typing.Union":
        return functools.reduce(operator.or_, args) if plain else typing.Union[args]  # noqa: UP007, it is made of a tuple
    # `List[int]` and `list[int]` are equal to themselves only.
    generic = origin if of(bool, plain) else _GENERIC.get(origin, origin)
    return generic[args if len(args) > 1 else args[0]]


_GENERIC = {one.__origin__: one for one in vars(typing).values() if getattr(one, "__origin__", None) in _HINT_NAMES}

_MAPPINGS = (dict, OrderedDict, Counter, defaultdict)
_TYPECODES = "bBhHiIlLqQfd"


def _typed_array(parts: tuple) -> array.array:
    code, content = parts
    if code == "u":
        return array.array("u", of(str, content))
    if type(code) is not str or len(code) != 1 or code not in _TYPECODES:
        raise ValueError("expected an array with the code of a numeric type")
    made = array.array(code)
    made.frombytes(of(bytes, content))
    return made


def _array_parts(value: array.array) -> tuple:
    if value.typecode in _TYPECODES:
        return value.typecode, value.tobytes()
    return "u", value.tounicode()


def _default_parts(value: defaultdict) -> tuple:
    factory = value.default_factory
    return factory if isinstance(factory, type) and factory in _TYPE_NAMES else None, dict(value)


def _default(factory: Any, items: Any) -> defaultdict:
    if factory is not None and (not isinstance(factory, type) or factory not in _TYPE_NAMES):
        raise ValueError("expected a built-in class as the maker of defaults")
    return defaultdict(factory, of(dict, items))


def _random(version: Any, numbers: Any, gauss: Any) -> random.Random:
    if version != 3 or len(of(tuple, numbers)) != 625 or type(gauss) not in (float, type(None)):
        raise ValueError("expected the state of a Mersenne Twister")
    if any(type(one) is not int or not 0 <= one < 2**32 for one in numbers) or numbers[-1] > 624:
        raise ValueError("expected 32-bit numbers and a place among them")
    made = random.Random()
    made.setstate((version, numbers, gauss))
    return made


def _stream(content: Any, place: Any) -> Any:
    made = io.StringIO(content) if type(content) is str else io.BytesIO(of(bytes, content))
    made.seek(min(max(of(int, place), 0), len(content)))
    return made


def _namespace(parts: dict) -> types.SimpleNamespace:
    if any(type(name) is not str for name in of(dict, parts)):
        raise ValueError("the names of a namespace are not all strings")
    return types.SimpleNamespace(**parts)


def _chain(parts: list) -> ChainMap:
    return ChainMap(*(of(_MAPPINGS, one) for one in of(list, parts)))


def _chain_parts(value: ChainMap) -> list:
    return [of(_MAPPINGS, one) for one in value.maps]


def _of_text(kind: type) -> Kind:
    """A kind whose values are rebuilt from the text that `str` makes of them."""
    return Kind(kind, str, lambda text: kind(of(str, text)))


_TABLE = {
    "bytearray": Kind(bytearray, bytes, lambda content: bytearray(of(bytes, content))),
    "set": Kind(set, list, lambda parts: set(of(list, parts))),
    "frozenset": Kind(frozenset, list, lambda parts: frozenset(of(list, parts))),
    "range": Kind(range, _range_parts, _range),
    "slice": Kind(slice, lambda value: (value.start, value.stop, value.step), lambda parts: slice(*parts)),
    "ellipsis": Kind(type(...), lambda value: None, lambda _: ...),
    "deque": Kind(deque, lambda value: (list(value), value.maxlen), lambda parts: deque(of(list, parts[0]), parts[1])),
    "Counter": Kind(Counter, dict, lambda parts: Counter(of(dict, parts))),
    "OrderedDict": Kind(OrderedDict, dict, lambda parts: OrderedDict(of(dict, parts))),
    "defaultdict": Kind(defaultdict, _default_parts, lambda parts: _default(*of(tuple, parts))),
    "hint": Kind(types.GenericAlias, _hint_parts, lambda parts: _hint(*of(tuple, parts))),
    "Random": Kind(random.Random, random.Random.getstate, lambda parts: _random(*of(tuple, parts))),
    "StringIO": Kind(io.StringIO, lambda value: (value.getvalue(), value.tell()), lambda parts: _stream(*parts)),
    "BytesIO": Kind(io.BytesIO, lambda value: (value.getvalue(), value.tell()), lambda parts: _stream(*parts)),
    "ChainMap": Kind(ChainMap, _chain_parts, _chain),
    "mappingproxy": Kind(types.MappingProxyType, dict, lambda parts: types.MappingProxyType(of(dict, parts))),
    "SimpleNamespace": Kind(types.SimpleNamespace, lambda value: _checked_names(vars(value)), _namespace),
    "keys": Kind(type({}.keys()), dict.fromkeys, lambda parts: of(dict, parts).keys()),
    "values": Kind(type({}.values()), lambda value: dict(enumerate(value)), lambda parts: of(dict, parts).values()),
    "items": Kind(type({}.items()), dict, lambda parts: of(dict, parts).items()),
    "array": Kind(array.array, _array_parts, _typed_array),
    "Fraction": Kind(
        Fraction,
        lambda value: (value.numerator, value.denominator),
        lambda parts: Fraction(*(of(int, part) for part in parts)),
    ),
    "Decimal": Kind(Decimal, lambda value: str(_decimal(str(value))), _decimal),
    "date": Kind(datetime.date, datetime.date.isoformat, datetime.date.fromisoformat),
    "time": Kind(datetime.time, _time_parts, _timed(datetime.time)),
    "datetime": Kind(datetime.datetime, _time_parts, _timed(datetime.datetime)),
    "timedelta": Kind(
        datetime.timedelta,
        lambda value: (value.days, value.seconds, value.microseconds),
        lambda parts: datetime.timedelta(*parts),
    ),
    "timezone": Kind(datetime.timezone, lambda value: value.__getinitargs__(), lambda parts: datetime.timezone(*parts)),
    "ZoneInfo": Kind(zoneinfo.ZoneInfo, lambda value: zone(value.key).key, zone),
    "UUID": Kind(uuid.UUID, lambda value: value.bytes, lambda content: uuid.UUID(bytes=of(bytes, content))),
    **{name: _of_text(getattr(pathlib, name)) for name in ("PosixPath", "PurePosixPath", "PureWindowsPath")},
    **{
        name: _of_text(getattr(ipaddress, name))
        for name in "IPv4Address IPv4Interface IPv4Network IPv6Address IPv6Interface IPv6Network".split()
    },
}
_BY_TYPE = {kind.type: (name, kind.apart) for name, kind in _TABLE.items()}

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
    if kind in _ALIASES and typing.get_origin(value) is not None:
        return "hint", _hint_parts(value)
    if kind is type:
        return ("type", _TYPE_NAMES[value]) if value in _TYPE_NAMES else None
    fields = kind.__dict__.get("_fields") if tuple in kind.__bases__ else None
    if type(fields) is tuple and fields and len(fields) == tuple.__len__(value):
        return "namedtuple", (kind.__name__, list(fields), list(tuple.__iter__(value)))
    if kind is getattr(sys.modules.get("statistics"), "NormalDist", ()):
        return "NormalDist", (value.mean, value.stdev)
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


def _checked_names(names: dict) -> dict:
    _namespace(names)
    return names


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


def _normal(parts: tuple) -> Any:
    from statistics import NormalDist  # noqa: PLC0415, hardly anything needs it

    return NormalDist(*parts)


KINDS: dict[str, Callable[[Any], Any]] = {
    **{name: kind.together for name, kind in _TABLE.items()},
    "type": _TYPES.__getitem__,
    "namedtuple": lambda parts: _named(parts[0], parts[1])(*parts[2]),
    "NormalDist": _normal,
}


@contextlib.contextmanager
def rebuilding(what: str) -> Iterator[None]:
    """Turn what a library raises while it rebuilds a value into a refusal of this value. Raises RefusedValue.

    The parts have been checked before, so an honest value may be meant.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Exception as error:
        text = f"{type(error).__name__}: {str(error).partition(chr(10))[0][:200]}"
        raise RefusedValue(f"{what} cannot be rebuilt for the tests ({text}).") from error
