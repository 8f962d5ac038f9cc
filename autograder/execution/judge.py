"""The judge process: runs the instructor's tests against proxies of the student's objects. Only its verdict counts.

A judge is forked for one submission. It gets a plan and the sockets of a worker, and has the worker run cell by cell;
everything that the worker sends is treated as hostile. The result is what nbgrader expects: outputs for each cell.
"""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from typing import Any

import convlab.checks
from autograder.errors import RefusedValue
from autograder.execution.given import Given
from autograder.execution.judging import Conversation, Proxy, Solutions, StandIns, WorkerLost, diagnose
from autograder.execution.judging.namespace import Namespace, place_files, refuse_pickles
from autograder.execution.judging.outputs import (
    NOT_HERE,
    cell_run,
    checked_outputs,
    error_output,
    is_failure,
    outputs_together,
    without_source,
)
from autograder.execution.shell import learn, new_shell  # noqa: F401, the fork server calls `learn`
from autograder.notebooks.status import Mode, Status
from autograder.sandbox import Process
from autograder.sandbox.wire import Channel, FrameLimits
from autograder.sandbox.wire.messages import (
    Done,
    Ended,
    JudgedAgain,
    Lend,
    PutFile,
    Ran,
    Recognized,
    RunCell,
    Step,
    StepDone,
    plan_from_wire,
)
from convlab.absent import CellRun, why_absent

SHELL = new_shell()
PLAN_LIMITS = FrameLimits(head_bytes=16 * 2**20, body_bytes=512 * 2**20, text=16 * 2**20)
DIAGNOSIS_SECONDS = 10.0
MAX_SHOWN_BYTES = 16 * 2**20  # outputs of all the student's cells
LEFT_OUT = [{"output_type": "stream", "name": "stdout", "text": "… more was printed than is shown\n"}]


def main(sock: socket.socket) -> None:
    """The forked child's main function: receive a plan, run it, send the results over `sock`."""
    message, fds, _, _ = socket.recv_fds(sock, 1, 2)
    if message != b"w" or len(fds) != 2:
        return
    # Tutoring (remembering and recognizing wrong answers) is for a student's own notebook. Here `explain` recognizes
    # them, and only the verdict is kept.
    convlab.checks.TUTORING = False
    worker = Process(*(socket.socket(fileno=fd) for fd in fds))
    grader = Channel(sock, PLAN_LIMITS)
    plan = plan_from_wire(grader.receive(30))
    given = Given.from_wire(plan.given)
    place_files(plan.own_files)
    # The hook that does so is called for much else, too, so only where a test may read a file of the notebook's.
    if any("files" in step.watch for step in plan.steps):
        refuse_pickles()
    conversation = Conversation(worker, plan.cell_seconds, plan.total_seconds, given, plan.own_files)
    judge = Judge(conversation, given)
    # Sent step by step, so that points already earned are kept if a later value is too much for this process.
    room = MAX_SHOWN_BYTES
    if plan.together:
        done: Iterator[tuple[Step, list[dict]]] = iter([(plan.steps[-1], judge.run_together(plan.steps, plan.files))])
    else:
        done = zip(plan.steps, judge.run(plan.steps, plan.files), strict=True)
    for step, outputs in done:
        content = _as_json(outputs)
        if not step.test:
            room -= len(content)
        grader.send(StepDone(content if step.test or room >= 0 else json.dumps(LEFT_OUT).encode()).to_wire())
    # What follows comes after all tests, so that it cannot cost the points of another test.
    status = conversation.status
    for again in judge.judge_again(Solutions(plan.solutions)):
        grader.send(again.to_wire())
    for place, text in judge.explain(plan.known):
        grader.send(Recognized(place, text).to_wire())
    grader.send(Done(str(status)).to_wire())
    if plan.ask_ends:
        grader.send(Ended(conversation.why, *astuple(conversation.end())).to_wire())


def _as_json(outputs: list[dict]) -> bytes:
    # Outputs may contain lone surrogates, which UTF-8 cannot encode.
    return json.dumps(outputs, ensure_ascii=False).encode("utf-8", "replace")


@dataclass
class FailedTest:
    """A test that failed: its step and the step's number, the student's objects by name, and what was found out since."""

    place: int
    step: Step
    proxies: dict[str, Any]
    timed_out: bool
    passed_again: bool = False
    stand_ins: StandIns | None = None


