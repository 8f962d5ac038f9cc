"""A test cell that goes on after a failed check, and prints which of its checks failed."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable
from typing import Any

from autograder.notebooks.names import parse

MARK = "checks that failed: "

_BEFORE = """
import json as _json
import convlab.checks as _checks

_failed, _errors, _made = [], [], 0


def _collecting(check):
    def collect(*args, **options):
        global _made
        _made += 1
        try:
            check(*args, **options)
        except _checks.CheckError as error:
            _failed.append(_made - 1)
            _errors.append(error)
            if not _go_on or "in time" in str(error) or "the whole process" in str(error):
                raise  # without an answer in time, the later checks could only wait

    return collect


try:
    pass
except Exception as _error:
    if _error not in _errors:
        _failed.append(_made)
        _errors.append(_error)
"""
_AFTER = f"""
print({MARK!r} + _json.dumps(_failed))
if _errors:
    raise _errors[0]
"""


def collecting(test: str, *, go_on: bool = True) -> str:
    """The text of a test cell, changed to say which checks failed; it makes all of them unless `go_on` is False."""
    tree = parse(f"_go_on = {go_on}\n{_BEFORE}")
    tried = tree.body[-1]
    assert isinstance(tried, ast.Try)
    tried.body = [line for statement in parse(test).body for line in _own_checks(statement)]
    return ast.unparse(ast.fix_missing_locations(tree)) + _AFTER


def _own_checks(statement: ast.stmt) -> list[ast.stmt]:
    """The statement, and after an import of checks the line that makes them collect."""
    if isinstance(statement, ast.ImportFrom) and statement.module == "convlab.checks":
        names = {name.name for name in statement.names} & {"check", "check_error"}
        return [statement, *parse("\n".join(f"{name} = _collecting({name})" for name in sorted(names))).body]
    return [statement]


def failed_checks(outputs: Iterable[dict[str, Any]]) -> list[int]:
    """The numbers of the checks that failed, from the outputs of such a cell; empty if it says nothing."""
    said = "".join(output["text"] for output in outputs if output["output_type"] == "stream")
    line = next((line for line in said.splitlines() if line.startswith(MARK)), f"{MARK}[]")
    return json.loads(line.removeprefix(MARK))
