"""Proves the tests of a lesson: right answers pass, wrong ones fail, and nearly all of them fail a visible check.

Every answer is run by a worker and judged by a judge, as a student's answer would be. Wrong answers are the
misconceptions that are kept beside the lesson, solutions that forget one demand, and mutants: small changes to the
solution made by the operators of a mutation tester.
"""

from __future__ import annotations

import json
import os
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, fields

import nbformat

from autograder.course import Course, read_answers, read_lesson, solved
from autograder.course.answers import Answer
from autograder.course.demands import checks_of, surprises
from autograder.course.hint_index import companion_file
from autograder.course.proof.collect import collecting, failed_checks
from autograder.course.proof.mutants import forgetful, mutations
from autograder.course.variants import blank, cell_of, exercise_ids, imports
from autograder.execution import Runner

CELL_SECONDS = 10.0  # more than any right answer needs; a mutant that never ends costs this much
TOTAL_SECONDS = 1_800.0
# The shares that the tests of all lessons together have to reach.
RECOGNIZED, VISIBLE, NAMED, KILLED = 0.95, 0.95, 0.90, 0.95


@dataclass
class Figures:
    """How many answers to an exercise had which outcome.

    Args:
        name: of the exercise, or of what these are the sums of.
        right, accepted: right answers, and those that passed.
        wrong, rejected: known wrong answers, and those that failed.
        recognized: wrong answers whose misconception the grader found.
        visible: wrong answers that failed a check that students see.
        named: wrong answers whose misconception the notebook itself names.
        mutants, killed, killed_visibly: changed solutions, those that failed, and those that failed a visible check.
    """

    name: str
    right: int = 0
    accepted: int = 0
    wrong: int = 0
    rejected: int = 0
    recognized: int = 0
    visible: int = 0
    named: int = 0
    mutants: int = 0
    killed: int = 0
    killed_visibly: int = 0

    @classmethod
    def sum(cls, name: str, parts: list[Figures]) -> Figures:
        counts = [one.name for one in fields(cls) if one.name != "name"]
        return cls(name, **{count: sum(getattr(part, count) for part in parts) for count in counts})


@dataclass
class Proof:
    """The figures of a lesson's exercises.

    Args:
        faults: what is wrong with the tests, one sentence each.
        survivors: changed solutions that passed, or that only hidden tests rejected.
    """

    lesson: str
    exercises: list[Figures] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    survivors: list[str] = field(default_factory=list)

    @property
    def sums(self) -> Figures:
        return Figures.sum(self.lesson, self.exercises)

    @property
    def holds(self) -> bool:
        """Whether right answers pass, wrong ones fail, and enough of them are recognized, visible and named."""
        sums = self.sums
        whole = sums.accepted == sums.right and sums.rejected == sums.wrong and not self.faults
        shares = (
            (sums.recognized, sums.wrong, RECOGNIZED),
            (sums.visible, sums.wrong, VISIBLE),
            (sums.named, sums.wrong, NAMED),
            (sums.killed, sums.mutants, KILLED),
        )
        return whole and all(part >= share * whole_ for part, whole_, share in shares)

    @staticmethod
    def total(proofs: list[Proof]) -> Proof:
        return Proof(
            "together",
            [figures for proof in proofs for figures in proof.exercises],
            [fault for proof in proofs for fault in proof.faults],
            [survivor for proof in proofs for survivor in proof.survivors],
        )


@dataclass(frozen=True)
class Verdict:
    """What the judge said: whether the answer passed, the message, the help, and the numbers of the failed checks."""

    passed: bool
    message: str
    help: str
    failed: list[int]


def prove_all(course: Course, lessons: list[str], *, mutants: int = 8, unsafe: bool = False) -> list[Proof]:
    """Prove several lessons, as many at a time as there are CPU cores, and return their proofs in order."""

    own = threading.local()

    with ExitStack() as runners, ThreadPoolExecutor(os.cpu_count()) as pool:

        def one(lesson: str) -> Proof:
            if not hasattr(own, "runner"):
                own.runner = runners.enter_context(Runner(unsafe=unsafe))
            return _Prover(own.runner, course, lesson).prove(mutants)

        # Threads only wait for the runners' processes. Later lessons take longer, so they start first.
        return list(pool.map(one, reversed(lessons)))[::-1]


