"""Stand-ins for the functions, classes and instances of a student's notebook: whatever is done with one is done in the worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol

from autograder.sandbox.wire import Handle
from autograder.sandbox.wire.handles import signature_of

ASKED = frozenset(
    "__doc__ __dict__ __annotations__ __name__ __qualname__ __slots__ __init__ __wrapped__ __members__ __dataclass_fields__ "
    "__match_args__ __defaults__ __kwdefaults__ __code__ __abstractmethods__ _fields _asdict _replace _make".split()
)
LINK = "_convlab_link"


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
        return value.__dict__[LINK]
    if issubclass(kind, Instance):
        return _link_of_instance(value)
    if issubclass(kind, Kind):
        return type.__getattribute__(value, "__dict__").get(LINK)
    if isinstance(value, BaseException) and issubclass(type(kind), Kind):
        return object.__getattribute__(value, "__dict__").get(LINK)
    return None


class Proxy:
    """A stand-in for a function of the student's: a test calls it."""

    def __init__(self, asker: Asker, handle: Handle, allows: Callable[[str], bool] = lambda _: False) -> None:
        known = self.__dict__
        known[LINK] = Link(asker, handle.number, handle.name, allows)
        known["__name__"], known["__doc__"] = handle.name, handle.doc
        signature = signature_of(handle)
        if signature is not None:
            known["__signature__"] = signature

    def __getattr__(self, name: str) -> Any:
        link = self.__dict__.get(LINK)
        if link is not None and link.allows(name):
            return link.do("get", name)
        what = f"'{self.__dict__.get('__name__')}' can only be called in the tests"
        raise AttributeError(
            f"{what}: they cannot access its '{name}'. "
            "(A Keras model has to be a keras.Sequential, or a keras.Model of inputs and outputs.)"
        )

    def __setattr__(self, name: str, value: Any) -> None:
        link = self.__dict__[LINK]
        if name.startswith("__") or not link.allows(name):
            self.__dict__[name] = value
        else:
            link.do("set", name, value)

    def __deepcopy__(self, _: dict) -> Proxy:
        return self

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        return self.__dict__[LINK].do("call", "", *args, **kwargs)


class Kind(type):
    """The class of the stand-ins for classes."""

    def __call__(cls, /, *args: Any, **kwargs: Any) -> Any:
        """Call the student's class, which makes an instance in the worker."""
        return link_of_class(cls).do("call", "", *args, **kwargs)

    def __getattr__(cls, name: str) -> Any:
        return link_of_class(cls).get(name)

    def __getattribute__(cls, name: str) -> Any:
        if name in ("__doc__", "__init__", "__annotations__", "__match_args__"):
            return link_of_class(cls).get(name)
        return type.__getattribute__(cls, name)

    def __setattr__(cls, name: str, value: Any) -> None:
        link_of_class(cls).do("set", name, value)

    def __delattr__(cls, name: str) -> None:
        link_of_class(cls).do("delete", name)

    def __dir__(cls) -> list[str]:
        return link_of_class(cls).do("dir")

    # What a class of classes can define, such as that of enumerations.
    def __getitem__(cls, key: Any) -> Any:
        return link_of_class(cls).do("special", "__getitem__", key)

    def __iter__(cls) -> Any:
        return iter(link_of_class(cls).do("special", "__iter__"))

    def __len__(cls) -> int:
        return link_of_class(cls).do("special", "__len__")

    def __bool__(cls) -> bool:
        return True

    def __contains__(cls, item: Any) -> bool:
        return link_of(item) is not None and link_of_class(cls).do("special", "__contains__", item)

    def __repr__(cls) -> str:
        return f"<class '{type.__getattribute__(cls, '__name__')}' of the notebook>"


def link_of_class(cls: type) -> Link:
    """The link of a stand-in for a class. A class that a test derives from one has none."""
    link = type.__getattribute__(cls, "__dict__").get(LINK)
    if link is None:
        raise TypeError("a test outside of the notebook's process cannot derive from a class of the notebook.")
    return link


class Instance:
    """A stand-in for an instance of a student's class."""

    __slots__ = (LINK, "__weakref__")

    def __getattribute__(self, name: str) -> Any:
        link = _link_of_instance(self)
        if name == "__class__":
            return link.real or type(self)
        if name.startswith("__") and name.endswith("__") and name not in ASKED:
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


_link_of_instance: Callable[[Any], Link] = vars(Instance)[LINK].__get__


class Mistake:
    """What stand-ins for the exceptions of a student's classes add to the built-in exceptions that they are."""

    def __getattr__(self, name: str) -> Any:
        link = vars(self).get(LINK)
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


def question(name: str) -> Callable:
    def method(self: Any, *args: Any) -> Any:
        # What a `with` block hands to `__exit__`, without the frames of the test.
        args = tuple(None if isinstance(arg, TracebackType) else arg for arg in args)
        return _link_of_instance(self).do("special", name, *args)

    method.__name__ = name
    return method


def comparison(name: str) -> Callable:
    def method(self: Any, other: Any) -> Any:
        if link_of(other) is None:
            return NotImplemented
        return _link_of_instance(self).do("special", name, other)

    method.__name__ = name
    return method


def operator(name: str, *, declared: bool) -> Callable:
    def method(self: Any, *others: Any) -> Any:
        if not declared and any(link_of(other) is None for other in others):
            return NotImplemented
        return _link_of_instance(self).do("special", name, *others)

    method.__name__ = name
    return method


def hash_of(self: Any) -> int:
    link = _link_of_instance(self)
    return object.__hash__(self) if link.hash is None else link.hash


def number_of(value: Any) -> int | None:
    """The number of a stand-in's object in the worker; None for anything else."""
    link = link_of(value)
    return None if link is None else link.number
