"""The messages between grader, judge and worker; on the wire, each is a tuple ("name", field, ...)."""

from collections.abc import Iterable
from dataclasses import MISSING, astuple, dataclass, field, fields, replace
from functools import cache
from typing import Any, ClassVar, TypeVar, cast, get_origin, overload

from autograder.errors import MalformedFrame
from autograder.sandbox.wire.exceptions import Raised


class Message:
    """A request or an answer; `name` is the first item of its tuple on the wire."""

    name: ClassVar[str]

    def __init_subclass__(cls, name: str) -> None:
        cls.name = name

    def to_wire(self) -> tuple:
        """As a tuple, without the last fields where they have their default values."""
        values = [getattr(self, name) for name in _fields(type(self))]  # type: ignore[arg-type] # a class is hashable
        for default in _defaults(type(self)):  # type: ignore[arg-type] # likewise
            if values[-1] != default:
                break
            values.pop()
        return (self.name, *values)


A = TypeVar("A", bound=Message)
B = TypeVar("B", bound=Message)
C = TypeVar("C", bound=Message)
D = TypeVar("D", bound=Message)
E = TypeVar("E", bound=Message)
F = TypeVar("F", bound=Message)
G = TypeVar("G", bound=Message)


@overload
def from_wire(value: Any, a: type[A], /) -> A: ...
@overload
def from_wire(value: Any, a: type[A], b: type[B], /) -> A | B: ...
@overload
def from_wire(value: Any, a: type[A], b: type[B], c: type[C], /) -> A | B | C: ...
@overload
def from_wire(value: Any, a: type[A], b: type[B], c: type[C], d: type[D], /) -> A | B | C | D: ...
@overload
def from_wire(value: Any, a: type[A], b: type[B], c: type[C], d: type[D], e: type[E], /) -> A | B | C | D | E: ...
@overload
def from_wire(
    value: Any, a: type[A], b: type[B], c: type[C], d: type[D], e: type[E], f: type[F], /
) -> A | B | C | D | E | F: ...
@overload
def from_wire(
    value: Any, a: type[A], b: type[B], c: type[C], d: type[D], e: type[E], f: type[F], g: type[G], /
) -> A | B | C | D | E | F | G: ...
def from_wire(value: Any, *kinds: type[Message]) -> Message:
    """Turn a received value into a message of one of these classes.

    The other side may be hostile, so the types of all fields are compared exactly.

    Raises:
        MalformedFrame: it is not a message of any of these classes.
    """
    if type(value) is tuple and value and type(value[0]) is str:
        for kind in kinds:
            if kind.name == value[0]:
                types = _fields(kind).values()  # type: ignore[arg-type] # likewise
                least = len(types) - len(_defaults(kind))  # type: ignore[arg-type] # likewise
                if least <= len(value) - 1 <= len(types) and all(map(_is, value[1:], types)):
                    return kind(*value[1:])
    raise MalformedFrame(f"malformed message: expected {' or '.join(kind.__name__ for kind in kinds)}.")


def _is(value: Any, kind: Any) -> bool:
    return kind is Any or type(value) is kind


@cache
def _fields(kind: Any) -> dict[str, Any]:
    """The names of a message's fields, each with its exact type."""
    return {one.name: get_origin(one.type) or one.type for one in fields(kind)}


@cache
def _defaults(kind: Any) -> list[Any]:
    """The default values of a message's last fields, from the last one on."""
    found = []
    for one in reversed(fields(kind)):
        if one.default_factory is not MISSING:
            found.append(one.default_factory())
        elif one.default is not MISSING:
            found.append(one.default)
    return found


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
    """Ask for an object in the notebook's namespace. -> Value or Missing"""

    variable: str


@dataclass(frozen=True)
class Call(Message, name="call"):
    """Do something with an object of the worker's, by its number: by default, call it. -> Returned or CallRaised

    Functions among the arguments are the judge's own: the worker may call them with `CallBack` until it answers, and
    while it answers later calls of the same test.

    Args:
        number: the object's number.
        args, kwargs: what it is called with.
        operation: "call", or another of the worker's operations, such as "get" for an attribute.
        of: which attribute or special method, where the operation needs one.
        around: what a test has changed around the function, as from `surroundings`; empty if it does not matter.
        changes: to values that both sides hold, as from `Shared.changes`.
    """

    number: int
    args: tuple
    kwargs: dict
    operation: str = "call"
    of: str = ""
    around: dict = field(default_factory=dict)
    changes: dict = field(default_factory=dict)


@dataclass(frozen=True)
class LookAround(Message, name="look"):
    """Before a test: take over what the test's side has changed, and tell what the notebook has. -> Around"""

    around: dict


@dataclass(frozen=True)
class Lend(Message, name="lend"):
    """Replace objects in the notebook's namespace, by name; what the last `Lend` replaced is put back first. -> Ran"""

    objects: dict


@dataclass(frozen=True)
class RunTogether(Message, name="together"):
    """Run a test in the notebook's own process and namespace; nothing else is asked of that process after. -> RanTogether

    The token is random and made after the notebook's cells ran, so that no answer can be written ahead.
    """

    source: str
    token: bytes


@dataclass(frozen=True)
class CallBackReturned(Message, name="callback returned"):
    """The result of a `CallBack`, and its arguments after it; None in place of one that does not change."""

    value: Any
    args: tuple


@dataclass(frozen=True)
class CallBackRaised(Message, name="callback raised"):
    """The exception of a `CallBack`."""

    error: Raised


