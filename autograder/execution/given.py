"""What the course's own notebook says about the names in its tests, found without running it.

A test's names come from several places: modules that the notebook imports, helpers that it hands out, the student's own
functions and classes. Only the last have to come from the student's process. For its classes, the notebook also says
which attributes and operators a test can mean: nothing else of a student's object is taken for an answer.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from autograder.notebooks.names import parse

if TYPE_CHECKING:  # the judge, which imports this module, needs no notebooks: importing nbformat makes each fork slower
    from nbformat import NotebookNode

_MAGIC = re.compile(r"^\s*[%!?]|[?]\s*$|^\s*\w+\s*=\s*[%!]", re.MULTILINE)
_CELL_MAGIC = re.compile(r"\A\s*%%\w[^\n]*\n")
_ANYWHERE = frozenset("globals locals vars dir eval exec get_ipython".split())


@dataclass(frozen=True)
class GivenClass:
    """A class of the course's own notebook.

    Args:
        names: identifiers in its text, and in that of its bases in the notebook: what a test can mean by an attribute.
        special: the special methods that they define.
        bases: expressions of its bases that are not in the notebook.
        open: whether its attributes get names that are not in its text, as by `setattr`.
    """

    names: frozenset[str]
    special: frozenset[str]
    bases: tuple[str, ...]
    open: bool = False


@dataclass(frozen=True)
class Given:
    """What a course's notebook says about names.

    Args:
        imports: import statements outside of its answers, by the name that each defines.
        answered_imports: import statements in its answers: for names that the student's notebook has, too.
        helpers: texts of functions outside of its answers, by name, where no answer defines the name.
        classes: its classes, in answers and elsewhere, by name.
        attributes: names that its code, tests excepted, gives to attributes of anything.
        made: all names that it defines outside of its tests.
        modules: all modules that it imports.
        open: whether it makes classes or attributes whose names are not in its text.
        plain: its functions that use none of its classes, nor other functions that do: they can only return an
            instance of one if they are given one.
    """

    imports: dict[str, str] = field(default_factory=dict)
    answered_imports: dict[str, str] = field(default_factory=dict)
    helpers: dict[str, str] = field(default_factory=dict)
    classes: dict[str, GivenClass] = field(default_factory=dict)
    attributes: frozenset[str] = frozenset()
    made: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()
    open: bool = False
    plain: frozenset[str] = frozenset()

    def to_wire(self) -> dict[str, Any]:
        """As plain values, for the plan."""
        return asdict(self)

    @classmethod
    def from_wire(cls, parts: dict[str, Any]) -> Given:
        """From plain values of `to_wire`; an empty dict is a notebook that says nothing."""
        if not parts:
            return cls()
        classes = {name: GivenClass(**one) for name, one in parts["classes"].items()}
        return cls(**{**parts, "classes": classes})


def given_by(notebook: NotebookNode) -> Given:
    """What a course's notebook, with its answers, says about names."""
    imports: dict[str, str] = {}
    in_answers: dict[str, str] = {}
    functions: dict[str, str] = {}
    answered: set[str] = set()
    classes: dict[str, ast.ClassDef] = {}
    attributes: set[str] = set()
    names: set[str] = set()
    modules: set[str] = set()
    opened = False
    makers: set[str] = set()  # names of what may be classes made by a call
    uses: dict[str, set[str]] = {}  # names in each function's text
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        marks = cell.metadata.get("nbgrader", {})
        test, answer = bool(marks.get("grade") and not marks.get("solution")), bool(marks.get("solution"))
        tree = _parsed(cell.source)
        for node in ast.walk(tree):
            modules |= set(_modules(node))
            if test:
                continue
            if isinstance(node, ast.ClassDef):
                classes[node.name] = node
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                uses.setdefault(node.name, set()).update(_used(node))
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                made_here = {one.id for one in node.targets if isinstance(one, ast.Name) and one.id[:1].isupper()}
                makers |= made_here
                # The fields of a named tuple, or the members of an enumeration, which another class may have, too.
                attributes |= set(_words(node.value)) if made_here else set()
            attributes |= set(_attributes(node))
            opened = opened or _opens(node)
        if test:
            continue
        for node in _statements(tree.body):
            made = set(_made(node))
            names |= made
            if answer:
                answered |= made
                in_answers |= dict(_imports(node)) if isinstance(node, ast.Import | ast.ImportFrom) else {}
            elif isinstance(node, ast.Import | ast.ImportFrom):
                imports |= dict(_imports(node))
            elif isinstance(node, ast.FunctionDef):
                functions[node.name] = ast.unparse(node)
    return Given(
        {name: text for name, text in imports.items() if name not in answered},
        in_answers,
        {name: text for name, text in functions.items() if name not in answered and name not in imports},
        {name: _class(name, classes) for name in classes},
        frozenset(attributes),
        frozenset(names),
        frozenset(modules),
        opened,
        _plain(uses, {*classes, *makers, *_ANYWHERE, *_methods(classes.values())}),
    )


