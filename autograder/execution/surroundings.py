"""What a function does besides returning a value, carried between a test and the student's process.

Python keeps much of this in one process: what is printed, `input`, warnings, the state of random numbers, files in the
working directory, open figures. A test that looks at any of it gets it across with each call, in both directions; any
other test pays nothing for it. What comes from the student's process is checked before it is used.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import os
import random
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from autograder.errors import MalformedFrame

# What matters to a test, by the words that it uses.
KINDS = {
    "print": r"\w*std(out|err)|capture\w*|capsys",
    "input": r"input|stdin",
    "warnings": r"\w*[wW]arn\w*",
    "random": r"\w*seed\w*|setstate|set_state|getstate|get_state",
    "files": r"open|os|pathlib|Path|shutil|tempfile|glob|sqlite3|csv|imread|(read|write)_(text|bytes)|(read|to)_(csv|json|"
    r"excel|html|table|parquet|feather|pickle)|load|loadtxt|genfromtxt|fromfile|exists|isfile|is_file|listdir|getsize",
    "figures": r"plt|pyplot|pylab|gcf|gca|get_fignums",
}
_WORDS = {kind: re.compile(rf"\b({words})\b") for kind, words in KINDS.items()}
MAX_TEXT = 200_000  # characters printed by one call
MAX_WARNINGS = 100
MAX_FILES, MAX_BYTES, MAX_PARTS = 200, 32 * 2**20, 8


def watched(source: str) -> tuple[str, ...]:
    """Which of `KINDS` matter to a test, by its text."""
    return tuple(kind for kind, words in _WORDS.items() if words.search(source))


class Folder:
    """The files below a folder, and which of them are new since they were last told or taken over.

    Hidden files and folders are left out.

    Args:
        top: the folder.
        known: whether the files that are there now are no news.
    """

    def __init__(self, top: Path, *, known: bool = False) -> None:
        self._top = top
        self._known: dict[str, tuple[int, int]] = dict(self._look()) if known else {}

    def changes(self) -> dict[str, bytes | None]:
        """The contents of new and changed files by relative path; None for one that is gone. Links are left out."""
        there = dict(self._look())
        changed: dict[str, bytes | None] = {name: None for name in self._known if name not in there}
        room = MAX_BYTES
        for name, (state, size) in there.items():
            if self._known.get(name) != (state, size) and size <= room:
                with contextlib.suppress(OSError):
                    changed[name] = (self._top / name).read_bytes()
                    room -= size
        self._known = there
        return changed

    def take(self, changed: Any) -> None:
        """Write and remove files as the other side did. Raises MalformedFrame for anything but plain files below here."""
        if type(changed) is not dict or len(changed) > 2 * MAX_FILES:
            raise MalformedFrame("expected a limited number of files.")
        for name, content in changed.items():
            if type(name) is not str or type(content) not in (bytes, type(None)) or not _is_below(name):
                raise MalformedFrame("expected files below the working directory.")
            path = self._top / name
            with contextlib.suppress(OSError):
                if content is None:
                    path.unlink()
                    continue
                path.parent.mkdir(parents=True, exist_ok=True)
                flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
                with open(os.open(path, flags, 0o644), "wb") as file:
                    file.write(content)
        there = dict(self._look())
        for name in changed:
            self._known.pop(name, None)
            self._known.update({name: there[name]} if name in there else {})

    def _look(self) -> Iterator[tuple[str, tuple[int, int]]]:
        count = 0
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            with contextlib.suppress(OSError), os.scandir(self._top / folder) as entries:
                for entry in sorted(entries, key=lambda one: one.name):
                    if entry.name.startswith("."):
                        continue
                    name = f"{folder}/{entry.name}" if folder else entry.name
                    if entry.is_dir(follow_symlinks=False) and name.count("/") < MAX_PARTS:
                        waiting.append(name)
                    elif entry.is_file(follow_symlinks=False) and count < MAX_FILES:
                        count += 1
                        state = entry.stat(follow_symlinks=False)
                        yield name, (state.st_mtime_ns, state.st_size)


def _is_below(name: str) -> bool:
    parts = name.split("/")
    return len(parts) <= MAX_PARTS + 1 and all(
        part and not part.startswith(".") and len(part) < 256 and "\0" not in part and "\\" not in part
        for part in parts
    )


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
    """What a test has around it. `watch` says what of it matters, of `KINDS`."""

    __test__ = False  # for pytest

    def __init__(self) -> None:
        self.watch: tuple[str, ...] = ()
        self._folder = Folder(Path.cwd(), known=True)
        self._states: list[Any] | None = None
        self._stdin = sys.stdin
        self._ask = lambda prompt="": str(builtins.input(prompt))
        self._line = lambda: str(sys.stdin.readline())

    def before(self) -> dict[str, Any]:
        """What a call has to know."""
        around: dict[str, Any] = {kind: True for kind in ("print", "warnings", "figures") if kind in self.watch}
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
            self._folder.take(around["files"])
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
        for text, category in _checked(around.get("warnings", []), (str, type)):
            kind = category if issubclass(category, Warning) else UserWarning
            warnings.warn_explicit(text, kind, "<notebook>", 1)


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


class Watching:
    """While a student's function runs: gives it what the test has around it, and notes what it does."""

    def __init__(self, folder: Folder, around: dict[str, Any]) -> None:
        self._folder, self._around = folder, around
        self._stack = contextlib.ExitStack()
        self._streams = {name: io.StringIO() for name in ("stdout", "stderr")} if "print" in around else {}
        self._warned: list[warnings.WarningMessage] = []

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
        if "files" in around:
            found["files"] = self._folder.changes()
        if "random" in around:
            found["random"] = _random_states()
        if "figures" in around and "matplotlib.pyplot" in sys.modules:
            from autograder.sandbox.wire.kinds import open_figures  # noqa: PLC0415, only where a test asks for it

            found["figures"] = open_figures()
        return found


_WARNINGS = {kind for kind in vars(builtins).values() if isinstance(kind, type) and issubclass(kind, Warning)}
