"""Proves the tests of a lesson: right answers pass, stubs and wrong answers fail, and misconceptions are recognized.

Every answer is run by a worker and judged by a judge, as a student's answer would be. Wrong answers are the
misconceptions that are kept beside the lesson, and mutants: small changes to the solution made by the operators of a
mutation tester.
"""

from __future__ import annotations

import ast
import os
import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode

from autograder.course.answers import Answer, read_answers
from autograder.course.lessons import Course
from autograder.course.source import read_lesson
from autograder.course.variants import blank, cell_of, exercise_ids, solved
from autograder.execution import Runner
from autograder.notebooks.names import parse

CELL_SECONDS = 10.0  # more than any right answer needs; a mutant that never ends costs this much
TOTAL_SECONDS = 1_800.0


@dataclass
class Proof:
    """How many answers to a lesson had which outcome; `faults` lists wrong ones, `survivors` mutants that passed."""

    lesson: str
    exercises: int = 0
    right: int = 0
    accepted: int = 0
    wrong: int = 0
    rejected: int = 0
    recognized: int = 0
    mutants: int = 0
    killed: int = 0
    faults: list[str] = field(default_factory=list)
    survivors: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether right answers pass, wrong ones fail, 95% of these are recognized, and 95% of the mutants fail."""
        whole = self.accepted == self.right and self.rejected == self.wrong and not self.faults
        return whole and self.recognized >= 0.95 * self.wrong and self.killed >= 0.95 * self.mutants

    @staticmethod
    def total(proofs: list[Proof]) -> Proof:
        together = Proof("together")
        for proof in proofs:
            for name, value in vars(proof).items():
                if name != "lesson":
                    setattr(together, name, getattr(together, name) + value)
        return together


@dataclass(frozen=True)
class Verdict:
    passed: bool
    message: str
    help: str = ""


def prove_all(course: Course, lessons: list[str], *, mutants: int = 8, unsafe: bool = False) -> list[Proof]:
    """Prove several lessons, as many at a time as there are CPU cores, and return their proofs in order."""

    own = threading.local()

    with ExitStack() as runners, ThreadPoolExecutor(os.cpu_count()) as pool:

        def one(lesson: str) -> Proof:
            if not hasattr(own, "runner"):
                own.runner = runners.enter_context(Runner(unsafe=unsafe))
            return prove(own.runner, course, lesson, mutants=mutants)

        # Threads only wait for the runners' processes. Later lessons take longer, so they start first.
        return list(pool.map(one, reversed(lessons)))[::-1]


def prove(runner: Runner, course: Course, lesson: str, *, mutants: int = 8) -> Proof:
    """Judge all answers that are kept beside a lesson, and up to `mutants` mutants of each solution."""
    source = read_lesson(course.source(lesson))
    wrong = read_answers(course.source(lesson).with_name("misconceptions.py"))
    right = read_answers(course.source(lesson).with_name("right_answers.py"))
    proof = Proof(lesson)
    for exercise in exercise_ids(source):
        proof.exercises += 1
        _prove_exercise(runner, proof, source, exercise, [a for a in right if a.exercise == exercise],
                        [a for a in wrong if a.exercise == exercise])  # fmt: skip
        _prove_by_mutants(runner, proof, source, exercise, mutants)
    return proof


def _prove_exercise(
    runner: Runner, proof: Proof, source: NotebookNode, exercise: str, right: list[Answer], wrong: list[Answer]
) -> None:
    solution = cell_of(solved(source), exercise).source
    stub = cell_of(blank(source), exercise).source
    codes = [solution, *(answer.code for answer in right), stub, *(answer.code for answer in wrong)]
    known = {exercise: [answer.as_dict() for answer in wrong]}
    verdicts = judged(runner, source, exercise, codes, known)
    names = ["the solution", *(f"right answer {answer.name}" for answer in right)]
    for name, verdict in zip(names, verdicts, strict=False):
        proof.right += 1
        proof.accepted += verdict.passed
        if not verdict.passed:
            proof.faults.append(f"{exercise}: {name} is rejected: {verdict.message}")
    stub_verdict = verdicts[len(names)]
    if stub_verdict.passed or "not written yet" not in stub_verdict.message:
        proof.faults.append(f"{exercise}: the stub is not called unwritten: {stub_verdict.message}")
    for answer, verdict in zip(wrong, verdicts[len(names) + 1 :], strict=True):
        proof.wrong += 1
        proof.rejected += not verdict.passed
        if verdict.passed:
            proof.faults.append(f"{exercise}: misconception {answer.name} is accepted")
        elif len(verdict.message) < 40:
            proof.faults.append(f"{exercise}: misconception {answer.name} gets no message: {verdict.message!r}")
        if verdict.help == answer.help:
            proof.recognized += 1
        elif verdict.help:
            proof.faults.append(f"{exercise}: misconception {answer.name} is taken for another")


def _prove_by_mutants(runner: Runner, proof: Proof, source: NotebookNode, exercise: str, count: int) -> None:
    solution = cell_of(solved(source), exercise).source
    mutants = sorted(set(mutations(solution)))
    chosen = random.Random(exercise).sample(mutants, min(count, len(mutants)))
    for mutant, verdict in zip(chosen, judged(runner, source, exercise, chosen, {}), strict=True):
        proof.mutants += 1
        proof.killed += not verdict.passed
        if verdict.passed:
            proof.survivors.append(f"{exercise}: {_changed_lines(solution, mutant)}")


def judged(
    runner: Runner, source: NotebookNode, exercise: str, codes: list[str], known: dict[str, list[dict[str, str]]]
) -> list[Verdict]:
    """The verdict on each answer; they run one after the other, each with the test, where all exercises are solved."""
    answers = solved(source)
    test = cell_of(source, f"test_{exercise}")
    cells = [nbformat.v4.new_code_cell(_imports(source))]
    cells += [nbformat.v4.new_code_cell(cell_of(answers, name).source) for name in exercise_ids(source)]
    first = len(cells)
    for code in codes:
        cells += [nbformat.v4.new_code_cell(code), nbformat.v4.new_code_cell(test.source, metadata=test.metadata)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    result = runner.run(notebook, known=known, cell_seconds=CELL_SECONDS, total_seconds=TOTAL_SECONDS)
    verdicts: list[Verdict] = []
    for place in range(len(codes)):
        written, tested = result.outputs[first + 2 * place : first + 2 * place + 2]
        errors = [output for output in (*written, *tested) if output["output_type"] == "error"]
        if errors and errors[0]["ename"] == "NotRun" and place:
            # An earlier answer ended the process: judge the remaining ones in a new one.
            return [*verdicts, *judged(runner, source, exercise, codes[place:], known)]
        help_ = result.help.get(first + 2 * place + 1, "")
        verdicts.append(Verdict(not errors, errors[-1]["evalue"] if errors else "", help_))
    return verdicts


def _imports(source: NotebookNode) -> str:
    """The import statements of the lesson's own cells, which an answer may rely on."""
    cells = [cell for cell in source.cells if cell.cell_type == "code" and "nbgrader" not in cell.metadata]
    statements = [node for cell in cells for node in parse(cell.source).body]
    return "\n".join(ast.unparse(node) for node in statements if isinstance(node, (ast.Import, ast.ImportFrom)))


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


def _changed_lines(before: str, after: str) -> str:
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    return "; ".join(f"{old.strip()}  →  {new.strip()}" for old, new in pairs if old != new)
