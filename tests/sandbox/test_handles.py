"""References to functions, classes and objects: what they tell, and that no bytes in their place do harm."""

import contextlib
import enum
import functools
import inspect

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.errors import MalformedFrame, RefusedValue
from autograder.sandbox.wire import FrameLimits, Own, Raised
from autograder.sandbox.wire.codec import decode, encode
from autograder.sandbox.wire.exceptions import raised
from autograder.sandbox.wire.handles import (
    ClassHandle,
    ObjectHandle,
    describe_class,
    describe_function,
    describe_object,
    signature_of,
)

LIMITS = FrameLimits()


class Shape:
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 7


class Square(Shape, dict):
    def __len__(self):
        return 4


class Trouble(KeyError):
    """An exception of the notebook's own."""


class Color(enum.Enum):
    RED = 1


def area(side, *more, unit="cm", **options):
    """Area of a square."""


def register(value):
    if isinstance(value, type):
        return describe_class(value, id)
    return describe_function(value, id(value)) if inspect.isroutine(value) else describe_object(value, id)


def across(value):
    head, body = encode(value, LIMITS, register)
    return decode(head, b"".join(body), LIMITS)


def test_a_function_tells_its_name_parameters_and_docstring():
    handle = across(area)
    assert (handle.name, handle.doc) == ("area", "Area of a square.")
    assert str(signature_of(handle)) == "(side, *more, unit='cm', **options)"
    assert across(functools.partial).name == "partial" and across([area, area])[0] == across(area)


def test_a_class_tells_its_bases_and_special_methods():
    square = across(Square)
    assert (square.name, square.module) == ("Square", __name__)
    assert square.bases[0].name == "Shape" and square.bases[1] is dict and "__len__" in square.special
    assert across(Shape()).hash == 7 and across(Square()).kind == square
    assert type(across(Color)) is ClassHandle and type(across(Color.RED)) is ObjectHandle


def test_an_exception_tells_its_cause_and_the_object_itself():
    try:
        try:
            raise Trouble("lost")
        except Trouble as error:
            raise ValueError("failed") from error
    except ValueError as error:
        told = across(raised(error))
    assert (
        told.rebuild().args == ("failed",)
        and told.cause.name == "Trouble"
        and told.cause.original.kind.name == "Trouble"
    )


VALUES = [
    area,
    Square,
    Square(),
    Color.RED,
    Own(3),
    Trouble("x"),
    ValueError("x"),
    raised(Trouble("x")),
    [Shape(), {"a": Shape}],
]


@pytest.mark.parametrize("place", range(len(VALUES)))
@given(data=st.data())
@settings(max_examples=60, deadline=None, database=None)
def test_changed_frames_are_refused_or_are_values(place, data):
    head, body = encode(VALUES[place], LIMITS, register)
    changed = bytearray(head)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(MalformedFrame, RefusedValue):
        decode(changed, b"".join(body), LIMITS)


def nested(levels):
    tree = ["C", 1, "K", "", [], []]
    for _ in range(levels):
        tree = ["C", 1, "K", "", [tree], []]
    return tree


BROKEN = {
    "a class of a thousand levels": nested(300),
    "a class of many bases": ["C", 1, "K", "", [["T", "int"]] * 21, []],
    "a base that is no class": ["C", 1, "K", "", [["o", 1, ["C", 1, "K", "", [], []], None]], []],
    "a special method that is none": ["C", 1, "K", "", [], ["__reduce__"]],
    "a class with a long name": ["C", 1, "K" * 81, "", [], []],
    "an object of no class": ["o", 1, ["T", "int"], None],
    "an object whose hash is a text": ["o", 1, ["C", 1, "K", "", [], []], "1"],
    "a built-in class that there is not": ["T", "__import__"],
    "an exception that is a class": ["E", ["C", 1, "K", "", [], []]],
    "an exception whose original is a function": ["x", ["ValueError"], "V", "", None, ["f", 1, "f", None, None], None],
    "an exception whose cause is a number": ["x", ["ValueError"], "V", "", None, None, 1],
    "a parameter of no kind": ["f", 1, "f", [["a", 9, False, None]], None],
    "a parameter with a list as default": ["f", 1, "f", [["a", 1, True, ["l"]]], None],
    "a docstring without end": ["f", 1, "f", None, "x" * 3_000],
    "the number of an object that is none": ["w", "1"],
    "nothing where something has to be": ["N", 1],
}


@pytest.mark.parametrize("tree", BROKEN.values(), ids=BROKEN)
def test_what_no_encoder_sends_is_malformed(tree):
    with pytest.raises(MalformedFrame):
        decode(msgpack.packb(tree), b"", LIMITS)


def test_a_chain_of_causes_ends():
    tree = ["x", ["ValueError"], "V", "", None, None, None]
    for _ in range(100):
        tree = ["x", ["ValueError"], "V", "", None, None, tree]
    with pytest.raises(MalformedFrame):
        decode(msgpack.packb(tree), b"", LIMITS)
    error = ValueError("0")
    for n in range(50):
        after = ValueError(str(n))
        after.__cause__ = error
        error = after
    assert type(across(raised(error))) is Raised
