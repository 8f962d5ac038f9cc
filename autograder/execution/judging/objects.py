"""Stand-ins for the classes of a student's notebook and for their instances, whose every answer comes from the worker.

A test uses such an object as it would use the student's own: attributes, methods, operators, iteration, `isinstance`. It
must never take one for a plain value, though. An object that claims to be equal to everything, or to be 0 when 4 is
subtracted from it, would pass any test of a function that should have returned 4. Therefore

- a comparison with a plain value is never the object's: they are different;
- an operator is handed a plain value only if the course's own class of that name defines it;
- an attribute is answered only if the course's own class of that name has it, or its notebook uses it for another
  object, and then not if it is one of a plain value, such as `startswith`;
- an object of a library's class has the attributes of that class, which is looked up here.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from abc import ABCMeta
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol

import numpy as np

from autograder.errors import RefusedValue
from autograder.execution.given import Given, GivenClass
from autograder.sandbox.wire import Handle
from autograder.sandbox.wire.exceptions import EXCEPTIONS, OURS
from autograder.sandbox.wire.handles import COMPARISONS, OPERATORS, QUESTIONS, ClassHandle, ObjectHandle, signature_of

_PLAIN = (str, bytes, int, float, complex, list, tuple, dict, set, frozenset, np.ndarray, np.generic)
# What plain values have. A test that asks an answer for one of these expects a plain value.
_PLAIN_NAMES = frozenset(name for kind in _PLAIN for name in dir(kind) if not name.startswith("__")) | frozenset(
    "equals eq ne iloc loc columns index values empty compare isin iterrows groupby to_dict to_list".split()
)
# Special attributes that may be asked for by name; Python and libraries look for many others to treat a value as theirs.
_ASKED = frozenset(
    "__doc__ __dict__ __annotations__ __name__ __qualname__ __slots__ __init__ __wrapped__ __members__ __dataclass_fields__ "
    "__match_args__ __defaults__ __kwdefaults__ __code__ __abstractmethods__ _fields _asdict _replace _make".split()
)
_OF_FUNCTIONS = frozenset(
    "cache_info cache_clear cache_parameters func args keywords __wrapped__ __doc__ __defaults__ __kwdefaults__ "
    "__annotations__ __dict__ __code__ __closure__ __module__ __qualname__ __self__ __func__".split()
)
_LINK = "_convlab_link"
_MAX_KINDS = 2_000


class Asker(Protocol):
    """What asks the worker to do something with one of its objects: the judge's conversation."""

    def do(self, number: int, label: str, operation: str, name: str, args: tuple, kwargs: dict) -> Any: ...


@dataclass
class Link:
    """What connects a stand-in with its object in the worker: the number there, and the names that may be asked for."""

    asker: Asker
    number: int
    label: str
    allows: Callable[[str], bool]
    hash: int | None = None
    real: type | None = None

    def do(self, operation: str, name: str = "", /, *args: Any, **kwargs: Any) -> Any:
        return self.asker.do(self.number, self.label, operation, name, args, kwargs)

    def get(self, name: str) -> Any:
        if not self.allows(name):
            raise AttributeError(f"'{self.label}' object has no attribute '{name}' that a test of this course can mean")
        return self.do("get", name)


def link_of(value: Any) -> Link | None:
    """The link of a stand-in; None for anything else."""
    kind = type(value)
    if kind is Proxy:
        return value.__dict__[_LINK]
    if issubclass(kind, Instance):
        return _link_of_instance(value)
    if issubclass(kind, Kind):
        return type.__getattribute__(value, "__dict__").get(_LINK)
    if isinstance(value, BaseException) and issubclass(type(kind), Kind):
        return object.__getattribute__(value, "__dict__").get(_LINK)
    return None


class Proxy:
    """A stand-in for a function of the student's: a test calls it."""

    def __init__(self, asker: Asker, handle: Handle, allows: Callable[[str], bool] = lambda _: False) -> None:
        known = self.__dict__
        known[_LINK] = Link(asker, handle.number, handle.name, allows)
        known["__name__"], known["__doc__"] = handle.name, handle.doc
        signature = signature_of(handle)
        if signature is not None:
            known["__signature__"] = signature

    def __getattr__(self, name: str) -> Any:
        link = self.__dict__.get(_LINK)
        if link is not None and link.allows(name):
            return link.do("get", name)
        what = f"'{self.__dict__.get('__name__')}' can only be called in the tests"
        raise AttributeError(
            f"{what}: they cannot access its '{name}'. "
            "(A Keras model has to be a keras.Sequential, or a keras.Model of inputs and outputs.)"
        )

    def __setattr__(self, name: str, value: Any) -> None:
        link = self.__dict__[_LINK]
        if name.startswith("__") or not link.allows(name):
            self.__dict__[name] = value
        else:
            link.do("set", name, value)

    def __deepcopy__(self, _: dict) -> Proxy:
        return self

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        return self.__dict__[_LINK].do("call", "", *args, **kwargs)


