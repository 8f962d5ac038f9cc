"""Measures where grading spends its time, how it scales with workers and submissions, and models many machines.

    python benchmarks/scale.py [--lessons 01] [--submissions 40] [--sizes 10 100 1000] [--machines 1 10 100]

All figures are measured in this run. The model of many machines prints the figures that it is based on, and is compared
with a real run on Dask workers in separate processes.
"""

from __future__ import annotations

import argparse
import functools
import heapq
import os
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbgrader.api
import sqlalchemy.engine
import sqlalchemy.orm
from distributed import Client, LocalCluster
from rich.console import Console
from rich.table import Table
from samples import sample_class

from autograder.classroom import ClassDirectory
from autograder.execution import Runner, RunResult, shared_runner
from autograder.grading import grade, recorder
from autograder.sandbox.wire.messages import Plan, Step

CONSOLE = Console(width=110)
ROUNDS = 7


class Clock:
    """Measures the time spent in groups of functions, counting nested calls once; `processor` excludes waiting."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.processor: dict[str, float] = {}
        self._busy: set[str] = set()

    def watch(self, name: str, owner: object, *attributes: str) -> None:
        for attribute in attributes:
            function = getattr(owner, attribute)

            @functools.wraps(function)
            def timed(*arguments, _function=function, **options):
                if name in self._busy or threading.current_thread() is not threading.main_thread():
                    return _function(*arguments, **options)
                self._busy.add(name)
                begun, worked = time.perf_counter(), time.thread_time()
                try:
                    return _function(*arguments, **options)
                finally:
                    self._busy.discard(name)
                    self.seconds[name] = self.seconds.get(name, 0) + time.perf_counter() - begun
                    self.processor[name] = self.processor.get(name, 0) + time.thread_time() - worked

            setattr(owner, attribute, timed)

    def clear(self) -> None:
        self.seconds.clear()
        self.processor.clear()


CLOCK = Clock()
CLOCK.watch("gradebook", nbgrader.api.Gradebook, "__init__", "close")
CLOCK.watch("gradebook", sqlalchemy.engine.Connection, "execute")
CLOCK.watch("gradebook", sqlalchemy.orm.Session, "commit", "flush")
CLOCK.watch("gradebook", sqlalchemy.orm.Query, "one", "all", "first")
CLOCK.watch("feedback page", recorder, "write_feedback")
CLOCK.watch("graded notebook", recorder.Recorder, "_booked")

EXAMINED: list[dict[str, float]] = []  # for each submission, the seconds that its parts took
_examine = Runner._once


def _kept(self: Runner, plan: Plan) -> RunResult:
    begun = time.perf_counter()
    result = _examine(self, plan)
    EXAMINED.append(split(result, plan.steps, time.perf_counter() - begun))
    return result


Runner._once = _kept


def batch(classroom: ClassDirectory, workers: int) -> float:
    begun = time.perf_counter()
    records = list(grade.grade_class(classroom, classroom.lessons, workers=workers, force=True))
    assert all(record.recorded for record in records), [record.reason for record in records if not record.recorded]
    return time.perf_counter() - begun


START, CELLS, TESTS, WHY = "start, with the first cell", "student's cells", "tests", "why a test failed, and the end"


def split(result: RunResult, steps: Sequence[Step], total: float) -> dict[str, float]:
    """The seconds until the end of the first cell, in the student's other cells, in the tests, and after these."""
    parts = {START: 0.0, CELLS: 0.0, TESTS: 0.0}
    before = 0.0
    for number, (moment, step) in enumerate(zip(result.seconds, steps, strict=True)):
        parts[START if number == 0 else TESTS if step.test else CELLS] += moment - before
        before = moment
    return parts | {WHY: total - before}


@dataclass
class Costs:
    """The cost of submissions: a pool thread's seconds for each, and the mean processor seconds of all processes."""

    seconds: list[float]
    processor: float


def machine_seconds() -> float:
    """The processor time of all processes since the machine was started, in seconds."""
    user, nice, system = Path("/proc/stat").read_text(encoding="utf-8").split()[1:4]
    return (int(user) + int(nice) + int(system)) / os.sysconf("SC_CLK_TCK")


