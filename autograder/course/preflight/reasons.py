"""What an instructor can write instead of a test that cannot be judged apart from the student's process."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Set

from autograder.notebooks.names import parse

CROSS = "numbers, texts, lists, dictionaries, arrays or functions"
_REFUSED = re.compile(r"'(\w+)': ")
# Names by which a cell reaches into the process that it runs in.
_PROCESS = {"get_ipython", "globals", "locals", "vars", "In", "Out", "_", "__", "exec", "eval"}
_PATCHES = {"patch", "monkeypatch", "MonkeyPatch"}


def instead_of(source: str, message: str, made: Set[str]) -> str:
    """A sentence on what to write instead of a test.

    Args:
        source: the test's text.
        message: why it fails apart.
        made: the names that the notebook's other cells make.
    """
    return next(_advice(source, message, made))


def replaced_in(source: str, made: Set[str]) -> str:
    """The name of a function that a test replaces by its own, as to see whether an answer calls it; "" if there is none.

    Only in the student's process does that have an effect. So apart, an answer that must not call it would pass.

    Args:
        source: the test's text.
        made: the names that the notebook's other cells make.
    """
    found = set()
    for node in getattr(_tree(source), "body", []):
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            taken = isinstance(node.value, ast.Constant) and node.value.value is None
            if taken or isinstance(node.value, ast.Lambda):
                found |= {one.id for one in node.targets if isinstance(one, ast.Name)}
    functions = {name for name, value in vars(builtins).items() if callable(value)}
    return min(found & (made | functions), default="")


def _advice(source: str, message: str, made: Set[str]) -> Iterator[str]:
    refused = _REFUSED.match(message)
    if refused:
        yield (
            f"What '{refused[1]}' stands for cannot leave the student's process. Have the exercise ask for a function "
            f"that returns {CROSS}, and test what it returns."
        )
    nodes = list(ast.walk(_tree(source)))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    if (names | attributes) & _PATCHES or any(_assigns_attribute(node) for node in nodes):
        yield (
            "The test replaces something that the student's code uses, and only a replacement in the student's own "
            "process has an effect there. Have the exercise take it as an argument, and hand over your own."
        )
    replaced = replaced_in(source, made) or min(_bound(nodes) & made, default="")
    if replaced:
        yield (
            f"The test gives '{replaced}' another meaning, which the student's functions do not see. Have the "
            "exercise take it as an argument, and hand over your own."
        )
    reached = sorted(names & _PROCESS)
    if reached:
        yield (
            f"The test reaches into the notebook's process with '{reached[0]}'. Use the exercise's names "
            "directly, and test what its functions return."
        )
    if re.search(r"(?m)^\s*[%!]", source):
        yield "The test uses a magic, which acts on the process it runs in. Write it in plain Python."
    yield f"Test what the exercise's functions return for given arguments, with {CROSS}."


def _tree(source: str) -> ast.AST:
    try:
        return parse(re.sub(r"(?m)^([ \t]*)[%!].*$", r"\1pass", source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def _assigns_attribute(node: ast.AST) -> bool:
    """Whether a statement assigns an attribute of something that has a name, such as a module."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    return any(isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) for one in targets)


def _bound(nodes: list[ast.AST]) -> set[str]:
    """The names that a text assigns, defines or deletes."""
    stored = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, (ast.Store, ast.Del))}
    return stored | {n.name for n in nodes if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