class Kind(type):
    """The class of the stand-ins for classes."""

    def __call__(cls, /, *args: Any, **kwargs: Any) -> Any:
        """Call the student's class, which makes an instance in the worker."""
        return _of(cls).do("call", "", *args, **kwargs)

    def __getattr__(cls, name: str) -> Any:
        return _of(cls).get(name)

    def __getattribute__(cls, name: str) -> Any:
        if name in ("__doc__", "__init__", "__annotations__", "__match_args__"):
            return _of(cls).get(name)
        return type.__getattribute__(cls, name)

    def __setattr__(cls, name: str, value: Any) -> None:
        _of(cls).do("set", name, value)

    def __delattr__(cls, name: str) -> None:
        _of(cls).do("delete", name)

    def __dir__(cls) -> list[str]:
        return _of(cls).do("dir")

    # What a class of classes can define, such as that of enumerations.
    def __getitem__(cls, key: Any) -> Any:
        return _of(cls).do("special", "__getitem__", key)

    def __iter__(cls) -> Any:
        return iter(_of(cls).do("special", "__iter__"))

    def __len__(cls) -> int:
        return _of(cls).do("special", "__len__")

    def __bool__(cls) -> bool:
        return True

    def __contains__(cls, item: Any) -> bool:
        return link_of(item) is not None and _of(cls).do("special", "__contains__", item)

    def __repr__(cls) -> str:
        return f"<class '{type.__getattribute__(cls, '__name__')}' of the notebook>"


def _of(cls: type) -> Link:
    """The link of a stand-in for a class. A class that a test derives from one has none."""
    link = type.__getattribute__(cls, "__dict__").get(_LINK)
    if link is None:
        raise TypeError("a test outside of the notebook's process cannot derive from a class of the notebook.")
    return link


class Instance:
    """A stand-in for an instance of a student's class."""

    __slots__ = (_LINK, "__weakref__")

    def __getattribute__(self, name: str) -> Any:
        link = _link_of_instance(self)
        if name == "__class__":
            return link.real or type(self)
        if name.startswith("__") and name.endswith("__") and name not in _ASKED:
            return object.__getattribute__(self, name)
        return link.get(name)

    def __setattr__(self, name: str, value: Any) -> None:
        _link_of_instance(self).do("set", name, value)

    def __delattr__(self, name: str) -> None:
        _link_of_instance(self).do("delete", name)

    def __dir__(self) -> list[str]:
        return _link_of_instance(self).do("dir")

    def __str__(self) -> str:
        return _link_of_instance(self).do("special", "__str__")

    def __repr__(self) -> str:
        return _link_of_instance(self).do("special", "__repr__")

    def __format__(self, form: str) -> str:
        return _link_of_instance(self).do("special", "__format__", form)

    def __copy__(self) -> Any:
        return _link_of_instance(self).do("copy")

    def __deepcopy__(self, _: dict) -> Any:
        return _link_of_instance(self).do("deepcopy")

    def __reduce_ex__(self, _: Any) -> Any:
        raise TypeError("an object of the notebook cannot be pickled")


_link_of_instance: Callable[[Any], Link] = vars(Instance)[_LINK].__get__


class Mistake:
    """What stand-ins for the exceptions of a student's classes add to the built-in exceptions that they are."""

    def __getattr__(self, name: str) -> Any:
        link = vars(self).get(_LINK)
        if link is None or name.startswith("__"):
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        return link.get(name)

    def __str__(self) -> str:
        said = vars(self).get("_convlab_text")
        return super().__str__() if said is None else said

    def convlab_told(self, text: str, args: tuple | None) -> None:
        """Take over the text and arguments of the worker's exception."""
        vars(self)["_convlab_text"] = text
        self.args = (text,) if args is None else args


def _question(name: str) -> Callable:
    def method(self: Any, *args: Any) -> Any:
        # What a `with` block hands to `__exit__`, without the frames of the test.
        args = tuple(None if isinstance(arg, TracebackType) else arg for arg in args)
        return _link_of_instance(self).do("special", name, *args)

    method.__name__ = name
    return method


def _comparison(name: str) -> Callable:
    def method(self: Any, other: Any) -> Any:
        if link_of(other) is None:
            return NotImplemented
        return _link_of_instance(self).do("special", name, other)

    method.__name__ = name
    return method


