"""Runs a notebook with a worker and a judge, both forked from fork servers that stay for the next notebook."""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import re
import socket
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import astuple, dataclass, field, replace
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from autograder.errors import ChannelError, ForkServerDied
from autograder.execution.effects.surroundings import watched
from autograder.execution.given import Given, named_early, named_in_texts, python_of
from autograder.execution.judging.outputs import NOT_HERE
from autograder.execution.replays import Verdict, judge_together
from autograder.notebooks import free_names, global_names
from autograder.notebooks.cells import SKIP, grade_id_of
from autograder.notebooks.outcome import mode_of
from autograder.notebooks.status import Mode, Status
from autograder.sandbox import ForkServer, Limits, Process, Program, walls
from autograder.sandbox.forkserver import ATTEMPTS
from autograder.sandbox.process import LEARNED, ProcessReport
from autograder.sandbox.visible import exposed
from autograder.sandbox.wire import Channel, FrameLimits
from autograder.sandbox.wire.messages import Done, Ended, JudgedAgain, Plan, Recognized, Step, StepDone, from_wire

LOG = logging.getLogger(__name__)
WORKER = Program(
    "worker",
    "autograder.execution.worker:main",
    (
        *(f"execution/{name}.py" for name in "shell worker".split()),
        *(f"execution/effects/{name}.py" for name in "arguments folder shared surroundings".split()),
        "sandbox/stand_ins.py",
        "sandbox/wire/messages.py",
    ),
)
JUDGE = Program(
    "judge",
    "autograder.execution.judge:main",
    (
        *(f"execution/{name}.py" for name in "given judge shell".split()),
        *(f"execution/effects/{name}.py" for name in "arguments folder shared surroundings".split()),
        *(
            f"execution/judging/{name}.py"
            for name in "callbacks conversation diagnosis namespace objects outputs proxies solutions".split()
        ),
        "notebooks/names.py",
        "notebooks/status.py",
        "sandbox/stand_ins.py",
        "sandbox/wire/messages.py",
    ),
)
# For the plan, which is the grader's own: it may be large.
FRAMES = FrameLimits(head_bytes=16 * 2**20, body_bytes=512 * 2**20, text=16 * 2**20)
# For what the judge sends back: it was made of the student's values, so the limits are tighter.
ANSWERS = FrameLimits(head_bytes=2**20, body_bytes=24 * 2**20)
MAX_OUTPUTS, MAX_OUTPUT_BYTES = 20_000, 40 * 2**20  # of all cells together
PATIENCE_SECONDS = 30.0  # how long to wait for the judge beyond the notebook's own time limit
END_SECONDS = 3.0  # how long to wait for the reports on how worker and judge ended, which are only logged
MAX_WHY = 200


@dataclass(frozen=True)
class RunReport:
    """How a run went, for the log.

    Args:
        fork_seconds: the time until worker and judge were forked.
        cell_seconds, test_seconds: the time that the student's cells took, and the tests.
        slowest: the number of the code cell that took longest, counted from 1, and its seconds.
        why: why the worker was given up; empty if it was not.
        worker, judge: how these processes ended; None if that was not asked for or is not known.
        together_seconds: the time that judging tests together with the notebook took.
    """

    fork_seconds: float = 0.0
    cell_seconds: float = 0.0
    test_seconds: float = 0.0
    slowest: tuple[int, float] = (0, 0.0)
    why: str = ""
    worker: ProcessReport | None = None
    judge: ProcessReport | None = None
    together_seconds: float = 0.0

    def __str__(self) -> str:
        parts = [
            f"fork {self.fork_seconds:.2f}, cells {self.cell_seconds:.2f}, tests {self.test_seconds:.2f} s",
            f"slowest is code cell {self.slowest[0]} with {self.slowest[1]:.2f} s",
            f"judging together took {self.together_seconds:.2f} s" if self.together_seconds else "",
            self.why,
            f"worker {self.worker}" if self.worker else "",
            f"judge {self.judge}" if self.judge else "",
        ]
        return "; ".join(filter(None, parts))


