"""How an exception is sent: its nearest built-in classes, the name of its own class, its text, its plain arguments."""

from __future__ import annotations

import builtins
from dataclasses import dataclass, field
from typing import Any

EXCEPTIONS = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, ImportWarning)
}
MAX_TEXT = 5_000
MAX_CAUSES = 3
MAX_PARTS = 10  # at most this many base classes, arguments, or exceptions in a group
_PLAIN = (type(None), bool, int, float, complex, str, bytes)
# Only the grader itself may raise errors of these names.
OURS = ("CheckError", "NotRun")


@dataclass(frozen=True)
class Raised:
    """An exception of the other side.

    Args:
        builtins: the names of its nearest built-in base classes.
        name: the name of its own class.
        text: its message.
        args: its arguments; None if they cannot be sent, and then only the text is known.
        original: the exception itself, if its class is not a built-in one; on the other side, what stands for it.
        cause: the exception from which it was raised.
    """

    builtins: tuple[str, ...]
    name: str
    text: str
    args: tuple | None = None
    original: Any = field(default=None, compare=False)
    cause: Raised | None = None

    def rebuild(self) -> Exception:
        """Create an exception like the original: with the same built-in bases, name and text, as far as possible."""
        error = self._rebuild()
        if self.cause is not None:
            error.__cause__ = self.cause.rebuild()
        return error

    def _rebuild(self) -> Exception:
        if isinstance(self.original, Exception):
            told = getattr(type(self.original), "convlab_told", None)
            args = None if self.args is None else tuple(map(_rebuilt, self.args))
            if told is not None:
                told(self.original, self.text, args)
            elif not self.original.args:
                self.original.args = (self.text,) if args is None else args
            return self.original
        kinds = tuple(EXCEPTIONS[name] for name in self.builtins)
        kind = kinds[0]
        noted = self.name != kind.__name__
        if noted and self.name.isidentifier() and not self.name.endswith(OURS):
            try:
                kind, noted = type(self.name, kinds, {"__module__": "__main__"}), False
            except TypeError:  # no class can have this combination of bases
                kind = kinds[0]
        error = self._of(kind)
        if noted:
            error.add_note(f"(a {self.name})")
        return error

    def _of(self, kind: type[Exception]) -> Exception:
        if self.args is not None:
            try:
                error = kind(*(_rebuilt(part) for part in self.args))
                if text_of(error) == self.text:
                    return error
            except Exception:  # the original class took different arguments
                pass
        try:
            return kind(self.text)
        except TypeError:  # it needs more than a text, as UnicodeDecodeError does
            return ValueError(self.text)


def _rebuilt(part: Any) -> Any:
    return [one.rebuild() for one in part] if type(part) is tuple else part


def raised(error: BaseException, depth: int = 0) -> Raised:
    """Describe an exception for sending. It may be of any class, including one whose methods misbehave."""
    kind = type(error)
    near = [base for base in kind.__mro__ if EXCEPTIONS.get(base.__name__) is base]
    nearest = [base for base in near if not any(base in other.__mro__[1:] for other in near)] or [Exception]
    names = tuple(base.__name__ for base in nearest[:MAX_PARTS])
    own = str(type.__dict__["__name__"].__get__(kind))[:80]
    original = None if EXCEPTIONS.get(own) is kind else error
    # Not by its name, which may be the student's own property.
    cause = vars(BaseException)["__cause__"].__get__(error) if depth < MAX_CAUSES else None
    told = None if cause is None else raised(cause, depth + 1)
    return Raised(names, own, text_of(error)[:MAX_TEXT], _arguments(error, depth), original, told)


def text_of(error: BaseException) -> str:
    """The message of an exception; that of a KeyError without quotation marks."""
    try:
        args = error.args
        text = args[0] if isinstance(error, KeyError) and args and type(args[0]) is str else str(error)
    except Exception:  # `__str__` may be the student's own
        return ""
    return text if type(text) is str else ""


def _arguments(error: BaseException, depth: int) -> tuple | None:
    try:
        args = error.args
        if isinstance(error, OSError) and error.filename is not None:
            args = (*args, error.filename)
        if isinstance(error, ExceptionGroup) and depth < 3:
            parts = error.exceptions[:MAX_PARTS]
            return (
                (error.message, tuple(raised(part, depth + 1) for part in parts))
                if is_plain((error.message,))
                else None
            )
    except Exception:  # the attributes may be the student's own properties
        return None
    return args if is_plain(args) else None


def is_plain(args: Any) -> bool:
    """Whether these are a few short values of plain types, which every channel accepts."""
    return (
        type(args) is tuple
        and len(args) <= MAX_PARTS
        and all(type(part) in _PLAIN for part in args)
        and all(len(part) <= MAX_TEXT for part in args if type(part) in (str, bytes))
        and all(part.bit_length() <= 1_000 for part in args if type(part) is int)
    )


def is_arguments(args: Any) -> bool:
    """Whether arguments received from the other side have the form in which `raised` sends them."""
    if type(args) is tuple and len(args) == 2 and type(args[1]) is tuple:
        return is_plain(args[:1]) and len(args[1]) <= MAX_PARTS and all(type(part) is Raised for part in args[1])
    return is_plain(args)
