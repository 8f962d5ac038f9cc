"""The house's order: a module imports only those above it, and notebooks never reach grading code."""

import ast

import pytest

from autograder import visible
from autograder.course import REPOSITORY as ROOT

ORDER = (
    "terminal errors jsonl naming tables source answers course roster release companion bundle handed_out reading repair syscalls visible sandbox allowed describe models warm kinds raised values channel processes kernel worker diagnosis outputs judge "
    "examiner farm pages gradebook entries handed_in record feedback clerk clerk_answers limited lesson_cells presentation marking nbgrader_steps configuration recording journal lock grade regrade similarity results figures report"
    " archive metadata identity import_log platforms lms gradesheets export handback classroom demo selfstudy proof attempts doctor console cli_course cli_platforms cli"
).split()


def imported(path):
    """Names of our own packages' modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def modules():
    return {path.stem: path for path in (ROOT / "autograder").glob("*.py") if not path.stem.startswith("__")}


def test_the_order_names_every_module():
    assert set(modules()) == set(ORDER)


@pytest.mark.parametrize("module", ORDER)
def test_a_module_imports_only_those_above_it(module):
    below = ORDER[ORDER.index(module) :]
    wrong = {
        name
        for name in imported(modules()[module])
        if name.removeprefix("autograder.") in below and name.startswith("autograder.")
    }
    # The warm parent's process begins here and becomes what it is told to be.
    assert wrong == ({"autograder.judge", "autograder.worker", "autograder.clerk"} if module == "warm" else set())


def test_convlab_knows_no_grading_code():
    for path in (ROOT / "convlab").rglob("*.py"):
        assert [name for name in imported(path) if name.startswith("autograder")] == [], path


# One of these a warm parent becomes, as it is told.
ENTRIES = {"judge", "worker", "clerk", "models"}


def reached(*first):
    """Modules of this package that are imported when these are."""
    found, waiting = set(), set(first)
    while waiting:
        module = waiting.pop()
        found.add(module)
        names = {name.removeprefix("autograder.").partition(".")[0] for name in imported(modules()[module])}
        waiting |= (names & set(modules())) - found - (ENTRIES if module == "warm" else set())
    return found


def test_inside_the_walls_is_what_is_needed_there_and_nothing_else():
    inside = reached("worker", "judge", "models")
    assert set(visible.MODULES) - {"__init__"} == inside
    assert set(visible.CLERK_MODULES) == reached("clerk") - inside
