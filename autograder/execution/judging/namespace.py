"""The names of a test: from earlier tests, from the course's own notebook, or from the student's.

As in a notebook, what a test defines stays for later ones, until a cell of the student's defines it anew. Modules and
helpers that the course's notebook hands out are the judge's own: a student's notebook cannot replace them.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import dataclasses
import inspect
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from autograder.errors import RefusedValue
from autograder.execution.effects.surroundings import watched
from autograder.execution.given import Given, python_of
from autograder.execution.judging.conversation import Conversation
from autograder.execution.judging.proxies import link_of
from autograder.execution.shell import CellShell
from autograder.notebooks import free_names, global_names
from autograder.notebooks.names import parse
from autograder.sandbox.wire.messages import GetName, Missing, Value

MODULES = ".course-modules"  # hidden, so that no file of the student's gets there
_ABSENT = object()


class Namespace:
    """Fills the shell's namespace for each test, and keeps what tests define.

    Attributes:
        placed: what the last test got, by name.
        cells: the student's cells that ran before it.
        watch: what matters to its helpers around the student's functions, of `surroundings.KINDS`.
    """

    def __init__(self, worker: Conversation, shell: CellShell, given: Given) -> None:
        self.placed: dict[str, Any] = {}
        self.cells: list[str] = []
        self.watch: tuple[str, ...] = ()
        self._worker, self._shell, self._given = worker, shell, given
        self._kept: dict[str, tuple[Any, int]] = {}  # with the number of cells that had run
        self._first: set[str] = set()
        _answer_for_sources(self)

    def fill(self, names: Iterable[str], maybe: Iterable[str], cells: list[str]) -> set[str]:
        """Give the next test its names, and return those that are nowhere.

        Args:
            names: the names that it needs.
            maybe: names that it may need.
            cells: the student's cells so far.

        Raises:
            WorkerLost, RefusedValue: a name cannot be had from the student's notebook.
        """
        self._shell.forget()
        self._first = set(self._shell.user_ns)
        self.placed, self.cells, self.watch = {}, cells, ()
        absent: set[str] = set()
        # Functions of earlier tests may use them, whatever this one names.
        for name, (value, count) in self._kept.items():
            if not self._made_since(name, count):
                self.placed[name] = self._shell.user_ns[name] = value
        waiting = sorted({*names, *maybe}, reverse=True)
        while waiting:
            name = waiting.pop()
            if name in self.placed or name in absent:
                continue
            try:
                value = self._find(name)
            except RefusedValue as refusal:
                if name in names:
                    raise RefusedValue(f"'{name}': {refusal.what}") from None
                value = object()
            if value is _ABSENT:
                absent.add(name)
                continue
            self.placed[name] = self._shell.user_ns[name] = value
            if self._is_helper(name, value):
                self.watch += watched(self._given.helpers[name])
                waiting += sorted(free_names(self._given.helpers[name]), reverse=True)
        self._worker.objects.named(self.placed)
        return absent

    def _find(self, name: str) -> Any:
        with contextlib.suppress(Exception):  # a module of the notebook's own may not be there
            if name in self._given.imports:
                return self._defined(self._given.imports[name], name)
            if name in self._given.helpers:
                exec(self._given.helpers[name], self._shell.user_ns)
                return self._shell.user_ns[name]
        try:
            answer = self._worker.ask(GetName(name), Value, Missing)
        except RefusedValue:
            if name not in self._given.answered_imports:
                raise
            with contextlib.suppress(Exception):
                return self._defined(self._given.answered_imports[name], name)
            raise
        return answer.value if isinstance(answer, Value) else _ABSENT

    def _is_helper(self, name: str, value: Any) -> bool:
        """Whether a value is the helper of that name, which was defined here."""
        return name in self._given.helpers and getattr(value, "__globals__", None) is self._shell.user_ns

    @staticmethod
    def _defined(statement: str, name: str) -> Any:
        namespace: dict[str, Any] = {}
        exec(statement, namespace)
        return namespace[name]

    def _made_since(self, name: str, count: int) -> bool:
        """Whether a cell of the student's has defined a name anew, as one of the course's own notebook may."""
        if name not in self._given.made:
            return False
        made = (global_names(python_of(source)) for source in self.cells[count:])
        return any(one is not None and name in one.made for one in made)

    def keep(self) -> None:
        """After a test: remember what it has defined."""
        there = self._shell.user_ns
        for name in set(self._kept) - set(there):
            if name in self.placed:
                del self._kept[name]
        for name, value in there.items():
            if name.startswith("_") or name in self._first:
                continue
            if name not in self.placed or self.placed[name] is not value:
                self._kept[name] = value, len(self.cells)

    def source_of(self, name: str) -> str | None:
        """The text by which the student's cells last define a function or class; None if it is not a definition."""
        nested = None
        for cell in reversed(self.cells):
            text = python_of(cell)
            with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                body = parse(text).body
                for node in reversed(body):
                    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                        if node.name == name:
                            return _lines(text, node)
                        inner = (one for one in ast.walk(node) if isinstance(one, ast.FunctionDef) and one.name == name)
                        nested = nested or next((_lines(text, one) for one in inner), None)
                    elif isinstance(node, ast.Assign) and any(
                        isinstance(target, ast.Name) and target.id == name for target in node.targets
                    ):
                        return None
        return nested


