"""Encodes values as bytes and decodes them, between a judge and a worker whose every byte may be hostile.

The head, in msgpack, is a tree of plain values and of tagged lists `[tag, ...]`. The body holds arrays and byte
strings, one after the other, in the order in which the head refers to them. Nothing is pickled, evaluated, or imported
by a name that the other side sent. All limits are checked while reading: the depth, that shapes match sizes, and that
the body is used up exactly.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import msgpack
import numpy as np

from autograder.errors import MalformedFrame, RefusedValue
from autograder.sandbox.wire.exceptions import EXCEPTIONS, MAX_PARTS, Raised, is_arguments, raised
from autograder.sandbox.wire.handles import (
    MAX_BASES,
    MAX_CLASSES,
    MAX_DOC,
    NAMES,
    SPECIAL,
    TYPES,
    ClassHandle,
    Handle,
    Iteration,
    ObjectHandle,
    Own,
    Parameter,
    Reference,
    class_name,
)
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


# --- encoding --------------------------------------------------------------------------------------------------------


# Returns what is sent for an object that stays here; None if it is refused.
Register = Callable[[Any], Reference | None]
# Returns what stands for an object of the other side. Raises RefusedValue or MalformedFrame.
Adopt = Callable[[Any], Any]


def encode(value: Any, limits: FrameLimits, register: Register | None = None) -> tuple[bytes, list[bytes]]:
    """Encode a value as a head and the parts of a body.

    Only exact types are accepted: a subclass could behave in any way, so its values are sent as references, if at all.

    Args:
        register: gives an object that cannot be sent itself a reference; without it, such objects are refused.

    Raises:
        RefusedValue: the value cannot be sent.
    """
    body: list[bytes] = []
    head = msgpack.packb(_Encoder(limits, body, register).tree(value, 0))
    if len(head) > limits.head_bytes or sum(map(len, body)) > limits.body_bytes:
        raise RefusedValue("this value is too large to be handed to the tests.")
    return head, body


class _Encoder:
    def __init__(self, limits: FrameLimits, body: list[bytes], register: Register | None) -> None:
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
            next_item = self.register(value.__next__)
            return ["n", next_item.number] if type(next_item) is Handle else None
        if id(value) in self.shared:
            return ["A", self.shared[id(value)][0]]
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
        if kind is Raised:
            return self._raised(value, depth)
        if kind is Own:
            return self._reference(value)
        if isinstance(value, BaseException) and EXCEPTIONS.get(kind.__name__) is kind:
            return ["E", self._raised(raised(value), depth + 1)]
        composed = self._composed(value, depth)
        if composed is not None:
            return composed
        model = self._model(value, depth) if "keras" in sys.modules else None
        if model is not None:
            return model
        return self._elsewhere(value, depth)

    def _elsewhere(self, value: Any, depth: int) -> Any:
        """Encode a reference to an object that stays here."""
        if value is NotImplemented:
            return ["N"]
        if isinstance(value, type) and value in NAMES:
            return ["T", NAMES[value]]
        reference = self.register(value) if self.register is not None else None
        if reference is None:
            raise RefusedValue(f"a value of type '{class_name(type(value))}' cannot be handed to the tests.")
        if type(reference) is ObjectHandle and isinstance(value, BaseException):
            return ["E", self._raised(raised(value), depth + 1)]
        return self._reference(reference)

    def _reference(self, reference: Reference) -> list:
        if type(reference) is Own:
            return ["w", reference.number]
        if type(reference) is Handle:
            known = None if reference.parameters is None else [_parameter(one) for one in reference.parameters]
            doc = None if reference.doc is None else _clean(reference.doc)
            return ["f", reference.number, _clean(reference.name), known, doc]
        if type(reference) is ObjectHandle:
            code = None if reference.hash is None else reference.hash & (2**61 - 1)
            return ["o", reference.number, self._reference(reference.kind), code]
        assert isinstance(reference, ClassHandle)
        self.items += 1 + len(reference.bases)
        bases = [["T", NAMES[base]] if isinstance(base, type) else self._reference(base) for base in reference.bases]
        return ["C", reference.number, _clean(reference.name), _clean(reference.module), bases, list(reference.special)]

    def _raised(self, value: Raised, depth: int) -> list:
        reference = None
        if value.original is not None and self.register is not None:
            known = self.register(value.original)
            reference = self._reference(known) if known is not None else None
        text, args = _clean(value.text), self.tree(value.args, depth + 1)
        cause = None if value.cause is None else self._raised(value.cause, depth + 1)
        return ["x", list(value.builtins), _clean(value.name), text, args, reference, cause]

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


def _parameter(one: Parameter) -> list:
    default = _clean(one.default) if type(one.default) is str else one.default
    small = type(default) is not int or -(2**63) <= default < 2**63
    return [_clean(one.name), one.kind, one.optional, default if small else None]


def _int(value: int) -> Any:
    if -(2**63) <= value < 2**64:
        return value
    if value.bit_length() > _MAX_INT_BITS:
        raise RefusedValue("this whole number is too large to be handed to the tests.")
    return ["i", hex(value)]


# --- decoding --------------------------------------------------------------------------------------------------------


def decode(head: bytes | bytearray, body: bytes | bytearray, limits: FrameLimits, adopt: Adopt | None = None) -> Any:
    """Decode the value of a frame.

    Args:
        adopt: what takes the place of each reference to an object of the other side; without it, the references
            themselves.

    Raises:
        MalformedFrame: the bytes are not a valid frame; no bytes cause any other exception.
        RefusedValue: the description of a model is valid, but the model cannot be rebuilt here.
    """
    try:
        tree = msgpack.unpackb(head, raw=False, strict_map_key=True, use_list=True)
        decoder = _Decoder(memoryview(body), limits, adopt)
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
    def __init__(self, body: memoryview, limits: FrameLimits, adopt: Adopt | None = None) -> None:
        self.body, self.limits, self.used = body, limits, 0
        self.adopt = adopt or (lambda reference: reference)
        self.in_model = False
        self.classes = 0
        self.shared: list[Any] = []

    def value(self, tree: Any, depth: int) -> Any:
        if depth > self.limits.depth:
            raise MalformedFrame("the frame is nested too deeply.")
        if type(tree) in (type(None), bool, int, float, str):
            return tree
        if type(tree) is not list or not tree or type(tree[0]) is not str or tree[0] not in _TAGS:
            raise MalformedFrame("the frame holds something that is not a value.")
        return _TAGS[tree[0]](self, tree[1:], depth + 1)

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

    def _adopted(self, reference: Any) -> Any:
        if self.in_model:
            raise MalformedFrame("a model's description may only hold plain values.")
        return self.adopt(reference)

    def _iteration(self, parts: list, _: int) -> Any:
        return self._adopted(Iteration(self._number(*self._exactly(parts, 1))))

    def _own(self, parts: list, _: int) -> Any:
        return self._adopted(Own(self._number(*self._exactly(parts, 1))))

    @staticmethod
    def _number(part: Any) -> int:
        if type(part) is not int:
            raise MalformedFrame(f"expected the number of an object, got {type(part).__name__}.")
        return part

    def _type(self, parts: list, _: int) -> type:
        (name,) = self._exactly(parts, 1)
        if type(name) is not str or name not in TYPES:
            raise MalformedFrame("expected the name of a built-in class.")
        return TYPES[name]

    def _class(self, parts: list, depth: int) -> ClassHandle:
        number, name, module, trees, special = self._exactly(parts, 5)
        self.classes += 1
        if depth > self.limits.depth or self.classes > MAX_CLASSES * 50:
            raise MalformedFrame("a class has too many bases.")
        if type(name) is not str or type(module) is not str or len(name) > 80 or len(module) > 200:
            raise MalformedFrame("expected a class with a name and a module.")
        if type(trees) is not list or len(trees) > MAX_BASES or type(special) is not list:
            raise MalformedFrame("expected a class with a list of bases and of special methods.")
        if any(type(one) is not str or one not in SPECIAL for one in special):
            raise MalformedFrame("expected the names of special methods.")
        bases: list[ClassHandle | type] = []
        for tree in trees:
            if type(tree) is not list or not tree or tree[0] not in ("C", "T"):
                raise MalformedFrame("expected classes as a class's bases.")
            bases.append(self._class(tree[1:], depth + 1) if tree[0] == "C" else self._type(tree[1:], depth))
        return ClassHandle(self._number(number), name, module, tuple(bases), tuple(special))

    def _object(self, parts: list, depth: int) -> Any:
        number, tree, code = self._exactly(parts, 3)
        if type(tree) is not list or tree[:1] != ["C"] or type(code) not in (int, type(None)):
            raise MalformedFrame("expected an object with its class and its hash value.")
        return self._adopted(ObjectHandle(self._number(number), self._class(tree[1:], depth), code))

    def _exception(self, parts: list, depth: int) -> Exception:
        (tree,) = self._exactly(parts, 1)
        if type(tree) is not list or tree[:1] != ["x"]:
            raise MalformedFrame("expected the description of an exception.")
        return self._raised(tree[1:], depth).rebuild()

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

    def _function(self, parts: list, _: int) -> Any:
        number, name, trees, doc = self._exactly(parts, 4)
        if type(name) is not str or len(name) > 80 or type(trees) not in (list, type(None)) or len(trees or []) > 50:
            raise MalformedFrame("expected a function: a number, a name and a list of parameters.")
        if type(doc) not in (str, type(None)) or len(doc or "") > MAX_DOC:
            raise MalformedFrame("expected a docstring of limited length.")
        parameters = None if trees is None else tuple(map(self._parameter, trees))
        return self._adopted(Handle(self._number(number), name, parameters, doc))

    @staticmethod
    def _parameter(tree: Any) -> Parameter:
        if type(tree) is not list or len(tree) != 4:
            raise MalformedFrame("expected a parameter's name, kind and default.")
        name, kind, optional, default = tree
        if type(name) is not str or not name.isidentifier() or type(kind) is not int or not 0 <= kind <= 4:
            raise MalformedFrame("expected an identifier and a kind as a function's parameter.")
        if type(optional) is not bool or type(default) not in (type(None), bool, int, float, str):
            raise MalformedFrame("expected a plain value as a parameter's default.")
        return Parameter(name, kind, optional, default)

    def _raised(self, parts: list, depth: int) -> Raised:
        names, name, text, tree, reference, told = self._exactly(parts, 6)
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
        original = self._reference(reference, depth) if reference is not None else None
        cause = None
        if told is not None:
            if type(told) is not list or told[:1] != ["x"] or depth > self.limits.depth:
                raise MalformedFrame("expected an exception as the cause of one.")
            cause = self._raised(told[1:], depth + 1)
        return Raised(tuple(names), name[:80], text, args, original, cause)

    def _reference(self, tree: Any, depth: int) -> Any:
        if type(tree) is not list or not tree or tree[0] not in ("o", "w"):
            raise MalformedFrame("expected a reference to an exception.")
        return _TAGS[tree[0]](self, tree[1:], depth + 1)

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


# By its tag, how each kind of value is read: the decoder, the parts, and the depth.
_TAGS: dict[str, Callable[[_Decoder, list, int], Any]] = {
    "l": lambda decoder, parts, depth: [decoder.value(part, depth) for part in parts],
    "t": lambda decoder, parts, depth: tuple(decoder.value(part, depth) for part in parts),
    "d": _Decoder._dict,
    "i": _Decoder._int,
    "c": lambda decoder, parts, _: complex(*map(decoder._float, decoder._exactly(parts, 2))),
    "b": lambda decoder, parts, _: bytes(decoder._buffer(*decoder._exactly(parts, 1))),
    "a": _Decoder._array,
    "s": _Decoder._scalar,
    "g": _Decoder._generator,
    "f": _Decoder._function,
    "C": lambda decoder, parts, depth: decoder._adopted(decoder._class(parts, depth)),
    "o": _Decoder._object,
    "w": _Decoder._own,
    "T": _Decoder._type,
    "N": lambda decoder, parts, _: (decoder._exactly(parts, 0), NotImplemented)[1],
    "E": _Decoder._exception,
    "x": _Decoder._raised,
    "k": _Decoder._kind,
    "A": _Decoder._again,
    "n": _Decoder._iteration,
    "m": _Decoder._model,
}