class Judge:
    """Runs one submission's notebook with a worker.

    Args:
        conversation: with the worker that runs the student's cells.
        given: what the course's own notebook says about names.
    """

    def __init__(self, conversation: Conversation, given: Given) -> None:
        self._worker = conversation
        self._ran: dict[int, CellRun] = {}  # the student's cells so far, by their number
        self._failed: list[FailedTest] = []
        self._watch: set[str] = set()
        self._shell = SHELL
        self._names = Namespace(conversation, SHELL, given)

    def run(self, steps: Iterable[Step], files: dict[str, bytes]) -> Iterator[list[dict]]:
        """Write the files, then run all steps, yielding the outputs of each in nbformat's form."""
        self._put(files)
        steps = tuple(steps)
        for place, step in enumerate(steps):
            if step.skip:
                yield []
                continue
            if step.mode == Mode.BY_HAND or (step.mode == Mode.TOGETHER and not self._worker.lost):
                yield [error_output(*NOT_HERE[Mode(step.mode)])]
                continue
            self._worker.begin()
            if self._worker.lost:
                yield self._not_run()
            elif step.test:
                outputs = self._test(steps, place)
                if is_failure(outputs) and not self._worker.lost:
                    self._failed.append(FailedTest(place, step, self._names.placed, self._worker.timed_out_now))
                yield outputs
            else:
                outputs = self._cell(step.source)
                self._ran[place] = cell_run(step.source, outputs)
                yield outputs

    def _put(self, files: dict[str, bytes]) -> None:
        with contextlib.suppress(WorkerLost, RefusedValue):
            for name, content in files.items():
                self._worker.begin()
                self._worker.ask(PutFile(name, content), Ran)

    def run_together(self, steps: Sequence[Step], files: dict[str, bytes]) -> list[dict]:
        """Write the files, then run all steps in the worker, the last one as a test; returns the outputs of that one."""
        self._put(files)
        for step in steps[:-1]:
            self._worker.begin()
            with contextlib.suppress(WorkerLost, RefusedValue):
                self._worker.ask(RunCell(step.source), Ran)
        if self._worker.lost:
            return self._not_run()
        self._worker.begin()
        try:
            outputs = outputs_together(self._worker.run_together(steps[-1].source))
        except WorkerLost:
            said = {Status.TIMEOUT: "did not finish in time", Status.OUT_OF_MEMORY: "exceeded the memory limit"}
            text = said.get(self._worker.status, "ended the whole process")
            return [error_output("CheckError", f"This test {text}.")]
        except RefusedValue as refusal:
            return [error_output("AssertionError", refusal.what)]
        if self._worker.timed_out_now:
            text = f"This test was stopped after {self._worker.cell_seconds:g} s: it did not finish in time."
            return [error_output("CheckError", text)]
        return outputs

    def judge_again(self, solutions: Solutions) -> Iterator[JudgedAgain]:
        """Judge a failed test again if the student's function calls another one of theirs whose own test failed before.

        This time the course's own function stands in for that one. What the student's function is handed over to be
        called is not followed, only the name. A test whose own function has already been stood in for, for a test
        between, is not judged again: what the student's code kept from there could answer it.
        """
        mistaken: list[str] = []
        shown: set[str] = set()
        endless: set[str] = set()
        for failed in self._failed:
            own = solutions.tested_by(failed.step.names)
            lent = [name for name in mistaken if name not in own]
            ready = own and lent and not shown.intersection(own) and failed.proxies.keys() >= set(own)
            # Only another endless function can be what made this one endless.
            hopeless = failed.timed_out and not endless.intersection(lent)
            if ready and not hopeless and not self._worker.lost and time.monotonic() < self._worker.end_of_all:
                stand_ins = StandIns(solutions, lent)
                with contextlib.suppress(WorkerLost, RefusedValue):
                    outputs = self._test_again(failed, stand_ins)
                    if outputs is not None:
                        failed.passed_again, failed.stand_ins = not is_failure(outputs), stand_ins
                        yield JudgedAgain(failed.place, _as_json(outputs), tuple(sorted(stand_ins.called)))
                shown |= stand_ins.called
            if not failed.passed_again:
                mistaken += [name for name in own if name not in mistaken]
            endless.update(own if failed.timed_out else ())

    def _test_again(self, failed: FailedTest, stand_ins: StandIns) -> list[dict] | None:
        """Run a failed test with stand-ins; None if the first verdict stands."""
        self._worker.begin()
        self._worker.timed_out = self._worker.callbacks.refused = False
        with self._lent(stand_ins):
            self._shell.forget()
            self._shell.user_ns.update(failed.proxies)
            outputs = self._outputs_of_test(failed.step.source)
        stopped = self._worker.timed_out or self._worker.callbacks.refused or self._worker.lost
        return outputs if stand_ins.called and not stand_ins.broken and not stopped else None

    @contextlib.contextmanager
    def _lent(self, stand_ins: StandIns) -> Iterator[None]:
        """Have functions stand in for the student's in the notebook's namespace."""
        with self._worker.callbacks.scope():
            self._worker.ask(Lend(stand_ins.functions), Ran)
            try:
                yield
            finally:
                self._worker.ask(Lend({}), Ran)

    def explain(self, known: dict[str, list[dict[str, str]]]) -> Iterator[tuple[int, str]]:
        """Yield the step's number and the help for each failed test whose answer has a known misconception."""
        for failed in self._failed:
            for name, student in failed.proxies.items():
                if self._worker.lost or failed.timed_out or failed.passed_again:
                    continue
                if not known.get(name) or type(student) is not Proxy:
                    continue
                self._worker.deadline = time.monotonic() + DIAGNOSIS_SECONDS
                # An exception here must not change the verdict.
                with contextlib.suppress(Exception):
                    with self._lent(failed.stand_ins) if failed.stand_ins else contextlib.nullcontext():
                        text = diagnose(name, failed.step.source, student, known[name], DIAGNOSIS_SECONDS)
                    if text:
                        yield failed.place, text

    def _not_run(self) -> list[dict]:
        why = {
            Status.TIMEOUT: "an earlier cell did not finish in time",
            Status.KILLED: "an earlier cell ended the whole process",
            Status.OUT_OF_MEMORY: "an earlier cell exceeded the memory limit",
            Status.LOST: "the grader lost the process",
        }
        text = f"Not run: {why[self._worker.lost or Status.LOST]}."
        return [{"output_type": "error", "ename": "NotRun", "evalue": text, "traceback": [text]}]

    # --- the student's cells

    def _cell(self, source: str) -> list[dict]:
        try:
            outputs = checked_outputs(self._worker.ask(RunCell(source), Ran).outputs)
        except WorkerLost:
            return self._not_run()
        except RefusedValue as refusal:
            return [error_output("RefusedValue", refusal.what)]
        if self._worker.timed_out_now:
            outputs.append(
                error_output("CellTimeoutError", f"This cell was stopped after {self._worker.cell_seconds:g} s.")
            )
        return outputs

    # --- the instructor's tests

    def _test(self, steps: tuple[Step, ...], place: int) -> list[dict]:
        step = steps[place]
        # Functions of earlier tests may be used in later ones.
        self._watch |= set(step.watch)
        self._worker.side.watch = tuple(self._watch)
        try:
            self._worker.look_around()
            cells = [one.source for one in steps[:place] if not one.test and not one.skip]
            absent = self._names.fill(step.names, step.maybe, cells)
            self._worker.side.watch = tuple(self._watch.union(self._names.watch))
            return self._verdict(steps, place, absent)
        except WorkerLost:
            return self._not_run()
        except RefusedValue as refusal:
            return [error_output("AssertionError", refusal.what)]
        finally:
            self._names.keep()
            self._worker.side.watch = ()

    def _verdict(self, steps: tuple[Step, ...], place: int, absent: set[str]) -> list[dict]:
        outputs = self._outputs_of_test(steps[place].source)
        error = self._shell.error
        while error is not None and not (isinstance(error, NameError) and error.name in absent):
            error = error.__cause__
        if error is not None:
            text = self._why_absent(str(error.name), steps, place)
            outputs = [
                error_output("CheckError", text, output["traceback"][1:])
                if output["output_type"] == "error"
                else output
                for output in outputs
            ]
        return outputs

    def _outputs_of_test(self, source: str) -> list[dict]:
        sys.last_traceback = None
        outputs = self._shell.run_to_outputs(source)
        # Libraries may write to stderr, which is no verdict, but nbgrader would take it for a failure.
        return [without_source(output, self._shell.user_ns) for output in outputs if output.get("name") != "stderr"]

    def _why_absent(self, name: str, steps: tuple[Step, ...], place: int) -> str:
        """Why the notebook has no object of a name that the test at `place` uses."""
        graded = [n for n, step in enumerate(steps[:place]) if step.test or step.answer]
        while graded and steps[graded[-1]].test:
            graded.pop()
        # Of several answers in a row, nobody knows which should have defined the name.
        alone = all(steps[n].test for n in graded[-2:-1])
        own = self._ran.get(graded[-1]) if graded and alone else None
        after = [step.source for step in steps[place:] if not step.test]
        return why_absent(name, list(self._ran.values()), own, after)