class _Prover:
    """Proves one lesson."""

    def __init__(self, runner: Runner, course: Course, lesson: str) -> None:
        self._runner = runner
        self._source = read_lesson(course.source(lesson))
        self._solved = solved(self._source)
        self._proof = Proof(lesson)
        with _one_at_a_time:
            self._checks = checks_of(self._source)
            self._proof.faults += surprises(self._source)
        self._wrong = read_answers(course.source(lesson).with_name("misconceptions.py"))
        self._right = read_answers(course.source(lesson).with_name("right_answers.py"))
        known = json.loads(companion_file(course).read_text(encoding="utf-8"))["lessons"]
        self._named = set(known.get(lesson, {}).get("known", {}).values())

    def prove(self, mutants: int) -> Proof:
        """Judge all answers that are kept beside the lesson, and up to `mutants` mutants of each solution."""
        for exercise in exercise_ids(self._source):
            figures = Figures(exercise)
            self._proof.exercises.append(figures)
            self._right_answers(figures)
            failed = self._wrong_answers(figures) + self._forgetful(figures)
            self._witnesses(exercise, failed)
            self._mutants(figures, mutants)
        return self._proof

    def _fault(self, exercise: str, text: str) -> None:
        self._proof.faults.append(f"{exercise}: {text}")

    def _solution(self, exercise: str) -> str:
        return cell_of(self._solved, exercise).source

    def _visible(self, exercise: str, verdict: Verdict) -> bool:
        checks = self._checks[exercise]
        # A test that stopped at its first line, or after its last check, tells nobody anything else.
        return any(number >= len(checks) or not checks[number].hidden for number in verdict.failed)

    def _right_answers(self, figures: Figures) -> None:
        exercise = figures.name
        right = [answer for answer in self._right if answer.exercise == exercise]
        stub = cell_of(blank(self._source), exercise).source
        codes = [self._solution(exercise), *(answer.code for answer in right), stub]
        *verdicts, unwritten = self._judged(exercise, codes)
        names = ["the solution", *(f"right answer {answer.name}" for answer in right)]
        for name, verdict in zip(names, verdicts, strict=True):
            figures.right += 1
            figures.accepted += verdict.passed
            if not verdict.passed:
                self._fault(exercise, f"{name} is rejected: {verdict.message}")
        if unwritten.passed or "not written yet" not in unwritten.message:
            self._fault(exercise, f"the stub is not called unwritten: {unwritten.message}")

    def _wrong_answers(self, figures: Figures) -> list[list[int]]:
        """Judge the misconceptions of an exercise; returns which checks each of them failed."""
        exercise = figures.name
        wrong = [answer for answer in self._wrong if answer.exercise == exercise]
        verdicts = self._judged(exercise, [answer.code for answer in wrong], wrong)
        for answer, verdict in zip(wrong, verdicts, strict=True):
            visible = self._visible(exercise, verdict)
            figures.wrong += 1
            figures.rejected += not verdict.passed
            figures.visible += visible
            figures.named += answer.help in self._named
            if verdict.passed:
                self._fault(exercise, f"misconception {answer.name} is accepted")
            elif len(verdict.message) < 40:
                self._fault(exercise, f"misconception {answer.name} gets no message: {verdict.message!r}")
            elif not visible:
                self._proof.survivors.append(f"{exercise}: only hidden tests reject the misconception {answer.name}")
            elif answer.help not in self._named:
                self._proof.survivors.append(f"{exercise}: the notebook has no name for {answer.name}")
            if verdict.help == answer.help:
                figures.recognized += 1
            elif verdict.help:
                self._fault(exercise, f"misconception {answer.name} is taken for another")
        return [verdict.failed for verdict in verdicts]

    def _forgetful(self, figures: Figures) -> list[list[int]]:
        """Judge solutions that forget one demand; returns which checks each of them failed."""
        exercise = figures.name
        forgotten = list(forgetful(self._solution(exercise)))
        verdicts = self._judged(exercise, [code for _, code in forgotten])
        for (what, _), verdict in zip(forgotten, verdicts, strict=True):
            if verdict.passed:
                self._proof.survivors.append(f"{exercise}: a solution without '{what}' is accepted")
            elif not self._visible(exercise, verdict):
                self._fault(exercise, f"only hidden tests reject a solution without '{what}'")
        return [verdict.failed for verdict in verdicts]

    def _witnesses(self, exercise: str, failed: list[list[int]]) -> None:
        """Make sure that for each refusal, and for uint8, some wrong answer is wrong in nothing else."""
        checks = self._checks[exercise]
        met: set[str] = set()
        for numbers in failed:
            there = [checks[number] for number in numbers if number < len(checks)]
            if there and all(check.refusal for check in there):
                met |= {f"refusal: {check.refusal}" for check in there}
            elif there:
                met |= frozenset.intersection(*(check.demands for check in there))
        asked = {demand for check in checks for demand in check.demands}
        for demand in sorted(asked - met):
            if demand.startswith("refusal: ") or demand.endswith(": uint8"):
                self._fault(exercise, f"no wrong answer fails just there: {demand}. Add one to misconceptions.py.")

    def _mutants(self, figures: Figures, count: int) -> None:
        exercise, solution = figures.name, self._solution(figures.name)
        mutants = sorted(set(mutations(solution)))
        chosen = random.Random(exercise).sample(mutants, min(count, len(mutants)))
        for mutant, verdict in zip(chosen, self._judged(exercise, chosen, go_on=False), strict=True):
            visible = self._visible(exercise, verdict)
            figures.mutants += 1
            figures.killed += not verdict.passed
            figures.killed_visibly += visible
            if not visible:
                fate = "accepted" if verdict.passed else "rejected by hidden tests only"
                self._proof.survivors.append(f"{exercise}: {_changed_lines(solution, mutant)} ({fate})")

    def _judged(
        self, exercise: str, codes: list[str], known: list[Answer] | None = None, *, go_on: bool = True
    ) -> list[Verdict]:
        """The verdict on each answer; they run one after the other, each with the test, where all exercises are solved.

        Args:
            go_on: whether to make the checks after the first failed one as well.
        """
        if not codes:
            return []
        test = cell_of(self._source, f"test_{exercise}")
        cells = [nbformat.v4.new_code_cell(imports(self._source))]
        cells += [nbformat.v4.new_code_cell(self._solution(name)) for name in exercise_ids(self._source)]
        first = len(cells)
        for code in codes:
            cells.append(nbformat.v4.new_code_cell(code))
            cells.append(nbformat.v4.new_code_cell(collecting(test.source, go_on=go_on), metadata=test.metadata))
        result = self._runner.run(
            nbformat.v4.new_notebook(cells=cells),
            known={exercise: [answer.as_dict() for answer in known or []]},
            cell_seconds=CELL_SECONDS,
            total_seconds=TOTAL_SECONDS,
        )
        verdicts: list[Verdict] = []
        for place in range(len(codes)):
            written, tested = result.outputs[first + 2 * place : first + 2 * place + 2]
            errors = [output for output in (*written, *tested) if output["output_type"] == "error"]
            if errors and errors[0]["ename"] == "NotRun" and place:
                # An earlier answer ended the process: judge the remaining ones in a new one.
                return [*verdicts, *self._judged(exercise, codes[place:], known, go_on=go_on)]
            help_ = result.help.get(first + 2 * place + 1, "")
            message = errors[-1]["evalue"] if errors else ""
            failed = failed_checks(tested) or ([0] if errors else [])
            verdicts.append(Verdict(not errors, message, help_, failed))
        return verdicts


# Checks are recorded by replacing those of convlab, which all threads share.
_one_at_a_time = threading.Lock()


def _changed_lines(before: str, after: str) -> str:
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    return "; ".join(f"{old.strip()}  →  {new.strip()}" for old, new in pairs if old != new)
