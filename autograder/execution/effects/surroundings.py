"""What a function does besides returning a value, carried between a test and the student's process.

Python keeps much of this in one process: what is printed, `input`, warnings, the state of random numbers, files in the
working directory, open figures. A test that looks at any of it gets it across with each call, in both directions; any
other test pays nothing for it. What comes from the student's process is checked before it is used.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import logging
import random
import re
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from autograder.errors import MalformedFrame
from autograder.execution.effects.folder import Folder

# What matters to a test, by the words that it uses.
KINDS = {
    "print": r"\w*std(out|err)|capture\w*|capsys|builtins\.print",
    "input": r"builtins|__builtins__|stdin",
    "warnings": r"\w*[wW]arn\w*",
    "logs": r"assertLogs|assertNoLogs|caplog|logging",
    "random": r"\w*seed\w*|setstate|set_state|getstate|get_state",
    "files": r"open|os|pathlib|Path|shutil|tempfile|glob|sqlite3|csv|imread|(read|write)_(text|bytes)|(read|to)_(csv|json|"
    r"excel|html|table|parquet|feather|pickle)|load|loadtxt|genfromtxt|fromfile|exists|isfile|is_file|listdir|getsize",
    "figures": r"plt|pyplot|pylab|gcf|gca|get_fignums",
}
_WORDS = {kind: re.compile(rf"\b({words})\b") for kind, words in KINDS.items()}
MAX_TEXT = 200_000  # characters printed by one call
MAX_WARNINGS = 100


def watched(source: str) -> tuple[str, ...]:
    """Which of `KINDS` matter to a test, by its text."""
    return tuple(kind for kind, words in _WORDS.items() if words.search(source))


def _random_states() -> list[Any]:
    return [random.getstate(), np.random.get_state(legacy=False)]


def _set_random_states(states: Any) -> None:
    """Take over both global random states. Raises MalformedFrame."""
    try:
        python, numpy = states
        version, numbers, gauss = python
        known = np.random.get_state(legacy=False)
        state = numpy["state"]
        fits = (
            (version, len(numbers)) == (3, 625)
            and all(type(number) is int and 0 <= number < 2**32 for number in numbers[:-1])
            and 0 <= numbers[-1] <= 624
            and type(gauss) in (float, type(None))
            and numpy.keys() == known.keys()
            and numpy["bit_generator"] == known["bit_generator"] == "MT19937"
            and state.keys() == {"key", "pos"}
            and (state["key"].dtype, state["key"].shape) == (np.dtype("uint32"), (624,))
            and type(state["pos"]) is int
            and 0 <= state["pos"] <= 624
            and numpy["has_gauss"] in (0, 1)
            and type(numpy["gauss"]) is float
        )
        if not fits:
            raise ValueError
        random.setstate((version, tuple(numbers), gauss))
        np.random.set_state(numpy)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise MalformedFrame("the state of random numbers is malformed.") from error


# --- the side of the test


class TestSide:
    """What a test has around it.

    Args:
        protected: the course's own files, by relative path: a test reads these and not what a notebook made of them.

    Attributes:
        watch: what matters to the test, of `KINDS`.
    """

    __test__ = False  # for pytest

    def __init__(self, protected: Iterable[str] = ()) -> None:
        self.watch: tuple[str, ...] = ()
        self._protected = frozenset(protected)
        self._folder = Folder(Path.cwd(), known=True)
        self._states: list[Any] | None = None
        self._stdin = sys.stdin
        self._ask = lambda prompt="": str(builtins.input(prompt))
        self._line = lambda: str(sys.stdin.readline())
        self._print = _print
        # Temporary files of a test are where the student's function finds them, too.
        tempfile.tempdir = str(Path.cwd())

    def before(self) -> dict[str, Any]:
        """What a call has to know."""
        around: dict[str, Any] = {kind: True for kind in ("print", "warnings", "logs", "figures") if kind in self.watch}
        if "print" in self.watch and builtins.print is not _PRINT:
            around["printer"] = self._print
        if "files" in self.watch:
            around["files"] = self._folder.changes()
        if "random" in self.watch:
            states = _random_states()
            around["random"] = None if repr(self._states) == repr(states) else states
        if "input" in self.watch:
            around["input"] = self._ask
            if sys.stdin is not self._stdin:
                around["stdin"] = self._line
        return around

    def after(self, around: dict) -> None:
        """Take over what a call has changed. Raises MalformedFrame if it does not have the form of `Watching.found`."""
        if around.keys() - self.watch:
            raise MalformedFrame("expected only what was asked for around a call.")
        if "files" in around:
            self._folder.take(around["files"], self._protected)
        if "random" in around:
            _set_random_states(around["random"])
            self._states = _random_states()
        if "figures" in around:
            _adopt_figures(around["figures"])
        for name, text in _checked(around.get("print", []), (str, str)):
            stream = {"stdout": sys.stdout, "stderr": sys.stderr}.get(name)
            # What a function prints while nobody captures it would show the arguments of hidden tests.
            if stream is not None and not getattr(stream, "shown", False):
                stream.write(text)
        for (name, level), text in _checked(around.get("logs", []), (tuple, str)):
            logging.getLogger(str(name)[:200]).log(level if type(level) is int else 0, "%s", text)
        for text, category in _checked(around.get("warnings", []), (str, type)):
            kind = category if issubclass(category, Warning) else UserWarning
            warnings.warn_explicit(text, kind, "<notebook>", 1)


def _print(*args: Any, **options: Any) -> None:
    builtins.print(*args, **options)  # whatever a test has put in its place


def _checked(items: Any, kinds: tuple[type, type]) -> list[tuple[Any, Any]]:
    if type(items) is not list or len(items) > MAX_WARNINGS:
        raise MalformedFrame("expected a list of limited length around a call.")
    if any(type(item) is not tuple or tuple(map(type, item)) != kinds for item in items):
        raise MalformedFrame("expected pairs around a call.")
    return items


def _adopt_figures(given: Any) -> None:
    import matplotlib.figure  # noqa: PLC0415, only a test that asks for figures waits for it

    from autograder.sandbox.wire.kinds import adopt  # noqa: PLC0415, as above

    if type(given) is not list or any(type(one) is not matplotlib.figure.Figure for one in given):
        raise MalformedFrame("expected a list of figures around a call.")
    adopt(given)


# --- the side of the notebook


class _Input(io.TextIOBase):
    """A `sys.stdin` that asks the test for each line."""

    def __init__(self, line: Callable[[], str]) -> None:
        self._line = line

    def readable(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override] # a text stream's, as TextIOBase says
        return self._line()

    def read(self, size: int | None = -1, /) -> str:
        return "".join(iter(self._line, ""))


class _Logs(logging.Handler):
    """Keeps what is logged: name and level, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[tuple[tuple[str, int], str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        if len(self.kept) < MAX_WARNINGS:
            self.kept.append(((record.name, record.levelno), record.getMessage()[:MAX_TEXT]))


class Watching:
    """While a student's function runs: gives it what the test has around it, and notes what it does."""

    def __init__(self, folder: Folder, around: dict[str, Any]) -> None:
        self._folder, self._around = folder, around
        self._stack = contextlib.ExitStack()
        self._streams = {name: io.StringIO() for name in ("stdout", "stderr")} if "print" in around else {}
        self._warned: list[warnings.WarningMessage] = []
        self._logs = _Logs()

    def __enter__(self) -> Watching:
        around = self._around
        if "files" in around:
            self._folder.take(around["files"])
        if around.get("random") is not None:
            _set_random_states(around["random"])
        if self._streams:
            self._stack.enter_context(contextlib.redirect_stdout(self._streams["stdout"]))
            self._stack.enter_context(contextlib.redirect_stderr(self._streams["stderr"]))
        if "warnings" in around:
            self._warned = self._stack.enter_context(warnings.catch_warnings(record=True))
            warnings.simplefilter("always")
        if "logs" in around:
            root = logging.getLogger()
            self._stack.callback(root.setLevel, root.level)
            root.setLevel(1)
            root.addHandler(self._logs)
            self._stack.callback(root.removeHandler, self._logs)
        if "printer" in around:
            self._stack.callback(setattr, builtins, "print", builtins.print)
            builtins.print = around["printer"]
        if "input" in around:
            self._stack.callback(setattr, builtins, "input", builtins.input)
            builtins.input = around["input"]
        if "stdin" in around:
            self._stack.callback(setattr, sys, "stdin", sys.stdin)
            sys.stdin = _Input(around["stdin"])
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def found(self) -> dict[str, Any]:
        """What the call has changed, of what the test asked for."""
        found: dict[str, Any] = {}
        around = self._around
        if self._streams:
            texts = [(name, stream.getvalue()[:MAX_TEXT]) for name, stream in self._streams.items()]
            found["print"] = [(name, text) for name, text in texts if text]
        if "warnings" in around:
            found["warnings"] = [
                (str(one.message)[:MAX_TEXT], one.category if one.category in _WARNINGS else UserWarning)
                for one in self._warned[:MAX_WARNINGS]
            ]
        if self._logs.kept:
            found["logs"] = self._logs.kept
        if "files" in around:
            found["files"] = self._folder.changes()
        if "random" in around:
            found["random"] = _random_states()
        if "figures" in around and "matplotlib.pyplot" in sys.modules:
            from autograder.sandbox.wire.kinds import open_figures  # noqa: PLC0415, only where a test asks for it

            found["figures"] = open_figures()
        return found


_PRINT = builtins.print
_WARNINGS = {kind for kind in vars(builtins).values() if isinstance(kind, type) and issubclass(kind, Warning)}