def _operator(name: str, *, declared: bool) -> Callable:
    def method(self: Any, *others: Any) -> Any:
        if not declared and any(link_of(other) is None for other in others):
            return NotImplemented
        return _link_of_instance(self).do("special", name, *others)

    method.__name__ = name
    return method


def _hash(self: Any) -> int:
    link = _link_of_instance(self)
    return object.__hash__(self) if link.hash is None else link.hash


class Objects:
    """The stand-ins of one worker's objects: the same one each time for the same object.

    Args:
        asker: asks the worker.
        given: what the course's own notebook says about classes and attributes.
    """

    def __init__(self, asker: Asker, given: Given) -> None:
        self._asker, self._given = asker, given
        self._functions: dict[int, Proxy] = {}
        self._of_functions = _OF_FUNCTIONS | given.attributes
        self._kinds: dict[int, type] = {}
        self._stand_ins: dict[int, type] = {}
        self._instances: dict[int, Any] = {}
        known = given.attributes.union(*(one.names for one in given.classes.values()))
        self._elsewhere = known - _PLAIN_NAMES
        self._packages = {name.split(".", maxsplit=1)[0] for name in given.modules}
        self._plain_only = False
        self._names: dict[int, set[str]] = {}

    def named(self, names: dict[str, Any]) -> None:
        """Remember by which names a test has stand-ins: what a function calls itself is the student's to say."""
        self._names = {}
        for name, value in names.items():
            number = number_of(value)
            if number is not None:
                self._names.setdefault(number, set()).add(name)

    @contextlib.contextmanager
    def answering(self, number: int, label: str, args: Iterable[Any]) -> Iterator[None]:
        """While a function's answer is read: refuse instances where the course's own function can return none."""
        before = self._plain_only
        names = self._names.get(number, {label})
        self._plain_only = not names.isdisjoint(self._given.plain) and not any(map(_holds_stand_in, args))
        try:
            yield
        finally:
            self._plain_only = before

    def adopt_function(self, handle: Handle) -> Proxy:
        """The stand-in for a function."""
        if handle.number not in self._functions:
            self._functions[handle.number] = Proxy(self._asker, handle, self._of_functions.__contains__)
        return self._functions[handle.number]

    def adopt_class(self, handle: ClassHandle) -> type:
        """The stand-in for a class; a library's class itself."""
        if handle.number not in self._kinds:
            if len(self._kinds) >= _MAX_KINDS:
                raise RefusedValue("this notebook has too many classes to be handed to the tests.")
            self._kinds[handle.number] = self._real(handle) or self._kind(handle)
        return self._kinds[handle.number]

    def _stand_in(self, handle: ClassHandle) -> type:
        """The class of the stand-ins for a class's instances."""
        if handle.number not in self._stand_ins:
            found = self.adopt_class(handle)
            self._stand_ins[handle.number] = found if isinstance(found, Kind) else self._kind(handle)
        return self._stand_ins[handle.number]

    def adopt_object(self, handle: ObjectHandle) -> Any:
        """The stand-in for an instance.

        Raises:
            RefusedValue: no test of this course can mean an object of such a class.
        """
        refusal = RefusedValue(f"a value of type '{handle.kind.name}' cannot be handed to the tests.")
        if self._plain_only and "__call__" not in handle.kind.special and not self._real(handle.kind):
            raise refusal
        if handle.number in self._instances:
            return self._instances[handle.number]
        real = self._real(handle.kind)
        if real is not None and issubclass(real, Exception):
            return real.__new__(real)
        kind = self._stand_in(handle.kind)
        link = _of(kind)
        meant = (
            real or self._given.classes or self._given.attributes or self._given.open or issubclass(kind, BaseException)
        )
        if not meant and "__call__" not in handle.kind.special:
            raise refusal
        own = Link(self._asker, handle.number, handle.kind.name, link.allows, handle.hash, real)
        made: Any
        if issubclass(kind, BaseException):
            made = kind.__new__(kind)
            vars(made)[_LINK] = own
        else:
            made = object.__new__(kind)
            vars(Instance)[_LINK].__set__(made, own)
        self._instances[handle.number] = made
        return made

    def _kind(self, handle: ClassHandle) -> type:
        bases = [base if isinstance(base, type) else self.adopt_class(base) for base in handle.bases]
        errors = [base for base in bases if issubclass(base, BaseException)]
        # An exception of the notebook is one here, too, or `except` would not catch it.
        if errors:
            kinds = tuple(base if isinstance(base, Kind) else _nearest(base) for base in errors)
            mixed = any(isinstance(base, Kind) for base in errors)
            shapes = [kinds if mixed else (Mistake, *kinds), (Mistake, Exception)]
        else:
            mirrored = tuple(base for base in bases if isinstance(base, Kind))
            shapes = [mirrored or (Instance,), (Instance,)]
        own = self._given.classes.get(handle.name)
        name = handle.name if handle.name.isidentifier() and not handle.name.endswith(OURS) else "Unnamed"
        body = {} if errors else {"__slots__": (), **self._methods(handle, own)}
        link = Link(self._asker, handle.number, name, self._allows(handle, own))
        for shape in shapes:
            with contextlib.suppress(TypeError):  # the bases have no common order here
                made = Kind.__new__(Kind, name, shape, {**body, _LINK: link, "__module__": "__main__"})
                for base in bases:
                    if isinstance(base, ABCMeta):
                        base.register(made)  # type: ignore[arg-type] # any class can be registered
                return made
        raise RefusedValue(f"the class '{handle.name}' cannot be handed to the tests.")

    @staticmethod
    def _methods(handle: ClassHandle, own: GivenClass | None) -> dict[str, Any]:
        """The special methods that instances have here, of those that the student's class has."""
        methods: dict[str, Any] = {}
        for name in handle.special:
            if name in COMPARISONS:
                methods[name] = _comparison(name)
            elif name in OPERATORS:
                declared = own is not None and name in own.special
                # Without it, the items are compared here.
                if declared or name != "__contains__":
                    methods[name] = _operator(name, declared=declared)
            elif name in QUESTIONS and name not in vars(Instance) and name != "__hash__":
                methods[name] = _question(name)
        if "__eq__" in methods:
            methods["__hash__"] = _hash if "__hash__" in handle.special else None
        return methods

    def _allows(self, handle: ClassHandle, own: GivenClass | None) -> Callable[[str], bool]:
        """Whether a test can mean an attribute of such an object by a name."""
        names = self._elsewhere | _ASKED
        if own.open if own is not None else self._given.open:
            return lambda name: name in names or (name not in _PLAIN_NAMES and not name.startswith("__"))
        real = self._real(handle)
        if own is not None:
            names |= own.names
            names = names.union(*(_names(base) for base in map(self._evaluated, own.bases) if isinstance(base, type)))
        if real is not None:
            names |= _names(real)
        return names.__contains__

    def _evaluated(self, expression: str) -> Any:
        """A base class by its expression in the course's own notebook, such as `Enum` or `abc.ABC`; None if unknown."""
        first = expression.split(".", maxsplit=1)[0]
        imports = self._given.imports | self._given.answered_imports
        namespace: dict[str, Any] = {}
        with contextlib.suppress(Exception):  # it is the course's own code, and may need what is not here
            exec(imports.get(first, ""), namespace)
            return eval(expression, namespace)
        return None

    def _real(self, handle: ClassHandle) -> type | None:
        """A library's class, looked up here; None for a class of the notebook, or one of plain values."""
        top = handle.module.split(".", maxsplit=1)[0]
        if handle.module not in sys.modules and top:
            # Only what the course's own notebook imports: other modules may do anything when they are imported.
            for name in sorted(self._given.modules):
                if name.split(".", maxsplit=1)[0] == top:
                    with contextlib.suppress(Exception):  # whatever importing it raises
                        importlib.import_module(name)
        if top not in self._packages and top not in sys.stdlib_module_names:
            return None
        found = vars(sys.modules[handle.module]).get(handle.name) if handle.module in sys.modules else None
        plain = not isinstance(found, type) or found is object or issubclass(found, (*_PLAIN, *_tables()))
        return None if plain else found


def _holds_stand_in(value: Any, depth: int = 3) -> bool:
    if link_of(value) is not None or (callable(value) and not isinstance(value, type)):
        return True
    items = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple, set)) else ()
    return depth > 0 and any(_holds_stand_in(item, depth - 1) for item in items)


def _names(kind: type) -> set[str]:
    """All attributes of a library's class; its metaclass may have `dir` leave some out."""
    return set().union(*map(vars, type.__dict__["__mro__"].__get__(kind)))


def _tables() -> tuple[type, ...]:
    """pandas' classes of plain values, if pandas is used here."""
    pandas = sys.modules.get("pandas")
    return (pandas.DataFrame, pandas.Series, pandas.Index) if pandas is not None else ()


def _nearest(base: type) -> type:
    """A built-in exception that a test may catch: control exceptions of Python's are not raised here."""
    return base if EXCEPTIONS.get(base.__name__) is base else Exception


def number_of(value: Any) -> int | None:
    """The number of a stand-in's object in the worker; None for anything else."""
    link = link_of(value)
    return None if link is None else link.number
