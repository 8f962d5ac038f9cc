"""Wrong answers made from a right one: small changes to the solution, and solutions that forget one demand."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.notebooks.names import parse


def mutations(code: str) -> Iterator[str]:
    """Yield variants of the code with one small change each: another operator, number, keyword or argument.

    Strings, annotations and `raise` statements stay unchanged, since tests do not check them.
    """
    # Imported here because only this proof needs these packages, not a class or a student.
    import libcst as cst  # noqa: PLC0415
    from mutmut.mutation.mutators import mutation_operators  # noqa: PLC0415

    module = cst.parse_module(code)

    def nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        if isinstance(node, (cst.Raise, cst.SimpleString, cst.Annotation)):
            return
        yield node
        for child in node.children:
            yield from nodes(child)

    unchanged = ast.dump(parse(code))
    for node in nodes(module):
        for kind, operator in mutation_operators:
            if isinstance(node, kind):
                for mutated in operator(node):
                    changed = module.deep_replace(node, mutated)
                    if not isinstance(changed, cst.Module):
                        continue
                    try:
                        tree = ast.dump(parse(changed.code))
                    except SyntaxError:
                        continue
                    if tree != unchanged:
                        yield changed.code


def forgetful(code: str) -> Iterator[tuple[str, str]]:
    """Yield what a solution may forget, in words, and the solution without it.

    That is each single condition under which it refuses its arguments, and each conversion to float or copy.
    """
    count = len([node for node in ast.walk(parse(code)) if isinstance(node, (ast.If, ast.Call))])
    for number in range(count):
        part = 0
        while True:
            without = _Without(number, part)
            tree = without.visit(parse(code))
            if not without.what:
                break
            yield without.what, ast.unparse(ast.fix_missing_locations(tree))
            part += 1


class _Without(ast.NodeTransformer):
    """Takes a part out of the statement or call with this number; `what` says which one, "" if there is none."""

    def __init__(self, number: int, part: int) -> None:
        self._left, self._part = number, part
        self.what = ""

    def _here(self) -> bool:
        self._left -= 1
        return self._left == -1

    def visit_If(self, node: ast.If) -> ast.AST:
        if not self._here():
            return self.generic_visit(node)
        if not all(isinstance(line, ast.Raise) for line in node.body) or node.orelse:
            return node
        parts = _parts(node.test)
        if self._part >= len(parts):
            return node
        self.what = ast.unparse(parts.pop(self._part))
        if not parts:
            return ast.Pass()
        node.test = ast.BoolOp(ast.Or(), parts) if len(parts) > 1 else parts[0]
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if not self._here():
            return self.generic_visit(node)
        method = node.func
        if not isinstance(method, ast.Attribute) or method.attr not in ("astype", "copy") or self._part:
            return node
        self.what = ast.unparse(node)
        return method.value


def _parts(test: ast.expr) -> list[ast.expr]:
    """The conditions of which each one alone makes `test` true."""
    match test:
        case ast.BoolOp(op=ast.Or(), values=values):
            return [part for value in values for part in _parts(value)]
        case ast.BoolOp(op=ast.And(), values=[*before, last]) if len(_parts(last)) > 1:
            return [ast.BoolOp(ast.And(), [*before, part]) for part in _parts(last)]
        case ast.UnaryOp(op=ast.Not(), operand=ast.BoolOp(op=ast.And(), values=values)):
            return [part for value in values for part in _parts(ast.UnaryOp(ast.Not(), value))]
        case ast.UnaryOp(op=ast.Not(), operand=ast.Compare(left, operators, others)) if len(others) > 1:
            sides = [left, *others]
            return [
                ast.UnaryOp(ast.Not(), ast.Compare(one, [operator], [other]))
                for one, operator, other in zip(sides, operators, others, strict=False)
            ]
        case ast.Compare(ast.Call(ast.Name("min"), [_, _, *_] as smallest), [ast.Lt()], [bound]):
            return [
                ast.Compare(
                    ast.Call(ast.Name("min"), [value], []) if isinstance(value, ast.Starred) else value,
                    [ast.Lt()],
                    [bound],
                )
                for value in smallest
            ]
    return [test]
