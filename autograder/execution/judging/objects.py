"""Decides what stands for an object of a student's in a test, and which of its answers a test may believe.

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
from typing import Any

import numpy as np

from autograder.errors import RefusedValue
from autograder.execution.given import Given, GivenClass
from autograder.execution.judging.proxies import (
    ASKED,
    LINK,
    Asker,
    Instance,
    Kind,
    Link,
    Mistake,
    Proxy,
    comparison,
    hash_of,
    link_of,
    link_of_class,
    number_of,
    operator,
    question,
)
from autograder.sandbox.wire import Handle
from autograder.sandbox.wire.exceptions import EXCEPTIONS, OURS
from autograder.sandbox.wire.handles import COMPARISONS, OPERATORS, QUESTIONS, ClassHandle, ObjectHandle

_PLAIN = (str, bytes, int, float, complex, list, tuple, dict, set, frozenset, np.ndarray, np.generic)
# What plain values have. A test that asks an answer for one of these expects a plain value.
_PLAIN_NAMES = frozenset(name for kind in _PLAIN for name in dir(kind) if not name.startswith("__")) | frozenset(
    "equals eq ne iloc loc columns index values empty compare isin iterrows groupby to_dict to_list".split()
)
# Special attributes that may be asked for by name; Python and libraries look for many others to treat a value as theirs.
_OF_FUNCTIONS = frozenset(
    "cache_info cache_clear cache_parameters func args keywords __wrapped__ __doc__ __defaults__ __kwdefaults__ "
    "__annotations__ __dict__ __code__ __closure__ __module__ __qualname__ __self__ __func__".split()
)
_MAX_KINDS = 2_000


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
        # Without any of these, no object but one that is called can be meant, whatever a function is.
        self._means_objects = bool(given.classes or given.attributes or given.open)

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
        if not self._means_objects:
            yield
            return
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
            return self._items_or(refusal, handle)
        if handle.number in self._instances:
            return self._instances[handle.number]
        real = self._real(handle.kind)
        if real is not None and issubclass(real, Exception):
            return real.__new__(real)
        kind = self._stand_in(handle.kind)
        link = link_of_class(kind)
        meant = (
            real or self._given.classes or self._given.attributes or self._given.open or issubclass(kind, BaseException)
        )
        if not meant and "__call__" not in handle.kind.special:
            return self._items_or(refusal, handle)
        own = Link(self._asker, handle.number, handle.kind.name, link.allows, handle.hash, real)
        made: Any
        if issubclass(kind, BaseException):
            made = kind.__new__(kind)
            vars(made)[LINK] = own
        else:
            made = object.__new__(kind)
            vars(Instance)[LINK].__set__(made, own)
        self._instances[handle.number] = made
        return made

    def _items_or(self, refusal: RefusedValue, handle: ObjectHandle) -> Iterator[Any]:
        """The items of an object that is good for nothing else here, such as an iterator of a class of one's own."""
        if "__iter__" not in handle.kind.special:
            raise refusal
        return _items(
            Link(self._asker, handle.number, handle.kind.name, lambda _: False), "__next__" in handle.kind.special
        )

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
                made = Kind.__new__(Kind, name, shape, {**body, LINK: link, "__module__": "__main__"})
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
                methods[name] = comparison(name)
            elif name in OPERATORS:
                declared = own is not None and name in own.special
                # Without it, the items are compared here.
                if declared or name != "__contains__":
                    methods[name] = operator(name, declared=declared)
            elif name in QUESTIONS and name not in vars(Instance) and name != "__hash__":
                methods[name] = question(name)
        if "__eq__" in methods:
            methods["__hash__"] = hash_of if "__hash__" in handle.special else None
        return methods

    def _allows(self, handle: ClassHandle, own: GivenClass | None) -> Callable[[str], bool]:
        """Whether a test can mean an attribute of such an object by a name."""
        names = self._elsewhere | ASKED
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


def _items(link: Link, iterator: bool) -> Iterator[Any]:
    if not iterator:
        yield from link.do("special", "__iter__")
        return
    while True:
        try:
            item = link.do("special", "__next__")
        except StopIteration:
            return
        yield item


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