@dataclass(frozen=True)
class RunResult:
    """The result of running a notebook.

    Args:
        status: how running it ended.
        outputs: for each code cell, the list of its outputs in nbformat's form.
        seconds: when the outputs of each code cell arrived, counted from the request for a worker; shorter than
            `outputs` if the judge ended early.
        help: the help for recognized misconceptions, by the number of the code cell whose test failed.
        judged_with: for tests that were judged again, by the number of the code cell, the names of the student's
            functions for which the course's own stood in; their outputs are those of that second time.
        report: how the run went, for the log.
        together: the numbers of the code cells whose tests were judged together with the notebook.
    """

    status: Status
    outputs: list[list[dict[str, Any]]]
    seconds: list[float] = field(default_factory=list)
    help: dict[int, str] = field(default_factory=dict)
    judged_with: dict[int, tuple[str, ...]] = field(default_factory=dict)
    report: RunReport = RunReport()
    together: tuple[int, ...] = ()


class Runner:
    """Runs notebooks with two lasting pairs of fork servers, one with Keras and one without, started on demand.

    Args:
        unsafe: run without any walls, for `--unsafe-no-sandbox`.
    """

    def __init__(self, *, unsafe: bool = False) -> None:
        self.unsafe = unsafe
        self._pairs = {
            keras: (ForkServer(WORKER, keras=keras, unsafe=unsafe), ForkServer(JUDGE, keras=keras, unsafe=unsafe))
            for keras in (False, True)
        }
        self._learned: dict[bool, set[str]] = {False: set(), True: set()}
        self._learning = threading.Lock()

    def launch(self, *, keras: bool) -> Runner:
        """Start a pair of fork servers without waiting for their imports. Raises SandboxUnavailable."""
        for parent in self._pairs[keras]:
            parent.launch()
        return self

    def _learn(self, modules: Iterable[str], *, keras: bool) -> None:
        """Have modules of a course imported in the fork servers, once for all of its submissions."""
        with self._learning:
            known = self._learned[keras]
            new = sorted(name for name in modules if name not in known and not _is_quick(name))
            known.update(new)
            for server in self._pairs[keras] if new else ():
                # In a course of many modules one may leave threads running, which do not survive a fork.
                with contextlib.suppress(ForkServerDied):
                    if server.start().teach(json.dumps(new).encode()) != LEARNED:
                        LOG.warning("fork server for %s: cannot import %s in advance", server, ", ".join(new))
                        server.close()

    def check(self, secret: Iterable[str | Path] = ()) -> None:
        """Raise SandboxUnavailable if the walls cannot be built here, or if a secret path would be visible inside."""
        if not self.unsafe:
            for fault in walls.missing(secret):
                raise fault

    def run(
        self,
        notebook: NotebookNode,
        files: dict[str, bytes] | None = None,
        *,
        known: dict[str, list[dict[str, str]]] | None = None,
        solutions: dict[str, dict[str, str]] | None = None,
        given: Given | None = None,
        own_files: dict[str, bytes] | None = None,
        cell_seconds: float = 60,
        total_seconds: float = 300,
        ask_ends: bool = False,
        visible: dict[str, str] | None = None,
    ) -> RunResult:
        """Run a notebook whose test cells hold the instructor's text. The notebook is not changed.

        Args:
            files: contents of the files handed in beside it, by relative path.
            known: for each exercise the misconceptions to recognize, as `Answer.as_dict` returns them.
            solutions: the course's own functions, as from `course_solutions`. With them a test that failed is judged
                again if the student's function calls another one whose own test failed.
            given: what the course's own notebook says about the names in its tests; without it, a test can mean
                functions and plain values only.
            own_files: contents of the course's own files beside the notebook, which its tests may read, too.
            cell_seconds, total_seconds: wall time limits for one cell and for all of them.
            ask_ends: wait until worker and judge have ended, so that the report says how.
            visible: the texts of tests without their hidden parts, by `grade_id`, for those that are judged together.

        Raises:
            SandboxUnavailable: the walls cannot be built.
            ForkServerDied: the fork servers died in each of several attempts.
        """
        limits = float(cell_seconds), float(total_seconds)
        plan = Plan(
            *(steps(notebook), files or {}, known or {}, *limits, ask_ends, solutions or {}),
            *((given or Given()).to_wire(), own_files or {}),
        )
        result = self._run(plan)
        waiting = [
            place
            for place, step in enumerate(plan.steps)
            if step.mode == Mode.TOGETHER and result.outputs[place][0]["evalue"] == NOT_HERE[Mode.TOGETHER][1]
        ]
        if not waiting:
            return result
        begun = time.perf_counter()
        texts = _by_place(notebook, visible or {})
        status, outputs = result.status, list(result.outputs)
        for place in waiting:
            verdict = self._judge_together(plan, place, texts)
            outputs[place] = verdict.outputs
            status = verdict.status if status is Status.GRADED else status
        report = replace(result.report, together_seconds=time.perf_counter() - begun)
        return replace(result, status=status, outputs=outputs, report=report, together=tuple(waiting))

    def judge_together(
        self,
        notebook: NotebookNode,
        place: int,
        files: dict[str, bytes] | None = None,
        *,
        cell_seconds: float = 60,
        total_seconds: float = 300,
        visible: dict[str, str] | None = None,
    ) -> Verdict:
        """Judge only one test, that of the code cell at `place`, together with the notebook. The rest is as in `run`."""
        plan = Plan(steps(notebook), files or {}, {}, float(cell_seconds), float(total_seconds))
        return self._judge_together(plan, place, _by_place(notebook, visible or {}))

    def _judge_together(self, plan: Plan, place: int, visible: dict[int, str]) -> Verdict:
        def run(replay: Plan) -> tuple[Status, list[dict[str, Any]]]:
            result = self._run(replay)
            return result.status, result.outputs[0]

        return judge_together(replace(plan, ask_ends=False), place, visible, run)

    def _run(self, plan: Plan) -> RunResult:
        for attempt in range(1, ATTEMPTS + 1):
            result = self._once(plan)
            if result.status is not Status.LOST:
                return result
            LOG.warning(
                "the fork server of worker or judge died (attempt %d of %d): %s", attempt, ATTEMPTS, result.report
            )
        # Lost in each attempt: that is the notebook's doing and not an accident of the grader's.
        return replace(result, status=Status.KILLED)

    def _once(self, plan: Plan) -> RunResult:
        seconds = plan.total_seconds
        keras = needs_keras(plan.steps, plan.known, plan.files)
        self.launch(keras=keras)
        self._learn(plan.given.get("modules", ()), keras=keras)
        workers, judges = self._pairs[keras]
        begun = time.perf_counter()
        with (
            workers.fork(Limits(wall_s=seconds + 10, cpu_s=int(2 * seconds))) as worker,
            judges.fork(Limits(wall_s=seconds + 20, cpu_s=int(2 * seconds))) as judge,
        ):
            forked = time.perf_counter()
            socket.send_fds(judge.data, [b"w"], [worker.data.fileno(), worker.life.fileno()])
            # From here on only the judge holds the worker's sockets: when the judge ends, so does the worker.
            worker.close()
            result = self._collect(judge, plan, begun)
        return replace(result, report=_with_times(result.report, plan.steps, forked - begun, result.seconds))

    @staticmethod
    def _collect(judge: Process, plan: Plan, begun: float) -> RunResult:
        channel, answers = Channel(judge.data, FRAMES), Channel(judge.data, ANSWERS)
        count = size = 0
        outputs: list[list[dict[str, Any]]] = []
        seconds: list[float] = []
        help_: dict[int, str] = {}
        again: dict[int, tuple[str, ...]] = {}
        status: Status | None = None
        with contextlib.suppress(ChannelError):
            channel.send(plan.to_wire(), timeout=PATIENCE_SECONDS)
            while not status:
                received = answers.receive(plan.total_seconds + PATIENCE_SECONDS)
                message = from_wire(received, StepDone, JudgedAgain, Recognized, Done)
                if isinstance(message, (StepDone, JudgedAgain)):
                    size += len(message.outputs)
                    step = json.loads(message.outputs) if size <= MAX_OUTPUT_BYTES else []
                    count += len(step)
                    if size > MAX_OUTPUT_BYTES or count > MAX_OUTPUTS:
                        break
                    if isinstance(message, JudgedAgain):
                        if 0 <= message.place < len(outputs):
                            outputs[message.place] = step
                            again[message.place] = message.names
                    else:
                        outputs.append(step)
                        seconds.append(time.perf_counter() - begun)
                elif isinstance(message, Recognized):
                    help_[message.place] = message.help
                else:
                    status = Status(message.status)
        report = RunReport()
        if status and plan.ask_ends:
            with contextlib.suppress(ChannelError):
                last = from_wire(answers.receive(END_SECONDS), Ended)
                report = replace(report, why=last.why[:MAX_WHY], worker=ProcessReport(*astuple(last)[1:]))
            report = replace(report, judge=judge.ended(END_SECONDS))
        if not status:
            judge.kill()
            # A judge ends early only if a student's values were too much for it.
            ended = judge.ended(1)
            reasons = {"memory": Status.OUT_OF_MEMORY, "lost": Status.LOST}
            status = reasons.get(ended.reason if ended else "", Status.KILLED)
            report = replace(report, why="judging it exceeded the limits", judge=ended)
            text = "Not run: judging this notebook exceeded the limits on time, memory or output."
            lost = {"output_type": "error", "ename": "NotRun", "evalue": text, "traceback": [text]}
            outputs += [[lost] for _ in plan.steps[len(outputs) :]]
        return RunResult(status, outputs, seconds, help_, again, report)

    def close(self) -> None:
        for parent in chain.from_iterable(self._pairs.values()):
            parent.close()

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


