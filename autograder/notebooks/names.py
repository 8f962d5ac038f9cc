"""Static analysis of cells: which names a cell uses and defines, found without running it."""

from __future__ import annotations

import ast
import builtins
import contextlib
import symtable
import sys
import threading
from functools import lru_cache
from typing import NamedTuple

# CPython before 3.11.8 and 3.12.1 keeps one recursion counter for the syntax trees of all threads (gh-106905).
_PARSING = threading.Lock()
_ATTEMPTS = 5  # libraries parse, too, without taking the lock

MAX_ANALYSED = 200_000  # characters of a cell


def parse(source: str) -> ast.Module:
    """`ast.parse` that is safe to call from several threads at once; the original sometimes raises SystemError then."""
    with _PARSING:
        for _ in range(_ATTEMPTS - 1):
            with contextlib.suppress(SystemError):
                return ast.parse(source)
        return ast.parse(source)


class Names(NamedTuple):
    """The global names that a cell uses, and those that it defines (assigns or imports)."""

    used: frozenset[str]
    made: frozenset[str]


@lru_cache(maxsize=4096)
def global_names(source: str) -> Names | None:
    """The global names that a cell and its functions use and define; None if it is not valid Python or is very long."""
    if len(source) > MAX_ANALYSED:
        return None
    try:
        if sys.version_info >= (3, 12):
            source = ast.unparse(_Generators().visit(parse(source)))
        table = symtable.symtable(source, "<cell>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # MemoryError: the parser's stack overflowed
        return None
    used, made = set(), set()
    scopes = [table]
    while scopes:
        scope = scopes.pop()
        scopes.extend(scope.get_children())
        for symbol in scope.get_symbols():
            # In a class body, `shirt = shirt` reads the global name before it defines the class attribute.
            own = scope.get_type() == "class" and symbol.is_local() and symbol.is_referenced()
            if own and _reads_first(source, scope.get_lineno(), symbol.get_name()):
                used.add(symbol.get_name())
            if scope is table or symbol.is_global():
                if symbol.is_referenced():
                    used.add(symbol.get_name())
                if symbol.is_assigned() or symbol.is_imported():
                    made.add(symbol.get_name())
    return Names(frozenset(used), frozenset(made))


class _Generators(ast.NodeTransformer):
    """Turns comprehensions into generators: since Python 3.12 only those have their own symbol table (PEP 709)."""

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp) -> ast.GeneratorExp:
        self.generic_visit(node)
        return ast.GeneratorExp(node.elt, node.generators)

    visit_SetComp = visit_ListComp  # noqa: N815

    def visit_DictComp(self, node: ast.DictComp) -> ast.GeneratorExp:
        self.generic_visit(node)
        return ast.GeneratorExp(ast.Tuple([node.key, node.value], ast.Load()), node.generators)


def _reads_first(source: str, line: int, name: str) -> bool:
    """Whether the body of the class that begins at a line may read a name before it assigns it."""
    for node in ast.walk(parse(source)):
        if not isinstance(node, ast.ClassDef) or line not in (
            node.lineno,
            *(one.lineno for one in node.decorator_list),
        ):
            continue
        for statement in node.body:
            if any(
                isinstance(one, ast.Name) and one.id == name and isinstance(one.ctx, ast.Load)
                for one in ast.walk(statement)
            ):
                return True
            if name in _made_for_sure(statement):
                return False
    return True


def _made_for_sure(statement: ast.stmt) -> set[str]:
    """Names that a statement always defines when it runs."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {(name.asname or name.name).split(".")[0] for name in statement.names}
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign) and statement.value:
        targets = [statement.target]
    return {one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)}


def free_names(source: str) -> set[str]:
    """Names that a cell uses but neither assigns nor imports, except builtins; empty if it is not valid Python."""
    names = global_names(source)
    if names is None:
        return set()
    return {name for name in names.used - names.made - set(dir(builtins)) if not name.startswith("__")}