def _lines(text: str, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
    first = min(one.lineno for one in (node, *node.decorator_list))
    lines = text.splitlines(keepends=True)[first - 1 : node.end_lineno]
    return inspect.cleandoc("\n" + "".join(lines)) + "\n" if lines[0][:1].isspace() else "".join(lines)


def _answer_for_sources(namespace: Namespace) -> None:
    """Have `inspect.getsource` know the student's functions and classes, by the cells that define them."""
    original = getattr(inspect.getsource, "original", inspect.getsource)

    def getsource(thing: Any) -> str:
        link = link_of(thing)
        if link is None:
            return original(thing)
        return namespace.source_of(link.label) or str(link.do("source"))

    getsource.original = original  # type: ignore[attr-defined]
    inspect.getsource = getsource  # type: ignore[assignment] # the same, with another name for its argument
    inspect.getsourcelines = lambda thing: (  # type: ignore[assignment] # likewise
        (getsource(thing).splitlines(keepends=True), 1) if link_of(thing) else _SOURCE_LINES(thing)
    )
    for name in _QUESTIONS:
        setattr(inspect, name, _asked(name))
    for name in _OF_DATACLASSES:
        setattr(dataclasses, name, _done(name))
    asyncio.iscoroutinefunction = inspect.iscoroutinefunction  # type: ignore[assignment] # it asks the same


def _asked(name: str) -> Callable[[Any], bool]:
    original = _ORIGINAL[name]

    def ask(thing: Any) -> bool:
        link = link_of(thing)
        return original(thing) if link is None else link.do("inspect", name)

    return ask


def _done(name: str) -> Callable[..., Any]:
    original = _ORIGINAL[name]

    def do(thing: Any, **options: Any) -> Any:
        link = link_of(thing)
        return original(thing, **options) if link is None else link.do("dataclasses", name, **options)

    return do


_OF_DATACLASSES = "asdict astuple fields is_dataclass replace".split()
_QUESTIONS = (
    "isfunction ismethod isbuiltin isroutine isgeneratorfunction iscoroutinefunction isasyncgenfunction".split()
)
_ORIGINAL = {name: getattr(inspect, name) for name in _QUESTIONS} | {
    name: getattr(dataclasses, name) for name in _OF_DATACLASSES
}
_SOURCE_LINES = inspect.getsourcelines


def place_files(files: dict[str, bytes]) -> None:
    """Put the course's own files into the working directory, and its modules where tests can import them."""
    for name, content in files.items():
        targets = [Path(name), *([Path(MODULES) / name] if name.endswith(".py") else [])]
        for target in targets:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    if any(name.endswith(".py") for name in files):
        sys.path.insert(0, str(Path(MODULES).resolve()))


def refuse_pickles() -> None:
    """Have unpickling refused: a file that the student's notebook wrote could run anything here by it."""

    def refuse(event: str, _: Any) -> None:
        if event == "pickle.find_class":
            raise RefusedValue("a test cannot unpickle outside of the notebook's process.")

    sys.addaudithook(refuse)