def show_parts(classroom: ClassDirectory) -> Costs:
    """Show how the time is spent when one notebook is run at a time."""
    EXAMINED.clear()
    CLOCK.clear()
    machine = machine_seconds()
    total = batch(classroom, 1)
    count = len(EXAMINED)
    machine = machine_seconds() - machine
    parts = {name: statistics.mean(one[name] for one in EXAMINED) for name in EXAMINED[0]}
    book, notebook, page = (CLOCK.seconds[name] / count for name in ("gradebook", "graded notebook", "feedback page"))
    between = total / count - sum(parts.values())  # from the end of one submission to the start of the next
    beyond = statistics.median(one[START] + one[WHY] for one in EXAMINED) + between
    table = Table("part", "seconds each", title=f"Where the time goes: {count} submissions, one worker")
    for name, seconds in parts.items():
        table.add_row(name, f"{seconds:.3f}")
    table.add_row("recording: graded notebook (meanwhile the next one runs)", f"{notebook:.3f}")
    table.add_row("recording: feedback page", f"{page:.3f}")
    table.add_row("gradebook, part of both", f"{book:.3f}")
    table.add_section()
    table.add_row("from start to end, for each submission", f"{total / count:.3f}")
    table.add_row("beyond the cells and tests after the first one (median)", f"{beyond:.3f}")
    CONSOLE.print(table)
    CONSOLE.print(
        f"The gradebook takes {book / (total / count):.1%} of the time from start to end; "
        f"without waiting for disk and processor {CLOCK.processor['gradebook'] / total:.1%}."
    )
    CONSOLE.print(f"Each submission takes {machine / count:.3f} s of processor time.")
    return Costs([sum(one.values()) + between for one in EXAMINED], machine / count)


def _descendants() -> list[int]:
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, new = [], [os.getpid()]
    while new:
        new = [child for parent in new for child in children.get(parent, [])]
        found += new
    return found


@contextmanager
def peak_memory() -> Iterator[Callable[[], float]]:
    """Measure the peak of the sum of all descendant processes' proportional set sizes, in MB."""
    peak, stop = [0.0], threading.Event()

    def sample() -> None:
        while not stop.wait(0.2):
            total = 0
            for process in _descendants():
                try:
                    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
                except OSError:
                    continue
                total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
            peak[0] = max(peak[0], total / 1024)

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield lambda: peak[0]
    finally:
        stop.set()
        thread.join()


def show_workers(classroom: ClassDirectory, counts: list[int]) -> None:
    table = Table(
        *("workers", "seconds", "times one", "from", "to", "peak memory (PSS), MB"),
        title=f"Workers on this machine: medians of {ROUNDS} rounds, in each of which all take turns",
    )
    rounds = [[batch(classroom, workers) for workers in counts] for _ in range(ROUNDS)]
    for place, workers in enumerate(counts):
        times = sorted(seconds[0] / seconds[place] for seconds in rounds)
        # In a separate run, since measuring takes time.
        with peak_memory() as peak:
            batch(classroom, workers)
        table.add_row(
            str(workers),
            f"{statistics.median(seconds[place] for seconds in rounds):.1f}",
            *(f"{ratio:.2f}" for ratio in (statistics.median(times), times[0], times[-1])),
            f"{peak():.0f}",
        )
    CONSOLE.print(table)