def _plain(uses: dict[str, set[str]], marked: set[str]) -> frozenset[str]:
    """The functions that are none of the marked names and use none, directly or by each other."""
    left = {name: used for name, used in uses.items() if name not in marked}
    while found := {name for name, used in left.items() if used & marked}:
        marked |= found
        left = {name: used for name, used in left.items() if name not in found}
    return frozenset(left)


def _methods(classes: Iterable[ast.ClassDef]) -> Iterator[str]:
    for node in classes:
        yield from (one.name for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))


def _used(node: ast.AST) -> Iterator[str]:
    yield from (one.id for one in ast.walk(node) if isinstance(one, ast.Name))
    # A method may be what makes an instance.
    yield from (one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute))


def python_of(source: str) -> str:
    """A cell's text as Python: without a cell magic's line, and with other magics and commands as calls."""
    source = _CELL_MAGIC.sub("", source)
    if not _MAGIC.search(source):
        return source
    from IPython.core.inputtransformer2 import TransformerManager  # noqa: PLC0415, it takes a moment, and few cells need it

    try:
        return TransformerManager().transform_cell(source)
    except SyntaxError:
        return source


def named_in_texts(source: str, used: Iterable[str]) -> set[str]:
    """Names that a cell has as texts, if it may look names up by their text, as `'x' in globals()` does."""
    if not _ANYWHERE.intersection(used):
        return set()
    texts = [node.value for node in ast.walk(_parsed(source)) if isinstance(node, ast.Constant)]
    trees = [_parsed(text) for text in texts if isinstance(text, str) and len(text) < 1_000]
    found = {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return {name for name in found if not name.startswith("__") and not hasattr(builtins, name)}


def _parsed(source: str) -> ast.Module:
    try:
        return parse(python_of(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements at the top level, also below `if`, `try` and `with`."""
    for node in body:
        yield node
        for part in ("body", "orelse", "finalbody"):
            if isinstance(node, ast.If | ast.Try | ast.With):
                yield from _statements(getattr(node, part, []))
        for handler in getattr(node, "handlers", []):
            yield from _statements(handler.body)


def _made(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from (name for name, _ in _imports(node))
    elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.For):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name))


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    for alias in node.names:
        name = (alias.asname or alias.name).split(".")[0]
        if isinstance(node, ast.Import):
            yield name, ast.unparse(ast.Import([alias]))
        elif alias.name != "*" and not node.level:
            yield name, ast.unparse(ast.ImportFrom(node.module, [alias], 0))


def _modules(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and not node.level:
        yield str(node.module)


def _attributes(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
        yield node.attr
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr":
        yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))


def _class(name: str, classes: dict[str, ast.ClassDef]) -> GivenClass:
    names: set[str] = set()
    special: set[str] = set()
    bases: list[str] = []
    waiting, seen = [name], set[str]()
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        for base in classes[current].bases:
            if isinstance(base, ast.Name) and base.id in classes:
                waiting.append(base.id)
            else:
                bases.append(ast.unparse(base))
        for node in ast.walk(classes[current]):
            names |= set(_identifiers(node))
        special |= {
            one for node in classes[current].body for one in _made(node) if one.startswith("__") and one.endswith("__")
        }
        special |= _from_decorators(classes[current])
    opened = any(map(_opens, ast.walk(classes[name])))
    return GivenClass(frozenset(names), frozenset(special), tuple(bases), opened)


def _opens(node: ast.AST) -> bool:
    """Whether a piece of code gives attributes names that it does not contain."""
    if isinstance(node, ast.Attribute):
        return node.attr == "__dict__"
    if isinstance(node, ast.FunctionDef):
        return node.name in ("__getattr__", "__getattribute__")
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return False
    made = node.func.id in ("setattr", "vars", "make_dataclass") or (node.func.id == "type" and len(node.args) == 3)
    return made and not (node.func.id == "setattr" and len(node.args) > 1 and isinstance(node.args[1], ast.Constant))


def _from_decorators(node: ast.ClassDef) -> set[str]:
    """The comparisons that a dataclass or `total_ordering` adds."""
    text = " ".join(map(ast.unparse, node.decorator_list))
    return {f"__{name}__" for name in "eq lt le gt ge".split()} if "dataclass" in text or "ordering" in text else set()


def _identifiers(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.arg | ast.keyword):
        yield node.arg or ""
    elif isinstance(node, ast.Constant):
        yield from _words(node)


def _words(node: ast.AST) -> Iterator[str]:
    """Identifiers in the texts of an expression, such as `"x y"`."""
    texts = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str))
    for text in texts:
        if len(text) < 200:
            yield from (word for word in text.replace(",", " ").split() if word.isidentifier())


def named_early(source: str) -> set[str]:
    """Names that a cell defines, but reads before it does, in an assignment such as `x = x + 1` or `x += 1`."""
    made: set[str] = set()
    early: set[str] = set()
    for statement in _parsed(source).body:
        names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
        stored = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
        if isinstance(statement, ast.AugAssign):
            early |= stored - made
        elif isinstance(statement, ast.Assign):
            targets = {
                node.id for target in statement.targets for node in ast.walk(target) if isinstance(node, ast.Name)
            }
            early |= {node.id for node in names if isinstance(node.ctx, ast.Load) and node.id in targets} - made
        made |= stored | set(_made(statement))
    return early
