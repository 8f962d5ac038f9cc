"""Encodes values as bytes and decodes them, between a judge and a worker whose every byte may be hostile.

The head, in msgpack, is a tree of plain values and of tagged lists `[tag, ...]`. The body holds arrays and byte
strings, one after the other, in the order in which the head refers to them. Nothing is pickled, evaluated, or imported
by a name that the other side sent. All limits are checked while reading: the depth, that shapes match sizes, and that
the body is used up exactly.
"""

from __future__ import annotations

import inspect
import itertools
import math
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import msgpack
import numpy as np

from autograder.errors import MalformedFrame, RefusedValue
from autograder.sandbox.wire.exceptions import EXCEPTIONS, MAX_PARTS, Raised, is_arguments
from autograder.sandbox.wire.kinds import apart, is_shared, together, underlying

_PLAIN = [np.dtype(code) for code in "?bBhHiIlLqQefdgFDG"]
_DTYPES = {dtype.str: np.dtype(dtype.str) for dtype in _PLAIN}
_SCALARS = {dtype.type: dtype.str for dtype in _PLAIN}
_BIT_GENERATORS = {name: getattr(np.random, name) for name in ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")}
_MAX_INT_BITS = 65_536
_ITERABLES: tuple[Iterable[Any], ...] = ([], (), "", b"", {}, set(), range(0), {}.values(), {}.items(), reversed([]))
_ITERATORS = (
    *(type(iter(one)) for one in _ITERABLES),
    *(type(_ for _ in ()), map, filter, zip, enumerate, type(reversed([]))),
    *(getattr(itertools, name) for name in vars(itertools) if isinstance(getattr(itertools, name), type)),
)
MAX_SHARED = 20  # figures in one frame
MODEL_DEPTH = 48  # extra depth for a model's description; a description cannot contain another one and so get more


@dataclass(frozen=True)
class FrameLimits:
    """Limits on one frame: bytes of head and body, levels of nesting, and characters of one string."""

    head_bytes: int = 2 * 2**20
    body_bytes: int = 128 * 2**20
    depth: int = 24
    text: int = 1_000_000


@dataclass(frozen=True)
class Handle:
    """A reference to a function of the other side: its number there, its name, and its parameters as far as known."""

    number: int
    name: str
    parameters: tuple[str, ...] | None


@dataclass(frozen=True)
class Iteration:
    """A reference to an iterator of the other side: the number of the function there that returns its next item."""

    number: int


# --- encoding --------------------------------------------------------------------------------------------------------


def encode(value: Any, limits: FrameLimits, register: Callable[[Any], int] | None = None) -> tuple[bytes, list[bytes]]:
    """Encode a value as a head and the parts of a body.

    Only exact types are accepted: a subclass could behave in any way, so its values are refused.

    Raises:
        RefusedValue: the value cannot be sent.
    """
    body: list[bytes] = []
    head = msgpack.packb(_Encoder(limits, body, register).tree(value, 0))
    if len(head) > limits.head_bytes or sum(map(len, body)) > limits.body_bytes:
        raise RefusedValue("this value is too large to be handed to the tests.")
    return head, body


class _Encoder:
    def __init__(self, limits: FrameLimits, body: list[bytes], register: Callable[[Any], int] | None) -> None:
        self.limits, self.body, self.register = limits, body, register
        self.items = 0
        self.shared: dict[
            int, tuple[int, Any]
        ] = {}  # by its id, the number and the value itself, which so keeps its id

    def tree(self, value: Any, depth: int) -> Any:
        self.items += 1
        if depth > self.limits.depth or self.items > self.limits.head_bytes:
            raise RefusedValue("this value is nested too deeply, contains itself, or has too many parts.")
        kind = type(value)
        if kind in (type(None), bool, float):
            return value
        if kind is int:
            return _int(value)
        if kind is str:
            return self._text(value)
        if kind in (list, tuple):
            return ["l" if kind is list else "t", *(self.tree(item, depth + 1) for item in value)]
        if kind is dict:
            return [
                "d",
                *(
                    part
                    for key, item in value.items()
                    for part in (self.tree(key, depth + 1), self.tree(item, depth + 1))
                ),
            ]
        return self._leaf(value, kind, depth)

    def _composed(self, value: Any, depth: int) -> Any:
        """Encode a value that is made of simpler ones; None if it is not of such a type."""
        if type(value) in _ITERATORS and self.register is not None:
            return ["n", self.register(value.__next__)]
        if id(value) in self.shared:
            return ["o", self.shared[id(value)][0]]
        plain = underlying(value)
        if plain is not value:
            return self.tree(plain, depth)
        found = apart(value)
        if found is None:
            return None
        tree = ["k", found[0], self.tree(found[1], depth + 1)]
        if is_shared(found[0]):
            if len(self.shared) >= MAX_SHARED:
                raise RefusedValue(f"these are more than {MAX_SHARED} figures, too many to be handed to the tests.")
            self.shared[id(value)] = (len(self.shared), value)
        return tree

    def _leaf(self, value: Any, kind: type, depth: int) -> Any:
        if kind is complex:
            return ["c", value.real, value.imag]
        if kind is bytes:
            return ["b", self._buffer(value)]
        if kind is np.ndarray and value.dtype.kind not in "USOmMV":
            return self._array(value)
        if kind in _SCALARS:
            return ["s", _SCALARS[kind], value.tobytes()]
        if kind is np.random.Generator:
            return self._generator(value, depth)
        if kind is Handle:
            known = None if value.parameters is None else [_clean(name) for name in value.parameters]
            return ["f", value.number, _clean(value.name), known]
        if kind is Raised:
            return ["x", list(value.builtins), _clean(value.name), _clean(value.text), self.tree(value.args, depth + 1)]
        composed = self._composed(value, depth)
        if composed is not None:
            return composed
        model = self._model(value, depth) if "keras" in sys.modules else None
        if model is not None:
            return model
        if self.register is not None and callable(value) and not isinstance(value, type):
            return self.tree(Handle(self.register(value), _name(value), _parameters(value)), depth)
        raise RefusedValue(f"a value of type '{_type_name(kind)}' cannot be handed to the tests.")

    def _model(self, value: Any, depth: int) -> list | None:
        """Encode a Keras model, layer or tensor; None if the value is none of these."""
        from autograder.sandbox.wire import keras_models  # noqa: PLC0415, Keras is already imported here

        array = keras_models.tensor_to_array(value)
        if array is not None:
            return self._array(array)
        try:
            description = keras_models.describe_model(value)
        except keras_models.ModelError as error:
            raise RefusedValue(f"{error}.") from error
        if description is not None:
            # A model may contain models, so its description may be nested more deeply than other values.
            return ["m", self.tree(description, depth + 1 - MODEL_DEPTH)]
        return None

    def _text(self, value: str) -> str:
        if len(value) > self.limits.text:
            raise RefusedValue("this text is too long to be handed to the tests.")
        return _clean(value)

    def _buffer(self, content: bytes) -> int:
        self.body.append(content)
        return len(content)

    def _array(self, value: np.ndarray) -> list:
        dtype = value.dtype.newbyteorder("=")
        if dtype.str not in _DTYPES:
            raise RefusedValue(
                f"an array of dtype '{value.dtype.kind}' cannot be handed to the tests: use numbers or booleans."
            )
        if value.nbytes > self.limits.body_bytes:
            raise RefusedValue("this array is too large to be handed to the tests.")
        content = np.ascontiguousarray(value, dtype=dtype).tobytes()
        return ["a", dtype.str, list(value.shape), self._buffer(content)]

    def _generator(self, value: np.random.Generator, depth: int) -> list:
        state = value.bit_generator.state
        if state["bit_generator"] not in _BIT_GENERATORS:
            raise RefusedValue("this random generator cannot be handed to the tests.")
        return ["g", self.tree(state, depth + 1)]


def _clean(text: str) -> str:
    """The text without lone surrogates, which a Python string may contain but UTF-8 cannot encode."""
    return text.encode("utf-8", "replace").decode()


def _int(value: int) -> Any:
    if -(2**63) <= value < 2**64:
        return value
    if value.bit_length() > _MAX_INT_BITS:
        raise RefusedValue("this whole number is too large to be handed to the tests.")
    return ["i", hex(value)]


def _type_name(kind: type) -> str:
    return str(type.__dict__["__name__"].__get__(kind))[:80]


def _name(function: Any) -> str:
    name = getattr(function, "__name__", None)
    return name[:80] if type(name) is str else _type_name(type(function))


def _parameters(function: Any) -> tuple[str, ...] | None:
    try:
        parameters = inspect.signature(function).parameters.values()
    except Exception:  # the signature may be any object that the student's code provides
        return None
    plain = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return (
        tuple(p.name for p in parameters) if all(p.kind is plain for p in parameters) and len(parameters) < 50 else None
    )


# --- decoding --------------------------------------------------------------------------------------------------------


def decode(head: bytes | bytearray, body: bytes | bytearray, limits: FrameLimits) -> Any:
    """Decode the value of a frame.

    Raises:
        MalformedFrame: the bytes are not a valid frame; no bytes cause any other exception.
        RefusedValue: the description of a model is valid, but the model cannot be rebuilt here.
    """
    try:
        tree = msgpack.unpackb(head, raw=False, strict_map_key=True, use_list=True)
        decoder = _Decoder(memoryview(body), limits)
        value = decoder.value(tree, 0)
        if decoder.used != len(body):
            raise MalformedFrame("the frame's body is larger than its head says.")
    except (MalformedFrame, RefusedValue):
        raise
    except RecursionError as error:
        raise MalformedFrame("the frame is nested too deeply.") from error
    except Exception as error:
        raise MalformedFrame(f"the frame does not hold a valid value ({type(error).__name__}).") from error
    return value


def _canonical(array: np.ndarray) -> np.ndarray:
    """Normalize bit patterns that are not valid 80-bit floats, by multiplying with 1; other arrays are unchanged."""
    if array.dtype.char not in "gG":
        return array
    with np.errstate(all="ignore"):
        return array * array.dtype.type(1)


def _is_state(state: Any, model: Any) -> bool:
    """Whether a generator's state has the structure of `model` and its positions are within its arrays.

    NumPy itself does not check this.
    """
    if type(model) is dict:
        places = (("pos", "key"), ("buffer_pos", "buffer"))
        return (
            type(state) is dict
            and state.keys() == model.keys()
            and all(_is_state(state[name], part) for name, part in model.items())
            and all(0 <= state[place] <= len(state[array]) for place, array in places if place in model)
        )
    if type(model) is np.ndarray:
        return type(state) is np.ndarray and state.dtype == model.dtype and state.shape == model.shape
    return type(state) is type(model) and (type(state) is str or state >= 0)


class _Decoder:
    def __init__(self, body: memoryview, limits: FrameLimits) -> None:
        self.body, self.limits, self.used = body, limits, 0
        self.in_model = False
        self.shared: list[Any] = []
        self.tags: dict[str, Callable[[list, int], Any]] = {
            "l": lambda parts, depth: [self.value(part, depth) for part in parts],
            "t": lambda parts, depth: tuple(self.value(part, depth) for part in parts),
            "d": self._dict,
            "i": self._int,
            "c": lambda parts, _: complex(*map(self._float, self._exactly(parts, 2))),
            "b": lambda parts, _: bytes(self._buffer(*self._exactly(parts, 1))),
            "a": self._array,
            "s": self._scalar,
            "g": self._generator,
            "f": self._handle,
            "x": self._raised,
            "k": self._kind,
            "o": self._again,
            "n": self._iteration,
            "m": self._model,
        }

    def value(self, tree: Any, depth: int) -> Any:
        if depth > self.limits.depth:
            raise MalformedFrame("the frame is nested too deeply.")
        if type(tree) in (type(None), bool, int, float, str):
            return tree
        if type(tree) is not list or not tree or type(tree[0]) is not str or tree[0] not in self.tags:
            raise MalformedFrame("the frame holds something that is not a value.")
        return self.tags[tree[0]](tree[1:], depth + 1)

    @staticmethod
    def _exactly(parts: list, count: int) -> list:
        if len(parts) != count:
            raise MalformedFrame(f"a value has the wrong number of parts: expected {count}, got {len(parts)}.")
        return parts

    @staticmethod
    def _float(part: Any) -> float:
        if type(part) is not float:
            raise MalformedFrame(f"expected a float, got {type(part).__name__}.")
        return part

    def _kind(self, parts: list, depth: int) -> Any:
        name, tree = self._exactly(parts, 2)
        if self.in_model:
            raise MalformedFrame("a model's description may only hold plain values.")
        made = together(name, self.value(tree, depth))
        if is_shared(name):
            self.shared.append(made)
            if len(self.shared) > MAX_SHARED:
                raise MalformedFrame("the frame holds too many figures.")
        return made

    def _again(self, parts: list, _: int) -> Any:
        (number,) = self._exactly(parts, 1)
        if self.in_model or type(number) is not int or not 0 <= number < len(self.shared):
            raise MalformedFrame("expected the number of a value that came before.")
        return self.shared[number]

    def _iteration(self, parts: list, _: int) -> Iteration:
        (number,) = self._exactly(parts, 1)
        if self.in_model or type(number) is not int:
            raise MalformedFrame("expected an iterator with a number, outside of a model's description.")
        return Iteration(number)

    def _dict(self, parts: list, depth: int) -> dict:
        if len(parts) % 2:
            raise MalformedFrame("a dict has a key without a value.")
        values = [self.value(part, depth) for part in parts]
        return dict(zip(values[::2], values[1::2], strict=True))

    def _int(self, parts: list, _: int) -> int:
        (text,) = self._exactly(parts, 1)
        if type(text) is not str or len(text) > _MAX_INT_BITS // 4 + 4:
            raise MalformedFrame("expected an integer as hexadecimal text of limited length.")
        return int(text, 16)

    def _buffer(self, size: Any) -> memoryview:
        if type(size) is not int or not 0 <= size <= len(self.body) - self.used:
            raise MalformedFrame("the frame's body is smaller than its head says.")
        self.used += size
        return self.body[self.used - size : self.used]

    def _array(self, parts: list, _: int) -> np.ndarray:
        name, shape, size = self._exactly(parts, 3)
        dtype = _DTYPES.get(name) if type(name) is str else None
        if dtype is None or type(shape) is not list or len(shape) > 64:
            raise MalformedFrame("expected an array with a numeric dtype and a shape of at most 64 dimensions.")
        if any(type(n) is not int or not 0 <= n < 2**40 for n in shape) or math.prod(shape) * dtype.itemsize != size:
            raise MalformedFrame("an array's shape does not match its size.")
        return _canonical(np.frombuffer(self._buffer(size), dtype=dtype).reshape(shape).copy())

    def _scalar(self, parts: list, _: int) -> Any:
        name, content = self._exactly(parts, 2)
        dtype = _DTYPES.get(name) if type(name) is str else None
        if dtype is None or type(content) is not bytes or len(content) != dtype.itemsize:
            raise MalformedFrame("expected a NumPy scalar: a numeric dtype and as many bytes as it has.")
        return _canonical(np.frombuffer(content, dtype=dtype))[0]

    def _generator(self, parts: list, depth: int) -> np.random.Generator:
        (tree,) = self._exactly(parts, 1)
        state = self.value(tree, depth)
        generator = _BIT_GENERATORS[state["bit_generator"]]()
        if not _is_state(state, generator.state):
            raise MalformedFrame("the state of a random generator is malformed.")
        generator.state = state
        return np.random.Generator(generator)

    def _handle(self, parts: list, _: int) -> Handle:
        number, name, parameters = self._exactly(parts, 3)
        names = parameters or []
        if (
            type(number) is not int
            or type(name) is not str
            or len(name) > 80
            or type(names) is not list
            or len(names) > 50
        ):
            raise MalformedFrame("expected a function: a number, a name and a list of parameters.")
        if any(type(parameter) is not str or not parameter.isidentifier() for parameter in names):
            raise MalformedFrame("expected identifiers as a function's parameters.")
        return Handle(number, name, tuple(names) if parameters is not None else None)

    def _raised(self, parts: list, depth: int) -> Raised:
        names, name, text, tree = self._exactly(parts, 4)
        if type(names) is not list or not 0 < len(names) <= MAX_PARTS or any(base not in EXCEPTIONS for base in names):
            raise MalformedFrame("expected an exception with known built-in base classes.")
        args = self.value(tree, depth)
        if (
            type(name) is not str
            or type(text) is not str
            or len(text) > 10_000
            or not (args is None or is_arguments(args))
        ):
            raise MalformedFrame("expected an exception with a name, a text and plain arguments.")
        return Raised(tuple(names), name[:80], text, args)

    def _model(self, parts: list, depth: int) -> Any:
        from autograder.sandbox.wire import keras_models  # noqa: PLC0415, Keras takes seconds to import

        if self.in_model:
            raise MalformedFrame("a model's description may not hold another one.")
        self.in_model = True
        (tree,) = self._exactly(parts, 1)
        description = self.value(tree, depth - MODEL_DEPTH)
        self.in_model = False
        try:
            return keras_models.rebuild_model(description)
        except keras_models.ModelError as error:
            raise RefusedValue(f"{error}.") from error
