"""The house's order: imports point one way, rooms and doors are few, and inside the walls is what is needed there."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course.lessons import REPOSITORY as ROOT
from autograder.execution.runner import JUDGE, WORKER
from autograder.sandbox.visible import OWN
from autograder.uploads.clerks import CLERK

PACKAGE = ROOT / "autograder"
PACKAGES = sorted(face.parent for face in PACKAGE.rglob("__init__.py") if face.parent != PACKAGE)
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path
    for path in PACKAGE.rglob("*.py")
    if not path.stem.startswith("__")
}


def exported():
    """Where each name comes from that a package's face exports: its module, by package and name."""
    for face in PACKAGE.rglob("__init__.pyi"):
        package = ".".join(face.parent.relative_to(ROOT).parts)
        for node in ast.parse(face.read_text()).body:
            yield from ((package, name.name, f"{package}.{node.module}") for name in node.names)


FACES = {(package, name): module for package, name, module in exported()}


def imported(path):
    """Modules that a file imports, wherever in it; a name from a package's face counts as the module that it is in."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (FACES.get((node.module, name.name), f"{node.module}.{name.name}") for name in node.names)


def test_imports_point_one_way():
    # In a process of its own, since it switches off all loggers that are there.
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_house_has_few_rooms_and_each_few_files():
    rooms = [path for path in PACKAGE.iterdir() if not path.name.startswith("__") and path.suffix in ("", ".py")]
    assert len(rooms) <= 14
    for package in PACKAGES:
        assert len([path for path in package.glob("*.py") if path.name != "__init__.py"]) <= 8, package


@pytest.mark.parametrize(
    "package", [package for package in PACKAGES if package.name != "cli"], ids=lambda path: path.name
)
def test_a_package_says_what_it_is_and_exports_few_names(package):
    name = ".".join(package.relative_to(ROOT).parts)
    face = __import__(name, fromlist=["*"])
    assert ast.get_docstring(ast.parse((package / "__init__.py").read_text())).endswith(".")
    assert 3 <= len(face.__all__) <= 6
    for one in face.__all__:
        assert getattr(face, one).__module__ == FACES[name, one]


def test_other_packages_come_in_by_the_door():
    """A name that a package exports is imported from the package, not from the module behind it."""
    behind = {(module, name) for (_, name), module in FACES.items()}
    for path in [*MODULES.values(), *(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").glob("*.py")]:
        if path.parent.name == "attacks":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and path.parent != ROOT / str(node.module).rpartition(".")[0].replace(
                ".", "/"
            ):
                assert not {(node.module, name.name) for name in node.names} & behind, (path, node.lineno)


def test_convlab_knows_no_grading_code():
    for path in (ROOT / "convlab").rglob("*.py"):
        assert [name for name in imported(path) if name.startswith("autograder")] == [], path


def reached(*first):
    """Files of this package that are imported when these modules are."""
    found, waiting = set(), [f"autograder.{name}" for name in first]
    while waiting:
        module = waiting.pop()
        if module in MODULES and module not in found:
            found.add(module)
            waiting += imported(MODULES[module])
    return {str(MODULES[module].relative_to(PACKAGE)) for module in found}


@pytest.mark.parametrize("program", [WORKER, JUDGE, CLERK], ids=lambda program: program.name)
def test_inside_the_walls_is_what_is_needed_there_and_nothing_else(program):
    entry = program.entry.removeprefix("autograder.").partition(":")[0]
    needed = reached(entry, "sandbox.server", "sandbox.wire.keras_models")
    modules = {shown for shown in program.shown if Path(shown).suffix == ".py"}
    assert set(OWN) | modules == needed
    assert len(modules) + len(OWN) == len(needed), "a file is named twice"
