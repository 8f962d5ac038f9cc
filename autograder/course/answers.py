"""Answers to exercises, kept as functions beside a lesson: known wrong ones, and right ones in other styles.

`solutions/NN_topic/misconceptions.py` and `right_answers.py` contain functions named `<exercise>__<what is special>`
with the exercise's signature. The docstring of a misconception is the help for a student who has it. The files are
parsed, not imported.
"""

from __future__ import annotations

import ast
import inspect
import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from autograder.course.lessons import MISCONCEPTIONS
from autograder.errors import ClassError, SourceError
from autograder.notebooks import free_names, global_names
from autograder.notebooks.cells import is_test, lesson_notebook
from autograder.notebooks.names import Names, parse


@dataclass(frozen=True)
class Answer:
    """One answer; `code` defines it under the exercise's name, together with everything it uses from its module."""

    exercise: str
    name: str
    help: str
    code: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def read_answers(path: Path) -> list[Answer]:
    """Read all answers of a file, in its order; an empty list if there is no such file.

    Raises:
        SourceError: the file cannot be read or is not valid Python.
    """
    try:
        source = path.read_text(encoding="utf-8")
        tree = parse(source)
    except FileNotFoundError:
        return []
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise SourceError(f"the file cannot be read: {error}.", where=f"{path.parent.name}/{path.name}") from error
    lines = source.splitlines()
    # What answers may need, each with its text, the names that it provides and those that it uses itself.
    parts = [_Part(_text(lines, node), names, _used(node)) for node in tree.body if (names := _provided(node))]
    answers = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and "__" in node.name.strip("_"):
            exercise, _, name = node.name.partition("__")
            text = inspect.cleandoc(ast.get_docstring(node) or "")
            code = "\n\n".join([*_needed(parts, _used(node)), _under_its_own_name(lines, node)])
            answers.append(Answer(exercise, name, text, code))
    return answers


class _Part(NamedTuple):
    text: str
    provides: set[str]
    uses: set[str]


def _text(lines: list[str], node: ast.stmt) -> str:
    return "\n".join(lines[node.lineno - 1 : node.end_lineno])


def _needed(parts: list[_Part], wanted: set[str]) -> list[str]:
    """The texts of the parts that names need, directly or through each other, in the order of the file."""
    found: list[_Part] = []
    while new := [part for part in parts if part.provides & wanted and part not in found]:
        found += new
        wanted = set().union(*(part.uses for part in new))
    return [part.text for part in parts if part in found]


def _used(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _provided(node: ast.stmt) -> set[str]:
    """The names that a statement provides to answers: those of an import or of a private function."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(name.asname or name.name).split(".")[0] for name in node.names}
    return {node.name} if isinstance(node, ast.FunctionDef) and node.name.startswith("_") else set()


def _under_its_own_name(lines: list[str], function: ast.FunctionDef) -> str:
    lines = lines[function.lineno - 1 : function.end_lineno]
    if ast.get_docstring(function):
        # The docstring is help for the student, not part of the answer.
        first = function.body[0]
        end = first.end_lineno or first.lineno
        del lines[first.lineno - function.lineno : end - function.lineno + 1]
    name = function.name
    return "\n".join([lines[0].replace(f"def {name}", f"def {name.split('__')[0]}", 1), *lines[1:]])


@lru_cache(maxsize=64)
def course_solutions(source: bytes) -> dict[str, dict[str, str]]:
    """The course's own functions that answer its exercises, by name, in the order of the notebook in `source/`.

    Returns:
        For each function that a solution cell defines and a test uses: under "cell" the `grade_id` of its cell, under
        "code" the text that defines it, together with all that it uses from the notebook's other cells.
    """
    cells = [cell for cell in lesson_notebook(source).cells if cell.cell_type == "code"]
    tested = {name for cell in cells if is_test(cell) for name in free_names(cell.source)}
    statements: list[_Statement] = []
    found: dict[str, str] = {}
    for cell in cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("grade"):
            continue
        for node in _statements(cell.source):
            names = global_names(ast.unparse(node)) or Names(frozenset(), frozenset())
            statements.append(_Statement(ast.unparse(node), names))
            if marks.get("solution") and isinstance(node, ast.FunctionDef) and node.name in tested:
                found[node.name] = marks["grade_id"]
    return {name: {"cell": cell, "code": _defining(name, statements)} for name, cell in found.items()}


class _Statement(NamedTuple):
    code: str
    names: Names


def _statements(cell: str) -> list[ast.stmt]:
    """The statements of a cell; none if it is not Python, even without its magics."""
    lines = ["" if line.lstrip().startswith(("%", "!", "?")) else line for line in cell.splitlines()]
    try:
        return parse("\n".join(lines)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _defining(name: str, statements: list[_Statement]) -> str:
    """The statements that define a name and all that these use, in their order."""
    needed: set[int] = set()
    wanted = {name}
    while wanted:
        found = {n for n, one in enumerate(statements) if one.names.made & wanted} - needed
        needed |= found
        wanted = {used for n in found for used in statements[n].names.used}
    return "\n".join(statements[n].code for n in sorted(needed))


def known_misconceptions(root: Path, lesson: str) -> dict[str, list[dict[str, str]]]:
    """Read a lesson's misconceptions, as `autograder new` wrote them into the class; empty if the class has none.

    Raises:
        ClassError: the file is not a list of misconceptions.
        OSError: it cannot be read.
    """
    path = root / MISCONCEPTIONS / f"{lesson}.json"
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        if any(type(text) is not str for answers in known.values() for answer in answers for text in answer.values()):
            raise TypeError("expected a text, got something else")
        return known
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError) as error:
        raise ClassError(
            f"this is not a list of misconceptions ({error}).",
            where=str(path),
            remedy="Correct or delete it: points do not depend on it, only the help for failed tests does.",
        ) from error
