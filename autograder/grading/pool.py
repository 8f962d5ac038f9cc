"""Do many jobs at a time: on the cores of this machine, or on the workers of any Dask scheduler.

A task carries all that it needs, and its result comes back as a value: workers need neither the class directory nor the
gradebook. What they need is this package, its environment, and bubblewrap.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Generic, Protocol, TypeVar

import dask
from distributed import Client, Future, LocalCluster, get_worker
from distributed.scheduler import KilledWorker

from autograder.errors import AutograderError, PoolError

LOG = logging.getLogger(__name__)
Name = TypeVar("Name")

# Worker processes that may die over one notebook before it is given up.
DEATHS = 3
DASK = {
    "distributed.scheduler.allowed-failures": DEATHS,
    # Dask's statistical profiler asks for all threads' frames a hundred times a second, which before CPython 3.11.9 and 3.12.3
    # stops the whole process for ever when a garbage collection falls into it (gh-106883).
    "distributed.worker.profile.enabled": False,
    # A submission may bring some MB of files.
    "distributed.admin.large-graph-warning-threshold": "1GB",
    # Dask looks at itself fifty times a second, for a dashboard that is not there.
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
}
CONNECT_SECONDS = 10
# Notebooks that are on their way for each one that is being run: few enough to fit in memory, enough to keep the workers
# busy and to be sent together, which costs Dask half of what it takes to send them one by one.
FEWEST_AHEAD, MOST_AHEAD = 2, 6
MOMENT_SECONDS, MOST_TOGETHER = 0.4, 16
# How often to look for new workers while no result comes.
LOOK_SECONDS = 5.0


@dataclass(frozen=True)
class _Answer:
    """What came of a job; where it was done, and when, in seconds since 1970."""

    result: Any | AutograderError
    worker: str
    thread: str
    began: float
    seconds: float

    def __str__(self) -> str:
        began = time.strftime("%H:%M:%S", time.localtime(self.began))
        return f"{self.worker} ({self.thread}), begun {began}, took {self.seconds:.2f} s"


class Job(Protocol):
    """What a worker does; it travels there, and its result back, as values."""

    def run(self) -> Any:
        """Raises AutograderError."""


class Pool(Generic[Name]):
    """Workers for jobs.

    Args:
        workers: how many notebooks this machine examines at a time.
        scheduler: the address of a running Dask scheduler instead, such as tcp://host:8786.

    Raises:
        PoolError: there is no scheduler at that address.
    """

    def __init__(self, workers: int = 1, scheduler: str | None = None) -> None:
        dask.config.set(DASK)
        if scheduler:
            try:
                self._client = Client(scheduler, set_as_default=False, timeout=CONNECT_SECONDS)
            except (OSError, TimeoutError, ValueError) as error:
                raise PoolError(
                    f"there is no Dask scheduler at {scheduler} ({str(error)[:200]}).",
                    remedy="Start one with 'dask scheduler', and workers with 'dask worker tcp://...', or leave --scheduler out.",
                ) from error
            self._cluster = None
        else:
            # Threads: each of them waits for processes of its own, and all of these are forked from the same warm parents.
            self._cluster = LocalCluster(
                n_workers=1,
                threads_per_worker=workers,
                processes=False,
                # Without an address it takes Dask's own port, and warns of whoever has it already.
                dashboard_address="127.0.0.1:0",
                memory_limit=0,
            )
            self._client = Client(self._cluster, set_as_default=False)
        LOG.info(
            "pool: %s", f"the Dask scheduler at {scheduler}" if scheduler else f"{workers} thread(s) of this process"
        )

    def run(self, jobs: Iterable[tuple[Name, Job]]) -> Iterator[list[tuple[Name, Any | AutograderError]]]:
        """Names and results of jobs, in the order in which they are done; an error where no worker survived the job.

        Those that are done within a moment come together, so that they can be put into the books together.
        """
        waiting = iter(jobs)
        names: dict[Future, Name] = {}
        done: SimpleQueue[Future] = SimpleQueue()
        watched = LOG.isEnabledFor(logging.INFO)
        if watched:
            self._client.subscribe_topic("all", lambda event: _log_event(event[1], list(names.items())))

        def send(workers: int) -> bool:
            """Have enough jobs under way. False when all is done."""
            if len(names) < FEWEST_AHEAD * workers:
                some = list(itertools.islice(waiting, MOST_AHEAD * workers - len(names)))
                futures = self._client.map(_done, [job for _, job in some], pure=False)
                names.update(zip(futures, (name for name, _ in some), strict=True))
                for future in futures:
                    LOG.debug("%s: sent to the pool", names[future])
                    future.add_done_callback(done.put)
            return bool(names)

        def take(timeout: float) -> tuple[Name, Future]:
            future = done.get(timeout=timeout)
            return names.pop(future), future

        try:
            while send(workers := self._workers()):
                together = []
                with contextlib.suppress(Empty):
                    together.append(take(LOOK_SECONDS))
                    until = time.monotonic() + MOMENT_SECONDS
                    while send(workers) and len(together) < MOST_TOGETHER:
                        together.append(take(max(until - time.monotonic(), 0)))
                if together:
                    answers = self._results([future for _, future in together])
                    results = []
                    for (name, _), answer in zip(together, answers, strict=True):
                        LOG.debug("%s: back from %s", name, answer)
                        results.append((name, answer.result if isinstance(answer, _Answer) else answer))
                    yield results
        except (CancelledError, OSError) as error:
            raise PoolError(
                f"the Dask scheduler is gone ({type(error).__name__}).",
                remedy="Start it, or leave --scheduler out, and grade again: what is in the books stays.",
            ) from error
        finally:
            if watched and self._client.status == "running":
                # Or Dask would tell us, when it is too late, that we have gone.
                self._client.unsubscribe_topic("all")

    def _workers(self) -> int:
        """How many jobs the workers that are there by now do at a time. Raises OSError."""
        if self._client.status != "running":
            raise ConnectionError
        return max(sum(self._client.ncores().values()), 1)

    def _results(self, futures: list[Future]) -> list[Any]:
        try:
            return self._client.gather(futures)
        except Exception:  # of one of them
            return [_result(future) for future in futures]

    def close(self) -> None:
        # A heartbeat on its way when the cluster goes is logged as an error, with a traceback.
        log = logging.getLogger("distributed.worker")
        level = log.level
        log.setLevel(logging.CRITICAL)
        try:
            self._client.close()
            if self._cluster is not None:
                self._cluster.close()
        finally:
            log.setLevel(level)

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def _done(job: Job) -> _Answer:
    """On a worker: what comes of a job. Dask would log an error that is raised with its traceback."""
    began, begun = time.time(), time.monotonic()
    result: Any
    try:
        result = job.run()
    except AutograderError as error:
        result = error
    thread = threading.current_thread().name
    return _Answer(result, get_worker().address, thread, began, time.monotonic() - begun)


def _log_event(event: dict[str, Any], under_way: list[tuple[Future, Any]]) -> None:
    """Log that a Dask worker came or went, and which jobs are sent again for that."""
    address = event.get("worker")
    if event.get("action") == "add-worker":
        LOG.info("Dask worker %s is there", address)
    elif event.get("action") == "remove-worker":
        lost = {*event.get("processing-tasks", ()), *event.get("lost-computed-tasks", ())}
        again = [str(name) for future, name in under_way if future.key in lost]
        level = logging.INFO if event.get("expected") and not again else logging.WARNING
        LOG.log(level, "Dask worker %s is gone; sent again: %s", address, "; ".join(sorted(again)) or "nothing")


def _result(future: Future) -> Any:
    try:
        return future.result()
    except KilledWorker as error:
        return PoolError(
            f"{DEATHS + 1} workers died over it ({error.last_worker}).", remedy="Look into the workers' logs."
        )
    except Exception as error:
        if future.status != "error":
            raise  # the scheduler's trouble, not the job's
        return PoolError(
            f"a worker could not do it ({type(error).__name__}: {str(error)[:200]}).",
            remedy="See that all workers have this environment, in the same version.",
        )
