"""What the processes say to each other: typed messages, and their form on the wire, the tuple ("name", field, ...)."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, TypeVar, cast, get_origin, overload

from autograder.errors import MalformedFrame
from autograder.sandbox.wire.exceptions import Raised


class Message:
    """A request or an answer; `name` is its first word on the wire."""

    name: ClassVar[str]

    def __init_subclass__(cls, name: str) -> None:
        cls.name = name

    def to_wire(self) -> tuple:
        return (self.name, *(getattr(self, field.name) for field in fields(self)))  # type: ignore[arg-type]  # dataclasses


A = TypeVar("A", bound=Message)
B = TypeVar("B", bound=Message)
C = TypeVar("C", bound=Message)
D = TypeVar("D", bound=Message)


@overload
def from_wire(value: Any, a: type[A], /) -> A: ...
@overload
def from_wire(value: Any, a: type[A], b: type[B], /) -> A | B: ...
@overload
def from_wire(value: Any, a: type[A], b: type[B], c: type[C], /) -> A | B | C: ...
@overload
def from_wire(value: Any, a: type[A], b: type[B], c: type[C], d: type[D], /) -> A | B | C | D: ...
def from_wire(value: Any, *kinds: type[Message]) -> Message:
    """The message of one of these kinds that a value is. The other side may be hostile: types are compared exactly.

    Raises:
        MalformedFrame: it is none of them.
    """
    if type(value) is tuple and value and type(value[0]) is str:
        for kind in kinds:
            if kind.name == value[0]:
                types = [field.type for field in fields(kind)]  # type: ignore[arg-type]  # all of them are dataclasses
                if len(types) == len(value) - 1 and all(map(_is, value[1:], types)):
                    return kind(*value[1:])
    raise MalformedFrame("this is no message that was expected here.")


def _is(value: Any, kind: Any) -> bool:
    return kind is Any or type(value) is (get_origin(kind) or kind)


# --- judge -> worker


@dataclass(frozen=True)
class PutFile(Message, name="file"):
    """Write a file that was handed in beside the notebook. -> Ran"""

    path: str
    content: bytes


@dataclass(frozen=True)
class RunCell(Message, name="run"):
    """Run a cell. -> Ran"""

    source: str


@dataclass(frozen=True)
class GetName(Message, name="get"):
    """Ask for an object of the notebook's. -> Value or Missing"""

    variable: str


@dataclass(frozen=True)
class Call(Message, name="call"):
    """Call a function by its number, or take an iterator's next item. -> Returned or CallRaised"""

    number: int
    args: tuple
    kwargs: dict


# --- worker -> judge


@dataclass(frozen=True)
class Ran(Message, name="ran"):
    """A cell has run; its outputs as JSON."""

    outputs: bytes


@dataclass(frozen=True)
class Value(Message, name="value"):
    value: Any


@dataclass(frozen=True)
class Missing(Message, name="missing"):
    """The notebook has no object of that name."""


@dataclass(frozen=True)
class Returned(Message, name="returned"):
    """A call's result, and the arguments as the function left them; None for one that did not change."""

    value: Any
    args: tuple
    kwargs: dict


@dataclass(frozen=True)
class CallRaised(Message, name="raised"):
    """A call's exception, and the arguments as the function left them."""

    error: Raised
    args: tuple
    kwargs: dict


@dataclass(frozen=True)
class Refused(Message, name="refused"):
    """What was asked for cannot cross."""

    why: str


# --- grader -> judge


@dataclass(frozen=True)
class Step:
    """What is done with a code cell: run in the worker, or, if it is a test, in the judge with these names of the notebook's."""

    source: str
    test: bool = False
    skip: bool = False
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan(Message, name="plan"):
    """A notebook to run; `known` are the misconceptions to recognize, by exercise. Times are seconds."""

    steps: tuple[Step, ...]
    files: dict[str, bytes]
    known: dict[str, list[dict[str, str]]]
    cell_seconds: float
    total_seconds: float

    def to_wire(self) -> tuple:
        name, steps, *others = super().to_wire()
        return name, tuple((step.source, step.test, step.skip, step.names) for step in steps), *others


def plan_from_wire(value: Any) -> Plan:
    """A plan. Raises MalformedFrame."""
    plan = from_wire(value, Plan)
    return replace(plan, steps=tuple(Step(*step) for step in cast(Iterable[Any], plan.steps)))


# --- judge -> grader


@dataclass(frozen=True)
class StepDone(Message, name="step"):
    """The next step is done; its outputs as JSON."""

    outputs: bytes


@dataclass(frozen=True)
class Recognized(Message, name="help"):
    """The help for the misconception behind a failed step."""

    place: int
    help: str


@dataclass(frozen=True)
class Done(Message, name="status"):
    """All steps are done; how running the notebook ended."""

    status: str