def show_growth(folder: Path, lessons: list[str], sizes: list[int]) -> None:
    table = Table(
        *("submissions", "seconds", "seconds each", "gradebook, of this time", "without waiting"),
        title=f"Growth, {os.cpu_count()} workers",
    )
    for size in sizes:
        classroom = sample_class(folder / f"class-{size}", dict.fromkeys(lessons, size // len(lessons)))
        CLOCK.clear()
        seconds = batch(classroom, os.cpu_count() or 1)
        shares = (f"{clock['gradebook'] / seconds:.1%}" for clock in (CLOCK.seconds, CLOCK.processor))
        table.add_row(str(size), f"{seconds:.1f}", f"{seconds / size:.3f}", *shares)
        EXAMINED.clear()
    CONSOLE.print(table)


def scheduler_seconds(tasks: int = 2_000) -> float:
    """The seconds that Dask's scheduler and one Dask worker need for a task that does nothing."""
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        client.gather(client.map(lambda number: number, range(100), pure=False))
        begun = time.perf_counter()
        client.gather(client.map(lambda number: number, range(tasks), pure=False))
        return (time.perf_counter() - begun) / tasks


def simulate(durations: list[float], workers: int, scheduling: float, recording: float) -> float:
    """The seconds until the last record: workers take the next task when they are free, and one recorder follows."""
    free = [0.0] * workers
    done = []
    for number, duration in enumerate(durations):
        begin = max(heapq.heappop(free), number * scheduling)
        heapq.heappush(free, begin + duration)
        done.append(begin + duration)
    clock = 0.0
    for moment in sorted(done):
        clock = max(clock, moment) + recording
    return clock


def real_run(classroom: ClassDirectory, processes: int) -> tuple[float, float]:
    """Grade the batch on Dask workers in separate processes, whose fork servers are started before timing begins.

    Returns:
        The seconds, and the processor seconds of this process, for scheduling, sending and recording.
    """
    with (
        LocalCluster(
            n_workers=processes, threads_per_worker=1, processes=True, dashboard_address=None, memory_limit=0
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        client.run(lambda: [shared_runner().launch(keras=keras) for keras in (False, True)] and None)
        list(grade.grade_class(classroom, classroom.lessons, scheduler=cluster.scheduler_address, force=True))
        begun, worked = time.perf_counter(), time.process_time()
        list(grade.grade_class(classroom, classroom.lessons, scheduler=cluster.scheduler_address, force=True))
        return time.perf_counter() - begun, time.process_time() - worked


def show_model(classroom: ClassDirectory, costs: Costs, machines: list[int]) -> None:
    scheduling = scheduler_seconds()
    real = {processes: real_run(classroom, processes) for processes in (1, 2)}
    recording = real[1][1] / len(costs.seconds)
    worker = costs.processor - recording
    CONSOLE.print(
        f"Measured parts: {worker:.3f} s of a core in a worker, {recording:.3f} s for the coordinator, "
        f"{1000 * scheduling:.2f} ms to schedule an empty task ({1 / scheduling:,.0f} a second)."
    )
    check = Table("worker processes", "simulated", "real", "off by", title="The model against a real run here")
    for processes, (took, _) in real.items():
        # Here, workers and coordinator share the cores of one machine; in the model below, they do not.
        simulated = simulate(costs.seconds, processes, scheduling, recording)
        simulated = max(simulated, len(costs.seconds) * costs.processor / (os.cpu_count() or 1))
        check.add_row(str(processes), f"{simulated:.1f} s", f"{took:.1f} s", f"{took / simulated - 1:+.0%}")
    CONSOLE.print(check)
    count, chance = 100_000, random.Random(1)
    # A notebook is run by a worker and a judge that mostly wait for each other; if they do not, it needs more than a
    # core.
    longer = max(worker / statistics.mean(costs.seconds), 1)
    durations = chance.choices([longer * one for one in costs.seconds], k=count)
    table = Table("machines of 16 cores", "hours", "bottleneck", title=f"{count:,} submissions like these")
    for number in machines:
        total = simulate(durations, 16 * number, scheduling, recording)
        loads = {
            "the workers": sum(durations) / (16 * number),
            "the one writer of the gradebook": count * recording,
            "Dask's scheduler": count * scheduling,
        }
        table.add_row(str(number), f"{total / 3600:.2f}", max(loads, key=lambda name: loads[name]))
    CONSOLE.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lessons", nargs="+", default=["01"], help="lesson numbers, such as 04 07")
    parser.add_argument("--submissions", type=int, default=40, help="the number of submissions of all lessons together")
    parser.add_argument("--sizes", type=int, nargs="*", default=[10, 100, 1000])
    parser.add_argument("--machines", type=int, nargs="*", default=[1, 2, 5, 10, 100])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="convlab-bench-") as folder:
        each = arguments.submissions // len(arguments.lessons)
        classroom = sample_class(Path(folder) / "class", dict.fromkeys(arguments.lessons, each))
        batch(classroom, 1)  # fill caches and start fork servers
        costs = show_parts(classroom)
        show_workers(classroom, [1, 2, 4])
        show_model(classroom, costs, arguments.machines)
        show_growth(Path(folder), arguments.lessons, arguments.sizes)


if __name__ == "__main__":
    main()