# Whole words only: `keras_image` may be the name of an array.
_KERAS = re.compile(r"\b(keras|tensorflow)\b")


def needs_keras(
    steps: Iterable[Step], known: dict[str, list[dict[str, str]]], files: dict[str, bytes] | None = None
) -> bool:
    """Whether anything that will run mentions Keras or TensorFlow.

    A notebook that imports them in a way that this does not find still works, but has to wait for the import.
    """
    return name_keras(
        chain(
            (step.source for step in steps if not step.skip),
            (text for answers in known.values() for answer in answers for text in answer.values()),
            (content.decode("latin-1") for content in (files or {}).values()),
        )
    )


def name_keras(texts: Iterable[str]) -> bool:
    return any(_KERAS.search(text) for text in texts)


def _is_quick(module: str) -> bool:
    """Whether importing a module takes no time worth saving, or was done when the fork server started."""
    top = module.split(".", maxsplit=1)[0]
    return top in sys.stdlib_module_names or top in ("numpy", "matplotlib", "convlab", "keras", "tensorflow")


def _with_times(report: RunReport, steps: tuple[Step, ...], fork_seconds: float, ends: list[float]) -> RunReport:
    """Add times to a report. `ends` says when each code cell was done, in seconds since the request for a worker."""
    each = [end - begin for begin, end in zip([fork_seconds, *ends], ends, strict=False)]
    slowest = max(((seconds, -number) for number, seconds in enumerate(each, 1)), default=(0.0, 0))
    tests = sum(seconds for step, seconds in zip(steps, each, strict=False) if step.test)
    return replace(
        report,
        fork_seconds=fork_seconds,
        cell_seconds=sum(each) - tests,
        test_seconds=tests,
        slowest=(-slowest[1], slowest[0]),
    )