# --- worker -> judge


@dataclass(frozen=True)
class Ran(Message, name="ran"):
    """A cell has run, or a file was written; the outputs as JSON."""

    outputs: bytes


@dataclass(frozen=True)
class RanTogether(Message, name="ran together"):
    """A test has run in the notebook's own process: the token of the request, and the outputs as JSON."""

    token: bytes
    outputs: bytes


@dataclass(frozen=True)
class Value(Message, name="value"):
    """The object that was asked for."""

    value: Any


@dataclass(frozen=True)
class Missing(Message, name="missing"):
    """The notebook has no object of that name."""


@dataclass(frozen=True)
class Returned(Message, name="returned"):
    """A call's result, and the arguments after the call; None in place of one that did not change.

    Args:
        value: the result.
        args, kwargs: the arguments.
        same: the number of the argument that is the result itself; -1 if it is none of them. `value` is None then.
        around: what the call has changed around it, as from `surroundings`.
        shared: the result's number, if the student's code keeps it, else -1, and then for each argument, as for it;
            empty if it keeps none of them.
        changes: to values that both sides hold, as from `Shared.changes`.
    """

    value: Any
    args: tuple
    kwargs: dict
    same: int = -1
    around: dict = field(default_factory=dict)
    shared: tuple = ()
    changes: dict = field(default_factory=dict)


@dataclass(frozen=True)
class CallRaised(Message, name="raised"):
    """A call's exception, and the other fields of `Returned`."""

    error: Raised
    args: tuple
    kwargs: dict
    around: dict = field(default_factory=dict)
    shared: tuple = ()
    changes: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Around(Message, name="around"):
    """What the notebook has changed around it, as from `surroundings`."""

    around: dict


@dataclass(frozen=True)
class CallBack(Message, name="callback"):
    """Before the answer to a `Call`: call a function that came with it, by its number. -> CallBackReturned or CallBackRaised

    Meanwhile the judge may send further calls.
    """

    number: int
    args: tuple
    kwargs: dict


@dataclass(frozen=True)
class Refused(Message, name="refused"):
    """The value that was asked for, or sent, cannot be handed over; `why` is written for the student."""

    why: str


# --- grader -> judge


@dataclass(frozen=True)
class Step:
    """What to do with one code cell: skip it, run it in the worker, or, for a test, run it in the judge.

    Args:
        source: the cell's text.
        test: whether the cell is a test.
        skip: whether to do nothing.
        names: for a test, the names that it needs from elsewhere.
        maybe: for a test, names that it may need: it defines them, too, or has them in a text.
        answer: whether the cell is an answer.
        watch: for a test, what matters around the student's functions, of `surroundings.KINDS`.
        mode: for a test, where it is judged, a `Mode`. Only those judged apart run with the others.
    """

    source: str
    test: bool = False
    skip: bool = False
    names: tuple[str, ...] = ()
    answer: bool = False
    watch: tuple[str, ...] = ()
    maybe: tuple[str, ...] = ()
    mode: str = "apart"


@dataclass(frozen=True)
class Plan(Message, name="plan"):
    """A notebook to run.

    Args:
        steps: one per code cell.
        files: contents of the files handed in beside the notebook, by relative path.
        known: the misconceptions to recognize, by exercise.
        cell_seconds, total_seconds: wall time for one cell and for all.
        ask_ends: have the judge send `Ended` in the end.
        solutions: the course's own functions, by name, as from `course_solutions`. Only the judge sees them.
        given: what the course's own notebook says about names, as from `Given.to_wire`.
        own_files: contents of the course's own files beside the notebook, by relative path. The judge has them, too.
        together: run all steps in the worker, the last one as a test that is judged together. Only that one is answered.
    """

    steps: tuple[Step, ...]
    files: dict[str, bytes]
    known: dict[str, list[dict[str, str]]]
    cell_seconds: float
    total_seconds: float
    ask_ends: bool = False
    solutions: dict[str, dict[str, str]] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    own_files: dict[str, bytes] = field(default_factory=dict)
    together: bool = False

    def to_wire(self) -> tuple:
        name, steps, *others = super().to_wire()
        return name, tuple(astuple(step) for step in steps), *others


def plan_from_wire(value: Any) -> Plan:
    """Turn a received value into a plan. Raises MalformedFrame."""
    plan = from_wire(value, Plan)
    return replace(plan, steps=tuple(Step(*step) for step in cast(Iterable[Any], plan.steps)))


# --- judge -> grader


@dataclass(frozen=True)
class StepDone(Message, name="step"):
    """The next step is done; its outputs as JSON."""

    outputs: bytes


@dataclass(frozen=True)
class JudgedAgain(Message, name="again"):
    """The outputs, as JSON, of a failed test with the course's own functions of these names in place of the student's."""

    place: int
    outputs: bytes
    names: tuple[str, ...]


@dataclass(frozen=True)
class Recognized(Message, name="help"):
    """The help for the misconception behind a failed test; `place` is the number of its step."""

    place: int
    help: str


@dataclass(frozen=True)
class Done(Message, name="status"):
    """All steps are done; `status` says how running the notebook ended."""

    status: str


@dataclass(frozen=True)
class Ended(Message, name="ended"):
    """For the log: why the judge gave the worker up, and the fields of the worker's `ProcessReport`."""

    why: str
    reason: str
    exit_code: int
    signal: int
    max_rss_bytes: int
    cpu_seconds: float
