"""Sample submissions made from the sources, and the class that `make demo` grades."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import nbformat
from nbformat import NotebookNode

from autograder.classroom import new_class
from autograder.course import ClassDirectory, Course
from autograder.release import write_notebook
from autograder.source import BEGIN_SOLUTION, END_SOLUTION, read_lesson

MADE_BY_DEMO = ".made-by-autograder-demo"

ROSTER = """\
id,first_name,last_name,email
ada,Ada,Solved,
ben,Ben,Blank,
chloe,Chloe,Half,
dae,Daehyun,Flipped,
eva,Eva,Typo,
finn,Finn,Endless,
gus,Gus,Garbled,
hana,Hana,Twice,
"""


def solved(source: NotebookNode) -> NotebookNode:
    """The source with every solution written in, as a perfect student would hand it in: markers and hidden tests gone."""
    notebook = _without_hidden_tests(source)
    for cell in notebook.cells:
        cell.source = re.sub(rf"(?m)^[ \t]*({BEGIN_SOLUTION}|{END_SOLUTION})[ \t]*\n?", "", cell.source).rstrip("\n")
    return notebook


def blank(source: NotebookNode) -> NotebookNode:
    """The lesson as handed out: every exercise a stub, every written answer empty."""
    notebook = _without_hidden_tests(source)
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("solution") and marks.get("grade"):
            cell.source = "YOUR ANSWER HERE"
        cell.source = re.sub(
            rf"(?ms)^([ \t]*){BEGIN_SOLUTION}[ \t]*\n.*?^[ \t]*{END_SOLUTION}[ \t]*$",
            r"\1# YOUR CODE HERE\n\1raise NotImplementedError",
            cell.source,
        )
    return notebook


def half_solved(source: NotebookNode) -> NotebookNode:
    """The first half of the exercises solved, the rest as handed out."""
    notebook, answers = blank(source), solved(source)
    exercises = exercise_ids(source)
    for name in exercises[: len(exercises) // 2]:
        answer(notebook, name, cell_of(answers, name).source)
    return notebook


def exercise_ids(source: NotebookNode) -> list[str]:
    """Ids of the code exercises in order."""
    marked = [cell for cell in source.cells if cell.cell_type == "code" and "nbgrader" in cell.metadata]
    return [cell.metadata.nbgrader.grade_id for cell in marked if cell.metadata.nbgrader.solution]


def cell_of(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def answer(notebook: NotebookNode, name: str, source: str) -> None:
    """Write `source` into the solution cell of an exercise."""
    cell_of(notebook, name).source = source


def misconceptions(course: Course, lesson: str) -> dict[str, Callable]:
    """The lesson's known wrong answers, by their full names `exercise__slug`."""
    path = course.source(lesson).with_name("misconceptions.py")
    spec = importlib.util.spec_from_file_location(f"misconceptions_{lesson}", path)
    module: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where inspect looks for it
    spec.loader.exec_module(module)
    return {
        name: value for name, value in vars(module).items() if "__" in name.strip("_") and inspect.isfunction(value)
    }


def as_answer(function: Callable) -> str:
    """A function's code as a student would have written it: under the exercise's own name, with all that it uses of its module."""
    module = inspect.getmodule(function)
    parts = {node: ast.get_source_segment(inspect.getsource(module), node) for node in _parsed(module).body}
    provides = {node: _provided(node) for node in parts}
    needed, wanted = set(), _used(_parsed(function))
    while wanted:
        found = {node for node, names in provides.items() if names & wanted and node not in needed}
        needed |= found
        wanted = set().union(*map(_used, found))
    return "\n\n".join([*(parts[node] for node in parts if node in needed), _renamed(function)])


def _parsed(what: object) -> ast.Module:
    return ast.parse(inspect.getsource(what))


def _used(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _provided(node: ast.stmt) -> set[str]:
    """The names that an import, or a private function of the module, defines."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(name.asname or name.name).split(".")[0] for name in node.names}
    return {node.name} if isinstance(node, ast.FunctionDef) and node.name.startswith("_") else set()


def _renamed(function: Callable) -> str:
    source = inspect.getsource(function)
    name = function.__name__
    tree = ast.parse(source).body[0]
    if ast.get_docstring(tree):
        # The docstring is the help for the student, so it does not belong into the answer.
        lines = source.splitlines()
        del lines[tree.body[0].lineno - 1 : tree.body[0].end_lineno]
        source = "\n".join(lines)
    return re.sub(rf"\bdef {name}\b", f"def {name.split('__')[0]}", source, count=1)


def _without_hidden_tests(source: NotebookNode) -> NotebookNode:
    notebook = nbformat.from_dict(source)
    for cell in notebook.cells:
        cell.source = re.sub(
            r"(?ms)^[ \t]*### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS[ \t]*\n?", "", cell.source
        ).rstrip("\n")
    return notebook


def sample_submissions(course: Course, lesson: str) -> dict[str, NotebookNode | str]:
    """Eight submissions such as a real class hands in, by student; a string stands for a file that is no notebook."""
    source = read_lesson(course.source(lesson))
    exercises = exercise_ids(source)
    wrong = next(iter(misconceptions(course, lesson).values()))
    flipped, typo, endless, twice = (solved(source) for _ in range(4))
    answer(flipped, wrong.__name__.split("__")[0], as_answer(wrong))
    answer(typo, exercises[1], f"def {exercises[1]}(:\n    return 1\n")
    name = exercises[-1]
    answer(endless, name, f"def {name}(*arguments):\n    while True:\n        pass\n")
    test = cell_of(twice, f"test_{exercises[0]}")
    twice.cells.insert(twice.cells.index(test) + 1, nbformat.from_dict({**test, "id": "pasted-copy"}))
    return {
        "ada": solved(source),
        "ben": blank(source),
        "chloe": half_solved(source),
        "dae": flipped,
        "eva": typo,
        "finn": endless,
        "gus": nbformat.writes(solved(source))[:2000],
        "hana": twice,
    }


def make_demo_class(course: Course, path: Path, lesson: str) -> ClassDirectory:
    """Make a fresh class of eight students at `path`; a class that an earlier demo made there is replaced."""
    if (path / MADE_BY_DEMO).is_file():
        shutil.rmtree(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    roster = path.parent / f"{path.name}-roster.csv"
    roster.write_text(ROSTER, encoding="utf-8")
    classroom = new_class(course, path, roster=roster, cell_seconds=5)
    (path / MADE_BY_DEMO).touch()
    for student, notebook in sample_submissions(course, lesson).items():
        target = path / "submitted" / student / lesson / f"{lesson}.ipynb"
        if isinstance(notebook, str):
            target.parent.mkdir(parents=True)
            target.write_text(notebook, encoding="utf-8")
        else:
            write_notebook(notebook, target)
    return classroom