def steps(notebook: NotebookNode) -> tuple[Step, ...]:
    """The step for each code cell: run it in the worker, run it in the judge if it is a test, or skip it."""
    return tuple(_step(cell) for cell in notebook.cells if cell.cell_type == "code")


def _by_place(notebook: NotebookNode, texts: dict[str, str]) -> dict[int, str]:
    """Texts by the number of the code cell instead of by `grade_id`."""
    names = [grade_id_of(cell) for cell in notebook.cells if cell.cell_type == "code"]
    return {place: texts[name] for place, name in enumerate(names) if name in texts}


def _step(cell: NotebookNode) -> Step:
    marks = cell.metadata.get("nbgrader", {})
    test = bool(marks.get("grade") and not marks.get("solution"))
    skip = SKIP in cell.metadata.get("tags", []) and not test
    names, watch, maybe = _needs(cell.source) if test else ((), (), ())
    mode = str(mode_of(cell)) if test else "apart"
    return Step(cell.source, test, skip, names, bool(marks.get("solution")), watch, maybe, mode)


@lru_cache(maxsize=1024)
def _needs(source: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """What a test needs: names from elsewhere, what is around the student's functions, and names that it may need."""
    python = python_of(source)
    known = global_names(python)
    maybe = named_early(source) | named_in_texts(source, known.used if known else ())
    return tuple(sorted(free_names(python))), watched(source), tuple(sorted(maybe))


_shared: dict[bool, Runner] = {}
_sharing = threading.Lock()


def shared_runner(*, unsafe: bool = False, secret: Iterable[str | Path] = ()) -> Runner:
    """The runner that all callers in this process share; its fork servers stay until the process ends.

    Raises:
        SandboxUnavailable: one of the secret paths would be visible inside the walls.
    """
    if not unsafe:
        _refuse_to_show(tuple(map(str, secret)))
    with _sharing:
        if unsafe not in _shared:
            _shared[unsafe] = Runner(unsafe=unsafe)
            atexit.register(_shared[unsafe].close)
        return _shared[unsafe]


@lru_cache(maxsize=64)
def _refuse_to_show(secret: tuple[str, ...]) -> None:
    """Raise SandboxUnavailable if a path would be visible inside; cached, since this is called for each notebook."""
    for fault in exposed(secret):
        raise fault
